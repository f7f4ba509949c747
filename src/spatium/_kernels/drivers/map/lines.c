/* A grid for each neuron, one hash for each row: the neurons of a block are sorted by entry for each of the 64 cells
   beforehand.  Rows with the same cell go together, as many as fill a cache line with one column of them; the remaining
   rows one by one. */
#include "drivers/map/plan.h"

#include <stdlib.h>

enum {
    ROWS_THAT_PAY = 64,       /* for sorting the neurons for all cells: as many as there are cells */
    CHUNK_ROWS = 4096,        /* that are grouped by cell */
    SLICE_GRAIN = 16 * GRAIN, /* elements of a chunk for which its rows are worth grouping once more, in another share */
};

enum { MOST_OF_LINE = SP_LINE_BYTES / 4, LINES = NEURON_BLOCK * SP_LINE_BYTES / 8 + PADDING /* numbers, in doubles */ };

typedef struct {
    double x[LINES], g[LINES], y[NEURON_BLOCK + PADDING], d[LINES], staged[NEURON_BLOCK];
    uint8_t cells[CHUNK_ROWS];
    uint16_t order[CHUNK_ROWS];
} buffers;
_Static_assert(sizeof(buffers) <= SP_SCRATCH_BYTES / 2, "a share's scratch");

/* ---- the order of the neurons ---- */

/* Places of the neurons of each block when they are sorted by entry, (64, neurons), and where the entries end in a block,
   (64, blocks, entries). */
static void order_neurons(const sp_grids *grids, uint16_t *places, uint16_t *ends) {
    const ptrdiff_t neurons = grids->neurons;
    for (int c = 0; c < SP_CELLS; c++)
        for (ptrdiff_t first = 0; first < neurons; first += NEURON_BLOCK, ends += grids->entries) {
            const ptrdiff_t n = least(neurons - first, NEURON_BLOCK);
            const uint8_t *cell = grids->cells + first * SP_CELLS + c;
            uint16_t next[SP_MAX_ENTRIES] = {0}, position = 0;
            for (ptrdiff_t j = 0; j < n; j++)
                next[cell[j * SP_CELLS]]++;
            for (int e = 0; e < grids->entries; e++) {
                const uint16_t count = next[e];
                next[e] = position;
                position = (uint16_t)(position + count);
                ends[e] = position;
            }
            for (ptrdiff_t j = 0; j < n; j++)
                places[c * neurons + first + j] = next[cell[j * SP_CELLS]]++;
        }
}

