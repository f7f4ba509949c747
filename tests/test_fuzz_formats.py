"""Seeded damage to files in the formats of others: the rows or the network, or a ValueError that names the file.

ONNX (with our description in the file, and as others write it), Parquet, safetensors, tables of text, `.npy` and `.npz`
as the command line reads them. Most of these have no checksums, so a damaged file may load with other numbers. What the
bytes mean is damaged too: the fields of the messages of ONNX, and the numbers of bytes that stand before others. Time
and memory of a load are bounded.

The default run damages some hundred files, `pytest -m slow tests/test_fuzz_formats.py --fuzz-seed 0` thirty thousand.
"""

import contextlib
import json
import math
import struct
import time
import tracemalloc
import warnings

import numpy as np
import pytest
from test_fuzz_files import EDGES, make_images, pick

import spatium as sp
from spatium import nn
from spatium.cli.formats import open_input

SECONDS = 5.0
ROWS = np.random.default_rng(0).normal(size=(40, 3)).round(3)


def rows_of(path):
    """All rows, as many at a time as a batch has."""
    reader = open_input(path, None, None, np.float32)
    for start in range(0, min(reader.n_rows, 10_000), 500):
        reader.rows(start, min(start + 500, reader.n_rows))


def make_network():
    layers = [nn.Dense(4, 5, sp.Swish(1.5), rng=0), nn.Dense(5, 3, "gelu", rng=1), nn.Dense(3, 2, rng=2), nn.Softmax()]
    return nn.Network(layers)


def make_onnx(path):
    onnx = pytest.importorskip("onnx")
    sp.onnx.save(make_network(), path)
    return onnx


def make_foreign_onnx(path):
    """Convolution among the layers, and no description: the graph itself is read."""
    onnx = make_onnx(path)
    sp.onnx.save(nn.Network(make_images().layers[1:4]), path)
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path)


def make_external_onnx(path):
    """Numbers in a second file, as exporters write large ones."""
    onnx = make_onnx(path)
    model = onnx.load(path)
    del model.metadata_props[:]
    onnx.save(model, path, save_as_external_data=True, location="numbers.bin", size_threshold=0)


def load_onnx(path):
    network = sp.onnx.load(path)
    shape = network.layers[0].input_shape or (4,)
    if math.prod(shape) < 1000:
        with contextlib.suppress(ValueError):  # damaged, it may take other samples
            network.predict(np.linspace(-3, 3, 2 * math.prod(shape), dtype=np.float32).reshape(2, *shape))


def make_parquet(path):
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    columns = {"a": ROWS[:, 0], "b": ROWS[:, 1].astype(np.float32), "c": np.arange(40)}
    parquet.write_table(pa.table(columns), path, row_group_size=15)


def make_safetensors(path):
    header = {
        "0.weight": {"dtype": "F32", "shape": [4, 3], "data_offsets": [0, 48]},
        "0.bias": {"dtype": "BF16", "shape": [4], "data_offsets": [48, 56]},
        "__metadata__": {"format": "pt"},
    }
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + np.arange(14, dtype=np.float32).tobytes())


def make_table(path):
    lines = [",".join(map(str, row)) for row in ROWS.tolist()]
    path.write_text("\n".join(["a,b,c", *lines]) + "\n")


# The ending of the name, what writes a good file, what reads all of it, and the bytes that a load may allocate.
KINDS = {
    "onnx": (".onnx", make_onnx, load_onnx, 80 << 20),
    "foreign_onnx": (".onnx", make_foreign_onnx, load_onnx, 80 << 20),
    "external_onnx": (".onnx", make_external_onnx, load_onnx, 80 << 20),
    "parquet": (".parquet", make_parquet, rows_of, 8 << 20),
    "safetensors": (".safetensors", make_safetensors, nn.load_safetensors, 8 << 20),
    "table": (".csv", make_table, rows_of, 8 << 20),
    "npy": (".npy", lambda path: np.save(path, ROWS), rows_of, 8 << 20),
    "npz": (".npz", lambda path: np.savez_compressed(path, x=ROWS, y=ROWS[:, 0]), rows_of, 8 << 20),
}


class File:
    """A good file."""

    def __init__(self, kind, folder):
        suffix, make, self.load, self.memory = KINDS[kind]
        self.path = folder / f"damaged{suffix}"
        make(self.path)
        self.content = self.path.read_bytes()
        self.load(self.path)


# ---- ways to damage a file: (file, rng) -> bytes ----


def some_bytes(file, rng):
    content = bytearray(file.content)
    start = 0 if rng.random() < 0.5 else max(len(content) - 500, 0)  # Parquet and zip describe themselves at the end
    for _ in range(rng.integers(1, 5)):
        content[rng.integers(start, len(content))] = rng.integers(256)
    return content


