"""The command line: what it prints, what it writes, and that it leaves nothing behind."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import textwrap
import time

import numpy as np
import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

import click
import click.testing

import spatium as sp
import spatium.cli.app
from spatium.cli.app import application
from spatium.cli.stream import ArrayReader, array_writer
from spatium.data import digits_model_path, load_digits
from spatium.nn import Dense, Network, Softmax

posix = pytest.mark.skipif(os.name != "posix", reason="signals and resource limits of POSIX")

# Explicitly, because a shell that starts a job in the background makes it ignore Ctrl-C.
MAIN = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from spatium.cli import main; main()"


@pytest.fixture
def run(monkeypatch):
    def call(*arguments):
        return click.testing.CliRunner().invoke(application, [str(argument) for argument in arguments])

    monkeypatch.setattr("spatium.cli.infer.SECONDS_OF_TIMING", 0.02)
    return call


@pytest.fixture(scope="module")
def network():
    return Network.load(digits_model_path())


@pytest.fixture
def images(tmp_path):
    x = np.random.default_rng(0).random((1000, 64), dtype=np.float32)
    np.save(tmp_path / "x.npy", x)
    return x


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def start(folder, *arguments, code=MAIN):
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


# --- infer: the packaged digits ----------------------------------------------------------------------------------


def test_infer_json(run):
    result = run("infer", "--json")
    assert result.exit_code == 0
    assert result.stderr == ""
    report = json.loads(result.stdout)
    assert report["accuracy"] >= 0.95
    assert report["rows"] == 360
    assert report["rows_per_second"] > 0
    (described,) = report["maps"]
    assert report["activations_per_second"] == pytest.approx(report["rows_per_second"] * described["neurons"])
    hits = np.array(described["hits"])
    assert hits.shape == (8, 8)
    assert hits.sum() == 360
    assert sum(entry["count"] for entry in described["fired"].values()) == 360 * described["neurons"]
    assert sum(entry["share"] for entry in described["fired"].values()) == pytest.approx(1)
    assert {tuple(cell) for cell in described["dead_cells"]} == {
        tuple(map(int, cell)) for cell in np.argwhere(hits == 0)
    }


def test_misread_digits_are_listed_and_drawn(run, network):
    digits = load_digits()
    found = network.classify(digits.x_test)
    report = json.loads(run("infer", "--json").stdout)
    assert [entry["row"] for entry in report["misread"]] == np.flatnonzero(found != digits.y_test).tolist()
    for entry in report["misread"]:
        assert (entry["digit"], entry["read_as"]) == (digits.y_test[entry["row"]], found[entry["row"]])
    lines = run("infer").stdout.splitlines()
    title = next(i for i, line in enumerate(lines) if f"4 of {len(report['misread'])} misread digits" in line)
    first = report["misread"][0]
    assert f"a {first['digit']}, read as {first['read_as']}" in lines[title + 1]
    pixels = digits.x_test[first["row"]].reshape(8, 8)
    drawn = [line.ljust(80)[1:17] for line in lines[title + 2 : title + 10]]  # two characters per pixel
    for line, row in zip(drawn, pixels, strict=True):
        assert [line[2 * i] for i in range(8)] == [line[2 * i + 1] for i in range(8)]
        assert [line[2 * i] != " " for i in range(8)] == (row >= 1 / (5 if "█" in "".join(drawn) else 10)).tolist()


def test_what_fired_is_counted_cell_by_cell(run, network):
    (described,) = json.loads(run("infer", "--json").stdout)["maps"]
    layer = network.layers[0]
    rows, columns = sp.cell_of(layer.pattern_hash(load_digits().x_test))
    expected = {repr(activation): 0 for activation in layer.maps.palette}
    for row, column in zip(rows, columns, strict=True):
        for index in layer.maps.cells[:, row, column]:
            expected[repr(layer.maps.palette[index])] += 1
    assert {name: entry["count"] for name, entry in described["fired"].items()} == expected


def test_the_summary_comes_last_and_fits_on_a_small_terminal(run):
    lines = run("infer").stdout.splitlines()
    place = next(i for i, line in enumerate(lines) if line.startswith("accuracy"))
    assert len(lines) - place < 20
    assert all(len(line) <= 80 for line in lines)


def test_infer_prints_tables(run):
    result = run("infer")
    assert result.exit_code == 0
    for expected in ("accuracy", "rows/s", "activations/s", "activations of", "samples per cell", "have no hits"):
        assert expected in result.stdout
    assert "\x1b" not in result.stdout  # no color where there is no terminal


def test_threads(run):
    before = sp.get_num_threads()
    assert json.loads(run("infer", "--json", "--threads", 2).stdout)["threads"] == 2
    assert sp.get_num_threads() == before


# --- infer: files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch", [1000, 333, 4096])
def test_streaming_equals_predict(run, network, images, tmp_path, batch):
    result = run("infer", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--batch", batch)
    assert result.exit_code == 0, result.output
    y = np.load(tmp_path / "y.npy")
    assert y.dtype == np.float32
    assert np.array_equal(y, network.predict(images, batch_size=batch))
    assert names(tmp_path) == ["x.npy", "y.npy"]


def test_labels(run, network, images, tmp_path):
    result = run("infer", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--labels", "--json")
    labels = np.load(tmp_path / "y.npy")
    assert labels.dtype == np.int64
    assert np.array_equal(labels, network.classify(images))
    report = json.loads(result.stdout)
    assert report["classes"] == np.bincount(labels, minlength=10).tolist()
    assert report["rows"] == 1000
    assert np.sum(report["maps"][0]["hits"]) == 1000
    printed = run("infer", "--input", tmp_path / "x.npy", "--output", tmp_path / "z.npy", "--labels").stdout
    words = printed[printed.index("classes") :].replace(",", "").split()[1:21]  # the row may take several lines
    assert words == [word for label, count in enumerate(report["classes"]) for word in (f"{label}:", str(count))]


@pytest.mark.parametrize("dtype", ["f2", "f8", ">f4", "u1", "i8", "?"])
def test_any_real_dtype_and_images(run, network, tmp_path, dtype):
    x = (np.random.default_rng(1).random((20, 8, 8)) * 2).astype(dtype)
    np.save(tmp_path / "x.npy", np.asfortranarray(x))
    assert run("infer", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy").exit_code == 0
    assert np.array_equal(np.load(tmp_path / "y.npy"), network.predict(x.reshape(20, 64)))


def test_no_rows(run, tmp_path):
    np.save(tmp_path / "x.npy", np.empty((0, 64)))
    result = run("infer", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--json")
    assert result.exit_code == 0, result.output
    assert np.load(tmp_path / "y.npy").shape == (0, 10)
    assert json.loads(result.stdout)["rows"] == 0


def test_summary_without_output(run, images, tmp_path):
    result = run("infer", "--input", tmp_path / "x.npy")
    assert result.exit_code == 0
    assert "1,000 rows" in result.stdout
    assert names(tmp_path) == ["x.npy"]


def test_own_model(run, tmp_path):
    network = Network([Dense(5, 7, "relu", rng=0), Dense(7, 3, rng=1), Softmax()])
    network.save(tmp_path / "model.npz")
    x = np.random.default_rng(0).normal(size=(50, 5))
    np.save(tmp_path / "x.npy", x)
    arguments = ("infer", "--model", tmp_path / "model.npz", "--input", tmp_path / "x.npy")
    assert run(*arguments, "--output", tmp_path / "y.npy").exit_code == 0
    assert np.array_equal(np.load(tmp_path / "y.npy"), network.predict(x))


def test_an_older_output_is_replaced_through_its_link(run, images, tmp_path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "real.npy").write_bytes(b"older")
    (tmp_path / "y.npy").symlink_to(tmp_path / "folder" / "real.npy")
    arguments = ("infer", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy")
    refused = run(*arguments)
    assert refused.exit_code == 2
    assert "y.npy exists; --force replaces it" in refused.stderr
    assert (tmp_path / "y.npy").read_bytes() == b"older"
    assert run(*arguments, "--force").exit_code == 0
    assert (tmp_path / "y.npy").is_symlink()
    assert np.load(tmp_path / "folder" / "real.npy").shape == (1000, 10)
    assert names(tmp_path / "folder") == ["real.npy"]


def test_reading_maps_the_file_anew(tmp_path, monkeypatch):
    x = np.arange(600.0).reshape(100, 2, 3)
    np.save(tmp_path / "x.npy", x)
    monkeypatch.setattr("spatium.cli.stream.BYTES_PER_MAPPING", 1000)
    reader = ArrayReader(tmp_path / "x.npy")
    parts = [reader.rows(start, min(start + 7, 100)) for start in range(0, 100, 7)]
    assert np.array_equal(np.concatenate(parts), x.reshape(100, 6))


# --- infer: errors -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--output", "y.npy"), "--output needs --input"),
        (("--labels",), "--labels needs --output"),
        (("--input", "x.npy", "--output", "x.npy"), "--output is the --input file"),
        (("--batch", "0"), "--batch"),
        (("--threads", "0"), "--threads"),
    ],
)
def test_usage_errors(run, arguments, message):
    result = run("infer", *arguments)
    assert result.exit_code == 2
    assert message in result.stderr
    assert result.stdout == ""


def one_line(result):
    assert result.exit_code == 3
    (line,) = result.stderr.splitlines()
    assert "Traceback" not in line
    assert result.stdout == ""
    return line


@pytest.mark.parametrize(("bad", "what"), [(np.nan, "NaN"), (np.inf, "infinite"), (1e300, "infinite")])
def test_bad_numbers_name_the_row(run, tmp_path, bad, what):
    x = np.zeros((1000, 64))
    x[777, 5] = bad
    np.save(tmp_path / "x.npy", x)
    (tmp_path / "y.npy").write_bytes(b"older")
    line = one_line(
        run("infer", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy", "--batch", 100, "--force")
    )
    assert "x.npy: row 777 holds" in line
    assert what in line
    assert (tmp_path / "y.npy").read_bytes() == b"older"
    assert names(tmp_path) == ["x.npy", "y.npy"]


@pytest.mark.parametrize(
    ("array", "message"),
    [
        (np.zeros((3, 63)), "has 63 values per row, the network takes 64"),
        (np.zeros(64), "has shape (64,), expected one row per sample"),
        (np.zeros((3, 64), complex), "has dtype complex128, expected real numbers"),
        (np.array([["a"]]), "has dtype <U1, expected real numbers"),
    ],
)
def test_bad_arrays(run, tmp_path, array, message):
    np.save(tmp_path / "x.npy", array)
    line = one_line(run("infer", "--input", tmp_path / "x.npy", "--output", tmp_path / "y.npy"))
    assert "x.npy" in line
    assert message in line
    assert names(tmp_path) == ["x.npy"]


def test_bad_files(run, images, tmp_path):
    (tmp_path / "junk").write_bytes(b"no array")
    np.savez(tmp_path / "archive.npz", a=np.zeros(3))
    np.save(tmp_path / "objects.npy", np.array([[{}]]), allow_pickle=True)
    whole = (tmp_path / "x.npy").read_bytes()
    (tmp_path / "cut.npy").write_bytes(whole[:-1])
    (tmp_path / "header.npy").write_bytes(whole[:20])
    for name in ("junk", "archive.npz", "objects.npy", "cut.npy", "header.npy", "missing.npy", "."):
        line = one_line(run("infer", "--input", tmp_path / name))
        assert str(tmp_path / name) in line
    for name in ("junk", "archive.npz", "missing.npy", "x.npy"):
        line = one_line(run("infer", "--model", tmp_path / name, "--input", tmp_path / "x.npy"))
        assert str(tmp_path / name) in line


def test_outputs_that_cannot_be(run, images, tmp_path):
    (tmp_path / "folder.npy").mkdir()
    for output in (tmp_path / "folder.npy", tmp_path / "missing" / "y.npy"):
        assert str(output) in one_line(run("infer", "--input", tmp_path / "x.npy", "--output", output))
    assert names(tmp_path) == ["folder.npy", "x.npy"]
    assert names(tmp_path / "folder.npy") == []


@posix
def test_devices_are_not_replaced(run, images, tmp_path):
    pipe = tmp_path / "pipe.npy"
    os.mkfifo(pipe)
    for rows in ((), ("--rows", "0:10")):
        assert "not a regular file" in one_line(run("infer", "--input", tmp_path / "x.npy", "--output", pipe, *rows))
    assert pipe.is_fifo()


def test_wrong_model_for_the_digits(run, tmp_path):
    Network([Dense(5, 3, rng=0)]).save(tmp_path / "model.npz")
    assert "name a file with --input" in one_line(run("infer", "--model", tmp_path / "model.npz"))


def test_a_writer_that_gets_too_few_rows_leaves_nothing(tmp_path):
    with (
        pytest.raises(RuntimeError, match="1 of 3 rows"),
        array_writer(tmp_path / "y.npy", (3, 2), np.float32) as append,
    ):
        append(np.zeros((1, 2)))
    assert names(tmp_path) == []


# --- interruptions -----------------------------------------------------------------------------------------------


@pytest.fixture
def long_run(tmp_path):
    """Arguments of a run that takes minutes: a sparse file, read one row at a time."""
    np.lib.format.open_memmap(tmp_path / "x.npy", mode="w+", dtype=np.float32, shape=(5_000_000, 64))
    (tmp_path / "y.npy").write_bytes(b"older")
    return ("infer", "--input", "x.npy", "--output", "y.npy", "--batch", "1", "--force")


@posix
@pytest.mark.parametrize(("signal_number", "exit_code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interruption_leaves_nothing(tmp_path, long_run, signal_number, exit_code):
    process = start(tmp_path, *long_run)
    deadline = time.monotonic() + 30
    while not any(path.stat().st_size > 8192 for path in tmp_path.glob(".y.npy.*.partial")):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.01)
    process.send_signal(signal_number)
    stdout, stderr = process.communicate(timeout=20)
    assert process.returncode == exit_code
    assert stdout == ""
    assert "Traceback" not in stderr
    assert names(tmp_path) == ["x.npy", "y.npy"]
    assert (tmp_path / "y.npy").read_bytes() == b"older"


@posix
def test_no_interruption_hangs():
    """Thousands of batches are read and written, and a signal comes at any moment."""
    code = """
        import random, signal
        import numpy as np
        from spatium.cli.stream import read_ahead, write_behind

        class Numbers:
            n_rows, n_columns = 1_000_000, 1
            def rows(self, start, stop):
                return np.arange(start, stop)

        def interrupt(number, frame):
            raise KeyboardInterrupt

        signal.signal(signal.SIGALRM, interrupt)
        written = []
        for _ in range(400):
            written.clear()
            try:
                signal.setitimer(signal.ITIMER_REAL, random.uniform(1e-4, 8e-3))
                with write_behind(written.append) as write:
                    for batch in read_ahead(Numbers(), 1):
                        write(batch)
            except KeyboardInterrupt:
                pass
            assert [int(rows[0]) for rows in written] == list(range(len(written)))
        print("no wait without an end")
        """
    command = [sys.executable, "-c", textwrap.dedent(code)]
    result = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert result.stdout == "no wait without an end\n", result.stderr


@posix
def test_full_disk_leaves_nothing(tmp_path):
    np.save(tmp_path / "x.npy", np.zeros((20_000, 64), np.uint8))
    (tmp_path / "y.npy").write_bytes(b"older")
    # A limit on the file's size, as good as a full disk: writing stops in the middle with an OSError.
    limited = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000)); " + MAIN
    process = start(tmp_path, "infer", "--input", "x.npy", "--output", "y.npy", "--force", code=limited)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 3
    assert stderr == f"Error: y.npy: {os.strerror(27)}\n"
    assert stdout == ""
    assert names(tmp_path) == ["x.npy", "y.npy"]
    assert (tmp_path / "y.npy").read_bytes() == b"older"


@posix
def test_memory_is_bounded_by_the_batch(tmp_path):
    """77 MB of input and 12 MB of output in a process that may not grow by half of that."""
    np.lib.format.open_memmap(tmp_path / "x.npy", mode="w+", dtype=np.float32, shape=(300_000, 64))
    code = """
