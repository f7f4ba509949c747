"""``spatium lab``: experiments with activations and maps, on all cores."""

from __future__ import annotations

import contextlib
import importlib.util
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from spatium._files import atomic_file
from spatium.activations import Activation
from spatium.analysis import Table
from spatium.cli.shared import activation_named, errors_in_one_line
from spatium.cli.table import COLUMN_SUFFIXES, column_reader, has_columns
from spatium.cli.train import Samples, read_table
from spatium.lab import nulls as null_models
from spatium.lab.comparison import RATES, table_of, tuned_contenders
from spatium.lab.networks import DESIGNS, Design
from spatium.lab.nulls import NULL_RATES
from spatium.maps.hashes import BucketHash, CategoryHash

__all__ = ["lab"]

MOST_CELLS = 64
SEED_ACTIVATIONS = "prelu,swish,gelu,hard_swish,hard_gelu,relu,tanh,sine"

seeds_option = click.option("--seeds", type=click.IntRange(min=1), default=5, show_default=True, help="Paired seeds.")
workers_option = click.option("--workers", type=click.IntRange(1, 4096), help="Processes. [default: the cores]")
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")


def _rates(context: click.Context, parameter: click.Parameter, text: str) -> tuple[float, ...]:
    try:
        rates = tuple(float(part) for part in text.split(","))
    except ValueError:
        rates = (0.0,)
    if not all(0 < rate < float("inf") for rate in rates):
        raise click.BadParameter(f"{text!r} is not a list of positive numbers")
    return rates


def rates_option(default: tuple[float, ...]) -> Callable[[Any], Any]:
    """Return the option --rates with these rates."""
    text = ",".join(f"{rate:g}" for rate in default)
    return click.option(
        "--rates", default=text, show_default=True, callback=_rates, help="The learning rates to choose from."
    )


@click.group()
def lab() -> None:
    """Experiments with activations and maps, resumable, on all cores."""


