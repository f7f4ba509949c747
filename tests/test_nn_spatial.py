"""Spatial neurons: weights by context, local rules with closed forms, what neurons remember, files, and threads."""

import copy
import pickle
import tracemalloc

import numpy as np
import pytest

import spatium as sp
from spatium import _cells
from spatium.nn import Dense, Network, SpatialDense, SpatialLayer, check_gradients
from spatium.nn.spatial import _CONTEXTS

MIXED = [sp.Tanh(), sp.Sine(), sp.GELU(), sp.ReLU()]


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


def linear(n_inputs, n_units=1, **arguments):
    return SpatialLayer(n_inputs, n_units, **({"contexts": 1, "rng": 0} | arguments)).astype(np.float64)


def mixed(n_inputs, n_units, contexts=8, seed=0, **arguments):
    """A layer with random weights in every context, and random maps."""
    maps = sp.ActivationMap.random(n_units, seed, MIXED)
    layer = SpatialLayer(n_inputs, n_units, contexts, maps, rng=seed, **arguments)
    for name in ("weights", "bias"):
        array = layer.parameters[name]
        array[...] = np.random.default_rng(seed + 1).normal(size=array.shape)
    return layer


# ---- the definition ----


@pytest.mark.parametrize("contexts", [1, 2, 4, 8, 16, 32, 64])
def test_the_definition(contexts):
    layer = mixed(5, 4, contexts).astype(np.float64)
    x = normal(2, 300, 5)
    layer.fit_hash(x)
    rows, columns = sp.cell_of(layer.pattern_hash(x))
    c = _CONTEXTS[contexts][8 * rows + columns]
    z = np.einsum("rji,ri->rj", layer.weights[:, c].transpose(1, 0, 2), x) + layer.bias[:, c].T
    expected = np.array([[layer.maps[j, rows[r], columns[r]](z[r, j]) for j in range(4)] for r in range(300)])
    np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(layer.forward(x, training=True), expected, rtol=1e-12, atol=1e-12)
    assert layer.maps.hit_counts.sum() == 300 * 4
    assert layer.forward(x[:0]).shape == (0, 4)


def test_contexts_are_the_first_hyperplanes():
    h = sp.SimHash(12, rng=0)
    x = normal(0, 40_000, 12)
    above = x @ h.planes.T > h.thresholds
    row, column = sp.cell_of(h(x))
    cells = 8 * row + column
    for bits in range(7):
        contexts = _CONTEXTS[1 << bits][cells]
        pattern = above[:, :bits] @ (1 << np.arange(bits))
        assert (
            len(set(zip(contexts.tolist(), pattern.tolist(), strict=True))) == len(set(contexts.tolist())) == 1 << bits
        )
        assert contexts.max() == (1 << bits) - 1
        of_category = sp.CategoryHash(1, [0])(np.arange(1 << bits)[:, np.newaxis])
        row_of, column_of = sp.cell_of(of_category)
        assert _CONTEXTS[1 << bits][8 * row_of + column_of].tolist() == list(range(1 << bits))
    assert _CONTEXTS[64].tolist() == list(range(64))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("act", [None, "gelu", "relu", sp.LeakyReLU(0.3)])
@pytest.mark.parametrize("shape", [(7, 5, 4), (1, 5, 4), (600, 70, 300), (3000, 16, 16)])
def test_one_context_is_a_dense_layer(shape, act, dtype):
    """The same bits, in every pass, in networks, and after training."""
    n, n_inputs, n_units = shape
    maps = (
        None if act is None else sp.ActivationMap.uniform(sp.activation(act) if isinstance(act, str) else act, n_units)
    )
    layer = SpatialLayer(n_inputs, n_units, contexts=1, maps=maps, rng=3).astype(dtype)
    dense = Dense(n_inputs, n_units, act, rng=3, save="input").astype(dtype)
    x, grad = normal(0, n, n_inputs), normal(1, n, n_units)
    for one in (layer, dense):
        one.bias = normal(2, *one.bias.shape[:1]).reshape(one.bias.shape)
    assert layer.forward(x).tobytes() == dense.forward(x).tobytes()
    assert layer.forward(x, training=True).tobytes() == dense.forward(x, training=True).tobytes()
    assert layer.backward(grad).tobytes() == dense.backward(grad).tobytes()
    assert layer.gradients["weights"][:, 0].T.tobytes() == dense.gradients["weights"].tobytes()
    np.testing.assert_allclose(layer.gradients["bias"][:, 0], dense.gradients["bias"], rtol=1e-4, atol=1e-3)
    assert Network([layer]).predict(x).tobytes() == Network([dense]).predict(x).tobytes()


