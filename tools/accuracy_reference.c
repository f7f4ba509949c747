/* The reference of tools/accuracy.py: textbook formulas with libm, kept apart from the kernels on purpose.
 *
 *   cc -O2 -shared -fPIC accuracy_reference.c -lm [-lquadmath]
 *
 * The formulas are written once (second half of this file, which includes itself) and compiled twice: in double, the
 * reference for float32, and in binary128, the reference for float64. The double pass hands a result over to the
 * binary128 pass where it cancels (round the minimum of a function), so its own error stays below 2^-20 float32 ulp
 * everywhere: libm errs by 2^-52 at most, and an argument of exp that is rounded at 2^-53 and at most 105 (beyond which
 * float32 underflows) costs a relative 2^-45, that is 2^-21 ulp.
 */
#ifndef REAL

#include <math.h>
#include <float.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#if LDBL_MANT_DIG == 113
typedef long double quad;
#define QUAD_FUNCTION(f) f##l
#define QUAD_CONSTANT(c) c##L
#else
#include <quadmath.h>
typedef __float128 quad;
#define QUAD_FUNCTION(f) f##q
#define QUAD_CONSTANT(c) c##Q
#endif

enum function {
    RELU, LEAKY_RELU, SIGMOID, TANH, GELU_TANH, SWISH, MISH, ELU, SOFTPLUS, HARD_SIGMOID, HARD_TANH, SINE,
    GELU, GELU_SIGMOID, HARD_SWISH, HARD_GELU, SCALED_SWISH, SNAKE, SCALED_TANH, RELU6, RELU_SQUARED, THRESHOLD, SELU,
    CELU, LOG_SIGMOID, SOFT_SIGN, TANH_SHRINK, HARD_SHRINK, SOFT_SHRINK, SQUAREPLUS, SPARSE_PLUS, SPARSE_SIGMOID,
    HARD_MISH, LISHT, DISH, GAUSSIAN, LOG_COSH, IDENTITY, N_FUNCTIONS
};
enum operation { VALUE, DERIVATIVE, SECOND_DERIVATIVE };

static const char *const names[N_FUNCTIONS] = {
    "relu", "leaky_relu", "sigmoid", "tanh", "gelu_tanh", "swish", "mish", "elu", "softplus", "hard_sigmoid",
    "hard_tanh", "sine", "gelu", "gelu_sigmoid", "hard_swish", "hard_gelu", "scaled_swish", "snake", "scaled_tanh",
    "relu6", "relu_squared", "threshold", "selu", "celu", "log_sigmoid", "soft_sign", "tanh_shrink", "hard_shrink",
    "soft_shrink", "squareplus", "sparse_plus", "sparse_sigmoid", "hard_mish", "lisht", "dish", "gaussian", "log_cosh",
    "identity",
};

/* The name of a function code, NULL after the last. */
const char *reference_name(int code) { return code >= 0 && code < N_FUNCTIONS ? names[code] : NULL; }

static const double selu_alpha = 1.6732632423543772, selu_lambda = 1.0507009873554805;

