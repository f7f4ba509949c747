"""What a file of ONNX that Spatium wrote contains besides the graph, so that loading gives the same network.

The property "spatium" of the model is a JSON object: "graph" is the SHA-256 of the graph, "layers" and "network" are
the texts of `spatium.nn.files`, and "arrays" are those arrays that are not constants of the graph. If another program
has changed the graph, the description is ignored.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium._files import Archive, Header, check_header
from spatium.nn import files
from spatium.onnx.tensors import Tensors

__all__ = ["add", "content_of"]

Array = NDArray[Any]
_KEY = "spatium"
_TEXTS = ("layers", "network")


class _Arrays(Archive):
    """Arrays in memory, as `spatium.nn.files` reads them from a file."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays
        self.headers = {name: Header(array.dtype, array.shape, False, 0) for name, array in arrays.items()}
        self._used: set[str] = set()

    def read(self, name: str, dtype: Any, shape: tuple[Any, ...], label: str | None = None) -> Array:
        check_header(self.headers, name, dtype, shape, label)
        self._used.add(name)
        return np.array(self._arrays[name], order="C")


def add(model: Any, arrays: Mapping[str, Array], there: set[str]) -> None:
    """Add the description to a model; the arrays `there` are constants of the graph."""
    others = {name: array for name, array in arrays.items() if name not in there and name not in _TEXTS}
    text = {name: str(arrays[name]) for name in _TEXTS}
    content = {
        "version": files.VERSION,
        "graph": _digest(model),
        **text,
        "arrays": {
            name: {"dtype": array.dtype.str, "shape": array.shape, "data": base64.b64encode(array.tobytes()).decode()}
            for name, array in others.items()
        },
    }
    entry = model.metadata_props.add()
    entry.key, entry.value = _KEY, json.dumps(content)


def content_of(model: Any, tensors: Tensors) -> files.Content | None:
    """Return the content of the network's file; None if the model has none, or another graph."""
    texts = [entry.value for entry in model.metadata_props if entry.key == _KEY]
    if len(texts) != 1:
        return None
    try:
        content = json.loads(texts[0])
        version, graph, described = content["version"], content["graph"], content["arrays"]
        arrays = {name: np.array(str(content[name])) for name in _TEXTS}
        arrays |= {str(name): _array(entry) for name, entry in described.items()}
    except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"its description by Spatium is damaged: {error!r}") from None
    if graph != _digest(model):
        return None
    if version != files.VERSION:
        raise ValueError(f"its description by Spatium has version {version!r}, this release reads {files.VERSION}")
    for tensor in model.graph.initializer:
        if tensor.name.partition(".")[0].isdigit() and tensor.name not in arrays and _is_own(tensor.name):
            arrays[tensor.name] = tensors.array(tensor)
    return files.content(_Arrays(arrays), version)


def _is_own(name: str) -> bool:
    """Return whether a constant is an array of a layer, and not of a node: those have a number at the end."""
    return name.count(".") == 1


def _array(entry: Mapping[str, Any]) -> Array:
    data = base64.b64decode(entry["data"], validate=True)
    dtype, shape = np.dtype(str(entry["dtype"])), [int(n) for n in entry["shape"]]
    if dtype.kind not in "biuf" or math.prod(shape) * dtype.itemsize != len(data) or any(n < 0 for n in shape):
        raise ValueError(f"an array has {len(data)} bytes, its shape is {tuple(shape)}")
    return np.frombuffer(data, dtype).reshape(shape)


def _digest(model: Any) -> str:
    return hashlib.sha256(model.graph.SerializeToString(deterministic=True)).hexdigest()
