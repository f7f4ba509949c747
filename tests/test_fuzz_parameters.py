"""Every function, operation and type with parameters of both signs and of every size, against mpmath.

The functions, their parameters and the domains of these come from the registry: a parameter is drawn as any number, and
the value object says whether it takes it. The points are drawn where something happens: the same few magnitudes, also
divided by a parameter, times a parameter, and next to one. An error is judged in units of the last place of the exact
result, as in test_accuracy.py; infinite and zero arguments have the limits of the formulas.

The default run draws the same numbers every time. `pytest -m slow tests/test_fuzz_parameters.py --fuzz-seed 0` compares
more than a million results; with `-s`, it prints how many of each function.
"""

import functools
import itertools
import math
import operator
import random
import struct
from fractions import Fraction
from typing import NamedTuple

import mpmath
import numpy as np
import pytest
from conftest import NAMES, parameter_values
from mpmath import mpf

import spatium as sp
from reference import oracle
from spatium import _engine

try:
    from ml_dtypes import bfloat16
except ImportError:
    bfloat16 = None


class Format(NamedTuple):
    """A floating-point type: bits of the mantissa with the leading one, exponents of its normal numbers."""

    dtype: np.dtype
    digits: int
    smallest: int
    largest: int


FORMATS = [
    Format(np.dtype(np.float32), 24, -126, 127),
    Format(np.dtype(np.float64), 53, -1022, 1023),
    Format(np.dtype(np.float16), 11, -14, 15),
]
if bfloat16 is not None:
    FORMATS.append(Format(np.dtype(bfloat16), 8, -126, 127))

# 16-bit results are correctly rounded, unless the exact one is so close to a tie that its float64 is that tie.
SIXTEEN_BITS = 0.5 + 2.0**-30
ROOT = 2.0**-58  # of |x·f''|, next to a root of f' in float64
BEND = {24: 2.0**-44, 53: 2.0**-48}  # of the largest f'' in reach, next to a zero of f''
CANCELED = 2.0**-51  # of the larger term of snake, whose terms cancel
# The bounds of the records are those of moderate parameters; with others, errors up to these are tolerated.
EXTREME = {
    "value": {24: 0.51, 53: 1.0},
    "derivative": {24: 1.0, 53: 1.1},
    "second_derivative": {24: 1.0, 53: 1.5},
}
RECORDS = {record.name: record for record in _engine.registry()}


@functools.cache
def bound(name, operation, form):
    if form.digits < 24:
        return SIXTEEN_BITS
    bounds = [RECORDS[name].bound(operation, form.dtype.name, isa) for isa in _engine.available_isas()]
    return max(EXTREME[operation][form.digits], *bounds)


# ---- exact results ----

BEYOND = mpmath.ldexp(mpf(1), 4096)  # far enough for every limit: no parameter exceeds 2^1024 or is below 2^-1074


def line(x, slope, offset):
    """hard_sigmoid; the oracle's takes what is next to an end for the end."""
    return min(max(oracle.sixth(slope) * x + offset, mpf(0)), mpf(1))


def line_slope(x, slope, offset):
    return oracle.sixth(slope) if -offset < oracle.sixth(slope) * x < 1 - offset else mpf(0)  # the sum would be rounded


def exact(name, operation, x, parameters):
    """The exact result; at an infinity the limit, at a zero that of this side (both NaN where there is none)."""
    entry = oracle.ORACLE[name]
    if mpmath.isnan(x):
        return mpf("nan")
    if operation == "second_derivative":
        return oracle.bend(name, x, parameters)
    formula, limits = (entry.value, entry.limits) if operation == "value" else (entry.derivative, entry.slopes)
    if name == "hard_sigmoid":
        formula = line if operation == "value" else line_slope
    if mpmath.isinf(x) and all(parameters) and math.isnan(limits(*parameters)[x > 0]):  # it oscillates for ever
        return mpf("nan")
    with mpmath.workprec(oracle.PRECISION):
        point = mpmath.sign(x) * BEYOND if mpmath.isinf(x) else mpf(x)
        result = mpf(formula(point, *map(mpf, parameters)))
        if x == 0 == result and operation == "value":
            result = mpf(formula(math.copysign(1, x) / BEYOND**4, *map(mpf, parameters)))
    return result


