"""Arguments that need no conversion take a shorter way through compiled code: results and errors are the same."""

import inspect
import itertools

import numpy as np
import pytest

import spatium as sp
from spatium import _engine, gates, rows

SHORT_WAYS = ("short_rows", "short_gate", "short_halves", "short_value", "short_backward")
ROWS = [name for name in rows.__all__ if not name.endswith("_backward")]
ROWS_BACKWARD = [f"{name}_backward" for name in ROWS if name != "logsumexp"]  # which takes other arguments
HALVES = ["glu", "gaussian_glu"]
GATES = [name for name in gates.__all__ if not name.endswith("_backward") and name not in HALVES]


def arrays_of_many_kinds():
    """Plain arrays, which take the short way, and whatever else looks like them."""
    x = np.random.default_rng(0).normal(size=(4, 6))
    base = np.zeros((8, 12))
    yield from (x, x.astype("f4"), x.astype("f2"), x[0], x.reshape(2, 2, 6), x.reshape(1, 24))
    yield from (np.asfortranarray(x), x[::-1], x[:, ::2], base[::2, ::2] + x, x.astype(">f8"), x.tolist())
    yield from (np.array(0.5), np.zeros((0, 6)), np.zeros((4, 0)), np.zeros(0), x.astype(int), x > 0, x + 1j)
    yield from (np.ma.masked_less(x, 0), x.view(np.matrix), np.array([["a"]]), np.full((2, 2), np.nan, "f4"), None)
    unaligned = np.zeros(x.nbytes + 1, "u1")[1:].view("f8").reshape(x.shape)
    unaligned[...] = x
    read_only = x.copy()
    read_only.flags.writeable = False
    yield from (unaligned, read_only)


def outcome(call):
    """What comes of a call: results with their bits, or the error."""
    try:
        with np.errstate(all="ignore"):
            results = call()
    except Exception as error:
        return type(error), str(error)
    results = results if isinstance(results, tuple) else (results,)
    return [(type(r), getattr(r, "dtype", None), np.shape(r), np.asarray(r).tobytes()) for r in results]


def assert_both_ways_agree(monkeypatch, call):
    short = outcome(call)
    with monkeypatch.context() as patch:
        for way in SHORT_WAYS:
            patch.setattr(_engine, way, lambda *arguments: None)
        assert outcome(call) == short


def some_axes(x):
    return [-1, 0, 1, np.int64(0), True, 1.0, "last", 7, -7] if np.ndim(x) else [-1, 0]


@pytest.mark.parametrize("name", ROWS)
def test_rows(monkeypatch, name):
    for x in arrays_of_many_kinds():
        for axis in some_axes(x):
            assert_both_ways_agree(monkeypatch, lambda x=x, axis=axis: getattr(sp, name)(x, axis=axis))


@pytest.mark.parametrize("name", ROWS_BACKWARD)
def test_gradients_of_rows(monkeypatch, name):
    kinds = list(arrays_of_many_kinds())
    for g, y in itertools.product(kinds, kinds):
        assert_both_ways_agree(monkeypatch, lambda g=g, y=y: getattr(sp, name)(g, y))
    for axis in some_axes(kinds[0]):
        assert_both_ways_agree(monkeypatch, lambda axis=axis: getattr(sp, name)(kinds[0], kinds[0], axis=axis))


@pytest.mark.parametrize("name", GATES)
def test_gates(monkeypatch, name):
    kinds = list(arrays_of_many_kinds())
    for a, b in itertools.product(kinds, kinds):
        assert_both_ways_agree(monkeypatch, lambda a=a, b=b: getattr(sp, name)(a, b))
    for g, a in itertools.product(kinds, kinds):
        assert_both_ways_agree(monkeypatch, lambda g=g, a=a: getattr(sp, f"{name}_backward")(g, a, a))


@pytest.mark.parametrize("name", HALVES)
def test_halves(monkeypatch, name):
    for x in arrays_of_many_kinds():
        for axis in some_axes(x):
            assert_both_ways_agree(monkeypatch, lambda x=x, axis=axis: getattr(sp, name)(x, axis=axis))
            for g in (np.ones((4, 3)), np.ones((2, 6)), np.ones(3), np.ones((4, 6))):
                backward = getattr(sp, f"{name}_backward")
                assert_both_ways_agree(monkeypatch, lambda g=g, x=x, axis=axis, f=backward: f(g, x, axis=axis))


def biases():
    numbers = [1.0, 0.1, np.float32(0.1), np.float64(0.1), np.float16(0.1), 3, 2**60 + 1, True, 1e300, np.nan, "0.1"]
    return [*arrays_of_many_kinds(), np.ones(6), np.ones(6, "f4"), np.ones(100, "f4"), np.ones(0), *numbers]


