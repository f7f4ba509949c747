/* sparse_sigmoid(x) = clip((x + 1)/2, 0, 1)                                         Zhou et al. 2022

   The derivative of sparse_plus. f'(-1) = f'(1) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet sparse_sigmoid_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -1.0), 1.0);
    return (jet){
        .value = 0.5 * (c + 1.0),
        .derivative = x > -1.0 && x < 1.0 ? 0.5 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
    };
}
SP_INLINE double sparse_sigmoid_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return y > 0.0 && y < 1.0 ? 0.5 : unless_nan(y, 0.0);
}
SP_INLINE double sparse_sigmoid_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 0.5 : 0.0;
}
#else
SP_ACTIVATION(sparse_sigmoid, 31, 0, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
