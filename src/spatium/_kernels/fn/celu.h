/* celu(x, alpha) = max(0, x) + min(0, alpha·expm1(x/alpha))                        Barron 2017

   f'(0) = 1, f''(0) = 1/alpha. x/alpha is carried to twice the precision, so a small alpha costs no digits; it is
   held at -1100. Where x/alpha is below 2^-60, f is x. From the output f' = (y + alpha)/alpha below 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet celu_at(double x, double alpha, double b) {
    (void)b;
    pair z = pair_times(pair_reciprocal(pair_of(alpha)), at_least(at_most(x, 0.0), -1100.0 * alpha));
    exponential e = exponential_of(z, SHORT);
    double power = round_once(exp_pair(e), UNSCALE(e)), below = -fabs(value_of(pair_times(expm1_pair(e), alpha)));
    return (jet){
        .value = x >= 0.0 || z.hi > -0x1p-60 ? x : below,
        .derivative = x > 0.0 ? 1.0 : power,
        .second = x > 0.0 ? 0.0 : value_of(exp_pair(e)) / alpha * UNSCALE(e),
        .by_a = value_of(expm1_pair(e)) - z.hi * power,
    };
}
SP_INLINE double celu_from_output(double y, double alpha, double b) {
    (void)b;
    return y > 0.0 ? 1.0 : (y + alpha) / alpha;
}
#if SP_HAS_VECTORS
/* x/alpha for x < 0 */
SP_INLINE reals_exponent celu_exponent(reals x, reals_parameter alpha, reals_parameter b) {
    (void)b;
    reals_pair z = {v_min(v_set(0), x), v_set(0)}; /* NaN stays */
    if (!alpha.one)
        z = v_pair_times(v_pair_of(v_reciprocal(alpha.pair)), z.hi);
    mask held = v_less(z.hi, v_set(-V_EXP_LIMIT));
    z = v_pair_select(held, (reals_pair){v_set(-V_EXP_LIMIT), v_set(0)}, z);
    return (reals_exponent){z.hi, z.lo, alpha.one};
}
V_STAGES_BY_EXPM1(celu, V_SHORT_BLOCK)
SP_INLINE reals celu_last(reals x, const reals_exp *e, reals_parameter alpha, reals_parameter b, mask *far) {
    (void)b;
    *far = v_parameter_beyond(alpha);
    reals_pair m = v_expm1_unnormalized(*e);
    reals y = m.hi + m.lo;
    if (!alpha.one) {
        *far = v_either(*far, v_tiny(x));
        y = v_rounded_product(alpha.pair, v_expm1_of(*e));
    }
    return v_select(v_less(x, v_set(0)), y, x);
}
SP_INLINE reals celu_slope_last(reals x, const reals_exp *e, reals_parameter alpha, reals_parameter b, mask *far) {
    (void)b;
    reals_pair E = v_exp_of(*e);
    *far = v_either(v_not_at_most(E.hi, ONE), v_parameter_beyond(alpha));
    *far = v_either(*far, v_less(E.hi, v_set(SP_DOUBLE ? (real)0x1p-1000 : (real)0x1p-80)));
    return v_select(v_less(v_set(0), x), ONE, E.hi);
}
#if !SP_DOUBLE
SP_INLINE reals celu_slope_from_output(reals y, reals_parameter alpha, reals_parameter b, mask *far) {
    (void)b;
    *far = v_parameter_beyond(alpha);
    reals_pair s = v_two_sum(y, alpha.pair.hi);
    reals_pair below = v_quotient((reals_pair){s.hi, s.lo + alpha.pair.lo}, v_reciprocal(alpha.pair));
    return v_select(v_less(v_set(0), y), ONE, below.hi + below.lo);
}
#endif
#endif
#elif SP_PASS == SP_FAR
static jet celu_far_at(double x, double alpha, double b) {
    (void)b;
    const wide scale = wide_of(alpha), z = wide_quotient(wide_of(at_most(x, 0.0)), scale);
    const wide power = wide_exp(z), rise = wide_expm1(z);
    /* z^2·(-1/2 - z/3) where the two terms cancel */
    const wide third = wide_quotient(z, wide_of(-3.0));
    const wide by_a = z.e < -40 ? wide_product(wide_square(z), wide_sum(wide_of(-0.5), third))
                                : wide_sum(rise, wide_minus(wide_product(z, power)));
    return (jet){
        .value = x >= 0.0 ? x : wide_value(wide_product(scale, rise)),
        .derivative = x > 0.0 ? 1.0 : wide_value(power),
        .second = x > 0.0 ? 0.0 : wide_value(wide_quotient(power, scale)),
        .by_a = wide_value(by_a),
    };
}
static double celu_far_from_output(double y, double alpha, double b) { return celu_from_output(y, alpha, b); }
#else
SP_ACTIVATION(celu, 23, 1, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_EXTREME_PARAMETER)
SP_BOUND(celu, value, float32, 0.55, 0.5376, -0x1.039092p-5)
SP_BOUND(celu, value, float64, 0.7, 0.6017, -0x1.62e42fefa39ecp-2)
SP_BOUND(celu, derivative, float32, 0.6, 0.5339, -0x1.b0d692p+5)
SP_BOUND(celu, derivative, float64, 0.7, 0.6009, -0x1.357e5a6ce7b2p+1)
SP_BOUND(celu, second_derivative, float32, 0.51, 0.5013, -0x1.8f2bacp+1)
SP_BOUND(celu, second_derivative, float64, 1.5, 0.6483, -0x1.624acd729eb09p+9)
#endif
