"""Expressions of one variable: which activations the nodes of exporters are. This needs no package onnx."""

import math

import numpy as np
import pytest

import spatium as sp
from spatium.onnx.expressions import Algebra, X
from spatium.onnx.formulas import FORMULAS, READ, chain_of, tidy

o = Algebra()


def f32(number):
    return float(np.float32(number))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (X * o.sigmoid(X), sp.Swish()),
        (o.sigmoid(X) * X, sp.Swish()),
        (X / (1.0 + o.exp(-X)), sp.Swish()),
        (X * o.sigmoid(1.5 * X), sp.Swish(1.5)),
        (X * o.sigmoid(f32(1.702) * X), sp.GELU("sigmoid")),
        (2.0 * X * o.sigmoid(X * 3.0), sp.ScaledSwish(2.0, 3.0)),
        (0.5 * X * (1.0 + o.erf(X / f32(math.sqrt(2)))), sp.GELU()),
        (X * (0.5 * o.erf(X * f32(0.70710678)) + 0.5), sp.GELU()),
        ((o.erf(X * 0.707107) + 1.0) * X * 0.5, sp.GELU()),
        (0.5 * X * (1.0 + o.tanh(f32(0.7978845608) * (X + f32(0.044715) * o.power(X, 3.0)))), sp.GELU("tanh")),
        (X * 0.5 * (o.tanh(X * f32(0.79788456) * (1.0 + 0.044715 * X * X)) + 1.0), sp.GELU("tanh")),
        (X * o.sigmoid(1.5957691216 * (X + 0.044715 * X * X * X)), sp.GELU("tanh")),
        (X * o.tanh(o.softplus(X)), sp.Mish()),
        (X * o.tanh(o.log(1.0 + o.exp(X))), sp.Mish()),
        (X * o.clip(X / 6.0 + 0.5, 0.0, 1.0), sp.HardSwish()),
        (X * o.clip(X + 3.0, 0.0, 6.0) / 6.0, sp.HardSwish()),
        (X * o.clip(X + 3.0, 0.0, 6.0) * f32(1 / 6), sp.HardSwish()),
        (o.log(o.sigmoid(X)), sp.LogSigmoid()),
        (o.log(1.0 + o.exp(X)), sp.Softplus()),
        (o.softplus(2.0 * X) / 2.0, sp.Softplus(2.0)),
        (X / (1.0 + o.abs(X)), sp.SoftSign()),
        (X - o.tanh(X), sp.TanhShrink()),
        (o.power(o.relu(X), 2.0), sp.ReLUSquared()),
        (o.exp(-(X * X)), sp.Gaussian()),
        (X + o.power(o.sine(0.5 * X), 2.0) * 2.0, sp.Snake(0.5)),
        (f32(1.7159) * o.tanh(f32(0.25) * X), sp.ScaledTanh(1.7159, 0.25)),
        (o.clip(X, 0.0, 6.0), sp.ReLU6()),
        (o.clip(o.relu(X), -math.inf, 6.0), sp.ReLU6()),
        (o.clip(o.relu(X), 0.0, 6.0), sp.ReLU6()),
        (o.clip(X, -1.0, 1.0), sp.HardTanh()),
        (o.clip(X, f32(-0.1), f32(0.3)), sp.HardTanh(-0.1, 0.3)),
        (o.clip(X, 0.0, math.inf), sp.ReLU()),
        (o.clip(X, 0.25, math.inf), sp.HardTanh(0.25, math.inf)),
        (o.clip(X, -math.inf, 0.0), sp.HardTanh(-math.inf, 0.0)),
        (o.clip(X, -math.inf, -2.0), sp.HardTanh(-math.inf, -2.0)),
        (o.clip(f32(0.2) * X + 0.5, 0.0, 1.0), sp.HardSigmoid(0.2)),
        (o.clip(f32(1 / 6) * X + 0.5, 0.0, 1.0), sp.HardSigmoid()),
        (o.leaky_relu(X, f32(0.01)), sp.LeakyReLU(0.01)),
        (o.where(X > 0.0, X, X * f32(0.2)), sp.LeakyReLU(0.2)),
        (o.where(0.0 * X >= X, X * f32(0.2), X), sp.LeakyReLU(0.2)),
        (o.where(2.0 * X > 20.0, X, o.softplus(2.0 * X) / 2.0), sp.Softplus(2.0)),
        (o.where(f32(0.1) >= X, -3.0, X), sp.Threshold(0.1, -3.0)),
        (o.where(f32(0.1) >= X, 0.0, X), sp.Threshold(0.1, 0.0)),
        (o.where(o.abs(X) <= f32(0.3), 0.0 * X, X), sp.HardShrink(0.3)),
        (o.where(o.either(f32(0.3) < X, f32(-0.3) > X), X, 0.0), sp.HardShrink(0.3)),
        (o.where(o.abs(X) > f32(0.3), X - o.sign(X) * f32(0.3), 0.0 * X), sp.SoftShrink(0.3)),
        (o.where(X > 0.3, X - 0.3, 0.0) + o.where(X < -0.3, X + 0.3, 0.0), sp.SoftShrink(0.3)),
        (o.where(X > 0.0, X, 0.5 * (o.exp(X) - 1.0)), sp.ELU(0.5)),
    ],
)
def test_spellings(expression, expected):
    assert chain_of(expression) == [expected]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        (X, []),
        (2.0 * X - 3.0, [(2.0, -3.0)]),
        (X - X + X, []),
        (2.0 * o.sigmoid(X) - 1.0, [sp.Sigmoid(), (2.0, -1.0)]),
        (o.tanh(0.5 * X + 1.0), [(0.5, 1.0), sp.Tanh()]),
        (o.tanh(o.relu(X)), [sp.ReLU(), sp.Tanh()]),
        (o.relu(X) * o.sigmoid(o.relu(X)), [sp.ReLU(), sp.Swish()]),
        (READ["", "Selu"][1](X, 1.5, 2.0), [sp.ELU(1.5), (2.0, 0.0)]),
    ],
)
def test_chains(expression, expected):
    assert chain_of(expression) == expected


