"""The operators and modules for PyTorch: the bits of the library, gradients, compilation, vmap (optional)."""

import copy
import io
import pickle
import subprocess
import sys

import conftest
import numpy as np
import pytest
from conftest import VARIANTS, make_activation

import spatium as sp
from spatium.nn import SpatialDense

torch = pytest.importorskip("torch")
ml_dtypes = pytest.importorskip("ml_dtypes")
st = pytest.importorskip("spatium.torch")
# ruff: noqa: E402
from torch.autograd import gradcheck, gradgradcheck

DTYPES = [np.dtype(np.float32), np.dtype(np.float64), np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)]
IDS = [name + ("*" if keywords else "") for name, keywords in VARIANTS]

# Arguments away from all kinks, at which differences are derivatives.
SMOOTH = torch.tensor([-3.7, -2.6, -1.3, -0.35, 0.23, 0.9, 1.7, 2.8, 5.3], dtype=torch.float64)


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Small tensors on several threads wait longer than they compute."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def sample(dtype, size, seed=0):
    """Special numbers and others; those of bfloat16 are rounded from float32."""
    with np.errstate(all="ignore"):
        return conftest.sample(np.float32 if dtype.name == "bfloat16" else dtype, size, seed).astype(dtype)


def same_bits(actual, expected):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.dtype == expected.dtype
    if actual.dtype.name == "bfloat16":
        actual, expected = actual.astype(np.float32), expected.astype(np.float32)
    conftest.same_bits(actual, expected)


def tensor(array):
    """A tensor with the numbers of an array, of bfloat16 too."""
    array = np.asarray(array, order="C")
    if array.dtype.name == "bfloat16":
        return torch.from_numpy(array.view(np.int16).copy()).view(torch.bfloat16).reshape(array.shape)
    return torch.from_numpy(array.copy())


def array(value):
    """An array with the numbers of a tensor."""
    value = value.detach()
    return value.view(torch.int16).numpy().view(ml_dtypes.bfloat16) if value.dtype is torch.bfloat16 else value.numpy()


def call(act):
    """The function of tensors for an activation, with its parameters."""
    if act.name.startswith("gelu"):
        return lambda x, **save: st.gelu(x, act.name[5:] or "none", **save)
    return lambda x, **save: getattr(st, act.name)(x, *act.parameters.values(), **save)


def layouts(x):
    """The same kinds of numbers in tensors of many layouts."""
    x = tensor(x)
    grid = x[: len(x) // 6 * 6].reshape(-1, 6)
    yield x
    yield grid.t()
    yield grid[::2, 1::3]
    yield grid.reshape(-1, 3, 2, 1).contiguous(memory_format=torch.channels_last)
    yield x[:1].expand(5, 4, 1)
    yield x[0]
    yield x[:0].reshape(0, 3)


# ---- elementwise functions ----


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("name", "keywords"), VARIANTS, ids=IDS)
def test_values_have_the_bits_of_the_functions_of_arrays(name, keywords, dtype):
    act = make_activation(name, keywords)
    for x in layouts(sample(dtype, 120, seed=1)):
        y = call(act)(x)
        assert y.dtype is x.dtype
        assert y.stride() == torch.empty_like(x).stride()
        with np.errstate(invalid="ignore"):  # sine of infinity
            same_bits(array(y), act(np.asarray(array(x))))


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("name", "keywords"), VARIANTS, ids=IDS)
def test_gradients_have_the_bits_of_the_passes(name, keywords, dtype):
    act = make_activation(name, keywords)
    rng = np.random.default_rng(2)
    for x in layouts(rng.normal(0, 3, 120).astype(dtype)):
        grad = tensor(rng.normal(size=tuple(x.shape)).astype(dtype))
        for save in (None, *act.save_policies):
            leaf = x.clone().requires_grad_()
            y = call(act)(leaf, save=save)
            assert y.requires_grad
            y.backward(grad)
            expected_y, saved = act.forward(np.asarray(array(x)), save=save)
            same_bits(array(y), expected_y)
            same_bits(array(leaf.grad), act.backward(array(grad), saved))


@pytest.mark.parametrize(("name", "keywords"), VARIANTS, ids=IDS)
def test_derivatives_of_two_orders(name, keywords):
    act = make_activation(name, keywords)
    x = SMOOTH.clone().requires_grad_()
    for save in act.save_policies:
        assert gradcheck(lambda x, save=save: call(act)(x, save=save), x)
    assert gradgradcheck(lambda x: call(act)(x, save="input"), x)
    if act.save_policies[0] == "bits" and act._bits == "slope":
        assert gradgradcheck(call(act), x)


def test_data_that_does_not_determine_the_second_derivative():
    for name, save in (("gelu", "bits"), ("tanh", "output")):
        x = SMOOTH.clone().requires_grad_()
        (first,) = torch.autograd.grad(getattr(st, name)(x, save=save).sum(), x, create_graph=True)
        with pytest.raises(NotImplementedError, match=f"save='{save}' does not keep the input of {name}"):
            first.sum().backward()


def test_changed_data_is_noticed():
    """A change in place of what is kept for the gradient is an error, not a wrong gradient."""
    x = SMOOTH.clone().requires_grad_()
    y = st.tanh(x, save="output")
    y.mul_(2)
    with pytest.raises(RuntimeError, match="modified by an inplace operation"):
        y.sum().backward()


def kept_bytes(function, x):
    """The bytes of all tensors that are kept for the gradient, each counted once."""
    kept = {}

    def pack(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor.untyped_storage().nbytes()
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        y = function(x)
    return sum(kept.values()), y


def test_bits_are_all_that_is_kept():
    x = torch.randn(1001, requires_grad=True)
    assert kept_bytes(st.relu, x)[0] == 126
    assert kept_bytes(lambda x: st.relu(x, save="input"), x)[0] == 4004
    assert kept_bytes(lambda x: st.gelu(x, save="bits"), x)[0] == 4004 + 126
    with torch.no_grad():
        assert kept_bytes(st.relu, x)[0] == 0


# ---- tensors as parameters ----

PARAMETRIC = [(name, keywords) for name, keywords in VARIANTS if keywords]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("name", "keywords"), PARAMETRIC, ids=[name for name, _ in PARAMETRIC])
def test_parameters_may_be_tensors(name, keywords, dtype):
    act = make_activation(name, keywords)
    x = sample(dtype, 120, seed=3).reshape(20, 6)
    scale = np.linspace(0.8, 1.2, 6)
    values = {key: value * scale for key, value in act.parameters.items()}
    y = getattr(st, name)(tensor(x), **{key: torch.tensor(value) for key, value in values.items()})
    same_bits(array(y), getattr(sp.ufuncs, name)(x, *values.values()))


