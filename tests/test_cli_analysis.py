"""``spatium analyze`` and ``spatium check``."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

import click.testing

import spatium as sp
from spatium.cli.app import application, run

MODULE = """
import numpy as np

def softplus(x):
    return np.log(1 + np.exp(x))

def slope(x):
    return 1 / (1 + np.exp(-x))

class Shape:
    @staticmethod
    def step(x):
        return np.where(x > 1, x, np.where(np.isnan(x), x, 0.0))

number = 3
"""


@pytest.fixture
def call():
    return lambda *arguments: click.testing.CliRunner().invoke(application, [str(argument) for argument in arguments])


@pytest.fixture
def module(tmp_path, monkeypatch):
    (tmp_path / "my_functions.py").write_text(MODULE, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    yield "my_functions"
    sys.modules.pop("my_functions", None)


# ---- analyze ----


def test_analyze_prints_a_table(call):
    result = call("analyze", "gelu", "swish", "relu")
    assert result.exit_code == 0
    for words in ("gelu", "swish", "relu", "1.5335", "1.6765", "1.4142", "[0, inf)", "Lipschitz", "gating limit"):
        assert words in result.stdout
    assert "\x1b" not in result.stdout


def test_analyze_json(call):
    result = call("analyze", "gelu", "leaky_relu:negative_slope=0.2", "gelu", "--json", "--cost", "--interval", -2, 2)
    assert result.exit_code == 0
    gelu, leaky = json.loads(result.stdout)  # what is named twice comes once
    assert gelu["activation"] == "GELU()"
    assert gelu["gain"]["gain"] == pytest.approx(1.5335, abs=1e-4)
    assert gelu["turning_points"] == pytest.approx([-0.751792], abs=1e-6)
    assert gelu["bytes_per_element"] == {"bits": 4.125, "input": 4.0}
    assert gelu["cost"]["value"] > 0
    assert leaky["activation"] == "LeakyReLU(negative_slope=0.2)"
    assert leaky["gradient_flow"]["low"] == pytest.approx(-0.4)
    assert leaky["kinks"] == [0.0]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["foo"], "expected one of relu"),
        (["elu:gamma=2"], "expected alpha"),
        (["elu:alpha"], "is not parameter=value"),
        (["relu", "--interval", "2", "1"], "interval is (2.0, 1.0)"),
        ([], "Missing argument"),
    ],
)
def test_analyze_with_wrong_arguments(call, arguments, words):
    result = call("analyze", *arguments)
    assert result.exit_code != 0
    assert words in " ".join(result.stderr.split())


def test_analyze_a_function(call, module):
    (described,) = json.loads(call("analyze", f"{module}:softplus", "--json").stdout)
    assert described["direction"] == "increasing"
    assert f"{module}:softplus" in call("analyze", f"{module}:softplus", "relu").stdout


def test_misspelled_names(call):
    result = call("analyze", "gelo")
    assert result.exit_code == 2
    assert "did you mean 'gelu'?" in result.stderr


# ---- check ----


def test_what_the_function_prints_is_not_part_of_the_report(call, module, tmp_path):
    (tmp_path / "my_functions.py").write_text(MODULE + "\ndef loud(x):\n    print('called')\n    return x\n")
    result = call("check", f"{module}:loud", "--json")
    assert json.loads(result.stdout)["ok"]
    assert "called" in result.stderr


def test_check_ours(call):
    result = call("check", "gelu:approximate=tanh")
    assert result.exit_code == 0
    assert result.stdout.startswith("GELU(approximate='tanh'): nothing to object to")
    assert json.loads(call("check", "silu", "--json").stdout) == sp.check_activation(sp.SiLU()).to_dict()


def test_check_a_function(call, module):
    result = call("check", f"{module}:softplus", "--derivative", f"{module}:slope")
    assert result.exit_code == 1
    assert "the value is inf from here on, expected 88.723" in result.stdout
    assert result.stdout.startswith("my_functions:softplus: 3 errors")
    described = json.loads(call("check", f"{module}:softplus", "--json").stdout)
    assert described["overflow"]["float32"] == pytest.approx(88.72284)


def test_check_with_jumps(call, module):
    assert call("check", f"{module}:Shape.step").exit_code == 1
    assert call("check", f"{module}:Shape.step", "--jump", 1).exit_code == 0


@pytest.mark.parametrize(
    ("target", "words"),
    [
        ("{}:nothing", "has no attribute 'nothing'"),
        ("no_such_module:f", "No module named 'no_such_module'"),
        ("{}:number", "is 3, expected a function of an array"),
        ("{}:Shape", "the class Shape, expected an object"),
        ("foo", "expected one of relu"),
    ],
)
def test_check_of_what_is_no_function(call, module, target, words):
    result = call("check", target.format(module))
    assert result.exit_code in (2, 3)
    assert words in " ".join(result.stderr.split())


def test_exit_codes(module, capsys):
    assert run(["check", "relu"]) == 0
    assert run(["check", f"{module}:softplus"]) == 1
    command = [sys.executable, "-m", "spatium", "check", f"{module}:softplus"]
    result = subprocess.run(command, capture_output=True, text=True, encoding="utf-8", timeout=60, check=False)
    assert result.returncode == 1
    assert result.stderr == ""
    assert "float32" in result.stdout
