"""``spatium map``: what it writes and prints, against the library called directly."""

import json
import sys

import numpy as np
import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

import click.testing
from conftest import same_bits

import spatium as sp
from spatium.cli.app import application


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder):
    def call(*arguments):
        return click.testing.CliRunner().invoke(application, ["map", *map(str, arguments)])

    return call


def good(result):
    assert result.exit_code == 0, result.output
    return result.stdout


def one_line(result, exit_code=3):
    assert result.exit_code == exit_code, result.output
    line = result.stderr.strip().splitlines()[-1]
    assert line.startswith("Error: ")
    assert "Traceback" not in result.stderr
    return line


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# --- make --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), sp.ActivationMap.random(rng=0)),
        (("--neurons", 5, "--seed", 3), sp.ActivationMap.random(5, rng=3)),
        (("--layout", "uniform"), sp.ActivationMap.uniform(sp.ReLU())),
        (("--layout", "uniform", "--function", "elu:alpha=0.5"), sp.ActivationMap.uniform(sp.ELU(0.5))),
        (("--layout", "uniform", "--function", "gelu:approximate=tanh"), sp.ActivationMap.uniform(sp.GELU("tanh"))),
        (("--layout", "gradient", "--neurons", 2), sp.ActivationMap.gradient(sp.GELU(), sp.ReLU(), 2)),
        (
            ("--layout", "gradient", "--center", "mish", "--edge", "leaky_relu:negative_slope=0.2"),
            sp.ActivationMap.gradient(sp.Mish(), sp.LeakyReLU(0.2)),
        ),
    ],
)
def test_make(run, arguments, expected):
    good(run("make", "map.npz", *arguments))
    made = sp.ActivationMap.load("map.npz")
    assert made == expected
    assert made.statistics().total == 0


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--layout", "spiral"), "spiral"),
        (("--neurons", 0), "--neurons"),
        (("--function", "relu"), "--function needs --layout uniform"),
        (("--layout", "uniform", "--edge", "relu"), "--edge needs --layout gradient"),
        (("--layout", "uniform", "--function", "rleu"), "rleu"),
        (("--layout", "uniform", "--function", "elu:0.5"), "'0.5' is not parameter=value"),
        (("--layout", "uniform", "--function", "elu:alpha=nan"), "alpha is nan"),
        (("--layout", "uniform", "--function", "elu:beta=1"), "beta"),
    ],
)
def test_make_refuses(run, folder, arguments, message):
    assert message in one_line(run("make", "map.npz", *arguments), exit_code=2)
    assert names(folder) == []


# --- show --------------------------------------------------------------------------------------------------------


def test_show(run):
    amap = sp.ActivationMap.gradient(sp.GELU(), sp.ReLU())
    amap(np.ones(7), 0x304)
    amap.save("map.npz")
    text = good(run("show", "map.npz"))
    lines = [line.split() for line in text.splitlines()]
    letters = {line[1]: line[0] for line in lines if line and line[-1].isdigit() and line[1:2] in (["GELU"], ["ReLU"])}
    assert set(letters) == {"GELU", "ReLU"}
    rows = [[cell for cell in line if cell in letters.values()] for line in lines]
    rows = [row for row in rows if len(row) == 8]
    expected = [[letters[type(amap[r, c]).__name__] for c in range(8)] for r in range(8)]
    assert rows == expected
    grid = text[: text.index("activation")].splitlines()  # above the legend
    assert [str(column) for column in range(8)] in [[word for word in line.split() if word.isdigit()] for line in grid]
    assert any(line[-2:] == ["32", "7"] for line in lines)  # GELU: half the cells, all the hits


def test_show_neurons(run):
    amap = sp.ActivationMap.uniform(sp.ReLU(), 3)
    amap[1] = sp.Tanh()
    amap.save("map.npz")
    text = good(run("show", "map.npz"))
    assert "3 neurons" in text
    assert "ReLU" in text
    assert "Tanh" not in text
    assert "Tanh" in good(run("show", "map.npz", "--neuron", 1))
    assert "neuron is 3, but the map has shape (3,)" in one_line(run("show", "map.npz", "--neuron", 3))


