"""`spatium infer` in several jobs that write into one file, and on a dask cluster."""

import json
import os
import signal
import threading
import time
import warnings
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

pytest.importorskip("click")
pytest.importorskip("rich")

import click.testing
from conftest import same_bits

import spatium as sp
from spatium.cli.app import application
from spatium.cli.stream import made_once, place_writer
from spatium.nn import Dense, Network, Softmax, SpatialDense

X = np.random.default_rng(0).normal(size=(1000, 6)).astype(np.float32)


@pytest.fixture
def run(monkeypatch, tmp_path):
    def call(*arguments, code=0):
        result = click.testing.CliRunner().invoke(application, [str(argument) for argument in arguments])
        assert result.exit_code == code, result.output
        return result

    monkeypatch.setattr("spatium.cli.infer.SECONDS_OF_TIMING", 0.0)
    monkeypatch.chdir(tmp_path)
    return call


@pytest.fixture
def network(tmp_path):
    layers = [SpatialDense(6, 8, pattern_hash=sp.SimHash(6, rng=0), rng=0), Dense(8, 3, rng=1), Softmax()]
    made = Network(layers, classes=["one", "two", "three"])
    made.save(tmp_path / "n.npz")
    np.save(tmp_path / "x.npy", X)
    return made


SHARES = ["0:300", "300:600", "600:", "900:1200"]
INFER = ("infer", "--model", "n.npz", "--input", "x.npy", "--output", "y.npy", "--batch", "100")


def test_shares_make_the_whole(run, network, tmp_path):
    reports = []
    for rows in reversed(SHARES):
        reports.append(json.loads(run(*INFER, "--rows", rows, "--json").stdout))
    same_bits(np.load("y.npy"), network.predict(X, batch_size=100))
    assert [(report["first_row"], report["rows"]) for report in reports] == [
        (900, 100),
        (600, 400),
        (300, 300),
        (0, 300),
    ]
    hits = sum(np.array(report["maps"][0]["hits"]) for report in reports[1:])
    np.testing.assert_array_equal(hits, network.layers[0].maps.hit_counts[0])
    assert sorted(os.listdir(tmp_path)) == ["n.npz", "x.npy", "y.npy"]


def test_rows_that_no_job_has_computed_are_0(run, network):
    run(*INFER, "--rows", "200:300")
    y = np.load("y.npy")
    assert y.shape == (1000, 3)
    same_bits(y[200:300], network.predict(X[200:300], batch_size=100))
    assert not y[:200].any()
    assert not y[300:].any()
    run(*INFER, "--rows", "1000:2000")
    run(*INFER, "--rows", "5:5")
    same_bits(np.load("y.npy"), y)


def test_shares_of_labels(run, network):
    for rows in SHARES:
        run(*INFER, "--rows", rows, "--labels")
    assert np.load("y.npy").tolist() == [network.classes[i] for i in network.classify(X, batch_size=100)]


def test_jobs_at_the_same_time_lose_nothing(tmp_path):
    """Many threads find no file at the same moment; each writes its rows."""
    path, shape, n = tmp_path / "y.npy", (64, 1000), 16
    together = threading.Barrier(n)
    expected = np.random.default_rng(0).random(shape)

    def job(i):
        together.wait()
        made_once(path, shape, np.float64)
        with place_writer(path, 4 * i, 4) as append:
            for row in range(4 * i, 4 * i + 4):
                append(expected[row : row + 1])

    with ThreadPoolExecutor(n) as pool:
        for future in [pool.submit(job, i) for i in range(n)]:
            future.result()
    same_bits(np.load(path), expected)
    assert os.listdir(tmp_path) == ["y.npy"]


def test_a_file_of_another_run_is_not_touched(run, network, tmp_path):
    for array in (np.ones((1000, 2), np.float32), np.ones((1000, 3)), np.ones((999, 3), np.float32)):
        np.save(tmp_path / "y.npy", array)
        line = run(*INFER, "--rows", "0:100", code=3).stderr
        assert line.startswith(
            f"Error: y.npy has dtype {array.dtype} and shape {array.shape}, expected float32 and (1000, 3)"
        )
        same_bits(np.load("y.npy"), array)
    np.save(tmp_path / "y.npy", np.asfortranarray(np.ones((1000, 3), np.float32)))
    run(*INFER, "--rows", "0:100", code=3)
    (tmp_path / "y.npy").write_text("text")
    assert "y.npy: cannot be read as an array" in run(*INFER, "--rows", "0:100", code=3).stderr
    assert (tmp_path / "y.npy").read_text() == "text"


