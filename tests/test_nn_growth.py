"""Splitting and pruning: the outputs stay, the optimizer goes on, and the loss falls as the splitting matrix says."""

import numpy as np
import pytest

import spatium as sp
from spatium.nn import (
    ActivationLayer,
    BatchNorm,
    Dense,
    Dropout,
    Network,
    Softmax,
    SpatialDense,
    SpatialLayer,
    Standardize,
    growth,
)
from spatium.nn._layout import memory_order
from spatium.nn.optimizer import Adam


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def layer_of(kind, n_inputs, n_units, seed):
    """A layer of each kind whose units can be split, with all that a unit can have."""
    rng = np.random.default_rng(seed)
    if kind == "dense":
        layer = Dense(n_inputs, n_units, "gelu", rng=rng)
    elif kind == "map":
        layer = SpatialDense(n_inputs, n_units, cell_gain_bias=True, rng=rng)
    elif kind == "learned":
        layer = SpatialDense(n_inputs, n_units, learn_cells=True, rng=rng)
    elif kind == "gln":
        layer = SpatialLayer(n_inputs, n_units, contexts=8, rule="gln", rng=rng)
    else:
        rule = {"spatial": "delta", "traces": "three_factor"}[kind]
        maps = sp.ActivationMap.random(n_units, rng=rng, palette=[sp.Tanh(), sp.Sine(), sp.GELU()])
        layer = SpatialLayer(n_inputs, n_units, 8, maps, rule=rule, feedback=kind == "spatial", rng=rng)
    for array in layer.parameters.values():
        array += 0.3 * rng.normal(size=array.shape)
    return layer


KINDS = ("dense", "map", "learned", "spatial", "traces", "gln")


def network_of(first, second, norm=False, dtype=np.float64):
    layers = [layer_of(first, 5, 4, 0), layer_of(second, 4, 6, 1), Dense(6, 2, rng=2)]
    if norm:
        layers.insert(1, BatchNorm(4, "tanh"))
    network = Network(layers)
    for _ in range(3):
        network.forward(normal(3, 50, 5) * 0.3 + 0.4, training=True)  # moves running statistics
    return network.astype(dtype)


def hashes_at_medians(network, x):
    """Rows at the thresholds of a hash, which the slightest change of a projection would move to another cell."""
    for layer in network.layers:
        if isinstance(getattr(layer, "pattern_hash", None), sp.SimHash):
            layer.pattern_hash.fit(x)
        x = layer.forward(x, count=False)


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("second", KINDS)
@pytest.mark.parametrize("first", KINDS)
def test_a_split_preserves_the_function(first, second, norm):
    network = network_of(first, second, norm)
    x = normal(4, 301, 5)
    hashes_at_medians(network, x)
    before = network.predict(x)
    children = network.split(units=[2, 0])
    assert children.tolist() == [[2, 4], [0, 5]]
    assert network.layers[0].n_outputs == 6 == network.layers[-2].n_inputs
    np.testing.assert_allclose(network.predict(x), before, rtol=1e-12, atol=1e-13)
    assert network.forward(x, training=True).shape == (301, 2)
    network.backward(np.ones((301, 2)))
    for layer in network.layers:
        assert {name: array.shape for name, array in layer.gradients.items()} == {
            name: array.shape for name, array in layer.parameters.items()
        }
    weights = network.layers[0].weights
    units = weights if isinstance(network.layers[0], SpatialLayer) else weights.T
    for one, other in children:
        assert units[one].tobytes() == units[other].tobytes()
    network.clone().split(units=3)  # again


@pytest.mark.parametrize("kind", KINDS)
def test_the_tables_contain_every_array_of_a_unit(kind):
    """No other axis has these lengths, so each axis of 13 is that of the units, and each of 11 that of the inputs."""
    layer = layer_of(kind, 11, 13, 0)
    if isinstance(layer, SpatialLayer):
        layer.step(normal(0, 5, 11))
    for name, array in (layer.parameters | layer.buffers).items():
        for table, length in ((growth.UNITS, 13), (growth.INPUTS, 11)):
            assert table[type(layer)].get(name) == (array.shape.index(length) if length in array.shape else None), name


