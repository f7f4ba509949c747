"""Convolution, pooling, normalization, recurrent, attention and gated layers."""

from __future__ import annotations

import itertools
import pickle

import numpy as np
import pytest

import spatium as sp
from spatium.nn import (
    ActivationLayer,
    BatchNorm,
    Conv2D,
    Dense,
    Dropout,
    Gated,
    MaxPool2D,
    Network,
    Recurrent,
    SelfAttention,
    Softmax,
    SpatialDense,
    SpatialLayer,
    Standardize,
    attention,
    check_gradients,
    convolution,
)
from spatium.nn._layout import room_like
from spatium.nn.gated import GATES

custom = sp.Custom(np.arctan, lambda x: 1 / (1 + x**2), name="custom")

# A layer of each kind that needs a file, an optimizer and a pass, and the shape of its samples.
CASES = {
    "conv": (lambda: Conv2D((2, 5, 6), 3, 3, "gelu", rng=1), (2, 5, 6)),
    "conv_strided": (lambda: Conv2D((2, 7, 6), 4, 3, custom, stride=2, padding=1, rng=1), (2, 7, 6)),
    "conv_linear": (lambda: Conv2D((1, 4, 4), 2, 2, padding=2, rng=1, init=0.1), (1, 4, 4)),
    "pool": (lambda: MaxPool2D((2, 5, 6)), (2, 5, 6)),
    "pool_of_three": (lambda: MaxPool2D((1, 6, 3), 3), (1, 6, 3)),
    "norm": (lambda: BatchNorm(5, "tanh"), (5,)),
    "norm_images": (lambda: in_network(BatchNorm(3), (3, 4, 2)), (3, 4, 2)),
    "norm_sequences": (lambda: in_network(BatchNorm(4, custom, unbiased=False), (6, 4)), (6, 4)),
    "dropout": (lambda: in_network(Dropout(0.4, rng=1), (6,)), (6,)),
    "standardize": (lambda: standardized(7), (7,)),
    "plain": (lambda: Recurrent(3, 4, "sine", return_states=True, rng=1), (6, 3)),
    "plain_last": (lambda: Recurrent(3, 4, custom, rng=1), (6, 3)),
    "time_aware": (lambda: Recurrent(3, 4, "gelu", cell="time_aware", return_states=True, rng=1), (6, 3)),
    "gated_cell": (lambda: Recurrent(3, 4, cell="gated", return_states=True, rng=1), (6, 3)),
    "gated_cell_last": (lambda: Recurrent(3, 5, cell="gated", rng=1), (6, 3)),
    "attention": (lambda: SelfAttention(6, 2, ("tanh", None, "gelu"), rng=1), (5, 6)),
    "spatial": (lambda: spatial(8), (5,)),
    "spatial_dense": (lambda: spatial(1), (5,)),
    "causal": (lambda: SelfAttention(4, 1, (custom, "tanh", "sine"), output=None, causal=True, rng=1), (5, 4)),
} | {gate: (lambda gate=gate: Gated(4, 3, gate, rng=1, init=0.5), (4,)) for gate in GATES}


def spatial(contexts):
    """A layer whose hash does not depend on the last column, so that a row may contain NaN there."""
    maps = sp.ActivationMap.random(4, 0, [sp.Tanh(), sp.Sine(), sp.ReLU()] if contexts > 1 else [sp.GELU()])
    return SpatialLayer(5, 4, contexts, maps, sp.BucketHash(5, 0, [-0.5, 0.0, 0.5]), rng=1)


def in_network(layer, shape):
    """The layer, which then knows the shape of its samples."""
    layer.expect_shape(shape)
    return layer


def standardized(n):
    layer = Standardize(n)
    layer.fit_inputs(np.random.default_rng(5).normal(3.0, 2.0, (50, n)))
    return layer


