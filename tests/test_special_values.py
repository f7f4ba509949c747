"""Zeros, infinities, NaN, kinks, subnormal results and warnings: the edges the catalogue lists, by bits."""

import mpmath
import numpy as np
import pytest

import spatium as sp
from spatium import _engine

INF, NAN = np.inf, np.nan

# name: f(-inf), f(inf), f(-0.0), f(0.0), with the default parameters. None: a zero whose sign nobody states. A function
# that is in neither table is held to the oracle by test_accuracy.py, and so are the oracle's limits to its formulas.
VALUES = {
    "relu": (0.0, INF, 0.0, 0.0),
    "leaky_relu": (-INF, INF, -0.0, 0.0),
    "sigmoid": (0.0, 1.0, 0.5, 0.5),
    "tanh": (-1.0, 1.0, -0.0, 0.0),
    "gelu_tanh": (-0.0, INF, -0.0, 0.0),
    "swish": (-0.0, INF, -0.0, 0.0),
    "mish": (-0.0, INF, -0.0, 0.0),
    "elu": (-1.0, INF, -0.0, 0.0),
    "softplus": (0.0, INF, np.log(2), np.log(2)),
    "hard_sigmoid": (0.0, 1.0, 0.5, 0.5),
    "hard_tanh": (-1.0, 1.0, -0.0, 0.0),
    "sine": (NAN, NAN, -0.0, 0.0),
    "gelu": (-0.0, INF, -0.0, 0.0),
    "gelu_sigmoid": (-0.0, INF, -0.0, 0.0),
    "hard_swish": (None, INF, -0.0, 0.0),
    "hard_gelu": (None, 3.0, -0.0, 0.0),
    "scaled_swish": (-0.0, INF, -0.0, 0.0),
    "snake": (-INF, INF, -0.0, 0.0),
    "scaled_tanh": (-1.7159, 1.7159, -0.0, 0.0),
    "relu6": (0.0, 6.0, 0.0, 0.0),
    "relu_squared": (0.0, INF, 0.0, 0.0),
    "threshold": (0.0, INF, 0.0, 0.0),
    "selu": (-1.7580993408473766, INF, -0.0, 0.0),
    "celu": (-1.0, INF, -0.0, 0.0),
    "log_sigmoid": (-INF, -0.0, -np.log(2), -np.log(2)),
    "soft_sign": (-1.0, 1.0, -0.0, 0.0),
    "tanh_shrink": (-INF, INF, -0.0, 0.0),
    "hard_shrink": (-INF, INF, None, None),
    "soft_shrink": (-INF, INF, None, None),
    "squareplus": (0.0, INF, 1.0, 1.0),
    "sparse_plus": (0.0, INF, 0.25, 0.25),
    "sparse_sigmoid": (0.0, 1.0, 0.5, 0.5),
    "hard_mish": (None, INF, -0.0, 0.0),
    "lisht": (INF, INF, 0.0, 0.0),
    "dish": (-0.0, INF, -0.0, 0.0),
    "gaussian": (0.0, 0.0, 1.0, 1.0),
    "log_cosh": (INF, INF, 0.0, 0.0),
    "identity": (-INF, INF, -0.0, 0.0),
}

