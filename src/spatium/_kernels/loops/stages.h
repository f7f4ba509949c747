/* Loops in stages: a function's text in vectors, cut where a chain of operations becomes longer than what a processor looks
   ahead.  Each stage is a short loop of its own over a block, what it finds waits on the stack.

     name_place_of   where in its tables the later stages find what they need, as offsets: a table in memory is read by
                     numbers, which must have been stored a whole loop earlier; name_has_place says whether there are any.
                     What was found on the way may be a part of it
     name_first      name_kept: e^z and the like, from which value and derivative are made
     name_last       the value, and `far`
     name_slope_last the derivative, and `far`
     name_slope_from_output  the derivative from the output, and `far`; float32, where a record says SP_FROM_OUTPUT

   `want` is a constant of each loop: a first stage leaves out what neither asks for.  f' and g·f' have one loop, which asks
   whether there is a g. */
#ifndef SP_STAGES_H
#define SP_STAGES_H
#include "loops/patch.h"
#include "loops/vectors.h"

#if SP_HAS_VECTORS
/* Prefetch 4 KiB ahead: the processor's own prefetchers stop at the end of a page, and out-of-order execution covers fewer
   iterations of loops with more arithmetic. */
enum { AHEAD = 4096 };
#define PREFETCH(p)                                                                                                    \
    for (size_t ahead = AHEAD; ahead < AHEAD + SP_STEP * sizeof(real); ahead += 64)                                    \
    __builtin_prefetch((const void *)((uintptr_t)(p) + ahead))

