/* Forward and backward passes that choose what is kept between them: values and packed bits in one pass, gradients from
   the output, from bits, or from both, a bias added on the way and its gradient summed up.

   The array may have any layout.  Elements are numbered in C order and worked on in tiles; a tile that is contiguous goes
   to the loops as it is, any other through small arrays on the stack, as in evaluate.c. */
#include "drivers/dispatch.h"
#include "drivers/staging.h"

#include <stdlib.h>

/* Three loops go over a tile; with tiles of 512 elements their calls make a tenth of the time of relu with bits. */
enum { LONG_TILE = 4 * TILE };
enum { MAX_BLOCKS = 64 };                 /* of partial sums */
enum { MAX_PARTIAL = MAX_BLOCKS * TILE }; /* numbers, 256 KB */

/* A pass with its dimensions merged where the strides of all arrays allow it, and the borders of its shares. */
typedef struct {
    sp_pass pass;
    ptrdiff_t total;
    ptrdiff_t limit; /* elements of a tile at most */
    ptrdiff_t shape[SP_MAX_DIMENSIONS], x_strides[SP_MAX_DIMENSIONS], g_strides[SP_MAX_DIMENSIONS],
        out_strides[SP_MAX_DIMENSIONS];
    ptrdiff_t tiles, tile;      /* short periods: all tiles of whole periods, the size of one */
    ptrdiff_t blocks, segments; /* of partial sums, of a period longer than a tile */
    double *partial;            /* blocks rows of `period` sums */
} plan;

static void merge_dimensions(plan *q, const sp_pass *p) {
    int d = 0; /* dimensions so far */
    for (int i = 0; i < p->dimensions; i++) {
        const ptrdiff_t x = p->x ? p->x_strides[i] : 0, g = p->g ? p->g_strides[i] : 0, out = p->out_strides[i];
        const ptrdiff_t size = p->shape[i];
        if (size == 1)
            continue;
        if (d && q->x_strides[d - 1] == x * size && q->g_strides[d - 1] == g * size &&
            q->out_strides[d - 1] == out * size)
            d--, q->shape[d] *= size;
        else
            q->shape[d] = size;
        q->x_strides[d] = x, q->g_strides[d] = g, q->out_strides[d] = out;
        d++;
    }
    if (d == 0) {
        q->shape[0] = 1;
        q->x_strides[0] = q->g_strides[0] = q->out_strides[0] = (ptrdiff_t)size_of(p->dtype);
        d = 1;
    }
    q->pass.dimensions = d;
}

static ptrdiff_t offset_of(const plan *q, const ptrdiff_t *strides, ptrdiff_t index) {
    ptrdiff_t offset = 0;
    for (int d = q->pass.dimensions - 1; d >= 0; d--) {
        offset += index % q->shape[d] * strides[d];
        index /= q->shape[d];
    }
    return offset;
}

static int is_direct(const plan *q, const char *array, const ptrdiff_t *strides, ptrdiff_t n) {
    const size_t size = size_of(q->pass.dtype);
    return q->pass.dimensions == 1 && !is_16_bit(q->pass.dtype) && strides[0] == (ptrdiff_t)size &&
           (uintptr_t)array % size == 0 && n % SP_LANES == 0;
}

static size_t staged_size(sp_dtype dtype) { return dtype == SP_FLOAT64 ? 8 : 4; }

/* Elements first .. first + n, where they are or gathered into `staged` and filled up with zeros. */
static const void *view(const plan *q, const char *array, const ptrdiff_t *strides, ptrdiff_t first, ptrdiff_t n,
                        void *staged) {
    if (is_direct(q, array, strides, n))
        return array + first * strides[0];
    const int last = q->pass.dimensions - 1;
    const size_t size = staged_size(q->pass.dtype);
    const ptrdiff_t inner = q->shape[last], padded = (n + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        const ptrdiff_t left = inner - (first + i) % inner;
        m = n - i < left ? n - i : left;
        gather((char *)staged + (size_t)i * size, array + offset_of(q, strides, first + i), strides[last], m,
               q->pass.dtype);
    }
    memset((char *)staged + (size_t)n * size, 0, (size_t)(padded - n) * size);
    return staged;
}

static void scatter_tile(const plan *q, ptrdiff_t first, ptrdiff_t n, const void *staged) {
    const int last = q->pass.dimensions - 1;
    const size_t size = staged_size(q->pass.dtype);
    const ptrdiff_t inner = q->shape[last];
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        const ptrdiff_t left = inner - (first + i) % inner;
        m = n - i < left ? n - i : left;
        scatter(q->pass.out + offset_of(q, q->out_strides, first + i), q->out_strides[last],
                (const char *)staged + (size_t)i * size, m, q->pass.dtype);
    }
}

/* The n bits of the elements from `first` on, as 0 and 1 of the type; returns where they begin in `sides`. */
static void *sides_of(const sp_kernels *k, const sp_pass *p, ptrdiff_t first, ptrdiff_t n, void *sides) {
    uint8_t bits[LONG_TILE / 8 + 4] = {0};
    const ptrdiff_t shift = first % 8;
    memcpy(bits, p->bits + first / 8, (size_t)((shift + n + 7) / 8));
    /* the lanes that a tile is filled up with need sides too */
    k->arrays.unpack((shift + n + 2 * SP_LANES - 1) & -(ptrdiff_t)SP_LANES, bits, sides);
    return (char *)sides + (size_t)shift * staged_size(p->dtype);
}