def test_equal_contexts_are_a_spatial_dense_layer():
    maps = sp.ActivationMap.random(6, 0, MIXED)
    h = sp.SimHash(5, rng=1)
    layer, dense = SpatialLayer(5, 6, 64, maps, h, rng=3), SpatialDense(5, 6, maps, h, rng=3)
    x = normal(0, 400, 5)
    np.testing.assert_allclose(layer.forward(x), dense.forward(x), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("rule", ["delta", "gln"])
@pytest.mark.parametrize("contexts", [1, 4, 64])
def test_gradients(contexts, rule):
    layer = mixed(5, 4, contexts, rule=rule, feedback=rule == "delta")
    x = np.random.default_rng(3).uniform(0.05, 0.95, (40, 5))
    table = check_gradients(layer, x)
    assert [row["array"] for row in table] == ["x", *layer.parameters]
    assert max(table.column("relative_error")) < 1e-7


def test_gln_passes_no_gradient_through_clipped_inputs():
    layer = linear(3, 2, rule="gln")
    x = np.array([[0.0, 0.5, 1.0]])
    y = layer.forward(x, training=True)
    np.testing.assert_allclose(y, 0.5, atol=1e-12)  # log odds of 0.01 and 0.99, which cancel
    gradient = layer.backward(np.ones((1, 2)))[0]
    assert gradient[0] == gradient[2] == 0 < gradient[1]


def test_side_information_selects_the_context():
    layer = mixed(3, 2, 4, pattern_hash=sp.CategoryHash(1, [0]))
    x = normal(0, 50, 3)
    side = np.arange(50)[:, np.newaxis] % 4
    y = layer.forward(x, side=side)
    for c in range(4):
        own = side[:, 0] == c
        twin = mixed(3, 2, 4, pattern_hash=sp.ConstantHash(3, c))
        np.testing.assert_allclose(y[own], twin.forward(x[own]), rtol=1e-6)
    before = layer.bias.copy()
    layer.learn(x[:1], y[:1] + 1, side=[[2]])
    moved = (layer.bias != before).any(axis=0)
    assert moved.tolist() == [False, False, True, False]
    assert layer.step(x, side=side).tobytes() == layer.forward(x, side=side).tobytes()


# ---- the delta rule ----


@pytest.mark.parametrize("rate", [0.1, 0.5, 1.0, 1.9])
@pytest.mark.parametrize("n", [1, 8, 128])
def test_the_error_of_the_delta_rule_is_a_power(n, rate):
    layer = linear(n, learning_rate=rate)
    x = normal(1, 1, n) * 3
    first = layer.learn(x, [[2.5]])[0, 0]
    for t in range(1, 100):
        error = layer.learn(x, [[2.5]])[0, 0]
        assert error == pytest.approx((1 - rate) ** t * first, rel=1e-12, abs=1e-12)


@pytest.mark.parametrize("act", [sp.Identity(), sp.Tanh()], ids=repr)
@pytest.mark.parametrize("rates", ["constant", "error"])
@pytest.mark.parametrize("n", [1, 8, 128])
def test_a_constant_target_is_learned(n, rates, act):
    """The error is below 0.1 after 100 steps, and below 0.01 after 1,000."""
    layer = linear(n, maps=sp.ActivationMap.uniform(act, 1), rates=rates)
    x = np.full((1, n), 0.5)
    target = 0.8 if act == sp.Identity() else 0.5
    errors = [abs(layer.learn(x, [[target]])[0, 0]) for _ in range(1001)]
    assert errors[100] < 0.1
    assert errors[1000] < 0.01


def test_a_batch_moves_by_the_mean_of_its_rows():
    layer = mixed(4, 3, 4).astype(np.float64)
    x, target = normal(0, 60, 4), normal(1, 60, 3)
    hashes = layer.pattern_hash(x)
    row, column = sp.cell_of(hashes)
    contexts = _CONTEXTS[4][8 * row + column]
    z = np.einsum("rji,ri->rj", layer.weights[:, contexts].transpose(1, 0, 2), x) + layer.bias[:, contexts].T
    y, slope = layer.maps.value_and_derivative(z, hashes[:, np.newaxis])
    signal = 0.1 * (target - y) * slope / (1 + (x**2).sum(axis=1, keepdims=True))
    weights, bias = layer.weights.copy(), layer.bias.copy()
    errors = layer.learn(x, target)
    np.testing.assert_allclose(errors, target - y, rtol=1e-12, atol=1e-13)
    for c in range(4):
        own = contexts == c
        np.testing.assert_allclose(layer.weights[:, c] - weights[:, c], signal[own].T @ x[own] / own.sum(), atol=1e-14)
        np.testing.assert_allclose(layer.bias[:, c] - bias[:, c], signal[own].mean(axis=0), atol=1e-14)


def test_a_direction_where_the_function_falls():
    """The derivative in the rule gives the right sign left of the minimum of gelu, and a dead relu stands still."""
    layer = linear(1, 2, maps=sp.ActivationMap(np.arange(2).repeat(64).reshape(2, 8, 8), [sp.GELU(), sp.ReLU()]))
    layer.weights = [[[-2.0]], [[-2.0]]]
    before = np.abs(layer.learn([[1.0]], 0.0))
    for _ in range(50):
        after = np.abs(layer.learn([[1.0]], 0.0))
    assert after[0, 0] < before[0, 0]
    assert layer.weights[1, 0, 0] == -2.0
    stats = layer.stats()
    assert stats["units"]["value"] == 2
    assert stats["active"]["value"] == 1
    assert stats["prune_candidates"]["value"] == (1,)


def test_targets_for_all_units():
    for target in (0.5, [0.5] * 4, np.full((4, 1), 0.5), np.full((3, 4), 0.5).T):
        layer = linear(2, 3)
        layer.learn(normal(0, 4, 2), target)
        found = layer.weights.copy()
        expected = linear(2, 3)
        expected.learn(normal(0, 4, 2), np.full((4, 3), 0.5))
        assert found.tobytes() == expected.weights.tobytes()


def test_rates_follow_the_errors():
    layer = linear(1, 3, rates="error", learning_rate=0.05, rate_limits=(0.04, 0.06))
    layer.weights = np.zeros((3, 1, 1))
    rate = np.full(3, 0.05)
    for _ in range(40):
        errors = np.abs(layer.learn([[1.0]], [[5.0, 0.3, 0.05]])[0])
        rate = np.where(
            errors > 0.5, np.minimum(1.1 * rate, 0.06), np.where(errors < 0.1, np.maximum(0.9 * rate, 0.04), rate)
        )
        np.testing.assert_allclose(layer.learning_rates, rate, rtol=1e-15)
    assert layer.learning_rates[2] == 0.04


def test_bits():
    w = np.random.default_rng(0).uniform(-1.5, 1.5, (3, 2, 40))
    x = normal(1, 30, 40)
    for bits, levels in ((8, 255), (4, 15), (2, 3), (1, 2)):
        layer = SpatialLayer(40, 3, 2, bits=bits, rng=0).astype(np.float64)
        layer.weights = w
        layer.weights[0, 0, 0] = 0
        q = layer._used_weights()
        assert len(np.unique(q)) <= levels
        assert q.max() == 1 == -q.min()
        inside = np.abs(layer.weights) <= 1
        assert np.abs(q - layer.weights)[inside].max() <= 1 / (levels - 1) + 1e-12
        assert (q[0, 0, 0] == 0) == (bits > 1)
        full = SpatialLayer(40, 3, 2, rng=0).astype(np.float64)
        full.weights = q
        assert layer.forward(x).tobytes() == full.forward(x).tobytes()
        for one in (layer, full):
            one.forward(x, training=True)
        assert layer.backward(x[:, :3]).tobytes() == full.backward(x[:, :3]).tobytes()
        before = layer.weights.copy()
        layer.learn(x, 0.0)
        assert 0 < np.abs(layer.weights - before).max() < 0.1 / (levels - 1) + 0.1


def test_few_bits_still_learn():
    """A step below half a level of the grid is not lost, because the weights themselves are not rounded."""
    layer = linear(8, bits=4, learning_rate=0.05)
    x = np.full((1, 8), 0.5)
    errors = [abs(layer.learn(x, 0.8)[0, 0]) for _ in range(300)]
    assert np.mean(errors[-50:]) < 0.1


# ---- the other rules ----


def test_oja_finds_the_first_principal_component():
    random = np.random.default_rng(0)
    turn, _ = np.linalg.qr(random.normal(size=(4, 4)))
    x = random.normal(size=(2000, 4)) * [1.0, 0.5, 0.4, 0.2] @ turn
    layer = linear(4, 2, rule="oja", learning_rate=0.05)
    first = layer.learn(x)
    for _ in range(600):
        errors = layer.learn(x)
    axis = np.linalg.eigh(x.T @ x)[1][:, -1]
    for w in layer.weights[:, 0]:
        assert np.linalg.norm(w) == pytest.approx(1, abs=1e-6)
        assert abs(w @ axis) == pytest.approx(1, abs=5e-7)  # an angle of 1e-3
    assert not layer.bias.any()
    w = layer.weights[0, 0]
    np.testing.assert_allclose(errors[:, 0], np.linalg.norm(x - np.outer(x @ w, w), axis=1), rtol=1e-4, atol=1e-6)
    assert errors.mean() < first.mean()


def test_oja_has_an_axis_for_each_context():
    random = np.random.default_rng(0)
    c = random.integers(0, 2, 3000)
    x = random.normal(size=(3000, 2)) * np.where(c[:, np.newaxis] == 0, [1.0, 0.2], [0.2, 1.0])
    layer = linear(2, contexts=2, rule="oja", learning_rate=0.1, pattern_hash=sp.CategoryHash(1, [0]))
    for _ in range(300):
        layer.learn(x, side=c[:, np.newaxis])
    assert abs(layer.weights[0, 0, 0]) > 0.99
    assert abs(layer.weights[0, 1, 1]) > 0.99


def half_spaces():
    """Contexts by the signs of the two inputs; the other hyperplanes of the hash are not used."""
    planes = [[1, 0], [0, 1], *[[1, 1]] * 4]
    return sp.SimHash.from_arrays(planes, [0.5, 0.5, 9, 9, 9, 9])


def test_a_gated_linear_neuron_solves_xor():
    """By itself, because its contexts are the four quadrants; with one context it cannot."""
    x = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])
    target = np.array([0.0, 1.0, 1.0, 0.0])
    layer = linear(2, contexts=4, rule="gln", pattern_hash=half_spaces())
    for _ in range(200):
        for row in range(4):
            layer.learn(x[row : row + 1], target[row : row + 1])
    y = layer.forward(x)[:, 0]
    assert np.abs(y - target).max() < 0.01
    logits = np.log(np.clip(x, 0.01, 0.99) / np.clip(1 - x, 0.01, 0.99))
    row, column = sp.cell_of(half_spaces()(x))
    contexts = _CONTEXTS[4][8 * row + column]
    assert sorted(contexts.tolist()) == [0, 1, 2, 3]
    z = (layer.weights[0, contexts] * logits).sum(axis=1)
    np.testing.assert_allclose(y, 1 / (1 + np.exp(-z)), rtol=1e-12)
    alone = linear(2, rule="gln")
    for _ in range(500):
        alone.learn(x, target)
    assert np.abs(alone.forward(x)[:, 0] - target).max() >= 0.49


