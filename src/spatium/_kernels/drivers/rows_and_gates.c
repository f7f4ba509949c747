/* Coupled functions over arrays of any layout: along one axis, and of two arrays element by element.

   A row that is contiguous goes to the kernels as it is, any other through memory on the stack: one row at a time, or, if
   the neighbours of an element are in other rows, a block of rows at a time, so that whole cache lines are read and
   written.  A row that is longer than the memory comes in pieces, three times.  Its result is the same in any case. */
#include "drivers/dispatch.h"
#include "drivers/staging.h"

enum { BLOCK_ROWS = 16, BLOCK_PITCH = 1024 + SP_LANES, BLOCK = BLOCK_ROWS * BLOCK_PITCH };
enum { BLOCK_PIECE = BLOCK_PITCH - SP_LANES, ROW_PIECE = SP_ROW_CACHE };

static ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static size_t staged_size(sp_dtype dtype) { return dtype == SP_FLOAT64 ? 8 : 4; }

static ptrdiff_t offset_of(int dimensions, const ptrdiff_t *shape, const ptrdiff_t *strides, ptrdiff_t index) {
    ptrdiff_t offset = 0;
    for (int d = dimensions - 1; d >= 0; d--) {
        offset += index % shape[d] * strides[d];
        index /= shape[d];
    }
    return offset;
}

/* Drops dimensions of one element and joins those that are one to all arrays; at least one is left. */
static int merge_dimensions(int dimensions, ptrdiff_t *shape, int arrays, ptrdiff_t (*strides)[SP_MAX_DIMENSIONS]) {
    int d = 0;
    for (int i = 0; i < dimensions; i++) {
        if (shape[i] == 1)
            continue;
        int joins = d > 0;
        for (int k = 0; k < arrays; k++)
            joins = joins && strides[k][d - 1] == strides[k][i] * shape[i];
        const ptrdiff_t size = shape[i];
        d -= joins;
        for (int k = 0; k < arrays; k++)
            strides[k][d] = strides[k][i];
        shape[d] = joins ? shape[d] * size : size;
        d++;
    }
    if (d == 0) {
        shape[0] = 1;
        for (int k = 0; k < arrays; k++)
            strides[k][0] = 0;
        d = 1;
    }
    return d;
}

static int is_contiguous(const char *array, ptrdiff_t step, sp_dtype dtype) {
    const size_t size = size_of(dtype);
    return !is_16_bit(dtype) && step == (ptrdiff_t)size && (uintptr_t)array % size == 0;
}

/* ---- along an axis ---- */

enum { X, G, OUT, ARRAYS };

typedef struct {
    const sp_rows *r;
    int dimensions;
    ptrdiff_t shape[SP_MAX_DIMENSIONS], strides[ARRAYS][SP_MAX_DIMENSIONS];
    ptrdiff_t total, rows_of_share;
    int direct;  /* rows are contiguous */
    int columns; /* neighbours in memory are in other rows */
} row_plan;

static int one_gradient(sp_row_function f) { return f == SP_LOGSUMEXP_BACKWARD; }
static int one_result(sp_row_function f) { return f == SP_LOGSUMEXP; }

/* Elements of `rows` rows, `n` of each, between an array and a block with `pitch` elements from row to row. */
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

