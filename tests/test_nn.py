"""Layers, networks, training and files of spatium.nn, and the packaged data."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import numpy as np
import pytest

import spatium as sp
from spatium.data import digits_model_path, load_digits
from spatium.nn import ActivationLayer, Dense, Layer, Network, Softmax, SpatialDense, _inference
from spatium.nn.optimizer import Adam

rng_of = np.random.default_rng


def normal(seed, *shape):
    return rng_of(seed).normal(size=shape).astype(np.float32)


def small_network(seed=0, n_inputs=6, n_units=12, n_classes=3):
    rng = rng_of(seed)
    hidden = SpatialDense(n_inputs, n_units, rng=rng)
    return Network([hidden, Dense(n_units, 5, "gelu", rng=rng), Dense(5, n_classes, rng=rng), Softmax()])


def blobs(seed=0, n=300):
    """Three well separated classes in six dimensions."""
    rng = rng_of(seed)
    y = rng.integers(0, 3, n)
    x = (rng.normal(size=(3, 6)) * 2)[y] + rng.normal(size=(n, 6)) * 0.3
    return x.astype(np.float32), y


# --- gradients, against central differences of the same formula in float64 ---------------------------------------


def central_difference(f, x, step=1e-6):
    gradient = np.empty_like(x)
    for index in np.ndindex(x.shape):
        kept = x[index]
        x[index] = kept + step
        above = f()
        x[index] = kept - step
        below = f()
        x[index] = kept
        gradient[index] = (above - below) / (2 * step)
    return gradient


def reference(layer, x, hashes):
    """The layer's formula on float64 arrays, written again."""
    if isinstance(layer, Softmax):
        e = np.exp(x - x.max(axis=1, keepdims=True))
        return e / e.sum(axis=1, keepdims=True)
    z = x @ layer.wide["weights"] + layer.wide["bias"]
    if isinstance(layer, Dense):
        return z if layer.activation is None else layer.activation(z)
    rows, columns = sp.cell_of(hashes)
    y = np.empty_like(z)
    for i, j in np.ndindex(z.shape):
        y[i, j] = layer.maps.palette[layer.maps.cells[j, rows[i], columns[i]]](z[i : i + 1, j])[0]
    return y


@pytest.mark.parametrize(
    "layer",
    [
        Dense(5, 4, rng=1),
        Dense(5, 4, activation="gelu", rng=1),
        Dense(5, 4, activation=sp.Sine(), rng=1),
        Dense(5, 4, activation=sp.LeakyReLU(negative_slope=0.3), rng=1),
        SpatialDense(5, 9, rng=1),
        Softmax(),
    ],
    ids=repr,
)
def test_gradients(layer):
    x = normal(2, 7, 5)
    if layer.parameters:
        layer.parameters["bias"][:] = normal(3, layer.n_outputs)
    hashes = layer.pattern_hash(x) if isinstance(layer, SpatialDense) else None
    y = layer.forward(x, training=True)
    grad = normal(4, *y.shape)
    grad_x = layer.backward(grad)
    assert y.dtype == grad_x.dtype == np.float32

    wide_x = x.astype(np.float64)
    layer.wide = {name: array.astype(np.float64) for name, array in layer.parameters.items()}

    def loss():
        return float((reference(layer, wide_x, hashes) * grad.astype(np.float64)).sum())

    np.testing.assert_allclose(y, reference(layer, wide_x, hashes), rtol=2e-6, atol=2e-6)
    np.testing.assert_allclose(grad_x, central_difference(loss, wide_x), rtol=1e-5, atol=1e-5)
    assert list(layer.gradients) == list(layer.parameters)
    for name, array in layer.wide.items():
        assert layer.gradients[name].dtype == np.float32
        np.testing.assert_allclose(layer.gradients[name], central_difference(loss, array), rtol=1e-5, atol=1e-5)


def test_network_backward_is_the_chain_of_its_layers():
    network = small_network()
    x, grad = normal(1, 8, 6), normal(2, 8, 3)
    network.forward(x, training=True)
    expected = grad
    grad_x = network.backward(grad)
    for layer in reversed(network.layers):
        expected = layer.backward(expected)
    assert np.array_equal(grad_x, expected)
    assert grad_x.shape == x.shape


