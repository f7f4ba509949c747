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
    const double up = SP_DOUBLE && fabs(x) < 0x1p-400 ? 0x1p500 : 1.0; /* the low words of a subnormal result */
    pair below = pair_product(pair_scaled(expm1_pair(e), up), scale);
    double power = round_once(pair_product(exp_pair(e), scale), UNSCALE(e));
    return (jet){
        .value = x >= 0.0 ? SELU_LAMBDA * x : -fabs(round_once(below, 1.0 / up)),
        .derivative = x > 0.0 ? SELU_LAMBDA : power,
        .second = x > 0.0 ? 0.0 : power,
    };
}
SP_INLINE double selu_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return y > 0.0 ? SELU_LAMBDA : y + SELU_LAMBDA * SELU_ALPHA;
}
#if SP_HAS_VECTORS
SP_INLINE reals_exponent selu_exponent(reals x, reals_parameter a, reals_parameter b) { return elu_exponent(x, a, b); }
V_STAGES_BY_EXPM1(selu, V_SHORT_BLOCK)
#define VECTOR_SELU_BOTH ((reals_pair){v_set(V_PART(VECTOR_SELU_SCALE, 1)), v_set(V_PART(VECTOR_SELU_SCALE, 2))})
SP_INLINE reals selu_last(reals x, const reals_exp *e, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_tiny(x);
#if SP_DOUBLE
    reals above = v_set(SELU_LAMBDA) * x;
#else
    reals above = v_fma(v_set(VECTOR_SELU_LAMBDA_1), x, v_set(VECTOR_SELU_LAMBDA_2) * x);
#endif
    /* NaN and -0 are taken from x */
    return v_select(v_less(x, v_set(0)), v_rounded_product(VECTOR_SELU_BOTH, v_expm1_unnormalized(*e)), above);
}
SP_INLINE reals selu_slope_last(reals x, const reals_exp *e, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_not_at_most(v_set(-V_EXP_LIMIT), x);
    reals below = v_rounded_product(VECTOR_SELU_BOTH, v_exp_of(*e));
    return v_select(v_less(v_set(0), x), v_set((real)SELU_LAMBDA), below);
}
#if !SP_DOUBLE
SP_INLINE reals selu_slope_from_output(reals y, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_none();
    reals_pair s = v_two_sum(y, VECTOR_SELU_BOTH.hi);
    return v_select(v_less(v_set(0), y), v_set((real)SELU_LAMBDA), s.hi + (s.lo + VECTOR_SELU_BOTH.lo));
}
#endif
#endif
#else
SP_ACTIVATION(selu, 22, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(selu, value, float32, 0.55, 0.5462, -0x1.2227b8p-5)
SP_BOUND(selu, value, float64, 0.6, 0.5282, -0x1.16dedff8a49dfp-6)
SP_PLAIN_BOUND(selu, value, float64, 0.7, 0.6694, -0x1.447887c1633p-2)
SP_BOUND(selu, derivative, float32, 0.6, 0.5315, -0x1.bb4336p+5)
SP_BOUND(selu, derivative, float64, 0.6, 0.5523, -0x1.2b708787485e6p+3)
SP_BOUND(selu, second_derivative, float32, 0.51, 0.5017, -0x1.fd71dap-1)
SP_BOUND(selu, second_derivative, float64, 0.7, 0.6215, -0x1.49cfbd942e808p+2)
#endif
