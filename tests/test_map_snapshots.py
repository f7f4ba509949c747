"""A map that is assigned to while others read it: every call sees one grid. And what a call imports: nothing."""

import os
import pickle
import subprocess
import sys
import threading

import numpy as np
import pytest

import spatium as sp
from spatium import nn


def full_map():
    """Every one of the 256 entries in one cell, but the first in two."""
    palette = [sp.LeakyReLU(1 / (n + 1)) for n in range(256)]
    cells = np.arange(256, dtype=np.uint8).reshape(4, 8, 8)
    return sp.ActivationMap(np.concatenate([cells, np.zeros((1, 8, 8), np.uint8)]), palette)


def test_the_only_cell_of_an_entry_can_be_replaced_in_a_full_palette():
    amap = full_map()
    amap[3, 7, 7] = sp.GELU()
    assert amap[3, 7, 7] == sp.GELU()
    assert len(amap.palette) == 256
    assert sp.LeakyReLU(1 / 256) not in amap.palette
    for neuron in range(4):
        for row in range(8):
            for column in range(8):
                number = neuron * 64 + row * 8 + column
                if number < 255:
                    assert amap[neuron, row, column] == sp.LeakyReLU(1 / (number + 1))
    with pytest.raises(ValueError, match="palette is full"):
        amap[4, 0, 0] = sp.Mish()  # the entry of this cell is in two
    assert amap[4, 0, 0] == sp.LeakyReLU(1.0)
    amap[np.zeros(5, bool)] = sp.Mish()  # no cell
    assert sp.Mish() not in amap.palette
    amap[0] = sp.Mish()  # sixty-four at once
    assert amap[0, 5, 5] == sp.Mish()
    assert amap[4, 5, 5] == sp.LeakyReLU(1.0)


def test_repr_counts_every_hit():
    amap = sp.ActivationMap.random(rng=0)
    amap(np.ones(5), np.arange(5))
    assert repr(amap).endswith(" 5 hits>")
    amap = sp.ActivationMap.random(3, rng=0)
    amap(np.ones((4, 3)), np.arange(4)[:, None])
    amap(np.ones((300, 3)), np.arange(900).reshape(300, 3))
    amap.select(0, 1)
    assert repr(amap).endswith(" 913 hits>")
    assert repr(amap.copy()).endswith(" 913 hits>")


def test_readers_see_one_grid(tmp_path):
    """Another thread assigns new entries, so that indices of one grid are beyond the palette of the grid before."""
    amap = sp.ActivationMap.uniform(sp.ReLU())
    stop, errors = threading.Event(), []

    def assign():
        n = 0
        while not stop.is_set():
            n += 1
            amap[n % 8, n // 8 % 8] = sp.LeakyReLU(1 / (n % 1000 + 2))

    def read():
        try:
            for _ in range(50):
                assert (amap == amap.copy()) in (True, False)
                amap.statistics()
                amap.shuffled(0)
                repr(amap)
                assert isinstance(amap.select(0x101), sp.Activation)
                assert isinstance(amap[1, 1], sp.Activation)
                pickle.loads(pickle.dumps(amap))
                amap(np.ones(64), np.arange(64))
        except Exception as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    threads = [threading.Thread(target=work) for work in (assign, read, read)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads[1:]:
            thread.join()
    finally:
        stop.set()
        sys.setswitchinterval(interval)
        threads[0].join()
    assert not errors
    amap.save(tmp_path / "map.npz")
    assert sp.ActivationMap.load(tmp_path / "map.npz") == amap


def test_a_network_is_saved_with_one_grid(tmp_path, monkeypatch):
    """An assignment between reading cells and palette would move the entries of a full palette."""
    layer = nn.SpatialDense(2, 5, maps=full_map(), rng=0)
    cells = sp.ActivationMap.cells.fget

    def read_and_assign(amap):
        read = cells(amap)
        amap[0, 5, 5] = sp.GELU()
        return read

    monkeypatch.setattr(sp.ActivationMap, "cells", property(read_and_assign))
    nn.Network([layer]).save(tmp_path / "network.npz")
    monkeypatch.undo()
    assert nn.Network.load(tmp_path / "network.npz").layers[0].maps[2, 0, 0] == sp.LeakyReLU(1 / 129)


CALLS = """
import pickle, sys
import numpy as np
import numpy.random  # what `rng` needs
import spatium as sp
x, h = np.linspace(-3, 3, 64), np.arange(64)
amap, layer = sp.ActivationMap.random(rng=0), sp.ActivationMap.random(8, rng=0)
custom = sp.ActivationMap.uniform(sp.Custom(np.sin, np.cos, name="sin"), 8)
simhash = sp.SimHash(8, rng=0)
known = set(sys.modules)
X = x.reshape(8, 8)
amap(x, h); amap(x.tolist(), h.tolist()); amap.derivative(x, h); amap.value_and_derivative(x, h); amap.backward(x, x, h)
layer(X, h[:8, None]); layer(X, h.reshape(8, 8)); custom(X, h[:8, None])
amap[1, 1] = sp.GELU()
amap.select(3), repr(amap), amap == amap, amap.copy(), amap.shuffled(0), amap.hit_counts, str(amap.statistics())
amap.statistics().to_dict()
simhash.fit(X)(X), simhash.margin(X), sp.cell_of(h), sp.bucket_hash(x, 0.5)
for act in (sp.GELU(), sp.LeakyReLU(0.1)):
    y, saved = act.forward(X, bias=x[:8])
    act.backward(X, saved), act.parameter_gradients(X, X), act(X, where=X > 0), act.second_derivative(X)
sp.softmax(X, axis=0), sp.logsumexp(X, axis=(0, 1)), sp.glu(X), sp.swiglu_backward(X, X, X), sp.hardmax_backward(X, X)
sp.set_num_threads(2); sp.gelu(np.ones(1 << 18))
print(*sorted(set(sys.modules) - known))
"""


def test_no_call_imports_anything():
    """A child forked while another thread imports waits for that module's lock for ever."""
    result = subprocess.run([sys.executable, "-c", CALLS], capture_output=True, text=True, check=True, timeout=60)
    assert result.stdout.split() == []


FORK = """
import os, sys, threading, time
import numpy as np
import spatium as sp
amap, x, h = sp.ActivationMap.random(rng=0), np.ones(64), np.arange(64)
sys.setswitchinterval(1e-6)
began = threading.Event()
def first():
    began.set()
    amap(x, h)
thread = threading.Thread(target=first)
thread.start()
began.wait()
child = os.fork()
if child == 0:
    sp.ActivationMap.random(rng=1)(x, h)
    os._exit(0)
thread.join()
deadline = time.monotonic() + 30
while time.monotonic() < deadline:
    done, status = os.waitpid(child, os.WNOHANG)
    if done:
        raise SystemExit(status)
    time.sleep(0.01)
os.kill(child, 9)
raise SystemExit("the child hangs")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_child_forked_during_the_first_call():
    for _ in range(3):
        subprocess.run([sys.executable, "-W", "ignore", "-c", FORK], check=True, timeout=60)
