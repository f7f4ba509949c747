"""Networks in files of ONNX, which PyTorch, scikit-learn, Keras and others export.

The module needs the package `onnx`, which the extra "onnx" installs. It imports it when a function is called.
"""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from spatium._files import atomic_file
from spatium.nn import Network, files
from spatium.onnx import description, reader, writer
from spatium.onnx.tensors import Budget, Tensors, import_onnx, parse

__all__ = ["load", "save"]


def load(path: str | os.PathLike[str], output: str | None = None) -> Network:
    """Read a network from a file of ONNX: a chain of layers, with operators of any version.

    Parameters
    ----------
    path : path_like
        The file. Large arrays may be in other files in the same folder, as exporters write them.
    output : str, optional
        The name of the output, if the graph has several with real numbers. Outputs that are labels are ignored, and of
        the probabilities of scikit-learn's converter the array is read, not the dict per sample.

    Returns
    -------
    Network
        In float64 if the arrays of the graph are, otherwise in float32; arrays of 16-bit floats are converted. Of
        classifiers of scikit-learn, ``classes`` has the names. A file that `save` wrote gives the same bits as the
        saved network.

    Raises
    ------
    ValueError
        If the file is not a model of ONNX or is damaged, contains an operator without a layer, or layers that do not
        follow one another. The message names the file, the node and its operator.
    OSError
        If the file cannot be read.
    ModuleNotFoundError
        If the package `onnx` is not installed.

    Notes
    -----
    The operators are Gemm, MatMul, Conv, MaxPool, BatchNormalization, Softmax, Flatten, Reshape and Transpose, Dropout,
    Cast, arithmetic with numbers and with one number per channel, and those of all activations. Nodes that together are
    an activation, such as ``x * Sigmoid(x)``, are recognized in any order. Nothing of the file is executed, and the
    memory is bounded by the sizes of the files.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import spatium.onnx
    >>> from spatium.nn import Dense, Network, Softmax
    >>> network = Network([Dense(4, 8, "gelu", rng=0), Dense(8, 3, rng=1), Softmax()])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "network.onnx"
    ...     spatium.onnx.save(network, path)
    ...     again = spatium.onnx.load(path)
    >>> again
    Network([Dense(4, 8, activation=GELU()), Dense(8, 3, activation=None), Softmax()])
    >>> bool((again.predict([[1, 2, 3, 4]]) == network.predict([[1, 2, 3, 4]])).all())
    True
    """
    import_onnx()
    source = os.fspath(path)
    with open(path, "rb") as file:
        content = file.read()
    try:
        model = parse(content)
        budget = Budget(len(content))
        del content
        tensors = Tensors(Path(source).parent, budget)
        own = description.content_of(model, tensors) if output is None else None
        if own is not None:
            return Network(*own)
        layers, classes = reader.read(model, tensors, budget, output)
        network = Network(layers)
        n_classes = 2 if network.n_outputs == 1 else network.n_outputs
        if classes is not None and len(classes) == n_classes and network.has_classes:
            network.classes = classes
        return network
    except (TypeError, ValueError) as error:
        raise ValueError(f"{source}: {error}") from error


def save(network: Network, path: str | os.PathLike[str]) -> None:
    """Write a network as a file of ONNX, whose operators ONNX Runtime has.

    Activations without an operator of their own become several nodes. A map computes all of its functions, of which
    the cell of a row selects one, so a map in ONNX Runtime takes much longer than here. The file also contains a
    description from which `load` makes the same network.

    Parameters
    ----------
    network : Network
    path : path_like
        The file gets this name when it is complete.

    Raises
    ------
    TypeError
        If ``network`` is not a Network, or a layer, an activation or a hash has no operators: a layer or function of
        your own, an activation on codes, a `RandomHash`, cells that are being learned, or a `Conv2D` in float64.
    ValueError
        If a weight is not finite, or the file would have 2 GB or more, which the format does not allow.
    ModuleNotFoundError
        If the package `onnx` is not installed.

    Notes
    -----
    The input has the name "input" and the shape of the first layer after an open number of samples; the output is
    "output". The operators have version 20. ONNX Runtime computes float32 functions with an error of some units in the
    last place, and float64 gelu and phish in single precision, because it has no erf of float64. The hash of a map sums
    in another order than `SimHash`, so a row that lies on a hyperplane may select another cell. Rows without a hash,
    which are an error here, give some number there.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> import spatium.onnx
    >>> from spatium.nn import Dense, Network, SpatialDense
    >>> network = Network([SpatialDense(4, 8, rng=0), Dense(8, 3, rng=1)])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "network.onnx"
    ...     spatium.onnx.save(network, path)
    ...     spatium.onnx.load(path).layers[0].maps == network.layers[0].maps
    True
    """
    import_onnx()
    if not isinstance(network, Network):
        raise TypeError(f"network is {network!r}, expected a Network")
    arrays = {
        name: np.asarray(array)
        for name, array in files.describe(
            network.layers, network.dtype, network.classes, network.metadata, network.pattern_hash
        ).items()
    }
    model, there = writer.write(network, arrays)
    try:
        description.add(model, arrays, there)
        content = model.SerializeToString()
    except Exception as error:  # a class of its own, whose place depends on the version of protobuf
        raise ValueError(f"{os.fspath(path)}: the network is too large for ONNX: {error}") from None
    with atomic_file(path) as file:
        file.write(content)
