"""The hashes that select cells: of a layer's input, or of the network's input, which its layers share."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from contextvars import ContextVar
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

__all__ = ["NETWORK", "HashFunction", "as_pattern_hash", "hashes_of", "share", "shared_hashes"]

HashFunction: TypeAlias = Callable[[Any], NDArray[np.uint64]]

NETWORK = "network"  # in place of the hash of a layer: the hash of the network's input

# The hashes of the rows that pass through the layers of a network. Each thread has its own value, so threads may
# compute different rows at the same time.
_HASHES: ContextVar[NDArray[np.uint64] | None] = ContextVar("hashes", default=None)


@contextlib.contextmanager
def share(hashes: NDArray[np.uint64] | None) -> Iterator[None]:
    """Give these hashes to the layers that are called within the context; None changes nothing."""
    if hashes is None:
        yield
        return
    token = _HASHES.set(hashes)
    try:
        yield
    finally:
        _HASHES.reset(token)


def shared_hashes(pattern_hash: HashFunction | None, x: NDArray[Any]) -> NDArray[np.uint64] | None:
    """Return the hash of each sample, computed from its values in C order; None without a hash."""
    return None if pattern_hash is None else pattern_hash(x.reshape(len(x), -1) if len(x) and x.ndim != 2 else x)


def hashes_of(pattern_hash: HashFunction | str, x: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the hash of each row for a layer with this hash."""
    if not isinstance(pattern_hash, str):
        return pattern_hash(x)
    hashes = _HASHES.get()
    if hashes is None:
        raise ValueError("pattern_hash is 'network', so the layer only works in a Network with a pattern_hash")
    return hashes


def as_pattern_hash(pattern_hash: object, n_features: int | None) -> HashFunction:
    """Return the argument after a check that it is a function of rows of this length, which None leaves open."""
    if not callable(pattern_hash):
        raise TypeError(f"pattern_hash is {pattern_hash!r}, expected a SimHash or another function of rows")
    length = getattr(pattern_hash, "n_features", None)
    if None not in (length, n_features) and length != n_features:
        raise ValueError(f"pattern_hash is for {length} features, n_inputs is {n_features}")
    return pattern_hash
