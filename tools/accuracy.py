#!/usr/bin/env python3
"""Measure the errors of the ufuncs: float32 over all 2^32 inputs, the 16-bit types over theirs, float64 over stratified
points; and compare the instruction sets bit by bit.

    python tools/accuracy.py exhaustive --functions gelu swish --isa x86_v3
    python tools/accuracy.py float64 --points 10000000
    python tools/accuracy.py half
    python tools/accuracy.py agree
    python tools/accuracy.py memory
    python tools/accuracy.py peers
    python tools/accuracy.py table
    python tools/accuracy.py bounds

The results go into a JSON file after every function, and what it already holds is skipped, so an interrupted run
continues where it stopped.

float32 is judged by our own float64 results, whose errors are below 2^-28 ulp of float32 and which the float64 run
judges; the worst input is computed again with mpmath (reference/oracle.py), and it is that error which is reported.

float64 is judged by 80-bit formulas (reference/extended.py), whose errors are below 2^-8 ulp. mpmath judges the worst
inputs again, and those that the formulas leave open: where they are not valid, where they do not decide whether
the result is correctly rounded, and where they contradict a NaN or the sign of a zero. If a block of 131,072 inputs has
more than a thousand of these, a thousand are judged and count for all. Ten million points take about twenty seconds for
each function and operation. Where there are no 80-bit numbers, mpmath judges all points, which takes far longer.

`table` writes the rows of what the results file holds into docs/accuracy.md and leaves the others as they are.

`bounds` writes the SP_BOUND lines of src/spatium/_kernels/fn/: it evaluates the worst inputs of docs/accuracy.md, those
of the present lines and some points with the present build. A bound that does not hold is raised, and reported.
"""

import argparse
import datetime
import json
import math
import platform
import re
import sys
import threading
import time
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import mpmath
import numpy as np
import numpy.typing as npt

import spatium
from spatium import _engine

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))  # the root of the repository, for reference/

from reference import extended, oracle, sampling  # noqa: E402

SAMPLED = 61  # of so many blocks, one is examined for the worst of correctly rounded results
BLOCK = 2**17  # inputs of one share, so that its arrays stay in the cache
WORST = 32  # of the float64 inputs with the largest errors, so many are judged again
OPEN = 1000  # so many of the inputs that the screen leaves open are judged in each block, and count for all of them
OPERATIONS: tuple[oracle.Operation, ...] = ("value", "derivative", "second_derivative")
STRENGTH = ("baseline", "neon", "x86_v3", "x86_v4")  # the instruction sets, the strongest last
SEED = 20240607


@dataclass
class Sweep:
    """What a sweep over float32 numbers has found."""

    worst: float = -1.0
    worst_pattern: int = 0
    count: int = 0
    nan_mismatches: int = 0
    zero_sign_mismatches: int = 0
    not_correctly_rounded: int = 0


def ulp(exact: npt.NDArray[Any], dtype: npt.DTypeLike) -> npt.NDArray[np.float64]:
    """The unit in the last place of `dtype` at `exact`, the subnormal spacing being the smallest."""
    info = np.finfo(dtype)
    _, exponents = np.frexp(exact)
    exponents = np.clip(exponents - 1, int(info.minexp), int(info.maxexp))
    result: npt.NDArray[np.float64] = np.ldexp(1.0, exponents - int(info.nmant))
    return result


@dataclass
class Compared:
    """Results beside those of a wider type, for each input."""

    errors: npt.NDArray[np.float64]  # in ulp
    wrong_nan: npt.NDArray[np.bool_]
    wrong_sign: npt.NDArray[np.bool_]  # of zeros


def compared(
    name: str, x: npt.NDArray[Any], y: npt.NDArray[Any], exact: npt.NDArray[Any], nearest: npt.NDArray[Any]
) -> Compared:
    """Results y for the inputs x against `exact`, which has a wider type; `nearest` is `exact` in the type of y."""
    with np.errstate(all="ignore"):
        errors = (np.abs(y - exact) / ulp(exact, y.dtype)).astype(np.float64)
    errors[y == nearest] = np.minimum(errors[y == nearest], 0.5)  # infinite ones too, which rounding has made of exact
    errors[np.isnan(errors) & (y == nearest)] = 0.0
    wrong_nan = np.isnan(y) != np.isnan(exact)
    errors[np.isnan(errors)] = np.where(wrong_nan[np.isnan(errors)], np.inf, 0.0)
    zero = (y == 0) & (nearest == 0) & (exact != 0)
    limits = (y == 0) & (exact == 0) & ~((x == 0) & oracle.ORACLE[name].level)
    return Compared(errors, wrong_nan, (zero | limits) & (np.signbit(y) != np.signbit(exact)))


def sweep_f32(
    name: str,
    operation: oracle.Operation,
    parameters: Sequence[float],
    x: npt.NDArray[np.float32],
    y: npt.NDArray[np.float32],
    everything: bool = True,
) -> Sweep:
    """Results y for the inputs x against our float64 results.

    Without `everything`, only the results that are not correctly rounded are examined, which takes a fifth of the time
    and finds the worst error if it is above 0.5 ulp.
    """
    with np.errstate(all="ignore"):
        exact = ufunc(name, operation)(x.astype(np.float64), *parameters)
        nearest = exact.astype(np.float32)
    found = Sweep(count=x.size)
    if not everything:
        examined = np.flatnonzero(y.view(np.uint32) != nearest.view(np.uint32))
        x, y, exact, nearest = x[examined], y[examined], exact[examined], nearest[examined]
    if not x.size:
        return found
    judged = compared(name, x, y, exact, nearest)
    i = int(np.argmax(judged.errors))
    found.worst, found.worst_pattern = float(judged.errors[i]), int(x.view(np.uint32)[i])
    found.nan_mismatches = int(np.count_nonzero(judged.wrong_nan))
    found.zero_sign_mismatches = int(np.count_nonzero(judged.wrong_sign))
    found.not_correctly_rounded = int(np.count_nonzero((y != nearest) & ~np.isnan(exact)))
    return found


_EXACT: dict[tuple[Any, ...], oracle.Expected] = {}


def errors_f64(
    name: str,
    operation: oracle.Operation,
    parameters: Sequence[float],
    x: npt.NDArray[np.float64],
    y: npt.NDArray[np.float64],
) -> tuple[npt.NDArray[np.float64], oracle.Expected, npt.NDArray[np.uint8]]:
    """Errors in ulp, exact results, flags (1: NaN mismatch, 2: wrong sign of zero), from mpmath."""
    key = name, operation, tuple(parameters), x.tobytes()
    if key not in _EXACT:  # the instruction sets and the peers share the last one
        _EXACT.clear()
        _EXACT[key] = oracle.expected(name, operation, x, parameters)
    exact = _EXACT[key]
    wrong_nan = np.isnan(y) != np.isnan(exact.nearest)
    flags = np.where(wrong_nan, 1, np.where(exact.wrong_zeros(y), 2, 0)).astype(np.uint8)
    return exact.ulp_errors(y), exact, flags


