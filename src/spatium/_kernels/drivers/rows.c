/* Functions along one axis of an array of any layout.

   A row that is contiguous goes to the kernels as it is, any other through scratch: one row at a time, or, if the
   neighbors of an element are in other rows, a block of rows at a time, so that whole cache lines are read and written.  A
   row that is longer than the scratch comes in pieces, three times.  Its result is the same in any case. */
#include "drivers/arrays.h"

enum { BLOCK_ROWS = 16, BLOCK_PITCH = 1024 + SP_STEP, BLOCK = BLOCK_ROWS * BLOCK_PITCH };
enum { BLOCK_PIECE = BLOCK_PITCH - SP_STEP, ROW_PIECE = SP_ROW_CACHE };

typedef struct {
    const sp_rows *r;
    array x, g, out; /* of the rows: the first element of each */
    ptrdiff_t total, rows_of_share;
    int contiguous; /* every row is, as the kernels take it */
    int columns;    /* neighbors in memory are in other rows */
} plan;

typedef struct {
    sp_row_cache cache;
    double x[BLOCK], g[BLOCK], results[BLOCK_ROWS];
    sp_row states[BLOCK_ROWS];
} buffers;
_Static_assert(sizeof(buffers) <= SP_SCRATCH_BYTES, "a share's scratch");

/* Some rows with one stride from each to the next. */
typedef struct {
    ptrdiff_t count;
    const char *x, *g;
    char *out;
} row_run;

static int one_gradient(sp_row_function f) { return f == SP_LOGSUMEXP_BACKWARD; }
static int one_result(sp_row_function f) { return f == SP_LOGSUMEXP; }

/* Elements of `rows` rows, `n` of each, between an array and a block with `pitch` elements from row to row.  Neighbors in
   memory are in other rows, so they are moved as columns. */
static void load_block(void *block, ptrdiff_t pitch, const char *from, ptrdiff_t row_stride, ptrdiff_t step,
                       ptrdiff_t rows, ptrdiff_t n, sp_dtype dtype) {
    if (rows == 1) {
        gather(block, from, step, n, dtype);
        return;
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        double line[BLOCK_ROWS];
        gather(line, from + i * step, row_stride, rows, dtype);
        if (dtype == SP_FLOAT64)
            for (ptrdiff_t c = 0; c < rows; c++)
                ((double *)block)[c * pitch + i] = line[c];
        else
            for (ptrdiff_t c = 0; c < rows; c++)
                memcpy((float *)block + c * pitch + i, (const float *)line + c, sizeof(float));
    }
}

static void store_block(const void *block, ptrdiff_t pitch, char *to, ptrdiff_t row_stride, ptrdiff_t step, ptrdiff_t rows,
                        ptrdiff_t n, sp_dtype dtype) {
    if (rows == 1) {
        scatter(to, step, block, n, dtype);
        return;
    }
    for (ptrdiff_t i = 0; i < n; i++) {
        double line[BLOCK_ROWS];
        if (dtype == SP_FLOAT64)
            for (ptrdiff_t c = 0; c < rows; c++)
                line[c] = ((const double *)block)[c * pitch + i];
        else
            for (ptrdiff_t c = 0; c < rows; c++)
                memcpy((float *)line + c, (const float *)block + c * pitch + i, sizeof(float));
        scatter(to + i * step, row_stride, line, rows, dtype);
    }
}