def normal(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


def made(case, seed=2):
    """A layer whose parameters are all random, and the shape of its samples."""
    make, shape = CASES[case]
    layer = make()
    rng = np.random.default_rng(seed)
    for array in layer.parameters.values():
        array += 0.3 * rng.normal(size=array.shape)
    return layer, shape


every_case = pytest.mark.parametrize("case", CASES)


# --- what holds for every layer ----------------------------------------------------------------------------------


@every_case
def test_gradients(case):
    layer, shape = made(case)
    x = np.random.default_rng(3).normal(size=(5, *shape))
    table = check_gradients(layer, x)
    assert [row["array"] for row in table] == ["x", *layer.parameters]
    assert max(table.column("relative_error")) < 1e-7


@every_case
def test_save_and_load_give_the_same_bits(case, tmp_path):
    layer, shape = made(case)
    x = normal(3, 20, *shape)
    for _ in range(3):
        layer.forward(x, training=True)  # moves running statistics
    before = in_network(ActivationLayer("identity"), shape)  # it tells a batch normalization the shape of the samples
    for network in (Network([before, layer]), Network([before, layer]).astype(np.float64)):
        network.save(tmp_path / "network.npz")
        loaded = Network.load(tmp_path / "network.npz", custom={"custom": custom})
        twin = loaded.layers[1]
        assert type(twin) is type(layer)
        assert twin.to_config() == layer.to_config()
        assert repr(twin) == repr(layer)
        for kind in ("parameters", "buffers"):
            one, other = getattr(twin, kind), getattr(network.layers[1], kind)
            assert list(one) == list(other)
            for name in one:
                assert one[name].dtype == other[name].dtype
                assert np.array_equal(one[name], other[name])
        assert loaded.predict(x).tobytes() == network.predict(x).tobytes()


@pytest.mark.parametrize(("layer", "name"), [(BatchNorm(3), "running_var"), (Standardize(3), "spread")])
def test_files_with_impossible_buffers(layer, name, tmp_path):
    layer.buffers[name][1] = -0.5
    Network([layer]).save(tmp_path / "network.npz")
    with pytest.raises(ValueError, match=f"network.npz: .*layer 0: {name} has -0.5, expected numbers"):
        Network.load(tmp_path / "network.npz")


@every_case
def test_pickles_and_copies(case):
    layer, shape = made(case)
    x = normal(3, 5, *shape)
    y = layer.forward(x, training=True)
    expected = layer.forward(x)
    copies = [layer.astype(np.float32)]
    if "custom" not in repr(layer):  # its derivative is a lambda, which cannot be pickled
        copies.append(pickle.loads(pickle.dumps(layer)))
    for twin in copies:
        assert twin.forward(x).tobytes() == expected.tobytes()
        for array in (*twin.parameters.values(), *twin.buffers.values()):
            array += 1  # is its own
    assert layer.forward(x).tobytes() == expected.tobytes()
    layer.backward(y)
    (row, _) = Network([layer]).memory(batch=4, input_shape=shape)
    assert row["kept"] > 0 or case == "standardize"
    assert row["gradients"] == row["parameters"] == 4 * layer.n_parameters


@every_case
def test_predict_in_blocks_on_two_threads_is_forward(case):
    layer, shape = made(case)
    network = Network([layer])
    x = normal(4, 700, *shape)
    expected = np.concatenate([network.forward(x[:600], count=False), network.forward(x[600:], count=False)])
    for threads in (1, 2):
        with sp.num_threads(threads):
            assert network.predict(x, batch_size=600).tobytes() == expected.tobytes()
    out = np.empty((*expected.shape, 2), np.float32)[..., 0]  # with gaps
    network.predict(x, batch_size=600, out=out)
    assert out.tobytes() == expected.tobytes()
    np.testing.assert_allclose(layer.forward(x), expected, rtol=2e-5, atol=2e-6)


@every_case
def test_flat_rows_and_other_memory(case):
    layer, shape = made(case)
    x = normal(5, 12, *shape)
    x.flags.writeable = False
    expected = layer.forward(x)
    flat = layer.forward(x.reshape(12, -1))
    assert expected.shape == (12, *layer._shape_after(shape))
    assert flat.shape == (12, expected[0].size)
    assert flat.tobytes() == expected.tobytes()
    wide = np.zeros((12, *shape, 2), np.float32)
    wide[..., 1] = x
    for other in (np.asfortranarray(x), wide[..., 1], x[::-1][::-1], x.astype(">f4"), x.astype(np.float64)):
        assert layer.forward(other).tobytes() == expected.tobytes()

    def gradients(x, grad):
        twin = layer.astype(np.float32)  # with its own generator
        y = twin.forward(x, training=True)
        return [y, twin.backward(grad), *twin.gradients.values()]

    grad = normal(6, *expected.shape)
    grad.flags.writeable = False
    first = gradients(x, grad)
    assert first[1].shape == x.shape
    for other_x, other_grad in ((x.reshape(12, -1), grad.reshape(12, -1)), (np.asfortranarray(x), grad[::-1][::-1])):
        for one, other in zip(first, gradients(other_x, other_grad), strict=True):
            assert one.tobytes() == other.tobytes()


@every_case
def test_backward_needs_neither_x_nor_the_output_unchanged(case):
    layer, shape = made(case)
    x = normal(5, 6, *shape)
    y = layer.astype(np.float32).forward(x, training=True)
    grad = normal(6, *y.shape)
    twin = layer.astype(np.float32)
    twin.forward(x.copy(), training=True)
    expected = twin.backward(grad)
    twin = layer.astype(np.float32)
    twin.forward(x, training=True)[...] = np.nan
    assert twin.backward(grad).tobytes() == expected.tobytes()
    kept = grad.copy()
    twin.backward(grad)
    assert np.array_equal(grad, kept)


@every_case
def test_the_gradients_of_the_parameters_alone(case):
    layer, shape = made(case)
    y = layer.forward(normal(5, 6, *shape), training=True)
    grad = normal(6, *y.shape)
    layer.backward(grad)
    expected = dict(layer.gradients)
    layer.gradients = {}
    assert layer.backward_parameters(grad) is None
    assert list(layer.gradients) == list(layer.parameters)
    for name, gradient in expected.items():
        assert layer.gradients[name].tobytes() == gradient.tobytes()


@every_case
def test_few_samples(case):
    layer, shape = made(case)
    x = normal(7, 3, *shape)
    assert layer.forward(x[:0]).shape == (0, *layer._shape_after(shape))
    assert Network([layer]).predict(x[:0]).shape == (0, *layer._shape_after(shape))
    np.testing.assert_allclose(layer.forward(x[:1]), layer.forward(x)[:1], rtol=2e-5, atol=2e-6)
    if isinstance(layer, BatchNorm):
        with pytest.raises(ValueError, match="x has 0 values per channel, BatchNorm needs at least 2 in training"):
            layer.forward(x[:0], training=True)
        return
    y = layer.forward(x[:0], training=True)
    assert layer.backward(y).shape == (0, *shape)
    assert all(not gradient.any() for gradient in layer.gradients.values())
    assert layer.forward(x[:1], training=True).shape == (1, *layer._shape_after(shape))


@every_case
def test_nan_stays_in_its_sample(case):
    layer, shape = made(case)
    x = normal(8, 6, *shape)
    expected = layer.forward(x)
    x[2].flat[-1] = np.nan
    y = layer.forward(x)
    if case not in ("pool", "reglu"):  # the last pixel is cropped; relu(NaN) is NaN
        assert np.isnan(y[2]).any()
    assert np.delete(y, 2, axis=0).tobytes() == np.delete(expected, 2, axis=0).tobytes()


@every_case
def test_bad_arrays(case):
    layer, shape = made(case)
    wrong = np.zeros((4, *(length + 1 for length in shape)))
    if not isinstance(layer, Dropout):
        with pytest.raises(ValueError, match=f"x has shape .*, {type(layer).__name__} expects"):
            layer.forward(wrong)
    with pytest.raises(ValueError, match="x has shape"):
        layer.forward(np.zeros(shape[-1]))
    with pytest.raises(TypeError, match="x has dtype complex128"):
        layer.forward(np.zeros((2, *shape), complex))
    with pytest.raises(RuntimeError, match="backward needs forward"):
        layer.astype(np.float32).backward(np.zeros((2, *shape)))
    y = layer.forward(normal(1, 4, *shape), training=True)
    with pytest.raises(ValueError, match="grad has shape"):
        layer.backward(np.zeros((*y.shape[:-1], y.shape[-1] + 1)))


@every_case
def test_float64(case):
    layer, shape = made(case)
    twin = layer.astype(np.float64)
    x = normal(9, 30, *shape)
    y, wide = layer.forward(x), twin.forward(x)
    assert (y.dtype, wide.dtype) == (np.float32, np.float64)
    np.testing.assert_allclose(y, wide, rtol=1e-4, atol=1e-5)
    assert {array.dtype for array in twin.buffers.values()} == {array.dtype for array in layer.buffers.values()}
    assert twin.forward(x, training=True).dtype == twin.backward(np.ones_like(wide)).dtype == np.float64
    assert {gradient.dtype for gradient in twin.gradients.values()} <= {np.dtype(np.float64)}


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: Conv2D((8, 8), 2, 3), ValueError, "input_shape is .8, 8., expected .channels, height, width."),
        (lambda: Conv2D((1, None, 8), 2, 3), ValueError, "input_shape is"),
        (lambda: Conv2D((1, 8, 8), 0, 3), ValueError, "n_filters is 0"),
        (lambda: Conv2D((1, 8, 8), 2, 2.5), TypeError, "kernel_size is 2.5"),
        (lambda: Conv2D((1, 8, 2), 2, 3), ValueError, "kernel_size is 3, the image has 8×2 pixels and padding 0"),
        (lambda: Conv2D((1, 8, 8), 2, 3, stride=0), ValueError, "stride is 0"),
        (lambda: Conv2D((1, 8, 8), 2, 3, padding=-1), ValueError, "padding is -1"),
        (lambda: Conv2D((1, 8, 8), 2, 3, activation=3), TypeError, "activation is 3"),
        (lambda: Conv2D((1, 8, 8), 2, 3, init="small"), ValueError, "init is 'small'"),
        (lambda: MaxPool2D((1, 4, 3), 4), ValueError, "size is 4, the image has 4×3 pixels"),
        (lambda: BatchNorm(0), ValueError, "n_inputs is 0"),
        (lambda: BatchNorm(2, eps=0), ValueError, "eps is 0"),
        (lambda: BatchNorm(2, momentum=1.5), ValueError, "momentum is 1.5"),
        (lambda: BatchNorm(2, unbiased="no"), TypeError, "unbiased is 'no'"),
        (lambda: Dropout(1.0), ValueError, "rate is 1.0"),
        (lambda: Dropout(-0.1), ValueError, "rate is -0.1"),
        (lambda: Standardize(0), ValueError, "n_inputs is 0"),
        (lambda: Recurrent(3, 0), ValueError, "n_units is 0"),
        (lambda: Recurrent(3, 2, cell="lstm"), ValueError, "cell is 'lstm', expected 'plain', 'time_aware', 'gated'"),
        (lambda: Recurrent(3, 2, "relu", cell="gated"), ValueError, "the gated cell has tanh only"),
        (lambda: Recurrent(3, 2, None), TypeError, "activation is None"),
        (lambda: Recurrent(3, 2, decay_rate=np.inf), ValueError, "decay_rate is inf"),
        (lambda: Recurrent(3, 2, return_states=1), TypeError, "return_states is 1"),
        (lambda: SelfAttention(6, 4), ValueError, "n_heads is 4, expected a divisor of width, which is 6"),
        (lambda: SelfAttention(6, activations=("tanh", "tanh")), ValueError, "expected three"),
        (lambda: SelfAttention(6, activations=("tanh", "tanh", 1)), TypeError, "activations is 1"),
        (lambda: SelfAttention(6, causal=1), TypeError, "causal is 1"),
        (lambda: Gated(3, 2, "gelu"), ValueError, "gate is 'gelu', expected 'gaussian_glu'"),
        (lambda: Network([Conv2D((1, 8, 8), 2, 3), Dense(70, 2)]), ValueError, r"layers\[1\] takes 70 columns"),
        (lambda: Network([Conv2D((1, 8, 8), 2, 3), BatchNorm(3)]), ValueError, r"layers\[1\] takes 3 columns"),
    ],
)  # fmt: skip
def test_bad_arguments(make, error, message):
    with pytest.raises(error, match=message):
        make()


