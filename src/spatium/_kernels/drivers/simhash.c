/* Rows of features and hyperplanes, on several threads: projections, and on which side of each plane a row lies. */
#include "drivers/dispatch.h"
#include "drivers/staging.h"

enum { ROWS_SHARE = 96 }; /* rows that one thread takes at a time */

typedef struct {
    const char *x;
    sp_dtype dtype;
    ptrdiff_t rows, features, row_stride;
    const sp_planes *planes;
    double *projections;
    uint64_t *patterns;
    ptrdiff_t *bad; /* the first row that cannot be projected, or `rows` */
} request;

static ptrdiff_t rows_of(const request *q, ptrdiff_t first) {
    return least(q->rows - first, ROWS_SHARE);
}

static int project_share(const void *context, ptrdiff_t share) {
    const request *q = context;
    const ptrdiff_t first = share * ROWS_SHARE;
    sp_kernels_for(q->dtype)->project(rows_of(q, first), q->features, q->x + first * q->row_stride, q->row_stride, q->planes,
                                      q->projections + first * q->planes->count);
    return 0;
}

static int patterns_share(const void *context, ptrdiff_t share) {
    const request *q = context;
    const ptrdiff_t first = share * ROWS_SHARE;
    const ptrdiff_t bad = sp_kernels_for(q->dtype)->find_patterns(
        rows_of(q, first), q->features, q->x + first * q->row_stride, q->row_stride, q->planes, q->patterns + first);
    ptrdiff_t before = __atomic_load_n(q->bad, __ATOMIC_RELAXED);
    while (bad >= 0 && first + bad < before)
        if (__atomic_compare_exchange_n(q->bad, &before, first + bad, 0, __ATOMIC_RELAXED, __ATOMIC_RELAXED))
            break;
    return 0;
}

static void run(const request *q, sp_share *work) {
    sp_parallel_for(shares_of(q->rows, ROWS_SHARE), q->rows * q->features, work, q);
}

void sp_project(const void *x, sp_dtype dtype, ptrdiff_t rows, ptrdiff_t features, ptrdiff_t row_stride,
                const sp_planes *planes, double *out) {
    run(&(request){x, dtype, rows, features, row_stride, planes, out, 0, 0}, project_share);
}

ptrdiff_t sp_find_patterns(const void *x, sp_dtype dtype, ptrdiff_t rows, ptrdiff_t features, ptrdiff_t row_stride,
                           const sp_planes *planes, uint64_t *patterns) {
    ptrdiff_t bad = rows;
    run(&(request){x, dtype, rows, features, row_stride, planes, 0, patterns, &bad}, patterns_share);
    return bad < rows ? bad : -1;
}
