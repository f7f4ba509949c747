"""`spatium train`, tables of text, and the way from a stranger's table to predictions."""

import csv
import json
import os
import sys

import numpy as np
import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

import click.testing

from spatium.cli.app import application
from spatium.cli.table import Columns, TableReader, text_writer
from spatium.nn import Dense, Network, Softmax, SpatialDense


@pytest.fixture
def run(monkeypatch):
    monkeypatch.setattr("spatium.cli.infer.SECONDS_OF_TIMING", 0.02)

    def call(*arguments, code=0):
        result = click.testing.CliRunner().invoke(application, [str(argument) for argument in arguments])
        assert result.exit_code == code, result.output
        return result

    return call


def write(path, text):
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def flowers(tmp_path):
    """A table with numbers in very different units, a column of words, and three classes."""
    rng = np.random.default_rng(0)
    lines = ["width,weight,color,kind"]
    for i in range(240):
        kind = i % 3
        width, weight = rng.normal(kind * 1e-3, 2e-4), rng.normal(5e5 - kind * 1e5, 3e4)
        color = "red" if rng.random() < (0.9 if kind == 1 else 0.1) else 'light, "blue"'
        cell = '"light, ""blue"""' if color != "red" else "red"
        lines.append(f"{width:.6g},{weight:.6g},{cell},{('rose', 'tulip', 'ölçü')[kind]}")
    return write(tmp_path / "flowers.csv", "\n".join(lines) + "\n")


def read(path):
    with open(path, encoding="utf-8", newline="") as file:
        return list(csv.reader(file))


# ---- from a table to predictions ----


def test_two_commands(run, flowers, tmp_path):
    network_path, output = tmp_path / "network.npz", tmp_path / "result.csv"
    report = json.loads(
        run("train", flowers, "--output", network_path, "--categories", "color", "--epochs", 40, "--json").stdout
    )
    assert report["accuracy"] > 0.95
    assert report["accuracy"] > report["accuracy_of_the_most_frequent_class"]
    assert (report["rows"], report["held_out"], report["inputs"], report["epochs"]) == (192, 48, 4, 40)
    network = Network.load(network_path)
    assert network.classes == ("rose", "tulip", "ölçü")
    assert Columns.from_text(network.metadata) == Columns(
        ("width", "weight", "color"), {"color": ('light, "blue"', "red")}, "kind"
    )
    # the columns are found by name, in any order, and others are ignored
    rows = read(flowers)
    order = [3, 2, 0, 1]
    shuffled = tmp_path / "new.csv"
    with open(shuffled, "w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([row[i] for i in order] for row in rows)
    run("infer", "--model", network_path, "--input", shuffled, "--output", output, "--labels")
    found = read(output)
    assert found[0] == ["class"]
    assert len(found) == len(rows)
    assert np.mean([got == [row[3]] for got, row in zip(found[1:], rows[1:], strict=True)]) > 0.95
    # the same as probabilities, and as arrays
    run("infer", "--model", network_path, "--input", flowers, "--output", output, "--batch", 50, "--force")
    probabilities = read(output)
    assert probabilities[0] == ["rose", "tulip", "ölçü"]
    values = np.array(probabilities[1:], dtype=np.float32)
    np.testing.assert_allclose(values.sum(axis=1), 1, rtol=1e-6)
    assert [network.classes[i] for i in values.argmax(axis=1)] == [row[0] for row in found[1:]]
    run("infer", "--model", network_path, "--input", flowers, "--output", tmp_path / "y.npy", "--batch", 50)
    assert np.load(tmp_path / "y.npy").tobytes() == values.tobytes()
    run("infer", "--model", network_path, "--input", flowers, "--output", tmp_path / "y.npy", "--labels", "--force")
    assert np.load(tmp_path / "y.npy").tolist() == [row[0] for row in found[1:]]


def test_numbers(run, tmp_path):
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 2))
    y = 5000 + 300 * np.sin(x[:, 0]) + 100 * x[:, 1]
    table = "a;b;price\n" + "\n".join(f"{a};{b};{p}" for (a, b), p in zip(x, y, strict=True))
    path = write(tmp_path / "prices.csv", table)
    report = json.loads(
        run("train", path, "--output", tmp_path / "n.npz", "--hidden", "32", "--activation", "tanh", "--epochs", 150,
            "--learning-rate", 0.01, "--json").stdout
    )  # fmt: skip
    assert report["classes"] is None
    assert report["explained_variance"] > 0.97
    network = Network.load(tmp_path / "n.npz")
    assert np.abs(network.predict(x)[:, 0] - y).mean() < 60  # in the units of the target
    run("infer", "--model", tmp_path / "n.npz", "--input", path, "--output", tmp_path / "y.csv")
    assert read(tmp_path / "y.csv")[0] == ["price"]
    result = run(
        *(
            "infer",
            "--model",
            tmp_path / "n.npz",
            "--input",
            path,
            "--output",
            tmp_path / "y.csv",
            "--labels",
            "--force",
        ),
        code=3,
    )
    assert "the network has one output, which is a number and not a class" in result.output


