"""Arrays in files larger than memory: read a slice at a time, write a batch at a time, all or nothing.

While one batch is computed, the next one is read and the one before written, each by a thread of its own.
"""

from __future__ import annotations

import contextlib
import math
import os
from collections.abc import Callable, Generator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from spatium._files import atomic_file, read_header

__all__ = ["ArrayReader", "RowReader", "array_writer", "read_ahead", "write_behind"]

# A mapped page stays in the process's memory until the mapping goes. After this many bytes the file is mapped anew.
BYTES_PER_MAPPING = 1 << 24


class RowReader:
    """The rows of a ``.npy`` file as they are, one slice at a time.

    Raises
    ------
    ValueError
        If the file is no ``.npy`` file of real numbers with at least one axis. It names the file.
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
        """Rows ``start`` to ``stop``, read-only, in the file's dtype and shape."""
        if self._bytes_mapped >= BYTES_PER_MAPPING:
            self._array, self._bytes_mapped = self._map(), 0
        part = self._array[start:stop]
        self._bytes_mapped += len(part) * self._bytes_per_row
        return part

    def _map(self) -> NDArray[Any]:
        """The array, mapped. Not by np.load, which evaluates the header and raises whatever Python does."""
        with self._path.open("rb") as file:
            try:
                header = read_header(file)
                there, expected = os.fstat(file.fileno()).st_size, header.n_bytes + header.data_bytes
                if there < expected:
                    raise ValueError(f"it has {there} bytes, its header says {expected}")
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
        If the file is no ``.npy`` file of real numbers with at least two axes. It names the file.
    OSError
        If the file cannot be read.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if len(self.shape) < 2:
            raise ValueError(f"{path} has shape {self.shape}, expected one row per sample")
        self.n_columns: int = math.prod(self.shape[1:])

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Rows ``start`` to ``stop``, shape (stop - start, n_columns). NaN or an infinity is a ValueError."""
        part = super().rows(start, stop)
        with np.errstate(over="ignore", under="ignore"):  # a double beyond float32 becomes an infinity, reported below
            batch = np.array(part, dtype=np.float32).reshape(len(part), self.n_columns)
        finite = np.isfinite(batch)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            what = "NaN" if np.isnan(batch[row, column]) else "a value that is infinite as float32"
            raise ValueError(f"{self._path}: row {start + row} holds {what}")
        return batch


@contextlib.contextmanager
def array_writer(path: Path, shape: tuple[int, ...], dtype: Any) -> Iterator[Callable[[NDArray[Any]], None]]:
    """Write a ``.npy`` file row by row: the block gets a function that appends rows.

    The file appears, complete, when the block ends well, and not at all otherwise. Plain writes, because a full disk
    then is an OSError, while through a memory map it would be a bus error.
    """
    written = 0
    with atomic_file(path) as file:
        header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
        np.lib.format.write_array_header_1_0(file, header)

        def append(rows: NDArray[Any]) -> None:
            nonlocal written
            # As bytes, because a memoryview of no rows cannot be written.
            file.write(np.ascontiguousarray(rows, dtype=dtype).view(np.uint8).reshape(-1).data)
            written += len(rows)

        yield append
        if written != shape[0]:
            raise RuntimeError(f"{written} of {shape[0]} rows were written")


def read_ahead(reader: ArrayReader, batch_size: int) -> Generator[NDArray[np.float32], None, None]:
    """The batches of a file, one read while its predecessor is in use."""
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
    """The block gets a function that has `write` called by another thread, after the call before.

    An error of one call is raised by the next, or at the end of the block. The arrays must not change meanwhile.
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
