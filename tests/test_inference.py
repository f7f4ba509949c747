"""Networks on several threads: the same bits, exact hits, errors that lose nothing, NumPy's threads as before."""

import ctypes
import multiprocessing
import os
import re
import subprocess
import sys
import textwrap
import threading
import tracemalloc
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import spatium as sp
from spatium import _engine, nn
from spatium.nn import ActivationLayer, Dense, Layer, Network, Softmax, SpatialDense, _blas, _inference, _products

LIMITED = pytest.mark.skipif(not _blas.limited(), reason="NumPy's library for products cannot be limited")


@pytest.fixture(autouse=True)
def two_threads():
    with sp.num_threads(2):
        yield


def normal(*shape, seed=0):
    return np.random.default_rng(seed).standard_normal(shape, dtype=np.float32)


def spatial_network(n_inputs=20, n_units=70):
    network = Network(
        [SpatialDense(n_inputs, n_units, rng=0), ActivationLayer("gelu"), SpatialDense(n_units, 40, rng=1),
         Dense(40, 5, "tanh", rng=2), Softmax()]
    )  # fmt: skip
    for layer in (network.layers[0], network.layers[2]):
        layer.pattern_hash.fit(normal(500, layer.n_inputs, seed=3))
    return network


def large_network():
    """Its products are cut into columns for few rows, and its blocks have the least length."""
    return Network([Dense(300, 1100, "gelu", rng=0), Dense(1100, 1000, "relu", rng=1), Dense(1000, 3, rng=2)])


def one_layer_at_a_time(network, x):
    """The definition: every layer on all rows, products by NumPy."""
    for layer in network.layers:
        if isinstance(layer, Softmax):
            x = sp.softmax(x, axis=1)
        elif isinstance(layer, ActivationLayer):
            x = layer.activation(x)
        else:
            z = x @ layer.parameters["weights"] + layer.parameters["bias"]
            if isinstance(layer, SpatialDense):
                z = layer.maps.activate(z, layer.pattern_hash(x)[:, None], count=False)
            elif layer.activation is not None:
                z = layer.activation(z)
            x = z
    return x


# ---- values ----


@pytest.mark.parametrize("make", [spatial_network, large_network])
@pytest.mark.parametrize("rows", [1, 2, 5, 100, 511, 600, 1024, 2049, 6_000])
def test_bits_do_not_depend_on_the_number_of_threads(make, rows, assert_same_bits):
    network = make()
    x = normal(rows, network.n_inputs)
    results = []
    for threads in (1, 2, 3, 8):
        with sp.num_threads(threads):
            results.append((network.forward(x), network.predict(x), network.predict(x, batch_size=300)))
    for other in results[1:]:
        for one, two in zip(results[0], other, strict=True):
            assert_same_bits(two, one)
    np.testing.assert_allclose(results[0][0], one_layer_at_a_time(network, x), rtol=2e-4, atol=2e-5)


@pytest.mark.parametrize("batch_size", [7, 300, 512, 700, 5000])
def test_predict_is_forward_of_each_batch(batch_size, assert_same_bits):
    network = large_network()
    x = normal(1500, 300)
    pieces = [network.forward(x[i : i + batch_size]) for i in range(0, 1500, batch_size)]
    assert_same_bits(network.predict(x, batch_size=batch_size), np.concatenate(pieces))


@pytest.mark.parametrize("rows", [1, 3, 127, 128, 500, 4096, 10_000])
@pytest.mark.parametrize("work", [1, 70_000, 2_000_000])
def test_blocks_cover_every_row_once(rows, work):
    for batch_size in (1, 100, 4096):
        blocks = _inference.blocks_of(rows, batch_size, work)
        assert [row for block in blocks for row in range(block.start, block.stop)] == list(range(rows))
        assert all(block.stop - block.start <= max(_inference.BLOCK_ROWS, batch_size) for block in blocks)
    assert _inference.blocks_of(0, 100, work) == []


