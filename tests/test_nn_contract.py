"""The contract of layers and networks: shapes, dtypes, buffers, attributes, losses, files, copies, tables."""

import json

import numpy as np
import pytest

import spatium as sp
from spatium import nn
from spatium.nn import ActivationLayer, Dense, Layer, Network, Softmax, SpatialDense, check_gradients
from spatium.nn.losses import LOSSES
from spatium.nn.training import mini_batches


def normal(*shape, seed=0, dtype=np.float32):
    return np.random.default_rng(seed).normal(size=shape).astype(dtype)


class Windows(Layer):
    """A layer of rank: the sum and the product of neighboring steps of a sequence, which has any number of steps."""

    def __init__(self, n_columns):
        super().__init__((None, n_columns), (None, n_columns))
        self.buffers = {"passes": np.zeros(1)}

    def _shape_after(self, shape):
        return (shape[0] - 1, shape[1])

    def _forward(self, x, count):
        self._kept = x
        self.buffers["passes"] += 1
        return x[:, :-1] * x[:, 1:]

    def _infer(self, x, out, run):
        np.multiply(x[:, :-1], x[:, 1:], out=out)
        return out

    def _backward(self, grad):
        x = self._kept
        back = np.zeros_like(x)
        back[:, :-1] += grad * x[:, 1:]
        back[:, 1:] += grad * x[:, :-1]
        return back

    def to_config(self):
        return {"n_columns": self.input_shape[1]}


# ---- shapes ----


def test_a_layer_of_rank_takes_its_rank_and_flat_rows():
    layer = Windows(3)
    x = normal(5, 4, 3)
    y = layer.forward(x)
    np.testing.assert_array_equal(y, x[:, :-1] * x[:, 1:])
    flat = layer.forward(x.reshape(5, 12))
    assert flat.shape == (5, 9)
    np.testing.assert_array_equal(flat, y.reshape(5, 9))
    assert layer.forward(x[:0]).shape == (0, 3, 3)
    for training in (False, True):
        for wrong in (normal(5, 4, 2), normal(5, 11), normal(4), normal(5, 1, 4, 3)):
            with pytest.raises(ValueError, match=r"x has shape .*, Windows expects \(samples, any number, 3\)"):
                layer.forward(wrong, training=training)
    assert layer.n_inputs is None
    assert layer.n_outputs is None


@pytest.mark.parametrize("given", [(5, 4, 3), (5, 12)])
def test_the_gradient_has_the_rank_that_was_given(given):
    layer, x = Windows(3), normal(5, 4, 3)
    y = layer.forward(x.reshape(given), training=True)
    grad = normal(5, 3, 3, seed=1)
    expected = np.zeros_like(x)
    expected[:, :-1] += grad * x[:, 1:]
    expected[:, 1:] += grad * x[:, :-1]
    for same in (grad.reshape(y.shape), grad, grad.reshape(5, 9)):
        back = layer.backward(same)
        assert back.shape == given
        np.testing.assert_array_equal(back, expected.reshape(given))
    with pytest.raises(ValueError, match=r"grad has shape \(5, 8\), the output has"):
        layer.backward(normal(5, 8))


@pytest.mark.parametrize("rows", [1, 7, 1500])
def test_a_network_flattens_between_layers(rows):
    network = Network([Windows(3), Dense(9, 4, "relu", rng=0), Softmax()])
    x = normal(rows, 4, 3)
    hidden = (x[:, :-1] * x[:, 1:]).reshape(rows, 9)
    expected = network.layers[2].forward(network.layers[1].forward(hidden))
    for given in (x, x.reshape(rows, 12)):
        for y in (network.forward(given), network.predict(given), network.forward(given, training=True)):
            np.testing.assert_allclose(y, expected, rtol=2e-6)
        assert network.backward(normal(rows, 4)).shape == given.shape
    assert network.predict(x[:0]).shape == (0, 4)


