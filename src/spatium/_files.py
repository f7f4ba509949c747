"""Reading and writing of versioned .npz files: no pickle, atomic, errors that name the file."""

from __future__ import annotations

import contextlib
import errno
import os
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

# what zipfile, zlib and NumPy's reader raise on damaged files
_UNREADABLE = (
    *(ValueError, EOFError, KeyError, OSError, RuntimeError, SyntaxError, OverflowError),
    *(MemoryError, zipfile.BadZipFile, zlib.error),  # the former: a header that claims petabytes
)

Path_ = str | os.PathLike[str]


@contextlib.contextmanager
def atomic_file(path: Path_) -> Iterator[BinaryIO]:
    """A new binary file that takes the name `path` when the block ends well, and does not appear otherwise.

    Through links, so that a link to a file stays one. Not onto devices or pipes: the rename would replace them. An
    OSError names the file as it was given, not the temporary one.
    """
    given, target = os.fspath(path), Path(path).resolve()
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "not a regular file", given)
    partial = target.with_name(f".{target.name[:100]}.{os.urandom(4).hex()}.partial")
    try:
        with partial.open("xb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), given) from error
    finally:
        with contextlib.suppress(OSError):  # after the rename there is none
            partial.unlink(missing_ok=True)


def write_npz(path: Path_, arrays: Mapping[str, Any]) -> None:
    """Write `arrays` to `path`; the file appears whole or not at all."""
    ready = {name: np.asarray(array) for name, array in arrays.items()}
    for name, array in ready.items():
        if array.dtype.hasobject:
            raise TypeError(f"{name} has dtype {array.dtype}, which would need pickle")
    with atomic_file(path) as file:
        np.savez_compressed(file, **ready)  # type: ignore[arg-type]  # its stub takes the names for its own


def read_npz(
    path: Path_, *, format: str, version: int, required: Mapping[str, tuple[str, int]]
) -> dict[str, NDArray[Any]]:
    """All arrays of a file that `write_npz` wrote.

    Parameters
    ----------
    path
        The file.
    format, version
        What the entries "format" and "version" have to say; an older version is accepted.
    required
        For each array that has to be there, its dtype kinds (as ``"f"`` or ``"iu"``) and number of dimensions.

    Raises
    ------
    ValueError
        Naming the file, when it is truncated, tampered with, of another format, newer, or holds pickled objects.
    """
    # opened here, so that a missing file stays a FileNotFoundError and the file is closed whatever it holds
    with open(path, "rb") as file:
        try:
            archive = np.load(file, allow_pickle=False)
            if not isinstance(archive, np.lib.npyio.NpzFile):
                raise ValueError("it is no .npz archive")
            arrays = {name: np.asarray(archive[name]) for name in archive.files}
        except _UNREADABLE as error:
            raise ValueError(f"{os.fspath(path)}: not a readable {format} file: {error}") from error
    found = str(arrays.get("format", "none"))
    if found != format:
        raise ValueError(f"{os.fspath(path)}: the format is {found!r}, expected {format!r}")
    number = arrays.get("version")
    if number is None or number.shape != () or number.dtype.kind not in "iu":
        raise ValueError(f"{os.fspath(path)}: the version is missing or is not a whole number")
    if not 1 <= int(number) <= version:
        raise ValueError(f"{os.fspath(path)}: the version is {int(number)}; this release reads versions 1 to {version}")
    for name, (kinds, ndim) in required.items():
        array = arrays.get(name)
        if array is None:
            raise ValueError(f"{os.fspath(path)}: the array {name!r} is missing")
        if array.dtype.kind not in kinds or array.ndim != ndim:
            raise ValueError(
                f"{os.fspath(path)}: {name!r} is {array.dtype} with {array.ndim} dimensions, "
                f"expected kind {kinds!r} with {ndim}"
            )
    return arrays
