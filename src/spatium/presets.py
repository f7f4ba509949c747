"""Two forms for hardware without exponentials: the levels of a sigmoid, and straight lines in place of tanh.

Published code under these names is often something else: a "quantized sigmoid" that rounds x, which is a rounded
identity, and an "approximate tanh" that clips x, which is `hard_tanh` (docs/differences.md).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from spatium._arrays import Array
from spatium._checks import ends_of, whole_number
from spatium.activations import Custom, Sigmoid
from spatium.quantization import CodeType, Levels, QuantizedActivation, Rounding, quantize

__all__ = ["PiecewiseTanh", "approximate_tanh", "quantized_sigmoid"]

_MOST_LINES = 64
_BLOCK = 1 << 15  # elements of a step through all lines: 128 KiB of float32 stay in a cache
_HALVINGS = 60  # of an interval of float64


def quantized_sigmoid(
    bits: int = 8,
    x_range: tuple[float, float] = (-8.0, 8.0),
    dtype: CodeType = "int8",
    rounding: Rounding = "half_even",
) -> QuantizedActivation:
    """Return a sigmoid of codes whose results are the levels k/2^bits, k = 0 to 2^bits − 1.

    With eight bits, the levels of the output are those of TensorFlow Lite. The result 1, which has no level, becomes
    1 − 2^−bits.

    Parameters
    ----------
    bits : {8, 4}
    x_range : (float, float)
        The range of the inputs; outside, the results are those of its ends.
    dtype : {"int8", "uint8"}
    rounding : {"half_even", "half_away"}

    Returns
    -------
    QuantizedActivation
        `evaluate` applies it to real numbers.

    Examples
    --------
    >>> from spatium.presets import quantized_sigmoid
    >>> q = quantized_sigmoid(bits=4)
    >>> q.y_scale == 1 / 16
    True
    >>> q.evaluate([-8.0, 0.0, 2.0])
    array([0.   , 0.5  , 0.875])
    """
    levels = quantize("sigmoid", bits, ends_of("x_range", x_range), (0.0, 1.0), dtype=dtype, rounding=rounding).x
    return QuantizedActivation(Sigmoid(), levels, Levels(bits, dtype, 2.0**-bits, int(levels.codes[0]), rounding))


class _Lines(NamedTuple):
    """An odd function of straight lines that is 1 beyond the last knot: a sum of clipped lines."""

    knots: tuple[float, ...]
    slopes: tuple[float, ...]  # of the line that ends at each knot
    error: float

    @property
    def terms(self) -> list[tuple[float, float]]:
        """The knots, and how much the slope falls there."""
        after = (*self.slopes[1:], 0.0)
        return [(knot, a - b) for knot, a, b in zip(self.knots, self.slopes, after, strict=True)]

    def value(self, x: Array) -> Array:
        flat = np.ascontiguousarray(x).reshape(-1)
        out = np.empty_like(flat)
        room = np.empty(min(flat.size, _BLOCK), flat.dtype)
        (first, factor), *others = self.terms
        for start in range(0, flat.size, _BLOCK):
            part, y = flat[start : start + _BLOCK], out[start : start + _BLOCK]
            term = room[: len(part)]
            np.multiply(np.clip(part, -first, first, out=y), factor, out=y)
            for knot, weight in others:
                np.multiply(np.clip(part, -knot, knot, out=term), weight, out=term)
                np.add(y, term, out=y)
        return out.reshape(x.shape)

    def derivative(self, x: Array) -> Array:
        slopes = np.array([*self.slopes, 0.0], x.dtype)
        found: Array = slopes[np.searchsorted(np.array(self.knots, x.dtype), np.abs(x), side="left")]
        return np.where(np.isnan(x), x, found)


class PiecewiseTanh(Custom):
    """An approximation of tanh by straight lines with equal largest errors, made by `approximate_tanh`.

    Attributes
    ----------
    knots : tuple of float
        The positive places where two lines meet. Beyond the last one, the value is 1.
    slopes : tuple of float
        The slopes of the lines that end there.
    error : float
        The largest distance from tanh.

    Examples
    --------
    >>> from spatium.presets import approximate_tanh
    >>> act = approximate_tanh(lines=2)
    >>> len(act.knots), act.knots[-1] < 3
    (2, True)
    """

    __slots__ = ()

    @property
    def knots(self) -> tuple[float, ...]:
        """The positive places where two lines meet."""
        return self._lines.knots

    @property
    def slopes(self) -> tuple[float, ...]:
        """The slopes of the lines that end at the knots."""
        return self._lines.slopes

    @property
    def error(self) -> float:
        """The largest distance from tanh."""
        return self._lines.error

    @property
    def _lines(self) -> _Lines:
        lines: _Lines = self._value.__self__  # type: ignore[attr-defined]
        return lines

    def __repr__(self) -> str:
        return f"approximate_tanh(lines={len(self.knots)})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (approximate_tanh, (len(self.knots),))


def approximate_tanh(lines: int = 4) -> PiecewiseTanh:
    """Return an approximation of tanh by straight lines, with the least largest error for their number.

    The function is odd, continuous and monotone, and 1 beyond the last line. The errors of all lines are the same:
    0.112 for one line on each side of 0 (0.238 for `hard_tanh`), 0.035 for two, 0.0098 for four, 0.0026 for eight.

    Parameters
    ----------
    lines : int
        The number of lines on each side of 0, without the constant end; at most 64.

    Returns
    -------
    PiecewiseTanh
        An activation with the attribute `error`. The derivative is the slope of the line; at a knot, it is the slope of
        the side near 0.

    Notes
    -----
    This form is for hardware that has only comparisons, multiplications and additions, and for tables made from it by
    `spatium.quantize`. On a processor with vectors, `spatium.tanh` is exact and takes less time.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> from spatium.presets import approximate_tanh
    >>> act = approximate_tanh(lines=4)
    >>> x = np.linspace(-5, 5, 100_001)
    >>> round(act.error, 4), round(float(np.abs(act(x) - np.tanh(x)).max()), 4)
    (0.0098, 0.0098)
    >>> act([-10.0, 0.0, 10.0])
    array([-1.,  0.,  1.])
    """
    found = _best_lines(whole_number("lines", lines, 1, _MOST_LINES))
    return PiecewiseTanh(found.value, found.derivative, name="approximate_tanh")


@functools.cache
def _best_lines(count: int) -> _Lines:
    """Return lines whose largest errors are equal.

    tanh is concave for x > 0, so a line is farthest below it inside and farthest above it at its ends. For a given
    error e, lines begin at 0, their ends lie e above the curve, and the curve is at most e above them, which determines
    one line after the other. The error is the one for which the last line ends at 1.
    """
    low, high = 0.0, 0.5
    for _ in range(_HALVINGS):
        error = (low + high) / 2
        low, high = (low, error) if _lines_for(error, count) is None else (error, high)
    found = _lines_for(low, count)
    assert found is not None
    return found


def _lines_for(error: float, count: int) -> _Lines | None:
    """Return lines with this error, the last one continued to 1; None if fewer lines or a smaller error reach 1."""
    start, height = 0.0, 0.0
    knots, slopes = [], []
    for _ in range(count):
        if 1.0 - height <= error:
            return None
        slope = _slope_of_line(start, height, error)
        end = _end_of_line(start, height, slope, error)
        knots.append(end)
        slopes.append(slope)
        if math.tanh(end) + error >= 1.0:
            return None
        last, start, height = (start, height), end, math.tanh(end) + error
    knots[-1] = last[0] + (1.0 - last[1]) / slopes[-1]
    return _Lines(tuple(knots), tuple(slopes), error)


def _slope_of_line(start: float, height: float, error: float) -> float:
    """Return the slope of the line from (start, height) above which tanh rises by the error, where the slopes agree."""

    def excess(slope: float) -> float:
        place = math.atanh(math.sqrt(1.0 - slope))
        return math.tanh(place) - height - slope * (place - start) - error

    return _root(excess, 1.0 - math.tanh(start) ** 2, 0.0)


def _end_of_line(start: float, height: float, slope: float, error: float) -> float:
    """Return where the line is above tanh by the error: between the place of equal slopes and that of 1 + error."""
    farthest = start + (1.0 + error - height) / slope
    return _root(
        lambda x: height + slope * (x - start) - math.tanh(x) - error, math.atanh(math.sqrt(1.0 - slope)), farthest
    )


def _root(function: Callable[[float], float], below: float, above: float) -> float:
    """Return a root between two places, at which the function is negative and positive."""
    for _ in range(_HALVINGS):
        middle = (below + above) / 2
        below, above = (middle, above) if function(middle) < 0.0 else (below, middle)
    return (below + above) / 2
