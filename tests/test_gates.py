"""Gated units and recurrent gates: against mpmath, their activations, finite differences and PyTorch."""

import mpmath as mp
import numpy as np
import pytest
import scipy.special
from rows_and_gates import DTYPES, compare_with_torch, layouts, longdouble, normal, numerical, same_bits, ulps

import spatium as sp

# name: number of arguments besides the two arrays, another value of them
GATES = {
    "reglu": {},
    "geglu": {"approximate": "none"},
    "swiglu": {"beta": 1.7},
    "time_aware_tanh": {"decay_rate": 0.3},
    "gated_tanh": {},
}


def float32_bound(name, keywords, k):
    """The largest error in ulp of the value (k = 0) and of the derivatives by the gate and by the other number."""
    if name == "geglu" and keywords["approximate"] == "none":
        return 1.2 if k == 1 else 0.75
    if name in ("geglu", "swiglu") and k == 1:
        return 0.7  # next to the root of the activation's derivative
    return 0.54 if name == "time_aware_tanh" else 0.51


def mp_gate(name, a, b, keywords):
    """Value and both derivatives, in mpmath."""
    one = mp.mpf(1)
    if name == "gated_tanh":
        z, t = one / (1 + mp.exp(-(a + b))), mp.tanh(a)
        slope = z * (1 - z)
        return z * t + (1 - z) * b, z * (1 - t * t) + (t - b) * slope, (1 - z) + (t - b) * slope
    if name == "time_aware_tanh":
        rate = mp.mpf(keywords["decay_rate"])
        e, t = mp.exp(-rate * b), mp.tanh(a)
        return t * e, (1 - t * t) * e, -rate * t * e
    if name == "glu":
        s = one / (1 + mp.exp(-b))
        return a * s, s, a * s / (1 + mp.exp(b))
    if name == "gaussian_glu":
        std = mp.mpf(keywords["std"])
        z = (a - mp.mpf(keywords["mean"])) / std
        e = mp.exp(-z * z / 2)
        return e * b, -z / std * e * b, e
    if name == "reglu":
        return max(a, 0) * b, b if a > 0 else mp.mpf(0), max(a, mp.mpf(0))
    if name == "swiglu":
        beta = mp.mpf(keywords["beta"])
        s = one / (1 + mp.exp(-beta * a))
        return a * s * b, (s + a * beta * s * (1 - s)) * b, a * s
    kind = keywords["approximate"]
    if kind == "none":
        phi = mp.ncdf(a)
        return a * phi * b, (phi + a * mp.npdf(a)) * b, a * phi
    if kind == "sigmoid":
        return mp_gate("swiglu", a, b, {"beta": "1.702"})
    r, c = 2 * mp.sqrt(2 / mp.pi), mp.mpf("0.044715")
    s, complement = (one / (1 + mp.exp(sign * r * (a + c * a**3))) for sign in (-1, 1))
    return a * s * b, (s + a * s * complement * r * (1 + 3 * c * a * a)) * b, a * s


CASES = [
    *GATES.items(),
    ("geglu", {"approximate": "tanh"}),
    ("geglu", {"approximate": "sigmoid"}),
    ("glu", {}),
    ("gaussian_glu", {"mean": 0.5, "std": 1.5}),
]


def both(name, a, b, keywords):
    """Value and gradients, for those that halve an array too."""
    if "glu" in name and name in ("glu", "gaussian_glu"):
        x, n = np.concatenate([a, b], axis=-1), a.shape[-1]
        gradient = getattr(sp, name + "_backward")(np.ones_like(a), x, **keywords)
        return getattr(sp, name)(x, **keywords), gradient[..., :n], gradient[..., n:]
    return (
        getattr(sp, name)(a, b, **keywords),
        *getattr(sp, name + "_backward")(np.ones_like(a), a, b, **keywords),
    )


