/* gelu_sigmoid(x) = x·sigma(1.702·x)                                               Hendrycks, Gimpel 2016, section 2

   1.702 is the decimal number. At most 0.0204 from the exact gelu, at -2.27. */
#if SP_PASS == SP_TEXT
#include "gelu_sigmoid.tables.h"
SP_INLINE jet gelu_sigmoid_at(double x, double a, double b) {
    (void)a, (void)b;
    pair z = pair_times(PAIR(GELU_SIGMOID_1, GELU_SIGMOID_2), at_most(at_least(x, -1e30), 1e30));
    self_gate g = self_gate_of(x, z, z);
    g.slope = NEAR_ROOT(SWISH_SLOPE, 7, 6, z, g.slope);
    jet y = self_gated(x, g, 1.0);
    pair bend = gate_bend(g, pair_of(2.0), magnitude_of(z));
    y.second = round_once(loose_product(bend, PAIR(GELU_SIGMOID_1, GELU_SIGMOID_2)), g.fall);
    return y;
}
SP_INLINE int gelu_sigmoid_side(double x, double a, double b) {
    (void)a, (void)b;
    return GELU_SIGMOID_1 * x > SWISH_MINIMUM_AT_1;
}
SP_INLINE double gelu_sigmoid_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    return swish_slope(GELU_SIGMOID_1 * y, right); /* in z = 1.702·x, see swish.h */
}
#if SP_HAS_VECTORS
SP_INLINE reals_exponent gelu_sigmoid_times(reals x) {
    const reals_pair rate = {v_set(V_PART(VECTOR_GELU_SIGMOID_RATE, 1)), v_set(V_PART(VECTOR_GELU_SIGMOID_RATE, 2))};
    return v_exponent_of_pair(v_pair_times(rate, x));
}
SP_INLINE reals_exponent gelu_sigmoid_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return gelu_sigmoid_times(v_minus(x));
}
V_STAGES_BY_EXP_FOR_ROOT(gelu_sigmoid)
SP_INLINE reals gelu_sigmoid_last(reals x, const reals_kept_power *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_beyond(x, V_EXP_LIMIT / (real)1.703);
    return v_gated(x, v_over_one_plus(k->E));
}
SP_INLINE reals gelu_sigmoid_slope_last(reals x, const reals_kept_power *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    return swish_slope_of(gelu_sigmoid_times(x), k, far);
}
#endif
#else
SP_ACTIVATION(gelu_sigmoid, 13, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(gelu_sigmoid, value, float32, 0.55, 0.5358, -0x1.3ce396p+3)
SP_BOUND(gelu_sigmoid, value, float64, 0.6, 0.5837, -0x1.0e8741ec683b4p+2)
SP_BOUND(gelu_sigmoid, derivative, float32, 0.7, 0.6449, -0x1.932db2p-1)
SP_BOUND(gelu_sigmoid, derivative, float64, 0.6, 0.5642, -0x1.a209cd44672e5p+8)
SP_PLAIN_BOUND(gelu_sigmoid, derivative, float64, 0.6, 0.5794, -0x1.37ea8e219ecedp+6)
SP_BOUND(gelu_sigmoid, second_derivative, float32, 0.51, 0.5000, -0x1.2bc9dp-5)
SP_BOUND(gelu_sigmoid, second_derivative, float64, 0.7, 0.6416, 0x1.0acafe1816125p+3)
#endif
