/* hard_shrink(x, lambd) = x if |x| > lambd else 0

   Exact. f'(±lambd) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_shrink_at(real x, double lambd, double b) {
    (void)b;
    double m = fabs((double)x);
    return (jet){
        .value = m <= lambd && x != 0 ? 0.0 : (double)x,
        .derivative = m > lambd ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = unless_nan(x, 0.0),
    };
}
SP_INLINE double hard_shrink_from_output(real y, double lambd, double b) {
    (void)lambd, (void)b;
    return y != 0 ? unless_nan(y, 1.0) : 0.0;
}
SP_INLINE double hard_shrink_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#else
SP_ACTIVATION(hard_shrink, 27, 1, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
