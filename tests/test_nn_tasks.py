"""What the layers are for: tasks that networks with them learn and networks without them cannot."""

import importlib.util
from pathlib import Path

import numpy as np
import pytest

from spatium.nn import Dense, Recurrent, SelfAttention

TOOL = Path(__file__).resolve().parents[1] / "tools" / "train_layers.py"


@pytest.fixture(scope="module")
def tool():
    spec = importlib.util.spec_from_file_location("train_layers", TOOL)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize("cell", ["plain", "gated"])
def test_a_recurrent_layer_remembers_the_first_step(tool, cell):
    """One of four marks, followed by eleven steps of noise: without a state a network guesses."""
    x, y, x_test, y_test = tool.split(tool.recall, 12)
    options = {"seed": 0, "epochs": 15, "learning_rate": 3e-3}
    with_state = tool.accuracy(
        lambda rng: [Recurrent(4, 24, cell=cell, rng=rng), Dense(24, 4, rng=rng)], (x, y, x_test, y_test), **options
    )
    without = tool.accuracy(
        lambda rng: [Dense(4, 24, "tanh", rng=rng), Dense(24, 4, rng=rng)],
        (x[:, -1], y, x_test[:, -1], y_test),
        **options,
    )
    assert with_state > 97
    assert without < 35


def test_attention_finds_the_step_with_a_flag(tool):
    x, y, x_test, y_test = data = tool.split(tool.search, 10)
    options = {"seed": 0, "epochs": 15, "learning_rate": 1e-2}
    attending = tool.accuracy(lambda rng: [SelfAttention(5, rng=rng), Dense(50, 4, rng=rng)], data, **options)
    dense = tool.accuracy(
        lambda rng: [Dense(50, 50, "tanh", rng=rng), Dense(50, 4, rng=rng)],
        (x.reshape(-1, 50), y, x_test.reshape(-1, 50), y_test),
        **options,
    )
    assert attending > 97
    assert dense < 85


@pytest.mark.slow
def test_the_tables_of_the_documentation(tool):
    """Convolution is above 98.3 % on average of five seeds, and above the dense network."""
    rows = dict(line.strip("| ").split(" | ") for line in tool.convolution().splitlines()[2:])
    means = {name: float(text.split()[0]) for name, text in rows.items()}
    assert means["convolution, relu"] > 98.3 > np.mean([mean for name, mean in means.items() if "dense" in name])