# name: f'(-inf), f'(inf), f'(±0.0). A smooth function with a minimum falls towards it: f' < 0 far left, f'(-inf) = -0.
DERIVATIVES = {
    "relu": (0.0, 1.0, 0.0),
    "leaky_relu": (0.01, 1.0, 0.01),
    "sigmoid": (0.0, 0.0, 0.25),
    "tanh": (0.0, 0.0, 1.0),
    "gelu_tanh": (-0.0, 1.0, 0.5),
    "swish": (-0.0, 1.0, 0.5),
    "mish": (-0.0, 1.0, 0.6),
    "elu": (0.0, 1.0, 1.0),
    "softplus": (0.0, 1.0, 0.5),
    "hard_sigmoid": (0.0, 0.0, 1 / 6),
    "hard_tanh": (0.0, 0.0, 1.0),
    "sine": (NAN, NAN, 1.0),
    "gelu": (-0.0, 1.0, 0.5),
    "gelu_sigmoid": (-0.0, 1.0, 0.5),
    "hard_swish": (None, 1.0, 0.5),
    "hard_gelu": (None, None, 0.5),
    "scaled_swish": (-0.0, 1.0, 0.5),
    "snake": (NAN, NAN, 1.0),
    "scaled_tanh": (0.0, 0.0, 1.7159 * 2 / 3),
    "relu6": (0.0, 0.0, 0.0),
    "relu_squared": (0.0, INF, 0.0),
    "threshold": (0.0, 1.0, 0.0),
    "selu": (0.0, 1.0507009873554805, 1.7580993408473766),
    "celu": (0.0, 1.0, 1.0),
    "log_sigmoid": (1.0, 0.0, 0.5),
    "soft_sign": (0.0, 0.0, 1.0),
    "tanh_shrink": (1.0, 1.0, 0.0),
    "hard_shrink": (1.0, 1.0, 0.0),
    "soft_shrink": (1.0, 1.0, 0.0),
    "squareplus": (0.0, 1.0, 0.5),
    "sparse_plus": (0.0, 1.0, 0.5),
    "sparse_sigmoid": (0.0, 0.0, 0.5),
    "hard_mish": (None, 1.0, 1.0),
    "lisht": (-1.0, 1.0, None),
    "dish": (-0.0, 1.0, 0.5),
    "gaussian": (0.0, -0.0, None),
    "log_cosh": (-1.0, 1.0, None),
    "identity": (1.0, 1.0, 1.0),
}


def check(actual, expected, dtype):
    """Equal by bits after rounding to dtype; None stands for a zero of either sign."""
    assert actual.dtype == dtype
    if expected is None:
        assert actual == 0
    elif np.isnan(expected):
        assert np.isnan(actual)
    else:
        expected = dtype.type(expected)
        assert actual == expected
        assert np.signbit(actual) == np.signbit(expected)


@pytest.mark.parametrize("name", VALUES)
def test_values_at_infinities_and_zeros(name, dtype, make):
    activation = make(name)
    with np.errstate(invalid="ignore"):
        for x, expected in zip((-INF, INF, -0.0, 0.0), VALUES[name], strict=True):
            check(activation(dtype.type(x)), expected, dtype)
            check(activation.value_and_derivative(dtype.type(x))[0], expected, dtype)


@pytest.mark.parametrize("name", DERIVATIVES)
def test_derivatives_at_infinities_and_zeros(name, dtype, make):
    activation = make(name)
    at_infinity_left, at_infinity_right, at_zero = DERIVATIVES[name]
    with np.errstate(invalid="ignore"):
        for x, expected in [(-INF, at_infinity_left), (INF, at_infinity_right), (-0.0, at_zero), (0.0, at_zero)]:
            for dy in (activation.derivative(dtype.type(x)), activation.value_and_derivative(dtype.type(x))[1]):
                if expected == at_zero and name == "mish":
                    assert dy == pytest.approx(0.6, rel=2 * float(np.finfo(dtype).eps))
                else:
                    check(dy, expected, dtype)


@pytest.mark.parametrize(
    ("name", "parameters", "left", "right"),
    [
        ("leaky_relu", {"negative_slope": 0.0}, None, INF),
        ("leaky_relu", {"negative_slope": -0.5}, INF, INF),
        ("elu", {"alpha": 2.5}, -2.5, INF),
        ("elu", {"alpha": 0.0}, None, INF),
        ("softplus", {"beta": 4.0}, 0.0, INF),
        ("swish", {"beta": 0.25}, -0.0, INF),
        ("swish", {"beta": -2.0}, -INF, 0.0),
        ("swish", {"beta": 0.0}, -INF, INF),
        ("scaled_swish", {"alpha": -1.5, "beta": 1.0}, 0.0, -INF),
        ("scaled_swish", {"alpha": -1.5, "beta": -3.0}, INF, -0.0),
        ("scaled_swish", {"alpha": 2.0, "beta": 0.0}, -INF, INF),
        ("scaled_swish", {"alpha": 0.0, "beta": 1.0}, -0.0, 0.0),
        ("hard_sigmoid", {"slope": 0.2, "offset": 0.5}, 0.0, 1.0),
        ("hard_tanh", {"min_val": -0.5, "max_val": 4.0}, -0.5, 4.0),
    ],
)
def test_limits_follow_the_parameters(name, parameters, left, right, dtype, make):
    activation = make(name, parameters)
    check(activation(dtype.type(-INF)), left, dtype)
    check(activation(dtype.type(INF)), right, dtype)