#define LOOPS_IN_STAGES(name, suffix, VARYING, parameters)                                                             \
    /* want: a constant of the three functions below */                                                                \
    SP_INLINE void name##_in_stages##suffix(int want, ARGUMENTS) {                                                     \
        ARRAYS;                                                                                                        \
        const double *pa = (parameters) > 0 ? p[0] : 0, *pb = (parameters) > 1 ? p[1] : 0;                             \
        reals_parameter a = v_parameter(pa, 0, 0), b = v_parameter(pb, 0, 0);                                          \
        name##_place place[name##_block / V_LANES];                                                                    \
        name##_kept kept[name##_block / V_LANES];                                                                      \
        n &= -(ptrdiff_t)SP_STEP;                                                                                      \
        for (ptrdiff_t start = 0; start < n; start += name##_block) {                                                  \
            const int whole = (int)name##_block == (int)SP_STEP || n - start >= name##_block;                          \
            const ptrdiff_t end = whole ? start + name##_block : n;                                                    \
            if (name##_has_place)                                                                                      \
                for (ptrdiff_t i = start, j = 0; i < end; i += V_LANES, j++) {                                         \
                    if (VARYING)                                                                                       \
                        a = v_parameter(pa, 1, i), b = v_parameter(pb, 1, i);                                          \
                    place[j] = name##_place_of(v_load(x + i), a, b);                                                   \
                }                                                                                                      \
            for (ptrdiff_t i = start, j = 0; i < end; i += V_LANES, j++) {                                             \
                if (VARYING)                                                                                           \
                    a = v_parameter(pa, 1, i), b = v_parameter(pb, 1, i);                                              \
                reals v = v_load(x + i);                                                                               \
                if (!name##_has_place)                                                                                 \
                    place[0] = name##_place_of(v, a, b);                                                               \
                name##_first(v, &place[name##_has_place ? j : 0], a, b, want, &kept[j]);                               \
            }                                                                                                          \
            for (ptrdiff_t i = start; i < end; i += SP_STEP) {                                                         \
                reals y[SP_STEP / V_LANES], d[SP_STEP / V_LANES];                                                      \
                mask far[SP_STEP / V_LANES], steep[SP_STEP / V_LANES], any_far = v_none(), any_steep = v_none();       \
                const name##_kept *of = kept + (i - start) / V_LANES;                                                  \
                PREFETCH(x + i);                                                                                       \
                PREFETCH(out0 + i);                                                                                    \
                if (want == V_SLOPE && g)                                                                              \
                    PREFETCH(g + i);                                                                                   \
                if (want == (V_VALUE | V_SLOPE))                                                                       \
                    PREFETCH(out1 + i);                                                                                \
                UNROLLED for (int k = 0; k < SP_STEP / V_LANES; k++) {                                                 \
                    ptrdiff_t j = i + k * V_LANES;                                                                     \
                    reals v = v_load(x + j);                                                                           \
                    if (VARYING)                                                                                       \
                        a = v_parameter(pa, 1, j), b = v_parameter(pb, 1, j);                                          \
                    if (want & V_VALUE) {                                                                              \
                        y[k] = name##_last(v, &of[k], a, b, &far[k]);                                                  \
                        any_far = v_either(any_far, far[k]);                                                           \
                    }                                                                                                  \
                    if (want & V_SLOPE) {                                                                              \
                        d[k] = name##_slope_last(v, &of[k], a, b, &steep[k]);                                          \
                        any_steep = v_either(any_steep, steep[k]);                                                     \
                    }                                                                                                  \
                }                                                                                                      \
                if (want & V_VALUE && __builtin_expect(v_any(any_far), 0))                                             \
                    patch(name##_value##suffix, VARYING, i, x, 0, p, 0, far, y);                                       \
                if (want & V_SLOPE && __builtin_expect(v_any(any_steep), 0))                                           \
                    patch(name##_derivative##suffix, VARYING, i, x, 0, p, 0, steep, d);                                \
                UNROLLED for (int k = 0; k < SP_STEP / V_LANES; k++) {                                                 \
                    ptrdiff_t j = i + k * V_LANES;                                                                     \
                    if (want == V_SLOPE && g)                                                                          \
                        d[k] = v_load(g + j) * d[k];                                                                   \
                    if (want & V_VALUE)                                                                                \
                        v_store(out0 + j, y[k]);                                                                       \
                    if (want & V_SLOPE)                                                                                \
                        v_store((want & V_VALUE ? out1 : out0) + j, d[k]);                                             \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static NOINLINE void name##_value_in_stages##suffix(ARGUMENTS) {                                                   \
        name##_in_stages##suffix(V_VALUE, n, in0, in1, p, to0, to1);                                                   \
    }                                                                                                                  \
    static NOINLINE void name##_both_in_stages##suffix(ARGUMENTS) {                                                    \
        name##_in_stages##suffix(V_VALUE | V_SLOPE, n, in0, in1, p, to0, to1);                                         \
    }                                                                                                                  \
    static ONE_COPY void name##_backward_in_stages##suffix(ARGUMENTS) {                                                \
        name##_in_stages##suffix(V_SLOPE, n, in0, in1, p, to0, to1);                                                   \
    }                                                                                                                  \
    static NOINLINE void name##_derivative_in_stages##suffix(ARGUMENTS) {                                              \
        (void)in1;                                                                                                     \
        name##_backward_in_stages##suffix(n, in0, 0, p, to0, to1);                                                     \
    }
#define LOOP_SP_IN_STAGES(name, operation, suffix) name##_##operation##_in_stages##suffix
#else
#define LOOPS_IN_STAGES(name, suffix, VARYING, parameters)
#define LOOP_SP_IN_STAGES LOOP_SP_IN_DOUBLE
#endif

/* From the output, float32: name_slope_from_output, in one stage; chains are short there.  float64 takes the loops over
   doubles, which the compiler vectorizes. */
#if SP_HAS_FLOAT_VECTORS
#define LOOPS_FROM_OUTPUT_IN_VECTORS(name, suffix, VARYING, parameters)                                                \
    static ONE_COPY void name##_backward_y_in_vectors##suffix(ARGUMENTS) {                                             \
        ARRAYS;                                                                                                        \
        const double *pa = (parameters) > 0 ? p[0] : 0, *pb = (parameters) > 1 ? p[1] : 0;                             \
        reals_parameter a = v_parameter(pa, 0, 0), b = v_parameter(pb, 0, 0);                                          \
        n &= -(ptrdiff_t)SP_STEP;                                                                                      \
        for (ptrdiff_t i = 0; i < n; i += SP_STEP) {                                                                   \
            reals d[SP_STEP / V_LANES];                                                                                \
            mask far[SP_STEP / V_LANES], any_far = v_none();                                                           \
            PREFETCH(x + i);                                                                                           \
            PREFETCH(out0 + i);                                                                                        \
            if (g)                                                                                                     \
                PREFETCH(g + i);                                                                                       \
            UNROLLED for (int k = 0; k < SP_STEP / V_LANES; k++) {                                                     \
                ptrdiff_t j = i + k * V_LANES;                                                                         \
                if (VARYING)                                                                                           \
                    a = v_parameter(pa, 1, j), b = v_parameter(pb, 1, j);                                              \
                d[k] = name##_slope_from_output(v_load(x + j), a, b, &far[k]);                                         \
                any_far = v_either(any_far, far[k]);                                                                   \
            }                                                                                                          \
            if (__builtin_expect(v_any(any_far), 0))                                                                   \
                patch(name##_derivative_y##suffix, VARYING, i, x, 0, p, 0, far, d);                                \
            UNROLLED for (int k = 0; k < SP_STEP / V_LANES; k++) {                                                     \
                ptrdiff_t j = i + k * V_LANES;                                                                         \
                if (g)                                                                                                 \
                    d[k] = v_load(g + j) * d[k];                                                                       \
                v_store(out0 + j, d[k]);                                                                               \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static NOINLINE void name##_derivative_y_in_vectors##suffix(ARGUMENTS) {                                           \
        (void)in1;                                                                                                     \
        name##_backward_y_in_vectors##suffix(n, in0, 0, p, to0, to1);                                                  \
    }
#define OUTPUT_SP_IN_STAGES(name, operation, suffix) name##_##operation##_in_vectors##suffix
#else
#define LOOPS_FROM_OUTPUT_IN_VECTORS(name, suffix, VARYING, parameters)
#define OUTPUT_SP_IN_STAGES OTHER_SP_IN_DOUBLE
#endif

#endif