def test_training_and_inference_give_the_same_bits():
    network = small_network()
    x = normal(0, 50, 6)
    assert np.array_equal(network.forward(x), network.forward(x, training=True))


def test_backward_does_not_write_into_its_gradient():
    for layer in (Dense(5, 5, rng=0), Dense(5, 5, "relu", rng=0), SpatialDense(5, 5, rng=0), Softmax()):
        layer.forward(normal(0, 3, 5), training=True)
        grad = normal(1, 3, 5)
        kept = grad.copy()
        first = layer.backward(grad)
        assert np.array_equal(grad, kept)
        assert np.array_equal(layer.backward(grad), first)


def test_linear_layer_output_may_be_overwritten():
    layer = Dense(4, 3, rng=0)
    x, grad = normal(0, 5, 4), normal(1, 5, 3)
    layer.forward(x, training=True)
    expected = layer.backward(grad)
    layer.forward(x, training=True)[:] = np.nan
    assert np.array_equal(layer.backward(grad), expected)


# --- layers ------------------------------------------------------------------------------------------------------


def test_every_neuron_applies_its_own_cell():
    layer = SpatialDense(6, 40, rng=3)
    x = normal(1, 30, 6)
    z = x @ layer.parameters["weights"] + layer.parameters["bias"]
    rows, columns = sp.cell_of(layer.pattern_hash(x))
    y = layer.forward(x)
    for i in range(30):
        for j in range(40):
            activation = layer.maps.palette[layer.maps.cells[j, rows[i], columns[i]]]
            assert y[i, j] == activation(z[i : i + 1, j])[0]


def test_hits_are_counted_in_inference_only():
    layer = SpatialDense(6, 4, rng=0)
    x = normal(0, 25, 6)
    layer.forward(x, training=True)
    layer.backward(np.ones((25, 4), np.float32))
    assert layer.maps.hit_counts.sum() == 0
    layer.forward(x)
    assert (layer.maps.hit_counts.sum(axis=(1, 2)) == 25).all()
    network = small_network()
    network.fit(*blobs(), epochs=1, rng=0, validation=blobs(1))
    assert network.layers[0].maps.hit_counts.sum() == 0


def test_he_initialisation():
    weights = Dense(400, 500, rng=0).parameters["weights"]
    assert weights.dtype == np.float32
    # 200,000 draws: the variance's standard error is 0.3 % of it.
    assert weights.var() == pytest.approx(2 / 400, rel=0.015)
    assert abs(weights.mean()) < 5 * np.sqrt(2 / 400 / weights.size)
    assert not Dense(4, 5, rng=0).parameters["bias"].any()


def test_seeds_make_layers():
    a, b, c = (SpatialDense(5, 7, rng=seed) for seed in (3, 3, 4))
    assert np.array_equal(a.parameters["weights"], b.parameters["weights"])
    assert np.array_equal(a.maps.cells, b.maps.cells)
    assert np.array_equal(a.pattern_hash.planes, b.pattern_hash.planes)
    assert not np.array_equal(a.parameters["weights"], c.parameters["weights"])
    assert not np.array_equal(a.maps.cells, c.maps.cells)


def test_softmax_is_stable():
    x = np.array([[1e30, 0, -1e30], [-1000, -1000, -1000], [np.inf, 0, 0], [-np.inf] * 3], np.float32)
    y = Softmax().forward(x)
    assert np.array_equal(y[0], [1, 0, 0])
    np.testing.assert_allclose(y[1], 1 / 3, rtol=1e-7)
    assert np.array_equal(y[2], [1, 0, 0])
    assert np.isnan(y[3]).all()
    np.testing.assert_allclose(Softmax().forward(normal(0, 100, 10)).sum(axis=1), 1, rtol=1e-6)


