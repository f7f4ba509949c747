"""What one writes for an activation map, and for its hash, without spatium: NumPy, PyTorch and Numba versions.

Every version does the whole work: hash -> cell -> function -> value, and the hit counts.
"""

from __future__ import annotations

import importlib.util
import math
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

import spatium as sp
from spatium.benchmark.contenders import numpy_values

Array = NDArray[Any]
Run = Callable[[], Any]
TWELVE = sp.activations()[:12]

# case -> (one map per neuron, hash per row)
CASES = {"A": (False, False), "B": (False, True), "C": (True, True), "C2": (True, False)}
TITLES = {
    "A": "one map, hash per element",
    "B": "one map, hash per row",
    "C": "map per neuron, hash per row",
    "C2": "map per neuron, hash per element",
}
# C with the batches of training, of inference and of a single request
SHAPES = (
    ("A", (1 << 20,)),
    ("B", (8192, 128)),
    ("C", (4096, 1024)),
    ("C", (64, 1024)),
    ("C", (1, 1024)),
    ("C2", (2048, 1024)),
)


class Case:
    """The input of one case."""

    def __init__(self, case: str, shape: tuple[int, ...], dtype: str) -> None:
        self.per_neuron, self.per_row = CASES[case]
        rng = np.random.default_rng(0)
        self.x = (2.0 * rng.standard_normal(shape)).astype(dtype)
        self.hashes = rng.integers(0, 1 << 63, size=(shape[0], 1) if self.per_row else shape, dtype=np.uint64)
        columns = shape[-1] if self.per_neuron else 1
        self.map = sp.ActivationMap.random(columns if self.per_neuron else (), rng=0)
        # (64,) or, transposed so that a row of the batch reads a row of it, (64, neurons)
        self.table = self.map.cells.reshape(-1, 64).T.copy().reshape((64, -1) if self.per_neuron else 64)
        self.hits = np.zeros((columns, 64) if self.per_neuron else 64, dtype=np.int64)
        self.out = np.empty_like(self.x)

    def route(self) -> Array:
        """Count the hits and return which of the twelve each element gets, in B each row."""
        h = self.hashes[:, 0] if self.per_row else self.hashes
        cells = (h >> np.uint64(5) & np.uint64(56) | h & np.uint64(7)).astype(np.intp)
        if self.per_neuron and not self.per_row:
            columns = np.arange(self.x.shape[1])
            self.hits += np.bincount((64 * columns + cells).ravel(), minlength=self.hits.size).reshape(-1, 64)
            return self.table[cells, columns]
        each = self.x.shape[1] if self.per_row and not self.per_neuron else 1
        self.hits += each * np.bincount(cells, minlength=64)
        return self.table[cells]

    def functions(self, elements: Array) -> list[str]:
        """Names of the functions of these elements of the flat result, read from the map itself."""
        places = np.unravel_index(elements, self.x.shape)
        row, column = sp.cell_of(np.broadcast_to(self.hashes, self.x.shape)[places])
        cells = self.map.cells
        picked = cells[places[1], row, column] if self.per_neuron else cells[row, column]
        return [self.map.palette[i].name for i in picked]


def uniform_runs(case: Case) -> dict[str, Run]:
    """What the map is measured against: our sigmoid, and the mean of our twelve kernels."""
    x, out = case.x, np.empty_like(case.x)
    twelve = [sp.activation(name) for name in TWELVE]

    def all_twelve() -> None:
        for activation in twelve:
            activation(x, out=out)

    return {"our sigmoid": lambda: sp.sigmoid(x, out=out), "our twelve, mean": all_twelve}


def map_runs(case: Case, threads: int) -> dict[str, Run]:
    slope = np.empty_like(case.x)
    runs: dict[str, Run] = {
        "spatium": lambda: case.map.activate(case.x, case.hashes, out=case.out),
        "spatium, count=False": lambda: case.map.activate(case.x, case.hashes, out=case.out, count=False),
        "spatium, and f'": lambda: case.map.value_and_derivative(case.x, case.hashes, out=(case.out, slope))[0],
        "NumPy masks": lambda: _masks(case),
        "NumPy select": lambda: _select(case),
        "NumPy argsort": lambda: _argsort(case),
    }
    if importlib.util.find_spec("torch"):
        runs["PyTorch sort"] = _torch_sort(case, threads)
    if importlib.util.find_spec("numba"):
        runs["Numba switch"] = _numba_switch(case)
    return runs


_VALUES = numpy_values()


def _masks(case: Case) -> Array:
    codes, x, out = case.route(), case.x, np.empty_like(case.x)
    for code, name in enumerate(TWELVE):
        mask = codes == code
        part = x[mask]
        out[mask] = _VALUES[name](part, np.empty_like(part))
    return out


def _select(case: Case) -> Array:
    codes, x = case.route(), case.x
    codes = codes.reshape(codes.shape + (1,) * (x.ndim - codes.ndim))  # B
    conditions = [codes == code for code in range(len(TWELVE))]
    return np.select(conditions, [_VALUES[name](x, np.empty_like(x)) for name in TWELVE])


