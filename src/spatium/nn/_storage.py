"""Networks as files: one array per entry, and one JSON text that says which layers they make.

The text, under "layers", is a list of objects: {"kind": "Dense", "n_inputs": 64, "n_units": 10}. Layer i's arrays
are called "i.weights", "i.bias" and so on. Every size is compared with the arrays that were really read before
anything of that size is made, so a tampered text cannot ask for memory the file does not fill.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium._files import read_npz, write_npz
from spatium.activation_map import ActivationMap, _palette_from_json, _palette_to_json
from spatium.activations import Activation
from spatium.nn.adaptive import ActivationLayer
from spatium.nn.layers import Dense, Layer, Softmax, SpatialDense
from spatium.pattern_hash import SimHash

FORMAT = "spatium-network"
VERSION = 1

Arrays = dict[str, NDArray[Any]]


def save(layers: tuple[Layer, ...], path: str | os.PathLike[str]) -> None:
    """Write the layers; see `Network.save`."""
    arrays: Arrays = {}
    descriptions: list[dict[str, Any]] = []
    for position, layer in enumerate(layers):
        description, stored = _describe(layer, position)
        descriptions.append(description)
        arrays.update({f"{position}.{name}": array for name, array in stored.items()})
    arrays |= {"format": np.array(FORMAT), "version": np.array(VERSION), "layers": np.array(json.dumps(descriptions))}
    write_npz(path, arrays)


def load(path: str | os.PathLike[str], custom: Mapping[str, Activation] | None) -> list[Layer]:
    """Read the layers; see `Network.load`."""
    source = os.fspath(path)
    arrays = read_npz(path, format=FORMAT, version=VERSION, required={"layers": ("U", 0)})
    entries = {name: array for name, array in arrays.items() if name not in ("format", "version", "layers")}
    try:
        descriptions = json.loads(str(arrays["layers"]))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{source}: 'layers' is not valid JSON: {error}") from error
    if not isinstance(descriptions, list) or not descriptions:
        raise ValueError(f"{source}: 'layers' must be a list with at least one layer")
    layers: list[Layer] = []
    columns: int | None = None
    for position, description in enumerate(descriptions):
        where = f"{source}: layer {position}"
        layer = _rebuild(description, _Entries(entries, position, where, custom), where)
        if None not in (columns, layer.n_inputs) and columns != layer.n_inputs:
            raise ValueError(f"{where} takes {layer.n_inputs} columns, the layers before it give {columns}")
        columns = columns if layer.n_outputs is None else layer.n_outputs
        layers.append(layer)
    if entries:
        raise ValueError(f"{source}: holds {sorted(entries)[0]!r}, which no layer uses")
    return layers


def _describe(layer: Layer, position: int) -> tuple[dict[str, Any], Arrays]:
    """The layer's entry in the text, and its arrays."""
    for name, parameter in layer.parameters.items():
        if not np.isfinite(parameter).all():
            raise ValueError(f"layer {position}: {name} is not finite, so the network is not worth keeping")
    stored: Arrays = dict(layer.parameters)
    sizes = {"n_inputs": layer.n_inputs, "n_units": layer.n_outputs}
    # By exact type: a subclass may compute something else, and load would quietly bring back its parent.
    if type(layer) is Softmax:
        return {"kind": "Softmax"}, {}
    if type(layer) is ActivationLayer:
        stored["palette"] = np.array(_palette_to_json((layer.activation,)))
        kind = {"kind": "ActivationLayer", "n_units": layer.n_outputs}
        return {**kind, "trainable": list(layer.trainable), "per": layer.per}, stored
    if type(layer) is Dense:
        if layer.activation is not None:
            stored["palette"] = np.array(_palette_to_json((layer.activation,)))
        return {"kind": "Dense", **sizes, "activation": layer.activation is not None, "save": layer.save}, stored
    if type(layer) is SpatialDense:
        if type(layer.pattern_hash) is not SimHash:
            raise TypeError(f"layer {position}: only a SimHash can be stored, not {type(layer.pattern_hash).__name__}")
        stored["cells"] = layer.maps.cells
        stored["palette"] = np.array(_palette_to_json(layer.maps.palette))
        stored["planes"] = layer.pattern_hash.planes
        stored["thresholds"] = layer.pattern_hash.thresholds
        return {"kind": "SpatialDense", **sizes}, stored
    raise TypeError(f"layer {position}: a {type(layer).__name__} cannot be stored")


