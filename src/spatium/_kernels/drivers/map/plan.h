/* What the strategies of routing share: a batch as all of them see it, and what they do with pieces of it. */
#ifndef SP_PLAN_H
#define SP_PLAN_H
#include "drivers/arrays.h"

#include <math.h>

enum {
    SORTED_TILE = 4096,  /* elements that are staged or sorted at a time, divides GRAIN */
    CHOSEN_TILE = 2048,  /* elements that several entries are evaluated for */
    COLUMNS_BLOCK = 128, /* neurons whose grids and counters stay in a cache */
    NEURON_BLOCK = 512,  /* neurons that are sorted together */
    PADDING = SP_STEP,  /* after a run, whose last step reads and writes beyond it */
};

/* An entry of the palette, looked up once per batch: what a run asks about it is in one place. */
typedef struct {
    int code;
    sp_loop *loop; /* the loop, if the numbers need no conversion ... */
    double near;   /* ... up to this size */
    const double *parameters[SP_MAX_PARAMETERS];
} palette_entry;

/* How the hits of a batch are counted by its shares, see hits.c. */
typedef struct hit_sums hit_sums;

typedef struct {
    const sp_routing *r;
    sp_grids *grids;
    const sp_kernels *kernels;
    const sp_moves *moves;
    sp_task task; /* without a code: each entry has its own */
    int has_g, outputs;
    ptrdiff_t size;        /* of a number as the loops take it */
    ptrdiff_t total;       /* elements */
    int by_row;            /* all neurons of a row have the same hash */
    ptrdiff_t row;         /* elements of a row that have one hash; 1 where each has its own */
    array row_hashes;      /* one for each of these rows */
    array hashes;          /* one for each element */
    array x, g, out[2];
    sp_hits_kind counting; /* what shares count on the way */
    hit_sums *sums;
    palette_entry palette[SP_MAX_ENTRIES];
} batch;

/* ---- strategies ----

   Each has a file of its own, with its plan: what it finds out about a batch before its shares run. */
typedef struct {
    const batch *b;
    ptrdiff_t rows_of_share;
    int contiguous; /* every array is, and rows end with a step of the loops */
    uint8_t key[SP_CELLS], entry[SP_CELLS]; /* cells in the order of the entries, and theirs */
} row_plan;

typedef struct {
    const batch *b;
    const uint16_t *places, *ends; /* of the order of the neurons */
    ptrdiff_t blocks, slices;      /* of neurons; of the rows of a chunk */
} line_plan;

typedef struct {
    const batch *b;
    ptrdiff_t blocks, rows_of_share;
    int chosen; /* by chosen.c, else sorted */
} column_plan;

typedef struct {
    const batch *b;
    int chosen;
    uint8_t key[SP_CELLS], entry[SP_CELLS];
} tile_plan;

typedef union {
    const batch *uniform;
    row_plan rows;
    line_plan lines;
    column_plan columns;
    tile_plan tiles;
} plan;

typedef struct {
    const char *name;
    int (*fits)(const batch *b);
    ptrdiff_t (*prepare)(const batch *b, plan *p); /* the number of shares */
    sp_share_in_scratch *share;                     /* its context is the plan */
    size_t scratch;
    sp_hits_kind counts; /* on the way */
} strategy;

extern const strategy sp_strategy_uniform, sp_strategy_rows, sp_strategy_lines, sp_strategy_columns, sp_strategy_tiles;

/* ---- cells ---- */

static inline void cells_from(const sp_moves *moves, const array *hashes, ptrdiff_t first, ptrdiff_t n, uint8_t *cells) {
    const ptrdiff_t stride = last_stride(hashes);
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        const char *p = address(hashes, first + i, &m);
        uint64_t h;
        m = least(m, n - i);
        memcpy(&h, p, sizeof h);
        if (stride == 0)
            memset(cells + i, (int)SP_CELL(h), (size_t)m);
        else if (stride == (ptrdiff_t)sizeof h)
            moves->cells_of(m, (const uint64_t *)(const void *)p, cells + i);
        else
            for (ptrdiff_t k = 0; k < m; k++) {
                memcpy(&h, p + k * stride, sizeof h);
                cells[i + k] = (uint8_t)SP_CELL(h);
            }
    }
}

static inline void count_cells(const sp_moves *moves, ptrdiff_t n, const uint8_t *cells, uint32_t *counts) {
    uint32_t four[4][SP_MAX_ENTRIES];
    moves->count_keys(n, cells, SP_CELLS, four);
    for (int c = 0; c < SP_CELLS; c++)
        counts[c] = four[0][c] + four[1][c] + four[2][c] + four[3][c];
}

