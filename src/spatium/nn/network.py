"""A network of layers: inference in bounded memory, training with Adam, files without pickle."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._arrays import plain_array, real_array
from spatium._checks import whole_number
from spatium.activations import Activation
from spatium.maps.hashes import SimHash
from spatium.nn import files
from spatium.nn._inference import infer
from spatium.nn._products import Float32Array, OnePool
from spatium.nn.layers import Layer, Random, Softmax, SpatialDense, as_float32
from spatium.nn.optimizer import Adam
from spatium.rows import log_softmax, softmax

__all__ = ["Network"]

EpochRecord: TypeAlias = dict[str, float]


class Network:
    """A sequence of layers.

    Parameters
    ----------
    layers : iterable of Layer
        At least one layer. Each must accept the number of columns that the previous layer returns.

    Raises
    ------
    TypeError
        If an element of ``layers`` is not a Layer.
    ValueError
        If there are no layers, a layer occurs twice, or the numbers of columns do not match.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.nn import Dense, Network, Softmax, SpatialDense
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(256, 4)).astype(np.float32)
    >>> y = (x[:, 0] > 0).astype(int)
    >>> network = Network([SpatialDense(4, 16, rng=rng), Dense(16, 2, rng=rng), Softmax()])
    >>> history = network.fit(x, y, epochs=20, learning_rate=0.01, rng=0)
    >>> history[-1]["loss"] < history[0]["loss"]
    True
    >>> bool((network.classify(x) == y).mean() > 0.9)
    True
    """

    def __init__(self, layers: Iterable[Layer]) -> None:
        self.layers: tuple[Layer, ...] = tuple(layers)
        if not self.layers:
            raise ValueError("layers is empty, a network needs at least one")
        for position, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers[{position}] is {layer!r}, expected a Layer")
            for other in range(position):  # the second use would overwrite the data that the first keeps for backward
                if self.layers[other] is layer:
                    raise ValueError(f"layers[{position}] is the same object as layers[{other}], expected another")
        columns: int | None = None
        for position, layer in enumerate(self.layers):
            if None not in (columns, layer.n_inputs) and columns != layer.n_inputs:
                raise ValueError(
                    f"layers[{position}] takes {layer.n_inputs} columns, the layers before it give {columns}"
                )
            if columns is not None:
                layer.expect_columns(columns)
            columns = columns if layer.n_outputs is None else layer.n_outputs

    def __repr__(self) -> str:
        return f"Network([{', '.join(map(repr, self.layers))}])"

    @property
    def n_inputs(self) -> int | None:
        """The number of columns of the input; None if no layer determines it."""
        return next((layer.n_inputs for layer in self.layers if layer.n_inputs is not None), None)

    @property
    def n_outputs(self) -> int | None:
        """The number of columns of the output; None if no layer determines it."""
        return next((layer.n_outputs for layer in reversed(self.layers) if layer.n_outputs is not None), None)

    @property
    def n_parameters(self) -> int:
        """The number of trained numbers."""
        return sum(array.size for layer in self.layers for array in layer.parameters.values())

    def forward(self, x: ArrayLike, training: bool = False, count: bool | None = None) -> Float32Array:
        """Return the outputs for the whole of x at once, shape (samples, n_outputs).

        With ``training``, every layer keeps the data that ``backward`` needs. By default, maps count hits only without
        ``training``; ``count`` changes this. The bits do not depend on the number of threads (see `predict`).

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network, Softmax
        >>> Network([Dense(4, 3, rng=0), Softmax()]).forward(np.ones((2, 4))).sum(axis=1).round(6)
        array([1., 1.], dtype=float32)
        """
        if not training and self._is_ours:
            return infer(self.layers, self.layers[0]._batch(x), None, count is not False)
        keywords = {} if count is None else {"count": count}  # a layer of the user may not accept it
        with OnePool():
            for layer in self.layers:
                x = layer.forward(x, training=training, **keywords)
        return x  # type: ignore[return-value]  # there is at least one layer

    def backward(self, grad: ArrayLike) -> Float32Array:
        """Return the gradient with respect to x; the layers store the gradients of their parameters.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network
        >>> network = Network([Dense(4, 3, rng=0)])
        >>> y = network.forward(np.ones((2, 4)), training=True)
        >>> network.backward(np.ones_like(y)).shape
        (2, 4)
        >>> network.layers[0].gradients["bias"]
        array([2., 2., 2.], dtype=float32)
        """
        return _backward(self.layers, grad)

    def predict(self, x: Any, batch_size: int = 4096, out: Float32Array | None = None) -> Float32Array:
        """Return the outputs, computed in blocks of rows on Spatium's threads.

        Each thread computes a block of rows through all layers. In addition to the result, each thread needs memory for
        one block and the outputs of two layers, independent of the number of samples.

        Parameters
        ----------
        x : array_like, shape (samples, n_inputs)
            A memory-mapped array stays on disk: its blocks are read and converted one at a time.
        batch_size : int
            The result has the same bits as calls of `forward` with this number of samples.
        out : ndarray of float32, shape (samples, n_outputs), optional
            The array for the outputs. It may be a memory map, and may overlap x.

        Returns
        -------
        ndarray of float32, shape (samples, n_outputs)
            The outputs; ``out`` if it is given.

        Raises
        ------
        ValueError
            If x or ``out`` has another shape, ``batch_size`` is not positive, or a row has no hash. Then no hits are
            counted, but ``out`` may contain the results of some blocks.
        TypeError
            If x does not contain real numbers or ``out`` is not a writable float32 array.

        Notes
        -----
        Blocks have up to 512 rows. Their borders depend only on ``batch_size`` and the number of samples, so the bits
        do not depend on the number of threads. A matrix product may round a row differently in a block of another
        length. While the network computes, NumPy's BLAS library uses one thread per product; see
        `spatium.nn.limit_blas`.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network, Softmax
        >>> network = Network([Dense(4, 3, rng=0), Softmax()])
        >>> network.predict(np.ones((1000, 4)), batch_size=64).shape
        (1000, 3)
        """
        samples = self._samples(x)
        shape = (samples.shape[0], self.n_outputs or samples.shape[1])
        if out is None:
            pass
        elif not isinstance(out, np.ndarray) or out.dtype != np.float32 or not out.flags.writeable:
            what = getattr(out, "dtype", type(out).__name__)
            raise TypeError(f"out is {what}, expected a writable float32 array")
        elif out.shape != shape:
            raise ValueError(f"out has shape {out.shape}, expected {shape}")
        elif np.may_share_memory(samples, out):
            samples = np.array(samples)
        return infer(self.layers, samples, out, True, whole_number("batch_size", batch_size))

    def classify(self, x: Any, batch_size: int = 4096) -> NDArray[np.int64]:
        """Return the column with the largest output for each sample, shape (samples,).

        If several outputs are equal, the first one is returned. As in `numpy.argmax`, NaN counts as larger than any
        number, so the result for a sample with NaN outputs is the column of the first NaN; use `predict` to detect such
        samples.

        Examples
        --------
        >>> from spatium.nn import Network, Softmax
        >>> Network([Softmax()]).classify([[0.0, 2.0, 1.0], [5.0, 0.0, 0.0]])
        array([1, 0])
        """
        labels: NDArray[np.int64] = self.predict(x, batch_size).argmax(axis=1)
        return labels

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        epochs: int = 20,
        batch_size: int = 64,
        learning_rate: float = 1e-3,
        rng: Random = None,
        progress: Callable[[EpochRecord], object] | None = None,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
    ) -> list[EpochRecord]:
        """Minimize a loss with Adam on shuffled mini-batches.

        The loss is the cross entropy for a network that ends in `Softmax`, and the mean squared error for other
        networks. Before training, the thresholds of the SimHash of every SpatialDense layer are set to the medians of
        the projections of that layer's inputs, layer by layer. They do not change during training.

        Parameters
        ----------
        x : array_like, shape (samples, n_inputs)
        y : array_like
            For a network that ends in Softmax, the classes, integers from 0 to n_outputs - 1, shape (samples,).
            Otherwise the target outputs, real numbers, shape (samples, n_outputs) or, for one output, (samples,).
        epochs, batch_size : int
            The number of passes over the samples, and the number of samples per step.
        learning_rate : float
            Adam's step size in the first epoch. It decreases to zero along half a cosine.
        rng : Generator or int, optional
            The source of the order of the samples. The same seed, network and machine give the same weights.
        progress : callable, optional
            Called with the record of each epoch.
        validation : (x, y), optional
            Samples that are not used for training. Their loss and accuracy are added to the records.

        Returns
        -------
        list of dict
            For each epoch ``epoch``, ``loss`` and, for classes, ``accuracy`` (means over the steps of the epoch); with
            ``validation`` also ``validation_loss`` and ``validation_accuracy`` (after the epoch).

        Raises
        ------
        ValueError
            If the network consists only of a Softmax, or an argument has the wrong shape or range.
        FloatingPointError
            If the loss becomes infinite or NaN. The weights are then unusable.

        Examples
        --------
        >>> from spatium.nn import Dense, Network, Softmax
        >>> network = Network([Dense(1, 2, rng=0), Softmax()])
        >>> records = network.fit([[-1.0], [1.0]], [0, 1], epochs=50, learning_rate=0.1, rng=0)
        >>> network.classify([[-1.0], [1.0]])
        array([0, 1])

        In this example, an adaptive activation learns a sum of waves:

        >>> import numpy as np, spatium as sp
        >>> from spatium.nn import ActivationLayer
        >>> x = np.random.default_rng(0).normal(size=(500, 2)).astype(np.float32)
        >>> adaptive = ActivationLayer(sp.ScaledSwish(0.2), trainable=("alpha", "beta"), per="channel")
        >>> network = Network([Dense(2, 32, rng=0), adaptive, Dense(32, 1, rng=1)])
        >>> records = network.fit(x, np.sin(x[:, 0]) + np.cos(x[:, 1]), epochs=60, learning_rate=0.02, rng=0)
        >>> records[-1]["loss"] < 0.01, float(np.ptp(adaptive.parameters["beta"])) > 0.5
        (True, True)
        """
        classes = isinstance(self.layers[-1], Softmax)
        if classes and len(self.layers) < 2:
            raise ValueError("fit has nothing to train: the network consists only of a Softmax")
        epochs = whole_number("epochs", epochs)
        batch_size = whole_number("batch_size", batch_size)
        if not (np.isfinite(learning_rate) and learning_rate > 0):
            raise ValueError(f"learning_rate is {learning_rate}, expected a finite number above 0")
        paired = self._labelled if classes else self._targeted
        loss_of: Callable[..., tuple[float, int, Float32Array]] = _cross_entropy if classes else _squared_error
        samples, wanted = paired(x, y, "x", "y")
        held_out = None if validation is None else paired(*validation, "validation[0]", "validation[1]")
        generator = np.random.default_rng(rng)
        # Softmax and cross entropy are differentiated together, so the last layer is not used in training.
        trained = self.layers[:-1] if classes else self.layers

        _fit_hashes(trained, samples)
        optimizer = Adam([array for layer in trained for array in layer.parameters.values()])
        records = []
        for epoch in range(epochs):
            rate = 0.5 * learning_rate * (1.0 + np.cos(np.pi * epoch / epochs))
            order = generator.permutation(len(samples))
            loss, correct = 0.0, 0
            for rows in _batches(len(samples), batch_size):
                chosen = order[rows]
                batch_loss, batch_correct, grad = loss_of(_forward(trained, samples[chosen]), wanted[chosen])
                if not np.isfinite(batch_loss):
                    raise FloatingPointError(
                        f"the loss became {batch_loss} in epoch {epoch + 1}; try a learning_rate below {learning_rate}"
                    )
                _backward(trained, grad / np.float32(len(chosen)))
                # Accessed by name, because a layer may store its gradients in another order than its parameters.
                optimizer.step([layer.gradients[name] for layer in trained for name in layer.parameters], rate)
                for layer in trained:
                    layer.keep_in_domain()
                loss += batch_loss
                correct += batch_correct
            record = {"epoch": epoch + 1, "loss": loss / len(samples)}
            if classes:
                record["accuracy"] = correct / len(samples)
            if held_out is not None:
                record["validation_loss"], right = _evaluate(trained, loss_of, held_out[0], held_out[1])
                if classes:
                    record["validation_accuracy"] = right
            records.append(record)
            if progress is not None:
                progress(record)
        return records

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to one ``.npz`` file: arrays and a description of the layers, without pickle.

        The file gets its name when it is complete; until then, an older file is unchanged. Hit counts are not saved,
        and for a Custom activation only the name is saved.

        Raises
        ------
        TypeError
            If a layer cannot be saved: a layer of your own, or a layer with a pattern hash that is not a SimHash.
        ValueError
            If a weight is NaN or infinite, because `load` would reject it.

        Examples
        --------
        >>> import pathlib, tempfile
        >>> from spatium.nn import Dense, Network
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     path = pathlib.Path(folder) / "network.npz"
        ...     Network([Dense(4, 3, "gelu", rng=0)]).save(path)
        ...     Network.load(path).layers[0].activation.name
        'gelu'
        """
        files.save(self.layers, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str], custom: Mapping[str, Activation] | None = None) -> Network:
        """Read a network that `save` wrote. It computes the same bits as the saved network.

        Parameters
        ----------
        path : path_like
        custom : mapping of str to Activation, optional
            The Custom activations of the saved network, by name.

        Raises
        ------
        ValueError
            If the file is not such a network, is damaged, is from a newer version, or contains NaN. The message names
            the file.
        OSError
            If the file cannot be read.
        """
        return cls(files.load(path, custom))

    @property
    def _is_ours(self) -> bool:
        """Whether every layer supports blocks of rows; a layer of the user may not support them."""
        return all(type(layer)._infer is not Layer._infer for layer in self.layers)

    def _samples(self, x: Any) -> Any:
        """Return x without converting it, so that a memory map stays on disk."""
        samples = real_array("x", x)
        expected = self.n_inputs
        if samples.ndim != 2 or (expected is not None and samples.shape[1] != expected):
            raise ValueError(f"x has shape {samples.shape}, expected (samples, {expected or 'any number'})")
        return samples

    def _finite_samples(self, x: ArrayLike, x_name: str) -> Float32Array:
        samples = as_float32(x_name, x)
        if samples.ndim != 2 or samples.shape[1] != self.n_inputs or len(samples) == 0:
            raise ValueError(f"{x_name} has shape {samples.shape}, expected (samples, {self.n_inputs}), at least one")
        if not np.isfinite(samples).all():
            row = int(np.flatnonzero(~np.isfinite(samples).all(axis=1))[0])
            raise ValueError(f"{x_name} is not finite in row {row}")
        return samples

    def _targeted(self, x: ArrayLike, y: ArrayLike, x_name: str, y_name: str) -> tuple[Float32Array, Float32Array]:
        samples, targets = self._finite_samples(x, x_name), as_float32(y_name, y)
        expected = (len(samples), self.n_outputs)
        if targets.ndim == 1 and self.n_outputs == 1:
            targets = targets[:, np.newaxis]
        if targets.shape != expected:
            raise ValueError(f"{y_name} has shape {targets.shape}, expected {expected}")
        if not np.isfinite(targets).all():
            raise ValueError(f"{y_name} is not finite")
        return samples, targets

    def _labelled(self, x: ArrayLike, y: ArrayLike, x_name: str, y_name: str) -> tuple[Float32Array, NDArray[np.int64]]:
        samples, labels = self._finite_samples(x, x_name), plain_array(y_name, y)
        if labels.dtype.kind not in "iu":
            raise TypeError(f"{y_name} has dtype {labels.dtype}, expected integer classes")
        if labels.shape != samples.shape[:1]:
            raise ValueError(f"{y_name} has shape {labels.shape}, expected {samples.shape[:1]} as {x_name}")
        n_classes = self.n_outputs or 0
        if labels.min() < 0 or labels.max() >= n_classes:
            raise ValueError(f"{y_name} runs from {labels.min()} to {labels.max()}, classes are 0 to {n_classes - 1}")
        return samples, labels.astype(np.int64)


