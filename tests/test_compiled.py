"""The C functions for other compiled code: the bits of the ufuncs, the promised signatures, and the examples of
docs/compiled.md as they stand there."""

import ctypes
import importlib.util
import math
import re
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import everything
import numpy as np
import pytest

import spatium as sp
from spatium import _engine, compiled

PACKAGE = Path(compiled.__file__).parent
PAGE = Path(__file__).parents[1] / "docs" / "compiled.md"
OPERATIONS = ("", "_derivative", "_second_derivative", "_derivative_from_output")
EVALUATE = (
    "int (int, int, int, Py_ssize_t, void const *, Py_ssize_t, void const *, Py_ssize_t, double const *, "
    "void *, Py_ssize_t, void *, Py_ssize_t)"
)

pythonapi = ctypes.pythonapi
pythonapi.PyCapsule_GetName.restype = ctypes.c_char_p
pythonapi.PyCapsule_GetName.argtypes = [ctypes.py_object]
pythonapi.PyCapsule_GetPointer.restype = ctypes.c_void_p
pythonapi.PyCapsule_GetPointer.argtypes = [ctypes.py_object, ctypes.c_char_p]


def signature_of(name):
    return pythonapi.PyCapsule_GetName(compiled.__pyx_capi__[name]).decode()


def address_of(name):
    return pythonapi.PyCapsule_GetPointer(compiled.__pyx_capi__[name], signature_of(name).encode())


def scalar(name):
    arguments = signature_of(name).count("double") - 1
    return ctypes.CFUNCTYPE(*[ctypes.c_double] * (1 + arguments))(address_of(name))


def evaluate(code, operation, x, grad, parameters, out, derivative, dtype=None):
    """The C function, on one-dimensional arrays of any stride."""
    size, pointer = ctypes.c_ssize_t, ctypes.c_void_p
    types = [ctypes.c_int] * 3 + [size, pointer, size, pointer, size, pointer, pointer, size, pointer, size]
    call = ctypes.CFUNCTYPE(ctypes.c_int, *types)(address_of("evaluate"))
    number = ("float16", "float32", "float64").index(x.dtype.name) if dtype is None else dtype

    def strided(array):
        return (None, 0) if array is None else (array.ctypes.data, array.strides[0])

    values = np.array(parameters, dtype=np.float64)
    return call(
        code,
        operation,
        number,
        x.size,
        *strided(x),
        *strided(grad),
        values.ctypes.data,
        *strided(out),
        *strided(derivative),
    )


def code_of(name):
    return next(record.code for record in _engine.registry() if record.name == name)


# ---- the bits of the ufuncs ----


def test_scalars_have_the_bits_of_the_ufuncs(variant_ufuncs, isa, make_sample, assert_same_bits):
    x = make_sample(np.float64, 240)
    for suffix in OPERATIONS:
        ufunc = variant_ufuncs.raw[suffix]
        if ufunc is None:
            continue
        call = scalar(ufunc.__name__)
        with np.errstate(all="ignore"):
            expected = ufunc(x, *variant_ufuncs.parameters)
        result = np.array([call(float(v), *variant_ufuncs.parameters) for v in x])
        assert_same_bits(result, expected)


@pytest.mark.parametrize("x", [2.0**20, 2.0**20 + 0.5, -1e22, 1.7e308])
def test_scalars_reduce_large_arguments_as_the_ufuncs_do(x, assert_same_bits):
    for name, parameters in (("sine", ()), ("snake", (3.0, 0.7))):
        for suffix in ("", "_derivative"):
            expected = getattr(sp.ufuncs, name + suffix)(np.array([x]), *parameters)
            assert_same_bits(np.array([scalar(name + suffix)(x, *parameters)]), expected)


@pytest.mark.parametrize("name", ["sine", "sine_derivative"])
def test_scalars_raise_the_flag_of_an_invalid_operation_at_infinity_only(name):
    libm, call = ctypes.CDLL(None), scalar(name)
    everything, invalid = 0x1F, 0x01  # FE_ALL_EXCEPT without x86's denormal flag, FE_INVALID
    for x, flag in ((math.inf, invalid), (-math.inf, invalid), (1e22, 0), (0.5, 0)):
        libm.feclearexcept(everything)
        call(x)
        assert libm.fetestexcept(invalid) == flag, x


def test_scalars_compute_in_their_own_floating_point_state_and_restore_the_callers():
    access, flush = everything.access_to_states(), everything.STATES["flush"]
    if access is None:
        pytest.skip("needs a C compiler, and the state of x86 processors")
    set_state, get_state = access
    call = scalar("relu_squared")
    set_state(flush)
    try:
        result, left = call(1e-160), get_state()
    finally:
        set_state(0x1F80)
    assert left == flush
    assert result == 1e-160**2 > 0  # subnormal, and 0 where such numbers are flushed


