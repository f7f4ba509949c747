"""A plot that compares the time and the error of several implementations."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from spatium.plots.style import stroke

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["cost_and_error"]


def cost_and_error(
    measured: Mapping[str, Mapping[str, tuple[float, float]]],
    ax: tuple[Axes, Axes] | None = None,
    ours: str = "Spatium",
    no_digits: float | None = None,
) -> NDArray[Any]:
    """Draw the relative time and the error of several contenders, with one row per function.

    Parameters
    ----------
    measured : dict of str to dict of str to (float, float)
        For each contender and each function, the time in any unit and the error in ulp, as in the tables of
        docs/performance.md. A contender may lack some functions.
    ax : pair of matplotlib.axes.Axes, optional
        The axes for times and errors; by default those of a new figure.
    ours : str
        The contender by whose times all times are divided.
    no_digits : float, optional
        The error from which on no digit of a result is correct; marked by a line.

    Returns
    -------
    ndarray of matplotlib.axes.Axes
        The two axes.

    Raises
    ------
    ValueError
        If `ours` is not a contender, or lacks a function that another contender has.

    Examples
    --------
    >>> from spatium import plots
    >>> measured = {"Spatium": {"gelu": (0.44, 0.6)}, "PyTorch": {"gelu": (0.34, 2e5)}}
    >>> axes = plots.cost_and_error(measured)  # doctest: +SKIP
    """
    if ours not in measured:
        raise ValueError(f"ours is {ours!r}, expected one of {', '.join(measured)}")
    functions = list(measured[ours])
    missing = sorted({name for table in measured.values() for name in table} - set(functions))
    if missing:
        raise ValueError(f"{ours} has no {', '.join(missing)}, expected all functions of the other contenders")
    from matplotlib.ticker import NullLocator

    if ax is None:
        import matplotlib.pyplot as plt

        size = (9.0, 1.4 + 0.36 * len(functions))
        figure, both = plt.subplots(1, 2, figsize=size, layout="constrained", sharey=True)
    else:
        figure, both = None, np.asarray(ax, dtype=object)
    times, errors = both
    for place in range(len(functions)):
        if place % 2 == 0:
            for panel in both:
                panel.axhspan(place - 0.5, place + 0.5, color="#F2F2F2", zorder=0)
    contenders = [ours, *(name for name in measured if name != ours)]
    for number, name in enumerate(contenders):
        places = [functions.index(function) for function in measured[name]]
        offset = (number - (len(contenders) - 1) / 2) * 0.11
        heights = [place + offset for place in places]
        ratios = [time / measured[ours][function][0] for function, (time, _) in measured[name].items()]
        found = [max(error, 0.05) for _, error in measured[name].values()]  # a logarithmic axis has no zero
        look = stroke(number)
        keywords: dict[str, Any] = {"linestyle": "none", "marker": look["marker"], "color": look["color"], "zorder": 3}
        keywords |= {"markersize": 7 if name == ours else 5, "markeredgecolor": "black", "markeredgewidth": 0.4}
        times.plot(ratios, heights, label=name, **keywords)
        errors.plot(found, heights, **keywords)
    times.set(xscale="log", xlabel=f"time, {ours} = 1   (right: slower)", ylim=(len(functions) - 0.5, -0.5))
    errors.set(xscale="log", xlabel="largest error, ulp   (right: less accurate)")
    times.set(yticks=range(len(functions)), yticklabels=functions)
    times.axvline(1, color="black", linewidth=0.8, zorder=1)
    errors.axvline(0.5, color="black", linewidth=0.8, linestyle=(0, (1, 3)), zorder=1)
    highest = max((error for table in measured.values() for _, error in table.values()), default=1.0)
    decades = range(0, math.ceil(math.log10(max(highest, 10.0))) + 1, 2)
    errors.set_xticks([0.05, *(10.0**k for k in decades)], ["0", "1", *(f"$10^{{{k}}}$" for k in decades[1:])])
    errors.xaxis.set_minor_locator(NullLocator())
    times.xaxis.set_major_formatter("{x:g}×")
    errors.set_xlim(0.03, 10 ** (math.ceil(math.log10(max(highest, 10.0))) + 0.3))
    if no_digits is not None:
        errors.axvline(no_digits, color="#D55E00", linewidth=1.0, linestyle="dashed", zorder=1)
        errors.annotate(
            "no digit\nleft", (no_digits, 1.0), (-3, -4), xycoords=("data", "axes fraction"),
            textcoords="offset points", ha="right", va="top", fontsize=8, color="#B04000",
        )  # fmt: skip
    for panel in both:
        panel.tick_params(axis="y", length=0)
        panel.grid(axis="x", color="#DDDDDD", linewidth=0.6)
        panel.set_axisbelow(True)
    if figure is not None:
        figure.legend(loc="outside upper center", ncols=len(contenders), frameon=False, fontsize=9)
    else:
        times.legend(fontsize=8)
    return np.array(list(both), dtype=object)