def test_flat_rows_in_flat_rows_out():
    network = Network([Windows(3), ActivationLayer("tanh"), Windows(3)])
    x = normal(600, 6, 3)
    y = network.predict(x)
    assert y.shape == (600, 4, 3)
    flat = network.predict(x.reshape(600, 18))
    assert flat.shape == (600, 12)
    np.testing.assert_array_equal(flat, y.reshape(600, 12))
    spread_out = np.empty((600, 24), np.float32)[:, ::2]
    np.testing.assert_array_equal(network.predict(x.reshape(600, 18), out=spread_out), flat)
    assert network.predict(normal(4, 7, 3)).shape == (4, 5, 3)  # sequences of another length
    with pytest.raises(ValueError, match=r"x has shape \(4, 7, 2\), expected \(samples, any number, 3\)"):
        network.predict(normal(4, 7, 2))
    with pytest.raises(ValueError, match=r"out has shape \(600, 12\), expected \(600, 4, 3\)"):
        network.predict(x, out=np.empty((600, 12), np.float32))


def test_layers_that_do_not_fit():
    with pytest.raises(ValueError, match=r"layers\[1\] takes 5 columns, the layers before it give 4"):
        Network([Dense(3, 4, rng=0), Dense(5, 2, rng=0)])
    with pytest.raises(ValueError, match=r"layers\[1\] takes samples of shape \(None, 3\), the layers before it give"):
        Network([Dense(3, 4, rng=0), Windows(3)])
    Network([Dense(3, 6, rng=0), Windows(3), Dense(3, 2, rng=0)])
    with pytest.raises(ValueError, match=r"layer 1 gets \(samples, 3, 3\), expected \(samples, 12\)"):
        Network([Windows(3), Dense(12, 2, rng=0)]).predict(normal(2, 4, 3))
    layer = Dense(2, 2, rng=0)
    with pytest.raises(ValueError, match=r"layers\[1\] is the same object as layers\[0\]"):
        Network([layer, layer])
    with pytest.raises(ValueError, match=r"layers\[1\] has dtype float64, layers\[0\] has float32"):
        Network([Dense(2, 2, rng=0), Dense(2, 2, rng=0).astype(np.float64)])


def test_activation_layers_of_any_rank():
    """Channels are the first axis of images, and the last of sequences and of flat rows."""
    slopes = np.float32([0.1, 0.2, 0.3])
    for shape, broadcast in [((3,), (3,)), ((7, 3), (3,)), ((3, 4, 5), (3, 1, 1))]:
        layer = ActivationLayer(sp.LeakyReLU(0.5), ("negative_slope",), per="channel")
        Network([Softmax(), layer]).forward(normal(2, *shape))
        layer.negative_slope = slopes
        x = normal(6, *shape)
        y = layer.forward(x, training=True)
        np.testing.assert_array_equal(y, sp.leaky_relu(x, slopes.reshape(broadcast)))
        layer.backward(np.ones_like(y))
        axes = tuple(i for i in range(x.ndim) if i != (1 if len(shape) > 2 else x.ndim - 1))
        np.testing.assert_allclose(
            layer.gradients["negative_slope"], np.minimum(x, 0).sum(axes, dtype=np.float64), rtol=1e-6
        )
    assert ActivationLayer("relu").forward(normal(2, 3, 4, 5)).shape == (2, 3, 4, 5)


def test_softmax_of_sequences_is_along_the_last_axis():
    x = normal(4, 5, 3)
    np.testing.assert_array_equal(Softmax().forward(x), sp.softmax(x, axis=-1))


# ---- attributes ----


def test_arrays_are_attributes():
    layer = Dense(3, 2, rng=0)
    assert layer.weights is layer.parameters["weights"]
    weights = layer.weights
    layer.weights = np.ones((3, 2))
    assert layer.parameters["weights"] is weights  # the optimizer keeps the array
    assert (weights == 1).all()
    with pytest.raises(ValueError, match=r"weights has shape \(2, 3\), expected \(3, 2\)"):
        layer.weights = np.ones((2, 3))
    with pytest.raises(TypeError, match="weights has dtype complex128"):
        layer.weights = np.ones((3, 2)) * 1j
    with pytest.raises(AttributeError, match="'Dense' object has no attribute 'weight'"):
        _ = layer.weight
    assert Windows(2).passes == 0


