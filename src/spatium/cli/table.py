"""Tables: read in slices as numbers, with categories as columns of 0 and 1, and written in parts as text or Parquet."""

from __future__ import annotations

import contextlib
import csv
import io
import itertools
import json
import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from spatium._files import atomic_file
from spatium.cli.stream import Append

__all__ = [
    "COLUMN_SUFFIXES",
    "PARQUET_SUFFIXES",
    "TEXT_SUFFIXES",
    "Columns",
    "ParquetReader",
    "TableReader",
    "column_reader",
    "has_columns",
    "is_text",
    "parquet_writer",
    "text_rows",
    "text_writer",
]

TEXT_SUFFIXES = (".csv", ".tsv", ".txt")
PARQUET_SUFFIXES = (".parquet", ".pq")
COLUMN_SUFFIXES = TEXT_SUFFIXES + PARQUET_SUFFIXES
DELIMITERS = ",;\t"
# In a column of numbers, these texts stand for a missing value; in a column of words, only the empty text does.
MISSING = {"", "na", "n/a", "nan", "null", "none", "?", "-"}
ROWS_PER_GROUP = 1 << 16  # of a Parquet file; each group has a header of its own


def is_text(path: Path) -> bool:
    """Return whether the ending of a file is that of a table of text."""
    return path.suffix.lower() in TEXT_SUFFIXES


def has_columns(path: Path) -> bool:
    """Return whether the ending of a file is that of a table with named columns."""
    return path.suffix.lower() in COLUMN_SUFFIXES


class Columns(NamedTuple):
    """The columns of a table that are the inputs of a network, in order, the values of those with categories, and the
    column that the network predicts, where it is known.
    """

    names: tuple[str, ...]
    categories: Mapping[str, tuple[str, ...]]
    target: str | None = None

    @property
    def n_inputs(self) -> int:
        """The number of values of a row: one per number, and one per category."""
        return sum(len(self.categories.get(name, ("",))) for name in self.names)

    def to_text(self) -> str:
        """Return the description as JSON, which `spatium train` stores as the metadata of the network."""
        content: dict[str, Any] = {"columns": self.names, "categories": self.categories}
        return json.dumps(content if self.target is None else content | {"target": self.target})

    @classmethod
    def from_text(cls, text: str) -> Columns | None:
        """Return the columns that `to_text` described; None for any other text."""
        try:
            content = json.loads(text)
            names = tuple(str(name) for name in content["columns"])
            categories = {str(k): tuple(str(value) for value in v) for k, v in content["categories"].items()}
            target = content.get("target")
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError):
            return None
        return cls(names, categories, None if target is None else str(target))


