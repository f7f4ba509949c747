"""Forward passes without training: blocks of rows to threads, each with its own products, activations and buffers.

A thread takes a block of rows through all layers, so nothing is handed from thread to thread, and the activations of a
block stay in the thread's cache. Batches of few rows are one block, whose large products are cut into columns instead.
Either way the borders depend on the number of rows alone, and the bits do not depend on the number of threads.
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

BLOCK_ROWS = 512  # at which a product of 1024 columns is within 4 % of its greatest speed, and 2 MB stay in a cache
FEWEST_ROWS = 128  # within 11 %
LEAST_WORK = 1 << 25  # multiplications of a block: 0.3 ms, beside which handing it to a thread counts little
PER_ACTIVATION = 64  # multiplications that take as long
BLOCKS_WANTED = 4  # or a multiple of it, so that no thread waits long for the last block
ROW_STEP = 16  # rows that the products compute together


class Inference:
    """One forward pass that keeps nothing: how its matrices are multiplied, and the hits to be counted at its end."""

    def __init__(self, multiply: Callable[..., Float32Array] = product) -> None:
        self.multiply = multiply
        self._lock = threading.Lock()
        self._hits: dict[int, tuple[ActivationMap, NDArray[np.uint64]]] = {}

    def hit(self, amap: ActivationMap, hashes: NDArray[np.uint64]) -> None:
        """Each of the hashes hits a cell of every grid of the map."""
        hits = count_hits(as_hashes("hashes", hashes), hashes.shape, ())
        with self._lock:
            _, total = self._hits.setdefault(id(amap), (amap, np.zeros_like(hits)))
            total += hits

    def count_hits(self) -> None:
        """Add the hits to their maps: once, when nothing can fail any more."""
        for amap, hits in self._hits.values():
            amap._add_to_every_grid(hits)


class Inferring(Protocol):
    """What a pass needs of a layer."""

    n_outputs: int | None
    parameters: dict[str, Float32Array]

    def _infer(self, x: Float32Array, out: Float32Array, run: Inference) -> Float32Array: ...


class _Buffers:
    """Two arrays that the layers of a block write into by turns."""

    def __init__(self) -> None:
        self._arrays = [np.empty(0, dtype=np.float32), np.empty(0, dtype=np.float32)]

    def next(self, rows: int, columns: int) -> Float32Array:
        if self._arrays[0].size < rows * columns:
            self._arrays[0] = np.empty(rows * columns, dtype=np.float32)
        self._arrays.reverse()
        return self._arrays[1][: rows * columns].reshape(rows, columns)


def blocks_of(n_rows: int, batch_size: int, work_per_row: int) -> list[slice]:
    """The rows that go through the layers at once: parts of batches, of lengths that depend on the batch's alone."""
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
    """The outputs for samples of shape (n, columns), checked but for their type, in `out` if it is given.

    `samples` may be a memory map: a block of it is read by the thread that computes it. The bits are those of one call
    for each batch, by default all samples.
    """
    n_rows, columns = samples.shape
    n_outputs = next((layer.n_outputs for layer in reversed(layers) if layer.n_outputs is not None), columns)
    result = np.empty((n_rows, n_outputs), dtype=np.float32) if out is None else out
    work_per_row = 1
    if 0 < n_rows < min(2 * FEWEST_ROWS, (batch_size or n_rows) + 1):  # one block whatever the layers are
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
        with np.errstate(under="ignore"):  # a number too small for float32 is 0; one too large is NumPy's to warn of
            x = x.astype(np.float32)
    for layer in layers[:-1]:
        x = layer._infer(x, buffers.next(len(x), x.shape[1] if layer.n_outputs is None else layer.n_outputs), run)
    y = layers[-1]._infer(x, out, run)
    if y is not out:
        out[...] = y