def test_training_gives_the_same_bits_on_any_number_of_threads(assert_same_bits):
    x, y = normal(600, 300), np.arange(600) % 3
    weights = []
    for threads in (1, 2, 5):
        network = Network(
            [Dense(300, 1100, "gelu", rng=0), SpatialDense(1100, 100, rng=1), Dense(100, 3, rng=2), Softmax()]
        )
        with sp.num_threads(threads):
            network.fit(x, y, epochs=2, batch_size=200, rng=0, validation=(x[:50], y[:50]))
        weights.append([array for layer in network.layers for array in layer.parameters.values()])
    for other in weights[1:]:
        for one, two in zip(weights[0], other, strict=True):
            assert_same_bits(two, one)


@pytest.mark.parametrize(
    ("rows", "inner", "columns"), [(64, 1024, 1100), (3000, 100, 90), (1000, 64, 700), (5, 2000, 2000)]
)
@LIMITED
def test_a_product_in_pieces_is_the_product(rows, inner, columns):
    random = np.random.default_rng(0)  # small integers, whose sums are exact in any order
    a = random.integers(-4, 5, (rows, inner)).astype(np.float32)
    b = random.integers(-4, 5, (inner, columns)).astype(np.float32)
    assert rows * inner * columns > _products.WORTH_CUTTING
    with _products.OnePool():
        for left, right in ((a, b), (np.asfortranarray(a), b[:, ::-1]), (a, np.asfortranarray(b))):
            assert np.array_equal(_products.product(left, right), a @ np.ascontiguousarray(right))


@pytest.mark.parametrize(
    "layers",
    [
        lambda: [Dense(6, 70, "gelu", rng=0), Dense(70, 4, "tanh", rng=1), Softmax()],
        lambda: [SpatialDense(6, 70, rng=0), Dense(70, 80, "tanh", rng=1)],
        lambda: [Dense(6, 70, rng=0), ActivationLayer("mish")],
        lambda: [Dense(6, 6, rng=0), SpatialDense(6, 6, rng=0)],
    ],
)
def test_any_layout_of_input_and_output(layers, assert_same_bits):
    network, x = Network(layers()), normal(700, 6)
    expected, columns = network.predict(x), network.n_outputs
    read_only = x.copy()
    read_only.flags.writeable = False
    for given in (
        x.astype(np.float64), x.astype(">f4"), np.asfortranarray(x), x[::-1].copy()[::-1], np.repeat(x, 2, axis=0)[::2],
        np.repeat(x, 2, axis=1)[:, ::2], read_only, x.tolist(),
    ):  # fmt: skip
        assert_same_bits(network.predict(given), expected)
        assert_same_bits(network.forward(given), expected)
    shifted = np.frombuffer(bytearray(expected.nbytes + 1), dtype=np.uint8)[1:].view(np.float32)
    for out in (
        np.empty((columns, 700), np.float32).T, np.empty((1400, columns), np.float32)[::2],
        np.empty((700, 2 * columns), np.float32)[:, ::2], np.empty((700, columns), np.float32)[::-1],
        shifted.reshape(700, columns),
    ):  # fmt: skip
        assert network.predict(x, out=out) is out
        assert_same_bits(out.copy(), expected)


def test_a_layer_of_the_users_own_sees_whole_batches():
    seen = []

    class Centered(Layer):
        n_inputs = n_outputs = 4

        def forward(self, x, training=False):
            seen.append(len(x))
            return x - x.mean(axis=0)

    network = Network([Dense(4, 4, rng=0), Centered(), Dense(4, 2, "relu", rng=1)])
    x = normal(3000, 4)
    y = network.forward(x)
    assert seen == [3000]
    hidden = network.layers[0].forward(x)
    np.testing.assert_allclose(y, network.layers[2].forward(hidden - hidden.mean(axis=0)), rtol=1e-5, atol=1e-6)


# ---- hits ----


