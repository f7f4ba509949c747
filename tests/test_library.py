"""The static library for C, C++ and Fortran: its functions have the bits of the package, and the examples run.

SPATIUM_LIBRARY is the folder of libspatium.a, in a build with the option "library"; without it the tests are skipped.
"""

import ctypes
import os
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from conftest import VARIANTS, make_activation, same_bits, sample

import spatium as sp

SOURCE = Path(__file__).resolve().parents[1] / "library"
FOLDER = os.environ.get("SPATIUM_LIBRARY")
if FOLDER is None:
    pytest.skip("SPATIUM_LIBRARY is not set", allow_module_level=True)
ARCHIVE = Path(FOLDER).resolve() / "libspatium.a"
LINK = ["-fopenmp", "-pthread", "-lm"]
BAD_ARGUMENT = -1
DTYPES = {np.dtype(np.float16): 0, np.dtype(np.float32): 1, np.dtype(np.float64): 2}
OPERATIONS = [
    "",
    "_derivative",
    None,
    "_backward",
    "_derivative_from_output",
    "_backward_from_output",
    "_second_derivative",
]


def compiler(*names):
    found = next(filter(None, map(shutil.which, names)), None)
    if found is None:
        pytest.skip(f"none of {', '.join(names)} is installed")
    return found


def run_example(command, folder):
    program = folder / "example"
    subprocess.run([*command, ARCHIVE, *LINK, "-o", program], check=True, cwd=folder)
    return subprocess.run([program], check=True, capture_output=True, text=True).stdout.splitlines()


@pytest.fixture(scope="module")
def library(tmp_path_factory):
    """The functions of the archive, in a shared library that Python can load."""
    shared = tmp_path_factory.mktemp("library") / "spatium.so"
    whole = ["-Wl,--whole-archive", ARCHIVE, "-Wl,--no-whole-archive"]
    subprocess.run([compiler("cc", "gcc", "clang"), "-shared", *whole, *LINK, "-o", shared], check=True)
    loaded = ctypes.CDLL(str(shared))
    size, pointer, integer = ctypes.c_ssize_t, ctypes.c_void_p, ctypes.c_int
    loaded.spatium_evaluate.argtypes = [integer, integer, integer, size] + [pointer] * 5
    loaded.spatium_evaluate_rows.argtypes = [integer, integer, size, size] + [pointer] * 3
    loaded.spatium_evaluate_gate.argtypes = [integer, integer, size] + [pointer] * 4
    loaded.spatium_gate_backward.argtypes = [integer, integer, size] + [pointer] * 6
    loaded.spatium_evaluate_one.argtypes = [integer, integer, ctypes.c_double, pointer]
    loaded.spatium_evaluate_one.restype = ctypes.c_double
    for name in ("spatium_version", "spatium_instruction_set"):
        getattr(loaded, name).restype = ctypes.c_char_p
    return loaded


def address(array):
    return None if array is None else array.ctypes.data


def numbers(values):
    return np.array(values or [0.0], np.float64)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("name", "keywords"), VARIANTS)
def test_activations(library, name, keywords, dtype):
    act = make_activation(name, keywords)
    code, parameters = library.spatium_activation(name.encode()), numbers(list(act.parameters.values()))
    assert code == act.code
    assert library.spatium_parameters(code) == len(act.parameters)
    x, grad = sample(dtype, 100), sample(dtype, 100, seed=1)
    for operation, suffix in enumerate(OPERATIONS):
        out, second = np.full_like(x, 7), np.full_like(x, 7)
        arguments = (code, operation, DTYPES[dtype], len(x), *map(address, (x, grad, parameters, out, second)))
        status = library.spatium_evaluate(*arguments)
        ufunc = None if suffix is None else getattr(sp.ufuncs, name + suffix, None)
        with np.errstate(invalid="ignore"):
            if suffix is None:
                for actual, expected in zip((out, second), act.value_and_derivative(x), strict=True):
                    same_bits(actual, expected)
            elif ufunc is None:
                assert status == BAD_ARGUMENT
                assert (out == 7).all()
            else:
                inputs = (grad, x) if "backward" in suffix else (x,)
                same_bits(out, ufunc(*inputs, *act.parameters.values()))
    if dtype == np.float64:
        assert library.spatium_evaluate_one(code, 0, 0.7, address(parameters)) == act(0.7)


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize("name", ["softmax", "softmin", "hardmax", "log_softmax", "logsumexp"])
def test_rows(library, name, dtype):
    rng = np.random.default_rng(0)
    x, kind = rng.normal(0, 3, (7, 19)).astype(dtype), DTYPES[dtype]
    expected = getattr(sp, name)(x)
    out = np.empty_like(expected)
    code = library.spatium_row_function(name.encode())
    assert library.spatium_evaluate_rows(code, kind, 7, 19, address(x), None, address(out)) == 0
    same_bits(out, expected)
    if name != "hardmax":  # its gradient is 0
        code = library.spatium_row_function(f"{name}_backward".encode())
        grad, back = rng.normal(size=out.shape).astype(dtype), np.empty_like(x)
        saved = x if name == "logsumexp" else out
        assert library.spatium_evaluate_rows(code, kind, 7, 19, *map(address, (saved, grad, back))) == 0
        same_bits(back, getattr(sp.rows, f"{name}_backward")(grad, saved))


GATES = [("reglu", []), ("geglu", []), ("swiglu", [1.7]), ("time_aware_tanh", [0.3]), ("gated_tanh", [])]


