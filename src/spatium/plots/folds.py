"""How a network folds the plane: the output of each unit, the strongest path, and the islands that it finds."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import numpy as np
from numpy.typing import NDArray

from spatium._checks import ends_of, whole_number
from spatium._tables import number
from spatium.analysis import properties
from spatium.lab import HiddenLayer, Islands, hidden_layers, strongest_chain
from spatium.maps.hashes import cell_of
from spatium.nn import Dense, Network
from spatium.plots.style import brief_name

if TYPE_CHECKING:
    from matplotlib.figure import Figure

__all__ = ["fold_chain", "folds", "islands"]

WATER, LAND = "#0072B2", "#D55E00"


def folds(
    network: Network,
    domain: tuple[float, float] = (-1.0, 1.0),
    style: Literal["map", "surface"] = "map",
    resolution: int | None = None,
) -> Figure:
    """Draw the output of every hidden unit over the plane, one row per layer and one panel per unit.

    Parameters
    ----------
    network : nn.Network
        Two inputs, and hidden layers Dense, SpatialDense or ActivationLayer, such as those of a `lab.island_network`.
    domain : (low, high)
        The range of both inputs.
    style : {"map", "surface"}
        Colors, or surfaces with their height. All units of a layer have the same scale, which is symmetric around 0.
        In a map, black lines are the folds: the kinks of the function, or the places where the argument of a smooth
        function is 0. Gray lines are the places where the cell of maps changes, and with it the function.
    resolution : int, optional
        The number of points along each side; by default 160 for maps and 40 for surfaces.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    ValueError
        If the network has not two inputs or other layers, or an argument is invalid.

    Examples
    --------
    >>> from spatium import lab, plots
    >>> figure = plots.folds(lab.island_network("relu", rng=0), resolution=20)
    >>> len(figure.axes)                                       # three layers of eight units
    24
    """
    if style not in ("map", "surface"):
        raise ValueError(f"style is {style!r}, expected 'map' or 'surface'")
    side, layers = _evaluated(network, domain, resolution or (160 if style == "map" else 40))
    import matplotlib.pyplot as plt

    most = max(layer.values.shape[1] for layer in layers)
    size = 1.25 if style == "map" else 1.5
    figure: Figure = plt.figure(figsize=(size * most + 0.6, (size + 0.25) * len(layers) + 0.35))
    grid = figure.add_gridspec(
        len(layers), most, left=0.06, right=0.99, bottom=0.02, top=0.9, wspace=0.08, hspace=0.18
    )  # a layout engine would take seconds for so many panels
    for row, layer in enumerate(layers):
        limit = float(np.abs(layer.values).max()) or 1.0
        for unit in range(layer.values.shape[1]):
            if style == "map":
                ax = figure.add_subplot(grid[row, unit])
                _draw_map(ax, side, layer, unit, limit)
            else:
                ax = figure.add_subplot(grid[row, unit], projection="3d")
                _draw_surface(ax, side, layer.values[:, unit], limit)
            if unit == 0:
                place = ax.get_position()
                figure.text(0.035, (place.y0 + place.y1) / 2, f"layer {row + 1}", rotation=90, ha="center", va="center")
    figure.suptitle(_title(layers), fontsize="medium")
    return figure


def fold_chain(network: Network, domain: tuple[float, float] = (-1.0, 1.0), resolution: int = 60) -> Figure:
    """Draw the units of the strongest path through a network as surfaces, and the output, from left to right.

    Parameters
    ----------
    network, domain
        As for `folds`.
    resolution : int
        The number of points along each side.

    Returns
    -------
    matplotlib.figure.Figure
        One surface for each hidden layer, of the unit on the path of `lab.strongest_chain` and with the weight by which
        the next one reads it, and the surface of the first output.

    Raises
    ------
    ValueError
        As `folds`.

    Examples
    --------
    >>> from spatium import lab, plots
    >>> figure = plots.fold_chain(lab.island_network("tanh", rng=0), resolution=10)
    >>> [ax.get_title().splitlines()[0] for ax in figure.axes][-1]
    'output'
    """
    side, layers = _evaluated(network, domain, resolution)
    points = _points(side)
    chain = strongest_chain(network, points)
    output = network.forward(points, count=False)[:, 0]
    last = next(layer for layer in reversed(network.layers) if isinstance(layer, Dense))
    import matplotlib.pyplot as plt

    count = len(layers) + 1
    figure: Figure = plt.figure(figsize=(2.7 * count, 3.1))
    for place in range(count):
        ax: Any = figure.add_subplot(1, count, place + 1, projection="3d")
        if place == len(layers):
            _draw_surface(ax, side, output, float(np.abs(output).max()) or 1.0, contour=True)
            ax.set_title("output", fontsize="medium")
            continue
        values = layers[place].values[:, chain[place]]
        onward = last.weights[chain[-1], 0] if place + 1 == len(layers) else (
            layers[place + 1].weights[chain[place], chain[place + 1]]
        )  # fmt: skip
        _draw_surface(ax, side, values, float(np.abs(values).max()) or 1.0, contour=True)
        ax.set_title(f"layer {place + 1}, unit {chain[place]}\nweight {number(float(onward), 3)} →", fontsize="medium")
    figure.suptitle(_title(layers), fontsize="medium", y=0.99)
    figure.subplots_adjust(left=0.01, right=0.99, bottom=0.02, top=0.8, wspace=0.02)
    return figure


def islands(network: Network, islands: Islands, resolution: int = 220) -> Figure:
    """Draw islands, the output of a network, and its error: in the square of its training and around it.

    Parameters
    ----------
    network : nn.Network
        Two inputs and one output between 0 and 1.
    islands : Islands
        The islands that it has learned.
    resolution : int
        The number of points along each side of the output.

    Returns
    -------
    matplotlib.figure.Figure
        Three panels. The surroundings of the square, where the network extrapolates, are hatched. A black line is the
        border that the network draws, in the first panel too.

    Raises
    ------
    ValueError
        If the network has another number of inputs or outputs.

    Examples
    --------
    >>> from spatium import lab, plots
    >>> islands = lab.perlin_islands(size=24)
    >>> figure = plots.islands(lab.island_network("gelu", rng=0), islands, resolution=40)
    >>> [ax.get_title() for ax in figure.axes][:2]
    ['islands', 'network']
    """
    if network.n_inputs != 2 or network.n_outputs != 1:
        raise ValueError(f"the network has {network.n_inputs} inputs and {network.n_outputs} outputs, expected 2 and 1")
    edge = 1.5
    side = np.linspace(-edge, edge, whole_number("resolution", resolution, 2))
    output = network.forward(_points(side), count=False)[:, 0].reshape(len(side), len(side))
    import matplotlib.pyplot as plt
    from matplotlib.colors import LinearSegmentedColormap, ListedColormap
    from matplotlib.patches import Rectangle

    figure: Figure
    figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.4), layout="constrained", sharey=True)
    truth, places = _picture_of(islands)
    near = np.clip(np.searchsorted((places[1:] + places[:-1]) / 2, side), 0, len(places) - 1)
    wrong = (output > 0.5) != (truth[np.ix_(near, near)] > 0.5)
    blend = LinearSegmentedColormap.from_list("land and water", (WATER, "#F7F7F7", LAND))
    extent = (-edge, edge, -edge, edge)
    keywords: dict[str, Any] = {"origin": "lower", "extent": extent, "interpolation": "nearest"}
    bounds = (float(places[0]), float(places[-1])) * 2
    axes[0].imshow(truth, cmap=ListedColormap((WATER, LAND)), vmin=0, vmax=1, **keywords | {"extent": bounds})
    picture = axes[1].imshow(output, cmap=blend, vmin=0, vmax=1, **keywords)
    axes[2].imshow(wrong, cmap=ListedColormap(("#F2F2F2", "#000000")), vmin=0, vmax=1, **keywords)
    inside = islands.held_out
    right = (network.forward(inside.points, count=False)[:, 0] > 0.5) == (inside.labels == 1)
    for ax, title in zip(axes, ("islands", "network", f"wrong: {1 - right.mean():.1%} of the square"), strict=True):
        if ax is not axes[2] and np.ptp(output) > 0 and output.min() < 0.5 < output.max():
            ax.contour(side, side, output, levels=[0.5], colors="black", linewidths=1.0)
        for corner, width, height in (
            ((-edge, -edge), 0.5, 3), ((1, -edge), 0.5, 3), ((-1, -edge), 2, 0.5), ((-1, 1), 2, 0.5),
        ):  # fmt: skip
            ax.add_patch(Rectangle(corner, width, height, fill=False, hatch="///", edgecolor="#888888", linewidth=0))
        ax.add_patch(Rectangle((-1, -1), 2, 2, fill=False, edgecolor="black", linewidth=1.0))
        ax.set(title=title, xticks=(-1, 0, 1), yticks=(-1, 0, 1), xlim=bounds[:2], ylim=bounds[:2], aspect="equal")
    figure.colorbar(picture, ax=list(axes), shrink=0.8, label="probability of land")
    return figure


def _picture_of(islands: Islands) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return the labels of all points of the square and around it as a picture, and the coordinate of each line."""
    points = np.concatenate([islands.points, islands.outside.points])
    labels = np.concatenate([islands.labels, islands.outside.labels])
    step = 2 / (islands.size - 1)
    numbers = np.rint((points + 1) / step).astype(np.intp)
    lowest = numbers.min()
    numbers -= lowest
    count = int(numbers.max()) + 1
    picture = np.zeros((count, count))
    picture[numbers[:, 1], numbers[:, 0]] = labels
    return picture, -1 + step * (lowest + np.arange(count))


