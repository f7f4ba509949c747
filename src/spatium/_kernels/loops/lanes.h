/* float32 in vectors of float32: the fast road of the values and derivatives that most programs ask for.

   A lane holds what real.h's double holds, as an unevaluated sum hi + lo of two floats where one float is not enough,
   and tables of 32 floats are looked up in registers, which no compiler makes of a loop over doubles.  A function that
   has this form (`name_lanes`, and `name_slope_lanes` for the derivative) gives the same bits on every instruction set
   below, for these are the same operations in the same order.  It names the arguments that it cannot serve, `far`: those
   lanes take the double text instead.

   The baseline, which has no fused multiply-add, and Arm use the double text for everything, and agree with
   these bits but for at most four results in a thousand (docs/accuracy.md). */
#ifndef SP_LANES_H
#define SP_LANES_H
#include "arithmetic/coefficients.h"
#include "arithmetic/real.h"

#if !SP_DOUBLE && defined(__AVX512F__)
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

#elif !SP_DOUBLE && defined(__AVX2__)
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

/* c, and NaN where x is NaN */
SP_INLINE lanes v_unless_nan(lanes x, lanes c) { return v_select(v_not_at_most(x, v_set(INFINITY)), x, c); }

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
SP_INLINE lanes_pair v_fast_two_sum(lanes a, lanes b) {
    lanes s = a + b;
    return (lanes_pair){s, b - (s - a)};
}
/* added to a number below 2^22 it leaves the nearest integer, and that integer in the low bits */
#define V_SHIFTER v_set(0x1.8p23f)

