#!/usr/bin/env python3
"""Run the experiments of docs/islands.md and docs/regimes.md, and write their tables.

    python tools/laboratory.py --only sensors                 # one experiment, some minutes on all cores
    python tools/laboratory.py --folder build/lab --write     # all; puts the tables into the pages

The results of all networks are kept in the folder, so an interrupted run continues. Predictions and discussion are
written by hand.
"""

import argparse
import functools
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from spatium import BucketHash, CategoryHash, lab
from spatium._tables import Table
from spatium.lab.comparison import island_data
from spatium.lab.sensors import CURVES

ROOT = Path(__file__).resolve().parents[1]
CONTENDERS = (
    "prelu", "swish", "gelu", "hard_swish", "hard_gelu", "relu", "leaky_relu", "tanh", "sine", "snake", "random map",
    "learned map", "learned map, gain and bias", "learned per unit", "learned map, random hash",
)  # fmt: skip


# ---- data; each function returns (X, y, X_test, y_test, context) for a seed ----


def sensors(seed: int, rows: int) -> tuple[Any, ...]:
    found = lab.sensors(rows, rng=seed)
    return found.X, found.y, found.X_test, found.y_test, found.hash


def clusters(seed: int, rows: int) -> tuple[Any, ...]:
    """Eight groups of points, each with another response; the group of a point is that of the nearest center."""
    rng = np.random.default_rng(seed)
    centers, direction = 2 * rng.standard_normal((8, 5)), rng.standard_normal(5)
    x = centers[rng.integers(0, 8, rows + 2048)] + rng.standard_normal((rows + 2048, 5))
    cell = np.square(x[:, None] - centers).sum(axis=2).argmin(axis=1)
    u = 1.5 * (x - centers[cell]) @ direction / np.linalg.norm(direction)
    y = np.choose(cell, [curve(u) for _, curve in CURVES]) + 0.05 * rng.standard_normal(len(x))
    x = np.concatenate([x / 2, np.eye(8)[cell]], axis=1).astype(np.float32)
    return x[:rows], y[:rows], x[rows:], y[rows:], CategoryHash(13, columns=range(5, 13))


def load(seed: int, rows: int) -> tuple[Any, ...]:
    """The load of a building: the hour changes the law at 6.5, 9.5, 17 and 22; the cells are three hours wide."""
    rng = np.random.default_rng(seed)
    count = rows + 2048
    weather, hour = rng.standard_normal((count, 4)), rng.uniform(0, 24, count)
    direction = rng.standard_normal(4)
    u = 1.2 * weather @ direction / np.linalg.norm(direction)
    laws = [0.3 * u, 1.5 * np.maximum(-u, 0) + 0.5, np.abs(u), np.tanh(2 * u) + 1, 0.3 * u]
    y = np.choose(np.searchsorted([6.5, 9.5, 17, 22], hour), laws) + 0.05 * rng.standard_normal(count)
    x = np.concatenate([weather, ((hour - 12) / 7)[:, None]], axis=1).astype(np.float32)
    edges = (np.arange(3, 24, 3) - 12) / 7
    return x[:rows], y[:rows], x[rows:], y[rows:], BucketHash(5, column=4, edges=edges)


