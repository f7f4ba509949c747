"""`spatium lab`: islands with its page, and null models on a table."""

import json
import re
import sys

import numpy as np
import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

import click.testing

from spatium import cell_of
from spatium.analysis import Table
from spatium.cli.app import application

ISLANDS = ("--seeds", 1, "--rates", "0.01,0.1", "--epochs", 1, "--size", 12, "--workers", 1)
NULLS = ("--seeds", 1, "--rates", "0.03", "--epochs", 1, "--workers", 1)


@pytest.fixture
def run():
    def call(*arguments, code=0):
        result = click.testing.CliRunner().invoke(application, ["lab", *(str(argument) for argument in arguments)])
        assert result.exit_code == code, result.output
        return result

    return call


@pytest.fixture
def machines(tmp_path):
    rng = np.random.default_rng(0)
    lines = ["speed,load,kind,output"]
    for _ in range(90):
        speed, load, kind = rng.normal(900, 100), rng.normal(), rng.choice(["pump", "fan", "press"])
        lines.append(f"{speed:.3f},{load:.3f},{kind},{load**2 if kind == 'fan' else load:.4f}")
    path = tmp_path / "machines.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_islands_as_text_and_json(run):
    text = run("islands", "--activations", "relu, leaky_relu:negative_slope=0.2, learned_map", *ISLANDS).stdout
    assert "LeakyReLU(negative_slope=0.2)" in text
    assert "learned map" in text
    assert "differences to relu" in text
    table = json.loads(run("islands", "--activations", "tanh", "--json", *ISLANDS).stdout)
    assert [row["activation"] for row in table["rows"]] == ["tanh"]


def test_nulls_by_category(run, machines, tmp_path):
    folder = tmp_path / "folder"
    result = run("nulls", machines, "--target", "output", "--context", "kind", "--output", folder, *NULLS)
    assert "map, gain and bias, permuted" in result.stdout
    assert "3 live cells" in result.stdout
    assert "Verdict: one seed allows no verdict" in result.stdout
    table = json.loads((folder / "table.json").read_text(encoding="utf-8"))
    assert len(list((folder / "results").iterdir())) == (3 + 1) * (
        3 * 4 + 4
    )  # three models of four functions, and four maps
    again = run("nulls", machines, "--target", "output", "--context", "kind", "--output", folder, "--json", *NULLS)
    assert json.loads(again.stdout) == table


def test_nulls_by_buckets(run, machines, monkeypatch):
    given = {}

    def compared(*arrays, **options):
        given.update(options, arrays=arrays)
        return Table("", ("a",), [(1,)])

    monkeypatch.setattr("spatium.cli.lab.null_models", compared)
    options = ("--target", "output", "--context", "speed", "--buckets", 4, "--categories", "kind", "--held-out", 0.3)
    run("nulls", machines, *options, "--cell-as-input", *NULLS)
    x, y, x_test, y_test = given["arrays"]
    assert (x.shape, x_test.shape, y.shape, y_test.shape) == ((63, 5), (27, 5), (63,), (27,))
    assert y.dtype == np.float64  # numbers, not classes
    np.testing.assert_allclose(x[:, :2].mean(axis=0), 0, atol=1e-6)
    np.testing.assert_allclose(x[:, :2].std(axis=0), 1, atol=1e-5)
    assert set(np.unique(x[:, 2:])) == {0, 1}  # the columns of a word
    rows, columns = cell_of(given["context"](x))
    assert sorted(np.bincount(8 * rows + columns).tolist()) == [15, 16, 16, 16]
    assert given["cell_as_input"]
    run("nulls", machines, "--target", "kind", "--context", "kind", *NULLS, code=3)
    run("nulls", machines, "--target", "kind", "--context", "speed", "--buckets", 2, *NULLS)
    assert set(given["arrays"][1].tolist()) == {0, 1, 2}  # the words in alphabetical order


@pytest.mark.parametrize(
    ("arguments", "code", "text"),
    [
        (("--target", "output", "--context", "speed"), 3, "90 different values, a map has 64 cells"),
        (("--target", "output", "--context", "kid"), 3, "no input column 'kid' for --context"),
        (("--target", "out", "--context", "kind"), 3, "no column 'out'"),
        (("--target", "output", "--context", "kind", "--rates", "0,1"), 2, "not a list of positive numbers"),
        (("--target", "output", "--context", "kind", "--rates", "a"), 2, "not a list of positive numbers"),
    ],
)
def test_wrong_options(run, machines, arguments, code, text):
    assert text in re.sub(r"\s+", " ", run("nulls", machines, *arguments, code=code).output)


def test_other_wrong_arguments(run, machines, monkeypatch):
    assert "not a table with columns" in run("nulls", "x.npy", "--target", "a", "--context", "b", code=3).output
    assert "did you mean 'relu'?" in run("islands", "--activations", "relo", code=2).output
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    output = run("islands", "--output", machines.parent / "page", *ISLANDS, code=3).output
    assert "spatium-activations[plots]" in output


@pytest.mark.slow
def test_the_page_is_complete_and_needs_nothing_else(run, tmp_path):
    pytest.importorskip("matplotlib")
    folder = tmp_path / "page"
    options = ("--activations", "relu,learned_map", "--output", folder, *ISLANDS)
    assert run("islands", *options).stdout.splitlines()[-1] == str(folder / "index.html")
    page = (folder / "index.html").read_text(encoding="utf-8")
    sources = re.findall(r'(?:src|srcset|href)="([^"]{0,40})', page)
    assert len(sources) == 2 * (1 + 2 * 3)
    assert all(source.startswith("data:image/png;base64,") for source in sources)
    assert "http" not in page
    assert '<meta name="viewport"' in page
    assert "prefers-color-scheme: dark" in page
    assert "linear pieces" in page
    pictures = {path.name for path in folder.glob("*.png")}
    assert pictures == {"rates.png"} | {
        f"{a}_{b}.png" for a in ("relu", "learned_map") for b in ("islands", "chain", "folds")
    }
    assert page == (run("islands", *options), (folder / "index.html").read_text(encoding="utf-8"))[1]
