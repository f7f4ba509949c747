"""Functions of two arrays: gated linear units and recurrent gates.

Each function has a backward pass. The arithmetic is in ``_kernels/loops/gates.h``.
"""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from spatium import _engine
from spatium._arrays import Array, Out, Output
from spatium._checks import axis_of, check_scalar
from spatium._dask import blockwise, is_lazy
from spatium.activations.catalogue import gelu_name
from spatium.activations.operations import arrays_of_one_dtype

__all__ = [
    "gated_tanh",
    "gated_tanh_backward",
    "gaussian_glu",
    "gaussian_glu_backward",
    "geglu",
    "geglu_backward",
    "glu",
    "glu_backward",
    "reglu",
    "reglu_backward",
    "swiglu",
    "swiglu_backward",
    "time_aware_tanh",
    "time_aware_tanh_backward",
]

Pair = tuple[Any, Any]
Outs = tuple[Out, Out] | None


def _gate(function: str, parameters: tuple[float, ...], out: Out, /, **values: Any) -> Any:
    """Return the value of a function of two arrays, which are broadcast."""
    a, b = values.values()
    result = _engine.short_gate(function, parameters, a, b, out)
    if result is not None:
        return result
    if any(map(is_lazy, values.values())):
        return _lazy_gate(function, parameters, out, 1, values)
    arrays = np.broadcast_arrays(*arrays_of_one_dtype(**values))
    output = Output(out, arrays[0].shape, arrays[0].dtype)
    _engine.run_gates(function, parameters, tuple(output.unaliased(array) for array in arrays), (output.array,))
    return output.result()


def _gate_backward(function: str, parameters: tuple[float, ...], out: Outs, /, grad: Any, **values: Any) -> Pair:
    """Return grad times the derivatives with respect to both arrays."""
    a, b = values.values()
    pair: Pair | None = _engine.short_gate(function, parameters, a, b, out, grad)
    if pair is not None:
        return pair
    if any(map(is_lazy, (grad, *values.values()))):
        lazy: Pair = _lazy_gate(function, parameters, out, 2, {"grad": grad, **values})
        return lazy
    g, a, b = np.broadcast_arrays(*arrays_of_one_dtype(grad=grad, **values))
    if out is not None and (not isinstance(out, tuple) or len(out) != 2):
        raise TypeError(f"out is {type(out).__name__}, expected a pair of arrays, one for the gradient of each input")
    outputs = [Output(one, a.shape, a.dtype) for one in out or (None, None)]
    if np.may_share_memory(outputs[0].array, outputs[1].array):
        raise ValueError("out has two arrays that share memory, expected separate arrays")
    for output in outputs:
        g, a, b = (output.unaliased(array) for array in (g, a, b))
    _engine.run_gates(function, parameters, (a, b, g), (outputs[0].array, outputs[1].array))
    return outputs[0].result(), outputs[1].result()


def _gate_blocks(*blocks: Array, function: str, parameters: tuple[float, ...], names: tuple[str, ...]) -> Any:
    values = dict(zip(names, blocks, strict=True))
    return (_gate_backward if "grad" in values else _gate)(function, parameters, None, **values)


def _lazy_gate(
    function: str, parameters: tuple[float, ...], out: object, n_outputs: int, values: dict[str, Any]
) -> Any:
    if out is not None:
        raise TypeError(f"{function} does not support out for a dask array")
    samples = {name: np.ones(1, getattr(value, "dtype", np.float64)) for name, value in values.items()}
    dtype = arrays_of_one_dtype(**samples)[0].dtype
    blocks = partial(_gate_blocks, function=function, parameters=parameters, names=(*values,))
    results = blockwise(blocks, n_outputs, dtype, [*values.values()])
    return results if n_outputs == 2 else results[0]


def _halves(x: Array, axis: int) -> tuple[Array, Array]:
    """Return views of the first and the second half along the axis."""
    axis = axis_of("x", x, axis)
    half, rest = divmod(x.shape[axis], 2)
    if rest:
        raise ValueError(f"x has {x.shape[axis]} elements along axis {axis}, expected an even number")
    before = (slice(None),) * axis
    return x[(*before, slice(half))], x[(*before, slice(half, None))]


