"""Layers against the same layers of PyTorch in float64, outputs and all gradients (optional)."""

import numpy as np
import pytest

from spatium.nn import BatchNorm, Conv2D, Gated, MaxPool2D, Recurrent, SelfAttention

torch = pytest.importorskip("torch")
F = torch.nn.functional


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small tensors on several threads wait longer than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def tensor(array):
    return torch.tensor(np.array(array), requires_grad=True)


def compare(layer, x, function, **options):
    """Compare y, and the gradients of x and all parameters, with those of a function of tensors."""
    x = np.asarray(x)
    tensors = {name: tensor(array) for name, array in layer.parameters.items()}
    x_tensor = tensor(x)
    expected = function(x_tensor, **tensors)
    grad = np.random.default_rng(9).normal(size=tuple(expected.shape))
    expected.backward(torch.tensor(grad))
    y = layer.forward(x, training=True, **options)
    grad_x = layer.backward(grad)
    for one, other in [
        (y, expected.detach()),
        (grad_x, x_tensor.grad),
        *((layer.gradients[name], tensors[name].grad) for name in tensors),
    ]:
        np.testing.assert_allclose(one, other.numpy(), rtol=1e-9, atol=1e-9)


def wide(layer, seed=1):
    layer = layer.astype(np.float64)
    rng = np.random.default_rng(seed)
    for array in layer.parameters.values():
        array += 0.3 * rng.normal(size=array.shape)
    return layer


@pytest.mark.parametrize(
    ("shape", "filters", "size", "stride", "padding"),
    [((1, 8, 8), 16, 3, 1, 0), ((3, 9, 7), 5, 3, 2, 1), ((2, 6, 5), 4, 1, 1, 0), ((2, 12, 9), 3, 5, 3, 4)],
)
@pytest.mark.parametrize("n", [1, 35])
def test_convolution(shape, filters, size, stride, padding, n):
    layer = wide(Conv2D(shape, filters, size, "gelu", stride, padding, rng=0))
    x = np.random.default_rng(2).normal(size=(n, *shape))
    compare(layer, x, lambda x, weights, bias: F.gelu(F.conv2d(x, weights, bias, stride, padding)))


@pytest.mark.parametrize("size", [1, 2, 3])
def test_pool_with_ties(size):
    x = np.random.default_rng(0).integers(0, 4, (20, 3, 7, 8)).astype(np.float64)
    compare(MaxPool2D((3, 7, 8), size).astype(np.float64), x, lambda x: F.max_pool2d(x, size))
    x[::3, :, ::2, ::3] = np.nan
    layer, x_tensor = MaxPool2D((3, 7, 8), size).astype(np.float64), tensor(x)
    y = F.max_pool2d(x_tensor, size)
    y.backward(torch.ones_like(y))
    np.testing.assert_array_equal(layer.forward(x, training=True), y.detach())
    np.testing.assert_array_equal(layer.backward(np.ones(y.shape)), x_tensor.grad)


