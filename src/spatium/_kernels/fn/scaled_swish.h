/* scaled_swish(x, alpha, beta) = alpha·x·sigma(beta·x)                             after Ramachandran, Zoph, Le 2017

   Swish with a trainable scale; alpha comes in before the one rounding. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome scaled_swish_at(double x, double alpha, double beta) {
    pair z = clamped(product(x, beta), 1e30);
    gate g = gate_of(x, z, z);
    double unscaled = gated(x, g, 1.0).value, c = at_most(at_least(x, -1e150), 1e150);
    g.value = times(g.value, alpha);
    g.slope = times(NEAR_ROOT(SWISH_SLOPE, 7, 6, z, g.slope), alpha);
    outcome y = gated(x, g, alpha);
    y.second = alpha * beta * g.density * (2.0 - fabs(z.hi) * g.balance) * g.fall;
    y.by_a = unscaled;
    y.by_b = alpha * (c * c * (g.density * g.fall));
    return y;
}
#else
SP_ACTIVATION(scaled_swish, 16, 2, 0)
#endif
