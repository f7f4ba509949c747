"""The three scripts of docs/clusters.md, as printed there: one core, a dask cluster, MPI. They write the same bytes."""

import importlib.util
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

PAGE = Path(__file__).resolve().parents[1] / "docs" / "clusters.md"
ROWS, COLUMNS = 2000, 12


def run_script(folder, name, command=(sys.executable,)):
    """Write x.npy and run the script that the page gives under `name`, in small blocks."""
    x = np.random.default_rng(0).random((ROWS, COLUMNS), dtype=np.float32)
    np.save(folder / "x.npy", x)
    (text,) = re.findall(rf"<!-- {name} -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert text.count("ROWS = 65_536") == 1
    (folder / "script.py").write_text(text.replace("ROWS = 65_536", "ROWS = 300"), encoding="utf-8")
    environment = {**os.environ, "SPATIUM_NUM_THREADS": "1"}
    result = subprocess.run(
        [*command, "script.py"], cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    return x, result.stdout


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


def test_under_mpi(tmp_path):
    mpirun = shutil.which("mpirun")
    if mpirun is None or importlib.util.find_spec("mpi4py") is None:
        pytest.skip("needs mpirun and mpi4py")
    version = subprocess.run([mpirun, "--version"], capture_output=True, text=True, check=True).stdout
    # Open MPI refuses to run as root, as containers do, and more processes than cores
    options = ["--allow-run-as-root", "--oversubscribe"] if "Open MPI" in version else []
    check(tmp_path, *run_script(tmp_path, "mpi", (mpirun, *options, "-n", "2", sys.executable)))
