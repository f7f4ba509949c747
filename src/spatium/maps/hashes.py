"""Hashes of input patterns: by similarity (SimHash) with its null models, by a category, and by buckets of a column."""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium import _dask, _hash
from spatium._arrays import is_real, plain_array, real_array
from spatium._checks import check_scalar, whole_number

__all__ = [
    "BucketHash",
    "CategoryHash",
    "ConstantHash",
    "PatternHash",
    "RandomHash",
    "SimHash",
    "as_hashes",
    "bucket_hash",
    "cell_of",
]

_CELL_BITS = 6
_CELLS = 64
_ReadArray: TypeAlias = Callable[[str, Any, tuple[int | None, ...]], NDArray[Any]]
_BLOCK_ROWS = 4096  # the rows that are projected together; limits the size of the temporary array


def as_hashes(name: str, value: Any) -> NDArray[np.uint64]:
    """Return the argument `name` as an array of uint64, or raise a ValueError that names it."""
    array = plain_array(name, value)
    if not isinstance(value, np.ndarray) and array.dtype.kind in "fO" and array.size:
        # NumPy converts Python integers on both sides of 2**63 to float64, and larger ones than 2**64 to objects
        numbers = np.asarray(value, dtype=object)
        if all(isinstance(n, int) for n in numbers.flat):
            wrong = [n for n in numbers.flat if not 0 <= n < 2**64]
            if wrong:
                raise ValueError(f"{name} holds {wrong[0]}, expected integers from 0 to 2**64 - 1")
            return numbers.astype(np.uint64)
    if array.dtype == np.uint64:
        return array if array.flags.aligned else array.copy()
    if array.dtype == object or array.dtype.kind not in "iu":
        if array.size == 0 and array.dtype.kind == "f":  # an empty list
            return array.astype(np.uint64)
        raise ValueError(f"{name} has dtype {array.dtype}, expected integers from 0 to 2**64 - 1")
    if array.dtype.kind == "i" and array.size and array.min() < 0:
        raise ValueError(f"{name} holds {array.min()}, expected integers from 0 to 2**64 - 1")
    if array.dtype == np.int64 and array.flags.aligned:
        return array.view(np.uint64)
    return array.astype(np.uint64)


def cell_of(hashes: ArrayLike) -> tuple[Any, Any]:
    """Return the cell that each hash selects: row = (h >> 8) & 7, column = h & 7.

    Parameters
    ----------
    hashes : array_like of int
        Pattern hashes from 0 to 2**64 − 1, of any shape.

    Returns
    -------
    row, column : int or ndarray of intp
        The cells, with the shape of `hashes`.

    Raises
    ------
    ValueError
        If a hash is negative or not an integer.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.cell_of(0x305)
    (3, 5)
    """
    h = as_hashes("hashes", hashes)
    row, column = (h >> np.uint64(8) & np.uint64(7)).astype(np.intp), (h & np.uint64(7)).astype(np.intp)
    return (int(row), int(column)) if h.ndim == 0 else (row, column)


def bucket_hash(x: ArrayLike, width: float) -> Any:
    """Return the hashes of numbers by buckets, so that neighboring buckets select neighboring cells.

    Bucket k = ⌊x/width⌋ is place k mod 64 on a path that follows the rows of the grid in alternating direction. Places
    63 and 0, in rows 7 and 0, are neighbors too. The other bits of the hash contain the rest of k, so different buckets
    have different hashes.

    Parameters
    ----------
    x : array_like of real numbers
        Numbers of any shape. The quotient is computed in float64.
    width : float
        The width of a bucket, positive and finite.

    Returns
    -------
    int or ndarray of uint64
        The hashes, with the shape of x.

    Raises
    ------
    TypeError
        If x or width is not real.
    ValueError
        If width is not positive and finite, an element of x is not finite, or the number of a bucket has more than 63
        bits.

    Examples
    --------
    >>> import spatium as sp
    >>> [sp.cell_of(sp.bucket_hash(x, 0.5)) for x in (0.0, 0.6, 3.9, 4.1, -0.1)]
    [(0, 0), (0, 1), (0, 7), (1, 7), (7, 0)]
    """
    width = check_scalar("width", width, "positive")
    values = np.asarray(real_array("x", x), dtype=np.float64)
    if not np.isfinite(values).all():
        raise ValueError("x holds NaN or infinity, expected finite numbers")
    with np.errstate(over="ignore", under="ignore"):
        buckets = np.floor(values / width)
    beyond = np.abs(buckets) >= 2.0**63
    if beyond.any():
        raise ValueError(f"x holds {values[beyond].flat[0]}, too large for buckets of width {width}")
    k = buckets.astype(np.int64).view(np.uint64)
    row, column, rest = k >> np.uint64(3) & np.uint64(7), k & np.uint64(7), k >> np.uint64(6)
    column = np.where(row & np.uint64(1), np.uint64(7) - column, column)
    h = row << np.uint64(8) | column | (rest & np.uint64(31)) << np.uint64(3) | rest >> np.uint64(5) << np.uint64(11)
    return int(h) if h.ndim == 0 else h


