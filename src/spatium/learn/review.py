"""The comparison of a reader's function with the exact one, and what its differences mean."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from spatium._arrays import Array
from spatium._tables import number, plain
from spatium.activations import Activation, activation, activations
from spatium.analysis.check import Severity, bisect, flags_of, magnitudes
from spatium.analysis.curve import Curve, EvaluationError, evaluate
from spatium.learn.hints import hint, hint_of_error
from spatium.rows import log_softmax, softmax

__all__ = ["Remark", "Review", "check"]

Function = Callable[[Array], Any]

# Values and derivatives must agree with the exact ones to within this fraction of max(1, |exact|), where x is moderate.
# Formulas with constants of seven digits agree; the approximate forms of GELU differ by 5e-4.
TOLERANCE = 1e-6
DTYPES: tuple[np.dtype[Any], ...] = (np.dtype(np.float32), np.dtype(np.float64))
HALVES = [(dtype, sign) for dtype in DTYPES for sign in (-1.0, 1.0)]  # a dtype, and the sign of x
_ORDER = {"error": 0, "warning": 1, "note": 2}
_MODERATE = 4.0  # |x| up to this is moderate
MOST = 1e6  # warnings of NumPy for larger |x| are not reported: even x**3 warns there

# Moderate inputs. None is at a kink: kinks are at round numbers.
_GRID = np.linspace(-_MODERATE, _MODERATE, 401) + 1e-3


@dataclass(frozen=True)
class Remark:
    """One thing that `check` found.

    Attributes
    ----------
    severity : {"error", "warning", "note"}
        An error means wrong results for ordinary inputs, infinity or NaN in place of a number, or a wrong derivative.
        A warning means lost digits, a wrong dtype, a hidden NaN, or warnings of NumPy.
    kind : str
        "evaluation", "shape", "argument", "elementwise", "dtype", "integers", "value", "overflow", "tail", "digits",
        "limit", "nan", "warnings", "derivative" or "kink"; for softmax also "axis", "keepdims", "shift" and "sum".
    message : str
        A description with an input, the result and the expected result.
    hint : str
        The usual cause, and a way to mend it.
    x, got, expected : float, list or None
        The input, the result and the expected result.
    dtype : str or None
        The affected dtype; None if all are affected.
    """

    severity: Severity
    kind: str
    message: str
    hint: str
    x: Any = None
    got: Any = None
    expected: Any = None
    dtype: str | None = None

    def __str__(self) -> str:
        head = f"{self.severity}{f' in {self.dtype}' if self.dtype else ''}: {self.message}"
        parts = [textwrap.fill(head, 100, subsequent_indent="    "), textwrap.fill(f"hint: {self.hint}", 96)]
        return parts[0] + "\n" + textwrap.indent(parts[1], "    ")

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON; infinities become text, and NaN becomes None."""
        return {key: plain(value) for key, value in vars(self).items()}


