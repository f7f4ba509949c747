/* Functions of few pieces, each a line or a parabola, in vectors for every operation but f'' and the derivatives by the
   parameters: they take as long as the arrays take to read and write.

   A record with the form SP_PIECEWISE needs, beside its double text,
     name_bounds(...)            what the texts below take of the parameters, and name_beyond(a, b), those that only the double
                                 loop serves: V_ANY_PARAMETERS and V_PLAIN_PARAMETERS give both, or the first
     name_vector(x, a, b, &far)   the value
     name_side_vector(x, a, b)    which side x is on: where f' takes two values, whether it is the one of a set bit, false
                                 for NaN; elsewhere what `name_side` says
   and where f' takes two values
     name_slopes(a, b)           both of them
     name_side_from_output_vector(y, a, b)
   or else
     name_slope_vector(x, a, b, &far)
     name_slope_from_output_vector(y, a, b, &far), or with one bit name_slope_from_side_vector(y, right, a, b);
   unless the form is SP_PIECEWISE_EXACT also
     name_narrow(p, n, is_half)  how n values of 16-bit numbers are found, see narrow.h, and, for NARROW_AS_ROUNDED,
     name_narrow_vector(x, a, b, &far)  values that, rounded to the type, are right wherever they are not far; V_NARROW_BY_TIES
                                 gives both for functions without such values.
   `far` is added the arguments for the double loop, as in vectors.h.

   A gradient g·f' is rounded once where f' takes two values, and elsewhere twice, f' first. */
#ifndef SP_PIECEWISE_H
#define SP_PIECEWISE_H
#include "loops/patch.h"
#include "loops/vectors.h"

#if SP_HAS_VECTORS

#if !defined(SP_NEON_H)
#if defined(__AVX512F__)
#define V_COMPARED(a, b, how) V_REAL_MASK(cmp)(a, b, how)
#define v_both(m, k) ((mask)((m) & (k)))
#define v_keep(m, a) V_REAL(maskz_mov)(m, a)
#if SP_DOUBLE
#define v_words_less(i, j) _mm512_cmplt_epi64_mask(i, j)
#else
#define v_words_less(i, j) _mm512_cmplt_epi32_mask(i, j)
#endif
#else
#define V_COMPARED(a, b, how) V_REAL(cmp)(a, b, how)
#define v_both(m, k) v_and(m, k)
#define v_keep(m, a) v_and(m, a)
#define v_words_less(i, j) v_floats(V_WORD(cmpgt)(j, i))
#endif
/* v_keep(m, a): a where m is set, else 0.  Comparisons with NaN: false, but for those that begin with not. */
#define v_at_most(a, b) V_COMPARED(a, b, _CMP_LE_OQ)
#define v_equal(a, b) V_COMPARED(a, b, _CMP_EQ_OQ)
#define v_not_less(a, b) V_COMPARED(a, b, _CMP_NLT_UQ)
#define v_not_equal(a, b) V_COMPARED(a, b, _CMP_NEQ_UQ)
#endif

#define WORD_LEAST ((word)(SP_DOUBLE ? INT64_MIN : INT32_MIN))

/* 0 < |x| < 2^V_NEARLY_ZERO: the bits between those of 0 and that power, moved to the lower end of the integers */
#define V_NEARLY_ZERO (SP_DOUBLE ? -900 : -99)
SP_INLINE mask v_nearly_zero(reals x) {
    return v_words_less(v_add_words(v_words(v_abs(x)), v_set_words(-1 - WORD_LEAST)),
                        v_set_words(WORD_LEAST + V_POWER_OF_TWO(V_NEARLY_ZERO) - 1));
}
/* -2^-40 < x < 0, likewise */
SP_INLINE mask v_tiny_negative(reals x) {
    return v_words_less(v_add_words(v_words(x), v_set_words(-1)), v_set_words(WORD_LEAST + V_POWER_OF_TWO(-40) - 1));
}

