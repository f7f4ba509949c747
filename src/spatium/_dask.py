"""Dask arrays as arguments: detect them without importing dask, and call functions for each block."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeGuard

import numpy as np
from numpy.typing import DTypeLike

__all__ = [
    "along_axis",
    "blockwise",
    "check_whole_rows",
    "is_collection",
    "is_dask_array",
    "is_lazy",
    "method",
    "of_rows",
    "with_bias",
]


def is_dask_array(value: object) -> TypeGuard[Any]:
    """Return whether `value` is a dask array. Such an array exists only if dask was imported."""
    dask_array = sys.modules.get("dask.array")
    return dask_array is not None and isinstance(value, dask_array.Array)


def is_lazy(value: object) -> TypeGuard[Any]:
    """Return whether `value` is a dask array, or an xarray object that contains one."""
    if isinstance(value, np.ndarray):  # the common case first
        return False
    return is_dask_array(value) or (_is_xarray(value) and value.__dask_graph__() is not None)


def is_collection(value: object) -> bool:
    """Return whether `value` is a lazy array or data frame, or an xarray object that contains one."""
    graph = getattr(type(value), "__dask_graph__", None)
    return graph is not None and graph(value) is not None


def _is_xarray(value: object) -> TypeGuard[Any]:
    xarray = sys.modules.get("xarray")
    return xarray is not None and isinstance(value, xarray.DataArray | xarray.Dataset | xarray.Variable)


def blockwise(
    function: Callable[..., Any],
    n_outputs: int,
    dtype: np.dtype[Any],
    arrays: Sequence[Any],
    extra: Any = None,
    n_whole: int = 0,
    **keywords: Any,
) -> tuple[Any, ...]:
    """Call `function` on the blocks of broadcast arrays, and return one lazy array per output.

    Parameters
    ----------
    function
        Accepts one block per array, and `keywords`. Returns a block, or a tuple of blocks if `n_outputs` is not 1.
    n_outputs, dtype
        The number and the dtype of its results.
    arrays
        Dask arrays or other arrays, which are broadcast against each other.
    extra, n_whole
        One more array. Its last `n_whole` axes are not broadcast and are not divided into blocks.
    """
    import dask.array as da

    given = [(da.asarray(array), 0) for array in arrays] + ([] if extra is None else [(da.asarray(extra), n_whole)])
    ndim = max(array.ndim - whole for array, whole in given)
    index = tuple(range(ndim))
    pairs: list[Any] = []
    for array, whole in given:
        pairs += [array, (*index[ndim - array.ndim + whole :], *range(ndim, ndim + whole))]
    meta = np.empty((0,) * ndim, dtype=dtype)
    result = da.blockwise(function, index, *pairs, dtype=dtype, meta=meta, concatenate=True, **keywords)
    if n_outputs == 1:
        return (result,)
    # the blocks of `result` are tuples; the only operation on them is to select their elements
    return tuple(result.map_blocks(operator.itemgetter(i), dtype=dtype, meta=meta) for i in range(n_outputs))


def check_whole_rows(name: str, array: Any, axes: Iterable[int]) -> None:
    """Raise TypeError unless each row of a dask array, along these axes, is in one chunk."""
    for axis in axes:
        if array.numblocks[axis] > 1:
            raise TypeError(
                f"{name} needs each row in one chunk, but axis {axis} has {array.numblocks[axis]}: "
                f"use rechunk({{{axis}: -1}})"
            )


def of_rows(name: str, function: Callable[..., Any], x: Any, n_features: int, dtype: DTypeLike) -> Any:
    """Call a function that returns one number per row of `n_features` values on the chunks of the dask array x."""
    if x.ndim == 0 or x.shape[-1] != n_features:
        raise ValueError(f"{name} has shape {x.shape}, expected (rows, {n_features})")
    check_whole_rows(name, x, [x.ndim - 1])
    meta = np.empty((0,) * (x.ndim - 1), dtype)
    return x.map_blocks(_on_block, function=function, drop_axis=x.ndim - 1, dtype=dtype, meta=meta)


def _on_block(block: Any, function: Callable[..., Any], block_info: Any = None) -> Any:
    """Call a function of rows on one block. An error says where the block begins, from where its rows are counted."""
    try:
        return np.asarray(function(block))
    except ValueError as error:
        place = tuple(start for start, _ in block_info[0]["array-location"][:-1])
        raise ValueError(f"in the chunk that begins at {place}: {error}") from error


def along_axis(
    function: Callable[..., Any], arrays: tuple[Any, ...], axis: Any, out: object, keepdims: bool | None = None
) -> Any:
    """Call a function of rows on the chunks of lazy arrays. Each row must be in one chunk.

    `keepdims` is only for functions with one result per row.
    """
    name = function.__name__
    if out is not None:
        raise TypeError(f"{name} does not support out for a dask array")
    if any(map(_is_xarray, arrays)):
        raise TypeError(f"{name} needs axes, but a lazy xarray object has names instead: use xarray.apply_ufunc")
    import dask.array as da

    lazy = [da.asarray(array) for array in arrays]
    ndim = lazy[0].ndim
    given = range(ndim) if axis is None else axis if isinstance(axis, tuple) else (operator.index(axis),)
    axes = [np.lib.array_utils.normalize_axis_index(one, ndim) for one in given]
    for array in lazy:
        if array.ndim == ndim:
            check_whole_rows(name, array, axes)
    dtype = function(*(np.ones((1,) * ndim, array.dtype) for array in lazy)).dtype
    if keepdims is None:
        return da.map_blocks(function, *lazy, axis=axis, dtype=dtype)
    chunks = tuple((1,) if i in axes else sizes for i, sizes in enumerate(lazy[0].chunks))
    result = da.map_blocks(function, *lazy, axis=axis, keepdims=True, dtype=dtype, chunks=chunks)
    # index instead of reshape, because the other axes may have chunks of unknown sizes
    return result if keepdims else result[tuple(0 if i in axes else slice(None) for i in range(ndim))]


def method(activation: Any, name: str, arrays: tuple[Any, ...], out: object, where: object) -> Any:
    """Call the method `name` of an activation lazily, if dask cannot apply the ufunc itself.

    This is necessary for the value and the derivative in one pass, because dask supports ufuncs with two outputs only
    if they are NumPy's own, and for custom activations, which are not ufuncs.
    """
    if out is not None or where is not True:
        raise TypeError(f"{name} does not support out or where for a dask array")
    function, n_outputs = getattr(activation, name), 2 if name == "value_and_derivative" else 1
    if any(map(_is_xarray, arrays)):
        import xarray

        return xarray.apply_ufunc(function, *arrays, output_core_dims=[()] * n_outputs, dask="allowed", keep_attrs=True)
    dtypes = (array.dtype if is_dask_array(array) else np.asarray(array).dtype for array in arrays)
    sample = function(*(np.ones(1, dtype=dtype) for dtype in dtypes))  # gives the dtype of the result
    results = blockwise(function, n_outputs, (sample[0] if n_outputs == 2 else sample).dtype, arrays)
    return results if n_outputs == 2 else results[0]


def with_bias(activation: Any, x: Any, bias: Any, out: object, where: object) -> Any:
    """Call an activation with a bias lazily; x or bias is lazy."""
    if out is not None or where is not True:
        raise TypeError("a call with a bias does not support out or where for a dask array")
    if _is_xarray(x) or _is_xarray(bias):
        raise TypeError("a bias refers to the last axis, but a lazy xarray object has names instead: use x.data")
    import dask.array as da

    lazy, shift = da.asarray(x), da.asarray(bias)
    if shift.ndim and shift.shape != lazy.shape[-1:]:
        raise ValueError(f"bias has shape {shift.shape}, expected {lazy.shape[-1:]} or ()")
    sample = activation(np.ones(1, lazy.dtype), bias=np.ones((), shift.dtype))  # gives the dtype of the result
    return blockwise(_call_with_bias, 1, sample.dtype, [lazy, shift], activation=activation)[0]


def _call_with_bias(x: Any, bias: Any, activation: Any) -> Any:
    return activation(x, bias=bias)
