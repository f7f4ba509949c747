"""Properties of a function: range, breaks, limits, slopes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from spatium._tables import Printed, Table, interval, number, plain, shown
from spatium.activations import Activation, Custom, names
from spatium.activations.base import GradientSource
from spatium.analysis.curve import Break, Curve

__all__ = ["Properties", "as_activation", "is_bare", "properties"]

Smoothness = Literal["smooth", "C1", "C0", "discontinuous"]
_CLASSES: tuple[Smoothness, ...] = ("discontinuous", "C0", "C1")


def as_activation(name: str, value: Any) -> Activation:
    """Return the argument `name` as an activation. It may be an activation, its name, or a function."""
    if isinstance(value, Activation | str):
        return names.as_activation(name, value)
    if callable(value) and not isinstance(value, type):
        return Custom(value)
    raise TypeError(f"{name} is {value!r}, expected an activation, its name, or a function of an array")


@dataclass(frozen=True)
class Properties(Printed):
    """Properties of an activation; returned by `properties`. Prints as a table.

    Attributes
    ----------
    activation : Activation
    range : tuple of float
        The infimum and the supremum.
    attained : tuple of bool
        Whether f takes these values, so that the ends of the interval are closed.
    direction : {"increasing", "decreasing", "constant", "both"}
        Constant pieces are ignored.
    turning_points : tuple of float
        At most the eight nearest to 0.
    smoothness : {"smooth", "C1", "C0", "discontinuous"}
        C0: there are kinks. C1: there are no kinks, but the second derivative jumps.
    breaks : tuple of Break
        The places where the value, the slope or the second derivative jumps, with both sides.
    lipschitz : float
        The largest ``|f′|``; inf if f′ is unbounded or f jumps.
    zeros : tuple of intervals
        (x, x) for a point, and for example (−inf, 0) for the zeros of relu; at most the eight nearest to 0.
    minimum : (x, y) or None
        The lowest point, if it is a turning point.
    limits : tuple
        The limits at −inf and inf; None if there is no limit.
    gradient_from : {"output", "output+bit", "input"}
        The data from which the library computes the derivative.
    """

    activation: Activation
    range: tuple[float, float]
    attained: tuple[bool, bool]
    direction: str
    turning_points: tuple[float, ...]
    smoothness: Smoothness
    breaks: tuple[Break, ...]
    lipschitz: float
    zeros: tuple[tuple[float, float], ...]
    minimum: tuple[float, float] | None
    limits: tuple[float | None, float | None]
    gradient_from: GradientSource

    @property
    def monotone(self) -> bool:
        """Whether f has no turning point."""
        return self.direction != "both"

    @property
    def bounded(self) -> bool:
        """Whether the range is finite."""
        return all(map(math.isfinite, self.range))

    @property
    def smooth(self) -> bool:
        """Whether neither the value nor its first two derivatives jump."""
        return self.smoothness == "smooth"

    @property
    def kinks(self) -> tuple[float, ...]:
        """The places where the slope jumps."""
        return tuple(item.place for item in self.breaks if item.order == 1)

    @property
    def jumps(self) -> tuple[float, ...]:
        """The places where the value jumps."""
        return tuple(item.place for item in self.breaks if item.order == 0)

    @property
    def gating_limit(self) -> tuple[float, ...]:
        """The ends, −inf or inf, where f tends to 0, so that a neuron can block its signal."""
        return tuple(end for end, limit in zip((-math.inf, math.inf), self.limits, strict=True) if limit == 0)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON; infinities become text."""
        return {
            "activation": repr(self.activation),
            "range": plain(self.range),
            "attained": list(self.attained),
            "bounded": self.bounded,
            "monotone": self.monotone,
            "direction": self.direction,
            "turning_points": list(self.turning_points),
            "smoothness": self.smoothness,
            "kinks": list(self.kinks),
            "jumps": list(self.jumps),
            "lipschitz": plain(self.lipschitz),
            "zeros": plain(self.zeros),
            "minimum": plain(self.minimum),
            "limits": plain(self.limits),
            "gating_limit": plain(self.gating_limit),
            "gradient_from": self.gradient_from,
        }

    def rows(self) -> list[tuple[str, str]]:
        """Return the names and values as text, for tables."""
        turns = ", ".join(map(number, self.turning_points)) + (", …" if len(self.turning_points) >= 8 else "")
        zeros = [number(a) if a == b else interval(a, b) for a, b in self.zeros]
        minimum = None if self.minimum is None else f"{number(self.minimum[1])} at {number(self.minimum[0])}"
        return [
            ("range", interval(*self.range, self.attained)),
            ("bounded", shown(self.bounded)),
            ("monotone", self.direction if self.monotone else f"no, turns at {turns}"),
            ("smoothness", self.smoothness),
            ("kinks", shown(self.kinks)),
            ("jumps", shown(self.jumps)),
            ("Lipschitz constant", number(self.lipschitz)),
            ("zeros", ", ".join(zeros) + (", …" if len(zeros) >= 8 else "") if zeros else "none"),
            ("minimum", shown(minimum)),
            ("limits", ", ".join("none" if limit is None else number(limit) for limit in self.limits)),
            ("gating limit", ", ".join(f"0 at {number(end)}" for end in self.gating_limit) or "none"),
            ("gradient from", self.gradient_from),
        ]

    def _table(self) -> Table:
        return Table(repr(self.activation), ("", ""), self.rows())


