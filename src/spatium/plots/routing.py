"""Plots of routing: inputs that select the same cell, cells of rotated inputs, and the function at each point."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._arrays import real_array
from spatium._checks import ends_of, whole_number
from spatium.maps.activation_map import ActivationMap
from spatium.maps.hashes import SimHash, cell_of
from spatium.maps.picture import letter
from spatium.plots.style import axes_or_new, brief_name, color_and_hatch, stroke

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["collision_law", "neighborhood", "plane"]

PatternHash = Callable[[Any], Any]
Rows = NDArray[np.float64]


def _turned(rows: Rows, angle: float, generator: np.random.Generator) -> Rows:
    """Return each row rotated by the angle (in radians) in a random direction, without changing its length."""
    other = generator.standard_normal(rows.shape)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    unit = rows / lengths
    other -= (other * unit).sum(axis=1, keepdims=True) * unit
    other /= np.linalg.norm(other, axis=1, keepdims=True)
    turned: Rows = lengths * (math.cos(angle) * unit + math.sin(angle) * other)
    return turned


def _whole_cell(hashes: Any) -> NDArray[np.intp]:
    row, column = cell_of(hashes)
    cell: NDArray[np.intp] = np.asarray(8 * row + column)
    return cell


def _sides(simhash: SimHash, rows: Rows) -> NDArray[np.bool_]:
    """Return the side of each hyperplane on which the rows lie; the hash contains these bits in Gray code."""
    return (rows @ simhash.planes.T > simhash.thresholds).astype(np.bool_)


def collision_law(
    ax: Axes | None = None, n_features: int = 64, n_pairs: int = 200, n_hashes: int = 40, rng: Any = 0
) -> Axes:
    """Draw the probability that two rows at an angle agree in one bit, and in all six bits: law and measurement.

    Parameters
    ----------
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure.
    n_features : int
        The length of a row, at least 2.
    n_pairs, n_hashes : int
        The number of pairs of random rows for each angle, and the number of hashes with random hyperplanes.
    rng : seed or numpy.random.Generator, optional
        The source of rows and hashes.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If a number is too small.

    Examples
    --------
    >>> from spatium import plots
    >>> ax = plots.collision_law()  # doctest: +SKIP
    """
    n_features = whole_number("n_features", n_features, 2)
    n_pairs, n_hashes = whole_number("n_pairs", n_pairs), whole_number("n_hashes", n_hashes)
    generator = np.random.default_rng(rng)
    angles = np.array([0, 5, 10, 20, 30, 45, 60, 75, 90, 110, 130, 150, 180], dtype=np.float64)
    rows = generator.standard_normal((n_pairs, n_features))
    turned = [_turned(rows, math.radians(angle), generator) for angle in angles]
    bits, cells = np.zeros(len(angles)), np.zeros(len(angles))
    for _ in range(n_hashes):
        simhash = SimHash(n_features, rng=generator)
        before, sides = simhash(rows), _sides(simhash, rows)
        for k, other in enumerate(turned):
            cells[k] += (_whole_cell(before) == _whole_cell(simhash(other))).mean() / n_hashes
            bits[k] += (sides == _sides(simhash, other)).mean() / n_hashes
    ax = axes_or_new(ax, (6.4, 4.2))
    theta = np.linspace(0, 180, 361)
    law = 1 - theta / 180
    for number, (share, curve, label, formula) in enumerate(
        ((bits, law, "one bit", "1 − θ/π"), (cells, law**6, "all six bits: the same cell", "(1 − θ/π)⁶"))
    ):
        look = stroke(number)
        ax.plot(theta, curve, color=look["color"], linestyle=look["linestyle"], label=f"{label}, law {formula}")
        ax.plot(
            angles, share, linestyle="none", marker=look["marker"], markersize=5, markerfacecolor="white",
            markeredgecolor=look["color"], label=f"{label}, measured",
        )  # fmt: skip
    ax.annotate(
        "at 20°, one half", (20, (1 - 20 / 180) ** 6), (46, 0.62), fontsize=8.5, va="center",
        arrowprops={"arrowstyle": "->", "color": "black", "linewidth": 0.8},
    )  # fmt: skip
    ax.set(xlim=(0, 180), ylim=(0, 1.02), xticks=range(0, 181, 30), xlabel="angle θ between two input rows")
    ax.xaxis.set_major_formatter("{x:.0f}°")
    ax.set_ylabel("share of pairs that agree")
    ax.set_title("Only very similar inputs select the same cell", fontsize=10)
    ax.legend(fontsize=8.5, frameon=False)
    return ax


def neighborhood(
    simhash: SimHash, X: ArrayLike, ax: Axes | None = None, angle: float = 10.0, rng: Any = 0, repeats: int = 8
) -> Axes:
    """Draw the cells of rows that are rotated by an angle, relative to the original cells, cyclic in both axes.

    Parameters
    ----------
    simhash : SimHash
    X : array_like, shape (rows, n_features)
        The rows. They are rotated around the origin, so center them first if necessary.
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure.
    angle : float
        The angle in degrees.
    rng : seed or numpy.random.Generator, optional
        The source of the directions.
    repeats : int
        The number of directions for each row.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ValueError
        If X is not two-dimensional, has no rows, or has a row that is zero or not finite.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> from spatium import plots
    >>> X = np.random.default_rng(0).standard_normal((500, 32))
    >>> ax = plots.neighborhood(sp.SimHash(32, rng=0), X)  # doctest: +SKIP
    """
    rows = real_array("X", X).astype(np.float64)
    if rows.ndim != 2 or len(rows) == 0:
        raise ValueError(f"X has shape {rows.shape}, expected (rows, {simhash.n_features}) with at least one row")
    lengths = np.linalg.norm(rows, axis=1)
    if not (np.isfinite(lengths) & (lengths > 0)).all():
        bad = int(np.argmin(np.isfinite(lengths) & (lengths > 0)))
        raise ValueError(f"X has length {lengths[bad]} in row {bad}, expected rows that have a direction")
    # a separate random stream, because rows from the same seed would equal their own directions
    (generator,) = np.random.default_rng(rng).spawn(1)
    row, column = cell_of(simhash(rows))
    shares = np.zeros((8, 8))
    for _ in range(repeats):
        other_row, other_column = cell_of(simhash(_turned(rows, math.radians(angle), generator)))
        # offsets from −3 to 4, with the original cell in the middle
        np.add.at(shares, ((other_row - row + 3) % 8, (other_column - column + 3) % 8), 1)
    shares /= shares.sum()
    import matplotlib as mpl
    from matplotlib.patches import Rectangle

    ax = axes_or_new(ax, (5.0, 5.2))
    # the square root, so that the neighbors are visible beside the original cell; the numbers show the shares
    ax.imshow(np.sqrt(shares), cmap=mpl.colormaps["Blues"], vmin=0, vmax=math.sqrt(float(shares.max())) * 1.15)
    for place in np.ndindex(8, 8):
        share = float(shares[place])
        text = "" if share == 0 else "<0.1" if share < 0.001 else f"{100 * share:.1f}"
        ink = "white" if share > 0.4 * float(shares.max()) else "black"
        ax.text(place[1], place[0], text, ha="center", va="center", fontsize=8, color=ink)
    ax.add_patch(Rectangle((2.5, 2.5), 1, 1, fill=False, edgecolor="#D55E00", linewidth=2.2))
    steps = [f"{step:+d}".replace("-", "−") if step else "same" for step in range(-3, 5)]
    ax.set(xticks=range(8), yticks=range(8), xticklabels=steps, yticklabels=steps)
    ax.set(xlabel="columns moved", ylabel="rows moved")
    ax.set_title(f"Cells of inputs rotated by {angle:g}°, in %", fontsize=10)
    return ax


def plane(
    amap: ActivationMap,
    pattern_hash: PatternHash,
    ax: Axes | None = None,
    neuron: int | tuple[int, ...] | None = None,
    extent: tuple[float, float, float, float] = (-3.0, 3.0, -3.0, 3.0),
    resolution: int = 300,
    legend: bool = True,
) -> Axes:
    """Color the plane of two-dimensional inputs by the function that is applied at each point.

    Parameters
    ----------
    amap : ActivationMap
        A map, such as `maps` of a `spatium.nn.SpatialDense` with two inputs.
    pattern_hash : callable
        A function of rows of shape (n, 2) that returns one hash per row, such as `SimHash(2)` or the `pattern_hash` of
        the layer.
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure.
    neuron : int or tuple of int, optional
        The index of the neuron, for a map with several grids; by default the first.
    extent : (float, float, float, float)
        Left, right, bottom and top.
    resolution : int
        The number of points along each axis.
    legend : bool
        Whether to draw a legend of the functions.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If amap is not an ActivationMap.
    IndexError
        If there is no such neuron.
    ValueError
        If the extent is empty.

    Notes
    -----
    Each region is a cell. A black line is a hyperplane of the hash, where the output can jump.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium import plots
    >>> ax = plots.plane(sp.ActivationMap.random(rng=0), sp.SimHash(2, rng=0))  # doctest: +SKIP
    """
    if not isinstance(amap, ActivationMap):
        raise TypeError(f"amap is {type(amap).__name__}, expected an ActivationMap")
    left, right = ends_of("extent[:2]", extent[:2])
    bottom, top = ends_of("extent[2:]", extent[2:])
    key = (0,) * len(amap.shape) if neuron is None else neuron if isinstance(neuron, tuple) else (neuron,)
    if len(key) != len(amap.shape) or not all(-n <= k < n for k, n in zip(key, amap.shape, strict=True)):
        raise IndexError(f"neuron is {neuron!r}, but the map has shape {amap.shape}")
    cells_and_palette = amap._grid  # read once, because another thread may assign cells in the meantime
    grid, palette = cells_and_palette.cells[key], cells_and_palette.palette
    x = np.linspace(left, right, resolution)
    y = np.linspace(bottom, top, resolution)
    points = np.stack(np.meshgrid(x, y), axis=-1).reshape(-1, 2)
    cells = _whole_cell(pattern_hash(points)).reshape(resolution, resolution)
    held = grid.ravel()[cells]
    import matplotlib as mpl
    from matplotlib.patches import Patch

    used = [int(number) for number in np.unique(held)]
    looks = {number: color_and_hatch(number) for number in used}
    own_figure = ax is None
    ax = axes_or_new(ax, (6.4, 6.6 + 0.11 * len(used)))
    with mpl.rc_context({"hatch.linewidth": 0.5}):
        for number in used:
            inside = np.where(held == number, 1.0, 0.0)
            look = looks[number]
            filled = ax.contourf(x, y, inside, levels=[0.5, 1.5], colors=[look["facecolor"]], hatches=[look["hatch"]])
            filled.set_edgecolor("#555555")
            filled.set_linewidth(0.0)
    for number in np.unique(cells):
        ax.contour(x, y, (cells == number).astype(np.float64), levels=[0.5], colors="black", linewidths=0.5)
    for number, (px, py) in _label_places(cells, x, y).items():
        text = letter(int(grid.ravel()[number]))
        ax.text(
            px, py, text, ha="center", va="center", fontsize=8.5,
            bbox={"boxstyle": "square,pad=0.12", "facecolor": "white", "edgecolor": "none", "alpha": 0.9},
        )  # fmt: skip
    ax.set(xlim=(left, right), ylim=(bottom, top), aspect="equal", xlabel="first input", ylabel="second input")
    ax.set_title("Applied function", fontsize=10)
    if legend:
        with mpl.rc_context({"hatch.linewidth": 0.5}):
            handles = [
                Patch(
                    edgecolor="#555555", linewidth=0.4,
                    label=f"{letter(number)}  {brief_name(palette[number])}", **looks[number],
                )
                for number in used
            ]  # fmt: skip
            keywords: dict[str, Any] = {"handles": handles, "ncols": 2, "frameon": False, "fontsize": 8.5}
            if own_figure:
                ax.figure.legend(loc="outside lower center", **keywords)
            else:
                ax.legend(loc="upper center", bbox_to_anchor=(0.5, -0.14), borderaxespad=0.0, **keywords)
    return ax


def _label_places(cells: NDArray[np.intp], x: Rows, y: Rows) -> dict[int, tuple[float, float]]:
    """Return the point of each sufficiently large region that is farthest from other regions."""
    places = {}
    for number in np.unique(cells):
        inside = np.pad(cells == number, 1)
        depth = np.zeros(inside.shape, dtype=np.int64)
        layer = inside
        while layer.any():  # remove the border, one point at a time
            depth += layer
            layer = layer & np.roll(layer, 1, 0) & np.roll(layer, -1, 0) & np.roll(layer, 1, 1) & np.roll(layer, -1, 1)
        if depth.max() >= max(3, len(x) // 40):
            # the middle of the deepest points
            deepest = np.argwhere(depth == depth.max())
            row, column = deepest[np.argmin(((deepest - deepest.mean(axis=0)) ** 2).sum(axis=1))] - 1
            places[int(number)] = (float(x[column]), float(y[row]))
    return places
