"""Seeded damage to saved maps, networks and tables of codes: the whole content, or a ValueError with the name.

Each way to damage a file is one function below: bytes of an array, its header's text, values in the JSON, the list of
members, bytes of the finished file, fields of its zip records, its length. Whatever loads is then used. Where only the
finished file was touched, zip's checksums see to it that the content is the old one. Time and memory of a load are
bounded. The default run damages some hundred files, `pytest -m slow tests/test_fuzz_files.py --fuzz-seed 0` seventy
thousand. test_fuzz_formats.py does the same to the formats of others.
"""

import io
import json
import re
import struct
import time
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

import spatium as sp
from spatium import nn
from spatium.presets import quantized_sigmoid

SECONDS, MEMORY = 5.0, 8 << 20  # of the processor in one load, and of the heap; the files have a few kilobytes
EDGES = [0, 1, 2, 7, 8, 64, 255, 256, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFE, 0xFFFFFFFF]


def make_map():
    amap = sp.ActivationMap.random(3, rng=0)
    amap[0, 0, 0] = sp.ScaledSwish(0.5, -1.25)
    amap(np.ones((5, 3)), np.arange(5)[:, None])
    return amap


def use_map(amap):
    x = np.linspace(-3, 3, 4 * int(np.prod(amap.shape))).reshape(4, *amap.shape)
    hashes = np.arange(4, dtype=np.uint64).reshape(4, *(1 for _ in amap.shape)) * np.uint64(0x123)
    y = amap(x, hashes, count=False)
    return amap.cells.tobytes(), amap.hit_counts.tobytes(), repr(amap.palette), y.tobytes()


def make_network():
    parametric = nn.ActivationLayer(sp.LeakyReLU(0.25), ("negative_slope",), per="channel", n_units=4)
    return nn.Network(
        [nn.SpatialDense(6, 4, rng=0), parametric, nn.Dense(4, 3, activation=sp.Swish(1.5), rng=1), nn.Softmax()]
    )


def use_network(network):
    columns = next((n for n in (layer.n_inputs for layer in network.layers) if n is not None), 3)
    return outputs(network, (4, columns))


def use_sequences(network):
    return outputs(network, (4, 5, 3))


def outputs(network, shape):
    x = np.linspace(-3, 3, int(np.prod(shape)), dtype=np.float32).reshape(shape)
    try:
        return repr(network), network.predict(x).tobytes()
    except ValueError as error:  # a damaged one may take other samples
        return repr(network), str(error)


def make_images():
    """Convolution, pooling, normalization and a layer with contexts; the classes and the description of columns."""
    maps = sp.ActivationMap.random(4, 0, [sp.Tanh(), sp.Sine(), sp.LeakyReLU(0.25)])
    layers = [nn.Conv2D((1, 6, 6), 2, 3, "gelu", rng=0), nn.MaxPool2D((2, 4, 4)), nn.BatchNorm(8, "tanh")]
    layers += [nn.SpatialLayer(8, 4, 8, maps, sp.BucketHash(8, 0, [-0.5, 0.0, 0.5]), rng=1), nn.Gated(4, 3, "geglu")]
    network = nn.Network([nn.Standardize(36), *layers, nn.Dense(3, 2, rng=2), nn.Softmax()])
    network.classes = ["no", "yes"]
    return network


def make_sequences():
    attention = nn.SelfAttention(4, 2, ("tanh", None, "gelu"), causal=True, rng=1)
    return nn.Network(
        [nn.Recurrent(3, 4, cell="gated", return_states=True, rng=0), attention, nn.Recurrent(4, 2, "sine", rng=2)]
    )


def make_quantized_map():
    qmap = sp.quantize(make_map(), bits=4)
    qmap(np.zeros((5, 3), np.int8), np.arange(5)[:, None])
    return qmap


def use_quantized_map(qmap):
    codes = qmap.quantize(np.linspace(-9, 9, 4 * int(np.prod(qmap.shape)))).reshape(4, *qmap.shape)
    hashes = np.arange(4, dtype=np.uint64).reshape(4, *(1 for _ in qmap.shape)) * np.uint64(0x123)
    return repr(qmap), qmap.hit_counts.tobytes(), qmap(codes, hashes, count=False).tobytes()


def use_quantized(q):
    return repr(q), q.evaluate(np.linspace(-9, 9, 50)).tobytes()


KINDS = {
    "map": (make_map, sp.ActivationMap.load, use_map),
    "network": (make_network, nn.Network.load, use_network),
    "images": (make_images, nn.Network.load, use_network),
    "sequences": (make_sequences, nn.Network.load, use_sequences),
    "quantized_map": (make_quantized_map, sp.QuantizedMap.load, use_quantized_map),
    "quantized_sigmoid": (quantized_sigmoid, sp.QuantizedActivation.load, use_quantized),
}