def unit(value, form):
    """The unit in the last place of `form` at `value`; the subnormal spacing is the smallest."""
    _, mantissa, exponent, bit_count = value._mpf_
    binade = exponent + bit_count - 1 if mantissa else form.smallest
    return mpmath.ldexp(mpf(1), min(max(binade, form.smallest), form.largest) - form.digits + 1)


def error(result, value, form):
    """|result - value| in units of the last place, an infinity being the first number that does not fit."""
    result = float(result)
    if math.isnan(result) or mpmath.isnan(value):
        return 0.0 if math.isnan(result) and mpmath.isnan(value) else math.inf
    end = mpmath.ldexp(mpf(1), form.largest + 1)
    with mpmath.workprec(oracle.PRECISION):
        distance = max(min(mpf(result), end), -end) - max(min(value, end), -end)
        return float(abs(distance) / unit(value, form))


def has_other_sign(result, value):
    return result == 0 != value and bool(np.signbit(result)) != (value < 0)


# ---- what is drawn ----

ENDS = [0.0, 5e-324, 2.2250738585072014e-308, 1e-300, 1e-155, 1.4e-45, 1.2e-38, 1e-20, 6e-8]
ENDS += [1e7, 1e20, 3.4e38, 1e39, 1e154, 1e300, 1.7976931348623157e308]
# Products of three such parameters stay within float64.
WIDEST = 1e100
SIMPLE = [0.1, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0, 3.0]
POSITIONS = ["as it is", "over", "times", "next to"]


def pattern(rng, low, high):
    """Any number between these two: all exponents are equally likely, and half of the mantissas have few digits."""
    first, last = (struct.unpack("<q", struct.pack("<d", end))[0] for end in (low, high))
    drawn = rng.randint(first, last)
    if rng.random() < 0.5:
        drawn = max(drawn >> (digits := rng.randint(30, 51)) << digits, first)
    return struct.unpack("<d", struct.pack("<q", drawn))[0]


def plain(rng):
    return rng.choice(SIMPLE) if rng.random() < 0.5 else pattern(rng, 2.0**-6, 2.0**6)


def wide(rng):
    how = rng.randrange(4)
    if how < 2:
        return plain(rng)
    inner = [0.0, *(end for end in ENDS if 1 / WIDEST <= end <= WIDEST)]
    return rng.choice(inner) if how == 2 else pattern(rng, 1 / WIDEST, WIDEST)


def any_size(rng):
    how = rng.randrange(5)
    if how < 2:
        return rng.choice(ENDS) if how else plain(rng)
    return pattern(rng, *[(0.0, 1.7976931348623157e308), (0.0, 1e-290), (1e290, 1.7976931348623157e308)][how - 2])


def signed(rng, magnitude):
    return math.copysign(magnitude(rng), rng.choice((1.0, -1.0)))


def place(rng):
    """A magnitude of a point, and where it is put."""

    def magnitude(rng):
        how = rng.randrange(4)
        if how < 2:
            return pattern(rng, *[(2.0**-60, 2.0**12), (2.0**-3, 2.0**5)][how])
        return plain(rng) if how == 2 else rng.choice([*ENDS, math.inf])

    return signed(rng, magnitude), rng.choice(POSITIONS), rng.randrange(2)


def drawn_activation(rng, name, magnitude):
    """A value object of this name with any parameters of these magnitudes that it takes."""
    names = list(sp.activation(name).parameters)
    while True:
        values = [signed(rng, magnitude) for _ in names]
        for order in itertools.permutations(values):
            for signs in itertools.product((1.0, -1.0), repeat=len(values)):
                try:
                    numbers = map(operator.mul, order, signs)
                    return sp.activation(name, **dict(zip(names, numbers, strict=True)))
                except ValueError:
                    pass


