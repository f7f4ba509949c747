/* tanh(x), tanh' = 1 - y^2, tanh'' = -2·y·(1 - y^2)

   With M = expm1(-2|x|): |tanh x| = -M/(2 + M), tanh' = 4·(1 + M)/(2 + M)^2, where 1 + M = e^-2|x| itself. */
#if SP_PASS == SP_TEXT
#include "tanh.tables.h"
SP_INLINE jet tanh_at(double x, double a, double b) {
    (void)a, (void)b;
    tanh_parts t = tanh_of(pair_of(x), SHORT);
    return (jet){
        .value = copysign(value_of(t.value), x),
        .derivative = round_once(t.slope, t.unscale),
        .second = copysign(round_once(loose_product(pair_scaled(t.value, 2.0), t.slope), t.unscale), -x),
    };
}
SP_INLINE double tanh_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return (1.0 - y) * (1.0 + y);
}
#if SP_HAS_VECTORS
#if SP_DOUBLE
/* by M = e^-2|x| - 1 */
enum { tanh_has_place = V_EXP_BY_ROWS, tanh_block = V_BLOCK };
typedef struct {
    reals_pair M, E;
} tanh_kept;
#else
/* Four intervals per octave from 2^-4 to 9.2, one below: tanh(center) + d·P(d), d = a - center, where tanh(center) is
   a float to within 2^-33.  Below 5/64 center and tanh(center) are 0, and a itself is the leading term. */
enum { tanh_has_place = V_BY_ROWS, tanh_block = V_BLOCK };
typedef struct {
    reals leading, quotient, d; /* tanh(a) = leading + quotient·d */
    reals_pair E;
} tanh_kept;
SP_INLINE words tanh_interval(reals a) { return v_shift_right(v_words(v_max(a, v_set(0x1p-4f))), 21); }
#endif
typedef words tanh_place;
SP_INLINE reals_exponent tanh_exponent(reals x) {
    return v_exponent(v_set(-2) * v_min(v_set(V_EXP_LIMIT / 2), v_abs(x))); /* NaN stays */
}
SP_INLINE words tanh_place_of(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
#if SP_DOUBLE
    return v_exp_place(tanh_exponent(x));
#else
    return V_ROW_PLACE(tanh_interval(v_min(v_set(9.2f), v_abs(x))));
#endif
}
SP_INLINE void tanh_first(reals x, const words *place, reals_parameter a, reals_parameter b, int want, tanh_kept *k) {
    (void)a, (void)b;
#if SP_DOUBLE
    reals_exp e = v_exp_parts(tanh_exponent(x), place, V_EXPM1);
    if (want & V_VALUE)
        k->M = v_expm1_of(e);
    if (want & V_SLOPE)
        k->E = v_exp_of(e);
#else
    if (want & V_VALUE) {
        reals m = v_min(v_set(9.2f), v_abs(x)); /* NaN stays */
        reals_row row = V_ROW(VECTOR_TANH, 6, place);
        k->d = m - row.center;
        k->leading = v_max(row.first, v_min(m, v_set(0x1.4p-4f)));
        k->quotient = v_row_polynomial(&row, 6, k->d);
    }
    if (want & V_SLOPE)
        k->E = v_exp(tanh_exponent(x), place);
#endif
}
SP_INLINE reals tanh_last(reals x, const tanh_kept *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_none();
#if SP_DOUBLE
    /* -M/(2 + M) */
    reals_pair d = v_fast_two_sum(v_set(2), k->M.hi);
    reals w = ONE / d.hi, y = k->M.hi * w, rest = v_fnma(y, d.lo + k->M.lo, v_fnma(y, d.hi, k->M.hi)) + k->M.lo;
    return v_with_sign(v_abs(v_fma(rest, w, y)), x);
#else
    return v_with_sign(v_fma(k->quotient, k->d, k->leading), x);
#endif
}
SP_INLINE reals tanh_slope_last(reals x, const tanh_kept *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_beyond(x, V_EXP_LIMIT / 2);
    return v_sigma_slope(k->E, v_over_one_plus(k->E)) * v_set(4);
}
#if !SP_DOUBLE
SP_INLINE reals tanh_slope_from_output(reals y, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_none();
    return v_fnma(y, y, ONE);
}
#endif
#endif
#else
SP_ACTIVATION(tanh, 3, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(tanh, value, float32, 0.62, 0.5901, 0x1.01711cp-2)
SP_BOUND(tanh, value, float64, 0.6, 0.5247, 0x1.fb1f28ef85526p-8)
SP_PLAIN_BOUND(tanh, value, float64, 0.7, 0.6159, -0x1.2118a2a7977f1p-3)
SP_BOUND(tanh, derivative, float32, 0.6, 0.5390, 0x1.cc986p+4)
SP_BOUND(tanh, derivative, float64, 0.6, 0.5744, -0x1.5e893c5c8aeb5p+8)
SP_PLAIN_BOUND(tanh, derivative, float64, 0.7, 0.6040, -0x1.22b8f51fbd568p+4)
SP_BOUND(tanh, second_derivative, float32, 0.51, 0.5044, -0x1.3f023ap-3)
SP_BOUND(tanh, second_derivative, float64, 1.0, 0.7997, 0x1.03436c874b60fp-3)
#endif