@dataclass(frozen=True)
class Review:
    """The result of `check`; true if there are no errors and no warnings. Prints as text.

    Attributes
    ----------
    name : str
        The name of the exact function.
    remarks : tuple of Remark
        Errors first.
    worst : dict
        For each dtype, the largest error in ulp for inputs from −10 to 10, and the input where it occurs.
    """

    name: str
    remarks: tuple[Remark, ...]
    worst: Mapping[str, tuple[float, float]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """Whether there are no errors and no warnings."""
        return all(remark.severity == "note" for remark in self.remarks)

    def __bool__(self) -> bool:
        return self.ok

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON."""
        remarks = [remark.to_dict() for remark in self.remarks]
        return {"name": self.name, "ok": self.ok, "remarks": remarks, "worst": plain(self.worst)}

    def __str__(self) -> str:
        counts = []
        for severity in _ORDER:
            found = sum(remark.severity == severity for remark in self.remarks)
            counts += [f"{found} {severity}{'s' * (found != 1)}"] if found else []
        lines = [f"{self.name}: {', '.join(counts) or 'everything is right'}"]
        for dtype, (ulp, x) in self.worst.items():
            error = f"at most {number(ulp, 3)} ulp from −10 to 10, at {number(x, 6)}" if ulp else "exact from −10 to 10"
            lines.append(f"  {dtype}: {error}")
        return "\n".join(lines + [str(remark) for remark in self.remarks])


def check(name: str | Activation, attempt: Function, derivative: Function | None = None) -> Review:
    """Compare an attempt at an activation with the exact function, and say what is wrong, where, and why.

    Parameters
    ----------
    name : str or Activation
        The function that was to be written: a name such as "relu", an activation with parameters such as
        ``sp.ELU(0.5)``, or "softmax", whose rows are along the last axis.
    attempt : callable
        The function to check. It takes an array and returns an array.
    derivative : callable, optional
        Its derivative as a function of x. Softmax has none, because each result depends on a whole row.

    Returns
    -------
    Review
        True if there is nothing to mend. Printed, it lists each fault with an input, the result, the expected result
        and a hint. A function that raises an exception is an error in the review.

    Raises
    ------
    TypeError
        If `attempt` or `derivative` is not callable, `name` is neither a name nor an activation, or a derivative of
        softmax is given.
    ValueError
        If there is no activation `name`.

    Notes
    -----
    The exact results are those of the library in float64. Moderate inputs (up to 4) must agree to 1e-6. For all other
    magnitudes of float32 and float64 up to a quarter of the largest number, a fault is a result that is infinite or
    NaN, or that has lost half of the digits of its dtype, relative to ``|f| + |x·f′|``. Warnings of NumPy count up to
    ``|x| = 1e6``. If the results are those of another function of the library, such as an approximate form of GELU, the
    review says so, and compares everything else with that function.

    `spatium.check_activation` checks functions for which there is no exact result to compare with.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium import learn
    >>> def sigmoid(x):
    ...     return np.exp(x) / (1 + np.exp(x))
    >>> review = learn.check("sigmoid", sigmoid)
    >>> review.ok
    False
    >>> print(review.remarks[0].message)
    sigmoid(88.7228) is NaN, expected 1, and so on for every larger x; also at 709.783 in float64
    >>> def stable(x):
    ...     z = np.exp(-np.abs(x))
    ...     return np.where(x >= 0, 1 / (1 + z), z / (1 + z))
    >>> bool(learn.check("sigmoid", stable, derivative=lambda x: stable(x) * stable(-x)))
    True
    """
    if isinstance(name, str):
        act = None if name == "softmax" else activation(name)
    elif isinstance(name, Activation):
        act = name
    else:
        raise TypeError(f"name is {name!r}, expected the name of an activation, an activation, or 'softmax'")
    for label, function in (("attempt", attempt), ("derivative", derivative)):
        if isinstance(function, type) or not (callable(function) or (function is None and label == "derivative")):
            raise TypeError(f"{label} is {function!r}, expected a function of an array")
    if act is None and derivative is not None:
        raise TypeError("derivative is a function, but softmax has none that is elementwise: expected None")
    reviewer = _Softmax(attempt) if act is None else _Elementwise(act, attempt, derivative)
    with np.errstate(all="ignore"):
        try:
            return reviewer.review()
        except EvaluationError as error:  # not for the first samples, but for special ones
            what = f"the derivative of {reviewer.name}" if error.function is derivative else reviewer.name
            text = f"{what} {error}, for float32, integers, very large numbers, infinities or NaN"
            reviewer.remarks.append(Remark("error", "evaluation", text, hint_of_error(str(error))))
            return reviewer.made({})


class _Attempt:
    """What is common to the reviews of all functions: the list of remarks, and the checks before any value."""

    def __init__(self, name: str, attempt: Function) -> None:
        self.name, self.attempt = name, attempt
        self.hinted = name  # the function to which the hints apply
        self.remarks: list[Remark] = []

    def add(
        self,
        severity: Severity,
        kind: str,
        message: str,
        x: Any = None,
        got: Any = None,
        expected: Any = None,
        dtype: np.dtype[Any] | None = None,
    ) -> None:
        name = None if dtype is None else dtype.name
        values = _listed(x), _listed(got), _listed(expected)
        self.remarks.append(Remark(severity, kind, message, hint(self.hinted, kind), *values, name))

    def has(self, kind: str) -> bool:
        return any(remark.kind == kind for remark in self.remarks)

    def made(self, worst: Mapping[str, tuple[float, float]]) -> Review:
        ordered = sorted(_merged(self.remarks), key=lambda remark: _ORDER[remark.severity])
        return Review(self.name, tuple(ordered), worst)

    def runs(self, samples: list[Array], what: str = "", function: Function | None = None) -> bool:
        """Return whether the function returns an array of the right shape for each sample, and leaves it alone."""
        function = self.attempt if function is None else function
        what = what or self.name
        for x in samples:
            try:
                evaluate(function, x)
            except EvaluationError as error:
                text = f"{what} of an array of shape {x.shape} {error}"
                self.remarks.append(Remark("error", "evaluation", text, hint_of_error(str(error)), x.tolist()))
                return False
        x = samples[0].copy()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(x)
        if not np.array_equal(x, samples[0]):
            self.add("error", "argument", f"{what} changes the array that it was given", samples[0], x, samples[0])
        return True

    def keeps_dtype(self, x: Array) -> None:
        got = evaluate(self.attempt, x.astype(np.float32)).dtype
        if got != np.float32:
            self.add("warning", "dtype", f"{self.name} of a float32 array has dtype {got}, expected float32")

    def warns(self, samples: Array) -> None:
        """Report warnings of NumPy, with the first of the inputs (numbers or rows) that causes one."""
        kinds = flags_of(self.attempt, samples)
        if kinds:
            low, high = 0, len(samples)  # the shortest prefix with a warning
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (low, middle) if flags_of(self.attempt, samples[:middle]) else (middle, high)
            first = samples[high - 1]
            shown = f"({_text(first)})" if first.ndim == 0 else f" of the row {_texts(first)}"
            text = f"{self.name}{shown} makes NumPy warn of {' and '.join(sorted(kinds))}"
            self.add("warning", "warnings", text, first, dtype=samples.dtype)


class _Elementwise(_Attempt):
    """The review of an elementwise function."""

    def __init__(self, act: Activation, attempt: Function, derivative: Function | None) -> None:
        super().__init__(act.name, attempt)
        self.exact, self.derivative = act, derivative

    def review(self) -> Review:
        x = np.random.default_rng(0).normal(0.0, 2.0, 24)
        if not self.runs([x, x.reshape(2, 3, 4), x.reshape(4, 6)[:, ::2], x[:0], np.array(0.5)]):
            return self.made({})
        y = evaluate(self.attempt, x)
        parts = np.concatenate([evaluate(self.attempt, x[:7]), evaluate(self.attempt, x[7:])])
        if not (_agree(parts, y) and _agree(evaluate(self.attempt, x), y)):
            i = int(np.argmax(np.abs(parts - y)))
            text = f"{self.name}({_text(x[i])}) depends on the rest of the array or on earlier calls"
            self.add("error", "elementwise", f"{text}: {_text(y[i])}, or {_text(parts[i])}", x[i], y[i])
            return self.made({})
        self.keeps_dtype(x)
        known = self.check_values()
        if known:
            self.check_integers()
            for dtype, sign in HALVES:
                self.check_magnitudes(dtype, sign)
        self.check_ends(known)
        if known and not self.has("overflow"):
            for dtype, sign in HALVES:
                places = sign * _sizes(dtype)
                self.warns(places[np.abs(places) <= MOST])
        if self.derivative is not None and self.runs(
            [x, x.reshape(4, 6)], f"the derivative of {self.name}", self.derivative
        ):
            self.check_derivative(self.derivative)
        return self.made(self.worst() if known else {})

    # ---- values ----

    def check_values(self) -> bool:
        """Check moderate inputs. Return whether the results are those of a function that is known."""
        got, expected = evaluate(self.attempt, _GRID).astype(np.float64), self.exact(_GRID)
        if _agree(got, expected):
            return True
        i = _farthest(got, expected)
        text = f"{self.name}({_text(_GRID[i])}) is {_text(got[i])}, expected {_text(expected[i])}"
        twin = next((act for act in _catalogue() if _agree(got, act(_GRID))), None)
        text += _relation(got, expected) if twin is None else f": these are the results of {twin!r}"
        self.add("error", "value", text, _GRID[i], got[i], expected[i])
        if twin is not None:
            self.exact, self.hinted = twin, twin.name
        return twin is not None

    def check_integers(self) -> None:
        x = np.array([-2, -1, 0, 1, 2])
        try:
            got = evaluate(self.attempt, x).astype(np.float64)
        except EvaluationError as error:
            self.add("warning", "integers", f"{self.name} of integers {error}", x)
            return
        if not _agree(got, self.exact(x)):
            i = _farthest(got, self.exact(x))
            expected = self.exact(x)[i]
            text = f"{self.name} of the integer {_text(x[i])} is {_text(got[i])}, expected {_text(expected)}"
            self.add("warning", "integers", text, x[i], got[i], expected)

    def check_magnitudes(self, dtype: np.dtype[Any], sign: float) -> None:
        """Check all magnitudes of a dtype and one sign of x: infinite results, lost digits."""
        x = sign * _sizes(dtype)
        got, expected = evaluate(self.attempt, x).astype(np.float64), self.exact(x.astype(np.float64))
        limits = np.finfo(dtype)
        fits = np.abs(expected) <= float(limits.max)
        bad = np.flatnonzero(~np.isfinite(got) & fits)
        end = len(x)
        if bad.size and bad[0] == 0:
            text = f"{self.name}(0) is {_text(got[0])}, expected {_text(expected[0])}"
            self.add("error", "value", text, 0.0, got[0], expected[0])
            got[0], bad = expected[0], bad[1:]
        if bad.size:
            end = int(bad[0])
            _, place = bisect(x[end - 1], x[end], lambda value: not np.isfinite(evaluate(self.attempt, _one(value))[0]))
            result, truth = self.at(place)
            text = f"{self.name}({_text(place)}) is {_text(result)}, expected {_text(truth)}"
            on = "larger" if sign > 0 else "smaller"
            text += f", and so on for every {on} x" if (~np.isfinite(got[end:]) | ~fits[end:]).all() else ""
            self.add("error", "overflow", text, place, result, truth, dtype)
        x, got, expected, fits = x[:end], got[:end], expected[:end], fits[:end]
        slope = self.exact.derivative(x.astype(np.float64))
        inherent = np.abs(expected) + np.abs(x.astype(np.float64) * slope)
        error = np.abs(got - expected)
        # a result that is subnormal may be 0: np.exp itself gives it
        floor = 4 * float(limits.smallest_normal)
        lost = fits & (error > math.sqrt(float(limits.eps)) * inherent + floor)
        for far in (False, True):
            places = np.flatnonzero(lost & ((np.abs(x) > 1) == far))
            if places.size:
                self.add_lost(far, places, x, got, expected, dtype)

    def add_lost(self, far: bool, places: Any, x: Array, got: Array, expected: Array, dtype: np.dtype[Any]) -> None:
        """Report lost digits: where they begin, and where they are worst."""
        relative = np.abs(got[places] - expected[places]) / np.abs(expected[places])
        gone = places[relative >= min(1.0 if far else 0.5, float(relative.max()))]  # without a correct digit
        i = int(gone[0] if far else gone[-1])
        start = float(x[places[0] if far else places[-1]])
        text = f"{self.name}({_text(x[i])}) is {_text(got[i])}, expected {_text(expected[i])}"
        where = f"from {_text(start)} on" if far else f"between 0 and {_text(start)}"
        self.add("warning", "tail" if far else "digits", f"{text}; half of the digits are lost {where}", x[i], got[i],
                 expected[i], dtype)  # fmt: skip

    def at(self, place: Any) -> tuple[float, float]:
        """Return the result and the exact result at a number of any dtype."""
        return float(evaluate(self.attempt, _one(place))[0]), float(self.exact(float(place)))

    def check_ends(self, known: bool) -> None:
        """Check infinities, if the exact function is known, and NaN."""
        failed = {math.copysign(1.0, remark.x) for remark in self.remarks if remark.kind == "overflow"}
        for x in (-math.inf, math.inf):
            got, expected = self.at(x)
            expected += 0.0  # shown without the sign of 0
            if known and not _agree(_one(got), _one(expected)) and math.copysign(1.0, x) not in failed:
                text = f"{self.name}({_text(x)}) is {_text(got)}, expected {_text(expected)}"
                self.add("warning", "limit", text, x, got, expected)
        got, _ = self.at(math.nan)
        if not math.isnan(got):
            self.add("warning", "nan", f"{self.name}(NaN) is {_text(got)}, expected NaN", math.nan, got, math.nan)

    def worst(self) -> dict[str, tuple[float, float]]:
        """Return the largest error in ulp for each dtype, and where it occurs."""
        found = {}
        for dtype in DTYPES:
            x = np.linspace(-10.0, 10.0, 4001).astype(dtype)
            expected = self.exact(x.astype(np.float64))
            error = np.abs(evaluate(self.attempt, x).astype(np.float64) - expected)
            ulp = np.abs(np.spacing(np.abs(expected).astype(dtype))).astype(np.float64)
            i = int(np.argmax(np.where(np.isfinite(error), error / ulp, 0.0)))
            found[dtype.name] = (float(error[i] / ulp[i]), float(x[i]))
        return found

    # ---- the derivative ----

    def check_derivative(self, derivative: Function) -> None:
        got, expected = evaluate(derivative, _GRID).astype(np.float64), self.exact.derivative(_GRID)
        if not _agree(got, expected):
            i = _farthest(got, expected)
            text = (
                f"the derivative of {self.name} at {_text(_GRID[i])} is {_text(got[i])}, expected {_text(expected[i])}"
            )
            text += self.origin(derivative, got, expected)
            self.add("error", "derivative", text, _GRID[i], got[i], expected[i])
            return
        for place, low, high in self.kinks():
            at = float(evaluate(derivative, _one(place))[0])
            if not low - TOLERANCE <= at <= high + TOLERANCE:
                text = (
                    f"the derivative of {self.name} at its kink {_text(place)} is {_text(at)}, expected a number from "
                )
                self.add("warning", "kink", f"{text}{_text(low)} to {_text(high)}", place, at, [low, high])
        for dtype in DTYPES:
            x = np.concatenate([-_sizes(dtype)[::-1], _sizes(dtype)])
            slopes, exact = evaluate(derivative, x).astype(np.float64), self.exact.derivative(x.astype(np.float64))
            bad = np.flatnonzero(~np.isfinite(slopes) & (np.abs(exact) <= float(np.finfo(dtype).max)))
            if bad.size:
                i = int(bad[np.argmin(np.abs(x[bad]))])
                text = (
                    f"the derivative of {self.name} at {_text(x[i])} is {_text(slopes[i])}, expected {_text(exact[i])}"
                )
                self.add("error", "overflow", text, x[i], slopes[i], exact[i], dtype)

    def kinks(self) -> list[tuple[float, float, float]]:
        """Return the kinks of the exact function with the smaller and the larger slope of the sides."""
        breaks = Curve(self.exact).of_order(1)
        return [(item.place, min(item.left, item.right), max(item.left, item.right)) for item in breaks]

    def origin(self, derivative: Function, got: Array, expected: Array) -> str:
        """Return what a wrong derivative is instead, if that can be told."""
        y = self.exact(_GRID)
        if _agree(evaluate(derivative, y).astype(np.float64), expected):
            return ": it is right as a function of the output y, but its argument is the input x"
        if _agree(got, y):
            return ": these are the results of the function itself"
        if _agree(got, self.exact.second_derivative(_GRID)):
            return ": this is the second derivative"
        twin = next((act for act in _catalogue() if _agree(got, act.derivative(_GRID))), None)
        if twin is not None:
            return f": this is the derivative of {twin!r}"
        curvature = self.exact.second_derivative(_GRID)
        bent = np.abs(curvature) > 0.5 * np.abs(curvature).max()
        steps = 2 * (got - expected)[bent] / curvature[bent]
        if steps.size and steps.min() > 0 and np.ptp(steps) < 0.2 * steps.max() < 0.1:
            h = number(float(np.median(steps)), 1)
            return f": this is a difference quotient, (f(x + h) − f(x)) / h with h about {h}"
        return _relation(got, expected)


class _Softmax(_Attempt):
    """The review of softmax along the last axis."""

    def __init__(self, attempt: Function) -> None:
        super().__init__("softmax", attempt)

    def review(self) -> Review:
        rng = np.random.default_rng(0)
        x = rng.normal(0.0, 2.0, (4, 5))
        if not self.runs([x, x[0], x[:, :4], rng.normal(size=(2, 3, 4))]):
            return self.made({})
        self.keeps_dtype(x)
        if not (self.check_values(x) and self.check_values(x[:, :4])):
            return self.made({})
        for dtype in DTYPES:
            self.check_rows(dtype)
        self.check_neighbors()
        if all(remark.severity != "error" for remark in self.remarks):
            for dtype in DTYPES:
                self.warns(np.array([[0.0, 1000.0], [0.0, -1000.0]], dtype))
        return self.made({})

    def check_values(self, x: Array) -> bool:
        got, expected = evaluate(self.attempt, x).astype(np.float64), softmax(x)
        if _agree(got, expected):
            if not np.allclose(got, expected, rtol=1e-12, atol=0):
                sums = got.sum(axis=-1)
                row = int(np.argmax(np.abs(sums - 1)))
                text = f"the results of a row add up to {sums[row]:.12g}, expected 1"
                self.add("warning", "sum", text, x[row], got[row], expected[row])
            return True
        exponentials = np.exp(x)
        square = x.shape[0] == x.shape[1]
        kind, text = "value", ""
        transposed = exponentials / exponentials.sum(axis=-1) if square else expected
        for reason, candidate, meaning in (
            ("axis", softmax(x, axis=0), "the columns add up to 1, not the rows"),
            ("axis", exponentials / exponentials.sum(), "all elements together add up to 1, not each row"),
            ("keepdims", transposed, "each column was divided by the sum of a row"),
            ("value", log_softmax(x), "these are the logarithms of the probabilities"),
            ("value", exponentials, "the exponentials are not divided by their sum"),
        ):
            if _agree(got, candidate):
                kind, text = reason, f": {meaning}"
                break
        i = _farthest(got.ravel(), expected.ravel()) // x.shape[1]
        shown = f"softmax of the row {_texts(x[i])} is {_texts(got[i])}, expected {_texts(expected[i])}"
        self.add("error", kind, shown + text, x[i], got[i], expected[i])
        return False

    def check_rows(self, dtype: np.dtype[Any]) -> None:
        """Check rows with large, small and infinite elements, one at a time."""
        cases: list[tuple[Severity, str, list[float]]] = [
            ("error", "overflow", [1000.0, 1000.0]),
            ("error", "overflow", [-1000.0, -1000.0]),
            ("warning", "tail", [0.0, -60.0]),
            ("warning", "limit", [0.0, -math.inf]),
        ]
        for severity, kind, row in cases:
            x = np.array([row], dtype)
            got, expected = evaluate(self.attempt, x)[0].astype(np.float64), softmax(x.astype(np.float64))[0]
            tolerance = math.sqrt(float(np.finfo(dtype).eps))
            if not np.allclose(got, expected, rtol=tolerance, atol=0, equal_nan=True):
                text = f"softmax of the row {_texts(row)} is {_texts(got)}, expected {_texts(expected)}"
                self.add(severity, kind, text, row, got, expected, dtype)

    def check_neighbors(self) -> None:
        """Check that a row does not depend on other rows, and that a NaN stays in its row and is not lost."""
        if self.has("overflow"):
            return
        for kind, neighbor in (("shift", 2000.0), ("elementwise", math.nan)):
            x = np.array([[neighbor, 0.0], [0.0, 0.0]])
            got = evaluate(self.attempt, x).astype(np.float64)
            if not _agree(got[1], np.array([0.5, 0.5])):
                text = (
                    f"softmax of the row [0, 0] is {_texts(got[1])} beside the row {_texts(x[0])}, expected [0.5, 0.5]"
                )
                self.add("error", kind, text, x, got[1], [0.5, 0.5])
                return
        if not np.isnan(got[0]).all():
            text = f"softmax of the row [NaN, 0] is {_texts(got[0])}, expected [NaN, NaN]"
            self.add("warning", "nan", text, x[0], got[0], [math.nan, math.nan])


# ---- helpers ----


def _sizes(dtype: np.dtype[Any]) -> Array:
    """Return the absolute values of the inputs: all magnitudes, but for the largest, where even 2x overflows."""
    sizes = magnitudes(dtype)
    return sizes[sizes <= float(np.finfo(dtype).max) / 4]


def _agree(a: Array, b: Array) -> bool:
    """Return whether the results agree to within the tolerance."""
    return bool(np.allclose(a, b, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True))


def _farthest(got: Array, expected: Array) -> int:
    """Return the index of the largest difference; the first NaN or infinity, if there is one."""
    error = np.abs(got - expected) / np.maximum(1.0, np.abs(expected))
    return int(np.argmax(np.where(np.isnan(error), math.inf, error)))


def _relation(got: Array, expected: Array) -> str:
    """Return how all results differ from the expected ones, if this is one number."""
    if _agree(got, -expected):
        return ": all results have the wrong sign"
    with np.errstate(all="ignore"):
        ratios = (got / expected)[np.abs(expected) > 0.01]
    if ratios.size and np.ptp(ratios) <= TOLERANCE * np.abs(ratios).max():
        return f": all results are {number(float(ratios[0]), 6)} times the expected ones"
    differences = got - expected
    if np.ptp(differences) <= TOLERANCE:
        return f": all results differ by {number(float(differences[0]), 6)}"
    return ""


def _catalogue() -> Iterator[Activation]:
    """Yield the library's activations with their default parameters; threshold would be relu."""
    return (activation(name) for name in activations() if name != "threshold")


def _listed(value: Any) -> Any:
    """Return an array as a list, and a number of NumPy as one of Python."""
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def _one(value: Any) -> Array:
    return np.array([value])


def _text(value: Any) -> str:
    """Return the text of a number, of any type."""
    return number(float(value), 6)


def _texts(row: Any) -> str:
    return f"[{', '.join(number(float(value), 4) for value in row)}]"


def _merged(remarks: list[Remark]) -> list[Remark]:
    """Merge remarks about the same fault for another input or dtype."""
    kept: list[Remark] = []
    for remark in remarks:
        twin = next((i for i, other in enumerate(kept) if _fault(other) == _fault(remark)), None)
        if twin is None:
            kept.append(remark)
            continue
        first = kept[twin]
        if isinstance(remark.x, list):
            known = _texts(remark.x) in first.message
            more = "" if known else f"; also of the row {_texts(remark.x)}"
            kept[twin] = replace(first, message=first.message + more, dtype=None if known else first.dtype)
        else:
            also = ", " if "; also at " in first.message else "; also at "
            dtype = f" in {remark.dtype}" if remark.dtype != first.dtype else ""
            kept[twin] = replace(first, message=f"{first.message}{also}{_text(remark.x)}{dtype}")
    return kept


def _fault(remark: Remark) -> tuple[Any, ...]:
    """Return what remarks about the same fault have in common."""
    return remark.kind, remark.hint, remark.message.startswith("the derivative"), type(remark.x)