# --- training ----------------------------------------------------------------------------------------------------


def image_network(rng=0):
    rng = np.random.default_rng(rng)
    layers = [
        Standardize(64),
        Conv2D((1, 8, 8), 4, 3, rng=rng),
        BatchNorm(4, "relu"),
        MaxPool2D((4, 6, 6)),
        Dropout(0.2, rng=rng),
        Dense(36, 2, rng=rng),
        Softmax(),
    ]
    return Network(layers)


def bars(n, seed=0):
    """Images with a horizontal or a vertical bar."""
    rng = np.random.default_rng(seed)
    x, y = rng.normal(0.0, 0.1, (n, 8, 8)), rng.integers(0, 2, n)
    for image, label in zip(x, y, strict=True):
        at = rng.integers(8)
        image[at if label else slice(None), slice(None) if label else at] += 1
    return x.reshape(n, 64).astype(np.float32), y


def test_images_are_learned_without_a_flattening_layer():
    x, y = bars(257)  # the last of the batches of 64 would have one row
    network = image_network()
    records = network.fit(x, y, epochs=10, learning_rate=0.02, rng=0)
    held_x, held_y = bars(200, seed=1)
    assert records[-1]["loss"] < 0.5 * records[0]["loss"]
    assert (network.classify(held_x) == held_y).mean() > 0.9
    rest = Network(network.layers[1:])
    assert np.array_equal(rest.predict(held_x.reshape(-1, 1, 8, 8)), rest.predict(held_x))
    assert [row["output"] for row in network.summary()] == ["64", "4×6×6", "4×6×6", "4×3×3", "4×3×3", "2", "2"]
    assert network.layers[2].running_mean.shape == (4,)


@pytest.mark.parametrize("make", [lambda: image_network(), lambda: sequence_network()], ids=["images", "sequences"])
def test_validation_moves_nothing(make):
    x, y = bars(65)  # one row more than a batch
    results = []
    for validation in (None, (x[:7], y[:7])):
        network = make()
        samples = (x, y) if network.layers[0].input_shape == (64,) else (x.reshape(-1, 8, 8), y)
        held_out = None if validation is None else (samples[0][:7], samples[1][:7])
        network.fit(*samples, epochs=3, rng=0, validation=held_out)
        results.append([a for layer in network.layers for a in (*layer.parameters.values(), *layer.buffers.values())])
        before = [a.copy() for a in results[-1]]
        network.forward(samples[0])
        network.predict(samples[0])
        assert all(np.array_equal(one, other) for one, other in zip(before, results[-1], strict=True))
    assert len(results[0]) >= 6
    assert all(np.array_equal(one, other) for one, other in zip(*results, strict=True))


