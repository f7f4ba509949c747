"""The interface to the C kernels: the registry, the ufuncs, the instruction set and the number of threads."""
from cpython.mem cimport PyMem_Malloc
from cpython.pycapsule cimport PyCapsule_New
from libc.string cimport memcpy

from typing import NamedTuple

cimport cython
cimport numpy as cnp
import numpy as np

cnp.import_array()
cnp.import_ufunc()

cdef object np_array = np.ndarray
cdef object np_float32 = np.float32
cdef object np_float64 = np.float64

OPERATIONS = (
    "value",
    "derivative",
    "value_and_derivative",
    "backward",
    "derivative_from_output",
    "backward_from_output",
    "second_derivative",
)


class Record(NamedTuple):
    """The record of one activation in the C registry."""

    name: str
    code: int
    n_parameters: int
    gradient_from: str
    two_slopes: bool

    @property
    def from_output(self):
        """Whether the output alone determines the derivative."""
        return self.gradient_from == "output"

    @property
    def from_side(self):
        """Whether the output and the side of the minimum determine the derivative."""
        return self.gradient_from == "output+bit"

    def line(self, operation, dtype, isa=None):
        """The bound of an operation and type, float32 or float64, on an instruction set; by default one with vectors.

        None for a new activation, before its bounds are measured.
        """
        plain = isa == "baseline"
        return _LINES.get((self.name, operation, dtype, plain)) or _LINES.get((self.name, operation, dtype, False))

    def bound(self, operation, dtype, isa=None):
        """The largest error of results of any type in ulp; 16-bit results are correctly rounded."""
        if dtype not in ("float32", "float64"):
            return 0.5
        line = self.line(operation, dtype, isa)
        return float("inf") if line is None else line.bound


class Bound(NamedTuple):
    """A bound on errors in ulp, the largest error that is known, and its input: a line in an activation's file."""

    name: str
    operation: str
    dtype: str
    plain: bool  # for instruction sets without vectors
    bound: float
    worst: float
    at: float


cdef str _gradient_from(int flags):
    return "output" if flags & SP_FROM_OUTPUT else "output+bit" if flags & SP_FROM_SIDE else "input"


cdef bint _is_code(int code):
    """Return whether it is the code of an activation."""
    cdef int i = 0
    while sp_records[i].name != NULL:
        i += 1
    return 0 <= code < i


def registry():
    """All activations, in the order of their codes."""
    records = []
    cdef int i = 0
    while sp_records[i].name != NULL:
        records.append(Record(sp_records[i].name.decode(), sp_records[i].code, sp_records[i].parameters,
                              _gradient_from(sp_records[i].flags), bool(sp_records[i].flags & SP_TWO_VALUED_SLOPE)))
        i += 1
    return tuple(records)


def bounds():
    """The error bounds of all activations."""
    lines = []
    cdef int i = 0
    while sp_bounds[i].name != NULL:
        lines.append(Bound(sp_bounds[i].name.decode(), sp_bounds[i].operation.decode(), sp_bounds[i].dtype.decode(),
                           bool(sp_bounds[i].plain), sp_bounds[i].bound, sp_bounds[i].worst, sp_bounds[i].at))
        i += 1
    return tuple(lines)


_LINES = {line[:4]: line for line in bounds()}


# ---- routing, projections, patterns and codes, for the other compiled modules ----

cdef int route(const sp_routing *routing) noexcept nogil:
    return sp_route(routing)


cdef void add_hits(const sp_hits *hits, const sp_hashes *hashes, Py_ssize_t neurons, uint64_t *own,
                   uint64_t *alike) noexcept nogil:
    sp_add_hits(hits, hashes, neurons, own, alike)


cdef void count_hits(const sp_hashes *hashes, Py_ssize_t neurons, uint64_t *own) noexcept nogil:
    sp_count_hits(hashes, neurons, own)


cdef void free_grids(sp_grids *grids) noexcept nogil:
    sp_free_grids(grids)


cdef void free_hits(sp_hits *hits) noexcept nogil:
    sp_free_hits(hits)


cdef void evaluate_element(int code, sp_operation operation, sp_dtype dtype, const void *x, const void *g,
                           const double *parameters, void *out) noexcept nogil:
    sp_evaluate_element(code, operation, dtype, x, g, parameters, out)


cdef void project(const void *x, sp_dtype dtype, Py_ssize_t rows, Py_ssize_t features, Py_ssize_t row_stride,
                  const sp_planes *planes, double *out) noexcept nogil:
    sp_project(x, dtype, rows, features, row_stride, planes, out)


