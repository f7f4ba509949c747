"""Threads: the same bits for any number of them, exact counts, and a library that behaves after fork and at import."""

import functools
import itertools
import os
import subprocess
import sys
import textwrap
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import spatium as sp
from spatium.threads import _cgroup_limit

SIZE = 300_000
LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc and sets the affinity")


def run(script, *arguments, timeout=60, **environment):
    """The output of a script (a text, or the path of one) in a new interpreter without the variables of threads."""
    source = ["-c", textwrap.dedent(script)] if isinstance(script, str) else [str(script)]
    variables = {key: value for key, value in os.environ.items() if not key.endswith("NUM_THREADS")}
    result = subprocess.run(
        [sys.executable, "-W", "error", *source, *arguments],
        env={**variables, "OPENBLAS_NUM_THREADS": "1", **environment},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_set_and_get():
    sp.set_num_threads(2)
    assert sp.get_num_threads() == 2
    sp.set_num_threads(np.int64(1))
    assert sp.get_num_threads() == 1


def test_context_manager():
    sp.set_num_threads(1)
    with sp.num_threads(2):
        assert sp.get_num_threads() == 2
        with sp.num_threads(1):
            assert sp.get_num_threads() == 1
        assert sp.get_num_threads() == 2
    assert sp.get_num_threads() == 1
    with pytest.raises(KeyError), sp.num_threads(2):
        raise KeyError
    assert sp.get_num_threads() == 1


def large(dtype, seed=0):
    return np.random.default_rng(seed).normal(0, 4, SIZE).astype(dtype)


def test_one_and_two_threads_give_the_same_bits(ufuncs, dtype, assert_same_bits):
    x, grad = large(dtype), large(dtype, 1)
    results = []
    for threads in (1, 2):
        with sp.num_threads(threads):
            results.append(
                [ufuncs.value(x), ufuncs.derivative(x), *ufuncs.value_and_derivative(x), ufuncs.backward(grad, x)]
            )
    for one, two in zip(*results, strict=True):
        assert_same_bits(two, one)


@pytest.mark.parametrize("threads", [2, 3, 7])
def test_any_number_of_threads_gives_what_pieces_give(threads, assert_same_bits):
    x = large(np.float32)
    expected = np.concatenate([sp.gelu(piece) for piece in np.array_split(x, 97)])
    with sp.num_threads(threads):
        assert_same_bits(sp.gelu(x), expected)
        assert_same_bits(sp.gelu(x[::-1]), expected[::-1])
        assert_same_bits(sp.gelu(x[::3]), expected[::3])
        a = x.copy()
        sp.gelu(a, out=a)
        assert_same_bits(a, expected)


@pytest.mark.parametrize("layout", ["per element", "per row", "layer", "layer and element"])
def test_maps_give_the_same_bits_and_counts(layout, dtype, assert_same_bits):
    x = large(dtype).reshape(3000, 100)
    random = np.random.default_rng(2)
    hashes = random.integers(0, 2**64, (3000, 100 if "element" in layout else 1), dtype=np.uint64)
    amap = sp.ActivationMap.random(100, rng=0) if "layer" in layout else sp.ActivationMap.random(rng=0)
    results = []
    for threads in (1, 2, 5):
        amap.reset_counts()
        with sp.num_threads(threads):
            y, dy = amap.value_and_derivative(x, hashes)
            results.append((amap.activate(x, hashes), amap.hit_counts.copy(), y, dy, amap.backward(x, x, hashes)))
    assert results[0][1].sum() == SIZE
    for other in results[1:]:
        for first, second in zip(results[0], other, strict=True):
            assert_same_bits(second, first)


@pytest.mark.parametrize("neurons", [None, 50])
@pytest.mark.parametrize("size", [64, 20_000])
def test_counts_are_exact_when_python_threads_share_a_map(neurons, size):
    amap = sp.ActivationMap.random(rng=0) if neurons is None else sp.ActivationMap.random(neurons, rng=0)
    repetitions, workers = (200, 2) if size == 64 else (25, 2)
    shape = (size // (neurons or 1) or 1, neurons or 1)
    hashes = [np.random.default_rng(n).integers(0, 2**64, shape, dtype=np.uint64) for n in range(workers)]
    x = np.random.default_rng(9).normal(size=shape).astype(np.float32)
    expected_counts = np.zeros_like(amap.hit_counts)
    expected_values = []
    for h in hashes:
        alone = amap.copy()
        expected_values.append(alone.activate(x, h))
        expected_counts += np.uint64(repetitions) * alone.hit_counts
    barrier = threading.Barrier(workers)
    wrong = []

    def work(number):
        barrier.wait()
        for _ in range(repetitions):
            if not np.array_equal(amap.activate(x, hashes[number]), expected_values[number]):
                wrong.append(number)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
    np.testing.assert_array_equal(amap.hit_counts, expected_counts)


@pytest.mark.slow
@pytest.mark.parametrize("hashed", ["per element", "per row"])
@pytest.mark.parametrize("neurons", [None, 100])
def test_a_billion_hits_from_threads_that_share_a_map(neurons, hashed):
    """2.6e8 hits each time, from four Python threads whose large calls are shared out to our own threads."""
    palette = [sp.ReLU(), sp.HardTanh(), sp.Identity(), sp.LeakyReLU(0.25)]
    amap = sp.ActivationMap.random(neurons or (), rng=0, palette=palette)
    width, workers, repetitions = 100, 4, 40
    sizes = [1_000_000, 500_000, 100_000, *[1000] * 20, *[100] * 20]
    rng = np.random.default_rng(1)
    x = rng.normal(size=(max(sizes) // width, width)).astype(np.float32)
    hashes = [
        rng.integers(0, 2**64, (len(x), width if hashed == "per element" else 1), dtype=np.uint64)
        for _ in range(workers)
    ]
    columns = 64 * np.arange(width) if neurons else 0
    expected = np.zeros(amap.hit_counts.size, np.uint64)
    for h in hashes:
        row, column = sp.cell_of(np.broadcast_to(h, x.shape))
        cells = 8 * row + column + columns
        for size in sizes:
            counts = np.bincount(cells[: size // width].reshape(-1), minlength=expected.size)
            expected += np.uint64(repetitions) * counts.astype(np.uint64)
    barrier = threading.Barrier(workers)

    def work(number):
        out, order = np.empty_like(x), np.random.default_rng(number)
        barrier.wait()
        for _ in range(repetitions):
            for size in order.permutation(sizes):
                rows = size // width
                amap.activate(x[:rows], hashes[number][:rows], out=out[:rows])

    with sp.num_threads(2), ThreadPoolExecutor(workers) as pool:
        list(pool.map(work, range(workers)))
    assert int(amap.hit_counts.sum()) == workers * repetitions * sum(sizes) > 2.5e8
    np.testing.assert_array_equal(amap.hit_counts.reshape(-1), expected)


def test_select_and_activate_at_once():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    x, hashes = np.ones(1000), np.full(1000, 0x305)

    def activate():
        for _ in range(300):
            amap.activate(x, hashes)

    def select():
        for _ in range(5000):
            amap.select(0x305)

    threads = [threading.Thread(target=target) for target in (activate, select, select)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert amap.hit_counts[3, 5] == 310_000
    assert amap.hit_counts.sum() == 310_000


def test_python_threads_call_ufuncs_at_once(all_activations):
    """Whatever is built on first use (a table, a cache) is built safely by two threads."""
    x = np.arange(65536, dtype=np.uint16).view(np.float16)
    x = x[np.isfinite(x)]
    x = np.concatenate([x, x])
    results = [None, None]
    barrier = threading.Barrier(2)

    def work(number):
        barrier.wait()
        results[number] = [act(x).tobytes() for act in all_activations]

    threads = [threading.Thread(target=work, args=(n,)) for n in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results[0] == results[1] == [act(x).tobytes() for act in all_activations]


def test_the_number_of_threads_may_change_while_others_compute(assert_same_bits):
    x, through, counts = large(np.float32), threading.Event(), itertools.cycle((1, 2, 3))
    expected = sp.gelu(x)

    def change():
        while not through.wait(1e-4):
            sp.set_num_threads(next(counts))

    with ThreadPoolExecutor(1) as pool:
        changing = pool.submit(change)
        results = [sp.gelu(x) for _ in range(30)]
        through.set()
        changing.result()
    for result in results:
        assert_same_bits(result, expected)


def test_a_pool_of_threads_shares_what_functions_remember():
    """More sets of parameters than are remembered, from four threads at once, small arrays and large."""
    small, large = np.linspace(-2, 2, 33, dtype=np.float32), np.linspace(-2, 2, 70_000)

    def work(i):
        slope = i % 90 / 64 - 0.5
        x = large if i % 17 == 0 else small
        expected = np.where(x > 0, x, (x.astype(np.float64) * slope).astype(x.dtype))
        clipped = np.clip(x, -slope * slope, 1.0)
        return (sp.leaky_relu(x, slope) == expected).all() and (sp.hard_tanh(x, -slope * slope, 1.0) == clipped).all()

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(work, range(4000)))


@LINUX
def test_import_starts_no_thread():
    out = run(
        """
        import os
        import numpy
        before = len(os.listdir("/proc/self/task"))
        import spatium
        print(len(os.listdir("/proc/self/task")) - before)
        """
    )
    assert out == "0"


@LINUX
def test_small_arrays_start_no_thread():
    out = run(
        """
        import os
        import numpy as np
        import spatium as sp
        sp.set_num_threads(2)
        before = len(os.listdir("/proc/self/task"))
        sp.gelu(np.ones(1000))
        sp.ActivationMap.random(rng=0).activate(np.ones(1000), np.arange(1000))
        print(len(os.listdir("/proc/self/task")) - before)
        """
    )
    assert out == "0"


@LINUX
def test_large_arrays_start_the_threads_that_are_allowed_beside_the_caller():
    out = run(
        """
        import os
        import numpy as np
        import spatium as sp
        before = len(os.listdir("/proc/self/task"))
        x = np.ones(1 << 22, np.float32)
        for count in (1, 2, 2, 4):
            sp.set_num_threads(count)
            sp.relu(x)
            print(len(os.listdir("/proc/self/task")) - before)
        """
    )
    assert out.split() == ["0", "1", "1", "3"]


@LINUX
def test_the_limit_of_openmp_is_respected():
    """That is what threadpoolctl sets."""
    out = run(
        """
        import ctypes, os
        import numpy as np
        import spatium as sp
        before = len(os.listdir("/proc/self/task"))
        x = np.ones(1 << 22, np.float32)
        if sp.config()["openmp"]:
            with open("/proc/self/maps") as file:
                loaded = next(line.split()[-1] for line in file if "libgomp" in line or "libomp" in line)
            limit = ctypes.CDLL(loaded).omp_set_num_threads
            limit(8)
            sp.set_num_threads(4)
            for count in (1, 2, 8):
                limit(count)
                sp.relu(x)
                print(len(os.listdir("/proc/self/task")) - before)
        """
    )
    if not out:
        pytest.skip("built without OpenMP")
    assert out.split() == ["0", "1", "3"]


@LINUX
def test_a_thread_that_is_set_to_serial_stays_so():
    out = run(
        """
        import os
        import numpy as np
        import spatium as sp
        sp.set_num_threads(2)
        before = len(os.listdir("/proc/self/task"))
        x = np.ones(1 << 22, np.float32)
        for wanted in (True, False):
            print(sp._engine.serial(wanted))
            sp.relu(x)
            sp.relu(x)
            print(len(os.listdir("/proc/self/task")) - before)
        """
    )
    assert out.split() == ["False", "0", "True", "1"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_fork_after_use():
    """The child of a process that used threads computes the same, and does not hang in a pool it does not have."""
    out = run(
        """
        import os, signal, sys, warnings
        import numpy as np
        import spatium as sp
        warnings.simplefilter("ignore")  # Python 3.12 warns that the process is multi-threaded: that is the point
        sp.set_num_threads(2)
        x = np.random.default_rng(0).normal(size=400_000).astype(np.float32)
        hashes = np.random.default_rng(1).integers(0, 2**64, x.size, dtype=np.uint64)
        amap = sp.ActivationMap.random(rng=0)
        y, z = sp.gelu(x), amap.activate(x, hashes)
        counts = amap.hit_counts.copy()
        for generation in range(2):
            child = os.fork()
            if child == 0:
                signal.alarm(30)
                right = np.array_equal(sp.gelu(x), y) and np.array_equal(amap.activate(x, hashes), z)
                right = right and np.array_equal(amap.hit_counts, 2 * counts)
                sp.set_num_threads(1)
                right = right and np.array_equal(sp.gelu(x), y)
                os._exit(0 if right else 1)
            _, status = os.waitpid(child, 0)
            assert status == 0, status
        assert np.array_equal(sp.gelu(x), y)  # and the parent still works
        assert np.array_equal(amap.hit_counts, counts)
        print("ok")
        """
    )
    assert out == "ok"


def test_environment_variables():
    script = "import spatium as sp; print(sp.get_num_threads())"
    assert run(script, SPATIUM_NUM_THREADS="1") == "1"
    assert run(script, OMP_NUM_THREADS="1") == "1"
    assert run(script, SPATIUM_NUM_THREADS="1", OMP_NUM_THREADS="2") == "1"
    assert run(script, SPATIUM_NUM_THREADS="3", OMP_NUM_THREADS="1") == "3"


@LINUX
def test_affinity_limits_the_threads():
    script = """
        import os
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
        import spatium as sp
        print(sp.get_num_threads())
        """
    assert run(script) == "1"


@pytest.mark.parametrize("cap", ["baseline", "x86_v3"])
def test_the_instruction_set_can_be_capped(cap):
    if cap not in sp._engine.available_isas():
        pytest.skip(f"no {cap} on this machine")
    assert run("from spatium import _engine; print(_engine.current_isa())", SPATIUM_ISA=cap) == cap


def test_config(capsys):
    config = sp.config()
    assert isinstance(config, dict)
    sp.show_config()
    printed = capsys.readouterr().out
    for fact in (sp.__version__, sp._engine.current_isa(), str(sp.get_num_threads())):
        assert fact in printed
        assert fact in str(config)
    assert "compiler" in printed.lower()


def test_instruction_sets_can_be_chosen(isa):
    assert sp._engine.current_isa() == isa
    assert "baseline" in sp._engine.available_isas() or "neon" in sp._engine.available_isas()
    assert sp.relu(np.array([-1.0, 2.0])).tolist() == [0.0, 2.0]


def test_the_quota_of_control_groups_limits_the_threads(tmp_path):
    groups, root = tmp_path / "cgroup", tmp_path / "sys"
    inner = root / "pods" / "job"
    inner.mkdir(parents=True)
    groups.write_text("0::/pods/job\n")
    limit = functools.partial(_cgroup_limit, str(groups), str(root))
    assert limit() is None, "no files, no limit"
    (inner / "cpu.max").write_text("max 100000\n")
    assert limit() is None
    (root / "pods" / "cpu.max").write_text("250000 100000\n")
    assert limit() == 3, "of the outer group, rounded up"
    (inner / "cpu.max").write_text("50000 100000\n")
    assert limit() == 1
    groups.write_text("4:memory:/pods\n3:cpu,cpuacct:/old\n")
    old = root / "cpu,cpuacct" / "old"
    old.mkdir(parents=True)
    (old / "cpu.cfs_quota_us").write_text("-1\n")
    (old / "cpu.cfs_period_us").write_text("100000\n")
    assert limit() is None
    (old / "cpu.cfs_quota_us").write_text("200000\n")
    assert limit() == 2


@pytest.mark.parametrize("method", ["fork", "spawn"])
def test_processes_of_every_start_method_compute(method, tmp_path):
    code = """
        import multiprocessing, sys, warnings
        import numpy as np, spatium as sp
        warnings.simplefilter("ignore", DeprecationWarning)
        x = np.linspace(-5, 5, 200_000, dtype=np.float32)
        if __name__ == "__main__":
            sp.set_num_threads(2)
            here = sp.gelu(x).sum()
            with multiprocessing.get_context(sys.argv[1]).Pool(1) as pool:
                assert pool.apply(sp.gelu, (x,)).sum() == here
            print("done")
    """
    script = tmp_path / "script.py"  # spawn imports it again
    script.write_text(textwrap.dedent(code))
    assert run(script, method, timeout=120) == "done"


def test_threads_without_work_sleep():
    script = """
        import time
        import numpy as np
        import spatium as sp
        sp.set_num_threads(3)
        x = np.ones(300_000, np.float32)
        for _ in range(30):
            sp.gelu(x)
        time.sleep(0.2)
        before = time.process_time()
        time.sleep(0.5)
        print(time.process_time() - before < 0.1)
        """
    assert run(script) == "True"


def other_threads_help(x):
    """Whether threads that sleep before a call take part in it, at the latest in the fiftieth."""
    for _ in range(50):
        time.sleep(0.05)
        others = time.process_time() - time.thread_time()
        sp.gelu(x)
        if time.process_time() - time.thread_time() - others > 1e-3:
            return True
    return False


def test_threads_help_again_after_elements_that_overlap():
    sp.set_num_threads(2)
    x = np.random.default_rng(0).normal(size=1 << 20)
    assert other_threads_help(x)
    for call in (lambda: sp.tanh(x[:-1], out=x[1:]), lambda: sp.tanh(x[1:], out=x[:-1])):
        call()
        assert other_threads_help(x)


def test_threads_respect_the_order_of_overlapping_elements():
    """NumPy passes an output that begins before its input on: what a share writes, the one before may still read."""
    sp.set_num_threads(2)
    for dtype in (np.float16, np.float32):
        base = np.random.default_rng(0).normal(0, 2, 1 << 20).astype(dtype)
        expected = sp.tanh(base[1:].copy())
        for _ in range(10):
            buffer = base.copy()
            sp.tanh(buffer[1:], out=buffer[:-1])
            np.testing.assert_array_equal(buffer[:-1], expected)
