/* snake(x, alpha, beta) = x + sin(alpha·x)^2/beta                                   Liu, Hartwig, Ueda 2020

   The published form is beta = alpha; its limit for alpha = 0 is x. With c = alpha/beta the derivative is
   1 + c·sin(2·alpha·x) = (1 - c) + 2·c·sin(alpha·x + pi/4)^2: exact through its double zeros where c = 1.
   f'' = 2·alpha·c·cos(2·alpha·x) = 4·alpha·c·sin(alpha·x + pi/4)·sin(alpha·x + 3·pi/4).
   alpha·x is an exact product; beyond 2^20 periodic.h reduces it, and beyond 2^1032 the derivative is NaN. */
#if SP_PASS == SP_TEXT
typedef struct {
    pair sine, eighth, cosine, three_eighths; /* sin(alpha·x + k·pi/4), k = 0 .. 3: eighths of a turn */
} snake_sines;

SP_INLINE jet snake_of(double x, pair a, snake_sines s, double alpha, double beta) {
    const pair sine = s.sine, shifted = s.eighth;
    /* Test only x and its sine: a test of a parameter would make the compiler split the loop. */
    const int vanishing = sine.hi == 0.0; /* alpha or x is 0 */
    pair inverse = pair_reciprocal(pair_of(beta)), c = pair_times(inverse, alpha);
    pair value = pair_sum(pair_of(x), pair_product(pair_product(sine, sine), inverse));
    pair slope = pair_sum(pair_sum(pair_of(1.0), pair_scaled(c, -1.0)), pair_scaled(pair_product(c, pair_product(shifted, shifted)), 2.0));
    const int flat = x == x && a.hi != a.hi; /* alpha = 0 with infinite x */
    const int linear = vanishing || flat;
    double quotient = sine.hi * inverse.hi;
    /* 0/0 where alpha and beta are 0: there the limit along alpha = beta, all of it the gradient of alpha */
    const int undivided = vanishing && quotient != quotient;
    double second = 4.0 * alpha * c.hi * (shifted.hi * s.three_eighths.hi);
    double by_a = 2.0 * x * s.cosine.hi * quotient, by_b = -quotient * quotient;
    return (jet){
        .second = undivided || flat ? 0.0 : second,
        .by_a = undivided ? x * x : by_a,
        .by_b = undivided ? 0.0 : by_b,
        .value = vanishing || fabs(x) > 0x1p120 ? x : value_of(value), /* sin^2 is bounded */
        .derivative = linear ? 1.0 : value_of(slope),
    };
}
SP_INLINE double snake_argument(double x, double alpha, double b) {
    (void)b;
    return alpha * x;
}
SP_INLINE jet snake_at(double x, double alpha, double beta) {
    pair a = two_product(x, alpha);
    snake_sines s = {sine_shifted(a, 0, FULL), sine_shifted(a, 1, FULL), sine_shifted(a, 2, FULL), sine_shifted(a, 3, FULL)};
    return snake_of(x, a, s, alpha, beta);
}
#elif SP_PASS == SP_FAR
/* a to 26 bits, so that the rest has 26 bits too */
static double leading_half(double a) {
    const uint64_t up = fabs(a) < 0x1p1023 ? UINT64_C(1) << 26 : 0; /* the largest could be rounded to infinity */
    return from_bits((bits_of(a) + up) & ~((UINT64_C(1) << 27) - 1));
}
/* a·b with an exact low word, which is a large number here and is reduced as well: without a fused multiplication that of
   pair.h has one digit too few in one of thirty cases. */
static pair exact_product(double a, double b) {
    const double p = a * b, a1 = leading_half(a), a2 = a - a1, b1 = leading_half(b), b2 = b - b1;
    return PAIR(p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2);
}
static jet snake_far_at(double x, double alpha, double beta) {
    const int huge = !(fabs(x * alpha) < 0x1p1000) && fabs(x) < (double)INFINITY;
    pair a = exact_product(huge ? x * 0x1p-8 : x, alpha);
    double factor = huge ? 0x1p8 : 1.0;
    snake_sines s = {sine_far(a, factor, 0), sine_far(a, factor, 1), sine_far(a, factor, 2), sine_far(a, factor, 3)};
    return snake_of(x, a, s, alpha, beta);
}
#else
SP_ACTIVATION(snake, 17, 2, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_LARGE_ARGUMENT)
SP_BOUND(snake, value, float32, 0.51, 0.5000, 0x1.b94a28p+24)
SP_BOUND(snake, value, float64, 0.7, 0.5105, 0x1.0000000000001p+0)
SP_BOUND(snake, derivative, float32, 0.51, 0.5000, 0x1.6cp-19)
SP_BOUND(snake, derivative, float64, 0.7, 0.6196, 0x1.d46a041a0cce4p-13)
SP_BOUND(snake, second_derivative, float32, 0.51, 0.5000, 0x1.8b9016p+98)
SP_BOUND(snake, second_derivative, float64, 3.0, 2.0122, -0x1.921fce663e259p+20)
#endif