def put(places, parameters):
    """The points that are meant: magnitudes as they are, over, times and next to a parameter."""
    points = []
    for t, how, which in places:
        p = parameters[which % len(parameters)] if parameters else 1.0
        with np.errstate(all="ignore"):
            x = {
                "as it is": np.float64(t),
                "over": np.float64(t) / np.float64(p),
                "times": np.float64(t) * np.float64(p),
                "next to": np.nextafter(p, np.copysign(np.inf, t)),
            }[how]
        points.append(float(x))
    return points


# ---- what is allowed ----


def near_root(name, x, parameters):
    """Whether f' changes its sign within an eighth of x."""
    with mpmath.workprec(oracle.PRECISION):
        ends = [oracle.ORACLE[name].derivative(mpf(x) * f, *map(mpf, parameters)) for f in (mpf(7) / 8, mpf(9) / 8)]
    return ends[0] * ends[1] < 0


def at_kink(name, x, parameters, right):
    """Whether f' at x, moved by the rounding of one product, is `right`."""
    with mpmath.workprec(oracle.PRECISION):
        moved = (mpf(x) * (1 + sign * mpf(2) ** -52) for sign in (1, -1))
        return any(right(exact(name, "derivative", m, parameters)) for m in moved)


def slack(name, operation, x, parameters, value, form):
    """What is allowed beyond the bound, in ulp of the exact result, where that is the difference of larger terms."""
    if form.digits < 24 or not math.isfinite(x):
        return 0.0
    terms = mpf(0)
    with mpmath.workprec(oracle.PRECISION):
        if name == "snake" and parameters[0]:
            alpha, beta = map(mpf, parameters)
            terms = max(abs(mpf(x)), abs(1 / beta)) if operation == "value" else max(1, abs(alpha / beta))
            terms *= CANCELED
        elif operation == "derivative" and form.digits == 53 and x and near_root(name, x, parameters):
            terms = ROOT * abs(x * oracle.bend(name, x, parameters))
        return float(terms / unit(value, form)) if terms > abs(value) * mpf(2) ** -53 else 0.0


class Checker:
    """Compares results of one activation and type with exact ones, which it computes once."""

    def __init__(self, act, form):
        self.act, self.form, self.parameters = act, form, parameter_values(act)
        self.known, self.compared = {}, 0

    def exact(self, operation, x):
        key = operation, math.copysign(1, x), x
        if key not in self.known:
            bends = operation == "second_derivative" and not math.isnan(x)
            if bends and self.act.name == "squareplus" and not any(self.parameters):
                self.known[key] = mpf(0)  # relu, whose kink at 0 is no curve
            else:
                self.known[key] = exact(self.act.name, operation, x, self.parameters)
        return self.known[key]

    def fail(self, operation, x, result, value, wrong):
        pytest.fail(
            f"{self.act!r}, {operation}, {self.form.dtype}, {_engine.current_isa()}: {x!r} ({x.hex()}) gives "
            f"{float(result)!r}, exact {mpmath.nstr(value, 17)}: {wrong:.3g} ulp"
        )

    def check(self, operation, x, result):
        self.compared += 1
        value, name = self.exact(operation, x), self.act.name
        wrong, limit = error(result, value, self.form), bound(name, operation, self.form)
        if (
            wrong > limit
            and operation == "derivative"
            and at_kink(name, x, self.parameters, lambda other: error(result, other, self.form) <= limit)
        ):
            return
        if has_other_sign(result, value) and not (
            x == 0 and not has_other_sign(result, x * self.exact("derivative", x))
        ):
            self.fail(operation, x, result, value, math.nan)
        if wrong <= limit or wrong <= limit + slack(name, operation, x, self.parameters, value, self.form):
            return
        self.fail(operation, x, result, value, wrong)

    def check_bends(self, points, results):
        """The second derivative: in ulp, or next to its zeros by the largest of those in reach."""
        self.compared += len(points)
        values = [self.exact("second_derivative", x) for x in points]
        part = BEND.get(self.form.digits, BEND[24])
        largest = max((abs(v) for v in values if mpmath.isfinite(v)), default=mpf(0))
        for x, result, value in zip(points, results, values, strict=True):
            wrong = error(result, value, self.form)
            if wrong > bound(self.act.name, "second_derivative", self.form):
                if self.form.digits >= 24 and abs(mpf(float(result)) - value) <= part * largest:
                    continue
                self.fail("second_derivative", x, result, value, wrong)


