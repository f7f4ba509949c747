/* f' from the output: y and the side of f's one minimum that x is on determine x.

   On either branch f' is analytic in a square root r that vanishes at the minimum:
     left:   r = sqrt(ln(minimum/y)), which is almost linear in x out to where y underflows,
     right:  r = sqrt(y - minimum).
   float32: f' = y·r·P(t) on the left and r·P(t) on the right, t being r mapped to [-1, 1]. Errors: left 2^-27 relative,
   right 2^-24 absolute, which is less than what rounding y to float32 has lost already.
   float64: polynomials give x to 2^-24, a Newton step all of it, and f' comes from the text of the function.

   How much of f' y still knows: a change of y by u changes f' by u·f''/f', and at the minimum by up to sqrt(2·f''·u). An
   output that rounding has put below the minimum counts as the minimum. */
#ifndef SP_INVERSE_H
#define SP_INVERSE_H
#include "elementary.h"

/* -ln(u/2^64) for u in [0, 2^64]; of u = 0 some large number.
   u = 2^k·m, sqrt(1/2) <= m < sqrt(2), ln(m) = 2 atanh((m - 1)/(m + 1)): every digit for u near 2^64 too. */
SP_INLINE double minus_log_scaled(double u) {
    const uint64_t low = UINT64_C(0x3fe6a09e667f3bcd), one = UINT64_C(0x3ff0000000000000); /* sqrt(1/2), 1 */
    uint64_t shifted = bits_of(u) + (one - low);
    double k = from_bits(shifted >> 52 | bits_of(0x1p52)) - (0x1p52 + 1023 + 64);
    double m = from_bits((shifted & ((UINT64_C(1) << 52) - 1)) + low), w = (m - 1.0) / (m + 1.0), square = w * w;
    return FMA(-k, LN2_PAIR_1, -FMA(w * square, POLYNOMIAL(square, LOG1P_ATANH, 5, 5), w + w));
}

/* The r of this side. */
SP_INLINE double branch_root(double y, int right, double minimum) {
    return sqrt(at_least(right ? y - minimum : minus_log_scaled(y * (0x1p64 / minimum)), 0.0));
}

/* name_slope(y, right) = f'(x) for the x on that side with f(x) = y; the numbers are those of the tables' even and odd
   coefficients, left and right.  NaN stays: the logarithm alone would lose it. */
#if SP_WIDE
SP_INLINE double newton_step(outcome f, double y, double x, double r) {
    double step = (f.value - y) / f.derivative;
    /* next to the minimum y has too few digits, in the far tail f' underflows; the polynomials are good there */
    return r > 1e-7 && fabs(f.derivative) > 0x1p-1000 ? x - step : x;
}
/* f'(x)·y/f(x): where f is almost an exponential function, an error of x cancels. */
SP_INLINE double corrected(outcome f, double y) {
    double ratio = y / f.value;
    return fabs(y) > 0x1p-1000 ? f.derivative * ratio : f.derivative;
}
#define SP_INVERSE(name, NAME, AT, left_evens, left_odds, right_evens, right_odds)                                     \
    SP_INLINE double name##_slope(double y, int right) {                                                               \
        double r = branch_root(y, right, NAME##_MINIMUM_1);                                                            \
        double s = at_most(r, NAME##_START_LEFT_TOP), t = at_most(r, NAME##_START_RIGHT_TOP);                          \
        double u = NAME##_START_LEFT_A - NAME##_START_LEFT_B / (s + NAME##_START_LEFT_C);                              \
        double v = FMA(NAME##_START_RIGHT_A, t, -1.0);                                                                 \
        double below = FMA(-s, POLYNOMIAL(u, NAME##_START_LEFT, left_evens, left_odds), NAME##_MINIMUM_AT_1);          \
        double above = FMA(t, POLYNOMIAL(v, NAME##_START_RIGHT, right_evens, right_odds), NAME##_MINIMUM_AT_1);        \
        double x = right ? (r > NAME##_START_RIGHT_TOP ? y : above) : below;                                           \
        x = newton_step(AT(x), y, x, r);                                                                               \
        outcome f = AT(x);                                                                                             \
        double slope = right ? f.derivative : corrected(f, y);                                                         \
        slope = y > 1e3 ? 1.0 : y == 0.0 && !right ? y : slope;                                                        \
        return y == y ? slope : y;                                                                                     \
    }
#else
#define SP_INVERSE(name, NAME, AT, left_evens, left_odds, right_evens, right_odds)                                     \
    SP_INLINE double name##_slope(double y, int right) {                                                               \
        double r = branch_root(y, right, NAME##_MINIMUM_1);                                                            \
        double s = at_most(r, NAME##_LEFT_TOP), t = at_most(r, NAME##_RIGHT_TOP);                                      \
        double u = NAME##_LEFT_A - NAME##_LEFT_B / (s + NAME##_LEFT_C), v = FMA(NAME##_RIGHT_A, t, -1.0);              \
        double below = y * s * POLYNOMIAL(u, NAME##_LEFT, left_evens, left_odds);                                      \
        double above = t * POLYNOMIAL(v, NAME##_RIGHT, right_evens, right_odds);                                       \
        return right ? (r > NAME##_RIGHT_TOP ? 1.0 : above) : below;                                                   \
    }
#endif

#endif
