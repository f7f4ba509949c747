"""The 80-bit formulas that screen float64 results (reference/extended.py) against mpmath."""

import mpmath
import numpy as np
import pytest

import spatium
from reference import extended, oracle, sampling

if not extended.AVAILABLE:
    pytest.skip("no 80-bit numbers", allow_module_level=True)

SEED = 20261129


def points():
    """A few hundred: in every 48th binade, in the body, and close to roots of derivatives, far ones of cos included."""
    rng = np.random.default_rng(SEED)
    binades = sampling.binades(np.float64, 1, rng)[::48]
    body = np.concatenate([rng.uniform(-10, 10, 80), rng.uniform(-50, 50, 40), rng.uniform(-800, 800, 20)])
    roots = np.array(list(sampling.MINIMA.values()))
    around = roots + np.exp2(rng.uniform(-50, -1, roots.size)) * rng.choice([-1.0, 1.0], roots.size)
    far = [*sampling.PI_MULTIPLES, *sampling.SINE_WORST]
    return np.concatenate([binades, body, roots, around, far, sampling.KINKS, np.negative(sampling.KINKS), [0.0, -0.0]])


def exact_mpf(number):
    mantissa, exponent = np.frexp(number)
    return mpmath.ldexp(mpmath.mpf(int(np.ldexp(mantissa, 64))), int(exponent) - 64)


def test_every_activation_has_formulas():
    assert tuple(extended.FORMULAS) == spatium.activations()


@pytest.mark.parametrize("operation", ["value", "derivative"])
@pytest.mark.parametrize("name", extended.FORMULAS)
def test_formulas_against_mpmath(name, operation):
    parameters = tuple(spatium.activation(name).parameters.values())
    x = points()
    covered = 0
    for at, result in zip(x, extended.results(name, operation, x, parameters), strict=True):
        if np.isnan(result):
            continue
        covered += 1
        exact = oracle.exact(name, operation, at, parameters)
        with mpmath.workprec(oracle.PRECISION):
            error = abs(exact_mpf(result) - exact) / oracle.spacing(exact, np.float64)
        assert error < extended.ERROR, f"{float(error)} ulp at {at!r}"
        if result == 0 or exact == 0:
            sign = oracle.zero_is_negative(name, operation, at, parameters, exact)
            assert sign is None or sign == np.signbit(result), at
    assert covered > 0.9 * x.size or (name, operation) == ("snake", "derivative")


@pytest.mark.slow
@pytest.mark.parametrize("name", extended.FORMULAS)
def test_second_derivatives_against_mpmath(name):
    """Outside of the neighborhoods of their roots."""
    parameters = tuple(spatium.activation(name).parameters.values())
    x = points()
    results = extended.results(name, "second_derivative", x, parameters)
    near = sampling.near_zero(name, "second_derivative", parameters, x, results.astype(np.float64))
    for at, result in zip(x[~near], results[~near], strict=True):
        exact = oracle.exact(name, "second_derivative", at, parameters)
        with mpmath.workprec(oracle.PRECISION):
            error = abs(exact_mpf(result) - exact) / oracle.spacing(exact, np.float64)
        assert error < extended.ERROR, f"{float(error)} ulp at {at!r}"


def test_what_is_not_covered():
    """Infinities, NaN, and the roots of snake's derivative at large x."""
    assert np.isnan(extended.results("tanh", "value", np.array([np.inf, -np.inf, np.nan]))).all()
    assert np.isnan(extended.results("snake", "derivative", np.array([2.0**30 * np.pi - np.pi / 4]), (1.0, 1.0))).all()