@pytest.mark.parametrize(
    ("init", "deviation"),
    [("he", np.sqrt(2 / 400)), ("lecun", np.sqrt(1 / 400)), ("gain", 1.5335 / 20), (0.02, 0.02), (0, 0.0)],
)
@pytest.mark.parametrize("kind", ["dense", "spatial"])
def test_initial_weights(init, deviation, kind):
    if kind == "dense":
        layer = Dense(400, 300, "gelu", rng=0, init=init)
    else:
        maps = sp.ActivationMap.uniform(sp.GELU(), shape=(300,))
        layer = SpatialDense(400, 300, maps=maps, rng=0, init=init)
    assert layer.weights.std() == pytest.approx(deviation, rel=0.01)
    assert layer.weights.dtype == np.float32


@pytest.mark.parametrize("init", ["xavier", -1.0, np.nan, np.inf, True, None, [1.0]])
def test_initial_weights_that_cannot_be(init):
    with pytest.raises(ValueError, match=r"init is .*, expected 'he', 'gain', 'lecun', or a finite"):
        Dense(2, 2, init=init)


# ---- dtype, copies ----


def networks():
    return Network(
        [SpatialDense(6, 8, rng=0), ActivationLayer(sp.Swish(1.5), ("beta",)), Dense(8, 5, "gelu", rng=1), Softmax()],
        classes=list("abcde"),
        metadata="from a test",
    )


def test_float64_throughout():
    single = networks()
    double = single.astype(np.float64)
    x = normal(700, 6, dtype=np.float64)
    y = double.predict(x)
    assert y.dtype == double.forward(x, training=True).dtype == double.dtype == np.float64
    assert double.backward(np.ones_like(y)).dtype == np.float64
    for layer in double.layers:
        assert all(array.dtype == np.float64 for array in layer.parameters.values())
        assert all(array.dtype == np.float64 for array in layer.gradients.values())
    np.testing.assert_allclose(single.predict(x), y, rtol=2e-4, atol=1e-6)
    assert double.astype(np.float32).layers[0].weights.tobytes() == single.layers[0].weights.tobytes()
    with pytest.raises(TypeError, match="dtype is float16, expected float32 or float64"):
        single.astype(np.float16)
    with pytest.raises(TypeError, match="out is float32, expected a writable float64 array"):
        double.predict(x, out=np.empty((700, 5), np.float32))


def test_copies_share_nothing():
    network = networks()
    x = normal(9, 6)
    network.fit(x, np.arange(9) % 5, epochs=1, rng=0, progress=False)
    expected = network.predict(x)
    twin = network.clone()
    assert twin.layers[0].maps.hit_counts.sum() == 0
    assert network.layers[0].maps.hit_counts.sum() == 9 * 8
    assert (twin.classes, twin.metadata) == (network.classes, network.metadata)
    assert twin.predict(x).tobytes() == expected.tobytes()
    twin.fit(x, np.arange(9) % 5, epochs=2, rng=1, progress=False)
    twin.layers[0].maps[:] = sp.ReLU()
    assert network.predict(x).tobytes() == expected.tobytes()
    assert twin.predict(x).tobytes() != expected.tobytes()


# ---- losses ----


def numerical(loss, outputs, wanted, weights):
    grad = np.empty_like(outputs)
    for index in np.ndindex(outputs.shape):
        moved = [outputs.copy(), outputs.copy()]
        moved[0][index] += 1e-6
        moved[1][index] -= 1e-6
        grad[index] = (loss(moved[0], wanted, weights).loss - loss(moved[1], wanted, weights).loss) / 2e-6
    return grad


@pytest.mark.parametrize("weights", [None, np.array([1.0, 0.0, 2.5, 0.5])])
@pytest.mark.parametrize("name", LOSSES)
def test_gradients_of_the_losses(name, weights):
    outputs = normal(4, 3, dtype=np.float64)
    wanted = np.array([0, 2, 1, 1]) if name == "cross_entropy" else normal(4, 3, seed=1, dtype=np.float64)
    if name == "bce":
        wanted = 1 / (1 + np.exp(wanted))
    found = LOSSES[name](outputs.copy(), wanted, weights)
    np.testing.assert_allclose(found.grad, numerical(LOSSES[name], outputs, wanted, weights), rtol=1e-7, atol=1e-9)


