/* gaussian(x) = e^(-x^2), gaussian' = -2·x·e^(-x^2), gaussian'' = (4·x^2 - 2)·e^(-x^2)

   x^2 is exact in the exponent. */
#if SP_PASS == SP_TEXT
SP_INLINE jet gaussian_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(fabs(x), 40.0);
    pair square = two_product(c, c);
    exponential e = exponential_of(pair_scaled(square, -1.0), SHORT);
    pair E = exp_pair(e);
    return (jet){
        .value = round_once(E, UNSCALE(e)),
        .derivative = copysign(round_once(pair_times(E, c + c), UNSCALE(e)), -x),
        .second = round_once(pair_product(E, pair_sum(pair_scaled(square, 4.0), pair_of(-2.0))), UNSCALE(e)),
    };
}
#else
SP_ACTIVATION(gaussian, 35, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
