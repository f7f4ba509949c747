"""The formats of `spatium infer`: what it reads and writes, by the endings of files, and standard input and output."""

import io
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

import click.testing
from conftest import same_bits

from spatium.cli.app import application
from spatium.cli.formats import NpzReader, ZarrReader
from spatium.cli.table import Columns, ParquetReader, TableReader, parquet_writer, text_writer
from spatium.nn import ActivationLayer, Dense, Network, Softmax

RNG = np.random.default_rng(0)
X = RNG.normal(size=(500, 5)).astype(np.float32)


@pytest.fixture
def run(monkeypatch, tmp_path):
    def call(*arguments, code=0, stdin=None):
        result = click.testing.CliRunner().invoke(application, [str(argument) for argument in arguments], input=stdin)
        assert result.exit_code == code, result.output
        return result

    monkeypatch.setattr("spatium.cli.infer.SECONDS_OF_TIMING", 0.0)
    monkeypatch.chdir(tmp_path)
    return call


@pytest.fixture
def network(tmp_path):
    made = Network([Dense(5, 7, "gelu", rng=0), Dense(7, 3, rng=1), Softmax()], classes=["a", "b", "c"])
    made.save(tmp_path / "n.npz")
    return made


def saved(path, array):
    np.save(path, array)
    return path


# --- .npz ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("save", [np.savez, np.savez_compressed])
def test_npz(run, network, tmp_path, save):
    save(tmp_path / "x.npz", data=X.reshape(500, 5, 1), target=np.zeros(500), names=np.array(["a"]))
    run("infer", "--model", "n.npz", "--input", "x.npz", "--output", "y.npy", "--batch", 64)
    same_bits(np.load("y.npy"), network.predict(X, batch_size=64))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", ["f8", ">f4", "i2", "?"])
def test_slices_of_npz(tmp_path, order, dtype):
    x = (RNG.normal(size=(100, 2, 3)) * 3).astype(dtype)
    np.savez_compressed(tmp_path / "x.npz", x=np.asarray(x, order=order))
    reader = NpzReader(tmp_path / "x.npz", wanted=np.float64)
    assert (reader.n_rows, reader.n_columns) == (100, 6)
    flat = x.reshape(100, 6).astype(np.float64)
    for start, stop in ((0, 7), (7, 7), (50, 100), (3, 12), (99, 100)):
        np.testing.assert_array_equal(reader.rows(start, stop), flat[start:stop])


def test_the_array_of_an_archive(run, network, tmp_path):
    np.savez(tmp_path / "two.npz", first=X, second=X + 1, objects=np.array([{}], dtype=object))
    message = run("infer", "--model", "n.npz", "--input", "two.npz", code=3).stderr
    assert message == "Error: two.npz has the arrays first (500, 5), second (500, 5): choose one with --array\n"
    run("infer", "--model", "n.npz", "--input", "two.npz", "--array", "second", "--output", "y.npy")
    same_bits(np.load("y.npy"), network.predict(X + 1))
    assert (
        "has no array 'third'; it has first"
        in run("infer", "--model", "n.npz", "--input", "two.npz", "--array", "third", code=3).stderr
    )
    saved(tmp_path / "x.npy", X)
    assert (
        "--array is for .npz and .zarr"
        in run("infer", "--model", "n.npz", "--input", "x.npy", "--array", "x", code=3).stderr
    )


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros(5), "has shape (5,), expected one row per sample"),
        (np.zeros((2, 5), complex), "has dtype complex128, expected real numbers"),
        (np.full((2, 5), np.nan), "row 0 holds NaN"),
        (np.zeros((2, 4)), "has 4 values per row, the network takes 5"),
    ],
)
def test_arrays_that_npz_may_not_have(run, network, tmp_path, array, message):
    np.savez(tmp_path / "x.npz", x=array)
    line = run("infer", "--model", "n.npz", "--input", "x.npz", code=3).stderr
    assert "x.npz" in line
    assert message in line


