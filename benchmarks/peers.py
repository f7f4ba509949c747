"""Side by side: spatium and its peers in one process, by turns, every time with its error beside it.

    python benchmarks/peers.py
    python benchmarks/peers.py --functions gelu mish --sizes 1048576 --dtypes float32 --operations value backward
    python benchmarks/peers.py --maps --rows --markdown peers.md --json peers.json
    python benchmarks/peers.py --isa x86_v3 x86_v4 --markdown peers.md

README.md in this folder says how to read the tables. Peers that are not installed are left out, with a line saying so.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import measure
import numpy as np
import routing
from numpy._core._multiarray_umath import __cpu_dispatch__

import spatium as sp
from spatium.benchmark import contenders

TWELVE = sp.activations()[:12]
OURS = contenders.Spatium.name
HASH_ROWS, HASH_FEATURES = 4096, (1024, 64)
ROW_SHAPES = ((1024, 64), (256, 256), (64, 1024), (16, 4096), (4096, 1024))
Row = dict[str, Any]
# What holds each library to an instruction set; ONNX Runtime and numexpr have no such switch.
CAPS: dict[str, dict[str, str]] = {
    "x86_v3": {
        "SPATIUM_ISA": "x86_v3",
        "ATEN_CPU_CAPABILITY": "avx2",
        "NPY_DISABLE_CPU_FEATURES": " ".join(
            name for name in __cpu_dispatch__ if name == "X86_V4" or name.startswith("AVX512")
        ),
        "MKL_ENABLE_INSTRUCTIONS": "AVX2",
        "XLA_FLAGS": "--xla_cpu_max_isa=AVX2",
    },
    "x86_v4": {"SPATIUM_ISA": "x86_v4"},
}


def compare_functions(options: argparse.Namespace, found: list[contenders.Contender]) -> Iterator[Row]:
    """One row per operation, dtype, size and function."""
    errors: dict[tuple[str, str, str], dict[str, list[float]]] = {}
    for operation in options.operations:
        for dtype in options.dtypes:
            for size in options.sizes:
                rng = np.random.default_rng(0)
                x, grad = (2.0 * rng.standard_normal(size)).astype(dtype), rng.standard_normal(size).astype(dtype)
                for function in options.functions:
                    task = contenders.Task(function, operation, x, grad, options.allocate)
                    runs = {c.name: run for c in found if (run := c.prepare(task)) is not None}
                    key = (operation, dtype, function)
                    if key not in errors:
                        errors[key] = function_errors(*key, found)
                    timings = measure.time_by_turns(runs, size, options.repeats, options.threads > 1)
                    yield row(
                        {"operation": operation, "dtype": dtype, "size": size, "function": function},
                        timings,
                        {name: dict(zip(("ulp_body", "ulp_tail"), errors[key][name], strict=True)) for name in runs},
                    )


def function_errors(
    operation: str, dtype: str, function: str, found: list[contenders.Contender]
) -> dict[str, list[float]]:
    """Largest error in ulp of each contender: over [-8, 8], and over the tails."""
    rng = np.random.default_rng(1)
    worst: dict[str, list[float]] = {}
    for points in (measure.body_points(dtype, rng), measure.tail_points(dtype, rng)):
        grad = rng.standard_normal(points.size).astype(dtype)
        exact = measure.expected(function, operation, points, grad)
        for contender in found:
            run = contender.prepare(contenders.Task(function, operation, points, grad))
            if run is not None:
                worst.setdefault(contender.name, []).append(float(exact.ulp_errors(np.asarray(run())).max()))
    return worst


def compare_rows(options: argparse.Namespace, found: list[contenders.Contender]) -> Iterator[Row]:
    """One row per function, dtype and shape: softmax and log_softmax along the last axis."""
    for function in contenders.ROW_FUNCTIONS:
        for dtype in options.dtypes:
            for shape in ROW_SHAPES:
                x = (3.0 * np.random.default_rng(4).standard_normal(shape)).astype(dtype)
                task = contenders.Task(function, "value", x, x, options.allocate)
                runs = {c.name: run for c in found if (run := c.prepare(task)) is not None}
                errors = {name: {"ulp": row_error(function, x, np.asarray(run()))} for name, run in runs.items()}
                timings = measure.time_by_turns(runs, x.size, options.repeats, options.threads > 1)
                yield row({"function": function, "dtype": dtype, "shape": "x".join(map(str, shape))}, timings, errors)


def row_error(function: str, x: np.ndarray[Any, Any], result: np.ndarray[Any, Any]) -> float:
    """Largest error in ulp over the first 100,000 elements, against extended precision where the platform has it."""
    count = max(1, 100_000 // x.shape[1])
    exact = x[:count].astype(np.longdouble)
    exact -= exact.max(axis=1, keepdims=True)
    sums = np.exp(exact).sum(axis=1, keepdims=True)
    exact = np.exp(exact) / sums if function == "softmax" else exact - np.log(sums)
    ulp = np.spacing(np.abs(exact).astype(x.dtype)).astype(np.longdouble)
    return float((np.abs(result[:count] - exact) / ulp).max())


def compare_maps(options: argparse.Namespace) -> Iterator[Row]:
    """One row per case and dtype; the errors are those of 2000 elements, drawn once."""
    for dtype in options.dtypes:
        for case_name, shape in routing.SHAPES:
            case = routing.Case(case_name, shape, dtype)
            runs = routing.map_runs(case, options.threads)
            elements = np.random.default_rng(2).integers(case.x.size, size=2000)
            exact = measure.exact_mixture(case.functions(elements), case.x.ravel()[elements])
            ours, errors = np.array(runs[OURS]()), {}
            for name, run in runs.items():
                result = np.asarray(run())
                np.testing.assert_allclose(result, ours, rtol=1e-3, atol=1e-4, err_msg=f"{name} routes differently")
                errors[name] = {"ulp": float(exact.ulp_errors(result.ravel()[elements]).max())}
            uniform = routing.uniform_runs(case)
            timings = measure.time_by_turns({**runs, **uniform}, case.x.size, options.repeats, options.threads > 1)
            sigmoid, twelve = (timings.pop(name).nanoseconds for name in uniform)
            twelve /= len(TWELVE)
            title = f"{case_name}: {routing.TITLES[case_name]}"
            made = row({"case": title, "dtype": dtype, "shape": "x".join(map(str, case.x.shape))}, timings, errors)
            made["uniform"] = {"sigmoid": sigmoid, "mean of the twelve": twelve}
            made["ours_over_sigmoid"] = timings[OURS].nanoseconds / sigmoid
            made["ours_over_mean"] = timings[OURS].nanoseconds / twelve
            yield made


def compare_hashes(options: argparse.Namespace) -> Iterator[Row]:
    """One row per number of features and dtype; times are per row, the error is the share of rows with another hash."""
    for dtype in options.dtypes:
        for features in HASH_FEATURES:
            X = (2.0 * np.random.default_rng(3).standard_normal((HASH_ROWS, features))).astype(dtype)
            simhash = sp.SimHash(features, rng=0).fit(X)
            runs = routing.hash_runs(X, simhash, options.threads)
            # in extended precision where the platform has it
            projections = X.astype(np.longdouble) @ simhash.planes.T.astype(np.longdouble)
            exact = routing.hashes_of(projections > simhash.thresholds)
            # a median of the data lies half way between two rows, or on one: there both answers are right
            decided = (np.abs(projections - simhash.thresholds) > 1e-12 * features).all(axis=1)
            errors = {
                name: {"wrong_rows": float((np.asarray(run()).view(np.uint64) != exact)[decided].mean())}
                for name, run in runs.items()
            }
            timings = measure.time_by_turns(runs, HASH_ROWS, options.repeats, options.threads > 1)
            yield row({"rows": HASH_ROWS, "features": features, "dtype": dtype}, timings, errors)


def row(
    what: Mapping[str, Any], timings: Mapping[str, measure.Timing], errors: Mapping[str, Mapping[str, float]]
) -> Row:
    """Times, errors, how much slower than ours the fastest peer is, and the wider spread of the two."""
    results = {
        name: {"ns": timing.nanoseconds, "spread": timing.spread, **errors[name]} for name, timing in timings.items()
    }
    peers = [name for name in results if not name.startswith(OURS)]
    fastest = min(peers, key=lambda name: results[name]["ns"]) if peers else None
    ratio = results[fastest]["ns"] / results[OURS]["ns"] if fastest else None
    noise = max(results[name]["spread"] for name in (OURS, fastest) if name)
    return {**what, "results": results, "fastest_peer": fastest, "ratio": ratio, "noise": noise}


def geometric_means(rows: list[Row]) -> list[Row]:
    """Over the twelve: the fastest peer, and each peer over the functions that it has."""
    means = []
    for table in tables(rows, ("operation", "dtype", "size")):
        twelve = [r for r in table if r["function"] in TWELVE]
        ratios: dict[str, list[float]] = {"fastest peer": [r["ratio"] for r in twelve if r["ratio"]]}
        for r in twelve:
            for name, result in r["results"].items():
                if name != OURS:
                    ratios.setdefault(name, []).append(result["ns"] / r["results"][OURS]["ns"])
        what = {key: table[0][key] for key in ("operation", "dtype", "size")}
        means.append(
            {**what, "ratios": {k: measure.geometric_mean(v) for k, v in ratios.items()}}
            | {"functions": {k: len(v) for k, v in ratios.items()}}
        )
    return means


def tables(rows: list[Row], keys: tuple[str, ...]) -> list[list[Row]]:
    """The rows grouped by some of their keys, in order."""
    grouped: dict[tuple[Any, ...], list[Row]] = {}
    for r in rows:
        grouped.setdefault(tuple(r[key] for key in keys), []).append(r)
    return list(grouped.values())


# ---- text ----


def number(value: float) -> str:
    """Three digits: enough for times and errors, and no false precision."""
    return f"{value:.3g}" if value < 1e4 else f"{value:.0e}".replace("e+0", "e").replace("e+", "e")


def cell(result: Mapping[str, float] | None) -> str:
    if result is None:
        return "-"
    if "wrong_rows" in result:
        return f"{number(result['ns'])} ({result['wrong_rows']:.2%})"
    return f"{number(result['ns'])} ({' | '.join(number(v) for k, v in result.items() if k.startswith('ulp'))})"


def render(header: list[str], lines: list[list[str]], markdown: bool) -> str:
    """A table as plain text or in Markdown: the same cells."""
    if markdown:
        body = [[text.replace("|", "/") for text in line] for line in (header, ["---"] * len(header), *lines)]
        return "\n".join(f"| {' | '.join(line)} |" for line in body)
    widths = [max(map(len, column)) for column in zip(header, *lines, strict=True)]
    padded = [
        "  ".join(text.ljust(w) for text, w in zip(line, widths, strict=True)).rstrip() for line in (header, *lines)
    ]
    return "\n".join([padded[0], "-" * len(padded[0]), *padded[1:]])


def results_table(rows: list[Row], labels: tuple[str, ...], extra: Mapping[str, str], markdown: bool) -> str:
    """Labels, one column per contender, the ratio to the fastest peer, and further columns by their keys."""
    names = list(dict.fromkeys(name for r in rows for name in r["results"]))
    lines = [
        [
            *(str(r[label]) for label in labels),
            *(cell(r["results"].get(name)) for name in names),
            f"{r['ratio']:.2f} ({r['fastest_peer']})" if r["ratio"] else "-",
            f"{r['noise']:.0%}",
            *(f"{r[key]:.2f}" for key in extra),
        ]
        for r in rows
    ]
    return render([*labels, *names, "fastest peer / ours", "noise", *extra.values()], lines, markdown)


def report(found: Mapping[str, Any], markdown: bool) -> str:
    """Everything in `found` (what --json writes) as text."""
    machine, method = found["machine"], found["method"]
    mark = "## " if markdown else "== "
    busy = machine["busy"] or (found["load_average_at_end"] or 0.0) > method["threads"] + 0.3
    parts = [
        f"{mark}Machine",
        render(
            ["machine", "value"], [[k.replace("_", " "), str(v)] for k, v in machine.items() if k != "busy"], markdown
        ),
        (
            f"Threads {method['threads']}, {method['repeats']} repeats by turns, medians; new arrays from everyone: "
            f"{'yes' if method['allocate'] else 'no'}; "
            f"load average at the end {found['load_average_at_end']}."
        ),
        *(["WARNING: the machine was busy; take the ratios with care and the times not at all."] if busy else []),
        *found["skipped"],
    ]
    for table in tables(found["functions"], ("operation", "dtype", "size")):
        first = table[0]
        parts += [
            f"{mark}{first['operation']}, {first['dtype']}, {first['size']} elements",
            "ns per element (largest error in ulp over [-8, 8] | over the tails)",
            results_table(table, ("function",), {}, markdown),
        ]
    if found["geometric_means"]:
        names = list(dict.fromkeys(name for mean in found["geometric_means"] for name in mean["ratios"]))
        lines = [
            [mean["operation"], mean["dtype"], str(mean["size"])]
            + [f"{mean['ratios'][n]:.2f} ({mean['functions'][n]})" if mean["ratios"].get(n) else "-" for n in names]
            for mean in found["geometric_means"]
        ]
        parts += [
            f"{mark}Geometric means over the twelve: time of the peer / ours (number of functions it has)",
            render(["operation", "dtype", "size", *names], lines, markdown),
        ]
    if found["rows"]:
        parts += [
            f"{mark}Along rows",
            "ns per element (largest error in ulp)",
            results_table(found["rows"], ("function", "dtype", "shape"), {}, markdown),
        ]
    if found["maps"]:
        extra = {"ours_over_sigmoid": "ours / our sigmoid", "ours_over_mean": "ours / mean of the twelve"}
        parts += [
            f"{mark}Activation maps: random maps of the twelve, random hashes, hits counted",
            "ns per element (largest error in ulp of 2000 elements)",
            results_table(found["maps"], ("case", "dtype", "shape"), extra, markdown),
        ]
    if found["hashes"]:
        parts += [
            f"{mark}SimHash, six planes",
            "ns per row (share of rows with a wrong hash)",
            results_table(found["hashes"], ("rows", "features", "dtype"), {}, markdown),
        ]
    return "\n\n".join(parts) + "\n"


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--functions", nargs="*", default=[*TWELVE, "gelu"], choices=sp.activations())
    parser.add_argument("--sizes", nargs="+", type=int, default=[16_384, 1 << 20])
    parser.add_argument("--dtypes", nargs="+", default=["float32", "float64"], choices=["float32", "float64"])
    operations = ["value", "derivative", "backward"]
    parser.add_argument("--operations", nargs="+", default=["value"], choices=operations)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=15)
    parser.add_argument("--allocate", action="store_true", help="new arrays from everyone: no out= for us and NumPy")
    parser.add_argument("--rows", action="store_true", help="also softmax and log_softmax")
    parser.add_argument("--maps", action="store_true", help="also activation maps and SimHash")
    isa_help = "run once for each, with the peers held to the same; x86_v3 (AVX2) and x86_v4 (AVX-512)"
    parser.add_argument("--isa", nargs="+", choices=[*CAPS], help=isa_help)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--markdown", type=Path)
    return parser.parse_args()


def run_for_each_isa(options: argparse.Namespace) -> None:
    """Run this program again, once for each instruction set; files get its name before their suffix."""
    first = sys.argv.index("--isa")
    rest = sys.argv[1:first] + sys.argv[first + 1 + len(options.isa) :]
    for isa in options.isa:
        named = [
            str(Path(word).with_suffix(f".{isa}{Path(word).suffix}")) if before in ("--json", "--markdown") else word
            for before, word in zip(["", *rest], rest, strict=False)
        ]
        print(f"Instruction set: {isa}")
        subprocess.run([sys.executable, __file__, *named], env={**os.environ, **CAPS[isa]}, check=True)


def main() -> None:
    options = arguments()
    if options.isa:
        run_for_each_isa(options)
        return
    measure.limit_threads(options.threads)
    machine = measure.machine()
    if machine["busy"]:
        print(f"WARNING: load average {machine['load_average_at_start']:.2f} at start", file=sys.stderr)
    contending, skipped = contenders.available(options.threads)
    sp.set_num_threads(options.threads)
    machine |= {contender.name: contender.version for contender in contending}
    with np.errstate(all="ignore"):  # the tails overflow in formulas that are not ours
        functions = []
        for made in compare_functions(options, contending):
            functions.append(made)
            print(*(made[key] for key in ("operation", "dtype", "size", "function")), file=sys.stderr)
        rows = list(compare_rows(options, contending)) if options.rows else []
        maps = list(compare_maps(options)) if options.maps else []
        hashes = list(compare_hashes(options)) if options.maps else []
    found = {
        "machine": machine,
        "method": {"threads": options.threads, "repeats": options.repeats, "allocate": options.allocate},
        "skipped": skipped,
        "functions": functions,
        "geometric_means": geometric_means(functions),
        "rows": rows,
        "maps": maps,
        "hashes": hashes,
        "load_average_at_end": measure.load_average(),
    }
    print(report(found, markdown=False))
    if options.markdown:
        options.markdown.write_text(report(found, markdown=True))
    if options.json:
        options.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
