/* Numbers of any exponent, for parameters of extreme size: m·2^e, m a pair with 1 <= |m.hi| < 2, or 0 or NaN.

   Used element by element by evaluate.c where a parameter is not 0 and above SP_PARAMETER_LIMIT or below its reciprocal, for
   all types alike; compiled once, so its bits do not depend on the instruction set.  Nothing overflows or underflows before
   the one rounding of wide_value.  An infinite argument is a large one, 2^4096.  Errors: 2^-98, exponentials and logarithms
   2^-55. */
#ifndef SP_WIDE_H
#define SP_WIDE_H
#include "arithmetic/elementary.h"

/* Parameters up to this size, and down to its reciprocal, are pairs of normal floats in vectors of float32, and leave every
   text in double the range that it needs. */
#define SP_PARAMETER_LIMIT 0x1p100

typedef struct {
    pair m;
    int64_t e;
} wide;

static wide wide_of_pair(pair m, int64_t e) {
    const int64_t biased = (int64_t)(bits_of(m.hi) >> 52 & 0x7ff);
    if (biased == 0 || biased == 0x7ff) /* 0 or NaN */
        return (wide){m, 0};
    return (wide){pair_scaled(m, from_bits((uint64_t)(2046 - biased) << 52)), e + biased - 1023};
}

static wide wide_of(double x) {
    if (fabs(x) > REAL_MAX)
        return (wide){pair_of(copysign(1.0, x)), 4096};
    return fabs(x) < 1.0 ? wide_of_pair(pair_of(x * 0x1p100), -100) : wide_of_pair(pair_of(x * 0x1p-100), 100);
}

static double power_of_two(int64_t e) { return from_bits((uint64_t)(1023 + e) << 52); }

/* a as a pair; what is below 2^-1000 is 0 */
static pair pair_of_wide(wide a) { return a.e < -1000 ? pair_of(a.m.hi * 0.0) : pair_scaled(a.m, power_of_two(a.e)); }

static double wide_value(wide a) {
    if (a.e > 1023)
        return a.m.hi * (double)INFINITY;
    if (a.e < -1080)
        return copysign(0.0, a.m.hi);
    if (a.e < -900)
        return round_once(pair_scaled(a.m, power_of_two(a.e + 600)), 0x1p-600);
    return value_of(a.m) * power_of_two(a.e); /* 2 - 2^-54 may be rounded to 2, and 2^1024 is infinite */
}

static int wide_is_negative(wide a) { return a.m.hi < 0.0; }
static wide wide_scaled(wide a, int64_t exponent) { return (wide){a.m, a.m.hi == 0.0 ? 0 : a.e + exponent}; }
static wide wide_minus(wide a) { return (wide){pair_scaled(a.m, -1.0), a.e}; }
static wide wide_magnitude(wide a) { return wide_is_negative(a) ? wide_minus(a) : a; }
static wide wide_product(wide a, wide b) { return wide_of_pair(pair_product(a.m, b.m), a.e + b.e); }
static wide wide_square(wide a) { return wide_product(a, a); }
static wide wide_quotient(wide a, wide b) {
    return wide_of_pair(pair_product(a.m, pair_reciprocal(b.m)), a.e - b.e);
}

static wide wide_sum(wide a, wide b) {
    const int64_t behind = a.e - b.e;
    if (a.m.hi != a.m.hi || b.m.hi == 0.0)
        return a;
    if (b.m.hi != b.m.hi || a.m.hi == 0.0)
        return b;
    if (behind < 0)
        return wide_sum(b, a);
    return behind > 120 ? a : wide_of_pair(pair_sum(a.m, pair_scaled(b.m, power_of_two(-behind))), a.e);
}

/* a >= 0 */
static wide wide_root(wide a) {
    const int odd = a.e & 1;
    return wide_of_pair(roots_of(pair_scaled(a.m, odd ? 2.0 : 1.0), FULL).root, (a.e - odd) / 2);
}

static wide wide_exp(wide z) {
    if (z.e > 30) /* beyond every product, but not 0, which has no sign */
        return (wide){pair_of(1.0), wide_is_negative(z) ? -(INT64_C(1) << 31) : INT64_C(1) << 31};
    const pair p = pair_of_wide(z);
    const double n = FMA(p.hi, LOG2_E_1, 0x1.8p52) - 0x1.8p52;
    const pair r = pair_sum(p, pair_times(PAIR(LN2_PAIR_1, LN2_PAIR_2), -n));
    return wide_of_pair(exp_pair(exponential_of(r, FULL)), n == n ? (int64_t)n : 0);
}

/* e^z - 1 for z <= 0 */
static wide wide_expm1(wide z) {
    if (z.e < -60)
        return wide_sum(z, wide_scaled(wide_square(z), -1));
    if (z.e > 0)
        return wide_sum(wide_exp(z), wide_of(-1.0));
    return wide_of_pair(expm1_pair(exponential_of(pair_of_wide(z), FULL)), 0);
}

/* log1p(E) for 0 <= E <= 1 */
static wide wide_log1p(wide E) {
    if (E.e < -60)
        return wide_sum(E, wide_minus(wide_scaled(wide_square(E), -1)));
    return wide_of_pair(log1p_of(pair_of_wide(E)), 0);
}

/* E = e^-|z| and 1/(1 + E); with these, sigma(z), sigma(-|z|) and sigma'(z) */
typedef struct {
    wide E, w;
} wide_logistic;

static wide_logistic wide_logistic_of(wide z) {
    const wide E = wide_exp(wide_minus(wide_magnitude(z))), one = wide_of(1.0);
    return (wide_logistic){E, wide_quotient(one, wide_sum(one, E))};
}
static wide wide_sigma(wide z, wide_logistic s) { return wide_is_negative(z) ? wide_product(s.E, s.w) : s.w; }
static wide wide_sigma_slope(wide_logistic s) { return wide_product(s.E, wide_square(s.w)); }

#endif