@pytest.mark.parametrize("dtype", DTYPES, ids=str)
@pytest.mark.parametrize(("name", "parameters"), [*GATES, ("glu", []), ("gaussian_glu", [0.4, 1.3])])
def test_gates(library, name, parameters, dtype):
    rng = np.random.default_rng(0)
    a, b, grad = (rng.normal(0, 2, 133).astype(dtype) for _ in range(3))
    code, values, kind = library.spatium_gate(name.encode()), numbers(parameters), DTYPES[dtype]
    out, outs = np.empty_like(a), (np.empty_like(a), np.empty_like(a))
    assert library.spatium_evaluate_gate(code, kind, 133, *map(address, (a, b, values, out))) == 0
    assert library.spatium_gate_backward(code, kind, 133, *map(address, (grad, a, b, values, *outs))) == 0
    if (name, parameters) in GATES:
        expected = getattr(sp, name)(a, b, *parameters)
        gradients = getattr(sp.gates, f"{name}_backward")(grad, a, b, *parameters)
    else:
        expected = getattr(sp, name)(np.stack((a, b)), *parameters, axis=0)[0]
        gradients = getattr(sp.gates, f"{name}_backward")(grad[None], np.stack((a, b)), *parameters, axis=0)
    same_bits(out, expected)
    for actual, one in zip(outs, gradients, strict=True):
        same_bits(actual, one)


def test_bad_arguments(library):
    x = np.zeros(4, np.float32)
    out = np.full(4, 7, np.float32)
    gelu = library.spatium_activation(b"gelu")
    for code, operation, dtype, n, *arrays in [
        (99, 0, 1, 4, x, None, None, out),
        (gelu, 7, 1, 4, x, None, None, out),
        (gelu, 4, 1, 4, x, None, None, out),
        (gelu, 0, 4, 4, x, None, None, out),
        (gelu, 0, 1, -1, x, None, None, out),
        (gelu, 0, 1, 4, None, None, None, out),
        (gelu, 0, 1, 4, x, None, None, None),
        (gelu, 3, 1, 4, x, None, None, out),
        (gelu, 2, 1, 4, x, None, None, out),
        (library.spatium_activation(b"elu"), 0, 1, 4, x, None, None, out),
    ]:
        assert library.spatium_evaluate(code, operation, dtype, n, *map(address, arrays), None) == BAD_ARGUMENT
    assert library.spatium_evaluate(gelu, 0, 1, 0, None, None, None, None, None) == 0
    assert (out == 7).all()
    assert library.spatium_activation(b"none") == library.spatium_gate(None) == BAD_ARGUMENT
    assert library.spatium_row_function(b"gelu") == library.spatium_parameters(-1) == BAD_ARGUMENT
    assert np.isnan(library.spatium_evaluate_one(99, 0, 1.0, None))
    assert library.spatium_evaluate_rows(0, 1, 2, 2, address(x), None, None) == BAD_ARGUMENT
    softmax_backward = library.spatium_row_function(b"softmax_backward")
    assert library.spatium_evaluate_rows(softmax_backward, 1, 2, 2, address(x), None, address(out)) == BAD_ARGUMENT
    swiglu = library.spatium_gate(b"swiglu")
    assert library.spatium_evaluate_gate(swiglu, 1, 4, address(x), address(x), None, address(out)) == BAD_ARGUMENT
    assert library.spatium_version().decode() == sp.__version__
    assert library.spatium_instruction_set().decode() in sp.config()["instruction_sets"]


def test_threads(library):
    x = np.random.default_rng(0).normal(size=1 << 20)
    out, gelu = np.empty_like(x), library.spatium_activation(b"gelu")
    assert library.spatium_get_threads() == 1
    library.spatium_set_threads(3)
    assert library.spatium_get_threads() == 3
    assert library.spatium_evaluate(gelu, 0, 2, x.size, address(x), None, None, address(out), None) == 0
    library.spatium_set_threads(0)
    assert library.spatium_get_threads() == 1
    same_bits(out, sp.gelu(x))


# ---- the examples ----

X = np.array([-6.0, -1.5, -0.0, 0.25, 3.0], np.float32)
SCORES = np.array([[1.0, 2.0, 3.0], [0.0, 0.0, 1000.0]])


def test_the_example_in_cpp(tmp_path):
    command = [compiler("c++", "g++", "clang++"), "-std=c++17", "-Wall", "-Wextra", "-Werror", f"-I{SOURCE}"]
    *lines, last = run_example([*command, SOURCE / "examples" / "example.cpp"], tmp_path)
    found = {}
    for line in lines:
        name, *words = line.split()
        found.setdefault(name, []).append([float.fromhex(word) for word in words])
    slope = sp.GELU().derivative(X)
    same_bits(np.array(found["gelu"], np.float32), np.stack((X, sp.gelu(X), slope), axis=1))
    same_bits(np.array(found["elu"])[:, 0], sp.elu(X.astype(np.float64), 0.5))
    same_bits(np.array(found["softmax"]).reshape(2, 3), sp.softmax(SCORES))
    same_bits(np.array(found["swiglu"], np.float32)[:, 0], sp.swiglu(X, slope))
    assert last == "spatium: no activation is called no such function"


def test_the_example_in_fortran(tmp_path):
    command = [compiler("gfortran", "flang"), "-std=f2018", "-Wall", "-Werror", SOURCE / "spatium.f90"]
    found = {}
    for line in run_example([*command, SOURCE / "examples" / "example.f90"], tmp_path):
        name, *words = line.split()
        found.setdefault(name, []).append([int(word) for word in words])
    y = sp.gelu(X)
    expected = np.stack((X, y, sp.GELU().backward(2 * y, X)), axis=1)
    same_bits(np.array(found["gelu"], np.int32).view(np.float32), expected)
    same_bits(np.array(found["elu"], np.int64)[:, 0].view(np.float64), sp.elu(X.astype(np.float64), 0.5))
    same_bits(np.array(found["softmax"], np.int64).view(np.float64), sp.softmax(SCORES))