def sequence_network():
    return Network(
        [
            SelfAttention(8, 2, rng=0),
            Recurrent(8, 6, cell="gated", return_states=True, rng=1),
            BatchNorm(6),
            Recurrent(6, 5, rng=2),
            Gated(5, 8, "swiglu", rng=3, init="lecun"),
            Dense(8, 2, rng=4),
            Softmax(),
        ]
    )


def test_sequences_are_learned():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 8, 8)).astype(np.float32)
    y = (x[:, :, 0].sum(axis=1) > 0).astype(int)  # one column of all steps
    network = sequence_network()
    network.fit(x, y, epochs=25, learning_rate=0.02, rng=0)
    assert (network.classify(x) == y).mean() > 0.95
    assert network.input_shape == (None, 8)
    assert network.n_inputs is None
    assert network.n_outputs == 2


def test_fit_places_a_hash_behind_a_batch_normalization():
    x = (normal(1, 100, 6) * 3 + 50).astype(np.float32)
    norm, spatial = BatchNorm(6), SpatialDense(6, 4, rng=0)
    network = Network([norm, spatial])
    batches = []
    network.fit(x, np.zeros((100, 4)), epochs=1, learning_rate=1e-12, rng=0, progress=lambda _: batches.append(1))
    expected = sp.SimHash.from_arrays(spatial.pattern_hash.planes, np.zeros(len(spatial.pattern_hash.planes)))
    expected.fit(((x - x.mean(axis=0)) / np.sqrt(x.var(axis=0) + 1e-5)).astype(np.float32))
    np.testing.assert_allclose(spatial.pattern_hash.thresholds, expected.thresholds, atol=1e-4)
    assert norm.n_batches == 2  # the two steps only


# --- normalization -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("unbiased", "running"), [(True, 0.9 + 0.1 * 40 / 15), (False, 1.15)])
def test_batch_norm_of_published_numbers(unbiased, running):
    """The numbers of an issue of PyTorch (60528)."""
    x = [[[[1, 2, 3, 4], [2, 3, 4, 5], [3, 4, 5, 6], [4, 5, 6, 7]]]]
    layer = BatchNorm(1, unbiased=unbiased)
    y = layer.forward(x, training=True)
    assert y.shape == (1, 1, 4, 4)
    np.testing.assert_allclose(y[0, 0, 0, 0], -1.8974, atol=5e-5)
    np.testing.assert_allclose(layer.running_mean, 0.4)
    np.testing.assert_allclose(layer.running_var, running)
    assert layer.running_var.dtype == np.float64
    assert layer.n_batches == 1


def test_batch_norm_moments_and_gradient():
    layer = BatchNorm(4).astype(np.float64)
    layer.scale, layer.shift = [1.0, 2.0, 0.5, 3.0], [0.0, 1.0, -1.0, 5.0]
    x = np.random.default_rng(0).normal(7.0, [1.0, 0.1, 10.0, 1e-3], (200, 4))
    y = layer.forward(x, training=True)
    np.testing.assert_allclose(y.mean(axis=0), layer.shift, atol=1e-10)
    np.testing.assert_allclose(y.var(axis=0), layer.scale**2 * x.var(axis=0) / (x.var(axis=0) + 1e-5), rtol=1e-9)
    grad_x = layer.backward(np.random.default_rng(1).normal(size=y.shape))
    size = np.abs(grad_x).sum(axis=0)
    assert (np.abs(grad_x.sum(axis=0)) < 1e-12 * size).all()
    # Not exactly 0, because the division is by the root of the variance plus eps.
    along = (grad_x * (y - layer.shift) / layer.scale).sum(axis=0)
    assert (np.abs(along[:3]) < [1e-3 * size[0], 1e-2 * size[1], 1e-3 * size[2]]).all()


def test_batch_norm_of_a_mean_far_from_zero():
    """float32 holds these numbers; their squares would lose the variance."""
    x = np.float32(10000) + normal(0, 500, 3)
    layer = BatchNorm(3)
    y = layer.forward(x, training=True)
    wide = layer.astype(np.float64).forward(x.astype(np.float64), training=True)
    np.testing.assert_allclose(y, wide, atol=1e-3)
    np.testing.assert_allclose(layer.running_var, 0.9 + 0.1 * x.astype(np.float64).var(axis=0, ddof=1), rtol=1e-9)


@pytest.mark.parametrize("shape", [(3,), (3, 4, 5), (7, 3)])
def test_batch_norm_has_the_channels_of_its_samples(shape):
    x = normal(0, 20, *shape)
    axes = (0, 2, 3) if len(shape) == 3 else tuple(range(len(shape)))
    y = BatchNorm(3).forward(x, training=True)
    assert y.shape == x.shape
    np.testing.assert_allclose(y.mean(axis=axes), 0, atol=1e-6)
    np.testing.assert_allclose(y.std(axis=axes), 1, atol=1e-4)


def test_batch_norm_needs_two_values():
    layer = BatchNorm(3)
    with pytest.raises(ValueError, match="x has 1 values per channel, BatchNorm needs at least 2 in training"):
        layer.forward(np.ones((1, 3)), training=True)
    assert layer.n_batches == 0
    assert (layer.running_mean == 0).all()
    assert layer.forward(np.ones((1, 3, 2, 1)), training=True).shape == (1, 3, 2, 1)


@pytest.mark.parametrize("kind", ["dense", "conv"])
def test_fold(kind):
    before = Dense(5, 3, rng=0) if kind == "dense" else Conv2D((2, 5, 5), 3, 3, rng=0, padding=1)
    x = normal(1, 40, *before.input_shape)
    norm = BatchNorm(3, "gelu")
    before.bias = [1.0, -1.0, 0.5]
    norm.scale, norm.shift = [1.0, 2.0, -0.5], [0.0, 1.0, -1.0]
    for _ in range(20):
        norm.forward(before.forward(x, training=True), training=True)
    weights = before.weights.copy()
    folded = norm.fold_into(before)
    assert type(folded) is type(before)
    assert folded is not before
    assert np.array_equal(before.weights, weights)
    np.testing.assert_allclose(folded.forward(x), norm.forward(before.forward(x)), rtol=1e-5, atol=1e-6)
    wide = norm.astype(np.float64).fold_into(before.astype(np.float64))
    expected = norm.astype(np.float64).forward(before.astype(np.float64).forward(x))
    np.testing.assert_allclose(wide.forward(x), expected, rtol=1e-12, atol=1e-12)