@pytest.mark.parametrize("beta", [2.0, 1.0, 0.5, 1e-3])
def test_softplus_at_zero_is_log_2_over_beta(beta):
    assert sp.softplus(np.float64(0.0), beta=beta) == pytest.approx(np.log(2) / beta, rel=3e-16)


def test_nan_in_nan_out(variant_ufuncs, dtype):
    x = np.array([NAN, -NAN, 1.0, NAN, 0.5], dtype)
    nan = np.isnan(x)
    one = np.ones_like(x)
    f = variant_ufuncs
    results = [f.value(x), f.derivative(x), *f.value_and_derivative(x), f.backward(one, x), f.second_derivative(x)]
    for result in results:
        np.testing.assert_array_equal(np.isnan(result), nan)
    np.testing.assert_array_equal(np.isnan(f.backward(x, one)), nan)
    if f.derivative_from_output:
        assert np.isnan(f.derivative_from_output(dtype.type(NAN)))
        assert np.isnan(f.backward_from_output(dtype.type(1), dtype.type(NAN)))


def test_a_signaling_nan_raises_no_flag(ufuncs):
    for patterns, dtype in (((0x7F800001, 0xFF800001), np.float32), ((0x7C01, 0xFC01), np.float16)):
        # twenty: enough for whole vectors and a rest
        signaling = np.array(patterns * 10, f"u{np.dtype(dtype).itemsize}").view(dtype)
        with np.errstate(all="raise"):
            assert np.isnan(ufuncs.value(signaling)).all()
            assert np.isnan(ufuncs.derivative(signaling)).all()


@pytest.mark.parametrize(
    ("name", "parameters", "derivatives"),
    [
        ("relu", {}, {0.0: 0.0, -1.0: 0.0, 1.0: 1.0}),
        ("leaky_relu", {"negative_slope": 0.25}, {0.0: 0.25, -1.0: 0.25, 1.0: 1.0}),
        ("leaky_relu", {"negative_slope": -0.25}, {0.0: -0.25, -1.0: -0.25, 1.0: 1.0}),
        ("elu", {"alpha": 0.5}, {0.0: 0.5, 1.0: 1.0}),
        ("elu", {"alpha": 2.0}, {0.0: 2.0, 1.0: 1.0}),
        ("hard_sigmoid", {"slope": 0.25}, {-2.0: 0.0, 2.0: 0.0, -1.0: 0.25, 1.0: 0.25, -3.0: 0.0, 3.0: 0.0}),
        ("hard_tanh", {}, {-1.0: 0.0, 1.0: 0.0, 0.0: 1.0, -2.0: 0.0, 2.0: 0.0}),
        ("hard_tanh", {"min_val": -2.0, "max_val": 0.5}, {-2.0: 0.0, 0.5: 0.0, -1.0: 1.0, 1.0: 0.0}),
        ("hard_swish", {}, {-3.0: 0.0, 3.0: 1.0, 0.0: 0.5, -4.0: 0.0, 4.0: 1.0, 1.5: 1.0, -1.5: 0.0}),
        ("hard_gelu", {}, {-1.5: -0.5, 1.5: 1.5, 3.0: 1.0, 3.5: 0.0, -2.0: 0.0, 2.0: 1.0, 0.0: 0.5, -0.75: 0.0}),
    ],
)
def test_derivatives_at_the_kinks(name, parameters, derivatives, dtype, make):
    """Every abscissa and every result is exact in float16, so the equality is exact."""
    activation = make(name, parameters)
    for x, expected in derivatives.items():
        assert activation.derivative(dtype.type(x)) == expected, x
        assert activation.value_and_derivative(dtype.type(x))[1] == expected, x
        assert activation.backward(dtype.type(2.0), dtype.type(x)) == 2 * expected, x


