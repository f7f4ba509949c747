"""Matrix products on Spatium's threads.

The pieces of a product depend on its shape alone, and each is computed by one thread of NumPy's library. So the bits do
not depend on the number of threads, and no pool takes turns with ours.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from spatium import _engine
from spatium.nn import _blas

__all__ = ["Float32Array", "OnePool", "product", "share_out"]

Float32Array = NDArray[np.float32]

PIECE = 256  # columns or rows; pieces half as large cost 4 % more, as the other factor is packed for each
WORTH_CUTTING = 1 << 23  # more multiplications than that, which take 0.2 ms on one thread
FEW_ROWS = 4  # of fewer, each is a product of a vector and a matrix, which memory bounds
PER_ELEMENT = 8  # multiplications in the time that relu takes for an element


class OnePool:
    """Inside, products and everything else use one pool of threads: ours, or if it must be, that of NumPy's library."""

    __slots__ = ("_limited", "_serial")

    def __enter__(self) -> None:
        self._limited = _blas.enter()
        self._serial = not self._limited and _engine.serial(True)

    def __exit__(self, *error: object) -> None:
        if self._limited:
            _blas.leave()
        else:
            _engine.serial(self._serial)


def share_out(work: Callable[[int], object], shares: int, multiplications: int) -> None:
    """Call work(0), ..., work(shares - 1) on our threads, each as if the caller had: with its context variables."""
    context = contextvars.copy_context()  # NumPy's errstate is one of them
    _engine.parallel_for(lambda share: context.copy().run(work, share), shares, multiplications // PER_ELEMENT)


def product(a: Float32Array, b: Float32Array, out: Float32Array | None = None) -> Float32Array:
    """``a @ b``, new or in `out`; to be called inside `OnePool`."""
    rows, columns = a.shape[0], b.shape[1]
    multiplications = rows * columns * a.shape[1]
    if multiplications <= WORTH_CUTTING or rows < FEW_ROWS or not _blas.limited():
        return np.matmul(a, b, out=out)
    result = np.empty((rows, columns), dtype=np.float32) if out is None else out
    by_columns = columns >= rows or columns >= 2 * PIECE

    def compute(share: int) -> None:
        piece = slice(share * PIECE, (share + 1) * PIECE)
        if by_columns:
            np.matmul(a, b[:, piece], out=result[:, piece])
        else:
            np.matmul(a[piece], b, out=result[piece])

    share_out(compute, -(-(columns if by_columns else rows) // PIECE), multiplications)
    return result
