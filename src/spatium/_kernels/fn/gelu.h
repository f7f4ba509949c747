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
    pair density = pair_product(E, PAIR(INVERSE_SQRT_2PI_1, INVERSE_SQRT_2PI_2)), two_minus = pair_sum(pair_of(2.0), pair_scaled(z, 2.0));
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
#define GELU_END (SP_DOUBLE ? (real)36.0 : (real)10.9)
SP_INLINE reals gelu_magnitude(reals x) { return v_min(v_abs(x), v_set(SP_DOUBLE ? (real)37.5 : GELU_END)); }
/* of e^(-a^2/2) */
SP_INLINE reals_exponent gelu_exponent(reals a) { return v_exponent_of_pair(v_two_product(v_set(-0.5) * a, a)); }
#if SP_DOUBLE
/* Phi(-a) = e^(-a^2/2)·G, G in sixteen intervals per octave of 1 + a, both as pairs. */
enum { gelu_has_place = 1, gelu_block = V_BLOCK };
typedef struct {
    words e, tail;
} gelu_place;
typedef struct {
    reals_kept_power e;
    reals_pair G;
} gelu_kept;
SP_INLINE gelu_place gelu_place_of(reals x, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    reals a = gelu_magnitude(x);
    return (gelu_place){v_exp_place(gelu_exponent(a)), V_OCTAVE_PLACE(a, 4)};
}
SP_INLINE void gelu_first(reals x, const gelu_place *place, reals_parameter p, reals_parameter q, int want, gelu_kept *k) {
    (void)p, (void)q;
    reals a = gelu_magnitude(x);
    v_power_of(v_exp_parts(gelu_exponent(a), &place->e, V_EXP_SHORT), want, &k->e);
    k->G = v_octave_row(VECTOR_TAIL_WIDE[0], &place->tail, a);
}
#else
/* Phi(-a) and phi(a) from Phi(-c) and s = -phi(c) at a center c near by.  With d = a - c,
     Phi(-a) - Phi(-c) = s·(the integral of e^-(c·t + t^2/2) for t from 0 to d) = s·d·(1 - w/2 + w^2/6 - w^3/24),
     phi(a) = -s·e^-u,    w = d·(c + d/3), u = d·(c + d/2), |u| < 0.044:
   what is added to a table's value is at most a twentieth of it, and so is its rounding.  The first center is 0, where Phi
   is exactly 1/2: subnormal results are rounded once. */
