"""What threads cost and gain when other pools have just worked, or nobody has for a second.

    python benchmarks/waiting.py
    python benchmarks/waiting.py --functions relu mish --sizes 65536 1048576

The time of a call on one thread over that on two, medians, by turns: calls in a row; each right after a matrix product
by NumPy's library, whose threads then wait for the next one by spinning; right after one by PyTorch; after half a
second in which nobody has computed. Above 1 the threads help; 0.9 is the most that they may cost.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from typing import Any

import measure
import numpy as np

import spatium as sp

IDLE_SECONDS = 0.5


def before_calls() -> dict[str, Callable[[], Any]]:
    """What happens right before a call."""
    a = np.random.default_rng(0).standard_normal((512, 512), dtype=np.float32)
    found: dict[str, Callable[[], Any]] = {"in a row": lambda: None, "after a product": lambda: a @ a}
    try:
        import torch
    except ImportError:
        pass
    else:
        t = torch.from_numpy(a)
        found["after PyTorch's product"] = lambda: torch.mm(t, t)
    found["after idling"] = lambda: time.sleep(IDLE_SECONDS)
    return found


def medians(run: Callable[[], Any], before: Callable[[], Any], threads: int, repeats: int) -> dict[int, float]:
    """Microseconds on one thread and on several, by turns in runs of ten: in a row means under equal conditions."""
    times: dict[int, list[float]] = {1: [], threads: []}
    for _ in range(max(1, repeats // 10)):
        for number, values in times.items():
            with sp.num_threads(number):
                for turn in range(11):
                    before()
                    begin = time.perf_counter()
                    run()
                    if turn:
                        values.append(time.perf_counter() - begin)
    return {number: statistics.median(values) * 1e6 for number, values in times.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--functions", nargs="+", default=["relu", "sigmoid", "gelu", "mish"], choices=sp.activations())
    parser.add_argument("--sizes", nargs="+", type=int, default=[16_384, 65_536, 262_144, 1 << 20, 1 << 22])
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=100)
    options = parser.parse_args()
    print("; ".join(f"{key}: {value}" for key, value in measure.machine().items()))
    situations = before_calls()
    print(f"| function | elements | one thread, us | {' | '.join(situations)} |")
    print("| --- " * (3 + len(situations)) + "|")
    for name in options.functions:
        function = getattr(sp, name)
        for size in options.sizes:
            x = 2 * np.random.default_rng(0).standard_normal(size, dtype=np.float32)
            out = np.empty_like(x)
            cells, alone = [], 0.0
            for situation, before in situations.items():
                repeats = 20 if situation == "after idling" else options.repeats
                found = medians(lambda: function(x, out=out), before, options.threads, repeats)  # noqa: B023
                alone = alone or found[1]
                cells.append(f"{found[1] / found[options.threads]:.2f}")
            print(f"| {name} | {size:,} | {alone:.0f} | {' | '.join(cells)} |", flush=True)


if __name__ == "__main__":
    main()
