"""Generate pages before Sphinx reads the documentation: activations, reference, command line, texts of the repository.

The pages are written to docs/activations, docs/reference/generated and docs/project, which are not committed.
"""

from __future__ import annotations

import inspect
import math
import os
import re
import sys
from pathlib import Path
from typing import Any

import click
import mpmath
import numpy as np
from matplotlib import pyplot as plt

import spatium
from reference.oracle import exact
from spatium import _engine, analysis, plots
from spatium import _tables as tables
from spatium.activations import Activation
from spatium.cli.app import application
from spatium.plots.style import brief_name, every_activation

# The number of points in each plot of errors.
POINTS = 9000


def write(path: Path, text: str) -> None:
    """Write the file only if the text has changed, so that a second build does not read it again."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists() or path.read_text(encoding="utf-8") != text:
        path.write_text(text, encoding="utf-8")


# ---- numbers for the pages of the activations ----


def number(value: float) -> str:
    """Format a number with six digits, a minus sign (U+2212), and ∞ for infinity."""
    return tables.number(value, 6).replace("inf", "∞")


def ends(act: Activation) -> tuple[float, float]:
    """Return the limits at −inf and inf."""
    with np.errstate(all="ignore"):
        low, high = act(np.array([-np.inf, np.inf]))
    return float(low), float(high)


def value_range(act: Activation) -> str:
    """Return the range as an interval. An end is closed if it is attained."""
    found = analysis.properties(act)
    gaps = "; with a gap where it jumps" if found.jumps else ""
    return tables.interval(*found.range, found.attained, digits=6).replace("inf", "∞") + gaps


def measured_errors(accuracy: str) -> dict[tuple[str, str, str], tuple[str, str]]:
    """Return the worst error of all instruction sets, and its input, by (dtype, function, operation)."""
    found: dict[tuple[str, str, str], tuple[str, str]] = {}
    dtype = ""
    for line in accuracy.splitlines():
        if line.startswith("## "):
            dtype = line[3:].partition(",")[0].strip()
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if dtype in ("float32", "float64") and len(cells) > 5 and cells[1] in ("value", "derivative"):
            key = (dtype, cells[0].strip("`"), cells[1])
            place = re.sub(r".*\((.*)\).*", r"\1", cells[4])
            if key not in found or float(cells[3]) > float(found[key][0]):
                found[key] = (cells[3], place)
    return found


def stated_bound(name: str, operation: str, dtype: str) -> str:
    """Return the bound of a result, and that of processors without vectors if it is larger."""
    record = next(record for record in _engine.registry() if record.name == name)
    bound, plain = (record.bound(operation, dtype, isa) for isa in (None, "baseline"))
    return f"{bound:g}" if bound == plain else f"{bound:g} ({plain:g} without AVX2)"


def mpmath_values(act: Activation) -> Any:
    """Return the exact values of reference/oracle.py, rounded to float64."""
    parameters = list(act.parameters.values())

    def values(x: Any) -> Any:
        return np.array([float(exact(act.name, "value", float(point), parameters)) for point in x])

    return values


# ---- one page per activation ----


def sections(doc: str) -> dict[str, str]:
    """Split a numpydoc docstring by its headings; the text before the first heading has the key ''."""
    result, name, lines = {}, "", doc.splitlines()
    kept: list[str] = []
    for i, line in enumerate(lines):
        if i + 1 < len(lines) and re.fullmatch(r"-{3,}", lines[i + 1].strip()) and line.strip():
            result[name], kept, name = "\n".join(kept), [], line.strip()
        elif not re.fullmatch(r"-{3,}", line.strip()):
            kept.append(line)
    result[name] = "\n".join(kept)
    return result


def page(act: Activation, folder: Path, cost: float, errors: dict[tuple[str, str, str], tuple[str, str]]) -> str:
    """Return the Markdown page of one activation, and draw its plots."""
    name, kind = act.name, type(act)
    doc = sections(inspect.getdoc(kind) or "")
    summary, *rest = doc[""].strip().split("\n\n")
    formula = kind._formula(name)
    notes = [part for part in rest if " = " not in part.splitlines()[0] or not re.match(r"\w+\(", part)]
    notes_text = re.sub(r"\s*\[\d+\]_", "", "\n\n".join(notes)).replace("`", "``")
    notes_text = notes_text.replace("``", "`")
    sources = re.findall(r"\.\. \[(\d+)\] (.*(?:\n +.*)*)", doc.get("References", ""))
    source = "<br>".join(re.sub(r"\s+", " ", text).strip() for _, text in sources) or "–"
    low, high = ("none" if math.isnan(end) else number(end) for end in ends(act))
    kinks = [number(item.place) for item in analysis.properties(act).breaks if item.order < 2]
    call = {"gelu_tanh": 'sp.gelu(x, approximate="tanh")', "gelu_sigmoid": 'sp.gelu(x, approximate="sigmoid")'}.get(
        name, f"sp.{name}(x{''.join(f', {parameter}' for parameter in act.parameters)})"
    )
    rows = [
        ("formula", f"`{formula}`"),
        ("call", f"`{call}`, `{act!r}`"),
        ("source", source),
        ("range", value_range(act)),
        ("limits", f"{low} at −∞, {high} at ∞"),
        ("kinks", ", ".join(kinks) if kinks else "none"),
        ("[gradient from](../glossary.md#gradients-and-memory)", act.gradient_from),
        ("[save policies](../memory.md)", ", ".join(act.save_policies)),
        ("[code](../glossary.md#activations)", f"{act.code}, in [compiled code](../compiled.md)"),
        ("cost", f"{cost:.1f} × relu"),
    ]
    table = "\n".join(f"| **{title}** | {text} |" for title, text in rows)
    bounds = "\n".join(
        f"| {dtype} | {operation} | {stated_bound(name, operation, dtype)} | {errors[dtype, name, operation][0]} | "
        f"{errors[dtype, name, operation][1]} |"
        for dtype in ("float32", "float64")
        for operation in ("value", "derivative")
        if (dtype, name, operation) in errors
    )
    draw(act, folder)
    parameters = " ".join(f"{key} = {value:g}" for key, value in act.parameters.items())
    shown = f" Here {parameters}." if name == "threshold" else ""
    return f"""# {name}

