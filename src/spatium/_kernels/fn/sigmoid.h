/* sigmoid(x) = 1/(1 + e^-x), sigmoid' = y·(1 - y)

   By E = e^-|x|: 1/(1 + E) and E/(1 + E), E/(1 + E)^2; never 1 - y, which has no digit left for large x.
   From the output that cancellation cannot be avoided: absolute error 2^-24 (float32). */
#if SP_PASS == SP_TEXT
SP_INLINE outcome sigmoid_at(double x, double a, double b) {
    (void)a, (void)b;
    return logistic(pair_of(x));
}
SP_INLINE double sigmoid_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return y * (1.0 - y);
}
#else
SP_ACTIVATION(sigmoid, 2, 0, SP_FROM_OUTPUT)
#endif