cdef Py_ssize_t find_patterns(const void *x, sp_dtype dtype, Py_ssize_t rows, Py_ssize_t features,
                              Py_ssize_t row_stride, const sp_planes *planes, uint64_t *patterns) noexcept nogil:
    return sp_find_patterns(x, dtype, rows, features, row_stride, planes, patterns)


cdef int run_codes(const sp_codes *q) noexcept nogil:
    return sp_run_codes(q)


cdef void run_code_map(const sp_code_map *q) noexcept nogil:
    sp_run_code_map(q)


def entries():
    """Return the names of the C functions for other modules, with capsules in the form of Cython's __pyx_capi__."""
    capsules = {}
    cdef int i = 0
    while sp_exports[i].name != NULL:
        name = sp_exports[i].name.decode()
        capsules[name] = PyCapsule_New(<void *>sp_exports[i].address, sp_exports[i].signature, NULL)
        i += 1
    return capsules


# ---- forward and backward passes, for passes.py ----

_PASSES = {
    "value": SP_VALUE,
    "backward": SP_BACKWARD,
    "backward_from_output": SP_BACKWARD_FROM_OUTPUT,
    "backward_from_side": SP_BACKWARD_FROM_SIDE,
}


cdef sp_dtype _dtype_of(cnp.ndarray array):
    """Return the type code of an array with one of the four dtypes."""
    cdef int kind = cnp.PyArray_TYPE(array)
    return (SP_FLOAT32 if kind == cnp.NPY_FLOAT32 else SP_FLOAT64 if kind == cnp.NPY_FLOAT64
            else SP_FLOAT16 if kind == cnp.NPY_FLOAT16 else SP_BFLOAT16)


cpdef Py_ssize_t repeats(Py_ssize_t size):
    """Return how often a bias of this many elements is repeated, so that inner loops have at least 64."""
    return (63 + max(size, 1)) // max(size, 1)


def pass_over(int code, str operation, tuple parameters, cnp.ndarray out, cnp.ndarray x=None, cnp.ndarray g=None,
              cnp.ndarray bits=None, cnp.ndarray bias=None, double[::1] sums=None):
    """Run one pass of passes.c; the caller has checked everything.

    `x`, `g` and `out` have one shape and one dtype, `bits` one bit per element. `bias` and `sums` have one length;
    `bias` is contiguous float64 for float64, else float32.
    """
    cdef sp_pass p
    cdef double[SP_MAX_PARAMETERS] values
    cdef int i, status
    for i in range(len(parameters)):
        values[i] = parameters[i]
    p.code = code
    p.operation = _PASSES[operation]
    p.dtype = _dtype_of(out)
    p.dimensions = cnp.PyArray_NDIM(out)
    p.shape = <const Py_ssize_t *>cnp.PyArray_DIMS(out)
    p.x = p.g = NULL
    if x is not None:
        p.x = <const char *>cnp.PyArray_DATA(x)
        p.x_strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(x)
    if g is not None:
        p.g = <const char *>cnp.PyArray_DATA(g)
        p.g_strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(g)
    p.parameters = values
    p.bits = NULL if bits is None else <unsigned char *>cnp.PyArray_DATA(bits)
    p.bias = NULL if bias is None else cnp.PyArray_DATA(bias)
    p.sums = NULL if sums is None or sums.shape[0] == 0 else &sums[0]
    p.period = sums.shape[0] if sums is not None else 1 if bias is None else cnp.PyArray_DIM(bias, 0)
    p.out = <char *>cnp.PyArray_DATA(out)
    p.out_strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(out)
    with nogil:
        status = sp_pass_over(&p)
    if status:
        raise MemoryError


# ---- functions of rows and of two arrays ----

cdef int _over_rows(const sp_rows *r) except -1:
    cdef int failed
    with nogil:
        failed = sp_run_over_rows(r)
    if failed:
        raise MemoryError
    return 0


cdef int _gates(const sp_gates *r) except -1:
    cdef int failed
    with nogil:
        failed = sp_run_gates(r)
    if failed:
        raise MemoryError
    return 0


_ROWS = {sp_row_names[i].decode(): i for i in range(SP_ROW_FUNCTIONS)}
_GATES = {sp_gate_names[i].decode(): i for i in range(SP_GATE_FUNCTIONS)}


