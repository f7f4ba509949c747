"""Breaks, turning points, limits, range and slopes of a function of one variable, found by evaluating it.

The function is evaluated in float64 on a dense grid around 0 and on one grid per octave up to 2¹⁴. Breaks are found by
fourth differences with the step h: they are h⁴f⁗ where f is smooth, h·|slope jump| at a kink, and the jump itself at a
jump, so a break gives a much larger value than its neighborhood. Each suspicious interval is evaluated on finer and
finer grids until f is smooth there, or until the break is confirmed.
"""

from __future__ import annotations

import decimal
import math
import warnings
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from spatium._arrays import Array

__all__ = ["Break", "Curve", "EvaluationError", "evaluate"]

CORE = 16.0  # the dense grid extends from −CORE to CORE
FAR = 2.0**14  # the octaves extend to ±FAR
_STEP = 2.0**-8
_PER_OCTAVE = 256
_WINDOW = 33  # the number of stencils with which a suspicious one is compared
_EXCESS = 8.0  # a suspicious fourth difference is larger than its neighbors by this factor
_MOST_SUSPECTS = 48
_DEEPEST = 14
_SMALL = 1e-280  # smaller results may underflow

# Central differences of order 8, and of order 6 from the same points. Their difference bounds the error of the latter.
_EIGHT = (4 / 5, -1 / 5, 4 / 105, -1 / 280)
_SIX = (3 / 4, -3 / 20, 1 / 60, 0.0)

# Chebyshev points in (−1, 1) for one-sided polynomials, and the points where these polynomials are checked. The check
# includes the ends, because another break may be near them.
_NODES = np.cos(np.pi * (np.arange(9) + 0.5) / 9)[::-1]
_CHECKS = np.array([-1.0, -0.93, -0.41, 0.09, 0.57, 0.96, 1.0])


class EvaluationError(Exception):
    """The function in `function` raised an exception or did not return an array of the shape of its argument."""

    def __init__(self, message: str, function: object = None) -> None:
        super().__init__(message)
        self.function = function


def evaluate(function: Callable[[Array], Any], x: Array) -> Array:
    """Evaluate the function at a copy of x, without warnings.

    Raise `EvaluationError` if it raises, or does not return an array of real numbers with the shape of x.
    """
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            result = np.asarray(function(x.copy()))
    except Exception as error:  # every exception of a user's function is reported
        text = " ".join(str(error).split())
        raise EvaluationError(f"raises {type(error).__name__}{': ' + text if text else ''}", function) from error
    if result.shape != x.shape:
        raise EvaluationError(f"returns shape {result.shape} for shape {x.shape}", function)
    if result.dtype.kind not in "fiub" and result.dtype.name != "bfloat16":
        raise EvaluationError(f"returns dtype {result.dtype}, expected real numbers", function)
    return result


@dataclass(frozen=True)
class Break:
    """A place where a function or one of its derivatives jumps.

    Attributes
    ----------
    place : float
    order : {0, 1, 2}
        0: the value jumps. 1: the slope jumps (a kink). 2: the second derivative jumps.
    left, right : float
        The limits of the jumping quantity from the left and from the right.
    """

    place: float
    order: int
    left: float
    right: float


