/* dish(x) = x/2·(x/sqrt(1 + x^2) + 1)                                              Mehta 2022 (thinc)

   With s = sqrt(1 + x^2), q = x/s: 1 + q = 1/(s·(s + |x|)) for x < 0, where the sum would cancel;
   dish = x·(1 + q)/2, dish' = (1 + q)·(1 + q - q^2)/2, dish'' = (3/s^2 - 1)/(2·s^3). One minimum, at -0.78615.
   float32 values without a division and a root: 1.0 ns instead of 2.6 (Xeon with AVX-512, 1 M elements). */
#if SP_PASS == SP_TEXT
/* (1 + q)/2, times the square of what x was scaled by where it is negative */
SP_INLINE pair dish_half(roots s, double c, precision p) {
    pair above = pair_sum(pair_of(1.0), pair_times(s.inverse, c)), below = pair_product(s.inverse, reciprocal_root_plus(s, fabs(c), p));
    return pair_scaled(pair_select(c < 0.0, below, above), 0.5);
}
SP_INLINE jet dish_at(double x, double a, double b) {
    (void)a, (void)b;
    const double u = unscale_of(x), m = at_most(fabs(x) * u, 0x1p500), c = x < 0.0 ? -m : m, back = x < 0.0 ? u : 1.0;
    pair square = pair_sum(two_product(m, m), pair_of(u * u));
    roots s = roots_of(square, SHORT), t = roots_of(square, FULL); /* the latter for the roots of the derivatives */
    double size = SP_DOUBLE && x < -REAL_MAX ? 0.0 : x < 0.0 ? u : 1.0 / u, w = t.inverse.hi * u;
    pair q = pair_times(t.inverse, c);
    pair slope = pair_product(dish_half(t, c, FULL), pair_sum(pair_of(1.0), pair_product(q, pair_sum(pair_of(1.0), pair_scaled(q, -1.0)))));
    return (jet){
        .value = copysign(value_of(pair_times(dish_half(s, c, SHORT), c)) * size, x),
        .derivative = value_of(slope) * back * back,
        .second = 0.5 * w * w * w * (3.0 * (w * w) - 1.0),
    };
}
#else
SP_ACTIVATION(dish, 34, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
