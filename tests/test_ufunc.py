"""A ufunc behaves like a ufunc: out, where, casting, integers, strides, subclasses, overlap."""

import subprocess
import sys
import textwrap

import numpy as np
import pytest

import spatium as sp


def test_each_is_a_numpy_ufunc_with_the_loops_promised(activation, ufuncs):
    n = len(ufuncs.parameters)
    shapes = {
        "": (1, 1),
        "_derivative": (1, 1),
        "_value_and_derivative": (1, 2),
        "_backward": (2, 1),
        "_derivative_from_output": (1, 1),
        "_backward_from_output": (2, 1),
        "_second_derivative": (1, 1),
    }
    for suffix, ufunc in ufuncs.raw.items():
        if ufunc is None:
            assert suffix.endswith("_from_output")
            continue
        assert isinstance(ufunc, np.ufunc)
        assert ufunc.__name__ == activation.name + suffix
        nin, nout = shapes[suffix]
        assert (ufunc.nin, ufunc.nout) == (nin + n, nout)
        loops = {loop for loop in ufunc.types if loop[0] in "efd"}
        assert {t * nin + "d" * n + "->" + t * nout for t in "efd"} <= loops


def test_dtype_in_is_dtype_out(ufuncs, dtype):
    x = np.linspace(-3, 3, 7).astype(dtype)
    results = [ufuncs.value(x), ufuncs.derivative(x), *ufuncs.value_and_derivative(x), ufuncs.backward(x, x)]
    assert [result.dtype for result in results] == [dtype] * 5
    assert [result.shape for result in results] == [(7,)] * 5


@pytest.mark.parametrize(
    ("integer", "result"),
    [
        (np.bool_, np.float16),
        (np.int8, np.float16),
        (np.uint8, np.float16),
        (np.int16, np.float32),
        (np.uint16, np.float32),
        (np.int32, np.float64),
        (np.uint32, np.float64),
        (np.int64, np.float64),
        (np.uint64, np.float64),
    ],
)
def test_integers_follow_numpys_rule(function, ufuncs, integer, result, assert_same_bits):
    assert np.tanh(np.zeros(1, integer)).dtype == result  # NumPy's own rule is this table
    low = 0 if np.dtype(integer).kind in "ub" else -5
    x = np.arange(low, 2 if integer is np.bool_ else 6).astype(integer)
    assert_same_bits(function(x), function(x.astype(result)))
    assert_same_bits(ufuncs.derivative(x), ufuncs.derivative(x.astype(result)))


def test_python_numbers_are_float64(function):
    for x in (0, 2, -1.5, True):
        y = function(x)
        assert isinstance(y, np.float64 if not isinstance(x, bool) else np.float16)
        assert y == function(np.float64(x)) or isinstance(x, bool)


@pytest.mark.parametrize(
    "wrong", [np.ones(2, complex), np.array([1.0, None], object), np.array(["a"]), "text", None, np.zeros(2, "M8[s]")]
)
def test_other_dtypes_are_a_type_error(function, ufuncs, wrong):
    for call in (function, ufuncs.value, ufuncs.derivative):
        with pytest.raises(TypeError):
            call(wrong)


def test_scalars_and_0d(function, ufuncs, dtype):
    scalar = dtype.type(0.75)
    zero_dimensional = np.array(0.75, dtype)
    in_array = function(np.array([0.75], dtype))[0]
    for x in (scalar, zero_dimensional):
        y = function(x)
        assert isinstance(y, dtype.type)
        assert y == in_array
    out = np.empty((), dtype)
    assert function(zero_dimensional, out=out) is out
    assert out == in_array
    value, derivative = ufuncs.value_and_derivative(scalar)
    assert isinstance(value, dtype.type)
    assert isinstance(derivative, dtype.type)