/* A parameter: hi + lo, both also `alike` in their signs, and for comparisons the greatest number of the type that is not above
   it, and the least that is not below it.  `exact`: lo is 0 in all lanes, `inexact`: in none; neither is known of float32
   parameters that vary.  `usual`: of the last parameter, all have the default values, for which there is a loop of its own. */
typedef struct {
    reals_pair pair, alike;
    reals below, above;
    int exact, inexact, usual;
    int coarse; /* a constant of each loop: the arguments are float16 numbers, 0 or at least 2^-24 in size */
} reals_bound;
/* A flag that is the same for all of a loop, in a register: one instruction for each use, where the compiler would form it
   anew. */
#define IN_REGISTER(flag) __asm__("" : "+r"(flag))

/* hi + lo of the same sign, so that a zero times one is the zero times the other, and an infinity likewise */
SP_INLINE reals_pair v_of_one_sign(reals_pair a) {
    mask crossed = v_words_less(v_words(v_exclusive_or(a.hi, a.lo)), v_set_words(0));
    words toward_zero = v_add_words(v_words(a.hi), v_set_words(-1));
    reals hi = v_select(crossed, v_floats(toward_zero), a.hi);
    return (reals_pair){hi, v_with_sign(v_abs((a.hi - hi) + a.lo), hi)};
}

#if SP_DOUBLE
SP_INLINE reals_bound v_bound(const double *p, int varying, ptrdiff_t i) {
    const reals value = !p ? v_set(0) : varying ? v_load(p + i) : v_set(*p);
    return (reals_bound){{value, v_set(0)}, {value, v_set(0)}, value, value, 1, 0, 0, 0};
}
#else
/* The float before x, x where it is the one already: `excess` > 0 says that x is above the parameter */
SP_INLINE reals v_not_above(reals x, reals excess) {
    words down = v_add_words(v_words(x), v_set_words(-1)), up = v_add_words(v_words(v_or(x, SIGN)), v_set_words(1));
    reals before = v_select(v_less(v_set(0), x), v_floats(down), v_floats(up));
    return v_select(v_less(v_set(0), excess), before, x);
}
SP_INLINE void v_find_neighbors(reals_bound *a, reals excess) {
    a->below = v_not_above(a->pair.hi, excess);
    a->above = v_minus(v_not_above(v_minus(a->pair.hi), v_minus(excess)));
}
SP_INLINE reals_bound v_bound(const double *p, int varying, ptrdiff_t i) {
    const double sized = 0x1p1000; /* no excess is too small for a float */
    reals_bound a = {{v_set(0), v_set(0)}, {v_set(0), v_set(0)}, v_set(0), v_set(0), 0, 0, 0, 0};
    if (p && varying) {
        v_doubles d = v_load_doubles(p + i);
        a.pair.hi = v_narrowed(d);
        v_doubles wide = v_widened(a.pair.hi);
        a.pair.lo = v_narrowed((v_doubles){d.a - wide.a, d.b - wide.b});
        v_find_neighbors(&a, v_narrowed((v_doubles){(wide.a - d.a) * sized, (wide.b - d.b) * sized}));
    } else if (p) {
        const float hi = (float)*p;
        a.pair.hi = v_set(hi);
        a.pair.lo = v_set((float)(*p - hi));
        v_find_neighbors(&a, v_set((float)((hi - *p) * sized)));
        a.exact = hi == *p;
        IN_REGISTER(a.exact);
        a.inexact = !a.exact;
    }
    a.alike = v_of_one_sign(a.pair);
    return a;
}
#endif
SP_INLINE mask v_bound_beyond(reals_bound a) {
    const real limit = SP_DOUBLE ? (real)INFINITY : (real)0x1p60, least = SP_DOUBLE ? (real)0x1p-1022 : (real)0x1p-60;
    return v_either(v_beyond(a.pair.hi, limit), v_less(v_abs(a.pair.hi), v_set(least)));
}
/* of a function whose texts take the parameters as they are, */
#define V_PLAIN_PARAMETERS(name)                                                                                       \
    SP_INLINE void name##_bounds(const double *pa, const double *pb, int varying, ptrdiff_t i, reals_bound *a,         \
                                 reals_bound *b) {                                                                     \
        *a = v_bound(pa, varying, i), *b = v_bound(pb, varying, i);                                                    \
    }
