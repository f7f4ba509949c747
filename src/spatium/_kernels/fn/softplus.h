/* softplus(x, beta) = log1p(e^(beta·x))/beta                                       Dugas et al. 2001

   = max(x, 0) + log1p(e^-|beta·x|)/beta: no threshold, no overflow, all digits in the tail. softplus' = sigma(beta·x),
   from the output -expm1(-beta·y). */
#if SP_PASS == SP_TEXT
SP_INLINE outcome softplus_at(double x, double beta, double b) {
    (void)b;
    pair z = clamped(product(x, beta), 1e30);
    softplus_parts s = softplus_of(z);
    double value = finished(multiply(s.total, reciprocal(pair_of(beta))), s.unscale);
    return (outcome){.value = z.hi > 60.0 ? x : value, .derivative = logistic(z).value};
}
SP_INLINE double softplus_from_output(double y, double beta, double b) {
    (void)b;
    return -value_of(whole_minus_one(exponential_of(clamped(scaled(product(y, beta), -1.0), 1e30), SHORT)));
}
#else
SP_ACTIVATION(softplus, 8, 1, SP_FROM_OUTPUT)
#endif
