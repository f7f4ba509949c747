/* hard_shrink(x, lambd) = x if |x| > lambd else 0

   Exact. f'(±lambd) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_shrink_at(real x, double lambd, double b) {
    (void)b;
    double m = fabs((double)x);
    return (jet){
        .value = m <= lambd && x != 0 ? 0.0 : (double)x,
        .derivative = m > lambd ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = unless_nan(x, 0.0),
    };
}
SP_INLINE double hard_shrink_from_output(real y, double lambd, double b) {
    (void)lambd, (void)b;
    return y != 0 ? unless_nan(y, 1.0) : 0.0;
}
SP_INLINE double hard_shrink_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(hard_shrink)
SP_INLINE reals hard_shrink_vector(reals x, reals_bound lambd, reals_bound b, mask *far) {
    (void)b, (void)far;
    reals size = v_abs(x);
    return v_keep(v_either(v_not_at_most(size, lambd.below), v_not_less(v_set(0), size)), x); /* -0 stays */
}
SP_INLINE mask hard_shrink_side_vector(reals x, reals_bound lambd, reals_bound b) {
    (void)b;
    return v_less(lambd.below, v_abs(x));
}
SP_INLINE mask hard_shrink_side_from_output_vector(reals y, reals_bound lambd, reals_bound b) {
    (void)lambd, (void)b;
    return v_less(v_set(0), v_abs(y));
}
SP_INLINE reals_slopes hard_shrink_slopes(reals_bound lambd, reals_bound b) {
    (void)lambd, (void)b;
    return V_EXACT_SLOPES(1, 0);
}
#endif
#else
SP_ACTIVATION(hard_shrink, 27, 1, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(hard_shrink, value, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_shrink, value, float64, 0.51, 0.0000, 0)
SP_BOUND(hard_shrink, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_shrink, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(hard_shrink, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_shrink, second_derivative, float64, 0.51, 0.0000, 0)
#endif
