"""The order of the axes in memory, which need not be that of the shape.

Convolutions and pooling compute with the samples as the last axis in memory: every pass is then over long contiguous
runs, whatever the size of the images. They return views whose axes have the usual order, so the layers between them
need no copies, and flattening such images costs nothing.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium.nn._products import Array

__all__ = ["last_samples", "memory_order", "room_like", "samples_last", "samples_last_in", "take"]


def samples_last(x: Array) -> Array:
    """Return images as a contiguous array of shape (channels, height, width, samples); a copy only if necessary."""
    return np.ascontiguousarray(x.transpose(1, 2, 3, 0))


def last_samples(y: Array) -> Array:
    """Return a view of shape (samples, channels, height, width) of images that have the samples last."""
    return y.transpose(3, 0, 1, 2)


def samples_last_in(out: Array) -> Array:
    """Return an array (channels, height, width, samples) in the memory of `out`, or of its own if that has gaps."""
    return out.reshape(*out.shape[1:], len(out))


def room_like(x: Array, out: Array) -> Array:
    """Return an array of the shape of `out` in its memory, with the axes in memory in the same order as those of `x`.

    `x` has the rank of `out`. If its axes are not in the order of a transposed array, this is `out`.
    """
    if x.flags.c_contiguous or not out.flags.c_contiguous:
        return out
    order = memory_order(x)
    if not x.transpose(order).flags.c_contiguous:
        return out
    return out.reshape([out.shape[axis] for axis in order]).transpose(np.argsort(order))


def memory_order(x: NDArray[Any]) -> list[int]:
    """Return the axes in the order of memory: ``x.transpose(order)`` is contiguous if `x` has no gaps."""
    if x.flags.c_contiguous:
        return list(range(x.ndim))
    return sorted(range(x.ndim), key=lambda axis: -x.strides[axis])


def take(x: NDArray[Any], places: NDArray[np.intp], axis: int) -> NDArray[Any]:
    """Return a copy of the elements at some places of an axis, with the axes in the same order in memory."""
    order = memory_order(x)
    taken: NDArray[Any] = np.take(x.transpose(order), places, axis=order.index(axis))
    return taken.transpose(np.argsort(order))
