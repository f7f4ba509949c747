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
/* by E = e^-2|x| */
SP_INLINE reals_exponent log_cosh_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return tanh_exponent(x);
}
V_STAGES_BY_EXPM1(log_cosh, V_BLOCK)
SP_INLINE reals log_cosh_last(reals x, const reals_exp *e, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_tiny(x);
    reals_pair log = v_log1p(v_exp_of(*e));
    const reals end = v_set((real)0.625);
    reals m = v_abs(x), c = v_min(end, m);
    reals_pair s = v_fast_two_sum(v_max(end, m), log.hi), d = v_two_sum(s.hi, v_set(-V_PART(VECTOR_LN2, 1)));
    reals above = d.hi + (d.lo + (s.lo + (log.lo - v_set(V_PART(VECTOR_LN2, 2)))));
    reals_pair u = v_two_product(c, c);
    reals near = v_rounded_product(u, V_EVEN_SERIES(VECTOR_LOG_COSH, u));
    return v_select(v_less(m, end), near, v_select(v_less(v_set((real)0x1p60), m), m, above)); /* inf */
}
SP_INLINE reals log_cosh_slope_last(reals x, const reals_exp *e, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_none();
    reals_pair t = v_tanh_of(v_expm1_of(*e));
    return v_with_sign(t.hi + t.lo, x);
}
#endif
#else
SP_ACTIVATION(log_cosh, 36, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(log_cosh, value, float32, 0.55, 0.5345, -0x1.404224p-1)
SP_BOUND(log_cosh, value, float64, 0.6, 0.5234, 0x1.00bd45433fe45p-1)
SP_PLAIN_BOUND(log_cosh, value, float64, 0.7, 0.6440, 0x1.f3fc77e20878p-1)
SP_BOUND(log_cosh, derivative, float32, 0.6, 0.5307, 0x1.71261cp-6)
SP_BOUND(log_cosh, derivative, float64, 0.6, 0.5247, 0x1.fb1f28ef85526p-8)
SP_PLAIN_BOUND(log_cosh, derivative, float64, 0.7, 0.6159, -0x1.2118a2a7977f1p-3)
SP_BOUND(log_cosh, second_derivative, float32, 0.51, 0.5020, -0x1.86a068p+4)
SP_BOUND(log_cosh, second_derivative, float64, 0.7, 0.6336, -0x1.4c79783eb5676p+1)
#endif
