"""A linter for activations: wrong derivatives, overflow, lost digits, jumps and kinks."""

from __future__ import annotations

import math
import textwrap
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike

from spatium import _html
from spatium._arrays import Array
from spatium._tables import Table, interval, number, plain, shown
from spatium.activations import Activation, Custom, activation, activations
from spatium.activations.base import GradientSource
from spatium.activations.names import as_activation
from spatium.analysis.curve import Break, Curve, EvaluationError, evaluate, limit_of
from spatium.analysis.properties import is_bare

__all__ = ["CheckReport", "Finding", "check_activation"]

Severity = Literal["error", "warning", "note"]
Function = Callable[[Array], Any]

# The derivative must agree with differences of the value to within this fraction of max(1, |f′|). The derivatives of
# the GELU forms differ by 1e-4 and more; rounding constants to seven digits changes a derivative by less than 1e-6.
TOLERANCE = 1e-6

_ORDER = {"error": 0, "warning": 1, "note": 2}
_SIDES = {-1.0: "−inf", 1.0: "inf"}
_MANY = 8  # the largest number of turning points, kinks or jumps that are printed


@dataclass(frozen=True)
class Finding:
    """One result of `check_activation`.

    Attributes
    ----------
    severity : {"error", "warning", "note"}
        An error means wrong numbers. A warning means lost digits, a lost NaN, or floating-point flags. A note is
        information and not a fault.
    check : str
        The name of the check: "evaluation", "derivative", "jump", "kink", "overflow", "digits", "limit", "nan",
        "flags", "elementwise", "dtype", "output".
    message : str
        A description in plain words.
    where : float or None
        The input where the fault begins or is largest.
    dtype : str or None
        The affected dtype; None if all are affected.
    """

    severity: Severity
    check: str
    message: str
    where: float | None = None
    dtype: str | None = None

    def __str__(self) -> str:
        at = "" if self.where is None or math.isnan(self.where) else f" at {number(self.where)}"
        head = f"{self.severity:8s}{self.dtype or ''}{at}".rstrip()
        return textwrap.fill(f"{head}: {self.message}", 100, subsequent_indent=" " * 8)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values."""
        return {
            "severity": self.severity,
            "check": self.check,
            "message": self.message,
            "where": plain(self.where),
            "dtype": self.dtype,
        }


@dataclass(frozen=True)
class CheckReport:
    """The results of `check_activation`; true if there are no errors and no warnings. Prints as a table.

    Attributes
    ----------
    name : str
    findings : tuple of Finding
        Errors first.
    monotone : bool or None
        Here and below, None means that it could not be determined.
    direction : {"increasing", "decreasing", "constant", "both"} or None
    turning_points : tuple of float
        The turning points, at most the eight nearest to 0.
    bounded : bool or None
    range : tuple of float, or None
        The infimum and the supremum.
    attained : tuple of bool
        Whether f takes these values, so that the ends of the interval are closed.
    limits : tuple
        The limits at −inf and inf; None if there is no limit.
    jumps, kinks : tuple of float
        The places where the value jumps, and where the slope jumps.
    breaks : tuple of Break
        The same with the limits of both sides, and the jumps of the second derivative.
    derivative_error : float or None
        The largest difference from the numerical derivative, divided by ``max(1, |f′|)``, at places where the numerical
        derivative is sufficiently accurate.
    overflow : dict
        For each dtype, the first |x| where a result is infinite or NaN although it should be a finite number, or where
        a floating-point warning occurs; None if there is no such x.
    gradient_from : {"output", "output+bit", "input"} or None
        The data that determine the slope: the output alone, the output and one bit (if there are two monotone pieces),
        or only the input.
    """

    name: str
    findings: tuple[Finding, ...]
    direction: str | None = None
    turning_points: tuple[float, ...] = ()
    range: tuple[float, float] | None = None
    limits: tuple[float | None, float | None] = (None, None)
    breaks: tuple[Break, ...] = ()
    derivative_error: float | None = None
    overflow: Mapping[str, float | None] = field(default_factory=dict)
    gradient_from: GradientSource | None = None
    attained: tuple[bool, bool] = (True, True)

    @property
    def ok(self) -> bool:
        """Whether there are no errors and no warnings."""
        return not (self.errors or self.warnings)

    def __bool__(self) -> bool:
        return self.ok

    @property
    def errors(self) -> tuple[Finding, ...]:
        """The findings that mean wrong numbers."""
        return tuple(item for item in self.findings if item.severity == "error")

    @property
    def warnings(self) -> tuple[Finding, ...]:
        """The findings that mean lost digits, a lost NaN, or floating-point flags."""
        return tuple(item for item in self.findings if item.severity == "warning")

    @property
    def monotone(self) -> bool | None:
        """Whether f has no turning point."""
        return None if self.direction is None else self.direction != "both"

    @property
    def bounded(self) -> bool | None:
        """Whether the range is finite."""
        return None if self.range is None else math.isfinite(self.range[0]) and math.isfinite(self.range[1])

    @property
    def jumps(self) -> tuple[float, ...]:
        """The places where the value jumps."""
        return tuple(item.place for item in self.breaks if item.order == 0)

    @property
    def kinks(self) -> tuple[float, ...]:
        """The places where the slope jumps."""
        return tuple(item.place for item in self.breaks if item.order == 1)

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON."""
        return {
            "name": self.name,
            "ok": self.ok,
            "findings": [item.to_dict() for item in self.findings],
            "monotone": self.monotone,
            "direction": self.direction,
            "turning_points": list(self.turning_points),
            "bounded": self.bounded,
            "range": plain(self.range),
            "attained": list(self.attained),
            "limits": plain(self.limits),
            "jumps": list(self.jumps),
            "kinks": list(self.kinks),
            "breaks": [plain(vars(item)) for item in self.breaks],
            "derivative_error": plain(self.derivative_error),
            "overflow": plain(self.overflow),
            "gradient_from": self.gradient_from,
        }

    def __str__(self) -> str:
        facts = Table("", ("", ""), self._facts())
        parts = [self._verdict(), *(str(facts).splitlines() if len(facts) else [])]
        return "\n".join(parts + [str(item) for item in self.findings])

    def _repr_html_(self) -> str:
        rows = [
            (item.severity, item.dtype or "", "" if item.where is None else number(item.where), item.message)
            for item in self.findings
        ]
        columns = ("finding", "dtype", "at", "")
        return _html.document(
            _html.paragraph(self._verdict(), strong=True),
            _html.table(("", ""), [(name, shown(value)) for name, value in self._facts()], (False, False)),
            _html.table(columns, rows, (False, False, True, False)) if rows else "",
        )

    def _verdict(self) -> str:
        counts = [f"{len(found)} {word}{'s' * (len(found) != 1)}" for found, word in self._counted() if found]
        return f"{self.name}: {', '.join(counts) if counts else 'nothing to object to'}"

    def _counted(self) -> list[tuple[tuple[Finding, ...], str]]:
        return [(self.errors, "error"), (self.warnings, "warning")]

    def _facts(self) -> list[tuple[str, Any]]:
        if self.direction is None or self.range is None:
            return []
        turns = ", ".join(map(number, self.turning_points)) + (", …" if len(self.turning_points) >= _MANY else "")
        kinks, jumps = (
            [
                f"{number(b.place)} ({what}{number(b.left)} to {number(b.right)})"
                for b in self.breaks
                if b.order == order
            ]
            for order, what in ((1, "slope "), (0, ""))
        )
        facts: list[tuple[str, Any]] = [
            ("monotone", self.direction if self.monotone else f"no, turns at {turns}"),
            ("range", interval(*self.range, self.attained) + (", bounded" if self.bounded else "")),
            ("limits", ", ".join("none" if value is None else number(value) for value in self.limits)),
            ("jumps", (*jumps[:_MANY], "…") if len(jumps) > _MANY else tuple(jumps)),
            ("kinks", (*kinks[:_MANY], "…") if len(kinks) > _MANY else tuple(kinks)),
            ("slope from", self.gradient_from),
        ]
        if self.derivative_error is not None:
            facts.append(("derivative", f"within {number(self.derivative_error, 2)} of the numerical one"))
        if self.overflow:
            first = (f"{dtype} {'none' if x is None else 'from ' + number(x)}" for dtype, x in self.overflow.items())
            facts.append(("overflow", ", ".join(first)))
        return facts