def _halved(function: str, parameters: tuple[float, ...], x: ArrayLike, axis: int, out: Out) -> Any:
    result = None if out is not None else _engine.short_halves(function, parameters, x, axis)
    if result is not None:
        return result
    if is_lazy(x):
        raise TypeError(f"{function} does not accept dask arrays: pass the halves to a function of two arrays")
    (array,) = arrays_of_one_dtype(x=x)
    a, b = _halves(array, axis)
    output = Output(out, a.shape, a.dtype)
    _engine.run_gates(function, parameters, (output.unaliased(a), output.unaliased(b)), (output.array,))
    return output.result()


def _halved_backward(
    function: str, parameters: tuple[float, ...], grad: ArrayLike, x: ArrayLike, axis: int, out: Out
) -> Any:
    result = None if out is not None else _engine.short_halves(function, parameters, x, axis, grad)
    if result is not None:
        return result
    if is_lazy(x) or is_lazy(grad):
        raise TypeError(f"{function}_backward does not accept dask arrays")
    g, array = arrays_of_one_dtype(grad=grad, x=x)
    a, b = _halves(array, axis)
    if g.shape != a.shape:
        raise ValueError(f"grad has shape {g.shape}, expected {a.shape}, that of {function}(x)")
    output = Output(out, array.shape, array.dtype)
    a, b = _halves(output.unaliased(array), axis)
    if np.may_share_memory(g, output.array):
        g = g.copy()
    _engine.run_gates(function, parameters, (a, b, g), _halves(output.array, axis))
    return output.result()


