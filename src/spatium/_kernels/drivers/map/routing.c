/* Activation maps: hash -> cell -> palette entry -> the loops of kernels.c, for whole batches.

   Elements are numbered in C order.  Those of a tile that share an entry are brought together, evaluated as one run by
   the loops that evaluate the activation alone, and taken back, so a map has no arithmetic of its own.  Four ways lead
   there:

   rows    one grid, one hash per row: a row is a run already and stays where it is
   chosen  grids of a few piecewise linear entries, a hash per element: all of them everywhere, and one result chosen
   sorted  any hashes: a counting sort of each tile.  With one grid it sorts by cell, in the order of the entries, so that
           the counts of the sort are the hits
   lines   a grid per neuron, one hash per row: the neurons of a block are sorted for each of the 64 cells beforehand,
           sp_order_neurons.  Rows with the same cell go together, as many as fill a cache line with one column of them;
           the remaining rows one by one

   A run is evaluated in whole vectors.  What the last one takes from the next run is overwritten when that is evaluated,
   so runs go upwards, from one buffer to another. */
#include "drivers/dispatch.h"
#include "drivers/staging.h"

#include <math.h>

enum {
    SORTED = 4096,              /* elements of a sorted tile, divides GRAIN */
    LONG_ROW = 512,             /* from here on the end of a row is evaluated apart at little cost */
    SHORT_ROW = 64,             /* below, a call costs as much as copying the row to others */
    CHUNK = 4096,               /* rows that are grouped by cell at a time */
    CHUNK_SHARE = 16 * GRAIN,   /* elements of a chunk that make it worthwhile to group its rows once more */
    ROOM = SP_LANES,            /* of the last vector of a run */
    COLUMNS = 128,              /* neurons whose grids and counters stay near, */
    SORTED_COLUMNS = 2048,      /* and elements of theirs that are sorted together beside them */
    SUMS = 16,                  /* of hits, that shares add to */
    LOCKS = 64,                 /* of columns, for the moment in which a share adds its counters */
    MANY_ROWS = 256,            /* of them in a share: the counters have 16 bits */
};

/* An entry of the palette, looked up once per batch: what a run asks about it is in one place. */
typedef struct {
    int code;
    sp_loop *loop; /* if it takes the numbers as they are ... */
    double near;   /* ... up to this size */
    const double *parameters[SP_MAX_PARAMETERS];
} palette_entry;

/* Hits of some shares: a share adds to the first sum that no other has in hand. */
typedef struct {
    uint8_t taken;
    uint64_t hits[SP_CELLS];
} hit_sum;

/* An array in C order: as few dimensions as its strides allow. */
typedef struct {
    char *base;
    ptrdiff_t item, line; /* bytes of an element, elements of a cache line */
    int dimensions;
    ptrdiff_t shape[SP_MAX_DIMENSIONS], strides[SP_MAX_DIMENSIONS];
} array;

typedef struct {
    const sp_routing *r;
    const sp_kernels *kernels;
    const sp_moves *moves;
    array x, g, hashes, out[2];
    array row_hashes;            /* one per row */
    int has_g, outputs;
    int uniform;    /* one function in all cells */
    int chosen;     /* whether all entries are evaluated everywhere, and one result is chosen */
    int contiguous; /* all arrays but the hashes, and numbers as the loops take them */
    ptrdiff_t size;              /* of a number in the buffers */
    ptrdiff_t total, row;        /* elements; elements of a row, which has one hash or one grid per element */
    ptrdiff_t row_share;         /* rows of a share */
    int limit;                   /* keys of the sort: cells or entries */
    uint8_t key[SP_MAX_ENTRIES], entry[SP_MAX_ENTRIES]; /* in the order of the sort: key, and its entry */
    ptrdiff_t blocks, slices;
    hit_sum *sums;
    int sum_count;
    uint8_t *locks;
    palette_entry palette[SP_MAX_ENTRIES];
} plan;

static void array_over(array *a, const sp_routing *r, const char *base, const ptrdiff_t *strides, ptrdiff_t item) {
    int d = 0;
    a->base = (char *)(uintptr_t)base;
    a->item = item;
    a->line = SP_LINE_BYTES / item;
    for (int i = 0; i < r->dimensions; i++) {
        if (r->shape[i] == 1)
            continue;
        if (d && a->strides[d - 1] == strides[i] * r->shape[i])
            a->shape[d - 1] *= r->shape[i];
        else
            a->shape[d++] = r->shape[i];
        a->strides[d - 1] = strides[i];
    }
    if (d == 0)
        a->shape[0] = 1, a->strides[0] = item, d = 1;
    a->dimensions = d;
}

/* Where an element is, and how many follow at the stride of the last dimension. */
static char *address(const array *a, ptrdiff_t index, ptrdiff_t *run) {
    int d = a->dimensions - 1;
    char *p = a->base;
    *run = PTRDIFF_MAX;
    if (d > 0)
        *run = a->shape[d] - index % a->shape[d];
    for (; d > 0; d--) {
        p += index % a->shape[d] * a->strides[d];
        index /= a->shape[d];
    }
    return p + index * a->strides[0];
}

static ptrdiff_t last_stride(const array *a) { return a->strides[a->dimensions - 1]; }

/* n elements from `first` on if they are contiguous numbers of the loops' type, else null */
static char *direct(const plan *q, const array *a, ptrdiff_t first, ptrdiff_t n) {
    if (a->item != q->size || (last_stride(a) != a->item && n > 1))
        return 0;
    ptrdiff_t run;
    char *p = address(a, first, &run);
    return run >= n ? p : 0;
}

static char *view(const plan *q, const array *a, ptrdiff_t first, ptrdiff_t n, void *staged) {
    char *p = direct(q, a, first, n);
    if (p)
        return p;
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        p = address(a, first + i, &m);
        m = n - i < m ? n - i : m;
        gather((char *)staged + i * q->size, p, last_stride(a), m, q->r->dtype);
    }
    return staged;
}

