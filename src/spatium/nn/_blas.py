"""The library that NumPy multiplies matrices with: how many threads it uses, and one each while ours compute.

A pool of threads in that library beside our own makes more threads than processors, and each pool keeps processors busy
while the other works. So every product of a network is cut into pieces for our threads, and the library is asked to
compute each piece on the thread that asks for it.
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

# Names of OpenBLAS's functions: as NumPy's wheels bundle it, with 64-bit integers, and plain.
_AFFIXES = (("scipy_", "64_"), ("scipy_", ""), ("", "64_"), ("", ""))
_OPENMP = 2  # what openblas_get_parallel returns where its threads are OpenMP's, each with a number of its own


class _Library:
    """How the library is asked for its number of threads and told another."""

    def __init__(self, name: str, get: Callable[[], int], set_to: Callable[[int], object]) -> None:
        self.name, self.get, self.set = name, get, set_to


def _openblas() -> _Library | None:
    """OpenBLAS, if NumPy was linked with it: symbols are looked up in NumPy's module and what that needs."""
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
    """Whatever threadpoolctl knows, if it is installed: MKL and BLIS, say."""
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
_users = 0  # computations that need one thread
_before = 1  # the library's own number, while there are users


def library() -> _Library | None:
    """The library, or None where nobody knows how to tell it a number of threads; searched once."""
    global _library, _searched
    if not _searched:
        _library = _openblas() or _by_threadpoolctl()
        _searched = True
    return _library


def limit_blas(allowed: bool) -> None:
    """Whether networks may set the number of threads of NumPy's matrix products, for the process.

    While a network computes, products that other threads of the program start run on one thread each: the number is the
    library's, not a thread's. Where that is unwelcome, ``limit_blas(False)`` or ``SPATIUM_LIMIT_BLAS=0`` in the
    environment leaves the library alone. A network then computes products with that library's threads and everything
    else on the thread of the caller, so that still no two pools take turns.

    Parameters
    ----------
    allowed : bool
        True is the start value.

    Examples
    --------
    >>> from spatium import nn
    >>> nn.limit_blas(False)
    >>> nn.limit_blas(True)
    """
    global _allowed
    _allowed = bool(allowed)


def limited() -> bool:
    """Whether networks limit the library."""
    return _allowed and library() is not None


def enter() -> bool:
    """Have products run on the thread that asks for them until `leave`; False where that is not `limited`.

    Several threads may be inside at once. The first one in remembers the number, the last one out restores it.
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
    """Restore what the first `enter` found, when the last one leaves."""
    global _users
    with _lock:
        if _users == 1 and _before != 1 and _library is not None:
            _library.set(_before)
        _users = max(_users - 1, 0)  # 0 in a child that was forked in between


def description() -> dict[str, Any]:
    """What was found: the library's name, its threads outside of networks, whether networks limit it."""
    found = library()
    return {
        "name": "unknown" if found is None else found.name,
        "threads": None if found is None else _before if _users else found.get(),
        "limited": limited(),
    }


def _after_fork() -> None:
    """Whoever else computed is not in the child, and will never leave."""
    global _lock, _users
    _lock = threading.Lock()
    if _users and _library is not None:
        _users = 0
        _library.set(_before)


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_after_fork)
