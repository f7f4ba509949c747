"""Activation maps: an 8×8 grid of activations per neuron, from which a pattern hash selects one."""

from __future__ import annotations

import math
import os
import threading
import weakref
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium import _dask, _engine, _map
from spatium._arrays import Out, plain_array
from spatium._checks import lengths
from spatium.activations import Activation, activation
from spatium.activations.base import check_pair
from spatium.activations.names import as_activation, as_activations
from spatium.maps import files
from spatium.maps.grid import GRID, MAX_PALETTE, Grid
from spatium.maps.hashes import as_hashes
from spatium.maps.picture import cells_of, map_html
from spatium.maps.statistics import ActivationStatistics

__all__ = ["ActivationMap"]


# the default palette of a random map
_TWELVE = tuple(activation(record.name) for record in _engine.registry()[:12])


# A forked child gets new locks, because a thread that held a lock at the fork does not exist in the child.
_MAPS: weakref.WeakValueDictionary[int, ActivationMap] = weakref.WeakValueDictionary()


def _renew_locks() -> None:
    for amap in list(_MAPS.values()):
        amap._renew_locks()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_renew_locks)


class ActivationMap:
    """One 8×8 grid of activations, or one grid per neuron.

    A cell is one byte, an index into the palette. So a grid needs 64 bytes per neuron, and parameters are shared. A
    hash h selects the cell in row (h >> 8) & 7 and column h & 7. Each element of a result counts one hit of its cell.
    Hit counts are exact, also when several Python threads use the same map.

    Parameters
    ----------
    cells : array_like of int, shape (..., 8, 8)
        Indices into `palette`.
    palette : iterable of Activation or str
        At most 256 activations, or names such as "gelu".

    Notes
    -----
    The routing has zero gradient almost everywhere, and the output jumps where a row crosses a hyperplane of the hash;
    `SimHash.margin` is the distance to the nearest one. To find out whether routing improves a network, compare it with
    `shuffled` maps, `RandomHash` and `ConstantHash`.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> amap = sp.ActivationMap.gradient(center=sp.GELU(), edge=sp.ReLU())
    >>> amap[0, 0], amap[3, 4]
    (ReLU(), GELU())
    >>> amap(np.array([-1.0, -1.0]), np.array([0x000, 0x304]))
    array([ 0.        , -0.15865525])
    >>> int(amap.hit_counts.sum())
    2
    """

    def __init__(self, cells: ArrayLike, palette: Iterable[Activation | str]) -> None:
        entries = tuple(as_activations("palette", palette))
        if not 1 <= len(entries) <= MAX_PALETTE:
            raise ValueError(f"palette has {len(entries)} entries, expected 1 to {MAX_PALETTE}")
        indices = plain_array("cells", cells)
        if indices.dtype.kind not in "iu":
            raise TypeError(f"cells has dtype {indices.dtype}, expected integers")
        if indices.shape[-2:] != GRID or indices.size == 0:
            raise ValueError(f"cells has shape {indices.shape}, expected (..., 8, 8)")
        if indices.min() < 0 or indices.max() >= len(entries):
            wrong = indices.min() if indices.min() < 0 else indices.max()
            raise ValueError(f"cells holds {wrong}, expected indices from 0 to {len(entries) - 1}, into the palette")
        self._grid = Grid(np.array(indices, dtype=np.uint8, order="C"), entries)
        # A grid's hits are its own plus `_hits_of_all`: with one hash per row, all grids receive the same hits, which
        # are stored once.
        self._hits = np.zeros(indices.shape, dtype=np.uint64)
        self._hits_of_all = np.zeros(GRID, dtype=np.uint64)
        self._renew_locks()
        _MAPS[id(self)] = self

    def _renew_locks(self) -> None:
        self._lock = threading.Lock()  # protects the hit counts
        self._assigning = threading.Lock()  # protects the grid; separate, so that assignments do not delay counting

    # ---- layouts ----

    @classmethod
    def uniform(cls, function: Activation | str, shape: int | tuple[int, ...] = ()) -> ActivationMap:
        """Return a map with the same activation in every cell.

        Parameters
        ----------
        function : Activation or str
        shape : int or tuple of int
            Shape of the neurons; ``()`` is one grid.

        Examples
        --------
        >>> import spatium as sp
        >>> sp.ActivationMap.uniform(sp.ReLU(), 4).shape
        (4,)
        """
        return cls(np.zeros(lengths("shape", shape) + GRID, dtype=np.uint8), (as_activation("function", function),))

    @classmethod
    def random(
        cls, shape: int | tuple[int, ...] = (), rng: Any = None, palette: Iterable[Activation | str] | None = None
    ) -> ActivationMap:
        """Return a map with random cells, drawn uniformly from `palette`.

        Parameters
        ----------
        shape : int or tuple of int
            Shape of the neurons; ``()`` is one grid.
        rng : seed or numpy.random.Generator, optional
        palette : iterable of Activation or str, optional
            The default is the twelve functions with the codes 0 to 11 and their default parameters.

        Examples
        --------
        >>> import spatium as sp
        >>> sp.ActivationMap.random(1024, rng=0).cells.shape
        (1024, 8, 8)
        """
        entries = _TWELVE if palette is None else tuple(as_activations("palette", palette))
        size = lengths("shape", shape) + GRID
        return cls(np.random.default_rng(rng).integers(len(entries), size=size) if entries else np.zeros(size), entries)

    @classmethod
    def gradient(
        cls, center: Activation | str, edge: Activation | str, shape: int | tuple[int, ...] = ()
    ) -> ActivationMap:
        """Return a map with `center` in the 32 cells nearest to the middle of the grid and `edge` in the others.

        Parameters
        ----------
        center, edge : Activation or str
        shape : int or tuple of int
            Shape of the neurons; ``()`` is one grid.

        Examples
        --------
        >>> import spatium as sp
        >>> amap = sp.ActivationMap.gradient(center=sp.GELU(), edge=sp.ReLU())
        >>> print(amap.cells)
        [[1 1 1 1 1 1 1 1]
         [1 1 0 0 0 0 1 1]
         [1 0 0 0 0 0 0 1]
         [1 0 0 0 0 0 0 1]
         [1 0 0 0 0 0 0 1]
         [1 0 0 0 0 0 0 1]
         [1 1 0 0 0 0 1 1]
         [1 1 1 1 1 1 1 1]]
        """
        entries = (as_activation("center", center), as_activation("edge", edge))
        offset = (np.arange(8) - 3.5) ** 2
        distance = offset[:, None] + offset
        cells = np.broadcast_to(distance > np.median(distance), lengths("shape", shape) + GRID)
        return cls(cells.astype(np.uint8), entries)

    # ---- the grid ----

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the neurons: ``()`` for one grid, ``(N,)`` for one grid per neuron."""
        return self._grid.neurons

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a map of one grid has no length")
        return self.shape[0]

    def __bool__(self) -> bool:
        return True

    __iter__ = None  # iteration by __getitem__ would end silently at the first missing neuron

    @property
    def cells(self) -> NDArray[np.uint8]:
        """The indices into the palette, (..., 8, 8). The array is read-only; assign activations to the map instead."""
        return self._grid.cells.view()  # the array itself is read-only

    @property
    def palette(self) -> tuple[Activation, ...]:
        """The activations to which the cells refer."""
        return self._grid.palette

    def _cell_index(self, index: Any) -> tuple[Any, ...]:
        key = index if isinstance(index, tuple) else (index,)
        if any(part is None or part is Ellipsis for part in key):
            raise IndexError(f"index {index!r} contains None or an ellipsis, expected neurons, row and column")
        if len(key) > self._hits.ndim:
            raise IndexError(f"index {index!r} has {len(key)} parts, expected at most {self._hits.ndim}")
        return key

    def __getitem__(self, index: Any) -> Activation | ActivationMap:
        """Return the activation of one cell, ``amap[row, column]`` or ``amap[neuron, row, column]``.

        With only leading indices, as in ``amap[neuron]``, return a copy of the maps of these neurons.
        """
        key, grid = self._cell_index(index), self._grid
        picked = grid.cells[key]
        if picked.ndim == 0:
            return grid.palette[int(picked)]
        if len(key) > len(self.shape):
            raise IndexError(f"index {index!r} selects several cells, expected one: use amap.cells and amap.palette")
        with self._lock:
            hits = self._hits[key] + self._hits_of_all
        return _made_of(picked, grid.palette, hits)

    def __setitem__(self, index: Any, value: Activation | str) -> None:
        """Assign an activation, or its name, to one or several cells. Their hit counts do not change."""
        key = self._cell_index(index)
        entry = as_activation("value", value)
        with self._assigning:
            self._grid = self._grid.with_entry(key, entry)

    def __eq__(self, other: object) -> bool:
        """Return whether all cells contain equal activations. Hit counts are not compared."""
        if not isinstance(other, ActivationMap):
            return NotImplemented
        if self.shape != other.shape:
            return False
        mine, others = self._grid, other._grid
        same = np.array([[a == b for b in others.palette] for a in mine.palette])
        return bool(same[mine.cells, others.cells].all())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        used, hits = len(_map.used_entries(self._grid.cells)), sum(map(int, self.hit_counts.flat))
        return f"<ActivationMap: shape {self.shape}, {used} activations, {hits} hits>"

    def _repr_html_(self) -> str:
        grid, title = self._grid, repr(self).strip("<>")
        return map_html(title, cells_of(grid.cells, grid.palette, self.hit_counts), math.prod(self.shape))

    # ---- copies ----

    def copy(self) -> ActivationMap:
        """Return an independent copy with the same cells and hit counts."""
        grid = self._grid
        return _made_of(grid.cells, grid.palette, self.hit_counts)

    def shuffled(self, rng: Any = None) -> ActivationMap:
        """Return a null model: a map with the cells of each grid permuted at random, without hits."""
        grid = self._grid
        shuffled = np.random.default_rng(rng).permuted(grid.cells.reshape(-1, 64), axis=1)
        return ActivationMap(shuffled.reshape(grid.cells.shape), grid.palette)

    def __getstate__(self) -> dict[str, Any]:
        grid = self._grid
        return {"cells": grid.cells.copy(), "palette": grid.palette, "hits": self.hit_counts}

    def __setstate__(self, state: dict[str, Any]) -> None:
        ActivationMap.__init__(self, state["cells"], state["palette"])
        self._hits[...] = state["hits"]

    # ---- hits ----

    @property
    def hit_counts(self) -> NDArray[np.uint64]:
        """The number of hits of each cell, (..., 8, 8); a copy."""
        with self._lock:
            return self._hits + self._hits_of_all

    def reset_counts(self) -> None:
        """Set all hit counts to zero."""
        with self._lock:
            self._hits[...] = 0
            self._hits_of_all[...] = 0

    def add_hits(self, counts: ArrayLike) -> None:
        """Add hits that were counted in another process or in a part of a dask graph.

        Parameters
        ----------
        counts : array_like of int, shape (..., 8, 8)
            The hits, with the shape of `hit_counts`. A lazy dask array is computed.

        Raises
        ------
        TypeError
            If counts does not contain integers.
        ValueError
            If the shape is not that of `hit_counts`, or a count is negative. The map's counts are then unchanged.

        Examples
        --------
        >>> import spatium as sp
        >>> amap, worker = sp.ActivationMap.random(rng=0), sp.ActivationMap.random(rng=0)
        >>> y = worker([1.0, 2.0], [0, 0x707])
        >>> amap.add_hits(worker.hit_counts)
        >>> amap.statistics().total
        2
        """
        added = plain_array("counts", np.asarray(counts) if _dask.is_collection(counts) else counts)
        if added.dtype.kind not in "iu":
            raise TypeError(f"counts has dtype {added.dtype}, expected integers")
        if added.shape != self._hits.shape:
            raise ValueError(f"counts has shape {added.shape}, expected {self._hits.shape}")
        if added.min() < 0:
            raise ValueError(f"counts holds {added.min()}, expected hits of at least 0")
        with self._lock:
            self._hits += added.astype(np.uint64)

    def _add_to_every_grid(self, hits: NDArray[np.uint64]) -> None:
        """Add hits of shape (8, 8) that every grid has received, from rows with one hash each."""
        with self._lock:
            self._hits_of_all += hits

    def statistics(self) -> ActivationStatistics:
        """Return the statistics of all hits up to now, summed over the neurons."""
        hits, grid = self.hit_counts, self._grid
        functions: dict[str, int] = {}
        for i in _map.used_entries(grid.cells):
            # added, because the palette may contain equal activations twice
            label = repr(grid.palette[i])
            functions[label] = functions.get(label, 0) + int(hits[grid.cells == i].sum(dtype=np.uint64))
        return ActivationStatistics(hits.reshape(-1, *GRID).sum(axis=0, dtype=np.uint64), functions)

    def select(self, pattern_hash: int, neuron: int | tuple[int, ...] = ()) -> Activation:
        """Return the activation that a hash selects, and count a hit.

        Parameters
        ----------
        pattern_hash : int
            0 to 2**64 − 1.
        neuron : int or tuple of int
            The index of the neuron, for a map with several grids.

        Examples
        --------
        >>> import spatium as sp
        >>> sp.ActivationMap.uniform(sp.Tanh()).select(0x705)
        Tanh()
        """
        key = neuron if isinstance(neuron, tuple) else (neuron,)
        if len(key) != len(self.shape):
            raise ValueError(f"neuron is {neuron!r}, expected an index of the map, which has shape {self.shape}")
        h = as_hashes("pattern_hash", pattern_hash)
        if h.ndim:
            raise ValueError(f"pattern_hash has shape {h.shape}, expected one integer")
        cell, grid = (*key, int(h) >> 8 & 7, int(h) & 7), self._grid
        entry: Activation = grid.palette[grid.cells[cell]]
        with self._lock:
            self._hits[cell] += np.uint64(1)
        return entry

    # ---- evaluation ----

    def activate(self, x: ArrayLike, hashes: ArrayLike, out: Out = None, count: bool = True) -> Any:
        """Evaluate each element with the activation that its hash selects.

        Parameters
        ----------
        x : array_like
            float16, bfloat16, float32 and float64 give a result of the same dtype; integers are converted as in NumPy's
            ufuncs. The last axes correspond to the neurons of the map.
        hashes : array_like of int
            Pattern hashes, broadcast against x: one per element, or one per row as ``hashes[:, None]``.
        out : ndarray, optional
            The array for the result; may be x.
        count : bool
            Whether each element of the result counts a hit.

        Returns
        -------
        ndarray or scalar
            The result, with the broadcast shape of x, hashes and the map, and the same bits as the activations alone.
            If x or hashes is a dask array, the result is a lazy `spatium.maps.lazy.RoutedArray`, which adds its hits
            when it is computed.

        Raises
        ------
        TypeError
            If x is not real, or out is not an array with the dtype of the result.
        ValueError
            If a hash is negative or not an integer, or the shapes do not match. `out` and the counts are then
            unchanged.

        Examples
        --------
        >>> import numpy as np, spatium as sp
        >>> amap = sp.ActivationMap.random(3, rng=0)
        >>> amap.activate(np.ones((4, 3)), np.arange(4)[:, None]).shape
        (4, 3)
        """
        return self._evaluate("value", x, hashes, outs=(out,), count=count)[0]

    __call__ = activate

    def derivative(self, x: ArrayLike, hashes: ArrayLike, out: Out = None) -> Any:
        """Return the derivative with respect to x, elementwise, for fixed cells. Never counts hits."""
        return self._evaluate("derivative", x, hashes, outs=(out,))[0]

    def second_derivative(self, x: ArrayLike, hashes: ArrayLike, out: Out = None) -> Any:
        """Return the second derivative with respect to x, elementwise, for fixed cells. Never counts hits.

        A `Custom` activation without a second derivative raises TypeError if a hash selects it.

        Examples
        --------
        >>> import numpy as np, spatium as sp
        >>> amap = sp.ActivationMap([[0, 1] * 4] * 8, (sp.ReLU(), sp.Tanh()))
        >>> amap.second_derivative(np.array([0.5, 0.5]), [0x000, 0x001]).round(6)
        array([ 0.      , -0.726862])
        """
        return self._evaluate("second_derivative", x, hashes, outs=(out,))[0]

    def value_and_derivative(
        self, x: ArrayLike, hashes: ArrayLike, out: tuple[Out, Out] | None = None
    ) -> tuple[Any, Any]:
        """Return the value and the derivative, computed in one pass. Never counts hits."""
        y, dy = self._evaluate("value_and_derivative", x, hashes, outs=check_pair(out))
        return y, dy

    def backward(self, grad: ArrayLike, x: ArrayLike, hashes: ArrayLike, out: Out = None) -> Any:
        """Return grad times the derivative, computed in one pass; `out` may be grad or x. Never counts hits."""
        return self._evaluate("backward", x, hashes, grad=grad, outs=(out,))[0]

    def _evaluate(
        self,
        operation: str,
        x: ArrayLike,
        hashes: ArrayLike,
        *,
        grad: ArrayLike | None = None,
        outs: tuple[Out, ...],
        count: bool = False,
    ) -> tuple[Any, ...]:
        grid = self._grid
        evaluated = grid.evaluate_plain(operation, x, hashes, grad, outs, count)
        if evaluated is None:
            if any(map(_dask.is_dask_array, (x, hashes, grad))):
                from spatium.maps.lazy import evaluate_lazily

                return evaluate_lazily(grid, operation, x, hashes, grad, outs, self.add_hits if count else None)
            evaluated = grid.evaluate(operation, x, hashes, grad, outs, count)
        results, hits = evaluated
        if hits is not None:  # the last step, so that a call that raises counts nothing
            with self._lock:
                grid.add_hits(hits, self._hits, self._hits_of_all)
        return results

    # ---- files ----

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write cells, palette and hit counts to a versioned .npz file, without pickle, completely or not at all.

        For a custom activation, only the name is written.
        """
        grid = self._grid
        files.write(path, grid.cells, grid.palette, self.hit_counts)

    @classmethod
    def load(cls, path: str | os.PathLike[str], custom: Mapping[str, Activation] | None = None) -> ActivationMap:
        """Return the map that `save` wrote.

        Parameters
        ----------
        path : path
        custom : dict, optional
            The custom activations of the map, by name.

        Raises
        ------
        ValueError
            If the file is truncated, manipulated or newer than this release; the message names the file.
        """
        cells, palette, hits = files.read(path, custom)
        try:
            return _made_of(cells, palette, hits)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{os.fspath(path)}: {error}") from None


def _made_of(cells: NDArray[np.uint8], palette: tuple[Activation, ...], hits: NDArray[np.uint64]) -> ActivationMap:
    made = ActivationMap(cells, palette)
    made._hits[...] = hits
    return made
