"""``spatium plot``: a picture in a file, or an error in one line and no file."""

import sys

import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

import click.testing

import spatium as sp
from spatium.cli.app import application


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def run(folder, figures_closed):
    def call(*arguments):
        return click.testing.CliRunner().invoke(application, ["plot", *map(str, arguments)])

    return call


def names(folder):
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def drawn(monkeypatch):
    """What the command asks the library to draw: (name of the function, arguments, keywords)."""
    pytest.importorskip("matplotlib")
    from spatium import plots

    calls = []
    for name in ("activation", "activations", "ulp_error"):
        original = getattr(plots, name)

        def recorded(*arguments, _name=name, _original=original, **keywords):
            calls.append((_name, arguments, keywords))
            return _original(*arguments, **keywords)

        monkeypatch.setattr(plots, name, recorded)
    return calls


@pytest.mark.parametrize(
    ("arguments", "call"),
    [
        (["gelu"], ("activation", (sp.GELU(),), {})),
        (["elu:alpha=0.5", "--interval", "-3", "4"], ("activation", (sp.ELU(0.5),), {"interval": (-3.0, 4.0)})),
        (["gelu:approximate=tanh", "--error"], ("ulp_error", (sp.GELU("tanh"),), {})),
        (["relu", "gelu", "mish"], ("activations", ((sp.ReLU(), sp.GELU(), sp.Mish()),), {})),
    ],
)
def test_draws_what_it_is_told(run, folder, drawn, arguments, call):
    result = run(*arguments, "-o", "picture.png")
    assert result.exit_code == 0, result.output
    assert result.stdout == "picture.png\n"
    assert drawn == [call]
    assert (folder / "picture.png").read_bytes().startswith(b"\x89PNG")
    assert names(folder) == ["picture.png"]


@pytest.mark.parametrize(
    ("output", "start"), [(None, b"\x89PNG"), ("a.svg", b"<?xml"), ("a.PDF", b"%PDF"), ("a", b"\x89PNG")]
)
def test_formats(run, folder, output, start):
    pytest.importorskip("matplotlib")
    result = run("swish:beta=2", *([] if output is None else ["-o", output]))
    assert result.exit_code == 0, result.output
    assert names(folder) == [output or "swish.png"]
    assert (folder / names(folder)[0]).read_bytes().startswith(start)


def test_names_of_pictures_and_what_exists(run, folder):
    pytest.importorskip("matplotlib")
    assert run("gelu").stdout == "gelu.png\n"
    assert run("gelu", "--error").stdout == "gelu_error.png\n"
    before = (folder / "gelu.png").read_bytes()
    result = run("gelu", "--interval", "-1", "1")
    assert result.exit_code == 2
    assert "gelu.png exists; --force replaces it" in result.stderr
    assert (folder / "gelu.png").read_bytes() == before
    assert run("gelu", "--interval", "-1", "1", "--force").exit_code == 0
    assert (folder / "gelu.png").read_bytes() != before
    assert run("numpy:arctan").stdout == "numpy_arctan.png\n"


@pytest.mark.parametrize(
    ("arguments", "exit_code", "message"),
    [
        (["nothing"], 2, "name is 'nothing'"),
        (["elu:alpha=-1"], 2, "alpha is -1.0"),
        ([], 2, "Missing argument"),
        (["relu", "gelu", "--error"], 2, "--error draws one activation"),
        (["gelu", "-o", "a.bmp"], 2, "a.bmp ends in .bmp, expected .png, .pdf or .svg"),
        (["gelu", "--interval", "3", "1"], 3, "interval is (3.0, 1.0)"),
        (["gelu", "-o", "missing/a.png"], 3, "missing/a.png: No such file or directory"),
    ],
)
def test_errors_leave_nothing(run, folder, arguments, exit_code, message):
    pytest.importorskip("matplotlib")
    result = run(*arguments)
    assert result.exit_code == exit_code
    assert message in result.stderr
    assert "Traceback" not in result.stderr
    assert names(folder) == []
    from matplotlib import pyplot as plt

    assert plt.get_fignums() == []


def test_without_matplotlib(run, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    result = run("gelu")
    assert result.exit_code == 3
    assert 'spatium plot needs matplotlib (extra "plots"): python -m pip install matplotlib' in result.stderr
    assert names(folder) == []
