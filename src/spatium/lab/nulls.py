"""Whether a map of regimes helps on given data: maps beside every model that has the same information or size."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from spatium._checks import whole_number
from spatium._tables import Table, number
from spatium.activations import Activation
from spatium.lab.networks import Design, design_of
from spatium.lab.runs import Folder, Progress, Result
from spatium.lab.trials import Data, Trials, mean_and_error, tuned_runs
from spatium.maps.hashes import CategoryHash
from spatium.nn.cells import PALETTE, cells_of
from spatium.nn.hashing import HashFunction

__all__ = ["NULL_RATES", "nulls"]

NULL_RATES = (0.01, 0.03, 0.08)
CLEAR = 3.0  # standard errors; with a dozen contenders, two happen by chance

COLUMNS = (
    "contender", "function", "score", "std", "difference", "difference_error", "better_seeds", "rate", "parameters",
    "bytes",
)  # fmt: skip
MAPS = ("map", "map, gain and bias")


class Model(NamedTuple):
    """A row of the table: one design, or the same for several functions, of which the best counts."""

    name: str
    designs: tuple[Design, ...]


def nulls(
    X: ArrayLike | Callable[[int], Any],
    y: ArrayLike | None = None,
    X_test: ArrayLike | None = None,
    y_test: ArrayLike | None = None,
    *,
    context: HashFunction | None = None,
    width: int = 8,
    seeds: int | Sequence[int] = 10,
    depth: int = 2,
    rates: Sequence[float] | None = None,
    epochs: int = 60,
    batch_size: int = 64,
    tuning_seeds: int = 3,
    cell_as_input: bool = False,
    functions: Sequence[Activation | str] = PALETTE,
    folder: Folder = None,
    workers: int | None = None,
    progress: Progress | bool | None = None,
) -> Table:
    """Compare maps of regimes with networks that have the same information, the same size, or neither.

    A map can look good only because its hash tells the network something, because it has more numbers, or because it
    has several functions. Each of the null models has one of these without the map. All models are trained with the
    same seeds, so differences are paired. Each learning rate is the best for its model on other seeds, measured on a
    fifth of the training rows. The test rows choose one thing only, in favor of the null models: the best of several
    functions.

    Parameters
    ----------
    X, X_test : array_like, shape (rows, columns)
        The rows for training and for the test. In place of the four arrays, X may be a function of a module that
        returns ``(X, y, X_test, y_test, context)`` for a seed; then the standard errors contain the choice of the data.
        In the `folder`, results belong to the name and the arguments of the function.
    y, y_test : array_like, shape (rows,)
        Real numbers, or classes: whole numbers, truth values or words.
    context : hash
        What selects the cell from a row, such as a `CategoryHash`, a `BucketHash` or a fitted `SimHash`.
    width, depth : int
        The units of each hidden layer, and the number of hidden layers.
    seeds, rates, epochs, batch_size, tuning_seeds, folder, workers, progress
        As for `compare`. The default rates are 0.01, 0.03 and 0.08.
    cell_as_input : bool
        Whether all models get the cell as one-hot columns. If maps are better without, and not with it, they only
        delivered information.
    functions : sequence of Activation or str
        The functions of uniform networks. Maps learn from relu, tanh, gelu and sine.

    Returns
    -------
    Table
        One row per model: the mean ``score`` over the seeds with its standard deviation, in percent (of the variance
        that is explained, or of the rows that are classified correctly); the ``difference`` of the better map to this
        model, paired, with its standard error, and the number of seeds for which it is positive; the chosen ``rate``,
        the ``parameters``, and the ``bytes`` of the trained network: 4 per number, and 1 per function of a live cell.

        The models are: the best uniform function at the same width and at the bytes of the map with gain and bias; the
        same two with the cell as a one-hot input, if it is not one already; the best uniform function with a gain and a
        bias per cell; a learned function per unit; a map that learns the cells of a random hash; the map, the map with
        gain and bias, and the latter with the cells permuted after training. The last line is the verdict.

    Raises
    ------
    ValueError
        If the arrays do not fit together, or an argument is out of range.
    TypeError
        If there is no context, or an argument has another type.
    RuntimeError
        If a process fails.

    Examples
    --------
    >>> from spatium import lab
    >>> s = lab.sensors(256, rng=0)
    >>> table = lab.nulls(
    ...     s.X, s.y, s.X_test, s.y_test, context=s.hash, seeds=1, epochs=1, rates=[0.03], tuning_seeds=1, workers=1,
    ...     functions=["gelu"])
    >>> table.column("contender")[:3]
    ['uniform', 'uniform, equal bytes', 'uniform, gain and bias']
    """
    data: Data | _DataOfSeed
    if callable(X):
        data = _DataOfSeed(X)
        first = data(0)
    else:
        if y is None or X_test is None or y_test is None:
            raise TypeError("y, X_test and y_test are missing, expected all four arrays or a function of a seed")
        data = first = Data.checked(X, y, X_test, y_test, context)
    if first.context is None:
        raise TypeError("context is None, expected a hash such as CategoryHash")
    sizes = (whole_number("width", width), whole_number("depth", depth))
    trials = Trials(data, *sizes, whole_number("epochs", epochs), whole_number("batch_size", batch_size, 2), False)
    acts = [design_of(f"functions[{i}]", function) for i, function in enumerate(functions)]
    if not acts:
        raise ValueError("functions is empty, expected at least one")
    models = _models(acts, first, trials, cell_as_input)
    designs = [design for model in models for design in model.designs]
    rates = NULL_RATES if rates is None else rates
    tuned = tuned_runs(trials, designs, rates, tuning_seeds, seeds, folder, workers, progress)
    results = {design: runs for design, _, _, runs in tuned}
    return _table(models, results, {design: rate for design, rate, *_ in tuned}, first, trials)


class _DataOfSeed:
    """The checked data of a seed."""

    def __init__(self, function: Callable[[int], Any]) -> None:
        self.function = function

    def __call__(self, seed: int) -> Data:
        found = self.function(seed)
        return found if isinstance(found, Data) else Data.checked(*found)


def _models(acts: Sequence[Design], data: Data, trials: Trials, cell_as_input: bool) -> list[Model]:
    live = _live(data)
    known = isinstance(data.context, CategoryHash) and len(data.context.columns) > 1
    given = cell_as_input and not known
    columns = data.x.shape[1] + (live if given else 0)
    learned = Design("", routing="context", cells="learned", one_hot=given)
    both = replace(learned, gain_bias=True)
    equal = equal_width(bytes_of(both, columns, data, trials, live), columns, data, trials)

    def uniform(name: str, **changes: Any) -> Model:
        designs = (replace(act, label=f"{name}: {act.label}", one_hot=given) for act in acts)
        return Model(name, tuple(replace(design, **changes) for design in designs))

    models = [uniform("uniform"), uniform("uniform, equal bytes", width=equal)]
    if not known and not given:
        wide = equal_width(bytes_of(both, columns, data, trials, live), columns + live, data, trials)
        models += [
            uniform("cell as an input", one_hot=True),
            uniform("cell as an input, equal bytes", one_hot=True, width=wide),
        ]
    models.append(uniform("uniform, gain and bias", routing="context", gain_bias=True))
    for name, design in (
        ("learned per unit", replace(learned, routing="constant")),
        ("map, random hash", replace(learned, routing="random")),
        (MAPS[0], learned),
        (MAPS[1], both),
    ):
        models.append(Model(name, (replace(design, label=name),)))
    return models


def _live(data: Data) -> int:
    return len(np.unique(cells_of(data.context(data.x)))) if data.context is not None else 0


def bytes_of(design: Design, columns: int, data: Data, trials: Trials, live: int) -> int:
    """Return the bytes of a trained network: 4 per number, and what its cells hold."""
    width = design.width or trials.width
    numbers = (columns + 1) * width + (trials.depth - 1) * (width + 1) * width + (width + 1) * data.n_outputs
    cells = {"none": 0, "constant": 1, "random": 64, "context": live}[design.routing] * width * trials.depth
    return 4 * numbers + cells * ((design.cells == "learned") + 8 * design.gain_bias)


def equal_width(n_bytes: int, columns: int, data: Data, trials: Trials) -> int:
    """Return the width of the narrowest uniform network that has at least these bytes."""
    width = 1
    while bytes_of(Design("", width=width), columns, data, trials, 0) < n_bytes:
        width += 1
    return width


def _table(
    models: Sequence[Model], runs: dict[Design, list[Result]], rates: dict[Design, float], data: Data, trials: Trials
) -> Table:
    live = _live(data)
    best = {model.name: max(model.designs, key=lambda design: _mean(runs[design])) for model in models}
    scores = {name: [run["score"] for run in runs[design]] for name, design in best.items()}
    chosen = max(MAPS, key=lambda name: np.mean(scores[name]))
    rows: list[tuple[Any, ...]] = []
    for model in models:
        design = best[model.name]
        columns = data.x.shape[1] + (live if design.one_hot else 0)
        function = "learned" if design.cells == "learned" else design.label.rpartition(": ")[2]
        rows.append((
            model.name, function, *_spread(scores[model.name]), *_paired(scores[chosen], scores[model.name]),
            rates[design], bytes_parameters(design, columns, data, trials, live),
            bytes_of(design, columns, data, trials, live),
        ))  # fmt: skip
    permuted = [run["permuted"] for run in runs[best[MAPS[1]]]]
    rows.append(
        (f"{MAPS[1]}, permuted", "learned", *_spread(permuted), *_paired(scores[chosen], permuted), None, None, None)
    )
    what = "variance explained" if data.target == "numbers" else "rows classified correctly"
    notes = (
        f"percent of the {what} on the test rows, {len(permuted)} seeds; differences of {chosen!r} to the row, paired",
        f"{live} live cells with {len(data.x) / live:.0f} training rows each",
        _verdict(chosen, scores),
    )
    return Table("", COLUMNS, rows, notes, digits=4)


def bytes_parameters(design: Design, columns: int, data: Data, trials: Trials, live: int) -> int:
    """Return the number of trained numbers of live cells, weights and biases."""
    return bytes_of(replace(design, cells="uniform"), columns, data, trials, live) // 4


def _mean(runs: Sequence[Result]) -> float:
    return float(np.mean([run["score"] for run in runs]))


def _spread(scores: Sequence[float]) -> tuple[float, float | None]:
    return float(np.mean(scores)), float(np.std(scores, ddof=1)) if len(scores) > 1 else None


def _paired(ours: Sequence[float], theirs: Sequence[float]) -> tuple[float | None, float | None, int | None]:
    if ours is theirs:
        return None, None, None
    differences = np.subtract(ours, theirs)
    return *mean_and_error(differences), int((differences > 0).sum())


def _verdict(chosen: str, scores: dict[str, list[float]]) -> str:
    """Return one sentence: whether the better map is above the strongest model that is no map of the context."""
    others = {name: found for name, found in scores.items() if name not in MAPS}
    strongest = max(others, key=lambda name: np.mean(others[name]))
    difference, error = mean_and_error(np.subtract(scores[chosen], others[strongest]))
    ratio = difference / error if error > 0 else np.nan
    text = f"the strongest null model ({strongest}) by {number(difference, 3)} ± {number(error, 2)} points"
    if np.isnan(ratio):
        return f"Verdict: one seed allows no verdict; {chosen!r} differs from {text}."
    errors = f"({number(abs(ratio), 2)} standard errors)"
    if ratio >= CLEAR:
        return f"Verdict: the map helps: {chosen!r} is above {text} {errors}."
    if ratio <= -CLEAR:
        return f"Verdict: no map is needed: {chosen!r} differs from {text} {errors}."
    return f"Verdict: no clear advantage of a map: {chosen!r} differs from {text} {errors}; {CLEAR:g} would be clear."
