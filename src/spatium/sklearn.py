"""Networks as estimators of scikit-learn: classification and regression with any activation."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils import check_random_state
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import _check_sample_weight, check_is_fitted, column_or_1d, validate_data
except ModuleNotFoundError as error:
    raise ModuleNotFoundError(
        'spatium.sklearn needs scikit-learn (extra "interop"): python -m pip install scikit-learn', name=error.name
    ) from error

from spatium.activations import Activation
from spatium.nn import Dense, Layer, Network, Softmax, SpatialDense

__all__ = ["NetworkClassifier", "NetworkRegressor"]

_HELD_OUT = 0.1  # of the rows, for early stopping, as in scikit-learn's own networks


class _NetworkEstimator(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """What both estimators share."""

    network_: Network

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (100,),
        activation: str | Activation | Sequence[Any] = "relu",
        *,
        learning_rate_init: float = 1e-3,
        max_iter: int = 200,
        batch_size: int | str = "auto",
        weight_decay: float = 0.0,
        early_stopping: bool = False,
        n_iter_no_change: int = 10,
        random_state: Any = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.weight_decay = weight_decay
        self.early_stopping = early_stopping
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state

    def _hidden_layers(self, n_inputs: int, generator: np.random.Generator) -> list[Layer]:
        sizes = self.hidden_layer_sizes
        sizes = [sizes] if isinstance(sizes, int | np.integer) else list(sizes)
        several = isinstance(self.activation, list | tuple)
        activations: list[Any] = list(self.activation) if several else [self.activation] * len(sizes)  # type: ignore[arg-type]
        if len(activations) != len(sizes):
            raise ValueError(f"activation has {len(activations)} entries, hidden_layer_sizes has {len(sizes)}")
        layers: list[Layer] = []
        for n_units, act in zip(sizes, activations, strict=True):
            spatial = isinstance(act, str) and act == "spatial"
            layer = (
                SpatialDense(n_inputs, n_units, rng=generator) if spatial else Dense(n_inputs, n_units, act, generator)
            )
            layers.append(layer)
            n_inputs = n_units
        return layers

    def _generator(self) -> np.random.Generator:
        return np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))

    def _train(
        self,
        x: NDArray[Any],
        y: NDArray[Any],
        weights: NDArray[Any] | None,
        epochs: int,
        generator: np.random.Generator,
    ) -> list[dict[str, float]]:
        batch = min(200, len(x)) if isinstance(self.batch_size, str) and self.batch_size == "auto" else self.batch_size
        validation, patience = None, None
        if self.early_stopping:
            order = generator.permutation(len(x))
            n_held_out = max(1, int(_HELD_OUT * len(x)))
            held_out, kept = order[:n_held_out], order[n_held_out:]
            if not len(kept):
                raise ValueError(f"early_stopping needs at least 2 samples, X has {len(x)}")
            validation, patience = (x[held_out], y[held_out]), self.n_iter_no_change
            x, y, weights = x[kept], y[kept], None if weights is None else weights[kept]
        return self.network_.fit(
            x, y, epochs=epochs, batch_size=batch, learning_rate=self.learning_rate_init,  # type: ignore[arg-type]
            weight_decay=self.weight_decay, early_stopping=patience, validation=validation, sample_weight=weights,
            progress=False, rng=generator,
        )  # fmt: skip

    def _finish(self, records: list[dict[str, float]]) -> Any:
        self.n_iter_ = len(records)
        self.loss_curve_ = [record["loss"] for record in records]
        self.loss_ = self.loss_curve_[-1]
        return self

    def _outputs(self, X: ArrayLike) -> NDArray[Any]:
        check_is_fitted(self)
        outputs: NDArray[Any] = self.network_.predict(
            validate_data(self, X, reset=False, dtype=[np.float32, np.float64])
        )
        return outputs

    @staticmethod
    def _weights(sample_weight: ArrayLike | None, x: NDArray[Any]) -> NDArray[np.float64] | None:
        if sample_weight is None:
            return None
        weights: NDArray[np.float64] = _check_sample_weight(sample_weight, x, dtype=np.float64)
        return weights


class NetworkClassifier(ClassifierMixin, _NetworkEstimator):  # type: ignore[misc]
    r"""A network of dense layers that classifies, with any activation, for scikit-learn.

    Parameters
    ----------
    hidden_layer_sizes : sequence of int
        The numbers of units of the hidden layers.
    activation : str, Activation, or a sequence of these
        The activation of all hidden layers, or one for each. "spatial" is a layer of neurons with activation maps.
    learning_rate_init : float
        Adam's first step size, which decreases along half a cosine.
    max_iter : int
        The number of epochs.
    batch_size : int or "auto"
        The number of samples per step; "auto" is min(200, samples).
    weight_decay : float
        See `nn.Network.fit`.
    early_stopping : bool
        Whether to hold a tenth of the samples out, and to stop after ``n_iter_no_change`` epochs without a lower loss
        on them. The parameters with the lowest loss are restored.
    n_iter_no_change : int
    random_state : int, RandomState or None
        The source of weights and of the order of the samples.

    Attributes
    ----------
    classes_ : ndarray
    network_ : spatium.nn.Network
        The trained network, which can be saved with ``network_.save(path)``.
    n_iter_, loss_, loss_curve_ : int, float, list of float
        The number of epochs, the last loss, and the loss of each epoch.
    n_features_in_ : int

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.sklearn import NetworkClassifier
    >>> X = np.random.default_rng(0).normal(size=(200, 2))
    >>> y = np.where(X[:, 0] * X[:, 1] > 0, "same", "other")
    >>> model = NetworkClassifier((32,), activation="gelu", learning_rate_init=0.02, random_state=0).fit(X, y)
    >>> model.score(X, y) > 0.95
    True
    """

    classes_: NDArray[Any]

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> NetworkClassifier:
        """Train the network on samples X, shape (samples, features), and classes y, shape (samples,)."""
        x, labels = self._checked(X, y, reset=True)
        self.classes_, numbers = np.unique(labels, return_inverse=True)
        generator = self._steps_ = self._generator()
        self._build(x, generator)
        weights = self._weights(sample_weight, x)
        result: NetworkClassifier = self._finish(self._train(x, numbers, weights, self.max_iter, generator))
        return result

    def partial_fit(
        self, X: ArrayLike, y: ArrayLike, classes: ArrayLike | None = None, sample_weight: ArrayLike | None = None
    ) -> NetworkClassifier:
        """Train for one epoch. The first call needs all ``classes``."""
        first = not hasattr(self, "network_")
        x, labels = self._checked(X, y, reset=first)
        if first:
            self.classes_ = np.unique(labels if classes is None else np.asarray(classes))
            self._steps_ = self._generator()
            self._build(x, self._steps_)
        elif classes is not None and not np.array_equal(np.unique(np.asarray(classes)), self.classes_):
            raise ValueError(f"classes is {classes!r}, the first call of partial_fit had {self.classes_!r}")
        unknown = np.setdiff1d(labels, self.classes_)
        if len(unknown):
            raise ValueError(f"y contains {unknown[0]!r}, which is not one of the classes {self.classes_!r}")
        numbers = np.searchsorted(self.classes_, labels)
        weights = self._weights(sample_weight, x)
        result: NetworkClassifier = self._finish(self._train(x, numbers, weights, 1, self._steps_))
        return result

    def _checked(self, X: ArrayLike, y: ArrayLike, reset: bool) -> tuple[NDArray[Any], NDArray[Any]]:
        x, labels = validate_data(self, X, y, reset=reset, dtype=[np.float32, np.float64], multi_output=True)
        check_classification_targets(labels)
        return x, column_or_1d(labels, warn=True)

    def _build(self, x: NDArray[Any], generator: np.random.Generator) -> None:
        n_classes = len(self.classes_)
        hidden = self._hidden_layers(x.shape[1], generator)
        n_hidden = hidden[-1].n_outputs if hidden else x.shape[1]
        last = Dense(n_hidden or 1, max(n_classes, 2), rng=generator, init="lecun")
        names = [str(name) for name in self.classes_] if n_classes > 1 else None
        self.network_ = Network([*hidden, last, Softmax()], names).astype(x.dtype)

    def predict_proba(self, X: ArrayLike) -> NDArray[Any]:
        """Return the probabilities of the classes, shape (samples, classes)."""
        check_is_fitted(self)
        probabilities = self._outputs(X)
        if len(self.classes_) == 1:
            return np.ones((len(probabilities), 1), probabilities.dtype)
        return probabilities

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the most probable class of each sample."""
        winners = self.predict_proba(X).argmax(axis=1)
        found: NDArray[Any] = self.classes_[winners]
        return found


