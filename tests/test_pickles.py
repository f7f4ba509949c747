"""Pickles: what version 0.1.0 wrote, before its modules were moved, is read as it was."""

import base64
import pickle
import subprocess
import sys
import zlib

import numpy as np
import pytest
from conftest import bits

import spatium as sp
from spatium import nn

# Written when there were activations.py, activation_map.py, coupled.py, memory.py, pattern_hash.py, statistics.py.
WRITTEN = (
    "eNrtF11sFEX4tvtzfy3VliBGQiImpWC8FATCg3WLB7nKtSdy4Jtc5u6mt3vd2z13Z1vrT4JGio2jxnTwhxhiQkJCjCC+4INwDwZ9MtH4YEJ80Ic+SU"
    "RjjChGnZnd271rr00MxBc7Tbo33/fN9zPf7xyVTmzuj/D1PBnESVBC+hRAumU65EkK6HfqdOfWUq0ILB2EY4fJPNlykGgijo9BMDnjgzLqS898nzm3"
    "9tljhCOjeb1Ss/RyQC0dAqYW7jL7+DEsIQb2D8n5ad3ROLefPOV8hDTuwb3D4j5fZDtRLG9NoLrhOh1wyVFgl0OVMuqVw3xl1O88ulmfB6PzNc00fB"
    "4BM59Iyusm9LXpw5Jp0R2X04ejji/DlxvncqdbtecifPM9SDJfAgYsLzF+sVw5b4JJuBJFwuPUNEC9ifKv/TJezagLnrlNRsxpu0L5bJt/ygU2DP0V"
    "P6TZ0NEsg99XxF/Bj+AqWg2R0p09kxizKovjgXuLAs0AkmBq5zVbNydDGL+/JizwVpMv57E8lpvUjIiROxZh68B24AEP60nr8WBLVGVKtEWgPKbnRw"
    "+Fdu9tc3AGuI6jg9CyKLU/bbWSPFqGJtLRjAeBWCm5DrJqDKekvZ/zNA1l063VZwgWHZ1x0+awWLIcnjfTYAqSHKLGYLEG6gSvW5qyBY7o2RMAxume"
    "SnyBsKSXS9AwaFav40JShZJlw1TNNZAObBtQqd0FG5Zo4iPbLSFPfNQse8h5kqU3mRaK5DhVYTArZGPZ2Cwjkctops6iFHe528jcyx5exMJzJJfL7f"
    "+bLv4vG0GkOJceiQi39kcoGxyt07hHCBJNZjccy6hfht6epdel6cgh2kntXaa2dqpd6dNU1d2tqj7USdVHIl0RKvD2rNvFZ3X9N6vpLxZtbhEnHEQT"
    "ykF6iSZQXzPzWoFrw6zLh+Ag+ZSS5ZorhOTF1XBbDTcv3HDvhGuWeD33g4YHEGvag1tIVsAbg0Fs0IQVGmtTsOAYVh0OD6W276QkXS4NWdmhHaNM8J"
    "pmtNZgzbJpmZfzHEH7jdanDbGCiaUiK5dZ8RivjRM7wtqofby0Mi6NYXbwm7l09+zUpsvnxQsPdz/wh0o6Ugp0c2YuLSgMnfP6maIBR4PeIBorujrt"
    "SGz6jFYgTSRks9aytmkE/SBomwV2hLCpszYKeKPFyQnbqhV4t3IIH1eWCFey4ixXdHR4zevqY69eaLxduXp54eJ44/7f7lZ733zn0tWjaPir9eKlj6"
    "4PX1Z2nVS3RjPq5m8/aNT796nbPz/S6LmC1TeOuI0bQ6cbE5+ea3Q2UvHvcffK9ziXHvq3ccLkcduu4e40a9XARP4F+IUmWTALExAgl05z1KNYngKG"
    "C0lWdov0UOIgMMtWre1INUajj1EWJuFMpwrFvHtxLr3+lf0LP5/do7x3ojpw/pMvzi+Ufk+QwhPzn3k1EtJhAaJpy55sqZCmmQqA0Zz/yxeMFQPMQN"
    "uhSt/ZQu8DsbwXmg4MDUvQWQ3UIGJIto9OQ72idSypXVnB83Os6WeeVzTKQSdywYteKaj3OF6xQVmHXu7xi6kjksMxs6CbdZelSheOmwXLRd5OwIlw"
    "CqPvAq3fSyuHD21usbqBXjHuzjMrgdFuWPVegT/KqvfRbwflmrZIA0c3jDD1qls7Ey62orqNM64+SD+56g7mZKG6k3+wRCdFehW+CtpbneTSxnScJ+"
    "uIEk9GhHiyS0zIYlyUoooQScQTSlyU44IoyElBkhJdihiJR0RZFpKxpBATlaQYE8SkrFACniXvDwazWuvTsZvBevnTyrs17a7258Q9DLexHbapfTuw"
    "zPtu6zJPuhRliYj24fJW++14df2/lz/9dbd1He0H7Uft+nIdxs/W9Y1fh9WbB3KNr0+9qDYWHleVs2fUP5OX1OU7xl+30A+okv0tNRSUQZ2NBQT3hm"
    "PpGCusi8tOe5HYxSoLzb8bYXLhOLKBboKiAckWLNYpCyzzGk3aa0qzykXZI70Gnl5RkltExCnieHPS8Zp/b9MEOvfUDTa8RJ2AWfUE476mAiuGWyiC"
    "0uQ0faWzxh80j5AZThhsRKLvWcNlD9lrOMoevwVrgh0IJiKXnaDUPYyulSd0U/8A99a3QA=="
)

