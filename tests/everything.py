"""Computes everything once and prints a digest of each result: two runs that differ in a line differ in some bit.

    python tests/everything.py [--groups functions,maps] [--threads 2] [--stack 64] [--state flush|upward|traps]
    SPATIUM_ISA=baseline python tests/everything.py --store

The list comes from the registry and the modules' public names. Inputs hold subnormal numbers, infinities and NaN. With
--stack the work is done in a thread with a stack of so many KiB, with --state in the floating-point state that another
library may have left: subnormal numbers flushed to zero, rounding upwards, or traps on invalid, overflow and underflow.

digests.txt has the bits that are expected: a digest of all results of a function in a type, for instruction sets with
fused multiplication and addition, which agree, and for the baseline. --store writes it after a change that is intended.
"""

import argparse
import ctypes
import hashlib
import inspect
import os
import pathlib
import platform
import subprocess
import sys
import tempfile
import threading

import numpy as np

import spatium as sp
from spatium import _engine, gates, rows

try:
    from ml_dtypes import bfloat16
except ImportError:
    bfloat16 = None

STORED = pathlib.Path(__file__).with_name("digests.txt")
STATES = {"flush": 0x9FC0, "upward": 0x5F80, "traps": 0x1F80 & ~0x0E80}  # MXCSR


def flat(results):
    """The arrays in nested tuples and lists."""
    if isinstance(results, (tuple, list)):
        return [array for result in results for array in flat(result)]
    return [np.ascontiguousarray(results)]


def digest(results):
    """Of dtypes, shapes and bits, every NaN being the same."""
    found = hashlib.sha256()
    for array in flat(results):
        found.update(f"{array.dtype}{array.shape}".encode())
        if array.dtype.kind in "fV":
            patterns = array.view(f"u{array.itemsize}").copy()
            patterns[np.isnan(array)] = 0x7FC1
            array = patterns
        found.update(array.tobytes())
    return found.hexdigest()[:16]


def inputs(dtype):
    """Numbers up to 16, a third of the rows of any size, special ones; and gradients. The same on every machine."""
    rng = np.random.default_rng(0)
    shape = (96, 130)
    x, g = (np.ldexp(rng.integers(-(2**53), 2**53, shape).astype(np.float64), e) for e in (-49, -52))
    x[::3] = np.ldexp(x[::3], rng.integers(-150, 100, (32, 130)))
    x[5, :12] = [0.0, -0.0, np.inf, -np.inf, np.nan, 1e-40, -1e-40, 1e-310, -1e-310, 5e-324, 6e-8, -1e300]
    with np.errstate(all="ignore"):
        return x.astype(dtype), g.astype(dtype)


def types():
    return [np.float32, np.float64, np.float16, *([] if bfloat16 is None else [bfloat16])]


def functions():
    """Every ufunc of the registry, in every type, contiguous and not."""
    for dtype in types():
        x, g = inputs(dtype)
        for record in _engine.registry():
            act = sp.activation(record.name)
            parameters = [v for v in act.parameters.values() if v is not None]
            parameters += parameters[-1:] * (record.n_parameters - len(parameters))
            for operation in _engine.OPERATIONS:
                ufunc = getattr(sp.ufuncs, record.name + ("" if operation == "value" else f"_{operation}"), None)
                if ufunc is not None:
                    arrays = (g, x) if operation.startswith("backward") else (x,)
                    label = f"{record.name} {operation} {np.dtype(dtype)}"
                    yield label, lambda u=ufunc, a=arrays, p=parameters: u(*a, *p)
                    yield f"{label} strided", lambda u=ufunc, a=arrays, p=parameters: u(*(v[:, ::3] for v in a), *p)


