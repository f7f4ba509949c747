/* log_sigmoid(x) = -softplus(-x) = -log1p(e^-x)

   f' = sigma(-x), from the output -expm1(y). */
#if SP_PASS == SP_TEXT
SP_INLINE jet log_sigmoid_at(double x, double a, double b) {
    (void)a, (void)b;
    pair z = pair_clamped(pair_of(-x), 1e30);
    softplus_parts s = softplus_of(z);
    jet sigma = logistic(z);
    return (jet){
        .value = x < -60.0 ? x : -round_once(s.total, s.unscale),
        .derivative = sigma.value,
        .second = -sigma.derivative,
    };
}
SP_INLINE double log_sigmoid_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return -value_of(expm1_pair(exponential_of(pair_of(y), SHORT)));
}
#if SP_HAS_LANES
SP_INLINE lanes log_sigmoid_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_not_at_most(x, v_set(V_EXP_LIMIT));
    lanes_pair s = v_softplus(v_exponential(v_or(x, SIGN), V_UNIT), v_max(v_minus(x), v_set(0.0f)));
    return v_select(v_less(x, v_set(-V_EXP_LIMIT)), x, v_minus(s.hi + s.lo));
}
SP_INLINE lanes log_sigmoid_slope_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    lanes_exponential e = v_exponential(x, V_UNIT);
    *far = v_exponential_beyond(e);
    return v_sigma(e);
}
#endif
#else
SP_ACTIVATION(log_sigmoid, 24, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_LANES, SP_ANY_ARGUMENT, 0.62)
#endif