def test_damaged_npz(run, network, tmp_path):
    np.savez(tmp_path / "x.npz", x=X)
    whole = (tmp_path / "x.npz").read_bytes()
    (tmp_path / "cut.npz").write_bytes(whole[:-100])
    middle = len(whole) // 2
    (tmp_path / "changed.npz").write_bytes(whole[:middle] + bytes([whole[middle] ^ 255]) + whole[middle + 1 :])
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        header = io.BytesIO()
        np.lib.format.write_array_header_1_0(header, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 5)})
        archive.writestr("x.npy", header.getvalue() + bytes(1000))
    for name in ("cut.npz", "changed.npz", "bomb.npz"):
        line = run("infer", "--model", "n.npz", "--input", name, "--output", "y.npy", code=3).stderr
        assert name in line
        assert len(line.splitlines()) == 1
    assert not (tmp_path / "y.npy").exists()


# --- Parquet ------------------------------------------------------------------------------------------------------


@pytest.fixture
def parquet():
    pytest.importorskip("pyarrow")
    import pyarrow as pa
    from pyarrow import parquet

    def write(path, columns, **options):
        parquet.write_table(pa.table(columns), path, **options)
        return path

    return write


def test_parquet_in_and_out(run, network, tmp_path, parquet):
    from pyarrow.parquet import read_table

    parquet(tmp_path / "x.parquet", {f"c{i}": X[:, i] for i in range(5)}, row_group_size=70)
    run("infer", "--model", "n.npz", "--input", "x.parquet", "--output", "y.parquet", "--batch", 64)
    table = read_table("y.parquet")
    assert table.column_names == ["a", "b", "c"]
    same_bits(np.column_stack([column.to_numpy() for column in table.columns]), network.predict(X, batch_size=64))
    run("infer", "--model", "n.npz", "--input", "x.parquet", "--output", "labels.parquet", "--labels")
    labels = read_table("labels.parquet").column("class").to_pylist()
    assert labels == [network.classes[i] for i in network.classify(X)]


def test_parquet_equals_text(tmp_path, parquet):
    words = np.array(["red", "blue", "green"])[RNG.integers(3, size=300)]
    numbers, whole = RNG.normal(size=300), RNG.integers(100, size=300)
    data = {"n": numbers, "other": words, "w": words, "i": whole, "b": whole > 50}
    parquet(tmp_path / "x.parquet", data, row_group_size=70)
    with text_writer(tmp_path / "x.csv", list(data)) as append:
        append(np.array([list(map(str, data[name].astype(int) if name == "b" else data[name])) for name in data]).T)
    columns = Columns(("w", "i", "n", "b"), {"w": ("blue", "green", "red")})
    readers = [kind(path, columns, "other", np.float64) for kind, path in
               ((ParquetReader, tmp_path / "x.parquet"), (TableReader, tmp_path / "x.csv"))]  # fmt: skip
    assert readers[0].values("w") == readers[1].values("w") == ("blue", "green", "red")
    for start, stop in ((0, 11), (11, 200), (200, 200), (30, 299), (0, 300)):
        (x, target), (expected, expected_target) = (reader.rows_and_target(start, stop) for reader in readers)
        np.testing.assert_array_equal(x, expected)
        assert target == expected_target
        assert len(x) == stop - start


def test_training_on_parquet(run, tmp_path, parquet):
    y = np.where(X[:, 0] > 0, "up", "down")
    parquet(tmp_path / "x.parquet", {**{f"c{i}": X[:, i] for i in range(5)}, "y": y})
    report = json.loads(run("train", "x.parquet", "--output", "t.npz", "--epochs", 20, "--json").stdout)
    assert report["accuracy"] > 0.9
    assert report["classes"] == ["down", "up"]