@pytest.mark.parametrize(("name", "keywords"), CASES, ids=str)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_gates_against_mpmath(name, keywords, dtype, isa):
    """Values in ulps; where terms of both signs meet, in ulps of the larger one."""
    a = np.concatenate([normal(150, dtype, 2.0), normal(50, dtype, 12.0, seed=5)])
    b = np.concatenate([normal(150, dtype, 2.0, seed=1), normal(50, dtype, 12.0, seed=6)])
    results = both(name, a, b, keywords)
    with mp.workprec(160):
        exact = [mp_gate(name, mp.mpf(float(u)), mp.mpf(float(v)), keywords) for u, v in zip(a, b, strict=True)]
        tables = [np.array([longdouble(row[k]) for row in exact], np.longdouble) for k in range(3)]
    for k, (actual, table) in enumerate(zip(results, tables, strict=True)):
        bound = 2.0 if dtype == np.float64 else float32_bound(name, keywords, k)
        scale = np.abs(table)
        if name == "gated_tanh":  # sums that cancel
            scale = np.maximum(scale, 0.1 * (np.abs(b) if k == 0 else 1))
        elif k == 1 and name in ("geglu", "swiglu"):
            scale = np.maximum(scale, np.longdouble(1e-5 if dtype == np.float32 else 0.1) * np.abs(b))
        error = np.abs(actual.astype(np.longdouble) - table)
        ulp = np.maximum(np.spacing(scale.astype(dtype)), np.finfo(dtype).smallest_subnormal).astype(np.longdouble)
        assert float(np.max(error / ulp)) <= bound, (k, int(np.argmax(error / ulp)))


@pytest.mark.parametrize(
    ("name", "keywords"),
    [
        ("glu", {}),
        ("reglu", {}),
        *(("geglu", {"approximate": kind}) for kind in ("none", "tanh", "sigmoid")),
        *(("swiglu", {"beta": beta}) for beta in (1.0, 1.7, -3.0, 0.0, 1e-30)),
        *(("time_aware_tanh", {"decay_rate": rate}) for rate in (1.0, 0.3, -2.0, 0.0, 1e-30, 1e30)),
        *(("gaussian_glu", {"mean": m, "std": std}) for m, std in ((0, 1), (-0.3, 1.7), (3e9, 1e9), (1e-9, 1e-9))),
    ],
    ids=str,
)
@pytest.mark.parametrize("size", [1e-42, 1e-30, 1e-12, 0.1, 3.0, 25.0, 1e18, 3e37], ids=str)
def test_float32_gates_of_any_size(name, keywords, size, isa):
    """Against the same in float64, which is tested against mpmath: within the bound, and zeros of the same sign."""
    rng = np.random.default_rng(3)
    a, b = (rng.normal(size=3000) * size for _ in range(2))
    g = rng.normal(size=3000) * 10.0 ** rng.choice([-35, -8, 0, 0, 0, 8, 30], 3000)
    special = [0.0, -0.0, 1e-45, -1e-45, 3e38]
    for array, step in ((a, 11), (b, 13), (g, 17)):
        array[::step] = rng.choice(special, len(array[::step]))
    with np.errstate(over="ignore", under="ignore"):
        a, b, g = (array.astype(np.float32) for array in (a, b, g))
    wide = [array.astype(np.float64) for array in (a, b, g)]
    value, backward = getattr(sp, name), getattr(sp, name + "_backward")
    if name in ("glu", "gaussian_glu"):
        x, wide_x = np.concatenate([a, b]), np.concatenate(wide[:2])
        results = (value(x, **keywords), *np.split(backward(g, x, **keywords), 2))
        exact = (value(wide_x, **keywords), *np.split(backward(wide[2], wide_x, **keywords), 2))
    else:
        results = (value(a, b, **keywords), *backward(g, a, b, **keywords))
        exact = (value(*wide[:2], **keywords), *backward(wide[2], *wide[:2], **keywords))
    for k, (actual, table) in enumerate(zip(results, exact, strict=True)):
        with np.errstate(over="ignore", under="ignore"):
            rounded = table.astype(np.float32)
        finite = np.isfinite(rounded) & np.isfinite(actual)
        np.testing.assert_array_equal(actual[~finite], rounded[~finite])
        np.testing.assert_array_equal(np.signbit(actual[rounded == 0]), np.signbit(rounded[rounded == 0]))
        bound = float32_bound(name, keywords, k)
        ulp = np.spacing(np.abs(rounded[finite])).astype(np.float64)
        assert (np.abs(actual[finite] - table[finite]) <= bound * ulp).all()


