/* f' from the output: y and the side of f's one minimum that x is on determine x.

   On either branch f' is analytic in a square root r that vanishes at the minimum:
     left:   r = sqrt(ln(minimum/y)), which is almost linear in x out to where y underflows,
     right:  r = sqrt(y - minimum).
   float32: f' = y·r·P(t) on the left and r·P(t) on the right, t being r mapped to [-1, 1]. Errors: left 2^-26 relative,
   right 2^-24 absolute, which is less than what rounding y to float32 has lost already.
   float64: polynomials give x to 2^-26, a Newton step all of it, and f' comes from the text of the function.

   How much of f' y still knows: a change of y by u changes f' by u·f''/f', and at the minimum by up to sqrt(2·f''·u). An
   output that rounding has put below the minimum counts as the minimum. */
#ifndef SP_INVERSE_H
#define SP_INVERSE_H
#include "arithmetic/elementary.h"

/* -ln(u/2^64) for u in [0, 2^64]; of u = 0 some large number.
   float64: u = 2^k·m, sqrt(1/2) <= m < sqrt(2), ln(m) = 2 atanh((m - 1)/(m + 1)), every digit for u near 2^64 too.
   float32: 1 <= m < 2, ln(m) = log1p(m - 1), 2^-35: no division, and y has fewer digits than that. */
SP_INLINE double minus_log_scaled(double u) {
    const uint64_t one = UINT64_C(0x3ff0000000000000), mantissa = (UINT64_C(1) << 52) - 1;
#if SP_DOUBLE
    const uint64_t low = UINT64_C(0x3fe6a09e667f3bcd); /* sqrt(1/2) */
#else
    const uint64_t low = one;
#endif
    uint64_t shifted = bits_of(u) + (one - low);
    double k = from_bits(shifted >> 52 | bits_of(0x1p52)) - (0x1p52 + 1023 + 64);
    double m = from_bits((shifted & mantissa) + low);
#if SP_DOUBLE
    double w = (m - 1.0) / (m + 1.0), square = w * w;
    double log = FMA(w * square, POLYNOMIAL(square, LOG1P_ATANH, 5, 5), w + w);
#else
    double log = log1p_of(pair_of(m - 1.0)).hi;
#endif
    return FMA(-k, LN2_PAIR_1, -log);
}

/* The r of this side. */
SP_INLINE double branch_root(double y, int right, double minimum) {
    return sqrt(at_least(right ? y - minimum : minus_log_scaled(y * (0x1p64 / minimum)), 0.0));
}

/* name_slope(y, right) = f'(x) for the x on that side with f(x) = y.  The numbers: half the coefficients of the tables,
   and of the one left of the minimum in float64, which have as many even as odd ones.  NaN stays: the logarithm alone
   would lose it. */
#if SP_DOUBLE
SP_INLINE double newton_step(jet f, double y, double x, double r) {
    double step = (f.value - y) / f.derivative;
    /* Near the minimum y has too few digits for the Newton step, and in the far tail f' underflows. The polynomials
       alone are accurate enough in both ranges. */
    return r > 1e-7 && fabs(f.derivative) > 0x1p-1000 ? x - step : x;
}
/* f'(x)·y/f(x): where f is almost an exponential function, an error of x cancels. */
SP_INLINE double corrected(jet f, double y) {
    double ratio = y / f.value;
    return fabs(y) > 0x1p-1000 ? f.derivative * ratio : f.derivative;
}
#define SP_INVERSE(name, NAME, AT, half, left_half)                                                                    \
    SP_INLINE double name##_slope(double y, int right) {                                                               \
        double r = branch_root(y, right, NAME##_MINIMUM_1);                                                            \
        double s = at_most(r, NAME##_START_LEFT_TOP), t = at_most(r, NAME##_START_RIGHT_TOP);                          \
        double u = NAME##_START_LEFT_A - NAME##_START_LEFT_B / (s + NAME##_START_LEFT_C);                              \
        double v = FMA(NAME##_START_RIGHT_A, t, -1.0);                                                                 \
        double below = FMA(-s, POLYNOMIAL(u, NAME##_START_LEFT, left_half, left_half), NAME##_MINIMUM_AT_1);           \
        double above = FMA(t, POLYNOMIAL(v, NAME##_START_RIGHT, half, half), NAME##_MINIMUM_AT_1);                     \
        double x = right ? (r > NAME##_START_RIGHT_TOP ? y : above) : below;                                           \
        x = newton_step(AT(x), y, x, r);                                                                               \
        jet f = AT(x);                                                                                                 \
        double slope = right ? f.derivative : corrected(f, y);                                                         \
        slope = y > 1e3 ? 1.0 : y == 0.0 && !right ? y : slope;                                                        \
        return y == y ? slope : y;                                                                                     \
    }
#else
/* POLYNOMIAL with the coefficients of this lane's side: one chain of fused operations, not one per side */
#define ONE_OF(l, r, i) (right ? (r)[i] : (l)[i])
#define SIDED_1(u, l, r, i) ONE_OF(l, r, i)
#define SIDED_2(u, l, r, i) FMA(u, SIDED_1(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_3(u, l, r, i) FMA(u, SIDED_2(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_4(u, l, r, i) FMA(u, SIDED_3(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_5(u, l, r, i) FMA(u, SIDED_4(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_6(u, l, r, i) FMA(u, SIDED_5(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_7(u, l, r, i) FMA(u, SIDED_6(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_8(u, l, r, i) FMA(u, SIDED_7(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_9(u, l, r, i) FMA(u, SIDED_8(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_10(u, l, r, i) FMA(u, SIDED_9(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_11(u, l, r, i) FMA(u, SIDED_10(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_12(u, l, r, i) FMA(u, SIDED_11(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_13(u, l, r, i) FMA(u, SIDED_12(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_14(u, l, r, i) FMA(u, SIDED_13(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_15(u, l, r, i) FMA(u, SIDED_14(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED_16(u, l, r, i) FMA(u, SIDED_15(u, l, r, (i) + 2), ONE_OF(l, r, i))
#define SIDED(t, l, r, half) FMA(t, SIDED_##half((t) * (t), l, r, 1), SIDED_##half((t) * (t), l, r, 0))
#define SP_INVERSE(name, NAME, AT, half, left_half)                                                                    \
    SP_INLINE double name##_slope(double y, int right) {                                                               \
        double r = branch_root(y, right, NAME##_MINIMUM_1);                                                            \
        double s = at_most(r, right ? NAME##_RIGHT_TOP : NAME##_LEFT_TOP);                                             \
        double t = FMA(right ? NAME##_RIGHT_A : NAME##_LEFT_A, s, -1.0);                                               \
        double slope = s * SIDED(t, NAME##_LEFT, NAME##_RIGHT, half);                                                  \
        slope = right ? slope : slope * y;                                                                             \
        return right && r > NAME##_RIGHT_TOP ? 1.0 : slope;                                                            \
    }
#endif

#endif