def test_bad_fold():
    norm = BatchNorm(3)
    with pytest.raises(TypeError, match=r"layer is Softmax\(\), expected a Dense or a Conv2D"):
        norm.fold_into(Softmax())
    with pytest.raises(ValueError, match=r"layer has the activation ReLU\(\), expected none before a BatchNorm"):
        norm.fold_into(Dense(2, 3, "relu"))
    with pytest.raises(ValueError, match="layer has 4 units, expected 3"):
        norm.fold_into(Dense(2, 4))
    assert norm.fold_into(Dense(2, 3, "identity", save="bits")).activation is None


def test_dropout():
    layer = Dropout(0.25, rng=0)
    x = normal(0, 200, 100)
    y = layer.forward(x, training=True)
    dropped = y == 0
    assert abs(dropped.mean() - 0.25) < 5 * np.sqrt(0.25 * 0.75 / x.size)
    np.testing.assert_allclose(y[~dropped], x[~dropped] / 0.75, rtol=1e-6)
    assert np.array_equal(layer.backward(x), y)  # the same mask
    assert not np.array_equal(layer.forward(x, training=True), y)
    state = layer.rng.bit_generator.state
    assert layer.forward(x).tobytes() == x.tobytes()
    assert layer.forward(x) is not x
    assert layer.rng.bit_generator.state == state
    assert np.array_equal(Dropout(0.25, rng=0).forward(x, training=True), y)
    assert Dropout(0.0).forward(x, training=True).tobytes() == x.tobytes()


def test_standardize():
    layer = Standardize(6)
    columns = [
        [1.7e9, 1.7e9 + 1e-3, 1.7e9 + 2e-3],
        [0.1, 0.1, 0.1],
        [0.0, 0.0, 0.0],
        [-3e300, 0.0, 3e300],
        [1e-300, 2e-300, 3e-300],
        [-1.0, 0.0, 1.0],
    ]
    x = np.array(columns).T
    layer = layer.astype(np.float64)
    layer.fit_inputs(x)
    np.testing.assert_array_equal(layer.mean[[1, 2]], [0.1, 0.0])
    np.testing.assert_array_equal(layer.spread[[1, 2]], [1.0, 1.0])
    np.testing.assert_allclose(layer.spread[[3, 4, 5]], np.sqrt(2 / 3) * np.array([3e300, 1e-300, 1.0]), rtol=1e-14)
    y = layer.forward(x)
    for column in (0, 3, 4, 5):
        np.testing.assert_allclose(y[:, column], np.sqrt(1.5) * np.array([-1, 0, 1]), rtol=1e-3, atol=1e-3)
    assert not y[:, [1, 2]].any()


# --- convolution -------------------------------------------------------------------------------------------------


def test_sizes_of_the_seed():
    layer = Conv2D((1, 8, 8), 16, 3)
    assert (layer.output_shape, layer.n_outputs, layer.n_parameters) == ((16, 6, 6), 576, 160)
    assert layer.weights.shape == (16, 1, 3, 3)


def test_he_initialization_of_filters():
    weights = Conv2D((8, 5, 5), 100, 5, rng=0).weights
    np.testing.assert_allclose(weights.std(), np.sqrt(2 / 200), rtol=0.02)


def test_correlation_by_its_definition():
    layer = Conv2D((2, 6, 7), 3, 3, rng=0, stride=2, padding=1).astype(np.float64)
    layer.bias = [1.0, 2.0, 3.0]
    x = np.random.default_rng(1).normal(size=(4, 2, 6, 7))
    padded = np.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)))
    y = layer.forward(x)
    assert y.shape == (4, 3, 3, 4)
    for i, j in itertools.product(range(3), range(4)):
        window = padded[:, :, 2 * i : 2 * i + 3, 2 * j : 2 * j + 3]
        expected = np.einsum("ncuv,fcuv->nf", window, layer.weights) + layer.bias
        np.testing.assert_allclose(y[:, :, i, j], expected, rtol=1e-13, atol=1e-13)


def test_kernel_of_one_pixel_is_dense_at_every_pixel():
    layer = Conv2D((5, 4, 3), 6, 1, "tanh", rng=0)
    layer.bias = normal(1, 6)
    dense = Dense(5, 6, "tanh")
    dense.weights, dense.bias = layer.weights[:, :, 0, 0].T, layer.bias
    x = normal(2, 7, 5, 4, 3)
    expected = dense.forward(x.transpose(0, 2, 3, 1).reshape(-1, 5)).reshape(7, 4, 3, 6).transpose(0, 3, 1, 2)
    np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-5, atol=1e-6)


def test_delta_kernel_crops():
    layer = Conv2D((2, 6, 5), 2, 3)
    layer.weights = np.zeros((2, 2, 3, 3))
    layer.weights[0, 0, 1, 2] = layer.weights[1, 1, 0, 0] = 1
    x = normal(0, 3, 2, 6, 5)
    y = layer.forward(x)
    assert np.array_equal(y[:, 0], x[:, 0, 1:5, 2:])
    assert np.array_equal(y[:, 1], x[:, 1, :4, :3])


@pytest.mark.parametrize(("stride", "padding"), [(1, 0), (2, 1), (3, 2)])
def test_backward_is_the_adjoint(stride, padding):
    layer = Conv2D((3, 9, 8), 4, 3, rng=0, stride=stride, padding=padding).astype(np.float64)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(5, 3, 9, 8))
    y = layer.forward(x, training=True)
    grad = rng.normal(size=y.shape)
    np.testing.assert_allclose(np.vdot(y, grad), np.vdot(x, layer.backward(grad)), rtol=1e-12)
    np.testing.assert_allclose(np.vdot(y, grad), np.vdot(layer.weights, layer.gradients["weights"]), rtol=1e-12)


