/* From any layout to the contiguous loops of kernels.c.

   A call is cut into tiles of fixed borders.  A tile whose arrays are contiguous goes to the loops as it is, except for
   a last piece shorter than SP_LANES; that piece and every strided or 16-bit tile are staged through small arrays on
   the stack.  So a scalar meets the same instructions whatever its position, stride or neighbours. */
#define SP_DOUBLE 1 /* periodic.h works in pairs for both types */
#include "drivers/dispatch.h"
#include "arithmetic/half.h"
#include "arithmetic/inverse.h"
#include "loops/lanes.h"
#include "arithmetic/periodic.h"
#include "drivers/staging.h"

static int operation_reads_gradient(sp_operation o) {
    return o == SP_BACKWARD || o == SP_BACKWARD_FROM_OUTPUT || o == SP_PARAMETER_GRADIENTS;
}
static int outputs_of(sp_operation o, int parameters) {
    return o == SP_PARAMETER_GRADIENTS ? parameters : o == SP_VALUE_AND_DERIVATIVE ? 2 : 1;
}
static sp_dtype result_of(const sp_request *r) {
    return r->operation == SP_PARAMETER_GRADIENTS ? SP_FLOAT64 : r->dtype;
}

/* ---- arguments that the loops do not reduce: found before the loop runs (out may be x), patched after it ---- */

#undef SP_PASS
#define SP_PASS SP_TEXT
#include "functions.inc"
#undef SP_PASS
#define SP_PASS SP_FAR
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments, bound)
#include "functions.inc"
#undef SP_ACTIVATION
#undef SP_PASS
#define SP_PASS SP_RECORD

/* What is reduced: a multiple of x, infinite or NaN where x is. */
static double argument_of(int code, double x, double a, double b) {
    switch (code) {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments, bound)                                  \
    SP_IF_LARGE_##arguments(case code : return name##_argument(x, a, b);)
#include "functions.inc"
#undef SP_ACTIVATION
    default: return 0.0;
    }
}

static jet far_jet(int code, double x, double a, double b) {
    switch (code) {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments, bound)                                  \
    SP_IF_LARGE_##arguments(case code : return name##_far_at(x, a, b);)
#include "functions.inc"
#undef SP_ACTIVATION
    default: return (jet){0};
    }
}

/* A function that has no limit there is NaN at an infinite x and raises "invalid". */
static int is_invalid(double x, jet y) { return fabs(x) == (double)INFINITY && y.value != y.value; }

typedef struct {
    int count, invalid;
    int16_t lane[TILE];
    double out0[TILE], out1[TILE];
} far_lanes;

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
    if (!(sp_records[code].flags & SP_LARGE_ARGUMENT))
        return (double)INFINITY;
    return 0.99 * SP_ARGUMENT_LIMIT / fabs(argument_of(code, 1.0, p[0] ? p[0][0] : 0.0, p[1] ? p[1][0] : 0.0));
}

static void find_far(far_lanes *far, const sp_request *r, int varying, ptrdiff_t n, const void *x, const void *g,
                     const double *const *p) {
    far->count = far->invalid = 0;
    if (!varying && !sp_kernels_for(r->dtype)->arrays.beyond(n, x, sp_near(r->code, p)))
        return;
    for (ptrdiff_t i = 0; i < n; i++) {
        double v = element(x, i, r->dtype), a = p[0] ? p[0][varying ? i : 0] : 0.0, b = p[1] ? p[1][varying ? i : 0] : 0.0;
        if (!(fabs(argument_of(r->code, v, a, b)) > SP_ARGUMENT_LIMIT))
            continue;
        jet y = far_jet(r->code, v, a, b);
        far->invalid |= is_invalid(v, y);
        far->lane[far->count] = (int16_t)i;
        double weight = operation_reads_gradient(r->operation) ? element(g, i, r->dtype) : 1.0;
        double first = r->operation == SP_VALUE || r->operation == SP_VALUE_AND_DERIVATIVE ? y.value
                       : r->operation == SP_SECOND_DERIVATIVE                              ? y.second
                       : r->operation == SP_PARAMETER_GRADIENTS                            ? y.by_a
                                                                                           : y.derivative;
        far->out0[far->count] = weight * first;
        far->out1[far->count++] = weight * (r->operation == SP_PARAMETER_GRADIENTS ? y.by_b : y.derivative);
    }
}