def _check_finite(values: NDArray[np.float64], first_row: int) -> None:
    """Raise ValueError for the first row of `values` that is not finite, counted from `first_row`."""
    finite = np.isfinite(values).all(axis=1)
    if not finite.all():
        raise ValueError(f"X is not finite in row {first_row + int(np.argmin(finite))}, or too large to project")


def _contiguous_rows(rows: NDArray[Any]) -> NDArray[Any]:
    """Return `rows` if each row is contiguous and aligned, otherwise a copy."""
    return rows if rows.strides[1] == rows.itemsize and rows.flags.aligned else np.ascontiguousarray(rows)


def _medians(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the medians of the columns, which are reordered. np.median would import numpy.ma in its first call."""
    middle = len(rows) // 2
    rows.partition((max(middle - 1, 0), middle), axis=0)
    if len(rows) % 2:
        return np.array(rows[middle])  # a copy, because a view would keep all rows in memory
    with np.errstate(over="ignore", under="ignore"):
        medians: NDArray[np.float64] = (rows[middle - 1] + rows[middle]) / 2
    if not np.isfinite(medians).all():
        raise ValueError("X is too large to project: the mean of two projections overflows")
    return medians


class PatternHash:
    """The base class of all hashes: the number of features and the check of X."""

    def __init__(self, n_features: int) -> None:
        self._n_features = whole_number("n_features", n_features, 1, 2**31)

    @property
    def n_features(self) -> int:
        """The length of a row."""
        return self._n_features

    def _rows(self, X: ArrayLike) -> NDArray[Any]:
        """Return X as (rows, features) of float32 or float64."""
        array = real_array("X", X)
        if array.ndim == 0 or array.shape[-1] != self.n_features:
            raise ValueError(f"X has shape {array.shape}, expected (rows, {self.n_features})")
        # float32 represents all values of 8-bit and 16-bit types exactly, so the result does not depend on the choice
        dtype = np.float32 if np.can_cast(array.dtype, np.float32) else np.float64
        return array.astype(dtype, copy=False).reshape(-1, self.n_features)

    def fit(self, X: ArrayLike) -> PatternHash:
        """Check X and return self, because this hash does not depend on data."""
        self._rows(X)
        return self

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return the arguments of the constructor, which JSON can represent, and arrays."""
        raise NotImplementedError

    @classmethod
    def _from_file(cls, n_features: int, config: Mapping[str, Any], read: _ReadArray) -> Self:
        """Build the hash from its description, and a function that reads an array of a dtype and shape."""
        return cls(n_features, **config)

    def _hash_rows(self, rows: NDArray[Any]) -> NDArray[np.uint64]:
        raise NotImplementedError

    def __call__(self, X: ArrayLike) -> Any:
        """Return the hash of each row of X.

        Parameters
        ----------
        X : array_like, shape (rows, n_features) or (n_features,)
            Finite real numbers. In a dask array, each row must be in one chunk.

        Returns
        -------
        ndarray of uint64, shape (rows,), or one uint64
            The hashes; for a dask array a lazy array. The hash of a row does not depend on its batch or chunk, its
            strides, the number of threads or the instruction set.

        Raises
        ------
        ValueError
            If a row contains NaN or infinity, or X has another number of features.
        TypeError
            If X does not contain real numbers, or rows of a dask array are divided into chunks.

        Examples
        --------
        >>> import dask.array as da, spatium as sp
        >>> sp.SimHash(24, rng=0)(da.ones((1_000_000, 24), chunks=(100_000, 24)))
        dask.array<_on_block, shape=(1000000,), dtype=uint64, chunksize=(100000,), chunktype=numpy.ndarray>
        """
        if _dask.is_dask_array(X):
            return self._lazily(copy.copy(self), X, np.uint64)
        return self._hash_rows(self._rows(X)).reshape(np.shape(X)[:-1])[()]

    def _lazily(self, function: Callable[..., Any], X: Any, dtype: Any) -> Any:
        if not is_real(X.dtype):
            raise TypeError(f"X has dtype {X.dtype}, expected real numbers")
        return _dask.of_rows("X", function, X, self.n_features, dtype)


class SimHash(PatternHash):
    """Locality-sensitive hash by the signs of random projections.

    Bit k of the pattern is 1 if x·w_k > t_k, with normals w_k ~ N(0, I). Without thresholds, two rows at angle θ agree
    in one bit with probability 1 − θ/π [1]_, and in the six bits of a cell with (1 − θ/π)⁶, which is 0.49 at 20°. The
    three bits of each axis are code words of a cyclic Gray code: if one bit differs, the cell is a neighbor in two of
    three cases.

    Parameters
    ----------
    n_features : int
        The length of a row.
    n_bits : int
        The number of hyperplanes, 6 to 64. The first three determine the column (bits 0–2 of the hash), the next three
        the row (bits 8–10), and further hyperplanes the bits 3–7 and 11–63.
    rng : seed or numpy.random.Generator, optional
        The source of the normals. The same seed gives the same hash on every machine.

    References
    ----------
    .. [1] Charikar, "Similarity estimation techniques from rounding algorithms", STOC 2002.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> X = np.random.default_rng(0).random((1000, 20))
    >>> h = sp.SimHash(20, rng=0).fit(X)(X)
    >>> h.shape, h.dtype
    ((1000,), dtype('uint64'))
    """

    def __init__(self, n_features: int, n_bits: int = _CELL_BITS, rng: Any = None) -> None:
        super().__init__(n_features)
        bits = whole_number("n_bits", n_bits, _CELL_BITS, 64)
        normals = np.random.default_rng(rng).standard_normal((bits, self.n_features), dtype=np.float32)
        self._set_planes(normals, np.zeros(bits))

    def _set_planes(self, planes: NDArray[np.float32], thresholds: NDArray[np.float64]) -> None:
        self._padded = _hash.padded_planes(planes)
        self._norms = np.linalg.norm(self.planes, axis=1)
        self._thresholds = thresholds

    @property
    def planes(self) -> NDArray[np.float64]:
        """A copy of the normals. They are float32 numbers, so that the sums do not depend on the instruction set."""
        return self._padded[:, : self.n_features].astype(np.float64)

    @property
    def thresholds(self) -> NDArray[np.float64]:
        """A copy of the thresholds of the projections; they are zero before `fit`."""
        return self._thresholds.copy()

    @classmethod
    def from_arrays(cls, planes: ArrayLike, thresholds: ArrayLike) -> Self:
        """Return the hash with these normals, which are rounded to float32, and these thresholds.

        Parameters
        ----------
        planes : array_like, shape (n_bits, n_features)
            Finite numbers.
        thresholds : array_like, shape (n_bits,)
            Finite numbers.

        Raises
        ------
        ValueError
            If the shapes do not match or a value is not finite.
        """
        for name, given in (("planes", planes), ("thresholds", thresholds)):
            if not is_real(dtype := plain_array(name, given).dtype, "fiu"):
                raise TypeError(f"{name} has dtype {dtype}, expected real numbers")
        with np.errstate(over="ignore", under="ignore"):  # infinities raise ValueError below
            w, t = np.asarray(planes, dtype=np.float32), np.array(thresholds, dtype=np.float64)
        if w.ndim != 2 or not _CELL_BITS <= len(w) <= 64:
            raise ValueError(f"planes has shape {w.shape}, expected ({_CELL_BITS} to 64, n_features)")
        if t.shape != (len(w),):
            raise ValueError(f"thresholds has shape {t.shape}, expected ({len(w)},)")
        for name, array in (("planes", w), ("thresholds", t)):
            if not np.isfinite(array).all():
                raise ValueError(f"{name} holds a value that is not finite (planes: in float32)")
        if not w.any(axis=1).all():
            raise ValueError(f"planes has a normal of length 0 in row {int(np.argmin(w.any(axis=1)))}")
        made = cls.__new__(cls)
        PatternHash.__init__(made, w.shape[1])
        made._set_planes(w, t)
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        # without the padding of the normals, which depends on their address
        return type(self).from_arrays, (self._padded[:, : self.n_features], self._thresholds)

    @property
    def n_bits(self) -> int:
        """The number of hyperplanes."""
        return len(self._thresholds)

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {}, {"planes": self.planes, "thresholds": self._thresholds}

    @classmethod
    def _from_file(cls, n_features: int, config: Mapping[str, Any], read: _ReadArray) -> Self:
        planes = read("planes", np.float64, (None, n_features))
        if len(planes) > 64:
            raise ValueError(f"planes has {len(planes)} rows, expected at most 64")
        return cls.from_arrays(planes, read("thresholds", np.float64, planes.shape[:1]))

    def _project(self, rows: NDArray[Any]) -> NDArray[np.float64]:
        out = np.empty((len(rows), self.n_bits))
        _hash.project_rows(_contiguous_rows(rows), self._padded, out)
        return out

    def fit(self, X: ArrayLike) -> SimHash:
        """Set the thresholds to the medians of the projections of X, so that each bit divides the data into halves.

        This is necessary for data that is not centered: on U[0, 1] inputs, a hash without `fit` uses about 40 of the 64
        cells.

        Parameters
        ----------
        X : array_like, shape (rows, n_features)
            Finite numbers, at least one row.

        Returns
        -------
        SimHash
            The hash itself.

        Raises
        ------
        ValueError
            If X has no rows, or a row is not finite or too large to project. The thresholds are then unchanged.
        """
        rows = self._rows(X)
        if len(rows) == 0:
            raise ValueError("X has no rows, expected at least one")
        projections = np.empty((len(rows), self.n_bits))
        for start in range(0, len(rows), _BLOCK_ROWS):
            projections[start : start + _BLOCK_ROWS] = self._project(rows[start : start + _BLOCK_ROWS])
        _check_finite(projections, 0)
        self._thresholds = _medians(projections)
        return self

    def _hash_rows(self, rows: NDArray[Any]) -> NDArray[np.uint64]:
        out = np.empty(len(rows), dtype=np.uint64)
        for start in range(0, len(rows), _BLOCK_ROWS):
            block = _contiguous_rows(rows[start : start + _BLOCK_ROWS])
            bad = _hash.hash_rows(block, self._padded, self._norms, self._thresholds, out[start : start + _BLOCK_ROWS])
            if bad >= 0:
                raise ValueError(f"X is not finite in row {start + bad}, or too large to project")
        return out

    def margin(self, X: ArrayLike) -> Any:
        """Return the distance from each row to the nearest hyperplane.

        Within this Euclidean distance the hash is constant. Beyond it, the output of a map can jump.

        Parameters
        ----------
        X : array_like, shape (rows, n_features) or (n_features,)

        Returns
        -------
        ndarray of float64, shape (rows,); for a dask array a lazy array
        """
        if _dask.is_dask_array(X):
            return self._lazily(copy.copy(self).margin, X, np.float64)
        rows = self._rows(X)
        out = np.empty(len(rows))
        for start in range(0, len(rows), _BLOCK_ROWS):
            projections = self._project(rows[start : start + _BLOCK_ROWS])
            _check_finite(projections, start)
            _hash.nearest(projections, self._thresholds, self._norms, out[start : start + _BLOCK_ROWS])
        return out.reshape(np.shape(X)[:-1])[()]

    def __repr__(self) -> str:
        return f"SimHash({self.n_features}, n_bits={self.n_bits})"


class ConstantHash(PatternHash):
    """A null model without routing: every row has the same hash.

    Parameters
    ----------
    n_features : int
        The length of a row.
    value : int
        The hash.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> sp.ConstantHash(3, value=0x101)(np.ones((2, 3)))
    array([257, 257], dtype=uint64)
    """

    def __init__(self, n_features: int, value: int = 0) -> None:
        super().__init__(n_features)
        self.value = whole_number("value", value, 0, 2**64 - 1)

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"value": self.value}, {}

    def _hash_rows(self, rows: NDArray[Any]) -> NDArray[np.uint64]:
        return np.full(len(rows), self.value, dtype=np.uint64)

    def __repr__(self) -> str:
        return f"ConstantHash({self.n_features}, value={self.value})"


