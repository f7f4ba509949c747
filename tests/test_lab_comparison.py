"""Comparisons of activations and of maps: paired seeds, rates chosen on other rows, null models of equal size."""

import functools
import importlib.util
from pathlib import Path

import numpy as np
import pytest

import spatium as sp
from spatium import lab
from spatium.lab import comparison, trials
from spatium.lab.networks import DESIGNS, Design, build, design_of
from spatium.lab.nulls import MAPS, _verdict, bytes_of, equal_width
from spatium.lab.trials import Data, Trials, train_one, tuned_runs

ROOT = Path(__file__).resolve().parents[1]
QUICK = {"seeds": 2, "rates": [0.01, 0.1], "epochs": 2, "size": 16, "tuning_seeds": 1, "progress": False}


def silent(done, total):
    pass


def sensor_data(seed, rows=256):
    found = lab.sensors(rows, rng=seed, test_rows=400)
    return found.X, found.y, found.X_test, found.y_test, found.hash


# ---- one trial ----


def numbers(context=None):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 3)).astype(np.float32)
    x[:, 2] = rng.integers(0, 3, 300)
    y = 50 + 10 * np.where(x[:, 2] == 1, np.sin(3 * x[:, 0]), x[:, 0])
    return Data.checked(x[:200], y[:200], x[200:], y[200:], context)


def test_the_score_of_numbers_is_the_variance_explained():
    data = numbers()
    settings = Trials(data, 8, 2, 30, 32, False)
    fitted = trials.fit(settings, design_of("a", "gelu"), 0.03, 4)
    y = fitted.network.predict(data.x_test)[:, 0] * data.y.std() + data.y.mean()
    expected = 1 - np.square(y - data.y_test).sum() / np.square(data.y_test - data.y.mean()).sum()
    assert abs(fitted.score - 100 * expected) < 1e-3
    assert fitted.score > 50
    assert train_one(settings, design_of("a", "gelu"), 0.03, 4)["score"] == fitted.score  # the same bits again


def test_a_seed_decides_weights_and_order_for_all_designs():
    settings = Trials(numbers(), 8, 2, 1, 32, False)
    first = trials.fit(settings, design_of("a", "relu"), 1e-12, 1).network
    second = trials.fit(settings, design_of("a", "tanh"), 1e-12, 1).network
    ratio = first.layers[0].weights / second.layers[0].weights
    np.testing.assert_allclose(ratio, ratio[0, 0], rtol=1e-4)
    other = trials.fit(settings, design_of("a", "relu"), 1e-12, 2).network
    assert not np.allclose(first.layers[0].weights, other.layers[0].weights)


def test_tuning_uses_a_part_of_the_training_rows_only():
    data = numbers()
    part = data.for_tuning(np.random.default_rng(0))
    rows = {row.tobytes() for row in data.x}
    assert {row.tobytes() for row in part.x} | {row.tobytes() for row in part.x_test} == rows
    assert (len(part.x), len(part.x_test)) == (160, 40)
    settings = Trials(data, 4, 1, 1, 32, False)
    fitted = trials.fit(settings, design_of("a", "relu"), 0.01, trials._TUNING)
    assert {row.tobytes() for row in fitted.data.x_test} < rows


def test_the_cell_as_an_input():
    context = sp.CategoryHash(3, columns=[2])
    data = numbers(context)
    design = Design("one-hot", one_hot=True, routing="context", cells="learned", gain_bias=True)
    fitted = trials.fit(Trials(data, 4, 1, 2, 32, False), design, 0.01, 0)
    assert fitted.network.n_inputs == 6
    np.testing.assert_array_equal(fitted.data.x[:, 3:].argmax(axis=1), data.x[:, 2])
    hashes = fitted.network.pattern_hash(fitted.data.x)
    assert len(np.unique(np.stack([hashes, context(data.x)]), axis=1)[0]) == 3  # the same partition of the rows


def test_permuted_cells_harm_a_map_that_uses_them():
    data = Data.checked(*sensor_data(0))
    design = Design("map", routing="context", cells="learned", gain_bias=True)
    found = train_one(Trials(data, 8, 2, 30, 32, False), design, 0.08, 0)
    assert found["score"] > 80
    assert found["permuted"] < found["score"] - 30
    permuted = trials._Permuted(data.context, np.arange(8), np.random.default_rng(0))
    cells = trials.cells_of(permuted(data.x))
    assert sorted(set(cells.tolist())) == list(range(8))
    assert (cells != trials.cells_of(data.context(data.x))).all()


