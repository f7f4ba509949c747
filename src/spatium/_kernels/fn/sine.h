/* sine(x) = sin x                                                                  Sitzmann et al. 2020

   The loops reduce |x| <= 2^20; beyond, periodic.h does, element by element. sine(±inf) is NaN and raises "invalid". */
#if SP_PASS == SP_TEXT
#include "sine.tables.h"
SP_INLINE double sine_argument(double x, double a, double b) {
    (void)a, (void)b;
    return x;
}
SP_INLINE jet sine_at(double x, double a, double b) {
    (void)a, (void)b;
    double value = x == 0.0 ? x : value_of(sine_shifted(pair_of(x), 0, SHORT)); /* a pair has no -0 */
    return (jet){
        .value = value,
        .derivative = value_of(sine_shifted(pair_of(x), 2, SHORT)),
        .second = -value,
    };
}
#if SP_HAS_VECTORS
/* x = n·pi/16 + r; with S, C = sin, cos of n·pi/16 from a table of one turn: S + C·r + S·(cos r - 1) + C·(sin r - r).
   S + C·r is kept exactly, since S cancels most of C·r next to a multiple of pi.  The cosine is the same with C and -S.
   float32 serves |x| <= 500, where n < 2^12. */
enum { sine_has_place = SP_DOUBLE || V_BY_ROWS, sine_block = V_SHORT_BLOCK };
enum { SINE_ROW_SHIFT = !sine_has_place ? 0 : SP_DOUBLE ? 5 : 4 }; /* a row begins at its number shifted by it, of 32 */
typedef struct {
    words row;
    reals r, cosine, sine; /* cos r - 1, sin r - r and what r was rounded by */
} sine_place;
typedef struct {
    reals value, slope;
} sine_kept;
SP_INLINE sine_place sine_place_of_sum(reals_exponent x) {
    reals t = v_fma(x.hi, v_set(V_PART(VECTOR_16_OVER_PI, 1)), V_SHIFTER), n = t - V_SHIFTER;
    /* next to a multiple of pi the first difference may be far larger than r */
    reals first = v_fnma(n, v_set(V_PART(VECTOR_PI_16, 1)), x.hi);
    reals_pair second = v_two_product(n, v_set(V_PART(VECTOR_PI_16, 2))), d = v_two_sum(first, v_minus(second.hi));
    d.lo = v_fnma(n, v_set(V_PART(VECTOR_PI_16, 3)), d.lo - second.lo);
    if (!x.exact)
        d = v_two_sum(d.hi, d.lo + x.lo);
    reals r = d.hi, u = r * r;
    words row = v_words(t);
    if (sine_has_place)
        row = v_shift_left(v_and_words(row, v_set_words(31)), SINE_ROW_SHIFT);
    return (sine_place){row, r, u * v_polynomial(V_BY_TYPE(VECTOR_COS_SERIES), SP_DOUBLE ? 4 : 2, u),
                        v_fma(u * r, v_polynomial(V_BY_TYPE(VECTOR_SIN_SERIES), SP_DOUBLE ? 5 : 2, u), d.lo)};
}
SP_INLINE sine_place sine_place_of(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return sine_place_of_sum(v_exponent(x));
}
/* the sines and cosines and what they were rounded by */
SP_INLINE void sine_row(const words *place, reals_pair *hi, reals_pair *lo) {
#if SP_DOUBLE
    *hi = v_columns(VECTOR_SINE_DOUBLE[0], place), *lo = v_columns(VECTOR_SINE_DOUBLE[0] + 2, place);
#elif defined(__AVX512F__)
    *hi = (reals_pair){v_at(VECTOR_SIN, *place), v_at(VECTOR_COS, *place)};
    *lo = (reals_pair){v_at(VECTOR_SIN_LOW, *place), v_at(VECTOR_COS_LOW, *place)};
#else
    reals c[4];
    v_four_columns(VECTOR_SINE_FLOAT[0], place, c);
    *hi = (reals_pair){c[0], c[1]}, *lo = (reals_pair){c[2], c[3]};
#endif
}
/* the sine, from a row and the rest of a place; lo is less than a hundredth of hi */
SP_INLINE reals_pair sine_from(const sine_place *p, reals_pair hi, reals_pair lo) {
    reals S = hi.hi, C = hi.lo, y = v_fma(C, p->r, S);
    return (reals_pair){y, v_fma(C, p->r, S - y) + v_fma(S, p->cosine, v_fma(C, p->sine, v_fma(p->r, lo.lo, lo.hi)))};
}
SP_INLINE void sine_first(reals x, const sine_place *p, reals_parameter a, reals_parameter b, int want, sine_kept *k) {
    (void)x, (void)a, (void)b;
    reals_pair hi, lo;
    sine_row(&p->row, &hi, &lo);
    if (want & V_VALUE) {
        reals_pair y = sine_from(p, hi, lo);
        k->value = v_with_sign(y.hi + y.lo, y.hi); /* sin 0 is -0 in the table, so that y keeps it */
    }
    if (want & V_SLOPE) {
        reals S = hi.hi, C = hi.lo, y = v_fnma(S, p->r, C);
        k->slope = y + (v_fnma(S, p->r, C - y) + v_fma(C, p->cosine, v_fnma(S, p->sine, v_fnma(p->r, lo.hi, lo.lo))));
    }
}
/* float64: what is beyond SP_ARGUMENT_LIMIT is replaced afterwards */
SP_INLINE mask sine_far_of(reals x) { return SP_DOUBLE ? v_none() : v_beyond(x, (real)500.0); }
SP_INLINE reals sine_last(reals x, const sine_kept *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = sine_far_of(x);
    return k->value;
}
SP_INLINE reals sine_slope_last(reals x, const sine_kept *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = sine_far_of(x);
    return k->slope;
}
#endif
#elif SP_PASS == SP_FAR
static jet sine_far_at(double x, double a, double b) {
    (void)a, (void)b;
    return (jet){
        .value = value_of(sine_far(pair_of(x), 0, 0)),
        .derivative = value_of(sine_far(pair_of(x), 0, 2)),
        .second = -value_of(sine_far(pair_of(x), 0, 0)),
    };
}
#else
SP_ACTIVATION(sine, 11, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_LARGE_ARGUMENT)
SP_BOUND(sine, value, float32, 0.54, 0.5272, 0x1.8b4074p+2)
SP_BOUND(sine, value, float64, 0.6, 0.5781, 0x1.3b5cad1df8b7bp+471)
SP_PLAIN_BOUND(sine, value, float64, 0.7, 0.6846, -0x1.9073c460db4p-1)
SP_BOUND(sine, derivative, float32, 0.6, 0.5248, 0x1.99e0f6p+8)
SP_BOUND(sine, derivative, float64, 0.6, 0.5802, 0x1.d86120e37c364p+781)
SP_PLAIN_BOUND(sine, derivative, float64, 0.7, 0.6638, 0x1.205966f2b4f0fp+4)
SP_BOUND(sine, second_derivative, float32, 0.51, 0.5006, 0x1.ef5e18p+11)
SP_BOUND(sine, second_derivative, float64, 1.0, 0.7619, -0x1.7b5f657415eb7p+8)
#endif
