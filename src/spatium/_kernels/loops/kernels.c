/* The loops, and the switch on the enum code, both made from functions.inc.

   Compiled once per instruction set and type:  -DSP_ISA=x86_v3 -DSP_DOUBLE=0 -march=...
   Every loop is contiguous and runs over a multiple of SP_STEP elements, so there is no scalar remainder; evaluate.c
   brings any other layout into that form.  Nothing here has linkage but the table at the end. */
#include "loops/kernels.h"

#include "arithmetic/elementary.h"
#include "arithmetic/half.h"
#include "arithmetic/inverse.h"
#include "loops/vectors.h"
#include "loops/patch.h"
#include "loops/permute.h"
#include "loops/piecewise.h"
#include "loops/simhash.h"
#include "loops/stages.h"

#undef SP_PASS
#define SP_PASS SP_TEXT
#include "functions.inc"
#undef SP_PASS
#define SP_PASS SP_RECORD

/* out may be x or g itself, never a shifted overlap of them, so the lanes of a vector are independent. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(enable) interleave(enable)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#else
#define INDEPENDENT
#endif

/* Some of these loops are unused: those in double of functions whose float32 form covers all arguments. */
#define NOINLINE __attribute__((noinline, unused))
/* Not copied for callers that give a constant: f' is g·f' without g, and one text of a loop is enough. */
#if defined(__clang__)
#define ONE_COPY NOINLINE
#else
#define ONE_COPY __attribute__((noinline, noclone, unused))
#endif
#define UNROLLED _Pragma("GCC unroll 4")
#define ARGUMENTS ptrdiff_t n, const void *in0, const void *in1, const double *const *p, void *to0, void *to1
#define ARRAYS                                                                                                         \
    const real *x = in0, *g = in1;                                                                                     \
    real *out0 = to0, *out1 = to1;                                                                                     \
    (void)x, (void)g, (void)out0, (void)out1

/* BODY sees x[i], g[i] and the parameters a, b. */
#define LOOP(function, VARYING, parameters, BODY)                                                                      \
    static NOINLINE void function(ARGUMENTS) {                                                                         \
        ARRAYS;                                                                                                        \
        const double *pa = (parameters) > 0 ? p[0] : 0, *pb = (parameters) > 1 ? p[1] : 0;                             \
        double a = pa ? pa[0] : 0.0, b = pb ? pb[0] : 0.0;                                                             \
        n &= -(ptrdiff_t)SP_STEP;                                                                                      \
        INDEPENDENT                                                                                                    \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            if ((VARYING) && (parameters) > 0)                                                                         \
                a = pa[i];                                                                                             \
            if ((VARYING) && (parameters) > 1)                                                                         \
                b = pb[i];                                                                                             \
            BODY                                                                                                       \
        }                                                                                                              \
    }

