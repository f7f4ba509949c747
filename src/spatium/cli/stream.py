"""Arrays in .npy files larger than memory: read in slices, and written in batches, completely or not at all.

While one batch is computed, a second thread reads the next batch and a third thread writes the previous one.
"""

from __future__ import annotations

import _thread
import contextlib
import errno
import functools
import math
import os
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import Any, BinaryIO, Literal, Protocol

import numpy as np
from numpy.typing import DTypeLike, NDArray

from spatium._files import atomic_file, partial_path, read_header

__all__ = [
    "Append",
    "ArrayReader",
    "RowReader",
    "Rows",
    "array_writer",
    "finite_rows",
    "made_once",
    "place_writer",
    "read_ahead",
    "write_behind",
    "write_header",
]

# A mapped page stays in the memory of the process until the file is unmapped. The file is mapped again after this many
# bytes.
BYTES_PER_MAPPING = 1 << 24

Append = Callable[[NDArray[Any]], None]


class Rows(Protocol):
    """A file whose rows are read in slices, one after the other."""

    n_rows: int
    n_columns: int

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Return the rows ``start`` to ``stop``."""
        ...


class RowReader:
    """The rows of a ``.npy`` file without conversion, one slice at a time.

    Raises
    ------
    ValueError
        If the file is not a ``.npy`` file of real numbers with at least one axis. The message names the file.
    OSError
        If the file cannot be read.
    """

    def __init__(self, path: Path, label: str | None = None) -> None:
        self._path = path
        self.label = label or str(path)
        self._array = array = self._map()
        if array.dtype.kind not in "fiub":
            raise ValueError(f"{self.label} has dtype {array.dtype}, expected real numbers")
        if array.ndim < 1:
            raise ValueError(f"{self.label} has shape {array.shape}, expected one row per sample")
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
                raise ValueError(f"{self.label}: cannot be read as an array: {error}") from error


class ArrayReader(RowReader):
    """The rows of a ``.npy`` file as finite numbers of one dtype, one slice at a time.

    Axes after the first are flattened, so that images of shape (samples, 8, 8) have 64 columns.

    Raises
    ------
    ValueError
        If the file is not a ``.npy`` file of real numbers with at least two axes. The message names the file.
    OSError
        If the file cannot be read.
    """

    def __init__(self, path: Path, wanted: DTypeLike = np.float32, label: str | None = None) -> None:
        super().__init__(path, label)
        if len(self.shape) < 2:
            raise ValueError(f"{self.label} has shape {self.shape}, expected one row per sample")
        self.n_columns: int = math.prod(self.shape[1:])
        self._wanted = np.dtype(wanted)

    def rows(self, start: int, stop: int) -> NDArray[Any]:
        """Return the rows ``start`` to ``stop``, with n_columns columns. Raise ValueError for NaN or infinity."""
        return finite_rows(super().rows(start, stop), self._wanted, self.label, start)


def finite_rows(part: NDArray[Any], wanted: np.dtype[Any], label: str, start: int) -> NDArray[Any]:
    """Return rows as a new array (rows, columns) of one dtype. Raise ValueError for the first that is not finite."""
    with np.errstate(over="ignore", under="ignore"):  # overflow gives an infinity, which is reported below
        batch: NDArray[Any] = np.array(part, dtype=wanted).reshape(len(part), math.prod(part.shape[1:]))
    finite = np.isfinite(batch)
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        what = "NaN" if np.isnan(batch[row, column]) else f"a value that is infinite as {wanted}"
        raise ValueError(f"{label}: row {start + row} holds {what}")
    return batch


def write_header(file: BinaryIO, shape: tuple[int, ...], dtype: DTypeLike) -> None:
    """Write the header of a ``.npy`` file."""
    header = {"descr": np.dtype(dtype).str, "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


@contextlib.contextmanager
def array_writer(path: Path, shape: tuple[int, ...], dtype: DTypeLike) -> Iterator[Append]:
    """Write a ``.npy`` file in parts: yield a function that appends rows.

    The file gets its name if the block ends without an exception; otherwise there is no file. The file is written
    without a memory map, because a full disk then raises an OSError instead of a bus error.
    """
    written = 0
    with atomic_file(path) as file:
        write_header(file, shape, dtype)

        def append(rows: NDArray[Any]) -> None:
            nonlocal written
            # Converted to bytes, because a memoryview without rows cannot be written.
            file.write(np.ascontiguousarray(rows, dtype=dtype).view(np.uint8).reshape(-1).data)
            written += len(rows)

        yield append
        if written != shape[0]:
            raise RuntimeError(f"{written} of {shape[0]} rows were written")


def made_once(path: Path, shape: tuple[int, ...], dtype: DTypeLike) -> None:
    """Make a ``.npy`` file of zeros, unless it exists. Of several processes, exactly one makes it, complete at once.

    Raises
    ------
    ValueError
        If the file is there, but is not an array of this shape and dtype.
    OSError
        If the file cannot be made.
    """
    target = path.resolve()
    if not target.exists():
        partial = partial_path(target)
        try:
            with open(partial, "xb") as file:
                write_header(file, shape, dtype)
                file.truncate(file.tell() + math.prod(shape) * np.dtype(dtype).itemsize)
                file.flush()
                os.fsync(file.fileno())
            # unlike a rename, a link never replaces a file that another process has made in the meantime
            with contextlib.suppress(FileExistsError):
                os.link(partial, target)
        except OSError as error:
            raise OSError(error.errno, error.strerror or str(error), str(path)) from error
        finally:
            with contextlib.suppress(OSError):
                partial.unlink(missing_ok=True)
    if not target.is_file():
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with open(target, "rb") as file:
        try:
            header = read_header(file)
        except ValueError as error:
            raise ValueError(f"{path}: cannot be read as an array: {error}") from error
        there = os.fstat(file.fileno()).st_size
    if (header.dtype, header.shape, header.fortran_order) != (np.dtype(dtype), shape, False) or (
        there != header.n_bytes + header.data_bytes
    ):
        raise ValueError(
            f"{path} has dtype {header.dtype} and shape {header.shape}, expected {np.dtype(dtype)} and {shape}: it "
            f"does not belong to this run, so remove it or choose another name"
        )


@contextlib.contextmanager
def place_writer(path: Path, start: int, n_rows: int) -> Iterator[Append]:
    """Write rows into an existing ``.npy`` file of an array in C order: yield a function that appends from ``start``.

    Only these rows change, so several processes may write different rows at the same time. Room on the disk for the
    rows is reserved first, where the system can do so.
    """
    with open(path, "r+b", buffering=0) as file:
        header = read_header(file)
        bytes_per_row = header.data_bytes // max(header.shape[0], 1)
        begin = header.n_bytes + start * bytes_per_row
        if n_rows * bytes_per_row and hasattr(os, "posix_fallocate"):
            try:
                os.posix_fallocate(file.fileno(), begin, n_rows * bytes_per_row)
            except OSError as error:
                if error.errno == errno.ENOSPC:  # other errors: the file system cannot reserve room
                    raise OSError(error.errno, error.strerror, str(path)) from error
        file.seek(begin)
        written = 0

        def append(rows: NDArray[Any]) -> None:
            nonlocal written
            data = np.ascontiguousarray(rows, dtype=header.dtype).view(np.uint8).reshape(-1).data
            while data.nbytes:  # an unbuffered write may be partial
                data = data[file.write(data) :]
            written += len(rows)

        yield append
        os.fsync(file.fileno())
        if written != n_rows:
            raise RuntimeError(f"{written} of {n_rows} rows were written")


class Worker:
    """A thread that makes calls one after the other, for one other thread, which may be interrupted at any time.

    Ctrl-C raises its exception between any two steps of the main thread, also while it holds a lock of an executor or
    of a semaphore, which is then never released. The queues here are changed by single steps.
    """

    def __init__(self) -> None:
        self._calls: SimpleQueue[Callable[[], Any] | None] = SimpleQueue()
        self._outcomes: SimpleQueue[tuple[Any, BaseException | None] | None] = SimpleQueue()

    def _work(self) -> None:
        while (call := self._calls.get()) is not None:
            try:
                self._outcomes.put((call(), None))
            except BaseException as error:
                self._outcomes.put((None, error))
            del call  # which may keep an array
        self._outcomes.put(None)

    def __enter__(self) -> Worker:
        _thread.start_new_thread(self._work, ())  # threading.Thread waits for its thread with a lock
        return self

    def __exit__(self, *exception: object) -> None:
        self._calls.put(None)
        while self._outcomes.get() is not None:
            pass

    def submit(self, call: Callable[[], Any]) -> None:
        """Make the call after all that have been submitted."""
        self._calls.put(call)

    def result(self) -> Any:
        """Return the result of the first call whose result has not been returned, or raise its exception."""
        outcome = self._outcomes.get()
        assert outcome is not None
        if outcome[1] is not None:
            raise outcome[1]
        return outcome[0]


def read_ahead(
    reader: Rows, batch_size: int, start: int = 0, stop: int | None = None
) -> Generator[NDArray[Any], None, None]:
    """Yield the batches of the rows ``start`` to ``stop``; each is read while the previous one is in use."""
    end = reader.n_rows if stop is None else stop
    with Worker() as worker:
        for begin in range(start, end, batch_size):
            batch = worker.result() if begin > start else None
            worker.submit(functools.partial(reader.rows, begin, min(begin + batch_size, end)))
            if batch is not None:
                yield batch
        if start < end:
            yield worker.result()


@contextlib.contextmanager
def write_behind(write: Append) -> Iterator[Append]:
    """Yield a function that calls `write` in another thread, after the previous call has completed.

    An exception of one call is raised by the next call, or at the end of the block. The arrays must not change until
    then.
    """
    running = False
    with Worker() as worker:

        def submit(rows: NDArray[Any]) -> None:
            nonlocal running
            if running:
                running = False
                worker.result()
            worker.submit(functools.partial(write, rows))
            running = True

        yield submit
        if running:
            worker.result()