static void write_back(const plan *q, const array *a, ptrdiff_t first, ptrdiff_t n, const char *staged) {
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        char *p = address(a, first + i, &m);
        m = n - i < m ? n - i : m;
        scatter(p, last_stride(a), staged + i * q->size, m, q->r->dtype);
    }
}

/* n elements that are read soon; those that one stride leads to */
static void prefetch_near(const array *a, ptrdiff_t first, ptrdiff_t n) {
    ptrdiff_t run;
    const char *p = address(a, first, &run);
    for (ptrdiff_t j = 0; j < n; j += a->line)
        __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)(j * last_stride(a))));
}

static void cells_from(const plan *q, const array *a, ptrdiff_t first, ptrdiff_t n, uint8_t *cells) {
    const ptrdiff_t stride = last_stride(a);
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        const char *p = address(a, first + i, &m);
        uint64_t h;
        m = n - i < m ? n - i : m;
        memcpy(&h, p, sizeof h);
        if (stride == 0)
            memset(cells + i, (int)SP_CELL(h), (size_t)m);
        else if (stride == (ptrdiff_t)sizeof h)
            q->moves->cells_of(m, (const uint64_t *)(const void *)p, cells + i);
        else
            for (ptrdiff_t k = 0; k < m; k++) {
                memcpy(&h, p + k * stride, sizeof h);
                cells[i + k] = (uint8_t)SP_CELL(h);
            }
    }
}

static void count_cells(const plan *q, ptrdiff_t n, const uint8_t *cells, uint32_t *counts) {
    uint32_t four[4][SP_MAX_ENTRIES];
    q->moves->count_keys(n, cells, SP_CELLS, four);
    for (int c = 0; c < SP_CELLS; c++)
        counts[c] = four[0][c] + four[1][c] + four[2][c] + four[3][c];
}

static void begin_hits(plan *q, hit_sum *sums, ptrdiff_t shares) {
    q->sums = sums;
    q->sum_count = !q->r->hits ? 0 : shares < SUMS ? (int)shares : SUMS;
    memset(sums, 0, (size_t)q->sum_count * sizeof *sums);
}

static void add_hits(const plan *q, const uint64_t *hits) {
    int k = 0;
    while (__atomic_test_and_set(&q->sums[k].taken, __ATOMIC_ACQUIRE))
        k = (k + 1) % q->sum_count;
    for (int c = 0; c < SP_CELLS; c++)
        q->sums[k].hits[c] += hits[c];
    __atomic_clear(&q->sums[k].taken, __ATOMIC_RELEASE);
}

static void end_hits(const plan *q) {
    for (int k = 0; k < q->sum_count; k++)
        for (int c = 0; c < SP_CELLS; c++)
            q->r->hits[c] += q->sums[k].hits[c];
}

/* ---- runs ---- */

/* What a tile is staged in: numbers; a second input or a second result, no operation has both; results. */
typedef struct {
    double x[SORTED + ROOM], other[SORTED + ROOM], y[SORTED + ROOM];
} tile_buffers;