def test_one_gln_context_is_a_logistic_regression_on_log_odds():
    random = np.random.default_rng(0)
    x = random.uniform(0.02, 0.98, (400, 3))
    odds = np.log(x / (1 - x))
    target = (random.random(400) < 1 / (1 + np.exp(-odds @ [0.8, -0.5, 0.3]))).astype(float)
    w = np.zeros(3)
    for _ in range(30):  # Newton's method
        p = 1 / (1 + np.exp(-odds @ w))
        w += np.linalg.solve(odds.T @ (odds * (p * (1 - p))[:, np.newaxis]), odds.T @ (target - p))
    layer = linear(3, rule="gln", learning_rate=1.0)
    for _ in range(300):
        layer.learn(x, target)
    np.testing.assert_allclose(layer.weights[0, 0], w, rtol=1e-6)


def test_gln_weights_are_bounded():
    layer = linear(1, rule="gln", learning_rate=1e4)
    layer.learn([[0.9]], [1.0])
    assert layer.weights[0, 0, 0] == 200.0


def test_three_factor_learning():
    layer = linear(2, 2, rule="three_factor", decay=0.5, learning_rate=0.1, maps=sp.ActivationMap.uniform(sp.Tanh(), 2))
    start, trace, bias_trace = layer.weights.copy(), np.zeros((2, 1, 2)), np.zeros((2, 1))
    weights, bias = start.copy(), layer.bias.copy()
    for t, modulator in enumerate([0.0, 1.0, [0.5, -2.0]]):
        x = normal(t, 3, 2)
        slope = 1 - np.tanh(x @ weights[:, 0].T + bias[:, 0]) ** 2
        trace = 0.5 * trace + (slope.T @ x / 3)[:, np.newaxis]
        bias_trace = 0.5 * bias_trace + slope.mean(axis=0)[:, np.newaxis]
        m = np.broadcast_to(modulator, 2)
        weights = weights + 0.1 * m[:, np.newaxis, np.newaxis] * trace
        bias = bias + 0.1 * m[:, np.newaxis] * bias_trace
        returned = layer.learn(x, modulator=modulator)
        np.testing.assert_allclose(layer.weights, weights, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(layer.bias, bias, rtol=1e-12, atol=1e-14)
        assert np.array_equal(returned, np.broadcast_to(m, (3, 2)))
        if t == 0:
            assert np.array_equal(layer.weights, start)
    layer.reset_state()
    assert not layer.traces.any()
    assert not layer.bias_traces.any()


# ---- what neurons remember ----


@pytest.mark.parametrize("decay", [0.9, 0.5, 0.0, 1.0])
def test_the_temporal_state(decay):
    layer = mixed(3, 4, decay=decay, history=5)
    xs = normal(0, 8, 2, 3)
    outputs = [layer.step(x).astype(np.float64) for x in xs]
    for k in range(5):
        assert np.array_equal(layer.temporal_state[:, :, k], decay**k * outputs[7 - k])
        assert np.array_equal(layer[3].temporal_state[:, k], decay**k * outputs[7 - k][:, 3])
    assert layer.maps.hit_counts.sum() == 8 * 2 * 4
    for x, y in zip(xs, outputs, strict=True):
        np.testing.assert_array_equal(y, layer.forward(x))  # without feedback a step is a forward pass
    with pytest.raises(ValueError, match="x has 3 rows, expected 2, one for each stream, or reset_state first"):
        layer.step(normal(0, 3, 3))
    layer.reset_state()
    assert layer.temporal_state.shape == (0, 4, 5)
    layer.step(normal(0, 3, 3))
    assert layer.temporal_state[:, :, 1:].sum() == 0


def test_a_layer_without_a_history():
    layer = mixed(3, 4, history=0)
    layer.step(normal(0, 2, 3))
    assert layer.temporal_state.shape == (2, 4, 0)


def test_feedback():
    layer = mixed(3, 2, contexts=4, feedback=True, history=3, decay=0.5).astype(np.float64)
    layer.feedback_weights = normal(5, 2, 3)
    x = normal(0, 4, 3)
    plain = mixed(3, 2, contexts=4).astype(np.float64)
    assert layer.step(x).tobytes() == plain.forward(x).tobytes()
    second = layer.step(x)
    assert np.abs(second - plain.forward(x)).max() > 0.01
    state = layer.temporal_state
    hashes = layer.pattern_hash(x)
    row, column = sp.cell_of(hashes)
    contexts = _CONTEXTS[4][8 * row + column]
    z = np.einsum("rji,ri->rj", layer.weights[:, contexts].transpose(1, 0, 2), x) + layer.bias[:, contexts].T
    z += (state * layer.feedback_weights).sum(axis=2)
    y, slope = layer.maps.value_and_derivative(z, hashes[:, np.newaxis])
    before = layer.feedback_weights.copy()
    errors = layer.learn(x, 0.3)
    np.testing.assert_allclose(errors, 0.3 - y, rtol=1e-12, atol=1e-14)
    size = 1 + (x**2).sum(axis=1)[:, np.newaxis] + (state**2).sum(axis=2)
    signal = 0.1 * (0.3 - y) * slope / size
    np.testing.assert_allclose(layer.feedback_weights - before, np.einsum("rj,rjk->jk", signal, state) / 4, atol=1e-15)


def test_feedback_closes_the_loop_of_the_delta_rule():
    """One stream, a linear neuron: the state counts as an input, so the error of the same step shrinks by 1 - rate."""
    layer = linear(2, feedback=True, history=4)
    for x in normal(0, 6, 1, 2):
        layer.step(x)
    x = normal(1, 1, 2)
    first = layer.learn(x, 2.0)[0, 0]
    assert layer.learn(x, 2.0)[0, 0] == pytest.approx(0.9 * first, rel=1e-12)


# ---- neurons ----


def test_neurons_are_views():
    layer = mixed(3, 4)
    neuron = layer[-2]
    assert neuron.weights.base is not None
    assert np.shares_memory(neuron.weights, layer.weights)
    neuron.weights[5] = 7.0
    neuron.bias[5] = 2.0
    assert (layer.weights[2, 5] == 7.0).all()
    assert layer.bias[2, 5] == 2.0
    neuron.learning_rate = 0.05
    assert layer.learning_rates.tolist() == [0.1, 0.1, 0.05, 0.1]
    assert neuron.activation_map == layer.maps[2]
    assert [neuron.id for neuron in layer] == [4, 5, 6, 7]
    assert "id 6, unit 2" in repr(neuron)
    with pytest.raises(IndexError, match="index is 4, the layer has 4 neurons"):
        layer[4]
    with pytest.raises(TypeError, match="index is 'a'"):
        layer["a"]
    with pytest.raises(ValueError, match="learning_rate is -1"):
        neuron.learning_rate = -1


def test_lineage():
    network = Network([SpatialLayer(3, 3, contexts=4, rng=0), Dense(3, 1, rng=1)])
    layer = network.layers[0]
    roots = [neuron.id for neuron in layer]
    for units in ([0, 2], [1], [3, 4, 5]):
        parents = [layer[unit].id for unit in units]
        children = network.split(units=units)
        for parent, pair in zip(parents, children, strict=True):
            assert [layer[int(unit)].id for unit in pair] == [2 * parent, 2 * parent + 1]
    ids = [neuron.id for neuron in layer]
    assert len(set(ids)) == len(ids) == 9
    ancestors = {i >> k for i in ids for k in range(1, 9)}
    assert not ancestors & set(ids)
    assert all(any(i >> k in roots for k in range(9)) for i in ids)
    layer.buffers["ids"][0] = np.uint64(2**63)
    with pytest.raises(OverflowError, match="a unit has too many ancestors"):
        network.split(units=[0])
    assert layer.n_outputs == 9


def test_children_of_neurons_inherit():
    network = Network([mixed(3, 2, history=4), Dense(2, 1, rng=1)])
    layer = network.layers[0]
    layer.learn(normal(0, 20, 3), 0.5)
    layer.step(normal(1, 3, 3))
    layer[1].learning_rate = 0.03
    error, parent = layer.error_sums[1], layer.temporal_state[:, 1]
    (pair,) = network.split(units=[1])
    for unit in pair:
        assert layer[int(unit)].learning_rate == 0.03
        assert np.array_equal(layer[int(unit)].temporal_state, parent)
        assert layer.error_sums[unit] == error / 2
        assert layer.maps[int(unit)] == layer.maps[1]
    layer.step(normal(2, 3, 3))


def test_split_by_what_learn_has_found():
    network = Network([linear(2, 3, contexts=4), Dense(3, 1, rng=1).astype(np.float64)])
    layer = network.layers[0]
    x = normal(0, 200, 2)
    layer.fit_hash(x)
    assert network.split(by="error").tolist() == []
    assert network.split(by="saturation").tolist() == []
    layer.learn(x, np.array([0.1, 5.0, 0.2]) * np.ones((200, 3)))
    assert network.split(by="error").tolist() == [[1, 3]]
    layer.buffers["trained_rows"][...] = [[1, 0, 1, 1], [1, 1, 1, 0], [5, 1, 1, 1], [0, 1, 1, 1]]
    assert layer.stats()["split_candidates"]["value"] == (2,)
    assert network.split(by="saturation").tolist() == [[2, 4]]


def test_statistics():
    layer = SpatialLayer(1, 2, contexts=4, pattern_hash=sp.CategoryHash(1, [0]), rng=0)
    empty = {row["statistic"]: row["value"] for row in layer.stats()}
    assert empty == {"units": 2, "active": 0, "saturation": 0.0, "live_contexts": 0, "split_candidates": (),
                     "prune_candidates": ()}  # fmt: skip
    layer.learn([[0.0], [1.0], [1.0]], [[9.0, 9.0], [9.0, 9.0], [9.0, 9.0]])
    assert layer.trained_rows.tolist() == [[1, 2, 0, 0]] * 2
    layer.forward([[3.0]], training=True)
    layer.backward([[1.0, 0.0]])
    assert layer.trained_rows.tolist() == [[1, 2, 0, 1], [1, 2, 0, 0]]
    found = {row["statistic"]: row["value"] for row in layer.stats()}
    assert (found["active"], found["saturation"], found["live_contexts"]) == (2, 0.625, 3)
    before = pickle.dumps(layer.buffers)
    layer.forward([[2.0]])
    Network([layer]).predict([[2.0]])
    assert pickle.dumps(layer.buffers) == before


# ---- files, copies, threads, memory ----


def learned(rule, dtype=np.float32):
    """A layer in the middle of its life, and a function that goes on."""
    arguments = {"feedback": True} if rule == "delta" else {}
    layer = mixed(5, 4, 16, rule=rule, rates="error" if rule in ("delta", "gln") else "constant", **arguments)
    layer = layer.astype(dtype)

    def go_on(one, steps=4):
        results = []
        for t in range(steps):
            x = np.random.default_rng(t).uniform(0, 1, (30, 5))
            target = {
                "delta": {"target": 0.5},
                "gln": {"target": x[:, 0]},
                "three_factor": {"modulator": 0.3},
                "oja": {},
            }
            results.append(one.learn(x, **target[rule]))
            results.append(one.step(x))
        results += [*one.parameters.values(), *one.buffers.values(), one.temporal_state]
        return [array.tobytes() for array in results]

    go_on(layer, 2)
    return layer, go_on


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rule", ["delta", "oja", "three_factor", "gln"])
def test_a_stored_layer_goes_on_as_if_it_had_not_been_stored(rule, dtype, tmp_path):
    layer, go_on = learned(rule, dtype)
    network = Network([layer])
    network.save(tmp_path / "n.npz")
    twins = [Network.load(tmp_path / "n.npz").layers[0], pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)]
    twins.append(layer.astype(dtype))
    expected = go_on(layer)
    for twin in twins:
        assert repr(twin) == repr(layer)
        assert twin.to_config() == layer.to_config()
        assert go_on(twin) == expected


