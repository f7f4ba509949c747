/* From any layout to the contiguous loops of kernels.c.

   A call is cut into tiles of fixed borders.  A tile whose arrays are contiguous goes to the loops as it is, except for
   a last piece shorter than SP_STEP; that piece and every strided or 16-bit tile are staged.  So a scalar meets the same
   instructions whatever its position, stride or neighbors. */
#define SP_DOUBLE 1 /* periodic.h works in pairs for both types */
#include "drivers/dispatch.h"
#include "arithmetic/half.h"
#include "arithmetic/inverse.h"
#include "loops/vectors.h"
#include "arithmetic/periodic.h"
#include "arithmetic/wide.h"
#include "drivers/staging.h"

static int operation_reads_gradient(sp_operation o) {
    return o == SP_BACKWARD || o == SP_BACKWARD_FROM_OUTPUT || o == SP_PARAMETER_GRADIENTS;
}
static int outputs_of(sp_operation o, int parameters) {
    return o == SP_PARAMETER_GRADIENTS ? parameters : o == SP_VALUE_AND_DERIVATIVE ? 2 : 1;
}
static sp_dtype result_of(const sp_task *t) { return t->operation == SP_PARAMETER_GRADIENTS ? SP_FLOAT64 : t->dtype; }

/* ---- what is outside the range of the loops: found before the loop runs (out may be x), patched after it ---- */

#undef SP_PASS
#define SP_PASS SP_TEXT
#include "functions.inc"
#undef SP_PASS
#define SP_PASS SP_FAR
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)
#include "functions.inc"
#undef SP_ACTIVATION
#undef SP_PASS
#define SP_PASS SP_RECORD

/* What is reduced: a multiple of x, infinite or NaN where x is. */
static double argument_of(int code, double x, double a, double b) {
    switch (code) {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    SP_IF_LARGE_##arguments(case code : return name##_argument(x, a, b);)
#include "functions.inc"
#undef SP_ACTIVATION
    default: return 0.0;
    }
}

static jet far_jet(int code, double x, double a, double b) {
    switch (code) {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    SP_IF_LARGE_##arguments(case code : return name##_far_at(x, a, b);)
#include "functions.inc"
#undef SP_ACTIVATION
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    SP_IF_ONLY_EXTREME_##arguments(case code : return name##_far_at(x, a, b);)
#include "functions.inc"
#undef SP_ACTIVATION
    default: return (jet){0};
    }
}

static double far_slope_of_output(int code, double y, int side, double a, double b) {
    (void)side;
    switch (code) {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    SP_IF_EXTREME_##arguments(                                                                                         \
        SP_IF_OUTPUT_##source(case code : return name##_far_from_output(y, a, b);)                                     \
        SP_IF_SIDE_##source(case code : return name##_far_from_side(y, side, a, b);))
#include "functions.inc"
#undef SP_ACTIVATION
    default: return (double)NAN;
    }
}

static int is_extreme(double p) {
    const double size = fabs(p);
    return (size > SP_PARAMETER_LIMIT && size <= REAL_MAX) || (size < 1.0 / SP_PARAMETER_LIMIT && size != 0.0);
}
/* Parameters that the function does not have are 0. */
static int has_extreme(int code, double a, double b) {
    return sp_records[code].flags & SP_EXTREME_PARAMETER && (is_extreme(a) || is_extreme(b));
}
static int is_far(int code, double x, double a, double b) {
    return has_extreme(code, a, b) ||
           (sp_records[code].flags & SP_LARGE_ARGUMENT && fabs(argument_of(code, x, a, b)) > SP_ARGUMENT_LIMIT);
}

/* A function that has no limit there is NaN at an infinite x and raises "invalid". */
static int is_invalid(double x, jet y) { return fabs(x) == (double)INFINITY && y.value != y.value; }

typedef struct {
    int count, invalid;
    int16_t place[TILE];
    double out0[TILE], out1[TILE];
} far_elements;

static double element(const void *array, ptrdiff_t i, sp_dtype dtype) {
    return dtype == SP_FLOAT64 ? ((const double *)array)[i] : ((const float *)array)[i];
}

