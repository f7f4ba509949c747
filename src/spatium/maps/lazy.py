"""Activation maps over dask arrays: results stay lazy, and tasks return their hits as results.

A task has its own copy of the grid, and returning its hits is its only effect. A task that runs again because its
worker was lost returns the same counts, and they are added to the map only once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

import dask
import dask.array as da
import numpy as np
from numpy.typing import NDArray

from spatium import _dask
from spatium._arrays import Out, plain_array
from spatium.activations import Activation
from spatium.maps.grid import GRID, Grid, count_hits, dtype_of
from spatium.maps.hashes import as_hashes

__all__ = ["RoutedArray", "evaluate_lazily"]


class RoutedArray(da.Array):  # type: ignore[misc]  # Any to mypy
    """The lazy result of ``amap.activate(x, hashes)`` or ``network.predict(x)``: a dask array with its hits.

    ``y.compute()`` computes values and hits together and adds the hits to the maps, only once even if it is called
    several times. Results that are derived from y (``y.sum()``, ``y.to_zarr(...)``, ``dask.compute(y, z)``) add no
    hits: compute `hits` together with them and pass the result to `add_hits`.

    Examples
    --------
    >>> import dask, dask.array as da, spatium as sp
    >>> amap = sp.ActivationMap.random(rng=0)
    >>> x, hashes = da.ones((1000, 64), chunks=(100, 64)), da.arange(1000, chunks=100)[:, None]
    >>> y = amap.activate(x, hashes)
    >>> total, hits = dask.compute(y.sum(), y.hits)
    >>> y.add_hits(hits)
    >>> amap.statistics().total
    64000
    """

    hits: da.Array
    """The lazy hits of all elements, with the shape of ``amap.hit_counts``; they depend on the hashes, not on x.

    Those of a network have the shape (maps, 8, 8): the hits of each grid of each map, in the order of the layers."""

    _add: Callable[[Any], None]  # adds hits to the map
    _added: bool
    _adding: threading.Lock

    @classmethod
    def _of(cls, values: da.Array, hits: da.Array, add: Callable[[Any], None]) -> RoutedArray:
        made: RoutedArray = da.Array.__new__(cls, values.dask, values.name, values.chunks, meta=values._meta)
        made.hits = hits
        made._add = add
        made._added = False
        made._adding = threading.Lock()
        return made

    def compute(self, **kwargs: Any) -> Any:
        """Return the values as a NumPy array and add the hits to the map.

        Parameters
        ----------
        **kwargs
            The keywords of ``dask.compute``, such as ``scheduler="threads"``.
        """
        y, hits = dask.compute(self, self.hits, **kwargs)
        self.add_hits(hits)
        return y

    def add_hits(self, counts: Any) -> None:
        """Add the computed `hits` to the map if they have not been added yet.

        Parameters
        ----------
        counts : ndarray of uint64, shape (..., 8, 8)
            The computed `hits`.
        """
        with self._adding:
            if not self._added:
                self._add(counts)
                self._added = True


def evaluate_lazily(
    grid: Grid,
    operation: str,
    x: Any,
    hashes: Any,
    grad: Any,
    outs: tuple[Out, ...],
    add_hits: Callable[[Any], None] | None,
) -> tuple[da.Array, ...]:
    """Evaluate like `Grid.evaluate` if an argument is a dask array; a result passes its computed hits to `add_hits`."""
    if any(out is not None for out in outs):
        raise TypeError("out is not supported for dask arrays, because the result is lazy")
    inputs = {"x": _as_array("x", x)} | ({} if grad is None else {"grad": _as_array("grad", grad)})
    h = _as_lazy_hashes(hashes)
    dtype = dtype_of(inputs)
    for name, array in {**inputs, "hashes": h}.items():
        if any(np.isnan(n) for n in array.shape):
            raise ValueError(f"{name} has chunks of unknown sizes: call its compute_chunk_sizes() first")
    shape = grid.broadcast_shape(h, inputs)
    results = _dask.blockwise(
        _evaluate_block,
        len(outs),
        dtype,
        [*inputs.values(), h],
        grid.cells,
        n_whole=2,
        operation=operation,
        palette=grid.palette,
    )
    if add_hits is None:
        return results
    hits = _hits(h, shape, results[0].chunks, grid.neurons)
    return (RoutedArray._of(results[0], hits, add_hits),)


def _as_array(name: str, value: Any) -> Any:
    return value if _dask.is_dask_array(value) else plain_array(name, value)


def _as_lazy_hashes(value: Any) -> Any:
    if not _dask.is_dask_array(value):
        return da.asarray(as_hashes("hashes", value))
    as_hashes("hashes", np.zeros(1, dtype=value.dtype))  # check the dtype now, and the values when they are computed
    return value


def _evaluate_block(*arrays: Any, operation: str, palette: tuple[Activation, ...]) -> Any:
    """Evaluate one block. The arrays are x, grad (for `backward`), hashes, and the cells of the block's neurons."""
    x, *grad, hashes, cells = arrays
    outs = (None, None) if operation == "value_and_derivative" else (None,)
    grid = Grid(np.array(cells, order="C"), palette)
    results, _ = grid.evaluate(operation, x, hashes, grad[0] if grad else None, outs, count=False)
    return results if len(results) == 2 else np.asarray(results[0])


def _hits(h: da.Array, shape: tuple[int, ...], chunks: Any, neurons: tuple[int, ...]) -> da.Array:
    """Return the hits of all elements, with shape `neurons` + (8, 8), as the sum of one array per block."""
    leading = len(shape) - len(neurons)
    aligned = {
        axis: chunks[axis + len(shape) - h.ndim] for axis in range(h.ndim) if h.shape[axis] == shape[axis - h.ndim]
    }
    blocks = da.broadcast_to(h.rechunk(aligned), shape, chunks=chunks)
    index = tuple(range(len(shape)))
    row, column = len(shape), len(shape) + 1
    counts = da.blockwise(
        _count_block,
        (*index, row, column),
        blocks,
        index,
        new_axes={row: 8, column: 8},
        adjust_chunks=dict.fromkeys(index[:leading], 1),
        dtype=np.uint64,
        meta=np.empty((0,) * (len(shape) + 2), dtype=np.uint64),
        n_neuron_axes=len(neurons),
    )
    total = counts.sum(axis=index[:leading], dtype=np.uint64)
    # neuron axes of length 1 along which the result is longer
    repeated = tuple(i for i, n in enumerate(neurons) if n == 1 and shape[leading + i] != 1)
    return total.sum(axis=repeated, dtype=np.uint64, keepdims=True) if repeated else total


def _count_block(hashes: NDArray[Any], n_neuron_axes: int) -> NDArray[np.uint64]:
    """Return the hits of one block, with shape (1, ..., 1) + neurons + (8, 8)."""
    leading = hashes.ndim - n_neuron_axes
    neurons = hashes.shape[leading:]
    hits = count_hits(as_hashes("hashes", hashes), hashes.shape, neurons)
    return hits.reshape((1,) * leading + neurons + GRID)