def test_a_loss_that_becomes_infinite_is_a_failed_run():
    with np.errstate(over="ignore", invalid="ignore"):
        exp = design_of("a", sp.Custom(np.exp, np.exp, name="exp"))
        found = train_one(Trials(numbers(), 8, 2, 3, 32, False), exp, 1e4, 0)
    assert found["failed"]
    assert found["score"] == 0


@pytest.mark.parametrize(
    ("change", "error", "text"),
    [
        ({"X": np.ones((5, 2))}, ValueError, "X_test has 3 columns, X has 2"),
        ({"X": np.ones(5)}, ValueError, r"X has shape \(5,\), expected \(rows, columns\)"),
        ({"X": np.full((5, 3), np.nan)}, ValueError, "X is not finite in row 0"),
        ({"y": np.ones(4)}, ValueError, r"y has shape \(4,\), expected \(5,\)"),
        ({"y": np.ones(5, int), "y_test": np.ones(4, int)}, ValueError, "y has the classes"),
        ({"y_test": np.full(4, np.inf)}, ValueError, "not finite"),
        ({"context": 3}, TypeError, "context is 3"),
        ({"context": None}, TypeError, "context is None"),
    ],
)
def test_wrong_data(change, error, text):
    arguments = {
        "X": np.ones((5, 3)), "y": np.arange(5.0), "X_test": np.ones((4, 3)), "y_test": np.arange(4.0),
        "context": sp.ConstantHash(3),
    }  # fmt: skip
    with pytest.raises(error, match=text):
        lab.nulls(**arguments | change)


def test_classes_are_numbered():
    data = Data.checked(np.ones((4, 1)), ["b", "a", "c", "a"], np.ones((2, 1)), ["c", "a"], None)
    assert (data.y.tolist(), data.y_test.tolist(), data.target, data.n_outputs) == ([1, 0, 2, 0], [2, 0], "classes", 3)
    two = Data.checked(np.ones((2, 1)), [True, False], np.ones((2, 1)), [True, True], None)
    assert (two.target, two.n_outputs) == ("binary", 1)


# ---- compare ----


# Other processes cannot import the functions of a lambda, so they are computed here.
CONTENDERS = ["gelu", "relu", "prelu", "learned map", sp.Custom(lambda x: np.abs(x), lambda x: np.sign(x), name="mine")]


@pytest.fixture(scope="module")
def table():
    return lab.compare(CONTENDERS, workers=1, **QUICK)


def test_the_table_of_a_comparison(table):
    assert table.column("activation") == ["gelu", "relu", "prelu", "learned map", "mine"]
    assert table["relu"]["difference"] == table["relu"]["difference_error"] == 0
    for row in table:
        assert abs(row["difference"] - (row["accuracy"] - table["relu"]["accuracy"])) < 1e-9
        assert row["rate"] in QUICK["rates"]
        assert row["rates_within_a_point"] in (0.5, 1.0)
        assert 0 <= row["iou"] <= 100
    assert table["prelu"]["dead"] == 0
    assert table["relu"]["kept"] < table["gelu"]["kept"] < table["learned map"]["kept"]
    assert "relu" in str(table)


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.slow)])
def test_processes_and_a_folder_change_nothing(table, tmp_path, workers):
    for _ in range(2):  # the second time, all results are there
        again = lab.compare(CONTENDERS, workers=workers, folder=tmp_path, **QUICK)
        assert again.to_dict() == table.to_dict()
    assert len(list(tmp_path.iterdir())) == 5 * (2 * 1 + 2)


def test_without_relu_the_first_is_the_measure():
    table = lab.compare(["sine", "tanh"], workers=1, **QUICK | {"seeds": [7]})
    assert table["sine"]["difference"] == 0
    assert np.isnan(table["sine"]["difference_error"])  # one seed has no error
    assert table["tanh"]["accuracy_std"] is None


