"""Draw the pictures that README shows, and the logo: docs/_static/idea.png, logo.svg, logo-dark.svg.

    python tools/pictures.py

The first is the one of docs/gallery/plot_01_idea.py.
"""

from __future__ import annotations

import runpy
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np

import spatium as sp

DOCS = Path(__file__).resolve().parents[1] / "docs"
COLORS = ("#56b4e9", "#e69f00", "#009e73", "#f0e442", "#0072b2", "#d55e00", "#cc79a7")  # Okabe and Ito
CELLS = ("0123", "4516", "2360", "1452")  # which color each cell of the logo has


def idea() -> None:
    """Save the picture of the gallery's first script."""
    mpl.use("agg")
    plt.show = lambda *args, **kwargs: None  # type: ignore[assignment]
    runpy.run_path(str(DOCS / "gallery" / "plot_01_idea.py"))
    plt.savefig(DOCS / "_static" / "idea.png", dpi=120, metadata={"Software": None})


def logo(ink: str) -> str:
    """Return the logo as SVG: a grid of cells, one of which holds GELU, and the name."""
    size, gap = 22, 2
    cells = [
        f'<rect x="{x * (size + gap)}" y="{y * (size + gap)}" width="{size}" height="{size}" rx="3" '
        f'fill="{COLORS[int(color)]}"/>'
        for y, line in enumerate(CELLS)
        for x, color in enumerate(line)
    ]
    side = 4 * size + 3 * gap
    x = np.linspace(-3, 3, 61)
    points = " ".join(
        f"{side * (0.06 + 0.88 * (a + 3) / 6):.1f},{side * (0.86 - 0.72 * b / 3):.1f}"
        for a, b in zip(x, sp.gelu(x), strict=True)
    )
    curve = (
        f'<polyline points="{points}" fill="none" stroke="{{color}}" stroke-width="{{width}}" stroke-linecap="round"/>'
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="-4 -4 {side + 290} {side + 8}" role="img"'
    name = f'<text x="{side + 18}" y="{side * 0.68:.0f}" font-family="DejaVu Sans, Verdana, sans-serif"'
    return "\n".join([
        f'{svg} aria-label="Spatium">',
        *cells,
        curve.format(color="white", width=13),
        curve.format(color="#1a1a1a", width=6),
        f'{name} font-size="54" font-weight="bold" fill="{ink}">Spatium</text>',
        "</svg>\n",
    ])  # fmt: skip


def main() -> None:
    idea()
    for name, ink in (("logo.svg", "#1a1a1a"), ("logo-dark.svg", "#f2f2f2")):
        (DOCS / "_static" / name).write_text(logo(ink), encoding="utf-8")


if __name__ == "__main__":
    main()
