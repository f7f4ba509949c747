"""Training: mini-batches, the loss that fits the last layer, early stopping, and the progress on a terminal."""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from spatium.activations import Sigmoid
from spatium.maps.hashes import SimHash
from spatium.nn._inference import infer
from spatium.nn._products import Array, OnePool
from spatium.nn.activation import ActivationLayer, Softmax
from spatium.nn.hashing import HashFunction, shared_hashes
from spatium.nn.layer import Layer
from spatium.nn.losses import LOSSES, Weights
from spatium.nn.optimizer import Adam
from spatium.nn.passing import pass_layers, plan_of, ranked

__all__ = [
    "Data",
    "EpochRecord",
    "Settings",
    "choose_loss",
    "is_sigmoid",
    "mini_batches",
    "run_backward",
    "run_forward",
    "train",
    "trained_layers",
]

EpochRecord: TypeAlias = dict[str, float]
Progress: TypeAlias = Callable[[EpochRecord], object]


class Data(NamedTuple):
    """Samples with their targets, in the dtype of the network, and the weights of the samples."""

    x: Array
    wanted: NDArray[Any]
    weights: Weights = None

    @property
    def total(self) -> float:
        """The sum of the weights; without weights, the number of samples."""
        return float(len(self.x)) if self.weights is None else float(self.weights.sum())

    def take(self, rows: NDArray[np.intp]) -> Data:
        """Return a copy of some of the samples."""
        return Data(self.x[rows], self.wanted[rows], None if self.weights is None else self.weights[rows])


class Settings(NamedTuple):
    """The arguments of `Network.fit` that do not depend on the data."""

    epochs: int
    batch_size: int
    learning_rate: float
    loss: str
    schedule: str
    weight_decay: float
    early_stopping: int | None
    accuracy: bool


def choose_loss(loss: str, last: Layer, y: NDArray[Any]) -> str:
    """Return the name of the loss; "auto" means the one that belongs to the last layer."""
    if loss in LOSSES:
        return loss
    if loss != "auto":
        raise ValueError(f"loss is {loss!r}, expected 'auto', {', '.join(map(repr, LOSSES))}")
    if isinstance(last, Softmax):
        return "cross_entropy"
    if is_sigmoid(last) and (y.dtype.kind in "USO" or bool(np.isin(y, (0, 1)).all())):
        return "bce"
    return "mse"


def trained_layers(layers: Sequence[Layer], loss: str) -> Sequence[Layer]:
    """Return the layers without a last softmax or sigmoid that is differentiated together with the loss."""
    last = layers[-1]
    joint = (loss == "cross_entropy" and isinstance(last, Softmax)) or (loss == "bce" and is_sigmoid(last))
    return layers[:-1] if joint else layers


def is_sigmoid(layer: Layer) -> bool:
    """Return whether the layer is ``ActivationLayer("sigmoid")``."""
    return isinstance(layer, ActivationLayer) and layer.activation == Sigmoid()


def train(
    layers: Sequence[Layer],
    data: Data,
    held_out: Data | None,
    settings: Settings,
    generator: np.random.Generator,
    progress: Progress | bool | None,
    pattern_hash: HashFunction | None,
    optimizer: Adam,
) -> list[EpochRecord]:
    """Train the layers; see `Network.fit`. `progress` may grow layers, and then tells it to the optimizer."""
    trained = trained_layers(layers, settings.loss)
    fit_inputs(trained, data.x, pattern_hash)
    if not any(layer.parameters for layer in trained):
        raise ValueError("fit has nothing to train: no layer has parameters")
    best = None if settings.early_stopping is None else _Best(trained)
    records: list[EpochRecord] = []
    with _Reporting(progress, settings.epochs) as report:
        for epoch in range(settings.epochs):
            rate = settings.learning_rate
            if settings.schedule == "cosine":
                rate *= 0.5 * (1.0 + float(np.cos(np.pi * epoch / settings.epochs)))
            record = {
                "epoch": epoch + 1,
                **_epoch(trained, data, settings, optimizer, rate, generator, epoch, pattern_hash),
            }
            if held_out is not None:
                found = evaluate(trained, held_out, settings, pattern_hash)
                record |= {f"validation_{name}": value for name, value in found.items()}
            records.append(record)
            report(record)
            if any(layer.is_annealing() for layer in trained):
                continue  # the parameters that are compared later do not exist yet
            if best is not None and best.is_over(record["validation_loss"], settings.early_stopping):
                break
    for layer in trained:
        layer.begin_step(1.0)
    if best is not None:
        best.restore()
    return records


