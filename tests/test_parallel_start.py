"""Threads are started when there is enough to do, and not before."""

import os
import pathlib
import subprocess
import sys

import pytest

from spatium import _engine

TASKS = pathlib.Path("/proc/self/task")

pytestmark = [
    pytest.mark.skipif(not TASKS.exists(), reason="counts the threads that Linux lists"),
    pytest.mark.skipif(not _engine.build_info()["openmp"], reason="built without OpenMP"),
]

COUNT = """
import os
import numpy as np

def threads():
    return len(os.listdir("/proc/self/task"))

numpy_alone = threads()
import spatium as sp
sp.set_num_threads(2)
print(threads() - numpy_alone)
x, hashes = np.ones((1000, 1000), np.float32), np.arange(1000, dtype=np.uint64)[:, None]
amap = sp.ActivationMap.random(rng=0)
sp.gelu(x[0, :16]), amap(x[:2, :2], hashes[:2])
print(threads() - numpy_alone)
{call}
print(threads() - numpy_alone)
"""


@pytest.mark.parametrize("call", ["sp.gelu(x)", "amap(x, hashes)", "sp.softmax(x)", "sp.ReLU().forward(x)"])
def test_large_arrays_start_threads(call):
    environment = {**os.environ, "OMP_NUM_THREADS": "2"}
    environment.pop("OMP_THREAD_LIMIT", None)
    code = COUNT.replace("{call}", call)
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, timeout=60
    )
    assert result.stdout.split() == ["0", "0", "1"]
