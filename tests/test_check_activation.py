"""The linter: it passes what is right, names what is wrong, and finds the place of both."""

import json
import math
import re
import subprocess
import sys
import warnings

import mpmath
import numpy as np
import pytest

import spatium as sp
from spatium.analysis import check_activation
from spatium.analysis.curve import Curve

DTYPES = {"float16": np.float16, "float32": np.float32, "float64": np.float64}

# Parameters that conftest's variants do not have: extreme slopes, narrow and wide pieces, sharp bends, fast waves.
MORE = [
    sp.LeakyReLU(0.0),
    sp.LeakyReLU(-0.5),
    sp.LeakyReLU(1e6),
    sp.ELU(0.0),
    sp.ELU(100.0),
    sp.CELU(1e-3),
    sp.CELU(1e3),
    sp.Swish(50.0),
    sp.Swish(-2.0),
    sp.Swish(0.0),
    sp.ScaledSwish(-1.0, 3.0),
    sp.ScaledSwish(0.0),
    sp.Softplus(1e3),
    sp.Softplus(1e6),
    sp.Softplus(1e-3),
    sp.HardSigmoid(1e-3),
    sp.HardSigmoid(-0.2),
    sp.HardSigmoid(1e3),
    sp.HardTanh(-1e-3, 1e-3),
    sp.HardTanh(-math.inf, 1.0),
    sp.HardTanh(2.0, 2.0),
    sp.Snake(3.0, 1.0),
    sp.Snake(100.0),
    sp.Snake(0.0),
    sp.ScaledTanh(3.0, -20.0),
    sp.Threshold(0.0, 0.0),
    sp.Threshold(0.1, 20.0),
    sp.HardShrink(0.0),
    sp.HardShrink(7.3),
    sp.SoftShrink(1e-4),
    sp.SoftShrink(1 / 3),
    sp.Squareplus(0.0),
    sp.Squareplus(1e-8),
]


def naive_softplus(x):
    return np.log(1 + np.exp(x))


def slides_value(x, alpha=0.5, beta=1.0):
    return alpha * np.square(x) * (x > 0) + beta * naive_softplus(x) * (x <= 0)


def slides_derivative(x, alpha=0.5, beta=1.0):
    return 2 * alpha * x * (x > 0) + beta * (np.exp(x) / (1 + np.exp(x))) * (x <= 0)


def of_check(report, check):
    return [finding for finding in report.findings if finding.check == check]


# ---- ours ----


def test_ours_pass(variant):
    report = check_activation(variant)
    assert report.ok, str(report)
    assert report, "its truth value"
    assert set(report.overflow.values()) == {None}
    assert report.derivative_error < 1e-9
    if variant.gradient_from in ("output", "output+bit"):
        assert report.gradient_from == variant.gradient_from


@pytest.mark.parametrize("act", MORE, ids=repr)
def test_ours_pass_with_other_parameters(act):
    report = check_activation(act)
    assert report.ok, str(report)


BREAKS = {
    # places of kinks, of jumps, as the catalogue has them
    "relu": ([0], []),
    "leaky_relu": ([0], []),
    "hard_sigmoid": ([-3, 3], []),
    "hard_tanh": ([-1, 1], []),
    "hard_swish": ([-3, 3], []),
    "hard_gelu": ([-1.5, 1.5, 3], []),
    "relu6": ([0, 6], []),
    "threshold": ([0], []),
    "selu": ([0], []),
    "hard_shrink": ([], [-0.5, 0.5]),
    "soft_shrink": ([-0.5, 0.5], []),
    "sparse_sigmoid": ([-1, 1], []),
    "hard_mish": ([-2], []),
}


def test_kinks_and_jumps_of_ours(activation):
    report = check_activation(activation)
    kinks, jumps = BREAKS.get(activation.name, ([], []))
    assert list(report.kinks) == kinks
    assert list(report.jumps) == jumps


def test_a_value_that_does_not_meet_the_threshold_is_a_jump():
    report = check_activation(sp.Threshold(0.1, -20.0))
    assert (list(report.kinks), list(report.jumps)) == ([], [0.1])