class Curve:
    """A function of one variable, evaluated in float64, and optionally its derivative.

    The properties raise `EvaluationError` if the function raises an exception.
    """

    def __init__(
        self, function: Callable[[Array], Any], derivative: Callable[[Array], Any] | None = None, interval: float = FAR
    ) -> None:
        self._function = function
        self._derivative = derivative
        self._far = interval

    def __call__(self, x: Any) -> Array:
        """Return the values at x."""
        return evaluate(self._function, np.asarray(x, dtype=np.float64)).astype(np.float64)

    def with_derivative(self, derivative: Callable[[Array], Any] | None) -> Curve:
        """Return the same function with this derivative; cached properties of the values are kept."""
        other = Curve(self._function, derivative, self._far)
        for name in ("segments", "points", "noise", "size", "breaks"):
            if name in vars(self):
                vars(other)[name] = vars(self)[name]
        return other

    def at(self, x: float) -> float:
        """Return the value at one number."""
        return float(self(np.array([x]))[0])

    # ---- grids ----

    @cached_property
    def segments(self) -> list[tuple[Array, Array]]:
        """Uniform grids and their values, in ascending order. Neighboring grids overlap."""
        grids = []
        edge = self._far
        while edge > CORE:
            step = edge / 2 / _PER_OCTAVE
            grids.append(-edge / 2 - step * np.arange(_PER_OCTAVE + 8, -9, -1))
            edge /= 2
        n = round(CORE / _STEP)
        core = _STEP * np.arange(-n, n + 1)
        grids = [*grids, core, *(-grid[::-1] for grid in reversed(grids))]
        y = self(np.concatenate(grids))
        return list(zip(grids, np.split(y, np.cumsum([len(grid) for grid in grids])[:-1]), strict=True))

    @cached_property
    def points(self) -> tuple[Array, Array]:
        """All grid points with finite values, and these values, in ascending order."""
        x, first = np.unique(np.concatenate([grid for grid, _ in self.segments]), return_index=True)
        y = np.concatenate([values for _, values in self.segments])[first]
        finite = np.isfinite(y)
        return x[finite], y[finite]

    @cached_property
    def noise(self) -> float:
        """The relative error of the values, by sixth differences with tiny steps; at least that of rounding."""
        centers = np.linspace(-5.7, 6.1, 60)
        estimates = []
        for step in (2.0**-20, 2.0**-17):
            y = self(centers[:, None] + step * np.arange(-3, 4))
            size = np.abs(y).max(axis=1)
            with np.errstate(all="ignore"):
                # the root of the sum of the squared coefficients is √924
                estimates.append(np.abs(np.diff(y, 6, axis=1))[:, 0] / math.sqrt(924) / size)
        known = np.maximum(*estimates)
        known = known[np.isfinite(known)]
        return max(2.0**-53, float(np.median(known)) if known.size else 0.0)

    @cached_property
    def size(self) -> float:
        """The magnitude of the values around 0; sums of terms of this size have a corresponding rounding error."""
        y = np.abs(self(np.linspace(-4.0, 4.0, 81)))
        y = y[np.isfinite(y)]
        return float(np.quantile(y, 0.75)) if y.size else 0.0

    # ---- breaks ----

    @cached_property
    def breaks(self) -> tuple[Break, ...]:
        """The jumps of the value, the slope and the second derivative, in ascending order."""
        zones = []
        for grid, y in self.segments:
            zones += [(grid[i], grid[j]) for i, j in _suspects(y, self.noise, self.size)]
        zones.sort(key=lambda zone: min(abs(zone[0]), abs(zone[1])))
        found: list[Break] = []
        for a, b in zones[:_MOST_SUSPECTS]:
            found += self._inspect(a, b, 0)
        return _distinct(found)

    @property
    def suspects_left(self) -> bool:
        """Whether there were more suspicious intervals than were examined."""
        return sum(len(_suspects(y, self.noise, self.size)) for _, y in self.segments) > _MOST_SUSPECTS

    def of_order(self, *orders: int) -> tuple[Break, ...]:
        """Return the breaks of these orders."""
        return tuple(item for item in self.breaks if item.order in orders)

    def _inspect(self, a: float, b: float, depth: int) -> list[Break]:
        """Return the breaks in the suspicious interval [a, b]."""
        a, b = a - (b - a) / 8, b + (b - a) / 8
        x = np.linspace(a, b, 65)
        step = (b - a) / 64
        if depth >= _DEEPEST or step < 2.0**-36 * max(abs(a), abs(b), 2.0**-6):
            return self._judge(a, b, math.inf, math.inf)
        y = self(x)
        if not np.isfinite(y).all():
            return []
        zones = _suspects(y, self.noise, self.size)
        if not zones:
            # No fourth difference is large, which limits the possible jumps of slope and curvature.
            hidden = _EXCESS * float(np.median(np.abs(np.diff(y, 4)))) + 64 * self.noise * max(
                float(np.abs(y).max()), self.size
            )
            return self._judge(a, b, 4 * hidden / step, 8 * hidden / step**2)
        found = []
        for i, j in zones[:8]:
            found += self._inspect(x[i], x[j], depth + 1)
        return found

    def _judge(self, a: float, b: float, most_slope: float, most_curvature: float) -> list[Break]:
        """Return the break in the small interval [a, b], if there is one."""
        scale = max(abs(a), abs(b), 2.0**-6)
        jump = self._jump(a, b)
        if jump is not None:
            return [jump]
        for width in (2.0**-4, 2.0**-7, 2.0**-10, 2.0**-13, 2.0**-17):
            w = max(width * scale, (b - a) / 4)
            left, right = self._polynomial(a - w, a), self._polynomial(b, b + w)
            if left is not None and right is not None:
                break
        else:
            return []
        middle = (a + b) / 2
        values, slopes, curvatures = (
            (left.deriv(n)(middle) if n else left(middle), right.deriv(n)(middle) if n else right(middle))
            for n in range(3)
        )
        steepness = max(abs(slopes[0]), abs(slopes[1]))
        size = self.noise * max(abs(left(a)), abs(right(b)), self.size, scale * steepness, 2.0**-1000)
        slope_jump, curvature_jump = slopes[1] - slopes[0], curvatures[1] - curvatures[0]
        margin = (b - a) + 1e-9 * scale
        if abs(slope_jump) > max(2e3 * size / w, 1e-6 * steepness) and abs(slope_jump) <= most_slope:
            place = middle - (values[1] - values[0]) / slope_jump
            uncertain = 200 * size / abs(slope_jump) + 2.0**-48 * scale
            if a - margin <= place <= b + margin:
                place = _shortest(place - uncertain, place + uncertain)
                sides = (float(side.deriv()(place)) for side in (left, right))
                return [Break(place, 1, *(_shortest(s - 1e-12 * steepness, s + 1e-12 * steepness) for s in sides))]
        bend = max(abs(curvatures[0]), abs(curvatures[1]))
        if abs(curvature_jump) > max(2e5 * size / w**2, 1e-4 * bend) and abs(curvature_jump) <= most_curvature:
            place = middle - slope_jump / curvature_jump
            uncertain = 2e4 * size / w / abs(curvature_jump) + 1e-12 * max(scale, 1.0)
            # rounding errors cause apparent curvature too, but it depends on the scale: repeat with a third of the
            # width
            near = self._polynomial(a - w / 3, a), self._polynomial(b, b + w / 3)
            again = math.nan if None in near else near[1].deriv(2)(middle) - near[0].deriv(2)(middle)
            if a - margin <= place <= b + margin and abs(again - curvature_jump) < abs(curvature_jump) / 4:
                place = _shortest(place - uncertain, place + uncertain)
                sides = (float(side.deriv(2)(place)) for side in (left, right))
                return [Break(place, 2, *(_shortest(s - 1e-8 * bend, s + 1e-8 * bend) for s in sides))]
        return []

    def _jump(self, a: float, b: float) -> Break | None:
        """Return the jump of the value in [a, b], if there is one, by bisection down to neighboring numbers."""
        low, high = self.at(a), self.at(b)
        for _ in range(120):
            middle = a / 2 + b / 2
            if not a < middle < b or b - a < 1e-300:
                break
            y = self.at(middle)
            if abs(y - low) >= abs(high - y):
                b, high = middle, y
            else:
                a, low = middle, y
        size = max(abs(low), abs(high))
        if not abs(high - low) > max(1e3 * self.noise * max(size, self.size), _SMALL):
            return None
        # a step between neighboring numbers is a jump, unless the function is equally steep on both sides
        step = max(b - a, 2.0**-40 * max(abs(a), abs(b), 2.0**-20))
        far_left, left, right, far_right = map(float, self(np.array([a - 2 * step, a - step, b + step, b + 2 * step])))
        if abs(left - low) + abs(right - high) > abs(high - low) / 4:
            if abs(far_left - left) + abs(far_right - right) > abs(right - left) / 4:
                return None
            low, high = left, right  # f has a value of its own at the jump, as the sign of a number has at 0
        nothing = 1e-12 * abs(high - low)
        return Break(_shortest(a, b), 0, *(0.0 if abs(side) < nothing else side for side in (low, high)))

    def _polynomial(self, a: float, b: float) -> Any:
        """Return the polynomial of degree 8 through Chebyshev points of [a, b], or None if it does not fit f."""
        center, half = (a + b) / 2, (b - a) / 2
        y = self(center + half * np.concatenate([_NODES, _CHECKS]))
        if not np.isfinite(y).all():
            return None
        made = np.polynomial.Polynomial(np.polynomial.polynomial.polyfit(_NODES, y[: len(_NODES)], 8), [a, b], [-1, 1])
        error = np.abs(made(center + half * _CHECKS) - y[len(_NODES) :]).max()
        # includes the effect of rounding x
        size = max(np.abs(y).max(), self.size, max(abs(a), abs(b)) * np.ptp(y) / (b - a))
        return made if error <= 100 * self.noise * size + _SMALL else None

    # ---- slopes ----

    def numeric_slope(self, x: Array) -> tuple[Array, Array]:
        """Return f′ by central differences, and a bound on its error: infinite if every stencil contains a break."""
        x = np.round(x * 2.0**38) / 2.0**38  # so that x ± n·h are exact
        places = np.array([item.place for item in self.of_order(0, 1)])
        slopes, bounds = [], []
        # the steps are not powers of one number, so that a wave whose period divides one step is detected with the next
        steps = [1 / 8, 11 / 256, 9 / 1024, 13 / 2**12, 11 / 2**14, 9 / 2**16, 13 / 2**19, 11 / 2**22]
        for h in steps:
            shifts = h * np.array([1.0, 2.0, 3.0, 4.0])
            up, down = self(x[:, None] + shifts), self(x[:, None] - shifts)
            with np.errstate(all="ignore"):
                differences = (up - down) / h
                eight, six = differences @ np.array(_EIGHT), differences @ np.array(_SIX)
                largest = np.maximum(np.abs(up), np.abs(down)).max(axis=1)
                bound = np.abs(eight - six) + 4 * self.noise * largest / h
            if places.size:
                bound[np.abs(x[:, None] - places).min(axis=1) <= 4.5 * h] = math.inf
            slopes.append(eight)
            bounds.append(bound)
        best, error = slopes[-1], bounds[-1]
        for i in reversed(range(len(steps) - 1)):
            # waves shorter than the step look smooth, so the result must agree with those of the next smaller steps
            with np.errstate(all="ignore"):
                bound = np.maximum(bounds[i], np.abs(slopes[i] - slopes[i + 1]))
                bound = np.maximum(bound, np.abs(slopes[i] - slopes[min(i + 2, len(steps) - 1)]) / 4)
            better = bound < error
            best, error = np.where(better, slopes[i], best), np.where(better, bound, error)
        error[~np.isfinite(best)] = math.inf
        return best, error

    def slope(self, x: Array) -> Array:
        """Return f′: the given derivative, or central differences if there is none."""
        if self._derivative is None:
            return self.numeric_slope(x)[0]
        return evaluate(self._derivative, x).astype(np.float64)

    # ---- turns ----

    @cached_property
    def directions(self) -> tuple[str, list[float], int]:
        """The direction of f, its turning points (the eight nearest to 0), and their number.

        The direction is "increasing", "decreasing", "constant" or "both". A change of direction counts only if it is
        larger than the possible rounding error.
        """
        x, y = self.points
        if x.size == 0:
            return "constant", [], 0
        steps = np.sign(np.diff(y))
        moving = np.flatnonzero(steps)
        edges = moving[np.flatnonzero(np.diff(steps[moving]))] + 1 if moving.size else moving
        candidates = np.concatenate([[0], edges, [len(y) - 1]]).astype(int)
        turns: list[int] = []
        heading, extreme = 0, int(candidates[0])
        for i in candidates[1:]:
            rise = y[i] - y[extreme]
            tolerance = 256 * self.noise * max(abs(y[i]), abs(y[extreme]), self.size)
            if heading == 0:
                if abs(rise) > tolerance:
                    heading, extreme = (1 if rise > 0 else -1), int(i)
            elif rise * heading >= 0:
                extreme = int(i)
            elif abs(rise) > tolerance:
                turns.append(extreme)
                heading, extreme = -heading, int(i)
        if not turns:
            return ("constant", "increasing", "decreasing")[heading], [], 0
        nearest = sorted(sorted(turns, key=lambda i: abs(x[i]))[:8])
        places = [self._turn(float(x[i - 1]), float(x[i]), float(x[min(i + 1, len(x) - 1)])) for i in nearest]
        apart = sorted(set(places))
        return "both", apart, len(turns) - len(places) + len(apart)

    def _turn(self, a: float, middle: float, b: float) -> float:
        """Return the exact place of the extremum at the grid point `middle` with the neighbors a and b."""
        for item in self.of_order(0, 1):
            if a <= item.place <= b:
                return item.place
        slopes = self.slope(np.array([a, b]))
        if not slopes[0] * slopes[1] < 0:
            return float(middle)
        low, high = a, b
        for _ in range(80):
            center = (low + high) / 2
            if not low < center < high:
                break
            s = self.slope(np.array([center]))[0]
            if s == 0:
                return float(center)
            low, high = (center, high) if s * slopes[0] > 0 else (low, center)
        return _shortest(low - 2.0**-50 * abs(low), high + 2.0**-50 * abs(high))

    # ---- limits ----

    @cached_property
    def limits(self) -> tuple[float | None, float | None]:
        """The limits at −inf and inf, estimated from finite x; None if there is none, or because of overflow."""
        return self.limit(-1.0), self.limit(1.0)

    def limit(self, sign: float) -> float | None:
        """Return the limit at sign·inf."""
        return limit_of(self, sign)

    @cached_property
    def range(self) -> tuple[float, float]:
        """The infimum and the supremum."""
        _, y = self.points
        _, turns, _ = self.directions
        values = [float(y.min()), float(y.max())] if y.size else []
        values += [float(value) for value in self(np.array(turns)) if math.isfinite(value)] if turns else []
        values += [limit for limit in self.limits if limit is not None]
        for item in self.of_order(0):
            values += [item.left, item.right]
        return (min(values) + 0.0, max(values) + 0.0) if values else (math.nan, math.nan)

    @cached_property
    def attained(self) -> tuple[bool, bool]:
        """Whether f takes the infimum and the supremum of its range.

        A limit at infinity is taken only if f is constant from a break onward: other functions reach it by rounding.
        """
        low, high = self.range
        values = [float(value) for value in self(np.array(self.directions[1]))] if self.directions[1] else []
        places = [item.place for item in self.breaks]
        for place in places:
            beside = 1e-6 * max(1.0, abs(place))
            values += [float(value) for value in self(np.array([place - beside, place, place + beside]))]
        for sign, limit in zip((-1.0, 1.0), self.limits, strict=True):
            if limit is not None and math.isfinite(limit) and places:
                outermost = max(sign * place for place in places)
                beyond = sign * (outermost + max(1.0, abs(outermost)) * np.array([1e-6, 1e-3, 0.1, 1.0, 10.0]))
                if (self(beyond) == limit).all():
                    values.append(limit)
        if self.directions[0] == "constant":
            values += [low, high]
        # turning points are rounded
        tolerance = 1e-12 * max([1.0, *(abs(end) for end in (low, high) if math.isfinite(end))])
        return any(abs(v - low) <= tolerance for v in values), any(abs(v - high) <= tolerance for v in values)

    @cached_property
    def lipschitz(self) -> float:
        """The largest |f′|; infinite if f jumps or its slope is unbounded."""
        if self.of_order(0):
            return math.inf
        x, _ = self.points
        largest = [0.0]
        for item in self.of_order(1):
            largest += [abs(item.left), abs(item.right)] if self._derivative is None else self._beside(item.place)
        # at a break, the derivative may belong to one side or to neither
        apart = np.ones(len(x), dtype=bool)
        for item in self.of_order(1):
            apart &= np.abs(x - item.place) > 2 * _STEP
        x = x[apart]
        steep = np.abs(self.slope(x))
        steep[~np.isfinite(steep)] = 0.0
        for sign in (-1.0, 1.0):
            limit = limit_of(self._far_slope, sign)
            if limit is not None:
                largest.append(abs(limit))
        inner = np.flatnonzero((steep[1:-1] >= steep[:-2]) & (steep[1:-1] >= steep[2:])) + 1
        peaks = inner[np.argsort(steep[inner])[-4:]]
        for i in peaks:
            largest.append(self._peak(x[i - 1], x[i + 1]))
        return max([*largest, float(steep.max(initial=0.0))])

    def _far_slope(self, x: Array) -> Array:
        """Return |f′| at large x, or the slope of the chord from x to 2x."""
        if self._derivative is None:
            with np.errstate(all="ignore"):
                return np.asarray(np.abs((self(2 * x) - self(x)) / x))
        return np.abs(self.slope(x))

    def _beside(self, place: float) -> list[float]:
        distance = 2.0**-44 * max(abs(place), 1.0)
        return [abs(float(s)) for s in self.slope(np.array([place - distance, place + distance]))]

    def _peak(self, a: float, b: float) -> float:
        """Return the maximum of |f′| in [a, b], by golden-section search."""
        ratio = (math.sqrt(5) - 1) / 2
        c, d = b - ratio * (b - a), a + ratio * (b - a)
        steep_c, steep_d = np.abs(self.slope(np.array([c, d])))
        for _ in range(44):
            if steep_c > steep_d:
                b, d, steep_d = d, c, steep_c
                c = b - ratio * (b - a)
                steep_c = abs(self.slope(np.array([c]))[0])
            else:
                a, c, steep_c = c, d, steep_d
                d = a + ratio * (b - a)
                steep_d = abs(self.slope(np.array([d]))[0])
        return float(max(steep_c, steep_d))

    @cached_property
    def zeros(self) -> tuple[list[tuple[float, float]], int]:
        """The zeros of f (the eight nearest to 0, as intervals that may have length 0), and their number.

        Results that underflow are not counted as zeros.
        """
        x, y = self.points
        found: list[tuple[float, float]] = []
        is_zero = y == 0
        edges = np.flatnonzero(np.diff(np.concatenate([[False], is_zero, [False]]).astype(int)))
        for first, end in edges.reshape(-1, 2):
            low = self._edge(x[first], x[first - 1]) if first > 0 else -math.inf
            high = self._edge(x[end - 1], x[end]) if end < len(x) else math.inf
            if self._underflows(low, -1.0) or self._underflows(high, 1.0):
                continue
            found.append((low, high))
        crossing = np.flatnonzero(np.sign(y[:-1]) * np.sign(y[1:]) < 0)
        count = len(found) + len(crossing)
        crossing = crossing[np.argsort(np.abs(x[crossing]), kind="stable")[:10]]
        jumps = [item.place for item in self.of_order(0)]
        for i in crossing:
            if not any(x[i] <= place <= x[i + 1] for place in jumps):
                place = self._crossing(x[i], x[i + 1], float(y[i]))
                found.append((place, place))
        nearest = sorted(found, key=lambda zone: 0.0 if zone[0] <= 0 <= zone[1] else min(abs(zone[0]), abs(zone[1])))
        return sorted(nearest[:8]), count

    def _crossing(self, a: float, b: float, low: float) -> float:
        for _ in range(100):
            middle = (a + b) / 2
            if not a < middle < b:
                break
            y = self.at(middle)
            if y == 0:
                return middle
            a, b = (middle, b) if y * low > 0 else (a, middle)
        return _shortest(a, b)

    def _edge(self, zero: float, other: float) -> float:
        """Return the last place from `zero` toward `other` where f is 0."""
        for _ in range(80):
            middle = (zero + other) / 2
            if middle in (zero, other):
                break
            zero, other = (middle, other) if self.at(middle) == 0 else (zero, middle)
        return _shortest(min(zero, other), max(zero, other)) if zero else 0.0

    def _underflows(self, edge: float, outward: float) -> bool:
        """Return whether f is tiny just outside of the zeros that end at `edge`, so that they are due to underflow."""
        return math.isfinite(edge) and 0 < abs(self.at(edge + outward * 1e-3 * max(1.0, abs(edge)))) < 1e-200


