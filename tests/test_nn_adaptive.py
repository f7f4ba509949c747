"""Activations whose parameters are trained, and training towards real numbers."""

import json

import numpy as np
import pytest

import spatium as sp
from spatium.nn import ActivationLayer, Dense, Network, Softmax


def waves(seed, n=600):
    """The task of the adaptive activation: learn sin x0 + cos x1."""
    x = np.random.default_rng(seed).normal(size=(n, 2)).astype(np.float32)
    return x, np.sin(x[:, 0]) + np.cos(x[:, 1])


@pytest.mark.parametrize("per", ["layer", "channel"])
def test_gradients_are_those_of_finite_differences(per):
    rng = np.random.default_rng(0)
    layer = ActivationLayer(sp.ScaledSwish(0.8, 1.3), ("alpha", "beta"), per, n_units=4)
    x, grad = rng.normal(size=(50, 4)).astype(np.float32), rng.normal(size=(50, 4)).astype(np.float32)
    layer.forward(x, training=True)
    grad_x = layer.backward(grad)
    np.testing.assert_array_equal(grad_x, sp.ScaledSwish(np.float32(0.8), np.float32(1.3)).backward(grad, x))
    for name, array in layer.parameters.items():
        assert array.shape == layer.gradients[name].shape == ((1,) if per == "layer" else (4,))
        for j in range(array.size):
            ends = []
            for step in (1e-3, -1e-3):
                values = {n: a.astype(np.float64) for n, a in layer.parameters.items()}
                values[name][j] += step
                ends.append((grad.astype(np.float64) * sp.scaled_swish(x.astype(np.float64), **values)).sum())
            assert layer.gradients[name][j] == pytest.approx((ends[0] - ends[1]) / 2e-3, rel=1e-4)


def test_the_adaptive_activation_learns_its_task():
    x, y = waves(0)
    adaptive = ActivationLayer(sp.ScaledSwish(0.2, 1.0), ("alpha", "beta"), per="channel")
    network = Network([Dense(2, 32, rng=0), adaptive, Dense(32, 1, rng=1)])
    before = {name: array.copy() for name, array in adaptive.parameters.items()}
    records = network.fit(x, y, epochs=60, learning_rate=0.02, rng=0, validation=waves(1))
    assert set(records[0]) == {"epoch", "loss", "validation_loss"}
    assert records[-1]["validation_loss"] < 0.02 < 0.3 < records[0]["loss"]
    for name, array in adaptive.parameters.items():
        assert np.count_nonzero(np.abs(array - before[name]) > 0.05) > 16, name


def test_only_the_trainable_parameters_move():
    adaptive = ActivationLayer(sp.ScaledSwish(0.5, 1.0), ("beta",))
    network = Network([Dense(2, 8, rng=0), adaptive, Dense(8, 1, rng=1)])
    network.fit(*waves(0, 100), epochs=3, learning_rate=0.05, rng=0)
    assert list(adaptive.parameters) == ["beta"]
    assert adaptive.parameters["beta"].shape == (1,)
    assert adaptive.parameters["beta"][0] != 1.0


def test_prelu_per_channel_in_a_classifier():
    rng = np.random.default_rng(3)
    x = rng.normal(size=(300, 3)).astype(np.float32)
    y = (np.abs(x[:, 0]) > 0.7).astype(int)
    prelu = ActivationLayer(sp.LeakyReLU(0.25), "negative_slope", per="channel")
    network = Network([Dense(3, 16, rng=0), prelu, Dense(16, 2, rng=1), Softmax()])
    records = network.fit(x, y, epochs=40, learning_rate=0.02, rng=0)
    assert records[-1]["accuracy"] > 0.95
    assert np.ptp(prelu.parameters["negative_slope"]) > 0.1
    np.testing.assert_array_equal(
        prelu.forward(x @ rng.normal(size=(3, 16)).astype(np.float32)).shape, (300, prelu.n_outputs)
    )


@pytest.mark.parametrize(
    ("act", "name", "least"),
    [(sp.Softplus(0.01), "beta", 1e-3), (sp.ELU(0.0), "alpha", 0.0), (sp.CELU(0.002), "alpha", 1e-3)],
)
def test_parameters_stay_in_their_domain(act, name, least):
    layer = ActivationLayer(act, (name,), n_units=3)
    layer.parameters[name] -= 5
    layer.keep_in_domain()
    assert layer.parameters[name][0] == np.float32(least)


