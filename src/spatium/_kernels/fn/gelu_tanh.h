/* gelu_tanh(x) = x·sigma(z), z = 2·sqrt(2/pi)·(x + 0.044715·x^3)                    Hendrycks, Gimpel 2016, eq. (2)

   The same as x/2·(1 + tanh(z/2)) without its cancellation; at most 4.74e-4 from the exact gelu, 84 % of it at -5.
   Beyond |x| = 40 the argument is held: sigma has long been 0 or 1. */
#if SP_PASS == SP_TEXT
#include "gelu_tanh.tables.h"
SP_INLINE jet gelu_tanh_at(double x, double a, double b) {
    (void)a, (void)b;
    double c = at_most(at_least(x, -40.0), 40.0);
    pair square = two_product(c, c);
    const pair k1 = PAIR(SQRT_8_OVER_PI_1, SQRT_8_OVER_PI_2), k3 = PAIR(GELU_CUBIC_1, GELU_CUBIC_2);
    pair cubic = pair_product(k3, square);
    pair rate = pair_sum(k1, pair_sum(pair_scaled(cubic, 2.0), cubic)); /* dz/dx */
    self_gate g = self_gate_of(x, pair_times(pair_sum(k1, cubic), c), pair_times(rate, c));
    g.slope = NEAR_ROOT(GELU_TANH_SLOPE, 7, 6, pair_of(x), g.slope);
    jet y = self_gated(x, g, 1.0);
    y.second = g.density * (2.0 * rate.hi + 6.0 * cubic.hi - fabs(c) * (rate.hi * rate.hi) * g.balance) * g.fall;
    return y;
}
#define GELU_TANH_AT(x) gelu_tanh_at(x, 0.0, 0.0)
SP_INVERSE(gelu_tanh, GELU_TANH, GELU_TANH_AT, 15, 13)
SP_INLINE int gelu_tanh_side(double x, double a, double b) {
    (void)a, (void)b;
    return x > GELU_TANH_MINIMUM_AT_1;
}
SP_INLINE double gelu_tanh_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    return gelu_tanh_slope(y, right);
}
#if SP_HAS_LANES
/* k1 + k3·c^2 from constants of two parts, k1's first part short, so that k1 - w and what is left are exact for |c| < 8.7 */
SP_INLINE lanes_pair gelu_tanh_rate(lanes c, const float *k1, const float *k3) {
    lanes_pair square = v_two_product(c, c);
    lanes w = v_fma(v_set(k3[0]), square.hi, v_set(k1[0])), rest = v_fma(v_set(k3[0]), square.hi, v_set(k1[0]) - w);
    return (lanes_pair){w, rest + v_fma(v_set(k3[0]), square.lo, v_fma(v_set(k3[1]), square.hi, v_set(k1[1])))};
}
/* z is held at 49, where sigma is 1 */
SP_INLINE lanes gelu_tanh_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_not_at_most(v_set(-8.0f), x);
    lanes c = v_min(v_set(8.0f), x); /* NaN stays */
    return v_self_gated(x, c, v_exponential(c, gelu_tanh_rate(c, LANES_GELU_TANH, LANES_GELU_CUBIC)));
}
SP_INLINE lanes gelu_tanh_slope_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    lanes c = v_min(v_set(8.0f), x); /* NaN stays */
    lanes_exponential e = v_exponential(c, gelu_tanh_rate(c, LANES_GELU_TANH, LANES_GELU_CUBIC));
    lanes_pair s = v_pair_times(gelu_tanh_rate(c, LANES_GELU_TANH_SLOPE, LANES_GELU_CUBIC_SLOPE), c);
    lanes_pair d = v_self_gate_slope(e, s, far);
    return d.hi + d.lo;
}
#endif
#else
SP_ACTIVATION(gelu_tanh, 4, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_LANES, SP_ANY_ARGUMENT, 0.54)
#endif
