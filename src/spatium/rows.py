"""Functions of rows: softmax and similar functions, whose results depend on all elements along an axis.

Each function has a backward pass. The arithmetic is in ``_kernels/loops/rows.h``.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple
from numpy.typing import ArrayLike

from spatium import _engine
from spatium._arrays import Array, Out, Output
from spatium._checks import axis_of
from spatium._dask import along_axis, is_lazy
from spatium.activations.operations import arrays_of_one_dtype

__all__ = [
    "hardmax",
    "hardmax_backward",
    "log_softmax",
    "log_softmax_backward",
    "logsumexp",
    "logsumexp_backward",
    "softmax",
    "softmax_backward",
    "softmin",
    "softmin_backward",
]


def _same_shape(**arrays: Array) -> None:
    (first, a), (second, b) = arrays.items()
    if a.shape != b.shape:
        raise ValueError(f"{first} has shape {a.shape}, {second} has {b.shape}, expected the same shape")


def _rows_last(array: Array, axes: tuple[int, ...], order_of: Array) -> Array:
    """Return a view with `axes` at the end, after the other axes in the order of decreasing strides of `order_of`."""
    rest = [axis for axis in range(array.ndim) if axis not in axes]
    rest.sort(key=lambda axis: -abs(order_of.strides[axis]))
    return array.transpose(*rest, *axes)


def _along(function: str, x: Array, g: Array | None, axis: int, out: Out, name: str = "x") -> Any:
    """Evaluate a function whose result has the shape of x."""
    axis = axis_of(name, x, axis)
    if x.shape[axis] == 0 and x.size == 0 and 0 not in np.delete(x.shape, axis) and not function.endswith("backward"):
        raise ValueError(f"{name} has shape {x.shape}: {function} of no elements along axis {axis} is not defined")
    output = Output(out, x.shape, x.dtype)

    def rows(array: Array) -> Array:
        return _rows_last(output.unaliased(array), (axis,), output.array)

    _engine.run_over_rows(function, rows(x), None if g is None else rows(g), rows(output.array))
    return output.result()


def _values(function: Callable[..., Any], x: ArrayLike, axis: int, out: Out) -> Any:
    """Evaluate the public `function`, which has the same name in the C code."""
    result = _engine.short_rows(function.__name__, x, axis, out)
    if result is not None:
        return result
    if is_lazy(x):
        return along_axis(function, (x,), axis, out)
    (array,) = arrays_of_one_dtype(x=x)
    return _along(function.__name__, array, None, axis, out)


def _gradients(function: Callable[..., Any], grad: ArrayLike, y: ArrayLike, axis: int, out: Out) -> Any:
    """Evaluate the public `function` of the gradient and the output, which has the same name in the C code."""
    result = _engine.short_rows(function.__name__, y, axis, out, grad)
    if result is not None:
        return result
    if is_lazy(grad) or is_lazy(y):
        return along_axis(function, (grad, y), axis, out)
    g, array = arrays_of_one_dtype(grad=grad, y=y)
    _same_shape(grad=g, y=array)
    return _along(function.__name__, array, g, axis, out, "y")


def softmax(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Probabilities along an axis: exp(x) / sum(exp(x)), shifted by the maximum so that nothing overflows.

    Parameters
    ----------
    x : array_like
        Any real dtype, any shape with at least one axis.
    axis : int
        The axis along which the results add up to 1.
    out : ndarray, optional
        The array for the result; may be x.

    Returns
    -------
    ndarray
        An array with the dtype of x if that is float16, bfloat16, float32 or float64; integers are converted as in
        NumPy's ufuncs. For pandas and xarray objects the result is a plain array too.

    Raises
    ------
    TypeError
        If x is complex, is not an array of numbers, or has masked elements; if the result cannot be cast to the dtype
        of out; if x is a dask array with several chunks along the axis.
    ValueError
        If axis is out of bounds or has no elements, as in ``softmax([])``; if out has another shape.

    Notes
    -----
    A row of only -inf gives NaN. A row with one +inf gives 1 for this element and 0 for the others (1/k for each of k
    such elements). A row with a NaN gives only NaN. Results are within 0.6 ulp in float32 and 0.7 ulp in float64;
    subnormal results are within 1 ulp. The bits of a row do not depend on other rows, strides or threads.
    Bridle, NATO ASI Series F68, 1990.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> sp.softmax([[0.0, 0.0], [1000.0, -np.inf]])
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    return _values(softmax, x, axis, out)


def softmax_backward(grad: ArrayLike, y: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient with respect to the input of `softmax`, from its output: y·(grad - sum(grad·y)).

    Parameters
    ----------
    grad : array_like
        Gradient with respect to the output.
    y : array_like
        The output, with the shape of grad.
    axis : int
        The axis of the forward pass.
    out : ndarray, optional
        The array for the result; may be grad or y.

    Returns
    -------
    ndarray
        An array with the shape and the common dtype of grad and y. The sum is computed in float64, or with twice its
        precision if the dtype is float64.

    Raises
    ------
    ValueError
        If the shapes differ, or axis is out of bounds.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.softmax_backward([1.0, 0.0], sp.softmax([0.0, 0.0]))
    array([ 0.25, -0.25])
    """
    return _gradients(softmax_backward, grad, y, axis, out)


