/* Activation maps: hash -> cell -> palette entry -> the loops of kernels.c, for whole batches.

   Elements are numbered in C order.  Those of a tile that share an entry are brought together, evaluated as one run by
   the loops that evaluate the activation alone, and taken back, so a map has no arithmetic of its own.  What a batch is
   evaluated to stands in _map.pyx, element by element; here is how that is done fast. */
#include "drivers/map/hits.h"

/* The first that fits serves the batch. */
static const strategy *const strategies[] = {
    &sp_strategy_uniform, &sp_strategy_rows, &sp_strategy_lines, &sp_strategy_columns, &sp_strategy_tiles,
};

static void look_up_palette(batch *b) {
    const sp_grids *grids = b->grids;
    for (int i = 0; i < grids->entries; i++) {
        palette_entry *e = &b->palette[i];
        *e = (palette_entry){.code = grids->codes[i]};
        if (e->code < 0)
            continue;
        for (int k = 0; k < sp_records[e->code].parameters; k++)
            e->parameters[k] = grids->parameters + SP_MAX_PARAMETERS * i + k;
        e->near = sp_near(e->code, e->parameters);
        if (!is_16_bit(b->task.dtype) && e->near > 0.0)
            e->loop = b->kernels->find_loop(e->code, b->task.operation, 0);
    }
}

/* Rows have one hash where the last dimensions of the hashes have no stride; with a grid for each neuron, where these are
   whole rows of neurons. */
static void find_rows(batch *b) {
    const int d = b->hashes.dimensions - 1;
    const ptrdiff_t each = b->hashes.strides[d] == 0 ? b->hashes.shape[d] : 1, neurons = b->grids->neurons;
    b->by_row = neurons > 1 && each % neurons == 0;
    b->row = neurons == 1 ? each : b->by_row ? neurons : 1;
    if (b->row == 1)
        return;
    array *const a = &b->row_hashes;
    *a = b->hashes;
    a->shape[d] /= b->row;
    if (a->shape[d] == 1 && d > 0)
        a->dimensions--;
}

static void describe(batch *b, const sp_routing *r) {
    b->r = r;
    b->grids = r->grids;
    b->kernels = sp_kernels_for(r->dtype);
    b->moves = &b->kernels->moves;
    b->task = (sp_task){.operation = r->operation, .dtype = r->dtype};
    b->has_g = r->operation == SP_BACKWARD;
    b->outputs = r->operation == SP_VALUE_AND_DERIVATIVE ? 2 : 1;
    b->size = staged_size(r->dtype);
    b->total = elements_of(r->dimensions, r->shape);
    array_over(&b->hashes, r->hashes, SP_FLOAT64, r->dimensions, r->shape, r->hash_strides); /* as large as a double */
    array_over(&b->x, r->x, r->dtype, r->dimensions, r->shape, r->x_strides);
    if (b->has_g)
        array_over(&b->g, r->g, r->dtype, r->dimensions, r->shape, r->g_strides);
    for (int k = 0; k < b->outputs; k++)
        array_over(&b->out[k], r->out[k], r->dtype, r->dimensions, r->shape, r->out_strides[k]);
    find_rows(b);
    look_up_palette(b);
}

typedef struct {
    batch b;
    plan p;
    hit_sums sums;
} route_memory;
_Static_assert(sizeof(route_memory) <= SP_SCRATCH_BYTES / 2, "beside that of a share");

static int route(const sp_routing *r, route_memory *m) {
    describe(&m->b, r);
    const strategy *const *s = strategies;
    while (!(*s)->fits(&m->b))
        s++;
    if (r->chosen)
        *r->chosen = (*s)->name;
    const ptrdiff_t shares = (*s)->prepare(&m->b, &m->p);
    sp_begin_hits(&m->b, *s, shares, &m->sums);
    if (sp_run_shares(shares, m->b.total, (*s)->share, &m->p, (*s)->scratch))
        return -1;
    sp_end_hits(&m->b);
    return 0;
}

int sp_route(const sp_routing *r) {
    if (elements_of(r->dimensions, r->shape) == 0)
        return 0;
    route_memory *m = sp_take_scratch(sizeof *m);
    if (!m)
        return -1;
    const int failed = route(r, m);
    sp_give_scratch_back(sizeof *m);
    return failed;
}