def test_binary_cross_entropy_is_computed_from_the_logits():
    logits = np.float32([[1e4], [-1e4], [30.0], [0.0]])
    loss, correct, grad = LOSSES["bce"](logits, np.float32([[0], [1], [1], [1]]), None)
    assert loss == pytest.approx(2e4 + np.log1p(np.exp(-30.0)) + np.log(2), rel=1e-12)
    assert correct == 1
    np.testing.assert_array_equal(grad, sp.sigmoid(logits) - np.float32([[0], [1], [1], [1]]))


def test_the_loss_follows_from_the_last_layer():
    x = normal(40, 3)
    two = (x[:, 0] > 0).astype(int)
    for last, y, has_accuracy in [
        ([Dense(4, 2, rng=1), Softmax()], two, True),
        ([Dense(4, 1, rng=1), ActivationLayer("sigmoid")], two, True),
        ([Dense(4, 1, rng=1), ActivationLayer("sigmoid")], two * 0.5, False),
        ([Dense(4, 1, rng=1)], two, False),
    ]:
        network = Network([Dense(3, 4, "tanh", rng=0), *last])
        records = network.fit(x, y, epochs=200, learning_rate=0.02, rng=0, progress=False)
        assert ("accuracy" in records[-1]) == has_accuracy
        assert records[-1]["loss"] < 0.5 * records[0]["loss"]
        if network.has_classes and has_accuracy:
            assert (network.classify(x) == two).mean() > 0.9
        else:
            assert (network.predict(x)[:, -1] > y.mean()).astype(int).tolist() == two.tolist()
    with pytest.raises(ValueError, match="the network has one output, which is not a probability: use predict"):
        network.classify(x)


def test_outputs_without_a_last_softmax_are_logits():
    x, y = normal(30, 3), np.arange(30) % 3
    with_softmax = Network([Dense(3, 3, rng=0), Softmax()])
    without = Network([Dense(3, 3, rng=0)])
    records = [net.fit(x, y, loss="cross_entropy", epochs=3, rng=0, progress=False) for net in (with_softmax, without)]
    assert records[0] == records[1]
    assert without.layers[0].weights.tobytes() == with_softmax.layers[0].weights.tobytes()


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"loss": "hinge"}, ValueError, "loss is 'hinge', expected 'auto', 'mse', 'cross_entropy', 'bce'"),
        ({"loss": "bce", "y": np.full((8, 2), 2.0)}, ValueError, r"y runs from 2.0 to 2.0, expected 0 to 1"),
        ({"schedule": "step"}, ValueError, "schedule is 'step', expected 'cosine' or 'constant'"),
        ({"weight_decay": -1.0}, ValueError, "weight_decay is -1.0, expected a finite number of at least 0"),
        ({"early_stopping": 3}, ValueError, "early_stopping needs validation"),
        ({"early_stopping": 0}, ValueError, "early_stopping is 0, expected an integer of at least 1"),
        ({"sample_weight": np.ones(7)}, ValueError, r"sample_weight has shape \(7,\), expected \(8,\)"),
        ({"sample_weight": -np.ones(8)}, ValueError, "sample_weight contains negative or infinite weights, or only"),
        ({"sample_weight": np.zeros(8)}, ValueError, "sample_weight contains negative or infinite weights, or only"),
        ({"progress": 3}, TypeError, "progress is 3, expected a function, True, False or None"),
        ({"y": np.array(["a", "b", "c", "a"] * 2)}, ValueError, "classes has 3 different names of 3, expected 2"),
        ({"learning_rate": 0.0}, ValueError, "learning_rate is 0.0, expected a finite number above 0"),
    ],
)
def test_bad_arguments_of_fit(arguments, error, message):
    network = Network([Dense(3, 2, rng=0), Softmax()])
    y = arguments.pop("y", np.arange(8) % 2)
    with pytest.raises(error, match=message):
        network.fit(normal(8, 3), y, epochs=1, **arguments)