/* The rows of a run, at most BLOCK_ROWS of them, through scratch. */
static void run_block(const plan *q, const row_run *run, buffers *b) {
    const sp_rows *r = q->r;
    const sp_kernels *k = sp_kernels_for(r->dtype);
    const sp_row_function f = r->function;
    const ptrdiff_t size = staged_size(r->dtype), rows = run->count;
    const ptrdiff_t pitch = rows == 1 ? ROW_PIECE : BLOCK_PITCH, limit = rows == 1 ? ROW_PIECE : BLOCK_PIECE;
    const ptrdiff_t x_stride = last_stride(&q->x), g_stride = run->g ? last_stride(&q->g) : 0;
    const ptrdiff_t out_stride = last_stride(&q->out), bytes = pitch * size;
    const ptrdiff_t gradient_bytes = one_gradient(f) ? size : bytes, result_bytes = one_result(f) ? size : bytes;
    char *const x = (char *)b->x, *const g = run->g ? (char *)b->g : 0, *const out = one_result(f) ? (char *)b->results : x;
    const int whole = r->n <= limit;
    if (g && one_gradient(f))
        gather(g, run->g, g_stride, rows, r->dtype);
    for (sp_row_pass pass = whole ? SP_ROW_RESULTS : SP_ROW_BEGIN; pass <= SP_ROW_RESULTS; pass++) {
        if (pass == SP_ROW_BEGIN || pass == SP_ROW_CLOSE) {
            for (ptrdiff_t c = 0; c < rows; c++)
                k->row_step(f, pass, 0, 0, g ? g + c * gradient_bytes : 0, 0, &b->states[c]);
            continue;
        }
        ptrdiff_t i = 0;
        do {
            const ptrdiff_t n = least(limit, r->n - i);
            load_block(x, pitch, run->x + i * r->x_step, x_stride, r->x_step, rows, n, r->dtype);
            if (g && !one_gradient(f))
                load_block(g, pitch, run->g + i * r->g_step, g_stride, r->g_step, rows, n, r->dtype);
            if (whole)
                k->rows(f, rows, n, x, bytes, g, gradient_bytes, out, result_bytes, &b->cache);
            else
                for (ptrdiff_t c = 0; c < rows; c++)
                    k->row_step(f, pass, n, x + c * bytes, g ? g + c * gradient_bytes : 0, out + c * result_bytes,
                                &b->states[c]);
            if (pass == SP_ROW_RESULTS && one_result(f))
                break;
            if (pass == SP_ROW_RESULTS)
                store_block(x, pitch, run->out + i * r->out_step, out_stride, r->out_step, rows, n, r->dtype);
            i += n;
        } while (i < r->n);
    }
    if (one_result(f))
        scatter(run->out, out_stride, out, rows, r->dtype);
}

static row_run run_from(const plan *q, ptrdiff_t first, ptrdiff_t most) {
    row_run run = {.count = most};
    ptrdiff_t m;
    run.x = address(&q->x, first, &m);
    run.count = least(run.count, m);
    if (q->r->g) {
        run.g = address(&q->g, first, &m);
        run.count = least(run.count, m);
    }
    run.out = address(&q->out, first, &m);
    run.count = least(run.count, m);
    return run;
}

static int share_of_rows(const void *context, ptrdiff_t share, void *scratch) {
    const plan *q = context;
    const sp_rows *r = q->r;
    buffers *const b = scratch;
    const ptrdiff_t end = least((share + 1) * q->rows_of_share, q->total);
    const ptrdiff_t most = q->contiguous ? PTRDIFF_MAX : q->columns ? BLOCK_ROWS : 1;
    for (ptrdiff_t i = share * q->rows_of_share; i < end;) {
        const row_run run = run_from(q, i, least(end - i, most));
        if (q->contiguous)
            sp_kernels_for(r->dtype)->rows(r->function, run.count, r->n, run.x, last_stride(&q->x), run.g,
                                           run.g ? last_stride(&q->g) : 0, run.out, last_stride(&q->out), &b->cache);
        else
            run_block(q, &run, b);
        i += run.count;
    }
    return 0;
}

/* Whether all rows are numbers as the kernels take them, `step` bytes apart; `single`: there is one in each row. */
static int is_contiguous(const array *a, ptrdiff_t step, int single) {
    return a->plain && (step == a->item || single);
}

int sp_run_over_rows(const sp_rows *r) {
    plan q = {.r = r, .total = elements_of(r->dimensions, r->shape)};
    const sp_row_function f = r->function;
    const int short_row = r->n <= 1;
    if (q.total == 0 || (r->n == 0 && f != SP_LOGSUMEXP)) /* which has results of empty rows */
        return 0;
    array_over(&q.x, r->x, r->dtype, r->dimensions, r->shape, r->x_strides);
    array_over(&q.out, r->out, r->dtype, r->dimensions, r->shape, r->out_strides);
    q.contiguous = is_contiguous(&q.x, r->x_step, short_row) && is_contiguous(&q.out, r->out_step, short_row || one_result(f));
    if (r->g) {
        array_over(&q.g, r->g, r->dtype, r->dimensions, r->shape, r->g_strides);
        q.contiguous &= is_contiguous(&q.g, r->g_step, short_row || one_gradient(f));
    }
    const ptrdiff_t neighbor = last_stride(&q.x), step = r->x_step;
    q.columns = (neighbor < 0 ? -neighbor : neighbor) < (step < 0 ? -step : step) && r->n > 1;
    /* whole blocks, except at the end of a dimension */
    const ptrdiff_t rows = GRAIN / (r->n > 0 ? r->n : 1);
    q.rows_of_share = rows > BLOCK_ROWS ? rows / BLOCK_ROWS * BLOCK_ROWS
                      : q.contiguous || !q.columns ? rows + !rows
                                                   : BLOCK_ROWS;
    return sp_run_shares(shares_of(q.total, q.rows_of_share), q.total * r->n, share_of_rows, &q, sizeof(buffers));
}
