"""`spatium.benchmark` and `spatium bench`: what a table contains, and that other libraries compute the same."""

import json
import math

import numpy as np
import pytest

import spatium as sp
from spatium.benchmark import ActivationBenchmark, machine, time_by_turns
from spatium.benchmark.contenders import ROW_FUNCTIONS, Task, available, known, numpy_values

ALONE = {"size": (20, 30), "peers": False, "repeats": 2}


@pytest.fixture(scope="module")
def contenders():
    found, skipped = available(1)
    assert len(found) + len(skipped) == 1 + len(known())
    yield found
    for contender in found:
        contender.close()


@pytest.mark.parametrize("operation", ["value", "derivative", "backward"])
@pytest.mark.parametrize("dtype", ["float32", "float64"])
def test_every_contender_computes_the_function_of_the_name(contenders, operation, dtype):
    """A wrong formula or default parameter is measured as fast, so it has to be the same function."""
    rng = np.random.default_rng(0)
    x, grad = (3 * rng.standard_normal((40, 25))).astype(dtype), rng.standard_normal((40, 25)).astype(dtype)
    counts = dict.fromkeys((contender.name for contender in contenders), 0)
    for name in [*sp.activations(), *(ROW_FUNCTIONS if operation == "value" else ())]:
        ours = None
        for contender in contenders:
            run = contender.prepare(Task(name, operation, x, grad))
            if run is not None:
                counts[contender.name] += 1
                result = np.asarray(run())
                ours = result.copy() if ours is None else ours
                np.testing.assert_allclose(result, ours, rtol=2e-5, atol=1e-5, err_msg=f"{contender.name} {name}")
                assert (np.asarray(run()) == result).all(), "the second call gives another result"
    assert counts["spatium"] == len(sp.activations()) + (2 if operation == "value" else 0)
    assert all(counts[contender.name] > 7 for contender in contenders if not contender.name.startswith(("ONNX", "MKL")))


def test_numpy_has_every_activation():
    pytest.importorskip("scipy")
    assert set(numpy_values()) == set(sp.activations())


def test_numpy_without_scipy(monkeypatch):
    import sys

    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setitem(sys.modules, "scipy.special", None)
    values = numpy_values()
    assert set(sp.activations()) - set(values) == {"gelu", "phish"}
    x = np.linspace(-5, 5, 101)
    for name in ("sigmoid", "swish", "gelu_sigmoid"):
        np.testing.assert_allclose(values[name](x, np.empty_like(x)), sp.activation(name)(x), rtol=1e-14)


def test_rows_of_the_table():
    pytest.importorskip("scipy")
    benchmark = ActivationBenchmark((20, 30), peers=["numpy"], repeats=2)
    subjects = ["relu", sp.LeakyReLU(0.3), "softmax", sp.Custom(np.sinh, name="sinh"), sp.quantize("tanh", bits=4)]
    table = benchmark.run(subjects)
    both = ["spatium", next(name for name in benchmark.versions if name.startswith("NumPy"))]
    expected = [("relu", both), ("LeakyReLU(negative_slope=0.3)", both[:1]), ("softmax", both), ("sinh", both[:1])]
    expected.append(("tanh, 4 bits", both[:1]))
    rows = list(table)
    assert [(row["activation"], row["library"]) for row in rows] == [(a, b) for a, names in expected for b in names]
    for row in rows:
        assert row["ns_per_element"] > 0
        assert row["spread"] >= 0
        n_bytes = 2 * (1 if "bits" in row["activation"] else 4)
        assert row["GB_per_second"] == pytest.approx(n_bytes / row["ns_per_element"])
    assert [row["times_spatium"] for row in rows[:2]] == [
        1.0,
        pytest.approx(rows[1]["ns_per_element"] / rows[0]["ns_per_element"]),
    ]
    assert rows[0]["times_relu"] == rows[1]["times_relu"] == 1.0
    assert rows[0]["ulp"] == rows[0]["ulp_tail"] == rows[1]["ulp"] == 0.0
    assert rows[3]["ulp"] <= 0.52  # softmax
    assert rows[3]["ulp_tail"] is None
    assert rows[-1]["ulp"] is rows[-1]["ulp_tail"] is None
    assert benchmark.skipped == ()


