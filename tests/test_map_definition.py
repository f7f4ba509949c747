"""The ways in which C evaluates a map, each against the definition in _map.pyx, bit for bit."""

import numpy as np
import pytest

import spatium as sp
from spatium import _engine, _map

PIECEWISE = (sp.ReLU(), sp.LeakyReLU(0.3))
SMOOTH = (*map(sp.activation, sp.activations()[:12]), sp.Snake(0.5), sp.Identity())

# the strategy, then: neurons, rows and columns of the batch, columns of the hashes, palette
CASES = [
    ("uniform", 1, (700, 30), 30, (sp.GELU(),)),
    ("uniform", 30, (700, 30), 1, (sp.GELU(),)),
    ("uniform", 30, (7, 30), 30, (sp.Sine(),)),
    ("rows", 1, (900, 20), 1, SMOOTH),
    ("rows", 1, (40, 64), 1, SMOOTH),
    ("rows", 1, (40, 1000), 1, SMOOTH),
    ("rows", 1, (3, 9000), 1, PIECEWISE),
    ("lines", 7, (5000, 7), 1, SMOOTH),
    ("lines", 600, (70, 600), 1, SMOOTH),
    ("lines", 33, (300, 33), 1, PIECEWISE),
    ("columns", 600, (5, 600), 1, SMOOTH),
    ("columns", 7, (3000, 7), 7, SMOOTH),
    ("columns", 200, (150, 200), 200, SMOOTH),
    ("columns", 200, (20, 200), 200, PIECEWISE),
    ("tiles", 1, (1, 1), 1, SMOOTH),
    ("tiles", 1, (13, 1700), 1700, SMOOTH),
    ("tiles", 1, (13, 1700), 1700, PIECEWISE),
]


def spread(array):
    """The same numbers, every third of a longer row."""
    wide = np.zeros((array.shape[0], 3 * array.shape[1]), array.dtype)
    wide[:, ::3] = array
    return wide[:, ::3]


@pytest.mark.parametrize("layout", [np.ascontiguousarray, np.asfortranarray, spread], ids=["C", "F", "spread"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
@pytest.mark.parametrize(
    ("strategy", "neurons", "shape", "hashed", "palette"),
    CASES,
    ids=[f"{c[0]}-{c[1]}-{c[2][0]}x{c[2][1]}-{c[3]}" for c in CASES],
)
def test_every_strategy_gives_what_the_definition_gives(
    strategy, neurons, shape, hashed, palette, dtype, layout, make_sample, assert_same_bits
):
    rng = np.random.default_rng(7)
    amap = sp.ActivationMap.random(neurons if neurons > 1 else (), rng=1, palette=palette)
    x, grad = (layout(make_sample(dtype, shape[0] * shape[1], seed).reshape(shape)) for seed in (2, 3))
    hashes = rng.integers(0, 2**64, (shape[0], hashed), dtype=np.uint64)
    table, grid = amap.cells.reshape(-1, 64), amap._grid
    one_by_one = {}
    for operation in ("value", "derivative", "backward"):
        one_by_one[operation], hits = np.empty(shape, dtype), np.zeros(table.shape, np.uint64)
        _map.evaluate(
            _engine.OPERATIONS.index(operation),
            x,
            grad,
            np.broadcast_to(hashes, shape),
            table,
            grid.codes,
            grid.parameters,
            one_by_one[operation],
            hits,
        )
    with np.errstate(invalid="ignore"):
        out = layout(np.empty(shape, dtype))
        assert grid._router(amap.shape).strategy(0, x, None, hashes, out, out) == strategy
        assert_same_bits(out, one_by_one["value"])
        assert_same_bits(amap.activate(x, hashes), one_by_one["value"])
        assert_same_bits(amap.derivative(x, hashes), one_by_one["derivative"])
        assert_same_bits(amap.backward(grad, x, hashes), one_by_one["backward"])
        value, derivative = amap.value_and_derivative(x, hashes)
    assert_same_bits(value, one_by_one["value"])
    assert_same_bits(derivative, one_by_one["derivative"])
    np.testing.assert_array_equal(amap.hit_counts.reshape(table.shape), hits)


@pytest.mark.parametrize("dtype", [np.float32, np.float64], ids=["float32", "float64"])
def test_the_definition_is_the_activation_of_the_cell(all_activations, dtype, make_sample, assert_same_bits):
    cells = np.arange(64, dtype=np.uint8)[None] % len(all_activations)
    grid = sp.ActivationMap(cells.reshape(8, 8), all_activations)._grid
    x, grad = (make_sample(dtype, 400, seed)[:, None] for seed in (0, 1))
    pattern_hash = np.random.default_rng(2).integers(0, 2**64, x.shape, dtype=np.uint64)
    row, column = sp.cell_of(pattern_hash)
    out, hits = np.empty_like(x), np.zeros((1, 64), np.uint64)
    for operation in ("value", "derivative", "backward"):
        code = _engine.OPERATIONS.index(operation)
        _map.evaluate(code, x, grad, pattern_hash, cells, grid.codes, grid.parameters, out, hits)
        for i in range(len(x)):
            act = grid.palette[grid.cells[row[i, 0], column[i, 0]]]
            with np.errstate(invalid="ignore"):
                alone = {"value": act, "derivative": act.derivative}.get(
                    operation, lambda x, i=i, a=act: a.backward(grad[i], x)
                )
                assert_same_bits(out[i], alone(x[i]))
    np.testing.assert_array_equal(hits[0], 3 * np.bincount(8 * row[:, 0] + column[:, 0], minlength=64))