/* a·b exactly, as long as nothing underflows */
SP_INLINE lanes_pair v_two_product(lanes a, lanes b) {
    lanes p = a * b;
    return (lanes_pair){p, v_fms(a, b, p)};
}
SP_INLINE lanes_pair v_two_sum(lanes a, lanes b) {
    lanes s = a + b, t = s - a;
    return (lanes_pair){s, (a - (s - t)) + (b - t)};
}
SP_INLINE lanes_pair v_pair_select(mask m, lanes_pair a, lanes_pair b) {
    return (lanes_pair){v_select(m, a.hi, b.hi), v_select(m, a.lo, b.lo)};
}
/* x·a */
SP_INLINE lanes_pair v_pair_times(lanes_pair a, lanes x) {
    lanes_pair p = v_two_product(x, a.hi);
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

/* 0 < |x| < 2^-40, where the low word's part of a product with a parameter could underflow */
SP_INLINE mask v_tiny(lanes x) {
    return v_unsigned_less(v_add_words(v_words(v_abs(x)), v_set_words(-1)), v_set_words((87 << 23) - 1));
}

/* where pairs of floats do not hold it with all the digits that they are credited with */
SP_INLINE mask v_parameter_beyond(lanes_parameter a) {
    return v_either(v_beyond(a.pair.hi, 0x1p60f), v_less(v_abs(a.pair.hi), v_set(0x1p-60f)));
}

/* e^z for z = x·rate·ln(2)/32, |z| <= V_EXP_LIMIT; the rate 32/ln(2) makes it e^x.

   x·rate = n + f, |f| <= 1/2; the table holds 2^(j/32), j the low five bits of n, less j in the place of its exponent's
   last bits, so that one shifted n is added and leaves 2^(n/32).  What the table rounded off joins the series of
   2^(f/32) - 1.  f is rounded to 2^-25, which is 2^-31 of e^z, as are the roundings of its series: together at most
   2^-29.5, most of the time 2^-31. */
#define V_EXP_LIMIT 60.0f
#define V_UNIT ((lanes_pair){v_set(LANES_32_OVER_LN2_1), v_set(LANES_32_OVER_LN2_2)})
#define V_MINUS_UNIT ((lanes_pair){v_set(-LANES_32_OVER_LN2_1), v_set(-LANES_32_OVER_LN2_2)})
/* where |n| is beyond the limit, NaN included; the rest of e is meaningless there */
#define v_exponential_beyond(e) v_beyond((e).n, LANES_32_OVER_LN2_1 * V_EXP_LIMIT)

/* the rate of a parameter: parameter·unit */
SP_INLINE lanes_pair v_rate(lanes_parameter p, lanes_pair unit) {
    lanes_pair rate = v_two_product(p.pair.hi, unit.hi);
    rate.lo = v_fma(p.pair.hi, unit.lo, v_fma(p.pair.lo, unit.hi, rate.lo));
    return rate;
}

typedef struct {
    lanes n, power, fraction; /* e^z = power·(1 + fraction), |fraction| <= 2^-6.5 */
} lanes_exponential;

SP_INLINE lanes v_power(lanes t) {
    return v_floats(v_add_words(v_words(v_at(LANES_POWER, v_index(v_words(t)))), v_shift_left(v_words(t), 18)));
}

SP_INLINE lanes_exponential v_exponential(lanes x, lanes_pair rate) {
    lanes t = v_fma(x, rate.hi, V_SHIFTER), n = t - V_SHIFTER, f = v_fma(x, rate.lo, v_fms(x, rate.hi, n));
    return (lanes_exponential){n, v_power(t),
                               v_fma(f, v_polynomial(LANES_POWER_SERIES, 3, f), v_at(LANES_POWER_REST, v_index(v_words(t))))};
}

/* e^z as a normalised pair */
SP_INLINE lanes_pair v_exp_pair(lanes_exponential e) { return v_fast_two_sum(e.power, e.power * e.fraction); }

/* e^z - 1 for z = z.hi + z.lo, -V_EXP_LIMIT <= z <= 0; lo is up to 2^-7 of hi.
   z = n·ln(2)/32 + r here, where r is exact but for n times the low word of ln(2)/32, so that no digit of a small z is lost. */
SP_INLINE lanes_pair v_expm1_pair(lanes_pair z) {
    lanes t = v_fma(z.hi, v_set(LANES_32_OVER_LN2_1), V_SHIFTER), n = t - V_SHIFTER, power = v_power(t);
    lanes r = v_fnma(n, v_set(LANES_LN2_32_1), z.hi);
    lanes d = z.lo + v_fnma(n, v_set(LANES_LN2_32_2), v_at(LANES_POWER_REST, v_index(v_words(t))));
    lanes rest = v_fma(r, v_fma(r, v_polynomial(LANES_EXPM1, 3, r), d), d);
    lanes_pair first = v_two_product(power, r), c = v_fast_two_sum(v_set(-1.0f), power);
    lanes_pair s = v_fast_two_sum(c.hi, first.hi);
    return (lanes_pair){s.hi, s.lo + (c.lo + v_fma(power, rest, first.lo))};
}

/* a·b, rounded once */
SP_INLINE lanes v_rounded_product(lanes_pair a, lanes_pair b) {
    return v_fma(a.hi, b.hi, v_fma(a.hi, b.lo, a.lo * b.hi));
}

/* A derivative next to its root, where it cancels and pairs have too few digits left: d·(first + d·series(d)), d = x - root;
   `elsewhere` beyond the radius of the series. */
#define V_NEAR_ROOT(name, terms, x, elsewhere)                                                                         \
    v_near_root((x) - v_set(name##_ROOT_1), v_set(name##_ROOT_2), name##_RADIUS_1, v_set(name##_FIRST_1),              \
                v_set(name##_FIRST_2), name, terms, elsewhere)
SP_INLINE lanes v_near_root(lanes from, lanes root_low, float radius, lanes first, lanes first_low, const float *series,
                            int terms, lanes elsewhere) {
    lanes d = from - root_low;
    lanes_pair slope = v_fast_two_sum(first, d * v_polynomial(series, terms, d));
    slope.lo = slope.lo + first_low;
    lanes near = v_rounded_product((lanes_pair){d, (from - d) - root_low}, slope);
    return v_select(v_less(v_abs(d), v_set(radius)), near, elsewhere);
}

/* 1/(a.hi + a.lo) = w·(1 + rest) */
typedef struct {
    lanes w, rest;
} lanes_reciprocal;

SP_INLINE lanes_reciprocal v_reciprocal(lanes_pair a) {
    lanes w = ONE / a.hi;
    return (lanes_reciprocal){w, v_fnma(w, a.lo, v_fnma(w, a.hi, ONE))};
}

SP_INLINE lanes_pair v_pair_of(lanes_reciprocal a) { return (lanes_pair){a.w, a.w * a.rest}; }

/* a/b from 1/b */
SP_INLINE lanes_pair v_quotient(lanes_pair a, lanes_reciprocal b) {
    lanes_pair q = v_two_product(a.hi, b.w);
    return (lanes_pair){q.hi, v_fma(q.hi, b.rest, v_fma(a.lo, b.w, q.lo))};
}
/* a·b, not normalised */
SP_INLINE lanes_pair v_pair_product(lanes_pair a, lanes_pair b) {
    lanes_pair p = v_two_product(a.hi, b.hi);
    return (lanes_pair){p.hi, v_fma(a.hi, b.lo, v_fma(a.lo, b.hi, p.lo))};
}

/* 1/(1 + E), E = e^-z: sigma(z) */
SP_INLINE lanes_reciprocal v_logistic(lanes_exponential e) {
    lanes_pair s = v_fast_two_sum(v_max(ONE, e.power), v_min(ONE, e.power));
    lanes_pair d = v_fast_two_sum(s.hi, e.power * e.fraction);
    return v_reciprocal((lanes_pair){d.hi, d.lo + s.lo});
}

/* sigma(z), rounded once */
SP_INLINE lanes v_sigma(lanes_exponential e) {
    lanes_reciprocal y = v_logistic(e);
    return v_fma(y.w, y.rest, y.w);
}

/* sigma'(z) = E/(1 + E)^2, E = e^-z, as a pair */
SP_INLINE lanes_pair v_logistic_slope(lanes_exponential e) {
    lanes_reciprocal r = v_logistic(e);
    return v_quotient(v_quotient(v_exp_pair(e), r), r);
}

/* (x·sigma(z))' = sigma(z)·(1 + s·sigma(-z)) from E = e^-z and s = x·dz/dx.
   Next to the minimum, where the sum cancels, it has too few digits: `far`. */
SP_INLINE lanes_pair v_self_gate_slope(lanes_exponential e, lanes_pair s, mask *far) {
    lanes_reciprocal r = v_logistic(e);
    lanes_pair t = v_pair_product(s, v_quotient(v_exp_pair(e), r)), c = v_two_sum(ONE, t.hi);
    c.lo = c.lo + t.lo;
    *far = v_either(v_exponential_beyond(e), v_less(v_abs(c.hi), v_set(0x1p-6f)));
    return v_pair_product(v_pair_of(r), c);
}

/* x or -x, so that its product with the rate is negative: for e^-|z| */
SP_INLINE lanes v_toward_minus(lanes x, lanes rate) { return v_exclusive_or(x, v_and_not(v_exclusive_or(x, rate), SIGN)); }

/* x·sigma(z) from e^-z; `finite` is x, or where sigma(z) is 1 any smaller number */
SP_INLINE lanes v_self_gated(lanes x, lanes finite, lanes_exponential e) {
    lanes_pair s = v_pair_of(v_logistic(e));
    return v_with_sign(v_fma(x, s.hi, finite * s.lo), x); /* -0 */
}

/* log1p(e^z) = max(z, 0) + E·L(E) from E = e^-|z| and max(z, 0), L(E) = log1p(E)/E in 32 intervals.
   1 + E is kept below 2, where the intervals end. */
SP_INLINE lanes_pair v_softplus(lanes_exponential e, lanes positive) {
    lanes_pair E = v_exp_pair(e);
    index32 i = v_index(v_shift_right(v_words(v_fma(E.hi, v_set(0x1.fffff8p-1f), ONE)), 18));
    lanes d = (E.hi - v_at(LANES_LOG1P_CENTRE, i)) + E.lo, first = v_at(LANES_LOG1P_0, i);
    lanes_pair y = v_two_product(E.hi, first);
    lanes rest = v_fma(E.hi, d * v_piecewise(LANES_LOG1P, 3, i, d), v_fma(E.lo, first, y.lo));
    lanes_pair s = v_fast_two_sum(v_max(positive, y.hi), v_min(positive, y.hi));
    return (lanes_pair){s.hi, s.lo + rest};
}
#endif

#endif
