"""``spatium infer``: apply a network to an array, and print the statistics of its activation maps."""

from __future__ import annotations

import contextlib
import json
import statistics
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

import spatium
from spatium import onnx
from spatium.cli.shared import activation_named, hits_table, one_line, progress_bar, threads_set
from spatium.cli.stream import ArrayReader, array_writer, read_ahead, write_behind
from spatium.cli.table import Columns, TableReader, is_table, table_writer
from spatium.data import digits_model_path, load_digits
from spatium.nn import Network, SpatialDense, _blas, from_state_dict, load_safetensors

__all__ = ["infer"]

# The minimum duration of a throughput measurement; a shorter run would mostly measure the start-up.
SECONDS_OF_TIMING = 0.5

Report = dict[str, Any]


@click.command()
@click.option(
    "--model",
    type=click.Path(path_type=Path),
    help="A network's .npz, .onnx or .safetensors file. [default: the packaged digits]",
)
@click.option("--activations", help="For .safetensors: one for each layer with weights, such as relu,relu,softmax.")
@click.option(
    "--input",
    "input_path",
    type=click.Path(path_type=Path),
    help="A .npy file, or a table (.csv, .tsv), with one sample per row.",
)
@click.option(
    "--output", "output_path", type=click.Path(path_type=Path), help="The .npy, .csv or .tsv file for the results."
)
@click.option("--batch", type=click.IntRange(min=1), default=4096, show_default=True, help="Samples per batch.")
@click.option("--threads", type=click.IntRange(1, 4096), help="The number of threads, for activations and products.")
@click.option("--labels", is_flag=True, help="Write the class of each row, by its name if the network has names.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def infer(
    model: Path | None,
    activations: str | None,
    input_path: Path | None,
    output_path: Path | None,
    batch: int,
    threads: int | None,
    labels: bool,
    as_json: bool,
) -> None:
    """Apply a network to an array, and print its accuracy, its throughput and the activations that were applied.

    Without options, the packaged network classifies the held-out part of the packaged digits. Its input is 64 pixels
    from 0 to 1 per image.

    With --input, the file is read one batch at a time; reading, computing and writing overlap. The output file gets its
    name when it is complete. After an interruption or an error there is no output file.

    A .safetensors file has the arrays of a PyTorch module of linear layers, in the order of their names.

    A table has the names of its columns in its first line. A network of `spatium train` finds its columns by name, and
    other columns, such as the target, are ignored; for another network, all columns are inputs.
    """
    if output_path is not None and input_path is None:
        raise click.UsageError("--output needs --input: there is no output for the packaged digits")
    if labels and output_path is None:
        raise click.UsageError("--labels needs --output")
    if output_path is not None and input_path is not None and output_path.resolve() == input_path.resolve():
        raise click.UsageError("--output is the --input file; choose another name")
    try:
        network = _load(model or digits_model_path(), activations)
        with threads_set(threads):
            if input_path is None:
                report = _run_digits(network, batch)
            else:
                report = _run_file(network, input_path, output_path, batch, labels, quiet=as_json)
    except (ModuleNotFoundError, OSError, ValueError) as error:
        raise click.ClickException(one_line(error)) from error
    report = {"model": "packaged" if model is None else str(model), **report}
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _print(report)


def _load(path: Path, activations: str | None) -> Network:
    if path.suffix.lower() != ".safetensors":
        if activations is not None:
            raise ValueError("--activations is for .safetensors files; other files contain the activations")
        return onnx.load(path) if path.suffix.lower() == ".onnx" else Network.load(path)
    if activations is None:
        raise ValueError(f"{path} contains no activations: add --activations, such as relu,relu,softmax or relu,none")
    names = [name.strip() for name in activations.split(",")]
    chosen = [name if name == "softmax" else None if name in ("none", "") else activation_named(name) for name in names]
    try:
        return from_state_dict(load_safetensors(path), chosen)
    except (TypeError, ValueError) as error:
        raise ValueError(str(error) if str(path) in str(error) else f"{path}: {error}") from error


