/* gaussian(x) = e^(-x^2), gaussian' = -2·x·e^(-x^2), gaussian'' = (4·x^2 - 2)·e^(-x^2)

   x^2 is exact in the exponent. */
#if SP_PASS == SP_TEXT
SP_INLINE jet gaussian_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(fabs(x), 40.0);
    pair square = two_product(c, c);
    exponential e = exponential_of(pair_scaled(square, -1.0), SHORT);
    pair E = exp_pair(e);
    return (jet){
        .value = round_once(E, UNSCALE(e)),
        .derivative = copysign(round_once(pair_times(E, c + c), UNSCALE(e)), -x),
        .second = round_once(pair_product(E, pair_sum(pair_scaled(square, 4.0), pair_of(-2.0))), UNSCALE(e)),
    };
}
#if SP_HAS_VECTORS
#define GAUSSIAN_END (SP_DOUBLE ? (real)26.0 : (real)7.7)
SP_INLINE reals_exponent gaussian_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    reals c = v_min(v_set(GAUSSIAN_END), v_abs(x)); /* NaN stays */
    return v_exponent_of_pair(v_two_product(v_minus(c), c));
}
/* the value is the first word alone */
SP_INLINE void gaussian_power_of(reals_exp e, int want, reals_pair *E) {
    reals_pair power = v_exp_of(e);
    E->hi = power.hi;
    if (want & V_SLOPE)
        E->lo = power.lo;
}
V_STAGES_BY(gaussian, reals_pair, gaussian_power_of, V_EXP_WHOLE, V_SHORT_BLOCK)
SP_INLINE reals gaussian_last(reals x, const reals_pair *E, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_beyond(x, GAUSSIAN_END);
    return E->hi;
}
SP_INLINE reals gaussian_slope_last(reals x, const reals_pair *E, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_beyond(x, GAUSSIAN_END);
    reals m = v_set(-2) * x;
    return v_fma(m, E->hi, m * E->lo);
}
#endif
#else
SP_ACTIVATION(gaussian, 35, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(gaussian, value, float32, 0.55, 0.5376, -0x1.a9d3p-3)
SP_BOUND(gaussian, value, float64, 0.6, 0.5782, 0x1.a4493875e8705p+4)
SP_PLAIN_BOUND(gaussian, value, float64, 0.7, 0.6077, 0x1.c4007e35dcc1p+0)
SP_BOUND(gaussian, derivative, float32, 0.6, 0.5358, 0x1.d6653cp+2)
SP_BOUND(gaussian, derivative, float64, 0.6, 0.5930, -0x1.474973c84120ep+1)
SP_BOUND(gaussian, second_derivative, float32, 0.51, 0.5018, 0x1.89280ep+2)
SP_BOUND(gaussian, second_derivative, float64, 0.7, 0.6696, 0x1.3057267daab74p+3)
#endif
