# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""The window on routing.c: which arrays compiled code takes as they are, and the grids in the form it wants."""
from libc.stdint cimport int32_t, uint8_t, uint16_t, uint32_t, uint64_t
from libc.string cimport memset

cimport cython
cimport numpy as cnp
import numpy as np

from spatium._engine cimport (
    SP_BFLOAT16,
    SP_BLOCK,
    SP_CELLS,
    SP_FLOAT16,
    SP_FLOAT32,
    SP_FLOAT64,
    SP_MAX_DIMENSIONS,
    count_hits,
    order_neurons,
    route,
    sp_operation,
    sp_routing,
)

cnp.import_array()

cdef enum:
    # Sorting the neurons for all 64 cells pays once as many rows have come as there are cells.
    ROWS_THAT_PAY = 64
    # Below, clearing and adding a table of counts costs more than to read the hashes a second time.
    FEW_ROWS = 128


cdef bint broadcast(cnp.ndarray a, int dimensions, const Py_ssize_t *shape, Py_ssize_t *strides) noexcept:
    """The strides of `a` as an array of `shape`; False if it does not broadcast to it."""
    cdef int own = cnp.PyArray_NDIM(a), missing = dimensions - own, i
    if missing < 0:
        return False
    for i in range(missing):
        strides[i] = 0
    for i in range(own):
        if cnp.PyArray_DIM(a, i) == shape[missing + i]:
            strides[missing + i] = cnp.PyArray_STRIDE(a, i)
        elif cnp.PyArray_DIM(a, i) == 1:
            strides[missing + i] = 0
        else:
            return False
    return True


cdef void extent(cnp.ndarray a, Py_ssize_t *low, Py_ssize_t *high) noexcept:
    cdef int i
    cdef Py_ssize_t length
    low[0] = <Py_ssize_t>cnp.PyArray_DATA(a)
    high[0] = low[0] + cnp.PyArray_ITEMSIZE(a)
    for i in range(cnp.PyArray_NDIM(a)):
        length = (cnp.PyArray_DIM(a, i) - 1) * cnp.PyArray_STRIDE(a, i)
        if length < 0:
            low[0] += length
        else:
            high[0] += length


cdef bint apart(cnp.ndarray a, cnp.ndarray b) noexcept:
    cdef Py_ssize_t a_low, a_high, b_low, b_high
    extent(a, &a_low, &a_high)
    extent(b, &b_low, &b_high)
    return a_high <= b_low or b_high <= a_low


cdef bint in_step(cnp.ndarray a, cnp.ndarray b) noexcept:
    """Whether element i of both is in one place; both have one shape."""
    cdef int i
    if cnp.PyArray_DATA(a) != cnp.PyArray_DATA(b):
        return False
    for i in range(cnp.PyArray_NDIM(a)):
        if cnp.PyArray_DIM(a, i) > 1 and cnp.PyArray_STRIDE(a, i) != cnp.PyArray_STRIDE(b, i):
            return False
    return True


cdef bint same_shape(cnp.ndarray a, cnp.ndarray b) noexcept:
    cdef int i
    if cnp.PyArray_NDIM(a) != cnp.PyArray_NDIM(b):
        return False
    for i in range(cnp.PyArray_NDIM(a)):
        if cnp.PyArray_DIM(a, i) != cnp.PyArray_DIM(b, i):
            return False
    return True


cdef bint usable(object array, int type_number) noexcept:
    return type(array) is cnp.ndarray and (
        cnp.PyArray_TYPE(<cnp.ndarray>array) == type_number and cnp.PyArray_ISBEHAVED_RO(<cnp.ndarray>array))


