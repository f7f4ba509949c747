"""Random maps against their definition: any grid, palette, layout of the hashes, strides, dtype and number of threads.

Every palette entry is evaluated alone over the whole array, and each element takes its own: by "one scalar, one answer"
that has to be the map's result bit for bit. `pytest -m slow tests/test_map_random.py` tries a million cases.
"""

import signal
import time

import numpy as np
import pytest

import spatium as sp

POOL = [sp.activation(name) for name in sp.activations()[:12]]
POOL += [sp.LeakyReLU(0.3), sp.Swish(1.7), sp.Softplus(2.0), sp.GELU(), sp.HardSwish(), sp.Snake(0.5), sp.Identity()]
POOL += [sp.Custom(lambda x: x * x, lambda x: 2 * x, name="square")]
DTYPES = ["f2", "f4", "f8"]


def random_map(rng, neurons):
    size = 1 if rng.random() < 0.1 else int(rng.integers(2, 257)) if rng.random() < 0.1 else int(rng.integers(2, 13))
    palette = [POOL[i] for i in rng.integers(0, len(POOL) - (rng.random() < 0.8), size)]
    return sp.ActivationMap(rng.integers(0, size, (*neurons, 8, 8)), palette)


def random_layout(rng, array):
    """The same numbers, with other strides."""
    choice = rng.integers(5) if array.ndim else 3
    if choice == 0:
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]
    if choice == 1:
        return np.ascontiguousarray(array[..., ::-1])[..., ::-1]
    if choice == 2:
        return np.asfortranarray(array)
    if choice == 3:
        raw = np.zeros(array.nbytes + 1, np.uint8)
        moved = raw[1:].view(array.dtype).reshape(array.shape)
        moved[...] = array
        return moved
    return array


def expected(amap, x, grad, hashes, shape):
    """Value, derivative, backward and counts."""
    h = np.broadcast_to(hashes, shape)
    row, column = sp.cell_of(h)
    neurons = np.indices(shape)[len(shape) - len(amap.shape) :] if amap.shape else ()
    entries = amap.cells[(*neurons, row, column)]
    counts = np.zeros((*amap.shape, 8, 8), np.uint64)
    np.add.at(counts, (*neurons, row, column), np.uint64(1))
    x, grad = np.broadcast_to(x, shape), np.broadcast_to(grad, shape)
    results = [np.empty(shape, x.dtype) for _ in range(3)]
    for entry in np.unique(entries):
        act, where = amap.palette[entry], entries == entry
        alone = act(x[where]), act.derivative(x[where]), act.backward(grad[where], x[where])
        for result, values in zip(results, alone, strict=True):
            result[where] = values
    return (*results, counts)


def same(a, b):
    a, b = np.asarray(a), np.asarray(b)  # a result without axes is a scalar
    return a.dtype == b.dtype and a.shape == b.shape and a.tobytes() == b.tobytes()


def check(seed, neurons, batch, hash_shape, dtype):
    rng = np.random.default_rng(seed)
    amap, shape = random_map(rng, neurons), (*batch, *neurons)
    x, grad = (random_layout(rng, np.array(rng.standard_normal(shape) * 3, dtype)) for _ in range(2))
    hashes = random_layout(rng, np.array(rng.integers(0, 2**64, hash_shape, dtype=np.uint64)))
    value, derivative, backward, counts = expected(amap, x, grad, hashes, shape)
    case = f"seed {seed}, neurons {neurons}, batch {batch}, hashes {hash_shape}, {dtype}, {len(amap.palette)} entries"
    sp.set_num_threads(int(rng.integers(1, 4)))
    kept = x.copy()
    assert same(amap.activate(x, hashes), value), case
    assert same(amap.hit_counts, counts), case
    assert same(amap.activate(x, hashes, count=False), value), case
    assert same(amap.derivative(x, hashes), derivative), case
    y, dy = amap.value_and_derivative(x, hashes)
    assert same(y, value), case
    assert same(dy, derivative), case
    assert same(amap.backward(grad, x, hashes), backward), case
    assert same(x, kept), case
    assert same(amap.activate(x, hashes, out=x, count=False), value), case
    assert same(amap.hit_counts, counts), case


def small_case(seed):
    rng = np.random.default_rng(seed)
    neurons = ((), (), (int(rng.integers(1, 70)),), (int(rng.integers(1, 5)), int(rng.integers(1, 9))))[rng.integers(4)]
    batch = ((int(rng.integers(0, 300)),), (int(rng.integers(0, 12)), int(rng.integers(1, 40))), ())[rng.integers(3)]
    shape = (*batch, *neurons)
    per_row = (*batch, *(1 for _ in neurons))
    per_sample = (*batch[:1], *(1 for _ in (*batch[1:], *neurons)))
    hash_shape = (shape, per_row, (*shape[:-1], 1) if shape else shape, (), per_sample)[rng.integers(5)]
    check(seed, neurons, batch, hash_shape, DTYPES[rng.integers(3)])


@pytest.mark.parametrize("start", range(0, 600, 100))
def test_random_small_maps(start):
    for seed in range(start, start + 100):
        small_case(seed)


@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize(
    ("neurons", "batch", "per_row"),
    [
        ((), (40_000,), False),  # one grid, over several tiles and shares
        ((), (300, 129), True),
        ((), (5000, 7), True),  # short rows
        ((1100,), (37,), True),  # three blocks of neurons
        ((1100,), (37,), False),
        ((530,), (1,), True),
        ((65,), (4500,), True),  # more rows than are grouped at a time
        ((140,), (700,), False),  # several shares add to the same counters
        ((600,), (600,), True),  # more elements than one share of a chunk
        ((3, 200), (90,), True),
    ],
)
def test_large_maps_cross_every_border(neurons, batch, per_row, dtype):
    shape = (*batch, *neurons)
    if not per_row:
        hash_shape = shape
    elif neurons:
        hash_shape = (*batch, *(1 for _ in neurons))
    else:
        hash_shape = (*shape[:-1], 1)
    check(11, neurons, batch, hash_shape, dtype)


@pytest.mark.slow
def test_a_million_random_maps():
    for seed in range(1_000_000, 2_000_000):
        small_case(seed)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs interval timers")
@pytest.mark.parametrize("per_neuron", [False, True])
def test_an_interrupted_call_counts_wholly_or_not_at_all(per_neuron):
    def interrupt(number, frame):
        raise KeyboardInterrupt

    rng = np.random.default_rng(3)
    amap = sp.ActivationMap.random(100, rng=0) if per_neuron else sp.ActivationMap.random(rng=0)
    x = rng.standard_normal((2000, 100))
    hashes = rng.integers(0, 2**64, (2000, 1 if per_neuron else 100), dtype=np.uint64)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for i in range(40):
            amap.reset_counts()
            calls, stop = 0, time.monotonic() + 5
            try:
                signal.setitimer(signal.ITIMER_REAL, 1e-4 * (1 + 3 * i))
                while time.monotonic() < stop:
                    amap.activate(x, hashes)
                    calls += 1
            except KeyboardInterrupt:
                pass
            assert int(amap.hit_counts.sum()) in (calls * x.size, (calls + 1) * x.size)
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
