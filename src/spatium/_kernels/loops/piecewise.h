/* Functions of few pieces, each a line or a parabola, in vectors for every operation but f'' and the derivatives by the
   parameters: they take as long as the arrays take to read and write.

   A record with the form SP_PIECEWISE needs, beside its double text,
     name_beyond(a, b)           parameters that only the double loop serves
     name_lanes(x, a, b, &far)   the value
     name_side_lanes(x, a, b, &far)   which side x is on: where f' takes two values, whether it is the one of a set bit, false
                                 for NaN; elsewhere what `name_side` says
   and where f' takes two values
     name_slopes(a, b)           both of them
     name_side_from_output_lanes(y, a, b)
   or else
     name_slope_lanes(x, a, b, &far)
     name_slope_from_output_lanes(y, a, b, &far), or with one bit name_slope_from_side_lanes(y, right, a, b, &far).
   `far` is added the arguments for the double loop, as in lanes.h.

   A derivative is a sum hi + lo where a float would not hold it, so that g·f' is rounded once, as it is by the double loop. */
#ifndef SP_PIECEWISE_H
#define SP_PIECEWISE_H
#include "loops/lanes.h"

#if SP_HAS_LANES

#if defined(__AVX512F__)
#define V_COMPARED(a, b, how) _mm512_cmp_ps_mask(a, b, how)
#define v_both(m, k) ((mask)((m) & (k)))
#define v_keep(m, a) _mm512_maskz_mov_ps(m, a)
#define v_words_less(i, j) _mm512_cmplt_epi32_mask(i, j)
#define v_sqrt(x) _mm512_sqrt_ps(x)
#else
#define V_COMPARED(a, b, how) _mm256_cmp_ps(a, b, how)
#define v_both(m, k) _mm256_and_ps(m, k)
#define v_keep(m, a) _mm256_and_ps(m, a)
#define v_words_less(i, j) v_floats(_mm256_cmpgt_epi32(j, i))
#define v_sqrt(x) _mm256_sqrt_ps(x)
#endif
/* v_keep(m, a): a where m is set, else 0.  Comparisons with NaN: false, but for those that begin with not. */
#define v_at_most(a, b) V_COMPARED(a, b, _CMP_LE_OQ)
#define v_equal(a, b) V_COMPARED(a, b, _CMP_EQ_OQ)
#define v_not_less(a, b) V_COMPARED(a, b, _CMP_NLT_UQ)
#define v_not_equal(a, b) V_COMPARED(a, b, _CMP_NEQ_UQ)

/* 0 < |x| < 2^-99: the bits between those of 0 and 2^-99, moved to the lower end of the integers */
SP_INLINE mask v_nearly_zero(lanes x) {
    return v_words_less(v_add_words(v_words(v_abs(x)), v_set_words(INT32_MAX)),
                        v_set_words(INT32_MIN + ((127 - 99) << 23) - 1));
}
/* -2^-40 < x < 0, likewise */
SP_INLINE mask v_tiny_negative(lanes x) {
    return v_words_less(v_add_words(v_words(x), v_set_words(-1)), v_set_words(INT32_MIN + ((127 - 40) << 23) - 1));
}

/* A parameter: hi + lo, and for comparisons the greatest float that is not above it.  `exact`: lo is 0 in
   all lanes, `inexact`: in none; neither is known of parameters that vary. */
typedef struct {
    lanes_pair pair;
    lanes below;
    int exact, inexact;
} lanes_bound;
/* hi + lo of the same sign, so that a zero times one is the zero times the other */
SP_INLINE lanes_pair v_of_one_sign(lanes_bound a) {
    mask crossed = v_words_less(v_words(v_exclusive_or(a.pair.hi, a.pair.lo)), v_set_words(0));
    words toward_zero = v_add_words(v_words(a.pair.hi), v_set_words(-1));
    lanes hi = v_select(crossed, v_floats(toward_zero), a.pair.hi);
    return (lanes_pair){hi, v_with_sign(v_abs((a.pair.hi - hi) + a.pair.lo), hi)};
}

