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
    y.value = x > 40.0 ? x : SP_DOUBLE && m < 0x1p-400 ? 0.5 * m * m : fabs(y.value); /* a subnormal is rounded once */

    pair T = pair_select(tail, g.full_tail, t.value), S = pair_select(tail, pair_of(1.0), pair_scaled(t.slope, t.unscale));
    pair D = gelu_slope_of(x, g), slope = pair_sum(pair_scaled(T, negative ? -1.0 : 1.0), pair_times(pair_product(S, D), c));
    slope = NEAR_ROOT(PHISH_SLOPE, 11, 11, pair_of(x), slope);
    y.derivative = m < 0x1p-60 ? x + 0.0 : round_once(slope, unscale); /* halves of subnormals lose a bit; 0 is +0 */

    pair bend = pair_times(pair_scaled(g.bend, negative ? 1.0 : g.unscale), c);
    pair steep = loose_product(D, pair_scaled(D, unscale));
    pair pull = loose_product(loose_product(pair_scaled(T, unscale), steep), pair_of(-2.0 * m));
    pair density = pair_select(tail, pair_of(1.0), t.slope);
    pair turn = pair_sum(pair_sum(pair_scaled(D, 2.0), bend), pull);
    y.second = round_once(loose_product(density, turn), tail ? unscale : t.unscale);
    return y;
}
#if SP_HAS_VECTORS
/* phish(x) = x^2·e·H and phish'(x) = x·e·G, e = e^(-x^2/2) for x < 0 and 1 for x >= 0.  H and G by rows, 32 intervals per
   octave of 1 + |x|; in an interval they vary by a twentieth at most, but for G next to its root. */
enum { phish_has_place = 1, phish_block = V_BLOCK };
typedef struct {
    words e, row;
} phish_place;
typedef struct {
    reals_kept_power e;
    reals_pair H, G;
} phish_kept;
SP_INLINE phish_place phish_place_of(reals x, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    reals a = gelu_magnitude(x);
    reals right = v_floats(v_set_words(sizeof V_BY_TYPE(VECTOR_PHISH_GATE) / 2)), left = v_floats(v_set_words(0));
    words side = v_words(v_select(v_less(x, v_set(0)), left, right));
    return (phish_place){v_exp_place(gelu_exponent(a)), v_add_words(V_OCTAVE_PLACE(a, 5), side)};
}
SP_INLINE void phish_first(reals x, const phish_place *place, reals_parameter p, reals_parameter q, int want, phish_kept *k) {
    (void)p, (void)q;
    reals a = gelu_magnitude(x);
    v_power_of(v_exp_parts(gelu_exponent(a), &place->e, V_EXP_WHOLE), want, &k->e);
    if (want & V_VALUE)
        k->H = v_octave_row(V_BY_TYPE(VECTOR_PHISH_GATE)[0], &place->row, a);
    if (want & V_SLOPE)
        k->G = v_octave_row(V_BY_TYPE(VECTOR_PHISH_STEEP)[0], &place->row, a);
}
SP_INLINE reals_pair phish_decay(reals x, reals_pair e) {
    return v_pair_select(v_less(x, v_set(0)), e, (reals_pair){ONE, v_set(0)});
}
SP_INLINE mask phish_far_of(reals x) { return v_either(v_not_at_most(v_set(-GELU_END), x), v_tiny(x)); }
SP_INLINE reals phish_last(reals x, const phish_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = phish_far_of(x);
    reals a = gelu_magnitude(x);
    reals y = v_rounded_product(v_pair_product(v_two_product(a, a), k->H), phish_decay(x, k->e.E));
    return v_select(v_less(v_set(GELU_END), x), x, y);
}
SP_INLINE reals phish_slope_last(reals x, const phish_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = phish_far_of(x);
    reals_pair slope = v_pair_product(v_pair_times(k->G, x + v_set(0)), phish_decay(x, v_whole_power(&k->e))); /* 0 is +0 */
    slope = V_NEAR_ROOT(VECTOR_PHISH_SLOPE, v_exponent(x), slope);
    return v_select(v_less(v_set(GELU_END), x), ONE, slope.hi + slope.lo);
}
#endif
#else
SP_ACTIVATION(phish, 38, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(phish, value, float32, 0.6, 0.5511, -0x1.bf3898p+0)
SP_BOUND(phish, value, float64, 0.7, 0.6791, -0x1.2bca33d41386ep+5)
SP_PLAIN_BOUND(phish, value, float64, 1.0, 0.6710, -0x1.c0fc9a7b4e428p+2)
SP_BOUND(phish, derivative, float32, 0.9, 0.8144, -0x1.602cb6p+0)
SP_BOUND(phish, derivative, float64, 0.7, 0.6846, -0x1.801141f4a0bep+0)
SP_PLAIN_BOUND(phish, derivative, float64, 1.1, 0.6834, -0x1.921f7813b1d72p-1)
SP_BOUND(phish, second_derivative, float32, 0.51, 0.5000, -0x1.edbc8ap+1)
SP_BOUND(phish, second_derivative, float64, 0.8, 0.6889, -0x1.fffa255d76133p-1)
#endif
