#!/usr/bin/env python3
"""Train the networks of docs/layers on the packaged digits and on two tasks of sequences, and write their tables.

    python tools/train_layers.py            # some minutes
    python tools/train_layers.py --write    # puts the tables into the pages

Every figure is a mean over five seeds with the standard deviation; a seed decides weights and the order of the samples.
"""

import argparse
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium.data import load_digits
from spatium.nn import (
    BatchNorm,
    Conv2D,
    Dense,
    Layer,
    MaxPool2D,
    Network,
    Recurrent,
    SelfAttention,
    Softmax,
    SpatialDense,
)

PAGES = Path(__file__).resolve().parents[1] / "docs" / "layers"
SEEDS = range(5)
ACTIVATIONS = ("relu", "leaky_relu", "gelu", "swish", "mish", "tanh")
Build = Callable[[np.random.Generator], list[Layer]]


def accuracy(build: Build, data: tuple[Any, Any, Any, Any], seed: int, **options: Any) -> float:
    """Return the percentage of right answers for the samples that are not used for training."""
    x, y, x_test, y_test = data
    network = Network([*build(np.random.default_rng(seed)), Softmax()])
    try:
        network.fit(x, y, rng=seed, progress=False, **options)
    except FloatingPointError:  # the loss became infinite
        return 0.0
    return 100 * float((network.classify(x_test) == y_test).mean())


def row(build: Build, data: tuple[Any, Any, Any, Any], **options: Any) -> str:
    found = np.array([accuracy(build, data, seed, **options) for seed in SEEDS])
    print(f"{found.mean():.2f} ± {found.std():.2f}", flush=True)
    return f"{found.mean():.2f} ± {found.std():.2f}"