class ColumnReader(ABC):
    """The rows of a table with named columns, one slice at a time, in order.

    Parameters
    ----------
    label : str
        The name of the file in errors.
    header : sequence of str
        The names of all columns.
    n_rows : int
    columns : Columns, optional
        The columns to read, which are found by their names. By default all but the target, all of them numbers.
    target : str, optional
        A column that is read as text.
    dtype : dtype
        The dtype of the numbers.

    Raises
    ------
    ValueError
        If a column is missing, or later if a value is missing or not a number. The message names the file, the row and
        the column.
    """

    def __init__(
        self,
        label: str,
        header: Sequence[str],
        n_rows: int,
        columns: Columns | None,
        target: str | None,
        dtype: DTypeLike,
    ) -> None:
        self.label, self.header, self.n_rows = label, list(header), n_rows
        self.dtype = np.dtype(dtype)
        if not any(self.header):
            raise ValueError(f"{label} has no names of columns in its first line")
        if len(set(self.header)) < len(self.header) or not all(self.header):
            raise ValueError(f"{label}: the first line has empty or equal names of columns: {', '.join(self.header)}")
        if target is not None and target not in self.header:
            raise ValueError(f"{label}: there is no column {target!r}, there are {', '.join(self.header)}")
        self.columns = columns or Columns(tuple(name for name in self.header if name != target), {})
        for name in self.columns.names:
            if name not in self.header:
                there = ", ".join(self.header)
                raise ValueError(f"{label}: there is no column {name!r}, which the network needs, there are {there}")
        self._target = target
        self.n_columns = self.columns.n_inputs

    @abstractmethod
    def _chunk(self, start: int, stop: int) -> Any:
        """Return these rows, as the other methods take them, and their number by ``len``."""

    @abstractmethod
    def _texts(self, name: str, chunk: Any) -> list[str]:
        """Return a column as text; a missing value is empty."""

    @abstractmethod
    def _numbers(self, name: str, chunk: Any) -> NDArray[Any]:
        """Return a column as finite numbers."""

    def _has_words(self, name: str, chunk: Any) -> bool:
        """Return whether a column begins with a word."""
        return not _is_number(self._texts(name, chunk)[0] or "0")

    @abstractmethod
    def _place(self, chunk: Any, row: int) -> str:
        """Return the place of a row of the chunk in the file, such as "line 7"."""

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Return the rows ``start`` to ``stop``, with n_columns columns."""
        return self.rows_and_target(start, stop)[0]

    def rows_and_target(self, start: int, stop: int) -> tuple[NDArray[Any], list[str]]:
        """Return rows as numbers, and their targets as text."""
        chunk = self._chunk(start, stop)
        x = np.empty((len(chunk), self.n_columns), self.dtype)
        at = 0
        for name in self.columns.names:
            known = self.columns.categories.get(name)
            if known is None:
                x[:, at] = self._numbers(name, chunk)
                at += 1
            else:
                x[:, at : at + len(known)] = self._one_hot(name, chunk, known)
                at += len(known)
        return x, [] if self._target is None else self._words(self._target, chunk)

    def values(self, name: str) -> tuple[str, ...]:
        """Return the different values of a column, sorted."""
        found: set[str] = set()
        for start in range(0, self.n_rows, ROWS_PER_GROUP):
            found.update(self._words(name, self._chunk(start, min(start + ROWS_PER_GROUP, self.n_rows))))
        return tuple(sorted(found))

    def _words(self, name: str, chunk: Any) -> list[str]:
        """Return the texts of a column, none of which may be missing."""
        texts = self._texts(name, chunk)
        if "" in texts:
            raise ValueError(self._missing(name, self._place(chunk, texts.index(""))))
        return texts

    def _one_hot(self, name: str, chunk: Any, known: tuple[str, ...]) -> NDArray[Any]:
        texts = self._texts(name, chunk)
        places = {value: i for i, value in enumerate(known)}
        x = np.zeros((len(texts), len(known)), self.dtype)
        for row, text in enumerate(texts):
            if text not in places:
                where = self._place(chunk, row)
                raise ValueError(
                    f"{self.label}: {where}, column {name!r}: {text!r} is none of the categories "
                    f"{', '.join(known[:8])}{', ...' if len(known) > 8 else ''}"
                    if text
                    else self._missing(name, where)
                )
            x[row, places[text]] = 1
        return x

    def _rounded(self, values: Any) -> NDArray[Any]:
        """Return numbers in the dtype; too large ones become infinite."""
        with np.errstate(over="ignore", under="ignore"):
            numbers: NDArray[Any] = np.asarray(values).astype(np.float64).astype(self.dtype)
        return numbers

    def _missing(self, name: str, where: str) -> str:
        return (
            f"{self.label}: {where}, column {name!r}: the value is missing; remove such rows, leave the column out, or "
            f"fill the gaps, for example with the mean of the column"
        )

    def _no_number(self, name: str, where: str, text: str, chunk: Any) -> str:
        if re.fullmatch(r"[+-]?\d+,\d+", text):
            advice = "numbers have a point before their decimals, not a comma"
        elif re.match(r"\d+[-/.:]\d+[-/.:]\d+", text):
            advice = "leave out dates and times, or turn them into numbers first"
        else:
            known = self.columns.categories
            words = [c for c in self.columns.names if c in known or c == name or self._has_words(c, chunk)]
            advice = f"for columns of words, train with --categories {','.join(words)}"
        return f"{self.label}: {where}, column {name!r}: {text!r} is not a number; {advice}"


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


class TableReader(ColumnReader):
    """The rows of a table of text, with the names of its columns in the first line; see `ColumnReader`.

    Raises
    ------
    ValueError
        Also if a line has another number of values.
    """

    def __init__(
        self,
        path: Path,
        columns: Columns | None = None,
        target: str | None = None,
        dtype: DTypeLike = np.float32,
        label: str | None = None,
    ) -> None:
        self._path, self.label = path, label or str(path)
        with self._open() as file:
            first = file.readline()
            self._delimiter = max(DELIMITERS, key=first.count)
            header = [name.strip() for name in next(csv.reader([first], delimiter=self._delimiter), [])]
            n_rows = sum(1 for line in csv.reader(file, delimiter=self._delimiter) if line)
        if len(header) > 1 and header != [str(k) for k in range(len(header))] and all(map(_is_number, header)):
            numbers = ", ".join(header[:4])
            raise ValueError(f"{self.label}: the first line holds numbers ({numbers}, ...) instead of names of columns")
        super().__init__(self.label, header, n_rows, columns, target, dtype)
        self._at = 0
        self._lines = self._read_lines()

    @contextlib.contextmanager
    def _open(self) -> Iterator[io.TextIOWrapper]:
        try:
            with open(self._path, encoding="utf-8-sig", newline="") as file:
                yield file
        except (UnicodeDecodeError, csv.Error) as error:
            raise ValueError(f"{self.label}: not a table of text in UTF-8: {error}") from error

    def _read_lines(self) -> Generator[tuple[int, list[str]], None, None]:
        """Yield each line after the first with its number; empty lines are skipped."""
        with self._open() as file:
            lines = csv.reader(file, delimiter=self._delimiter)
            next(lines)
            for line in lines:
                if not line:
                    continue
                if len(line) != len(self.header):
                    raise ValueError(
                        f"{self.label}: line {lines.line_num} has {len(line)} values, expected {len(self.header)}"
                    )
                yield lines.line_num, line

    def _chunk(self, start: int, stop: int) -> list[tuple[int, list[str]]]:
        if start < self._at:
            self._lines, self._at = self._read_lines(), 0
        chosen = list(itertools.islice(self._lines, start - self._at, stop - self._at))
        self._at = stop
        if stop >= self.n_rows:
            self._lines.close()  # and the file with it
        return chosen

    def _texts(self, name: str, chunk: list[tuple[int, list[str]]]) -> list[str]:
        place = self.header.index(name)
        return [line[place].strip() for _, line in chunk]

    def _numbers(self, name: str, chunk: list[tuple[int, list[str]]]) -> NDArray[Any]:
        texts = self._texts(name, chunk)
        try:
            numbers = self._rounded(np.array(texts, dtype=str))
        except ValueError:
            numbers = np.full(len(texts), np.nan, self.dtype)
        if np.isfinite(numbers).all():
            return numbers
        for row, text in enumerate(texts):
            where = self._place(chunk, row)
            if text.lower() in MISSING:
                raise ValueError(self._missing(name, where))
            try:
                value = np.float64(text)
            except ValueError:
                raise ValueError(self._no_number(name, where, text, chunk)) from None
            if not abs(value) <= np.finfo(self.dtype).max:
                raise ValueError(f"{self.label}: {where}, column {name!r}: {text} is too large for {self.dtype}")
        return numbers

    def _place(self, chunk: list[tuple[int, list[str]]], row: int) -> str:
        return f"line {chunk[row][0]}"


class ParquetReader(ColumnReader):
    """The rows of a Parquet file; see `ColumnReader`. Only the row groups and columns that are needed are read."""

    def __init__(
        self,
        path: Path,
        columns: Columns | None = None,
        target: str | None = None,
        dtype: DTypeLike = np.float32,
        label: str | None = None,
    ) -> None:
        label = label or str(path)
        with _parquet_errors(label):
            from pyarrow import parquet

            path.open("rb").close()  # so that the error of a missing file has its usual form
            self._file = parquet.ParquetFile(path)
            groups = [self._file.metadata.row_group(i).num_rows for i in range(self._file.num_row_groups)]
            names = self._file.schema_arrow.names
        super().__init__(label, names, sum(groups), columns, target, dtype)
        self._starts = np.concatenate([[0], np.cumsum(groups)]).astype(np.int64)
        self._needed = [name for name in names if name in self.columns.names or name == target]
        self._at = -1
        self._batches: Iterator[Any] = iter(())
        self._rest: Any = None

    def _chunk(self, start: int, stop: int) -> _Part:
        import pyarrow as pa

        with _parquet_errors(self.label):
            if start != self._at:
                self._go_to(start)
            parts, missing = [], stop - start
            while missing > 0:
                if self._rest is None or not self._rest.num_rows:
                    self._rest = self._next_batch()
                parts.append(self._rest.slice(0, missing))
                self._rest = self._rest.slice(parts[-1].num_rows)
                missing -= parts[-1].num_rows
            self._at = stop
            schema = pa.schema([self._file.schema_arrow.field(name) for name in self._needed])
            return _Part(start, stop - start, pa.Table.from_batches(parts, schema))

    def _go_to(self, start: int) -> None:
        """Let the next chunk begin at row `start`: open its row group, and skip the rows before it."""
        group = min(int(np.searchsorted(self._starts, start, "right")) - 1, self._file.num_row_groups)
        self._batches = self._file.iter_batches(
            ROWS_PER_GROUP, row_groups=range(group, self._file.num_row_groups), columns=self._needed
        )
        self._rest, skipped = None, start - int(self._starts[group])
        while skipped > 0:
            self._rest = self._next_batch()
            here = min(skipped, self._rest.num_rows)
            self._rest, skipped = self._rest.slice(here), skipped - here

    def _next_batch(self) -> Any:
        batch = next(self._batches, None)
        if batch is None:
            raise ValueError("it has fewer rows than it states")
        return batch

    def _texts(self, name: str, chunk: _Part) -> list[str]:
        import pyarrow as pa

        with _parquet_errors(self.label):
            texts = chunk.table.column(name).cast(pa.string()).to_pylist()
        return ["" if text is None else text.strip() for text in texts]

    def _has_words(self, name: str, chunk: _Part) -> bool:
        import pyarrow as pa

        kind = chunk.table.column(name).type
        numeric = (pa.types.is_integer, pa.types.is_floating, pa.types.is_boolean, pa.types.is_decimal)
        return not any(is_of(kind) for is_of in numeric)

    def _numbers(self, name: str, chunk: _Part) -> NDArray[Any]:
        import pyarrow as pa

        column = chunk.table.column(name)
        kind = column.type
        if pa.types.is_decimal(kind):
            column = column.cast(pa.float64())
        elif self._has_words(name, chunk):
            texts = self._texts(name, chunk)
            raise ValueError(self._no_number(name, self._place(chunk, 0), texts[0] if texts else str(kind), chunk))
        if column.null_count:
            row = int(np.argmax(column.is_null().to_numpy(zero_copy_only=False)))
            raise ValueError(self._missing(name, self._place(chunk, row)))
        values = column.to_numpy()
        numbers = self._rounded(values)
        if not np.isfinite(numbers).all():
            row = int(np.argmin(np.isfinite(numbers)))
            where = self._place(chunk, row)
            if np.isnan(numbers[row]):
                raise ValueError(self._missing(name, where))
            raise ValueError(f"{self.label}: {where}, column {name!r}: {values[row]} is too large for {self.dtype}")
        return numbers

    def _place(self, chunk: _Part, row: int) -> str:
        return f"row {chunk.start + row}"


@dataclass(frozen=True)
class _Part:
    """Some rows of a Parquet file."""

    start: int
    n_rows: int
    table: Any

    def __len__(self) -> int:
        return self.n_rows


@contextlib.contextmanager
def _parquet_errors(label: str) -> Iterator[None]:
    """Convert what pyarrow raises about a file, and about being absent, to errors that name the file."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "pyarrow":
            raise
        raise ValueError(f'{label}: Parquet needs pyarrow (extra "parquet"): python -m pip install pyarrow') from error
    except (OSError, ValueError, KeyError, NotImplementedError, RuntimeError) as error:  # pyarrow's errors are these
        if isinstance(error, OSError) and error.errno is not None:
            raise
        raise ValueError(f"{label}: not a readable Parquet file: {error}") from error