/* n numbers of one entry; reads and writes up to the next multiple of SP_LANES. */
static int run(const plan *q, int entry, ptrdiff_t n, const char *x, const char *g, char *out0, char *out1) {
    const palette_entry *e = &q->palette[entry];
    const ptrdiff_t padded = (n + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
    if (e->loop && (e->near == (double)INFINITY || !q->kernels->arrays.beyond(n, x, e->near))) {
        e->loop(padded, x, g, e->parameters, out0, out1);
        return 0;
    }
    if (e->code < 0) { /* not ours: the caller writes there what it has computed */
        memmove(out0, x, (size_t)(padded * q->size));
        if (out1)
            memmove(out1, x, (size_t)(padded * q->size));
        return 0;
    }
    int invalid = 0;
    for (ptrdiff_t i = 0; i < n; i += TILE) {
        const ptrdiff_t at = i * q->size;
        const sp_task task = {.code = e->code, .operation = q->r->operation, .dtype = q->r->dtype};
        invalid |= sp_run_tile(&task, least(n - i, TILE), x + at, g ? g + at : 0, e->parameters, out0 + at,
                               out1 ? out1 + at : 0);
    }
    return invalid;
}

/* Elements first .. first + n, at most SORTED, all of one entry. */
static int run_in_place(const plan *q, int entry, ptrdiff_t first, ptrdiff_t n, tile_buffers *b) {
    char *x = view(q, &q->x, first, n, b->x), *g = q->has_g ? view(q, &q->g, first, n, b->other) : 0, *out[2];
    int invalid = 0, staged = 0;
    for (int k = 0; k < 2; k++) {
        out[k] = k < q->outputs ? direct(q, &q->out[k], first, n) : 0;
        staged |= k < q->outputs && !out[k];
    }
    const ptrdiff_t whole = staged ? 0 : n & -(ptrdiff_t)SP_LANES, rest = n - whole, at = whole * q->size;
    if (whole)
        invalid |= run(q, entry, whole, x, g, out[0], out[1]);
    if (rest) {
        const size_t bytes = (size_t)(rest * q->size), room = (size_t)(ROOM * q->size);
        char *result[2] = {(char *)b->y, q->outputs > 1 ? (char *)b->other : 0};
        memmove(b->x, x + at, bytes);
        memset((char *)b->x + bytes, 0, room);
        if (g) {
            memmove(b->other, g + at, bytes);
            memset((char *)b->other + bytes, 0, room);
        }
        invalid |= run(q, entry, rest, (char *)b->x, g ? (char *)b->other : 0, result[0], result[1]);
        for (int k = 0; k < q->outputs; k++)
            if (staged)
                write_back(q, &q->out[k], first, n, result[k]);
            else
                memcpy(out[k] + at, result[k], bytes);
    }
    return invalid;
}

/* ---- rows ---- */

/* A few bytes or many, at least 2: whole blocks, and a last one that may overlap the block before it. */
#define COPY_BLOCKS(to, from, bytes, size)                                                                             \
    do {                                                                                                               \
        for (ptrdiff_t i_ = 0; i_ + (size) < (bytes); i_ += (size))                                                    \
            memcpy((to) + i_, (from) + i_, (size));                                                                    \
        memcpy((to) + (bytes) - (size), (from) + (bytes) - (size), (size));                                            \
    } while (0)

static void copy_row(char *to, const char *from, ptrdiff_t bytes) {
    if (bytes >= 64)
        COPY_BLOCKS(to, from, bytes, 64);
    else if (bytes >= 16)
        COPY_BLOCKS(to, from, bytes, 16);
    else if (bytes >= 8)
        COPY_BLOCKS(to, from, bytes, 8);
    else
        memcpy(to, from, (size_t)bytes);
}

/* Rows one after another in a buffer, and what comes after them, which the last vector reads. */
static void pack_rows(const plan *q, const array *a, ptrdiff_t first, const uint16_t *rows, ptrdiff_t n, char *to) {
    const ptrdiff_t bytes = q->row * q->size;
    for (ptrdiff_t i = 0; i < n; i++, to += bytes) {
        const char *from = view(q, a, (first + rows[i]) * q->row, q->row, to);
        if (from != to)
            copy_row(to, from, bytes);
    }
    memset(to, 0, (size_t)(ROOM * q->size));
}

static void unpack_rows(const plan *q, const array *a, ptrdiff_t first, const uint16_t *rows, ptrdiff_t n,
                        const char *from) {
    const ptrdiff_t bytes = q->row * q->size;
    for (ptrdiff_t i = 0; i < n; i++, from += bytes) {
        const ptrdiff_t at = (first + rows[i]) * q->row;
        char *to = direct(q, a, at, q->row);
        if (to)
            copy_row(to, from, bytes);
        else
            write_back(q, a, at, q->row, from);
    }
}

/* Short rows that share an entry, as one run. */
static int packed_rows(const plan *q, int entry, ptrdiff_t first, const uint16_t *rows, ptrdiff_t n) {
    tile_buffers b;
    char *const x = (char *)b.x, *const y = (char *)b.y, *const other = (char *)b.other;
    const ptrdiff_t several = SORTED / q->row;
    int invalid = 0;
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        m = n - i < several ? n - i : several;
        pack_rows(q, &q->x, first, rows + i, m, x);
        if (q->has_g)
            pack_rows(q, &q->g, first, rows + i, m, other);
        invalid |= run(q, entry, m * q->row, x, q->has_g ? other : 0, y, q->outputs > 1 ? other : 0);
        unpack_rows(q, &q->out[0], first, rows + i, m, y);
        if (q->outputs > 1)
            unpack_rows(q, &q->out[1], first, rows + i, m, other);
    }
    return invalid;
}

static int packed_share(const plan *q, ptrdiff_t first, ptrdiff_t n, const uint8_t *cells, const uint32_t *counts) {
    uint16_t order[GRAIN / 2];
    uint32_t next[SP_CELLS];
    ptrdiff_t position = 0, start = 0;
    int invalid = 0;
    for (int k = 0; k < SP_CELLS; k++) {
        next[q->key[k]] = (uint32_t)position;
        position += counts[q->key[k]];
    }
    for (ptrdiff_t i = 0; i < n; i++)
        order[next[cells[i]]++] = (uint16_t)i;
    for (int k = 0; k < SP_CELLS; k++) {
        const ptrdiff_t end = next[q->key[k]];
        if (end > start && (k + 1 == SP_CELLS || q->entry[k + 1] != q->entry[k])) {
            invalid |= packed_rows(q, q->entry[k], first, order + start, end - start);
            start = end;
        }
    }
    return invalid;
}

/* Long rows one after another: by entry, the next loop could be foreseen but not the next row, which costs more. */
static int long_rows(const plan *q, ptrdiff_t first, ptrdiff_t n, const uint8_t *cells) {
    tile_buffers b;
    int invalid = 0;
    if (q->contiguous && q->row % SP_LANES == 0 && q->row <= SORTED) {
        const ptrdiff_t bytes = q->row * q->size;
        for (ptrdiff_t i = 0, at = first * bytes; i < n; i++, at += bytes)
            invalid |= run(q, q->r->cells[cells[i]], q->row, q->x.base + at, q->has_g ? q->g.base + at : 0,
                           q->out[0].base + at, q->outputs > 1 ? q->out[1].base + at : 0);
        return invalid;
    }
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t j = 0; j < q->row; j += SORTED)
            invalid |= run_in_place(q, q->r->cells[cells[i]], (first + i) * q->row + j,
                                    q->row - j < SORTED ? q->row - j : SORTED, &b);
    return invalid;
}

static int share_of_rows(const void *context, ptrdiff_t share) {
    const plan *q = context;
    const ptrdiff_t rows = q->total / q->row, first = share * q->row_share;
    const ptrdiff_t n = rows - first < q->row_share ? rows - first : q->row_share;
    uint8_t cells[GRAIN / 2];
    uint32_t counts[SP_CELLS];
    cells_from(q, &q->row_hashes, first, n, cells);
    count_cells(q, n, cells, counts);
    if (first + n < rows) /* of the next share: a few, for which every row of it would wait */
        prefetch_near(&q->row_hashes, first + n, n);
    const int invalid = q->row >= LONG_ROW || (q->row >= SHORT_ROW && q->row % SP_LANES == 0)
                            ? long_rows(q, first, n, cells)
                            : packed_share(q, first, n, cells, counts);
    if (q->r->hits) {
        uint64_t hits[SP_CELLS];
        for (int c = 0; c < SP_CELLS; c++)
            hits[c] = (uint64_t)counts[c] * (uint64_t)q->row;
        add_hits(q, hits);
    }
    return invalid;
}

