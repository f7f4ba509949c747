"""Statistics of the hits of a map: counts, dead cells, balance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium import _html
from spatium._arrays import plain_array
from spatium._tables import Table
from spatium.maps.picture import hits_html

__all__ = ["ActivationStatistics"]

CELLS = 64


@dataclass(frozen=True, eq=False)
class ActivationStatistics:
    """Hit counts of a map and their statistics. Two objects can be added with ``+``.

    Parameters
    ----------
    counts : array_like of int, shape (8, 8)
        Hits per cell, summed over the neurons. Stored as a read-only array of uint64.
    function_counts : dict
        Hits per activation.

    Raises
    ------
    TypeError
        If counts does not contain integers.
    ValueError
        If the shape is not (8, 8) or a count is negative.

    Examples
    --------
    >>> import spatium as sp
    >>> amap = sp.ActivationMap.uniform(sp.ReLU())
    >>> y = amap([1.0, -1.0], [0x000, 0x101])
    >>> s = amap.statistics()
    >>> s.total, s.function_counts, len(s.dead_cells)
    (2, {'ReLU()': 2}, 62)
    """

    counts: NDArray[np.uint64]
    function_counts: Mapping[str, int]

    @cached_property
    def total(self) -> int:
        """The number of hits."""
        return sum(int(c) for c in self.counts.flat)

    @cached_property
    def shares(self) -> NDArray[np.float64]:
        """The fraction of the hits in each cell, (8, 8); zeros without hits."""
        return self.counts / max(self.total, 1)

    @property
    def function_shares(self) -> dict[str, float]:
        """The fraction of the hits of each activation."""
        return {name: count / max(self.total, 1) for name, count in self.function_counts.items()}

    @property
    def dead_cells(self) -> list[tuple[int, int]]:
        """The cells without a hit, as (row, column)."""
        return [(int(r), int(c)) for r, c in np.argwhere(self.counts == 0)]

    @property
    def dead_rate_bound(self) -> float:
        """The upper 95 % confidence bound of a dead cell's rate: 3/total, at most 1 (Hanley, Lippman-Hand 1983).

        It holds for independent hits. Where one hash of a row serves n neurons, their n hits are one draw, and the
        bound is n times as large.
        """
        return min(1.0, 3.0 / self.total) if self.total else 1.0

    @cached_property
    def _entropy_nats(self) -> float:
        p = self.shares[self.counts > 0]
        return max(0.0, -float(np.sum(p * np.log(p))))

    @property
    def entropy(self) -> float:
        """The entropy of the shares divided by that of 64 equal shares; 1 is perfectly even; NaN without hits."""
        return self._entropy_nats / math.log(CELLS) if self.total else math.nan

    @property
    def effective_cells(self) -> float:
        """The perplexity: the number of equally used cells with the same entropy; NaN without hits."""
        return math.exp(self._entropy_nats) if self.total else math.nan

    @property
    def max_over_mean(self) -> float:
        """The hits of the most frequent cell divided by the mean of all 64; NaN without hits."""
        return int(self.counts.max()) * CELLS / self.total if self.total else math.nan

    @property
    def coefficient_of_variation(self) -> float:
        """The standard deviation of the 64 counts divided by their mean; NaN without hits."""
        return float(np.std(self.shares)) * CELLS if self.total else math.nan

    @property
    def chi_square(self) -> float:
        """Pearson's statistic for the uniform distribution, with 63 degrees of freedom; NaN without hits."""
        if not self.total:
            return math.nan
        expected = self.total / CELLS
        return float(np.sum((self.counts.astype(np.float64) - expected) ** 2) / expected)

    @property
    def p_value(self) -> float:
        """The probability of an equal or larger `chi_square` for uniform routing; NaN without hits."""
        return _chi_square_tail(self.chi_square) if self.total else math.nan

    def __post_init__(self) -> None:
        counts = plain_array("counts", self.counts)
        if counts.dtype.kind not in "iu":
            raise TypeError(f"counts has dtype {counts.dtype}, expected integers")
        if counts.shape != (8, 8):
            raise ValueError(f"counts has shape {counts.shape}, expected (8, 8)")
        if counts.min() < 0:
            raise ValueError(f"counts holds {counts.min()}, expected hits of at least 0")
        counts = counts.astype(np.uint64)  # a copy, because derived values are cached
        counts.flags.writeable = False
        object.__setattr__(self, "counts", counts)

    def __radd__(self, other: object) -> ActivationStatistics:
        return self if other == 0 else NotImplemented  # sum() starts with 0

    def __add__(self, other: ActivationStatistics) -> ActivationStatistics:
        if not isinstance(other, ActivationStatistics):
            return NotImplemented
        functions = dict(self.function_counts)
        for name, count in other.function_counts.items():
            functions[name] = functions.get(name, 0) + count
        return ActivationStatistics(self.counts + other.counts, functions)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, ActivationStatistics):
            return NotImplemented
        return np.array_equal(self.counts, other.counts) and dict(self.function_counts) == dict(other.function_counts)

    __hash__ = None  # type: ignore[assignment]

    def to_dict(self) -> dict[str, Any]:
        """Return plain Python values for JSON; NaN becomes None."""
        measures = (
            "dead_rate_bound",
            "entropy",
            "effective_cells",
            "max_over_mean",
            "coefficient_of_variation",
            "chi_square",
            "p_value",
        )
        return {
            "total": self.total,
            "counts": [[int(c) for c in row] for row in self.counts],
            "function_counts": {name: int(count) for name, count in self.function_counts.items()},
            "function_shares": self.function_shares,
            "dead_cells": [list(cell) for cell in self.dead_cells],
            **{name: None if math.isnan(value := getattr(self, name)) else value for name in measures},
        }

    def _repr_html_(self) -> str:
        first, *rest = self.summary().splitlines()
        shares = [
            (f"{share:.2%}", name) for name, share in sorted(self.function_shares.items(), key=lambda item: -item[1])
        ]
        functions = _html.table(("share", "activation"), shares, (True, False)) if self.total and shares else ""
        balance = [line for line in rest if not line.startswith(" ")]
        return _html.document(
            _html.paragraph(first, strong=True), *map(_html.paragraph, balance), hits_html(self.counts), functions
        )

    def __str__(self) -> str:
        rows = [(row, *map(int, counts)) for row, counts in enumerate(self.counts)]
        return str(Table("", ("row", *map(str, range(8))), rows, [self.summary()]))

    def summary(self) -> str:
        """Return the text below the table of the counts: the total, the balance, and the share of each function.

        Examples
        --------
        >>> import numpy as np, spatium as sp
        >>> amap = sp.ActivationMap.uniform(sp.ReLU())
        >>> y = amap(np.ones((8, 8)), 256 * np.arange(8)[:, None] + np.arange(8))
        >>> print(amap.statistics().summary().splitlines()[0])
        64 hits, 0 dead cells (true rate of each < 0.047)
        """
        if not self.total:
            return "0 hits: there are no statistics yet"
        dead = len(self.dead_cells)
        cells = f"{dead} dead cell{'s' * (dead != 1)}"
        lines = [f"{self.total} hits, {cells} (true rate of each < {self.dead_rate_bound:.2g})"]
        lines.append(
            f"entropy {self.entropy:.3f}, effective cells {self.effective_cells:.1f}, "
            f"max/mean {self.max_over_mean:.2f}, variation {self.coefficient_of_variation:.2f}, "
            f"chi-square {self.chi_square:.1f} (p = {self.p_value:.2g})"
        )
        lines += [
            f"  {share:7.2%}  {name}" for name, share in sorted(self.function_shares.items(), key=lambda item: -item[1])
        ]
        return "\n".join(lines)


def _chi_square_tail(statistic: float) -> float:
    """Return P(χ² ≥ statistic) for 63 degrees of freedom, which is Q(63/2, x) with x = statistic/2.

    Q(1/2, x) is erfc(√x), and Q(a + 1, x) = Q(a, x) + x^a·e^−x/Γ(a + 1). This is a sum of positive terms, accurate to
    1e-13.
    """
    x = statistic / 2
    if x <= 0.0:
        return 1.0
    steps = (math.exp((k - 0.5) * math.log(x) - x - math.lgamma(k + 0.5)) for k in range(1, CELLS // 2))
    return min(1.0, math.erfc(math.sqrt(x)) + sum(steps))
