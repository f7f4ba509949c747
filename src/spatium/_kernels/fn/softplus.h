/* softplus(x, beta) = log1p(e^(beta·x))/beta                                       Dugas et al. 2001

   = max(x, 0) + log1p(e^-|beta·x|)/beta: no threshold, no overflow, all digits in the tail. softplus' = sigma(beta·x),
   from the output -expm1(-beta·y). */
#if SP_PASS == SP_TEXT
SP_INLINE outcome softplus_at(double x, double beta, double b) {
    (void)b;
    pair z = clamped(product(x, beta), 1e30);
    exponential e = exponential_of(minus_magnitude(z), SHORT);
    outcome y;
    y.derivative = logistic(z).value;
    pair E = whole(e), positive = choose(z.hi <= 0.0, pair_of(0.0), z);
    pair total = add(positive, log1p_of(scaled(E, UNSCALE(e))));
    int tail = z.hi < -600.0; /* log1p(E) = E there, and E is scaled */
    double unscale = tail ? UNSCALE(e) : 1.0;
    y.value = finished(multiply(choose(tail, E, total), reciprocal(pair_of(beta))), unscale);
    y.value = z.hi > 60.0 ? x : y.value;
    return y;
}
SP_INLINE double softplus_from_output(double y, double beta, double b) {
    (void)b;
    return -value_of(whole_minus_one(exponential_of(clamped(scaled(product(y, beta), -1.0), 1e30), SHORT)));
}
#else
SP_ACTIVATION(softplus, 8, 1, SP_FROM_OUTPUT)
#endif