@pytest.mark.parametrize(("name", "keywords"), PARAMETRIC, ids=[name for name, _ in PARAMETRIC])
def test_gradients_of_parameters(name, keywords):
    act = make_activation(name, keywords)
    for shape in ((), (3,), (3, 1), (1, 3)):
        values = [torch.full(shape, value, dtype=torch.float64).requires_grad_() for value in act.parameters.values()]
        x = SMOOTH.reshape(3, 3).clone().requires_grad_()
        assert gradcheck(getattr(st, name), (x, *values))
    fixed = [value.detach() for value in values]
    assert gradgradcheck(lambda x: getattr(st, name)(x, *fixed), x)
    (first,) = torch.autograd.grad(getattr(st, name)(x, *values).sum(), x, create_graph=True)
    with pytest.raises(NotImplementedError, match="by its parameters"):
        first.sum().backward()
    (of_parameter,) = torch.autograd.grad(getattr(st, name)(x, *values).sum(), values[0], create_graph=True)
    with pytest.raises(NotImplementedError, match="the gradients of the parameters"):
        of_parameter.sum().backward()


def test_one_parameter_may_be_a_tensor():
    alpha = torch.tensor(0.5, dtype=torch.float64, requires_grad=True)
    assert gradcheck(lambda x, a: st.snake(x, a), (SMOOTH.clone().requires_grad_(), alpha))
    assert gradcheck(lambda x, a: st.snake(x, a, 0.7), (SMOOTH.clone().requires_grad_(), alpha))
    same_bits(st.snake(SMOOTH, alpha).detach().numpy(), sp.snake(SMOOTH.numpy(), 0.5))
    half = torch.tensor([0.25, -0.5, 1.5], dtype=torch.float16, requires_grad=True)
    st.leaky_relu(-torch.ones(4, 3), half).sum().backward()
    assert half.grad.dtype is torch.float16
    assert half.grad.tolist() == [-4.0, -4.0, -4.0]


def test_prelu():
    x = np.random.default_rng(0).normal(size=(4, 3, 5)).astype(np.float32)
    weight = np.array([0.1, -0.2, 0.3], np.float32)
    leaf, slopes = tensor(x).requires_grad_(), tensor(weight).requires_grad_()
    y, peer = st.prelu(leaf, slopes), torch.nn.functional.prelu(leaf, slopes)
    same_bits(array(y), sp.prelu(x, weight))
    grad = torch.randn(y.shape)
    for ours, theirs in zip(*(torch.autograd.grad(one, (leaf, slopes), grad) for one in (y, peer)), strict=True):
        torch.testing.assert_close(ours, theirs)
    same_bits(array(st.prelu(tensor(x[..., :3]), tensor(weight), channel_axis=-1)), sp.prelu(x[..., :3], weight, -1))
    same_bits(array(st.prelu(tensor(x), 0.3)), sp.prelu(x, 0.3))
    same_bits(array(st.prelu(tensor(x), torch.tensor([0.25]))), sp.prelu(x, 0.25))


# ---- functions of rows and of two tensors ----

ROWS = ["softmax", "softmin", "hardmax", "log_softmax", "logsumexp"]
GATES = [
    ("reglu", {}),
    ("geglu", {}),
    ("geglu", {"approximate": "tanh"}),
    ("geglu", {"approximate": "sigmoid"}),
    ("swiglu", {"beta": 1.7}),
    ("time_aware_tanh", {"decay_rate": 0.3}),
    ("gated_tanh", {}),
]
HALVED = [("glu", {}), ("gaussian_glu", {"mean": 0.4, "std": 1.3})]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ROWS)
def test_rows(name, dtype):
    rng = np.random.default_rng(4)
    x = rng.normal(0, 4, (5, 7, 6)).astype(dtype)
    x[0, 0] = sample(dtype, 6)
    for axis in (-1, 0, 1):
        leaf = tensor(x).requires_grad_()
        y = getattr(st, name)(leaf, dim=axis)
        expected = getattr(sp, name)(x, axis=axis)
        same_bits(array(y), expected)
        grad = rng.normal(size=expected.shape).astype(dtype)
        y.backward(tensor(grad))
        saved = x if name == "logsumexp" else expected
        backward = getattr(sp.rows, f"{name}_backward")
        same_bits(array(leaf.grad), backward(grad, saved, axis=axis))
        view = tensor(x).transpose(0, 2)
        same_bits(array(getattr(st, name)(view, axis)), getattr(sp, name)(x.transpose(2, 1, 0), axis))


@pytest.mark.parametrize("name", ROWS)
def test_derivatives_of_rows(name):
    x = torch.randn(3, 4, dtype=torch.float64, generator=torch.Generator().manual_seed(0)).requires_grad_()
    for dim in (0, 1):
        assert gradcheck(lambda x, dim=dim: getattr(st, name)(x, dim), x)
        assert gradgradcheck(lambda x, dim=dim: getattr(st, name)(x, dim), x)


def test_logsumexp_over_several_axes():
    x = torch.randn(3, 4, 2, dtype=torch.float64, requires_grad=True)
    same_bits(st.logsumexp(x, (0, -1)).detach().numpy(), sp.logsumexp(x.detach().numpy(), (0, -1)))
    assert st.logsumexp(x, (2, 0), keepdim=True).shape == (1, 4, 1)
    assert gradcheck(lambda x: st.logsumexp(x, (0, 2)), x)
    assert gradgradcheck(lambda x: st.logsumexp(x, (2, 0), keepdim=True), x)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("name", "keywords"), GATES)