static void set_element(void *array, ptrdiff_t i, sp_dtype dtype, double value) {
    if (dtype == SP_FLOAT64)
        ((double *)array)[i] = value;
    else
        ((float *)array)[i] = (float)value;
}

double sp_near(int code, const double *const *p) {
    const double a = p[0] ? p[0][0] : 0.0, b = p[1] ? p[1][0] : 0.0;
    if (has_extreme(code, a, b))
        return -1.0;
    if (!(sp_records[code].flags & SP_LARGE_ARGUMENT))
        return (double)INFINITY;
    return 0.99 * SP_ARGUMENT_LIMIT / fabs(argument_of(code, 1.0, a, b));
}

/* Whether an element of a task may be far; with parameters that vary, 0 counts as extreme here. */
static int may_be_far(const sp_task *t, ptrdiff_t n, const void *x, const double *const *p) {
    const int flags = sp_records[t->code].flags;
    if (t->varying) {
        int any = flags & SP_LARGE_ARGUMENT;
        for (int k = 0; k < sp_records[t->code].parameters && !any; k++)
            any = sp_kernels_for(SP_FLOAT64)->arrays.outside(n, p[k], 1.0 / SP_PARAMETER_LIMIT, SP_PARAMETER_LIMIT);
        return any;
    }
    const double near = sp_near(t->code, p);
    return near < 0.0 || (near < (double)INFINITY && sp_kernels_for(t->dtype)->arrays.beyond(n, x, near));
}

/* One result of a far element; side: 1 or 0 where the operation reads it */
static jet far_results(const sp_task *t, double x, int side, double a, double b) {
    if (t->operation == SP_DERIVATIVE_FROM_OUTPUT || t->operation == SP_BACKWARD_FROM_OUTPUT ||
        t->operation == SP_BACKWARD_FROM_SIDE)
        return (jet){.derivative = far_slope_of_output(t->code, x, side, a, b)};
    return far_jet(t->code, x, a, b);
}

static void find_far(far_elements *far, const sp_task *t, ptrdiff_t n, const void *x, const void *g, const double *const *p,
                     const void *sides) {
    const int varying = t->varying;
    far->count = far->invalid = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        double v = element(x, i, t->dtype), a = p[0] ? p[0][varying ? i : 0] : 0.0, b = p[1] ? p[1][varying ? i : 0] : 0.0;
        if (!is_far(t->code, v, a, b))
            continue;
        jet y = far_results(t, v, sides && element(sides, i, t->dtype) != 0.0, a, b);
        far->invalid |= is_invalid(v, y);
        far->place[far->count] = (int16_t)i;
        double weight = operation_reads_gradient(t->operation) ? element(g, i, t->dtype) : 1.0;
        double first = t->operation == SP_VALUE || t->operation == SP_VALUE_AND_DERIVATIVE ? y.value
                       : t->operation == SP_SECOND_DERIVATIVE                              ? y.second
                       : t->operation == SP_PARAMETER_GRADIENTS                            ? y.by_a
                                                                                           : y.derivative;
        far->out0[far->count] = weight * first;
        far->out1[far->count++] = weight * (t->operation == SP_PARAMETER_GRADIENTS ? y.by_b : y.derivative);
    }
}

static void patch_far(const far_elements *far, const sp_task *t, void *out0, void *out1) {
    for (int k = 0; k < far->count; k++) {
        set_element(out0, far->place[k], result_of(t), far->out0[k]);
        if (outputs_of(t->operation, sp_records[t->code].parameters) > 1)
            set_element(out1, far->place[k], result_of(t), far->out1[k]);
    }
}

