"""The functions for JAX: the bits of the functions of arrays, derivatives of two orders, jit, vmap (optional)."""

import subprocess
import sys

import conftest
import numpy as np
import pytest
from conftest import VARIANTS, make_activation

import spatium as sp

jax = pytest.importorskip("jax")
sj = pytest.importorskip("spatium.jax")
jnp = jax.numpy

IDS = [name + ("*" if keywords else "") for name, keywords in VARIANTS]
DTYPES = [np.dtype(jnp.bfloat16), np.dtype(np.float16), np.dtype(np.float32), np.dtype(np.float64)]

# Arguments away from all kinks, at which differences are derivatives.
SMOOTH = np.array([-3.7, -2.6, -1.3, -0.35, 0.23, 0.9, 1.7, 2.8, 5.3])


@pytest.fixture(autouse=True, scope="module")
def double():
    """Let float64 exist, which JAX converts to float32 otherwise."""
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield
    jax.config.update("jax_enable_x64", before)


def sample(dtype, size=60, seed=0):
    with np.errstate(all="ignore"):
        return conftest.sample(np.float32 if dtype.name == "bfloat16" else dtype, size, seed).astype(dtype)


def same_bits(actual, expected):
    actual, expected = np.asarray(actual), np.asarray(expected)
    assert actual.dtype == expected.dtype
    if actual.dtype.name == "bfloat16":
        actual, expected = actual.astype(np.float32), expected.astype(np.float32)
    conftest.same_bits(actual, expected)


def call(act):
    if act.name.startswith("gelu"):
        return lambda x: sj.gelu(x, act.name[5:] or "none")
    return lambda x: getattr(sj, act.name)(x, *act.parameters.values())


def close(actual, expected, rtol=1e-6):
    np.testing.assert_allclose(np.asarray(actual), expected, rtol=rtol, atol=1e-7)


def slope_of(function, x, step=1e-6):
    """Central differences."""
    return (np.asarray(function(x + step)) - np.asarray(function(x - step))) / (2 * step)


# ---- elementwise functions ----


@pytest.mark.parametrize(("name", "keywords"), VARIANTS, ids=IDS)
def test_values_and_derivatives_have_the_bits_of_the_library(name, keywords):
    act = make_activation(name, keywords)
    function = call(act)
    for dtype in DTYPES:
        x = sample(dtype)
        with np.errstate(invalid="ignore"):  # sine of infinity
            expected = act(x)
        same_bits(function(x), expected)
        same_bits(jax.jit(function)(x.reshape(4, 5, 3)), expected.reshape(4, 5, 3))
    x = SMOOTH.copy()
    ones = np.ones_like(x)
    first = jax.jvp(function, (x,), (ones,))[1]
    same_bits(first, act.derivative(x))
    second = jax.jit(jax.vmap(jax.grad(jax.grad(function))))(x)
    same_bits(second, act.second_derivative(x))
    same_bits(jax.grad(lambda x: function(x).sum())(x), act.derivative(x))


def test_third_derivatives():
    with pytest.raises(NotImplementedError, match="the second derivative of tanh has no derivative"):
        jax.grad(jax.grad(jax.grad(sj.tanh)))(0.5)


PARAMETRIC = [(name, keywords) for name, keywords in VARIANTS if keywords]


@pytest.mark.parametrize(("name", "keywords"), PARAMETRIC, ids=[name for name, _ in PARAMETRIC])
def test_parameters_may_be_arrays(name, keywords):
    act = make_activation(name, keywords)
    function = getattr(sj, name)
    x = SMOOTH.reshape(3, 3)
    values = [value * np.array([0.9, 1.0, 1.1]) for value in act.parameters.values()]
    same_bits(function(x, *values), getattr(sp.ufuncs, name)(x, *values))
    grads = jax.grad(
        lambda x, *p: (function(x, *p) * np.arange(9.0).reshape(3, 3)).sum(), tuple(range(1 + len(values)))
    )(x, *map(jnp.asarray, values))
    weights = np.arange(9.0).reshape(3, 3)
    expected = act.parameter_gradients(weights, x, **dict(zip(act.parameters, values, strict=True)))
    for own, other in zip(grads[1:], expected.values(), strict=True):
        close(own, other)
    close(grads[0], weights * slope_of(lambda x: function(x, *values), x))
    for k, value in enumerate(act.parameters.values()):  # one number for all, under jit

        def of_one(p, k=k):
            return function(x, *(p if j == k else v for j, v in enumerate(act.parameters.values()))).sum()

        close(jax.jit(jax.grad(of_one))(jnp.asarray(value)), slope_of(of_one, np.asarray(value)), 1e-5)
    with pytest.raises(NotImplementedError, match="have no derivatives by its parameters"):
        jax.grad(lambda p: jax.grad(lambda x: function(x, *(p,) * len(values)).sum())(x).sum())(jnp.asarray(0.5))
    with pytest.raises(NotImplementedError, match="the gradients of the parameters of"):
        jax.grad(jax.grad(lambda p: function(x, *(p,) * len(values)).sum()))(jnp.asarray(0.5))


