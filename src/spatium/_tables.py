"""The presentation of results: a small table as plain text or plain Python values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from spatium import _html

__all__ = ["Printed", "Table"]

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True)
class Table:
    """Rows of values in named columns. Prints with aligned columns, numbers to the right.

    Parameters
    ----------
    title : str
        The text above the table, if not empty.
    columns : sequence of str
        The names of the columns, printed with spaces in place of underscores. If all are empty, there is no heading.
    rows : sequence of sequences
        One value per column: text, numbers, booleans, None (printed as a dash), or tuples of these.
    notes : sequence of str
        The lines below the table.
    digits : int
        The number of significant digits of printed numbers.

    Examples
    --------
    >>> from spatium.analysis import Table
    >>> print(Table("Squares", ("n", "n²"), [("one", 1), ("three", 9.0)]))
    Squares
    n      n²
    -----  --
    one     1
    three   9
    """

    title: str
    columns: Sequence[str]
    rows: Sequence[Sequence[Any]]
    notes: Sequence[str] = ()
    digits: int = 5

    def __post_init__(self) -> None:
        for row in self.rows:
            if len(row) != len(self.columns):
                raise ValueError(f"a row has {len(row)} values, expected {len(self.columns)}: {tuple(row)!r}")

    def __len__(self) -> int:
        return len(self.rows)

    def __iter__(self) -> Iterator[dict[str, Any]]:
        return (dict(zip(self.columns, row, strict=True)) for row in self.rows)

    def __getitem__(self, key: str) -> dict[str, Any]:
        """Return the row with the first value `key`."""
        for entry, row in zip(self, self.rows, strict=True):
            if row[0] == key:
                return entry
        raise KeyError(key)

    def column(self, name: str) -> list[Any]:
        """Return the values of one column."""
        position = list(self.columns).index(name)
        return [row[position] for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON; infinities become text, and NaN becomes None."""
        return {
            "title": self.title,
            "rows": [{name: plain(value) for name, value in row.items()} for row in self],
            "notes": list(self.notes),
        }

    def _repr_html_(self) -> str:
        cells = ([shown(value, self.digits) for value in row] for row in self.rows)
        right = [_numeric(self.rows, i) for i in range(len(self.columns))]
        columns = [name.replace("_", " ") for name in self.columns]
        table = _html.table(columns, cells, right, self.title)
        return _html.document(table, *map(_html.paragraph, self.notes))

    def __str__(self) -> str:
        cells = [[shown(value, self.digits) for value in row] for row in self.rows]
        heading = [[name.replace("_", " ") for name in self.columns]] if any(self.columns) else []
        widths = [max((len(row[i]) for row in heading + cells), default=0) for i in range(len(self.columns))]
        right = [_numeric(self.rows, i) for i in range(len(self.columns))]

        def line(row: Sequence[str]) -> str:
            parts = zip(row, widths, right, strict=True)
            return "  ".join(text.rjust(width) if flush else text.ljust(width) for text, width, flush in parts).rstrip()

        lines = [self.title] if self.title else []
        lines += [line(row) for row in heading]
        lines += [line(["-" * width for width in widths]) for _ in heading]
        return "\n".join(lines + [line(row) for row in cells] + list(self.notes))


class Printed:
    """Prints as a table, in notebooks too."""

    def _table(self) -> Table:
        raise NotImplementedError

    def __str__(self) -> str:
        return str(self._table())

    def _repr_html_(self) -> str:
        return self._table()._repr_html_()


def _numeric(rows: Iterable[Sequence[Any]], position: int) -> bool:
    values = [row[position] for row in rows if row[position] is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def shown(value: Any, digits: int = 5) -> str:
    """Return the text of a value in a table cell."""
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return number(value, digits)
    if isinstance(value, tuple | list):
        return ", ".join(shown(item, digits) for item in value) or "none"
    return str(value)


def number(value: float, digits: int = 5) -> str:
    """Format a number with a few digits and a minus sign (U+2212)."""
    if math.isnan(value):
        return "NaN"
    text = "inf" if math.isinf(value) else f"{abs(value):.{digits}g}"
    return "−" + text if math.copysign(1.0, value) < 0 else text


def interval(low: float | None, high: float | None, closed: tuple[bool, bool] = (True, True), digits: int = 5) -> str:
    """Format a range as an interval; infinite ends are open, finite ends as `closed` says."""
    if low is None or high is None:
        return "–"
    opening = "[" if closed[0] and math.isfinite(low) else "("
    closing = "]" if closed[1] and math.isfinite(high) else ")"
    return f"{opening}{number(low, digits)}, {number(high, digits)}{closing}"


def size_of(n_bytes: int) -> str:
    """Format a number of bytes with a unit, such as 512 KiB."""
    amount, unit = float(n_bytes), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{n_bytes} B" if unit == 0 else f"{amount:.4g} {_UNITS[unit]}"


def plain(value: Any) -> Any:
    """Return a value for JSON: NaN becomes None, and infinities become text."""
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return float(value) if math.isfinite(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