@pytest.mark.slow
def test_given_islands_and_hash_serve_all_seeds():
    islands = lab.perlin_islands(size=16, rng=9)
    keywords = {name: value for name, value in QUICK.items() if name != "size"}
    table = lab.compare(["random map"], islands, workers=1, pattern_hash=sp.SimHash(2, rng=1), **keywords)
    assert table["random map"]["accuracy"] > 40
    data = comparison.island_data(3, size=16, planes=2)
    assert len(np.unique(data.context(data.x))) == 4


def test_iou_is_intersection_over_union():
    settings = Trials(functools.partial(comparison.island_data, size=16), 8, 3, 5, 32, True)
    fitted = trials.fit(settings, DESIGNS["prelu"], 0.03, 0)
    found = train_one(settings, DESIGNS["prelu"], 0.03, 0)
    guess, truth = fitted.network.classify(fitted.data.x_test) == 1, fitted.data.y_test == 1
    assert found["iou"] == 100 * (guess & truth).sum() / (guess | truth).sum()
    assert found["score"] == 100 * (guess == truth).mean()


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ((["relu", "relu"],), ValueError, "contenders is relu, relu, expected different ones"),
        (([],), ValueError, "contenders is empty"),
        ((["relo"],), ValueError, r"contenders\[0\]: name is 'relo'"),
        ((["relu"], None, {"rates": [0.0]}), ValueError, r"rates\[0\] is 0.0"),
        ((["relu"], None, {"rates": []}), ValueError, "rates is empty"),
        ((["relu"], None, {"seeds": 0}), ValueError, "seeds is 0"),
        ((["relu"], None, {"seeds": [1, 1]}), ValueError, "expected different seeds"),
        ((["relu"], None, {"progress": 3}), TypeError, "progress is 3"),
        ((["relu"], None, {"workers": 0}), ValueError, "workers is 0"),
    ],
)
def test_wrong_arguments(arguments, error, text):
    contenders, islands, keywords = (*arguments, None, {})[:3] if len(arguments) < 3 else arguments
    with pytest.raises(error, match=text):
        lab.compare(contenders, islands, **QUICK | (keywords or {}))


def test_progress_covers_tuning_and_seeds():
    seen = []
    lab.compare(["relu"], workers=1, **QUICK | {"progress": lambda done, total: seen.append((done, total))})
    assert {total for _, total in seen} == {4}
    assert [done for done, _ in seen] == [0, 1, 2, 2, 3, 4]


# ---- null models ----


def small_nulls(X=None, **keywords):
    settings = {"seeds": 2, "rates": [0.03], "epochs": 1, "tuning_seeds": 1, "progress": False, "workers": 1}
    data = (X,) if X is not None else sensor_data(0)[:4]
    if X is None:
        settings["context"] = sensor_data(0)[4]
    return lab.nulls(*data, **settings | keywords)


def test_the_table_of_null_models():
    table = small_nulls(functions=["relu", "gelu"])
    assert table.column("contender") == [
        "uniform", "uniform, equal bytes", "uniform, gain and bias", "learned per unit", "map, random hash", "map",
        "map, gain and bias", "map, gain and bias, permuted",
    ]  # fmt: skip  # the cell is an input already
    best = max((table[name] for name in MAPS), key=lambda row: row["score"])
    for row in table:
        if row is not best and row["difference"] is not None:
            assert abs(row["difference"] - (best["score"] - row["score"])) < 1e-9
    assert table["uniform"]["function"] in ("relu", "gelu")
    assert table.notes[1] == "8 live cells with 32 training rows each"
    assert table.notes[2].startswith("Verdict: ")


def test_bytes_are_those_of_the_networks():
    data = Data.checked(*sensor_data(0))
    settings = Trials(data, 8, 2, 1, 32, False)
    for design in (Design("a"), Design("b", routing="context", cells="learned"), Design("c", width=11)):
        network = build(design, 13, 1, "numbers", 8, 2, data.context, 0)
        size = sum(layer.weights.size + layer.bias.size for layer in network.layers)
        cells = 0 if design.routing == "none" else 8 * 8 * 2  # live cells, units, layers
        assert bytes_of(design, 13, data, settings, 8) == 4 * size + cells
    both = Design("d", routing="context", cells="learned", gain_bias=True)
    wanted = bytes_of(both, 13, data, settings, 8)
    width = equal_width(wanted, 13, data, settings)
    sizes = [bytes_of(Design("", width=w), 13, data, settings, 8) for w in (width - 1, width)]
    assert sizes[0] < wanted <= sizes[1]


