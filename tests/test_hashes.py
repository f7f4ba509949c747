"""Pattern hashes: the same row gives the same hash anywhere, similar rows give equal or neighboring cells."""

import copy
import pickle

import numpy as np
import pytest

import spatium as sp
from spatium import _engine


def rows(n, features, seed=0, dtype=np.float64):
    return np.random.default_rng(seed).normal(size=(n, features)).astype(dtype)


def sides(hasher, x):
    """Which side of each plane a row lies on, and its distance to it, from the public planes and thresholds."""
    planes = np.asarray(hasher.planes, float)
    if planes.shape[-1] != x.shape[1]:
        planes = planes.T
    projections = x.astype(float) @ planes.T - hasher.thresholds
    return projections > 0, np.abs(projections) / np.linalg.norm(planes, axis=1)


@pytest.mark.parametrize(
    ("number", "cell"),
    [(0, (0, 0)), (0x305, (3, 5)), (0x700, (7, 0)), (7, (0, 7)), (8, (0, 0)), (2**64 - 1, (7, 7)), (2**11, (0, 0))],
)
def test_cell_of(number, cell):
    assert tuple(sp.cell_of(number)) == cell
    row, column = sp.cell_of(np.array([number, 0x102], np.uint64))
    assert row.tolist() == [cell[0], 1]
    assert column.tolist() == [cell[1], 2]


def test_cell_of_is_what_select_uses():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    for number in np.random.default_rng(0).integers(0, 2**64, 50, dtype=np.uint64):
        amap.reset_counts()
        amap.select(number)
        assert amap.hit_counts[sp.cell_of(number)] == 1


def test_six_bits_by_default():
    x = rows(2000, 12)
    hasher = sp.SimHash(12, rng=0)
    assert hasher.fit(x) is hasher
    h = hasher(x)
    assert h.shape == (2000,)
    assert h.dtype == np.uint64
    assert not (h & ~np.uint64(0x707)).any()
    assert np.bitwise_or.reduce(h) == 0x707


@pytest.mark.parametrize("n_bits", [6, 7, 16, 33, 63, 64])
def test_more_planes_fill_the_other_bits(n_bits):
    x = rows(3000, 9)
    h = sp.SimHash(9, n_bits=n_bits, rng=1).fit(x)(x)
    used = int(np.bitwise_or.reduce(h))
    assert used & 0x707 == 0x707
    assert used.bit_count() == n_bits
    assert int(np.bitwise_and.reduce(h)) == 0, "no bit is always set"


def test_the_same_seed_gives_the_same_hash():
    x = rows(500, 10)
    np.testing.assert_array_equal(sp.SimHash(10, rng=3)(x), sp.SimHash(10, rng=3)(x))
    np.testing.assert_array_equal(sp.SimHash(10, rng=np.random.default_rng(3))(x), sp.SimHash(10, rng=3)(x))
    assert (sp.SimHash(10, rng=3)(x) != sp.SimHash(10, rng=4)(x)).mean() > 0.8
    assert (sp.SimHash(10)(x) != sp.SimHash(10)(x)).mean() > 0.8


@pytest.mark.parametrize("features", [1, 2, 7, 8, 17, 64, 100, 1023])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_row_has_one_hash_in_any_batch(features, dtype):
    """Any batch size, order, memory layout, thread count and instruction set."""
    x = rows(67, features, seed=features, dtype=dtype)
    hasher = sp.SimHash(features, n_bits=20, rng=0).fit(x)
    h = hasher(x)
    np.testing.assert_array_equal(np.concatenate([hasher(row[None]) for row in x]), h)
    for size in (2, 3, 4, 5, 8, 16, 31):
        np.testing.assert_array_equal(hasher(x[-size:]), h[-size:])
    np.testing.assert_array_equal(hasher(x[::-1]), h[::-1])
    np.testing.assert_array_equal(hasher(np.asfortranarray(x)), h)
    wide = np.zeros((67, features * 2), dtype)
    wide[:, ::2] = x
    np.testing.assert_array_equal(hasher(wide[:, ::2]), h)
    np.testing.assert_array_equal(hasher(np.tile(x, (40, 1))), np.tile(h, 40))
    np.testing.assert_array_equal(hasher(x.astype(np.float64)), h)
    for isa in _engine.available_isas():
        _engine.set_isa(isa)
        np.testing.assert_array_equal(hasher(x), h)
    with sp.num_threads(1):
        np.testing.assert_array_equal(hasher(np.tile(x, (40, 1))), np.tile(h, 40))


