/* relu(x) = x > 0 ? x : 0                                                          Fukushima 1969; Nair, Hinton 2010

   Exact. relu'(0) = 0, so y > 0 decides the derivative from the output. */
#if SP_PASS == SP_TEXT
SP_INLINE jet relu_at(real x, double a, double b) {
    (void)a, (void)b;
    return (jet){
        .value = x <= 0 ? 0 : x,
        .derivative = x > 0 ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
    };
}
SP_INLINE double relu_from_output(real y, double a, double b) {
    (void)a, (void)b;
    return y > 0 ? 1.0 : unless_nan(y, 0.0);
}
SP_INLINE double relu_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(relu)
SP_INLINE reals relu_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    return v_keep(v_not_at_most(x, v_set(0)), x); /* NaN is not at most 0 */
}
SP_INLINE mask relu_side_vector(reals x, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return v_less(v_set(0), x);
}
SP_INLINE mask relu_side_from_output_vector(reals y, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return v_less(v_set(0), y);
}
SP_INLINE reals_slopes relu_slopes(reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return V_EXACT_SLOPES(1, 0);
}
#endif
#else
SP_ACTIVATION(relu, 0, 0, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(relu, value, float32, 0.51, 0.0000, 0)
SP_BOUND(relu, value, float64, 0.51, 0.0000, 0)
SP_BOUND(relu, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(relu, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(relu, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(relu, second_derivative, float64, 0.51, 0.0000, 0)
#endif