/* f(-inf), f(+inf), f'(-inf), f'(+inf), with the sign of the side a zero is approached from; f''. */
static double limit(int function, int operation, int positive, const double *p)
{
    if (operation == SECOND_DERIVATIVE)
        return function == RELU_SQUARED && positive ? 2.0 : function == SINE || (function == SNAKE && p[0] != 0.0) ? NAN : 0.0;
    switch (function) {
    case LEAKY_RELU: return operation == VALUE ? (positive ? INFINITY : -INFINITY) : positive ? 1.0 : p[0];
    case SIGMOID: case HARD_SIGMOID: case SPARSE_SIGMOID: return operation == VALUE && positive ? 1.0 : 0.0;
    case TANH: case SOFT_SIGN: return operation == VALUE ? (positive ? 1.0 : -1.0) : 0.0;
    case SCALED_TANH: return operation == VALUE ? (positive ? p[0] : -p[0]) : 0.0;
    case SCALED_SWISH: return p[0] * (!positive ? -0.0 : operation == VALUE ? INFINITY : 1.0);
    case SNAKE: return operation == VALUE ? (positive ? INFINITY : -INFINITY) : p[0] == 0.0 ? 1.0 : NAN;
    case RELU6: return operation == VALUE && positive ? 6.0 : 0.0;
    case RELU_SQUARED: return positive ? INFINITY : 0.0;
    case THRESHOLD: return operation == VALUE ? (positive ? INFINITY : p[1]) : positive;
    case SELU: return positive ? (operation == VALUE ? INFINITY : selu_lambda)
                               : operation == VALUE ? -selu_lambda * selu_alpha : 0.0;
    case LOG_SIGMOID: return operation == VALUE ? (positive ? -0.0 : -INFINITY) : !positive;
    case TANH_SHRINK: case HARD_SHRINK: case SOFT_SHRINK: case IDENTITY:
        return operation == DERIVATIVE ? 1.0 : positive ? INFINITY : -INFINITY;
    case LISHT: case LOG_COSH: return operation == VALUE ? INFINITY : positive ? 1.0 : -1.0;
    case GAUSSIAN: return operation == DERIVATIVE && positive ? -0.0 : 0.0;
    case ELU: case CELU: return operation == VALUE ? (positive ? INFINITY : -p[0]) : positive;
    case HARD_TANH: return operation == VALUE ? p[positive] : 0.0;
    case SINE: return NAN;
    case HARD_GELU: return operation == VALUE && positive ? 3.0 : 0.0;
    case GELU: case GELU_TANH: case GELU_SIGMOID: case SWISH: case MISH: case DISH:
        return !positive ? -0.0 : operation == VALUE ? INFINITY : 1.0;
    default: return !positive ? 0.0 : operation == VALUE ? INFINITY : 1.0;
    }
}

/* The catalogue leaves the sign of the zero open on the flat part of the hard ones (x * 0 or plain 0), in the
 * derivative of an even function at 0, and in second derivatives. */
static int zero_is_open(int function, int operation, double x)
{
    if (operation == SECOND_DERIVATIVE)
        return 1;
    switch (function) {
    case HARD_SWISH: return operation == VALUE && x <= -3.0;
    case HARD_GELU: return operation == VALUE && x <= -1.5;
    case HARD_MISH: return operation == VALUE && x <= -2.0;
    case HARD_SHRINK: case SOFT_SHRINK: return operation == VALUE;
    case LISHT: case GAUSSIAN: case LOG_COSH: return operation == DERIVATIVE && x == 0.0;
    default: return 0;
    }
}

#define REAL quad
#define F QUAD_FUNCTION
#define C QUAD_CONSTANT
#define NAME(f) f##_quad
#define CANCELS(sum, term) 0
#define INEXACT(a, b) 0 /* 106 bits are enough for the product of two doubles */
#include "accuracy_reference.c"
#undef REAL
#undef F
#undef C
#undef NAME
#undef CANCELS
#undef INEXACT

#define REAL double
#define F(f) f
#define C(c) c
#define NAME(f) f##_double
#define CANCELS(sum, term) (fabs(sum) < 0x1p-6 * fabs(term))
#define INEXACT(a, b) (fma(a, b, -((a) * (b))) != 0.0)
#include "accuracy_reference.c"

struct sweep {
    double worst;                  /* largest error in ulp of float32 at the exact result */
    uint32_t worst_pattern;        /* the input it belongs to */
    uint32_t reserved;
    int64_t count, nan_mismatches, zero_sign_mismatches, not_correctly_rounded;
};

