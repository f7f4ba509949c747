"""The cost of an activation: the bytes that are kept for the backward pass, and the time."""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from spatium import passes, threads
from spatium._arrays import Array
from spatium._checks import lengths, whole_number
from spatium._tables import Printed, Table, size_of
from spatium.activations import Activation, activation
from spatium.activations import activations as catalogue
from spatium.activations.operations import result_dtype
from spatium.analysis.properties import as_activation, is_bare
from spatium.analysis.signal import name_of
from spatium.passes import Policy

__all__ = ["Footprint", "memory_footprint", "relative_cost"]


@dataclass(frozen=True)
class Footprint(Printed):
    """The bytes that an activation keeps for the backward pass of a layer. Prints as a table of all save policies.

    Attributes
    ----------
    activation : Activation
    shape : tuple of int
    dtype : dtype
        The dtype of the results.
    save : {"input", "output", "bits"}
        The save policy.
    nbytes : int
        The bytes that this policy keeps, equal to ``act.forward(x, save=save)[1].nbytes``.
    policies : dict
        The bytes for every save policy of the activation.
    """

    activation: Activation
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    save: Policy
    nbytes: int
    policies: dict[Policy, int]

    @property
    def bytes_per_element(self) -> float:
        """`nbytes` divided by the number of elements; NaN if there are none."""
        size = math.prod(self.shape)
        return self.nbytes / size if size else math.nan

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON."""
        return {
            "activation": repr(self.activation),
            "shape": list(self.shape),
            "dtype": self.dtype.name,
            "save": self.save,
            "nbytes": self.nbytes,
            "policies": dict(self.policies),
        }

    def _table(self) -> Table:
        size = max(math.prod(self.shape), 1)
        return Table(
            f"{name_of(self.activation)}, {' × '.join(map(str, self.shape)) or 'a number'} {self.dtype.name}: "
            f"{size_of(self.nbytes)} with save={self.save!r}",
            ("save", "kept", "bytes_per_element", "of_the_input"),
            [
                (policy, size_of(kept), kept / size, f"{kept / max(size * self.dtype.itemsize, 1):.3g}")
                for policy, kept in self.policies.items()
            ],
        )


def memory_footprint(
    act: Activation, shape: int | tuple[int, ...], dtype: DTypeLike = np.float32, save: Policy | None = None
) -> Footprint:
    """Return the bytes that an activation keeps for the backward pass of a layer, without allocating an array.

    Parameters
    ----------
    act : Activation
    shape : int or tuple of int
        The shape of the activation's input, such as (batch, units).
    dtype : dtype
        The dtype of the input.
    save : {"input", "output", "bits"}, optional
        As for `Activation.forward`.

    Returns
    -------
    Footprint
        Its `nbytes` equals that of the object that `Activation.forward` returns. A saved output is counted although the
        next layer often keeps it anyway.

    Raises
    ------
    TypeError
        If the function does not support the policy, or the dtype does not have real numbers.
    ValueError
        If a length is negative or `save` is not a policy.

    Examples
    --------
    >>> import spatium as sp
    >>> from spatium.analysis import memory_footprint
    >>> print(memory_footprint(sp.ReLU(), (32, 4096), save="input"))
    relu, 32 × 4096 float32: 512 KiB with save='input'
    save    kept     bytes per element  of the input
    ------  -------  -----------------  ------------
    bits    16 KiB               0.125  0.0312
    output  512 KiB                  4  1
    input   512 KiB                  4  1
    """
    act = as_activation("act", act)
    sizes = lengths("shape", shape, 0)
    policy = act.check_save(save)
    kind = result_dtype(np.dtype(dtype))
    kept = {name: passes.kept_bytes(act._bits, name, math.prod(sizes), kind) for name in act.save_policies}
    return Footprint(act, sizes, kind, policy, kept[policy], kept)


def relative_cost(
    activations: Iterable[Any] | None = None,
    *,
    size: int = 1 << 16,
    dtype: DTypeLike = np.float32,
    rounds: int = 15,
) -> Table:
    """Measure the time of activations relative to relu on this machine.

    Parameters
    ----------
    activations : iterable, optional
        Activations, their names, or functions. The default is all activations of the library with their default
        parameters.
    size : int
        The number of elements of the array, which are N(0, 2²).
    dtype : dtype
    rounds : int
        The number of measurements of each function.

    Returns
    -------
    Table
        For each activation, the times of its value and of its derivative divided by that of relu's value in the same
        round (medians over the rounds), and nanoseconds per element. One thread is used. The measurements are
        interleaved, so that background load affects all functions equally.

    Raises
    ------
    ValueError
        If size or rounds is below 1.

    Examples
    --------
    >>> from spatium.analysis import relative_cost
    >>> table = relative_cost(["relu", "gelu", "tanh"], rounds=5)
    >>> table["relu"]["value"]
    1.0
    """
    size, rounds = whole_number("size", size), whole_number("rounds", rounds)
    given = catalogue() if activations is None else activations
    listed = [as_activation(f"activations[{i}]", value) for i, value in enumerate(given)]
    x = np.random.default_rng(0).normal(0.0, 2.0, size).astype(dtype)
    relu = activation("relu")
    tasks: list[Callable[[], Any]] = [_task(relu, x)]
    for act in listed:
        tasks += [_task(act, x), _nothing if is_bare(act) else _task(act.derivative, x)]
    with threads.num_threads(1), np.errstate(all="ignore"):
        repeats = [_repeats(task) for task in tasks]
        times = [[_time(task, n) for task, n in zip(tasks, repeats, strict=True)] for _ in range(rounds)]
    rows = []
    for i, act in enumerate(listed):
        value, slope = 1 + 2 * i, 2 + 2 * i
        # relu is the reference, so its own ratio is exactly 1
        own = act == relu
        cost = 1.0 if own else statistics.median(row[value] / row[0] for row in times)
        slope_cost = None if tasks[slope] is _nothing else statistics.median(row[slope] / row[0] for row in times)
        nanoseconds = statistics.median(row[0 if own else value] for row in times) / size * 1e9
        rows.append((name_of(act), cost, slope_cost, nanoseconds))
    title = f"Time relative to relu, {size} elements of {np.dtype(dtype).name}, one thread"
    return Table(title, ("activation", "value", "derivative", "ns_per_element"), rows, digits=3)


def _task(function: Callable[..., Any], x: Array) -> Callable[[], Any]:
    out = np.empty_like(x)
    return lambda: function(x, out=out)


def _nothing() -> None:
    pass


def _repeats(task: Callable[[], Any]) -> int:
    """Return the number of calls that take a fifth of a millisecond."""
    task()
    return max(1, math.ceil(2e-4 / max(_time(task, 3), 1e-7)))


def _time(task: Callable[[], Any], repeats: int) -> float:
    start = time.perf_counter()
    for _ in range(repeats):
        task()
    return (time.perf_counter() - start) / repeats
