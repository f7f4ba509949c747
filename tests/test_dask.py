"""Dask and xarray arguments: results stay lazy and equal NumPy's, and hits are exact when workers die."""

import os
import signal
import subprocess
import sys
import time
import warnings
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from array_arguments import PLAIN_ARGUMENTS
from conftest import same_bits

import spatium as sp

da = pytest.importorskip("dask.array")
xr = pytest.importorskip("xarray")

import dask  # noqa: E402

X = np.random.default_rng(0).normal(0, 3, (50, 24)).astype(np.float32)
LAZY = da.from_array(X, chunks=(17, 10))


# --- functions ---------------------------------------------------------------------------------------------------


def lazy_equals(result, expected):
    assert type(result) is da.Array
    assert result.dtype == expected.dtype
    same_bits(result.compute(), expected)


def test_every_function_stays_lazy(function, activation):
    lazy_equals(function(LAZY), function(X))
    lazy_equals(activation(LAZY), activation(X))
    lazy_equals(activation.derivative(LAZY), activation.derivative(X))
    lazy_equals(activation.backward(LAZY, LAZY), activation.backward(X, X))
    y, dy = activation.value_and_derivative(LAZY)
    lazy_equals(y, activation(X))
    lazy_equals(dy, activation.derivative(X))
    if activation.gradient_from == "output":
        lazy_equals(activation.derivative_from_output(LAZY), activation.derivative_from_output(X))


def test_parameters_and_dtypes():
    lazy_equals(sp.leaky_relu(LAZY, 0.2), sp.leaky_relu(X, 0.2))
    lazy_equals(sp.leaky_relu(LAZY, 0.2, dtype=np.float64), sp.leaky_relu(X, 0.2, dtype=np.float64))
    lazy_equals(sp.gelu(LAZY, approximate="tanh"), sp.gelu(X, approximate="tanh"))
    slopes = np.linspace(0, 1, 24)
    lazy_equals(sp.prelu(LAZY, slopes), sp.prelu(X, slopes))
    lazy_equals(sp.leaky_relu(LAZY, da.from_array(slopes, chunks=5)), sp.leaky_relu(X, slopes))
    lazy_equals(sp.mish(LAZY.astype(np.float16)), sp.mish(X.astype(np.float16)))
    lazy_equals(sp.mish(LAZY.astype(np.int8)), sp.mish(X.astype(np.int8)))
    with pytest.raises(ValueError, match="negative_slope"):
        sp.leaky_relu(LAZY, np.inf)
    with pytest.raises(ValueError, match="approximate"):
        sp.gelu(LAZY, approximate="cubic")


@pytest.mark.parametrize("dtype", ["f2", "f4", "f8"])
def test_the_threaded_scheduler_beside_our_threads(dtype):
    """Four of dask's threads at once, each of whose blocks is large enough for threads of ours."""
    x = np.random.default_rng(7).normal(0, 3, 600_001).astype(dtype)
    lazy = da.from_array(x, chunks=140_000)
    with dask.config.set(scheduler="threads", num_workers=4), sp.num_threads(2):
        for activation in (sp.GELU(), sp.LeakyReLU(0.2), sp.Sine(), sp.Softplus(2.5), sp.Squareplus()):
            same_bits(activation(lazy).compute(), activation(x))
            same_bits(activation.derivative(lazy).compute(), activation.derivative(x))
        same_bits(sp.hard_tanh(lazy, -0.5, 2.0).compute(), sp.hard_tanh(x, -0.5, 2.0))


def test_both_outputs_come_from_one_pass():
    calls = []

    def value(x):
        calls.append(x.shape)
        return np.square(x)

    square = sp.Custom(value, lambda x: 2 * x)
    y, dy = square.value_and_derivative(LAZY)
    calls.clear()  # one element, for the dtype
    y, dy = dask.compute(y, dy, scheduler="synchronous")
    assert len(calls) == LAZY.npartitions
    same_bits(y, X * X)
    same_bits(dy, 2 * X)