/* Adds n results y of a float32 kernel at the inputs x to the statistics. */
void reference_sweep_f32(int function, int operation, const double *parameters, const float *x, const float *y,
                         ptrdiff_t n, struct sweep *sweep)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        const double result = y[i], exact = reference_double(function, operation, x[i], parameters);
        if (isnan(result) || isnan(exact)) {
            sweep->nan_mismatches += !(isnan(result) && isnan(exact));
            continue;
        }
        if (result == 0.0 && !signbit(result) != !signbit(exact))
            sweep->zero_sign_mismatches += !zero_is_open(function, operation, x[i]);
        double error;
        if (isinf(result) || fabs(exact) >= 0x1.ffffffp127) {
            const double rounded = fabs(exact) >= 0x1.ffffffp127 ? copysign(INFINITY, exact) : exact;
            error = result == rounded ? 0.0 : INFINITY;
        } else {
            /* 2^-(the exponent of the ulp) straight from the bits; subnormal spacing is the floor. */
            uint64_t bits;
            memcpy(&bits, &exact, 8);
            int binade = (int)(bits >> 52 & 0x7ff) - 1023;
            binade = binade < -126 ? -126 : binade;
            bits = (uint64_t)(1023 + 23 - binade) << 52;
            double inverse_ulp;
            memcpy(&inverse_ulp, &bits, 8);
            error = fabs(result - exact) * inverse_ulp;
        }
        /* The reference errs by up to 2^-20 ulp: a result that close to a tie counts as correctly rounded. */
        sweep->not_correctly_rounded += error > 0.5 + 0x1p-20;
        if (error > sweep->worst) {
            sweep->worst = error;
            memcpy(&sweep->worst_pattern, &x[i], 4);
        }
    }
    sweep->count += n;
}

enum { NAN_MISMATCH = 1, ZERO_SIGN_MISMATCH = 2 };

/* Errors in ulp of float64 of n results y of a float64 kernel, and the exact results rounded to float64. */
void reference_errors_f64(int function, int operation, const double *parameters, const double *x, const double *y,
                          ptrdiff_t n, double *errors, double *rounded, uint8_t *flags)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        const quad exact = reference_quad(function, operation, x[i], parameters);
        const double near = (double)exact, result = y[i];
        rounded[i] = near;
        flags[i] = 0;
        errors[i] = 0.0;
        if (isnan(result) || isnan(near)) {
            flags[i] = isnan(result) && isnan(near) ? 0 : NAN_MISMATCH;
            continue;
        }
        if (result == 0.0 && !signbit(result) != !signbit(near) && !zero_is_open(function, operation, x[i]))
            flags[i] = ZERO_SIGN_MISMATCH;
        if (isinf(result) || isinf(near)) {
            errors[i] = result == near ? 0.0 : INFINITY;
            continue;
        }
        int binade = -1022;
        if (exact != 0) {
            (void)QUAD_FUNCTION(frexp)(exact, &binade);
            binade = binade - 1 < -1022 ? -1022 : binade - 1;
        }
        errors[i] = (double)QUAD_FUNCTION(ldexp)(QUAD_FUNCTION(fabs)((quad)result - exact), 52 - binade);
    }
}

/* The exact results, for the check of this file against mpmath: double where it is one of float32, and binary128
 * rounded to double together with the rest. */
void reference_exact(int function, int operation, const double *parameters, const double *x, ptrdiff_t n,
                     double *in_double, double *high, double *low)
{
    for (ptrdiff_t i = 0; i < n; i++) {
        const quad exact = reference_quad(function, operation, x[i], parameters);
        in_double[i] = reference_double(function, operation, x[i], parameters);
        high[i] = (double)exact;
        low[i] = isfinite(high[i]) ? (double)(exact - high[i]) : 0.0;
    }
}

#else /* the formulas, once per REAL; only finite x come here */

static REAL NAME(logistic)(REAL t) { return 1 / (1 + F(exp)(-t)); }

/* s(t) (1 + t' s(-t)), the derivative of x s(t(x)) where t' is short for x dt/dx */
static REAL NAME(gated_slope)(REAL t, REAL x_slope, int *cancels)
{
    const REAL sum = 1 + x_slope * NAME(logistic)(-t);
    *cancels = CANCELS(sum, (REAL)1);
    return NAME(logistic)(t) * sum;
}

static REAL NAME(root_two_over_pi)(void) { return C(0.79788456080286535587989211986876373695); }

/* x - tanh(x) = x q / (1 + q) with the continued fraction of tanh, q = x^2 / (3 + x^2 / (5 + ...)): nothing cancels */
static REAL NAME(small_tanh_shrink)(REAL x)
{
    REAL q = 0;
    for (int k = 41; k >= 3; k -= 2)
        q = x * x / (k + q);
    return x * q / (1 + q);
}