import resource, sys
from spatium.cli.app import run
def peak(): return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // (1024 if sys.platform != "darwin" else 1 << 20)
def infer(name):
    options = ["--input", name, "--output", "y.npy", "--batch", "1000", "--force"]
    assert run(["infer", "--json", *options]) == 0
import numpy as np
np.save("small.npy", np.zeros((2000, 64), np.float32))
infer("small.npy")
before = peak()
infer("x.npy")
print(peak() - before, file=sys.stderr)
"""
    process = start(tmp_path, code=code)
    _, stderr = process.communicate(timeout=300)
    assert process.returncode == 0, stderr
    # A mapping of 16 MiB counts as memory until it is let go.
    assert int(stderr) < 35


# --- exit codes, help, terminals, completion -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["list"], 0),
        (["check", "relu"], 0),
        (["check", "math:sqrt"], 1),
        (["infer", "--batch", "0"], 2),
        (["nothing"], 2),
        (["analyze", "gelo"], 2),
        (["infer", "--input", "missing.npy"], 3),
        (["check", "no_such_module:f"], 3),
        (["map", "show", "missing.npz"], 3),
    ],
)
def test_exit_codes(arguments, code, capsys):
    assert spatium.cli.app.run(arguments) == code
    if code > 1:
        assert capsys.readouterr().err.splitlines()[-1].startswith("Error: ")


def test_the_exit_codes_are_documented(run):
    text = run("--help").stdout
    for words in ("0 success", "1 findings of `spatium check`", "2 wrong options or arguments", "3 any other failure"):
        assert words in text


def _commands(command, path=()):
    yield path, command
    for name, inner in getattr(command, "commands", {}).items():
        yield from _commands(inner, (*path, name))


@pytest.mark.parametrize("path", [path for path, command in _commands(application) if hasattr(command, "commands")])
def test_summaries_of_commands_are_whole_sentences(run, path):
    text = run(*path, "--help").stdout
    lines = text[text.index("Commands:") :].splitlines()[1:]
    assert lines
    assert all(line.endswith(".") and not line.endswith("...") for line in lines), text


def test_every_option_has_a_help_text_that_ends_in_a_full_stop_or_a_default():
    for path, command in _commands(application):
        for parameter in command.params:
            if isinstance(parameter, click.Option):
                assert parameter.help, (path, parameter.name)
                assert parameter.help.endswith((".", "]")), (path, parameter.help)


def test_every_output_has_the_same_short_name():
    options = [option.opts for _, command in _commands(application) for option in command.params]
    outputs = [names for names in options if "--output" in names]
    assert len(outputs) >= 8
    assert all("-o" in names for names in outputs)


def test_terminals_without_unicode(tmp_path):
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    command = [sys.executable, "-m", "spatium", "analyze", "elu", "hard_swish"]
    result = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, timeout=60, check=False)
    assert result.returncode == 0, result.stderr
    text = result.stdout.decode("ascii")
    assert "-0.375" in text
    assert "?" not in text
    assert "f'^2" in text


@pytest.mark.parametrize(
    ("command", "steps"),
    [
        (("infer", "--input", "x.npy", "--output", "y.npy", "--batch", 300), 1000),
        (("map", "apply", "map.npz", "--input", "x.npy", "--output", "y.npy", "--simhash", 0, "--batch", 300), 1000),
        (("train", "x.npy", "--target", "t.npy", "--output", "n.npz", "--epochs", 3), 3),
    ],
)
def test_the_progress_bar_reaches_its_end(run, images, tmp_path, monkeypatch, command, steps):
    monkeypatch.chdir(tmp_path)
    np.save("t.npy", np.arange(len(images)) % 2)
    sp.ActivationMap.random(rng=0).save("map.npz")
    for name, value in {"FORCE_COLOR": "1", "TERM": "xterm", "COLUMNS": "100"}.items():
        monkeypatch.setenv(name, value)
    result = run(*command)
    assert result.exit_code == 0, result.output
    shown = [int(done) for done in re.findall(rf"(\d+)/{steps}\b", result.stderr)]
    assert shown[-1] == steps
    assert shown == sorted(shown)
    monkeypatch.delenv("FORCE_COLOR")
    assert run(*command, "--force").stderr == ""  # no terminal, no bar


def test_completion_of_activations():
    from click.shell_completion import ShellComplete

    def complete(*words):
        *before, last = words
        return [item.value for item in ShellComplete(application, {}, "spatium", "_C").get_completions(before, last)]

    assert complete("plot", "hard_s") == ["hard_sigmoid", "hard_swish", "hard_shrink"]
    assert complete("analyze", "relu", "GE") == complete("check", "ge") == ["gelu_tanh", "gelu", "gelu_sigmoid"]
    assert complete("map", "make", "m.npz", "--function", "mis") == ["mish"]
    assert complete("train", "--activation", "sel") == ["selu"]


# --- the rest ----------------------------------------------------------------------------------------------------


def test_version(run):
    assert run("--version").stdout == f"spatium, version {sp.__version__}\n"


def test_list(run):
    entries = json.loads(run("list", "--json").stdout)
    by_name = {entry["name"]: entry for entry in entries}
    assert [entry["name"] for entry in entries[:12]] == [
        "relu", "leaky_relu", "sigmoid", "tanh", "gelu_tanh", "swish",
        "mish", "elu", "softplus", "hard_sigmoid", "hard_tanh", "sine",
    ]  # fmt: skip
    assert [entry["code"] for entry in entries] == list(range(len(entries)))
    assert by_name["leaky_relu"]["parameters"] == {"negative_slope": 0.01}
    assert by_name["sigmoid"]["gradient_from"] == "output"
    assert by_name["sine"]["gradient_from"] == "input"
    assert by_name["gelu"]["gradient_from"] == "output+bit"
    text = run("list").stdout
    assert all(name in text for name in by_name)


def test_python_m_spatium(tmp_path):
    command = [sys.executable, "-m", "spatium", "--version"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False)
    assert result.returncode == 0
    assert sp.__version__ in result.stdout


@pytest.mark.parametrize("missing", ["click", "rich"])
def test_missing_extra_is_one_line(tmp_path, missing):
    code = f"import sys; sys.modules[{missing!r}] = None; from spatium.cli import main; main()"
    process = start(tmp_path, "list", code=code)
    stdout, stderr = process.communicate(timeout=30)
    assert process.returncode == 3
    assert stdout == ""
    assert stderr == 'spatium needs click and rich (extra "cli"): python -m pip install click rich\n'


def test_the_library_does_not_import_the_command_lines_packages(tmp_path):
    code = "import sys, spatium, spatium.nn, spatium.data, spatium.cli; assert not {'click', 'rich'} & set(sys.modules)"
    process = start(tmp_path, code=code)
    _, stderr = process.communicate(timeout=30)
    assert process.returncode == 0, stderr