def test_both_sides_of_a_kink():
    left, right = 1.6732632423543772 * 1.0507009873554805, 1.0507009873554805
    (kink,) = check_activation(sp.SELU()).breaks
    assert (kink.place, kink.order) == (0.0, 1)
    assert (kink.left, kink.right) == pytest.approx((left, right), rel=1e-11)
    # f' there is that of the middle piece, at 1.5 and at 3 as on the left
    sides = [(kink.left, kink.right) for kink in check_activation(sp.HardGELU()).breaks]
    assert sides == [(0.0, pytest.approx(-0.5)), (pytest.approx(1.5), pytest.approx(1)), (pytest.approx(1), 0.0)]


@pytest.mark.parametrize(
    ("act", "places"),
    [(sp.ELU(), [0]), (sp.CELU(0.5), [0]), (sp.ReLUSquared(), [0]), (sp.SoftSign(), [0]), (sp.SparsePlus(), [-1, 1])],
    ids=lambda value: repr(value) if isinstance(value, sp.Activation) else "",
)
def test_jumps_of_the_second_derivative(act, places):
    breaks = check_activation(act).breaks
    assert [item.place for item in breaks] == places
    assert {item.order for item in breaks} == {2}
    for item in breaks:
        assert item.left == pytest.approx(act.second_derivative(item.place - 1e-6), abs=1e-4)
        assert item.right == pytest.approx(act.second_derivative(item.place + 1e-6), abs=1e-4)


# ---- derivatives of something else ----


@pytest.mark.parametrize("form", ["none", "tanh", "sigmoid"])
@pytest.mark.parametrize("other", ["none", "tanh", "sigmoid"])
def test_a_derivative_of_another_form_of_gelu(form, other):
    value, slope = sp.GELU(form), sp.GELU(other)
    report = check_activation(lambda x: value(x), lambda x: slope.derivative(x), name="mine")
    if form == other:
        assert report.ok, str(report)
        return
    (finding,) = report.errors
    assert finding.check == "derivative"
    assert f"the derivative of {slope.name}, the value is {value.name}" in finding.message
    # it is shown where the two are furthest apart
    apart = np.abs(value.derivative(np.linspace(-8, 8, 16001)) - slope.derivative(np.linspace(-8, 8, 16001))).max()
    assert abs(value.derivative(finding.where) - slope.derivative(finding.where)) == pytest.approx(apart, rel=1e-3)
    assert not check_activation(value, slope.derivative)


@pytest.mark.parametrize("digits", [3, 4, 5])
def test_a_constant_with_few_digits(digits):
    # √(2/π) with this many digits in the value, all of them in the derivative
    root = round(math.sqrt(2 / math.pi), digits)
    report = check_activation(
        lambda x: 0.5 * x * (1 + np.tanh(root * (x + 0.044715 * x**3))), sp.GELU("tanh").derivative, dtypes=["float64"]
    )
    assert [finding.check for finding in report.errors] == ["derivative"]


@pytest.mark.parametrize("edge", [5.9, 5.99999, 6.0])
def test_a_derivative_that_ends_elsewhere(edge):
    report = check_activation(lambda x: np.clip(x, 0.0, 6.0), lambda x: 1.0 * ((x > 0) & (x < edge)), name="relu6")
    if edge == 6.0:
        assert report.ok, str(report)
        return
    (finding,) = report.errors
    assert finding.check == "derivative"
    assert edge <= finding.where < 6.0


def test_the_derivative_at_a_kink():
    def slope(x, at):
        return np.where(x == 0, at, np.where(np.isnan(x), x, 1.0 * (x > 0)))

    for at in (0.0, 0.5, 1.0):
        assert check_activation(lambda x: np.maximum(x, 0), lambda x, at=at: slope(x, at))
    report = check_activation(lambda x: np.maximum(x, 0), lambda x: slope(x, 2.0))
    assert not report.errors
    (finding,) = report.warnings
    assert (finding.check, finding.where) == ("kink", 0.0)


def test_a_slope_of_the_sign_of_another_convention():
    report = check_activation(np.abs, lambda x: -np.sign(x))
    assert [finding.check for finding in report.errors] == ["derivative"]


# ---- jumps ----


