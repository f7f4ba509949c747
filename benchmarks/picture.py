"""Draw time against error from the results of peers.py, one panel per instruction set.

python benchmarks/peers.py --isa x86_v3 x86_v4 --sizes 1048576 --operations value --json peers.json
python benchmarks/picture.py peers.x86_v3.json peers.x86_v4.json     # docs/_static/performance_float32.png, …64.png
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import matplotlib as mpl
import numpy as np

mpl.use("agg")
from matplotlib import pyplot as plt

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "_static"
STYLES = {
    "spatium": ("#0072b2", "o", 75),
    "PyTorch": ("#d55e00", "s", 38),
    "JAX": ("#009e73", "^", 42),
    "ONNX Runtime": ("#cc79a7", "D", 34),
    "NumPy/SciPy": ("#777777", "x", 38),
}
TITLES = {"x86_v3": "AVX2", "x86_v4": "AVX-512"}
LEAST_ERROR = 0.05  # in ulp: exact results are drawn here


def draw(results: list[dict[str, Any]], dtype: str) -> None:
    """Save the picture of the values of one type."""
    n = len(results)
    figure, panels = plt.subplots(n, 1, figsize=(6.5, 4 * n), sharex=True, squeeze=False, layout="constrained")
    ticks = [LEAST_ERROR, 0.5, *10.0 ** np.arange(1, 17 if dtype == "float64" else 9, 2)]
    names = ["0", "0.5", *(f"$10^{{{round(np.log10(tick))}}}$" for tick in ticks[2:])]
    for ax, found in zip(panels[:, 0], results, strict=True):
        rows = [row for row in found["functions"] if row["operation"] == "value" and row["dtype"] == dtype]
        for name, (color, marker, size) in STYLES.items():
            own = [row["results"][name] for row in rows if name in row["results"]]
            times = [result["ns"] for result in own]
            errors = [max(LEAST_ERROR, result["ulp_body"], result["ulp_tail"]) for result in own]
            order = 2 + (name == "spatium")
            ax.scatter(
                times, errors, size, color, marker=marker, label=name if ax is panels[0, 0] else None, zorder=order
            )
        ax.axhline(1.0, color="0.5", linewidth=1, linestyle="--")
        ax.set(xscale="log", yscale="log")
        ax.set_yticks(ticks, names, fontsize=12)
        ax.minorticks_off()
        ax.set_title(TITLES[found["machine"]["instruction_set"]], fontsize=14)
        ax.set_ylabel(f"largest error, {dtype}, in ulp", fontsize=13)
        ax.grid(visible=True, alpha=0.25)
    panels[-1, 0].set_xlabel("ns per element: further left is faster", fontsize=13)
    panels[-1, 0].set_xticks([0.1, 1, 10], ["0.1", "1", "10"], fontsize=12)
    figure.legend(loc="outside upper center", ncols=3, fontsize=12)
    figure.savefig(FOLDER / f"performance_{dtype}.png", dpi=110, metadata={"Software": None})


def main() -> None:
    """Read the results and draw both types."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("results", nargs="+", type=Path, help="what peers.py --json wrote")
    options = parser.parse_args()
    found = [json.loads(path.read_text()) for path in options.results]
    for dtype in ("float32", "float64"):
        draw(found, dtype)


if __name__ == "__main__":
    main()
