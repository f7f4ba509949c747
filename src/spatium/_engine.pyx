"""The window on the C kernels: the registry, the ufuncs, the instruction set and the number of threads."""
from cpython.mem cimport PyMem_Malloc

import os
from typing import NamedTuple

cimport numpy as cnp

cnp.import_array()
cnp.import_ufunc()

OPERATIONS = (
    "value",
    "derivative",
    "value_and_derivative",
    "backward",
    "derivative_from_output",
    "backward_from_output",
)


class Record(NamedTuple):
    """One activation as the C list has it."""

    name: str
    code: int
    n_parameters: int
    from_output: bool


def registry():
    """All activations, in the order of their codes."""
    records = []
    cdef int i = 0
    while sp_records[i].name != NULL:
        records.append(Record(sp_records[i].name.decode(), sp_records[i].code, sp_records[i].parameters,
                              bool(sp_records[i].flags & SP_FROM_OUTPUT)))
        i += 1
    return tuple(records)


# ---- evaluation, for the other compiled modules ----

cdef void evaluate(const sp_request *request) noexcept nogil:
    sp_evaluate(request)


cdef void project(const void *x, sp_dtype dtype, Py_ssize_t rows, Py_ssize_t features, Py_ssize_t row_stride,
                  const float *planes, Py_ssize_t plane_count, double *out) noexcept nogil:
    sp_project(x, dtype, rows, features, row_stride, planes, plane_count, out)


# ---- ufuncs ----

cdef struct Loop:
    int code
    sp_operation operation
    sp_dtype dtype
    int parameters


cdef void ufunc_loop(char **args, const cnp.npy_intp *dimensions, const cnp.npy_intp *steps, void *data) noexcept nogil:
    cdef Loop *loop = <Loop *>data
    cdef sp_request request
    cdef int operand = 0, k
    request.code = loop.code
    request.operation = loop.operation
    request.dtype = loop.dtype
    request.n = dimensions[0]
    request.g = NULL
    request.g_stride = 0
    if loop.operation == SP_BACKWARD or loop.operation == SP_BACKWARD_FROM_OUTPUT:
        request.g = args[operand]
        request.g_stride = steps[operand]
        operand += 1
    request.x = args[operand]
    request.x_stride = steps[operand]
    operand += 1
    for k in range(loop.parameters):
        request.parameter[k] = args[operand]
        request.parameter_stride[k] = steps[operand]
        operand += 1
    request.out[0] = args[operand]
    request.out_stride[0] = steps[operand]
    if loop.operation == SP_VALUE_AND_DERIVATIVE:
        request.out[1] = args[operand + 1]
        request.out_stride[1] = steps[operand + 1]
    sp_evaluate(&request)


cdef extern from *:
    const char *SP_VERSION  # from meson.build

VERSION = SP_VERSION.decode()

cdef list _kept = []  # names and docstrings that NumPy holds by pointer