@pytest.mark.parametrize("shape", [(5,), (5, 3, 4)])
def test_batch_norm_over_ten_steps(shape):
    layer = wide(BatchNorm(5, "gelu", eps=1e-3, momentum=0.3))
    peer = (torch.nn.BatchNorm2d if len(shape) > 1 else torch.nn.BatchNorm1d)(5, 1e-3, 0.3, dtype=torch.float64)
    with torch.no_grad():
        peer.weight[:], peer.bias[:] = torch.tensor(layer.scale), torch.tensor(layer.shift)
    rng = np.random.default_rng(0)
    for step in range(10):
        x = rng.normal(step, 1 + step, (6, *shape))
        for mode in (True, False):
            peer.train(mode)
            peer.zero_grad()
            x_tensor = tensor(x)
            expected = F.gelu(peer(x_tensor))
            y = layer.forward(x, training=mode)
            np.testing.assert_allclose(y, expected.detach(), rtol=1e-9, atol=1e-9)
            if mode:
                grad = rng.normal(size=y.shape)
                expected.backward(torch.tensor(grad))
                np.testing.assert_allclose(layer.backward(grad), x_tensor.grad, rtol=1e-9, atol=1e-9)
                np.testing.assert_allclose(layer.gradients["scale"], peer.weight.grad, rtol=1e-9, atol=1e-9)
                np.testing.assert_allclose(layer.gradients["shift"], peer.bias.grad, rtol=1e-9, atol=1e-9)
            np.testing.assert_allclose(layer.running_mean, peer.running_mean, rtol=1e-12, atol=1e-12)
            np.testing.assert_allclose(layer.running_var, peer.running_var, rtol=1e-12)
            assert layer.n_batches == peer.num_batches_tracked


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("all_states", [False, True])
def test_recurrent(activation, all_states):
    layer = wide(Recurrent(4, 6, activation, return_states=all_states, rng=0))
    first = np.random.default_rng(3).normal(size=(5, 6))

    def function(x, input_weights, state_weights, bias):
        peer = torch.nn.RNN(4, 6, nonlinearity=activation, batch_first=True, dtype=torch.float64)
        names = {"weight_ih_l0": input_weights.T, "weight_hh_l0": state_weights.T, "bias_ih_l0": bias}
        names["bias_hh_l0"] = torch.zeros(6, dtype=torch.float64)
        y, _ = torch.func.functional_call(peer, names, (x, torch.tensor(first)[None]))
        return y if all_states else y[:, -1]

    x = np.random.default_rng(2).normal(size=(5, 8, 4))
    compare(layer, x, function, initial_state=first)


@pytest.mark.parametrize("cell", ["time_aware", "gated"])
def test_cells(cell):
    layer = wide(Recurrent(4, 6, cell=cell, decay_rate=0.2, return_states=True, rng=0))

    def function(x, input_weights, state_weights, bias):
        h, states = torch.zeros((5, 6), dtype=torch.float64), []
        for step in range(8):
            z = x[:, step] @ input_weights + h @ state_weights + bias
            if cell == "gated":
                gate = torch.sigmoid(z + h)
                h = gate * torch.tanh(z) + (1 - gate) * h
            else:
                h = torch.tanh(z) * np.exp(-0.2 * step)
            states.append(h)
        return torch.stack(states, dim=1)

    compare(layer, np.random.default_rng(2).normal(size=(5, 8, 4)), function)


@pytest.mark.parametrize("causal", [False, True])
@pytest.mark.parametrize("heads", [1, 4])
def test_attention(causal, heads):
    layer = wide(SelfAttention(8, heads, causal=causal, rng=0))

    def function(x, query_weights, key_weights, value_weights):
        q, k, v = (
            f(x @ w).reshape(3, 6, heads, 8 // heads).transpose(1, 2)
            for f, w in ((torch.tanh, query_weights), (torch.tanh, key_weights), (torch.relu, value_weights))
        )
        y = F.scaled_dot_product_attention(q, k, v, is_causal=causal)
        return F.gelu(y.transpose(1, 2).reshape(3, 6, 8))

    compare(layer, np.random.default_rng(2).normal(size=(3, 6, 8)), function)


@pytest.mark.parametrize(
    ("gate", "function"),
    [
        ("glu", lambda a, b: a * torch.sigmoid(b)),
        ("reglu", lambda a, b: F.relu(a) * b),
        ("geglu", lambda a, b: F.gelu(a) * b),
        ("swiglu", lambda a, b: F.silu(a) * b),
        ("gaussian_glu", lambda a, b: torch.exp(-(a**2) / 2) * b),
    ],
)
def test_gated(gate, function):
    layer = wide(Gated(5, 4, gate, rng=0))
    x = np.random.default_rng(2).normal(size=(9, 5))
    compare(layer, x, lambda x, weights, bias: function(*(x @ weights + bias).chunk(2, dim=1)))
