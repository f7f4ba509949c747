"""Arrays in files larger than memory: read in slices, and write in batches, completely or not at all.

While one batch is computed, a second thread reads the next batch and a third thread writes the previous one.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from spatium._files import atomic_file, read_header

__all__ = ["ArrayReader", "RowReader", "array_writer", "read_ahead", "write_behind"]

# A mapped page stays in the memory of the process until the file is unmapped. The file is mapped again after this many
# bytes.
BYTES_PER_MAPPING = 1 << 24


class RowReader:
    """The rows of a ``.npy`` file without conversion, one slice at a time.

    Raises
    ------
    ValueError
        If the file is not a ``.npy`` file of real numbers with at least one axis. The message names the file.
    OSError
        If the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._array = array = self._map()
        if array.dtype.kind not in "fiub":
            raise ValueError(f"{path} has dtype {array.dtype}, expected real numbers")
        if array.ndim < 1:
            raise ValueError(f"{path} has shape {array.shape}, expected one row per sample")
        self.shape: tuple[int, ...] = array.shape
        self.dtype: np.dtype[Any] = array.dtype
        self.n_rows: int = array.shape[0]
        self._bytes_per_row = math.prod(array.shape[1:]) * array.itemsize
        self._bytes_mapped = 0

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Return the rows ``start`` to ``stop``, read-only, with the dtype and the shape of the file."""
        if self._bytes_mapped >= BYTES_PER_MAPPING:
            self._array, self._bytes_mapped = self._map(), 0
        part = self._array[start:stop]
        self._bytes_mapped += len(part) * self._bytes_per_row
        return part

    def _map(self) -> NDArray[Any]:
        """Map the array. np.load is not used, because it evaluates the header and can raise any exception."""
        with self._path.open("rb") as file:
            try:
                header = read_header(file)
                there, expected = os.fstat(file.fileno()).st_size, header.n_bytes + header.data_bytes
                if there < expected:
                    raise ValueError(f"it has {there} bytes, expected {expected} by its header")
                order: Literal["C", "F"] = "F" if header.fortran_order else "C"
                return np.memmap(file, header.dtype, "r", header.n_bytes, header.shape, order)
            except (ValueError, OverflowError) as error:
                raise ValueError(f"{self._path}: cannot be read as an array: {error}") from error


class ArrayReader(RowReader):
    """The rows of a ``.npy`` file as finite float32, one slice at a time.

    Axes after the first are flattened, so that images of shape (samples, 8, 8) have 64 columns.

    Raises
    ------
    ValueError
        If the file is not a ``.npy`` file of real numbers with at least two axes. The message names the file.
    OSError
        If the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if len(self.shape) < 2:
            raise ValueError(f"{path} has shape {self.shape}, expected one row per sample")
        self.n_columns: int = math.prod(self.shape[1:])

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Return the rows ``start`` to ``stop``, with n_columns columns. Raise ValueError for NaN or infinity."""
        part = super().rows(start, stop)
        with np.errstate(over="ignore", under="ignore"):  # overflow gives an infinity, which is reported below
            batch = np.array(part, dtype=np.float32).reshape(len(part), self.n_columns)
        finite = np.isfinite(batch)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            what = "NaN" if np.isnan(batch[row, column]) else "a value that is infinite as float32"
            raise ValueError(f"{self._path}: row {start + row} holds {what}")
        return batch


@contextlib.contextmanager
def array_writer(path: Path, shape: tuple[int, ...], dtype: Any) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Write a ``.npy`` file in parts: yield a function that appends rows.

    The file gets its name if the block ends without an exception; otherwise there is no file. The file is written
    without a memory map, because a full disk then raises an OSError instead of a bus error.
    """
    written = 0
    with atomic_file(path) as file:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)

        def append(rows: NDArray[Any]) -> None:
            nonlocal written
            # Converted to bytes, because a memoryview without rows cannot be written.
            file.write(np.ascontiguousarray(rows, dtype=dtype).view(np.uint8).reshape(-1).data)
            written += len(rows)

        yield append
        if written != shape[0]:
            raise RuntimeError(f"{written} of {shape[0]} rows were written")


class Rows(Protocol):
    """A file whose rows are read in slices, one after the other."""

    n_rows: int

    def rows(self, start: int, stop: int) -> NDArray[np.float32]: ...


def read_ahead(reader: Rows, batch_size: int) -> Generator[NDArray[np.float32], None, None]:
    """Yield the batches of a file; each is read while the previous one is in use."""
    starts = range(0, reader.n_rows, batch_size)
    with ThreadPoolExecutor(1, "spatium-reader") as pool:
        reads = (pool.submit(reader.rows, start, min(start + batch_size, reader.n_rows)) for start in starts)
        coming = next(reads, None)
        while coming is not None:
            batch = coming.result()
            coming = next(reads, None)
            yield batch


@contextlib.contextmanager
def write_behind(write: Callable[[NDArray[Any]], None]) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Yield a function that calls `write` in another thread, after the previous call has completed.

    An exception of one call is raised by the next call, or at the end of the block. The arrays must not change until
    then.
    """
    running: Future[None] | None = None
    with ThreadPoolExecutor(1, "spatium-writer") as pool:

        def submit(rows: NDArray[Any]) -> None:
            nonlocal running
            if running is not None:
                running.result()
            running = pool.submit(write, rows)

        yield submit
        if running is not None:
            running.result()