class RandomHash(PatternHash):
    """A null model with routing by content, not by similarity: different rows select the same cell only by chance.

    Parameters
    ----------
    n_features : int
        The length of a row.
    rng : seed or numpy.random.Generator, optional
        The source of the key.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> h = sp.RandomHash(3, rng=0)(np.array([[1.0, 2, 3], [1, 2, 3], [1, 2, 3.0001]]))
    >>> bool(h[0] == h[1]), bool(h[0] == h[2])
    (True, False)
    """

    def __init__(self, n_features: int, rng: Any = None) -> None:
        super().__init__(n_features)
        keys = np.random.default_rng(rng).integers(0, 2**63, size=self.n_features, dtype=np.uint64)
        self._keys = keys << np.uint64(1) | np.uint64(1)

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {}, {"keys": self._keys}

    @classmethod
    def _from_file(cls, n_features: int, config: Mapping[str, Any], read: _ReadArray) -> Self:
        made = cls.__new__(cls)
        PatternHash.__init__(made, n_features)
        made._keys = read("keys", np.uint64, (n_features,))
        return made

    def _hash_rows(self, rows: NDArray[Any]) -> NDArray[np.uint64]:
        out = np.empty(len(rows), dtype=np.uint64)
        for start in range(0, len(rows), _BLOCK_ROWS):
            # adding 0.0 turns -0 into 0
            values = np.ascontiguousarray(rows[start : start + _BLOCK_ROWS], dtype=np.float64) + 0.0
            _check_finite(values, start)
            mixed = _mixed(_mixed(values.view(np.uint64)) * self._keys)
            out[start : start + _BLOCK_ROWS] = _mixed(mixed.sum(axis=1, dtype=np.uint64))
        return out

    def __repr__(self) -> str:
        return f"RandomHash({self.n_features})"


