"""Layers that rescale or drop their inputs: standardization, batch normalization and dropout."""

from __future__ import annotations

from typing import Any, Self, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._checks import check_scalar, whole_number
from spatium.activations import Activation, Identity
from spatium.nn._inference import Inference
from spatium.nn._layout import room_like
from spatium.nn._products import Array
from spatium.nn.convolution import Conv2D
from spatium.nn.dense import Dense
from spatium.nn.layer import (
    Layer,
    Random,
    ReadArray,
    Shape,
    as_dtype,
    as_optional_activation,
    channel_axis,
    new_array,
)

__all__ = ["BatchNorm", "Dropout", "Standardize"]

Linear = TypeVar("Linear", Dense, Conv2D)


class Standardize(Layer):
    r"""A layer that gives every column mean 0 and standard deviation 1: ``y = (x - mean) / spread``.

    `Network.fit` sets the means and the standard deviations, ``sqrt(mean((x - mean)**2))``, from its samples; they are
    not trained. So a network takes rows in their own units. A constant column has the spread 1.

    Parameters
    ----------
    n_inputs : int
        The number of columns.

    Attributes
    ----------
    mean, spread : ndarray of float64, shape (n_inputs,)
        Buffers, which are 0 and 1 before ``fit``.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Standardize
    >>> layer = Standardize(2)
    >>> layer.fit_inputs(np.array([[1000.0, 3.0], [3000.0, 3.0]]))
    >>> layer.mean, layer.spread
    (array([2000.,    3.]), array([1000.,    1.]))
    >>> layer.forward([[3000.0, 4.0]])
    array([[1., 1.]], dtype=float32)
    """

    n_inputs: int
    n_outputs: int

    def __init__(self, n_inputs: int) -> None:
        n_inputs = whole_number("n_inputs", n_inputs)
        super().__init__((n_inputs,), (n_inputs,))
        self.buffers = {
            "mean": new_array((n_inputs,), 0.0, np.float64),
            "spread": new_array((n_inputs,), 1.0, np.float64),
        }

    def __repr__(self) -> str:
        return f"Standardize({self.n_inputs})"

    def fit_inputs(self, x: Array) -> None:
        """Set the means and the spreads to those of the columns of x."""
        low, high = x.min(axis=0), x.max(axis=0)
        # A power of two near the largest number, so that no square overflows or becomes 0. The quotients are exact.
        size = np.ldexp(1.0, np.frexp(np.maximum(np.abs(low), np.abs(high)).astype(np.float64))[1] - 1)
        scaled = x / size
        mean = scaled.mean(axis=0)
        spread = np.sqrt(np.square(scaled - mean).mean(axis=0)) * size
        self.mean = np.where(low == high, low, mean * size)
        self.spread = np.where((low == high) | (spread == 0), 1.0, spread)

    def _forward(self, x: Array, count: bool) -> Array:
        return self._infer(x, np.empty_like(x), Inference())

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        # In float64, because the mean of a column may be much larger than its spread.
        with np.errstate(over="ignore", under="ignore"):
            out[...] = (x - self.buffers["mean"]) / self.buffers["spread"]
        return out

    def _backward(self, grad: Array) -> Array:
        back: Array = (grad / self.buffers["spread"]).astype(self.dtype)
        return back

    def _work(self, shape: tuple[int, ...]) -> int:
        return 4 * self.n_inputs

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"n_inputs": self.n_inputs}

    def _filled(self, read: ReadArray, dtype: np.dtype[Any]) -> Self:
        super()._filled(read, dtype)
        if not (self.buffers["spread"] > 0).all():
            raise ValueError(f"spread has {self.buffers['spread'].min()}, expected numbers above 0")
        return self


