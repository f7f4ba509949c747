/* identity(x) = x

   Exact; for layers and maps without an activation. */
#if SP_PASS == SP_TEXT
SP_INLINE jet identity_at(real x, double a, double b) {
    (void)a, (void)b;
    return (jet){.value = x, .derivative = unless_nan(x, 1.0), .second = unless_nan(x, 0.0)};
}
SP_INLINE double identity_from_output(real y, double a, double b) {
    (void)a, (void)b;
    return unless_nan(y, 1.0);
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(identity)
SP_INLINE reals identity_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    return x;
}
SP_INLINE reals identity_slope_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    return v_unless_nan(x, ONE);
}
SP_INLINE reals identity_slope_from_output_vector(reals y, reals_bound a, reals_bound b, mask *far) {
    return identity_slope_vector(y, a, b, far);
}
#endif
#else
SP_ACTIVATION(identity, 37, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(identity, value, float32, 0.51, 0.0000, 0)
SP_BOUND(identity, value, float64, 0.51, 0.0000, 0)
SP_BOUND(identity, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(identity, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(identity, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(identity, second_derivative, float64, 0.51, 0.0000, 0)
#endif