def test_inference_needs_no_state_so_threads_may_share_a_network():
    network = small_network()
    batches = [normal(seed, 200, 6) for seed in range(4)]
    expected = [network.forward(batch) for batch in batches]
    wrong = []

    def work(index):
        for _ in range(20):
            if not np.array_equal(network.forward(batches[index]), expected[index]):
                wrong.append(index)

    threads = [threading.Thread(target=work, args=(index,)) for index in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    assert (network.layers[0].maps.hit_counts.sum(axis=(1, 2)) == 4 * 21 * 200).all()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Dense(0, 3), ValueError, "n_inputs is 0, expected an integer of at least 1"),
        (lambda: Dense(3, 2.0), TypeError, "n_units is 2.0, expected an integer of at least 1"),
        (lambda: Dense(True, 2), TypeError, "n_inputs is True, expected an integer of at least 1"),
        (
            lambda: Dense(3, 2, activation=np.tanh),
            TypeError,
            "activation is <ufunc 'tanh'>, expected an activation",
        ),
        (lambda: Dense(3, 2, activation="rel"), ValueError, "rel"),
        (lambda: SpatialDense(3, 2, maps=sp.ReLU()), TypeError, r"maps is ReLU\(\), expected an ActivationMap"),
        (
            lambda: SpatialDense(3, 2, sp.ActivationMap.random(3, rng=0)),
            ValueError,
            r"maps has shape \(3,\), .* n_units = 2",
        ),
        (lambda: SpatialDense(3, 2, sp.ActivationMap.random(rng=0)), ValueError, r"maps has shape \(\)"),
        (
            lambda: SpatialDense(3, 2, pattern_hash=7),
            TypeError,
            "pattern_hash is 7, expected a SimHash or",
        ),
        (lambda: SpatialDense(3, 2, pattern_hash=sp.SimHash(4)), ValueError, "for 4 features, n_inputs is 3"),
        (lambda: Network([]), ValueError, "layers is empty"),
        (lambda: Network([Dense(3, 2), np.tanh]), TypeError, r"layers\[1\] is <ufunc 'tanh'>, expected a Layer"),
        (lambda: Network([Dense(3, 2), Softmax(), Dense(4, 2)]), ValueError, r"layers\[2\] takes 4 columns, .* give 2"),
        (lambda: Dense(3, 2).forward(np.ones((4, 2))), ValueError, r"x has shape \(4, 2\), Dense expects .* 3\)"),
        (lambda: Dense(3, 2).forward(np.ones(3)), ValueError, r"x has shape \(3,\)"),
        (lambda: Dense(3, 2).forward(np.ones((4, 3)) * 1j), TypeError, "x has dtype complex128, expected real numbers"),
        (lambda: Dense(3, 2).forward([["a", "b", "c"]]), TypeError, "x has dtype <U1"),
        (lambda: Dense(3, 2).backward(np.ones((4, 2))), RuntimeError, r"Dense.backward needs forward\("),
    ],
)
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_bad_gradient_shape():
    layer = Dense(3, 2, rng=0)
    layer.forward(np.ones((4, 3)), training=True)
    with pytest.raises(ValueError, match=r"grad has shape \(4, 3\), the output has \(4, 2\)"):
        layer.backward(np.ones((4, 3)))


def test_nan_has_no_hash_and_counts_nothing():
    layer = SpatialDense(3, 2, rng=0)
    x = np.ones((4, 3))
    x[2, 1] = np.nan
    with pytest.raises(ValueError, match="not finite in row 2"):
        layer.forward(x)
    assert layer.maps.hit_counts.sum() == 0


# --- networks ----------------------------------------------------------------------------------------------------


def test_sizes():
    network = small_network()
    assert (network.n_inputs, network.n_outputs) == (6, 3)
    assert network.n_parameters == (6 * 12 + 12) + (12 * 5 + 5) + (5 * 3 + 3)
    assert Network([Softmax()]).n_inputs is None


@pytest.mark.parametrize("batch_size", [1, 7, 100, 1000])
def test_predict_is_forward_in_batches(batch_size):
    network = small_network()
    x = normal(0, 100, 6)
    # Within rounding only: BLAS may add in another order for another number of rows.
    np.testing.assert_allclose(network.predict(x, batch_size=batch_size), network.forward(x), rtol=1e-4, atol=1e-6)
    assert np.array_equal(network.predict(x, batch_size=batch_size).argmax(axis=1), network.classify(x, batch_size))


