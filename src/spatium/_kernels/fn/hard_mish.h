/* hard_mish(x) = x/2·clip(x + 2, 0, 2)                                             Ridnik (timm) 2019

   One minimum, -1/2 at -1. f'(-2) = f''(-2) = f''(0) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome hard_mish_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -2.0), 0.0);
    pair curve = scaled(times(sum(c, 2.0), c), 0.5);
    return (outcome){
        .value = x >= 0.0 ? x : x <= -2.0 ? -0.0 : copysign(value_of(curve), x),
        .derivative = x >= 0.0 ? 1.0 : x <= -2.0 ? 0.0 : c + 1.0,
        .second = x > -2.0 && x < 0.0 ? 1.0 : unless_nan(x, 0.0),
    };
}
#else
SP_ACTIVATION(hard_mish, 32, 0, 0)
#endif