@pytest.mark.parametrize("beta", [0.25, 1.0, 2.0])
def test_the_jump_of_the_slides(beta):
    report = check_activation(
        lambda x: slides_value(x, beta=beta), lambda x: slides_derivative(x, beta=beta), name="custom"
    )
    assert not report
    assert report.jumps == (0.0,)
    (finding,) = of_check(report, "jump")
    assert (finding.severity, finding.where) == ("error", 0.0)
    (jump,) = [item for item in report.breaks if item.order == 0]
    assert (jump.left, jump.right) == (pytest.approx(beta * math.log(2), rel=1e-14), 0.0)
    # where x > 0 is not taken, its branch overflows and inf·0 is NaN
    assert {finding.dtype for finding in of_check(report, "overflow")} == set(DTYPES)


def test_jumps_that_are_meant():
    def value(x):
        return np.where(x > 1.25, x, np.where(np.isnan(x), x, 0.0))

    (finding,) = check_activation(value).errors
    assert (finding.check, finding.where) == ("jump", 1.25)
    assert check_activation(value, jumps=[1.25])
    (finding,) = check_activation(np.tanh, jumps=[1.25]).warnings
    assert (finding.check, finding.where) == ("jump", 1.25)


def test_a_staircase():
    for value in (np.round, lambda x: np.clip(np.round(x * 256), -256, 255) / 256):
        report = check_activation(value)
        (finding,) = report.errors
        assert "staircase" in finding.message


@pytest.mark.parametrize("own", [0.0, 0.5, -1.0, 1.0, 7.0])
def test_a_jump_with_a_value_of_its_own_is_one_jump(own):
    report = check_activation(lambda x: np.where(x == 0, own, np.sign(x)).astype(np.asarray(x).dtype))
    (jump,) = report.breaks
    assert (jump.place, jump.order, jump.left, jump.right) == (0.0, 0, -1.0, 1.0)


def test_rounding_the_place_of_a_jump_loses_no_digits():
    report = check_activation(lambda x: np.sign(x - 0.3), jumps=[0.3])  # float16(0.3) is 0.30005
    assert report.ok
    assert report.jumps == (0.3,)


def test_many_jumps_are_one_finding_more():
    report = check_activation(lambda x: x + np.floor(x / 2), dtypes=["float64"])
    assert len(of_check(report, "jump")) <= 10
    assert set(report.jumps) <= set(range(-64, 65, 2))
    assert {-2.0, 0.0, 2.0} <= set(report.jumps)


@pytest.mark.parametrize("seed", range(6))
def test_places_of_random_kinks_and_jumps(seed):
    rng = np.random.default_rng(seed)
    for smooth in (np.tanh, lambda x: np.sin(x) + x, lambda x: 0 * x):
        places = np.unique(rng.uniform(-12, 12, rng.integers(1, 6)))
        sizes = rng.normal(size=len(places))

        def bent(x, smooth=smooth, places=places, sizes=sizes):
            return smooth(x) + sum(s * np.maximum(x - p, 0) for s, p in zip(sizes, places, strict=True))

        def torn(x, smooth=smooth, places=places, sizes=sizes):
            return smooth(x) + sum(s * (x > p) for s, p in zip(sizes, places, strict=True))

        kinks = Curve(bent).breaks
        assert [item.order for item in kinks] == [1] * len(places)
        np.testing.assert_allclose([item.place for item in kinks], places, rtol=0, atol=1e-10)
        np.testing.assert_allclose([item.right - item.left for item in kinks], sizes, rtol=1e-6)
        jumps = Curve(torn).breaks
        assert [item.order for item in jumps] == [0] * len(places)
        np.testing.assert_allclose([item.place for item in jumps], places, rtol=3e-16)
        np.testing.assert_allclose([item.right - item.left for item in jumps], sizes, rtol=1e-12)


@pytest.mark.parametrize(
    "value",
    [
        lambda x: np.tanh(1000 * (x - 3.3)),
        lambda x: np.logaddexp(0, 1e4 * x) / 1e4,
        lambda x: x * np.sin(x),
        lambda x: np.sin(30 * x),
        lambda x: np.exp(-((x - 1) ** 2) * 1e6),
        lambda x: np.where(np.abs(x) < 1, np.exp(-1 / np.maximum(1 - x * x, 1e-300)), 0),
        lambda x: np.arctan(x) + 1e3,
        lambda x: np.sign(x) * np.log1p(np.abs(x)) - np.arcsinh(x),
    ],
)
def test_smooth_functions_have_no_breaks(value):
    assert [item for item in Curve(value).breaks if item.order < 2] == []