class CategoryHash(PatternHash):
    """A hash by a known category, so that a map is a table with one cell per category.

    Category c selects the cell in row c // 8 and column c % 8. It is the number in one column, or it is the place of
    the 1 among several columns, of which the others are 0 (one-hot columns).

    Parameters
    ----------
    n_features : int
        The length of a row.
    columns : sequence of int
        One column, which contains whole numbers from 0 to 63, or 2 to 64 one-hot columns. Other columns are ignored.

    Raises
    ------
    ValueError
        If a column does not exist or occurs twice. Calls raise it for the first row without a category.

    Examples
    --------
    >>> import spatium as sp
    >>> by_number = sp.CategoryHash(3, columns=[2])
    >>> sp.cell_of(by_number([[0.5, 0.1, 0], [0.2, 0.7, 13]]))
    (array([0, 1]), array([0, 5]))
    >>> one_hot = sp.CategoryHash(3, columns=[0, 1, 2])
    >>> sp.cell_of(one_hot([0, 0, 1]))
    (0, 2)
    """

    def __init__(self, n_features: int, columns: Sequence[int]) -> None:
        super().__init__(n_features)
        if np.ndim(columns) != 1:
            raise TypeError(f"columns is {columns!r}, expected a sequence of integers")
        self._columns = np.array([_column("columns", column, self.n_features) for column in columns], dtype=np.int64)
        if not 1 <= len(self._columns) <= _CELLS or len(set(self.columns)) < len(self._columns):
            raise ValueError(f"columns is {columns!r}, expected 1 to {_CELLS} different columns")

    @property
    def columns(self) -> tuple[int, ...]:
        """The columns that determine the category."""
        return tuple(self._columns.tolist())

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"columns": self.columns}, {}

    def _hash_rows(self, rows: NDArray[Any]) -> NDArray[np.uint64]:
        out = np.empty(len(rows), dtype=np.uint64)
        bad = _hash.category_rows(_aligned(rows), self._columns, out)
        if bad < 0:
            return out
        if len(self._columns) == 1:
            found = rows[bad, self._columns[0]]
            raise ValueError(f"X has {found} in row {bad}, column {self.columns[0]}, expected a whole number, 0 to 63")
        raise ValueError(f"X has no category in row {bad}, expected a 1 in one of the columns {list(self.columns)}")

    def __repr__(self) -> str:
        return f"CategoryHash({self.n_features}, columns={list(self.columns)})"