/* and all of them */
#define V_ANY_PARAMETERS(name)                                                                                         \
    V_PLAIN_PARAMETERS(name)                                                                                           \
    SP_INLINE mask name##_beyond(reals_bound a, reals_bound b) {                                                       \
        (void)a, (void)b;                                                                                              \
        return v_none();                                                                                               \
    }

typedef enum { NARROW_NOT_WORTHWHILE, NARROW_EXACTLY, NARROW_BY_TIES, NARROW_AS_ROUNDED } narrow_way;
#define V_NARROW_ALWAYS(name, WAY)                                                                                     \
    SP_INLINE narrow_way name##_narrow(const double *const *p, ptrdiff_t n, int is_half) {                             \
        (void)p, (void)n, (void)is_half;                                                                               \
        return WAY;                                                                                                    \
    }
#define V_NARROW_BY_TIES(name)                                                                                         \
    V_NARROW_ALWAYS(name, NARROW_BY_TIES)                                                                              \
    SP_INLINE reals name##_narrow_vector(reals x, reals_bound a, reals_bound b, mask *far) {                           \
        return name##_vector(x, a, b, far);                                                                            \
    }

/* the square root of h.hi + h.lo, both as pairs */
SP_INLINE reals_pair v_pair_root(reals_pair h) {
    reals r = v_root(h.hi);
    return (reals_pair){r, (v_fnma(r, r, h.hi) + h.lo) / v_max(r + r, v_set((real)0x1p-60))}; /* 0 of 0 */
}

/* part/3, part a power of two; the low word is rounded up, so that 3/2 and 3 times a third are not below 1/2 and 1, and keep
   the sign of a 0 */
SP_INLINE reals_pair v_part_of_third(real part) {
#if SP_DOUBLE
    const real hi = 0x1.5555555555555p-2, lo = 0x1.5555555555556p-56;
#else
    const real hi = 0x1.555556p-2f, lo = -0x1.555554p-27f;
#endif
    return (reals_pair){v_set(part * hi), v_set(part * lo)};
}
/* sqrt(9 + factor·y)/6, 0 where the root is not real: f' of an output of a parabola */
SP_INLINE reals v_sixth_of_root(real factor, reals y) {
    reals_pair product = v_two_product(v_set(factor), y), s = v_two_sum(product.hi, v_set(9));
    s = v_fast_two_sum(s.hi, s.lo + product.lo);
    s.lo = v_keep(v_less(v_set(0), s.hi), s.lo);
    s.hi = v_max(v_set(0), s.hi);
    return v_rounded_product(v_pair_root(s), v_part_of_third((real)0.5));
}

/* The two values that f' takes where it is one of two */
typedef struct {
    reals_bound up, down; /* of a set bit, of a clear one */
} reals_slopes;
SP_INLINE reals_bound v_exactly(real c) {
    return (reals_bound){{v_set(c), v_set(0)}, {v_set(c), v_set(0)}, v_set(c), v_set(c), 1, 0, 0, 0};
}
#define V_EXACT_SLOPES(up, down) ((reals_slopes){v_exactly(up), v_exactly(down)})

SP_INLINE reals v_slope_of_side(mask up, reals_slopes s) { return v_select(up, s.up.pair.hi, s.down.pair.hi); }
/* NaN where x is NaN */
SP_INLINE reals v_slope_at(reals x, mask up, reals_slopes s) {
    return v_select(up, s.up.pair.hi, v_unless_nan(x, s.down.pair.hi));
}