def check_activation(
    value: Activation | str | Function,
    derivative: Function | None = None,
    *,
    name: str | None = None,
    jumps: Sequence[float] = (),
    dtypes: Sequence[DTypeLike] = ("float16", "float32", "float64"),
) -> CheckReport:
    """Check any activation, and report its faults and properties.

    Parameters
    ----------
    value : Activation, str or callable
        An activation of the library or its name, a `Custom`, or a function that accepts an array and returns one of the
        same shape.
    derivative : callable, optional
        The derivative, in the same form. The default is the derivative of `value` if that is an activation.
    name : str, optional
        The name in the report.
    jumps : sequence of float
        The places of intended jumps of the value; other jumps are errors. The jumps of `HardShrink` and `Threshold` are
        known.
    dtypes : sequence of dtype
        The dtypes to check: float16, float32, float64.

    Returns
    -------
    CheckReport
        True if there are no errors and no warnings. If a function raises an exception, this is an error in the report.

    Raises
    ------
    TypeError
        If `value` or `derivative` is not callable, `value` is a class, or a dtype is not one of these three.

    Notes
    -----
    * The derivative is compared with central differences of the value in float64, of order 8 with several steps, at
      about 1700 places from −16384 to 16384. Each difference has a bound on its own error, and inaccurate differences
      are not used. A deviation of more than 1e-6 of ``max(1, |f′|)`` beyond that bound is an error.
    * Jumps and kinks between −16384 and 16384 are found in float64 by fourth differences, and located by bisection and
      by the intersection of the polynomials of both sides. Features that are closer than about 1e-9, and waves shorter
      than 1/100, may not be detected.
    * For each dtype, the results for all numbers of float16, or some thousand magnitudes of the other dtypes, are
      compared with the function's own results in a wider dtype. An exact result outside the range of the dtype is not a
      fault. For float64, if no wider dtype is available, an infinity is a fault if the previous result is far below the
      largest number.
    * Half of the digits are lost if the error exceeds √eps of ``|f| + |x·f′|``. This check does not apply to
      derivatives.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> bool(sp.check_activation(sp.GELU()))
    True
    >>> report = sp.check_activation(lambda x: np.log(1 + np.exp(x)), sp.Softplus().derivative, name="naive softplus")
    >>> report.ok, {dtype: round(x, 2) for dtype, x in report.overflow.items()}
    (False, {'float16': 11.09, 'float32': 88.72, 'float64': 709.78})
    >>> [finding.check for finding in report.errors]
    ['overflow', 'overflow', 'overflow']
    """
    if isinstance(value, str):
        value = as_activation("value", value)
    if isinstance(value, type):
        raise TypeError(f"value is the class {value.__name__}, expected an object such as {value.__name__}()")
    if not callable(value):
        raise TypeError(f"value is {value!r}, expected an activation or a function of an array")
    if derivative is not None and not callable(derivative):
        raise TypeError(f"derivative is {derivative!r}, expected a function of an array")
    kinds = [np.dtype(dtype) for dtype in dtypes]
    for kind in kinds:
        if kind not in (np.float16, np.float32, np.float64):
            raise TypeError(f"dtypes holds {kind}, expected float16, float32 or float64")
    known = isinstance(value, Activation) and not isinstance(value, Custom)
    if isinstance(value, Activation):
        label = repr(value) if known else value.name
        if derivative is None and not is_bare(value):
            derivative = value.derivative
    else:
        label = getattr(value, "__name__", type(value).__name__)
    check = _Check(value, derivative, label if name is None else name, known, [float(x) for x in jumps], kinds)
    with np.errstate(all="ignore"):
        return check.report()


