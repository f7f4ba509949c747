"""Activations measured on one array: time, bandwidth, spread, error, and bytes."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import DTypeLike

from spatium import _engine, rows
from spatium._arrays import Array
from spatium._checks import lengths, whole_number
from spatium._tables import Table
from spatium.activations import Activation, Custom, activation
from spatium.analysis.cost import memory_footprint
from spatium.analysis.errors import body_points, tail_points, ulp_errors
from spatium.analysis.properties import as_activation, is_bare
from spatium.analysis.signal import name_of
from spatium.benchmark.contenders import ROW_FUNCTIONS, Contender, Spatium, Task, available, known
from spatium.benchmark.timing import time_by_turns
from spatium.quantization import QuantizedActivation
from spatium.threads import num_threads

__all__ = ["ActivationBenchmark"]

Operation: TypeAlias = Literal["value", "derivative", "backward"]
Subject: TypeAlias = Activation | QuantizedActivation | str

_ERROR_ROWS = (200, 256)  # the shape of the array at which the errors of softmax are measured
_COLUMNS = (
    "activation",
    "library",
    "ns_per_element",
    "spread",
    "GB_per_second",
    "times_relu",
    "times_spatium",
    "ulp",
    "ulp_tail",
)


class ActivationBenchmark:
    """A benchmark of activations on one array of random numbers, N(0, 2²).

    Parameters
    ----------
    size : int or sequence of int
        The shape of the array.
    dtype : dtype
        float32 or float64.
    threads : int
        The number of threads of every library.
    peers : bool or sequence of str
        Whether NumPy's expressions and the other installed libraries are measured too, or the names of those to
        measure, such as "NumPy" or "PyTorch".
    repeats : int
        The number of samples of each function; a sample is a loop of at least 2 ms.

    Attributes
    ----------
    skipped : tuple of str
        After `run`, a line for each library that was not measured.
    versions : dict of str to str
        After `run`, the versions of those that were.

    Raises
    ------
    TypeError, ValueError
        If an argument has another type or value.

    Notes
    -----
    The libraries run in one process by turns, each writing into an array that exists, if the library can. The times of
    one table are comparable, those of two tables are not. On a busy machine, use the ratios only.

    Examples
    --------
    >>> from spatium.benchmark import ActivationBenchmark
    >>> benchmark = ActivationBenchmark(size=(32, 64), peers=["NumPy"], repeats=3)
    >>> table = benchmark.run(["relu", "gelu"])
    >>> table["relu"]["times_relu"], table["gelu"]["ulp"] < 0.62
    (1.0, True)
    >>> print(ActivationBenchmark(size=(32, 4096)).memory(["relu", "gelu"]))
    activation      in     out  kept bits  kept output  kept input
    ----------  ------  ------  ---------  -----------  ----------
    relu        524288  524288      16384       524288      524288
    gelu        524288  524288     540672            –      524288
    bytes for 32 × 4096 float32
    """

    def __init__(
        self,
        size: int | Sequence[int] = (1000, 1000),
        dtype: DTypeLike = np.float32,
        threads: int = 1,
        peers: bool | Sequence[str] = True,
        repeats: int = 15,
    ) -> None:
        is_shape = isinstance(size, Sequence) and not isinstance(size, str)
        self.size = lengths("size", tuple(size) if is_shape else size)  # type: ignore[arg-type]
        self.dtype: np.dtype[Any] = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise ValueError(f"dtype is {self.dtype}, expected float32 or float64")
        self.threads = whole_number("threads", threads, 1, 4096)
        self.repeats = whole_number("repeats", repeats)
        self.peers = _checked_peers(peers)
        self.skipped: tuple[str, ...] = ()
        self.versions: dict[str, str] = {}

    def run(self, acts: Iterable[Subject] | Subject, operation: Operation = "value") -> Table:
        """Measure activations; one row for each and each library that has it.

        Parameters
        ----------
        acts : iterable
            Activations or their names, "softmax" or "log_softmax" (along the last axis), or quantized activations,
            which look up codes. Other libraries compute an activation with its default parameters only.
        operation : {"value", "derivative", "backward"}

        Returns
        -------
        Table
            ``ns_per_element`` is the median, ``spread`` the distance of the quartiles divided by it. The bandwidth
            counts the bytes of all inputs and outputs once. ``times_relu`` is the time divided by that of the same
            library's relu, ``times_spatium`` by Spatium's time of the same function. ``ulp`` and ``ulp_tail`` are the
            largest errors in units in the last place, over [−8, 8] and beyond, None for codes. Errors of float32 are
            measured with Spatium's float64 results; of float64, the error of Spatium is the tested bound, and other
            libraries are compared with Spatium's results.

        Raises
        ------
        TypeError
            If an element is not an activation, or the activation has no derivative but the operation needs it.
        ValueError
            If a name or the operation is unknown.
        """
        if operation not in ("value", "derivative", "backward"):
            raise ValueError(f"operation is {operation!r}, expected 'value', 'derivative' or 'backward'")
        subjects = [_subject(f"acts[{i}]", act, operation) for i, act in enumerate(_listed(acts))]
        table_rows: list[tuple[Any, ...]] = []
        # the formulas of other libraries overflow in their tails
        with num_threads(self.threads), np.errstate(all="ignore"), self._contenders() as contenders:
            for subject in subjects:
                table_rows += self._rows(subject, operation, contenders)
        title = (
            f"{operation}, {_shape_text(self.size)} {self.dtype}, "
            f"{self.threads} thread{'s' if self.threads > 1 else ''}, {self.repeats} repeats by turns"
        )
        return Table(title, _COLUMNS, table_rows, self.skipped, digits=3)

    def memory(self, acts: Iterable[Subject] | Subject) -> Table:
        """Return the bytes of the input, of the output, and of what is kept for the backward pass by each save policy.

        See `spatium.analysis.memory_footprint`. Codes are not kept, because they have no backward pass.
        """
        policies = ("bits", "output", "input")
        table_rows: list[tuple[Any, ...]] = []
        for i, act in enumerate(_listed(acts)):
            subject, n = _subject(f"acts[{i}]", act, "value"), math.prod(self.size)
            kept: Mapping[Any, int] = {}
            item = self.dtype.itemsize
            if isinstance(subject, QuantizedActivation):
                item = 1
            elif isinstance(subject, Activation):
                kept = memory_footprint(subject, self.size, self.dtype).policies
            else:  # the backward pass of softmax needs its output
                kept = {"output": n * item}
            table_rows.append((_title(subject), n * item, n * item, *(kept.get(policy) for policy in policies)))
        columns = ("activation", "in", "out", *(f"kept_{policy}" for policy in policies))
        notes = (f"bytes for {_shape_text(self.size)} {self.dtype}",)
        return Table("", columns, table_rows, notes, digits=12)

    # ---- measurements ----

    @contextlib.contextmanager
    def _contenders(self) -> Iterator[list[Contender]]:
        names = None if self.peers is True else () if self.peers is False else self.peers
        found, skipped = available(self.threads, names)
        self.skipped = tuple(skipped)
        self.versions = {contender.name: contender.version for contender in found}
        try:
            yield found
        finally:
            for contender in found:
                contender.close()

    def _rows(self, subject: _Subject, operation: Operation, contenders: list[Contender]) -> list[tuple[Any, ...]]:
        rng = np.random.default_rng(0)
        x = (2.0 * rng.standard_normal(self.size)).astype(self.dtype)
        grad = rng.standard_normal(self.size).astype(self.dtype)
        runs: dict[str, Callable[[], Any]] = {}
        if isinstance(subject, QuantizedActivation):
            codes = subject.quantize(x)
            room = np.empty_like(codes)
            runs[Spatium.name] = lambda: subject(codes, out=room)
            contenders = contenders[:1]
        else:
            for contender in contenders:
                run = _prepared(contender, subject, operation, x, grad)
                if run is not None:
                    runs[contender.name] = run
        relus = {}
        for contender in contenders:
            run = contender.prepare(Task("relu", operation, x, grad))
            if contender.name in runs and run is not None and not _is_relu(subject):
                relus[f"relu of {contender.name}"] = run
        timings = time_by_turns(runs | relus, x.size, self.repeats, self.threads > 1)
        arrays = 3 if operation == "backward" else 2
        item = 1 if isinstance(subject, QuantizedActivation) else self.dtype.itemsize
        errors = _errors(subject, operation, self.dtype, [c for c in contenders if c.name in runs])
        found = []
        for name in runs:
            time, spread = timings[name]
            own = timings.get(f"relu of {name}")
            relu = 1.0 if _is_relu(subject) else time / own.nanoseconds if own else None
            ratio = 1.0 if name == Spatium.name else time / timings[Spatium.name].nanoseconds
            found.append((_title(subject), name, time, spread, arrays * item / time, relu, ratio, *errors[name]))
        return found


_Subject: TypeAlias = Activation | QuantizedActivation | str  # a str is a function of rows


def _checked_peers(peers: bool | Sequence[str]) -> bool | tuple[str, ...]:
    if isinstance(peers, bool):
        return peers
    if isinstance(peers, str):
        raise TypeError(f"peers is {peers!r}, expected True, False or a sequence of names")
    names = tuple(peers)
    for name in names:
        if not isinstance(name, str) or not any(other.lower().startswith(name.lower()) for other in known()):
            raise ValueError(f"peers contains {name!r}, expected {', '.join(known())}")
    return names


def _listed(acts: Iterable[Subject] | Subject) -> list[Subject]:
    return [acts] if isinstance(acts, Activation | QuantizedActivation | str) else list(acts)


def _subject(argument: str, act: Any, operation: Operation) -> _Subject:
    if act in ROW_FUNCTIONS:
        if operation != "value":
            raise ValueError(f"{argument} is {act!r}, which is measured with operation='value' only")
        return str(act)
    if isinstance(act, QuantizedActivation):
        if operation != "value":
            raise TypeError(f"{argument} is {act!r}, a function of codes, which has no derivative")
        return act
    found = as_activation(argument, act)
    if operation != "value" and is_bare(found):
        raise TypeError(f"{argument} is {act!r}, which was created without a derivative")
    return found


def _title(subject: _Subject) -> str:
    if isinstance(subject, QuantizedActivation):
        return f"{name_of(subject.activation)}, {subject.bits} bits"
    return subject if isinstance(subject, str) else name_of(subject)


def _is_relu(subject: _Subject) -> bool:
    return isinstance(subject, Activation) and subject.name == "relu" and not isinstance(subject, Custom)


def _shape_text(shape: tuple[int, ...]) -> str:
    return " × ".join(map(str, shape)) or "a number"


def _prepared(
    contender: Contender, subject: Activation | str, operation: Operation, x: Array, grad: Array
) -> Callable[[], Any] | None:
    """Return what a contender runs; None if it has no such function, or not with these parameters."""
    if isinstance(subject, str):
        return contender.prepare(Task(subject, operation, x, grad))
    is_default = not isinstance(subject, Custom) and subject == activation(subject.name)
    if contender.name == Spatium.name:
        return contender.prepare(Task(subject.name, operation, x, grad, act=None if is_default else subject))
    return contender.prepare(Task(subject.name, operation, x, grad)) if is_default else None


# ---- errors ----


def _errors(
    subject: _Subject, operation: Operation, dtype: np.dtype[Any], contenders: list[Contender]
) -> dict[str, tuple[float | None, float | None]]:
    """Return for each contender the largest errors in ulp, over [−8, 8] and in the tails."""
    if isinstance(subject, QuantizedActivation):
        return {contender.name: (None, None) for contender in contenders}
    rng = np.random.default_rng(1)
    if isinstance(subject, str):
        areas: tuple[Array, ...] = ((3.0 * rng.standard_normal(_ERROR_ROWS)).astype(dtype),)
    else:
        areas = (body_points(dtype.name, rng), tail_points(dtype.name, rng))
    found: dict[str, list[float | None]] = {contender.name: [] for contender in contenders}
    for points in areas:
        grad = rng.standard_normal(points.shape).astype(dtype)
        exact = _exact(subject, operation, points.astype(np.float64), grad.astype(np.float64))
        for contender in contenders:
            run = _prepared(contender, subject, operation, points, grad)
            assert run is not None
            found[contender.name].append(float(ulp_errors(np.asarray(run()), exact, dtype).max()))
    if dtype == np.float64:  # Spatium's results are what the others are compared with
        found[Spatium.name] = [_bound(subject, operation)] * len(areas)
    return {name: (errors[0], errors[1] if len(errors) > 1 else None) for name, errors in found.items()}


def _exact(subject: Activation | str, operation: Operation, x: Array, grad: Array) -> Array:
    if isinstance(subject, str):
        return np.asarray(getattr(rows, subject)(x))
    if operation == "value":
        return np.asarray(subject(x))
    slopes = np.asarray(subject.derivative(x))
    return slopes if operation == "derivative" else slopes * grad


def _bound(subject: Activation | str, operation: Operation) -> float | None:
    """Return the tested bound on Spatium's float64 results; a product has half a unit more."""
    if isinstance(subject, str | Custom):
        return None
    record = next(record for record in _engine.registry() if record.name == subject.name)
    kind = "value" if operation == "value" else "derivative"
    bound = record.bound(kind, "float64", _engine.current_isa())
    return float(bound) + (0.5 if operation == "backward" else 0.0)