@pytest.mark.parametrize("operation", range(len(_engine.OPERATIONS)), ids=_engine.OPERATIONS)
def test_blocks_have_the_bits_of_the_ufuncs(operation, variant, variant_ufuncs, dtype, make_sample, assert_same_bits):
    name = _engine.OPERATIONS[operation]
    ufunc = variant_ufuncs.raw["" if name == "value" else f"_{name}"]
    x, grad = make_sample(dtype, 131), make_sample(dtype, 131, seed=1)
    out, derivative = np.full(131, 7, dtype), np.full(131, 7, dtype)
    if ufunc is None:
        arguments = (code_of(variant.name), operation, x, grad, variant_ufuncs.parameters, out, derivative)
        assert evaluate(*arguments) == -1
        assert (out == 7).all()
        assert (derivative == 7).all()
        return
    arrays = (grad, x) if "backward" in name else (x,)
    with np.errstate(all="ignore"):
        expected = ufunc(*arrays, *variant_ufuncs.parameters)
    wanted = expected if isinstance(expected, tuple) else (expected, np.full(131, 7, dtype))
    # contiguous, then strided, backwards and in place
    assert evaluate(code_of(variant.name), operation, x, grad, variant_ufuncs.parameters, out, derivative) == 0
    assert_same_bits(out, wanted[0])
    assert_same_bits(derivative, wanted[1])
    room = np.full((131, 3), 9, dtype)
    room[:, 1] = x
    back = np.empty_like(derivative)
    parameters = variant_ufuncs.parameters
    assert (
        evaluate(code_of(variant.name), operation, room[::-1, 1], grad[::-1], parameters, room[::-1, 1], back[::-1])
        == 0
    )
    assert_same_bits(room[:, 1], wanted[0])
    assert (room[:, ::2] == 9).all()
    if isinstance(expected, tuple):
        assert_same_bits(back, wanted[1])


@pytest.mark.parametrize("size", [0, 1, 15, 16, 17, 33, 70_001])
def test_blocks_of_any_size(size, assert_same_bits):
    x = np.linspace(-4.0, 4.0, size, dtype=np.float32)
    out = np.empty_like(x)
    assert evaluate(code_of("gelu"), 0, x, None, (), out, None) == 0
    assert_same_bits(out, sp.gelu(x))


def test_what_there_is_not_writes_nothing():
    x, out = np.ones(3), np.full(3, 5.0)
    last = len(_engine.registry())
    for code, operation, dtype in ((last, 0, 2), (-1, 0, 2), (0, 7, 2), (0, -1, 2), (0, 0, 4), (0, 0, -1)):
        assert evaluate(code, operation, x, None, (), out, None, dtype=dtype) == -1
    assert (out == 5.0).all()


# ---- what is promised ----


def test_declarations_are_the_functions():
    """compiled.pxd declares exactly what there is, under the same signatures."""
    text = (PACKAGE / "compiled.pxd").read_text()
    declared = {}
    for name, parameters in re.findall(r"^cdef double (\w+)\((.*)\) noexcept nogil$", text, re.MULTILINE):
        assert parameters.split(", ")[0] in ("double x", "double y")
        declared[name] = f"double ({', '.join(parameter.split()[0] for parameter in parameters.split(', '))})"
    assert signature_of("evaluate") == EVALUATE
    assert declared | {"evaluate": EVALUATE} == {name: signature_of(name) for name in compiled.__pyx_capi__}
    assert set(declared) == {n for n in sp.ufuncs.__all__ if not n.endswith(("value_and_derivative", "backward"))} - {
        n for n in sp.ufuncs.__all__ if n.endswith("backward_from_output")
    }
    numbers = dict(re.findall(r"^    ([A-Z0-9_]+) = (\d+)$", text, re.MULTILINE))
    for record in _engine.registry():
        assert numbers[record.name.upper()] == str(record.code)


# ---- the examples of docs/compiled.md ----

needs_page = pytest.mark.skipif(not PAGE.exists(), reason="reads the documentation")


def example(language, holding):
    (found,) = (b for b in re.findall(rf"```{language}\n(.*?)```", PAGE.read_text(), re.DOTALL) if holding in b)
    return found