def test_show_draws(run, folder):
    pytest.importorskip("matplotlib")
    sp.ActivationMap.random(rng=0).save("map.npz")
    good(run("show", "map.npz", "--png", "map.png"))
    assert (folder / "map.png").read_bytes().startswith(b"\x89PNG")
    assert "missing/map.png" in one_line(run("show", "map.npz", "--png", "missing/map.png"))
    assert names(folder) == ["map.npz", "map.png"]


def test_without_matplotlib_it_says_what_to_install(run, monkeypatch):
    sp.ActivationMap.random(rng=0).save("map.npz")
    monkeypatch.setitem(__import__("sys").modules, "matplotlib", None)
    good(run("show", "map.npz"))
    assert (
        'needs matplotlib (extra "plots"): python -m pip install matplotlib'
        in run("show", "map.npz", "--png", "map.png").stderr
    )


# --- apply -------------------------------------------------------------------------------------------------------


@pytest.fixture
def x():
    array = np.random.default_rng(0).normal(0, 3, (300, 24)).astype(np.float32)
    array[5, 3] = np.nan  # a value like others when the hashes come from elsewhere
    np.save("x.npy", array)
    return array


@pytest.mark.parametrize("neurons", [(), (24,)])
@pytest.mark.parametrize("shape", [(300,), (300, 1), (300, 24)])
@pytest.mark.parametrize("batch", [None, 7])
def test_apply_with_hashes(run, folder, x, neurons, shape, batch):
    amap = sp.ActivationMap.random(neurons, rng=0)
    amap(np.ones(24), 5)  # hits from before do not come again
    amap.save("map.npz")
    hashes = np.random.default_rng(1).integers(0, 2**63, shape)
    np.save("h.npy", hashes)
    options = [] if batch is None else ["--batch", batch]
    text = good(run("apply", "map.npz", "--input", "x.npy", "--hashes", "h.npy", "--output", "y.npy",
                    "--counts", "hits.npz", *options))  # fmt: skip
    amap.reset_counts()
    same_bits(np.load("y.npy"), amap.activate(x, hashes.reshape(300, -1)))
    counted = sp.ActivationMap.load("hits.npz")
    assert counted == amap
    np.testing.assert_array_equal(counted.hit_counts, amap.hit_counts)
    assert "7200 hits" in text
    assert sp.ActivationMap.load("map.npz").statistics().total == 24  # the map itself is as it was
    assert names(folder) == ["h.npy", "hits.npz", "map.npz", "x.npy", "y.npy"]


@pytest.mark.parametrize("dtype", ["f2", "f8", ">f4", "i2", "?"])
def test_apply_with_simhash(run, dtype):
    x = np.random.default_rng(2).normal(0, 3, (100, 4, 5)).astype(dtype)
    np.save("x.npy", np.asfortranarray(x))
    amap = sp.ActivationMap.random(rng=0)
    amap.save("map.npz")
    good(run("apply", "map.npz", "--input", "x.npy", "--simhash", 4, "--output", "y.npy", "--batch", 9))
    flat = x.reshape(100, 20)
    hashes = sp.SimHash(20, rng=4).fit(flat)(flat)
    same_bits(np.load("y.npy"), amap.activate(x, hashes[:, None, None]))


