"""Activation maps: which cell fires, what it counts, and that a map is nothing but its cells, looked up one by one."""

import os
import pickle
import subprocess
import sys
import threading
import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import spatium as sp

TWELVE = ["relu", "leaky_relu", "sigmoid", "tanh", "gelu_tanh", "swish"]
TWELVE += ["mish", "elu", "softplus", "hard_sigmoid", "hard_tanh", "sine"]


def a_map(neurons=None, seed=0):
    return sp.ActivationMap.random(rng=seed) if neurons is None else sp.ActivationMap.random(neurons, rng=seed)


def some_hashes(shape, seed=0):
    return np.random.default_rng(seed).integers(0, 2**64, shape, dtype=np.uint64)


def by_a_loop(amap, x, hashes, grad=None):
    """One element after another in plain Python: the definition of a map."""
    hashes = np.asarray(hashes, dtype=object)
    shape = np.broadcast_shapes(x.shape, hashes.shape, amap.shape)
    x, hashes = np.broadcast_to(x, shape), np.broadcast_to(hashes, shape)
    grad = np.broadcast_to(x if grad is None else grad, shape)
    value, derivative, backward = (np.zeros(shape, x.dtype) for _ in range(3))
    counts = np.zeros((*amap.shape, 8, 8), np.uint64)
    for index in np.ndindex(shape):
        pattern_hash = int(hashes[index])
        cell = (pattern_hash >> 8) & 7, pattern_hash & 7
        if amap.shape:
            cell = (*index[-len(amap.shape) :], *cell)
        act = amap[cell]
        value[index] = act(x[index])
        derivative[index] = act.derivative(x[index])
        backward[index] = act.backward(grad[index], x[index])
        counts[cell] += np.uint64(1)
    return value, derivative, backward, counts


# Construction


@pytest.mark.parametrize("threads", [1, 2])
def test_a_uniform_map_of_many_elements(threads):
    """A share has 16,384; an output that nobody has written to would be NaN."""
    amap, x = sp.ActivationMap.uniform(sp.Mish()), np.random.default_rng(0).normal(size=70_001).astype("f4")
    hashes, out = some_hashes(x.shape), np.full_like(x, np.nan)
    with sp.num_threads(threads):
        np.testing.assert_array_equal(amap(x, hashes, out=out), sp.mish(x))
    assert amap.hit_counts.sum() == x.size


def test_uniform():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    assert amap.shape == ()
    assert amap.cells.shape == (8, 8)
    assert amap.cells.dtype == np.uint8
    assert amap.palette == (sp.ReLU(),)
    assert all(amap[row, column] == sp.ReLU() for row in range(8) for column in range(8))
    assert amap.hit_counts.shape == (8, 8)
    assert amap.hit_counts.dtype == np.uint64
    assert not amap.hit_counts.any()


def test_random():
    amap = sp.ActivationMap.random(rng=0)
    twelve = {sp.activation(name) for name in TWELVE}
    assert len(twelve) == 12
    assert amap.shape == ()
    assert {amap[row, column] for row in range(8) for column in range(8)} <= twelve
    assert amap == sp.ActivationMap.random(rng=0) == sp.ActivationMap.random(rng=np.random.default_rng(0))
    assert amap != sp.ActivationMap.random(rng=1)
    generator = np.random.default_rng(0)
    assert sp.ActivationMap.random(rng=generator) != sp.ActivationMap.random(rng=generator)
    assert sp.ActivationMap.random() != sp.ActivationMap.random()  # 12**-64 is the chance of a false alarm


def test_random_draws_the_twelve_evenly():
    amap = sp.ActivationMap.random(1024, rng=0)
    assert amap.shape == (1024,)
    assert len(amap) == 1024
    assert amap.cells.shape == amap.hit_counts.shape == (1024, 8, 8)
    assert set(amap.palette) == {sp.activation(name) for name in TWELVE}
    counts = np.bincount(amap.cells.ravel(), minlength=12)
    assert counts.size == 12
    expected = 1024 * 64 / 12
    assert ((counts - expected) ** 2 / expected).sum() < 40  # chi-square with 11 degrees of freedom: p = 4e-5
    assert len({grid.tobytes() for grid in amap.cells}) == 1024, "no two neurons share a layout"


def test_gradient():
    center, edge = sp.GELU(), sp.ReLU()
    amap = sp.ActivationMap.gradient(center=center, edge=edge)
    assert {amap[row, column] for row in (3, 4) for column in (3, 4)} == {center}
    assert {amap[row, column] for row in (0, 7) for column in (0, 7)} == {edge}
    distance = {(row, column): (row - 3.5) ** 2 + (column - 3.5) ** 2 for row in range(8) for column in range(8)}
    inside = [d for cell, d in distance.items() if amap[cell] == center]
    outside = [d for cell, d in distance.items() if amap[cell] == edge]
    assert len(inside) + len(outside) == 64
    assert max(inside) < min(outside)


