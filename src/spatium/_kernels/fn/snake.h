/* snake(x, alpha, beta) = x + sin(alpha·x)^2/beta                                   Liu, Hartwig, Ueda 2020

   The published form is beta = alpha; its limit for alpha = 0 is x. With c = alpha/beta the derivative is
   1 + c·sin(2·alpha·x) = (1 - c) + 2·c·sin(alpha·x + pi/4)^2: exact through its double zeros where c = 1.
   alpha·x is an exact product; beyond 2^20 periodic.h reduces it, and beyond 2^1032 the derivative is NaN. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome snake_of(double x, pair a, pair sine, pair shifted, double alpha, double beta) {
    /* tests of x and its sine only: a test of a parameter would split the loop */
    const int vanishing = sine.hi == 0.0; /* alpha or x is 0 */
    pair inverse = reciprocal(pair_of(beta)), c = times(inverse, alpha);
    pair value = add(pair_of(x), multiply(multiply(sine, sine), inverse));
    pair slope = add(add(pair_of(1.0), scaled(c, -1.0)), scaled(multiply(c, multiply(shifted, shifted)), 2.0));
    const int linear = vanishing || (x == x && a.hi != a.hi); /* the latter: alpha 0, x infinite */
    return (outcome){
        .value = vanishing || fabs(x) > 0x1p120 ? x : value_of(value), /* sin^2 is bounded */
        .derivative = linear ? 1.0 : value_of(slope),
    };
}
SP_INLINE double snake_argument(double x, double alpha, double b) {
    (void)b;
    return alpha * x;
}
SP_INLINE outcome snake_at(double x, double alpha, double beta) {
    pair a = product(x, alpha);
    return snake_of(x, a, sine_shifted(a, 0, FULL), sine_shifted(a, 1, FULL), alpha, beta);
}
#elif SP_PASS == SP_FAR
static outcome snake_far_at(double x, double alpha, double beta) {
    const int huge = !(fabs(x * alpha) < 0x1p1000) && fabs(x) < (double)INFINITY;
    pair a = product(huge ? x * 0x1p-8 : x, alpha);
    double factor = huge ? 0x1p8 : 1.0;
    return snake_of(x, a, sine_far(a, factor, 0), sine_far(a, factor, 1), alpha, beta);
}
#else
SP_ACTIVATION(snake, 17, 2, SP_WIDE_ARGUMENT)
#endif
