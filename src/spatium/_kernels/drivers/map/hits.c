/* The hits of a batch.

   Where all neurons get the same ones, or there is one grid, 64 counters are enough (SP_HITS_ALIKE).  Where neurons have a
   hash each there are 64 per neuron: shares of many rows count them on the way (SP_HITS_EACH), but for few rows, clearing
   and adding such a table costs more than to read the hashes a second time when the hits are added to the map's
   (SP_HITS_LATER). */
#include "drivers/map/hits.h"

#include <stdlib.h>

enum { MANY_ROWS = 128 };

static void lock(uint8_t *flag) {
    while (__atomic_test_and_set(flag, __ATOMIC_ACQUIRE))
        ;
}
static void unlock(uint8_t *flag) { __atomic_clear(flag, __ATOMIC_RELEASE); }

/* ---- what shares add ---- */

static void begin_sums(hit_sums *sums, ptrdiff_t shares) {
    sums->count = (int)least(shares, SUMS);
    memset(sums->sums, 0, (size_t)sums->count * sizeof *sums->sums);
}

static void add_to_sums(hit_sums *sums, const uint64_t *hits) {
    int k = 0;
    while (__atomic_test_and_set(&sums->sums[k].taken, __ATOMIC_ACQUIRE))
        k = (k + 1) % sums->count;
    for (int c = 0; c < SP_CELLS; c++)
        sums->sums[k].hits[c] += hits[c];
    unlock(&sums->sums[k].taken);
}

static void end_sums(const hit_sums *sums, uint64_t *total) {
    for (int k = 0; k < sums->count; k++)
        for (int c = 0; c < SP_CELLS; c++)
            total[c] += sums->sums[k].hits[c];
}

void sp_add_hits_of_share(const batch *b, const uint64_t *hits) { add_to_sums(b->sums, hits); }

void sp_add_hits_of_columns(const batch *b, ptrdiff_t column, ptrdiff_t n, const uint16_t *hits) {
    uint8_t *const flag = &b->sums->locks[column / COLUMNS_BLOCK % LOCKS];
    uint32_t *total = b->r->hits->each + SP_CELLS * column;
    lock(flag); /* shares of other rows add to these columns too */
    for (ptrdiff_t k = 0; k < n * SP_CELLS; k++)
        total[k] += hits[k];
    unlock(flag);
}

/* ---- passes over the hashes alone ---- */

typedef struct {
    const sp_moves *moves;
    const array *hashes;
    ptrdiff_t total; /* of these hashes */
    uint64_t weight; /* hits of one of them */
    ptrdiff_t neurons;
    hit_sums *sums;
    uint64_t *each;
} count_plan;

static int count_hashes(const void *context, ptrdiff_t share, void *unused) {
    const count_plan *q = context;
    const ptrdiff_t end = least((share + 1) * GRAIN, q->total);
    uint8_t cells[SORTED_TILE];
    uint32_t counts[SP_CELLS];
    uint64_t hits[SP_CELLS] = {0};
    (void)unused;
    for (ptrdiff_t i = share * GRAIN, n; i < end; i += n) {
        n = least(end - i, SORTED_TILE);
        cells_from(q->moves, q->hashes, i, n, cells);
        count_cells(q->moves, n, cells, counts);
        for (int c = 0; c < SP_CELLS; c++)
            hits[c] += counts[c] * q->weight;
    }
    add_to_sums(q->sums, hits);
    return 0;
}

/* Adds the hits of one grid, or of all alike. */
static void count_alike(count_plan *q, uint64_t *total) {
    const ptrdiff_t shares = shares_of(q->total, GRAIN);
    begin_sums(q->sums, shares);
    sp_run_shares(shares, q->total, count_hashes, q, 0);
    end_sums(q->sums, total);
}

static int count_columns(const void *context, ptrdiff_t share, void *unused) {
    const count_plan *q = context;
    const ptrdiff_t neurons = q->neurons, column = share * COLUMNS_BLOCK, n = least(neurons - column, COLUMNS_BLOCK);
    uint64_t *hits = q->each + column * SP_CELLS;
    uint8_t cells[COLUMNS_BLOCK];
    (void)unused;
    for (ptrdiff_t i = column; i < q->total; i += neurons) {
        cells_from(q->moves, q->hashes, i, n, cells);
        for (ptrdiff_t j = 0; j < n; j++)
            hits[SP_CELLS * j + cells[j]]++;
    }
    return 0;
}

/* ---- a batch ---- */

static sp_hits_kind kind_of(const batch *b, const strategy *s) {
    const ptrdiff_t rows = b->total / b->grids->neurons;
    if (b->grids->neurons == 1 || b->by_row)
        return SP_HITS_ALIKE;
    return s->counts == SP_HITS_EACH && rows >= MANY_ROWS && rows <= UINT32_MAX ? SP_HITS_EACH : SP_HITS_LATER;
}

void sp_begin_hits(batch *b, const strategy *s, ptrdiff_t shares, hit_sums *sums) {
    sp_hits *const hits = b->r->hits;
    b->sums = sums;
    b->counting = SP_HITS_LATER;
    if (!hits)
        return;
    hits->kind = kind_of(b, s);
    if (hits->kind == SP_HITS_EACH) {
        hits->each = calloc((size_t)b->grids->neurons * SP_CELLS, sizeof *hits->each);
        memset(sums->locks, 0, sizeof sums->locks);
        if (!hits->each)
            hits->kind = SP_HITS_LATER;
    }
    if (hits->kind == s->counts)
        b->counting = s->counts;
    if (b->counting == SP_HITS_ALIKE)
        begin_sums(sums, shares);
}

void sp_end_hits(batch *b) {
    sp_hits *const hits = b->r->hits;
    if (!hits || hits->kind != SP_HITS_ALIKE)
        return;
    if (b->counting) {
        end_sums(b->sums, hits->alike);
        return;
    }
    count_plan q = {.moves = b->moves, .hashes = b->row > 1 ? &b->row_hashes : &b->hashes, .sums = b->sums};
    q.total = b->total / b->row;
    q.weight = b->by_row ? 1 : (uint64_t)b->row;
    count_alike(&q, hits->alike);
}

/* ---- a map's totals ---- */

void sp_count_hits(const sp_hashes *h, ptrdiff_t neurons, uint64_t *own) {
    array hashes;
    hit_sums sums;
    count_plan q = {.hashes = &hashes, .weight = 1, .neurons = neurons, .sums = &sums, .each = own};
    q.moves = &sp_kernels_for(SP_FLOAT32)->moves;
    q.total = elements_of(h->dimensions, h->shape);
    if (q.total == 0)
        return;
    array_over(&hashes, h->hashes, SP_FLOAT64, h->dimensions, h->shape, h->strides);
    if (neurons == 1)
        count_alike(&q, own);
    else
        sp_run_shares(shares_of(neurons, COLUMNS_BLOCK), q.total, count_columns, &q, 0);
}

void sp_add_hits(const sp_hits *hits, const sp_hashes *h, ptrdiff_t neurons, uint64_t *own, uint64_t *alike) {
    switch (hits->kind) {
    case SP_HITS_LATER: sp_count_hits(h, neurons, own); break;
    case SP_HITS_ALIKE:
        for (int c = 0; c < SP_CELLS; c++)
            alike[c] += hits->alike[c];
        break;
    case SP_HITS_EACH:
        for (ptrdiff_t k = 0; k < neurons * SP_CELLS; k++)
            own[k] += hits->each[k];
        break;
    }
}

void sp_free_hits(sp_hits *hits) { free(hits->each); }