def _run_digits(network: Network, batch_size: int) -> Report:
    digits = load_digits()
    if network.n_inputs != digits.x_test.shape[1] or network.n_outputs != 10:
        takes, gives = network.n_inputs or "any number of", network.n_outputs or "as many"
        raise ValueError(
            f"the network takes {takes} values and gives {gives}, the packaged digits have 64 pixels and 10 classes; "
            "name a file with --input"
        )
    _reset_counts(network)
    accuracy = float((network.classify(digits.x_test, batch_size) == digits.y_test).mean())
    maps = _describe_maps(network)
    return {
        "input": "packaged digits, held-out part",
        "rows": len(digits.x_test),
        "accuracy": accuracy,
        **_throughput(network, _steady_rate(network, digits.x_test)),
        "maps": maps,
    }


def _steady_rate(network: Network, x: NDArray[np.float32]) -> float:
    """Return the rows per second, measured by repeated predictions of the same rows."""
    rates: list[float] = []
    end = time.perf_counter() + SECONDS_OF_TIMING
    while not rates or time.perf_counter() < end:
        start = time.perf_counter()
        network.forward(x, count=False)
        rates.append(len(x) / (time.perf_counter() - start))
    # The median, so that an interruption by the system does not affect the result.
    return statistics.median(rates)


def _run_file(
    network: Network, input_path: Path, output_path: Path | None, batch_size: int, labels: bool, quiet: bool
) -> Report:
    reader = _reader(network, input_path)
    if network.n_inputs is not None and reader.n_columns != network.n_inputs:
        raise ValueError(f"{input_path} has {reader.n_columns} values per row, the network takes {network.n_inputs}")
    _reset_counts(network)
    n_outputs = network.n_outputs or reader.n_columns
    # A sigmoid with a single output has two classes; another single output is a number.
    classes = np.zeros(2 if n_outputs == 1 and network.has_classes else n_outputs, dtype=np.int64)
    if labels and not network.has_classes:
        raise ValueError("--labels: the network has one output, which is a number and not a class")
    with contextlib.ExitStack() as stack:
        write: Callable[[NDArray[Any]], None] | None = None
        names = None if network.classes is None else np.array(network.classes)
        if output_path is not None:
            writer = _writer(output_path, reader.n_rows, n_outputs, labels, names)
            write = stack.enter_context(write_behind(stack.enter_context(writer)))
        advance = stack.enter_context(progress_bar("inferring", reader.n_rows, quiet))
        batches = stack.enter_context(contextlib.closing(read_ahead(reader, batch_size)))
        start, batch = time.perf_counter(), np.empty((0, reader.n_columns), dtype=np.float32)
        for batch in batches:
            outputs = network.forward(batch)
            results: NDArray[Any] = outputs
            if network.has_classes:
                winners = network.classes_of(outputs)
                classes += np.bincount(winners, minlength=len(classes))
                if labels:
                    results = winners if names is None else names[winners]
            if write is not None:
                write(results)
            advance(len(outputs))
        seconds = time.perf_counter() - start
    if seconds >= SECONDS_OF_TIMING:
        rate = reader.n_rows / seconds
    else:
        rate = _steady_rate(network, batch) if len(batch) else 0.0
    return {
        "input": str(input_path),
        "output": None if output_path is None else str(output_path),
        "rows": reader.n_rows,
        "seconds": seconds,
        **_throughput(network, rate),
        "class_names": network.classes,
        "classes": classes.tolist() if network.has_classes else [],
        "maps": _describe_maps(network),
    }


def _reader(network: Network, path: Path) -> ArrayReader | TableReader:
    return TableReader(path, Columns.from_text(network.metadata)) if is_table(path) else ArrayReader(path)


def _writer(
    path: Path, n_rows: int, n_outputs: int, labels: bool, names: NDArray[np.str_] | None
) -> AbstractContextManager[Callable[[NDArray[Any]], None]]:
    if is_table(path):
        columns = [f"output_{i}" for i in range(n_outputs)] if names is None or n_outputs == 1 else list(names)
        return table_writer(path, ["class"] if labels else columns)
    if labels:
        return array_writer(path, (n_rows,), np.int64 if names is None else names.dtype)
    return array_writer(path, (n_rows, n_outputs), np.float32)


