"""Read and write versioned .npz files: without pickle, atomically, with errors that name the file."""

from __future__ import annotations

import contextlib
import errno
import itertools
import math
import os
import re
import stat
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

Path_ = str | os.PathLike[str]

# Deflate expands one byte to at most 1032 bytes; a member that claims a larger expansion is rejected.
_GREATEST_EXPANSION = 1040
# Texts describe the arrays. The longest text that Spatium writes, for a network of a thousand layers, has 1 MB.
_LONGEST_TEXT = 1 << 24
_CHUNK = 1 << 20


@contextlib.contextmanager
def atomic_file(path: Path_) -> Iterator[BinaryIO]:
    """Open a temporary binary file, and rename it to `path` when the block ends without an exception.

    Links are followed, so a link to a file is preserved. Devices and pipes are rejected, because the rename would
    replace them. A replaced file passes its permissions to the new file. An OSError contains the given name, not the
    name of the temporary file.
    """
    given, target = os.fspath(path), Path(path).resolve()
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "not a regular file", given)
    partial = partial_path(target)
    mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None

    def opener(name: str, flags: int) -> int:
        return os.open(name, flags, 0o666 if mode is None else 0o600)

    try:
        with open(partial, "xb", opener=opener) as file:
            if mode is not None:
                os.chmod(partial, mode)
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(partial, target)
    except OSError as error:
        raise OSError(error.errno, error.strerror or str(error), given) from error
    finally:
        with contextlib.suppress(OSError):  # after the rename the file does not exist
            partial.unlink(missing_ok=True)


def partial_path(target: Path) -> Path:
    """Return a new name for an incomplete file beside `target`. A killed process leaves it, and it may be deleted."""
    return target.with_name(f".{target.name[:100]}.{os.urandom(4).hex()}.partial")


def write_npz(path: Path_, arrays: Mapping[str, Any]) -> None:
    """Write `arrays` to `path`. The file is written completely or not at all."""
    ready = {name: np.asarray(array) for name, array in arrays.items()}
    for name, array in ready.items():
        if array.dtype.hasobject:
            raise TypeError(f"{name} has dtype {array.dtype}, expected one that needs no pickle")
    with atomic_file(path) as file:
        np.savez_compressed(file, **ready)  # type: ignore[arg-type]  # the stub takes the names for keywords of savez_compressed


