"""What forward keeps for backward: policies, packed bits, gradients from them, and the bias that comes on the way."""

import copy
import pickle
from itertools import pairwise

import mpmath
import numpy as np
import pytest

import spatium as sp
from reference import oracle, sampling
from spatium import _engine
from spatium.nn import Dense, Network, Softmax

LINEAR = [record.name for record in _engine.registry() if record.two_slopes]  # f' takes two values
CURVED = [record.name for record in _engine.registry() if record.from_side]  # one minimum
SIZES = [0, 1, 7, 8, 9, 15, 16, 17, 31, 33, 500, 512, 513, 1030]

# Parameters of either sign, and those at which formulas degenerate.
LINEAR_PARAMETERS = [
    ("leaky_relu", {"negative_slope": -0.5}),
    ("leaky_relu", {"negative_slope": 0.0}),
    ("leaky_relu", {"negative_slope": 1.0}),
    ("leaky_relu", {"negative_slope": 3.0}),
    ("hard_tanh", {"min_val": 0.25, "max_val": 0.25}),
    ("hard_sigmoid", {"slope": -0.2, "offset": 0.4}),
    ("hard_sigmoid", {"slope": 0.0, "offset": 0.4}),
    ("threshold", {"threshold": -1.0, "value": 5.0}),
    ("hard_shrink", {"lambd": 0.0}),
    ("soft_shrink", {"lambd": 2.0}),
]
CURVED_PARAMETERS = [
    ("swish", {"beta": -1.3}),
    ("swish", {"beta": 0.0}),
    ("swish", {"beta": 40.0}),
    ("swish", {"beta": 1e-3}),
    ("scaled_swish", {"alpha": -2.0, "beta": 0.7}),
    ("scaled_swish", {"alpha": 0.5, "beta": -3.0}),
    ("scaled_swish", {"alpha": 0.0, "beta": 1.0}),
    ("scaled_swish", {"alpha": 3.0, "beta": 0.0}),
]


def points(dtype, size=4000, seed=0):
    """Specials, a dense body and wide tails; no NaN."""
    rng = np.random.default_rng(seed)
    x = np.concatenate([sampling.special_points(dtype), rng.normal(0, 3, size), rng.uniform(-40, 40, size)])
    x = x.astype(dtype)
    return rng.permutation(x[~np.isnan(x)])


def kept_bits(saved):
    return np.unpackbits(saved.bits, bitorder="little")[: int(np.prod(saved.shape))].astype(bool)


# ---- bits alone ----


