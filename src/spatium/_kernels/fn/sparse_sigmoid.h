/* sparse_sigmoid(x) = clip((x + 1)/2, 0, 1)                                         Zhou et al. 2022

   The derivative of sparse_plus. f'(-1) = f'(1) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet sparse_sigmoid_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -1.0), 1.0);
    return (jet){
        .value = 0.5 * (c + 1.0),
        .derivative = x > -1.0 && x < 1.0 ? 0.5 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
    };
}
SP_INLINE double sparse_sigmoid_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return y > 0.0 && y < 1.0 ? 0.5 : unless_nan(y, 0.0);
}
SP_INLINE double sparse_sigmoid_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 0.5 : 0.0;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(sparse_sigmoid)
SP_INLINE reals sparse_sigmoid_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    return v_set((real)0.5) * (v_min(ONE, v_max(v_minus(ONE), x)) + ONE);
}
SP_INLINE mask sparse_sigmoid_side_vector(reals x, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return v_less(v_abs(x), ONE);
}
SP_INLINE mask sparse_sigmoid_side_from_output_vector(reals y, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return v_both(v_less(v_set(0), y), v_less(y, ONE));
}
SP_INLINE reals_slopes sparse_sigmoid_slopes(reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return V_EXACT_SLOPES((real)0.5, 0);
}
#endif
#else
SP_ACTIVATION(sparse_sigmoid, 31, 0, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(sparse_sigmoid, value, float32, 0.51, 0.5000, 0x1p-24)
SP_BOUND(sparse_sigmoid, value, float64, 0.51, 0.5000, 0x1.60b9dad1d3f4cp-3)
SP_BOUND(sparse_sigmoid, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(sparse_sigmoid, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(sparse_sigmoid, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(sparse_sigmoid, second_derivative, float64, 0.51, 0.0000, 0)
#endif
