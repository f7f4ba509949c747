"""Random calls of activation maps against a table of results, thousands in a second, bit for bit.

The table holds the result of each activation alone at each of some points, in every operation and type; the model of a
map is an array of rows of that table and an array of hits. Between calls, cells are assigned, hits added and cleared,
and maps copied. test_fuzz_maps.py tries all methods of maps with fewer, freer calls; here the calls are many:

    pytest -m slow tests/test_fuzz_map_calls.py --fuzz-calls 1000000 --fuzz-seed 0
"""

import functools
import math
import pickle

import numpy as np
import pytest
from conftest import VARIANTS, bits, make_activation, sample

import spatium as sp

try:
    from ml_dtypes import bfloat16
except ImportError:
    bfloat16 = None


def halved_square(x):
    return x * x / 2


def itself(x):
    return x * 1


CUSTOM = sp.Custom(halved_square, itself, name="halved square")
POOL = [*(make_activation(*variant) for variant in VARIANTS), CUSTOM, *(sp.LeakyReLU(k / 256) for k in range(256))]
FEW = len(VARIANTS) + 1  # of the pool; the others differ in their parameter only
FLOATS = [np.dtype(t) for t in ("f4", "f8", "f2", *([bfloat16] if bfloat16 is not None else []))]
TYPES = [*FLOATS, *FLOATS, *map(np.dtype, ("i1", "i4", "u8", "?"))]
SHAPES = [(), (1,), (2,), (5,), (70,), (2, 3), (1, 4), (3, 1), (2, 1, 2)]
OPERATIONS = ["activate", "activate", "activate", "derivative", "second_derivative", "value_and_derivative", "backward"]
POINTS, GRADIENTS = 200, 24


def numbers(dtype, size, seed):
    if dtype in FLOATS:
        with np.errstate(all="ignore"):
            return sample(dtype if dtype.kind == "f" else np.float32, size, seed).astype(dtype)
    return np.random.default_rng(seed).integers(0, 2 if dtype.kind == "b" else 100, size).astype(dtype)


class Table:
    """Results of each activation of the pool, alone, at the points of one type."""

    def __init__(self, dtype):
        self.points, self.gradients = numbers(dtype, POINTS, 1), numbers(dtype, GRADIENTS, 2)
        with np.errstate(all="ignore"):
            self.value = np.array([act(self.points) for act in POOL])
            self.derivative = np.array([act.derivative(self.points) for act in POOL])
            # Custom has none; `call` does not ask for it.
            bends = [(sp.ReLU() if act is CUSTOM else act).second_derivative(self.points) for act in POOL]
            self.second_derivative = np.array(bends)

    @functools.cached_property
    def backward(self):
        """For each activation, gradient and point."""
        with np.errstate(all="ignore"):
            return np.array([act.backward(self.gradients[:, None], self.points) for act in POOL])

    def expected(self, operation, entries, points, gradients):
        if operation == "value_and_derivative":
            return [self.value[entries, points], self.derivative[entries, points]]
        if operation == "backward":
            return [self.backward[entries, gradients, points]]
        return [getattr(self, "value" if operation == "activate" else operation)[entries, points]]


table_of = functools.cache(Table)


def laid_out(rng, array):
    """The same numbers, with other strides."""
    how = rng.integers(5) if array.ndim else 0
    if how == 1:
        return np.ascontiguousarray(array[..., ::-1])[..., ::-1]
    if how == 2:
        return np.asfortranarray(array)
    if how == 3:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]
    return array


def part_of(rng, shape):
    """A shape that broadcasts to this one."""
    if rng.random() < 0.5:
        return shape
    part = [1 if one else n for n, one in zip(shape, rng.random(len(shape)) < 0.4, strict=True)]
    while part and part[0] == 1 and rng.random() < 0.7:
        part.pop(0)
    return tuple(part)


def same(one, other):
    one = np.asarray(one)
    return (one.dtype, one.shape) == (other.dtype, other.shape) and (
        one.tobytes() == other.tobytes() or bool((patterns(one) == patterns(other)).all())
    )


def patterns(array):
    """bits() of any type of floats: every NaN is the same."""
    if array.dtype.kind == "f":
        return bits(array)
    return np.where(np.isnan(array), 0x7FC0, np.array(array, order="C").view(np.uint16))


