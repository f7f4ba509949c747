"""The forms for hardware: the levels of a sigmoid, and tanh in straight lines with equal errors."""

import math
import pickle
from itertools import pairwise

import numpy as np
import pytest

import spatium as sp
from spatium.presets import PiecewiseTanh, approximate_tanh, quantized_sigmoid

X = np.linspace(-12, 12, 480_001)


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
@pytest.mark.parametrize("bits", [8, 4])
def test_results_of_the_quantized_sigmoid_are_levels_of_the_sigmoid(bits, dtype):
    q = quantized_sigmoid(bits, dtype=dtype)
    steps = q.dequantize(q.table, np.float64) * 2**bits
    assert (steps == np.round(steps)).all()
    assert (steps[0], steps[-1]) == (round(2**bits / (1 + math.exp(8))), 2**bits - 1)
    for x, step in zip(q.x.values, steps, strict=True):
        assert step == min(round(2**bits / (1 + math.exp(-x))), 2**bits - 1)


def test_eight_bits_have_the_levels_of_tensorflow_lite():
    assert quantized_sigmoid().y == sp.quantize("sigmoid", preset="tflite").y
    assert quantized_sigmoid(rounding="half_away").y.rounding == "half_away"
    with pytest.raises(ValueError, match="x_range"):
        quantized_sigmoid(x_range=(1, -1))
    with pytest.raises(ValueError, match="bits is 3"):
        quantized_sigmoid(3)


@pytest.mark.parametrize("lines", [1, 2, 3, 4, 8, 64])
def test_lines_have_equal_errors(lines):
    """Which no other lines of this number improve: error and sign alternate from line to line."""
    act = approximate_tanh(lines)
    difference = act(X) - np.tanh(X)
    assert np.abs(difference).max() == pytest.approx(act.error, rel=1e-4)
    for low, high in pairwise([0.0, *act.knots]):
        inside = difference[np.logical_and(low < X, high > X)]
        assert inside.min() == pytest.approx(-act.error, rel=1e-3)
    for knot in act.knots:
        assert act(knot) - math.tanh(knot) == pytest.approx(act.error, rel=1e-6)
    assert len(act.knots) == lines
    assert (np.diff(act(X)) >= 0).all()


def test_stated_errors():
    errors = [approximate_tanh(lines).error for lines in (1, 2, 4, 8)]
    assert errors == pytest.approx([0.1121, 0.0348, 0.0098, 0.0026], abs=6e-5)
    assert errors[0] < np.abs(sp.hard_tanh(X) - np.tanh(X)).max() / 2


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_values_and_slopes_of_the_lines(dtype):
    act = approximate_tanh(4)
    x = np.random.default_rng(0).normal(0, 2, (300, 301)).astype(dtype)
    y = act(x)
    unit = float(np.finfo(dtype).eps)
    assert y.dtype == dtype
    expected = np.interp(np.abs(x.astype(np.float64)), [0.0, *act.knots], [0.0, *np.cumsum(_rises(act))])
    assert np.abs(y - np.copysign(expected, x)).max() <= 4 * unit
    assert not (act(-x) + y).any()
    np.testing.assert_array_equal(act(x.T), y.T)
    assert (act(x[::-1, ::2]) == y[::-1, ::2]).all()
    assert (act(x, out=x.copy()) == y).all()
    ends = act(np.array([np.inf, -np.inf, np.nan, -0.0], dtype))
    assert ends[:2].astype(float) == pytest.approx([1.0, -1.0], abs=2 * unit)
    assert np.isnan(ends[2])
    assert np.signbit(ends[3])
    slope = act.derivative(np.array([0.0, *act.knots, -100.0, np.nan], np.float64))
    assert slope[:-1].tolist() == [act.slopes[0], *act.slopes, 0.0]
    assert np.isnan(slope[-1])
    assert act(np.zeros((0, 3), dtype)).shape == (0, 3)


def _rises(act):
    return np.diff([0.0, *act.knots]) * act.slopes


def test_the_approximation_is_an_activation():
    act = approximate_tanh(3)
    assert isinstance(act, PiecewiseTanh)
    again = pickle.loads(pickle.dumps(act))
    assert again == act
    assert hash(again) == hash(act)
    assert again.error == act.error
    assert repr(act) == "approximate_tanh(lines=3)"
    assert act != approximate_tanh(4)
    assert sp.check_activation(act).ok
    q = sp.quantize(act, x_range=(-4, 4))
    assert np.abs(q.dequantize(q.table, np.float64) - act(q.x.values)).max() <= q.y_scale / 2 * (1 + 1e-9)
    for wrong in (0, 65):
        with pytest.raises(ValueError, match="lines is"):
            approximate_tanh(wrong)
