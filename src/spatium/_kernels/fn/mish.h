/* mish(x) = x·tanh(softplus(x)) = x·n/(n + 2), n = E·(E + 2), E = e^x               Misra 2019

   mish' = E·((E + 2)·(n + 2) + 4·x·(1 + E))/(n + 2)^2. Above 40 the quotient is 1 in every format, so x is held there.
   One minimum, at -1.19243. mish'' = 4·E/(n + 2)^2·(2·(1 + E) + x·(2 + 2·E - 3·E^2 - 2·E^3)/(n + 2)), with E^-1 for x > 0
   so that it does not overflow. */
#if SP_PASS == SP_TEXT
#include "mish.tables.h"
SP_INLINE jet mish_at(double x, double a, double b) {
    (void)a, (void)b;
    jet y = {0};
    double c = at_most(x, 40.0);
    exponential e = exponential_of(pair_of(c), SHORT);
    pair E = exp_pair(e), E2 = pair_sum(pair_scaled(E, UNSCALE(e)), pair_of(2.0)), n = pair_product(E, E2);
    pair w = pair_reciprocal(pair_sum(pair_scaled(n, UNSCALE(e)), pair_of(2.0)));
    const double up = SP_DOUBLE && fabs(x) < 0x1p-400 ? 0x1p500 : 1.0; /* the low words of a subnormal result */
    y.value = round_once(pair_times(pair_product(n, w), at_least(c, -REAL_MAX) * up), UNSCALE(e) / up);
    y.value = x > 40.0 ? x : copysign(y.value, x);

    e = exponential_of(pair_of(c), FULL);
    E = exp_pair(e);
    pair F = pair_scaled(E, UNSCALE(e));
    E2 = pair_sum(F, pair_of(2.0));
    pair n2 = pair_sum(pair_product(F, E2), pair_of(2.0));
    w = pair_reciprocal(n2);
    pair slope = pair_sum(pair_product(E2, n2), pair_times(pair_sum(pair_of(1.0), F), 4.0 * at_least(c, -1e30)));
    slope = NEAR_ROOT(MISH_SLOPE, 7, 6, pair_of(x), pair_product(pair_product(E, slope), pair_product(w, w)));
    y.derivative = SLOPE_ZERO(x < 0.0, round_once(slope, UNSCALE(e)));

    const int negative = x < 0.0;
    e = exponential_of(minus_magnitude(pair_of(x)), FULL);
    E = exp_pair(e);
    pair p = pair_scaled(E, UNSCALE(e)), q = loose_product(p, p), once = pair_scaled(pair_sum(pair_of(1.0), p), 2.0);
    pair v = pair_reciprocal(pair_sum(once, pair_select(negative, q, pair_sum(pair_scaled(q, 2.0), pair_of(-1.0)))));
    pair both = loose_product(q, once);
    pair below = pair_sum(once, pair_scaled(pair_sum(both, q), -1.0));
    pair above = pair_sum(both, pair_scaled(pair_sum(once, p), -1.0)), cubic = pair_select(negative, below, above);
    pair bracket = pair_sum(once, loose_product(loose_product(cubic, v), pair_of(at_most(at_least(x, -1e30), 1e30))));
    const double up_square = SP_DOUBLE && !negative ? 0x1p700 : 1.0; /* the low words of a subnormal square */
    pair density = loose_product(pair_select(negative, E, loose_product(pair_scaled(p, up_square), p)), loose_product(v, v));
    y.second = round_once(pair_scaled(loose_product(density, bracket), 4.0), negative ? UNSCALE(e) : 1.0 / up_square);
    return y;
}
#define MISH_AT(x) mish_at(x, 0.0, 0.0)
SP_INVERSE(mish, MISH, MISH_AT, 16, 13)
SP_INLINE int mish_side(double x, double a, double b) {
    (void)a, (void)b;
    return x > MISH_MINIMUM_AT_1;
}
SP_INLINE double mish_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    return mish_slope(y, right);
}
#if SP_HAS_VECTORS
/* E = e^x; above the end n/(n + 2) is 1 */
#define MISH_END v_set(SP_DOUBLE ? 40 : 20)
SP_INLINE reals_exponent mish_exponent(reals x, reals_parameter a, reals_parameter b) {
    (void)a, (void)b;
    return v_exponent(v_min(MISH_END, x)); /* NaN stays */
}
V_STAGES_BY_EXP_FOR_ROOT(mish)
/* n = E·(E + 2) and n + 2 as pairs */
typedef struct {
    reals_pair n, d;
} mish_parts;
SP_INLINE mish_parts mish_parts_of(reals_pair E) {
    reals_pair g = v_ranked_two_sum(E.hi, v_set(2));
    g.lo = g.lo + E.lo;
    reals_pair n = v_pair_product(E, g), d = v_ranked_two_sum(n.hi, v_set(2));
    return (mish_parts){n, {d.hi, d.lo + n.lo}};
}
SP_INLINE reals mish_last(reals x, const reals_kept_power *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_either(v_not_at_most(v_set(-V_EXP_LIMIT), x), v_tiny(x));
    mish_parts m = mish_parts_of(k->E);
    reals w = ONE / m.d.hi, quotient = m.n.hi * w;
    reals rest = w * v_fnma(quotient, m.d.lo, v_fnma(quotient, m.d.hi, m.n.hi) + m.n.lo);
    return v_select(v_less(MISH_END, x), x, v_with_sign(v_fma(x, quotient, x * rest), x)); /* -0 */
}
/* (n + 4·x·(n - E)/d)/d, for E·(1 + E) = n - E */
SP_INLINE reals mish_slope_last(reals x, const reals_kept_power *k, reals_parameter a, reals_parameter b, mask *far) {
    (void)a, (void)b;
    *far = v_not_at_most(v_set(-V_EXP_LIMIT), x);
    const reals_pair E = v_whole_power(k);
    mish_parts m = mish_parts_of(E);
    reals_reciprocal r = v_reciprocal(m.d);
    reals_pair rest = v_fast_two_sum(m.n.hi, v_minus(E.hi));
    rest.lo = rest.lo + (m.n.lo - E.lo);
    rest = v_pair_times(v_quotient(rest, r), v_set(4) * v_min(MISH_END, x));
    reals_pair s = v_two_sum(m.n.hi, rest.hi);
    s.lo = s.lo + (m.n.lo + rest.lo);
    reals_pair d = V_NEAR_ROOT(VECTOR_MISH_SLOPE, v_exponent(x), v_quotient(s, r));
    return v_select(v_less(MISH_END, x), ONE, d.hi + d.lo);
}
#endif
#else
SP_ACTIVATION(mish, 6, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(mish, value, float32, 0.54, 0.5367, -0x1.54ac22p+5)
SP_BOUND(mish, value, float64, 0.6, 0.5596, -0x1.5f43d6c3707bp+9)
SP_PLAIN_BOUND(mish, value, float64, 0.6, 0.5596, -0x1.5f43d6c3707bp+9)
SP_BOUND(mish, derivative, float32, 0.7, 0.6325, -0x1.2355b4p+0)
SP_PLAIN_BOUND(mish, derivative, float32, 1.0, 0.8823, -0x1.31432cp+0)
SP_BOUND(mish, derivative, float64, 0.6, 0.5538, -0x1.636781f8a2e9dp+9)
SP_PLAIN_BOUND(mish, derivative, float64, 0.7, 0.6323, -0x1.1601722c79a48p+0)
SP_BOUND(mish, second_derivative, float32, 0.51, 0.5000, -0x1.a4006ap-21)
SP_BOUND(mish, second_derivative, float64, 1.0, 0.7674, 0x1.c3c48491f4bc4p+5)
#endif