/* n elements of which some may be far, a tile at a time */
static __attribute__((noinline)) int run_far(const sp_task *t, sp_loop *loop, ptrdiff_t n, const char *x, const char *g,
                                             const double *const *p, char *out0, char *out1) {
    const ptrdiff_t size = staged_size(t->dtype), result_size = staged_size(result_of(t));
    const void *const sides = t->operation == SP_BACKWARD_FROM_SIDE ? out1 : 0;
    far_elements far;
    int invalid = 0;
    for (ptrdiff_t i = 0; i < n; i += TILE) {
        const ptrdiff_t m = least(n - i, TILE);
        const char *const tile_x = x ? x + i * size : 0, *const tile_g = g ? g + i * size : 0;
        char *const tile_0 = out0 + i * result_size, *const tile_1 = out1 ? out1 + i * result_size : 0;
        const double *q[SP_MAX_PARAMETERS];
        for (int k = 0; k < SP_MAX_PARAMETERS; k++)
            q[k] = p[k] && t->varying ? p[k] + i : p[k];
        find_far(&far, t, m, tile_x, tile_g, q, sides ? tile_1 : 0);
        loop(padded(m), tile_x, tile_g, q, tile_0, tile_1);
        patch_far(&far, t, tile_0, tile_1);
        invalid |= far.invalid;
    }
    return invalid ? INVALID : 0;
}

/* Contiguous arrays, up to the next multiple of SP_STEP; 16-bit elements as float32. */
static int run_in_type(const sp_task *t, ptrdiff_t n, const void *x, const void *g, const double *const *p, void *out0,
                       void *out1) {
    sp_loop *const loop = sp_kernels_for(t->dtype)->find_loop(t->code, t->operation, t->varying);
    if (sp_records[t->code].flags & SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER && may_be_far(t, n, x, p))
        return run_far(t, loop, n, x, g, p, out0, out1);
    loop(padded(n), x, g, p, out0, out1);
    return 0;
}

/* ---- 16-bit types ----

   Elements are converted to float32, evaluated there, and the results rounded.  A float32 result within one ulp of the
   exact one rounds to the right 16-bit number unless it lies in the middle between two of them, one within two ulp, such as
   a gradient that was rounded twice, unless it lies there or next to it.  One in 8,192 does (bfloat16: in 65,536), and one
   in ten of a function that divides by three; those are evaluated again in float64, which tells the side.

   Two ways are faster where they serve.  Values of piecewise functions take one loop without float32 arrays, narrow.h.  And a
   table of all 65,536 results pays for many elements of a function of one number, however expensive that is: it takes as long
   as 65,536 elements, and a look-up is 0.4 ns (AMD EPYC, Zen 3, one thread; float16 drawn from N(0, 2), 1 M elements, with the
   making of the table; x86_v3, ns per element):
               by conversion, bfloat16   by a table, bfloat16
     sigmoid         0.9 / 1.0             0.5 / 0.5
     tanh            1.1 / 1.2             0.5 / 0.5
     gelu            2.1 / 1.9             0.6 / 0.6
   Each call makes its own, in the memory that a thread keeps for tiles anyway: kept tables would take 128 KiB for each
   function, operation, type and set of parameters, of which a trained parameter makes one per step, and a policy of what to
   forget, with locks.  A table serves neither gradients, which have two inputs, nor arrays of parameters. */

enum { TIES = 64 }; /* that are evaluated together; more of them are rare */

/* Elements place[0 .. count - 1] of a tile, as float64 arrays. */
static __attribute__((noinline)) void settle_ties(const sp_task *t, int count, const int16_t *place, const float *x,
                                                  const float *g, const double *const *p, float *out, int which) {
    double wide_x[TIES], wide_g[TIES], wide_p[SP_MAX_PARAMETERS][TIES], wide_out[2][TIES];
    const double *q[SP_MAX_PARAMETERS] = {0};
    for (int j = 0; j < padded(count); j++) {
        const int i = place[j < count ? j : 0];
        wide_x[j] = x[i];
        if (g)
            wide_g[j] = g[i];
        for (int k = 0; k < SP_MAX_PARAMETERS && p[k] && t->varying; k++)
            wide_p[k][j] = p[k][i];
    }
    for (int k = 0; k < SP_MAX_PARAMETERS; k++)
        q[k] = p[k] && t->varying ? wide_p[k] : p[k];
    sp_task wide = *t;
    wide.dtype = SP_FLOAT64;
    run_in_type(&wide, padded(count), wide_x, wide_g, q, wide_out[0], wide_out[1]);
    for (int j = 0; j < count; j++)
        out[place[j]] = rounded_to_odd(wide_out[which][j]);
}

