/* Functions of two arrays of any layout, element by element, and their gradients. */
#include "drivers/arrays.h"

enum { IN = 3, RESULTS = 2 };

typedef struct {
    const sp_gates *r;
    array in[IN], out[RESULTS];
    int inputs, results;
    ptrdiff_t total;
} plan;

typedef struct {
    double in[IN][TILE], out[RESULTS][TILE];
} buffers;

static int run_tile(const plan *q, ptrdiff_t first, ptrdiff_t n, buffers *b) {
    const sp_gates *r = q->r;
    const void *in[IN] = {0};
    char *out[RESULTS] = {0};
    int staged[RESULTS] = {0};
    for (int k = 0; k < q->inputs; k++)
        in[k] = padded_view(&q->in[k], first, n, b->in[k]);
    for (int k = 0; k < q->results; k++) {
        /* gradients are formed beside their inputs: each may be written over any of these */
        out[k] = r->backward || n % SP_STEP ? 0 : direct(&q->out[k], first, n);
        staged[k] = !out[k];
        if (staged[k])
            out[k] = (char *)b->out[k];
    }
    sp_kernels_for(r->dtype)->gate(r->function, r->backward, padded(n), in[0], in[1], in[2], r->parameters, out[0], out[1]);
    for (int k = 0; k < q->results; k++)
        if (staged[k])
            write_back(&q->out[k], first, n, out[k]);
    return 0;
}

/* Elements from `first` on that no array interrupts; not less than a quarter of a tile, because shorter runs share one. */
static ptrdiff_t tile_from(const plan *q, ptrdiff_t first, ptrdiff_t most) {
    ptrdiff_t n = least(TILE, most), run;
    for (int k = 0; k < q->inputs + q->results; k++) {
        const array *a = k < q->inputs ? &q->in[k] : &q->out[k - q->inputs];
        if (a->dimensions > 1 && a->shape[a->dimensions - 1] >= TILE / 4) {
            address(a, first, &run);
            n = least(n, run);
        }
    }
    return n;
}

static int share_of_gates(const void *context, ptrdiff_t share, void *scratch) {
    const plan *q = context;
    const ptrdiff_t end = least((share + 1) * GRAIN, q->total);
    for (ptrdiff_t i = share * GRAIN, n; i < end; i += n) {
        n = tile_from(q, i, end - i);
        run_tile(q, i, n, scratch);
    }
    return 0;
}

int sp_run_gates(const sp_gates *r) {
    plan q = {.r = r, .inputs = IN - !r->backward, .results = r->backward ? 2 : 1};
    for (int k = 0; k < q.inputs; k++)
        array_over(&q.in[k], r->in[k], r->dtype, r->dimensions, r->shape, r->in_strides[k]);
    for (int k = 0; k < q.results; k++)
        array_over(&q.out[k], r->out[k], r->dtype, r->dimensions, r->shape, r->out_strides[k]);
    q.total = elements_of(r->dimensions, r->shape);
    return sp_run_shares(shares_of(q.total, GRAIN), q.total, share_of_gates, &q, sizeof(buffers));
}
