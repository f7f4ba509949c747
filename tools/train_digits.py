"""Train the packaged digits network, or compare it with networks whose activations do not depend on the input.

    python tools/train_digits.py                # writes src/spatium/data/digits_model.npz
    python tools/train_digits.py --compare      # prints a Markdown table and writes it into docs/digits.md

Everything is seeded: the same machine gives the same file and, but for the seconds, the same table.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

import spatium as sp
from spatium.data import Digits, load_digits
from spatium.nn import Dense, Network, Softmax, SpatialDense

ROOT = Path(__file__).resolve().parent.parent
MODEL = ROOT / "src" / "spatium" / "data" / "digits_model.npz"
REPORT = ROOT / "docs" / "digits.md"
BEGIN, END = "<!-- table: begin -->\n", "<!-- table: end -->"

# Chosen on a fifth of the training part, never on the held-out part.
N_UNITS = 512
EPOCHS = 40
BATCH_SIZE = 32
LEARNING_RATE = 3e-3

Build = Callable[[int], Network]
Progress = Callable[[dict[str, float]], object]


def spatial(seed: int) -> Network:
    """One hidden layer of neurons with a random map each, routed by similarity."""
    return assemble(seed)


def alike(seed: int) -> Network:
    """Maps of six activations that resemble ReLU, so that less changes from one cell to the next."""
    palette = (sp.ReLU(), sp.LeakyReLU(), sp.GELU(approximate="tanh"), sp.Swish(), sp.Mish(), sp.ELU())
    return assemble(seed, maps=sp.ActivationMap.random(N_UNITS, rng=seed, palette=palette))


def uniform(activation: sp.Activation) -> Build:
    """The same network, every cell of every map the same: an ordinary dense layer."""
    return lambda seed: assemble(seed, maps=sp.ActivationMap.uniform(activation, N_UNITS))


def random_cell(seed: int) -> Network:
    """The same maps, but the cell is a hash of the input's bytes: as even, and blind to similarity."""
    return assemble(seed, pattern_hash=sp.RandomHash(64, rng=seed))


def learned(gain_bias: bool) -> Build:
    """Maps that learn their functions, relu, tanh, gelu or sine, and with `gain_bias` two more numbers per cell."""

    def build(seed: int) -> Network:
        return assemble(seed, learn_cells=True, cell_gain_bias=gain_bias)

    return build


def assemble(
    seed: int, maps: sp.ActivationMap | None = None, pattern_hash: sp.RandomHash | None = None, **options: bool
) -> Network:
    """The network; its weights depend on the seed alone, whatever the maps and the hash."""
    hidden_seed, output_seed = np.random.SeedSequence(seed).spawn(2)
    rng = np.random.default_rng(hidden_seed)
    hidden = SpatialDense(64, N_UNITS, maps=maps, pattern_hash=pattern_hash, rng=rng, **options)
    return Network([hidden, Dense(N_UNITS, 10, rng=np.random.default_rng(output_seed)), Softmax()])


def train(build: Build, digits: Digits, seed: int, progress: Progress | None = None) -> Network:
    """A trained network."""
    network = build(seed)
    network.fit(
        digits.x_train,
        digits.y_train,
        epochs=EPOCHS,
        batch_size=BATCH_SIZE,
        learning_rate=LEARNING_RATE,
        rng=seed,
        progress=progress,
    )
    return network


def held_out_accuracy(network: Network, digits: Digits) -> float:
    """Share of the held-out images classified right."""
    return float((network.classify(digits.x_test) == digits.y_test).mean())


def with_shuffled_cells(network: Network, seed: int) -> Network:
    """The trained network with every grid's cells permuted: same activations, other places."""
    hidden, *others = network.layers
    assert isinstance(hidden, SpatialDense)
    shuffled = SpatialDense(
        hidden.n_inputs, hidden.n_outputs, maps=hidden.maps.shuffled(seed), pattern_hash=hidden.pattern_hash, rng=0
    )
    shuffled.parameters = hidden.parameters
    return Network([shuffled, *others])


def compare(digits: Digits, n_seeds: int) -> str:
    """The Markdown table: mean and standard deviation over the seeds."""
    rows = ["| network | held-out accuracy | epochs | seconds |", "|---|---|---|---|"]
    shuffled: list[float] = []
    variants: dict[str, Build] = {
        "spatial maps of the twelve, cell by similarity (SimHash)": spatial,
        "the same maps, cell at random (RandomHash)": random_cell,
        "spatial maps of six that resemble ReLU (SimHash)": alike,
        "maps that learn relu, tanh, gelu or sine (SimHash)": learned(False),
        "the same with a gain and a bias per cell": learned(True),
        "uniform ReLU": uniform(sp.ReLU()),
        "uniform GELU": uniform(sp.GELU()),
    }
    for name, build in variants.items():
        accuracies, seconds = [], []
        for seed in range(n_seeds):
            start = time.perf_counter()
            network = train(build, digits, seed)
            seconds.append(time.perf_counter() - start)
            accuracies.append(held_out_accuracy(network, digits))
            if build is spatial:
                shuffled.append(held_out_accuracy(with_shuffled_cells(network, seed), digits))
        rows.append(f"| {name} | {summary(accuracies)} | {EPOCHS} | {np.mean(seconds):.1f} |")
    rows.append(f"| spatial maps of the twelve, cells permuted after training | {summary(shuffled)} | – | – |")
    return "\n".join(rows) + "\n"


def summary(accuracies: list[float]) -> str:
    """Mean and sample standard deviation, in percent."""
    return f"{100 * np.mean(accuracies):.2f} ± {100 * np.std(accuracies, ddof=1):.2f} %"


def print_epoch(record: dict[str, float]) -> None:
    """One line of the training log."""
    print(f"epoch {record['epoch']:3.0f}  loss {record['loss']:.4f}  accuracy {record['accuracy']:.4f}")


def main() -> None:
    """Train and save, or compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--compare", action="store_true", help="compare with null models, five seeds each")
    parser.add_argument("--seed", type=int, default=0, help="of the packaged network")
    parser.add_argument("--output", type=Path, default=MODEL)
    arguments = parser.parse_args()
    digits = load_digits()
    if arguments.compare:
        table = compare(digits, n_seeds=5)
        print(table, end="")
        text = REPORT.read_text(encoding="utf-8")
        before, _, rest = text.partition(BEGIN)
        _, _, after = rest.partition(END)
        REPORT.write_text(before + BEGIN + table + END + after, encoding="utf-8")
        return
    network = train(spatial, digits, arguments.seed, print_epoch)
    network.save(arguments.output)
    accuracy = held_out_accuracy(Network.load(arguments.output), digits)
    print(f"held-out accuracy {accuracy:.4f}, {network.n_parameters:,} parameters")
    print(f"{arguments.output}: {arguments.output.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
