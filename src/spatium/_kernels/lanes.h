/* float32 in vectors of float32: the fast road of the values that most programs ask for.

   A lane holds what real.h's double holds, as an unevaluated sum hi + lo of two floats where one float is not enough,
   and tables of 32 floats are looked up in registers, which no compiler makes of a loop over doubles.  A function that
   has this form (`name_lanes`) gives the same bits on every instruction set below, for these are the same operations in
   the same order.  It names the arguments that it cannot serve, `far`: those lanes take the double text instead.

   The baseline, which has no fused multiply-add, and Arm for now use the double text for everything, and agree with
   these bits but for at most four results in a thousand (docs/accuracy.md). */
#ifndef SP_LANES_H
#define SP_LANES_H
#include "coefficients.h"
#include "real.h"

#if !SP_WIDE && defined(__AVX512F__)
#include <immintrin.h>
#define SP_HAS_LANES 1
enum { V_LANES = 16 };
typedef __m512 lanes;
typedef __m512i words;
typedef __mmask16 mask;
typedef __m512i index32;

#define v_set(c) _mm512_set1_ps(c)
#define v_load(p) _mm512_loadu_ps(p)
#define v_store(p, x) _mm512_storeu_ps(p, x)
#define v_fma(a, b, c) _mm512_fmadd_ps(a, b, c)
#define v_fms(a, b, c) _mm512_fmsub_ps(a, b, c)
#define v_fnma(a, b, c) _mm512_fnmadd_ps(a, b, c)
#define v_min(a, b) _mm512_min_ps(a, b)
#define v_max(a, b) _mm512_max_ps(a, b)
#define v_and(a, b) _mm512_and_ps(a, b)
#define v_or(a, b) _mm512_or_ps(a, b)
#define v_and_not(a, b) _mm512_andnot_ps(a, b)
#define v_exclusive_or(a, b) _mm512_xor_ps(a, b)
#define v_words(x) _mm512_castps_si512(x)
#define v_floats(i) _mm512_castsi512_ps(i)
#define v_shift_left(i, n) _mm512_slli_epi32(i, n)
#define v_shift_right(i, n) _mm512_srli_epi32(i, n)
#define v_add_words(i, j) _mm512_add_epi32(i, j)
#define v_less(a, b) _mm512_cmp_ps_mask(a, b, _CMP_LT_OQ)
#define v_not_at_most(a, b) _mm512_cmp_ps_mask(a, b, _CMP_NLE_UQ)
#define v_set_words(c) _mm512_set1_epi32(c)
#define v_unsigned_less(i, j) _mm512_cmplt_epu32_mask(i, j)
#define v_either(m, k) ((mask)((m) | (k)))
#define v_select(m, a, b) _mm512_mask_blend_ps(m, b, a)
#define v_none() ((mask)0)
#define v_any(m) ((m) != 0)
#define v_bits(m) ((unsigned)(m))

SP_INLINE index32 v_index(words i) { return i; }
SP_INLINE lanes v_at(const float *table, index32 i) {
    return _mm512_permutex2var_ps(_mm512_loadu_ps(table), i, _mm512_loadu_ps(table + 16));
}
SP_INLINE lanes v_at_eighth(const float *table, words i) { return _mm512_permutexvar_ps(i, _mm512_loadu_ps(table)); }
SP_INLINE void v_split(const double *p, lanes *hi, lanes *lo) {
    __m512d a = _mm512_loadu_pd(p), b = _mm512_loadu_pd(p + 8);
    __m256 ah = _mm512_cvtpd_ps(a), bh = _mm512_cvtpd_ps(b);
    __m256 al = _mm512_cvtpd_ps(a - _mm512_cvtps_pd(ah)), bl = _mm512_cvtpd_ps(b - _mm512_cvtps_pd(bh));
    *hi = _mm512_insertf32x8(_mm512_castps256_ps512(ah), bh, 1);
    *lo = _mm512_insertf32x8(_mm512_castps256_ps512(al), bl, 1);
}

typedef struct {
    __m512d a, b;
} v_doubles;
SP_INLINE v_doubles v_widened(lanes x) {
    return (v_doubles){_mm512_cvtps_pd(_mm512_castps512_ps256(x)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1))};
}
SP_INLINE v_doubles v_load_doubles(const double *p) { return (v_doubles){_mm512_loadu_pd(p), _mm512_loadu_pd(p + 8)}; }
SP_INLINE void v_store_doubles(double *p, v_doubles x) {
    _mm512_storeu_pd(p, x.a);
    _mm512_storeu_pd(p + 8, x.b);
}
SP_INLINE __m256d v_total_of_4(const v_doubles *x) { /* k, k + 8; then k, k + 4 */
    __m512d y = x->a + x->b;
    return _mm512_castpd512_pd256(y) + _mm512_extractf64x4_pd(y, 1);
}
SP_INLINE __m256 v_greatest_of_8(lanes x) {
    return _mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
}

