/* relu6(x) = min(max(x, 0), 6)                                                     Krizhevsky 2010

   Exact. f'(0) = f'(6) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet relu6_at(real x, double a, double b) {
    (void)a, (void)b;
    real y = x <= 0 ? 0 : x;
    return (jet){
        .value = y > 6 ? 6 : y,
        .derivative = x > 0 && x < 6 ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
    };
}
SP_INLINE double relu6_from_output(real y, double a, double b) {
    (void)a, (void)b;
    return y > 0 && y < 6 ? 1.0 : unless_nan(y, 0.0);
}
SP_INLINE double relu6_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#else
SP_ACTIVATION(relu6, 19, 0, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
