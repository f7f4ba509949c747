/* Functions of two numbers: the gated linear units, and the two of recurrent networks.

   A text gives the value and both derivatives, each loop uses what it stores.  float32 is computed in double and rounded
   once; some gated linear units are computed in vectors, as products of pairs that are rounded once too: 0.51 ulp, and 0.7
   for gradients next to the root of an activation's derivative.  float64 keeps low words where something would be lost
   otherwise; the gated linear units are the product of an activation's result, from its own loop, and the other number,
   each rounded: less than 2 ulp. */
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
    return (partials){round_once(pair_times(E, b), UNSCALE(e)), round_once(pair_times(slope, b), UNSCALE(e)), gate};
}

/* p·E/unscale rounded once, whatever its size */
SP_INLINE double last_product(pair p, pair E, double unscale) {
    double plain = p.hi * E.hi * unscale;
    return fabs(plain) <= REAL_MAX ? round_once(pair_product(p, E), unscale) : plain;
}

/* tanh(x)·e^(-decay_rate·t), as tanh(x)·e^(u/2)·e^(u/2), which neither overflows nor underflows before the result
   does */
SP_INLINE partials time_aware_tanh_of(double x, double t, double rate, double q) {
    (void)q;
    pair half = pair_scaled(pair_clamped(two_product(t, -rate), 1400.0), 0.5);
    exponential e = exponential_of(half, FULL);
    pair E = exp_pair(e);
    tanh_parts y = tanh_of(pair_of(x), FULL);
    const int deep = SP_DOUBLE && half.hi < -300.0;
    const double up = deep ? 0x1p256 * UNSCALE(e) : 1.0, down = deep ? 0x1p-256 * UNSCALE(e) : 1.0;
    double value = copysign(last_product(pair_scaled(pair_product(y.value, E), up), E, down), x);
    double slope = last_product(pair_scaled(pair_product(y.slope, E), up), E, down * y.unscale);
    return (partials){value, slope, -rate * value};
}

/* y = z·tanh(x) + (1 - z)·h, z = sigma(x + h).  With s = x + h, E = e^-|s|, w = 1/(1 + E): z and 1 - z are w and E·w, in
   the order of the sign of s; z' = E·w^2;  by x: z·(1 - tanh^2) + (tanh - h)·z',  by h: (1 - z) + (tanh - h)·z'. */