def table(header: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def digits() -> tuple[Any, Any, Any, Any]:
    found = load_digits()
    return found.x_train, found.y_train, found.x_test, found.y_test


def convolution() -> str:
    """Convolutional networks of 32,730 parameters by activation, beside a dense network of as many."""

    def layers(act: str) -> Build:
        return lambda rng: [
            Conv2D((1, 8, 8), 16, 3, act, padding=1, rng=rng),
            Conv2D((16, 8, 8), 32, 3, act, rng=rng),
            MaxPool2D((32, 6, 6)),
            Dense(288, 64, act, rng=rng),
            Dense(64, 10, rng=rng),
        ]

    options = {"epochs": 20, "learning_rate": 2e-3}
    rows = [(f"convolution, {act}", row(layers(act), digits(), **options)) for act in ACTIVATIONS]
    rows.append((
        "convolution, relu, then a spatial layer",
        row(lambda rng: [*layers("relu")(rng)[:3], SpatialDense(288, 64, rng=rng), Dense(64, 10, rng=rng)], digits(),
            **options),
    ))  # fmt: skip
    n_parameters = Network(layers("relu")(np.random.default_rng(0))).n_parameters
    units = round(n_parameters / 75)
    rows.append((
        f"dense, relu, {units} units",
        row(lambda rng: [Dense(64, units, "relu", rng=rng), Dense(units, 10, rng=rng)], digits(), **options),
    ))  # fmt: skip
    return table(("network", "accuracy, %"), rows)


def normalization() -> str:
    """A deep, narrow network with and without batch normalization, at three learning rates."""
    rows = []
    for depth in (2, 8):
        for act in ("relu", "tanh", "sigmoid"):
            cells = []
            for normalized in (False, True):

                def layers(
                    rng: np.random.Generator, depth: int = depth, act: str = act, on: bool = normalized
                ) -> list[Layer]:
                    sizes = [64] + [48] * depth
                    hidden: list[Layer] = []
                    for a, b in pairwise(sizes):
                        dense = Dense(a, b, None if on else act, rng=rng)
                        hidden += [dense, BatchNorm(b, act)] if on else [dense]
                    return [*hidden, Dense(48, 10, rng=rng)]

                cells += [row(layers, digits(), epochs=15, learning_rate=rate) for rate in (1e-3, 3e-2)]
            rows.append((str(depth), act, *cells))
    header = ("layers", "activation", "without, rate 0.001", "without, 0.03", "with, rate 0.001", "with, 0.03")
    return table(header, rows)


def depth() -> str:
    """Deep networks with two initializations."""
    rows = []
    for act in ("relu", "gelu", "tanh", "swish"):
        cells = []
        for n_layers in (4, 16):
            for init in ("he", "gain"):

                def layers(
                    rng: np.random.Generator, n: int = n_layers, init: str = init, act: str = act
                ) -> list[Layer]:
                    sizes = [64] + [64] * n
                    hidden = [Dense(a, b, act, rng=rng, init=init) for a, b in pairwise(sizes)]
                    return [*hidden, Dense(64, 10, rng=rng, init="lecun")]

                cells.append(row(layers, digits(), epochs=10))
        rows.append((act, *cells))
    return table(("activation", "4 layers, he", "4 layers, gain", "16 layers, he", "16 layers, gain"), rows)


def recall(n: int, steps: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return sequences of noise whose first step has one of four marks, and the mark as the class."""
    marks = rng.integers(0, 4, n)
    x = rng.normal(0, 0.3, (n, steps, 4)).astype(np.float32)
    x[np.arange(n), 0, marks] += 2
    return x, marks


def search(n: int, steps: int, rng: np.random.Generator) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return sequences in which one step, at a random place, has a flag; the class is the symbol of that step."""
    symbols, place = rng.integers(0, 4, (n, steps)), rng.integers(0, steps, n)
    x = np.zeros((n, steps, 5), np.float32)
    x[np.arange(n)[:, None], np.arange(steps), symbols] = 1
    x[np.arange(n), place, 4] = 1
    return x, symbols[np.arange(n), place]


def split(make: Callable[..., tuple[Any, Any]], steps: int) -> tuple[Any, Any, Any, Any]:
    rng = np.random.default_rng(0)
    return *make(2000, steps, rng), *make(1000, steps, rng)


def sequences() -> str:
    """Recall of the first step, by a recurrent layer and by dense layers that see one step or all of them."""
    data = split(recall, 12)
    last = (data[0][:, -1], data[1], data[2][:, -1], data[3])
    options = {"epochs": 20, "learning_rate": 3e-3}

    def recurrent(cell: Any) -> Build:
        return lambda rng: [Recurrent(4, 24, cell=cell, rng=rng), Dense(24, 4, rng=rng)]

    def dense(rng: np.random.Generator) -> list[Layer]:
        return [Dense(4, 24, "tanh", rng=rng), Dense(24, 4, rng=rng)]

    cells = ("plain", "gated", "time_aware")
    rows = [(f"recurrent, {cell}", row(recurrent(cell), data, **options)) for cell in cells]
    rows.append(("dense, without a state: the last step only", row(dense, last, **options)))
    return table(("network", "accuracy, %"), rows)


def attention() -> str:
    """The symbol at the flag: an attention layer beside a dense network of the whole sequence."""
    data = split(search, 10)
    options = {"epochs": 30, "learning_rate": 5e-3}

    def attending(rng: np.random.Generator) -> list[Layer]:
        return [SelfAttention(5, rng=rng), Dense(50, 4, rng=rng)]

    def dense(rng: np.random.Generator) -> list[Layer]:
        return [Dense(50, 50, "tanh", rng=rng), Dense(50, 4, rng=rng)]

    flat = (data[0].reshape(2000, 50), data[1], data[2].reshape(1000, 50), data[3])
    rows = [
        ("attention of width 5", row(attending, data, **options)),
        ("dense, 50 units, of the whole sequence", row(dense, flat, **options)),
    ]
    return table(("network", "accuracy, %"), rows)


TABLES = {
    "convolution.md": convolution, "normalization.md": normalization, "deep.md": depth, "recurrent.md": sequences,
    "attention.md": attention,
}  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the tables into the pages of docs/layers")
    parser.add_argument("--only", choices=TABLES, nargs="+", default=list(TABLES))
    options = parser.parse_args()
    for name in options.only:
        text = TABLES[name]()
        print(f"{name}\n{text}\n", flush=True)
        if options.write:
            page = PAGES / name
            before, begin, rest = page.read_text(encoding="utf-8").partition("<!-- train_layers.py -->\n")
            _, end, after = rest.partition("<!-- end -->")
            page.write_text(f"{before}{begin}{text}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