def test_sample_weights_are_repeated_rows():
    x, y = normal(12, 3), np.arange(12) % 3
    weights = np.arange(12) % 4
    networks = [Network([Dense(3, 3, rng=0), Softmax()]) for _ in range(2)]
    records = [
        networks[0].fit(x, y, sample_weight=weights, epochs=5, batch_size=12, rng=0, progress=False),
        networks[1].fit(x.repeat(weights, 0), y.repeat(weights), epochs=5, batch_size=18, rng=0, progress=False),
    ]
    assert records[0][-1]["loss"] == pytest.approx(records[1][-1]["loss"], rel=1e-5)
    np.testing.assert_allclose(networks[0].layers[0].weights, networks[1].layers[0].weights, rtol=1e-4, atol=1e-5)


def test_weight_decay_shrinks_weights_and_no_bias():
    x = np.zeros((4, 3), np.float32)
    network = Network([Dense(3, 2, rng=0)])
    network.layers[0].bias = [0.5, -0.5]
    before = network.layers[0].weights.copy()
    network.fit(x, np.tile(np.float32([0.5, -0.5]), (4, 1)), epochs=1, schedule="constant", learning_rate=0.1,
                weight_decay=0.2, progress=False)  # fmt: skip
    np.testing.assert_allclose(network.layers[0].weights, before * np.float32(0.98), rtol=1e-6)
    np.testing.assert_array_equal(network.layers[0].bias, np.float32([0.5, -0.5]))


def test_constant_and_cosine_schedule():
    """With one feature of 1 and a distant target, every step of Adam has the length of the rate."""
    moves = {}
    for schedule in ("constant", "cosine"):
        network = Network([Dense(1, 1, rng=0, init=0.0)])
        network.fit(np.ones((1, 1)), [1e6], epochs=4, schedule=schedule, learning_rate=0.5, progress=False)
        moves[schedule] = float(network.layers[0].bias[0])
    assert moves["constant"] == pytest.approx(2.0, rel=1e-4)
    expected = sum(0.25 * (1 + np.cos(np.pi * epoch / 4)) for epoch in range(4))
    assert moves["cosine"] == pytest.approx(expected, rel=1e-4)


def test_early_stopping_restores_the_best():
    x, y = normal(20, 5), normal(20, 1, seed=1)
    held_out = normal(20, 5, seed=2), normal(20, 1, seed=3)
    network = Network([Dense(5, 50, "relu", rng=0), Dense(50, 1, rng=1)])
    records = network.fit(x, y, epochs=200, learning_rate=0.01, early_stopping=5, validation=held_out, progress=False)
    assert 6 <= len(records) < 200  # nothing can be learned from noise
    losses = [record["validation_loss"] for record in records]
    assert int(np.argmin(losses)) == len(losses) - 6
    assert np.square(network.predict(held_out[0]) - held_out[1]).mean() == pytest.approx(min(losses), rel=1e-5)


@pytest.mark.parametrize(
    ("n", "size", "lengths"),
    [(130, 64, [64, 64, 2]), (129, 64, [64, 65]), (65, 64, [65]), (64, 64, [64]), (1, 64, [1]), (3, 1, [1] * 3),
     (3, 2, [3]), (5, 2, [2, 3])],
)  # fmt: skip
def test_a_last_batch_of_one_row_is_joined(n, size, lengths):
    slices = list(mini_batches(n, size))
    assert [i for rows in slices for i in range(n)[rows]] == list(range(n))
    assert [rows.stop - rows.start for rows in slices] == lengths


def test_validation_moves_nothing():
    windows = Windows(3)
    network = Network([windows, SpatialDense(9, 4, rng=0), Dense(4, 1, rng=1)])
    x, y = normal(10, 4, 3), normal(10)
    plain = network.clone()
    first = network.fit(x, y, epochs=3, rng=0, progress=False)
    second = plain.fit(x, y, epochs=3, rng=0, validation=(x, y), progress=False)
    assert [record["loss"] for record in first] == [record["loss"] for record in second]
    assert plain.layers[0].passes == windows.passes == 3
    assert plain.layers[1].maps.hit_counts.sum() == 0
    for one, other in zip(network.layers, plain.layers, strict=True):
        assert all(one.parameters[name].tobytes() == other.parameters[name].tobytes() for name in one.parameters)