@pytest.mark.parametrize("first", ["dense", "map", "spatial"])
@pytest.mark.parametrize("second", ["dense", "map", "spatial"])
def test_a_split_with_small_integers_has_the_same_bits(first, second):
    """All sums are exact then, so nothing is rounded."""
    random = np.random.default_rng(0)
    relus = sp.ActivationMap.random(3, rng=0, palette=[sp.ReLU(), sp.LeakyReLU(0.5), sp.Identity()])
    makers = {
        "dense": lambda n, m: Dense(n, m, "relu", rng=0),
        "map": lambda n, m: SpatialDense(n, m, relus, rng=0),
        "spatial": lambda n, m: SpatialLayer(n, m, 64, relus, rng=0),
    }
    network = Network([makers[first](4, 3), makers[second](3, 3)])
    for layer in network.layers:
        for array in layer.parameters.values():
            array[...] = random.integers(-4, 5, array.shape)
    x = random.integers(-4, 5, (500, 4)).astype(np.float32)
    hashes_at_medians(network, x)
    before = network.predict(x)
    for _ in range(3):
        network.split(units=[1, 2])
    assert network.predict(x).tobytes() == before.tobytes()


@pytest.mark.parametrize("kind", ["dense", "map", "spatial"])
def test_the_children_of_a_unit_stay_equal_and_add_up(kind):
    network = network_of(kind, "dense")
    twin = network.clone()
    x, grad = normal(4, 40, 5), normal(5, 40, 2)
    (children,) = network.split(units=[1])

    def gradients(net):
        net.forward(x, training=True)
        net.backward(grad)
        weights = net.layers[0].gradients["weights"]
        return (weights if kind == "spatial" else weights.T), net.layers[1].gradients["weights"]

    (incoming, outgoing), (whole, former) = gradients(network), gradients(twin)
    np.testing.assert_allclose(incoming[children].sum(axis=0), whole[1], rtol=1e-9, atol=1e-12)
    # equal but for what the place of a column in a product changes, on some processors
    np.testing.assert_allclose(incoming[children[0]], incoming[children[1]], rtol=1e-13, atol=1e-15)
    np.testing.assert_allclose(outgoing[children], [former[1]] * 2, rtol=1e-9, atol=1e-12)


# ---- the splitting matrix ----


def loss_of(network, x, y):
    return float(np.square(network.predict(x) - y).mean())


def expected_matrix(network, x, y, unit):
    """E[∂L/∂h · f″(z) · x xᵀ], with ∂L/∂h from the weights of a linear last layer, and f″ of tanh."""
    first, last = network.layers
    t = np.tanh(x @ first.weights + first.bias)
    grad = 2 * (t @ last.weights + last.bias - y) / y.shape[1] @ last.weights.T
    factor = (grad * -2 * t * (1 - t**2))[:, unit]
    return (x * factor[:, np.newaxis]).T @ x / len(x)


def smooth_network(seed=0, act="tanh"):
    return Network([Dense(3, 4, act, rng=seed), Dense(4, 2, rng=seed + 1)]).astype(np.float64)


@pytest.mark.parametrize("unit", range(4))
def test_the_loss_falls_with_the_smallest_eigenvalue(unit):
    x, y = normal(0, 300, 3), normal(1, 300, 2)
    matrix = expected_matrix(smooth_network(), x, y, unit)
    lowest = np.linalg.eigvalsh(matrix)[0]
    before = loss_of(smooth_network(), x, y)
    changes = []
    for epsilon in (1e-2, 5e-3):
        network = smooth_network()
        weights = network.layers[0].weights.copy()
        (children,) = network.split(units=[unit], epsilon=epsilon, x=x, y=y)
        step = network.layers[0].weights[:, children] - weights[:, [unit]]
        np.testing.assert_allclose(np.linalg.norm(step, axis=0), epsilon, rtol=1e-9)
        np.testing.assert_allclose(step.sum(axis=1), 0, atol=1e-15)
        np.testing.assert_allclose(matrix @ step[:, 0], lowest * step[:, 0], atol=1e-9)
        changes.append((loss_of(network, x, y) - before) / (epsilon**2 / 2))
    assert changes[1] == pytest.approx(lowest, abs=1e-3 * abs(lowest) + 1e-6)
    assert abs(changes[1] - lowest) < 0.3 * abs(changes[0] - lowest) + 1e-7  # an error of the order ε²