/* The numbers of the elements that are ties; `ties` has TILE of them, 0 or 1. */
static int places_of_ties(const uint16_t *ties, int16_t *place) {
    int count = 0;
    for (int i = 0; i < TILE; i += 4) {
        uint64_t four;
        memcpy(&four, ties + i, sizeof four);
        for (int j = i; four != 0 && j < i + 4; j++) {
            place[count] = (int16_t)j;
            count += ties[j];
        }
    }
    return count;
}

static void settle(const sp_task *t, ptrdiff_t n, const float *x, const float *g, const double *const *p, float *out,
                   int which) {
    const sp_16_bit_kernels *k = kernels_16_bit(t->dtype);
    for (ptrdiff_t i = 0; i < n; i += TILE) {
        const ptrdiff_t m = least(n - i, TILE);
        uint16_t ties[TILE];
        int16_t place[TILE + 1];
        if (!k->find_ties(m, out + i, operation_reads_gradient(t->operation), ties))
            continue;
        memset(ties + m, 0, (size_t)(TILE - m) * sizeof *ties);
        const double *q[SP_MAX_PARAMETERS];
        for (int j = 0; j < SP_MAX_PARAMETERS; j++)
            q[j] = p[j] && t->varying ? p[j] + i : p[j];
        const int count = places_of_ties(ties, place);
        for (int j = 0; j < count; j += TIES)
            settle_ties(t, (int)least(count - j, TIES), place + j, x + i, g ? g + i : 0, q, out + i, which);
    }
}

/* Whether every float32 result that is a tie is exact: rounding to even is right then. */
static int ties_are_exact(const sp_task *t, const double *const *p) {
    const sp_record *record = &sp_records[t->code];
    if ((record->flags & SP_PIECEWISE_EXACT) != SP_PIECEWISE_EXACT ||
        (operation_reads_gradient(t->operation) && !(record->flags & SP_TWO_VALUED_SLOPE)))
        return 0;
    for (int k = 0; k < record->parameters; k++)
        if (t->varying || (double)(float)*p[k] != *p[k])
            return 0;
    return 1;
}

static int run_tile(const sp_task *t, ptrdiff_t n, const void *x, const void *g, const double *const *p, void *out0,
                    void *out1) {
    const int invalid = run_in_type(t, n, x, g, p, out0, out1);
    if (is_16_bit(t->dtype) && t->operation < SP_PARAMETER_GRADIENTS && !ties_are_exact(t, p)) {
        settle(t, n, x, g, p, out0, 0);
        if (t->operation == SP_VALUE_AND_DERIVATIVE)
            settle(t, n, x, g, p, out1, 1);
    }
    return invalid;
}

/* Outputs that are a parameter are that parameter rounded to the type; so are the parameters that they are compared with. */
static int compares_outputs(const sp_task *t) {
    const sp_record *record = &sp_records[t->code];
    return is_16_bit(t->dtype) && record->parameters > 0 && (record->flags & SP_PIECEWISE_EXACT) == SP_PIECEWISE_EXACT &&
           (t->operation == SP_DERIVATIVE_FROM_OUTPUT || t->operation == SP_BACKWARD_FROM_OUTPUT);
}

static __attribute__((noinline)) int run_with_rounded_parameters(const sp_task *t, ptrdiff_t n, const void *x, const void *g,
                                                                 const double *const *p, void *out0, void *out1) {
    const sp_16_bit_kernels *k = kernels_16_bit(t->dtype);
    double rounded[SP_MAX_PARAMETERS][TILE];
    const double *q[SP_MAX_PARAMETERS] = {0};
    for (int j = 0; j < sp_records[t->code].parameters; j++) {
        q[j] = rounded[j];
        for (ptrdiff_t i = 0; i < (t->varying ? n : 1); i++) {
            float narrow = rounded_to_odd(p[j][i]);
            uint16_t packed;
            k->from_float(1, &narrow, &packed);
            k->to_float(1, &packed, &narrow);
            rounded[j][i] = narrow;
        }
    }
    return run_tile(t, n, x, g, q, out0, out1);
}