#define LOOPS_FROM_INPUT(name, suffix, VARYING, parameters)                                                            \
    LOOP(name##_value##suffix, VARYING, parameters, out0[i] = (real)name##_at(x[i], a, b).value;)                      \
    LOOP(name##_derivative##suffix, VARYING, parameters, out0[i] = (real)name##_at(x[i], a, b).derivative;)            \
    LOOP(name##_both##suffix, VARYING, parameters, jet y = name##_at(x[i], a, b); out0[i] = (real)y.value;             \
         out1[i] = (real)y.derivative;)                                                                                \
    LOOP(name##_backward##suffix, VARYING, parameters, out0[i] = (real)(g[i] * name##_at(x[i], a, b).derivative);)     \
    LOOP(name##_second##suffix, VARYING, parameters, out0[i] = (real)name##_at(x[i], a, b).second;)                    \
    LOOPS_BY_PARAMETER_##parameters(name, suffix, VARYING, parameters)

/* in double whatever the type of x: they are summed */
#define LOOPS_BY_PARAMETER_0(name, suffix, VARYING, parameters)
#define LOOPS_BY_PARAMETER_1(name, suffix, VARYING, parameters)                                                        \
    LOOP(name##_parameters##suffix, VARYING, parameters, ((double *)out0)[i] = g[i] * name##_at(x[i], a, b).by_a;)
#define LOOPS_BY_PARAMETER_2(name, suffix, VARYING, parameters)                                                        \
    LOOP(name##_parameters##suffix, VARYING, parameters, jet y = name##_at(x[i], a, b);                                \
         ((double *)out0)[i] = g[i] * y.by_a; ((double *)out1)[i] = g[i] * y.by_b;)

#if SP_HAS_VECTORS
#define LOOP_SP_PIECEWISE(name, operation, suffix) name##_##operation##_piecewise##suffix
#else
#define LOOP_SP_PIECEWISE LOOP_SP_IN_DOUBLE
#define PIECEWISE_SLOPES_SP_MANY_SLOPES(name)
#define PIECEWISE_SLOPES_SP_TWO_VALUED_SLOPE(name)
#define PIECEWISE_SLOPES_FROM_OUTPUT_SP_MANY_SLOPES(name)
#define PIECEWISE_SLOPES_FROM_OUTPUT_SP_TWO_VALUED_SLOPE(name)
#define PIECEWISE_LOOPS(name, suffix, VARYING, parameters)
#define PIECEWISE_LOOPS_FROM_OUTPUT(name, suffix, VARYING, parameters)
#define PIECEWISE_LOOPS_FROM_BIT(name, suffix, VARYING, parameters)
#define PIECEWISE_LOOPS_FROM_SIDE(name, suffix, VARYING, parameters)
#endif
#define LOOP_SP_PIECEWISE_EXACT LOOP_SP_PIECEWISE
#define LOOP_SP_IN_DOUBLE(name, operation, suffix) name##_##operation##suffix
/* the operations that only piecewise functions have in vectors */
#define OTHER_SP_IN_DOUBLE(name, operation, suffix) name##_##operation##suffix
#define OTHER_SP_IN_STAGES OTHER_SP_IN_DOUBLE
#define OTHER_SP_PIECEWISE LOOP_SP_PIECEWISE
#define OTHER_SP_PIECEWISE_EXACT LOOP_SP_PIECEWISE
#define OUTPUT_SP_IN_DOUBLE OTHER_SP_IN_DOUBLE
#define OUTPUT_SP_PIECEWISE LOOP_SP_PIECEWISE
#define OUTPUT_SP_PIECEWISE_EXACT LOOP_SP_PIECEWISE

#define LOOPS_FROM_OUTPUT(name, suffix, VARYING, parameters)                                                           \
    LOOP(name##_derivative_y##suffix, VARYING, parameters, out0[i] = (real)name##_from_output(x[i], a, b);)            \
    LOOP(name##_backward_y##suffix, VARYING, parameters, out0[i] = (real)(g[i] * name##_from_output(x[i], a, b));)

/* One bit replaces x. For NaN the bit selects the steeper slope, so that the incoming gradient is not set to 0. */
#define LOOPS_FROM_BIT(name, suffix, VARYING, parameters)                                                              \
    LOOP(name##_side##suffix, VARYING, parameters,                                                                     \
         out0[i] = name##_at(x[i], a, b).derivative == name##_from_bit(0, a, b) ? 0 : 1;)                              \
    LOOP(name##_backward_side##suffix, VARYING, parameters,                                                            \
         out0[i] = (real)(g[i] * name##_from_bit(out1[i] != 0, a, b));)
#define LOOPS_FROM_SIDE(name, suffix, VARYING, parameters)                                                             \
    LOOP(name##_side##suffix, VARYING, parameters, out0[i] = name##_side(x[i], a, b) ? 1 : 0;)                         \
    LOOP(name##_backward_side##suffix, VARYING, parameters,                                                            \
         out0[i] = (real)(g[i] * name##_from_side(x[i], out1[i] != 0, a, b));)

#define CASES_FROM_INPUT(name, suffix, form)                                                                           \
    case SP_VALUE: return LOOP_##form(name, value, suffix);                                                            \
    case SP_DERIVATIVE: return LOOP_##form(name, derivative, suffix);                                                  \
    case SP_VALUE_AND_DERIVATIVE: return LOOP_##form(name, both, suffix);                                              \
    case SP_BACKWARD: return LOOP_##form(name, backward, suffix);                                                      \
    case SP_SECOND_DERIVATIVE: return name##_second##suffix;

#define CASES_BY_PARAMETER(name, suffix)                                                                               \
    case SP_PARAMETER_GRADIENTS: return name##_parameters##suffix;

#define CASES_FROM_OUTPUT(name, suffix, form)                                                                          \
    case SP_DERIVATIVE_FROM_OUTPUT: return OUTPUT_##form(name, derivative_y, suffix);                                  \
    case SP_BACKWARD_FROM_OUTPUT: return OUTPUT_##form(name, backward_y, suffix);

#define CASES_FROM_SIDE(name, suffix, form)                                                                            \
    case SP_SIDE: return OTHER_##form(name, side, suffix);                                                             \
    case SP_BACKWARD_FROM_SIDE: return OTHER_##form(name, backward_side, suffix);

/* Each record expands to its loops and to one function that selects the loop of an operation. There is only one set
   of loops if the function has no parameters, and no loop from the output if there is no formula for it. */
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    LOOPS_FROM_INPUT(name, _uniform, 0, parameters)                                                                    \
    SP_IF_STAGES_##form(LOOPS_IN_STAGES(name, _uniform, 0, parameters))                                                \
    SP_IF_OUTPUT_##source(LOOPS_FROM_OUTPUT(name, _uniform, 0, parameters))                                            \
    SP_IF_STAGES_##form(SP_IF_OUTPUT_##source(LOOPS_FROM_OUTPUT_IN_VECTORS(name, _uniform, 0, parameters)))            \
    SP_IF_BIT_##slopes(LOOPS_FROM_BIT(name, _uniform, 0, parameters))                                                  \
    SP_IF_SIDE_##source(LOOPS_FROM_SIDE(name, _uniform, 0, parameters))                                                \
    SP_IF_PIECEWISE_##form(                                                                                            \
        PIECEWISE_SLOPES_##slopes(name)                                                                                \
        SP_IF_OUTPUT_##source(PIECEWISE_SLOPES_FROM_OUTPUT_##slopes(name))                                             \
        PIECEWISE_LOOPS(name, _uniform, 0, parameters)                                                                 \
        SP_IF_OUTPUT_##source(PIECEWISE_LOOPS_FROM_OUTPUT(name, _uniform, 0, parameters))                              \
        SP_IF_BIT_##slopes(PIECEWISE_LOOPS_FROM_BIT(name, _uniform, 0, parameters))                                    \
        SP_IF_SIDE_##source(PIECEWISE_LOOPS_FROM_SIDE(name, _uniform, 0, parameters)))                                 \
    SP_IF_PARAMETERS_##parameters(                                                                                     \
        LOOPS_FROM_INPUT(name, _varying, 1, parameters)                                                                \
        SP_IF_STAGES_##form(LOOPS_IN_STAGES(name, _varying, 1, parameters))                                            \
        SP_IF_OUTPUT_##source(LOOPS_FROM_OUTPUT(name, _varying, 1, parameters))                                        \
        SP_IF_STAGES_##form(SP_IF_OUTPUT_##source(LOOPS_FROM_OUTPUT_IN_VECTORS(name, _varying, 1, parameters)))        \
        SP_IF_PIECEWISE_##form(                                                                                        \
            PIECEWISE_LOOPS(name, _varying, 1, parameters)                                                             \
            SP_IF_OUTPUT_##source(PIECEWISE_LOOPS_FROM_OUTPUT(name, _varying, 1, parameters))))                        \
    static sp_loop *name##_loop(sp_operation operation, int varying) {                                                 \
        SP_IF_PARAMETERS_##parameters(                                                                                 \
            if (varying) {                                                                                             \
                switch (operation) {                                                                                   \
                    CASES_FROM_INPUT(name, _varying, form)                                                             \
                    SP_IF_OUTPUT_##source(CASES_FROM_OUTPUT(name, _varying, form))                                     \
                    CASES_BY_PARAMETER(name, _varying)                                                                 \
                default: return 0;                                                                                     \
                }                                                                                                      \
            })                                                                                                         \
        (void)varying;                                                                                                 \
        switch (operation) {                                                                                           \
            CASES_FROM_INPUT(name, _uniform, form)                                                                     \
            SP_IF_OUTPUT_##source(CASES_FROM_OUTPUT(name, _uniform, form))                                             \
            SP_IF_BIT_##slopes(CASES_FROM_SIDE(name, _uniform, form))                                                  \
            SP_IF_SIDE_##source(CASES_FROM_SIDE(name, _uniform, form))                                                 \
            SP_IF_PARAMETERS_##parameters(CASES_BY_PARAMETER(name, _uniform))                                          \
        default: return 0;                                                                                             \
        }                                                                                                              \
    }

#include "functions.inc"
#undef SP_ACTIVATION

static sp_loop *find_loop(int code, sp_operation operation, int varying) {
    switch (code) {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    case code: return name##_loop(operation, varying);
#include "functions.inc"
#undef SP_ACTIVATION
    default: return 0;
    }
}

/* One number: the text of the loops as it stands, so the same operations in the same order and the same bits; where they
   run over vectors, a loop over one number many times. */
#if SP_DOUBLE
static double in_loop(sp_loop *loop, double x, double a, double b) {
    double in[SP_STEP], out[SP_STEP];
    for (int i = 0; i < SP_STEP; i++)
        in[i] = x;
    loop(SP_STEP, in, 0, (const double *const[]){&a, &b}, out, 0);
    return out[0];
}
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    static NOINLINE double name##_scalar(sp_operation operation, double x, double a, double b) {                       \
        SP_IF_STAGES_##form(                                                                                           \
            if (SP_HAS_VECTORS && operation <= SP_DERIVATIVE) return in_loop(name##_loop(operation, 0), x, a, b);)     \
        SP_IF_PIECEWISE_##form(                                                                                        \
            if (SP_HAS_VECTORS && operation != SP_SECOND_DERIVATIVE && name##_loop(operation, 0))                      \
                return in_loop(name##_loop(operation, 0), x, a, b);)                                                   \
        switch (operation) {                                                                                           \
        case SP_VALUE: return name##_at(x, a, b).value;                                                                \
        case SP_DERIVATIVE: return name##_at(x, a, b).derivative;                                                      \
        case SP_SECOND_DERIVATIVE: return name##_at(x, a, b).second;                                                   \
            SP_IF_OUTPUT_##source(case SP_DERIVATIVE_FROM_OUTPUT : return name##_from_output(x, a, b);)                \
        default: return (double)NAN;                                                                                   \
        }                                                                                                              \
    }
#include "functions.inc"
#undef SP_ACTIVATION

static double scalar(int code, sp_operation operation, double x, double a, double b) {
    switch (code) {
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    case code: return name##_scalar(operation, x, a, b);
#include "functions.inc"
#undef SP_ACTIVATION
    default: return (double)NAN;
    }
}
#endif

/* ---- loops that know no activation, for evaluate.c and passes.c ---- */

/* unsigned, of the size of real: loops that mix sizes do not vectorize */
#if SP_DOUBLE
typedef uint64_t real_bits;
#else
typedef uint32_t real_bits;
#endif

/* Magnitudes compare like their bits; a difference below 0 leaves its sign.  NaN counts as above. */
SP_INLINE int leaves(ptrdiff_t n, const void *x, double low, double high) {
    typedef real_bits __attribute__((may_alias)) bits_of_real;
    const bits_of_real *a = x;
    const int sign = 8 * sizeof(real) - 1;
    const real bottom = (real)low, top = (real)high;
    real_bits least, most, any = 0;
    memcpy(&least, &bottom, sizeof least);
    memcpy(&most, &top, sizeof most);
    for (ptrdiff_t i = 0; i < n; i++) {
        const real_bits size = a[i] & ~((real_bits)1 << sign);
        any |= (most - size) | (size - least);
    }
    return any >> sign != 0;
}
static int beyond(ptrdiff_t n, const void *x, double bound) { return leaves(n, x, 0.0, bound); }
static int outside(ptrdiff_t n, const void *x, double low, double high) { return leaves(n, x, low, high); }

/* Sixteen at a time. */
static const real_bits BIT_OF_ELEMENT[SP_STEP] = {1,      1 << 1, 1 << 2,  1 << 3,  1 << 4,  1 << 5,  1 << 6,  1 << 7,
                                             1 << 8, 1 << 9, 1 << 10, 1 << 11, 1 << 12, 1 << 13, 1 << 14, 1 << 15};

static void pack(ptrdiff_t n, const void *sides, uint8_t *bits) {
    const real *side = sides;
    for (ptrdiff_t i = 0; i < n; i += SP_STEP) {
        real_bits word = 0;
#if SP_HAS_VECTORS
        for (int k = 0; k < SP_STEP; k += V_LANES)
            word |= (real_bits)v_bits(v_less(v_set(0), v_load(side + i + k))) << k;
#else
        KEEP_ROLLED
        for (int k = 0; k < SP_STEP; k++)
            word |= side[i + k] != 0 ? BIT_OF_ELEMENT[k] : 0;
#endif
        bits[i / 8] = (uint8_t)word;
        bits[i / 8 + 1] = (uint8_t)(word >> 8);
    }
}

static void unpack(ptrdiff_t n, const uint8_t *bits, void *sides) {
    real *side = sides;
    for (ptrdiff_t i = 0; i < n; i += SP_STEP) {
        const real_bits word = (real_bits)bits[i / 8] | (real_bits)bits[i / 8 + 1] << 8;
        KEEP_ROLLED
        for (int k = 0; k < SP_STEP; k++)
            side[i + k] = (word & BIT_OF_ELEMENT[k]) != 0 ? 1 : 0;
    }
}

static void add_arrays(ptrdiff_t n, const void *x, const void *y, void *sums) {
    const real *a = x, *b = y;
    real *out = sums;
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++)
        out[i] = a[i] + b[i];
}

static void add_to(ptrdiff_t n, const void *x, double *sums) {
    const real *a = x;
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++)
        sums[i] += (double)a[i];
}

/* ---- a few elements, at the least cost ----

   Numbers that are stored one by one cannot be read as a vector before the last store is through, 4 ns later; so they are
   loaded as vectors that end where the numbers do. */

/* n numbers and zeros behind them */
#if defined(__AVX512F__)
SP_INLINE void load_few(ptrdiff_t n, const void *from, real *to) {
    for (int k = 0; k < SP_STEP; k += V_LANES) {
        const mask kept = (mask)(((1u << n) - 1u) >> k);
        v_store(to + k, V_REAL(maskz_loadu)(kept, (const real *)from + k));
    }
}
#elif defined(__AVX2__)
static const real_bits KEPT[2 * SP_STEP] = {-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1};

SP_INLINE void load_few(ptrdiff_t n, const void *from, real *to) {
    for (int k = 0; k < SP_STEP; k += V_LANES) {
        const words kept = _mm256_loadu_si256((const words *)(KEPT + SP_STEP - n + k));
        v_store(to + k, V_REAL(maskload)((const real *)from + k, kept));
    }
}
#else
SP_INLINE void load_few(ptrdiff_t n, const void *from, real *to) {
    memset(to, 0, SP_STEP * sizeof(real));
    memcpy(to, from, (size_t)n * sizeof(real));
}
#endif

static void run_few(const sp_request *r) {
    sp_loop *const loop = find_loop(r->code, r->operation, 0);
    const double *p[SP_MAX_PARAMETERS] = {0};
    real x[SP_STEP], y[SP_STEP];
    for (int k = 0; k < sp_records[r->code].parameters; k++)
        p[k] = (const double *)r->parameter[k];
    const ptrdiff_t done = r->n > SP_STEP ? r->n & -(ptrdiff_t)SP_STEP : 0, rest = r->n - done;
    if (done)
        loop(done, r->x, 0, p, r->out[0], 0);
    if (rest == 0)
        return;
    const char *from = r->x + done * r->x_stride;
    char *to = r->out[0] + done * r->out_stride[0];
    if (r->x_stride == sizeof(real)) {
        load_few(rest, from, x);
    } else {
        memset(x, 0, sizeof x);
        for (ptrdiff_t i = 0; i < rest; i++)
            memcpy(x + i, from + i * r->x_stride, sizeof(real));
    }
    loop(SP_STEP, x, 0, p, y, 0);
    KEEP_ROLLED
    for (ptrdiff_t i = 0; i < rest; i++)
        memcpy(to + i * r->out_stride[0], y + i, sizeof(real));
}

/* ---- 16-bit types, for the float32 kernels ---- */

#if !SP_DOUBLE
typedef uint16_t __attribute__((aligned(1), may_alias)) any_uint16; /* where NumPy puts it */

#define LOOPS_16_BIT(type, SIXTEEN, to_float_at, from_float_at, may_be_tie, is_tie)                                    \
    static void type##_to_float(ptrdiff_t n, const void *from, float *to) {                                            \
        const any_uint16 *h = from;                                                                                    \
        ptrdiff_t first = 0;                                                                                           \
        for (; (SIXTEEN) && first + 16 <= n; first += 16)                                                              \
            floats_from_sixteen_halves(h + first, to + first);                                                         \
        INDEPENDENT                                                                                                    \
        for (ptrdiff_t i = first; i < n; i++)                                                                          \
            to[i] = to_float_at(h[i]);                                                                                 \
    }                                                                                                                  \
    static void type##_from_floats(ptrdiff_t n, const float *from, void *to) {                                         \
        any_uint16 *h = to;                                                                                            \
        ptrdiff_t first = 0;                                                                                           \
        for (; (SIXTEEN) && first + 16 <= n; first += 16)                                                              \
            sixteen_halves_from_floats(from + first, h + first);                                                       \
        INDEPENDENT                                                                                                    \
        for (ptrdiff_t i = first; i < n; i++)                                                                          \
            h[i] = from_float_at(from[i]);                                                                             \
    }                                                                                                                  \
    /* margin: a constant of each loop */                                                                              \
    SP_INLINE int type##_find_ties_within(ptrdiff_t n, const float *values, const uint32_t margin, uint16_t *ties) {   \
        uint32_t any = 0;                                                                                              \
        for (ptrdiff_t i = 0; i < n; i++)                                                                              \
            any |= may_be_tie(values[i], margin);                                                                      \
        if (!any)                                                                                                      \
            return 0;                                                                                                  \
        any = 0;                                                                                                       \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            const uint32_t tie = is_tie(values[i], margin);                                                            \
            ties[i] = (uint16_t)tie;                                                                                   \
            any |= tie;                                                                                                \
        }                                                                                                              \
        return any != 0;                                                                                               \
    }                                                                                                                  \
    static int type##_find_ties(ptrdiff_t n, const float *values, int margin, uint16_t *ties) {                        \
        return margin ? type##_find_ties_within(n, values, 1, ties) : type##_find_ties_within(n, values, 0, ties);     \
    }
LOOPS_16_BIT(half, SP_HAS_SIXTEEN_HALVES, float_from_half, half_from_float, may_be_half_tie, is_half_tie)
LOOPS_16_BIT(bfloat16, 0, float_from_bfloat16, bfloat16_from_float, is_bfloat16_tie, is_bfloat16_tie)

#include "loops/narrow.h"
#endif

/* ---- functions of rows and of two arrays, for rows.c and gates.c ---- */

#include "loops/rows.h"
#include "loops/gates.h"

#define MOVES {cells_of, entries_of, count_keys, place, put, take, take_chosen, rows_to_lines, lines_to_rows}

#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#if SP_DOUBLE
#define TABLE CAT(CAT(sp_kernels_, SP_ISA), _float64)
const sp_kernels TABLE = {
    find_loop, run_few, project, find_patterns, {beyond, outside, pack, unpack, add_arrays, add_to}, rows, row_step, run_gate,
    MOVES, scalar, {0, 0, 0}, {0, 0, 0}, 0,
};
#else
#define TABLE CAT(CAT(sp_kernels_, SP_ISA), _float32)
const sp_kernels TABLE = {
    find_loop, run_few, project, find_patterns, {beyond, outside, pack, unpack, add_arrays, add_to}, rows, row_step, run_gate,
    MOVES, 0,
    {half_to_float, half_from_floats, half_find_ties},
    {bfloat16_to_float, bfloat16_from_floats, bfloat16_find_ties}, find_narrow_loop,
};
#endif
