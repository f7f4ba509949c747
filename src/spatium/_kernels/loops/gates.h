/* Functions of two numbers: the gated linear units, and the two of recurrent networks.

   A text gives the value and both derivatives, each loop uses what it stores.  float32 is computed in double and rounded
   once; float64 keeps low words where something would be lost otherwise.  Most functions have a second text in vectors, which
   forms products and sums of pairs and rounds once.  float32 is within 0.51 ulp, time_aware_tanh within 0.54, geglu within
   0.75; gradients next to the root of an activation's derivative are within 0.7, of geglu 1.2.  The errors of gated_tanh are
   relative to the largest of the terms that it adds.  The gated linear units of float64 are the product of an activation's
   result, from its own loop, and the other number, each rounded: less than 2 ulp. */
#ifndef SP_GATES_H
#define SP_GATES_H
#include "arithmetic/elementary.h"

typedef struct {
    double value, by_first, by_second;
} partials;

/* act(gate)·v */
SP_INLINE partials self_gated_by(jet gate, double v) {
    return (partials){gate.value * v, gate.derivative * v, gate.value};
}

SP_INLINE partials reglu_of(double a, double b, double p, double q) { return self_gated_by(relu_at(a, p, q), b); }
SP_INLINE partials geglu_of(double a, double b, double p, double q) { return self_gated_by(gelu_at(a, p, q), b); }
SP_INLINE partials geglu_tanh_of(double a, double b, double p, double q) { return self_gated_by(gelu_tanh_at(a, p, q), b); }
SP_INLINE partials geglu_sigmoid_of(double a, double b, double p, double q) {
    return self_gated_by(gelu_sigmoid_at(a, p, q), b);
}
SP_INLINE partials swiglu_of(double a, double b, double p, double q) { return self_gated_by(swish_at(a, p, q), b); }

/* glu(a, b) = a·sigma(b)                                                                        Dauphin et al. 2017 */
SP_INLINE partials glu_of(double a, double b, double p, double q) {
    (void)p, (void)q;
    jet s = logistic(pair_of(b));
    return (partials){a * s.value, s.value, a * s.derivative};
}

/* e^(-z^2/2)·b with z = (a - mean)/std; the derivative by a is -z/std·value. z^2 is clamped to 2^11, where the result
   is 0. */
SP_INLINE partials gaussian_glu_of(double a, double b, double mean, double std) {
    pair z = pair_product(two_sum(at_most(at_least(a, -REAL_MAX), REAL_MAX), -mean), pair_reciprocal(pair_of(std)));
    z = pair_clamped(z, 64.0);
    exponential e = exponential_of(pair_scaled(pair_product(z, z), -0.5), FULL);
    pair E = exp_pair(e);
    double gate = round_once(E, UNSCALE(e));
    pair slope = pair_product(pair_product(E, z), pair_reciprocal(pair_of(-std)));
    double value = round_once(pair_times(E, b), UNSCALE(e)), by_first = round_once(pair_times(slope, b), UNSCALE(e));
    value = value == 0.0 ? copysign(value, b) : value; /* -0 */
    by_first = by_first == 0.0 ? copysign(by_first, copysign(1.0, a - mean) * -b) : by_first;
    return (partials){value, by_first, gate};
}

/* p·E/unscale rounded once, whatever its size */
SP_INLINE double last_product(pair p, pair E, double unscale) {
    double plain = p.hi * E.hi * unscale;
    return fabs(plain) <= REAL_MAX ? round_once(pair_product(p, E), unscale) : plain;
}

/* factor·e^(2·half), as factor·e^half·e^half: no power overflows or underflows before the result does.  Where |half| is more
   than 700, the result does, unless the factor is subnormal. */
SP_INLINE double times_exponential(pair factor, pair half) {
    half = pair_clamped(half, 700.0);
    exponential e = exponential_of(half, FULL);
    pair E = exp_pair(e);
    const int deep = SP_DOUBLE && half.hi < -300.0;
    const double up = deep ? 0x1p256 * UNSCALE(e) : 1.0, down = deep ? 0x1p-256 * UNSCALE(e) : 1.0;
    return last_product(pair_scaled(pair_product(factor, E), up), E, down);
}
/* tanh(x)·e^u, u = -decay_rate·t; the derivative by x is 4·e^(u - 2|x|)/(1 + e^-2|x|)^2 */
SP_INLINE partials time_aware_tanh_of(double x, double t, double rate, double q) {
    (void)q;
    const double most = 0x1p1000;
    pair half = pair_scaled(pair_clamped(two_product(t, -rate), most), 0.5);
    exponential e = exponential_of(pair_of(-2.0 * at_most(fabs(x), most)), FULL);
    pair M = expm1_pair(e), w = pair_reciprocal(pair_sum(pair_of(2.0), M));
    double value = copysign(times_exponential(pair_scaled(pair_product(M, w), -1.0), half), x);
    double slope = times_exponential(pair_scaled(pair_product(w, w), 4.0), pair_sum(half, pair_of(-at_most(fabs(x), most))));
    return (partials){value, slope, -rate * value};
}