def test_parts_fitted_alike_add_up_to_the_whole(run):
    x = np.random.default_rng(2).random((100, 20)).astype(np.float32)
    np.save("x.npy", x)
    np.save("first.npy", x[:60])
    np.save("second.npy", x[60:])
    good(run("make", "map.npz", "--neurons", 20))
    for name in ("x", "first", "second"):
        good(run("apply", "map.npz", "--input", f"{name}.npy", "--simhash", 4, "--fit", "x.npy",
                 "--output", f"{name}.y.npy", "--counts", f"{name}.npz"))  # fmt: skip
    assert "2,000 hits of 2 files" in good(run("merge", "first.npz", "second.npz", "-o", "sum.npz"))
    same_bits(np.concatenate([np.load("first.y.npy"), np.load("second.y.npy")]), np.load("x.y.npy"))
    whole, total = sp.ActivationMap.load("x.npz"), sp.ActivationMap.load("sum.npz")
    assert total == whole
    np.testing.assert_array_equal(total.hit_counts, whole.hit_counts)
    assert json.loads(good(run("stats", "sum.npz", "--json"))) == whole.statistics().to_dict()
    text = good(run("stats", "sum.npz"))
    for expected in ("hits per cell", "2000 hits", "entropy", "chi-square"):
        assert expected in text


def test_apply_to_nothing(run):
    np.save("x.npy", np.empty((0, 3), np.float32))
    good(run("make", "map.npz"))
    assert "0 hits" in good(run("apply", "map.npz", "--input", "x.npy", "--simhash", 0, "--output", "y.npy"))
    assert np.load("y.npy").shape == (0, 3)


def test_a_hash_is_not_fitted_to_nothing(run, folder):
    """It went on unfitted, with another routing than the other parts of the data set."""
    np.save("x.npy", np.ones((2, 3), np.float32))
    np.save("none.npy", np.empty((0, 3), np.float32))
    good(run("make", "map.npz"))
    options = ("--simhash", 1, "--fit", "none.npy")
    assert "none.npy has no rows, expected" in one_line(run("apply", "map.npz", *INPUT, *options))
    assert "y.npy" not in names(folder)


def test_rows_too_large_to_hash(run, folder):
    np.save("x.npy", np.full((3, 2), 1.7e308))
    np.save("fit.npy", np.ones((3, 2)))
    good(run("make", "map.npz"))
    options = ("--simhash", 1, "--fit", "fit.npy")
    assert "x.npy: rows 0 to 2: X is not finite in row" in one_line(run("apply", "map.npz", *INPUT, *options))


INPUT = ("--input", "x.npy", "--output", "y.npy")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (INPUT, "either --hashes or --simhash"),
        ((*INPUT, "--hashes", "h.npy", "--simhash", 1), "either --hashes or --simhash"),
        ((*INPUT, "--hashes", "h.npy", "--fit", "x.npy"), "--fit needs --simhash"),
        (("--input", "x.npy", "--output", "x.npy", "--simhash", 1), "must differ from each other"),
        ((*INPUT, "--simhash", 1, "--counts", "map.npz"), "must differ from each other"),
        ((*INPUT, "--simhash", 1, "--counts", "y.npy"), "must differ from each other"),
    ],
)
def test_apply_usage(run, folder, x, arguments, message):
    good(run("make", "map.npz"))
    assert message in one_line(run("apply", "map.npz", *arguments), exit_code=2)
    assert names(folder) == ["map.npz", "x.npy"]


@pytest.mark.parametrize(
    ("hashes", "message"),
    [
        (np.zeros(299, int), r"h.npy has shape (299,), expected (300,) or (300, 24)"),
        (np.zeros(300), "h.npy has dtype float64, expected integers"),
        (np.where(np.arange(300) == 211, -7, 0), "h.npy: row 211 holds -7"),
        (-np.arange(300), "h.npy: row 1 holds -1,"),
    ],
)
def test_bad_hashes(run, folder, x, hashes, message):
    good(run("make", "map.npz"))
    np.save("h.npy", hashes)
    options = ("--hashes", "h.npy", "--counts", "hits.npz", "--batch", 100)
    assert message in one_line(run("apply", "map.npz", *INPUT, *options))
    assert names(folder) == ["h.npy", "map.npz", "x.npy"]