/* g·slope, rounded once; not where it is so small that g's product with the low word underflows */
SP_INLINE reals v_times_bound(reals g, reals_bound slope) {
    if (slope.exact)
        return g * slope.pair.hi;
    reals finite = g;
    if (!slope.inexact)
        finite = v_max(v_min(g, v_set((real)REAL_MAX)), v_set((real)-REAL_MAX)); /* not infinite times a low word that is 0 */
    return v_fma(g, slope.alike.hi, finite * slope.alike.lo);
}
SP_INLINE reals v_gradient_of_side(reals g, mask up, reals_slopes s, mask *far) {
    reals y = v_select(up, v_times_bound(g, s.up), v_times_bound(g, s.down));
    if (!s.up.exact || !s.down.exact)
        *far = v_either(*far, v_nearly_zero(y));
    return y;
}
/* `from`: x or y */
SP_INLINE reals v_gradient_at(reals g, reals from, mask up, reals_slopes s, mask *far) {
    return v_unless_nan(from, v_gradient_of_side(g, up, s, far));
}

/* Nothing is asked for ahead, unlike in loops with more arithmetic: the processor looks far enough ahead itself here, and
   requests took a fifth of the time.
   BODY sees v, the parameters a and b, the vector's place j, and sets y[k] and far[k]; X, G: what it reads */
#define PIECEWISE_STEPS(name, VARYING, X, G, SIDE, IN_DOUBLE, BODY)                                                    \
    for (ptrdiff_t i = 0; i < n; i += SP_STEP) {                                                                       \
        reals y[RESULTS];                                                                                              \
        mask far[RESULTS];                                                                                             \
        mask any = v_none();                                                                                           \
        UNROLLED for (int k = 0; k < RESULTS; k++) {                                                                   \
            ptrdiff_t j = i + k * V_LANES;                                                                             \
            reals v = (X) ? v_load(x + j) : v_set(0);                                                                  \
            if (VARYING)                                                                                               \
                name##_bounds(pa, pb, 1, j, &a, &b);                                                                   \
            (void)v, (void)a, (void)b;                                                                                 \
            far[k] = (VARYING) ? name##_beyond(a, b) : v_none();                                                       \
            BODY;                                                                                                      \
            any = v_either(any, far[k]);                                                                               \
        }                                                                                                              \
        if (__builtin_expect(v_any(any), 0))                                                                           \
            patch(IN_DOUBLE, VARYING, i, (X) ? x : 0, (G) ? g : 0, p, (SIDE) ? out1 : 0, far, y);                      \
        UNROLLED for (int k = 0; k < RESULTS; k++) v_store(out0 + i + k * V_LANES, y[k]);                              \
    }
