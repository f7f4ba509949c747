"""Functions whose results depend on several elements: softmax and its relatives, gated linear units, recurrent gates.

Each has its backward pass. The arithmetic is in ``_kernels/loops/rows.h`` and ``_kernels/loops/gates.h``.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import numpy as np
from numpy.lib.array_utils import normalize_axis_index, normalize_axis_tuple
from numpy.typing import ArrayLike

from . import _engine
from ._arrays import Array, Out, Target, real_array
from ._dask import along_axis, blockwise, is_lazy
from .activations import OPERATIONS, check_scalar, gelu_name

__all__ = [
    "gated_tanh",
    "gated_tanh_backward",
    "gaussian_glu",
    "gaussian_glu_backward",
    "geglu",
    "geglu_backward",
    "glu",
    "glu_backward",
    "hardmax",
    "hardmax_backward",
    "log_softmax",
    "log_softmax_backward",
    "logsumexp",
    "logsumexp_backward",
    "reglu",
    "reglu_backward",
    "softmax",
    "softmax_backward",
    "softmin",
    "softmin_backward",
    "swiglu",
    "swiglu_backward",
    "time_aware_tanh",
    "time_aware_tanh_backward",
]

Pair = tuple[Any, Any]
Outs = tuple[Out, Out] | None


# ---- arguments ----


def _arrays(**values: ArrayLike) -> list[Array]:
    """The arguments as arrays of one dtype, the one that NumPy's rules give a ufunc of them."""
    arrays = [real_array(name, value) for name, value in values.items()]
    weak = [
        type(value) if type(value) in (int, float) else array.dtype
        for value, array in zip(values.values(), arrays, strict=True)
    ]
    dtype: Any = weak[0]
    if len(weak) == 1:
        dtype = OPERATIONS["tanh"].value.resolve_dtypes((dtype, None))[0]
    for other in weak[1:]:
        dtype = OPERATIONS["tanh"].backward.resolve_dtypes((dtype, other, None))[0]
    with np.errstate(over="ignore", under="ignore"):  # of Python numbers, which take the arrays' dtype
        return [array.astype(dtype, copy=False) for array in arrays]


def _axis_of(name: str, array: Array, axis: int) -> int:
    try:
        number = operator.index(axis)
    except TypeError:
        raise TypeError(f"axis is {axis!r}, expected an integer") from None
    return normalize_axis_index(number, array.ndim, name)


def _same_shape(**arrays: Array) -> None:
    (first, a), (second, b) = arrays.items()
    if a.shape != b.shape:
        raise ValueError(f"{first} has shape {a.shape}, {second} has {b.shape}, expected the same")


# ---- along an axis ----


def _rows_last(array: Array, axes: tuple[int, ...], order_of: Array) -> Array:
    """A view with `axes` at the end, before them the others, those with the smallest strides in `order_of` last."""
    rest = [axis for axis in range(array.ndim) if axis not in axes]
    rest.sort(key=lambda axis: -abs(order_of.strides[axis]))
    return array.transpose(*rest, *axes)


def _along(function: str, x: Array, g: Array | None, axis: int, out: Out, name: str = "x") -> Any:
    """A function whose result has the shape of x."""
    axis = _axis_of(name, x, axis)
    if x.shape[axis] == 0 and x.size == 0 and 0 not in np.delete(x.shape, axis) and not function.endswith("backward"):
        raise ValueError(f"{name} has shape {x.shape}: {function} of no elements along axis {axis} is not defined")
    target = Target(out, x.shape, x.dtype)

    def rows(array: Array) -> Array:
        return _rows_last(target.apart(array), (axis,), target.array)

    _engine.run_over_rows(function, rows(x), None if g is None else rows(g), rows(target.array))
    return target.deliver()


