/* Forward and backward passes that choose what is kept between them: values and packed bits in one pass, gradients from
   the output, from bits, or from both, a bias added on the way and its gradient summed up.

   The array may have any layout.  Elements are numbered in C order and worked on in tiles; a tile that is contiguous goes
   to the loops as it is, any other through scratch. */
#include "drivers/arrays.h"

#include <stdlib.h>

/* Three loops go over a tile; with tiles of 512 elements their calls make a tenth of the time of relu with bits. */
enum { LONG_TILE = 4 * TILE };
enum { MAX_BLOCKS = 64 };                 /* of partial sums */
enum { MAX_PARTIAL = MAX_BLOCKS * TILE }; /* numbers, 256 KB */

/* What a tile is staged in. */
typedef struct {
    double x[LONG_TILE], g[LONG_TILE], out[LONG_TILE], sides[LONG_TILE + 3 * SP_STEP];
} buffers;
_Static_assert(sizeof(buffers) <= SP_SCRATCH_BYTES, "a share's scratch");

/* A pass and the borders of its shares. */
typedef struct {
    const sp_pass *pass;
    sp_task task;
    const double *parameters[SP_MAX_PARAMETERS];
    array x, g, out;
    ptrdiff_t total;
    ptrdiff_t limit;            /* elements of a tile at most */
    ptrdiff_t tiles, tile;      /* short periods: all tiles of whole periods, the size of one */
    ptrdiff_t blocks, segments; /* of partial sums, of a period longer than a tile */
    double *partial;            /* blocks rows of `period` sums */
} plan;

/* The n bits of the elements from `first` on, as 0 and 1 of the type; returns where they begin in `sides`. */
static void *sides_of(const sp_kernels *k, const sp_pass *p, ptrdiff_t first, ptrdiff_t n, void *sides) {
    uint8_t bits[LONG_TILE / 8 + 4] = {0};
    const ptrdiff_t shift = first % 8;
    memcpy(bits, p->bits + first / 8, (size_t)((shift + n + 7) / 8));
    /* the padding at the end of a tile needs valid sides too */
    k->arrays.unpack(padded(shift + n + SP_STEP), bits, sides);
    return (char *)sides + shift * staged_size(p->dtype);
}

static void keep_sides(const plan *q, const sp_kernels *k, ptrdiff_t first, ptrdiff_t n, const void *x, void *sides) {
    uint8_t bits[LONG_TILE / 8];
    k->find_loop(q->task.code, SP_SIDE, 0)(padded(n), x, 0, q->parameters, sides, 0);
    k->arrays.pack(padded(n), sides, bits);
    if (n % 8)
        bits[n / 8] &= (uint8_t)((1 << n % 8) - 1);
    memcpy(q->pass->bits + first / 8, bits, (size_t)((n + 7) / 8));
}

static void add_bias(const sp_pass *p, const sp_kernels *k, ptrdiff_t first, ptrdiff_t n, const char *x, char *sum) {
    const ptrdiff_t size = staged_size(p->dtype);
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        const ptrdiff_t at = (first + i) % p->period;
        m = least(n - i, p->period - at);
        k->arrays.add(m, x + i * size, (const char *)p->bias + at * size, sum + i * size);
    }
}

/* Elements first .. first + n; sums: of the numbers from first modulo period on. */
static int run_tile(const plan *q, ptrdiff_t first, ptrdiff_t n, double *sums, buffers *b) {
    const sp_pass *p = q->pass;
    const sp_kernels *k = sp_kernels_for(p->dtype);
    const char *x = p->x ? padded_view(&q->x, first, n, b->x) : 0;
    const char *g = p->g ? padded_view(&q->g, first, n, b->g) : 0;
    if (p->bias) {
        add_bias(p, k, first, n, x, (char *)b->x);
        x = (char *)b->x;
    }
    char *const in_place = n % SP_STEP ? 0 : direct(&q->out, first, n), *const out = in_place ? in_place : (char *)b->out;
    void *sides = 0;
    if (p->operation == SP_VALUE && p->bits)
        keep_sides(q, k, first, n, x, b->sides);
    else if (p->operation == SP_BACKWARD_FROM_SIDE)
        sides = sides_of(k, p, first, n, b->sides);
    const int invalid = sp_run_tile(&q->task, padded(n), x, g, q->parameters, out, sides);
    for (ptrdiff_t i = 0; sums && i < n; i += p->period)
        k->arrays.add_to(least(n - i, p->period), out + i * staged_size(p->dtype), sums);
    if (!in_place)
        write_back(&q->out, first, n, out);
    return invalid;
}

