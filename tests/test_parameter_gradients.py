"""Gradients of parameters: against mpmath, for every way a parameter can broadcast, in one fixed order."""

import mpmath
import numpy as np
import pytest
from conftest import make_activation
from mpmath import mpf

import spatium as sp
from reference import oracle

PARAMETRIC = {
    "leaky_relu": (0.2,),
    "swish": (1.7,),
    "elu": (0.6,),
    "softplus": (2.5,),
    "hard_sigmoid": (0.2, 0.4),
    "hard_tanh": (-2.0, 0.5),
    "scaled_swish": (1.3, 0.7),
    "snake": (0.8, 1.1),
    "scaled_tanh": (1.7159, 0.6),
    "threshold": (0.1, -20.0),
    "celu": (0.6,),
    "hard_shrink": (0.5,),
    "soft_shrink": (0.5,),
    "squareplus": (4.0,),
}


def make(name):
    act = make_activation(name)
    return type(act)(**dict(zip(act.parameters, PARAMETRIC[name], strict=True)))


def exact(name, x, position):
    """∂f/∂p of the parameter in this place, by a difference in 3000 bits."""
    with mpmath.workprec(3000):
        step = mpmath.ldexp(mpf(1), -1300)
        ends = []
        for sign in (1, -1):
            parameters = [mpf(p) for p in PARAMETRIC[name]]
            parameters[position] += sign * step
            ends.append(oracle.ORACLE[name].value(mpf(float(x)), *parameters))
        return float((ends[0] - ends[1]) / (2 * step))


def test_the_list_is_complete():
    assert set(PARAMETRIC) == {name for name in sp.activations() if make_activation(name).parameters}


@pytest.mark.parametrize("name", PARAMETRIC)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_element(name, dtype, isa):
    """One element at a time, so that no sum hides an error; far arguments included."""
    act = make(name)
    x = np.array([-300.0, -40.0, -3.3, -1.0, -0.3, -1e-4, 1e-4, 0.3, 1.0, 3.3, 40.0, 300.0, 1e9, -1e9], dtype)
    for value in x:
        gradients = act.parameter_gradients(dtype(2.0), value)
        for position, parameter in enumerate(act.parameters):
            expected = 2 * exact(name, value, position)
            scale = 1e-9 if dtype is np.float32 else 1e-14
            if name == "snake":
                scale *= 1 + abs(float(value))
            assert gradients[parameter] == pytest.approx(expected, rel=scale, abs=scale * 1e-3), (value, parameter)


SHAPES = [
    ((), ()),
    ((7,), ()),
    ((7,), (7,)),
    ((3, 4), (4,)),
    ((3, 4), (3, 1)),
    ((2000, 3), (3,)),
    ((5, 700), (700,)),
    ((3000, 600), (600,)),
    ((2, 5, 30, 30), (5, 1, 1)),
    ((2, 5, 3, 3), (5, 1, 3)),
    ((2, 5, 3, 3), (2, 1, 3, 1)),
    ((1, 5, 1, 3), (3,)),
    ((0, 3), (3,)),
    ((3, 0), (3, 1)),
    ((0, 3, 2, 2), (3, 1, 2)),
    ((40_000, 2), (1,)),
]  # of the data and of the parameter


@pytest.mark.parametrize("name", ["leaky_relu", "scaled_swish"])
@pytest.mark.parametrize(("shape", "own"), SHAPES)
def test_shapes(name, shape, own):
    rng = np.random.default_rng(0)
    act = make(name)
    x, grad = rng.normal(size=shape), rng.normal(size=shape)
    arrays = {parameter: rng.uniform(0.5, 1.5, own) for parameter in act.parameters}
    gradients = act.parameter_gradients(grad, x, **arrays)
    values = np.broadcast_arrays(*arrays.values(), np.empty(shape))[:-1]
    expected = {parameter: np.zeros(own) for parameter in act.parameters}
    if name == "leaky_relu":
        terms = {"negative_slope": grad * np.minimum(x, 0)}
    else:
        alpha, beta = values
        terms = {"alpha": grad * sp.swish(x, beta), "beta": grad * alpha * x**2 * sp.Sigmoid().derivative(beta * x)}
    for parameter, term in terms.items():
        while term.ndim > len(own):
            term = term.sum(axis=0)
        axes = tuple(i for i, n in enumerate(own) if n == 1)
        expected[parameter] = term.sum(axis=axes, keepdims=True)
    for parameter, total in gradients.items():
        assert total.dtype == np.float64
        assert total.shape == own
        np.testing.assert_allclose(total, expected[parameter], rtol=1e-9, atol=1e-11)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(("shape", "own"), [*SHAPES, ((2, 3, 100_000), (3, 1))])