int sp_run_tile(const sp_task *t, ptrdiff_t n, const void *x, const void *g, const double *const *p, void *out0,
                void *out1) {
    return (compares_outputs(t) ? run_with_rounded_parameters : run_tile)(t, n, x, g, p, out0, out1);
}

/* ---- a whole request ---- */

/* A request from one of its elements on. */
typedef struct {
    sp_task task;
    int parameters, outputs, contiguous;
    const char *x, *g;
    const double *p[SP_MAX_PARAMETERS];
    char *out[2];
} part;

static inline void part_of(part *q, const sp_request *r, ptrdiff_t first) {
    const int parameters = sp_records[r->code].parameters, has_g = operation_reads_gradient(r->operation);
    q->task = (sp_task){.code = r->code, .operation = r->operation, .dtype = r->dtype};
    q->parameters = parameters;
    q->outputs = outputs_of(r->operation, parameters);
    q->out[1] = 0;
    q->p[0] = q->p[1] = 0;
    q->x = r->x + first * r->x_stride;
    q->g = has_g ? r->g + first * r->g_stride : 0;
    const ptrdiff_t item = (ptrdiff_t)size_of(r->dtype), result_item = (ptrdiff_t)size_of(result_of(&q->task));
    q->contiguous = !is_16_bit(r->dtype) && r->x_stride == item && (!has_g || r->g_stride == item);
    for (int k = 0; k < q->outputs; k++) {
        q->out[k] = r->out[k] + first * r->out_stride[k];
        q->contiguous &= r->out_stride[k] == result_item;
    }
    for (int k = 0; k < parameters; k++) {
        q->p[k] = (const double *)(r->parameter[k] + first * r->parameter_stride[k]);
        q->task.varying |= r->parameter_stride[k] != 0;
    }
    /* if one of the parameters varies, all do: a fixed one beside it is repeated */
    for (int k = 0; k < parameters && q->task.varying; k++)
        q->contiguous &= r->parameter_stride[k] == (ptrdiff_t)sizeof(double);
}

/* Elements first .. first + n of the part, through buffers of `size` doubles each: x, g, results, parameters. */
static int run_staged(const part *q, const sp_request *r, ptrdiff_t first, ptrdiff_t n, double *buffers, ptrdiff_t size) {
    double *const x = buffers, *const g = q->g ? x + size : 0, *const out = x + 2 * size, *const p = out + 2 * size;
    gather(x, q->x + first * r->x_stride, r->x_stride, n, r->dtype);
    pad(x, n, r->dtype);
    if (g) {
        gather(g, q->g + first * r->g_stride, r->g_stride, n, r->dtype);
        pad(g, n, r->dtype);
    }
    const double *parameters[SP_MAX_PARAMETERS] = {q->p[0], q->p[1]};
    for (int k = 0; k < q->parameters && q->task.varying; k++) {
        double *const staged = p + k * size;
        const ptrdiff_t stride = r->parameter_stride[k];
        gather(staged, (const char *)q->p[k] + first * stride, stride, n, SP_FLOAT64);
        for (ptrdiff_t i = n; i < padded(n); i++)
            staged[i] = staged[n - 1];
        parameters[k] = staged;
    }
    const int invalid = sp_run_tile(&q->task, padded(n), x, g, parameters, out, q->outputs > 1 ? out + size : 0);
    for (int k = 0; k < q->outputs; k++)
        scatter(q->out[k] + first * r->out_stride[k], r->out_stride[k], out + k * size, n, result_of(&q->task));
    return invalid;
}

enum { SMALL_TILE = 128, BUFFERS = 4 + SP_MAX_PARAMETERS };

/* Stage few elements on the stack; stage all elements there if no scratch memory is available. */
static int run_in_small_tiles(const part *q, const sp_request *r, ptrdiff_t first, ptrdiff_t n) {
    double buffers[BUFFERS * SMALL_TILE];
    int invalid = 0;
    for (; first < n; first += SMALL_TILE)
        invalid |= run_staged(q, r, first, least(n - first, SMALL_TILE), buffers, SMALL_TILE);
    return invalid;
}

