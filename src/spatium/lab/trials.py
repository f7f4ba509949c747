"""One network of a comparison: trained on the data of a seed, measured on other data."""

from __future__ import annotations

import functools
import hashlib
import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from spatium._arrays import plain_array
from spatium._checks import check_scalar, whole_number
from spatium.analysis import INACTIVITY_PERCENT, VANISHING_GRADIENT
from spatium.lab.networks import Design, Target, build, hidden_layers
from spatium.lab.runs import Folder, Job, Progress, Result, reporting, run
from spatium.maps.hashes import CategoryHash
from spatium.nn import Network
from spatium.nn.cells import cells_of
from spatium.nn.hashing import HashFunction
from spatium.nn.layer import as_dtype

__all__ = [
    "EXTRAS",
    "Data",
    "Fitted",
    "Trials",
    "Tuned",
    "fit",
    "mean_and_error",
    "score_of",
    "train_one",
    "tuned_runs",
]

_TUNING = 1_000_000  # the first of the seeds that are only used to choose rates
_TUNING_SHARE = 5  # one part in so many of the training rows then replaces the test rows


class Data(NamedTuple):
    """Rows for training and for the test, in float32, and the hash of their context.

    `target` is "numbers", "binary" (0 or 1) or "classes" (0, 1, 2, ...).
    """

    x: NDArray[np.float32]
    y: NDArray[Any]
    x_test: NDArray[np.float32]
    y_test: NDArray[Any]
    context: HashFunction | None
    target: Target

    @classmethod
    def checked(cls, X: ArrayLike, y: ArrayLike, X_test: ArrayLike, y_test: ArrayLike, context: Any) -> Data:
        """Return the data after checking them. Whole numbers, truth values and words are classes."""
        rows = [as_dtype(name, value, np.dtype(np.float32)) for name, value in (("X", X), ("X_test", X_test))]
        labels = [plain_array(name, value) for name, value in (("y", y), ("y_test", y_test))]
        for name, x in zip(("X", "X_test"), rows, strict=True):
            if x.ndim != 2 or len(x) < 2:
                raise ValueError(f"{name} has shape {x.shape}, expected (rows, columns), at least two rows")
            if not np.isfinite(x).all():
                raise ValueError(f"{name} is not finite in row {int(np.argmin(np.isfinite(x).all(axis=1)))}")
        if rows[0].shape[1] != rows[1].shape[1]:
            raise ValueError(f"X_test has {rows[1].shape[1]} columns, X has {rows[0].shape[1]}")
        for name, x, label in zip(("y", "y_test"), rows, labels, strict=True):
            if label.shape != x.shape[:1]:
                raise ValueError(f"{name} has shape {label.shape}, expected {x.shape[:1]}")
        if context is not None and not callable(context):
            raise TypeError(f"context is {context!r}, expected a hash such as CategoryHash")
        if all(label.dtype.kind == "f" for label in labels):
            if not all(np.isfinite(label).all() for label in labels):
                raise ValueError("y or y_test is not finite")
            return cls(rows[0], labels[0], rows[1], labels[1], context, "numbers")
        classes = np.unique(labels[0])
        if len(classes) < 2 or not np.isin(labels[1], classes).all():
            raise ValueError(f"y has the classes {classes[:9].tolist()}, expected at least two, and those of y_test")
        places = [np.searchsorted(classes, label) for label in labels]
        return cls(rows[0], places[0], rows[1], places[1], context, "binary" if len(classes) == 2 else "classes")

    @property
    def n_outputs(self) -> int:
        """The outputs of a network for these data."""
        return int(self.y.max()) + 1 if self.target == "classes" else 1

    @property
    def digest(self) -> str:
        """A text that is different for other data."""
        found = hashlib.sha256()
        for array in (self.x, self.y, self.x_test, self.y_test):
            found.update(repr((array.dtype.str, array.shape)).encode() + array.tobytes())
        if self.context is not None:
            found.update(np.asarray(self.context(self.x)).tobytes())
        return found.hexdigest()[:16]

    def for_tuning(self, rng: np.random.Generator) -> Data:
        """Return the training rows alone, of which one part takes the place of the test rows."""
        order = rng.permutation(len(self.x))
        count = max(1, len(order) // _TUNING_SHARE)
        away, kept = order[:count], order[count:]
        return self._replace(x=self.x[kept], y=self.y[kept], x_test=self.x[away], y_test=self.y[away])


class Trials(NamedTuple):
    """What all networks of a comparison have in common; `data` may be a function of the seed."""

    data: Data | Callable[[int], Data]
    width: int
    depth: int
    epochs: int
    batch_size: int
    extras: bool  # whether to measure what only `compare` reports


@functools.lru_cache(maxsize=4)
def _data_of(function: Callable[[int], Data], seed: int) -> Data:
    return function(seed)


def _named(data: Data | Callable[[int], Data]) -> str:
    if isinstance(data, Data):
        return data.digest
    if isinstance(data, functools.partial):
        return f"{_named(data.func)} {data.args!r} {sorted(data.keywords.items())!r}"
    if hasattr(data, "function"):
        return _named(data.function)
    return f"{getattr(data, '__module__', '')}.{getattr(data, '__qualname__', repr(data))}"


class Fitted(NamedTuple):
    """A trained network with its data, and the mean and the spread of the targets that it was trained for."""

    network: Network
    data: Data
    scale: tuple[float, float]
    failed: bool

    @property
    def score(self) -> float:
        """The accuracy on the test rows, or the share of the variance that is explained, in percent."""
        return 0.0 if self.failed else score_of(self.network, self.data, self.scale)


def fit(trials: Trials, design: Design, rate: float, seed: int) -> Fitted:
    """Train a network. With a seed for tuning, a part of the training rows takes the place of the test rows."""
    data = trials.data if isinstance(trials.data, Data) else _data_of(trials.data, seed)
    seeds = np.random.SeedSequence(seed).spawn(3)
    if seed >= _TUNING:
        data = data.for_tuning(np.random.default_rng(seeds[2]))
    if design.one_hot:
        data = _with_cells(data)
    scale, wanted = (0.0, 1.0), data.y
    if data.target == "numbers":
        scale = (float(data.y.mean()), float(data.y.std()) or 1.0)
        wanted = (data.y - scale[0]) / scale[1]
    network = build(
        design, data.x.shape[1], data.n_outputs, data.target, trials.width, trials.depth, data.context,
        np.random.default_rng(seeds[0]),
    )  # fmt: skip
    try:
        network.fit(
            data.x, wanted, epochs=trials.epochs, batch_size=trials.batch_size, learning_rate=rate,
            rng=np.random.default_rng(seeds[1]), progress=False,
        )  # fmt: skip
    except FloatingPointError:  # the loss became infinite
        return Fitted(network, data, scale, True)
    return Fitted(network, data, scale, False)


def train_one(trials: Trials, design: Design, rate: float, seed: int) -> Result:
    """Train a network, and return what `compare` and `nulls` need of it."""
    fitted = fit(trials, design, rate, seed)
    network, data, scale, failed = fitted
    result: Result = {"score": fitted.score, "failed": failed}
    if failed:
        return result | dict.fromkeys(("permuted", *(EXTRAS if trials.extras else ())), 0.0)
    result["train"] = score_of(network, data._replace(x_test=data.x, y_test=data.y), scale)
    if data.target != "numbers":
        result["failed"] = len(np.unique(network.classify(data.x_test))) < 2
    if design.routing == "context" and design.cells == "learned" and seed < _TUNING:
        result["permuted"] = _permuted(network, data, scale, np.random.default_rng(seed))
    return result | (_extras(network, data) if trials.extras and seed < _TUNING else {})


EXTRAS = ("iou", "dead", "kept", "score_8", "score_4")


def _with_cells(data: Data) -> Data:
    """Return data whose rows contain their cell as columns of 0 and 1, from which a new hash takes it."""
    if data.context is None:
        raise ValueError("the data have no context whose cell could be an input")
    cells = [cells_of(data.context(x)) for x in (data.x, data.x_test)]
    live = np.unique(np.concatenate(cells))  # a cell that only occurs in the test needs a column too
    x, x_test = (
        np.concatenate([rows, (found[:, np.newaxis] == live).astype(np.float32)], axis=1)
        for rows, found in zip((data.x, data.x_test), cells, strict=True)
    )
    columns = range(data.x.shape[1], x.shape[1])
    return data._replace(x=x, x_test=x_test, context=CategoryHash(x.shape[1], columns=columns))


def score_of(network: Network, data: Data, scale: tuple[float, float]) -> float:
    """Return the accuracy on the test rows, or the share of the variance that is explained, in percent."""
    if data.target != "numbers":
        return 100.0 * float((network.classify(data.x_test) == data.y_test).mean())
    error = network.predict(data.x_test)[:, 0].astype(np.float64) * scale[1] + scale[0] - data.y_test
    around = float(np.square(data.y_test - data.y.mean()).mean())
    return 100.0 * (1.0 - float(np.square(error).mean()) / around) if around else 0.0


class _Permuted:
    """A hash after which the live cells have changed places, so that each has the functions of another."""

    def __init__(self, pattern_hash: Any, live: NDArray[np.intp], rng: np.random.Generator) -> None:
        self.n_features = getattr(pattern_hash, "n_features", None)
        self._hash = pattern_hash
        self._places = np.arange(64)
        order = rng.permutation(live)
        self._places[order] = np.roll(order, 1)  # one cycle: no cell keeps its place

    def __call__(self, x: Any) -> NDArray[np.uint64]:
        cells = self._places[cells_of(self._hash(x))].astype(np.uint64)
        hashes: NDArray[np.uint64] = (cells >> np.uint64(3)) << np.uint64(8) | cells & np.uint64(7)
        return hashes


def _permuted(network: Network, data: Data, scale: tuple[float, float], rng: np.random.Generator) -> float:
    """Return the score after the live cells have been permuted, which the network was not trained for."""
    twin = network.clone()
    live = np.unique(cells_of(twin.pattern_hash(data.x))) if twin.pattern_hash is not None else np.zeros(1, np.intp)
    return score_of(Network(twin.layers, pattern_hash=_Permuted(network.pattern_hash, live, rng)), data, scale)


def _extras(network: Network, data: Data) -> Result:
    hits = network.predict(data.x_test)[:, 0] > 0.5
    land = data.y_test == 1
    either = float((hits | land).sum())
    dead = sum(
        int((100.0 * (np.abs(layer.slopes) >= VANISHING_GRADIENT).mean(axis=0) < INACTIVITY_PERCENT).sum())
        for layer in hidden_layers(network, data.x)
    )
    kept = network.memory(batch=256, input_shape=data.x.shape[1:])
    found: Result = {
        "iou": 100.0 * float((hits & land).sum()) / either if either else 0.0,
        "dead": dead,
        "kept": int(kept["all"]["kept"]),
    }
    for bits in (8, 4):
        twin = network.quantized(data.x, bits)
        found[f"score_{bits}"] = 100.0 * float(((twin.predict(data.x_test)[:, 0] > 0.5) == land).mean())
    return found


def seeds_of(name: str, value: int | Sequence[int]) -> list[int]:
    """Return the argument `name`, a number of seeds or the seeds, as a list of seeds."""
    if isinstance(value, Sequence):
        seeds = [whole_number(f"{name}[{i}]", seed, 0, _TUNING - 1) for i, seed in enumerate(value)]
        if len(set(seeds)) < len(seeds) or not seeds:
            raise ValueError(f"{name} is {value!r}, expected different seeds")
        return seeds
    return list(range(whole_number(name, value)))


class Tuned(NamedTuple):
    """A design with the learning rate that suits it, and its results, one per seed."""

    design: Design
    rate: float
    scores: dict[float, float]  # the mean score at each rate on other seeds
    runs: list[Result]


def tuned_runs(
    trials: Trials,
    designs: Sequence[Design],
    rates: Sequence[float],
    tuning_seeds: int,
    seeds: int | Sequence[int],
    folder: Folder,
    workers: int | None,
    progress: Progress | bool | None,
) -> list[Tuned]:
    """Choose the rate of each design on rows and seeds that are not used later, and train it with the given seeds."""
    rates = [check_scalar(f"rates[{i}]", rate, "positive") for i, rate in enumerate(rates)]
    others = [_TUNING + seed for seed in range(whole_number("tuning_seeds", tuning_seeds))]
    chosen = seeds_of("seeds", seeds)
    if not rates:
        raise ValueError("rates is empty, expected at least one")
    first = [(design, rate, seed) for design in designs for rate in rates for seed in others]
    later = len(designs) * len(chosen)
    with reporting(progress) as report:
        before = iter(_train(trials, first, folder, workers, lambda done, total: report(done, total + later)))
        scores = [{rate: float(np.mean([next(before)["score"] for _ in others])) for rate in rates} for _ in designs]
        best = [max(found, key=lambda rate: found[rate]) for found in scores]
        plan = [(design, rate, seed) for design, rate in zip(designs, best, strict=True) for seed in chosen]
        results = _train(
            trials, plan, folder, workers, lambda done, total: report(len(first) + done, len(first) + total)
        )
    runs = [results[start : start + len(chosen)] for start in range(0, later, len(chosen))]
    return list(map(Tuned, designs, best, scores, runs))


def _train(
    trials: Trials, plan: Sequence[tuple[Design, float, int]], folder: Folder, workers: int | None, report: Progress
) -> list[Result]:
    named = _named(trials.data)
    # What a result depends on besides this library.
    names = [repr((named, trials[1:], design.key, rate, seed)) for design, rate, seed in plan]
    return run(train_one, trials, list(map(Job, names, plan)), folder, workers, report)


def mean_and_error(differences: ArrayLike) -> tuple[float, float]:
    """Return the mean of paired differences and its standard error; NaN for a single pair."""
    values = np.asarray(differences, dtype=np.float64)
    if len(values) < 2:
        return float(values.mean()), math.nan
    with np.errstate(invalid="ignore"):
        return float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values)))
