/* elu(x, alpha) = x > 0 ? x : alpha·expm1(x)                                       Clevert, Unterthiner, Hochreiter 2016

   f'(0) = f''(0) = alpha. From the output f' = y + alpha below 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet elu_at(double x, double alpha, double b) {
    (void)b;
    exponential e = exponential_of(pair_of(at_most(x, 0.0)), SHORT);
    double power = round_once(pair_times(exp_pair(e), alpha), UNSCALE(e));
    return (jet){
        .value = x >= 0.0 ? x : -copysign(value_of(pair_times(expm1_pair(e), alpha)), alpha), /* both keep -0 */
        .derivative = x > 0.0 ? 1.0 : power,
        .second = x > 0.0 ? 0.0 : power,
        .by_a = value_of(expm1_pair(e)),
    };
}
SP_INLINE double elu_from_output(double y, double alpha, double b) {
    (void)b;
    return y > 0.0 ? 1.0 : y + alpha;
}
#if SP_HAS_VECTORS
SP_INLINE reals_exponent elu_exponent(reals x, reals_parameter alpha, reals_parameter b) {
    (void)alpha, (void)b;
    return v_exponent(v_min(v_max(x, v_set(-V_EXP_LIMIT)), v_set(0)));
}
V_STAGES_BY_EXPM1(elu, V_SHORT_BLOCK)
SP_INLINE reals elu_last(reals x, const reals_exp *e, reals_parameter alpha, reals_parameter b, mask *far) {
    (void)b;
    *far = v_parameter_beyond(alpha);
    reals_pair m = v_expm1_unnormalized(*e);
    reals y = m.hi + m.lo;
    if (!alpha.one) {
        *far = v_either(*far, v_tiny(x));
        y = v_rounded_product(alpha.pair, v_expm1_of(*e));
    }
    return v_select(v_less(x, v_set(0)), y, x); /* -0 and NaN are their own values */
}
SP_INLINE reals elu_slope_last(reals x, const reals_exp *e, reals_parameter alpha, reals_parameter b, mask *far) {
    (void)b;
    *far = v_either(v_not_at_most(v_set(-V_EXP_LIMIT), x), v_parameter_beyond(alpha));
    return v_select(v_less(v_set(0), x), ONE, v_rounded_product(alpha.pair, v_exp_of(*e)));
}
#if !SP_DOUBLE
SP_INLINE reals elu_slope_from_output(reals y, reals_parameter alpha, reals_parameter b, mask *far) {
    (void)b;
    *far = v_parameter_beyond(alpha);
    reals_pair s = v_two_sum(y, alpha.pair.hi);
    return v_select(v_less(v_set(0), y), ONE, s.hi + (s.lo + alpha.pair.lo));
}
#endif
#endif
#elif SP_PASS == SP_FAR
static jet elu_far_at(double x, double alpha, double b) {
    (void)b;
    const wide scale = wide_of(alpha), z = wide_of(at_most(x, 0.0)), rise = wide_expm1(z);
    const double power = wide_value(wide_product(scale, wide_exp(z)));
    return (jet){
        .value = x >= 0.0 ? x : wide_value(wide_product(scale, rise)),
        .derivative = x > 0.0 ? 1.0 : power,
        .second = x > 0.0 ? 0.0 : power,
        .by_a = wide_value(rise),
    };
}
static double elu_far_from_output(double y, double alpha, double b) { return elu_from_output(y, alpha, b); }
#else
SP_ACTIVATION(elu, 7, 1, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_EXTREME_PARAMETER)
SP_BOUND(elu, value, float32, 0.55, 0.5376, -0x1.039092p-5)
SP_BOUND(elu, value, float64, 0.7, 0.6017, -0x1.62e42fefa39ecp-2)
SP_BOUND(elu, derivative, float32, 0.6, 0.5339, -0x1.b0d692p+5)
SP_BOUND(elu, derivative, float64, 0.7, 0.6009, -0x1.357e5a6ce7b2p+1)
SP_BOUND(elu, second_derivative, float32, 0.51, 0.5013, -0x1.8f2bacp+1)
SP_BOUND(elu, second_derivative, float64, 1.5, 0.6365, -0x1.e74b158792958p+1)
#endif
