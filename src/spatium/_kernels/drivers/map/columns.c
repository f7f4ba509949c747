/* A grid for each neuron, any hashes: a few columns of many rows, so that their grids and counters stay in a cache, as one
   tile, which is sorted by entry, or for which one of a few entries is chosen. */
#include "drivers/map/plan.h"

enum { MANY_ROWS = 256 /* in a share: the counters have 16 bits */ };

typedef struct {
    union {
        sort_buffers sort;
        choice_buffers choice;
    };
    run_list runs;
    uint16_t hits[COLUMNS_BLOCK * SP_CELLS];
    uint8_t cells[COLUMNS_BLOCK], keys[CHOSEN_TILE];
} buffers;
_Static_assert(sizeof(buffers) <= SP_SCRATCH_BYTES / 2, "a share's scratch");

static int fits(const batch *b) { return b->grids->neurons > 1; }

static ptrdiff_t prepare(const batch *b, plan *p) {
    const ptrdiff_t neurons = b->grids->neurons, rows = b->total / neurons;
    column_plan *q = &p->columns;
    *q = (column_plan){.b = b, .blocks = shares_of(neurons, COLUMNS_BLOCK), .chosen = sp_choice_pays(b)};
    q->rows_of_share = neurons < COLUMNS_BLOCK ? least(MANY_ROWS * COLUMNS_BLOCK / neurons, UINT16_MAX) : MANY_ROWS;
    return shares_of(rows, q->rows_of_share) * q->blocks;
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
static void prefetch_columns(const batch *b, ptrdiff_t first, ptrdiff_t n) {
    if (first + n > b->total)
        return;
    prefetch_elements(&b->hashes, first, n);
    prefetch_elements(&b->x, first, n);
}

static int share_of_columns(const void *context, ptrdiff_t share, void *scratch) {
    const column_plan *q = &((const plan *)context)->columns;
    const batch *b = q->b;
    buffers *const s = scratch;
    const ptrdiff_t neurons = b->grids->neurons, rows = b->total / neurons, column = share % q->blocks * COLUMNS_BLOCK;
    const ptrdiff_t n = least(neurons - column, COLUMNS_BLOCK), several = CHOSEN_TILE / n;
    const ptrdiff_t begin = share / q->blocks * q->rows_of_share, end = least(begin + q->rows_of_share, rows);
    int invalid = 0;
    if (b->counting)
        memset(s->hits, 0, sizeof s->hits);
    for (ptrdiff_t i = begin, m; i < end; i += m) {
        m = least(end - i, several);
        const tile t = {i * neurons + column, m, n, neurons};
        for (int k = 0; k < 4; k++)
            memset(s->runs.next[k], 0, (size_t)b->grids->entries * sizeof **s->runs.next);
        for (ptrdiff_t k = 0; k < m; k++) {
            prefetch_columns(b, t.first + (k + 1) * neurons, n);
            cells_from(b->moves, &b->hashes, t.first + k * neurons, n, s->cells);
            look_up(n, k * n, b->grids->cells + SP_CELLS * column, s->cells, s->keys + k * n, s->runs.next,
                    b->counting ? s->hits : 0);
        }
        if (q->chosen) {
            invalid |= sp_run_chosen(b, &t, s->keys, &s->choice);
            continue;
        }
        sp_find_runs(b->grids->entries, 0, 0, &s->runs, 0);
        invalid |= sp_run_sorted(b, &t, s->keys, &s->runs, &s->sort);
    }
    if (b->counting)
        sp_add_hits_of_columns(b, column, n, s->hits);
    return invalid;
}

const strategy sp_strategy_columns = {"columns", fits, prepare, share_of_columns, sizeof(buffers), SP_HITS_EACH};