{summary.strip()}{shown}

![{name}, its derivatives, kinks and limits](images/{name}.png)

| property | value |
|---|---|
{table}

{notes_text}

The activation object, its parameters and an example: {{py:class}}`spatium.{kind.__name__}`.

## Error

![Error of float32 in ulp against x](images/{name}_error.png)

The plot compares float32 results with mpmath (`reference/oracle.py`) at {POINTS:,} points and shows the worst error in
each of 300 intervals. The table lists the guaranteed bounds and the worst errors of all measurements, which cover all
2³² inputs of float32 for most functions ([measured accuracy](../accuracy.md)):

| dtype | operation | bound, ulp | worst error, ulp | at x = |
|---|---|---|---|---|
{bounds}
"""


def draw(act: Activation, folder: Path) -> None:
    """Draw both plots of one activation if the library or this file has changed since the last build."""
    images = folder / "images"
    images.mkdir(parents=True, exist_ok=True)
    curves, error = images / f"{act.name}.png", images / f"{act.name}_error.png"
    changed = max(Path(path).stat().st_mtime for path in (__file__, _engine.__file__, plots.curves.__file__))
    if all(path.exists() and path.stat().st_mtime > changed for path in (curves, error)):
        return
    figure = plots.activation(act).figure
    figure.savefig(curves, dpi=110)
    plt.close(figure)
    figure = plots.ulp_error(act, reference=mpmath_values(act), points=POINTS).figure
    figure.savefig(error, dpi=110)
    plt.close(figure)


def activation_pages(docs: Path) -> None:
    """Write the page of every activation, and the page that lists them."""
    acts = every_activation()
    measured = analysis.relative_cost(acts, size=16_384, rounds=25).column("value")
    costs = {act.name: cost for act, cost in zip(acts, measured, strict=True)}
    errors = measured_errors((docs / "accuracy.md").read_text(encoding="utf-8"))
    folder = docs / "activations"
    rows = []
    for act in acts:
        write(folder / f"{act.name}.md", page(act, folder, costs[act.name], errors))
        worst = errors.get(("float32", act.name, "value"), ("–", ""))[0]
        rows.append(
            f"| [{act.name}]({act.name}.md) | {brief_name(act)} | {value_range(act)} | {act.gradient_from} | {worst} | "
            f"{costs[act.name]:.1f} |"
        )
    toc = "\n".join(act.name for act in acts)
    table = "\n".join(rows)
    write(
        folder / "index.md",
        f"""# Activations