def test_custom_activations_stay_lazy():
    cube = sp.Custom(lambda x: x**3, lambda x: 3 * x**2, name="cube")
    lazy_equals(cube(LAZY), X**3)
    lazy_equals(cube.derivative(LAZY), 3 * X**2)
    lazy_equals(cube.backward(LAZY, LAZY), X * (3 * X**2))
    lazy_equals(cube.backward(X, LAZY), X * (3 * X**2))
    with pytest.raises(TypeError, match="without a derivative"):
        sp.Custom(np.square).derivative(LAZY)


def test_out_and_where_need_numpy_arrays():
    act = sp.GELU()
    with pytest.raises(TypeError, match="out"):
        act.value_and_derivative(LAZY, out=(np.empty_like(X), None))
    with pytest.raises(TypeError, match="where"):
        act.value_and_derivative(LAZY, where=X > 0)
    with pytest.raises(TypeError, match="out"):
        sp.ActivationMap.random(rng=0).activate(LAZY, LAZY.astype(int), out=np.empty_like(X))


def test_a_bias_stays_lazy():
    bias = np.linspace(-1, 1, 24)
    cube = sp.Custom(lambda x: x**3, name="cube")
    for act in (sp.GELU(), sp.LeakyReLU(0.2), cube):
        expected = act(X, bias=bias)
        lazy_equals(act(LAZY, bias=bias), expected)
        lazy_equals(act(LAZY, bias=da.from_array(bias, chunks=7)), expected)
        lazy_equals(act(X, bias=da.from_array(bias, chunks=7)), expected)
        lazy_equals(act(LAZY.astype(np.int8), bias=0.5), act(X.astype(np.int8), bias=0.5))
        with pytest.raises(ValueError, match=r"bias has shape \(1,\), expected \(24,\)"):
            act(LAZY, bias=[1.0])
        with pytest.raises(TypeError, match="x has dtype complex64"):
            act(LAZY.astype(np.complex64), bias=0.5)
        with pytest.raises(TypeError, match="out"):
            act(LAZY, bias=bias, out=np.empty_like(X))


def test_slopes_per_channel_stay_lazy():
    slopes = np.linspace(0, 1, 24)
    lazy_equals(sp.prelu(X, da.from_array(slopes, chunks=5)), sp.prelu(X, slopes))


def never_computed(shape, dtype=np.float32):
    def fail(block):
        raise AssertionError("a lazy array was computed")

    return da.ones(shape, dtype).map_blocks(fail, dtype=dtype, meta=np.empty((0,) * len(shape), dtype))


@pytest.mark.parametrize("case", PLAIN_ARGUMENTS)
def test_nothing_is_computed_silently(case):
    call, name = PLAIN_ARGUMENTS[case]
    with pytest.raises(TypeError, match=rf"^{name} is a lazy Array.*{name}\.compute\(\).*map_blocks"):
        call(never_computed((50, 24)))


@pytest.mark.parametrize("operation", ["activate", "derivative", "value_and_derivative", "backward"])
def test_a_map_refuses_lazy_xarray_objects(operation):
    call = getattr(sp.ActivationMap.random(rng=0), operation)
    inputs = (X,) if operation == "backward" else ()
    x, h = xr.DataArray(never_computed((50, 24))), xr.DataArray(never_computed((50, 24), np.int64))
    for arguments, name in [((x, 5), "x"), ((X, h), "hashes"), ((x, h.data), "x"), ((LAZY, h), "hashes")]:
        with pytest.raises(TypeError, match=f"{name} is a lazy DataArray"):
            call(*inputs, *arguments)
    with pytest.raises(TypeError, match="axis"):
        sp.GELU()(x, bias=0.5)


