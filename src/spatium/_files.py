"""Reading and writing of versioned .npz files: no pickle, atomic, errors that name the file."""

from __future__ import annotations

import contextlib
import errno
import itertools
import math
import os
import re
import stat
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

import numpy as np
from numpy.typing import NDArray

Path_ = str | os.PathLike[str]

# Deflate makes at most 1032 bytes of one; a member that claims more is not read.
_GREATEST_EXPANSION = 1040
# A text describes what the arrays are; the longest that we write, for a network of a thousand layers, has 1 MB.
_LONGEST_TEXT = 1 << 24
_CHUNK = 1 << 20


@contextlib.contextmanager
def atomic_file(path: Path_) -> Iterator[BinaryIO]:
    """A new binary file that takes the name `path` when the block ends well, and does not appear otherwise.

    Through links, so that a link to a file stays one. Not onto devices or pipes: the rename would replace them. A file
    that is replaced leaves its permissions to the new one. An OSError names the file as it was given, not the temporary
    one.
    """
    given, target = os.fspath(path), Path(path).resolve()
    if target.exists() and not target.is_file():
        raise OSError(errno.EINVAL, "not a regular file", given)
    partial = target.with_name(f".{target.name[:100]}.{os.urandom(4).hex()}.partial")
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


class Header(NamedTuple):
    """What the first bytes of a .npy file say about the array in it."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    fortran_order: bool
    n_bytes: int  # of the header itself

    @property
    def data_bytes(self) -> int:
        """Bytes of the array."""
        return math.prod(self.shape) * self.dtype.itemsize


# A dict of three entries, in any order and spacing: other programs write it too. NumPy's own reader evaluates the text
# as Python, which raises and warns in a dozen ways. No two runs of spaces meet, so that matching takes linear time.
_DESCR = rb"\s*'descr'\s*:\s*'(?P<descr>[<>=|]?[biufcSU][0-9]{1,9})'"
_ORDER = rb"\s*'fortran_order'\s*:\s*(?P<order>True|False)"
_SHAPE = rb"\s*'shape'\s*:\s*\((?P<shape>\s*(?:[0-9]{1,18}\s*,\s*)*(?:[0-9]{1,18}\s*)?)\)"
_HEADERS = [
    re.compile(rb"\s*\{" + rb"\s*,".join(parts) + rb"\s*(?:,\s*)?\}\s*")
    for parts in itertools.permutations((_DESCR, _ORDER, _SHAPE))
]


def read_header(file: Any) -> Header:
    """Read the header of a .npy file of numbers or text; a ValueError if it is another file."""
    start = file.read(8)
    if start[:6] != b"\x93NUMPY" or start[6:] not in (b"\x01\x00", b"\x02\x00", b"\x03\x00"):
        raise ValueError("it does not begin as a .npy file does")
    length_bytes = 2 if start[6] == 1 else 4
    length = int.from_bytes(file.read(length_bytes), "little")
    if length > 10_000:  # NumPy's own limit
        raise ValueError(f"a .npy header has {length} bytes")
    text = file.read(length).replace(b'"', b"'")
    match = next(filter(None, (header.fullmatch(text) for header in _HEADERS)), None)
    if match is None or len(text) < length:
        raise ValueError("a .npy header is not that of an array of numbers or text")
    shape = tuple(int(n) for n in match["shape"].split(b",") if n.strip())
    if len(shape) > 32:
        raise ValueError(f"an array has {len(shape)} dimensions")
    try:
        dtype = np.dtype(match["descr"].decode())
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"a .npy header has an unknown dtype: {error}") from None
    if dtype.itemsize == 0:
        raise ValueError("an array has elements of no bytes")
    return Header(dtype, shape, match["order"] == b"True", 8 + length_bytes + length)


def _member(archive: zipfile.ZipFile, name: str, header: Header) -> NDArray[Any]:
    """The array of one member, in native byte order."""
    data = np.empty(header.data_bytes, np.uint8)
    view, done = data.data, 0
    with archive.open(f"{name}.npy") as file:
        file.read(header.n_bytes)
        # one byte more than there is: at the end zipfile compares the checksum
        while part := file.read(min(_CHUNK, len(data) - done + 1)):
            if len(part) > len(data) - done:
                raise ValueError(f"{name!r} is longer than its header says")
            view[done : done + len(part)] = part
            done += len(part)
    if done < len(data):
        raise ValueError(f"{name!r} is shorter than its header says")
    flat = data.view(header.dtype)
    array = flat.reshape(header.shape[::-1]).T if header.fortran_order else flat.reshape(header.shape)
    array = array.astype(header.dtype.newbyteorder("="), copy=False)
    if array.dtype.kind == "U":
        array.tolist()  # a ValueError for numbers that are no characters
    return array


def _headers(archive: zipfile.ZipFile, file_bytes: int) -> dict[str, Header]:
    """The headers of all arrays; a ValueError for what cannot be as long as it claims."""
    headers = {}
    for info in archive.infolist():
        name = info.filename.removesuffix(".npy")
        if name == info.filename:
            raise ValueError(f"it holds {name!r}, which is no array")
        if name in headers:
            raise ValueError(f"it holds {name!r} twice")
        if info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise ValueError(f"{name!r} is compressed in another way than deflate")
        with archive.open(info) as file:
            header = read_header(file)
        if header.n_bytes + header.data_bytes != info.file_size:
            raise ValueError(f"{name!r} has {info.file_size} bytes, which its header contradicts")
        if info.file_size > _GREATEST_EXPANSION * min(info.compress_size, file_bytes):
            raise ValueError(f"{name!r} cannot have {info.file_size} bytes")
        if header.dtype.kind in "SU" and header.data_bytes > _LONGEST_TEXT:
            raise ValueError(f"{name!r} is a text of {header.data_bytes} bytes")
        headers[name] = header
    return headers


def read_npz(
    path: Path_,
    *,
    format: str,
    version: int,
    required: Mapping[str, tuple[str, int]],
    select: Callable[[Mapping[str, Header], Mapping[str, NDArray[Any]]], Iterable[str]] | None = None,
) -> dict[str, NDArray[Any]]:
    """The arrays of a file that `write_npz` wrote, in native byte order.

    Headers are read first, then the arrays in `required`, and then what `select` names: a file cannot ask for more
    memory than its own description allows.

    Parameters
    ----------
    path
        The file.
    format, version
        What the entries "format" and "version" have to say; an older version is accepted.
    required
        For each array that has to be there, its dtype kinds (as ``"f"`` or ``"iu"``) and number of dimensions.
    select
        Takes the headers of all arrays and the required arrays; returns the names of the others that are to be read, or
        raises a ValueError for one that the file should not hold. By default all.

    Raises
    ------
    ValueError
        Naming the file, when it is truncated, tampered with, of another format, newer, or holds pickled objects.
    """
    # opened here, so that a missing file stays a FileNotFoundError and the file is closed whatever it holds
    with open(path, "rb") as file:
        try:
            with zipfile.ZipFile(file) as archive:
                headers = _headers(archive, os.fstat(file.fileno()).st_size)
                arrays: dict[str, NDArray[Any]] = {}

                def read(names: Iterable[str]) -> None:
                    arrays.update({name: _member(archive, name, headers[name]) for name in names if name not in arrays})

                read(name for name in ("format", "version") if name in headers and headers[name].shape == ())
                _check_version(arrays, format, version)
                for name, (kinds, ndim) in required.items():
                    _check_kind(headers.get(name), name, kinds, ndim)
                read(required)
                read(headers if select is None else select(headers, arrays))
        except Exception as error:  # on a damaged directory zipfile raises about twenty different ones
            raise ValueError(f"{os.fspath(path)}: not a readable {format} file: {error}") from error
    return arrays


def _check_version(arrays: Mapping[str, NDArray[Any]], format: str, version: int) -> None:
    found = str(arrays.get("format", "none"))
    if found != format:
        raise ValueError(f"the format is {found!r}, expected {format!r}")
    number = arrays.get("version")
    if number is None or number.dtype.kind not in "iu":
        raise ValueError("the version is missing or is not a whole number")
    if not 1 <= int(number) <= version:
        raise ValueError(f"the version is {int(number)}; this release reads versions 1 to {version}")


def _check_kind(header: Header | None, name: str, kinds: str, ndim: int) -> None:
    if header is None:
        raise ValueError(f"the array {name!r} is missing")
    if header.dtype.kind not in kinds or len(header.shape) != ndim:
        found = f"{header.dtype} with {len(header.shape)} dimensions"
        raise ValueError(f"{name!r} is {found}, expected kind {kinds!r} with {ndim}")