@pytest.mark.parametrize(("name", "parameters"), [(name, {}) for name in LINEAR] + LINEAR_PARAMETERS)
def test_bits_alone_give_the_gradient_of_the_input(name, parameters, dtype, make, assert_same_bits):
    act, x = make(name, parameters), points(dtype)
    grad = np.random.default_rng(1).normal(size=x.size).astype(dtype)
    y, saved = act.forward(x, save="bits")
    assert_same_bits(y, act(x))
    assert saved.array is None
    assert saved.nbytes == -(-x.size // 8)
    np.testing.assert_array_equal(act.backward(grad, saved), act.backward(grad, x))
    assert act.forward(x)[1].save == "bits"


def test_bits_are_packed_as_documented():
    x = np.array([[1, -1, 2], [-2, 3, -3], [-4, -5, 6], [7, -8, 9]], np.float32)
    _, saved = sp.ReLU().forward(x, save="bits")
    assert saved.bits.tolist() == [0b00010101, 0b00001011]
    assert kept_bits(saved).reshape(x.shape).tolist() == (x > 0).tolist()
    _, saved = sp.GELU().forward(np.array([-0.7, -0.8, -0.75, 5, -5, np.inf, -np.inf, 0, -0.0]), save="bits")
    assert kept_bits(saved).tolist() == [True, False, True, True, False, True, False, True, True]


def test_a_nan_of_the_input_lets_the_gradient_through(make):
    for name in LINEAR:
        act = make(name)
        y, saved = act.forward(np.array([np.nan, 0.3]), save="bits")
        assert np.isnan(y[0])
        assert act.backward(np.array([2.0, 0.0]), saved)[0] == 2 * max(act.derivative(np.linspace(-9, 9, 1801)))
        assert np.isnan(act.backward(np.array([np.nan, 0.0]), saved)[0])


def test_identity_keeps_nothing(dtype, assert_same_bits):
    x, grad = points(dtype), points(dtype, seed=2)
    y, saved = sp.Identity().forward(x)
    assert (saved.save, saved.nbytes, saved.bits, saved.array) == ("bits", 0, None, None)
    assert_same_bits(y, x)
    assert_same_bits(sp.Identity().backward(grad, saved), grad)


# ---- the output and the side of the minimum ----


@pytest.mark.parametrize(("name", "parameters"), [(name, {}) for name in CURVED] + CURVED_PARAMETERS)
@pytest.mark.parametrize("kind", [np.float32, np.float64], ids=["float32", "float64"])
def test_gradients_from_output_and_side(name, parameters, kind, make, assert_same_bits):
    """Within what rounding y to its dtype costs: f''·u/f' away from the minimum, sqrt(2·f''·u) at it."""
    act, x = make(name, parameters), points(kind)
    x = x[np.isfinite(act(x))]
    y, saved = act.forward(x, save="bits")
    assert_same_bits(y, act(x))
    assert saved.nbytes == y.nbytes + -(-x.size // 8)
    slope = act.backward(np.ones_like(x), saved).astype(np.float64)
    exact = act.derivative(x.astype(np.float64))
    scale = max(1.0, float(np.abs(exact).max()))
    unit = float(np.finfo(kind).eps)
    bound = np.minimum(3 * unit / np.maximum(np.abs(exact) / scale, 1e-300), 2 * np.sqrt(unit)) * scale
    np.testing.assert_array_less(np.abs(slope - exact), bound + (1.5e-7 if kind is np.float32 else 1e-14) * scale)
    assert (np.abs(slope) <= 1.2 * scale).all()


@pytest.mark.parametrize("name", CURVED)
def test_gradients_from_output_and_side_against_mpmath(name, make):
    """The stated bounds, float32: 1e-6 outside 0.02 around the minimum, 1e-4 inside."""
    act, minimum = make(name), sampling.MINIMA[name]
    rng = np.random.default_rng(3)
    near = minimum + np.exp2(rng.uniform(-22, -1, 60)) * rng.choice([-1, 1], 60)
    x = np.concatenate([near, rng.uniform(-8, 8, 60), [-30.0, -80.0, 25.0, minimum, minimum + 0.02, minimum - 0.02]])
    x = x.astype(np.float32)
    _, saved = act.forward(x, save="bits")
    slope = act.backward(np.ones_like(x), saved)
    parameters = tuple(act.parameters.values())
    for point, found in zip(x, slope, strict=True):
        exact = oracle.exact(name, "derivative", float(point), parameters)
        error = float(abs(mpmath.mpf(float(found)) - exact))
        assert error <= (1e-4 if abs(float(point) - minimum) < 0.02 else 1e-6), (point, found)


@pytest.mark.parametrize("name", ["swish", "mish", "gelu", "gelu_tanh", "gelu_sigmoid"])
def test_the_left_tail_keeps_its_relative_accuracy(name, make):
    act = make(name)
    for kind, relative in ((np.float32, 1e-6), (np.float64, 1e-13)):
        x = np.linspace(-3, -5 if kind == np.float32 else -9, 400).astype(kind)
        _, saved = act.forward(x, save="bits")
        np.testing.assert_allclose(act.backward(np.ones_like(x), saved), act.derivative(x), rtol=relative)
    x = np.linspace(-90, -60, 50).astype(np.float32)  # into the subnormal numbers where swish and mish have them
    _, saved = act.forward(x, save="bits")
    slope = act.backward(np.ones_like(x), saved)
    np.testing.assert_allclose(slope, act.derivative(x), rtol=1e-6, atol=1e-43)
    assert (np.signbit(slope)).all()


@pytest.mark.parametrize("name", CURVED)
def test_special_values_from_output_and_side(name, dtype, make):
    act = make(name)
    x = np.array([-np.inf, -0.0, 0.0, np.inf, np.nan], dtype)
    _, saved = act.forward(x, save="bits")
    np.testing.assert_allclose(act.backward(np.ones_like(x), saved), act.derivative(x), rtol=1e-3, atol=1e-7)


def test_kinks_from_output_and_side(dtype):
    for act, x in (
        (sp.HardSwish(), [-4, -3, -1.5, 0, 3, 4]),
        (sp.HardGELU(), [-2, -1.5, -0.75, 0, 1.5, 2, 3, 4, np.inf]),
        (sp.HardMish(), [-3, -2, 0, -0.0, 1]),
    ):
        x = np.array(x, dtype)
        _, saved = act.forward(x, save="bits")
        np.testing.assert_allclose(act.backward(np.ones_like(x), saved), act.derivative(x), rtol=2e-3, atol=1e-7)


@pytest.mark.parametrize("name", CURVED)
def test_outputs_below_the_minimum_count_as_the_minimum(name, make):
    act = make(name)
    x = np.float32(sampling.MINIMA[name])
    y = float(act(np.float64(x)))
    for kind in (np.float32, np.float64):
        saved = sp.Saved(act, "bits", (2,), np.dtype(kind), np.full(2, y - 1e-3, kind), np.array([2], np.uint8))
        np.testing.assert_allclose(act.backward(np.ones(2, kind), saved), [0, 0], atol=1e-4)


# ---- all policies ----


def everything(make):
    for name in sp.activations():
        act = make(name)
        for save in act.save_policies:
            yield act, save


def test_policies(make):
    for name in sp.activations():
        act = make(name)
        allowed = act.save_policies
        assert allowed[-1] == "input"
        assert ("bits" in allowed) == (name in LINEAR or name in CURVED or name == "identity")
        assert ("output" in allowed) == (act.gradient_from == "output")
        sizes = [act.forward(np.ones(800, np.float32), save=save)[1].nbytes for save in allowed if name not in CURVED]
        assert all(low <= high for low, high in pairwise(sizes))


@pytest.mark.parametrize("size", SIZES)
def test_every_size(size, make, dtype, assert_same_bits):
    x = np.random.default_rng(size).normal(0, 2, size).astype(dtype)
    grad = np.random.default_rng(size + 1).normal(size=size).astype(dtype)
    whole = np.random.default_rng(5).normal(0, 2, 1100).astype(dtype)
    for name in ("relu", "gelu", "tanh", "swish", "sine"):
        act = make(name)
        for save in act.save_policies:
            y, saved = act.forward(x, save=save)
            assert_same_bits(y, act(x))
            got = act.backward(grad, saved)
            # the same elements in the middle of a longer array have the same bits
            longer = np.concatenate([whole, x, whole])
            middle = slice(whole.size, whole.size + size)
            g = np.concatenate([whole, grad, whole])
            _, other = act.forward(longer, save=save)
            assert_same_bits(got, act.backward(g, other)[middle])


LAYOUTS = {
    "fortran": lambda x: np.asfortranarray(x),
    "transposed": lambda x: np.ascontiguousarray(x.T).T,
    "reversed": lambda x: np.ascontiguousarray(x[::-1, :, ::-1])[::-1, :, ::-1],
    "strided": lambda x: np.repeat(x, 3, axis=1)[:, ::3],
    "inner": lambda x: np.repeat(x, 2, axis=2)[..., ::2],
    "unaligned": lambda x: np.frombuffer(b"\0" + x.tobytes(), x.dtype, offset=1).reshape(x.shape),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_every_layout(layout, make, dtype, assert_same_bits):
    rng = np.random.default_rng(0)
    x, grad = (rng.normal(0, 2, (7, 30, 11)).astype(dtype) for _ in range(2))
    bias = rng.normal(size=11)
    for name in ("leaky_relu", "gelu", "sigmoid", "snake"):
        act = make(name)
        for save in act.save_policies:
            y, saved = act.forward(x, save=save, bias=bias)
            expected = act.backward(grad, saved)
            out = np.empty(x.shape, dtype)
            other = LAYOUTS[layout](out) if layout != "unaligned" else out
            y2, saved2 = act.forward(LAYOUTS[layout](x), save=save, bias=bias, out=other)
            assert y2 is other
            assert_same_bits(y2, y)
            if saved.bits is not None:
                np.testing.assert_array_equal(saved2.bits, saved.bits)
            for got, want in zip(act.backward(LAYOUTS[layout](grad), saved2), expected, strict=True):
                assert_same_bits(got, want)


def test_shapes(make, assert_same_bits):
    for shape in [(), (1,), (0, 3), (3, 0), (1, 1, 5, 1), (2, 3, 4)]:
        x = np.random.default_rng(0).normal(size=shape)
        for act, save in everything(make):
            y, saved = act.forward(x, save=save)
            assert saved.shape == shape
            got = act.backward(np.ones(shape), saved)
            assert np.shape(got) == np.shape(y) == shape
            if save == "input":
                assert_same_bits(got, act.backward(np.ones(shape), x))
    y, saved = sp.ReLU().forward(2.0)
    assert isinstance(y, np.float64)
    assert isinstance(sp.ReLU().backward(3.0, saved), np.float64)
    assert sp.GELU().forward([1, 2])[0].dtype == np.float64
    assert sp.GELU().forward(np.array([1], np.int8))[1].dtype == np.float16
    broad = np.broadcast_to(np.float32(2), (5, 7))
    _, saved = sp.Swish().forward(broad, save="bits")
    np.testing.assert_allclose(sp.Swish().backward(broad, saved), 2 * sp.Swish().derivative(broad), rtol=1e-6)


def test_in_place(make, dtype, assert_same_bits):
    """out=x: the input is gone, and backward still works; backward into grad and into what was kept."""
    rng = np.random.default_rng(0)
    x, grad = (rng.normal(0, 2, (33, 17)).astype(dtype) for _ in range(2))
    for act, save in everything(make):
        y, saved = act.forward(x, save=save)
        expected = act.backward(grad, saved)
        inside = x.copy()
        y2, saved2 = act.forward(inside, save=save, out=inside)
        assert y2 is inside
        assert_same_bits(y2, y)
        g = grad.copy()
        assert act.backward(g, saved2, out=g) is g
        assert_same_bits(g, expected)
        if saved2.array is not None:
            assert act.backward(grad, saved2, out=saved2.array) is saved2.array
            assert_same_bits(saved2.array, expected)


def test_overlap_is_seen(make, assert_same_bits):
    buffer = np.random.default_rng(0).normal(0, 2, 2000)
    for act, save in everything(make):
        x = buffer.copy()
        y, saved = act.forward(x[1:1500], save=save, out=x[:1499])
        assert_same_bits(y, act(buffer[1:1500]))
        grad = np.random.default_rng(1).normal(size=2000)
        expected = act.backward(grad[:1499].copy(), saved)
        assert_same_bits(act.backward(grad[:1499], saved, out=grad[1:1500]), expected)
    x = buffer[:1024].reshape(32, 32).copy()
    y, saved = sp.GELU().forward(x, save="bits", out=x.T)
    assert_same_bits(y, sp.GELU()(buffer[:1024].reshape(32, 32)))


def test_the_result_goes_into_wider_and_foreign_arrays(assert_same_bits):
    x = np.linspace(-3, 3, 50, dtype=np.float32)
    for save in ("bits", "input"):
        wide = np.zeros(50)
        y, saved = sp.GELU().forward(x, save=save, out=wide)
        assert y is wide
        assert_same_bits(y.astype(np.float32), sp.GELU()(x))
        assert saved.dtype == np.float32
        assert_same_bits(sp.GELU().backward(np.ones(50), saved), sp.GELU().backward(np.ones(50, np.float32), saved))
        swapped = np.zeros(50, ">f4")
        sp.GELU().forward(x.astype(">f4"), save=save, out=swapped)
        np.testing.assert_array_equal(swapped, sp.GELU()(x))


def test_threads_change_no_bit(make, assert_same_bits):
    rng = np.random.default_rng(0)
    for shape in [(400_001,), (300, 700), (4, 70_001), (100_003, 3)]:
        x, grad = (rng.normal(0, 2, shape).astype(np.float32) for _ in range(2))
        bias = rng.normal(size=shape[-1]) if len(shape) > 1 else 0.25
        for act, save in ((sp.ReLU(), "bits"), (sp.GELU(), "bits"), (sp.Tanh(), "output"), (sp.Sine(), "input")):
            results = []
            for threads in (1, 2, 5):
                sp.set_num_threads(threads)
                y, saved = act.forward(x, save=save, bias=bias)
                results.append((y, saved.bits, *act.backward(grad, saved)))
            for other in results[1:]:
                for got, want in zip(other, results[0], strict=True):
                    if want is not None:
                        assert_same_bits(got, want)


def test_instruction_sets_agree(make):
    x, grad = points(np.float32), points(np.float32, seed=1)
    isas = [isa for isa in _engine.available_isas() if isa != "baseline"]
    for act, save in everything(make):
        found = []
        for isa in isas:
            _engine.set_isa(isa)
            with np.errstate(all="ignore"):
                y, saved = act.forward(x, save=save)
                found.append((y.tobytes(), None if saved.bits is None else saved.bits.tobytes(),
                              act.backward(grad, saved)))  # fmt: skip
        for other in found[1:]:
            assert other[:2] == found[0][:2], act
            np.testing.assert_array_equal(other[2], found[0][2])


def test_every_instruction_set(isa, make):
    x = points(np.float32, 300)
    for name in CURVED:
        act = make(name)
        _, saved = act.forward(x, save="bits")
        away = np.abs(x.astype(float) - sampling.MINIMA[name]) > 0.02
        slope, exact = act.backward(np.ones_like(x), saved), act.derivative(x)
        np.testing.assert_allclose(slope[away], exact[away], atol=1e-6)


def test_no_flags(make, dtype):
    x = sampling.special_points(dtype)
    with np.errstate(all="raise"):
        for act, save in everything(make):
            if act.name in ("sine", "snake"):
                continue
            _, saved = act.forward(x, save=save)
            act.backward(np.ones_like(x), saved)
        _, saved = sp.Sine().forward(np.array([1.0, 2.0**40]), bias=1.0)
        sp.Sine().backward(np.ones(2), saved)
    with np.errstate(all="raise"), pytest.raises(FloatingPointError):
        sp.Sine()(np.array([np.inf]))


def test_bfloat16(make):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = np.random.default_rng(0).normal(0, 2, 300).astype(ml_dtypes.bfloat16)
    for name in ("relu", "gelu", "hard_swish"):
        act = make(name)
        y, saved = act.forward(x, save="bits", bias=np.float32(0.5))
        assert y.dtype == saved.dtype == x.dtype
        grad, of_bias = act.backward(np.ones_like(x), saved)
        assert grad.dtype == x.dtype
        exact = act.derivative(x.astype(float) + 0.5)
        np.testing.assert_allclose(grad.astype(float), exact, atol=0.06)
        assert of_bias == pytest.approx(exact.sum(), rel=0.02)


def test_custom():
    act = sp.Custom(np.sinh, np.cosh, name="sinh")
    x = np.linspace(-2, 2, 12, dtype=np.float32).reshape(3, 4)
    assert act.save_policies == ("input",)
    y, saved = act.forward(x, bias=np.ones(4))
    np.testing.assert_allclose(y, np.sinh(x + 1), rtol=1e-6)
    grad, of_bias = act.backward(np.ones_like(x), saved)
    np.testing.assert_allclose(grad, np.cosh(x + 1), rtol=1e-6)
    np.testing.assert_allclose(of_bias, np.cosh(x + 1).sum(axis=0), rtol=1e-6)
    np.testing.assert_allclose(act(x, bias=2.0), np.sinh(x + 2), rtol=1e-6)
    inside = x.copy()
    _, saved = act.forward(inside, out=inside)
    np.testing.assert_allclose(act.backward(np.ones_like(x), saved), np.cosh(x), rtol=1e-6)
    with pytest.raises(TypeError, match="sinh"):
        act.forward(x, save="bits")


# ---- the object ----


def test_saved_is_immutable_and_picklable(make, assert_same_bits):
    x = np.random.default_rng(0).normal(size=(5, 9)).astype(np.float32)
    for act, save in everything(make):
        _, saved = act.forward(x, save=save, bias=np.ones(9))
        with pytest.raises(AttributeError, match="immutable"):
            saved.save = "input"
        with pytest.raises(AttributeError, match="immutable"):
            del saved.bits
        assert (saved.save, saved.shape, saved.dtype, saved.activation) == (save, (5, 9), np.float32, act)
        assert save in repr(saved)
        for twin in (pickle.loads(pickle.dumps(saved)), copy.deepcopy(saved)):
            assert twin.nbytes == saved.nbytes
            for got, want in zip(act.backward(x, twin), act.backward(x, saved), strict=True):
                assert_same_bits(got, want)
        for part in (saved.bits, saved.bias):
            assert part is None or not part.flags.writeable


def test_input_keeps_the_bias_as_it_was():
    x, bias = np.ones((2, 3)), np.zeros(3)
    _, saved = sp.Tanh().forward(x, save="input", bias=bias)
    expected = sp.Tanh().backward(x, saved)
    bias += 5
    np.testing.assert_array_equal(sp.Tanh().backward(x, saved)[0], expected[0])


# ---- errors ----


@pytest.mark.parametrize(
    ("act", "save", "error", "words"),
    [
        (sp.GELU(), "output", TypeError, ["GELU()", "bits", "side of the minimum"]),
        (sp.Swish(2.0), "output", TypeError, ["Swish(beta=2.0)", "bits"]),
        (sp.Sine(), "output", TypeError, ["several inputs", "input"]),
        (sp.Dish(), "bits", TypeError, ["input"]),
        (sp.Tanh(), "bits", TypeError, ["more than two values", "output"]),
        (sp.LeakyReLU(-0.1), "output", TypeError, ["bits"]),
        (sp.ReLU(), "nothing", ValueError, ["'nothing'", "'input'", "'output'", "'bits'"]),
        (sp.ReLU(), 3, ValueError, ["3"]),
        (sp.ReLU(), "", ValueError, ["''"]),
    ],
)
def test_wrong_policies(act, save, error, words):
    out = np.full(3, 7.0)
    with pytest.raises(error) as caught:
        act.forward(np.ones(3), save=save, out=out)
    assert all(word in str(caught.value) for word in words)
    np.testing.assert_array_equal(out, 7)


X = np.ones((4, 3), np.float32)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda s: sp.ReLU().backward(np.ones((3, 4)), s), ValueError, ["grad", "(3, 4)", "(4, 3)"]),
        (lambda s: sp.ReLU().backward(1.0, s), ValueError, ["grad", "(4, 3)"]),
        (lambda s: sp.ReLU().backward(X + 1j, s), TypeError, ["grad", "complex"]),
        (lambda s: sp.ReLU6().backward(X, s), ValueError, ["ReLU()", "ReLU6()"]),
        (lambda s: sp.ReLU().backward(X, s, where=X > 0), TypeError, ["where"]),
        (lambda s: sp.ReLU().backward(X, s, bias=np.ones(3)), TypeError, ["bias"]),
        (lambda s: sp.ReLU().backward(X, s, out=np.ones(12)), ValueError, ["out", "(12,)", "(4, 3)"]),
        (lambda s: sp.ReLU().backward(X, s, out=np.ones((4, 3), int)), TypeError, ["out", "int"]),
        (lambda s: sp.ReLU().backward(X, s, out=[1.0]), TypeError, ["out", "list"]),
        (lambda s: sp.ReLU().backward(X, X, bias=np.ones(4)), ValueError, ["bias", "(4,)", "(3,)"]),
        (lambda s: sp.ReLU().backward(X[0], X, bias=np.ones(3)), ValueError, ["grad", "(3,)", "(4, 3)"]),
        (lambda s: sp.ReLU()(X, bias=np.ones((4, 3))), ValueError, ["bias", "(4, 3)"]),
        (lambda s: sp.ReLU()(1.0, bias=[1.0]), ValueError, ["bias", "(1,)", "()"]),
        (lambda s: sp.ReLU()(X, bias=["a"]), TypeError, ["bias"]),
        (lambda s: sp.ReLU()(X, bias=1j), TypeError, ["bias"]),
        (lambda s: sp.ReLU().forward(X + 1j), TypeError, ["x", "complex"]),
        (lambda s: sp.ReLU().forward(X, out=np.ones(3)), ValueError, ["out", "(3,)", "(4, 3)"]),
        (lambda s: sp.ReLU().forward(X.astype(np.longdouble)), TypeError, []),
        (lambda s: sp.ReLU().forward(X, out=np.broadcast_to(np.float32(0), (4, 3))), ValueError, ["read-only"]),
    ],
)
def test_misuse(call, error, words):
    _, saved = sp.ReLU().forward(X)
    with pytest.raises(error) as caught:
        call(saved)
    assert all(word in str(caught.value) for word in words), caught.value