def _rebuild(description: Any, entries: _Entries, where: str) -> Layer:
    """The layer that `_describe` described, after checking everything it says."""
    kind = description.get("kind") if isinstance(description, dict) else None
    if kind == "Softmax":
        return Softmax()
    if kind == "ActivationLayer":
        return _rebuild_activation(description, entries, where)
    if kind not in ("Dense", "SpatialDense"):
        raise ValueError(f"{where} has kind {kind!r}, expected Dense, SpatialDense, ActivationLayer or Softmax")
    sizes = [description.get(name) for name in ("n_inputs", "n_units")]
    if not all(type(size) is int and size > 0 for size in sizes):
        raise ValueError(f"{where}: n_inputs and n_units must be positive integers, not {sizes[0]!r} and {sizes[1]!r}")
    n_inputs, n_units = sizes
    parameters = {
        "weights": entries.take("weights", np.float32, (n_inputs, n_units)),
        "bias": entries.take("bias", np.float32, (n_units,)),
    }
    layer: Layer
    if kind == "Dense":
        if type(description.get("activation")) is not bool:
            raise ValueError(f"{where}: 'activation' must be true or false")
        palette = entries.take_palette() if description["activation"] else ()
        if description["activation"] and len(palette) != 1:
            raise ValueError(f"{where}: a Dense layer has one activation, its palette has {len(palette)}")
        try:
            layer = Dense(
                n_inputs, n_units, activation=palette[0] if palette else None, rng=0, save=description.get("save")
            )
        except (TypeError, ValueError) as error:
            raise ValueError(f"{where}: {error}") from error
    else:
        cells = entries.take("cells", np.uint8, (n_units, 8, 8))
        palette = entries.take_palette()
        planes = entries.take("planes", np.float64, (None, n_inputs))
        thresholds = entries.take("thresholds", np.float64, (planes.shape[0],))
        try:
            maps = ActivationMap(cells, palette)
            pattern_hash = SimHash.from_arrays(planes, thresholds)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{where}: {error}") from error
        layer = SpatialDense(n_inputs, n_units, maps=maps, pattern_hash=pattern_hash, rng=0)
    layer.parameters = parameters
    return layer


def _rebuild_activation(description: Any, entries: _Entries, where: str) -> Layer:
    palette, trainable = entries.take_palette(), description.get("trainable")
    if len(palette) != 1:
        raise ValueError(f"{where}: an ActivationLayer has one activation, its palette has {len(palette)}")
    if not isinstance(trainable, list) or not all(isinstance(name, str) for name in trainable):
        raise ValueError(f"{where}: 'trainable' must be a list of names")
    per, n_units = description.get("per"), description.get("n_units")
    size = 1 if per == "layer" else None
    parameters = {name: entries.take(name, np.float32, (size,)) for name in trainable}
    if n_units is not None and any(len(array) not in (size, n_units) for array in parameters.values()):
        raise ValueError(f"{where}: n_units is {n_units!r}, which its parameters have not")
    try:
        layer = ActivationLayer(palette[0], trainable, per, n_units if parameters or per == "layer" else None)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from error
    if layer.parameters or not parameters:
        layer.parameters = parameters
        return layer
    raise ValueError(f"{where}: n_units is missing")


class _Entries:
    """One layer's arrays in the file. Taking one removes it, so that what nothing uses is left over."""

    def __init__(self, arrays: Arrays, position: int, where: str, custom: Mapping[str, Activation] | None) -> None:
        self._arrays, self._position, self._where, self._custom = arrays, position, where, custom

    def _take(self, name: str) -> NDArray[Any]:
        try:
            return self._arrays.pop(f"{self._position}.{name}")
        except KeyError:
            raise ValueError(f"{self._where}: the array '{self._position}.{name}' is missing") from None

    def take(self, name: str, dtype: Any, shape: tuple[int | None, ...]) -> NDArray[Any]:
        """A checked array; None in the shape stands for any number."""
        array = self._take(name)
        if array.dtype != np.dtype(dtype):
            raise ValueError(f"{self._where}: {name} has dtype {array.dtype}, expected {np.dtype(dtype)}")
        if array.ndim != len(shape) or any(
            size not in (None, got) for size, got in zip(shape, array.shape, strict=True)
        ):
            expected = tuple("any" if size is None else size for size in shape)
            raise ValueError(f"{self._where}: {name} has shape {array.shape}, expected {expected}")
        if array.dtype.kind == "f" and not np.isfinite(array).all():
            raise ValueError(f"{self._where}: {name} holds NaN or an infinity")
        return np.ascontiguousarray(array)

    def take_palette(self) -> tuple[Activation, ...]:
        """The activations under "palette"."""
        text = self._take("palette")
        if text.dtype.kind != "U" or text.ndim != 0:
            raise ValueError(f"{self._where}: palette must be one text, not {text.dtype} of shape {text.shape}")
        return _palette_from_json(str(text), self._where, self._custom)