def projected(x, planes):
    """x · w as promised: eight partial sums in float64, feature f into sum f mod 8, joined as a tree."""
    blocks = -(-x.shape[1] // 8)
    wide = np.zeros((2, max(len(x), len(planes)), blocks * 8))
    wide[0, : len(x), : x.shape[1]], wide[1, : len(planes), : x.shape[1]] = x, planes
    sums = np.zeros((len(x), len(planes), 8))
    for f in range(0, blocks * 8, 8):
        sums += wide[0, : len(x), None, f : f + 8] * wide[1, None, : len(planes), f : f + 8]
    return (sums[..., 0] + sums[..., 4] + (sums[..., 2] + sums[..., 6])) + (
        sums[..., 1] + sums[..., 5] + (sums[..., 3] + sums[..., 7])
    )


def hash_of_sides(above):
    """The hash of each row of bits: cyclic Gray code for column and row, the other bits as they are."""
    place = np.array([0, 1, 3, 2, 7, 6, 4, 5], np.uint64)  # of the code words 0 to 7
    bits = (above.astype(np.uint64) << np.arange(above.shape[1], dtype=np.uint64)).sum(axis=1, dtype=np.uint64)
    seven, rest = np.uint64(7), bits >> np.uint64(6)
    cell = place[bits & seven] | place[bits >> np.uint64(3) & seven] << np.uint64(8)
    return cell | (rest & np.uint64(31)) << np.uint64(3) | rest >> np.uint64(5) << np.uint64(11)


@pytest.mark.parametrize("features", [1, 5, 16, 37, 1000])
@pytest.mark.parametrize(
    ("dtype", "scale"),
    [
        *((np.float32, s) for s in (1.0, 1e-45, 1e-38, 1e-20, 1e19, 3e36)),
        *((np.float64, s) for s in (1.0, 1e-320, 1e-160, 1e150, 1e270)),
    ],
)
def test_bits_are_those_of_the_projections_however_near_a_plane_is(features, dtype, scale, isa):
    """Thresholds at projections and one step beside them; features and planes that overflow and vanish in a product."""
    random = np.random.default_rng(features)
    x = (scale * random.normal(size=(41, features))).astype(dtype)
    x[1] *= (random.random(features) < 0.1).astype(dtype)
    x[2] = np.where(random.random(features) < 0.5, dtype(0), x[2] * dtype(1e-3))
    x[3] = -x[0]
    planes = random.normal(size=(29, features)).astype(np.float32)
    planes[7:10] *= np.float32(1e-40)
    planes[10:13] *= np.float32(1e30)
    if features > 4:
        planes[13:16, ::2] *= np.float32(1e-30)
    planes[:, 0] += np.float32(1e-44)  # no normal of length 0
    exact = projected(x, planes)
    assert np.isfinite(exact).all()
    thresholds = exact[np.arange(29) % 41, np.arange(29)]
    thresholds[::3] = np.nextafter(thresholds[::3], np.inf)
    thresholds[1::3] = np.nextafter(thresholds[1::3], -np.inf)
    hasher = sp.SimHash.from_arrays(planes, thresholds)
    np.testing.assert_array_equal(hasher(x), hash_of_sides(exact > thresholds))


def test_a_product_beyond_float32_is_no_side(isa):
    """5e38 - 3e38 - 3e38: float32 makes infinity of the first, and stays there."""
    x = np.zeros((3, 40), np.float32)
    x[:, [3, 18, 33]] = 1e19
    planes = np.zeros((6, 40), np.float32)
    planes[:, [3, 18, 33]] = 5e19, -3e19, -3e19
    hasher = sp.SimHash.from_arrays(planes, np.zeros(6))
    assert (hasher(x) == 0).all()
    np.testing.assert_array_equal(hasher(-x), hash_of_sides(np.ones((3, 6), bool)))


def test_a_row_beyond_float64_in_one_plane_of_several_is_refused():
    """Its sum with the first plane is infinite, with the others it is 0."""
    hasher = sp.SimHash.from_arrays([[1, 1]] + [[1, -1]] * 5, np.zeros(6))
    with pytest.raises(ValueError, match="row 1"):
        hasher(np.array([[1.0, 2.0], [1.7e308, 1.7e308]]))


@pytest.mark.parametrize("dtype", ["f4", "f8"])
@pytest.mark.parametrize("first", [0, 1, 95, 96, 97, 400])
def test_the_first_row_that_is_not_finite_is_named(first, dtype):
    """Threads take 96 rows at a time."""
    x, hasher = rows(500, 40, dtype=dtype), sp.SimHash(40)
    x[first:, 7] = np.nan
    with pytest.raises(ValueError, match=rf"row {first}\b"):
        hasher(x)


def test_copies_hash_alike():
    x = rows(50, 37)
    hasher = sp.SimHash(37, n_bits=9, rng=0).fit(x)
    for twin in (pickle.loads(pickle.dumps(hasher)), copy.copy(hasher), copy.deepcopy(hasher)):
        np.testing.assert_array_equal(twin(x), hasher(x))
        np.testing.assert_array_equal(twin.margin(x), hasher.margin(x))
        assert twin._padded.ctypes.data % 64 == 0


def test_lists_and_integers():
    hasher = sp.SimHash(3, rng=0)
    x = [[1, 2, -3], [4, -5, 6]]
    np.testing.assert_array_equal(hasher(x), hasher(np.array(x, float)))
    assert hasher(np.empty((0, 3))).shape == (0,)


def test_fit_puts_the_thresholds_at_the_medians():
    x = rows(1001, 8) ** 3 + 5
    hasher = sp.SimHash(8, rng=0).fit(x)
    above, _ = sides(hasher, x)
    np.testing.assert_allclose(above.mean(axis=0), 0.5, atol=1.5 / 1001)


def test_centring_keeps_every_cell_alive():
    """Uncentered data collapses onto few cells; U[0, 1] inputs were the case measured."""
    x = np.random.default_rng(0).random((20_000, 64))
    row, column = sp.cell_of(sp.SimHash(64, rng=0).fit(x)(x))
    counts = np.bincount(row.astype(int) * 8 + column.astype(int), minlength=64)
    assert (counts > 0).all()
    assert counts.max() / counts.mean() < 2.5
    row, column = sp.cell_of(sp.SimHash(64, rng=0)(x))
    uncentered = np.bincount(row.astype(int) * 8 + column.astype(int), minlength=64)
    assert uncentered.max() > 2 * counts.max()


@pytest.mark.parametrize("degrees", [10, 30, 60, 90])
def test_probability_of_equal_bits_is_the_angle(degrees):
    """P(same side of a random plane) = 1 - angle/pi (Goemans and Williamson 1995; Charikar 2002)."""
    angle = np.radians(degrees)
    random = np.random.default_rng(degrees)
    equal_bits, equal_hashes = [], []
    for seed in range(60):
        first, other = random.normal(size=(2, 400, 30))
        first /= np.linalg.norm(first, axis=1, keepdims=True)
        other -= (other * first).sum(axis=1, keepdims=True) * first
        other /= np.linalg.norm(other, axis=1, keepdims=True)
        second = np.cos(angle) * first + np.sin(angle) * other
        hasher = sp.SimHash(30, rng=seed)
        equal_hashes.append((hasher(first) == hasher(second)).mean())
        equal_bits.append((sides(hasher, first)[0] == sides(hasher, second)[0]).mean())
    same = 1 - angle / np.pi
    assert np.mean(equal_bits) == pytest.approx(same, abs=0.01)
    assert np.mean(equal_hashes) == pytest.approx(same**6, abs=0.03)


def test_cells_are_the_sides_of_the_planes_gray_coded():
    """Cell and sides determine each other, and neighboring cells differ in one side."""
    x = rows(20_000, 16)
    hasher = sp.SimHash(16, rng=0).fit(x)
    row, column = (part.astype(int) for part in sp.cell_of(hasher(x)))
    above, _ = sides(hasher, x)
    code = {}
    for r, c, side in zip(row, column, above.astype(int), strict=True):
        assert code.setdefault((r, c), tuple(side)) == tuple(side)
    assert len(code) == len(set(code.values())) == 64
    for (r, c), side in code.items():
        for neighbor in ((r + 1, c), (r, c + 1)):
            if neighbor in code:
                assert sum(a != b for a, b in zip(side, code[neighbor], strict=True)) == 1


def test_small_moves_go_to_the_same_or_a_neighboring_cell():
    x = rows(4000, 50)
    hasher = sp.SimHash(50, rng=0).fit(x)
    row, column = (part.astype(int) for part in sp.cell_of(hasher(x)))
    near = x + 1e-3 * rows(4000, 50, seed=1)
    row_near, column_near = (part.astype(int) for part in sp.cell_of(hasher(near)))
    moved = (row != row_near) | (column != column_near)
    assert 0 < moved.mean() < 0.02
    margin = hasher.margin(x)
    assert margin[moved].max() < np.linalg.norm(near - x, axis=1).max(), "only rows close to a plane move"


def test_margin_is_the_distance_to_the_nearest_plane():
    x = rows(300, 11)
    hasher = sp.SimHash(11, rng=0).fit(x)
    margin = hasher.margin(x)
    assert margin.shape == (300,)
    np.testing.assert_allclose(margin, sides(hasher, x)[1].min(axis=1), rtol=1e-9)
    assert (margin >= 0).all()


def test_a_hash_uses_its_planes():
    x = rows(500, 5, dtype=np.float32)
    hasher = sp.SimHash(5, n_bits=10, rng=0).fit(x)
    assert np.sort(np.shape(hasher.planes)).tolist() == [5, 10]
    assert np.shape(hasher.thresholds) == (10,)
    _, first = np.unique(hasher(x), return_inverse=True)
    _, second = np.unique(sides(hasher, x)[0], axis=0, return_inverse=True)
    assert len(set(zip(first, second.ravel(), strict=True))) == len(set(first)) == len(set(second.ravel()))


def test_constant_hash():
    x = rows(20, 4)
    h = sp.ConstantHash(4)(x)
    assert h.dtype == np.uint64
    assert h.shape == (20,)
    assert not h.any()
    constant = sp.ConstantHash(4, value=0x305)
    assert constant.fit(x) is constant
    assert (constant(x) == 0x305).all()
    assert (sp.ConstantHash(4, value=2**64 - 1)(x) == np.uint64(2**64 - 1)).all()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_random_hash_depends_on_the_content_of_a_row_only(dtype):
    x = rows(20_000, 6, dtype=dtype)
    hasher = sp.RandomHash(6, rng=0)
    assert hasher.fit(x) is hasher
    h = hasher(x)
    assert h.dtype == np.uint64
    assert h.shape == (20_000,)
    order = np.random.default_rng(1).permutation(20_000)
    np.testing.assert_array_equal(hasher(x[order]), h[order])
    np.testing.assert_array_equal(hasher(x[7:8]), h[7:8])
    np.testing.assert_array_equal(hasher(np.asfortranarray(x)), h)
    np.testing.assert_array_equal(hasher(x), h)
    np.testing.assert_array_equal(sp.RandomHash(6, rng=0)(x), h)
    row, column = sp.cell_of(h)
    counts = np.bincount(row.astype(int) * 8 + column.astype(int), minlength=64)
    expected = 20_000 / 64
    assert ((counts - expected) ** 2 / expected).sum() < 120  # chi-square, 63 degrees of freedom: p = 2e-5
    row_other, column_other = sp.cell_of(sp.RandomHash(6, rng=1)(x))
    assert ((row == row_other) & (column == column_other)).mean() == pytest.approx(1 / 64, abs=0.01)
    nearby = x.copy()
    nearby[:, 3] = np.nextafter(nearby[:, 3], dtype(9))
    row_near, column_near = sp.cell_of(hasher(nearby))
    assert ((row == row_near) & (column == column_near)).mean() == pytest.approx(1 / 64, abs=0.01)


@pytest.mark.parametrize("hasher", [sp.SimHash(5, rng=0), sp.ConstantHash(5, 0x203), sp.RandomHash(5, rng=0)])
def test_hashes_drive_maps(hasher):
    x = rows(300, 5)
    amap = sp.ActivationMap.random(rng=0)
    h = hasher.fit(x)(x)
    y = amap.activate(x, h[:, None])
    for n in (0, 17, 299):
        np.testing.assert_array_equal(y[n], amap[tuple(int(i) for i in sp.cell_of(h[n]))](x[n]))
    assert amap.hit_counts.sum() == 1500


def test_neighboring_buckets_are_neighboring_cells():
    x = np.arange(-200, 200) * 0.25 + 0.1
    row, column = sp.cell_of(sp.bucket_hash(x, 0.25))
    # on the torus, where rows 7 and 0 are neighbors: exactly one step from bucket to bucket
    steps = (np.diff(row) + 4) % 8 - 4, (np.diff(column) + 4) % 8 - 4
    assert (np.abs(steps[0]) + np.abs(steps[1]) == 1).all()
    assert len(set(zip(row[:64].tolist(), column[:64].tolist(), strict=True))) == 64
    assert (sp.bucket_hash(x + 0.1, 0.25) == sp.bucket_hash(x, 0.25)).all()  # the same bucket


def test_buckets_have_hashes_of_their_own():
    k = np.concatenate([np.arange(-3000, 3000), [2.0**62, -(2.0**62), 2.0**53 - 1, -(2.0**63) + 2048]])
    assert len(set(sp.bucket_hash(k, 1).tolist())) == k.size
    assert sp.bucket_hash(-1e-300, 2.0) == sp.bucket_hash(-1.5, 2.0) != sp.bucket_hash(0.0, 2.0)
    assert type(sp.bucket_hash(3.5, 1.0)) is int
    assert sp.bucket_hash(np.float32([[0.5, 1.5]]), 1).dtype == np.uint64


@pytest.mark.parametrize(
    ("x", "width", "error", "message"),
    [
        ([0.0, np.nan], 1.0, ValueError, "x holds NaN or infinity"),
        (1.0, 0.0, ValueError, "width"),
        (1.0, -1.0, ValueError, "width"),
        (1.0, np.nan, ValueError, "width"),
        (1.0, np.inf, ValueError, "width"),
        (1e300, 1e-300, ValueError, "too large"),
        (1e30, 1.0, ValueError, "too large"),
        ("a", 1.0, TypeError, "x has dtype"),
        (1.0, "a", TypeError, "width"),
        (1j, 1.0, TypeError, "x has dtype"),
    ],
)
def test_bad_buckets(x, width, error, message):
    with pytest.raises(error, match=message):
        sp.bucket_hash(x, width)


def test_a_hash_cannot_be_changed_from_outside():
    simhash = sp.SimHash(3, rng=0)
    for attribute in ("thresholds", "planes", "n_features", "n_bits"):
        with pytest.raises(AttributeError):
            setattr(simhash, attribute, np.zeros(3))
    before = simhash(np.ones(3))
    simhash.thresholds[:] = 1e9
    simhash.planes[:] = 0
    assert simhash(np.ones(3)) == before


def test_integers_on_both_sides_of_two_to_the_63():
    row, column = sp.cell_of([2**63, 1, 2**64 - 1])
    assert row.tolist() == [0, 0, 7]
    assert column.tolist() == [0, 1, 7]
    with pytest.raises(ValueError, match=f"hashes holds {2**64}"):
        sp.cell_of([2**64, 1])


@pytest.mark.parametrize("n_rows", [1, 2, 3, 10, 11])
def test_thresholds_are_medians(n_rows):
    X = np.random.default_rng(n_rows).normal(size=(n_rows, 5))
    simhash = sp.SimHash(5, n_bits=9, rng=0)
    projections = simhash._project(X)
    np.testing.assert_array_equal(simhash.fit(X).thresholds, np.median(projections, axis=0))


def test_fit_where_the_mean_of_two_projections_overflows():
    simhash = sp.SimHash.from_arrays(np.eye(6), np.full(6, 0.25))
    with np.errstate(all="raise"), pytest.raises(ValueError, match="X is too large to project"):
        simhash.fit(np.full((2, 6), 1e308))
    np.testing.assert_array_equal(simhash.thresholds, np.full(6, 0.25))
    simhash.fit(np.full((3, 6), 1e308))  # the middle one of three
    np.testing.assert_array_equal(pickle.loads(pickle.dumps(simhash)).thresholds, np.full(6, 1e308))


# ---- categories and buckets ----


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.int64, np.uint8])
def test_a_category_is_a_cell(dtype, isa):
    """In any batch, order and memory layout."""
    x = np.random.default_rng(0).integers(0, 64, size=(5000, 5)).astype(dtype)
    hasher = sp.CategoryHash(5, columns=[3])
    h = hasher(x)
    assert h.dtype == np.uint64
    row, column = sp.cell_of(h)
    np.testing.assert_array_equal(8 * row + column, x[:, 3])
    np.testing.assert_array_equal(h, (x[:, 3].astype(np.uint64) // 8 << np.uint64(8)) + x[:, 3].astype(np.uint64) % 8)
    np.testing.assert_array_equal(hasher(x[::-2]), h[::-2])
    np.testing.assert_array_equal(hasher(np.asfortranarray(x)), h)
    assert hasher(x[7]) == h[7]
    assert hasher(x[:0]).shape == (0,)
    assert hasher.fit(x) is hasher


def test_one_hot_columns():
    columns = [5, 0, 2, 7]
    x = np.random.default_rng(0).normal(size=(300, 8))
    category = np.arange(300) % 4
    x[:, columns] = category[:, None] == np.arange(4)
    x[x == 0] = -0.0
    row, column = sp.cell_of(sp.CategoryHash(8, columns)(x))
    assert not row.any()
    np.testing.assert_array_equal(column, category)
    wide = np.eye(64)
    row, column = sp.cell_of(sp.CategoryHash(64, range(64))(wide))
    np.testing.assert_array_equal(8 * row + column, np.arange(64))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("wrong", [64, -1, 0.5, 63.5, -1e-30, np.nan, np.inf, -np.inf, 1e30])
def test_a_row_without_a_category(wrong, dtype):
    x = np.zeros((900, 3), dtype)
    x[700, 1] = x[800, 1] = wrong
    with np.errstate(all="raise"), pytest.raises(ValueError, match=r"^X has .* in row 700, column 1, expected a whole"):
        sp.CategoryHash(3, [1])(x)
    assert (sp.CategoryHash(3, [0])(x) == 0).all(), "the other columns are ignored"
    x[:, 0] = 1
    with pytest.raises(ValueError, match=r"^X has no category in row 700, expected a 1 in one of the columns \[0, 1"):
        sp.CategoryHash(3, [0, 1])(x)


@pytest.mark.parametrize("row", [[0, 0, 0], [1, 1, 0], [1, 0, 1], [0, 2, 0], [0.5, 0.5, 0], [1, 0, np.nan]])
def test_a_row_that_is_not_one_hot(row):
    with pytest.raises(ValueError, match="X has no category in row 0"):
        sp.CategoryHash(3, [0, 1, 2])([row])


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_edges", [1, 2, 7, 8, 31, 32, 62, 63])
def test_buckets_are_those_of_searchsorted(n_edges, dtype, isa):
    random = np.random.default_rng(n_edges)
    edges = np.sort(random.normal(size=n_edges)).astype(dtype)
    x = random.normal(size=(2000, 3)).astype(dtype)
    x[: 3 * n_edges, 2] = np.concatenate([edges, np.nextafter(edges, dtype(-9)), np.nextafter(edges, dtype(9))])
    x[-3:, 2] = [np.finfo(dtype).max, np.finfo(dtype).min, -0.0]
    hasher = sp.BucketHash(3, column=2, edges=edges)
    row, column = sp.cell_of(hasher(x))
    np.testing.assert_array_equal(8 * row + column, np.searchsorted(edges, x[:, 2], side="right"))
    np.testing.assert_array_equal(hasher(x[::-2]), hasher(x)[::-2])
    np.testing.assert_array_equal(hasher(np.asfortranarray(x)), hasher(x))
    np.testing.assert_array_equal(hasher.edges, edges)


def test_a_bucket_of_a_float32_is_compared_in_float64():
    hasher = sp.BucketHash(1, 0, [0.1])
    assert sp.cell_of(hasher(np.float32([[0.1]])))[1].tolist() == [1]  # float32(0.1) is above 0.1
    assert sp.cell_of(hasher([[np.nextafter(0.1, 0)]]))[1].tolist() == [0]


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_a_row_without_a_bucket(wrong):
    x = np.zeros((9, 2))
    x[4, 0] = wrong
    with pytest.raises(ValueError, match="X is not finite in row 4, column 0"):
        sp.BucketHash(2, 0, [1.0])(x)
    assert (sp.BucketHash(2, 1, [1.0])(x) == 0).all()


@pytest.mark.parametrize(
    ("make", "error", "message"),
    [
        (lambda: sp.CategoryHash(3, []), ValueError, r"columns is \[\], expected 1 to 64 different columns"),
        (lambda: sp.CategoryHash(3, [1, 1]), ValueError, "expected 1 to 64 different columns"),
        (lambda: sp.CategoryHash(70, range(65)), ValueError, "expected 1 to 64 different columns"),
        (lambda: sp.CategoryHash(3, [3]), ValueError, "columns contains column 3, the rows have 3 features"),
        (lambda: sp.CategoryHash(3, [-1]), ValueError, "columns is -1, expected an integer of at least 0"),
        (lambda: sp.CategoryHash(3, 1), TypeError, "columns is 1, expected a sequence of integers"),
        (lambda: sp.CategoryHash(3, [1.0]), TypeError, "columns is 1.0, expected an integer"),
        (lambda: sp.BucketHash(3, 3, [0]), ValueError, "column contains column 3, the rows have 3 features"),
        (lambda: sp.BucketHash(3, 0, []), ValueError, r"edges has shape \(0,\), expected 1 to 63 numbers"),
        (lambda: sp.BucketHash(3, 0, range(64)), ValueError, r"edges has shape \(64,\), expected 1 to 63 numbers"),
        (lambda: sp.BucketHash(3, 0, [1, 1]), ValueError, "edges is not a sequence of finite numbers in increasing"),
        (lambda: sp.BucketHash(3, 0, [0, np.inf]), ValueError, "edges is not a sequence of finite numbers"),
        (lambda: sp.BucketHash(3, 0, ["a"]), TypeError, "edges has dtype"),
    ],
)
def test_categories_and_buckets_that_cannot_be(make, error, message):
    with pytest.raises(error, match=message):
        make()


@pytest.mark.parametrize("hasher", [sp.CategoryHash(4, [2]), sp.BucketHash(4, 1, [0.1, 3.7])])
def test_categories_and_buckets_are_copied_and_shown(hasher):
    x = np.random.default_rng(0).integers(0, 64, size=(100, 4)).astype(float)
    twins = [pickle.loads(pickle.dumps(hasher)), copy.deepcopy(hasher), eval(f"sp.{hasher!r}")]
    for twin in twins:
        assert repr(twin) == repr(hasher)
        np.testing.assert_array_equal(twin(x), hasher(x))