@pytest.mark.parametrize("lazy", [False, True])
def test_xarray_keeps_names_and_coordinates(lazy):
    coordinates = {"time": np.arange(50), "unit": [f"u{i}" for i in range(24)]}
    x = xr.DataArray(LAZY if lazy else X, dims=("time", "unit"), coords=coordinates)
    act = sp.Swish(1.5)
    y, dy = act.value_and_derivative(x)
    results = {
        "function": (sp.gelu(x), sp.gelu(X)),
        "parameter": (sp.leaky_relu(x, 0.2), sp.leaky_relu(X, 0.2)),
        "value": (act(x), act(X)),
        "derivative": (act.derivative(x), act.derivative(X)),
        "fused value": (y, act(X)),
        "fused derivative": (dy, act.derivative(X)),
    }
    for result, expected in results.values():
        assert isinstance(result, xr.DataArray)
        assert result.dims == ("time", "unit")
        assert list(result.coords["unit"].values) == coordinates["unit"]
        assert isinstance(result.data, da.Array if lazy else np.ndarray)
        same_bits(result.values, expected)


def test_a_map_under_apply_ufunc():
    amap, hashes = sp.ActivationMap.random(24, rng=0), np.arange(50) * 37
    x = xr.DataArray(LAZY, dims=("time", "unit"))
    h = xr.DataArray(hashes, dims="time").chunk(10)
    y = xr.apply_ufunc(amap.derivative, x, h.expand_dims(unit=1, axis=1), dask="allowed", exclude_dims={"unit"},
                       input_core_dims=[["unit"], ["unit"]], output_core_dims=[["unit"]])  # fmt: skip
    assert isinstance(y.data, da.Array)
    same_bits(y.values, amap.derivative(X, hashes[:, None]))


def test_the_library_does_not_import_dask():
    code = """
import sys, numpy as np, spatium as sp
amap = sp.ActivationMap.random(rng=0)
amap(np.ones(3), np.arange(3)), sp.GELU().value_and_derivative([1.0])
assert not {"dask", "xarray"} & set(sys.modules)
"""
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


# --- maps --------------------------------------------------------------------------------------------------------

CASES = {
    "one grid, hash per row": ((), (50, 24), (50, 1), (17, 10), (20, 1)),
    "one grid, hash per element": ((), (50, 24), (50, 24), (17, 10), (20, 24)),
    "one grid, one axis": ((), (50,), (50,), 17, 20),
    "one grid, one number": ((), (), (), -1, -1),
    "neurons, hash per row": ((24,), (50, 24), (50, 1), (17, 10), (20, 1)),
    "neurons, hash per element": ((24,), (50, 24), (50, 24), (17, 7), (20, 24)),
    "neurons only": ((24,), (24,), (24,), 7, 9),
    "x repeated": ((24,), (50, 1), (50, 1), (17, 1), (20, 1)),
    "one neuron repeated": ((1,), (50, 24), (50, 1), (17, 10), (20, 1)),
    "two neuron axes": ((5, 6), (10, 5, 6), (10, 1, 1), (3, 2, 4), (4, 1, 1)),
    "two neuron axes, one repeated": ((5, 1), (10, 5, 6), (6,), (3, 2, 4), (4,)),
    "no rows": ((24,), (0, 24), (0, 1), -1, -1),
    "no columns": ((), (5, 0), (5, 1), -1, -1),
}


def arrays(x_shape, h_shape, dtype=np.float32):
    rng = np.random.default_rng(1)
    return rng.normal(0, 3, x_shape).astype(dtype), rng.integers(0, 2**64, h_shape, dtype=np.uint64)