#elif !SP_WIDE && defined(__AVX2__)
#include <immintrin.h>
#define SP_HAS_LANES 1
enum { V_LANES = 8 };
typedef __m256 lanes;
typedef __m256i words;
typedef __m256 mask;
typedef struct {
    __m256i low;
    __m256 bit3, bit4; /* in the sign */
} index32;

#define v_set(c) _mm256_set1_ps(c)
#define v_load(p) _mm256_loadu_ps(p)
#define v_store(p, x) _mm256_storeu_ps(p, x)
#define v_fma(a, b, c) _mm256_fmadd_ps(a, b, c)
#define v_fms(a, b, c) _mm256_fmsub_ps(a, b, c)
#define v_fnma(a, b, c) _mm256_fnmadd_ps(a, b, c)
#define v_min(a, b) _mm256_min_ps(a, b)
#define v_max(a, b) _mm256_max_ps(a, b)
#define v_and(a, b) _mm256_and_ps(a, b)
#define v_or(a, b) _mm256_or_ps(a, b)
#define v_and_not(a, b) _mm256_andnot_ps(a, b)
#define v_exclusive_or(a, b) _mm256_xor_ps(a, b)
#define v_words(x) _mm256_castps_si256(x)
#define v_floats(i) _mm256_castsi256_ps(i)
#define v_shift_left(i, n) _mm256_slli_epi32(i, n)
#define v_shift_right(i, n) _mm256_srli_epi32(i, n)
#define v_add_words(i, j) _mm256_add_epi32(i, j)
#define v_less(a, b) _mm256_cmp_ps(a, b, _CMP_LT_OQ)
#define v_not_at_most(a, b) _mm256_cmp_ps(a, b, _CMP_NLE_UQ)
#define v_set_words(c) _mm256_set1_epi32(c)
#define v_unsigned_less(i, j)                                                                                          \
    v_floats(_mm256_cmpgt_epi32(_mm256_xor_si256(j, v_set_words(INT32_MIN)), _mm256_xor_si256(i, v_set_words(INT32_MIN))))
#define v_either(m, k) _mm256_or_ps(m, k)
#define v_select(m, a, b) _mm256_blendv_ps(b, a, m)
#define v_none() _mm256_setzero_ps()
#define v_any(m) (_mm256_movemask_ps(m) != 0)
#define v_bits(m) ((unsigned)_mm256_movemask_ps(m))

SP_INLINE index32 v_index(words i) {
    return (index32){i, v_floats(v_shift_left(i, 28)), v_floats(v_shift_left(i, 27))};
}
SP_INLINE lanes v_at(const float *table, index32 i) {
    lanes a = _mm256_permutevar8x32_ps(v_load(table), i.low), b = _mm256_permutevar8x32_ps(v_load(table + 8), i.low);
    lanes c = _mm256_permutevar8x32_ps(v_load(table + 16), i.low), d = _mm256_permutevar8x32_ps(v_load(table + 24), i.low);
    return v_select(i.bit4, v_select(i.bit3, d, c), v_select(i.bit3, b, a));
}
SP_INLINE lanes v_at_eighth(const float *table, words i) { return _mm256_permutevar8x32_ps(v_load(table), i); }
SP_INLINE void v_split(const double *p, lanes *hi, lanes *lo) {
    __m256d a = _mm256_loadu_pd(p), b = _mm256_loadu_pd(p + 4);
    __m128 ah = _mm256_cvtpd_ps(a), bh = _mm256_cvtpd_ps(b);
    *hi = _mm256_set_m128(bh, ah);
    *lo = _mm256_set_m128(_mm256_cvtpd_ps(b - _mm256_cvtps_pd(bh)), _mm256_cvtpd_ps(a - _mm256_cvtps_pd(ah)));
}

typedef struct {
    __m256d a, b;
} v_doubles;
SP_INLINE v_doubles v_widened(lanes x) {
    return (v_doubles){_mm256_cvtps_pd(_mm256_castps256_ps128(x)), _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))};
}
SP_INLINE v_doubles v_load_doubles(const double *p) { return (v_doubles){_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)}; }
SP_INLINE void v_store_doubles(double *p, v_doubles x) {
    _mm256_storeu_pd(p, x.a);
    _mm256_storeu_pd(p + 4, x.b);
}
SP_INLINE __m256d v_total_of_4(const v_doubles *x) { return (x[0].a + x[1].a) + (x[0].b + x[1].b); }
SP_INLINE __m256 v_greatest_of_8(lanes x) { return x; }

