/* hard_mish(x) = x/2·clip(x + 2, 0, 2)                                             Ridnik (timm) 2019

   One minimum, -1/2 at -1. f'(-2) = f''(-2) = f''(0) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_mish_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -2.0), 0.0);
    pair curve = pair_scaled(pair_times(two_sum(c, 2.0), c), 0.5);
    return (jet){
        .value = x >= 0.0 ? x : x <= -2.0 ? -0.0 : copysign(value_of(curve), x),
        .derivative = x >= 0.0 ? 1.0 : x <= -2.0 ? 0.0 : c + 1.0,
        .second = x > -2.0 && x < 0.0 ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE int hard_mish_side(double x, double a, double b) {
    (void)a, (void)b;
    return x >= -1.0;
}
/* f' = ±sqrt(1 + 2·y) between -2 and 0; a float32 of -1/2 stands for all |f'| below 2^-12.5, the middle of which is
   wrong by half as much as 0 would be */
SP_INLINE double hard_mish_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    double root = sqrt(at_least(FMA(2.0, y, 1.0), SP_DOUBLE ? 0.0 : 0x1p-27));
    return right ? (y >= 0.0 ? 1.0 : root) : y == 0.0 ? 0.0 : -root;
}
#else
SP_ACTIVATION(hard_mish, 32, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