def run_over_rows(str function, cnp.ndarray x, cnp.ndarray g, cnp.ndarray out):
    """Run a function of rows.h along the last axis; the caller has checked everything.

    x, out and g (None for values) have one dtype and one shape, but that the last axis of `out` for logsumexp and of
    `g` for its gradient has one element.
    """
    cdef sp_rows r
    cdef int last = cnp.PyArray_NDIM(x) - 1
    r.function = <sp_row_function><int>_ROWS[function]
    r.dtype = _dtype_of(out)
    r.n = cnp.PyArray_DIM(x, last)
    r.dimensions = last
    r.shape = <const Py_ssize_t *>cnp.PyArray_DIMS(x)
    r.x = <const char *>cnp.PyArray_DATA(x)
    r.x_strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(x)
    r.x_step = cnp.PyArray_STRIDE(x, last)
    r.g = NULL
    if g is not None:
        r.g = <const char *>cnp.PyArray_DATA(g)
        r.g_strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(g)
        r.g_step = cnp.PyArray_STRIDE(g, last)
    r.out = <char *>cnp.PyArray_DATA(out)
    r.out_strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(out)
    r.out_step = cnp.PyArray_STRIDE(out, last)
    _over_rows(&r)


cdef int _gate_parameters(sp_gates *r, tuple parameters) except -1:
    cdef int i
    for i in range(SP_MAX_PARAMETERS):
        r.parameters[i] = parameters[i] if i < len(parameters) else 0.0
    return 0


def run_gates(str function, tuple parameters, tuple arrays, tuple outs):
    """Evaluate a function of two checked arrays, or, with grad and a second result, its gradients.

    All arrays have the same shape and dtype. `outs` has one element for the value and two for the gradients.
    """
    cdef sp_gates r
    cdef cnp.ndarray array
    cdef int i
    _gate_parameters(&r, parameters)
    for i in range(3):
        r.in_[i] = NULL
        if i < len(arrays):
            array = arrays[i]
            r.in_[i] = <const char *>cnp.PyArray_DATA(array)
            r.in_strides[i] = <const Py_ssize_t *>cnp.PyArray_STRIDES(array)
    for i in range(2):
        r.out[i] = NULL
        if i < len(outs):
            array = outs[i]
            r.out[i] = <char *>cnp.PyArray_DATA(array)
            r.out_strides[i] = <const Py_ssize_t *>cnp.PyArray_STRIDES(array)
    array = outs[0]
    r.function = <sp_gate_function><int>_GATES[function]
    r.backward = len(outs) == 2
    r.dtype = _dtype_of(array)
    r.dimensions = cnp.PyArray_NDIM(array)
    r.shape = <const Py_ssize_t *>cnp.PyArray_DIMS(array)
    _gates(&r)


# ---- short calls: checks that would take longer in Python than a few elements take here ----
#
# Each function below performs the checks and returns the result for arguments that need no conversion. For all other
# arguments it returns None, and the caller uses the general Python code, which raises the errors.

_ABSENT = object()  # in place of a gradient


cdef bint _is_plain(object array):
    """Return whether it is an ndarray itself, float16, 32 or 64, C-contiguous, aligned, with at least one axis."""
    if type(array) is not np_array:
        return False
    cdef cnp.ndarray plain = array
    cdef int kind = cnp.PyArray_TYPE(plain)
    return (
        (kind == cnp.NPY_FLOAT32 or kind == cnp.NPY_FLOAT64 or kind == cnp.NPY_FLOAT16)
        and cnp.PyArray_ISCARRAY_RO(plain)
        and cnp.PyArray_NDIM(plain) > 0
    )


cdef bint _is_alike(object array, cnp.ndarray model):
    """Return whether it fulfills the same conditions as `model` and has its dtype and shape."""
    if not _is_plain(array):
        return False
    cdef cnp.ndarray plain = array
    cdef int k, dimensions = cnp.PyArray_NDIM(model)
    if cnp.PyArray_TYPE(plain) != cnp.PyArray_TYPE(model) or cnp.PyArray_NDIM(plain) != dimensions:
        return False
    for k in range(dimensions):
        if cnp.PyArray_DIM(plain, k) != cnp.PyArray_DIM(model, k):
            return False
    return True


cdef bint _takes_result(object out, cnp.ndarray model, cnp.ndarray other):
    """Return whether a result like `model` can be written to `out` while `model` and `other` are read."""
    if not _is_alike(out, model) or not cnp.PyArray_ISCARRAY(<cnp.ndarray>out):
        return False
    cdef char *start = cnp.PyArray_BYTES(<cnp.ndarray>out)
    cdef Py_ssize_t size = cnp.PyArray_NBYTES(model)
    cdef char *first = cnp.PyArray_BYTES(model)
    cdef char *second = cnp.PyArray_BYTES(other)
    return (start == first or start + size <= first or first + size <= start) and (
        start == second or start + size <= second or second + size <= start)


