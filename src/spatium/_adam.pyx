# cython: language_level=3, boundscheck=False, wraparound=False, initializedcheck=False, cdivision=True
"""One step of the optimizer Adam: one pass over a parameter, its gradient and its two moments."""

from cython cimport floating
from libc.math cimport sqrt, sqrtf


def step(
    floating[::1] parameter,
    const floating[::1] gradient,
    floating[::1] first,
    floating[::1] second,
    floating rate,
    floating kept,
    floating first_share,
    floating second_share,
    floating second_correction,
    floating epsilon,
    floating greatest,
):
    """Update the parameter and the moments in place; the arrays have the same length. The bits are NumPy's.

    first += first_share * (g - first); second += second_share * (g * g - second), where g is the gradient, clipped to
    ±greatest; parameter = parameter * kept - rate * first / (sqrt(second / second_correction) + epsilon).
    """
    cdef Py_ssize_t i, n = parameter.shape[0]
    cdef floating g
    with nogil:
        for i in range(n):
            g = gradient[i]
            g = -greatest if g < -greatest else g
            g = greatest if g > greatest else g
            first[i] = first[i] + first_share * (g - first[i])
            second[i] = second[i] + second_share * (g * g - second[i])
            if floating is float:
                g = sqrtf(second[i] / second_correction) + epsilon
            else:
                g = sqrt(second[i] / second_correction) + epsilon
            parameter[i] = parameter[i] * kept - rate * first[i] / g
