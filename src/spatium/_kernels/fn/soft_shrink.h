/* soft_shrink(x, lambd) = x - lambd above lambd, x + lambd below -lambd, else 0    Donoho, Johnstone 1994

   f'(±lambd) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet soft_shrink_at(double x, double lambd, double b) {
    (void)b;
    double zero = x == 0.0 ? x : unless_nan(x, 0.0);
    return (jet){
        .value = x > lambd ? x - lambd : x < -lambd ? x + lambd : zero,
        .derivative = fabs(x) > lambd ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = x > lambd ? -1.0 : x < -lambd ? 1.0 : unless_nan(x, 0.0),
    };
}
/* f' is that of hard_shrink */
SP_INLINE double soft_shrink_from_output(real y, double lambd, double b) {
    return hard_shrink_from_output(y, lambd, b);
}
SP_INLINE double soft_shrink_from_bit(int bit, double a, double b) { return hard_shrink_from_bit(bit, a, b); }
#if SP_HAS_VECTORS
V_PLAIN_PARAMETERS(soft_shrink)
/* not for a negative lambd, where there are three pieces, nor for one that has no low word left; 0 is none of them */
SP_INLINE mask soft_shrink_beyond(reals_bound lambd, reals_bound b) {
    (void)b;
    reals high = lambd.pair.hi;
    return v_either(v_either(v_less(lambd.below, v_set(0)), v_not_at_most(high, v_set((real)0x1p60))),
                    v_both(v_less(v_set(0), high), v_less(high, v_set((real)0x1p-60))));
}
/* |x| - lambd, and in one more sum what is left of it and of lambd */
SP_INLINE reals soft_shrink_vector(reals x, reals_bound lambd, reals_bound b, mask *far) {
    (void)b, (void)far;
    reals size = v_abs(x), high = lambd.pair.hi, value = size - high;
    if (!lambd.exact)
        value = value + (v_min((size - value) - high, v_set(REAL_MAX)) - lambd.pair.lo); /* NaN next to an infinite one */
    return v_select(v_less(lambd.below, size), v_with_sign(value, x), v_keep(v_not_less(v_set(0), size), x));
}
V_NARROW_BY_TIES(soft_shrink)
SP_INLINE mask soft_shrink_side_vector(reals x, reals_bound lambd, reals_bound b) {
    return hard_shrink_side_vector(x, lambd, b);
}
SP_INLINE mask soft_shrink_side_from_output_vector(reals y, reals_bound lambd, reals_bound b) {
    return hard_shrink_side_from_output_vector(y, lambd, b);
}
SP_INLINE reals_slopes soft_shrink_slopes(reals_bound lambd, reals_bound b) { return hard_shrink_slopes(lambd, b); }
#endif
#else
SP_ACTIVATION(soft_shrink, 28, 1, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE, SP_ANY_ARGUMENT)
SP_BOUND(soft_shrink, value, float32, 0.51, 0.5000, 0x1.000046p+23)
SP_BOUND(soft_shrink, value, float64, 0.51, 0.5000, 0x1.0000000000001p+52)
SP_BOUND(soft_shrink, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(soft_shrink, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(soft_shrink, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(soft_shrink, second_derivative, float64, 0.51, 0.0000, 0)
#endif
