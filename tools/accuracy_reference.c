/* The reference of tools/accuracy.py: textbook formulas with libm, kept apart from the kernels on purpose.
 *
 *   cc -O2 -shared -fPIC accuracy_reference.c -lm [-lquadmath]
 *
 * The formulas are written once (second half of this file, which includes itself) and compiled twice: in double, the
 * reference for float32, and in binary128, the reference for float64. The double pass hands a derivative over to the
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
    GELU, GELU_SIGMOID, HARD_SWISH, HARD_GELU, N_FUNCTIONS
};
enum operation { VALUE, DERIVATIVE };

static const char *const names[N_FUNCTIONS] = {
    "relu", "leaky_relu", "sigmoid", "tanh", "gelu_tanh", "swish", "mish", "elu", "softplus", "hard_sigmoid",
    "hard_tanh", "sine", "gelu", "gelu_sigmoid", "hard_swish", "hard_gelu",
};

/* The name of a function code, NULL after the last. */
const char *reference_name(int code) { return code >= 0 && code < N_FUNCTIONS ? names[code] : NULL; }

/* f(-inf), f(+inf), f'(-inf), f'(+inf), with the sign of the side a zero is approached from. */
static double limit(int function, int operation, int positive, const double *p)
{
    switch (function) {
    case LEAKY_RELU: return operation == VALUE ? (positive ? INFINITY : -INFINITY) : positive ? 1.0 : p[0];
    case SIGMOID: case HARD_SIGMOID: return operation == VALUE && positive ? 1.0 : 0.0;
    case TANH: return operation == VALUE ? (positive ? 1.0 : -1.0) : 0.0;
    case ELU: return operation == VALUE ? (positive ? INFINITY : -p[0]) : positive;
    case HARD_TANH: return operation == VALUE ? p[positive] : 0.0;
    case SINE: return NAN;
    case HARD_GELU: return operation == VALUE && positive ? 3.0 : 0.0;
    case GELU: case GELU_TANH: case GELU_SIGMOID: case SWISH: case MISH:
        return !positive ? -0.0 : operation == VALUE ? INFINITY : 1.0;
    default: return !positive ? 0.0 : operation == VALUE ? INFINITY : 1.0;
    }
}

/* The catalogue leaves the sign of the zero open on the flat side of these two (x * 0 or plain 0). */
static int zero_is_open(int function, int operation, double x)
{
    return operation == VALUE && ((function == HARD_SWISH && x <= -3.0) || (function == HARD_GELU && x <= -1.5));
}

#define REAL quad
#define F QUAD_FUNCTION
#define C QUAD_CONSTANT
#define NAME(f) f##_quad
#define CANCELS(sum, term) 0
#include "accuracy_reference.c"
#undef REAL
#undef F
#undef C
#undef NAME
#undef CANCELS

#define REAL double
#define F(f) f
#define C(c) c
#define NAME(f) f##_double
#define CANCELS(sum, term) (fabs(sum) < 0x1p-6 * fabs(term))
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

static REAL NAME(value)(int function, REAL x, const double *p)
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
    default: return x < -1.5 ? 0 : x <= 1.5 ? x * (x + 1.5) / 3 : x < 3 ? x : 3; /* HARD_GELU */
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
    default: return x < -1.5 ? 0 : x <= 1.5 ? (4 * x + 3) / 6 : x <= 3; /* HARD_GELU */
    }
}

/* A value or derivative at any x; a zero has the sign that the result of a kernel must have. */
static REAL NAME(reference)(int function, int operation, double x, const double *p)
{
    if (isnan(x))
        return x;
    if (isinf(x))
        return limit(function, operation, x > 0, p);
    if (operation == VALUE)
        return NAME(value)(function, x, p);
    int cancels = 0;
    const REAL slope = NAME(derivative)(function, x, p, &cancels);
    if (cancels)
        return derivative_quad(function, x, p, &cancels);
    const int approaches_from_below = function == GELU || function == GELU_TANH || function == GELU_SIGMOID
                                      || function == SWISH || function == MISH;
    return slope == 0 && x < 0 && approaches_from_below ? -(REAL)DBL_TRUE_MIN * DBL_TRUE_MIN : slope;
}

#endif