@pytest.mark.parametrize(
    ("name", "parameters"),
    [
        ("relu", ()),
        ("leaky_relu", (0.3,)),
        ("leaky_relu", (0.25,)),
        ("leaky_relu", (-1e9 / 3,)),
        ("leaky_relu", (1e-30,)),
        ("leaky_relu", (0.0,)),
        ("relu6", ()),
        ("threshold", (0.1, -1.0)),
        ("hard_shrink", (0.1,)),
        ("soft_shrink", (0.1,)),
        ("hard_sigmoid", (1 / 6, 0.5)),
        ("hard_tanh", (-0.3, 0.7)),
        ("sparse_sigmoid", ()),
    ],
)
def test_backward_of_two_slopes_is_rounded_once(name, parameters, isa):
    """From the input, from the output and from bits: infinite, tiny, huge and zero gradients, and NaN on the way."""
    rng = np.random.default_rng(7)
    x = np.append(rng.uniform(-4, 4, 4000), [INF, -INF, NAN, 0.0, -0.0, 1e-45]).astype(np.float32)
    wild = rng.integers(0, 2**32, x.size, dtype=np.uint32).view(np.float32)
    grad = np.where(rng.random(x.size) < 0.5, wild, rng.standard_normal(x.size).astype(np.float32))
    grad[:6] = [0.0, -0.0, INF, -INF, NAN, 1e-45]
    ufunc = getattr(sp.ufuncs, name)
    with np.errstate(all="ignore"):
        slopes = getattr(sp.ufuncs, name + "_derivative")(x.astype(np.float64), *parameters)
        expected = (grad.astype(np.float64) * slopes).astype(np.float32)
        found = getattr(sp.ufuncs, name + "_backward")(grad, x, *parameters)
        spread = [np.full(x.shape, parameter) for parameter in parameters]
        of_arrays = getattr(sp.ufuncs, name + "_backward")(grad, x, *spread)
    np.testing.assert_array_equal(found, expected)
    np.testing.assert_array_equal(of_arrays, expected)
    number = ~np.isnan(expected)
    np.testing.assert_array_equal(np.signbit(found[number]), np.signbit(expected[number]))
    act = sp.activation(name)
    act = type(act)(*parameters) if parameters else act
    with np.errstate(all="ignore"):
        _, saved = act.forward(x, save="bits")
        from_bits = act.backward(grad, saved)
    known = ~np.isnan(x)  # bits do not tell a NaN from a large number
    np.testing.assert_array_equal(from_bits[known], expected[known])
    y = ufunc(x, *parameters)
    if name != "leaky_relu" or parameters[0] > 0:
        with np.errstate(all="ignore"):
            from_output = getattr(sp.ufuncs, name + "_backward_from_output")(grad, y, *parameters)
        far = known & (np.abs(slopes) > 0) & (np.abs(x) > 1e-3) & (y != 0) & (y != 1)  # not rounded to the other side
        np.testing.assert_array_equal(from_output[far], expected[far])


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "hard_sigmoid", "hard_tanh", "hard_swish", "hard_gelu", "elu"])
def test_one_step_beside_a_kink_is_on_its_own_side(name, dtype, make):
    """The neighbors of a kink have the one-sided slope, not the value listed for the kink itself."""
    kinks = {"hard_sigmoid": (2.0, -2.0), "hard_tanh": (1.0, -1.0), "hard_swish": (3.0, -3.0), "hard_gelu": (3.0, -1.5)}
    slopes = {  # (left of the first, right of the first, left of the second, right of the second)
        "relu": (0, 1),
        "leaky_relu": (0.25, 1),
        "elu": (0.5, 1),
        "hard_sigmoid": (0.25, 0, 0, 0.25),
        "hard_tanh": (1, 0, 0, 1),
        "hard_swish": (1.5, 1, 0, -0.5),
        "hard_gelu": (1, 0, 0, -0.5),
    }
    parameters = {
        "leaky_relu": {"negative_slope": 0.25},
        "elu": {"alpha": 0.5},
        "hard_sigmoid": {"slope": 0.25, "offset": 0.5},
    }
    activation = make(name, parameters.get(name))
    measured = []
    for kink in kinks.get(name, (0.0,)):
        for towards in (-INF, INF):
            beside = np.nextafter(dtype.type(kink), dtype.type(towards))
            if name == "hard_sigmoid":  # one float64 step before the upper kink the line itself rounds to 1
                beside = np.nextafter(beside, dtype.type(towards))
            measured.append(activation.derivative(beside))
    np.testing.assert_allclose(np.array(measured, float), slopes[name], rtol=4 * np.finfo(dtype).eps, atol=1e-300)


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("hard_sigmoid", {-2.0: 0.0, 2.0: 1.0, 1.0: 0.75}),
        ("hard_tanh", {-1.0: -1.0, 1.0: 1.0, 0.75: 0.75, -5.0: -1.0, 5.0: 1.0}),
        ("hard_swish", {-3.0: 0.0, 3.0: 3.0, -1.5: -0.375, 1.5: 1.125, 4.0: 4.0, -4.0: 0.0}),
        ("hard_gelu", {-1.5: 0.0, -0.75: -0.1875, 1.5: 1.5, 3.0: 3.0, 2.0: 2.0, 100.0: 3.0, -2.0: 0.0, 0.75: 0.5625}),
        ("relu", {-3.0: 0.0, 3.0: 3.0}),
        ("leaky_relu", {-3.0: -0.75, 3.0: 3.0}),
    ],
)
def test_exact_values_of_the_piecewise_functions(name, values, dtype, make):
    parameters = {"hard_sigmoid": {"slope": 0.25, "offset": 0.5}, "leaky_relu": {"negative_slope": 0.25}}
    activation = make(name, parameters.get(name))
    for x, expected in values.items():
        assert activation(dtype.type(x)) == expected, x