def _spatial_layers(network: Network) -> list[tuple[int, SpatialDense]]:
    return [(position, layer) for position, layer in enumerate(network.layers) if isinstance(layer, SpatialDense)]


def _reset_counts(network: Network) -> None:
    for _, layer in _spatial_layers(network):
        layer.maps.reset_counts()


def _throughput(network: Network, rows_per_second: float) -> Report:
    activations_per_row = sum(
        layer.n_outputs or 0
        for layer in network.layers
        if isinstance(layer, SpatialDense) or getattr(layer, "activation", None) is not None
    )
    return {
        "rows_per_second": rows_per_second,
        "activations_per_second": rows_per_second * activations_per_row,
        "threads": spatium.get_num_threads(),
        "matrix_products": _blas.description(),
    }


def _describe_maps(network: Network) -> list[Report]:
    """Return, for each layer, the hits of each activation and the number of samples in each of the 64 cells."""
    descriptions = []
    for position, layer in _spatial_layers(network):
        routed = layer.maps.statistics()
        shares = routed.function_shares
        # All neurons of a layer use the same hash, so each of its grids has the counts of the samples.
        samples_per_cell = layer.maps.hit_counts.reshape(-1, 8, 8)[0]
        descriptions.append(
            {
                "layer": position,
                "neurons": layer.n_outputs,
                "fired": {
                    name: {"count": count, "share": shares[name]}
                    for name, count in sorted(routed.function_counts.items(), key=lambda item: -item[1])
                },
                "hits": samples_per_cell.tolist(),
                "dead_cells": [list(cell) for cell in routed.dead_cells],
            }
        )
    return descriptions


def _print(report: Report) -> None:
    console = Console(highlight=False)
    summary = Table(show_header=False, box=None, pad_edge=False)
    summary.add_column(style="bold")
    summary.add_column()
    # Text, because rich would interpret a name such as "[1].npy" as markup.
    summary.add_row("model", Text(report["model"]))
    summary.add_row("input", Text(f"{report['input']}, {report['rows']:,} rows"))
    if report.get("output"):
        summary.add_row("output", Text(report["output"]))
    if "accuracy" in report:
        summary.add_row("accuracy", f"{report['accuracy']:.2%}")
    summary.add_row("throughput", f"{report['rows_per_second']:,.0f} rows/s")
    summary.add_row("", f"{report['activations_per_second']:,.0f} activations/s")
    products = report["matrix_products"]
    how = "one thread for each" if products["limited"] else f"threads: {products['threads'] or 'its own'}"
    summary.add_row("threads", str(report["threads"]))
    summary.add_row("products", f"by {products['name']}, {how}")
    if 0 < len(report.get("classes", ())) <= 20:
        names = report["class_names"] or range(len(report["classes"]))
        classes = ", ".join(f"{name}: {count:,}" for name, count in zip(names, report["classes"], strict=True))
        summary.add_row("classes", Text(classes))
    console.print(summary)
    for description in report["maps"]:
        console.print()
        console.print(_fired_table(description, "#" if console.options.ascii_only else "█"))
        console.print(hits_table(description["hits"], f"Layer {description['layer']}: samples per cell"))
        dead = description["dead_cells"]
        listing = ", ".join(f"({row}, {column})" for row, column in dead)
        console.print(f"{len(dead)} of 64 cells have no hits{': ' + listing if dead else ''}")


def _fired_table(description: Report, block: str) -> Table:
    table = Table(title=f"Layer {description['layer']}: activations of {description['neurons']} neurons")
    table.add_column("activation", overflow="fold")
    table.add_column("count", justify="right")
    table.add_column("share", justify="right")
    table.add_column("relative to the largest", min_width=20)
    largest = max((entry["share"] for entry in description["fired"].values()), default=0.0)
    for name, entry in description["fired"].items():
        bar = block * round(20 * entry["share"] / largest) if largest else ""
        table.add_row(Text(name), f"{entry['count']:,}", f"{entry['share']:.1%}", f"[cyan]{bar}[/cyan]")
    return table