SP_INLINE partials gated_tanh_of(double x, double h, double p, double q) {
    (void)p, (void)q;
    const double far = 1e30, plain = x + h;
    double finite = at_most(at_least(h, -REAL_MAX), REAL_MAX);
    pair s = two_sum(at_most(at_least(x, -far), far), at_most(at_least(h, -far), far));
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
    value = value == 0.0 ? copysign(value, x) : value; /* x and h are -0 */
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
#if SP_HAS_FLOAT_VECTORS
/* ---- in vectors of float: name_minus_z is the exponent of E = e^-z, from which the second stage forms what it stores ---- */

SP_INLINE reals_exponent glu_minus_z(reals a, reals b, reals_parameter p) {
    (void)a, (void)p;
    return v_exponent(v_minus(b));
}
SP_INLINE reals_exponent swiglu_minus_z(reals a, reals b, reals_parameter beta) {
    (void)b;
    return v_exponent_times(v_minus(a), beta);
}
SP_INLINE reals_exponent geglu_sigmoid_minus_z(reals a, reals b, reals_parameter p) {
    (void)b;
    return gelu_sigmoid_exponent(a, p, p);
}

/* factor·sigma(z), rounded once.  Not where e^-z or the factor is out of range, nor for a factor or a result so small that low
   words underflow. */
SP_INLINE reals gated_vector(reals_pair factor, reals_pair E, reals z, mask *far) {
    reals_reciprocal sigma = v_over_one_plus(E);
    reals y = v_fma(factor.hi, sigma.w, v_fma(factor.lo, sigma.w, (factor.hi * sigma.w) * sigma.rest));
    *far = v_either(v_beyond(z, V_EXP_LIMIT), v_either(v_beyond(factor.hi, 0x1p120f), v_nearly_zero(y)));
    *far = v_either(*far, v_nearly_zero(factor.hi));
    return v_with_sign(y, factor.hi); /* -0 */
}
SP_INLINE reals glu_vector(reals a, reals b, reals_pair E, reals_parameter p, mask *far) {
    return gated_vector((reals_pair){a, v_set(0)}, E, glu_minus_z(a, b, p).hi, far);
}
SP_INLINE reals swiglu_vector(reals a, reals b, reals_pair E, reals_parameter beta, mask *far) {
    return gated_vector(v_two_product(a, b), E, swiglu_minus_z(a, b, beta).hi, far);
}
SP_INLINE reals geglu_sigmoid_vector(reals a, reals b, reals_pair E, reals_parameter p, mask *far) {
    return gated_vector(v_two_product(a, b), E, geglu_sigmoid_minus_z(a, b, p).hi, far);
}

/* The derivatives by both numbers, and where pairs of floats do not hold them: next to zero, where low words underflow, and
   beyond the exponential. */
typedef struct {
    reals_pair by_first, by_second;
    mask far;
} partials_vector;

/* of act(gate)·v from act(gate), act'(gate) and where these are not served */
SP_INLINE partials_vector self_gated_slopes(reals_pair value, reals_pair slope, reals v, mask far) {
    partials_vector y = {v_pair_times(slope, v), value, v_either(far, v_beyond(v, 0x1p120f))};
    y.far = v_either(y.far, v_either(v_tiny(v), v_either(v_nearly_zero(y.by_first.hi), v_nearly_zero(value.hi))));
    return y;
}
SP_INLINE partials_vector glu_slopes(reals a, reals b, reals_pair E, reals_parameter p) {
    (void)p;
    const reals_reciprocal sigma = v_over_one_plus(E);
    const reals_pair s = v_pair_of(sigma);
    const partials_vector y = self_gated_slopes(s, v_pair_product(s, v_quotient(E, sigma)), a, v_beyond(b, V_EXP_LIMIT));
    return (partials_vector){y.by_second, y.by_first, y.far};
}
SP_INLINE partials_vector swish_slopes(reals a, reals b, reals_pair E, reals_exponent z) {
    mask far;
    const reals_pair slope = swish_slope_pair(z, E, &far);
    return self_gated_slopes(v_pair_times(v_pair_of(v_over_one_plus(E)), a), slope, b, v_either(far, v_tiny(a)));
}
SP_INLINE partials_vector swiglu_slopes(reals a, reals b, reals_pair E, reals_parameter beta) {
    partials_vector y = swish_slopes(a, b, E, v_exponent_times(a, beta));
    y.far = v_either(y.far, v_beyond(a, 0x1p120f)); /* where beta is 0 */
    return y;
}
SP_INLINE partials_vector geglu_sigmoid_slopes(reals a, reals b, reals_pair E, reals_parameter p) {
    (void)p;
    return swish_slopes(a, b, E, gelu_sigmoid_times(a));
}
/* weight·a, rounded once: the low product of zeros is +0, which leaves the sign to the high one */
SP_INLINE reals weighted(reals weight, reals_pair a, mask *far) {
    const reals y = v_fms(weight, a.hi, v_fnma(weight, a.lo, v_set(0)));
    *far = v_either(*far, v_nearly_zero(y));
    return y;
}

/* backward: a constant of the two functions below */
#define GATE_IN_VECTORS(name)                                                                                          \
    SP_INLINE void name##_in_vectors(int backward, ptrdiff_t n, const real *a, const real *b, const real *g, double p, \
                                     double q, real *out0, real *out1) {                                               \
        const reals_parameter parameter = v_parameter(&p, 0, 0);                                                       \
        reals_pair E[V_BLOCK / V_LANES];                                                                               \
        for (ptrdiff_t start = 0; start < n; start += V_BLOCK) {                                                       \
            const ptrdiff_t end = n - start < V_BLOCK ? n : start + V_BLOCK;                                           \
            for (ptrdiff_t i = start, j = 0; i < end; i += V_LANES, j++)                                               \
                v_whole_power_of(v_exp_parts(name##_minus_z(v_load(a + i), v_load(b + i), parameter), 0, V_EXP_WHOLE), \
                                 V_SLOPE, &E[j]);                                                                      \
            for (ptrdiff_t i = start; i < end; i += SP_STEP) {                                                         \
                reals y0[SP_STEP / V_LANES], y1[SP_STEP / V_LANES];                                                    \
                mask far[SP_STEP / V_LANES], any = v_none();                                                           \
                const reals_pair *of = E + (i - start) / V_LANES;                                                      \
                UNROLLED for (int k = 0; k < SP_STEP / V_LANES; k++) {                                                 \
                    const reals u = v_load(a + i + k * V_LANES), v = v_load(b + i + k * V_LANES);                      \
                    if (backward) {                                                                                    \
                        const partials_vector y = name##_slopes(u, v, of[k], parameter);                               \
                        const reals weight = v_load(g + i + k * V_LANES);                                              \
                        far[k] = v_either(y.far, v_beyond(weight, 0x1p120f));                                          \
                        y0[k] = weighted(weight, y.by_first, &far[k]);                                                 \
                        y1[k] = weighted(weight, y.by_second, &far[k]);                                                \
                    } else                                                                                             \
                        y0[k] = name##_vector(u, v, of[k], parameter, &far[k]);                                        \
                    any = v_either(any, far[k]);                                                                       \
                }                                                                                                      \
                if (__builtin_expect(v_any(any), 0)) {                                                                 \
                    real exact0[SP_STEP], exact1[SP_STEP];                                                             \
                    if (backward)                                                                                      \
                        name##_gradients(SP_STEP, a + i, b + i, g + i, p, q, exact0, exact1);                          \
                    else                                                                                               \
                        name##_value(SP_STEP, a + i, b + i, p, q, exact0);                                             \
                    UNROLLED for (int k = 0; k < SP_STEP / V_LANES; k++) {                                             \
                        y0[k] = v_select(far[k], v_load(exact0 + k * V_LANES), y0[k]);                                 \
                        if (backward)                                                                                  \
                            y1[k] = v_select(far[k], v_load(exact1 + k * V_LANES), y1[k]);                             \
                    }                                                                                                  \
                }                                                                                                      \
                UNROLLED for (int k = 0; k < SP_STEP / V_LANES; k++) {                                                 \
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
#define EACH_GATE_IN_VECTORS(X) X(glu) X(geglu_sigmoid) X(swiglu)

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
#if SP_HAS_FLOAT_VECTORS
EACH_GATE_IN_VECTORS(GATE_IN_VECTORS)
#endif

static void run_gate(sp_gate_function function, int backward, ptrdiff_t n, const void *a, const void *b, const void *g,
                     const double *p, void *out0, void *out1) {
    n &= -(ptrdiff_t)SP_STEP;
#if SP_HAS_FLOAT_VECTORS
    switch (function) {
#define CASE_IN_VECTORS(name)                                                                                          \
    case SP_GATE_##name:                                                                                               \
        if (backward)                                                                                                  \
            name##_gradients_in_vectors(n, a, b, g, p[0], p[1], out0, out1);                                           \
        else                                                                                                           \
            name##_value_in_vectors(n, a, b, p[0], p[1], out0);                                                        \
        return;
        EACH_GATE_IN_VECTORS(CASE_IN_VECTORS)
        CASE_IN_VECTORS(reglu)
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