def test_constructor_takes_cells_and_a_palette():
    cells = np.arange(64, dtype=np.uint8).reshape(8, 8) % 3
    amap = sp.ActivationMap(cells, [sp.ReLU(), sp.Tanh(), sp.ELU(0.5)])
    assert amap.palette == (sp.ReLU(), sp.Tanh(), sp.ELU(0.5))
    assert amap[0, 0] == sp.ReLU()
    assert amap[0, 1] == sp.Tanh()
    assert amap[7, 7] == sp.ReLU()
    assert amap[5, 1] == amap.palette[cells[5, 1]] == sp.ELU(0.5)
    cells[...] = 1  # the map has its own copy
    assert amap[0, 0] == sp.ReLU()
    per_neuron = sp.ActivationMap(np.zeros((5, 8, 8), np.uint8), (sp.Sine(),))
    assert per_neuron.shape == (5,)
    assert len(per_neuron) == 5
    assert sp.ActivationMap(np.zeros((8, 8), int).tolist(), (sp.Sine(),)) == sp.ActivationMap.uniform(sp.Sine())


def test_a_map_of_one_grid_has_no_length():
    with pytest.raises(TypeError):
        len(sp.ActivationMap.uniform(sp.ReLU()))


def test_cells_cannot_be_written_past_the_checks():
    """An index beyond the palette would be a wild read."""
    amap = sp.ActivationMap.random(rng=0)
    with pytest.raises(ValueError, match="read-only"):
        amap.cells[...] = 255
    with pytest.raises(ValueError, match="WRITEABLE"):
        amap.cells.flags.writeable = True


# Items


def test_items_of_one_grid():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    amap[3, 5] = sp.Tanh()
    assert amap[3, 5] == sp.Tanh()
    assert amap[5, 3] == sp.ReLU()
    assert set(amap.palette) == {sp.ReLU(), sp.Tanh()}
    assert amap.palette[amap.cells[3, 5]] == sp.Tanh()
    x = np.full(2, -1.0)
    np.testing.assert_array_equal(amap.activate(x, [0x305, 0x503]), [np.tanh(-1.0), 0.0])
    amap[3, 6] = sp.Tanh()  # again the same one: no new entry
    assert len(amap.palette) == 2


def test_items_of_a_layer():
    amap = sp.ActivationMap(np.zeros((4, 8, 8), np.uint8), (sp.ReLU(),))
    amap[2, 3, 5] = sp.LeakyReLU(0.5)
    assert amap[2, 3, 5] == sp.LeakyReLU(0.5)
    assert amap[1, 3, 5] == sp.ReLU()
    y = amap.activate(np.full((1, 4), -2.0), [[0x305]])
    np.testing.assert_array_equal(y, [[0.0, 0.0, -1.0, 0.0]])


def test_the_palette_holds_256_at_most():
    amap = sp.ActivationMap(np.zeros((5, 8, 8), np.uint8), (sp.ReLU(),))
    cells = list(np.ndindex(5, 8, 8))
    slopes = [sp.LeakyReLU(negative_slope=1 + number / 512) for number in range(256)]
    for cell, activation in zip(cells, slopes[:255], strict=False):
        amap[cell] = activation
    assert len(amap.palette) == 256
    with pytest.raises(ValueError, match="256"):
        amap[cells[255]] = slopes[255]
    assert [amap[cell] for cell in cells] == slopes[:255] + [sp.ReLU()] * 65
    amap[cells[255]] = slopes[7]  # one that is already there
    assert amap[cells[255]] == slopes[7]
    assert len(amap.palette) == 256