def test_flat_parts_have_one_sign_of_zero(dtype):
    """hard_swish and hard_gelu are exactly 0 far left; -inf may not differ from the finite numbers beside it."""
    for function in (sp.relu, sp.hard_swish, sp.hard_gelu, sp.hard_sigmoid):
        y = function(np.array([-INF, np.finfo(dtype).min, -100.0, -10.0, -4.0], dtype))
        assert (y == 0).all()
        assert len(set(np.signbit(y))) == 1


# Exact formulas for results so small that they are subnormal.
def _sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


FORMULAS = {
    "relu": lambda x: x,
    "leaky_relu": lambda x: x if x > 0 else mpmath.mpf(0.01) * x,
    "sigmoid": _sigmoid,
    "tanh": mpmath.tanh,
    "gelu_tanh": lambda x: x * _sigmoid(2 * mpmath.sqrt(2 / mpmath.pi) * (x + mpmath.mpf("0.044715") * x**3)),
    "swish": lambda x: x * _sigmoid(x),
    "mish": lambda x: x * mpmath.tanh(mpmath.log1p(mpmath.exp(x))),
    "elu": lambda x: x if x > 0 else mpmath.expm1(x),
    "softplus": lambda x: mpmath.log1p(mpmath.exp(x)),
    "sine": mpmath.sin,
    "gelu": lambda x: x * mpmath.erfc(-x / mpmath.sqrt(2)) / 2,
    "gelu_sigmoid": lambda x: x * _sigmoid(mpmath.mpf("1.702") * x),
    "hard_tanh": lambda x: x,
    "hard_swish": lambda x: x * (x / 6 + mpmath.mpf(0.5)),
    "hard_gelu": lambda x: (x / 3) * (x + mpmath.mpf(1.5)),
}
DERIVATIVE_FORMULAS = {
    "sigmoid": lambda x: _sigmoid(x) * _sigmoid(-x),
    "tanh": lambda x: mpmath.sech(x) ** 2,
    "swish": lambda x: _sigmoid(x) * (1 + x * _sigmoid(-x)),
    "elu": mpmath.exp,
    "softplus": _sigmoid,
    "gelu": lambda x: mpmath.ncdf(x) + x * mpmath.npdf(x),
    "gelu_sigmoid": lambda x: (
        _sigmoid(mpmath.mpf("1.702") * x) * (1 + mpmath.mpf("1.702") * x * _sigmoid(-mpmath.mpf("1.702") * x))
    ),
}
TINY = {"float16": 4.2e-7, "float32": 1e-40, "float64": 1e-310}
FAR = {  # x at which the value is subnormal
    "sigmoid": {"float16": -15.5, "float32": -100.0, "float64": -740.0},
    "softplus": {"float16": -15.5, "float32": -100.0, "float64": -740.0},
    "swish": {"float16": -18.0, "float32": -105.0, "float64": -745.0},
    "mish": {"float16": -18.0, "float32": -105.0, "float64": -745.0},
    "gelu": {"float16": -5.2, "float32": -13.5, "float64": -38.3},
    "gelu_tanh": {"float16": -5.0, "float32": -10.3, "float64": -21.45},
    "gelu_sigmoid": {"float16": -10.0, "float32": -60.0, "float64": -435.0},
}
ODD_TINY = ["relu", "leaky_relu", "tanh", "gelu_tanh", "swish", "mish", "elu", "sine", "gelu", "gelu_sigmoid"]
ODD_TINY += ["hard_tanh", "hard_swish", "hard_gelu"]
CASES = list(FAR.items())
CASES += [(name, TINY) for name in ODD_TINY]
CASES += [(name, {dtype: -x for dtype, x in TINY.items()}) for name in ODD_TINY if name not in ("relu", "leaky_relu")]
CASES += [("leaky_relu", {dtype: -50 * x for dtype, x in TINY.items()})]
DERIVATIVE_CASES = {
    "sigmoid": {"float16": -15.5, "float32": 100.0, "float64": -740.0},
    "tanh": {"float16": 8.5, "float32": -50.0, "float64": 370.0},
    "swish": {"float16": -18.0, "float32": -105.0, "float64": -745.0},
    "elu": {"float16": -15.5, "float32": -100.0, "float64": -740.0},
    "softplus": {"float16": -15.5, "float32": -100.0, "float64": -740.0},
    "gelu": {"float16": -5.6, "float32": -13.6, "float64": -38.4},
    "gelu_sigmoid": {"float16": -10.0, "float32": -60.0, "float64": -435.0},
}