def same_bits(one, other):
    one, other = np.asarray(one), np.asarray(other)
    alike = one.view(f"u{one.itemsize}") == other.view(f"u{one.itemsize}")
    return bool((alike | (np.isnan(one) & np.isnan(other))).all())


def check_operations(act, form, checker, points, x):
    """Value, derivative, both and the second derivative of these points, on every instruction set."""
    ufunc = {suffix: getattr(sp.ufuncs, act.name + suffix) for suffix in ("", "_derivative", "_second_derivative")}
    arrays, seen = [np.full(x.shape, p) for p in checker.parameters], {}
    before = _engine.current_isa()
    try:
        for isa in _engine.available_isas():
            _engine.set_isa(isa)
            with np.errstate(all="ignore"):
                value, slope, bend = act(x), act.derivative(x), act.second_derivative(x)
                both = act.value_and_derivative(x)
                spread = [f(x, *arrays) for f in ufunc.values()]
            assert same_bits(both[0], value)
            assert same_bits(both[1], slope)
            for one, other in zip((value, slope, bend), spread, strict=True):
                assert same_bits(one, other), f"{act!r}: parameters as arrays"
            for operation, results in (("value", value), ("derivative", slope)):
                for point_, result in zip(points, results, strict=True):
                    key = operation, point_, math.copysign(1, point_), result.tobytes()
                    if key not in seen:  # most results are the same on all of them
                        checker.check(operation, point_, result)
                        seen[key] = True
            if seen.setdefault(("bends", bend.tobytes()), isa) == isa:
                checker.check_bends(points, bend)
    finally:
        _engine.set_isa(before)


def check_backward(act, form, checker, points, x, gradients):
    """grad·f', within the bound of f' times grad and a rounding."""
    with np.errstate(all="ignore"):
        g = np.array(gradients).astype(form.dtype)
        results, slopes = act.backward(g, x), act.derivative(x)
    largest = float(np.asarray(np.finfo(form.dtype).max if form.digits != 8 else 3.3895313892515355e38))
    for at, gradient, result, slope in zip(points, map(float, g), results, slopes, strict=True):
        exact_slope = checker.exact("derivative", at)
        limit = bound(act.name, "derivative", form)
        if not (mpmath.isfinite(exact_slope) and abs(exact_slope) <= largest and math.isfinite(gradient)):
            continue
        if error(slope, exact_slope, form) > limit:  # next to a kink or a root
            continue
        checker.compared += 1
        with mpmath.workprec(oracle.PRECISION):
            product = gradient * exact_slope
            allowed = abs(gradient) * limit * unit(exact_slope, form) / unit(product, form) + 0.51
        if error(result, product, form) > allowed:
            checker.fail(f"backward of {gradient!r}", at, result, product, error(result, product, form))


def sensitivity(checker, at, slope):
    """|f''/f'|, by which the rounding of an output changes f'; in far tails from f' close by."""
    if abs(slope) > UNDERFLOW:
        return abs(checker.exact("second_derivative", at) / slope)
    moved = mpf(at) * (1 + mpf(2) ** -20)
    other = exact(checker.act.name, "derivative", moved, checker.parameters)
    return abs(mpmath.log(other / slope) / (moved - at)) if other else mpf(0)


