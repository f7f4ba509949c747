"""softmax and its relatives: against mpmath, SciPy, finite differences and PyTorch."""

import sys

import mpmath as mp
import numpy as np
import pytest
import scipy.special
from rows_and_gates import (
    BFLOAT16,
    DTYPES,
    compare_with_torch,
    finfo,
    layouts,
    longdouble,
    normal,
    numerical,
    same_bits,
    ulps,
)

import spatium as sp

ROWS = ["softmax", "softmin", "log_softmax", "hardmax"]
BACKWARD = ["softmax_backward", "softmin_backward", "log_softmax_backward"]
LENGTHS = [1, 2, 3, 15, 16, 17, 31, 33, 64, 255, 257, 1000, 1040, 4096, 4099, 9000]


def exact_rows(x):
    """Exact softmax, log_softmax and logsumexp along the last axis, in longdouble from mpmath's 120 bits."""
    tables = [np.empty(x.shape, np.longdouble), np.empty(x.shape, np.longdouble), np.empty(x.shape[:-1], np.longdouble)]
    with mp.workprec(120):
        for i in np.ndindex(x.shape[:-1]):
            row = [mp.mpf(float(v)) for v in x[i]]
            top = row.index(max(row))
            # not the sum itself: 1 + e^-800 has more than 120 bits
            rest = mp.fsum(mp.exp(v - row[top]) for k, v in enumerate(row) if k != top)
            log_sum = mp.log1p(rest)
            for j, v in enumerate(row):
                tables[0][(*i, j)] = longdouble(mp.exp(v - row[top]) / (1 + rest))
                tables[1][(*i, j)] = longdouble(v - row[top] - log_sum)
            tables[2][i] = longdouble(row[top] + log_sum)
    return tables


# ---- accuracy ----

BOUNDS = {"float16": 0.501, "bfloat16": 0.501, "float32": 0.52, "float64": 0.52}


def bound_of(dtype, isa):
    """The baseline's float64 is the plain text in pairs, which the vectors' exponential does better."""
    return 0.75 if isa == "baseline" and dtype == np.float64 else BOUNDS[str(dtype)]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(
    ("scale", "shift"),
    [(0.01, 0), (3, 0), (8, 0), (3, 250), (3, -299.5), (3, 1399), (3, -1399), (3, 5000), (3, -40000)],
    ids=str,
)
def test_rows_against_mpmath(isa, dtype, scale, shift):
    for n in (1, 2, 5, 16, 37, 300):
        x = (normal((4, n), np.float64, scale, seed=n) + shift).astype(dtype)
        softmax, log_softmax, logsumexp = exact_rows(x)
        softmin = exact_rows(-x)[0]
        bound = bound_of(dtype, isa)
        assert ulps(sp.softmax(x), softmax, dtype) <= bound
        assert ulps(sp.softmin(x), softmin, dtype) <= bound
        assert ulps(sp.log_softmax(x), log_softmax, dtype) <= bound
        assert ulps(sp.logsumexp(x), logsumexp, dtype) <= max(bound, 0.75)  # m + log(sum) may cancel


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_tails(isa, dtype):
    """Results down to the smallest subnormal numbers, and below them 0."""
    depth = 104 if dtype == np.float32 else 746
    x = np.concatenate([[0], -np.linspace(0.3 * depth, depth + 3, 400)]).astype(dtype)[None]
    softmax, log_softmax, _ = exact_rows(x)
    assert ulps(sp.softmax(x), softmax, dtype) <= 1.0
    assert ulps(sp.softmin(-x), softmax, dtype) <= 1.0
    assert ulps(sp.log_softmax(x), log_softmax, dtype) <= 0.75
    assert sp.softmax(x)[0, -1] == 0.0


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_log_softmax_keeps_its_digits_where_the_probability_is_near_one(isa, dtype):
    depths = np.linspace(5, 100 if dtype == np.float32 else 740, 60)
    for shift in (0, 100, -100, 700, -700):
        x = np.stack([np.full(60, shift, dtype), (shift - depths).astype(dtype)], axis=1)
        with mp.workprec(2000):
            exact = [longdouble(-mp.log1p(mp.exp(mp.mpf(float(b)) - mp.mpf(float(a))))) for a, b in x]
        assert ulps(sp.log_softmax(x)[:, 0], exact, dtype) <= 1.0