/* ---- sorted tiles ---- */

typedef struct {
    int count;
    uint8_t entry[SP_MAX_ENTRIES];
    ptrdiff_t end[SP_MAX_ENTRIES];
    uint32_t next[4][SP_MAX_ENTRIES]; /* place of the next element of a key, by its number modulo four */
} run_list;

/* The runs of the keys that runs->next has counted; afterwards it holds their first places. */
static void find_runs(const plan *q, run_list *runs, uint64_t *hits) {
    uint32_t position = 0;
    runs->count = 0;
    for (int k = 0; k < q->limit; k++) {
        const int key = q->key[k];
        const uint32_t before = position;
        for (int t = 0; t < 4; t++) {
            const uint32_t count = runs->next[t][key];
            runs->next[t][key] = position;
            position += count;
        }
        if (position == before)
            continue;
        if (hits)
            hits[key] += position - before;
        runs->count += runs->count == 0 || runs->entry[runs->count - 1] != q->entry[k];
        runs->entry[runs->count - 1] = q->entry[k];
        runs->end[runs->count - 1] = position;
    }
}

/* A tile is `pieces` times `length` elements, each piece `pitch` after the one before; keys are those of its elements. */
static int sorted_tile(const plan *q, ptrdiff_t first, ptrdiff_t pieces, ptrdiff_t length, ptrdiff_t pitch,
                       const uint8_t *keys, run_list *runs) {
    uint16_t places[SORTED];
    tile_buffers b;
    char *const x = (char *)b.x, *const y = (char *)b.y, *const other = (char *)b.other;
    const sp_moves *m = q->moves;
    const ptrdiff_t after = pieces * length * q->size;
    const size_t room = (size_t)(ROOM * q->size);
    int invalid = 0;
    for (ptrdiff_t i = 0; i < pieces; i++)
        m->place(length, i * length, keys + i * length, runs->next, view(q, &q->x, first + i * pitch, length, y), x,
                 places + i * length);
    memset(x + after, 0, room);
    if (q->has_g) {
        for (ptrdiff_t i = 0; i < pieces; i++)
            m->put(length, places + i * length, view(q, &q->g, first + i * pitch, length, y), other);
        memset(other + after, 0, room);
    }
    ptrdiff_t start = 0;
    for (int k = 0; k < runs->count; start = runs->end[k++]) {
        const ptrdiff_t at = start * q->size;
        invalid |= run(q, runs->entry[k], runs->end[k] - start, x + at, q->has_g ? other + at : 0, y + at,
                       q->outputs > 1 ? other + at : 0);
    }
    for (int k = 0; k < q->outputs; k++)
        for (ptrdiff_t i = 0; i < pieces; i++) {
            char *out = direct(q, &q->out[k], first + i * pitch, length);
            m->take(length, places + i * length, k ? other : y, out ? out : x);
            if (!out)
                write_back(q, &q->out[k], first + i * pitch, length, x);
        }
    return invalid;
}

/* `pieces` of `length` elements as one contiguous array that may be read in whole vectors. */
static char *joined(const plan *q, const array *a, ptrdiff_t first, ptrdiff_t pieces, ptrdiff_t length, ptrdiff_t pitch,
                    void *staged) {
    const ptrdiff_t n = pieces * length, bytes = length * q->size;
    if (pieces == 1 && n % SP_LANES == 0)
        return view(q, a, first, n, staged);
    for (ptrdiff_t i = 0; i < pieces; i++) {
        char *to = (char *)staged + i * bytes, *from = view(q, a, first + i * pitch, length, to);
        if (from != to)
            memcpy(to, from, (size_t)bytes);
    }
    memset((char *)staged + n * q->size, 0, (size_t)((-n & (SP_LANES - 1)) * q->size));
    return staged;
}

/* The same without sorting; keys are the entries.  At most SORTED_COLUMNS elements. */
static int chosen_tile(const plan *q, ptrdiff_t first, ptrdiff_t pieces, ptrdiff_t length, ptrdiff_t pitch,
                       const uint8_t *keys) {
    double staged[2][SORTED_COLUMNS], result[2][SORTED_COLUMNS], other[2][SORTED_COLUMNS];
    const ptrdiff_t n = pieces * length, bytes = length * q->size;
    const char *x = joined(q, &q->x, first, pieces, length, pitch, staged[0]);
    const char *g = q->has_g ? joined(q, &q->g, first, pieces, length, pitch, staged[1]) : 0;
    int invalid = 0;
    for (int e = 0; e < q->r->used; e++) {
        const int entry = q->r->entries_used[e];
        double(*const to)[SORTED_COLUMNS] = e ? other : result;
        invalid |= run(q, entry, n, x, g, (char *)to[0], q->outputs > 1 ? (char *)to[1] : 0);
        for (int k = 0; e && k < q->outputs; k++)
            q->moves->take_chosen(n, keys, entry, other[k], result[k]);
    }
    for (int k = 0; k < q->outputs; k++)
        for (ptrdiff_t i = 0; i < pieces; i++) {
            char *out = direct(q, &q->out[k], first + i * pitch, length), *from = (char *)result[k] + i * bytes;
            if (out)
                memcpy(out, from, (size_t)bytes);
            else
                write_back(q, &q->out[k], first + i * pitch, length, from);
        }
    return invalid;
}