def test_predict_in_place_and_empty():
    network = small_network()
    x = normal(0, 10, 6)
    out = np.zeros((10, 3), np.float32)
    assert network.predict(x, out=out) is out
    assert np.array_equal(out, network.predict(x.astype(np.float64)))
    assert network.predict(np.empty((0, 6))).shape == (0, 3)
    assert network.classify(np.empty((0, 6))).shape == (0,)
    assert np.array_equal(network.predict(np.eye(6, dtype=np.int8)), network.predict(np.eye(6)))


def test_predict_reads_a_memory_map_batch_by_batch(tmp_path, monkeypatch):
    network = small_network()
    x = normal(0, 100, 6).astype(np.float64)
    np.save(tmp_path / "x.npy", x)
    seen = []
    run_layers = _inference._run_layers
    monkeypatch.setattr(
        _inference,
        "_run_layers",
        lambda layers, samples, *rest: (seen.append(samples), run_layers(layers, samples, *rest)),
    )
    result = network.predict(np.load(tmp_path / "x.npy", mmap_mode="r"), batch_size=30)
    assert sorted(len(batch) for batch in seen) == [10, 30, 30, 30]  # threads take them in any order
    assert all(batch.dtype == np.float64 for batch in seen)  # converted one batch at a time
    assert np.array_equal(result, network.predict(x, batch_size=30))


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": np.ones((4, 5))}, ValueError, r"x has shape \(4, 5\), expected \(samples, 6\)"),
        ({"x": np.ones(6)}, ValueError, r"x has shape \(6,\)"),
        ({"x": [["a"] * 6]}, TypeError, "x has dtype <U1"),
        ({"batch_size": 0}, ValueError, "batch_size is 0, expected an integer of at least 1"),
        ({"out": np.empty((4, 3))}, TypeError, "out is float64, expected a writable float32 array"),
        ({"out": [1.0]}, TypeError, "out is list, expected a writable float32 array"),
        ({"out": np.empty((4, 2), np.float32)}, ValueError, r"out has shape \(4, 2\), expected \(4, 3\)"),
    ],
)
def test_bad_predict(arguments, error, message):
    with pytest.raises(error, match=message):
        small_network().predict(**{"x": np.ones((4, 6)), **arguments})


# --- training ----------------------------------------------------------------------------------------------------


def test_fit_learns():
    network = small_network()
    x, y = blobs()
    records = network.fit(
        x[:200], y[:200], epochs=15, batch_size=16, learning_rate=0.01, rng=0, validation=(x[200:], y[200:])
    )
    assert [record["epoch"] for record in records] == list(range(1, 16))
    assert records[-1]["loss"] < 0.2 * records[0]["loss"]
    assert records[-1]["accuracy"] > 0.98
    assert records[-1]["validation_accuracy"] == (network.classify(x[200:]) == y[200:]).mean()
    probabilities = network.forward(x[200:]).astype(np.float64)
    expected = -np.log(probabilities[np.arange(100), y[200:]]).mean()
    assert records[-1]["validation_loss"] == pytest.approx(expected, rel=1e-4)


def test_fit_is_reproducible_bit_for_bit():
    networks = [small_network() for _ in range(3)]
    records = [network.fit(*blobs(), epochs=3, rng=seed) for network, seed in zip(networks, (5, 5, 6), strict=True)]
    assert records[0] == records[1]
    for first, second in zip(networks[0].layers, networks[1].layers, strict=True):
        for name in first.parameters:
            assert np.array_equal(first.parameters[name], second.parameters[name])
    assert records[0] != records[2]