def make_ufunc(int code, str operation, str doc):
    """A new ufunc for one operation of the activation with this code.

    Inputs are (x, parameters ...), for the backward operations (grad, x, parameters ...). Parameters are float64
    whatever x is: loops ``ed->e``, ``fd->f``, ``dd->d``.
    """
    cdef int op = OPERATIONS.index(operation)
    record = registry()[code]
    cdef int parameters = record.n_parameters
    cdef int arrays = 2 if op == SP_BACKWARD or op == SP_BACKWARD_FROM_OUTPUT else 1
    cdef int outputs = 2 if op == SP_VALUE_AND_DERIVATIVE else 1
    cdef int operands = arrays + parameters + outputs
    if "from_output" in operation and not record.from_output:
        raise ValueError(f"{record.name} has no derivative from its output")
    name = (record.name if op == SP_VALUE else f"{record.name}_{operation}").encode()
    text = doc.encode()
    _kept.extend((name, text))

    # never freed: a ufunc lives as long as the process
    cdef cnp.PyUFuncGenericFunction *functions = <cnp.PyUFuncGenericFunction *>PyMem_Malloc(
        SP_DTYPES * sizeof(cnp.PyUFuncGenericFunction))
    cdef void **data = <void **>PyMem_Malloc(SP_DTYPES * sizeof(void *))
    cdef char *types = <char *>PyMem_Malloc(SP_DTYPES * operands)
    cdef Loop *loops = <Loop *>PyMem_Malloc(SP_DTYPES * sizeof(Loop))
    if functions == NULL or data == NULL or types == NULL or loops == NULL:
        raise MemoryError
    cdef int[3] type_of_dtype = [cnp.NPY_FLOAT16, cnp.NPY_FLOAT32, cnp.NPY_FLOAT64]
    cdef int dtype, k
    for dtype in range(SP_DTYPES):
        loops[dtype].code = code
        loops[dtype].operation = <sp_operation>op
        loops[dtype].dtype = <sp_dtype>dtype
        loops[dtype].parameters = parameters
        functions[dtype] = <cnp.PyUFuncGenericFunction>ufunc_loop
        data[dtype] = &loops[dtype]
        for k in range(operands):
            types[dtype * operands + k] = <char>type_of_dtype[dtype]
        for k in range(arrays, arrays + parameters):
            types[dtype * operands + k] = cnp.NPY_DOUBLE
    return cnp.PyUFunc_FromFuncAndData(functions, data, types, SP_DTYPES, arrays + parameters, outputs,
                                       cnp.PyUFunc_None, <char *>name, <char *>text, 0)


# ---- instruction sets ----

KNOWN_ISAS = ("baseline", "x86_v3", "x86_v4", "neon")


def available_isas():
    """Instruction sets of this build that this machine runs, weakest first."""
    return tuple(sp_isa_name(i).decode() for i in range(sp_isa_count()))


def current_isa():
    """Name of the instruction set in use."""
    return sp_isa_name(sp_isa_current()).decode()


def set_isa(str name):
    """Use an instruction set of `available_isas`; for tests, not thread-safe."""
    names = available_isas()
    if name not in names:
        raise ValueError(f"this machine runs {', '.join(names)}, not {name!r}")
    sp_isa_use(names.index(name))


def _cap_isa(str cap):
    """SPATIUM_ISA: the strongest available instruction set that is not beyond `cap`."""
    names = available_isas()
    if cap in names:
        set_isa(cap)
    elif cap not in KNOWN_ISAS or (cap == "neon") != (names[0] == "neon"):
        raise ImportError(f"SPATIUM_ISA is {cap!r}; on this machine it can be one of {', '.join(names)}")


# ---- threads ----

def get_threads():
    return sp_threads_get()


def set_threads(int count):
    sp_threads_set(count)


def available_threads():
    """What OpenMP would use: OMP_NUM_THREADS, or the processors this process may run on; 1 without OpenMP."""
    return sp_threads_available()


def build_info():
    """Facts about this build."""
    return {"compiler": sp_compiler().decode(), "openmp": bool(sp_has_openmp())}


def _first_threads():
    """SPATIUM_NUM_THREADS, else what OpenMP would use."""
    text = os.environ.get("SPATIUM_NUM_THREADS", "").strip()
    if not text:
        return sp_threads_available()
    if not text.isdecimal() or int(text) < 1:
        raise ImportError(f"SPATIUM_NUM_THREADS is {text!r}; it should be a whole number of at least 1")
    return int(text)


if os.environ.get("SPATIUM_ISA", "").strip():
    _cap_isa(os.environ["SPATIUM_ISA"].strip())
sp_threads_set(_first_threads())
if hasattr(os, "register_at_fork"):
    # the threads of OpenMP do not survive fork(): the child works serially
    os.register_at_fork(after_in_child=lambda: sp_threads_set(1))