/* One grid: sorted by cell. */
static int tile_of_one_grid(const plan *q, ptrdiff_t first, ptrdiff_t n, uint64_t *hits) {
    uint8_t keys[SORTED];
    run_list runs;
    int one = q->uniform;
    if (q->chosen) {
        cells_from(q, &q->hashes, first, n, keys);
        if (q->r->hits) {
            uint32_t counts[SP_CELLS];
            count_cells(q, n, keys, counts);
            for (int c = 0; c < SP_CELLS; c++)
                hits[c] += counts[c];
        }
        q->moves->entries_of(n, q->r->cells, keys);
        return chosen_tile(q, first, 1, n, 0, keys);
    }
    if (!one || q->r->hits) {
        cells_from(q, &q->hashes, first, n, keys);
        q->moves->count_keys(n, keys, q->limit, runs.next);
        find_runs(q, &runs, hits);
        one |= runs.count == 1;
    }
    if (one) {
        tile_buffers b;
        return run_in_place(q, q->uniform ? q->entry[0] : runs.entry[0], first, n, &b);
    }
    return sorted_tile(q, first, 1, n, 0, keys, &runs);
}

static int share_of_tiles(const void *context, ptrdiff_t share) {
    const plan *q = context;
    const ptrdiff_t end = (share + 1) * GRAIN < q->total ? (share + 1) * GRAIN : q->total;
    uint64_t hits[SP_CELLS] = {0};
    const ptrdiff_t most = q->chosen ? SORTED_COLUMNS : SORTED;
    int invalid = 0;
    for (ptrdiff_t i = share * GRAIN; i < end; i += most)
        invalid |= tile_of_one_grid(q, i, end - i < most ? end - i : most, hits);
    if (q->r->hits)
        add_hits(q, hits);
    return invalid;
}

/* The entries of n neurons, their cells given, counted like count_keys does from element `phase` on; each neuron's hit is
   counted too, if `counted`: one loop for both takes 1.1 times as long. */
static inline void look_up_counting(int counted, ptrdiff_t n, ptrdiff_t phase, const uint8_t *restrict grids,
                                    const uint8_t *restrict cells, uint8_t *restrict entries,
                                    uint32_t (*restrict counts)[SP_MAX_ENTRIES], uint16_t *restrict hits) {
    uint32_t *c0 = counts[phase & 3], *c1 = counts[(phase + 1) & 3];
    uint32_t *c2 = counts[(phase + 2) & 3], *c3 = counts[(phase + 3) & 3];
    ptrdiff_t j = 0;
    for (; j + 4 <= n; j += 4, grids += 4 * SP_CELLS) {
        const int a = cells[j], b = cells[j + 1] + SP_CELLS;
        const int c = cells[j + 2] + 2 * SP_CELLS, d = cells[j + 3] + 3 * SP_CELLS;
        const uint8_t e[4] = {grids[a], grids[b], grids[c], grids[d]};
        if (counted) {
            hits[a]++;
            hits[b]++;
            hits[c]++;
            hits[d]++;
            hits += 4 * SP_CELLS;
        }
        c0[e[0]]++;
        c1[e[1]]++;
        c2[e[2]]++;
        c3[e[3]]++;
        memcpy(entries + j, e, sizeof e);
    }
    for (ptrdiff_t k = 0; j < n; j++, k++) {
        const ptrdiff_t at = SP_CELLS * k + cells[j];
        if (counted)
            hits[at]++;
        entries[j] = grids[at];
        counts[(phase + j) & 3][grids[at]]++;
    }
}

static void look_up(ptrdiff_t n, ptrdiff_t phase, const uint8_t *grids, const uint8_t *cells, uint8_t *entries,
                    uint32_t (*counts)[SP_MAX_ENTRIES], uint16_t *hits) {
    if (hits)
        look_up_counting(1, n, phase, grids, cells, entries, counts, hits);
    else
        look_up_counting(0, n, phase, grids, cells, entries, counts, 0);
}

/* The same columns of the next row, which the processor does not foresee */
static void bring_columns_near(const plan *q, ptrdiff_t first, ptrdiff_t n) {
    if (first + n > q->total)
        return;
    prefetch_near(&q->hashes, first, n);
    prefetch_near(&q->x, first, n);
}

/* A grid per neuron: a few columns of many rows, so that their grids and counters stay near; sorted by entry. */
static int share_of_columns(const void *context, ptrdiff_t share) {
    const plan *q = context;
    const sp_routing *r = q->r;
    const ptrdiff_t rows = q->total / r->neurons, column = share % q->blocks * COLUMNS;
    const ptrdiff_t n = r->neurons - column < COLUMNS ? r->neurons - column : COLUMNS, several = SORTED_COLUMNS / n;
    const ptrdiff_t begin = share / q->blocks * q->row_share;
    const ptrdiff_t end = begin + q->row_share < rows ? begin + q->row_share : rows;
    uint16_t hits[COLUMNS * SP_CELLS];
    int invalid = 0;
    if (r->each_hits)
        memset(hits, 0, sizeof hits);
    for (ptrdiff_t i = begin, m; i < end; i += m) {
        uint8_t cells[COLUMNS], keys[SORTED_COLUMNS];
        run_list runs;
        m = end - i < several ? end - i : several;
        for (int t = 0; t < 4; t++)
            memset(runs.next[t], 0, (size_t)q->limit * sizeof **runs.next);
        for (ptrdiff_t k = 0; k < m; k++) {
            bring_columns_near(q, (i + k + 1) * r->neurons + column, n);
            cells_from(q, &q->hashes, (i + k) * r->neurons + column, n, cells);
            look_up(n, k * n, r->cells + SP_CELLS * column, cells, keys + k * n, runs.next, r->each_hits ? hits : 0);
        }
        if (q->chosen) {
            invalid |= chosen_tile(q, i * r->neurons + column, m, n, r->neurons, keys);
            continue;
        }
        find_runs(q, &runs, 0);
        invalid |= sorted_tile(q, i * r->neurons + column, m, n, r->neurons, keys, &runs);
    }
    if (r->each_hits) { /* shares of other rows add to these columns too */
        uint8_t *lock = &q->locks[column / COLUMNS % LOCKS];
        while (__atomic_test_and_set(lock, __ATOMIC_ACQUIRE))
            ;
        uint32_t *total = r->each_hits + SP_CELLS * column;
        for (ptrdiff_t k = 0; k < n * SP_CELLS; k++)
            total[k] += hits[k];
        __atomic_clear(lock, __ATOMIC_RELEASE);
    }
    return invalid;
}