def test_gates(name, keywords, dtype):
    rng = np.random.default_rng(5)
    a, b = sample(dtype, 120, seed=1).reshape(20, 6), sample(dtype, 120, seed=2).reshape(20, 6)
    same_bits(array(getattr(st, name)(tensor(a), tensor(b), **keywords)), getattr(sp, name)(a, b, **keywords))
    view = getattr(st, name)(tensor(a).t()[::2], tensor(b).t()[::2], **keywords)
    same_bits(array(view), getattr(sp, name)(a.T[::2], b.T[::2], **keywords))
    a, b = (rng.normal(0, 2, (20, 6)).astype(dtype) for _ in range(2))
    grad = rng.normal(size=a.shape).astype(dtype)
    leaves = [tensor(one).requires_grad_() for one in (a, b)]
    getattr(st, name)(*leaves, **keywords).backward(tensor(grad))
    expected = getattr(sp.gates, f"{name}_backward")(grad, a, b, **keywords)
    for leaf, one in zip(leaves, expected, strict=True):
        same_bits(array(leaf.grad), one)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("name", "keywords"), HALVED)
def test_functions_of_halves(name, keywords, dtype):
    rng = np.random.default_rng(6)
    x = rng.normal(0, 2, (4, 6, 2)).astype(dtype)
    for axis in (1, -1):
        leaf = tensor(x).requires_grad_()
        y = getattr(st, name)(leaf, dim=axis, **keywords)
        expected = getattr(sp, name)(x, axis=axis, **keywords)
        same_bits(array(y), expected)
        grad = rng.normal(size=expected.shape).astype(dtype)
        y.backward(tensor(grad))
        same_bits(array(leaf.grad), getattr(sp.gates, f"{name}_backward")(grad, x, axis=axis, **keywords))


@pytest.mark.parametrize(("name", "keywords"), GATES + HALVED)
def test_derivatives_of_gates(name, keywords):
    a, b = SMOOTH.clone().requires_grad_(), SMOOTH.flip(0).clone().requires_grad_()
    if (name, keywords) in HALVED:
        joined = torch.stack((a, b)).detach().requires_grad_()
        function, inputs = lambda x: getattr(st, name)(x, dim=0, **keywords), (joined,)
    else:
        function, inputs = lambda a, b: getattr(st, name)(a, b, **keywords), (a, b)
    assert gradcheck(function, inputs)
    assert gradgradcheck(function, inputs)


def test_gates_broadcast_and_promote():
    gate, value = torch.randn(4, 1, requires_grad=True), torch.randn(3, dtype=torch.float64, requires_grad=True)
    y = st.reglu(gate, value)
    assert y.dtype is torch.float64
    y.sum().backward()
    assert gate.grad.shape == (4, 1)
    assert value.grad.shape == (3,)
    torch.testing.assert_close(value.grad, torch.relu(gate.detach()).double().sum().expand(3))


# ---- what the dispatcher expects of an operator ----


OPERATED = st.ActivationMap(sp.ActivationMap.random(3, rng=0))


def operators():
    """Each operator with arguments for which it has derivatives."""
    x = SMOOTH.clone().requires_grad_()
    g = torch.ones_like(SMOOTH).requires_grad_()
    for name, keywords in dict(VARIANTS).items():
        act = make_activation(name, keywords)
        values, family = tuple(act.parameters.values()), st._elementwise.FAMILIES[name]
        yield f"{name}", family.value.operator, (x, *values)
        yield f"{name}_backward", family.backward.operator, (g, x, *values)
        if family.with_output is not None:
            yield f"{name}_with_output", family.with_output.operator, (x, *values)
        if family.with_bits is not None:
            yield f"{name}_with_bits", family.with_bits.operator, (x, *values)
        if values:
            tensors = [torch.tensor(value, dtype=torch.float64, requires_grad=True) for value in values]
            yield f"{name}.tensor", family.value_of.operator, (x, *tensors)
            yield f"{name}_backward.tensor", family.backward_of.operator, (g, x, *(t.detach() for t in tensors))
    ops = torch.ops.spatium
    grid = SMOOTH.reshape(3, 3).clone().requires_grad_()
    for name in ROWS[:-1]:
        yield name, getattr(ops, name).default, (grid, 1)
        yield f"{name}_backward", getattr(ops, f"{name}_backward").default, (grid.detach(), grid, 1)
    yield "logsumexp", ops.logsumexp.default, (grid, [1])
    yield "logsumexp_backward", ops.logsumexp_backward.default, (torch.ones(3, dtype=torch.float64), grid, [1])
    for name, numbers in (("reglu", ()), ("swiglu", (1.0,)), ("time_aware_tanh", (0.1,)), ("gated_tanh", ())):
        yield name, getattr(ops, name).default, (grid, grid.detach().flip(0).requires_grad_(), *numbers)
        yield f"{name}_backward", getattr(ops, f"{name}_backward").default, (grid.detach(), grid, grid, *numbers)
    hashes = torch.arange(3)[:, None] * 259
    for name, tensors in (("map_activate", (grid,)), ("map_backward", (grid.detach(), grid))):
        yield name, getattr(ops, name).default, (*tensors, hashes, OPERATED._map.number, False)
    even = torch.randn(3, 4, requires_grad=True)
    yield "glu", ops.glu.default, (even, 1)
    yield "gaussian_glu", ops.gaussian_glu.default, (even, 1, 0.1, 1.2)


@pytest.mark.slow
@pytest.mark.parametrize("part", range(8))
def test_operators_are_registered_correctly(part):
    for number, (name, operator, arguments) in enumerate(operators()):
        if number % 8 == part:
            results = torch.library.opcheck(operator, arguments)
            assert set(results.values()) == {"SUCCESS"}, name


def test_some_operators_are_registered_correctly():
    chosen = {"gelu_with_bits", "tanh_with_output", "elu.tensor", "softmax"}
    for name, operator, arguments in operators():
        if name in chosen:
            assert set(torch.library.opcheck(operator, arguments).values()) == {"SUCCESS"}, name


