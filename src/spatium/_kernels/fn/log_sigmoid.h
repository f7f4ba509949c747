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
#if SP_HAS_VECTORS
SP_INLINE reals_exponent log_sigmoid_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return v_exponent(v_or(x, SIGN));
}
V_STAGES_BY_EXP(log_sigmoid)
SP_INLINE reals log_sigmoid_last(reals x, const reals_pair *E, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_not_at_most(x, v_set(V_EXP_LIMIT));
    reals_pair s = v_softplus(*E, v_minus(x));
    return v_select(v_less(x, v_set(-V_EXP_LIMIT)), x, v_minus(s.hi + s.lo));
}
SP_INLINE reals log_sigmoid_slope_last(reals x, const reals_pair *E, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    return v_sigma_by_magnitude(*E, v_minus(x), far);
}
#if !SP_DOUBLE
SP_INLINE reals log_sigmoid_slope_from_output(reals y, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_outside_exp(y);
    reals_pair m = v_expm1_unnormalized(v_exp_parts(v_exponent(y), 0, V_EXPM1));
    return v_minus(m.hi + m.lo);
}
#endif
#endif
#else
SP_ACTIVATION(log_sigmoid, 24, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(log_sigmoid, value, float32, 0.62, 0.6042, -0x1.ff885ep-7)
SP_BOUND(log_sigmoid, value, float64, 0.7, 0.6100, -0x1.f875de4a68d9ap-8)
SP_BOUND(log_sigmoid, derivative, float32, 0.6, 0.5390, 0x1.cc986p+5)
SP_BOUND(log_sigmoid, derivative, float64, 0.6, 0.5548, 0x1.4a4b9446bb58bp+9)
SP_PLAIN_BOUND(log_sigmoid, derivative, float64, 0.6, 0.5609, 0x1.fc493a3d70f9cp+2)
SP_BOUND(log_sigmoid, second_derivative, float32, 0.51, 0.5018, 0x1.06f84ap+5)
SP_BOUND(log_sigmoid, second_derivative, float64, 0.7, 0.6216, -0x1.3d0eeb48f4d25p+8)
#endif