@pytest.mark.parametrize(
    ("name", "keywords"),
    [("gated_tanh", {}), ("time_aware_tanh", {"decay_rate": 0.3}), ("gaussian_glu", {"mean": 0.5, "std": 1.5})],
    ids=str,
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_gates_of_any_size(name, keywords, dtype, isa):
    """In ulps of the largest term, of numbers that vectors serve and of others, in every step of the loops."""
    rng, info = np.random.default_rng(8), np.finfo(dtype)
    exponents = [-30 if dtype == np.float32 else -300, -12, -2, 0, 0, 0, 1, 1, 2, 2.5]
    a, b = ((rng.normal(size=480) * 10.0 ** rng.choice(exponents, 480)).astype(dtype) for _ in range(2))
    a[::20], b[::30] = rng.choice([0.0, -0.0, 1e18], 24), rng.choice([0.0, -0.0, 1e18], 16)
    results = both(name, a, b, keywords)
    with mp.workprec(5000):
        for k in range(len(a)):
            u, v = mp.mpf(float(a[k])), mp.mpf(float(b[k]))
            exact, scale = mp_gate(name, u, v, keywords), [mp.mpf(0)] * 3
            if name == "gated_tanh":
                z, t, slope = 1 / (1 + mp.exp(-(u + v))), mp.tanh(u), mp.sech((u + v) / 2) ** 2 / 4
                scale = [z * t, (t - v) * slope, (t - v) * slope]
            for actual, expected, term in zip(results, exact, scale, strict=True):
                size = max(abs(expected), abs(term))
                if size < info.max:
                    ulp = mp.mpf(float(max(np.spacing(dtype(float(size))), info.smallest_subnormal)))
                    bound = 2 if dtype == np.float64 else float32_bound(name, keywords, 0)
                    assert abs(mp.mpf(float(actual[k])) - expected) <= bound * ulp, (a[k], b[k])


@pytest.mark.parametrize("std", [1e-9, 1e-6, 1e-3, 1.0, 2.0**60], ids=str)
@pytest.mark.parametrize("mean", [0.0, 0.1, -3.3, 1 + 2**-25], ids=str)
def test_float32_gaussian_glu_next_to_its_mean(mean, std, isa):
    """Where a - mean has few digits, or its quotient by std underflows: against the same in float64."""
    rng = np.random.default_rng(9)
    near = np.float32(mean) + np.arange(-200, 200) * np.spacing(np.float32(mean) if mean else np.float32(1e-38))
    away = mean + rng.normal(size=(2, 800)) * 10.0 ** rng.integers(-12, 1, (2, 800)) * [[std], [1.0]]
    a = np.concatenate([near, *away]).astype(np.float32)
    b = (rng.normal(size=2000) * 10.0 ** rng.choice([-3, 0, 20], 2000)).astype(np.float32)
    results, exact = (
        both("gaussian_glu", *(array.astype(dtype) for array in (a, b)), {"mean": mean, "std": std})
        for dtype in (np.float32, np.float64)
    )
    for actual, table in zip(results, exact, strict=True):
        with np.errstate(over="ignore", under="ignore"):
            rounded = table.astype(np.float32)
        finite = np.isfinite(rounded)
        np.testing.assert_array_equal(actual[~finite], rounded[~finite])
        ulp = np.spacing(np.abs(rounded[finite])).astype(np.float64)
        assert (np.abs(actual[finite] - table[finite]) <= 0.51 * ulp).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_gated_tanh_of_huge_numbers_of_both_signs(dtype, isa):
    h = np.array([5e30, 2e30, -5e30, 1e30], dtype)
    x = -np.array([2e30, 5e30, -2e30, 1e30], dtype)
    np.testing.assert_array_equal(sp.gated_tanh(x, h), np.array([-1, 2e30, -5e30, 5e29], dtype))
    for gradient in sp.gated_tanh_backward(np.ones_like(x), x, h):
        np.testing.assert_array_equal(gradient[0], 0)
    zeros = np.array([[0.0, 0.0, -0.0, -0.0], [0.0, -0.0, 0.0, -0.0]], dtype)
    np.testing.assert_array_equal(np.signbit(sp.gated_tanh(*zeros)), [False, False, False, True])


@pytest.mark.parametrize("name", ["time_aware_tanh", "gated_tanh"])
def test_gradcheck_of_the_recurrent_gates(name):
    x, h, grad = (normal((5, 6), np.float64, 1.5, seed=seed) for seed in range(3))
    dx, dh = getattr(sp, name + "_backward")(grad, x, h)
    function = getattr(sp, name)
    np.testing.assert_allclose(dx, numerical(lambda v: function(v, h), x, grad), rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(dh, numerical(lambda v: function(x, v), h, grad), rtol=1e-6, atol=1e-8)


def test_gates_are_their_activations_times_the_other():
    gate, value = normal(1000, np.float64), normal(1000, np.float64, seed=1)
    for actual, activation in (
        (sp.reglu(gate, value), sp.ReLU()),
        (sp.geglu(gate, value), sp.GELU()),
        (sp.geglu(gate, value, approximate="tanh"), sp.GELU(approximate="tanh")),
        (sp.geglu(gate, value, approximate="sigmoid"), sp.GELU(approximate="sigmoid")),
        (sp.swiglu(gate, value, beta=0.7), sp.Swish(beta=0.7)),
    ):
        same_bits(actual, activation(gate) * value)
    same_bits(sp.glu(np.stack([value, gate]), axis=0)[0], value * sp.sigmoid(gate))


@pytest.mark.parametrize(("name", "keywords"), GATES.items(), ids=str)
@pytest.mark.parametrize("dtype", DTYPES, ids=str)
def test_gates_have_the_same_bits_everywhere(name, keywords, dtype, isa):
    a, b, g = (normal((30, 37), dtype, seed=seed) for seed in range(3))
    value, backward = getattr(sp, name), getattr(sp, name + "_backward")
    alone = value(a.ravel(), b.ravel(), **keywords).reshape(a.shape)
    for u, v in zip(layouts(a), layouts(b), strict=True):
        same_bits(value(u, v, **keywords), alone)
        same_bits(value(u.T, v.T, **keywords), alone.T)
    pair = backward(g, a, b, **keywords)
    assert all(one.dtype == dtype for one in pair)
    for u, v, w in zip(layouts(a), layouts(b), layouts(g), strict=True):
        for one, other in zip(backward(w, u, v, **keywords), pair, strict=True):
            same_bits(one, other)
    for i, j in ((0, 1), (1, 0), (1, 2), (2, 1), (0, 2), (2, 0)):
        arrays = [g.copy(), a.copy(), b.copy()]
        backward(*arrays, **keywords, out=(arrays[i], arrays[j]))
        same_bits(arrays[i], pair[0])
        same_bits(arrays[j], pair[1])
    first = a.copy()
    assert value(first, b, **keywords, out=first) is first
    same_bits(first, alone)


def test_gates_and_threads():
    a, b = normal((300, 700)), normal((300, 700), seed=1)
    x = np.concatenate([a, b], axis=1)
    for function in (
        lambda: sp.swiglu(a, b),
        lambda: sp.glu(x),
        lambda: sp.glu_backward(a, x),
        lambda: sp.reglu(a.T, b.T),
    ):
        with sp.num_threads(1):
            alone = function()
        with sp.num_threads(2):
            same_bits(function(), alone)


def test_gates_broadcast():
    x, t = normal((4, 5)), np.array([[0.0], [1.0], [2.0], [3.0]], np.float32)
    same_bits(sp.time_aware_tanh(x, t), sp.time_aware_tanh(x, np.repeat(t, 5, axis=1)))
    dx, dt = sp.time_aware_tanh_backward(np.float32(1), x, t)
    assert dx.shape == dt.shape == (4, 5)


@pytest.mark.parametrize("axis", [0, 1, 2, -1])
def test_halves(axis):
    x = normal((6, 8, 10))
    a, b = np.split(x, 2, axis)
    expected = sp.glu(np.concatenate([a[..., None], b[..., None]], axis=-1).copy(), axis=-1)[..., 0]
    same_bits(sp.glu(x, axis), expected)
    grad = normal(a.shape, seed=1)
    result = sp.glu_backward(grad, x, axis)
    da, db = np.split(result, 2, axis)
    np.testing.assert_allclose(da, grad * scipy.special.expit(b), rtol=1e-6)
    np.testing.assert_allclose(db, grad * a * scipy.special.expit(b) * scipy.special.expit(-b), rtol=1e-5, atol=1e-9)
    own = x.copy()
    assert sp.glu_backward(grad, own, axis, out=own) is own
    same_bits(own, result)
    half = x.copy()
    first = np.split(half, 2, axis)[0]
    sp.glu(half, axis, out=first)
    same_bits(first, expected)


def test_limits_of_gates():
    inf = np.inf
    with np.errstate(all="raise"):
        for dtype in (np.float32, np.float64):
            x = np.array([inf, -inf, 1.0, 1.0, np.nan, inf], dtype)
            h = np.array([1.0, 1.0, inf, -inf, 1.0, -inf], dtype)
            expected = [1.0, 1.0, np.tanh(dtype(1)), -inf, np.nan, np.nan]
            np.testing.assert_allclose(sp.gated_tanh(x, h), expected, rtol=1e-6)
            np.testing.assert_allclose(sp.time_aware_tanh(x[:3], dtype(1000)), [0, 0, 0], atol=1e-40)
            np.testing.assert_array_equal(sp.time_aware_tanh(np.array([1, -1, 0], dtype), dtype(-1e5)), [inf, -inf, 0])
            np.testing.assert_array_equal(sp.glu(np.array([2, 3, inf, -inf], dtype)), [2, 0])
            np.testing.assert_array_equal(sp.gaussian_glu(np.array([inf, -inf, 0, 3, 3, 3], dtype)), [0, 0, 3])
            np.testing.assert_array_equal(sp.reglu(np.array([-inf, inf], dtype), dtype(2)), [0, inf])


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_fading_reaches_the_smallest_numbers(dtype):
    """tanh(x)·e^-u, u up to where nothing is left, against mpmath: subnormal results are rounded once."""
    t = np.linspace(0, 105 if dtype == np.float32 else 746, 500).astype(dtype)
    y = sp.time_aware_tanh(dtype(2), t, decay_rate=1.0)
    with mp.workprec(120):
        exact = [longdouble(mp.tanh(2) * mp.exp(-mp.mpf(float(v)))) for v in t]
    assert ulps(y, exact, dtype) <= (float32_bound("time_aware_tanh", {}, 0) if dtype == np.float32 else 1.5)


def test_empty():
    assert sp.glu(np.ones((2, 0))).shape == (2, 0)
    assert sp.reglu(np.ones((0, 3)), np.ones(3)).shape == (0, 3)


@pytest.mark.parametrize(("given", "expected"), [("i1", "f2"), ("i2", "f4"), ("i4", "f8"), ("u8", "f8"), ("?", "f2")])
def test_integers_become_what_a_ufunc_makes_of_them(given, expected):
    x = np.array([[1, 0, 1]], given)
    assert sp.reglu(x, x).dtype == np.dtype(expected)


def test_python_numbers_do_not_widen():
    x = np.ones(3, np.float32)
    assert sp.swiglu(x, 2.0).dtype == np.float32
    assert sp.time_aware_tanh(x, 1).dtype == np.float32
    assert sp.reglu(x, np.ones(3)).dtype == np.float64


# ---- PyTorch ----


def test_against_torch():
    F = pytest.importorskip("torch").nn.functional
    x, grad = normal((8, 12), np.float64), normal((8, 6), np.float64, seed=1)
    compare_with_torch(x, sp.glu(x), sp.glu_backward(grad, x), lambda v: F.glu(v), grad)
    for name, act in (("swiglu", F.silu), ("geglu", F.gelu), ("reglu", F.relu)):
        a, b = x[:, :6].copy(), x[:, 6:].copy()
        ours = np.concatenate(getattr(sp, name + "_backward")(grad, a, b), axis=1)
        compare_with_torch(x, getattr(sp, name)(a, b), ours, lambda v, f=act: f(v[:, :6]) * v[:, 6:], grad)


# ---- errors ----


def test_errors_of_glu():
    for wrong, error, words in (
        (np.ones((2, 4), complex), TypeError, "x has dtype complex128, expected real numbers"),
        (np.array([[None, 1]]), TypeError, "x has dtype object"),
    ):
        with pytest.raises(error, match=words):
            sp.glu(wrong)
    with pytest.raises(np.exceptions.AxisError):
        sp.glu(np.ones((2, 4)), axis=2)
    with pytest.raises(TypeError, match=r"axis is 1\.5, expected an integer"):
        sp.glu(np.ones((2, 4)), axis=1.5)
    with pytest.raises(ValueError, match=r"out has shape \(3,\), expected"):
        sp.glu(np.ones((2, 4)), out=np.zeros(3))
    with pytest.raises(TypeError, match="out has dtype int64"):
        sp.glu(np.ones((2, 4)), out=np.zeros((2, 2), np.int64))
    out = np.zeros((2, 2))
    out.flags.writeable = False
    with pytest.raises(ValueError, match="out is read-only"):
        sp.glu(np.ones((2, 4)), out=out)


def test_errors():
    with pytest.raises(ValueError, match="x has 3 elements along axis 0, expected an even number"):
        sp.glu(np.ones(3))
    with pytest.raises(ValueError, match=r"grad has shape \(4,\), expected \(2,\), that of glu"):
        sp.glu_backward(np.ones(4), np.ones(4))
    with pytest.raises(ValueError, match=r"std is 0\.0, expected a finite number above 0"):
        sp.gaussian_glu(np.ones(4), std=0)
    with pytest.raises(ValueError, match="mean is nan, expected a finite number"):
        sp.gaussian_glu(np.ones(4), mean=np.nan)
    with pytest.raises(ValueError, match="decay_rate is nan"):
        sp.time_aware_tanh(1.0, 1.0, decay_rate=np.nan)
    with pytest.raises(ValueError, match="approximate is 'erf'"):
        sp.geglu(1.0, 1.0, approximate="erf")
    with pytest.raises(ValueError, match="broadcast"):
        sp.reglu(np.ones(3), np.ones(4))
    with pytest.raises(TypeError, match="value has dtype complex128"):
        sp.reglu(np.ones(3), np.ones(3, complex))
    with pytest.raises(TypeError, match="out is ndarray, expected a pair of arrays"):
        sp.reglu_backward(np.ones(3), np.ones(3), np.ones(3), out=np.ones(3))
    x = np.ones(3)
    with pytest.raises(ValueError, match="out has two arrays that share memory"):
        sp.reglu_backward(np.ones(3), np.ones(3), np.ones(3), out=(x, x))


# ---- dask ----


def test_dask_arrays_stay_lazy():
    da = pytest.importorskip("dask.array")
    x = normal((60, 40))
    g, split = da.from_array(normal((60, 40), seed=1), chunks=(20, 40)), da.from_array(x, chunks=(20, 20))
    value = sp.swiglu(split, g, beta=0.5)
    assert isinstance(value, da.Array)
    same_bits(value.compute(), sp.swiglu(x, g.compute(), beta=0.5))
    pair = sp.gated_tanh_backward(g, split, x)
    assert all(isinstance(one, da.Array) for one in pair)
    for one, other in zip(pair, sp.gated_tanh_backward(g.compute(), x, x), strict=True):
        same_bits(one.compute(), other)
    for function in (lambda: sp.glu(split), lambda: sp.glu_backward(g, split)):
        with pytest.raises(TypeError, match="does not accept dask arrays"):
            function()