static int plain_share(const void *context, ptrdiff_t share, void *scratch) {
    const plan *q = context;
    const ptrdiff_t end = least((share + 1) * GRAIN, q->total);
    int invalid = 0;
    for (ptrdiff_t i = share * GRAIN; i < end; i += q->limit)
        invalid |= run_tile(q, i, least(end - i, q->limit), 0, scratch);
    return invalid;
}

/* Tiles of whole periods: every block of them sums up on its own. */
static int short_period_share(const void *context, ptrdiff_t block, void *scratch) {
    const plan *q = context;
    double *sums = q->partial + block * q->pass->period;
    int invalid = 0;
    for (ptrdiff_t t = block * q->tiles / q->blocks; t < (block + 1) * q->tiles / q->blocks; t++)
        invalid |= run_tile(q, t * q->tile, least(q->total - t * q->tile, q->tile), sums, scratch);
    return invalid;
}

/* Tiles of one segment of each period, in blocks of periods. */
static int long_period_share(const void *context, ptrdiff_t share, void *scratch) {
    const plan *q = context;
    const ptrdiff_t period = q->pass->period, rows = q->total / period, block = share / q->segments;
    const ptrdiff_t start = share % q->segments * q->limit, n = least(period - start, q->limit);
    int invalid = 0;
    for (ptrdiff_t row = block * rows / q->blocks; row < (block + 1) * rows / q->blocks; row++)
        invalid |= run_tile(q, row * period + start, n, q->partial + block * period + start, scratch);
    return invalid;
}

static int add_up(const void *context, ptrdiff_t share, void *unused) {
    const plan *q = context;
    const ptrdiff_t period = q->pass->period;
    (void)share, (void)unused;
    for (ptrdiff_t block = 0; block < q->blocks; block++)
        for (ptrdiff_t i = 0; i < period; i++)
            q->pass->sums[i] += q->partial[block * period + i];
    return 0;
}

static int run_with_sums(plan *q) {
    const sp_pass *pass = q->pass;
    const ptrdiff_t grains = shares_of(q->total, GRAIN);
    sp_share_in_scratch *work;
    memset(pass->sums, 0, (size_t)pass->period * sizeof *pass->sums);
    if (q->total == 0)
        return 0;
    if (pass->period <= TILE) {
        q->tile = q->limit / pass->period * pass->period;
        q->tiles = shares_of(q->total, q->tile);
        q->blocks = least(least(MAX_BLOCKS, grains), q->tiles);
        q->segments = 1;
        work = short_period_share;
    } else {
        q->segments = shares_of(pass->period, q->limit);
        q->blocks = least(MAX_PARTIAL / pass->period, least(q->total / pass->period, grains));
        q->blocks = q->blocks > 0 ? q->blocks : 1;
        work = long_period_share;
    }
    q->partial = calloc((size_t)(q->blocks * pass->period), sizeof *q->partial);
    if (!q->partial)
        return -1;
    int failed = sp_run_shares(q->blocks * q->segments, q->total, work, q, sizeof(buffers));
    failed |= sp_run_shares(1, 0, add_up, q, 0);
    free(q->partial);
    return failed;
}

int sp_pass_over(const sp_pass *pass) {
    plan q = {.pass = pass, .task = {.code = pass->code, .operation = pass->operation, .dtype = pass->dtype}};
    for (int i = 0; i < SP_MAX_PARAMETERS; i++)
        q.parameters[i] = i < sp_records[pass->code].parameters ? pass->parameters + i : 0;
    if (pass->x)
        array_over(&q.x, pass->x, pass->dtype, pass->dimensions, pass->shape, pass->x_strides);
    if (pass->g)
        array_over(&q.g, pass->g, pass->dtype, pass->dimensions, pass->shape, pass->g_strides);
    array_over(&q.out, pass->out, pass->dtype, pass->dimensions, pass->shape, pass->out_strides);
    q.total = elements_of(pass->dimensions, pass->shape);
    q.limit = sp_records[pass->code].flags & SP_LARGE_ARGUMENT ? TILE : LONG_TILE;
    if (pass->sums)
        return run_with_sums(&q);
    return sp_run_shares(shares_of(q.total, GRAIN), q.total, plain_share, &q, sizeof(buffers));
}