def test_the_change_of_the_outputs_is_quadratic():
    x, y = normal(0, 300, 3), normal(1, 300, 2)
    before = smooth_network().predict(x)
    changes = []
    for epsilon in (2e-3, 1e-3):
        network = smooth_network()
        network.split(units=[0, 2], epsilon=epsilon, x=x, y=y)
        changes.append(np.abs(network.predict(x) - before).max())
    assert changes[0] / changes[1] == pytest.approx(4, rel=1e-3)


def test_by_splitting_chooses_the_smallest_eigenvalue():
    x, y = normal(0, 300, 3), normal(1, 300, 2)
    lowest = [np.linalg.eigvalsh(expected_matrix(smooth_network(), x, y, unit))[0] for unit in range(4)]
    assert smooth_network().split(x=x, y=y).tolist() == [[int(np.argmin(lowest)), 4]]
    network = smooth_network()
    assert network.split(x=x, y=network.predict(x)).tolist() == []  # no error, so nothing to gain
    assert network.layers[0].n_outputs == 4


@pytest.mark.parametrize("kind", ["map", "spatial", "gln"])
def test_second_derivatives_of_every_layer(kind):
    """The loss changes by the sum of the negative eigenvalues of the contexts, with f″ from differences."""
    x, y = 0.2 * normal(0, 200, 3) + 0.5, normal(1, 200, 2)
    network = Network([layer_of(kind, 3, 4, 0), Dense(4, 2, rng=1)]).astype(np.float64)
    first, last = network.layers
    outputs, h = [], 1e-4
    for shift in (h, -2 * h, h):
        outputs.append(first.forward(x, count=False))
        first.parameters["bias"] += shift
    middle, above, below = outputs
    grad = (network.predict(x) - y) @ last.weights.T
    factor = ((above - 2 * middle + below) / h**2 * grad)[:, 1]
    inputs = np.log(x.clip(0.01, 0.99) / (1 - x.clip(0.01, 0.99))) if kind == "gln" else x
    contexts = np.zeros(200) if kind == "map" else first._rows_of(x)[1]
    expected = 0.0
    for c in np.unique(contexts):
        own = contexts == c
        matrix = (inputs[own] * factor[own, np.newaxis]).T @ inputs[own] / 200
        expected += min(0.0, np.linalg.eigvalsh(matrix)[0])
    before, twin, epsilon = loss_of(network, x, y), network.clone(), 1e-3
    twin.split(units=[1], x=x, y=y, epsilon=epsilon)
    assert expected < -1e-4
    assert (loss_of(twin, x, y) - before) / (epsilon**2 / 2) == pytest.approx(expected, rel=1e-2)


def test_relu_has_no_splitting_matrix_so_the_direction_is_random():
    x, y = normal(0, 100, 3), normal(1, 100, 2)
    network = smooth_network(act="relu")
    assert network.split(x=x, y=y).tolist() == []
    steps = []
    for seed in (0, 0, 1):
        twin = network.clone()
        twin.split(units=[1], epsilon=0.1, x=x, y=y, rng=seed)
        steps.append(twin.layers[0].weights[:, 1] - network.layers[0].weights[:, 1])
        assert np.linalg.norm(steps[-1]) == pytest.approx(0.1)
    assert steps[0].tobytes() == steps[1].tobytes()
    assert np.abs(steps[0] - steps[2]).max() > 0.01


