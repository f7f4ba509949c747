/* Gradients of parameters: g·df/dp in the loops of kernels.c, tile by tile, summed in float64 in an order that depends on
   the shape alone: sixteen partial sums within a tile, tiles in order, then shares in order. */
#include "drivers/staging.h"

#include <stdlib.h>

enum {
    PANEL_ROWS = 1024, /* rows of a share where the channel is the last axis */
    PARTS = 16,
};

/* How the work is cut: `groups` times `channels` partial sums, group after group. */
typedef struct {
    const sp_reduction *r;
    double *partial[SP_MAX_PARAMETERS];
    ptrdiff_t groups, panels, pieces, outer_per_group;
} plan;

/* For each parameter: the rows of a panel with results, parameters (repeated for each row that is processed
   together), and sums. */
typedef struct {
    double out[SP_MAX_PARAMETERS][TILE], repeated[SP_MAX_PARAMETERS][TILE], total[SP_MAX_PARAMETERS][TILE];
} panel_buffers;

static double sum_of(const double *v, ptrdiff_t n) {
    double parts[PARTS] = {0.0}, total = 0.0;
    ptrdiff_t i = 0;
    for (; i + PARTS <= n; i += PARTS)
        for (int k = 0; k < PARTS; k++)
            parts[k] += v[i + k];
    for (int k = 0; i + k < n; k++)
        parts[k] += v[i + k];
    for (int k = 0; k < PARTS; k++)
        total += parts[k];
    return total;
}

static void request_of(sp_request *q, const sp_reduction *r, double (*out)[TILE], int along) {
    memset(q, 0, sizeof *q);
    q->code = r->code;
    q->operation = SP_PARAMETER_GRADIENTS;
    q->dtype = r->dtype;
    q->x_stride = r->x_stride[along];
    q->g_stride = r->g_stride[along];
    for (int k = 0; k < SP_MAX_PARAMETERS; k++) {
        q->out[k] = (char *)out[k];
        q->out_stride[k] = sizeof(double);
    }
}

/* One channel at a time: a parameter is one value for a whole run along the last axis. */
static int share_of_runs(const void *context, ptrdiff_t share, void *unused) {
    (void)unused;
    const plan *w = context;
    const sp_reduction *r = w->r;
    const ptrdiff_t group = share / r->channels, c = share % r->channels;
    const ptrdiff_t first_outer = group / w->pieces * w->outer_per_group, piece = group % w->pieces;
    const ptrdiff_t last_outer = least(first_outer + w->outer_per_group, r->outer);
    const ptrdiff_t begin = piece * GRAIN, end = least(begin + GRAIN, r->inner);
    double out[SP_MAX_PARAMETERS][TILE], total[SP_MAX_PARAMETERS] = {0.0};
    sp_request q;
    request_of(&q, r, out, 2);
    for (int k = 0; k < SP_MAX_PARAMETERS; k++)
        q.parameter[k] = r->parameter[k] + c * r->parameter_stride[k];
    for (ptrdiff_t o = first_outer; o < last_outer; o++)
        for (ptrdiff_t i = begin; i < end; i += TILE) {
            q.n = least(TILE, end - i);
            q.x = r->x + o * r->x_stride[0] + c * r->x_stride[1] + i * r->x_stride[2];
            q.g = r->g + o * r->g_stride[0] + c * r->g_stride[1] + i * r->g_stride[2];
            sp_evaluate(&q);
            for (int k = 0; k < SP_MAX_PARAMETERS && w->partial[k]; k++)
                total[k] += sum_of(out[k], q.n);
        }
    for (int k = 0; k < SP_MAX_PARAMETERS && w->partial[k]; k++)
        w->partial[k][group * r->channels + c] = total[k];
    return 0;
}

