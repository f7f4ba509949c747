"""A thousand points in [-5, 5] against references written in NumPy and SciPy, and what routing has to keep."""

import numpy as np
import pytest
from scipy import special, stats

import spatium as sp

X = np.linspace(-5, 5, 1000)
KINKS = np.array([-3.0, -1.5, -1.0, 0.0, 1.0, 1.5, 3.0])


def gelu_tanh(x):
    return 0.5 * x * (1 + np.tanh(np.sqrt(2 / np.pi) * (x + 0.044715 * x**3)))


# The twelve as the document prints them, and exact GELU.
REFERENCES = {
    "relu": lambda x: np.maximum(x, 0),
    "leaky_relu": lambda x: np.where(x > 0, x, 0.01 * x),
    "sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "tanh": np.tanh,
    "gelu_tanh": gelu_tanh,
    "swish": lambda x: x / (1 + np.exp(-x)),
    "mish": lambda x: x * np.tanh(np.log(1 + np.exp(x))),
    "elu": lambda x: np.where(x > 0, x, np.exp(x) - 1),
    "softplus": lambda x: np.log(1 + np.exp(x)),
    "hard_sigmoid": lambda x: np.clip((x + 3) / 6, 0, 1),
    "hard_tanh": lambda x: np.clip(x, -1, 1),
    "sine": np.sin,
    "gelu": lambda x: x * special.ndtr(x),
}


@pytest.mark.parametrize("name", REFERENCES)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_thousand_points_within_1e_6(name, dtype):
    x = X.astype(dtype)
    expected = REFERENCES[name](x.astype(np.float64))
    y = sp.activation(name)(x)
    assert y.dtype == dtype
    assert np.abs(y - expected).max() < 1e-6


@pytest.mark.parametrize("name", REFERENCES)
def test_derivatives_against_central_differences(name):
    h = 1e-5
    assert np.abs(X[:, None] - KINKS).min() > 10 * h, "no point may lie on a kink"
    numeric = (REFERENCES[name](X + h) - REFERENCES[name](X - h)) / (2 * h)
    activation = sp.activation(name)
    assert np.abs(activation.derivative(X) - numeric).max() < 1e-4
    assert np.abs(activation.value_and_derivative(X)[1] - numeric).max() < 1e-8  # what h = 1e-5 really gives


def test_the_tanh_form_of_gelu_is_not_exact_gelu():
    """The document calls the difference negligible. It is bounded: 4.73e-4, attained at -2.70."""
    x = np.linspace(-8, 8, 160_001)
    distance = np.abs(sp.gelu(x, approximate="tanh") - sp.gelu(x))
    assert 4.72e-4 < distance.max() < 4.74e-4
    assert abs(abs(x[distance.argmax()]) - 2.70) < 0.01
    relative = sp.gelu(-5.0, approximate="tanh") / sp.gelu(-5.0) - 1
    assert abs(relative) == pytest.approx(0.84, abs=0.01)


def test_the_sigmoid_form_of_gelu():
    x = np.linspace(-8, 8, 160_001)
    distance = np.abs(sp.gelu(x, approximate="sigmoid") - sp.gelu(x))
    assert 0.0202 < distance.max() < 0.0204
    assert abs(abs(x[distance.argmax()]) - 2.27) < 0.01


def test_what_the_printed_formulas_lose():
    """softplus, mish and sigmoid as printed overflow beyond 88 in float32 and have no digit left below -17."""
    assert sp.softplus(np.float32(100)) == 100
    assert sp.mish(np.float32(100)) == 100
    assert sp.sigmoid(np.float32(-90)) == pytest.approx(np.exp(-90.0), rel=1e-6)
    assert sp.softplus(np.float32(-20)) == pytest.approx(np.exp(-20.0), rel=1e-6)
    assert sp.mish(np.float32(-20)) == pytest.approx(-20 * np.exp(-20.0), rel=1e-6)


def test_selection_is_deterministic():
    amap = sp.ActivationMap.random(rng=0)
    hashes = np.random.default_rng(0).integers(0, 2**64, 1000, dtype=np.uint64)
    first = [amap.select(h) for h in hashes]
    assert [amap.select(h) for h in hashes] == first
    assert [amap[(int(h) >> 8) & 7, int(h) & 7] for h in hashes] == first


def test_equal_low_bits_select_one_column_and_different_rows():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    for row in range(8):
        amap.select((row << 8) | 5)
    assert amap.hit_counts[:, 5].tolist() == [1] * 8
    assert amap.hit_counts.sum() == 8
    assert {tuple(map(int, sp.cell_of((row << 8) | 5))) for row in range(8)} == {(row, 5) for row in range(8)}


@pytest.mark.parametrize("seed", range(5))
def test_uniform_hashes_hit_uniformly(seed):
    amap = sp.ActivationMap.random(rng=seed)
    hashes = np.random.default_rng(seed).integers(0, 2**64, 10_000, dtype=np.uint64)
    amap.activate(np.zeros(10_000, np.float32), hashes)
    assert amap.hit_counts.sum() == 10_000
    assert stats.chisquare(amap.hit_counts.ravel()).pvalue > 1e-3
    assert amap.statistics().p_value == pytest.approx(stats.chisquare(amap.hit_counts.ravel()).pvalue, rel=1e-8)


def test_a_cell_costs_one_byte():
    """64 bytes a neuron, as promised there: holds because a cell is an index into a palette."""
    amap = sp.ActivationMap.random(1000, rng=0)
    assert amap.cells.nbytes == 64 * 1000
