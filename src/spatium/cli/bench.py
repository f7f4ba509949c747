"""``spatium bench``: the time, the error and the bytes of activations on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
from rich.table import Table
from rich.text import Text

from spatium._tables import Table as Results
from spatium._tables import number, shown
from spatium.benchmark import ActivationBenchmark, machine
from spatium.benchmark.contenders import ROW_FUNCTIONS
from spatium.cli.shared import (
    ACTIVATION,
    FILE,
    OutputConsole,
    activation_named,
    check_free,
    drawing_to,
    errors_in_one_line,
    force_option,
)
from spatium.quantization import quantize

__all__ = ["bench"]


@click.command()
@click.argument(
    "activations", nargs=-1, required=True, metavar="ACTIVATION...", shell_complete=ACTIVATION.shell_complete
)
@click.option(
    "--size",
    nargs=2,
    type=click.IntRange(min=1),
    default=(1000, 1000),
    show_default=True,
    metavar="ROWS COLUMNS",
    help="The shape of the array.",
)
@click.option("--threads", type=click.IntRange(1, 4096), default=1, show_default=True, help="Threads of every library.")
@click.option(
    "--dtype",
    type=click.Choice(["float32", "float64"]),
    default="float32",
    show_default=True,
    help="The dtype of the array.",
)
@click.option(
    "--operation",
    type=click.Choice(["value", "derivative", "backward"]),
    default="value",
    show_default=True,
    help="What is measured.",
)
@click.option("--bits", type=click.Choice(["8", "4"]), help="Also look up codes of so many bits.")
@click.option("--peers/--no-peers", default=True, show_default=True, help="Measure the other installed libraries too.")
@click.option("--repeats", type=click.IntRange(min=1), default=15, show_default=True, help="Samples of each function.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON document and nothing else.")
@click.option("--output", "-o", type=FILE, help="Also draw to a .png, .pdf or .svg file.")
@force_option
def bench(
    activations: tuple[str, ...],
    size: tuple[int, int],
    threads: int,
    dtype: str,
    operation: str,
    bits: str | None,
    peers: bool,
    repeats: int,
    as_json: bool,
    output: Path | None,
    force: bool,
) -> None:
    """Measure activations on this machine: times, errors, bytes.

    ACTIVATION is a name, optionally with parameters, such as gelu or leaky_relu:negative_slope=0.2; or softmax or
    log_softmax, along the rows. NumPy's expressions and the other installed libraries are measured by turns in the same
    process.
    """
    if output is not None:
        check_free(output, force, "--output")
    names = dict.fromkeys(activations)
    subjects: list[Any] = [name if name in ROW_FUNCTIONS else activation_named(name) for name in names]
    if bits is not None:
        if operation != "value":
            raise click.UsageError(f"--bits needs --operation value: codes have no {operation}")
        subjects += [quantize(act, int(bits)) for act in subjects if act not in ROW_FUNCTIONS]
    facts = machine()
    benchmark = ActivationBenchmark(size, dtype, threads, peers, repeats)
    with errors_in_one_line():
        times = benchmark.run(subjects, operation)  # type: ignore[arg-type]  # click has checked the choice
        memory = benchmark.memory(subjects)
    if as_json:
        document = {
            "machine": facts | benchmark.versions,
            "method": {"size": size, "dtype": dtype, "operation": operation, "threads": threads, "repeats": repeats},
            "times": times.to_dict(),
            "memory": memory.to_dict(),
        }
        click.echo(json.dumps(document, indent=2, ensure_ascii=False))
    else:
        _print(times, memory, facts)
    if output is not None:
        with drawing_to(output, "spatium bench --output") as draw:
            from spatium import plots

            draw(plots.benchmark(times)[0].figure)
        if not as_json:
            click.echo(output)


def _print(times: Results, memory: Results, facts: dict[str, Any]) -> None:
    """Print the tables for people, in 80 columns: the times of each activation, then its bytes."""
    console = OutputConsole(highlight=False)
    table = Table(title=times.title, title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    headings = (
        "",
        "library",
        "ns per\nelement",
        "±",
        "GB/s",
        "times\nrelu",
        "times\nours",
        "error,\nulp",
        "in the\ntails",
    )
    for i, heading in enumerate(headings):
        table.add_column(Text(heading), justify="left" if i < 2 else "right", overflow="fold")
    before = None
    for row in times.rows:
        title, library, time, spread, *numbers = row
        cells = [library, number(time, 3), f"{spread:.0%}", *(shown(value, 3) for value in numbers)]
        if before not in (None, title):
            table.add_row()
        table.add_row(*(Text(cell) for cell in ("" if title == before else title, *cells)))
        before = title
    console.print(table)
    sizes = Table(title=f"\n{memory.notes[0]}", title_justify="left", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    for i, name in enumerate(memory.columns):
        sizes.add_column(name.replace("_", " ") if i else "", justify="right" if i else "left")
    for row in memory.rows:
        sizes.add_row(*(Text(f"{value:,}" if isinstance(value, int) else shown(value)) for value in row))
    console.print(sizes)
    for line in times.notes:
        console.print(Text(line))
    described = f"{facts['cpu']}, {facts['instruction_set']}, load {facts['load_average_at_start']}"
    console.print(Text(f"{described}{': busy, so use the ratios only' if facts['busy'] else ''}"))
