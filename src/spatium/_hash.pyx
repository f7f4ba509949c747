# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""SimHash: projections on hyperplane normals, thresholds, Gray-coded cell axes. The cells of categories and buckets."""
from cython cimport floating
from libc.math cimport fabs
from libc.stdint cimport int64_t, uint64_t

import numpy as np

from spatium._engine cimport (
    SP_FLOAT32,
    SP_FLOAT64,
    SP_MAX_PLANES,
    SP_PLANE_PADDING,
    find_patterns,
    project,
    sp_planes,
)

cdef extern from "drivers/float_state.h" nogil:
    ctypedef struct float_state:
        pass
    float_state enter_own_state()
    void leave_own_state(float_state callers)


def padded_planes(planes):
    """A copy of `planes` as float32 whose rows are padded with zeros to whole cache lines, and begin with one."""
    cdef Py_ssize_t n = planes.shape[1], padded = (n + SP_PLANE_PADDING - 1) // SP_PLANE_PADDING * SP_PLANE_PADDING
    room = np.zeros(planes.shape[0] * padded + SP_PLANE_PADDING, dtype=np.float32)
    skipped = -room.ctypes.data // room.itemsize % SP_PLANE_PADDING
    out = room[skipped : skipped + planes.shape[0] * padded].reshape(-1, padded)
    out[:, :n] = planes
    return out


cdef sp_planes planes_over(const float[:, ::1] normals, Py_ssize_t features) except *:
    cdef sp_planes planes
    if not 0 < normals.shape[0] <= SP_MAX_PLANES or not 0 < features <= normals.shape[1] or (
            normals.shape[1] % SP_PLANE_PADDING):
        raise ValueError("shapes of x and normals do not fit")
    planes.count = normals.shape[0]
    planes.stride = normals.shape[1]
    planes.normals = &normals[0, 0]
    planes.norms = planes.thresholds = NULL
    return planes


def project_rows(const floating[:, :] x, const float[:, ::1] normals, double[:, ::1] out):
    """out[i, k] = x[i] · normals[k], summed in float64 in one fixed order; rows of x are contiguous.

    `normals` are those of padded_planes.
    """
    cdef sp_planes planes = planes_over(normals, x.shape[1])
    if out.shape[0] < x.shape[0] or out.shape[1] != planes.count:
        raise ValueError("shapes of x and out do not fit")
    with nogil:
        if x.shape[0] > 0:
            project(&x[0, 0], SP_FLOAT32 if floating is float else SP_FLOAT64, x.shape[0], x.shape[1], x.strides[0],
                    &planes, &out[0, 0])


cdef inline uint64_t position_of_gray(uint64_t g) noexcept nogil:
    """Return the position of a three-bit code word in the cyclic Gray code, in which neighbors differ in one bit."""
    return g ^ g >> 1 ^ g >> 2


def hash_rows(const floating[:, :] x, const float[:, ::1] normals, const double[::1] norms,
              const double[::1] thresholds, uint64_t[::1] out):
    """Compute the hash bits of the projections: planes 0-2 give the column, 3-5 the row, further planes the other bits.

    `norms` are the lengths of the normals. Return the first row that is not finite or too large to project, or -1. Only
    in the latter case is `out` complete.
    """
    cdef Py_ssize_t i, bad = -1
    cdef uint64_t bits
    cdef sp_planes planes = planes_over(normals, x.shape[1])
    if norms.shape[0] != planes.count or thresholds.shape[0] != planes.count or out.shape[0] < x.shape[0]:
        raise ValueError("shapes of x, normals, norms, thresholds and out do not fit")
    planes.norms = &norms[0]
    planes.thresholds = &thresholds[0]
    with nogil:
        if x.shape[0] > 0:
            bad = find_patterns(&x[0, 0], SP_FLOAT32 if floating is float else SP_FLOAT64, x.shape[0], x.shape[1],
                                x.strides[0], &planes, &out[0])
        for i in range(x.shape[0]):
            bits = out[i]
            out[i] = (position_of_gray(bits & 7) | position_of_gray(bits >> 3 & 7) << 8 |
                      (bits >> 6 & 31) << 3 | (bits >> 11) << 11)
    return bad


def nearest(const double[:, ::1] projections, const double[::1] thresholds, const double[::1] norms, double[::1] out):
    """out[i] = distance of row i to the nearest hyperplane."""
    cdef Py_ssize_t i, k
    cdef double distance, least
    cdef float_state callers
    if thresholds.shape[0] != projections.shape[1] or norms.shape[0] != projections.shape[1] or (
            out.shape[0] < projections.shape[0]):
        raise ValueError("shapes of projections, thresholds, norms and out do not fit")
    with nogil:
        callers = enter_own_state()
        for i in range(projections.shape[0]):
            least = fabs(projections[i, 0] - thresholds[0]) / norms[0]
            for k in range(1, projections.shape[1]):
                distance = fabs(projections[i, k] - thresholds[k]) / norms[k]
                least = distance if distance < least else least
            out[i] = least
        leave_own_state(callers)


cdef inline uint64_t hash_of_cell(uint64_t cell) noexcept nogil:
    return (cell >> 3) << 8 | (cell & 7)


def category_rows(const floating[:, :] x, const int64_t[::1] columns, uint64_t[::1] out):
    """out[i] = the hash of the cell of row i: the number in its column, or the place of the 1 among several columns.

    Return the first row without such a cell, or -1. Only in the latter case is `out` complete.
    """
    cdef Py_ssize_t i, k, bad = -1
    cdef int64_t cell, place
    cdef floating value
    cdef float_state callers
    for k in range(columns.shape[0]):
        if not 0 <= columns[k] < x.shape[1]:
            raise ValueError("columns do not fit x")
    if out.shape[0] < x.shape[0]:
        raise ValueError("shapes of x and out do not fit")
    with nogil:
        callers = enter_own_state()
        for i in range(x.shape[0]):
            cell = -1
            if columns.shape[0] == 1:
                value = x[i, columns[0]]
                if value >= 0 and value < 64:
                    place = <int64_t>value
                    if <floating>place == value:
                        cell = place
            else:
                for k in range(columns.shape[0]):
                    value = x[i, columns[k]]
                    if value == 0:
                        continue
                    if value != 1 or cell >= 0:
                        cell = -1
                        break
                    cell = k
            if cell < 0:
                bad = i
                break
            out[i] = hash_of_cell(<uint64_t>cell)
        leave_own_state(callers)
    return bad


def bucket_rows(const floating[:, :] x, Py_ssize_t column, const double[::1] edges, uint64_t[::1] out):
    """out[i] = the hash of the number of edges that are at most x[i, column]; the 63 edges end with infinities.

    Return the first row that is not finite in this column, or -1. Only in the latter case is `out` complete.
    """
    cdef Py_ssize_t i, bad = -1
    cdef uint64_t below, step
    cdef double value
    cdef float_state callers
    if not 0 <= column < x.shape[1] or edges.shape[0] != 63 or out.shape[0] < x.shape[0]:
        raise ValueError("shapes of x, edges and out do not fit")
    with nogil:
        callers = enter_own_state()
        for i in range(x.shape[0]):
            value = x[i, column]
            if value - value != 0:
                bad = i
                break
            below, step = 0, 32
            while step:
                below += step * (value >= edges[below + step - 1])
                step >>= 1
            out[i] = hash_of_cell(below)
        leave_own_state(callers)
    return bad
