"""The layers of a network that is read from a graph, one after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spatium.activations import Activation
from spatium.nn import ActivationLayer, BatchNorm, Conv2D, Dense, Layer, MaxPool2D, Softmax, Standardize
from spatium.nn.layer import channel_axis, placeholders
from spatium.onnx.tensors import Budget

__all__ = ["Chain"]

Array = NDArray[Any]
Shape = tuple[int, ...]


class Chain:
    """Layers, and the shape that their output has in the graph.

    The graph may have reshaped or transposed the output since the last layer. A dense layer takes rows in any case, and
    an elementwise layer any shape; before other layers, ``_settle`` adds layers that only reshape.

    Attributes
    ----------
    version : int
        A number that every change increases, so that a node can tell whether its input is the end of the chain.
    """

    def __init__(self, shape: Shape | None, dtype: np.dtype[Any], budget: Budget) -> None:
        self.layers: list[Layer] = []
        self.shape = shape  # of a sample, in the graph
        self.version = 0
        self._real = shape  # of a sample that the last layer returns
        self._order: Array | None = None  # where the rows that a dense layer takes are, after a transpose
        self._dtype, self._budget = dtype, budget

    # ---- shapes ----

    def reshape(self, shape: Shape) -> None:
        """Give the samples another shape with the same number of values."""
        self.shape = shape
        self.version += 1

    def transpose(self, order: Sequence[int]) -> None:
        """Reorder the axes of the samples. If this moves values, only a dense layer may follow."""
        if self.shape is None or sorted(order) != list(range(len(self.shape))):
            raise ValueError(f"it reorders the axes of samples of shape {self.shape} as {tuple(order)}")
        long = [axis for axis in order if self.shape[axis] > 1]
        if long != sorted(long):
            count = math.prod(self.shape)
            self._budget.spend(8 * count)
            rows = np.arange(count) if self._order is None else self._order
            moved = rows.reshape(self.shape).transpose(order).reshape(-1)
            self._order = None if (moved == np.arange(count)).all() else moved  # back again after a second transpose
        self.reshape(tuple(self.shape[axis] for axis in order))

    def _settle(self, for_images: bool = False) -> None:
        """Let the output of the last layer have the shape that it has in the graph. Layers of images take flat rows."""
        if self._order is not None:
            raise ValueError("it takes transposed samples, which only a dense layer does")
        if self.shape is None or self.shape == self._real:
            return
        shape = self.shape
        if self._real is not None and min(len(self._real), len(shape)) > 1:
            self._append(_reshaping((math.prod(shape),)), shape)
        if not for_images:
            self._append(_reshaping(shape), shape)

    # ---- layers ----

    def _append(self, layer: Layer, shape: Shape | None) -> None:
        if not self.layers and self._real is not None:
            if layer.input_shape is None:
                layer.expect_shape(self._real)
            elif len(self._real) > 1 and layer.input_shape != self._real:
                # the first layer determines which samples a network takes
                self.layers.append(_reshaping(self._real))
                self.layers[0].dtype = self._dtype
        layer.dtype = self._dtype
        layer.parameters = {name: array.astype(self._dtype, copy=False) for name, array in layer.parameters.items()}
        self.layers.append(layer)
        self.shape = self._real = shape
        self.version += 1

    def _filled(self, layer: Layer, **arrays: Array) -> Layer:
        """Return a layer that was made with placeholders, with its parameters."""
        for name, array in arrays.items():
            with np.errstate(over="ignore", under="ignore"):
                filled = np.array(array, self._dtype, order="C")
            if not np.isfinite(filled).all():
                raise ValueError(f"its {name} are not finite")
            layer.parameters[name] = filled
        return layer

    def dense(self, weights: Array, bias: Array | None) -> None:
        """Append a dense layer with weights of shape (inputs, units)."""
        n_inputs, n_units = weights.shape
        if not n_inputs or not n_units:
            raise ValueError(f"its weights have shape {weights.shape}")
        if self.shape is not None and self.shape != (n_inputs,):
            raise ValueError(f"it takes {n_inputs} columns, its input has the shape {('samples', *self.shape)}")
        self._budget.spend(n_inputs * n_units * self._dtype.itemsize)
        if self._order is not None:
            placed = np.empty_like(weights)
            placed[self._order] = weights
            weights, self._order = placed, None
        with placeholders():
            layer = Dense(n_inputs, n_units)
        self._append(self._filled(layer, weights=weights, bias=np.zeros(n_units) if bias is None else bias), (n_units,))

    def convolution(self, weights: Array, bias: Array | None, stride: int, pads: Sequence[int], dilation: int) -> None:
        """Append a convolution; `pads` are the rows and columns of zeros above, left, below and right."""
        if self.shape is None or len(self.shape) != 3 or weights.ndim != 4 or self.shape[0] != weights.shape[1]:
            raise ValueError(
                f"its weights have shape {weights.shape}, its input has samples of shape {self.shape}, "
                "expected images of known size"
            )
        self._settle(for_images=True)
        if not weights.size or not min(pads) >= 0 or dilation < 1:
            raise ValueError(f"weights have shape {weights.shape}, pads are {tuple(pads)}, dilations {dilation}")
        top, left, below, right = pads
        padding = max(pads)
        # A square filter with the same padding on all sides gives the same windows, if zeros surround the given one.
        rows, columns = ((n - 1) * dilation + 1 + 2 * padding for n in weights.shape[2:])
        rows, columns = rows - top - below, columns - left - right
        if rows != columns:
            raise ValueError(
                f"kernel_shape is {weights.shape[2:]} and pads are {tuple(pads)}, expected a square filter"
            )
        self._budget.spend(weights.shape[0] * weights.shape[1] * rows * rows * self._dtype.itemsize)
        if weights.shape[2:] != (rows, rows):
            square = np.zeros((*weights.shape[:2], rows, rows), weights.dtype)
            square[:, :, padding - top :: dilation, padding - left :: dilation][
                :, :, : weights.shape[2], : weights.shape[3]
            ] = weights
            weights = square
        with placeholders():
            layer = Conv2D(self.shape, weights.shape[0], rows, stride=stride, padding=padding)
        shape = layer.output_shape
        self._append(self._filled(layer, weights=weights, bias=np.zeros(len(weights)) if bias is None else bias), shape)

    def pool(self, size: int) -> None:
        """Append a maximum of squares."""
        if self.shape is None or len(self.shape) != 3:
            raise ValueError(f"its input has samples of shape {self.shape}, expected images of known size")
        self._settle(for_images=True)
        layer = MaxPool2D(self.shape, size)
        self._append(layer, layer.output_shape)

    def batch_norm(self, arrays: Sequence[Array], eps: float, momentum: float) -> None:
        """Append a batch normalization with its scale, shift, mean and variance."""
        scale, shift, mean, variance = arrays
        if self.shape is not None and (len(self.shape) == 2 or self.shape[0] != scale.size):
            raise ValueError(f"it has {scale.size} channels, its input has samples of shape {self.shape}")
        if not (scale.ndim == 1 and scale.shape == shift.shape == mean.shape == variance.shape and scale.size):
            shapes = ", ".join(str(array.shape) for array in (scale, shift, mean, variance))
            raise ValueError(f"its arrays have the shapes {shapes}, expected one number per channel")
        if not (np.isfinite(mean).all() and np.isfinite(variance).all() and (variance >= 0).all()):
            raise ValueError("its mean or variance is negative or not finite")
        self._settle()
        shape = self.shape or (scale.size,)
        layer = BatchNorm(scale.size, eps=eps, momentum=momentum)
        layer.running_mean, layer.running_var, layer.n_batches = mean, variance, 1
        layer.expect_shape(shape)
        self._append(self._filled(layer, scale=scale, shift=shift), shape)

    def softmax(self) -> None:
        """Append a softmax along the last axis."""
        self._settle()
        self._append(Softmax(), self.shape)

    def append(self, layer: Layer) -> None:
        """Append a layer that keeps the shape of any sample and does not mix values."""
        keeps = self.shape, self._real
        self._append(layer, self.shape)
        self.shape, self._real = keeps

    def activate(self, act: Activation) -> None:
        """Apply an activation, as that of the last layer if it has none."""
        last = self.layers[-1] if self.layers else None
        if isinstance(last, Dense | Conv2D | BatchNorm) and last.activation is None:
            last.activation = act
            self.version += 1
        else:
            self.append(ActivationLayer(act))

    def leaky(self, slopes: Array) -> None:
        """Append a leaky relu with one slope per channel."""
        self._settle()
        layer = ActivationLayer("leaky_relu", ("negative_slope",), per="channel")
        if self.shape is None:
            layer.expect_shape((slopes.size,))
        else:
            layer.expect_shape(self.shape)
        if layer.parameters["negative_slope"].shape != slopes.shape:
            raise ValueError(f"it has {slopes.size} slopes, its input has samples of shape {self.shape}")
        self._append(self._filled(layer, negative_slope=slopes), self.shape)

    def channels(self, array: Array) -> Array:
        """Return an array that is combined with the samples as one number, or as one number per channel."""
        if array.size == 1 and array.ndim <= 1 + len(self.shape or (1,)):
            return array.reshape(())
        rank = 1 if self.shape is None else len(self.shape)
        if array.ndim <= rank + 1:
            lengths = (1,) * (rank + 1 - array.ndim) + array.shape
            axis = 0 if self.shape is None else channel_axis(self.shape)
            others = lengths[: axis + 1] + lengths[axis + 2 :]
            if set(others) <= {1} and (self.shape is None or lengths[axis + 1] == self.shape[axis]):
                return array.reshape(-1)
        raise ValueError(
            f"it combines samples of shape {self.shape} with an array of shape {array.shape}, expected one number, or "
            "one number per channel"
        )

    def line(self, factor: Array | float, shift: Array | float) -> None:
        """Multiply and shift each channel, in the last layer if it has no activation, or in a layer of its own."""
        factor, shift = np.asarray(factor, np.float64), np.asarray(shift, np.float64)
        last = self.layers[-1] if self.layers else None
        if self.shape == self._real and isinstance(last, Dense | Conv2D | BatchNorm) and last.activation is None:
            names = ("scale", "shift") if isinstance(last, BatchNorm) else ("weights", "bias")
            per_unit = factor.reshape(-1, 1, 1, 1) if isinstance(last, Conv2D) and factor.ndim else factor
            arrays = last.parameters
            if factor.ndim or factor != 1.0:
                self._filled(last, **{names[0]: arrays[names[0]] * per_unit})
            self._filled(last, **{names[1]: arrays[names[1]] * factor + shift})
            self.version += 1
            return
        self._settle()
        if self.shape is None and max(factor.ndim, shift.ndim) == 0:
            raise ValueError("its input has an unknown number of channels")
        shape = self.shape or (max(factor.size, shift.size),)
        count = shape[channel_axis(shape)]
        self._budget.spend(32 * count)
        factor, shift = np.broadcast_to(factor, count), np.broadcast_to(shift, count)
        if not (np.isfinite(factor).all() and np.isfinite(shift).all()):
            raise ValueError("its numbers are not finite")
        if len(shape) == 1 and (factor > 0).all():
            if isinstance(last, Standardize):  # (x - mean)/spread·factor + shift
                spread = last.spread / factor
                last.mean, last.spread = last.mean - shift * spread, spread
                self.version += 1
                return
            scaler = Standardize(count)
            scaler.mean, scaler.spread = -shift / factor, 1.0 / factor
            self._append(scaler, shape)
            return
        layer = BatchNorm(count)
        layer.running_var = np.full(count, 1.0 - layer.eps)
        layer.expect_shape(shape)
        self._append(self._filled(layer, scale=factor, shift=shift), shape)

    def two_classes(self) -> bool:
        """Let a dense layer with one output, a logit, have the two whose softmax is (1 − p, p)."""
        last = self.layers[-1] if self.layers else None
        if not isinstance(last, Dense) or last.n_outputs != 1 or last.activation is not None:
            return False
        weights, bias = last.weights, last.bias
        self.layers.pop()
        self.shape = None
        self.dense(np.column_stack([np.zeros(len(weights)), weights]), np.append(0.0, bias))
        self.softmax()
        return True

    def finished(self) -> list[Layer]:
        """Return the layers, of which there is at least one."""
        self._settle()
        if not self.layers:
            self.append(ActivationLayer("identity"))
        return self.layers


def _reshaping(shape: Shape) -> Layer:
    """Return a layer that has no effect but the shape of its samples."""
    layer = ActivationLayer("identity")
    layer.expect_shape(shape)
    return layer