def test_training_goes_on_after_a_file(tmp_path):
    x = normal(0, 200, 5).astype(np.float32)
    y = np.abs(x[:, 0])
    network = Network([mixed(5, 8, 16), Dense(8, 1, rng=1)])
    network.fit(x, y, epochs=2, rng=0, progress=False)
    network.split(units=[2, 5])
    network.save(tmp_path / "n.npz")
    twin = Network.load(tmp_path / "n.npz")
    records = [net.fit(x, y, epochs=2, rng=1, progress=False) for net in (network, twin)]
    assert records[0] == records[1]
    assert twin.predict(x).tobytes() == network.predict(x).tobytes()


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [("learning_rates", 0.0, "learning_rates has 0.0, expected numbers above 0"),
     ("trained_rows", -1, "trained_rows has -1, expected numbers of at least 0")],
)  # fmt: skip
def test_files_with_impossible_buffers(name, value, message, tmp_path):
    layer = mixed(3, 2)
    layer.buffers[name].flat[1] = value
    Network([layer]).save(tmp_path / "n.npz")
    with pytest.raises(ValueError, match=f"n.npz: .*layer 0: {message}"):
        Network.load(tmp_path / "n.npz")


@pytest.mark.parametrize("contexts", [1, 8, 64])
def test_the_bits_do_not_depend_on_the_number_of_threads(contexts):
    """Products that are large enough to be cut."""
    random = np.random.default_rng(0)
    x = random.normal(size=(1600, 64)).astype(np.float32)
    y = random.normal(size=(1600, 2)).astype(np.float32)
    found = []
    for threads in (1, 2):
        with sp.num_threads(threads):
            network = Network([mixed(64, 128, contexts), mixed(128, 16, contexts, 3), Dense(16, 2, rng=1)])
            network.fit(x, y, epochs=1, batch_size=1600, rng=0, progress=False)
            errors = network.layers[0].learn(x, 0.5)
            network.split(layer=1, x=x[:100], y=y[:100], epsilon=0.01)
            arrays = [a for layer in network.layers for a in (*layer.parameters.values(), *layer.buffers.values())]
            found.append([array.tobytes() for array in (*arrays, errors, network.predict(x))])
    assert found[0] == found[1]


