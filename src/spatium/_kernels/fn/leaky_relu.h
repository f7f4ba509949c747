/* leaky_relu(x, s) = x > 0 ? x : s·x                                               Maas, Hannun, Ng 2013; He et al. 2015

   One multiplication in double, so 0.5 ulp of the float64 slope. f'(0) = s. Slope 0 is relu, at -inf too.
   From the output only for s > 0: otherwise the sign of x is lost. */
#if SP_PASS == SP_TEXT
SP_INLINE jet leaky_relu_at(real x, double s, double b) {
    (void)b;
    double below = s == 0.0 ? unless_nan(x, -0.0) : s * x;
    return (jet){
        .value = x > 0 ? (double)x : below,
        .derivative = x > 0 ? 1.0 : unless_nan(x, s),
        .second = unless_nan(x, 0.0),
        .by_a = x > 0 ? 0.0 : x,
    };
}
SP_INLINE double leaky_relu_from_output(real y, double s, double b) {
    (void)b;
    return y > 0 ? 1.0 : unless_nan(y, s);
}
SP_INLINE double leaky_relu_from_bit(int bit, double s, double b) {
    (void)b;
    return bit ? 1.0 : s;
}
#if SP_HAS_VECTORS
/* alike.pair: the slope in two words of one sign, for -0 */
SP_INLINE void leaky_relu_bounds(const double *ps, const double *pb, int varying, ptrdiff_t i, reals_bound *s,
                                 reals_bound *alike) {
    (void)pb;
    *s = *alike = v_bound(ps, varying, i);
    alike->pair = v_of_one_sign(*s);
}
V_UNSURE_ANYWHERE(leaky_relu)
SP_INLINE mask leaky_relu_beyond(reals_bound s, reals_bound b) {
    (void)b;
    return v_bound_beyond(s);
}
SP_INLINE reals leaky_relu_vector(reals x, reals_bound s, reals_bound alike, mask *far) {
    if (s.exact)
        return v_select(v_less(v_set(0), x), x, x * s.pair.hi);
    if (!s.coarse)
        *far = v_either(*far, v_tiny_negative(x));
    reals finite = x;
    if (!s.inexact)
        finite = v_max(v_set(-REAL_MAX), x); /* not infinite times a low word that is 0 */
    return v_select(v_less(v_set(0), x), x, v_fma(x, alike.pair.hi, finite * alike.pair.lo));
}
SP_INLINE mask leaky_relu_side_vector(reals x, reals_bound s, reals_bound b) {
    (void)s, (void)b;
    return v_less(v_set(0), x);
}
SP_INLINE mask leaky_relu_side_from_output_vector(reals y, reals_bound s, reals_bound b) {
    (void)s, (void)b;
    return v_less(v_set(0), y);
}
SP_INLINE reals_slopes leaky_relu_slopes(reals_bound s, reals_bound b) {
    (void)b;
    return (reals_slopes){v_exactly(1), s};
}
#endif
#else
SP_ACTIVATION(leaky_relu, 1, 1, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE, SP_ANY_ARGUMENT)
SP_BOUND(leaky_relu, value, float32, 0.51, 0.5000, -0x1.ac2p-137)
SP_BOUND(leaky_relu, value, float64, 0.51, 0.5000, -0x1.8p-1)
SP_BOUND(leaky_relu, derivative, float32, 0.51, 0.2400, 0)
SP_BOUND(leaky_relu, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(leaky_relu, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(leaky_relu, second_derivative, float64, 0.51, 0.0000, 0)
#endif
