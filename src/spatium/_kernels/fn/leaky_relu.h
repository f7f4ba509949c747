/* leaky_relu(x, s) = x > 0 ? x : s·x                                               Maas, Hannun, Ng 2013; He et al. 2015

   One multiplication in double, so 0.5 ulp of the float64 slope. f'(0) = s. Slope 0 is relu, at -inf too.
   From the output only for s > 0: otherwise the sign of x is lost. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome leaky_relu_at(real x, double s, double b) {
    (void)b;
    double below = s == 0.0 ? unless_nan(x, -0.0) : s * x;
    return (outcome){.value = x > 0 ? (double)x : below, .derivative = x > 0 ? 1.0 : unless_nan(x, s)};
}
SP_INLINE double leaky_relu_from_output(real y, double s, double b) {
    (void)b;
    return y > 0 ? 1.0 : unless_nan(y, s);
}
#else
SP_ACTIVATION(leaky_relu, 1, 1, SP_FROM_OUTPUT)
#endif
