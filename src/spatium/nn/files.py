"""Files of networks: one array per entry, and JSON texts that describe the layers and the network.

The text "layers" is a list of objects such as {"kind": "Dense", "config": {"n_inputs": 64, "n_units": 10}}. The arrays
of layer i are named "i.weights", "i.bias" and so on. Every size is compared with the headers of the arrays before an
array is read, and the file must not contain other arrays. The text "network" has the dtype, the names of the classes,
the metadata, and the kind of the hash that the layers share, whose arrays are named "pattern_hash.planes" and so on.
Version 1 has no text "network", and describes only four layers.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium._files import Archive, MissingError, open_npz, write_npz
from spatium.activations import Activation
from spatium.maps.files import activation_of, check_names, entry_of, hash_from_file, hash_to_file
from spatium.nn.hashing import HashFunction
from spatium.nn.layer import ReadArray
from spatium.nn.layers import KINDS, Layer

FORMAT = "spatium-network"
VERSION = 2

Content = tuple[list[Layer], tuple[str, ...] | None, str, HashFunction | None]


def save(
    layers: tuple[Layer, ...],
    dtype: np.dtype[Any],
    classes: tuple[str, ...] | None,
    metadata: str,
    pattern_hash: HashFunction | None,
    path: str | os.PathLike[str],
) -> None:
    """Write the layers; see `Network.save`."""
    arrays = describe(layers, dtype, classes, metadata, pattern_hash)
    write_npz(path, arrays | {"format": np.array(FORMAT), "version": np.array(VERSION)})


def describe(
    layers: tuple[Layer, ...],
    dtype: np.dtype[Any],
    classes: tuple[str, ...] | None,
    metadata: str,
    pattern_hash: HashFunction | None,
) -> dict[str, NDArray[Any]]:
    """Return the arrays of the file of a network, and its texts."""
    arrays: dict[str, NDArray[Any]] = {}
    descriptions: list[dict[str, Any]] = []
    stored_activations: list[Activation] = []

    def encode(value: object) -> Any:
        if isinstance(value, Activation):
            stored_activations.append(value)
            return {"activation": entry_of(value)}
        if isinstance(value, np.generic):
            return value.item()
        raise TypeError(f"{value!r} cannot be stored: expected values that JSON can represent, or activations")

    for position, layer in enumerate(layers):
        try:
            config, own = layer._to_file()
            # Through text, so that what cannot be stored is found here, with the position of the layer.
            description = json.loads(json.dumps({"kind": type(layer).__name__, "config": config}, default=encode))
        except TypeError as error:
            raise TypeError(f"layer {position}: {error}") from None
        for name, array in own.items():
            if not np.isfinite(array).all():
                raise ValueError(f"layer {position}: {name} is not finite, expected finite numbers")
            arrays[f"{position}.{name}"] = array
        descriptions.append(description)
    check_names(stored_activations)
    network: dict[str, Any] = {"dtype": str(dtype), "classes": classes, "metadata": metadata}
    if pattern_hash is not None:
        network["pattern_hash"], own = hash_to_file(pattern_hash)
        arrays |= {f"pattern_hash.{name}": array for name, array in own.items()}
    return arrays | {"layers": np.array(json.dumps(descriptions)), "network": np.array(json.dumps(network))}


def load(
    path: str | os.PathLike[str], custom: Mapping[str, Activation] | None, own_layers: Iterable[type[Layer]]
) -> Content:
    """Return the layers, the names of the classes, the metadata and the shared hash; see `Network.load`."""
    with open_npz(path, format=FORMAT, version=VERSION) as (archive, version):
        return content(archive, version, custom, own_layers)


def content(
    archive: Archive,
    version: int,
    custom: Mapping[str, Activation] | None = None,
    own_layers: Iterable[type[Layer]] = (),
) -> Content:
    """Return what `load` returns, from an open file."""
    kinds = KINDS | {kind.__name__: kind for kind in own_layers}
    descriptions = _list_of_layers(archive.text("layers"))
    if version == 1:
        descriptions = [_from_version_1(entry, i, archive) for i, entry in enumerate(descriptions)]
        dtype, classes, metadata, shared = np.dtype(np.float32), None, "", None
    else:
        dtype, classes, metadata, shared = _network(archive.text("network"))
    layers = [_layer(entry, i, archive, kinds, dtype, custom) for i, entry in enumerate(descriptions)]
    pattern_hash = None if shared is None else _hash(shared, archive)
    archive.expect_all_used()
    return layers, classes, metadata, pattern_hash


def _layer(
    description: Any,
    position: int,
    archive: Archive,
    kinds: Mapping[str, type[Layer]],
    dtype: np.dtype[Any],
    custom: Mapping[str, Activation] | None,
) -> Layer:
    where = f"layer {position}"
    kind = description.get("kind") if isinstance(description, dict) else None
    if not isinstance(kind, str) or kind not in kinds:
        known = ", ".join(sorted(kinds))
        raise MissingError(f"{where} has kind {kind!r}, expected one of {known}, or one in load(path, layers=[...])")

    try:
        config = _with_activations(description.get("config"), where, custom)
        if not isinstance(config, dict):
            raise ValueError(f"config is {config!r}, expected an object")
        return kinds[kind]._from_file(config, _reader(archive, str(position), where), dtype)
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        kind_of_error = MissingError if isinstance(error, MissingError) else ValueError
        raise kind_of_error(str(error) if str(error).startswith(where) else f"{where}: {error}") from error


def _reader(archive: Archive, prefix: str, where: str) -> ReadArray:
    """Return a function that reads the arrays of a layer, or of the hash; errors begin with `where`."""

    def read(name: str, expected: Any, shape: tuple[int | None, ...]) -> NDArray[Any]:
        array = archive.read(f"{prefix}.{name}", expected, shape, f"{where}: {name}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{where}: {name} holds NaN or an infinity")
        return array

    return read


def _hash(description: Any, archive: Archive) -> HashFunction:
    try:
        return hash_from_file(description, None, _reader(archive, "pattern_hash", "pattern_hash"))
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        raise ValueError(f"the hash of the network: {error}") from error


def _with_activations(value: Any, where: str, custom: Mapping[str, Activation] | None) -> Any:
    """Return JSON values with activations in the place of their entries."""
    if isinstance(value, dict):
        if value.keys() == {"activation"} and isinstance(value["activation"], dict):
            return activation_of(value["activation"], where, custom)
        return {name: _with_activations(inner, where, custom) for name, inner in value.items()}
    if isinstance(value, list):
        return [_with_activations(inner, where, custom) for inner in value]
    return value


def _list_of_layers(text: str) -> list[Any]:
    descriptions = _json(text, "layers")
    if not isinstance(descriptions, list) or not descriptions:
        raise ValueError("'layers' is not a list, or an empty one: expected at least one layer")
    return descriptions


def _network(text: str) -> tuple[np.dtype[Any], tuple[str, ...] | None, str, Any]:
    content = _json(text, "network")
    if not isinstance(content, dict) or content.get("dtype") not in ("float32", "float64"):
        raise ValueError("'network' has no dtype, expected float32 or float64")
    classes, metadata = content.get("classes"), content.get("metadata")
    if not isinstance(metadata, str) or not (classes is None or isinstance(classes, list)):
        raise ValueError("'network' has no list of classes, or no metadata")
    return (
        np.dtype(content["dtype"]),
        classes if classes is None else tuple(classes),
        metadata,
        content.get("pattern_hash"),
    )


def _json(text: str, name: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{name!r} is not valid JSON: {error}") from error


def _from_version_1(description: Any, position: int, archive: Archive) -> Any:
    """Return the description of a layer of version 1, whose activations were in an array of their own, as today's."""
    if not isinstance(description, dict):
        return description
    config = {name: value for name, value in description.items() if name != "kind"}
    if f"{position}.palette" in archive.headers:
        entries = [{"activation": entry} for entry in _json(archive.text(f"{position}.palette"), "palette")]
        if description.get("kind") == "SpatialDense":
            config["palette"] = entries
        elif len(entries) != 1:
            raise ValueError(f"layer {position}: it has one activation, its palette has {len(entries)}")
        else:
            config["activation"] = entries[0]
    elif config.get("activation") is False:
        config["activation"] = None
    return {"kind": description.get("kind"), "config": config}
