"""Write the tables of docs/howto/choosing.md: what each activation costs, and what it does to signals and gradients.

python tools/choosing.py [--check | --times]

The numbers follow from the registry and from `spatium.analysis`, so they are the same on every machine; ``--check``
only compares. The times are measured on this machine with ``--times``, and otherwise kept: 16,384 float32 elements in
cache, one thread, medians of 41 interleaved rounds, for each instruction set in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import spatium as sp
from spatium import _engine, analysis
from spatium.activations import Activation

PAGE = Path(__file__).resolve().parents[1] / "docs" / "howto" / "choosing.md"
ISAS = ("x86_v3", "x86_v4")
SIZE, ROUNDS = 16_384, 41
ROWS = 1024  # the length of the rows of softmax

HEAD = """\
| function | time, AVX2 | time, AVX-512 | error, ulp | kept, bytes | 8 bits, dB | small slopes | 50 layers | shape |
|---|---|---|---|---|---|---|---|---|
"""
COUPLED_HEAD = "| function | time, AVX2 | time, AVX-512 |\n|---|---|---|\n"


def marks(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<=<!-- {name}: begin -->\n).*?(?=<!-- {name}: end -->)", re.DOTALL)


def every_activation() -> list[Activation]:
    """All with default parameters; threshold would be relu."""
    return [sp.activation(name) for name in sp.activations() if name != "threshold"]


def shape(act: Activation) -> str:
    """What distinguishes the curve: bounded or not, with kinks or smooth, monotone or not."""
    found = analysis.properties(act)
    smooth = {"smooth": "smooth", "C1": "smooth slope", "C0": "kinks", "discontinuous": "jumps"}[found.smoothness]
    words = ["bounded"] * found.bounded + [smooth] + ["not monotone"] * (not found.monotone)
    return ", ".join(words)


def facts(act: Activation) -> list[str]:
    bound = next(record for record in _engine.registry() if record.name == act.name).bound("value", "float32")
    kept = analysis.memory_footprint(act, 8, save=act.save_policies[0]).nbytes / 8
    ratio = next(iter(analysis.sqnr(act, (8,))))["look_up_8"]
    flow = next(iter(analysis.gradient_flow([act], (-5.0, 5.0))))
    growth = next(row for row in analysis.depth(act, 50) if row["initialization"] == "gain")["growth_in_all_layers"]
    return [f"{bound:g}", f"{kept:g}", f"{ratio:.0f}", f"{flow['vanishing_share']:.0%}", f"{growth:.2g}", shape(act)]


def times() -> dict[str, float]:
    """Measure the time of each function relative to relu, and that of functions of rows, with this instruction set."""
    acts = every_activation()
    measured = analysis.relative_cost(acts, size=SIZE, rounds=ROUNDS).column("value")
    found = {act.name: value for act, value in zip(acts, measured, strict=True)}
    x = np.random.default_rng(0).normal(0.0, 2.0, (SIZE // ROWS, ROWS)).astype(np.float32)
    with sp.num_threads(1):
        for name in ("softmax", "log_softmax"):
            found[name] = ratio(getattr(sp, name), x)
    return found


def ratio(function: Callable[..., Any], x: Any) -> float:
    out, repeats, ratios = np.empty_like(x), 30, []
    for _ in range(ROUNDS):
        seconds = []
        for call in (function, sp.relu):
            start = time.perf_counter()
            for _ in range(repeats):
                call(x, out=out)
            seconds.append(time.perf_counter() - start)
        ratios.append(seconds[0] / seconds[1])
    return statistics.median(ratios)


def measured_times() -> dict[str, list[str]]:
    """The text of the times for each instruction set, from one process for each."""
    found: dict[str, list[str]] = {}
    for isa in ISAS:
        command = [sys.executable, __file__, "--measure"]
        output = subprocess.run(
            command, env=os.environ | {"SPATIUM_ISA": isa}, check=True, capture_output=True, text=True
        )
        for name, value in json.loads(output.stdout).items():
            found.setdefault(name, []).append(f"{value:.2g}" if value < 10 else f"{value:.0f}")
    return found


def kept_times(page: str) -> dict[str, list[str]]:
    """The times that the page has; dashes for a function that is new."""
    rows = re.findall(r"^\| ([a-z]\w*) \| ([^|]+) \| ([^|]+) \|", page, re.MULTILINE)
    return {name: [first, second] for name, first, second in rows}


def written(page: str, clock: dict[str, list[str]]) -> str:
    missing = ["–"] * len(ISAS)
    rows = [[act.name, *clock.get(act.name, missing), *facts(act)] for act in every_activation()]
    table = HEAD + "".join(f"| {' | '.join(row)} |\n" for row in rows)
    coupled = COUPLED_HEAD + "".join(
        f"| {' | '.join([name, *clock.get(name, missing)])} |\n" for name in ("softmax", "log_softmax")
    )
    page = marks("table").sub(lambda _: table, page)
    return marks("coupled").sub(lambda _: coupled, page)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the page is not up to date")
    parser.add_argument("--times", action="store_true", help="measure the times too")
    parser.add_argument("--measure", action="store_true", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.measure:
        print(json.dumps(times()))
        return 0
    page = PAGE.read_text(encoding="utf-8")
    result = written(page, measured_times() if arguments.times else kept_times(page))
    if arguments.check:
        return int(result != page)
    PAGE.write_text(result, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