def test_hits_are_counted_once():
    network = spatial_network()
    first, second = network.layers[0], network.layers[2]
    x = normal(3000, 20)
    network.predict(x)
    assert first.maps.statistics().total == 3000 * 70
    assert second.maps.statistics().total == 3000 * 40
    cells = sp.cell_of(first.pattern_hash(x))
    expected = np.zeros((8, 8), dtype=np.uint64)
    np.add.at(expected, cells, np.uint64(1))
    assert all(np.array_equal(hits, expected) for hits in first.maps.hit_counts)
    network.forward(x, count=False)
    network.forward(x, training=True)
    assert first.maps.statistics().total == 3000 * 70
    network.forward(x, training=True, count=True)
    first.forward(x)
    first.forward(x, count=False)
    assert first.maps.statistics().total == 3 * 3000 * 70


@pytest.mark.parametrize("dtype", [np.int64, np.uint8, ">u8"])
def test_a_hash_of_the_users_own_may_return_any_integers(dtype):
    layer = SpatialDense(3, 5, pattern_hash=lambda x: np.arange(len(x)).astype(dtype), rng=0)
    Network([layer]).predict(normal(8, 3))
    assert layer.maps.hit_counts[2].tolist() == [[1] * 8] + [[0] * 8] * 7


def test_two_layers_may_share_a_map():
    amap = sp.ActivationMap.random(20, rng=0)
    network = Network([SpatialDense(20, 20, maps=amap, rng=0), SpatialDense(20, 20, maps=amap, rng=1)])
    network.predict(normal(2000, 20))
    assert amap.statistics().total == 2 * 2000 * 20


def test_a_row_without_a_hash_counts_nothing():
    network = spatial_network()
    x = normal(6000, 20)
    x[2200, 3] = np.nan
    with pytest.raises(ValueError, match=r"x, in its rows \d+ to \d+: .*not finite") as raised:
        network.predict(x)
    first, last = map(int, re.findall(r"\d+", str(raised.value))[:2])
    assert first <= 2200 <= last
    with pytest.raises(ValueError, match="not finite"):
        network.forward(x)
    assert network.layers[0].maps.statistics().total == 0
    assert network.layers[2].maps.statistics().total == 0


# ---- arguments ----


def test_a_layer_stands_in_one_place():
    shared = ActivationLayer("tanh")
    with pytest.raises(ValueError, match=r"layers\[2\] is the same object as layers\[0\]"):
        Network([shared, Dense(3, 3, rng=0), shared])


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_out_may_overlap_x(shift):
    network = Network([Dense(6, 6, "tanh", rng=0)])
    memory = normal(2002, 6)
    x, out = memory[1:2001], memory[1 + shift : 2001 + shift]
    expected = network.predict(x.copy())
    assert network.predict(x, out=out) is out
    assert np.array_equal(out, expected)


def test_memory_beside_the_result_is_blocks_of_the_threads():
    network = large_network()
    x = normal(8192, 300)
    out = np.empty((8192, 3), dtype=np.float32)
    network.predict(x, out=out)
    tracemalloc.start()
    network.predict(x, out=out)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    block = _inference.BLOCK_ROWS * (1100 + 1000) * 4
    assert peak < 2 * block + 200_000


# ---- errors and interrupts ----


def fails_at(number, error):
    calls = []

    def value(x):
        calls.append(len(x))
        if len(calls) == number:
            raise error
        return x

    return sp.Custom(value, lambda x: np.ones_like(x), name="fails")


@pytest.mark.parametrize("error", [ArithmeticError("mine"), KeyboardInterrupt(), MemoryError()])
def test_errors_of_a_block_reach_the_caller(error):
    network = Network([SpatialDense(20, 1500, rng=0), ActivationLayer(fails_at(3, error)), Dense(1500, 2, rng=1)])
    before = _blas.description()["threads"]
    with pytest.raises(type(error)):
        network.predict(normal(4000, 20))
    assert _blas.description()["threads"] == before
    assert _blas._users == 0
    assert network.layers[0].maps.statistics().total == 0
    assert network.predict(normal(4000, 20)).shape == (4000, 2)
    assert sp.gelu(normal(300_000)).shape == (300_000,)