# ---- bias ----


@pytest.mark.parametrize("shape", [(5,), (1, 1), (40, 10), (3, 5, 7), (9, 600), (2, 513), (0, 4), (4, 0)])
def test_a_bias_is_added_before_the_function(shape, variant, assert_same_bits):
    rng = np.random.default_rng(0)
    for kind in (np.float32, np.float64):
        x, grad = (rng.normal(0, 2, shape).astype(kind) for _ in range(2))
        for bias in (rng.normal(size=shape[-1]).astype(kind), np.float32(0.75), -1):
            shifted = x + np.asarray(bias).astype(kind)
            assert_same_bits(variant(x, bias=bias), variant(shifted))
            inside = x.copy()
            assert variant(inside, out=inside, bias=bias) is inside
            assert_same_bits(inside, variant(shifted))
            of_x, of_bias = variant.backward(grad, x, bias=bias)
            assert_same_bits(of_x, variant.backward(grad, shifted))
            kept = np.asarray(bias).dtype
            assert np.asarray(of_bias).dtype == (kept if kept.kind == "f" else np.float64)
            assert np.shape(of_bias) == np.shape(bias)
            axes = tuple(range(len(shape) - np.ndim(bias)))
            exact = of_x.sum(axis=axes, dtype=np.float64)
            np.testing.assert_allclose(of_bias, exact, rtol=1e-6, atol=1e-5 if kept == np.float32 else 1e-12)


