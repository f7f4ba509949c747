/* squareplus(x, b) = (x + sqrt(x^2 + b))/2                                          Barron 2021

   With s = sqrt(x^2 + b): (s + |x|)/2 for x >= 0 and (b/2)/(s + |x|) for x < 0, where the sum would cancel.
   f' = y/s, from the output y^2/(y^2 + b/4); f'' = b/(2·s^3), by b: 1/(4·s).
   In double, float32 values take no division and no root: 1.0 ns instead of 2.0 (Xeon with AVX-512, 1 M elements). */
#if SP_PASS == SP_TEXT
SP_INLINE jet squareplus_at(double x, double b, double unused) {
    (void)unused;
    const double u = unscale_of(x), m = at_most(fabs(x) * u, 0x1p500), back = x < 0.0 ? u : 1.0;
    pair square = pair_sum(two_product(m, m), pair_of(b * u * u));
    roots s = roots_of(square, SHORT);
    pair inverse = reciprocal_root_plus(s, m, SHORT), d = pair_scaled(pair_sum(s.root, pair_of(m)), 0.5);
    /* relu: b is below 2^-940, and so is m^2, which underflows; a test of b would split the loop */
    int relu = square.hi < 0x1p-940, negative = x < 0.0;
    double positive = x > 0.0 ? 1.0 : 0.0, half = x < -REAL_MAX ? 0.0 : 0.5 * b; /* 0 at -inf */
    double value = round_once(pair_select(negative, pair_times(inverse, half), d), negative ? u : 1.0 / u);
    pair slope = pair_product(pair_select(negative, inverse, d), s.inverse);
    double derivative = round_once(pair_scaled(pair_times(slope, negative ? half : 1.0), back), back);
    /* (s·u)^-3, so scaled that its low words are normal numbers: f'' is subnormal for large x */
    pair w = pair_scaled(s.inverse, !SP_DOUBLE ? 1.0 : u == 1.0 ? 0x1p100 : 0x1p-240);
    pair second = loose_product(loose_product(loose_product(w, w), w), pair_of(0.5 * b));
    return (jet){
        .value = relu ? m * positive : value,
        .derivative = relu ? positive : derivative,
        .second = relu ? 0.0 : round_once(second, !SP_DOUBLE ? 1.0 : u == 1.0 ? 0x1p-300 : 0x1p-900),
        .by_a = 0.25 / sqrt(square.hi) * u,
    };
}
SP_INLINE double squareplus_from_output(double y, double b, double unused) {
    (void)unused;
    double slope = y / (y + 0.25 * b / y); /* y^2 would underflow */
    return y > 1e150 ? 1.0 : y > 0.0 ? slope : unless_nan(y, 0.0);
}
#if SP_HAS_VECTORS
enum { squareplus_has_place = 0, squareplus_block = V_SHORT_BLOCK };
typedef words squareplus_place;
typedef struct {
    reals_pair root;
} squareplus_kept;
SP_INLINE words squareplus_place_of(reals x, reals_parameter b, reals_parameter q) {
    (void)b, (void)q;
    return v_words(x);
}
SP_INLINE void squareplus_first(reals x, const words *place, reals_parameter b, reals_parameter q, int want,
                                squareplus_kept *k) {
    (void)place, (void)q, (void)want;
    reals_pair square = v_two_product(x, x), s = v_ranked_two_sum(square.hi, b.pair.hi);
    k->root = v_root_of((reals_pair){s.hi, s.lo + (square.lo + b.pair.lo)});
}
/* where the square is a number, and no low word of it counts */
SP_INLINE mask squareplus_far(reals x, reals_parameter b) {
    return v_either(v_either(v_beyond(x, SP_DOUBLE ? (real)0x1p400 : (real)0x1p50), v_parameter_beyond(b)),
                    v_less(b.pair.hi, v_set(0)));
}
/* s + |x| */
SP_INLINE reals_pair squareplus_sum(reals x, const squareplus_kept *k) {
    reals_pair d = v_fast_two_sum(k->root.hi, v_abs(x));
    return (reals_pair){d.hi, d.lo + k->root.lo};
}
SP_INLINE reals squareplus_last(reals x, const squareplus_kept *k, reals_parameter b, reals_parameter q, mask *far) {
    (void)q;
    *far = squareplus_far(x, b);
    reals_pair d = squareplus_sum(x, k), below = v_quotient(b.pair, v_reciprocal(d));
    d = v_pair_select(v_less(x, v_set(0)), below, d);
    return v_set((real)0.5) * (d.hi + d.lo);
}
SP_INLINE reals squareplus_slope_last(reals x, const squareplus_kept *k, reals_parameter b, reals_parameter q, mask *far) {
    (void)q;
    *far = v_either(squareplus_far(x, b), v_not_at_most(v_set(SP_DOUBLE ? (real)-0x1p200 : (real)-0x1p20), x));
    reals_pair d = squareplus_sum(x, k), below = v_quotient(b.pair, v_reciprocal(d));
    d = v_quotient(v_pair_select(v_less(x, v_set(0)), below, d), v_reciprocal(k->root));
    return v_set((real)0.5) * (d.hi + d.lo);
}
#if !SP_DOUBLE
SP_INLINE reals squareplus_slope_from_output(reals y, reals_parameter b, reals_parameter q, mask *far) {
    (void)q;
    const reals quarter = v_set(0.25f);
    *far = v_either(v_either(v_beyond(y, 0x1p50f), v_parameter_beyond(b)), v_either(v_tiny(y), v_less(b.pair.hi, v_set(0))));
    reals_pair square = v_two_product(y, y), sum = v_ranked_two_sum(square.hi, quarter * b.pair.hi);
    sum.lo = sum.lo + v_fma(quarter, b.pair.lo, square.lo);
    reals_pair slope = v_quotient(square, v_reciprocal(sum));
    return slope.hi + slope.lo;
}
#endif
#endif
#elif SP_PASS == SP_FAR
static jet squareplus_far_at(double x, double b, double unused) {
    (void)unused;
    const wide at = wide_of(x), size = wide_magnitude(at), term = wide_of(b), s = wide_root(wide_sum(wide_square(at), term));
    const wide double_value = x < 0.0 ? wide_quotient(term, wide_sum(s, size)) : wide_sum(s, size);
    return (jet){
        .value = wide_value(wide_scaled(double_value, -1)),
        .derivative = wide_value(wide_scaled(wide_quotient(double_value, s), -1)),
        .second = wide_value(wide_scaled(wide_quotient(term, wide_product(s, wide_square(s))), -1)),
        .by_a = wide_value(wide_scaled(wide_quotient(wide_of(1.0), s), -2)),
    };
}
static double squareplus_far_from_output(double y, double b, double unused) {
    (void)unused;
    const wide square = wide_square(wide_of(y));
    return y <= 0.0 ? 0.0 : wide_value(wide_quotient(square, wide_sum(square, wide_scaled(wide_of(b), -2))));
}
#else
SP_ACTIVATION(squareplus, 29, 1, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_EXTREME_PARAMETER)
SP_BOUND(squareplus, value, float32, 0.51, 0.5002, -0x1.018bep+50)
SP_BOUND(squareplus, value, float64, 0.7, 0.5000, -0x1.ffffffffffffcp+1023)
SP_BOUND(squareplus, derivative, float32, 0.51, 0.5002, -0x1.00a66ep+38)
SP_BOUND(squareplus, derivative, float64, 0.7, 0.5000, -0x1.ffffffffffffep+511)
SP_BOUND(squareplus, second_derivative, float32, 0.51, 0.5001, -0x1.98e7d6p+9)
SP_BOUND(squareplus, second_derivative, float64, 0.51, 0.5000, -0x1.8330b5ad3e842p+1)
#endif
