"""The comparison of activations on islands."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import Any

import numpy as np

from spatium._checks import whole_number
from spatium._tables import Table
from spatium.activations import Activation
from spatium.lab.networks import Design, design_of
from spatium.lab.noise import Islands, perlin_islands
from spatium.lab.runs import Folder, Progress
from spatium.lab.trials import EXTRAS, Data, Trials, Tuned, fit, mean_and_error, tuned_runs
from spatium.maps.activation_map import ActivationMap
from spatium.maps.hashes import SimHash
from spatium.nn import Network
from spatium.nn.hashing import HashFunction

__all__ = ["RATES", "compare", "island_data", "table_of", "trained_network", "tuned_contenders"]

WIDTH, DEPTH = 8, 3
RATES = (0.001, 0.003, 0.01, 0.03, 0.1)

COLUMNS = (
    "activation", "accuracy", "accuracy_std", "iou", "iou_std", "difference", "difference_error", "rate",
    "rates_within_a_point", "failed", "dead", "kept", "accuracy_8", "accuracy_4",
)  # fmt: skip


def island_data(seed: int, size: int = 96, planes: int = 6) -> Data:
    """Return the islands of a seed as data of a comparison, with a SimHash of `planes` lines as the context."""
    return data_of_islands(perlin_islands(size, rng=seed), SimHash(2, rng=seed), planes)


def data_of_islands(islands: Islands, pattern_hash: HashFunction | None, planes: int = 6) -> Data:
    """Return the grid for training and the one in between for the test."""
    if isinstance(pattern_hash, SimHash):
        pattern_hash.fit(islands.points)
        if planes < 6:  # the other lines lie so far away that all points are on one side
            kept = np.where(np.arange(6) < planes, pattern_hash.thresholds[:6], 1e30)
            pattern_hash = SimHash.from_arrays(pattern_hash.planes[:6], kept)
    away = islands.held_out
    return Data(islands.points, islands.labels, away.points, away.labels, pattern_hash, "binary")


def compare(
    contenders: Sequence[Activation | ActivationMap | Design | str],
    islands: Islands | None = None,
    *,
    seeds: int | Sequence[int] = 5,
    rates: Sequence[float] | None = None,
    epochs: int = 60,
    batch_size: int = 256,
    size: int = 96,
    tuning_seeds: int = 3,
    pattern_hash: HashFunction | None = None,
    folder: Folder = None,
    workers: int | None = None,
    progress: Progress | bool | None = None,
) -> Table:
    """Train small networks with different activations to recognize islands, and compare them.

    All contenders have the same seeds: a seed decides the islands, the weights but for their scale, and the order of
    the samples. So the differences of two contenders are paired. The learning rate of each contender is the best of
    `rates` on other seeds, where it is measured on a fifth of the points for training.

    Parameters
    ----------
    contenders : sequence of Activation, ActivationMap or str
        As for `island_network`.
    islands : Islands, optional
        The same islands for all seeds.
    seeds : int or sequence of int
        The number of seeds, or the seeds.
    rates : sequence of float, optional
        The learning rates to choose from; by default 0.001, 0.003, 0.01, 0.03 and 0.1.
    epochs, batch_size : int
    size : int
        The points along each side of the islands of a seed.
    tuning_seeds : int
        The number of other seeds that choose the rate.
    pattern_hash : hash, optional
        What selects the cells of maps; by default a SimHash of the seed, fitted to the points.
    folder : path_like, optional
        Where the result of each network is kept. A later call with the same arguments, data and names of functions
        reads it from there; for other functions of the same name choose another folder.
    workers : int, optional
        The number of processes; by default `sp.get_num_threads()`. A Custom activation with functions that are defined
        in a script or a notebook is computed in the calling process, since others cannot import them.
    progress : callable or bool, optional
        Called with the number of networks that are trained and of all. By default, a line shows it on a terminal.

    Returns
    -------
    Table
        One row per contender, in percent of the points between those of the training:

        * ``accuracy``, ``iou`` (of the land: intersection over union), with the standard deviations over the seeds,
        * ``difference`` of the accuracy to that of relu, or of the first contender without relu, with its standard
          error,
        * the chosen ``rate``, and ``rates_within_a_point``: the share of the rates whose accuracy on the other seeds is
          within one point of the best,
        * ``failed``: the number of networks that found no land or no water,
        * ``dead``: the mean number of units without a gradient for 99 % of the points,
        * ``kept``: the bytes that a training step of 256 points keeps for the backward pass,
        * ``accuracy_8``, ``accuracy_4``: the accuracy with activations on codes of 8 and 4 bits.

    Raises
    ------
    ValueError
        If a contender is unknown or occurs twice, or an argument is out of range.
    TypeError
        If an argument has another type.
    RuntimeError
        If a process fails.

    Examples
    --------
    >>> from spatium import lab
    >>> table = lab.compare(["relu", "gelu"], seeds=1, rates=[0.03], epochs=2, size=16, tuning_seeds=1, workers=1)
    >>> table.column("activation"), table["relu"]["difference"]
    (['relu', 'gelu'], 0.0)
    """
    return table_of(
        tuned_contenders(
            contenders,
            islands,
            seeds,
            rates,
            epochs,
            batch_size,
            size,
            tuning_seeds,
            pattern_hash,
            folder,
            workers,
            progress,
        ),
        epochs,
    )


def tuned_contenders(
    contenders: Sequence[Activation | ActivationMap | Design | str],
    islands: Islands | None,
    seeds: int | Sequence[int],
    rates: Sequence[float] | None,
    epochs: int,
    batch_size: int,
    size: int,
    tuning_seeds: int,
    pattern_hash: HashFunction | None,
    folder: Folder,
    workers: int | None,
    progress: Progress | bool | None,
) -> list[Tuned]:
    """Return what `compare` puts into its table; the arguments are the same."""
    designs = [design_of(f"contenders[{i}]", contender) for i, contender in enumerate(contenders)]
    labels = [design.label for design in designs]
    if not designs or len(set(labels)) < len(labels):
        raise ValueError(f"contenders is {', '.join(labels) or 'empty'}, expected different ones, at least one")
    data: Any = functools.partial(island_data, size=whole_number("size", size, 3))
    if islands is not None:
        data = data_of_islands(islands, SimHash(2, rng=0) if pattern_hash is None else pattern_hash)
    elif pattern_hash is not None:
        data = functools.partial(_islands_of, size=size, pattern_hash=pattern_hash)
    trials = Trials(data, WIDTH, DEPTH, whole_number("epochs", epochs), whole_number("batch_size", batch_size, 2), True)
    return tuned_runs(
        trials, designs, RATES if rates is None else rates, tuning_seeds, seeds, folder, workers, progress
    )


def table_of(tuned: Sequence[Tuned], epochs: int) -> Table:
    """Return the table of `compare`."""
    labels = [entry.design.label for entry in tuned]
    baseline = tuned[labels.index("relu") if "relu" in labels else 0]
    rows = []
    for design, rate, scores, runs in tuned:
        found = {name: [float(run[name]) for run in runs] for name in ("score", *EXTRAS)}
        mean = {name: float(np.mean(values)) for name, values in found.items()}
        std = [float(np.std(found[name], ddof=1)) if len(runs) > 1 else None for name in ("score", "iou")]
        difference = mean_and_error(np.subtract(found["score"], [run["score"] for run in baseline.runs]))
        near = float(np.mean([score >= max(scores.values()) - 1 for score in scores.values()]))
        rows.append((
            design.label, mean["score"], std[0], mean["iou"], std[1], *difference, rate, near,
            sum(run["failed"] for run in runs), mean["dead"], int(mean["kept"]), mean["score_8"], mean["score_4"],
        ))  # fmt: skip
    notes = (
        f"percent of the points that are held out; {len(baseline.runs)} seeds, {epochs} epochs",
        f"differences to {baseline.design.label}, paired, with standard errors",
        f"rates chosen on other seeds among {', '.join(f'{rate:g}' for rate in baseline.scores)}",
    )
    return Table("", COLUMNS, rows, notes, digits=4)


def trained_network(design: Design, islands: Islands, rate: float, seed: int, epochs: int, batch_size: int) -> Network:
    """Return a network that has learned islands as in `compare`."""
    data = data_of_islands(islands, SimHash(2, rng=seed))
    return fit(Trials(data, WIDTH, DEPTH, epochs, batch_size, True), design, rate, seed).network


def _islands_of(seed: int, size: int, pattern_hash: HashFunction) -> Data:
    return data_of_islands(perlin_islands(size, rng=seed), pattern_hash)