def test_fit_places_the_hashes_layer_by_layer():
    rng = rng_of(0)
    network = Network([SpatialDense(6, 8, rng=rng), SpatialDense(8, 8, rng=rng), Dense(8, 3, rng=rng), Softmax()])
    x, y = blobs()
    hidden = network.layers[0]
    sp_hash = sp.SimHash.from_arrays(hidden.pattern_hash.planes, hidden.pattern_hash.thresholds).fit(x)
    before = {name: array.copy() for name, array in hidden.parameters.items()}
    network.fit(x, y, epochs=1, learning_rate=1e-30, rng=0)  # so small that only a bias of zero moves
    for name in before:
        np.testing.assert_allclose(hidden.parameters[name], before[name], rtol=0, atol=1e-28)
    assert np.array_equal(hidden.pattern_hash.thresholds, sp_hash.thresholds)
    second = network.layers[1].pattern_hash
    expected = sp.SimHash.from_arrays(second.planes, np.zeros(len(second.planes))).fit(hidden.forward(x, training=True))
    np.testing.assert_allclose(second.thresholds, expected.thresholds, rtol=1e-4, atol=1e-6)


def test_fit_reports_progress():
    seen = []
    records = small_network().fit(*blobs(), epochs=2, rng=0, progress=seen.append)
    assert seen == records


def test_fit_gradient_is_that_of_the_cross_entropy():
    """One step of one linear layer from zero weights: the logits are 0, so the gradient is known in closed form."""
    layer = Dense(2, 2, rng=0)
    layer.parameters["weights"][:] = 0
    Network([layer, Softmax()]).fit([[1.0, 2.0]], [1], epochs=1, learning_rate=0.1, rng=0)
    np.testing.assert_allclose(layer.gradients["bias"], [0.5, -0.5])
    np.testing.assert_allclose(layer.gradients["weights"], [[0.5, -0.5], [1.0, -1.0]])
    # Adam's first step is the learning rate times the gradient's sign.
    np.testing.assert_allclose(layer.parameters["bias"], [-0.1, 0.1], rtol=1e-6)


def test_adam_follows_the_paper():
    """Algorithm 1 of arXiv:1412.6980 in float64."""
    x = np.array([1.0, -2.0, 0.5], np.float32)
    gradients = normal(0, 20, 3)
    optimizer = Adam([x])
    wide, m, v = x.astype(np.float64), np.zeros(3), np.zeros(3)
    for t, gradient in enumerate(gradients, start=1):
        optimizer.step([gradient], 0.1)
        g = gradient.astype(np.float64)
        m = 0.9 * m + 0.1 * g
        v = 0.999 * v + 0.001 * g**2
        wide -= 0.1 * (m / (1 - 0.9**t)) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
    np.testing.assert_allclose(x, wide, rtol=1e-5)


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"x": np.ones((4, 5))}, ValueError, r"x has shape \(4, 5\)"),
        ({"x": np.full((4, 6), np.nan)}, ValueError, "x is not finite in row 0"),
        ({"x": np.ones((0, 6)), "y": []}, ValueError, "at least one"),
        ({"y": [0, 1, 2]}, ValueError, r"y has shape \(3,\), expected \(4,\)"),
        ({"y": [0, 1, 2, 3]}, ValueError, "y runs from 0 to 3, classes are 0 to 2"),
        ({"y": [0, 1, -1, 1]}, ValueError, "y runs from -1 to 1"),
        ({"y": [0.0, 1.0, 2.0, 1.0]}, TypeError, "y has dtype float64, expected integer classes"),
        ({"validation": (np.ones((2, 6)), [0, 9])}, ValueError, r"validation\[1\] runs from 0 to 9"),
        ({"epochs": 0}, ValueError, "epochs is 0, expected an integer of at least 1"),
        ({"batch_size": -1}, ValueError, "batch_size is -1, expected an integer of at least 1"),
        ({"learning_rate": np.nan}, ValueError, "learning_rate is nan, expected a finite number above 0"),
    ],
)
def test_bad_fit(arguments, error, message):
    with pytest.raises(error, match=message):
        small_network().fit(**{"x": np.ones((4, 6)), "y": [0, 1, 2, 1], **arguments})


def test_fit_without_softmax_takes_no_classes():
    with pytest.raises(ValueError, match=r"y has shape \(4,\), expected \(4, 3\)"):
        Network([Dense(6, 3, rng=0)]).fit(np.ones((4, 6)), [0, 1, 2, 1])


