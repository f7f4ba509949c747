"""Random programs on activation maps against a model in plain Python, bit for bit.

The model is a dictionary from cell to activation and one from cell to hits. A program makes maps, assigns cells, calls
them with every way of broadcasting, copies, saves and loads, and passes wrong arguments. The default run is the same
every time; `pytest -m slow tests/test_fuzz_maps.py` makes ten thousand calls. Most of the time goes into comparisons of
whole maps, cell by cell, and into drawing the steps: test_fuzz_map_calls.py makes a million calls without these.
"""

import collections
import copy
import math
import pathlib
import pickle
import tempfile

import numpy as np
import pytest
from conftest import VARIANTS, make_activation, sample
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

import spatium as sp


def halved_square(x):
    return x * x / 2


def itself(x):
    return x * 1


CUSTOM = sp.Custom(halved_square, itself, name="halved square")
POOL = [make_activation(*variant) for variant in VARIANTS]
MANY = [sp.LeakyReLU(k / 256) for k in range(257)]
SHAPES = [(), (1,), (2,), (5,), (70,), (2, 3), (1, 4), (3, 1), (2, 1, 2)]
TYPES = ["f2", "f4", "f8", "i1", "i4", "u8", "?"]
CELLS = [(row, column) for row in range(8) for column in range(8)]
seeds = st.integers(0, 2**32 - 1)
hashes = st.integers(0, 2**64 - 1)


class Model:
    """Which activation each cell holds, and how often it fired."""

    def __init__(self, shape, activation_of):
        self.shape = shape
        self.entry = {(*n, *cell): activation_of((*n, *cell)) for n in np.ndindex(shape) for cell in CELLS}
        self.hits = dict.fromkeys(self.entry, 0)

    def copy(self):
        made = Model.__new__(Model)
        made.shape, made.entry, made.hits = self.shape, dict(self.entry), dict(self.hits)
        return made

    def of_neurons(self, key):
        """The maps of the neurons `key`, an index of leading axes."""
        where = np.arange(math.prod(self.shape)).reshape(self.shape)[key]
        places = list(np.ndindex(self.shape))
        made = Model(where.shape, lambda cell: self.entry[(*places[int(where[cell[:-2]])], *cell[-2:])])
        made.hits = {cell: self.hits[(*places[int(where[cell[:-2]])], *cell[-2:])] for cell in made.entry}
        return made

    def cells_of(self, key):
        keys = np.empty((*self.shape, 8, 8), object)
        for cell in self.entry:
            keys[cell] = cell
        picked = keys[key]
        return [picked] if isinstance(picked, tuple) else list(picked.flat)

    def evaluate(self, operation, arrays, h, shape, count):
        """Each activation alone over the elements that select it."""
        h = np.broadcast_to(h, shape)
        arrays = [np.broadcast_to(array, shape) for array in arrays]
        own = len(self.shape)
        chosen = collections.defaultdict(list)
        for at in np.ndindex(shape):
            pattern = int(h[at])
            neuron = (i if n > 1 else 0 for i, n in zip(at[len(at) - own :], self.shape, strict=True))
            cell = (*neuron, pattern >> 8 & 7, pattern & 7)
            chosen[self.entry[cell]].append(at)
            if count:
                self.hits[cell] += 1
        results = None
        for act, places in chosen.items():
            index = tuple(np.array(places).T) if shape else ()
            values = getattr(act, operation)(*(array[index] for array in arrays))
            values = values if isinstance(values, tuple) else (values,)
            if results is None:
                results = [np.empty(shape, np.asarray(value).dtype) for value in values]
            for result, value in zip(results, values, strict=True):
                result[index] = value
        return results


def same_bits(one, other):
    one, other = np.asarray(one), np.asarray(other)
    assert (one.dtype, one.shape) == (other.dtype, other.shape)
    same = one.view(f"u{one.itemsize}") == other.view(f"u{one.itemsize}")
    assert (same | (np.isnan(one) & np.isnan(other))).all()


def laid_out(rng, array):
    """The same numbers, with other strides."""
    how = rng.integers(4) if array.ndim else 3
    if how == 0:
        return np.ascontiguousarray(array[..., ::-1])[..., ::-1]
    if how == 1:
        return np.asfortranarray(array)
    if how == 2:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]
    return array