def test_threads_see_the_callers_errstate():
    overflow = sp.Custom(lambda x: np.exp(x * np.float32(1e4)), lambda x: x, name="overflow")
    network = Network([Dense(20, 1500, rng=0), ActivationLayer(overflow), Dense(1500, 2, rng=1)])
    x = normal(4000, 20)
    with np.errstate(all="ignore"):
        network.predict(x)
    for _ in range(5):
        with np.errstate(over="raise"), pytest.raises(FloatingPointError):
            network.predict(x)


def test_the_error_of_the_lowest_share_is_raised():
    def work(share):
        raise ValueError(str(share))

    with sp.num_threads(1), pytest.raises(ValueError, match=r"^0$"):
        _engine.parallel_for(work, 10, 1 << 30)
    done = []
    _engine.parallel_for(done.append, 100, 1 << 30)
    assert sorted(done) == list(range(100))
    _engine.parallel_for(done.append, 0, 0)
    assert len(done) == 100


def test_a_call_waits_for_no_worker_that_is_busy_elsewhere(assert_same_bits):
    """The only worker is held by one call; another call from a second thread finishes all the same."""
    x = normal(5_000_000)
    expected = sp.mish(x)
    inside, finished, held = threading.Barrier(2), threading.Event(), []

    def hold(share):
        if threading.current_thread() is not caller:
            held.append(share)
        inside.wait(10)
        assert finished.wait(30)

    def other():
        inside_result.append(sp.mish(x))
        finished.set()

    inside_result = []
    caller = threading.current_thread()
    thread = threading.Thread(target=other)
    thread.start()
    finished.wait(30)
    _engine.parallel_for(hold, 2, 1 << 30)
    thread.join()
    assert_same_bits(inside_result[0], expected)
    assert len(held) == 1


# ---- NumPy's library for products ----


@LIMITED
def test_products_are_computed_by_one_thread_each_and_the_number_comes_back():
    library = _blas.library()
    before = library.get()
    library.set(2)
    try:
        seen = []
        spy = sp.Custom(lambda x: (seen.append(library.get()), x)[1], lambda x: x, name="spy")
        network = Network([Dense(20, 1500, spy, rng=0), Dense(1500, 2, rng=1)])
        network.predict(normal(4000, 20))
        network.forward(normal(3, 20), training=True)
        network.layers[0].forward(normal(3, 20))
        assert set(seen) == {1}
        assert library.get() == 2
        assert _blas.description()["threads"] == 2
        seen.clear()
        nn.limit_blas(False)
        try:
            y = network.predict(normal(4000, 20))
            network.forward(normal(3, 20), training=True)
        finally:
            nn.limit_blas(True)
        assert set(seen) == {2}
        np.testing.assert_allclose(y, network.predict(normal(4000, 20)), rtol=1e-4, atol=1e-5)
    finally:
        library.set(before)


@LIMITED
def test_switching_off_while_a_network_computes():
    library = _blas.library()
    before = library.get()
    library.set(2)
    try:
        off = sp.Custom(lambda x: (nn.limit_blas(False), x)[1], lambda x: x, name="off")
        Network([Dense(20, 5, off, rng=0)]).predict(normal(10, 20))
        assert library.get() == 2
        assert _blas._users == 0
    finally:
        nn.limit_blas(True)
        library.set(before)


@pytest.mark.parametrize("make", [spatial_network, large_network])
def test_a_thousand_predictions_from_eight_threads(make):
    network = make()
    before = _blas.description()["threads"]
    inputs = [normal(rows, network.n_inputs, seed=rows) for rows in (1, 3, 30, 200)]
    expected = [network.predict(x) for x in inputs]
    hits = [layer.maps.statistics().total for layer in network.layers if isinstance(layer, SpatialDense)]

    def predict(i):
        return np.array_equal(network.predict(inputs[i % 4]), expected[i % 4])

    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(predict, range(1000)))
    assert _blas.description()["threads"] == before
    assert _blas._users == 0
    after = [layer.maps.statistics().total for layer in network.layers if isinstance(layer, SpatialDense)]
    assert after == [251 * total for total in hits]


