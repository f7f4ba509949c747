"""The number of threads of the BLAS library that NumPy uses for matrix products.

If BLAS uses its own threads in addition to Spatium's, there are more threads than processors, and each pool occupies
processors while the other one computes. Therefore every product of a network is divided into pieces for Spatium's
threads, and BLAS computes each piece on the calling thread.
"""

from __future__ import annotations

import ctypes
import importlib
import os
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["description", "enter", "leave", "limit_blas", "limited"]

# Prefixes and suffixes of OpenBLAS's functions: in NumPy's wheels, with 64-bit integers, and without either.
_AFFIXES = (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", ""))
_OPENMP = 2  # openblas_get_parallel returns this if OpenBLAS uses OpenMP, where each thread has its own setting


class _Library:
    """The functions that get and set the number of threads of a library."""

    def __init__(self, name: str, get: Callable[[], int], set_to: Callable[[int], object]) -> None:
        self.name, self.get, self.set = name, get, set_to


def _openblas() -> _Library | None:
    """Return OpenBLAS if NumPy is linked with it: look up its symbols in NumPy's module and its dependencies."""
    try:
        module = ctypes.CDLL(np._core._multiarray_umath.__file__)  # type: ignore[attr-defined]
    except (AttributeError, OSError, TypeError):
        return None
    for prefix, suffix in _AFFIXES:
        try:
            functions = [
                getattr(module, f"{prefix}openblas_{what}{suffix}")
                for what in ("get_num_threads", "set_num_threads", "get_parallel", "get_config")
            ]
        except AttributeError:
            continue
        get, set_, parallel, config = functions
        set_.argtypes, set_.restype, config.restype = [ctypes.c_int], None, ctypes.c_char_p
        if parallel() == _OPENMP:
            return None
        return _Library(" ".join(config().decode().split()[:2]), get, set_)
    return None


def _by_threadpoolctl() -> _Library | None:
    """Return a library that threadpoolctl supports, such as MKL or BLIS, if threadpoolctl is installed."""
    try:
        threadpoolctl = importlib.import_module("threadpoolctl")
    except ImportError:
        return None
    controllers = threadpoolctl.ThreadpoolController().select(user_api="blas").lib_controllers
    if not controllers or any(getattr(one, "threading_layer", "") == "openmp" for one in controllers):
        return None

    def set_all(count: int) -> None:
        for one in controllers:
            one.set_num_threads(count)

    name = " ".join(filter(None, (controllers[0].internal_api, controllers[0].version)))
    return _Library(name, lambda: max(one.num_threads for one in controllers), set_all)


_lock = threading.Lock()
_library: _Library | None = None
_searched = False
_allowed = os.environ.get("SPATIUM_LIMIT_BLAS", "1").strip() != "0"
_users = 0  # the number of running computations that need one thread
_before = 1  # the library's previous number of threads, while there are users


def library() -> _Library | None:
    """Return the library, or None if its number of threads cannot be set. The search runs once."""
    global _library, _searched
    if not _searched:
        _library = _openblas() or _by_threadpoolctl()
        _searched = True
    return _library


def limit_blas(allowed: bool) -> None:
    """Allow or forbid networks to set the number of threads of NumPy's matrix products in this process.

    While a network computes, products that other threads of the program start also use one thread each, because the
    setting applies to the whole library. ``limit_blas(False)``, or ``SPATIUM_LIMIT_BLAS=0`` in the environment,
    disables this. A network then computes products with the threads of the library and everything else on the calling
    thread, so that two pools still do not alternate.

    Parameters
    ----------
    allowed : bool
        The initial value is True.

    Examples
    --------
    >>> from spatium import nn
    >>> nn.limit_blas(False)
    >>> nn.limit_blas(True)
    """
    global _allowed
    _allowed = bool(allowed)


def limited() -> bool:
    """Return whether networks limit the library."""
    return _allowed and library() is not None


def enter() -> bool:
    """Limit products to the calling thread until `leave`. Return False if this is not possible or not allowed.

    Several threads may have called `enter` at the same time. The first one stores the previous number, and the last one
    to leave restores it.
    """
    global _users, _before
    found = library()
    if found is None or not _allowed:
        return False
    with _lock:
        if _users == 0:
            _before = found.get()
            if _before != 1:
                found.set(1)
        _users += 1
    return True


def leave() -> None:
    """Restore the previous number of threads when the last computation leaves."""
    global _users
    with _lock:
        if _users == 1 and _before != 1 and _library is not None:
            _library.set(_before)
        _users = max(_users - 1, 0)  # may be 0 already in a child that was forked in between


def description() -> dict[str, Any]:
    """Return the name of the library, its threads outside of networks, and whether networks limit it."""
    found = library()
    return {
        "name": "unknown" if found is None else found.name,
        "threads": None if found is None else _before if _users else found.get(),
        "limited": limited(),
    }


def _after_fork() -> None:
    """Reset the state in a forked child, in which the other computing threads do not exist."""
    global _lock, _users
    _lock = threading.Lock()
    if _users and _library is not None:
        _users = 0
        _library.set(_before)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
