/* hard_tanh(x, min_val, max_val) = clip(x, min_val, max_val)                        Collobert 2004

   Exact. f' is 0 at both ends; the bounds are rounded to the type first, so that the output says which side it is on. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_tanh_at(real x, double min_val, double max_val) {
    real low = (real)min_val, high = (real)max_val;
    return (jet){
        .value = x < low ? low : x > high ? high : x,
        .derivative = x > low && x < high ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = x < low ? 1.0 : unless_nan(x, 0.0),
        .by_b = x > high ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE double hard_tanh_from_output(real y, double min_val, double max_val) {
    return y > (real)min_val && y < (real)max_val ? 1.0 : unless_nan(y, 0.0);
}
SP_INLINE double hard_tanh_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#if SP_HAS_LANES
SP_INLINE lanes hard_tanh_lanes(lanes x, lanes_parameter low, lanes_parameter high, mask *far) {
    *far = v_none();
    return v_select(v_less(x, low.pair.hi), low.pair.hi, v_select(v_less(high.pair.hi, x), high.pair.hi, x));
}
SP_INLINE lanes hard_tanh_slope_lanes(lanes x, lanes_parameter low, lanes_parameter high, mask *far) {
    *far = v_none();
    lanes below_high = v_select(v_less(x, high.pair.hi), ONE, v_unless_nan(x, v_set(0.0f)));
    return v_select(v_less(low.pair.hi, x), below_high, v_unless_nan(x, v_set(0.0f)));
}
#endif
#else
SP_ACTIVATION(hard_tanh, 10, 2, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_IN_LANES, SP_ANY_ARGUMENT, 0.51)
#endif