class Seen(torch.utils._python_dispatch.TorchDispatchMode):
    """Collects the operators that are called."""

    def __init__(self):
        super().__init__()
        self.names = []

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        self.names.append(str(function))
        return function(*args, **(kwargs or {}))


@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")
def test_modes_and_profiles_see_the_operators():
    x = torch.randn(3)
    with Seen() as seen:
        st.gelu(x)
    assert "spatium.gelu.default" in seen.names
    with torch.profiler.profile() as profile:
        st.gelu(x)
    assert "spatium::gelu" in {event.key for event in profile.key_averages()}
    traced = torch.jit.trace(st.gelu, x)
    same_bits(array(traced(2 * x)), array(st.gelu(2 * x)))
    same_bits(array(st.gelu(torch._neg_view(x))), array(st.gelu(-x)))


# ---- compilation ----


FUNCTIONS = [call(make_activation(name, keywords)) for name, keywords in VARIANTS]


def everything(x):
    """All functions of one tensor of shape (n, 6)."""
    results = [function(x) for function in FUNCTIONS]
    results += [getattr(st, name)(x, 1) for name in ROWS]
    results += [getattr(st, name)(x, x.flip(0), **keywords) for name, keywords in GATES]
    results += [getattr(st, name)(x, dim=1, **keywords) for name, keywords in HALVED]
    results += [st.gelu(x, save="bits"), st.tanh(x, save="output"), st.snake(x, torch.ones(6))]
    return results


def compare_compiled(backend, dtype):
    torch._dynamo.reset()
    compiled = torch.compile(everything, fullgraph=True, backend=backend)
    for rows in (4, 9):
        x = torch.randn(rows, 6, generator=torch.Generator().manual_seed(0)).to(dtype)
        with torch.no_grad():
            for ours, plain in zip(compiled(x), everything(x), strict=True):
                same_bits(array(ours), array(plain))
        one, other = x.clone().requires_grad_(), x.clone().requires_grad_()
        for ours, plain in zip(compiled(one), everything(other), strict=True):
            same_bits(array(ours), array(plain))
            assert ours.stride() == plain.stride()


def test_compiled_without_a_break():
    compare_compiled("aot_eager", torch.float32)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:.*torch.jit:DeprecationWarning")  # by the compiler, of its own parts
@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.float16, torch.bfloat16], ids=str)
def test_compiled_by_inductor(dtype):
    compare_compiled("inductor", dtype)


