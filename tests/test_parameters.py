"""Parameters of every sign and size: what goes wrong on the way to a finite result, at points with exact results."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from mpmath import mpf

import spatium as sp

# Function, operation, x, parameters, the right result from exact arithmetic.
POINTS = [
    ("scaled_tanh", "second_derivative", 0.5, (1.0, -1.0), 0.7268619813835873),
    ("scaled_tanh", "second_derivative", -0.5, (1.0, -1.0), -0.7268619813835873),
    ("scaled_tanh", "second_derivative", 0.5, (1.0, 1.0), -0.7268619813835873),
    ("scaled_swish", "value", 1.7e308, (2.0, 1.0), np.inf),
    ("scaled_swish", "value", -1e308, (10.0, -1.0), -np.inf),
    ("celu", "value", -1e-308, (1e10,), -1e-308),
    ("celu", "value", -5e-324, (2.0,), -5e-324),
    ("celu", "value", -1.0, (1e-310,), -1e-310),
    ("softplus", "value", 0.0, (5e-309,), 1.3862943611198908e308),
]


@pytest.mark.parametrize(("name", "operation", "x", "parameters", "right"), POINTS)
def test_points(name, operation, x, parameters, right, isa):
    ufunc = getattr(sp.ufuncs, name if operation == "value" else f"{name}_{operation}")
    with np.errstate(all="raise"):
        result = ufunc(np.full(20, x), *parameters)
    np.testing.assert_allclose(result, right, rtol=4e-16, atol=0)


def test_far_arguments_of_snake(isa):
    """The low word of alpha·x is as large as 1e280 here and has to be exact."""
    rng = np.random.default_rng(0)
    x, alpha = rng.uniform(0.01, 1, 300), 10.0 ** rng.uniform(7, 290, 300)
    with mpmath.workprec(3000):
        exact = [
            float(mpf(float(v)) + mpmath.sin(mpf(float(v)) * mpf(float(a))) ** 2) for v, a in zip(x, alpha, strict=True)
        ]
    np.testing.assert_allclose(sp.ufuncs.snake(x, alpha, 1.0), exact, rtol=4e-16)


@pytest.mark.parametrize(("slope", "offset"), [(0.2, 0.5), (0.3, 0.7), (1 / 3, 0.9), (-0.2, 0.5), (7.0, 0.6)])
def test_hard_sigmoid_next_to_its_ends(slope, offset, isa):
    """The line is next to 0 or 1 there, and its terms cancel."""
    ends = np.float32([-offset / slope, (1 - offset) / slope])
    near = (ends.view(np.int32)[:, None] + np.arange(-300, 301)).astype(np.int32).view(np.float32)
    further = ends[:, None] * (1 + np.float32(2.0) ** -np.arange(10, 23))
    x = np.concatenate([near.ravel(), further.ravel()]).astype(np.float32)
    result = sp.hard_sigmoid(x, slope, offset)
    for v, y in zip(x.tolist(), result, strict=True):
        exact = min(max(Fraction(slope) * Fraction(v) + Fraction(offset), Fraction(0)), Fraction(1))
        unit = Fraction(float(np.spacing(np.float32(float(exact)))))
        assert abs(Fraction(float(y)) - exact) <= Fraction(51, 100) * unit, v


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_hard_sigmoid_whose_upper_end_is_0(dtype, isa):
    """With an offset of 1 the value is 1 from 0 on, where f' is 0; the next number below is on the line."""
    tiny = np.finfo(dtype).smallest_subnormal
    x = np.tile(np.array([-0.0, 0.0, tiny, 3 * tiny, 1.0, -tiny, -1.0], dtype), 10)
    act = sp.HardSigmoid(0.25, 1.0)
    np.testing.assert_array_equal(act.derivative(x), np.tile(np.array([0, 0, 0, 0, 0, 0.25, 0.25], dtype), 10))
    np.testing.assert_array_equal(act(x), np.tile(np.array([1, 1, 1, 1, 1, 1, 0.75], dtype), 10))