def test_errors_are_those_of_the_tails_too():
    pytest.importorskip("scipy")
    (ours, numpy_row) = ActivationBenchmark((8, 8), peers=["NumPy"], repeats=1).run("gelu_tanh")
    assert ours["ulp"] < 0.62
    assert ours["ulp_tail"] < 0.62
    assert numpy_row["ulp"] > 1e4  # 1 + tanh has lost its digits at −6
    wide = list(ActivationBenchmark((8, 8), np.float64, peers=["NumPy"], repeats=1).run("gelu_tanh"))
    record = next(record for record in sp._engine.registry() if record.name == "gelu_tanh")
    assert wide[0]["ulp"] == record.bound("value", "float64", sp.config()["instruction_set"])
    assert wide[1]["ulp"] > 1e12


@pytest.mark.parametrize("operation", ["derivative", "backward"])
def test_operations(operation):
    (row,) = ActivationBenchmark(**ALONE).run(["swish"], operation)
    assert row["GB_per_second"] == pytest.approx((8 if operation == "derivative" else 12) / row["ns_per_element"])
    assert row["ulp"] < 1.6  # of backward, a product of two roundings
    with pytest.raises(TypeError, match=r"acts\[1\] is .*without a derivative"):
        ActivationBenchmark(**ALONE).run(["relu", sp.Custom(np.sin)], operation)
    with pytest.raises(TypeError, match="codes, which has no derivative"):
        ActivationBenchmark(**ALONE).run(sp.quantize("relu"), operation)
    with pytest.raises(ValueError, match="operation='value' only"):
        ActivationBenchmark(**ALONE).run("softmax", operation)


def test_bytes():
    """A layer of 4096 units keeps 512 KiB of float32 for 32 samples; relu's bits are a 32nd of it."""
    memory = ActivationBenchmark((32, 4096)).memory(
        ["relu", "softmax", sp.quantize("relu"), sp.Custom(np.sin, name="s")]
    )
    assert memory["relu"] == {
        "activation": "relu", "in": 524_288, "out": 524_288, "kept_bits": 16_384, "kept_output": 524_288,
        "kept_input": 524_288,
    }  # fmt: skip
    assert memory["softmax"]["kept_output"] == 524_288
    assert memory["relu, 8 bits"]["in"] == memory["relu, 8 bits"]["out"] == 131_072
    assert memory["s"]["kept_bits"] is None
    x = np.ones((32, 4096), np.float32)
    for policy in ("bits", "output", "input"):
        assert sp.ReLU().forward(x, save=policy)[1].nbytes == memory["relu"][f"kept_{policy}"]


def test_settings_of_other_libraries_return():
    torch = pytest.importorskip("torch")
    before, ours = torch.get_num_threads(), sp.get_num_threads()
    torch.set_num_threads(2)
    with sp.num_threads(3):
        ActivationBenchmark((4, 4), threads=1, peers=["PyTorch"], repeats=1).run("relu")
        assert sp.get_num_threads() == 3
    assert torch.get_num_threads() == 2
    assert torch.is_grad_enabled()
    torch.set_num_threads(before)
    assert sp.get_num_threads() == ours


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"size": 0}, ValueError, "size is 0"),
        ({"size": "large"}, TypeError, "size is 'large'"),
        ({"dtype": np.float16}, ValueError, "dtype is float16"),
        ({"threads": 0}, ValueError, "threads is 0"),
        ({"repeats": 0}, ValueError, "repeats is 0"),
        ({"peers": "NumPy"}, TypeError, "peers is 'NumPy'"),
        ({"peers": ["Keras"]}, ValueError, "peers contains 'Keras', expected NumPy"),
    ],
)
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        ActivationBenchmark(**arguments)


