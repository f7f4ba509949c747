"""Checks of array arguments, and the errors for invalid arguments."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium import _dask

Array = NDArray[Any]
Out = NDArray[Any] | None


def is_real(dtype: np.dtype[Any], kinds: str = "fiub") -> bool:
    """Return whether `dtype` has real numbers: bfloat16, which has no kind of its own in NumPy, or one of `kinds`."""
    return dtype.kind in kinds or dtype.name == "bfloat16"


def masks_elements(value: object) -> bool:
    """Return whether `value` is an array with masked elements. Such an array exists only if numpy.ma was imported."""
    masked_array: Any = getattr(sys.modules.get("numpy.ma"), "MaskedArray", ())
    if not isinstance(value, masked_array):
        return False
    mask: Array = value.mask
    return mask.dtype == bool and bool(mask.any())


def plain_array(name: str, value: ArrayLike) -> Array:
    """Return the argument `name` as a NumPy array. Raise TypeError if it is lazy or has masked elements."""
    if type(value) is np.ndarray:
        return value
    if _dask.is_collection(value):
        raise TypeError(
            f"{name} is a lazy {type(value).__name__}, which this call does not accept: pass {name}.compute(), "
            f"or call it for each block with dask's map_blocks or xarray.apply_ufunc"
        )
    if masks_elements(value):
        raise TypeError(f"{name} has masked elements, but this call would ignore the mask: pass {name}.filled(value)")
    return np.asarray(value)


def real_array(name: str, value: ArrayLike) -> Array:
    """Return the argument `name` as an array of real numbers of at most 64 bits, or raise TypeError."""
    array = plain_array(name, value)
    if not is_real(array.dtype):
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers")
    if array.dtype.itemsize > 8:  # long double
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers of at most 64 bits")
    return array


def output_array(name: str, out: object, shape: tuple[int, ...], dtype: np.dtype[Any], exact: bool = False) -> Array:
    """Return the argument `name` as a writable array for results of this shape and dtype, or raise an error.

    With `exact`, the array must have this dtype; otherwise the results are cast.
    """
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name} is {type(out).__name__}, expected an array")
    if out.shape != shape:
        raise ValueError(f"{name} has shape {out.shape}, expected {shape}")
    if out.dtype != dtype and (exact or not np.can_cast(dtype, out.dtype, "same_kind")):
        expected = f"{dtype}" if exact else f"one that {dtype} can be cast to"
        raise TypeError(f"{name} has dtype {out.dtype}, expected {expected}")
    if not out.flags.writeable:
        raise ValueError(f"{name} is read-only, expected a writable array")
    return out


def same_place(a: Array, b: Array) -> bool:
    """Return whether both arrays consist of the same elements in the same order."""
    return (
        a.__array_interface__["data"][0] == b.__array_interface__["data"][0]
        and a.dtype == b.dtype
        and a.shape == b.shape
        and a.strides == b.strides
    )


class Output:
    """The destination of a result: `out` if the C code can write to it, otherwise an array that is copied to it."""

    def __init__(self, out: Out, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.out = None if out is None else output_array("out", out, shape, dtype)
        own = self.out is not None and self.out.dtype == dtype and type(self.out) is np.ndarray
        self.array: Array = self.out if own and self.out is not None else np.empty(shape, dtype)

    def result(self) -> Any:
        """Return the result for the caller: `out`, or the new array, or a scalar if the result has no dimension."""
        if self.out is None:
            return self.array if self.array.ndim else self.array[()]
        if self.out is not self.array:
            np.copyto(self.out, self.array, casting="same_kind")
        return self.out

    def unaliased(self, array: Array) -> Array:
        """Return the array, or a copy if writing the result could overwrite elements before they are read."""
        return unaliased(array, (self.array,))


def unaliased(array: Array, outputs: Iterable[Array]) -> Array:
    """Return the array, or a copy if an output shares its memory, but not element by element."""
    for output in outputs:
        if np.may_share_memory(output, array) and not same_place(output, array):
            return array.copy()
    return array