cdef cnp.ndarray _new_like(cnp.ndarray model):
    return cnp.PyArray_EMPTY(cnp.PyArray_NDIM(model), cnp.PyArray_DIMS(model), cnp.PyArray_TYPE(model), 0)


cdef cnp.ndarray _place_of_result(object out, cnp.ndarray model, cnp.ndarray other):
    """`out`, or a new array like `model` if it is None; None if `out` does not take such a result."""
    if out is None:
        return _new_like(model)
    return out if _takes_result(out, model, other) else None


cdef int _axis_number(object axis, int dimensions):
    """The axis counted from the first one, or -1."""
    if type(axis) is not int or not -dimensions <= axis < dimensions:
        return -1
    return axis + dimensions if axis < 0 else axis


def short_rows(str function, x, axis, out, grad=_ABSENT):
    """The function along an axis of x (and grad, of one shape): an array like x, for logsumexp one without the axis."""
    if not _is_plain(x):
        return None
    cdef cnp.ndarray array = x, g, result
    cdef int dimensions = cnp.PyArray_NDIM(array), along = _axis_number(axis, dimensions), k
    cdef bint sums = function == "logsumexp"
    cdef Py_ssize_t[SP_MAX_DIMENSIONS] shape, strides, result_strides
    cdef sp_rows r
    if along < 0 or cnp.PyArray_DIM(array, along) == 0 or (grad is not _ABSENT and not _is_alike(grad, array)):
        return None
    g = array if grad is _ABSENT else grad
    for k in range(dimensions - 1):
        shape[k] = cnp.PyArray_DIM(array, k + (k >= along))
        strides[k] = cnp.PyArray_STRIDE(array, k + (k >= along))
    if sums:
        if out is not None:
            return None
        result = cnp.PyArray_EMPTY(dimensions - 1, <cnp.npy_intp *>shape, cnp.PyArray_TYPE(array), 0)
        for k in range(dimensions - 1):
            result_strides[k] = cnp.PyArray_STRIDE(result, k)
    else:
        result = _place_of_result(out, array, g)
        if result is None:
            return None
    r.function = <sp_row_function><int>_ROWS[function]
    r.dtype = _dtype_of(array)
    r.n = cnp.PyArray_DIM(array, along)
    r.dimensions = dimensions - 1
    r.shape = shape
    r.x = cnp.PyArray_BYTES(array)
    r.x_strides = strides
    r.x_step = cnp.PyArray_STRIDE(array, along)
    r.g = NULL
    if grad is not _ABSENT:
        r.g = cnp.PyArray_BYTES(g)
        r.g_strides = strides
        r.g_step = r.x_step
    r.out = cnp.PyArray_BYTES(result)
    r.out_strides = &result_strides[0] if sums else &strides[0]
    r.out_step = r.x_step
    _over_rows(&r)
    return result if cnp.PyArray_NDIM(result) > 0 else result[()]


def short_gate(str function, tuple parameters, a, b, out, grad=_ABSENT):
    """The function of two arrays of one shape; with grad the pair of its gradients."""
    if not _is_plain(a) or not _is_alike(b, a):
        return None
    cdef cnp.ndarray first = a, second = b, g = None, result, other
    cdef sp_gates r
    if grad is not _ABSENT:
        if out is not None or not _is_alike(grad, first):
            return None
        g = grad
    result = _place_of_result(out, first, second)
    if result is None:
        return None
    cdef const Py_ssize_t *strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(first)
    _gate_parameters(&r, parameters)
    r.function = <sp_gate_function><int>_GATES[function]
    r.backward = grad is not _ABSENT
    r.dtype = _dtype_of(first)
    r.dimensions = cnp.PyArray_NDIM(first)
    r.shape = <const Py_ssize_t *>cnp.PyArray_DIMS(first)
    r.in_[0], r.in_[1], r.in_[2] = cnp.PyArray_BYTES(first), cnp.PyArray_BYTES(second), NULL
    r.in_strides[0] = r.in_strides[1] = r.in_strides[2] = strides
    r.out[0], r.out[1] = cnp.PyArray_BYTES(result), NULL
    r.out_strides[0] = r.out_strides[1] = strides
    if g is None:
        _gates(&r)
        return result
    other = _new_like(first)
    r.in_[2] = cnp.PyArray_BYTES(g)
    r.out[1] = cnp.PyArray_BYTES(other)
    _gates(&r)
    return result, other


