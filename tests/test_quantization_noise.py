"""The noise of quantization: closed forms, published figures, and networks whose activations run on codes."""

import importlib.util
import math
from pathlib import Path

import numpy as np
import pytest

import spatium as sp
from spatium import nn
from spatium.analysis import quantization, sqnr
from spatium.analysis.codes import ratio
from spatium.quantization import Levels

ROOT = Path(__file__).resolve().parents[1]

# For N(0, 1) and a range of ±4: output only and through a look-up, 8 and 4 bits, with a real offset, from a separate
# computation in NumPy. An integer zero moves 4 bits by up to 2 dB.
COMPUTED = {
    "relu": (45.9, 22.3, 40.6, 16.3),
    "gelu": (42.5, 19.0, 38.6, 14.9),
    "tanh": (48.9, 24.2, 39.5, 15.0),
    "sigmoid": (53.9, 29.3, 48.1, 22.5),
    "elu": (42.7, 18.4, 38.5, 14.1),
    "sine": (49.3, 24.9, 39.1, 14.5),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_ratios_of_normal_inputs(name):
    (row,) = sqnr([name])
    for column, expected, margin in zip(
        ("output_8", "output_4", "look_up_8", "look_up_4"), COMPUTED[name], (0.6, 2.2, 0.6, 2.2), strict=True
    ):
        assert row[column] == pytest.approx(expected, abs=margin)


def test_uniform_inputs_have_the_textbook_ratio():
    """x uniform in [−a, a] with steps of 2a/(n − 1): 10 log₁₀((n − 1)²)."""
    x = np.linspace(-4, 4, 400_001)
    (row,) = sqnr(sp.Identity(), x=x)
    assert row["output_8"] == pytest.approx(20 * math.log10(255), abs=0.05)
    assert row["look_up_8"] == row["output_8"]
    assert row["output_4"] == pytest.approx(20 * math.log10(15), abs=0.4)


def test_a_bit_is_worth_six_decibels():
    """While steps are small: doubling the scale multiplies the power of the error by 4."""
    y = np.random.default_rng(0).normal(size=200_000)
    levels = [Levels(8, "uint8", 0.04 * 2**k, 128) for k in (0, 1, 2)]
    ratios = [ratio(y, each.decode(each.encode(y), np.float64)) for each in levels]
    assert np.diff(ratios) == pytest.approx([-20 * math.log10(2)] * 2, abs=0.1)


def test_scale_does_not_matter():
    x = np.random.default_rng(1).normal(size=10_000)
    (one,) = sqnr(sp.LeakyReLU(0.1), x=x)
    (other,) = sqnr(sp.LeakyReLU(0.1), x=x * 1024)
    assert {k: v for k, v in one.items() if k != "activation"} == {k: v for k, v in other.items() if k != "activation"}


def test_representable_values_have_no_noise():
    (row,) = sqnr("relu", bits=8, x=np.arange(256) / 16.0)
    assert row["look_up_8"] == row["output_8"] == math.inf
    assert ratio(np.zeros(3), np.ones(3)) == -math.inf


def test_arguments():
    table = sqnr(["tanh", sp.Custom(np.cos, name="cosine")], bits=4)
    assert list(table.columns) == ["activation", "output_4", "look_up_4"]
    assert table.column("activation")[1] == "cosine"
    for wrong in ([], [np.nan]):
        with pytest.raises(ValueError, match="x is empty or contains NaN"):
            sqnr("relu", x=wrong)
    with pytest.raises(ValueError, match="bits is 5"):
        sqnr("relu", bits=5)


def test_outliers_cost_unbounded_functions():
    """Rounding the results only: a range up to 20 instead of 4 makes the levels of relu 5 times as coarse."""
    plain, outlier = sqnr(["relu", "tanh", "hard_gelu"]), sqnr(["relu", "tanh", "hard_gelu"], x_range=(-4, 20))
    lost = {name: plain[name]["output_8"] - outlier[name]["output_8"] for name in plain.column("activation")}
    assert lost["relu"] == pytest.approx(20 * math.log10(5), abs=1.5)
    assert abs(lost["tanh"]) < 0.1
    assert abs(lost["hard_gelu"]) < 0.1
    look_up = plain["tanh"]["look_up_8"] - outlier["tanh"]["look_up_8"]  # the codes of the inputs are coarse for all
    assert look_up == pytest.approx(20 * math.log10(24 / 8), abs=1.0)


def test_the_table_of_the_page_is_up_to_date():
    spec = importlib.util.spec_from_file_location("quantization_tool", ROOT / "tools" / "quantization.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    page = tool.PAGE.read_text(encoding="utf-8")
    names = [line.split()[1] for line in page.splitlines() if line.startswith("| ") and "|---" not in line]
    assert set(sp.activations()) <= set(names)
    for name in ("gelu", "sigmoid", "selu"):
        assert tool.row(sp.activation(name)) in page


# ---- networks ----


def samples(n, columns, seed=0):
    return np.random.default_rng(seed).normal(size=(n, columns)).astype(np.float32)


def through_codes(act, z, bits):
    """By the definition: levels from the range of z, then f of the level, then the level of f."""
    q = sp.quantize(act, bits, x=z)
    return q.dequantize(q(q.quantize(z)), z.dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("bits", [8, 4])
def test_dense_layers_on_codes(bits, dtype):
    X = samples(700, 5).astype(dtype)
    network = nn.Network([nn.Dense(5, 7, "gelu", rng=0), nn.Dense(7, 2, rng=1)]).astype(dtype)
    z = X @ network.layers[0].weights + network.layers[0].bias
    expected = through_codes(sp.GELU(), z, bits) @ network.layers[1].weights + network.layers[1].bias
    found = network.quantized(X, bits=bits).forward(X)
    assert found.dtype == dtype
    # A product may be rounded differently in another block, which can move single codes.
    assert np.mean(np.abs(found - expected) > 1e-5) < 0.01
    assert network.layers[0].activation == sp.GELU()


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [nn.Dense(6, 8, "mish", rng=0)],
        lambda: [nn.Conv2D((1, 2, 3), 4, 2, "relu", rng=0)],
        lambda: [nn.BatchNorm(6, "tanh")],
        lambda: [nn.ActivationLayer(sp.LeakyReLU(0.3), ("negative_slope",), n_units=6)],
        lambda: [nn.SpatialDense(6, 8, rng=0)],
        lambda: [nn.Recurrent(2, 4, rng=0)],
    ],
)
def test_every_layer_with_an_activation_runs_on_codes(layers):
    network = nn.Network(layers())
    X = samples(300, 6) if type(network.layers[0]) is not nn.Recurrent else samples(300, 6).reshape(300, 3, 2)
    exact = network.forward(X, count=False)
    eight, four = (ratio(exact, network.quantized(X, bits=bits).forward(X)) for bits in (8, 4))
    assert 20 < eight < 70
    assert 3 < four < eight - 12
    assert (network.forward(X, count=False) == exact).all()


def test_maps_on_codes_count_hits():
    network = nn.Network([nn.SpatialDense(3, 4, rng=0)])
    X = samples(50, 3)
    twin = network.quantized(X)
    assert not network.layers[0].maps.hit_counts.any()
    assert not twin.layers[0].maps.hit_counts.any()
    twin.forward(X)
    network.forward(X)
    assert (twin.layers[0].maps.hit_counts == network.layers[0].maps.hit_counts).all()


def test_parameters_per_channel_stay():
    network = nn.Network([nn.ActivationLayer(sp.LeakyReLU(0.3), ("negative_slope",), per="channel", n_units=4)])
    X = samples(20, 4)
    assert (network.quantized(X).forward(X) == network.forward(X)).all()


def test_networks_on_codes_cannot_be_trained():
    network = nn.Network([nn.Dense(3, 2, "tanh", rng=0)]).quantized(samples(10, 3))
    network.forward(samples(10, 3), training=True)
    with pytest.raises(TypeError, match="without a derivative"):
        network.backward(np.ones((10, 2), np.float32))


def test_table_of_a_network():
    X = samples(400, 4)
    labels = (X[:, 0] > 0).astype(int)
    network = nn.Network(
        [nn.Dense(4, 16, "swish", rng=0), nn.SpatialDense(16, 8, rng=2), nn.Dense(8, 2, rng=1), nn.Softmax()]
    )
    network.fit(X, labels, epochs=15, rng=0, learning_rate=0.01, progress=False)
    table = quantization(network, X, y=labels)
    assert table.column("part") == ["0 Dense", "1 SpatialDense", "network"]
    assert table["0 Dense"]["activation"] == "swish"
    twin = network.quantized(X, bits=4)
    whole = table["network"]
    assert whole["sqnr_4"] == ratio(network.forward(X), twin.forward(X))
    assert whole["same_class_4"] == np.mean(network.classify(X) == twin.classify(X))
    assert whole["accuracy"] == np.mean(network.classify(X) == labels)
    assert whole["accuracy_4"] == np.mean(twin.classify(X) == labels)
    first = network.layers[0].forward(X)
    assert table["0 Dense"]["sqnr_4"] == ratio(first, twin.layers[0].forward(X))
    assert table["0 Dense"]["sqnr_8"] > table["0 Dense"]["sqnr_4"] + 15
    with pytest.raises(ValueError, match="y has shape"):
        quantization(network, X, y=labels[:5])
    single = nn.Network([nn.Dense(4, 1, "tanh", rng=0)])
    assert "same_class_8" not in quantization(single, X).columns
    with pytest.raises(ValueError, match="no classes"):
        quantization(single, X, y=labels)


@pytest.mark.parametrize("method", ["minmax", "mse"])
def test_layers_that_share_the_hash_of_the_network(method):
    """The hashes are those of the network's input in every layer, not those of the layer's own."""
    X = samples(300, 4)
    X[:, 3] = np.arange(300) % 64
    layers = [
        nn.SpatialDense(4, 6, pattern_hash="network", rng=0),
        nn.SpatialDense(6, 3, pattern_hash="network", rng=1),
    ]
    network = nn.Network(layers, pattern_hash=sp.CategoryHash(4, columns=[3]))
    table = quantization(network, X, bits=8)
    assert not any(layer.maps.hit_counts.any() for layer in layers)
    assert table.column("part") == ["0 SpatialDense", "1 SpatialDense", "network"]
    hashes = network.pattern_hash(X)[:, np.newaxis]
    found, x = [], X
    for layer in layers:
        z = x @ layer.weights + layer.bias
        levels = sp.quantize(layer.maps, x=z)
        exact = layer.maps(z, hashes, count=False)
        found.append(ratio(exact, levels.dequantize(levels(levels.quantize(z), hashes))))
        x = exact
    assert table.column("sqnr_8")[:2] == pytest.approx(found, abs=0.05)  # a product may move single codes
    twin = network.quantized(X, method=method)
    assert 25 < ratio(network.forward(X, count=False), twin.forward(X)) < 70
    assert (twin.layers[1].maps.hit_counts.sum(axis=0) == twin.layers[0].maps.hit_counts.sum(axis=0) // 2).all()


def test_passes_by_layers_give_what_forward_gives():
    X = samples(40, 18)
    network = nn.Network([nn.Conv2D((2, 3, 3), 4, 2, "relu", rng=0), nn.Dense(16, 3, "tanh", rng=1), nn.Softmax()])
    seen = []

    def run(position, rows):
        seen.append(rows.shape)
        return network.layers[position].forward(rows)

    assert (network.pass_layers(X.reshape(40, 2, 3, 3), run) == network.forward(X)).all()
    assert seen == [(40, 2, 3, 3), (40, 16), (40, 3)]
    with pytest.raises(ValueError, match="x has shape"):
        network.pass_layers(np.ones(3), run)