@pytest.mark.parametrize(
    "make",
    [
        lambda: X * o.sigmoid(X) + o.tanh(X),
        lambda: X * o.tanh(o.sigmoid(X)),
        lambda: 0.5 * X * (1.0 + o.erf(0.71 * X)),
        lambda: 0.5 * X * (1.0 + o.tanh(0.7978845608 * (X + 0.0447 * o.power(X, 3.0)))),
        lambda: X * X,
        lambda: o.where(2.0 * X > 10.0, X, o.softplus(2.0 * X) / 2.0),
        lambda: X - X > 0.0,
        lambda: X - X,
        lambda: o.exp(X),
        lambda: o.clip(X, 1.0, 1.0),
        lambda: o.power(X, 2.5),
        lambda: X / 0.0,
        lambda: X * 1e300 * 1e300,
        lambda: READ["", "Shrink"][1](X, 0.5, 0.25),
        lambda: READ["", "Gelu"][1](X, "erf"),
    ],
)
def test_what_is_no_activation(make):
    with pytest.raises(
        ValueError, match=r"activation|clips|exponent|divides|compares|bias is 0.25|approximate is 'erf'"
    ):
        chain_of(make())


def test_growth_is_bounded():
    def grow(e, n):
        return grow(e * e + o.tanh(e), n - 1) if n else e

    with pytest.raises(ValueError, match="not an activation"):
        grow(X + 1.0, 100)


def test_formulas_are_recognized(variant):
    """Some functions are others with these parameters."""
    expression = FORMULAS[variant.name](o, X, *variant.parameters.values())
    same = {
        sp.Identity(): [],
        sp.ScaledSwish(): [sp.Swish()],
        sp.SparseSigmoid(): [sp.HardSigmoid(0.5)],
        sp.CELU(): [sp.ELU()],
        sp.Threshold(): [sp.ReLU()],
    }
    assert chain_of(expression) == same.get(variant, [variant])


class Numbers:
    """The functions of formulas, of arrays."""

    relu = staticmethod(lambda x: np.maximum(x, 0))
    sigmoid = staticmethod(lambda x: 1 / (1 + np.exp(-x)))
    softplus = staticmethod(lambda x: np.logaddexp(0, x))
    erf = staticmethod(np.vectorize(math.erf))
    tanh, exp, sine, abs, sqrt = np.tanh, np.exp, np.sin, np.abs, np.sqrt
    clip, minimum, where = np.clip, np.minimum, np.where


def test_formulas_compute_the_activation(variant):
    x = np.linspace(-6, 6, 97)
    with np.errstate(all="ignore"):
        y = FORMULAS[variant.name](Numbers, x, *variant.parameters.values())
    np.testing.assert_allclose(y, variant(x), rtol=1e-12, atol=1e-12)


def test_every_activation_has_a_formula():
    assert set(FORMULAS) == set(sp.activations())


def test_tidy():
    assert tidy(f32(0.01)) == 0.01
    assert tidy(f32(1 / 3)) == 0.33333334
    assert tidy(1 / 3) == 1 / 3
    assert tidy(1e300) == 1e300