/* The float before x, x where it is the one already: `excess` > 0 says that x is above the parameter */
SP_INLINE lanes v_not_above(lanes x, lanes excess) {
    words down = v_add_words(v_words(x), v_set_words(-1)), up = v_add_words(v_words(v_or(x, SIGN)), v_set_words(1));
    lanes before = v_select(v_less(v_set(0.0f), x), v_floats(down), v_floats(up));
    return v_select(v_less(v_set(0.0f), excess), before, x);
}
SP_INLINE lanes_bound v_bound(const double *p, int varying, ptrdiff_t i) {
    const double sized = 0x1p1000; /* no excess is too small for a float */
    lanes_bound a = {{v_set(0.0f), v_set(0.0f)}, v_set(0.0f), 0, 0};
    if (p && varying) {
        v_doubles d = v_load_doubles(p + i);
        a.pair.hi = v_narrowed(d);
        v_doubles wide = v_widened(a.pair.hi);
        a.pair.lo = v_narrowed((v_doubles){d.a - wide.a, d.b - wide.b});
        a.below = v_not_above(a.pair.hi, v_narrowed((v_doubles){(wide.a - d.a) * sized, (wide.b - d.b) * sized}));
    } else if (p) {
        const float hi = (float)*p;
        a.pair.hi = v_set(hi);
        a.pair.lo = v_set((float)(*p - hi));
        a.below = v_not_above(a.pair.hi, v_set((float)((hi - *p) * sized)));
        a.exact = hi == *p;
        a.inexact = !a.exact;
    }
    return a;
}
SP_INLINE mask v_bound_beyond(lanes_bound a) {
    return v_either(v_beyond(a.pair.hi, 0x1p60f), v_less(v_abs(a.pair.hi), v_set(0x1p-60f)));
}

/* the square root of h.hi + h.lo, both as pairs */
SP_INLINE lanes_pair v_pair_root(lanes_pair h) {
    lanes r = v_sqrt(h.hi);
    return (lanes_pair){r, (v_fnma(r, r, h.hi) + h.lo) / v_max(r + r, v_set(0x1p-60f))}; /* 0 of 0 */
}

/* Between ±REAL_MAX, NaN too: for a low product next to a high one that is infinite or overflows */
SP_INLINE lanes v_finite(lanes x) { return v_max(v_min(x, v_set(REAL_MAX)), v_set(-REAL_MAX)); }

/* f': hi + lo, where hi is the sum rounded; `exact`, a constant: lo is 0 */
typedef struct {
    lanes hi, lo;
    int exact;
} lanes_slope;
/* of a function that serves all */
#define V_ANY_PARAMETERS(name)                                                                                         \
    SP_INLINE mask name##_beyond(lanes_bound a, lanes_bound b) {                                                       \
        (void)a, (void)b;                                                                                              \
        return v_none();                                                                                               \
    }

#define V_FLOAT_SLOPE(c) ((lanes_slope){(c), v_set(0.0f), 1})
/* a + b, |a| >= |b| or a = 0 */
SP_INLINE lanes_slope v_slope_of(lanes a, lanes b) {
    lanes_pair s = v_fast_two_sum(a, b);
    return (lanes_slope){s.hi, s.lo, 0};
}

/* (a + b)/divisor, |a| >= |b| or a = 0: what the product with the rounded reciprocal leaves is divided too, and exactly
   where the quotient is a float, so that a result in the middle between two is seen to be there */
SP_INLINE lanes_slope v_slope_over(lanes a, lanes b, float divisor) {
    const lanes reciprocal = v_set(1 / divisor);
    lanes q = a * reciprocal, left = v_fnma(v_set(divisor), q, a) + b, r = left * reciprocal;
    return v_slope_of(q, v_fma(v_fnma(v_set(divisor), r, left), reciprocal, r));
}

