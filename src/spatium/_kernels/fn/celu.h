/* celu(x, alpha) = max(0, x) + min(0, alpha·expm1(x/alpha))                        Barron 2017

   f'(0) = 1, f''(0) = 1/alpha. x/alpha is carried to twice the precision, so a small alpha costs no digits; it is held at -1000. From the output
   f' = (y + alpha)/alpha below 0. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome celu_at(double x, double alpha, double b) {
    (void)b;
    pair z = times(reciprocal(pair_of(alpha)), at_least(at_most(x, 0.0), -1000.0 * alpha));
    exponential e = exponential_of(z, SHORT);
    double power = finished(whole(e), UNSCALE(e));
    return (outcome){
        .value = x >= 0.0 ? x : -fabs(value_of(times(whole_minus_one(e), alpha))),
        .derivative = x > 0.0 ? 1.0 : power,
        .second = x > 0.0 ? 0.0 : power / alpha,
        .by_a = value_of(whole_minus_one(e)) - z.hi * power,
    };
}
SP_INLINE double celu_from_output(double y, double alpha, double b) {
    (void)b;
    return y > 0.0 ? 1.0 : (y + alpha) / alpha;
}
#else
SP_ACTIVATION(celu, 23, 1, SP_FROM_OUTPUT)
#endif