def _argsort(case: Case) -> Array:
    codes = case.route()
    x = case.x.reshape(codes.size, -1)  # B moves whole rows
    order = np.argsort(codes, axis=None, kind="stable")  # radix sort: the codes are bytes
    ends = np.cumsum(np.bincount(codes.ravel(), minlength=len(TWELVE)))
    grouped, begin = x[order], 0
    for name, end in zip(TWELVE, ends, strict=True):
        part = grouped[begin:end]
        grouped[begin:end] = _VALUES[name](part, np.empty_like(part))
        begin = end
    out = np.empty_like(x)
    out[order] = grouped
    return out.reshape(case.x.shape)


def _torch_sort(case: Case, threads: int) -> Run:
    import torch

    from spatium.benchmark.contenders import PyTorch

    values = PyTorch(threads).values
    x, table, hits = torch.from_numpy(case.x), torch.from_numpy(case.table), torch.zeros(64, dtype=torch.int64)
    h = case.hashes[:, 0] if case.per_row else case.hashes
    hashes = torch.from_numpy(h.view(np.int64))
    columns = torch.arange(x.shape[-1]) if case.per_neuron and not case.per_row else None

    def run() -> Any:
        cells = hashes >> 5 & 56 | hashes & 7
        hits.add_(torch.bincount(cells.flatten(), minlength=64))
        codes = table[cells] if columns is None else table[cells, columns]
        flat, keys = x.reshape(codes.numel(), -1), codes.reshape(-1)
        order = torch.argsort(keys, stable=True)
        sizes = torch.bincount(keys, minlength=len(TWELVE)).tolist()
        parts = [values[name](part) for name, part in zip(TWELVE, flat[order].split(sizes), strict=True)]
        return torch.empty_like(flat).index_copy_(0, order, torch.cat(parts)).reshape(x.shape)

    return run


def _numba_switch(case: Case) -> Run:
    import numba

    scalar = numba.njit(_scalar)

    @numba.njit
    def loop(x: Array, hashes: Array, table: Array, hits: Array, out: Array) -> None:
        for i in range(x.shape[0]):
            for j in range(x.shape[1]):
                h = hashes[i, j]
                cell = (h >> np.uint64(5)) & np.uint64(56) | h & np.uint64(7)
                neuron = j if table.shape[1] > 1 else 0
                hits[neuron, cell] += 1
                out[i, j] = scalar(table[cell, neuron], x[i, j])

    shape = case.x.shape if case.x.ndim == 2 else (1, *case.x.shape)
    x, out = case.x.reshape(shape), np.empty(shape, case.x.dtype)
    hashes = np.broadcast_to(case.hashes, shape)
    table = case.table.reshape(64, -1)
    hits = np.zeros(table.T.shape, dtype=np.int64)

    def run() -> Array:
        loop(x, hashes, table, hits, out)
        return out.reshape(case.x.shape)

    return run


def _scalar(code: int, x: float) -> float:
    """The twelve by their codes, as a scalar function for Numba."""
    if code == 0:
        return max(x, 0.0)
    if code == 1:
        return x if x > 0 else 0.01 * x
    if code == 2:
        return 1 / (1 + math.exp(-x))
    if code == 3:
        return math.tanh(x)
    if code == 4:
        return 0.5 * x * (1 + math.tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))
    if code == 5:
        return x / (1 + math.exp(-x))
    if code == 6:
        return x * math.tanh(math.log1p(math.exp(x)))
    if code == 7:
        return x if x > 0 else math.expm1(x)
    if code == 8:
        return max(x, 0.0) + math.log1p(math.exp(-abs(x)))
    if code == 9:
        return min(max(x / 6 + 0.5, 0.0), 1.0)
    if code == 10:
        return min(max(x, -1.0), 1.0)
    return math.sin(x)


# ---- hashes ----


def _hash_of_bits() -> Array:
    """The hash of each pattern of six bits, learned from a SimHash whose planes are the axes."""
    bits = np.arange(64)[:, None] >> np.arange(6) & 1
    table: Array = sp.SimHash.from_arrays(np.eye(6), np.zeros(6))(2.0 * bits - 1.0)
    return table


def hashes_of(above: Array) -> Array:
    """The hashes of rows of six bits, by the same table."""
    hashes: Array = _hash_of_bits()[np.packbits(above, axis=1, bitorder="little")[:, 0]]
    return hashes


def hash_runs(X: Array, simhash: sp.SimHash, threads: int) -> dict[str, Run]:
    """SimHash with six planes; the others project by BLAS in the dtype of X, pack the bits, look the hash up."""
    table = _hash_of_bits()
    planes = np.ascontiguousarray(simhash.planes.T).astype(X.dtype)
    thresholds = simhash.thresholds.astype(X.dtype)
    runs: dict[str, Run] = {
        "spatium": lambda: simhash(X),
        "NumPy X @ P": lambda: table[np.packbits(X @ planes > thresholds, axis=1, bitorder="little")[:, 0]],
    }
    if importlib.util.find_spec("torch"):
        import torch

        torch.set_num_threads(threads)
        weights = torch.tensor([1, 2, 4, 8, 16, 32], dtype=torch.uint8)
        arrays = (X, planes, thresholds, table.view(np.int64))
        rows, p, t, h = (torch.from_numpy(array) for array in arrays)
        runs["PyTorch X @ P"] = lambda: h[((rows @ p > t) * weights).sum(dim=1)]
    return runs
