/* One grid, one hash for each row: a row is a run already.  Long rows stay where they are, short ones of an entry are packed
   into one run. */
#include "drivers/map/plan.h"

enum {
    LONG_ROW = 512, /* from here on the end of a row is evaluated apart at little cost */
    SHORT_ROW = 64, /* below, a call costs as much as copying the row to others */
    MOST_ROWS = GRAIN / 2,
};

typedef struct {
    run_buffers run;
    uint8_t cells[MOST_ROWS];
    uint16_t order[MOST_ROWS];
} buffers;

static int fits(const batch *b) { return b->grids->neurons == 1 && b->row > 1; }

static int is_contiguous(const batch *b) {
    int contiguous = direct(&b->x, 0, b->total) && (!b->has_g || direct(&b->g, 0, b->total));
    for (int k = 0; k < b->outputs; k++)
        contiguous &= direct(&b->out[k], 0, b->total) != 0;
    return contiguous;
}

static ptrdiff_t prepare(const batch *b, plan *p) {
    p->rows = (row_plan){.b = b, .rows_of_share = shares_of(GRAIN, b->row)};
    p->rows.contiguous = b->row % SP_STEP == 0 && b->row <= SORTED_TILE && is_contiguous(b);
    sp_order_cells(b->grids, p->rows.key, p->rows.entry);
    return shares_of(b->total / b->row, p->rows.rows_of_share);
}

/* ---- short rows ---- */

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

/* Rows one after another in a buffer, and what comes after them, which the last step of the loops reads. */
static void pack_rows(const batch *b, const array *a, ptrdiff_t first, const uint16_t *rows, ptrdiff_t n, char *to) {
    const ptrdiff_t bytes = b->row * b->size;
    for (ptrdiff_t i = 0; i < n; i++, to += bytes) {
        const char *from = view(a, (first + rows[i]) * b->row, b->row, to);
        if (from != to)
            copy_row(to, from, bytes);
    }
    memset(to, 0, (size_t)(PADDING * b->size));
}

static void unpack_rows(const batch *b, const array *a, ptrdiff_t first, const uint16_t *rows, ptrdiff_t n,
                        const char *from) {
    const ptrdiff_t bytes = b->row * b->size;
    for (ptrdiff_t i = 0; i < n; i++, from += bytes) {
        const ptrdiff_t at = (first + rows[i]) * b->row;
        char *to = direct(a, at, b->row);
        if (to)
            copy_row(to, from, bytes);
        else
            write_back(a, at, b->row, from);
    }
}

/* Rows that share an entry, as one run. */
static int packed_rows(const batch *b, int entry, ptrdiff_t first, const uint16_t *rows, ptrdiff_t n, run_buffers *s) {
    char *const x = (char *)s->x, *const y = (char *)s->y, *const other = (char *)s->other;
    const ptrdiff_t several = SORTED_TILE / b->row;
    int invalid = 0;
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        m = least(n - i, several);
        pack_rows(b, &b->x, first, rows + i, m, x);
        if (b->has_g)
            pack_rows(b, &b->g, first, rows + i, m, other);
        invalid |= run(b, entry, m * b->row, x, b->has_g ? other : 0, y, b->outputs > 1 ? other : 0);
        unpack_rows(b, &b->out[0], first, rows + i, m, y);
        if (b->outputs > 1)
            unpack_rows(b, &b->out[1], first, rows + i, m, other);
    }
    return invalid;
}

static int short_rows(const row_plan *q, ptrdiff_t first, ptrdiff_t n, const uint32_t *counts, buffers *s) {
    uint32_t next[SP_CELLS];
    ptrdiff_t position = 0, start = 0;
    int invalid = 0;
    for (int k = 0; k < SP_CELLS; k++) {
        next[q->key[k]] = (uint32_t)position;
        position += counts[q->key[k]];
    }
    for (ptrdiff_t i = 0; i < n; i++)
        s->order[next[s->cells[i]]++] = (uint16_t)i;
    for (int k = 0; k < SP_CELLS; k++) {
        const ptrdiff_t end = next[q->key[k]];
        if (end > start && (k + 1 == SP_CELLS || q->entry[k + 1] != q->entry[k])) {
            invalid |= packed_rows(q->b, q->entry[k], first, s->order + start, end - start, &s->run);
            start = end;
        }
    }
    return invalid;
}

/* ---- long rows ---- */

/* Long rows are processed in memory order.  Grouping them by entry would let the branch predictor guess the loop, but it
   defeats the prefetcher, which costs more. */
static int long_rows(const row_plan *q, ptrdiff_t first, ptrdiff_t n, buffers *s) {
    const batch *b = q->b;
    const uint8_t *grid = b->grids->cells;
    int invalid = 0;
    if (q->contiguous) {
        const ptrdiff_t bytes = b->row * b->size;
        for (ptrdiff_t i = 0, at = first * bytes; i < n; i++, at += bytes)
            invalid |= run(b, grid[s->cells[i]], b->row, b->x.base + at, b->has_g ? b->g.base + at : 0,
                           b->out[0].base + at, b->outputs > 1 ? b->out[1].base + at : 0);
        return invalid;
    }
    for (ptrdiff_t i = 0; i < n; i++)
        for (ptrdiff_t j = 0; j < b->row; j += SORTED_TILE)
            invalid |= sp_run_in_place(b, grid[s->cells[i]], (first + i) * b->row + j, least(b->row - j, SORTED_TILE),
                                       &s->run);
    return invalid;
}

static int share_of_rows(const void *context, ptrdiff_t share, void *scratch) {
    const row_plan *q = &((const plan *)context)->rows;
    const batch *b = q->b;
    buffers *const s = scratch;
    const ptrdiff_t rows = b->total / b->row, first = share * q->rows_of_share, n = least(rows - first, q->rows_of_share);
    uint32_t counts[SP_CELLS];
    cells_from(b->moves, &b->row_hashes, first, n, s->cells);
    count_cells(b->moves, n, s->cells, counts);
    if (first + n < rows) /* the next share's hashes; otherwise all of its rows stall on these few loads */
        prefetch_elements(&b->row_hashes, first + n, n);
    const int invalid = b->row >= LONG_ROW || (b->row >= SHORT_ROW && b->row % SP_STEP == 0)
                            ? long_rows(q, first, n, s)
                            : short_rows(q, first, n, counts, s);
    if (b->counting) {
        uint64_t hits[SP_CELLS];
        for (int c = 0; c < SP_CELLS; c++)
            hits[c] = (uint64_t)counts[c] * (uint64_t)b->row;
        sp_add_hits_of_share(b, hits);
    }
    return invalid;
}

const strategy sp_strategy_rows = {"rows", fits, prepare, share_of_rows, sizeof(buffers), SP_HITS_ALIKE};