static int run_in_tiles(const part *q, const sp_request *r, ptrdiff_t first, ptrdiff_t n) {
    const size_t bytes = BUFFERS * TILE * sizeof(double);
    double *buffers = n - first > SMALL_TILE ? sp_take_scratch(bytes) : 0;
    int invalid = 0;
    if (!buffers)
        return run_in_small_tiles(q, r, first, n);
    /* where a buffer holds floats only, twice as many: the calls for a tile make a tenth of the time of a float16
       relu */
    const ptrdiff_t tile = is_16_bit(result_of(&q->task)) && !q->task.varying ? 2 * TILE : TILE;
    for (; first < n; first += tile)
        invalid |= run_staged(q, r, first, least(n - first, tile), buffers, TILE);
    sp_give_scratch_back(bytes);
    return invalid;
}

/* ---- contiguous 16-bit numbers of piecewise functions ---- */

static sp_narrow_loop *narrow_loop(const sp_request *r, const part *q) {
    const ptrdiff_t item = sizeof(uint16_t);
    if (!is_16_bit(r->dtype) || r->operation != SP_VALUE || q->task.varying || r->x_stride != item || r->out_stride[0] != item)
        return 0;
    if ((sp_records[r->code].flags & SP_PIECEWISE_EXACT) == SP_PIECEWISE_EXACT && !ties_are_exact(&q->task, q->p))
        return 0;
    return sp_kernels_for(r->dtype)->find_narrow_loop(r->code, q->p, r->n, r->dtype == SP_FLOAT16);
}

/* Results in the general way, and to their places */
static void run_doubtful(const sp_request *r, sp_doubtful_steps *doubtful, char *out) {
    sp_request steps = *r;
    steps.n = doubtful->count * SP_STEP;
    steps.x = steps.out[0] = (char *)doubtful->x;
    part q;
    part_of(&q, &steps, 0);
    run_in_tiles(&q, &steps, 0, steps.n);
    for (ptrdiff_t k = 0; k < doubtful->count; k++)
        memcpy(out + doubtful->step[k] * sizeof doubtful->x[k], doubtful->x[k], sizeof doubtful->x[k]);
}

static void run_narrow(sp_narrow_loop *loop, const sp_request *r, const part *q, ptrdiff_t n) {
    sp_doubtful_steps doubtful;
    for (ptrdiff_t i = 0; i < n; i += SP_NARROW_TILE) {
        char *out = q->out[0] + i * r->out_stride[0];
        loop(least(n - i, SP_NARROW_TILE), q->x + i * r->x_stride, q->p, out, &doubtful);
        if (doubtful.count)
            run_doubtful(r, &doubtful, out);
    }
}

/* ---- shares ---- */

typedef struct {
    const sp_request *request;
    sp_narrow_loop *narrow; /* or null */
} evaluation;

static int evaluate_share(const void *context, ptrdiff_t share) {
    const evaluation *const e = context;
    const sp_request *const r = e->request;
    const ptrdiff_t end = least((share + 1) * GRAIN, r->n);
    int invalid = 0;
    for (ptrdiff_t i = share * GRAIN, n; i < end; i += n) {
        part q;
        part_of(&q, r, i);
        /* what is looked at before the loop runs is a tile, so that it stays in the cache */
        const int looked_at = q.task.varying ? SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER : SP_LARGE_ARGUMENT;
        n = least(end - i, sp_records[r->code].flags & looked_at ? TILE : GRAIN);
        const ptrdiff_t done = e->narrow || q.contiguous ? whole_steps(n) : 0;
        if (e->narrow)
            run_narrow(e->narrow, r, &q, done);
        else if (done)
            invalid |= sp_run_tile(&q.task, done, q.x, q.g, q.p, q.out[0], q.out[1]);
        if (done < n)
            invalid |= run_in_tiles(&q, r, done, n);
    }
    return invalid;
}

/* ---- a table of all results ---- */

enum { NUMBERS = 1 << 16, TABLE_WORTHWHILE = 1 << 18 };

typedef struct {
    const sp_request *request;
    const uint16_t *table;
    int invalid; /* what the function raises at infinite arguments */
} look_up;

