"""Every public call that takes an array and is no ufunc, as a function of that array, with the argument's name."""

import inspect
from functools import partial

import numpy as np

import spatium as sp
from spatium import analysis, gates, nn, rows

X = np.random.default_rng(0).normal(0, 3, (50, 24)).astype(np.float32)


def trained(layer):
    layer.forward(X, training=True)
    return layer


# Where NumPy's arrays alone will do.
PLAIN_ARGUMENTS = {
    "forward": (lambda x: sp.GELU().forward(x), "x"),
    "forward with a bias": (lambda x: sp.GELU().forward(X, bias=x[0]), "bias"),
    "forward of a custom activation": (lambda x: sp.Custom(np.square).forward(x), "x"),
    "backward of what forward kept": (lambda x: sp.GELU().backward(x, sp.GELU().forward(X)[1]), "grad"),
    "backward with a bias": (lambda x: sp.GELU().backward(x, X, bias=0.0), "grad"),
    "backward with a bias, x": (lambda x: sp.GELU().backward(X, x, bias=0.0), "x"),
    "parameter_gradients": (lambda x: sp.Swish().parameter_gradients(X, x), "x"),
    "parameter_gradients, grad": (lambda x: sp.Swish().parameter_gradients(x, X), "grad"),
    "parameter_gradients, parameter": (lambda x: sp.Swish().parameter_gradients(X, X, beta=x[0]), "beta"),
    "a scalar parameter": (lambda x: sp.leaky_relu(X, x[0, 0]), "negative_slope"),
    "the parameter of an object": (lambda x: sp.LeakyReLU(x[0, 0]), "negative_slope"),
    "prelu with one slope": (lambda x: sp.prelu(X, x[0, :1]), "weight"),
    "SimHash.fit": (lambda x: sp.SimHash(24).fit(x), "X"),
    "SimHash.from_arrays": (lambda x: sp.SimHash.from_arrays(x, X[:, 0]), "planes"),
    "BucketHash, edges": (lambda x: sp.BucketHash(24, 0, x[0]), "edges"),
    "bucket_hash": (lambda x: sp.bucket_hash(x, 1.0), "x"),
    "cell_of": (lambda x: sp.cell_of(x.astype(np.uint64)), "hashes"),
    "select": (lambda x: sp.ActivationMap.random().select(x[0, 0].astype(int)), "pattern_hash"),
    "ActivationMap": (lambda x: sp.ActivationMap(x[:8, :8].astype(int), [sp.ReLU()]), "cells"),
    "ActivationStatistics": (lambda x: sp.ActivationStatistics(x[:8, :8].astype(int), {}), "counts"),
    "Dense": (lambda x: nn.Dense(24, 2).forward(x), "x"),
    "Dense.backward": (lambda x: trained(nn.Dense(24, 24)).backward(x), "grad"),
    "SpatialDense": (lambda x: nn.SpatialDense(24, 2).forward(x), "x"),
    "ActivationLayer": (lambda x: nn.ActivationLayer("tanh").forward(x), "x"),
    "Softmax": (lambda x: nn.Softmax().forward(x), "x"),
    "Network.forward": (lambda x: nn.Network([nn.Dense(24, 2)]).forward(x), "x"),
    "Network.fit": (lambda x: nn.Network([nn.Dense(24, 24)]).fit(x, X), "x"),
    "Network.fit, y": (lambda x: nn.Network([nn.Dense(24, 24)]).fit(X, x), "y"),
    "Network.fit, classes": (
        lambda x: nn.Network([nn.Dense(24, 2), nn.Softmax()]).fit(X, x[:, 0].astype(int)),
        "y",
    ),
    "dead_units": (lambda x: analysis.dead_units(x, sp.ReLU()), "pre_activations"),
}


def two_array_calls():
    """The functions of rows and of two arrays, from their names: each with x as its last array."""
    for name in rows.__all__ + gates.__all__:
        function = getattr(sp, name)
        names = list(inspect.signature(function).parameters.values())
        arrays = [one.name for one in names if one.default is one.empty]
        for position, argument in enumerate(arrays):
            others = [X] * position, [X] * (len(arrays) - position - 1)
            yield f"{name}, {argument}", (partial(call_between, function, *others), argument)


def call_between(function, before, after, x):
    return function(*before, x, *after)


GRID = sp.ActivationMap.uniform(sp.ReLU())

# Where other arrays may be lazy too.
ARGUMENTS = {
    "bias": (lambda x: sp.GELU()(X, bias=x[0]), "bias"),
    "x beside a bias": (lambda x: sp.GELU()(x, bias=0.5), "x"),
    "x of a custom activation": (lambda x: sp.Custom(np.square)(x), "x"),
    "weight of prelu": (lambda x: sp.prelu(X, x[0]), "weight"),
    "activate": (lambda x: GRID(x, 0), "x"),
    "activate, hashes": (lambda x: GRID(X, x.astype(int)), "hashes"),
    "derivative": (lambda x: GRID.derivative(x, 0), "x"),
    "second_derivative": (lambda x: GRID.second_derivative(x, 0), "x"),
    "value_and_derivative": (lambda x: GRID.value_and_derivative(x, 0), "x"),
    "map's backward": (lambda x: GRID.backward(X, x, 0), "x"),
    "map's backward, grad": (lambda x: GRID.backward(x, X, 0), "grad"),
    "add_hits": (lambda x: GRID.add_hits(x[:8, :8].astype(int)), "counts"),
    "SimHash": (lambda x: sp.SimHash(24)(x), "X"),
    "SimHash.margin": (lambda x: sp.SimHash(24).margin(x), "X"),
    "RandomHash": (lambda x: sp.RandomHash(24)(x), "X"),
    "ConstantHash": (lambda x: sp.ConstantHash(24)(x), "X"),
    "CategoryHash": (lambda x: sp.CategoryHash(24, [0])(x), "X"),
    "BucketHash": (lambda x: sp.BucketHash(24, 0, [0.0])(x), "X"),
    "Network.predict": (lambda x: nn.Network([nn.Dense(24, 2)]).predict(x), "x"),
    "Network.classify": (lambda x: nn.Network([nn.Dense(24, 2)]).classify(x), "x"),
    **dict(two_array_calls()),
    **PLAIN_ARGUMENTS,
}