def column_reader(
    path: Path,
    columns: Columns | None = None,
    target: str | None = None,
    dtype: DTypeLike = np.float32,
    label: str | None = None,
) -> ColumnReader:
    """Return a reader of a table, by the ending of the file."""
    kind = ParquetReader if path.suffix.lower() in PARQUET_SUFFIXES else TableReader
    return kind(path, columns, target, dtype, label)


def text_rows(file: BinaryIO, header: Sequence[str], delimiter: str = ",") -> tuple[Append, Callable[[], object]]:
    """Write the first line of a table of text; return functions that append rows and that end the text."""
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer = csv.writer(text, delimiter=delimiter, lineterminator="\n")
    writer.writerow(header)

    def append(rows: NDArray[Any]) -> None:
        # The shortest text that gives the same number, which str of a NumPy scalar is.
        writer.writerows([str(value) for value in row] for row in rows.reshape(len(rows), -1))

    return append, text.detach


@contextlib.contextmanager
def text_writer(path: Path, header: Sequence[str]) -> Iterator[Append]:
    """Write a table of text in parts: yield a function that appends rows. The file is complete or does not exist."""
    with atomic_file(path) as file:
        append, end = text_rows(file, header, "\t" if path.suffix.lower() == ".tsv" else ",")
        yield append
        end()


@contextlib.contextmanager
def parquet_writer(path: Path, header: Sequence[str], dtype: DTypeLike) -> Iterator[Append]:
    """Write a Parquet file in parts: yield a function that appends rows. The file is complete or does not exist."""
    with _parquet_errors(str(path)):
        import pyarrow as pa
        from pyarrow import parquet

    wanted = np.dtype(dtype)
    schema = pa.schema([(name, pa.string() if wanted.kind == "U" else pa.from_numpy_dtype(wanted)) for name in header])
    waiting: list[NDArray[Any]] = []

    with atomic_file(path) as file, parquet.ParquetWriter(file, schema) as writer:

        def write_group() -> None:
            rows = np.concatenate(waiting)
            rows = rows.reshape(len(rows), -1)
            columns = [pa.array(np.ascontiguousarray(rows[:, i])) for i in range(len(header))]
            writer.write_table(pa.table(columns, schema=schema))
            waiting.clear()

        def append(rows: NDArray[Any]) -> None:
            waiting.append(rows.astype(wanted, copy=False))
            if sum(map(len, waiting)) >= ROWS_PER_GROUP:
                write_group()

        yield append
        if waiting:
            write_group()
