"""Damaged files: a ValueError that names the file, or the whole content; in bounded memory, whatever NumPy's state."""

import io
import re
import subprocess
import sys
import warnings
import zipfile

import numpy as np
import pytest

import spatium as sp
from spatium import nn
from spatium.cli.stream import RowReader


def make_map(path):
    sp.ActivationMap.random(3, rng=0).save(path)


def make_network(path):
    nn.Network([nn.Dense(4, 3, activation=sp.GELU(), rng=0), nn.Softmax()]).save(path)


def make_quantized_map(path):
    sp.quantize(sp.ActivationMap.random(3, rng=0), bits=4).save(path)


KINDS = {
    "map": (make_map, sp.ActivationMap.load),
    "network": (make_network, nn.Network.load),
    "quantized_map": (make_quantized_map, sp.QuantizedMap.load),
}


@pytest.fixture(params=KINDS)
def kind(request, tmp_path):
    """Path of a good file, and the function that loads such files."""
    make, load = KINDS[request.param]
    path = tmp_path / f"{request.param}.npz"
    make(path)
    return path, load


def members_of(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write_members(path, members, compression=zipfile.ZIP_DEFLATED):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of duplicates
        with zipfile.ZipFile(path, "w", compression) as archive:
            for name, content in members:
                archive.writestr(name, content)


def load_or_refuse(load, path):
    """Whether it loads; anything but a ValueError that names the file fails the test, and so does a warning."""
    with np.errstate(all="raise"), warnings.catch_warnings():
        warnings.simplefilter("error")
        try:
            load(path)
        except ValueError as error:
            return path.name not in str(error) and pytest.fail(f"{error} does not name the file")
        return True


@pytest.mark.parametrize("blank", [b"}", b"{", b"'", b"(", b")", b"descr", b":", b"shape"])
def test_a_header_without_one_of_its_parts(kind, blank):
    path, load = kind
    members = members_of(path)
    for name, content in members.items():
        damaged = content.replace(blank, b" " * len(blank), 1)
        write_members(path, [(other, damaged if other == name else good) for other, good in members.items()])
        assert damaged == content or not load_or_refuse(load, path), name


@pytest.mark.parametrize(
    "header",
    [
        "{'descr': '<f8', 'fortran_order': False, 'shape': (10000000000000, ), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (-1, ), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (3L, ), }",
        "{'descr': '<a8', 'fortran_order': False, 'shape': (), }",
        "{'descr': '<f3', 'fortran_order': False, 'shape': (), }",
        "{'descr': '<U999999999', 'fortran_order': False, 'shape': (), }",
        "{'descr': '|O', 'fortran_order': False, 'shape': (), }",
        "{'descr': [('\\d', '<f8')], 'fortran_order': False, 'shape': (), }",
        "{'descr': '<f8', 'fortran_order': False, 'shape': (" + "1, " * 65 + "), }",
        "{" * 4000,
        "__import__('os').abort()",
    ],
)
@pytest.mark.parametrize("version", [b"\x01\x00", b"\x02\x00", b"\x03\x00", b"\xff\xff"])
def test_headers_that_numpy_stumbles_over(kind, header, version):
    path, load = kind
    members = members_of(path)
    length = len(header) + 1
    start = b"\x93NUMPY" + version + length.to_bytes(2 if version[0] == 1 else 4, "little")
    for name in members:
        strange = start + header.encode() + b"\n" + bytes(24)
        write_members(path, [(other, strange if other == name else good) for other, good in members.items()])
        assert not load_or_refuse(load, path), name


def test_text_that_is_none(kind):
    """Numbers beyond Unicode where a text should be."""
    path, load = kind
    members = members_of(path)
    name = "palette.npy" if "palette.npy" in members else "layers.npy"
    members[name] = members[name][:-4] + b"\xff\xff\xff\x7f"
    write_members(path, members.items())
    assert not load_or_refuse(load, path)


def header_of_bytes(shape):
    """The header of a .npy file of bytes."""
    text = f"{{'descr': '|u1', 'fortran_order': False, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text


PEAK = """
import resource, sys
import spatium as sp
from spatium import nn
load = {"map": sp.ActivationMap.load, "network": nn.Network.load}[sys.argv[2]]
before, said = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, "read"
try:
    load(sys.argv[1])
except ValueError as error:
    said = str(error)
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024, said)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="ru_maxrss is in kilobytes here and in bytes elsewhere")
@pytest.mark.parametrize(
    ("which", "name"),
    [("map", name) for name in ("cells", "hit_counts", "palette", "format", "version", "another")]
    + [("network", name) for name in ("0.weights", "0.bias", "0.palette", "layers", "format", "version", "another")],
)
def test_a_small_file_cannot_ask_for_much_memory(tmp_path, which, name):
    """64 MB of zeros in less than 512 KB, as the member `name` of a file."""
    path = tmp_path / "bomb.npz"
    KINDS[which][0](path)
    members = members_of(path)
    size = 1 << 26
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for other, content in members.items():
            if other != f"{name}.npy":
                archive.writestr(other, content)
        with archive.open(f"{name}.npy", "w") as file:
            file.write(header_of_bytes((size,)))
            for _ in range(size >> 20):
                file.write(bytes(1 << 20))
    assert path.stat().st_size < 1 << 19
    result = subprocess.run([sys.executable, "-c", PEAK, path, which], capture_output=True, text=True, check=True)
    megabytes, said = result.stdout.strip().split(maxsplit=1)
    assert int(megabytes) < 48
    # what no map has is not looked at
    assert said == "read" if (which, name) == ("map", "another") else str(path) in said


def test_a_length_that_the_file_cannot_have(kind):
    """A member that claims 4 GB in its header and in the zip directory, with a few bytes behind it."""
    path, load = kind
    members = members_of(path)
    for name in members:
        claim = header_of_bytes((4_000_000_000,))
        write_members(path, [(other, claim if other == name else good) for other, good in members.items()])
        content = bytearray(path.read_bytes())
        entry = content.rindex(name.encode()) - 46  # of the directory, in which the length is at byte 24
        assert content[entry : entry + 4] == b"PK\x01\x02"
        content[entry + 24 : entry + 28] = (len(claim) + 4_000_000_000).to_bytes(4, "little")
        path.write_bytes(content)
        with pytest.raises(ValueError, match=re.escape(path.name) + ".*cannot have 40000000"):
            load(path)


def test_members_that_do_not_belong(kind):
    path, load = kind
    members = list(members_of(path).items())
    write_members(path, [*members, ("readme.txt", b"hello")])
    assert not load_or_refuse(load, path)
    write_members(path, [*members, members[0]])
    assert not load_or_refuse(load, path)
    write_members(path, members, zipfile.ZIP_BZIP2)
    assert not load_or_refuse(load, path)
    write_members(path, members, zipfile.ZIP_STORED)
    assert load_or_refuse(load, path)


def test_arrays_of_the_other_byte_order_and_memory_order(kind):
    path, load = kind
    expected = load(path)
    swapped = {}
    with np.load(path) as file:
        for name in file.files:
            array = file[name]
            swapped[name] = np.array(array, array.dtype.newbyteorder(">"), order="F")
    np.savez(path, **swapped)
    loaded = load(path)
    if isinstance(loaded, sp.ActivationMap):
        assert loaded == expected
        np.testing.assert_array_equal(loaded.hit_counts, expected.hit_counts)
    elif isinstance(loaded, sp.QuantizedMap):
        codes, hashes = np.arange(3, dtype=np.int8), np.arange(3)
        np.testing.assert_array_equal(loaded(codes, hashes), expected(codes, hashes))
    else:
        x = np.ones((2, 4), np.float32)
        np.testing.assert_array_equal(loaded.predict(x), expected.predict(x))


def mutated(rng, path, members):
    """One random damage: of a member's bytes or header, or of the finished file."""
    where = rng.integers(4)
    if where < 2:
        names = list(members)
        name = names[rng.integers(len(names))]
        content = bytearray(members[name])
        stop = min(len(content), 128) if where == 0 else len(content)  # the header is 128 bytes at most
        for _ in range(rng.integers(1, 4)):
            content[rng.integers(stop)] = rng.integers(256)
        if rng.random() < 0.2:
            content = content[: rng.integers(len(content))]
        write_members(path, [(other, bytes(content) if other == name else good) for other, good in members.items()])
        return
    write_members(path, members.items(), zipfile.ZIP_DEFLATED if rng.random() < 0.5 else zipfile.ZIP_STORED)
    content = bytearray(path.read_bytes())
    # the directory is at the end: forty-six bytes and a name per member
    start = 0 if where == 2 else content.index(b"PK\x01\x02")
    for _ in range(rng.integers(1, 4)):
        content[rng.integers(start, len(content))] = rng.integers(256)
    path.write_bytes(content)


@pytest.mark.parametrize("seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in range(1, 20))])
def test_random_damage(kind, seed):
    path, load = kind
    members = members_of(path)
    rng = np.random.default_rng(seed)
    refused = 0
    for _ in range(400):
        mutated(rng, path, members)
        refused += not load_or_refuse(load, path)
    assert refused > 100


def test_the_first_bytes_of_a_file(kind):
    path, load = kind
    content = path.read_bytes()
    for length in (*range(0, 60, 7), len(content) // 2, len(content) - 1):
        path.write_bytes(content[:length])
        assert not load_or_refuse(load, path)


def test_the_error_says_what_is_wrong(tmp_path):
    path = tmp_path / "map.npz"
    make_map(path)
    members = members_of(path)
    members["cells.npy"] = members["cells.npy"].replace(b"}", b" ")
    write_members(path, members.items())
    with pytest.raises(ValueError, match=re.escape(str(path)) + r".*header"):
        sp.ActivationMap.load(path)
    buffer = io.BytesIO()
    np.save(buffer, np.zeros(3))
    path.write_bytes(buffer.getvalue())
    with pytest.raises(ValueError, match=re.escape(str(path)) + r".*not a readable spatium-activation-map file"):
        sp.ActivationMap.load(path)


# --- the arrays that the command line reads ---


@pytest.mark.parametrize(
    "array",
    [
        np.arange(24.0).reshape(2, 3, 4),
        np.asfortranarray(np.arange(6, dtype=">f4").reshape(2, 3)),
        np.arange(6, dtype=">i2"),
        np.arange(6, dtype=np.float16),
        np.array([True, False]),
        np.arange(3, dtype=np.longdouble),
        np.empty((0, 64), np.uint8),
        np.empty((3, 0), np.float32),
    ],
    ids=lambda array: f"{array.dtype.str}{array.shape}",
)
@pytest.mark.parametrize("version", [(1, 0), (2, 0), (3, 0)])
def test_rows_of_a_file_are_as_numpy_maps_them(tmp_path, array, version):
    with open(tmp_path / "x.npy", "wb") as file, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of version 2 and 3, which older readers do not know
        np.lib.format.write_array(file, array, version)
    reader, expected = RowReader(tmp_path / "x.npy"), np.load(tmp_path / "x.npy", mmap_mode="r")
    got = reader.rows(0, len(array))
    assert (reader.shape, reader.dtype) == (expected.shape, expected.dtype)
    assert (got.strides, got.flags.writeable) == (expected.strides, False)
    np.testing.assert_array_equal(got, expected)


@pytest.mark.parametrize(
    "text",
    [
        "{'shape':(2,3),'fortran_order':False,'descr':'<f4'}",
        '{"descr": "<f4", "fortran_order": False, "shape": (2, 3), }',
        "{ 'fortran_order' : False , 'descr' : '<f4' , 'shape' : ( 2 , 3 , ) , }   ",
    ],
)
def test_headers_that_other_programs_write(tmp_path, text):
    rows = np.arange(6, dtype="<f4").reshape(2, 3)
    start = b"\x93NUMPY\x01\x00" + len(text).to_bytes(2, "little") + text.encode()
    (tmp_path / "x.npy").write_bytes(start + rows.tobytes())
    np.testing.assert_array_equal(np.load(tmp_path / "x.npy"), rows)
    np.testing.assert_array_equal(RowReader(tmp_path / "x.npy").rows(0, 2), rows)


def test_a_damaged_array_is_refused_by_name(tmp_path):
    path = tmp_path / "x.npy"
    np.save(path, np.ones((5, 4)))
    good = path.read_bytes()
    broken = [good.replace(part, b" " * len(part), 1) for part in (b"}", b"{", b"'", b"(", b")", b"descr", b":")]
    broken += [good.replace(b"(5, 4)", text) for text in (b"(9999999999999, 4)", b"(-5, 4)", b"(5L,4)")]
    broken += [good.replace(b"<f8", text) for text in (b"<f3", b"|O8", b"<U999999999", b"<V8")]
    broken += [good[:length] for length in range(0, len(good), 7)]
    broken += [good[:8] + b"\xff\xff" + good[10:], good[:10] + b"{" * (len(good) - 10)]
    for content in broken:
        path.write_bytes(content)
        assert not load_or_refuse(RowReader, path), content[:130]


@pytest.mark.parametrize("load", [nn.Network.load, sp.ActivationMap.load], ids=["network", "map"])
@pytest.mark.parametrize("content", [b"1,2,3\n4,5,6\n", b"\x08\x07\x12\x07pytorch", b""], ids=["text", "onnx", "empty"])
def test_other_files_are_called_what_they_are_not(tmp_path, load, content):
    path = tmp_path / "other"
    path.write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(str(path)) + ".*it is not an .npz archive") as caught:
        load(path)
    assert "pickle" not in str(caught.value)


@pytest.mark.parametrize("number", [0x110000, 0xD10068, 0xFFFFFFFF])
def test_numbers_that_are_not_characters(tmp_path, number):
    path = tmp_path / "map.npz"
    sp.ActivationMap.random(rng=0).save(path)
    with np.load(path) as archive:
        arrays = dict(archive)
    text = arrays["palette"].reshape(1).view(np.uint32).copy()
    text[20] = number
    arrays["palette"] = text.view(arrays["palette"].dtype).reshape(())
    np.savez(path, **arrays)
    with pytest.raises(ValueError, match=r"map\.npz.*'palette' has numbers that are not characters"):
        sp.ActivationMap.load(path)