/* y = z·tanh(x) + (1 - z)·h, z = sigma(x + h).  With s = x + h, E = e^-|s|, w = 1/(1 + E): z and 1 - z are w and E·w, in
   the order of the sign of s; z' = E·w^2;  by x: z·(1 - tanh^2) + (tanh - h)·z',  by h: (1 - z) + (tanh - h)·z'. */
SP_INLINE partials gated_tanh_of(double x, double h, double p, double q) {
    (void)p, (void)q;
    const double plain = x + h;
    double finite = at_most(at_least(h, -REAL_MAX), REAL_MAX);
    pair s = pair_clamped(two_sum(x, h), 1e300);
    const int negative = s.hi < 0.0;
    exponential e = exponential_of(minus_magnitude(s), FULL);
    pair E = pair_scaled(exp_pair(e), UNSCALE(e)), w = pair_reciprocal(pair_sum(pair_of(1.0), E));
    tanh_parts t = tanh_of(pair_of(x), FULL);
    pair T = pair_scaled(t.value, x < 0.0 ? -1.0 : 1.0);
    pair A = pair_select(negative, E, pair_of(1.0)), B = pair_select(negative, pair_of(1.0), E);
    pair y = pair_product(pair_sum(pair_product(A, T), pair_times(B, finite)), w);
    pair bend = pair_product(pair_product(pair_sum(T, pair_of(-finite)), E), pair_product(w, w));
    pair by_x = pair_sum(pair_product(pair_product(A, w), pair_scaled(t.slope, t.unscale)), bend);
    pair by_h = pair_sum(pair_product(B, w), bend);
    double value = negative && h < -REAL_MAX ? h : value_of(y);
    value = value == 0.0 ? copysign(value, plain) : value; /* -0 where x and h are */
    return (partials){plain == plain ? value : plain, plain == plain ? value_of(by_x) : plain,
                        plain == plain ? value_of(by_h) : plain};
}

#define GATE(name)                                                                                                     \
    static NOINLINE void name##_value(ptrdiff_t n, const real *a, const real *b, double p, double q, real *out) {      \
        INDEPENDENT                                                                                                    \
        for (ptrdiff_t i = 0; i < n; i++)                                                                              \
            out[i] = (real)name##_of(a[i], b[i], p, q).value;                                                          \
    }                                                                                                                  \
    static NOINLINE void name##_gradients(ptrdiff_t n, const real *a, const real *b, const real *g, double p, double q, \
                                          real *out0, real *out1) {                                                    \
        INDEPENDENT                                                                                                    \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            double weight = g[i];                                                                                      \
            partials y = name##_of(a[i], b[i], p, q);                                                                  \
            out0[i] = (real)(weight * y.by_first);                                                                     \
            out1[i] = (real)(weight * y.by_second);                                                                    \
        }                                                                                                              \
    }
#if SP_HAS_VECTORS
/* ---- in vectors, in stages as those of stages.h ----

     name_place_of(a, b, p, q)                  where in its tables the next stage finds what it needs; name_has_place
     name_first(a, b, place, p, q, want, kept)  what waits for the last one, as name_kept
     name_vector(a, b, kept, p, q, &far)        the value, rounded once
     name_slopes(a, b, kept, p, q)              the derivatives by both numbers, and `far`

   Pairs do not hold what is next to zero, where low words underflow, nor what is beyond the exponential. */

#define V_LARGE (SP_DOUBLE ? (real)0x1p1000 : (real)0x1p120)
typedef struct {
    reals_pair by_first, by_second;
    mask far;
} partials_vector;

/* a·b, rounded once; not where the result is so small that low words underflow */
SP_INLINE reals last_product_vector(reals_pair a, reals_pair b, mask *far) {
    const reals y = v_rounded_product(a, b);
    *far = v_either(*far, v_nearly_zero(y));
    return y;
}
/* weight·a, rounded once: the low product of zeros is +0, which leaves the sign to the high one.  Not where the low product
   could overflow. */
