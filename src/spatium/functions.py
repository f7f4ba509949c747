"""The functional face: torch.nn.functional's names and parameters with NumPy's ufunc keywords.

A function without parameters is the ufunc itself; the others check scalar parameters and call theirs.
"""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from .activations import ELU as _ELU
from .activations import OPERATIONS, Activation, check_bounds, check_scalar, gelu_name
from .activations import HardSigmoid as _HardSigmoid
from .activations import HardTanh as _HardTanh
from .activations import LeakyReLU as _LeakyReLU
from .activations import Softplus as _Softplus
from .activations import Swish as _Swish

__all__ = [
    "elu",
    "gelu",
    "hard_gelu",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "leaky_relu",
    "mish",
    "prelu",
    "relu",
    "sigmoid",
    "silu",
    "sine",
    "softplus",
    "swish",
    "tanh",
]

relu: np.ufunc = OPERATIONS["relu"].value
sigmoid: np.ufunc = OPERATIONS["sigmoid"].value
tanh: np.ufunc = OPERATIONS["tanh"].value
mish: np.ufunc = OPERATIONS["mish"].value
sine: np.ufunc = OPERATIONS["sine"].value
hard_swish: np.ufunc = OPERATIONS["hard_swish"].value
hard_gelu: np.ufunc = OPERATIONS["hard_gelu"].value


def _checked(cls: type[Activation], name: str, value: Any) -> Any:
    """A scalar parameter checked against its domain; arrays pass, they broadcast and are not scanned."""
    if type(value) is float or np.ndim(value) == 0:
        return check_scalar(name, value, cls._domains[name])
    return value


def gelu(x: ArrayLike, approximate: Literal["none", "tanh", "sigmoid"] = "none", **kwargs: Any) -> Any:
    """Gaussian error linear unit: x·Φ(x), or one of its approximations.

    Parameters
    ----------
    x : array_like
        Any shape; float16, float32 or float64 give the same dtype, integers follow NumPy's ufuncs.
    approximate : {"none", "tanh", "sigmoid"}
        "none": x·Φ(x), exact; "tanh": x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³))); "sigmoid": x·σ(1.702·x).
    **kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        Of the shape and dtype of x.

    Raises
    ------
    TypeError
        If x is complex, an object or a string array.
    ValueError
        If `approximate` is none of the three.

    Notes
    -----
    Hendrycks, Gimpel, arXiv:1606.08415. Error bounds: docs/accuracy.md.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.gelu([-1.0, 0.0, 1.0])
    array([-0.15865525,  0.        ,  0.84134475])
    """
    return OPERATIONS[gelu_name(approximate)].value(x, **kwargs)


def leaky_relu(x: ArrayLike, negative_slope: ArrayLike = 0.01, **kwargs: Any) -> Any:
    """Rectified linear unit with a slope on the negative side: x if x > 0 else negative_slope·x.

    Parameters
    ----------
    x : array_like
        Any shape; float16, float32 or float64 give the same dtype, integers follow NumPy's ufuncs.
    negative_slope : array_like
        Taken as float64, broadcast against x; does not widen the result. A NaN scalar is a ValueError.
    **kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        Of the broadcast shape and the dtype of x.

    Notes
    -----
    Maas, Hannun, Ng, ICML 2013. Half an ulp.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.leaky_relu([-2.0, 3.0], 0.25)
    array([-0.5,  3. ])
    """
    return OPERATIONS["leaky_relu"].value(x, _checked(_LeakyReLU, "negative_slope", negative_slope), **kwargs)


def prelu(x: ArrayLike, weight: ArrayLike, channel_axis: int = 1, **kwargs: Any) -> Any:
    """Leaky rectified linear unit with one slope per channel: x if x > 0 else weight·x.

    Parameters
    ----------
    x : array_like
        Any shape; float16, float32 or float64 give the same dtype, integers follow NumPy's ufuncs.
    weight : array_like
        One slope, or as many as x has channels.
    channel_axis : int
        The axis of x that holds the channels; 1 as in PyTorch.
    **kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        Of the shape and dtype of x.

    Raises
    ------
    ValueError
        If the number of slopes is neither 1 nor that of the channels, or x has no such axis.

    Notes
    -----
    He, Zhang, Ren, Sun, "Delving deep into rectifiers", ICCV 2015.

    Examples
    --------
    >>> import numpy as np, spatium as sp
    >>> sp.prelu(-np.ones((1, 2)), [0.25, 0.5])
    array([[-0.25, -0.5 ]])
    """
    slopes = np.asarray(weight)
    if slopes.size == 1:
        return leaky_relu(x, slopes.reshape(())[()], **kwargs)
    shape = np.shape(x)
    if slopes.ndim != 1:
        raise ValueError(f"weight has shape {slopes.shape}, expected one slope per channel, in one dimension")
    if not -len(shape) <= channel_axis < len(shape):
        raise ValueError(f"channel_axis is {channel_axis}, but x has {len(shape)} dimensions")
    if shape[channel_axis] != slopes.size:
        raise ValueError(f"weight has {slopes.size} slopes, but x has {shape[channel_axis]} channels")
    aligned = [1] * len(shape)
    aligned[channel_axis] = slopes.size
    return leaky_relu(x, slopes.reshape(aligned), **kwargs)


