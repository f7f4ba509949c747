/* elu(x, alpha) = x > 0 ? x : alpha·expm1(x)                                       Clevert, Unterthiner, Hochreiter 2016

   f'(0) = alpha. From the output f' = y + alpha below 0. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome elu_at(double x, double alpha, double b) {
    (void)b;
    exponential e = exponential_of(pair_of(at_most(x, 0.0)), SHORT);
    return (outcome){
        .value = x >= 0.0 ? x : -fabs(value_of(times(whole_minus_one(e), alpha))), /* both keep -0 */
        .derivative = x > 0.0 ? 1.0 : finished(times(whole(e), alpha), UNSCALE(e)),
    };
}
SP_INLINE double elu_from_output(double y, double alpha, double b) {
    (void)b;
    return y > 0.0 ? 1.0 : y + alpha;
}
#else
SP_ACTIVATION(elu, 7, 1, SP_FROM_OUTPUT)
#endif