def test_shifted_images_give_shifted_outputs():
    """Bit for bit with whole numbers, whose sums are exact in any order; otherwise a product may round differently."""
    rng = np.random.default_rng(0)
    layer = Conv2D((2, 9, 9), 5, 3, "relu")
    layer.weights = rng.integers(-8, 9, layer.weights.shape)
    x = np.zeros((40, 2, 9, 9), np.float32)
    x[:, :, :8, :8] = rng.integers(-100, 101, (40, 2, 8, 8))
    moved = np.roll(x, (1, 1), axis=(2, 3))
    assert np.array_equal(layer.forward(moved)[:, :, 1:, 1:], layer.forward(x)[:, :, :-1, :-1])
    layer.weights = normal(1, *layer.weights.shape)
    y = layer.forward(moved)[:, :, 1:, 1:]
    np.testing.assert_allclose(y, layer.forward(x)[:, :, :-1, :-1], rtol=1e-5, atol=1e-4)


@pytest.mark.parametrize("piece", [1, 800, 7000, 40000])
def test_pieces_of_any_size(piece, monkeypatch):
    """Of samples, of pixels, of rows and of the whole image; with whole numbers, the sums are exact."""
    rng = np.random.default_rng(0)
    layer = Conv2D((2, 7, 6), 3, 3, rng=0, stride=2, padding=1)
    layer.weights = rng.integers(-8, 9, layer.weights.shape)
    x, grad = rng.integers(-20, 21, (30, 2, 7, 6)), rng.integers(-20, 21, (30, 3, 4, 3))
    results = []
    for size in (1 << 20, piece):
        monkeypatch.setattr(convolution, "PIECE_BYTES", size)
        y = layer.forward(x, training=True)
        results.append([y, layer.forward(x), layer.backward(grad), *layer.gradients.values()])
    assert len(list(layer._pieces(30))) == {1: 360, 800: 36, 7000: 4, 40000: 1}[piece]
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)


def test_pieces_on_two_threads():
    layer = Conv2D((4, 32, 32), 16, 3, "gelu", rng=0)
    x, grad = normal(0, 70, 4, 32, 32), normal(1, 70, 16, 30, 30)
    results = []
    for threads in (1, 2):
        with sp.num_threads(threads):
            y = layer.forward(x, training=True)
            results.append([y, layer.backward(grad), *layer.gradients.values()])
    assert results[0][0].tobytes() == layer.forward(x).tobytes()
    for one, other in zip(*results, strict=True):
        assert one.tobytes() == other.tobytes()


@pytest.mark.parametrize("padding", [0, 1])
def test_the_gradient_in_shares(padding, monkeypatch):
    """With whole numbers, the sums are exact."""
    rng = np.random.default_rng(0)
    layer = Conv2D((2, 5, 6), 3, 3, padding=padding)
    layer.weights = rng.integers(-8, 9, layer.weights.shape)
    x, grad = rng.integers(-20, 21, (150, 2, 5, 6)), rng.integers(-20, 21, (150, *layer.output_shape))
    results = []
    for worth in (convolution.WORTH_CUTTING, 0):
        monkeypatch.setattr(convolution, "WORTH_CUTTING", worth)
        layer.forward(x, training=True)
        results.append([layer.backward(grad), *layer.gradients.values()])
    for one, other in zip(*results, strict=True):
        assert np.array_equal(one, other)


def test_pool_crops_and_prefers_the_first_maximum():
    layer = MaxPool2D((1, 3, 5))
    x = np.array([[[[1, 1, 2, 3, 9], [1, 1, 3, 3, 9], [9, 9, 9, 9, 9]]]], np.float32)
    assert layer.forward(x, training=True).tolist() == [[[[1, 3]]]]
    assert layer.backward([[[[5, np.inf]]]]).tolist() == [[[[5, 0, 0, np.inf, 0], [0] * 5, [0] * 5]]]


def test_pool_of_nan():
    layer = MaxPool2D((1, 2, 4))
    x = np.array([[[[1, np.nan, -np.inf, -np.inf], [2, 3, -np.inf, -np.inf]]]])
    for training in (False, True):
        y = layer.forward(x, training=training)
        assert np.isnan(y[0, 0, 0, 0])
        assert y[0, 0, 0, 1] == -np.inf
    assert layer.backward([[[[7, 1]]]]).tolist() == [[[[0, 7, 1, 0], [0, 0, 0, 0]]]]


def test_large_pools():
    layer = MaxPool2D((1, 17, 17), 17)  # more pixels than a byte can number
    x = normal(0, 3, 1, 17, 17)
    y = layer.forward(x, training=True)
    grad = layer.backward(np.ones_like(y)).reshape(3, -1)
    assert np.array_equal(grad.argmax(axis=1), x.reshape(3, -1).argmax(axis=1))
    assert (grad.sum(axis=1) == 1).all()


def test_images_pass_between_layers_without_copies():
    conv = Conv2D((1, 8, 8), 4, 3, rng=0)
    y = conv.forward(normal(0, 5, 64))  # flat
    assert y.shape == (5, 144)
    assert not y.flags.owndata
    x = y.reshape(5, 4, 6, 6)
    out = np.empty(x.shape, np.float32)
    room = room_like(x, out)
    assert room.strides == x.strides
    assert np.shares_memory(room, out)
    assert room_like(np.ascontiguousarray(x), out) is out
    assert room_like(x[:, ::2, :, ::2], out[:, ::2, :, ::2]).shape == (5, 2, 6, 3)


# --- recurrent layers --------------------------------------------------------------------------------------------


def test_initial_weights_are_orthogonal():
    layer = Recurrent(50, 40, rng=0)
    np.testing.assert_allclose(layer.state_weights @ layer.state_weights.T, np.eye(40), atol=1e-5)
    np.testing.assert_allclose(layer.input_weights.std(), np.sqrt(1 / 50), rtol=0.05)
    assert not layer.bias.any()
    # The signs are those of a uniform distribution: otherwise the diagonal would be negative.
    diagonals = [np.diagonal(Recurrent(1, 40, rng=seed).state_weights) for seed in range(20)]
    assert abs(np.mean(np.sign(diagonals))) < 0.2


def test_one_step_is_dense():
    layer = Recurrent(5, 3, "gelu", rng=0)
    layer.bias = [1.0, 0.0, -1.0]
    dense = Dense(5, 3, "gelu")
    dense.weights, dense.bias = layer.input_weights, layer.bias
    x = normal(0, 6, 5)
    np.testing.assert_allclose(layer.forward(x[:, np.newaxis]), dense.forward(x), rtol=1e-6, atol=1e-6)