@pytest.mark.slow
@pytest.mark.parametrize("local", [False, True])
def test_a_thousand_neurons_train_within_twice_the_memory_of_the_data(local):
    """The data are 100,000 rows; Adam needs three more arrays of the size of the weights, the local rule none."""
    tracemalloc.start()
    try:
        x = np.random.default_rng(0).standard_normal((100_000, 64), dtype=np.float32)
        y = x[:, :1].copy()
        data, _ = tracemalloc.get_traced_memory()
        network = Network([SpatialLayer(64, 1000, contexts=64 if local else 8, rng=0), Dense(1000, 1, rng=1)])
        tracemalloc.reset_peak()
        if local:
            layer = network.layers[0].fit_hash(x)
            for start in range(0, len(x), 256):
                layer.learn(x[start : start + 256], y[start : start + 256])
        else:
            network.fit(x, y, epochs=1, batch_size=256, rng=0, progress=False)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 2 * data


def test_a_spatial_network_learns_regimes():
    """Another linear law in each of eight modes, which one dense layer of the same width cannot represent."""
    random = np.random.default_rng(0)
    x = np.column_stack([random.normal(size=(800, 3)), np.arange(800) % 8]).astype(np.float32)
    laws = random.normal(size=(8, 3))
    y = (x[:, :3] * laws[x[:, 3].astype(int)]).sum(axis=1)
    network = Network([SpatialLayer(4, 1, 8, pattern_hash="network", rng=0)], pattern_hash=sp.CategoryHash(4, [3]))
    records = network.fit(x, y, epochs=60, learning_rate=0.05, rng=0, progress=False)
    assert records[-1]["loss"] < 1e-3 * y.var()
    np.testing.assert_allclose(network.layers[0].weights[0, :, :3], laws, atol=0.05)