def softmin(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Probabilities that decrease with x: softmax(-x).

    Parameters, errors and special values are those of `softmax`, with the signs of the infinities exchanged.

    Returns
    -------
    ndarray
        An array with the shape of x.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> sp.softmin([0.0, np.log(3.0)])
    array([0.75, 0.25])
    """
    return _values(softmin, x, axis, out)


def softmin_backward(grad: ArrayLike, y: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient with respect to the input of `softmin`, from its output: -y·(grad - sum(grad·y)).

    Parameters and errors are those of `softmax_backward`.

    Returns
    -------
    ndarray
        An array with the shape of grad and y.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.softmin_backward([1.0, 0.0], sp.softmin([0.0, 0.0]))
    array([-0.25,  0.25])
    """
    return _gradients(softmin_backward, grad, y, axis, out)


def hardmax(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """One at the first maximum along an axis, zero elsewhere: the limit of softmax(t·x) as t goes to infinity.

    Parameters and errors are those of `softmax`. ONNX has the same operator, Hardmax.

    Returns
    -------
    ndarray
        An array with the shape of x. A row with a NaN and a row of only -inf give NaN.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hardmax([[1.0, 3.0, 3.0]])
    array([[0., 1., 0.]])
    """
    return _values(hardmax, x, axis, out)


def hardmax_backward(grad: ArrayLike, y: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient with respect to the input of `hardmax`: zero, because the output is piecewise constant.

    ``softmax_backward(grad, softmax(x))`` is a straight-through estimator that can be used for training.

    Parameters and errors are those of `softmax_backward`.

    Returns
    -------
    ndarray
        An array of zeros; NaN where grad or y is NaN.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hardmax_backward([1.0, 2.0], sp.hardmax([3.0, 4.0]))
    array([0., 0.])
    """
    if is_lazy(grad) or is_lazy(y):
        return along_axis(hardmax_backward, (grad, y), axis, out)
    g, array = arrays_of_one_dtype(grad=grad, y=y)
    _same_shape(grad=g, y=array)
    axis_of("y", array, axis)
    output = Output(out, array.shape, array.dtype)
    unknown = np.isnan(g) | np.isnan(array)
    output.array[...] = 0
    output.array[unknown] = np.nan
    return output.result()


def log_softmax(x: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Logarithms of the probabilities: x - max(x) - log(sum(exp(x - max(x)))).

    Where a probability is close to 1, the logarithm is computed from the sum of the other exponentials by log1p, so it
    keeps all its digits.

    Parameters and errors are those of `softmax`.

    Returns
    -------
    ndarray
        An array with the shape of x. A row of only -inf gives NaN. A row with one +inf gives 0 for this element and
        -inf for the others.

    Notes
    -----
    Results are within 0.51 ulp in float32 and 0.6 ulp in float64.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.log_softmax([40.0, 0.0])
    array([-4.24835426e-18, -4.00000000e+01])
    """
    return _values(log_softmax, x, axis, out)


def log_softmax_backward(grad: ArrayLike, y: ArrayLike, axis: int = -1, out: Out = None) -> Any:
    """Gradient with respect to the input of `log_softmax`, from its output: grad - exp(y)·sum(grad).

    Parameters and errors are those of `softmax_backward`.

    Returns
    -------
    ndarray
        An array with the shape of grad and y.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.log_softmax_backward([1.0, 0.0], sp.log_softmax([0.0, 0.0]))
    array([ 0.5, -0.5])
    """
    return _gradients(log_softmax_backward, grad, y, axis, out)


def _axes_of(array: Array, axis: int | tuple[int, ...] | None) -> tuple[int, ...]:
    if axis is None:
        return tuple(range(array.ndim))
    if isinstance(axis, tuple):
        return normalize_axis_tuple(axis, array.ndim, "x")
    return (axis_of("x", array, axis),)


def _one_axis(x: Array, axes: tuple[int, ...], order_of: Array) -> Array:
    """Return x with `axes` joined to one last axis; a view if the strides allow it."""
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
        The axes of the sum; None means all axes.
    keepdims : bool
        Whether the axes remain in the result, with length 1.
    out : ndarray, optional
        The array for the result.

    Returns
    -------
    ndarray
        An array without the axes, or with length 1 for them. The value is -inf for no elements and for only -inf,
        +inf if an element is +inf, and NaN if an element is NaN.

    Raises
    ------
    TypeError, ValueError
        As for `softmax`.

    Notes
    -----
    The default axis of ``scipy.special.logsumexp`` is None. Results are within 0.51 ulp in float32 and 0.6 ulp in
    float64. Where the maximum and the logarithm cancel, the error is within 2^-34 (float64: 2^-55) of the larger one.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.logsumexp([[1000.0, 1000.0], [0.0, -50.0]])
    array([1.00069315e+03, 1.92874985e-22])
    """
    result = None if keepdims else _engine.short_rows("logsumexp", x, axis, out)
    if result is not None:
        return result
    if is_lazy(x):
        return along_axis(logsumexp, (x,), axis, out, keepdims=keepdims)
    (array,) = arrays_of_one_dtype(x=x)
    axes = _axes_of(array, axis)
    shape = tuple(1 if i in axes else n for i, n in enumerate(array.shape) if keepdims or i not in axes)
    output = Output(out, shape, array.dtype)
    result = output.array if keepdims else np.expand_dims(output.array, axes)
    rows = _one_axis(output.unaliased(array), axes, array)
    # a view with one axis of length 1 in place of `axes`; reshape(copy=False) would be clearer, but needs NumPy 2.1
    sums = _rows_last(result, axes, array)[(..., *(0,) * len(axes), None)]
    _engine.run_over_rows("logsumexp", rows, None, sums)
    return output.result()


def logsumexp_backward(
    grad: ArrayLike,
    x: ArrayLike,
    axis: int | tuple[int, ...] | None = -1,
    keepdims: bool = False,
    out: Out = None,
) -> Any:
    """Gradient with respect to the input of `logsumexp`: grad·softmax(x).

    Parameters
    ----------
    grad : array_like
        Gradient with respect to the output, with its shape.
    x : array_like
        The input.
    axis, keepdims
        The arguments of the forward pass.
    out : ndarray, optional
        The array for the result; may be x.

    Returns
    -------
    ndarray
        An array with the shape of x.

    Raises
    ------
    ValueError
        If grad has another shape than the output, or axis is out of bounds.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.logsumexp_backward([2.0], [[0.0, 0.0]])
    array([[1., 1.]])
    """
    if is_lazy(grad) or is_lazy(x):
        raise TypeError("logsumexp_backward does not accept dask arrays: use grad·softmax(x)")
    g, array = arrays_of_one_dtype(grad=grad, x=x)
    axes = _axes_of(array, axis)
    shape = tuple(1 if i in axes else n for i, n in enumerate(array.shape) if keepdims or i not in axes)
    if g.shape != shape:
        raise ValueError(f"grad has shape {g.shape}, expected {shape}, that of logsumexp(x)")
    output = Output(out, array.shape, array.dtype)
    rows = _one_axis(output.unaliased(array), axes, output.array)
    gradients = _rows_last(g if keepdims else np.expand_dims(g, axes), axes, output.array)
    gradients = output.unaliased(gradients.reshape(*rows.shape[:-1], 1))
    if len(axes) == 1:
        _engine.run_over_rows("logsumexp_backward", rows, gradients, _rows_last(output.array, axes, output.array))
    else:
        results = np.empty(rows.shape, array.dtype)
        _engine.run_over_rows("logsumexp_backward", rows, gradients, results)
        moved = _rows_last(output.array, axes, output.array)
        moved[...] = results.reshape(moved.shape)
    return output.result()
