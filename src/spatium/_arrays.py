"""Arrays as arguments: what is accepted, and the errors for what is not."""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium import _dask

Array = NDArray[Any]
Out = NDArray[Any] | None


def is_real(dtype: np.dtype[Any], kinds: str = "fiub") -> bool:
    """Whether it is a type of real numbers: bfloat16, which is of no kind of NumPy's, or one of `kinds`."""
    return dtype.kind in kinds or dtype.name == "bfloat16"


def masks_elements(value: object) -> bool:
    """Whether `value` is a masked array that masks something. Nobody has one without having imported numpy.ma."""
    masked_array: Any = getattr(sys.modules.get("numpy.ma"), "MaskedArray", ())
    if not isinstance(value, masked_array):
        return False
    mask: Array = value.mask
    return mask.dtype == bool and bool(mask.any())


def plain_array(name: str, value: ArrayLike) -> Array:
    """The argument `name` as a NumPy array; a TypeError that names it if that would lose a mask or compute it."""
    if type(value) is np.ndarray:
        return value
    if _dask.is_collection(value):
        raise TypeError(
            f"{name} is a lazy {type(value).__name__}, which this call would compute at once: pass {name}.compute(), "
            f"or call it block by block with dask's map_blocks or xarray.apply_ufunc"
        )
    if masks_elements(value):
        raise TypeError(f"{name} has masked elements, whose mask would be lost: fill it: {name}.filled(value)")
    return np.asarray(value)


def real_array(name: str, value: ArrayLike) -> Array:
    """The argument `name` as an array of real numbers of at most 64 bits, or a TypeError that names it."""
    array = plain_array(name, value)
    if not is_real(array.dtype):
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers")
    if array.dtype.itemsize > 8:  # long double
        raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers of at most 64 bits")
    return array


def output_array(name: str, out: object, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Array:
    """The argument `name` as an array that results of this shape and dtype can be written into."""
    if not isinstance(out, np.ndarray):
        raise TypeError(f"{name} is {type(out).__name__}, expected an array")
    if out.shape != shape:
        raise ValueError(f"{name} has shape {out.shape}, expected {shape}")
    if not np.can_cast(dtype, out.dtype, "same_kind"):
        raise TypeError(f"{name} has dtype {out.dtype}, expected one that {dtype} can be cast to")
    if not out.flags.writeable:
        raise ValueError(f"{name} is read-only")
    return out


def same_place(a: Array, b: Array) -> bool:
    """Whether both arrays are the same elements, one by one."""
    return (
        a.__array_interface__["data"][0] == b.__array_interface__["data"][0]
        and a.dtype == b.dtype
        and a.shape == b.shape
        and a.strides == b.strides
    )


class Target:
    """Where a result goes: `out` itself where the passes can write into it, else an array that is copied in the end."""

    def __init__(self, out: Out, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        self.out = None if out is None else output_array("out", out, shape, dtype)
        own = self.out is not None and self.out.dtype == dtype and type(self.out) is np.ndarray
        self.array: Array = self.out if own and self.out is not None else np.empty(shape, dtype)

    def deliver(self, where: Any = True) -> Any:
        """Return what the caller gets: out, or the new array, a scalar if it has no dimension."""
        if self.out is None:
            return self.array if self.array.ndim else self.array[()]
        if self.out is not self.array:
            np.copyto(self.out, self.array, where=where, casting="same_kind")
        return self.out

    def apart(self, array: Array) -> Array:
        """The array, or a copy if writing the result would spoil elements of it that are still to be read."""
        if np.may_share_memory(self.array, array) and not same_place(self.array, array):
            return array.copy()
        return array
