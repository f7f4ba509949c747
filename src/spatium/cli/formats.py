"""The formats of the inputs and outputs of `spatium infer`, chosen by the ending of a file."""

from __future__ import annotations

import contextlib
import os
import shutil
import sys
import tempfile
import weakref
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import IO, Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from spatium._files import Header, member_header, read_member
from spatium.cli.stream import Append, ArrayReader, Rows, array_writer, finite_rows
from spatium.cli.table import (
    COLUMN_SUFFIXES,
    Columns,
    column_reader,
    has_columns,
    is_text,
    parquet_writer,
    text_rows,
    text_writer,
)

__all__ = [
    "INPUTS",
    "OUTPUTS",
    "STANDARD",
    "WRITTEN",
    "NpzReader",
    "ZarrReader",
    "open_input",
    "open_output",
    "standard_input",
]

INPUTS = ".npy, .npz, .csv, .tsv, .txt, .parquet or .zarr"
OUTPUTS = ".npy, .csv, .tsv, .txt or .parquet"
WRITTEN = (".npy", *COLUMN_SUFFIXES)
STANDARD = Path("-")  # standard input and standard output

# The first bytes of files that standard input may contain, and the ending of such a file; anything else is text.
_MAGIC = {b"\x93NUMPY": ".npy", b"PAR1": ".parquet", b"PK\x03\x04": ".npz"}
_CHUNK = 1 << 20


class NpzReader:
    """The rows of one array of a ``.npz`` file as finite numbers of one dtype, one slice at a time, in order.

    The array is read and decompressed in parts, so it may be larger than memory; an array in Fortran order is read as a
    whole. Axes after the first are flattened.

    Parameters
    ----------
    path : Path
    array : str, optional
        The name of the array; by default the only one, or the only one of real numbers with at least two axes.
    wanted : dtype
        The dtype of the rows.
    label : str, optional
        The name of the file in errors.

    Raises
    ------
    ValueError
        If the file is not a ``.npz`` file, or the array is missing or not one of real numbers. The message names the
        file.
    OSError
        If the file cannot be read.
    """

    def __init__(
        self, path: Path, array: str | None = None, wanted: DTypeLike = np.float32, label: str | None = None
    ) -> None:
        self._path, self.label, self._wanted = path, label or str(path), np.dtype(wanted)
        with self._opened() as archive:
            headers = self._headers(archive)
        self._name = _chosen(self.label, {name: (h.shape, h.dtype) for name, h in headers.items()}, array)
        self._header = headers[self._name]
        shape = _checked_shape(f"{self.label}, array {self._name!r},", self._header.shape, self._header.dtype)
        self.n_rows, self.n_columns = shape
        self._at = -1
        self._file: IO[bytes] | None = None
        self._member: IO[bytes] | None = None
        self._whole: NDArray[Any] | None = None

    @contextlib.contextmanager
    def _opened(self) -> Iterator[zipfile.ZipFile]:
        with open(self._path, "rb") as file:
            try:
                with zipfile.ZipFile(file) as archive:
                    yield archive
            except Exception as error:  # for a damaged archive, zipfile raises about twenty different exceptions
                raise ValueError(f"{self.label}: not a readable .npz file: {error}") from error

    def _headers(self, archive: zipfile.ZipFile) -> dict[str, Header]:
        """Return the headers of the arrays that can be read without pickle."""
        size, headers = os.stat(self._path).st_size, {}
        for info in archive.infolist():
            if info.filename.endswith(".npy"):
                with contextlib.suppress(ValueError):
                    headers[info.filename.removesuffix(".npy")] = member_header(archive, info, size)
        return headers

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Return the rows ``start`` to ``stop``, with n_columns columns. Raise ValueError for NaN or infinity."""
        if self._header.fortran_order:
            if self._whole is None:
                with self._opened() as archive:
                    self._whole = read_member(archive, self._name, self._header)
            part = self._whole[start:stop]
        else:
            part = self._part(start, stop)
        return finite_rows(part, self._wanted, self.label, start)

    def _part(self, start: int, stop: int) -> NDArray[Any]:
        header = self._header
        bytes_per_row = header.data_bytes // max(self.n_rows, 1)
        try:
            if self._member is None or start < self._at:
                if self._file is None:
                    self._file = open(self._path, "rb")  # noqa: SIM115 - it is closed with the reader
                    weakref.finalize(self, self._file.close)
                archive = zipfile.ZipFile(self._file)
                self._at, self._member = 0, archive.open(f"{self._name}.npy")
                self._read(header.n_bytes)
            self._skip((start - self._at) * bytes_per_row)
            data = self._read((stop - start) * bytes_per_row)
        except Exception as error:  # see _opened
            raise ValueError(f"{self.label}: not a readable .npz file: {error}") from error
        self._at = stop
        return np.frombuffer(data, header.dtype).reshape(stop - start, *header.shape[1:])

    def _skip(self, n_bytes: int) -> None:
        while n_bytes > 0:
            n_bytes -= len(self._read(min(n_bytes, _CHUNK)))

    def _read(self, n_bytes: int) -> bytes:
        assert self._member is not None
        data = self._member.read(n_bytes)
        if len(data) < n_bytes:
            raise ValueError(f"{self._name!r} is shorter than its header states")
        return data


class ZarrReader:
    """The rows of a Zarr array as finite numbers of one dtype, one slice at a time.

    The parameters and errors are those of `NpzReader`; a group has arrays with names, and an array has none. A slice
    reads the chunks that it needs, so batches of whole chunks read each chunk once.
    """

    def __init__(
        self, path: Path, array: str | None = None, wanted: DTypeLike = np.float32, label: str | None = None
    ) -> None:
        self.label, self._wanted = label or str(path), np.dtype(wanted)
        try:
            import zarr
        except ModuleNotFoundError as error:
            if (error.name or "").partition(".")[0] != "zarr":
                raise
            raise ValueError(f'{self.label}: Zarr needs zarr (extra "zarr"): python -m pip install zarr') from error
        os.stat(path)  # so that the error of a missing file has its usual form
        try:
            opened: Any = zarr.open(str(path), mode="r")
            arrays = dict(opened.arrays()) if isinstance(opened, zarr.Group) else None
        except Exception as error:  # zarr raises many kinds of exceptions
            raise ValueError(f"{self.label}: not a readable Zarr array or group: {error}") from error
        if arrays is not None:
            name = _chosen(self.label, {key: (one.shape, one.dtype) for key, one in arrays.items()}, array)
            opened = arrays[name]
        elif array is not None:
            raise ValueError(f"{self.label} is one array, and --array is for files with several")
        self._array = opened
        self.n_rows, self.n_columns = _checked_shape(self.label, tuple(opened.shape), np.dtype(opened.dtype))

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Return the rows ``start`` to ``stop``, with n_columns columns. Raise ValueError for NaN or infinity."""
        try:
            part = np.asarray(self._array[start:stop])
        except Exception as error:  # a damaged chunk raises what its codec raises
            raise ValueError(f"{self.label}: rows {start} to {stop - 1} cannot be read: {error}") from error
        return finite_rows(part, self._wanted, self.label, start)


