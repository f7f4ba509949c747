"""The contents of a grid as plots, tables of the command line and notebooks show them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatium import _html
from spatium.activations import Activation
from spatium.activations.names import short_name

__all__ = ["CellTable", "cells_of", "hits_html", "letter", "map_html"]


class CellTable(NamedTuple):
    """The contents of a plot or table of one grid."""

    held: NDArray[np.intp]
    """The index into `activations` of each cell, (8, 8); for several neurons, that of the most frequent activation."""
    share: NDArray[np.float64]
    """The share of the neurons with this activation, (8, 8)."""
    hits: NDArray[np.uint64]
    """The hits per cell, (8, 8), summed over the neurons."""
    activations: tuple[Activation, ...]
    """The activations to which `held` refers, in the order of the palette."""
    letters: tuple[str, ...]
    """A short name for each activation: A, B, ... Z, AA, AB, ..."""


def cells_of(cells: NDArray[np.uint8], palette: tuple[Activation, ...], hits: NDArray[np.uint64]) -> CellTable:
    """Return cells, hits and letters of one or several grids, (..., 8, 8), together."""
    flat = cells.reshape(-1, 64)
    counts = np.stack([np.bincount(column, minlength=len(palette)) for column in flat.T])  # (64, palette)
    winners = counts.argmax(axis=1)
    used, index = np.unique(winners, return_inverse=True)
    return CellTable(
        index.reshape(8, 8),
        (counts.max(axis=1) / len(flat)).reshape(8, 8),
        hits.reshape(-1, 8, 8).sum(axis=0, dtype=np.uint64),
        tuple(palette[i] for i in used),
        tuple(letter(i) for i in range(len(used))),
    )


def letter(number: int) -> str:
    """Return the short name of the activation with this number: A, B, ... Z, AA, AB, ..."""
    rest, last = divmod(number, 26)
    return (chr(64 + rest) if rest else "") + chr(65 + last)


def map_html(title: str, table: CellTable, n_neurons: int) -> str:
    """Return a notebook's picture of a map: the function of each cell, what the letters mean, and the hits."""
    names = [short_name(act) for act in table.activations]
    cells = []
    for row in range(8):
        line = []
        for column in range(8):
            number = int(table.held[row, column])
            share = f", {table.share[row, column]:.0%} of the neurons" if n_neurons > 1 else ""
            tip = f"({row}, {column}): {names[number]}{share}, {int(table.hits[row, column]):,} hits"
            line.append((table.letters[number], tip, _html.on_color(number)))
        cells.append(line)
    caption = "function of each cell" if n_neurons == 1 else "most frequent function of each cell"
    rows = []
    for number, (short, name) in enumerate(zip(table.letters, names, strict=True)):
        chosen = table.held == number
        entry = (_html.swatch(number, short), name, str(int(chosen.sum())))
        # the cells of several neurons have several functions, so their hits are not those of one
        rows.append(entry if n_neurons > 1 else (*entry, f"{int(table.hits[chosen].sum()):,}"))
    columns = ("", "activation", "cells", "hits")[: 3 if n_neurons > 1 else 4]
    legend = _html.table(columns, rows, (False, False, True, True)[: len(columns)], raw=1)
    hits = hits_html(table.hits) if table.hits.any() else ""
    return _html.document(_html.paragraph(title, strong=True), _html.grid(caption, cells), legend, hits)


def hits_html(hits: NDArray[np.uint64]) -> str:
    """Return a grid of the hits per cell, which are shaded by their number."""
    largest = max(int(hits.max()), 1)
    cells = [
        [(f"{int(n):,}", f"({row}, {column})", _html.shaded(int(n) / largest)) for column, n in enumerate(line)]
        for row, line in enumerate(hits)
    ]
    return _html.grid("hits per cell", cells)
