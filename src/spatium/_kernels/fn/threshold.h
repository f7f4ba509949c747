/* threshold(x, threshold, value) = x if x > threshold else value

   f'(threshold) = 0. From the output where value <= threshold, by whether y is above value. */
#if SP_PASS == SP_TEXT
SP_INLINE jet threshold_at(real x, double threshold, double value) {
    return (jet){
        .value = x <= threshold ? value : (double)x,
        .derivative = x > threshold ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = unless_nan(x, 0.0),
        .by_b = x <= threshold ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE double threshold_from_output(real y, double threshold, double value) {
    (void)threshold;
    return y > (real)value ? 1.0 : unless_nan(y, 0.0);
}
SP_INLINE double threshold_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(threshold)
SP_INLINE reals threshold_vector(reals x, reals_bound threshold, reals_bound value, mask *far) {
    (void)far;
    return v_select(v_not_at_most(x, threshold.below), x, value.pair.hi);
}
SP_INLINE mask threshold_side_vector(reals x, reals_bound threshold, reals_bound value) {
    (void)value;
    return v_less(threshold.below, x);
}
SP_INLINE mask threshold_side_from_output_vector(reals y, reals_bound threshold, reals_bound value) {
    (void)threshold;
    return v_less(value.pair.hi, y);
}
SP_INLINE reals_slopes threshold_slopes(reals_bound threshold, reals_bound value) {
    (void)threshold, (void)value;
    return V_EXACT_SLOPES(1, 0);
}
#endif
#else
SP_ACTIVATION(threshold, 21, 2, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(threshold, value, float32, 0.51, 0.0000, 0)
SP_BOUND(threshold, value, float64, 0.51, 0.0000, 0)
SP_BOUND(threshold, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(threshold, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(threshold, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(threshold, second_derivative, float64, 0.51, 0.0000, 0)
#endif