class Dropout(Layer):
    r"""A layer that sets values to 0 at random in training, and divides the others by ``1 - rate`` [1]_.

    The expected output is the input. In inference the layer returns the values of its input.

    Parameters
    ----------
    rate : float
        The probability that a value is set to 0, in [0, 1).
    rng : Generator or int, optional
        The source of the random choices; the generator is the attribute ``rng``. Files do not contain it: a loaded
        layer has a new one.

    Raises
    ------
    ValueError
        If ``rate`` is not in [0, 1).

    References
    ----------
    .. [1] N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov, "Dropout: a simple way to prevent
       neural networks from overfitting", Journal of Machine Learning Research 15, 2014.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Dropout
    >>> layer = Dropout(0.5, rng=0)
    >>> y = layer.forward(np.ones((100, 100)), training=True)
    >>> np.unique(y).tolist(), bool(abs(y.mean() - 1) < 0.05)
    ([0.0, 2.0], True)
    >>> layer.forward([[1.0, 2.0]])
    array([[1., 2.]], dtype=float32)
    """

    def __init__(self, rate: float, rng: Random = None) -> None:
        super().__init__()
        self.rate = check_scalar("rate", rate, "nonnegative")
        if self.rate >= 1.0:
            raise ValueError(f"rate is {self.rate}, expected a number of at least 0 and below 1")
        self.rng = np.random.default_rng(rng)

    def __repr__(self) -> str:
        return f"Dropout({self.rate})"

    def to_config(self) -> dict[str, Any]:
        """Return the rate. The generator is not stored."""
        return {"rate": self.rate}

    def _shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def _forward(self, x: Array, count: bool) -> Array:
        self._kept = self.rng.random(x.shape, dtype=np.float32) >= np.float32(self.rate)
        return self._backward(x)

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        y = room_like(x, out)
        y[...] = x
        return y

    def _backward(self, grad: Array) -> Array:
        y: Array = np.multiply(grad, self._kept)
        y *= grad.dtype.type(1.0 / (1.0 - self.rate))
        return y


