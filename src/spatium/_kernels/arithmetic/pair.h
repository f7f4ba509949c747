/* Arithmetic on unevaluated sums hi + lo.

   In the float32 build a pair is one double and every operation here is the plain one: the low word vanishes at compile
   time.  In the float64 build the operations are the usual error-free transformations (Dekker 1971, Knuth 1969; Joldes,
   Muller, Popescu 2017), correct to about 2^-100; they do not need a fused multiply-add, and use it where it is there. */
#ifndef SP_PAIR_H
#define SP_PAIR_H
#include "arithmetic/real.h"

#if SP_DOUBLE
typedef struct {
    double hi, lo;
} pair;
#define PAIR(high, low) ((pair){(high), (low)})
#else
typedef struct {
    double hi;
} pair;
#define PAIR(high, low) ((pair){(high)})
#endif

SP_INLINE pair pair_of(double a) { return PAIR(a, 0.0); }

SP_INLINE double value_of(pair a) {
#if SP_DOUBLE
    return a.hi + a.lo;
#else
    return a.hi;
#endif
}

/* a + b, |a| >= |b| or a = 0 */
SP_INLINE pair fast_two_sum(double a, double b) {
#if SP_DOUBLE
    double s = a + b;
    return PAIR(s, b - (s - a));
#else
    return pair_of(a + b);
#endif
}

SP_INLINE pair two_sum(double a, double b) {
#if SP_DOUBLE
    double s = a + b, t = s - a;
    return PAIR(s, (a - (s - t)) + (b - t));
#else
    return pair_of(a + b);
#endif
}

SP_INLINE pair two_product(double a, double b) {
#if !SP_DOUBLE
    return pair_of(a * b);
#elif SP_HAS_FMA
    double p = a * b;
    return PAIR(p, FMA(a, b, -p));
#else
    /* split by masking, not by Veltkamp's multiplication: it cannot overflow */
    double p = a * b;
    double a1 = from_bits(bits_of(a) & ~((UINT64_C(1) << 27) - 1)), a2 = a - a1;
    double b1 = from_bits(bits_of(b) & ~((UINT64_C(1) << 27) - 1)), b2 = b - b1;
    double rest = ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2;
    return PAIR(p, fabs(p) < 0x1p-960 ? 0.0 : rest); /* below this size the products of the halves underflow */
#endif
}

/* a·b with every digit of the low word: without a fused multiplication two_product has one too few in one of thirty cases,
   because it splits its factors by masking and not by rounding. */
#if SP_DOUBLE && !SP_HAS_FMA
SP_INLINE double leading_half(double a) {
    /* 2^26, but 0 from 2^1023 on, where infinity could be the rounded number; a comparison would keep the loop scalar */
    const uint64_t below = (UINT64_C(0x7fe) << 52) - (bits_of(a) & UINT64_C(0x7ff) << 52);
    const uint64_t half = (below + (UINT64_C(0x7ff) << 52)) >> 63 << 26;
    return from_bits((bits_of(a) + half) & ~((UINT64_C(1) << 27) - 1));
}
#endif
SP_INLINE pair exact_product(double a, double b) {
#if SP_DOUBLE && !SP_HAS_FMA
    double p = a * b, a1 = leading_half(a), a2 = a - a1, b1 = leading_half(b), b2 = b - b1;
    return PAIR(p, ((a1 * b1 - p) + a1 * b2 + a2 * b1) + a2 * b2);
#else
    return two_product(a, b);
#endif
}

SP_INLINE pair pair_sum(pair a, pair b) {
#if SP_DOUBLE
    pair s = two_sum(a.hi, b.hi);
    return fast_two_sum(s.hi, s.lo + (a.lo + b.lo));
#else
    return pair_of(a.hi + b.hi);
#endif
}

/* a + b for b so small that the rounding error of a.lo + b is negligible. */
SP_INLINE pair pair_add_small(pair a, double b) {
#if SP_DOUBLE
    return fast_two_sum(a.hi, a.lo + b);
#else
    return pair_of(a.hi + b);
#endif
}

SP_INLINE pair pair_product(pair a, pair b) {
#if SP_DOUBLE
    pair p = two_product(a.hi, b.hi);
    return fast_two_sum(p.hi, p.lo + (a.hi * b.lo + a.lo * b.hi));
#else
    return pair_of(a.hi * b.hi);
#endif
}

/* a·b, not normalized, so half the operations: for products of a few factors before one rounding */
SP_INLINE pair loose_product(pair a, pair b) {
#if SP_DOUBLE
    pair p = two_product(a.hi, b.hi);
    return PAIR(p.hi, FMA(a.hi, b.lo, FMA(a.lo, b.hi, p.lo)));
#else
    return pair_of(a.hi * b.hi);
#endif
}

SP_INLINE pair pair_times(pair a, double b) {
#if SP_DOUBLE
    pair p = two_product(a.hi, b);
    return fast_two_sum(p.hi, p.lo + a.lo * b);
#else
    return pair_of(a.hi * b);
#endif
}

/* Multiply by a parameter of any size. If the product overflows and its low word is infinite too, the result is
   infinite instead of NaN. */
SP_INLINE pair pair_times_parameter(pair a, double b) {
    pair p = pair_times(a, b);
#if SP_DOUBLE
    int finite = fabs(p.hi) <= REAL_MAX;
    return PAIR(finite ? p.hi : a.hi * b, finite ? p.lo : 0.0);
#else
    return p;
#endif
}

/* times a power of two, or minus one: exact */
SP_INLINE pair pair_scaled(pair a, double b) {
#if SP_DOUBLE
    return PAIR(a.hi * b, a.lo * b);
#else
    return pair_of(a.hi * b);
#endif
}

SP_INLINE pair pair_reciprocal(pair a) {
    double w = 1.0 / a.hi;
#if SP_DOUBLE
    pair p = two_product(w, a.hi);
    return PAIR(w, w * ((1.0 - p.hi) - p.lo - w * a.lo));
#else
    return pair_of(w);
#endif
}

SP_INLINE pair pair_select(int condition, pair a, pair b) {
#if SP_DOUBLE
    return PAIR(condition ? a.hi : b.hi, condition ? a.lo : b.lo);
#else
    return pair_of(condition ? a.hi : b.hi);
#endif
}

/* to [-limit, limit]; NaN stays */
SP_INLINE pair pair_clamped(pair a, double limit) {
    double hi = at_most(at_least(a.hi, -limit), limit);
#if SP_DOUBLE
    return PAIR(hi, hi == a.hi ? a.lo : 0.0);
#else
    return pair_of(hi);
#endif
}

#endif