static REAL NAME(value)(int function, REAL x, const double *p, int *cancels)
{
    switch (function) {
    case RELU: return x > 0 ? x : 0;
    case LEAKY_RELU: return x > 0 ? x : p[0] * x;
    case SIGMOID: return NAME(logistic)(x);
    case TANH: return F(tanh)(x);
    case GELU_TANH: return x * NAME(logistic)(2 * NAME(root_two_over_pi)() * (x + x * x * x * 44715 / 1000000));
    case SWISH: return x * NAME(logistic)(p[0] * x);
    case MISH: { /* tanh(log(1 + e)) = n / (n + 2) with n = e (e + 2) */
        const REAL e = F(exp)(x);
        return x / (1 + 2 / (e * (e + 2)));
    }
    case ELU: return x > 0 ? x : p[0] * F(expm1)(x);
    case SOFTPLUS: {
        const REAL t = p[0] * x;
        return ((t > 0 ? t : 0) + F(log1p)(F(exp)(-F(fabs)(t)))) / p[0];
    }
    case HARD_SIGMOID: { /* the double 1/6 misses the ends -3 and 3 by 2^-55: within 2^-54 is at the end */
        const REAL line = F(fma)(p[0], x, p[1]);
        return line <= (REAL)0x1p-54 ? 0 : 1 - line <= (REAL)0x1p-54 ? 1 : line;
    }
    case HARD_TANH: return x <= p[0] ? p[0] : x >= p[1] ? p[1] : x;
    case SINE: return F(sin)(x);
    case GELU: return x * (F(erfc)(-x * C(0.70710678118654752440084436210484903928)) / 2);
    case GELU_SIGMOID: return x * NAME(logistic)(x * 1702 / 1000);
    case HARD_SWISH: return x <= -3 ? 0 : x >= 3 ? x : x * (x + 3) / 6;
    case HARD_GELU: return x < -1.5 ? 0 : x <= 1.5 ? x * (x + 1.5) / 3 : x < 3 ? x : 3;
    case SCALED_SWISH: return p[0] * (x * NAME(logistic)(p[1] * x));
    case SNAKE: {
        if (p[0] == 0 || x == 0)
            return x;
        const REAL s = F(sin)(p[0] * x), sum = x + s * s / p[1];
        *cancels = CANCELS(sum, x) || INEXACT(p[0], x);
        return sum;
    }
    case SCALED_TANH: return p[0] * F(tanh)(p[1] * x);
    case RELU6: return x > 0 ? (x < 6 ? x : 6) : 0;
    case RELU_SQUARED: return x > 0 ? x * x : 0;
    case THRESHOLD: return x > p[0] ? x : p[1];
    case SELU: return selu_lambda * (x > 0 ? x : selu_alpha * F(expm1)(x));
    case CELU: return x > 0 ? x : p[0] * F(expm1)(x / p[0]);
    case LOG_SIGMOID: return x < 0 ? x - F(log1p)(F(exp)(x)) : -F(log1p)(F(exp)(-x));
    case SOFT_SIGN: return x / (1 + F(fabs)(x));
    case TANH_SHRINK: return F(fabs)(x) < 1 ? NAME(small_tanh_shrink)(x) : x - F(tanh)(x);
    case HARD_SHRINK: return F(fabs)(x) > p[0] ? x : 0;
    case SOFT_SHRINK: return F(fabs)(x) > p[0] ? (x > 0 ? x - p[0] : x + p[0]) : 0;
    case SQUAREPLUS: {
        const REAL s = F(sqrt)(x * x + p[0]);
        return x < 0 ? p[0] / (2 * (s - x)) : (x + s) / 2;
    }
    case SPARSE_PLUS: return x <= -1 ? 0 : x >= 1 ? x : (x + 1) * (x + 1) / 4;
    case SPARSE_SIGMOID: return x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2;
    case HARD_MISH: return x <= -2 ? 0 : x >= 0 ? x : x * (x + 2) / 2;
    case LISHT: return x * F(tanh)(x);
    case DISH: {
        const REAL s = F(sqrt)(1 + x * x);
        return x < 0 ? x / (2 * s * (s - x)) : x * (x / s + 1) / 2;
    }
    case GAUSSIAN: return F(exp)(-x * x);
    case LOG_COSH: {
        const REAL a = F(fabs)(x), s = F(sinh)(a < 1 ? a / 2 : 0);
        return a < 1 ? F(log1p)(2 * s * s)
                     : a - C(0.69314718055994530941723212145817656808) + F(log1p)(F(exp)(-2 * a));
    }
    default: return x; /* IDENTITY */
    }
}

