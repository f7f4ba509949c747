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
    pair turn = pair_sum(pair_scaled(rate, 2.0), pair_sum(pair_scaled(cubic, 4.0), pair_scaled(cubic, 2.0)));
    y.second = round_once(gate_bend(g, turn, loose_product(loose_product(rate, rate), pair_of(fabs(c)))), g.fall);
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
#if SP_HAS_VECTORS
/* c·(k1 + k3·c^2), k1's first part so short that k1 - w and what is left of it are exact; c is held at 9, where sigma is 1
   (float64: 20) */
SP_INLINE reals gelu_tanh_held(reals x) { return v_min(v_set(SP_DOUBLE ? 20 : 9), x); /* NaN stays */ }
SP_INLINE reals_pair gelu_tanh_polynomial(reals c, reals_pair k3) {
    const reals_pair k1 = {v_set(V_PART(VECTOR_GELU_TANH_LINEAR, 1)), v_set(V_PART(VECTOR_GELU_TANH_LINEAR, 2))};
    reals_pair square = v_two_product(c, c);
    reals w = v_fma(k3.hi, square.hi, k1.hi), rest = v_fma(k3.hi, square.hi, k1.hi - w);
    rest = rest + v_fma(k3.hi, square.lo, v_fma(k3.lo, square.hi, k1.lo));
    return v_pair_times((reals_pair){w, rest}, c);
}
SP_INLINE reals_exponent gelu_tanh_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    const reals_pair k3 = {v_set(V_PART(VECTOR_GELU_TANH_CUBIC, 1)), v_set(V_PART(VECTOR_GELU_TANH_CUBIC, 2))};
    return v_exponent_of_pair(gelu_tanh_polynomial(v_minus(gelu_tanh_held(x)), k3));
}
V_STAGES_BY_EXP_FOR_ROOT(gelu_tanh)
SP_INLINE reals gelu_tanh_last(reals x, const reals_kept_power *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_not_at_most(v_set(SP_DOUBLE ? -20 : -8), x);
    reals_reciprocal sigma = v_over_one_plus(k->E);
    return v_with_sign(v_fma(x, sigma.w, (gelu_tanh_held(x) * sigma.w) * sigma.rest), x); /* for inf; -0 */
}
SP_INLINE reals_pair gelu_tanh_slope_pair(reals x, reals_pair E, mask *far) {
    const reals_pair k3 = {v_set(V_PART(VECTOR_GELU_TANH_CUBIC_SLOPE, 1)), v_set(V_PART(VECTOR_GELU_TANH_CUBIC_SLOPE, 2))};
    *far = v_not_at_most(v_set(SP_DOUBLE ? -20 : -8), x);
    reals_pair d = v_gate_slope(E, gelu_tanh_polynomial(gelu_tanh_held(x), k3));
    return V_NEAR_ROOT(VECTOR_GELU_TANH_SLOPE, v_exponent(x), d);
}
SP_INLINE reals gelu_tanh_slope_last(reals x, const reals_kept_power *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    reals_pair d = gelu_tanh_slope_pair(x, v_whole_power(k), far);
    return d.hi + d.lo;
}
#endif
#else
SP_ACTIVATION(gelu_tanh, 4, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(gelu_tanh, value, float32, 0.55, 0.5339, -0x1.dd9366p+2)
SP_BOUND(gelu_tanh, value, float64, 0.7, 0.6339, -0x1.4cd1b836ce26p+4)
SP_BOUND(gelu_tanh, derivative, float32, 0.7, 0.6251, -0x1.9fbe8cp-1)
SP_BOUND(gelu_tanh, derivative, float64, 0.6, 0.5716, -0x1.45dab6bc41257p+4)
SP_PLAIN_BOUND(gelu_tanh, derivative, float64, 0.6, 0.5716, -0x1.45dab6bc41257p+4)
SP_BOUND(gelu_tanh, second_derivative, float32, 0.51, 0.5000, 0x1.24d5c6p-2)
SP_BOUND(gelu_tanh, second_derivative, float64, 0.7, 0.6709, 0x1.07f01241842efp+0)
#endif