class Results:
    """The results file: one record per function, operation, dtype and instruction set."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.records: dict[str, dict[str, Any]] = {}
        if path.exists():
            self.records = json.loads(path.read_text(encoding="utf-8"))["records"]

    def add(self, key: str, record: dict[str, Any]) -> None:
        self.records[key] = record
        self.path.parent.mkdir(parents=True, exist_ok=True)
        unfinished = self.path.with_suffix(".tmp")
        unfinished.write_text(json.dumps({"format": 1, "records": self.records}, indent=1), encoding="utf-8")
        unfinished.replace(self.path)


def ufunc(name: str, operation: oracle.Operation) -> Any:
    return getattr(spatium.ufuncs, name if operation == "value" else f"{name}_{operation}")


def default_parameters(name: str) -> tuple[float, ...]:
    return tuple(spatium.activation(name).parameters.values())


def build_string() -> str:
    return str(_engine.build_info())


def processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        return next(line.split(":", 1)[1].strip() for line in lines if line.startswith("model name"))
    except (OSError, StopIteration):
        return platform.processor() or platform.machine()


def circumstances(started: float) -> dict[str, Any]:
    return {
        "date": datetime.date.today().isoformat(),
        "cpu": processor(),
        "build": build_string(),
        "seconds": round(time.perf_counter() - started, 1),
    }


def progress(text: str, *, last: bool = False) -> None:
    """One line, rewritten on a terminal; elsewhere only its last state is printed."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{text}", end="\n" if last else "", file=sys.stderr, flush=True)
    elif last:
        print(text, file=sys.stderr, flush=True)


def verified(
    name: str, operation: oracle.Operation, parameters: Sequence[float], x: float, dtype: npt.DTypeLike
) -> tuple[float, Any]:
    """The error in ulp at one input, and the exact result, both from mpmath."""
    with np.errstate(all="ignore"):
        result = ufunc(name, operation)(np.array([x], dtype), *parameters)[0]
    exact = oracle.exact(name, operation, x, parameters)
    return oracle.ulp_error(float(result), exact, dtype), exact


def finite(number: float) -> float | str:
    """JSON has no infinity."""
    return number if np.isfinite(number) else str(number)


def inputs(start: int, stop: int, step: int) -> npt.NDArray[np.float32]:
    """Bit patterns start·step, (start + 1)·step, ... as float32."""
    return (np.arange(start, stop, dtype=np.uint64) * np.uint64(step)).astype(np.uint32).view(np.float32)


