/* hard_sigmoid(x, slope, offset) = clip(slope·x + offset, 0, 1)                     Courbariaux, Bengio, David 2015

   The product rounded to double decides which piece x is on, so that x = -3 and 3 with slope 1/6 are the ends although
   the double 1/6 is not a sixth; f' is 0 at both. Between the ends the exact sum is rounded once. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_sigmoid_at(double x, double slope, double offset) {
    double rounded = slope * x;
    rounded = rounded + offset;
    int inside = rounded > 0.0 && rounded < 1.0;
    double line = rounded <= 0.0 ? 0.0 : rounded >= 1.0 ? 1.0 : value_of(pair_sum(two_product(slope, x), pair_of(offset)));
    return (jet){
        .value = line,
        .derivative = inside ? slope : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = inside ? x : unless_nan(x, 0.0),
        .by_b = inside ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE double hard_sigmoid_from_output(double y, double slope, double offset) {
    (void)offset;
    return y > 0.0 && y < 1.0 ? slope : unless_nan(y, 0.0);
}
SP_INLINE double hard_sigmoid_from_bit(int bit, double slope, double b) {
    (void)b;
    return bit ? slope : 0.0;
}
#if SP_HAS_LANES
/* The exact product and sum, but next to the lower end, where what is left of them has too few digits.  An offset of at
   least 1/2 is the larger summand wherever the sum is between the ends. */
SP_INLINE mask hard_sigmoid_beyond(lanes_bound slope, lanes_bound offset) {
    return v_either(v_bound_beyond(slope), v_not_at_most(v_set(0.5f), offset.pair.hi));
}
SP_INLINE lanes hard_sigmoid_lanes(lanes x, lanes_bound slope, lanes_bound offset, mask *far) {
    lanes_pair product = v_pair_times(slope.pair, x), sum = v_fast_two_sum(offset.pair.hi, product.hi);
    *far = v_either(*far, v_less(v_abs(sum.hi), offset.pair.hi * v_set(0x1p-14f)));
    if (!offset.exact)
        product.lo = product.lo + offset.pair.lo;
    lanes rest = v_min(sum.lo + product.lo, v_set(REAL_MAX)); /* NaN next to an infinite sum */
    return v_min(ONE, v_max(v_set(0), sum.hi + rest));
}
/* next to both ends the rounding to double decides */
SP_INLINE mask hard_sigmoid_side_lanes(lanes x, lanes_bound slope, lanes_bound offset, mask *far) {
    lanes sum = v_fma(x, slope.pair.hi, offset.pair.hi), margin = offset.pair.hi * v_set(0x1p-18f);
    *far = v_either(*far, v_either(v_less(v_abs(sum), margin), v_less(v_abs(sum - ONE), margin)));
    return v_both(v_less(v_set(0), sum), v_less(sum, ONE));
}
SP_INLINE mask hard_sigmoid_side_from_output_lanes(lanes y, lanes_bound slope, lanes_bound offset) {
    (void)slope, (void)offset;
    return v_both(v_less(v_set(0), y), v_less(y, ONE));
}
SP_INLINE lanes_slopes hard_sigmoid_slopes(lanes_bound slope, lanes_bound offset) {
    (void)offset;
    return (lanes_slopes){slope.pair, {v_set(0), v_set(0)}, 0};
}
#endif
#else
SP_ACTIVATION(hard_sigmoid, 9, 2, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE, SP_ANY_ARGUMENT)
SP_BOUND(hard_sigmoid, value, float32, 0.51, 0.5000, 0x1.5d8p-15)
SP_BOUND(hard_sigmoid, value, float64, 0.7, 0.5000, 0x1p+1)
SP_PLAIN_BOUND(hard_sigmoid, value, float64, 1.0, 1.0000, -0x1.7ffffffffffffp+1)
SP_BOUND(hard_sigmoid, derivative, float32, 0.51, 0.3333, 0)
SP_BOUND(hard_sigmoid, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(hard_sigmoid, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_sigmoid, second_derivative, float64, 0.51, 0.0000, 0)
#endif
