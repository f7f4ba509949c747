"""What the tests of rows and of gates share: exact results in long double, distances from them, layouts."""

import mpmath as mp
import numpy as np
import pytest
from conftest import same_bits as same_bits_of_floats

ml_dtypes = pytest.importorskip("ml_dtypes")
BFLOAT16 = np.dtype(ml_dtypes.bfloat16)
DTYPES = [np.dtype(name) for name in ("float16", "float32", "float64")] + [BFLOAT16]


def same_bits(actual, expected):
    """Also of bfloat16, which float32 holds."""
    if np.asarray(expected).dtype == BFLOAT16:
        assert actual.dtype == BFLOAT16
        actual, expected = actual.astype(np.float32), expected.astype(np.float32)
    same_bits_of_floats(actual, expected)


def normal(shape, dtype=np.float32, scale=3.0, seed=0):
    return (np.random.default_rng(seed).normal(size=shape) * scale).astype(dtype)


def finfo(dtype):
    """`numpy.finfo`, of bfloat16 too."""
    return np.finfo(dtype) if np.dtype(dtype).kind == "f" else ml_dtypes.finfo(dtype)


def ulps(actual, exact, dtype):
    """Distances in ulps of the exact values, which are longdouble."""
    exact = np.asarray(exact, np.longdouble)
    info = finfo(dtype)
    exponent = np.maximum(np.frexp(np.abs(exact))[1] - 1, int(np.round(np.log2(float(info.smallest_normal)))))
    ulp = np.ldexp(np.longdouble(1), exponent - info.nmant)
    return float(np.max(np.abs(actual.astype(np.longdouble) - exact) / ulp, initial=0))


def longdouble(v):
    if mp.isinf(v) or v == 0:
        return np.longdouble(float(v))
    mantissa, exponent = mp.frexp(v)
    high = float(mantissa)
    return np.ldexp(np.longdouble(high) + np.longdouble(float(mantissa - high)), int(exponent))


def layouts(x):
    """The same numbers with other strides, orders and alignments."""
    yield x
    yield np.asfortranarray(x)
    yield np.ascontiguousarray(x[::-1, ::-1])[::-1, ::-1]
    wide = np.zeros((x.shape[0], 2 * x.shape[1]), x.dtype)
    wide[:, ::2] = x
    yield wide[:, ::2]
    raw = np.zeros(x.nbytes + 1, np.uint8)
    shifted = raw[1:].view(x.dtype).reshape(x.shape)
    shifted[...] = x
    yield shifted
    yield x.astype(x.dtype.newbyteorder()) if x.dtype.kind == "f" and x.dtype != BFLOAT16 else x


def numerical(function, x, grad, step=1e-6):
    """Gradient of sum(grad·function(x)) by central differences in float64."""
    result = np.empty_like(x)
    for i in np.ndindex(x.shape):
        high, low = x.copy(), x.copy()
        high[i] += step
        low[i] -= step
        result[i] = np.sum(grad * (function(high) - function(low))) / (2 * step)
    return result


def compare_with_torch(x, y, gradient, theirs, grad):
    """Assert that value and gradient are those of PyTorch's function, all in float64."""
    import torch

    leaf = torch.tensor(x, requires_grad=True)
    value = theirs(leaf)
    (expected,) = torch.autograd.grad(value, leaf, torch.tensor(grad))
    np.testing.assert_allclose(y, value.detach(), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(gradient, expected, rtol=1e-10, atol=1e-14)
