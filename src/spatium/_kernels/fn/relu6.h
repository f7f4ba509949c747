/* relu6(x) = min(max(x, 0), 6)                                                     Krizhevsky 2010

   Exact. f'(0) = f'(6) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet relu6_at(real x, double a, double b) {
    (void)a, (void)b;
    real y = x <= 0 ? 0 : x;
    return (jet){
        .value = y > 6 ? 6 : y,
        .derivative = x > 0 && x < 6 ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
    };
}
SP_INLINE double relu6_from_output(real y, double a, double b) {
    (void)a, (void)b;
    return y > 0 && y < 6 ? 1.0 : unless_nan(y, 0.0);
}
SP_INLINE double relu6_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(relu6)
SP_INLINE reals relu6_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    return v_min(v_set(6), v_keep(v_not_at_most(x, v_set(0)), x)); /* NaN stays */
}
SP_INLINE mask relu6_side_from_output_vector(reals y, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return v_both(v_less(v_set(0), y), v_less(y, v_set(6)));
}
SP_INLINE mask relu6_side_vector(reals x, reals_bound a, reals_bound b) {
    return relu6_side_from_output_vector(x, a, b);
}
SP_INLINE reals_slopes relu6_slopes(reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return V_EXACT_SLOPES(1, 0);
}
#endif
#else
SP_ACTIVATION(relu6, 19, 0, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(relu6, value, float32, 0.51, 0.0000, 0)
SP_BOUND(relu6, value, float64, 0.51, 0.0000, 0)
SP_BOUND(relu6, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(relu6, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(relu6, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(relu6, second_derivative, float64, 0.51, 0.0000, 0)
#endif