def test_progress(monkeypatch, capsys):
    network = Network([Dense(3, 1, rng=0)])
    seen = []
    network.fit(normal(8, 3), normal(8), epochs=3, progress=seen.append)
    assert [record["epoch"] for record in seen] == [1, 2, 3]
    network.fit(normal(8, 3), normal(8), epochs=3)
    assert capsys.readouterr().err == ""  # no terminal
    network.fit(normal(8, 3), normal(8), epochs=3, progress=True)
    line = capsys.readouterr().err
    assert line.endswith("\n")
    assert "epoch 3/3 [####################] loss " in line
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    network.fit(normal(8, 3), normal(8), epochs=1)
    assert "epoch 1/1" in capsys.readouterr().err
    network.fit(normal(8, 3), normal(8), epochs=1, progress=False)
    assert capsys.readouterr().err == ""


# ---- classes and metadata ----


def test_names_of_classes():
    x = np.float32([[-1.0], [1.0], [-2.0], [2.0]])
    network = Network([Dense(1, 2, rng=0), Softmax()])
    assert network.classes is None
    network.fit(x, np.array(["low", "high", "low", "high"]), epochs=100, learning_rate=0.1, rng=0, progress=False)
    assert network.classes == ("high", "low")
    assert [network.classes[i] for i in network.classify(x)] == ["low", "high", "low", "high"]
    with pytest.raises(ValueError, match="y contains 'middle', which is not one of the classes"):
        network.fit(x, ["low", "high", "low", "middle"], epochs=1)
    probability = Network([Dense(1, 1, rng=0), ActivationLayer("sigmoid")], classes=["no", "yes"])
    probability.fit(x, ["no", "yes", "no", "yes"], epochs=100, learning_rate=0.1, rng=0, progress=False)
    assert probability.classify(x).tolist() == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("classes", "error"), [(["a"], ValueError), (["a", "a"], ValueError), ("ab", TypeError), ([1, 2], TypeError)]
)
def test_classes_that_cannot_be(classes, error):
    with pytest.raises(error, match="classes"):
        Network([Dense(1, 2, rng=0)], classes=classes)
    with pytest.raises(TypeError, match="metadata is int, expected a text"):
        Network([Dense(1, 2, rng=0)], metadata=3)


# ---- files ----


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_files_keep_everything(tmp_path, dtype):
    network = networks().astype(dtype)
    network.classes, network.metadata = ["ä", "b", "c", "d", "日本"], 'any "text"\n'
    network.save(tmp_path / "network.npz")
    loaded = Network.load(tmp_path / "network.npz")
    x = normal(9, 6, dtype=dtype)
    assert loaded.predict(x).tobytes() == network.predict(x).tobytes()
    assert (loaded.dtype, loaded.classes, loaded.metadata) == (network.dtype, network.classes, network.metadata)
    assert repr(loaded) == repr(network)


def test_layers_of_the_user_in_files(tmp_path):
    path = tmp_path / "network.npz"
    network = Network([Windows(3), Dense(6, 2, sp.Custom(np.sin, np.cos, name="wave"), rng=0)])
    network.layers[0].passes = [7.0]
    network.save(path)
    with pytest.raises(ValueError, match=r"network.npz: layer 0 has kind 'Windows', .*or one in load\(path, layers="):
        Network.load(path)
    with pytest.raises(ValueError, match=r"network.npz: layer 1: contains the custom activation 'wave'"):
        Network.load(path, layers=[Windows])
    loaded = Network.load(path, custom={"wave": sp.Custom(np.sin, np.cos, name="wave")}, layers=[Windows])
    assert loaded.layers[0].passes == 7
    x = normal(4, 3, 3)
    assert loaded.predict(x).tobytes() == network.predict(x).tobytes()

    class Plain(Layer):
        n_inputs = n_outputs = 3

        def forward(self, x, training=False, count=None):
            return np.asarray(x, np.float32)

    with pytest.raises(TypeError, match="layer 0: a Plain cannot be stored: it does not override to_config"):
        Network([Plain()]).save(path)
    Network.load(path, custom={"wave": sp.GELU()}, layers=[Windows])  # the older file is whole