def test_softmax_of_long_rows(isa):
    """Sums of many terms do not drift: 200,000 equal elements, then with one large one, in either order of sizes."""
    n = 200_000
    same_bits(sp.softmax(np.full(n, 0.3, np.float32)), np.full(n, np.float32(1) / n, np.float32))
    x = np.full(n, -12.0, np.float32)
    x[-1] = 0
    with mp.workprec(100):
        exact = 1 / (1 + (n - 1) * mp.exp(-12))
    assert ulps(sp.softmax(x)[-1:], [longdouble(exact)], np.float32) <= 0.6
    assert ulps(sp.softmax(x[::-1])[:1], [longdouble(exact)], np.float32) <= 0.6


def test_against_scipy():
    x = normal((7, 50), np.float64)
    for axis in (0, 1, -1):
        np.testing.assert_allclose(sp.softmax(x, axis), scipy.special.softmax(x, axis), rtol=1e-14)
        np.testing.assert_allclose(sp.log_softmax(x, axis), scipy.special.log_softmax(x, axis), rtol=1e-13)
        np.testing.assert_allclose(sp.logsumexp(x, axis), scipy.special.logsumexp(x, axis), rtol=1e-14)
    for axes in (None, (0, 2), (1,), (2, 1)):
        for keepdims in (False, True):
            x = normal((3, 4, 5), np.float64)
            expected = scipy.special.logsumexp(x, axis=axes, keepdims=keepdims)
            actual = sp.logsumexp(x, axis=axes, keepdims=keepdims)
            assert np.shape(actual) == np.shape(expected)
            np.testing.assert_allclose(actual, expected, rtol=1e-14)


# ---- special rows ----


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("n", [2, 5, 16, 17, 5000])
def test_special_rows(isa, dtype, n):
    inf = np.inf
    big = float(finfo(dtype).max)
    zeros = np.zeros(n)
    one_inf, all_minus, with_nan, masked, huge = zeros.copy(), zeros - inf, zeros.copy(), zeros - inf, zeros - big
    one_inf[1], with_nan[1], masked[:2], huge[1] = inf, np.nan, 0, big
    nan_and_inf = one_inf.copy()
    nan_and_inf[0] = np.nan
    x = np.stack([one_inf, all_minus, with_nan, masked, huge, nan_and_inf]).astype(dtype)
    with np.errstate(all="raise"):
        y, z, log_sum, hard = sp.softmax(x), sp.log_softmax(x), sp.logsumexp(x), sp.hardmax(x)
        same_bits(sp.softmin(-x), y)
    unit, half = np.zeros(n), np.zeros(n)
    unit[1], half[:2] = 1, 0.5
    for row, expected in ((0, unit), (3, half), (4, unit)):
        same_bits(y[row], expected.astype(dtype))
    np.testing.assert_array_equal(hard[[0, 3, 4]].astype(float).argmax(axis=1), [1, 0, 1])
    np.testing.assert_array_equal(hard[[0, 3, 4]].astype(float).sum(axis=1), [1, 1, 1])
    for row in (1, 2, 5):
        assert np.isnan(y[row].astype(float)).all()
        assert np.isnan(z[row].astype(float)).all()
        assert np.isnan(hard[row].astype(float)).all()
    np.testing.assert_array_equal(z[0].astype(float), np.where(unit, 0.0, -inf))
    np.testing.assert_array_equal(z[4].astype(float), np.where(unit, 0.0, -inf))
    assert (z[3, 2:].astype(float) == -inf).all()
    np.testing.assert_allclose(log_sum.astype(float)[[0, 1, 4]], [inf, -inf, big])
    assert np.isnan(log_sum.astype(float)[[2, 5]]).all()


