"""One scalar, one answer: the same bits at every offset, stride and length, in place, and through every map."""

import numpy as np
import pytest

import spatium as sp
from spatium import _engine

LENGTHS = range(71)


@pytest.fixture(autouse=True)
def _flags_ignored():
    """The samples hold infinities, whose sine is NaN and says so; what is flagged is tested elsewhere."""
    with np.errstate(all="ignore"):
        yield


def one_by_one(call, *arrays):
    """Every element in an array of its own."""
    columns = [np.array_split(array, array.size) for array in arrays]
    return np.concatenate([call(*(column.copy() for column in row)) for row in zip(*columns, strict=True)])


def calls(f):
    """The forms of one function, each giving one array: the array forms of value and derivative among them."""
    return {
        "value": f.value,
        "derivative": f.derivative,
        "value of both": lambda x: f.value_and_derivative(x)[0],
        "derivative of both": lambda x: f.value_and_derivative(x)[1],
        "backward": lambda x: f.backward(np.full_like(x, 0.7), x),
        "second derivative": f.second_derivative,
    }


def test_nothing_beside_the_output_is_written(dtype, ufuncs):
    """Of short arrays, and of those so long that 16-bit numbers are looked up in a table."""
    numbers = np.random.default_rng(3).normal(size=2**18 + 3).astype(dtype)
    for n in (*range(1, 36), *range(2**18, 2**18 + 4)):
        around = np.full(n + 128, 77, dtype)
        ufuncs.value(numbers[:n], out=around[64:-64])
        assert (np.r_[around[:64], around[-64:]] == 77).all(), n


def test_every_length_and_offset(variant_ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 140)
    alone = {kind: one_by_one(call, x) for kind, call in calls(variant_ufuncs).items()}
    assert_same_bits(alone["value of both"], alone["value"])
    assert_same_bits(alone["derivative of both"], alone["derivative"])
    for kind, call in calls(variant_ufuncs).items():
        for length in LENGTHS:
            for offset in {0, length % 17, 70 - length % 5}:
                part = slice(offset, offset + length)
                assert_same_bits(call(x[part]), alone[kind][part])
        for offset in range(70):
            part = slice(offset, offset + 70)
            assert_same_bits(call(x[part]), alone[kind][part])


def test_every_byte_offset(variant_ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 70)
    value = one_by_one(variant_ufuncs.value, x)
    derivative = one_by_one(variant_ufuncs.derivative, x)
    room = np.zeros(x.nbytes + 64, np.uint8)
    for offset in range(64):
        moved = room[offset : offset + x.nbytes].view(dtype) if offset % dtype.itemsize == 0 else None
        if moved is None:
            moved = np.ndarray(x.shape, dtype, buffer=room.data, offset=offset)
        moved[...] = x
        assert_same_bits(variant_ufuncs.value(moved), value)
        assert_same_bits(variant_ufuncs.derivative(moved), derivative)
        variant_ufuncs.value(moved, out=moved)
        assert_same_bits(moved.copy(), value)


@pytest.mark.parametrize("stride", [2, 3, 5, 64, -1, -2, -3, -7])
def test_every_stride_in_and_out(variant_ufuncs, dtype, make_sample, assert_same_bits, stride):
    x = make_sample(dtype, 140)
    value = one_by_one(variant_ufuncs.value, x)
    derivative = one_by_one(variant_ufuncs.derivative, x)
    spread = np.zeros((140, abs(stride)), dtype)
    spread[:, 0] = x[:: np.sign(stride)]
    source = spread[:, 0][:: np.sign(stride)]
    for length in (1, 2, 7, 15, 16, 17, 31, 33, 63, 64, 65, 70, 140):
        assert_same_bits(variant_ufuncs.value(source[:length]), value[:length])
        assert_same_bits(variant_ufuncs.derivative(source[:length]), derivative[:length])
        target = np.zeros((length, abs(stride)), dtype)[:, -1][:: np.sign(stride)]
        variant_ufuncs.value(source[:length], out=target)
        assert_same_bits(target.copy(), value[:length])
        variant_ufuncs.value(x[:length], out=target)
        assert_same_bits(target.copy(), value[:length])
    variant_ufuncs.derivative(source, out=source)
    assert_same_bits(source.copy(), derivative)


