# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Weights of a layer that depend on the cell of the row: scaling, mixtures, and their gradients as sums over the rows.

Every table has the units as its last axis, so all loops are over contiguous numbers. `cells` are places in the tables.
"""
from cython cimport floating
from libc.math cimport fabs
from libc.stdint cimport int64_t, uint64_t


def find(const uint64_t[:] hashes, Py_ssize_t[::1] cells):
    """cells[i] = the cell that hashes[i] selects, 8 · row + column."""
    cdef Py_ssize_t i
    if cells.shape[0] != hashes.shape[0]:
        raise ValueError("shapes of hashes and cells do not fit")
    for i in range(hashes.shape[0]):
        cells[i] = <Py_ssize_t>(8 * (hashes[i] >> 8 & 7) + (hashes[i] & 7))


cdef int check(const Py_ssize_t[::1] cells, Py_ssize_t n_cells, Py_ssize_t n_rows) except -1:
    cdef Py_ssize_t i
    if cells.shape[0] != n_rows:
        raise ValueError("shapes of cells and rows do not fit")
    for i in range(n_rows):
        if not 0 <= cells[i] < n_cells:
            raise ValueError("a cell is not in the table")
    return 0


def scale_and_shift(floating[:, ::1] z, const floating[:, ::1] gain, const floating[:, ::1] bias,
                    const Py_ssize_t[::1] cells):
    """z[i, j] = gain[cell, j] · z[i, j] + bias[cell, j], in place."""
    cdef Py_ssize_t i, j, n = z.shape[1]
    cdef floating *row
    cdef const floating *factor
    cdef const floating *term
    if gain.shape[1] != n or bias.shape[1] != n or bias.shape[0] != gain.shape[0]:
        raise ValueError("shapes of z, gain and bias do not fit")
    check(cells, gain.shape[0], z.shape[0])
    if n == 0:
        return
    with nogil:
        for i in range(z.shape[0]):
            row, factor, term = &z[i, 0], &gain[cells[i], 0], &bias[cells[i], 0]
            for j in range(n):
                row[j] = factor[j] * row[j] + term[j]


def mix(const floating[:, :, ::1] weights, const floating[:, :, ::1] values, const Py_ssize_t[::1] cells,
        floating[:, ::1] out):
    """out[i, j] = the sum of weights[k, cell, j] · values[k, i, j] over k, in this order."""
    cdef Py_ssize_t i, j, k, n = out.shape[1]
    cdef floating *row
    cdef const floating *factor
    cdef const floating *value
    if (weights.shape[0] != values.shape[0] or weights.shape[2] != n or values.shape[2] != n
            or values.shape[1] != out.shape[0] or weights.shape[0] == 0):
        raise ValueError("shapes of weights, values and out do not fit")
    check(cells, weights.shape[1], out.shape[0])
    if n == 0:
        return
    with nogil:
        for i in range(out.shape[0]):
            row = &out[i, 0]
            for k in range(weights.shape[0]):
                factor, value = &weights[k, cells[i], 0], &values[k, i, 0]
                if k == 0:
                    for j in range(n):
                        row[j] = factor[j] * value[j]
                else:
                    for j in range(n):
                        row[j] += factor[j] * value[j]


def add_products(const floating[:, ::1] grad, const floating[:, :, ::1] values, const Py_ssize_t[::1] cells,
                 floating[:, :, ::1] sums):
    """sums[k, cell, j] += grad[i, j] · values[k, i, j] for each row i, in their order."""
    cdef Py_ssize_t i, j, k, n = grad.shape[1]
    cdef floating *total
    cdef const floating *given
    cdef const floating *value
    if (sums.shape[0] != values.shape[0] or sums.shape[2] != n or values.shape[2] != n
            or values.shape[1] != grad.shape[0]):
        raise ValueError("shapes of grad, values and sums do not fit")
    check(cells, sums.shape[1], grad.shape[0])
    if n == 0:
        return
    with nogil:
        for i in range(grad.shape[0]):
            given = &grad[i, 0]
            for k in range(values.shape[0]):
                total, value = &sums[k, cells[i], 0], &values[k, i, 0]
                for j in range(n):
                    total[j] += given[j] * value[j]


def add_rows(const floating[:, ::1] grad, const Py_ssize_t[::1] cells, floating[:, ::1] sums):
    """sums[cell, j] += grad[i, j] for each row i, in their order."""
    cdef Py_ssize_t i, j, n = grad.shape[1]
    cdef floating *total
    cdef const floating *given
    if sums.shape[1] != n:
        raise ValueError("shapes of grad and sums do not fit")
    check(cells, sums.shape[0], grad.shape[0])
    if n == 0:
        return
    with nogil:
        for i in range(grad.shape[0]):
            total, given = &sums[cells[i], 0], &grad[i, 0]
            for j in range(n):
                total[j] += given[j]


def add_sizes(const floating[:, ::1] values, double[::1] sums):
    """sums[j] += |values[i, j]| for each row i, in their order."""
    cdef Py_ssize_t i, j, n = values.shape[1]
    cdef const floating *row
    cdef double *total
    if sums.shape[0] != n:
        raise ValueError("shapes of values and sums do not fit")
    if n == 0:
        return
    with nogil:
        total = &sums[0]
        for i in range(values.shape[0]):
            row = &values[i, 0]
            for j in range(n):
                total[j] += fabs(<double>row[j])


def count_rows(const floating[:, ::1] values, const Py_ssize_t[::1] cells, int64_t[:, ::1] counts):
    """counts[cell, j] += the number of rows i of the cell in which values[i, j] is not 0."""
    cdef Py_ssize_t i, j, n = values.shape[1]
    cdef const floating *row
    cdef int64_t *total
    if counts.shape[1] != n:
        raise ValueError("shapes of values and counts do not fit")
    check(cells, counts.shape[0], values.shape[0])
    if n == 0:
        return
    with nogil:
        for i in range(values.shape[0]):
            row, total = &values[i, 0], &counts[cells[i], 0]
            for j in range(n):
                total[j] += row[j] != 0