def short_halves(str function, tuple parameters, x, axis, grad=_ABSENT):
    """The function of the first and the second half of x along an axis; with grad its gradient for x."""
    if not _is_plain(x):
        return None
    cdef cnp.ndarray array = x, g, result
    cdef int dimensions = cnp.PyArray_NDIM(array), along = _axis_number(axis, dimensions), k
    cdef Py_ssize_t[SP_MAX_DIMENSIONS] shape
    cdef sp_gates r
    if along < 0 or cnp.PyArray_DIM(array, along) % 2:
        return None
    for k in range(dimensions):
        shape[k] = cnp.PyArray_DIM(array, k)
    shape[along] //= 2
    cdef Py_ssize_t half = shape[along] * cnp.PyArray_STRIDE(array, along)
    _gate_parameters(&r, parameters)
    r.function = <sp_gate_function><int>_GATES[function]
    r.backward = grad is not _ABSENT
    r.dtype = _dtype_of(array)
    r.dimensions = dimensions
    r.shape = shape
    r.in_[0], r.in_[1], r.in_[2] = cnp.PyArray_BYTES(array), cnp.PyArray_BYTES(array) + half, NULL
    r.in_strides[0] = r.in_strides[1] = <const Py_ssize_t *>cnp.PyArray_STRIDES(array)
    if grad is _ABSENT:
        result = cnp.PyArray_EMPTY(dimensions, <cnp.npy_intp *>shape, cnp.PyArray_TYPE(array), 0)
    else:
        if not _is_plain(grad):
            return None
        g = grad
        if cnp.PyArray_TYPE(g) != cnp.PyArray_TYPE(array) or cnp.PyArray_NDIM(g) != dimensions:
            return None
        for k in range(dimensions):
            if cnp.PyArray_DIM(g, k) != shape[k]:
                return None
        result = _new_like(array)
        r.in_[2] = cnp.PyArray_BYTES(g)
        r.in_strides[2] = <const Py_ssize_t *>cnp.PyArray_STRIDES(g)
    r.out[0], r.out[1] = cnp.PyArray_BYTES(result), cnp.PyArray_BYTES(result) + half
    r.out_strides[0] = r.out_strides[1] = <const Py_ssize_t *>cnp.PyArray_STRIDES(result)
    _gates(&r)
    return result


cdef cnp.ndarray _repeated_number(double number, int kind):
    """A number as pass_over takes a bias."""
    cdef cnp.npy_intp length = repeats(1), k
    cdef cnp.ndarray array = cnp.PyArray_EMPTY(1, &length, kind, 0)
    for k in range(length):
        if kind == cnp.NPY_FLOAT64:
            (<double *>cnp.PyArray_DATA(array))[k] = number
        else:
            (<float *>cnp.PyArray_DATA(array))[k] = <float>number
    return array


cdef cnp.ndarray _repeated_bias(object bias, cnp.ndarray model):
    """A bias for each element of the last axis of `model` as pass_over takes it; None if it is another or float16."""
    cdef int kind = cnp.PyArray_TYPE(model)
    if kind == cnp.NPY_FLOAT16 or not _is_plain(bias):
        return None
    cdef cnp.ndarray shift = bias
    cdef Py_ssize_t size = cnp.PyArray_DIM(shift, 0), k
    if (cnp.PyArray_NDIM(shift) != 1 or cnp.PyArray_TYPE(shift) != kind or size == 0
            or size != cnp.PyArray_DIM(model, cnp.PyArray_NDIM(model) - 1)):
        return None
    cdef cnp.npy_intp length = size * repeats(size)
    cdef cnp.ndarray repeated = cnp.PyArray_EMPTY(1, &length, kind, 0)
    for k in range(0, length, size):
        memcpy(cnp.PyArray_BYTES(repeated) + k * cnp.PyArray_ITEMSIZE(model), cnp.PyArray_DATA(shift),
               size * cnp.PyArray_ITEMSIZE(model))
    return repeated


def short_value(int code, tuple parameters, x, bias, out, bint packed):
    """f(x + bias), and the bits of x if `packed`: a pair, whose second is None otherwise. `bias` may be None.

    A bias is an array with one number per element of the last axis, or a floating-point number.
    """
    if not _is_plain(x) or sp_records[code].parameters != len(parameters):
        return None
    cdef cnp.ndarray array = x, result, repeated = None, bits = None
    cdef cnp.npy_intp length
    if bias is not None:
        if not isinstance(bias, float) and type(bias) is not np_float32:
            repeated = _repeated_bias(bias, array)
        elif cnp.PyArray_TYPE(array) != cnp.NPY_FLOAT16:
            repeated = _repeated_number(bias, cnp.PyArray_TYPE(array))
        if repeated is None:
            return None
    result = _place_of_result(out, array, array)
    if result is None:
        return None
    if packed:
        length = (cnp.PyArray_SIZE(array) + 7) // 8
        bits = cnp.PyArray_EMPTY(1, &length, cnp.NPY_UINT8, 0)
    pass_over(code, "value", parameters, result, array, None, bits, repeated)
    return result, bits