def test_vmap_of_parameters():
    x, alpha = np.random.default_rng(0).normal(size=(4, 5, 3)), np.random.default_rng(1).uniform(0.5, 1, (4, 3))
    same_bits(jax.vmap(sj.elu)(x, alpha), np.stack([sp.elu(one, a) for one, a in zip(x, alpha, strict=True)]))
    same_bits(jax.vmap(sj.elu, (None, 0))(x[0], alpha), np.stack([sp.elu(x[0], a) for a in alpha]))
    slopes = jax.grad(lambda a, x: sj.elu(x, a).sum())
    expected = np.stack([np.asarray(slopes(a, one)) for one, a in zip(x, alpha, strict=True)])
    close(jax.vmap(slopes)(alpha, x), expected, 1e-12)


def test_parameters_of_half_precision():
    alpha = jnp.asarray([0.5, -0.25], jnp.float16)
    grad = jax.grad(lambda a: sj.leaky_relu(-jnp.ones((3, 2), jnp.float32), a).sum())(alpha)
    assert grad.dtype == jnp.float16
    assert grad.tolist() == [-3.0, -3.0]


def test_prelu():
    x, slopes = np.random.default_rng(0).normal(size=(4, 3, 5)), np.array([0.1, -0.2, 0.3])
    same_bits(sj.prelu(x, slopes), sp.prelu(x, slopes))
    same_bits(sj.prelu(x[..., :3], slopes, -1), sp.prelu(x[..., :3], slopes, -1))
    same_bits(sj.prelu(x, 0.3), sp.prelu(x, 0.3))
    same_bits(sj.prelu(x, np.array([0.25])), sp.prelu(x, 0.25))


# ---- functions of rows and of two arrays ----

ROWS = ["softmax", "softmin", "hardmax", "log_softmax", "logsumexp"]


@pytest.mark.parametrize("name", ROWS)
def test_rows(name):
    function, rng = getattr(sj, name), np.random.default_rng(0)
    for dtype in DTYPES:
        x = rng.normal(0, 4, (5, 7, 6)).astype(dtype)
        for axis in (-1, 0, 1):
            same_bits(function(x, axis), getattr(sp, name)(x, axis))
    x = rng.normal(size=(4, 3, 5))
    same_bits(jax.vmap(lambda x: function(x, 0))(x), getattr(sp, name)(x, 1))
    row, weights = x[0, 0], rng.normal(size=5)
    if name == "logsumexp":
        weights = weights[:1]
        same_bits(function(x, 1, keepdims=True), sp.logsumexp(x, 1, keepdims=True))
    jacobian, difference = jax.jacrev(function)(row), np.zeros((5, *np.shape(function(row))))
    for k in range(5):
        difference[k] = slope_of(lambda t, k=k: function(row + t * (np.arange(5) == k)), 0.0)
    close(jacobian, difference.T, 1e-5)
    close(jax.jacfwd(function)(row), difference.T, 1e-5)

    def gradient(x):
        return jax.grad(lambda x: (weights * function(x)).sum())(x)

    hessian = np.stack([slope_of(lambda t, k=k: gradient(row + t * (np.arange(5) == k)), 0.0) for k in range(5)])
    close(jax.jit(jax.hessian(lambda x: (weights * function(x)).sum()))(row), hessian, 1e-5)


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


