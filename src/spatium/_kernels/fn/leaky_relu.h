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
V_PLAIN_PARAMETERS(leaky_relu)
SP_INLINE mask leaky_relu_beyond(reals_bound s, reals_bound b) {
    (void)b;
    return v_bound_beyond(s);
}
SP_INLINE reals leaky_relu_vector(reals x, reals_bound s, reals_bound b, mask *far) {
    (void)b;
    if (s.exact)
        return v_select(v_less(v_set(0), x), x, x * s.pair.hi);
    if (!s.coarse)
        *far = v_either(*far, v_tiny_negative(x));
    reals finite = x;
    if (!s.inexact)
        finite = v_max(v_set(-REAL_MAX), x); /* not infinite times a low word that is 0 */
    return v_select(v_less(v_set(0), x), x, v_fma(x, s.alike.hi, finite * s.alike.lo));
}
/* Whether x·s, rounded to float32 and then to the type, is x·s rounded once, for all x of 11 digits, or 8, whose product is not
   subnormal: no number in the middle between two of the type, an odd multiple of 2^12 or 2^15 units of float32's last digit, is
   x·s rounded to float32, or lies between it and x·s, unless both are the same. */
SP_INLINE int leaky_relu_is_right_as_rounded(double s, int is_half) {
    const int digits = is_half ? 10 : 7, unit = is_half ? 29 + 12 : 29 + 15;
    const float rounded_s = (float)s;
    uint64_t wrong = 0;
    for (int i = 0; i < 1 << digits; i++) {
        const double x = 1.0 + i * (is_half ? 0x1p-10 : 0x1p-7), product = x * s, rounded = (float)x * rounded_s;
        uint64_t p, q;
        memcpy(&p, &product, sizeof p);
        memcpy(&q, &rounded, sizeof q);
        const uint64_t first = ((p < q ? p : q) + ((uint64_t)1 << unit) - 1) >> unit, last = (p < q ? q : p) >> unit;
        wrong |= (uint64_t)(first < last || (first == last && (last & 1))) & (uint64_t)(p != q || FMA(x, s, -product) != 0.0);
    }
    return wrong == 0;
}
SP_INLINE narrow_way leaky_relu_narrow(const double *const *p, ptrdiff_t n, int is_half) {
    return n >= 4096 && leaky_relu_is_right_as_rounded(p[0][0], is_half) ? NARROW_AS_ROUNDED : NARROW_BY_TIES;
}
/* far: where the product may be subnormal in the type, for negative numbers of at most this size */
SP_INLINE reals leaky_relu_narrow_vector(reals x, reals_bound s, reals_bound b, mask *far) {
    (void)b;
    const reals size = v_set(s.coarse ? (real)0x1.01p-14 : (real)0x1.01p-126) / v_abs(s.pair.hi);
    const words least = v_set_words(WORD_LEAST);
    *far = v_either(*far, v_words_less(v_add_words(v_words(x), v_set_words(-1)), v_add_words(v_words(size), least)));
    return v_select(v_less(v_set(0), x), x, x * s.pair.hi);
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
