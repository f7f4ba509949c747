/* sin and cos of arguments beyond SP_ARGUMENT_LIMIT: the reduction of Payne and Hanek (1983) in 32-bit limbs.

   Used element by element by evaluate.c, for float32 and float64 alike; compiled once, so its bits do not depend on the
   instruction set or the architecture.  0.52 ulp (float64). */
#ifndef SP_PERIODIC_H
#define SP_PERIODIC_H
#include "arithmetic/elementary.h"

/* The quadrant of x and the rest, x = (4k + quadrant)·pi/2 + r with |r| <= pi/4, for finite |x| >= 2^20. */
static pair reduced_far(double x, uint64_t *quadrant) {
    /* 192 bits of the fraction; a double comes no nearer to k·pi/2 than 2^-62 */
    enum { LIMBS = 8, FRACTION_LIMBS = 6 };
    const uint64_t bits = bits_of(x);
    const int exponent = (int)(bits >> 52 & 0x7ff) - 1075; /* |x| = mantissa·2^exponent, exponent >= -32 */
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
    const int up = (int)(BITS_FROM(point - 32) >> 31); /* nearer to the next quadrant: count back from there */
    pair r = pair_of(0.0);
    double weight = 0x1p-32;
    for (int k = 1; k <= FRACTION_LIMBS; k++, weight *= 0x1p-32) {
        uint32_t limb = BITS_FROM(point - 32 * k);
        r = pair_sum(r, pair_of((up ? ~limb : limb) * weight));
    }
#undef BITS_FROM
    q += (uint64_t)up;
    *quadrant = (x < 0.0 ? -q : q) & 3;
    return pair_scaled(pair_product(r, PAIR(0.5 * PI_PAIR_1, 0.5 * PI_PAIR_2)), up != (x < 0.0) ? -1.0 : 1.0);
}

/* sin(times·x + shift·pi/4) of any x, `times` a multiple of four or 1; NaN for ±inf */
static pair sine_far(pair x, double times, int shift) {
    if (!(fabs(x.hi) < (double)INFINITY))
        return pair_of(x.hi - x.hi);
    if (fabs(x.hi) <= SP_ARGUMENT_LIMIT)
        return sine_shifted(x, shift, FULL);
    uint64_t quadrant, low_quadrant = 0;
    pair r = reduced_far(x.hi, &quadrant), low = pair_of(x.lo);
    if (fabs(x.lo) > SP_ARGUMENT_LIMIT)
        low = reduced_far(x.lo, &low_quadrant);
    /* The sum of two remainders, times `times`, plus an eighth of a turn may lie outside the quadrant; sine_turned
       reduces it again. */
    return sine_turned(pair_scaled(pair_sum(r, low), times), shift, times == 1.0 ? quadrant + low_quadrant : 0, FULL);
}

#endif
