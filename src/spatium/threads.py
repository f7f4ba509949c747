"""The number of threads and the instruction set of the loops, and the configuration of this installation.

Importing this module applies the environment variables ``SPATIUM_ISA`` and ``SPATIUM_NUM_THREADS``.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import Any

from spatium import _engine
from spatium._checks import whole_number
from spatium._tables import Table

__all__ = ["config", "get_num_threads", "num_threads", "set_num_threads", "show_config"]

_MOST_THREADS = 4096


def set_num_threads(count: int) -> None:
    """Use `count` threads for large arrays from now on.

    Parameters
    ----------
    count
        At least 1. The initial value is that of the environment variable ``SPATIUM_NUM_THREADS``, otherwise that of
        ``OMP_NUM_THREADS``, otherwise the number of processors that this process may use by its CPU affinity and the
        quota of its control group. In a child of multiprocessing it is 1, and MPI ranks that are not bound to
        processors divide the processors among them. Concurrent calls from several threads of the program share this
        number. Small arrays are evaluated by the calling thread.

    Raises
    ------
    TypeError
        If `count` is not an integer.
    ValueError
        If `count` is below 1 or above 4096.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.set_num_threads(2)
    >>> sp.get_num_threads()
    2
    """
    _engine.set_threads(whole_number("count", count, 1, _MOST_THREADS))


def get_num_threads() -> int:
    """Return the number of threads used for large arrays.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.get_num_threads() >= 1
    True
    """
    return _engine.get_threads()


@contextlib.contextmanager
def num_threads(count: int) -> Iterator[None]:
    """Use `count` threads within a ``with`` block. Like `set_num_threads`, this applies to the whole process.

    Examples
    --------
    >>> import spatium as sp
    >>> with sp.num_threads(1):
    ...     sp.get_num_threads()
    1
    """
    before = get_num_threads()
    set_num_threads(count)
    try:
        yield
    finally:
        _engine.set_threads(before)


def config() -> dict[str, Any]:
    """Return the configuration of this installation as a dictionary.

    Examples
    --------
    >>> import spatium as sp
    >>> sorted(sp.config())
    ['compiler', 'instruction_set', 'instruction_sets', 'numpy', 'openmp', 'threads', 'version']
    """
    import numpy as np

    return {
        "version": _engine.VERSION,
        "numpy": np.__version__,
        **_engine.build_info(),
        "instruction_set": _engine.current_isa(),
        "instruction_sets": list(_engine.available_isas()),
        "threads": get_num_threads(),
    }


def show_config() -> None:
    """Print the version, the compiler, the instruction set in use and the number of threads.

    The environment variable ``SPATIUM_ISA`` (``baseline``, ``x86_v3``, ``x86_v4``, ``neon``) limits the instruction
    set. It is read at import.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.show_config()  # doctest: +ELLIPSIS
    version           ...
    """
    facts = ((name, ", ".join(value) if isinstance(value, list) else str(value)) for name, value in config().items())
    print(Table("", ("", ""), tuple(facts)))
    print(
        Table(
            "", ("", ""), [(name, str(value) if isinstance(value, bool) else value) for name, value in config().items()]
        )
    )


def _apply_isa_cap(cap: str) -> None:
    """Use the best available instruction set up to `cap`, the value of SPATIUM_ISA."""
    available = _engine.available_isas()
    levels = ("neon",) if "neon" in available else ("baseline", "x86_v3", "x86_v4")
    if cap not in levels:
        raise ImportError(f"SPATIUM_ISA is {cap!r}, expected one of {', '.join(levels)}")
    allowed = levels[: levels.index(cap) + 1]
    _engine.set_isa([name for name in available if name in allowed][-1])


def _cgroup_limit(groups: str = "/proc/self/cgroup", root: str = "/sys/fs/cgroup") -> int | None:
    """Return the number of processors that the quotas of the control groups (of a container) allow, rounded up."""

    def words(path: str, file: str) -> list[str]:
        try:
            with open(os.path.join(path, file)) as stream:
                return stream.read().split()
        except OSError:
            return []

    limits = []
    for line in words("", groups):
        _, controllers, group = line.split(":", 2)
        if controllers not in ("", "cpu", "cpu,cpuacct"):
            continue
        path = os.path.join(root, controllers)
        for part in ["", *group.strip("/").split("/")]:  # the quotas of the parent groups apply too
            path = os.path.join(path, part)
            quota = words(path, "cpu.max") or words(path, "cpu.cfs_quota_us") + words(path, "cpu.cfs_period_us")
            if len(quota) == 2 and quota[0].isdecimal() and int(quota[1]) > 0:
                limits.append(max(1, -(-int(quota[0]) // int(quota[1]))))
    return min(limits, default=None)


def _processors() -> int:
    """Return the number of processors for this process by OMP_NUM_THREADS, or by its affinity and control groups."""
    wanted = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if wanted.isdecimal() and int(wanted) > 0:
        return min(int(wanted), _MOST_THREADS)
    available = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(available, _cgroup_limit() or available)


def _share_of_processors() -> int:
    """Return this process's share of the processors if a launcher started other processes beside it."""
    processors = _processors()
    if "OMP_NUM_THREADS" in os.environ:
        return processors
    # A child of multiprocessing has an unknown number of siblings. (Every such child has imported this module.)
    parent_process = getattr(sys.modules.get("multiprocessing.process"), "parent_process", None)
    if parent_process is not None and parent_process() is not None:
        return 1
    if processors < (os.cpu_count() or 1):
        return processors  # the launcher has already bound this process to its share
    for variable in ("OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE"):
        ranks = os.environ.get(variable, "")
        if ranks.isdecimal() and int(ranks) > 1:
            return max(1, processors // int(ranks))
    return processors


def _first_thread_count(text: str) -> int:
    """Return the value of SPATIUM_NUM_THREADS, or this process's share of the processors if it is empty."""
    if not text:
        return _share_of_processors()
    if not text.isdecimal() or not 1 <= int(text) <= _MOST_THREADS:
        raise ImportError(f"SPATIUM_NUM_THREADS is {text!r}, expected an integer from 1 to {_MOST_THREADS}")
    return int(text)


if _cap := os.environ.get("SPATIUM_ISA", "").strip():
    _apply_isa_cap(_cap)
_engine.set_threads(_first_thread_count(os.environ.get("SPATIUM_NUM_THREADS", "").strip()))
if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_engine.after_fork)