SP_INLINE reals weighted(reals weight, reals_pair a, mask *far) {
    const reals y = v_fms(weight, a.hi, v_fnma(weight, a.lo, v_set(0)));
    *far = v_either(*far, v_either(v_nearly_zero(y), v_beyond(y, V_LARGE)));
    return y;
}
/* Where low words of a product may have underflowed, or all of it.  A product that is 0 because `factor` is 0 is right. */
SP_INLINE mask v_too_small(reals product, reals factor) {
    const reals least = v_floats(v_set_words(V_POWER_OF_TWO(V_NEARLY_ZERO)));
    return v_both(v_less(v_abs(product), least), v_not_equal(factor, v_set(0)));
}
SP_INLINE reals_pair v_pair_minus(reals_pair a) { return (reals_pair){v_minus(a.hi), v_minus(a.lo)}; }
SP_INLINE reals_exponent minus_magnitude_vector(reals_pair z) {
    return (reals_exponent){v_or(z.hi, SIGN), v_exclusive_or(z.lo, v_and_not(z.hi, SIGN)), 0};
}

/* The first stages of a gate that raises e to some numbers: name_exponents gives these, and name_keep takes the powers.
   e^z - 1 is wanted of the first of two. */
#define GATE_BY_POWERS(name, powers, kept_of_name)                                                                     \
    enum { name##_has_place = V_EXP_BY_ROWS };                                                                         \
    typedef kept_of_name name##_kept;                                                                                  \
    typedef struct {                                                                                                   \
        words of[powers];                                                                                              \
    } name##_place;                                                                                                    \
    SP_INLINE void name##_exponents(reals a, reals b, reals_parameter p, reals_parameter q, reals_exponent *z);        \
    SP_INLINE name##_place name##_place_of(reals a, reals b, reals_parameter p, reals_parameter q) {                   \
        reals_exponent z[powers];                                                                                      \
        name##_place place;                                                                                            \
        name##_exponents(a, b, p, q, z);                                                                               \
        UNROLLED for (int k = 0; k < (powers); k++) place.of[k] = v_exp_place(z[k]);                                   \
        return place;                                                                                                  \
    }                                                                                                                  \
    SP_INLINE void name##_first(reals a, reals b, const name##_place *place, reals_parameter p, reals_parameter q,     \
                                int want, name##_kept *k) {                                                            \
        reals_exponent z[powers];                                                                                      \
        reals_exp e[powers];                                                                                           \
        (void)want;                                                                                                    \
        name##_exponents(a, b, p, q, z);                                                                               \
        UNROLLED for (int i = 0; i < (powers); i++) e[i] =                                                             \
            v_exp_parts(z[i], &place->of[i], i < (powers) - 1 ? V_EXPM1 : V_EXP_WHOLE);                                \
        name##_keep(e, k);                                                                                             \
    }
/* of e^z alone, which waits as a pair */
#define GATE_BY_EXP(name)                                                                                              \
    SP_INLINE void name##_keep(const reals_exp *e, reals_pair *E) { v_whole_power_of(e[0], 0, E); }                    \
    GATE_BY_POWERS(name, 1, reals_pair)

/* gaussian_glu: z = (a - mean)/std; z^2/2 is at most V_EXP_LIMIT */
GATE_BY_EXP(gaussian_glu)
SP_INLINE reals_pair standardized(reals a, reals_parameter mean, reals_parameter std) {
    const reals_pair from = v_two_sum(a, v_minus(mean.pair.hi)), whole = v_fast_two_sum(from.hi, from.lo - mean.pair.lo);
    const mask exact = v_equal(mean.pair.lo, v_set(0)); /* where `whole` would lose the sign of -0 */
    return v_quotient(v_pair_select(exact, from, whole), v_reciprocal(std.pair));
}
SP_INLINE void gaussian_glu_exponents(reals a, reals b, reals_parameter mean, reals_parameter std, reals_exponent *z) {
    (void)b;
    const reals_pair at = standardized(a, mean, std), half = {at.hi * v_set((real)-0.5), at.lo * v_set((real)-0.5)};
    z[0] = v_exponent_of_pair(v_pair_product(at, half));
}
/* Next to the mean, a pair of floats has too few digits of it. */
SP_INLINE mask gaussian_glu_far(reals a, reals b, reals_pair z, reals_parameter mean, reals_parameter std) {
    mask far = v_either(v_beyond(z.hi, SP_DOUBLE ? (real)37 : (real)10.5), v_either(v_tiny(b), v_beyond(b, V_LARGE)));
    if (!SP_DOUBLE)
        far = v_either(far, v_less(v_abs(a - mean.pair.hi), v_abs(mean.pair.hi) * v_set((real)0x1p-8)));
    return v_either(far, v_either(v_parameter_large(mean), v_parameter_beyond(std)));
}
SP_INLINE reals gaussian_glu_vector(reals a, reals b, const reals_pair *E, reals_parameter mean, reals_parameter std,
                                    mask *far) {
    *far = gaussian_glu_far(a, b, standardized(a, mean, std), mean, std);
    return v_with_sign(v_abs(last_product_vector(*E, (reals_pair){b, v_set(0)}, far)), b); /* -0 */
}
SP_INLINE partials_vector gaussian_glu_slopes(reals a, reals b, const reals_pair *E, reals_parameter mean,
                                              reals_parameter std) {
    const reals_pair z = standardized(a, mean, std), slope = v_pair_product(z, v_pair_minus(v_pair_of(v_reciprocal(std.pair))));
    const reals_pair density = v_pair_product(slope, *E);
    partials_vector y = {v_pair_times(density, b), *E, gaussian_glu_far(a, b, z, mean, std)};
    y.far = v_either(y.far, v_either(v_nearly_zero(z.hi), v_beyond(y.by_first.hi, V_LARGE)));
    y.far = v_either(y.far, v_either(v_too_small(density.hi, z.hi), v_too_small(y.by_first.hi, b)));
    return y;
}

