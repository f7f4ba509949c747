/* One entry in all cells: the batch is evaluated where it is, and no hash is read. */
#include "drivers/map/plan.h"

static int fits(const batch *b) { return b->grids->used == 1; }

static ptrdiff_t prepare(const batch *b, plan *p) {
    p->uniform = b;
    return shares_of(b->total, GRAIN);
}

static int share_of_batch(const void *context, ptrdiff_t share, void *scratch) {
    const batch *b = ((const plan *)context)->uniform;
    const ptrdiff_t end = least((share + 1) * GRAIN, b->total);
    int invalid = 0;
    for (ptrdiff_t i = share * GRAIN; i < end; i += SORTED_TILE)
        invalid |= sp_run_in_place(b, b->grids->entries_used[0], i, least(end - i, SORTED_TILE), scratch);
    return invalid;
}

const strategy sp_strategy_uniform = {"uniform", fits, prepare, share_of_batch, sizeof(run_buffers), SP_HITS_LATER};