def limit_of(function: Callable[[Array], Array], sign: float) -> float | None:
    """Return the limit at sign·inf of a function of float64 arrays, from its finite values at 2³, 2⁴, …

    Return None if the values oscillate.
    """
    y = function(sign * np.exp2(np.arange(3.0, 1000.0)))
    bad = np.flatnonzero(~np.isfinite(y))
    y = y[: bad[0]] if bad.size else y
    if len(y) < 4:
        return None
    if len(y) > 40:  # for larger x, an exponential or a square may underflow or dominate the sum
        y = np.concatenate([y[:40], y[-3:]])
    steps = np.diff(y[-5:])
    size = float(np.abs(y[-1]))
    if np.abs(steps[-3:]).max() <= 1e-9 * max(size, 1e-9):
        return float(y[-1]) if size > 1e-200 else math.copysign(0.0, y[-1])
    if (steps > 0).all() or (steps < 0).all():
        ratio = float(np.abs(steps[-1] / steps[-2]))
        if ratio >= 0.9:
            return math.inf if steps[-1] > 0 else -math.inf
        return float(y[-1] + steps[-1] * ratio / (1 - ratio))
    return 0.0 if size < 1e-9 else None


def _suspects(y: Array, noise: float, size: float) -> list[tuple[int, int]]:
    """Return the ranges of a uniform grid with unusually large fourth differences, as first and last indices."""
    if len(y) < 9:
        return []
    with np.errstate(all="ignore"):
        fourth = np.abs(np.diff(y, 4))
        windows = np.lib.stride_tricks.sliding_window_view(np.abs(y), 5)
        floor = 64 * noise * np.maximum(windows.max(axis=1), size) + _SMALL
        half = min(_WINDOW, len(fourth)) // 2
        padded = np.pad(np.where(np.isfinite(fourth), fourth, 0.0), half, mode="reflect")
        around = np.lib.stride_tricks.sliding_window_view(padded, 2 * half + 1)
        hot = np.flatnonzero(fourth > floor)
        if hot.size == 0:
            return []
        level = np.median(around[hot], axis=1)
        hot = hot[fourth[hot] > _EXCESS * level + floor[hot]]
    if hot.size == 0:
        return []
    starts = np.flatnonzero(np.diff(hot, prepend=-99) > 5)
    ends = np.append(starts[1:], len(hot)) - 1
    return [(int(hot[i]), int(hot[j]) + 4) for i, j in zip(starts, ends, strict=True)]


def _distinct(found: Iterable[Break]) -> tuple[Break, ...]:
    """Return the breaks without duplicates; of two at the same place, keep the one of lower order."""
    kept: list[Break] = []
    for item in sorted(found, key=lambda item: (item.order, item.place)):
        if all(abs(item.place - other.place) > 1e-6 * max(1.0, abs(item.place)) for other in kept):
            kept.append(item)
    return tuple(sorted(kept, key=lambda item: item.place))


def _shortest(low: float, high: float) -> float:
    """Return the number in [low, high] with the fewest decimal digits."""
    if low <= 0.0 <= high:
        return 0.0
    for digits in range(1, 18):
        with decimal.localcontext() as context:
            context.prec = digits
            candidate = float(context.create_decimal((low + high) / 2))
        if low <= candidate <= high:
            return candidate
    return (low + high) / 2
