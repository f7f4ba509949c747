"""Predictions of dask arrays: results stay lazy, and tasks return their hits as results, as in `spatium.maps.lazy`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any, Protocol

import dask
import dask.array as da
import numpy as np
from numpy.typing import NDArray

from spatium import _dask
from spatium._arrays import is_real
from spatium.maps.activation_map import ActivationMap
from spatium.maps.lazy import RoutedArray
from spatium.nn._inference import Plan
from spatium.nn._products import Array

__all__ = ["classify_lazily", "predict_lazily"]


class Predicting(Protocol):
    """The parts of a network that predictions need."""

    @property
    def _maps(self) -> list[ActivationMap]: ...
    def clone(self) -> Predicting: ...
    def _plan(self, shape: tuple[int, ...]) -> Plan: ...
    def _predict_with_hits(self, samples: Array, batch_size: int) -> tuple[Array, list[NDArray[np.uint64]]]: ...
    def _add_hits(self, hits: Iterable[NDArray[np.uint64]]) -> None: ...


def predict_lazily(network: Predicting, x: Any, batch_size: int) -> RoutedArray:
    """Return the outputs of a network for a dask array, one task for each chunk of rows.

    The graph contains one copy of the network at the time of the call, on which all tasks depend.
    """
    if not is_real(x.dtype):
        raise TypeError(f"x has dtype {x.dtype}, expected real numbers")
    if x.ndim < 2:
        raise ValueError(f"x has shape {x.shape}, expected one row per sample")
    _dask.check_whole_rows("x", x, range(1, x.ndim))
    plan = network._plan(x.shape)
    n_maps = len(network._maps)
    twin = dask.delayed(network.clone(), pure=False)
    # the blocks are pairs of outputs and hits; the only operation on them is to select one of both
    pairs = da.blockwise(
        _predict_block, (0,), x, tuple(range(x.ndim)), network=twin, batch_size=batch_size, concatenate=True,
        dtype=plan.dtype, meta=np.empty(0, plan.dtype),
    )  # fmt: skip
    given = plan.given
    values = pairs.map_blocks(
        operator.itemgetter(0), new_axis=list(range(1, 1 + len(given))), chunks=(x.chunks[0], *((n,) for n in given)),
        dtype=plan.dtype, meta=np.empty((0,) * (1 + len(given)), plan.dtype),
    )  # fmt: skip
    hits = pairs.map_blocks(
        operator.itemgetter(1), new_axis=[1, 2, 3], chunks=((1,) * x.numblocks[0], (n_maps,), (8,), (8,)),
        dtype=np.uint64, meta=np.empty((0, 0, 0, 0), np.uint64),
    )  # fmt: skip
    return RoutedArray._of(values, hits.sum(axis=0, dtype=np.uint64), network._add_hits)


def classify_lazily(outputs: RoutedArray, winners: Callable[[Array], Array]) -> RoutedArray:
    """Return the classes of lazy outputs, with the same hits."""
    labels = outputs.map_blocks(
        winners, drop_axis=list(range(1, outputs.ndim)), dtype=np.int64, meta=np.empty(0, np.int64)
    )
    return RoutedArray._of(labels, outputs.hits, outputs._add)


def _predict_block(x: Any, network: Predicting, batch_size: int) -> tuple[Array, NDArray[np.uint64]]:
    """Return the outputs of a block, and the hits of each map with shape (1, maps, 8, 8). The maps do not change."""
    outputs, hits = network._predict_with_hits(np.asarray(x), batch_size)
    return outputs, np.array(hits, dtype=np.uint64).reshape(1, len(hits), 8, 8)
