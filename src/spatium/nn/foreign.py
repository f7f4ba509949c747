"""Networks that were trained elsewhere: PyTorch's state dictionaries, safetensors files, scikit-learn's estimators."""

from __future__ import annotations

import json
import math
import os
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._arrays import real_array
from spatium.activations import Activation
from spatium.nn.activation import ActivationLayer, Softmax
from spatium.nn.convolution import Conv2D
from spatium.nn.dense import Dense
from spatium.nn.layer import Layer, as_optional_activation
from spatium.nn.network import Network
from spatium.nn.normalization import BatchNorm, Standardize
from spatium.nn.recurrent import Recurrent

__all__ = ["from_sklearn", "from_state_dict", "load_safetensors", "to_state_dict"]

Arrays = dict[str, NDArray[Any]]

# ---- PyTorch ----


def from_state_dict(
    arrays: Mapping[str, Any],
    activations: Sequence[Activation | str | None],
    input_shape: Sequence[int] | None = None,
) -> Network:
    """Return the network of a PyTorch state dictionary of linear, convolutional and batch normalization modules.

    Parameters
    ----------
    arrays : mapping of str to array_like
        The parameters in the order of the modules, as ``module.state_dict()`` or `load_safetensors` returns them:
        "0.weight" and "0.bias" of one module, "2.weight" of the next. Weights of linear modules have the shape
        (outputs, inputs). Tensors of PyTorch and bfloat16 are accepted.
    activations : sequence of Activation, str or None
        The activation after each module with weights, or after the batch normalization that follows it. "softmax" for
        the last one appends a `Softmax`.
    input_shape : sequence of int, optional
        The shape (channels, height, width) of a sample, if the first module is a convolution. Convolutions have the
        stride 1 and no padding.

    Returns
    -------
    Network
        In float64 if all arrays are float64, otherwise in float32.

    Raises
    ------
    ValueError
        If a name is not a parameter of such a module, shapes do not match, or there are not as many activations as
        modules with weights.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import from_state_dict
    >>> arrays = {"0.weight": np.ones((8, 4)), "0.bias": np.zeros(8), "2.weight": np.ones((3, 8))}
    >>> network = from_state_dict({name: a.astype("f4") for name, a in arrays.items()}, ["relu", "softmax"])
    >>> network.predict(np.ones((2, 4))).round(3)
    array([[0.333, 0.333, 0.333],
           [0.333, 0.333, 0.333]], dtype=float32)
    """
    groups: dict[str, Arrays] = {}
    doubles = True
    for name, value in arrays.items():
        prefix, _, last = name.rpartition(".")
        array = _from_tensor(name, value)
        doubles &= array.dtype == np.float64 or last == "num_batches_tracked"
        groups.setdefault(prefix, {})[last] = array
    wanted = list(activations)
    layers: list[Layer] = []
    shape: tuple[int, ...] | None = None if input_shape is None else tuple(input_shape)
    position = 0
    for prefix, own in groups.items():
        if own.keys() == {"weight", "bias", "running_mean", "running_var", "num_batches_tracked"} or own.keys() == {
            "weight", "bias", "running_mean", "running_var",
        }:  # fmt: skip
            layers.append(_batch_norm(prefix, own, layers))
            continue
        if own.keys() not in ({"weight"}, {"weight", "bias"}):
            raise ValueError(f"{prefix!r} has {', '.join(sorted(own))}: not a linear, convolution or BatchNorm module")
        if position >= len(wanted):
            raise ValueError(f"activations has {len(wanted)} entries, and {prefix!r} needs one more")
        last_softmax = isinstance(wanted[position], str) and wanted[position] == "softmax"
        act = None if last_softmax else as_optional_activation(f"activations[{position}]", wanted[position])
        layer = _with_weights(prefix, own, act, shape)
        shape = layer.output_shape  # type: ignore[assignment]  # no length is None
        layers.append(layer)
        position += 1
        if last_softmax:
            if position != len(wanted):
                raise ValueError(f"activations[{position - 1}] is 'softmax', which only the last one may be")
            layers.append(Softmax())
    if position != len(wanted) or not layers:
        raise ValueError(f"activations has {len(wanted)} entries, the arrays have {position} modules with weights")
    return Network([layer.astype(np.float64 if doubles else np.float32) for layer in layers])


