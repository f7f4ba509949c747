"""The grid of a map: cells and palette, and their evaluation. This module does not use counts, locks or dask."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium import _engine, _map, _routing
from spatium._arrays import Array, Out, output_array, plain_array, unaliased
from spatium._routing import Hits
from spatium.activations import Activation, Custom
from spatium.activations.operations import result_dtype
from spatium.maps.hashes import as_hashes

__all__ = ["GRID", "MAX_PALETTE", "Grid", "Hits", "count_hits", "dtype_of"]

GRID = (8, 8)
MAX_PALETTE = 256  # a cell is one byte
_ROUTED = ("value", "derivative", "value_and_derivative", "backward")  # by compiled code
_OPERATION_CODES = {operation: _engine.OPERATIONS.index(operation) for operation in _ROUTED}


class Grid:
    """Cells and palette of a map. A grid is never changed in place, so assignments do not affect running calls.

    Parameters
    ----------
    cells : ndarray of uint8, shape (..., 8, 8)
        Indices into `palette`; the array becomes read-only.
    palette : tuple of Activation
    """

    __slots__ = ("_routers", "cells", "codes", "customs", "neurons", "palette", "parameters")

    def __init__(self, cells: NDArray[np.uint8], palette: tuple[Activation, ...]) -> None:
        cells.flags.writeable = False
        self.cells, self.neurons, self.palette = cells, cells.shape[:-2], palette
        self.parameters = np.zeros((len(palette), 2))
        for row, entry in zip(self.parameters, palette, strict=True):
            values = tuple(entry.parameters.values())
            row[: len(values)] = values
        self.codes = np.array([entry.code for entry in palette], dtype=np.int32)
        self.customs = tuple(i for i, entry in enumerate(palette) if isinstance(entry, Custom))
        self._routers: dict[tuple[int, ...], _routing.Router] = {}

    def with_entry(self, key: tuple[Any, ...], entry: Activation) -> Grid:
        """Return a grid with `entry` in the cells `key`. If the palette is full, unused entries are removed from it."""
        cells, palette = self.cells.copy(), self.palette
        if entry not in palette and len(palette) == MAX_PALETTE:
            assigned = np.zeros(cells.shape, dtype=bool)
            assigned[key] = True
            if not assigned.any():
                return self
            used = _map.used_entries(cells[~assigned])
            if len(used) == MAX_PALETTE:
                raise ValueError(f"palette is full: a map can contain at most {MAX_PALETTE} different activations")
            renumbered = np.zeros(MAX_PALETTE, dtype=np.uint8)
            renumbered[used] = np.arange(len(used))
            cells, palette = renumbered[cells], tuple(palette[i] for i in used)
        if entry not in palette:
            palette = (*palette, entry)
        cells[key] = palette.index(entry)
        return Grid(cells, palette)

    def _table(self, neurons: tuple[int, ...]) -> NDArray[np.uint8]:
        """Return the cells as (neurons, 64), or (1, 64) for one grid, with neuron axes of length 1 repeated."""
        if self.cells.size == 64:
            return self.cells.reshape(1, 64)
        return np.ascontiguousarray(np.broadcast_to(self.cells, neurons + GRID)).reshape(-1, 64)

    def _router(self, neurons: tuple[int, ...]) -> _routing.Router:
        """Return the router for results with the last axes `neurons`."""
        router = self._routers.get(neurons)
        if router is None:
            router = self._routers[neurons] = _routing.Router(self._table(neurons), self.codes, self.parameters)
        return router

    # ---- evaluation ----

    def evaluate_plain(
        self, operation: str, x: Any, hashes: Any, grad: Any, outs: tuple[Out, ...], count: bool
    ) -> tuple[tuple[Any, ...], Hits | None] | None:
        """Evaluate like `evaluate` if compiled code can use the arrays without conversion; otherwise return None."""
        code = _OPERATION_CODES.get(operation)
        if code is None or self.customs or not self.cells.size:
            return None
        if not _routing.is_plain(x, hashes, grad, outs, self.neurons):
            return None
        results = tuple([np.empty(x.shape, x.dtype) if out is None else out for out in outs])
        hits = self._router(self.neurons).evaluate(code, x, grad, hashes, results[0], results[-1], count)
        return results, hits

    def evaluate(
        self,
        operation: str,
        x: ArrayLike,
        hashes: ArrayLike,
        grad: ArrayLike | None,
        outs: tuple[Out, ...],
        count: bool,
    ) -> tuple[tuple[Any, ...], Hits | None]:
        """Evaluate each element with the activation that its hash selects.

        Parameters
        ----------
        operation : str
            "value", "derivative", "second_derivative", "value_and_derivative" or "backward".
        x, hashes, grad : array_like
            They are broadcast against each other and against the neurons; `grad` is only for "backward".
        outs : tuple of ndarray or None
            The arrays for the results, one entry per result.
        count : bool
            Whether the caller will use the hits.

        Returns
        -------
        results : tuple
        hits : Hits or None
            The argument of `add_hits`; None if nothing is counted.
        """
        h = as_hashes("hashes", hashes)
        inputs = {"x": plain_array("x", x)} | ({} if grad is None else {"grad": plain_array("grad", grad)})
        dtype = dtype_of(inputs)
        shape = self.broadcast_shape(h, inputs)
        given = [output_array("out", out, shape, dtype, exact=True) for out in outs if out is not None]
        if len(given) == 2 and np.shares_memory(given[0], given[1]):
            raise ValueError("out has two arrays that share memory, expected separate arrays")
        if any(np.may_share_memory(h, out) for out in given):
            h = h.copy()

        results = [out if out is not None and _is_plain(out) else np.empty(shape, dtype=dtype) for out in outs]
        ready = {name: _safe_input(array, shape, dtype, results) for name, array in inputs.items()}
        neurons = shape[len(shape) - len(self.neurons) :]
        hits = None
        if results[0].size:
            code = _OPERATION_CODES.get(operation)
            chosen = range(len(self.palette)) if code is None else self.customs
            selected = self._evaluate_entries(chosen, operation, ready, np.broadcast_to(h, shape), neurons)
            if code is not None:
                router = self._router(neurons)
                hits = router.evaluate(code, ready["x"], ready.get("grad"), h, results[0], results[-1], count)
            for mask, values in selected:
                for result, value in zip(results, values, strict=True):
                    result[mask] = value
        final = []
        for out, result in zip(outs, results, strict=True):
            if out is not None and out is not result:
                out[...] = result
            final.append(result[()] if out is None else out)
        return tuple(final), hits

    def broadcast_shape(self, h: Any, inputs: Mapping[str, Any]) -> tuple[int, ...]:
        """Return the shape of the results."""
        try:
            shape = np.broadcast_shapes(self.neurons, h.shape, *(array.shape for array in inputs.values()))
        except ValueError:
            shapes = ", ".join(f"{name} {array.shape}" for name, array in {**inputs, "hashes": h}.items())
            raise ValueError(f"shapes do not broadcast: {shapes}, map {self.neurons}") from None
        return shape

    def _evaluate_entries(
        self,
        chosen: Sequence[int],
        operation: str,
        inputs: Mapping[str, Array],
        hashes: NDArray[np.uint64],
        neurons: tuple[int, ...],
    ) -> list[tuple[NDArray[np.bool_], tuple[Any, ...]]]:
        """Return the results of some palette entries; they are computed before any array is overwritten.

        The router evaluates the other entries. It has no custom activations, and no second derivatives, because these
        are not needed in training.
        """
        if not chosen:
            return []
        table = self._table(neurons)
        rows = hashes.reshape(-1, len(table))
        entries = np.empty(rows.shape, dtype=np.uint8)
        _map.palette_entries(rows, table, entries)
        results = []
        for i in chosen:
            mask = (entries == i).reshape(hashes.shape)
            if mask.any():
                entry, x = self.palette[i], inputs["x"][mask]
                if operation == "backward":
                    values: tuple[Any, ...] = (entry.backward(inputs["grad"][mask], x),)
                elif operation == "value_and_derivative":
                    values = entry.value_and_derivative(x)
                else:
                    values = (entry(x) if operation == "value" else getattr(entry, operation)(x),)
                results.append((mask, values))
        return results

    # ---- hits ----

    def add_hits(self, hits: Hits, own: NDArray[np.uint64], of_all: NDArray[np.uint64]) -> None:
        """Add one hit for each element of a result.

        The hits of a grid are its part of `own` (..., 8, 8) plus `of_all` (8, 8), the hits that all grids have in
        common, because a hash per row counts for all neurons.
        """
        neurons = hits.shape[len(hits.shape) - len(self.neurons) :]
        if neurons == self.neurons or own.size == 64:
            hits.add_to(own, of_all)
            return
        # a neuron axis of length 1 is repeated if the result is longer along it
        each, alike = np.zeros(neurons + GRID, dtype=np.uint64), np.zeros(GRID, dtype=np.uint64)
        hits.add_to(each, alike)
        axes = tuple(i for i, n in enumerate(self.neurons) if n == 1)
        own += (each + alike).sum(axis=axes, keepdims=True, dtype=np.uint64)


def count_hits(h: NDArray[np.uint64], shape: tuple[int, ...], neurons: tuple[int, ...]) -> NDArray[np.uint64]:
    """Count one hit for each element of a result with the last axes `neurons`; return (*neurons, 8, 8)."""
    hits = np.zeros((math.prod(neurons), 64), dtype=np.uint64)
    _routing.count(np.broadcast_to(h, shape), hits)
    return hits.reshape(neurons + GRID)


def dtype_of(inputs: Mapping[str, Any]) -> np.dtype[Any]:
    """Return the dtype that the ufuncs would return for x, or for grad and x."""
    for name, array in inputs.items():
        if array.dtype.name != "bfloat16" and (array.dtype.kind not in "fiub" or array.dtype.itemsize > 8):
            raise TypeError(f"{name} has dtype {array.dtype}, expected real numbers of at most 64 bits")
    return result_dtype(*(inputs[name].dtype for name in ("grad", "x") if name in inputs))


def _is_plain(array: Array) -> bool:
    """Return whether compiled code can use the array without conversion."""
    return bool(array.flags.aligned and array.dtype.isnative)


def _safe_input(array: Array, shape: tuple[int, ...], dtype: np.dtype[Any], outs: list[Array]) -> Array:
    """Return the input broadcast to `shape`, native and aligned. Copy it if an output overlaps it with an offset."""
    ready = array.astype(dtype, copy=False)
    if not _is_plain(ready):
        ready = ready.astype(dtype.newbyteorder("="))
    return unaliased(np.broadcast_to(ready, shape), outs)
