"""Layers whose cells are known categories: the shared hash of a network, gain and bias per cell, learned cells."""

import pickle

import numpy as np
import pytest

import spatium as sp
from spatium.nn import Dense, Layer, Network, SpatialDense, Standardize, check_gradients


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
