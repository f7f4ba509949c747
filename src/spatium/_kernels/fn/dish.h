/* dish(x) = x/2·(x/sqrt(1 + x^2) + 1)                                              Mehta 2022 (thinc)

   With s = sqrt(1 + x^2), d = s + |x|, q = x/s: 1 + q = 1/(s·d) for x < 0, where the sum would cancel;
   dish = x·(1 + q)/2, dish' = (1 + q)·(1 + q - q^2)/2, dish'' = (3/s^2 - 1)/(2·s^3). One minimum, at -0.78615. Beyond 2^500 by the leading term. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome dish_at(double x, double a, double b) {
    (void)a, (void)b;
    double m = at_most(fabs(x), 0x1p500), c = x < 0.0 ? -m : m;
    pair s = square_root(add(product(m, m), pair_of(1.0))), w = reciprocal(s), q = times(w, c);
    pair above = add(pair_of(1.0), q), below = multiply(w, reciprocal(add(s, pair_of(m))));
    pair half = scaled(choose(x < 0.0, below, above), 0.5);
    pair slope = multiply(half, add(pair_of(1.0), multiply(q, add(pair_of(1.0), scaled(q, -1.0)))));
    int far = fabs(x) > 0x1p500;
    double value = far ? (x < 0.0 ? -0.25 / fabs(x) : x) : copysign(value_of(times(half, c)), x);
    double tail = -0.25 / fabs(x) / fabs(x);
    return (outcome){
        .value = value,
        .derivative = far ? (x < 0.0 ? tail : 1.0) : value_of(slope),
        .second = 0.5 * w.hi * w.hi * w.hi * (3.0 * (w.hi * w.hi) - 1.0),
    };
}
#else
SP_ACTIVATION(dish, 34, 0, 0)
#endif
