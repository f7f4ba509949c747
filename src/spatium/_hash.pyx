# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""SimHash: projections on hyperplane normals, thresholds, Gray-coded cell axes."""
from cython cimport floating
from libc.math cimport fabs, isfinite
from libc.stdint cimport uint64_t

from spatium._engine cimport SP_FLOAT32, SP_FLOAT64, project


def project_rows(const floating[:, :] x, const float[:, ::1] planes, double[:, ::1] out):
    """out[i, k] = x[i] · planes[k], summed in float64 in one fixed order; rows of x are contiguous.

    `planes` rows are padded with zeros to a multiple of eight.
    """
    if planes.shape[1] < x.shape[1] or out.shape[0] < x.shape[0] or out.shape[1] != planes.shape[0]:
        raise ValueError("shapes of x, planes and out do not fit")
    with nogil:
        if x.shape[0] > 0:
            project(&x[0, 0], SP_FLOAT32 if floating is float else SP_FLOAT64, x.shape[0], x.shape[1], x.strides[0],
                    &planes[0, 0], planes.shape[0], &out[0, 0])


cdef inline uint64_t position_of_gray(uint64_t g) noexcept nogil:
    """Place of a three-bit code word in the cyclic Gray code: neighbours differ in one bit."""
    return g ^ g >> 1 ^ g >> 2


def pack(const double[:, ::1] projections, const double[::1] thresholds, uint64_t[::1] out):
    """Bits of the projections above their thresholds: planes 0-2 are the column, 3-5 the row, the rest fills up.

    Returns the first row with a projection that is not finite, or -1; `out` is complete only then.
    """
    cdef Py_ssize_t i, k, planes = projections.shape[1], bad = -1
    cdef uint64_t bits, h
    if thresholds.shape[0] != planes or out.shape[0] < projections.shape[0]:
        raise ValueError("shapes of projections, thresholds and out do not fit")
    with nogil:
        for i in range(projections.shape[0]):
            bits = 0
            for k in range(planes):
                if not isfinite(projections[i, k]):
                    bad = i
                    break
                bits |= <uint64_t>(projections[i, k] > thresholds[k]) << k
            if bad >= 0:
                break
            h = position_of_gray(bits & 7) | position_of_gray(bits >> 3 & 7) << 8
            bits >>= 6
            out[i] = h | (bits & 31) << 3 | (bits >> 5) << 11
    return bad


def nearest(const double[:, ::1] projections, const double[::1] thresholds, const double[::1] norms, double[::1] out):
    """out[i] = distance of row i to the nearest hyperplane."""
    cdef Py_ssize_t i, k
    cdef double distance, least
    if thresholds.shape[0] != projections.shape[1] or norms.shape[0] != projections.shape[1] or (
            out.shape[0] < projections.shape[0]):
        raise ValueError("shapes of projections, thresholds, norms and out do not fit")
    with nogil:
        for i in range(projections.shape[0]):
            least = fabs(projections[i, 0] - thresholds[0]) / norms[0]
            for k in range(1, projections.shape[1]):
                distance = fabs(projections[i, k] - thresholds[k]) / norms[k]
                least = distance if distance < least else least
            out[i] = least
