"""Tables of text: read in slices as numbers, with categories as columns of 0 and 1, and written in parts."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from spatium._files import atomic_file

__all__ = ["Columns", "TableReader", "is_table", "table_writer"]

SUFFIXES = (".csv", ".tsv", ".txt")
DELIMITERS = ",;\t"
# In a column of numbers, these texts stand for a missing value; in a column of words, only the empty text does.
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}


def is_table(path: Path) -> bool:
    """Return whether the ending of a file is that of a table of text."""
    return path.suffix.lower() in SUFFIXES


class Columns(NamedTuple):
    """The columns of a table that are the inputs of a network, in order, and the values of those with categories."""

    names: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]

    @property
    def n_inputs(self) -> int:
        """The number of values of a row: one per number, and one per category."""
        return sum(len(self.categories.get(name, ("",))) for name in self.names)

    def to_text(self) -> str:
        """Return the description as JSON, which `spatium train` stores as the metadata of the network."""
        return json.dumps({"columns": self.names, "categories": self.categories})

    @classmethod
    def from_text(cls, text: str) -> Columns | None:
        """Return the columns that `to_text` described; None for any other text."""
        try:
            content = json.loads(text)
            names = tuple(str(name) for name in content["columns"])
            categories = {str(k): tuple(str(value) for value in v) for k, v in content["categories"].items()}
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            return None
        return cls(names, categories)


class TableReader:
    """The rows of a table with the names of its columns in the first line, one slice at a time, in order.

    Parameters
    ----------
    path : Path
    columns : Columns, optional
        The columns to read, which are found by their names. By default all but the target, all of them numbers.
    target : str, optional
        A column that is read as text.

    Raises
    ------
    ValueError
        If a column is missing, a line has another number of values, or a value is missing or not a number. The message
        names the file, the line and the column.
    """

    def __init__(self, path: Path, columns: Columns | None = None, target: str | None = None) -> None:
        self._path = path
        with self._open() as file:
            first = file.readline()
            self._delimiter = max(DELIMITERS, key=first.count)
            self.header = [name.strip() for name in next(csv.reader([first], delimiter=self._delimiter), [])]
            lines = csv.reader(file, delimiter=self._delimiter)
            self.n_rows = sum(1 for line in lines if line)
        if not self.header or len(set(self.header)) < len(self.header) or not all(self.header):
            raise ValueError(f"{path}: the first line has empty or equal names of columns: {', '.join(self.header)}")
        if target is not None and target not in self.header:
            raise ValueError(f"{path}: there is no column {target!r}, there are {', '.join(self.header)}")
        self.columns = columns or Columns(tuple(name for name in self.header if name != target), {})
        for name in self.columns.names:
            if name not in self.header:
                raise ValueError(f"{path}: there is no column {name!r}, which the network needs")
        self._target = target
        self.n_columns = self.columns.n_inputs
        self._at = 0
        self._lines = self._read_lines()

    @contextlib.contextmanager
    def _open(self) -> Iterator[io.TextIOWrapper]:
        try:
            with open(self._path, encoding="utf-8-sig", newline="") as file:
                yield file
        except (UnicodeDecodeError, csv.Error) as error:
            raise ValueError(f"{self._path}: not a table of text in UTF-8: {error}") from error

    def _read_lines(self) -> Iterator[tuple[int, list[str]]]:
        """Yield each line after the first with its number; empty lines are skipped."""
        with self._open() as file:
            lines = csv.reader(file, delimiter=self._delimiter)
            next(lines)
            for line in lines:
                if not line:
                    continue
                if len(line) != len(self.header):
                    raise ValueError(
                        f"{self._path}: line {lines.line_num} has {len(line)} values, expected {len(self.header)}"
                    )
                yield lines.line_num, line

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the rows ``start`` to ``stop``, which follow those of the last call, with n_columns columns."""
        return self.rows_and_target(start, stop)[0]

    def rows_and_target(self, start: int, stop: int) -> tuple[NDArray[np.float32], list[str]]:
        """Return rows as numbers, and their targets as text."""
        if start < self._at:
            self._lines, self._at = self._read_lines(), 0
        chosen = list(itertools.islice(self._lines, start - self._at, stop - self._at))
        self._at = stop
        x = np.empty((len(chosen), self.n_columns), np.float32)
        at = 0
        for name in self.columns.names:
            place = self.header.index(name)
            cells = [line[place].strip() for _, line in chosen]
            known = self.columns.categories.get(name)
            if known is None:
                x[:, at] = self._numbers(name, cells, chosen)
                at += 1
            else:
                x[:, at : at + len(known)] = self._one_hot(name, cells, known, chosen)
                at += len(known)
        return x, [] if self._target is None else list(self._words(self._target, chosen))

    def values(self, name: str) -> tuple[str, ...]:
        """Return the different values of a column, sorted."""
        return tuple(sorted(set(self._words(name, self._read_lines()))))

    def _words(self, name: str, lines: Iterable[tuple[int, list[str]]]) -> Iterator[str]:
        """Yield the texts of a column, none of which may be missing."""
        place = self.header.index(name)
        for number, line in lines:
            text = line[place].strip()
            if not text:
                raise ValueError(self._missing(name, number))
            yield text

    def _numbers(self, name: str, cells: list[str], lines: Sequence[tuple[int, Any]]) -> NDArray[np.float32]:
        try:
            with np.errstate(over="ignore", under="ignore"):  # an overflow is reported below
                numbers = np.array(cells, dtype=str).astype(np.float64).astype(np.float32)
        except ValueError:
            numbers = np.full(len(cells), np.nan, np.float32)
        if np.isfinite(numbers).all():
            return numbers
        for text, (number, _) in zip(cells, lines, strict=True):
            where = f"{self._path}: line {number}, column {name!r}"
            if text.lower() in MISSING:
                raise ValueError(self._missing(name, number))
            try:
                value = np.float64(text)
            except ValueError:
                raise ValueError(
                    f"{where}: {text!r} is not a number; for a column of words, train with --categories {name}"
                ) from None
            if not abs(value) <= np.finfo(np.float32).max:
                raise ValueError(f"{where}: {text} is too large for float32")
        return numbers

    def _one_hot(
        self, name: str, cells: list[str], known: tuple[str, ...], lines: Sequence[tuple[int, Any]]
    ) -> NDArray[np.float32]:
        places = {value: i for i, value in enumerate(known)}
        x = np.zeros((len(cells), len(known)), np.float32)
        for row, (text, (number, _)) in enumerate(zip(cells, lines, strict=True)):
            if text not in places:
                raise ValueError(
                    self._missing(name, number)
                    if not text
                    else f"{self._path}: line {number}, column {name!r}: {text!r} is none of the categories "
                    f"{', '.join(known[:8])}{', ...' if len(known) > 8 else ''}"
                )
            x[row, places[text]] = 1
        return x

    def _missing(self, name: str, number: int) -> str:
        return (
            f"{self._path}: line {number}, column {name!r}: the value is missing; remove such rows, leave the column "
            f"out, or fill the gaps, for example with the mean of the column"
        )


@contextlib.contextmanager
def table_writer(path: Path, header: Sequence[str]) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Write a table of text in parts: yield a function that appends rows. The file is complete or does not exist."""
    with atomic_file(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        writer = csv.writer(text, delimiter="\t" if path.suffix.lower() == ".tsv" else ",", lineterminator="\n")
        writer.writerow(header)
        # The shortest text that gives the same float32, which str of a NumPy scalar is.
        yield lambda rows: writer.writerows([str(value) for value in row] for row in rows.reshape(len(rows), -1))
        text.detach()
