/* gelu(x) = x·Phi(x), Phi the standard normal distribution function                Hendrycks, Gimpel 2016, eq. (1)

   With a = |x| and Q(a) = Phi(-a) = e^(-a^2/2)·H(t)/(a + 4), t = (a - 4)/(a + 4), H a polynomial:
     gelu(x)  = max(x, 0) - a·Q(a)
     gelu'(x) = D for x < 0 and 1 - D for x >= 0, D = e^(-a^2/2)·(H(t)/(a + 4) - a/sqrt(2 pi))
     gelu''(x) = e^(-a^2/2)/sqrt(2 pi)·(2 - a^2)
   Nothing cancels on the negative side but at the one minimum, -0.75179. */
#if SP_PASS == SP_TEXT
#include "gelu.tables.h"
SP_INLINE outcome gelu_at(double x, double p, double b) {
    (void)p, (void)b;
    const double far = SP_WIDE ? 41.0 : 36.0; /* Q is zero in the result's format from there */
    const int negative = x < 0.0;
    double a = at_most(fabs(x), far);
    pair z = scaled(product(a, a), -0.5);
    outcome y = {0};
#if SP_WIDE
    /* below 1, where t is near -1 and H would lose digits: Q = 1/2 - a·R(a^2), D = 1/2 - a·S(a^2) */
    const int central = a < 1.0;
    exponential e = exponential_of(z, FULL);
    pair E = whole(e), w = reciprocal(sum(a, 4.0)), t = add(pair_of(1.0), scaled(w, -8.0));
    double unscale = central ? 1.0 : e.unscale, u = a * a;

    double r = POLYNOMIAL(t.hi, GAUSSIAN_TAIL_WIDE, 11, 10);
    pair H = add(PAIR(GAUSSIAN_TAIL_WIDE_FIRST_1, GAUSSIAN_TAIL_WIDE_FIRST_2 + t.lo * r), product(t.hi, r));
    pair G = multiply(H, w);
    pair R = ordered_sum(GAUSSIAN_CENTRE_FIRST_1, FMA(u, POLYNOMIAL(u, GAUSSIAN_CENTRE, 7, 6), GAUSSIAN_CENTRE_FIRST_2));
    pair aQ = times(choose(central, add(pair_of(0.5), times(R, -a)), multiply(E, G)), a);
    double below = finished(aQ, unscale);
    y.value = negative ? -below : x < 1.0 ? copysign((x - aQ.hi) - aQ.lo, x) : x - below;

    pair S = ordered_sum(GELU_CENTRE_FIRST_1, FMA(u, POLYNOMIAL(u, GELU_CENTRE, 7, 7), GELU_CENTRE_FIRST_2));
    pair D = multiply(E, add(G, times(PAIR(INVERSE_SQRT_2PI_1, INVERSE_SQRT_2PI_2), -a)));
    D = choose(central, add(pair_of(0.5), times(S, -a)), D);
    D = choose(negative, D, add(pair_of(1.0), scaled(D, -unscale)));
    D = NEAR_ROOT(GELU_SLOPE, 9, 8, pair_of(x), D);
    y.derivative = SLOPE_ZERO(x < -1.0, finished(D, negative ? unscale : 1.0));
    pair density = times(E, INVERSE_SQRT_2PI_1), two_minus = add(pair_of(2.0), scaled(z, 2.0));
    y.second = SLOPE_ZERO(1, finished(multiply(density, two_minus), e.unscale)); /* 0 in the tails only */
#else
    double w = 1.0 / (a + 4.0), t = FMA(-8.0, w, 1.0);
    double Q = whole(exponential_of(z, SHORT)).hi * (POLYNOMIAL(t, GAUSSIAN_TAIL_SHORT, 7, 6) * w);
    y.value = copysign((negative ? 0.0 : x) - a * Q, x); /* Clang loses the sign of a zero that a select chooses */

    double G = POLYNOMIAL(t, GAUSSIAN_TAIL_FULL, 13, 12) * w;
    double E = whole(exponential_of(z, FULL)).hi, D = E * FMA(-a, INVERSE_SQRT_2PI_1, G);
    y.derivative = negative ? D : 1.0 - D;
    y.second = E * INVERSE_SQRT_2PI_1 * FMA(-a, a, 2.0);
#endif
    return y;
}
#define GELU_AT(x) gelu_at(x, 0.0, 0.0)
SP_INVERSE(gelu, GELU, GELU_AT, 16, 7)
SP_INLINE int gelu_side(double x, double a, double b) {
    (void)a, (void)b;
    return x > GELU_MINIMUM_AT_1;
}
SP_INLINE double gelu_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    return gelu_slope(y, right);
}
#if SP_HAS_LANES
/* Phi(-a) = e^(-a^2/2)·G, G in eight intervals per octave of 1 + a, all as pairs. */
typedef struct {
    lanes a;
    lanes_pair E, G;
} gelu_parts;
SP_INLINE gelu_parts gelu_parts_of(lanes x) {
    lanes a = v_min(v_abs(x), v_set(10.9f));
    index32 i = v_index(v_shift_right(v_words(ONE + a), 20));
    lanes d = a - v_at(LANES_TAIL_CENTRE, i);
    return (gelu_parts){a, v_whole(v_exponential(v_set(-0.5f) * a, v_times(V_UNIT, a))),
                        v_ordered_sum(v_at(LANES_TAIL_0, i), v_piecewise(LANES_TAIL, 5, i, d) * d)};
}
/* x·Phi(-a) or x·(1 - Phi(-a)) */
SP_INLINE lanes gelu_lanes(lanes x, lanes_parameter p, lanes_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_not_at_most(v_set(-10.9f), x);
    gelu_parts g = gelu_parts_of(x);
    lanes_pair Q = v_multiply(g.E, g.G), one_minus = v_ordered_sum(ONE, v_minus(Q.hi));
    lanes_pair phi = v_choose(v_less(x, v_set(0.0f)), Q, (lanes_pair){one_minus.hi, one_minus.lo - Q.lo});
    lanes low = v_min(x, v_set(10.9f)) * phi.lo;   /* for inf */
    return v_with_sign(v_fma(x, phi.hi, low), x); /* for -0 */
}
/* D = e^(-a^2/2)·(G - a/sqrt(2·pi)) or 1 - D; next to the minimum, where the difference cancels, by its series there */
SP_INLINE lanes gelu_slope_lanes(lanes x, lanes_parameter p, lanes_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_not_at_most(v_set(-10.9f), x);
    gelu_parts g = gelu_parts_of(x);
    lanes_pair density = v_times((lanes_pair){v_set(LANES_INVERSE_SQRT_2PI_1), v_set(LANES_INVERSE_SQRT_2PI_2)}, g.a);
    lanes_pair s = v_sum(g.G.hi, v_minus(density.hi));
    s.lo = s.lo + (g.G.lo - density.lo);
    lanes_pair D = v_multiply(g.E, s), one_minus = v_ordered_sum(ONE, v_minus(D.hi));
    D = v_choose(v_less(x, v_set(0.0f)), D, (lanes_pair){one_minus.hi, one_minus.lo - D.lo});

    lanes first = x - v_set(LANES_GELU_SLOPE_ROOT_1), d = first - v_set(LANES_GELU_SLOPE_ROOT_2);
    lanes_pair slope = v_ordered_sum(v_set(LANES_GELU_SLOPE_FIRST_1), d * v_polynomial(LANES_GELU_SLOPE, 5, d));
    slope.lo = slope.lo + v_set(LANES_GELU_SLOPE_FIRST_2);
    lanes near = v_rounded_product((lanes_pair){d, (first - d) - v_set(LANES_GELU_SLOPE_ROOT_2)}, slope);
    return v_select(v_less(v_abs(d), v_set(LANES_GELU_SLOPE_RADIUS_1)), near, D.hi + D.lo);
}
#endif
#else
SP_ACTIVATION(gelu, 12, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_LANES, SP_ANY_ARGUMENT)
#endif
