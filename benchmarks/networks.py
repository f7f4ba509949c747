"""Networks: forward passes and training steps beside PyTorch and ONNX Runtime.

    python benchmarks/networks.py                          # everything; some minutes
    python benchmarks/networks.py --rows 1 64 --threads 1 --contenders spatium PyTorch
    python benchmarks/networks.py --write                  # puts the tables into docs/performance.md

Every contender runs alone in a process of its own, started anew for each round and number of threads, the contenders by
turns; the figure is the median over the rounds of medians. "together" is one more process where all of them run one
after the other without a pause, so that each meets the threads that the one before has left spinning. "products" are
the bare matrix products by NumPy: the floor for whoever multiplies with its library.

Each contender predicts from a NumPy array into a NumPy array, in inference mode, with its default settings but for the
number of threads. With one thread the process is bound to one processor.
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import itertools
import json
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

REPORT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- networks.py -->", "<!-- end of networks.py -->"
DENSE = {"64-512-10": (64, 512, 10), "784-1024-1024-10": (784, 1024, 1024, 10)}
# The shape of a sample, and the one activation. All end in a dense layer of 10 units.
OTHERS = {
    "convolution 8x8": ((1, 8, 8), "relu"),  # 16 and 32 filters of 3x3 with a maximum of 2x2 between them
    "recurrent 32": ((32, 64), "tanh"),  # 128 units over 32 steps of 64 columns
    "attention 32": ((32, 64), "tanh"),  # 4 heads over 32 steps of 64 columns; tanh of queries and keys, relu of values
    "normalized 256": ((256,), "relu"),  # 512 units with batch normalization
    "gated 256": ((256,), "swiglu"),  # 512 units
}
NETWORKS = (*DENSE, *OTHERS)
KINDS = ("relu", "gelu", "spatial")
ROWS = (1, 64, 1024, 8192, 20_000)
BATCH = 64  # of a training step
SECONDS = 0.4  # of a figure
POOLS = ("OMP", "OPENBLAS", "MKL", "SPATIUM")
Run = Callable[[], Any]


def inputs(network: str, rows: int) -> np.ndarray[Any, Any]:
    shape = OTHERS[network][0] if network in OTHERS else DENSE[network][:1]
    return np.random.default_rng(0).standard_normal((rows, *shape), dtype=np.float32)


# ---- the contenders: a forward pass, and where they train, a step of Adam on the cross entropy ----


class Spatium:
    def __init__(self, network: str, kind: str) -> None:
        from spatium import nn

        if network in OTHERS:
            layers = {
                "convolution 8x8": lambda: [
                    nn.Conv2D((1, 8, 8), 16, 3, "relu", rng=0),
                    nn.MaxPool2D((16, 6, 6)),
                    nn.Conv2D((16, 3, 3), 32, 3, "relu", rng=1),
                    nn.Dense(32, 10, rng=2),
                ],
                "recurrent 32": lambda: [nn.Recurrent(64, 128, rng=0), nn.Dense(128, 10, rng=1)],
                "attention 32": lambda: [nn.SelfAttention(64, 4, output="identity", rng=0), nn.Dense(2048, 10, rng=1)],
                "normalized 256": lambda: [
                    nn.Dense(256, 512, rng=0), nn.BatchNorm(512, "relu"), nn.Dense(512, 10, rng=1),
                ],
                "gated 256": lambda: [nn.Gated(256, 512, "swiglu", rng=0), nn.Dense(512, 10, rng=1)],
            }[network]()  # fmt: skip
            self.network = nn.Network([*layers, nn.Softmax()])
            return
        sizes = DENSE[network]
        hidden = [
            nn.SpatialDense(a, b, rng=i) if kind == "spatial" else nn.Dense(a, b, kind, rng=i)
            for i, (a, b) in enumerate(itertools.pairwise(sizes[:-1]))
        ]
        self.network = nn.Network([*hidden, nn.Dense(sizes[-2], sizes[-1], rng=9), nn.Softmax()])

    def forward(self, x: np.ndarray[Any, Any]) -> Run:
        out = np.empty((len(x), 10), dtype=np.float32)
        return lambda: self.network.predict(x, out=out)

    def training_step(self, x: np.ndarray[Any, Any]) -> Run:
        labels = np.arange(len(x)) % 10
        many = np.tile(x, (20, *(1,) * (x.ndim - 1))), np.tile(labels, 20)
        return lambda: self.network.fit(*many, epochs=1, batch_size=len(x), rng=0, progress=False)  # 20 steps

    steps = 20


class Products:
    def __init__(self, network: str, kind: str) -> None:
        sizes = DENSE[network]
        random = np.random.default_rng(0)
        self.weights = [random.standard_normal(shape, dtype=np.float32) for shape in itertools.pairwise(sizes)]

    def forward(self, x: np.ndarray[Any, Any]) -> Run:
        outs = [np.empty((len(x), w.shape[1]), dtype=np.float32) for w in self.weights]

        def run() -> None:
            y = x
            for w, out in zip(self.weights, outs, strict=True):
                y = np.matmul(y, w, out=out)

        return run


class PyTorch:
    steps = 1

    def __init__(self, network: str, kind: str) -> None:
        import torch

        self.torch = torch
        torch.set_num_threads(int(os.environ["OMP_NUM_THREADS"]))
        layers: list[Any] = []
        if network == "convolution 8x8":
            layers = [torch.nn.Conv2d(1, 16, 3), torch.nn.ReLU(), torch.nn.MaxPool2d(2)]
            layers += [torch.nn.Conv2d(16, 32, 3), torch.nn.ReLU(), torch.nn.Flatten()]
        elif network == "recurrent 32":

            class Last(torch.nn.Module):
                def __init__(self) -> None:
                    super().__init__()
                    self.layer = torch.nn.RNN(64, 128, batch_first=True)

                def forward(self, x: Any) -> Any:
                    return self.layer(x)[0][:, -1]

            layers = [Last()]
        elif network == "attention 32":

            class Attention(torch.nn.Module):
                def __init__(self) -> None:
                    super().__init__()
                    self.parts = torch.nn.ModuleList(torch.nn.Linear(64, 64, bias=False) for _ in range(3))

                def forward(self, x: Any) -> Any:
                    q, k, v = (part(x).unflatten(2, (4, 16)).transpose(1, 2) for part in self.parts)
                    attend = torch.nn.functional.scaled_dot_product_attention
                    return attend(q.tanh(), k.tanh(), v.relu()).transpose(1, 2).flatten(1)

            layers = [Attention()]
        elif network == "normalized 256":
            layers = [torch.nn.Linear(256, 512), torch.nn.BatchNorm1d(512), torch.nn.ReLU()]
        elif network == "gated 256":

            class Gated(torch.nn.Module):
                def __init__(self) -> None:
                    super().__init__()
                    self.linear = torch.nn.Linear(256, 1024)

                def forward(self, x: Any) -> Any:
                    gate, value = self.linear(x).chunk(2, dim=1)
                    return torch.nn.functional.silu(gate) * value

            layers = [Gated()]
        last = {"convolution 8x8": 32, "recurrent 32": 128, "attention 32": 2048}.get(network, 512)
        sizes = DENSE.get(network, (last, 10))
        for a, b in itertools.pairwise(sizes[:-1]):
            layers += [torch.nn.Linear(a, b), torch.nn.ReLU() if kind == "relu" else torch.nn.GELU()]
        self.logits = torch.nn.Sequential(*layers, torch.nn.Linear(sizes[-2], sizes[-1]))
        self.network = torch.nn.Sequential(self.logits, torch.nn.Softmax(dim=1)).eval()

    def forward(self, x: np.ndarray[Any, Any]) -> Run:
        def run() -> Any:
            with self.torch.inference_mode():
                return self.network(self.torch.from_numpy(x)).numpy()

        return run

    def training_step(self, x: np.ndarray[Any, Any]) -> Run:
        labels, batch = self.torch.arange(len(x)) % 10, self.torch.from_numpy(x)
        optimizer, loss_of = self.torch.optim.Adam(self.logits.parameters()), self.torch.nn.CrossEntropyLoss()

        self.logits.train()

        def run() -> None:
            optimizer.zero_grad()
            loss_of(self.logits(batch), labels).backward()
            optimizer.step()

        return run


class OnnxRuntime:
    def __init__(self, network: str, kind: str) -> None:
        import onnxruntime
        from onnx import TensorProto, helper, numpy_helper

        random = np.random.default_rng(0)
        nodes: list[Any] = []
        constants: list[Any] = []

        def constant(name: str, *shape: int) -> str:
            constants.append(numpy_helper.from_array(random.standard_normal(shape, dtype=np.float32), name))
            return name

        name, sizes = "x", DENSE.get(network, ())
        if network == "convolution 8x8":
            sizes = (32, 10)
            for i, (a, b) in enumerate(((1, 16), (16, 32))):
                weights = [constant(f"k{i}", b, a, 3, 3), constant(f"c{i}", b)]
                nodes.append(helper.make_node("Conv", [name, *weights], [f"v{i}"], kernel_shape=[3, 3]))
                nodes.append(helper.make_node("Relu", [f"v{i}"], [f"r{i}"]))
                if i == 0:
                    nodes.append(helper.make_node("MaxPool", ["r0"], ["p0"], kernel_shape=[2, 2], strides=[2, 2]))
                else:
                    nodes.append(helper.make_node("Flatten", ["r1"], ["p1"], axis=1))
                name = f"p{i}"
        elif network == "recurrent 32":
            sizes = (128, 10)
            weights = [constant("wx", 1, 128, 64), constant("wh", 1, 128, 128), constant("wb", 1, 256)]
            nodes.append(helper.make_node("Transpose", ["x"], ["steps"], perm=[1, 0, 2]))
            nodes.append(helper.make_node("RNN", ["steps", *weights], ["", "last"], hidden_size=128))
            constants.append(numpy_helper.from_array(np.array([0]), "zero"))
            nodes.append(helper.make_node("Squeeze", ["last", "zero"], ["h"]))
            name = "h"
        for i, (a, b) in enumerate(itertools.pairwise(sizes)):
            constant(f"w{i}", a, b)
            constants.append(numpy_helper.from_array(np.zeros(b, dtype=np.float32), f"b{i}"))
            nodes.append(helper.make_node("Gemm", [name, f"w{i}", f"b{i}"], [f"z{i}"]))
            last = i == len(sizes) - 2
            what = "Softmax" if last else "Relu" if kind == "relu" else "Gelu"
            nodes.append(helper.make_node(what, [f"z{i}"], [f"y{i}"]))
            name = f"y{i}"
        x = helper.make_tensor_value_info("x", TensorProto.FLOAT, [None, *inputs(network, 1).shape[1:]])
        y = helper.make_tensor_value_info(name, TensorProto.FLOAT, [None, sizes[-1]])
        model = helper.make_model(
            helper.make_graph(nodes, "mlp", [x], [y], constants),
            opset_imports=[helper.make_opsetid("", 20)],
            ir_version=9,
        )
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(os.environ["OMP_NUM_THREADS"])
        self.session = onnxruntime.InferenceSession(
            model.SerializeToString(), options, providers=["CPUExecutionProvider"]
        )

    def forward(self, x: np.ndarray[Any, Any]) -> Run:
        return lambda: self.session.run(None, {"x": x})


CONTENDERS: dict[str, Any] = {"spatium": Spatium, "PyTorch": PyTorch, "ONNX Runtime": OnnxRuntime, "products": Products}
NEEDS = {"PyTorch": ("torch",), "ONNX Runtime": ("onnx", "onnxruntime")}


Case = tuple[str, str, str, int]


def cases(contender: str, options: argparse.Namespace, training: bool) -> Iterator[Case]:
    """(network, kind, what, rows) that the contender can run."""
    kinds, rows = options.kinds, options.rows
    for network in options.networks:
        for kind in (OTHERS[network][1],) if network in OTHERS else kinds:
            if contender == "products" and network in OTHERS:
                continue
            if contender == "ONNX Runtime" and network in ("attention 32", "normalized 256", "gated 256"):
                continue
            if network in DENSE and (
                (kind == "spatial" and contender != "spatium") or (kind != "relu" and contender == "products")
            ):
                continue
            yield from ((network, kind, "forward", n) for n in rows)
            if training and hasattr(CONTENDERS[contender], "training_step"):
                yield (network, kind, "training step", BATCH)


def prepared(contender: str, case: Case) -> tuple[Run, int]:
    """What is to be timed, and how often it does it in one call."""
    network, kind, what, rows = case
    made, x = CONTENDERS[contender](network, kind), inputs(network, rows)
    return (made.forward(x), 1) if what == "forward" else (made.training_step(x), made.steps)


def timed(run: Run) -> float:
    """Median milliseconds of calls in a row."""
    run()
    run()
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 5:
        begin = time.perf_counter()
        run()
        times.append(time.perf_counter() - begin)
    return statistics.median(times) * 1e3


def together(ours: dict[str, Run], peers: dict[str, Run]) -> dict[str, float]:
    """Median milliseconds when everyone runs right after another; each of ours meets what the peers have left."""
    times: dict[str, list[float]] = {name: [] for name in (*ours, *peers)}
    turns = [turn for own in ours.items() for turn in (own, *peers.items())]
    end = time.perf_counter() + SECONDS * len(turns)
    while time.perf_counter() < end or len(times["spatium"]) < 6:
        for name, run in turns:
            begin = time.perf_counter()
            run()
            times[name].append(time.perf_counter() - begin)
    return {name: statistics.median(values[1:]) * 1e3 for name, values in times.items()}


def on_one_thread(run: Run) -> Run:
    import spatium as sp

    def limited() -> None:
        with sp.num_threads(1):
            run()

    return limited


# ---- processes ----


def child(options: argparse.Namespace) -> None:
    """Time one contender, or all of them together; print JSON."""
    found = {}
    if options.child == "together":
        for case in cases("spatium", options, training=False):
            ours = {"spatium": prepared("spatium", case)[0]}
            if int(os.environ["SPATIUM_NUM_THREADS"]) > 1:
                ours["one thread"] = on_one_thread(ours["spatium"])
            peers = {}
            for name in options.contenders:
                if name == "PyTorch" and case[1] == "spatial":  # its network of the same size with gelu
                    peers[name] = prepared(name, (case[0], "gelu", *case[2:]))[0]
                elif name != "spatium" and case in list(cases(name, options, training=False)) and name != "products":
                    peers[name] = prepared(name, case)[0]
            found[json.dumps(case)] = together(ours, peers)
    else:
        for case in cases(options.child, options, options.training):
            run, times = prepared(options.child, case)
            found[json.dumps(case)] = timed(run) / times
    print(json.dumps(found))


def in_a_process(name: str, threads: int, isa: str | None, options: argparse.Namespace) -> dict[str, Any]:
    environment = os.environ | {f"{pool}_NUM_THREADS": str(threads) for pool in POOLS}
    if isa:
        environment["SPATIUM_ISA"] = isa
    if isa == "x86_v3":  # the same for the others, as far as they can be told
        environment |= {
            "ATEN_CPU_CAPABILITY": "avx2", "ONEDNN_MAX_CPU_ISA": "AVX2", "MKL_ENABLE_INSTRUCTIONS": "AVX2",
            "OPENBLAS_CORETYPE": "Haswell",
        }  # fmt: skip
    command = [
        sys.executable, __file__, "--child", name, "--rows", *map(str, options.rows), "--kinds", *options.kinds,
        "--networks", *options.networks,
        "--contenders", *options.contenders, "--training" if options.training else "--no-training",
    ]  # fmt: skip
    bind = None
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        processor = max(os.sched_getaffinity(0))
        bind = functools.partial(os.sched_setaffinity, 0, {processor})
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True, preexec_fn=bind)
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def measured(isa: str | None, options: argparse.Namespace) -> list[dict[str, Any]]:
    """One row per case and number of threads."""
    alone: dict[tuple[int, str, str], list[float]] = {}
    side_by_side: dict[tuple[int, str, str], float] = {}
    for round_ in range(options.rounds):
        for threads in options.threads:
            for name in options.contenders:
                for case, milliseconds in in_a_process(name, threads, isa, options).items():
                    alone.setdefault((threads, case, name), []).append(milliseconds)
            if round_ == 0 and options.together:
                for case, times in in_a_process("together", threads, isa, options).items():
                    side_by_side |= {(threads, case, name): value for name, value in times.items()}
            print(f"round {round_ + 1}, {threads} threads", file=sys.stderr)
    rows = []
    for threads, case in dict.fromkeys((threads, case) for threads, case, _ in alone):
        network, kind, what, n = json.loads(case)
        times = {
            name: statistics.median(alone[threads, case, name])
            for name in options.contenders
            if (threads, case, name) in alone
        }
        rows.append({
            "threads": threads, "network": network, "kind": kind, "what": what, "rows": n, "ms": times,
            "together": {
                name: side_by_side[threads, case, name]
                for name in (*options.contenders, "one thread")
                if (threads, case, name) in side_by_side
            },
        })  # fmt: skip
    return rows


# ---- tables ----


def find(rows: list[dict[str, Any]], like: dict[str, Any], **changes: Any) -> dict[str, Any]:
    wanted = {key: like[key] for key in ("threads", "network", "kind", "what", "rows")} | changes
    return next(
        (row for row in rows if all(row[key] == value for key, value in wanted.items())), {"ms": {}, "together": {}}
    )


def ratio(numerator: float | None, denominator: float | None) -> str:
    return f"{numerator / denominator:.2f}" if numerator and denominator else "-"


def table(rows: list[dict[str, Any]], threads: int, contenders: list[str]) -> str:
    """Our times, theirs over ours, the share of the products, and one thread over several."""
    peers = [name for name in contenders if name not in ("spatium", "products")]
    header = [
        "network", "activation", "pass", "rows", "spatium, ms", *(f"{peer} / ours" for peer in peers),
        "products / ours", *(["one thread / ours"] if threads > 1 else []),
        *(f"{peer} / ours, together" for peer in peers),
        *(["one thread / ours, together"] if threads > 1 else []),
    ]  # fmt: skip
    lines = []
    for row in rows:
        if row["threads"] != threads:
            continue
        ours, both = row["ms"]["spatium"], row["together"].get("spatium")
        rival = find(rows, row, kind="gelu")["ms"] if row["kind"] == "spatial" else row["ms"]
        products = find(rows, row, kind="relu")["ms"].get("products")
        one = find(rows, row, threads=1)["ms"].get("spatium")
        lines.append([
            row["network"], row["kind"], row["what"], f"{row['rows']:,}", f"{ours:.3g}",
            *(ratio(rival.get(peer), ours) for peer in peers), ratio(products, ours),
            *([ratio(one, ours)] if threads > 1 else []), *(ratio(row["together"].get(peer), both) for peer in peers),
            *([ratio(row["together"].get("one thread"), both)] if threads > 1 else []),
        ])  # fmt: skip
    return "\n".join(f"| {' | '.join(line)} |" for line in [header, ["---"] * len(header), *lines])


def report(rows: list[dict[str, Any]], options: argparse.Namespace, facts: dict[str, str]) -> str:
    parts = ["; ".join(f"{key}: {value}" for key, value in facts.items()) + "."]
    for threads in options.threads:
        parts.append(f"**{'One thread' if threads == 1 else f'{threads} threads'}**")
        parts.append(table(rows, threads, options.contenders))
    return "\n\n".join(parts) + "\n"


def machine_facts(isa: str | None) -> dict[str, str]:
    import spatium as sp
    from spatium.nn import _blas

    measure = importlib.import_module("measure")
    facts = {
        "date": time.strftime("%Y-%m-%d"), "processor": measure.cpu_model(), "cores": str(os.cpu_count()),
        "instruction set": isa or str(sp.config()["instruction_set"]), "NumPy": np.__version__,
        "its library": str(_blas.description()["name"]),
    }  # fmt: skip
    for name in ("torch", "onnxruntime"):
        try:
            facts[name] = importlib.import_module(name).__version__
        except ImportError:
            continue
    return facts


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", nargs="+", type=int, default=list(ROWS))
    parser.add_argument("--networks", nargs="+", default=list(NETWORKS), choices=NETWORKS)
    parser.add_argument("--kinds", nargs="+", default=list(KINDS), choices=KINDS)
    parser.add_argument("--threads", nargs="+", type=int, default=[1, 2])
    parser.add_argument("--contenders", nargs="+", default=list(CONTENDERS), choices=CONTENDERS)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--isa", nargs="+", choices=["x86_v3", "x86_v4"], default=[None],
        help="cap the instruction set of everyone who can be told, one after the other",
    )  # fmt: skip
    parser.add_argument("--training", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--together", action=argparse.BooleanOptionalAction, default=True)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--write", action="store_true", help="put the tables into docs/performance.md")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    if options.child:
        child(options)
        return
    for name, modules in NEEDS.items():
        if name in options.contenders and not all(importlib.util.find_spec(module) for module in modules):
            print(f"{name} is left out: it needs {' and '.join(modules)}", file=sys.stderr)
            options.contenders.remove(name)
    results = [{"facts": machine_facts(isa), "rows": measured(isa, options)} for isa in options.isa]
    text = "\n".join(report(result["rows"], options, result["facts"]) for result in results)
    print(text)
    if options.json:
        options.json.write_text(json.dumps(results, indent=1) + "\n")
    if options.write:
        page = REPORT.read_text(encoding="utf-8")
        before, _, rest = page.partition(f"{BEGIN}\n")
        after = rest.partition(f"{END}\n")[2]
        REPORT.write_text(f"{before}{BEGIN}\n\n{text}\n{END}\n{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