def test_by_error_chooses_the_unit_with_the_largest_gradient():
    x, y = normal(0, 300, 3), normal(1, 300, 2)
    for act in ("relu", "tanh"):
        network = smooth_network(act=act)
        network.forward(x, training=True)
        grad = network.layers[1].backward(2 * (network.predict(x) - y))
        gradients = np.abs(network.layers[0]._backward_parameters(grad)).sum(axis=0)
        assert network.split(by="error", x=x, y=y).tolist() == [[int(gradients.argmax()), 4]]


@pytest.mark.parametrize("n", [1025, 2048, 2500])
def test_the_splitting_matrix_of_several_blocks_of_rows(n):
    """A last block of one row, which has no variance, is joined to the one before."""
    x, y = normal(0, n, 3), normal(1, n, 2)
    network = smooth_network()
    lowest = [np.linalg.eigvalsh(expected_matrix(network, x, y, unit))[0] for unit in range(4)]
    weights = network.layers[0].weights.copy()
    ((one, _),) = network.split(x=x, y=y, epsilon=0.1)
    assert one == np.argmin(lowest)
    step = network.layers[0].weights[:, one] - weights[:, one]
    np.testing.assert_allclose(expected_matrix(smooth_network(), x, y, one) @ step, min(lowest) * step, atol=1e-9)
    normed = Network([Dense(3, 4, rng=0), BatchNorm(4, "tanh"), Dense(4, 2, rng=1)])
    assert len(normed.split(by="error", x=x, y=y)) == 1


def test_classes_and_other_layers_around():
    random = np.random.default_rng(0)
    x, labels = normal(0, 200, 5), random.integers(0, 3, 200)
    layers = [Standardize(5), Dropout(0.2, rng=0), Dense(5, 4, "tanh", rng=0), BatchNorm(4), Dense(4, 3, rng=1)]
    network = Network([*layers, Dropout(0.1, rng=0), Softmax()])
    network.fit(x, labels, epochs=2, rng=0, progress=False)
    before, state = network.predict(x), layers[1].rng.bit_generator.state
    buffers = {name: array.copy() for name, array in layers[3].buffers.items()}
    network.split(layer=2, x=x, y=labels, epsilon=0.0, by="error")
    np.testing.assert_allclose(network.predict(x), before, rtol=2e-6, atol=2e-7)
    assert layers[1].rng.bit_generator.state == state
    for name, array in buffers.items():
        assert np.array_equal(np.resize(layers[3].buffers[name], array.shape), array)
    network.fit(x, labels, epochs=1, rng=0, progress=False)


def test_hashes_of_the_network():
    x = np.column_stack([normal(0, 200, 3), np.arange(200) % 8])
    h = sp.CategoryHash(4, [3])
    first = SpatialDense(4, 4, sp.ActivationMap.random(4, 0, [sp.Tanh(), sp.Sine()]), "network", rng=0)
    network = Network([first, SpatialLayer(4, 3, 8, pattern_hash="network", rng=1)], pattern_hash=h).astype(np.float64)
    before = network.predict(x)
    network.split(x=x, y=normal(1, 200, 3))
    assert network.layers[0].n_outputs == 5
    np.testing.assert_allclose(network.predict(x), before, rtol=1e-12, atol=1e-13)


# ---- training ----


@pytest.mark.parametrize("kind", ["dense", "map", "spatial"])
def test_the_optimizer_goes_on(kind):
    """With equal children, training with a split is training without: the split layer has half of each gradient."""
    x, y = normal(0, 64, 5), normal(1, 64, 2)
    network = network_of(kind, "dense")
    layer, after = network.layers[:2]
    parameters = [*layer.parameters.values(), *after.parameters.values()]
    optimizer = Adam(parameters)
    for _ in range(3):
        network.forward(x, training=True)
        network.backward(network.predict(x) - y)
        optimizer.step([*layer.gradients.values(), *after.gradients.values()], 0.01)
    before = [tuple(m.copy() for m in pair) for pair in optimizer._moments]
    network._optimizer = optimizer
    (children,) = network.split(units=[2])
    followed = [*layer.parameters.values(), *after.parameters.values()]
    optimizer.follow(followed)
    names = [*layer.parameters, *after.parameters]
    for name, old, new, shape in zip(names, before, optimizer._moments, [p.shape for p in followed], strict=True):
        assert new[0].size == np.prod(shape), name
        assert all(np.abs(m).sum() > 0 for m, b in zip(new, old, strict=True) if np.abs(b).sum() > 0)
    network.forward(x, training=True)
    network.backward(network.predict(x) - y)
    optimizer.step([*layer.gradients.values(), *after.gradients.values()], 0.01)
    weights = layer.weights if kind == "spatial" else layer.weights.T
    assert weights[children[0]].tobytes() == weights[children[1]].tobytes()