# ---- what cannot be ----


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"contexts": 3}, ValueError, "contexts is 3, expected 1, 2, 4, 8, 16, 32, 64"),
        ({"contexts": True}, ValueError, "contexts is True"),
        ({"maps": "relu"}, TypeError, "maps is 'relu', expected an ActivationMap"),
        ({"maps": sp.ActivationMap.random(3, 0)}, ValueError, r"maps has shape \(3,\), the layer has n_units = 2"),
        ({"pattern_hash": 5}, TypeError, "pattern_hash is 5"),
        ({"history": -1}, ValueError, "history is -1"),
        ({"decay": 1.5}, ValueError, "decay is 1.5, expected a number from 0 to 1"),
        ({"decay": np.nan}, ValueError, "decay is nan"),
        ({"feedback": 1}, TypeError, "feedback is 1"),
        ({"feedback": True, "rule": "oja"}, ValueError, "feedback needs the rule 'delta' and a history, rule is 'oja'"),
        ({"feedback": True, "history": 0}, ValueError, "feedback needs the rule 'delta' and a history"),
        ({"rule": "hebb"}, ValueError, "rule is 'hebb', expected 'delta', 'oja', 'three_factor', 'gln'"),
        ({"rates": "fast"}, ValueError, "rates is 'fast', expected 'constant', 'error'"),
        ({"rates": "error", "rule": "oja"}, ValueError, "rates is 'error', but the rule 'oja' has no target"),
        ({"learning_rate": 0}, ValueError, "learning_rate is 0"),
        ({"rate_limits": (0.2, 0.1)}, ValueError, "rate_limits is"),
        ({"rates": "error", "learning_rate": 0.5}, ValueError, "expected two numbers around learning_rate, 0.5"),
        ({"bits": 3}, ValueError, "bits is 3, expected 8, 4, 2, 1"),
        ({"n_units": 0}, ValueError, "n_units is 0"),
    ],
)
def test_bad_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        SpatialLayer(**({"n_inputs": 3, "n_units": 2} | arguments))


