"""Arrays in files larger than memory: read a slice at a time, write a batch at a time, all or nothing."""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ArrayReader", "ArrayWriter"]

# A mapped page stays in the process's memory until the mapping goes. After this many bytes the file is mapped anew.
BYTES_PER_MAPPING = 1 << 24


class ArrayReader:
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
        self._path = path
        self._array = array = self._map()
        if array.dtype.kind not in "fiub":
            raise ValueError(f"{path} has dtype {array.dtype}, expected real numbers")
        if array.ndim < 2:
            raise ValueError(f"{path} has shape {array.shape}, expected one row per sample")
        self.n_rows: int = array.shape[0]
        self.n_columns: int = int(np.prod(array.shape[1:]))
        self._bytes_per_row = self.n_columns * array.itemsize
        self._bytes_mapped = 0

    def rows(self, start: int, stop: int) -> NDArray[np.float32]:
        """Rows ``start`` to ``stop``, shape (stop - start, n_columns). NaN or an infinity is a ValueError."""
        if self._bytes_mapped >= BYTES_PER_MAPPING:
            self._array, self._bytes_mapped = self._map(), 0
        part = self._array[start:stop]
        self._bytes_mapped += len(part) * self._bytes_per_row
        with np.errstate(over="ignore"):  # a double beyond float32 becomes an infinity, reported below
            batch = np.array(part, dtype=np.float32).reshape(len(part), self.n_columns)
        finite = np.isfinite(batch)
        if not finite.all():
            row, column = np.argwhere(~finite)[0]
            what = "NaN" if np.isnan(batch[row, column]) else "a value that is infinite as float32"
            raise ValueError(f"{self._path}: row {start + row} holds {what}")
        return batch

    def _map(self) -> NDArray[Any]:
        try:
            with self._path.open("rb") as file:
                if file.read(6) != b"\x93NUMPY":  # np.load would try to read it as a pickle and say so
                    raise ValueError("it does not begin as a .npy file does")
            array: NDArray[Any] = np.load(self._path, mmap_mode="r", allow_pickle=False)
        except ValueError as error:
            raise ValueError(f"{self._path}: cannot be read as an array: {error}") from error
        return array


class ArrayWriter:
    """A ``.npy`` file that appears, complete, when the ``with`` block ends well, and not at all otherwise.

    Rows are appended to a temporary file in the same folder, which takes the file's name at the end; until then a
    file of that name is not touched. Plain writes, because a full disk then is an OSError, while through a memory
    map it would be a bus error.
    """

    def __init__(self, path: Path, shape: tuple[int, ...], dtype: Any) -> None:
        # Through links, so that a link to the file stays one. Not onto devices: the rename would replace /dev/null.
        self._given = path
        self._path = path.resolve()
        if self._path.exists() and not self._path.is_file():
            raise OSError(errno.EINVAL, "not a regular file", str(path))
        self._shape = shape
        self._dtype = np.dtype(dtype)
        self._rows = 0

    def __enter__(self) -> ArrayWriter:
        self._partial = self._path.with_name(f".{self._path.name[:100]}.{secrets.token_hex(4)}.partial")
        with self._naming():
            self._file = self._partial.open("xb")
            try:
                header = {"descr": self._dtype.str, "fortran_order": False, "shape": self._shape}
                np.lib.format.write_array_header_1_0(self._file, header)
            except BaseException:
                self._discard()
                raise
        return self

    def append(self, rows: NDArray[Any]) -> None:
        """Write the next rows."""
        with self._naming():
            # As bytes, because a memoryview of no rows cannot be written.
            self._file.write(np.ascontiguousarray(rows, dtype=self._dtype).view(np.uint8).reshape(-1).data)
        self._rows += len(rows)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                if self._rows != self._shape[0]:
                    raise RuntimeError(f"{self._rows} of {self._shape[0]} rows were written")
                with self._naming():
                    self._file.flush()
                    os.fsync(self._file.fileno())
                    self._file.close()
                    os.replace(self._partial, self._path)
        finally:
            self._discard()

    @contextlib.contextmanager
    def _naming(self) -> Iterator[None]:
        """An OSError in the block names the output as it was given, not the temporary file or nothing."""
        try:
            yield
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._given)) from error

    def _discard(self) -> None:
        """Remove the temporary file; after the rename there is none."""
        with contextlib.suppress(OSError):  # on a full disk; that error is already on its way
            self._file.close()
        self._partial.unlink(missing_ok=True)
