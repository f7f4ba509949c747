/* lisht(x) = x·tanh(x)                                                             Roy et al. 2019

   lisht' = tanh(x) + x·(1 - tanh(x)^2): both terms have the sign of x. lisht'' = 2·(1 - tanh(x)^2)·(1 - x·tanh(x)). */
#if SP_PASS == SP_TEXT
SP_INLINE jet lisht_at(double x, double a, double b) {
    (void)a, (void)b;
    tanh_parts t = tanh_of(pair_of(x), SHORT), u = tanh_of(pair_of(x), FULL); /* the latter for the zero of lisht'' */
    double m = fabs(x), bend = 1.0 - at_most(m, 1e30) * u.value.hi;
    pair slope = pair_sum(t.value, pair_scaled(pair_times(t.slope, at_most(m, 1e30)), t.unscale));
    return (jet){
        .value = m > 0x1p60 ? m : fabs(value_of(pair_times(t.value, m))),
        .derivative = copysign(value_of(slope), x),
        .second = 2.0 * (round_once(u.slope, u.unscale) * bend),
    };
}
#else
SP_ACTIVATION(lisht, 33, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