@pytest.mark.parametrize(
    ("rule", "arguments", "error", "message"),
    [
        ("delta", {}, ValueError, "target is missing: the rule 'delta' needs target"),
        ("delta", {"target": 0, "modulator": 1}, ValueError, "modulator is given, but the rule 'delta' needs target"),
        ("oja", {"target": 0}, ValueError, "target is given, but the rule 'oja' needs neither"),
        ("three_factor", {"target": 0}, ValueError, "target is given, but the rule 'three_factor' needs modulator"),
        ("three_factor", {"modulator": [1, 2, 3]}, ValueError, r"modulator has shape \(3,\), expected \(2,\) or \(\)"),
        ("delta", {"target": np.zeros((2, 4))}, ValueError, r"target has shape \(2, 4\), expected \(4, 2\) or "),
        ("delta", {"target": np.nan}, ValueError, "target is not finite"),
        ("delta", {"target": "a"}, TypeError, "target has dtype"),
        ("gln", {"target": 1.5}, ValueError, "target runs from 1.5 to 1.5, expected 0 to 1"),
        ("delta", {"target": 0, "x": [[1, 2, np.nan]]}, ValueError, "x is not finite in row 0"),
        ("delta", {"target": 0, "x": [[1, 2]]}, ValueError, "x has shape"),
        (
            "delta",
            {"target": 0, "side": np.ones((3, 3))},
            ValueError,
            r"side has hashes of shape \(3,\), expected \(4,\)",
        ),
    ],
)
def test_bad_steps(rule, arguments, error, message):
    layer = mixed(3, 2, rule=rule)
    before = pickle.dumps((layer.parameters, layer.buffers))
    with pytest.raises(error, match=message):
        layer.learn(**({"x": np.ones((4, 3))} | arguments))
    assert pickle.dumps((layer.parameters, layer.buffers)) == before


