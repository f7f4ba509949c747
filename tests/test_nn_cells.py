"""Layers whose cells are known categories: the shared hash of a network, gain and bias per cell, learned cells."""

import pickle

import numpy as np
import pytest

import spatium as sp
from spatium.nn import Dense, Layer, Network, Softmax, SpatialDense, Standardize, check_gradients
from spatium.nn.optimizer import Adam


def rows_with_a_category(n_rows, n_features=5, n_categories=8, seed=0, dtype=np.float32):
    """The category is in the last column."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(n_rows, n_features)).astype(dtype)
    x[:, -1] = random.integers(0, n_categories, n_rows)
    return x


def shared(hidden=7, depth=2, **arguments):
    layers = [SpatialDense(5, hidden, pattern_hash="network", rng=0, **arguments)]
    layers += [SpatialDense(hidden, hidden, pattern_hash="network", rng=i, **arguments) for i in range(1, depth)]
    return [*layers, Dense(hidden, 3, rng=9)]


# ---- the hash of the network ----


class Counting:
    """A hash that records the number of rows of its calls."""

    n_features = 5

    def __init__(self):
        self.calls = []

    def __call__(self, x):
        self.calls.append(len(x))
        return sp.CategoryHash(5, [4])(x)


@pytest.mark.parametrize("n_rows", [0, 1, 100, 5000])
@pytest.mark.parametrize("threads", [1, 2])
def test_layers_share_the_hash_of_the_raw_rows(n_rows, threads):
    """Also behind Standardize, which changes the column of the category; each row is hashed once."""
    x = rows_with_a_category(n_rows)
    counting = Counting()
    network = Network([Standardize(5), *shared()], pattern_hash=counting)
    network.layers[0].mean, network.layers[0].spread = np.full(5, 0.3), np.full(5, 1.7)
    with sp.num_threads(threads):
        y = network.predict(x, batch_size=1024)
    assert sum(counting.calls) == n_rows
    hashes = sp.CategoryHash(5, [4])(x)[:, None]
    expected = (x - np.float64(0.3)).astype(np.float64) / 1.7
    for layer in network.layers[1:3]:
        expected = layer.maps.activate(expected @ layer.weights + layer.bias, hashes, count=False)
        counts = np.bincount(x[:, 4].astype(int), minlength=64)
        np.testing.assert_array_equal(layer.maps.hit_counts, np.broadcast_to(counts.reshape(8, 8), (7, 8, 8)))
    np.testing.assert_allclose(y, expected @ network.layers[3].weights, rtol=1e-4, atol=1e-5)
    if n_rows:
        counting.calls.clear()
        trained = network.forward(x, training=True)
        assert counting.calls == [n_rows]
        np.testing.assert_allclose(trained, y, rtol=1e-5, atol=1e-6)
        assert network.layers[1].maps.hit_counts.sum() == 7 * n_rows


def test_a_memory_map_streams(tmp_path):
    x = rows_with_a_category(4000)
    np.save(tmp_path / "x.npy", x)
    network = Network(shared(), pattern_hash=sp.CategoryHash(5, [4]))
    y = network.predict(np.load(tmp_path / "x.npy", mmap_mode="r"), batch_size=700)
    np.testing.assert_array_equal(y, network.predict(x, batch_size=700))


def test_training_hashes_each_mini_batch_once():
    x = rows_with_a_category(50)
    counting = Counting()
    network = Network(shared(), pattern_hash=counting)
    network.fit(x, np.zeros((50, 3)), epochs=2, batch_size=20, rng=0, progress=False)
    assert counting.calls == [50, 20, 20, 10, 20, 20, 10]  # the first call is for the layers that adapt to their inputs
    assert not network.layers[0].maps.hit_counts.any()


def test_the_thresholds_of_a_shared_simhash_are_fitted_to_the_raw_rows():
    x = rows_with_a_category(300) + 3
    network = Network([Standardize(5), *shared()], pattern_hash=sp.SimHash(5, rng=0))
    network.fit(x, np.zeros((300, 3)), epochs=1, rng=0, progress=False)
    np.testing.assert_array_equal(network.pattern_hash.thresholds, sp.SimHash(5, rng=0).fit(x).thresholds)
    own = SpatialDense(5, 4, pattern_hash="network", rng=0)
    assert own.pattern_hash == "network"


def test_samples_of_rank_are_hashed_flat():
    x = rows_with_a_category(40, 6).reshape(40, 2, 3)
    network = Network([SpatialDense(6, 4, pattern_hash="network", rng=0)], pattern_hash=sp.CategoryHash(6, [5]))
    flat = x.reshape(40, 6)
    network = Network([Reversed((2, 3)), *network.layers], pattern_hash=network.pattern_hash)
    for training in (False, True):
        y = network.forward(x, training=training)
        np.testing.assert_array_equal(y, network.forward(flat, training=training))
        z = flat[:, ::-1] @ network.layers[1].weights
        expected = network.layers[1].maps.activate(z, sp.CategoryHash(6, [5])(flat)[:, None])
        np.testing.assert_allclose(y, expected, rtol=1e-5, atol=1e-6)


class Reversed(Layer):
    """A layer of the user, which overrides only the public methods: it gets all rows at once."""

    def __init__(self, shape):
        super().__init__(shape, shape)

    def forward(self, x, training=False, count=None):
        return np.ascontiguousarray(x.reshape(len(x), -1)[:, ::-1]).reshape(x.shape)


def test_a_layer_without_the_hash_of_a_network():
    layer = SpatialDense(5, 3, pattern_hash="network", rng=0)
    for training in (False, True):
        with pytest.raises(ValueError, match="pattern_hash is 'network', so the layer only works in a Network with a"):
            layer.forward(np.ones((2, 5)), training=training)
    with pytest.raises(ValueError, match=r"layers\[1\] shares the hash of the network: pass Network\(pattern_hash="):
        Network([Dense(5, 5, rng=0), SpatialDense(5, 3, pattern_hash="network", rng=0)])
    network = Network([layer], pattern_hash=sp.CategoryHash(5, [0]))
    network.forward(np.ones((2, 5)), training=True)
    with pytest.raises(ValueError, match="so the layer only works in a Network"):
        layer.forward(np.ones((2, 5)))


@pytest.mark.parametrize(
    ("wrong", "error", "message"),
    [
        (sp.CategoryHash(4, [0]), ValueError, "pattern_hash is for 4 features, n_inputs is 5"),
        ("network", TypeError, "pattern_hash is 'network', expected a SimHash or another function of rows"),
        (3, TypeError, "pattern_hash is 3, expected a SimHash or another function of rows"),
    ],
)
def test_shared_hashes_that_cannot_be(wrong, error, message):
    with pytest.raises(error, match=message):
        Network([Dense(5, 2, rng=0)], pattern_hash=wrong)


def test_a_row_without_a_category_is_named():
    x = rows_with_a_category(3000)
    x[2500, 4] = 0.5
    network = Network(shared(64), pattern_hash=sp.CategoryHash(5, [4]))
    with pytest.raises(ValueError, match=r"x, in its rows 2000 to 2999: X has 0.5 in row 500, column 4"):
        network.predict(x, batch_size=1000)
    assert not network.layers[0].maps.hit_counts.any()


HASHES = [
    sp.SimHash(5, n_bits=9, rng=3).fit(rows_with_a_category(99)),
    sp.CategoryHash(5, [4]),
    sp.BucketHash(5, 0, [-0.1, 0.3, np.pi]),
    sp.RandomHash(5, rng=2),
    sp.ConstantHash(5, 2**64 - 1),
]


@pytest.mark.parametrize("h", HASHES)
@pytest.mark.parametrize("place", ["network", "layer"])
def test_files_keep_every_hash(h, place, tmp_path):
    x = rows_with_a_category(200)
    if place == "network":
        network = Network(shared(), classes=["a", "b", "c"], metadata="text", pattern_hash=h)
    else:
        network = Network([SpatialDense(5, 6, pattern_hash=h, rng=0)])
    network.save(tmp_path / "n.npz")
    for twin in (
        Network.load(tmp_path / "n.npz"),
        pickle.loads(pickle.dumps(network)),
        network.clone(),
    ):
        assert twin.predict(x).tobytes() == network.predict(x).tobytes()
        assert repr(twin) == repr(network)
        assert (twin.classes, twin.metadata) == (network.classes, network.metadata)
    twin = network.clone()
    if isinstance(h, sp.SimHash) and place == "network":
        twin.fit(x + 9, np.zeros(200, int), loss="cross_entropy", epochs=1, progress=False)
        np.testing.assert_array_equal(network.pattern_hash.thresholds, HASHES[0].thresholds)


def test_a_hash_of_the_user_cannot_be_stored(tmp_path):
    network = Network(shared(), pattern_hash=Counting())
    with pytest.raises(TypeError, match="only the hashes of Spatium can be stored, not Counting"):
        network.save(tmp_path / "n.npz")


def test_gradients_of_layers_that_share_a_hash():
    network = Network(
        shared(maps=sp.ActivationMap.random(7, rng=0, palette=[sp.Tanh(), sp.GELU(), sp.Sine()])),
        pattern_hash=sp.CategoryHash(5, [4]),
    )
    table = check_gradients(network, rows_with_a_category(6))
    assert max(table.column("relative_error")) < 1e-7
    alone = SpatialDense(5, 7, pattern_hash=sp.CategoryHash(5, [4]), maps=network.layers[0].maps, rng=0)
    assert max(check_gradients(alone, rows_with_a_category(6)).column("relative_error")) < 1e-7


# ---- gain and bias per cell ----

SMOOTH = [sp.Tanh(), sp.GELU(), sp.Sine(), sp.Swish(1.5)]


def with_random_tables(layer, seed=0):
    random = np.random.default_rng(seed)
    for name, array in layer.parameters.items():
        if name.startswith("cell_"):
            array[...] = random.normal(size=array.shape)
    return layer


@pytest.mark.parametrize("act", [sp.GELU(), sp.ReLU(), sp.Tanh()])
def test_one_cell_with_gain_1_and_bias_0_is_dense(act):
    x = rows_with_a_category(3000)
    maps = sp.ActivationMap.uniform(act, 9)
    spatial = SpatialDense(5, 9, maps, sp.ConstantHash(5, 0x305), rng=0, cell_gain_bias=True)
    dense = Dense(5, 9, act, rng=0)
    dense.bias = spatial.bias = np.linspace(-1, 1, 9)
    assert spatial.cell_gain.shape == spatial.cell_bias.shape == (9, 64)
    np.testing.assert_array_equal(spatial.forward(x), dense.forward(x))
    np.testing.assert_array_equal(Network([spatial]).predict(x), Network([dense]).predict(x))
    grad = np.random.default_rng(1).normal(size=(3000, 9)).astype(np.float32)
    spatial.forward(x, training=True), dense.forward(x, training=True)
    np.testing.assert_allclose(spatial.backward(grad), dense.backward(grad), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(spatial.gradients["weights"], dense.gradients["weights"], rtol=1e-4, atol=1e-3)
    cell = 8 * 3 + 5
    np.testing.assert_allclose(spatial.gradients["cell_bias"][:, cell], dense.gradients["bias"], rtol=1e-4, atol=1e-3)
    assert not np.delete(spatial.gradients["cell_bias"], cell, axis=1).any()
    assert not np.delete(spatial.gradients["cell_gain"], cell, axis=1).any()


@pytest.mark.parametrize("n_rows", [0, 1, 63, 3000])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_each_cell_has_a_gain_and_a_bias(n_rows, dtype):
    x = rows_with_a_category(n_rows, n_categories=64)
    layer = SpatialDense(5, 9, pattern_hash=sp.CategoryHash(5, [4]), rng=0, cell_gain_bias=True).astype(dtype)
    with_random_tables(layer)
    layer.bias = np.linspace(-1, 1, 9)
    cell = x[:, 4].astype(int)
    z = x.astype(dtype) @ layer.weights + layer.bias
    u = layer.cell_gain[:, cell].T * z + layer.cell_bias[:, cell].T
    expected = layer.maps.activate(u, layer.pattern_hash(x)[:, None], count=False)
    spread_out = np.empty((n_rows, 18), dtype)[:, ::2]
    tolerance = {"rtol": 1e-4, "atol": 1e-4} if dtype == np.float32 else {"rtol": 1e-9, "atol": 1e-9}
    for y in (
        layer.forward(x),
        layer.forward(x, training=True),
        Network([layer]).predict(x, batch_size=500),
        Network([layer]).predict(x, out=spread_out),
    ):
        assert y.dtype == dtype
        np.testing.assert_allclose(y, expected, **tolerance)
    assert layer.maps.hit_counts.sum() == 3 * 9 * n_rows


def layer_with(learn, gain_bias, maps=None, units=6):
    palette = SMOOTH if learn else False
    if maps is None and not learn:
        maps = sp.ActivationMap.random(units, rng=0, palette=SMOOTH)
    h = sp.CategoryHash(5, [4])
    return with_random_tables(SpatialDense(5, units, maps, h, rng=0, learn_cells=palette, cell_gain_bias=gain_bias))


@pytest.mark.parametrize("gain_bias", [False, True])
@pytest.mark.parametrize("temperature", [None, 1.0, 0.4, 0.02])
def test_gradients_with_tables(temperature, gain_bias):
    """Without a temperature the cells are hard."""
    layer = layer_with(temperature is not None, gain_bias)
    if temperature is not None:
        layer.temperature = [temperature]
        layer.cell_logits = layer.cell_logits * temperature
    x = rows_with_a_category(40, n_categories=9)
    table = check_gradients(layer, x)
    assert [row["array"] for row in table] == ["x", *layer.parameters]
    assert max(table.column("relative_error")) < 1e-7
    network = Network([layer, SpatialDense(6, 4, pattern_hash="network", learn_cells=SMOOTH, rng=1)],
                      pattern_hash=sp.CategoryHash(5, [4]))  # fmt: skip
    assert max(check_gradients(network, x).column("relative_error")) < 1e-7


def test_weight_decay_leaves_gains_alone():
    x = rows_with_a_category(64)
    layer = SpatialDense(5, 4, pattern_hash="network", rng=0, learn_cells=True, cell_gain_bias=True)
    network = Network([layer], pattern_hash=sp.CategoryHash(5, [4]))
    network.fit(x, np.zeros((64, 4)), epochs=3, weight_decay=100.0, learning_rate=1e-3, rng=0, progress=False)
    assert (layer.cell_gain[:, 8:] == 1).all()  # of cells without rows
    assert (layer.cell_gain[:, :8] != 1).any()
    decayed = network.clone()
    assert np.abs(layer.weights).max() < np.abs(SpatialDense(5, 4, rng=0).weights).max() * 0.9
    assert (decayed.layers[0].cell_gain == layer.cell_gain).all()


# ---- cells that are learned ----


@pytest.mark.parametrize("n_rows", [0, 1, 2500])
@pytest.mark.parametrize("gain_bias", [False, True])
def test_a_learned_cell_is_a_mixture(n_rows, gain_bias):
    layer = layer_with(True, gain_bias).astype(np.float64)
    layer.temperature = [0.3]
    x = rows_with_a_category(n_rows, n_categories=64)
    cell = x[:, 4].astype(int)
    u = x.astype(float) @ layer.weights
    if gain_bias:
        u = layer.cell_gain[:, cell].T * u + layer.cell_bias[:, cell].T
    weights = np.exp(layer.cell_logits[:, cell] / 0.3)  # (units, rows, functions)
    weights /= weights.sum(axis=2, keepdims=True)
    expected = sum(weights[:, :, k].T * act(u) for k, act in enumerate(SMOOTH))
    for y in (layer.forward(x), layer.forward(x, training=True), Network([layer]).predict(x)):
        np.testing.assert_allclose(y, expected, rtol=1e-9, atol=1e-12)
    assert layer.maps.hit_counts.sum() == 2 * 6 * n_rows
    layer.forward(x, training=True, count=True)
    assert layer.maps.hit_counts.sum() == 3 * 6 * n_rows


def test_the_temperature_falls_and_the_cells_become_hard():
    layer = layer_with(True, True)
    logits = layer.cell_logits.copy()
    for share, temperature in [(0, 1), (0.15, 0.755), (0.3, 0.51), (0.6, 0.02), (0.69, 0.02)]:
        layer.begin_step(share)
        assert layer.temperature[0] == pytest.approx(temperature)
        assert layer.is_annealing()
    layer.begin_step(0.7)
    assert not layer.is_annealing()
    assert list(layer.parameters) == ["weights", "bias", "cell_gain", "cell_bias"]
    assert not layer.buffers
    assert layer.maps.palette == tuple(SMOOTH)
    np.testing.assert_array_equal(layer.maps.cells.reshape(6, 64), logits.argmax(axis=2))
    layer.begin_step(0.0)
    assert not layer.is_annealing()


def test_a_cell_without_rows_gets_what_the_others_prefer():
    layer = SpatialDense(5, 2, pattern_hash=sp.CategoryHash(5, [4]), learn_cells=["relu", "tanh", "sine"], rng=0)
    layer.parameters["cell_logits"][0, 3] = 0, 1, 0
    layer.parameters["cell_logits"][0, 4] = 0, 1, 3
    layer.parameters["cell_logits"][1, 4] = 0, 1, 0
    layer.begin_step(1.0)
    cells = layer.maps.cells.reshape(2, 64)
    assert cells[0, 3] == 1
    assert (np.delete(cells[0], 3) == 2).all()
    assert (cells[1] == 1).all()


def test_learning_starts_from_given_maps():
    maps = sp.ActivationMap.random(6, rng=3, palette=[sp.Softplus(), sp.Tanh(), sp.Mish(), sp.ReLU()])
    maps[:] = sp.Tanh()
    maps[0, 1, 2] = sp.Softplus()
    layer = SpatialDense(5, 6, maps, rng=0, learn_cells=True)
    assert layer.maps == maps
    assert layer.maps.palette == (sp.ReLU(), sp.Tanh(), sp.GELU(), sp.Sine(), sp.Softplus())
    assert layer.cell_logits.sum() == 2 * 6 * 64
    assert layer.cell_logits[0, 10].tolist() == [0, 0, 0, 0, 2]
    assert layer.cell_logits[5, 63].tolist() == [0, 2, 0, 0, 0]
    layer.begin_step(1.0)
    assert layer.maps == maps


class Shares(Layer):
    """A layer that records what fit tells it."""

    def __init__(self):
        super().__init__()
        self.shares = []

    def begin_step(self, share_done):
        self.shares.append(share_done)

    def _shape_after(self, shape):
        return shape

    def _forward(self, x, count):
        return x

    def _infer(self, x, out, run):
        return x

    def _backward(self, grad):
        return grad


def test_fit_tells_the_share_of_its_steps():
    recorder = Shares()
    network = Network([Dense(5, 3, rng=0), recorder])
    network.fit(rows_with_a_category(50), np.zeros((50, 3)), epochs=2, batch_size=20, rng=0, progress=False)
    np.testing.assert_allclose(recorder.shares, [*(np.arange(6) / 6), 1])


def curves(x, kinds):
    """A table of regimes: the last column selects one of these responses to the same sum of the others."""
    t = x[:, :4] @ np.array([0.9, -0.7, 0.5, 0.3])
    responses = [np.maximum(t, 0), np.tanh(2 * t), np.sin(2 * t), np.abs(t), np.log1p(np.exp(2 * t)) / 2, t, -t, t * 0]
    return np.choose(x[:, 4].astype(int), responses[:kinds])


def test_cells_that_were_planted_are_found():
    """One neuron, whose function depends on the category."""
    random = np.random.default_rng(0)
    x = np.stack([random.uniform(-3, 3, 800), random.integers(0, 4, 800)], axis=1).astype(np.float32)
    planted = [sp.Sine(), sp.ReLU(), sp.Tanh(), sp.GELU()]
    y = np.choose(x[:, 1].astype(int), [act(1.3 * x[:, 0]) for act in planted])
    layer = SpatialDense(2, 1, pattern_hash="network", learn_cells=True, rng=0)
    layer.weights = [[1.0], [0.0]]
    network = Network([layer], pattern_hash=sp.CategoryHash(2, [1]))
    records = network.fit(x, y, epochs=80, learning_rate=0.03, rng=0, progress=False)
    assert [layer.maps[0, 0, category] for category in range(4)] == planted
    assert layer.weights[0, 0] == pytest.approx(1.3, abs=0.01)
    assert records[-1]["loss"] < 1e-4


def regimes(maps=None, **arguments):
    first = SpatialDense(5, 8, maps, "network", rng=0, **arguments)
    return Network([first, Dense(8, 1, rng=1)], pattern_hash=sp.CategoryHash(5, [4]))


def test_learned_cells_beat_the_best_uniform_function():
    """At the same width, with the category as an input; and making the cells hard costs little."""
    x, x_test = rows_with_a_category(768, seed=0), rows_with_a_category(1000, seed=1)
    y, y_test = curves(x, 8), curves(x_test, 8)
    settings = {"epochs": 50, "batch_size": 64, "learning_rate": 0.03, "rng": 0, "progress": False}

    def error(network):
        return float(np.square(network.predict(x_test)[:, 0] - y_test).mean())

    uniform = []
    for act in ("relu", "tanh", "gelu", "sine"):
        network = Network([Dense(5, 8, act, rng=0), Dense(8, 1, rng=1)])
        network.fit(x, y, **settings)
        uniform.append(error(network))
    learned = regimes(learn_cells=True, cell_gain_bias=True)
    records = learned.fit(x, y, validation=(x_test, y_test), **settings)
    assert error(learned) < 0.5 * min(uniform)
    soft, hard = records[34], records[35]  # epoch 36 is the first after 70 % of the steps
    assert hard["validation_loss"] < soft["validation_loss"] + 0.02 * y_test.var()
    functions = set(learned.layers[0].maps.palette[i] for i in np.unique(learned.layers[0].maps.cells[:, 0]))
    assert len(functions) > 1
    shuffled = learned.clone()
    shuffled.layers[0].maps = learned.layers[0].maps.shuffled(rng=0)
    assert error(shuffled) > 10 * error(learned)


def test_training_is_reproducible():
    x = rows_with_a_category(200)
    networks = [regimes(learn_cells=True, cell_gain_bias=True) for _ in range(2)]
    records = [network.fit(x, curves(x, 8), epochs=4, rng=0, progress=False) for network in networks]
    assert records[0] == records[1]
    assert networks[0].predict(x).tobytes() == networks[1].predict(x).tobytes()


def test_early_stopping_waits_for_hard_cells():
    x = rows_with_a_category(200)
    for epochs, expected in ((10, range(8, 11)), (1, range(1, 2))):
        network = regimes(learn_cells=True)
        wrong = (x, np.random.default_rng(0).normal(size=200) * 1e3)
        records = network.fit(x, curves(x, 8), epochs=epochs, batch_size=200, early_stopping=1, validation=wrong,
                              learning_rate=0.05, rng=0, progress=False)  # fmt: skip
        assert len(records) in expected
        assert not network.layers[0].is_annealing()
        found = np.square(network.predict(x)[:, 0] - wrong[1]).mean()
        after = [record["validation_loss"] for record in records[7:]]
        if after:  # the best epoch since the cells are hard is restored
            assert found == pytest.approx(min(after), rel=1e-5)


@pytest.mark.parametrize("state", ["new", "learning", "learned"])
def test_files_keep_tables(state, tmp_path):
    x = rows_with_a_category(300)
    network = regimes(learn_cells=["relu", sp.Swish(1.5), "sine"], cell_gain_bias=True)
    layer = with_random_tables(network.layers[0])
    if state == "new":
        network = regimes(learn_cells=True, cell_gain_bias=True)
    elif state == "learning":
        layer.begin_step(0.35)
    else:
        network.fit(x, curves(x, 8), epochs=2, rng=0, progress=False)
    network.save(tmp_path / "n.npz")
    for twin in (Network.load(tmp_path / "n.npz"), pickle.loads(pickle.dumps(network)), network.clone()):
        assert twin.predict(x).tobytes() == network.predict(x).tobytes()
        assert list(twin.layers[0].parameters) == list(network.layers[0].parameters)
        assert twin.layers[0].maps == network.layers[0].maps
        records = [net.clone().fit(x, curves(x, 8), epochs=3, rng=0, progress=False) for net in (twin, network)]
        assert records[0] == records[1]


@pytest.mark.parametrize(
    ("learn_cells", "error", "message"),
    [
        (["relu"], ValueError, r"learn_cells is \('relu',\), expected at least two different functions"),
        (["relu", "relu"], ValueError, "expected at least two different functions"),
        (["relu", "rule"], ValueError, "rule"),
        (["relu", 3], TypeError, "learn_cells is 3, expected an activation or the name of one"),
    ],
)
def test_palettes_that_cannot_be(learn_cells, error, message):
    with pytest.raises(error, match=message):
        SpatialDense(3, 2, learn_cells=learn_cells)


def test_custom_functions_are_learned_too():
    square = sp.Custom(np.square, lambda x: 2 * x, name="square")
    x = rows_with_a_category(400, n_categories=2)
    y = np.where(x[:, 4] == 0, x[:, 0] ** 2, np.tanh(x[:, 0]))
    layer = SpatialDense(5, 1, pattern_hash="network", learn_cells=[square, "tanh"], rng=0)
    layer.weights = [[0.8], [0], [0], [0], [0]]
    network = Network([layer], pattern_hash=sp.CategoryHash(5, [4]))
    network.fit(x, y, epochs=60, learning_rate=0.03, rng=0, progress=False)
    assert [layer.maps[0, 0, 0], layer.maps[0, 0, 1]] == [square, sp.Tanh()]


def test_the_optimizer_follows_the_parameters():
    """Those that remain are updated as if the others had never been there."""
    random = np.random.default_rng(0)
    start = [random.normal(size=shape).astype(np.float32) for shape in ((3, 4), (5,), (2, 3, 4))]
    gradients = [[random.normal(size=a.shape).astype(np.float32) for a in start] for _ in range(6)]
    together = [a.copy() for a in start]
    together[2] = together[2].T.copy().T
    optimizer = Adam(together, 0.1)
    alone = [Adam([a := start[i].copy()], 0.1) for i in (0, 1)]
    for step, grads in enumerate(gradients):
        if step == 3:
            optimizer.follow(together[:2], [True, False])
        optimizer.step(grads[: 3 if step < 3 else 2], 0.01)
        for i in (0, 1):
            alone[i].step([grads[i]], 0.01)
    for i in (0, 1):
        np.testing.assert_array_equal(together[i], alone[i]._parameters[0])
    last = Adam([a := start[2].copy()], 0.1)
    for grads in gradients[:3]:
        last.step(grads[2:], 0.01)
    np.testing.assert_array_equal(together[2], a)


# ---- improve ----


def improvable(x, depth, gain_bias=False, own_hash=False):
    h = sp.SimHash(5, rng=0).fit(x) if own_hash else "network"
    layers = [SpatialDense(5, 6, sp.ActivationMap.uniform(sp.GELU(), 6), h, rng=0, cell_gain_bias=gain_bias)]
    for i in range(1, depth):
        layers.append(SpatialDense(6, 6, sp.ActivationMap.uniform(sp.GELU(), 6), "network", rng=i))
    for layer in layers:
        if gain_bias and layer is layers[0]:
            with_random_tables(layer)
    return Network([*layers, Dense(6, 1, rng=9)], pattern_hash=sp.CategoryHash(5, [4]))


@pytest.mark.parametrize("weights", [None, np.arange(300) % 3])
@pytest.mark.parametrize(("depth", "gain_bias", "own_hash"), [(1, False, False), (2, True, False), (2, False, True)])
def test_improve_never_raises_the_loss(depth, gain_bias, own_hash, weights):
    x = rows_with_a_category(300)
    y = curves(x, 8)
    network = improvable(x, depth, gain_bias, own_hash)

    def loss():
        return np.average(np.square(network.predict(x)[:, 0] - y), weights=weights)

    before, arrays = loss(), [a.copy() for layer in network.layers for a in layer.parameters.values()]
    twin = network.clone()
    for layer in network.layers[:-1]:
        layer.maps.reset_counts()
    records = network.improve(x, y, sweeps=9, sample_weight=weights)
    assert not any(layer.maps.hit_counts.any() for layer in network.layers[:-1])
    losses = [record["loss"] for record in records]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] == pytest.approx(before, rel=1e-5)
    assert losses[-1] == pytest.approx(loss(), rel=1e-5)
    assert losses[-1] < 0.9 * losses[0]
    assert records[0]["changed"] == 0 < records[1]["changed"]
    after = [a for layer in network.layers for a in layer.parameters.values()]
    assert all(a.tobytes() == b.tobytes() for a, b in zip(arrays, after, strict=True))
    assert twin.improve(x, y, sweeps=9, sample_weight=weights) == records
    assert twin.layers[0].maps == network.layers[0].maps


def test_improve_is_exact_for_one_unit():
    """No other choice of functions for its cells has a lower loss."""
    x = rows_with_a_category(90, n_categories=3)
    y = curves(x, 3)
    layer = SpatialDense(5, 1, sp.ActivationMap.uniform(sp.ReLU(), 1), "network", rng=3)
    network = Network([layer, Dense(1, 1, rng=0)], pattern_hash=sp.CategoryHash(5, [4]))
    best = network.improve(x, y)[-1]["loss"]
    functions = [sp.ReLU(), sp.Tanh(), sp.GELU(), sp.Sine()]
    found = []
    for choice in np.ndindex(4, 4, 4):
        for column, number in enumerate(choice):
            layer.maps[0, 0, column] = functions[number]
        found.append(np.square(network.predict(x)[:, 0] - y).mean())
    assert best == pytest.approx(min(found), rel=1e-6)


def test_improve_classes():
    x = rows_with_a_category(200)
    labels = (curves(x, 8) > 0.2).astype(int)
    network = Network(
        [SpatialDense(5, 6, sp.ActivationMap.uniform(sp.ReLU(), 6), "network", rng=0), Dense(6, 2, rng=1), Softmax()],
        pattern_hash=sp.CategoryHash(5, [4]),
    )
    losses = [record["loss"] for record in network.improve(x, labels, palette=["swish"])]
    probabilities = network.predict(x)[np.arange(200), labels]
    assert losses[-1] == pytest.approx(-np.log(probabilities).mean(), rel=1e-5)
    assert losses[-1] < losses[0]
    assert set(network.layers[0].maps.palette) == {sp.ReLU(), sp.Swish()}


def test_networks_that_cannot_be_improved():
    x = rows_with_a_category(20)
    h = sp.CategoryHash(5, [4])
    with pytest.raises(ValueError, match="improve has nothing to choose: no layer has maps"):
        Network([Dense(5, 1, rng=0)]).improve(x, x[:, 0])
    with pytest.raises(ValueError, match="fit has not finished the learning of cells"):
        Network([SpatialDense(5, 1, pattern_hash="network", learn_cells=True, rng=0)], pattern_hash=h).improve(
            x, x[:, 0]
        )
    with pytest.raises(ValueError, match="improve needs layers that do not mix the rows"):
        Network([Reversed((5,)), SpatialDense(5, 1, rng=0)]).improve(x, x[:, 0])


# ---- fade ----


def faded(distance, gain_bias=False, dtype=np.float64):
    layer = SpatialDense(3, 6, sp.ActivationMap.random(6, 0, [*SMOOTH, sp.ReLU()]), rng=1, cell_gain_bias=gain_bias,
                         fade=distance)  # fmt: skip
    if gain_bias:
        with_random_tables(layer)
    return layer.astype(dtype)


@pytest.mark.parametrize("gain_bias", [False, True])
def test_fade_mixes_the_cell_with_the_most_common_function(gain_bias):
    layer = faded(0.5, gain_bias)
    x = np.random.default_rng(0).normal(size=(300, 3))
    margin = layer.pattern_hash.margin(x)
    near = margin < 0.5
    assert 0.2 < near.mean() < 1
    layer.fade = None
    without = layer.forward(x, count=False)
    layer.fade = 0.5
    z = x @ layer.weights + layer.bias
    common = [np.bincount(cells.ravel()).argmax() for cells in layer.maps.cells]
    base = np.stack([layer.maps.palette[k](z[:, j]) for j, k in enumerate(common)], axis=1)
    share = np.minimum(1, margin / 0.5)[:, np.newaxis]
    for y in (layer.forward(x), layer.forward(x, training=True), Network([layer]).predict(x)):
        np.testing.assert_allclose(y, (1 - share) * base + share * without, rtol=1e-9, atol=1e-12)
        assert y[~near].tobytes() == without[~near].tobytes()
    assert layer.maps.hit_counts.sum() == 2 * 300 * 6


def test_fade_has_no_jumps():
    layer = faded(0.3)
    planes, thresholds = layer.pattern_hash.planes, layer.pattern_hash.thresholds
    at = np.random.default_rng(0).normal(size=(50, 3))
    plane = planes[2] / np.linalg.norm(planes[2])
    at -= (at @ plane - thresholds[2] / np.linalg.norm(planes[2]))[:, np.newaxis] * plane  # on a hyperplane
    one, other = layer.forward(at + 1e-9 * plane), layer.forward(at - 1e-9 * plane)
    assert np.abs(one - other).max() < 1e-6
    layer.fade = None
    one, other = layer.forward(at + 1e-9 * plane), layer.forward(at - 1e-9 * plane)
    assert np.abs(one - other).max() > 0.1


@pytest.mark.parametrize("gain_bias", [False, True])
def test_the_gradient_of_a_faded_layer_is_complete(gain_bias):
    layer = faded(0.5, gain_bias)
    table = check_gradients(layer, np.random.default_rng(3).normal(size=(40, 3)))
    assert [row["array"] for row in table] == ["x", *layer.parameters]
    assert max(table.column("relative_error")) < 1e-7


def test_fade_in_files_and_training(tmp_path):
    x = np.random.default_rng(0).normal(size=(300, 3)).astype(np.float32)
    network = Network([faded(0.4, True, np.float32), Dense(6, 1, rng=1)])
    records = network.fit(x, np.abs(x[:, 0]), epochs=20, learning_rate=0.01, rng=0, progress=False)
    assert records[-1]["loss"] < 0.5 * records[0]["loss"]
    network.save(tmp_path / "n.npz")
    for twin in (Network.load(tmp_path / "n.npz"), pickle.loads(pickle.dumps(network)), network.clone()):
        assert twin.layers[0].fade == 0.4
        assert twin.predict(x).tobytes() == network.predict(x).tobytes()
    before = network.predict(x)
    network.split(units=[2])
    np.testing.assert_allclose(network.predict(x), before, rtol=1e-5, atol=1e-5)


def test_what_cannot_fade():
    with pytest.raises(ValueError, match="fade is 0"):
        SpatialDense(3, 2, fade=0)
    with pytest.raises(ValueError, match=r"fade needs cells that are not learned: assign layer\.fade after fit"):
        SpatialDense(3, 2, fade=0.1, learn_cells=True)
    for pattern_hash in ("network", sp.CategoryHash(3, [0]), sp.RandomHash(3)):
        with pytest.raises(ValueError, match="fade needs a SimHash of the layer's input"):
            SpatialDense(3, 2, pattern_hash=pattern_hash, fade=0.1)
    with pytest.raises(ValueError, match=r"improve needs layers without fade: assign layer\.fade afterwards"):
        Network([faded(0.1)]).improve(np.ones((4, 3)), np.ones((4, 6)))
