"""``spatium map``: create activation maps in files, show them, apply them to arrays, and add their hits."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.table import Table
from rich.text import Text

import spatium
from spatium import ActivationMap, SimHash
from spatium.activations import Activation
from spatium.cli.shared import (
    ACTIVATION,
    FILE,
    OutputConsole,
    check_free,
    custom_functions,
    custom_option,
    drawing_to,
    errors_in_one_line,
    force_option,
    hits_table,
    progress_bar,
    threads_set,
)
from spatium.cli.stream import RowReader, array_writer

__all__ = ["map_commands"]

# The number of elements that are evaluated together, if --batch is not given.
ELEMENTS_PER_BATCH = 1 << 20


@click.group("map")
def map_commands() -> None:
    """Create activation maps, show them, apply them, add their hits."""


@map_commands.command()
@click.argument("path", type=FILE)
@click.option(
    "--layout",
    type=click.Choice(["random", "uniform", "gradient"]),
    default="random",
    show_default=True,
    help="How the cells are filled.",
)
@click.option("--neurons", type=click.IntRange(min=1), help="One grid per neuron. [default: one grid for all]")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="The seed of a random layout.")
@click.option(
    "--function",
    type=ACTIVATION,
    metavar="ACTIVATION",
    help="The activation of a uniform layout, such as elu:alpha=0.5. [default: relu]",
)
@click.option("--center", type=ACTIVATION, metavar="ACTIVATION", help="Center of a gradient. [default: gelu]")
@click.option("--edge", type=ACTIVATION, metavar="ACTIVATION", help="Edge of a gradient. [default: relu]")
@force_option
def make(
    path: Path,
    layout: str,
    neurons: int | None,
    seed: int,
    function: Activation | None,
    center: Activation | None,
    edge: Activation | None,
    force: bool,
) -> None:
    """Write a new map to PATH (.npz)."""
    check_free(path, force, "PATH")
    for option, value, fits in (
        ("--function", function, "uniform"),
        ("--center", center, "gradient"),
        ("--edge", edge, "gradient"),
    ):
        if value is not None and layout != fits:
            raise click.UsageError(f"{option} needs --layout {fits}")
    shape = () if neurons is None else (neurons,)
    with errors_in_one_line():
        if layout == "random":
            amap = ActivationMap.random(shape, rng=seed)
        elif layout == "uniform":
            amap = ActivationMap.uniform(function or spatium.ReLU(), shape)
        else:
            amap = ActivationMap.gradient(center or spatium.GELU(), edge or spatium.ReLU(), shape)
        amap.save(path)
    click.echo(f"{path}: {layout} map, {'one grid' if neurons is None else f'{neurons} neurons'}")


@map_commands.command()
@click.argument("path", type=FILE)
@click.option("--neuron", type=int, help="The index of one neuron. [default: the most frequent function of each cell]")
@click.option("--png", type=FILE, help="Also draw the map to this file; needs matplotlib.")
@force_option
@custom_option
def show(path: Path, neuron: int | None, png: Path | None, force: bool, custom: tuple[str, ...]) -> None:
    """Print the grid of the map at PATH, and draw it with --png."""
    if png is not None:
        check_free(png, force, "--png")
    from spatium.activations.names import short_name
    from spatium.plots.maps import cell_table, draw_map

    with errors_in_one_line():
        amap = ActivationMap.load(path, custom_functions(custom))
        table = cell_table(amap, neuron)
    console = OutputConsole(highlight=False)
    several = neuron is None and math.prod(amap.shape) > 1
    heading = f"{math.prod(amap.shape):,} neurons, the most frequent function of each cell" if several else "8×8 grid"
    grid = Table(title=Text(f"{path.name}: {heading}"))
    grid.add_column("", style="dim")
    for column in range(8):
        grid.add_column(str(column), justify="center")
    for row in range(8):
        grid.add_row(str(row), *(table.letters[table.held[row, column]] for column in range(8)))
    console.print(grid)
    legend = Table(show_header=True, box=None, pad_edge=False)
    for heading in ("", "activation", "cells", "hits"):
        legend.add_column(heading, justify="right" if heading in ("cells", "hits") else "left")
    for number, (letter, entry) in enumerate(zip(table.letters, table.activations, strict=True)):
        cells = table.held == number
        hits = "" if several else f"{int(table.hits[cells].sum()):,}"
        legend.add_row(letter, Text(short_name(entry)), str(int(cells.sum())), hits)
    console.print(legend)
    if table.hits.any():
        console.print(hits_table(table.hits, "hits"))
    if png is not None:
        with drawing_to(png, "--png", "png") as draw:
            draw(draw_map(amap, neuron=neuron).figure)


@map_commands.command()
@click.argument("path", type=FILE)
@click.option("--input", "input_path", type=FILE, required=True, help="The .npy file to which the map is applied.")
@click.option("--hashes", "hashes_path", type=FILE, help="A .npy file of hashes, one per row or one per element.")
@click.option(
    "--simhash", type=click.IntRange(min=0), metavar="SEED", help="Or the seed of a SimHash that hashes each row."
)
@click.option("--fit", "fit_path", type=FILE, help="The rows to which the SimHash is fitted. [default: --input]")
@click.option("--output", "-o", "output_path", type=FILE, required=True, help="The .npy file for the result.")
@click.option("--counts", "counts_path", type=FILE, help="Also write the map with only the hits of this run.")
@click.option("--batch", type=click.IntRange(min=1), help="Rows per batch. [default: about a million elements]")
@click.option("--threads", type=click.IntRange(1, 4096), help="The number of threads.")
@force_option
@custom_option
def apply(
    path: Path,
    input_path: Path,
    hashes_path: Path | None,
    simhash: int | None,
    fit_path: Path | None,
    output_path: Path,
    counts_path: Path | None,
    batch: int | None,
    threads: int | None,
    force: bool,
    custom: tuple[str, ...],
) -> None:
    """Apply the map at PATH to an array, and print its statistics.

    Files are read and written in batches and may be larger than memory. The output file gets its name when it is
    complete. PATH itself does not change; `spatium map merge` adds the counts that --counts wrote in several runs or on
    several machines.

    To use the same routing for all parts of a data set, pass the same --fit file for each part.
    """
    if (hashes_path is None) == (simhash is None):
        raise click.UsageError("give either --hashes or --simhash")
    if fit_path is not None and simhash is None:
        raise click.UsageError("--fit needs --simhash")
    read = [path, input_path, *(other for other in (hashes_path, fit_path) if other is not None)]
    written = [output_path, *([] if counts_path is None else [counts_path])]
    if len({other.resolve() for other in written} - {other.resolve() for other in read}) != len(written):
        raise click.UsageError("--output and --counts must differ from each other and from the input files")
    for option, other in (("--output", output_path), ("--counts", counts_path)):
        if other is not None:
            check_free(other, force, option)
    with errors_in_one_line(), threads_set(threads):
        amap = ActivationMap.load(path, custom_functions(custom))
        amap.reset_counts()
        reader = RowReader(input_path)
        _check_shape(amap, reader.shape, input_path, path)
        hash_rows = _hashes_from(hashes_path, reader, input_path) if simhash is None else _simhash(
            simhash, reader, input_path, fit_path
        )  # fmt: skip
        size = math.prod(reader.shape[1:])
        step = batch or max(1, ELEMENTS_PER_BATCH // max(size, 1))
        dtype = amap.activate(np.zeros((0, *reader.shape[1:]), reader.dtype), 0).dtype
        with (
            array_writer(output_path, reader.shape, dtype) as write,
            progress_bar("applying", reader.n_rows, quiet=False) as advance,
        ):
            for start in range(0, reader.n_rows, step):
                x = reader.rows(start, min(start + step, reader.n_rows))
                write(amap.activate(x, hash_rows(start, x)))
                advance(len(x))
        if counts_path is not None:
            amap.save(counts_path)
    _print_statistics(amap, f"{output_path}: {reader.n_rows:,} rows of {size:,}")


def _check_shape(amap: ActivationMap, shape: tuple[int, ...], input_path: Path, path: Path) -> None:
    """Raise ValueError if the neurons of the map do not correspond to the last axes of the input."""
    last = shape[1:][len(shape) - 1 - len(amap.shape) :] if len(amap.shape) < len(shape) else None
    if last is None or any(n not in (1, m) for n, m in zip(amap.shape, last, strict=True)):
        raise ValueError(f"{input_path} has shape {shape}, expected rows of shape {amap.shape}, as in {path}")


def _hashes_from(path: Path | None, reader: RowReader, input_path: Path) -> Callable[[int, NDArray[Any]], NDArray[Any]]:
    """Return a function that reads the hashes of rows: one per row, or one per element."""
    assert path is not None
    hashes = RowReader(path)
    if hashes.dtype.kind not in "iu":
        raise ValueError(f"{path} has dtype {hashes.dtype}, expected integers")
    if hashes.shape not in ((reader.n_rows,), (reader.n_rows, *(1,) * (len(reader.shape) - 1)), reader.shape):
        raise ValueError(
            f"{path} has shape {hashes.shape}, expected ({reader.n_rows},) or {reader.shape}, as {input_path} has"
        )
    per_row = (-1, *(1,) * (len(reader.shape) - 1))

    def rows(start: int, x: NDArray[Any]) -> NDArray[Any]:
        part = hashes.rows(start, start + len(x))
        if part.dtype.kind == "i" and part.size and part.min() < 0:
            first = tuple(np.argwhere(part < 0)[0])
            raise ValueError(f"{path}: row {start + first[0]} holds {part[first]}, expected hashes of at least 0")
        return part if part.shape == x.shape else part.reshape(per_row)

    return rows


def _simhash(
    seed: int, reader: RowReader, input_path: Path, fit_path: Path | None
) -> Callable[[int, NDArray[Any]], NDArray[Any]]:
    """Return a function that computes the hashes of rows; axes after the first are flattened."""
    size = math.prod(reader.shape[1:])
    if len(reader.shape) < 2 or size == 0:
        raise ValueError(f"{input_path} has shape {reader.shape}, expected rows of numbers to hash")
    fitted = RowReader(fit_path) if fit_path is not None else reader
    if fitted.shape[1:] != reader.shape[1:]:
        raise ValueError(
            f"{fit_path} has shape {fitted.shape}, expected (rows, {str(reader.shape[1:])[1:-1].rstrip(',')})"
        )
    if fit_path is not None and not fitted.n_rows:
        raise ValueError(f"{fit_path} has no rows, expected at least one")
    pattern_hash = SimHash(size, rng=seed)
    if fitted.n_rows:
        try:
            pattern_hash.fit(fitted.rows(0, fitted.n_rows).reshape(fitted.n_rows, size))
        except ValueError as error:
            raise ValueError(f"{fit_path or input_path}: {error}") from None

    def rows(start: int, x: NDArray[Any]) -> NDArray[Any]:
        try:
            hashes: NDArray[Any] = pattern_hash(x.reshape(len(x), size))
        except ValueError as error:
            finite = np.isfinite(x.reshape(len(x), size)).all(axis=1)
            if finite.all():
                raise ValueError(f"{input_path}: rows {start} to {start + len(x) - 1}: {error}") from None
            bad = start + int(np.argmin(finite))
            raise ValueError(f"{input_path}: row {bad} is not finite, so it has no hash") from None
        return hashes.reshape(-1, *(1,) * (x.ndim - 1))

    return rows


@map_commands.command()
@click.argument("path", type=FILE)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@custom_option
def stats(path: Path, as_json: bool, custom: tuple[str, ...]) -> None:
    """Print the statistics of the hits of the map at PATH."""
    with errors_in_one_line():
        amap = ActivationMap.load(path, custom_functions(custom))
    if as_json:
        click.echo(json.dumps(amap.statistics().to_dict(), indent=2))
    else:
        _print_statistics(amap, path.name)


def _print_statistics(amap: ActivationMap, title: str) -> None:
    statistics = amap.statistics()
    console = OutputConsole(highlight=False)
    console.print(Text(title, style="bold"))
    console.print(hits_table(statistics.counts, "hits per cell"))
    console.print(Text(statistics.summary()))


@map_commands.command()
@click.argument("paths", type=FILE, nargs=-1, required=True)
@click.option("--output", "-o", "output_path", type=FILE, required=True, help="The .npz file for the sum.")
@force_option
@custom_option
def merge(paths: tuple[Path, ...], output_path: Path, force: bool, custom: tuple[str, ...]) -> None:
    """Add the hits of several files of the same map.

    Each file is counted once. Pass the files that `spatium map apply --counts` wrote. Pass the original map only if its
    own hits should be included.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        raise click.UsageError("a file is named twice, so its hits would be counted twice")
    check_free(output_path, force, "--output")
    with errors_in_one_line():
        known = custom_functions(custom)
        total = ActivationMap.load(paths[0], known)
        for path in paths[1:]:
            other = ActivationMap.load(path, known)
            if other != total:
                raise ValueError(f"{path}: the cells differ from those of {paths[0]}")
            total.add_hits(other.hit_counts)
        total.save(output_path)
    click.echo(f"{output_path}: {total.statistics().total:,} hits of {len(paths)} files")