/* ---- lines ---- */

/* Runs of one cell in one block of neurons: ends[e] is where the neurons of entry e end. */
typedef struct {
    ptrdiff_t neurons; /* of the block */
    const uint16_t *places, *ends;
    double *x, *g, *y, *d;
    void *const *soon[2]; /* rows that are written next: brought near while the runs are evaluated */
} block_buffers;

static void prefetch_rows(const plan *q, const block_buffers *b, ptrdiff_t from, ptrdiff_t to) {
    for (int k = 0; k < 2; k++)
        if (b->soon[k])
            for (ptrdiff_t j = from * q->size / SP_LINE_BYTES; j < to * q->size / SP_LINE_BYTES; j++)
                for (ptrdiff_t i = 0; i < SP_LINE_BYTES / q->size; i++)
                    __builtin_prefetch((char *)b->soon[k][i] + j * SP_LINE_BYTES);
}

static int runs_of_block(const plan *q, const block_buffers *b, ptrdiff_t each, char *y, char *d) {
    ptrdiff_t start = 0;
    int invalid = 0;
    for (int e = 0; e < q->r->entries; e++) {
        const ptrdiff_t n = b->ends[e] - start, at = start * each * q->size, after = at + n * each * q->size;
        if (n) {
            prefetch_rows(q, b, start, start + n);
            char next[SP_LINE_BYTES]; /* a line of doubles is half a vector: in place, the next run needs its own back */
            memcpy(next, y + after, sizeof next);
            invalid |= run(q, e, n * each, (char *)b->x + at, q->has_g ? (char *)b->g + at : 0, y + at, d ? d + at : 0);
            memcpy(y + after, next, sizeof next);
        }
        start += n;
    }
    return invalid;
}

static int one_row(const plan *q, const block_buffers *b, ptrdiff_t first) {
    double staged[SP_BLOCK];
    const size_t room = (size_t)(ROOM * q->size);
    const ptrdiff_t n = b->neurons;
    q->moves->put(n, b->places, view(q, &q->x, first, n, staged), b->x);
    memset((char *)b->x + n * q->size, 0, room);
    if (q->has_g) {
        q->moves->put(n, b->places, view(q, &q->g, first, n, staged), b->g);
        memset((char *)b->g + n * q->size, 0, room);
    }
    const int invalid = runs_of_block(q, b, 1, (char *)b->y, q->outputs > 1 ? (char *)b->d : 0);
    for (int k = 0; k < q->outputs; k++) {
        char *out = direct(q, &q->out[k], first, n);
        q->moves->take(n, b->places, k ? b->d : b->y, out ? (void *)out : staged);
        if (!out)
            write_back(q, &q->out[k], first, n, (char *)staged);
    }
    return invalid;
}

/* `count` rows at most as many as a line has numbers: the last one is repeated, and written as often, with the same bits */
static int several_rows(const plan *q, block_buffers *b, const ptrdiff_t *firsts, ptrdiff_t count) {
    const ptrdiff_t line = SP_LINE_BYTES / q->size, n = b->neurons;
    const void *x[SP_LINE_BYTES / 4], *g[SP_LINE_BYTES / 4];
    void *out[2][SP_LINE_BYTES / 4];
    int all = 1;
    for (ptrdiff_t i = 0; i < line; i++) {
        const ptrdiff_t first = firsts[i < count ? i : count - 1];
        all &= (x[i] = direct(q, &q->x, first, n)) != 0;
        all &= !q->has_g || (g[i] = direct(q, &q->g, first, n)) != 0;
        for (int k = 0; k < q->outputs; k++)
            all &= (out[k][i] = direct(q, &q->out[k], first, n)) != 0;
    }
    int invalid = 0;
    if (!all) {
        for (ptrdiff_t i = 0; i < count; i++)
            invalid |= one_row(q, b, firsts[i]);
        return invalid;
    }
    q->moves->rows_to_lines(n, b->places, x, b->x);
    if (q->has_g)
        q->moves->rows_to_lines(n, b->places, g, b->g);
    for (int k = 0; k < q->outputs; k++)
        b->soon[k] = out[k];
    invalid = runs_of_block(q, b, line, (char *)b->x, q->outputs > 1 ? (char *)b->d : 0); /* whole lines: in place */
    b->soon[0] = b->soon[1] = 0;
    q->moves->lines_to_rows(n, b->places, b->x, out[0]);
    if (q->outputs > 1)
        q->moves->lines_to_rows(n, b->places, b->d, out[1]);
    return invalid;
}