def subnormal_error(actual, x, formula):
    """The distance from the exact result in units of the smallest subnormal, which is one ulp there."""
    info = np.finfo(actual.dtype)
    with mpmath.workprec(1500):
        unit = mpmath.mpf(float(info.smallest_subnormal))
        exact = formula(mpmath.mpf(float(x))) / unit
        assert 1 <= abs(exact) <= info.smallest_normal / info.smallest_subnormal, "the case is not subnormal"
        assert (float(actual) < 0) == (exact < 0)
        return float(abs(mpmath.mpf(float(actual)) / unit - exact))


def bound_of(name, operation, dtype):
    (record,) = (record for record in _engine.registry() if record.name == name)
    return record.bound(operation, dtype.name, _engine.current_isa())


@pytest.mark.parametrize(("name", "x"), CASES)
def test_subnormal_values_are_not_flushed(name, x, dtype, make):
    x = dtype.type(x[dtype.name])
    assert subnormal_error(make(name)(x), x, FORMULAS[name]) <= bound_of(name, "value", dtype)


@pytest.mark.parametrize(("name", "x"), DERIVATIVE_CASES.items())
def test_subnormal_derivatives_are_not_flushed(name, x, dtype, make):
    x = dtype.type(x[dtype.name])
    error = subnormal_error(make(name).derivative(x), x, DERIVATIVE_FORMULAS[name])
    assert error <= bound_of(name, "derivative", dtype)


def test_published_subnormals():
    assert sp.sigmoid(np.float32(-100.0)).view(np.uint32) == 27  # exp(-100) = 3.7835e-44 = 27.0 * 2**-149
    assert -1e-38 < sp.gelu(np.float32(-13.5)) < 0
    assert sp.sigmoid(np.float64(-745.0)) == 5e-324
    assert sp.tanh(np.float64(5e-324)) == 5e-324
    assert sp.sine(np.float64(-5e-324)) == -5e-324


def test_underflow_keeps_the_sign_of_the_limit(dtype):
    """Beyond the smallest subnormal the result is a zero with the sign of the function there."""
    x = np.array([np.finfo(dtype).min, -2000.0, -1000.0], dtype)
    for name in ("gelu", "gelu_tanh", "gelu_sigmoid", "swish", "mish"):
        y = sp.activation(name)(x)
        assert (y == 0).all(), name
        assert np.signbit(y).all(), name
    for name in ("sigmoid", "softplus"):
        y = sp.activation(name)(x)
        assert (y == 0).all(), name
        assert not np.signbit(y).any(), name


def test_large_arguments_do_not_overflow(dtype):
    big = np.array([np.finfo(dtype).max, 1000.0, 100.0], dtype)
    smooth = ["gelu", "gelu_tanh", "gelu_sigmoid", "swish", "mish", "elu", "softplus"]
    for name in ["relu", "leaky_relu", "hard_swish", *smooth]:
        activation = sp.activation(name)
        np.testing.assert_array_equal(activation(big), big, err_msg=name)
        np.testing.assert_array_equal(activation.derivative(big), np.ones_like(big), err_msg=name)