@pytest.mark.parametrize("shape", [(0,), (3, 0, 2), (0, 5)])
def test_empty(function, ufuncs, shape, dtype):
    x = np.empty(shape, dtype)
    for y in (function(x), ufuncs.derivative(x), *ufuncs.value_and_derivative(x), ufuncs.backward(x, x)):
        assert y.shape == shape
        assert y.dtype == dtype


def test_lists_and_tuples(function):
    nested = [[-2, -1.0], [0.5, 3]]
    np.testing.assert_array_equal(function(nested), function(np.array(nested)))
    np.testing.assert_array_equal(function((1, 2)), function(np.array([1, 2])))
    assert function([]).shape == (0,)


def test_out_is_returned_and_x_untouched(function, ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype)
    before = x.copy()
    with np.errstate(invalid="ignore"):
        expected = function(x)
        out = np.full_like(x, 7)
        assert function(x, out=out) is out
        assert_same_bits(out, expected)
        out = np.full_like(x, 7)
        assert function(x, out=(out,)) is out
        assert_same_bits(out, expected)
        y, dy = np.full_like(x, 7), np.full_like(x, 7)
        returned = ufuncs.value_and_derivative(x, out=(y, dy))
        assert returned[0] is y
        assert returned[1] is dy
        assert_same_bits(y, expected)
        assert_same_bits(dy, ufuncs.derivative(x))
        _, dy = ufuncs.value_and_derivative(x, out=(None, np.full_like(x, 7)))
        assert_same_bits(dy, ufuncs.derivative(x))
    assert_same_bits(x, before)


def test_out_may_be_an_input(function, ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 1000)
    grad = make_sample(dtype, 1000, seed=1)
    with np.errstate(all="ignore"):
        value, derivative, product = function(x), ufuncs.derivative(x), ufuncs.backward(grad, x)
        a = x.copy()
        assert function(a, out=a) is a
        assert_same_bits(a, value)
        a = x.copy()
        ufuncs.derivative(a, out=a)
        assert_same_bits(a, derivative)
        for first in (True, False):
            a, b = x.copy(), np.empty_like(x)
            ufuncs.value_and_derivative(a, out=(a, b) if first else (b, a))
            assert_same_bits(a, value if first else derivative)
            assert_same_bits(b, derivative if first else value)
        a, g = x.copy(), grad.copy()
        ufuncs.backward(g, a, out=a)
        assert_same_bits(a, product)
        a, g = x.copy(), grad.copy()
        ufuncs.backward(g, a, out=g)
        assert_same_bits(g, product)