class _Check:
    """One run of the linter: its findings, and the checks that add to them."""

    def __init__(
        self,
        value: Function,
        derivative: Function | None,
        name: str,
        known: bool,
        jumps: list[float],
        dtypes: list[np.dtype[Any]],
    ) -> None:
        self.value, self.derivative, self.name = value, derivative, name
        self.known, self.jumps, self.dtypes = known, jumps, dtypes
        self.findings: list[Finding] = []
        self.curve = Curve(value)

    def add(
        self, severity: Severity, check: str, message: str, where: float | None = None, dtype: str | None = None
    ) -> None:
        self.findings.append(Finding(severity, check, message, None if where is None else float(where), dtype))

    def report(self) -> CheckReport:
        usable = self.usable("the value", self.value)
        if self.derivative is not None and not self.usable("the derivative", self.derivative):
            self.derivative = None
        if not usable:
            return self.made()
        facts: dict[str, Any] = {}
        curve = self.curve
        try:
            facts["breaks"] = self.curve.breaks
            self.check_jumps()
            if self.derivative is None:
                if not self.findings:
                    self.add("note", "derivative", "no derivative was given, so it was not checked")
            else:
                facts["derivative_error"] = self.check_derivative()
            agrees = not any(item.check == "derivative" for item in self.findings)
            curve = self.curve.with_derivative(self.derivative if agrees else None)
            direction, turns, _ = curve.directions
            facts |= {"direction": direction, "turning_points": tuple(turns)}
            facts |= {
                "range": curve.range,
                "attained": curve.attained,
                "limits": curve.limits,
                "gradient_from": self.gradient_source(curve),
            }
        except EvaluationError as error:
            self.failed(error)
        if "limits" in facts:
            self.check_ends(facts["limits"])
        facts["overflow"] = self.check_dtypes()
        return self.made(**facts)

    def failed(self, error: EvaluationError, dtype: np.dtype[Any] | None = None) -> None:
        """Report a function that raised an exception, but only once."""
        what = "the derivative" if error.function is self.derivative else "the value"
        text = f"{what} {error}"
        if not any(item.message == text for item in self.findings):
            self.add("error", "evaluation", text, dtype=None if dtype is None else dtype.name)

    def made(self, **facts: Any) -> CheckReport:
        faults = {_side(item) for item in self.findings if item.check == "overflow"}
        worth = [
            item
            for item in self.findings
            # if a finite x has already failed, the limit is not reported too
            if item.check != "limit" or _side(item) not in faults
        ]
        ordered = sorted(_merged(worth), key=lambda item: _ORDER[item.severity])
        return CheckReport(self.name, tuple(ordered), **facts)

    # ---- evaluation ----

    def usable(self, what: str, function: Function) -> bool:
        """Return whether the function is elementwise, does not change its argument, and is deterministic."""
        x = np.random.default_rng(0).normal(0.0, 3.0, 257)
        try:
            y = evaluate(function, x)
            again, part, backwards = evaluate(function, x), evaluate(function, x[:100]), evaluate(function, x[::-1])
        except EvaluationError as error:
            self.add("error", "evaluation", f"{what} {error}")
            return False
        if not _same(y, again):
            self.add("error", "elementwise", f"{what} is not the same at every call")
            return False
        if not (_same(y[:100], part) and _same(y, backwards[::-1])):
            self.add("error", "elementwise", f"{what} of an element depends on the other elements of the array")
            return False
        untouched = x.copy()
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            function(untouched)
        if not np.array_equal(untouched, x):
            self.add("error", "evaluation", f"{what} writes into its argument")
        widened: dict[str, list[str]] = {}
        for dtype in list(self.dtypes):
            try:
                got = evaluate(function, x.astype(dtype)).dtype
            except EvaluationError as error:
                self.add("error", "evaluation", f"{what} {error}", dtype=dtype.name)
                self.dtypes.remove(dtype)
                continue
            if got != dtype:
                widened.setdefault(got.name, []).append(dtype.name)
        for got_name, names in widened.items():
            self.add("note", "dtype", f"{what} is {got_name} for {' and '.join(names)}", dtype=_join(names))
        return True

    # ---- breaks ----

    def check_jumps(self) -> None:
        jumps = self.curve.of_order(0)
        x = np.random.default_rng(1).uniform(-4.0, 4.0, 200)
        flat, steps = self.curve(x) == self.curve(x + 1e-4), self.curve(x) == self.curve(x + 0.5)
        if np.mean(flat & ~steps) > 0.2 and np.mean(flat) > 0.8:
            text = "the value is a staircase: its derivative is 0 almost everywhere"
            self.add("error", "jump", text, jumps[0].place if jumps else None)
            return
        for item in jumps[:8]:
            size = abs(item.right - item.left)
            small = size < TOLERANCE * max(1.0, abs(item.left), abs(item.right))
            text = f"the value jumps by {number(size)}, from {number(item.left, 12)} to {number(item.right, 12)}"
            meant = self.known or any(abs(item.place - place) <= 1e-6 * max(1.0, abs(place)) for place in self.jumps)
            self.add("note" if meant or small else "error", "jump", text, item.place)
        if len(jumps) > 8:
            self.add("error", "jump", f"the value jumps at {len(jumps)} places or more", jumps[8].place)
        for place in self.jumps:
            if all(abs(item.place - place) > 1e-6 * max(1.0, abs(place)) for item in jumps):
                self.add("warning", "jump", "there is no jump where one was announced", place)
        if self.curve.suspects_left:
            self.add("note", "jump", "there are more suspicious places than were examined")
        if self.curve.noise > 2.0**-40:
            bits = math.floor(-math.log2(self.curve.noise))
            self.add("warning", "digits", f"float64 results are accurate to about {bits} of 53 bits", dtype="float64")

    # ---- derivative ----

    def check_derivative(self) -> float | None:
        """Compare the derivative with differences of the value, and return the largest deviation."""
        assert self.derivative is not None
        dense = np.concatenate([np.linspace(-16.0, 16.0, 1281) + 2.0**-9, np.linspace(-0.125, 0.125, 128)])
        octaves = np.exp2(np.arange(4.0, 14.0, 1 / 8)) * 1.01
        x = np.concatenate([dense, octaves, -octaves])
        for item in self.curve.of_order(0, 1):  # both sides of every break
            near = np.exp2(np.arange(-10.0, -3.0)) * max(1.0, abs(item.place))
            x = np.concatenate([x, item.place - near, item.place + near])
        x = np.sort(np.round(x * 2.0**20) / 2.0**20)
        numeric, bound = self.curve.numeric_slope(x)
        given = evaluate(self.derivative, x).astype(np.float64)
        usable = np.isfinite(given) & np.isfinite(numeric) & np.isfinite(bound)
        scale = np.maximum(1.0, np.abs(numeric))
        usable &= bound <= 1e-2 * scale
        error = np.where(usable, np.abs(given - numeric), 0.0)
        with np.errstate(invalid="ignore"):
            wrong = usable & (error > 10 * bound + TOLERANCE * scale)
        if wrong.any():
            i = int(np.argmax(np.where(wrong, error / scale, 0.0)))
            share = wrong.sum() / max(int(usable.sum()), 1)
            first, last = (number(float(end)) for end in (x[wrong].min(), x[wrong].max()))
            text = (
                f"the derivative is {number(float(given[i]), 8)}, the value's slope is {number(float(numeric[i]), 8)}; "
                f"they differ at {share:.0%} of the places tried, from {first} to {last}"
            )
            self.add("error", "derivative", text + self.belongs_to(x, usable, given), x[i])
        self.check_breaks_of_derivative()
        tight = usable & (10 * bound <= TOLERANCE * scale)
        return float((error / scale)[tight].max(initial=0.0)) if usable.any() else None

    def belongs_to(self, x: Array, usable: Array, given: Array) -> str:
        """Name the library's functions to which the value and the given derivative belong, if they differ."""
        values = self.curve(x)
        owner = slope_owner = None
        for name in activations():
            if name == "threshold":
                continue
            act = activation(name)
            if owner is None and _close(act(x)[usable], values[usable]):
                owner = name
            if slope_owner is None and _close(act.derivative(x)[usable], given[usable]):
                slope_owner = name
        if slope_owner is None or slope_owner == owner:
            return ""
        return f"; it is the derivative of {slope_owner}" + (f", the value is {owner}" if owner else "")

    def check_breaks_of_derivative(self) -> None:
        """Check the derivative at kinks, and find its jumps at places where the value has no kink."""
        assert self.derivative is not None
        own = Curve(self.derivative, interval=64.0)
        places = [item.place for item in self.curve.of_order(0, 1)]
        reported = any(item.check == "derivative" for item in self.findings)
        for item in own.of_order(0):
            size = abs(item.right - item.left)
            beside = 1e-6 * max(1.0, abs(item.place))
            near = any(abs(item.place - place) <= beside for place in places)
            near |= not np.isfinite(self.curve(np.array([item.place - beside, item.place + beside]))).all()
            if not near and size > TOLERANCE * max(1.0, abs(item.left)) and not reported:
                text = (
                    f"the derivative jumps from {number(item.left)} to {number(item.right)} where the value has no kink"
                )
                self.add("error", "derivative", text, item.place)
        for item in self.curve.of_order(1):
            at = float(evaluate(self.derivative, np.array([item.place]))[0])
            low, high = min(item.left, item.right), max(item.left, item.right)
            margin = 1e-6 * max(1.0, abs(low), abs(high))
            if not low - margin <= at <= high + margin:
                text = (
                    f"the derivative at the kink is {number(at)}, expected a slope from {number(low)} to {number(high)}"
                )
                self.add("warning", "kink", text, item.place)

    def gradient_source(self, curve: Curve) -> GradientSource | None:
        """Return the data that determine the slope. Between turning points, f is one to one or constant."""
        _, _, count = curve.directions
        if count == 0:
            return "output"
        return "output+bit" if count == 1 else "input"

    # ---- NaN and infinities ----

    def check_ends(self, limits: tuple[float | None, float | None]) -> None:
        functions = [("value", self.value, limits)]
        if self.derivative is not None:
            slope = Curve(self.derivative)
            functions.append(("derivative", self.derivative, (limit_of(slope, -1.0), limit_of(slope, 1.0))))
        for what, function, ends in functions:
            try:
                got = {dtype: evaluate(function, np.array([-np.inf, np.inf, np.nan], dtype)) for dtype in self.dtypes}
            except EvaluationError as error:
                self.failed(EvaluationError(f"of infinities and NaN {error}", function))
                continue
            lost = [dtype.name for dtype, y in got.items() if not np.isnan(y[2])]
            if lost:
                y = number(float(next(y[2] for y in got.values() if not np.isnan(y[2]))))
                # only a note for slopes, because the gradient is usually NaN already
                severity: Severity = "warning" if what == "value" else "note"
                self.add(
                    severity, "nan", f"the {what} of NaN is {y}, so a NaN is not propagated", math.nan, _join(lost)
                )
            for i, (sign, end) in enumerate(zip(_SIDES, ends, strict=True)):
                if end is None:
                    continue
                missed = {dtype: y[i] for dtype, y in got.items() if not _reaches(float(y[i]), end, y.dtype)}
                if missed:
                    y = number(float(next(iter(missed.values()))))
                    text = f"the {what} of {_SIDES[sign]} is {y}, its limit is {number(end)}"
                    names = _join([dtype.name for dtype in missed])
                    severity = "note" if what == "derivative" and y != "NaN" else "warning"
                    self.add(severity, "limit", text, sign * math.inf, names)

    # ---- dtypes ----

    def check_dtypes(self) -> dict[str, float | None]:
        """Evaluate all magnitudes of each dtype, and return the first |x| with overflow or flags."""
        first: dict[str, float | None] = {}
        for dtype in self.dtypes:
            thresholds = []
            functions = [("value", self.value)]
            if self.derivative is not None:
                functions.append(("derivative", self.derivative))
            for what, function in functions:
                for sign in (-1.0, 1.0):
                    try:
                        threshold = self.sweep(what, function, dtype, sign)
                    except EvaluationError as error:
                        self.failed(error, dtype)
                        continue
                    if threshold is not None:
                        thresholds.append(threshold)
            first[dtype.name] = min(thresholds, default=None)
        return first

    def sweep(self, what: str, function: Function, dtype: np.dtype[Any], sign: float) -> float | None:
        """Check one function for one dtype and one sign of x: overflow, flags, digits."""
        x = (sign * magnitudes(dtype)).astype(dtype)
        reference = _reference(function, dtype)
        y = evaluate(function, x)
        expected = None if reference is None else reference(x)
        fits = np.ones(len(x), dtype=bool) if expected is None else _fits(expected, y.dtype)
        fault = self.fault(what, function, reference, x, y, fits)
        end = len(x) if fault is None else int(np.searchsorted(np.abs(x), abs(fault)))
        if not fits[:end].all():
            end = int(np.argmin(fits[:end]))  # larger results exceed the range of the dtype and raise a flag
        elif expected is None and fault is None and not np.isfinite(y).all():
            end = max(int(np.argmin(np.isfinite(y))) - 1, 0)
        flagged = self.flags(what, function, x[:end], fault, dtype)
        if expected is not None and what == "value":
            self.digits(function, x[:end], y[:end], expected[:end], reference, dtype)
        places = [abs(place) for place in (fault, flagged) if place is not None]
        return min(places, default=None)

    def fault(
        self, what: str, function: Function, reference: Function | None, x: Array, y: Array, fits: Array
    ) -> float | None:
        """Return the first x with an infinite or NaN result that should be finite."""
        bad = np.flatnonzero(~np.isfinite(y) & fits)
        if bad.size == 0:
            return None
        i = int(bad[0])

        def broken(value: Any) -> bool:
            one = np.array([value], dtype=x.dtype)
            result = evaluate(function, one)
            return bool(~np.isfinite(result[0]) and (reference is None or _fits(reference(one), result.dtype)[0]))

        good, place = bisect(x[i - 1] if i else x.dtype.type(0), x[i], broken)
        one = np.array([place], dtype=x.dtype)
        result = float(evaluate(function, one)[0])
        if reference is None:
            before = abs(float(evaluate(function, np.array([good], dtype=x.dtype))[0]))
            if math.isinf(result) and before > np.finfo(y.dtype).max / 8:
                return None  # the exact value exceeds the range of the dtype here
            should = "a number"
        else:
            truth = float(reference(one)[0])
            should = "a number" if math.isnan(truth) else number(truth)
        onwards = "" if place == 0 else " from here on"
        text = f"the {what} is {number(result)}{onwards}, expected {should}"
        self.add("error", "overflow", text, float(place), x.dtype.name)
        return float(place)

    def flags(self, what: str, function: Function, x: Array, fault: float | None, dtype: np.dtype[Any]) -> float | None:
        """Return the first x that raises a floating-point warning."""
        kinds = flags_of(function, x)
        if not kinds:
            return None
        low, high = 0, len(x)  # the shortest prefix with a flag
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if flags_of(function, x[:middle]) else (middle, high)
        i = high - 1
        start = x[i - 1] if i else x.dtype.type(0)
        _, place = bisect(start, x[i], lambda value: bool(flags_of(function, np.array([value], dtype=x.dtype))))
        if fault is None or abs(float(place)) < 0.999 * abs(fault):
            text = f"the {what} is a number, but NumPy warns of {' and '.join(sorted(kinds))}"
            self.add("warning", "flags", text, float(place), dtype.name)
        return float(place)

    def digits(
        self,
        function: Function,
        x: Array,
        y: Array,
        expected: Array,
        reference: Function | None,
        dtype: np.dtype[Any],
    ) -> None:
        """Report the places where the result has lost half of its digits, or all of them."""
        if reference is None or x.size == 0:
            return
        info = np.finfo(dtype)
        wide = expected.dtype.type
        with np.errstate(all="ignore"):
            nearby = reference(x.astype(wide) * wide(1 + 2.0**-20))
            inherent = np.abs(expected) + np.abs(nearby - expected) * 2.0**20
            error = np.abs(y.astype(expected.dtype) - expected)
            floor = 4 * float(info.smallest_normal)
            half = error > math.sqrt(float(info.eps)) * inherent + floor
            for item in self.curve.of_order(0):  # the place of a jump is rounded, so that x may be on its other side
                half &= np.abs(x - item.place) > 4 * float(info.eps) * abs(item.place)
            gone = half & (error > 0.5 * np.abs(expected)) & (np.abs(expected) > floor)
        if not half.any():
            return
        first, last = np.flatnonzero(half)[[0, -1]]
        place = float(x[first])
        if abs(float(x[last])) < 1:
            text, place = "half of the digits and more are lost between 0 and here", float(x[last])
        elif last == len(x) - 1 or np.abs(expected[last + 1 :]).max() <= floor:
            text = "half of the digits are lost from here on"
        else:
            text = f"half of the digits are lost from here to about {number(float(x[last]), 3)}"
        zero = gone & (y == 0)
        if zero.any() or gone.any():
            i = int(np.argmax(zero if zero.any() else gone))
            at = float(x[i])
            if zero.any() and i and y[i - 1] != 0:  # the exact place
                _, edge = bisect(
                    x[i - 1], x[i], lambda v: bool(evaluate(function, np.array([v], dtype=x.dtype))[0] == 0)
                )
                at = float(edge)
            one = np.array([at], dtype=x.dtype)
            result, truth = float(evaluate(function, one)[0]), float(reference(one)[0])
            text += f", all of them at {number(at)}: {number(result, 3)} instead of {number(truth, 3)}"
        self.add("warning", "digits", text, place, dtype.name)


