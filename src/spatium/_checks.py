"""Checks of numeric arguments. Each returns the value, or raises an error with its name and the expected values."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from numpy.lib.array_utils import normalize_axis_index

from spatium._arrays import Array, is_real, plain_array

_DOMAINS: dict[str, tuple[Callable[[float], bool], str]] = {
    "positive": (lambda v: 0.0 < v < math.inf, "a finite number above 0"),
    "nonnegative": (lambda v: 0.0 <= v < math.inf, "a finite number of at least 0"),
    "finite": (math.isfinite, "a finite number"),
    "number": (lambda v: not math.isnan(v), "a number, not NaN"),
}


def check_scalar(name: str, value: Any, domain: str) -> float:
    """Return the parameter `value` as a float, or raise an error that names it."""
    if type(value) is not float:
        array = plain_array(name, value)
        if array.ndim != 0 or not is_real(array.dtype, "fiuO"):
            raise TypeError(f"{name} is {value!r}, expected a real number")
    try:
        number = float(value) + 0.0  # -0.0 becomes 0.0, so that equal parameters give equal bits
    except (TypeError, ValueError, OverflowError):
        raise TypeError(f"{name} is {value!r}, expected a real number that float64 can represent") from None
    inside, expected = _DOMAINS[domain]
    if not inside(number):
        raise ValueError(f"{name} is {number!r}, expected {expected}")
    return number


def whole_number(name: str, value: Any, low: int | None = 1, high: int | None = None) -> int:
    """Return the argument `name` as an integer, after checking the bounds `low` and `high` if they are given."""
    ends = "" if low is None else f" of at least {low}" if high is None else f" from {low} to {high}"
    try:
        number = operator.index(value)
    except TypeError:
        number = None
    if number is None or isinstance(value, bool):
        raise TypeError(f"{name} is {value!r}, expected an integer{ends}")
    if (low is not None and number < low) or (high is not None and number > high):
        raise ValueError(f"{name} is {number}, expected an integer{ends}")
    return number


def lengths(name: str, value: Any, low: int = 1) -> tuple[int, ...]:
    """Return the argument `name`, an integer of at least `low` or a tuple of such integers, as a shape."""
    expected = f"an integer of at least {low} or a tuple of such integers"
    try:
        shape = tuple(map(operator.index, value if isinstance(value, tuple) else (value,)))
    except TypeError:
        raise TypeError(f"{name} is {value!r}, expected {expected}") from None
    if any(length < low for length in shape):
        raise ValueError(f"{name} is {value!r}, expected {expected}")
    return shape


def axis_of(name: str, array: Array, axis: int) -> int:
    """Return the argument `axis` as the nonnegative index of an axis of the argument `name`."""
    return normalize_axis_index(whole_number("axis", axis, None), array.ndim, name)


def ends_of(name: str, interval: Any) -> tuple[float, float]:
    """Return the two ends of the argument `name`, which must be finite numbers in ascending order."""
    low, high = (float(end) for end in interval)
    if not (math.isfinite(low) and math.isfinite(high) and low < high):
        raise ValueError(f"{name} is {interval!r}, expected two finite numbers, the lower one first")
    return low, high