def check_from_output(act, form, checker, points, x):
    """f' from the output: within what the rounding of the output costs, f''/f' times it, and the bound of f'."""
    with np.errstate(all="ignore"):
        y = act(x)
        results = act.derivative_from_output(y)
        g = act.backward_from_output(np.ones_like(y), y)
    assert same_bits(g, results), f"{act!r}: backward of ones from the output"
    for at, output, result in zip(points, map(float, y), results, strict=True):
        slope = checker.exact("derivative", at)
        if not math.isfinite(at) or not math.isfinite(output) or not mpmath.isfinite(slope):
            continue
        checker.compared += 1
        limit, name = 2 * bound(act.name, "derivative", form), act.name
        if error(result, slope, form) <= limit:
            continue
        end = mpmath.ldexp(mpf(1), form.largest + 1)
        with mpmath.workprec(oracle.PRECISION):
            rounding = abs(mpf(output) - checker.exact("value", at)) + unit(mpf(output), form) / 2
            reach = min(2 * rounding / abs(slope), BEYOND) if slope else mpf(0)
            ends = [exact(name, "derivative", mpf(at) + sign * reach, checker.parameters) for sign in (1, -1)]
            allowed = limit * unit(slope, form)
            if slope:
                allowed += 4 * sensitivity(checker, at, slope) * rounding
            low, high = min([*ends, slope]) - allowed, max([*ends, slope]) + allowed
            if not min(low, end) <= max(min(mpf(float(result)), end), -end) <= max(high, -end):
                checker.fail("derivative from output", at, result, slope, error(result, slope, form))


def exact_gradient(name, x, parameters, position):
    """df/dp of the parameter in this place, a difference; None where f jumps or has a kink in it."""
    if name == "snake" and not parameters[1]:  # alpha is 0 too, and not to be moved
        return None
    if all(2.0**-60 <= abs(number) <= 2.0**60 for number in (x, *parameters)):
        close = gradient_difference(name, x, parameters, position, bits=900, step=-300)
        if close is not None and abs(close) >= 2.0**-380:
            return close
    return gradient_difference(name, x, parameters, position, bits=3000, step=-1300)  # ten times as long


def gradient_difference(name, x, parameters, position, bits, step):
    with mpmath.workprec(bits):
        values = []
        for sign in (-1, 0, 1):
            moved = [mpf(p) for p in parameters]
            moved[position] += sign * mpmath.ldexp(mpf(1), step)
            formula = line if name == "hard_sigmoid" else oracle.ORACLE[name].value
            values.append(formula(mpf(x), *moved))
        if not all(isinstance(value, mpf) for value in values):  # a square root, at the end of the domain
            return None
        left, right = (mpmath.ldexp(b - a, -step) for a, b in itertools.pairwise(values))
        return (left + right) / 2 if abs(left - right) <= mpf(2) ** -200 * max(abs(left), abs(right)) else None


# Sums are of float64 terms with the accuracy of the type: of the gradient, and of the terms f/p and x·f'/p that it may
# be the small difference of; exp is 0 below e^-700.
GRADIENT = {24: (1e-9, 1e-9), 53: (1e-14, 1e-15)}
UNDERFLOW = 1e-300


def check_gradients(act, form, checker, points, x):
    """The gradients of the parameters, one element each."""
    names, parameters = list(act.parameters), checker.parameters
    arrays = {name: np.full(x.shape, value) for name, value in zip(names, parameters, strict=True)}
    with np.errstate(all="ignore"):
        gradients = act.parameter_gradients(np.ones_like(x), x, **arrays)
    of_itself, of_terms = GRADIENT.get(form.digits, GRADIENT[24])
    for position, (name, parameter) in enumerate(zip(names, parameters, strict=True)):
        for at, result in zip(points, map(float, gradients[name]), strict=True):
            if not math.isfinite(at):
                continue
            value = exact_gradient(act.name, at, parameters, position)
            if value is None or abs(value) > 1e300:
                continue
            checker.compared += 1
            with mpmath.workprec(oracle.PRECISION):
                terms = abs(checker.exact("value", at)) + abs(at * checker.exact("derivative", at))
                floor = UNDERFLOW * max(1, abs(mpf(at))) ** 2 * math.prod(max(1, abs(mpf(p))) for p in parameters)
                allowed = of_itself * abs(value) + (of_terms * terms / abs(parameter) if parameter else 0) + floor
                moved = (mpf(at) * (1 + sign * mpf(2) ** -52) for sign in (1, -1))
                right = math.isfinite(result) and (
                    abs(result - value) <= allowed
                    or any(
                        other is None or abs(result - other) <= allowed
                        for other in (exact_gradient(act.name, m, parameters, position) for m in moved)
                    )
                )
            if not right:
                checker.fail(f"gradient of {name}", at, result, value, error(result, value, FORMATS[1]))