static void patch_far(const far_lanes *far, const sp_request *r, void *out0, void *out1) {
    for (int k = 0; k < far->count; k++) {
        set_element(out0, far->lane[k], result_of(r), far->out0[k]);
        if (outputs_of(r->operation, sp_records[r->code].parameters) > 1)
            set_element(out1, far->lane[k], result_of(r), far->out1[k]);
    }
}

/* Contiguous arrays, up to the next multiple of SP_LANES (and n at most TILE for wide arguments); 16-bit elements as
   float32. */
static int run_in_type(const sp_request *r, int flags, int varying, ptrdiff_t n, const void *x, const void *g,
                     const double *const *p, void *out0, void *out1) {
    sp_loop *const loop = sp_kernels_for(r->dtype)->find_loop(r->code, r->operation, varying);
    const ptrdiff_t padded = (n + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
    if (!(flags & SP_LARGE_ARGUMENT)) {
        loop(padded, x, g, p, out0, out1);
        return 0;
    }
    far_lanes far;
    find_far(&far, r, varying, n, x, g, p);
    loop(padded, x, g, p, out0, out1);
    patch_far(&far, r, out0, out1);
    return far.invalid;
}

/* ---- 16-bit types ----

   Elements are converted to float32, evaluated there, and the results rounded.  A float32 result within one ulp of the
   exact one rounds to the right 16-bit number unless it lies in the middle between two of them.  One in 8,192 does
   (bfloat16: in 65,536); those are evaluated again in float64, which tells the side, and moved by one ulp to it.

   A table of all 65,536 results is correctly rounded too.  Measured on a Xeon (AVX-512), float16 drawn from N(0, 2), one
   thread, ns per element, 16 K / 1 M; a look-up is 0.3 / 0.3 whatever the function, 0.45 / 0.35 for random bit patterns, and
   0.75 / 0.4 when the caches hold other things before each call:
               by scalar conversion      as it is here       (bfloat16)
     relu            1.4 / 1.4             0.3 / 0.4          0.3 / 0.4
     sigmoid         1.8 / 1.8             0.7 / 0.7          0.7 / 0.7
     gelu            2.0 / 2.1             0.9 / 0.9          0.8 / 0.9
     mish            2.4 / 2.3             1.2 / 1.2          1.1 / 1.1
   So a table is as fast for relu and its like and two to four times as fast for the others.  But it takes 128 KiB and 0.1 ms
   (an array of 200,000 elements) for each function, operation, type and set of parameters: a trained parameter would
   make one per step, and a process of many activations would need a policy of what to forget, with locks.  It serves neither
   gradients, which have two inputs, nor arrays of parameters.  So results are converted. */

/* Few lanes: those of results that are ties, as float64 arrays. */
static __attribute__((noinline)) void settle_ties(const sp_request *r, int flags, int varying, const uint16_t *ties,
                                                  const float *x, const float *g, const double *const *p, float *out,
                                                  int which) {
    double wide_x[TILE], wide_g[TILE], wide_p[SP_MAX_PARAMETERS][TILE], wide_out[2][TILE];
    const double *q[SP_MAX_PARAMETERS] = {0};
    int16_t lane[TILE + 1];
    int count = 0;
    for (int i = 0; i < TILE; i += 4) {
        uint64_t four;
        memcpy(&four, ties + i, sizeof four);
        for (int j = i; four != 0 && j < i + 4; j++) {
            lane[count] = (int16_t)j;
            count += ties[j];
        }
    }
    const int padded = (count + SP_LANES - 1) & -SP_LANES;
    for (int j = 0; j < padded; j++) {
        const int i = lane[j < count ? j : 0];
        wide_x[j] = x[i];
        if (g)
            wide_g[j] = g[i];
        for (int k = 0; k < SP_MAX_PARAMETERS && p[k] && varying; k++)
            wide_p[k][j] = p[k][i];
    }
    for (int k = 0; k < SP_MAX_PARAMETERS; k++)
        q[k] = p[k] && varying ? wide_p[k] : p[k];
    const sp_request wide = {.code = r->code, .operation = r->operation, .dtype = SP_FLOAT64};
    run_in_type(&wide, flags, varying, padded, wide_x, wide_g, q, wide_out[0], wide_out[1]);
    for (int j = 0; j < count; j++)
        out[lane[j]] = nudged(out[lane[j]], wide_out[which][j]);
}

static void settle(const sp_request *r, int flags, int varying, ptrdiff_t n, const float *x, const float *g,
                   const double *const *p, float *out, int which) {
    const sp_16_bit_kernels *k = kernels_16_bit(r->dtype);
    for (ptrdiff_t i = 0; i < n; i += TILE) {
        const ptrdiff_t m = n - i < TILE ? n - i : TILE;
        uint16_t ties[TILE];
        if (!k->find_ties(m, out + i, ties))
            continue;
        memset(ties + m, 0, (size_t)(TILE - m) * sizeof *ties);
        const double *q[SP_MAX_PARAMETERS];
        for (int j = 0; j < SP_MAX_PARAMETERS; j++)
            q[j] = p[j] && varying ? p[j] + i : p[j];
        settle_ties(r, flags, varying, ties, x + i, g ? g + i : 0, q, out + i, which);
    }
}

static int run_loops(const sp_request *r, int flags, int varying, ptrdiff_t n, const void *x, const void *g,
                     const double *const *p, void *out0, void *out1) {
    const int invalid = run_in_type(r, flags, varying, n, x, g, p, out0, out1);
    if (is_16_bit(r->dtype) && r->operation < SP_PARAMETER_GRADIENTS) {
        settle(r, flags, varying, n, x, g, p, out0, 0);
        if (r->operation == SP_VALUE_AND_DERIVATIVE)
            settle(r, flags, varying, n, x, g, p, out1, 1);
    }
    return invalid;
}

int sp_run_tile(int code, sp_operation operation, sp_dtype dtype, ptrdiff_t n, const void *x, const void *g,
                const double *const *p, void *out0, void *out1) {
    const sp_request r = {.code = code, .operation = operation, .dtype = dtype};
    return run_loops(&r, sp_records[code].flags, 0, n, x, g, p, out0, out1);
}

/* One tile, elements first .. first + n of the request. Returns whether "invalid" is to be raised. */
static int evaluate_tile(const sp_request *r, const sp_record *record, ptrdiff_t first, ptrdiff_t n) {
    const int has_g = operation_reads_gradient(r->operation), outputs = outputs_of(r->operation, record->parameters);
    const ptrdiff_t item = (ptrdiff_t)size_of(r->dtype), result_item = (ptrdiff_t)size_of(result_of(r));
    const char *x = r->x + first * r->x_stride, *g = has_g ? r->g + first * r->g_stride : 0;
    char *out[2] = {r->out[0] + first * r->out_stride[0], outputs > 1 ? r->out[1] + first * r->out_stride[1] : 0};
    int varying = 0, direct = !is_16_bit(r->dtype) && r->x_stride == item &&
                              r->out_stride[0] == result_item && (!has_g || r->g_stride == item) &&
                              (outputs < 2 || r->out_stride[1] == result_item);
    const double *p[SP_MAX_PARAMETERS] = {0};
    for (int k = 0; k < record->parameters; k++) {
        varying |= r->parameter_stride[k] != 0;
        direct &= r->parameter_stride[k] == 0 || r->parameter_stride[k] == (ptrdiff_t)sizeof(double);
        p[k] = (const double *)(r->parameter[k] + first * r->parameter_stride[k]);
    }
    if (varying) /* all of them per element, then: a fixed one next to a varying one is repeated */
        for (int k = 0; k < record->parameters; k++)
            direct &= r->parameter_stride[k] != 0;

    ptrdiff_t done = 0;
    int invalid = 0;
    if (direct) {
        done = n & -(ptrdiff_t)SP_LANES;
        if (done)
            invalid |= run_loops(r, record->flags, varying, done, x, g, p, out[0], out[1]);
        if (done == n)
            return invalid;
    }

    /* staged */
    double staged_x[TILE], staged_g[TILE], staged_out[2][TILE], staged_p[SP_MAX_PARAMETERS][TILE];
    while (done < n) {
        ptrdiff_t m = n - done < TILE ? n - done : TILE, padded = (m + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
        gather(staged_x, x + done * r->x_stride, r->x_stride, m, r->dtype);
        size_t wide = r->dtype == SP_FLOAT64 ? 8 : 4;
        memset((char *)staged_x + (size_t)m * wide, 0, (size_t)(padded - m) * wide);
        if (has_g) {
            gather(staged_g, g + done * r->g_stride, r->g_stride, m, r->dtype);
            memset((char *)staged_g + (size_t)m * wide, 0, (size_t)(padded - m) * wide);
        }
        const double *q[SP_MAX_PARAMETERS] = {0};
        for (int k = 0; k < record->parameters; k++) {
            q[k] = p[k];
            if (varying) {
                gather(staged_p[k], (const char *)p[k] + done * r->parameter_stride[k], r->parameter_stride[k], m,
                       SP_FLOAT64);
                for (ptrdiff_t i = m; i < padded; i++)
                    staged_p[k][i] = staged_p[k][m - 1];
                q[k] = staged_p[k];
            }
        }
        invalid |= run_loops(r, record->flags, varying, padded, staged_x, has_g ? staged_g : 0, q, staged_out[0],
                             outputs > 1 ? staged_out[1] : 0);
        for (int k = 0; k < outputs; k++)
            scatter(out[k] + done * r->out_stride[k], r->out_stride[k], staged_out[k], m, result_of(r));
        done += m;
    }
    return invalid;
}

/* ---- a whole request ---- */

static int evaluate_share(const void *request, ptrdiff_t share) {
    const sp_request *r = request;
    const sp_record *record = &sp_records[r->code];
    const ptrdiff_t grain = record->flags & SP_LARGE_ARGUMENT ? TILE : GRAIN;
    const ptrdiff_t end = (share + 1) * GRAIN < r->n ? (share + 1) * GRAIN : r->n;
    int invalid = 0;
    for (ptrdiff_t i = share * GRAIN; i < end; i += grain)
        invalid |= evaluate_tile(r, record, i, end - i < grain ? end - i : grain);
    return invalid;
}

void sp_evaluate(const sp_request *r) {
    if (sp_parallel_for((r->n + GRAIN - 1) / GRAIN, r->n, evaluate_share, r))
        raise_invalid();
}

double sp_evaluate_scalar(int code, sp_operation operation, double x, double a, double b) {
    const int far = sp_records[code].flags & SP_LARGE_ARGUMENT && fabs(argument_of(code, x, a, b)) > SP_ARGUMENT_LIMIT;
    int invalid = 0;
    double result;
    const float_state callers = enter_own_state();
    if (far) {
        const jet y = far_jet(code, x, a, b);
        invalid = is_invalid(x, y);
        result = operation == SP_VALUE ? y.value : operation == SP_DERIVATIVE ? y.derivative : y.second;
    } else
        result = sp_kernels_for(SP_FLOAT64)->scalar(code, operation, x, a, b);
    leave_own_state(callers);
    if (invalid)
        raise_invalid();
    return result;
}