def test_steps_that_are_not_finite_change_nothing():
    layer = linear(1, 2, rule="oja", learning_rate=1e300)
    layer.weights = np.full((2, 1, 1), 1e200)
    before = pickle.dumps((layer.parameters, layer.buffers))
    with pytest.raises(FloatingPointError, match="a step of learning is not finite"):
        layer.learn([[1e100]])
    assert pickle.dumps((layer.parameters, layer.buffers)) == before


def test_hashes_that_cannot_be():
    with pytest.raises(ValueError, match="X is not finite in row 0"):
        mixed(3, 2).forward([[np.nan, 0, 0]])
    assert np.isnan(linear(1).forward([[np.nan]])).all()  # there is no hash
    assert linear(1).forward([[1.0]], side=[[np.nan]]) == linear(1).forward([[1.0]])  # nor here
    with pytest.raises(ValueError, match=r"pattern_hash has hashes of shape \(1,\), expected \(2,\), one for each row"):
        SpatialLayer(2, 2, pattern_hash=lambda x: np.zeros(1, np.uint64)).forward(np.ones((2, 2)))
    shared = SpatialLayer(2, 2, pattern_hash="network", rng=0)
    with pytest.raises(ValueError, match="pattern_hash is 'network'"):
        shared.forward([[1.0, 2.0]])
    with pytest.raises(ValueError, match="side is given, but pattern_hash is 'network'"):
        shared.forward([[1.0, 2.0]], side=[[1.0, 2.0]])
    with pytest.raises(ValueError, match="fit_hash needs a hash of Spatium"):
        shared.fit_hash([[1.0, 2.0]])
    assert SpatialLayer(2, 2, rng=0).learn(np.empty((0, 2)), 0.0).shape == (0, 2)


def test_tallies_of_arrays_that_do_not_fit():
    values = np.array([[0.0, -2.0], [3.0, -4.0]], np.float32)
    sums, counts, cells = np.ones(2), np.ones((3, 2), np.int64), np.array([2, 2])
    _cells.add_sizes(values, sums)
    _cells.count_rows(values, cells, counts)
    assert (sums.tolist(), counts.tolist()) == ([4.0, 7.0], [[1, 1], [1, 1], [2, 3]])
    with pytest.raises(ValueError, match="shapes of values and sums do not fit"):
        _cells.add_sizes(values, np.zeros(3))
    with pytest.raises(ValueError, match="shapes of values and counts do not fit"):
        _cells.count_rows(values, cells, np.zeros((3, 3), np.int64))
    with pytest.raises(ValueError, match="a cell is not in the table"):
        _cells.count_rows(values, cells + 1, counts)
    _cells.add_sizes(values[:, :0].copy(), np.zeros(0))
    _cells.count_rows(values[:0], cells[:0], counts)
    assert counts[2].tolist() == [2, 3]
