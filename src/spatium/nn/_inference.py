"""Forward passes without training: each thread computes blocks of rows with its own products and buffers.

A thread computes a block of rows through all layers, so no data is passed between threads, and the activations of a
block stay in the cache of the thread. A batch of few rows is a single block, and its large products are divided by
columns instead. In both cases the borders depend only on the number of rows, so the bits do not depend on the number of
threads.
"""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from spatium.maps.activation_map import ActivationMap
from spatium.maps.grid import GRID, count_hits
from spatium.maps.hashes import as_hashes
from spatium.nn._products import Array, OnePool, product, share_out
from spatium.nn.hashing import HashFunction, share, shared_hashes

__all__ = ["Inference", "Plan", "Step", "blocks_of", "infer", "infer_with_hits"]

BLOCK_ROWS = 512  # a product of 1024 columns is then within 4 % of its maximum speed, and its 2 MB fit in a cache
FEWEST_ROWS = 128  # within 11 % of the maximum speed
LEAST_WORK = 1 << 25  # multiplications of a block; they take 0.3 ms, so the overhead of a block is small
PER_ACTIVATION = 64  # the number of multiplications in the time of one activation
BLOCKS_WANTED = 4  # the number of blocks is a multiple of this, so that no thread waits long for the last block
ROW_STEP = 16  # the number of rows that a matrix product computes together


class Inference:
    """One forward pass without saved data: the function for its products, and the hits that are added at its end."""

    def __init__(self, multiply: Callable[..., Array] = product) -> None:
        self.multiply = multiply
        self._lock = threading.Lock()
        self._hits: dict[int, tuple[ActivationMap, NDArray[np.uint64]]] = {}

    def multiplying(self, multiply: Callable[..., Array]) -> Inference:
        """Return this pass with another function for its products; the hits are the same."""
        other = copy.copy(self)
        other.multiply = multiply
        return other

    def hit(self, amap: ActivationMap, hashes: NDArray[np.uint64]) -> None:
        """Record one hit of each hash, in every grid of the map."""
        hits = count_hits(as_hashes("hashes", hashes), hashes.shape, ())
        with self._lock:
            _, total = self._hits.setdefault(id(amap), (amap, np.zeros_like(hits)))
            total += hits

    def hits_of(self, amap: ActivationMap) -> NDArray[np.uint64]:
        """Return the recorded hits of a map, which each of its grids has received."""
        return self._hits[id(amap)][1] if id(amap) in self._hits else np.zeros(GRID, np.uint64)

    def count_hits(self) -> None:
        """Add the recorded hits to their maps; called once, when no error can occur anymore."""
        for amap, hits in self._hits.values():
            amap._add_to_every_grid(hits)


class Inferring(Protocol):
    """The attributes and methods of a layer that a pass uses."""

    dtype: np.dtype[Any]

    def _shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]: ...
    def _work(self, shape: tuple[int, ...]) -> int: ...
    def _infer(self, x: Array, out: Array, run: Inference) -> Array: ...


class Step(NamedTuple):
    """A layer of a pass, and the shapes of its samples."""

    layer: Inferring
    taken: tuple[int, ...]
    given: tuple[int, ...]
    n_given: int


class Plan:
    """The steps of a pass for samples of one shape: made once, used by all threads and calls."""

    def __init__(
        self,
        steps: Sequence[Step],
        in_blocks: bool,
        given: tuple[int, ...],
        pattern_hash: HashFunction | None = None,
    ) -> None:
        self.steps = steps
        self.pattern_hash = pattern_hash  # of the samples, for the layers that share it
        self.in_blocks = in_blocks
        self.dtype = steps[0].layer.dtype
        self.given = given  # the shape of the results: flat, or that of the last layer
        work = sum(step.layer._work(step.taken) + PER_ACTIVATION * step.n_given for step in steps)
        self.work_per_row = max(work, 1)


class _Buffers:
    """Two arrays to which the layers of a block write alternately."""

    def __init__(self, dtype: np.dtype[Any]) -> None:
        self._arrays = [np.empty(0, dtype), np.empty(0, dtype)]

    def next(self, rows: int, step: Step) -> Array:
        size = rows * step.n_given
        if self._arrays[0].size < size:
            self._arrays[0] = np.empty(size, self._arrays[0].dtype)
        self._arrays.reverse()
        return self._arrays[1][:size].reshape(rows, *step.given)