@pytest.mark.parametrize(
    "activation", [sp.GELU(), sp.LeakyReLU(0.2), sp.ReLU(), sp.Identity(), sp.Snake(2.0)], ids=repr
)
def test_passes(monkeypatch, activation):
    kinds = list(arrays_of_many_kinds())
    for x, bias in itertools.product(kinds, biases()):
        assert_both_ways_agree(monkeypatch, lambda x=x, bias=bias: activation(x, bias=bias))
    for x, bias, save in itertools.product(
        kinds, [None, np.ones(6), np.ones(6, "f4"), 0.1, np.float32(0.1)], (None, "input", "output", "bits")
    ):

        def both_passes(x=x, bias=bias, save=save):
            y, saved = activation.forward(x, save=save, bias=bias)
            kept = [part for part in (saved.array, saved.bits, saved.bias) if part is not None]
            g = np.asarray(np.random.default_rng(2).normal(size=y.shape), y.dtype)
            return (y, *kept, *several(activation.backward(g, saved)))

        assert_both_ways_agree(monkeypatch, both_passes)


def several(results):
    return results if isinstance(results, tuple) else (results,)


@pytest.mark.parametrize("activation", [sp.GELU(), sp.LeakyReLU(0.2), sp.Identity(), sp.Tanh()], ids=repr)
def test_gradients(monkeypatch, activation):
    rng = np.random.default_rng(3)
    x = rng.normal(size=(700, 6))
    grads = [*arrays_of_many_kinds(), rng.normal(size=x.shape), rng.normal(size=x.shape).astype("f4"), 1.0]
    for g, dtype in itertools.product(grads, ("f2", "f4", "f8")):
        values = np.asarray(x if np.shape(g) != (4, 6) else x[:4], dtype)
        for bias in (None, *biases(), rng.normal(size=6).astype(dtype)):
            assert_both_ways_agree(
                monkeypatch, lambda g=g, v=values, bias=bias: several(activation.backward(g, v, bias=bias))
            )
        for save in activation.save_policies:
            for bias in (None, np.ones(6), rng.normal(size=6).astype(dtype), 0.1):
                saved = activation.forward(values, save=save, bias=bias)[1]
                assert_both_ways_agree(monkeypatch, lambda g=g, s=saved: several(activation.backward(g, s)))


def test_parameters_of_the_object_are_those_given_by_name():
    rng = np.random.default_rng(4)
    for activation in (sp.Swish(1.5), sp.HardSigmoid(0.2, 0.4), sp.Snake(2.0)):
        for dtype in ("f2", "f4", "f8", ">f4", ">f8"):
            x, g = rng.normal(size=(2, 300, 7)).astype(dtype)
            for a, b in ((x, g), (x[:, ::2], g[:, ::2]), (x.T, g.T), (x[0, 0], g[0, 0]), (x[:0], g[:0])):
                found = activation.parameter_gradients(b, a)
                assert found == activation.parameter_gradients(b, a, **activation.parameters)
                assert {type(total) for total in found.values()} == {np.float64}


def outputs_of_many_kinds(x):
    """Places for a result like x: good ones, and such as overlap it, are of another kind or cannot be written."""
    whole = np.zeros(x.size + 2, x.dtype)
    yield from (np.zeros_like(x), np.zeros(x.shape, "f2"), np.zeros(x.shape, "f8"), np.zeros(x.shape[::-1], x.dtype))
    yield from (np.zeros(x.shape, x.dtype, order="F"), np.zeros(x.shape, int), [0.0], whole[1:-1].reshape(x.shape))
    read_only = np.zeros_like(x)
    read_only.flags.writeable = False
    yield read_only


@pytest.mark.parametrize("operation", ["value", "derivative", "second_derivative"])
@pytest.mark.parametrize(
    "activation",
    [sp.GELU(), sp.LeakyReLU(0.2), sp.Sine(), sp.Snake(2.0), sp.HardTanh(-0.5, 2.0), sp.Swish(1e300)],
    ids=repr,
)
def test_operations_of_objects_are_those_of_ufuncs(activation, operation):
    """Short arrays do not go through the ufunc: same results, same errors, the same floating-point exceptions."""
    method = activation if operation == "value" else getattr(activation, operation)
    ufunc = getattr(sp.ufuncs, activation.name if operation == "value" else f"{activation.name}_{operation}")
    parameters = [np.float64(value) for value in activation.parameters.values()]

    def of_ufunc(x, out=None):
        return ufunc(x, *parameters, out=out)

    def assert_alike(x, new_out):
        results = []
        for function in (method, of_ufunc):
            out = new_out()
            results.append((outcome(lambda f=function, out=out: f(x, out=out)), np.asarray(out, float).tobytes()))
        assert results[0] == results[1]

    rng = np.random.default_rng(5)
    arrays = list(arrays_of_many_kinds())
    for dtype in ("f4", "f8"):
        arrays += [(rng.normal(size=n) * 3).astype(dtype) for n in (1, 15, 16, 17, 255, 256, 257, 5000)]
        arrays += [np.array(v, dtype) for v in ([np.inf, -np.inf], [1e30, -3.0], [np.nan, -0.0])]
    for x in arrays:
        assert_alike(x, lambda: None)
        if isinstance(x, np.ndarray) and x.dtype.kind == "f":
            raised = []
            for function in (method, of_ufunc):
                with np.errstate(all="raise"):
                    try:
                        raised.append(function(x, out=np.zeros_like(x)).tobytes())
                    except FloatingPointError as error:
                        raised.append(str(error))
            assert raised[0] == raised[1]
    x = rng.normal(size=(3, 5)).astype("f4")
    for number in range(len(list(outputs_of_many_kinds(x)))):
        assert_alike(x, lambda number=number: list(outputs_of_many_kinds(x))[number])
    for offset in (0, 1, 5, 15):  # the same memory, shifted overlaps, beside it
        memories = [np.resize(x, x.size + offset) for _ in range(2)]
        for memory, function in zip(memories, (method, of_ufunc), strict=True):
            function(memory[: x.size], out=memory[offset:])
        assert memories[0].tobytes() == memories[1].tobytes()


