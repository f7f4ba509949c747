"""The functional face: PyTorch's names, parameters and defaults, NumPy's keywords, parameters that broadcast."""

import inspect

import numpy as np
import pytest
from scipy import special

import spatium as sp

X = np.linspace(-6, 6, 401)


def logistic(x):
    return special.expit(x)


@pytest.mark.parametrize(
    ("call", "expected"),
    [
        (sp.relu, np.maximum(X, 0)),
        (sp.leaky_relu, np.where(X > 0, X, 0.01 * X)),
        (lambda x: sp.leaky_relu(x, 0.2), np.where(X > 0, X, 0.2 * X)),
        (lambda x: sp.leaky_relu(x, negative_slope=-0.5), np.where(X > 0, X, -0.5 * X)),
        (sp.sigmoid, logistic(X)),
        (sp.tanh, np.tanh(X)),
        (sp.gelu, X * special.ndtr(X)),
        (lambda x: sp.gelu(x, approximate="none"), X * special.ndtr(X)),
        (lambda x: sp.gelu(x, approximate="tanh"), X / 2 * (1 + np.tanh(np.sqrt(2 / np.pi) * (X + 0.044715 * X**3)))),
        (lambda x: sp.gelu(x, approximate="sigmoid"), X * logistic(1.702 * X)),
        (sp.swish, X * logistic(X)),
        (sp.silu, X * logistic(X)),
        (lambda x: sp.swish(x, 1.7), X * logistic(1.7 * X)),
        (lambda x: sp.swish(x, beta=-0.5), X * logistic(-0.5 * X)),
        (sp.mish, X * np.tanh(np.log1p(np.exp(X)))),
        (sp.elu, np.where(X > 0, X, np.expm1(X))),
        (lambda x: sp.elu(x, 0.3), np.where(X > 0, X, 0.3 * np.expm1(X))),
        (lambda x: sp.elu(x, alpha=2.0), np.where(X > 0, X, 2 * np.expm1(X))),
        (sp.softplus, np.logaddexp(0, X)),
        (lambda x: sp.softplus(x, 3.0), np.logaddexp(0, 3 * X) / 3),
        (lambda x: sp.softplus(x, beta=0.5), np.logaddexp(0, X / 2) * 2),
        (sp.hard_sigmoid, np.clip(X / 6 + 0.5, 0, 1)),
        (lambda x: sp.hard_sigmoid(x, 0.2), np.clip(0.2 * X + 0.5, 0, 1)),
        (lambda x: sp.hard_sigmoid(x, slope=0.2, offset=0.3), np.clip(0.2 * X + 0.3, 0, 1)),
        (sp.hard_tanh, np.clip(X, -1, 1)),
        (lambda x: sp.hard_tanh(x, -2.0, 0.5), np.clip(X, -2, 0.5)),
        (lambda x: sp.hard_tanh(x, max_val=3.0), np.clip(X, -1, 3)),
        (sp.sine, np.sin(X)),
        (sp.hard_swish, X * np.clip(X / 6 + 0.5, 0, 1)),
        (sp.hard_gelu, np.clip(np.where(X > 1.5, X, np.where(X >= -1.5, X / 3 * (X + 1.5), 0)), -3 / 16, 3)),
    ],
)
def test_values_and_defaults(call, expected):
    # Beyond a few 1e-16 relative the NumPy formulas themselves are wrong (mish, gelu_tanh left of -3).
    np.testing.assert_allclose(call(X), expected, rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(call(X.astype(np.float32)), expected, rtol=2e-6, atol=2e-7)


def test_parameter_names_and_defaults_are_those_of_the_class(activation):
    if activation.name.startswith("gelu_"):  # gelu's, with approximate
        return
    function, own = getattr(sp, activation.name), inspect.signature(type(activation)).parameters
    if isinstance(function, np.ufunc):
        assert not own
        return
    given = list(inspect.signature(function).parameters.values())
    assert {item.name: item.default for item in given[1:-1]} == {item.name: item.default for item in own.values()}


def test_prelu_has_the_channels_where_pytorch_has_them():
    assert inspect.signature(sp.prelu).parameters["channel_axis"].default == 1


def test_silu_is_swish(make_sample, assert_same_bits):
    x = make_sample(np.float32)
    assert_same_bits(sp.silu(x), sp.swish(x))


def test_functions_take_every_ufunc_keyword(function):
    x = np.linspace(-3, 3, 12).reshape(3, 4)
    expected = function(x)
    out = np.full((3, 4), 7.0, np.float32)
    mask = np.zeros((3, 4), bool)
    mask[1] = True
    y = function(x, out=out, where=mask, casting="same_kind", order="K", dtype=np.float64, subok=True)
    assert y is out
    np.testing.assert_array_equal(out, np.where(mask, expected.astype(np.float32), 7))


def test_parameters_broadcast_against_x():
    x = np.linspace(-3, 3, 20).reshape(4, 5)
    slope = np.array([0.1, 0.2, 0.3, 0.4])[:, None]
    np.testing.assert_array_equal(sp.leaky_relu(x, slope), np.where(x > 0, x, slope * x))
    alpha = np.array([0.0, 0.5, 1.0, 1.5, 2.0])
    np.testing.assert_allclose(sp.elu(x, alpha=alpha), np.where(x > 0, x, alpha * np.expm1(x)), rtol=1e-15)
    beta = np.array([[[0.5]], [[2.0]]])
    y = sp.softplus(x, beta)
    assert y.shape == (2, 4, 5)
    np.testing.assert_allclose(y, np.logaddexp(0, beta * x) / beta, rtol=1e-14)
    low = -alpha
    np.testing.assert_array_equal(sp.hard_tanh(x, low, 0.75), np.clip(x, low, 0.75))


def test_array_parameters_do_not_widen_and_are_not_scanned():
    x = np.linspace(-3, 3, 5, dtype=np.float32)
    assert sp.leaky_relu(x, np.full(5, 0.1)).dtype == np.float32
    assert sp.elu(x.astype(np.float16), np.full(5, 0.1)).dtype == np.float16
    y = sp.leaky_relu(x, np.array([np.nan, 0.1, 0.1, 0.1, np.nan]))
    np.testing.assert_array_equal(np.isnan(y), [True, False, False, False, False])


def test_prelu_on_a_batch_of_images():
    x = np.random.default_rng(0).normal(size=(2, 3, 4, 5)).astype(np.float32)
    weight = np.array([0.25, -0.5, 0.0])
    expected = np.where(x > 0, x, (weight[:, None, None] * x).astype(np.float32))
    y = sp.prelu(x, weight)
    assert y.dtype == np.float32
    np.testing.assert_array_equal(y, expected)
    np.testing.assert_array_equal(sp.prelu(x, weight, channel_axis=1), expected)
    np.testing.assert_array_equal(sp.prelu(x, weight.astype(np.float32)), expected)
    np.testing.assert_array_equal(sp.prelu(x, weight.tolist()), expected)


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -1, -2, -3, -4])
def test_prelu_channel_axis(axis):
    x = np.random.default_rng(1).normal(size=(2, 3, 4, 5))
    weight = np.linspace(-1, 1, x.shape[axis])
    expected = x.copy()
    for channel, slope in enumerate(weight):
        moved = np.moveaxis(expected, axis, 0)
        moved[channel] = np.where(moved[channel] > 0, moved[channel], slope * moved[channel])
    np.testing.assert_array_equal(sp.prelu(x, weight, channel_axis=axis), expected)
    out = np.empty_like(x)
    assert sp.prelu(x, weight, channel_axis=axis, out=out) is out
    np.testing.assert_array_equal(out, expected)