/* Made as soon as it pays, and kept.  Of threads that come at once each makes it, and all but one throw theirs away. */
static const uint16_t *order_of(sp_grids *grids, ptrdiff_t rows) {
    uint16_t *order = __atomic_load_n(&grids->order, __ATOMIC_ACQUIRE);
    if (order || __atomic_add_fetch(&grids->rows, rows, __ATOMIC_RELAXED) < ROWS_THAT_PAY)
        return order;
    const size_t blocks = (size_t)shares_of(grids->neurons, NEURON_BLOCK), places = SP_CELLS * (size_t)grids->neurons;
    uint16_t *const made = malloc((places + SP_CELLS * blocks * (size_t)grids->entries) * sizeof *made);
    if (!made)
        return 0;
    order_neurons(grids, made, made + places);
    if (__atomic_compare_exchange_n(&grids->order, &order, made, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        return made;
    free(made);
    return order;
}

void sp_free_grids(sp_grids *grids) { free(grids->order); }

/* ---- the plan ---- */

static int fits(const batch *b) { return b->by_row && order_of(b->grids, b->total / b->grids->neurons); }

static ptrdiff_t prepare(const batch *b, plan *p) {
    const ptrdiff_t neurons = b->grids->neurons, rows = b->total / neurons;
    line_plan *q = &p->lines;
    *q = (line_plan){.b = b, .blocks = shares_of(neurons, NEURON_BLOCK)};
    q->places = __atomic_load_n(&b->grids->order, __ATOMIC_ACQUIRE);
    q->ends = q->places + SP_CELLS * neurons;
    q->slices = shares_of(least(rows, CHUNK_ROWS) * least(neurons, NEURON_BLOCK), SLICE_GRAIN);
    return shares_of(rows, CHUNK_ROWS) * q->slices * q->blocks;
}

/* ---- runs of one cell in one block of neurons ---- */

typedef struct {
    const batch *b;
    buffers *s;
    ptrdiff_t neurons;             /* of the block */
    const uint16_t *places, *ends; /* ends[e]: where the neurons of entry e end */
    void *const *written_next[2];  /* rows: prefetched while the runs are evaluated */
} neuron_block;

static void prefetch_rows(const neuron_block *q, ptrdiff_t from, ptrdiff_t to) {
    const ptrdiff_t size = q->b->size;
    for (int k = 0; k < 2; k++)
        if (q->written_next[k])
            for (ptrdiff_t j = from * size / SP_LINE_BYTES; j < to * size / SP_LINE_BYTES; j++)
                for (ptrdiff_t i = 0; i < SP_LINE_BYTES / size; i++)
                    __builtin_prefetch((char *)q->written_next[k][i] + j * SP_LINE_BYTES);
}

static int runs_of_block(const neuron_block *q, ptrdiff_t each, char *y, char *d) {
    const batch *b = q->b;
    ptrdiff_t start = 0;
    int invalid = 0;
    for (int e = 0; e < b->grids->entries; e++) {
        const ptrdiff_t n = q->ends[e] - start, at = start * each * b->size, after = at + n * each * b->size;
        if (n) {
            prefetch_rows(q, start, start + n);
            /* Eight doubles fill a line but runs are padded to 16, so evaluating in place overwrites the start of the next
               run: save and restore it. */
            char next[SP_LINE_BYTES];
            memcpy(next, y + after, sizeof next);
            invalid |= run(b, e, n * each, (char *)q->s->x + at, b->has_g ? (char *)q->s->g + at : 0, y + at,
                           d ? d + at : 0);
            memcpy(y + after, next, sizeof next);
        }
        start += n;
    }
    return invalid;
}

static int one_row(const neuron_block *q, ptrdiff_t first) {
    const batch *b = q->b;
    buffers *const s = q->s;
    const size_t padding = (size_t)(PADDING * b->size);
    const ptrdiff_t n = q->neurons;
    b->moves->put(n, q->places, view(&b->x, first, n, s->staged), s->x);
    memset((char *)s->x + n * b->size, 0, padding);
    if (b->has_g) {
        b->moves->put(n, q->places, view(&b->g, first, n, s->staged), s->g);
        memset((char *)s->g + n * b->size, 0, padding);
    }
    const int invalid = runs_of_block(q, 1, (char *)s->y, b->outputs > 1 ? (char *)s->d : 0);
    for (int k = 0; k < b->outputs; k++) {
        char *out = direct(&b->out[k], first, n);
        b->moves->take(n, q->places, k ? s->d : s->y, out ? (void *)out : s->staged);
        if (!out)
            write_back(&b->out[k], first, n, s->staged);
    }
    return invalid;
}

/* `count` rows, at most as many as a line has numbers: the last one is repeated, and written as often, with the same bits. */
static int several_rows(neuron_block *q, const ptrdiff_t *firsts, ptrdiff_t count) {
    const batch *b = q->b;
    buffers *const s = q->s;
    const ptrdiff_t line = SP_LINE_BYTES / b->size, n = q->neurons;
    const void *x[MOST_OF_LINE], *g[MOST_OF_LINE];
    void *out[2][MOST_OF_LINE];
    int all = 1, invalid = 0;
    for (ptrdiff_t i = 0; i < line; i++) {
        const ptrdiff_t first = firsts[i < count ? i : count - 1];
        all &= (x[i] = direct(&b->x, first, n)) != 0;
        all &= !b->has_g || (g[i] = direct(&b->g, first, n)) != 0;
        for (int k = 0; k < b->outputs; k++)
            all &= (out[k][i] = direct(&b->out[k], first, n)) != 0;
    }
    if (!all) {
        for (ptrdiff_t i = 0; i < count; i++)
            invalid |= one_row(q, firsts[i]);
        return invalid;
    }
    b->moves->rows_to_lines(n, q->places, x, s->x);
    if (b->has_g)
        b->moves->rows_to_lines(n, q->places, g, s->g);
    for (int k = 0; k < b->outputs; k++)
        q->written_next[k] = out[k];
    invalid = runs_of_block(q, line, (char *)s->x, b->outputs > 1 ? (char *)s->d : 0); /* whole lines: in place */
    q->written_next[0] = q->written_next[1] = 0;
    b->moves->lines_to_rows(n, q->places, s->x, out[0]);
    if (b->outputs > 1)
        b->moves->lines_to_rows(n, q->places, s->d, out[1]);
    return invalid;
}

/* ---- a share: one block of neurons, a slice of the rows of a chunk ---- */

/* Groups the rows of a chunk by cell; ends[c] is where those of cell c end. Returns in how many lines they go. */
static ptrdiff_t group_rows(const batch *b, ptrdiff_t first, ptrdiff_t n, buffers *s, uint32_t *counts, uint32_t *ends) {
    const ptrdiff_t line = SP_LINE_BYTES / b->size;
    uint32_t position = 0;
    ptrdiff_t lines = 0;
    cells_from(b->moves, &b->row_hashes, first, n, s->cells);
    count_cells(b->moves, n, s->cells, counts);
    for (int c = 0; c < SP_CELLS; c++) {
        ends[c] = position;
        position += counts[c];
        lines += shares_of(counts[c], line);
    }
    for (ptrdiff_t i = 0; i < n; i++)
        s->order[ends[s->cells[i]]++] = (uint16_t)i;
    return lines;
}

static int share_of_lines(const void *context, ptrdiff_t share, void *scratch) {
    const line_plan *q = &((const plan *)context)->lines;
    const batch *b = q->b;
    buffers *const s = scratch;
    const ptrdiff_t neurons = b->grids->neurons, rows = b->total / neurons, line = SP_LINE_BYTES / b->size;
    const ptrdiff_t block = share % q->blocks, slice = share / q->blocks % q->slices;
    const ptrdiff_t chunk = share / q->blocks / q->slices * CHUNK_ROWS;
    neuron_block nb = {.b = b, .s = s, .neurons = least(neurons - block * NEURON_BLOCK, NEURON_BLOCK)};
    uint32_t counts[SP_CELLS], ends[SP_CELLS];
    const ptrdiff_t lines = group_rows(b, chunk, least(rows - chunk, CHUNK_ROWS), s, counts, ends);
    const ptrdiff_t from = lines * slice / q->slices, to = lines * (slice + 1) / q->slices;
    ptrdiff_t number = 0;
    int invalid = 0;
    for (int c = 0; c < SP_CELLS; c++) {
        nb.places = q->places + c * neurons + block * NEURON_BLOCK;
        nb.ends = q->ends + (c * q->blocks + block) * b->grids->entries;
        for (ptrdiff_t i = ends[c] - counts[c]; i < ends[c]; i += line, number++) {
            if (number < from || number >= to)
                continue;
            const ptrdiff_t count = least(ends[c] - i, line);
            ptrdiff_t firsts[MOST_OF_LINE];
            for (ptrdiff_t k = 0; k < count; k++)
                firsts[k] = (chunk + s->order[i + k]) * neurons + block * NEURON_BLOCK;
            if (2 * count > line)
                invalid |= several_rows(&nb, firsts, count);
            else
                for (ptrdiff_t k = 0; k < count; k++)
                    invalid |= one_row(&nb, firsts[k]);
        }
    }
    if (b->counting && block == 0 && slice == 0) {
        uint64_t hits[SP_CELLS];
        for (int c = 0; c < SP_CELLS; c++)
            hits[c] = counts[c];
        sp_add_hits_of_share(b, hits);
    }
    return invalid;
}

const strategy sp_strategy_lines = {"lines", fits, prepare, share_of_lines, sizeof(buffers), SP_HITS_ALIKE};
