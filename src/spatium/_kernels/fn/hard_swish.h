/* hard_swish(x) = x·clip(x/6 + 1/2, 0, 1)                                          Howard et al. 2019

   x·(x + 3)/6 between -3 and 3, the sum kept exactly. f'(-3) = 0, f'(3) = 1, f''(±3) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_swish_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -3.0), 3.0);
    const pair sixth = PAIR(0x1.5555555555555p-3, 0x1.5555555555555p-57);
    pair curve = pair_product(pair_times(two_sum(c, 3.0), c), sixth), slope = pair_product(two_sum(2.0 * c, 3.0), sixth);
    return (jet){
        .value = x >= 3.0 ? x : x <= -3.0 ? -0.0 : copysign(value_of(curve), x),
        .derivative = x >= 3.0 ? 1.0 : x <= -3.0 ? 0.0 : value_of(slope),
        .second = x > -3.0 && x < 3.0 ? 0x1.5555555555555p-2 : unless_nan(x, 0.0),
    };
}
SP_INLINE int hard_swish_side(double x, double a, double b) {
    (void)a, (void)b;
    return x >= -1.5;
}
/* f' = ±sqrt(9 + 24·y)/6 between -3 and 3 */
SP_INLINE double hard_swish_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    double root = sqrt(at_least(FMA(24.0, y, 9.0), 0.0)) / 6.0;
    return right ? (y >= 3.0 ? 1.0 : root) : y == 0.0 ? 0.0 : -root;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(hard_swish)
SP_INLINE reals hard_swish_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals factor = v_max(v_set(-3), x), c = v_min(v_set(3), factor), s = c + v_set(3);
    reals_pair clip = v_pair_product((reals_pair){s, c - (s - v_set(3))}, v_part_of_third((real)0.5));
    return v_fma(factor, clip.hi, factor * clip.lo);
}
/* Right for all 16-bit numbers, as tests show, but for half of the least float16 and for products that are subnormal. */
V_NARROW_ALWAYS(hard_swish, NARROW_AS_ROUNDED)
SP_INLINE reals hard_swish_narrow_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)b;
    *far = v_either(*far, a.coarse ? v_equal(x, v_set((real)0x1p-24)) : v_nearly_zero(x));
    reals factor = v_max(v_set(-3), x), s = v_min(v_set(3), factor) + v_set(3);
    return s * v_set((real)(1.0 / 6.0)) * factor;
}
/* (2·c + 3)/6, where c is x but 3/2 above 3 and -3/2 below -3: what is left of the sum is exact */
SP_INLINE reals hard_swish_slope_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals c = v_select(v_at_most(v_set(3), v_abs(x)), v_with_sign(v_set((real)1.5), x), x);
    reals s = v_fma(v_set(2), c, v_set(3));
    return v_rounded_product((reals_pair){s, v_fma(v_set(2), c, v_set(3) - s)}, v_part_of_third((real)0.5));
}
SP_INLINE mask hard_swish_side_vector(reals x, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    return v_at_most(v_set((real)-1.5), x);
}
SP_INLINE reals hard_swish_slope_from_side_vector(reals y, mask right, reals_bound a, reals_bound b) {
    (void)a, (void)b;
    reals d = v_sixth_of_root(24, y);
    mask flat = v_at_most(v_set(3), y), zero = v_equal(y, v_set(0));
    return v_select(right, v_select(flat, ONE, d), v_select(zero, v_set(0), v_minus(d)));
}
#endif
#else
SP_ACTIVATION(hard_swish, 14, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_PIECEWISE, SP_ANY_ARGUMENT)
SP_BOUND(hard_swish, value, float32, 0.51, 0.5000, 0x1.fcp-143)
SP_BOUND(hard_swish, value, float64, 0.51, 0.5000, 0x0.0000000000001p-1022)
SP_PLAIN_BOUND(hard_swish, value, float64, 1.0, 1.0000, 0x1.7dab36f07cd2bp-1017)
SP_BOUND(hard_swish, derivative, float32, 0.51, 0.5000, 0x1.a1p-17)
SP_BOUND(hard_swish, derivative, float64, 0.51, 0.5000, 0x1.2edba06d1ea46p-3)
SP_BOUND(hard_swish, second_derivative, float32, 0.51, 0.3333, 0x1.ap+0)
SP_BOUND(hard_swish, second_derivative, float64, 0.51, 0.3333, 0)
#endif