def test_faults_of_parquet(run, network, tmp_path, parquet):
    import pyarrow as pa

    columns = {f"c{i}": X[:, i] for i in range(5)}
    gap = pa.array([*map(float, X[:499, 2]), None])
    for name, changed, message in (
        ("gap", {"c2": gap}, "row 499, column 'c2': the value is missing"),
        ("nan", {"c1": np.where(np.arange(500) == 7, np.nan, 0)}, "row 7, column 'c1': the value is missing"),
        ("words", {"c3": ["red"] * 500}, "row 0, column 'c3': 'red' is not a number"),
        ("large", {"c4": np.full(500, 1e300)}, "row 0, column 'c4': 1e+300 is too large for float32"),
    ):
        parquet(tmp_path / f"{name}.parquet", columns | changed, row_group_size=100)
        line = run("infer", "--model", "n.npz", "--input", f"{name}.parquet", "--batch", 50, code=3).stderr
        assert line.startswith(f"Error: {name}.parquet: {message}")
    (tmp_path / "cut.parquet").write_bytes((tmp_path / "gap.parquet").read_bytes()[:-50])
    (tmp_path / "text.parquet").write_text("a,b\n1,2\n")
    for name in ("cut.parquet", "text.parquet"):
        line = run("infer", "--model", "n.npz", "--input", name, code=3).stderr
        assert line.startswith(f"Error: {name}: not a readable Parquet file")
        assert len(line.splitlines()) == 1
    assert "none.parquet: No such file" in run("infer", "--model", "n.npz", "--input", "none.parquet", code=3).stderr


def test_a_parquet_file_in_groups(tmp_path, parquet, monkeypatch):
    from pyarrow.parquet import ParquetFile

    monkeypatch.setattr("spatium.cli.table.ROWS_PER_GROUP", 100)
    with parquet_writer(tmp_path / "y.parquet", ["a", "b"], np.float32) as append:
        for start in range(0, 500, 30):
            append(X[start : start + 30, :2])
    file = ParquetFile(tmp_path / "y.parquet")
    assert file.num_row_groups == 5
    same_bits(np.column_stack([column.to_numpy() for column in file.read().columns]), X[:, :2])
    with pytest.raises(IndexError), parquet_writer(tmp_path / "z.parquet", ["a"], np.float32) as append:
        append(X[:1, :0])
    assert not (tmp_path / "z.parquet").exists()


# --- Zarr ---------------------------------------------------------------------------------------------------------


def test_zarr(run, network, tmp_path):
    zarr = pytest.importorskip("zarr")
    array = zarr.open(str(tmp_path / "x.zarr"), mode="w", shape=X.shape, chunks=(64, 5), dtype="f4")
    array[:] = X
    group = zarr.open_group(str(tmp_path / "group.zarr"), mode="w")
    for name, data in (("first", X), ("second", X + 1), ("target", np.zeros(500))):
        group.create_array(name, shape=data.shape, dtype=data.dtype)[...] = data
    run("infer", "--model", "n.npz", "--input", "x.zarr", "--output", "y.npy", "--batch", 64)
    same_bits(np.load("y.npy"), network.predict(X, batch_size=64))
    run("infer", "--model", "n.npz", "--input", "group.zarr", "--array", "second", "--output", "z.npy")
    same_bits(np.load("z.npy"), network.predict(X + 1))
    assert "choose one with --array" in run("infer", "--model", "n.npz", "--input", "group.zarr", code=3).stderr
    reader = ZarrReader(tmp_path / "x.zarr")
    np.testing.assert_array_equal(reader.rows(100, 130), X[100:130])
    assert "none.zarr: No such file" in run("infer", "--model", "n.npz", "--input", "none.zarr", code=3).stderr
    (tmp_path / "folder.zarr").mkdir()
    line = run("infer", "--model", "n.npz", "--input", "folder.zarr", code=3).stderr
    assert line.startswith("Error: folder.zarr: not a readable Zarr array or group")


@pytest.mark.parametrize(("module", "name"), [("pyarrow", "x.parquet"), ("zarr", "x.zarr")])
def test_missing_packages(run, network, tmp_path, monkeypatch, module, name):
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / name).write_bytes(b"PAR1")
    line = run("infer", "--model", "n.npz", "--input", name, code=3).stderr
    assert line.startswith(f"Error: {name}: ")
    assert f"python -m pip install {module}" in line


# --- standard input and output ------------------------------------------------------------------------------------