def properties(act: Activation) -> Properties:
    """Return the properties of an activation: range, monotonicity, smoothness, slopes, zeros, limits.

    Parameters
    ----------
    act : Activation
        An activation, also a `Custom`, or the name of an activation. If a `Custom` has no derivative, the slopes are
        computed by differences of its values.

    Returns
    -------
    Properties

    Raises
    ------
    TypeError
        If `act` is not an activation.
    spatium.analysis.EvaluationError
        If a function of the user raises an exception.

    Notes
    -----
    All properties are found by evaluations in float64, in the same way for the activations of the library and for
    functions of the user. `spatium.check_activation` describes the limits of this method.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium.analysis import properties
    >>> print(properties(sp.HardSwish()))
    HardSwish()
    range               [−0.375, inf)
    bounded             no
    monotone            no, turns at −1.5
    smoothness          C0
    kinks               −3, 3
    jumps               none
    Lipschitz constant  1.5
    zeros               (−inf, −3], 0
    minimum             −0.375 at −1.5
    limits              −0, inf
    gating limit        0 at −inf
    gradient from       output+bit
    """
    act = as_activation("act", act)
    with np.errstate(all="ignore"):
        return _found(act)


def is_bare(act: Activation) -> bool:
    """Return whether `act` is a custom activation without a derivative."""
    return isinstance(act, Custom) and act._derivative is None


def _found(act: Activation) -> Properties:
    curve = Curve(act, None if is_bare(act) else act.derivative)
    direction, turns, _ = curve.directions
    lowest = min((item.order for item in curve.breaks), default=3)
    minimum = None
    if turns:
        y = curve(np.array(turns))
        places = np.flatnonzero(y == y.min())
        i = int(places[np.argmin(np.abs(np.array(turns)[places]))])
        if y[i] <= curve.range[0] + 1e-12 * abs(curve.range[0]):
            minimum = (turns[i], float(y[i]) + 0.0)
    zeros, _ = curve.zeros
    return Properties(
        activation=act,
        range=curve.range,
        attained=curve.attained,
        direction=direction,
        turning_points=tuple(turns),
        smoothness=_CLASSES[lowest] if lowest < 3 else "smooth",
        breaks=curve.breaks,
        lipschitz=curve.lipschitz,
        zeros=tuple(zeros),
        minimum=minimum,
        limits=curve.limits,
        gradient_from=act.gradient_from,
    )
