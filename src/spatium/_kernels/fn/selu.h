/* selu(x) = lambda·elu(x, alpha)                                                   Klambauer et al. 2017

   alpha = 1.6732632423543772, lambda = 1.0507009873554805, as published. f'(0) = f''(0) = lambda·alpha. */
#if SP_PASS == SP_TEXT
#include "selu.tables.h"
#define SELU_ALPHA 1.6732632423543772
#define SELU_LAMBDA 1.0507009873554805
SP_INLINE jet selu_at(double x, double a, double b) {
    (void)a, (void)b;
    exponential e = exponential_of(pair_of(at_most(x, 0.0)), SHORT);
    pair scale = two_product(SELU_LAMBDA, SELU_ALPHA);
    double power = round_once(pair_product(exp_pair(e), scale), UNSCALE(e));
    return (jet){
        .value = x >= 0.0 ? SELU_LAMBDA * x : -fabs(value_of(pair_product(expm1_pair(e), scale))),
        .derivative = x > 0.0 ? SELU_LAMBDA : power,
        .second = x > 0.0 ? 0.0 : power,
    };
}
SP_INLINE double selu_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return y > 0.0 ? SELU_LAMBDA : y + SELU_LAMBDA * SELU_ALPHA;
}
#if SP_HAS_LANES
SP_INLINE lanes selu_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    const lanes_pair lambda = {v_set(LANES_SELU_LAMBDA_1), v_set(LANES_SELU_LAMBDA_2)};
    const lanes_pair scale = {v_set(LANES_SELU_SCALE_1), v_set(LANES_SELU_SCALE_2)};
    *far = v_tiny(x);
    lanes z = v_min(v_max(x, v_set(-V_EXP_LIMIT)), v_set(0.0f));
    lanes y = v_rounded_product(scale, v_expm1_pair((lanes_pair){z, v_set(0.0f)}));
    return v_select(v_less(x, v_set(0.0f)), y, v_fma(lambda.hi, x, lambda.lo * x)); /* NaN and -0 are taken from x */
}
SP_INLINE lanes selu_slope_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    const lanes_pair scale = {v_set(LANES_SELU_SCALE_1), v_set(LANES_SELU_SCALE_2)};
    lanes_exponential e = v_exponential(v_min(v_set(0.0f), x), V_UNIT); /* NaN stays */
    *far = v_exponential_beyond(e);
    return v_select(v_less(v_set(0.0f), x), v_set((float)SELU_LAMBDA), v_rounded_product(scale, v_exp_pair(e)));
}
#endif
#else
SP_ACTIVATION(selu, 22, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_LANES, SP_ANY_ARGUMENT, 0.54)
#endif