def test_numbers_of_every_type_are_the_same_parameter():
    x = np.linspace(-3, 3, 20, dtype="f4")
    for number in (2, 2.0, np.float64(2), np.float32(2), np.int8(2), np.array(2)):
        assert sp.elu(x, number).tobytes() == sp.ELU(2.0)(x).tobytes()
    for number in (np.float32(0.1), np.float64(0.1), 0.1):
        assert sp.leaky_relu(x, number).tobytes() == sp.LeakyReLU(float(number))(x).tobytes()
    for number in (True, "1", None, 10**400, 1j, float("nan")):
        outcomes = [outcome(lambda n=number: sp.softplus(x, n)) for _ in range(2)]
        assert outcomes[0] == outcomes[1]
        assert isinstance(outcomes[0], tuple)


@pytest.mark.parametrize("dtype", ["f4", "f8"])
def test_outputs(monkeypatch, dtype):
    x = np.random.default_rng(1).normal(size=(4, 6)).astype(dtype)
    calls = {
        "softmax": lambda x, out: sp.softmax(x, out=out),
        "softmax_backward": lambda x, out: sp.softmax_backward(x, x, out=out),
        "swiglu": lambda x, out: sp.swiglu(x, x, out=out),
        "gelu with a bias": lambda x, out: sp.GELU()(x, bias=np.ones(6, dtype), out=out),
        "forward": lambda x, out: sp.GELU().forward(x, out=out)[0],
        "forward, bits": lambda x, out: sp.GELU().forward(x, save="bits", out=out)[0],
        "backward": lambda x, out: sp.GELU().backward(x, x, bias=np.ones(6, dtype), out=out)[0],
        "backward of saved": lambda x, out: sp.GELU().backward(x, sp.GELU().forward(x)[1], out=out),
    }
    for call in calls.values():
        for number in range(len(list(outputs_of_many_kinds(x)))):

            def into_output(call=call, number=number):
                out = list(outputs_of_many_kinds(x))[number]
                result = call(x, out)
                assert result is out
                return result

            assert_both_ways_agree(monkeypatch, into_output)
        for offset in (0, 1, 5, 24):  # the same memory, shifted overlaps, beside it

            def into_its_own_memory(call=call, offset=offset):
                memory = np.zeros(x.size + offset, dtype)
                source, out = memory[: x.size].reshape(x.shape), memory[offset:].reshape(x.shape)
                source[...] = x
                return call(source, out)

            assert_both_ways_agree(monkeypatch, into_its_own_memory)


def test_every_short_way_is_known_here():
    ways = {name for name in dir(_engine) if name.startswith("short_") and inspect.isroutine(getattr(_engine, name))}
    assert ways == set(SHORT_WAYS)


@pytest.mark.parametrize("way", SHORT_WAYS)
def test_plain_arrays_take_the_short_way(way, monkeypatch):
    x = np.random.default_rng(0).normal(size=(4, 6)).astype("f4")
    original, results = getattr(_engine, way), []
    monkeypatch.setattr(_engine, way, lambda *arguments: results.append(original(*arguments)) or results[-1])
    (
        sp.softmax(x),
        sp.swiglu(x, x),
        sp.glu(x),
        sp.GELU()(x, bias=x[0]),
        sp.GELU()(x, bias=0.5),
        sp.GELU().backward(x, x, bias=x[0]),
    )
    for save, bias in itertools.product(("input", "bits"), (None, x[0])):
        out = None if save == "input" else np.empty_like(x)
        sp.GELU().backward(x, sp.GELU().forward(x, save=save, bias=bias, out=out)[1])
    assert results
    assert all(result is not None for result in results)


def test_scalars_and_their_references():
    x = np.ones(16, "f4")
    for _ in range(1000):  # a reference too few would free the result
        total = sp.logsumexp(x)
    assert type(total) is np.float32