@pytest.mark.filterwarnings("ignore:.*encountered:RuntimeWarning")  # it overflows on purpose
def test_divergence_is_reported():
    network = Network([Dense(6, 8, "relu", rng=0), Dense(8, 3, rng=1), Softmax()])
    with pytest.raises(FloatingPointError, match="try a learning_rate below 1e"):
        network.fit(*blobs(), epochs=5, learning_rate=1e30, rng=0)


# --- files -------------------------------------------------------------------------------------------------------


def test_round_trip_bit_for_bit(tmp_path):
    network = small_network()
    network.fit(*blobs(), epochs=2, rng=0)
    path = tmp_path / "network.npz"
    network.save(path)
    loaded = Network.load(path)
    x = normal(9, 300, 6)
    assert np.array_equal(loaded.forward(x), network.forward(x))
    assert repr(loaded) == repr(network)
    assert loaded.layers[0].maps.palette == network.layers[0].maps.palette
    assert loaded.layers[1].activation == sp.GELU()
    assert loaded.layers[2].activation is None
    assert [file.name for file in tmp_path.iterdir()] == ["network.npz"]
    # What was loaded can be trained further and saved again.
    loaded.fit(*blobs(), epochs=1, rng=0)
    loaded.save(path)


def test_parameters_of_activations_survive(tmp_path):
    path = tmp_path / "network.npz"
    Network([Dense(2, 2, sp.LeakyReLU(negative_slope=0.3), rng=0)]).save(str(path))
    assert Network.load(str(path)).layers[0].activation == sp.LeakyReLU(negative_slope=0.3)


def test_custom_activations_are_saved_by_name(tmp_path):
    path = tmp_path / "network.npz"
    mine = sp.Custom(np.tanh, lambda x: 1 - np.tanh(x) ** 2, name="mine")
    network = Network([Dense(2, 3, mine, rng=0), SpatialDense(3, 2, sp.ActivationMap.uniform(mine, 2), rng=0)])
    network.save(path)
    x = normal(0, 5, 2)
    assert np.array_equal(Network.load(path, custom={"mine": mine}).forward(x), network.forward(x))
    with pytest.raises(ValueError, match=r"network\.npz.*'mine'"):
        Network.load(path)


def test_what_cannot_be_saved(tmp_path):
    path = tmp_path / "network.npz"
    with pytest.raises(TypeError, match="layer 0: only the hashes of Spatium can be stored, not function"):
        Network([SpatialDense(2, 2, pattern_hash=lambda x: x[:, 0].astype(np.uint64), rng=0)]).save(path)

    class Other(Layer):
        pass

    with pytest.raises(TypeError, match="layer 0: a Other cannot be stored"):
        Network([Other()]).save(path)
    network = Network([Dense(2, 2, rng=0)])
    network.layers[0].parameters["bias"][0] = np.nan
    with pytest.raises(ValueError, match="layer 0: bias is not finite"):
        network.save(path)
    assert not list(tmp_path.iterdir())


def rewritten(tmp_path, change):
    """The path of a saved network whose entries went through ``change``."""
    path = tmp_path / "network.npz"
    small_network().save(path)
    with np.load(path, allow_pickle=False) as file:
        entries = dict(file)
    change(entries)
    np.savez(path, **entries)
    return path


def change_layer(entries, position, **changes):
    layers = json.loads(str(entries["layers"]))
    description = layers[position]
    description["kind"] = changes.pop("kind", description["kind"])
    description["config"] |= changes
    entries["layers"] = np.array(json.dumps(layers))


def entry(name, **parameters):
    """The entry of an activation in a file."""
    return {"name": name, "parameters": parameters, "custom": False}


def put(name, value):
    return lambda entries: entries.__setitem__(name, np.asarray(value))


