"""``spatium infer``: apply a network to an array, and print the statistics of its activation maps."""

from __future__ import annotations

import contextlib
import json
import math
import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import click
import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

import spatium
from spatium import onnx
from spatium._files import atomic_file
from spatium.cli.cluster import compute_on_cluster
from spatium.cli.formats import INPUTS, OUTPUTS, STANDARD, WRITTEN, open_output, standard_input
from spatium.cli.jobs import Job, Totals
from spatium.cli.shared import (
    FILE,
    OutputConsole,
    activation_named,
    check_free,
    custom_functions,
    custom_option,
    force_option,
    hits_table,
    one_line,
    progress_bar,
    threads_set,
)
from spatium.cli.stream import Append, Rows, made_once, place_writer, read_ahead, write_behind, write_header
from spatium.data import digits_model_path, load_digits
from spatium.nn import Network, SpatialDense, _blas, from_state_dict, load_safetensors

__all__ = ["infer"]

# The minimum duration of a throughput measurement; a shorter run would mostly measure the start-up.
SECONDS_OF_TIMING = 0.5
MISREAD_SHOWN = 4  # pictures side by side in 80 columns

Report = dict[str, Any]


class RowRange(click.ParamType):  # type: ignore[type-arg]  # see ActivationType
    """Two row numbers, START:STOP, as in a slice of Python; each may be left out."""

    name = "rows"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> slice:
        """Return the slice of a text."""
        start, colon, stop = str(value).partition(":")
        if not colon or not all(part.strip() == "" or part.strip().isdecimal() for part in (start, stop)):
            self.fail(f"{value!r} is not START:STOP, such as 0:65536", param, ctx)
        return slice(*(int(part) if part.strip() else None for part in (start, stop)))


@click.command()
@click.option(
    "--model",
    type=FILE,
    help="A network's .npz, .onnx or .safetensors file. [default: the packaged digits]",
)
@click.option("--activations", help="For .safetensors: one for each layer with weights, such as relu,relu,softmax.")
@custom_option
@click.option(
    "--input",
    "input_path",
    type=FILE,
    help=f"One sample per row: {INPUTS}; - is standard input.",
)
@click.option("--array", help="The array of a .npz file or a Zarr group.  [default: the only one with rows]")
@click.option(
    "--output",
    "-o",
    "output_path",
    type=FILE,
    help=f"The results: {OUTPUTS}; - is standard output, as .csv.",
)
@force_option
@click.option("--rows", type=RowRange(), metavar="START:STOP", help="Compute only these rows, in place in a .npy file.")
@click.option("--batch", type=click.IntRange(min=1), default=4096, show_default=True, help="Samples per batch.")
@click.option("--threads", type=click.IntRange(1, 4096), help="The number of threads, for activations and products.")
@click.option("--scheduler", metavar="ADDRESS", help="Compute on the dask cluster with this scheduler.")
@click.option("--labels", is_flag=True, help="Write the class of each row, by its name if the network has names.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def infer(
    model: Path | None,
    activations: str | None,
    custom: tuple[str, ...],
    input_path: Path | None,
    array: str | None,
    output_path: Path | None,
    force: bool,
    rows: slice | None,
    batch: int,
    threads: int | None,
    scheduler: str | None,
    labels: bool,
    as_json: bool,
) -> None:
    """Apply a network to an array or a table.

    The report contains the throughput, the classes, and the activations that maps have applied.

    Without options, the packaged network classifies the held-out part of the packaged digits. Its input is 64 pixels
    from 0 to 1 per image.

    With --input, the file is read one batch at a time; reading, computing and writing overlap. The output file gets its
    name when it is complete. After an interruption or an error there is no output file.

    A .safetensors file has the arrays of a PyTorch module of linear layers, in the order of their names.

    A table has the names of its columns in its first line, or is a Parquet file. A network of `spatium train` finds its
    columns by name, and other columns, such as the target, are ignored; for another network, all columns are inputs.

    With --rows, several jobs write their shares into one .npy file. The first makes it, and rows that no job has
    computed are 0. START and STOP that are multiples of --batch give the bits of a single run.

    With --output -, the report is printed on standard error.
    """
    options = _Options(input_path, array, output_path, rows, batch, scheduler, labels, quiet=as_json)
    _check_usage(options, threads, force)
    try:
        network = _load(model or digits_model_path(), activations, custom)
        with threads_set(threads):
            report = _run_digits(network, batch) if input_path is None else _run_file(network, options)
    except BrokenPipeError:
        raise
    except (ModuleNotFoundError, OSError, ValueError) as error:
        raise click.ClickException(one_line(error)) from error
    report = {"model": "packaged" if model is None else str(model), **report}
    to_stderr = output_path == STANDARD
    if as_json:
        click.echo(json.dumps(report, indent=2), err=to_stderr)
    else:
        _print(report, to_stderr)