def _chosen(label: str, arrays: Mapping[str, tuple[tuple[int, ...], np.dtype[Any]]], name: str | None) -> str:
    """Return the name of the array to read."""
    listed = ", ".join(f"{key} {shape}" for key, (shape, _) in arrays.items()) or "none"
    if name is not None:
        if name not in arrays:
            raise ValueError(f"{label} has no array {name!r}; it has {listed}")
        return name
    fitting = [key for key, (shape, dtype) in arrays.items() if len(shape) > 1 and dtype.kind in "fiub"]
    if len(arrays) != 1 and len(fitting) != 1:
        raise ValueError(f"{label} has the arrays {listed}: choose one with --array")
    return fitting[0] if fitting else next(iter(arrays))


def _checked_shape(label: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> tuple[int, int]:
    """Return the number of rows and of columns, or raise ValueError."""
    if dtype.kind not in "fiub":
        raise ValueError(f"{label} has dtype {dtype}, expected real numbers")
    if len(shape) < 2:
        raise ValueError(f"{label} has shape {shape}, expected one row per sample")
    return shape[0], int(np.prod(shape[1:], dtype=np.int64))


def open_input(
    path: Path, columns: Columns | None, array: str | None, dtype: DTypeLike, label: str | None = None
) -> Rows:
    """Return a reader of a file by its ending; an unknown ending is read as ``.npy``."""
    kind = path.suffix.lower()
    if kind == ".npz":
        return NpzReader(path, array, dtype, label)
    if kind == ".zarr" or any((path / name).is_file() for name in ("zarr.json", ".zarray", ".zgroup")):
        return ZarrReader(path, array, dtype, label)
    if array is not None:
        raise ValueError(f"{label or path} has no arrays with names: --array is for .npz and .zarr")
    if has_columns(path):
        return column_reader(path, columns, None, dtype, label)
    try:
        return ArrayReader(path, dtype, label)
    except ValueError as error:
        if kind == ".npy" or "cannot be read" not in str(error):
            raise
        raise ValueError(f"{error}; the formats are {INPUTS}, by the ending of the file") from error


@contextlib.contextmanager
def standard_input() -> Iterator[Path]:
    """Copy standard input to a temporary file with the ending of its format, because it is read more than once."""
    with tempfile.TemporaryDirectory(prefix="spatium-") as folder:
        stream = sys.stdin.buffer
        start = stream.read(8)
        ending = next((ending for magic, ending in _MAGIC.items() if start.startswith(magic)), ".csv")
        path = Path(folder, f"input{ending}")
        with path.open("wb") as file:
            file.write(start)
            shutil.copyfileobj(stream, file, _CHUNK)
        yield path


def open_output(
    path: Path, header: Sequence[str], shape: tuple[int, ...], dtype: DTypeLike
) -> AbstractContextManager[Append]:
    """Return a context that writes a file by its ending: a function that appends rows.

    The ending is one of `WRITTEN`. Files are complete or do not exist. Standard output is a table of text.
    """
    if path == STANDARD:
        return _standard_output(header)
    if is_text(path):
        return text_writer(path, header)
    if has_columns(path):
        return parquet_writer(path, header, dtype)
    return array_writer(path, shape, dtype)


@contextlib.contextmanager
def _standard_output(header: Sequence[str]) -> Iterator[Append]:
    append, end = text_rows(sys.stdout.buffer, header)
    try:
        yield append
    finally:
        end()
        sys.stdout.flush()