# ---- the sweeps ----


def sweep(name, magnitude, examples, seed=0):
    """Draw activations, types and a dozen points, and check everything that can be computed of them.

    Returns how many results were compared with exact ones.
    """
    rng, compared = random.Random(f"{name} {seed}"), 0
    for _ in range(examples):
        act, form = drawn_activation(rng, name, magnitude), rng.choice(FORMATS)
        checker = Checker(act, form)
        with np.errstate(all="ignore"):
            x = np.array(put([place(rng) for _ in range(12)], checker.parameters)).astype(form.dtype)
        points, gradients = [float(v) for v in x], [signed(rng, any_size) for _ in x]
        try:
            check_operations(act, form, checker, points, x)
            check_backward(act, form, checker, points, x, gradients)
            if act.gradient_from == "output":
                check_from_output(act, form, checker, points, x)
            if checker.parameters:
                check_gradients(act, form, checker, points, x)
        except AssertionError as error:
            error.add_note(f"{act!r}, {form.dtype}, {points}")
            raise
        compared += checker.compared
    return compared


PARAMETRIC = [name for name in NAMES if sp.activation(name).parameters]


def on_every_isa(act, operation, x, expected):
    before = _engine.current_isa()
    try:
        for isa in _engine.available_isas():
            _engine.set_isa(isa)
            for n in (1, 40):  # short and long requests
                with np.errstate(all="ignore"):
                    results = getattr(act, operation)(np.full(n, x))
                assert (results == expected).all(), (isa, results[0])
                assert (np.signbit(results) == np.signbit(expected)).all(), isa
    finally:
        _engine.set_isa(before)


@pytest.mark.parametrize(("offset", "limit"), [(0.5, 0.51), (0.75, 0.7)])
def test_a_slope_that_means_a_sixth(offset, limit):
    """hard_sigmoid's default slope is a sixth, also as an array and mirrored, and next to the zero of the sum."""
    rng = np.random.default_rng(6)
    start = -6 * offset
    x = np.concatenate(
        [start + np.exp2(rng.uniform(-48, 0, 200)), rng.uniform(start, 6 + start, 200), [start, 6 + start]]
    )
    exact = [min(max((Fraction(v) + Fraction(6 * offset)) / 6, Fraction(0)), Fraction(1)) for v in x.tolist()]
    for isa in _engine.available_isas():
        _engine.set_isa(isa)
        values = sp.hard_sigmoid(x, offset=offset)
        for value, right in zip(values.tolist(), exact, strict=True):
            assert abs(Fraction(value) - right) <= Fraction(limit) * Fraction(math.ulp(float(right)))
        assert same_bits(sp.hard_sigmoid(x, np.full(x.size, 1 / 6), offset), values)
        assert same_bits(sp.hard_sigmoid(-x, -1 / 6, offset), values)
        assert (sp.HardSigmoid().derivative(x[abs(x) < 3]) == 1 / 6).all()


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_a_slope_of_zero_at_infinity(dtype):
    """A slope of 0 makes hard_sigmoid constant."""
    for x in (np.inf, -np.inf, 3.0):
        on_every_isa(sp.HardSigmoid(0.0, 0.5), "__call__", dtype(x), 0.5)
        on_every_isa(sp.HardSigmoid(0.0, 0.5), "derivative", dtype(x), 0.0)