def test_in_place_at_every_length(variant_ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 140)
    value = one_by_one(variant_ufuncs.value, x)
    derivative = one_by_one(variant_ufuncs.derivative, x)
    for length in LENGTHS:
        a = x[:length].copy()
        variant_ufuncs.value(a, out=a)
        assert_same_bits(a, value[:length])
        a, b = x[:length].copy(), np.empty(length, dtype)
        variant_ufuncs.value_and_derivative(a, out=(b, a))
        assert_same_bits(a, derivative[:length])
        assert_same_bits(b, value[:length])


def test_long_arrays(variant_ufuncs, dtype, make_sample, assert_same_bits):
    """Longer than any block, tile or table threshold: the sample repeated, with a length that is no multiple of it."""
    x = make_sample(dtype, 151)
    for kind, call in calls(variant_ufuncs).items():
        alone = one_by_one(call, x)
        long = np.resize(x, 70_001)
        assert_same_bits(call(long), np.resize(alone, 70_001))
        assert kind


def test_scalars_match_arrays(variant_ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 140)
    value, derivative = variant_ufuncs.value(x), variant_ufuncs.derivative(x)
    assert_same_bits(np.array([variant_ufuncs.value(one) for one in x]), value)
    assert_same_bits(np.array([variant_ufuncs.derivative(one) for one in x]), derivative)
    assert_same_bits(np.array([variant_ufuncs.value(np.array(one)) for one in x]), value)


def test_objects_and_functions_match_the_ufuncs(activation, function, ufuncs, dtype, make_sample, assert_same_bits):
    x, grad = make_sample(dtype, 140), make_sample(dtype, 140, seed=9)
    value, derivative = ufuncs.value(x), ufuncs.derivative(x)
    assert_same_bits(function(x), value)
    assert_same_bits(activation(x), value)
    assert_same_bits(activation.derivative(x), derivative)
    y, dy = activation.value_and_derivative(x)
    assert_same_bits(y, value)
    assert_same_bits(dy, derivative)
    assert_same_bits(activation.backward(grad, x), ufuncs.backward(grad, x))


def test_a_parameter_array_is_the_scalar_repeated(variant, variant_ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 140)
    spread = [np.full(280, value)[::2] for value in variant_ufuncs.parameters]
    for suffix in ("", "_derivative"):
        ufunc = variant_ufuncs.raw[suffix]
        assert_same_bits(ufunc(x, *spread), ufunc(x, *variant_ufuncs.parameters))


def test_an_element_of_16_bits_is_the_same_wherever_it_lies(variant_ufuncs, assert_same_bits):
    """Ties among few and many elements, with strides, and with parameters as arrays."""
    x = np.random.default_rng(5).normal(0, 2, 3001).astype(np.float16)
    y = variant_ufuncs.value(x)
    assert_same_bits(variant_ufuncs.value(np.repeat(x, 3)[1::3]), y)
    assert_same_bits(np.array([variant_ufuncs.value(v) for v in x[:100]]), y[:100])
    out = np.zeros(2 * x.size, np.float16)[::-2]
    variant_ufuncs.value(x[::-1], out=out)
    assert_same_bits(out[::-1], y)
    spread = [np.full(x.size, value) for value in variant_ufuncs.parameters]
    assert_same_bits(variant_ufuncs.raw[""](x, *spread), y)
    gradient = np.full(x.size, np.float16(0.75))
    exact = variant_ufuncs.backward(gradient.astype(np.float64), x.astype(np.float64)).astype(np.float16)
    assert_same_bits(variant_ufuncs.backward(gradient, x), exact)


@pytest.mark.parametrize("kind", ["float16", "bfloat16"])
def test_many_elements_of_16_bits_are_what_few_are(variant_ufuncs, kind, assert_same_bits):
    """From 2^18 elements on a table of all results may be looked up; every number, with strides and in place."""
    dtype = np.dtype(np.float16 if kind == "float16" else pytest.importorskip("ml_dtypes").bfloat16)
    numbers = np.arange(2**16, dtype=np.uint16)
    places = np.concatenate([numbers, np.random.default_rng(3).permutation(2**16 * 3 + 19) % 2**16])
    x = numbers.view(dtype)[places]

    def widened(y):  # for assert_same_bits, which tells NaN apart in types that it does not know
        return y.astype(np.float32)

    for operation in (variant_ufuncs.value, variant_ufuncs.derivative):
        assert_same_bits(widened(operation(x)), widened(operation(numbers.view(dtype)))[places])
    y = widened(variant_ufuncs.value(x))
    out = np.zeros(2 * x.size, dtype)[::-2]
    variant_ufuncs.value(x[::-1], out=out)
    assert_same_bits(widened(out[::-1]), y)
    variant_ufuncs.value(x, out=x)
    assert_same_bits(widened(x), y)


