/* sin and cos of arguments beyond SP_ARGUMENT_LIMIT: the reduction of Payne and Hanek (1983) in 32-bit limbs.

   Used element by element by evaluate.c, for float32 and float64 alike; compiled once, so its bits do not depend on the
   instruction set or the architecture.  0.52 ulp (float64). */
#ifndef SP_PERIODIC_H
#define SP_PERIODIC_H
#include "arithmetic/elementary.h"

/* The quadrant of x·2^up and the rest, x·2^up = (4k + quadrant)·pi/2 + r with |r| <= pi/4, for normal numbers x with
   2^20 <= |x|·2^up < 2^2050. */
static pair reduced_far(double x, int up, uint64_t *quadrant) {
    /* 192 bits of the fraction; a double comes no nearer to k·pi/2 than 2^-62 */
    enum { LIMBS = 8, FRACTION_LIMBS = 6 };
    const uint64_t bits = bits_of(x);
    const int exponent = (int)(bits >> 52 & 0x7ff) - 1075 + up; /* |x|·2^up = mantissa·2^exponent, exponent >= -32 */
    const uint64_t mantissa = (bits & ((UINT64_C(1) << 52) - 1)) | UINT64_C(1) << 52;

    /* Limb i of 2/pi has weight 2^(-32·(i + 1)); the first ones contribute multiples of 4 only. */
    const int first = exponent < 34 ? 0 : (exponent - 2) / 32;
    uint32_t p[LIMBS + 4] = {0}; /* mantissa times LIMBS limbs, least significant first */
    for (int half = 0; half < 2; half++) {
        uint64_t m = half ? mantissa >> 32 : (uint32_t)mantissa, carry = 0;
        for (int i = 0; i < LIMBS; i++) {
            carry += p[i + half] + m * TWO_OVER_PI[first + LIMBS - 1 - i];
            p[i + half] = (uint32_t)carry;
            carry >>= 32;
        }
        p[LIMBS + half] = (uint32_t)carry;
    }

    /* x·2/pi = p·2^-point modulo 4 */
    const int point = 32 * (LIMBS + first) - exponent;
#define BITS_FROM(k) ((uint32_t)(((uint64_t)p[(k) / 32 + 1] << 32 | p[(k) / 32]) >> (k) % 32))
    uint64_t q = BITS_FROM(point) & 3;
    const int next = (int)(BITS_FROM(point - 32) >> 31); /* nearer to the next quadrant: count back from there */
    pair r = pair_of(0.0);
    double weight = 0x1p-32;
    for (int k = 1; k <= FRACTION_LIMBS; k++, weight *= 0x1p-32) {
        uint32_t limb = BITS_FROM(point - 32 * k);
        r = pair_sum(r, pair_of((next ? ~limb : limb) * weight));
    }
#undef BITS_FROM
    q += (uint64_t)next;
    *quadrant = (x < 0.0 ? -q : q) & 3;
    return pair_scaled(pair_product(r, PAIR(0.5 * PI_PAIR_1, 0.5 * PI_PAIR_2)), next != (x < 0.0) ? -1.0 : 1.0);
}

/* sin(x·2^up + shift·pi/4), up >= -200; NaN for ±inf */
static pair sine_far(pair x, int up, int shift) {
    if (!(fabs(x.hi) < (double)INFINITY))
        return pair_of(x.hi - x.hi);
    const double factor = from_bits((uint64_t)(1023 + (up < 1000 ? up : 1000)) << 52), limit = SP_ARGUMENT_LIMIT / factor;
    uint64_t quadrant = 0, low_quadrant = 0;
    pair r = pair_of(x.hi * factor), low = pair_of(x.lo * factor);
    if (fabs(x.hi) > limit)
        r = reduced_far(x.hi, up, &quadrant);
    if (fabs(x.lo) > limit)
        low = reduced_far(x.lo, up, &low_quadrant);
    /* The sum of two remainders plus an eighth of a turn may lie outside the quadrant; sine_turned reduces it again. */
    return sine_turned(pair_sum(r, low), shift, quadrant + low_quadrant, FULL);
}

#endif
