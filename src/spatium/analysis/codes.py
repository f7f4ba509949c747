"""The noise of quantization: of activations, and of the activations of a network."""

from __future__ import annotations

import functools
import math
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._arrays import Array, real_array
from spatium._tables import Table
from spatium.activations import Activation
from spatium.analysis.properties import as_activation
from spatium.analysis.signal import name_of
from spatium.quantization import quantize

__all__ = ["quantization", "sqnr"]

_QUANTILES = 50_001
_RANGE = (-4.0, 4.0)  # of inputs from N(0, 1): one in 16,000 is outside


def sqnr(
    acts: Iterable[Activation | str] | Activation | str,
    bits: int | Sequence[int] = (8, 4),
    x: ArrayLike | None = None,
    x_range: tuple[float, float] | None = None,
) -> Table:
    """Return the signal-to-quantization-noise ratio of activations in dB: 10 log₁₀(E f(x)² / E(error²)).

    Parameters
    ----------
    acts : iterable of Activation or str
    bits : int or sequence of int
        8, 4 or both.
    x : array_like, optional
        The inputs; by default the quantiles of N(0, 1).
    x_range : (float, float), optional
        The range for which the codes are made. The default is −4 to 4, or the range of `x` if it is given. With a
        larger range, such as that of a layer with an outlier, the levels are farther apart.

    Returns
    -------
    Table
        One row per activation. ``output_8`` is the ratio if only the results are rounded to levels, ``look_up_8`` if
        the inputs are too, as in a `QuantizedActivation`. It is infinite without an error.

    Examples
    --------
    >>> from spatium.analysis import sqnr
    >>> print(sqnr(["relu", "gelu"]))
    activation  output 8  look up 8  output 4  look up 4
    ----------  --------  ---------  --------  ---------
    relu            46.3       40.7      22.3       16.2
    gelu            42.6       38.4      16.9       13.4
    dB
    """
    chosen = [acts] if isinstance(acts, Activation | str) else list(acts)
    functions = [as_activation(f"acts[{i}]", act) for i, act in enumerate(chosen)]
    widths = _widths(bits)
    inputs = _normal_quantiles() if x is None else real_array("x", x).astype(np.float64).reshape(-1)
    if not inputs.size or not np.isfinite(inputs).all():
        raise ValueError("x is empty or contains NaN or infinity, expected finite numbers")
    rows = []
    for act in functions:
        exact = np.asarray(act(inputs))
        row: list[Any] = [name_of(act)]
        for width in widths:
            if x is not None and x_range is None:
                q = quantize(act, width, x=inputs)
            else:
                q = quantize(act, width, _RANGE if x_range is None else x_range)
            row += [ratio(exact, q.y.decode(q.y.encode(exact), np.float64)), ratio(exact, q.evaluate(inputs))]
        rows.append(row)
    columns = [f"{kind}_{width}" for width in widths for kind in ("output", "look_up")]
    return Table("", ("activation", *columns), rows, ("dB",), digits=3)


def quantization(network: Any, X: ArrayLike, bits: int | Sequence[int] = (8, 4), y: ArrayLike | None = None) -> Table:
    """Return what the quantization of its activations costs a network, layer by layer and as a whole.

    Parameters
    ----------
    network : nn.Network
    X : array_like
        Samples, which determine the ranges of the codes and are the inputs of the comparison.
    bits : int or sequence of int
        8, 4 or both.
    y : array_like of int, optional
        The classes of the samples, for the accuracy.

    Returns
    -------
    Table
        One row per layer with quantized activations: ``sqnr_8`` is the signal-to-quantization-noise ratio of its
        outputs in dB, for exact inputs. The last row is the whole network: the ratio of its outputs, and for a network
        with classes the share of the samples whose class is the same (``same_class_8``); with `y` the accuracy, exact
        and quantized.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.analysis import quantization
    >>> from spatium.nn import Dense, Network, Softmax
    >>> X = np.random.default_rng(0).normal(size=(500, 4))
    >>> network = Network([Dense(4, 16, "gelu", rng=0), Dense(16, 3, rng=1), Softmax()])
    >>> table = quantization(network, X)
    >>> [row["part"] for row in table], table["network"]["sqnr_8"] > table["network"]["sqnr_4"]
    (['0 Dense', 'network'], True)
    """
    widths = _widths(bits)
    twins = [network.quantized(X, bits=width) for width in widths]
    exact = network.clone()  # whose maps count hits in place of those of the network
    rows = []

    def run(position: int, x: Array) -> Array:
        layer = exact.layers[position]
        outputs: Array = layer.forward(x)
        if _acts_of(layer) != _acts_of(twins[0].layers[position]):
            ratios = [ratio(outputs, twin.layers[position].forward(x)) for twin in twins]
            rows.append([f"{position} {type(layer).__name__}", _acts_of(layer), *ratios])
        return outputs

    x = exact.pass_layers(X, run)
    outputs = [twin.forward(X) for twin in twins]
    whole: list[Any] = ["network", None, *(ratio(x, output.reshape(x.shape)) for output in outputs)]
    columns = ["part", "activation", *(f"sqnr_{width}" for width in widths)]
    if network.has_classes:
        classes = network.classes_of(x)
        found = [network.classes_of(output) for output in outputs]
        columns += [f"same_class_{width}" for width in widths]
        whole += [_share(classes, other) for other in found]
        if y is not None:
            labels = real_array("y", y)
            if labels.shape != classes.shape:
                raise ValueError(f"y has shape {labels.shape}, expected {classes.shape}")
            columns += ["accuracy", *(f"accuracy_{width}" for width in widths)]
            whole += [_share(labels, other) for other in (classes, *found)]
    elif y is not None:
        raise ValueError("y is given, but the network has no classes")
    rows = [[*row, *[None] * (len(columns) - len(row))] for row in [*rows, whole]]
    return Table("", columns, rows, ("sqnr in dB",), digits=4)


def ratio(exact: Array, found: Array) -> float:
    """Return the ratio of the powers of a signal and of its error in dB; infinite without an error."""
    signal = float(np.sum(np.square(exact, dtype=np.float64)))
    noise = float(np.sum(np.square(np.subtract(exact, found, dtype=np.float64))))
    if noise == 0.0:
        return math.inf
    return 10.0 * math.log10(signal / noise) if signal > 0.0 else -math.inf


def _acts_of(layer: Any) -> str | None:
    """Return the name of the activation of a layer, or of those in its maps."""
    maps = getattr(layer, "maps", None)
    if maps is not None:
        names = sorted({act.name for act in maps.palette})
        return names[0] if len(names) == 1 else f"{len(names)} activations ({names[0]}, …)"
    act = getattr(layer, "activation", None)
    return act.name if isinstance(act, Activation) else None


def _share(a: Array, b: Array) -> float:
    return float(np.mean(a == b))


def _widths(bits: int | Sequence[int]) -> tuple[int, ...]:
    return tuple(bits) if isinstance(bits, Sequence) else (bits,)


@functools.cache
def _normal_quantiles() -> NDArray[np.float64]:
    from statistics import NormalDist  # imports much, so only here

    quantile = NormalDist().inv_cdf
    return np.array([quantile((i + 0.5) / _QUANTILES) for i in range(_QUANTILES)])