static int takes_table(const sp_request *r, const part *q) {
    return r->n >= TABLE_WORTHWHILE && is_16_bit(r->dtype) && !operation_reads_gradient(r->operation) &&
           r->operation != SP_VALUE_AND_DERIVATIVE && !q->task.varying && !ties_are_exact(&q->task, q->p);
}

static int has_infinity(const sp_request *r, const char *x, ptrdiff_t n) {
    const uint16_t infinity = r->dtype == SP_FLOAT16 ? 0x7c00 : 0x7f80;
    int any = 0;
    for (ptrdiff_t i = 0; i < n; i++) {
        uint16_t number;
        memcpy(&number, x + i * r->x_stride, sizeof number);
        any |= (number & 0x7fff) == infinity;
    }
    return any;
}

static int look_up_share(const void *context, ptrdiff_t share) {
    const look_up *q = context;
    const sp_request *r = q->request;
    const uint16_t *const table = q->table;
    const ptrdiff_t first = share * GRAIN, n = least(r->n - first, GRAIN), item = sizeof *table;
    const ptrdiff_t x_stride = r->x_stride, stride = r->out_stride[0];
    const char *x = r->x + first * x_stride;
    char *out = r->out[0] + first * stride;
    const int invalid = q->invalid && has_infinity(r, x, n) ? q->invalid : 0; /* before it is overwritten */
    ptrdiff_t i = 0;
    for (; x_stride == item && stride == item && i + 4 <= n; i += 4) {
        uint16_t four[4];
        memcpy(four, x + i * item, sizeof four);
        for (int k = 0; k < 4; k++)
            four[k] = table[four[k]];
        memcpy(out + i * item, four, sizeof four);
    }
    for (; i < n; i++) {
        uint16_t number;
        memcpy(&number, x + i * x_stride, sizeof number);
        memcpy(out + i * stride, table + number, sizeof number);
    }
    return invalid;
}

static int evaluate_in_shares(const sp_request *r, sp_narrow_loop *narrow) {
    return sp_parallel_for(shares_of(r->n, GRAIN), r->n, evaluate_share, &(evaluation){r, narrow});
}

static int evaluate_by_table(const sp_request *r, uint16_t *table) {
    for (int i = 0; i < NUMBERS; i++)
        table[i] = (uint16_t)i;
    sp_request all = *r;
    all.n = NUMBERS;
    all.x = all.out[0] = (char *)table;
    all.x_stride = all.out_stride[0] = sizeof *table;
    const int invalid = evaluate_in_shares(&all, 0);
    return sp_parallel_for(shares_of(r->n, GRAIN), r->n, look_up_share, &(look_up){r, table, invalid});
}

static int evaluate_in_the_best_way(const sp_request *r) {
    const size_t bytes = NUMBERS * sizeof(uint16_t);
    part q;
    part_of(&q, r, 0);
    sp_narrow_loop *const narrow = narrow_loop(r, &q);
    uint16_t *const table = !narrow && takes_table(r, &q) ? sp_take_scratch(bytes) : 0;
    if (!table)
        return evaluate_in_shares(r, narrow);
    const int invalid = evaluate_by_table(r, table);
    sp_give_scratch_back(bytes);
    return invalid;
}

/* Whether a result is written where another element of the input is read. */
static int is_shifted(const sp_request *r, const char *in, ptrdiff_t in_stride, const char *out, ptrdiff_t out_stride) {
    const ptrdiff_t in_bytes = (r->n - 1) * in_stride, out_bytes = (r->n - 1) * out_stride;
    const ptrdiff_t item = (ptrdiff_t)size_of(r->dtype);
    const char *in_first = in_bytes < 0 ? in + in_bytes : in, *out_first = out_bytes < 0 ? out + out_bytes : out;
    const char *in_end = in_first + (in_bytes < 0 ? -in_bytes : in_bytes) + item;
    const char *out_end = out_first + (out_bytes < 0 ? -out_bytes : out_bytes) + item;
    return in_first < out_end && out_first < in_end && (in != out || in_stride != out_stride);
}

