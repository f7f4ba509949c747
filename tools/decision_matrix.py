"""Write docs/explanation/cost.md: a published decision matrix of activations, measured instead of quoted.

    python tools/decision_matrix.py            # about a minute; the other installed libraries are measured too

The script restarts itself once for each instruction set, with every library limited to it and to one thread.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

from spatium.analysis import gradient_flow
from spatium.benchmark import ActivationBenchmark, machine

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "explanation" / "cost.md"
MARKS = re.compile(r"(?<=<!-- decision_matrix.py: begin -->\n).*?(?=<!-- decision_matrix.py: end -->)", re.DOTALL)
# What the matrix says: the cost relative to ReLU.
CLAIMED = {"relu": 1, "gelu": 4, "sigmoid": 3, "softmax": 5}
SIZES = ((32, 4096), (1000, 1000))
LIBRARIES = ("spatium", "NumPy/SciPy", "PyTorch", "ONNX Runtime")
REPEATS = 31


def measured() -> dict[str, Any]:
    """The times of one instruction set."""
    facts = machine()
    tables, versions = {}, {}
    for size in SIZES:
        benchmark = ActivationBenchmark(size, peers=LIBRARIES[1:], repeats=REPEATS)
        tables["x".join(map(str, size))] = benchmark.run(CLAIMED).to_dict()["rows"]
        versions = benchmark.versions
    return {"machine": facts, "versions": versions, "tables": tables}


def by_isa() -> dict[str, dict[str, Any]]:
    sys.path.insert(0, str(ROOT / "benchmarks"))
    from peers import CAPS

    one = {f"{pool}_NUM_THREADS": "1" for pool in ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "SPATIUM")}
    found = {}
    for isa, caps in CAPS.items():
        command = [sys.executable, __file__, "--one"]
        output = subprocess.run(command, env={**os.environ, **one, **caps}, check=True, capture_output=True, text=True)
        found[isa] = json.loads(output.stdout)
    return found


def text(found: dict[str, dict[str, Any]]) -> str:
    facts = next(iter(found.values()))
    versions = ", ".join(f"{name} {version}" for name, version in facts["versions"].items())
    parts = [f"{facts['machine']['date']}, {facts['machine']['cpu']}, one thread; {versions}.\n"]
    for size in SIZES:
        shape = "x".join(map(str, size))
        lines = [["activation", "claimed", *(f"{name}, {isa}" for isa in found for name in LIBRARIES)]]
        for name, claim in CLAIMED.items():
            cells = []
            for isa in found:
                rows = {r["library"]: r for r in found[isa]["tables"][shape] if r["activation"] == name}
                for library in LIBRARIES:
                    row = rows.get(library)
                    cells.append("–" if row is None else f"{row['times_relu']:.1f} ({milliseconds(row, size)})")
            lines.append([name, f"{claim}", *cells])
        parts.append(f"**{' × '.join(map(str, size))} float32**: time relative to the same library's relu (ms)\n")
        parts.append("\n".join(f"| {' | '.join(line)} |" for line in (lines[0], ["---"] * len(lines[0]), *lines[1:])))
        parts.append("")
    return "\n".join([*parts, "", properties(found), ""])


def milliseconds(row: dict[str, Any], size: tuple[int, int]) -> str:
    return f"{row['ns_per_element'] * size[0] * size[1] / 1e6:.2g}"


def properties(found: dict[str, dict[str, Any]]) -> str:
    """What the matrix calls stability, in figures that do not depend on the machine."""
    memory = ActivationBenchmark(SIZES[0]).memory(CLAIMED)
    flow = gradient_flow([name for name in CLAIMED if name != "softmax"], (-5.0, 5.0))
    rows = found[next(reversed(found))]["tables"]["x".join(map(str, SIZES[0]))]
    lines = [
        ["activation", "error in ulp, beyond 8: Spatium", "NumPy/SciPy", "mean slope", "slope < 0.01", "bytes kept"],
        ["---"] * 6,
    ]
    for name in CLAIMED:
        errors = {
            r["library"]: r["ulp"] if r["ulp_tail"] is None else r["ulp_tail"] for r in rows if r["activation"] == name
        }
        slopes = ["–", "–"]
        if name != "softmax":
            row = flow[name]
            slopes = [f"{row['mean_gradient']:.2f}", f"{row['vanishing_share']:.0%}"]
        kept = memory[name]
        least = min(kept[key] for key in ("kept_bits", "kept_output", "kept_input") if kept[key] is not None)
        lines.append([name, *(f"{errors[library]:.3g}" for library in LIBRARIES[:2]), *slopes, f"{least:,}"])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--one", action="store_true", help=argparse.SUPPRESS)
    if parser.parse_args().one:
        print(json.dumps(measured()))
        return 0
    found = text(by_isa())
    PAGE.write_text(MARKS.sub(lambda _: found, PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