def _epoch(
    layers: Sequence[Layer],
    data: Data,
    settings: Settings,
    optimizer: Adam,
    rate: float,
    generator: np.random.Generator,
    epoch: int,
    pattern_hash: HashFunction | None,
) -> EpochRecord:
    """Do one step for each mini-batch, and return the means over the samples."""
    loss_of = LOSSES[settings.loss]
    order = generator.permutation(len(data.x))
    loss = correct = total = 0.0
    batches = list(mini_batches(len(order), settings.batch_size))
    for number, rows in enumerate(batches):
        begin_step(layers, optimizer, (epoch + number / len(batches)) / settings.epochs)
        batch = data.take(order[rows])
        size = batch.total
        if size == 0.0:  # nothing in this batch counts
            continue
        found = loss_of(run_forward(layers, batch.x, None, pattern_hash), batch.wanted, batch.weights)
        if not np.isfinite(found.loss):
            raise FloatingPointError(
                f"the loss became {found.loss} in epoch {epoch + 1}; try a learning_rate below {settings.learning_rate}"
            )
        found.grad[...] /= size
        run_backward_parameters(layers, found.grad)
        # Accessed by name, because a layer may store its gradients in another order than its parameters.
        optimizer.step([layer.gradients[name] for layer in layers for name in layer.parameters], rate)
        for layer in layers:
            layer.keep_in_domain()
        loss, correct, total = loss + found.loss, correct + found.correct, total + size
    record = {"loss": loss / total}
    return record | ({"accuracy": correct / total} if settings.accuracy else {})


def begin_step(layers: Sequence[Layer], optimizer: Adam, share_done: float) -> None:
    """Let the layers prepare for a step, and let the optimizer follow the parameters that they have then."""
    for layer in layers:
        layer.begin_step(share_done)
    parameters = [(layer, name, array) for layer in layers for name, array in layer.parameters.items()]
    optimizer.follow([array for *_, array in parameters], [layer._decays(name) for layer, name, _ in parameters])


def evaluate(
    layers: Sequence[Layer], data: Data, settings: Settings, pattern_hash: HashFunction | None = None
) -> EpochRecord:
    """Return the mean loss and the accuracy. No hit is counted, and no buffer changes."""
    outputs = infer(plan_of(layers, data.x.shape, pattern_hash), data.x, None, count=False)
    found = LOSSES[settings.loss](outputs, data.wanted, data.weights)
    record = {"loss": found.loss / data.total}
    return record | ({"accuracy": found.correct / data.total} if settings.accuracy else {})


def mini_batches(n_samples: int, batch_size: int) -> Iterator[slice]:
    """Return the rows of each step. A last batch of one row, which has no variance, is joined to the one before."""
    starts = list(range(0, n_samples, batch_size))
    if len(starts) > 1 and batch_size > 1 and n_samples - starts[-1] == 1:
        starts.pop()
    for start, stop in zip(starts, [*starts[1:], n_samples], strict=True):
        yield slice(start, stop)


def run_forward(
    layers: Sequence[Layer], x: Any, count: bool | None, pattern_hash: HashFunction | None, training: bool = True
) -> Array:
    """Return the outputs of a training pass, or of another pass that gives all rows to each layer."""
    keywords = {} if count is None else {"count": count}  # a layer of the user may not accept it
    if training:
        keywords["training"] = True
    return pass_layers(layers, x, pattern_hash, lambda position, rows: layers[position].forward(rows, **keywords))


