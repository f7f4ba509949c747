"""``spatium map``: activation maps in files: make one, look at it, apply it to arrays, add up what it counted."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table
from rich.text import Text

import spatium
from spatium import ActivationMap, SimHash
from spatium.activations import Activation
from spatium.cli.shared import activation_named, drawing_to, errors_in_one_line, hits_table, progress_bar, threads_set
from spatium.cli.stream import RowReader, array_writer

__all__ = ["map_commands"]

# Elements evaluated at a time, unless --batch says otherwise.
ELEMENTS_PER_BATCH = 1 << 20

PATH = click.Path(path_type=Path)


@click.group("map")
def map_commands() -> None:
    """Make activation maps, look at them, apply them to arrays and add up their hits."""


@map_commands.command()
@click.argument("path", type=PATH)
@click.option("--layout", type=click.Choice(["random", "uniform", "gradient"]), default="random", show_default=True)
@click.option("--neurons", type=click.IntRange(min=1), help="One grid per neuron. [default: one grid for all]")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Of a random layout.")
@click.option(
    "--function",
    type=activation_named,
    metavar="ACTIVATION",
    help="What a uniform layout holds, as relu or elu:alpha=0.5. [default: relu]",
)
@click.option("--center", type=activation_named, metavar="ACTIVATION", help="The middle of a gradient. [default: gelu]")
@click.option("--edge", type=activation_named, metavar="ACTIVATION", help="The rim of a gradient. [default: relu]")
def make(
    path: Path,
    layout: str,
    neurons: int | None,
    seed: int,
    function: Activation | None,
    center: Activation | None,
    edge: Activation | None,
) -> None:
    """Write a new map to PATH (.npz)."""
    for option, value, fits in (
        ("--function", function, "uniform"),
        ("--center", center, "gradient"),
        ("--edge", edge, "gradient"),
    ):
        if value is not None and layout != fits:
            raise click.UsageError(f"{option} goes with --layout {fits}")
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
@click.argument("path", type=PATH)
@click.option("--neuron", type=int, help="One neuron's grid. [default: the commonest function of each cell]")
@click.option("--png", type=PATH, help="Also draw it into this file; needs matplotlib.")
def show(path: Path, neuron: int | None, png: Path | None) -> None:
    """Print the grid of the map at PATH, and draw it with --png."""
    from spatium.plots.maps import cell_table, map
    from spatium.plots.style import short_name

    with errors_in_one_line():
        amap = ActivationMap.load(path)
        table = cell_table(amap, neuron)
    console = Console(highlight=False)
    several = neuron is None and math.prod(amap.shape) > 1
    heading = f"{math.prod(amap.shape):,} neurons, the commonest function of each cell" if several else "8×8 grid"
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
            draw(map(amap, neuron=neuron).figure)


@map_commands.command()
@click.argument("path", type=PATH)
@click.option("--input", "input_path", type=PATH, required=True, help="What the map is applied to, a .npy file.")
@click.option("--hashes", "hashes_path", type=PATH, help="Pattern hashes, .npy: one per row, or one per element.")
@click.option(
    "--simhash", type=click.IntRange(min=0), metavar="SEED", help="Or: hash each row by a SimHash of this seed."
)
@click.option("--fit", "fit_path", type=PATH, help="Rows that the SimHash is fitted to. [default: --input]")
@click.option("--output", "output_path", type=PATH, required=True, help="Where the result goes, as .npy.")
@click.option("--counts", "counts_path", type=PATH, help="Also write the map with the hits of this run, and no others.")
@click.option("--batch", type=click.IntRange(min=1), help="Rows at a time. [default: about a million elements]")
@click.option("--threads", type=click.IntRange(1, 4096), help="Threads for the activations.")
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
) -> None:
    """Apply the map at PATH to an array in a file and print what fired.

    Files are read and written a batch at a time and may be larger than memory. The output appears when it is
    complete. PATH itself does not change: `spatium map merge` adds up what --counts wrote, of several runs or
    machines.

    To give the parts of a data set the same routing, name the same file with --fit for each.
    """
    if (hashes_path is None) == (simhash is None):
        raise click.UsageError("give either --hashes or --simhash")
    if fit_path is not None and simhash is None:
        raise click.UsageError("--fit goes with --simhash")
    read = [path, input_path, *(other for other in (hashes_path, fit_path) if other is not None)]
    written = [output_path, *([] if counts_path is None else [counts_path])]
    if len({other.resolve() for other in written} - {other.resolve() for other in read}) != len(written):
        raise click.UsageError("--output and --counts need names of their own")
    with errors_in_one_line(), threads_set(threads):
        amap = ActivationMap.load(path)
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
    """The result has the input's shape: the map's neurons have to be its last axes."""
    last = shape[1:][len(shape) - 1 - len(amap.shape) :] if len(amap.shape) < len(shape) else None
    if last is None or any(n not in (1, m) for n, m in zip(amap.shape, last, strict=True)):
        raise ValueError(f"{input_path} has shape {shape}, but the last axes have to be {amap.shape}, as in {path}")


def _hashes_from(path: Path | None, reader: RowReader, input_path: Path) -> Callable[[int, NDArray[Any]], NDArray[Any]]:
    """Hashes read along with the rows: one per row, or one per element."""
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
            row = start + int(np.argwhere(part < 0)[0][0])
            raise ValueError(f"{path}: row {row} holds {part.min()}, expected hashes of at least 0")
        return part if part.shape == x.shape else part.reshape(per_row)

    return rows


def _simhash(
    seed: int, reader: RowReader, input_path: Path, fit_path: Path | None
) -> Callable[[int, NDArray[Any]], NDArray[Any]]:
    """Hashes made of the rows, which count as flat."""
    size = math.prod(reader.shape[1:])
    if len(reader.shape) < 2 or size == 0:
        raise ValueError(f"{input_path} has shape {reader.shape}, expected rows of numbers to hash")
    fitted = RowReader(fit_path) if fit_path is not None else reader
    if fitted.shape[1:] != reader.shape[1:]:
        raise ValueError(
            f"{fit_path} has shape {fitted.shape}, expected (rows, {str(reader.shape[1:])[1:-1].rstrip(',')})"
        )
    if fit_path is not None and not fitted.n_rows:
        raise ValueError(f"{fit_path} has no rows to fit the hash to")
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
            raise ValueError(f"{input_path}: row {bad} is not finite and has no hash") from None
        return hashes.reshape(-1, *(1,) * (x.ndim - 1))

    return rows


@map_commands.command()
@click.argument("path", type=PATH)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
def stats(path: Path, as_json: bool) -> None:
    """Print what the map at PATH has counted: cells, functions, balance, dead cells."""
    with errors_in_one_line():
        amap = ActivationMap.load(path)
    if as_json:
        click.echo(json.dumps(amap.statistics().to_dict(), indent=2))
    else:
        _print_statistics(amap, path.name)


def _print_statistics(amap: ActivationMap, title: str) -> None:
    statistics = amap.statistics()
    console = Console(highlight=False)
    console.print(Text(title, style="bold"))
    console.print(hits_table(statistics.counts, "hits per cell"))
    console.print(Text(statistics.summary()))


@map_commands.command()
@click.argument("paths", type=PATH, nargs=-1, required=True)
@click.option("--output", "-o", "output_path", type=PATH, required=True, help="Where the sum goes, as .npz.")
def merge(paths: tuple[Path, ...], output_path: Path) -> None:
    """Add up the hits of several files of one map.

    Every file counts once: name those that `spatium map apply --counts` wrote, and the map itself only if hits it
    already had are to be counted too.
    """
    if len({path.resolve() for path in paths}) < len(paths):
        raise click.UsageError("a file is named twice, and its hits would count twice")
    with errors_in_one_line():
        total = ActivationMap.load(paths[0])
        for path in paths[1:]:
            other = ActivationMap.load(path)
            if other != total:
                raise ValueError(f"{path}: holds other cells than {paths[0]}")
            total.add_hits(other.hit_counts)
        total.save(output_path)
    click.echo(f"{output_path}: {total.statistics().total:,} hits of {len(paths)} files")
