"""The scripts of docs/clusters.md and docs/howto/at_scale.md, as printed there, write the same bytes in every way."""

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import same_bits

import spatium as sp

DOCS = Path(__file__).resolve().parents[1] / "docs"
ROWS, COLUMNS = 2000, 12


def script_of(page, name):
    """Return the script that a page gives under `name`."""
    text = (DOCS / page).read_text(encoding="utf-8")
    (script,) = re.findall(rf"<!-- {name} -->\n```python\n(.*?)```", text, re.DOTALL)
    return script


def run_in(folder, *command, **variables):
    """Run a command in the folder, and return what it prints."""
    environment = {**os.environ, "SPATIUM_NUM_THREADS": "1", **variables}
    result = subprocess.run(
        command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout


def run_script(folder, name, command=(sys.executable,)):
    """Write x.npy and run the script that the page gives under `name`, in small blocks."""
    x = np.random.default_rng(0).random((ROWS, COLUMNS), dtype=np.float32)
    np.save(folder / "x.npy", x)
    text = script_of("clusters.md", name)
    assert text.count("ROWS = 65_536") == 1
    (folder / "script.py").write_text(text.replace("ROWS = 65_536", "ROWS = 300"), encoding="utf-8")
    return x, run_in(folder, *command, "script.py")


def check(folder, x, printed):
    simhash = sp.SimHash(COLUMNS, rng=0).fit(x)
    amap = sp.ActivationMap.random(COLUMNS, rng=0)
    same_bits(np.load(folder / "y.npy"), amap.activate(x, simhash(x)[:, None]))
    saved = sp.ActivationMap.load(folder / "map.npz")
    assert saved == amap
    np.testing.assert_array_equal(saved.hit_counts, amap.hit_counts)
    assert printed.strip() == str(amap.statistics()).strip()


def test_on_one_core(tmp_path):
    check(tmp_path, *run_script(tmp_path, "one core"))


def test_on_a_dask_cluster(tmp_path):
    pytest.importorskip("distributed")
    check(tmp_path, *run_script(tmp_path, "dask"))


def mpirun():
    """Return the command that runs a script in two processes."""
    command = shutil.which("mpirun")
    if command is None or importlib.util.find_spec("mpi4py") is None:
        pytest.skip("needs mpirun and mpi4py")
    version = subprocess.run([command, "--version"], capture_output=True, text=True, check=True).stdout
    # Open MPI refuses to run as root, as containers do, and more processes than cores
    options = ["--allow-run-as-root", "--oversubscribe"] if "Open MPI" in version else []
    return (command, *options, "-n", "2", sys.executable)


def test_under_mpi(tmp_path):
    check(tmp_path, *run_script(tmp_path, "mpi", mpirun()))


# --- docs/howto/at_scale.md: a network ----------------------------------------------------------------------------


@pytest.fixture
def at_scale(tmp_path):
    """A model, rows for three shares of two batches, the last of them shorter, and the expected results."""
    x = np.random.default_rng(0).normal(size=(18_000, COLUMNS)).astype(np.float32)
    np.save(tmp_path / "x.npy", x)
    layers = [
        sp.nn.SpatialDense(COLUMNS, 16, pattern_hash=sp.SimHash(COLUMNS, rng=0), rng=0),
        sp.nn.Dense(16, 3, rng=1),
    ]
    network = sp.nn.Network(layers)
    network.save(tmp_path / "model.npz")
    return tmp_path, network.predict(x), network.layers[0].maps.statistics().total


def page_command(scheduler):
    """Return the words of the command of the page with or without --scheduler, for this Python's Spatium."""
    page = (DOCS / "howto" / "at_scale.md").read_text(encoding="utf-8")
    lines = [line for line in page.splitlines() if line.startswith("$ spatium infer ")]
    (line,) = [line for line in lines if ("--scheduler" in line) == scheduler]
    return [sys.executable, "-m", "spatium", *line.removeprefix("$ spatium ").split()]


def test_a_network_on_one_machine(at_scale):
    folder, expected, _ = at_scale
    run_in(folder, *page_command(scheduler=False))
    same_bits(np.load(folder / "y.npy"), expected)


@pytest.mark.skipif(os.name != "posix", reason="a script of a shell")
@pytest.mark.slow
def test_a_network_in_jobs(at_scale):
    folder, expected, _ = at_scale
    page = (DOCS / "howto" / "at_scale.md").read_text(encoding="utf-8")
    (script,) = re.findall(r"```shell\n(#!/bin/bash\n.*?)```", page, re.DOTALL)
    assert script.count("256 * 4096") == script.count("\nspatium ") == 1
    script = script.replace("256 * 4096", "2 * 4096").replace("\nspatium ", f"\n{sys.executable} -m spatium ")
    (folder / "job.sh").write_text(script, encoding="utf-8")
    for task in ("2", "0", "1"):
        run_in(folder, "bash", "job.sh", SLURM_ARRAY_TASK_ID=task)
    same_bits(np.load(folder / "y.npy"), expected)
    reports = [json.loads((folder / f"report.{task}.json").read_text()) for task in range(3)]
    assert [report["rows"] for report in reports] == [8192, 8192, 1616]
    assert sum(np.sum(report["maps"][0]["hits"]) for report in reports) == 18_000


@pytest.mark.slow
@pytest.mark.parametrize("name", ["dask", "mpi"])
def test_a_network_in_processes(at_scale, name):
    folder, expected, total = at_scale
    if name == "dask":
        pytest.importorskip("distributed")
    command = (sys.executable,) if name == "dask" else mpirun()
    (folder / "script.py").write_text(script_of("howto/at_scale.md", name), encoding="utf-8")
    printed = run_in(folder, *command, "script.py")
    same_bits(np.load(folder / "y.npy"), expected)
    assert int(printed) == total


@pytest.mark.slow
def test_a_network_on_a_cluster(at_scale):
    distributed = pytest.importorskip("distributed")
    folder, expected, _ = at_scale
    command = page_command(scheduler=True)
    with distributed.LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None) as cluster:
        run_in(folder, *command[:-1], cluster.scheduler_address)
    same_bits(np.load(folder / "y.npy"), expected)