class File:
    """A good file: its members in order, and what the loaded object gives."""

    def __init__(self, kind, path):
        make, self.load, self.use = KINDS[kind]
        self.path = path
        make().save(path)
        with zipfile.ZipFile(path) as archive:
            self.members = [(name, archive.read(name)) for name in archive.namelist()]
        self.content = self.use(self.load(path))

    def pack(self, members, compression=zipfile.ZIP_DEFLATED):
        buffer = io.BytesIO()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of duplicates
            with zipfile.ZipFile(buffer, "w", compression) as archive:
                for name, content in members:
                    archive.writestr(zipfile.ZipInfo(name), content, compression)  # of 1980: the same bytes each time
        return bytearray(buffer.getvalue())


def pick(rng, sequence):
    return sequence[int(rng.integers(len(sequence)))]


def with_member(file, rng, change):
    """The file with one member changed."""
    members = list(file.members)
    at = int(rng.integers(len(members)))
    members[at] = (members[at][0], bytes(change(bytearray(members[at][1]))))
    return file.pack(members)


# ---- ways to damage a file: (file, rng) -> bytes ----


def bytes_of_a_member(file, rng):
    def change(content):
        for _ in range(rng.integers(1, 4)):
            content[rng.integers(len(content))] = rng.integers(256)
        return content

    return with_member(file, rng, change)


def length_of_a_member(file, rng):
    def change(content):
        at = int(rng.integers(len(content) + 1))
        return (
            content[:at]
            if rng.random() < 0.6
            else content[:at] + bytes(rng.integers(0, 256, 5, np.uint8)) + content[at:]
        )

    return with_member(file, rng, change)


def text_of_a_header(file, rng):
    """Another number, type, order or key, or a character less; the header keeps its length or tells the new one."""
    parts = [b"<f8", b">f4", b"|u1", b"<U3", b"|O", b"<M8[s]", b"|V4", b"<f3", b"True", b"False", b"()", b"(3, 8, 8)"]
    parts += [b"(192,)", b"(0,)", b"(-1,)", b"(1e9,)", b"(10000000000,)", b"descr", b"shape", b"", b"'", b"}", b"None"]

    def change(content):
        end = 10 + int.from_bytes(content[8:10], "little")
        header = bytes(content[10:end])
        tokens = re.findall(rb"'[^']*'|\([^)]*\)|\w+|.", header.rstrip())
        tokens[rng.integers(len(tokens))] = pick(rng, parts)
        text = b"".join(tokens)
        if rng.random() < 0.7:
            text = text[: len(header) - 1].ljust(len(header) - 1) + b"\n"
        return content[:8] + len(text).to_bytes(2, "little") + text + content[end:]

    return with_member(file, rng, change)


def values_of_the_text(file, rng):
    """Other JSON in the text that describes layers or palette."""
    strange = [
        None,
        True,
        -1,
        0,
        1,
        3,
        2**31,
        2**63,
        2**64,
        10**30,
        1.5,
        float("nan"),
        float("inf"),
        -1e308,
        "",
        "relu",
        "Dense",
    ]
    strange += ["x" * 1000, [], {}, [[]], {"a": 1}, "\ud800", "swish", ["alpha"], "SpatialDense", "Custom"]

    def places(value, path=()):
        yield path
        items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, inner in items:
            yield from places(inner, (*path, key))

    def changed(value, path):
        if not path:
            return pick(rng, strange)
        copy = value.copy()
        if len(path) == 1 and rng.random() < 0.3:
            other = pick(rng, ["beta", "n_units", "name", "kind", "other", "parameters"])
            inner = copy.pop(path[0])
            if isinstance(copy, dict) and rng.random() < 0.5:
                copy[other] = inner
            elif isinstance(copy, list) and rng.random() < 0.5:
                copy += [inner] * int(rng.integers(1, 400))
            return copy
        copy[path[0]] = changed(value[path[0]], path[1:])
        return copy

    members = []
    texts = [
        name for name, content in file.members if content.find(b"'<U") > 0 and b"[" in content[100:].replace(b"\0", b"")
    ]
    chosen = pick(rng, [name for name in texts if name not in ("format.npy", "version.npy")])
    for name, content in file.members:
        if name == chosen:
            value = json.loads(str(np.load(io.BytesIO(content))))
            for _ in range(rng.integers(1, 3)):
                value = changed(value, pick(rng, list(places(value))))
            text = json.dumps(value)
            if rng.random() < 0.1:
                text = text.replace(pick(rng, ["{", "}", ":", ",", '"']), pick(rng, ["", "[", "{", '"', "\0"]), 1)
            buffer = io.BytesIO()
            np.save(buffer, np.array(text))
            content = buffer.getvalue()
        members.append((name, content))
    return file.pack(members)


