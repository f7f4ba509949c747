/* relu_squared(x) = max(x, 0)^2                                                     So et al. 2021

   From the output f' = 2·sqrt(y). f''(0) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet relu_squared_at(double x, double a, double b) {
    (void)a, (void)b;
    double y = x <= 0.0 ? 0.0 : x;
    return (jet){.value = y * y, .derivative = y + y, .second = x > 0.0 ? 2.0 : unless_nan(x, 0.0)};
}
SP_INLINE double relu_squared_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return 2.0 * sqrt(y);
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(relu_squared)
SP_INLINE reals relu_squared_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals y = v_keep(v_not_at_most(x, v_set(0)), x);
    return y * y;
}
/* not where 2·x overflows and g·2·x may not */
SP_INLINE reals relu_squared_slope_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b;
    reals y = v_keep(v_not_at_most(x, v_set(0)), x);
    *far = v_either(*far, v_less(v_set((real)(0.5 * REAL_MAX)), x));
    return y + y;
}
SP_INLINE reals relu_squared_slope_from_output_vector(reals y, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    return v_set(2) * v_root(y);
}
#endif
#else
SP_ACTIVATION(relu_squared, 20, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(relu_squared, value, float32, 0.51, 0.5000, 0x1p-75)
SP_BOUND(relu_squared, value, float64, 0.51, 0.5000, 0x1.0000000000001p-512)
SP_BOUND(relu_squared, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(relu_squared, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(relu_squared, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(relu_squared, second_derivative, float64, 0.51, 0.0000, 0)
#endif
