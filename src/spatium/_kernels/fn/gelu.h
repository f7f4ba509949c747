/* gelu(x) = x·Phi(x), Phi the standard normal distribution function                Hendrycks, Gimpel 2016, eq. (1)

   With a = |x| and Q(a) = Phi(-a) = e^(-a^2/2)·H(t)/(a + 4), t = (a - 4)/(a + 4), H a polynomial:
     gelu(x)  = max(x, 0) - a·Q(a)
     gelu'(x) = D for x < 0 and 1 - D for x >= 0, D = e^(-a^2/2)·(H(t)/(a + 4) - a/sqrt(2 pi))
     gelu''(x) = e^(-a^2/2)/sqrt(2 pi)·(2 - a^2)
   Nothing cancels on the negative side but at the one minimum, -0.75179. */
#if SP_PASS == SP_TEXT
#include "gelu.tables.h"
/* With a = |x|, all over unscale: a·Q(a), short and full (which differ in float32), D, and gelu''. */
typedef struct {
    pair tail, full_tail, slope, bend;
    double unscale;
} gelu_parts;

SP_INLINE gelu_parts gelu_parts_of(double x) {
    const double far = SP_DOUBLE ? 41.0 : 36.0; /* Q is zero in the result's format from there */
    double a = at_most(fabs(x), far);
    pair z = pair_scaled(two_product(a, a), -0.5);
#if SP_DOUBLE
    /* below 3/4, where t is near -1 and H would lose digits: Q = 1/2 - a·R(a^2), D = 1/2 - a·S(a^2) */
    const int central = a < 0.75;
    exponential e = exponential_of(z, FULL);
    pair E = exp_pair(e);
    double u = a * a, t = (a - 4.0) / (a + 4.0);
    /* Divide by a + 3/4 instead of a + 4: H then varies so little that the rounding of t is negligible. */
    double rest = FMA(t, POLYNOMIAL(t, GAUSSIAN_TAIL_WIDE, 11, 11), GAUSSIAN_TAIL_WIDE_FIRST_2);
    pair G = pair_product(fast_two_sum(GAUSSIAN_TAIL_WIDE_FIRST_1, rest), pair_reciprocal(two_sum(a, 0.75)));
    pair R = fast_two_sum(GAUSSIAN_CENTER_FIRST_1, FMA(u, POLYNOMIAL(u, GAUSSIAN_CENTER, 7, 6), GAUSSIAN_CENTER_FIRST_2));
    pair Q = pair_select(central, pair_sum(pair_of(0.5), pair_times(R, -a)), pair_product(E, G));
    pair S = fast_two_sum(GELU_CENTER_FIRST_1, FMA(u, POLYNOMIAL(u, GELU_CENTER, 7, 7), GELU_CENTER_FIRST_2));
    pair D = pair_product(E, pair_sum(G, pair_times(PAIR(INVERSE_SQRT_2PI_1, INVERSE_SQRT_2PI_2), -a)));
    D = pair_select(central, pair_sum(pair_of(0.5), pair_times(S, -a)), D);
    pair density = pair_times(E, INVERSE_SQRT_2PI_1), two_minus = pair_sum(pair_of(2.0), pair_scaled(z, 2.0));
    pair tail = pair_times(Q, a);
    return (gelu_parts){tail, tail, D, pair_product(density, two_minus), e.unscale};
#else
    double w = 1.0 / (a + 4.0), t = FMA(-8.0, w, 1.0);
    double Q = exp_pair(exponential_of(z, SHORT)).hi * (POLYNOMIAL(t, GAUSSIAN_TAIL_SHORT, 7, 6) * w);
    double G = POLYNOMIAL(t, GAUSSIAN_TAIL_FULL, 13, 12) * w;
    double E = exp_pair(exponential_of(z, FULL)).hi;
    pair D = pair_of(E * FMA(-a, INVERSE_SQRT_2PI_1, G)), bend = pair_of(E * INVERSE_SQRT_2PI_1 * FMA(-a, a, 2.0));
    return (gelu_parts){pair_of(a * Q), pair_of(a * (E * G)), D, bend, 1.0};
#endif
}

