"""A network of layers: inference in bounded memory, training with Adam, files without pickle."""

from __future__ import annotations

import copy
import math
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from spatium import _dask
from spatium._arrays import plain_array, real_array
from spatium._checks import check_scalar, whole_number
from spatium._tables import Table
from spatium.activations import Activation
from spatium.maps.activation_map import ActivationMap
from spatium.nn import files, growth, improvement, training
from spatium.nn._inference import Plan, infer, infer_with_hits
from spatium.nn._products import Array
from spatium.nn.dense import SpatialDense
from spatium.nn.hashing import NETWORK, HashFunction, as_pattern_hash
from spatium.nn.layer import Layer, Random, Shape, as_dtype, shown_samples
from spatium.nn.optimizer import Adam
from spatium.nn.passing import pass_layers, plan_of
from spatium.nn.quantizing import on_codes
from spatium.nn.training import Data, EpochRecord, Settings, run_backward, run_forward
from spatium.passes import Saved
from spatium.quantization import Method, Rounding

__all__ = ["Network"]

_PLANS_KEPT = 64  # one for each shape of the samples; sequences may have many lengths


class Network:
    """A sequence of layers.

    Parameters
    ----------
    layers : iterable of Layer
        At least one layer. Each must accept the samples that the previous layer returns; a layer of flat rows takes
        samples of any rank, flattened in C order.
    classes : sequence of str, optional
        The names of the classes, one for each output; two for a single output.
    metadata : str
        Any text, which is stored in the file of the network.
    pattern_hash : hash or callable, optional
        A function of the (samples, n_inputs) input of the network that returns uint64 hashes, shape (samples,), such as
        `CategoryHash`. It is computed once for all layers with ``pattern_hash="network"``, from the rows as they are
        given, also if the first layer is `Standardize`. `fit` sets the thresholds of a SimHash.

    Attributes
    ----------
    layers : tuple of Layer
    classes : tuple of str or None
    metadata : str
    pattern_hash : callable or None

    Raises
    ------
    TypeError
        If an element of ``layers`` is not a Layer.
    ValueError
        If there are no layers, a layer occurs twice, or shapes, dtypes or the number of classes do not match; if a
        layer shares the hash of the network, which has none.

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

    def __init__(
        self,
        layers: Iterable[Layer],
        classes: Sequence[str] | None = None,
        metadata: str = "",
        pattern_hash: HashFunction | None = None,
    ) -> None:
        self.layers: tuple[Layer, ...] = tuple(layers)
        if not self.layers:
            raise ValueError("layers is empty, a network needs at least one")
        shape: Shape | None = None
        for position, layer in enumerate(self.layers):
            if not isinstance(layer, Layer):
                raise TypeError(f"layers[{position}] is {layer!r}, expected a Layer")
            for other in range(position):  # the second use would overwrite the data that the first keeps for backward
                if self.layers[other] is layer:
                    raise ValueError(f"layers[{position}] is the same object as layers[{other}], expected another")
            if layer.dtype != self.layers[0].dtype:
                raise ValueError(f"layers[{position}] has dtype {layer.dtype}, layers[0] has {self.layers[0].dtype}")
            if shape is not None:
                try:
                    layer.expect_shape(shape)
                except ValueError as error:
                    raise ValueError(f"layers[{position}] {error}") from None
            shape = _output_shape(layer) or shape
            if pattern_hash is None and getattr(layer, "pattern_hash", None) == NETWORK:
                raise ValueError(f"layers[{position}] shares the hash of the network: pass Network(pattern_hash=...)")
        self._pattern_hash = None if pattern_hash is None else as_pattern_hash(pattern_hash, self.n_inputs)
        self._plans: dict[tuple[int, ...], Plan] = {}
        self._optimizer: Adam | None = None  # while `fit` runs
        self.classes = classes
        self.metadata = metadata

    def __repr__(self) -> str:
        shared = "" if self.pattern_hash is None else f", pattern_hash={self.pattern_hash!r}"
        return f"Network([{', '.join(map(repr, self.layers))}]{shared})"

    def _repr_html_(self) -> str:
        table = self.summary()
        notes = [*table.notes]
        if self.classes is not None:
            notes.append(f"classes: {', '.join(self.classes)}")
        if self.pattern_hash is not None:
            notes.append(f"pattern hash: {self.pattern_hash!r}")
        layers = [repr(layer) for layer in self.layers]
        rows = [(name, *row[1:]) for name, row in zip(layers, table.rows, strict=True)]
        return Table("Network", table.columns, rows, notes, digits=12)._repr_html_()

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_plans": {}, "_optimizer": None}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update({"_classes": None, "_metadata": "", "_pattern_hash": None, "_optimizer": None})
        self.__dict__.update({"_plans": {}} | state)

    @property
    def pattern_hash(self) -> HashFunction | None:
        """The hash of the network's input, which layers with ``pattern_hash="network"`` share."""
        return self._pattern_hash

    @property
    def classes(self) -> tuple[str, ...] | None:
        """The names of the classes, in the order of the outputs; None if they have no names."""
        return self._classes

    @classes.setter
    def classes(self, names: Sequence[str] | None) -> None:
        self._classes: tuple[str, ...] | None = None
        if names is None:
            return
        if isinstance(names, str) or not all(isinstance(name, str) for name in names):
            raise TypeError(f"classes is {names!r}, expected a sequence of names")
        wanted = 2 if self.n_outputs == 1 else self.n_outputs
        if len(set(names)) < len(names) or wanted not in (None, len(names)):
            raise ValueError(f"classes has {len(set(names))} different names of {len(names)}, expected {wanted}")
        self._classes = tuple(str(name) for name in names)

    @property
    def metadata(self) -> str:
        """Any text that belongs to the network."""
        return self._metadata

    @metadata.setter
    def metadata(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"metadata is {type(text).__name__}, expected a text")
        self._metadata = text

    @property
    def dtype(self) -> np.dtype[Any]:
        """The dtype of inputs, outputs and parameters."""
        return self.layers[0].dtype

    @property
    def input_shape(self) -> Shape | None:
        """The shape of one input sample; None if no layer determines it."""
        return next((shape for shape in (layer._expected_shape() for layer in self.layers) if shape), None)

    @property
    def output_shape(self) -> Shape | None:
        """The shape of one output sample; None if no layer determines it."""
        return next((shape for shape in map(_output_shape, reversed(self.layers)) if shape), None)

    @property
    def n_inputs(self) -> int | None:
        """The number of values of one input sample; None if no layer determines it."""
        return next((layer.n_inputs for layer in self.layers if layer._expected_shape() is not None), None)

    @property
    def n_outputs(self) -> int | None:
        """The number of values of one output sample; None if no layer determines it."""
        return next((layer.n_outputs for layer in reversed(self.layers) if _output_shape(layer) is not None), None)

    @property
    def n_parameters(self) -> int:
        """The number of trained numbers."""
        return sum(layer.n_parameters for layer in self.layers)

    # ---- passes ----

    def forward(self, x: ArrayLike, training: bool = False, count: bool | None = None) -> Array:
        """Return the outputs for the whole of x at once, shape (samples, n_outputs).

        Samples may have the rank of the first layer or be flat. If the last layer has a rank of its own, its outputs
        are flat if the samples were.

        With ``training``, every layer keeps the data that ``backward`` needs. By default, maps count hits only without
        ``training``; ``count`` changes this. The bits do not depend on the number of threads (see `predict`).

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network, Softmax
        >>> Network([Dense(4, 3, rng=0), Softmax()]).forward(np.ones((2, 4))).sum(axis=1).round(6)
        array([1., 1.], dtype=float32)
        """
        samples = self._samples(x)
        if not training:
            plan = self._plan(samples.shape)
            if plan.in_blocks:
                return infer(plan, samples, None, count is not False)
        return run_forward(self.layers, samples, count, self.pattern_hash, training)

    def pass_layers(self, x: ArrayLike, run: Callable[[int, Array], Array]) -> Array:
        """Return the outputs of a pass in which a function of yours runs each layer, for measurements inside a network.

        Parameters
        ----------
        x : array_like, shape (samples, n_inputs), or of the rank of the first layer
        run : callable
            ``run(position, rows)`` returns the outputs of ``layers[position]``. Its rows are the outputs of the layer
            before, flattened if this layer is flat. Layers that share the hash of the network can be called there, also
            those of a copy of the network.

        Returns
        -------
        ndarray
            What ``run`` returned for the last layer.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network
        >>> network, largest = Network([Dense(4, 8, "relu", rng=0), Dense(8, 2, rng=1)]), []
        >>> def run(position, rows):
        ...     largest.append(float(abs(rows).max()))
        ...     return network.layers[position].forward(rows)
        >>> network.pass_layers(np.ones((5, 4)), run).shape, len(largest)
        ((5, 2), 2)
        """
        return pass_layers(self.layers, self._samples(x), self.pattern_hash, run)

    def backward(self, grad: ArrayLike) -> Array:
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
        return run_backward(self.layers, grad)

    def predict(self, x: Any, batch_size: int = 4096, out: Array | None = None) -> Any:
        """Return the outputs, computed in blocks of rows on Spatium's threads.

        Each thread computes a block of rows through all layers. In addition to the result, each thread needs memory for
        one block and the outputs of two layers, independent of the number of samples.

        Parameters
        ----------
        x : array_like, shape (samples, n_inputs)
            A memory-mapped array stays on disk: its blocks are read and converted one at a time. A dask array stays
            lazy; each sample must be in one chunk.
        batch_size : int
            The result has the same bits as calls of `forward` with this number of samples.
        out : ndarray of the dtype of the network, shape (samples, n_outputs), optional
            The array for the outputs. It may be a memory map, and may overlap x.

        Returns
        -------
        ndarray of the dtype of the network, shape (samples, n_outputs)
            The outputs; ``out`` if it is given. For a dask array, a lazy `spatium.maps.lazy.RoutedArray`, which adds
            the hits when it is computed. Its `hits` have the shape (maps, 8, 8): those of each grid of each map.

        Raises
        ------
        ValueError
            If x or ``out`` has another shape, ``batch_size`` is not positive, or a row has no hash. Then no hits are
            counted, but ``out`` may contain the results of some blocks.
        TypeError
            If x does not contain real numbers or ``out`` is not a writable array of this dtype; for a dask array, if
            ``out`` is given or a sample is divided into chunks.

        Notes
        -----
        Blocks have up to 512 rows. Their borders depend only on ``batch_size`` and the number of samples, so the bits
        do not depend on the number of threads. A matrix product may round a row differently in a block of another
        length; so a dask array gives the same bits as a NumPy array if its chunks, except the last, have multiples of
        ``batch_size`` rows. While the network computes, NumPy's BLAS library uses one thread per product; see
        `spatium.nn.limit_blas`.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network, Softmax
        >>> network = Network([Dense(4, 3, rng=0), Softmax()])
        >>> network.predict(np.ones((1000, 4)), batch_size=64).shape
        (1000, 3)
        """
        if _dask.is_dask_array(x):
            from spatium.nn.lazy import predict_lazily

            if out is not None:
                raise TypeError("out is not supported for a dask array, because the result is lazy")
            return predict_lazily(self, x, whole_number("batch_size", batch_size))
        samples = self._samples(x)
        plan = self._plan(samples.shape)
        shape = (samples.shape[0], *plan.given)
        if out is None:
            pass
        elif not isinstance(out, np.ndarray) or out.dtype != self.dtype or not out.flags.writeable:
            what = getattr(out, "dtype", type(out).__name__)
            raise TypeError(f"out is {what}, expected a writable {self.dtype} array")
        elif out.shape != shape:
            raise ValueError(f"out has shape {out.shape}, expected {shape}")
        elif np.may_share_memory(samples, out):
            samples = np.array(samples)
        return infer(plan, samples, out, True, whole_number("batch_size", batch_size))

    def classify(self, x: Any, batch_size: int = 4096) -> Any:
        """Return the column with the largest output for each sample, shape (samples,), as an index of ``classes``.

        The result is an array of int64; as in `predict`, it is lazy for a dask array.

        For a network that ends in a sigmoid with a single output, the class is 1 if the output is above 0.5. Another
        single output is not a class, which is a ValueError.

        If several outputs are equal, the first one is returned. As in `numpy.argmax`, NaN counts as larger than any
        number, so the result for a sample with NaN outputs is the column of the first NaN; use `predict` to detect such
        samples.

        Examples
        --------
        >>> from spatium.nn import Network, Softmax
        >>> Network([Softmax()]).classify([[0.0, 2.0, 1.0], [5.0, 0.0, 0.0]])
        array([1, 0])
        """
        if not self.has_classes:
            raise ValueError("the network has one output, which is not a probability: use predict")
        outputs = self.predict(x, batch_size)
        if _dask.is_dask_array(outputs):
            from spatium.nn.lazy import classify_lazily

            return classify_lazily(outputs, _winners)
        return _winners(outputs)

    @property
    def has_classes(self) -> bool:
        """Whether outputs mean classes: several, or one that is a probability."""
        return self.n_outputs != 1 or training.is_sigmoid(self.layers[-1])

    def classes_of(self, outputs: Array) -> NDArray[np.int64]:
        """Return the classes of outputs that `predict` returned; see `classify`.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Network, Softmax
        >>> Network([Softmax()]).classes_of(np.array([[0.1, 0.9], [0.7, 0.3]]))
        array([1, 0])
        """
        return _winners(outputs)

    # ---- training ----

    def fit(
        self,
        x: ArrayLike,
        y: ArrayLike,
        epochs: int = 20,
        batch_size: int = 64,
        learning_rate: float = 1e-3,
        loss: str = "auto",
        schedule: str = "cosine",
        weight_decay: float = 0.0,
        early_stopping: int | None = None,
        validation: tuple[ArrayLike, ArrayLike] | None = None,
        sample_weight: ArrayLike | None = None,
        progress: Callable[[EpochRecord], object] | bool | None = None,
        rng: Random = None,
    ) -> list[EpochRecord]:
        """Minimize a loss with Adam on shuffled mini-batches.

        Before training, the layers adapt to their inputs, layer by layer: the thresholds of the SimHash of a
        SpatialDense are set to the medians of the projections, and Standardize gets its means and spreads. They do not
        change during training.

        Parameters
        ----------
        x : array_like, shape (samples, n_inputs), or of the rank of the first layer
        y : array_like
            For "cross_entropy", the classes, integers from 0 to n_outputs - 1, shape (samples,). For "bce", 0, 1, or
            probabilities, and for "mse", real numbers, shape (samples, n_outputs) or, for one output, (samples,).
            Classes may also be names of ``classes``; without ``classes``, the sorted names become the classes.
        epochs, batch_size : int
            The number of passes over the samples, and the number of samples per step. A last batch of one sample is
            joined to the batch before.
        learning_rate : float
            Adam's step size in the first epoch.
        loss : {"auto", "cross_entropy", "bce", "mse"}
            The cross entropy of classes, the binary cross entropy of each output, or the mean squared error. The first
            two are computed from the inputs of a last Softmax, or of a last ``ActivationLayer("sigmoid")``; without
            such a layer, the outputs are taken as these inputs. "auto" is the cross entropy after a Softmax, the binary
            cross entropy after a sigmoid if y contains only 0 and 1, and otherwise the mean squared error.
        schedule : {"cosine", "constant"}
            With "cosine", the step size decreases to zero along half a cosine.
        weight_decay : float
            Every step multiplies the weights, but not the biases, by 1 - step size · weight_decay.
        early_stopping : int, optional
            Stop after this number of epochs without a lower loss on ``validation``, and restore the parameters with the
            lowest.
        validation : (x, y), optional
            Samples that are not used for training. Their loss and accuracy are added to the records.
        sample_weight : array_like, shape (samples,), optional
            Non-negative weights of the samples in loss, gradients and accuracy.
        progress : callable or bool, optional
            Called with the record of each epoch; it may call `split` and `prune`. By default, a line shows the progress
            if the standard error is a terminal; True and False choose.
        rng : Generator or int, optional
            The source of the order of the samples. The same seed, network and machine give the same weights.

        Returns
        -------
        list of dict
            For each epoch ``epoch``, ``loss`` and, for classes, ``accuracy`` (means over the steps of the epoch); with
            ``validation`` also ``validation_loss`` and ``validation_accuracy`` (after the epoch).

        Raises
        ------
        ValueError
            If the network has no parameters, or an argument has the wrong shape or range.
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
        settings = self._settings(
            epochs, batch_size, learning_rate, loss, schedule, weight_decay, early_stopping, plain_array("y", y)
        )
        if early_stopping is not None and validation is None:
            raise ValueError("early_stopping needs validation")
        data, settings = self._data(x, y, settings, "x", "y", sample_weight)
        held_out = (
            None if validation is None else self._data(*validation, settings, "validation[0]", "validation[1]")[0]
        )
        generator = np.random.default_rng(rng)
        self._optimizer = Adam([], settings.weight_decay)
        try:
            return training.train(
                self.layers, data, held_out, settings, generator, progress, self.pattern_hash, self._optimizer
            )
        finally:
            self._optimizer = None

    def improve(
        self,
        x: ArrayLike,
        y: ArrayLike,
        *,
        loss: str = "auto",
        sweeps: int = 1,
        palette: Sequence[Activation | str] | None = None,
        sample_weight: ArrayLike | None = None,
    ) -> list[EpochRecord]:
        """Choose better functions for the cells of every `SpatialDense`, without gradients.

        A cell affects only the rows that select it. So for one unit, the best function of every cell is found by one
        pass per function. The units follow one another, and the loss of the samples never rises. The weights do not
        change.

        Parameters
        ----------
        x, y, loss, sample_weight
            As in `fit`.
        sweeps : int
            The greatest number of times that all units are improved. It ends earlier if nothing changes.
        palette : sequence of Activation or str, optional
            The functions to choose from, in addition to those of the maps. The default is relu, tanh, gelu and sine.

        Returns
        -------
        list of dict
            For the network as it was and for each sweep ``sweep``, ``loss`` and the number of ``changed`` cells.

        Raises
        ------
        ValueError
            If no layer has maps, cells are still learned by `fit`, or a layer of your own may mix the rows.

        Examples
        --------
        >>> import numpy as np, spatium as sp
        >>> from spatium.nn import Network, SpatialDense
        >>> x = np.array([[-2.0, 0], [2.0, 0], [-2.0, 1], [2.0, 1]])
        >>> layer = SpatialDense(2, 1, sp.ActivationMap.uniform(sp.ReLU(), 1), "network", rng=0)
        >>> layer.weights = [[1.0], [0.0]]
        >>> network = Network([layer], pattern_hash=sp.CategoryHash(2, columns=[1]))
        >>> records = network.improve(x, np.where(x[:, 1] == 0, np.tanh(x[:, 0]), np.sin(x[:, 0])))
        >>> layer.maps[0, 0, 0], layer.maps[0, 0, 1], records[-1]["changed"]
        (Tanh(), Sine(), 2)
        """
        settings = self._settings(1, 1, 1.0, loss, "constant", 0.0, None, plain_array("y", y))
        data, settings = self._data(x, y, settings, "x", "y", sample_weight)
        trained = training.trained_layers(self.layers, settings.loss)
        if not any(isinstance(layer, SpatialDense) for layer in trained):
            raise ValueError("improve has nothing to choose: no layer has maps")
        if any(layer.is_annealing() for layer in trained):
            raise ValueError("improve needs maps: fit has not finished the learning of cells")
        if any(getattr(layer, "fade", None) is not None for layer in trained):
            raise ValueError("improve needs layers without fade: assign layer.fade afterwards")
        if not self._plan(data.x.shape).in_blocks:
            raise ValueError("improve needs layers that do not mix the rows, and one of them has no _infer")
        times = whole_number("sweeps", sweeps)
        return improvement.improve(trained, data, settings.loss, self.pattern_hash, times, palette)

    # ---- growth ----

    def split(
        self,
        layer: int = 0,
        units: ArrayLike | None = None,
        by: growth.Criterion = "splitting",
        epsilon: float = 0.0,
        x: ArrayLike | None = None,
        y: ArrayLike | None = None,
        loss: str = "auto",
        rng: Random = None,
    ) -> NDArray[np.intp]:
        r"""Split units of a layer in two, without a change of the outputs.

        The children of a unit are copies with its weights, bias, map, rate and state. In the next layer, the weights of
        each are half of those of the unit, which is exact [1]_. One child takes the place of the unit, the other is the
        last unit of the layer. While `fit` runs, a function that is passed as ``progress`` may split units at the end
        of an epoch; the moments of the optimizer are then divided among the children.

        Children that are equal stay equal. With ``epsilon``, their weights are θ ± ε·v with the direction v in which
        the loss falls most: the eigenvector of the smallest eigenvalue λ of the splitting matrix
        S = E[∂L/∂h · f″(z) · x·xᵀ] of the unit, where h = f(z) is its output, and x the input of the layer [2]_. The
        loss changes by ε²/2·λ + O(ε³). If λ is not negative, the loss cannot fall, and for functions with f″ = 0, such
        as relu, the matrix is 0 and v is random.

        Parameters
        ----------
        layer : int
            The index in ``layers`` of a `Dense`, `SpatialDense` or `SpatialLayer`, which one of these must follow,
            perhaps after a `BatchNorm`.
        units : array_like of int, optional
            The units that are split. By default it is one, the best by the criterion, or none if it recommends none.
        by : {"splitting", "error", "saturation"}
            "splitting" chooses the unit with the smallest λ, if it is negative. "error" chooses the unit for which the
            gradient of its sum z has the largest mean absolute value; without x and y, the unit of a `SpatialLayer` for
            which `SpatialLayer.learn` has found the largest errors. "saturation" chooses the unit of a `SpatialLayer`
            that has learned in the most contexts, if these are more than 75 %.
        epsilon : float
            The distance of each child from the unit. In a `SpatialLayer`, each context with a negative λ has a
            direction of its own.
        x, y : array_like, optional
            Samples and targets as in `fit`; some thousand are enough. Units cannot be chosen without them, except as
            described, and ``epsilon`` needs them.
        loss : {"auto", "cross_entropy", "bce", "mse"}
            As in `fit`.
        rng : Generator or int, optional
            The source of random directions.

        Returns
        -------
        ndarray of intp, shape (split units, 2)
            The indices of the children.

        Raises
        ------
        ValueError
            If another layer follows, x and y are missing, or an argument is invalid; if the next layer has its own hash
            of a kind that cannot take copies of units, or has weights of few bits. Nothing is changed then.
        TypeError
            If a `Custom` activation without a second derivative is to be split with ``epsilon`` or by "splitting".
        OverflowError
            If a unit of a `SpatialLayer` has too many ancestors for a number of 64 bits.

        References
        ----------
        .. [1] T. Chen, I. Goodfellow, J. Shlens, "Net2Net: accelerating learning via knowledge transfer", ICLR 2016,
           arXiv:1511.05641.
        .. [2] Q. Liu, L. Wu, D. Wang, "Splitting steepest descent for growing neural architectures", NeurIPS 2019,
           arXiv:1910.02366.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network
        >>> network = Network([Dense(3, 4, "tanh", rng=0), Dense(4, 1, rng=1)]).astype(np.float64)
        >>> x = np.random.default_rng(0).normal(size=(100, 3))
        >>> before = network.predict(x)
        >>> network.split(units=[1, 3])
        array([[1, 4],
               [3, 5]])
        >>> network.layers[0].n_outputs, bool(np.allclose(network.predict(x), before, rtol=1e-12))
        (6, True)
        """
        problem = None
        if x is not None or y is not None:
            if x is None or y is None:
                raise ValueError(f"split needs both x and y, {'x' if x is None else 'y'} is missing")
            settings = self._settings(1, 1, 1.0, loss, "constant", 0.0, None, plain_array("y", y))
            data, settings = self._data(x, y, settings, "x", "y")
            problem = growth.Problem(data, settings.loss)
        epsilon = check_scalar("epsilon", epsilon, "nonnegative")
        generator = np.random.default_rng(rng)
        children = growth.split(
            self.layers, layer, units, by, epsilon, problem, self.pattern_hash, generator, self._optimizer
        )
        self._plans.clear()
        return children

    def prune(self, layer: int = 0, threshold: float = 0.01, x: ArrayLike | None = None) -> NDArray[np.intp]:
        """Remove the units of a layer that contribute little to the next layer.

        The contribution of a unit is the mean absolute value of its output, times the norm of its weights in the next
        layer. Units with less than ``threshold`` times the mean contribution are removed. Then the next layer is as if
        their outputs were constant: its bias takes their means times these weights.

        Parameters
        ----------
        layer : int
            The index of a layer as in `split`.
        threshold : float
            At least one unit remains, whatever the threshold.
        x : array_like, optional
            The samples for the means. Without them, the contribution is the norm alone, and the bias is unchanged.

        Returns
        -------
        ndarray of intp
            The former indices of the removed units.

        Raises
        ------
        ValueError
            If another layer follows, an argument is invalid, or the next layer has its own hash that needs a removed
            unit. Nothing is changed then.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network
        >>> network = Network([Dense(3, 4, "tanh", rng=0), Dense(4, 1, rng=1)])
        >>> network.layers[1].parameters["weights"][2] = 0.0
        >>> network.prune()
        array([2])
        >>> network.layers[1].n_inputs
        3
        """
        threshold = check_scalar("threshold", threshold, "nonnegative")
        samples = None if x is None else self._finite_samples(x, "x")
        removed = growth.prune(self.layers, layer, threshold, samples, self.pattern_hash, self._optimizer)
        self._plans.clear()
        return removed

    # ---- descriptions, copies, files ----

    def summary(self) -> Table:
        """Return a table of the layers with their shapes and numbers of parameters.

        Examples
        --------
        >>> from spatium.nn import Dense, Network, Softmax
        >>> print(Network([Dense(64, 10, "relu", rng=0), Softmax()]).summary())
        layer    input  output  parameters
        -------  -----  ------  ----------
        Dense    64     10             650
        Softmax  10     10               0
        650 parameters, float32
        """
        rows = []
        for layer in self.layers:
            shapes = (layer._expected_shape(), _output_shape(layer))
            rows.append((type(layer).__name__, *(_shape_text(shape) for shape in shapes), layer.n_parameters))
        note = f"{self.n_parameters} parameters, {self.dtype}"
        return Table("", ("layer", "input", "output", "parameters"), rows, (note,))

    def memory(self, batch: int = 32, input_shape: Sequence[int] | None = None) -> Table:
        """Return a table of the bytes of each layer in training: parameters, buffers, kept data and gradients.

        The kept data are measured in a training pass of a copy of the network with `batch` samples of zeros. An array
        that two layers keep is counted for the first. ``input_shape`` replaces the shape of the samples if it is open.

        Examples
        --------
        >>> from spatium.nn import Dense, Network
        >>> print(Network([Dense(64, 10, "relu", rng=0)]).memory(batch=32))
        layer  parameters  buffers  kept  gradients
        -----  ----------  -------  ----  ---------
        Dense        2600        0  8232       2600
        all          2600        0  8232       2600
        bytes for 32 samples
        """
        shape = self.input_shape if input_shape is None else tuple(input_shape)
        if shape is None or None in shape:
            raise ValueError(f"the shape of the samples is {shape}: pass input_shape")
        twin, seen, rows = self.clone(), set[int](), []
        y = twin.forward(np.zeros((whole_number("batch", batch), *shape), self.dtype), training=True)
        twin.backward(np.zeros_like(y))
        for layer in twin.layers:
            arrays = (layer.parameters.values(), layer.buffers.values(), layer.gradients.values())
            parameters, buffers, gradients = (sum(array.nbytes for array in kind) for kind in arrays)
            rows.append((type(layer).__name__, parameters, buffers, _kept_bytes(layer._kept, seen), gradients))
        totals = [sum(column) for column in list(zip(*rows, strict=True))[1:]]
        columns = ("layer", "parameters", "buffers", "kept", "gradients")
        return Table("", columns, [*rows, ("all", *totals)], (f"bytes for {batch} samples",), digits=12)

    def clone(self) -> Network:
        """Return an independent copy. Maps are copied, and their hit counts start at 0."""
        return self.astype(self.dtype)

    def astype(self, dtype: DTypeLike) -> Network:
        """Return a copy that computes in float32 or float64, as `Layer.astype`."""
        layers = [layer.astype(dtype) for layer in self.layers]
        return Network(layers, self.classes, self.metadata, copy.deepcopy(self.pattern_hash))

    def quantized(
        self, X: ArrayLike, bits: int = 8, method: Method = "minmax", rounding: Rounding = "half_even"
    ) -> Network:
        """Return a copy whose activations run on codes of eight or four bits; the weights are not quantized.

        Parameters
        ----------
        X : array_like
            Samples from which the ranges of the codes are found, for each layer by the `method` of `sp.quantize`. The
            activations in the maps of one layer have common levels.
        bits : {8, 4}
        method : {"minmax", "percentile", "mse"}
        rounding : {"half_even", "half_away"}

        Notes
        -----
        Softmax, gated and attention layers, and activations with trained parameters per channel compute in floating
        point. The copy cannot be trained, because a function of codes has no derivative.

        Examples
        --------
        >>> import numpy as np
        >>> from spatium.nn import Dense, Network
        >>> X = np.random.default_rng(0).normal(size=(100, 4))
        >>> network = Network([Dense(4, 3, "tanh", rng=0)])
        >>> bool(np.abs(network.quantized(X).forward(X) - network.forward(X)).max() < 0.02)
        True
        """
        layers = on_codes(self, X, bits, method, rounding)
        return Network(layers, self.classes, self.metadata, copy.deepcopy(self.pattern_hash))

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the network to one ``.npz`` file: arrays and a description of the layers, without pickle.

        The file gets its name when it is complete; until then, an older file is unchanged. Hit counts are not saved,
        and for a Custom activation only the name is saved. A layer of your own is saved if it has `Layer.to_config`.

        Raises
        ------
        TypeError
            If a layer cannot be saved: a layer without ``to_config``, or a pattern hash of your own.
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
        files.save(self.layers, self.dtype, self.classes, self.metadata, self.pattern_hash, path)

    @classmethod
    def load(
        cls,
        path: str | os.PathLike[str],
        custom: Mapping[str, Activation] | None = None,
        layers: Iterable[type[Layer]] = (),
    ) -> Network:
        """Read a network that `save` wrote. It computes the same bits as the saved network.

        Parameters
        ----------
        path : path_like
        custom : mapping of str to Activation, optional
            The Custom activations of the saved network, by name.
        layers : iterable of Layer subclasses, optional
            The layers of your own in the saved network. The file names them, and never imports anything.

        Raises
        ------
        ValueError
            If the file is not such a network, is damaged, is from a newer version, or contains NaN. The message names
            the file.
        OSError
            If the file cannot be read.
        """
        content = files.load(path, custom, layers)
        try:
            return cls(*content)
        except (TypeError, ValueError) as error:
            raise ValueError(f"{os.fspath(path)}: {error}") from error

    def _plan(self, shape: tuple[int, ...]) -> Plan:
        plan = self._plans.get(shape[1:])
        if plan is None:
            if len(self._plans) >= _PLANS_KEPT:
                self._plans.clear()
            plan = self._plans[shape[1:]] = plan_of(self.layers, shape, self.pattern_hash)
        return plan

    @property
    def _maps(self) -> list[ActivationMap]:
        """The maps of the layers, in their order."""
        maps = (getattr(layer, "maps", None) for layer in self.layers)
        return [amap for amap in maps if isinstance(amap, ActivationMap)]

    def _predict_with_hits(self, samples: Array, batch_size: int) -> tuple[Array, list[NDArray[np.uint64]]]:
        """Return the outputs and the hits that each grid of each map receives, without adding these to the maps."""
        return infer_with_hits(self._plan(samples.shape), samples, self._maps, batch_size)

    def _add_hits(self, hits: Iterable[NDArray[np.uint64]]) -> None:
        """Add the hits that `_predict_with_hits` returned."""
        for amap, own in zip(self._maps, hits, strict=True):
            amap._add_to_every_grid(own)

    def _samples(self, x: Any) -> Any:
        """Return x without converting it, so that a memory map stays on disk."""
        samples = real_array("x", x)
        if samples.ndim < 2:
            raise ValueError(f"x has shape {samples.shape}, expected {shown_samples(self.input_shape)}")
        return samples

    # ---- the arguments of fit ----

    def _settings(
        self,
        epochs: int,
        batch_size: int,
        learning_rate: float,
        loss: str,
        schedule: str,
        weight_decay: float,
        early_stopping: int | None,
        y: NDArray[Any],
    ) -> Settings:
        if schedule not in ("cosine", "constant"):
            raise ValueError(f"schedule is {schedule!r}, expected 'cosine' or 'constant'")
        chosen = training.choose_loss(loss, self.layers[-1], y)
        if not training.trained_layers(self.layers, chosen):
            raise ValueError("fit has nothing to train: the network has only its last layer")
        return Settings(
            whole_number("epochs", epochs),
            whole_number("batch_size", batch_size),
            check_scalar("learning_rate", learning_rate, "positive"),
            chosen,
            schedule,
            check_scalar("weight_decay", weight_decay, "nonnegative"),
            None if early_stopping is None else whole_number("early_stopping", early_stopping),
            chosen != "mse",
        )

    def _data(
        self, x: ArrayLike, y: ArrayLike, settings: Settings, x_name: str, y_name: str, weights: ArrayLike | None = None
    ) -> tuple[Data, Settings]:
        """Return the checked samples and targets, and the settings, which have an accuracy only if y has classes."""
        samples = self._finite_samples(x, x_name)
        targets = plain_array(y_name, y)
        if targets.dtype.kind in "USO" and settings.loss != "mse":
            targets = self._numbered(targets, y_name)
        if settings.loss == "cross_entropy":
            wanted = self._labelled(targets, samples, x_name, y_name)
        else:
            wanted = self._targeted(targets, samples, y_name)
        if settings.loss == "bce":
            if not ((wanted >= 0) & (wanted <= 1)).all():
                raise ValueError(f"{y_name} runs from {wanted.min()} to {wanted.max()}, expected 0 to 1")
            settings = settings._replace(accuracy=settings.accuracy and bool(np.isin(wanted, (0, 1)).all()))
        return Data(samples, wanted, self._weighted(weights, len(samples))), settings

    def _finite_samples(self, x: ArrayLike, x_name: str) -> Array:
        samples = as_dtype(x_name, x, self.dtype)
        if samples.ndim < 2 or len(samples) == 0:
            expected = shown_samples(self.input_shape)
            raise ValueError(f"{x_name} has shape {samples.shape}, expected {expected}, at least one")
        try:
            self._plan(samples.shape)
        except ValueError as error:
            raise ValueError(str(error).replace("x has", f"{x_name} has", 1)) from None
        finite = np.isfinite(samples.reshape(len(samples), -1)).all(axis=1)
        if not finite.all():
            raise ValueError(f"{x_name} is not finite in row {int(np.flatnonzero(~finite)[0])}")
        return samples

    def _numbered(self, names: NDArray[Any], y_name: str) -> NDArray[np.int64]:
        """Return the indices of class names; without ``classes``, the sorted names become the classes."""
        if names.dtype.kind == "O" and not all(isinstance(name, str) for name in names.flat):
            raise TypeError(f"{y_name} has dtype object, expected integer classes or names")
        if self.classes is None:
            self.classes = sorted({str(name) for name in names.flat})
        indices = {name: index for index, name in enumerate(self.classes or ())}
        try:
            return np.array([indices[str(name)] for name in names.flat], dtype=np.int64).reshape(names.shape)
        except KeyError as error:
            raise ValueError(f"{y_name} contains {error.args[0]!r}, which is not one of the classes") from None

    def _labelled(self, y: NDArray[Any], samples: Array, x_name: str, y_name: str) -> NDArray[np.int64]:
        if y.dtype.kind not in "iu":
            raise TypeError(f"{y_name} has dtype {y.dtype}, expected integer classes or names")
        if y.shape != samples.shape[:1]:
            raise ValueError(f"{y_name} has shape {y.shape}, expected {samples.shape[:1]} as {x_name}")
        n_classes = self.n_outputs or 0
        if y.min() < 0 or y.max() >= n_classes:
            raise ValueError(f"{y_name} runs from {y.min()} to {y.max()}, classes are 0 to {n_classes - 1}")
        return y.astype(np.int64)

    def _targeted(self, y: NDArray[Any], samples: Array, y_name: str) -> Array:
        targets = as_dtype(y_name, y, self.dtype)
        given = self._plan(samples.shape).given
        if targets.shape == samples.shape[:1] and given == (1,):
            targets = targets[:, np.newaxis]
        if targets.shape != (len(samples), *given):
            raise ValueError(f"{y_name} has shape {targets.shape}, expected {(len(samples), *given)}")
        if not np.isfinite(targets).all():
            raise ValueError(f"{y_name} is not finite")
        return targets

    def _weighted(self, weights: ArrayLike | None, n_samples: int) -> NDArray[np.float64] | None:
        if weights is None:
            return None
        checked = as_dtype("sample_weight", weights, np.dtype(np.float64))
        if checked.shape != (n_samples,):
            raise ValueError(f"sample_weight has shape {checked.shape}, expected {(n_samples,)}")
        if not (np.isfinite(checked) & (checked >= 0)).all() or not checked.any():
            raise ValueError("sample_weight contains negative or infinite weights, or only zeros")
        return checked


def _winners(outputs: Array) -> NDArray[np.int64]:
    """Return the class of each row of outputs; see `Network.classes_of`."""
    y = outputs.reshape(len(outputs), math.prod(outputs.shape[1:]))
    labels: NDArray[np.int64] = (y[:, 0] > 0.5).astype(np.int64) if y.shape[1] == 1 else y.argmax(axis=1)
    return labels


def _output_shape(layer: Layer) -> Shape | None:
    if layer.output_shape is not None:
        return layer.output_shape
    return None if layer.n_outputs is None else (layer.n_outputs,)


def _shape_text(shape: Shape | None) -> str:
    return "any" if shape is None else "×".join("any" if n is None else str(n) for n in shape)


def _kept_bytes(kept: Any, seen: set[int]) -> int:
    """Return the bytes of the arrays in kept data that are not yet in `seen`."""
    if isinstance(kept, Saved):
        return sum(_kept_bytes(part, seen) for part in (kept.array, kept.bits, kept.bias))
    if isinstance(kept, np.ndarray):
        whole = kept
        while isinstance(whole.base, np.ndarray):
            whole = whole.base
        if id(whole) in seen:
            return 0
        seen.add(id(whole))
        return whole.nbytes
    if isinstance(kept, Mapping):
        kept = kept.values()
    return sum(_kept_bytes(part, seen) for part in kept) if isinstance(kept, Iterable) else 0