@pytest.mark.parametrize("save", [None, "input", "bits"])
def test_compiled_gradient(save):
    model = torch.nn.Sequential(
        torch.nn.Linear(5, 8), st.GELU(save=save), torch.nn.Linear(8, 8), st.ReLU(save=save),
        st.Snake(0.7, learn=True), st.Softmax(-1),
    )  # fmt: skip
    torch._dynamo.reset()
    compiled = torch.compile(model, fullgraph=True, backend="aot_eager")
    x = torch.randn(6, 5)
    gradients = []
    for run in (model, compiled):
        model.zero_grad()
        run(x).square().sum().backward()
        gradients.append([array(parameter.grad.clone()) for parameter in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        same_bits(one, other)


# ---- vmap and the transformations of torch.func ----


@pytest.mark.parametrize(("name", "keywords"), VARIANTS, ids=IDS)
def test_vmap(name, keywords):
    function = call(make_activation(name, keywords))
    x = torch.randn(4, 3, 5, generator=torch.Generator().manual_seed(0))
    for dim in (0, 1, -1):
        same_bits(array(torch.vmap(function, dim, dim)(x)), array(function(x)))
    same_bits(array(torch.vmap(torch.vmap(function))(x)), array(function(x)))
    act = make_activation(name, keywords)
    for save in act.save_policies:
        slope = torch.func.grad(lambda x, save=save: function(x, save=save).sum())
        same_bits(array(torch.vmap(slope, 1, 1)(x)), array(slope(x)))


def test_jacobian_and_hessian():
    x = SMOOTH.clone()
    torch.testing.assert_close(torch.func.jacrev(st.tanh)(x), torch.diag(1 - torch.tanh(x) ** 2))
    jacobian = torch.func.jacrev(lambda x: st.gelu(x, save="bits"))(x)
    torch.testing.assert_close(jacobian, torch.func.jacrev(torch.nn.functional.gelu)(x))
    ours = torch.func.jacrev(torch.func.jacrev(lambda x: st.softmax(x).square().sum()))(x)
    theirs = torch.func.jacrev(torch.func.jacrev(lambda x: torch.softmax(x, 0).square().sum()))(x)
    torch.testing.assert_close(ours, theirs)


def test_vmap_of_parameters():
    x, alpha = torch.randn(4, 5, 3), torch.rand(4, 3) + 0.5
    expected = torch.stack([st.elu(one, a) for one, a in zip(x, alpha, strict=True)])
    same_bits(array(torch.vmap(st.elu)(x, alpha)), array(expected))
    slopes = torch.func.grad(lambda a, x: st.elu(x, a).sum())
    expected = torch.stack([slopes(a, one) for one, a in zip(x, alpha, strict=True)])
    same_bits(array(torch.vmap(slopes)(alpha, x)), array(expected))
    expected = torch.stack([slopes(alpha[0], one) for one in x])
    same_bits(array(torch.vmap(slopes, (None, 0))(alpha[0], x)), array(expected))
    expected = torch.stack([slopes(a, x[0]) for a in alpha])
    same_bits(array(torch.vmap(slopes, (0, None))(alpha, x[0])), array(expected))


@pytest.mark.parametrize("name", ROWS)
def test_vmap_of_rows(name):
    x = torch.randn(4, 3, 5)
    for dim in (0, 1, -1):
        expected = torch.stack([getattr(st, name)(one, dim) for one in x])
        same_bits(array(torch.vmap(lambda x, dim=dim: getattr(st, name)(x, dim))(x)), array(expected))
    slope = torch.func.grad(lambda x: getattr(st, name)(x).square().sum())
    same_bits(array(torch.vmap(slope)(x)), array(torch.stack([slope(one) for one in x])))


@pytest.mark.parametrize(("name", "keywords"), GATES)
def test_vmap_of_gates(name, keywords):
    a, b = torch.randn(4, 3, 5), torch.randn(3, 5)
    function = lambda a, b: getattr(st, name)(a, b, **keywords)  # noqa: E731
    same_bits(array(torch.vmap(function, (0, None))(a, b)), array(function(a, b)))
    slope = torch.func.grad(lambda a, b: function(a, b).sum(), argnums=(0, 1))
    expected = [torch.stack(ones) for ones in zip(*(slope(one, b) for one in a), strict=True)]
    for one, other in zip(torch.vmap(slope, (0, None))(a, b), expected, strict=True):
        same_bits(array(one), array(other))


@pytest.mark.parametrize(("name", "keywords"), HALVED)
def test_vmap_of_halves(name, keywords):
    x = torch.randn(4, 3, 6)
    function = lambda x: getattr(st, name)(x, dim=-1, **keywords)  # noqa: E731
    same_bits(array(torch.vmap(function)(x)), array(function(x)))
    slope = torch.func.grad(lambda x: function(x).sum())
    same_bits(array(torch.vmap(slope)(x)), array(torch.stack([slope(one) for one in x])))


# ---- other processes, other devices, wrong arguments ----


class Activated(torch.utils.data.Dataset):
    """Values that are computed in the worker."""

    def __init__(self, x):
        self.x = x

    def __len__(self):
        return len(self.x)

    def __getitem__(self, index):
        return st.softmax(st.gelu(self.x[index]))


@pytest.mark.filterwarnings("ignore:os.fork.. was called:RuntimeWarning")  # by JAX, if another test has imported it
@pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")  # from fork, since Python 3.12
def test_workers_of_a_data_loader():
    x = torch.randn(6, 20000)
    same_bits(array(st.softmax(st.gelu(x))), sp.softmax(sp.gelu(x.numpy())))  # threads exist before the fork
    loader = torch.utils.data.DataLoader(Activated(x), batch_size=2, num_workers=2)
    same_bits(array(torch.cat(list(loader))), array(st.softmax(st.gelu(x))))


def test_serial_where_torch_is(monkeypatch):
    from spatium import _engine

    calls = []
    monkeypatch.setattr(_engine, "serial", lambda wanted: calls.append(wanted) or False)
    st.gelu(torch.zeros(3))
    assert calls == [True, False]
    torch.set_num_threads(2)
    st.gelu(torch.zeros(3))
    torch.set_num_threads(1)
    assert calls == [True, False]


def test_the_device_meta():
    x = torch.zeros(4, 6, device="meta", requires_grad=True)
    for y in everything(x):
        assert y.device.type == "meta"
    st.gelu(x).sum().backward()
    assert x.grad.shape == (4, 6)


def test_other_devices():
    from torch._subclasses.fake_tensor import FakeTensorMode

    with FakeTensorMode():
        x = torch.empty(3, 2, device="cuda")
        for function in (st.gelu, st.softmax, st.glu, lambda x: st.reglu(x, x), lambda x: st.elu(x.cpu(), x)):
            with pytest.raises(TypeError, match="is on the device cuda:0, expected a tensor on the CPU: use"):
                function(x)


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (np.zeros(3), "x is ndarray, expected a tensor"),
        (torch.zeros(3, dtype=torch.int64), "x has dtype torch.int64, expected float16, bfloat16, float32 or float64"),
        (torch.zeros(3, dtype=torch.complex64), "x has dtype torch.complex64"),
        (torch.zeros(3).to_sparse(), "x has the layout torch.sparse_coo, expected torch.strided"),
    ],
)
def test_wrong_tensors(x, text):
    for function in (st.gelu, st.relu, lambda x: st.elu(x, 0.5), st.softmax, st.logsumexp, st.glu):
        with pytest.raises(TypeError, match=text):
            function(x)


@pytest.mark.parametrize(
    ("run", "error", "text"),
    [
        (lambda x: st.elu(x, -1.0), ValueError, "alpha is -1.0, expected a finite number of at least 0"),
        (lambda x: st.elu(x, "1a"), TypeError, "alpha is '1a', expected a number or a tensor"),
        (lambda x: st.elu(x, 1.0, 2.0), TypeError, "elu got 2 parameters, expected at most 1"),
        (lambda x: st.elu(x, slope=1.0), TypeError, "elu got the arguments slope, expected alpha, save, each once"),
        (lambda x: st.relu(x, 1.0), TypeError, "relu got 1 parameters, expected at most 0"),
        (lambda x: st.elu(x, torch.ones(3)), ValueError, "alpha has shape .3,., expected one that broadcasts to that"),
        (lambda x: st.elu(x, torch.ones(2), save="output"), TypeError, "because a parameter is a tensor"),
        (lambda x: st.gelu(x, save="output"), TypeError, "has no save='output'"),
        (lambda x: st.gelu(x, save="all"), ValueError, "save is 'all', expected"),
        (lambda x: st.gelu(x, "erf"), ValueError, "approximate is 'erf'"),
        (lambda x: st.softmax(x, 2), IndexError, "dim is 2, expected an axis of x, which has 2"),
        (lambda x: st.logsumexp(x, (0, -2)), ValueError, "expected each axis once"),
        (lambda x: st.glu(x[:, :1]), ValueError, "x has 1 elements along axis 1, expected an even number"),
        (lambda x: st.gaussian_glu(x, std=0.0), ValueError, "std is 0.0, expected a finite number above 0"),
        (lambda x: st.swiglu(x, x, float("nan")), ValueError, "beta is nan"),
        (lambda x: st.reglu(x, x[:, :0]), ValueError, r"shapes do not broadcast: gate \(4, 2\), value \(4, 0\)"),
        (lambda x: st.prelu(x, torch.ones(3)), ValueError, "weight has 3 slopes, expected 2, one per channel of x"),
        (lambda x: st.prelu(x, torch.ones(2, 1)), ValueError, "expected one dimension"),
        (lambda x: st.softmax(x[:, :0]), ValueError, "no elements along axis"),
    ],
)
def test_wrong_arguments(run, error, text):
    for x in (torch.zeros(4, 2), torch.zeros(4, 2, requires_grad=True)):
        with pytest.raises(error, match=text):
            run(x)