@pytest.mark.parametrize("target", ["column", "file"])
def test_arrays(run, tmp_path, target):
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    y = (x[:, 0] > 0) * 1 + (x[:, 1] > 0) * 1
    np.save(tmp_path / "y.npy", y)
    np.save(tmp_path / "x.npy", np.column_stack([x, y]) if target == "column" else x.reshape(300, 2, 2))
    extra = [] if target == "column" else ["--target", tmp_path / "y.npy"]
    report = json.loads(
        run("train", tmp_path / "x.npy", *extra, "--output", tmp_path / "n.npz", "--epochs", 60, "--json").stdout
    )
    assert report["classes"] == ["0", "1", "2"]
    assert report["accuracy"] > 0.8
    assert Network.load(tmp_path / "n.npz").n_inputs == 4


def test_spatial_layers_and_printing(run, flowers, tmp_path):
    arguments = ["train", flowers, "--output", tmp_path / "n.npz", "--categories", "color", "--epochs", 20]
    result = run(*arguments, "--spatial", "--hidden", "16,8")
    layers = Network.load(tmp_path / "n.npz").layers
    assert [type(layer) for layer in layers[1:]] == [SpatialDense, SpatialDense, Dense, Softmax]
    assert "192 for training, 48 held out" in result.stdout
    assert "of the rows held out; the most frequent class" in result.stdout
    assert result.stderr == ""
    assert "n.npz exists; --force replaces it" in run(*arguments, code=2).output
    run(*arguments, "--hidden", "", "--held-out", 0, "--force")
    assert len(Network.load(tmp_path / "n.npz").layers) == 3


def test_the_seed_decides(run, flowers, tmp_path):
    def weights(name, seed):
        run("train", flowers, "--output", tmp_path / name, "--categories", "color", "--epochs", 3, "--seed", seed)
        return Network.load(tmp_path / name).layers[1].weights.tobytes()

    assert weights("a.npz", 1) == weights("b.npz", 1) != weights("c.npz", 2)


def test_patience(run, flowers, tmp_path):
    report = json.loads(
        run("train", flowers, "--output", tmp_path / "n.npz", "--categories", "color", "--epochs", 400, "--patience", 2,
            "--hidden", "200", "--learning-rate", 0.1, "--json").stdout
    )  # fmt: skip
    assert report["epochs"] < 400


def test_safetensors(run, tmp_path):
    rng = np.random.default_rng(0)
    arrays = {f"{i}.{name}": rng.normal(size=shape).astype("<f4") for i, name, shape in
              [(0, "bias", (5,)), (0, "weight", (5, 3)), (10, "weight", (2, 4)), (2, "weight", (4, 5))]}  # fmt: skip
    header, data = {}, b""
    for name, array in arrays.items():
        header[name] = {"dtype": "F32", "shape": array.shape, "data_offsets": [len(data), len(data) + array.nbytes]}
        data += array.tobytes()
    text = json.dumps(header).encode()
    path = tmp_path / "model.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    x = rng.normal(size=(7, 3)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    options = ["--model", path, "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--force"]
    run("infer", *options, "--activations", "relu, leaky_relu:negative_slope=0.2,none")
    hidden = np.maximum(x @ arrays["0.weight"].T + arrays["0.bias"], 0) @ arrays["2.weight"].T
    expected = np.where(hidden > 0, hidden, 0.2 * hidden) @ arrays["10.weight"].T
    np.testing.assert_allclose(np.load(tmp_path / "y.npy"), expected, rtol=1e-4, atol=1e-5)
    for activations, message in [
        ([], "contains no activations: add --activations, such as relu,relu,softmax"),
        (["--activations", "relu"], "model.safetensors: activations has 1 entries, and '2' needs one more"),
        (["--activations", "relu,grlu,none"], "grlu"),
    ]:
        result = click.testing.CliRunner().invoke(application, ["infer", *map(str, options), *activations])
        assert result.exit_code in (2, 3)
        assert message in " ".join(result.output.replace("│", " ").split())
    Network([Dense(3, 2, rng=0)]).save(tmp_path / "n.npz")
    result = run("infer", "--model", tmp_path / "n.npz", "--activations", "relu", "--input", tmp_path / "x.npy", code=3)
    assert "--activations is for .safetensors files" in result.output