def with_nan(name):
    def change(entries):
        entries[name] = entries[name].copy()
        entries[name].flat[0] = np.nan

    return change


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (with_nan("0.weights"), "layer 0: weights holds NaN or an infinity"),
        (with_nan("2.bias"), "layer 2: bias holds NaN"),
        (with_nan("0.planes"), "layer 0: planes holds NaN"),
        (with_nan("0.thresholds"), "layer 0: thresholds holds NaN"),
        (lambda e: e.pop("1.bias"), "the array '1.bias' is missing"),
        (lambda e: e.pop("layers"), "layers"),
        (put("0.weights", np.ones((6, 11), np.float32)), r"layer 0: weights has shape \(6, 11\), expected \(6, 12\)"),
        (put("0.weights", np.ones((6, 12))), "layer 0: weights has dtype float64, expected float32"),
        (put("0.cells", np.zeros((12, 8, 7), np.uint8)), r"layer 0: cells has shape \(12, 8, 7\)"),
        (put("0.cells", np.full((12, 8, 8), 255, np.uint8)), "layer 0: .*cells"),
        (put("0.planes", np.ones((6, 5))), r"layer 0: planes has shape \(6, 5\), expected \(any, 6\)"),
        (put("0.thresholds", np.zeros(5)), r"layer 0: thresholds has shape \(5,\), expected \(6,\)"),
        (put("0.planes", np.ones((65, 6))), "layer 0: planes has 65 rows, expected at most 64"),
        (lambda e: change_layer(e, 0, palette="no palette"), "layer 0"),
        (lambda e: change_layer(e, 0, palette=[]), "layer 0"),
        (lambda e: change_layer(e, 1, activation={"activation": {}}), "layer 1: the palette is not readable"),
        (lambda e: change_layer(e, 1, activation=[]), r"layer 1: activation is \[\], expected an activation"),
        (lambda e: change_layer(e, 1, activation={"activation": entry("no_such")}), "layer 1: palette entry 'no_such'"),
        (lambda e: change_layer(e, 1, other=3), "layer 1: .*unexpected keyword argument 'other'"),
        (put("network", "{}"), "'network' has no dtype"),
        (put("network", '{"dtype": "float64", "classes": null, "metadata": ""}'), "weights has dtype float32"),
        (put("network", '{"dtype": "float32", "classes": ["a"], "metadata": ""}'), "classes has 1 different names"),
        (put("network", '{"dtype": "float32", "classes": null}'), "or no metadata"),
        (put("layers", "{"), "'layers' is not valid JSON"),
        (put("layers", "[" * 100_000), "'layers' is not valid JSON"),
        (put("layers", "{}"), "'layers' is not a list, or an empty one: expected at least one layer"),
        (put("layers", "[]"), "'layers' is not a list, or an empty one: expected at least one layer"),
        (put("layers", "[3]"), "layer 0 has kind None"),
        (
            lambda e: change_layer(e, 1, kind="Conv"),
            "layer 1 has kind 'Conv', expected one of ActivationLayer, .*Dense, .*SpatialDense",
        ),
        (lambda e: change_layer(e, 1, n_units=-5), "layer 1: n_units is -5, expected an integer"),
        (lambda e: change_layer(e, 1, n_units="5"), "layer 1: n_units is '5', expected an integer"),
        (lambda e: change_layer(e, 1, n_units=10**15), "layer 1: weights has shape"),
        (put("7.weights", np.ones(3)), "holds '7.weights', which nothing uses"),
        (put("version", 99), "version"),
        (put("format", "something else"), "format|spatium-network"),
    ],
)
def test_bad_files(tmp_path, change, message):
    path = rewritten(tmp_path, change)
    with pytest.raises(ValueError, match=message) as caught:
        Network.load(path)
    assert "network.npz" in str(caught.value)


def test_layers_that_do_not_fit_together(tmp_path):
    def swap(entries):
        layers = json.loads(str(entries["layers"]))
        entries["layers"] = np.array(json.dumps([layers[1], layers[0]]))
        for name in list(entries):
            position, _, rest = name.partition(".")
            if position in ("0", "1"):
                entries[f"new.{1 - int(position)}.{rest}"] = entries.pop(name)
            elif position in ("2", "3"):
                del entries[name]
        for name in [name for name in entries if name.startswith("new.")]:
            entries[name.removeprefix("new.")] = entries.pop(name)

    with pytest.raises(ValueError, match=r"layers\[1\] takes 6 columns, the layers before it give 5"):
        Network.load(rewritten(tmp_path, swap))