# ---- helpers ----


def _side(item: Finding) -> tuple[str, bool]:
    """Return "value" or "derivative", and whether the finding is at a negative x."""
    return item.message.split()[1], (item.where or 0.0) < 0


def _merged(findings: list[Finding]) -> list[Finding]:
    """Merge findings that are the same at x and at −x."""
    kept: list[Finding] = []
    for item in findings:
        twin = None if item.where is None else replace(item, where=-item.where)
        if item.check in ("flags", "overflow") and twin in kept:
            both = replace(item, message=item.message + ", on both sides")
            kept[kept.index(twin)] = replace(both, where=abs(item.where or 0.0))
        else:
            kept.append(item)
    return kept


def _same(a: Array, b: Array) -> bool:
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-9, atol=1e-300, equal_nan=True))


def _close(a: Array, b: Array) -> bool:
    return bool(np.allclose(a, b, rtol=1e-9, atol=1e-9, equal_nan=True))


def _join(names: list[str]) -> str | None:
    return ", ".join(names) if names else None


def _reaches(y: float, limit: float, dtype: np.dtype[Any]) -> bool:
    if dtype.kind != "f":
        return y == limit
    if abs(limit) > float(np.finfo(dtype).max):
        return y == math.copysign(math.inf, limit)
    return abs(y - limit) <= 4 * float(np.finfo(dtype).eps) * max(1.0, abs(limit)) + 1e-6 * abs(limit)