def is_plain(object x, object hashes, object grad, tuple outs, tuple neurons):
    """Whether compiled code takes these arguments as they are, giving results of the shape and dtype of x."""
    cdef int kind, i, dimensions
    cdef Py_ssize_t[SP_MAX_DIMENSIONS] strides
    cdef Py_ssize_t leading
    if type(x) is not cnp.ndarray:
        return False
    kind = cnp.PyArray_TYPE(<cnp.ndarray>x)
    if kind != cnp.NPY_FLOAT32 and kind != cnp.NPY_FLOAT64 and kind != cnp.NPY_FLOAT16:
        return False
    if not usable(x, kind) or not usable(hashes, cnp.NPY_UINT64):
        return False
    cdef cnp.ndarray a = <cnp.ndarray>x, h = <cnp.ndarray>hashes, out
    dimensions = cnp.PyArray_NDIM(a)
    leading = dimensions - len(neurons)
    if dimensions == 0 or leading < 0 or not broadcast(h, dimensions, <const Py_ssize_t *>cnp.PyArray_DIMS(a), strides):
        return False
    for i in range(len(neurons)):
        if cnp.PyArray_DIM(a, <int>leading + i) != <Py_ssize_t>neurons[i]:
            return False
    if grad is not None and not (usable(grad, kind) and same_shape(a, <cnp.ndarray>grad)):
        return False
    for given in outs:
        if given is None:
            continue
        if not usable(given, kind):
            return False
        out = <cnp.ndarray>given
        if not cnp.PyArray_ISWRITEABLE(out) or not same_shape(a, out) or not apart(out, h):
            return False
        if not (apart(out, a) or in_step(out, a)):
            return False
        if grad is not None and not (apart(out, <cnp.ndarray>grad) or in_step(out, <cnp.ndarray>grad)):
            return False
    return len(outs) < 2 or outs[0] is None or outs[1] is None or apart(<cnp.ndarray>outs[0], <cnp.ndarray>outs[1])


def used_entries(cnp.ndarray cells):
    """The palette indices that occur in contiguous `cells`, ascending.

    np.unique would import numpy.ma at its first call: 10 ms, and a child that is forked meanwhile waits for that
    module's lock for ever.
    """
    cdef uint8_t[256] occurs
    cdef const uint8_t *cell = <const uint8_t *>cnp.PyArray_DATA(cells)
    cdef Py_ssize_t i, n = cnp.PyArray_SIZE(cells)
    memset(occurs, 0, sizeof(occurs))
    with nogil:
        for i in range(n):
            occurs[cell[i]] = 1
    return np.array([i for i in range(256) if occurs[i]], dtype=np.uint8)