/* The channel is the last axis: a panel of columns, row by row; few columns are taken several rows at a time. */
static int share_of_panels(const void *context, ptrdiff_t share, void *scratch) {
    panel_buffers *const b = scratch;
    const plan *w = context;
    const sp_reduction *r = w->r;
    const ptrdiff_t group = share / w->panels, first = share % w->panels * TILE, columns = least(TILE, r->channels - first);
    const ptrdiff_t begin = group * PANEL_ROWS, end = least(begin + PANEL_ROWS, r->outer);
    const int whole_rows = r->x_stride[0] == r->channels * r->x_stride[1] && r->g_stride[0] == r->channels * r->g_stride[1];
    const ptrdiff_t rows = whole_rows && columns == r->channels ? TILE / columns : 1;
    sp_request q;
    request_of(&q, r, b->out, 1);
    for (int k = 0; k < SP_MAX_PARAMETERS && w->partial[k]; k++) {
        for (ptrdiff_t i = 0; i < rows * columns; i++)
            memcpy(&b->repeated[k][i], r->parameter[k] + (first + i % columns) * r->parameter_stride[k], sizeof(double));
        for (ptrdiff_t c = 0; c < columns; c++)
            b->total[k][c] = 0.0;
        q.parameter[k] = (const char *)b->repeated[k];
        q.parameter_stride[k] = sizeof(double);
    }
    for (ptrdiff_t o = begin; o < end; o += rows) {
        ptrdiff_t m = least(rows, end - o);
        q.n = m * columns;
        q.x = r->x + o * r->x_stride[0] + first * r->x_stride[1];
        q.g = r->g + o * r->g_stride[0] + first * r->g_stride[1];
        sp_evaluate(&q);
        for (int k = 0; k < SP_MAX_PARAMETERS && w->partial[k]; k++)
            for (ptrdiff_t i = 0; i < m; i++)
                for (ptrdiff_t c = 0; c < columns; c++)
                    b->total[k][c] += b->out[k][i * columns + c];
    }
    for (int k = 0; k < SP_MAX_PARAMETERS && w->partial[k]; k++)
        memcpy(w->partial[k] + group * r->channels + first, b->total[k], (size_t)columns * sizeof(double));
    return 0;
}

static int add_up(const void *context, ptrdiff_t share, void *unused) {
    const plan *w = context;
    const ptrdiff_t channels = w->r->channels;
    (void)share, (void)unused;
    for (int k = 0; k < SP_MAX_PARAMETERS && w->partial[k]; k++)
        for (ptrdiff_t c = 0; c < channels; c++) {
            double total = 0.0;
            for (ptrdiff_t i = 0; i < w->groups; i++)
                total += w->partial[k][i * channels + c];
            w->r->sums[k][c] = total;
        }
    return 0;
}

int sp_parameter_gradients(const sp_reduction *r) {
    const int parameters = sp_records[r->code].parameters, last = r->inner == 1 && r->channels > 1;
    plan w = {.r = r, .pieces = 1, .panels = 1};
    if (last) {
        w.groups = shares_of(r->outer, PANEL_ROWS);
        w.panels = shares_of(r->channels, TILE);
    } else {
        w.pieces = r->inner > GRAIN ? shares_of(r->inner, GRAIN) : 1;
        w.outer_per_group = r->inner > 0 && r->inner < GRAIN ? GRAIN / r->inner : 1;
        w.groups = shares_of(r->outer, w.outer_per_group) * w.pieces;
    }
    const size_t partial = (size_t)(w.groups * r->channels);
    double *memory = malloc((partial * (size_t)parameters + 1) * sizeof(double));
    if (!memory)
        return -1;
    for (int k = 0; k < parameters; k++)
        w.partial[k] = memory + (size_t)k * partial;
    int failed = sp_run_shares(w.groups * (last ? w.panels : r->channels), r->outer * r->channels * r->inner,
                               last ? share_of_panels : share_of_runs, &w, last ? sizeof(panel_buffers) : 0);
    failed |= sp_run_shares(1, 0, add_up, &w, 0);
    free(memory);
    return failed;
}
