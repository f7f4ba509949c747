/* phish(x) = x·tanh(gelu(x)), gelu exact                                           Naveen 2022

   With T = tanh(gelu(x)) and S = 1 - T^2:
     phish'(x)  = T + x·S·gelu'(x)
     phish''(x) = S·(2·gelu'(x) + x·gelu''(x) - 2·x·T·gelu'(x)^2)
   A minimum of 0 at 0, where phish(x) is x^2/2, and a maximum of 0.16466 at -1.19543: three inputs share an output.
   Left of -8, T is gelu(x) to all digits.  Limits 0 and inf. */
#if SP_PASS == SP_TEXT
#include "phish.tables.h"
SP_INLINE jet phish_at(double x, double a, double b) {
    (void)a, (void)b;
    const int negative = x < 0.0, tail = x < -8.0;
    gelu_parts g = gelu_parts_of(x);
    double c = at_most(at_least(x, SP_DOUBLE ? -41.0 : -36.0), 1e30), m = fabs(c); /* where gelu_parts_of ends; for inf */
    pair short_gelu = pair_select(negative, g.tail, pair_sum(pair_of(m), pair_scaled(g.tail, -g.unscale)));
    pair full_gelu = pair_select(negative, g.full_tail, pair_sum(pair_of(m), pair_scaled(g.full_tail, -g.unscale)));
    tanh_parts s = tanh_of(short_gelu, SHORT), t = tanh_of(full_gelu, FULL);
#if SP_DOUBLE
    /* below 1/4, and so for all negative x, by its series: expm1 would lose half an ulp */
    double u = full_gelu.hi, v = u * u;
    double bent = u * v * FMA(v, POLYNOMIAL(v, TANH_SHRINK, 8, 8), TANH_SHRINK_FIRST_1);
    s.value = t.value = pair_select(u < 0.25, pair_add_small(full_gelu, -bent), t.value);
#endif
    jet y = {0};
    double unscale = tail ? g.unscale : 1.0;
    y.value = round_once(pair_times(pair_select(tail, g.tail, s.value), m), unscale);
    y.value = x > 40.0 ? x : fabs(y.value);

    pair T = pair_select(tail, g.full_tail, t.value), S = pair_select(tail, pair_of(1.0), pair_scaled(t.slope, t.unscale));
    pair D = gelu_slope_of(x, g), slope = pair_sum(pair_scaled(T, negative ? -1.0 : 1.0), pair_times(pair_product(S, D), c));
    slope = NEAR_ROOT(PHISH_SLOPE, 11, 11, pair_of(x), slope);
    y.derivative = m < 0x1p-60 ? x + 0.0 : round_once(slope, unscale); /* halves of subnormals lose a bit; 0 is +0 */

    pair bend = loose_product(pair_scaled(g.bend, negative ? 1.0 : g.unscale), pair_of(c));
    pair steep = loose_product(D, pair_scaled(D, unscale));
    pair pull = loose_product(loose_product(pair_scaled(T, unscale), steep), pair_of(-2.0 * m));
    pair density = pair_select(tail, pair_of(1.0), t.slope);
    pair turn = pair_sum(pair_sum(pair_scaled(D, 2.0), bend), pull);
    y.second = round_once(loose_product(density, turn), tail ? unscale : t.unscale);
    return y;
}
#if SP_HAS_FLOAT_VECTORS
/* tanh|gelu(x)| from |gelu(x)| as a pair: tanh(hi) + lo·(1 - tanh(hi)^2) */
SP_INLINE reals_pair phish_tanh(reals_pair g) {
    tanh_kept p = tanh_kept_of(v_min(v_set(9.2f), g.hi));
    reals_pair t = v_fast_two_sum(p.leading, p.quotient * p.d);
    t.lo = v_fma(g.lo, v_fnma(t.hi, t.hi, ONE), t.lo);
    /* below 1/4, and so for all negative x, g - g^3·P(g^2), which rounds less */
    reals v = g.hi * g.hi, bent = g.hi * v * v_polynomial(VECTOR_PHISH_TANH, 4, v);
    return v_pair_select(v_less(g.hi, v_set(0.25f)), v_fast_two_sum(g.hi, v_fnma(g.lo, v, g.lo) - bent), t);
}
/* |gelu(x)|; lo is finite */
SP_INLINE reals_pair phish_gelu(reals x, const gelu_kept *g) {
    return v_pair_times(gelu_phi(x, g), v_min(v_abs(x), v_set(20.0f)));
}
SP_INLINE reals phish_vector(reals x, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_either(v_not_at_most(v_set(-10.9f), x), v_tiny(x));
    reals a = v_abs(x);
    gelu_kept g = gelu_kept_of(x, V_VALUE);
    reals_pair T = phish_tanh(phish_gelu(x, &g));
    return v_fma(a, T.hi, v_min(a, v_set(20.0f)) * T.lo);
}
SP_INLINE reals phish_slope_vector(reals x, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    /* 9 <= x < 12, by their bits: T has too few digits left for S, beyond it is 1 */
    mask flat = v_unsigned_less(v_add_words(v_words(x), v_set_words(-0x41100000)), v_set_words(0x300000));
    *far = v_either(v_either(v_not_at_most(v_set(-10.9f), x), v_tiny(x)), flat);
    gelu_kept g = gelu_kept_of(x, V_VALUE | V_SLOPE);
    reals_pair T = phish_tanh(phish_gelu(x, &g)), square = v_two_product(T.hi, T.hi), S = v_fast_two_sum(ONE, v_minus(square.hi));
    S.lo = S.lo - v_fma(T.hi + T.hi, T.lo, square.lo);
    reals_pair second = v_pair_product(S, v_pair_times(gelu_slope_pair(x, &g), v_min(x, v_set(20.0f))));
    reals_pair sum = v_two_sum(v_with_sign(T.hi, x), second.hi);
    reals low = v_exclusive_or(T.lo, v_and(x, SIGN)) + second.lo;
    sum = V_NEAR_ROOT(VECTOR_PHISH_SLOPE, v_exponent(x), ((reals_pair){sum.hi, sum.lo + low}));
    return v_select(v_less(v_set(9.0f), x), ONE, sum.hi + sum.lo);
}
#endif
#else
SP_ACTIVATION(phish, 38, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_VECTORS, SP_ANY_ARGUMENT)
SP_BOUND(phish, value, float32, 0.62, 0.6182, 0x1.8f185ep-2)
SP_BOUND(phish, value, float64, 1.0, 0.8285, -0x1.7b4b46f0a6c4p-1)
SP_BOUND(phish, derivative, float32, 1.0, 0.7975, -0x1.6052c6p+0)
SP_BOUND(phish, derivative, float64, 1.1, 1.0899, -0x1.968216e16c838p+0)
SP_BOUND(phish, second_derivative, float32, 0.51, 0.5000, -0x1.edbc8ap+1)
SP_BOUND(phish, second_derivative, float64, 3.0, 2.4928, -0x1.07b2aea562282p+1)
#endif
