/* The one place that knows about float32 and float64.

   A kernel is one text, compiled twice.  With SP_DOUBLE 0 the arrays hold float32, the arithmetic is plain double and the
   result is rounded once at the end.  With SP_DOUBLE 1 the arrays hold float64 and the low words of pair.h keep what
   double loses. */
#ifndef SP_REAL_H
#define SP_REAL_H
#include <math.h>
#include <stdint.h>
#include <string.h>

#ifndef SP_DOUBLE
#error "compile with -DSP_DOUBLE=0 (float32) or -DSP_DOUBLE=1 (float64)"
#endif

#if SP_DOUBLE
typedef double real;
#define REAL_MAX 0x1.fffffffffffffp1023
#else
typedef float real;
#define REAL_MAX 0x1.fffffep127
#endif

#if defined(_MSC_VER)
#define SP_INLINE static __forceinline
#else
#define SP_INLINE static inline __attribute__((always_inline))
#endif

/* A fused multiply-add if the instruction set has it. Otherwise the product and the sum are rounded separately, which
   changes about one float32 result in 2^25. Operations that must be exact use pair.h, which does not need a fused
   multiply-add.  What is compiled once does without it, so that its bits do not depend on the architecture either. */
#if !SP_COMPILED_ONCE && (defined(__FMA__) || defined(__AVX512F__) || defined(__ARM_FEATURE_FMA))
#define SP_HAS_FMA 1
#define FMA(a, b, c) __builtin_fma((a), (b), (c))
#else
#define SP_HAS_FMA 0
#define FMA(a, b, c) ((a) * (b) + (c))
#endif

SP_INLINE uint64_t bits_of(double x) {
    uint64_t b;
    memcpy(&b, &x, sizeof b);
    return b;
}

SP_INLINE double from_bits(uint64_t b) {
    double x;
    memcpy(&x, &b, sizeof x);
    return x;
}

/* An activation at one point: f, f', f'', and the derivatives by its first and second parameter.  Each loop uses what it
   stores and the compiler drops the rest; what a text leaves out is 0. */
typedef struct {
    double value, derivative, second, by_a, by_b;
} jet;

/* Return c, or NaN if x is NaN; for results that do not depend on x. */
SP_INLINE double unless_nan(double x, double c) { return x == x ? c : x; }

/* Clamps keep NaN. */
SP_INLINE double at_least(double x, double low) { return x < low ? low : x; }
SP_INLINE double at_most(double x, double high) { return x > high ? high : x; }

/* Clamp x to ±REAL_MAX when the factor is 0, so that 0·inf gives 0 instead of NaN. */
SP_INLINE double finite_for(double x, double factor) {
    const double limit = factor == 0.0 ? REAL_MAX : (double)INFINITY;
    return at_most(at_least(x, -limit), limit);
}

/* Polynomials with constant coefficients, lowest first, as two Horner chains in x^2: half the latency of one. */
#define EVEN_1(u, c, i) (c)[i]
#define EVEN_2(u, c, i) FMA(u, EVEN_1(u, c, (i) + 2), (c)[i])
#define EVEN_3(u, c, i) FMA(u, EVEN_2(u, c, (i) + 2), (c)[i])
#define EVEN_4(u, c, i) FMA(u, EVEN_3(u, c, (i) + 2), (c)[i])
#define EVEN_5(u, c, i) FMA(u, EVEN_4(u, c, (i) + 2), (c)[i])
#define EVEN_6(u, c, i) FMA(u, EVEN_5(u, c, (i) + 2), (c)[i])
#define EVEN_7(u, c, i) FMA(u, EVEN_6(u, c, (i) + 2), (c)[i])
#define EVEN_8(u, c, i) FMA(u, EVEN_7(u, c, (i) + 2), (c)[i])
#define EVEN_9(u, c, i) FMA(u, EVEN_8(u, c, (i) + 2), (c)[i])
#define EVEN_10(u, c, i) FMA(u, EVEN_9(u, c, (i) + 2), (c)[i])
#define EVEN_11(u, c, i) FMA(u, EVEN_10(u, c, (i) + 2), (c)[i])
#define EVEN_12(u, c, i) FMA(u, EVEN_11(u, c, (i) + 2), (c)[i])
#define EVEN_13(u, c, i) FMA(u, EVEN_12(u, c, (i) + 2), (c)[i])
#define EVEN_14(u, c, i) FMA(u, EVEN_13(u, c, (i) + 2), (c)[i])
#define EVEN_15(u, c, i) FMA(u, EVEN_14(u, c, (i) + 2), (c)[i])
#define EVEN_16(u, c, i) FMA(u, EVEN_15(u, c, (i) + 2), (c)[i])
/* evens and odds: how many coefficients have an even and an odd index */
#define POLYNOMIAL(x, c, evens, odds) FMA(x, EVEN_##odds((x) * (x), c, 1), EVEN_##evens((x) * (x), c, 0))

#endif
