/* snake(x, alpha, beta) = x + sin(alpha·x)^2/beta                                   Liu, Hartwig, Ueda 2020

   The published form is beta = alpha; its limit for alpha = 0 is x. With c = alpha/beta the derivative is
   1 + c·sin(2·alpha·x) = (1 - c) + 2·c·sin(alpha·x + pi/4)^2: exact through its double zeros where c = 1.
   f'' = 2·alpha·c·cos(2·alpha·x) = 4·alpha·c·sin(alpha·x + pi/4)·sin(alpha·x + 3·pi/4).
   alpha·x is an exact product; beyond 2^20 periodic.h reduces it. */
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
    double second = value_of(loose_product(loose_product(c, loose_product(shifted, s.three_eighths)), pair_of(4.0 * alpha)));
    double by_a = x * s.cosine.hi * (2.0 * quotient), by_b = -quotient * quotient;
    return (jet){
        .second = undivided || flat ? 0.0 : second,
        .by_a = undivided ? x * x : by_a,
        .by_b = undivided ? 0.0 : by_b,
        .value = vanishing || fabs(x) > 0x1p250 ? x : value_of(value), /* sin^2/beta is below 2^150 */
        .derivative = linear ? 1.0 : value_of(slope),
    };
}
/* infinite where c is so large that the terms of f' leave too few digits for float32 */
SP_INLINE double snake_argument(double x, double alpha, double beta) {
    return x * (fabs(alpha) > 0x1p20 * fabs(beta) ? (double)INFINITY : alpha);
}
SP_INLINE jet snake_at(double x, double alpha, double beta) {
    pair a = two_product(x, alpha);
    snake_sines s = {sine_shifted(a, 0, FULL), sine_shifted(a, 1, FULL), sine_shifted(a, 2, FULL), sine_shifted(a, 3, FULL)};
    return snake_of(x, a, s, alpha, beta);
}
#if SP_HAS_VECTORS
/* sin(alpha·x) and sin(alpha·x + pi/4), four rows on in the table of sine.h, as sums of two */
enum { snake_has_place = sine_has_place, snake_block = sine_block };
typedef struct {
    sine_place at;
    words eighth;
} snake_place;
typedef struct {
    reals_pair sine, eighth;
} snake_kept;
SP_INLINE snake_place snake_place_of(reals x, reals_parameter alpha, reals_parameter beta) {
    (void)beta;
    sine_place at = sine_place_of_sum(v_exponent_times(x, alpha));
    const words turned = v_add_words(at.row, v_set_words(4 << SINE_ROW_SHIFT)); /* pi/4 = 4·pi/16 on */
    return (snake_place){at, v_and_words(turned, v_set_words(31 << SINE_ROW_SHIFT))};
}
SP_INLINE void snake_first(reals x, const snake_place *p, reals_parameter alpha, reals_parameter beta, int want, snake_kept *k) {
    (void)x, (void)alpha, (void)beta;
    reals_pair hi, lo;
    if (want & V_VALUE) {
        sine_row(&p->at.row, &hi, &lo);
        k->sine = sine_from(&p->at, hi, lo);
    }
    if (want & V_SLOPE) {
        sine_row(&p->eighth, &hi, &lo);
        k->eighth = sine_from(&p->at, hi, lo);
    }
}
/* where a sum is less than a quarter of its first term, and has too few digits left: never the value if alpha = beta */
SP_INLINE mask snake_cancels(reals sum, reals term) { return v_less(v_abs(sum), v_abs(term) * v_set((real)0.25)); }
SP_INLINE mask snake_far_of(reals x, reals_parameter alpha, reals_parameter beta) {
    mask far = v_either(v_tiny(x), v_either(v_parameter_beyond(alpha), v_parameter_beyond(beta)));
    return v_either(far, sine_far_of(v_exponent_times(x, alpha).hi));
}
SP_INLINE reals_pair snake_square(reals_pair s) {
    reals_pair p = v_two_product(s.hi, s.hi);
    return (reals_pair){p.hi, v_fma(s.lo, s.hi + s.hi + s.lo, p.lo)};
}
SP_INLINE reals snake_last(reals x, const snake_kept *k, reals_parameter alpha, reals_parameter beta, mask *far) {
    reals_pair square = snake_square(k->sine), q = v_quotient(square, v_reciprocal(beta.pair)), y = v_two_sum(x, q.hi);
    reals value = y.hi + (y.lo + q.lo);
    *far = v_either(snake_far_of(x, alpha, beta), snake_cancels(value, x));
    return v_select(v_less(v_set(0), v_abs(x)), value, x);
}
SP_INLINE reals snake_slope_last(reals x, const snake_kept *k, reals_parameter alpha, reals_parameter beta, mask *far) {
    reals_pair c = v_quotient(alpha.pair, v_reciprocal(beta.pair)), rest = v_two_sum(ONE, v_minus(c.hi));
    reals_pair p = v_pair_product(c, snake_square(k->eighth)), y = v_two_sum(rest.hi, p.hi + p.hi);
    reals slope = y.hi + (y.lo + v_fma(v_set(2), p.lo, rest.lo - c.lo));
    *far = v_either(snake_far_of(x, alpha, beta), snake_cancels(slope, rest.hi));
    return slope;
}
#endif
#elif SP_PASS == SP_FAR
/* sin(alpha·x + k·pi/4) for k = 0 .. 3 */
static void snake_far_sines(wide at, wide alpha, wide sines[4]) {
    const int64_t up = at.e + alpha.e;
    const pair a = exact_product(at.m.hi, alpha.m.hi); /* its low word may be a large number, and is reduced as well */
    for (int k = 0; k < 4; k++)
        sines[k] = wide_of_pair(sine_far(a, up < -200 ? -200 : (int)up, k), 0);
    if (up < -100)
        sines[0] = wide_of_pair(a, up);
}
static jet snake_far_at(double x, double alpha, double beta) {
    const double invalid = (x - x) + (alpha - alpha); /* NaN where either is not finite */
    if (alpha == 0.0)
        return (jet){.value = x, .derivative = unless_nan(x, 1.0), .second = unless_nan(x, 0.0)};
    if (invalid != invalid)
        return (jet){fabs(x) > REAL_MAX ? x : invalid, invalid, invalid, invalid, invalid};
    const wide at = wide_of(x), a = wide_of(alpha), b = wide_of(beta), c = wide_quotient(a, b), one = wide_of(1.0);
    wide sines[4];
    snake_far_sines(at, a, sines);
    const wide sine = sines[0], turn = wide_scaled(wide_product(sine, sines[2]), 1); /* sin(2·alpha·x) */
    /* where alpha·x is small and c large, the terms of the other form cancel */
    const wide steep = wide_scaled(wide_product(c, wide_square(sines[1])), 1);
    const wide slope = sine.m.hi == 0.0 || sine.e < -20 ? wide_sum(one, wide_product(c, turn))
                                    : wide_sum(wide_sum(one, wide_minus(c)), steep);
    const wide cosine = wide_scaled(wide_product(sines[1], sines[3]), 1); /* of 2·alpha·x */
    const wide quotient = wide_quotient(sine, b);
    return (jet){
        .value = wide_value(wide_sum(at, wide_product(sine, quotient))),
        .derivative = wide_value(slope),
        .second = wide_value(wide_scaled(wide_product(wide_product(a, c), cosine), 1)),
        .by_a = wide_value(wide_product(at, wide_quotient(turn, b))),
        .by_b = wide_value(wide_minus(wide_square(quotient))),
    };
}
#else
SP_ACTIVATION(snake, 17, 2, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER)
SP_BOUND(snake, value, float32, 0.62, 0.5807, -0x1.46a614p+0)
SP_BOUND(snake, value, float64, 0.65, 0.5622, -0x1.474973c86649bp+0)
SP_PLAIN_BOUND(snake, value, float64, 0.75, 0.7116, -0x1.92826ee384d77p-1)
SP_BOUND(snake, derivative, float32, 0.6, 0.5503, -0x1.2a9edp-2)
SP_BOUND(snake, derivative, float64, 0.7, 0.6474, 0x1.1317680e4ee3ap-12)
SP_BOUND(snake, second_derivative, float32, 0.51, 0.5000, 0x1.8b9016p+98)
SP_BOUND(snake, second_derivative, float64, 0.7, 0.6296, -0x1.51a0e10a06d5cp-13)
#endif