X = np.array([-1.0, 0.5, 2.0], np.float32)
HASHES = np.array([0, 0x101, 0x707])


@pytest.fixture
def read():
    return pickle.loads(zlib.decompress(base64.b64decode(WRITTEN)))


def test_activations(read):
    assert read["activations"] == [sp.activation(name) for name in sp.activations()[: len(read["activations"])]]
    assert len(read["activations"]) == 38
    assert read["custom"] == sp.Custom(np.sin, np.cos, name="wave")


def test_map_with_its_hits(read):
    amap = sp.ActivationMap([[0, 1] * 4] * 8, (sp.ReLU(), sp.LeakyReLU(0.25)))
    assert np.array_equal(bits(read["map"].activate(X, HASHES, count=False)), bits(amap(X, HASHES)))
    assert read["map"] == amap
    assert np.array_equal(read["map"].hit_counts, amap.hit_counts)
    assert read["statistics"] == amap.statistics()


def test_what_a_forward_pass_kept(read):
    grad = np.ones(3, np.float32)
    expected = sp.GELU().backward(grad, sp.GELU().forward(X, save="bits")[1])
    assert np.array_equal(bits(sp.GELU().backward(grad, read["saved"])), bits(expected))


def test_hashes(read):
    simhash, constant, random = read["hashes"]
    rows = np.random.default_rng(3).normal(size=(50, 3))
    assert np.array_equal(simhash(rows), sp.SimHash(3, rng=0)(rows))
    assert np.array_equal(constant(rows), sp.ConstantHash(3, 5)(rows))
    assert np.array_equal(random(rows), sp.RandomHash(3, rng=7)(rows))


def test_network(read):
    layers = [
        nn.Dense(2, 1, activation=sp.GELU("tanh"), rng=0),
        nn.SpatialDense(1, 1, rng=1),
        nn.ActivationLayer(sp.Swish(1.5)),
        nn.Softmax(),
    ]
    assert [type(layer) for layer in read["network"].layers] == [type(layer) for layer in layers]
    for old, new in zip(read["network"].layers, layers, strict=True):
        assert old.parameters.keys() == new.parameters.keys()
        for name, parameter in new.parameters.items():
            assert np.array_equal(bits(old.parameters[name]), bits(parameter)), name
    rows = np.random.default_rng(4).normal(size=(9, 2)).astype(np.float32)
    assert np.array_equal(bits(read["network"].forward(rows)), bits(nn.Network(layers).forward(rows)))


def test_functions_are_those_of_today(read):
    assert read["functions"] == [sp.softmax, sp.geglu_backward, sp.leaky_relu, sp.cell_of, sp.ufuncs.relu_backward]


def test_a_table_is_found_where_it_was():
    assert pickle.loads(b"cspatium.analysis.tables\nTable\n.") is sp.analysis.Table


def test_in_a_process_that_has_not_imported_spatium():
    script = f"import base64, pickle, zlib; print(pickle.loads(zlib.decompress(base64.b64decode({WRITTEN!r})))['map'])"
    result = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert result.stdout.startswith("<ActivationMap: shape (), 2 activations, 3 hits>")
