# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""The window on drivers/map: which arrays compiled code takes as they are, grids and hits as it wants them."""
from libc.stdint cimport int32_t, uint8_t, uint64_t

cimport cython
cimport numpy as cnp

from spatium._engine cimport (
    SP_FLOAT16,
    SP_FLOAT32,
    SP_FLOAT64,
    SP_BFLOAT16,
    SP_MAX_DIMENSIONS,
    add_hits,
    count_hits,
    free_grids,
    free_hits,
    route,
    sp_grids,
    sp_hashes,
    sp_hits,
    sp_operation,
    sp_routing,
)
from spatium._map import used_entries

cnp.import_array()


cdef bint broadcast(cnp.ndarray a, int dimensions, const Py_ssize_t *shape, Py_ssize_t *strides) noexcept:
    """Set the strides of `a`, broadcast to `shape`; return False if it cannot be broadcast."""
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
    """Return whether both arrays, which have the same shape, consist of the same elements in memory."""
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
    """Return whether compiled code can use these arguments as they are, with results like x."""
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


@cython.auto_pickle(False)
cdef class Hits:
    """The hits of one evaluation, which are added to those of a map when nothing can fail any more.

    Parameters
    ----------
    hashes : ndarray of uint64
    shape : tuple of int
        Of the result, whose last axes are the neurons; the hashes broadcast to it.
    neurons : int
    """

    cdef sp_hits hits
    cdef cnp.ndarray hashes
    cdef readonly tuple shape
    cdef Py_ssize_t neurons

    def __init__(self, cnp.ndarray hashes, tuple shape, Py_ssize_t neurons):
        self.hashes, self.shape, self.neurons = hashes, shape, neurons

    def __dealloc__(self):
        free_hits(&self.hits)

    def add_to(self, cnp.ndarray own, cnp.ndarray alike):
        """Add to the hits of each grid, contiguous (neurons, 64), and to those that every grid got, (64,)."""
        cdef Py_ssize_t[SP_MAX_DIMENSIONS] shape, strides
        cdef sp_hashes h
        cdef int i
        h.dimensions = <int>len(self.shape)
        for i in range(h.dimensions):
            shape[i] = self.shape[i]
        if cnp.PyArray_SIZE(own) != 64 * self.neurons or not broadcast(self.hashes, h.dimensions, shape, strides):
            raise ValueError("shapes do not fit")
        h.shape = shape
        h.strides = strides
        h.hashes = <const char *>cnp.PyArray_DATA(self.hashes)
        with nogil:
            add_hits(&self.hits, &h, self.neurons, <uint64_t *>cnp.PyArray_DATA(own),
                     <uint64_t *>cnp.PyArray_DATA(alike))


@cython.auto_pickle(False)
cdef class Router:
    """Grids and palette as C reads them; the arrays stay as they are.

    Parameters
    ----------
    cells : ndarray of uint8, shape (neurons, 64)
        One row for a map of one grid.
    codes : ndarray of int32, shape (entries,)
        Negative: left for the caller, who writes over what `evaluate` puts there.
    parameters : ndarray of float64, shape (entries, 2)
    """

    cdef sp_grids grids
    cdef const uint8_t[:, ::1] cells
    cdef const uint8_t[::1] used
    cdef const int32_t[::1] codes
    cdef const double[:, ::1] parameters

    def __init__(self, cnp.ndarray cells, cnp.ndarray codes, cnp.ndarray parameters):
        self.cells, self.used, self.codes, self.parameters = cells, used_entries(cells), codes, parameters
        self.grids.neurons = self.cells.shape[0]
        self.grids.cells = &self.cells[0, 0]
        self.grids.used = <int>self.used.shape[0]
        self.grids.entries_used = &self.used[0]
        self.grids.entries = <int>self.codes.shape[0]
        self.grids.codes = &self.codes[0]
        self.grids.parameters = &self.parameters[0, 0]

    def __dealloc__(self):
        free_grids(&self.grids)

    def evaluate(self, int operation, cnp.ndarray x, cnp.ndarray g, cnp.ndarray hashes, cnp.ndarray out0,
                 cnp.ndarray out1, bint count):
        """Evaluate every element of `out0` with the activation that its hash selects.

        `x`, `g` and `hashes` are broadcast to the shape of `out0`, whose last axes are the neurons; the caller has
        checked them. If `count`, return the hits: (8, 8) if they are the same for each grid, (neurons, 64) if each
        neuron has its own hashes, or None if the caller must count them, which is faster for few hashes.
        """
        cdef Hits hits = None
        if count:
            hits = Hits(hashes, (<object>out0).shape, self.grids.neurons)
        self.run(operation, x, g, hashes, out0, out1, hits)
        return hits

    def strategy(self, int operation, cnp.ndarray x, cnp.ndarray g, cnp.ndarray hashes, cnp.ndarray out0,
                 cnp.ndarray out1):
        """Evaluate without counting, and return the name of the way that C chose; for tests."""
        return self.run(operation, x, g, hashes, out0, out1, None).decode()

    cdef const char *run(self, int operation, cnp.ndarray x, cnp.ndarray g, cnp.ndarray hashes, cnp.ndarray out0,
                         cnp.ndarray out1, Hits hits) except NULL:
        cdef Py_ssize_t[SP_MAX_DIMENSIONS] x_strides, g_strides, hash_strides
        cdef sp_routing r
        cdef const char *chosen = b"none"
        cdef int failed, kind = cnp.PyArray_TYPE(out0)
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
        r.grids = &self.grids
        r.hits = NULL if hits is None else &hits.hits
        r.chosen = &chosen
        with nogil:
            failed = route(&r)
        if failed:
            raise MemoryError
        return chosen


def count(cnp.ndarray hashes, cnp.ndarray hits):
    """Add one hit per element to `hits`, (neurons, 64): element i belongs to neuron i modulo neurons."""
    cdef sp_hashes h
    h.dimensions = cnp.PyArray_NDIM(hashes)
    h.shape = <const Py_ssize_t *>cnp.PyArray_DIMS(hashes)
    h.hashes = <const char *>cnp.PyArray_DATA(hashes)
    h.strides = <const Py_ssize_t *>cnp.PyArray_STRIDES(hashes)
    with nogil:
        count_hits(&h, cnp.PyArray_DIM(hits, 0), <uint64_t *>cnp.PyArray_DATA(hits))
