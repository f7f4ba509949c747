/* threshold(x, threshold, value) = x if x > threshold else value

   f'(threshold) = 0. From the output where value <= threshold, by whether y is value. */
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
    return y > threshold && y != (real)value ? 1.0 : unless_nan(y, 0.0);
}
SP_INLINE double threshold_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#else
SP_ACTIVATION(threshold, 21, 2, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