Each activation has a page with its formula, source, curves, error and cost. The pages are generated from the registry
when this website is built.

| name | object | range | gradient from | worst error, float32 ulp | cost |
|---|---|---|---|---|---|
{table}

* **worst error**: the worst error of values over the inputs that [measured accuracy](../accuracy.md) lists.
* **cost**: the time relative to relu, measured when this website was built: 16,384 float32 elements in cache, one
  thread, instruction set {spatium.config()["instruction_set"]}, medians of 25 interleaved rounds. On a shared machine
  it may be wrong by one or two tenths. [Performance](../performance.md) compares the times with other libraries.
* **gradient from**: the data from which the derivative is computed: the output alone, the output and one bit, or the
  input ([memory](../memory.md)).

```{{toctree}}
:hidden:

{toc}
```
""",
    )


# ---- the reference ----


def first_sentence(item: Any) -> str:
    """Return the summary of a docstring for a table cell, without the signature of a ufunc."""
    doc = inspect.getdoc(item) or ""
    paragraphs = [part for part in doc.strip().split("\n\n") if not re.match(r"\w+\(", part)]
    text = re.sub(r"\s+", " ", paragraphs[0]) if paragraphs else ""
    return text.replace("|", "\\|")


def groups() -> list[tuple[str, str, list[str]]]:
    """Return the names of `spatium.__all__` in groups."""
    public = {name: getattr(spatium, name) for name in spatium.__all__}
    names = [name for name, item in public.items() if not inspect.ismodule(item)]
    classes = {name for name in names if inspect.isclass(public[name])}
    objects = [
        name for name in names if inspect.isclass(item := getattr(spatium, name)) and issubclass(item, Activation)
    ]
    functions = [name for name in names if name in {*spatium.activations(), "silu", "prelu"} - classes]
    quantized = [name for name in names if getattr(public[name], "__module__", "") == "spatium.quantization"]
    routing = [
        name for name in names if name not in quantized and re.search(r"Map|Hash|Statistics|cell_of|bucket_hash", name)
    ]
    coupled = [name for name in names if getattr(public[name], "__module__", "") in ("spatium.rows", "spatium.gates")]
    rest = [name for name in names if name not in {*objects, *functions, *coupled, *quantized, *routing}]
    return [
        ("Functions", "`sp.gelu(x)` accepts any array-like of any shape, and the keywords of ufuncs.", functions),
        (
            "Activation objects",
            "`sp.GELU()` is an activation with its parameters. All objects have the methods of `Activation`.",
            objects,
        ),
        ("Coupled functions", "Functions along an axis or of two arrays, each with its backward pass.", coupled),
        ("Maps and hashes", "Grids of activations, and the hashes that select their cells.", routing),
        ("Quantization", "Activations and maps on codes of eight and four bits.", quantized),
        ("Everything else", "Names, threads, configuration, and the saved data of a forward pass.", rest),
    ]


MODULES = ["nn", "lab", "plots", "analysis", "benchmark", "presets", "learn", "sklearn", "onnx", "data"]


def entry(full_name: str, item: Any) -> str:
    """Return the page of one public name."""
    if inspect.isclass(item):
        own = full_name in ("spatium.Activation", "spatium.Custom") or not issubclass(item, Activation)
        directive = f".. autoclass:: {full_name}\n   :members:" + ("" if own else "\n   :exclude-members: __init__")
        if full_name.startswith("spatium.sklearn."):  # scikit-learn makes these methods, with links into its own pages
            directive += "\n   :exclude-members: set_fit_request, set_partial_fit_request, set_score_request"
        elif own and full_name != "spatium.Custom":
            directive += "\n   :inherited-members: dict, tuple, Exception"
    else:
        directive = f".. auto{'function' if callable(item) else 'data'}:: {full_name}"
    title = full_name.removeprefix("spatium.")
    more = ""
    if isinstance(item, np.ufunc) or (full_name.count(".") == 1 and title in spatium.activations()):
        more = f"\nCurves, range and errors: [{title}](../../activations/{title}.md).\n"
    # the pages of source code link to the name in the module of its neighbors
    modules = [f"spatium.{name}" for name in MODULES if f"spatium.{name}" in sys.modules]
    same = [module for module in modules if vars(sys.modules[module]).get(title) is item]
    anchors = "".join(f'<a id="{module}.{title}"></a>\n\n' for module in same)
    return f"# {title}\n\n{anchors}```{{eval-rst}}\n{directive}\n```\n{more}"


def reference(docs: Path) -> None:
    """Write the index and one page for each public name."""
    folder = docs / "reference" / "generated"
    found = [(title, text, [f"spatium.{name}" for name in names]) for title, text, names in groups()]
    for module_name in MODULES:
        module = getattr(spatium, module_name, None) or __import_or_none(module_name)
        if module is not None:
            title = f"spatium.{module_name}"
            text = first_sentence(module)
            found.append((title, text, [f"spatium.{module_name}.{name}" for name in module.__all__]))
    pages, tables = [], []
    for title, text, names in found:
        if not names:
            continue
        rows = []
        for name in names:
            item: Any = spatium
            for part in name.split(".")[1:]:
                item = getattr(item, part)
            shown, last = name.removeprefix("spatium."), name.rpartition(".")[2]
            if last in spatium.__all__ and getattr(spatium, last) is item:  # check_activation has one page, not two
                name = f"spatium.{last}"
            if name not in pages:
                write(folder / f"{name}.md", entry(name, item))
                pages.append(name)
            rows.append(f"| [{shown}]({name}.md) | {first_sentence(item)} |")
        table = "\n".join(rows)
        tables.append(f"## {title}\n\n{text}\n\n| name | description |\n|---|---|\n{table}\n")
    toc = "\n".join(pages)
    write(
        folder / "index.md",
        "# Every public name\n\n" + "\n".join(tables) + f"\n```{{toctree}}\n:hidden:\n\n{toc}\n```\n",
    )
    write(folder / "ufuncs.md", ufuncs())
    write(folder / "command_line.md", command_line())
    kept = {f"{name}.md" for name in pages} | {"index.md", "ufuncs.md", "command_line.md"}
    for path in folder.glob("*.md"):
        if path.name not in kept:
            path.unlink()


def __import_or_none(name: str) -> Any:
    try:
        return __import__(f"spatium.{name}", fromlist=["__all__"])
    except ModuleNotFoundError:
        return None


def ufuncs() -> str:
    """Return the page that lists all ufuncs by activation."""
    suffixes = {
        "": "f",
        "_derivative": "f′",
        "_second_derivative": "f″",
        "_value_and_derivative": "f and f′",
        "_backward": "grad·f′",
        "_derivative_from_output": "f′ from y",
        "_backward_from_output": "grad·f′ from y",
    }
    rows = []
    for record in _engine.registry():
        cells = [f"`{record.name}{s}`" if hasattr(spatium.ufuncs, record.name + s) else "" for s in suffixes]
        rows.append("| " + " | ".join(cells) + " |")
    head = "| " + " | ".join(suffixes.values()) + " |\n" + "|---" * len(suffixes) + "|"
    table = "\n".join(rows)
    return f"""# spatium.ufuncs