/* what the gates of recurrent networks keep: e^-2|x|, and the other power */
typedef struct {
    reals_exp e;
    reals_pair E;
} recurrent_kept;
#define GATE_BY_TANH(name)                                                                                             \
    SP_INLINE void name##_keep(const reals_exp *e, recurrent_kept *k) {                                                \
        k->e = e[0];                                                                                                   \
        v_whole_power_of(e[1], 0, &k->E);                                                                              \
    }                                                                                                                  \
    GATE_BY_POWERS(name, 2, recurrent_kept)
/* tanh'(x) = 4·e/(1 + e)^2 from e = e^-2|x| */
SP_INLINE reals_pair tanh_slope_pair(reals_exp e) {
    reals_pair E;
    v_whole_power_of(e, 0, &E);
    const reals_reciprocal sigma = v_over_one_plus(E);
    const reals_pair y = v_pair_product(v_quotient(E, sigma), v_pair_of(sigma));
    return (reals_pair){y.hi * v_set(4), y.lo * v_set(4)};
}
SP_INLINE mask tanh_gate_far(reals x) { return v_either(v_beyond(x, V_EXP_LIMIT / 2), v_nearly_zero(x)); }

GATE_BY_TANH(time_aware_tanh)
SP_INLINE reals_exponent fading(reals t, reals_parameter rate) { return v_exponent_times(v_minus(t), rate); }
SP_INLINE void time_aware_tanh_exponents(reals x, reals t, reals_parameter rate, reals_parameter q, reals_exponent *z) {
    (void)q;
    z[0] = tanh_exponent(x);
    z[1] = fading(t, rate);
}
SP_INLINE mask time_aware_tanh_far(reals x, reals t, reals_parameter rate) {
    const mask far = v_either(v_beyond(fading(t, rate).hi, V_EXP_LIMIT), v_parameter_beyond(rate));
    return v_either(far, tanh_gate_far(x));
}
SP_INLINE reals time_aware_tanh_vector(reals x, reals t, const recurrent_kept *k, reals_parameter rate, reals_parameter q,
                                       mask *far) {
    (void)q;
    *far = time_aware_tanh_far(x, t, rate);
    return v_with_sign(v_abs(last_product_vector(v_tanh_of(v_expm1_of(k->e)), k->E, far)), x);
}
SP_INLINE partials_vector time_aware_tanh_slopes(reals x, reals t, const recurrent_kept *k, reals_parameter rate,
                                                 reals_parameter q) {
    (void)q;
    reals_pair value = v_pair_product(v_tanh_of(v_expm1_of(k->e)), k->E);
    const reals flip = v_exclusive_or(v_and(x, SIGN), SIGN);
    value = (reals_pair){v_exclusive_or(value.hi, flip), v_exclusive_or(value.lo, flip)};
    partials_vector y = {v_pair_product(tanh_slope_pair(k->e), k->E), v_pair_product(value, rate.pair),
                         time_aware_tanh_far(x, t, rate)};
    y.far = v_either(y.far, v_either(v_too_small(y.by_first.hi, ONE), v_too_small(value.hi, x)));
    y.far = v_either(y.far, v_either(v_too_small(y.by_second.hi, x), v_beyond(y.by_second.hi, V_LARGE)));
    return y;
}