def run_backward(layers: Sequence[Layer], grad: Any) -> Array:
    """Return the gradient with respect to the input of the last training pass."""
    with OnePool():
        for layer in reversed(layers):
            grad = layer.backward(grad)
    return grad  # type: ignore[no-any-return]


def run_backward_parameters(layers: Sequence[Layer], grad: Any) -> None:
    """Store the gradients of all parameters, without the gradient with respect to the input of the network."""
    first = next(i for i, layer in enumerate(layers) if layer.parameters)
    with OnePool():
        for layer in reversed(layers[first + 1 :]):
            grad = layer.backward(grad)
        layers[first].backward_parameters(grad)


def fit_inputs(layers: Sequence[Layer], x: Array, pattern_hash: HashFunction | None = None) -> None:
    """Let the hash of the network adapt to the samples, and every layer to its inputs, layer by layer."""
    if isinstance(pattern_hash, SimHash):
        pattern_hash.fit(x.reshape(len(x), -1))
    hashes = shared_hashes(pattern_hash, x)
    adapting = [i for i, layer in enumerate(layers) if type(layer).fit_inputs is not Layer.fit_inputs]
    for position, layer in enumerate(layers[: max(adapting, default=-1) + 1]):
        _, batch = layer._batch(ranked(layer, x))
        layer.fit_inputs(batch)
        if position < adapting[-1]:
            y = layer._infer_in_fit(batch)
            x = infer(plan_of([layer], batch.shape), batch, None, count=False, hashes=hashes) if y is None else y


class _Best:
    """The parameters and buffers with the lowest loss on the held-out samples."""

    def __init__(self, layers: Sequence[Layer]) -> None:
        self._layers = layers
        self._arrays: list[NDArray[Any]] = []
        self._copies: list[NDArray[Any]] = []
        self._loss = np.inf
        self._epochs_since = 0

    def is_over(self, loss: float, patience: int | None) -> bool:
        """Return whether the loss has not improved for `patience` epochs. Layers that have grown start anew."""
        arrays = [a for layer in self._layers for a in (*layer.parameters.values(), *layer.buffers.values())]
        same = len(arrays) == len(self._arrays) and all(map(operator.is_, arrays, self._arrays))
        if self._arrays and not same:  # `loss` is that before the growth
            self._loss, self._epochs_since = np.inf, 0
            self._arrays, self._copies = arrays, []
            return False
        if loss < self._loss:
            self._loss, self._epochs_since = loss, 0
            self._arrays = arrays
            self._copies = [array.copy() for array in self._arrays]
        else:
            self._epochs_since += 1
        return patience is not None and self._epochs_since >= patience

    def restore(self) -> None:
        for array, best in zip(self._arrays, self._copies, strict=False):  # no copies without a finite loss
            array[...] = best


class _Reporting:
    """A context that calls the given function with each record, or shows a line on a terminal."""

    def __init__(self, progress: Progress | bool | None, epochs: int) -> None:
        if not (progress is None or isinstance(progress, bool) or callable(progress)):
            raise TypeError(f"progress is {progress!r}, expected a function, True, False or None")
        self._call = progress if callable(progress) else None
        terminal = progress is True or (progress is None and sys.stderr is not None and sys.stderr.isatty())
        self._line = terminal and self._call is None
        self._epochs = epochs

    def __enter__(self) -> Progress:
        return self._report

    def __exit__(self, *error: object) -> None:
        if self._line:
            print(file=sys.stderr)

    def _report(self, record: EpochRecord) -> None:
        if self._call is not None:
            self._call(record)
        elif self._line:
            done = int(record["epoch"])
            bar = "#" * (20 * done // self._epochs)
            values = (f"{name.replace('_', ' ')} {value:.4g}" for name, value in record.items() if name != "epoch")
            text = f"epoch {done}/{self._epochs} [{bar:<20}] {', '.join(values)}"
            print(f"\r{text}\x1b[K", end="", file=sys.stderr, flush=True)
