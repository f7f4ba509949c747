# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""What an activation map is: a hash selects a cell in the grid of a neuron, and the activation there is applied.

drivers/map evaluates batches, from one element on in a third of the time; the tests compare each of its ways with this,
bit for bit.
"""
from libc.stdint cimport int32_t, uint8_t, uint64_t
from libc.string cimport memset

cimport numpy as cnp
import numpy as np

from spatium._engine cimport SP_FLOAT32, SP_FLOAT64, evaluate_element, sp_operation

cnp.import_array()

ctypedef fused real:
    float
    double


cdef inline real activate(int code, sp_operation operation, real x, real grad, const double *parameters) noexcept nogil:
    """The activation alone, by the switch on the enum code in kernels.c."""
    cdef real result
    evaluate_element(code, operation, SP_FLOAT32 if real is float else SP_FLOAT64, &x, &grad, parameters, &result)
    return result


cdef inline Py_ssize_t cell_of(uint64_t pattern_hash) noexcept nogil:
    """8·row + column."""
    return 8 * (pattern_hash >> 8 & 7) + (pattern_hash & 7)


def evaluate(int operation, const real[:, :] x, const real[:, :] grad, const uint64_t[:, :] hashes,
             const uint8_t[:, :] cells, const int32_t[:] codes, const double[:, ::1] parameters, real[:, :] out,
             uint64_t[:, :] hits):
    """Evaluate a batch of rows of neurons, and add one hit for each element to `hits`.

    Parameters
    ----------
    operation : int
        Index in `_engine.OPERATIONS`, of "value", "derivative" or "backward".
    x, grad, hashes, out : (rows, neurons)
        `grad` is read for "backward".
    cells, hits : (neurons, 64)
        A grid for each neuron: indices into the palette, and how often each cell fired. Or one for all, (1, 64).
    codes, parameters : (entries,), (entries, 2)
        The palette.
    """
    cdef Py_ssize_t row, neuron, grid, cell
    cdef int entry
    with nogil:
        for row in range(out.shape[0]):
            for neuron in range(out.shape[1]):
                grid = neuron if cells.shape[0] > 1 else 0
                cell = cell_of(hashes[row, neuron])
                entry = cells[grid, cell]
                out[row, neuron] = activate(codes[entry], <sp_operation>operation, x[row, neuron], grad[row, neuron],
                                            &parameters[entry, 0])
                hits[grid, cell] += 1


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


def palette_entries(const uint64_t[:, :] hashes, const uint8_t[:, ::1] cells, uint8_t[:, ::1] out):
    """out[i, j] = palette index that hashes[i, j] selects."""
    cdef Py_ssize_t i, j
    cdef bint single = cells.shape[0] == 1
    with nogil:
        for i in range(hashes.shape[0]):
            for j in range(hashes.shape[1]):
                out[i, j] = cells[0 if single else j, cell_of(hashes[i, j])]