static int share_of_lines(const void *context, ptrdiff_t share) {
    const plan *q = context;
    const sp_routing *r = q->r;
    const ptrdiff_t rows = q->total / r->neurons, line = SP_LINE_BYTES / q->size;
    const ptrdiff_t block = share % q->blocks, slice = share / q->blocks % q->slices;
    const ptrdiff_t chunk = share / q->blocks / q->slices * CHUNK;
    const ptrdiff_t n = rows - chunk < CHUNK ? rows - chunk : CHUNK;
    double x[SP_BLOCK * SP_LINE_BYTES / 8 + ROOM], g[SP_BLOCK * SP_LINE_BYTES / 8 + ROOM];
    double y[SP_BLOCK + ROOM], d[SP_BLOCK * SP_LINE_BYTES / 8 + ROOM];
    block_buffers b = {.x = x, .g = g, .y = y, .d = d};

    /* rows by cell */
    uint8_t cells[CHUNK];
    uint16_t order[CHUNK];
    uint32_t counts[SP_CELLS], next[SP_CELLS], position = 0;
    cells_from(q, &q->row_hashes, chunk, n, cells);
    count_cells(q, n, cells, counts);
    ptrdiff_t units = 0;
    for (int c = 0; c < SP_CELLS; c++) {
        next[c] = position;
        position += counts[c];
        units += ((ptrdiff_t)counts[c] + line - 1) / line;
    }
    for (ptrdiff_t i = 0; i < n; i++)
        order[next[cells[i]]++] = (uint16_t)i;

    const ptrdiff_t from = units * slice / q->slices, to = units * (slice + 1) / q->slices;
    const ptrdiff_t left = r->neurons - block * SP_BLOCK;
    ptrdiff_t unit = 0;
    uint64_t hits[SP_CELLS];
    int invalid = 0;
    b.neurons = left < SP_BLOCK ? left : SP_BLOCK;
    for (int c = 0; c < SP_CELLS; c++) {
        hits[c] = counts[c];
        b.places = r->places + c * r->neurons + block * SP_BLOCK;
        b.ends = r->ends + (c * q->blocks + block) * r->entries;
        const ptrdiff_t end = next[c];
        for (ptrdiff_t i = end - counts[c]; i < end; i += line, unit++) {
            if (unit < from || unit >= to)
                continue;
            const ptrdiff_t count = end - i < line ? end - i : line;
            ptrdiff_t firsts[SP_LINE_BYTES / 4];
            for (ptrdiff_t k = 0; k < count; k++)
                firsts[k] = (chunk + order[i + k]) * r->neurons + block * SP_BLOCK;
            if (2 * count > line)
                invalid |= several_rows(q, &b, firsts, count);
            else
                for (ptrdiff_t k = 0; k < count; k++)
                    invalid |= one_row(q, &b, firsts[k]);
        }
    }
    if (r->hits && block == 0 && slice == 0)
        add_hits(q, hits);
    return invalid;
}

void sp_order_neurons(ptrdiff_t neurons, int entries, const uint8_t *cells, uint16_t *places, uint16_t *ends) {
    for (int c = 0; c < SP_CELLS; c++)
        for (ptrdiff_t first = 0; first < neurons; first += SP_BLOCK, ends += entries) {
            const ptrdiff_t n = neurons - first < SP_BLOCK ? neurons - first : SP_BLOCK;
            const uint8_t *cell = cells + first * SP_CELLS + c;
            uint16_t next[SP_MAX_ENTRIES] = {0}, position = 0;
            for (ptrdiff_t j = 0; j < n; j++)
                next[cell[j * SP_CELLS]]++;
            for (int e = 0; e < entries; e++) {
                const uint16_t count = next[e];
                next[e] = position;
                position = (uint16_t)(position + count);
                ends[e] = position;
            }
            for (ptrdiff_t j = 0; j < n; j++)
                places[c * neurons + first + j] = next[cell[j * SP_CELLS]]++;
        }
}

/* ---- a whole batch ---- */

/* Length of the rows that have one hash: what the last dimensions without a stride make up. */
static ptrdiff_t elements_per_hash(const array *hashes) {
    const int d = hashes->dimensions - 1;
    return hashes->strides[d] == 0 ? hashes->shape[d] : 1;
}

/* The hashes of rows of q->row elements, of which each hash serves one or more. */
static void find_row_hashes(plan *q) {
    array *a = &q->row_hashes;
    *a = q->hashes;
    a->shape[a->dimensions - 1] /= q->row;
    if (a->shape[a->dimensions - 1] == 1 && a->dimensions > 1)
        a->dimensions--;
}

static void look_up_palette(plan *q) {
    const sp_routing *r = q->r;
    for (int i = 0; i < r->entries; i++) {
        palette_entry *e = &q->palette[i];
        e->code = r->codes[i];
        e->loop = e->code < 0 || is_16_bit(r->dtype) ? 0 : q->kernels->find_loop(e->code, r->operation, 0);
        for (int k = 0; k < SP_MAX_PARAMETERS; k++)
            e->parameters[k] =
                e->code >= 0 && k < sp_records[e->code].parameters ? r->parameters + SP_MAX_PARAMETERS * i + k : 0;
        e->near = e->code >= 0 ? sp_near(e->code, e->parameters) : 0.0;
    }
}

/* Where three (float64: two) piecewise linear entries are evaluated everywhere, an element takes 0.5 to 0.75 of the time that
   sorting takes; a fourth (a third) makes it longer. */
static int few_and_piecewise_linear(const sp_routing *r) {
    int cheap = !is_16_bit(r->dtype) && r->used <= (r->dtype == SP_FLOAT32 ? 3 : 2);
    for (int e = 0; cheap && e < r->used; e++) {
        const int code = r->codes[r->entries_used[e]];
        cheap = code == SP_CODE_identity || (code >= 0 && sp_records[code].flags & SP_TWO_VALUED_SLOPE);
    }
    return cheap;
}

static void order_keys(plan *q) {
    const sp_routing *r = q->r;
    if (r->neurons > 1) {
        q->limit = r->entries;
        for (int k = 0; k < r->entries; k++)
            q->key[k] = q->entry[k] = (uint8_t)k;
        return;
    }
    uint8_t next[SP_MAX_ENTRIES + 1] = {0}; /* place of the next cell of each entry */
    for (int c = 0; c < SP_CELLS; c++)
        next[r->cells[c] + 1]++;
    for (int e = 1; e < r->entries; e++)
        next[e] = (uint8_t)(next[e] + next[e - 1]);
    for (int c = 0; c < SP_CELLS; c++) {
        const int n = next[r->cells[c]]++;
        q->key[n] = (uint8_t)c;
        q->entry[n] = r->cells[c];
    }
    q->limit = SP_CELLS;
    q->uniform = q->entry[0] == q->entry[SP_CELLS - 1];
}