def short_backward(int code, tuple parameters, str operation, grad, x, bits, bias, cnp.npy_intp columns, out):
    """grad·f'(x + bias); if there are `columns`, the elements of the last axis, a pair with the sums of each.

    x and bits are None where the operation does not read them, and `bias` if there is none.
    """
    if not _is_plain(grad) or sp_records[code].parameters != len(parameters):
        return None
    cdef cnp.ndarray g = grad, result, sums, total, repeated = None
    cdef int kind = cnp.PyArray_TYPE(g)
    cdef cnp.npy_intp length, j, k
    cdef double sum
    if x is not None and not _is_alike(x, g):
        return None
    if bias is not None:
        repeated = _repeated_bias(bias, g)
        if repeated is None:
            return None
    if columns != 0 and (columns != cnp.PyArray_DIM(g, cnp.PyArray_NDIM(g) - 1) or kind == cnp.NPY_FLOAT16):
        return None
    result = _place_of_result(out, g, g if x is None else x)
    if result is None:
        return None
    if columns == 0:
        pass_over(code, operation, parameters, result, x, g, bits, repeated)
        return result
    length = columns * repeats(columns)
    sums = cnp.PyArray_ZEROS(1, &length, cnp.NPY_FLOAT64, 0)
    pass_over(code, operation, parameters, result, x, g, bits, repeated, sums)
    total = cnp.PyArray_EMPTY(1, &columns, kind, 0)
    cdef const double *parts = <const double *>cnp.PyArray_DATA(sums)
    for j in range(columns):
        sum = parts[j]
        for k in range(j + columns, length, columns):
            sum += parts[k]
        if kind == cnp.NPY_FLOAT64:
            (<double *>cnp.PyArray_DATA(total))[j] = sum
        else:
            (<float *>cnp.PyArray_DATA(total))[j] = <float>sum
    return result, total


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
cdef list _made = []  # (ufunc, code, operation number)

# loops are searched in this order: an integer takes the first float that holds it
cdef enum:
    NUMPY_LOOPS = 3
cdef sp_dtype[NUMPY_LOOPS] _dtypes = [SP_FLOAT16, SP_FLOAT32, SP_FLOAT64]
cdef int[NUMPY_LOOPS] _type_numbers = [cnp.NPY_FLOAT16, cnp.NPY_FLOAT32, cnp.NPY_FLOAT64]


cdef enum:
    KNOWN = 64  # tuples of parameters that one function remembers


cdef (int, int, int) _operands(int code, int operation):
    """Numbers of arrays, parameters and outputs."""
    return (
        2 if operation == SP_BACKWARD or operation == SP_BACKWARD_FROM_OUTPUT else 1,
        sp_records[code].parameters,
        2 if operation == SP_VALUE_AND_DERIVATIVE else 1,
    )


cdef Loop *_new_loop(int code, int operation, sp_dtype dtype) except NULL:
    """Never freed: a ufunc lives as long as the process."""
    cdef Loop *loop = <Loop *>PyMem_Malloc(sizeof(Loop))
    if loop == NULL:
        raise MemoryError
    loop.code = code
    loop.operation = <sp_operation>operation
    loop.dtype = dtype
    loop.parameters = sp_records[code].parameters
    return loop


