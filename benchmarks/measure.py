"""Errors against the exact values, the limit of threads, and what `spatium.benchmark` measures for users too."""

from __future__ import annotations

import os
import statistics
import sys
from pathlib import Path
from typing import Any

import mpmath
from numpy.typing import NDArray

import spatium as sp
from spatium.analysis.errors import body_points, tail_points
from spatium.benchmark.timing import Timing, cpu_model, load_average, machine, time_by_turns

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the root of the repository, for reference/
from reference import oracle

__all__ = [
    "Timing",
    "body_points",
    "cpu_model",
    "exact_mixture",
    "expected",
    "geometric_mean",
    "limit_threads",
    "load_average",
    "machine",
    "tail_points",
    "time_by_turns",
]

Array = NDArray[Any]

# ---- errors ----


def expected(function: str, operation: str, x: Array, grad: Array) -> oracle.Expected:
    """Exact results (mpmath, 200 bits) of the function with its default parameters."""
    parameters = tuple(sp.activation(function).parameters.values())
    kind = "value" if operation == "value" else "derivative"
    values = [oracle.exact(function, kind, float(point), parameters) for point in x]
    if operation == "backward":
        with mpmath.workprec(oracle.PRECISION):
            values = [mpmath.mpf(float(g)) * value for g, value in zip(grad, values, strict=True)]
    return oracle.pack(values, [None] * len(values), x.dtype)


def exact_mixture(functions: list[str], x: Array) -> oracle.Expected:
    """Exact values of an array whose elements each have their own function."""
    values = [
        oracle.exact(name, "value", float(point), tuple(sp.activation(name).parameters.values()))
        for name, point in zip(functions, x, strict=True)
    ]
    return oracle.pack(values, [None] * len(values), x.dtype)


def geometric_mean(ratios: list[float]) -> float | None:
    return statistics.geometric_mean(ratios) if ratios else None


# ---- the machine ----


def limit_threads(threads: int) -> None:
    """Restart the script with every thread pool, and the process itself, limited to `threads` processors.

    A restart, because BLAS reads its number of threads, and starts them, when NumPy is imported.
    """
    pools = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "NUMBA", "SPATIUM")
    wanted = {f"{pool}_NUM_THREADS": str(threads) for pool in pools}
    if all(os.environ.get(name) == value for name, value in wanted.items()):
        return
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[-threads:])
    os.execve(sys.executable, sys.orig_argv, os.environ | wanted)
