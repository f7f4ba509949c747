"""Second derivatives against mpmath's differences of first ones, on every instruction set."""

import numpy as np
import pytest
from conftest import VARIANTS, make_activation, parameter_values

import spatium as sp
from reference import oracle, sampling
from spatium import _engine

# Errors are within the bound of the record or, where f'' changes sign, within this part of the largest f''.
RECORDS = {record.name: record for record in _engine.registry()}
ABSOLUTE_BOUND = {"float32": 2.0**-44, "float64": 2.0**-48}


def points(dtype):
    """Every second binade, kinks and thresholds, the places where curvature changes, tails, and a body."""
    rng = np.random.default_rng(5)
    wide = sampling.samples(dtype, 100, rng)[::160]
    body = np.concatenate([rng.uniform(-6, 6, 40), rng.uniform(-110, 110, 20)]).astype(dtype)
    kinks = sampling.neighbors([k * sign for k in (0, 0.5, 1, 1.5, 2, 3, 6) for sign in (-1, 1)], dtype, reach=1)
    tails = sampling.neighbors([355.0, 372.0, 372.6, 708.5, 744.0, 1e102, 2e107], dtype, reach=0)  # subnormal results
    turns = sampling.neighbors([1.19967864, 1.414213562373095, 0.7071067811865476, 2.399357280515468], dtype, reach=2)
    ends = np.array([np.inf, -np.inf, np.nan, 0.0, -0.0], dtype)
    return np.unique(np.concatenate([wide, body, kinks, tails, -tails, turns, -turns, ends]))


EXPECTED = {}


def expected(variant, dtype):
    key = variant, dtype
    if key not in EXPECTED:
        x = points(dtype)
        EXPECTED[key] = x, oracle.expected(variant.name, "second_derivative", x, parameter_values(variant))
    return EXPECTED[key]


@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_second_derivative(variant, dtype, isa):
    x, exact = expected(variant, dtype)
    with np.errstate(invalid="ignore"):
        result = variant.second_derivative(x)
    assert result.dtype == dtype
    with np.errstate(invalid="ignore"):
        scale = np.nanmax(np.abs(exact.nearest[np.abs(x) < 20]))
        small = np.abs(result.astype(np.float64) - exact.nearest) <= ABSOLUTE_BOUND[dtype] * scale
    small &= np.abs(exact.nearest) > np.finfo(np.float32).tiny  # the tails have relative accuracy
    if variant.name == "snake" and dtype == "float64":
        small |= np.abs(x) > 1e6  # the cosine's argument is what it is; its zeros are everywhere
    errors = np.where(small, 0.0, exact.ulp_errors(result))
    worst = int(np.argmax(errors))
    bound = RECORDS[variant.name].bound("second_derivative", dtype, isa)
    assert errors[worst] <= bound, f"{errors[worst]} ulp at {float(x[worst]).hex()}: {result[worst]}"


@pytest.mark.parametrize(
    ("name", "parameters", "values"),
    [
        ("relu", {}, {-1.0: 0, 0.0: 0, 1.0: 0}),
        ("relu_squared", {}, {-1.0: 0, 0.0: 0, 0.5: 2}),
        ("elu", {"alpha": 0.5}, {0.0: 0.5, 1.0: 0}),
        ("celu", {"alpha": 0.5}, {0.0: 2.0, 1.0: 0}),
        ("hard_swish", {}, {-3.0: 0, 0.0: 1 / 3, 3.0: 0}),
        ("hard_gelu", {}, {-1.5: 2 / 3, 0.0: 2 / 3, 1.5: 2 / 3, 2.0: 0, 3.0: 0}),
        ("hard_mish", {}, {-2.0: 0, -1.0: 1, 0.0: 0}),
        ("soft_sign", {}, {-1.0: 0.25, 0.0: 0, 1.0: -0.25}),
        ("sparse_plus", {}, {-1.0: 0, 0.0: 0.5, 1.0: 0}),
        ("swish", {}, {0.0: 0.5}),
        ("mish", {}, {0.0: 0.64}),
        ("gelu", {}, {0.0: np.sqrt(2 / np.pi)}),
        ("softplus", {"beta": 2.0}, {0.0: 0.5}),
        ("snake", {"alpha": 0.0}, {1.0: 0, 1e300: 0}),
        ("snake", {"alpha": 2.0}, {0.0: 4.0}),
    ],
)
def test_by_hand(name, parameters, values):
    act = sp.activation(name, **parameters)
    for x, bend in values.items():
        assert act.second_derivative(x) == pytest.approx(bend, rel=4e-16, abs=0), x


def test_threads_do_not_change_a_bit(variant, make_sample, assert_same_bits):
    x = np.tile(make_sample(np.float32, 1000), 150)
    with np.errstate(all="ignore"):
        with sp.num_threads(1):
            alone = variant.second_derivative(x)
        with sp.num_threads(2):
            assert_same_bits(variant.second_derivative(x), alone)


def test_far_arguments_of_the_periodic_ones():
    x = np.array([1e7, -3e15, 2.0**70])
    exact = [float(oracle.exact("sine", "value", float(v))) for v in x]
    np.testing.assert_array_equal(sp.Sine().second_derivative(x), np.negative(exact))
    for alpha in (0.5, 3.0):
        snake = sp.Snake(alpha)
        exact = [float(oracle.exact("snake", "second_derivative", float(v), (alpha, alpha))) for v in x]
        np.testing.assert_allclose(snake.second_derivative(x), exact, rtol=1e-14)


def test_custom():
    cube = sp.Custom(lambda x: x**3, lambda x: 3 * x**2, name="cube", second_derivative=lambda x: 6 * x)
    np.testing.assert_array_equal(cube.second_derivative([1.0, -2.0]), [6.0, -12.0])
    with pytest.raises(TypeError, match="without a second derivative"):
        sp.Custom(np.square, name="square").second_derivative(1.0)
    assert cube != sp.Custom(cube._value, cube._derivative, name="cube")
    assert "second_derivative=" in repr(cube)


def test_all_activations_have_one():
    assert {name for name, _ in VARIANTS} == {record.name for record in _engine.registry()}
    for name, keywords in VARIANTS:
        assert np.isfinite(make_activation(name, keywords).second_derivative(0.3))