def run(script, **environment):
    variables = {key: value for key, value in os.environ.items() if not key.endswith("NUM_THREADS")}
    result = subprocess.run(
        [sys.executable, "-W", "error", "-c", textwrap.dedent(script)],
        env=variables | environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


@LIMITED
@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_while_another_thread_computes():
    out = run(
        """
        import os, signal, threading, warnings
        import numpy as np, spatium as sp
        from spatium.nn import Dense, Network, _blas
        warnings.simplefilter("ignore")  # Python 3.12 warns that the process is multi-threaded: that is the point
        sp.set_num_threads(2)
        _blas.library().set(2)
        inside, go_on = threading.Event(), threading.Event()
        wait = sp.Custom(lambda x: (inside.set(), go_on.wait(60), x)[2], lambda x: x, name="wait")
        slow = Network([Dense(3, 3, wait, rng=0)])
        quick = Network([Dense(300, 600, "gelu", rng=0), Dense(600, 2, rng=1)])
        x = np.random.default_rng(0).standard_normal((3000, 300), dtype=np.float32)
        y = quick.predict(x)
        thread = threading.Thread(target=slow.predict, args=(np.ones((5, 3)),))
        thread.start()
        inside.wait(60)
        child = os.fork()
        if child == 0:
            signal.alarm(60)
            right = _blas.library().get() == 2 and _blas._users == 0
            right = right and np.array_equal(quick.predict(x), y) and _blas.library().get() == 2
            os._exit(0 if right else 1)
        _, status = os.waitpid(child, 0)
        assert _blas.library().get() == 1
        go_on.set()
        thread.join()
        print(status, _blas.library().get())
        """
    )
    assert out == "0 2"


@LIMITED
def test_threadpoolctl_finds_the_same_library():
    pytest.importorskip("threadpoolctl")
    found, known = _blas._by_threadpoolctl(), _blas.library()
    before = known.get()
    assert found.get() == before
    for count in (1, 2, before):
        found.set(count)
        assert known.get() == count


def test_without_a_library_that_can_be_limited(monkeypatch):
    """Products as a whole, everything else on the thread of the caller: the same results but for rounding."""
    network, x = large_network(), normal(2000, 300)
    expected = network.predict(x)
    monkeypatch.setattr(_blas, "_library", None)
    monkeypatch.setattr(_blas, "_searched", True)
    assert not _blas.limited()
    assert _blas.description() == {"name": "unknown", "threads": None, "limited": False}
    seen = set()
    spy = sp.Custom(lambda x: (seen.add(threading.get_ident()), x)[1], lambda x: x, name="spy")
    Network([Dense(20, 1500, spy, rng=0), Dense(1500, 2, rng=1)]).predict(normal(4000, 20))
    assert seen == {threading.get_ident()}
    np.testing.assert_allclose(network.predict(x), expected, rtol=1e-4, atol=1e-5)
    assert not _engine.serial(False)


def test_the_environment_can_leave_the_library_alone():
    script = "from spatium.nn import _blas; print(_blas.limited(), _blas.enter())"
    assert run(script, SPATIUM_LIMIT_BLAS="0") == "False False"


# ---- processes that share a machine ----


def threads_of_a_child(_):
    return sp.get_num_threads()


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_a_child_of_multiprocessing_takes_one_thread(method):
    if method not in multiprocessing.get_all_start_methods():
        pytest.skip(f"no {method} here")
    script = f"""
        import multiprocessing, sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        from test_inference import threads_of_a_child
        if __name__ == "__main__":
            with multiprocessing.get_context({method!r}).Pool(2) as pool:
                print(pool.map(threads_of_a_child, range(4)))
        """
    assert run(script) == "[1, 1, 1, 1]"
    assert run(script, SPATIUM_NUM_THREADS="2") == "[2, 2, 2, 2]"


@pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="needs affinity")
@pytest.mark.parametrize("variable", ["OMPI_COMM_WORLD_LOCAL_SIZE", "MPI_LOCALNRANKS", "PMI_LOCAL_SIZE"])
def test_ranks_that_are_not_bound_share_the_processors(variable):
    script = "import spatium as sp; print(sp.get_num_threads())"
    alone = int(run(script))
    if alone < os.cpu_count():
        pytest.skip("this process is bound itself")
    assert run(script, **{variable: "1"}) == str(alone)
    assert run(script, **{variable: "2"}) == str(max(1, alone // 2))
    assert run(script, **{variable: "1000"}) == "1"
    assert run(script, **{variable: "2"}, SPATIUM_NUM_THREADS="3") == "3"


# ---- the caller's floating-point state ----

GLIBC_X86 = pytest.mark.skipif(
    not (sys.platform == "linux" and os.uname().machine == "x86_64"), reason="sets the state through glibc"
)


def in_state(bits, function):
    """Call the function with these bits set in the control and status register of SSE."""
    libm = ctypes.CDLL("libm.so.6")
    before, changed = ctypes.create_string_buffer(64), ctypes.create_string_buffer(64)
    libm.fegetenv(before)
    libm.fegetenv(changed)
    register = ctypes.c_uint32.from_buffer(changed, 28)
    register.value |= bits
    libm.fesetenv(changed)
    try:
        result = function()
        libm.fegetenv(changed)
        after = register.value
    finally:
        libm.fesetenv(before)
    return result, after


@GLIBC_X86
@pytest.mark.parametrize("bits", [0x8040, 0x4000, 0x2000], ids=["flushing", "upwards", "downwards"])
def test_results_do_not_depend_on_the_callers_state(bits, all_activations, assert_same_bits):
    wide = np.concatenate([np.linspace(-120, 120, 40_001), [-1e-310, 5e-324, -1e-40, 1e-45, 1e-30]])
    for dtype in (np.float32, np.float64, np.float16):
        with np.errstate(all="ignore"):
            x = wide.astype(dtype)
        for act in all_activations:
            operations = [act, act.derivative, lambda x, act=act: act.backward(x, x)]
            for operation in operations:
                expected = operation(x)
                result, after = in_state(bits, lambda: operation(x))  # noqa: B023
                assert_same_bits(result, expected)
                assert after & bits == bits, "the caller's state is as it was"
    x = wide[:40_000].reshape(-1, 8)
    amap, h = sp.ActivationMap.random(8, rng=0), sp.SimHash(8, rng=0).fit(x)
    tiny = x * 1e-310
    small = sp.SimHash.from_arrays(h.planes, np.zeros(len(h.planes)))
    for function in (
        lambda: sp.softmax(x, axis=1), lambda: sp.logsumexp(x, axis=1), lambda: sp.swiglu(x, x),
        lambda: small(tiny), lambda: amap.activate(x, np.arange(5000)[:, None]),
        lambda: sp.ScaledSwish(0.5, 2.0).parameter_gradients(x, x)["beta"],
    ):  # fmt: skip
        assert_same_bits(np.asarray(in_state(bits, function)[0]), np.asarray(function()))


@GLIBC_X86
def test_workers_do_not_take_over_the_state_of_who_starts_them():
    out = run(
        f"""
        import sys
        sys.path.insert(0, {os.path.dirname(__file__)!r})
        import numpy as np, spatium as sp
        from test_inference import in_state
        x = np.full(6_000_000, -95.0, dtype=np.float32)
        sp.set_num_threads(2)
        for _ in range(3):
            y, _ = in_state(0x8040, lambda: sp.sigmoid(x))
            assert (y.view(np.int32) == y.view(np.int32)[0]).all() and y.view(np.int32)[0] > 0
        print("ok")
        """
    )
    assert out == "ok"