GATE_BY_TANH(gated_tanh)
SP_INLINE void gated_tanh_exponents(reals x, reals h, reals_parameter p, reals_parameter q, reals_exponent *z) {
    (void)p, (void)q;
    z[0] = tanh_exponent(x);
    z[1] = minus_magnitude_vector(v_two_sum(x, h));
}
/* tanh(x), and A·w = z, B·w = 1 - z */
typedef struct {
    reals_pair tanh, A, B;
    reals_reciprocal w;
} gated_parts;
SP_INLINE gated_parts gated_parts_of(reals x, reals h, const recurrent_kept *k) {
    const mask negative = v_less(x + h, v_set(0));
    const reals_pair one = {ONE, v_set(0)}, T = v_tanh_of(v_expm1_of(k->e));
    const reals sign = v_and(x, SIGN);
    return (gated_parts){{v_exclusive_or(T.hi, sign), v_exclusive_or(T.lo, sign)}, v_pair_select(negative, k->E, one),
                         v_pair_select(negative, one, k->E), v_over_one_plus(k->E)};
}
SP_INLINE reals_pair v_pair_sum(reals_pair a, reals_pair b) {
    const reals_pair s = v_two_sum(a.hi, b.hi);
    return v_fast_two_sum(s.hi, s.lo + (a.lo + b.lo));
}
SP_INLINE mask gated_tanh_far(reals x, reals h) {
    return v_either(v_beyond(x, V_EXP_LIMIT / 2), v_beyond(h, V_EXP_LIMIT / 2));
}
SP_INLINE reals gated_tanh_vector(reals x, reals h, const recurrent_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    const gated_parts g = gated_parts_of(x, h, k);
    const reals_pair s = v_pair_sum(v_pair_product(g.A, g.tanh), v_pair_times(g.B, h));
    const reals y = v_fma(s.hi, g.w.w, v_fma(s.lo, g.w.w, (s.hi * g.w.w) * g.w.rest));
    *far = v_either(gated_tanh_far(x, h), v_nearly_zero(y));
    return v_select(v_equal(y, v_set(0)), v_and(x + h, SIGN), y); /* -0 where x and h are */
}
SP_INLINE partials_vector gated_tanh_slopes(reals x, reals h, const recurrent_kept *k, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    const gated_parts g = gated_parts_of(x, h, k);
    const reals_pair w = v_pair_of(g.w), apart = v_pair_sum(g.tanh, (reals_pair){v_minus(h), v_set(0)});
    const reals_pair bend = v_pair_product(v_pair_product(apart, k->E), v_pair_product(w, w));
    partials_vector y = {v_pair_sum(v_pair_product(v_pair_product(g.A, w), tanh_slope_pair(k->e)), bend),
                         v_pair_sum(v_pair_product(g.B, w), bend), gated_tanh_far(x, h)};
    y.far = v_either(y.far, v_either(v_nearly_zero(y.by_first.hi), v_nearly_zero(y.by_second.hi)));
    return y;
}
#if SP_DOUBLE
#define EACH_GATE_IN_VECTORS(X) X(gaussian_glu) X(time_aware_tanh) X(gated_tanh)
#else
/* ---- float32 only: float64 takes the loops of the activations ---- */

GATE_BY_EXP(glu)
SP_INLINE void glu_exponents(reals a, reals b, reals_parameter p, reals_parameter q, reals_exponent *z) {
    (void)a, (void)p, (void)q;
    z[0] = v_exponent(v_minus(b));
}
GATE_BY_EXP(swiglu)
SP_INLINE void swiglu_exponents(reals a, reals b, reals_parameter beta, reals_parameter q, reals_exponent *z) {
    (void)b, (void)q;
    z[0] = v_exponent_times(v_minus(a), beta);
}
GATE_BY_EXP(geglu_sigmoid)
SP_INLINE void geglu_sigmoid_exponents(reals a, reals b, reals_parameter p, reals_parameter q, reals_exponent *z) {
    (void)b;
    z[0] = gelu_sigmoid_exponent(a, p, q);
}
GATE_BY_EXP(geglu_tanh)
SP_INLINE void geglu_tanh_exponents(reals a, reals b, reals_parameter p, reals_parameter q, reals_exponent *z) {
    (void)b;
    z[0] = gelu_tanh_exponent(a, p, q);
}

/* factor·sigma(z), rounded once.  Not where e^-z or the factor is out of range, nor for a factor or a result so small that low
   words underflow. */
