/* scaled_tanh(x, scale, slope) = scale·tanh(slope·x)                                LeCun 1989

   1.7159·tanh(2x/3) is the usual choice. From the output f' = slope/scale·(scale - y)·(scale + y).
   f'' = -2·tanh(slope·x)·slope·f', whatever the sign of the slope. */
#if SP_PASS == SP_TEXT
SP_INLINE jet scaled_tanh_at(double x, double scale, double slope) {
    pair z = pair_clamped(two_product(x, slope), 1e30);
    tanh_parts t = tanh_of(z, SHORT);
    double magnitude = value_of(pair_times(t.value, scale)), value = z.hi < 0.0 ? -magnitude : magnitude;
    pair both = two_product(scale, slope);
#if SP_DOUBLE
    /* linear there; scaled, so that a subnormal result is rounded once */
    value = fabs(z.hi) < 0x1p-500 ? value_of(pair_times(both, x * 0x1p500)) * 0x1p-500 : value;
#endif
    return (jet){
        .value = z.hi == 0.0 && x == 0.0 ? x * slope : value,
        .derivative = round_once(pair_product(t.slope, both), t.unscale),
        .second = copysign(2.0 * t.value.hi, -z.hi) * (round_once(pair_product(t.slope, both), t.unscale) * slope),
        .by_a = z.hi < 0.0 ? -t.value.hi : t.value.hi,
        .by_b = scale * (at_most(at_least(x, -1e300), 1e300) * round_once(t.slope, t.unscale)),
    };
}
SP_INLINE double scaled_tanh_from_output(double y, double scale, double slope) {
    return slope / scale * ((scale - y) * (scale + y));
}
#else
SP_ACTIVATION(scaled_tanh, 18, 2, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
