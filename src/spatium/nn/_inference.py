"""Forward passes without training: each thread computes blocks of rows with its own products and buffers.

A thread computes a block of rows through all layers, so no data is passed between threads, and the activations of a
block stay in the cache of the thread. A batch of few rows is a single block, and its large products are divided by
columns instead. In both cases the borders depend only on the number of rows, so the bits do not depend on the number of
threads.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spatium.maps.activation_map import ActivationMap
from spatium.maps.grid import count_hits
from spatium.maps.hashes import as_hashes
from spatium.nn._products import Float32Array, OnePool, product, share_out

__all__ = ["Inference", "blocks_of", "infer"]

BLOCK_ROWS = 512  # a product of 1024 columns is then within 4 % of its maximum speed, and its 2 MB fit in a cache
FEWEST_ROWS = 128  # within 11 % of the maximum speed
LEAST_WORK = 1 << 25  # multiplications of a block; they take 0.3 ms, so the overhead of a block is small
PER_ACTIVATION = 64  # the number of multiplications in the time of one activation
BLOCKS_WANTED = 4  # the number of blocks is a multiple of this, so that no thread waits long for the last block
ROW_STEP = 16  # the number of rows that a matrix product computes together


class Inference:
    """One forward pass without saved data: the function for its products, and the hits that are added at its end."""

    def __init__(self, multiply: Callable[..., Float32Array] = product) -> None:
        self.multiply = multiply
        self._lock = threading.Lock()
        self._hits: dict[int, tuple[ActivationMap, NDArray[np.uint64]]] = {}

    def hit(self, amap: ActivationMap, hashes: NDArray[np.uint64]) -> None:
        """Record one hit of each hash, in every grid of the map."""
        hits = count_hits(as_hashes("hashes", hashes), hashes.shape, ())
        with self._lock:
            _, total = self._hits.setdefault(id(amap), (amap, np.zeros_like(hits)))
            total += hits

    def count_hits(self) -> None:
        """Add the recorded hits to their maps; called once, when no error can occur anymore."""
        for amap, hits in self._hits.values():
            amap._add_to_every_grid(hits)


class Inferring(Protocol):
    """The attributes and methods of a layer that a pass uses."""

    n_outputs: int | None
    parameters: dict[str, Float32Array]

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array: ...


class _Buffers:
    """Two arrays to which the layers of a block write alternately."""

    def __init__(self) -> None:
        self._arrays = [np.empty(0, dtype=np.float32), np.empty(0, dtype=np.float32)]

    def next(self, rows: int, columns: int) -> Float32Array:
        if self._arrays[0].size < rows * columns:
            self._arrays[0] = np.empty(rows * columns, dtype=np.float32)
        self._arrays.reverse()
        return self._arrays[1][: rows * columns].reshape(rows, columns)


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


def infer(
    layers: Sequence[Inferring], samples: Any, out: Float32Array | None, count: bool, batch_size: int | None = None
) -> Float32Array:
    """Return the outputs for samples of shape (n, columns), in `out` if it is given.

    `samples` is checked except for its dtype. It may be a memory map; each thread reads the blocks that it computes.
    The bits are those of one call for each batch; by default all samples are one batch.
    """
    n_rows, columns = samples.shape
    n_outputs = next((layer.n_outputs for layer in reversed(layers) if layer.n_outputs is not None), columns)
    result = np.empty((n_rows, n_outputs), dtype=np.float32) if out is None else out
    work_per_row = 1
    if 0 < n_rows < min(2 * FEWEST_ROWS, (batch_size or n_rows) + 1):  # one block for any layers
        blocks = [slice(0, n_rows)]
    else:
        n_weights = sum(array.size for layer in layers for array in layer.parameters.values())
        work_per_row = max(n_weights + PER_ACTIVATION * sum(layer.n_outputs or columns for layer in layers), 1)
        blocks = blocks_of(n_rows, batch_size or max(n_rows, 1), work_per_row)
    run = Inference(np.matmul if len(blocks) > 1 else product)
    spare: list[_Buffers] = []

    def compute(share: int) -> None:
        rows = blocks[share]
        try:
            buffers = spare.pop()
        except IndexError:
            buffers = _Buffers()
        try:
            _run_layers(layers, samples[rows], result[rows], buffers, run)
        except ValueError as error:
            if len(blocks) == 1:
                raise
            raise ValueError(f"x, in its rows {rows.start} to {rows.stop - 1}: {error}") from error
        spare.append(buffers)

    with OnePool():
        if len(blocks) == 1:
            compute(0)
        elif blocks:
            share_out(compute, len(blocks), n_rows * work_per_row)
    if count:
        run.count_hits()
    return result


def _run_layers(
    layers: Sequence[Inferring], samples: Any, out: Float32Array, buffers: _Buffers, run: Inference
) -> None:
    x: Float32Array = np.asarray(samples)
    if x.dtype != np.float32:
        with np.errstate(under="ignore"):  # underflow to 0 is intended; NumPy warns of overflow
            x = x.astype(np.float32)
    for layer in layers[:-1]:
        x = layer._infer(x, buffers.next(len(x), x.shape[1] if layer.n_outputs is None else layer.n_outputs), run)
    y = layers[-1]._infer(x, out, run)
    if y is not out:
        out[...] = y