def make_ufunc(int code, str operation, str doc):
    """A new ufunc for one operation of the activation with this code.

    Inputs are (x, parameters ...), for the backward operations (grad, x, parameters ...). Parameters are float64
    whatever x is: loops ``ed->e``, ``fd->f``, ``dd->d``.
    """
    cdef int op = OPERATIONS.index(operation), arrays, parameters, outputs, i, k
    label = sp_records[code].name.decode()
    if "from_output" in operation and not sp_records[code].flags & SP_FROM_OUTPUT:
        raise ValueError(f"{label} has no derivative from its output")
    arrays, parameters, outputs = _operands(code, op)
    cdef int operands = arrays + parameters + outputs
    name = (label if op == SP_VALUE else f"{label}_{operation}").encode()
    text = doc.encode()
    _kept.extend((name, text))

    cdef cnp.PyUFuncGenericFunction *functions = <cnp.PyUFuncGenericFunction *>PyMem_Malloc(
        NUMPY_LOOPS * sizeof(cnp.PyUFuncGenericFunction))
    cdef void **data = <void **>PyMem_Malloc(NUMPY_LOOPS * sizeof(void *))
    cdef char *types = <char *>PyMem_Malloc(NUMPY_LOOPS * operands)
    if functions == NULL or data == NULL or types == NULL:
        raise MemoryError
    for i in range(NUMPY_LOOPS):
        functions[i] = <cnp.PyUFuncGenericFunction>ufunc_loop
        data[i] = _new_loop(code, op, _dtypes[i])
        for k in range(operands):
            is_parameter = arrays <= k < arrays + parameters
            types[i * operands + k] = <char>(cnp.NPY_FLOAT64 if is_parameter else _type_numbers[i])
    ufunc = cnp.PyUFunc_FromFuncAndData(functions, data, types, NUMPY_LOOPS, arrays + parameters, outputs,
                                        cnp.PyUFunc_None, <char *>name, <char *>text, 0)
    _made.append((ufunc, code, op))
    return ufunc


@cython.auto_pickle(False)
cdef class BoundUfunc:
    """The ufunc of an operation with one input and one output, with its parameters given: ``(x, out=None)``.

    x is an array or a NumPy scalar, `inputs` are the parameters as the ufunc takes them. Contiguous arrays of at most
    SP_FEW float32 or float64 numbers are computed without NumPy's own part of the call, which takes 500 ns.
    """
    cdef readonly object ufunc
    cdef readonly tuple inputs
    cdef int code
    cdef sp_operation operation
    cdef double[SP_MAX_PARAMETERS] parameters

    def __cinit__(self, int code, str operation, ufunc, tuple inputs):
        cdef int k
        if not _is_code(code) or len(inputs) != sp_records[code].parameters:
            raise ValueError("there is an activation with this code, and one input for each parameter")
        self.ufunc, self.inputs, self.code = ufunc, inputs, code
        self.operation = <sp_operation><int>OPERATIONS.index(operation)
        for k in range(len(inputs)):
            self.parameters[k] = inputs[k]

    def __call__(self, x, out=None):
        result = self.short_result(x, out)
        if result is not None:
            return result
        if out is not None:
            return self.ufunc(x, *self.inputs, out=out)
        if len(self.inputs) == 1:  # passing each one is 50 ns faster than *inputs
            return self.ufunc(x, self.inputs[0])
        return self.ufunc(x, *self.inputs)

    cdef object short_result(self, object x, object out):
        if not _is_plain(x):
            return None
        cdef cnp.ndarray array = x, result
        cdef sp_request request
        cdef int k
        request.n = cnp.PyArray_SIZE(array)
        if request.n > SP_FEW or cnp.PyArray_TYPE(array) == cnp.NPY_FLOAT16:
            return None
        result = _place_of_result(out, array, array)
        if result is None:
            return None
        request.code = self.code
        request.operation = self.operation
        request.dtype = _dtype_of(array)
        request.x = cnp.PyArray_BYTES(array)
        request.g = NULL
        for k in range(SP_MAX_PARAMETERS):
            request.parameter[k] = <const char *>&self.parameters[k]
            request.parameter_stride[k] = 0
        request.out[0] = cnp.PyArray_BYTES(result)
        request.x_stride = request.out_stride[0] = cnp.PyArray_ITEMSIZE(array)
        return result if sp_evaluate_short(&request) else None


@cython.auto_pickle(False)
cdef class CachedParameters:
    """Call a ufunc with x and parameters, ``(x, parameters, kwargs)``, and cache valid numbers.

    Checking parameters and converting them to arrays takes three times as long as the ufunc on 16 elements. `bind` does
    both for a tuple of numbers. `general` is called instead if x is neither an array nor a float, a parameter is not a
    number of the types below, or a dtype is given.
    """
    cdef object bind, general
    cdef dict known

    def __init__(self, bind, general):
        self.bind, self.general, self.known = bind, general, {}

    def __call__(self, x, tuple parameters, dict kwargs):
        if (type(x) is not np_array and type(x) is not float) or (kwargs and "dtype" in kwargs):
            return self.general(x, parameters, kwargs)
        for parameter in parameters:
            kind = type(parameter)
            if kind is not float and kind is not int and kind is not np_float64 and kind is not np_float32:
                return self.general(x, parameters, kwargs)
        cdef BoundUfunc bound = self.known.get(parameters)
        if bound is None:
            bound = self.bind(parameters)
            if len(self.known) >= KNOWN:
                self.known.clear()
            self.known[parameters] = bound
        if type(x) is float:
            x = np_float64(x)  # together with arrays, NumPy would not let a Python float determine the dtype
        if not kwargs:
            return bound(x)
        if len(kwargs) == 1 and "out" in kwargs:
            return bound(x, kwargs["out"])
        return bound.ufunc(x, *bound.inputs, **kwargs)


