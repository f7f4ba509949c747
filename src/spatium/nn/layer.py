"""The contract of a layer: shapes, dtype, arrays, and the forward and backward passes."""

from __future__ import annotations

import contextlib
import copy
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Self, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from spatium._arrays import real_array
from spatium._checks import whole_number
from spatium.activations import Activation
from spatium.activations.names import as_activation
from spatium.analysis.signal import gain
from spatium.maps.activation_map import ActivationMap
from spatium.nn._inference import Inference
from spatium.nn._products import Array, OnePool

__all__ = [
    "Init",
    "Layer",
    "Random",
    "ReadArray",
    "Shape",
    "as_activation",
    "as_dtype",
    "as_optional_activation",
    "as_shape",
    "channel_axis",
    "draw_weights",
    "new_array",
    "orthogonal",
    "placeholders",
    "sample_shape",
    "sample_shapes_match",
    "scale_weights",
    "shown_samples",
    "standard_normal",
]

Random: TypeAlias = np.random.Generator | int | None
Shape: TypeAlias = tuple[int | None, ...]
Init: TypeAlias = str | float
ReadArray: TypeAlias = Callable[[str, Any, tuple[int | None, ...]], NDArray[Any]]

# While a file is read, new arrays have the sizes that its description states, but no memory of their own: the arrays of
# the file, whose sizes are known by then, replace them.
_READING: ContextVar[bool] = ContextVar("reading", default=False)


@contextlib.contextmanager
def placeholders() -> Iterator[None]:
    """Let `new_array` return arrays without memory."""
    token = _READING.set(True)
    try:
        yield
    finally:
        _READING.reset(token)


def new_array(shape: Sequence[int], value: float = 0.0, dtype: DTypeLike = np.float32) -> NDArray[Any]:
    """Return a new array for parameters or buffers, filled with one value."""
    if _READING.get():
        return np.broadcast_to(np.array(value, dtype), tuple(shape))
    return np.full(tuple(shape), value, dtype)