SP_INLINE reals gated_vector(reals_pair factor, reals_pair E, reals z, mask *far) {
    reals_reciprocal sigma = v_over_one_plus(E);
    reals y = v_fma(factor.hi, sigma.w, v_fma(factor.lo, sigma.w, (factor.hi * sigma.w) * sigma.rest));
    *far = v_either(v_beyond(z, V_EXP_LIMIT), v_either(v_beyond(factor.hi, V_LARGE), v_nearly_zero(y)));
    *far = v_either(*far, v_nearly_zero(factor.hi));
    return v_with_sign(y, factor.hi); /* -0 */
}
SP_INLINE reals glu_vector(reals a, reals b, const reals_pair *E, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    return gated_vector((reals_pair){a, v_set(0)}, *E, b, far);
}
/* beta may be 0, but not so small that its low word underflows */
SP_INLINE mask swiglu_far(reals_parameter beta) { return v_smaller(beta.pair.hi, -60); }
SP_INLINE reals swiglu_vector(reals a, reals b, const reals_pair *E, reals_parameter beta, reals_parameter q, mask *far) {
    (void)q;
    const reals y = gated_vector(v_two_product(a, b), *E, v_exponent_times(a, beta).hi, far);
    *far = v_either(*far, swiglu_far(beta));
    return y;
}
SP_INLINE reals geglu_sigmoid_vector(reals a, reals b, const reals_pair *E, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    return gated_vector(v_two_product(a, b), *E, gelu_sigmoid_times(a).hi, far);
}
SP_INLINE reals geglu_tanh_vector(reals a, reals b, const reals_pair *E, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    const reals y = gated_vector(v_two_product(a, b), *E, v_set(0), far); /* z is held where a is large */
    *far = v_either(*far, v_not_at_most(v_set(-8), a));
    return y;
}

/* of act(gate)·v from act(gate), act'(gate) and where these are not served */
SP_INLINE partials_vector self_gated_slopes(reals_pair value, reals_pair slope, reals v, mask far) {
    partials_vector y = {v_pair_times(slope, v), value, v_either(far, v_beyond(v, V_LARGE))};
    y.far = v_either(y.far, v_either(v_tiny(v), v_either(v_nearly_zero(y.by_first.hi), v_nearly_zero(value.hi))));
    return y;
}
SP_INLINE partials_vector glu_slopes(reals a, reals b, const reals_pair *E, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    const reals_reciprocal sigma = v_over_one_plus(*E);
    const reals_pair s = v_pair_of(sigma);
    const partials_vector y = self_gated_slopes(s, v_pair_product(s, v_quotient(*E, sigma)), a, v_beyond(b, V_EXP_LIMIT));
    return (partials_vector){y.by_second, y.by_first, y.far};
}
/* act(a) = a·sigma(z) */
SP_INLINE partials_vector sigma_gated_slopes(reals a, reals b, reals_pair E, reals_pair slope, mask far) {
    return self_gated_slopes(v_pair_times(v_pair_of(v_over_one_plus(E)), a), slope, b, v_either(far, v_tiny(a)));
}
SP_INLINE partials_vector swish_slopes(reals a, reals b, reals_pair E, reals_exponent z) {
    mask far;
    const reals_pair slope = swish_slope_pair(z, E, &far);
    return sigma_gated_slopes(a, b, E, slope, far);
}
SP_INLINE partials_vector swiglu_slopes(reals a, reals b, const reals_pair *E, reals_parameter beta, reals_parameter q) {
    (void)q;
    partials_vector y = swish_slopes(a, b, *E, v_exponent_times(a, beta));
    y.far = v_either(y.far, v_either(v_beyond(a, V_LARGE), swiglu_far(beta))); /* a may be large where beta is 0 */
    return y;
}
SP_INLINE partials_vector geglu_sigmoid_slopes(reals a, reals b, const reals_pair *E, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    return swish_slopes(a, b, *E, gelu_sigmoid_times(a));
}
SP_INLINE partials_vector geglu_tanh_slopes(reals a, reals b, const reals_pair *E, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    mask far;
    const reals_pair slope = gelu_tanh_slope_pair(a, *E, &far);
    return sigma_gated_slopes(a, b, *E, slope, v_either(far, v_beyond(a, V_LARGE)));
}
/* by the tails of gelu, which have fewer digits than the powers above */
enum { geglu_has_place = gelu_has_place };
typedef gelu_place geglu_place;
typedef gelu_kept geglu_kept;
SP_INLINE geglu_place geglu_place_of(reals a, reals b, reals_parameter p, reals_parameter q) {
    (void)b;
    return gelu_place_of(a, p, q);
}
SP_INLINE void geglu_first(reals a, reals b, const geglu_place *place, reals_parameter p, reals_parameter q, int want,
                           geglu_kept *k) {
    (void)b;
    gelu_first(a, place, p, q, want, k);
}
SP_INLINE mask geglu_far(reals a) {
    return v_either(v_either(v_not_at_most(v_set(-GELU_END), a), v_beyond(a, V_LARGE)), v_nearly_zero(a));
}
SP_INLINE reals geglu_vector(reals a, reals b, const gelu_kept *k, reals_parameter p, reals_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_either(geglu_far(a), v_beyond(b, V_LARGE));
    const reals y = last_product_vector(gelu_pair(a, k), (reals_pair){b, v_set(0)}, far);
    return v_with_sign(v_abs(y), v_exclusive_or(a, b)); /* -0 */
}
SP_INLINE partials_vector geglu_slopes(reals a, reals b, const gelu_kept *k, reals_parameter p, reals_parameter q) {
    (void)p, (void)q;
    return self_gated_slopes(gelu_pair(a, k), gelu_whole_slope(a, k), b, geglu_far(a));
}
#define EACH_GATE_IN_VECTORS(X)                                                                                        \
    X(glu) X(geglu) X(geglu_sigmoid) X(geglu_tanh) X(swiglu) X(gaussian_glu) X(time_aware_tanh) X(gated_tanh)