def test_instruction_sets_with_fma_agree(variant_ufuncs, dtype, make_sample, assert_same_bits):
    x = make_sample(dtype, 4001)
    results = []
    for isa in _engine.available_isas():
        if isa != "baseline":
            _engine.set_isa(isa)
            results.append([call(x) for call in calls(variant_ufuncs).values()])
    for other in results[1:]:
        for first, second in zip(results[0], other, strict=True):
            assert_same_bits(second, first)


def test_every_length_on_every_instruction_set(isa, ufuncs, make_sample, assert_same_bits):
    for dtype in (np.float32, np.float64):
        x = make_sample(dtype, 70)
        value, derivative = one_by_one(ufuncs.value, x), one_by_one(ufuncs.derivative, x)
        for length in LENGTHS:
            assert_same_bits(ufuncs.value(x[:length]), value[:length])
            assert_same_bits(ufuncs.derivative(x[70 - length :]), derivative[70 - length :])


# Through maps. In each the cells hold every activation, the ones of the catalogue and those with other parameters.


def map_of(activations, neurons=None, seed=0):
    shape = (8, 8) if neurons is None else (neurons, 8, 8)
    cells = np.random.default_rng(seed).integers(0, len(activations), shape).astype(np.uint8)
    cells.reshape(-1, 64)[:, : len(activations)] = np.arange(len(activations))[:64]
    return sp.ActivationMap(cells, activations)


def through_map(amap, x, hashes, grad):
    """Value, derivative, both and backward of a map, each a name and an array."""
    y, dy = amap.value_and_derivative(x, hashes)
    return {
        "value": amap.activate(x, hashes),
        "derivative": amap.derivative(x, hashes),
        "value of both": y,
        "derivative of both": dy,
        "backward": amap.backward(grad, x, hashes),
    }


def expected_through_map(amap, x, hashes, grad):
    """Each activation alone on the whole of x, then picked by cell."""
    shape = np.broadcast_shapes(x.shape, np.shape(hashes), amap.shape)
    x, grad = np.broadcast_to(x, shape), np.broadcast_to(grad, shape)
    hashes = np.broadcast_to(np.asarray(hashes, np.uint64), shape)
    row, column = ((hashes >> np.uint64(8)) & np.uint64(7)).astype(int), (hashes & np.uint64(7)).astype(int)
    if amap.shape:
        index = amap.cells[np.broadcast_to(np.arange(shape[-1]), shape), row, column]
    else:
        index = amap.cells[row, column]
    results = {kind: np.zeros(shape, x.dtype) for kind in ("value", "derivative", "backward")}
    for number, activation in enumerate(amap.palette):
        here = index == number
        results["value"][here] = activation(x)[here]
        results["derivative"][here] = activation.derivative(x)[here]
        results["backward"][here] = activation.backward(grad, x)[here]
    results["value of both"], results["derivative of both"] = results["value"], results["derivative"]
    return results


def assert_map_bits(assert_same_bits, amap, x, hashes, grad):
    expected = expected_through_map(amap, x, hashes, grad)
    for kind, actual in through_map(amap, x, hashes, grad).items():
        assert_same_bits(actual, expected[kind])


def test_uniform_map_gives_what_the_activation_gives(variant, dtype, make_sample, assert_same_bits):
    amap = sp.ActivationMap.uniform(variant)
    x, grad = make_sample(dtype, 140), make_sample(dtype, 140, seed=1)
    hashes = np.random.default_rng(1).integers(0, 2**64, 140, dtype=np.uint64)
    value = variant(x)
    assert_same_bits(amap.activate(x, hashes), value)
    assert_same_bits(amap.activate(x, 0), value)
    assert_same_bits(amap.activate(x.reshape(4, 35), hashes[:4, None]), value.reshape(4, 35))
    assert_same_bits(amap.derivative(x, hashes), variant.derivative(x))
    y, dy = amap.value_and_derivative(x, hashes)
    assert_same_bits(y, value)
    assert_same_bits(dy, variant.derivative(x))
    assert_same_bits(amap.backward(grad, x, hashes), variant.backward(grad, x))