/* Rows first .. first + rows, which have the strides of the last dimension, through memory on the stack. */
static void run_block(const row_plan *q, ptrdiff_t first, ptrdiff_t rows) {
    const sp_rows *r = q->r;
    const sp_kernels *k = sp_kernels_for(r->dtype);
    const sp_row_function f = r->function;
    const size_t size = staged_size(r->dtype);
    const int last = q->dimensions - 1;
    const ptrdiff_t pitch = rows == 1 ? ROW_PIECE : BLOCK_PITCH, limit = rows == 1 ? ROW_PIECE : BLOCK_PIECE;
    const ptrdiff_t x_stride = q->strides[X][last], g_stride = q->strides[G][last], out_stride = q->strides[OUT][last];
    const char *x = r->x + offset_of(q->dimensions, q->shape, q->strides[X], first);
    const char *g = r->g ? r->g + offset_of(q->dimensions, q->shape, q->strides[G], first) : 0;
    char *out = r->out + offset_of(q->dimensions, q->shape, q->strides[OUT], first);
    double staged_x[BLOCK], staged_g[BLOCK], results[BLOCK_ROWS];
    const ptrdiff_t bytes = pitch * (ptrdiff_t)size;
    char *block = (char *)staged_x, *gradients = (char *)staged_g;
    ptrdiff_t gradient_bytes = bytes;
    if (g && one_gradient(f)) {
        gather(gradients, g, g_stride, rows, r->dtype);
        gradient_bytes = (ptrdiff_t)size;
    }
    if (r->n <= limit) {
        load_block(block, pitch, x, x_stride, r->x_step, rows, r->n, r->dtype);
        if (g && !one_gradient(f))
            load_block(gradients, pitch, g, g_stride, r->g_step, rows, r->n, r->dtype);
        k->rows(f, rows, r->n, block, bytes, g ? gradients : 0, gradient_bytes, one_result(f) ? (char *)results : block,
                one_result(f) ? (ptrdiff_t)size : bytes);
        if (!one_result(f))
            store_block(block, pitch, out, out_stride, r->out_step, rows, r->n, r->dtype);
    } else {
        sp_row states[BLOCK_ROWS];
        for (sp_row_pass pass = SP_ROW_BEGIN; pass <= SP_ROW_RESULTS; pass++) {
            if (pass == SP_ROW_BEGIN || pass == SP_ROW_CLOSE) {
                for (ptrdiff_t c = 0; c < rows; c++)
                    k->row_step(f, pass, 0, 0, g ? gradients + c * gradient_bytes : 0, 0, &states[c]);
                continue;
            }
            for (ptrdiff_t i = 0; i < r->n; i += limit) {
                const ptrdiff_t n = least(limit, r->n - i);
                load_block(block, pitch, x + i * r->x_step, x_stride, r->x_step, rows, n, r->dtype);
                if (g && !one_gradient(f))
                    load_block(gradients, pitch, g + i * r->g_step, g_stride, r->g_step, rows, n, r->dtype);
                for (ptrdiff_t c = 0; c < rows; c++)
                    k->row_step(f, pass, n, block + c * bytes, g ? gradients + c * gradient_bytes : 0,
                                one_result(f) ? (char *)results + c * (ptrdiff_t)size : block + c * bytes, &states[c]);
                if (pass == SP_ROW_RESULTS && one_result(f))
                    break;
                if (pass == SP_ROW_RESULTS)
                    store_block(block, pitch, out + i * r->out_step, out_stride, r->out_step, rows, n, r->dtype);
            }
        }
    }
    if (one_result(f))
        scatter(out, out_stride, results, rows, r->dtype);
}

static int share_of_rows(const void *context, ptrdiff_t share) {
    const row_plan *q = context;
    const sp_rows *r = q->r;
    const int last = q->dimensions - 1;
    const ptrdiff_t end = least((share + 1) * q->rows_of_share, q->total);
    for (ptrdiff_t i = share * q->rows_of_share, m; i < end; i += m) {
        m = least(end - i, q->shape[last] - i % q->shape[last]);
        if (q->direct)
            sp_kernels_for(r->dtype)->rows(
                r->function, m, r->n, r->x + offset_of(q->dimensions, q->shape, q->strides[X], i), q->strides[X][last],
                r->g ? r->g + offset_of(q->dimensions, q->shape, q->strides[G], i) : 0, q->strides[G][last],
                r->out + offset_of(q->dimensions, q->shape, q->strides[OUT], i), q->strides[OUT][last]);
        else
            run_block(q, i, m = q->columns ? least(m, BLOCK_ROWS) : 1);
    }
    return 0;
}

void sp_run_over_rows(const sp_rows *r) {
    row_plan q = {.r = r, .total = 1};
    const ptrdiff_t size = (ptrdiff_t)size_of(r->dtype);
    for (int d = 0; d < r->dimensions; d++) {
        q.total *= r->shape[d];
        q.shape[d] = r->shape[d];
        q.strides[X][d] = r->x_strides[d];
        q.strides[G][d] = r->g ? r->g_strides[d] : 0;
        q.strides[OUT][d] = r->out_strides[d];
    }
    if (q.total == 0 || (r->n == 0 && r->function != SP_LOGSUMEXP)) /* which has results of empty rows */
        return;
    q.dimensions = merge_dimensions(r->dimensions, q.shape, ARRAYS, q.strides);
    int aligned = is_contiguous(r->x, r->n > 1 ? r->x_step : size, r->dtype);
    aligned &= !r->g || is_contiguous(r->g, one_gradient(r->function) || r->n <= 1 ? size : r->g_step, r->dtype);
    aligned &= is_contiguous(r->out, one_result(r->function) || r->n <= 1 ? size : r->out_step, r->dtype);
    for (int k = 0; k < ARRAYS; k++)
        for (int d = 0; d < q.dimensions; d++)
            aligned &= q.strides[k][d] % size == 0;
    q.direct = aligned;
    const ptrdiff_t neighbour = q.strides[X][q.dimensions - 1], step = r->x_step;
    q.columns = (neighbour < 0 ? -neighbour : neighbour) < (step < 0 ? -step : step) && r->n > 1;
    /* whole blocks, except at the end of a dimension */
    const ptrdiff_t rows = GRAIN / (r->n > 0 ? r->n : 1);
    q.rows_of_share = rows > BLOCK_ROWS ? rows / BLOCK_ROWS * BLOCK_ROWS : q.direct || !q.columns ? rows + !rows : BLOCK_ROWS;
    sp_parallel_for((q.total + q.rows_of_share - 1) / q.rows_of_share, q.total * r->n, share_of_rows, &q);
}

