/* hard_swish(x) = x·clip(x/6 + 1/2, 0, 1)                                          Howard et al. 2019

   x·(x + 3)/6 between -3 and 3, the sum kept exactly. f'(-3) = 0, f'(3) = 1, f''(±3) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_swish_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -3.0), 3.0);
    const pair sixth = PAIR(0x1.5555555555555p-3, 0x1.5555555555555p-57);
    pair curve = pair_product(pair_times(two_sum(c, 3.0), c), sixth), slope = pair_product(two_sum(2.0 * c, 3.0), sixth);
    return (jet){
        .value = x >= 3.0 ? x : x <= -3.0 ? -0.0 : copysign(value_of(curve), x),
        .derivative = x >= 3.0 ? 1.0 : x <= -3.0 ? 0.0 : value_of(slope),
        .second = x > -3.0 && x < 3.0 ? 0x1.5555555555555p-2 : unless_nan(x, 0.0),
    };
}
SP_INLINE int hard_swish_side(double x, double a, double b) {
    (void)a, (void)b;
    return x >= -1.5;
}
/* f' = ±sqrt(9 + 24·y)/6 between -3 and 3 */
SP_INLINE double hard_swish_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    double root = sqrt(at_least(FMA(24.0, y, 9.0), 0.0)) / 6.0;
    return right ? (y >= 3.0 ? 1.0 : root) : y == 0.0 ? 0.0 : -root;
}
#else
SP_ACTIVATION(hard_swish, 14, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
