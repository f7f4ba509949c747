/* log_sigmoid(x) = -softplus(-x) = -log1p(e^-x)

   f' = sigma(-x), from the output -expm1(y). */
#if SP_PASS == SP_TEXT
SP_INLINE outcome log_sigmoid_at(double x, double a, double b) {
    (void)a, (void)b;
    pair z = clamped(pair_of(-x), 1e30);
    softplus_parts s = softplus_of(z);
    outcome sigma = logistic(z);
    return (outcome){
        .value = x < -60.0 ? x : -finished(s.total, s.unscale),
        .derivative = sigma.value,
        .second = -sigma.derivative,
    };
}
SP_INLINE double log_sigmoid_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return -value_of(whole_minus_one(exponential_of(pair_of(y), SHORT)));
}
#else
SP_ACTIVATION(log_sigmoid, 24, 0, SP_FROM_OUTPUT)
#endif