def extension_module(folder, name, include=None):
    """Compile `name`.pyx of a folder as a user would, and return the module before its code has run, and its loader."""
    pytest.importorskip("Cython")
    compiler = shutil.which("gcc") or shutil.which("cc")
    if compiler is None or sys.platform == "win32":
        pytest.skip("needs gcc or cc")
    search = ["-I", str(include)] if include else []
    command = [sys.executable, "-m", "cython", "-3", *search, f"{name}.pyx"]
    subprocess.run(command, check=True, cwd=folder, timeout=120)
    library = folder / f"{name}{sysconfig.get_config_var('EXT_SUFFIX')}"
    flags = ["-O1", "-w", "-fPIC", "-shared", "-I", sysconfig.get_paths()["include"]]
    flags += ["-undefined", "dynamic_lookup"] if sys.platform == "darwin" else []
    subprocess.run([compiler, *flags, str(folder / f"{name}.c"), "-o", str(library), "-lm"], check=True, timeout=120)
    spec = importlib.util.spec_from_file_location(name, library)
    return importlib.util.module_from_spec(spec), spec.loader


@pytest.fixture(scope="module")
def cython_module(tmp_path_factory):
    folder = tmp_path_factory.mktemp("cython")
    (folder / "example.pyx").write_text(example("cython", "cdef api"))
    module, loader = extension_module(folder, "example", include=PACKAGE.parent)
    loader.exec_module(module)
    return module


@needs_page
def test_cython_evaluates_blocks(cython_module, assert_same_bits):
    x = np.linspace(-5.0, 5.0, 200, dtype=np.float32)[::2]
    y, dy = np.empty(100, np.float32), np.empty(100, np.float32)
    cython_module.value_and_derivative(x, y, dy)
    expected = sp.GELU().value_and_derivative(x)
    assert_same_bits(y, expected[0])
    assert_same_bits(dy, expected[1])


@needs_page
def test_cython_functions_are_integrands(cython_module):
    scipy = pytest.importorskip("scipy")
    integrate = pytest.importorskip("scipy.integrate")
    weighted = scipy.LowLevelCallable.from_cython(cython_module, "weighted")
    integral, _ = integrate.quad(weighted, -math.inf, math.inf)
    # E[gelu(X)] = E[X Phi(X)] = E[phi(X)] by Stein's lemma
    assert abs(integral - 1.0 / (2.0 * math.sqrt(math.pi))) < 1e-10


def test_both_packages_of_declarations_serve(tmp_path):
    (tmp_path / "short.pyx").write_text("from spatium cimport softplus\ndef call(x, beta): return softplus(x, beta)\n")
    module, loader = extension_module(tmp_path, "short", include=PACKAGE.parent)
    loader.exec_module(module)
    assert module.call(0.3, 2.0) == float(sp.softplus(0.3, 2.0))


def test_a_caller_of_another_signature_is_refused(tmp_path):
    """What Cython compiled for another signature raises at import instead of calling with the wrong arguments."""
    (tmp_path / "spatium").mkdir()
    (tmp_path / "spatium" / "__init__.py").touch()
    (tmp_path / "spatium" / "compiled.pxd").write_text("cdef double gelu(double x, double slope) noexcept nogil\n")
    (tmp_path / "caller.pyx").write_text("from spatium.compiled cimport gelu\ndef call(): return gelu(1.0, 2.0)\n")
    module, loader = extension_module(tmp_path, "caller")
    with pytest.raises(TypeError, match="gelu has wrong signature"):
        loader.exec_module(module)


def test_scipy_integrates_the_c_functions():
    scipy = pytest.importorskip("scipy")
    integrate = pytest.importorskip("scipy.integrate")
    derivative = scipy.LowLevelCallable.from_cython(compiled, "sigmoid_derivative")
    assert derivative.signature == "double (double)"
    integral, _ = integrate.quad(derivative, -3.0, 2.0)
    assert abs(integral - float(sp.sigmoid(2.0) - sp.sigmoid(-3.0))) < 1e-14
    gaussian = scipy.LowLevelCallable.from_cython(compiled, "gaussian")
    integral, _ = integrate.quad(gaussian, -math.inf, math.inf)
    assert abs(integral - math.sqrt(math.pi)) < 1e-10


@needs_page
def test_numba_takes_the_same_addresses():
    pytest.importorskip("numba")
    pytest.importorskip("scipy")
    names = {}
    exec(compile(example("python", "numba.njit"), str(PAGE), "exec"), names)
    expected = 0.0
    for value in sp.gelu(np.linspace(-3.0, 3.0, 1001)):  # in the order of the loop
        expected += float(value)
    assert names["summed"] == expected
    assert abs(names["integral"] - 1.0 / (2.0 * math.sqrt(math.pi))) < 1e-10