@lab.command()
@click.option(
    "--activations", default=SEED_ACTIVATIONS, show_default=True,
    help="Separated by commas, such as relu,elu:alpha=0.5; also prelu, random_map, learned_map.",
)  # fmt: skip
@seeds_option
@rates_option(RATES)
@click.option("--epochs", type=click.IntRange(min=1), default=60, show_default=True, help="Passes over the points.")
@click.option("--size", type=click.IntRange(min=8), default=96, show_default=True, help="Points along each side.")
@click.option(
    "--output",
    "-o",
    type=click.Path(path_type=Path, file_okay=False),
    help="A folder for the page, pictures and results.",
)
@workers_option
@json_option
def islands(
    activations: str,
    seeds: int,
    rates: tuple[float, ...],
    epochs: int,
    size: int,
    output: Path | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Compare activations in small networks that learn islands.

    The networks have three hidden layers of eight units. The islands are Perlin noise, different for each seed. With
    --output, the results of all networks are kept in a folder, so that an interrupted command continues where it was;
    it also writes a page, index.html, with the table and pictures of how each network folds the plane.
    """
    contenders = [_contender(part.strip()) for part in activations.split(",") if part.strip()]
    with errors_in_one_line():
        if output is not None:
            _need_matplotlib()
        results = None if output is None else output / "results"
        with _networks_bar(as_json) as report:
            tuned = tuned_contenders(
                contenders, None, seeds, rates, epochs, 256, size, 3, None, results, workers, report
            )
        table = table_of(tuned, epochs)
        page = None
        if output is not None:
            from spatium.lab.report import write_report

            settings = {"first_seed": 0, "size": size, "epochs": epochs, "batch_size": 256}
            page = write_report(output, table, tuned, settings)
    _print(table, as_json)
    if page is not None and not as_json:
        click.echo(page)


def _contender(text: str) -> Activation | Design:
    names = {"".join(letter if letter.isalnum() else "_" for letter in name).replace("__", "_"): design
             for name, design in DESIGNS.items()}  # fmt: skip
    return names[text] if text in names else activation_named(text)


@lab.command()
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--target", required=True, help="The column of the target: a number, or a class.")
@click.option("--context", required=True, help="The column that selects the cell: words, or up to 64 whole numbers.")
@click.option("--buckets", type=click.IntRange(2, MOST_CELLS), help="Divide a context of numbers into equal parts.")
@click.option("--categories", default="", help="Other columns of words, separated by commas.")
@click.option("--cell-as-input", is_flag=True, help="Give all networks the cell as an input.")
@click.option("--width", type=click.IntRange(min=1), default=8, show_default=True, help="The units of a hidden layer.")
@click.option("--depth", type=click.IntRange(min=1), default=2, show_default=True, help="The hidden layers.")
@click.option("--seeds", type=click.IntRange(min=1), default=10, show_default=True, help="Paired seeds.")
@rates_option(NULL_RATES)
@click.option("--epochs", type=click.IntRange(min=1), default=60, show_default=True, help="Passes over the rows.")
@click.option(
    "--held-out", type=click.FloatRange(0, 1, min_open=True, max_open=True), default=0.25, show_default=True,
    help="The share of the rows for the test.",
)  # fmt: skip
@click.option(
    "--output", "-o", type=click.Path(path_type=Path, file_okay=False), help="A folder for results and the table."
)
@workers_option
@json_option
def nulls(
    data: Path,
    target: str,
    context: str,
    buckets: int | None,
    categories: str,
    cell_as_input: bool,
    width: int,
    depth: int,
    seeds: int,
    rates: tuple[float, ...],
    epochs: int,
    held_out: float,
    output: Path | None,
    workers: int | None,
    as_json: bool,
) -> None:
    """Find out whether a map of regimes helps on the table DATA.

    The comparison contains what is simpler and may do as well.

    A map gives each value of the column CONTEXT functions of its own. It is compared with networks without a map that
    have the same information or the same number of bytes. The last line of the table is a verdict. With --output, an
    interrupted command continues where it was.
    """
    words = tuple(filter(None, map(str.strip, categories.split(","))))
    with errors_in_one_line():
        samples, columns = _samples(data, target, context, buckets, words)
        order = np.random.default_rng(0).permutation(len(samples.x))
        count = max(2, round(held_out * len(order)))
        away, kept = order[:count], order[count:]
        if len(kept) < 2:
            raise ValueError(f"{data} has {len(order)} rows, and {len(kept)} are left for training; expected 2 or more")
        x = _standardized(samples, kept)
        pattern_hash = _hash_of(x, kept, columns, buckets, context)
        y = samples.y if samples.classes is not None else samples.y.astype(np.float64)
        with _networks_bar(as_json) as report:
            table = null_models(
                x[kept], y[kept], x[away], y[away], context=pattern_hash, width=width, depth=depth, seeds=seeds,
                rates=rates, epochs=epochs, cell_as_input=cell_as_input, workers=workers, progress=report,
                folder=None if output is None else output / "results",
            )  # fmt: skip
        if output is not None:
            with atomic_file(output / "table.json") as file:
                file.write(json.dumps(table.to_dict(), indent=2).encode())
    _print(table, as_json)


def _samples(
    data: Path, target: str, context: str, buckets: int | None, words: tuple[str, ...]
) -> tuple[Samples, list[int]]:
    """Return the samples of a table, and the places of the columns of the context among their inputs."""
    if not has_columns(data):
        raise ValueError(f"{data} is not a table with columns, expected {', '.join(COLUMN_SUFFIXES)}")
    reader = column_reader(data, target=target)
    if context not in reader.columns.names:
        raise ValueError(f"{data}: there is no input column {context!r} for --context")
    if buckets is None and len(values := reader.values(context)) > MOST_CELLS:
        raise ValueError(
            f"{data}: the column {context!r} has {len(values)} different values, a map has {MOST_CELLS} cells; for a "
            f"column of numbers choose --buckets"
        )
    chosen = tuple(name for name in words if name != context) + (() if buckets else (context,))
    samples = read_table(data, target, "auto", chosen)
    assert samples.columns is not None
    start = 0
    for name in samples.columns.names:
        width = len(samples.columns.categories.get(name, ("",)))
        if name == context:
            break
        start += width
    return samples, list(range(start, start + width))


def _standardized(samples: Samples, kept: NDArray[np.int64]) -> NDArray[np.float32]:
    """Return the inputs, with numbers standardized by the training rows. The columns of words remain 0 and 1."""
    assert samples.columns is not None
    x, start = samples.x.copy(), 0
    for name in samples.columns.names:
        known = samples.columns.categories.get(name)
        if known is None:
            column = x[kept, start].astype(np.float64)
            x[:, start] = (x[:, start] - column.mean()) / (column.std() or 1.0)
        start += 1 if known is None else len(known)
    return x


def _hash_of(
    x: NDArray[np.float32], kept: NDArray[np.int64], columns: list[int], buckets: int | None, context: str
) -> BucketHash | CategoryHash:
    if buckets is None:
        if len(columns) < 2:
            raise ValueError(f"the column {context!r} has only one value, expected at least two for --context")
        return CategoryHash(x.shape[1], columns=columns)
    edges = np.unique(np.quantile(x[kept, columns[0]].astype(np.float64), np.arange(1, buckets) / buckets))
    return BucketHash(x.shape[1], column=columns[0], edges=edges)


@contextlib.contextmanager
def _networks_bar(quiet: bool) -> Iterator[Callable[[int, int], None]]:
    """Show how many networks are trained; yield the function that a comparison calls."""
    console = Console(stderr=True)
    shown = (TextColumn("networks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*shown, console=console, transient=True, disable=quiet or not console.is_terminal) as progress:
        task = progress.add_task("networks", total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _need_matplotlib() -> None:
    if importlib.util.find_spec("matplotlib") is None:
        raise click.ClickException('spatium lab needs matplotlib: pip install "spatium-activations[plots]"')
    import matplotlib as mpl

    mpl.use("agg")


def _print(table: Table, as_json: bool) -> None:
    click.echo(json.dumps(table.to_dict(), indent=2) if as_json else str(table))
