"""Plots of activation maps: the function of each cell, and its hits."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np

from spatium.activations.names import short_name
from spatium.maps.activation_map import ActivationMap
from spatium.maps.picture import CellTable, cells_of
from spatium.plots.style import color_and_hatch

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cell_table", "draw_map"]


def cell_table(amap: ActivationMap, neuron: int | tuple[int, ...] | None = None) -> CellTable:
    """Return cells, hits and letters of one neuron, or of all neurons together.

    Parameters
    ----------
    amap : ActivationMap
    neuron : int or tuple of int, optional
        The index of the neuron; by default all neurons.

    Raises
    ------
    TypeError
        If amap is not an ActivationMap.
    IndexError
        If there is no such neuron.
    """
    if not isinstance(amap, ActivationMap):
        raise TypeError(f"amap is {type(amap).__name__}, expected an ActivationMap")
    grid, hits = amap._grid, amap.hit_counts  # read once, because another thread may assign cells in the meantime
    cells, palette = grid.cells, grid.palette
    if neuron is not None:
        key = neuron if isinstance(neuron, tuple) else (neuron,)
        inside = len(key) == len(amap.shape) and all(-n <= k < n for k, n in zip(key, amap.shape, strict=True))
        if not inside:
            raise IndexError(f"neuron is {neuron!r}, but the map has shape {amap.shape}")
        cells, hits = cells[key], hits[key]
    return cells_of(cells, palette, hits)


def draw_map(
    amap: ActivationMap, ax: Axes | None = None, hits: bool = True, neuron: int | tuple[int, ...] | None = None
) -> Axes:
    """Draw the 8×8 grid: color, hatch and letter show the function of each cell, and a heat map shows its hits.

    Parameters
    ----------
    amap : ActivationMap
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure. The legend is drawn below the axes.
    hits : bool
        Whether to show the hits of each cell. Cells without hits are crossed out. A map without any hits is drawn
        without hit counts.
    neuron : int or tuple of int, optional
        The index of the neuron, for a map with several grids. By default, the hits of all neurons are summed, and a
        cell shows its most frequent function and the share of the neurons with it.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If amap is not an ActivationMap.
    IndexError
        If there is no such neuron.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> from spatium import plots
    >>> amap = sp.ActivationMap.random(rng=0)
    >>> y = amap(np.ones(100), np.arange(100) * 37)
    >>> ax = plots.map(amap)  # doctest: +SKIP
    >>> ax.figure.savefig("map.png")  # doctest: +SKIP
    """
    table = cell_table(amap, neuron)
    import matplotlib as mpl
    import matplotlib.pyplot as plt
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize
    from matplotlib.patches import Patch, Rectangle

    own_figure = ax is None
    if ax is None:
        rows_of_legend = math.ceil(len(table.activations) / 2)
        _, ax = plt.subplots(figsize=(7.6, 7.2 + 0.22 * rows_of_legend), layout="constrained")
    total = sum(int(n) for n in table.hits.flat)
    several = neuron is None and math.prod(amap.shape) > 1
    with mpl.rc_context({"hatch.linewidth": 0.6}):
        styles = [color_and_hatch(i) for i in range(len(table.activations))]
        heat = None
        if hits and total:
            heat = ScalarMappable(Normalize(0, int(table.hits.max())), mpl.colormaps["Greys"])
        for row, column in np.ndindex(8, 8):
            number = int(table.held[row, column])
            ax.add_patch(
                Rectangle((column - 0.5, row - 0.5), 1, 1, edgecolor="#333333", linewidth=0.5, **styles[number])
            )
            _label(ax, column, row, table, several, heat is not None)
            if heat is not None:
                _draw_hits(ax, column, row, int(table.hits[row, column]), heat)
        ax.add_patch(Rectangle((-0.5, -0.5), 8, 8, fill=False, edgecolor="black", linewidth=1.0))
        handles = [
            Patch(edgecolor="#333333", linewidth=0.5, label=f"{letter}  {short_name(activation)}", **style)
            for letter, activation, style in zip(table.letters, table.activations, styles, strict=True)
        ]
        keywords: dict[str, Any] = {"handles": handles, "ncols": 2, "frameon": False, "fontsize": 8.5}
        if own_figure:
            ax.figure.legend(loc="outside lower center", **keywords)
        else:
            ax.set_anchor("N")  # the space that the equal aspect leaves free is for the legend
            ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.1), borderaxespad=0.0, **keywords)
    ax.set(xlim=(-0.5, 7.5), ylim=(7.5, -0.5), xticks=range(8), yticks=range(8), aspect="equal")
    ax.set(xlabel="column = h & 7", ylabel="row = (h >> 8) & 7")
    ax.tick_params(length=0)
    ax.set_title(_title(amap, neuron, several, total, heat is not None, int((table.hits == 0).sum())), fontsize=10)
    if heat is not None:
        ax.figure.colorbar(heat, ax=ax, label="hits", shrink=0.7, pad=0.02, aspect=30)
    return ax


def _label(ax: Axes, column: int, row: int, table: CellTable, several: bool, in_corner: bool) -> None:
    text = table.letters[int(table.held[row, column])]
    if several:
        text += f" {table.share[row, column]:.0%}"
    box = {"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none"}
    if in_corner:
        ax.text(column - 0.44, row - 0.43, text, fontsize=8, ha="left", va="top", bbox=box)
    else:
        ax.text(column, row, text, fontsize=9, ha="center", va="center", bbox=box)


def _draw_hits(ax: Axes, column: int, row: int, count: int, heat: Any) -> None:
    """Draw the square of the heat map in a cell, or a cross if the cell is dead."""
    from matplotlib.patches import Rectangle

    left, top, width, height = column - 0.34, row - 0.08, 0.68, 0.44
    color = heat.to_rgba(count)
    ax.add_patch(Rectangle((left, top), width, height, facecolor=color, edgecolor="#333333", linewidth=0.5))
    if count == 0:
        for rise in (height, -height):
            start = top if rise > 0 else top + height
            ax.plot([left, left + width], [start, start + rise], color="#B00000", linewidth=1.4)
        return
    lightness = 0.2126 * color[0] + 0.7152 * color[1] + 0.0722 * color[2]
    ink = "black" if lightness > 0.46 else "white"
    ax.text(left + width / 2, top + height / 2, _short(count), fontsize=8, color=ink, ha="center", va="center")


def _short(count: int) -> str:
    """Format a count with at most four characters: 999, 1.2k, 35k, 1.2M."""
    if count < 1000:
        return str(count)
    exponent = min(int(math.log10(count)) // 3, 6)
    value = count / 1000**exponent
    if round(value, 1 if value < 9.95 else 0) >= 1000 and exponent < 6:
        exponent, value = exponent + 1, value / 1000
    return f"{value:.1f}{'kMGTPE'[exponent - 1]}" if value < 9.95 else f"{value:.0f}{'kMGTPE'[exponent - 1]}"


def _title(amap: ActivationMap, neuron: object, several: bool, total: int, shown: bool, dead: int) -> str:
    parts = []
    if several:
        parts.append(f"{math.prod(amap.shape):,} neurons, the most frequent function of each cell")
    elif amap.shape:
        parts.append(f"neuron {neuron if neuron is not None else 0}")
    if shown:
        parts.append(f"{total:,} hits, {dead} of 64 cells dead{' (crossed out)' if dead else ''}")
    return "\n".join(parts)