def magnitudes(dtype: np.dtype[Any]) -> Array:
    """Return 0 and positive numbers of a dtype: all of float16, or eight (float32) or four (float64) per octave."""
    info = np.finfo(dtype)
    if dtype == np.float16:
        return np.arange(0x7C00, dtype=np.uint16).view(np.float16)
    lowest = math.log2(float(info.smallest_subnormal))
    steps = 8 if dtype == np.float32 else 4
    x = np.exp2(np.arange(lowest, float(info.maxexp), 1 / steps, dtype=np.float64))
    dense = np.arange(1, 64 * 32) / 32.0  # most features are in this range
    return np.unique(np.concatenate([[0.0], x, dense, [float(info.max)]]).astype(dtype))


def _reference(function: Function, dtype: np.dtype[Any]) -> Function | None:
    """Return the function in a wider dtype, or None if it does not support one."""
    wide = np.dtype(np.longdouble) if dtype == np.float64 else np.dtype(np.float64)
    if np.finfo(wide).eps > float(np.finfo(dtype).eps) / 4:
        return None  # long double has the precision of double
    try:
        sample = evaluate(function, np.array([0.5, 1.5], dtype=wide))
    except EvaluationError:
        return None
    if sample.dtype != wide:
        return None
    return lambda x: evaluate(function, x.astype(wide))


