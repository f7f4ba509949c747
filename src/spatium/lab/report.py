"""One page about a comparison on islands: a file without references to others, in light and dark, for small screens."""

from __future__ import annotations

import base64
import html
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from spatium import plots
from spatium._files import atomic_file
from spatium._tables import Table, number
from spatium.lab.comparison import trained_network
from spatium.lab.noise import Islands, perlin_islands
from spatium.lab.regions import linear_regions
from spatium.lab.trials import Tuned
from spatium.nn import Network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["write_report"]

# Text and axes of pictures in the two modes; pictures themselves have no background.
MODES = {"light": "#1c2733", "dark": "#dfe6ee"}

STYLE = """
:root { color-scheme: light dark; --back: #ffffff; --text: #1c2733; --soft: #5b6875; --line: #d8dee5; --card: #f5f7f9;
  --best: #dff1e6; --land: #d55e00; --water: #0072b2; }
@media (prefers-color-scheme: dark) { :root { --back: #12171d; --text: #dfe6ee; --soft: #98a5b3; --line: #303a45;
  --card: #1a212a; --best: #173626; --land: #ff9a4d; --water: #56b4e9; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 60rem; margin: 0 auto; padding: 1.2rem 1rem 4rem; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0.6rem 0; } h2 { font-size: 1.25rem; margin: 2.2rem 0 0.6rem; }
p { margin: 0.6rem 0; } .soft { color: var(--soft); font-size: 0.92rem; }
.scroll { overflow-x: auto; border: 1px solid var(--line); border-radius: 10px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: 0.9rem; }
th, td { padding: 0.45rem 0.6rem; text-align: right; white-space: nowrap; border-bottom: 1px solid var(--line); }
tr:last-child td { border-bottom: 0; } th { font-weight: 600; vertical-align: bottom; }
th:first-child, td:first-child { text-align: left; position: sticky; left: 0; background: var(--back); }
tr.best td { background: var(--best); }
figure { margin: 0.8rem 0; padding: 0.6rem; background: var(--card); border-radius: 10px; }
figure img { width: 100%; height: auto; display: block; } figcaption { color: var(--soft); font-size: 0.9rem; }
figure .wide { overflow-x: auto; } figure .wide img { min-width: 34rem; }
details { border-top: 1px solid var(--line); padding: 0.5rem 0; } summary { cursor: pointer; font-weight: 600; }
code { font-size: 0.9em; }
"""

# The columns of the table on the page: heading, and the text of a row.
HEADINGS = (
    "activation", "accuracy", "IoU", "difference", "rate", "rates within a point", "failed", "dead units",
    "kept, bytes", "8 bits", "4 bits",
)  # fmt: skip


def write_report(
    folder: str | Path,
    table: Table,
    tuned: Sequence[Tuned],
    settings: Mapping[str, Any],
    islands: Islands | None = None,
) -> Path:
    """Write ``index.html``, the table as JSON and the pictures into a folder, and return the path of the page.

    For the pictures, the network of the first seed is trained again at the rate of its design.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    seed = int(settings["first_seed"])
    islands = perlin_islands(int(settings["size"]), rng=seed) if islands is None else islands
    sections = [_section(folder, entry, islands, settings, seed) for entry in tuned]
    rates = _pictures(folder / "rates.png", lambda: _rates_figure(tuned))
    page = f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Activations and islands</title>
<style>{STYLE}</style>
</head>
<body><main>
<h1>Activations and islands</h1>
<p>Small networks, 2 → 8 → 8 → 8 → 1, learn from points whether a place is land (orange) or water (blue). The islands
are Perlin noise. All activations have the same seeds, and each has the learning rate that suits it.</p>
<h2>Result</h2>
<div class="scroll">{_table(table)}</div>
{"".join(f'<p class="soft">{html.escape(note)}</p>' for note in table.notes)}
<h2>Learning rates</h2>
<figure>{rates}<figcaption>Accuracy on other seeds, by which the rates were chosen. A flat curve is easy to tune.
</figcaption></figure>
<h2>How each network folds the plane</h2>
<p>The pictures show the network of seed {seed}. A fold is a line at which the function of a unit bends. Each layer adds
up the folded planes of the layer before, and folds the sum again.</p>
{"".join(sections)}
</main></body>
</html>
"""
    with atomic_file(folder / "table.json") as file:
        file.write(json.dumps(table.to_dict(), indent=2).encode())
    path = folder / "index.html"
    with atomic_file(path) as file:
        file.write(page.encode())
    return path


