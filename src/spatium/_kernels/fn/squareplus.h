/* squareplus(x, b) = (x + sqrt(x^2 + b))/2                                          Barron 2021

   With s = sqrt(x^2 + b) and d = (s + |x|)/2: d for x >= 0 and (b/4)/d for x < 0, where the sum would cancel.
   f' = y/s, from the output y^2/(y^2 + b/4); f'' = b/(2·s^3), by b: 1/(4·s). Beyond 2^500, where x^2 overflows, s is |x|. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome squareplus_at(double x, double b, double unused) {
    (void)unused;
    double m = at_most(fabs(x), 0x1p500), quarter = 0.25 * b;
    pair s = square_root(add(product(m, m), pair_of(b)));
    /* relu: b is below 2^-940, and so is m^2, which underflows; told by s, a test of b would split the loop */
    int relu = s.hi < 0x1p-470, far = fabs(x) > 0x1p500;
    pair d = scaled(add(s, pair_of(m)), 0.5), y = choose(x < 0.0, times(reciprocal(d), quarter), d);
    double positive = x > 0.0 ? 1.0 : 0.0;
    double value = relu ? m * positive : value_of(y);
    double derivative = relu ? positive : value_of(multiply(y, reciprocal(s)));
    return (outcome){
        .value = far ? (x < 0.0 ? quarter / fabs(x) : x) : value,
        .derivative = far ? (x < 0.0 ? quarter / fabs(x) / fabs(x) : 1.0) : derivative,
        .second = relu ? 0.0 : 0.5 * (b / s.hi / s.hi / s.hi),
        .by_a = 0.25 / s.hi,
    };
}
SP_INLINE double squareplus_from_output(double y, double b, double unused) {
    (void)unused;
    double slope = y / (y + 0.25 * b / y); /* y^2 would underflow */
    return y > 1e150 ? 1.0 : y > 0.0 ? slope : unless_nan(y, 0.0);
}
#else
SP_ACTIVATION(squareplus, 29, 1, SP_FROM_OUTPUT)
#endif