def _points(side: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def _evaluated(network: Network, domain: Any, resolution: int) -> tuple[NDArray[np.float64], list[HiddenLayer]]:
    if network.n_inputs != 2:
        raise ValueError(f"the network has {network.n_inputs} inputs, expected 2")
    side = np.linspace(*ends_of("domain", domain), whole_number("resolution", resolution, 2))
    layers = list(hidden_layers(network, _points(side)))
    if not layers:
        raise ValueError("the network has no hidden layers")
    return side, layers


def _title(layers: list[HiddenLayer]) -> str:
    names = dict.fromkeys("maps" if layer.activation is None else brief_name(layer.activation) for layer in layers)
    return ", ".join(names)


def _draw_map(ax: Any, side: NDArray[np.float64], layer: HiddenLayer, unit: int, limit: float) -> None:
    shape = (len(side), len(side))
    z = layer.arguments[:, unit].reshape(shape)
    extent = (side[0], side[-1], side[0], side[-1])
    ax.imshow(
        layer.values[:, unit].reshape(shape), origin="lower", extent=extent, cmap="RdBu_r", vmin=-limit, vmax=limit
    )
    kinks = properties(layer.activation).kinks if layer.activation is not None else ()
    levels = [place for place in kinks or (0.0,) if z.min() < place < z.max()]
    if levels:
        ax.contour(side, side, z, levels=sorted(levels), colors="black", linewidths=0.9, linestyles="solid")
    if layer.hashes is not None:
        row, column = cell_of(layer.hashes)
        cells = (8 * row + column).reshape(shape)
        for cell in np.unique(cells)[1:]:
            ax.contour(side, side, cells == cell, levels=[0.5], colors="#777777", linewidths=0.6)
    ax.set(xticks=(), yticks=())


def _draw_surface(
    ax: Any, side: NDArray[np.float64], values: NDArray[Any], limit: float, contour: bool = False
) -> None:
    x, y = np.meshgrid(side, side)
    heights = values.reshape(len(side), len(side))
    ax.plot_surface(
        x, y, heights, cmap="coolwarm", vmin=-limit, vmax=limit, rcount=len(side), ccount=len(side), linewidth=0,
        antialiased=False,
    )  # fmt: skip
    bottom = -limit if heights.min() < 0 else 0.0
    if contour and np.ptp(heights) > 0:
        bottom -= 0.35 * limit
        ax.contour(
            x, y, heights, zdir="z", offset=bottom, levels=7, cmap="coolwarm", vmin=-limit, vmax=limit, linewidths=0.8
        )
    ax.set(xticks=(), yticks=(), zticks=(), zlim=(bottom, limit))
    ax.view_init(elev=32, azim=-60)
    ax.patch.set_alpha(0)