def _table(table: Table) -> str:
    highest = max(table.column("accuracy"))
    lines = ["<table><thead><tr>", *(f"<th>{heading}</th>" for heading in HEADINGS), "</tr></thead><tbody>"]
    for row in table:
        cells = (
            row["activation"], _pair(row["accuracy"], row["accuracy_std"]), _pair(row["iou"], row["iou_std"]),
            _pair(row["difference"], row["difference_error"], signed=True), f"{row['rate']:g}",
            f"{row['rates_within_a_point']:.0%}", row["failed"], number(row["dead"], 3), f"{row['kept']:,}",
            f"{row['accuracy_8']:.2f}", f"{row['accuracy_4']:.2f}",
        )  # fmt: skip
        best = ' class="best"' if row["accuracy"] == highest else ""
        lines.append(f"<tr{best}>{''.join(f'<td>{html.escape(str(cell))}</td>' for cell in cells)}</tr>")
    return "".join([*lines, "</tbody></table>"])


def _pair(value: float, spread: float | None, signed: bool = False) -> str:
    text = f"{value:+.2f}" if signed else f"{value:.2f}"
    text = text.replace("-", "−")
    return text if spread is None or np.isnan(spread) else f"{text} ± {spread:.2f}"


def _section(folder: Path, entry: Tuned, islands: Islands, settings: Mapping[str, Any], seed: int) -> str:
    label = entry.design.label
    stem = "".join(letter if letter.isalnum() else "_" for letter in label)
    network = trained_network(entry.design, islands, entry.rate, seed, settings["epochs"], settings["batch_size"])
    found = _pictures(folder / f"{stem}_islands.png", lambda: plots.islands(network, islands))
    chain = _pictures(folder / f"{stem}_chain.png", lambda: plots.fold_chain(network))
    folds = _pictures(folder / f"{stem}_folds.png", lambda: plots.folds(network))
    return f"""<h3>{html.escape(label)}</h3>
<figure><div class="wide">{found}</div>
<figcaption>Rate {entry.rate:g}. Black line: the border that the network draws. Hatched: outside of the
points for training.{_regions(network)}</figcaption></figure>
<figure><div class="wide">{chain}</div><figcaption>The strongest path from the input to the output.</figcaption>
</figure>
<details><summary>All units</summary><figure><div class="wide">{folds}</div><figcaption>Red: positive, blue: negative.
Black lines are folds; gray lines are borders of cells.</figcaption></figure></details>
"""


def _regions(network: Network) -> str:
    try:
        return f" The plane has {linear_regions(network):,} linear pieces."
    except ValueError:  # a smooth function has none
        return ""


def _rates_figure(tuned: Sequence[Tuned]) -> Figure:
    import matplotlib.pyplot as plt

    from spatium.plots.style import stroke

    figure: Figure
    figure, ax = plt.subplots(figsize=(6.4, 3.8), layout="constrained")
    for place, entry in enumerate(tuned):
        look = stroke(place) | ({"color": plt.rcParams["text.color"]} if stroke(place)["color"] == "#000000" else {})
        rates = sorted(entry.scores)
        ax.plot(rates, [entry.scores[rate] for rate in rates], label=entry.design.label, markersize=5, **look)
    ax.set(xscale="log", xlabel="learning rate", ylabel="accuracy, %")
    ax.grid(alpha=0.3)
    figure.legend(loc="outside upper center", ncols=4, frameon=False, fontsize="small")
    return figure


def _pictures(path: Path, draw: Any) -> str:
    """Write a picture to a file, and return it for the page, in a version for each mode."""
    import matplotlib.pyplot as plt

    versions = {}
    for mode, color in MODES.items():
        with _colors(color):
            figure = draw()
            buffer = io.BytesIO()
            figure.savefig(buffer, format="png", dpi=110, transparent=True)
            if mode == "light":
                with atomic_file(path) as file:
                    figure.savefig(file, format="png", dpi=150)
            plt.close(figure)
        versions[mode] = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode()
    return (
        f'<picture><source srcset="{versions["dark"]}" media="(prefers-color-scheme: dark)">'
        f'<img src="{versions["light"]}" alt="{html.escape(path.stem.replace("_", " "))}" loading="lazy"></picture>'
    )


@contextmanager
def _colors(color: str) -> Iterator[None]:
    import matplotlib as mpl

    names = ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color", "axes.titlecolor")
    with mpl.rc_context(dict.fromkeys(names, color)):
        yield
