/* scaled_tanh(x, scale, slope) = scale·tanh(slope·x)                                LeCun 1989

   1.7159·tanh(2x/3) is the usual choice. From the output f' = slope/scale·(scale - y)·(scale + y).
   f'' = -2·tanh(slope·x)·slope·f', whatever the sign of the slope. */
#if SP_PASS == SP_TEXT
SP_INLINE jet scaled_tanh_at(double x, double scale, double slope) {
    const double finite = finite_for(x, slope);
    pair z = pair_clamped(two_product(finite, slope), 1e30);
    tanh_parts t = tanh_of(z, SHORT);
    double magnitude = value_of(pair_times(t.value, scale)), value = z.hi < 0.0 ? -magnitude : magnitude;
    pair both = two_product(scale, slope), steep = pair_product(t.slope, both);
    pair twice = pair_scaled(t.value, z.hi < 0.0 ? 2.0 : -2.0);
    double second = round_once(loose_product(twice, loose_product(steep, pair_of(slope))), t.unscale);
#if SP_DOUBLE
    /* linear there; scaled, so that a subnormal result is rounded once */
    const double up = 0x1p500 * at_most(at_least(x, -0x1p500), 0x1p500); /* x is less, or the slope 0 */
    const int tiny = fabs(z.hi) < 0x1p-500;
    value = tiny ? round_once(pair_times(both, up), 0x1p-500) : value;
    pair linear = pair_times(pair_product(both, two_product(slope, slope)), -2.0 * up);
    second = tiny ? round_once(linear, 0x1p-500) : second;
#endif
    return (jet){
        .value = z.hi == 0.0 && x == 0.0 ? x * slope : value,
        .derivative = copysign(round_once(steep, t.unscale), both.hi), /* of a slope < 0 that underflows too */
        .second = second,
        .by_a = z.hi < 0.0 ? -t.value.hi : t.value.hi,
        .by_b = scale * (at_most(at_least(x, -1e300), 1e300) * round_once(t.slope, t.unscale)),
    };
}
SP_INLINE double scaled_tanh_from_output(double y, double scale, double slope) {
    return slope / scale * ((scale - y) * (scale + y));
}
#if SP_HAS_VECTORS
/* by M = e^-2|z| - 1, z = slope·x */
SP_INLINE reals_exponent scaled_tanh_exponent(reals x, reals_parameter scale, reals_parameter slope) {
    (void)scale;
    reals_pair z = v_pair_times(slope.pair, x);
    reals turn = v_and_not(z.hi, SIGN); /* both words to -|z| */
    z = (reals_pair){v_set(2) * v_exclusive_or(z.hi, turn), v_set(2) * v_exclusive_or(z.lo, turn)};
    mask held = v_less(z.hi, v_set(-V_EXP_LIMIT));
    return v_exponent_of_pair(v_pair_select(held, (reals_pair){v_set(-V_EXP_LIMIT), v_set(0)}, z));
}
V_STAGES_BY_EXPM1(scaled_tanh, V_BLOCK)
SP_INLINE mask scaled_tanh_far(reals x, reals_parameter scale, reals_parameter slope) {
    return v_either(v_either(v_parameter_beyond(scale), v_parameter_beyond(slope)), v_tiny(x));
}
SP_INLINE reals scaled_tanh_last(reals x, const reals_exp *e, reals_parameter scale, reals_parameter slope, mask *far) {
    *far = scaled_tanh_far(x, scale, slope);
    reals y = v_rounded_product(scale.pair, v_tanh_of(v_expm1_of(*e)));
    return v_exclusive_or(y, v_and(v_exclusive_or(x, slope.pair.hi), SIGN));
}
SP_INLINE reals scaled_tanh_slope_last(reals x, const reals_exp *e, reals_parameter scale, reals_parameter slope,
                                       mask *far) {
    reals_pair E = v_exp_of(*e), both = v_pair_product(scale.pair, slope.pair);
    *far = v_either(scaled_tanh_far(x, scale, slope), v_beyond(x * slope.pair.hi, V_EXP_LIMIT / 2));
    reals_reciprocal r = v_over_one_plus(E);
    return v_rounded_product(both, v_quotient(v_quotient(E, r), r)) * v_set(4);
}
#if !SP_DOUBLE
SP_INLINE reals scaled_tanh_slope_from_output(reals y, reals_parameter scale, reals_parameter slope, mask *far) {
    *far = v_either(v_parameter_beyond(scale), v_parameter_beyond(slope));
    /* scale·slope·(1 - t^2), t = y/scale */
    reals_pair t = v_pair_times(v_pair_of(v_reciprocal(scale.pair)), y), square = v_two_product(t.hi, t.hi);
    reals_pair rest = v_fast_two_sum(ONE, v_minus(square.hi));
    rest.lo = rest.lo - v_fma(t.hi + t.hi, t.lo, square.lo);
    return v_rounded_product(v_pair_product(scale.pair, slope.pair), rest);
}
#endif
#endif
#elif SP_PASS == SP_FAR
static jet scaled_tanh_far_at(double x, double scale, double slope) {
    const wide at = wide_of(x), height = wide_of(scale), rate = wide_of(slope), z = wide_product(at, rate);
    const wide twice = wide_minus(wide_scaled(wide_magnitude(z), 1)), M = wide_expm1(twice), w = wide_sum(wide_of(2.0), M);
    const wide size = wide_minus(wide_quotient(M, w)), t = wide_is_negative(z) ? wide_minus(size) : size;
    const wide flat = wide_scaled(wide_quotient(wide_exp(twice), wide_square(w)), 2); /* 1 - t^2 */
    const wide derivative = wide_product(wide_product(height, rate), flat);
    return (jet){
        .value = wide_value(wide_product(height, t)),
        .derivative = wide_value(derivative),
        .second = wide_value(wide_product(wide_scaled(wide_minus(t), 1), wide_product(rate, derivative))),
        .by_a = wide_value(t),
        .by_b = wide_value(wide_product(height, wide_product(at, flat))),
    };
}
/* slope/scale·(scale - y)·(scale + y) */
static double scaled_tanh_far_from_output(double y, double scale, double slope) {
    const wide height = wide_of(scale), output = wide_of(y);
    const wide both = wide_product(wide_sum(height, wide_minus(output)), wide_sum(height, output));
    return wide_value(wide_product(wide_quotient(wide_of(slope), height), both));
}
#else
SP_ACTIVATION(scaled_tanh, 18, 2, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_EXTREME_PARAMETER)
SP_BOUND(scaled_tanh, value, float32, 0.54, 0.5358, 0x1.b8b65ep-6)
SP_BOUND(scaled_tanh, value, float64, 0.7, 0.6833, -0x1.b616beb48fe51p-3)
SP_BOUND(scaled_tanh, derivative, float32, 0.6, 0.5639, 0x1.ed57d8p+4)
SP_BOUND(scaled_tanh, derivative, float64, 0.7, 0.5919, -0x1.072de0390b1cep+9)
SP_BOUND(scaled_tanh, second_derivative, float32, 0.51, 0.5068, -0x1.e6dbf8p-3)
SP_BOUND(scaled_tanh, second_derivative, float64, 1.0, 0.9281, 0x1.dfc7a57bb788p-3)
#endif