class _Options(NamedTuple):
    input: Path | None
    array: str | None
    output: Path | None
    rows: slice | None
    batch: int
    scheduler: str | None
    labels: bool
    quiet: bool


def _check_usage(options: _Options, threads: int | None, force: bool) -> None:
    """Raise UsageError for options that do not fit together, before anything is computed."""
    source, output = options.input, options.output
    for name, given in (
        ("--output", output), ("--rows", options.rows), ("--array", options.array), ("--scheduler", options.scheduler),
    ):  # fmt: skip
        if given is not None and source is None:
            raise click.UsageError(f"{name} needs --input: the packaged digits are one small array")
    if options.labels and output is None:
        raise click.UsageError("--labels needs --output")
    if output is not None and source is not None and source != STANDARD and output.resolve() == source.resolve():
        raise click.UsageError("--output is the --input file; choose another name")
    if output is not None and output != STANDARD and output.suffix.lower() not in WRITTEN:
        raise click.UsageError(f"--output: {output} ends in {output.suffix or 'nothing'}, expected {OUTPUTS}")
    in_place = "--rows" if options.rows is not None else "--scheduler" if options.scheduler is not None else None
    if in_place and output is not None and (output == STANDARD or output.suffix.lower() != ".npy"):
        raise click.UsageError(f"{in_place} needs a .npy file for --output: rows of other formats have no fixed place")
    if options.scheduler is not None and source == STANDARD:
        raise click.UsageError("--scheduler needs a file for --input, which all workers can read")
    if options.scheduler is not None and threads is not None:
        raise click.UsageError("--threads is for this process, and with --scheduler the workers compute")
    if options.rows is not None and force:
        raise click.UsageError("--force would delete the rows that other jobs have written; remove the file yourself")
    if output is not None and output != STANDARD and options.rows is None:
        check_free(output, force, "--output")


