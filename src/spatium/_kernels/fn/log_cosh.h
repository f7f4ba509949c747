/* log_cosh(x) = log(cosh(x)) = |x| + log1p(e^-2|x|) - log(2), log_cosh' = tanh(x), log_cosh'' = 1 - tanh(x)^2

   For |x| < 1, where this sum cancels, log_cosh(x) is computed as x^2·P(x^2). */
#if SP_PASS == SP_TEXT
#include "log_cosh.tables.h"
SP_INLINE jet log_cosh_at(double x, double a, double b) {
    (void)a, (void)b;
    double m = fabs(x), c = at_most(m, 1.0);
    exponential e = exponential_of(pair_of(-2.0 * m), SHORT);
    pair far = pair_sum(pair_sum(pair_of(m), PAIR(-LN2_PAIR_1, -LN2_PAIR_2)), log1p_of(pair_scaled(exp_pair(e), UNSCALE(e))));
    pair u = two_product(c, c);
#if SP_DOUBLE
    double rest = POLYNOMIAL(u.hi, LOG_COSH, 8, 8);
    pair p = fast_two_sum(LOG_COSH_FIRST_1, FMA(u.hi, rest, FMA(u.lo, rest, LOG_COSH_FIRST_2)));
#else
    pair p = pair_of(POLYNOMIAL(u.hi, LOG_COSH_SHORT, 5, 5));
#endif
    double value = SP_DOUBLE && m < 0x1p-400 ? 0.5 * m * m : m < 1.0 ? value_of(pair_product(u, p)) : m > 0x1p60 ? m : value_of(far);
    tanh_parts t = tanh_of(pair_of(x), SHORT);
    return (jet){
        .value = value,
        .derivative = copysign(value_of(t.value), x),
        .second = round_once(t.slope, t.unscale),
    };
}
#if SP_HAS_VECTORS
/* x^2·Q, Q by 32 rows per octave of 1 + |x|; from 19 (9) on |x| - log(2).  The derivative by e^-2|x|. */
#define LOG_COSH_END (SP_DOUBLE ? (real)19.0 : (real)9.0)
enum { log_cosh_has_place = 1, log_cosh_block = V_BLOCK };
typedef struct {
    words e, row;
} log_cosh_place;
typedef struct {
    reals_exp e;
    reals_pair Q;
} log_cosh_kept;
SP_INLINE log_cosh_place log_cosh_place_of(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return (log_cosh_place){v_exp_place(tanh_exponent(x)), V_OCTAVE_PLACE(v_min(v_abs(x), v_set(LOG_COSH_END)), 5)};
}
SP_INLINE void log_cosh_first(reals x, const log_cosh_place *place, reals_parameter a, reals_parameter b, int want,
                              log_cosh_kept *k) {
    (void)a, (void)b;
    if (want & V_VALUE)
        k->Q = v_octave_row(V_BY_TYPE(VECTOR_LOG_COSH)[0], &place->row, v_min(v_abs(x), v_set(LOG_COSH_END)));
    if (want & V_SLOPE)
        k->e = v_exp_parts(tanh_exponent(x), &place->e, V_EXPM1);
}
SP_INLINE reals log_cosh_last(reals x, const log_cosh_kept *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_tiny(x);
    reals m = v_abs(x), c = v_min(v_set(LOG_COSH_END), m); /* NaN stays */
    reals_pair d = v_two_sum(m, v_set(-V_PART(VECTOR_LN2, 1)));
    reals above = d.hi + (d.lo - v_set(V_PART(VECTOR_LN2, 2)));
    above = v_select(v_less(v_set((real)0x1p60), m), m, above); /* inf */
    return v_select(v_less(m, v_set(LOG_COSH_END)), v_rounded_product(v_two_product(c, c), k->Q), above);
}
SP_INLINE reals log_cosh_slope_last(reals x, const log_cosh_kept *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_none();
    reals_pair t = v_tanh_of(v_expm1_of(k->e));
    return v_with_sign(t.hi + t.lo, x);
}
#endif
#else
SP_ACTIVATION(log_cosh, 36, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(log_cosh, value, float32, 0.55, 0.5240, 0x1.105ebp+2)
SP_BOUND(log_cosh, value, float64, 0.6, 0.5309, -0x1.cf003997d167fp+2)
SP_PLAIN_BOUND(log_cosh, value, float64, 0.7, 0.6440, 0x1.f3fc77e20878p-1)
SP_BOUND(log_cosh, derivative, float32, 0.6, 0.5307, 0x1.71261cp-6)
SP_BOUND(log_cosh, derivative, float64, 0.6, 0.5247, 0x1.fb1f28ef85526p-8)
SP_PLAIN_BOUND(log_cosh, derivative, float64, 0.7, 0.6159, -0x1.2118a2a7977f1p-3)
SP_BOUND(log_cosh, second_derivative, float32, 0.51, 0.5020, -0x1.86a068p+4)
SP_BOUND(log_cosh, second_derivative, float64, 0.7, 0.6336, -0x1.4c79783eb5676p+1)
#endif