def _batches(n_samples: int, batch_size: int) -> Iterator[slice]:
    for start in range(0, n_samples, batch_size):
        yield slice(start, min(start + batch_size, n_samples))


def _forward(layers: tuple[Layer, ...], x: Float32Array) -> Float32Array:
    with OnePool():
        for layer in layers:
            x = layer.forward(x, training=True)
    return x


def _backward(layers: tuple[Layer, ...], grad: ArrayLike) -> Float32Array:
    with OnePool():
        for layer in reversed(layers):
            grad = layer.backward(grad)
    return grad  # type: ignore[return-value]  # there is at least one layer


def _fit_hashes(layers: tuple[Layer, ...], x: Float32Array) -> None:
    """Fit every SimHash to the inputs of its layer."""
    spatial = [position for position, layer in enumerate(layers) if isinstance(layer, SpatialDense)]
    for position, layer in enumerate(layers[: max(spatial, default=-1) + 1]):
        if isinstance(layer, SpatialDense) and isinstance(layer.pattern_hash, SimHash):
            layer.pattern_hash.fit(x)
        if position < spatial[-1]:
            x = infer([layer], x, None, count=False)


def _cross_entropy(logits: Float32Array, labels: NDArray[np.int64]) -> tuple[float, int, Float32Array]:
    """Return the summed cross entropy of softmax(logits), the number of correct answers, and the gradient of the sum.

    The loss is computed from the logits, because probabilities may underflow to 0, which gives an infinite loss.
    """
    rows = np.arange(len(labels))
    probabilities: Float32Array = softmax(logits, axis=1)
    losses = -log_softmax(logits.astype(np.float64), axis=1)[rows, labels]
    correct = int(np.count_nonzero(logits.argmax(axis=1) == labels))
    probabilities[rows, labels] -= np.float32(1)
    return float(losses.sum()), correct, probabilities


def _squared_error(outputs: Float32Array, targets: Float32Array) -> tuple[float, int, Float32Array]:
    """Return the squared error (mean over columns, sum over rows), 0 correct answers, and the gradient."""
    difference = outputs - targets
    loss = float(np.square(difference, dtype=np.float64).sum()) / targets.shape[1]
    return loss, 0, difference * np.float32(2 / targets.shape[1])


def _evaluate(
    layers: tuple[Layer, ...],
    loss_of: Callable[..., tuple[float, int, Float32Array]],
    x: Float32Array,
    wanted: NDArray[Any],
) -> tuple[float, float]:
    """Return the mean loss and the accuracy without counting hits."""
    loss, correct, _ = loss_of(infer(layers, x, None, count=False), wanted)
    return loss / len(x), correct / len(x)
