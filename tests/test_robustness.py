"""Misuse that once crashed, hung or went unnoticed: shared state, overlapping memory, forks, odd files, arguments."""

import os
import stat
import subprocess
import sys
import threading

import numpy as np
import pytest

import spatium as sp


def test_a_hash_cannot_be_changed_from_outside():
    simhash = sp.SimHash(3, rng=0)
    for attribute in ("thresholds", "planes", "n_features", "n_bits"):
        with pytest.raises(AttributeError):
            setattr(simhash, attribute, np.zeros(3))
    before = simhash(np.ones(3))
    simhash.thresholds[:] = 1e9
    simhash.planes[:] = 0
    assert simhash(np.ones(3)) == before


def test_cells_cannot_be_made_writable():
    amap = sp.ActivationMap.random(rng=0)
    with pytest.raises(ValueError, match="WRITEABLE"):
        amap.cells.flags.writeable = True


def test_assigning_cells_while_another_thread_evaluates():
    amap = sp.ActivationMap.uniform(sp.ReLU())
    x, hashes = np.full(20_000, -1.0), np.arange(20_000)
    stop = threading.Event()

    def assign():
        i = 0
        while not stop.wait(1e-4):  # lets the other thread have the interpreter
            i += 1
            amap[i % 8, i // 8 % 8] = sp.LeakyReLU(1e-3 * (i % 300))

    thread = threading.Thread(target=assign)
    thread.start()
    try:
        for _ in range(50):
            y = amap(x, hashes)
            assert ((y <= 0) & (y > -0.3)).all()
    finally:
        stop.set()
        thread.join()
    assert amap.hit_counts.sum() == 50 * x.size


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
def test_a_forked_child_may_set_threads_and_use_a_map():
    code = (
        "import os, threading, numpy as np, spatium as sp\n"
        "x = np.ones(300_000, np.float32)\n"
        "amap = sp.ActivationMap.random(rng=0)\n"
        "sp.set_num_threads(2); sp.gelu(x); amap(x, 0)\n"
        "amap._lock.acquire()\n"  # as if another thread were counting
        "pid = os.fork()\n"
        "if pid == 0:\n"
        "    sp.set_num_threads(2)\n"
        "    os._exit(0 if (sp.gelu(x) == sp.gelu(x[:1])).all() and amap(x, 0).size == x.size else 1)\n"
        "assert os.waitpid(pid, 0)[1] == 0\n"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=60)


def test_looking_for_ml_dtypes_is_not_importing_it():
    pytest.importorskip("ml_dtypes")
    code = (
        "import importlib.util, numpy as np, spatium as sp\n"
        "importlib.util.find_spec('ml_dtypes')\n"
        "import ml_dtypes\n"
        "assert sp.relu(np.ones(2, ml_dtypes.bfloat16)).dtype == ml_dtypes.bfloat16\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)


def test_saving_follows_links_and_refuses_pipes(tmp_path):
    amap = sp.ActivationMap.random(rng=0)
    (tmp_path / "real.npz").write_bytes(b"old")
    (tmp_path / "link.npz").symlink_to(tmp_path / "real.npz")
    amap.save(tmp_path / "link.npz")
    assert (tmp_path / "link.npz").is_symlink()
    assert sp.ActivationMap.load(tmp_path / "real.npz") == amap
    os.mkfifo(tmp_path / "pipe.npz")
    with pytest.raises(OSError, match=r"not a regular file.*pipe\.npz"):
        amap.save(tmp_path / "pipe.npz")
    assert stat.S_ISFIFO((tmp_path / "pipe.npz").stat().st_mode)
    with pytest.raises(OSError, match=r"nowhere/map\.npz"):
        amap.save(tmp_path / "nowhere/map.npz")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["link.npz", "pipe.npz", "real.npz"]


def test_two_custom_activations_of_one_name_are_not_saved(tmp_path):
    amap = sp.ActivationMap.uniform(sp.Custom(np.sin, name="f"))
    amap[0, 0] = sp.Custom(np.cos, name="f")
    with pytest.raises(ValueError, match="share a name"):
        amap.save(tmp_path / "map.npz")


def test_outputs_of_value_and_derivative():
    amap, x = sp.ActivationMap.uniform(sp.Mish()), np.ones(6)
    buffer = np.full(7, 5.0)
    for out in [(buffer[:6],), buffer[:6], (buffer[:6],) * 3]:
        for call in (
            lambda out: amap.value_and_derivative(x, 0, out=out),
            lambda o: sp.Mish().value_and_derivative(x, o),
        ):
            with pytest.raises(TypeError, match="out is"):
                call(out)
    with pytest.raises(ValueError, match="share memory"):
        amap.value_and_derivative(x, 0, out=(buffer[:6], buffer[1:]))
    assert (buffer == 5).all()


def test_hashes_overwritten_by_the_result_are_counted_as_they_were():
    amap = sp.ActivationMap.uniform(sp.Mish())
    hashes = np.zeros(32, np.uint64)
    amap(np.linspace(-3, 3, 32), hashes, out=hashes.view(np.float64))
    assert amap.hit_counts[0, 0] == 32


def test_equal_parameters_give_equal_bits():
    assert sp.Threshold(0.0, -0.0) == sp.Threshold(0.0, 0.0)
    assert not np.signbit(sp.Threshold(0.0, -0.0)(-1.0))


@pytest.mark.parametrize("value", [10**400, np.complex128(1 + 2j), np.True_, True, "1", None, [1.0]])
def test_parameters_that_are_no_numbers(value):
    with pytest.raises(TypeError, match="alpha is"):
        sp.ELU(value)


def test_dtype_of_functions_with_parameters():
    assert sp.elu(np.ones(3, np.float32), dtype=np.float16, casting="same_kind").dtype == np.float16
    assert sp.hard_tanh(np.ones(3), dtype=np.float32, casting="same_kind").dtype == np.float32


def test_integers_on_both_sides_of_two_to_the_63():
    row, column = sp.cell_of([2**63, 1, 2**64 - 1])
    assert row.tolist() == [0, 0, 7]
    assert column.tolist() == [0, 1, 7]
    with pytest.raises(ValueError, match=f"hashes holds {2**64}"):
        sp.cell_of([2**64, 1])


def test_prelu_names_its_own_arguments():
    with pytest.raises(ValueError, match="weight is nan"):
        sp.prelu(np.ones((2, 3)), np.nan)
    with pytest.raises(TypeError, match=r"channel_axis is 1\.0"):
        sp.prelu(np.ones((2, 3)), np.ones(3), channel_axis=1.0)


def test_a_map_is_true_and_not_a_sequence():
    amap = sp.ActivationMap.random(rng=0)
    assert amap
    with pytest.raises(TypeError):
        iter(amap)
    with pytest.raises(IndexError, match="ellipsis"):
        sp.ActivationMap.random((8, 8), rng=0)[..., 0]


def test_a_custom_activation_returns_an_array_of_its_own():
    x = np.ones(3)
    y = sp.Custom(lambda v: v, name="same")(x)
    y[:] = 7
    assert (x == 1).all()
    with pytest.raises(TypeError, match="value of 'twist' has dtype complex128"):
        sp.Custom(lambda v: v * 1j, name="twist")(x)


def test_statistics_add_up_with_sum():
    amap = sp.ActivationMap.random(rng=0)
    amap(np.ones(10), np.arange(10))
    assert sum([amap.statistics()] * 3).total == 30
    with pytest.raises(ValueError, match="counts has shape"):
        sp.ActivationStatistics(np.zeros((3, 3), np.uint64), {})