def _fits(expected: Array, dtype: np.dtype[Any]) -> Array:
    if dtype.kind != "f":
        return np.isfinite(expected)
    with np.errstate(invalid="ignore"):  # a NaN in `expected` fits, so that a NaN result counts as a fault
        return np.asarray(~(np.abs(expected) > expected.dtype.type(np.finfo(dtype).max)))


def flags_of(function: Function, x: Array) -> set[str]:
    """Return the kinds of floating-point warnings of a call, except underflow."""
    kinds: set[str] = set()
    if x.size == 0:
        return kinds
    try:
        with warnings.catch_warnings(record=True) as caught, np.errstate(all="warn", under="ignore"):
            warnings.simplefilter("always")
            function(x.copy())
    except Exception as error:
        raise EvaluationError(f"raises {type(error).__name__}: {error}", function) from error
    for item in caught:
        if issubclass(item.category, RuntimeWarning):
            words = str(item.message).split(" encountered")[0]
            kinds.add(words)
    return kinds


def bisect(good: Any, bad: Any, is_bad: Callable[[Any], bool]) -> tuple[Any, Any]:
    """Return neighboring numbers between `good` and `bad`, of which the first is good and the second is bad."""
    kind = np.dtype(type(bad))
    integer = np.dtype(f"i{kind.itemsize}")
    sign = -1 if np.signbit(bad) else 1
    low, high = (int(np.array([abs(v)], dtype=kind).view(integer)[0]) for v in (good, bad))
    while high - low > 1:
        middle = (low + high) // 2
        value = sign * np.array([middle], dtype=integer).view(kind)[0]
        low, high = (low, middle) if is_bad(value) else (middle, high)
    return tuple(sign * np.array([bits], dtype=integer).view(kind)[0] for bits in (low, high))