def test_a_cell_that_is_no_input_gets_two_more_rows():
    x = np.random.default_rng(0).normal(size=(120, 3)).astype(np.float32)
    arrays = (x[:80], x[:80, 0], x[80:], x[80:, 0])
    context = sp.BucketHash(3, column=1, edges=[-0.5, 0.5])
    keywords = {"context": context, "seeds": 1, "rates": [0.03], "epochs": 1, "tuning_seeds": 1, "workers": 1}
    keywords |= {"progress": False, "functions": ["gelu"]}
    names = lab.nulls(*arrays, **keywords).column("contender")
    assert names[2:4] == ["cell as an input", "cell as an input, equal bytes"]
    table = lab.nulls(*arrays, cell_as_input=True, **keywords)
    assert "cell as an input" not in table.column("contender")
    assert table["uniform"]["parameters"] == (6 + 1) * 8 + 9 * 8 + 9
    assert "one seed allows no verdict" in table.notes[-1]


def test_data_may_depend_on_the_seed():
    table = small_nulls(sensor_data, functions=["gelu"])
    fixed = small_nulls(functions=["gelu"])
    assert table["map"]["std"] > 0
    assert table["map"]["score"] != fixed["map"]["score"]
    with pytest.raises(TypeError, match="y, X_test and y_test are missing"):
        lab.nulls(np.ones((5, 2)), context=sp.ConstantHash(2))


@pytest.mark.parametrize(
    ("ours", "theirs", "text"),
    [
        ([90, 91.2, 92], [80, 81, 82.1], "the map helps: 'map' is above the strongest null model (learned per unit)"),
        ([80, 81, 82], [90, 91.2, 92], "no map is needed"),
        ([80, 85, 90], [81, 84, 90], "no clear advantage"),
    ],
)
def test_verdicts(ours, theirs, text):
    scores = {"uniform": [10.0, 11, 12], "learned per unit": theirs, "map": ours, "map, gain and bias": [1.0, 1, 1]}
    assert text in _verdict("map", scores)
    difference = np.subtract(ours, theirs)
    ratio = abs(difference.mean()) / (difference.std(ddof=1) / np.sqrt(3))
    assert f"({ratio:.2g} standard errors)" in _verdict("map", scores)


@pytest.mark.slow
def test_maps_win_on_sensors_and_not_on_islands():
    """The short form of docs/regimes.md and docs/islands.md, with other seeds than there."""
    settings = {"functions": ["gelu", "tanh"], "rates": [0.03, 0.08], "tuning_seeds": 2}
    table = lab.nulls(functools.partial(sensor_data, rows=512), seeds=range(50, 70), **settings)
    equal = table["uniform, equal bytes"]
    assert equal["difference"] > 3 * equal["difference_error"] > 0
    assert table["map, gain and bias, permuted"]["score"] < 60
    islands = lab.compare(["sine", "learned map"], seeds=range(50, 54), size=64, rates=[0.03, 0.1], tuning_seeds=2)
    assert islands["sine"]["accuracy"] > islands["learned map"]["accuracy"]


def test_tuning_chooses_the_rate_that_learns():
    settings = Trials(numbers(), 8, 1, 20, 32, False)
    (found,) = tuned_runs(settings, [design_of("a", "gelu")], [1e-9, 0.03], 2, [5], None, 1, silent)
    assert found.rate == 0.03
    assert found.scores[0.03] > found.scores[1e-9]
    assert len(found.runs) == 1
    assert isinstance(found.runs[0]["score"], float)


def test_every_experiment_has_its_place_in_a_page():
    spec = importlib.util.spec_from_file_location("laboratory", ROOT / "tools" / "laboratory.py")
    tool = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(tool)
    for name, (page, _) in tool.EXPERIMENTS.items():
        text = (ROOT / "docs" / page).read_text(encoding="utf-8")
        _, begin, rest = text.partition(f"<!-- laboratory.py: {name} -->\n")
        assert begin, name
        assert rest.partition("<!-- end -->")[0].startswith("| "), f"the table of {name} is missing"