def test_prelu_with_one_slope():
    x = np.random.default_rng(2).normal(size=(2, 3, 4))
    expected = np.where(x > 0, x, 0.25 * x)
    for weight in (0.25, np.array([0.25]), np.array(0.25)):
        np.testing.assert_array_equal(sp.prelu(x, weight), expected)
    two_dimensional = sp.prelu(x[0], np.array([0.1, 0.2, 0.3, 0.4]))
    np.testing.assert_array_equal(two_dimensional, np.where(x[0] > 0, x[0], np.array([0.1, 0.2, 0.3, 0.4]) * x[0]))


def test_relations_between_functions():
    """Identities that hold exactly or almost: each function is held against another one."""
    x = np.linspace(-30, 30, 2001)
    np.testing.assert_array_equal(sp.leaky_relu(x, 0.0), sp.relu(x))
    np.testing.assert_array_equal(sp.leaky_relu(x, 1.0), x)
    np.testing.assert_array_equal(sp.hard_tanh(x, 0.0, np.finfo(float).max), sp.relu(x))
    np.testing.assert_array_equal(sp.elu(x, 0.0), sp.relu(x))
    np.testing.assert_array_equal(sp.tanh(-x), -sp.tanh(x))
    np.testing.assert_array_equal(sp.sine(-x), -sp.sine(x))
    np.testing.assert_allclose(sp.sigmoid(x), 0.5 * (1 + sp.tanh(x / 2)), rtol=1e-15, atol=1e-16)
    np.testing.assert_allclose(sp.softplus(x) - sp.softplus(-x), x, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(sp.swish(x) - sp.swish(-x), x, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(sp.gelu(x) - sp.gelu(-x), x, rtol=1e-14, atol=1e-15)
    np.testing.assert_allclose(sp.Softplus().derivative(x), sp.sigmoid(x), rtol=5e-16)
    np.testing.assert_allclose(sp.Softplus(beta=2.0).derivative(x), sp.sigmoid(2 * x), rtol=5e-16)
    np.testing.assert_allclose(sp.gelu(x, approximate="sigmoid"), sp.swish(x, beta=1.702), rtol=1e-14)
    np.testing.assert_allclose(sp.softplus(x, beta=8.0), sp.softplus(8 * x) / 8, rtol=5e-16)


MONOTONE = ["relu", "sigmoid", "tanh", "elu", "softplus", "leaky_relu", "hard_sigmoid", "hard_tanh"]


@pytest.mark.parametrize("name", MONOTONE)
def test_monotone_functions_never_step_down(name, dtype):
    """Over neighboring numbers too: an error bound alone would allow a step back of one ulp."""
    activation = sp.activation(name)
    if dtype == np.float16:
        x = np.sort(np.arange(65536, dtype=np.uint16).view(np.float16))
        x = x[~np.isnan(x)]
        assert (np.diff(activation(x)[np.isfinite(activation(x))]) >= 0).all()
        return
    coarse = np.sort(np.random.default_rng(3).normal(0, 20, 20_001).astype(dtype))
    assert (np.diff(activation(coarse)) >= 0).all()


def test_bounded_functions_stay_in_their_bounds(dtype, make_sample):
    x = make_sample(dtype, 20_000)
    x = x[~np.isnan(x)]
    finite = x[np.isfinite(x)]
    for y, low, high in [
        (sp.sigmoid(x), 0, 1),
        (sp.tanh(x), -1, 1),
        (sp.sine(finite), -1, 1),
        (sp.hard_sigmoid(x), 0, 1),
        (sp.hard_tanh(x), -1, 1),
        (sp.elu(x), -1, np.inf),
        (sp.softplus(x), 0, np.inf),
        (sp.hard_gelu(x), -0.1875, 3),
        (sp.Sigmoid().derivative(x), 0, 0.25),
        (sp.Tanh().derivative(x), 0, 1),
        (sp.Softplus().derivative(x), 0, 1),
    ]:
        assert y.min() >= low
        assert y.max() <= high


@pytest.mark.parametrize(
    ("name", "at", "minimum"),
    [  # roots of the derivative found with mpmath in 25 digits; Misra (2019) prints -0.31 for mish
        ("swish", -1.2784645427610738, -0.27846454276107373),
        ("mish", -1.1924312145154952, -0.30884341301725041),
        ("gelu", -0.7517915246935645, -0.16997120747990369),
    ],
)
def test_minima(name, at, minimum, make):
    activation = make(name)
    assert activation(np.float64(at)) == pytest.approx(minimum, rel=1e-9)
    assert abs(activation.derivative(np.float64(at))) < 1e-9
    assert activation.derivative(np.float64(at - 0.01)) < 0 < activation.derivative(np.float64(at + 0.01))


# ---- parameters are remembered; nothing but the time may show it ----

ONE_PARAMETER = [
    (sp.leaky_relu, sp.ufuncs.leaky_relu, "negative_slope"),
    (sp.swish, sp.ufuncs.swish, "beta"),
    (sp.celu, sp.ufuncs.celu, "alpha"),
    (sp.squareplus, sp.ufuncs.squareplus, "b"),
]


@pytest.mark.parametrize(("function", "ufunc", "parameter"), ONE_PARAMETER)
def test_equal_numbers_of_other_types_are_not_taken_for_remembered_ones(function, ufunc, parameter):
    expected = ufunc(X, 1.0)
    for value in (1.0, 1, np.float32(1), np.array(1.0), np.ones(1)):
        np.testing.assert_array_equal(function(X, value), expected)
    for value in (True, 1 + 0j, np.bool_(True), "1"):
        with pytest.raises(TypeError, match=f"{parameter} is .*expected a real number"):
            function(X, value)
    with pytest.raises(ValueError, match=f"{parameter} is nan"):
        function(X, float("nan"))
    np.testing.assert_array_equal(function(X, 1.0), expected)


def test_more_parameters_than_are_remembered():
    for repetition in range(2):
        for i in range(200):
            slope = i / 128 - 0.5
            np.testing.assert_array_equal(sp.leaky_relu(X, slope), np.where(X > 0, X, slope * X), str(repetition))
    for i in range(200):
        np.testing.assert_array_equal(sp.hard_tanh(X, -i / 64, i / 32), np.clip(X, -i / 64, i / 32))
    with pytest.raises(ValueError, match=r"min_val is 2\.0 and max_val is 1\.0"):
        sp.hard_tanh(X, 2.0, 1.0)
    with pytest.raises(ValueError, match=r"beta is 0 and alpha is 1\.0"):
        sp.snake(X, 1.0, 0.0)


@pytest.mark.parametrize("function", [sp.leaky_relu, sp.LeakyReLU(0.2), sp.hard_tanh, sp.HardTanh(), sp.Snake()])
def test_python_numbers_stay_float64_after_arrays(function):
    """A parameter that was turned into an array must not take part in the choice of a dtype."""
    function(np.ones(3, np.float32))
    assert function(0.5).dtype == np.float64
    assert function(2).dtype == np.float64
    assert function([1, 2]).dtype == np.float64
    for dtype in ("e", "f", "d"):
        assert function(np.ones(3, dtype)).dtype == dtype
        assert type(function(np.ones((), dtype))) is np.dtype(dtype).type
    assert function(np.ones(3, np.int8)).dtype == np.float16


class Labeled(np.ndarray):
    pass


@pytest.mark.parametrize("function", [sp.elu, sp.ELU(0.3), sp.ELU(0.3).derivative, sp.scaled_tanh, sp.ScaledTanh()])
def test_subclasses_and_keywords_after_a_plain_array(function):
    plain = function(X)
    assert type(plain) is np.ndarray
    assert type(function(X.view(Labeled))) is Labeled
    out = np.full_like(X, 7.0)
    assert function(X, out=out) is out
    np.testing.assert_array_equal(out, plain)
    half = function(X, out=np.full_like(X, 7.0), where=X > 0)
    np.testing.assert_array_equal(half, np.where(X > 0, plain, 7.0))


def test_one_slope_for_all_channels_names_the_weight():
    np.testing.assert_array_equal(sp.prelu(X, 0.25), np.where(X > 0, X, 0.25 * X))
    np.testing.assert_array_equal(sp.prelu(X, [0.25]), np.where(X > 0, X, 0.25 * X))
    with pytest.raises(ValueError, match="weight is inf"):
        sp.prelu(X, float("inf"))