# ---- modules ----

MODULES = sorted({type(make_activation(name)).__name__ for name, _ in VARIANTS} | {"SiLU", "PReLU"})


@pytest.mark.parametrize("name", MODULES)
def test_modules(name):
    module = getattr(st, name)()
    x = torch.randn(3, 4)
    function = call(module.activation) if hasattr(module, "activation") else lambda x: st.prelu(x, 0.25)
    same_bits(array(module(x)), array(function(x)))
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert repr(copied) == repr(module)
        same_bits(array(copied(x)), array(module(x)))


def test_modules_of_coupled_functions():
    x = torch.randn(3, 4)
    pairs = [
        (st.Softmax(0), st.softmax(x, 0)), (st.Softmin(), st.softmin(x)), (st.Hardmax(), st.hardmax(x)),
        (st.LogSoftmax(dim=1), st.log_softmax(x, 1)), (st.LogSumExp((0, 1), True), st.logsumexp(x, (0, 1), True)),
        (st.GLU(-1), st.glu(x)), (st.GaussianGLU(0.1, std=2.0), st.gaussian_glu(x, 0.1, 2.0)),
    ]  # fmt: skip
    for module, expected in pairs:
        same_bits(array(module(x)), array(expected))
        assert repr(pickle.loads(pickle.dumps(module))) == repr(module)
    y = torch.randn(3, 4)
    for name, function in (
        ("ReGLU", st.reglu),
        ("GEGLU", st.geglu),
        ("SwiGLU", st.swiglu),
        ("GatedTanh", st.gated_tanh),
    ):
        same_bits(array(getattr(st, name)()(x, y)), array(function(x, y)))
    same_bits(array(st.TimeAwareTanh(0.5)(x, y)), array(st.time_aware_tanh(x, y, 0.5)))
    assert repr(st.GaussianGLU()) == "GaussianGLU(mean=0.0, std=1.0, dim=-1)"


def test_trained_parameters():
    module = st.Snake(0.5, 0.7, learn=["beta"], channels=3, channel_axis=1)
    assert {name: tuple(p.shape) for name, p in module.named_parameters()} == {"beta": (3,)}
    assert repr(module) == "Snake(alpha=0.5, beta=0.7, learn=['beta'], channels=3)"
    x = torch.randn(4, 3, 5, requires_grad=True)
    assert gradcheck(module.double(), x.detach().double().requires_grad_())
    module(x.double()).sum().backward()
    alone = sp.Snake(0.5, 0.7).parameter_gradients(np.ones(x.shape), x.detach().numpy(), beta=np.full((3, 1), 0.7))
    np.testing.assert_allclose(module.beta.grad, alone["beta"][:, 0], rtol=1e-6)
    whole = st.ELU(0.5, learn=True)
    other = st.ELU(0.9, learn=True)
    other.load_state_dict(whole.state_dict())
    assert other.alpha.item() == 0.5
    same_bits(array(whole(x)), array(st.elu(x, 0.5)))


def test_wrong_modules():
    with pytest.raises(TypeError, match="act is 3, expected"):
        st.Elementwise(3)
    with pytest.raises(TypeError, match="elu has no parameter slope, expected"):
        st.ELU(learn=["slope"])
    with pytest.raises(TypeError, match="because parameters are trained"):
        st.ELU(learn=True, save="output")
    with pytest.raises(TypeError, match="has no save='output'"):
        st.GELU(save="output")
    with pytest.raises(TypeError, match="no parameter is trained"):
        st.ELU(channels=3)
    with pytest.raises(ValueError, match="alpha is -1"):
        st.ELU(-1)
    with pytest.raises(ValueError, match="x has 4 channels along axis 1, expected 3"):
        st.ELU(learn=True, channels=3)(torch.zeros(2, 4))


# ---- replacing the activations of a model ----

THEIRS = [
    torch.nn.ReLU(), torch.nn.LeakyReLU(0.3), torch.nn.PReLU(4), torch.nn.Sigmoid(), torch.nn.Tanh(), torch.nn.GELU(),
    torch.nn.GELU(approximate="tanh"), torch.nn.SiLU(), torch.nn.Mish(), torch.nn.ELU(0.4), torch.nn.SELU(),
    torch.nn.CELU(0.6), torch.nn.Softplus(2.0), torch.nn.Hardsigmoid(), torch.nn.Hardtanh(-0.3, 0.4),
    torch.nn.Hardswish(), torch.nn.ReLU6(), torch.nn.Threshold(0.2, 0.1), torch.nn.LogSigmoid(), torch.nn.Softsign(),
    torch.nn.Tanhshrink(), torch.nn.Hardshrink(0.3), torch.nn.Softshrink(0.2), torch.nn.GLU(1), torch.nn.Softmax(0),
    torch.nn.Softmin(1), torch.nn.LogSoftmax(1),
]  # fmt: skip


@pytest.mark.parametrize("module", THEIRS, ids=repr)
def test_replaced_modules_compute_the_same(module):
    model = torch.nn.Sequential(module)
    x = torch.randn(6, 4, generator=torch.Generator().manual_seed(0), dtype=torch.float64)
    expected = model.double()(x)
    assert st.replace(model) is model
    assert type(model[0]).__module__ in ("spatium.torch", "spatium.torch._modules")
    torch.testing.assert_close(model.double()(x), expected, rtol=1e-9, atol=1e-9)


def test_every_class_that_is_replaced_is_tested():
    assert {type(module) for module in THEIRS} == set(st._modules._SAME)