# ---- overflow, flags and digits ----


def next_above(x, dtype):
    """The smallest number of the dtype above the mpmath number x."""
    nearest = dtype(float(x))
    return float(nearest if mpmath.mpf(float(nearest)) > x else np.nextafter(nearest, dtype(np.inf)))


def largest_sum(dtype):
    """What is rounded to infinity: the largest number of the dtype and half a step."""
    info = np.finfo(dtype)
    return mpmath.mpf(float(info.max)) * (1 + mpmath.mpf(2) ** -(info.nmant + 2))


def test_overflow_of_naive_softplus():
    report = check_activation(naive_softplus, sp.Softplus().derivative, name="log(1 + exp(x))")
    assert not report
    with mpmath.workdps(40):
        first = {name: next_above(mpmath.log(largest_sum(dtype)), dtype) for name, dtype in DTYPES.items()}
    assert first["float32"] == pytest.approx(88.7228394)
    # NumPy's exp may be a step off at the edge
    assert report.overflow == pytest.approx(first, rel=1e-7)
    errors = {finding.dtype: finding for finding in report.errors}
    assert set(errors) == set(DTYPES)
    for name, finding in errors.items():
        assert finding.check == "overflow"
        assert finding.where == pytest.approx(first[name], rel=1e-7)
        assert "is inf from here on" in finding.message


def test_digits_of_naive_softplus():
    lost = {finding.dtype: finding for finding in of_check(check_activation(naive_softplus), "digits")}
    # 1 + e^x is 1 from log(2^-24) on; half of the digits are lost long before
    edge = -24 * math.log(2)
    assert -17 < edge < lost["float32"].where < -8
    assert f"all of them at −{-edge:.5g}: 0 instead of 5.96e-08" in lost["float32"].message
    assert lost["float32"].severity == "warning"
    if np.finfo(np.longdouble).eps < np.finfo(np.float64).eps / 4:
        assert f"all of them at −{53 * math.log(2):.5g}: 0 instead of" in lost["float64"].message


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_digits_lost_around_zero(dtype):
    if dtype == "float64" and np.finfo(np.longdouble).eps == np.finfo(np.float64).eps:
        pytest.skip("long double is double here")
    found = of_check(check_activation(lambda x: x - np.tanh(x), dtypes=[dtype]), "digits")
    # x³/3 with an error of eps·x/2 has lost half of its digits where x² = 3·√eps/8, both terms of the scale counted
    edge = math.sqrt(3 / 8 * math.sqrt(np.finfo(dtype).eps))
    assert sorted(finding.where for finding in found) == pytest.approx([-edge, edge], rel=0.5)
    assert not of_check(check_activation(sp.TanhShrink(), dtypes=[dtype]), "digits")


def test_flags_of_naive_sigmoid():
    report = check_activation(lambda x: 1 / (1 + np.exp(-x)))
    assert not report.errors
    with mpmath.workdps(40):
        first = {name: next_above(mpmath.log(largest_sum(dtype)), dtype) for name, dtype in DTYPES.items()}
    assert {finding.dtype: -finding.where for finding in report.warnings} == pytest.approx(first, rel=1e-7)
    assert {finding.check for finding in report.warnings} == {"flags"}


def test_limits_that_are_missed():
    report = check_activation(lambda x: x / (1 + np.exp(-x)), dtypes=["float32"])
    (finding,) = of_check(report, "limit")
    assert finding.where == -math.inf
    assert "the value of −inf is NaN, its limit is −0" in finding.message


def test_a_true_result_beyond_the_dtype_is_no_fault():
    assert check_activation(np.square, lambda x: 2 * x)
    assert check_activation(np.exp, np.exp)
    assert check_activation(lambda x: x**3, lambda x: 3 * x**2)