def test_moments_of_the_children():
    """First moments are halves and second moments quarters, whatever the order of the axes in memory."""
    start = np.arange(24, dtype=np.float32).reshape(2, 3, 4)
    for order in ((0, 1, 2), (2, 1, 0), (1, 2, 0)):
        old = np.ascontiguousarray(start.transpose(order)).transpose(np.argsort(order))
        optimizer = Adam([old])
        gradient = start - 7.5
        optimizer.step([gradient], 0.01)
        twin_first, twin_second = 0.1 * gradient, 0.001 * gradient**2
        new = np.concatenate([old, old[:, :1]], axis=1)
        factors = np.array([0.5, 1, 1, 0.5], np.float32).reshape(1, 4, 1)
        optimizer.exchange(old, new, lambda m: np.concatenate([m, m[:, :1]], axis=1), factors)
        places = memory_order(new)
        first, second = (
            m.reshape(new.transpose(places).shape).transpose(np.argsort(places)) for m in optimizer._moments[0]
        )
        for found, expected, power in ((first, twin_first, 1), (second, twin_second, 2)):
            wanted = np.concatenate([expected, expected[:, :1]], axis=1) * factors**power
            np.testing.assert_allclose(found, wanted, rtol=1e-5)


def test_growth_in_fit():
    """A callback splits and prunes; the loss falls on, and early stopping compares epochs of one size only."""
    random = np.random.default_rng(0)
    x = random.uniform(-1, 1, (600, 1)).astype(np.float32)
    y = np.sin(6 * x[:, 0])
    network = Network([Dense(1, 2, "tanh", rng=0), Dense(2, 1, rng=1)])
    fixed = network.clone()
    sizes = []

    def grow(record):
        if record["epoch"] in (20, 40):
            network.split(units=np.arange(network.layers[0].n_outputs), epsilon=0.2, x=x, y=y, rng=0)
        if record["epoch"] == 60:
            network.prune(threshold=0.05, x=x)
        sizes.append(network.layers[0].n_outputs)

    records = network.fit(x, y, epochs=80, batch_size=20, learning_rate=0.05, progress=grow, rng=0,
                          validation=(x[:200], y[:200]), early_stopping=80, schedule="constant")  # fmt: skip
    losses = [record["loss"] for record in records]
    assert sizes[19:21] == [4, 4]
    assert sizes[40] == 8
    assert len(records) == 80
    assert losses[39] < 0.2 * losses[19]
    assert fixed.fit(x, y, epochs=80, batch_size=20, learning_rate=0.05, progress=False, rng=0,
                     schedule="constant")[-1]["loss"] > 10 * losses[-1]  # fmt: skip
    assert network._optimizer is None
    after = [record["validation_loss"] for record in records[60 if sizes[-1] < 8 else 40 :]]
    assert np.square(network.predict(x[:200])[:, 0] - y[:200]).mean() == pytest.approx(min(after), rel=1e-4)


def test_no_epoch_after_the_growth():
    network = Network([Dense(2, 2, "tanh", rng=0), Dense(2, 1, rng=1)])
    x = normal(0, 20, 2)
    records = network.fit(x, x[:, 0], epochs=2, validation=(x, x[:, 0]), early_stopping=1, rng=0,
                          progress=lambda record: network.split(units=[0]))  # fmt: skip
    assert len(records) == 2
    assert network.layers[0].n_outputs == 4
    assert np.isfinite(network.predict(x)).all()