def test_cells_by_their_definition():
    x, t = np.random.default_rng(0).normal(size=(4, 7, 3)), np.random.default_rng(1).uniform(0, 20, (4, 7))
    first = np.random.default_rng(2).normal(size=(4, 5))
    for cell, activation in (("plain", "swish"), ("time_aware", "tanh"), ("gated", "tanh")):
        layer = Recurrent(3, 5, activation, cell=cell, decay_rate=0.3, return_states=True, rng=3).astype(np.float64)
        layer.bias = np.linspace(-1, 1, 5)
        options = {"t": t} if cell == "time_aware" else {}
        states = layer.forward(x, initial_state=first, **options)
        h = first
        for step in range(7):
            z = x[:, step] @ layer.input_weights + h @ layer.state_weights + layer.bias
            if cell == "plain":
                h = sp.swish(z)
            elif cell == "time_aware":
                h = sp.time_aware_tanh(z, t[:, step, np.newaxis], 0.3)
            else:
                h = sp.gated_tanh(z, h)
            np.testing.assert_allclose(states[:, step], h, rtol=1e-12, atol=1e-12)
        layer.return_states, layer.output_shape = False, (5,)
        last = layer.forward(x, initial_state=first, **options)
        assert last.tobytes() == states[:, -1].tobytes()
        assert layer.forward(x, True, initial_state=first, **options).tobytes() == last.tobytes()


def test_the_decay_of_a_constant():
    layer = Recurrent(1, 1, cell="time_aware", return_states=True)
    layer.input_weights, layer.state_weights, layer.bias = [[0.0]], [[0.0]], [0.7]
    layer = layer.astype(np.float64)
    x = np.zeros((2, 10, 1))
    z = float(layer.bias[0])
    np.testing.assert_allclose(layer.forward(x)[0, :, 0], np.tanh(z) * np.exp(-0.1 * np.arange(10)), rtol=1e-14)
    elapsed = np.array([[0.0] * 10, [5.0] * 10])
    states = layer.forward(x, t=elapsed)
    np.testing.assert_allclose(states[:, :, 0], np.tanh(z) * np.exp(-0.1 * elapsed), rtol=1e-14)
    assert np.array_equal(layer.forward(x, t=np.full(10, 5.0))[0], states[1])


def test_without_time_the_cell_is_plain():
    plain, aware = (Recurrent(3, 4, cell=cell, return_states=True, rng=0) for cell in ("plain", "time_aware"))
    x = normal(0, 5, 8, 3)
    assert aware.forward(x, t=np.zeros(8)).tobytes() == plain.forward(x).tobytes()


def test_gated_states_are_bounded():
    layer = Recurrent(3, 6, cell="gated", return_states=True, rng=0)
    rng = np.random.default_rng(0)
    for scale in (0.1, 3.0, 100.0):
        layer.state_weights = scale * rng.normal(size=(6, 6))
        first = rng.uniform(-2, 2, (30, 6)).astype(np.float32)
        states = layer.forward(scale * rng.normal(size=(30, 50, 3)), initial_state=first)
        bound = np.maximum(np.abs(first), 1)[:, np.newaxis] * (1 + 1e-6)
        assert (np.abs(states) <= bound).all()


@pytest.mark.parametrize("cell", ["plain", "time_aware", "gated"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_streaming_gives_the_same_bits(cell, dtype):
    """The products of a step have the same shapes, so BLAS rounds alike; in batches of another size it might not."""
    for samples, n_inputs, n_units in ((1, 3, 5), (2, 17, 64), (33, 64, 31)):
        layer = Recurrent(n_inputs, n_units, cell=cell, return_states=True, rng=0).astype(dtype)
        layer.bias = normal(1, n_units)
        x, t = normal(2, samples, 9, n_inputs), np.arange(9.0)
        options = {"t": t} if cell == "time_aware" else {}
        whole = layer.forward(x, **options)
        state, states = None, []
        for step in range(9):
            now = {"t": t[step : step + 1]} if options else {}
            part = layer.forward(x[:, step : step + 1], initial_state=state, **now)
            state = part[:, -1]
            states.append(state)
        assert np.stack(states, axis=1).tobytes() == whole.tobytes()
        assert layer.forward(x, training=True, **options).tobytes() == whole.tobytes()


def test_sequences_of_any_length():
    layer = Recurrent(3, 4, rng=0)
    network = Network([layer, Dense(4, 2, rng=1)])
    for steps in (1, 5, 12):
        assert network.predict(normal(0, 6, steps, 3)).shape == (6, 2)
        assert network.predict(normal(0, 6, 3 * steps)).shape == (6, 2)
    assert layer.forward(np.zeros((2, 0, 3)), initial_state=[1, 2, 3, 4]).tolist() == [[1, 2, 3, 4]] * 2
    states = Network([Recurrent(3, 4, return_states=True, rng=0), Dense(20, 2, rng=1)])
    assert states.predict(normal(0, 6, 5, 3)).shape == (6, 2)
    with pytest.raises(ValueError, match=r"layer 1 gets \(samples, 6, 4\), expected \(samples, 20\)"):
        states.predict(normal(0, 6, 6, 3))


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"t": np.zeros(4)}, ValueError, r"t has shape \(4,\), expected \(5,\) or \(2, 5\)"),
        ({"t": [0, 1, 2, np.nan, 4]}, ValueError, "t is not finite"),
        ({"t": ["a"] * 5}, TypeError, "t has dtype"),
        ({"initial_state": np.zeros(3)}, ValueError, r"initial_state has shape \(3,\), expected \(4,\) or \(2, 4\)"),
        ({"initial_state": np.zeros(4, complex)}, TypeError, "initial_state has dtype complex128"),
    ],
)
def test_bad_options(options, error, message):
    for training in (False, True):
        with pytest.raises(error, match=message):
            Recurrent(3, 4, cell="time_aware").forward(np.zeros((2, 5, 3)), training, **options)
    with pytest.raises(ValueError, match="t is given, which the plain cell does not use"):
        Recurrent(3, 4).forward(np.zeros((2, 5, 3)), t=np.zeros(5))