/* the parameters; the double loop serves uniform ones that are beyond what vectors do */
#define PIECEWISE_OPENING(name, VARYING, parameters, IN_DOUBLE)                                                        \
    ARRAYS;                                                                                                            \
    const double *pa = (parameters) > 0 ? p[0] : 0, *pb = (parameters) > 1 ? p[1] : 0;                                 \
    reals_bound a, b;                                                                                                  \
    name##_bounds(pa, pb, 0, 0, &a, &b);                                                                               \
    n &= -(ptrdiff_t)SP_STEP;                                                                                          \
    if (!(VARYING) && v_any(name##_beyond(a, b))) {                                                                    \
        IN_DOUBLE(n, in0, in1, p, to0, to1);                                                                           \
        return;                                                                                                        \
    }
#define PIECEWISE_LOOP(function, name, VARYING, parameters, X, G, SIDE, IN_DOUBLE, BODY)                               \
    static NOINLINE void function(ARGUMENTS) {                                                                         \
        PIECEWISE_OPENING(name, VARYING, parameters, IN_DOUBLE)                                                        \
        PIECEWISE_STEPS(name, VARYING, X, G, SIDE, IN_DOUBLE, BODY)                                                    \
    }
/* values have a loop of their own for the defaults of a function whose bounds say that they are `usual` */
#define PIECEWISE_FOR_USUAL(VARYING, STEPS)                                                                            \
    if (!(VARYING) && b.usual) {                                                                                       \
        b.usual = 1;                                                                                                   \
        STEPS                                                                                                          \
    } else {                                                                                                           \
        b.usual = 0;                                                                                                   \
        STEPS                                                                                                          \
    }
#define PIECEWISE_LOOP_OF_VALUES(name, suffix, VARYING, parameters)                                                    \
    static NOINLINE void name##_value_piecewise##suffix(ARGUMENTS) {                                                   \
        PIECEWISE_OPENING(name, VARYING, parameters, name##_value##suffix)                                             \
        PIECEWISE_FOR_USUAL(VARYING, PIECEWISE_STEPS(name, VARYING, 1, 0, 0, name##_value##suffix,                     \
                                                     y[k] = name##_vector(v, a, b, &far[k])))                          \
    }

/* value and derivative: two results, so a loop of its own */
#define PIECEWISE_STEPS_OF_BOTH(name, suffix, VARYING)                                                                 \
    for (ptrdiff_t i = 0; i < n; i += SP_STEP) {                                                                       \
        reals y[RESULTS], d[RESULTS];                                                                                  \
        mask far[RESULTS], steep[RESULTS];                                                                             \
        mask any = v_none();                                                                                           \
        UNROLLED for (int k = 0; k < RESULTS; k++) {                                                                   \
            ptrdiff_t j = i + k * V_LANES;                                                                             \
            reals v = v_load(x + j);                                                                                   \
            if (VARYING)                                                                                               \
                name##_bounds(pa, pb, 1, j, &a, &b);                                                                   \
            far[k] = steep[k] = (VARYING) ? name##_beyond(a, b) : v_none();                                            \
            y[k] = name##_vector(v, a, b, &far[k]);                                                                    \
            d[k] = name##_slope_vector(v, a, b, &steep[k]);                                                            \
            any = v_either(any, v_either(far[k], steep[k]));                                                           \
        }                                                                                                              \
        if (__builtin_expect(v_any(any), 0)) {                                                                         \
            patch(name##_value##suffix, VARYING, i, x, 0, p, 0, far, y);                                               \
            patch(name##_derivative##suffix, VARYING, i, x, 0, p, 0, steep, d);                                        \
        }                                                                                                              \
        UNROLLED for (int k = 0; k < RESULTS; k++) {                                                                   \
            v_store(out0 + i + k * V_LANES, y[k]);                                                                     \
            v_store(out1 + i + k * V_LANES, d[k]);                                                                     \
        }                                                                                                              \
    }
#define PIECEWISE_LOOP_OF_BOTH(name, suffix, VARYING, parameters)                                                      \
    static NOINLINE void name##_both_piecewise##suffix(ARGUMENTS) {                                                    \
        PIECEWISE_OPENING(name, VARYING, parameters, name##_both##suffix)                                              \
        PIECEWISE_FOR_USUAL(VARYING, PIECEWISE_STEPS_OF_BOTH(name, suffix, VARYING))                                   \
    }

/* what the record says of the slopes: any, or two, made from its sides */
#define PIECEWISE_SLOPES_SP_MANY_SLOPES(name)                                                                          \
    SP_INLINE reals name##_gradient_vector(reals g, reals x, reals_bound a, reals_bound b, mask *far) {                \
        return g * name##_slope_vector(x, a, b, far);                                                                  \
    }
#define PIECEWISE_SLOPES_SP_TWO_VALUED_SLOPE(name)                                                                     \
    SP_INLINE reals name##_slope_vector(reals x, reals_bound a, reals_bound b, mask *far) {                            \
        (void)far;                                                                                                     \
        return v_slope_at(x, name##_side_vector(x, a, b), name##_slopes(a, b));                                        \
    }                                                                                                                  \
    SP_INLINE reals name##_gradient_vector(reals g, reals x, reals_bound a, reals_bound b, mask *far) {                \
        return v_gradient_at(g, x, name##_side_vector(x, a, b), name##_slopes(a, b), far);                             \
    }
#define PIECEWISE_SLOPES_FROM_OUTPUT_SP_MANY_SLOPES(name)                                                              \
    SP_INLINE reals name##_gradient_from_output_vector(reals g, reals y, reals_bound a, reals_bound b, mask *far) {    \
        return g * name##_slope_from_output_vector(y, a, b, far);                                                      \
    }
#define PIECEWISE_SLOPES_FROM_OUTPUT_SP_TWO_VALUED_SLOPE(name)                                                         \
    SP_INLINE reals name##_slope_from_output_vector(reals y, reals_bound a, reals_bound b, mask *far) {                \
        (void)far;                                                                                                     \
        return v_slope_at(y, name##_side_from_output_vector(y, a, b), name##_slopes(a, b));                            \
    }                                                                                                                  \
    SP_INLINE reals name##_gradient_from_output_vector(reals g, reals y, reals_bound a, reals_bound b, mask *far) {    \
        return v_gradient_at(g, y, name##_side_from_output_vector(y, a, b), name##_slopes(a, b), far);                 \
    }

#define PIECEWISE_LOOPS(name, suffix, VARYING, parameters)                                                             \
    PIECEWISE_LOOP_OF_VALUES(name, suffix, VARYING, parameters)                                                        \
    PIECEWISE_LOOP(name##_derivative_piecewise##suffix, name, VARYING, parameters, 1, 0, 0, name##_derivative##suffix, \
                   y[k] = name##_slope_vector(v, a, b, &far[k]))                                                       \
    PIECEWISE_LOOP(name##_backward_piecewise##suffix, name, VARYING, parameters, 1, 1, 0, name##_backward##suffix,     \
                   y[k] = name##_gradient_vector(v_load(g + j), v, a, b, &far[k]))                                     \
    PIECEWISE_LOOP_OF_BOTH(name, suffix, VARYING, parameters)
#define PIECEWISE_LOOPS_FROM_OUTPUT(name, suffix, VARYING, parameters)                                                 \
    PIECEWISE_LOOP(name##_derivative_y_piecewise##suffix, name, VARYING, parameters, 1, 0, 0,                          \
                   name##_derivative_y##suffix, y[k] = name##_slope_from_output_vector(v, a, b, &far[k]))              \
    PIECEWISE_LOOP(name##_backward_y_piecewise##suffix, name, VARYING, parameters, 1, 1, 0, name##_backward_y##suffix, \
                   y[k] = name##_gradient_from_output_vector(v_load(g + j), v, a, b, &far[k]))
#define PIECEWISE_LOOPS_FROM_BIT(name, suffix, VARYING, parameters)                                                    \
    PIECEWISE_LOOP(name##_side_piecewise##suffix, name, VARYING, parameters, 1, 0, 0, name##_side##suffix,             \
                   y[k] = v_keep(v_either(name##_side_vector(v, a, b), v_not_equal(v, v)), ONE))                       \
    PIECEWISE_LOOP(name##_backward_side_piecewise##suffix, name, VARYING, parameters, 0, 1, 1,                         \
                   name##_backward_side##suffix, mask up = v_less(v_set(0), v_load(out1 + j));                         \
                   y[k] = v_gradient_of_side(v_load(g + j), up, name##_slopes(a, b), &far[k]))
#define PIECEWISE_LOOPS_FROM_SIDE(name, suffix, VARYING, parameters)                                                   \
    PIECEWISE_LOOP(name##_side_piecewise##suffix, name, VARYING, parameters, 1, 0, 0, name##_side##suffix,             \
                   y[k] = v_keep(name##_side_vector(v, a, b), ONE))                                                    \
    PIECEWISE_LOOP(name##_backward_side_piecewise##suffix, name, VARYING, parameters, 1, 1, 1,                         \
                   name##_backward_side##suffix, mask right = v_less(v_set(0), v_load(out1 + j));                      \
                   y[k] = v_load(g + j) * name##_slope_from_side_vector(v, right, a, b))
#endif

#endif