def part_of(rng, shape):
    """A shape that broadcasts to this one."""
    if rng.random() < 0.4:
        return shape
    part = [1 if rng.random() < 0.4 else n for n in shape]
    while part and part[0] == 1 and rng.random() < 0.7:
        part.pop(0)
    return tuple(part)


def numbers(rng, shape, dtype):
    size = math.prod(shape)
    if np.dtype(dtype).kind == "f":
        return (
            np.resize(sample(dtype, max(size, 60), int(rng.integers(2**32))), shape) if size else np.empty(shape, dtype)
        )
    return rng.integers(0, 2 if dtype == "?" else 100, shape).astype(dtype)


class Programs(RuleBasedStateMachine):
    """Maps and their models, side by side."""

    def __init__(self):
        super().__init__()
        self.maps = []
        self.folder = tempfile.TemporaryDirectory()

    def teardown(self):
        self.folder.cleanup()

    def keep(self, amap, model):
        assert amap.shape == model.shape
        self.maps.append((amap, model))
        del self.maps[:-4]

    def pick(self, which):
        return self.maps[which % len(self.maps)]

    # ---- making ----

    @initialize(seed=seeds, shape=st.sampled_from(SHAPES), size=st.sampled_from([1, 2, 12, 40, 256]))
    def from_cells(self, seed, shape, size):
        self.made_from_cells(seed, shape, size)

    @rule(seed=seeds, shape=st.sampled_from(SHAPES), size=st.sampled_from([1, 2, 12, 40, 256]))
    def made_from_cells(self, seed, shape, size):
        rng = np.random.default_rng(seed)
        palette = MANY[:256] if size == 256 else [POOL[i] for i in rng.integers(0, len(POOL), size)]
        if size == 12:
            palette[3] = CUSTOM
        cells = rng.integers(0, size, (*shape, 8, 8)).astype(rng.choice(["u1", "i2", "i8", "u8"]))
        if size == 256 and rng.random() < 0.8:  # all of them in use
            cells.flat[: min(cells.size, 256)] = np.arange(min(cells.size, 256))
        self.keep(sp.ActivationMap(cells, palette), Model(shape, lambda cell: palette[int(cells[cell])]))

    @rule(shape=st.sampled_from(SHAPES), which=st.integers(0, len(POOL) - 1))
    def uniform(self, shape, which):
        self.keep(sp.ActivationMap.uniform(POOL[which], shape), Model(shape, lambda cell: POOL[which]))

    @rule(shape=st.sampled_from(SHAPES), which=st.integers(0, len(POOL) - 1))
    def gradient(self, shape, which):
        """Half of the cells, those next to the center, hold one activation, the other half the other."""
        amap = sp.ActivationMap.gradient(CUSTOM, POOL[which], shape)
        distance = {(r, c): (r - 3.5) ** 2 + (c - 3.5) ** 2 for r, c in CELLS}
        middle = sum(sorted(distance.values())[31:33]) / 2
        self.keep(amap, Model(shape, lambda cell: POOL[which] if distance[cell[-2:]] > middle else CUSTOM))

    @rule(which=seeds, seed=seeds)
    def shuffled(self, which, seed):
        amap, model = self.pick(which)
        other = amap.shuffled(seed)
        assert not other.hit_counts.any()
        palette, cells = other.palette, other.cells
        made = Model(other.shape, lambda cell: palette[int(cells[cell])])
        for neuron in np.ndindex(model.shape):
            before, after = ([m.entry[(*neuron, *cell)] for cell in CELLS] for m in (model, made))
            assert collections.Counter(before) == collections.Counter(after)
        self.keep(other, made)

    # ---- copies ----

    @rule(which=seeds, how=st.sampled_from(["copy", "pickle", "deepcopy"]))
    def copied(self, which, how):
        amap, model = self.pick(which)
        if how == "copy":
            other = amap.copy()
        elif how == "pickle":
            other = pickle.loads(pickle.dumps(amap))
        else:
            other = copy.deepcopy(amap)
        assert other == amap
        self.keep(other, model.copy())

    @rule(which=seeds)
    def saved_and_loaded(self, which):
        amap, model = self.pick(which)
        path = pathlib.Path(self.folder.name) / "map.npz"
        amap.save(path)
        other = sp.ActivationMap.load(path, custom={CUSTOM.name: CUSTOM})
        assert other == amap
        self.keep(other, model.copy())

    @rule(which=seeds, index=st.integers(-70, 69), length=st.integers(0, 3))
    def some_neurons(self, which, index, length):
        amap, model = self.pick(which)
        if not model.shape:
            return
        n = model.shape[0]
        key = index % n if length == 0 else slice(index % n, index % n + length)
        self.keep(amap[key], model.of_neurons(key))

    @rule(which=seeds, other=seeds)
    def compared(self, which, other):
        (one, model), (two, another) = self.pick(which), self.pick(other)
        assert (one == two) == (model.entry == another.entry)

    # ---- cells ----

    @rule(which=seeds, seed=seeds, entry=st.integers(0, len(POOL) + len(MANY)))
    def assigned(self, which, seed, entry):
        amap, model = self.pick(which)
        rng = np.random.default_rng(seed)
        act = [*POOL, *MANY, CUSTOM][entry]
        key = []
        for n in (*model.shape, 8, 8)[: rng.integers(1, len(model.shape) + 3)]:
            at = int(rng.integers(-n, n))
            key.append(at if rng.random() < 0.8 else slice(at % n, at % n + int(rng.integers(0, 3))))
        changed = dict(model.entry)
        changed.update(dict.fromkeys(model.cells_of(tuple(key)), act))
        if len(set(changed.values())) > 256:
            with pytest.raises(ValueError, match="palette is full"):
                amap[tuple(key)] = act
        else:
            amap[tuple(key)] = act
            model.entry = changed

    @rule(which=seeds, seed=seeds)
    def read(self, which, seed):
        amap, model = self.pick(which)
        rng = np.random.default_rng(seed)
        cell = tuple(int(rng.integers(-n, n)) for n in (*model.shape, 8, 8))
        assert amap[cell] == model.entry[model.cells_of(cell)[0]]

    # ---- hits ----

    @rule(which=seeds, pattern=hashes, seed=seeds)
    def selected(self, which, pattern, seed):
        amap, model = self.pick(which)
        rng = np.random.default_rng(seed)
        neuron = tuple(int(rng.integers(n)) for n in model.shape)
        cell = (*neuron, pattern >> 8 & 7, pattern & 7)
        chosen = amap.select(pattern, neuron) if len(neuron) != 1 else amap.select(pattern, neuron[0])
        assert chosen == model.entry[cell]
        model.hits[cell] += 1

    @rule(which=seeds, seed=seeds)
    def hits_added(self, which, seed):
        amap, model = self.pick(which)
        counts = np.random.default_rng(seed).integers(0, 2**40, (*model.shape, 8, 8))
        amap.add_hits(counts)
        for cell in model.hits:
            model.hits[cell] += int(counts[cell])

    @rule(which=seeds)
    def counts_reset(self, which):
        amap, model = self.pick(which)
        amap.reset_counts()
        model.hits = dict.fromkeys(model.hits, 0)

    @rule(which=seeds)
    def summed_up(self, which):
        amap, model = self.pick(which)
        statistics = amap.statistics()
        functions, cells = collections.Counter(), collections.Counter()
        for cell, hits in model.hits.items():
            functions[repr(model.entry[cell])] += hits
            cells[cell[-2:]] += hits
        assert statistics.total == sum(model.hits.values())
        assert {name: n for name, n in statistics.function_counts.items() if n} == {
            k: n for k, n in functions.items() if n
        }
        assert statistics.counts.tolist() == [[cells[row, column] for column in range(8)] for row in range(8)]

    # ---- calls ----

    @rule(which=seeds, several=st.lists(seeds, min_size=1, max_size=6), threads=st.integers(1, 2))
    def called(self, which, several, threads):
        for seed in several:
            self.call(which, seed, "activate", threads)

    @rule(which=seeds, several=st.lists(seeds, min_size=1, max_size=3), threads=st.integers(1, 2))
    def differentiated(self, which, several, threads):
        for seed in several:
            for operation in ("derivative", "value_and_derivative", "backward"):
                self.call(which, seed, operation, threads)

    def call(self, which, seed, operation, threads):
        """One call with inputs, hashes and outputs of any type, layout and shape that fit."""
        amap, model = self.pick(which)
        rng = np.random.default_rng(seed)
        neurons = tuple(n if n > 1 or rng.random() < 0.6 else 3 for n in model.shape)
        dtype, out = TYPES[rng.integers(len(TYPES))], rng.choice(["new", "new", "given", "strided", "x"])
        count = bool(rng.integers(2))
        batch = rng.choice([0, 1, 2, 3, 17, 40], rng.integers(3), p=[0.04, 0.16, 0.2, 0.2, 0.2, 0.2]).tolist()
        full = (*batch, *neurons)
        x = laid_out(rng, numbers(rng, part_of(rng, full), dtype))
        h = laid_out(rng, rng.integers(0, 2**64, part_of(rng, full), dtype=np.uint64))
        if rng.random() < 0.2:
            h = (h >> np.uint64(1)).astype(np.int64)
        arrays = [x]
        if operation == "backward":
            arrays.insert(0, laid_out(rng, numbers(rng, part_of(rng, full), dtype)))
        shape = np.broadcast_shapes(model.shape, h.shape, *(array.shape for array in arrays))
        counting = operation == "activate" and count
        name = "__call__" if operation == "activate" else operation
        kept = [array.copy() for array in arrays]
        with np.errstate(all="ignore"), sp.num_threads(threads):
            expected = model.evaluate(name, arrays, h, shape, counting)
            if expected is None:  # an empty result has the dtype that any activation gives
                expected = [np.empty(shape, sp.relu(x.ravel()[:0]).dtype)] * (1 + (operation == "value_and_derivative"))
            outs = None
            if out == "x" and x.shape == shape and x.dtype == expected[0].dtype and len(expected) == 1:
                outs = (x,)
            elif out in ("given", "strided"):
                wide = [np.empty((*shape, 2), e.dtype) for e in expected]
                outs = tuple(w[..., 0] if out == "strided" else w[..., 0].copy() for w in wide)
            keywords = {} if outs is None else {"out": outs if len(expected) == 2 else outs[0]}
            if operation == "activate":
                keywords["count"] = count
            results = getattr(amap, operation)(*arrays, h, **keywords)
        results = results if isinstance(results, tuple) else (results,)
        for result, right in zip(results, expected, strict=True):
            same_bits(result, right)
        for i, (given, result) in enumerate(zip(outs or (), results, strict=bool(outs))):
            assert given is result, i
        if outs is None or outs[0] is not x:
            for array, before in zip(arrays, kept, strict=True):
                same_bits(array, before) if array.dtype.kind == "f" else np.testing.assert_array_equal(array, before)

    @rule(which=seeds, how=st.integers(0, 7))
    def called_wrongly(self, which, how):
        """An error, and neither counts nor out are touched: the invariants see the former."""
        amap, model = self.pick(which)
        good = np.ones((3, *model.shape))
        h, out = np.zeros(good.shape, np.uint64), np.full_like(good, 7.0)
        x, pattern, error = [
            (good, h.astype(float), (TypeError, ValueError)),
            (good, -1, (ValueError, OverflowError)),
            (good, 2**64, (ValueError, OverflowError)),
            (good + 0j, h, TypeError),
            (good.astype(object), h, TypeError),
            (good, np.zeros((7, *good.shape[1:]), np.uint64), ValueError),
            (good.astype(np.longdouble), h, TypeError),
            (good, "5", (TypeError, ValueError)),
        ][how]
        with pytest.raises(error):
            amap.activate(x, pattern, out=out)
        assert (out == 7).all()
        with pytest.raises(TypeError):
            amap.activate(good, h, out=np.empty(good.shape, np.int32))

    # ---- what always holds ----

    @precondition(lambda self: self.maps)
    @invariant()
    def maps_are_their_models(self):
        for amap, model in self.maps:
            counts, cells, palette = amap.hit_counts, amap.cells, amap.palette
            assert counts.dtype == np.uint64
            assert 1 <= len(palette) <= 256
            assert counts.reshape(-1).tolist() == list(model.hits.values())
            assert [palette[i] for i in cells.flat] == list(model.entry.values())


QUIET = settings(
    derandomize=True, deadline=None, database=None, suppress_health_check=list(HealthCheck), print_blob=False
)

TestPrograms = Programs.TestCase
TestPrograms.settings = settings(QUIET, max_examples=40, stateful_step_count=40)


class ManyPrograms(Programs):
    """The same, for longer."""


TestManyPrograms = pytest.mark.slow(ManyPrograms.TestCase)
TestManyPrograms.settings = settings(QUIET, max_examples=400, stateful_step_count=50)