def test_what_json_cannot_hold_is_named(tmp_path):
    class Odd(Windows):
        def to_config(self):
            return {"n_columns": {1, 2}}

    with pytest.raises(TypeError, match=r"layer 0: \{1, 2\} cannot be stored"):
        Network([Odd(3)]).save(tmp_path / "network.npz")


def version_1(path, entries):
    """The file of a network that version 0.1 wrote."""
    layers = [
        {"kind": "SpatialDense", "n_inputs": 3, "n_units": 2},
        {"kind": "ActivationLayer", "n_units": 2, "trainable": ["negative_slope"], "per": "channel"},
        {"kind": "Dense", "n_inputs": 2, "n_units": 2, "activation": True, "save": None},
        {"kind": "Dense", "n_inputs": 2, "n_units": 2, "activation": False, "save": "bits"},
        {"kind": "Softmax"},
    ]
    np.savez(path, format="spatium-network", version=1, layers=json.dumps(layers), **entries)


def test_files_of_version_1(tmp_path):
    layer = SpatialDense(3, 2, rng=0)
    entry = [{"name": "leaky_relu", "parameters": {"negative_slope": 0.5}, "custom": False}]
    palette = [{"name": act.name, "parameters": dict(act.parameters), "custom": False} for act in layer.maps.palette]
    entries = {
        "0.weights": layer.weights, "0.bias": layer.bias, "0.cells": layer.maps.cells, "0.palette": json.dumps(palette),
        "0.planes": layer.pattern_hash.planes, "0.thresholds": layer.pattern_hash.thresholds,
        "1.negative_slope": np.float32([0.1, 0.2]), "1.palette": json.dumps(entry),
        "2.weights": np.float32([[1, 2], [3, 4]]), "2.bias": np.float32([5, 6]), "2.palette": json.dumps(entry),
        "3.weights": np.float32([[1, 0], [0, 1]]), "3.bias": np.float32([0, 0]),
    }  # fmt: skip
    path = tmp_path / "old.npz"
    version_1(path, entries)
    network = Network.load(path)
    expected = Network(
        [
            layer,
            ActivationLayer(sp.LeakyReLU(0.5), ("negative_slope",), per="channel", n_units=2),
            Dense(2, 2, sp.LeakyReLU(0.5)),
            Dense(2, 2, save="bits"),
            Softmax(),
        ]
    )
    expected.layers[1].negative_slope = [0.1, 0.2]
    expected.layers[2].weights, expected.layers[2].bias = [[1, 2], [3, 4]], [5, 6]
    expected.layers[3].weights = [[1, 0], [0, 1]]
    x = normal(8, 3)
    assert repr(network) == repr(expected)
    assert network.predict(x).tobytes() == expected.predict(x).tobytes()
    for broken in ({"2.palette": "[]"}, {"2.palette": "no json"}, {"2.palette": np.zeros(3)}):
        version_1(path, entries | broken)
        with pytest.raises(ValueError, match=r"old\.npz.*(layer 2|palette)"):
            Network.load(path)


def test_a_newer_file_is_named(tmp_path):
    np.savez(tmp_path / "new.npz", format="spatium-network", version=3)
    with pytest.raises(ValueError, match=r"the version is 3, this release reads 1 to 2: a newer release is needed"):
        Network.load(tmp_path / "new.npz")


def test_a_description_allocates_nothing(tmp_path):
    """Sizes that the arrays do not have are refused before memory is allocated for them."""
    path = tmp_path / "network.npz"
    Network([Dense(2, 2, rng=0)]).save(path)
    with np.load(path) as file:
        entries = dict(file)
    config = {"n_inputs": 2**40, "n_units": 2**20, "activation": None, "save": None}
    entries["layers"] = json.dumps([{"kind": "Dense", "config": config}])
    np.savez(path, **entries)
    with pytest.raises(ValueError, match=r"network\.npz.*layer 0: (weights has shape \(2, 2\)|.*array)"):
        Network.load(path)