/* ---- of two arrays ---- */

enum { IN = 3, RESULTS = 2 };

typedef struct {
    const sp_gates *r;
    int dimensions;
    ptrdiff_t total, shape[SP_MAX_DIMENSIONS], strides[IN + RESULTS][SP_MAX_DIMENSIONS];
} gate_plan;

/* Copies elements first .. first + n of an array to or from memory without gaps, run by run of the last dimension. */
static void gather_tile(const gate_plan *q, int k, ptrdiff_t first, ptrdiff_t n, char *staged) {
    const sp_gates *r = q->r;
    const int last = q->dimensions - 1;
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        m = least(n - i, q->shape[last] - (first + i) % q->shape[last]);
        gather(staged + (size_t)i * staged_size(r->dtype),
               r->in[k] + offset_of(q->dimensions, q->shape, q->strides[k], first + i), q->strides[k][last], m, r->dtype);
    }
}

static void scatter_tile(const gate_plan *q, int k, ptrdiff_t first, ptrdiff_t n, const char *staged) {
    const sp_gates *r = q->r;
    const int last = q->dimensions - 1;
    const ptrdiff_t *strides = q->strides[IN + k];
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        m = least(n - i, q->shape[last] - (first + i) % q->shape[last]);
        scatter(r->out[k] + offset_of(q->dimensions, q->shape, strides, first + i), strides[last],
                staged + (size_t)i * staged_size(r->dtype), m, r->dtype);
    }
}

/* Elements first .. first + n */
static void run_tile_of_gates(const gate_plan *q, ptrdiff_t first, ptrdiff_t n) {
    const sp_gates *r = q->r;
    const sp_dtype dtype = r->dtype;
    const size_t size = staged_size(dtype);
    const int last = q->dimensions - 1, results = r->backward ? 2 : 1;
    const ptrdiff_t padded = (n + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
    const int whole = n % SP_LANES == 0 && first % q->shape[last] + n <= q->shape[last];
    double staged[IN][TILE], staged_out[RESULTS][TILE];
    const void *in[IN] = {0};
    char *out[RESULTS] = {0};
    int direct[RESULTS] = {0};
    for (int k = 0; k < IN - !r->backward; k++) {
        const char *from = r->in[k] + offset_of(q->dimensions, q->shape, q->strides[k], first);
        in[k] = from;
        if (!whole || !is_contiguous(from, q->strides[k][last], dtype)) {
            gather_tile(q, k, first, n, (char *)staged[k]);
            memset((char *)staged[k] + (size_t)n * size, 0, (size_t)(padded - n) * size);
            in[k] = staged[k];
        }
    }
    for (int k = 0; k < results; k++) {
        out[k] = r->out[k] + offset_of(q->dimensions, q->shape, q->strides[IN + k], first);
        /* gradients are formed beside their inputs: each may be written over any of these */
        direct[k] = !r->backward && whole && is_contiguous(out[k], q->strides[IN + k][last], dtype);
        if (!direct[k])
            out[k] = (char *)staged_out[k];
    }
    sp_kernels_for(dtype)->gate(r->function, r->backward, padded, in[0], in[1], in[2], r->parameters, out[0], out[1]);
    for (int k = 0; k < results; k++)
        if (!direct[k])
            scatter_tile(q, k, first, n, out[k]);
}

static int share_of_gates(const void *context, ptrdiff_t share) {
    const gate_plan *q = context;
    const ptrdiff_t inner = q->shape[q->dimensions - 1], end = least((share + 1) * GRAIN, q->total);
    for (ptrdiff_t i = share * GRAIN, m; i < end; i += m) {
        m = least(TILE, end - i);
        if (inner >= TILE / 4) /* shorter runs share a tile */
            m = least(m, inner - i % inner);
        run_tile_of_gates(q, i, m);
    }
    return 0;
}

void sp_run_gates(const sp_gates *r) {
    gate_plan q = {.r = r, .total = 1};
    for (int d = 0; d < r->dimensions; d++) {
        q.total *= r->shape[d];
        q.shape[d] = r->shape[d];
        for (int k = 0; k < IN; k++)
            q.strides[k][d] = r->in[k] ? r->in_strides[k][d] : 0;
        for (int k = 0; k < RESULTS; k++)
            q.strides[IN + k][d] = r->out[k] ? r->out_strides[k][d] : 0;
    }
    if (q.total == 0)
        return;
    q.dimensions = merge_dimensions(r->dimensions, q.shape, IN + RESULTS, q.strides);
    sp_parallel_for((q.total + GRAIN - 1) / GRAIN, q.total, share_of_gates, &q);
}