def some_numbers(file, rng):
    """Numbers of one to eight bytes, at the edges of what they can be."""
    content = bytearray(file.content)
    for _ in range(rng.integers(1, 3)):
        size = int(pick(rng, [1, 2, 4, 8]))
        at = int(rng.integers(len(content) - size))
        content[at : at + size] = struct.pack("<Q", pick(rng, EDGES))[:size]
    return content


def the_length(file, rng):
    content = file.content
    at, other = sorted(rng.integers(0, len(content) + 1, 2).tolist())
    pieces = [content[:at], content[at:], content[:at] + content[other:], content[:other] + content[at:], bytes(at)]
    return pick(rng, [*pieces, content + content[at:other], content[other:] + content[:other], bytes(at) + content])


def some_words(file, rng):
    """Other words in place of those in the file, for what is text or holds some."""
    words = [b"0", b"-1", b"1e999", b"nan", b"99999999999999999999", b"", b"\0", b"\xff", b'"', b",", b"\n", b"{", b"]"]
    words += [b"x" * 3000, b"F64", b"shape", b"[[", b"<f8", b"|O", b"True", b"\xe2\x88\x9e", b"\r", b"Relu", b"input"]
    content = bytes(file.content)
    at = int(rng.integers(len(content)))
    return content[:at] + pick(rng, words) + content[at + int(rng.integers(0, 9)) :]


def fields_of_the_model(file, rng):
    """Another value in a message of ONNX; a message less, twice, or in another place."""
    import onnx

    model = onnx.ModelProto.FromString(file.content)
    for _ in range(rng.integers(1, 3)):
        message = pick(rng, list(messages(model)))
        fields = message.ListFields()
        if fields:
            change(rng, message, *fields[int(rng.integers(len(fields)))])
    return model.SerializeToString()


def messages(message):
    """The message and all that it holds."""
    yield message
    for field, value in message.ListFields():
        if field.message_type is not None:
            for inner in value if repeats(field, value) else [value]:
                yield from messages(inner)


def repeats(field, value):
    return hasattr(value, "append")


def change(rng, message, field, value):
    if repeats(field, value):
        at = int(rng.integers(len(value)))
        how = rng.integers(4)
        if how == 0:
            del value[at]
        elif how == 1:
            value.append(value[at])
        elif how == 2 and field.message_type is None:
            value[at] = other(rng, value[at])
        else:
            values = list(value)
            rng.shuffle(values)
            del value[:]
            value.extend(values)
    elif field.message_type is not None or rng.random() < 0.3:
        message.ClearField(field.name)
    else:
        try:
            setattr(message, field.name, other(rng, value))
        except (TypeError, ValueError):  # an enumeration without this value, or a number that is too large
            message.ClearField(field.name)


def other(rng, value):
    if isinstance(value, str):
        texts = ["", "Relu", "Gemm", "Conv", "Reshape", "Where", "input", "output", "9", "\0", "/etc/passwd", "../a"]
        return pick(rng, [*texts, "x" * 1000])
    if isinstance(value, bytes):
        return pick(rng, [b"", value[: len(value) // 2], value + value, bytes(len(value)), b"\xff" * len(value)])
    if isinstance(value, float):
        return pick(rng, [0.0, -1.0, 1e-30, 3e38, math.inf, -math.inf, math.nan])
    return pick(rng, [0, 1, -1, 2, 7, 16, 255, 2**31 - 1, -(2**31), 2**62, -(2**62)])


DAMAGES = [some_bytes, some_numbers, the_length, some_words]
CASES = [(kind, damage) for kind in KINDS for damage in DAMAGES]
CASES += [(kind, fields_of_the_model) for kind in KINDS if "onnx" in kind]


def check(file, damage, seed):
    """Whether the damaged file was refused."""
    content = bytes(damage(file, np.random.default_rng(seed)))
    file.path.write_bytes(content)
    case = f"{file.path.suffix}, {damage.__name__}, seed {seed}"
    tracemalloc.start()
    start, refused = time.process_time(), False
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("error")
            file.load(file.path)
    except ValueError as error:
        refused = True
        if file.path.name not in str(error):
            raise AssertionError(f"{case}: {error} does not name the file") from error
    except Exception as error:
        raise AssertionError(f"{case}: {error!r}") from error
    seconds, (_, peak) = time.process_time() - start, tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seconds < SECONDS, f"{case}: {seconds:.1f} s"
    assert peak < file.memory, f"{case}: {peak >> 20} MB"
    return refused


@pytest.fixture
def file(kind, tmp_path):
    made = File(kind, tmp_path)
    yield made
    tracemalloc.stop()  # after an error


every_case = pytest.mark.parametrize(("kind", "damage"), CASES, ids=lambda part: getattr(part, "__name__", part))


@every_case
def test_damaged_files(file, damage):
    assert any([check(file, damage, seed) for seed in range(12)])


@pytest.mark.slow
@every_case
def test_many_damaged_files(file, damage, request):
    start = 1000 + 10_000 * request.config.getoption("--fuzz-seed")
    for seed in range(start, start + 1000):
        check(file, damage, seed)