def passes():
    """Forward with every policy, backward, biases and gradients of parameters."""

    def there_and_back(act, x, g, save, bias):
        y, saved = act.forward(x, save=save, bias=bias)
        return y, act.backward(g, saved)

    for dtype in types():
        x, g = inputs(dtype)
        b = x[1]
        for name in sp.activations():
            act = sp.activation(name)
            label = f"{name} {{}} {np.dtype(dtype)}"
            for save in act.save_policies:
                yield label.format(save), lambda a=act, x=x, g=g, s=save: there_and_back(a, x, g, s, None)
                yield label.format(f"{save} bias"), lambda a=act, x=x, g=g, b=b, s=save: there_and_back(a, x, g, s, b)
            yield label.format("bias"), lambda a=act, x=x, b=b: a(x, bias=b)
            yield label.format("backward bias"), lambda a=act, x=x, g=g, b=b: a.backward(g, x, bias=b)
            if act.parameters:
                yield label.format("gradients"), lambda a=act, x=x, g=g: list(a.parameter_gradients(g, x).values())


def arrays_of(function):
    """How many arrays it takes: its parameters without a default."""
    kinds = inspect.signature(function).parameters.values()
    return sum(
        parameter.default is parameter.empty and parameter.kind is not parameter.VAR_KEYWORD for parameter in kinds
    )


def along_rows():
    """softmax and its relatives along both axes."""
    for dtype in types():
        x, g = inputs(dtype)
        x = np.where(np.isfinite(x), x, np.asarray(1, dtype))
        for name in rows.__all__:
            function = getattr(rows, name)
            for axis in (0, 1):
                gradient = g.sum(axis=axis) if name == "logsumexp_backward" else g
                arrays = (gradient, x) if arrays_of(function) == 2 else (x,)
                label = f"{name} axis {axis} {np.dtype(dtype)}"
                yield label, lambda f=function, a=arrays, axis=axis: f(*a, axis=axis)


