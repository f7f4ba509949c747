"""The activation functions, with the names and parameters of torch.nn.functional and NumPy's ufunc keywords.

A function without parameters is the ufunc itself. The other functions check scalar parameters and call their ufunc.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from string import Template
from typing import Any, Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike

from spatium._arrays import plain_array
from spatium._checks import check_scalar, whole_number
from spatium._dask import is_dask_array, is_lazy
from spatium._engine import CachedParameters
from spatium.activations import (
    CELU,
    ELU,
    GELU,
    Activation,
    HardShrink,
    HardSigmoid,
    HardTanh,
    LeakyReLU,
    ScaledSwish,
    ScaledTanh,
    Snake,
    Softplus,
    SoftShrink,
    Squareplus,
    Swish,
    Threshold,
)
from spatium.activations.base import as_inputs
from spatium.activations.catalogue import check_bounds, gelu_name, snake_parameters
from spatium.activations.operations import OPERATIONS, bound_ufunc

__all__ = ["silu"]  # and the functions defined below

_Function = TypeVar("_Function", bound=Callable[..., Any])

_SHARED = {
    "X": """x : array_like
        Any shape. float16, bfloat16, float32 and float64 give a result of the same dtype; integers are converted as
        in NumPy's ufuncs.""",
    "FLOAT64": "Converted to float64 and broadcast against x; does not affect the dtype of the result.",
    "REST": """**kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        The result, with the broadcast shape and the dtype of x.

    Raises
    ------
    TypeError
        If x is an array of complex numbers, objects or strings.
    ValueError
        If a scalar parameter is outside its domain; the message names the parameter.""",
}


def _public(function: _Function) -> _Function:
    """Insert the common parts of the docstrings, and add the function to `__all__`."""
    function.__doc__ = Template(function.__doc__ or "").substitute(_SHARED)
    __all__.append(function.__name__)
    return function


