"""How results look: one small table, plain text or plain Python values."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

__all__ = ["Table"]

_UNITS = ("B", "KiB", "MiB", "GiB", "TiB", "PiB")


@dataclass(frozen=True)
class Table:
    """Rows of values under named columns; prints aligned, numbers to the right.

    Parameters
    ----------
    title : str
        Stands above, if not empty.
    columns : sequence of str
        Names of the columns, printed with spaces for underscores; if all are empty, no heading is printed.
    rows : sequence of sequences
        One value per column: text, numbers, booleans, None (printed as a dash), tuples of them.
    notes : sequence of str
        Lines below.
    digits : int
        As many as numbers are printed with.

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
        """The row whose first value is `key`."""
        for entry, row in zip(self, self.rows, strict=True):
            if row[0] == key:
                return entry
        raise KeyError(key)

    def column(self, name: str) -> list[Any]:
        """The values of one column."""
        position = list(self.columns).index(name)
        return [row[position] for row in self.rows]

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values, ready for JSON; what is not finite becomes text or None."""
        return {
            "title": self.title,
            "rows": [{name: plain(value) for name, value in row.items()} for row in self],
            "notes": list(self.notes),
        }

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


def _numeric(rows: Iterable[Sequence[Any]], position: int) -> bool:
    values = [row[position] for row in rows if row[position] is not None]
    return bool(values) and all(isinstance(value, int | float) and not isinstance(value, bool) for value in values)


def shown(value: Any, digits: int = 5) -> str:
    """A value as a cell shows it."""
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
    """A number in a few digits, with a real minus sign."""
    if math.isnan(value):
        return "NaN"
    text = "inf" if math.isinf(value) else f"{abs(value):.{digits}g}"
    return "−" + text if math.copysign(1.0, value) < 0 else text


def interval(low: float | None, high: float | None) -> str:
    """A range, its infinite ends open."""
    if low is None or high is None:
        return "–"
    opening, closing = "(" if math.isinf(low) else "[", ")" if math.isinf(high) else "]"
    return f"{opening}{number(low)}, {number(high)}{closing}"


def size_of(n_bytes: int) -> str:
    """Bytes as people say it: 512 KiB."""
    amount, unit = float(n_bytes), 0
    while amount >= 1024 and unit < len(_UNITS) - 1:
        amount, unit = amount / 1024, unit + 1
    return f"{n_bytes} B" if unit == 0 else f"{amount:.4g} {_UNITS[unit]}"


def plain(value: Any) -> Any:
    """A value for JSON: NaN is None, infinities are text."""
    if isinstance(value, float):
        if math.isnan(value):
            return None
        return float(value) if math.isfinite(value) else ("inf" if value > 0 else "-inf")
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, tuple | list):
        return [plain(item) for item in value]
    return value