def test_the_ends_of_hard_tanh_stay_in_order():
    layer = ActivationLayer(sp.HardTanh(), ("min_val", "max_val"), n_units=2)
    layer.parameters["min_val"][:] = 3
    layer.keep_in_domain()
    assert layer.parameters["min_val"][0] == layer.parameters["max_val"][0] == 1
    one = ActivationLayer(sp.HardTanh(), ("max_val",), n_units=2)
    one.parameters["max_val"][:] = -3
    one.keep_in_domain()
    assert one.parameters["max_val"][0] == -1


@pytest.mark.parametrize("per", ["layer", "channel"])
@pytest.mark.parametrize("trainable", [(), ("alpha",)])
def test_stored_and_read_again(tmp_path, per, trainable):
    network = Network([Dense(2, 5, rng=0), ActivationLayer(sp.ScaledSwish(0.4), trainable, per), Dense(5, 1, rng=1)])
    network.fit(*waves(0, 50), epochs=2, rng=0)
    network.save(tmp_path / "network.npz")
    again = Network.load(tmp_path / "network.npz")
    x = waves(2, 20)[0]
    np.testing.assert_array_equal(again.forward(x), network.forward(x))
    assert repr(again) == repr(network)


@pytest.mark.parametrize(
    "change",
    [
        {"trainable": ["gamma"]},
        {"per": "row"},
        {"n_units": 10**12},
        {"n_units": "5"},
        {"n_units": None},
    ],
)
def test_tampered_files_are_refused(tmp_path, change):
    path = tmp_path / "network.npz"
    layer = ActivationLayer(sp.ScaledSwish(0.4), ("alpha",), "channel")
    Network([Dense(2, 5, rng=0), layer]).save(path)
    with np.load(path) as file:
        arrays = dict(file)
    layers = json.loads(str(arrays["layers"]))
    layers[1]["config"].update(change)
    arrays["layers"] = np.array(json.dumps(layers))
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=r"layer 1|holds '1\.alpha'"):
        Network.load(path)


def test_custom_activations_have_nothing_to_train():
    square = sp.Custom(np.square, lambda x: 2 * x, name="square")
    layer = ActivationLayer(square)
    np.testing.assert_array_equal(layer.forward([[2.0, -3.0]], training=True), [[4.0, 9.0]])
    np.testing.assert_array_equal(layer.backward([[1.0, 1.0]]), [[4.0, -6.0]])
    assert layer.parameters == {}


def test_bad_input():
    with pytest.raises(ValueError, match="trainable has 'gamma', the parameters of scaled_swish are: alpha, beta"):
        ActivationLayer(sp.ScaledSwish(), ("gamma",))
    with pytest.raises(ValueError, match="per is 'row'"):
        ActivationLayer(sp.ELU(), ("alpha",), per="row")
    with pytest.raises(TypeError, match=r"activation is 3\.0, expected an activation or the name of one"):
        ActivationLayer(3.0)
    with pytest.raises(ValueError, match="expects"):
        ActivationLayer("elu", n_units=3).forward(np.ones((2, 4)))
    with pytest.raises(RuntimeError, match="needs forward"):
        ActivationLayer("elu").backward(np.ones((2, 4)))
    network = Network([Dense(2, 3, rng=0)])
    x = np.ones((4, 2))
    with pytest.raises(ValueError, match=r"y has shape \(4,\), expected \(4, 3\)"):
        network.fit(x, np.ones(4))
    with pytest.raises(ValueError, match="y is not finite"):
        network.fit(x, np.full((4, 3), np.nan))
    with pytest.raises(ValueError, match="nothing to train"):
        Network([Softmax()]).fit(x, np.ones(4, int))


@pytest.mark.parametrize(
    ("activation", "name", "rounded"),
    [
        (sp.Softplus(1e-50), "beta", "0.0"),
        (sp.Swish(-1e-50), "beta", "-0.0"),
        (sp.ScaledSwish(1e39), "alpha", "inf"),
        (sp.ScaledTanh(slope=-1e300), "slope", "-inf"),
    ],
)
def test_a_beginning_that_float32_cannot_hold(activation, name, rounded):
    with np.errstate(all="raise"):
        ActivationLayer(activation)  # not trained: float64
        with pytest.raises(ValueError, match=f"trainable has '{name}', which is .*e.*trained, {rounded}$"):
            ActivationLayer(activation, (name,), per="channel")


def test_infinite_bounds_are_trained():
    layer = ActivationLayer(sp.HardTanh(-np.inf, 1e300), ("min_val",))
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(layer.forward([[-2.0, 3.0]], training=True), np.float32([[-2.0, 3.0]]))
        layer.keep_in_domain()
    assert layer.parameters["min_val"] == -np.inf