/* Elements first .. first + n; sums: of the numbers from first modulo period on. Returns whether "invalid" is raised. */
static int run_tile(const plan *q, ptrdiff_t first, ptrdiff_t n, double *sums) {
    const sp_pass *p = &q->pass;
    const sp_kernels *k = sp_kernels_for(p->dtype);
    const size_t size = staged_size(p->dtype);
    const ptrdiff_t padded = (n + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
    double staged_x[LONG_TILE], staged_g[LONG_TILE], staged_out[LONG_TILE], staged_sides[LONG_TILE + 3 * SP_LANES];
    const double *parameters[SP_MAX_PARAMETERS] = {p->parameters, p->parameters + 1};
    for (int i = sp_records[p->code].parameters; i < SP_MAX_PARAMETERS; i++)
        parameters[i] = 0;
    const void *x = p->x ? view(q, p->x, q->x_strides, first, n, staged_x) : 0;
    const void *g = p->g ? view(q, p->g, q->g_strides, first, n, staged_g) : 0;
    if (p->bias) {
        for (ptrdiff_t i = 0, m; i < n; i += m) {
            const ptrdiff_t at = (first + i) % p->period, left = p->period - at;
            m = n - i < left ? n - i : left;
            k->arrays.add(m, (const char *)x + (size_t)i * size, (const char *)p->bias + (size_t)at * size,
                          (char *)staged_x + (size_t)i * size);
        }
        x = staged_x;
    }
    const int direct = is_direct(q, p->out, q->out_strides, n);
    void *out = direct ? p->out + first * q->out_strides[0] : (char *)staged_out, *sides = 0;
    if (p->operation == SP_VALUE && p->bits) {
        uint8_t bits[LONG_TILE / 8];
        k->find_loop(p->code, SP_SIDE, 0)(padded, x, 0, parameters, staged_sides, 0);
        k->arrays.pack(padded, staged_sides, bits);
        if (n % 8)
            bits[n / 8] &= (uint8_t)((1 << n % 8) - 1);
        memcpy(p->bits + first / 8, bits, (size_t)((n + 7) / 8));
    } else if (p->operation == SP_BACKWARD_FROM_SIDE)
        sides = sides_of(k, p, first, n, staged_sides);
    const int invalid = sp_run_tile(p->code, p->operation, p->dtype, padded, x, g, parameters, out, sides);
    if (sums)
        for (ptrdiff_t i = 0; i < n; i += p->period)
            k->arrays.add_to(n - i < p->period ? n - i : p->period, (const char *)out + (size_t)i * size, sums);
    if (!direct)
        scatter_tile(q, first, n, out);
    return invalid;
}

static int plain_share(const void *context, ptrdiff_t share) {
    const plan *q = context;
    const ptrdiff_t end = (share + 1) * GRAIN < q->total ? (share + 1) * GRAIN : q->total;
    int invalid = 0;
    for (ptrdiff_t i = share * GRAIN; i < end; i += q->limit)
        invalid |= run_tile(q, i, end - i < q->limit ? end - i : q->limit, 0);
    return invalid;
}

/* Tiles of whole periods: every block of them sums up on its own. */
static int short_period_share(const void *context, ptrdiff_t block) {
    const plan *q = context;
    double *sums = q->partial + block * q->pass.period;
    int invalid = 0;
    for (ptrdiff_t t = block * q->tiles / q->blocks; t < (block + 1) * q->tiles / q->blocks; t++) {
        const ptrdiff_t first = t * q->tile;
        invalid |= run_tile(q, first, q->total - first < q->tile ? q->total - first : q->tile, sums);
    }
    return invalid;
}

/* Tiles of one segment of each period, in blocks of periods. */
static int long_period_share(const void *context, ptrdiff_t share) {
    const plan *q = context;
    const ptrdiff_t period = q->pass.period, rows = q->total / period, block = share / q->segments;
    const ptrdiff_t start = share % q->segments * q->limit, n = period - start < q->limit ? period - start : q->limit;
    int invalid = 0;
    for (ptrdiff_t row = block * rows / q->blocks; row < (block + 1) * rows / q->blocks; row++)
        invalid |= run_tile(q, row * period + start, n, q->partial + block * period + start);
    return invalid;
}

static ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

int sp_pass_over(const sp_pass *pass) {
    plan q = {.pass = *pass, .total = 1, .blocks = 1, .segments = 1};
    for (int i = 0; i < pass->dimensions; i++)
        q.total *= pass->shape[i];
    q.limit = sp_records[pass->code].flags & SP_LARGE_ARGUMENT ? TILE : LONG_TILE;
    merge_dimensions(&q, pass);
    ptrdiff_t shares = (q.total + GRAIN - 1) / GRAIN;
    sp_share *work = plain_share;
    if (pass->sums) {
        memset(pass->sums, 0, (size_t)pass->period * sizeof *pass->sums);
        if (q.total == 0)
            return 0;
        if (pass->period <= TILE) {
            q.tile = q.limit / pass->period * pass->period;
            q.tiles = (q.total + q.tile - 1) / q.tile;
            q.blocks = least(least(MAX_BLOCKS, shares), q.tiles);
            work = short_period_share;
        } else {
            q.segments = (pass->period + q.limit - 1) / q.limit;
            q.blocks = least(MAX_PARTIAL / pass->period, least(q.total / pass->period, shares));
            q.blocks = q.blocks > 0 ? q.blocks : 1;
            work = long_period_share;
        }
        shares = q.blocks * q.segments;
        q.partial = calloc((size_t)(q.blocks * pass->period), sizeof *q.partial);
        if (!q.partial)
            return -1;
    }
    const float_state callers = enter_own_state();
    const int invalid = sp_parallel_for(shares, q.total, work, &q);
    if (pass->sums)
        for (ptrdiff_t block = 0; block < q.blocks; block++)
            for (ptrdiff_t i = 0; i < pass->period; i++)
                pass->sums[i] += q.partial[block * pass->period + i];
    leave_own_state(callers);
    free(q.partial);
    if (invalid)
        raise_invalid();
    return 0;
}