def test_overflow_in_float64_without_a_wider_dtype():
    report = check_activation(lambda x: np.log(1 + np.exp(x.astype(np.float64))), dtypes=["float64"])
    assert report.overflow == {"float64": pytest.approx(709.782712893384)}
    assert [finding.check for finding in report.errors] == ["overflow"]
    assert not check_activation(lambda x: np.square(x.astype(np.float64)), dtypes=["float64"]).errors


def test_nan_for_numbers():
    report = check_activation(np.sqrt)
    assert {finding.dtype: finding.where for finding in report.errors} == {
        name: -float(np.finfo(dtype).smallest_subnormal) for name, dtype in DTYPES.items()
    }
    with np.errstate(invalid="ignore"):
        report = check_activation(lambda x: np.sin(x) / x)
    assert {(finding.dtype, finding.where) for finding in report.errors} == {(name, 0.0) for name in DTYPES}


def test_nan_that_is_swallowed():
    report = check_activation(lambda x: np.where(x > 0, x, 0), lambda x: np.where(x > 0, 1, 0))
    (finding,) = report.warnings
    assert finding.check == "nan"
    assert math.isnan(finding.where)
    assert [finding.severity for finding in of_check(report, "nan")] == ["warning", "note"]


def test_gradient_of_mish_as_printed():
    def slope(x):
        w = 4 * (x + 1) + 4 * np.exp(2 * x) + np.exp(3 * x) + np.exp(x) * (4 * x + 6)
        return np.exp(x) * w / (2 * np.exp(x) + np.exp(2 * x) + 2) ** 2

    report = check_activation(sp.Mish(), slope, dtypes=["float32"])
    first = min(finding.where for finding in report.errors if finding.where > 0)
    assert 20 < first < 25  # the closed form is NaN in float32 at 25, long before e^88
    assert not of_check(report, "derivative")


def test_float32_inside():
    def value(x):
        y = np.exp(x.astype(np.float32))
        return (y / (1 + y)).astype(x.dtype)

    report = check_activation(value, dtypes=["float64"])
    assert any("25 of 53 bits" in finding.message or "24 of 53 bits" in finding.message for finding in report.warnings)
    assert report.kinks == report.jumps == ()


# ---- functions that are none ----


@pytest.mark.parametrize(
    ("value", "check", "words"),
    [
        (math.tanh, "evaluation", "raises TypeError"),
        (lambda x: x.sum(), "evaluation", r"returns shape \(\) for shape \(257,\)"),
        (lambda x: x + 0j, "evaluation", "returns dtype complex128"),
        (lambda x: None, "evaluation", "returns shape"),
        (lambda x: np.exp(x) / np.exp(x).sum(), "elementwise", "depends on the other elements"),
        (lambda x: x - x.mean(), "elementwise", "depends on the other elements"),
        (lambda x: np.maximum.accumulate(x), "elementwise", "depends on the other elements"),
        (lambda x: x * (np.random.default_rng().random(x.shape) > 0.5), "elementwise", "not the same at every call"),
    ],
)
def test_functions_that_are_none(value, check, words):
    report = check_activation(value)
    (finding,) = report.findings
    assert (finding.severity, finding.check) == ("error", check)
    assert report.monotone is report.bounded is report.range is None
    assert not report
    assert finding.message in " ".join(str(report).split())
    assert re.search(words, finding.message)


def test_an_argument_that_is_overwritten():
    def value(x):
        x[x < 0] = 0
        return x

    (finding,) = check_activation(value).errors
    assert finding.message == "the value writes into its argument"


def test_a_function_that_raises_on_the_way():
    def beyond(x):
        if (np.abs(x) > 1e5).any():
            raise OverflowError("too large")
        return np.tanh(x)

    report = check_activation(beyond)
    assert any("raises OverflowError: too large" in finding.message for finding in report.errors)

    def no_nan(x):
        if np.isnan(x).any():
            raise ValueError("no NaN, please")
        return np.tanh(x)

    report = check_activation(no_nan)
    (finding,) = report.errors
    assert "of infinities and NaN raises ValueError: no NaN, please" in finding.message
    assert report.direction == "increasing"  # the rest was found all the same

    def doubles(x):
        if x.dtype != np.float64:
            raise TypeError("doubles only")
        return np.tanh(x)

    report = check_activation(doubles)
    assert {finding.dtype for finding in report.errors} == {"float16", "float32"}
    assert report.overflow == {"float64": None}


