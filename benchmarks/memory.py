"""What the policies of `Activation.forward` keep and cost, beside PyTorch's autograd; and that training is the same.

    python benchmarks/memory.py                 # prints the tables
    python benchmarks/memory.py --write         # and puts them into docs/memory.md

The first table is one layer: a million float32 elements, forward and backward, by turns with PyTorch (left out where it
is not installed). The second is a bias in the same pass. The third trains the digits with every policy, five seeds
each. Times are processor time of the one thread that there is.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import measure
import numpy as np

import spatium as sp
from spatium.data import Digits, load_digits
from spatium.nn import Dense, Network, Softmax

REPORT = Path(__file__).resolve().parents[1] / "docs" / "memory.md"
FUNCTIONS = ("relu", "leaky_relu", "hard_tanh", "sigmoid", "tanh", "gelu", "gelu_tanh", "swish", "mish", "hard_swish")
N_ELEMENTS = 1 << 20
# As in tools/train_digits.py.
N_UNITS, EPOCHS, BATCH_SIZE, LEARNING_RATE = 512, 40, 32, 3e-3
TRAINED = (
    ("relu", ("input", "output", "bits")),
    ("gelu", ("input", "bits")),
    ("swish", ("input", "bits")),
    ("tanh", ("input", "output")),
)
Run = Callable[[], Any]


def torch_runs(
    name: str, x: np.ndarray[Any, Any], grad: np.ndarray[Any, Any]
) -> tuple[dict[str, Run], tuple[int, int]] | None:
    """Forward and backward of PyTorch's autograd, and the bytes that it keeps; None where it is not installed.

    The bytes are all of them, and those that are not the output.
    """
    try:
        import torch
        from torch.nn import functional
    except ImportError:
        return None
    function = {
        "relu": functional.relu,
        "leaky_relu": functional.leaky_relu,
        "hard_tanh": functional.hardtanh,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "gelu": functional.gelu,
        "gelu_tanh": lambda t: functional.gelu(t, approximate="tanh"),
        "swish": functional.silu,
        "mish": functional.mish,
        "hard_swish": functional.hardswish,
    }[name]
    t, g, kept = torch.from_numpy(x).requires_grad_(), torch.from_numpy(grad), []

    def keep(saved: Any) -> Any:
        kept.append(saved)
        return saved

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda saved: saved):
        y = function(t)
    sizes = sum(s.nbytes for s in kept), sum(s.nbytes for s in kept if s.data_ptr() != y.data_ptr())
    y = function(t)
    runs: dict[str, Run] = {
        "forward": lambda: function(t),
        "backward": lambda: torch.autograd.grad(y, t, g, retain_graph=True),
    }
    return runs, sizes


def kept_bytes(saved: sp.Saved, y: np.ndarray[Any, Any]) -> tuple[int, int]:
    """All of them, and those that are not the output, which the next layer keeps as its input."""
    return saved.nbytes, saved.nbytes - (y.nbytes if saved.array is y else 0)


def layer_rows(repeats: int) -> Iterator[list[str]]:
    """One row per function and policy."""
    rng = np.random.default_rng(0)
    x, grad = (rng.normal(0, 2, N_ELEMENTS).astype(np.float32) for _ in range(2))
    for name in FUNCTIONS:
        act = sp.activation(name)
        runs: dict[str, Run] = {}
        sizes: dict[str, tuple[int, int]] = {}
        for save in act.save_policies[::-1]:
            y, saved = act.forward(x, save=save)
            sizes[f'`save="{save}"`'] = kept_bytes(saved, y)
            # new arrays, as from PyTorch
            runs[f'forward `save="{save}"`'] = lambda act=act, save=save: act.forward(x, save=save)
            runs[f'backward `save="{save}"`'] = lambda act=act, saved=saved: act.backward(grad, saved)
        theirs = torch_runs(name, x, grad)
        if theirs is not None:
            sizes["PyTorch"] = theirs[1]
            runs |= {f"{what} PyTorch": run for what, run in theirs[0].items()}
        timings = measure.time_by_turns(runs, N_ELEMENTS, repeats, clock=time.thread_time)
        for policy, size in sizes.items():
            times = [timings[f"{what} {policy}"].nanoseconds for what in ("forward", "backward")]
            per_element = [f"{part / N_ELEMENTS:.4g}" for part in size]
            yield [f"`{name}`", policy, *per_element, *(f"{t:.2f}" for t in times)]


def bias_runs(act: sp.Activation, shape: tuple[int, int]) -> dict[str, Run]:
    """A bias in the same pass, against NumPy's sum before or after; into arrays that are there."""
    rng = np.random.default_rng(0)
    x, grad = (rng.normal(0, 2, shape).astype(np.float32) for _ in range(2))
    bias, out = rng.normal(size=shape[1]).astype(np.float32), np.empty_like(x)
    return {
        "one pass": lambda: act(x, bias=bias, out=out),
        "add, then f": lambda: act(np.add(x, bias, out=out), out=out),
        "one pass back": lambda: act.backward(grad, x, bias=bias, out=out),
        "back, then sum": lambda: act.backward(grad, x, out=out).sum(axis=0, dtype=np.float64),
    }


