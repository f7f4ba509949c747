"""HTML for notebooks: tables and grids that need no other file, and that suit light and dark pages.

The text has the color of the page, borders and shades are half transparent, and all text is escaped.
"""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence

__all__ = ["COLORS", "document", "grid", "on_color", "paragraph", "shaded", "swatch", "table"]

# Okabe and Ito's colors, which color-blind readers can distinguish, and five more colors of different lightness.
COLORS = (
    *("#E69F00", "#56B4E9", "#009E73", "#F0E442", "#0072B2", "#D55E00", "#CC79A7"),
    *("#FFFFFF", "#BBBBBB", "#44AA99", "#AA4499", "#999933"),
)

# A page of several outputs contains this once for each, with the same rules.
_STYLE = """\
.spatium {color: inherit; font-size: 0.9em; overflow-x: auto}
.spatium table {border-collapse: collapse; margin: 0.3em 0; color: inherit; background: transparent}
.spatium caption {text-align: left; font-weight: bold; padding: 0.2em 0; color: inherit; caption-side: top}
.spatium th, .spatium td {padding: 0.15em 0.6em; text-align: left; border: 0; color: inherit; background: transparent}
.spatium thead th {border-bottom: 1px solid rgba(128, 128, 128, 0.7)}
.spatium tbody tr + tr > * {border-top: 1px solid rgba(128, 128, 128, 0.25)}
.spatium .number {text-align: right; font-variant-numeric: tabular-nums}
.spatium .grid td {text-align: center; min-width: 1.6em; padding: 0.2em 0.4em;
                   border: 1px solid rgba(128, 128, 128, 0.5)}
.spatium .swatch {padding: 0 0.4em; border: 1px solid rgba(128, 128, 128, 0.5)}
.spatium p {margin: 0.2em 0}
"""


def document(*parts: str) -> str:
    """Return parts of HTML as one output of a notebook."""
    return f'<div class="spatium">\n<style scoped>\n{_STYLE}</style>\n{"".join(parts)}</div>'


def paragraph(text: str, strong: bool = False) -> str:
    """Return a paragraph of one line of text, or of several lines."""
    inner = html.escape(text).replace("\n", "<br>")
    return f"<p>{f'<strong>{inner}</strong>' if strong else inner}</p>\n"


def table(
    columns: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[bool], caption: str = "", raw: int = 0
) -> str:
    """Return a table of text. `right` aligns columns; the first `raw` columns already are HTML."""
    kinds = [' class="number"' if flush else "" for flush in right]
    head = "".join(f"<th{kind}>{html.escape(name)}</th>" for name, kind in zip(columns, kinds, strict=True))
    body = "".join(
        "<tr>"
        + "".join(
            f"<td{kind}>{text if i < raw else html.escape(text)}</td>"
            for i, (text, kind) in enumerate(zip(row, kinds, strict=True))
        )
        + "</tr>\n"
        for row in rows
    )
    title = f"<caption>{html.escape(caption)}</caption>" if caption else ""
    heading = f"<thead><tr>{head}</tr></thead>\n" if any(columns) else ""
    return f"<table>{title}\n{heading}<tbody>\n{body}</tbody></table>\n"


def grid(caption: str, cells: Sequence[Sequence[tuple[str, str, str]]]) -> str:
    """Return a grid with the numbers of rows and columns. A cell has a text, the text of its tooltip, and a style."""
    head = "".join(f"<th>{column}</th>" for column in range(len(cells[0])))
    body = "".join(
        f"<tr><th>{number}</th>"
        + "".join(
            f'<td title="{html.escape(tip)}" style="{style}">{html.escape(text)}</td>' for text, tip, style in row
        )
        + "</tr>\n"
        for number, row in enumerate(cells)
    )
    return (
        f'<table class="grid"><caption>{html.escape(caption)}</caption>\n'
        f"<thead><tr><th></th>{head}</tr></thead>\n<tbody>\n{body}</tbody></table>\n"
    )


def swatch(number: int, text: str) -> str:
    """Return a text on the color with this number."""
    return f'<span class="swatch" style="{on_color(number)}">{html.escape(text)}</span>'


def on_color(number: int) -> str:
    """Return the style of a cell with the color of this number, and with the text color that has the most contrast."""
    color = COLORS[number % len(COLORS)]
    red, green, blue = ((int(color[i : i + 2], 16) / 255) ** 2.2 for i in (1, 3, 5))
    luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue
    return f"background: {color}; color: {'#000' if luminance > 0.18 else '#fff'}"


def shaded(share: float) -> str:
    """Return the style of a cell that is shaded the more, the larger a share from 0 to 1 is; the text stays legible."""
    return f"background: rgba(0, 114, 178, {0.55 * share:.3f})"