#else
#define SP_HAS_LANES 0
#endif

#if SP_HAS_LANES
#define SIGN v_set(-0.0f)
#define ONE v_set(1.0f)
#define v_minus(x) v_exclusive_or(SIGN, x)
#define v_abs(x) v_and_not(SIGN, x)
/* a or -a, by the sign of b; a >= 0 or of that sign already */
#define v_with_sign(a, b) v_or(a, v_and(b, SIGN))
/* where |a| <= limit does not hold, NaN included */
#define v_beyond(a, limit) v_not_at_most(v_abs(a), v_set(limit))

typedef struct {
    lanes hi, lo;
} lanes_pair;

/* the lanes of a vector as doubles, for sums */
SP_INLINE v_doubles v_add_doubles(v_doubles x, v_doubles y) { return (v_doubles){x.a + y.a, x.b + y.b}; }
/* of SP_LANES numbers as a balanced tree: k and k + 8 first, the neighbours last */
SP_INLINE double v_total(const v_doubles *x) {
    __m256d y = v_total_of_4(x);
    __m128d z = _mm256_castpd256_pd128(y) + _mm256_extractf128_pd(y, 1);
    return z[0] + z[1];
}
SP_INLINE float v_greatest(lanes x) {
    __m256 y = v_greatest_of_8(x);
    __m128 z = _mm_max_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
    z = _mm_max_ps(z, _mm_movehl_ps(z, z));
    return z[0] > z[1] ? z[0] : z[1];
}

/* a + b, |a| >= |b| or a = 0; hi + lo is exact */
SP_INLINE lanes_pair v_ordered_sum(lanes a, lanes b) {
    lanes s = a + b;
    return (lanes_pair){s, b - (s - a)};
}
/* a·b exactly, as long as nothing underflows */
SP_INLINE lanes_pair v_product(lanes a, lanes b) {
    lanes p = a * b;
    return (lanes_pair){p, v_fms(a, b, p)};
}
/* x·a */
SP_INLINE lanes_pair v_times(lanes_pair a, lanes x) {
    lanes_pair p = v_product(x, a.hi);
    return (lanes_pair){p.hi, v_fma(x, a.lo, p.lo)};
}

/* A polynomial, lowest coefficient first */
SP_INLINE lanes v_polynomial(const float *c, int terms, lanes x) {
    lanes y = v_set(c[terms - 1]);
    for (int k = terms - 2; k >= 0; k--)
        y = v_fma(y, x, v_set(c[k]));
    return y;
}
/* The same, of interval i: one table per coefficient */
SP_INLINE lanes v_piecewise(const float (*tables)[32], int terms, index32 i, lanes d) {
    lanes y = v_at(tables[terms - 1], i);
    for (int k = terms - 2; k >= 0; k--)
        y = v_fma(y, d, v_at(tables[k], i));
    return y;
}

/* A parameter as a pair; `one` where it is 1 for all lanes, the default of many, which saves some work. */
typedef struct {
    lanes_pair pair;
    int one;
} lanes_parameter;

SP_INLINE lanes_parameter v_parameter(const double *p, int varying, ptrdiff_t i) {
    lanes_parameter a = {{v_set(0.0f), v_set(0.0f)}, 0};
    if (p && varying) {
        v_split(p + i, &a.pair.hi, &a.pair.lo);
    } else if (p) {
        a.pair.hi = v_set((float)*p);
        a.pair.lo = v_set((float)(*p - (float)*p));
        a.one = *p == 1.0;
    }
    return a;
}

/* -2^-60 < x < 0, where the low word's part of a product with a parameter could underflow */
SP_INLINE mask v_tiny_and_negative(lanes x) {
    return v_unsigned_less(v_add_words(v_words(x), v_set_words(0x7fffffff)), v_set_words(67 << 23));
}

/* where pairs of floats do not hold it with all the digits that they are credited with */
SP_INLINE mask v_parameter_beyond(lanes_parameter a) {
    return v_either(v_beyond(a.pair.hi, 0x1p60f), v_less(v_abs(a.pair.hi), v_set(0x1p-60f)));
}

/* e^z for z = z.hi + z.lo, |z| <= V_EXP_LIMIT.

   z = n·ln(2)/32 + r, |r| <= ln(2)/64; the table holds 2^(j/32), j the low five bits of n, as hi + lo, and their
   exponents take the other bits of n by an integer addition.  r is exact but for n times the low word of ln(2)/32, which
   joins the second order terms `rest` = r^2/2 + ... as part of z.lo.  2^(j/32)·r is the only rounded product that counts.
   Relative error 2^-31; for e^z - 1 the series goes one term further. z.lo must be below 2^-13. */
#define V_EXP_LIMIT 60.0f