def of_two_arrays():
    """Gated units and their gradients."""
    for dtype in types():
        x, g = inputs(dtype)
        for name in gates.__all__:
            function = getattr(gates, name)
            arrays = [x, x[:, ::-1], x[::-1]][: arrays_of(function)]
            if name.endswith("backward"):
                arrays[0] = g[:, : x.shape[1] // 2] if len(arrays) == 2 else g
            yield f"{name} {np.dtype(dtype)}", lambda f=function, a=arrays: f(*a)


def maps():
    """One grid and one per neuron, one hash per element and per row, all operations; and the hits."""
    rng = np.random.default_rng(1)
    names = sp.activations()
    for dtype in types()[:3]:
        x, g = inputs(dtype)
        cells = {"one": (8, 8), "each": (x.shape[1], 8, 8)}
        each = rng.integers(0, 2**64, x.shape, dtype=np.uint64)
        for grids, shape in cells.items():
            amap = sp.ActivationMap(rng.integers(0, len(names), shape), [sp.activation(name) for name in names])
            for kind, h in {"element": each, "row": each[:, :1]}.items():
                label = f"map {grids} {kind} {{}} {np.dtype(dtype)}"
                yield label.format("value"), lambda m=amap, x=x, h=h: (m(x, h), m.hit_counts)
                yield label.format("derivative"), lambda m=amap, x=x, h=h: m.derivative(x, h)
                yield label.format("both"), lambda m=amap, x=x, h=h: m.value_and_derivative(x, h)
                yield label.format("backward"), lambda m=amap, x=x, g=g, h=h: m.backward(g, x, h)


def hashes():
    """SimHash of rows of ordinary and of tiny numbers."""
    for dtype in types()[:3]:
        x, _ = inputs(dtype)
        x = np.where(np.isfinite(x) & (np.abs(x) < 1e6), x, np.asarray(1, dtype))
        for bits in (6, 64):
            simhash = sp.SimHash(x.shape[1], n_bits=bits, rng=0)
            label = f"SimHash {bits} {{}} {np.dtype(dtype)}"
            yield label.format("rows"), lambda s=simhash, x=x: s(x)
            yield label.format("margin"), lambda s=simhash, x=x: s.margin(x)
            if dtype is np.float64:
                tiny = x * 1e-310
                yield label.format("tiny"), lambda s=simhash, x=tiny: s(x)


GROUPS = {
    "functions": functions,
    "passes": passes,
    "rows": along_rows,
    "gates": of_two_arrays,
    "maps": maps,
    "hashes": hashes,
}


def access_to_states():
    """Functions that set and get MXCSR, made by the C compiler; None where there is none or another processor."""
    if platform.machine() not in ("x86_64", "AMD64"):
        return None
    with tempfile.TemporaryDirectory() as folder:
        source, library = os.path.join(folder, "state.c"), os.path.join(folder, "state.so")
        with open(source, "w") as file:
            file.write("#include <immintrin.h>\nvoid set_state(unsigned state) { _mm_setcsr(state); }\n")
            file.write("unsigned get_state(void) { return _mm_getcsr() & ~0x3fu; } /* without the flags */\n")
        try:
            subprocess.run(["cc", "-shared", "-fPIC", "-o", library, source], check=True, capture_output=True)
        except (OSError, subprocess.CalledProcessError):
            return None
        functions = ctypes.CDLL(library)
        return functions.set_state, functions.get_state


def in_small_thread(call, kibibytes):
    """The result of a call in a thread with such a stack; what the digest needs is not done there."""
    results, errors, handling = [], [], np.geterr()  # which threads do not take over

    def work():
        try:
            with np.errstate(**handling):
                results.append(call())
        except BaseException as error:
            errors.append(error)

    before = threading.stack_size(kibibytes * 1024)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    threading.stack_size(before)
    if errors:
        raise errors[0]
    return results[0]


def compute(groups, state=None, stack=None, name=None):
    """Label and digest of each result, of one function if there is a name.

    A call that leaves another state than it was made in has no digest.
    """
    with np.errstate(all="ignore"):
        todo = [entry for group in groups for entry in GROUPS[group]() if name in (None, entry[0].split()[0])]
    access = access_to_states() if state else None
    if state and access is None:
        raise SystemExit("there is no C compiler for this processor's state")
    set_state, get_state = access or (None, None)
    for label, call in todo:
        left = None
        if state:
            set_state(STATES[state])
        try:
            results = in_small_thread(call, stack) if stack else call()
        except FloatingPointError as error:
            results = error
        finally:
            if state:
                left = get_state()
                set_state(0x1F80)
        if state and left != STATES[state] & ~0x3F:
            yield label, f"left the state {left:#x}"
        else:
            yield label, "raised" if isinstance(results, FloatingPointError) else digest(results)


def column(isa):
    return 1 if isa == "baseline" else 0


def stored():
    """Function and type to the digests with fused multiplication and addition, and of the baseline."""
    rows = [line.split() for line in STORED.read_text().splitlines()] if STORED.exists() else []
    return {(name, dtype): digests for name, dtype, *digests in rows}


def summary(lines):
    """Function and type to one digest, from labels and digests."""
    found = {}
    for label, value in lines:
        name, *words = label.split()
        dtype = next(word for word in words if "float" in word)
        found.setdefault((name, dtype), hashlib.sha256()).update(f"{label} {value}".encode())
    return {key: digest.hexdigest()[:16] for key, digest in found.items()}


def store(lines, isa):
    known = stored()
    rows = {}
    for key, value in summary(lines).items():
        rows[key] = known.get(key, ["-", "-"])
        rows[key][column(isa)] = value
    STORED.write_text("".join(f"{' '.join([*key, *digests])}\n" for key, digests in sorted(rows.items())))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--groups", default=",".join(GROUPS))
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--stack", type=int)
    parser.add_argument("--state", choices=STATES)
    parser.add_argument("--raise", dest="raises", action="store_true", help="raise on NumPy's floating-point warnings")
    parser.add_argument("--store", action="store_true", help="write digests.txt for this instruction set")
    arguments = parser.parse_args()
    sp.set_num_threads(arguments.threads)
    with np.errstate(all="raise" if arguments.raises else "ignore"):
        lines = compute(arguments.groups.split(","), arguments.state, arguments.stack)
        if arguments.store:
            store(lines, _engine.current_isa())
            return
        for label, value in lines:
            sys.stdout.write(f"{value} {label}\n")


if __name__ == "__main__":
    main()