static REAL NAME(derivative)(int function, REAL x, const double *p, int *cancels)
{
    switch (function) {
    case RELU: return x > 0;
    case LEAKY_RELU: return x > 0 ? 1 : p[0];
    case SIGMOID: case TANH: {
        const REAL e = F(exp)((function == TANH ? -2 : -1) * F(fabs)(x));
        return (function == TANH ? 4 : 1) * e / ((1 + e) * (1 + e));
    }
    case GELU_TANH: {
        const REAL cube = x * x * x * 44715 / 1000000, c = 2 * NAME(root_two_over_pi)();
        return NAME(gated_slope)(c * (x + cube), c * (x + 3 * cube), cancels);
    }
    case SWISH: return NAME(gated_slope)(p[0] * x, p[0] * x, cancels);
    case GELU_SIGMOID: return NAME(gated_slope)(x * 1702 / 1000, x * 1702 / 1000, cancels);
    case MISH: {
        if (x > 100) /* 1 - f' < 1e-84 */
            return 1;
        const REAL e = F(exp)(x), n = e * (e + 2), sum = n * (n + 2) + 4 * x * e * (1 + e);
        *cancels = CANCELS(sum, n * (n + 2));
        return sum / ((n + 2) * (n + 2));
    }
    case ELU: return x > 0 ? 1 : p[0] * F(exp)(x);
    case SOFTPLUS: return NAME(logistic)(p[0] * x);
    case HARD_SIGMOID: {
        const REAL line = F(fma)(p[0], x, p[1]);
        return line > (REAL)0x1p-54 && 1 - line > (REAL)0x1p-54 ? p[0] : 0;
    }
    case HARD_TANH: return x > p[0] && x < p[1];
    case SINE: return F(cos)(x);
    case GELU: {
        const REAL cdf = F(erfc)(-x * C(0.70710678118654752440084436210484903928)) / 2;
        const REAL sum = cdf + x * (F(exp)(-x * x / 2) * NAME(root_two_over_pi)() / 2);
        *cancels = CANCELS(sum, cdf);
        return sum;
    }
    case HARD_SWISH: return x <= -3 ? 0 : x >= 3 ? 1 : (2 * x + 3) / 6;
    case HARD_GELU: return x < -1.5 ? 0 : x <= 1.5 ? (4 * x + 3) / 6 : x <= 3;
    case SCALED_SWISH: return p[0] * NAME(gated_slope)(p[1] * x, p[1] * x, cancels);
    case SNAKE: {
        if (p[0] == 0)
            return 1;
        const REAL t = p[0] * x;
        REAL sum, slope;
        if (p[0] == p[1]) { /* 1 + sin(2t), which touches zero, as a square */
            sum = F(sin)(t) + F(cos)(t);
            slope = sum * sum;
        } else
            sum = slope = 1 + p[0] * F(sin)(2 * t) / p[1];
        *cancels = CANCELS(sum, (REAL)1) || INEXACT(p[0], x);
        return slope;
    }
    case SCALED_TANH: {
        const REAL e = F(exp)(-2 * F(fabs)(p[1] * x));
        return (REAL)p[0] * p[1] * 4 * e / ((1 + e) * (1 + e));
    }
    case RELU6: return x > 0 && x < 6;
    case RELU_SQUARED: return x > 0 ? 2 * x : 0;
    case THRESHOLD: return x > p[0];
    case SELU: return selu_lambda * (x > 0 ? 1 : selu_alpha * F(exp)(x));
    case CELU: return x > 0 ? 1 : F(exp)(x / p[0]);
    case LOG_SIGMOID: return NAME(logistic)(-x);
    case SOFT_SIGN: return 1 / ((1 + F(fabs)(x)) * (1 + F(fabs)(x)));
    case TANH_SHRINK: return F(tanh)(x) * F(tanh)(x);
    case HARD_SHRINK: case SOFT_SHRINK: return F(fabs)(x) > p[0];
    case SQUAREPLUS: { /* with b = 0 it is relu */
        const REAL s = F(sqrt)(x * x + p[0]);
        return x < 0 ? p[0] / (2 * s * (s - x)) : s > 0 ? (1 + x / s) / 2 : 0;
    }
    case SPARSE_PLUS: return x <= -1 ? 0 : x >= 1 ? 1 : (x + 1) / 2;
    case SPARSE_SIGMOID: return x > -1 && x < 1 ? 0.5 : 0;
    case HARD_MISH: return x <= -2 ? 0 : x >= 0 ? 1 : x + 1;
    case LISHT: {
        const REAL e = F(exp)(-2 * F(fabs)(x));
        return F(tanh)(x) + x * (4 * e / ((1 + e) * (1 + e)));
    }
    case DISH: {
        const REAL s = F(sqrt)(1 + x * x), sum = 1 + x * s;
        if (x >= 0)
            return (1 + x / s + x / (s * s * s)) / 2;
        *cancels = CANCELS(sum, (REAL)1);
        return sum / (2 * s * s * s * (s - x));
    }
    case GAUSSIAN: return -2 * x * F(exp)(-x * x);
    case LOG_COSH: return F(tanh)(x);
    default: return 1; /* IDENTITY */
    }
}

