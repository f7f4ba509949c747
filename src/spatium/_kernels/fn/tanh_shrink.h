/* tanh_shrink(x) = x - tanh(x), tanh_shrink' = tanh(x)^2, tanh_shrink'' = 2·tanh(x)·(1 - tanh(x)^2)

   Below 3/4 by x^3·P(x^2): the subtraction has lost all its digits by x = 1e-4.  float64 takes the tanh of the derivative
   from there too, x - x^3·P(x^2): the error of expm1 would count twice in the square. */
#if SP_PASS == SP_TEXT
#include "tanh_shrink.tables.h"
SP_INLINE jet tanh_shrink_at(double x, double a, double b) {
    (void)a, (void)b;
    tanh_parts t = tanh_of(pair_of(x), SHORT);
    double m = fabs(x);
    pair far = pair_sum(pair_of(m), pair_scaled(t.value, -1.0));
    double c = at_most(m, 1.0);
    pair u = two_product(c, c);
#if SP_DOUBLE
    double rest = POLYNOMIAL(u.hi, TANH_SHRINK, 8, 8);
    pair p = fast_two_sum(TANH_SHRINK_FIRST_1, FMA(u.hi, rest, FMA(u.lo, rest, TANH_SHRINK_FIRST_2)));
#else
    pair p = pair_of(POLYNOMIAL(u.hi, TANH_SHRINK_SHORT, 5, 5));
#endif
    /* scaled, so that a subnormal result is rounded once */
    const int tiny = SP_DOUBLE && m < 0x1p-200;
    const double up = tiny ? 0x1p200 : 1.0, down = tiny ? 0x1p-600 : 1.0;
    pair near = pair_times(pair_product(pair_scaled(u, up * up), p), c * up);
#if SP_DOUBLE
    pair height = pair_select(m < 0.75, pair_sum(pair_of(c), pair_scaled(near, -down)), t.value);
#else
    pair height = t.value;
#endif
    pair raised = pair_scaled(height, up);
    double value = m < 0.75 ? round_once(near, down) : m > 0x1p60 ? m : value_of(far);
    return (jet){
        .value = copysign(value, x),
        .derivative = round_once(pair_product(raised, raised), tiny ? 0x1p-400 : 1.0),
        .second = copysign(round_once(loose_product(pair_scaled(t.value, 2.0), t.slope), t.unscale), x),
    };
}
#if SP_HAS_VECTORS
/* by M = e^-2|x| - 1 */
SP_INLINE reals_exponent tanh_shrink_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return tanh_exponent(x);
}
V_STAGES_BY_EXPM1(tanh_shrink, V_BLOCK)
SP_INLINE reals tanh_shrink_last(reals x, const reals_exp *e, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_smaller(x, SP_DOUBLE ? -320 : -36); /* of x^3 */
    reals_pair t = v_tanh_of(v_expm1_of(*e));
    reals m = v_abs(x), c = v_min(v_set((real)0.375), m);
    reals_pair s = v_fast_two_sum(m, v_minus(t.hi)), u = v_two_product(c, c);
    reals near = v_rounded_product(v_pair_times(u, c), V_EVEN_SERIES(VECTOR_TANH_SHRINK, u));
    reals y = v_select(v_less(m, v_set((real)0.375)), near, s.hi + (s.lo - t.lo));
    return v_with_sign(v_select(v_less(v_set(V_EXP_LIMIT), m), m - ONE, y), x); /* inf */
}
SP_INLINE reals tanh_shrink_slope_last(reals x, const reals_exp *e, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_tiny(x);
    reals_pair t = v_tanh_of(v_expm1_of(*e));
    return v_rounded_product(t, t);
}
#endif
#else
SP_ACTIVATION(tanh_shrink, 26, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(tanh_shrink, value, float32, 0.55, 0.5259, -0x1.a59c2ap-2)
SP_BOUND(tanh_shrink, value, float64, 0.6, 0.5104, 0x1.cc9ba4f01f271p-330)
SP_PLAIN_BOUND(tanh_shrink, value, float64, 1.0, 0.7779, -0x1.6e25a80a7814p-1)
SP_BOUND(tanh_shrink, derivative, float32, 0.6, 0.5892, 0x1.65cb1ap-6)
SP_BOUND(tanh_shrink, derivative, float64, 0.6, 0.5451, 0x1.fb78ec832d324p-8)
SP_BOUND(tanh_shrink, second_derivative, float32, 0.51, 0.5044, -0x1.3f023ap-3)
SP_BOUND(tanh_shrink, second_derivative, float64, 1.0, 0.7997, 0x1.03436c874b60fp-3)
#endif