def glu(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gated linear unit: a·σ(b), where a and b are the first and second half along an axis.

    Parameters
    ----------
    x : array_like
        Any real dtype, with an even number of elements along the axis.
    axis : int
        The axis that is halved.
    out : ndarray, optional
        The array for the result; may be the first or the second half of x.

    Returns
    -------
    ndarray
        An array with half of the elements along the axis.

    Raises
    ------
    ValueError
        If the number of elements along the axis is odd, or axis is out of bounds.

    Notes
    -----
    Dauphin et al., ICML 2017. The order of the halves is that of PyTorch.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.glu([[1.0, 2.0, 0.0, 100.0]])
    array([[0.5, 2. ]])
    """
    return _halved("glu", (), x, axis, out)


def glu_backward(grad: ArrayLike, x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient with respect to the input of `glu`: grad·σ(b) in the first half, grad·a·σ'(b) in the second.

    Parameters
    ----------
    grad : array_like
        Gradient with respect to the output, with its shape.
    x : array_like
        The input.
    axis : int
        The axis of the forward pass.
    out : ndarray, optional
        The array for the result; may be x.

    Returns
    -------
    ndarray
        An array with the shape of x.

    Raises
    ------
    ValueError
        If grad has another shape than the output, or as for `glu`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.glu_backward([1.0], [2.0, 0.0])
    array([0.5, 0.5])
    """
    return _halved_backward("glu", (), grad, x, axis, out)


def gaussian_glu(x: ArrayLike, mean: float = 0.0, std: float = 1.0, axis: int = -1, out: Out = None) -> Any:
    """Linear unit gated by a Gaussian: exp(-((a - mean)/std)²/2)·b for the halves a, b along an axis.

    Parameters
    ----------
    x, axis, out
        As for `glu`.
    mean, std : float
        Finite numbers, std above 0.

    Returns
    -------
    ndarray
        An array with half of the elements along the axis.

    Raises
    ------
    ValueError
        If mean or std is outside its domain, or as for `glu`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.gaussian_glu([0.0, 1.0, 3.0, 3.0]).round(4)
    array([3.    , 1.8196])
    """
    return _halved("gaussian_glu", _mean_and_std(mean, std), x, axis, out)


def gaussian_glu_backward(
    grad: ArrayLike, x: ArrayLike, mean: float = 0.0, std: float = 1.0, axis: int = -1, out: Out = None
) -> Any:
    """Gradient with respect to the input of `gaussian_glu`: -grad·b·z/std·exp(-z²/2), grad·exp(-z²/2).

    Here z is (a - mean)/std.

    Parameters and errors are those of `gaussian_glu` and `glu_backward`.

    Returns
    -------
    ndarray
        An array with the shape of x.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.gaussian_glu_backward([1.0], [1.0, 3.0]).round(4)
    array([-1.8196,  0.6065])
    """
    return _halved_backward("gaussian_glu", _mean_and_std(mean, std), grad, x, axis, out)


def _mean_and_std(mean: float, std: float) -> tuple[float, float]:
    return check_scalar("mean", mean, "finite"), check_scalar("std", std, "positive")


def reglu(gate: ArrayLike, value: ArrayLike, out: Out = None) -> Any:
    """Linear unit gated by relu: relu(gate)·value.

    Parameters
    ----------
    gate, value : array_like
        Any real dtypes; the arrays are broadcast against each other.
    out : ndarray, optional
        The array for the result; may be gate or value.

    Returns
    -------
    ndarray
        An array with the broadcast shape and the common dtype.

    Raises
    ------
    TypeError
        If an argument is complex or is not an array of numbers.
    ValueError
        If the shapes cannot be broadcast, or out has another shape.

    Notes
    -----
    Shazeer, arXiv:2002.05202.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.reglu([-1.0, 2.0], [3.0, 3.0])
    array([0., 6.])
    """
    return _gate("reglu", (), out, gate=gate, value=value)


def reglu_backward(grad: ArrayLike, gate: ArrayLike, value: ArrayLike, out: Outs = None) -> Pair:
    """Gradients with respect to both inputs of `reglu`: grad·value·relu'(gate), grad·relu(gate).

    Parameters
    ----------
    grad, gate, value : array_like
        Gradient with respect to the output, and the inputs. They are broadcast against each other.
    out : tuple of two ndarray or None, optional
        The arrays for the results; each may be grad or an input.

    Returns
    -------
    tuple of two ndarray
        The gradients with respect to gate and to value. Both have the broadcast shape: if an input was repeated by
        broadcasting, its gradient is the sum over the repetitions.

    Raises
    ------
    TypeError, ValueError
        As for `reglu`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.reglu_backward(1.0, [-1.0, 2.0], [3.0, 3.0])
    (array([0., 3.]), array([0., 2.]))
    """
    return _gate_backward("reglu", (), out, grad=grad, gate=gate, value=value)


def geglu(
    gate: ArrayLike, value: ArrayLike, approximate: Literal["none", "tanh", "sigmoid"] = "none", out: Out = None
) -> Any:
    """Linear unit gated by gelu: gelu(gate)·value.

    Parameters, result and errors are those of `reglu`; `approximate` is that of `gelu`.

    Notes
    -----
    Shazeer, arXiv:2002.05202.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.geglu([1.0, -1.0], 2.0).round(4)
    array([ 1.6827, -0.3173])
    """
    return _gate("ge" + _glu_name(approximate), (), out, gate=gate, value=value)


def geglu_backward(
    grad: ArrayLike,
    gate: ArrayLike,
    value: ArrayLike,
    approximate: Literal["none", "tanh", "sigmoid"] = "none",
    out: Outs = None,
) -> Pair:
    """Gradients with respect to both inputs of `geglu`: grad·value·gelu'(gate), grad·gelu(gate).

    Parameters, results and errors are those of `reglu_backward`; `approximate` is that of the forward pass.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.geglu_backward(1.0, 0.0, 2.0)
    (np.float64(1.0), np.float64(0.0))
    """
    return _gate_backward("ge" + _glu_name(approximate), (), out, grad=grad, gate=gate, value=value)


def _glu_name(approximate: object) -> str:
    return gelu_name(approximate).replace("gelu", "glu")


def swiglu(gate: ArrayLike, value: ArrayLike, beta: float = 1.0, out: Out = None) -> Any:
    """Linear unit gated by swish: gate·σ(beta·gate)·value.

    Parameters, result and errors are those of `reglu`; `beta` is a finite number.

    Notes
    -----
    Shazeer, arXiv:2002.05202.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.swiglu([0.0, 100.0], 2.0)
    array([  0., 200.])
    """
    return _gate("swiglu", (check_scalar("beta", beta, "finite"),), out, gate=gate, value=value)


def swiglu_backward(grad: ArrayLike, gate: ArrayLike, value: ArrayLike, beta: float = 1.0, out: Outs = None) -> Pair:
    """Gradients with respect to both inputs of `swiglu`: grad·value·swish'(gate), grad·swish(gate).

    Parameters, results and errors are those of `reglu_backward`; `beta` is that of the forward pass.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.swiglu_backward(1.0, 0.0, 2.0)
    (np.float64(1.0), np.float64(0.0))
    """
    parameters = (check_scalar("beta", beta, "finite"),)
    return _gate_backward("swiglu", parameters, out, grad=grad, gate=gate, value=value)


def time_aware_tanh(x: ArrayLike, t: ArrayLike, decay_rate: float = 0.1, out: Out = None) -> Any:
    """Hyperbolic tangent that decays with time: tanh(x)·exp(-decay_rate·t).

    Parameters
    ----------
    x, t : array_like
        Any real dtypes; the arrays are broadcast against each other. t is the time since the event.
    decay_rate : float
        A finite number.
    out : ndarray, optional
        The array for the result; may be x or t.

    Returns
    -------
    ndarray
        An array with the broadcast shape and the common dtype.

    Raises
    ------
    TypeError, ValueError
        As for `reglu`, or if decay_rate is not a finite number.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.time_aware_tanh(1.0, [0.0, 10.0]).round(4)
    array([0.7616, 0.2802])
    """
    return _gate("time_aware_tanh", (check_scalar("decay_rate", decay_rate, "finite"),), out, x=x, t=t)


def time_aware_tanh_backward(
    grad: ArrayLike, x: ArrayLike, t: ArrayLike, decay_rate: float = 0.1, out: Outs = None
) -> Pair:
    """Gradients with respect to x and t of `time_aware_tanh`: grad·(1 - tanh(x)²)·e, -grad·decay_rate·tanh(x)·e.

    Here e is exp(-decay_rate·t). Results and errors are those of `reglu_backward`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.time_aware_tanh_backward(1.0, 0.0, 0.0)
    (np.float64(1.0), np.float64(-0.0))
    """
    parameters = (check_scalar("decay_rate", decay_rate, "finite"),)
    return _gate_backward("time_aware_tanh", parameters, out, grad=grad, x=x, t=t)


def gated_tanh(x: ArrayLike, h: ArrayLike, out: Out = None) -> Any:
    """Update of a recurrent state by a gate: z·tanh(x) + (1 - z)·h with z = σ(x + h).

    Parameters
    ----------
    x, h : array_like
        Any real dtypes; the arrays are broadcast against each other. h is the previous state.
    out : ndarray, optional
        The array for the result; may be x or h.

    Returns
    -------
    ndarray
        An array with the broadcast shape and the common dtype. The result tends to tanh(x) for large x + h, and to h
        for x + h far below 0.

    Raises
    ------
    TypeError, ValueError
        As for `reglu`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.gated_tanh([50.0, 0.0], [0.5, 1.0]).round(4)
    array([1.    , 0.2689])
    """
    return _gate("gated_tanh", (), out, x=x, h=h)


def gated_tanh_backward(grad: ArrayLike, x: ArrayLike, h: ArrayLike, out: Outs = None) -> Pair:
    """Gradients with respect to x and h of `gated_tanh`: grad·(z·(1 - tanh(x)²) + d), grad·(1 - z + d).

    Here d is (tanh(x) - h)·z·(1 - z). Results and errors are those of `reglu_backward`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.gated_tanh_backward(1.0, 0.0, 0.0)
    (np.float64(0.5), np.float64(0.5))
    """
    return _gate_backward("gated_tanh", (), out, grad=grad, x=x, h=h)
