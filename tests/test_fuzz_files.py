"""Seeded damage to saved maps, networks and hashes: the same content or a ValueError that names the file.

Every way to damage is one function below: bytes of a member, its .npy header as text, the JSON in it, the list of
members, bytes and fields of the zip directory, the end of the file. What loads has to be usable and, where only bytes of
a finished file were changed, which zip's checksums see, equal. Time and memory of one load are bounded. The default run
makes some hundreds, `pytest -m slow tests/test_fuzz_files.py` a hundred thousand.
"""

import io
import json
import pickle
import struct
import time
import tracemalloc
import warnings
import zipfile

import numpy as np
import pytest

import spatium as sp
from spatium import nn

SECONDS, MEMORY = 2.0, 24 << 20  # of one load; the files are of a few kilobytes
X = np.linspace(-3, 3, 24, dtype=np.float32).reshape(4, 6)


def make_map(path):
    amap = sp.ActivationMap.random(3, rng=0)
    amap[0, 0, 0] = sp.ScaledSwish(0.5, -1.25)
    amap(np.ones((5, 3)), np.arange(5)[:, None])
    amap.save(path)


def content_of_map(amap):
    y = amap(X[:, :3], np.arange(4)[:, None], count=False)
    return amap.cells.tobytes(), repr(amap.palette), amap.hit_counts.tobytes(), y.tobytes()


def make_network(path):
    spatial = nn.SpatialDense(6, 4, activation_map=sp.ActivationMap.random(4, rng=1), rng=2)
    nn.Network([spatial, nn.Dense(4, 3, activation=sp.Swish(1.5), rng=0), nn.Softmax()]).save(path)


def content_of_network(network):
    return network.predict(X).tobytes(), [layer.parameters.keys() for layer in network.layers]