# ---- tables and gradients ----


def test_summary_and_memory():
    network = Network([Windows(3), Dense(9, 4, "gelu", rng=0, save="input"), Softmax()])
    assert [tuple(row.values()) for row in network.summary()] == [
        ("Windows", "any×3", "any×3", 0),
        ("Dense", "9", "4", 40),
        ("Softmax", "4", "4", 0),
    ]
    table = network.memory(batch=10, input_shape=(4, 3))
    assert table["Windows"]["buffers"] == 8
    assert table["Windows"]["kept"] == 10 * 12 * 4
    dense = table["Dense"]
    assert dense["parameters"] == dense["gradients"] == 40 * 4
    # its input, the product, and the bias of each column
    assert dense["kept"] == 10 * 9 * 4 + 10 * 4 * 4 + 4 * 4
    assert table["all"]["kept"] == 10 * (12 + 9 + 4 + 4) * 4 + 16
    assert network.layers[0].passes == 0
    with pytest.raises(ValueError, match=r"the shape of the samples is \(None, 3\): pass input_shape"):
        network.memory()


@pytest.mark.parametrize(
    "layer",
    [
        Dense(5, 3, "mish", rng=0),
        Dense(5, 3, rng=0),
        ActivationLayer(sp.ScaledSwish(0.7, 1.3), ("alpha", "beta"), per="channel", n_units=5),
        Softmax(),
        SpatialDense(5, 3, rng=0),
        Network([Dense(5, 4, "tanh", rng=0), Dense(4, 3, "gelu", rng=1), Softmax()]),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_check_gradients(layer):
    table = check_gradients(layer, normal(6, 5, dtype=np.float64))
    assert max(table.column("relative_error")) < 1e-7
    names = [row["array"] for row in table]
    assert names[0] == "x"
    assert len(names) == 1 + sum(
        len(part.parameters) for part in (layer.layers if isinstance(layer, Network) else [layer])
    )


def test_check_gradients_finds_a_wrong_one():
    class Wrong(Windows):
        def _backward(self, grad):
            return super()._backward(grad) * 1.001

    table = check_gradients(Wrong(3), normal(2, 4, 3))
    assert 5e-4 < table["x"]["relative_error"] < 5e-3


def test_everything_public_is_in_all():
    assert {"Dense", "Layer", "Network", "check_gradients"} <= set(nn.__all__)


@pytest.mark.parametrize(
    "layer",
    [
        Dense(6, 4, "mish", rng=0),
        Dense(6, 4, rng=0),
        SpatialDense(6, 4, rng=0),
        nn.Gated(6, 4, rng=0),
        nn.Conv2D((1, 2, 3), 2, 2, "gelu", rng=0),
        nn.BatchNorm(6),
    ],
    ids=lambda layer: type(layer).__name__,
)
def test_gradients_of_the_parameters_alone(layer):
    x = normal(5, 6)
    grad = normal(5, layer.forward(x, training=True).shape[1], seed=1)
    layer.backward(grad)
    expected = layer.gradients
    layer.gradients = {}
    assert layer.backward_parameters(grad) is None
    assert {name: array.tobytes() for name, array in layer.gradients.items()} == {
        name: array.tobytes() for name, array in expected.items()
    }
    with pytest.raises(ValueError, match="grad has shape"):
        layer.backward_parameters(grad[:, :1])


def test_fit_uses_the_backward_pass_of_a_layer_of_the_user():
    class Shift(Layer):
        def __init__(self):
            super().__init__((2,), (2,))
            self.parameters = {"shift": np.zeros(2, np.float32)}

        def forward(self, x, training=False):
            return np.asarray(x, np.float32) + self.shift

        def backward(self, grad):
            self.gradients = {"shift": grad.sum(axis=0)}
            return grad

    network = Network([Shift(), Dense(2, 1, rng=0)])
    network.fit(normal(8, 2), normal(8), epochs=3, progress=False)
    assert (network.layers[0].shift != 0).all()