/* The cells of one grid in the order of their entries: a sort by cell is then one by entry, and its counts are the
   hits. */
void sp_order_cells(const sp_grids *grids, uint8_t *key, uint8_t *entry);

/* Prefetch n elements, as far as one stride leads. */
static inline void prefetch_elements(const array *a, ptrdiff_t first, ptrdiff_t n) {
    ptrdiff_t run;
    const char *p = address(a, first, &run);
    for (ptrdiff_t j = 0; j < n; j += SP_LINE_BYTES / a->item)
        __builtin_prefetch((const void *)((uintptr_t)p + (uintptr_t)(j * last_stride(a))));
}

/* ---- runs: elements of one entry ---- */

/* What a tile is staged in: numbers; a second input or a second result, no operation has both; results. */
typedef struct {
    double x[SORTED_TILE + PADDING], other[SORTED_TILE + PADDING], y[SORTED_TILE + PADDING];
} run_buffers;

/* n contiguous numbers of one entry; reads and writes up to the next multiple of SP_STEP. */
static inline int run(const batch *b, int entry, ptrdiff_t n, const char *x, const char *g, char *out0, char *out1) {
    const palette_entry *e = &b->palette[entry];
    if (e->loop && (e->near == (double)INFINITY || !b->kernels->arrays.beyond(n, x, e->near))) {
        e->loop(padded(n), x, g, e->parameters, out0, out1);
        return 0;
    }
    if (e->code < 0) { /* a custom activation: the caller writes these elements */
        memmove(out0, x, (size_t)(padded(n) * b->size));
        if (out1)
            memmove(out1, x, (size_t)(padded(n) * b->size));
        return 0;
    }
    sp_task task = b->task;
    int invalid = 0;
    task.code = e->code;
    for (ptrdiff_t i = 0; i < n; i += TILE) {
        const ptrdiff_t at = i * b->size;
        invalid |= sp_run_tile(&task, least(n - i, TILE), x + at, g ? g + at : 0, e->parameters, out0 + at,
                               out1 ? out1 + at : 0);
    }
    return invalid;
}

/* Elements first .. first + n, at most SORTED_TILE, all of one entry, from where they are to where they belong. */
int sp_run_in_place(const batch *b, int entry, ptrdiff_t first, ptrdiff_t n, run_buffers *buffers);

/* ---- tiles of several entries ----

   A tile is `pieces` times `length` elements, each piece `pitch` elements after the one before. */
typedef struct {
    ptrdiff_t first, pieces, length, pitch;
} tile;

/* Runs of a tile in the order of its keys, which are cells of one grid, or entries. */
typedef struct {
    int count;
    uint8_t entry[SP_MAX_ENTRIES];
    ptrdiff_t end[SP_MAX_ENTRIES];
    uint32_t next[4][SP_MAX_ENTRIES]; /* place of the next element of a key, by its number modulo four */
} run_list;

typedef struct {
    run_buffers b;
    uint16_t places[SORTED_TILE];
} sort_buffers;

/* The runs of the keys that runs->next has counted; afterwards it holds their first places. Key k of `keys` is key[k], of
   entry[k]; null: keys are entries. */
void sp_find_runs(int keys, const uint8_t *key, const uint8_t *entry, run_list *runs, uint64_t *hits);

/* Elements of one entry are brought together, evaluated as one run, and taken back. */
int sp_run_sorted(const batch *b, const tile *t, const uint8_t *keys, run_list *runs, sort_buffers *buffers);

/* Every entry is evaluated everywhere, and one result is chosen; keys are entries. At most CHOSEN_TILE elements. */
typedef struct {
    double in[2][CHOSEN_TILE], result[2][CHOSEN_TILE], other[2][CHOSEN_TILE];
} choice_buffers;
int sp_run_chosen(const batch *b, const tile *t, const uint8_t *keys, choice_buffers *buffers);
int sp_choice_pays(const batch *b);

/* ---- hits, see hits.c ---- */

/* Adds what a share has counted: cells of one grid or of rows; cells of n neurons from `column` on. */
void sp_add_hits_of_share(const batch *b, const uint64_t *hits);
void sp_add_hits_of_columns(const batch *b, ptrdiff_t column, ptrdiff_t n, const uint16_t *hits);

#endif
