"""Timing by turns, and facts about the machine."""

from __future__ import annotations

import os
import platform
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from spatium.threads import config

__all__ = ["Timing", "cpu_model", "load_average", "machine", "time_by_turns"]

_SAMPLE_SECONDS = 2e-3
_PAUSE_SECONDS = 0.1  # the threads of a matrix product look for more that long, and whoever runs next waits for them
_BUSY = 0.3  # the load average from which on other programs disturb a measurement


class Timing(NamedTuple):
    """What `time_by_turns` measured for one function.

    Attributes
    ----------
    nanoseconds : float
        Per element, the median over the repeats.
    spread : float
        The distance of the quartiles divided by the median: what the noise was.
    """

    nanoseconds: float
    spread: float


def time_by_turns(
    runs: Mapping[str, Callable[[], Any]],
    n_elements: int,
    repeats: int,
    pause: bool = False,
    clock: Callable[[], float] = time.perf_counter,
) -> dict[str, Timing]:
    """Run every function once per repeat, starting with another one each time; a sample is a loop of at least 2 ms.

    Parameters
    ----------
    runs : dict of str to callable
        The functions to compare, without arguments. Each runs some times before the first sample.
    n_elements : int
        By which the times are divided.
    repeats : int
    pause : bool
        Whether the threads of the function before, which wait for more work by spinning, fall asleep first.
    clock : callable
        With `time.thread_time`, other processes on the same processor do not count.

    Returns
    -------
    dict of str to Timing

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.benchmark import time_by_turns
    >>> x = np.ones(1000)
    >>> found = time_by_turns({"square": lambda: x * x, "root": lambda: np.sqrt(x)}, x.size, repeats=3)
    >>> found["square"].nanoseconds > 0
    True
    """
    loops = {}
    for name, run in runs.items():
        run()  # first touch, compilation
        count, seconds = 1, 0.0
        while True:  # warm up until one loop is long enough
            seconds = _loop(run, count, clock)
            if seconds >= _SAMPLE_SECONDS:
                break
            count = max(2 * count, int(count * 1.1 * _SAMPLE_SECONDS / max(seconds, 1e-9)))
        loops[name] = count
    samples: dict[str, list[float]] = {name: [] for name in runs}
    names = list(runs)
    for i in range(repeats):
        start = i % len(names)
        for name in names[start:] + names[:start]:
            if pause:
                time.sleep(_PAUSE_SECONDS)
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


# ---- the machine ----


def load_average() -> float | None:
    """Return the load average of the last minute, where the system has one."""
    return round(os.getloadavg()[0], 2) if hasattr(os, "getloadavg") else None


def cpu_model() -> str:
    """Return the name of the processor."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), platform.machine())


def machine() -> dict[str, Any]:
    """Return facts to print with every table; to be called before any work, because of the load.

    Examples
    --------
    >>> from spatium.benchmark import machine
    >>> sorted(machine())[:4]
    ['busy', 'compiler', 'cores', 'cpu']
    """
    configuration, load = config(), load_average()
    return {
        "date": time.strftime("%Y-%m-%d"),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "compiler": configuration["compiler"],
        "instruction_set": configuration["instruction_set"],
        "openmp": configuration["openmp"],
        "load_average_at_start": load,
        "busy": load is not None and load > _BUSY,
    }
