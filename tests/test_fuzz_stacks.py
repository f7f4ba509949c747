"""Every function, map and hash in a thread with a small stack, as musl, coroutines and other languages make them."""

import functools
import os
import subprocess
import sys

import everything
import pytest
from test_fuzz_environments import assert_same, lines_of

# What Python itself needs differs: NumPy's own loops have to run there for the test to say something.
STACK = 128 if "LD_PRELOAD" in os.environ else 64  # the frames of a sanitizer are larger
ALONE = """
import threading, numpy as np
threading.stack_size({stack} * 1024)
thread = threading.Thread(target=lambda: [np.tanh(np.ones((300, 300), t)[:, ::3]) for t in "efd"])
thread.start(), thread.join()
"""


@functools.cache
def numpy_runs_there():
    return not subprocess.run(
        [sys.executable, "-c", ALONE.format(stack=STACK)], capture_output=True, check=False
    ).returncode


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the least stack of a thread differs")
@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("group", everything.GROUPS)
def test_in_a_thread_with_a_small_stack(group, threads):
    if not numpy_runs_there():
        pytest.skip(f"NumPy's own functions need more than {STACK} KiB here")
    assert_same(lines_of("--groups", group, "--stack", str(STACK), "--threads", str(threads)))
