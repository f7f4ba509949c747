/* relu_squared(x) = max(x, 0)^2                                                     So et al. 2021

   From the output f' = 2·sqrt(y). f''(0) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet relu_squared_at(double x, double a, double b) {
    (void)a, (void)b;
    double y = x <= 0.0 ? 0.0 : x;
    return (jet){.value = y * y, .derivative = y + y, .second = x > 0.0 ? 2.0 : unless_nan(x, 0.0)};
}
SP_INLINE double relu_squared_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return 2.0 * sqrt(y);
}
#else
SP_ACTIVATION(relu_squared, 20, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
