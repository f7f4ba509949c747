/* One grid, a hash for each element: a counting sort of each tile by cell, in the order of the entries, so that the counts
   of the sort are the hits; or the choice among a few entries. */
#include "drivers/map/plan.h"

typedef struct {
    union {
        sort_buffers sort;
        choice_buffers choice;
    };
    run_list runs;
    uint8_t keys[SORTED_TILE];
} buffers;
_Static_assert(sizeof(buffers) <= SP_SCRATCH_BYTES / 2, "a share's scratch");

static int fits(const batch *b) { return b->grids->neurons == 1; }

static ptrdiff_t prepare(const batch *b, plan *p) {
    p->tiles = (tile_plan){.b = b, .chosen = sp_choice_pays(b)};
    sp_order_cells(b->grids, p->tiles.key, p->tiles.entry);
    return shares_of(b->total, GRAIN);
}

static int chosen_tile(const batch *b, ptrdiff_t first, ptrdiff_t n, uint64_t *hits, buffers *s) {
    cells_from(b->moves, &b->hashes, first, n, s->keys);
    if (b->counting) {
        uint32_t counts[SP_CELLS];
        count_cells(b->moves, n, s->keys, counts);
        for (int c = 0; c < SP_CELLS; c++)
            hits[c] += counts[c];
    }
    b->moves->entries_of(n, b->grids->cells, s->keys);
    return sp_run_chosen(b, &(tile){first, 1, n, 0}, s->keys, &s->choice);
}

static int sorted_tile(const tile_plan *q, ptrdiff_t first, ptrdiff_t n, uint64_t *hits, buffers *s) {
    const batch *b = q->b;
    cells_from(b->moves, &b->hashes, first, n, s->keys);
    b->moves->count_keys(n, s->keys, SP_CELLS, s->runs.next);
    sp_find_runs(SP_CELLS, q->key, q->entry, &s->runs, hits);
    if (s->runs.count == 1)
        return sp_run_in_place(b, s->runs.entry[0], first, n, &s->sort.b);
    return sp_run_sorted(b, &(tile){first, 1, n, 0}, s->keys, &s->runs, &s->sort);
}

static int share_of_tiles(const void *context, ptrdiff_t share, void *scratch) {
    const tile_plan *q = &((const plan *)context)->tiles;
    const ptrdiff_t end = least((share + 1) * GRAIN, q->b->total), most = q->chosen ? CHOSEN_TILE : SORTED_TILE;
    uint64_t hits[SP_CELLS] = {0};
    int invalid = 0;
    for (ptrdiff_t i = share * GRAIN, n; i < end; i += n) {
        n = least(end - i, most);
        invalid |= q->chosen ? chosen_tile(q->b, i, n, hits, scratch) : sorted_tile(q, i, n, hits, scratch);
    }
    if (q->b->counting)
        sp_add_hits_of_share(q->b, hits);
    return invalid;
}

const strategy sp_strategy_tiles = {"tiles", fits, prepare, share_of_tiles, sizeof(buffers), SP_HITS_ALIKE};
