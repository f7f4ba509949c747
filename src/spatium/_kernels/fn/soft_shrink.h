/* soft_shrink(x, lambd) = x - lambd above lambd, x + lambd below -lambd, else 0    Donoho, Johnstone 1994

   f'(±lambd) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet soft_shrink_at(double x, double lambd, double b) {
    (void)b;
    double zero = x == 0.0 ? x : unless_nan(x, 0.0);
    return (jet){
        .value = x > lambd ? x - lambd : x < -lambd ? x + lambd : zero,
        .derivative = fabs(x) > lambd ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = x > lambd ? -1.0 : x < -lambd ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE double soft_shrink_from_output(real y, double lambd, double b) {
    (void)lambd, (void)b;
    return y != 0 ? unless_nan(y, 1.0) : 0.0;
}
SP_INLINE double soft_shrink_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#else
SP_ACTIVATION(soft_shrink, 28, 1, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
