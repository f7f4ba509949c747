/* swish(x, beta) = x·sigma(beta·x), also called SiLU for beta = 1                   Ramachandran, Zoph, Le 2017; Elfwing et al. 2018

   One minimum, at beta·x = -1.27846. By beta: x^2·sigma'(beta·x). */
#if SP_PASS == SP_TEXT
#include "swish.tables.h"
SP_INLINE jet swish_at(double x, double beta, double b) {
    (void)b;
    pair z = pair_clamped(two_product(finite_for(x, beta), beta), 1e30);
    self_gate g = self_gate_of(x, z, z);
    g.slope = NEAR_ROOT(SWISH_SLOPE, 7, 6, z, g.slope);
    jet y = self_gated(x, g, 1.0);
    double c = at_most(at_least(x, -1e150), 1e150); /* its square stays finite where the density is 0 */
    y.second = round_once(loose_product(gate_bend(g, pair_of(2.0), magnitude_of(z)), pair_of(beta)), g.fall);
    y.by_a = c * c * (value_of(g.density) * g.fall);
    return y;
}
#define SWISH_AT(z) swish_at(z, 1.0, 0.0)
SP_INVERSE(swish, SWISH, SWISH_AT, 15, 13)
SP_INLINE int swish_side(double x, double beta, double b) {
    (void)b;
    /* If beta is 0 and x is infinite, z = 0·inf is treated as 0, on the right of the minimum. */
    return !(beta * x <= SWISH_MINIMUM_AT_1);
}
/* in z = beta·x, where swish(z, 1) = beta·y, so that beta may have any sign */
SP_INLINE double swish_from_side(double y, int right, double beta, double b) {
    (void)b;
    return swish_slope(beta * at_most(at_least(y, -REAL_MAX), REAL_MAX), right); /* beta may be 0 */
}
#if SP_HAS_VECTORS
/* E = e^-z, z = beta·x */
SP_INLINE reals_exponent swish_exponent(reals x, reals_parameter beta, reals_parameter b) {
    (void)b;
    return v_exponent_times(v_minus(x), beta);
}
V_STAGES_BY_EXP_FOR_ROOT(swish)
SP_INLINE reals swish_last(reals x, const reals_kept_power *k, reals_parameter beta, reals_parameter b, mask *far) {
    (void)b;
    *far = v_beyond(x * beta.pair.hi, V_EXP_LIMIT);
    return v_gated(x, v_over_one_plus(k->E));
}
/* swish', a function of z alone; near its root by its series */
SP_INLINE reals_pair swish_slope_pair(reals_exponent z, reals_pair E, mask *far) {
    *far = v_beyond(z.hi, V_EXP_LIMIT);
    reals_pair d = v_gate_slope(E, (reals_pair){z.hi, z.lo});
    return V_NEAR_ROOT(VECTOR_SWISH_SLOPE, z, d);
}
SP_INLINE reals swish_slope_of(reals_exponent z, const reals_kept_power *k, mask *far) {
    reals_pair d = swish_slope_pair(z, v_whole_power(k), far);
    return d.hi + d.lo;
}
SP_INLINE reals swish_slope_last(reals x, const reals_kept_power *k, reals_parameter beta, reals_parameter b, mask *far) {
    (void)b;
    return swish_slope_of(v_exponent_times(x, beta), k, far);
}
#endif
#elif SP_PASS == SP_FAR
/* swish of z = beta·x, over x, and the derivatives by z of z·sigma(z) */
typedef struct {
    wide sigma, slope, bend, density;
} wide_swish;

static wide_swish wide_swish_of(wide z) {
    const wide_logistic s = wide_logistic_of(z);
    const wide one = wide_of(1.0), square = wide_square(s.w), density = wide_sigma_slope(s);
    const wide balance = wide_product(wide_sum(one, wide_minus(s.E)), s.w);
    const wide below = wide_product(density, wide_sum(wide_sum(s.E, one), z));
    const wide above = wide_product(square, wide_sum(one, wide_product(s.E, wide_sum(one, z))));
    const pair near = pair_of_wide(z.e > 2 ? wide_of(4.0) : z);
    const pair slope = NEAR_ROOT(SWISH_SLOPE, 7, 6, near, pair_of(0.0));
    const wide plain = wide_is_negative(z) ? below : above;
    return (wide_swish){
        .sigma = wide_sigma(z, s),
        .slope = slope.hi == 0.0 ? plain : wide_of_pair(slope, 0),
        .bend = wide_product(density, wide_sum(wide_of(2.0), wide_minus(wide_product(wide_magnitude(z), balance)))),
        .density = density,
    };
}
static jet swish_far_at(double x, double beta, double b) {
    (void)b;
    const wide at = wide_of(x), rate = wide_of(beta);
    const wide_swish s = wide_swish_of(wide_product(at, rate));
    return (jet){
        .value = wide_value(wide_product(at, s.sigma)),
        .derivative = wide_value(s.slope),
        .second = wide_value(wide_product(rate, s.bend)),
        .by_a = wide_value(wide_product(wide_square(at), s.density)),
    };
}
static double swish_far_from_side(double y, int right, double beta, double b) { return swish_from_side(y, right, beta, b); }
#else
SP_ACTIVATION(swish, 5, 1, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_STAGES, SP_EXTREME_PARAMETER)
SP_BOUND(swish, value, float32, 0.54, 0.5343, -0x1.5673d6p+3)
SP_BOUND(swish, value, float64, 0.7, 0.5596, -0x1.5f43d6c3707bp+9)
SP_BOUND(swish, derivative, float32, 0.7, 0.6453, -0x1.571c5ep+0)
SP_BOUND(swish, derivative, float64, 0.7, 0.5646, -0x1.ff3f058edafb8p-1)
SP_BOUND(swish, second_derivative, float32, 0.51, 0.5000, -0x1.52a7f6p-11)
SP_BOUND(swish, second_derivative, float64, 0.7, 0.6398, -0x1.831d8e18d5ac5p+3)
#endif