typedef struct {
    lanes power, low;  /* 2^(n/32) = power + low */
    lanes r, rest;     /* fraction = r + rest */
} lanes_exponential;

SP_INLINE lanes_exponential v_exponential(lanes_pair z, int minus_one) {
    const lanes shifter = v_set(0x1.8p23f);
    lanes t = v_fma(z.hi, v_set(LANES_32_OVER_LN2_1), shifter), n = t - shifter;
    index32 j = v_index(v_words(t));
    words exponent = v_shift_left(v_shift_right(v_words(t), 5), 23);
    lanes_exponential e;
    e.power = v_floats(v_add_words(v_words(v_at(LANES_POWER, j)), exponent));
    e.low = v_floats(v_add_words(v_words(v_at(LANES_POWER_LOW, j)), exponent));
    e.r = v_fnma(n, v_set(LANES_LN2_32_1), z.hi);
    lanes d = v_fnma(n, v_set(LANES_LN2_32_2), z.lo);
    lanes q = minus_one ? v_polynomial(LANES_EXPM1, 3, e.r) : v_polynomial(LANES_EXP, 2, e.r);
    e.rest = v_fma(e.r, v_fma(e.r, q, d), d);
    return e;
}

/* e^z as a normalised pair */
SP_INLINE lanes_pair v_whole(lanes_exponential e) {
    return v_ordered_sum(e.power, v_fma(e.power, e.r, v_fma(e.power, e.rest, e.low)));
}

/* e^z - 1, z <= 0; lo is up to 2^-7 of hi */
SP_INLINE lanes_pair v_whole_minus_one(lanes_exponential e) {
    lanes low = v_select(v_less(e.power, ONE), e.low, v_set(0.0f)); /* the table has no 0 */
    lanes_pair first = v_product(e.power, e.r), c = v_ordered_sum(v_set(-1.0f), e.power);
    lanes_pair s = v_ordered_sum(c.hi, first.hi);
    lanes second = v_fma(e.power, e.rest, v_fma(low, e.r, low));
    return (lanes_pair){s.hi, s.lo + (c.lo + (first.lo + second))};
}

/* 1/(a.hi + a.lo) = w·(1 + rest) */
typedef struct {
    lanes w, rest;
} lanes_reciprocal;

SP_INLINE lanes_reciprocal v_reciprocal(lanes_pair a) {
    lanes w = ONE / a.hi;
    return (lanes_reciprocal){w, v_fnma(w, a.lo, v_fnma(w, a.hi, ONE))};
}

/* sigma(z) from minus_z, |z| <= V_EXP_LIMIT */
SP_INLINE lanes_reciprocal v_logistic(lanes_pair minus_z) {
    lanes_pair E = v_whole(v_exponential(minus_z, 0));
    lanes_pair d = v_ordered_sum(v_max(ONE, E.hi), v_min(ONE, E.hi));
    return v_reciprocal((lanes_pair){d.hi, d.lo + E.lo});
}

/* x·sigma(z) */
SP_INLINE lanes v_gated(lanes x, lanes_pair minus_z) {
    lanes_reciprocal s = v_logistic(minus_z);
    return v_with_sign(v_fma(x, s.w, x * (s.w * s.rest)), x); /* -0 */
}

/* log1p(e^z) = max(z, 0) + 2·atanh(w), w = E/(2 + E), E = e^-|z|, for -V_EXP_LIMIT <= z; lo is up to 2^-4 of hi.
   The argument is held at V_EXP_LIMIT: above, hi is z and lo is nothing. */
SP_INLINE lanes_pair v_softplus(lanes_pair z) {
    mask negative = v_less(z.hi, v_set(0.0f));
    lanes_pair minus_a = {v_max(v_or(z.hi, SIGN), v_set(-V_EXP_LIMIT)), v_select(negative, z.lo, v_minus(z.lo))};
    lanes_pair E = v_whole(v_exponential(minus_a, 0));
    lanes positive = v_max(z.hi, v_set(0.0f));
    lanes_pair d = v_ordered_sum(v_set(2.0f), E.hi);
    d.lo = d.lo + E.lo;
    lanes q = ONE / d.hi, w = E.hi * q;
    lanes rest = q * (v_fnma(w, d.hi, E.hi) + v_fnma(w, d.lo, E.lo)), u = w * w;
    lanes twice = w + w, tail = v_fma(u * w, v_polynomial(LANES_ATANH, 6, u), v_fma(rest + rest, u, rest + rest));
    lanes_pair s = v_ordered_sum(v_max(positive, twice), v_min(positive, twice));
    return (lanes_pair){s.hi, s.lo + (tail + v_select(negative, v_set(0.0f), z.lo))};
}
#endif

#endif
