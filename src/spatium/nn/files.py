"""Files of networks: one array per entry, and one JSON text that describes the layers.

The text "layers" is a list of objects such as {"kind": "Dense", "n_inputs": 64, "n_units": 10}. The arrays of layer i
are named "i.weights", "i.bias" and so on. Every size is compared with the headers of the arrays before an array is
read, and the file must not contain other arrays.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium._files import Header, check_header, read_npz, write_npz
from spatium.activations import Activation
from spatium.maps.activation_map import ActivationMap
from spatium.maps.files import palette_from_json, palette_to_json
from spatium.maps.hashes import SimHash
from spatium.nn.adaptive import ActivationLayer
from spatium.nn.layers import Dense, Layer, Softmax, SpatialDense

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
    arrays = read_npz(
        path, format=FORMAT, version=VERSION, required={"layers": (np.str_, ())}, select=_arrays_of_layers
    )
    layers: list[Layer] = []
    columns: int | None = None
    for position, description in enumerate(_descriptions(arrays)):
        where = f"{source}: layer {position}"
        names = _arrays_of(description, where)
        own = {name: np.ascontiguousarray(arrays[f"{position}.{name}"]) for name in names if name != "palette"}
        for name, array in own.items():
            if array.dtype.kind == "f" and not np.isfinite(array).all():
                raise ValueError(f"{where}: {name} holds NaN or an infinity")
        text = str(arrays[f"{position}.palette"]) if "palette" in names else None
        palette = None if text is None else palette_from_json(text, where, custom)
        layer = _rebuild(description, own, palette, where)
        if None not in (columns, layer.n_inputs) and columns != layer.n_inputs:
            raise ValueError(f"{where} takes {layer.n_inputs} columns, the layers before it give {columns}")
        columns = columns if layer.n_outputs is None else layer.n_outputs
        layers.append(layer)
    return layers


def _describe(layer: Layer, position: int) -> tuple[dict[str, Any], Arrays]:
    """Return the entry of the layer in the text, and its arrays."""
    for name, parameter in layer.parameters.items():
        if not np.isfinite(parameter).all():
            raise ValueError(f"layer {position}: {name} is not finite, expected finite numbers")
    stored: Arrays = dict(layer.parameters)
    sizes = {"n_inputs": layer.n_inputs, "n_units": layer.n_outputs}
    # The type must match exactly: a subclass may compute something else, and load would silently return its base class.
    if type(layer) is Softmax:
        return {"kind": "Softmax"}, {}
    if type(layer) is ActivationLayer:
        stored["palette"] = np.array(palette_to_json((layer.activation,)))
        kind = {"kind": "ActivationLayer", "n_units": layer.n_outputs}
        return {**kind, "trainable": list(layer.trainable), "per": layer.per}, stored
    if type(layer) is Dense:
        if layer.activation is not None:
            stored["palette"] = np.array(palette_to_json((layer.activation,)))
        return {"kind": "Dense", **sizes, "activation": layer.activation is not None, "save": layer.save}, stored
    if type(layer) is SpatialDense:
        if type(layer.pattern_hash) is not SimHash:
            raise TypeError(f"layer {position}: only a SimHash can be stored, not {type(layer.pattern_hash).__name__}")
        grid = layer.maps._grid  # read once, because another thread may assign cells in the meantime
        stored["cells"] = grid.cells
        stored["palette"] = np.array(palette_to_json(grid.palette))
        stored["planes"] = layer.pattern_hash.planes
        stored["thresholds"] = layer.pattern_hash.thresholds
        return {"kind": "SpatialDense", **sizes}, stored
    raise TypeError(f"layer {position}: a {type(layer).__name__} cannot be stored")


def _descriptions(arrays: Mapping[str, NDArray[Any]]) -> list[Any]:
    """Return the description of each layer."""
    try:
        descriptions = json.loads(str(arrays["layers"]))
    except (ValueError, RecursionError) as error:
        raise ValueError(f"'layers' is not valid JSON: {error}") from error
    if not isinstance(descriptions, list) or not descriptions:
        raise ValueError("'layers' is not a list, or an empty one: expected at least one layer")
    return descriptions


def _arrays_of_layers(headers: Mapping[str, Header], arrays: Mapping[str, NDArray[Any]]) -> list[str]:
    """Return the names of the arrays after checking their headers; the file must not contain other arrays."""
    names: list[str] = []
    for position, description in enumerate(_descriptions(arrays)):
        where = f"layer {position}"
        expected = _arrays_of(description, where)
        own = {
            name: check_header(headers, f"{position}.{name}", dtype, shape, f"{where}: {name}")
            for name, (dtype, shape) in expected.items()
        }
        if "planes" in own:
            n_bits = own["planes"].shape[0]
            if n_bits > 64:
                raise ValueError(f"{where}: planes has {n_bits} rows, expected at most 64")
            check_header(headers, f"{position}.thresholds", np.float64, (n_bits,), f"{where}: thresholds")
        names += [f"{position}.{name}" for name in expected]
    if unused := headers.keys() - {*names, "format", "version", "layers"}:
        raise ValueError(f"holds {min(unused)!r}, which no layer uses")
    return names


def _arrays_of(description: Any, where: str) -> dict[str, tuple[Any, tuple[int | None, ...]]]:
    """Return the dtype and the shape of each array of a layer with this description."""
    kind = description.get("kind") if isinstance(description, dict) else None
    if kind == "Softmax":
        return {}
    if kind == "ActivationLayer":
        trainable, n_units = description.get("trainable"), description.get("n_units")
        if not isinstance(trainable, list) or not all(isinstance(name, str) for name in trainable):
            raise ValueError(f"{where}: 'trainable' is {trainable!r}, expected a list of names")
        size = 1 if description.get("per") == "layer" else n_units
        if trainable and type(size) is not int:
            raise ValueError(f"{where}: n_units is {n_units!r}, expected an integer of at least 1")
        return {"palette": (np.str_, ()), **{name: (np.float32, (size,)) for name in trainable if name != "palette"}}
    if kind not in ("Dense", "SpatialDense"):
        raise ValueError(f"{where} has kind {kind!r}, expected Dense, SpatialDense, ActivationLayer or Softmax")
    n_inputs, n_units = (description.get(name) for name in ("n_inputs", "n_units"))
    if not all(type(size) is int and size > 0 for size in (n_inputs, n_units)):
        raise ValueError(
            f"{where}: n_inputs and n_units are {n_inputs!r} and {n_units!r}, expected integers of at least 1"
        )
    parameters: dict[str, Any] = {"weights": (np.float32, (n_inputs, n_units)), "bias": (np.float32, (n_units,))}
    if kind == "Dense":
        if type(description.get("activation")) is not bool:
            raise ValueError(f"{where}: 'activation' is {description.get('activation')!r}, expected true or false")
        return parameters | ({"palette": (np.str_, ())} if description["activation"] else {})
    return parameters | {
        "cells": (np.uint8, (n_units, 8, 8)),
        "palette": (np.str_, ()),
        "planes": (np.float64, (None, n_inputs)),
        "thresholds": (np.float64, (None,)),
    }


def _rebuild(description: Any, arrays: Arrays, palette: tuple[Activation, ...] | None, where: str) -> Layer:
    """Return the layer from its description; its arrays have the dtypes and shapes of `_arrays_of`."""
    kind = description["kind"]
    if kind == "Softmax":
        return Softmax()
    if palette is not None and kind != "SpatialDense" and len(palette) != 1:
        raise ValueError(f"{where}: a {kind} layer has one activation, its palette has {len(palette)}")
    layer: Layer
    try:
        if kind == "ActivationLayer" and palette:
            per, n_units = description.get("per"), description.get("n_units")
            layer = ActivationLayer(palette[0], description["trainable"], per, n_units)
            layer.parameters = arrays
            return layer
        n_inputs, n_units = description["n_inputs"], description["n_units"]
        if kind == "Dense":
            activation = palette[0] if palette else None
            layer = Dense(n_inputs, n_units, activation=activation, rng=0, save=description.get("save"))
        else:
            maps = ActivationMap(arrays["cells"], palette or ())
            pattern_hash = SimHash.from_arrays(arrays["planes"], arrays["thresholds"])
            layer = SpatialDense(n_inputs, n_units, maps=maps, pattern_hash=pattern_hash, rng=0)
    except (TypeError, ValueError) as error:
        raise ValueError(f"{where}: {error}") from error
    layer.parameters = {name: arrays[name] for name in ("weights", "bias")}
    return layer