@pytest.mark.parametrize("shift", [1, 3, 16, 17])
@pytest.mark.parametrize("size", [40, 5000])
def test_out_may_overlap_x(function, dtype, make_sample, assert_same_bits, size, shift):
    base = make_sample(dtype, size)
    with np.errstate(invalid="ignore"):
        for read, write in [
            (slice(shift, None), slice(None, -shift)),
            (slice(None, -shift), slice(shift, None)),
            (slice(None, None, -1), slice(None)),
            (slice(None, size // 2), slice(None, size // 2 * 2, 2)),
        ]:
            buffer = base.copy()
            expected = function(base[read].copy())
            function(buffer[read], out=buffer[write])
            assert_same_bits(buffer[write], expected)


def test_backward_with_overlapping_inputs_and_out(ufuncs, dtype, make_sample, assert_same_bits):
    base = make_sample(dtype, 500)
    with np.errstate(all="ignore"):
        expected = ufuncs.backward(base[1:-1].copy(), base[2:].copy())
        buffer = base.copy()
        ufuncs.backward(buffer[1:-1], buffer[2:], out=buffer[:-2])
    assert_same_bits(buffer[:-2], expected)


@pytest.mark.parametrize("share", [0.4, 0.98])  # short and long runs
def test_where(function, ufuncs, dtype, share, make_sample, assert_same_bits):
    x = make_sample(dtype, 3000)
    mask = np.random.default_rng(2).random(x.size) < share
    with np.errstate(all="ignore"):
        expected = np.where(mask, function(x), dtype.type(7))
        out = np.full_like(x, 7)
        assert function(x, out=out, where=mask) is out
        assert_same_bits(out, expected)
        out = np.full_like(x, 7)
        function(x[::-1], out=out[::-1], where=mask[::-1])
        assert_same_bits(out, expected)
        assert_same_bits(function(x, where=mask, out=None)[mask], expected[mask])
        expected = np.where(mask, ufuncs.backward(x, x), dtype.type(7))
        out = np.full_like(x, 7)
        ufuncs.backward(x, x, out=out, where=mask)
        assert_same_bits(out, expected)
        y, dy = np.full_like(x, 7), np.full_like(x, 7)
        ufuncs.value_and_derivative(x, out=(y, dy), where=mask)
        assert_same_bits(y, np.where(mask, function(x), dtype.type(7)))
        assert_same_bits(dy, np.where(mask, ufuncs.derivative(x), dtype.type(7)))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="protects a page")
def test_nothing_is_read_or_written_behind_an_array():
    """Few elements are loaded as vectors: here a page follows that may not be touched, and one precedes."""
    script = """
        import ctypes, mmap
        import numpy as np
        import spatium as sp

        page = mmap.PAGESIZE
        room = mmap.mmap(-1, 3 * page)
        address = ctypes.addressof(ctypes.c_char.from_buffer(room))
        libc = ctypes.CDLL(None, use_errno=True)
        for protected in (address, address + 2 * page):
            assert libc.mprotect(ctypes.c_void_p(protected), ctypes.c_size_t(page), 0) == 0
        for dtype in (np.float16, np.float32, np.float64):
            whole = np.frombuffer(room, dtype, page // np.dtype(dtype).itemsize, page)
            whole[:] = np.linspace(-3, 3, whole.size)
            for function in (sp.relu, sp.gelu, sp.leaky_relu, sp.sine):
                for n in range(1, 40):
                    for x in (whole[:n], whole[-n:], whole[-n:][::-1]):
                        before = x.copy()
                        assert np.array_equal(function(x, out=x), function(before))
                        x[:] = before
        print("untouched")
        """
    command = [sys.executable, "-c", textwrap.dedent(script)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    assert result.stdout.split() == ["untouched"], result.stderr


def test_where_broadcasts_and_may_be_all_false(function, dtype):
    x = np.linspace(-4, 4, 12).reshape(3, 4).astype(dtype)
    out = np.full_like(x, 7)
    function(x, out=out, where=np.array([[True], [False], [True]]))
    np.testing.assert_array_equal(out[1], np.full(4, 7, dtype))
    np.testing.assert_array_equal(out[::2], function(x)[::2])
    out = np.full_like(x, 7)
    function(x, out=out, where=False)
    assert (out == 7).all()


def test_where_hides_invalid_lanes():
    x = np.array([1.0, np.inf, 2.0])
    with np.errstate(all="raise"):
        sp.sine(x, out=np.zeros(3), where=[True, False, True])


def test_strides_of_any_sign(function, ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 144)
    with np.errstate(invalid="ignore"):
        expected = function(x)
        derivative = ufuncs.derivative(x)
        for step in (2, 3, 7, -1, -2, -5):
            assert_same_bits(function(x[::step]), expected[::step])
            assert_same_bits(ufuncs.derivative(x[::step]), derivative[::step])
            out = np.full(x[::step].size * 3, 7, dtype)
            function(x[::step], out=out[::-3])
            assert_same_bits(out[::-3], expected[::step])
            untouched = np.ones(out.size, bool)
            untouched[::-3] = False
            assert (out[untouched] == 7).all()
        square = x.reshape(12, 12)
        for view in (lambda a: a.T, lambda a: a[::-1, ::2], lambda a: a[:, 3], lambda a: a[2:9, 1:4].T):
            assert_same_bits(function(view(square)), view(expected.reshape(12, 12)))
        cube = x.reshape(4, 6, 6)
        assert_same_bits(function(cube.transpose(2, 0, 1)), expected.reshape(4, 6, 6).transpose(2, 0, 1))
        spread = np.broadcast_to(x[:1], (5, 3))
        assert_same_bits(function(spread), np.broadcast_to(expected[:1], (5, 3)))


def test_fields_byte_order_and_alignment(function, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 100)
    with np.errstate(invalid="ignore"):
        expected = function(x)
        packed = np.zeros(100, np.dtype([("tag", "u1"), ("x", dtype)]))
        packed["x"] = x
        assert packed["x"].strides[0] % dtype.itemsize
        assert_same_bits(function(packed["x"]), expected)
        function(x, out=packed["x"])
        assert_same_bits(packed["x"].copy(), expected)
        assert not packed["tag"].any()
        swapped = x.astype(dtype.newbyteorder())
        assert_same_bits(function(swapped), expected)


def test_read_only_input_and_output(function, dtype):
    x = np.linspace(-3, 3, 20).astype(dtype)
    expected = function(x)
    x.flags.writeable = False
    np.testing.assert_array_equal(function(x), expected)
    with pytest.raises(ValueError, match="read-only"):
        function(x, out=x)
    np.testing.assert_array_equal(function(x), expected)


def test_casting_dtype_and_order(function, ufuncs, assert_same_bits):
    x64 = np.linspace(-6, 6, 24).reshape(4, 6)
    x32 = x64.astype(np.float32)
    with pytest.raises(TypeError):
        function(x64, out=np.empty((4, 6), np.float32), casting="no")
    with pytest.raises(TypeError):
        function(x64, dtype=np.float32, casting="safe")
    out = np.empty((4, 6), np.float64)
    function(x32, out=out)
    assert_same_bits(out, function(x32).astype(np.float64))
    out = np.empty((4, 6), np.float32)
    function(x64, out=out)  # same_kind: computed in float64, rounded on the way out
    assert_same_bits(out, function(x64).astype(np.float32))
    if not ufuncs.parameters:
        # With parameters NumPy refuses this, because it would round them too; np.ldexp(x64, 2, dtype="f4") is the same.
        assert_same_bits(function(x64, dtype=np.float32), function(x32))
    assert_same_bits(function(x32, dtype=np.float32), function(x32))
    assert_same_bits(function(x32, dtype=np.float64), function(x32.astype(np.float64)))
    with pytest.raises(TypeError):
        function(x32, out=np.empty((4, 6), np.int32))
    assert function(x64, order="F").flags.f_contiguous
    assert function(np.asfortranarray(x64)).flags.f_contiguous
    assert function(np.asfortranarray(x64), order="C").flags.c_contiguous


def test_wrong_out_is_refused(function):
    x = np.zeros((3, 4))
    out = np.full((2, 4), 7.0)
    with pytest.raises(ValueError, match="broadcast"):
        function(x, out=out)
    assert (out == 7).all()
    with pytest.raises(TypeError):
        function(x, out=[0.0] * 12)
    with pytest.raises(TypeError):
        function(x, no_such_keyword=1)


class Tagged(np.ndarray):
    """A plain ndarray subclass."""


class Wrapper:
    """Not an array: takes over through __array_ufunc__."""

    def __init__(self, array):
        self.array = np.asarray(array)

    def __array_ufunc__(self, ufunc, method, *inputs, **keywords):
        if method != "__call__":
            return NotImplemented
        inputs = [item.array if isinstance(item, Wrapper) else item for item in inputs]
        return ("wrapped", ufunc.__name__, ufunc(*inputs, **keywords))


class Unwilling:
    __array_ufunc__ = None


def test_subclasses(function, activation, assert_same_bits):
    x = np.linspace(-3, 3, 6)
    tagged = function(x.view(Tagged))
    assert type(tagged) is Tagged
    assert_same_bits(tagged.view(np.ndarray), function(x))
    assert type(function(x.view(Tagged), subok=False)) is np.ndarray
    tag, name, y = function(Wrapper(x))
    assert (tag, name) == ("wrapped", activation.name)
    assert_same_bits(y, function(x))
    with pytest.raises(TypeError):
        function(Unwilling())


def test_masked_array(function):
    x = np.ma.array([1.0, 2.0, 3.0], mask=[False, True, False])
    y = function(x)
    assert isinstance(y, np.ma.MaskedArray)
    assert y.mask.tolist() == [False, True, False]
    np.testing.assert_array_equal(y.compressed(), function(np.array([1.0, 3.0])))


def test_parameters_are_float64_inputs():
    """0.01 means 0.01, and a float64 parameter does not widen the result."""
    x = -np.random.default_rng(3).random(1000).astype(np.float32) * 100
    expected = (x.astype(np.float64) * 0.01).astype(np.float32)
    assert (x * np.float32(0.01) != expected).any()  # otherwise the test could not tell
    for parameter in (0.01, np.float64(0.01), np.array(0.01), np.full(1000, 0.01)):
        y = sp.ufuncs.leaky_relu(x, parameter)
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y, expected)
        y = sp.leaky_relu(x, parameter)
        assert y.dtype == np.float32
        np.testing.assert_array_equal(y, expected)
    assert sp.ufuncs.elu(np.float16(-1), 0.5).dtype == np.float16
    assert sp.ufuncs.leaky_relu(np.int8(-100), 0.5).dtype == np.float16


def test_parameter_arrays_broadcast(make_sample, assert_same_bits):
    x = make_sample(np.float32, 90)
    slopes = np.array([0.0, 0.1, -0.3, 2.0])
    expected = np.stack([sp.ufuncs.leaky_relu(x, s) for s in slopes])
    assert_same_bits(sp.ufuncs.leaky_relu(x, slopes[:, None]), expected)
    assert_same_bits(sp.ufuncs.leaky_relu(x[:, None], slopes), expected.T)
    assert_same_bits(sp.ufuncs.leaky_relu.outer(x, slopes), expected.T)
    low, high = np.array([-1.0, -2.0, 0.0]), np.array([0.5, 1.0, 3.0])
    with np.errstate(invalid="ignore"):
        clipped = np.clip(x.astype(np.float64), low[:, None], high[:, None]).astype(np.float32)
    np.testing.assert_array_equal(sp.ufuncs.hard_tanh(x, low[:, None], high[:, None]), clipped)


def test_parameters_that_vary_give_what_each_alone_gives(make, assert_same_bits, make_sample, dtype):
    x = make_sample(dtype, 160)
    random = np.random.default_rng(4)
    for name in ("leaky_relu", "swish", "elu", "softplus"):
        parameter = random.uniform(0.1, 3, x.size)
        for suffix in ("", "_derivative"):
            ufunc = getattr(sp.ufuncs, name + suffix)
            alone = np.array([ufunc(one, p) for one, p in zip(x, parameter, strict=True)])
            assert_same_bits(ufunc(x, parameter), alone)
            assert_same_bits(ufunc(x[::-1], parameter[::-1]), alone[::-1])


def test_at_updates_in_place(ufuncs, activation):
    if ufuncs.parameters:
        pytest.skip("ufunc.at takes one or two operands")
    x = np.array([-2.0, -0.5, 0.25, 3.0])
    expected = x.copy()
    expected[[0, 2]] = ufuncs.value(x[[0, 2]])
    ufuncs.raw[""].at(x, [0, 2])
    np.testing.assert_array_equal(x, expected)


def test_value_and_derivative_are_the_two_functions(variant_ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 2000)
    with np.errstate(invalid="ignore"):
        y, dy = variant_ufuncs.value_and_derivative(x)
        assert_same_bits(y, variant_ufuncs.value(x))
        assert_same_bits(dy, variant_ufuncs.derivative(x))


def test_backward_is_grad_times_derivative(variant_ufuncs, dtype):
    random = np.random.default_rng(5)
    x, grad = random.normal(0, 2, (2, 1000)).astype(dtype)
    exact = grad.astype(np.float64) * variant_ufuncs.derivative(x.astype(np.float64))
    info = np.finfo(dtype)
    actual = variant_ufuncs.backward(grad, x).astype(np.float64)
    np.testing.assert_allclose(actual, exact, rtol=2.01 * info.eps, atol=2 * float(info.smallest_subnormal))


def test_backward_broadcasts(ufuncs):
    x = np.linspace(-2, 2, 5)
    grad = np.array([[1.0], [2.0], [-4.0]])
    np.testing.assert_array_equal(ufuncs.backward(grad, x), grad * ufuncs.derivative(x))


def test_derivative_from_output(variant_ufuncs, variant, dtype):
    f = variant_ufuncs
    if f.derivative_from_output is None:
        assert variant.gradient_from != "output"
        return
    x = np.random.default_rng(6).uniform(-4, 4, 2000).astype(dtype)
    x = x[np.abs(x) > 0.01]
    y = f.value(x)
    dy = f.derivative_from_output(y)
    assert dy.dtype == dtype
    if variant.name in ("hard_sigmoid", "sparse_sigmoid"):
        # an input next to an end rounds to the end's output, which does not tell them apart
        inside = (y > 0) & (y < 1)
        x, y, dy = x[inside], y[inside], dy[inside]
    eps = float(np.finfo(dtype).eps)
    np.testing.assert_allclose(dy.astype(float), f.derivative(x).astype(float), rtol=4 * eps, atol=6 * eps)
    grad = np.full_like(x, 2)
    product = f.backward_from_output(grad, y).astype(float)
    tiny = float(np.finfo(dtype).smallest_subnormal)  # 2 * dy has lost digits where dy is subnormal
    np.testing.assert_allclose(product, 2 * dy.astype(float), rtol=eps, atol=tiny)


def test_every_instruction_set_gives_right_numbers(isa, variant_ufuncs):
    """Against this machine's default in float64; the accuracy tests hold each against the exact value."""
    x = np.linspace(-9, 9, 1003)
    y, dy = variant_ufuncs.value_and_derivative(x)
    sp._engine.set_isa(sp._engine.available_isas()[-1])
    np.testing.assert_allclose(y, variant_ufuncs.value(x), rtol=2e-15, atol=1e-300)
    np.testing.assert_allclose(dy, variant_ufuncs.derivative(x), rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize(("first", "second"), [("spatium", "ml_dtypes"), ("ml_dtypes", "spatium")])
def test_bfloat16_whatever_is_imported_first(first, second):
    pytest.importorskip("ml_dtypes")
    code = (
        f"import {first}, {second}\n"
        "import numpy as np, ml_dtypes, spatium as sp\n"
        "x = np.array([-1.0, 2.0], ml_dtypes.bfloat16)\n"
        "assert sp.leaky_relu(x, 0.5).dtype == x.dtype\n"
        "assert sp.ActivationMap.uniform(sp.Mish())(x, 0).tobytes() == sp.mish(x).tobytes()\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_looking_for_ml_dtypes_is_not_importing_it():
    pytest.importorskip("ml_dtypes")
    code = (
        "import importlib.util, numpy as np, spatium as sp\n"
        "importlib.util.find_spec('ml_dtypes')\n"
        "import ml_dtypes\n"
        "assert sp.relu(np.ones(2, ml_dtypes.bfloat16)).dtype == ml_dtypes.bfloat16\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_dtype_of_functions_with_parameters():
    assert sp.elu(np.ones(3, np.float32), dtype=np.float16, casting="same_kind").dtype == np.float16
    assert sp.hard_tanh(np.ones(3), dtype=np.float32, casting="same_kind").dtype == np.float32