@pytest.mark.parametrize("which", ["both", "x", "hashes"])
@pytest.mark.parametrize("case", CASES)
def test_a_map_stays_lazy_and_counts_exactly(case, which):
    neurons, x_shape, h_shape, x_chunks, h_chunks = CASES[case]
    amap = sp.ActivationMap.random(neurons, rng=1)
    reference = amap.copy()
    x, h = arrays(x_shape, h_shape)
    lazy_x = da.from_array(x, chunks=x_chunks) if which != "hashes" else x
    lazy_h = da.from_array(h, chunks=h_chunks) if which != "x" else h
    y = amap.activate(lazy_x, lazy_h)
    expected = reference.activate(x, h)
    assert isinstance(y, da.Array)
    assert y.shape == expected.shape
    assert y.hits.shape == amap.hit_counts.shape
    assert amap.statistics().total == 0  # nothing has happened so far
    same_bits(y.compute(), expected)
    np.testing.assert_array_equal(amap.hit_counts, reference.hit_counts)
    same_bits(y.compute(), expected)
    np.testing.assert_array_equal(amap.hit_counts, reference.hit_counts)  # once, though computed twice

    values, derivatives = amap.value_and_derivative(lazy_x, lazy_h)
    same_bits(values.compute(), expected)
    same_bits(derivatives.compute(), reference.derivative(x, h))
    same_bits(amap.derivative(lazy_x, lazy_h).compute(), reference.derivative(x, h))
    same_bits(amap.second_derivative(lazy_x, lazy_h).compute(), reference.second_derivative(x, h))
    same_bits(amap.backward(x, lazy_x, lazy_h).compute(), reference.backward(x, x, h))
    assert type(amap.activate(lazy_x, lazy_h, count=False)) is da.Array
    np.testing.assert_array_equal(amap.hit_counts, reference.hit_counts)


@pytest.mark.parametrize("dtype", [np.float16, np.float64, np.int16])
def test_dtypes_of_a_map(dtype):
    amap = sp.ActivationMap.random(rng=2)
    x, h = arrays((40, 8), (40, 1), np.float64)
    x = x.astype(dtype)
    lazy_equals(amap.derivative(da.from_array(x, chunks=9), da.from_array(h, chunks=7)), amap.derivative(x, h))


def test_hits_without_the_values():
    """What is made of y knows nothing of the counts; they are there to be computed along, and need no x."""

    def fail(block):
        raise AssertionError("x was computed")

    amap = sp.ActivationMap.random(24, rng=1)
    reference = amap.copy()
    x, h = arrays((50, 24), (50, 1))
    reference.activate(x, h)
    lazy_h = da.from_array(h, chunks=(20, 1))
    y = amap.activate(da.from_array(x, chunks=10), lazy_h)
    largest, hits = dask.compute(y.max(), y.hits)
    assert largest == reference.activate(x, h, count=False).max()
    assert amap.statistics().total == 0
    y.add_hits(hits)
    y.add_hits(hits)
    y.compute()
    np.testing.assert_array_equal(amap.hit_counts, reference.hit_counts)

    never = da.from_array(x, chunks=10).map_blocks(fail, dtype=np.float32, meta=np.empty((0, 0), np.float32))
    np.testing.assert_array_equal(amap.activate(never, lazy_h).hits.compute(), reference.hit_counts)


def test_the_graph_keeps_the_map_as_it_was():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    y = amap.activate(LAZY, 0)
    amap[0, 0] = sp.Tanh()
    same_bits(y.compute(), sp.relu(X))
    assert amap.statistics().function_counts == {"Tanh()": X.size, "ReLU()": 0}


def test_custom_cells():
    amap = sp.ActivationMap.random(rng=0, palette=[sp.ReLU(), sp.Custom(np.square, name="square")])
    x, h = arrays((50, 24), (50, 1))
    lazy_equals(amap.activate(da.from_array(x, chunks=10), h, count=False), amap.activate(x, h))


def test_bad_input_is_refused_and_nothing_counted():
    amap = sp.ActivationMap.random(24, rng=0)
    with pytest.raises(ValueError, match="hashes has dtype float64"):
        amap.activate(LAZY, da.ones((50, 1)))
    with pytest.raises(ValueError, match="hashes holds -1"):
        amap.activate(LAZY, -1)
    with pytest.raises(TypeError, match="x has dtype complex64"):
        amap.activate(LAZY.astype(np.complex64), 0)
    with pytest.raises(ValueError, match="do not broadcast: x \\(50, 24\\), hashes \\(50,\\)"):
        amap.activate(LAZY, da.arange(50))
    with pytest.raises(ValueError, match=r"x has chunks of unknown sizes.*compute_chunk_sizes"):
        amap.activate(LAZY[LAZY[:, 0] > 0], 0)
    y = amap.activate(LAZY, da.arange(50, chunks=10)[:, None] - 1)  # one hash, in one block, is negative
    with pytest.raises(ValueError, match="hashes holds -1"):
        y.compute()
    assert amap.statistics().total == 0