def swish(x: ArrayLike, beta: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Self-gated linear unit, SiLU for beta = 1: x·σ(beta·x).

    Parameters
    ----------
    x : array_like
        Any shape; float16, float32 or float64 give the same dtype, integers follow NumPy's ufuncs.
    beta : array_like
        Taken as float64, broadcast against x; does not widen the result. A scalar has to be finite.
    **kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        Of the broadcast shape and the dtype of x.

    Notes
    -----
    Ramachandran, Zoph, Le, arXiv:1710.05941. −0 at −inf, where others return NaN.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.swish([-1.0, 0.0, 1.0])
    array([-0.26894142,  0.        ,  0.73105858])
    """
    return OPERATIONS["swish"].value(x, _checked(_Swish, "beta", beta), **kwargs)


silu = swish


def elu(x: ArrayLike, alpha: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Exponential linear unit: x if x > 0 else alpha·expm1(x).

    Parameters
    ----------
    x : array_like
        Any shape; float16, float32 or float64 give the same dtype, integers follow NumPy's ufuncs.
    alpha : array_like
        Taken as float64, broadcast against x; does not widen the result. A scalar has to be at least 0.
    **kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        Of the broadcast shape and the dtype of x.

    Notes
    -----
    Clevert, Unterthiner, Hochreiter, ICLR 2016.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.elu([-1.0, 2.0])
    array([-0.63212056,  2.        ])
    """
    return OPERATIONS["elu"].value(x, _checked(_ELU, "alpha", alpha), **kwargs)


def softplus(x: ArrayLike, beta: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Smooth rectifier: log1p(e^(beta·x))/beta, without a threshold.

    Parameters
    ----------
    x : array_like
        Any shape; float16, float32 or float64 give the same dtype, integers follow NumPy's ufuncs.
    beta : array_like
        Taken as float64, broadcast against x; does not widen the result. A scalar has to be above 0.
    **kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        Of the broadcast shape and the dtype of x.

    Notes
    -----
    Dugas et al., NIPS 2000.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.softplus([-17.0, 0.0])
    array([4.13993763e-08, 6.93147181e-01])
    """
    return OPERATIONS["softplus"].value(x, _checked(_Softplus, "beta", beta), **kwargs)


def hard_sigmoid(x: ArrayLike, slope: ArrayLike = 1 / 6, offset: ArrayLike = 0.5, **kwargs: Any) -> Any:
    """Piecewise linear sigmoid: clip(slope·x + offset, 0, 1).

    Parameters
    ----------
    x : array_like
        Any shape; float16, float32 or float64 give the same dtype, integers follow NumPy's ufuncs.
    slope, offset : array_like
        Taken as float64, broadcast against x; do not widen the result. Scalars have to be finite.
    **kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        Of the broadcast shape and the dtype of x.

    Notes
    -----
    The defaults are PyTorch's, JAX's and Keras 3's; ONNX and Keras 2 have slope 0.2.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hard_sigmoid([-3.0, 1.5])
    array([0.  , 0.75])
    """
    return OPERATIONS["hard_sigmoid"].value(
        x, _checked(_HardSigmoid, "slope", slope), _checked(_HardSigmoid, "offset", offset), **kwargs
    )


def hard_tanh(x: ArrayLike, min_val: ArrayLike = -1.0, max_val: ArrayLike = 1.0, **kwargs: Any) -> Any:
    """Clipped identity: clip(x, min_val, max_val).

    Parameters
    ----------
    x : array_like
        Any shape; float16, float32 or float64 give the same dtype, integers follow NumPy's ufuncs.
    min_val, max_val : array_like
        Taken as float64, broadcast against x; do not widen the result. Scalars have to be in order.
    **kwargs
        Keywords of NumPy ufuncs: out (may be x itself), where, dtype, casting, order, subok.

    Returns
    -------
    ndarray or scalar
        Of the broadcast shape and the dtype of x.

    Notes
    -----
    Collobert, PhD thesis, 2004.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.hard_tanh([-3.0, 0.5])
    array([-1. ,  0.5])
    """
    low, high = _checked(_HardTanh, "min_val", min_val), _checked(_HardTanh, "max_val", max_val)
    if np.ndim(low) == 0 and np.ndim(high) == 0:
        check_bounds(low, high)
    return OPERATIONS["hard_tanh"].value(x, low, high, **kwargs)
