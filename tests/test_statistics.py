"""What a map reports, against numbers worked out by hand and by SciPy."""

import json
import math

import numpy as np
import pytest
from scipy import stats

import spatium as sp


def map_with_counts(counts, activation=None):
    """A map that was hit exactly so often in each cell."""
    amap = sp.ActivationMap.uniform(activation or sp.ReLU())
    counts = np.asarray(counts)
    cells = np.array([256 * row + column for row, column in np.ndindex(8, 8)])
    amap.activate(np.zeros(counts.sum()), np.repeat(cells, counts.ravel()))
    np.testing.assert_array_equal(amap.hit_counts, counts)
    return amap


UNEVEN = np.arange(64).reshape(8, 8)  # 0, 1, ... 63 hits: 2016 in all, one dead cell


def test_against_scipy():
    s = map_with_counts(UNEVEN).statistics()
    assert isinstance(s, sp.ActivationStatistics)
    flat = UNEVEN.ravel()
    assert s.total == 2016
    np.testing.assert_array_equal(s.counts, UNEVEN)
    assert s.entropy == pytest.approx(stats.entropy(flat) / math.log(64), rel=1e-12)
    assert s.effective_cells == pytest.approx(math.exp(stats.entropy(flat)), rel=1e-12)
    assert s.max_over_mean == pytest.approx(63 / 31.5, rel=1e-15)
    assert s.coefficient_of_variation == pytest.approx(stats.variation(flat), rel=1e-12)
    chi_square, p_value = stats.chisquare(flat)
    assert s.chi_square == pytest.approx(chi_square, rel=1e-12)
    assert s.p_value == pytest.approx(p_value, rel=1e-9)
    assert [tuple(cell) for cell in s.dead_cells] == [(0, 0)]
    assert s.dead_rate_bound == pytest.approx(3 / 2016, rel=1e-15)


@pytest.mark.parametrize("spread", [0, 1, 5, 20, 40, 100, 400])
def test_p_value_over_its_whole_range(spread):
    """From 1 down to beyond 1e-300, where a table or a normal approximation would give up."""
    counts = np.random.default_rng(spread).integers(100 - min(spread, 100), 101 + spread, (8, 8))
    s = map_with_counts(counts).statistics()
    chi_square, p_value = stats.chisquare(counts.ravel())
    assert s.chi_square == pytest.approx(chi_square, rel=1e-10, abs=1e-12)
    assert s.p_value == pytest.approx(p_value, rel=1e-8, abs=1e-300)


def test_an_even_map():
    s = map_with_counts(np.full((8, 8), 5)).statistics()
    assert s.entropy == pytest.approx(1)
    assert s.effective_cells == pytest.approx(64)
    assert s.max_over_mean == 1
    assert s.coefficient_of_variation == 0
    assert s.chi_square == 0
    assert s.p_value == 1
    assert list(s.dead_cells) == []


def test_one_live_cell():
    counts = np.zeros((8, 8), int)
    counts[2, 6] = 640
    s = map_with_counts(counts).statistics()
    assert s.entropy == 0
    assert s.effective_cells == 1
    assert s.max_over_mean == 64
    assert s.coefficient_of_variation == pytest.approx(math.sqrt(63))
    assert s.chi_square == pytest.approx(640 * 63)
    assert s.p_value < 1e-300
    assert len(s.dead_cells) == 63
    assert (2, 6) not in [tuple(cell) for cell in s.dead_cells]


def test_a_map_nobody_used():
    with np.errstate(all="raise"):
        s = sp.ActivationMap.random(rng=0).statistics()
        assert s.total == 0
        assert len(s.dead_cells) == 64
        assert len(str(s)) > 64
        assert sum(s.function_counts.values()) == 0
        json.dumps(s.to_dict())
        assert (s + s).total == 0
        # After no draw at all nothing is known about the rate: no bound below 1.
        assert not s.dead_rate_bound < 1


def test_function_counts_and_shares():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    for column in range(8):
        amap[0, column] = sp.LeakyReLU(0.1)
        amap[1, column] = sp.LeakyReLU(0.2)
    amap.activate(np.zeros(100), np.repeat([0x003, 0x104, 0x200, 0x707], [10, 20, 30, 40]))
    s = amap.statistics()
    assert sorted(s.function_counts.values()) == [10, 20, 70]
    assert all(isinstance(label, str) for label in s.function_counts)
    (relu,) = (label for label, count in s.function_counts.items() if count == 70)
    assert "relu" in relu.lower()
    labels = {count: label for label, count in s.function_counts.items()}
    assert "0.1" in labels[10]
    assert "0.2" in labels[20]
    assert s.function_shares.keys() == s.function_counts.keys()
    assert s.function_shares[relu] == pytest.approx(0.7)
    assert sum(s.function_shares.values()) == pytest.approx(1)


def test_a_layer_is_summed_over_its_neurons():
    amap = sp.ActivationMap.random(10, rng=0)
    hashes = np.random.default_rng(0).integers(0, 2**64, (500, 10), dtype=np.uint64)
    amap.activate(np.zeros((500, 10)), hashes)
    s = amap.statistics()
    assert s.total == 5000
    assert np.shape(s.counts) == (8, 8)
    np.testing.assert_array_equal(s.counts, amap.hit_counts.sum(axis=0))
    expected = {}
    for neuron, row, column in np.ndindex(10, 8, 8):
        act = amap[neuron, row, column]
        expected[act] = expected.get(act, 0) + int(amap.hit_counts[neuron, row, column])
    assert sorted(s.function_counts.values()) == sorted(expected.values())


