"""
Time and error compared with other libraries
============================================

The picture shows a table of :doc:`/performance`: float32 values, a million elements, one thread, AVX2. Left: the
time of each library as a multiple of Spatium's time. Right: the largest error of each, over [−8, 8] and the tails.
"""

import re
from pathlib import Path

import matplotlib.pyplot as plt

from spatium import plots


def table(text, heading):
    """Return a dictionary: library → function → (ns per element, largest error in ulp)."""
    lines = text.split(f"## {heading}\n")[1].split("\n##")[0].splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("|")]
    measured = {}
    for function, *cells in rows[2:]:
        for name, cell in zip(rows[0][1:], cells, strict=True):
            figures = re.match(r"(\S+) \((\S+) / (\S+)\)$", cell)
            if figures:
                time, body, tails = map(float, figures.groups())
                measured.setdefault(name.replace("spatium", "Spatium"), {})[function] = time, max(body, tails)
    return measured


# sphinx-gallery runs each script in the folder of the script
performance = (Path.cwd().parent / "performance.md").read_text(encoding="utf-8")
plots.cost_and_error(table(performance, "value, float32, 1048576 elements"), no_digits=2**24)
plt.show()
