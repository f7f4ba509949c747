"""The common parts of the plots: axes, and styles that are distinct in print and for color-blind readers."""

from __future__ import annotations

import functools
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from spatium._html import COLORS
from spatium.activations import Activation, Custom, activation, activations
from spatium.activations.names import short_name

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "COLORS",
    "axes_or_new",
    "brief_name",
    "color_and_hatch",
    "every_activation",
    "labels_apart",
    "short_name",
    "stroke",
]

# Where twelve colors are hard to distinguish, for example in black and white, hatches and letters identify functions.
_HATCHES = ("", "////", "....", "\\\\\\\\", "||||", "xxxx", "----", "++++", "oo", "//..", "\\\\--", "**")

# For lines and points: the colors that are dark enough on white, each with its own dash pattern and marker.
_STROKES = (
    ("#0072B2", "solid", "o"),
    ("#D55E00", (0, (6, 2)), "s"),
    ("#009E73", (0, (1, 1.2)), "^"),
    ("#CC79A7", (0, (6, 1.5, 1, 1.5)), "D"),
    ("#000000", (0, (3, 1.5)), "v"),
    ("#E69F00", (0, (8, 2, 1, 2, 1, 2)), "P"),
    ("#56B4E9", (0, (12, 2)), "X"),
    ("#777777", (0, (2, 3)), "*"),
)


def color_and_hatch(number: int) -> dict[str, Any]:
    """Return the style of the area with this number. When the colors repeat, the hatches are shifted."""
    around, place = divmod(number, len(COLORS))
    return {"facecolor": COLORS[place], "hatch": _HATCHES[(place + around) % len(_HATCHES)]}


def stroke(number: int) -> dict[str, Any]:
    """Return the style of the line with this number. Color, dash pattern and marker repeat together."""
    color, dash, marker = _STROKES[number % len(_STROKES)]
    return {"color": color, "linestyle": dash, "marker": marker}


def axes_or_new(ax: Axes | None, figsize: tuple[float, float]) -> Axes:
    """Return the given axes, or those of a new figure."""
    if ax is not None:
        return ax
    import matplotlib.pyplot as plt

    made: Axes = plt.subplots(figsize=figsize, layout="constrained")[1]
    return made


def labels_apart(wanted: Iterable[float], distance: float) -> list[float]:
    """Return positions near the wanted ones, at least `distance` apart, in the given order."""
    heights = np.array(list(wanted), dtype=np.float64)
    order = np.argsort(heights, kind="stable")
    # each label moves the labels above it up; then all labels move down by half of the largest displacement
    spread = heights[order] - distance * np.arange(len(order))
    moved = np.maximum.accumulate(spread) if len(order) else spread
    lowered = moved - (moved - spread).max(initial=0.0) / 2
    result = np.empty_like(heights)
    result[order] = lowered + distance * np.arange(len(order))
    return [float(height) for height in result]


def brief_name(act: Activation) -> str:
    """Return the short name, without parameters if they are the defaults."""
    if not isinstance(act, Custom) and act == type(act)():
        return type(act).__name__
    return short_name(act)


@functools.cache
def every_activation() -> tuple[Activation, ...]:
    """Return all activations in the order of their codes, with the defaults, except threshold, which would be relu."""
    changed = {"threshold": {"threshold": 0.5, "value": 0.0}}
    return tuple(activation(name, **changed.get(name, {})) for name in activations())