def test_a_task_that_fails_counts_nothing_and_can_be_run_again():
    attempts = []

    def block(x):
        attempts.append(1)
        if len(attempts) == 3:
            raise RuntimeError("disk gone")
        return x

    amap = sp.ActivationMap.random(24, rng=0)
    y = amap.activate(LAZY.map_blocks(block, dtype=np.float32, meta=np.empty((0, 0), np.float32)), 5)
    with pytest.raises(RuntimeError, match="disk gone"):
        y.compute(scheduler="synchronous")
    assert amap.statistics().total == 0
    y.compute(scheduler="synchronous")
    assert amap.statistics().total == X.size


def test_add_hits():
    amap = sp.ActivationMap.random(3, rng=0)
    counts = np.arange(192).reshape(3, 8, 8)
    amap.add_hits(counts)
    amap.add_hits(counts.astype(np.uint64))
    np.testing.assert_array_equal(amap.hit_counts, 2 * counts)
    for wrong, error, message in [
        (counts[0], ValueError, r"counts has shape \(8, 8\), expected \(3, 8, 8\)"),
        (counts - 1, ValueError, "counts holds -1"),
        (counts * 1.0, TypeError, "counts has dtype float64"),
    ]:
        with pytest.raises(error, match=message):
            amap.add_hits(wrong)
    np.testing.assert_array_equal(amap.hit_counts, 2 * counts)


# --- hashes and networks -----------------------------------------------------------------------------------------

ROWS = LAZY.rechunk((17, -1))

HASHES = {
    "SimHash": sp.SimHash(24, rng=0).fit(X),
    "RandomHash": sp.RandomHash(24, rng=0),
    "ConstantHash": sp.ConstantHash(24, 5),
    "BucketHash": sp.BucketHash(24, 3, [-1.0, 0.0, 2.0]),
}


@pytest.mark.parametrize("kind", HASHES)
def test_hashes_stay_lazy(kind):
    pattern_hash = HASHES[kind]
    lazy_equals(pattern_hash(ROWS), pattern_hash(X))
    lazy_equals(pattern_hash(ROWS.reshape(5, 10, 24)), pattern_hash(X.reshape(5, 10, 24)))
    some = ROWS[ROWS[:, 0] > 0]  # how many rows that is, dask does not know
    np.testing.assert_array_equal(pattern_hash(some).compute(), pattern_hash(X[X[:, 0] > 0]))
    assert pattern_hash(ROWS[0]).compute() == pattern_hash(X[0])
    assert pattern_hash(ROWS[:0]).compute().shape == (0,)


def test_lazy_hashes_are_those_of_the_time_of_the_call():
    pattern_hash = sp.SimHash(24, rng=0)
    expected, margins = pattern_hash(X), pattern_hash.margin(X)
    hashes, lazy_margins = pattern_hash(ROWS), pattern_hash.margin(ROWS)
    pattern_hash.fit(X + 5)
    lazy_equals(hashes, expected)
    lazy_equals(lazy_margins, margins)


def test_errors_of_lazy_hashes():
    pattern_hash = sp.SimHash(24, rng=0)
    with pytest.raises(TypeError, match=r"X needs each row in one chunk, but axis 1 has 3: use rechunk\(\{1: -1\}\)"):
        pattern_hash(LAZY)
    with pytest.raises(ValueError, match=r"X has shape \(50, 23\), expected \(rows, 24\)"):
        pattern_hash(ROWS[:, 1:])
    with pytest.raises(TypeError, match="X has dtype complex64, expected real numbers"):
        pattern_hash(ROWS.astype(np.complex64))
    x = X.copy()
    x[40, 3] = np.nan
    with pytest.raises(ValueError, match=r"in the chunk that begins at \(34,\): X is not finite in row 6"):
        pattern_hash(da.from_array(x, chunks=(17, 24))).compute(scheduler="synchronous")


