"""Every gradient against PyTorch's automatic differentiation, where it has the function and is right (optional)."""

import numpy as np
import pytest
from conftest import make_activation

import spatium as sp

torch = pytest.importorskip("torch")
F = torch.nn.functional

# In float64 on a body of points: in the tails and at kinks PyTorch differs, and says so nowhere.
FUNCTIONS = {
    "relu": lambda x: F.relu(x),
    "leaky_relu": lambda x, s: torch.where(x > 0, x, s * x),
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
    "gelu_tanh": lambda x: F.gelu(x, approximate="tanh"),
    "swish": lambda x, beta: x * torch.sigmoid(beta * x),
    "mish": lambda x: x * torch.tanh(F.softplus(x, threshold=1000)),
    "elu": lambda x, alpha: torch.where(x > 0, x, alpha * torch.expm1(x)),
    "softplus": lambda x, beta: torch.log1p(torch.exp(beta * x)) / beta,
    "hard_sigmoid": lambda x, slope, offset: torch.clamp(slope * x + offset, 0, 1),
    "sine": torch.sin,
    "gelu": lambda x: F.gelu(x),
    "gelu_sigmoid": lambda x: x * torch.sigmoid(1.702 * x),
    "hard_swish": F.hardswish,
    "scaled_swish": lambda x, alpha, beta: alpha * x * torch.sigmoid(beta * x),
    "snake": lambda x, alpha, beta: x + torch.sin(alpha * x) ** 2 / beta,
    "scaled_tanh": lambda x, scale, slope: scale * torch.tanh(slope * x),
    "relu6": F.relu6,
    "selu": F.selu,
    "celu": lambda x, alpha: torch.where(x > 0, x, alpha * torch.expm1(x / alpha)),
    "log_sigmoid": F.logsigmoid,
    "soft_sign": F.softsign,
    "tanh_shrink": F.tanhshrink,
    "squareplus": lambda x, b: (x + torch.sqrt(x**2 + b)) / 2,
    "lisht": lambda x: x * torch.tanh(x),
    "dish": lambda x: x / 2 * (x / torch.sqrt(1 + x**2) + 1),
    "gaussian": lambda x: torch.exp(-(x**2)),
    "log_cosh": lambda x: torch.log(torch.cosh(x)),
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_gradients(name):
    act = make_activation(name)
    rng = np.random.default_rng(0)
    x, grad = rng.uniform(-4, 4, 500), rng.normal(size=500)
    inputs = torch.tensor(x, requires_grad=True)
    parameters = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in act.parameters.values()]
    y = FUNCTIONS[name](inputs, *parameters)
    (slope,) = torch.autograd.grad(y.sum(), inputs, create_graph=True)
    np.testing.assert_allclose(act(x), y.detach(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(act.derivative(x), slope.detach(), rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(act.backward(grad, x), grad * slope.detach().numpy(), rtol=1e-9, atol=1e-12)
    if slope.requires_grad:
        (bend,) = torch.autograd.grad(slope.sum(), inputs, retain_graph=True, allow_unused=True)
        if bend is not None:
            np.testing.assert_allclose(act.second_derivative(x), bend.detach(), rtol=1e-8, atol=1e-11)
    if parameters:
        expected = torch.autograd.grad((torch.tensor(grad) * y).sum(), parameters)
        gradients = act.parameter_gradients(grad, x)
        for parameter, theirs in zip(act.parameters, expected, strict=True):
            assert gradients[parameter] == pytest.approx(float(theirs), rel=1e-9, abs=1e-9)


def test_prelu_per_channel():
    rng = np.random.default_rng(1)
    x, grad, slopes = rng.normal(size=(6, 4, 5)), rng.normal(size=(6, 4, 5)), rng.uniform(0, 1, 4)
    inputs, weight = torch.tensor(x, requires_grad=True), torch.tensor(slopes, requires_grad=True)
    theirs = torch.autograd.grad(F.prelu(inputs, weight), (inputs, weight), torch.tensor(grad))
    wide = slopes[:, np.newaxis]
    np.testing.assert_allclose(sp.ufuncs.leaky_relu_backward(grad, x, wide), theirs[0], rtol=1e-15)
    ours = sp.LeakyReLU().parameter_gradients(grad, x, negative_slope=wide)["negative_slope"]
    np.testing.assert_allclose(ours[:, 0], theirs[1], rtol=1e-12)