def list_of_members(file, rng):
    members = list(file.members)
    at, other = (int(rng.integers(len(members))) for _ in range(2))
    how = rng.integers(6)
    if how == 0:
        del members[at]
    elif how == 1:
        members.append(members[at])
    elif how == 2:
        members[at], members[other] = (members[at][0], members[other][1]), (members[other][0], members[at][1])
    elif how == 3:
        strange = [
            "",
            ".npy",
            "../up.npy",
            "/etc/passwd",
            "a/b.npy",
            "x.txt",
            "cells",
            "0.cells.npy",
            "\0.npy",
            "é.npy",
        ]
        members[at] = (pick(rng, strange), members[at][1])
    elif how == 4:
        members.insert(at, (pick(rng, ["more.npy", "9.weights.npy", "readme.txt"]), members[other][1]))
    else:
        rng.shuffle(members)
        return file.pack(members, pick(rng, [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2]))
    return file.pack(members)


def bytes_of_the_file(file, rng):
    content = file.pack(file.members, pick(rng, [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED]))
    start = 0 if rng.random() < 0.5 else content.index(b"PK\x01\x02")  # the directory
    for _ in range(rng.integers(1, 5)):
        content[rng.integers(start, len(content))] = rng.integers(256)
    return content


def fields_of_the_records(file, rng):
    """Numbers of two or four bytes in local headers, directory and end, at the edges of what they can be."""
    content = file.pack(file.members)
    signature, length = pick(rng, [(b"PK\x03\x04", 30), (b"PK\x01\x02", 46), (b"PK\x05\x06", 22)])
    starts = [match.start() for match in re.finditer(re.escape(signature), bytes(content))]
    for _ in range(rng.integers(1, 3)):
        at, size = pick(rng, starts) + int(rng.integers(2, length // 2)) * 2, pick(rng, [2, 4])
        if at + size <= len(content):
            content[at : at + size] = struct.pack("<Q", pick(rng, EDGES))[:size]
    return content


def length_of_the_file(file, rng):
    content = file.pack(file.members)
    at, other = sorted(rng.integers(0, len(content) + 1, 2).tolist())
    pieces = [
        content[:at],
        content[at:],
        content[:at] + content[other:],
        content + content,
        content[other:] + content[:other],
    ]
    return pick(rng, [*pieces, bytes(at) + content, content + bytes(at)])


DAMAGES = [bytes_of_a_member, length_of_a_member, text_of_a_header, values_of_the_text, list_of_members]
FINISHED = [bytes_of_the_file, fields_of_the_records, length_of_the_file]


def check(file, damage, seed):
    """Whether the damaged file was refused."""
    content = damage(file, np.random.default_rng(seed))
    file.path.write_bytes(content)
    case = f"{damage.__name__}, seed {seed}"
    tracemalloc.start()
    start = time.process_time()
    try:
        with np.errstate(all="raise"), warnings.catch_warnings():
            warnings.simplefilter("error")
            loaded = file.load(file.path)
    except ValueError as error:
        loaded = None
        if file.path.name not in str(error):
            raise AssertionError(f"{case}: {error} does not name the file") from error
    except Exception as error:
        raise AssertionError(f"{case}: {error!r}") from error
    seconds, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < SECONDS, f"{case}: {seconds:.1f} s"
    assert peak < MEMORY, f"{case}: {peak >> 20} MB"
    if loaded is not None:
        with np.errstate(all="ignore"):
            used = file.use(loaded)
        assert used == file.content or damage not in FINISHED, f"{case}: another content"
    return loaded is None


@pytest.fixture(params=KINDS)
def file(request, tmp_path):
    made = File(request.param, tmp_path / f"{request.param}.npz")
    yield made
    tracemalloc.stop()  # after an error


every_damage = pytest.mark.parametrize("damage", [*DAMAGES, *FINISHED], ids=lambda damage: damage.__name__)


@every_damage
def test_damaged_files(file, damage):
    refused = sum(check(file, damage, seed) for seed in range(12))
    assert refused


@pytest.mark.slow
@every_damage
def test_many_damaged_files(file, damage, request):
    start = 1000 + 10_000 * request.config.getoption("--fuzz-seed")
    for seed in range(start, start + 1500):
        check(file, damage, seed)