@pytest.mark.parametrize(
    ("act", "x", "expected"),
    [
        # The bound is below this number, but rounded to float32 it is this number.
        (sp.HardTanh(-44.18090485807484, 0.75), np.float32(-44.180904388427734), 1.0),
        (sp.HardTanh(-0.75, 44.18090485807484), np.float32(44.180904388427734), 1.0),
        (sp.HardTanh(-0.1, 0.1), np.float32(0.1), 0.0),  # float32 rounds 0.1 up
        (sp.HardTanh(-0.1, 0.1), np.float16(0.1), 1.0),  # float16 rounds it down
    ],
)
def test_bounds_that_no_number_of_the_type_equals(act, x, expected):
    on_every_isa(act, "derivative", x, expected)


@pytest.mark.parametrize(
    ("act", "output"),
    [
        (sp.Threshold(-1.4e-45, -1.4e-45), np.float16(-0.0)),
        (sp.Threshold(0.5, 0.3), np.float16(0.3)),  # rounded up
        (sp.HardTanh(0.3, 0.7), np.float16(0.3)),
        (sp.HardTanh(0.3, 0.7), np.float16(0.7)),
        (sp.HardTanh(0.3, 0.7), np.float32(0.3)),
    ],
)
def test_outputs_that_are_a_rounded_parameter(act, output):
    """They are the results of all inputs beyond it."""
    on_every_isa(act, "derivative_from_output", output, 0.0)


@pytest.mark.parametrize(
    ("act", "operation", "x"),
    [
        (sp.ScaledTanh(0.5, 0.0), "__call__", np.inf),
        (sp.ScaledTanh(0.5, 0.0), "derivative", -np.inf),
        (sp.Snake(0.0, 0.5), "second_derivative", np.inf),
        (sp.ScaledSwish(-1.0), "derivative", -752.0),  # 1.9e-324
    ],
)
def test_a_zero_without_a_sign(act, operation, x):
    """A parameter of 0 makes a constant of the function, also at infinities; what underflows keeps its sign."""
    on_every_isa(act, operation, np.float64(x), 0.0)


@pytest.mark.parametrize(
    ("act", "operation", "x", "expected"),
    [
        (sp.ScaledTanh(1.0, -8.0), "derivative", np.float64(51.0), -0.0),  # -1.3e-353
        (sp.ScaledTanh(1e200, 1e200), "derivative", np.float64(0.0), np.inf),
        (sp.ScaledTanh(1e200, 1e-200), "derivative_from_output", np.float64(0.0), 1.0),
        (sp.Snake(1.0, 5e-324), "derivative", np.float32(1.0), np.inf),
        (sp.Snake(2.0**600, 2.0**600), "derivative", np.float64(0.0), 1.0),
        (sp.ELU(1.4e308), "derivative", np.float16(-1450.0), 0.0),
        (sp.ELU(2.0**1000), "second_derivative", np.float32(-0.0), np.inf),
        (sp.CELU(2.0**-1070), "second_derivative", np.float64(-0.0), np.inf),
        (sp.Softplus(2.0**-1070), "derivative", np.float64(1e300), 0.5),
        (sp.Softplus(1e39), "derivative", np.float32(2.0**-127), np.float32(1 / (1 + math.exp(-1e39 * 2.0**-127)))),
        (sp.Swish(-(2.0**1000)), "second_derivative", np.float64(0.0), -(2.0**999)),
        (sp.ScaledSwish(2.0**1000, 2.0**-1000), "second_derivative", np.float64(0.0), 0.5),
        (sp.Squareplus(2.0**1000), "__call__", np.float64(0.0), 2.0**499),
        (sp.Squareplus(2.0**1000), "derivative_from_output", np.float64(2.0**499), 0.5),
    ],
)
def test_finite_results_whose_way_leads_beyond_float64(act, operation, x, expected):
    on_every_isa(act, operation, x, expected)


