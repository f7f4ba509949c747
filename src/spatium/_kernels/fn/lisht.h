/* lisht(x) = x·tanh(x)                                                             Roy et al. 2019

   lisht' = tanh(x) + x·(1 - tanh(x)^2): both terms have the sign of x. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome lisht_at(double x, double a, double b) {
    (void)a, (void)b;
    tanh_parts t = tanh_of(pair_of(x));
    double m = fabs(x);
    pair slope = add(t.value, scaled(times(t.slope, at_most(m, 1e30)), t.unscale));
    return (outcome){
        .value = m > 0x1p60 ? m : fabs(value_of(times(t.value, m))),
        .derivative = copysign(value_of(slope), x),
    };
}
#else
SP_ACTIVATION(lisht, 33, 0, 0)
#endif