def test_the_class_of_nan():
    nan = np.nan
    samples = [[1.0, nan, 3.0], [nan, nan, nan], [0.0, np.inf, nan], [2.0, 2.0, 1.0]]
    activation = Network([ActivationLayer("identity")])
    np.testing.assert_array_equal(activation.classify(samples), [1, 0, 2, 0])


@pytest.mark.parametrize("large", [1e19, 1e20, 3e38, np.inf])
def test_adam_with_gradients_whose_squares_overflow(large):
    x = np.array([1.0, 1.0, 1.0, 1.0], np.float32)
    optimizer = Adam([x])
    with np.errstate(all="raise"):
        for _ in range(3):
            optimizer.step([np.array([large, -large, 1e-3, 0.0], np.float32)], 0.125)
    np.testing.assert_allclose(x, [0.625, 1.375, 0.625, 1.0], rtol=1e-4)
    optimizer.step([np.array([np.nan, 1.0, 1.0, 1.0], np.float32)], 0.125)
    assert np.isnan(x).tolist() == [True, False, False, False]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(7,), (300, 400), (3, 5, 7)])
def test_adam_has_the_bits_of_numpy(dtype, shape):
    rng = np.random.default_rng(0)
    x = rng.normal(size=shape).astype(dtype)
    turned = np.array(x, order="F")
    expected, first, second = x.copy(), np.zeros_like(x), np.zeros_like(x)
    optimizers = [Adam([x], weight_decay=0.25), Adam([turned], weight_decay=0.25)]
    for step in range(1, 6):
        grad = (rng.normal(size=shape) * 10.0 ** rng.integers(-20, 20)).astype(dtype)
        clipped = np.clip(grad, -(2.0**63), 2.0**63)
        first += (1 - 0.9) * (clipped - first)
        second += (1 - 0.999) * (clipped * clipped - second)
        rate = 0.01 / (1 - 0.9**step)
        if len(shape) > 1:
            expected *= 1 - 0.01 * 0.25
        expected -= rate * first / (np.sqrt(second / (1 - 0.999**step)) + 1e-8)
        for optimizer in optimizers:
            optimizer.step([grad], 0.01)
    assert x.tobytes() == expected.tobytes()
    assert np.array_equal(turned, expected)


@pytest.mark.parametrize("content", [b"", b"nothing of the kind", b"PK\x03\x04 cut off"])
def test_files_that_are_no_network(tmp_path, content):
    path = tmp_path / "network.npz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=r"network\.npz"):
        Network.load(path)


def test_truncated_files(tmp_path):
    path = tmp_path / "network.npz"
    small_network().save(path)
    content = path.read_bytes()
    for length in range(0, len(content), max(1, len(content) // 40)):
        path.write_bytes(content[:length])
        with pytest.raises(ValueError, match=r"network\.npz"):
            Network.load(path)


def test_missing_file(tmp_path):
    with pytest.raises(FileNotFoundError):
        Network.load(tmp_path / "none.npz")


# --- packaged data -----------------------------------------------------------------------------------------------


def test_digits():
    digits = load_digits()
    assert digits.x_train.shape == (1437, 64)
    assert digits.x_test.shape == (360, 64)
    assert digits.x_train.dtype == digits.x_test.dtype == np.float32
    assert digits.x_train.min() == 0
    assert digits.x_train.max() == 1
    # The class counts and the sum of the pixels (in sixteenths) of the file that was converted.
    labels = np.concatenate([digits.y_train, digits.y_test])
    assert np.bincount(labels).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert 16 * (digits.x_train.sum(dtype=np.float64) + digits.x_test.sum(dtype=np.float64)) == 561718
    with pytest.raises(AttributeError):
        digits.x_train = None


def test_packaged_network():
    digits = load_digits()
    network = Network.load(digits_model_path())
    assert (network.classify(digits.x_test) == digits.y_test).mean() >= 0.95
    assert digits_model_path().stat().st_size < 300_000
    assert (Path(digits_model_path()).parent / "README.md").exists()