def test_standard_input_and_output(run, network, tmp_path):
    text = "\n".join(["p,q,r,s,t", *(",".join(map(str, row)) for row in X[:20])]).encode()
    array = io.BytesIO()
    np.save(array, X[:20])
    archive = io.BytesIO()
    np.savez(archive, X[:20])
    expected = network.predict(X[:20])
    for stdin in (text, array.getvalue(), archive.getvalue()):
        result = run("infer", "--model", "n.npz", "--input", "-", "--output", "-", stdin=stdin)
        header, *lines = result.stdout.splitlines()
        assert header == "a,b,c"
        same_bits(np.array([line.split(",") for line in lines], np.float32), expected)
        assert "standard input, 20 rows" in result.stderr
    result = run("infer", "--model", "n.npz", "--input", "-", "--output", "-", "--labels", "--json", stdin=text)
    assert result.stdout.split() == ["class", *(network.classes[i] for i in network.classify(X[:20]))]
    assert json.loads(result.stderr)["input"] == "standard input"
    broken = text.replace(b"p,q", b"p,p")
    line = run("infer", "--model", "n.npz", "--input", "-", "--output", "y.npy", stdin=broken, code=3).stderr
    assert line.startswith("Error: standard input: the first line has empty or equal names")
    assert sorted(os.listdir(tmp_path)) == ["n.npz"]


@pytest.mark.skipif(os.name != "posix", reason="pipes of a shell")
def test_a_closed_pipe_ends_a_report(tmp_path):
    command = [sys.executable, "-m", "spatium", "infer"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    process.stdout.close()
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(60) == 128 + 13


@pytest.mark.skipif(os.name != "posix", reason="pipes of a shell")
def test_a_reader_that_leaves(network, tmp_path):
    saved(tmp_path / "x.npy", np.zeros((200_000, 5), np.float32))
    command = [sys.executable, "-m", "spatium", "infer", "--model", "n.npz", "--input", "x.npy", "--output", "-"]
    process = subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout.readline() == b"a,b,c\n"
    process.stdout.close()
    error = process.stderr.read()
    process.stderr.close()
    assert process.wait(30) == 141
    assert error == b""


# --- dtypes and endings -------------------------------------------------------------------------------------------


def test_networks_in_float64_read_and_write_float64(run, tmp_path):
    network = Network([Dense(5, 3, "tanh", rng=0).astype(np.float64)])
    network.save(tmp_path / "n.npz")
    x = RNG.normal(size=(50, 5))
    saved(tmp_path / "x.npy", x)
    for name in ("y.npy", "y.csv"):
        run("infer", "--model", "n.npz", "--input", "x.npy", "--output", name)
    same_bits(np.load("y.npy"), network.predict(x))
    same_bits(np.loadtxt("y.csv", delimiter=",", skiprows=1), network.predict(x))


def test_a_regression_has_no_classes(run, tmp_path):
    for last, has_classes in ((None, False), (ActivationLayer("sigmoid"), True)):
        Network([Dense(5, 1, rng=0), *([last] if last else [])]).save(tmp_path / "n.npz")
        saved(tmp_path / "x.npy", X)
        report = json.loads(run("infer", "--model", "n.npz", "--input", "x.npy", "--json").stdout)
        assert len(report["classes"]) == (2 if has_classes else 0)
        result = run(
            *("infer", "--model", "n.npz", "--input", "x.npy", "--output", "y.csv", "--labels", "--force"),
            code=0 if has_classes else 3,
        )
        assert has_classes or "one output, which is a number and not a class" in result.stderr


@pytest.mark.parametrize("name", ["y.xlsx", "y", "y.json", "y.npz"])
def test_unknown_endings_of_outputs(run, network, tmp_path, name):
    saved(tmp_path / "x.npy", X)
    message = run("infer", "--model", "n.npz", "--input", "x.npy", "--output", name, code=2).stderr
    assert "expected .npy, .csv, .tsv, .txt or .parquet" in message


def test_unknown_endings_of_inputs(run, network, tmp_path):
    saved(tmp_path / "data.bin.npy", X)
    (tmp_path / "data.bin.npy").rename(tmp_path / "data.bin")
    run("infer", "--model", "n.npz", "--input", "data.bin")
    (tmp_path / "x.xlsx").write_bytes(b"PK\x03\x04")
    assert "the formats are .npy, .npz, .csv" in run("infer", "--model", "n.npz", "--input", "x.xlsx", code=3).stderr