# ---- pruning ----


@pytest.mark.parametrize("norm", [False, True])
@pytest.mark.parametrize("second", ["dense", "map", "spatial", "gln"])
@pytest.mark.parametrize("first", ["dense", "map", "spatial"])
def test_pruning_units_that_are_constant_changes_nothing(first, second, norm):
    network = network_of(first, second, norm)
    layer = network.layers[0]
    x = normal(4, 200, 5)
    constant = layer.parameters["weights"]
    if first == "spatial":
        constant[2] = constant[3] = 0
        layer.bias[2:4] = 0.3
        layer.maps[2:4] = sp.Tanh()
    else:
        constant[:, 2:4] = 0
        layer.bias[2:4] = 0.3
        if first == "map":
            layer.maps[2:4] = sp.Tanh()
            layer.cell_bias[2:4] = 0
            layer.cell_gain[2:4] = 1
    rows = network.layers[-2].parameters["weights"]
    (rows[:, :, 2:4] if isinstance(network.layers[-2], SpatialLayer) else rows[2:4])[...] *= 1e-3
    hashes_at_medians(network, x)
    before = network.predict(x)
    assert network.prune(threshold=0.1, x=x).tolist() == [2, 3]
    assert network.layers[0].n_outputs == 2
    same = np.isclose(network.predict(x), before, rtol=1e-9, atol=1e-9).all(axis=1)
    assert same.mean() > 0.98  # a row at the threshold of the next layer's hash may change its cell


def test_pruning_without_samples_looks_at_the_outgoing_weights():
    network = smooth_network()
    network.layers[1].parameters["weights"][[0, 2]] *= 1e-3
    bias = network.layers[1].bias.copy()
    kept = network.layers[0].weights[:, [1, 3]].copy()
    assert network.prune().tolist() == [0, 2]
    assert np.array_equal(network.layers[0].weights, kept)
    assert np.array_equal(network.layers[1].bias, bias)
    assert network.prune().tolist() == []


def test_one_unit_always_remains():
    network = smooth_network()
    assert len(network.prune(threshold=1e9)) == 3
    assert network.layers[0].n_outputs == 1
    network = smooth_network()
    network.layers[1].parameters["weights"][...] = 0
    assert network.prune(threshold=1.0).tolist() == []


# ---- what cannot be ----


@pytest.mark.parametrize(
    ("layers", "arguments", "error", "message"),
    [
        ([Dense(3, 4), Softmax()], {}, ValueError, "split needs Dense, SpatialDense or SpatialLayer after layers.0., "),
        ([Dense(3, 4), Dropout(0.5), Dense(4, 1)], {}, ValueError, "perhaps after a BatchNorm; found Dropout"),
        ([Dense(3, 4), BatchNorm(4)], {}, ValueError, "found nothing"),
        ([ActivationLayer("relu"), Dense(3, 4)], {}, ValueError, r"layers\[0\] is a ActivationLayer, expected"),
        ([Dense(3, 4), Dense(4, 1)], {"layer": 2}, ValueError, "layer is 2, the network has 2 layers"),
        ([Dense(3, 4), Dense(4, 1)], {"layer": -1}, ValueError, "layer is -1"),
        ([Dense(3, 4), Dense(4, 1)], {"units": [4]}, ValueError, "expected indices from 0 to 3"),
        ([Dense(3, 4), Dense(4, 1)], {"units": [-1]}, ValueError, "expected indices from 0 to 3"),
        ([Dense(3, 4), Dense(4, 1)], {"units": [1, 1]}, ValueError, "expected different units"),
        ([Dense(3, 4), Dense(4, 1)], {"units": [1.0]}, TypeError, "expected indices of units"),
        ([Dense(3, 4), Dense(4, 1)], {"by": "size"}, ValueError, "by is 'size', expected 'splitting', 'error'"),
        ([Dense(3, 4), Dense(4, 1)], {}, ValueError, "split needs x and y to choose units by splitting, or with eps"),
        ([Dense(3, 4), Dense(4, 1)], {"units": [1], "epsilon": 0.1}, ValueError, "split needs x and y"),
        ([Dense(3, 4), Dense(4, 1)], {"units": [1], "epsilon": -0.1}, ValueError, "epsilon is -0.1"),
        ([Dense(3, 4), Dense(4, 1)], {"x": np.ones((2, 3))}, ValueError, "split needs both x and y, y is missing"),
        ([Dense(3, 4), Dense(4, 1)], {"by": "error"}, ValueError, "split by error needs x and y"),
        ([Dense(3, 4), Dense(4, 1)], {"by": "saturation"}, ValueError, "by='saturation' needs a SpatialLayer"),
        ([Dense(3, 4), SpatialLayer(4, 1, bits=4)], {"units": [1]}, ValueError, "layers.1. has bits=4"),
        (
            [Dense(3, 4), SpatialDense(4, 1, pattern_hash=lambda x: np.zeros(len(x), np.uint64))],
            {"units": [1]},
            ValueError,
            "the pattern_hash of the next layer is .*, expected one of Spatium's hashes",
        ),
    ],
)
def test_bad_splits(layers, arguments, error, message):
    network = Network(layers)
    arrays = [array.copy() for layer in layers for array in layer.parameters.values()]
    with pytest.raises(error, match=message):
        network.split(**arguments)
    after = [array for layer in network.layers for array in layer.parameters.values()]
    assert all(np.array_equal(a, b) for a, b in zip(arrays, after, strict=True))


