/* squareplus(x, b) = (x + sqrt(x^2 + b))/2                                          Barron 2021

   With s = sqrt(x^2 + b) and d = (s + |x|)/2: d for x >= 0 and (b/4)/d for x < 0, where the sum would cancel.
   f' = y/s, from the output y^2/(y^2 + b/4). Beyond 2^500, where x^2 overflows, s is |x|. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome squareplus_at(double x, double b, double unused) {
    (void)unused;
    double m = at_most(fabs(x), 0x1p500), quarter = 0.25 * b;
    pair s = square_root(add(product(m, m), pair_of(b)));
    s = choose(b == 0.0, pair_of(m), s);
    pair d = scaled(add(s, pair_of(m)), 0.5);
    pair below = times(reciprocal(d), quarter);
    pair y = choose(x < 0.0, below, d);
    double far = fabs(x) > 0x1p500, value = value_of(y), derivative = value_of(multiply(y, reciprocal(s)));
    value = far ? (x < 0.0 ? quarter / fabs(x) : x) : value;
    derivative = far ? (x < 0.0 ? quarter / fabs(x) / fabs(x) : 1.0) : derivative;
    /* b = 0 is relu, whose slope at 0 is the limit 1/2 of those with b > 0 */
    int corner = x == 0.0 && b == 0.0;
    return (outcome){.value = corner ? 0.0 : value, .derivative = corner ? 0.5 : derivative};
}
SP_INLINE double squareplus_from_output(double y, double b, double unused) {
    (void)unused;
    double square = y * y;
    return y > 1e150 ? 1.0 : square / (square + 0.25 * b);
}
#else
SP_ACTIVATION(squareplus, 29, 1, SP_FROM_OUTPUT)
#endif
