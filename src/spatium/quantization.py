"""Quantized activations: functions of codes of eight or four bits, which are look-ups in a table, and maps of them."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Callable, Mapping
from typing import Any, Literal, NamedTuple, TypeAlias, overload

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from spatium import _codes, _map
from spatium._arrays import Array, Out, output_array, plain_array, real_array, unaliased
from spatium._checks import ends_of, whole_number
from spatium._files import open_npz, write_npz
from spatium.activations import Activation
from spatium.activations.names import as_activation
from spatium.maps.activation_map import ActivationMap
from spatium.maps.files import palette_from_json, palette_to_json
from spatium.maps.grid import GRID, count_hits
from spatium.maps.hashes import as_hashes
from spatium.maps.statistics import ActivationStatistics

__all__ = ["Levels", "QuantizedActivation", "QuantizedMap", "quantize"]

Method: TypeAlias = Literal["minmax", "percentile", "mse"]
Rounding: TypeAlias = Literal["half_even", "half_away"]
CodeType: TypeAlias = Literal["int8", "uint8"]

# The results that TensorFlow Lite prescribes for codes of int8: scale and zero.
_TFLITE = {"sigmoid": (1.0 / 256.0, -128), "tanh": (1.0 / 128.0, 0)}

_BITS = (8, 4)
_CODE_TYPES = ("int8", "uint8")
_ROUNDINGS = ("half_even", "half_away")

_CLIPPED_PERCENT = 0.1  # of the sample that the method "percentile" leaves outside the range, half at each end
_POINTS = 4097  # of one look for the range of a function
_LOOKS = 4  # each in the neighborhood of the extremes that the previous one found
_FRACTIONS = 100  # of the range of the sample that the method "mse" tries


# ---- real numbers and codes ----


class Levels(NamedTuple):
    """The real numbers that codes stand for: ``real = scale * (code - zero)``.

    Parameters
    ----------
    bits : int
        8 or 4. Codes of four bits are kept one per byte; `QuantizedActivation.pack` puts two into a byte.
    dtype : {"int8", "uint8"}
        Signed codes run from −2^(bits − 1) to 2^(bits − 1) − 1, unsigned ones from 0 to 2^bits − 1.
    scale : float
        The distance of two levels.
    zero : int
        The code of 0.
    rounding : {"half_even", "half_away"}
        Whether a number in the middle of two levels gets the even multiple of the scale or the one farther from 0.

    Examples
    --------
    >>> from spatium.quantization import Levels
    >>> levels = Levels(8, "int8", 0.5, 0)
    >>> levels.encode([0.2, 0.3, 1000.0])
    array([  0,   1, 127], dtype=int8)
    >>> levels.decode(levels.encode([0.3]))
    array([0.5], dtype=float32)
    """

    bits: int
    dtype: CodeType
    scale: float
    zero: int
    rounding: Rounding = "half_even"

    @classmethod
    def over(cls, low: float, high: float, bits: int, dtype: CodeType, rounding: Rounding) -> Levels:
        """Return levels from low to high, which is widened to hold 0, so that 0 has a code."""
        low, high = min(low, 0.0), max(high, 0.0)
        least, greatest = ends_of_codes(bits, dtype)
        scale = high / (greatest - least) - low / (greatest - least)  # the difference itself may overflow
        if not scale > 0.0:  # only 0, or numbers that are too small
            return cls(bits, dtype, 1.0, least, rounding)
        return cls(bits, dtype, scale, min(max(round(least - low / scale), least), greatest), rounding)

    @property
    def codes(self) -> Array:
        """All codes in ascending order."""
        least, greatest = ends_of_codes(self.bits, self.dtype)
        return np.arange(least, greatest + 1).astype(self.dtype)

    @property
    def values(self) -> NDArray[np.float64]:
        """The real numbers of all codes, in ascending order."""
        return self.scale * (self.codes.astype(np.float64) - self.zero)

    def encode(self, x: ArrayLike) -> Any:
        """Return the codes of real numbers: ``round(x / scale) + zero``, moved into the range of the codes.

        Raises
        ------
        ValueError
            If x contains NaN, which has no code.
        """
        array = real_array("x", x)
        if array.dtype not in (np.float32, np.float64) or not (array.dtype.isnative and array.flags.aligned):
            array = array.astype(_real_type(array.dtype))
        out = np.empty_like(array, dtype=self.dtype, subok=False)
        least, greatest = ends_of_codes(self.bits, self.dtype)
        if _codes.encode(array, self.scale, self.zero, least, greatest, self.rounding == "half_away", out):
            raise ValueError("x contains NaN, which has no code")
        return out if out.ndim else out[()]

    def decode(self, codes: ArrayLike, dtype: DTypeLike = np.float32) -> Any:
        """Return the real numbers of codes, float32 or float64."""
        array, wanted = self.check_codes(codes), np.dtype(dtype)
        if wanted not in (np.float32, np.float64):
            raise TypeError(f"dtype is {wanted}, expected float32 or float64")
        out = np.empty_like(array, dtype=wanted, subok=False)
        with np.errstate(over="ignore", under="ignore"):
            table = self.values.astype(wanted)
        _codes.decode(np.ascontiguousarray(table[self.positions()]), array, out)
        return out if out.ndim else out[()]

    def check_codes(self, codes: ArrayLike) -> Array:
        """Return the argument `codes` as an array, or raise TypeError if it does not contain codes."""
        array = plain_array("codes", codes)
        if array.dtype != self.dtype:
            raise TypeError(f"codes has dtype {array.dtype}, expected {self.dtype}: quantize(x) returns codes")
        return array

    def positions(self) -> NDArray[np.intp]:
        """Return for each of the 256 bytes the position of its code in `codes`; for a byte outside, the nearest."""
        least, greatest = ends_of_codes(self.bits, self.dtype)
        of_bytes = np.arange(256, dtype=np.uint8).view(self.dtype).astype(np.intp)
        positions: NDArray[np.intp] = np.clip(of_bytes, least, greatest) - least
        return positions


def _real_type(dtype: np.dtype[Any]) -> type[np.float32] | type[np.float64]:
    """Return float32 for floating-point types up to it, and otherwise float64."""
    return np.float32 if dtype.kind in "fV" and dtype.itemsize <= 4 else np.float64


def ends_of_codes(bits: int, dtype: CodeType) -> tuple[int, int]:
    """Return the least and the greatest code."""
    return (-(1 << (bits - 1)), (1 << (bits - 1)) - 1) if dtype == "int8" else (0, (1 << bits) - 1)


# ---- activations ----


def _table(act: Activation, x: Levels, y: Levels) -> Array:
    """Return the codes of f at all codes of x, computed in float64."""
    values = np.asarray(act(x.values))
    if np.isnan(values).any():
        raise ValueError(f"act, {act!r}, is NaN at x = {x.values[np.isnan(values)][0]:.6g}")
    table: Array = y.encode(values)
    table.flags.writeable = False
    return table


class _OnCodes:
    """What an activation and a map on codes share: the levels of inputs and outputs."""

    __slots__ = ()

    x: Levels
    y: Levels

    def quantize(self, x: ArrayLike) -> Any:
        """Return the codes of inputs; see `Levels.encode`."""
        return self.x.encode(x)

    def dequantize(self, codes: ArrayLike, dtype: DTypeLike = np.float32) -> Any:
        """Return the real numbers of codes of the output, float32 or float64."""
        return self.y.decode(codes, dtype)


def _check_levels(x: Levels, y: Levels) -> None:
    """Raise ValueError if levels are not possible, or inputs and outputs have different kinds of codes."""
    for name, levels in (("x", x), ("y", y)):
        _choice(f"{name}.bits", levels.bits, _BITS)
        _choice(f"{name}.dtype", levels.dtype, _CODE_TYPES)
        _choice(f"{name}.rounding", levels.rounding, _ROUNDINGS)
        if not 0.0 < levels.scale < math.inf:
            raise ValueError(f"{name}.scale is {levels.scale!r}, expected a positive finite number")
        whole_number(f"{name}.zero", levels.zero, -(2**31))
    if (x.bits, x.dtype) != (y.bits, y.dtype):
        raise ValueError(f"x has {x.bits} bits of {x.dtype}, y {y.bits} of {y.dtype}, expected the same")


class QuantizedActivation(_OnCodes):
    """An activation as a function of codes, which is one look-up per element: immutable, comparable, picklable.

    ``table[i]`` is the code of ``f(x)`` for the i-th code in ascending order, where x is the real number of this code.
    It is computed in float64, so it is exact for every activation of this package: no result is a code away from the
    nearest.

    Parameters
    ----------
    activation : Activation
    x, y : Levels
        The real numbers of the codes of inputs and outputs; `quantize` chooses them.

    Attributes
    ----------
    activation : Activation
    x, y : Levels
    table : ndarray of 2^bits codes
        Read-only.

    Notes
    -----
    In the call, a code of more bits than the activation has (only possible with four bits) is taken as the nearest
    code.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> q = sp.quantize(sp.Tanh(), x_range=(-4, 4))
    >>> codes = q.quantize([-1.0, 0.5])
    >>> codes
    array([-32,  16], dtype=int8)
    >>> q.dequantize(q(codes)).round(2)
    array([-0.76,  0.46], dtype=float32)
    """

    __slots__ = ("_by_byte", "_packed", "activation", "table", "x", "y")

    activation: Activation
    x: Levels
    y: Levels
    table: Array
    _by_byte: NDArray[np.uint8]
    _packed: NDArray[np.uint8] | None

    def __init__(self, activation: Activation, x: Levels, y: Levels) -> None:
        activation = as_activation("activation", activation)
        _check_levels(x, y)
        table = _table(activation, x, y)
        by_byte = _table_by_byte(table, x)
        packed = None
        if x.bits == 4:
            pairs = np.arange(256)
            nibbles = by_byte[_bytes_of_nibbles(x.dtype)] & 15
            packed = nibbles[pairs & 15] | nibbles[pairs >> 4] << 4
        for name, value in zip(self.__slots__, (by_byte, packed, activation, table, x, y), strict=True):
            object.__setattr__(self, name, value)

    def __setattr__(self, attribute: str, value: Any) -> None:
        raise AttributeError(f"QuantizedActivation is immutable: create a new one instead of setting {attribute}")

    def __delattr__(self, attribute: str) -> None:
        raise AttributeError("QuantizedActivation is immutable")

    def __reduce__(self) -> tuple[Any, ...]:
        return (QuantizedActivation, (self.activation, self.x, self.y))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, QuantizedActivation):
            return NotImplemented
        return (self.activation, self.x, self.y) == (other.activation, other.x, other.y)

    def __hash__(self) -> int:
        return hash((self.activation, self.x, self.y))

    def __repr__(self) -> str:
        return f"QuantizedActivation({self.activation!r}, {self.x!r}, {self.y!r})"

    @property
    def bits(self) -> int:
        """The number of bits of a code: 8 or 4."""
        return self.x.bits

    @property
    def x_scale(self) -> float:
        """The distance of two levels of the input."""
        return self.x.scale

    @property
    def x_zero(self) -> int:
        """The code of the input 0."""
        return self.x.zero

    @property
    def y_scale(self) -> float:
        """The distance of two levels of the output."""
        return self.y.scale

    @property
    def y_zero(self) -> int:
        """The code of the output 0."""
        return self.y.zero

    def __call__(self, codes: ArrayLike, out: Out = None) -> Any:
        """Return the codes of f for codes of the input, of the same dtype; `out` may be codes itself."""
        return _looked_up(self._by_byte, self.x.check_codes(codes), out)

    def evaluate(self, x: ArrayLike) -> Any:
        """Return f of real numbers, computed with codes, in float64 for float64 numbers and otherwise in float32.

        Examples
        --------
        >>> import spatium as sp
        >>> sp.quantize("relu", bits=4).evaluate([-1.0, 1.0, 100.0]).round(2)
        array([0.  , 1.07, 3.73])
        """
        array = real_array("x", x)
        codes = self.quantize(array)
        return self.dequantize(self(codes, out=codes if codes.ndim else None), _real_type(array.dtype))

    # ---- files ----

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the activation and the levels to a versioned .npz file, without pickle, completely or not at all.

        The table is not in the file, because the activation and the levels determine it. For a custom activation, only
        the name is written.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import spatium as sp
        >>> q = sp.quantize(sp.LeakyReLU(0.2), bits=4)
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "leaky.npz"
        ...     q.save(path)
        ...     sp.QuantizedActivation.load(path) == q
        True
        """
        _write(path, "activation", (self.activation,), self.x, self.y)

    @classmethod
    def load(cls, path: str | os.PathLike[str], custom: Mapping[str, Activation] | None = None) -> QuantizedActivation:
        """Return the activation that `save` wrote.

        Parameters
        ----------
        path : path
        custom : dict, optional
            The custom activation of the file, by its name.

        Raises
        ------
        ValueError
            If the file is truncated, manipulated, newer than this release, or the file of a map; the message names the
            file.
        """
        with open_npz(path, format=_format("activation"), version=_VERSION) as (archive, _):
            texts = archive.text("palette"), archive.text("levels")
            archive.expect_all_used()
            palette = palette_from_json(texts[0], os.fspath(path), custom)
            if len(palette) != 1:
                raise ValueError(f"the palette has {len(palette)} activations, expected one")
            return cls(palette[0], *_levels_from_json(texts[1]))

    # ---- two codes in a byte ----

    def pack(self, codes: ArrayLike) -> NDArray[np.uint8]:
        """Return codes of four bits as bytes, two codes each along the last axis, the first in the lower half.

        An odd length is filled up with the code of four zero bits.

        Examples
        --------
        >>> import numpy as np, spatium as sp
        >>> q = sp.quantize(sp.ReLU(), bits=4)
        >>> q.pack(np.array([1, -1, 7], np.int8))
        array([241,   7], dtype=uint8)
        >>> q.unpack(q.pack(np.array([1, -1, 7], np.int8)), 3)
        array([ 1, -1,  7], dtype=int8)
        """
        array = self._four_bits().check_codes(codes)
        if array.ndim == 0:
            raise ValueError("codes has no dimension, expected at least one")
        least, greatest = ends_of_codes(4, self.x.dtype)
        if array.size and (array.min() < least or array.max() > greatest):
            raise ValueError(f"codes runs from {array.min()} to {array.max()}, expected {least} to {greatest}")
        halves: NDArray[np.uint8] = array.view(np.uint8) & np.uint8(15)
        packed = halves[..., ::2].copy()
        packed[..., : array.shape[-1] // 2] |= halves[..., 1::2] << np.uint8(4)
        return packed

    def unpack(self, packed: ArrayLike, n: int | None = None) -> Array:
        """Return the codes in bytes that `pack` returned; `n` is the length of the last axis if it is odd."""
        self._four_bits()
        array = _check_packed(packed)
        if array.ndim == 0:
            raise ValueError("packed has no dimension, expected at least one")
        most = 2 * array.shape[-1]
        if n is not None and whole_number("n", n, 0) not in (most, most - 1):
            raise ValueError(f"n is {n}, expected {most - 1} or {most}")
        codes = np.empty((*array.shape[:-1], most), dtype=self.x.dtype)
        code_of = _bytes_of_nibbles(self.x.dtype).astype(np.uint8).view(self.x.dtype)
        codes[..., ::2], codes[..., 1::2] = code_of[array & 15], code_of[array >> 4]
        return codes[..., :n]

    def look_up_packed(self, packed: ArrayLike, out: Out = None) -> Any:
        """Return the packed codes of f for packed codes of the input: one look-up for two elements.

        Examples
        --------
        >>> import numpy as np, spatium as sp
        >>> q = sp.quantize(sp.ReLU(), bits=4)
        >>> codes = q.quantize([-3.0, 0.0, 1.0, 4.0])
        >>> bool((q.unpack(q.look_up_packed(q.pack(codes))) == q(codes)).all())
        True
        """
        self._four_bits()
        assert self._packed is not None
        return _looked_up(self._packed, _check_packed(packed), out)

    def _four_bits(self) -> Levels:
        if self.bits != 4:
            raise ValueError(f"the codes have {self.bits} bits, only codes of 4 bits are packed")
        return self.x


def _bytes_of_nibbles(dtype: CodeType) -> NDArray[np.intp]:
    """Return the bytes of the codes with the lower half 0 to 15."""
    nibbles = np.arange(16)
    return nibbles if dtype == "uint8" else (nibbles ^ 8) - 8 & 255


def _table_by_byte(table: Array, x: Levels) -> NDArray[np.uint8]:
    """Return the 256 bytes of the results in the order of the bytes of the codes."""
    return np.ascontiguousarray(table.view(np.uint8)[x.positions()])


def _check_packed(packed: ArrayLike) -> Array:
    array = plain_array("packed", packed)
    if array.dtype != np.uint8:
        raise TypeError(f"packed has dtype {array.dtype}, expected uint8")
    return array


def _looked_up(table: NDArray[np.uint8], array: Array, out: Out) -> Any:
    if out is None:
        result = np.empty_like(array, subok=False)
    else:
        result = output_array("out", out, array.shape, array.dtype, exact=True)
        array = unaliased(array, (result,))
    _codes.look_up(table, array, result)
    return result if result.ndim or out is not None else result[()]


# ---- files ----

_VERSION = 1


def _format(kind: str) -> str:
    return f"spatium-quantized-{kind}"


def _write(
    path: str | os.PathLike[str], kind: str, palette: tuple[Activation, ...], x: Levels, y: Levels, **arrays: Array
) -> None:
    texts = {"palette": palette_to_json(palette), "levels": json.dumps([x._asdict(), y._asdict()])}
    write_npz(path, {"format": _format(kind), "version": _VERSION, **texts, **arrays})


def _levels_from_json(text: str) -> tuple[Levels, Levels]:
    """Return the levels of inputs and outputs; the classes check them."""
    try:
        x, y = (Levels(**entry) for entry in json.loads(text))
        return x._replace(scale=float(x.scale)), y._replace(scale=float(y.scale))
    except (TypeError, ValueError, RecursionError) as error:
        raise ValueError(f"the levels are not readable: {error}") from None


# ---- maps ----


class QuantizedMap(_OnCodes):
    """An activation map on codes: one look-up per element, with the levels of inputs and outputs common to all cells.

    It is made by ``sp.quantize(amap)`` from a copy of the map, without hits.

    Parameters
    ----------
    amap : ActivationMap
    x, y : Levels
        The real numbers of the codes of inputs and outputs.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> amap = sp.ActivationMap.gradient(center=sp.GELU(), edge=sp.ReLU())
    >>> qmap = sp.quantize(amap)
    >>> codes = qmap.quantize([-1.0, -1.0])
    >>> qmap.dequantize(qmap(codes, np.array([0x000, 0x304]))).round(2)
    array([ 0.  , -0.16], dtype=float32)
    >>> int(qmap.hit_counts.sum())
    2
    """

    def __init__(self, amap: ActivationMap, x: Levels, y: Levels) -> None:
        if not isinstance(amap, ActivationMap):
            raise TypeError(f"amap is {amap!r}, expected an ActivationMap")
        _check_levels(x, y)
        self.x, self.y = x, y
        self._map = amap.copy()
        self._map.reset_counts()
        self._tables = np.zeros((len(amap.palette), 256), dtype=np.uint8)
        for i in _map.used_entries(self._map.cells):
            self._tables[i] = _table_by_byte(_table(amap.palette[i], x, y), x)
        if self._map.cells.size == 64:  # one grid: a table per cell saves a look-up of the cell's entry
            self._tables = self._tables[self._map.cells.reshape(-1)]

    def __repr__(self) -> str:
        return f"<QuantizedMap: {self.x.bits} bits, of {self._map!r}>"

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the neurons, as of an `ActivationMap`."""
        return self._map.shape

    def __getitem__(self, index: Any) -> QuantizedActivation:
        """Return the quantized activation of one cell."""
        entry = self._map[index]
        if isinstance(entry, ActivationMap):
            raise IndexError(f"index {index!r} selects a grid, expected one cell")
        return QuantizedActivation(entry, self.x, self.y)

    @property
    def hit_counts(self) -> NDArray[np.uint64]:
        """The number of hits of each cell, (..., 8, 8); a copy."""
        return self._map.hit_counts

    def reset_counts(self) -> None:
        """Set all hit counts to zero."""
        self._map.reset_counts()

    def statistics(self) -> ActivationStatistics:
        """Return the statistics of all hits up to now, summed over the neurons."""
        return self._map.statistics()

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write cells, palette, levels and hit counts to a versioned .npz file; see `QuantizedActivation.save`.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> import spatium as sp
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "map.npz"
        ...     sp.quantize(sp.ActivationMap.random(rng=0)).save(path)
        ...     sp.QuantizedMap.load(path).x.bits
        8
        """
        grid = self._map._grid
        _write(path, "map", grid.palette, self.x, self.y, cells=grid.cells, hit_counts=self.hit_counts)

    @classmethod
    def load(cls, path: str | os.PathLike[str], custom: Mapping[str, Activation] | None = None) -> QuantizedMap:
        """Return the map that `save` wrote; arguments and errors are those of `QuantizedActivation.load`."""
        with open_npz(path, format=_format("map"), version=_VERSION) as (archive, _):
            cells = archive.read("cells", np.uint8, (..., *GRID))
            hits = archive.read("hit_counts", np.uint64, cells.shape)
            texts = archive.text("palette"), archive.text("levels")
            archive.expect_all_used()
            palette = palette_from_json(texts[0], os.fspath(path), custom)
            made = cls(ActivationMap(cells, palette), *_levels_from_json(texts[1]))
        made._map.add_hits(hits)
        return made

    def __call__(self, codes: ArrayLike, hashes: ArrayLike, out: Out = None, count: bool = True) -> Any:
        """Look up each code in the table of the activation that its hash selects.

        Parameters
        ----------
        codes : array_like of the dtype of the codes
            The last axes correspond to the neurons of the map.
        hashes : array_like of int
            Pattern hashes, broadcast against the codes: one per element, or one per row as ``hashes[:, None]``.
        out : ndarray, optional
            The array for the result; may be `codes`.
        count : bool
            Whether each element of the result counts a hit.

        Returns
        -------
        ndarray or scalar
            The codes of the output.

        Raises
        ------
        TypeError
            If codes or out have another dtype.
        ValueError
            If a hash is negative or not an integer, or the shapes do not match. `out` and the counts are then
            unchanged.
        """
        array, h = self.x.check_codes(codes), as_hashes("hashes", hashes)
        shape = self._map._grid.broadcast_shape(h, {"codes": array})
        result = np.empty(shape, array.dtype)
        if out is not None:
            given = output_array("out", out, shape, array.dtype, exact=True)
            if type(given) is np.ndarray and given.flags.c_contiguous and not np.may_share_memory(given, h):
                result = given
        array = np.ascontiguousarray(unaliased(np.broadcast_to(array, shape), (result,)))
        if result.size:
            self._run(array, h, result, count)
        if out is None:
            return result if result.ndim else result[()]
        if out is not result:
            out[...] = result
        return out

    def _run(self, codes: Array, h: NDArray[np.uint64], out: Array, count: bool) -> None:
        shape, own = out.shape, self._map.cells
        neurons = shape[len(shape) - len(self.shape) :]
        cells = self._map._grid._table(neurons)
        one_grid = len(cells) == 1
        if not one_grid:
            columns = len(cells)
        else:  # one row if the hashes are contiguous, because long rows are divided among threads
            columns = out.size if h.shape == shape and h.flags.c_contiguous else shape[-1] if shape else 1
        hashes = np.broadcast_to(h, shape).reshape(-1, columns)
        alike = not one_grid and hashes.strides[1] == 0  # each grid receives the same hits, which are counted once
        hits = np.zeros(cells.shape, dtype=np.uint64) if count and not alike else None
        if alike:  # the entries of one cell side by side
            cells = np.ascontiguousarray(cells.T)
        as_rows = (-1, columns)
        _codes.look_up_cells(
            codes.view(np.uint8).reshape(as_rows),
            hashes,
            cells,
            self._tables,
            out.view(np.uint8).reshape(as_rows),
            hits,
        )
        if not count:
            return
        if hits is None:
            total = count_hits(hashes[:, 0], hashes.shape[:1], ())
            self._map._add_to_every_grid(total * np.uint64(math.prod(neurons) // math.prod(self.shape)))
        elif one_grid:
            self._map.add_hits(hits.reshape(own.shape))
        else:  # a neuron axis of length 1 is repeated if the result is longer along it
            axes = tuple(i for i, n in enumerate(self.shape) if n == 1)
            self._map.add_hits(hits.reshape(neurons + GRID).sum(axis=axes, keepdims=True, dtype=np.uint64))


# ---- the choice of the levels ----


@overload
def quantize(
    act: Activation | str,
    bits: int = 8,
    x_range: tuple[float, float] = (-4.0, 4.0),
    y_range: tuple[float, float] | None = None,
    x: ArrayLike | None = None,
    method: Method = "minmax",
    dtype: CodeType = "int8",
    preset: Literal["tflite"] | None = None,
    rounding: Rounding = "half_even",
) -> QuantizedActivation: ...
@overload
def quantize(
    act: ActivationMap,
    bits: int = 8,
    x_range: tuple[float, float] = (-4.0, 4.0),
    y_range: tuple[float, float] | None = None,
    x: ArrayLike | None = None,
    method: Method = "minmax",
    dtype: CodeType = "int8",
    preset: Literal["tflite"] | None = None,
    rounding: Rounding = "half_even",
) -> QuantizedMap: ...
def quantize(
    act: Activation | ActivationMap | str,
    bits: int = 8,
    x_range: tuple[float, float] = (-4.0, 4.0),
    y_range: tuple[float, float] | None = None,
    x: ArrayLike | None = None,
    method: Method = "minmax",
    dtype: CodeType = "int8",
    preset: Literal["tflite"] | None = None,
    rounding: Rounding = "half_even",
) -> QuantizedActivation | QuantizedMap:
    """Return an activation, or the activations of a map, as a function of codes of eight or four bits.

    A code stands for the real number ``scale * (code - zero)``, and the code of a real number is
    ``round(real / scale) + zero``, moved into the range of the codes. All ranges are widened to hold 0, so that 0 is
    represented exactly.

    Parameters
    ----------
    act : Activation, str or ActivationMap
        The activation, its name as in ``sp.activation(name)``, or a map, whose activations get common levels.
    bits : {8, 4}
    x_range : (float, float)
        The range of the inputs.
    y_range : (float, float), optional
        The range of the outputs; by default that of the function over `x_range`.
    x : array_like, optional
        A sample of the inputs, which determines `x_range` by the `method`.
    method : {"minmax", "percentile", "mse"}
        The range of the inputs from the sample: from its minimum to its maximum; without 0.1 % of the sample, half at
        each end; or the part of the range of the sample with the least mean squared error of the codes.
    dtype : {"int8", "uint8"}
    preset : {"tflite"}, optional
        The levels of the output that TensorFlow Lite prescribes: scale 1/256 and zero −128 for sigmoid, 1/128 and 0 for
        tanh (with uint8 codes, the zeros are larger by 128).
    rounding : {"half_even", "half_away"}
        Ties: to the even multiple of the scale, as in ONNX, or away from 0, as in TensorFlow Lite.

    Returns
    -------
    QuantizedActivation or QuantizedMap

    Raises
    ------
    TypeError
        If `act` is not an activation or a map, or an argument has another type.
    ValueError
        If an argument is not one of its values, a range is not finite, or the function is not finite in it.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> q = sp.quantize("gelu", x_range=(-4, 4))
    >>> q.x_zero, q.y_zero
    (0, -118)
    >>> codes = q.quantize(np.linspace(-2, 2, 5))
    >>> q.dequantize(q(codes)).round(2)
    array([-0.05, -0.16,  0.  ,  0.85,  1.96], dtype=float32)
    >>> sp.quantize("sigmoid", preset="tflite").y_scale == 1 / 256
    True
    """
    bits, dtype = _choice("bits", bits, _BITS), _choice("dtype", dtype, _CODE_TYPES)
    method = _choice("method", method, ("minmax", "percentile", "mse"))
    preset, rounding = _choice("preset", preset, (None, "tflite")), _choice("rounding", rounding, _ROUNDINGS)
    if not isinstance(act, ActivationMap):
        act = as_activation("act", act)
    low, high = _input_range(x_range, x, method, bits, dtype, rounding)
    inputs = Levels.over(low, high, bits, dtype, rounding)
    if preset is not None:
        outputs = _preset_levels(act, bits, dtype, rounding, y_range)
    else:
        if y_range is None:
            functions = (
                (act,) if isinstance(act, Activation) else tuple(act.palette[i] for i in _map.used_entries(act.cells))
            )
            ranges = [range_over(function, low, high) for function in functions]
            bottom, top = min(r[0] for r in ranges), max(r[1] for r in ranges)
        else:
            bottom, top = ends_of("y_range", y_range)
        outputs = Levels.over(bottom, top, bits, dtype, rounding)
    return (QuantizedActivation if isinstance(act, Activation) else QuantizedMap)(act, inputs, outputs)  # type: ignore[arg-type]


def _choice(name: str, value: Any, choices: tuple[Any, ...]) -> Any:
    """Return the argument `name`, or raise ValueError if it is not one of the choices."""
    for choice in choices:
        if type(value) is not bool and (
            value is choice or (value is not None and choice is not None and value == choice)
        ):
            return choice
    raise ValueError(f"{name} is {value!r}, expected one of {', '.join(map(repr, choices))}")


def _preset_levels(act: Any, bits: int, dtype: CodeType, rounding: Rounding, y_range: Any) -> Levels:
    if y_range is not None:
        raise ValueError(
            "y_range and preset exclude each other, because the preset prescribes the levels of the output"
        )
    if bits != 8:
        raise ValueError(f"bits is {bits}, the preset 'tflite' is for 8 bits")
    if getattr(act, "name", None) not in _TFLITE:
        raise ValueError(f"preset is 'tflite', which is for {' and '.join(_TFLITE)}, not for {act!r}")
    scale, zero = _TFLITE[act.name]
    return Levels(8, dtype, scale, zero if dtype == "int8" else zero + 128, rounding)


def _input_range(
    x_range: Any, x: ArrayLike | None, method: Method, bits: int, dtype: CodeType, rounding: Rounding
) -> tuple[float, float]:
    if x is None:
        if method != "minmax":
            raise ValueError(f"method is {method!r}, which needs x, a sample of the inputs")
        return ends_of("x_range", x_range)
    if tuple(x_range) != (-4.0, 4.0):
        raise ValueError("x_range and x exclude each other, because the sample determines the range")
    sample = real_array("x", x).astype(np.float64).reshape(-1)
    if not sample.size or not np.isfinite(sample).all():
        raise ValueError("x is empty or contains NaN or infinity, expected a sample of finite numbers")
    if method == "percentile":
        low, high = np.percentile(sample, (_CLIPPED_PERCENT / 2, 100.0 - _CLIPPED_PERCENT / 2))
        return float(low), float(high)
    low, high = float(sample.min()), float(sample.max())
    if method == "minmax":
        return low, high

    def error(fraction: float) -> float:
        levels = Levels.over(fraction * low, fraction * high, bits, dtype, rounding)
        return float(np.mean((levels.decode(levels.encode(sample), np.float64) - sample) ** 2))

    best = min((k / _FRACTIONS for k in range(_FRACTIONS, 0, -1)), key=error)
    return best * low, best * high


def range_over(function: Callable[[Array], Any], low: float, high: float) -> tuple[float, float]:
    """Return the least and the greatest value of a function over [low, high].

    The values at equally distant points, then between the neighbors of the extremes. So an extreme is found to the last
    digits unless the function oscillates between neighboring points.
    """
    found = []
    for choose, most in ((np.argmin, min), (np.argmax, max)):
        left, right, extreme = low, high, None
        for _ in range(_LOOKS):
            points = np.linspace(left, right, _POINTS)
            values = np.asarray(function(points), dtype=np.float64)
            if not np.isfinite(values).all():
                place = points[~np.isfinite(values)][0]
                raise ValueError(f"act, {function!r}, is not finite at x = {place:.6g}")
            at = int(choose(values))
            extreme = float(values[at]) if extreme is None else most(extreme, float(values[at]))
            left, right = float(points[max(at - 1, 0)]), float(points[min(at + 1, _POINTS - 1)])
        assert extreme is not None
        found.append(extreme)
    return found[0], found[1]
