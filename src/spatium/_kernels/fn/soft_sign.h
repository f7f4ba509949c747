/* soft_sign(x) = x/(1 + |x|)                                                       Bergstra et al. 2009

   f' = 1/(1 + |x|)^2, from the output (1 - |y|)^2; f'' = -2·sign(x)/(1 + |x|)^3, f''(0) = 0. Held at 2^60, where the value is 1 in every format, and at 1e300,
   where the derivative is 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet soft_sign_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(fabs(x), 0x1p60);
    pair w = pair_reciprocal(two_sum(1.0, c)), v = pair_reciprocal(two_sum(1.0, at_most(fabs(x), 1e300)));
    const double up = SP_DOUBLE ? 0x1p300 : 1.0, down = SP_DOUBLE ? 0x1p-600 : 1.0; /* subnormal results: one rounding */
    double derivative = round_once(pair_product(pair_scaled(v, up), pair_scaled(v, up)), down);
    pair raised = pair_scaled(v, SP_DOUBLE ? 0x1p200 : 1.0);
    double second = round_once(pair_scaled(loose_product(loose_product(raised, raised), raised), 2.0), SP_DOUBLE ? 0x1p-600 : 1.0);
    return (jet){
        .value = copysign(value_of(pair_times(w, c)), x),
        .derivative = derivative,
        .second = x == 0.0 ? 0.0 : copysign(second, -x),
    };
}
SP_INLINE double soft_sign_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return (1.0 - fabs(y)) * (1.0 - fabs(y));
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(soft_sign)
/* 1/(1 + |x|) = w·(1 + rest) */
SP_INLINE reals_reciprocal soft_sign_reciprocal(reals size) {
    return v_reciprocal(v_fast_two_sum(v_max(ONE, size), v_min(ONE, size)));
}
SP_INLINE reals soft_sign_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals size = v_min(v_set((real)0x1p60), v_abs(x)); /* NaN stays */
    reals_reciprocal r = soft_sign_reciprocal(size);
    reals_pair y = v_two_product(size, r.w);
    return v_with_sign(y.hi + v_fma(y.hi, r.rest, y.lo), x);
}
V_NARROW_BY_TIES(soft_sign)
SP_INLINE reals soft_sign_slope_vector(reals x, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b;
    *far = v_either(*far, v_less(v_set((real)0x1p40), v_abs(x)));
    reals_reciprocal r = soft_sign_reciprocal(v_abs(x));
    reals_pair square = v_two_product(r.w, r.w);
    return square.hi + v_fma(square.hi + square.hi, r.rest, square.lo);
}
SP_INLINE reals soft_sign_slope_from_output_vector(reals y, reals_bound a, reals_bound b, mask *far) {
    (void)a, (void)b, (void)far;
    reals size = v_abs(y), s = ONE - size, rest = (ONE - s) - size;
    reals_pair square = v_two_product(s, s);
    return square.hi + v_fma(s + s, rest, square.lo);
}
#endif
#else
SP_ACTIVATION(soft_sign, 25, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_PIECEWISE, SP_ANY_ARGUMENT)
SP_BOUND(soft_sign, value, float32, 0.51, 0.5000, -0x1.3596aap+8)
SP_BOUND(soft_sign, value, float64, 0.51, 0.5000, 0x1.fffffffffffffp-1)
SP_BOUND(soft_sign, derivative, float32, 0.51, 0.5000, 0x1.9332p+41)
SP_BOUND(soft_sign, derivative, float64, 0.51, 0.5000, 0x1.ffffffffffffep+511)
SP_BOUND(soft_sign, second_derivative, float32, 0.51, 0.5000, -0x1.e6e078p-11)
SP_BOUND(soft_sign, second_derivative, float64, 0.51, 0.5000, 0x1.7fffffffffffdp+1)
#endif
