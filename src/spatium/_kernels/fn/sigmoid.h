/* sigmoid(x) = 1/(1 + e^-x), sigmoid' = y·(1 - y), sigmoid'' = y·(1 - y)·(1 - 2·y)

   By E = e^-|x|: 1/(1 + E) and E/(1 + E), E/(1 + E)^2; never 1 - y, which has no digit left for large x.
   From the output that cancellation cannot be avoided: absolute error 2^-24 (float32). */
#if SP_PASS == SP_TEXT
SP_INLINE jet sigmoid_at(double x, double a, double b) {
    (void)a, (void)b;
    return logistic(pair_of(x));
}
SP_INLINE double sigmoid_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return y * (1.0 - y);
}
#if SP_HAS_VECTORS
/* E = e^-x; above V_EXP_LIMIT the value is 1 */
SP_INLINE reals_exponent sigmoid_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return v_exponent(v_minus(v_min(x, v_set(V_EXP_LIMIT))));
}
V_STAGES_BY_EXP(sigmoid)
SP_INLINE reals sigmoid_last(reals x, const reals_pair *E, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_not_at_most(v_set(-V_EXP_LIMIT), x);
    return v_rounded(v_over_one_plus(*E));
}
SP_INLINE reals sigmoid_slope_last(reals x, const reals_pair *E, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_beyond(x, V_EXP_LIMIT);
    return v_sigma_slope(*E, v_over_one_plus(*E));
}
#if !SP_DOUBLE
SP_INLINE reals sigmoid_slope_from_output(reals y, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_none();
    return v_fnma(y, y, y);
}
#endif
#endif
#else
SP_ACTIVATION(sigmoid, 2, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(sigmoid, value, float32, 0.54, 0.5342, -0x1.37f684p+3)
SP_BOUND(sigmoid, value, float64, 0.6, 0.5651, -0x1.dc7d26ba62442p+3)
SP_BOUND(sigmoid, derivative, float32, 0.6, 0.5390, 0x1.cc986p+5)
SP_BOUND(sigmoid, derivative, float64, 0.6, 0.5548, 0x1.4a4b9446bb58bp+9)
SP_PLAIN_BOUND(sigmoid, derivative, float64, 0.6, 0.5562, 0x1.fe906c5a90878p+2)
SP_BOUND(sigmoid, second_derivative, float32, 0.51, 0.5044, -0x1.3aa4f2p-2)
SP_BOUND(sigmoid, second_derivative, float64, 1.0, 0.8350, -0x1.00f14bf19a18p-2)
#endif