def bias_rows(repeats: int) -> Iterator[list[str]]:
    """One row per shape and function."""
    for rows, columns in ((1024, 1024), (128, 512), (4096, 10)):
        for name in ("relu", "gelu"):
            runs = bias_runs(sp.activation(name), (rows, columns))
            timings = measure.time_by_turns(runs, rows * columns, repeats, clock=time.thread_time)
            yield [f"`{name}`", f"{rows} × {columns}", *(f"{timings[run].nanoseconds:.2f}" for run in runs)]


def trained(name: str, save: str, digits: Digits, seed: int) -> tuple[float, float, tuple[int, int]]:
    """Held-out accuracy, milliseconds per step, and the bytes kept of the activation in one step."""
    hidden_seed, output_seed = np.random.SeedSequence(seed).spawn(2)
    hidden = Dense(64, N_UNITS, name, rng=np.random.default_rng(hidden_seed), save=save)  # type: ignore[arg-type]
    network = Network([hidden, Dense(N_UNITS, 10, rng=np.random.default_rng(output_seed)), Softmax()])
    start = time.thread_time()
    network.fit(
        digits.x_train, digits.y_train, epochs=EPOCHS, batch_size=BATCH_SIZE, learning_rate=LEARNING_RATE, rng=seed
    )
    seconds = time.thread_time() - start
    steps = EPOCHS * -(-len(digits.x_train) // BATCH_SIZE)
    accuracy = float((network.classify(digits.x_test) == digits.y_test).mean())
    y = hidden.forward(digits.x_train[:BATCH_SIZE], training=True)  # a whole batch: the last one may be shorter
    assert hidden.saved is not None
    return accuracy, 1e3 * seconds / steps, kept_bytes(hidden.saved, y)


def training_rows(seeds: int) -> Iterator[list[str]]:
    """One row per function and policy; the seeds by turns, so that the noise of the machine falls on all of them."""
    digits = load_digits()
    for name, policies in TRAINED:
        found: dict[str, list[tuple[float, float, tuple[int, int]]]] = {save: [] for save in policies}
        for seed in range(seeds):
            for save in policies:
                found[save].append(trained(name, save, digits, seed))
        for save, results in found.items():
            accuracy, milliseconds, kept = zip(*results, strict=True)
            mean = f"{100 * np.mean(accuracy):.2f} ± {100 * np.std(accuracy, ddof=1):.2f} %" if seeds > 1 else "–"
            sizes = [f"{size:,}" for size in kept[0]]
            yield [f"`{name}`", f'`save="{save}"`', *sizes, mean, f"{np.median(milliseconds):.3f}"]


def table(header: list[str], rows: Iterator[list[str]]) -> str:
    lines = []
    for row in (header, ["---"] * len(header), *rows):
        lines.append(f"| {' | '.join(row)} |")
        print(lines[-1], flush=True)
    print()
    return "\n".join(lines) + "\n"


def replace(text: str, what: str, made: str) -> str:
    """The text with everything between the two marks of this name exchanged."""
    begin, end = f"<!-- {what}: begin -->\n", f"<!-- {what}: end -->"
    before, _, rest = text.partition(begin)
    _, found, after = rest.partition(end)
    if not found:
        raise SystemExit(f"{REPORT} has no marks {begin.strip()} {end}")
    return before + begin + made + end + after


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=25)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/memory.md")
    options = parser.parse_args()
    measure.limit_threads(1)
    machine = measure.machine()
    if machine["busy"]:
        print(f"WARNING: load average {machine['load_average_at_start']:.2f} at start", file=sys.stderr)
    sp.set_num_threads(1)
    facts = f"{machine['cpu']}, {machine['instruction_set']}, one thread, {machine['date']}"
    try:
        import torch

        torch.set_num_threads(1)
        facts += f"; PyTorch {torch.__version__}"
    except ImportError:
        pass
    print(facts, "\n")
    header = ["function", "policy", "bytes kept per element", "besides the output", "forward, ns", "backward, ns"]
    layer = table(header, layer_rows(options.repeats))
    header = ["function", "shape", "`act(x, bias=b)`", "`x += b`, `act(x)`", "`act.backward(g, x, bias=b)`"]
    bias = table([*header, "`act.backward(g, x)`, sum in float64"], bias_rows(options.repeats))
    header = ["activation", "policy", "bytes kept per step", "besides the output", "held-out accuracy", "ms per step"]
    training = table(header, training_rows(options.seeds))
    if options.write:
        text = REPORT.read_text(encoding="utf-8")
        for what, made in (("machine", facts + "\n"), ("layer", layer), ("bias", bias), ("training", training)):
            text = replace(text, what, made)
        REPORT.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