void sp_route(const sp_routing *r) {
    plan q;
    hit_sum sums[SUMS];
    uint8_t locks[LOCKS] = {0};
    q.locks = locks;
    const ptrdiff_t item = (ptrdiff_t)size_of(r->dtype);
    q.r = r;
    q.kernels = sp_kernels_for(r->dtype);
    q.moves = &q.kernels->moves;
    q.has_g = r->operation == SP_BACKWARD;
    q.outputs = r->operation == SP_VALUE_AND_DERIVATIVE ? 2 : 1;
    q.uniform = 0;
    q.chosen = r->used > 1 && few_and_piecewise_linear(r);
    q.size = is_16_bit(r->dtype) ? 4 : item;
    q.total = 1;
    for (int i = 0; i < r->dimensions; i++)
        q.total *= r->shape[i];
    if (q.total == 0)
        return;
    look_up_palette(&q);
    array_over(&q.x, r, r->x, r->x_strides, item);
    array_over(&q.hashes, r, r->hashes, r->hash_strides, sizeof(uint64_t));
    if (q.has_g)
        array_over(&q.g, r, r->g, r->g_strides, item);
    for (int k = 0; k < q.outputs; k++)
        array_over(&q.out[k], r, r->out[k], r->out_strides[k], item);

    q.contiguous = direct(&q, &q.x, 0, q.total) && (!q.has_g || direct(&q, &q.g, 0, q.total));
    for (int k = 0; k < q.outputs; k++)
        q.contiguous &= direct(&q, &q.out[k], 0, q.total) != 0;

    const ptrdiff_t each = elements_per_hash(&q.hashes);
    const int by_row = r->neurons > 1 && each % r->neurons == 0;
    ptrdiff_t shares = (q.total + GRAIN - 1) / GRAIN;
    sp_share *work = share_of_tiles;
    if (r->neurons == 1)
        order_keys(&q);
    if (r->neurons == 1 && each > 1 && !q.uniform) {
        q.row = each;
        find_row_hashes(&q);
        q.row_share = (GRAIN + each - 1) / each;
        shares = (q.total / each + q.row_share - 1) / q.row_share;
        work = share_of_rows;
    } else if (by_row && r->places) {
        const ptrdiff_t rows = q.total / r->neurons, chunks = (rows + CHUNK - 1) / CHUNK;
        const ptrdiff_t most = (rows < CHUNK ? rows : CHUNK) * (r->neurons < SP_BLOCK ? r->neurons : SP_BLOCK);
        q.row = r->neurons;
        find_row_hashes(&q);
        q.blocks = (r->neurons + SP_BLOCK - 1) / SP_BLOCK;
        q.slices = (most + CHUNK_SHARE - 1) / CHUNK_SHARE;
        shares = chunks * q.slices * q.blocks;
        work = share_of_lines;
    } else if (r->neurons > 1) {
        const ptrdiff_t rows = q.total / r->neurons;
        order_keys(&q);
        q.blocks = (r->neurons + COLUMNS - 1) / COLUMNS;
        q.row_share = r->neurons < COLUMNS ? MANY_ROWS * COLUMNS / r->neurons : MANY_ROWS;
        q.row_share = q.row_share < UINT16_MAX ? q.row_share : UINT16_MAX;
        shares = (rows + q.row_share - 1) / q.row_share * q.blocks;
        work = share_of_columns;
    }
    begin_hits(&q, sums, shares);
    if (sp_parallel_for(shares, q.total, work, &q))
        raise_invalid();
    if (r->hits && by_row && work == share_of_columns) { /* the hits that each neuron got */
        uint64_t hits[SP_CELLS] = {0};
        uint8_t cell;
        q.row = r->neurons;
        find_row_hashes(&q);
        for (ptrdiff_t i = 0; i < q.total / q.row; i++) {
            cells_from(&q, &q.row_hashes, i, 1, &cell);
            hits[cell]++;
        }
        add_hits(&q, hits);
    }
    end_hits(&q);
}

/* ---- hits without evaluation ---- */

static int counted_tiles(const void *context, ptrdiff_t share) {
    const plan *q = context;
    const ptrdiff_t end = (share + 1) * GRAIN < q->total ? (share + 1) * GRAIN : q->total;
    uint8_t cells[SORTED];
    uint32_t counts[SP_CELLS];
    uint64_t hits[SP_CELLS] = {0};
    for (ptrdiff_t i = share * GRAIN, n; i < end; i += n) {
        n = end - i < SORTED ? end - i : SORTED;
        cells_from(q, &q->hashes, i, n, cells);
        count_cells(q, n, cells, counts);
        for (int c = 0; c < SP_CELLS; c++)
            hits[c] += counts[c];
    }
    add_hits(q, hits);
    return 0;
}

static int counted_columns(const void *context, ptrdiff_t share) {
    const plan *q = context;
    const ptrdiff_t neurons = q->r->neurons, column = share * COLUMNS;
    const ptrdiff_t n = neurons - column < COLUMNS ? neurons - column : COLUMNS;
    uint8_t cells[COLUMNS];
    uint64_t *hits = q->r->hits + column * SP_CELLS;
    for (ptrdiff_t i = column; i < q->total; i += neurons) {
        cells_from(q, &q->hashes, i, n, cells);
        for (ptrdiff_t j = 0; j < n; j++)
            hits[SP_CELLS * j + cells[j]]++;
    }
    return 0;
}

void sp_count_hits(const sp_routing *r) {
    plan q = {.r = r, .moves = &sp_kernels_for(SP_FLOAT32)->moves, .total = 1};
    for (int i = 0; i < r->dimensions; i++)
        q.total *= r->shape[i];
    array_over(&q.hashes, r, r->hashes, r->hash_strides, sizeof(uint64_t));
    if (r->neurons == 1) {
        const ptrdiff_t shares = (q.total + GRAIN - 1) / GRAIN;
        hit_sum sums[SUMS];
        begin_hits(&q, sums, shares);
        sp_parallel_for(shares, q.total, counted_tiles, &q);
        end_hits(&q);
    } else
        sp_parallel_for((r->neurons + COLUMNS - 1) / COLUMNS, q.total, counted_columns, &q);
}