def test_replace():
    shared = torch.nn.PReLU()
    model = torch.nn.Sequential(shared, torch.nn.Sequential(torch.nn.ReLU(inplace=True), shared), torch.nn.Sigmoid())
    model.eval()
    mapping = {torch.nn.ReLU: st.GELU, torch.nn.PReLU: st.PReLU, torch.nn.Sigmoid: lambda old: st.Tanh(save="output")}
    st.replace(model, mapping)
    assert type(model[1][0]) is st.GELU
    assert model[0] is model[1][1]
    assert model[0].weight is shared.weight
    assert model[2].save == "output"
    assert not any(module.training for module in model.modules())
    assert type(st.replace(torch.nn.ReLU())) is st.ReLU
    with pytest.raises(TypeError, match="mapping holds 'relu', expected classes of modules"):
        st.replace(model, {"relu": st.ReLU})
    with pytest.raises(TypeError, match="expected a class or a function of the old module"):
        st.replace(model, {torch.nn.ReLU: st.ReLU()})
    with pytest.raises(TypeError, match="model is int"):
        st.replace(3)
    with pytest.raises(ValueError, match="has dim=None"):
        st.replace(torch.nn.Sequential(torch.nn.Softmax()))


# ---- activation maps ----


def random_map(neurons=6, seed=0):
    return sp.ActivationMap.random(neurons, rng=seed, palette=[make_activation(*variant) for variant in VARIANTS])


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_maps_have_the_bits_and_the_hits_of_maps(dtype):
    rng = np.random.default_rng(0)
    x, grad = (rng.normal(0, 2, (50, 6)).astype(dtype) for _ in range(2))
    for hashes in (rng.integers(0, 2**63, (50, 1)), rng.integers(0, 2**63, (50, 6)), rng.integers(0, 2**63, 6)):
        module, amap = st.ActivationMap(random_map()), random_map()
        leaf = tensor(x).requires_grad_()
        y = module(leaf, torch.from_numpy(hashes))
        same_bits(array(y), amap(x, hashes, count=False))
        y.backward(tensor(grad))
        same_bits(array(leaf.grad), amap.backward(grad, x, hashes))
        assert module.map.hit_counts.sum() == 0
        module.eval()(tensor(x), torch.from_numpy(hashes))
        amap(x, hashes)
        np.testing.assert_array_equal(module.map.hit_counts, amap.hit_counts)
        module(tensor(x), torch.from_numpy(hashes), count=False)
        assert module.map.hit_counts.sum() == amap.hit_counts.sum()


def test_derivatives_of_maps():
    x = SMOOTH.reshape(3, 3).clone().requires_grad_()
    module = st.ActivationMap(random_map(3))
    hashes = torch.from_numpy(np.random.default_rng(1).integers(0, 2**63, (3, 1)))
    assert gradcheck(lambda x: module(x, hashes), x)
    assert gradgradcheck(lambda x: module(x, hashes), x)


def test_maps_under_vmap_and_compiled():
    module = st.ActivationMap(random_map(3), sp.SimHash(3, rng=0)).eval()
    x = torch.randn(4, 5, 3)
    expected = module(x)
    counted = module.map.hit_counts
    assert counted.sum() == 60
    same_bits(array(torch.vmap(module)(x)), array(expected))
    np.testing.assert_array_equal(module.map.hit_counts, 2 * counted)
    torch._dynamo.reset()
    compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
    same_bits(array(compiled(x)), array(expected))
    np.testing.assert_array_equal(module.map.hit_counts, 3 * counted)
    hashes = module._hash.item(x.numpy().reshape(-1, 3)).astype(np.int64).reshape(4, 5)
    same_bits(array(torch.vmap(module, (0, 0))(x, torch.from_numpy(hashes)[..., None])), array(expected))
    slope = torch.func.grad(lambda x: module(x).sum())
    same_bits(array(torch.vmap(slope)(x)), array(slope(x)))


def test_state_of_maps():
    module = st.ActivationMap(random_map()).eval()
    module(torch.randn(9, 6), torch.arange(9)[:, None])
    stream = io.BytesIO()
    torch.save(module.state_dict(), stream)
    stream.seek(0)
    other = st.ActivationMap(sp.ActivationMap.uniform(sp.ReLU(), 6))
    other.load_state_dict(torch.load(stream, weights_only=True))
    assert other.map == module.map
    np.testing.assert_array_equal(other.map.hit_counts, module.map.hit_counts)
    with pytest.raises(ValueError, match="the state of the map has shape"):
        st.ActivationMap(random_map(3)).load_state_dict(module.state_dict())
    for copied in (copy.deepcopy(module), pickle.loads(pickle.dumps(module))):
        assert copied.map == module.map
        assert copied._map.number != module._map.number


def test_custom_activations_in_maps():
    cube = sp.Custom(lambda x: x**3, lambda x: 3 * x**2, name="cube")
    module = st.ActivationMap(sp.ActivationMap.uniform(cube))
    x = SMOOTH.clone().requires_grad_()
    module(x, torch.tensor(5)).sum().backward()
    torch.testing.assert_close(x.grad, 3 * SMOOTH**2)
    other = st.ActivationMap(sp.ActivationMap.uniform(cube))
    other.load_state_dict(module.state_dict())
    assert other.map[0, 0] is cube


def test_wrong_maps():
    with pytest.raises(TypeError, match="amap is 3, expected"):
        st.ActivationMap(3)
    module = st.ActivationMap(random_map(3))
    x = torch.zeros(2, 3)
    for hashes, error, text in [
        (None, ValueError, "hashes is None, expected hashes, because the module has no pattern_hash"),
        (np.zeros(2), TypeError, "hashes is ndarray, expected a tensor"),
        (torch.zeros(2), TypeError, "hashes has dtype torch.float32, expected int64 or uint64"),
        (torch.zeros(2, dtype=torch.int64), ValueError, r"hashes has shape \(2,\), expected one that broadcasts"),
    ]:
        with pytest.raises(error, match=text):
            module(x, hashes)
    with pytest.raises(ValueError, match=r"the map has shape \(3,\), expected one that broadcasts"):
        module(torch.zeros(2, 4), torch.zeros(1, dtype=torch.int64))
    with pytest.raises(ValueError, match="X is not finite in row 1"):
        st.PatternHash(sp.SimHash(3, rng=0))(torch.tensor([[0.0] * 3, [float("nan")] * 3]))
    assert module(x, torch.full((1,), 2**63, dtype=torch.uint64)).shape == (2, 3)