typedef struct {
    lanes_pair up, down; /* of a set bit, of a clear one */
    int exact;
} lanes_slopes;
#define V_FLOAT_SLOPES(up, down) ((lanes_slopes){{v_set(up), v_set(0.0f)}, {v_set(down), v_set(0.0f)}, 1})

SP_INLINE lanes_slope v_slope_of_side(mask up, lanes_slopes s) {
    return (lanes_slope){v_select(up, s.up.hi, s.down.hi), v_select(up, s.up.lo, s.down.lo), s.exact};
}
/* The same, NaN where x is NaN */
SP_INLINE lanes_slope v_slope_at(lanes x, mask up, lanes_slopes s) {
    s.down.hi = v_unless_nan(x, s.down.hi);
    return v_slope_of_side(up, s);
}

/* g·f', rounded once; not where it is so small that g's product with the low word underflows */
SP_INLINE lanes v_gradient(lanes g, lanes_slope s, mask *far) {
    if (s.exact)
        return g * s.hi;
    lanes y = v_fma(g, s.hi, v_finite(g * s.lo));
    *far = v_either(*far, v_nearly_zero(y));
    return v_with_sign(y, v_exclusive_or(g, s.hi)); /* for -0 */
}

/* SP_LANES results, those of `far` lanes replaced by what the double loop gives; g, side: null where it reads none */
#define RESULTS (SP_LANES / V_LANES)
static __attribute__((noinline)) void patch_in_memory(sp_loop *in_double, int varying, ptrdiff_t i, const real *x,
                                                      const real *g, const double *const *p, const real *side,
                                                      const mask *far, lanes *y) {
    real exact[SP_LANES], sides[SP_LANES];
    const double *q[SP_MAX_PARAMETERS];
    for (int k = 0; k < SP_MAX_PARAMETERS; k++)
        q[k] = p[k] && varying ? p[k] + i : p[k];
    if (side)
        memcpy(sides, side + i, sizeof sides);
    in_double(SP_LANES, x ? x + i : 0, g ? g + i : 0, q, exact, sides);
    for (int k = 0; k < RESULTS; k++)
        y[k] = v_select(far[k], v_load(exact + k * V_LANES), y[k]);
}
/* The copies leave `far` and y in registers wherever nothing is far: stored, they took a third of the time. */
SP_INLINE void patch(sp_loop *in_double, int varying, ptrdiff_t i, const real *x, const real *g, const double *const *p,
                     const real *side, const mask *far, lanes *y) {
    mask far_copy[RESULTS];
    lanes y_copy[RESULTS];
    _Pragma("GCC unroll 4") for (int k = 0; k < RESULTS; k++) far_copy[k] = far[k], y_copy[k] = y[k];
    patch_in_memory(in_double, varying, i, x, g, p, side, far_copy, y_copy);
    _Pragma("GCC unroll 4") for (int k = 0; k < RESULTS; k++) y[k] = y_copy[k];
}

