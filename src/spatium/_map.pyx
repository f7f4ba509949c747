# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Routing: hash -> cell -> palette entry, hit counts, and evaluation block by block.

Arrays come as two-dimensional views (rows, columns) of any strides. There is either one grid of 64 cells or one per
column.
"""
from libc.stdint cimport int16_t, int32_t, uint8_t, uint16_t, uint64_t
from libc.string cimport memset

from spatium._engine cimport (
    SP_BACKWARD,
    SP_BFLOAT16,
    SP_FLOAT16,
    SP_FLOAT32,
    SP_FLOAT64,
    SP_VALUE_AND_DERIVATIVE,
    evaluate,
    sp_operation,
    sp_request,
)

ctypedef fused element:
    float
    double
    uint16_t  # float16 or bfloat16, as bits: only the kernels look inside

cdef enum:
    TILE = 1024
    MAX_PALETTE = 256
    SHORT_ROW = 16  # below, a call costs more than its elements
    # Rows at least this long are tiled one by one, so that a hash per row meets whole runs of one activation.
    LONG_ROW = 64


cdef inline uint8_t cell_of_hash(uint64_t h) noexcept nogil:
    return <uint8_t>(((h >> 8) & 7) << 3 | (h & 7))


def count_hits(const uint64_t[:, :] hashes, uint64_t[:, ::1] hits):
    """Add one hit per element to hits, (1 or columns, 64). The caller holds the map's lock."""
    cdef Py_ssize_t i, j, rows = hashes.shape[0], columns = hashes.shape[1]
    cdef bint single = hits.shape[0] == 1
    with nogil:
        if single and hashes.strides[1] == 0:
            for i in range(rows):
                hits[0, cell_of_hash(hashes[i, 0])] += <uint64_t>columns
        else:
            for i in range(rows):
                for j in range(columns):
                    hits[0 if single else j, cell_of_hash(hashes[i, j])] += 1


def palette_entries(const uint64_t[:, :] hashes, const uint8_t[:, ::1] cells, uint8_t[:, ::1] out):
    """out[i, j] = palette index that hashes[i, j] selects."""
    cdef Py_ssize_t i, j
    cdef bint single = cells.shape[0] == 1
    with nogil:
        for i in range(hashes.shape[0]):
            for j in range(hashes.shape[1]):
                out[i, j] = cells[0 if single else j, cell_of_hash(hashes[i, j])]


cdef struct Scratch:
    uint8_t entry[TILE]
    int16_t place[TILE]
    double x[TILE]
    double g[TILE]
    double out0[TILE]
    double out1[TILE]
    int start[MAX_PALETTE + 1]


cdef inline void evaluate_run(sp_request *q, int code, const double *parameters, Py_ssize_t n, const char *x,
                              const char *g, char *out0, char *out1) noexcept nogil:
    q.code = code
    q.parameter[0] = <const char *>parameters
    q.parameter[1] = <const char *>(parameters + 1)
    q.n = n
    q.x = x
    q.g = g
    q.out[0] = out0
    q.out[1] = out1
    evaluate(q)


def evaluate_routed(
    int operation,
    const element[:, :] x,
    const element[:, :] g,
    const uint64_t[:, :] hashes,
    const uint8_t[:, ::1] cells,
    const int32_t[::1] codes,
    const double[:, ::1] parameters,
    element[:, :] out0,
    element[:, :] out1,
    bint brain=False,
):
    """Evaluate `operation` for each element by the activation its hash selects.

    A row with one hash is evaluated where it is. Otherwise a tile is sorted by palette entry (a counting sort), each
    run is evaluated as one contiguous block by the kernels that evaluate the activation alone, and the results go back
    to their places. Entries with a negative code (custom activations) are left for the caller. `g` and `out1` are
    read and written by the operations that need them; the caller passes x and out0 otherwise. 16-bit elements are
    bfloat16 if `brain`, else float16.
    """
    cdef Py_ssize_t rows = x.shape[0], columns = x.shape[1], row = 0, column = 0, first_row, first_column, room
    cdef Py_ssize_t left = rows * columns, r, c, position
    cdef int n, k, m, entry, entries = <int>codes.shape[0]
    cdef bint single = cells.shape[0] == 1
    cdef bint backward = operation == SP_BACKWARD, both = operation == SP_VALUE_AND_DERIVATIVE
    cdef Scratch s
    cdef element *xs = <element *>s.x
    cdef element *gs = <element *>s.g
    cdef element *ys = <element *>s.out0
    cdef element *ds = <element *>s.out1
    cdef sp_request q
    memset(&q, 0, sizeof(q))
    q.operation = <sp_operation>operation
    if element is float:
        q.dtype = SP_FLOAT32
    elif element is double:
        q.dtype = SP_FLOAT64
    else:
        q.dtype = SP_BFLOAT16 if brain else SP_FLOAT16
    q.x_stride = q.g_stride = q.out_stride[0] = q.out_stride[1] = sizeof(element)

    with nogil:
        if single and hashes.strides[1] == 0 and columns >= SHORT_ROW:
            # a hash per row: every row is one run, in place
            q.x_stride = x.strides[1]
            q.g_stride = g.strides[1]
            q.out_stride[0] = out0.strides[1]
            q.out_stride[1] = out1.strides[1]
            for row in range(rows):
                entry = cells[0, cell_of_hash(hashes[row, 0])]
                if codes[entry] >= 0:
                    evaluate_run(&q, codes[entry], &parameters[entry, 0], columns, <const char *>&x[row, 0],
                                 <const char *>&g[row, 0], <char *>&out0[row, 0], <char *>&out1[row, 0])
            left = 0
        while left > 0:
            room = columns - column if columns >= LONG_ROW else left
            n = <int>(room if room < TILE else TILE)
            first_row = row
            first_column = column
            # hash -> cell -> palette entry, counted per entry
            memset(s.start, 0, (entries + 1) * sizeof(int))
            for k in range(n):
                entry = cells[0 if single else column, cell_of_hash(hashes[row, column])]
                s.entry[k] = <uint8_t>entry
                s.start[entry + 1] += 1
                column += 1
                if column == columns:
                    column = 0
                    row += 1
            for entry in range(entries):
                s.start[entry + 1] += s.start[entry]
            # gather, sorted by entry
            r = first_row
            c = first_column
            for k in range(n):
                m = s.start[s.entry[k]]
                s.start[s.entry[k]] += 1
                s.place[k] = <int16_t>m
                xs[m] = x[r, c]
                if backward:
                    gs[m] = g[r, c]
                c += 1
                if c == columns:
                    c = 0
                    r += 1
            # evaluate run by run; start[entry] is now the end of the run
            position = 0
            for entry in range(entries):
                if s.start[entry] > position and codes[entry] >= 0:
                    evaluate_run(&q, codes[entry], &parameters[entry, 0], s.start[entry] - position,
                                 <const char *>(xs + position), <const char *>(gs + position),
                                 <char *>(ys + position), <char *>(ds + position))
                position = s.start[entry]
            # scatter
            r = first_row
            c = first_column
            for k in range(n):
                if codes[s.entry[k]] >= 0:
                    out0[r, c] = ys[s.place[k]]
                    if both:
                        out1[r, c] = ds[s.place[k]]
                c += 1
                if c == columns:
                    c = 0
                    r += 1
            left -= n