def spatial_network():
    layers = [
        sp.nn.SpatialDense(24, 8, pattern_hash=sp.SimHash(24, rng=0), rng=0),
        sp.nn.Dense(8, 6, "gelu", rng=1),
        sp.nn.SpatialDense(6, 5, rng=2),
        sp.nn.Softmax(),
    ]
    return sp.nn.Network(layers)


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_predictions_stay_lazy_and_count_once(scheduler):
    network, reference = spatial_network(), spatial_network()
    expected = reference.predict(X, batch_size=17)
    y = network.predict(ROWS, batch_size=17)
    network.layers[1].parameters["weights"][...] = 7  # later changes of the network do not affect the graph
    assert (y.shape, y.dtype, y.chunks) == ((50, 5), np.float32, (ROWS.chunks[0], (5,)))
    assert network.layers[0].maps.statistics().total == 0
    for _ in range(2):
        same_bits(y.compute(scheduler=scheduler), expected)
        for i in (0, 2):
            np.testing.assert_array_equal(network.layers[i].maps.hit_counts, reference.layers[i].maps.hit_counts)


def test_hits_of_derived_results():
    network, reference = spatial_network(), spatial_network()
    labels = reference.classify(X)
    y = network.predict(ROWS)
    largest, hits = dask.compute(y.max(), y.hits)
    assert hits.shape == (2, 8, 8)
    assert network.layers[2].maps.statistics().total == 0
    y.add_hits(hits)
    np.testing.assert_array_equal(network.layers[2].maps.hit_counts, reference.layers[2].maps.hit_counts)
    lazy_labels = spatial_network().classify(ROWS)
    assert lazy_labels.dtype == np.int64
    np.testing.assert_array_equal(lazy_labels.compute(), labels)
    assert 0 < largest <= 1


def test_networks_of_images_sigmoids_and_unknown_chunks():
    rng = np.random.default_rng(0)
    x = rng.random((20, 1, 6, 6), dtype=np.float32)
    images = sp.nn.Network([sp.nn.Conv2D((1, 6, 6), 2, 3, "relu", rng=0), sp.nn.MaxPool2D((2, 4, 4), 2)])
    y = images.predict(da.from_array(x, chunks=(7, 1, 6, 6)), batch_size=7)
    assert y.shape == (20, 2, 2, 2)
    same_bits(y.compute(), images.predict(x, batch_size=7))
    flat = da.from_array(x.reshape(20, 36), chunks=(7, 36))
    same_bits(images.predict(flat, batch_size=7).compute(), images.predict(x.reshape(20, 36), batch_size=7))

    binary = sp.nn.Network([sp.nn.Dense(24, 1, rng=0), sp.nn.ActivationLayer("sigmoid")])
    np.testing.assert_array_equal(binary.classify(ROWS).compute(), binary.classify(X))
    some = ROWS[ROWS[:, 0] > 0]
    assert np.isnan(binary.predict(some).shape[0])
    np.testing.assert_allclose(binary.predict(some).compute(), binary.predict(X[X[:, 0] > 0]), rtol=1e-6)
    assert binary.predict(ROWS[:0]).compute().shape == (0, 1)


@pytest.mark.parametrize(
    ("x", "keywords", "error", "message"),
    [
        (LAZY, {}, TypeError, "x needs each row in one chunk, but axis 1 has 3"),
        (ROWS[:, 1:], {}, ValueError, r"x has shape \(50, 23\), expected \(samples, 24\)"),
        (ROWS[0], {}, ValueError, r"x has shape \(24,\), expected one row per sample"),
        (ROWS.astype(np.complex64), {}, TypeError, "x has dtype complex64, expected real numbers"),
        (ROWS, {"batch_size": 0}, ValueError, "batch_size"),
        (ROWS, {"out": np.empty((50, 5), np.float32)}, TypeError, "out is not supported for a dask array"),
    ],
)
def test_errors_of_lazy_predictions(x, keywords, error, message):
    with pytest.raises(error, match=message):
        spatial_network().predict(x, **keywords)


