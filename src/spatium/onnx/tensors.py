"""The content of an ONNX file as NumPy arrays, in memory that the size of the file bounds."""

from __future__ import annotations

import math
import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Budget", "Tensors", "attribute", "import_onnx", "parse"]

Array = NDArray[Any]

# A layer of a file may be larger than what describes it: a float16 becomes a float32, a filter becomes a square one.
_FREE_BYTES, _GROWTH = 1 << 26, 8


def import_onnx() -> Any:
    """Return the package `onnx`, or raise an error that says how to install it."""
    try:
        import onnx
    except ModuleNotFoundError as error:
        message = 'spatium.onnx needs onnx: pip install "spatium-activations[onnx]"'
        raise ModuleNotFoundError(message, name=error.name) from error
    return onnx


def parse(content: bytes) -> Any:
    """Return the model of a file, or raise ValueError."""
    onnx = import_onnx()
    model = onnx.ModelProto()
    try:
        model.ParseFromString(content)
    except Exception as error:  # a class of its own, whose place depends on the version of protobuf
        raise ValueError(f"not an ONNX file: {error}") from None
    if not model.HasField("graph") or not model.graph.output:
        raise ValueError("not an ONNX file: it has no graph with outputs")
    return model


def attribute(node: Any, name: str, default: Any) -> Any:
    """Return an attribute of a node, of the type of its default; a list for a list of integers or floats."""
    from onnx import AttributeProto as Kind

    for entry in node.attribute:
        if entry.name != name:
            continue
        wanted = {
            float: Kind.FLOAT, int: Kind.INT, str: Kind.STRING, list: Kind.INTS, tuple: Kind.FLOATS, bytes: Kind.STRINGS
        }[type(default)]  # fmt: skip
        if entry.type != wanted or entry.ref_attr_name:
            raise ValueError(f"the attribute {name} has another type")
        if wanted == Kind.FLOAT:
            return entry.f
        if wanted == Kind.INT:
            return entry.i
        if wanted == Kind.STRING:
            return entry.s.decode("utf-8", "replace")
        return list(entry.ints if wanted == Kind.INTS else entry.floats if wanted == Kind.FLOATS else entry.strings)
    return default


class Budget:
    """The number of bytes that reading a file may take."""

    def __init__(self, n_bytes: int) -> None:
        self._left = _FREE_BYTES
        self.extend(n_bytes)

    def extend(self, n_bytes: int) -> None:
        """Add the bytes of a file."""
        self._left += _GROWTH * n_bytes

    def spend(self, n_bytes: int) -> None:
        """Raise ValueError if an array of this size is more than what remains."""
        if n_bytes > self._left:
            raise ValueError(f"it needs {n_bytes} bytes, many times more than the file has")
        self._left -= n_bytes


class Tensors:
    """Tensors of one file, and of the files in its folder to which it refers."""

    def __init__(self, folder: Path, budget: Budget) -> None:
        self._folder = folder
        self._budget = budget
        self._files: dict[Path, int] = {}

    def array(self, tensor: Any) -> Array:
        """Return a tensor; 16-bit floats become float32."""
        from onnx import TensorProto, numpy_helper

        dims = list(tensor.dims)
        dtypes = {
            TensorProto.FLOAT: "<f4", TensorProto.DOUBLE: "<f8", TensorProto.FLOAT16: "<f2",
            TensorProto.BFLOAT16: "<u2",
            TensorProto.INT64: "<i8", TensorProto.INT32: "<i4", TensorProto.INT16: "<i2", TensorProto.INT8: "i1",
            TensorProto.UINT8: "u1", TensorProto.UINT16: "<u2", TensorProto.UINT32: "<u4", TensorProto.UINT64: "<u8",
            TensorProto.BOOL: "?",
        }  # fmt: skip
        if tensor.HasField("segment"):
            raise ValueError("it is a segment of a tensor")
        if any(n < 0 for n in dims) or len(dims) > 32:
            raise ValueError(f"its shape is {tuple(dims)}")
        count = math.prod(dims)
        if tensor.data_type == TensorProto.STRING:
            if len(tensor.string_data) != count:
                raise ValueError(f"it has {len(tensor.string_data)} texts, its shape is {tuple(dims)}")
            return np.array([text.decode("utf-8", "replace") for text in tensor.string_data], dtype=object)
        if tensor.data_type not in dtypes:
            raise ValueError(f"its type is {tensor.data_type}, expected numbers")
        dtype = np.dtype(dtypes[tensor.data_type])
        if tensor.data_location == TensorProto.EXTERNAL:
            array = self._external(tensor, dtype, count)
        elif tensor.HasField("raw_data"):
            if len(tensor.raw_data) != count * dtype.itemsize:
                raise ValueError(f"it has {len(tensor.raw_data)} bytes, its shape is {tuple(dims)}")
            array = np.frombuffer(tensor.raw_data, dtype)
        else:
            fields = (tensor.float_data, tensor.double_data, tensor.int32_data, tensor.int64_data, tensor.uint64_data)
            if sum(map(len, fields)) != count:
                raise ValueError(f"it has {sum(map(len, fields))} numbers, its shape is {tuple(dims)}")
            array = np.asarray(numpy_helper.to_array(tensor)).reshape(-1)
            if tensor.data_type == TensorProto.BFLOAT16:
                return array.astype(np.float32).reshape(dims)
        self._budget.spend(count * max(dtype.itemsize, 4))
        if tensor.data_type == TensorProto.BFLOAT16:
            array = (array.astype(np.uint32) << np.uint32(16)).view(np.float32)
        elif dtype == np.float16:
            array = array.astype(np.float32)
        return array.astype(array.dtype.newbyteorder("="), copy=False).reshape(dims)

    def _external(self, tensor: Any, dtype: np.dtype[Any], count: int) -> Array:
        """Return the numbers that are in another file, which stay on disk until they are used."""
        where = {entry.key: entry.value for entry in tensor.external_data}
        location = where.get("location", "")
        folder = self._folder.resolve()
        try:
            path = (folder / location).resolve()
            inside = not os.path.isabs(location) and path.is_relative_to(folder) and path.is_file()
        except (OSError, RuntimeError):  # the name is too long, or a loop of links
            inside = False
        if not inside:
            raise ValueError(f"its numbers are in {location[:100]!r}, expected a file in the folder of the model")
        try:
            offset, length = int(where.get("offset", 0)), int(where.get("length", count * dtype.itemsize))
        except ValueError:
            raise ValueError(f"its place in {location!r} is not a number") from None
        size = path.stat().st_size
        if path not in self._files:
            self._files[path] = size
            self._budget.extend(size)
        if length != count * dtype.itemsize or offset < 0 or offset + length > size:
            raise ValueError(f"it has {length} bytes from {offset} of the {size} in {location!r}")
        if not length:
            return np.zeros(0, dtype)
        return np.memmap(path, dtype, "r", offset, (count,))
