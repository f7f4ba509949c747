/* scaled_swish(x, alpha, beta) = alpha·x·sigma(beta·x)                             after Ramachandran, Zoph, Le 2017

   Swish with a trainable scale; alpha comes in before the one rounding. A small x is taken 2^200 times larger, so that x·sigma keeps its
   digits for a large alpha. */
#if SP_PASS == SP_TEXT
SP_INLINE jet scaled_swish_at(double x, double alpha, double beta) {
    x = finite_for(x, alpha);
    pair z = pair_clamped(two_product(finite_for(x, beta), beta), 1e30);
    const int small = SP_DOUBLE && fabs(x) < 0x1p-200;
    self_gate g = self_gate_of(small ? x * 0x1p200 : x, z, z);
    const double unscale = g.unscale;
    g.unscale = small ? unscale * 0x1p-200 : unscale;
    double unscaled = self_gated(x, g, 1.0).value, c = at_most(at_least(x, -1e150), 1e150);
    g.value = pair_times_parameter(g.value, alpha);
    g.slope = pair_times_parameter(NEAR_ROOT(SWISH_SLOPE, 7, 6, z, g.slope), alpha);
    jet y = self_gated(x, g, alpha);
    y.derivative = round_once(g.slope, unscale);
#if SP_DOUBLE
    y.derivative = g.negative && y.derivative == 0.0 ? copysign(y.derivative, -alpha) : y.derivative;
#endif
    y.second = round_once(loose_product(gate_bend(g, pair_of(2.0), magnitude_of(z)), two_product(alpha, beta)), g.fall);
    y.by_a = unscaled;
    y.by_b = alpha * (c * c * (value_of(g.density) * g.fall));
    return y;
}
SP_INLINE int scaled_swish_side(double x, double alpha, double beta) {
    (void)alpha;
    return !(beta * x <= SWISH_MINIMUM_AT_1);
}
/* alpha and beta may have any sign, see swish.h. If alpha is 0, the output does not determine x, and f' is 0. */
SP_INLINE double scaled_swish_from_side(double y, int right, double alpha, double beta) {
    double scale = alpha == 0.0 ? 1.0 : alpha;
    return alpha * swish_slope(beta * at_most(at_least(y / scale, -REAL_MAX), REAL_MAX), right);
}
#if SP_HAS_VECTORS
SP_INLINE reals_exponent scaled_swish_exponent(reals x, reals_parameter alpha, reals_parameter beta) {
    (void)alpha;
    return v_exponent_times(v_minus(x), beta);
}
/* its low word in full, for two pairs are multiplied */
V_STAGES_BY(scaled_swish, reals_pair, v_whole_power_of, V_EXP_WHOLE, V_BLOCK)
SP_INLINE reals scaled_swish_last(reals x, const reals_pair *E, reals_parameter alpha, reals_parameter beta, mask *far) {
    *far = v_either(v_beyond(x * beta.pair.hi, V_EXP_LIMIT), v_either(v_parameter_beyond(alpha), v_tiny(x)));
    *far = v_either(*far, v_beyond(x, SP_DOUBLE ? (real)0x1p600 : (real)0x1p60)); /* alpha·x overflows */
    reals_pair scaled_x = v_pair_times(alpha.pair, x);
    return v_with_sign(v_rounded_product(scaled_x, v_pair_of(v_over_one_plus(*E))), scaled_x.hi); /* -0 */
}
SP_INLINE reals scaled_swish_slope_last(reals x, const reals_pair *E, reals_parameter alpha, reals_parameter beta,
                                        mask *far) {
    reals_pair d = swish_slope_pair(v_exponent_times(x, beta), *E, far);
    *far = v_either(*far, v_parameter_beyond(alpha));
    return v_rounded_product(alpha.pair, d);
}
#endif
#elif SP_PASS == SP_FAR
static jet scaled_swish_far_at(double x, double alpha, double beta) {
    const wide at = wide_of(x), scale = wide_of(alpha), rate = wide_of(beta);
    const wide_swish s = wide_swish_of(wide_product(at, rate));
    const wide unscaled = wide_product(at, s.sigma);
    return (jet){
        .value = wide_value(wide_product(scale, unscaled)),
        .derivative = wide_value(wide_product(scale, s.slope)),
        .second = wide_value(wide_product(wide_product(scale, rate), s.bend)),
        .by_a = wide_value(unscaled),
        .by_b = wide_value(wide_product(scale, wide_product(wide_square(at), s.density))),
    };
}
static double scaled_swish_far_from_side(double y, int right, double alpha, double beta) {
    const wide scale = wide_of(alpha), z = wide_product(wide_of(y), wide_of(beta));
    const double output = wide_value(alpha == 0.0 ? z : wide_quotient(z, scale));
    return wide_value(wide_product(scale, wide_of(swish_slope(at_most(at_least(output, -REAL_MAX), REAL_MAX), right))));
}
#else
SP_ACTIVATION(scaled_swish, 16, 2, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_STAGES, SP_EXTREME_PARAMETER)
SP_BOUND(scaled_swish, value, float32, 0.54, 0.5066, -0x1.2d2acap+5)
SP_BOUND(scaled_swish, value, float64, 0.7, 0.5596, -0x1.5f43d6c3707bp+9)
SP_BOUND(scaled_swish, derivative, float32, 0.7, 0.6453, -0x1.571c5ep+0)
SP_BOUND(scaled_swish, derivative, float64, 0.7, 0.5646, -0x1.ff3f058edafb8p-1)
SP_BOUND(scaled_swish, second_derivative, float32, 0.51, 0.5000, -0x1.52a7f6p-11)
SP_BOUND(scaled_swish, second_derivative, float64, 0.7, 0.6398, -0x1.831d8e18d5ac5p+3)
#endif