def test_a_hash_per_element_at_every_length(all_activations, dtype, make_sample, assert_same_bits):
    amap = map_of(all_activations)
    x, grad = make_sample(dtype, 140), make_sample(dtype, 140, seed=1)
    hashes = np.random.default_rng(2).integers(0, 2**64, 140, dtype=np.uint64)
    expected = expected_through_map(amap, x, hashes, grad)
    for length in LENGTHS:
        part = slice(length % 9, length % 9 + length)
        for kind, actual in through_map(amap, x[part], hashes[part], grad[part]).items():
            assert_same_bits(actual, expected[kind][part])
        a = x[part].copy()
        amap.activate(a, hashes[part], out=a)
        assert_same_bits(a, expected["value"][part])
    for step in (2, 3, -1, -4):
        assert_same_bits(amap.activate(x[::step], hashes[::step]), expected["value"][::step])
        assert_same_bits(amap.derivative(x[::step], hashes[::step]), expected["derivative"][::step])


def test_every_activation_in_every_cell(all_activations, dtype, make_sample, assert_same_bits):
    """Long enough for every scheme a map might use, with each activation meeting each of the special inputs."""
    amap = map_of(all_activations)
    x = np.repeat(make_sample(dtype, 151), 64)
    hashes = np.tile(np.arange(64), 151)
    hashes = hashes % 8 + 256 * (hashes // 8)
    assert_map_bits(assert_same_bits, amap, x, hashes, np.resize(make_sample(dtype, 77, seed=3), x.size))


@pytest.mark.parametrize("columns", [1, 2, 3, 7, 8, 15, 16, 17, 33, 64, 70, 200])
def test_a_hash_per_row(all_activations, dtype, make_sample, assert_same_bits, columns):
    amap = map_of(all_activations)
    rows = 90
    x = np.resize(make_sample(dtype, 151), (rows, columns))
    grad = np.resize(make_sample(dtype, 149, seed=1), (rows, columns))
    hashes = np.random.default_rng(columns).integers(0, 2**64, (rows, 1), dtype=np.uint64)
    assert_map_bits(assert_same_bits, amap, x, hashes, grad)
    assert_map_bits(assert_same_bits, amap, x[::-1, ::-1], hashes[::-1], grad[::-1, ::-1])
    assert_map_bits(assert_same_bits, amap, x, hashes[:1, :1], grad)


@pytest.mark.parametrize("neurons", [1, 2, 15, 16, 17, 70, 130])
@pytest.mark.parametrize("rows", [1, 3, 40])
def test_a_grid_per_neuron(all_activations, dtype, make_sample, assert_same_bits, neurons, rows):
    amap = map_of(all_activations, neurons)
    x = np.resize(make_sample(dtype, 151), (rows, neurons))
    grad = np.resize(make_sample(dtype, 149, seed=1), (rows, neurons))
    random = np.random.default_rng(neurons)
    assert_map_bits(assert_same_bits, amap, x, random.integers(0, 2**64, (rows, 1), dtype=np.uint64), grad)
    assert_map_bits(assert_same_bits, amap, x, random.integers(0, 2**64, (rows, neurons), dtype=np.uint64), grad)
    assert_map_bits(assert_same_bits, amap, x[0], random.integers(0, 2**64, neurons, dtype=np.uint64), grad[0])


def test_a_grid_per_neuron_on_a_large_batch(all_activations, make_sample, assert_same_bits):
    amap = map_of(all_activations, 24)
    x = np.resize(make_sample(np.float32, 151), (2001, 24))
    hashes = np.random.default_rng(3).integers(0, 2**64, (2001, 1), dtype=np.uint64)
    assert_map_bits(assert_same_bits, amap, x, hashes, x)


@pytest.mark.parametrize("present", [1, 2, 3, 4, 6])
def test_maps_with_few_activations(all_activations, dtype, make_sample, assert_same_bits, present):
    """A map may choose another scheme when it holds few functions: every window of the palette once."""
    x = np.resize(make_sample(dtype, 151), 700)
    hashes = np.random.default_rng(4).integers(0, 2**64, 700, dtype=np.uint64)
    for first in range(0, len(all_activations), max(present - 1, 1)):
        amap = map_of(all_activations[first : first + present])
        assert_map_bits(assert_same_bits, amap, x, hashes, x)
        assert_map_bits(assert_same_bits, amap, x.reshape(35, 20), hashes[:35, None], x.reshape(35, 20))


def test_maps_on_every_instruction_set(isa, all_activations, make_sample, assert_same_bits):
    amap = map_of(all_activations)
    for dtype in (np.float32, np.float64):
        x = np.resize(make_sample(dtype, 151), 3000)
        hashes = np.random.default_rng(5).integers(0, 2**64, 3000, dtype=np.uint64)
        assert_map_bits(assert_same_bits, amap, x, hashes, x)