class Header(NamedTuple):
    """The header of a .npy file, which describes the array."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran_order: bool
    n_bytes: int  # the size of the header

    @property
    def data_bytes(self) -> int:
        """The number of bytes of the array."""
        return math.prod(self.shape) * self.dtype.itemsize


# The header is a dict with three entries in any order and spacing, because other programs write it too. NumPy's reader
# evaluates it as Python, which can raise and warn in a dozen ways. In the patterns, no two `\s*` are adjacent, so that
# matching takes linear time.
_DESCR = rb"\s*'descr'\s*:\s*'(?P<descr>[<>=|]?[biufcSU][0-9]{1,9})'"
_ORDER = rb"\s*'fortran_order'\s*:\s*(?P<order>True|False)"
_SHAPE = rb"\s*'shape'\s*:\s*\((?P<shape>\s*(?:[0-9]{1,18}\s*,\s*)*(?:[0-9]{1,18}\s*)?)\)"
_HEADERS = [
    re.compile(rb"\s*\{" + rb"\s*,".join(parts) + rb"\s*(?:,\s*)?\}\s*")
    for parts in itertools.permutations((_DESCR, _ORDER, _SHAPE))
]


def read_header(file: Any) -> Header:
    """Read the header of a .npy file of numbers or text. Raise ValueError if the file is not such a file."""
    start = file.read(8)
    if start[:6] != b"\x93NUMPY" or start[6:] not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
        raise ValueError("it does not begin like a .npy file")
    length_bytes = 2 if start[6] == 1 else 4
    length = int.from_bytes(file.read(length_bytes), "little")
    if length > 10_000:  # NumPy's own limit
        raise ValueError(f"a .npy header has {length} bytes")
    text = file.read(length).replace(b'"', b"'")
    match = next(filter(None, (header.fullmatch(text) for header in _HEADERS)), None)
    if match is None or len(text) < length:
        raise ValueError("a .npy header does not describe an array of numbers or text")
    shape = tuple(int(n) for n in match["shape"].split(b",") if n.strip())
    if len(shape) > 32:
        raise ValueError(f"an array has {len(shape)} dimensions")
    try:
        dtype = np.dtype(match["descr"].decode())
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"a .npy header has an unknown dtype: {error}") from None
    if dtype.itemsize == 0:
        raise ValueError("an array has elements of 0 bytes")
    return Header(dtype, shape, match["order"] == b"True", 8 + length_bytes + length)


def read_member(archive: zipfile.ZipFile, name: str, header: Header) -> NDArray[Any]:
    """Return the array of one member, in native byte order."""
    data = np.empty(header.data_bytes, np.uint8)
    view, done = data.data, 0
    with archive.open(f"{name}.npy") as file:
        file.read(header.n_bytes)
        # ask for one more byte than remains, because zipfile checks the checksum at the end of the member
        while part := file.read(min(_CHUNK, len(data) - done + 1)):
            if len(part) > len(data) - done:
                raise ValueError(f"{name!r} is longer than its header states")
            view[done : done + len(part)] = part
            done += len(part)
    if done < len(data):
        raise ValueError(f"{name!r} is shorter than its header states")
    flat = data.view(header.dtype)
    array = flat.reshape(header.shape[::-1]).T if header.fortran_order else flat.reshape(header.shape)
    array = array.astype(header.dtype.newbyteorder("="), copy=False)
    if (
        array.dtype.kind == "U"
        and np.ascontiguousarray(array).reshape(-1).view(np.uint32).max(initial=0) > sys.maxunicode
    ):
        raise ValueError(f"{name!r} has numbers that are not characters")  # NumPy does not check all of them
    return array


def member_header(archive: zipfile.ZipFile, info: zipfile.ZipInfo, file_bytes: int) -> Header:
    """Return the header of one array. Raise ValueError if the array cannot have the stated size."""
    name = info.filename.removesuffix(".npy")
    if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise ValueError(f"{name!r} is compressed by another method than deflate")
    with archive.open(info) as file:
        header = read_header(file)
    if header.n_bytes + header.data_bytes != info.file_size:
        raise ValueError(f"{name!r} has {info.file_size} bytes, but its header states another size")
    if info.file_size > _GREATEST_EXPANSION * min(info.compress_size, file_bytes):
        raise ValueError(f"{name!r} cannot have {info.file_size} bytes")
    return header


def _headers(archive: zipfile.ZipFile, file_bytes: int) -> dict[str, Header]:
    """Return the headers of all arrays. Raise ValueError if an array cannot have the stated size."""
    headers = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name == info.filename:
            raise ValueError(f"it contains {name!r}, which is not an array")
        if name in headers:
            raise ValueError(f"it contains {name!r} twice")
        header = member_header(archive, info, file_bytes)
        if header.dtype.kind in "SU" and header.data_bytes > _LONGEST_TEXT:
            raise ValueError(f"{name!r} is a text of {header.data_bytes} bytes, expected at most {_LONGEST_TEXT}")
        headers[name] = header
    return headers


class Archive:
    """An open file that `write_npz` wrote. An array is read after its header was compared with what is expected."""

    def __init__(self, archive: zipfile.ZipFile, headers: Mapping[str, Header]) -> None:
        self._archive = archive
        self.headers = headers
        self._used: set[str] = set()

    def read(self, name: str, dtype: Any, shape: tuple[Any, ...], label: str | None = None) -> NDArray[Any]:
        """Return an array in native byte order; see `check_header`."""
        header = check_header(self.headers, name, dtype, shape, label)
        self._used.add(name)
        return read_member(self._archive, name, header)

    def text(self, name: str) -> str:
        """Return a text."""
        return str(self.read(name, np.str_, ()))

    def expect_all_used(self) -> None:
        """Raise ValueError if the file contains an array that was not read."""
        if unused := self.headers.keys() - self._used:
            raise ValueError(f"holds {min(unused)!r}, which nothing uses")


@contextlib.contextmanager
def open_npz(path: Path_, *, format: str, version: int) -> Iterator[tuple[Archive, int]]:
    """Open a file that `write_npz` wrote, and return it with its version.

    The headers are read first. So a file cannot cause a larger allocation than its description justifies.

    Parameters
    ----------
    path
        The file.
    format, version
        The expected entries "format" and "version"; an older version is accepted.

    Raises
    ------
    ValueError
        If the file is truncated, manipulated, of another format, of a newer version, or contains pickled objects, or
        for any exception in the context. The message names the file.
    """
    # opened here, so that a missing file raises FileNotFoundError, and the file is closed for any content
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                opened = Archive(archive, _headers(archive, os.fstat(file.fileno()).st_size))
                yield opened, _version(opened, format, version)
        except MissingError as error:
            raise ValueError(f"{os.fspath(path)}: {error}") from error
        except zipfile.BadZipFile as error:
            what = "it is not an .npz archive" if str(error) == "File is not a zip file" else str(error)
            raise ValueError(f"{os.fspath(path)}: not a readable {format} file: {what}") from error
        except Exception as error:  # for a damaged directory, zipfile raises about twenty different exceptions
            raise ValueError(f"{os.fspath(path)}: not a readable {format} file: {error}") from error


class MissingError(ValueError):
    """A file needs something that the caller did not pass; the file itself is readable."""


def _version(archive: Archive, format: str, version: int) -> int:
    found = archive.text("format") if "format" in archive.headers else "none"
    if found != format:
        raise ValueError(f"the format is {found!r}, expected {format!r}")
    if "version" not in archive.headers:
        raise ValueError("the version is missing or is not an integer")
    number = int(archive.read("version", np.integer, ()))
    if number > version:
        raise ValueError(f"the version is {number}, this release reads 1 to {version}: a newer release is needed")
    if number < 1:
        raise ValueError(f"the version is {number}, expected 1 to {version}")
    return number


# The dtypes of which a file may contain several, with their kinds.
_CHOICES = {np.str_: ("U", "a text"), np.integer: ("iu", "integers")}


def check_header(
    headers: Mapping[str, Header], name: str, dtype: Any, shape: tuple[Any, ...], label: str | None = None
) -> Header:
    """Return the header of the array `name`. Raise ValueError if its dtype or shape differs; errors contain `label`.

    The byte order is ignored. The dtype ``np.integer`` matches all integers, and ``np.str_`` a text of any length. In
    the shape, None matches any length, and an Ellipsis at the beginning any number of axes.
    """
    what = label or name
    header = headers.get(name)
    if header is None:
        raise ValueError(f"{f'{label}: ' if label else ''}the array {name!r} is missing")
    if dtype in _CHOICES:
        kinds, expected = _CHOICES[dtype]
        right = header.dtype.kind in kinds
    else:
        expected = str(np.dtype(dtype))
        right = header.dtype.newbyteorder("=") == dtype
    if not right:
        raise ValueError(f"{what} has dtype {header.dtype}, expected {expected}")
    lengths, wanted = header.shape, shape
    if shape[:1] == (...,):
        wanted = shape[1:]
        lengths = header.shape[-len(wanted) :]
    if len(lengths) != len(wanted) or any(n not in (None, got) for n, got in zip(wanted, lengths, strict=True)):
        text = ", ".join("..." if n is ... else "any" if n is None else str(n) for n in shape)
        raise ValueError(f"{what} has shape {header.shape}, expected ({text}{',' * (len(shape) == 1)})")
    return header