def _checked_function(
    cls: type[Activation], check: Callable[[tuple[Any, ...]], Sequence[Any]] | None = None, name: str = ""
) -> Callable[[ArrayLike, tuple[Any, ...], dict[str, Any]], Any]:
    """Return a function of x, parameters and keywords that calls the ufunc of `cls`, of that `name` if it has several.

    Scalar parameters are checked against their domains, and by `check` if it is given. Arrays are broadcast, and their
    values are not checked. Numbers that have passed the check are cached.
    """
    name = name or cls._names[0]
    ufunc = OPERATIONS[name].value

    def checked(parameters: tuple[Any, ...]) -> Sequence[Any]:
        if check is not None:
            parameters = tuple(check(parameters))
        return [
            check_scalar(parameter, value, domain) if type(value) is float or np.ndim(value) == 0 else value
            for (parameter, domain), value in zip(cls._domains.items(), parameters, strict=True)
        ]

    def general(x: ArrayLike, parameters: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        inputs = checked(parameters)
        if kwargs.get("dtype") is not None and "signature" not in kwargs and "sig" not in kwargs:
            # with `dtype` alone, NumPy would convert the parameters to that dtype too
            dtype = np.dtype(kwargs.pop("dtype"))
            if is_lazy(x):  # dask does not support `signature`
                return ufunc(x.astype(dtype), *inputs, **kwargs)
            kwargs["signature"] = (dtype, *[np.dtype(np.float64)] * len(inputs), dtype)
        return ufunc(x, *inputs, **kwargs)

    return CachedParameters(lambda parameters: bound_ufunc(name, "value", as_inputs(checked(parameters))), general)


def _in_order(parameters: tuple[Any, ...]) -> Sequence[Any]:
    low, high = parameters
    if np.ndim(low) == 0 and np.ndim(high) == 0:
        check_bounds(check_scalar("min_val", low, "number"), check_scalar("max_val", high, "number"))
    return parameters


def _snake_pair(parameters: tuple[Any, ...]) -> Sequence[Any]:
    alpha, beta = parameters
    return snake_parameters(alpha, beta) if np.ndim(alpha) == 0 and np.ndim(beta) == 0 else parameters


_gelu = {name: _checked_function(GELU, name=name) for name in GELU._names}
_leaky_relu = _checked_function(LeakyReLU)
_prelu = _checked_function(LeakyReLU, lambda parameters: (check_scalar("weight", parameters[0], "finite"),))
_swish = _checked_function(Swish)
_elu = _checked_function(ELU)
_softplus = _checked_function(Softplus)
_hard_sigmoid = _checked_function(HardSigmoid)
_hard_tanh = _checked_function(HardTanh, _in_order)
_scaled_swish = _checked_function(ScaledSwish)
_scaled_tanh = _checked_function(ScaledTanh)
_threshold = _checked_function(Threshold)
_celu = _checked_function(CELU)
_hard_shrink = _checked_function(HardShrink)
_soft_shrink = _checked_function(SoftShrink)
_squareplus = _checked_function(Squareplus)
_snake = _checked_function(Snake, _snake_pair)


@_public
def gelu(x: ArrayLike, /, approximate: Literal["none", "tanh", "sigmoid"] = "none", **kwargs: Any) -> Any:
    """Gaussian error linear unit: x·Φ(x), or one of its approximations.

    Parameters
    ----------
    $X
    approximate : {"none", "tanh", "sigmoid"}
        "none": x·Φ(x), exact; "tanh": x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))); "sigmoid": x·σ(1.702·x).
    $REST

    Notes
    -----
    Hendrycks, Gimpel, arXiv:1606.08415. Error bounds: docs/accuracy.md.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.gelu([-1.0, 0.0, 1.0])
    array([-0.15865525,  0.        ,  0.84134475])
    """
    return _gelu[gelu_name(approximate)](x, (), kwargs)


@_public
def leaky_relu(x: ArrayLike, /, negative_slope: ArrayLike = 0.01, **kwargs: Any) -> Any:
    """Rectified linear unit with a slope on the negative side: x if x > 0 else negative_slope·x.

    Parameters
    ----------
    $X
    negative_slope : array_like
        $FLOAT64 A scalar must be finite.
    $REST

    Notes
    -----
    Maas, Hannun, Ng, ICML 2013. The error is at most half an ulp.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.leaky_relu([-2.0, 3.0], 0.25)
    array([-0.5,  3. ])
    """
    return _leaky_relu(x, (negative_slope,), kwargs)


@_public
def prelu(x: ArrayLike, /, weight: ArrayLike, channel_axis: int = 1, **kwargs: Any) -> Any:
    """Leaky rectified linear unit with one slope per channel: x if x > 0 else weight·x.

    Parameters
    ----------
    $X
    weight : array_like
        One slope, or one slope per channel of x.
    channel_axis : int
        The axis of the channels in x; the default 1 is that of PyTorch.
    $REST

    Notes
    -----
    He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> sp.prelu(-np.ones((1, 2)), [0.25, 0.5])
    array([[-0.25, -0.5 ]])
    """
    if type(weight) in (float, int):
        return _prelu(x, (weight,), kwargs)
    slopes = weight if is_dask_array(weight) else plain_array("weight", weight)
    if slopes.size == 1:
        return leaky_relu(x, check_scalar("weight", slopes.reshape(())[()], "finite"), **kwargs)
    shape = np.shape(x)
    if slopes.ndim != 1:
        raise ValueError(f"weight has shape {slopes.shape}, expected one dimension, with one slope per channel")
    channel_axis = whole_number("channel_axis", channel_axis, None)
    if not -len(shape) <= channel_axis < len(shape):
        raise ValueError(f"channel_axis is {channel_axis}, expected an axis of x, which has {len(shape)} dimensions")
    if shape[channel_axis] != slopes.size:
        raise ValueError(f"weight has {slopes.size} slopes, expected {shape[channel_axis]}, one per channel of x")
    aligned = [1] * len(shape)
    aligned[channel_axis] = slopes.size
    return leaky_relu(x, slopes.reshape(aligned), **kwargs)


@_public
def swish(x: ArrayLike, /, beta: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Self-gated linear unit, SiLU for beta = 1: x·σ(beta·x).

    Parameters
    ----------
    $X
    beta : array_like
        $FLOAT64 A scalar must be finite.
    $REST

    Notes
    -----
    Ramachandran, Zoph, Le, arXiv:1710.05941. The value at −inf is −0; PyTorch returns NaN.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.swish([-1.0, 0.0, 1.0])
    array([-0.26894142,  0.        ,  0.73105858])
    """
    return _swish(x, (beta,), kwargs)


silu = swish


@_public
def elu(x: ArrayLike, /, alpha: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Exponential linear unit: x if x > 0 else alpha·expm1(x).

    Parameters
    ----------
    $X
    alpha : array_like
        $FLOAT64 A scalar must be at least 0.
    $REST

    Notes
    -----
    Clevert, Unterthiner, Hochreiter, ICLR 2016.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.elu([-1.0, 2.0])
    array([-0.63212056,  2.        ])
    """
    return _elu(x, (alpha,), kwargs)


@_public
def softplus(x: ArrayLike, /, beta: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Smooth rectifier: log1p(e^(beta·x))/beta, without a threshold.

    Parameters
    ----------
    $X
    beta : array_like
        $FLOAT64 A scalar must be above 0.
    $REST

    Notes
    -----
    Dugas et al., NIPS 2000.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.softplus([-17.0, 0.0])
    array([4.13993763e-08, 6.93147181e-01])
    """
    return _softplus(x, (beta,), kwargs)


@_public
def hard_sigmoid(x: ArrayLike, /, slope: ArrayLike = 1 / 6, offset: ArrayLike = 0.5, **kwargs: Any) -> Any:
    """Piecewise linear sigmoid: clip(slope·x + offset, 0, 1).

    Parameters
    ----------
    $X
    slope, offset : array_like
        $FLOAT64 Scalars must be finite.
    $REST

    Notes
    -----
    The defaults are those of PyTorch, JAX and Keras 3. ONNX and Keras 2 use slope 0.2. The double 1/6 means a sixth in
    every type, so the default is (x + 3)/6, rounded once.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hard_sigmoid([-3.0, 1.5])
    array([0.  , 0.75])
    """
    return _hard_sigmoid(x, (slope, offset), kwargs)


@_public
def hard_tanh(x: ArrayLike, /, min_val: ArrayLike = -1.0, max_val: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Clipped identity: clip(x, min_val, max_val).

    Parameters
    ----------
    $X
    min_val, max_val : array_like
        $FLOAT64 For scalars, min_val must not be greater than max_val.
    $REST

    Notes
    -----
    Collobert, PhD thesis, 2004.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hard_tanh([-3.0, 0.5])
    array([-1. ,  0.5])
    """
    return _hard_tanh(x, (min_val, max_val), kwargs)


@_public
def scaled_swish(x: ArrayLike, /, alpha: ArrayLike = 1.0, beta: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Swish with a trainable scale: alpha·x·σ(beta·x).

    Parameters
    ----------
    $X
    alpha, beta : array_like
        $FLOAT64 Scalars must be finite.
    $REST

    Notes
    -----
    Ramachandran, Zoph, Le, arXiv:1710.05941.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.scaled_swish([-1.0, 1.0], alpha=2.0)
    array([-0.53788284,  1.46211716])
    """
    return _scaled_swish(x, (alpha, beta), kwargs)


@_public
def snake(x: ArrayLike, /, alpha: ArrayLike = 1.0, beta: ArrayLike | None = None, **kwargs: Any) -> Any:
    """Periodic activation with a trend: x + sin(alpha·x)²/beta.

    Parameters
    ----------
    $X
    alpha, beta : array_like
        $FLOAT64 The default of
        `beta` is `alpha`. Where both are 0 the result is x.
    $REST

    Notes
    -----
    Liu, Hartwig, Ueda, NeurIPS 2020.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.snake([-1.0, 1.0])
    array([-0.29192658,  1.70807342])
    """
    return _snake(x, (alpha, alpha if beta is None else beta), kwargs)


@_public
def scaled_tanh(x: ArrayLike, /, scale: ArrayLike = 1.7159, slope: ArrayLike = 2 / 3, **kwargs: Any) -> Any:
    """Hyperbolic tangent with a scale and a slope: scale·tanh(slope·x).

    Parameters
    ----------
    $X
    scale, slope : array_like
        $FLOAT64 A scalar `scale` must be above 0.
    $REST

    Notes
    -----
    LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.scaled_tanh([-1.0, 1.0])
    array([-0.99999726,  0.99999726])
    """
    return _scaled_tanh(x, (scale, slope), kwargs)


@_public
def threshold(x: ArrayLike, /, threshold: ArrayLike = 0.0, value: ArrayLike = 0.0, **kwargs: Any) -> Any:
    """Identity above a threshold, a constant elsewhere: x if x > threshold else value.

    Parameters
    ----------
    $X
    threshold, value : array_like
        $FLOAT64 Scalars must not be NaN.
    $REST

    Notes
    -----
    The derivative at the threshold is 0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.threshold([-2.0, 0.5, 3.0], 0.5, 0.0)
    array([0., 0., 3.])
    """
    return _threshold(x, (threshold, value), kwargs)


@_public
def celu(x: ArrayLike, /, alpha: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Continuously differentiable exponential linear unit: max(0, x) + min(0, alpha·expm1(x/alpha)).

    Parameters
    ----------
    $X
    alpha : array_like
        $FLOAT64 A scalar must be above 0.
    $REST

    Notes
    -----
    Barron, arXiv:1704.07483.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.celu([-1.0, 2.0], 0.5)
    array([-0.43233236,  2.        ])
    """
    return _celu(x, (alpha,), kwargs)


@_public
def hard_shrink(x: ArrayLike, /, lambd: ArrayLike = 0.5, **kwargs: Any) -> Any:
    """Identity outside an interval around 0: x if |x| > lambd else 0.

    Parameters
    ----------
    $X
    lambd : array_like
        $FLOAT64 A scalar must be at least 0.
    $REST

    Notes
    -----
    The result is exact.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hard_shrink([-2.0, 0.5, 0.75])
    array([-2.  ,  0.  ,  0.75])
    """
    return _hard_shrink(x, (lambd,), kwargs)


@_public
def soft_shrink(x: ArrayLike, /, lambd: ArrayLike = 0.5, **kwargs: Any) -> Any:
    """Soft thresholding: x ∓ lambd outside [−lambd, lambd], 0 inside.

    Parameters
    ----------
    $X
    lambd : array_like
        $FLOAT64 A scalar must be at least 0.
    $REST

    Notes
    -----
    Donoho, Johnstone, Biometrika 81, 1994.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.soft_shrink([-2.0, 0.25, 0.75])
    array([-1.5 ,  0.  ,  0.25])
    """
    return _soft_shrink(x, (lambd,), kwargs)


@_public
def squareplus(x: ArrayLike, /, b: ArrayLike = 4.0, **kwargs: Any) -> Any:
    """Algebraic smooth rectifier: (x + √(x² + b))/2.

    Parameters
    ----------
    $X
    b : array_like
        $FLOAT64 A scalar must be at least 0.
    $REST

    Notes
    -----
    Barron, arXiv:2112.11687.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.squareplus([-1e4, 0.0, 1.5])
    array([9.9999999e-05, 1.0000000e+00, 2.0000000e+00])
    """
    return _squareplus(x, (b,), kwargs)


# A function without parameters is the ufunc itself; all forms of gelu are one function, defined above.
for _class in Activation.__subclasses__():
    if len(_class._names) == 1 and not _class._domains:
        globals()[_class._names[0]] = OPERATIONS[_class._names[0]].value
        __all__ += _class._names
__all__.sort()
del _class