def parameter_gradients(int code, cnp.ndarray x, cnp.ndarray grad, tuple parameters, bint brain):
    """Sums of grad·∂f/∂p over the first and last axis of x and grad, (outer, channels, inner), for each parameter.

    x and grad have one shape and one dtype (16-bit elements are bfloat16 if `brain`); a parameter is a float64 array of
    shape (channels,). Returns float64 arrays of that shape.
    """
    cdef sp_reduction r
    cdef cnp.ndarray parameter, total
    cdef int k, failed
    if x.ndim != 3 or grad.ndim != 3 or len(parameters) != sp_records[code].parameters:
        raise ValueError("x and grad have three axes, and there is one array for each parameter")
    r.code = code
    r.dtype = (SP_FLOAT64 if x.descr.itemsize == 8 else SP_FLOAT32 if x.descr.itemsize == 4
               else SP_BFLOAT16 if brain else SP_FLOAT16)
    r.outer, r.channels, r.inner = x.shape[0], x.shape[1], x.shape[2]
    r.x = cnp.PyArray_BYTES(x)
    r.g = cnp.PyArray_BYTES(grad)
    for k in range(3):
        r.x_stride[k] = x.strides[k]
        r.g_stride[k] = grad.strides[k]
    sums = []
    for k, parameter in enumerate(parameters):
        if parameter.ndim != 1 or parameter.shape[0] != r.channels or parameter.descr.type_num != cnp.NPY_FLOAT64:
            raise ValueError("a parameter has one float64 for each channel")
        total = np.empty(r.channels)
        r.parameter[k] = cnp.PyArray_BYTES(parameter)
        r.parameter_stride[k] = parameter.strides[0]
        r.sums[k] = <double *>cnp.PyArray_DATA(total)
        sums.append(total)
    with nogil:
        failed = sp_parameter_gradients(&r)
    if failed:
        raise MemoryError
    return tuple(sums)


def register_bfloat16(dtype):
    """Give every ufunc a loop for bfloat16, a dtype that another package registered with NumPy."""
    cdef int code, op, arrays, parameters, outputs, k, number = dtype.num
    cdef int[2 + SP_MAX_PARAMETERS + 2] types
    for ufunc, code, op in _made:
        arrays, parameters, outputs = _operands(code, op)
        for k in range(arrays + parameters + outputs):
            types[k] = cnp.NPY_FLOAT64 if arrays <= k < arrays + parameters else number
        cnp.PyUFunc_RegisterLoopForType(ufunc, number, <cnp.PyUFuncGenericFunction>ufunc_loop, types,
                                        _new_loop(code, op, SP_BFLOAT16))


# ---- instruction sets ----

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


# ---- threads ----

def get_threads():
    return sp_threads_get()


def set_threads(int count):
    sp_threads_set(count)


def after_fork():
    """Disable threads in a forked child."""
    sp_threads_after_fork()


def serial(bint wanted):
    """Set whether the calls of this thread run serially from now on; return the previous setting."""
    return bool(sp_threads_serial(wanted))


cdef struct Shares:
    void *work
    void *errors
    int failed


cdef int run_python_share(const void *context, Py_ssize_t share) noexcept with gil:
    cdef Shares *shares = <Shares *>context
    if shares.failed:
        return 1
    try:
        (<object>shares.work)(share)
    except BaseException as error:  # raised again in the calling thread, including KeyboardInterrupt
        shares.failed = 1
        (<list>shares.errors).append((share, error))
    return shares.failed


def parallel_for(object work, Py_ssize_t shares, Py_ssize_t elements):
    """Call work(0), ..., work(shares - 1), in any order, on several threads if this saves time.

    `elements` is the number of elements for which relu would take the same time. Calls within `work` run on its own
    thread. After an exception no further share starts, and the exception of the lowest share is raised.
    """
    cdef list errors = []
    cdef Shares context
    context.work, context.errors, context.failed = <void *>work, <void *>errors, 0
    with nogil:
        sp_parallel_for(shares, elements, run_python_share, &context)
    if errors:
        raise min(errors, key=lambda found: found[0])[1]


def build_info():
    """Facts about this build."""
    return {"compiler": sp_compiler().decode(), "openmp": bool(sp_has_openmp())}