class BucketHash(PatternHash):
    """A hash by the buckets of one column, so that a map is a table with one cell per bucket.

    Bucket k contains the numbers that are at least as large as exactly k of the edges. It selects the cell in row
    k // 8 and column k % 8. `bucket_hash` has buckets of equal width without bounds.

    Parameters
    ----------
    n_features : int
        The length of a row.
    column : int
        The column. The others are ignored.
    edges : array_like of real numbers
        1 to 63 finite edges in increasing order.

    Raises
    ------
    ValueError
        If the column does not exist, or the edges do not increase. Calls raise it for the first row that contains NaN
        or infinity in the column.

    Examples
    --------
    >>> import spatium as sp
    >>> by_speed = sp.BucketHash(2, column=1, edges=[0.0, 0.5, 2.0])
    >>> sp.cell_of(by_speed([[9.0, -0.1], [9.0, 0.0], [9.0, 0.7], [9.0, 100.0]]))
    (array([0, 0, 0, 0]), array([0, 1, 2, 3]))
    """

    def __init__(self, n_features: int, column: int, edges: ArrayLike) -> None:
        super().__init__(n_features)
        self.column = _column("column", column, self.n_features)
        with np.errstate(over="ignore", under="ignore"):
            given = np.array(real_array("edges", edges), dtype=np.float64)
        if given.ndim != 1 or not 1 <= len(given) < _CELLS:
            raise ValueError(f"edges has shape {given.shape}, expected 1 to {_CELLS - 1} numbers")
        if not (np.isfinite(given).all() and (np.diff(given) > 0).all()):
            raise ValueError("edges is not a sequence of finite numbers in increasing order")
        self._edges = np.full(_CELLS - 1, np.inf)
        self._edges[: len(given)] = given

    @property
    def edges(self) -> NDArray[np.float64]:
        """A copy of the edges."""
        edges: NDArray[np.float64] = self._edges[np.isfinite(self._edges)]
        return edges

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        return {"column": self.column, "edges": self.edges.tolist()}, {}

    def _hash_rows(self, rows: NDArray[Any]) -> NDArray[np.uint64]:
        out = np.empty(len(rows), dtype=np.uint64)
        bad = _hash.bucket_rows(_aligned(rows), self.column, self._edges, out)
        if bad >= 0:
            raise ValueError(f"X is not finite in row {bad}, column {self.column}")
        return out

    def __repr__(self) -> str:
        return f"BucketHash({self.n_features}, column={self.column}, edges={self.edges.tolist()})"


def _column(name: str, value: Any, n_features: int) -> int:
    column = whole_number(name, value, 0)
    if column >= n_features:
        raise ValueError(f"{name} contains column {column}, the rows have {n_features} features")
    return column


def _aligned(rows: NDArray[Any]) -> NDArray[Any]:
    """Return `rows` if compiled code can read it, otherwise a copy."""
    return rows if rows.flags.aligned and rows.dtype.isnative else np.array(rows, rows.dtype.newbyteorder("="))


def _mixed(h: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Apply the finalizer of SplitMix64 (Steele, Lea, Flood 2014): every input bit affects every output bit."""
    h = (h ^ h >> np.uint64(30)) * np.uint64(0xBF58476D1CE4E5B9)
    h = (h ^ h >> np.uint64(27)) * np.uint64(0x94D049BB133111EB)
    return h ^ h >> np.uint64(31)
