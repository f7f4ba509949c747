/* hard_gelu(x) = min(x, 3) above 1.5, x·(x + 1.5)/3 between -1.5 and 1.5, else 0    Vaidyanathan et al. 2023

   f'(-1.5) = -1/2, f'(1.5) = 3/2, f'(3) = 1; 0 above 3. f''(±1.5) = 2/3. The minimum is -3/16 at -3/4. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_gelu_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -1.5), 1.5);
    const pair third = PAIR(0x1.5555555555555p-2, 0x1.5555555555555p-56);
    pair curve = pair_product(pair_times(two_sum(c, 1.5), c), third), slope = pair_product(two_sum(2.0 * c, 1.5), third);
    return (jet){
        .value = x > 1.5 ? at_most(x, 3.0) : x < -1.5 ? 0.0 : copysign(value_of(curve), x),
        .derivative = x > 3.0 ? 0.0 : x > 1.5 ? 1.0 : x < -1.5 ? 0.0 : value_of(slope),
        .second = x >= -1.5 && x <= 1.5 ? 0x1.5555555555555p-1 : unless_nan(x, 0.0),
    };
}
/* At y = 3 only the right side is possible, so the bit distinguishes x = 3 from larger x. */
SP_INLINE int hard_gelu_side(double x, double a, double b) {
    (void)a, (void)b;
    return x >= -0.75 && !(x > 3.0);
}
/* f' = ±sqrt(9 + 48·y)/6 between -1.5 and 1.5; the zero at -1.5 is negative, those below are positive */
SP_INLINE double hard_gelu_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    double root = sqrt(at_least(FMA(48.0, y, 9.0), 0.0)) / 6.0;
    double above = y > 1.5 ? 1.0 : root, below = y == 0.0 ? (copysign(1.0, y) < 0.0 ? -0.5 : 0.0) : -root;
    return right ? above : y > 0.0 ? 0.0 : below;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(hard_gelu)
SP_INLINE reals hard_gelu_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals factor = v_max(v_set((real)-1.5), v_min(v_set(3), x)), c = v_min(v_set((real)1.5), factor), s = c + v_set((real)1.5);
    reals_pair clip = v_pair_product((reals_pair){s, c - (s - v_set((real)1.5))}, v_part_of_third(1));
    return v_keep(v_not_less(x, v_set((real)-1.5)), v_fma(factor, clip.hi, factor * clip.lo));
}
/* as of hard_swish */
V_NARROW_ALWAYS(hard_gelu, NARROW_AS_ROUNDED)
SP_INLINE reals hard_gelu_narrow_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)b;
    *far = v_either(*far, a.coarse ? v_equal(x, v_set((real)0x1p-24)) : v_nearly_zero(x));
    reals factor = v_max(v_set((real)-1.5), v_min(v_set(3), x)), s = v_min(v_set((real)1.5), factor) + v_set((real)1.5);
    return v_keep(v_not_less(x, v_set((real)-1.5)), s * v_set((real)(1.0 / 3.0)) * factor);
}
/* (2·c + 3/2)/3, where c is x between -3/2 and 3/2, 3/4 above, and -3/4 where f' is 0 */
SP_INLINE reals hard_gelu_slope_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    mask flat = v_either(v_less(x, v_set((real)-1.5)), v_less(v_set(3), x));
    reals c = v_select(flat, v_set((real)-0.75), v_select(v_less(v_set((real)1.5), x), v_set((real)0.75), x));
    reals s = v_fma(v_set(2), c, v_set((real)1.5));
    return v_rounded_product((reals_pair){s, v_fma(v_set(2), c, v_set((real)1.5) - s)}, v_part_of_third(1));
}
SP_INLINE mask hard_gelu_side_vector(reals x, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return v_both(v_at_most(v_set((real)-0.75), x), v_at_most(x, v_set(3)));
}
SP_INLINE reals hard_gelu_slope_from_side_vector(reals y, mask right, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    reals d = v_sixth_of_root(48, y);
    mask flat = v_less(v_set((real)1.5), y), zero = v_equal(y, v_set(0)), positive = v_less(v_set(0), y);
    reals at_zero = v_keep(v_equal(v_with_sign(ONE, y), v_set(-1)), v_set((real)-0.5));
    reals below = v_select(positive, v_set(0), v_select(zero, at_zero, v_minus(d)));
    return v_select(right, v_select(flat, ONE, d), below);
}
#endif
#else
SP_ACTIVATION(hard_gelu, 15, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_PIECEWISE, SP_ANY_ARGUMENT)
SP_BOUND(hard_gelu, value, float32, 0.51, 0.5000, 0x1.fcp-143)
SP_BOUND(hard_gelu, value, float64, 0.51, 0.5000, 0x0.0000000000001p-1022)
SP_PLAIN_BOUND(hard_gelu, value, float64, 1.0, 1.0000, 0x1.7dab36f07cd2bp-1017)
SP_BOUND(hard_gelu, derivative, float32, 0.51, 0.5000, 0x1.26p-19)
SP_BOUND(hard_gelu, derivative, float64, 0.51, 0.5000, 0x1.8ead102e3bf28p-6)
SP_BOUND(hard_gelu, second_derivative, float32, 0.51, 0.3333, 0x1.acp-16)
SP_BOUND(hard_gelu, second_derivative, float64, 0.51, 0.3333, 0)
#endif