def _with_weights(prefix: str, own: Arrays, act: Activation | None, shape: tuple[int, ...] | None) -> Layer:
    weight = own["weight"]
    layer: Layer
    if weight.ndim == 2:
        layer = Dense(weight.shape[1], weight.shape[0], act, rng=0, init=0.0)
        weight = weight.T
    elif weight.ndim == 4 and weight.shape[2] == weight.shape[3]:
        if shape is None or len(shape) != 3 or shape[0] != weight.shape[1]:
            raise ValueError(f"{prefix!r} is a convolution of {weight.shape[1]} channels: input_shape is {shape}")
        layer = Conv2D(shape, weight.shape[0], weight.shape[2], act, rng=0, init=0.0)
    else:
        raise ValueError(
            f"{prefix}.weight has shape {weight.shape}, expected (outputs, inputs) or that of a square filter"
        )
    return _filled(
        prefix, layer.astype(np.float64), {"weights": weight, "bias": own.get("bias", np.zeros(len(own["weight"])))}
    )


def _filled(prefix: str, layer: Layer, arrays: Mapping[str, NDArray[Any]]) -> Layer:
    for name, array in arrays.items():
        if not np.isfinite(array).all():
            raise ValueError(f"{prefix!r}: {name} is not finite")
        try:
            setattr(layer, name, array)
        except ValueError as error:
            raise ValueError(f"{prefix!r}: {error}") from None
    return layer


def _batch_norm(prefix: str, own: Arrays, layers: list[Layer]) -> Layer:
    """Return the layer; the activation of the layer before moves behind it."""
    before = layers[-1] if layers else None
    act = None
    if isinstance(before, Dense | Conv2D):
        act, before.activation = before.activation, None
    norm = BatchNorm(own["weight"].size, act)
    arrays = {
        "scale": own["weight"], "shift": own["bias"], "running_mean": own["running_mean"],
        "running_var": own["running_var"],
    }  # fmt: skip
    filled = _filled(prefix, norm.astype(np.float64), arrays)
    filled.buffers["n_batches"][...] = own.get("num_batches_tracked", np.ones(()))
    return filled


def _from_tensor(name: str, value: Any) -> NDArray[Any]:
    if hasattr(value, "detach"):  # a tensor of PyTorch
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":  # NumPy has none
            value = value.float()
        value = value.numpy()
    array = real_array(name, value)
    return array if array.dtype in (np.float32, np.float64) else array.astype(np.float32)


def to_state_dict(network: Network) -> Arrays:
    """Return the arrays of a network as the state dictionary of a PyTorch ``Sequential`` has them.

    Activations count as modules of their own: the second layer of ``Network([Dense(4, 8, "relu"), Dense(8, 3)])`` has
    the prefix "2". The arrays are copies, and `load_state_dict` takes them as tensors.

    Raises
    ------
    TypeError
        If a layer has no module in PyTorch: a spatial or gated layer, attention, or a recurrent layer with another cell
        or activation than tanh and relu.

    Examples
    --------
    >>> from spatium.nn import Dense, Network, to_state_dict
    >>> arrays = to_state_dict(Network([Dense(4, 8, "relu", rng=0), Dense(8, 3, rng=1)]))
    >>> {name: array.shape for name, array in arrays.items()}
    {'0.weight': (8, 4), '0.bias': (8,), '2.weight': (3, 8), '2.bias': (3,)}
    """
    found: Arrays = {}
    position = 0
    for layer in network.layers:
        arrays = _arrays_of(layer)
        found |= {f"{position}.{name}": np.array(array, order="C") for name, array in arrays.items()}
        position += 1 + (getattr(layer, "activation", None) is not None and bool(arrays))
    return found


def _arrays_of(layer: Layer) -> Arrays:
    own = layer.parameters
    if isinstance(layer, Dense):
        return {"weight": own["weights"].T, "bias": own["bias"]}
    if isinstance(layer, Conv2D):
        return {"weight": own["weights"], "bias": own["bias"]}
    if isinstance(layer, BatchNorm):
        buffers = layer.buffers
        return {
            "weight": own["scale"], "bias": own["shift"], "running_mean": buffers["running_mean"].astype(layer.dtype),
            "running_var": buffers["running_var"].astype(layer.dtype),
            "num_batches_tracked": buffers["n_batches"].astype(np.int64),
        }  # fmt: skip
    if isinstance(layer, Recurrent) and layer.cell == "plain" and layer.activation.name in ("tanh", "relu"):
        return {
            "weight_ih_l0": own["input_weights"].T, "weight_hh_l0": own["state_weights"].T, "bias_ih_l0": own["bias"],
            "bias_hh_l0": np.zeros_like(own["bias"]),
        }  # fmt: skip
    if not own and not layer.buffers:
        return {}
    raise TypeError(f"a {type(layer).__name__} has no module with a state dictionary in PyTorch")


