"""Parameters of every sign and size: what goes wrong on the way to a finite result, at points with exact results."""

import numpy as np
import pytest

import spatium as sp

# Function, operation, x, parameters, the right result from exact arithmetic.
POINTS = [
    ("scaled_tanh", "second_derivative", 0.5, (1.0, -1.0), 0.7268619813835873),
    ("scaled_tanh", "second_derivative", -0.5, (1.0, -1.0), -0.7268619813835873),
    ("scaled_tanh", "second_derivative", 0.5, (1.0, 1.0), -0.7268619813835873),
]


@pytest.mark.parametrize(("name", "operation", "x", "parameters", "right"), POINTS)
def test_points(name, operation, x, parameters, right, isa):
    ufunc = getattr(sp.ufuncs, name if operation == "value" else f"{name}_{operation}")
    with np.errstate(all="raise"):
        result = ufunc(np.full(20, x), *parameters)
    np.testing.assert_allclose(result, right, rtol=4e-16, atol=0)