def test_errors_name_the_file(run, folder, x):
    good(run("make", "map.npz"))
    good(run("make", "wide.npz", "--neurons", 25))
    (folder / "junk.npz").write_bytes(b"junk")
    assert "x.npy" in one_line(run("apply", "map.npz", *INPUT, "--simhash", 1))  # row 5 holds NaN
    line = one_line(run("apply", "wide.npz", *INPUT, "--simhash", 1))
    assert "x.npy has shape (300, 24), expected rows of shape (25,), as in wide.npz" in line
    for name in ("junk.npz", "missing.npz", "x.npy"):
        assert name in one_line(run("apply", name, "--input", "x.npy", "--output", "y.npy", "--simhash", 1))
        assert name in one_line(run("show", name))
        assert name in one_line(run("stats", name))
        assert name in one_line(run("merge", "map.npz", name, "-o", "sum.npz"))
    assert "missing.npy" in one_line(run("apply", "map.npz", "--input", "missing.npy", "--output", "y", "--simhash", 1))
    assert names(folder) == ["junk.npz", "map.npz", "wide.npz", "x.npy"]


def test_names_of_files_are_not_empty(run, folder):
    assert "the name of the file is empty" in one_line(run("make", ""), exit_code=2)
    assert names(folder) == []


def test_existing_files_are_kept_without_force(run, folder, x):
    np.save("h.npy", np.arange(300))
    apply = ("apply", "map.npz", *INPUT, "--hashes", "h.npy", "--counts", "hits.npz")
    good(run("make", "map.npz"))
    x[5] = 0
    np.save("x.npy", x)
    good(run(*apply))
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    for arguments, name in (
        (("make", "map.npz"), "map.npz"),
        (apply, "y.npy"),
        ((*apply[:3], "x.npy", "--output", "z.npy", *apply[6:]), "hits.npz"),
        (("merge", "map.npz", "-o", "hits.npz"), "hits.npz"),
    ):
        assert f"{name} exists; --force replaces it" in one_line(run(*arguments), exit_code=2)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before
    good(run(*apply, "--force"))
    good(run("make", "map.npz", "--seed", 1, "--force"))
    assert sp.ActivationMap.load("map.npz") == sp.ActivationMap.random(rng=1)


def test_functions_of_the_user(run, folder, monkeypatch):
    (folder / "my_map_functions.py").write_text("import numpy as np\ndef bump(x):\n    return np.exp(-x * x)\n")
    monkeypatch.setattr("sys.path", ["", *sys.path])
    good(run("make", "map.npz", "--layout", "uniform", "--function", "my_map_functions:bump"))
    assert "--custom" in one_line(run("show", "map.npz"))
    assert "my_map_functions:bump" in good(run("show", "map.npz", "--custom", "my_map_functions:bump"))
    sp.ActivationMap.uniform(sp.Custom(np.sin, name="wave")).save("named.npz")
    np.save("x.npy", np.array([[0.5, 1.5]]))
    np.save("h.npy", np.array([3]))
    good(run("apply", "named.npz", *INPUT, "--hashes", "h.npy", "--custom", "wave=my_map_functions:bump"))
    np.testing.assert_array_equal(np.load("y.npy"), np.exp(-np.array([[0.25, 2.25]])))


def test_statistics_of_an_unused_map(run):
    good(run("make", "map.npz"))
    text = good(run("stats", "map.npz"))
    assert "0 hits: there are no statistics yet" in text
    assert "nan" not in text


def test_merge_refuses_what_does_not_belong_together(run, folder):
    good(run("make", "a.npz", "--seed", 1))
    good(run("make", "b.npz", "--seed", 2))
    assert "b.npz: the cells differ from those of a.npz" in one_line(run("merge", "a.npz", "b.npz", "-o", "sum.npz"))
    assert "named twice" in one_line(run("merge", "a.npz", "a.npz", "-o", "sum.npz"), exit_code=2)
    assert names(folder) == ["a.npz", "b.npz"]