def test_a_table_that_was_read_is_closed(flowers):
    reader = TableReader(flowers)
    reader.rows_and_target(0, 0)
    with pytest.raises(ValueError, match="is not a number"):
        reader.rows(0, reader.n_rows)
    assert reader._lines.gi_frame is None
    with pytest.raises(ValueError, match="is not a number"):
        reader.rows(0, reader.n_rows)  # it is opened again


# ---- errors that say what to do ----


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,kind\n1,x\n,y\n", (), "line 3, column 'a': the value is missing; remove such rows, leave the column out"),
        ("a,kind\n1,x\nNA,y\n", (), "line 3, column 'a': the value is missing"),
        ("a,kind\n1,x\nnan,y\n", (), "line 3, column 'a': the value is missing"),
        ("a,kind\n1,x\n2,\n", (), "line 3, column 'kind': the value is missing"),
        ("a,kind\n1,x\n,y\n", ("--categories", "a"), "line 3, column 'a': the value is missing"),
        (
            "a,kind\n1,x\nred,y\n",
            (),
            "line 3, column 'a': 'red' is not a number; for columns of words, train with --cat",
        ),
        (
            "a,n,b,kind\nred,1,hot,x\nblue,2,cold,y\n",
            (),
            "'red' is not a number; for columns of words, train with --categories a,b",
        ),
        ("a;kind\n1;x\n1,5;y\n", (), "'1,5' is not a number; numbers have a point before their decimals"),
        ("a,kind\n1,x\n2026-11-29,y\n", (), "'2026-11-29' is not a number; leave out dates and times"),
        ("a,kind\n1,x\n1e300,y\n", (), "line 3, column 'a': 1e300 is too large for float32"),
        ("a,kind\n1,x\ninf,y\n", (), "line 3, column 'a': inf is too large for float32"),
        ("a,kind\n1,x\n2\n", (), "line 3 has 1 values, expected 2"),
        ("a,kind\n1,x\n2,x\n", (), "the target has only the class 'x'"),
        ("a,kind\n", (), "has no rows"),
        ("", (), "has no names of columns in its first line"),
        ("1.5,2,7\n1,2,8\n3,4,7\n", (), "the first line holds numbers (1.5, 2, 7, ...) instead of"),
        ("a,a\n1,2\n", (), "the first line has empty or equal names of columns: a, a"),
        ("kind\nx\ny\n", (), "has only the column 'kind', expected inputs and a target"),
        ("a,kind\n1,x\n2,y\n", ("--target", "b"), "there is no column 'b', there are a, kind"),
        ("a,kind\n1,x\n2,y\n", ("--categories", "b"), "there is no input column 'b' for --categories"),
        ("a,kind\n1,x\n2,y\n", ("--task", "numbers"), "the target 'kind' has words, which --task numbers does not"),
        ("a,kind\n1,1.5\n2,inf\n", (), "the target has missing or infinite numbers"),
        ("a,kind\n1,x\n2,y\n", ("--hidden", "8,x"), "'8,x' is not a list of positive integers"),
        ("a,kind\n1,x\n2,y\n", ("--activation", "grlu"), "grlu"),
        ("a,kind\n1,x\n2,y\n", ("--held-out", "0.9"), "are left for training; expected 2 or more"),
        ("a,kind\n1,x\n2,y\n", ("--held-out", "0", "--patience", "3"), "--patience needs rows that are held out"),
    ],
)
def test_errors(run, tmp_path, text, options, message):
    path = write(tmp_path / "data.csv", text)
    result = click.testing.CliRunner().invoke(
        application, ["train", str(path), "--output", str(tmp_path / "n.npz"), *options]
    )
    assert result.exit_code in (2, 3)
    assert message in " ".join(result.output.replace("│", " ").split())
    assert "Traceback" not in result.output
    assert os.listdir(tmp_path) == ["data.csv"]


def test_new_rows_with_other_columns(run, flowers, tmp_path):
    run("train", flowers, "--output", tmp_path / "n.npz", "--categories", "color", "--epochs", 1)
    for text, message in [
        ("width,color\n1,red\n", "there is no column 'weight', which the network needs"),
        ("width,weight,color\n1,2,green\n", "line 2, column 'color': 'green' is none of the categories"),
        ("width,weight,color\n1,,red\n", "line 2, column 'weight': the value is missing"),
    ]:
        path = write(tmp_path / "new.csv", text)
        result = run("infer", "--model", tmp_path / "n.npz", "--input", path, "--output", tmp_path / "y.csv", code=3)
        assert message in result.output
        assert not (tmp_path / "y.csv").exists()


