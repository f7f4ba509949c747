"""Timing by turns, errors against the exact values, and facts about the machine."""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
from numpy.typing import NDArray

import spatium as sp

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))  # the root of the repository, for reference/
from reference import oracle

Array = NDArray[Any]
SAMPLE_SECONDS = 2e-3
PAUSE_SECONDS = 0.1  # the threads of a matrix product look for more that long, and whoever runs next waits for them


@dataclass(frozen=True)
class Timing:
    nanoseconds: float  # per element, median over the repeats
    spread: float  # distance of the quartiles over the median: what the noise was


def time_by_turns(
    runs: Mapping[str, Callable[[], Any]],
    n_elements: int,
    repeats: int,
    pause: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Timing]:
    """Every run once per repeat, starting with another one each time; a sample is a loop of at least 2 ms.

    With `pause` the threads of the contender before, which wait for more work by spinning, fall asleep first. With
    `time.thread_time` as the clock, other processes on the same processor do not count.
    """
    loops = {}
    for name, run in runs.items():
        run()  # first touch, compilation
        count, seconds = 1, 0.0
        while True:  # warm up until one loop is long enough
            seconds = _loop(run, count, clock)
            if seconds >= SAMPLE_SECONDS:
                break
            count = max(2 * count, int(count * 1.1 * SAMPLE_SECONDS / max(seconds, 1e-9)))
        loops[name] = count
    samples: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for i in range(repeats):
        start = i % len(names)
        for name in names[start:] + names[:start]:
            if pause:
                time.sleep(PAUSE_SECONDS)
                runs[name]()  # wakes its own pool
            samples[name].append(_loop(runs[name], loops[name], clock) / loops[name])
    timings = {}
    for name, values in samples.items():
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75])
        timings[name] = Timing(float(median) * 1e9 / n_elements, float((high - low) / median))
    return timings


def _loop(run: Callable[[], Any], count: int, clock: Callable[[], float]) -> float:
    begin = clock()
    for _ in range(count):
        run()
    return clock() - begin


# ---- errors ----


def body_points(dtype: str, rng: np.random.Generator) -> Array:
    """[-8, 8]: half spread evenly, half over the binades down to 2^-30."""
    evenly = np.linspace(-8.0, 8.0, 501) + rng.uniform(-0.016, 0.016, 501)
    binades = np.exp2(np.linspace(-30.0, 3.0, 250) + rng.uniform(-0.06, 0.0, 250))
    return np.clip(np.concatenate([evenly, binades, -binades]), -8.0, 8.0).astype(dtype)


def tail_points(dtype: str, rng: np.random.Generator) -> Array:
    """8 < |x| < 110 in float32, 750 in float64: past the last nonzero result of the exponential functions."""
    end = {"float32": 110.0, "float64": 750.0}[dtype]
    magnitude = 8.0 * (end / 8.0) ** np.linspace(0.001, 1.0, 250) * rng.uniform(0.999, 1.0, 250)
    return np.concatenate([magnitude, -magnitude]).astype(dtype)


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


def load_average() -> float | None:
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def cpu_model() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def machine() -> dict[str, Any]:
    """Facts to print above every table; to be called before any work."""
    config, load = sp.config(), load_average()
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "compiler": config["compiler"],
        "instruction_set": config["instruction_set"],
        "openmp": config["openmp"],
        "load_average_at_start": load,
        "busy": load is not None and load > 0.3,
    }