# ---- safetensors ----

_DTYPES = {
    "F64": "<f8", "F32": "<f4", "F16": "<f2", "I64": "<i8", "I32": "<i4", "I16": "<i2", "I8": "i1", "U8": "u1",
    "U16": "<u2", "U32": "<u4", "U64": "<u8", "BOOL": "?", "BF16": "<u2",
}  # fmt: skip
_LONGEST_HEADER = 100_000_000  # the limit of the format


def load_safetensors(path: str | os.PathLike[str]) -> Arrays:
    """Return the arrays of a safetensors file, in the natural order of their names: "2.weight" before "10.weight".

    bfloat16 is converted to float32. The other arrays are read-only views of the file, which stays on disk until they
    are used.

    Raises
    ------
    ValueError
        If the file is damaged, or has an unknown type. The message names the file.
    OSError
        If the file cannot be read.

    Examples
    --------
    >>> import json, pathlib, tempfile
    >>> import numpy as np
    >>> from spatium.nn import load_safetensors
    >>> header = json.dumps({"0.weight": {"dtype": "F32", "shape": [2, 1], "data_offsets": [0, 8]}}).encode()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder) / "model.safetensors"
    ...     content = len(header).to_bytes(8, "little") + header + np.float32([1.5, 2.5]).tobytes()
    ...     _ = path.write_bytes(content)
    ...     load_safetensors(path)["0.weight"].tolist()
    [[1.5], [2.5]]
    """
    source = os.fspath(path)
    with open(path, "rb") as file:
        there = os.fstat(file.fileno()).st_size
        length = int.from_bytes(file.read(8), "little")
        if there < 8 or length > min(there - 8, _LONGEST_HEADER):
            raise ValueError(f"{source}: not a safetensors file: its header would have {length} bytes")
        try:
            header = json.loads(file.read(length).decode("utf-8"))
            entries = {str(name): _entry(entry) for name, entry in header.items() if name != "__metadata__"}
        except (AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
            raise ValueError(f"{source}: not a safetensors file: {error!r}") from None
    start, size = 8 + length, there - 8 - length
    end = 0
    for name, (dtype, shape, first, last) in sorted(entries.items(), key=lambda item: item[1][2:]):
        expected = math.prod(shape) * np.dtype(_DTYPES[dtype]).itemsize
        if first != end or last - first != expected or last > size:
            raise ValueError(
                f"{source}: {name!r} has {last - first} bytes from {first}, expected {expected} from {end}"
            )
        end = last
    if end != size:
        raise ValueError(f"{source}: the file has {size} bytes of arrays, its header describes {end}")
    whole = np.memmap(path, np.uint8, "r") if size else np.zeros(start, np.uint8)
    found: Arrays = {}
    for name in sorted(entries, key=_natural):
        dtype, shape, first, last = entries[name]
        data = whole[start + first : start + last]
        if dtype == "BF16":
            bits = np.frombuffer(data.tobytes(), "<u2").astype(np.uint32) << np.uint32(16)
            found[name] = bits.view(np.float32).reshape(shape)
        elif (start + first) % np.dtype(_DTYPES[dtype]).itemsize:  # not aligned: a copy
            found[name] = np.frombuffer(data.tobytes(), _DTYPES[dtype]).reshape(shape)
        else:
            found[name] = data.view(_DTYPES[dtype]).reshape(shape)
    return found


def _entry(entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    dtype, shape, (first, last) = entry["dtype"], entry["shape"], entry["data_offsets"]
    if dtype not in _DTYPES:
        raise ValueError(f"unknown type {dtype!r}")
    numbers = [*shape, first, last]
    if not all(type(number) is int and 0 <= number < 2**62 for number in numbers) or len(shape) > 32:
        raise ValueError(f"shape or offsets are {numbers}")
    return dtype, tuple(shape), first, last


def _natural(name: str) -> list[tuple[int, int | str]]:
    return [(0, int(part)) if part.isdigit() else (1, part) for part in re.split(r"(\d+)", name) if part]


# ---- scikit-learn ----

_SKLEARN_NAMES = {"identity": None, "logistic": "sigmoid", "tanh": "tanh", "relu": "relu"}


def from_sklearn(estimator: Any) -> Network:
    """Return the network of a fitted ``MLPClassifier`` or ``MLPRegressor``, or of a pipeline that ends in one.

    Parameters
    ----------
    estimator : sklearn.neural_network.MLPClassifier, MLPRegressor, or sklearn.pipeline.Pipeline
        The steps before the last of a pipeline may be ``StandardScaler``, ``MinMaxScaler`` and ``MaxAbsScaler``.

    Returns
    -------
    Network
        In the precision of the estimator. For a classifier its outputs are those of ``predict_proba``, with one column
        per class, also for two classes; ``classes`` has the names. For several labels per sample, they are the
        probabilities of the labels.

    Raises
    ------
    TypeError
        If the estimator, a step of the pipeline, or the activation of the outputs is of another kind.
    ValueError
        If it is not fitted.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import from_sklearn
    >>> class MLPRegressor:                                   # has the attributes of scikit-learn's
    ...     activation, out_activation_ = "tanh", "identity"
    ...     coefs_, intercepts_ = [np.ones((2, 3)), np.ones((3, 1))], [np.zeros(3), np.zeros(1)]
    >>> from_sklearn(MLPRegressor()).predict([[0.5, 0.5]]).round(4)
    array([[2.2848]])
    """
    steps = [step for _, step in getattr(estimator, "steps", [("", estimator)]) if step not in (None, "passthrough")]
    *scalers, network = steps
    if not hasattr(network, "out_activation_") and hasattr(network, "hidden_layer_sizes"):
        raise ValueError(f"{network!r} is not fitted")
    if not all(hasattr(network, name) for name in ("coefs_", "intercepts_", "activation", "out_activation_")):
        raise TypeError(f"{type(network).__name__} is not an MLPClassifier or MLPRegressor of scikit-learn")
    if network.out_activation_ not in ("identity", "logistic", "softmax"):
        raise TypeError(f"the outputs have the activation {network.out_activation_!r}, which no layer has")
    coefficients = [np.asarray(array) for array in network.coefs_]
    dtype = np.dtype(np.float64 if coefficients[0].dtype == np.float64 else np.float32)
    layers: list[Layer] = [_scaler(scaler, len(coefficients[0])) for scaler in scalers]
    last = len(coefficients) - 1
    classes: list[str] | None = None
    for i, (weights, bias) in enumerate(zip(coefficients, network.intercepts_, strict=True)):
        act = _SKLEARN_NAMES[network.activation] if i < last else None
        if i == last and network.out_activation_ == "logistic" and weights.shape[1] == 1:
            # softmax of (0, z) is (1 - p, p)
            weights, bias = np.column_stack([np.zeros(len(weights)), weights]), np.append(0.0, bias)
        layer: Layer = Dense(weights.shape[0], weights.shape[1], act, rng=0, init=0.0).astype(dtype)
        layer.weights, layer.bias = weights, bias
        layers.append(layer)
    if hasattr(network, "classes_"):
        classes = [str(name) for name in network.classes_]
        several = network.out_activation_ == "logistic" and coefficients[-1].shape[1] > 1
        layers.append(ActivationLayer("sigmoid") if several else Softmax())
    return Network([layer.astype(dtype) for layer in layers], classes)


def _scaler(scaler: Any, n_inputs: int) -> Layer:
    """Return the layer of a scaler: (x - mean) / spread."""
    layer = Standardize(n_inputs)
    kind = type(scaler).__name__
    zero, one = np.zeros(n_inputs), np.ones(n_inputs)

    def given(name: str, default: ArrayLike) -> Any:
        value = getattr(scaler, name, None)
        return default if value is None else value

    if kind == "StandardScaler":
        layer.mean, layer.spread = given("mean_", zero), given("scale_", one)
    elif kind == "MinMaxScaler" and not scaler.clip:  # x * scale_ + min_
        layer.mean, layer.spread = -scaler.min_ / scaler.scale_, 1 / scaler.scale_
    elif kind == "MaxAbsScaler":
        layer.mean, layer.spread = zero, scaler.scale_
    else:
        raise TypeError(f"the step {scaler!r} of the pipeline is not a StandardScaler, MinMaxScaler or MaxAbsScaler")
    return layer
