"""One network in a file of ONNX, from the file to the predictions: Spatium beside ONNX Runtime and PyTorch.

    python benchmarks/onnx_models.py             # a minute
    python benchmarks/onnx_models.py --write     # puts the table into docs/performance.md

PyTorch exports an MLP 784-1024-1024-10 with gelu and softmax. Each contender runs in a process of its own, started anew
for each round and number of threads: it loads the file (PyTorch: the module itself) and predicts the rows in batches.
Throughput is the median of several passes over all rows. Memory is how much larger the largest resident size of the
process is than the size before loading, which contains the rows and the results. The error is the largest difference of
a probability from the same network in float64.
"""

from __future__ import annotations

import argparse
import functools
import importlib.metadata
import itertools
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

REPORT = Path(__file__).resolve().parents[1] / "docs" / "performance.md"
BEGIN, END = "<!-- onnx_models.py -->", "<!-- end of onnx_models.py -->"
SIZES = (784, 1024, 1024, 10)
CONTENDERS = ("spatium", "ONNX Runtime", "PyTorch")
POOLS = ("OMP", "OPENBLAS", "MKL", "SPATIUM")
ROWS, BATCH = 8192, 1024
SECONDS = 1.0  # of a throughput
Array = np.ndarray[Any, Any]


def samples() -> Array:
    return np.random.default_rng(0).standard_normal((ROWS, SIZES[0]), dtype=np.float32)


def module() -> Any:
    import torch

    torch.manual_seed(0)
    layers: list[Any] = []
    for a, b in itertools.pairwise(SIZES[:-1]):
        layers += [torch.nn.Linear(a, b), torch.nn.GELU()]
    return torch.nn.Sequential(*layers, torch.nn.Linear(*SIZES[-2:]), torch.nn.Softmax(dim=1)).eval()


def export(path: Path) -> None:
    import torch

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module(), (torch.zeros(1, SIZES[0]),), str(path), dynamo=False, opset_version=17,
            input_names=["x"], dynamic_axes={"x": {0: "samples"}},
        )  # fmt: skip


def predictor(contender: str, path: Path, threads: int) -> Callable[[Array, Array], None]:
    """Load the network, and return a function that writes the outputs of a batch."""
    if contender == "spatium":
        import spatium.onnx

        network = spatium.onnx.load(path)

        def predict(x: Array, out: Array) -> None:
            network.predict(x, out=out)

        return predict
    if contender == "ONNX Runtime":
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])

        def run(x: Array, out: Array) -> None:
            out[...] = session.run(None, {"x": x})[0]

        return run
    import torch

    torch.set_num_threads(threads)
    network_of_torch = module()

    def infer(x: Array, out: Array) -> None:
        with torch.inference_mode():
            out[...] = network_of_torch(torch.from_numpy(x)).numpy()

    return infer


def resident(what: str) -> float:
    """The present (VmRSS) or the largest (VmHWM) resident size of this process, in MB; on Linux."""
    text = Path("/proc/self/status").read_text(encoding="utf-8")
    return next(int(line.split()[1]) / 1024 for line in text.splitlines() if line.startswith(what))


def child(contender: str, path: Path, threads: int) -> dict[str, float]:
    for name in {"spatium": ("spatium.onnx", "onnx"), "ONNX Runtime": ("onnxruntime",), "PyTorch": ("torch",)}[
        contender
    ]:
        __import__(name)
    x, out = samples(), np.zeros((ROWS, SIZES[-1]), dtype=np.float32)
    before = resident("VmRSS")
    Path("/proc/self/clear_refs").write_text("5", encoding="utf-8")  # sets the largest size to the present one
    begin = time.perf_counter()
    run = predictor(contender, path, threads)
    loading = time.perf_counter() - begin

    def all_rows() -> None:
        for start in range(0, ROWS, BATCH):
            run(x[start : start + BATCH], out[start : start + BATCH])

    all_rows()
    times, end = [], time.perf_counter() + SECONDS
    while time.perf_counter() < end or len(times) < 3:
        begin = time.perf_counter()
        all_rows()
        times.append(time.perf_counter() - begin)
    grown = resident("VmHWM") - before
    exact = np.load(path.with_suffix(".npy"))
    return {
        "rows per second": ROWS / statistics.median(times), "loading": loading * 1e3, "memory": grown,
        "error": float(np.abs(out - exact).max()),
    }  # fmt: skip


def in_a_process(contender: str, path: Path, threads: int) -> dict[str, float]:
    environment = os.environ | {f"{pool}_NUM_THREADS": str(threads) for pool in POOLS}
    bind = None
    if threads == 1 and hasattr(os, "sched_setaffinity"):
        bind = functools.partial(os.sched_setaffinity, 0, {max(os.sched_getaffinity(0))})
    command = [sys.executable, __file__, "--child", contender, str(path), str(threads)]
    result = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True, text=True, preexec_fn=bind)
    found: dict[str, float] = json.loads(result.stdout)
    return found


def report(rounds: int) -> str:
    import spatium.onnx

    from_rounds: dict[tuple[int, str], list[dict[str, float]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.onnx"
        export(path)
        network = spatium.onnx.load(path).astype(np.float64)
        np.save(path.with_suffix(".npy"), network.predict(samples()))
        size = path.stat().st_size / 1e6
        for _ in range(rounds):
            for threads in (1, 2):
                for contender in CONTENDERS:
                    from_rounds.setdefault((threads, contender), []).append(in_a_process(contender, path, threads))
    lines = [
        f"date: {time.strftime('%Y-%m-%d')}; processor: {processor()}; cores: {os.cpu_count()}; instruction set: "
        f"{spatium.config()['instruction_set']}; "
        + "; ".join(f"{name}: {importlib.metadata.version(name)}" for name in ("numpy", "onnx", "onnxruntime", "torch"))
        + f"; file: {size:.1f} MB; {ROWS:,} rows in batches of {BATCH:,}; {rounds} rounds.",
        "",
        "| threads | library | rows per second | ours / theirs | loading, ms | memory, MB | largest error |",
        "| --- | --- | --- | --- | --- | --- | --- |",
    ]
    for (threads, contender), found in from_rounds.items():
        medians = {key: statistics.median(one[key] for one in found) for key in found[0]}
        ours = statistics.median(one["rows per second"] for one in from_rounds[threads, "spatium"])
        lines.append(
            f"| {threads} | {contender} | {medians['rows per second']:,.0f} | "
            f"{ours / medians['rows per second']:.2f} | {medians['loading']:.0f} | {medians['memory']:.0f} | "
            f"{medians['error']:.1e} |"
        )
    return "\n".join(lines)


def processor() -> str:
    try:
        text = Path("/proc/cpuinfo").read_text(encoding="utf-8")
    except OSError:
        return platform.processor()
    return next((line.partition(": ")[2] for line in text.splitlines() if line.startswith("model name")), "unknown")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--write", action="store_true", help="put the table into docs/performance.md")
    parser.add_argument("--child", nargs=3, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        contender, path, threads = options.child
        print(json.dumps(child(contender, Path(path), int(threads))))
        return
    text = report(options.rounds)
    print(text)
    if options.write:
        page = REPORT.read_text(encoding="utf-8")
        before, _, rest = page.partition(BEGIN)
        after = rest.partition(END)[2]
        REPORT.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
