/* softplus(x, beta) = log1p(e^(beta·x))/beta                                       Dugas et al. 2001

   = max(x, 0) + log1p(e^-|beta·x|)/beta: no threshold, no overflow, all digits in the tail. softplus' = sigma(beta·x),
   from the output -expm1(-beta·y). */
#if SP_PASS == SP_TEXT
SP_INLINE jet softplus_at(double x, double beta, double b) {
    (void)b;
    pair z = pair_clamped(two_product(x, beta), 1e30);
    softplus_parts s = softplus_of(z);
    double value = round_once(pair_product(s.total, pair_reciprocal(pair_of(beta))), s.unscale);
    jet sigma = logistic(z), below = logistic(minus_magnitude(z));
    softplus_parts t = softplus_of(minus_magnitude(z)); /* by beta: the large parts of x·sigma - f cancel beforehand */
    return (jet){
        .value = z.hi > 60.0 ? x : value,
        .derivative = sigma.value,
        .second = beta * sigma.derivative,
        .by_a = -(fabs(z.hi) * below.value + round_once(t.total, t.unscale)) / beta / beta,
    };
}
SP_INLINE double softplus_from_output(double y, double beta, double b) {
    (void)b;
    return -value_of(expm1_pair(exponential_of(pair_clamped(pair_scaled(two_product(y, beta), -1.0), 1e30), SHORT)));
}
#if SP_HAS_VECTORS
SP_INLINE reals_exponent softplus_exponent(reals x, reals_parameter beta, reals_parameter b) {
    (void)b;
    return v_exponent_times(v_toward_minus(x, beta.pair.hi), beta);
}
V_STAGES_BY_EXP(softplus)
SP_INLINE reals softplus_last(reals x, const reals_pair *E, reals_parameter beta, reals_parameter b, mask *far) {
    (void)b;
    reals_exponent z = v_exponent_times(x, beta);
    *far = v_either(v_parameter_beyond(beta), v_not_at_most(v_set(-V_EXP_LIMIT), z.hi));
    reals_pair s = v_softplus(*E, z.hi);
    reals value = s.hi + s.lo;
    if (!beta.one) {
        s.lo = s.lo + v_select(v_less(z.hi, v_set(0)), v_set(0), z.lo);
        reals_reciprocal per_beta = v_reciprocal(beta.pair);
        value = v_fma(s.hi, per_beta.w, per_beta.w * v_fma(s.hi, per_beta.rest, s.lo));
    }
    return v_select(v_less(v_set(V_EXP_LIMIT), z.hi), x, value);
}
SP_INLINE reals softplus_slope_last(reals x, const reals_pair *E, reals_parameter beta, reals_parameter b, mask *far) {
    (void)b;
    return v_sigma_by_magnitude(*E, v_exponent_times(x, beta).hi, far);
}
#if !SP_DOUBLE
SP_INLINE reals softplus_slope_from_output(reals y, reals_parameter beta, reals_parameter b, mask *far) {
    (void)b;
    reals_exponent z = v_exponent_times(v_minus(y), beta);
    *far = v_either(v_parameter_beyond(beta), v_outside_exp(z.hi));
    if (!beta.one)
        *far = v_either(*far, v_tiny(y));
    reals_pair m = v_expm1_unnormalized(v_exp_parts(z, 0, V_EXPM1));
    return v_minus(m.hi + m.lo);
}
#endif
#endif
#elif SP_PASS == SP_FAR
static jet softplus_far_at(double x, double beta, double b) {
    (void)b;
    const wide rate = wide_of(beta), z = wide_product(wide_of(x), rate), size = wide_magnitude(z);
    const wide_logistic s = wide_logistic_of(z);
    const wide tail = wide_log1p(s.E), total = wide_is_negative(z) ? tail : wide_sum(z, tail);
    const wide below = wide_sum(wide_product(size, wide_product(s.E, s.w)), tail);
    return (jet){
        .value = wide_value(wide_quotient(total, rate)),
        .derivative = wide_value(wide_sigma(z, s)),
        .second = wide_value(wide_product(rate, wide_sigma_slope(s))),
        .by_a = wide_value(wide_minus(wide_quotient(below, wide_square(rate)))),
    };
}
static double softplus_far_from_output(double y, double beta, double b) { return softplus_from_output(y, beta, b); }
#else
SP_ACTIVATION(softplus, 8, 1, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_EXTREME_PARAMETER)
SP_BOUND(softplus, value, float32, 0.62, 0.6042, 0x1.ff885ep-7)
SP_BOUND(softplus, value, float64, 0.7, 0.6040, 0x1.e46e5106f0cc4p-13)
SP_BOUND(softplus, derivative, float32, 0.6, 0.5390, -0x1.cc986p+5)
SP_BOUND(softplus, derivative, float64, 0.7, 0.5651, -0x1.dc7d26ba62442p+3)
SP_BOUND(softplus, second_derivative, float32, 0.51, 0.5018, 0x1.06f84ap+5)
SP_BOUND(softplus, second_derivative, float64, 1.5, 0.6216, -0x1.3d0eeb48f4d25p+8)
#endif
