"""Layers of images: convolution and maximum pooling."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import as_strided

from spatium._checks import whole_number
from spatium.activations import Activation
from spatium.nn._inference import Inference
from spatium.nn._layout import last_samples, samples_last, samples_last_in
from spatium.nn._products import WORTH_CUTTING, Array, share_out
from spatium.nn.layer import Init, Layer, Random, as_optional_activation, as_shape, draw_weights, new_array

__all__ = ["Conv2D", "MaxPool2D"]

# The bytes of the windows that are copied for one product; with its result, they fit in the second cache of a core.
PIECE_BYTES = 1 << 18

# The gradient of a large batch is divided by samples among the threads. In memory, the samples of a share follow one
# another, so a share of few would be computed in short runs.
FEWEST_SAMPLES = 32
MOST_SHARES = 4

Piece = tuple[slice, slice, slice]  # rows and columns of the output image, and samples


class Conv2D(Layer):
    r"""A convolution of images with one activation for all filters: ``y = f(x * weights + bias)``.

    As everywhere in this field, it is the cross-correlation: with stride s, and x padded with zeros,
    ``z[f, i, j] = bias[f] + sum over c, u, v of weights[f, c, u, v] x[c, s i + u, s j + v]`` [1]_.

    Parameters
    ----------
    input_shape : tuple of int
        The shape (channels, height, width) of one image.
    n_filters : int
        The number of filters, which are the channels of the output.
    kernel_size : int
        The height and the width of the filters.
    activation : Activation or str, optional
        The function f, or its name as in ``sp.activation(name)``. With None the layer is linear.
    stride : int
        The distance of neighboring windows.
    padding : int
        The number of rows and columns of zeros on each side of the image.
    rng : Generator or int, optional
        The source of the weights, shape (n_filters, channels, kernel_size, kernel_size). The bias starts at zero.
    init : {"he", "gain", "lecun"} or float
        The standard deviation of the normal weights, as in `Dense`, for channels · kernel_size² inputs.

    Raises
    ------
    ValueError
        If a size is not positive, the padded image is smaller than the filters, the name of the activation is unknown,
        or ``init`` is invalid.
    TypeError
        If ``activation`` has another type.

    Notes
    -----
    x has the shape (samples, channels, height, width), or the images are flat rows in C order. The output has the shape
    (samples, n_filters, rows, columns) with ``rows = (height + 2 padding - kernel_size) // stride + 1``, or is flat.

    The windows are copied to a matrix in pieces that stay in the cache, and multiplied by the matrix of the weights.
    In memory, the samples are the last axis of the output.

    References
    ----------
    .. [1] Y. LeCun, L. Bottou, Y. Bengio, P. Haffner, "Gradient-based learning applied to document recognition",
       Proceedings of the IEEE 86, 1998.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Conv2D
    >>> layer = Conv2D((1, 8, 8), n_filters=16, kernel_size=3, activation="relu", rng=0)
    >>> layer.output_shape, layer.n_parameters
    ((16, 6, 6), 160)
    >>> layer.forward(np.ones((5, 1, 8, 8))).shape, layer.forward(np.ones((5, 64))).shape
    ((5, 16, 6, 6), (5, 576))
    """

    input_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]

    def __init__(
        self,
        input_shape: Sequence[int],
        n_filters: int,
        kernel_size: int,
        activation: Activation | str | None = None,
        stride: int = 1,
        padding: int = 0,
        rng: Random = None,
        init: Init = "he",
    ) -> None:
        channels, height, width = image = _image_shape(input_shape)
        n_filters = whole_number("n_filters", n_filters)
        self.kernel_size = size = whole_number("kernel_size", kernel_size)
        self.stride = whole_number("stride", stride)
        self.padding = whole_number("padding", padding, 0)
        rows, columns = ((length + 2 * self.padding - size) // self.stride + 1 for length in (height, width))
        if min(rows, columns) < 1:
            raise ValueError(f"kernel_size is {size}, the image has {height}×{width} pixels and padding {self.padding}")
        super().__init__(image, (n_filters, rows, columns))
        self.activation = as_optional_activation("activation", activation)
        shape, n_inputs = (n_filters, channels, size, size), channels * size * size
        weights = draw_weights(shape, n_inputs, init, self.activation, np.random.default_rng(rng))
        self.parameters = {"weights": weights, "bias": new_array((n_filters,))}

    def __repr__(self) -> str:
        sizes = f"{self.input_shape}, {self.output_shape[0]}, {self.kernel_size}"
        return f"Conv2D({sizes}, activation={self.activation!r}, stride={self.stride}, padding={self.padding})"

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        sizes = {"input_shape": self.input_shape, "n_filters": self.output_shape[0], "kernel_size": self.kernel_size}
        return {**sizes, "activation": self.activation, "stride": self.stride, "padding": self.padding}

    def _work(self, shape: tuple[int, ...]) -> int:
        _, rows, columns = self.output_shape
        return self.parameters["weights"].size * rows * columns

    def _padded(self, x: Array) -> Array:
        """Return the images with the samples last and with their padding."""
        if not self.padding:
            return samples_last(x)
        channels, height, width = self.input_shape
        edge = self.padding
        padded = np.zeros((channels, height + 2 * edge, width + 2 * edge, len(x)), x.dtype)
        padded[:, edge : edge + height, edge : edge + width] = x.transpose(1, 2, 3, 0)
        return padded

    def _windows(self, x: Array) -> Array:
        """Return a view of padded images, shape (channels, size, size, rows, columns, samples)."""
        _, rows, columns = self.output_shape
        channel, row, column, sample = x.strides
        shape = (x.shape[0], self.kernel_size, self.kernel_size, rows, columns, x.shape[-1])
        strides = (channel, row, column, row * self.stride, column * self.stride, sample)
        return as_strided(x, shape, strides, writeable=False)

    def _pieces(self, n_samples: int) -> Iterator[Piece]:
        """Return parts of the output whose windows need at most `PIECE_BYTES`; each is contiguous in each filter."""
        _, rows, columns = self.output_shape
        most = max(PIECE_BYTES // (self.parameters["weights"][0].size * self.dtype.itemsize), 1)
        every_column, every_sample = slice(0, columns), slice(0, n_samples)
        if columns * n_samples <= most:
            most_rows = most // max(columns * n_samples, 1)
            yield from ((part, every_column, every_sample) for part in _parts(rows, most_rows))
            return
        for row in _parts(rows, 1):
            if n_samples <= most:
                yield from ((row, part, every_sample) for part in _parts(columns, most // n_samples))
            else:
                yield from ((row, column, part) for column in _parts(columns, 1) for part in _parts(n_samples, most))

    def _convolve(self, x: Array, z: Array, activation: Activation | None) -> None:
        """Write the convolution of padded images, with the bias and the activation, to `z`."""
        weights = self.parameters["weights"]
        matrix = weights.reshape(len(weights), -1)
        bias = self.parameters["bias"][:, np.newaxis]
        windows = self._windows(x)
        pieces = list(self._pieces(x.shape[-1]))
        spare: list[Array] = []

        def compute(share: int) -> None:
            piece = pieces[share]
            chosen = windows[:, :, :, *piece]
            try:
                room = spare.pop()
            except IndexError:
                room = np.empty(windows[:, :, :, *pieces[0]].size, x.dtype)  # no piece is larger than the first
            columns = room[: chosen.size].reshape(chosen.shape)
            columns[...] = chosen
            part = z[:, *piece].reshape(len(z), -1)  # a view, because the piece is contiguous in each filter
            np.matmul(matrix, columns.reshape(matrix.shape[1], -1), out=part)
            part += bias
            if activation is not None:
                activation(part, out=part)
            spare.append(room)

        multiplications = z.size * matrix.shape[1]
        if len(pieces) > 1 and multiplications > WORTH_CUTTING:
            share_out(compute, len(pieces), multiplications)
        else:
            for share in range(len(pieces)):
                compute(share)

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        z = samples_last_in(out)
        self._convolve(self._padded(x), z, self.activation)
        return last_samples(z)

    def _forward(self, x: Array, count: bool) -> Array:
        padded = self._padded(x)
        z = np.empty((*self.output_shape, len(x)), x.dtype)
        self._convolve(padded, z, None)
        if self.activation is None:
            self._kept = (padded, None)
            return last_samples(z)
        keeps_input = self.activation.check_save(None) == "input"
        y, saved = self.activation.forward(z, out=None if keeps_input else z)
        self._kept = (padded, saved)
        return last_samples(y)

    def _backward(self, grad: Array) -> Array:
        grad_x = np.zeros_like(self._kept[0])
        self._backward_parameters(grad, grad_x)
        _, height, width = self.input_shape
        edge = self.padding
        return last_samples(grad_x[:, edge : edge + height, edge : edge + width])

    def _backward_parameters(self, grad: Array, grad_x: Array | None = None) -> None:
        """Set ``gradients``, and add the gradient of the padded images to `grad_x`."""
        x, saved = self._kept
        grad_z = samples_last(grad)
        if self.activation is not None:
            grad_z = self.activation.backward(grad_z, saved)
        weights = self.parameters["weights"]
        n_samples, multiplications = x.shape[-1], 2 * grad_z.size * weights[0].size
        shares = min(n_samples // FEWEST_SAMPLES, MOST_SHARES) if multiplications > WORTH_CUTTING else 1
        parts = list(_parts(n_samples, -(-n_samples // max(shares, 1))))
        sums: list[Array] = [np.zeros_like(weights)] * max(len(parts), 1)

        def compute(share: int) -> None:
            chosen = parts[share]
            grad_part = None if grad_x is None else grad_x[..., chosen]
            sums[share] = self._backward_part(x[..., chosen], grad_z[..., chosen], grad_part)

        if len(parts) > 1:
            share_out(compute, len(parts), multiplications)
        elif parts:
            compute(0)
        self.gradients = {
            "weights": sum(sums[1:], sums[0]),
            "bias": grad_z.reshape(len(grad_z), -1).sum(axis=1),
        }

    def _backward_part(self, x: Array, grad_z: Array, grad_x: Array | None) -> Array:
        """Add the gradient of some padded images to `grad_x`, and return that of the weights."""
        weights = self.parameters["weights"]
        matrix = weights.reshape(len(weights), -1)
        grad_matrix = np.zeros_like(matrix)
        windows, steps = self._windows(x), range(self.kernel_size)
        for piece in self._pieces(x.shape[-1]):
            part = grad_z[:, *piece].reshape(len(grad_z), -1)
            chosen = windows[:, :, :, *piece]
            columns = chosen.reshape(matrix.shape[1], -1)
            grad_matrix += np.matmul(part, columns.T)
            if grad_x is None:
                continue
            grad_columns = np.matmul(matrix.T, part).reshape(chosen.shape)
            for u in steps:
                rows = self._pixels(piece[0], u)
                for v in steps:
                    grad_x[:, rows, self._pixels(piece[1], v), piece[2]] += grad_columns[:, u, v]
        return grad_matrix.reshape(weights.shape)

    def _pixels(self, part: slice, offset: int) -> slice:
        """Return the rows, or columns, of the image that a row of the filter meets in a part of the output."""
        return slice(part.start * self.stride + offset, (part.stop - 1) * self.stride + offset + 1, self.stride)


class MaxPool2D(Layer):
    r"""The maximum of each square of pixels, in each channel: ``y[c, i, j] = max over u, v of x[c, s i + u, s j + v]``.

    Parameters
    ----------
    input_shape : tuple of int
        The shape (channels, height, width) of one image.
    size : int
        The height and the width s of the squares, which do not overlap.

    Raises
    ------
    ValueError
        If ``size`` is not positive or larger than the image.

    Notes
    -----
    x has the shape (samples, channels, height, width), or the images are flat rows in C order. The output has the shape
    (samples, channels, height // s, width // s), or is flat: as in PyTorch, the last rows and columns do not count if s
    does not divide the size of the image.

    The gradient goes to the maximum, of several equal ones to the first in C order. A square with a NaN gives NaN.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import MaxPool2D
    >>> layer = MaxPool2D((1, 2, 4))
    >>> layer.forward([[[[1.0, 2.0, 5.0, 5.0], [4.0, 3.0, 5.0, 0.0]]]], training=True)
    array([[[[4., 5.]]]], dtype=float32)
    >>> layer.backward([[[[1.0, 1.0]]]])
    array([[[[0., 0., 1., 0.],
             [1., 0., 0., 0.]]]], dtype=float32)
    """

    input_shape: tuple[int, int, int]
    output_shape: tuple[int, int, int]

    def __init__(self, input_shape: Sequence[int], size: int = 2) -> None:
        channels, height, width = image = _image_shape(input_shape)
        self.size = whole_number("size", size)
        if self.size > min(height, width):
            raise ValueError(f"size is {self.size}, the image has {height}×{width} pixels")
        super().__init__(image, (channels, height // self.size, width // self.size))

    def __repr__(self) -> str:
        return f"MaxPool2D({self.input_shape}, size={self.size})"

    def to_config(self) -> dict[str, Any]:
        """Return the arguments of the constructor."""
        return {"input_shape": self.input_shape, "size": self.size}

    def _pixels(self, x: Array) -> list[Array]:
        """Return views of images with the samples last: the first pixel of all squares, the second, and so on."""
        _, rows, columns = self.output_shape
        height, width = rows * self.size, columns * self.size
        offsets = range(self.size)
        return [x[:, u : height : self.size, v : width : self.size] for u in offsets for v in offsets]

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        y = samples_last_in(out)
        _largest(self._pixels(samples_last(x)), y)
        return last_samples(y)

    def _forward(self, x: Array, count: bool) -> Array:
        pixels = self._pixels(samples_last(x))
        y = np.empty((*self.output_shape, len(x)), x.dtype)
        _largest(pixels, y)
        chosen = np.zeros(y.shape, np.min_scalar_type(len(pixels) - 1))  # the number of pixels before the first maximum
        before = np.ones(y.shape, np.bool)
        for pixel in pixels[:-1]:
            before &= pixel != y
            chosen += before.view(np.uint8)
        if np.isnan(y).any():  # NaN is equal to nothing
            for number, pixel in enumerate(pixels):
                np.copyto(chosen, number, where=np.isnan(pixel))
        self._kept = chosen
        return last_samples(y)

    def _backward(self, grad: Array) -> Array:
        # Masks of all bits take a ninth of the time of masked copies and, unlike products with 0 and 1, keep infinity.
        chosen, bits = self._kept, np.dtype(f"i{grad.dtype.itemsize}")
        wanted = samples_last(grad).view(bits)
        grad_x = np.zeros((*self.input_shape, len(grad)), grad.dtype)
        for number, pixel in enumerate(self._pixels(grad_x.view(bits))):
            np.bitwise_and(wanted, -(chosen == number).view(np.int8), out=pixel)
        return last_samples(grad_x)


def _largest(arrays: Sequence[Array], out: Array) -> None:
    """Write the largest of the arrays, elementwise, to `out`."""
    out[...] = arrays[0]
    for array in arrays[1:]:
        np.maximum(out, array, out=out)


def _image_shape(shape: Sequence[int]) -> tuple[int, int, int]:
    checked = as_shape("input_shape", shape)
    if len(checked) != 3 or None in checked:
        raise ValueError(f"input_shape is {shape!r}, expected (channels, height, width)")
    return checked  # type: ignore[return-value]  # no length is None


def _parts(length: int, most: int) -> Iterator[slice]:
    """Return slices of nearly equal lengths, at most `most`; the first is the longest."""
    step = -(-length // -(-length // most)) if length else 1
    return (slice(start, min(start + step, length)) for start in range(0, length, step))