def test_a_bias_with_16_bits_is_not_rounded_on_the_way():
    x = np.array([1000.0, -1000.0], np.float16)
    np.testing.assert_array_equal(sp.HardTanh()(x, bias=[0.3, 1000.3]), np.array([1.0, 0.3], np.float16))
    assert sp.Identity()(np.float16(-1000), bias=1000.3) == np.float16(np.float32(1000.3) - np.float32(1000))


def test_a_bias_with_where(assert_same_bits):
    x, mask = np.linspace(-2, 2, 9), np.arange(9) % 2 == 0
    for act in (sp.GELU(), sp.Custom(np.sinh, np.cosh)):
        out = np.full(9, 7.0)
        assert act(x, out=out, where=mask, bias=0.5) is out
        assert_same_bits(out, np.where(mask, act(x + 0.5), 7.0))


def test_bias_gradients_add_up_in_float64():
    """A million float32 terms; the columns' exact sums are known."""
    rows = 200_003
    grad = np.full((rows, 3), 0.1, np.float32)
    x = np.ones_like(grad)
    _, of_bias = sp.ReLU().backward(grad, x, bias=np.zeros(3))
    np.testing.assert_allclose(of_bias, rows * float(np.float32(0.1)), rtol=1e-13)
    _, of_scalar = sp.ReLU().backward(grad, x, bias=0.0)
    np.testing.assert_allclose(of_scalar, 3 * rows * float(np.float32(0.1)), rtol=1e-13)
    assert of_scalar.dtype == np.float64