def softmax(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Probabilities along an axis: exp(x) / sum(exp(x)), shifted by the maximum so that nothing overflows.

    Parameters
    ----------
    x : array_like
        Any real dtype, any shape with at least one axis.
    axis : int
        Along which the results add up to 1.
    out : ndarray, optional
        Where the result goes; may be x.

    Returns
    -------
    ndarray
        float16, bfloat16, float32 and float64 keep their dtype; integers follow NumPy's rule for ufuncs. A plain array
        for pandas and xarray objects too.

    Raises
    ------
    TypeError
        x is complex or no array of numbers, or has masked elements; out has a dtype that the result cannot be cast to;
        x is a dask array with several chunks along the axis.
    ValueError
        axis is out of bounds or has no elements, as in ``softmax([])``; out has another shape.

    Notes
    -----
    A row of -inf only gives NaN, one +inf gives 1 there and 0 elsewhere (k of them 1/k each), NaN gives NaN in the
    whole row. Within 0.6 ulp in float32, 0.7 in float64, subnormal results 1 ulp. A row has the same bits whatever
    rows, strides and threads are around it. Bridle, NATO ASI Series F68, 1990.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> sp.softmax([[0.0, 0.0], [1000.0, -np.inf]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    if is_lazy(x):
        return along_axis(softmax, (x,), axis, out)
    (array,) = _arrays(x=x)
    return _along("softmax", array, None, axis, out)


def softmax_backward(grad: ArrayLike, y: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient for the input of `softmax`, from its output: y·(grad - sum(grad·y)).

    Parameters
    ----------
    grad : array_like
        Gradient for the output.
    y : array_like
        The output, of the shape of grad.
    axis : int
        The axis of the forward pass.
    out : ndarray, optional
        Where the result goes; may be grad or y.

    Returns
    -------
    ndarray
        Of their shape and common dtype. The sum is formed in float64 (float64: with twice its digits).

    Raises
    ------
    ValueError
        The shapes differ, or axis is out of bounds.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.softmax_backward([1.0, 0.0], sp.softmax([0.0, 0.0]))
    array([ 0.25, -0.25])
    """
    return _backward("softmax_backward", softmax_backward, grad, y, axis, out)


def _backward(function: str, itself: Callable[..., Any], grad: Any, y: Any, axis: int, out: Out) -> Any:
    if is_lazy(grad) or is_lazy(y):
        return along_axis(itself, (grad, y), axis, out)
    g, array = _arrays(grad=grad, y=y)
    _same_shape(grad=g, y=array)
    return _along(function, array, g, axis, out, "y")


def softmin(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Probabilities that fall with x: softmax(-x).

    Parameters, errors and special rows are those of `softmax`, with the signs of the infinities exchanged.

    Returns
    -------
    ndarray
        Of the shape of x.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> sp.softmin([0.0, np.log(3.0)])
    array([0.75, 0.25])
    """
    if is_lazy(x):
        return along_axis(softmin, (x,), axis, out)
    (array,) = _arrays(x=x)
    return _along("softmin", array, None, axis, out)


def softmin_backward(grad: ArrayLike, y: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient for the input of `softmin`, from its output: -y·(grad - sum(grad·y)).

    Parameters and errors are those of `softmax_backward`.

    Returns
    -------
    ndarray
        Of the shape of grad and y.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.softmin_backward([1.0, 0.0], sp.softmin([0.0, 0.0]))
    array([-0.25,  0.25])
    """
    return _backward("softmin_backward", softmin_backward, grad, y, axis, out)


def hardmax(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """One at the first maximum along an axis, zero elsewhere: the limit of softmax(t·x) for t to infinity.

    Parameters and errors are those of `softmax`. ONNX Hardmax.

    Returns
    -------
    ndarray
        Of the shape of x. A row with a NaN, and a row of -inf only, are NaN.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hardmax([[1.0, 3.0, 3.0]])
    array([[0., 1., 0.]])
    """
    if is_lazy(x):
        return along_axis(hardmax, (x,), axis, out)
    (array,) = _arrays(x=x)
    return _along("hardmax", array, None, axis, out)


def hardmax_backward(grad: ArrayLike, y: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient for the input of `hardmax`: zero, for its output is constant wherever it has a derivative.

    A straight-through estimator that trains all the same is ``softmax_backward(grad, softmax(x))``.

    Parameters and errors are those of `softmax_backward`.

    Returns
    -------
    ndarray
        Zeros; NaN where grad or y is NaN.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hardmax_backward([1.0, 2.0], sp.hardmax([3.0, 4.0]))
    array([0., 0.])
    """
    if is_lazy(grad) or is_lazy(y):
        return along_axis(hardmax_backward, (grad, y), axis, out)
    g, array = _arrays(grad=grad, y=y)
    _same_shape(grad=g, y=array)
    _axis_of("y", array, axis)
    target = Target(out, array.shape, array.dtype)
    unknown = np.isnan(g) | np.isnan(array)
    target.array[...] = 0
    target.array[unknown] = np.nan
    return target.deliver()


def log_softmax(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Logarithms of the probabilities: x - max(x) - log(sum(exp(x - max(x)))).

    Where the probability is close to 1 the logarithm is that of 1 plus the others' sum, and keeps all its digits.

    Parameters and errors are those of `softmax`.

    Returns
    -------
    ndarray
        Of the shape of x. A row of -inf only is NaN, one +inf gives 0 there and -inf elsewhere.

    Notes
    -----
    Within 0.51 ulp in float32 and 0.6 in float64.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.log_softmax([40.0, 0.0])
    array([-4.24835426e-18, -4.00000000e+01])
    """
    if is_lazy(x):
        return along_axis(log_softmax, (x,), axis, out)
    (array,) = _arrays(x=x)
    return _along("log_softmax", array, None, axis, out)


def log_softmax_backward(grad: ArrayLike, y: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient for the input of `log_softmax`, from its output: grad - exp(y)·sum(grad).

    Parameters and errors are those of `softmax_backward`.

    Returns
    -------
    ndarray
        Of the shape of grad and y.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.log_softmax_backward([1.0, 0.0], sp.log_softmax([0.0, 0.0]))
    array([ 0.5, -0.5])
    """
    return _backward("log_softmax_backward", log_softmax_backward, grad, y, axis, out)


def _axes_of(array: Array, axis: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(array.ndim))
    if isinstance(axis, tuple):
        return normalize_axis_tuple(axis, array.ndim, "x")
    return (_axis_of("x", array, axis),)


def _one_axis(x: Array, axes: tuple[int, ...], order_of: Array) -> Array:
    """`axes` as the last one: a view where the strides allow it."""
    moved = _rows_last(x, axes, order_of)
    if len(axes) == 1:
        return moved
    kept = moved.shape[: x.ndim - len(axes)]
    return moved.reshape(*kept, int(np.prod(moved.shape[len(kept) :], dtype=np.intp)))


def logsumexp(x: ArrayLike, axis: int | tuple[int, ...] | None = -1, keepdims: bool = False, out: Out = None) -> Any:
    """Logarithm of the sum of exponentials along an axis: m + log(sum(exp(x - m))), m the maximum.

    Parameters
    ----------
    x : array_like
        Any real dtype, any shape.
    axis : int, tuple of int or None
        Over which the sum goes; None: all of them.
    keepdims : bool
        Whether the axes stay, with one element.
    out : ndarray, optional
        Where the result goes.

    Returns
    -------
    ndarray
        Without the axes, or with one element there. -inf for no elements and for -inf only, +inf if there is one, NaN
        if there is one.

    Raises
    ------
    TypeError, ValueError
        As in `softmax`.

    Notes
    -----
    ``scipy.special.logsumexp`` has None as the default axis. Within 0.51 ulp in float32 and 0.6 in float64; where the
    maximum and the logarithm cancel, within 2^-34 (2^-55) of the larger of them.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.logsumexp([[1000.0, 1000.0], [0.0, -50.0]])
    array([1.00069315e+03, 1.92874985e-22])
    """
    if is_lazy(x):
        return along_axis(logsumexp, (x,), axis, out, keepdims=keepdims)
    (array,) = _arrays(x=x)
    axes = _axes_of(array, axis)
    shape = tuple(1 if i in axes else n for i, n in enumerate(array.shape) if keepdims or i not in axes)
    target = Target(out, shape, array.dtype)
    result = target.array if keepdims else np.expand_dims(target.array, axes)
    rows = _one_axis(target.apart(array), axes, array)
    # a view with one axis of length 1 in place of all of them: reshape(copy=False), which would say so, is NumPy 2.1's
    sums = _rows_last(result, axes, array)[(..., *(0,) * len(axes), None)]
    _engine.run_over_rows("logsumexp", rows, None, sums)
    return target.deliver()


def logsumexp_backward(
    grad: ArrayLike,
    x: ArrayLike,
    axis: int | tuple[int, ...] | None = -1,
    keepdims: bool = False,
    out: Out = None,
) -> Any:
    """Gradient for the input of `logsumexp`: grad·softmax(x).

    Parameters
    ----------
    grad : array_like
        Gradient for the output, of its shape.
    x : array_like
        The input.
    axis, keepdims
        Those of the forward pass.
    out : ndarray, optional
        Where the result goes; may be x.

    Returns
    -------
    ndarray
        Of the shape of x.

    Raises
    ------
    ValueError
        grad has another shape than the output, or axis is out of bounds.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.logsumexp_backward([2.0], [[0.0, 0.0]])
    array([[1., 1.]])
    """
    if is_lazy(grad) or is_lazy(x):
        raise TypeError("logsumexp_backward takes no dask arrays: use grad·softmax(x)")
    g, array = _arrays(grad=grad, x=x)
    axes = _axes_of(array, axis)
    shape = tuple(1 if i in axes else n for i, n in enumerate(array.shape) if keepdims or i not in axes)
    if g.shape != shape:
        raise ValueError(f"grad has shape {g.shape}, expected {shape}, that of logsumexp(x)")
    target = Target(out, array.shape, array.dtype)
    rows = _one_axis(target.apart(array), axes, target.array)
    gradients = _rows_last(g if keepdims else np.expand_dims(g, axes), axes, target.array)
    gradients = target.apart(gradients.reshape(*rows.shape[:-1], 1))
    if len(axes) == 1:
        _engine.run_over_rows("logsumexp_backward", rows, gradients, _rows_last(target.array, axes, target.array))
    else:
        results = np.empty(rows.shape, array.dtype)
        _engine.run_over_rows("logsumexp_backward", rows, gradients, results)
        moved = _rows_last(target.array, axes, target.array)
        moved[...] = results.reshape(moved.shape)
    return target.deliver()


# ---- of two arrays ----


def _gate(function: str, parameters: tuple[float, ...], out: Out, /, **values: Any) -> Any:
    """The value of a function of two arrays, which broadcast."""
    if any(map(is_lazy, values.values())):
        return _lazy_gate(function, parameters, out, 1, values)
    arrays = np.broadcast_arrays(*_arrays(**values))
    target = Target(out, arrays[0].shape, arrays[0].dtype)
    _engine.run_gates(function, parameters, tuple(target.apart(array) for array in arrays), (target.array,))
    return target.deliver()


def _gate_backward(function: str, parameters: tuple[float, ...], out: Outs, /, grad: Any, **values: Any) -> Pair:
    """The derivatives by both arrays, times grad."""
    if any(map(is_lazy, (grad, *values.values()))):
        pair: Pair = _lazy_gate(function, parameters, out, 2, {"grad": grad, **values})
        return pair
    g, a, b = np.broadcast_arrays(*_arrays(grad=grad, **values))
    if out is not None and (not isinstance(out, tuple) or len(out) != 2):
        raise TypeError(f"out is {type(out).__name__}, expected a pair of arrays, one for the gradient of each input")
    targets = [Target(one, a.shape, a.dtype) for one in out or (None, None)]
    if np.may_share_memory(targets[0].array, targets[1].array):
        raise ValueError("out has two arrays that share memory")
    for target in targets:
        g, a, b = (target.apart(array) for array in (g, a, b))
    _engine.run_gates(function, parameters, (a, b, g), (targets[0].array, targets[1].array))
    return targets[0].deliver(), targets[1].deliver()


def _gate_blocks(*blocks: Array, function: str, parameters: tuple[float, ...], names: tuple[str, ...]) -> Any:
    values = dict(zip(names, blocks, strict=True))
    return (_gate_backward if "grad" in values else _gate)(function, parameters, None, **values)


def _lazy_gate(
    function: str, parameters: tuple[float, ...], out: object, n_outputs: int, values: dict[str, Any]
) -> Any:
    if out is not None:
        raise TypeError(f"{function} takes no out for a dask array")
    samples = {name: np.ones(1, getattr(value, "dtype", np.float64)) for name, value in values.items()}
    dtype = _arrays(**samples)[0].dtype
    blocks = partial(_gate_blocks, function=function, parameters=parameters, names=(*values,))
    results = blockwise(blocks, n_outputs, dtype, [*values.values()])
    return results if n_outputs == 2 else results[0]


def _halves(x: Array, axis: int) -> tuple[Array, Array]:
    """Views of the first and the second half along the axis."""
    axis = _axis_of("x", x, axis)
    half, rest = divmod(x.shape[axis], 2)
    if rest:
        raise ValueError(f"x has {x.shape[axis]} elements along axis {axis}, expected an even number")
    before = (slice(None),) * axis
    return x[(*before, slice(half))], x[(*before, slice(half, None))]


def _halved(function: str, parameters: tuple[float, ...], x: ArrayLike, axis: int, out: Out) -> Any:
    if is_lazy(x):
        raise TypeError(f"{function} takes no dask array: give its halves to a function of two arrays")
    (array,) = _arrays(x=x)
    a, b = _halves(array, axis)
    target = Target(out, a.shape, a.dtype)
    _engine.run_gates(function, parameters, (target.apart(a), target.apart(b)), (target.array,))
    return target.deliver()


def _halved_backward(
    function: str, parameters: tuple[float, ...], grad: ArrayLike, x: ArrayLike, axis: int, out: Out
) -> Any:
    if is_lazy(x) or is_lazy(grad):
        raise TypeError(f"{function}_backward takes no dask arrays")
    g, array = _arrays(grad=grad, x=x)
    a, b = _halves(array, axis)
    if g.shape != a.shape:
        raise ValueError(f"grad has shape {g.shape}, expected {a.shape}, that of {function}(x)")
    target = Target(out, array.shape, array.dtype)
    a, b = _halves(target.apart(array), axis)
    if np.may_share_memory(g, target.array):
        g = g.copy()
    _engine.run_gates(function, parameters, (a, b, g), _halves(target.array, axis))
    return target.deliver()


def glu(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gated linear unit: a·σ(b), a and b the first and second half along an axis.

    Parameters
    ----------
    x : array_like
        Any real dtype; an even number of elements along the axis.
    axis : int
        The axis that is halved.
    out : ndarray, optional
        Where the result goes; may be the first or the second half of x.

    Returns
    -------
    ndarray
        Half of the elements along the axis.

    Raises
    ------
    ValueError
        The number of elements along the axis is odd, or axis is out of bounds.

    Notes
    -----
    Dauphin et al., ICML 2017; the halves are PyTorch's.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.glu([[1.0, 2.0, 0.0, 100.0]])
    array([[0.5, 2. ]])
    """
    return _halved("glu", (), x, axis, out)


def glu_backward(grad: ArrayLike, x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient for the input of `glu`: grad·σ(b) in the first half, grad·a·σ'(b) in the second.

    Parameters
    ----------
    grad : array_like
        Gradient for the output, of its shape.
    x : array_like
        The input.
    axis : int
        The axis of the forward pass.
    out : ndarray, optional
        Where the result goes; may be x.

    Returns
    -------
    ndarray
        Of the shape of x.

    Raises
    ------
    ValueError
        grad has another shape than the output, or as in `glu`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.glu_backward([1.0], [2.0, 0.0])
    array([0.5, 0.5])
    """
    return _halved_backward("glu", (), grad, x, axis, out)


def gaussian_glu(x: ArrayLike, mean: float = 0.0, std: float = 1.0, axis: int = -1, out: Out = None) -> Any:
    """Linear unit gated by a Gaussian: exp(-((a - mean)/std)²/2)·b, a and b the halves along an axis.

    Parameters
    ----------
    x, axis, out
        As in `glu`.
    mean, std : float
        Finite numbers, std above 0.

    Returns
    -------
    ndarray
        Half of the elements along the axis.

    Raises
    ------
    ValueError
        mean or std is out of its domain, or as in `glu`.

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
    """Gradient for the input of `gaussian_glu`, z = (a - mean)/std: -grad·b·z/std·exp(-z²/2), grad·exp(-z²/2).

    Parameters and errors are those of `gaussian_glu` and `glu_backward`.

    Returns
    -------
    ndarray
        Of the shape of x.

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
        Any real dtypes; they broadcast.
    out : ndarray, optional
        Where the result goes; may be gate or value.

    Returns
    -------
    ndarray
        Of the broadcast shape and common dtype.

    Raises
    ------
    TypeError
        An argument is complex or no array of numbers.
    ValueError
        The shapes do not broadcast; out has another shape.

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
    """Gradients for both inputs of `reglu`: grad·value·relu'(gate), grad·relu(gate).

    Parameters
    ----------
    grad, gate, value : array_like
        Gradient for the output, and the inputs; they broadcast.
    out : tuple of two ndarray or None, optional
        Where the results go; each may be one of the three.

    Returns
    -------
    tuple of two ndarray
        For gate and for value. Both have the broadcast shape: the gradient of an input that was repeated is their sum
        over the repetitions.

    Raises
    ------
    TypeError, ValueError
        As in `reglu`.

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

    Parameters, result and errors are those of `reglu`; `approximate` as in `gelu`.

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
    """Gradients for both inputs of `geglu`: grad·value·gelu'(gate), grad·gelu(gate).

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
    """Gradients for both inputs of `swiglu`: grad·value·swish'(gate), grad·swish(gate).

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
    """Hyperbolic tangent that fades with time: tanh(x)·exp(-decay_rate·t).

    Parameters
    ----------
    x, t : array_like
        Any real dtypes; they broadcast. t is the time since the event.
    decay_rate : float
        A finite number.
    out : ndarray, optional
        Where the result goes; may be x or t.

    Returns
    -------
    ndarray
        Of the broadcast shape and common dtype.

    Raises
    ------
    TypeError, ValueError
        As in `reglu`; decay_rate is not a finite number.

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
    """Gradients for x and t of `time_aware_tanh`: grad·(1 - tanh(x)²)·e, -grad·decay_rate·tanh(x)·e.

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
    """Update of a recurrent state by a gate: z·tanh(x) + (1 - z)·h, z = σ(x + h).

    Parameters
    ----------
    x, h : array_like
        Any real dtypes; they broadcast. h is the state so far.
    out : ndarray, optional
        Where the result goes; may be x or h.

    Returns
    -------
    ndarray
        Of the broadcast shape and common dtype: tanh(x) where x + h is large, h where it is far below 0.

    Raises
    ------
    TypeError, ValueError
        As in `reglu`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.gated_tanh([50.0, 0.0], [0.5, 1.0]).round(4)
    array([1.    , 0.2689])
    """
    return _gate("gated_tanh", (), out, x=x, h=h)


def gated_tanh_backward(grad: ArrayLike, x: ArrayLike, h: ArrayLike, out: Outs = None) -> Pair:
    """Gradients for x and h of `gated_tanh`: grad·(z·(1 - tanh(x)²) + d), grad·(1 - z + d).

    Here d is (tanh(x) - h)·z·(1 - z). Results and errors are those of `reglu_backward`.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.gated_tanh_backward(1.0, 0.0, 0.0)
    (np.float64(0.5), np.float64(0.5))
    """
    return _gate_backward("gated_tanh", (), out, grad=grad, x=x, h=h)
