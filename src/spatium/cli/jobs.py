"""The work of `spatium infer`: a network, the rows to which it is applied, and where the results go.

The same code computes all rows in one process, the share of one job of several, and the tasks on a cluster.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium.cli.formats import open_input
from spatium.cli.stream import Append, Rows
from spatium.cli.table import Columns
from spatium.nn import Network

__all__ = ["Job", "Totals"]


@dataclass(frozen=True)
class Totals:
    """What the rows add up to: the number of rows of each class, and the hits of each map."""

    classes: NDArray[np.int64]
    hits: tuple[NDArray[np.uint64], ...]

    def __add__(self, other: Totals) -> Totals:
        return Totals(self.classes + other.classes, tuple(map(operator.add, self.hits, other.hits)))


@dataclass(frozen=True)
class Job:
    """A network and the rows of a file, in batches. It can be sent to other processes.

    Parameters
    ----------
    network : Network
    input : Path
    label : str
        The name of the input in errors.
    array : str or None
        The array of a file with several.
    batch : int
        The number of rows that are computed together.
    labels : bool
        Whether the results are classes, by their names if the network has names, instead of outputs.
    """

    network: Network
    input: Path
    label: str
    array: str | None
    batch: int
    labels: bool

    def __post_init__(self) -> None:
        if self.labels and not self.network.has_classes:
            raise ValueError("--labels: the network has one output, which is a number and not a class")

    def open(self) -> Rows:
        """Return a reader of the rows, with as many values as the network takes."""
        network = self.network
        columns = Columns.from_text(network.metadata)
        reader = open_input(self.input, columns, self.array, network.dtype, self.label)
        if network.n_inputs is not None and reader.n_columns != network.n_inputs:
            raise ValueError(
                f"{self.label} has {reader.n_columns} values per row, the network takes {network.n_inputs}"
            )
        return reader

    @functools.cached_property
    def names(self) -> NDArray[np.str_] | None:
        """The names of the classes."""
        return None if self.network.classes is None else np.array(self.network.classes)

    def dtype(self) -> np.dtype[Any]:
        """Return the dtype of the results."""
        if not self.labels:
            return self.network.dtype
        return np.dtype(np.int64) if self.names is None else self.names.dtype

    def shape(self, reader: Rows) -> tuple[int, ...]:
        """Return the shape of the results of all rows."""
        return (reader.n_rows,) if self.labels else (reader.n_rows, self._n_outputs(reader))

    def header(self, reader: Rows) -> list[str]:
        """Return the names of the columns of the results."""
        if self.labels:
            return ["class"]
        n_outputs = self._n_outputs(reader)
        if self.network.classes is None or n_outputs == 1:
            columns = Columns.from_text(self.network.metadata)
            if n_outputs == 1 and columns is not None and columns.target is not None:
                return [columns.target]
            return [f"output_{i}" for i in range(n_outputs)]
        return list(self.network.classes)

    def nothing(self, reader: Rows) -> Totals:
        """Return the totals of no rows."""
        # A sigmoid with a single output has two classes; another single output is a number.
        n_outputs = self._n_outputs(reader)
        n_classes = (2 if n_outputs == 1 else n_outputs) if self.network.has_classes else 0
        hits = tuple(np.zeros((8, 8), np.uint64) for _ in self.network._maps)
        return Totals(np.zeros(n_classes, np.int64), hits)

    def compute(
        self, reader: Rows, batches: Iterable[NDArray[Any]], write: Append | None, advance: Callable[[int], None]
    ) -> Totals:
        """Apply the network to batches, pass the results to `write`, and return the totals. Maps do not change."""
        totals, network = self.nothing(reader), self.network
        for batch in batches:
            outputs, hits = network._predict_with_hits(batch, max(len(batch), 1))
            results: NDArray[Any] = outputs
            classes = totals.classes
            if network.has_classes:
                winners = network.classes_of(outputs)
                classes = np.bincount(winners, minlength=len(classes))
                if self.labels:
                    results = winners if self.names is None else self.names[winners]
            totals += Totals(classes, tuple(hits))
            if write is not None:
                write(results)
            advance(len(outputs))
        return totals

    def _n_outputs(self, reader: Rows) -> int:
        return self.network.n_outputs or reader.n_columns