#endif

/* backward: a constant of the two functions below */
#define GATE_IN_VECTORS(name)                                                                                          \
    SP_INLINE void name##_in_vectors(int backward, ptrdiff_t n, const real *a, const real *b, const real *g, double p, \
                                     double q, real *out0, real *out1) {                                               \
        const reals_parameter first = v_parameter(&p, 0, 0), second = v_parameter(&q, 0, 0);                           \
        const int want = backward ? V_VALUE | V_SLOPE : V_VALUE;                                                       \
        name##_place place[name##_has_place ? V_BLOCK / V_LANES : 1];                                                  \
        name##_kept kept[V_BLOCK / V_LANES];                                                                           \
        for (ptrdiff_t start = 0; start < n; start += V_BLOCK) {                                                       \
            const ptrdiff_t end = n - start < V_BLOCK ? n : start + V_BLOCK;                                           \
            for (ptrdiff_t i = start, j = 0; name##_has_place && i < end; i += V_LANES, j++)                           \
                place[j] = name##_place_of(v_load(a + i), v_load(b + i), first, second);                               \
            for (ptrdiff_t i = start, j = 0; i < end; i += V_LANES, j++) {                                             \
                const reals u = v_load(a + i), v = v_load(b + i);                                                      \
                if (!name##_has_place)                                                                                 \
                    place[0] = name##_place_of(u, v, first, second);                                                   \
                name##_first(u, v, &place[name##_has_place ? j : 0], first, second, want, &kept[j]);                   \
            }                                                                                                          \
            for (ptrdiff_t i = start; i < end; i += SP_STEP) {                                                         \
                reals y0[RESULTS], y1[RESULTS];                                                                        \
                mask far[RESULTS], any = v_none();                                                                     \
                const name##_kept *of = kept + (i - start) / V_LANES;                                                  \
                UNROLLED for (int k = 0; k < RESULTS; k++) {                                                           \
                    const reals u = v_load(a + i + k * V_LANES), v = v_load(b + i + k * V_LANES);                      \
                    if (backward) {                                                                                    \
                        const partials_vector y = name##_slopes(u, v, &of[k], first, second);                          \
                        const reals weight = v_load(g + i + k * V_LANES);                                              \
                        far[k] = v_either(y.far, v_beyond(weight, V_LARGE));                                           \
                        y0[k] = weighted(weight, y.by_first, &far[k]);                                                 \
                        y1[k] = weighted(weight, y.by_second, &far[k]);                                                \
                    } else                                                                                             \
                        y0[k] = name##_vector(u, v, &of[k], first, second, &far[k]);                                   \
                    any = v_either(any, far[k]);                                                                       \
                }                                                                                                      \
                if (__builtin_expect(v_any(any), 0)) {                                                                 \
                    real exact0[SP_STEP], exact1[SP_STEP];                                                             \
                    if (backward)                                                                                      \
                        name##_gradients(SP_STEP, a + i, b + i, g + i, p, q, exact0, exact1);                          \
                    else                                                                                               \
                        name##_value(SP_STEP, a + i, b + i, p, q, exact0);                                             \
                    UNROLLED for (int k = 0; k < RESULTS; k++) {                                                       \
                        y0[k] = v_select(far[k], v_load(exact0 + k * V_LANES), y0[k]);                                 \
                        if (backward)                                                                                  \
                            y1[k] = v_select(far[k], v_load(exact1 + k * V_LANES), y1[k]);                             \
                    }                                                                                                  \
                }                                                                                                      \
                UNROLLED for (int k = 0; k < RESULTS; k++) {                                                           \
                    v_store(out0 + i + k * V_LANES, y0[k]);                                                            \
                    if (backward)                                                                                      \
                        v_store(out1 + i + k * V_LANES, y1[k]);                                                        \
                }                                                                                                      \
            }                                                                                                          \
        }                                                                                                              \
    }                                                                                                                  \
    static NOINLINE void name##_value_in_vectors(ptrdiff_t n, const real *a, const real *b, double p, double q,        \
                                                 real *out) {                                                          \
        name##_in_vectors(0, n, a, b, 0, p, q, out, 0);                                                                \
    }                                                                                                                  \
    static NOINLINE void name##_gradients_in_vectors(ptrdiff_t n, const real *a, const real *b, const real *g, double p, \
                                                     double q, real *out0, real *out1) {                               \
        name##_in_vectors(1, n, a, b, g, p, q, out0, out1);                                                            \
    }