class Layer:
    r"""The base class of all layers; a network uses only these methods and attributes.

    ``forward(x)`` stores nothing in the layer, so several Python threads may call it at the same time. Its result for a
    row does not depend on other rows, so a network may pass the rows in several blocks. ``forward(x, training=True)``
    keeps the data that ``backward`` needs until the next such call.

    A layer takes samples of its own rank, shape (samples, \*input_shape), or flat rows, which are the same numbers in
    C order, shape (samples, n_inputs). The result has the rank that was given.

    The arrays in ``parameters`` and ``buffers`` are also attributes: ``layer.weights`` is
    ``layer.parameters["weights"]``. An assignment to such an attribute copies the values into the array.

    Attributes
    ----------
    input_shape, output_shape : tuple of int or None
        The shape of one sample. None stands for any length, and in place of the tuple for any shape.
    n_inputs, n_outputs : int or None
        The products of these shapes; None if a length is not known.
    dtype : dtype
        The dtype of inputs, outputs and parameters: float32, or float64 after `astype`.
    parameters : dict of str to ndarray
        The trained arrays. The optimizer writes to them.
    gradients : dict of str to ndarray
        The gradients of the last ``backward`` call, with the same names.
    buffers : dict of str to ndarray
        Arrays that belong to the layer and are saved, but not trained, such as running means.

    Notes
    -----
    A layer of your own overrides ``forward`` and ``backward``, and sets ``n_inputs`` and ``n_outputs`` (or the shapes).
    A network passes all rows to it at once. To store it in files, override `to_config` and, if its result is not the
    arguments of the constructor, `from_config`, and pass the class to ``Network.load(path, layers=[MyLayer])``.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Dense
    >>> layer = Dense(3, 2, rng=0)
    >>> layer.input_shape, layer.output_shape
    ((3,), (2,))
    >>> layer.bias = [1.0, -1.0]
    >>> layer.parameters["bias"]
    array([ 1., -1.], dtype=float32)
    """

    input_shape: Shape | None
    output_shape: Shape | None
    dtype: np.dtype[Any]
    parameters: dict[str, Array]
    gradients: dict[str, Array]
    buffers: dict[str, NDArray[Any]]

    def __init__(self, input_shape: Shape | None = None, output_shape: Shape | None = None) -> None:
        self.input_shape, self.output_shape = input_shape, output_shape
        self.dtype = np.dtype(np.float32)
        self.parameters = {}
        self.gradients = {}
        self.buffers = {}
        self._kept: Any = None  # what `_backward` needs from the last training pass
        self._passed: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...]] | None = None

    def __getattr__(self, name: str) -> Any:
        for kind in ("parameters", "buffers"):
            arrays = self.__dict__.get(kind)
            if arrays and name in arrays:
                return arrays[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __setattr__(self, name: str, value: Any) -> None:
        for kind in ("parameters", "buffers"):
            arrays = self.__dict__.get(kind)
            if arrays and name in arrays:
                array = arrays[name]
                if np.shape(value) != array.shape:
                    raise ValueError(f"{name} has shape {np.shape(value)}, expected {array.shape}")
                array[...] = real_array(name, value)
                return
        object.__setattr__(self, name, value)

    def __setstate__(self, state: dict[str, Any]) -> None:
        Layer.__init__(self)  # a pickle of version 0.1 has no shapes, dtype and buffers
        self.__dict__.update(state)
        if "input_shape" not in state:
            self.n_inputs, self.n_outputs, self._kept = state.get("n_inputs"), state.get("n_outputs"), None

    @property
    def n_inputs(self) -> int | None:
        """The number of values of one input sample; None if it is not fixed."""
        return _size(self.input_shape)

    @n_inputs.setter
    def n_inputs(self, value: int | None) -> None:
        self.input_shape = None if value is None else (value,)

    @property
    def n_outputs(self) -> int | None:
        """The number of values of one output sample; None if it is not fixed."""
        return _size(self.output_shape)

    @n_outputs.setter
    def n_outputs(self, value: int | None) -> None:
        self.output_shape = None if value is None else (value,)

    @property
    def n_parameters(self) -> int:
        """The number of trained numbers."""
        return sum(array.size for array in self.parameters.values())

    # ---- passes ----

    def forward(self, x: ArrayLike, training: bool = False, count: bool | None = None) -> Array:
        """Return the layer's outputs, a new array with one row per sample.

        `count` enables or disables the counting of hits. By default, hits are counted if `training` is false.
        """
        return self._pass(x, training, count)

    def _pass(self, x: ArrayLike, training: bool, count: bool | None, **options: Any) -> Array:
        """Do a forward pass; `options` are further arguments of the `_forward` and `_infer` of the layer."""
        given, batch = self._batch(x)
        with OnePool():
            if training:
                y = self._forward(batch, bool(count), **options)
            else:
                run = Inference()
                out = np.empty((len(batch), *self._shape_after(batch.shape[1:])), self.dtype)
                y = self._infer(batch, out, run, **options)
        own = y.shape
        if given != batch.shape:  # flat rows were given
            y = y.reshape(len(y), math.prod(own[1:]))
        if training:
            self._passed = (given, own, y.shape)
        elif count is not False:
            run.count_hits()
        return y

    def backward(self, grad: ArrayLike) -> Array:
        """Return the gradient with respect to the input, and store the gradients of the parameters.

        `grad` has the shape of the output of the last training pass, or its rows are flat.
        """
        checked, given = self._gradient_of_output(grad)
        with OnePool():
            return self._backward(checked).reshape(given)

    def backward_parameters(self, grad: ArrayLike) -> None:
        """Store the gradients of the parameters, as `backward`, without the gradient with respect to the input.

        `Network.fit` calls this for the first layer that has parameters.
        """
        if type(self).backward is not Layer.backward:  # a layer of the user
            self.backward(grad)
            return
        checked, _ = self._gradient_of_output(grad)
        with OnePool():
            self._backward_parameters(checked)

    def _gradient_of_output(self, grad: ArrayLike) -> tuple[Array, tuple[int, ...]]:
        """Return the gradient in the rank of the layer, and the shape of the input that was given."""
        if self._passed is None:
            raise RuntimeError(f"{type(self).__name__}.backward needs forward(x, training=True) first")
        given, own, returned = self._passed
        checked = as_dtype("grad", grad, self.dtype)
        if checked.shape != own:
            if checked.shape not in (returned, (own[0], math.prod(own[1:]))):
                raise ValueError(f"grad has shape {checked.shape}, the output has {returned}")
            checked = checked.reshape(own)
        return checked, given

    def _forward(self, x: Array, count: bool) -> Array:
        """Return the outputs of a training pass for a checked batch of the layer's own rank; set ``_kept``."""
        raise NotImplementedError

    def _backward(self, grad: Array) -> Array:
        """Return the gradient with respect to the batch of ``_forward``; set ``gradients``."""
        raise NotImplementedError

    def _backward_parameters(self, grad: Array) -> object:
        """Set ``gradients``. Layers for which this is less work than ``_backward`` override it."""
        return self._backward(grad)

    def _infer(self, x: Array, out: Array, run: Inference) -> Array:
        """Return the outputs for checked samples of its own rank, and add the hits to `run`.

        The outputs are written to the memory of `out` if possible, perhaps with the axes in another order (`_layout`).
        """
        return self.forward(x)

    def _infer_in_fit(self, x: Array) -> Array | None:
        """Return the outputs for the inputs of `fit` before the first step, if `_infer` cannot compute them yet."""
        return None

    # ---- what a network asks for ----

    def expect_shape(self, shape: Shape) -> None:
        """Accept the shape of the samples that the previous layer of a network returns, or raise ValueError.

        A layer that accepts any shape sets its own shapes.
        """
        expected = self._expected_shape()
        if expected is None:
            self.input_shape = shape
            if self.output_shape is None:
                self.output_shape = shape
        elif not sample_shapes_match(shape, expected):
            sizes = _size(expected), _size(shape)
            if None in sizes or sizes[0] == sizes[1]:
                raise ValueError(f"takes samples of shape {expected}, the layers before it give {shape}")
            raise ValueError(f"takes {sizes[0]} columns, the layers before it give {sizes[1]}")

    def _expected_shape(self) -> Shape | None:
        """Return the shape of an input sample; a layer of the user may only state ``n_inputs``."""
        if self.input_shape is not None:
            return self.input_shape
        return None if self.n_inputs is None else (self.n_inputs,)

    def fit_inputs(self, x: Array) -> None:
        """Adapt to the inputs of the layer. `Network.fit` calls this for each layer before the first step."""

    def begin_step(self, share_done: float) -> None:
        """Prepare for a training step. `Network.fit` calls this before each step, and with 1 after the last one.

        `share_done` is the share of the steps that are done. The method may replace arrays of ``parameters``.
        """

    def is_annealing(self) -> bool:
        """Return whether `begin_step` is still going to replace parameters. Early stopping waits for it."""
        return False

    def keep_in_domain(self) -> None:
        """Move parameters back into their domain. A network calls this after every training step."""

    def _decays(self, name: str) -> bool:
        """Return whether weight decay applies to a parameter: to weights, which have two or more axes."""
        return self.parameters[name].ndim > 1

    def _shape_after(self, shape: tuple[int, ...]) -> tuple[int, ...]:
        """Return the shape of one output sample for an input sample of this shape, which is of the layer's own rank."""
        if self.output_shape is None:
            return shape if self.n_outputs is None else (self.n_outputs,)
        return self.output_shape  # type: ignore[return-value]  # layers with open lengths override this method

    def _work(self, shape: tuple[int, ...]) -> int:
        """Return the number of multiplications for one sample, without the activations."""
        return self.n_parameters

    # ---- copies and files ----

    def astype(self, dtype: DTypeLike) -> Self:
        """Return a copy of the layer that computes in float32 or float64.

        Parameters are converted. Buffers keep their dtype. Maps are copied, and their hit counts start at 0.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense
        >>> Dense(3, 2, rng=0).astype(np.float64).forward(np.ones((1, 3))).dtype
        dtype('float64')
        """
        wanted = np.dtype(dtype)
        if wanted not in (np.float32, np.float64):
            raise TypeError(f"dtype is {wanted}, expected float32 or float64")
        twin = copy.copy(self)
        for name, value in self.__dict__.items():  # an activation is immutable; a hash is not, because fit changes it
            if isinstance(value, ActivationMap):
                value = value.copy()
                value.reset_counts()
            elif not isinstance(value, Activation) and name not in ("_kept", "_passed"):
                value = copy.deepcopy(value)
            twin.__dict__[name] = value
        twin._kept = twin._passed = None
        twin.dtype = wanted
        twin.gradients = {}
        with np.errstate(over="ignore", under="ignore"):
            twin.parameters = {name: array.astype(wanted) for name, array in self.parameters.items()}
        return twin

    def to_config(self) -> dict[str, Any]:
        """Return the arguments from which `from_config` builds the layer, as a dict that JSON can represent.

        Parameters and buffers are stored separately and need not be part of it. The default is an error: a layer of
        your own that overrides this method can be stored.
        """
        raise TypeError(f"a {type(self).__name__} cannot be stored: it does not override to_config")

    @classmethod
    def from_config(cls, config: Mapping[str, Any]) -> Self:
        """Build the layer from the result of `to_config`. `Network.load` then sets its parameters and buffers."""
        return cls(**config)

    def _to_file(self) -> tuple[dict[str, Any], dict[str, NDArray[Any]]]:
        """Return the description of the layer and its arrays, as they are stored."""
        return self.to_config(), {**self.parameters, **self.buffers}

    @classmethod
    def _from_file(cls, config: Mapping[str, Any], read: ReadArray, dtype: np.dtype[Any]) -> Self:
        """Build the layer from a file: its description, and a function that reads an array of a dtype and shape."""
        with placeholders():
            layer = cls.from_config(config)
        return layer._filled(read, dtype)

    def _filled(self, read: ReadArray, dtype: np.dtype[Any]) -> Self:
        """Return the layer in its dtype, with its arrays read from a file."""
        self.dtype = dtype
        self.parameters = {name: read(name, dtype, array.shape) for name, array in self.parameters.items()}
        self.buffers = {name: read(name, array.dtype, array.shape) for name, array in self.buffers.items()}
        return self

    # ---- arguments ----

    def _batch(self, x: ArrayLike) -> tuple[tuple[int, ...], Array]:
        """Return the shape of x, and x as an array of the layer's dtype and own rank."""
        batch = as_dtype("x", x, self.dtype)
        given = batch.shape
        expected = self._expected_shape()
        own = sample_shape(given[1:], expected) if batch.ndim >= 2 else None
        if own is None:
            raise ValueError(f"x has shape {given}, {type(self).__name__} expects {shown_samples(expected)}")
        return given, batch if own == given[1:] else batch.reshape(given[0], *own)


def _size(shape: Shape | None) -> int | None:
    if shape is None or None in shape:
        return None
    return math.prod(shape)  # type: ignore[arg-type]  # no length is None


def shown_samples(shape: Shape | None) -> str:
    """Return the shape of samples as errors show it."""
    lengths = ["any number" if n is None else str(n) for n in (shape or (None,))]
    return f"(samples, {', '.join(lengths)})"


def sample_shape(shape: tuple[int, ...], expected: Shape | None) -> tuple[int, ...] | None:
    """Return `shape` in the rank of `expected`: as it is, or flat values in C order; None if it does not match."""
    if expected is None or shape == expected:
        return shape
    if len(shape) == len(expected) and all(n in (None, got) for n, got in zip(expected, shape, strict=True)):
        return shape
    if len(expected) == 1 or len(shape) != 1:  # the flattening of a sample of rank is the work of the network
        return None
    fixed = math.prod(n for n in expected if n is not None)
    open_lengths = expected.count(None)
    if open_lengths == 0:
        return expected if shape[0] == fixed else None  # type: ignore[return-value]  # no length is None
    if open_lengths > 1 or fixed == 0 or shape[0] % fixed:
        return None
    return tuple(shape[0] // fixed if n is None else n for n in expected)


def sample_shapes_match(shape: Shape, expected: Shape) -> bool:
    """Return whether outputs of `shape` may be inputs of `expected`, as they are or with one of both being flat."""
    if len(shape) == len(expected):
        return all(None in (n, m) or n == m for n, m in zip(shape, expected, strict=True))
    if 1 not in (len(shape), len(expected)):
        return False
    size, wanted = _size(shape), _size(expected)
    if size is not None and wanted is not None:
        return size == wanted
    whole = size if size is not None else wanted
    if whole is None:
        return True
    fixed = math.prod(n for n in (shape if size is None else expected) if n is not None)
    return fixed > 0 and whole % fixed == 0


def channel_axis(shape: Sequence[int | None]) -> int:
    """Return the axis of the channels in a sample: the first of an image, the last of a sequence or of flat values."""
    return 0 if len(shape) > 2 else len(shape) - 1


def as_shape(name: str, shape: object) -> Shape:
    """Return the shape of a sample from a file or an argument: integers of at least 1, or None for any length."""
    if not isinstance(shape, list | tuple) or not shape:
        raise ValueError(f"{name} is {shape!r}, expected a sequence of integers")
    return tuple(None if n is None else whole_number(name, n) for n in shape)


def as_dtype(name: str, values: ArrayLike, dtype: np.dtype[Any]) -> Array:
    """Return array-like real numbers in a dtype, without a copy if they have it; too small ones become 0."""
    array = real_array(name, values)
    if array.dtype == dtype and array.dtype.isnative:
        return array
    with np.errstate(under="ignore"):
        return array.astype(dtype)


def as_optional_activation(name: str, activation: object) -> Activation | None:
    """Return the activation of a layer, which may be given by its name, or None."""
    try:
        return None if activation is None else as_activation(name, activation)
    except TypeError as error:
        raise TypeError(f"{error}, or None") from None


def draw_weights(
    shape: Sequence[int],
    n_inputs: int,
    init: Init,
    act: Activation | ActivationMap | None,
    generator: np.random.Generator,
) -> Array:
    """Return normal float32 weights; see `standard_deviation`."""
    weights = standard_normal(shape, generator)
    scale_weights(weights, n_inputs, init, act)
    return weights


def standard_normal(shape: Sequence[int], generator: np.random.Generator) -> Array:
    """Return normal float32 numbers with standard deviation 1."""
    return new_array(shape) if _READING.get() else generator.standard_normal(tuple(shape), dtype=np.float32)


def orthogonal(size: int, generator: np.random.Generator) -> Array:
    """Return a random orthogonal float32 matrix, uniform in the group: the Q of a normal matrix with signs of R."""
    normal = standard_normal((size, size), generator)
    if _READING.get():
        return normal
    q, r = np.linalg.qr(normal.astype(np.float64))
    return (q * np.where(np.diagonal(r) < 0, -1.0, 1.0)).astype(np.float32)


def scale_weights(weights: Array, n_inputs: int, init: Init, act: Activation | ActivationMap | None) -> None:
    """Multiply weights in place by their standard deviation."""
    deviation = np.float32(standard_deviation(n_inputs, init, act))
    if not _READING.get():
        weights *= deviation


def standard_deviation(n_inputs: int, init: Init, act: Activation | ActivationMap | None) -> float:
    """Return the standard deviation of the weights: `init`, or what its name means for `n_inputs`.

    "he" preserves the second moment of a relu layer, "gain" that of a layer with `act`, "lecun" that of a linear layer.
    """
    if isinstance(init, str):
        if init == "he":
            return math.sqrt(2.0 / n_inputs)
        if init == "lecun":
            return math.sqrt(1.0 / n_inputs)
        if init == "gain":
            return (1.0 if act is None else float(gain(act))) / math.sqrt(n_inputs)
    elif isinstance(init, int | float | np.number) and not isinstance(init, bool) and 0 <= init < np.inf:
        return float(init)
    raise ValueError(f"init is {init!r}, expected 'he', 'gain', 'lecun', or a finite standard deviation of at least 0")