/* s'(t) (2 t' + x t'' - x t'^2 tanh(t/2)), the second derivative of x s(t(x)) */
static REAL NAME(gated_bend)(REAL t, REAL t_slope, REAL x, REAL t_bend, int *cancels)
{
    const REAL e = F(exp)(-F(fabs)(t)), rise = 2 * t_slope + x * t_bend;
    const REAL sum = rise - x * t_slope * t_slope * F(tanh)(t / 2);
    *cancels = CANCELS(sum, rise);
    return e / ((1 + e) * (1 + e)) * sum;
}

static REAL NAME(second_derivative)(int function, REAL x, const double *p, int *cancels)
{
    const REAL a = F(fabs)(x), root_half = C(0.70710678118654752440084436210484903928);
    switch (function) {
    case SIGMOID: {
        const REAL e = F(exp)(-a), bend = -e * F(expm1)(-a) / ((1 + e) * (1 + e) * (1 + e));
        return x < 0 ? bend : -bend;
    }
    case TANH: return -2 * F(tanh)(x) * NAME(derivative)(TANH, x, p, cancels);
    case GELU_TANH: {
        const REAL c = 2 * NAME(root_two_over_pi)(), k = c * 44715 / 1000000;
        return NAME(gated_bend)(c * x + k * x * x * x, c + 3 * k * x * x, x, 6 * k * x, cancels);
    }
    case SWISH: return NAME(gated_bend)(p[0] * x, p[0], x, 0, cancels);
    case GELU_SIGMOID: return NAME(gated_bend)(x * 1702 / 1000, (REAL)1702 / 1000, x, 0, cancels);
    case SCALED_SWISH: return p[0] * NAME(gated_bend)(p[1] * x, p[1], x, 0, cancels);
    case MISH: { /* t' (2 + x (1 - s - 2 t s)) with t = tanh(softplus(x)), s = sigma(x), t' = (1 - t^2) s */
        if (x > 5000)
            return 0;
        const REAL e = F(exp)(-a), n = x < 0 ? e * (e + 2) : 1 + 2 * e, d = x < 0 ? n + 2 : n + 2 * e * e; /* t = n / d */
        const REAL s = x < 0 ? e / (1 + e) : 1 / (1 + e), not_s = x < 0 ? 1 / (1 + e) : e / (1 + e);
        const REAL sum = 2 + x * (not_s - 2 * (n / d) * s);
        *cancels = CANCELS(sum, (REAL)2);
        return (x < 0 ? 4 * (n + 1) : 4 * e * e * (1 + e) * (1 + e)) / (d * d) * s * sum;
    }
    case ELU: return x > 0 ? 0 : p[0] * F(exp)(x);
    case SOFTPLUS: return p[0] * NAME(derivative)(SIGMOID, p[0] * x, p, cancels);
    case SINE: return -F(sin)(x);
    case GELU: {
        const REAL sum = 2 - x * x;
        *cancels = CANCELS(sum, (REAL)2);
        return F(exp)(-x * x / 2) * NAME(root_two_over_pi)() / 2 * sum;
    }
    case HARD_SWISH: return a < 3 ? (REAL)1 / 3 : 0;
    case HARD_GELU: return a <= 1.5 ? (REAL)2 / 3 : 0;
    case SNAKE: {
        if (p[0] == 0)
            return 0;
        const REAL cosine = F(cos)(2 * p[0] * x);
        *cancels = CANCELS(cosine, (REAL)1) || INEXACT(p[0], x);
        return 2 * (REAL)p[0] * p[0] / p[1] * cosine;
    }
    case SCALED_TANH: return -2 * (REAL)p[1] * F(tanh)(p[1] * x) * NAME(derivative)(SCALED_TANH, x, p, cancels);
    case RELU_SQUARED: return x > 0 ? 2 : 0;
    case SELU: return x > 0 ? 0 : selu_lambda * selu_alpha * F(exp)(x);
    case CELU: return x > 0 ? 0 : F(exp)(x / p[0]) / p[0];
    case LOG_SIGMOID: return -NAME(derivative)(SIGMOID, x, p, cancels);
    case SOFT_SIGN: return x == 0 ? 0 : (x < 0 ? 2 : -2) / ((1 + a) * (1 + a) * (1 + a));
    case TANH_SHRINK: return 2 * F(tanh)(x) * NAME(derivative)(TANH, x, p, cancels);
    case SQUAREPLUS: {
        const REAL s = F(sqrt)(x * x + p[0]);
        return s > 0 ? p[0] / (2 * s * s * s) : 0;
    }
    case SPARSE_PLUS: return a < 1 ? 0.5 : 0;
    case HARD_MISH: return x > -2 && x < 0 ? 1 : 0;
    case LISHT: {
        const REAL sum = 1 - x * F(tanh)(x);
        *cancels = CANCELS(sum, (REAL)1);
        return 2 * NAME(derivative)(TANH, x, p, &(int){0}) * sum;
    }
    case DISH: { /* (2 - x^2) / (2 (1 + x^2)^(5/2)) */
        const REAL square = 1 + x * x, sum = 2 - x * x;
        *cancels = CANCELS(sum, (REAL)2);
        return sum / square / square / (2 * F(sqrt)(square));
    }
    case GAUSSIAN: {
        const REAL t = x / root_half, sum = t * t - 1;
        *cancels = CANCELS(sum, (REAL)1);
        return 2 * F(exp)(-x * x) * sum;
    }
    case LOG_COSH: return NAME(derivative)(TANH, x, p, cancels);
    default: return 0;
    }
}

/* A value or derivative at any x; a zero has the sign that the result of a kernel must have. */
static REAL NAME(reference)(int function, int operation, double x, const double *p)
{
    if (isnan(x))
        return x;
    if (isinf(x))
        return limit(function, operation, x > 0, p);
    int cancels = 0;
    if (operation == VALUE) {
        const REAL value = NAME(value)(function, x, p, &cancels);
        return cancels ? value_quad(function, x, p, &cancels) : value;
    }
    if (operation == SECOND_DERIVATIVE) {
        const REAL bend = NAME(second_derivative)(function, x, p, &cancels);
        return cancels ? second_derivative_quad(function, x, p, &cancels) : bend;
    }
    const REAL slope = NAME(derivative)(function, x, p, &cancels);
    if (cancels)
        return derivative_quad(function, x, p, &cancels);
    const int approaches_from_below = function == GELU || function == GELU_TANH || function == GELU_SIGMOID
                                      || function == SWISH || function == MISH;
    return slope == 0 && x < 0 && approaches_from_below ? -(REAL)DBL_TRUE_MIN * DBL_TRUE_MIN : slope;
}

#endif