#endif

#if SP_HAS_FLOAT_VECTORS
/* reglu: every product is exact but the last one, NaN counts as positive */
SP_INLINE void reglu_in_vectors(int backward, ptrdiff_t n, const real *a, const real *b, const real *g, real *out0,
                                real *out1) {
    for (ptrdiff_t i = 0; i < n; i += V_LANES) {
        const reals gate = v_load(a + i), v = v_load(b + i), weight = backward ? v_load(g + i) : v;
        const mask positive = v_not_at_most(gate, v_set(0));
        const reals value = v_keep(positive, gate);
        v_store(backward ? out1 + i : out0 + i, value * weight);
        if (backward)
            v_store(out0 + i, weight * (v_unless_nan(gate, v_keep(positive, ONE)) * v));
    }
}
static NOINLINE void reglu_value_in_vectors(ptrdiff_t n, const real *a, const real *b, double p, double q, real *out) {
    (void)p, (void)q;
    reglu_in_vectors(0, n, a, b, 0, out, 0);
}
static NOINLINE void reglu_gradients_in_vectors(ptrdiff_t n, const real *a, const real *b, const real *g, double p, double q,
                                                real *out0, real *out1) {
    (void)p, (void)q;
    reglu_in_vectors(1, n, a, b, g, out0, out1);
}
#endif

#if SP_DOUBLE
enum { GATE_BLOCK = 256 };
/* of act(gate)·v, by the loops of the activation: the product, or g times the derivatives by both; out may be gate or
   v */
static void run_activation_gate(int code, int backward, ptrdiff_t n, const real *gate, const real *v, const real *g,
                                const double *p, real *by_gate, real *by_v) {
    const double *const parameters[SP_MAX_PARAMETERS] = {p, p + 1};
    sp_loop *loop = find_loop(code, backward ? SP_VALUE_AND_DERIVATIVE : SP_VALUE, 0);
    for (ptrdiff_t i = 0; i < n; i += GATE_BLOCK) {
        const ptrdiff_t m = n - i < GATE_BLOCK ? n - i : GATE_BLOCK;
        real value[GATE_BLOCK], slope[GATE_BLOCK];
        loop(m, gate + i, 0, parameters, value, slope);
        INDEPENDENT
        for (ptrdiff_t j = 0; j < m; j++) {
            if (backward) {
                by_gate[i + j] = g[i + j] * (slope[j] * v[i + j]);
                by_v[i + j] = g[i + j] * value[j];
            } else
                by_gate[i + j] = value[j] * v[i + j];
        }
    }
}
#define SP_ACTIVATION_GATE(name, activation, gate, other)
#endif

#define SP_GATE GATE
#include "gates.inc"
#undef SP_GATE
#if SP_HAS_VECTORS
EACH_GATE_IN_VECTORS(GATE_IN_VECTORS)
#endif

static void run_gate(sp_gate_function function, int backward, ptrdiff_t n, const void *a, const void *b, const void *g,
                     const double *p, void *out0, void *out1) {
    n &= -(ptrdiff_t)SP_STEP;
#if SP_HAS_VECTORS
    switch (function) {
#define CASE_IN_VECTORS(name)                                                                                          \
    case SP_GATE_##name:                                                                                               \
        if (backward)                                                                                                  \
            name##_gradients_in_vectors(n, a, b, g, p[0], p[1], out0, out1);                                           \
        else                                                                                                           \
            name##_value_in_vectors(n, a, b, p[0], p[1], out0);                                                        \
        return;
        EACH_GATE_IN_VECTORS(CASE_IN_VECTORS)
#if !SP_DOUBLE
        CASE_IN_VECTORS(reglu)
#endif
    default: break;
    }
#endif
    switch (function) {
#if SP_DOUBLE
#define GRADIENT_BY_a out0
#define GRADIENT_BY_b out1
#define SP_ACTIVATION_GATE(name, activation, gate, other)                                                              \
    case SP_GATE_##name:                                                                                               \
        run_activation_gate(SP_CODE_##activation, backward, n, gate, other, g, p, backward ? GRADIENT_BY_##gate : out0, \
                            GRADIENT_BY_##other);                                                                      \
        break;
#endif
#define SP_GATE(name)                                                                                                  \
    case SP_GATE_##name:                                                                                               \
        if (backward)                                                                                                  \
            name##_gradients(n, a, b, g, p[0], p[1], out0, out1);                                                      \
        else                                                                                                           \
            name##_value(n, a, b, p[0], p[1], out0);                                                                   \
        break;
#include "gates.inc"
#undef SP_GATE
    default: break;
    }
}
#endif
