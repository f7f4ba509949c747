"""Write the tables of docs/quantization.md: the noise of quantization of every activation, and digits on codes.

    python tools/quantization.py [--check]     # the noise, with and without an outlier
    python tools/quantization.py --digits      # networks of the packaged digits on eight and four bits, in a minute

The noise is a sum over fixed points, so it is the same on every machine; ``--check`` only compares.
"""

from __future__ import annotations

import argparse
import math
import re
import sys
from pathlib import Path

import numpy as np

from spatium.activations import Activation, activation, activations
from spatium.analysis import properties, quantization, sqnr
from spatium.data import load_digits

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


# ---- digits ----

DIGITS = re.compile(r"(?<=<!-- digits: begin -->\n).*?(?=<!-- digits: end -->)", re.DOTALL)
DIGITS_HEAD = """\
| hidden layer | float32 | 8 bits | 4 bits | 4 bits, least squares | ratio, 8 bits | ratio, 4 bits |
|---|---|---|---|---|---|---|
"""
SEEDS = range(5)


def digits_row(name: str) -> str:
    """The accuracies and the signal-to-noise ratios of the hidden layer, over the seeds."""
    import train_digits  # beside this script

    digits = load_digits()
    accuracies, ratios = [], []
    for seed in SEEDS:
        build = train_digits.spatial if name == "maps" else train_digits.uniform(activation(name))
        network = train_digits.train(build, digits, seed)
        forms = [
            network,
            network.quantized(digits.x_train),
            network.quantized(digits.x_train, bits=4),
            network.quantized(digits.x_train, bits=4, method="mse"),
        ]
        accuracies.append([100 * train_digits.held_out_accuracy(form, digits) for form in forms])
        hidden = next(iter(quantization(network, digits.x_train)))
        ratios.append([hidden["sqnr_8"], hidden["sqnr_4"]])
    cells = [
        f"{mean:.2f} ± {std:.2f} %"
        for mean, std in zip(np.mean(accuracies, 0), np.std(accuracies, 0, ddof=1), strict=True)
    ]
    cells += [f"{mean:.1f} dB" for mean in np.mean(ratios, 0)]
    print(name, *cells, sep="  ", flush=True)
    return f"| {'maps of the twelve' if name == 'maps' else name} | {' | '.join(cells)} |\n"


def with_digits() -> str:
    table = DIGITS_HEAD + "".join(map(digits_row, ("relu", "gelu", "hard_swish", "hard_gelu", "maps")))
    return DIGITS.sub(lambda _: table, PAGE.read_text(encoding="utf-8"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; 1 if the page is not up to date")
    parser.add_argument("--digits", action="store_true", help="train networks, and write their table instead")
    options = parser.parse_args()
    if options.check:
        return int(written() != PAGE.read_text(encoding="utf-8"))
    PAGE.write_text(with_digits() if options.digits else written(), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