class Pair:
    """A map and its model: the entry of the pool in each cell, and how often each fired."""

    def __init__(self, rng):
        self.shape = SHAPES[rng.integers(len(SHAPES))]
        size = int(rng.choice([1, 2, 12, 40, 256]))
        palette = rng.integers(0, FEW, size) if size < 256 else np.arange(FEW, FEW + 256)
        palette[palette == FEW - 1] = 0  # Custom functions take long
        if rng.random() < 0.1:
            palette[0] = FEW - 1
        cells = rng.integers(0, size, (*self.shape, 8, 8))
        self.entries, self.hits = palette[cells], np.zeros(cells.shape, np.uint64)
        self.map = sp.ActivationMap(cells, [POOL[i] for i in palette])

    def change(self, rng):
        """Once in a while something other than a call."""
        how = rng.integers(5)
        if how == 0:
            entry = int(rng.integers(FEW - 1))
            key = tuple(int(rng.integers(-n, n)) for n in (*self.shape, 8, 8)[: rng.integers(1, len(self.shape) + 3)])
            if len(np.unique(self.entries)) < 256:
                self.map[key] = POOL[entry]
                self.entries[key] = entry
        elif how == 1:
            counts = rng.integers(0, 2**40, self.hits.shape)
            self.map.add_hits(counts)
            self.hits += counts.astype(np.uint64)
        elif how == 2:
            self.map.reset_counts()
            self.hits[...] = 0
        elif how == 3:
            self.map = self.map.copy() if rng.random() < 0.5 else pickle.loads(pickle.dumps(self.map))
        else:
            pattern = int(rng.integers(2**64, dtype=np.uint64))
            cell = (*(int(rng.integers(n)) for n in self.shape), pattern >> 8 & 7, pattern & 7)
            chosen = self.map.select(pattern, cell[0] if len(self.shape) == 1 else cell[:-2])
            assert chosen == POOL[self.entries[cell]]
            self.hits[cell] += np.uint64(1)

    def call(self, rng, large):
        """Inputs, hashes and outputs of any type, layout and shape that fit."""
        operation, dtype = OPERATIONS[rng.integers(len(OPERATIONS))], TYPES[rng.integers(len(TYPES))]
        if operation == "second_derivative" and (self.entries == FEW - 1).any():
            operation = "derivative"
        table = table_of(dtype)
        neurons = tuple(n if n > 1 or rng.random() < 0.6 else 3 for n in self.shape)
        sizes = [2500] if large else rng.choice([0, 1, 2, 3, 17, 40], rng.integers(3), p=[0.03, *[0.194] * 5]).tolist()
        full = (*sizes, *neurons)
        points = rng.integers(0, POINTS, part_of(rng, full))
        gradients = rng.integers(0, GRADIENTS, part_of(rng, full)) if operation == "backward" else np.zeros((), int)
        h = laid_out(rng, rng.integers(0, 2**64, part_of(rng, full), dtype=np.uint64))
        if rng.random() < 0.2:
            h = (h >> np.uint64(1)).astype(np.int64)
        shape = np.broadcast_shapes(self.shape, h.shape, points.shape, gradients.shape)
        cells = self.cells(h, shape)
        flat = self.entries.reshape(-1)[cells]
        expected = table.expected(operation, flat, *np.broadcast_arrays(points, gradients, np.empty(shape))[:2])
        arrays = [laid_out(rng, table.points[points])]
        if operation == "backward":
            arrays.insert(0, laid_out(rng, table.gradients[gradients]))
        self.compare(rng, operation, arrays, h, expected, cells)

    def cells(self, h, shape):
        """The position in the flattened grids that each element selects."""
        h = np.broadcast_to(h, shape)
        cell = ((h >> 8 & 7) * 8 + (h & 7)).astype(np.intp)
        stride = 64
        for axis, n in zip(range(len(shape) - 1, -1, -1), reversed(self.shape), strict=False):
            if n > 1:
                cell += stride * np.arange(n).reshape(-1, *(1,) * (len(shape) - 1 - axis))
            stride *= n
        return cell

    def compare(self, rng, operation, arrays, h, expected, cells):
        keywords, outs, how, x = {}, None, rng.integers(5), arrays[-1]
        alike = isinstance(x, np.ndarray) and (x.shape, x.dtype) == (cells.shape, expected[0].dtype)
        if how == 0 and len(expected) == 1 and alike:
            outs = [x]
        elif how in (1, 2):
            outs = [np.empty((*cells.shape, how), e.dtype)[..., 0] for e in expected]
        if outs:
            keywords["out"] = tuple(outs) if len(outs) > 1 else outs[0]
        if operation == "activate":
            keywords["count"] = bool(rng.random() < 0.7)
            if keywords["count"]:
                np.add.at(self.hits.reshape(-1), cells.reshape(-1), np.uint64(1))
        sp.set_num_threads(int(rng.integers(1, 4)))
        results = getattr(self.map, operation)(*arrays, h, **keywords)
        results = results if isinstance(results, tuple) else (results,)
        for result, right in zip(results, expected, strict=True):
            assert same(result, right), (operation, x.dtype, cells.shape, h.shape, keywords)
        assert all(a is b for a, b in zip(outs or (), results, strict=bool(outs)))
        assert (self.map.hit_counts == self.hits).all(), (operation, cells.shape)


CALLS = 100  # of a program


def run(seed, program):
    """Some calls of a pair of maps; a failure is repeated by its two numbers."""
    rng = np.random.default_rng((seed, program))
    pairs = [Pair(rng), Pair(rng)]
    try:
        with np.errstate(all="ignore"):
            for i in range(CALLS):
                pair = pairs[rng.integers(2)]
                if rng.random() < 0.15:
                    pair.change(rng)
                pair.call(rng, large=i == 0 and program % 10 == 0)
        for pair in pairs:
            assert [pair.map.palette[i] for i in pair.map.cells.flat] == [POOL[i] for i in pair.entries.flat]
    except BaseException as error:
        error.add_note(f"run({seed}, {program})")
        raise


@pytest.mark.parametrize("start", range(0, 20, 5))
def test_random_calls(start):
    for program in range(start, start + 5):
        run(0, program)


@pytest.mark.slow
def test_many_random_calls(request):
    calls, seed = request.config.getoption("--fuzz-calls"), request.config.getoption("--fuzz-seed")
    for program in range(1000, 1000 + math.ceil(calls / CALLS)):
        run(seed, program)
