# cython: boundscheck=False, wraparound=False, initializedcheck=False
"""Codes of eight bits and less: the rows of arrays that the C code converts or looks up. Callers check the arrays."""
from libc.stdint cimport uint8_t, uint64_t

cimport numpy as cnp

from spatium._engine cimport (
    SP_DECODE,
    SP_ENCODE,
    SP_FLOAT32,
    SP_FLOAT64,
    SP_LOOK_UP,
    run_code_map,
    run_codes,
    sp_code_map,
    sp_codes,
)

cnp.import_array()


cdef bint run(sp_codes *q, cnp.ndarray x, cnp.ndarray out) except -1:
    """Run the operation over both arrays, which have the same shape, in one piece or row by row."""
    cdef int axis = -1, failed = 0
    cdef cnp.flatiter from_x, to_out
    if cnp.PyArray_SIZE(x) == 0:
        return False
    if (cnp.PyArray_IS_C_CONTIGUOUS(x) and cnp.PyArray_IS_C_CONTIGUOUS(out)) or (
            cnp.PyArray_IS_F_CONTIGUOUS(x) and cnp.PyArray_IS_F_CONTIGUOUS(out)):
        q.n, q.x_stride, q.out_stride = cnp.PyArray_SIZE(x), cnp.PyArray_ITEMSIZE(x), cnp.PyArray_ITEMSIZE(out)
        q.x, q.out = <const char *>cnp.PyArray_DATA(x), <char *>cnp.PyArray_DATA(out)
        with nogil:
            failed = run_codes(q)
        return failed
    from_x = cnp.PyArray_IterAllButAxis(x, &axis)
    to_out = cnp.PyArray_IterAllButAxis(out, &axis)
    q.n, q.x_stride, q.out_stride = cnp.PyArray_DIM(x, axis), cnp.PyArray_STRIDE(x, axis), cnp.PyArray_STRIDE(out, axis)
    with nogil:
        while cnp.PyArray_ITER_NOTDONE(from_x):
            q.x, q.out = <const char *>cnp.PyArray_ITER_DATA(from_x), <char *>cnp.PyArray_ITER_DATA(to_out)
            failed |= run_codes(q)
            cnp.PyArray_ITER_NEXT(from_x)
            cnp.PyArray_ITER_NEXT(to_out)
    return failed


def look_up(const uint8_t[::1] table, cnp.ndarray codes, cnp.ndarray out):
    """out[...] = table[codes], by the bits of the codes."""
    cdef sp_codes q
    if table.shape[0] != 256:
        raise ValueError("table has not 256 entries")
    q.operation, q.dtype, q.table = SP_LOOK_UP, SP_FLOAT32, &table[0]
    run(&q, codes, out)


def encode(cnp.ndarray x, double scale, double zero, double least, double greatest, bint half_away, cnp.ndarray out):
    """out[...] = codes of x, float32 or float64; return whether x contains NaN, whose codes have no meaning."""
    cdef sp_codes q
    q.operation, q.dtype = SP_ENCODE, SP_FLOAT32 if cnp.PyArray_TYPE(x) == cnp.NPY_FLOAT32 else SP_FLOAT64
    q.scale, q.zero, q.least, q.greatest, q.half_away = scale, zero, least, greatest, half_away
    return run(&q, x, out)


def decode(cnp.ndarray table, cnp.ndarray codes, cnp.ndarray out):
    """out[...] = table[codes], by the bits of the codes; `table` and `out` are float32 or float64."""
    cdef sp_codes q
    if cnp.PyArray_SIZE(table) != 256 or cnp.PyArray_TYPE(table) != cnp.PyArray_TYPE(out):
        raise ValueError("table has not 256 entries of the dtype of out")
    q.operation, q.dtype = SP_DECODE, SP_FLOAT32 if cnp.PyArray_TYPE(out) == cnp.NPY_FLOAT32 else SP_FLOAT64
    q.table = cnp.PyArray_DATA(table)
    run(&q, codes, out)


def look_up_cells(const uint8_t[:, ::1] x, const uint64_t[:, :] hashes, const uint8_t[:, ::1] cells,
                  const uint8_t[:, ::1] tables, uint8_t[:, ::1] out, uint64_t[:, ::1] hits):
    """out[i, j] = tables[cells[j, cell]][x[i, j]] with the cell of hashes[i, j].

    `cells` is (columns, 64); or (64, columns) if all hashes of a row are the same; or (1, 64) for one grid, whose
    `tables` are in the order of the cells. With `hits`, of the shape (columns, 64) or (1, 64), count one hit for each
    element.
    """
    cdef sp_code_map q
    q.rows, q.columns = x.shape[0], x.shape[1]
    q.one_grid = cells.shape[0] == 1
    if not q.rows or not q.columns:
        return
    q.hash_strides[0], q.hash_strides[1] = hashes.strides[0], hashes.strides[1]
    if tables.shape[1] != 256 or cells.shape[0] * cells.shape[1] != 64 * (1 if q.one_grid else q.columns) or (
            q.one_grid and tables.shape[0] != 64) or (
            not q.one_grid and cells.shape[0 if q.hash_strides[1] == 0 else 1] != 64):
        raise ValueError("shapes do not fit")
    q.x, q.out, q.hashes = &x[0, 0], &out[0, 0], <const char *>&hashes[0, 0]
    q.tables, q.cells = &tables[0, 0], &cells[0, 0]
    q.hits = NULL if hits is None else &hits[0, 0]
    with nogil:
        run_code_map(&q)