def _load(path: Path, activations: str | None, custom: Sequence[str]) -> Network:
    if path.suffix.lower() != ".safetensors":
        if activations is not None:
            raise ValueError("--activations is for .safetensors files; other files contain the activations")
        return onnx.load(path) if path.suffix.lower() == ".onnx" else Network.load(path, custom_functions(custom))
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
    found = network.classify(digits.x_test, batch_size)
    wrong = np.flatnonzero(found != digits.y_test)
    maps = _describe_maps(network)
    return {
        "input": "packaged digits, held-out part",
        "rows": len(digits.x_test),
        "accuracy": float((found == digits.y_test).mean()),
        "misread": [{"row": int(i), "digit": int(digits.y_test[i]), "read_as": int(found[i])} for i in wrong],
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


def _run_file(network: Network, options: _Options) -> Report:
    assert options.input is not None
    _reset_counts(network)
    with contextlib.ExitStack() as stack:
        path, label = options.input, str(options.input)
        if path == STANDARD:
            path, label = stack.enter_context(standard_input()), "standard input"
        if options.scheduler is not None:
            path = path.resolve()  # workers have other working directories
        job = Job(network, path, label, options.array, options.batch, options.labels)
        reader = job.open()
        start, stop, _ = (options.rows or slice(None)).indices(reader.n_rows)
        stop = max(start, stop)
        run = _run_on_cluster if options.scheduler is not None else _run_here
        begin = time.perf_counter()
        totals = run(job, reader, start, stop, options)
        seconds = time.perf_counter() - begin
        rate = (stop - start) / seconds
        if options.scheduler is None and start < stop and seconds < SECONDS_OF_TIMING:
            rate = _steady_rate(network, reader.rows(start, min(start + options.batch, stop)))
    network._add_hits(totals.hits)
    return {
        "input": label,
        "output": None if options.output is None else str(options.output),
        "first_row": start,
        "rows": stop - start,
        "seconds": seconds,
        **_throughput(network, rate),
        "class_names": network.classes,
        "classes": totals.classes.tolist(),
        "maps": _describe_maps(network),
    }


def _run_here(job: Job, reader: Rows, start: int, stop: int, options: _Options) -> Totals:
    """Compute the rows in this process, and return their totals."""
    with contextlib.ExitStack() as stack:
        write: Append | None = None
        if options.output is not None:
            shape, dtype = job.shape(reader), job.dtype()
            if options.rows is None:
                writer = open_output(options.output, job.header(reader), shape, dtype)
            else:
                made_once(options.output, shape, dtype)
                writer = place_writer(options.output, start, stop - start)
            write = stack.enter_context(write_behind(stack.enter_context(writer)))
        advance = stack.enter_context(progress_bar("inferring", stop - start, options.quiet))
        batches = stack.enter_context(contextlib.closing(read_ahead(reader, options.batch, start, stop)))
        return job.compute(reader, batches, write, advance)


def _run_on_cluster(job: Job, reader: Rows, start: int, stop: int, options: _Options) -> Totals:
    """Let the workers of a cluster compute the rows; return their totals."""
    assert options.scheduler is not None
    with contextlib.ExitStack() as stack:
        output = options.output
        if output is not None:
            shape, dtype = job.shape(reader), job.dtype()
            if options.rows is not None:
                made_once(output, shape, dtype)
            else:  # the workers write into the file that gets its name at the end
                file = stack.enter_context(atomic_file(output))
                write_header(file, shape, dtype)
                file.truncate(file.tell() + math.prod(shape) * dtype.itemsize)
                file.flush()
                output = Path(file.name)
            output = output.resolve()
        advance = stack.enter_context(progress_bar("inferring", stop - start, options.quiet))
        return compute_on_cluster(options.scheduler, job, output, start, stop, advance)


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


def _print(report: Report, to_stderr: bool) -> None:
    """Print the tables of the maps, and last the summary, which then stays visible on a small terminal."""
    console = OutputConsole(highlight=False, stderr=to_stderr)
    for description in report["maps"]:
        console.print(_fired_table(description, "#" if console.options.ascii_only else "█"))
        console.print(hits_table(description["hits"], f"Layer {description['layer']}: samples per cell"))
        dead = description["dead_cells"]
        listing = ", ".join(f"({row}, {column})" for row, column in dead)
        have = "has" if len(dead) == 1 else "have"
        console.print(f"{len(dead)} of 64 cells {have} no hits{': ' + listing if dead else ''}")
        console.print()
    if report.get("misread"):
        console.print(_misread_table(report["misread"], " .:-=+*#%@" if console.options.ascii_only else " ░▒▓█"))
        console.print()
    summary = Table(show_header=False, box=None, pad_edge=False)
    summary.add_column(style="bold")
    summary.add_column()
    # Text, because rich would interpret a name such as "[1].npy" as markup.
    summary.add_row("model", Text(report["model"]))
    begin = f" from row {report['first_row']:,}" if report.get("first_row") else ""
    summary.add_row("input", Text(f"{report['input']}, {report['rows']:,} rows{begin}"))
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


def _misread_table(misread: Sequence[Report], shades: str) -> Table:
    """Return pictures of the first digits that were misread, in two characters per pixel from paper to ink."""
    shown = misread[:MISREAD_SHOWN]
    table = Table(title=f"{len(shown)} of {len(misread)} misread digits", box=None)
    pictures = []
    for entry in shown:
        table.add_column(f"a {entry['digit']}, read as {entry['read_as']}")
        pixels = load_digits().x_test[entry["row"]].reshape(8, 8)
        levels = np.minimum(pixels * len(shades), len(shades) - 1).astype(int)
        pictures.append(Text("\n".join("".join(2 * shades[level] for level in line) for line in levels)))
    table.add_row(*pictures)
    return table


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