class BatchNorm(Layer):
    r"""Batch normalization, with one activation for all channels: ``y = f(scale (x - mean) / √(var + eps) + shift)``.

    In training, mean and variance are those of each channel in the batch [1]_; the buffers ``running_mean`` and
    ``running_var`` move towards them. In inference, the buffers take their place. The channels of flat inputs and of
    sequences (steps, columns) are the columns; those of images (channels, height, width) are the first axis, and the
    mean is over samples and pixels.

    Parameters
    ----------
    n_inputs : int
        The number of channels.
    activation : Activation or str, optional
        The function f, or its name as in ``sp.activation(name)``.
    eps : float
        The number that is added to variances; above 0.
    momentum : float
        The weight of a batch in the running statistics, from 0 to 1: ``running += momentum (of the batch - running)``.
        This is PyTorch's convention; the momentum of Keras and ONNX is 1 minus it.
    unbiased : bool
        Whether the running variance is that of n values divided by n - 1, as in PyTorch, or by n, as in Keras. The
        variance that normalizes is always divided by n.

    Raises
    ------
    ValueError
        If ``n_inputs`` is not positive, or a number is outside its domain. In training, if a channel has one value
        only, because that has no variance.

    Notes
    -----
    Parameters are ``scale`` and ``shift``, shape (n_inputs,). Buffers are ``running_mean`` and ``running_var`` in
    float64, and ``n_batches``, the number of batches in them. Before its first step, `Network.fit` passes all samples
    through the layer with their own statistics, which does not change the buffers.

    References
    ----------
    .. [1] S. Ioffe, C. Szegedy, "Batch normalization", ICML 2015, arXiv:1502.03167.

    Examples
    --------
    >>> from spatium.nn import BatchNorm
    >>> layer = BatchNorm(1)
    >>> layer.forward([[1.0], [2.0], [3.0], [4.0]], training=True).ravel().round(4)
    array([-1.3416, -0.4472,  0.4472,  1.3416], dtype=float32)
    >>> layer.running_mean.round(4), layer.running_var.round(4)
    (array([0.25]), array([1.0667]))
    """

    def __init__(
        self,
        n_inputs: int,
        activation: Activation | str | None = None,
        eps: float = 1e-5,
        momentum: float = 0.1,
        unbiased: bool = True,
    ) -> None:
        shape = (whole_number("n_inputs", n_inputs),)
        super().__init__(shape, shape)
        self.activation = as_optional_activation("activation", activation)
        self.eps = check_scalar("eps", eps, "positive")
        self.momentum = check_scalar("momentum", momentum, "nonnegative")
        if self.momentum > 1.0:
            raise ValueError(f"momentum is {self.momentum}, expected a number from 0 to 1")
        if not isinstance(unbiased, bool | np.bool):
            raise TypeError(f"unbiased is {unbiased!r}, expected True or False")
        self.unbiased = bool(unbiased)
        self.parameters = {"scale": new_array(shape, 1.0), "shift": new_array(shape)}
        self.buffers = {
            "running_mean": new_array(shape, 0.0, np.float64),
            "running_var": new_array(shape, 1.0, np.float64),
            "n_batches": new_array((), 0, np.int64),
        }

    def __repr__(self) -> str:
        return f"BatchNorm({self._n_channels}, activation={self.activation!r})"

    @property
    def _n_channels(self) -> int:
        return self.parameters["scale"].size

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        numbers = {"eps": self.eps, "momentum": self.momentum, "unbiased": self.unbiased}
        return {"n_inputs": self._n_channels, "activation": self.activation, **numbers}

    def _filled(self, read: ReadArray, dtype: np.dtype[Any]) -> Self:
        super()._filled(read, dtype)
        if not (self.buffers["running_var"] >= 0).all():
            raise ValueError(f"running_var has {self.buffers['running_var'].min()}, expected numbers of at least 0")
        return self

    def expect_shape(self, shape: Shape) -> None:
        """Accept samples with this number of channels, or of values, in the previous layer of a network."""
        if shape[channel_axis(shape)] == self._n_channels:
            self.input_shape = self.output_shape = shape
        else:
            self.input_shape = self.output_shape = (self._n_channels,)
            super().expect_shape(shape)

    def _batch(self, x: ArrayLike) -> tuple[tuple[int, ...], Array]:
        """Accept samples of any rank with this number of channels, even outside of a network."""
        batch = as_dtype("x", x, self.dtype)
        if batch.ndim > 2 and batch.shape[1 + channel_axis(batch.shape[1:])] == self._n_channels:
            return batch.shape, batch
        return super()._batch(batch)

    def _shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        return shape

    def _work(self, shape: tuple[int, ...]) -> int:
        return 2 * int(np.prod(shape))

    def _per_channel(self, values: NDArray[Any], x: Array) -> Array:
        """Return one number per channel in the dtype of the layer, in the rank of x."""
        shape = [1] * x.ndim
        shape[1 + channel_axis(x.shape[1:])] = values.size
        return values.astype(self.dtype).reshape(shape)

    @staticmethod
    def _summed_axes(x: Array) -> tuple[int, ...]:
        return tuple(axis for axis in range(x.ndim) if axis != 1 + channel_axis(x.shape[1:]))

    def _normalized(self, x: Array) -> tuple[Array, NDArray[np.float64], NDArray[np.float64]]:
        """Return x with mean 0 and variance 1 in each channel, and the means and variances, with divisor n."""
        count = x.size // self._n_channels
        if count < 2:
            raise ValueError(f"x has {count} values per channel, BatchNorm needs at least 2 in training")
        axes = self._summed_axes(x)
        mean = x.mean(axis=axes, dtype=np.float64)
        rounded = mean.astype(self.dtype)
        centered = x - self._per_channel(rounded, x)
        var = np.square(centered, dtype=np.float64).mean(axis=axes)
        var = np.maximum(var - np.square(mean - rounded), 0.0)
        centered *= self._per_channel(1.0 / np.sqrt(var + self.eps), x)
        return centered, mean, var

    def _forward(self, x: Array, count: bool) -> Array:
        normalized, mean, var = self._normalized(x)
        n = x.size // mean.size
        self.buffers["running_mean"] += self.momentum * (mean - self.running_mean)
        self.buffers["running_var"] += self.momentum * (
            (var * (n / (n - 1)) if self.unbiased else var) - self.running_var
        )
        self.buffers["n_batches"] += 1
        z = self._scaled(normalized)
        inverse = 1.0 / np.sqrt(var + self.eps)
        if self.activation is None:
            self._kept = (normalized, inverse, None)
            return z
        keeps_input = self.activation.check_save(None) == "input"
        y: Array
        y, saved = self.activation.forward(z, out=None if keeps_input else z)
        self._kept = (normalized, inverse, saved)
        return y

    def _scaled(self, normalized: Array) -> Array:
        z = normalized * self._per_channel(self.parameters["scale"], normalized)
        z += self._per_channel(self.parameters["shift"], normalized)
        return z

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        factor = self.scale / np.sqrt(self.running_var + self.eps)
        y = room_like(x, out)
        np.multiply(x, self._per_channel(factor, x), out=y)
        y += self._per_channel(self.shift - self.running_mean * factor, x)
        if self.activation is not None:
            self.activation(y, out=y)
        return y

    def _infer_in_fit(self, x: Array) -> Array:
        y = self._scaled(self._normalized(x)[0])
        if self.activation is not None:
            self.activation(y, out=y)
        return y

    def _backward(self, grad: Array) -> Array:
        normalized, inverse, saved = self._kept
        grad_z = grad if self.activation is None else self.activation.backward(grad, saved)
        axes = self._summed_axes(grad_z)
        sums = grad_z.sum(axis=axes, dtype=np.float64)
        product = grad_z * normalized
        products = product.sum(axis=axes, dtype=np.float64)
        self.gradients = {"scale": products.astype(self.dtype), "shift": sums.astype(self.dtype)}
        n = grad_z.size // sums.size
        np.multiply(normalized, self._per_channel(products / n, grad_z), out=product)
        grad_x: Array = grad_z - product
        grad_x -= self._per_channel(sums / n, grad_z)
        grad_x *= self._per_channel(self.scale * inverse, grad_z)
        return grad_x

    def fold_into(self, layer: Linear) -> Linear:
        """Return a new layer that computes what `layer`, followed by this one, computes in inference.

        Parameters
        ----------
        layer : Dense or Conv2D
            A layer without an activation, with one unit or filter per channel.

        Returns
        -------
        Dense or Conv2D
            A layer with the weights ``weights · scale / √(running_var + eps)``, and this layer's activation.

        Raises
        ------
        TypeError
            If ``layer`` is another kind of layer.
        ValueError
            If it has an activation or another number of units.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import BatchNorm, Dense
        >>> dense, norm = Dense(3, 2, rng=0), BatchNorm(2, "relu")
        >>> x = np.random.default_rng(0).normal(size=(50, 3))
        >>> y = norm.forward(dense.forward(x, training=True), training=True)
        >>> folded = norm.fold_into(dense)
        >>> folded.activation, bool(np.allclose(folded.forward(x), norm.forward(dense.forward(x)), atol=1e-6))
        (ReLU(), True)
        """
        if not isinstance(layer, Dense | Conv2D):
            raise TypeError(f"layer is {layer!r}, expected a Dense or a Conv2D")
        if not (layer.activation is None or isinstance(layer.activation, Identity)):
            raise ValueError(f"layer has the activation {layer.activation!r}, expected none before a BatchNorm")
        if layer.bias.size != self._n_channels:
            raise ValueError(f"layer has {layer.bias.size} units, expected {self._n_channels}")
        folded = layer.astype(layer.dtype)
        factor = self.scale / np.sqrt(self.running_var + self.eps)
        per_unit = factor.reshape(-1, 1, 1, 1) if isinstance(layer, Conv2D) else factor
        folded.weights = layer.weights * per_unit
        folded.bias = (layer.bias - self.running_mean) * factor + self.shift
        folded.activation = self.activation
        if isinstance(folded, Dense):
            folded.save = None
        return folded
