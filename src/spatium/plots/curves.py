"""Plots of functions: value and derivatives, many activations side by side, the error in units in the last place."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from spatium._checks import ends_of
from spatium.activations import Activation, Custom
from spatium.activations.names import as_activation, as_activations
from spatium.analysis.curve import CORE, Curve
from spatium.analysis.errors import ulp_errors
from spatium.analysis.properties import is_bare
from spatium.plots.style import axes_or_new, brief_name, every_activation, labels_apart, short_name, stroke

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["activation", "activations", "jumps", "ulp_error"]

Float64Array = NDArray[np.float64]
Function = Callable[[Float64Array], Any]

_CURVES = (
    ("f", "#0072B2", "solid", 2.2),
    ("f′", "#D55E00", (0, (6, 2)), 1.6),
    ("f″", "#009E73", (0, (1, 1.2)), 1.6),
)
_POINTS = 1201


def jumps(function: Function, low: float, high: float) -> list[float]:
    """Return where a function jumps between low and high."""
    octaves = math.ceil(math.log2(max(abs(low), abs(high), CORE) / CORE))
    return [item.place for item in Curve(function, interval=CORE * 2.0**octaves).of_order(0) if low < item.place < high]


def _evaluated(function: Function, x: Float64Array) -> Float64Array:
    return np.asarray(function(x), dtype=np.float64)


def _broken(function: Function, low: float, high: float) -> tuple[Float64Array, Float64Array]:
    """Return points of the curve, with NaN at jumps, so that no line connects the two sides."""
    x = np.linspace(low, high, _POINTS)
    gaps = jumps(function, low, high)
    beside = [gap + side * 1e-6 * (high - low) for gap in gaps for side in (-1, 0, 1)]
    x = np.union1d(x, beside)
    y = _evaluated(function, x)
    for gap in gaps:
        y[np.abs(x - gap) < 0.5e-6 * (high - low)] = np.nan
    return x, y


def _derivatives(act: Activation, second: bool) -> list[Function]:
    if is_bare(act):
        return [act]
    functions: list[Function] = [act, act.derivative]
    if second and not isinstance(act, Custom):
        functions.append(act.second_derivative)
    return functions


def activation(
    act: Activation | str,
    ax: Axes | None = None,
    interval: tuple[float, float] = (-6.0, 6.0),
    second: bool = True,
    legend: bool = True,
) -> Axes:
    """Draw f, f′ and f″ over an interval, with the kinks of f and its finite limits marked.

    Parameters
    ----------
    act : Activation or str
        For a `Custom` activation, only f and f′ are drawn, and without a derivative only f.
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure.
    interval : (float, float)
        The range of x.
    second : bool
        Whether to draw f″.
    legend : bool
        Whether to draw a legend.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If act is not an activation.
    ValueError
        If the interval is not finite or is empty.

    Notes
    -----
    A circle on f marks a kink, where f′ jumps. Kinks are found from evaluations, so this works for functions of the
    user too. A thin line on the left or right marks the limit of f at −inf or inf.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium import plots
    >>> ax = plots.activation(sp.HardSwish())  # doctest: +SKIP
    """
    act = as_activation("act", act)
    low, high = ends_of("interval", interval)
    curves = [_broken(function, low, high) for function in _derivatives(act, second)]
    kinks = [] if is_bare(act) else jumps(act.derivative, low, high)
    limits = _finite_limits(act)
    ax = axes_or_new(ax, (6.4, 4.2))
    ax.axhline(0, color="#999999", linewidth=0.6, zorder=0)
    ax.axvline(0, color="#999999", linewidth=0.6, zorder=0)
    for (label, color, dash, width), (x, y) in reversed(list(zip(_CURVES, curves, strict=False))):
        ax.plot(x, y, color=color, linestyle=dash, linewidth=width, label=label)
    for side, limit in limits:
        edge = (low, (low + high) / 2) if side < 0 else ((low + high) / 2, high)
        ax.plot(edge, [limit, limit], color="black", linestyle=(0, (1, 3)), linewidth=1.1, label="limit of f at ±∞")
    if kinks:
        heights = _evaluated(act, np.array(kinks))
        look: dict[str, Any] = {"marker": "o", "markersize": 7, "markerfacecolor": "white", "markeredgecolor": "black"}
        ax.plot(kinks, heights, linestyle="none", label="kink or jump of f", zorder=4, **look)
    ax.set(xlim=(low, high), xlabel="x")
    ax.set_ylim(*_window(curves, [limit for _, limit in limits]))
    ax.set_title(short_name(act), fontsize=10)
    if legend:
        handles, labels = ax.get_legend_handles_labels()
        first = {label: handle for handle, label in reversed(list(zip(handles, labels, strict=True)))}
        order = [label for label, *_ in _CURVES if label in first]
        order += [label for label in ("kink or jump of f", "limit of f at ±∞") if label in first]
        ax.legend([first[label] for label in order], order, fontsize=8.5, framealpha=0.9)
    return ax


def _finite_limits(act: Activation) -> list[tuple[int, float]]:
    with np.errstate(all="ignore"):
        ends = _evaluated(act, np.array([-np.inf, np.inf]))
    return [(side, float(end) + 0.0) for side, end in zip((-1, 1), ends, strict=True) if math.isfinite(end)]


def _window(curves: Sequence[tuple[Float64Array, Float64Array]], also: Sequence[float]) -> tuple[float, float]:
    """Return the range of y: all of f′ and f″, and as much of f as leaves them readable."""
    value = curves[0][1]
    rest = np.concatenate([np.empty(0), *(y for _, y in curves[1:])])
    rest = rest[np.isfinite(rest)]
    finite = np.clip(value[np.isfinite(value)], -3.2, 3.2)
    bottom = min(-0.25, float(rest.min(initial=0.0)), float(finite.min(initial=0.0)), *also)
    top = max(1.25, float(rest.max(initial=0.0)), float(finite.max(initial=0.0)), *also)
    margin = 0.05 * (top - bottom)
    return max(bottom - margin, -6.5), min(top + margin, 6.5)


def activations(
    acts: Sequence[Activation | str] | None = None,
    ax: Any = None,
    interval: tuple[float, float] | None = None,
) -> NDArray[Any]:
    """Draw several functions side by side, each with its derivative.

    Parameters
    ----------
    acts : sequence of Activation or str, optional
        The activations; by default all, in the order of their codes.
    ax : array of matplotlib.axes.Axes, optional
        The axes to draw on, at least one per activation; by default those of a new figure. Unused axes are hidden.
    interval : (float, float), optional
        The range of x; by default from −5 to 5, and for a function with a larger finite limit, such as relu6, as far as
        this limit is visible.

    Returns
    -------
    ndarray of matplotlib.axes.Axes
        The axes of each activation, shape (number of activations,).

    Raises
    ------
    TypeError
        If an element is not an activation.
    ValueError
        If there are fewer axes than activations, or no activations.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium import plots
    >>> axes = plots.activations([sp.ReLU(), sp.GELU(), sp.Mish()])  # doctest: +SKIP
    """
    chosen = as_activations("acts", every_activation() if acts is None else acts)
    low, high = ends_of("interval", (-5.0, 5.0) if interval is None else interval)
    if not chosen:
        raise ValueError("acts is empty, expected at least one activation")
    if ax is None:
        import matplotlib.pyplot as plt

        columns = min(len(chosen), 6)
        rows = math.ceil(len(chosen) / columns)
        size = (1.9 * columns + 0.3, 1.75 * rows + 0.5)
        figure, axes = plt.subplots(rows, columns, figsize=size, layout="constrained", squeeze=False)
        axes = axes.ravel()
        handles = [plt.Line2D([], [], color=c, linestyle=d, linewidth=w, label=n) for n, c, d, w in _CURVES[:2]]
        figure.legend(handles=handles, loc="outside upper right", ncols=2, frameon=False, fontsize=9)
    else:
        axes = np.asarray(ax, dtype=object).ravel()
        if len(axes) < len(chosen):
            raise ValueError(f"ax holds {len(axes)} axes, expected at least {len(chosen)}, one for each activation")
    for panel, act in zip(axes, chosen, strict=False):
        panel.axhline(0, color="#999999", linewidth=0.5, zorder=0)
        panel.axvline(0, color="#999999", linewidth=0.5, zorder=0)
        limit = max((end for _, end in _finite_limits(act)), default=0.0)
        shows_limit = limit > 2.4 and (interval is None or limit < high)
        right = max(high, limit + 2) if shows_limit and interval is None else high
        for (_, color, dash, width), function in reversed(
            list(zip(_CURVES, _derivatives(act, second=False), strict=False))
        ):
            x, y = _broken(function, low, right)
            panel.plot(x, y, color=color, linestyle=dash, linewidth=0.8 * width)
        top, yticks = (limit + 1, (0, 1, limit)) if shows_limit else (2.6, (-1, 0, 1, 2))
        panel.set(xlim=(low, right), ylim=(-1.6, top), xticks=(-4, 0, 4), yticks=yticks)
        panel.tick_params(labelsize=7, length=2)
        title = brief_name(act)
        panel.set_title(title if len(title) < 22 else title.replace("(", "\n(", 1), fontsize=7.5, pad=3)
    for panel in axes[len(chosen) :]:
        panel.set_axis_off()
    return np.array(axes[: len(chosen)], dtype=object)


def ulp_error(
    act: Activation | str,
    ax: Axes | None = None,
    interval: tuple[float, float] = (-10.0, 10.0),
    dtype: DTypeLike = np.float32,
    derivative: bool = False,
    against: Mapping[str, Callable[[NDArray[Any]], Any]] | None = None,
    reference: Function | None = None,
    points: int = 120_000,
) -> Axes:
    """Draw the error in units in the last place of the exact result: the largest error in each of 300 intervals.

    Parameters
    ----------
    act : Activation or str
    ax : matplotlib.axes.Axes, optional
        The axes to draw on; by default those of a new figure.
    interval : (float, float)
        The range of x.
    dtype : dtype
        float32 or float16, or float64 with a `reference`.
    derivative : bool
        Whether to measure f′ instead of f.
    against : dict of str to callable, optional
        Other implementations, which are called with the array of points in `dtype`. The scale is then logarithmic.
    reference : callable, optional
        A function that returns the exact results for an array of float64, rounded to float64. The default is Spatium's
        float64 function, whose error of at most 1.1 ulp is 1.1·2⁻²⁹ ulp of float32 (docs/accuracy.md).
    points : int
        The number of random points, which are distributed evenly over the interval.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    TypeError
        If act is not an activation.
    ValueError
        If the interval is not finite or empty, or dtype is float64 and there is no reference.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium import plots
    >>> ax = plots.ulp_error(sp.GELU())  # doctest: +SKIP
    """
    act = as_activation("act", act)
    low, high = ends_of("interval", interval)
    kind = np.dtype(dtype)
    if kind.kind != "f" or (reference is None and kind.itemsize >= 8):
        raise ValueError(f"dtype is {kind}, expected float16 or float32, or float64 together with a reference")
    x = np.linspace(low, high, points) + np.random.default_rng(0).uniform(-0.5, 0.5, points) * (high - low) / points
    x = np.sort(x.astype(kind))
    own: Callable[..., Any] = act.derivative if derivative else act
    exact = _evaluated(own if reference is None else reference, x.astype(np.float64))
    contenders: dict[str, Callable[[NDArray[Any]], Any]] = {"Spatium": own, **(against or {})}
    ax = axes_or_new(ax, (6.4, 3.6))
    edges = np.linspace(low, high, 301)
    which = np.clip(np.searchsorted(edges, x, side="right") - 1, 0, 299)
    centers = (edges[1:] + edges[:-1]) / 2
    worst_of_all = 0.0
    for number, (label, function) in enumerate(contenders.items()):
        with np.errstate(all="ignore"):
            errors = ulp_errors(np.asarray(function(x)), exact, kind)
        worst = np.zeros(300)
        np.maximum.at(worst, which, errors)
        filled = np.bincount(which, minlength=300) > 0
        look = {**stroke(number), "marker": None}
        if against:
            worst = np.maximum(worst, 1e-2)  # a logarithmic axis has no zero
        ax.plot(centers[filled], worst[filled], linewidth=1.4, label=label, **look)
        worst_of_all = max(worst_of_all, float(worst[filled].max()))
    ax.axhline(0.5, color="black", linewidth=0.9, linestyle=(0, (1, 3)))
    ax.annotate(
        "0.5: correctly rounded", (1.0, 0.5), (-3, -4 if against else 3), xycoords=("axes fraction", "data"),
        textcoords="offset points", ha="right", va="top" if against else "bottom", fontsize=8,
    )  # fmt: skip
    what = "f′" if derivative else "f"
    ax.set(xlim=(low, high), xlabel="x", ylabel=f"error of {what}, {kind} ulp")
    if against:
        ax.set_yscale("log")
        ax.set_ylim(1e-2, max(2.0, 8 * worst_of_all))
        no_digits = 2.0 ** (np.finfo(kind).nmant + 1)
        if worst_of_all > no_digits / 10:
            ax.axhline(no_digits, color="black", linewidth=0.9, linestyle=(0, (6, 3)))
            ax.annotate(
                "no digit left", (1.0, no_digits), (-3, 3), xycoords=("axes fraction", "data"),
                textcoords="offset points", ha="right", va="bottom", fontsize=8,
            )  # fmt: skip
        ax.legend(fontsize=8.5, framealpha=0.9)
    else:
        ax.set_ylim(0, max(0.8, 1.1 * worst_of_all))
    ax.set_title(f"{short_name(act)}: error of {kind}", fontsize=10)
    return ax


def label_ends(ax: Axes, x: float, ends: Sequence[float], texts: Sequence[str], colors: Sequence[str]) -> None:
    """Write the name of each line beside its last point, and move names apart if they would overlap."""
    low, high = ax.get_ylim()
    logarithmic = ax.get_yscale() == "log"
    scaled = [math.log10(end) if logarithmic else end for end in ends]
    bottom, top = (math.log10(low), math.log10(high)) if logarithmic else (low, high)
    clipped = [min(max(height, bottom), top) for height in scaled]
    distance = 0.055 * (top - bottom)
    placed = labels_apart(clipped, distance)
    lowered = max(0.0, max(placed) - (top - distance / 2))
    placed = [place - lowered for place in placed]
    if logarithmic:
        clipped, placed = [10.0**height for height in clipped], [10.0**place for place in placed]
    for end, place, text, color in zip(clipped, placed, texts, colors, strict=True):
        ax.annotate(
            text, (x, end), (x + 0.35, place), color=color, fontsize=8.5, va="center", annotation_clip=False,
            arrowprops={"arrowstyle": "-", "color": color, "linewidth": 0.6},
        )  # fmt: skip