class NetworkRegressor(RegressorMixin, _NetworkEstimator):  # type: ignore[misc]
    r"""A network of dense layers that predicts numbers, with any activation, for scikit-learn.

    The parameters are those of `NetworkClassifier`. The loss is the mean squared error.

    Attributes
    ----------
    network_ : spatium.nn.Network
    n_iter_, loss_, loss_curve_, n_features_in_
        As for `NetworkClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from spatium.sklearn import NetworkRegressor
    >>> X = np.random.default_rng(0).normal(size=(300, 1))
    >>> model = NetworkRegressor((32,), activation="tanh", learning_rate_init=0.02, random_state=0)
    >>> model.fit(X, np.sin(2 * X[:, 0])).score(X, np.sin(2 * X[:, 0])) > 0.95
    True
    """

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> NetworkRegressor:
        """Train the network on X, shape (samples, features), and numbers y, (samples,) or (samples, outputs)."""
        x, targets = self._checked(X, y, reset=True)
        generator = self._steps_ = self._generator()
        self._build(x, targets, generator)
        weights = self._weights(sample_weight, x)
        result: NetworkRegressor = self._finish(self._train(x, targets, weights, self.max_iter, generator))
        return result

    def partial_fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> NetworkRegressor:
        """Train for one epoch."""
        first = not hasattr(self, "network_")
        x, targets = self._checked(X, y, reset=first)
        if first:
            self._steps_ = self._generator()
            self._build(x, targets, self._steps_)
        weights = self._weights(sample_weight, x)
        result: NetworkRegressor = self._finish(self._train(x, targets, weights, 1, self._steps_))
        return result

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def _checked(self, X: ArrayLike, y: ArrayLike, reset: bool) -> tuple[NDArray[Any], NDArray[Any]]:
        x, targets = validate_data(
            self, X, y, reset=reset, dtype=[np.float32, np.float64], multi_output=True, y_numeric=True
        )
        if reset:
            self._flat = targets.ndim == 1
        return x, targets

    def _build(self, x: NDArray[Any], y: NDArray[Any], generator: np.random.Generator) -> None:
        hidden = self._hidden_layers(x.shape[1], generator)
        n_hidden = hidden[-1].n_outputs if hidden else x.shape[1]
        n_outputs = 1 if y.ndim == 1 else y.shape[1]
        last = Dense(n_hidden or 1, n_outputs, rng=generator, init="lecun")
        self.network_ = Network([*hidden, last]).astype(x.dtype)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """Return the predicted numbers, with the shape of y."""
        outputs = self._outputs(X)
        return outputs[:, 0] if self._flat else outputs