def blocks_of(n_rows: int, batch_size: int, work_per_row: int) -> list[slice]:
    """Return the blocks of rows: parts of batches, with lengths that depend only on the length of the batch."""
    fewest = max(FEWEST_ROWS, LEAST_WORK // work_per_row)
    blocks = []
    for start in range(0, n_rows, batch_size):
        stop = min(start + batch_size, n_rows)
        parts = BLOCKS_WANTED * -(-(stop - start) // (BLOCKS_WANTED * BLOCK_ROWS))
        while parts > 1 and stop - start < parts * fewest:
            parts //= 2
        rows = -(-(stop - start) // (parts * ROW_STEP)) * ROW_STEP
        blocks += [slice(begin, min(begin + rows, stop)) for begin in range(start, stop, rows)]
    return blocks


def is_batch(block: slice, n_rows: int, batch_size: int) -> bool:
    """Whether a block is a whole batch, whose products are those of a pass of its own: large ones in pieces."""
    return bool(block.start % batch_size == 0 and block.stop == min(block.start + batch_size, n_rows))


def infer(
    plan: Plan,
    samples: Any,
    out: Array | None,
    count: bool,
    batch_size: int | None = None,
    hashes: NDArray[np.uint64] | None = None,
) -> Array:
    """Return the outputs for samples of the shape of the plan, in `out` if it is given.

    `samples` is checked except for its dtype. It may be a memory map; each thread reads the blocks that it computes.
    The bits are those of one call for each batch; by default all samples are one batch. `hashes`, one for each sample,
    replaces those of the plan's hash.
    """
    result, run = _compute(plan, samples, out, batch_size, hashes)
    if count:
        run.count_hits()
    return result


def infer_with_hits(
    plan: Plan, samples: Any, maps: Sequence[ActivationMap], batch_size: int
) -> tuple[Array, list[NDArray[np.uint64]]]:
    """Return the outputs, and the hits that each grid of these maps would have received; the maps do not change."""
    result, run = _compute(plan, samples, None, batch_size, None)
    return result, [run.hits_of(amap) for amap in maps]


def _compute(
    plan: Plan, samples: Any, out: Array | None, batch_size: int | None, hashes: NDArray[np.uint64] | None
) -> tuple[Array, Inference]:
    n_rows = samples.shape[0]
    result = np.empty((n_rows, *plan.given), plan.dtype) if out is None else out
    if 0 < n_rows < min(2 * FEWEST_ROWS, (batch_size or n_rows) + 1):  # one block for any layers
        blocks = [slice(0, n_rows)]
    else:
        blocks = blocks_of(n_rows, batch_size or max(n_rows, 1), plan.work_per_row)
    run = Inference()
    part_of_batch = run.multiplying(np.matmul)
    spare: list[_Buffers] = []

    def compute(share: int) -> None:
        rows = blocks[share]
        try:
            buffers = spare.pop()
        except IndexError:
            buffers = _Buffers(plan.dtype)
        try:
            _run_layers(
                plan,
                samples[rows],
                result[rows],
                buffers,
                run if is_batch(rows, n_rows, batch_size or n_rows) else part_of_batch,
                None if hashes is None else hashes[rows],
            )
        except ValueError as error:
            if len(blocks) == 1:
                raise
            raise ValueError(f"x, in its rows {rows.start} to {rows.stop - 1}: {error}") from error
        spare.append(buffers)

    with OnePool():
        if len(blocks) == 1:
            compute(0)
        elif blocks:
            share_out(compute, len(blocks), n_rows * plan.work_per_row)
    return result, run


def has_whole_rows(a: Array) -> bool:
    """Whether rows lie in memory element by element: BLAS may round products of other layouts differently."""
    return a.strides[-1] == a.itemsize


def _run_layers(
    plan: Plan, samples: Any, out: Array, buffers: _Buffers, run: Inference, hashes: NDArray[np.uint64] | None
) -> None:
    x: Array = np.asarray(samples)
    if x.dtype != plan.dtype:
        with np.errstate(under="ignore"):  # underflow to 0 is intended; NumPy warns of overflow
            x = x.astype(plan.dtype)
    if not has_whole_rows(x):
        x = np.ascontiguousarray(x)
    with share(shared_hashes(plan.pattern_hash, x) if hashes is None else hashes):
        _run_steps(plan, x, out, buffers, run)


def _run_steps(plan: Plan, x: Array, out: Array, buffers: _Buffers, run: Inference) -> None:
    rows = len(x)
    for step in plan.steps[:-1]:
        if x.shape[1:] != step.taken:
            x = x.reshape(rows, *step.taken)
        x = step.layer._infer(x, buffers.next(rows, step), run)
    step = plan.steps[-1]
    if x.shape[1:] != step.taken:
        x = x.reshape(rows, *step.taken)
    if out.shape[1:] == step.given and has_whole_rows(out):
        y = step.layer._infer(x, out, run)
        if y is not out:
            out[...] = y
    else:
        out[...] = step.layer._infer(x, buffers.next(rows, step), run).reshape(out.shape)