/* gelu'(x): D or 1 - D, over the unscale of a negative x */
SP_INLINE pair gelu_slope_of(double x, gelu_parts g) {
    pair D = pair_select(x < 0.0, g.slope, pair_sum(pair_of(1.0), pair_scaled(g.slope, -g.unscale)));
    return NEAR_ROOT(GELU_SLOPE, 9, 8, pair_of(x), D);
}

SP_INLINE jet gelu_at(double x, double a, double b) {
    (void)a, (void)b;
    const int negative = x < 0.0;
    gelu_parts g = gelu_parts_of(x);
    jet y = {0};
#if SP_DOUBLE
    double below = round_once(g.tail, g.unscale);
    y.value = negative ? -below : x < 1.0 ? copysign((x - g.tail.hi) - g.tail.lo, x) : x - below;
#else
    y.value = copysign((negative ? 0.0 : x) - g.tail.hi, x); /* Clang loses the sign of a zero that a select chooses */
#endif
    y.derivative = SLOPE_ZERO(x < -1.0, round_once(gelu_slope_of(x, g), negative ? g.unscale : 1.0));
    y.second = SLOPE_ZERO(1, round_once(g.bend, g.unscale)); /* 0 in the tails only */
    return y;
}
#define GELU_AT(x) gelu_at(x, 0.0, 0.0)
SP_INVERSE(gelu, GELU, GELU_AT, 16, 7)
SP_INLINE int gelu_side(double x, double a, double b) {
    (void)a, (void)b;
    return x > GELU_MINIMUM_AT_1;
}
SP_INLINE double gelu_from_side(double y, int right, double a, double b) {
    (void)a, (void)b;
    return gelu_slope(y, right);
}
#if SP_HAS_VECTORS
/* Phi(-a) = e^(-a^2/2)·G, G in eight intervals per octave of 1 + a (float64: sixteen), all as pairs. */
#define GELU_END (SP_DOUBLE ? (real)36.0 : (real)10.9)
SP_INLINE reals gelu_magnitude(reals x) { return v_min(v_abs(x), v_set(SP_DOUBLE ? (real)37.5 : (real)10.9)); }
SP_INLINE reals_exponent gelu_exponent(reals a) { return v_exponent_of_pair(v_two_product(v_set((real)-0.5) * a, a)); }
typedef struct {
    reals_kept_power e;
    reals_pair G;
} gelu_kept;
#if SP_DOUBLE
enum { gelu_has_place = 1, gelu_block = V_BLOCK };
typedef struct {
    words e, tail;
} gelu_place;
SP_INLINE gelu_place gelu_place_of(reals x, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    reals a = gelu_magnitude(x);
    words i = v_subtract_words(v_shift_right(v_words(ONE + a), 48), v_set_words(0x3ff0));
    return (gelu_place){v_exp_place(gelu_exponent(a)), v_add_words(v_shift_left(i, 6), v_shift_left(i, 5))};
}
SP_INLINE void gelu_first(reals x, const gelu_place *place, reals_parameter p, reals_parameter q, int want, gelu_kept *k) {
    (void)p, (void)q;
    reals a = gelu_magnitude(x), c[12];
    v_power_of(v_exp_parts(gelu_exponent(a), &place->e, V_EXP_SHORT), want, &k->e);
    for (int i = 0; i < 6; i++) {
        reals_pair two = v_columns(VECTOR_TAIL_WIDE[0] + 2 * i, &place->tail);
        c[2 * i] = two.hi, c[2 * i + 1] = two.lo;
    }
    reals d = a - c[2], d2 = d * d, d4 = d2 * d2;
    reals low = v_fma(d2, v_fma(d, c[6], c[5]), v_fma(d, c[4], c[3]));
    reals high = v_fma(d4, c[11], v_fma(d2, v_fma(d, c[10], c[9]), v_fma(d, c[8], c[7])));
    k->G = v_fast_two_sum(c[0], v_fma(v_fma(d4, high, low), d, c[1]));
}
#else
enum { gelu_has_place = V_BY_ROWS, gelu_block = V_BLOCK };
typedef words gelu_place;
SP_INLINE words gelu_interval(reals a) { return v_shift_right(v_words(ONE + a), 20); }
SP_INLINE words gelu_place_of(reals x, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    return V_ROW_PLACE(gelu_interval(gelu_magnitude(x)));
}
SP_INLINE void gelu_first(reals x, const words *place, reals_parameter p, reals_parameter q, int want, gelu_kept *k) {
    (void)p, (void)q;
    reals a = gelu_magnitude(x);
    reals_row row = V_ROW(VECTOR_TAIL, 5, place);
    reals d = a - row.center;
    k->G = v_sum_with_product(row.first, v_row_polynomial(&row, 5, d), d);
    v_power_of(v_exp_parts(gelu_exponent(a), 0, V_EXP_SHORT), want, &k->e);
}
#endif
/* b for x < 0, 1 - b for x >= 0 */
SP_INLINE reals_pair gelu_side_of(reals x, reals_pair b) {
    reals_pair one_minus = v_fast_two_sum(ONE, v_minus(b.hi));
    return v_pair_select(v_less(x, v_set(0)), b, (reals_pair){one_minus.hi, one_minus.lo - b.lo});
}
/* Phi(x) */
SP_INLINE reals_pair gelu_phi(reals x, const gelu_kept *k) { return gelu_side_of(x, v_pair_product(k->e.E, k->G)); }
/* Phi(x) + x·phi(x): D = e^(-a^2/2)·(G - a/sqrt(2·pi)) or 1 - D */
SP_INLINE reals_pair gelu_slope_pair(reals x, const gelu_kept *k) {
    const reals_pair density = {v_set(V_PART(VECTOR_INVERSE_SQRT_2PI, 1)), v_set(V_PART(VECTOR_INVERSE_SQRT_2PI, 2))};
    reals_pair steep = v_pair_times(density, gelu_magnitude(x)), s = v_two_sum(k->G.hi, v_minus(steep.hi));
    s.lo = s.lo + (k->G.lo - steep.lo);
    return gelu_side_of(x, v_pair_product(v_whole_power(&k->e), s));
}
SP_INLINE reals gelu_last(reals x, const gelu_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_not_at_most(v_set(-GELU_END), x);
    reals_pair phi = gelu_phi(x, k);
    reals low = v_min(x, v_set(SP_DOUBLE ? 38 : 11)) * phi.lo; /* for inf */
    return v_with_sign(v_fma(x, phi.hi, low), x);             /* for -0 */
}
SP_INLINE reals gelu_slope_last(reals x, const gelu_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_not_at_most(v_set(-GELU_END), x);
    reals_pair D = V_NEAR_ROOT(VECTOR_GELU_SLOPE, v_exponent(x), gelu_slope_pair(x, k));
    return D.hi + D.lo;
}
#if !SP_DOUBLE
/* without a stage for the place, for phish.h */
SP_INLINE gelu_kept gelu_kept_of(reals x) {
    reals a = gelu_magnitude(x);
    index32 i = v_index(gelu_interval(a));
    reals d = a - v_at(VECTOR_TAIL_CENTER, i);
    return (gelu_kept){{v_exp(gelu_exponent(a), 0), v_set(0)},
                       v_sum_with_product(v_at(VECTOR_TAIL_0, i), v_piecewise(VECTOR_TAIL, 5, i, d), d)};
}
#endif
#endif
#else
SP_ACTIVATION(gelu, 12, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(gelu, value, float32, 0.62, 0.6015, -0x1.823184p+1)
SP_BOUND(gelu, value, float64, 0.6, 0.5329, 0x1.dfb54670a1cc2p-20)
SP_PLAIN_BOUND(gelu, value, float64, 1.0, 0.7506, 0x1.197c4fc6ea72p-1)
SP_BOUND(gelu, derivative, float32, 0.7, 0.5935, -0x1.dac586p-18)
SP_BOUND(gelu, derivative, float64, 0.6, 0.5245, -0x1p+0)
SP_PLAIN_BOUND(gelu, derivative, float64, 1.1, 0.8609, -0x1.0000000000003p+0)
SP_BOUND(gelu, second_derivative, float32, 0.51, 0.5000, -0x1.8f171ep-5)
SP_BOUND(gelu, second_derivative, float64, 1.5, 1.0427, -0x1.6e25a80a7814p-1)
#endif
