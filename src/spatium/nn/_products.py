"""Matrix products on Spatium's threads.

The pieces of a product depend only on its shape, and BLAS computes each piece on one thread. So the bits do not depend
on the number of threads, and there is no second thread pool.
"""

from __future__ import annotations

import contextvars
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium import _engine
from spatium.nn import _blas

__all__ = ["Array", "OnePool", "product", "share_out", "stacked_product"]

Array = NDArray[Any]  # float32 or float64

PIECE = 256  # columns or rows; half of it takes 4 % more time, because the other factor is packed for each piece
WORTH_CUTTING = 1 << 23  # products with more multiplications are divided; this many take 0.2 ms on one thread
FEW_ROWS = 4  # products with fewer rows are limited by the memory bandwidth
PER_ELEMENT = 8  # the number of multiplications in the time of relu for one element


class OnePool:
    """A context in which products and activations use one thread pool: Spatium's, or that of BLAS if necessary."""

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
    """Call work(0), ..., work(shares - 1) on Spatium's threads, with the context variables of the caller."""
    context = contextvars.copy_context()  # NumPy's errstate is a context variable
    _engine.parallel_for(lambda share: context.copy().run(work, share), shares, multiplications // PER_ELEMENT)


def product(a: Array, b: Array, out: Array | None = None) -> Array:
    """Return ``a @ b`` as a new array or in `out`. Must be called within `OnePool`."""
    rows, columns = a.shape[0], b.shape[1]
    multiplications = rows * columns * a.shape[1]
    if multiplications <= WORTH_CUTTING or rows < FEW_ROWS or not _blas.limited():
        return np.matmul(a, b, out=out)
    result = np.empty((rows, columns), dtype=a.dtype) if out is None else out
    by_columns = columns >= rows or columns >= 2 * PIECE

    def compute(share: int) -> None:
        piece = slice(share * PIECE, (share + 1) * PIECE)
        if by_columns:
            np.matmul(a, b[:, piece], out=result[:, piece])
        else:
            np.matmul(a[piece], b, out=result[piece])

    share_out(compute, -(-(columns if by_columns else rows) // PIECE), multiplications)
    return result


def stacked_product(a: Array, b: Array, out: Array) -> Array:
    """Write ``a[i] @ b[i]``, or ``a[i] @ b`` if `b` is a matrix, to `out[i]` for each i. Must be called in `OnePool`.

    Each of these products is one of its own, so its bits do not depend on the others.
    """
    multiplications = out.size * a.shape[-1]
    shares = min(-(-multiplications // WORTH_CUTTING), len(a))
    if shares <= 1 or not _blas.limited():
        return np.matmul(a, b, out=out)
    length = -(-len(a) // shares)

    def compute(share: int) -> None:
        piece = slice(share * length, (share + 1) * length)
        np.matmul(a[piece], b if b.ndim == 2 else b[piece], out=out[piece])

    share_out(compute, shares, multiplications)
    return out
