/* sparse_plus(x) = 0 below -1, (x + 1)^2/4 between -1 and 1, x above               Zhou et al. 2022

   From the output f' = min(1, sqrt(y)). f''(±1) = 0. */
#if SP_PASS == SP_TEXT
SP_INLINE jet sparse_plus_at(double x, double a, double b) {
    (void)a, (void)b;
    pair t = two_sum(at_most(at_least(x, -1.0), 1.0), 1.0);
    double curve = 0.25 * value_of(pair_product(t, t));
    return (jet){
        .value = x >= 1.0 ? x : curve,
        .derivative = 0.5 * value_of(t),
        .second = x > -1.0 && x < 1.0 ? 0.5 : unless_nan(x, 0.0),
    };
}
SP_INLINE double sparse_plus_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return at_most(sqrt(y), 1.0);
}
#else
SP_ACTIVATION(sparse_plus, 30, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