def test_an_error_leaves_the_rows_of_others(run, network, tmp_path):
    run(*INFER, "--rows", "0:500")
    before = np.load("y.npy")
    x = X.copy()
    x[750] = np.nan
    np.save(tmp_path / "x.npy", x)
    assert "x.npy: row 750 holds NaN" in run(*INFER, "--rows", "500:", code=3).stderr
    same_bits(np.load("y.npy")[:500], before[:500])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--input", "x.npy", "--rows", "3"), "'3' is not START:STOP"),
        (("--input", "x.npy", "--rows", "-3:5"), "is not START:STOP"),
        (("--input", "x.npy", "--rows", "1:2:3"), "is not START:STOP"),
        (("--rows", "0:3"), "--rows needs --input"),
        (("--scheduler", "tcp://localhost:1"), "--scheduler needs --input"),
        (("--input", "x.npy", "--output", "y.csv", "--rows", "0:3"), "--rows needs a .npy file"),
        (("--input", "x.npy", "--output", "y.parquet", "--rows", "0:3"), "--rows needs a .npy file"),
        (("--input", "x.npy", "--output", "-", "--rows", "0:3"), "--rows needs a .npy file"),
        (("--input", "x.npy", "--output", "y.csv", "--scheduler", "a"), "--scheduler needs a .npy file"),
        (("--input", "-", "--output", "y.npy", "--scheduler", "a"), "--scheduler needs a file for --input"),
        (("--input", "x.npy", "--scheduler", "a", "--threads", "2"), "--threads is for this process"),
        (("--input", "x.npy", "--output", "y.npy", "--rows", "0:3", "--force"), "delete the rows that other jobs"),
    ],
)
def test_options_that_do_not_fit(run, tmp_path, arguments, message):
    assert message in run("infer", *arguments, code=2).stderr.replace("\n", " ")
    assert os.listdir(tmp_path) == []


# --- a dask cluster -----------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def cluster():
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # the cluster's own, when a worker is killed
        with distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
        ) as running:
            yield running


def test_no_scheduler(run, network, tmp_path, monkeypatch):
    pytest.importorskip("distributed")
    monkeypatch.setattr("spatium.cli.cluster.SECONDS_TO_CONNECT", 0.2)
    line = run(*INFER, "--scheduler", "tcp://127.0.0.1:9", code=3).stderr.splitlines()[-1]
    assert line.startswith("Error: there is no dask scheduler at tcp://127.0.0.1:9")
    assert sorted(os.listdir(tmp_path)) == ["n.npz", "x.npy"]


@pytest.mark.slow
def test_a_cluster_computes_the_same(run, network, tmp_path, cluster):
    with warnings.catch_warnings():
        warnings.simplefilter("default")
        report = json.loads(run(*INFER, "--scheduler", cluster.scheduler_address, "--json").stdout)
        same_bits(np.load("y.npy"), network.predict(X, batch_size=100))
        np.testing.assert_array_equal(report["maps"][0]["hits"], network.layers[0].maps.hit_counts[0])
        assert report["classes"] == np.bincount(network.classify(X), minlength=3).tolist()
        for rows in SHARES:
            run(*INFER[:-3], "z.npy", *INFER[-2:], "--rows", rows, "--scheduler", cluster.scheduler_address)
        same_bits(np.load("z.npy"), np.load("y.npy"))
        assert sorted(os.listdir(tmp_path)) == ["n.npz", "x.npy", "y.npy", "z.npy"]

        x = X.copy()
        x[750] = np.nan
        np.save(tmp_path / "x.npy", x)
        line = run(*INFER, "--force", "--scheduler", cluster.scheduler_address, code=3).stderr.splitlines()[-1]
        assert "x.npy: row 750 holds NaN" in line
        same_bits(np.load("y.npy"), np.load("z.npy"))


@pytest.mark.slow
@pytest.mark.skipif(os.name != "posix", reason="SIGKILL")
def test_a_killed_worker_loses_and_doubles_nothing(run, network, tmp_path, cluster):
    """A worker is killed when the first results are in the file, and before the last."""
    from distributed import Client

    n_rows = 400_000
    x = np.lib.format.open_memmap(tmp_path / "x.npy", mode="w+", dtype=np.float32, shape=(n_rows, 6))
    for start in range(0, n_rows, 100_000):
        x[start : start + 100_000] = np.random.default_rng(start).normal(size=(100_000, 6))
    x.flush()
    expected = network.predict(np.asarray(x), batch_size=20)
    killed = []

    def kill():
        with Client(cluster, set_as_default=False) as client:
            victim = next(iter(client.run(os.getpid).values()))
        deadline = time.monotonic() + 120
        while time.monotonic() < deadline:
            for path in tmp_path.glob(".y.npy.*.partial"):
                written = np.fromfile(path, np.float32, offset=128).reshape(-1, 3).any(axis=1)
                if written.any():
                    assert not written.all()
                    os.kill(victim, signal.SIGKILL)
                    killed.append(victim)
                    return
            time.sleep(0.005)

    with warnings.catch_warnings(), ThreadPoolExecutor(1) as pool:
        warnings.simplefilter("default")
        killer = pool.submit(kill)
        report = json.loads(run(*INFER[:-1], "20", "--scheduler", cluster.scheduler_address, "--json").stdout)
        killer.result()
    assert killed
    same_bits(np.load("y.npy"), expected)
    np.testing.assert_array_equal(report["maps"][0]["hits"], network.layers[0].maps.hit_counts[0])
    assert report["rows"] == n_rows
    assert sum(report["classes"]) == n_rows
    assert sorted(os.listdir(tmp_path)) == ["n.npz", "x.npy", "y.npy"]