{inspect.getdoc(spatium.ufuncs)}

For example, `help(sp.ufuncs.gelu_backward)` prints the arguments and an example of this ufunc.

{head}
{table}
"""


COMMAND_LINE = """\
# The command line

The extra `cli` installs it ([install](../../install.md)).

* **Exit codes**: 0 success; 1 findings of `spatium check`; 2 wrong options or arguments; 3 any other failure, such as a
  file that cannot be read; 130 after Ctrl-C, 143 after SIGTERM, 141 if a pipe was closed.
* **Files** get their names when they are complete, and replace others only with `--force`. A process that is killed
  cannot remove its incomplete file, whose name begins with a dot and ends in `.partial`; it may be deleted.
* **Activations** are names in any spelling (`gelu`, `GELU`), with parameters as in `leaky_relu:negative_slope=0.2`, or
  your own functions as `MODULE:FUNCTION`. A file contains only the name of such a function: `--custom` says what it is.
* **Completion** of commands, options and names of activations: `eval "$(_SPATIUM_COMPLETE=bash_source spatium)"` in
  `~/.bashrc`, and `zsh_source` or `fish_source` for other shells.
"""


def command_line() -> str:
    """Return the output of ``spatium --help`` and ``spatium COMMAND --help`` for all commands."""
    parts = [COMMAND_LINE]

    def add(command: click.Command, path: list[str]) -> None:
        context = click.Context(command, info_name=" ".join(path), max_content_width=100, terminal_width=100)
        parts.append(f"\n## {' '.join(path)}\n\n```text\n{command.get_help(context)}\n```\n")
        for name, inner in sorted(getattr(command, "commands", {}).items()):
            add(inner, [*path, name])

    add(application, ["spatium"])
    return "".join(parts)


# ---- texts of the repository that are not in docs/ ----

# These become pages of the website. Other links to files outside of docs/ are replaced by their text.
PROJECT = {"CONTRIBUTING.md": "contributing", "CHANGELOG.md": "changelog", "benchmarks/README.md": "benchmarks"}


def relinked(text: str, written_in: Path, shown_in: Path, docs: Path) -> str:
    """Return the text of a file with its relative links changed for use in another file."""

    def link(match: re.Match[str]) -> str:
        label, target, anchor = match.groups(default="")
        if re.match(r"[a-z]+:", target) or not target:
            return match.group(0)
        path = (written_in.parent / target).resolve()
        copied = {docs.parent / name: docs / "project" / f"{page}.md" for name, page in PROJECT.items()}
        if path in copied:
            path = copied[path]
        elif not path.is_relative_to(docs):
            return label
        return f"[{label}]({os.path.relpath(path, shown_in.parent)}{anchor})"

    return re.sub(r"(?<!!)\[([^]]*)\]\(([^)#\s]*)(#[^)\s]*)?\)", link, text)


def project(docs: Path) -> None:
    """Write the pages on contributing, changes and benchmarks."""
    for name, page_name in PROJECT.items():
        source, target = docs.parent / name, docs / "project" / f"{page_name}.md"
        write(target, relinked(source.read_text(encoding="utf-8"), source, target, docs))
    toc = "\n".join(PROJECT.values())
    write(docs / "project" / "index.md", f"# Project\n\n```{{toctree}}\n{toc}\n```\n")


def adapt_links(app: Any, docname: str, source: list[str]) -> None:
    """Change the links of a committed page, which refer to files of the repository, to the pages of the website.

    Also remove the empty line that doctest needs at the end of a code block.
    """
    path = Path(app.env.doc2path(docname))
    if path.suffix == ".md":
        text = relinked(source[0], path, path, Path(app.srcdir)) if "](../" in source[0] else source[0]
        source[0] = text.replace("\n\n```\n", "\n```\n")


def adapt_docstring(app: Any, what: str, name: str, item: Any, options: Any, lines: list[str]) -> None:
    """Write formulas as literal text, escape |x|, and turn citations into a numbered list."""
    for i, line in enumerate(lines):
        line = re.sub(r"^\.\. \[(\d)\] ", r"\1. ", line)
        lines[i] = line = re.sub(r"\[(\d)\]_", r"[\1]", line)
        formula = re.match(r"(\s*)(?:Evaluate \w+ elementwise: )?(\w+\(.*?\) = .*?)\.?$", line)
        if formula and ">>>" not in line and not line.startswith(" "):
            lines[i] = f"{line[: formula.start(2)]}``{formula.group(2)}``"
        elif ">>>" not in line and not line.lstrip().startswith("array("):
            lines[i] = re.sub(r"\|(\w+)\|", r"\\|\1\\|", line)


def generate(app: Any, config: Any) -> None:
    """Generate all pages before Sphinx searches for files."""
    docs = Path(app.srcdir)
    with mpmath.workprec(60):
        activation_pages(docs)
    reference(docs)
    project(docs)


def setup(app: Any) -> dict[str, Any]:
    """Register the hooks of this extension; Sphinx calls this function."""
    app.connect("config-inited", generate)
    app.connect("source-read", adapt_links)
    app.connect("autodoc-process-docstring", adapt_docstring, priority=100)  # before numpydoc
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