/* BODY sees v, the parameters a and b, the vector's place j, and sets y[k] and far[k]; X, G: what it reads */
#define PIECEWISE_LOOP(function, name, VARYING, parameters, X, G, SIDE, IN_DOUBLE, BODY)                                    \
    static NOINLINE void function(ARGUMENTS) {                                                                         \
        ARRAYS;                                                                                                        \
        const double *pa = (parameters) > 0 ? p[0] : 0, *pb = (parameters) > 1 ? p[1] : 0;                             \
        lanes_bound a = v_bound(pa, 0, 0), b = v_bound(pb, 0, 0);                                                      \
        n &= -(ptrdiff_t)SP_LANES;                                                                                     \
        if (!(VARYING) && v_any(name##_beyond(a, b))) {                                                                \
            IN_DOUBLE(n, in0, in1, p, to0, to1);                                                                       \
            return;                                                                                                    \
        }                                                                                                              \
        for (ptrdiff_t i = 0; i < n; i += SP_LANES) {                                                                  \
            lanes y[RESULTS];                                                                                          \
            mask far[RESULTS];                                                                                         \
            mask any = v_none();                                                                                       \
            if (X)                                                                                                     \
                PREFETCH(x + i);                                                                                       \
            if (G)                                                                                                     \
                PREFETCH(g + i);                                                                                       \
            PREFETCH(out0 + i);                                                                                        \
            UNROLLED for (int k = 0; k < RESULTS; k++) {                                                               \
                ptrdiff_t j = i + k * V_LANES;                                                                         \
                lanes v = (X) ? v_load(x + j) : v_set(0.0f);                                                           \
                if (VARYING)                                                                                           \
                    a = v_bound(pa, 1, j), b = v_bound(pb, 1, j);                                                      \
                (void)v, (void)a, (void)b;                                                                             \
                far[k] = (VARYING) ? name##_beyond(a, b) : v_none();                                                   \
                BODY;                                                                                                  \
                any = v_either(any, far[k]);                                                                           \
            }                                                                                                          \
            if (__builtin_expect(v_any(any), 0))                                                                       \
                patch(IN_DOUBLE, VARYING, i, (X) ? x : 0, (G) ? g : 0, p, (SIDE) ? out1 : 0, far, y);                  \
            UNROLLED for (int k = 0; k < RESULTS; k++) v_store(out0 + i + k * V_LANES, y[k]);                          \
        }                                                                                                              \
    }

/* value and derivative: two results, so a loop of its own */
#define PIECEWISE_LOOP_OF_BOTH(name, suffix, VARYING, parameters)                                                      \
    static NOINLINE void name##_both_piecewise##suffix(ARGUMENTS) {                                                    \
        ARRAYS;                                                                                                        \
        const double *pa = (parameters) > 0 ? p[0] : 0, *pb = (parameters) > 1 ? p[1] : 0;                             \
        lanes_bound a = v_bound(pa, 0, 0), b = v_bound(pb, 0, 0);                                                      \
        n &= -(ptrdiff_t)SP_LANES;                                                                                     \
        if (!(VARYING) && v_any(name##_beyond(a, b))) {                                                                \
            name##_both##suffix(n, in0, in1, p, to0, to1);                                                             \
            return;                                                                                                    \
        }                                                                                                              \
        for (ptrdiff_t i = 0; i < n; i += SP_LANES) {                                                                  \
            lanes y[RESULTS], d[RESULTS];                                                                              \
            mask far[RESULTS], steep[RESULTS];                                                                         \
            mask any = v_none();                                                                                       \
            PREFETCH(x + i);                                                                                           \
            PREFETCH(out0 + i);                                                                                        \
            PREFETCH(out1 + i);                                                                                        \
            UNROLLED for (int k = 0; k < RESULTS; k++) {                                                               \
                ptrdiff_t j = i + k * V_LANES;                                                                         \
                lanes v = v_load(x + j);                                                                               \
                if (VARYING)                                                                                           \
                    a = v_bound(pa, 1, j), b = v_bound(pb, 1, j);                                                      \
                far[k] = steep[k] = (VARYING) ? name##_beyond(a, b) : v_none();                                        \
                y[k] = name##_lanes(v, a, b, &far[k]);                                                                 \
                d[k] = name##_slope_lanes(v, a, b, &steep[k]).hi;                                                      \
                any = v_either(any, v_either(far[k], steep[k]));                                                       \
            }                                                                                                          \
            if (__builtin_expect(v_any(any), 0)) {                                                                     \
                patch(name##_value##suffix, VARYING, i, x, 0, p, 0, far, y);                                           \
                patch(name##_derivative##suffix, VARYING, i, x, 0, p, 0, steep, d);                                    \
            }                                                                                                          \
            UNROLLED for (int k = 0; k < RESULTS; k++) {                                                               \
                v_store(out0 + i + k * V_LANES, y[k]);                                                                 \
                v_store(out1 + i + k * V_LANES, d[k]);                                                                 \
            }                                                                                                          \
        }                                                                                                              \
    }

/* what SP_TWO_VALUED_SLOPE says of the derivative, made from its sides */
#define PIECEWISE_SLOPES_SP_MANY_SLOPES(name)
#define PIECEWISE_SLOPES_SP_TWO_VALUED_SLOPE(name)                                                                     \
    SP_INLINE lanes_slope name##_slope_lanes(lanes x, lanes_bound a, lanes_bound b, mask *far) {                       \
        return v_slope_at(x, name##_side_lanes(x, a, b, far), name##_slopes(a, b));                                    \
    }                                                                                                                  \
    SP_INLINE lanes_slope name##_slope_from_output_lanes(lanes y, lanes_bound a, lanes_bound b, mask *far) {           \
        (void)far;                                                                                                     \
        return v_slope_at(y, name##_side_from_output_lanes(y, a, b), name##_slopes(a, b));                             \
    }

#define PIECEWISE_LOOPS(name, suffix, VARYING, parameters)                                                             \
    PIECEWISE_LOOP(name##_value_piecewise##suffix, name, VARYING, parameters, 1, 0, 0, name##_value##suffix,                 \
                   y[k] = name##_lanes(v, a, b, &far[k]))                                                              \
    PIECEWISE_LOOP(name##_derivative_piecewise##suffix, name, VARYING, parameters, 1, 0, 0, name##_derivative##suffix,       \
                   y[k] = name##_slope_lanes(v, a, b, &far[k]).hi)                                                     \
    PIECEWISE_LOOP(name##_backward_piecewise##suffix, name, VARYING, parameters, 1, 1, 0, name##_backward##suffix,           \
                   y[k] = v_gradient(v_load(g + j), name##_slope_lanes(v, a, b, &far[k]), &far[k]))                    \
    PIECEWISE_LOOP_OF_BOTH(name, suffix, VARYING, parameters)
#define PIECEWISE_LOOPS_FROM_OUTPUT(name, suffix, VARYING, parameters)                                                 \
    PIECEWISE_LOOP(name##_derivative_y_piecewise##suffix, name, VARYING, parameters, 1, 0, 0, name##_derivative_y##suffix,   \
                   y[k] = name##_slope_from_output_lanes(v, a, b, &far[k]).hi)                                         \
    PIECEWISE_LOOP(name##_backward_y_piecewise##suffix, name, VARYING, parameters, 1, 1, 0, name##_backward_y##suffix,       \
                   y[k] = v_gradient(v_load(g + j), name##_slope_from_output_lanes(v, a, b, &far[k]), &far[k]))
#define PIECEWISE_LOOPS_FROM_BIT(name, suffix, VARYING, parameters)                                                    \
    PIECEWISE_LOOP(name##_side_piecewise##suffix, name, VARYING, parameters, 1, 0, 0, name##_side##suffix,                   \
                   y[k] = v_keep(v_either(name##_side_lanes(v, a, b, &far[k]), v_not_equal(v, v)), ONE))               \
    PIECEWISE_LOOP(name##_backward_side_piecewise##suffix, name, VARYING, parameters, 0, 1, 1, name##_backward_side##suffix, \
                   mask up = v_less(v_set(0.0f), v_load(out1 + j));                                                    \
                   y[k] = v_gradient(v_load(g + j), v_slope_of_side(up, name##_slopes(a, b)), &far[k]))
#define PIECEWISE_LOOPS_FROM_SIDE(name, suffix, VARYING, parameters)                                                   \
    PIECEWISE_LOOP(name##_side_piecewise##suffix, name, VARYING, parameters, 1, 0, 0, name##_side##suffix,                   \
                   y[k] = v_keep(name##_side_lanes(v, a, b, &far[k]), ONE))                                            \
    PIECEWISE_LOOP(name##_backward_side_piecewise##suffix, name, VARYING, parameters, 1, 1, 1, name##_backward_side##suffix, \
                   mask right = v_less(v_set(0.0f), v_load(out1 + j));                                                 \
                   y[k] = v_gradient(v_load(g + j), name##_slope_from_side_lanes(v, right, a, b, &far[k]), &far[k]))
#endif

#endif