def test_wrong_activations():
    for wrong, error in (("unknown", ValueError), (3, TypeError)):
        with pytest.raises(error):
            ActivationBenchmark(**ALONE).run([wrong])
    with pytest.raises(ValueError, match="operation is 'forward'"):
        ActivationBenchmark(**ALONE).run("relu", "forward")


def test_timing_by_turns():
    """With a clock of our own: the order rotates, and the times per element follow."""
    now, calls, unit = [0.0], [], 2.0**-9  # of which two are one sample

    def costs(name, seconds):
        def run():
            calls.append(name)
            now[0] += seconds

        return run

    found = time_by_turns({"a": costs("a", unit), "b": costs("b", 4 * unit)}, 1000, repeats=2, clock=lambda: now[0])
    assert found["a"] == (pytest.approx(unit * 1e6), 0.0)
    assert found["b"] == (pytest.approx(4 * unit * 1e6), 0.0)
    assert "".join(calls[-6:]) == "aabbaa"
    assert set(machine()) >= {"cpu", "instruction_set", "load_average_at_start", "busy"}


# ---- the command line and the picture ----


@pytest.fixture
def call():
    testing = pytest.importorskip("click.testing")
    pytest.importorskip("rich")
    from spatium.cli.app import application

    return lambda *words: testing.CliRunner().invoke(application, ["bench", *map(str, words)])


def test_command(call):
    result = call("relu", "gelu", "--size", 10, 20, "--no-peers", "--repeats", 1, "--bits", 8)
    assert result.exit_code == 0, result.output
    columns = ("library", "ns per", "element", "±", "GB/s", "times", "spatium", "ulp", "tails", "kept bits")
    for words in (*columns, "gelu, 8 bits", "bytes for 10 × 20 float32"):
        assert words in result.stdout
    assert "\x1b" not in result.stdout


def test_command_prints_json(call):
    result = call("relu", "leaky_relu:negative_slope=0.2", "--size", 32, 4096, "--json", "--no-peers", "--repeats", 1)
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert [row["activation"] for row in document["times"]["rows"]] == ["relu", "LeakyReLU(negative_slope=0.2)"]
    assert document["memory"]["rows"][0]["kept_input"] == 524_288
    assert document["machine"]["spatium"] == sp.__version__
    assert document["method"]["size"] == [32, 4096]


def test_command_draws(call, tmp_path):
    pytest.importorskip("matplotlib")
    path = tmp_path / "bench.svg"
    result = call("relu", "tanh", "--size", 5, 5, "--no-peers", "--repeats", 1, "--output", path)
    assert result.exit_code == 0
    assert str(path) in result.stdout.replace("\n", "")
    assert "<svg" in path.read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["foo"], "expected one of relu"),
        (["relu", "--size", "0", "3"], "0 is not in the range"),
        (["relu", "--operation", "backward", "--bits", "8"], "codes have no backward"),
        (["softmax", "--operation", "derivative"], "operation='value' only"),
        ([], "Missing argument"),
    ],
)
def test_wrong_words(call, words, message):
    result = call(*words)
    assert result.exit_code != 0
    assert message in " ".join(result.output.split())


def test_picture():
    pytest.importorskip("matplotlib").use("agg")
    from spatium import plots
    from spatium._tables import Table

    columns = ("activation", "library", "ns_per_element", "ulp", "ulp_tail")
    rows = [
        ("relu", "spatium", 1.0, 0.0, 0.0),
        ("gelu", "spatium", 4.0, 0.6, None),
        ("gelu", "NumPy", 8.0, 3.0, math.inf),
    ]
    times, errors = plots.benchmark(Table("float32", columns, rows))
    assert [line.get_xdata().tolist() for line in times.lines if line.get_label() == "NumPy"] == [[2.0]]
    assert [label.get_text() for label in times.get_yticklabels()] == ["relu", "gelu"]
    assert errors.get_xlim()[1] > 1e18
    with pytest.raises(ValueError, match="no errors"):
        plots.benchmark(Table("", columns, [("relu, 8 bits", "spatium", 1.0, None, None)]))
    with pytest.raises(ValueError, match="other columns"):
        plots.benchmark(Table("", ("a",), []))
