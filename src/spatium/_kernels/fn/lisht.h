/* lisht(x) = x·tanh(x)                                                             Roy et al. 2019

   lisht' = tanh(x) + x·(1 - tanh(x)^2): both terms have the sign of x. lisht'' = 2·(1 - tanh(x)^2)·(1 - x·tanh(x)). */
#if SP_PASS == SP_TEXT
SP_INLINE jet lisht_at(double x, double a, double b) {
    (void)a, (void)b;
    tanh_parts t = tanh_of(pair_of(x), SHORT), u = tanh_of(pair_of(x), FULL); /* the latter for the zero of lisht'' */
    double m = fabs(x);
    pair bend = pair_sum(pair_of(1.0), pair_times(u.value, -at_most(m, 1e30)));
    pair slope = pair_sum(t.value, pair_scaled(pair_times(t.slope, at_most(m, 1e30)), t.unscale));
    return (jet){
        .value = m > 0x1p60 ? m : fabs(value_of(pair_times(t.value, m))),
        .derivative = copysign(value_of(slope), x),
        .second = round_once(pair_scaled(loose_product(u.slope, bend), 2.0), u.unscale),
    };
}
#if SP_HAS_VECTORS
/* by M = e^-2|x| - 1 */
SP_INLINE reals_exponent lisht_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return tanh_exponent(x);
}
V_STAGES_BY_EXPM1(lisht, V_BLOCK)
SP_INLINE reals lisht_last(reals x, const reals_exp *e, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_none();
    reals_pair t = v_tanh_of(v_expm1_of(*e));
    reals m = v_abs(x);
    return v_fma(m, t.hi, v_min(v_set(V_EXP_LIMIT), m) * t.lo); /* for inf */
}
SP_INLINE reals lisht_slope_last(reals x, const reals_exp *e, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_none();
    reals_pair t = v_tanh_of(v_expm1_of(*e)), E = v_exp_of(*e);
    reals_reciprocal r = v_over_one_plus(E);
    reals m = v_set(4) * v_min(v_set(V_EXP_LIMIT / 2), v_abs(x)); /* beyond, the product is nothing to 1 */
    reals_pair p = v_pair_times(v_quotient(v_quotient(E, r), r), m), s = v_ranked_two_sum(t.hi, p.hi);
    return v_with_sign(s.hi + (s.lo + (t.lo + p.lo)), x);
}
#endif
#else
SP_ACTIVATION(lisht, 33, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(lisht, value, float32, 0.55, 0.5424, -0x1.6793a8p-6)
SP_BOUND(lisht, value, float64, 0.6, 0.5235, 0x1.fa026392fe3c8p-8)
SP_PLAIN_BOUND(lisht, value, float64, 0.7, 0.6391, -0x1.05d45ca0341a2p-1)
SP_BOUND(lisht, derivative, float32, 0.6, 0.5153, 0x1.7bb326p-6)
SP_BOUND(lisht, derivative, float64, 0.6, 0.5104, 0x1.db8bc8a7acbb2p-8)
SP_PLAIN_BOUND(lisht, derivative, float64, 0.6, 0.5739, 0x1.2edba06d1ea46p-3)
SP_BOUND(lisht, second_derivative, float32, 0.51, 0.5000, 0x1.ffffbp-14)
SP_BOUND(lisht, second_derivative, float64, 0.7, 0.6511, 0x1.ba8406594bbf5p-1)
#endif
