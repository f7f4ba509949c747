/* hard_mish(x) = x/2·clip(x + 2, 0, 2)                                             Ridnik (timm) 2019

   One minimum, -1/2 at -1. f'(-2) = f''(-2) = f''(0) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_mish_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -2.0), 0.0);
    pair curve = pair_scaled(pair_times(two_sum(c, 2.0), c), 0.5);
    return (jet){
        .value = x >= 0.0 ? x : x <= -2.0 ? -0.0 : copysign(value_of(curve), x),
        .derivative = x >= 0.0 ? 1.0 : x <= -2.0 ? 0.0 : c + 1.0,
        .second = x > -2.0 && x < 0.0 ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE int hard_mish_side(double x, double a, double b) {
    (void)a, (void)b;
    return x >= -1.0;
}
/* f' = ±sqrt(1 + 2·y) between -2 and 0; a float32 of -1/2 stands for all |f'| below 2^-12.5, the middle of which is
   wrong by half as much as 0 would be */
SP_INLINE double hard_mish_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    double root = sqrt(at_least(FMA(2.0, y, 1.0), SP_DOUBLE ? 0.0 : 0x1p-27));
    return right ? (y >= 0.0 ? 1.0 : root) : y == 0.0 ? 0.0 : -root;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(hard_mish)
SP_INLINE reals hard_mish_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals factor = v_max(v_set(-2), x), c = v_min(v_set(0), factor), s = c + v_set(2), rest = (v_set(2) - s) + c;
    return v_fma(factor, v_set((real)0.5) * s, c * (v_set((real)0.5) * rest));
}
/* c + 1, where c is x between -2 and 0, 0 above, and -1 below */
SP_INLINE reals hard_mish_slope_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals c = v_min(v_set(0), x);
    c = v_select(v_not_at_most(c, v_set(-2)), c, v_set(-1));
    return c + ONE;
}
SP_INLINE mask hard_mish_side_vector(reals x, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return v_at_most(v_set(-1), x);
}
SP_INLINE reals hard_mish_slope_from_side_vector(reals y, mask right, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    const reals least = v_set(SP_DOUBLE ? 0 : (real)0x1p-27);
    reals s = v_fma(v_set(2), y, ONE), rest = v_fma(v_set(2), y, ONE - s);
    reals_pair root = v_pair_root((reals_pair){v_max(least, s), v_keep(v_less(least, s), rest)});
    mask flat = v_at_most(v_set(0), y), zero = v_equal(y, v_set(0));
    reals d = root.hi + root.lo;
    return v_select(right, v_select(flat, ONE, d), v_select(zero, v_set(0), v_minus(d)));
}
#endif
#else
SP_ACTIVATION(hard_mish, 32, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(hard_mish, value, float32, 0.51, 0.5000, -0x1.0ep-9)
SP_BOUND(hard_mish, value, float64, 0.51, 0.5000, -0x1p-53)
SP_BOUND(hard_mish, derivative, float32, 0.51, 0.5000, -0x1.9dp-17)
SP_BOUND(hard_mish, derivative, float64, 0.51, 0.5000, -0x1.6223fb8c16bd8p-5)
SP_BOUND(hard_mish, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_mish, second_derivative, float64, 0.51, 0.0000, 0)
#endif
