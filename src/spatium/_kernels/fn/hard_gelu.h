/* hard_gelu(x) = min(x, 3) above 1.5, x·(x + 1.5)/3 between -1.5 and 1.5, else 0    Vaidyanathan et al. 2023

   f'(-1.5) = -1/2, f'(1.5) = 3/2, f'(3) = 1; 0 above 3. f''(±1.5) = 2/3. The minimum is -3/16 at -3/4. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_gelu_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -1.5), 1.5);
    const pair third = PAIR(0x1.5555555555555p-2, 0x1.5555555555555p-56);
    pair curve = pair_product(pair_times(two_sum(c, 1.5), c), third), slope = pair_product(two_sum(2.0 * c, 1.5), third);
    return (jet){
        .value = x > 1.5 ? at_most(x, 3.0) : x < -1.5 ? 0.0 : copysign(value_of(curve), x),
        .derivative = x > 3.0 ? 0.0 : x > 1.5 ? 1.0 : x < -1.5 ? 0.0 : value_of(slope),
        .second = x >= -1.5 && x <= 1.5 ? 0x1.5555555555555p-1 : unless_nan(x, 0.0),
    };
}
/* The bit is free where y = 3, which only the right side has: it tells x = 3 from the x above. */
SP_INLINE int hard_gelu_side(double x, double a, double b) {
    (void)a, (void)b;
    return x >= -0.75 && !(x > 3.0);
}
/* f' = ±sqrt(9 + 48·y)/6 between -1.5 and 1.5; the zero at -1.5 is negative, those below are positive */
SP_INLINE double hard_gelu_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    double root = sqrt(at_least(FMA(48.0, y, 9.0), 0.0)) / 6.0;
    double above = y > 1.5 ? 1.0 : root, below = y == 0.0 ? (copysign(1.0, y) < 0.0 ? -0.5 : 0.0) : -root;
    return right ? above : y > 0.0 ? 0.0 : below;
}
#else
SP_ACTIVATION(hard_gelu, 15, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