@cython.auto_pickle(False)
cdef class Router:
    """Grids and palette as routing.c reads them; the arrays stay as they are.

    Parameters
    ----------
    cells : ndarray of uint8, shape (neurons, 64)
        One row for a map of one grid.
    codes : ndarray of int32, shape (entries,)
        Negative: left for the caller, who writes over what `evaluate` puts there.
    parameters : ndarray of float64, shape (entries, 2)
    """

    cdef const uint8_t[:, ::1] cells
    cdef const int32_t[::1] codes
    cdef const double[:, ::1] parameters
    cdef tuple order
    cdef Py_ssize_t rows
    cdef const uint8_t[::1] used

    def __init__(self, cnp.ndarray cells, cnp.ndarray codes, cnp.ndarray parameters):
        self.cells = cells
        self.codes = codes
        self.parameters = parameters
        self.used = used_entries(cells)

    cdef tuple ordered(self):
        """Places of the neurons sorted by entry, and the ends of the entries, for each cell."""
        cdef Py_ssize_t neurons = self.cells.shape[0]
        cdef cnp.ndarray places, ends
        cdef tuple order
        with cython.critical_section(self):
            order = self.order
        if order is None:  # of threads that come at once, each makes it
            places = np.empty((SP_CELLS, neurons), dtype=np.uint16)
            ends = np.empty((SP_CELLS, -(-neurons // SP_BLOCK), self.codes.shape[0]), dtype=np.uint16)
            order_neurons(neurons, <int>self.codes.shape[0], &self.cells[0, 0], <uint16_t *>cnp.PyArray_DATA(places),
                          <uint16_t *>cnp.PyArray_DATA(ends))
            order = (places, ends)
            with cython.critical_section(self):
                self.order = order
        return order

    def evaluate(self, int operation, cnp.ndarray x, cnp.ndarray g, cnp.ndarray hashes, cnp.ndarray out0,
                 cnp.ndarray out1, bint count):
        """Evaluate every element of `out0` by the activation that its hash selects.

        `x`, `g` and `hashes` broadcast to the shape of `out0`, whose last axes are the neurons; the caller has checked
        everything. If `count`, returns the hits that each grid got, (8, 8), or where neurons have a hash each all of
        them, (neurons, 64), or None where they are still to be counted: a pass over few hashes costs less.
        """
        cdef sp_routing r
        cdef Py_ssize_t[SP_MAX_DIMENSIONS] x_strides, g_strides, hash_strides
        cdef uint64_t[SP_CELLS] hits
        cdef Py_ssize_t neurons = self.cells.shape[0], below = 1
        cdef int i, kind = cnp.PyArray_TYPE(out0)
        cdef bint by_row = True, uniform = self.used.shape[0] == 1
        cdef cnp.ndarray places, ends, result = None
        r.operation = <sp_operation>operation
        r.dtype = (SP_FLOAT32 if kind == cnp.NPY_FLOAT32 else SP_FLOAT64 if kind == cnp.NPY_FLOAT64
                   else SP_FLOAT16 if kind == cnp.NPY_FLOAT16 else SP_BFLOAT16)
        r.dimensions = cnp.PyArray_NDIM(out0)
        r.shape = <const Py_ssize_t *>cnp.PyArray_DIMS(out0)
        r.g = NULL
        if not (broadcast(x, r.dimensions, r.shape, x_strides) and
                broadcast(hashes, r.dimensions, r.shape, hash_strides) and
                (g is None or broadcast(g, r.dimensions, r.shape, g_strides))):
            raise ValueError("shapes do not fit")
        for i in range(r.dimensions - 1, -1, -1):
            if below == neurons:
                break
            by_row = by_row and (hash_strides[i] == 0 or r.shape[i] == 1)
            below *= r.shape[i]
        r.x = <const char *>cnp.PyArray_DATA(x)
        r.x_strides = x_strides
        if g is not None:
            r.g = <const char *>cnp.PyArray_DATA(g)
            r.g_strides = g_strides
        r.hashes = <const char *>cnp.PyArray_DATA(hashes)
        r.hash_strides = hash_strides
        r.out[0] = <char *>cnp.PyArray_DATA(out0)
        r.out_strides[0] = <const Py_ssize_t *>cnp.PyArray_STRIDES(out0)
        r.out[1] = <char *>cnp.PyArray_DATA(out1)
        r.out_strides[1] = <const Py_ssize_t *>cnp.PyArray_STRIDES(out1)
        r.neurons = 1 if uniform else neurons
        r.cells = &self.cells[0, 0]
        r.used = <int>self.used.shape[0]
        r.entries_used = &self.used[0]
        r.entries = <int>self.codes.shape[0]
        r.codes = &self.codes[0]
        r.parameters = &self.parameters[0, 0]
        r.places = r.ends = NULL
        if r.neurons > 1 and by_row:
            self.rows += cnp.PyArray_SIZE(out0) // neurons
            if self.rows >= ROWS_THAT_PAY:
                places, ends = self.ordered()
                r.places = <const uint16_t *>cnp.PyArray_DATA(places)
                r.ends = <const uint16_t *>cnp.PyArray_DATA(ends)
        memset(hits, 0, sizeof(hits))
        r.hits = NULL
        r.each_hits = NULL
        if count and (neurons == 1 or by_row):
            r.hits = hits
        elif count and not uniform and FEW_ROWS <= cnp.PyArray_SIZE(out0) // neurons < 1 << 32:
            result = np.zeros((neurons, SP_CELLS), dtype=np.uint32)
            r.each_hits = <uint32_t *>cnp.PyArray_DATA(result)
        with nogil:
            route(&r)
        if r.hits == NULL:
            return result
        result = np.empty((8, 8), dtype=np.uint64)
        for i in range(SP_CELLS):  # one function everywhere goes as one grid: each row counted once per neuron then
            (<uint64_t *>cnp.PyArray_DATA(result))[i] = hits[i] // neurons if uniform else hits[i]
        return result


def add(cnp.ndarray total, cnp.ndarray hits):
    """total += hits, of one grid; the call of a ufunc takes longer than what it does here."""
    cdef int i
    for i in range(SP_CELLS):
        (<uint64_t *>cnp.PyArray_DATA(total))[i] += (<const uint64_t *>cnp.PyArray_DATA(hits))[i]


def count(cnp.ndarray hashes, cnp.ndarray hits):
    """Add one hit per element to `hits`, (neurons, 64): element i belongs to neuron i modulo neurons."""
    cdef sp_routing r
    r.dimensions = cnp.PyArray_NDIM(hashes)
    r.shape = <const Py_ssize_t *>cnp.PyArray_DIMS(hashes)
    r.hashes = <const char *>cnp.PyArray_DATA(hashes)
    r.hash_strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(hashes)
    r.neurons = cnp.PyArray_DIM(hits, 0)
    r.hits = <uint64_t *>cnp.PyArray_DATA(hits)
    with nogil:
        count_hits(&r)


def palette_entries(const uint64_t[:, :] hashes, const uint8_t[:, ::1] cells, uint8_t[:, ::1] out):
    """out[i, j] = palette index that hashes[i, j] selects."""
    cdef Py_ssize_t i, j
    cdef bint single = cells.shape[0] == 1
    with nogil:
        for i in range(hashes.shape[0]):
            for j in range(hashes.shape[1]):
                out[i, j] = cells[0 if single else j, (hashes[i, j] >> 5 & 56) | (hashes[i, j] & 7)]