def test_sums_of_whole_numbers_are_exact(shape, own, dtype):
    rng = np.random.default_rng(1)
    x, grad = (rng.integers(-9, 10, shape).astype(dtype) for _ in range(2))
    sums = sp.LeakyReLU().parameter_gradients(grad, x, negative_slope=rng.uniform(0.5, 1.5, own))["negative_slope"]
    terms = (grad * np.minimum(x, 0)).astype(np.float64)
    terms = terms.sum(axis=tuple(range(terms.ndim - len(own))))
    expected = terms.sum(axis=tuple(axis for axis, n in enumerate(own) if n == 1), keepdims=True)
    np.testing.assert_array_equal(sums, expected)


def test_parameters_of_different_shapes():
    rng = np.random.default_rng(1)
    x, grad = rng.normal(size=(4, 6, 5)), rng.normal(size=(4, 6, 5))
    act = sp.ScaledSwish(1.3, 0.7)
    alpha = rng.uniform(0.5, 1.5, (6, 1))
    mixed = act.parameter_gradients(grad, x, alpha=alpha)
    assert mixed["alpha"].shape == (6, 1)
    assert mixed["beta"].shape == ()
    full = act.parameter_gradients(grad, x, alpha=np.broadcast_to(alpha, (4, 6, 5)), beta=np.full((4, 6, 5), 0.7))
    np.testing.assert_allclose(mixed["alpha"], full["alpha"].sum(axis=(0, 2))[:, None], rtol=1e-12)
    np.testing.assert_allclose(mixed["beta"], full["beta"].sum(), rtol=1e-12)


@pytest.mark.parametrize(("shape", "own"), [((300_000,), ()), ((3000, 200), (200,)), ((9, 40, 700), (40, 1))])
def test_the_order_is_that_of_the_shape(shape, own):
    """The same bits with any number of threads, strides or byte order of the axes in memory."""
    rng = np.random.default_rng(2)
    x, grad = rng.normal(size=shape).astype(np.float32), rng.normal(size=shape).astype(np.float32)
    slopes = rng.uniform(0, 1, own)
    act = sp.LeakyReLU()
    with sp.num_threads(1):
        alone = act.parameter_gradients(grad, x, negative_slope=slopes)["negative_slope"]
    with sp.num_threads(2):
        together = act.parameter_gradients(grad, x, negative_slope=slopes)["negative_slope"]
    spread = np.zeros((*shape, 2), np.float32)[..., 0]
    spread[...] = x
    strided = act.parameter_gradients(np.asfortranarray(grad), spread, negative_slope=slopes)["negative_slope"]
    assert (alone == together).all()
    assert (alone == strided).all()


def test_16_bit_types():
    x = np.array([-2.0, -1.0, 0.5], np.float16)
    assert sp.LeakyReLU().parameter_gradients(np.ones(3, np.float16), x)["negative_slope"] == -3.0
    ml_dtypes = pytest.importorskip("ml_dtypes")
    brain = x.astype(ml_dtypes.bfloat16)
    assert sp.LeakyReLU().parameter_gradients(brain, brain)["negative_slope"] == 5.0
    assert sp.LeakyReLU().parameter_gradients([1, 2, 3], [-1, -2, 3])["negative_slope"] == -5.0


def test_nan_and_infinity_show_in_the_sum():
    assert np.isnan(sp.ELU().parameter_gradients([1.0, 1.0], [np.nan, 1.0])["alpha"])
    assert sp.LeakyReLU().parameter_gradients([1.0, 1.0], [-np.inf, 1.0])["negative_slope"] == -np.inf


def test_snake_with_nothing_to_divide_by():
    """alpha = beta = 0 is the identity; the parameter's gradient is that along the published form, alpha = beta."""
    gradients = sp.Snake(0.0).parameter_gradients([1.0, 1.0], [0.5, -2.0])
    assert gradients == {"alpha": 4.25, "beta": 0.0}


def test_bad_input():
    act = sp.ELU()
    with pytest.raises(TypeError, match="elu has no parameter gamma; its parameters are: alpha"):
        act.parameter_gradients([1.0], [1.0], gamma=2.0)
    with pytest.raises(ValueError, match=r"alpha has shape \(3,\)"):
        act.parameter_gradients([1.0, 2.0], [1.0, 2.0], alpha=[1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="x has dtype complex128"):
        act.parameter_gradients([1.0], [1j])
    with pytest.raises(ValueError, match="broadcast"):
        act.parameter_gradients([1.0, 2.0], [1.0, 2.0, 3.0])
    assert sp.Tanh().parameter_gradients([1.0], [1.0]) == {}
