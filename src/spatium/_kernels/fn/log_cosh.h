/* log_cosh(x) = log(cosh(x)) = |x| + log1p(e^-2|x|) - log(2), log_cosh' = tanh(x), log_cosh'' = 1 - tanh(x)^2

   Below 1 by x^2·P(x^2), where the sum cancels. */
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
    double value = m < 1.0 ? value_of(pair_product(u, p)) : m > 0x1p60 ? m : value_of(far);
    tanh_parts t = tanh_of(pair_of(x), SHORT);
    return (jet){
        .value = value,
        .derivative = copysign(value_of(t.value), x),
        .second = round_once(t.slope, t.unscale),
    };
}
#else
SP_ACTIVATION(log_cosh, 36, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