def test_a_full_palette_works():
    palette = [sp.LeakyReLU(negative_slope=n / 256) for n in range(256)]
    amap = sp.ActivationMap(np.arange(256, dtype=np.uint8).reshape(4, 8, 8), palette)
    hashes = (np.arange(64) % 8 + 256 * (np.arange(64) // 8))[:, None]
    y = amap.activate(np.full((64, 4), -1.0), hashes)
    np.testing.assert_array_equal(y, -(np.arange(256).reshape(4, 64).T) / 256)


def test_a_map_is_true_and_not_a_sequence():
    amap = sp.ActivationMap.random(rng=0)
    assert amap
    with pytest.raises(TypeError):
        iter(amap)
    with pytest.raises(IndexError, match="ellipsis"):
        sp.ActivationMap.random((8, 8), rng=0)[..., 0]


# Selection


@pytest.mark.parametrize("number", [0, 1, 7, 8, 255, 256, 0x705, 2**31, 2**63, 2**64 - 1])
def test_select(number):
    amap = a_map()
    row, column = (number >> 8) & 7, number & 7
    forms = [number, np.uint64(number)]
    forms += [np.int64(number)] if number < 2**63 else []
    forms += [np.uint8(number)] if number < 256 else []
    for form in forms:
        assert amap.select(form) == amap[row, column]
    expected = np.zeros((8, 8), np.uint64)
    expected[row, column] = len(forms)
    np.testing.assert_array_equal(amap.hit_counts, expected)


def test_only_six_bits_of_a_hash_matter():
    amap = a_map()
    x = np.random.default_rng(0).normal(size=500)
    hashes = some_hashes(500)
    y = amap.activate(x, hashes)
    first = amap.hit_counts.copy()
    np.testing.assert_array_equal(amap.activate(x, hashes & np.uint64(0x707)), y)
    np.testing.assert_array_equal(amap.activate(x, hashes | np.uint64(0xFFFFFFFFFFFFF8F8)), y)
    np.testing.assert_array_equal(amap.hit_counts, 3 * first)


# Evaluation


@pytest.mark.parametrize(
    ("neurons", "x_shape", "hash_shape", "result"),
    [
        (None, (), (), ()),
        (None, (5,), (5,), (5,)),
        (None, (5,), (), (5,)),
        (None, (), (5,), (5,)),
        (None, (4, 3), (4, 1), (4, 3)),
        (None, (4, 3), (3,), (4, 3)),
        (None, (4, 1), (1, 3), (4, 3)),
        (None, (2, 4, 3), (4, 1), (2, 4, 3)),
        (None, (0,), (0,), (0,)),
        (None, (0, 3), (1, 1), (0, 3)),
        (3, (4, 3), (4, 1), (4, 3)),
        (3, (4, 3), (4, 3), (4, 3)),
        (3, (3,), (), (3,)),
        (3, (), (), (3,)),
        (3, (4, 1), (4, 1), (4, 3)),
        (3, (2, 4, 3), (2, 4, 1), (2, 4, 3)),
        (3, (0, 3), (0, 1), (0, 3)),
        (1, (4, 5), (4, 1), (4, 5)),
        ((2, 3), (4, 2, 3), (4, 1, 1), (4, 2, 3)),
        ((2, 3), (2, 3), (), (2, 3)),
    ],
)
def test_results_have_the_broadcast_shape_and_one_hit_per_element(neurons, x_shape, hash_shape, result, dtype):
    amap = a_map(neurons)
    x = np.random.default_rng(1).normal(size=x_shape).astype(dtype)
    hashes = some_hashes(hash_shape)
    y = amap.activate(x, hashes)
    assert np.shape(y) == result
    assert y.dtype == dtype
    assert amap.hit_counts.sum() == np.prod(result, dtype=int)
    if neurons == 1:  # every column uses the one grid
        np.testing.assert_array_equal(y, sp.ActivationMap(amap.cells[0], amap.palette).activate(x, hashes))
        return
    value, derivative, backward, counts = by_a_loop(amap, x, hashes)
    np.testing.assert_array_equal(y, value)
    np.testing.assert_array_equal(amap.hit_counts, counts)
    np.testing.assert_array_equal(amap.derivative(x, hashes), derivative)
    np.testing.assert_array_equal(amap.backward(x, x, hashes), backward)
    both = amap.value_and_derivative(x, hashes)
    np.testing.assert_array_equal(both[0], value)
    np.testing.assert_array_equal(both[1], derivative)
    np.testing.assert_array_equal(amap.hit_counts, counts)


def view_of(random, array):
    """The same numbers in memory of another layout: strides of any sign, gaps, another order, no alignment."""
    kind = random.integers(6)
    if kind == 0 or array.ndim == 0:
        return array
    if kind == 1:
        return np.asfortranarray(array)
    if kind == 2:
        return np.ascontiguousarray(array[..., ::-1])[..., ::-1]
    if kind == 3:
        wide = np.zeros((*array.shape[:-1], array.shape[-1] * 3), array.dtype)
        wide[..., 1::3] = array
        return wide[..., 1::3]
    if kind == 4:
        packed = np.zeros(array.shape, np.dtype([("gap", "u1"), ("x", array.dtype)]))
        packed["x"] = array
        return packed["x"]
    return np.ascontiguousarray(array[::-1])[::-1]


@settings(max_examples=80, deadline=None, derandomize=True)
@given(
    seed=st.integers(0, 2**32),
    dtype=st.sampled_from([np.float16, np.float32, np.float64]),
    hash_dtype=st.sampled_from([np.uint8, np.int8, np.uint16, np.int16, np.uint32, np.int32, np.int64, np.uint64]),
    neurons=st.sampled_from([None, None, 1, 3, 8]),
    lead=st.lists(st.integers(0, 7), max_size=2),
    palette_size=st.integers(1, 9),
)
def test_a_map_is_a_loop_over_its_elements(seed, dtype, hash_dtype, neurons, lead, palette_size):
    random = np.random.default_rng(seed)
    names = random.permutation([name for name in sp.activations() if name in TWELVE])[:palette_size]
    palette = [sp.activation(str(name)) for name in names]
    cells = random.integers(0, len(palette), (8, 8) if neurons is None else (neurons, 8, 8))
    amap = sp.ActivationMap(cells.astype(np.uint8), palette)
    shape = (*lead, int(random.integers(0, 20)) if neurons is None else neurons)
    x = view_of(random, random.normal(0, 3, shape).astype(dtype))
    grad = view_of(random, random.normal(0, 3, shape).astype(dtype))
    hash_shape = [shape, (*shape[:-1], 1), (1,) * len(shape), ()][random.integers(4)]
    info = np.iinfo(hash_dtype)
    hashes = np.asarray(random.integers(0, info.max, hash_shape, dtype=hash_dtype, endpoint=True))
    hashes = view_of(random, hashes)
    value, derivative, backward, counts = by_a_loop(amap, x, hashes, grad)
    out = view_of(random, np.zeros(shape, dtype))
    assert amap.activate(x, hashes, out=out) is out
    np.testing.assert_array_equal(out, value)
    np.testing.assert_array_equal(amap(x, hashes), value)
    np.testing.assert_array_equal(amap.hit_counts, 2 * counts)
    np.testing.assert_array_equal(amap.activate(x, hashes, count=False), value)
    np.testing.assert_array_equal(amap.derivative(x, hashes), derivative)
    np.testing.assert_array_equal(amap.backward(grad, x, hashes), backward)
    np.testing.assert_array_equal(amap.hit_counts, 2 * counts)


@pytest.mark.parametrize("neurons", [None, 1, 5])
@pytest.mark.parametrize("per_row", [False, True])
def test_second_derivatives_are_those_of_the_selected_activations(neurons, per_row, dtype):
    amap = sp.ActivationMap.random(neurons or (), rng=0, palette=[sp.Tanh(), sp.GELU(), sp.Swish(1.5), sp.ReLU()])
    random = np.random.default_rng(1)
    x = view_of(random, random.normal(0, 2, (60, 5)).astype(dtype))
    hashes = some_hashes((60, 1) if per_row else (60, 5))
    out = view_of(random, np.zeros(x.shape, dtype))
    assert amap.second_derivative(x, hashes, out=out) is out
    for (i, j), value in np.ndenumerate(x):
        row, column = sp.cell_of(hashes[i, j % hashes.shape[1]])
        cell = (row, column) if neurons is None else (j % neurons, row, column)
        assert out[i, j] == amap[cell].second_derivative(value)
    np.testing.assert_array_equal(amap.second_derivative(x, hashes), out)
    assert not amap.hit_counts.any()
    same = x.copy()
    np.testing.assert_array_equal(amap.second_derivative(same, hashes, out=same), out)


def test_second_derivatives_of_custom_activations():
    amap = sp.ActivationMap(
        [[0, 1] * 4] * 8, [sp.Tanh(), sp.Custom(cube, cube_slope, second_derivative=lambda x: 6 * x)]
    )
    np.testing.assert_array_equal(amap.second_derivative([2.0, 2.0], [0, 1]), [sp.Tanh().second_derivative(2.0), 12.0])
    amap = sp.ActivationMap([[0, 1] * 4] * 8, [sp.Tanh(), sp.Custom(cube, cube_slope)])
    assert amap.second_derivative(0.5, 0) == sp.Tanh().second_derivative(0.5)  # no hash selects the other
    with pytest.raises(TypeError, match="without a second derivative"):
        amap.second_derivative(0.5, 1)


@pytest.mark.parametrize("neurons", [(), (130,)])
@pytest.mark.parametrize(
    "palette",
    [
        (sp.ReLU(), sp.LeakyReLU(0.3)),
        (sp.Identity(), sp.HardTanh(-0.5, 2.0)),
        (sp.LeakyReLU(-0.1), sp.HardSigmoid(), sp.ReLU6()),
        (sp.ReLU(), sp.Threshold(0.5, -1.0), sp.HardShrink(0.7), sp.SoftShrink(0.2)),
    ],
)
def test_piecewise_linear_grids_give_what_the_activations_give(palette, neurons, dtype):
    """Few of them are not sorted; an element that is none of an entry's may be NaN or infinite, or its out is x."""
    rng = np.random.default_rng(5)
    unused = sp.GELU()
    amap = sp.ActivationMap(rng.integers(len(palette), size=(*neurons, 8, 8)), (*palette, unused))
    x = (2 * rng.normal(size=(37, 130))).astype(dtype)
    x.flat[rng.integers(x.size, size=60)] = np.repeat([np.nan, np.inf, -np.inf, -0.0, 1e4, 1e-4], 10).astype(dtype)
    grad, hashes = rng.normal(size=x.shape).astype(dtype), rng.integers(1 << 63, size=x.shape, dtype=np.uint64)
    row, column = sp.cell_of(hashes)
    entries = amap.cells[np.arange(130), row, column] if neurons else amap.cells[row, column]

    def mixed(evaluate):
        out = np.empty_like(x)
        for i, activation in enumerate(palette):
            out[entries == i] = evaluate(activation)[entries == i]
        return out

    value, slope = mixed(lambda a: a(x)), mixed(lambda a: a.derivative(x))
    bits = f"u{x.itemsize}"
    np.testing.assert_array_equal(amap(x, hashes).view(bits), value.view(bits))
    strided = amap[::3] if neurons else amap.copy()
    np.testing.assert_array_equal(strided(x[::-1, ::3], hashes[::-1, ::3]).view(bits), value[::-1, ::3].view(bits))
    both = amap.value_and_derivative(x, hashes)
    np.testing.assert_array_equal(both[0].view(bits), value.view(bits))
    np.testing.assert_array_equal(both[1].view(bits), slope.view(bits))
    gradient = amap.backward(grad, x, hashes)
    np.testing.assert_array_equal(gradient.view(bits), mixed(lambda a: a.backward(grad, x)).view(bits))
    assert amap.hit_counts.sum() == x.size
    place = x.copy()
    assert amap(place, hashes, out=place) is place
    np.testing.assert_array_equal(place.view(bits), value.view(bits))


@pytest.mark.parametrize("hash_dtype", ["b", "B", "h", "H", "i", "I", "l", "L", "q", "Q", ">i4", ">u8"])
def test_hashes_of_any_integer_dtype(hash_dtype):
    amap = a_map()
    x = np.linspace(-3, 3, 100)
    hashes = np.arange(100).astype(hash_dtype)
    np.testing.assert_array_equal(amap.activate(x, hashes), amap.activate(x, np.arange(100, dtype=np.uint64)))


def test_python_integers_are_hashes():
    amap = a_map()
    x = np.linspace(-3, 3, 10)
    for number in (0, 0x305, 2**63, 2**64 - 1):
        expected = amap[(number >> 8) & 7, number & 7](x)
        np.testing.assert_array_equal(amap.activate(x, number), expected)
    y = amap.activate(x[:2], [2**64 - 1, 2**63 + 1])
    assert y.tolist() == [amap[7, 7](x[0]), amap[0, 1](x[1])]


def test_integers_and_lists_as_x():
    amap = sp.ActivationMap.uniform(sp.Tanh())
    for code, result in [("b", np.float16), ("?", np.float16), ("h", np.float32), ("q", np.float64)]:
        x = np.array([0, 1, 1]).astype(code)
        y = amap.activate(x, [1, 2, 3])
        assert y.dtype == result
        np.testing.assert_array_equal(y, sp.tanh(x))
    np.testing.assert_array_equal(amap.activate([0.5, -1.0], [1, 2]), sp.tanh([0.5, -1.0]))


def test_call_is_activate():
    amap = a_map()
    x, hashes = np.linspace(-3, 3, 50), some_hashes(50)
    np.testing.assert_array_equal(amap(x, hashes), amap.activate(x, hashes))
    out = np.empty(50)
    assert amap(x, hashes, out=out, count=False) is out
    assert amap.hit_counts.sum() == 100


# out


def test_out_may_be_x_or_overlap_it(dtype):
    random = np.random.default_rng(2)
    for amap in (a_map(), sp.ActivationMap.uniform(sp.Mish())):
        base = random.normal(0, 2, 5000).astype(dtype)
        hashes = some_hashes(5000)
        expected = amap.activate(base, hashes)
        a = base.copy()
        assert amap.activate(a, hashes, out=a) is a
        np.testing.assert_array_equal(a, expected)
        for read, write in [
            (slice(1, None), slice(None, -1)),
            (slice(None, -1), slice(1, None)),
            (slice(None, None, -1), slice(None)),
        ]:
            a = base.copy()
            few = hashes[: a[read].size]
            expected = amap.activate(base[read].copy(), few)
            amap.activate(a[read], few, out=a[write])
            np.testing.assert_array_equal(a[write], expected)


def test_out_may_share_memory_with_the_hashes():
    amap = a_map()
    x = np.random.default_rng(3).normal(size=300)
    hashes = some_hashes(300)
    expected = amap.activate(x, hashes)
    out = hashes.view(np.float64)
    amap.activate(x, hashes, out=out)
    np.testing.assert_array_equal(out, expected)


def test_x_and_hashes_are_not_changed_and_may_be_read_only():
    amap = a_map()
    x, hashes = np.linspace(-3, 3, 100), some_hashes(100)
    expected = amap.activate(x, hashes)
    copies = x.copy(), hashes.copy()
    x.flags.writeable = hashes.flags.writeable = False
    np.testing.assert_array_equal(amap.activate(x, hashes), expected)
    np.testing.assert_array_equal(x, copies[0])
    np.testing.assert_array_equal(hashes, copies[1])


def test_outputs_of_value_and_derivative():
    amap, x = sp.ActivationMap.uniform(sp.Mish()), np.ones(6)
    buffer = np.full(7, 5.0)
    for out in [(buffer[:6],), buffer[:6], (buffer[:6],) * 3]:
        for call in (
            lambda out: amap.value_and_derivative(x, 0, out=out),
            lambda o: sp.Mish().value_and_derivative(x, o),
        ):
            with pytest.raises(TypeError, match="out is"):
                call(out)
    with pytest.raises(ValueError, match="share memory"):
        amap.value_and_derivative(x, 0, out=(buffer[:6], buffer[1:]))
    assert (buffer == 5).all()


# Counts


def test_counts_add_up_over_calls():
    amap = a_map()
    hashes = some_hashes(10_000)
    x = np.zeros(10_000, np.float32)
    cells = ((hashes >> np.uint64(8)) & np.uint64(7)) * np.uint64(8) + (hashes & np.uint64(7))
    once = np.bincount(cells.astype(int), minlength=64).reshape(8, 8)
    for repetition in range(1, 4):
        amap.activate(x, hashes)
        np.testing.assert_array_equal(amap.hit_counts, repetition * once)
    amap.reset_counts()
    assert not amap.hit_counts.any()
    amap.activate(x, hashes)
    np.testing.assert_array_equal(amap.hit_counts, once)


@pytest.mark.parametrize("cell", [0, 0x707, 0x305])
def test_every_hit_in_one_cell(cell):
    """More hits than a byte or 16 bits of a local counter can hold."""
    for size in (255, 256, 257, 65_535, 65_536, 65_537, 300_000):
        amap = sp.ActivationMap.uniform(sp.ReLU())
        amap.activate(np.ones(size, np.float32), np.full(size, cell))
        assert amap.hit_counts[cell >> 8, cell & 7] == size
        assert amap.hit_counts.sum() == size


def test_counts_of_a_layer_are_per_neuron():
    amap = a_map(6)
    amap.activate(np.zeros((70_000, 6), np.float32), np.full((70_000, 1), 0x102))
    expected = np.zeros((6, 8, 8), np.uint64)
    expected[:, 1, 2] = 70_000
    np.testing.assert_array_equal(amap.hit_counts, expected)
    hashes = np.zeros((1000, 6), np.int64)
    hashes[:, 4] = 0x704
    amap.activate(np.zeros((1000, 6)), hashes)
    expected[:, 0, 0] = [1000, 1000, 1000, 1000, 0, 1000]
    expected[4, 7, 4] = 1000
    np.testing.assert_array_equal(amap.hit_counts, expected)


def test_gradients_never_count():
    amap = a_map(5)
    x, hashes = np.ones((20, 5)), some_hashes((20, 1))
    amap.derivative(x, hashes)
    amap.value_and_derivative(x, hashes)
    amap.backward(x, x, hashes)
    amap.activate(x, hashes, count=False)
    assert not amap.hit_counts.any()


def test_nan_is_counted_and_stays_nan():
    amap = a_map()
    y = amap.activate(np.full(64, np.nan), np.arange(64) % 8 + 256 * (np.arange(64) // 8))
    assert np.isnan(y).all()
    assert (amap.hit_counts == 1).all()


def test_no_floating_point_warnings(make_sample, dtype):
    amap = sp.ActivationMap.random(rng=0)
    for row, column in np.ndindex(8, 8):
        if amap[row, column] == sp.Sine():
            amap[row, column] = sp.GELU()
    x = np.repeat(make_sample(dtype, 151), 64)
    hashes = np.tile(np.arange(64) % 8 + 256 * (np.arange(64) // 8), 151)
    with np.errstate(all="raise"):
        amap.activate(x, hashes)
        amap.derivative(x, hashes)
        amap.value_and_derivative(x, hashes)
        amap.backward(np.ones_like(x), x, hashes)


@pytest.mark.parametrize("kind", ["float16", "float64", ">f4", "int64"])
def test_backward_converts_the_gradient(kind):
    """Compiled code takes arrays of one type as they are; every other gradient is converted, not read as that type."""
    rng = np.random.default_rng(14)
    amap = a_map()
    x, hashes = rng.normal(size=(40, 8)).astype(np.float32), rng.integers(1 << 63, size=(40, 8), dtype=np.uint64)
    grad = rng.integers(-9, 9, x.shape).astype(kind)
    dtype = np.float64 if kind in ("float64", "int64") else np.float32
    expected = amap.backward(grad.astype(dtype), x.astype(dtype), hashes)
    result = amap.backward(grad, x, hashes)
    assert result.dtype == dtype
    np.testing.assert_array_equal(result, expected)


def test_backward_broadcasts_the_gradient():
    amap = a_map()
    x, hashes = np.random.default_rng(4).normal(size=(6, 5)), some_hashes((6, 1))
    np.testing.assert_array_equal(amap.backward(np.full((6, 5), 2.0), x, hashes), 2 * amap.derivative(x, hashes))


def test_hashes_overwritten_by_the_result_are_counted_as_they_were():
    amap = sp.ActivationMap.uniform(sp.Mish())
    hashes = np.zeros(32, np.uint64)
    amap(np.linspace(-3, 3, 32), hashes, out=hashes.view(np.float64))
    assert amap.hit_counts[0, 0] == 32


# Equality, copies


def test_equality_is_about_cells():
    a = a_map()
    b = sp.ActivationMap(a.cells[...], a.palette)
    assert a == b
    b.activate(np.zeros(5), np.arange(5))
    assert a == b, "counts do not matter"
    order = np.random.default_rng(5).permutation(len(a.palette))
    renumbered = np.argsort(order)[a.cells].astype(np.uint8)
    assert a == sp.ActivationMap(renumbered, [a.palette[i] for i in order]), "nor does the order of the palette"
    b[0, 0] = sp.ELU(0.123)
    assert a != b
    assert a != a_map(1)
    assert a != "map"


def test_copy_is_independent():
    a = a_map()
    a.activate(np.zeros(100), some_hashes(100))
    b = a.copy()
    assert b == a
    np.testing.assert_array_equal(b.hit_counts, a.hit_counts)
    b[2, 3] = sp.ELU(0.123)
    b.activate(np.zeros(50), some_hashes(50))
    assert a[2, 3] != sp.ELU(0.123)
    assert a.hit_counts.sum() == 100
    assert b.hit_counts.sum() == 150
    a.reset_counts()
    assert b.hit_counts.sum() == 150


@pytest.mark.parametrize("neurons", [None, 3])
def test_pickle_keeps_cells_and_counts(neurons):
    a = a_map(neurons)
    a.activate(np.zeros((100, 3)), some_hashes((100, 1)))
    b = pickle.loads(pickle.dumps(a))
    assert b == a
    assert b.shape == a.shape
    np.testing.assert_array_equal(b.hit_counts, a.hit_counts)
    x, hashes = np.linspace(-3, 3, 30).reshape(10, 3), some_hashes((10, 1))
    np.testing.assert_array_equal(b.activate(x, hashes), a.activate(x, hashes))


@pytest.mark.parametrize("neurons", [None, 40])
def test_shuffled_permutes_each_grid(neurons):
    a = a_map(neurons)
    a.activate(np.zeros((3, neurons or 1)), some_hashes((3, 1)))
    b = a.shuffled(np.random.default_rng(0))
    assert b.shape == a.shape
    assert b != a
    assert a.shuffled(np.random.default_rng(0)) == b
    assert a == a_map(neurons)

    def grids(amap):
        return [[amap.palette[i] for i in grid] for grid in amap.cells.reshape(-1, 64)]

    for before, after in zip(grids(a), grids(b), strict=True):
        assert sorted(map(repr, before)) == sorted(map(repr, after))
    if neurons:  # each grid has a permutation of its own
        layer = sp.ActivationMap(np.broadcast_to(a.cells[:1], a.cells.shape).copy(), a.palette).shuffled(0)
        assert len({grid.tobytes() for grid in layer.cells}) > 30


# Custom


def cube(x):
    return x * x * x


def cube_slope(x):
    return 3 * x * x


def test_custom_activations_in_maps(dtype):
    amap = a_map()
    custom = sp.Custom(cube, cube_slope, name="cube")
    for row in range(8):
        amap[row, 2] = custom
    random = np.random.default_rng(6)
    x, grad = random.normal(size=(2, 4000)).astype(dtype)
    hashes = some_hashes(4000)
    value, derivative, _, counts = by_a_loop(amap, x, hashes)
    np.testing.assert_array_equal(amap.activate(x, hashes), value)
    np.testing.assert_array_equal(amap.hit_counts, counts)
    np.testing.assert_array_equal(amap.derivative(x, hashes), derivative)
    y, dy = amap.value_and_derivative(x, hashes)
    np.testing.assert_array_equal(y, value)
    np.testing.assert_array_equal(dy, derivative)
    here = (hashes & np.uint64(7)) == 2
    np.testing.assert_array_equal(amap.backward(grad, x, hashes)[here], (grad * derivative)[here])
    a = x.copy()
    amap.activate(a, hashes, out=a)
    np.testing.assert_array_equal(a, value)


def test_custom_activations_in_a_layer():
    amap = a_map(5)
    custom = sp.Custom(cube, cube_slope, name="cube")
    amap[3, 1, 2] = custom
    x = np.full((4, 5), 2.0)
    y = amap.activate(x, np.full((4, 1), 0x102))
    assert (y[:, 3] == 8).all()
    expected = [amap[n, 1, 2](2.0) for n in range(5)]
    np.testing.assert_array_equal(y, np.broadcast_to(expected, (4, 5)))
    assert amap.hit_counts[:, 1, 2].tolist() == [4] * 5
    uniform = sp.ActivationMap.uniform(custom)
    np.testing.assert_array_equal(uniform(np.array([1.0, 2.0]), 7), [1.0, 8.0])


# Memory


@pytest.mark.parametrize("per_neuron", [False, True])
def test_no_temporary_beyond_tiles(per_neuron):
    rng = np.random.default_rng(0)
    amap = sp.ActivationMap.random(256, rng=0) if per_neuron else sp.ActivationMap.random(rng=0)
    x = rng.standard_normal((4000, 256))
    hashes = rng.integers(0, 2**64, (4000, 1) if per_neuron else x.shape, dtype=np.uint64)
    y, dy = np.empty_like(x), np.empty_like(x)
    strided = np.asfortranarray(x)
    amap.activate(x, hashes, out=y)  # the neurons are sorted once
    tracemalloc.start()
    try:
        amap.activate(x, hashes, out=y)
        amap.value_and_derivative(strided, hashes, out=(y, dy))
        amap.backward(x, x, hashes, out=x)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < x.nbytes / 32


@pytest.mark.skipif(sys.platform != "linux", reason="reads the peak of /proc")
def test_the_process_does_not_grow_beyond_the_arrays():
    script = """
import numpy as np, spatium as sp
def peak():
    return next(int(line.split()[1]) for line in open("/proc/self/status") if line.startswith("VmHWM")) * 1024
x = np.random.default_rng(0).standard_normal((1 << 16, 128), dtype=np.float32)
hashes = np.random.default_rng(1).integers(0, 2**63, (1 << 16, 1), dtype=np.uint64)
amap, y = sp.ActivationMap.random(128, rng=0), np.ones_like(x)
amap.activate(x[:100], hashes[:100], out=y[:100])
before = peak()
for _ in range(3):
    amap.activate(x, hashes, out=y)
print(peak() - before)
"""
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert int(run.stdout) < 4 << 20  # of arrays of 32 MiB


# Threads, forks


def test_assigning_cells_while_another_thread_evaluates():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    x, hashes = np.full(20_000, -1.0), np.arange(20_000)
    stop = threading.Event()

    def assign():
        i = 0
        while not stop.wait(1e-4):  # lets the other thread have the interpreter
            i += 1
            amap[i % 8, i // 8 % 8] = sp.LeakyReLU(1e-3 * (i % 300))

    thread = threading.Thread(target=assign)
    thread.start()
    try:
        for _ in range(50):
            y = amap(x, hashes)
            assert ((y <= 0) & (y > -0.3)).all()
    finally:
        stop.set()
        thread.join()
    assert amap.hit_counts.sum() == 50 * x.size


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_may_set_threads_and_use_a_map():
    code = (
        "import os, threading, numpy as np, spatium as sp\n"
        "x = np.ones(300_000, np.float32)\n"
        "amap = sp.ActivationMap.random(rng=0)\n"
        "sp.set_num_threads(2); sp.gelu(x); amap(x, 0)\n"
        "amap._lock.acquire()\n"  # as if another thread were counting
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    sp.set_num_threads(2)\n"
        "    os._exit(0 if (sp.gelu(x) == sp.gelu(x[:1])).all() and amap(x, 0).size == x.size else 1)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)