def table_of_scikit_learn(seed: int, name: str) -> tuple[Any, ...]:
    """The progression of diabetes by sex, or the width of petals by species; a quarter is held out."""
    import sklearn.datasets

    found = getattr(sklearn.datasets, f"load_{name}")()
    if name == "diabetes":
        kind, x, y = (found.data[:, 1] > 0).astype(int), np.delete(found.data, 1, axis=1), found.target
    else:
        kind, x, y = found.target, found.data[:, :3], found.data[:, 3]
    x = (x - x.mean(axis=0)) / x.std(axis=0)
    kinds = np.eye(kind.max() + 1)[kind]
    x = np.concatenate([x, kinds], axis=1).astype(np.float32)
    order = np.random.default_rng(seed).permutation(len(x))
    away, kept = order[: len(x) // 4], order[len(x) // 4 :]
    columns = range(x.shape[1] - kinds.shape[1], x.shape[1])
    return x[kept], y[kept], x[away], y[away], CategoryHash(x.shape[1], columns=columns)


# ---- experiments ----


def compare_islands(**options: Any) -> str:
    table = lab.compare(CONTENDERS, seeds=10, rates=(0.003, 0.01, 0.03, 0.1), size=64, **options)
    rows = [
        (
            row["activation"], pair(row["accuracy"], row["accuracy_std"]), pair(row["iou"], row["iou_std"]),
            pair(row["difference"], row["difference_error"], "+"), f"{row['rate']:g}",
            f"{row['rates_within_a_point']:.0%}", row["failed"], f"{row['dead']:.1f}", f"{row['kept']:,}",
            f"{row['accuracy_8']:.1f}", f"{row['accuracy_4']:.1f}",
        )
        for row in table
    ]  # fmt: skip
    header = ("activation", "accuracy", "IoU", "minus relu", "rate", "rates within a point", "failed", "dead units",
              "bytes kept", "8 bits", "4 bits")  # fmt: skip
    return markdown(header, rows)


def island_regions(**options: Any) -> str:
    """The exact number of linear regions after each layer, of trained networks."""
    rows = []
    for name in ("relu", "leaky_relu", "prelu", "hard_tanh"):
        counts = []
        for seed in range(5):
            islands = lab.perlin_islands(rng=seed)
            network = lab.island_network(name, rng=seed)
            network.fit(islands.points, islands.labels, epochs=60, batch_size=256, learning_rate=0.03, rng=seed)
            counts.append(lab.partition(network).counts)
        layers = np.array(counts).T
        rows.append((name, *(f"{found.mean():.0f} ± {found.std(ddof=1):.0f}" for found in layers)))
    return markdown(("activation", "after layer 1", "after layer 2", "after layer 3"), rows)


GROWING, SPLIT_EVERY = 16, 4  # epochs at a constant rate, in which a network grows from four units to eight
SETTLING = 90  # epochs, in which the rate falls
MOMENTS = (15, 30, 60, 90)  # of the latter


def growth(seed: int, kind: str, act: str) -> list[float]:
    """Return the accuracy on the points between those of the training at some epochs; `kind` is 4, 8 or "grown"."""
    islands = lab.perlin_islands(64, rng=seed)
    away = islands.held_out
    network = lab.island_network(act, rng=seed, width=8 if kind == "8" else 4)
    found = []

    def accuracy() -> float:
        return 100 * float((network.classify(away.points) == away.labels).mean())

    def grow(record: dict[str, float]) -> None:
        if kind == "grown" and record["epoch"] % SPLIT_EVERY == 0:
            for layer in range(3):
                options = {"epsilon": 1.0, "x": islands.points, "y": islands.labels, "rng": seed}
                if not len(network.split(layer, **options)):  # there is no unit whose split lowers the loss
                    network.split(layer, units=[0], **options)

    def look(record: dict[str, float]) -> None:
        if record["epoch"] in MOMENTS:
            found.append(accuracy())

    arguments = {"batch_size": 256, "learning_rate": 0.03, "rng": seed}
    network.fit(islands.points, islands.labels, epochs=GROWING, schedule="constant", progress=grow, **arguments)
    found.append(accuracy())
    network.fit(islands.points, islands.labels, epochs=SETTLING, progress=look, **arguments)
    assert network.layers[0].n_outputs == (4 if kind == "4" else 8)
    return found


def growth_table(**options: Any) -> str:
    """The accuracy over the epochs of networks with four units per layer, with eight, and of one that grows."""
    names = {"4": "4 units per layer", "grown": "4 units that split into 8", "8": "8 units per layer"}
    rows, notes = [], []
    for act in ("gelu", "sine"):
        curves = {kind: np.array([growth(seed, kind, act) for seed in range(10)]) for kind in names}
        for kind, found in curves.items():
            cells = zip(found.mean(axis=0), found.std(axis=0, ddof=1), strict=True)
            rows.append((f"{act}, {names[kind]}", *(pair(mean, std) for mean, std in cells)))
        last = curves["grown"][:, -1] - curves["8"][:, -1]
        notes.append(f"{act} {pair(last.mean(), last.std(ddof=1) / np.sqrt(len(last)), '+')}")
    epochs = [GROWING + moment for moment in (0, *MOMENTS)]
    text = f"Grown minus eight units from the start, after the last epoch: {', '.join(notes)} points."
    return markdown(("network", *(f"epoch {epoch}" for epoch in epochs)), rows) + "\n\n" + text


def null_table(table: Table) -> str:
    rows = []
    for row in table:
        difference = "" if row["difference"] is None else pair(row["difference"], row["difference_error"], "+")
        rows.append((
            row["contender"], row["function"], pair(row["score"], row["std"]), difference,
            shown(row["better_seeds"]), shown(row["rate"]), shown(row["bytes"]),
        ))  # fmt: skip
    header = ("model", "function", "score", "better map minus model", "seeds", "rate", "bytes")
    return markdown(header, rows) + "\n\n" + "\n".join(f"* {note}" for note in table.notes[1:])


# For all but the first experiment: the two functions that were best there, at the rates that were chosen there.
SHORT: dict[str, Any] = {"functions": ("gelu", "tanh"), "rates": (0.03, 0.08), "tuning_seeds": 2}


def of_nulls(data: Callable[..., Any], seeds: int, **settings: Any) -> Callable[..., str]:
    return lambda **options: null_table(lab.nulls(data, seeds=range(300, 300 + seeds), **settings, **options))


def summary(cases: dict[str, tuple[Callable[..., Any], dict[str, Any]]], seeds: int = 10) -> Callable[..., str]:
    """Return one row per case: the better map beside the strongest model of each kind."""

    def run(**options: Any) -> str:
        rows = []
        for name, (data, settings) in cases.items():
            table = lab.nulls(data, seeds=range(300, 300 + seeds), **SHORT | settings, **options)
            scores = {row["contender"]: row for row in table}
            chosen = max(("map", "map, gain and bias"), key=lambda model: scores[model]["score"])
            plain = [row for row in table if row["contender"] not in ("map", "map, gain and bias")]
            best = max(plain, key=lambda row: row["score"])
            equal = scores["uniform, equal bytes"]
            rows.append((
                name, f"{chosen}: {pair(scores[chosen]['score'], scores[chosen]['std'])}",
                f"{equal['function']}: {pair(equal['score'], equal['std'])}",
                pair(equal["difference"], equal["difference_error"], "+"),
                f"{best['contender']}: {best['score']:.2f}", pair(best["difference"], best["difference_error"], "+"),
            ))  # fmt: skip
        header = ("task", "better map", "uniform, equal bytes", "map minus it", "strongest null model", "map minus it")
        return markdown(header, rows)

    return run


partial = functools.partial
EXPERIMENTS: dict[str, tuple[str, Callable[..., str]]] = {
    "islands": ("islands.md", compare_islands),
    "regions": ("islands.md", island_regions),
    "growth": ("islands.md", growth_table),
    "island maps": (
        "islands.md",
        of_nulls(
            partial(island_data, size=64, planes=3),
            10,
            depth=3,
            batch_size=256,
            rates=(0.03, 0.1),
            tuning_seeds=2,
            functions=("gelu", "sine"),
        ),
    ),
    "sensors": ("regimes.md", of_nulls(partial(sensors, rows=1024), 60)),
    "sensors by rows": (
        "regimes.md",
        summary({f"{rows} rows": (partial(sensors, rows=rows), {}) for rows in (256, 512, 1024)}),
    ),
    "sensors by width": (
        "regimes.md",
        summary({f"width {width}": (partial(sensors, rows=1024), {"width": width}) for width in (4, 8, 16)}),
    ),
    "clusters": ("regimes.md", of_nulls(partial(clusters, rows=1024), 10, **SHORT)),
    "load": ("regimes.md", of_nulls(partial(load, rows=1024), 10, **SHORT)),
    "load with the cell": ("regimes.md", of_nulls(partial(load, rows=1024), 10, cell_as_input=True, **SHORT)),
    "public tables": (
        "regimes.md",
        summary(
            {
                "diabetes, by sex": (partial(table_of_scikit_learn, name="diabetes"), {"rates": (0.003, 0.01, 0.03)}),
                "iris, by species": (partial(table_of_scikit_learn, name="iris"), {"rates": (0.003, 0.01, 0.03)}),
            }
        ),
    ),
}


def shown(value: float | None) -> str:
    return "" if value is None else f"{value:,}"


def pair(value: float, spread: float | None, sign: str = "") -> str:
    text = f"{value:{sign}.2f}".replace("-", "−")
    return text if spread is None else f"{text} ± {spread:.2f}"


def markdown(header: tuple[str, ...], rows: list[tuple[Any, ...]]) -> str:
    lines = [header, ("---",) * len(header), *rows]
    return "\n".join(f"| {' | '.join(str(cell) for cell in line)} |" for line in lines)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--write", action="store_true", help="put the tables into the pages")
    parser.add_argument("--only", choices=EXPERIMENTS, nargs="+", default=list(EXPERIMENTS))
    parser.add_argument("--folder", default=str(ROOT / "build" / "laboratory"), help="where results are kept")
    parser.add_argument("--workers", type=int)
    options = parser.parse_args()
    for name in options.only:
        page, experiment = EXPERIMENTS[name]
        text = experiment(folder=options.folder, workers=options.workers)
        print(f"{name}\n{text}\n", flush=True)
        if options.write:
            path = ROOT / "docs" / page
            before, begin, rest = path.read_text(encoding="utf-8").partition(f"<!-- laboratory.py: {name} -->\n")
            _, end, after = rest.partition("<!-- end -->")
            path.write_text(f"{before}{begin}{text}\n{end}{after}", encoding="utf-8")


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parent))
    import laboratory  # again, so that other processes can import its functions

    laboratory.main()
