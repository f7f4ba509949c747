/* snake(x, alpha, beta) = x + sin(alpha·x)^2/beta                                   Liu, Hartwig, Ueda 2020

   The published form is beta = alpha; its limit for alpha = 0 is x. With c = alpha/beta the derivative is
   1 + c·sin(2·alpha·x) = (1 - c) + 2·c·sin(alpha·x + pi/4)^2: exact through its double zeros where c = 1.
   alpha·x is an exact product; beyond 2^20 periodic.h reduces it. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome snake_of(double x, double sine, double shifted, double alpha, double beta) {
    int vanishing = alpha == 0.0 && beta == 0.0;
    double c = vanishing ? 1.0 : alpha / beta, scale = vanishing ? 0.0 : 1.0 / beta;
    return (outcome){.value = x + sine * sine * scale, .derivative = (1.0 - c) + 2.0 * c * (shifted * shifted)};
}
SP_INLINE double snake_argument(double x, double alpha, double b) {
    (void)b;
    return alpha * x;
}
SP_INLINE outcome snake_at(double x, double alpha, double beta) {
    pair a = product(x, alpha);
    return snake_of(x, sine_shifted(a, 0), sine_shifted(a, 1), alpha, beta);
}
#elif SP_PASS == SP_FAR
static outcome snake_far_at(double x, double alpha, double beta) {
    pair a = product(x, alpha);
    outcome y = snake_of(x, sine_far(a, 0), sine_far(a, 1), alpha, beta);
    y.value = fabs(x) < (double)INFINITY ? y.value : x; /* sin^2 is bounded */
    return y;
}
#else
SP_ACTIVATION(snake, 17, 2, SP_WIDE_ARGUMENT)
#endif