def test_statistics_are_a_snapshot():
    amap = map_with_counts(UNEVEN)
    s = amap.statistics()
    amap.activate(np.zeros(10), np.zeros(10, int))
    amap.reset_counts()
    assert s.total == 2016
    np.testing.assert_array_equal(s.counts, UNEVEN)


def test_statistics_add_up():
    other = UNEVEN.T + 3
    first, second = map_with_counts(UNEVEN, sp.ReLU()), map_with_counts(other, sp.Tanh())
    total = first.statistics() + second.statistics()
    assert isinstance(total, sp.ActivationStatistics)
    np.testing.assert_array_equal(total.counts, UNEVEN + other)
    assert total.total == (UNEVEN + other).sum()
    assert sorted(total.function_counts.values()) == sorted([UNEVEN.sum(), other.sum()])
    assert total.chi_square == pytest.approx(stats.chisquare((UNEVEN + other).ravel()).statistic)
    assert list(total.dead_cells) == []
    np.testing.assert_array_equal(first.statistics().counts, UNEVEN)
    twice = first.statistics() + first.statistics()
    assert list(twice.function_counts.values()) == [2 * 2016]
    with pytest.raises(TypeError):
        first.statistics() + 1


def test_merging_workers_is_the_same_as_one_run():
    whole = sp.ActivationMap.random(rng=0)
    parts = [whole.copy() for _ in range(3)]
    x, hashes = np.zeros(3000), np.random.default_rng(1).integers(0, 2**64, 3000, dtype=np.uint64)
    whole.activate(x, hashes)
    for number, part in enumerate(parts):
        part.activate(x[number::3], hashes[number::3])
    merged = parts[0].statistics() + parts[1].statistics() + parts[2].statistics()
    assert merged.to_dict() == whole.statistics().to_dict()


def test_it_prints_an_8_by_8_table():
    counts = 1000 + np.random.default_rng(2).permutation(64).reshape(8, 8)
    text = str(map_with_counts(counts).statistics())
    lines = text.splitlines()
    rows = [line for line in lines if sum(str(n) in line for n in range(1000, 1064)) >= 8]
    assert len(rows) == 8
    for row, line in zip(counts, rows, strict=True):
        positions = [line.index(str(count)) for count in row]
        assert positions == sorted(positions)
    assert max(map(len, lines)) <= 120
    assert lines[0].split() == ["row", *map(str, range(8))]
    assert "\n".join(lines[10:]) == map_with_counts(counts).statistics().summary()


def test_to_dict_is_json():
    s = map_with_counts(UNEVEN).statistics()
    d = json.loads(json.dumps(s.to_dict()))
    assert d["total"] == 2016
    assert d["counts"] == UNEVEN.tolist()
    assert d["chi_square"] == pytest.approx(s.chi_square)
    assert d["dead_cells"] == [[0, 0]]
    assert d["function_counts"] == s.function_counts


def test_counts_are_checked_and_kept():
    counts = UNEVEN.copy()
    s = sp.ActivationStatistics(counts, {})
    counts[0, 0] = 7
    np.testing.assert_array_equal(s.counts, UNEVEN)
    assert s.counts.dtype == np.uint64
    with pytest.raises(ValueError, match="read-only"):
        s.counts[0, 0] = 1
    assert sp.ActivationStatistics(UNEVEN.tolist(), {}) == s
    with pytest.raises(ValueError, match=r"counts has shape \(64,\), expected \(8, 8\)"):
        sp.ActivationStatistics(UNEVEN.ravel(), {})
    with pytest.raises(ValueError, match="counts holds -1"):
        sp.ActivationStatistics(UNEVEN - 1, {})
    with pytest.raises(TypeError, match="counts has dtype float64"):
        sp.ActivationStatistics(UNEVEN / 2, {})


def test_sum_and_very_large_counts():
    """Beyond 2**53, where float64 counts would lose hits."""
    large = sp.ActivationStatistics(np.full((8, 8), 2**54 + 1, dtype=np.uint64), {"ReLU()": 64 * (2**54 + 1)})
    total = sum([large, large, large])
    assert total.total == 3 * 64 * (2**54 + 1)
    assert total.function_counts == {"ReLU()": 3 * 64 * (2**54 + 1)}
    assert total.entropy == pytest.approx(1)
    assert total.p_value == 1


def test_statistics_add_up_with_sum():
    amap = sp.ActivationMap.random(rng=0)
    amap(np.ones(10), np.arange(10))
    assert sum([amap.statistics()] * 3).total == 30
    with pytest.raises(ValueError, match="counts has shape"):
        sp.ActivationStatistics(np.zeros((3, 3), np.uint64), {})


def test_a_map_without_hits_says_so():
    text = str(sp.ActivationMap.random(rng=0).statistics())
    assert text.endswith("0 hits: there are no statistics yet")
    assert "nan" not in text


def test_one_dead_cell_is_singular():
    counts = np.ones((8, 8), int)
    counts[0, 0] = 0
    assert "63 hits, 1 dead cell (" in sp.ActivationStatistics(counts, {"ReLU()": 63}).summary()