/* NumPy lets out begin before x: such elements are computed in their order, by one thread. */
static int evaluate_long(const sp_request *r) {
    const int outputs = outputs_of(r->operation, sp_records[r->code].parameters);
    int in_order = 0;
    for (int k = 0; k < outputs; k++) {
        in_order |= is_shifted(r, r->x, r->x_stride, r->out[k], r->out_stride[k]);
        if (operation_reads_gradient(r->operation))
            in_order |= is_shifted(r, r->g, r->g_stride, r->out[k], r->out_stride[k]);
    }
    if (!in_order)
        return evaluate_in_the_best_way(r);
    const int before = sp_threads_serial(1), invalid = evaluate_in_the_best_way(r);
    sp_threads_serial(before);
    return invalid;
}

/* ---- a few elements ---- */

/* Whether no element is far, of a call with fixed parameters */
static int all_are_near(const sp_request *r) {
    if (!(sp_records[r->code].flags & SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER))
        return 1;
    const double *p[SP_MAX_PARAMETERS] = {0};
    for (int k = 0; k < sp_records[r->code].parameters; k++)
        p[k] = (const double *)r->parameter[k];
    const double near = sp_near(r->code, p);
    int far = near < 0.0;
    for (ptrdiff_t i = 0; near < (double)INFINITY && i < r->n; i++)
        far |= fabs(element(r->x + i * r->x_stride, 0, r->dtype)) > near;
    return !far;
}

/* Few elements with one input, one output and fixed parameters, at the least cost: a call with a mask has a request for each
   run of chosen elements. */
static int is_short(const sp_request *r) {
    const sp_record *record = &sp_records[r->code];
    const ptrdiff_t item = (ptrdiff_t)size_of(r->dtype);
    int fixed = 1;
    for (int k = 0; k < record->parameters; k++)
        fixed &= r->parameter_stride[k] == 0;
    return (r->n <= SP_STEP || (r->n <= SP_FEW && r->x_stride == item && r->out_stride[0] == item)) && fixed &&
           !is_16_bit(r->dtype) &&
           (r->operation == SP_VALUE || r->operation == SP_DERIVATIVE || r->operation == SP_SECOND_DERIVATIVE);
}

int sp_evaluate_short(const sp_request *r) {
    if (!is_short(r))
        return 0;
    const float_state callers = enter_own_state(); /* before NaN is compared */
    const int near = all_are_near(r);
    if (near)
        sp_kernels_for(r->dtype)->run_few(r);
    leave_own_state(callers);
    return near;
}

void sp_evaluate(const sp_request *r) {
    if (!sp_evaluate_short(r) && evaluate_long(r))
        raise_invalid();
}

double sp_evaluate_scalar(int code, sp_operation operation, double x, double a, double b) {
    const int far = sp_records[code].flags & SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER && is_far(code, x, a, b);
    int invalid = 0;
    double result;
    const float_state callers = enter_own_state();
    if (far) {
        const sp_task task = {.code = code, .operation = operation, .dtype = SP_FLOAT64};
        const jet y = far_results(&task, x, 0, a, b);
        invalid = is_invalid(x, y);
        result = operation == SP_VALUE ? y.value : operation == SP_SECOND_DERIVATIVE ? y.second : y.derivative;
    } else
        result = sp_kernels_for(SP_FLOAT64)->scalar(code, operation, x, a, b);
    leave_own_state(callers);
    if (invalid)
        raise_invalid();
    return result;
}

void sp_evaluate_element(int code, sp_operation operation, sp_dtype dtype, const void *x, const void *g,
                         const double *parameters, void *out) {
    const sp_task task = {.code = code, .operation = operation, .dtype = dtype};
    const double *p[SP_MAX_PARAMETERS] = {0};
    double staged_x[SP_STEP] = {0}, staged_g[SP_STEP] = {0}, result[SP_STEP];
    for (int k = 0; k < sp_records[code].parameters; k++)
        p[k] = parameters + k;
    const float_state callers = enter_own_state();
    gather(staged_x, x, 0, 1, dtype);
    if (operation_reads_gradient(operation))
        gather(staged_g, g, 0, 1, dtype);
    const int invalid = sp_run_tile(&task, 1, staged_x, staged_g, p, result, 0);
    scatter(out, 0, result, 1, dtype);
    leave_own_state(callers);
    if (invalid)
        raise_invalid();
}