def all_patterns(dtype):
    """All 65,536 float16 numbers, or 60,000 random bit patterns and every power of two for the wider ones."""
    if dtype == np.float16:
        return np.arange(65536, dtype=np.uint16).view(np.float16)
    random = np.random.default_rng(20)
    patterns = random.integers(0, 256, (60_000, dtype.itemsize), dtype=np.uint8).view(dtype)[:, 0]
    info = np.finfo(dtype)
    powers = np.ldexp(np.ones(1, dtype), np.arange(info.minexp - info.nmant, info.maxexp))
    dense = random.normal(0, 30, 20_000).astype(dtype)
    with np.errstate(over="ignore"):
        thresholds = np.linspace(-800, 800, 16_001).astype(dtype)
    special = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0], dtype)
    return np.concatenate([patterns, powers, -powers, dense, thresholds, special])


def test_no_floating_point_warning_for_any_input(variant_ufuncs, variant, dtype):
    x = all_patterns(dtype)
    if variant.name == "sine":
        x = x[~np.isinf(x)]
    one = np.ones_like(x)
    f = variant_ufuncs
    with np.errstate(all="raise"):
        y = f.value(x)
        f.derivative(x)
        f.value_and_derivative(x)
        f.backward(one, x)
        f.second_derivative(x)
        if f.derivative_from_output:
            f.derivative_from_output(y)
            f.backward_from_output(one, y)
        for scalar in x[:: x.size // 97]:
            f.value(scalar)
            f.derivative(scalar)


def test_flags_raised_before_the_call_stay_out_of_it(ufuncs):
    """A flag left over from earlier arithmetic is not reported by the next call, nor is one of ours by NumPy's next."""
    with np.errstate(all="ignore"):
        np.float32(1e30) * np.full(8, 1e30, np.float32)
    with np.errstate(all="raise"):
        ufuncs.value(np.linspace(-200, 200, 400, dtype=np.float32))
        np.add(np.ones(8, np.float32), 1)


@pytest.mark.parametrize("x", [np.inf, -np.inf])
def test_sine_of_infinity_is_invalid(x, dtype):
    array = np.array([0.5, x, 1.0], dtype)
    for call in (sp.sine, sp.Sine(), sp.Sine().derivative):
        with np.errstate(invalid="raise"), pytest.raises(FloatingPointError, match="invalid"):
            call(array)
        with pytest.warns(RuntimeWarning, match="invalid"):
            y = call(array)
        np.testing.assert_array_equal(np.isnan(y), [False, True, False])


def test_sine_of_many_elements_is_invalid_at_infinity_only():
    """A table of all float16 results has those of infinity, whether the array has or not."""
    x = np.linspace(-3, 3, 2**18).astype(np.float16)
    with np.errstate(invalid="raise"):
        sp.sine(x)
        x[-1] = np.inf
        with pytest.raises(FloatingPointError, match="invalid"):
            sp.sine(x, out=x)
    assert np.isnan(x[-1])


def test_sine_reduces_the_full_range():
    """Published hard cases: the double nearest to a multiple of pi/2, and the largest numbers of each format."""
    hard = 6381956970095103 * 2.0**797  # the worst case of double argument reduction (Kahan; Muller, table 11.2)
    for x in (hard, 1e22, 1.7976931348623157e308, 2.0**1000, 3.141592653589793, 1e300):
        with mpmath.workprec(1300):
            sine, cosine = mpmath.sin(mpmath.mpf(x)), mpmath.cos(mpmath.mpf(x))
        assert sp.sine(np.float64(x)) == pytest.approx(float(sine), rel=3e-16)
        assert sp.Sine().derivative(np.float64(x)) == pytest.approx(float(cosine), rel=3e-16)
    for x in (3.4028235e38, 1e10, 16777216.0, 5.4978714):
        x = np.float32(x)
        with mpmath.workprec(300):
            sine = mpmath.sin(mpmath.mpf(float(x)))
        assert sp.sine(x) == pytest.approx(float(sine), rel=6.1e-8)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_elu_of_a_negative_alpha_changes_the_sign(dtype, isa):
    least = np.finfo(dtype).smallest_subnormal
    x = -np.array([1e3, 1.0, 1e-20, np.finfo(dtype).tiny, least], dtype)
    y = sp.ufuncs.elu(x, -2.0)
    assert np.all(y > 0)
    np.testing.assert_array_equal(y[-2:], -2 * x[-2:])


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_scaled_swish_of_the_largest_number(dtype, isa):
    """Twice the number overflows, half of that is the number."""
    x = np.array([np.finfo(dtype).max, -np.finfo(dtype).max], dtype)
    np.testing.assert_array_equal(sp.ufuncs.scaled_swish(x, 2.0, 0.0), x)