@pytest.mark.parametrize(
    ("act", "x"), [(sp.HardSigmoid(2.0**-60, 1.0), -(2.0**-6)), (sp.HardSigmoid(0.2, 0.5), 2.4999999999999996)]
)
def test_a_line_goes_on_where_its_rounded_value_is_the_end(act, x):
    on_every_isa(act, "derivative", np.float64(x), act.parameters["slope"])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("name", PARAMETRIC)
def test_one_extreme_parameter_among_others(name, dtype):
    """Each element of an array of parameters gives the bits that it gives alone, in place too."""
    act, rng = sp.activation(name), np.random.default_rng(7)
    x = rng.normal(0, 3, 1100).astype(dtype)
    arrays = [np.full(x.size, value) for value in parameter_values(act)]
    for place, value in ((3, 2.0**700), (700, 2.0**-700), (1099, 2.0**1000)):
        arrays[0][place] = value
    for suffix in ("", "_derivative", "_second_derivative", "_backward"):
        ufunc = getattr(sp.ufuncs, name + suffix)
        inputs = [rng.normal(0, 1, x.size).astype(dtype), x] if suffix == "_backward" else [x]
        with np.errstate(all="ignore"):
            whole = ufunc(*inputs, *arrays)
            for place in (0, 3, 4, 699, 700, 1098, 1099):
                alone = ufunc(*[v[place : place + 1] for v in inputs], *[a[place] for a in arrays])
                assert same_bits(alone, whole[place : place + 1]), (suffix, place)
            inside = inputs[-1].copy()
            inputs[-1] = inside
            assert same_bits(ufunc(*inputs, *arrays, out=inside), whole), suffix


@pytest.mark.parametrize("slope", [137879721.0, -137879721.0, 60162626215710.625])
def test_a_large_slope_at_infinity(slope):
    """The rest of such a slope beside its float32 is above 1."""
    for isa in _engine.available_isas():
        _engine.set_isa(isa)
        assert (sp.leaky_relu(np.full(9, -np.inf, np.float32), slope) == -np.inf * slope).all(), isa


@pytest.mark.parametrize("name", NAMES)
def test_wide_parameters(name):
    sweep(name, wide, 60 if name in PARAMETRIC else 10)


@pytest.mark.parametrize("name", PARAMETRIC)
def test_parameters_of_any_size(name):
    sweep(name, any_size, 25)


@pytest.mark.parametrize("name", PARAMETRIC)
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_parameters_of_zero_make_no_nan(name, dtype, isa):
    """Where a parameter is 0, no infinite intermediate result is multiplied by it, however large x is."""
    info = np.finfo(dtype)
    large = np.array([info.max, np.sqrt(info.max), 1e4, info.tiny], dtype)
    x = np.concatenate([large, -large])
    for zeroed, zero in itertools.product(sp.activation(name).parameters, (0.0, -0.0)):
        try:
            act = sp.activation(name, **(sp.activation(name).parameters | {zeroed: zero}))
        except ValueError:
            continue  # it may not be 0
        with np.errstate(all="ignore"):
            operations = (
                act,
                act.derivative,
                act.second_derivative,
                lambda x, act=act: act.backward(np.ones_like(x), x),
            )
            results = [operation(part) for operation in operations for part in (x, np.repeat(x, 20), *x)]
            results += [value for one in x for value in act.parameter_gradients(np.ones(1, dtype), one[None]).values()]
            infinite = [operation(np.array([-np.inf, np.inf], dtype)) for operation in operations[:3]]
        assert not np.isnan(np.concatenate([np.ravel(result) for result in results + infinite])).any(), act


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
def test_wide_parameters_at_length(name, request):
    compared = sweep(name, wide, 600, request.config.getoption("--fuzz-seed"))
    print(f"{name}, wide parameters: {compared} results")


@pytest.mark.slow
@pytest.mark.parametrize("name", PARAMETRIC)
def test_parameters_of_any_size_at_length(name, request):
    compared = sweep(name, any_size, 1000, request.config.getoption("--fuzz-seed"))
    print(f"{name}, parameters of any size: {compared} results")