def test_a_derivative_that_raises_leaves_the_value():
    def slope(x):
        raise ZeroDivisionError

    report = check_activation(np.tanh, slope)
    (finding,) = report.errors
    assert finding.message == "the derivative raises ZeroDivisionError"
    assert report.range == (-1.0, 1.0)


def test_dtypes_that_change():
    report = check_activation(lambda x: x * np.float64(1.5), dtypes=["float16", "float32"])
    (finding,) = of_check(report, "dtype")
    assert (finding.severity, finding.dtype) == ("note", "float16, float32")


# ---- facts ----


def test_turning_points():
    with mpmath.workdps(30):
        lowest = mpmath.findroot(lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x), -0.75)
    report = check_activation(lambda x: sp.gelu(x))
    assert report.turning_points == (pytest.approx(float(lowest), abs=1e-8),)
    assert (report.monotone, report.bounded, report.gradient_from) == (False, False, "output+bit")
    report = check_activation(sp.GELU())
    assert report.turning_points == (pytest.approx(float(lowest), rel=1e-14),)
    report = check_activation(np.sin, np.cos)
    assert report.turning_points == pytest.approx([(i + 0.5) * math.pi for i in range(-4, 4)], rel=1e-14)
    assert (report.monotone, report.bounded, report.gradient_from) == (False, True, "input")
    assert report.range == (-1.0, 1.0)


def test_what_tells_the_slope():
    assert check_activation(np.tanh).gradient_from == "output"
    assert check_activation(np.square).gradient_from == "output+bit"
    assert check_activation(sp.Snake(2.0, 1.0)).gradient_from == "input"
    assert check_activation(sp.Snake()).gradient_from == "output"  # one to one, although there is no formula


# ---- the report ----


def test_report():
    report = sp.check_activation(slides_value, slides_derivative)
    assert report.name == "slides_value"
    assert [finding.severity for finding in report.findings] == sorted(
        (finding.severity for finding in report.findings), key=["error", "warning", "note"].index
    )
    assert report.errors + report.warnings == report.findings
    described = report.to_dict()
    assert json.loads(json.dumps(described)) == described
    assert described["ok"] is False
    assert described["jumps"] == [0.0]
    text = str(report)
    assert text.startswith(f"slides_value: {len(report.errors)} errors")
    assert "jumps       0 (0.69315 to 0)" in text
    assert "float32 from 88.723" in text
    assert all(len(line) <= 120 for line in text.splitlines())
    with pytest.raises(AttributeError):
        report.name = "other"


def test_custom_activations():
    assert check_activation(sp.Custom(np.tanh, lambda x: 1 / np.cosh(np.clip(x, -300, 300)) ** 2), dtypes=["float64"])
    report = check_activation(sp.Custom(np.tanh, name="bare"))
    (finding,) = report.findings
    assert (report.name, finding.severity, finding.check) == ("bare", "note", "derivative")
    assert not check_activation(sp.Custom(np.tanh, np.cos))


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((3,), TypeError, "value is 3"),
        (("geluu",), ValueError, "'geluu', did you mean 'gelu'"),
        ((sp.ReLU,), TypeError, r"the class ReLU, expected an object such as ReLU\(\)"),
        ((np.tanh, 3), TypeError, "derivative is 3"),
    ],
)
def test_wrong_arguments(arguments, error, words):
    with pytest.raises(error, match=words):
        check_activation(*arguments)


def test_wrong_dtypes():
    with pytest.raises(TypeError, match="dtypes holds int32"):
        check_activation(np.tanh, dtypes=[np.int32])


def test_it_neither_warns_nor_keeps_settings():
    before = np.geterr()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        check_activation(naive_softplus, slides_derivative)
    assert np.geterr() == before
    with np.errstate(all="raise"):
        check_activation(naive_softplus)


def test_it_is_imported_when_it_is_asked_for():
    code = "import sys, spatium; assert 'spatium.analysis' not in sys.modules; assert spatium.check_activation(abs)"
    subprocess.run([sys.executable, "-c", code], check=True)