enum { gelu_has_place = 1, gelu_block = V_BLOCK };
typedef words gelu_place;
typedef struct {
    reals_pair tail, steep; /* Phi(-a), -a·phi(a); the low words are up to a twentieth of the high ones */
} gelu_kept;
/* the byte offset of the row whose number is a polynomial, rounded */
SP_INLINE words gelu_place_of(reals x, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    const float sixteenths = 0x1.8p19f; /* added to a number it leaves its nearest sixteenth in the low bits */
    reals a = gelu_magnitude(x), density = v_fma(a, v_set(VECTOR_TAIL_PLACE[1]), v_set(VECTOR_TAIL_PLACE[0]));
    return v_and_words(v_words(v_fma(a, density, v_set(sixteenths + 0.5f))), v_set_words(1023 << 4));
}
SP_INLINE void gelu_first(reals x, const words *place, reals_parameter p, reals_parameter q, int want, gelu_kept *k) {
    (void)p, (void)q;
    reals a = gelu_magnitude(x), row[4];
    v_four_columns(VECTOR_TAIL_ROWS[0], place, row);
    reals center = row[1], slope = row[2], d = a - center, w = d * v_fma(d, v_set(1.0f / 3.0f), center);
    reals run = d * slope;
    k->tail = (reals_pair){row[0], v_fma(run, w * v_polynomial(VECTOR_TAIL_MEAN, 3, w), run)};
    if (want & V_SLOPE) {
        reals u = d * v_fma(d, v_set(0.5f), center);
        k->steep = v_two_product(a, slope);
        reals low = v_fma(a, row[3], k->steep.lo);
        k->steep.lo = v_fma(k->steep.hi, u * v_polynomial(VECTOR_TAIL_DECAY, 4, u), low);
    }
}
#endif
/* b for x < 0, 1 - b for x >= 0 */
SP_INLINE reals_pair gelu_side_of(reals x, reals_pair b) {
    reals_pair one_minus = v_fast_two_sum(ONE, v_minus(b.hi));
    return v_pair_select(v_less(x, v_set(0)), b, (reals_pair){one_minus.hi, one_minus.lo - b.lo});
}
#if SP_DOUBLE
/* Phi(x) + x·phi(x): D = e^(-a^2/2)·(G - a/sqrt(2·pi)) or 1 - D */
SP_INLINE reals_pair gelu_slope_pair(reals x, const gelu_kept *k) {
    const reals_pair density = {v_set(INVERSE_SQRT_2PI_1), v_set(INVERSE_SQRT_2PI_2)};
    reals_pair steep = v_pair_times(density, gelu_magnitude(x)), s = v_two_sum(k->G.hi, v_minus(steep.hi));
    s.lo = s.lo + (k->G.lo - steep.lo);
    return gelu_side_of(x, v_pair_product(v_whole_power(&k->e), s));
}
SP_INLINE reals gelu_last(reals x, const gelu_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_not_at_most(v_set(-GELU_END), x);
    reals_pair phi = gelu_side_of(x, v_pair_product(k->e.E, k->G));
    reals low = v_min(x, v_set(38)) * phi.lo;    /* for inf */
    return v_with_sign(v_fma(x, phi.hi, low), x);     /* for -0 */
}
#else
/* Phi(x) + x·phi(x): D = Phi(-a) - a·phi(a) or 1 - D */
SP_INLINE reals_pair gelu_slope_pair(reals x, const gelu_kept *k) {
    reals_pair s = v_two_sum(k->tail.hi, k->steep.hi);
    s.lo = s.lo + (k->tail.lo + k->steep.lo);
    return gelu_side_of(x, s);
}
/* max(x, 0) - a·Phi(-a) */
SP_INLINE reals_pair gelu_pair(reals x, const gelu_kept *k) {
    reals a = gelu_magnitude(x), above = v_max(v_set(0), x), y = v_fnma(a, k->tail.hi, above);
    reals excess = v_fma(a, k->tail.lo, v_fma(a, k->tail.hi, y - above));
    return (reals_pair){y, v_minus(v_max(excess, v_set(-1)))}; /* for inf, where it is NaN; a zero keeps its sign */
}
SP_INLINE reals gelu_last(reals x, const gelu_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_not_at_most(v_set(-GELU_END), x);
    reals_pair y = gelu_pair(x, k);
    return y.hi + y.lo;
}
#endif
SP_INLINE reals_pair gelu_whole_slope(reals x, const gelu_kept *k) {
    return V_NEAR_ROOT(VECTOR_GELU_SLOPE, v_exponent(x), gelu_slope_pair(x, k));
}
SP_INLINE reals gelu_slope_last(reals x, const gelu_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_not_at_most(v_set(-GELU_END), x);
    reals_pair D = gelu_whole_slope(x, k);
    return D.hi + D.lo;
}
#endif
#else
SP_ACTIVATION(gelu, 12, 0, SP_FROM_SIDE, SP_MANY_SLOPES, SP_IN_STAGES, SP_ANY_ARGUMENT)
SP_BOUND(gelu, value, float32, 0.62, 0.6152, -0x1.042d32p+3)
SP_BOUND(gelu, value, float64, 0.7, 0.6431, -0x1.2ca8faa130af3p+5)
SP_PLAIN_BOUND(gelu, value, float64, 1.0, 0.7506, 0x1.197c4fc6ea72p-1)
SP_BOUND(gelu, derivative, float32, 0.9, 0.8354, -0x1.59ca6p-1)
SP_BOUND(gelu, derivative, float64, 0.7, 0.6664, -0x1.3ffa955a03fdp-1)
SP_PLAIN_BOUND(gelu, derivative, float64, 1.1, 0.8609, -0x1.0000000000003p+0)
SP_BOUND(gelu, second_derivative, float32, 0.51, 0.5000, -0x1.8f171ep-5)
SP_BOUND(gelu, second_derivative, float64, 0.8, 0.6704, -0x1.54f2dfbf67f4ap+2)
#endif
