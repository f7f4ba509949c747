/* sparse_plus(x) = 0 below -1, (x + 1)^2/4 between -1 and 1, x above               Zhou et al. 2022

   From the output f' = min(1, sqrt(y)). f''(±1) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet sparse_plus_at(double x, double a, double b) {
    (void)a, (void)b;
    pair t = two_sum(at_most(at_least(x, -1.0), 1.0), 1.0);
    double curve = 0.25 * value_of(pair_product(t, t));
    return (jet){
        .value = x >= 1.0 ? x : curve,
        .derivative = 0.5 * value_of(t),
        .second = x > -1.0 && x < 1.0 ? 0.5 : unless_nan(x, 0.0),
    };
}
SP_INLINE double sparse_plus_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return at_most(sqrt(y), 1.0);
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(sparse_plus)
SP_INLINE reals_pair sparse_plus_sum(reals x) { /* x + 1 between -1 and 1 */
    reals c = v_min(ONE, v_max(v_set(-1), x)), s = c + ONE;
    return (reals_pair){s, c - (s - ONE)};
}
SP_INLINE reals sparse_plus_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals_pair t = sparse_plus_sum(x);
    reals curve = v_set((real)0.25) * v_fma(t.hi, t.hi, t.hi * (t.lo + t.lo));
    return v_select(v_less(ONE, x), x, curve);
}
/* Right for all 16-bit numbers, as tests show, but for these two float16. */
V_NARROW_ALWAYS(sparse_plus, NARROW_AS_ROUNDED)
SP_INLINE reals sparse_plus_narrow_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)b;
    if (a.coarse)
        *far = v_either(*far, v_either(v_equal(x, v_set((real)0x1p-12)), v_equal(x, v_set((real)-0x1.efcp-7))));
    reals half = v_set((real)0.5), root = v_fma(v_min(ONE, v_max(v_set(-1), x)), half, half);
    return v_select(v_less(ONE, x), x, root * root);
}
SP_INLINE reals sparse_plus_slope_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    return v_set((real)0.5) * sparse_plus_sum(x).hi;
}
SP_INLINE reals sparse_plus_slope_from_output_vector(reals y, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    return v_root(v_min(ONE, y)); /* NaN stays */
}
#endif
#else
SP_ACTIVATION(sparse_plus, 30, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_PIECEWISE, SP_ANY_ARGUMENT)
SP_BOUND(sparse_plus, value, float32, 0.51, 0.5000, 0x1.1p-8)
SP_BOUND(sparse_plus, value, float64, 0.51, 0.5000, 0x1.0000000000002p-1)
SP_BOUND(sparse_plus, derivative, float32, 0.51, 0.5000, 0x1.24p-18)
SP_BOUND(sparse_plus, derivative, float64, 0.51, 0.5000, 0x1p-53)
SP_BOUND(sparse_plus, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(sparse_plus, second_derivative, float64, 0.51, 0.0000, 0)
#endif