def test_several_infinities_share():
    y = sp.softmax(np.array([np.inf, 0, np.inf, -np.inf], np.float32))
    np.testing.assert_array_equal(y, [0.5, 0, 0.5, 0])
    np.testing.assert_array_equal(sp.hardmax([0.0, np.inf, np.inf]), [0, 1, 0])
    np.testing.assert_allclose(sp.log_softmax([np.inf, np.inf, 0.0]), [-np.log(2), -np.log(2), -np.inf])


def test_all_equal(isa):
    for dtype in (np.float32, np.float64):
        for n in (1, 3, 10, 64, 1000):
            for value in (0.0, 1.5, -7e3, 1e30, -1e30):
                y = sp.softmax(np.full(n, value, dtype))
                same_bits(y, np.full(n, dtype(1) / dtype(n), dtype))


def test_masked_rows_are_zero_exactly(isa):
    x = normal((50, 70))
    mask = np.random.default_rng(1).random(x.shape) < 0.5
    mask[:, 0] = False
    for fill in (-np.inf, -1e9, -1e30):
        y = sp.softmax(np.where(mask, np.float32(fill), x))
        assert (y[mask] == 0).all()
        np.testing.assert_allclose(y.sum(axis=1), 1, rtol=1e-6)


# ---- one row, one answer ----


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("n", LENGTHS)
def test_a_row_has_the_same_bits_everywhere(dtype, n, isa):
    if n > 1040 and dtype in (np.dtype(np.float16), BFLOAT16):
        pytest.skip("long rows: covered by the other dtypes")
    x, g = normal((19, n), dtype), normal((19, n), dtype, seed=1)
    x[3] *= 9
    x[4, : n // 2] = -np.inf
    x[5, 0] = np.inf
    for name in [*ROWS, "logsumexp"]:
        function = getattr(sp, name)
        alone = np.stack([function(x[i].copy()) for i in range(len(x))])
        for other in layouts(x):
            same_bits(function(other), alone)
            same_bits(function(other.T, axis=0), alone.T)
            same_bits(function(np.stack([other, other], axis=1), axis=2)[:, 1], alone)
    y = sp.softmax(x)
    for name in BACKWARD:
        function = getattr(sp, name)
        alone = np.stack([function(g[i].copy(), y[i].copy()) for i in range(len(x))])
        for a, b in zip(layouts(g), layouts(y), strict=True):
            same_bits(function(a, b), alone)
            same_bits(function(a.T, b.T, axis=0), alone.T)


@pytest.mark.parametrize("name", [*ROWS, "logsumexp"])
@pytest.mark.parametrize("shape", [(70_000, 3), (400, 301), (7, 100, 200), (1, 300_000)], ids=str)
def test_threads_do_not_move_a_bit(name, shape):
    x, function = normal(shape), getattr(sp, name)
    for axis in range(x.ndim):
        with sp.num_threads(1):
            alone = function(x, axis)
        with sp.num_threads(2):
            same_bits(function(x, axis), alone)


@pytest.mark.parametrize("axis", [0, 1, 2, 3, -2])
def test_axes(axis):
    x, g = normal((3, 18, 5, 33)), normal((3, 18, 5, 33), seed=1)
    for name in ROWS:
        moved = getattr(sp, name)(np.ascontiguousarray(np.moveaxis(x, axis, -1)))
        same_bits(getattr(sp, name)(x, axis), np.moveaxis(moved, -1, axis))
    same_bits(sp.logsumexp(x, axis), sp.logsumexp(np.ascontiguousarray(np.moveaxis(x, axis, -1))))
    y = sp.softmax(x, axis)
    for name in BACKWARD:
        moved = getattr(sp, name)(np.moveaxis(g, axis, -1).copy(), np.moveaxis(y, axis, -1).copy())
        same_bits(getattr(sp, name)(g, y, axis), np.moveaxis(moved, -1, axis))


# ---- out ----


@pytest.mark.parametrize("name", ROWS)
@pytest.mark.parametrize("axis", [0, 1])
def test_out(name, axis):
    function, x = getattr(sp, name), normal((40, 65))
    expected = function(x, axis)
    out = np.empty_like(x)
    assert function(x, axis, out=out) is out
    same_bits(out, expected)
    wide = np.full(x.shape, np.nan)
    assert function(x, axis, out=wide) is wide
    same_bits(wide.astype(np.float32), expected)
    own = x.copy()
    assert function(own, axis, out=own) is own
    same_bits(own, expected)
    memory = np.zeros((41, 65), np.float32)
    memory[:-1] = x
    function(memory[:-1], axis, out=memory[1:])  # overlapping
    same_bits(memory[1:], expected)


def test_out_of_gradients():
    g, y = normal((20, 30)), sp.softmax(normal((20, 30), seed=1))
    for name in BACKWARD:
        expected = getattr(sp, name)(g, y)
        for target in (0, 1):
            arrays = [g.copy(), y.copy()]
            getattr(sp, name)(*arrays, out=arrays[target])
            same_bits(arrays[target], expected)
    x, grad = normal((20, 30)), normal(20)
    expected = sp.logsumexp_backward(grad, x)
    sp.logsumexp_backward(grad, x, out=x)
    same_bits(x, expected)
    out = np.empty(20, np.float32)
    assert sp.logsumexp(y, out=out) is out
    same_bits(out, sp.logsumexp(y))
    column = np.empty((20, 1), np.float32)
    sp.logsumexp(y, keepdims=True, out=column)
    same_bits(column[:, 0], out)


def test_no_axis_and_zero_dimensions():
    assert sp.logsumexp(3.0, axis=None) == 3.0
    assert sp.logsumexp(3.0, axis=()) == 3.0
    np.testing.assert_allclose(sp.logsumexp([[1.0, 2.0]], axis=()), [[1.0, 2.0]])
    with pytest.raises(np.exceptions.AxisError):
        sp.softmax(3.0)


def test_empty():
    for name in ROWS:
        assert getattr(sp, name)(np.ones((0, 4), np.float32)).shape == (0, 4)
        assert getattr(sp, name)(np.ones((0, 0), np.float32)).shape == (0, 0)
        with pytest.raises(ValueError, match=rf"x has shape \(4, 0\): {name} of no elements along axis 1"):
            getattr(sp, name)(np.ones((4, 0)))
    same_bits(sp.logsumexp(np.ones((2, 0))), np.full(2, -np.inf))
    assert sp.logsumexp(np.ones((0, 2))).shape == (0,)
    assert sp.softmax_backward(np.ones((2, 0)), np.ones((2, 0))).shape == (2, 0)


@pytest.mark.parametrize(("given", "expected"), [("i1", "f2"), ("i2", "f4"), ("i4", "f8"), ("u8", "f8"), ("?", "f2")])
def test_integers_become_what_a_ufunc_makes_of_them(given, expected):
    x = np.array([[1, 0, 1]], given)
    assert sp.softmax(x).dtype == np.dtype(expected) == sp.relu(x).dtype
    assert sp.logsumexp(x).dtype == np.dtype(expected)


# ---- gradients ----


@pytest.mark.parametrize("name", ["softmax", "softmin", "log_softmax"])
@pytest.mark.parametrize("axis", [0, 1])
def test_gradients_of_rows(name, axis):
    x, grad = normal((6, 7), np.float64, 1.5), normal((6, 7), np.float64, 1.0, seed=1)
    function = getattr(sp, name)
    actual = getattr(sp, name + "_backward")(grad, function(x, axis), axis)
    np.testing.assert_allclose(actual, numerical(lambda v: function(v, axis), x, grad), rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("axis", [0, 1, None, (0, 1), (0, 2), -1], ids=str)
@pytest.mark.parametrize("keepdims", [False, True])
def test_gradients_of_logsumexp(axis, keepdims):
    x = normal((3, 4, 5), np.float64, 1.5)
    y = sp.logsumexp(x, axis, keepdims)
    grad = normal(np.shape(y), np.float64, 1.0, seed=1)
    actual = sp.logsumexp_backward(grad, x, axis, keepdims)
    expected = numerical(lambda v: sp.logsumexp(v, axis, keepdims), x, grad)
    np.testing.assert_allclose(actual, expected, rtol=1e-6, atol=1e-8)
    same_bits(sp.logsumexp_backward(grad, x, axis, keepdims, out=x), actual)


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_gradients_of_rows_against_mpmath(dtype, isa):
    """In ulps of the largest term: grad - sum(grad·y) cancels."""
    g, x = normal((3, 50), dtype, seed=1), normal((3, 50), dtype)
    y, z = sp.softmax(x), sp.log_softmax(x)
    eps = np.finfo(dtype).eps
    for i in range(3):
        with mp.workprec(200):
            gs, ys, zs = ([mp.mpf(float(v)) for v in a[i]] for a in (g, y, z))
            dot, total = mp.fsum(a * b for a, b in zip(gs, ys, strict=True)), mp.fsum(gs)
            soft = np.array([longdouble(b * (a - dot)) for a, b in zip(gs, ys, strict=True)])
            logs = np.array([longdouble(a - mp.exp(b) * total) for a, b in zip(gs, zs, strict=True)])
        np.testing.assert_array_less(np.abs(sp.softmax_backward(g, y)[i] - soft), 0.51 * eps * np.abs(soft) + 1e-300)
        same_bits(sp.softmin_backward(g, y)[i], -sp.softmax_backward(g, y)[i])
        np.testing.assert_array_less(
            np.abs(sp.log_softmax_backward(g, z)[i] - logs), 0.51 * eps * np.abs(logs) + 0.1 * eps * np.abs(g[i])
        )


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("n", [7, 48, 300])
def test_signs_of_gradients_that_are_zero(dtype, n, isa):
    """0·(grad - sum(grad·y)) has the sign of the difference, and softmin's gradient the other one."""
    g, y = normal((6, n), dtype, seed=1), sp.softmax(normal((6, n), dtype))
    y[:, ::3] = 0
    y[:, 1] = np.finfo(dtype).smallest_subnormal
    dot = np.sum(g.astype(np.longdouble) * y, axis=1, keepdims=True)
    actual = sp.softmax_backward(g, y)
    assert (actual[:, ::3] == 0).all()
    np.testing.assert_array_equal(np.signbit(actual), g < dot)
    same_bits(sp.softmin_backward(g, y), -actual)


@pytest.mark.parametrize("n", [5, 64, 1000])
def test_float32_gradients_of_softmax_of_any_size(n, isa):
    """Within 0.51 ulp and 2^-47 of the sum's term, which two floats hold; low words of subnormal results may underflow.

    2^-100 and 2^100 are the sums from which on vectors do not serve.
    """
    sizes = np.array([2.0**k for k in (-149, -140, -126, -101, -99, -60, 0, 60, 99, 101, 126)])[:, None]
    g = (np.random.default_rng(n).uniform(-1, 2, (len(sizes), n)) * sizes).astype(np.float32)
    y = sp.softmax(normal(g.shape, seed=1))
    dot = np.sum(g.astype(np.longdouble) * y, axis=1, keepdims=True)
    exact = y * (g - dot)
    actual = sp.softmax_backward(g, y)
    smallest = np.finfo(np.float32).smallest_subnormal.astype(np.longdouble)
    ulp = np.spacing(np.abs(exact).astype(np.float32)).astype(np.longdouble)
    assert (np.abs(actual - exact) <= 0.51 * ulp + 2.0**-47 * np.abs(y * dot) + smallest).all()
    for a, b in zip(layouts(g), layouts(y), strict=True):
        same_bits(sp.softmax_backward(a, b), actual)
        same_bits(sp.softmax_backward(a.T, b.T, axis=0), actual.T)
    same_bits(sp.softmin_backward(g, y), -actual)


def test_float32_gradients_of_softmax_next_to_their_sum(isa):
    """Gradients that agree with sum(grad·y) in almost all bits, and differences beyond float32."""
    y = sp.softmax(normal((200, 37)))
    g = np.nextafter(np.float32(0.7), np.random.default_rng(0).integers(0, 2, y.shape).astype(np.float32))
    dot = np.sum(g.astype(np.longdouble) * y, axis=1, keepdims=True)
    exact = y * (g - dot)
    ulp = np.spacing(np.abs(exact).astype(np.float32)).astype(np.longdouble)
    assert (np.abs(sp.softmax_backward(g, y) - exact) <= 0.51 * ulp + 2.0**-47 * np.abs(y * dot)).all()
    largest = np.finfo(np.float32).max
    opposite = np.float32([[largest, -largest]])
    half, quarter = np.float32([[0.5, 0.5]]), np.float32([[0.25, 0.75]])  # a difference of 1.5 times the largest
    np.testing.assert_array_equal(sp.softmax_backward(opposite, half), opposite / 2)
    np.testing.assert_allclose(sp.softmax_backward(opposite, quarter), opposite * np.float32(0.375), rtol=1e-6)


@pytest.mark.parametrize("n", [2, 40, 700, 5000])
def test_gradients_next_to_overflow(n, isa):
    """Sums and differences of gradients may overflow where the results do not."""
    largest = np.finfo(np.float64).max
    x = normal((1, n), np.float64, 0.1)
    g = np.where(np.arange(n) % 2, 1.0, -1.0)[None] * largest
    g[0, 0] = largest / 3
    y, z = sp.softmax(x), sp.log_softmax(x)
    with mp.workprec(200):
        gs, ys, zs = ([mp.mpf(float(v)) for v in a[0]] for a in (g, y, z))
        dot, total = mp.fsum(a * b for a, b in zip(gs, ys, strict=True)), mp.fsum(gs)
        soft = np.array([longdouble(b * (a - dot)) for a, b in zip(gs, ys, strict=True)])
        logs = np.array([longdouble(a - mp.exp(b) * total) for a, b in zip(gs, zs, strict=True)])
    eps = np.finfo(np.float64).eps
    soft_gradient, log_gradient = sp.softmax_backward(g, y), sp.log_softmax_backward(g, z)
    np.testing.assert_array_less(np.abs(soft_gradient[0] - soft), 0.51 * eps * np.abs(soft))
    same_bits(sp.softmin_backward(g, y), -soft_gradient)
    finite = np.abs(logs) < largest
    assert finite.sum() >= n // 2
    error = np.abs(log_gradient[0] - logs)[finite]
    np.testing.assert_array_less(error, (0.51 * eps * np.abs(logs) + 0.1 * eps * np.abs(g[0]))[finite])
    # the same where the large gradients come late, in any pieces
    late = normal((3, n), np.float64)
    late[:, -1] = largest
    rows = np.concatenate([y, y, y])
    for name, a in (("softmax_backward", rows), ("log_softmax_backward", np.log(rows))):
        alone = getattr(sp, name)(late, a)
        assert np.isfinite(alone).all()
        same_bits(getattr(sp, name)(late.T, np.asfortranarray(a).T, axis=0), alone.T)


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize("n", [5, 37, 300, 5000])
def test_gradients_have_the_same_bits_everywhere_for_any_size(dtype, n, isa):
    """Weights of logsumexp, sums of gradients and outputs of log_softmax beyond those that vectors serve."""
    x, g = normal((12, n), dtype), normal((12, n), dtype, seed=1)
    weights = np.array([0, -0.0, 1e-44, -1e-35, 1e-9, 1, -3, 1e9, 1e25, 3e38, np.inf, np.nan], dtype)
    alone = np.concatenate([sp.logsumexp_backward(weights[i], x[i])[None] for i in range(12)])
    same_bits(sp.logsumexp_backward(weights, np.asfortranarray(x)), alone)
    same_bits(sp.logsumexp_backward(weights, x.T, axis=0), alone.T)
    same_bits(sp.logsumexp_backward(weights, x), alone)
    exact = sp.softmax(x.astype(np.float64)) * weights[:, None].astype(np.float64)
    normal_size = np.abs(exact[3:9]) > 1e-37
    np.testing.assert_allclose(alone[3:9][normal_size], exact[3:9][normal_size], rtol=2 * np.finfo(dtype).eps)
    assert not np.isfinite(alone[10]).any()
    assert np.isnan(alone[11]).all()
    y = sp.log_softmax(x)
    y[0, 0], y[1, -1], y[2, ::3], y[3, 1] = 11, 30, 75, -np.inf
    g[4:9] *= weights[4:9, None]
    g[10] = 0
    alone = np.concatenate([sp.log_softmax_backward(g[i], y[i])[None] for i in range(12)])
    for a, b in zip(layouts(g), layouts(y), strict=True):
        same_bits(sp.log_softmax_backward(a, b), alone)
        same_bits(sp.log_softmax_backward(a.T, b.T, axis=0), alone.T)
    total = g.astype(np.longdouble).sum(axis=1, keepdims=True)
    part = np.exp(y.astype(np.longdouble)) * total
    terms, rows = np.abs(part) + np.abs(g), [0, 1, 2, 3, 10, 11]
    error = np.abs(alone - (g - part))
    assert (error <= np.finfo(dtype).eps * terms + 1e-40)[rows].all()


def test_hardmax_has_no_gradient():
    y = sp.hardmax(normal((4, 5)))
    same_bits(sp.hardmax_backward(normal((4, 5)), y), np.zeros((4, 5), np.float32))
    assert np.isnan(sp.hardmax_backward([np.nan, 1.0], [0.0, 1.0])).tolist() == [True, False]


# ---- PyTorch ----


def test_against_torch():
    torch = pytest.importorskip("torch")
    F = torch.nn.functional
    x, grad = normal((8, 12), np.float64), normal((8, 12), np.float64, seed=1)
    for axis in (0, 1):
        y, z, w = sp.softmax(x, axis), sp.log_softmax(x, axis), sp.softmin(x, axis)
        compare_with_torch(x, y, sp.softmax_backward(grad, y, axis), lambda v, d=axis: F.softmax(v, d), grad)
        compare_with_torch(x, z, sp.log_softmax_backward(grad, z, axis), lambda v, d=axis: F.log_softmax(v, d), grad)
        compare_with_torch(x, w, sp.softmin_backward(grad, w, axis), lambda v, d=axis: F.softmin(v, d), grad)
        g, y = grad.sum(axis=axis), sp.logsumexp(x, axis)
        compare_with_torch(x, y, sp.logsumexp_backward(g, x, axis), lambda v, d=axis: torch.logsumexp(v, d), g)


# ---- errors ----


@pytest.mark.parametrize("name", [*ROWS, "logsumexp"])
def test_errors(name):
    function = getattr(sp, name)
    out = np.zeros((2, 4))
    with pytest.raises(TypeError, match="x has dtype complex128, expected real numbers"):
        function(np.ones((2, 4), complex))
    with pytest.raises(TypeError, match="x has dtype object"):
        function(np.array([[None, 1]]))
    with pytest.raises(np.exceptions.AxisError):
        function(np.ones((2, 4)), axis=2)
    with pytest.raises(TypeError, match=r"axis is 1\.5, expected an integer"):
        function(np.ones((2, 4)), axis=1.5)
    with pytest.raises(ValueError, match=r"out has shape \(3,\), expected"):
        function(np.ones((2, 4)), out=np.zeros(3))
    with pytest.raises(TypeError, match="out has dtype int64"):
        function(np.ones((2, 4)), out=np.zeros(function(np.ones((2, 4))).shape, np.int64))
    out.flags.writeable = False
    if name in ROWS:
        with pytest.raises(ValueError, match="out is read-only"):
            function(np.ones((2, 4)), out=out)
    assert (out == 0).all()


def test_shapes_that_do_not_fit():
    with pytest.raises(ValueError, match=r"grad has shape \(3,\), y has \(4,\)"):
        sp.softmax_backward(np.ones(3), np.ones(4))
    with pytest.raises(ValueError, match=r"grad has shape \(2,\), expected \(3,\), that of logsumexp"):
        sp.logsumexp_backward(np.ones(2), np.ones((3, 4)))
    with pytest.raises(ValueError, match="repeated axis"):
        sp.logsumexp(np.ones((2, 3)), axis=(0, 0))


# ---- dask and threads ----


def test_dask_arrays_stay_lazy():
    da = pytest.importorskip("dask.array")
    x = normal((60, 40))
    lazy = da.from_array(x, chunks=(20, 40))
    for name in ROWS:
        y = getattr(sp, name)(lazy)
        assert isinstance(y, da.Array)
        assert y.dtype == np.float32
        same_bits(y.compute(), getattr(sp, name)(x))
    for keepdims in (False, True):
        y = sp.logsumexp(lazy, keepdims=keepdims)
        assert isinstance(y, da.Array)
        assert y.shape == np.shape(sp.logsumexp(x, keepdims=keepdims))
        same_bits(y.compute(), sp.logsumexp(x, keepdims=keepdims))
    g = da.from_array(normal((60, 40), seed=1), chunks=(20, 40))
    y = sp.softmax(lazy)
    same_bits(sp.softmax_backward(g, y).compute(), sp.softmax_backward(g.compute(), y.compute()))
    split = da.from_array(x, chunks=(20, 20))
    with pytest.raises(
        TypeError, match=r"softmax needs each row in one chunk, but axis 1 has 2: use rechunk\(\{1: -1\}\)"
    ):
        sp.softmax(split)
    with pytest.raises(TypeError, match="does not support out for a dask array"):
        sp.softmax(lazy, out=np.empty_like(x))
    with pytest.raises(TypeError, match="does not accept dask arrays"):
        sp.logsumexp_backward(g, lazy)


def test_lazy_xarray_objects_are_told_what_to_do():
    xarray = pytest.importorskip("xarray")
    pytest.importorskip("dask.array")
    lazy = xarray.DataArray(normal((6, 4)), dims=("row", "column")).chunk({"row": 3})
    with pytest.raises(TypeError, match=r"use xarray\.apply_ufunc"):
        sp.softmax(lazy)


def test_calls_from_threads_share_no_state():
    from concurrent.futures import ThreadPoolExecutor

    x = normal((500, 300))
    expected = sp.softmax(x)
    with ThreadPoolExecutor(4) as pool:
        for result in pool.map(lambda _: sp.softmax(x), range(20)):
            same_bits(result, expected)


@pytest.mark.skipif(sys.platform != "linux", reason="reads the memory of the process as Linux reports it")
def test_no_temporary_but_tiles():
    import tracemalloc

    x = normal((2000, 2000))
    out = np.empty_like(x)
    for axis in (0, 1):
        tracemalloc.start()
        sp.softmax(x, axis, out=out)
        assert tracemalloc.get_traced_memory()[1] < 100_000
        tracemalloc.stop()