# ---- layers with maps ----


def layers():
    x = np.random.default_rng(0).normal(size=(40, 4)).astype(np.float32)
    x[:, 0] = np.arange(40) % 5
    category = sp.CategoryHash(4, columns=[0])
    yield x, SpatialDense(4, 6, rng=0)
    yield x, SpatialDense(4, 6, pattern_hash=category, cell_gain_bias=True, rng=0)
    yield x, SpatialDense(4, 6, pattern_hash=category, learn_cells=True, cell_gain_bias=True, rng=0)
    yield x, SpatialDense(4, 6, random_map(), category, learn_cells=["mish", "elu"], rng=0)


def test_spatial_linear_agrees_with_the_layer():
    for x, layer in layers():
        layer = layer.astype(np.float64)
        rng = np.random.default_rng(1)
        for parameter in layer.parameters.values():
            parameter += 0.2 * rng.normal(size=parameter.shape)
        layer.begin_step(0.4)
        module = st.SpatialLinear.from_layer(layer)
        leaf = torch.tensor(x, dtype=torch.float64, requires_grad=True)
        y = module(leaf)
        np.testing.assert_allclose(
            y.detach(), layer.forward(x.astype(np.float64), training=True), rtol=1e-10, atol=1e-12
        )
        grad = rng.normal(size=y.shape)
        y.backward(torch.from_numpy(grad))
        np.testing.assert_allclose(leaf.grad, layer.backward(grad), rtol=1e-9, atol=1e-11)
        for name, gradient in layer.gradients.items():
            own = module.weight.grad.t() if name == "weights" else getattr(module, name).grad
            np.testing.assert_allclose(own, gradient, rtol=1e-9, atol=1e-11, err_msg=name)


def test_spatial_linear_and_back():
    for x, layer in layers():
        module = st.SpatialLinear.from_layer(layer)
        if module.is_annealing():
            with pytest.raises(ValueError, match="the cells are mixtures"):
                module.to_layer()
            before = [float(p.detach().abs().sum()) for p in (module.weight, module.bias)]
            module.begin_step(0.7)
            layer.begin_step(0.7)
            assert "cell_logits" not in module.state_dict()
            assert before == [float(p.detach().abs().sum()) for p in (module.weight, module.bias)]
        back = module.to_layer()
        same_bits(back.forward(x), layer.forward(x))
        assert back.maps == layer.maps
        module.eval()(torch.from_numpy(x))
        assert module.map.hit_counts.sum() == 240
        torch._dynamo.reset()
        compiled = torch.compile(module, fullgraph=True, backend="aot_eager")
        same_bits(array(compiled(torch.from_numpy(x))), array(module(torch.from_numpy(x))))


def test_spatial_linear_of_other_dtypes():
    x = torch.randn(7, 4)
    for dtype, tolerance in ((torch.float64, 1e-6), (torch.bfloat16, 0.1)):
        module = st.SpatialLinear(4, 6, pattern_hash=sp.ConstantHash(4, 9), rng=0).to(dtype)
        y = module(x.to(dtype))
        assert y.dtype is dtype
        layer = module.to_layer()
        assert layer.dtype == (np.float64 if dtype is torch.float64 else np.float32)
        np.testing.assert_allclose(layer.forward(x.numpy()), y.detach().float(), atol=tolerance)


def test_spatial_linear_learns_the_functions_of_cells():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(512, 2)).astype(np.float32)
    x[:, 1] = np.arange(512) % 2
    y = np.where(x[:, 1] == 0, np.sin(3 * x[:, 0]), np.maximum(x[:, 0], 0)).astype(np.float32)
    torch.manual_seed(0)
    shared = sp.CategoryHash(2, columns=[1])
    layer = st.SpatialLinear(2, 4, pattern_hash="network", learn_cells=True, cell_gain_bias=True, rng=0)
    out = torch.nn.Linear(4, 1)
    hashes = st.PatternHash(shared)(torch.from_numpy(x))
    optimizer = torch.optim.Adam([*layer.parameters(), *out.parameters()], 0.03)
    inputs, targets = torch.from_numpy(x), torch.from_numpy(y)[:, None]
    for step in range(400):
        layer.begin_step(step / 400)
        loss = (out(layer(inputs, hashes)) - targets).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert not layer.is_annealing()
    assert loss.item() < 0.01
    with pytest.raises(ValueError, match="pattern_hash is 'network'"):
        layer(inputs)


def test_wrong_layers():
    with pytest.raises(TypeError, match="layer is 3, expected a SpatialDense"):
        st.SpatialLinear.from_layer(3)
    with pytest.raises(ValueError, match="n_inputs"):
        st.SpatialLinear(0, 3)


@pytest.mark.parametrize(
    ("before", "missing", "run", "text"),
    [
        ("spatium", "torch", "import spatium.torch", "spatium.torch needs PyTorch: pip install"),
        ("spatium", "jax", "import spatium.jax", "spatium.jax needs JAX: pip install"),
        (
            "torch, spatium.torch as st",
            "ml_dtypes",
            "st.gelu(torch.zeros(3, dtype=torch.bfloat16))",
            "tensors of bfloat16 need ml_dtypes: pip install",
        ),
    ],
)
def test_missing_packages(before, missing, run, text):
    script = f"import sys, {before}; sys.modules[{missing!r}] = None; {run}"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert f"ModuleNotFoundError: {text}" in result.stderr


def test_names_are_the_library_s():
    """Every function and every activation of the library is here too."""
    functions = {*sp.functions.__all__, "softmax", "softmin", "hardmax", "log_softmax", "logsumexp"}
    functions |= {"glu", "reglu", "geglu", "swiglu", "gaussian_glu", "gated_tanh", "time_aware_tanh"}
    assert functions <= set(st.__all__)
    for name in st.__all__:
        item = getattr(st, name)
        assert item.__doc__, name
        assert ">>>" in item.__doc__, name
    assert st.__all__ == sorted(set(st.__all__))