def test_large_arguments_with_a_bias(assert_same_bits):
    x = np.array([1e30, -3e20, 2.0**40, 5.0], np.float64)
    for act in (sp.Sine(), sp.Snake(2.0)):
        assert_same_bits(act(x, bias=1.0), act(x + 1.0))


# ---- layers ----


@pytest.mark.parametrize(
    ("activation", "save"),
    [("relu", "bits"), ("relu", "output"), ("relu", None), ("gelu", "bits"), ("tanh", "output"), ("gelu", None)],
)
def test_dense_keeps_what_it_is_told(activation, save):
    rng = np.random.default_rng(0)
    x, grad = rng.normal(size=(20, 6)).astype(np.float32), rng.normal(size=(20, 9)).astype(np.float32)
    one, other = (Dense(6, 9, activation, rng=0, save=policy) for policy in ("input", save))
    assert one.saved is None
    for layer in (one, other):
        layer.parameters["bias"][:] = np.linspace(-1, 1, 9)
    y = one.forward(x, training=True)
    np.testing.assert_array_equal(other.forward(x, training=True), y)
    np.testing.assert_array_equal(other.forward(x), y)
    assert one.saved.save == "input"
    assert other.saved.save == (save or other.activation.check_save(None))
    np.testing.assert_allclose(other.backward(grad), one.backward(grad), atol=2e-5)
    for name in ("weights", "bias"):
        assert one.gradients[name].dtype == np.float32
        np.testing.assert_allclose(other.gradients[name], one.gradients[name], atol=2e-5)


