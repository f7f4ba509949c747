"""The memory that tiles are staged in: not on the stack, and an error where there is none."""

import os
import subprocess
import sys
import textwrap

import pytest


def run(script):
    result = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=120, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.split()


def test_a_thread_with_a_small_stack_computes():
    """128 KiB are what threads get from musl, the C library of Alpine."""
    script = """
        import threading
        import numpy as np
        import spatium as sp

        def work():
            for dtype in ("f2", "f4", "f8"):
                array = np.random.default_rng(0).normal(size=(300, 700)).astype(dtype)
                for x in (array, array[:, ::2], array.T):
                    sp.sine(x)
                    sp.softmax(x, axis=0)
                    sp.log_softmax(x, axis=1)
                    sp.swiglu(x, x)
                    act = sp.LeakyReLU(0.1)
                    act.backward(x, act.forward(x)[1])
                    act.parameter_gradients(x, x)
                    hashes = np.arange(x.size, dtype=np.uint64).reshape(x.shape) * np.uint64(99991)
                    few = sp.ActivationMap.random(rng=0, palette=(sp.ReLU(), sp.LeakyReLU(0.2)))
                    for amap in (few, sp.ActivationMap.random(rng=0), sp.ActivationMap.random(x.shape[1], rng=0)):
                        for h in (hashes, hashes[:, :1]):
                            amap.activate(x, h)
                            amap.value_and_derivative(x, h)
                            amap.backward(x, x, h)
            print("computed")

        sp.set_num_threads(1)
        threading.stack_size(128 << 10)
        thread = threading.Thread(target=work)
        thread.start()
        thread.join()
        """
    assert run(script) == ["computed"]


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or "LD_PRELOAD" in os.environ, reason="needs a limit of the address space"
)
def test_without_memory_there_is_an_error_and_nothing_is_counted():
    script = """
        import ctypes
        import resource
        import numpy as np
        import spatium as sp

        sp.set_num_threads(1)
        rng = np.random.default_rng(0)
        x = rng.normal(size=(64, 512)).astype("f4")
        strided, hashes = np.repeat(x, 2, axis=1)[:, ::2], rng.integers(0, 2**64, x.shape, dtype=np.uint64)
        out, y, relu, amap = np.empty_like(x), np.empty_like(x), sp.ReLU(), sp.ActivationMap.random(rng=0)
        malloc = ctypes.CDLL(None).malloc
        malloc.restype, malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
        calls = [
            lambda: sp.softmax(x, axis=0, out=out),
            lambda: sp.swiglu(x, x, out=out),
            lambda: relu(x, bias=x[0], out=out),
            lambda: amap.activate(x, hashes, out=out),
        ]

        def fails(call):
            try:
                call()
            except MemoryError:
                return True
            return False

        with open("/proc/self/statm") as file:
            used = int(file.read().split()[0]) * resource.getpagesize()
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (used, before[1]))
        if malloc(1 << 34):
            print("unlimited")
            raise SystemExit
        while malloc(1 << 16):
            pass
        try:
            failed = [fails(call) for call in calls]
            sp.gelu(strided, out=y)  # smaller tiles do without
        finally:
            resource.setrlimit(resource.RLIMIT_AS, before)
        print(all(failed), (y == sp.gelu(x)).all(), amap.hit_counts.sum(), any(fails(call) for call in calls))
        """
    printed = run(script)
    if printed == ["unlimited"]:
        pytest.skip("the limit of memory has no effect here, as in an emulator")
    assert printed == ["True", "True", "0", "False"]


@pytest.mark.skipif(
    not sys.platform.startswith("linux") or "LD_PRELOAD" in os.environ, reason="reads the memory of the process"
)
def test_calls_and_maps_leave_no_memory_behind():
    """Each takes more than a megabyte of its own."""
    script = """
        import resource
        import numpy as np
        import spatium as sp

        sp.set_num_threads(1)
        x = np.ones((4, 200_000), np.float32)
        slopes, bias, relu = np.ones(200_000), x[0], sp.ReLU()
        few = np.ones((1, 8000), np.float32)

        def map_of_neurons():
            amap = sp.ActivationMap.random(8000, rng=0)
            amap.activate(few, np.zeros((1, 1), np.uint64))
            amap.hit_counts.sum()

        calls = [
            lambda: sp.LeakyReLU().parameter_gradients(x, x, negative_slope=slopes),
            lambda: relu.backward(x, x, bias=bias),
            map_of_neurons,
        ]
        for call in calls:
            for repetition in range(13):
                if repetition == 3:
                    with open("/proc/self/statm") as file:
                        before = int(file.read().split()[1])
                call()
            with open("/proc/self/statm") as file:
                print((int(file.read().split()[1]) - before) * resource.getpagesize() < 8 << 20)
        """
    assert run(script) == ["True"] * 3