def sweep_float32(
    name: str,
    operation: oracle.Operation,
    threads: int,
    step: int,
    label: str,
    largest: float = math.inf,
) -> dict[str, Any]:
    """Every `step`-th of all 2^32 inputs, or of those up to a magnitude, against the reference."""
    started = time.perf_counter()
    parameters = default_parameters(name)
    function = ufunc(name, operation)
    total = -(-(2**32) // step)
    starts = [start for start in range(0, total, BLOCK) if not abs(inputs(start, start + 1, step)[0]) > largest]
    lock = threading.Lock()
    merged = Sweep()
    done = 0

    def block(start: int, everything: bool = False) -> None:
        nonlocal done
        x = inputs(start, min(start + BLOCK, total), step)
        with np.errstate(all="ignore"):
            y = function(x, *parameters)
        assert y.dtype == np.float32
        own = sweep_f32(name, operation, parameters, x, y, everything)
        with lock:
            for field in ("count", "nan_mismatches", "zero_sign_mismatches", "not_correctly_rounded"):
                setattr(merged, field, getattr(merged, field) + getattr(own, field))
            # The smaller pattern wins a tie, so that the answer does not depend on the order of the blocks.
            if (own.worst, -own.worst_pattern) > (merged.worst, -merged.worst_pattern):
                merged.worst, merged.worst_pattern = own.worst, own.worst_pattern
            done += 1
            share = min(done / len(starts), 1.0)
            left = (time.perf_counter() - started) * (1 / share - 1)
            progress(f"{label}: {share:6.1%}, worst {merged.worst:.6f} ulp, {left:.0f} s left")

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(block, starts):
            pass
        if merged.worst <= 0.5:  # all are correctly rounded: the worst of them, which is at most 0.5, is sampled
            found, merged, done = merged, Sweep(), 0
            for _ in pool.map(partial(block, everything=True), starts[:: 1 if step > 1 else SAMPLED]):
                pass
            found.worst, found.worst_pattern = merged.worst, merged.worst_pattern
            merged = found
    x = float(np.array([merged.worst_pattern], np.uint32).view(np.float32)[0])
    error, _ = verified(name, operation, parameters, x, np.float32)
    progress(
        f"{label}: worst {error:.6f} ulp at {x.hex()} (reference: {merged.worst:.6f}), "
        f"{merged.not_correctly_rounded} of {merged.count} not correctly rounded, {merged.nan_mismatches} NaN and "
        f"{merged.zero_sign_mismatches} sign mismatches, {time.perf_counter() - started:.0f} s",
        last=True,
    )
    return {
        "worst": finite(error),
        "worst_reference": finite(merged.worst),
        "input": x.hex(),
        "count": merged.count,
        "step": step,
        **({"largest": largest} if largest < math.inf else {}),
        "not_correctly_rounded": merged.not_correctly_rounded,
        "nan_mismatches": merged.nan_mismatches,
        "zero_sign_mismatches": merged.zero_sign_mismatches,
        "parameters": parameters,
        **circumstances(started),
    }


@dataclass
class Screen:
    """The float64 inputs which mpmath is to judge, and what is certain about the others."""

    points: npt.NDArray[np.float64]
    weights: npt.NDArray[np.float64]  # for how many inputs each of the points counts; 0 for those counted already
    not_correctly_rounded: int = 0
    root_points: int = 0


def at_root(
    name: str, operation: oracle.Operation, x: npt.NDArray[np.float64], exact: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Where a derivative is so near to a root that its absolute error is reported."""
    if operation == "value":
        return np.zeros(x.shape, np.bool_)
    return sampling.near_zero(name, operation, default_parameters(name), x, exact)


def screened(name: str, operation: oracle.Operation, x: npt.NDArray[np.float64], label: str) -> Screen:
    """The points x against 80-bit results, block by block."""
    parameters, function = default_parameters(name), ufunc(name, operation)
    chosen: list[npt.NDArray[np.float64]] = []
    weights: list[npt.NDArray[np.float64]] = []
    # the largest errors, outside the neighborhood of the root and in it, and the largest absolute errors in it
    worst = {kind: (np.empty(0), np.empty(0)) for kind in ("outside", "root", "absolute")}
    found = Screen(np.empty(0), np.empty(0))
    for start in range(0, x.size, BLOCK):
        part = x[start : start + BLOCK]
        with np.errstate(all="ignore"):
            y = function(part, *parameters)
            exact = extended.results(name, operation, part, parameters)
            nearest = exact.astype(np.float64)
        judged = compared(name, part, y, exact, nearest)
        root = at_root(name, operation, part, nearest)
        uncovered = np.isnan(exact)
        contradicted = ~uncovered & (judged.wrong_nan | judged.wrong_sign)
        undecided = uncovered | (~root & ~contradicted & (np.abs(judged.errors - 0.5) <= extended.ERROR))
        decided = ~undecided & ~contradicted
        found.not_correctly_rounded += int(np.count_nonzero(judged.errors[~root & decided] > 0.5))
        found.root_points += int(np.count_nonzero(root & decided))
        for left_open in map(np.flatnonzero, (contradicted, undecided)):
            some = left_open[:: -(-left_open.size // OPEN) or 1]
            chosen.append(part[some])
            weights.append(np.full(some.size, left_open.size / max(some.size, 1)))
        for kind in worst:
            where = decided & (root if kind != "outside" else ~root)
            sizes = judged.errors[where]
            if kind == "absolute":
                sizes = sizes * ulp(exact[where], np.float64)
            points, sizes = (np.concatenate(both) for both in zip(worst[kind], (part[where], sizes), strict=True))
            order = np.argsort(-sizes, kind="stable")[:WORST]
            worst[kind] = points[order], sizes[order]
        progress(f"{label}: {min(start + BLOCK, x.size) / x.size:6.1%}")
    again = np.unique(np.concatenate([points for points, _ in worst.values()]).view(np.uint64)).view(np.float64)
    found.points = np.concatenate([again, *chosen])
    found.weights = np.concatenate([np.zeros(again.size), *weights])
    return found


def sample_float64(name: str, operation: oracle.Operation, x: npt.NDArray[np.float64], label: str) -> dict[str, Any]:
    """The given points against 80-bit results and mpmath, or against mpmath alone."""
    started = time.perf_counter()
    parameters = default_parameters(name)
    screen = screened(name, operation, x, label) if extended.AVAILABLE else Screen(x, np.ones(x.size))
    points = screen.points
    with np.errstate(all="ignore"):
        y = ufunc(name, operation)(points, *parameters)
    assert y.dtype == np.float64
    errors, exact, flags = errors_f64(name, operation, parameters, points, y)

    near_root = at_root(name, operation, points, exact.nearest)

    def counted(which: npt.NDArray[np.bool_]) -> int:
        return round(float(screen.weights[which].sum()))

    worst = int(np.argmax(np.where(near_root, -1.0, errors)))
    record: dict[str, Any] = {
        "worst": finite(float(errors[worst])),
        "input": float(points[worst]).hex(),
        "count": int(x.size),
        "judged": int(points.size),
        "not_correctly_rounded": screen.not_correctly_rounded + counted(~near_root & (errors > 0.5)),
        "nan_mismatches": counted(flags == 1),
        "zero_sign_mismatches": counted(flags == 2),
        "parameters": parameters,
        **circumstances(started),
    }
    if near_root.any():
        lost = int(np.argmax(np.where(near_root, errors, -1.0)))
        record |= {
            "root_worst": finite(float(errors[lost])),
            "root_input": float(points[lost]).hex(),
            "root_absolute": float((errors * exact.spacing)[near_root].max()),
            "root_points": screen.root_points + counted(near_root),
        }
    root_text = ""
    if "root_worst" in record:
        root_text = f"; at the root {record['root_worst']:.4g} ulp, {record['root_absolute']:.3g}"
    progress(
        f"{label}: worst {errors[worst]:.6f} ulp at {float(points[worst]).hex()}{root_text}, "
        f"{record['nan_mismatches']} NaN and {record['zero_sign_mismatches']} sign mismatches, "
        f"{points.size} of {x.size} points judged by mpmath, {record['seconds']} s",
        last=True,
    )
    return record


def chosen_isas(wanted: str | None) -> list[str]:
    available = list(_engine.available_isas())
    if wanted is None:
        return [_engine.current_isa()]
    if wanted == "all":
        return available
    if wanted not in available:
        raise SystemExit(f"accuracy.py: --isa {wanted}: this machine has {', '.join(available)}")
    return [wanted]


def combinations(arguments: argparse.Namespace) -> Iterator[tuple[str, oracle.Operation, str]]:
    known = [record.name for record in _engine.registry()]
    functions: Iterable[str] = known if "all" in arguments.functions else arguments.functions
    for name in functions:
        if name not in known:
            raise SystemExit(f"accuracy.py: --functions {name}: known are {', '.join(known)}")
    for isa in chosen_isas(arguments.isa):
        _engine.set_isa(isa)
        for name in functions:
            for operation in arguments.operations:
                yield name, operation, isa


def run_exhaustive(arguments: argparse.Namespace) -> None:
    results = Results(arguments.results)
    for name, operation, isa in combinations(arguments):
        key = f"{name}/{operation}/float32/{isa}"
        # A full sweep is never replaced by a quick one, and a quick one only by one at least as dense.
        if key in results.records and results.records[key]["step"] <= arguments.quick and not arguments.again:
            progress(f"{key}: already in {results.path}", last=True)
            continue
        results.add(key, sweep_float32(name, operation, arguments.threads, arguments.quick, key, arguments.largest))


def run_float64(arguments: argparse.Namespace) -> None:
    results = Results(arguments.results)
    x = sampling.samples(np.float64, arguments.points, np.random.default_rng(SEED))
    for name, operation, isa in combinations(arguments):
        key = f"{name}/{operation}/float64/{isa}"
        # mpmath takes a difference of first derivatives in 3000 bits for the second one
        step = 10 if extended.AVAILABLE else 200
        chosen = x[::step] if operation == "second_derivative" else x
        if key in results.records and results.records[key]["count"] >= chosen.size and not arguments.again:
            progress(f"{key}: already in {results.path}", last=True)
            continue
        results.add(key, sample_float64(name, operation, chosen, key))


def round_to(exact: npt.NDArray[np.float64], dtype: np.dtype[Any]) -> Any:
    """float64 to a 16-bit type with one rounding: the nearest of three neighbors, whatever the conversion did."""
    with np.errstate(all="ignore"):
        first = exact.astype(np.float32).astype(dtype)
        patterns = first.view(np.uint16) + np.arange(-1, 2, dtype=np.int32).astype(np.uint16)[:, None]
        distance = np.abs(patterns.view(dtype).astype(np.float64) - exact)
        distance = np.where(np.isnan(distance), np.inf, 2 * distance)
        # at equal distances the even one
        order = np.lexsort((patterns & 1, distance), axis=0)[0]
    nearest = np.take_along_axis(patterns, order[None], axis=0)[0].view(dtype)
    return np.where(np.isfinite(exact) & np.isfinite(first.astype(np.float64)), nearest, first)


def sweep_16_bit(name: str, operation: oracle.Operation, dtype: np.dtype[Any], label: str) -> dict[str, Any]:
    """All 65,536 inputs against the float64 result rounded once; differences are judged by mpmath."""
    started = time.perf_counter()
    parameters = default_parameters(name)
    x = np.arange(2**16, dtype=np.uint16).view(dtype)
    with np.errstate(all="ignore"):
        y = ufunc(name, operation)(x, *parameters)
        nearest = round_to(ufunc(name, operation)(x.astype(np.float64), *parameters), dtype)
    assert y.dtype == dtype
    exceptions = []
    for i in np.flatnonzero((y.view(np.uint16) != nearest.view(np.uint16)) & ~(np.isnan(y) & np.isnan(nearest))):
        exact = oracle.exact(name, operation, float(x[i]), parameters)
        with mpmath.workprec(oracle.PRECISION):
            ours, other = (abs(mpmath.mpf(float(v[i])) - exact) for v in (y, nearest))
        if not ours < other:
            exceptions.append(float(x[i]).hex())
    progress(f"{label}: {len(exceptions)} not correctly rounded {' '.join(exceptions[:8])}", last=True)
    return {
        "count": x.size,
        "not_correctly_rounded": len(exceptions),
        "exceptions": exceptions,
        **circumstances(started),
    }


def run_half(arguments: argparse.Namespace) -> None:
    import ml_dtypes

    results = Results(arguments.results)
    for name, operation, isa in combinations(arguments):
        for dtype in (np.dtype(np.float16), np.dtype(ml_dtypes.bfloat16)):
            key = f"{name}/{operation}/{dtype.name}/{isa}"
            if key not in results.records or arguments.again:
                results.add(key, sweep_16_bit(name, operation, dtype, key))


def run_agree(arguments: argparse.Namespace) -> None:
    """float32 results of the strongest instruction set against those of the others, or of one, bit by bit."""
    results, strongest = Results(arguments.results), _engine.available_isas()[-1]
    others = [isa for isa in chosen_isas(arguments.isa or "all") if isa != strongest]
    arguments.isa = None
    for name, operation, _ in combinations(arguments):
        for isa in others:
            key = f"{name}/{operation}/agreement/{isa}"
            if key not in results.records or results.records[key]["step"] > arguments.quick or arguments.again:
                results.add(key, agreement(name, operation, (isa, strongest), arguments.quick, key))


def agreement(name: str, operation: oracle.Operation, isas: tuple[str, str], step: int, label: str) -> dict[str, Any]:
    """Every `step`-th of all 2^32 inputs on two instruction sets; every NaN is the same answer."""
    started, parameters, function = time.perf_counter(), default_parameters(name), ufunc(name, operation)
    total, differing = -(-(2**32) // step), 0
    for start in range(0, total, BLOCK):
        x, found = inputs(start, min(start + BLOCK, total), step), []
        for isa in isas:
            _engine.set_isa(isa)
            with np.errstate(all="ignore"):
                found.append(function(x, *parameters))
        bits, others = (y.view(np.uint32) for y in found)
        if not np.array_equal(bits, others):
            differing += int(((bits != others) & ~(np.isnan(found[0]) & np.isnan(found[1]))).sum())
    progress(f"{label}: {differing} of {total} differ", last=True)
    return {"count": total, "step": step, "with": isas[1], "differing": differing, **circumstances(started)}


# Around the minimum rounding the output takes most of what it knows of the derivative: a neighborhood of its own.
NEIGHBORHOOD = 0.02
MEMORY = "derivative/float32+bit"


def sweep_memory(name: str, threads: int, step: int, label: str) -> dict[str, Any]:
    """Every `step`-th of all 2^32 inputs: f' from the output and one bit against our float64 f' of the input."""
    started = time.perf_counter()
    activation, minimum = spatium.activation(name), sampling.MINIMA[name]
    total = -(-(2**32) // step)
    worst = {"outside": (-1.0, 0.0), "inside": (-1.0, 0.0)}
    mismatches, lock = 0, threading.Lock()

    def block(start: int) -> None:
        nonlocal mismatches
        x = inputs(start, min(start + BLOCK, total), step)
        with np.errstate(all="ignore"):
            _, saved = activation.forward(x, save="bits")
            found = activation.backward(np.ones_like(x), saved).astype(np.float64)
            wide = x.astype(np.float64)
            exact = activation.derivative(wide)
            error = np.abs(found - exact)
            near = np.abs(wide - minimum) < NEIGHBORHOOD
        wrong = int(np.count_nonzero(np.isnan(found) != np.isnan(exact)))
        error = np.where(np.isnan(error), -1.0, error)
        with lock:
            mismatches += wrong
            for place, where in (("outside", ~near), ("inside", near)):
                if where.any():
                    i = int(np.argmax(np.where(where, error, -1.0)))
                    worst[place] = max(worst[place], (float(error[i]), float(x[i])))

    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(block, range(0, total, BLOCK)):
            pass
    text = ", ".join(f"{place} {error:.3g} at {x:.9g}" for place, (error, x) in worst.items())
    progress(f"{label}: {text}, {mismatches} NaN mismatches, {time.perf_counter() - started:.0f} s", last=True)
    return {
        "count": total,
        "step": step,
        "nan_mismatches": mismatches,
        **{place: error for place, (error, _) in worst.items()},
        **{f"{place}_input": x.hex() for place, (_, x) in worst.items()},
        **circumstances(started),
    }


def run_memory(arguments: argparse.Namespace) -> None:
    results = Results(arguments.results)
    known = [record.name for record in _engine.registry() if record.from_side]
    for isa in chosen_isas(arguments.isa):
        _engine.set_isa(isa)
        for name in known if "all" in arguments.functions else arguments.functions:
            if name not in known:
                raise SystemExit(f"accuracy.py: --functions {name}: known are {', '.join(known)}")
            key = f"{name}/{MEMORY}/{isa}"
            if key in results.records and results.records[key]["step"] <= arguments.quick and not arguments.again:
                continue
            results.add(key, sweep_memory(name, arguments.threads, arguments.quick, key))


def section_memory(records: dict[str, dict[str, Any]]) -> list[str]:
    measured = {key: record for key, record in records.items() if f"/{MEMORY}/" in key}
    rows = [
        [
            f"`{key.split('/')[0]}`",
            key.rsplit("/", 1)[1],
            f"{record['outside']:.2g}",
            f"{record['inside']:.2g}",
            f"{sampling.MINIMA[key.split('/')[0]]:.6g}",
            str(record["nan_mismatches"]),
            every(record["step"]),
        ]
        for key, record in sorted(measured.items())
    ]
    text = (
        'float32, `save="bits"` ([memory.md](memory.md)): absolute errors of f′, outside and within a distance of '
        f"{NEIGHBORHOOD} from the minimum, where most digits of f′ are lost by the rounding of the output."
    )
    header = ["function", "instruction set", "outside", "inside", "minimum at", "NaN mismatches", "inputs"]
    title = "## Derivatives from the output and one bit"
    return ["", title, "", text, "", *markdown_table(header, rows)] if rows else []


# ---- the same figures for the other libraries ----

PEER_BLOCK = 2**22  # of float32 inputs: JAX compiles anew for every block
PEER_STEP = 257
PEER = "peer"
BODY = (2.0**-10, 4.0)  # magnitudes of the inputs that most elements of a network have: a figure of their own


def peer_contenders() -> list[Any]:
    """Those of spatium.benchmark.contenders that are installed, without us."""
    from spatium.benchmark import contenders

    found, skipped = contenders.available(1)
    for line in skipped:
        progress(line, last=True)
    return [contender for contender in found if contender.name != contenders.Spatium.name]


def peer_result(peer: Any, name: str, operation: oracle.Operation, x: npt.NDArray[Any]) -> npt.NDArray[Any] | None:
    """What a peer computes, in the dtype of x; None where it has no such function."""
    from spatium.benchmark import contenders

    run = peer.prepare(contenders.Task(name, operation, x, np.ones_like(x), allocate=True))
    if run is None:
        return None
    with np.errstate(all="ignore"):
        return np.ascontiguousarray(np.asarray(run()), dtype=x.dtype)


def peer_float32(
    peer: Any, name: str, operation: oracle.Operation, threads: int, step: int, label: str
) -> dict[str, Any] | None:
    """Every `step`-th of all 2^32 inputs and the stratified points, which lie densest around the thresholds."""
    started, parameters = time.perf_counter(), default_parameters(name)
    total = -(-(2**32) // step)
    blocks = [inputs(start, min(start + PEER_BLOCK, total), step) for start in range(0, total, PEER_BLOCK)]
    blocks.append(sampling.samples(np.float32, 200_000, np.random.default_rng(SEED)))
    if peer_result(peer, name, operation, blocks[-1][:16].copy()) is None:
        return None

    def block(x: npt.NDArray[np.float32]) -> tuple[Sweep, Sweep]:
        y = peer_result(peer, name, operation, x)
        assert y is not None
        with np.errstate(invalid="ignore"):
            inside = (np.abs(x) >= BODY[0]) & (np.abs(x) <= BODY[1])
        body, rest = (sweep_f32(name, operation, parameters, x[part], y[part]) for part in (inside, ~inside))
        return body, rest

    with ThreadPoolExecutor(threads) as pool:
        pairs = list(pool.map(block, blocks))
    parts = [part for pair in pairs for part in pair]
    worst = max(parts, key=lambda part: (part.worst, -part.worst_pattern))
    x = float(np.array([worst.worst_pattern], np.uint32).view(np.float32)[0])
    record = {
        "worst": finite(worst.worst),
        "input": x.hex(),
        "body": finite(max(body.worst for body, _ in pairs)),
        "count": sum(part.count for part in parts),
        "step": step,
        "nan_mismatches": sum(part.nan_mismatches for part in parts),
        "zero_sign_mismatches": sum(part.zero_sign_mismatches for part in parts),
        "version": peer.version,
        **circumstances(started),
    }
    progress(f"{label}: {worst.worst:.4g} ulp at {x:.9g}, {record['nan_mismatches']} NaN mismatches", last=True)
    return record


def peer_float64(
    peer: Any, name: str, operation: oracle.Operation, x: npt.NDArray[np.float64], label: str
) -> dict[str, Any] | None:
    """The stratified points, but those near the root of a derivative."""
    started, parameters = time.perf_counter(), default_parameters(name)
    y = peer_result(peer, name, operation, x)
    if y is None:
        return None
    errors, exact, flags = errors_f64(name, operation, parameters, x, y)
    if operation == "derivative":
        errors[sampling.near_root(name, parameters, x, exact.nearest)] = -1.0
    errors[np.isnan(errors)] = -1.0  # counted below
    i = int(np.argmax(errors))
    with np.errstate(invalid="ignore"):
        inside = (np.abs(x) >= BODY[0]) & (np.abs(x) <= BODY[1])
    record = {
        "worst": finite(float(errors[i])),
        "input": float(x[i]).hex(),
        "body": finite(float(errors[inside].max())),
        "count": int(x.size),
        "nan_mismatches": int(np.count_nonzero(flags == 1)),
        "zero_sign_mismatches": int(np.count_nonzero(flags == 2)),
        "version": peer.version,
        **circumstances(started),
    }
    progress(f"{label}: {errors[i]:.4g} ulp at {x[i]:.17g}, {record['nan_mismatches']} NaN mismatches", last=True)
    return record


def run_peers(arguments: argparse.Namespace) -> None:
    results = Results(arguments.results)
    arguments.isa, peers = None, peer_contenders()
    arguments.operations = [operation for operation in arguments.operations if operation != "second_derivative"]
    points = sampling.samples(np.float64, arguments.points, np.random.default_rng(SEED))
    for name, operation, _ in combinations(arguments):
        for peer in peers:
            for dtype in ("float32", "float64"):
                key = f"{name}/{operation}/{PEER} {dtype}/{peer.name.replace('/', '+')}"
                known = results.records.get(key)
                if known and known["version"] == peer.version and not arguments.again:
                    continue
                if dtype == "float32":
                    record = peer_float32(peer, name, operation, arguments.threads, arguments.quick, key)
                else:
                    record = peer_float64(peer, name, operation, points, key)
                if record is not None:
                    results.add(key, record)


def shortened(error: float) -> str:
    return f"{error:.3f}" if error < 10 else f"{error:.3g}" if error < 1e4 else f"{error:.0e}"


def section_peers(records: dict[str, dict[str, Any]]) -> list[str]:
    """Ours and theirs side by side: worst error and where."""
    measured = {tuple(key.split("/")): record for key, record in records.items() if f"/{PEER} " in key}
    if not measured:
        return []
    versions = {peer: record["version"] for (_, _, _, peer), record in measured.items()}
    step = next(record["step"] for key, record in measured.items() if key[2] == f"{PEER} float32")
    lines = [
        "",
        "## Beside other libraries",
        "",
        "",
    ]
    lines[-1] = (
        "Worst error in ulp for inputs with 2⁻¹⁰ ≤ |x| ≤ 4, then for all inputs, and the input that attains the latter."
        f" float32: {every(step)} of the 2³² inputs and 200,000 points around the thresholds. float64: the stratified "
        "points, except those near the root of a derivative. “NaN” after an error means that some results are NaN "
        "where they should be numbers, or the reverse. The figures of Spatium are those of the other tables. "
        "src/spatium/benchmark/contenders.py contains the calls of each library, or the formulas if it has no such "
        "function; “–” means that it has neither. Subnormal results count like other results (JAX returns zeros for "
        "them), and so do kinks where a library uses another convention."
    )
    for dtype in ("float32", "float64"):
        ours: dict[tuple[str, str], tuple[str, dict[str, Any]]] = {}
        for key, record in records.items():
            name, operation, its_dtype, isa = key.split("/")
            best = ours.get((name, operation))
            if its_dtype == dtype and (best is None or STRENGTH.index(isa) > STRENGTH.index(best[0])):
                ours[name, operation] = isa, record
        rows = []
        pairs = dict.fromkeys(key[:2] for key in measured if key[2] == f"{PEER} {dtype}")
        for name, operation in pairs:
            row = [f"`{name}`", operation]
            cells = [ours[name, operation][1] if (name, operation) in ours else None]
            cells += [measured.get((name, operation, f"{PEER} {dtype}", peer)) for peer in versions]
            for record in cells:
                if record is None:
                    row.append("–")
                    continue
                figures = [float(record[which]) for which in ("body", "worst") if which in record]
                text = " / ".join(shortened(figure) for figure in figures)
                if figures[-1] > 0:
                    text += f" ({float.fromhex(record['input']):.4g})"
                row.append(text + (", NaN" if record["nan_mismatches"] else ""))
            rows.append(row)
        names = [f"{peer.replace('+', '/')} {version}" for peer, version in versions.items()]
        lines += ["", f"### {dtype}", "", *markdown_table(["function", "operation", "Spatium", *names], rows)]
    return lines


def by_strength(isas: Iterable[str]) -> str:
    return ", ".join(sorted(isas, key=STRENGTH.index))


def table_rows(records: dict[str, dict[str, Any]], dtype: str) -> Iterator[list[str]]:
    """One row per function and operation; instruction sets with the same numbers share it."""
    order = {name: i for i, name in enumerate(record.name for record in _engine.registry())}
    shared: dict[tuple[Any, ...], list[str]] = {}
    for key, record in records.items():
        name, operation, its_dtype, isa = key.split("/")
        if its_dtype == dtype:
            numbers = {k: v for k, v in record.items() if k not in ("date", "cpu", "build", "seconds")}
            identity = (order.get(name, len(order)), OPERATIONS.index(operation), name, json.dumps(numbers))
            shared.setdefault(identity, []).append(isa)
    for (_, operation_code, name, numbers), isas in sorted(shared.items()):
        record = json.loads(numbers)
        x = float.fromhex(record["input"])
        decimal = np.format_float_positional(np.dtype(dtype).type(x)) if 1e-4 < abs(x) < 1e6 else f"{x:.17g}"
        if dtype == "float32" and not 1e-4 < abs(x) < 1e6:
            decimal = f"{x:.9g}"
        row = [
            f"`{name}`",
            OPERATIONS[operation_code],
            by_strength(isas),
            f"{float(record['worst']):.4f}",
            f"`{record['input']}` ({decimal})",
            f"{record['not_correctly_rounded'] / record['count']:.3g}",
            str(record["nan_mismatches"]),
            str(record["zero_sign_mismatches"]),
        ]
        if dtype == "float32":
            within = f" up to ±{record['largest']:.0f}" if "largest" in record else ""
            row.append(every(record["step"]) + within)
        else:
            row.append(f"{record['count']:,}")
            row.append(f"{record['root_absolute']:.2g}" if "root_absolute" in record else "–")
        yield row


def every(step: int) -> str:
    """Which of the inputs: all, or one in so many."""
    return "all" if step == 1 else f"one in {step}"


def markdown_table(header: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    return [f"| {' | '.join(row)} |" for row in (header, ["---"] * len(header), *rows)]


def section_16_bit(records: dict[str, dict[str, Any]]) -> list[str]:
    types = ("float16", "bfloat16")
    measured = {key.rsplit("/", 1)[0]: record for key, record in records.items() if key.split("/")[2] in types}
    rows = []
    for key, record in sorted(measured.items()):
        if record["not_correctly_rounded"]:
            first = " ".join(f"`{x}`" for x in record["exceptions"][:4])
            rows.append([*(f"`{part}`" for part in key.split("/")), str(record["not_correctly_rounded"]), first])
    everywhere = f"{len(measured)} combinations of function, operation and type: correctly rounded everywhere"
    if not rows:
        return ["", "## float16 and bfloat16, all 65,536 inputs", "", f"{everywhere}."] if measured else []
    text = f"{everywhere}, but for these inputs."
    table = markdown_table(["function", "operation", "type", "not correctly rounded", "the first of them"], rows)
    return ["", "## float16 and bfloat16, all 65,536 inputs", "", text, "", *table]


def section_agreement(records: dict[str, dict[str, Any]]) -> list[str]:
    measured: dict[str, dict[tuple[str, str], dict[str, Any]]] = {}
    for key, record in records.items():
        if "/agreement/" in key:
            name, operation, _, isa = key.split("/")
            measured.setdefault(isa, {})[name, operation] = record
    if not measured:
        return []
    counted, strongest = [], ""
    for isa, found in measured.items():
        counts = " or ".join(f"{count:,}" for count in sorted({record["count"] for record in found.values()}))
        counted.append(f"{isa}: {counts} inputs for each of {len(found)} functions and operations")
        strongest = next(iter(found.values()))["with"]
    rows = []
    for pair in dict.fromkeys(pair for found in measured.values() for pair in found):
        of = [found[pair]["differing"] / found[pair]["count"] if pair in found else None for found in measured.values()]
        if any(of):
            rows.append([f"`{pair[0]}`", pair[1], *("-" if v is None else f"{v:.2g}" for v in of)])
    text = (
        f"float32, compared with {strongest}. {'; '.join(counted)}. Functions that are not listed have no differences. "
        "NEON: the 3,118 digests of `tests/everything.py` are those of x86_v3 ([platforms](platforms.md))."
    )
    table = markdown_table(["function", "operation", *(f"share that differs on {isa}" for isa in measured)], rows)
    return ["", "## The same bits on every instruction set", "", text, "", *table]


def circumstances_listed(records: dict[str, dict[str, Any]], old: list[str]) -> list[str]:
    """When and where: of everything, or of what the results file holds, below what the page says."""
    dates = sorted({record["date"] for record in records.values()})
    cpus = ", ".join(sorted({record["cpu"] for record in records.values()}))
    builds = sorted({record["build"] for record in records.values() if record["build"]})
    when = f"{' to '.join(dict.fromkeys((dates[0], dates[-1])))} on {cpus}"
    functions: dict[str, set[str]] = {}  # of each type, or of the agreement
    for key in records:
        functions.setdefault(key.split("/")[2], set()).add(key.split("/")[0])
    complete = {kind for kind, names in functions.items() if names >= {record.name for record in _engine.registry()}}
    if complete >= {"float32", "float64"}:
        return [f"- measured: {when}", *(f"- build: {build}" for build in builds)]
    later: dict[str, set[str]] = {}  # the functions of each day and machine
    whole = [line for line in old if line.startswith("- later:") and "`" not in line]
    for line in (line for line in old if line.startswith("- later:") and "`" in line):
        earlier = line.rpartition("`")[2].strip()
        later.setdefault(earlier, set()).update(re.findall(r"`(\w+)`", line))
    if complete:
        whole.append(f"- later: {' and '.join(sorted(complete))} of all functions {when}")
    for kind in functions.keys() - complete:
        later.setdefault(when, set()).update(functions[kind])
    return [
        *(line for line in old if line.startswith(("- measured:", "- build:"))),
        *dict.fromkeys(whole),
        *(f"- later: {', '.join(f'`{name}`' for name in sorted(some))} {day}" for day, some in later.items()),
    ]


def sections_of(page: Path) -> dict[str, list[str]]:
    """The lines of a page by their headings; "" for those before the first one."""
    found: dict[str, list[str]] = {"": []}
    for line in page.read_text(encoding="utf-8").splitlines() if page.exists() else ():
        if line.startswith("## "):
            found[line] = []
        else:
            found[[*found][-1]].append(line)
    return found


def with_rows_of(old: list[str], rows: list[list[str]]) -> list[list[str]]:
    """The rows, and those of a table on the page for other functions, operations and instruction sets, in the order of
    the registry."""
    names = [f"`{record.name}`" for record in _engine.registry()]
    measured = {(name, operation, isa) for name, operation, isas, *_ in rows for isa in isas.split(", ")}
    kept = []
    for line in (line for line in old if line.startswith("| `")):
        name, operation, isas, *rest = (cell.strip() for cell in line.strip("|").split(" | "))
        others = [isa for isa in isas.split(", ") if (name, operation, isa) not in measured]
        if others and name in names:
            kept.append([name, operation, ", ".join(others), *rest])
    joined: dict[tuple[str, ...], list[str]] = {}
    for name, operation, isas, *rest in [*kept, *rows]:
        joined.setdefault((name, operation, *rest), []).extend(isas.split(", "))
    found = [[name, operation, by_strength(isas), *rest] for (name, operation, *rest), isas in joined.items()]
    return sorted(found, key=lambda row: (names.index(row[0]), list[str](OPERATIONS).index(row[1])))


def standing_for_both(rows: list[list[str]], records: dict[str, dict[str, Any]]) -> list[list[str]]:
    """The rows, where all float32 results have the same bits on two instruction sets: those of one stand for both."""
    equal: dict[tuple[str, str], tuple[str, str]] = {}
    for key, record in records.items():
        if "/agreement/" in key and record["step"] == 1 and not record["differing"]:
            name, operation, _, isa = key.split("/")
            equal[f"`{name}`", operation] = isa, record["with"]
    measured = {(name, operation, isa) for name, operation, isas, *_ in rows for isa in isas.split(", ")}
    kept = []
    for name, operation, isas, *rest in rows:
        one, other = equal.get((name, operation), ("", ""))
        if one in isas.split(", ") and other not in isas.split(", "):
            isas = f"{isas}, {other}"
        elif isas == other and (name, operation, one) in measured:
            continue
        kept.append([name, operation, isas, *rest])
    return kept


def run_table(arguments: argparse.Namespace) -> None:
    if not arguments.results.exists():
        raise SystemExit(f"accuracy.py: no results in {arguments.results}; run `exhaustive` and `float64` first")
    records, old = Results(arguments.results).records, sections_of(arguments.output)
    lines = [
        "# Measured accuracy",
        "",
        "<!-- Generated by `python tools/accuracy.py table`; do not edit. -->",
        "",
        "Errors are in units in the last place (ulp) of the exact result; the smallest unit is the subnormal spacing.",
        "A correctly rounded result has an error of at most 0.5. Each worst error was computed with mpmath for the",
        "given input. Parameters have their default values. Instruction sets in the same row have the same numbers.",
        "",
        "Where other libraries are more accurate: tanh (PyTorch), and in float64 elu and sine (NumPy, PyTorch,",
        "numexpr), by a third of an ulp at most ([beside other libraries](#beside-other-libraries)).",
        "",
        *circumstances_listed(records, old[""]),
        "- repeat: `python tools/accuracy.py exhaustive --isa all`,",
        "  `python tools/accuracy.py float64 --points 10000000 --isa all`, `python tools/accuracy.py half`,",
        "  `python tools/accuracy.py agree`, `python tools/accuracy.py memory`, `python tools/accuracy.py peers`",
    ]
    header = ["function", "operation", "instruction sets", "worst error, ulp", "at x =", "share not correctly rounded"]
    header += ["NaN mismatches", "wrong signs of zero"]
    for dtype, title, note, more in (
        ("float32", "float32", "The last column lists which of the 2³² inputs were measured.", ["inputs"]),
        (
            "float64",
            "float64, over stratified points",
            (
                "The points cover every binade of both signs, more densely the numbers around 0, and the thresholds of "
                "each function with the neighboring floats. Where a derivative is below 2⁻¹⁰ near the minimum of its "
                "function, and near the roots of second derivatives, the last column gives the absolute error, and the "
                "other columns do not include it. Ten million points, and the million of second derivatives, were "
                "compared with 80-bit results, whose errors are below 2⁻⁸ ulp, and mpmath judged the worst again."
            ),
            ["points", "absolute error at roots"],
        ),
    ):
        rows = with_rows_of(old.get(f"## {title}", []), list(table_rows(records, dtype)))
        if dtype == "float32":
            rows = standing_for_both(rows, records)
        if rows:
            lines += ["", f"## {title}", "", *([note, ""] if note else []), *markdown_table([*header, *more], rows)]
    for heading, made in (
        ("## Beside other libraries", section_peers(records)),
        ("## float16 and bfloat16, all 65,536 inputs", section_16_bit(records)),
        ("## Derivatives from the output and one bit", section_memory(records)),
        ("## The same bits on every instruction set", section_agreement(records)),
    ):
        if not made and heading in old:
            made = ["", heading, *old[heading]]
        while made and not made[-1]:
            made.pop()
        lines += made
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    arguments.output.write_text("\n".join(lines) + "\n", encoding="utf-8")
    print(f"wrote {arguments.output}")


# ---- the bounds in the routines' files ----

ROUTINES = HERE.parent / "src" / "spatium" / "_kernels" / "fn"
PAGE = HERE.parent / "docs" / "accuracy.md"
# A new bound is the first of these that exceeds the largest known error by a margin: not every input is evaluated. The
# margin is a part of what the error has beyond half a unit, that of a correctly rounded result.
MARGIN = 0.05
STEPS = (0.51, 0.6, 0.7, 1.0, 1.5, 2.0, 3.0, 4.0, 5.0, *(2.0**k for k in range(3, 64)))
BOUND_STEP, BOUND_BLOCK = 1021, 2**17  # of the float32 inputs; the worst of each block is judged by mpmath


def worst_inputs(page: str) -> dict[tuple[str, str, str], list[float]]:
    """The inputs in the tables of docs/accuracy.md by function, operation and type."""
    found: dict[tuple[str, str, str], list[float]] = {}
    dtype = ""
    for line in page.splitlines():
        if line.startswith("#"):
            dtype = line.strip("# ").partition(",")[0] if line.startswith("## ") else ""
        row = re.match(r"\| `(\w+)` \| (\w+) \| .*? \| `(-?0x[^`]+)`", line)
        if row and dtype in ("float32", "float64"):
            found.setdefault((row[1], row[2], dtype), []).append(float.fromhex(row[3]))
    return found


def judged(name: str, operation: oracle.Operation, x: npt.NDArray[Any], isa: str) -> npt.NDArray[np.float64]:
    """The errors at x, from mpmath; 0 where no bound in ulp holds."""
    parameters = default_parameters(name)
    _engine.set_isa(isa)
    with np.errstate(all="ignore"):
        y = ufunc(name, operation)(x, *parameters)
    key = name, operation, x.dtype.name, x.tobytes()
    if key not in _EXACT:  # the instruction sets share it
        _EXACT.clear()
        _EXACT[key] = oracle.expected(name, operation, x, parameters)
    exact = _EXACT[key]
    return np.where(sampling.near_zero(name, operation, parameters, x, exact.nearest), 0.0, exact.ulp_errors(y))


def candidates(name: str, operation: oracle.Operation, dtype: np.dtype[Any], isa: str) -> list[float]:
    """Inputs that may have large errors: of float32 the worst of some millions, of float64 some thousands."""
    if dtype == np.float64:
        points = sampling.samples(dtype, 6000, np.random.default_rng(SEED))
        body = np.random.default_rng(SEED).uniform(-20.0, 20.0, 3000)
        step = 10 if operation == "second_derivative" else 1  # mpmath takes ten times as long for those
        return [*map(float, points[::step]), *map(float, body[::step])]
    _engine.set_isa(isa)
    parameters, found = default_parameters(name), []
    for start in range(0, 2**32 // BOUND_STEP, BOUND_BLOCK):  # a few binades each
        x = inputs(start, min(start + BOUND_BLOCK, 2**32 // BOUND_STEP), BOUND_STEP)
        with np.errstate(all="ignore"):
            exact = ufunc(name, operation)(x.astype(np.float64), *parameters)
            x = x[~sampling.near_zero(name, operation, parameters, x, exact) & np.isfinite(x)]
            y = ufunc(name, operation)(x, *parameters)
        if x.size:
            worst = sweep_f32(name, operation, parameters, x, y)
            found.append((worst.worst, float(np.array(worst.worst_pattern, np.uint32).view(np.float32))))
    return [x for _, x in sorted(found, reverse=True)[:8]]


def hexadecimal(x: float) -> str:
    """As float.hex, without zeros at the end."""
    return re.sub(r"\.?0*p", "p", x.hex()) if x else "0"


def promised(known: Any, worst: float, label: str) -> float:
    """The bound of a line: that which it has, or a new one."""
    if known is not None and worst <= known.bound:
        return float(known.bound)
    bound = next(step for step in STEPS if worst + MARGIN * max(worst - 0.5, 0) <= step)
    if known is not None:
        print(f"{label}: the bound is raised from {known.bound} to {bound}, because of an error of {worst:.4f}")
    return bound


def bound_lines(name: str, page: dict[tuple[str, str, str], list[float]]) -> list[str]:
    lines = []
    strongest, plain = _engine.available_isas()[-1], _engine.available_isas()[0]
    known = {(bound.operation, bound.dtype, bound.plain): bound for bound in _engine.bounds() if bound.name == name}
    for operation in OPERATIONS:
        for dtype in map(np.dtype, (np.float32, np.float64)):
            lines_known = [known.get((operation, dtype.name, which)) for which in (False, True)]
            points = [float(bound.at) for bound in lines_known if bound is not None]
            points += page.get((name, operation, dtype.name), [])
            points += candidates(name, operation, dtype, strongest)
            if dtype == np.float32:
                points += candidates(name, operation, dtype, plain)
                if operation != "second_derivative":
                    points += map(float, sampling.samples(dtype, 3000, np.random.default_rng(SEED)))
            x = np.array(list(dict.fromkeys(points)), dtype)
            found = {}
            for isa in (strongest, plain):
                errors = judged(name, operation, x, isa)
                i = int(np.argmax(errors.round(4)))  # the first of equal ones, so that lines stay as they are
                found[isa] = float(errors[i]), float(x[i]) if errors[i] else 0.0
            label = f"{name}, {operation}, {dtype}"
            bound = promised(lines_known[0], found[strongest][0], label)
            weaker = lines_known[1] is not None or found[plain][0] > bound
            worst, at = found[strongest] if weaker else max(found.values(), key=lambda pair: round(pair[0], 4))
            arguments = f"{name}, {operation}, {dtype}, "
            lines.append(f"SP_BOUND({arguments}{bound}, {worst:.4f}, {hexadecimal(at)})")
            if weaker:
                worst, at = found[plain]
                bound = promised(lines_known[1], worst, f"{label}, {plain}")
                lines.append(f"SP_PLAIN_BOUND({arguments}{bound}, {worst:.4f}, {hexadecimal(at)})")
    return lines


def run_bounds(arguments: argparse.Namespace) -> None:
    known = [record.name for record in _engine.registry()]
    page = worst_inputs(PAGE.read_text(encoding="utf-8"))
    for name in known if "all" in arguments.functions else arguments.functions:
        if name not in known:
            raise SystemExit(f"accuracy.py: --functions {name}: known are {', '.join(known)}")
        path, lines = ROUTINES / f"{name}.h", bound_lines(name, page)
        text = re.sub(r"^SP_(PLAIN_)?BOUND\(.*\n", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        text = re.sub(r"^(SP_ACTIVATION\(.*\n)", "\\1" + "\n".join([*lines, ""]), text, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")
        progress(f"{name}: {len(lines)} lines", last=True)


def positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is not a positive number")
    return number


def parser() -> argparse.ArgumentParser:
    assert __doc__ is not None
    main = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = main.add_subparsers(required=True, metavar="command")
    results = argparse.ArgumentParser(add_help=False)
    results.add_argument(
        "--results", type=Path, default=HERE / ".accuracy" / "results.json", help="results file (default %(default)s)"
    )
    run = argparse.ArgumentParser(add_help=False, parents=[results])
    run.add_argument("--functions", nargs="+", default=["all"], metavar="NAME", help="which functions (default all)")
    run.add_argument("--operations", nargs="+", choices=OPERATIONS, default=OPERATIONS, help="(default all)")
    run.add_argument("--isa", metavar="NAME", help="instruction set, or 'all' (default: the one in use)")
    run.add_argument("--threads", type=positive, default=2, help="Python threads (default %(default)s)")
    run.add_argument("--again", action="store_true", help="measure again what the results file already holds")

    exhaustive = commands.add_parser("exhaustive", parents=[run], help="float32, all 2^32 inputs")
    exhaustive.add_argument(
        "--quick", type=positive, default=1, metavar="K", help="only every Kth input (an odd K is best; default all)"
    )
    exhaustive.add_argument(
        "--largest", type=float, default=math.inf, metavar="X", help="only inputs up to this magnitude (default all)"
    )
    exhaustive.set_defaults(run=run_exhaustive)
    float64 = commands.add_parser("float64", parents=[run], help="float64, stratified points")
    float64.add_argument("--points", type=positive, default=100_000, help="how many (default %(default)s)")
    float64.set_defaults(run=run_float64)
    half = commands.add_parser("half", parents=[run], help="float16 and bfloat16, all 65,536 inputs")
    half.set_defaults(run=run_half)
    agree = commands.add_parser("agree", parents=[run], help="float32, the instruction sets against each other")
    agree.add_argument("--quick", type=positive, default=1, metavar="K", help="only every Kth input (default all)")
    agree.set_defaults(run=run_agree)
    memory = commands.add_parser("memory", parents=[run], help="float32, derivatives from the output and one bit")
    memory.add_argument("--quick", type=positive, default=1, metavar="K", help="only every Kth input (default all)")
    memory.set_defaults(run=run_memory)
    peers = commands.add_parser("peers", parents=[run], help="float32 and float64, the other libraries")
    peers.add_argument("--quick", type=positive, default=PEER_STEP, metavar="K", help="every Kth (default %(default)s)")
    peers.add_argument("--points", type=positive, default=50_000, help="float64: how many (default %(default)s)")
    peers.set_defaults(run=run_peers)
    table = commands.add_parser("table", parents=[results], help="write docs/accuracy.md from the results file")
    table.add_argument("--output", type=Path, default=PAGE, help="(default %(default)s)")
    table.set_defaults(run=run_table)
    bounds = commands.add_parser("bounds", help="write the SP_BOUND lines of the routines")
    bounds.add_argument("--functions", nargs="+", default=["all"], metavar="NAME", help="which functions (default all)")
    bounds.set_defaults(run=run_bounds)
    return main


def main() -> None:
    arguments = parser().parse_args()
    if hasattr(spatium, "set_num_threads"):
        spatium.set_num_threads(1)  # the threads are ours
    arguments.run(arguments)


if __name__ == "__main__":
    main()