@pytest.mark.parametrize(
    "pattern_hash",
    [
        sp.SimHash(4, rng=0),
        sp.RandomHash(4, rng=0),
        sp.ConstantHash(4, 0x304),
        sp.BucketHash(4, 2, [-0.5, 0.0, 0.5]),
        sp.CategoryHash(4, [2]),
    ],
    ids=repr,
)
def test_hashes_of_the_next_layer(pattern_hash):
    x = np.abs(np.random.default_rng(0).integers(0, 8, (300, 4))).astype(np.float32)
    first = Dense(4, 4, rng=0)
    first.weights = np.eye(4)
    network = Network([first, SpatialDense(4, 3, pattern_hash=pattern_hash, rng=0)])
    if isinstance(pattern_hash, sp.SimHash):
        pattern_hash.fit(x)
    hashes, before = pattern_hash(x), network.predict(x)
    network.split(units=[2, 1])
    new = network.layers[1].pattern_hash
    assert np.array_equal(new(network.layers[0].forward(x)), hashes)
    np.testing.assert_allclose(network.predict(x), before, rtol=1e-5, atol=1e-5)
    network.layers[1].parameters["weights"][[0, 3]] = 0
    if isinstance(pattern_hash, sp.RandomHash):
        with pytest.raises(ValueError, match=r"RandomHash\(6\), needs the units \[0, 3\]"):
            network.prune()
        return
    assert network.prune().tolist() == [0, 3]
    if not isinstance(pattern_hash, sp.SimHash):
        assert np.array_equal(network.layers[1].pattern_hash(network.layers[0].forward(x)), hashes)
    network.layers[1].parameters["weights"][[1, 2, 3]] = 0
    if isinstance(pattern_hash, sp.BucketHash | sp.CategoryHash):
        with pytest.raises(ValueError, match=r"of the next layer, .*, needs the units"):
            network.prune()


def test_a_custom_activation_needs_a_second_derivative():
    square = sp.Custom(np.square, lambda x: 2 * x, name="square")
    network = Network([Dense(3, 2, square, rng=0), Dense(2, 1, rng=1)])
    x = normal(0, 20, 3)
    with pytest.raises(TypeError, match="created without a second derivative"):
        network.split(x=x, y=x[:, 0])
    assert len(network.split(by="error", x=x, y=x[:, 0])) == 1


def test_cells_that_are_learned_have_no_second_derivative():
    network = network_of("learned", "dense")
    with pytest.raises(ValueError, match="fit has not finished the learning of cells"):
        network.split(x=normal(0, 9, 5), y=normal(1, 9, 2))