# --- more than one process ---------------------------------------------------------------------------------------


@pytest.fixture
def cluster():
    distributed = pytest.importorskip("distributed")
    with warnings.catch_warnings():
        warnings.simplefilter("default")  # the cluster's own, when a worker is killed
        with (
            distributed.LocalCluster(
                n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
            ) as running,
            distributed.Client(running) as client,
        ):
            yield client


@pytest.mark.parametrize("what", ["map", pytest.param("network", marks=pytest.mark.slow)])
def test_a_killed_worker_changes_neither_values_nor_counts(cluster, tmp_path, what):
    blocks, rows, columns = 40, 100, 16
    at_once = 8  # blocks are made before the kill; the others wait for it
    log, killed = tmp_path / "log", tmp_path / "killed"

    # functions in a function go to the workers by value
    def runs():
        return [line.split() for line in log.read_text().splitlines()] if log.exists() else []

    def make_block(number):
        return np.random.default_rng(number).normal(0, 3, (rows, columns)).astype(np.float32)

    def load(block_info=None):
        number = block_info[None]["chunk-location"][0]
        waits = not killed.exists() and len(runs()) >= at_once
        with log.open("a") as file:
            file.write(f"{number} {os.getpid()} {'waits' if waits else 'made'}\n")
        deadline = time.monotonic() + 60
        while waits and not killed.exists():
            if time.monotonic() > deadline:
                raise TimeoutError("no worker was killed")
            time.sleep(0.01)
        return make_block(number)

    meta = np.empty((0, 0), np.float32)
    x = da.map_blocks(load, chunks=((rows,) * blocks, (columns,)), dtype=np.float32, meta=meta)
    simhash = sp.SimHash(columns, rng=0)
    amap = sp.ActivationMap.random(columns, rng=0)
    reference = amap.copy()
    y = amap.activate(x, simhash(x)[:, None])
    if what == "network":
        network = sp.nn.Network([sp.nn.SpatialDense(columns, columns, amap, simhash, rng=0)])
        twin = network.clone()
        y, reference = network.predict(x), twin.layers[0].maps

    def kill_in_mid_run():
        """When both workers wait, kill the one that has made the more blocks; return its process."""
        try:
            deadline = time.monotonic() + 60
            while len({process for _, process, state in runs() if state == "waits"}) < 2:
                assert time.monotonic() < deadline, f"the workers did not get to the blocks that wait: {runs()}"
                time.sleep(0.01)
            victim = Counter(process for _, process, state in runs() if state == "made").most_common(1)[0][0]
            os.kill(int(victim), signal.SIGKILL)
            return victim
        finally:
            killed.touch()

    with ThreadPoolExecutor(1) as pool:
        killer = pool.submit(kill_in_mid_run)
        values = y.compute()
        victim = killer.result()
    made_by_victim = {number for number, process, state in runs() if process == victim and state == "made"}
    made_by_others = {number for number, process, _ in runs() if process != victim}
    assert made_by_victim
    whole = np.concatenate([make_block(number) for number in range(blocks)])
    if what == "map":
        assert made_by_others == {str(number) for number in range(blocks)}, "what was lost is made once more"
        expected = reference.activate(whole, simhash(whole)[:, None])
    else:  # a block that has been passed to the other worker is not made again
        expected = twin.predict(whole, batch_size=rows)
    same_bits(values, expected)
    np.testing.assert_array_equal(amap.hit_counts, reference.hit_counts)


@pytest.mark.parametrize("keepdims", [False, True])
def test_logsumexp_of_rows_in_chunks_of_unknown_sizes(keepdims):
    x = np.arange(12.0).reshape(6, 2)
    lazy = da.from_array(x, chunks=(2, 2))
    some = lazy[lazy[:, 0] > 3]  # how many rows that is, dask does not know
    assert np.isnan(some.shape[0])
    expected = sp.logsumexp(x[x[:, 0] > 3], keepdims=keepdims)
    np.testing.assert_array_equal(sp.logsumexp(some, keepdims=keepdims).compute(), expected)
