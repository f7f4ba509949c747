/* mish(x) = x·tanh(softplus(x)) = x·n/(n + 2), n = E·(E + 2), E = e^x               Misra 2019

   mish' = E·((E + 2)·(n + 2) + 4·x·(1 + E))/(n + 2)^2. Above 40 the quotient is 1 in every format, so x is held there.
   One minimum, at -1.19243. mish'' = 4·E/(n + 2)^2·(2·(1 + E) + x·(2 + 2·E - 3·E^2 - 2·E^3)/(n + 2)), with E^-1 for x > 0
   so that it does not overflow. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome mish_at(double x, double a, double b) {
    (void)a, (void)b;
    outcome y = {0};
    double c = at_most(x, 40.0);
    exponential e = exponential_of(pair_of(c), SHORT);
    pair E = whole(e), E2 = add(scaled(E, UNSCALE(e)), pair_of(2.0)), n = multiply(E, E2);
    pair w = reciprocal(add(scaled(n, UNSCALE(e)), pair_of(2.0)));
    y.value = finished(times(multiply(n, w), at_least(c, -REAL_MAX)), UNSCALE(e));
    y.value = x > 40.0 ? x : copysign(y.value, x);

    e = exponential_of(pair_of(c), FULL);
    E = whole(e);
    pair F = scaled(E, UNSCALE(e));
    E2 = add(F, pair_of(2.0));
    pair n2 = add(multiply(F, E2), pair_of(2.0));
    w = reciprocal(n2);
    pair slope = add(multiply(E2, n2), times(add(pair_of(1.0), F), 4.0 * at_least(c, -1e30)));
    slope = NEAR_ROOT(MISH_SLOPE, 7, 6, pair_of(x), multiply(multiply(E, slope), multiply(w, w)));
    y.derivative = SLOPE_ZERO(x < 0.0, finished(slope, UNSCALE(e)));

    const int negative = x < 0.0;
    e = exponential_of(minus_magnitude(pair_of(x)), FULL);
    double scaled_p = whole(e).hi, p = scaled_p * UNSCALE(e), q = p * p, v = 1.0 / (negative ? q + 2.0 * p + 2.0 : 1.0 + 2.0 * p + 2.0 * q);
    double cubic = negative ? 2.0 + 2.0 * p - 3.0 * q - 2.0 * (q * p) : 2.0 * (q * p) + 2.0 * q - 3.0 * p - 2.0;
    double bracket = 2.0 + 2.0 * p + at_most(at_least(x, -1e30), 1e30) * (cubic * v);
    y.second = 4.0 * (negative ? scaled_p : q) * (v * v) * bracket * (negative ? UNSCALE(e) : 1.0);
    return y;
}
#define MISH_AT(x) mish_at(x, 0.0, 0.0)
SP_INVERSE(mish, MISH, MISH_AT, 16, 13)
SP_INLINE int mish_side(double x, double a, double b) {
    (void)a, (void)b;
    return x > MISH_MINIMUM_AT_1;
}
SP_INLINE double mish_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    return mish_slope(y, right);
}
#else
SP_ACTIVATION(mish, 6, 0, SP_FROM_SIDE)
#endif
