"""The operators of `spatium.torch` beside PyTorch's own: from which size on they pay, and the memory of a model.

    python benchmarks/torch_ops.py                 # prints the tables
    python benchmarks/torch_ops.py --write         # and puts them into docs/howto/pytorch.md
    python benchmarks/torch_ops.py --jax           # the functions of spatium.jax beside JAX's own; docs/howto/jax.md

One thread, float32, by turns; a new result each time. A ratio is the time of the other library over ours.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import measure
import numpy as np
from memory import table

import spatium as sp

HOWTO = Path(__file__).resolve().parents[1] / "docs" / "howto"
SIZES = (16, 256, 4096, 65536, 1048576)
FUNCTIONS = ("relu", "gelu", "gelu_tanh", "sigmoid", "tanh", "silu", "mish", "softplus", "elu", "hard_swish", "softmax")
Run = Callable[[], Any]


def ratio_row(name: str, runs_of: Callable[[str, Any], dict[str, Run]], repeats: int, rng: np.random.Generator) -> Any:
    """Forward and backward ratios of one function at each size."""
    cells = []
    for size in SIZES:
        shape = (size // 16, 16) if size < 4096 else (size // 1024, 1024)
        runs = runs_of(name, rng.normal(0, 2, shape).astype(np.float32))
        timings = measure.time_by_turns(runs, size, repeats)
        pairs = [(timings[f"their {what}"], timings[f"our {what}"]) for what in ("value", "gradient")]
        cells.append(", ".join(f"{theirs.nanoseconds / ours.nanoseconds:.2f}" for theirs, ours in pairs))
    return [f"`{name}`", *cells]


# ---- PyTorch ----


def torch_functions(name: str) -> tuple[Any, Any]:
    import torch
    from torch.nn import functional

    import spatium.torch as st

    if name == "gelu_tanh":
        return lambda x: functional.gelu(x, approximate="tanh"), lambda x: st.gelu(x, "tanh")
    if name == "softmax":
        return lambda x: torch.softmax(x, -1), st.softmax
    theirs = {"sigmoid": torch.sigmoid, "tanh": torch.tanh, "hard_swish": functional.hardswish}
    return theirs.get(name) or getattr(functional, name), getattr(st, name)


def torch_runs(name: str, x: Any) -> dict[str, Run]:
    import torch

    plain, leaf, grad = torch.from_numpy(x), torch.from_numpy(x.copy()).requires_grad_(), torch.randn(x.shape)
    runs: dict[str, Run] = {}
    for who, function in zip(("their", "our"), torch_functions(name), strict=True):
        runs[f"{who} value"] = lambda function=function: function(plain)
        runs[f"{who} gradient"] = lambda function=function: torch.autograd.grad(function(leaf), leaf, grad)
    return runs


def kept_by_a_model(module: Any) -> tuple[int, float]:
    """The bytes that a step of a perceptron keeps, without its weights, and the milliseconds of the step."""
    import torch

    torch.manual_seed(0)
    layers = [torch.nn.Linear(1024, 1024), module(), torch.nn.Linear(1024, 1024), module(), torch.nn.Linear(1024, 10)]
    model, x = torch.nn.Sequential(*layers), torch.randn(1024, 1024)
    own = {parameter.data_ptr() for parameter in model.parameters()} | {x.data_ptr()}
    kept: dict[int, int] = {}

    def keep(saved: Any) -> Any:
        if saved.data_ptr() not in own:
            kept[saved.data_ptr()] = saved.untyped_storage().nbytes()
        return saved

    def step() -> None:
        model.zero_grad()
        model(x).square().mean().backward()

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda saved: saved):
        y = model(x)
    del y
    timing = measure.time_by_turns({"step": step}, 1, 5, clock=time.thread_time)
    return sum(kept.values()), timing["step"].nanoseconds / 1e6


def memory_rows() -> Iterator[list[str]]:
    import torch

    import spatium.torch as st

    contenders: list[tuple[str, Any]] = [
        ("`torch.nn.ReLU()`", torch.nn.ReLU),
        ("`st.ReLU()`", st.ReLU),
        ("`torch.nn.GELU()`", torch.nn.GELU),
        ("`st.GELU()`", st.GELU),
        ('`st.GELU(save="bits")`', lambda: st.GELU(save="bits")),
        ("`torch.nn.Hardswish()`", torch.nn.Hardswish),
        ('`st.HardSwish(save="bits")`', lambda: st.HardSwish(save="bits")),
    ]
    for name, module in contenders:
        kept, milliseconds = kept_by_a_model(module)
        yield [name, f"{kept / 2**20:.2f}", f"{milliseconds:.0f}"]


# ---- JAX ----


def jax_runs(name: str, x: Any) -> dict[str, Run]:
    import jax

    import spatium.jax as sj

    theirs: Any = {"gelu": lambda x: jax.nn.gelu(x, approximate=False), "tanh": jax.numpy.tanh}.get(name)
    theirs = theirs or getattr(jax.nn, "gelu" if name == "gelu_tanh" else name.replace("hard_swish", "hard_silu"))
    ours = (lambda x: sj.gelu(x, "tanh")) if name == "gelu_tanh" else getattr(sj, name)
    array = jax.numpy.asarray(x)
    runs: dict[str, Run] = {}
    for who, function in (("their", theirs), ("our", ours)):
        value, gradient = jax.jit(function), jax.jit(jax.grad(lambda x, function=function: (function(x) * x).sum()))
        runs[f"{who} value"] = lambda value=value: value(array).block_until_ready()
        runs[f"{who} gradient"] = lambda gradient=gradient: gradient(array).block_until_ready()
    return runs


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--functions", nargs="*", default=FUNCTIONS)
    parser.add_argument("--jax", action="store_true")
    parser.add_argument("--write", action="store_true", help="put the tables into the documentation")
    options = parser.parse_args()
    measure.limit_threads(1)
    machine, rng = measure.machine(), np.random.default_rng(0)
    sp.set_num_threads(1)
    facts = f"{machine['cpu']}, {machine['instruction_set']}, one thread, {machine['date']}"
    if options.jax:
        import jax

        facts += f"; JAX {jax.__version__}"
    else:
        import torch

        torch.set_num_threads(1)
        facts += f"; PyTorch {torch.__version__}"
    print(facts, "\n")
    runs_of = jax_runs if options.jax else torch_runs
    header = ["function", *(f"{size:,} elements" for size in SIZES)]
    made = {
        "machine": facts + "\n",
        "ratios": table(header, (ratio_row(name, runs_of, options.repeats, rng) for name in options.functions)),
    }
    if not options.jax:
        made["memory"] = table(["activation", "MiB kept", "ms per step"], memory_rows())
    if options.write:
        page = HOWTO / ("jax.md" if options.jax else "pytorch.md")
        text = page.read_text(encoding="utf-8")
        for what, lines in made.items():
            begin, end = f"<!-- {what}: begin -->\n", f"<!-- {what}: end -->"
            before, _, rest = text.partition(begin)
            text = before + begin + lines + end + rest.partition(end)[2]
        page.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