def test_bad_arrays(run, tmp_path, monkeypatch):
    np.save(tmp_path / "x.npy", np.ones((4, 1)))
    result = run("train", tmp_path / "x.npy", "--output", tmp_path / "n.npz", code=3)
    assert "has one column, expected inputs and a target" in result.output
    np.save(tmp_path / "y.npy", np.ones(3))
    result = run("train", tmp_path / "x.npy", "--output", tmp_path / "n.npz", "--target", tmp_path / "y.npy", code=3)
    assert "has shape (3,), expected (4,)" in result.output
    result = run("train", tmp_path / "x.npy", "--output", tmp_path / "n.npz", "--categories", "a", code=3)
    assert "--categories needs a table of text" in result.output
    result = run("train", tmp_path / "x.npy", "--output", tmp_path / "x.npy", code=2)
    assert "--output is the file with the data" in result.output
    result = run("train", tmp_path / "x.npy", "--output", tmp_path / "none" / "n.npz", code=2)
    assert "there is no folder" in result.output
    result = run("train", tmp_path / "none.csv", "--output", tmp_path / "n.npz", code=3)
    assert "No such file" in result.output
    result = run("train", tmp_path / "x.npy", "--output", tmp_path, code=2)
    assert "is not a regular file" in result.output
    monkeypatch.setattr(os, "access", lambda path, mode: mode != os.W_OK)
    result = run("train", tmp_path / "x.npy", "--output", tmp_path / "n.npz", code=3)
    assert f"no permission to write in the folder {tmp_path}" in result.output


# ---- tables ----


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_tables_in_slices(tmp_path, delimiter, end):
    rows = [["a", "b c", "d"], ["1", " 2.5", "-3e-2"], [], ["4", '"5"', "6"], ["7", "8", "9"]]
    path = tmp_path / "t.csv"
    text = end.join(delimiter.join(row) for row in rows)
    path.write_bytes(b"\xef\xbb\xbf" + text.encode())  # with a byte order mark, as some programs write it
    reader = TableReader(path)
    assert (reader.n_rows, reader.n_columns, reader.columns.names) == (3, 3, ("a", "b c", "d"))
    whole = np.float32([[1, 2.5, -3e-2], [4, 5, 6], [7, 8, 9]])
    np.testing.assert_array_equal(reader.rows(0, 3), whole)
    np.testing.assert_array_equal(reader.rows(0, 2), whole[:2])  # from the beginning again
    np.testing.assert_array_equal(reader.rows(2, 9), whole[2:])


def test_a_table_that_is_no_text(tmp_path):
    (tmp_path / "t.csv").write_bytes(b"a,b\n1,\xff\xfe\n")
    with pytest.raises(ValueError, match=r"t\.csv: not a table of text in UTF-8"):
        TableReader(tmp_path / "t.csv")


def test_written_tables_read_the_same_numbers(tmp_path):
    x = np.random.default_rng(0).normal(size=(50, 3)).astype(np.float32)
    with text_writer(tmp_path / "t.tsv", ["a", "b", "c"]) as append:
        append(x[:20])
        append(x[20:])
    assert (tmp_path / "t.tsv").read_text().startswith("a\tb\tc\n")
    assert TableReader(tmp_path / "t.tsv").rows(0, 50).tobytes() == x.tobytes()
    with pytest.raises(AttributeError), text_writer(tmp_path / "t.tsv", ["a", "b", "c"]) as append:
        append(None)
    assert sorted(os.listdir(tmp_path)) == ["t.tsv"]
    assert TableReader(tmp_path / "t.tsv").n_rows == 50


@pytest.mark.parametrize("text", ["", "free text", "3", "[]", "{}", '{"columns": 3, "categories": {}}', "[" * 10000])
def test_metadata_that_describes_no_columns(text):
    assert Columns.from_text(text) is None


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_interrupted_training_leaves_nothing(flowers, tmp_path, monkeypatch):
    def stop(*arguments, **keywords):
        raise KeyboardInterrupt

    monkeypatch.setattr(Network, "fit", stop)
    result = click.testing.CliRunner().invoke(
        application, ["train", str(flowers), "--output", str(tmp_path / "n.npz"), "--categories", "color"]
    )
    assert result.exit_code != 0
    assert os.listdir(tmp_path) == ["flowers.csv"]