@pytest.mark.parametrize(("name", "keywords"), GATES + HALVED)
def test_gates(name, keywords):
    function = getattr(sj, name)
    rng, halved = np.random.default_rng(1), (name, keywords) in HALVED
    for dtype in DTYPES:
        a, b = (rng.normal(0, 2, (6, 4)).astype(dtype) for _ in range(2))
        if halved:
            same_bits(function(a, axis=0, **keywords), getattr(sp, name)(a, axis=0, **keywords))
            same_bits(jax.vmap(lambda a: function(a, **keywords))(a), getattr(sp, name)(a, **keywords))
        else:
            same_bits(function(a, b, **keywords), getattr(sp, name)(a, b, **keywords))
            same_bits(
                jax.jit(lambda a, b: function(a, b[:1], **keywords))(a, b), getattr(sp, name)(a, b[:1], **keywords)
            )

    def of_pair(a, b):
        return function(jnp.stack((a, b)), axis=0, **keywords)[0] if halved else function(a, b, **keywords)

    a, b = SMOOTH, SMOOTH[::-1].copy()
    for first in (0, 1):
        slope = jax.vmap(jax.grad(of_pair, first))
        close(slope(a, b), slope_of(lambda t, one=first: of_pair(a + t * (not one), b + t * one), 0.0), 1e-5)
        for second in (0, 1):
            expected = slope_of(lambda t, one=second, slope=slope: slope(a + t * (not one), b + t * one), 0.0)
            close(jax.vmap(jax.grad(jax.grad(of_pair, first), second))(a, b), expected, 1e-5)


# ---- calls from JAX ----

SCAN = """
import jax, numpy as np, spatium as sp, spatium.jax as sj
def step(x, _):
    return sj.tanh(x) * 1.5, sj.softmax(x).sum()
for size, calls in ((8, 1000), (300_000, 100)):
    x = np.linspace(-3, 3, size, dtype=np.float32)
    run = jax.jit(lambda x, calls=calls: jax.lax.scan(step, x, None, length=calls))
    y, sums = run(x)
    for _ in range(calls):
        x = sp.tanh(x) * np.float32(1.5)
    assert np.asarray(y).tobytes() == x.tobytes()
    jax.jit(jax.grad(lambda x: jax.lax.scan(step, x, None, length=20)[0].sum()))(x).block_until_ready()
print("done")
"""


def test_many_calls_in_one_program_do_not_wait_for_each_other():
    result = subprocess.run([sys.executable, "-c", SCAN], capture_output=True, text=True, timeout=300, check=False)
    assert result.stdout == "done\n", result.stderr


@pytest.mark.parametrize(
    ("run", "error", "text"),
    [
        (lambda x: sj.gelu(np.arange(3)), TypeError, "x has dtype int64, expected float16"),
        (lambda x: sj.softmax(np.arange(3)), TypeError, "x has dtype int64"),
        (lambda x: sj.elu(x, -1.0), ValueError, "alpha is -1.0, expected a finite number of at least 0"),
        (lambda x: sj.elu(x, "1a"), TypeError, "expected numbers or arrays"),
        (lambda x: sj.elu(x, np.ones(3)), ValueError, r"alpha has shape \(3,\), expected one that broadcasts"),
        (lambda x: sj.elu(x, 1.0, 2.0), TypeError, "too many positional arguments"),
        (lambda x: sj.gelu(x, "erf"), ValueError, "approximate is 'erf'"),
        (lambda x: sj.softmax(x, 2), ValueError, "axis is 2, expected an axis of x, which has 2"),
        (lambda x: sj.softmax(x[:, :0]), ValueError, "no elements along axis"),
        (lambda x: sj.glu(x[:, :1]), ValueError, "x has 1 elements along axis -1, expected an even number"),
        (lambda x: sj.gaussian_glu(x, std=0.0), ValueError, "std is 0.0, expected a finite number above 0"),
        (lambda x: sj.swiglu(x, x, np.nan), ValueError, "beta is nan"),
        (lambda x: sj.prelu(x, np.ones(3)), ValueError, r"weight has shape \(3,\), expected \(2,\)"),
    ],
)
def test_wrong_arguments(run, error, text):
    for x in (np.zeros((4, 2)), jnp.zeros((4, 2))):
        with pytest.raises(error, match=text):
            run(x)


def test_names_are_the_library_s():
    functions = {*sp.functions.__all__, *ROWS, *(name for name, _ in GATES + HALVED)}
    assert functions == set(sj.__all__)
    assert sj.__all__ == sorted(sj.__all__)
    for name in sj.__all__:
        assert ">>>" in getattr(sj, name).__doc__, name