@pytest.mark.parametrize("cell", ["plain", "time_aware", "gated"])
def test_gradients_with_times_and_an_initial_state(cell):
    layer = Recurrent(3, 4, cell=cell, return_states=True, rng=0).astype(np.float64)
    rng = np.random.default_rng(1)
    x, grad = rng.normal(size=(2, 6, 3)), rng.normal(size=(2, 6, 4))
    options = {"initial_state": rng.normal(size=(2, 4))}
    if cell == "time_aware":
        options["t"] = rng.uniform(0, 5, (2, 6))

    def loss():
        return float(np.vdot(layer.forward(x, **options), grad))

    layer.forward(x, training=True, **options)
    gradients = {"x": layer.backward(grad), **layer.gradients}
    for name, array in {"x": x, **layer.parameters}.items():
        for index in list(np.ndindex(array.shape))[::3]:
            kept = array[index]
            array[index] = kept + 1e-6
            above = loss()
            array[index] = kept - 1e-6
            below = loss()
            array[index] = kept
            np.testing.assert_allclose(gradients[name][index], (above - below) / 2e-6, rtol=1e-6, atol=1e-7)


# --- attention ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("causal", [False, True])
def test_attention_by_its_definition(causal):
    layer = SelfAttention(6, 3, output="swish", causal=causal, rng=0).astype(np.float64)
    x = np.random.default_rng(1).normal(size=(4, 5, 6))
    q, k, v = (f(x @ layer.parameters[f"{name}_weights"]) for f, name in
               ((np.tanh, "query"), (np.tanh, "key"), (sp.relu, "value")))  # fmt: skip
    heads, weights = [], layer.attention_weights(x)
    for head in range(3):
        columns = slice(2 * head, 2 * head + 2)
        scores = np.einsum("nsd,ntd->nst", q[..., columns], k[..., columns]) / np.sqrt(2)
        if causal:
            scores[:, np.triu(np.ones((5, 5), bool), 1)] = -np.inf
        expected = np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
        np.testing.assert_allclose(weights[:, head], expected, rtol=1e-12)
        heads.append(expected @ v[..., columns])
    np.testing.assert_allclose(layer.forward(x), sp.swish(np.concatenate(heads, axis=-1)), rtol=1e-11, atol=1e-13)
    assert layer.attention_weights(x.reshape(4, -1)).tobytes() == weights.tobytes()


def test_attention_weights_add_up_to_one_and_are_bounded():
    layer = SelfAttention(16, 2, rng=0)
    x = normal(1, 10, 12, 16) * 100
    weights = layer.attention_weights(x)
    assert weights.shape == (10, 2, 12, 12)
    assert weights.dtype == np.float32
    np.testing.assert_allclose(weights.sum(axis=-1), 1, rtol=1e-6)
    assert (weights.max(axis=-1) <= np.exp(2 * np.sqrt(8)) * weights.min(axis=-1) * (1 + 1e-5)).all()


def test_attention_without_queries_is_uniform():
    layer = SelfAttention(4, 2, rng=0)
    layer.query_weights = np.zeros((4, 4))
    weights = layer.attention_weights(normal(1, 3, 5, 4))
    np.testing.assert_allclose(weights, 1 / 5, rtol=1e-6)
    layer.causal = True
    expected = np.tril(np.ones((5, 5))) / np.arange(1, 6)[:, np.newaxis]
    np.testing.assert_allclose(layer.attention_weights(normal(1, 3, 5, 4)), np.broadcast_to(expected, (3, 2, 5, 5)))


def test_attention_does_not_know_the_order():
    layer, x = SelfAttention(8, 2, rng=0), normal(1, 3, 7, 8)
    order = np.random.default_rng(2).permutation(7)
    np.testing.assert_allclose(layer.forward(x[:, order]), layer.forward(x)[:, order], rtol=1e-4, atol=1e-6)


def test_causal_outputs_do_not_change_with_later_inputs():
    layer, x = SelfAttention(8, 2, causal=True, rng=0), normal(1, 3, 7, 8)
    expected = layer.forward(x)
    for step in range(6):
        changed = x.copy()
        changed[:, step + 1 :] = normal(step, 3, 6 - step, 8) * 50
        y = layer.forward(changed)
        assert y[:, : step + 1].tobytes() == expected[:, : step + 1].tobytes()
        assert not np.array_equal(y, expected)


def test_attention_in_parts(monkeypatch):
    layer, x = SelfAttention(8, 2, rng=0), normal(1, 30, 7, 8)
    expected = layer.forward(x)
    for size in (1, 7 * 7 * 2 * 4 * 5):
        monkeypatch.setattr(attention, "SCORES_BYTES", size)
        np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-5, atol=1e-6)


def test_attention_in_training_is_that_of_inference():
    layer = SelfAttention(8, 2, rng=0)
    x = normal(1, 6, 20, 8)
    np.testing.assert_array_equal(layer.forward(x, training=True), layer.forward(x))


# --- gated layers ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("gate", GATES)
def test_the_first_half_is_the_first_argument(gate):
    layer = Gated(5, 4, gate, rng=0, init="lecun").astype(np.float64)
    layer.bias = np.linspace(-1, 1, 8)
    x = np.random.default_rng(1).normal(size=(6, 5))
    z = x @ layer.weights + layer.bias
    function = getattr(sp, gate)
    expected = function(z) if gate.endswith("n_glu") or gate == "glu" else function(z[:, :4], z[:, 4:])
    np.testing.assert_allclose(layer.forward(x), expected, rtol=1e-13, atol=1e-15)
    a, b = np.float64(0.5), np.float64(2.0)
    layer.weights, layer.bias = np.zeros((5, 8)), [a] * 4 + [b] * 4
    value = {
        "gaussian_glu": np.exp(-(a**2) / 2) * b,
        "glu": a / (1 + np.exp(-b)),
        "reglu": a * b,
        "geglu": float(sp.gelu(a)) * b,
        "swiglu": a / (1 + np.exp(-a)) * b,
    }[gate]
    np.testing.assert_allclose(layer.forward(x), value, rtol=1e-14)


def test_weights_of_a_gated_layer():
    layer = Gated(100, 50, rng=0)
    assert layer.weights.shape == (100, 100)
    assert layer.bias.shape == (100,)
    np.testing.assert_allclose(layer.weights.std(), 0.02, rtol=0.05)
    np.testing.assert_allclose(Gated(100, 50, rng=0, init="he").weights.std(), np.sqrt(0.02), rtol=0.05)