def test_dense_keeps_nothing_twice():
    """With bits the output is written over the product, and the next layer's input is that same array."""
    network = Network([Dense(6, 9, "gelu", rng=0, save="bits"), Dense(9, 3, rng=1), Softmax()])
    x = np.ones((20, 6), np.float32)
    y = network.layers[0].forward(x, training=True)
    assert network.layers[0].saved.array is y
    network.layers[1].forward(y, training=True)
    assert network.layers[1]._kept[0] is y
    assert network.layers[1].saved.nbytes == 0


def test_dense_refuses_a_policy_that_its_activation_has_not():
    with pytest.raises(TypeError, match="side of the minimum"):
        Dense(3, 2, "gelu", save="output")
    with pytest.raises(ValueError, match="save"):
        Dense(3, 2, "gelu", save="everything")


def test_dense_policies_survive_in_files(tmp_path):
    Network([Dense(4, 3, "gelu", rng=0, save="bits"), Dense(3, 2, rng=0)]).save(tmp_path / "network.npz")
    loaded = Network.load(tmp_path / "network.npz")
    assert [layer.save for layer in loaded.layers] == ["bits", None]


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_training_learns_the_same_from_bits(activation):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(400, 5)).astype(np.float32)
    labels = (x[:, 0] * x[:, 1] > 0).astype(int)
    losses = []
    for save in ("input", "bits"):
        network = Network([Dense(5, 32, activation, rng=0, save=save), Dense(32, 2, rng=1), Softmax()])
        losses.append(network.fit(x, labels, epochs=30, learning_rate=0.01, rng=0)[-1]["loss"])
    assert losses[0] < 0.3
    assert losses[1] == pytest.approx(losses[0], rel=0.05)
