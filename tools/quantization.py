"""Write the table of docs/quantization.md: the noise of quantization of every activation, with and without an outlier.

python tools/quantization.py [--check]

The numbers are sums over fixed points, so they are the same on every machine; ``--check`` only compares.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path

from spatium.activations import Activation, activation, activations
from spatium.analysis import properties, sqnr

PAGE = Path(__file__).resolve().parents[1] / "docs" / "quantization.md"
MARKS = re.compile(r"(?<=<!-- table: begin -->\n).*?(?=<!-- table: end -->)", re.DOTALL)
PLAIN, OUTLIER = (-4.0, 4.0), (-4.0, 20.0)
COLUMNS = ("output_8", "output_4", "look_up_8", "look_up_4")
HEAD = """\
| function | output 8, 4 bits | look-up 8, 4 bits | output, outlier | look-up, outlier | lost by the outlier |
|---|---|---|---|---|---|
"""


def every_activation() -> list[Activation]:
    """With default parameters; the defaults of threshold would be relu."""
    changed = {"threshold": {"threshold": 0.5, "value": 0.0}}
    return [activation(name, **changed.get(name, {})) for name in activations()]


def row(act: Activation) -> str:
    plain, outlier = (next(iter(sqnr(act, (8, 4), x_range=limits))) for limits in (PLAIN, OUTLIER))
    cells = [
        f"{measured[eight]:.1f}, {measured[four]:.1f}"
        for measured in (plain, outlier)
        for eight, four in (COLUMNS[:2], COLUMNS[2:])
    ]
    lost = plain["output_8"] - outlier["output_8"]
    mark = "" if math.isinf(max(map(abs, properties(act).range))) else " (bounded)"
    return f"| {act.name}{mark} | {' | '.join(cells)} | {lost:.1f} |\n"


def written() -> str:
    table = HEAD + "".join(map(row, every_activation()))
    return MARKS.sub(lambda _: table, PAGE.read_text(encoding="utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the page is not up to date")
    if parser.parse_args().check:
        return int(written() != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
