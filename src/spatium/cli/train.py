"""``spatium train``: train a network on a table or an array, and write its file."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

from spatium.activations import Activation
from spatium.cli.formats import open_input
from spatium.cli.shared import (
    ACTIVATION,
    FILE,
    OutputConsole,
    check_free,
    check_writable,
    errors_in_one_line,
    force_option,
    progress_bar,
    threads_set,
)
from spatium.cli.stream import RowReader
from spatium.cli.table import Columns, column_reader, has_columns
from spatium.nn import Dense, Layer, Network, Softmax, SpatialDense, Standardize

__all__ = ["Samples", "read_table", "train"]

# A target of whole numbers is a class if it has at most this many different values.
MOST_CLASSES = 20

Report = dict[str, Any]


class Samples(NamedTuple):
    """The inputs and the targets: indices of classes with their names, or numbers."""

    x: NDArray[np.float32]
    y: NDArray[Any]
    classes: tuple[str, ...] | None
    columns: Columns | None


@click.command()
@click.argument("data", type=FILE)
@click.option("--output", "-o", type=FILE, required=True, help="The .npz file for the network.")
@force_option
@click.option("--target", help="The column of the target, or for arrays its .npy file.  [default: the last column]")
@click.option(
    "--task",
    type=click.Choice(["auto", "classes", "numbers"]),
    default="auto",
    show_default=True,
    help="What the target is; auto takes words and up to 20 different whole numbers for classes.",
)
@click.option("--categories", default="", help="The columns of words, separated by commas: one input per word.")
@click.option("--hidden", default="64", show_default=True, help="The units of the hidden layers, separated by commas.")
@click.option(
    "--activation", type=ACTIVATION, default="relu", show_default=True, help="The activation of the hidden layers."
)
@click.option("--spatial", is_flag=True, help="Use layers of neurons with activation maps, in place of --activation.")
@click.option("--epochs", type=click.IntRange(min=1), default=100, show_default=True, help="Passes over the rows.")
@click.option("--batch", type=click.IntRange(min=1), default=32, show_default=True, help="Rows per step.")
@click.option(
    "--learning-rate",
    type=click.FloatRange(min=0, min_open=True),
    default=3e-3,
    show_default=True,
    help="Adam's first step size.",
)
@click.option(
    "--weight-decay", type=click.FloatRange(min=0), default=0.0, show_default=True, help="The decay of the weights."
)
@click.option(
    "--held-out",
    type=click.FloatRange(0, 1, max_open=True),
    default=0.2,
    show_default=True,
    help="The share of the rows that are not used for training, but to measure the result.",
)
@click.option(
    "--patience", type=click.IntRange(min=1), help="Stop after this many epochs without a better held-out loss."
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The seed of all random choices."
)
@click.option("--threads", type=click.IntRange(1, 4096), help="The number of threads.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def train(
    data: Path,
    output: Path,
    force: bool,
    target: str | None,
    task: str,
    categories: str,
    hidden: str,
    activation: Activation,
    spatial: bool,
    epochs: int,
    batch: int,
    learning_rate: float,
    weight_decay: float,
    held_out: float,
    patience: int | None,
    seed: int,
    threads: int | None,
    as_json: bool,
) -> None:
    """Train a network for `spatium infer` on the rows of DATA.

    DATA is a table (.csv, .tsv, .txt, .parquet) with names of columns, which are in the first line of a text, or an
    array (.npy, .npz, .zarr) with one sample per row. All columns but the target are inputs. The network standardizes
    its inputs, so `spatium infer` accepts tables and arrays with the same columns, in their own units.

    The same seed gives the same network on the same machine.
    """
    if output.resolve() == data.resolve():
        raise click.UsageError("--output is the file with the data; choose another name")
    check_free(output, force, "--output")
    if patience is not None and held_out == 0:
        raise click.UsageError("--patience needs rows that are held out: choose --held-out above 0")
    check_writable(output, "--output")
    units = _units(hidden)
    generator = np.random.default_rng(seed)
    with errors_in_one_line(), threads_set(threads):
        samples = _read(data, target, task, tuple(filter(None, map(str.strip, categories.split(",")))))
        order = generator.permutation(len(samples.x))
        n_held_out = math.ceil(held_out * len(order)) if held_out else 0
        kept, tested = order[n_held_out:], order[:n_held_out]
        if len(kept) < 2:
            raise ValueError(f"{data} has {len(order)} rows, and {len(kept)} are left for training; expected 2 or more")
        network, scale = _network(samples, kept, units, "spatial" if spatial else activation, generator)
        x, y = samples.x, samples.y if scale is None else (samples.y - scale[0]) / scale[1]
        start = time.perf_counter()
        with progress_bar("training", epochs, as_json) as advance:
            history = network.fit(
                x[kept], y[kept], epochs=epochs, batch_size=batch, learning_rate=learning_rate,
                weight_decay=weight_decay, early_stopping=patience, rng=generator,
                progress=lambda record: advance(1, _state(record)),
                validation=(x[tested], y[tested]) if n_held_out else None,
            )  # fmt: skip
        seconds = time.perf_counter() - start
        if scale is not None:
            _fold(network, *scale)
        network.save(output)
        report = {
            "data": str(data), "output": str(output), "rows": len(kept), "held_out": n_held_out,
            "inputs": samples.x.shape[1], "classes": samples.classes, "parameters": network.n_parameters,
            "epochs": len(history), "seconds": seconds, "training_loss": history[-1]["loss"],
            **_quality(network, samples, kept, tested),
        }  # fmt: skip
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _print(report)


def _units(text: str) -> list[int]:
    try:
        units = [int(part) for part in text.split(",")] if text.strip() else []
    except ValueError:
        units = [0]
    if not all(n > 0 for n in units):
        raise click.BadParameter(f"{text!r} is not a list of positive integers", param_hint="--hidden")
    return units


def _read(path: Path, target: str | None, task: str, categories: tuple[str, ...]) -> Samples:
    if has_columns(path):
        return read_table(path, target, task, categories)
    if categories:
        raise ValueError("--categories needs a table of text, an array has only numbers")
    reader = open_input(path, None, None, np.float32)
    x = reader.rows(0, reader.n_rows)
    if target is None:
        if x.shape[1] < 2:
            raise ValueError(f"{path} has one column, expected inputs and a target, or a file with --target")
        x, numbers = x[:, :-1], x[:, -1].astype(np.float64)
    else:
        values = RowReader(Path(target))
        if values.shape != x.shape[:1]:
            raise ValueError(f"{target} has shape {values.shape}, expected {x.shape[:1]} as {path} has so many rows")
        numbers = np.array(values.rows(0, values.n_rows)).astype(np.float64)
        if not np.isfinite(numbers).all():
            raise ValueError(f"{target}: row {np.flatnonzero(~np.isfinite(numbers))[0]} is not finite")
    return _targets(x, [f"{number:.17g}" for number in numbers], numbers, task, None)


def read_table(path: Path, target: str | None, task: str, categories: tuple[str, ...]) -> Samples:
    """Return the samples of a table; the target is by default the last column."""
    names = column_reader(path).header
    target = names[-1] if target is None else target
    plain = column_reader(path, target=target)
    for name in categories:
        if name not in plain.columns.names:
            raise ValueError(f"{path}: there is no input column {name!r} for --categories")
    columns = Columns(plain.columns.names, {name: plain.values(name) for name in categories}, target)
    if not columns.names:
        raise ValueError(f"{path} has only the column {target!r}, expected inputs and a target")
    x, texts = column_reader(path, columns, target).rows_and_target(0, plain.n_rows)
    if not texts:
        raise ValueError(f"{path} has no rows")
    try:
        numbers = np.array(texts).astype(np.float64)
    except ValueError:
        if task == "numbers":
            raise ValueError(f"{path}: the target {target!r} has words, which --task numbers does not accept") from None
        numbers = None
    return _targets(x, texts, numbers, task, columns)


def _targets(
    x: NDArray[np.float32], texts: list[str], numbers: NDArray[np.float64] | None, task: str, columns: Columns | None
) -> Samples:
    """Return the samples with classes, in numerical or alphabetical order, or with numbers."""
    whole = numbers is not None and bool((numbers == np.rint(numbers)).all())
    few = numbers is not None and whole and len(np.unique(numbers)) <= MOST_CLASSES
    if numbers is not None and (task == "numbers" or (task == "auto" and not few)):
        if not np.isfinite(numbers).all():
            raise ValueError("the target has missing or infinite numbers")
        return Samples(x, numbers.astype(np.float32), None, columns)
    named = texts if numbers is None or not whole else [str(int(number)) for number in numbers]
    classes = sorted(set(named), key=int if numbers is not None and whole else str)
    if len(classes) < 2:
        raise ValueError(f"the target has only the class {classes[0]!r}")
    places = {name: i for i, name in enumerate(classes)}
    return Samples(x, np.array([places[name] for name in named]), tuple(classes), columns)


def _network(
    samples: Samples, kept: NDArray[np.int64], units: list[int], act: Any, generator: np.random.Generator
) -> tuple[Network, tuple[float, float] | None]:
    """Return the network, and for numbers the mean and the spread by which the target is standardized in training."""
    width = samples.x.shape[1]
    layers: list[Layer] = [Standardize(width)]
    for n in units:
        spatial = act == "spatial"
        layers.append(SpatialDense(width, n, rng=generator) if spatial else Dense(width, n, act, rng=generator))
        width = n
    metadata = "" if samples.columns is None else samples.columns.to_text()
    if samples.classes is not None:
        layers += [Dense(width, len(samples.classes), rng=generator, init="lecun"), Softmax()]
        return Network(layers, samples.classes, metadata), None
    layers.append(Dense(width, 1, rng=generator, init="lecun"))
    y = samples.y[kept].astype(np.float64)
    return Network(layers, None, metadata), (float(y.mean()), float(y.std()) or 1.0)


def _fold(network: Network, mean: float, spread: float) -> None:
    """Let the last layer return numbers in the units of the target."""
    last = network.layers[-1].parameters
    last["weights"] *= np.float32(spread)
    last["bias"] *= np.float32(spread)
    last["bias"] += np.float32(mean)


def _quality(network: Network, samples: Samples, kept: NDArray[np.int64], tested: NDArray[np.int64]) -> Report:
    """Return the accuracy, or the share of the variance that the network explains, and what a constant reaches."""
    if not len(tested):
        return {}
    x, y = samples.x[tested], samples.y[tested]
    if samples.classes is None:
        error = network.predict(x)[:, 0].astype(np.float64) - y
        around = y.astype(np.float64) - samples.y[kept].astype(np.float64).mean()
        spread = float(np.square(around).mean())
        explained = 1 - float(np.square(error).mean()) / spread if spread else math.nan
        return {"root_mean_squared_error": float(np.sqrt(np.square(error).mean())), "explained_variance": explained}
    most_frequent = np.bincount(samples.y[kept]).argmax()
    return {
        "accuracy": float((network.classify(x) == y).mean()),
        "accuracy_of_the_most_frequent_class": float((y == most_frequent).mean()),
    }


def _state(record: dict[str, float]) -> str:
    """Return what the progress bar shows of an epoch."""
    name = "validation_accuracy" if "validation_accuracy" in record else "loss"
    return f"{name.replace('_', ' ')} {record[name]:.4g}"


def _print(report: Report) -> None:
    summary = Table(show_header=False, box=None, pad_edge=False)
    summary.add_column(style="bold")
    summary.add_column()
    # Text, because rich would interpret a name such as "[1].npy" as markup.
    summary.add_row("data", Text(f"{report['data']}, {report['inputs']} inputs"))
    if report["classes"] is not None:
        summary.add_row("classes", Text(", ".join(report["classes"])))
    summary.add_row("rows", f"{report['rows']:,} for training, {report['held_out']:,} held out")
    summary.add_row(
        "training", f"{report['epochs']} epochs in {report['seconds']:.1f} s, loss {report['training_loss']:.4g}"
    )
    if "accuracy" in report:
        constant = report["accuracy_of_the_most_frequent_class"]
        summary.add_row(
            "accuracy", f"{report['accuracy']:.2%} of the rows held out; the most frequent class {constant:.2%}"
        )
    if "explained_variance" in report:
        summary.add_row("error", f"{report['root_mean_squared_error']:.4g} (root mean square, rows held out)")
        summary.add_row("", f"{report['explained_variance']:.1%} of the variance explained")
    summary.add_row("network", Text(f"{report['output']}, {report['parameters']:,} parameters"))
    OutputConsole(highlight=False).print(summary)
