/* Vectors of real, float or double, in one text: the fast road of the values and derivatives that most programs ask for.

   A lane holds a number as an unevaluated sum hi + lo where one word is not enough, and tables are looked up in registers
   (AVX-512) or by rows in memory (AVX2, Arm), which no compiler makes of a loop over doubles.  A function that has this
   form gives the same bits on every instruction set below, for these are the same operations in the same order.  It names
   the arguments that it cannot serve, `far`: those lanes take the text in double (float64: in pairs) instead, which is
   also what the baseline of x86-64, which has no fused multiply-add, uses for everything.  It agrees with these bits but
   for at most four results in a thousand (docs/accuracy.md). */
#ifndef SP_VECTORS_H
#define SP_VECTORS_H
#include "arithmetic/coefficients.h"
#include "arithmetic/real.h"

/* NAME_FLOAT or NAME_DOUBLE; with a part, NAME_FLOAT_1 */
#if SP_DOUBLE
#define V_BY_TYPE(name) name##_DOUBLE
#define V_PART(name, part) name##_DOUBLE_##part
#else
#define V_BY_TYPE(name) name##_FLOAT
#define V_PART(name, part) name##_FLOAT_##part
#endif

#if defined(__AVX512F__)
#include <immintrin.h>
#define SP_HAS_VECTORS 1
#define V_NAME(operation, type) _mm512_##operation##_##type
#elif defined(__AVX2__)
#include <immintrin.h>
#define SP_HAS_VECTORS 1
#define V_NAME(operation, type) _mm256_##operation##_##type
#elif defined(__aarch64__) && SP_HAS_FMA
#define SP_HAS_VECTORS 1
#include "loops/neon.h"
#else
#define SP_HAS_VECTORS 0
#endif
/* what is written for float32 alone */
#define SP_HAS_FLOAT_VECTORS (SP_HAS_VECTORS && !SP_DOUBLE)

#if SP_HAS_VECTORS
#if SP_DOUBLE
#define V_REAL(operation) V_NAME(operation, pd)
#define V_WORD(operation) V_NAME(operation, epi64)
typedef int64_t word;
#else
#define V_REAL(operation) V_NAME(operation, ps)
#define V_WORD(operation) V_NAME(operation, epi32)
typedef int32_t word;
#endif

#if !defined(SP_NEON_H)
#define v_set(c) V_REAL(set1)(c)
#define v_load(p) V_REAL(loadu)(p)
#define v_store(p, x) V_REAL(storeu)(p, x)
#define v_fma(a, b, c) V_REAL(fmadd)(a, b, c)
#define v_fms(a, b, c) V_REAL(fmsub)(a, b, c)
#define v_fnma(a, b, c) V_REAL(fnmadd)(a, b, c)
#define v_min(a, b) V_REAL(min)(a, b)
#define v_max(a, b) V_REAL(max)(a, b)
#define v_and(a, b) V_REAL(and)(a, b)
#define v_or(a, b) V_REAL(or)(a, b)
#define v_and_not(a, b) V_REAL(andnot)(a, b)
#define v_exclusive_or(a, b) V_REAL(xor)(a, b)
#define v_root(a) V_REAL(sqrt)(a)
#define v_shift_left(i, n) V_WORD(slli)(i, n)
#define v_shift_right(i, n) V_WORD(srli)(i, n)
#define v_add_words(i, j) V_WORD(add)(i, j)
#define v_subtract_words(i, j) V_WORD(sub)(i, j)

#if defined(__AVX512F__)
/* tables are looked up in registers, so that there is no stage for the places in them */
enum { V_LANES = 64 / (int)sizeof(real), V_BY_ROWS = 0 };
typedef __m512i words;
#if SP_DOUBLE
typedef __m512d reals;
typedef __mmask8 mask;
#define v_set_words(c) _mm512_set1_epi64(c)
#define v_words(x) _mm512_castpd_si512(x)
#define v_floats(i) _mm512_castsi512_pd(i)
#define v_unsigned_less(i, j) _mm512_cmplt_epu64_mask(i, j)
#else
typedef __m512 reals;
typedef __mmask16 mask;
#define v_set_words(c) _mm512_set1_epi32(c)
#define v_words(x) _mm512_castps_si512(x)
#define v_floats(i) _mm512_castsi512_ps(i)
#define v_unsigned_less(i, j) _mm512_cmplt_epu32_mask(i, j)
#endif
#define v_and_words(i, j) _mm512_and_si512(i, j)
#define v_less(a, b) V_REAL_MASK(cmp)(a, b, _CMP_LT_OQ)
#define v_not_at_most(a, b) V_REAL_MASK(cmp)(a, b, _CMP_NLE_UQ)
#define v_either(m, k) ((mask)((m) | (k)))
#define v_select(m, a, b) V_REAL(mask_blend)(m, b, a)
#define v_none() ((mask)0)
#define v_any(m) ((m) != 0)
#define v_bits(m) ((unsigned)(m))
#define v_held(x) (x)
#if SP_DOUBLE
#define V_REAL_MASK(operation) _mm512_##operation##_pd_mask
#else
#define V_REAL_MASK(operation) _mm512_##operation##_ps_mask
#endif

#else
enum { V_LANES = 32 / (int)sizeof(real), V_BY_ROWS = 1 };
typedef __m256i words;
#if SP_DOUBLE
typedef __m256d reals, mask;
#define v_set_words(c) _mm256_set1_epi64x(c)
#define v_words(x) _mm256_castpd_si256(x)
#define v_floats(i) _mm256_castsi256_pd(i)
#define V_SIGN_BIT INT64_MIN
#else
typedef __m256 reals, mask;
#define v_set_words(c) _mm256_set1_epi32(c)
#define v_words(x) _mm256_castps_si256(x)
#define v_floats(i) _mm256_castsi256_ps(i)
#define V_SIGN_BIT INT32_MIN
#endif
#define v_and_words(i, j) _mm256_and_si256(i, j)
#define v_less(a, b) V_REAL(cmp)(a, b, _CMP_LT_OQ)
#define v_not_at_most(a, b) V_REAL(cmp)(a, b, _CMP_NLE_UQ)
#define v_unsigned_less(i, j)                                                                                          \
    v_floats(V_WORD(cmpgt)(_mm256_xor_si256(j, v_set_words(V_SIGN_BIT)), _mm256_xor_si256(i, v_set_words(V_SIGN_BIT))))
#define v_either(m, k) v_or(m, k)
#define v_select(m, a, b) V_REAL(blendv)(b, a, m)
#define v_none() v_set(0)
#define v_any(m) (V_REAL(movemask)(m) != 0)
#define v_bits(m) ((unsigned)V_REAL(movemask)(m))
/* x in a register: GCC reads memory again for each use otherwise, and processors read but two vectors in a cycle. */
SP_INLINE reals v_held(reals x) {
    __asm__("" : "+x"(x));
    return x;
}
#endif
#endif
#endif

/* ---- float32 only ---- */

#if SP_HAS_FLOAT_VECTORS && defined(__AVX512F__)
SP_INLINE reals v_at(const float *table, words i) {
    return _mm512_permutex2var_ps(_mm512_loadu_ps(table), i, _mm512_loadu_ps(table + 16));
}
SP_INLINE reals v_at_eighth(const float *table, words i) { return _mm512_permutexvar_ps(i, _mm512_loadu_ps(table)); }
SP_INLINE void v_split(const double *p, reals *hi, reals *lo) {
    __m512d a = _mm512_loadu_pd(p), b = _mm512_loadu_pd(p + 8);
    __m256 ah = _mm512_cvtpd_ps(a), bh = _mm512_cvtpd_ps(b);
    __m256 al = _mm512_cvtpd_ps(a - _mm512_cvtps_pd(ah)), bl = _mm512_cvtpd_ps(b - _mm512_cvtps_pd(bh));
    *hi = _mm512_insertf32x8(_mm512_castps256_ps512(ah), bh, 1);
    *lo = _mm512_insertf32x8(_mm512_castps256_ps512(al), bl, 1);
}

typedef struct {
    __m512d a, b;
} v_doubles;
SP_INLINE v_doubles v_widened(reals x) {
    return (v_doubles){_mm512_cvtps_pd(_mm512_castps512_ps256(x)), _mm512_cvtps_pd(_mm512_extractf32x8_ps(x, 1))};
}
SP_INLINE v_doubles v_load_widened(const float *p) {
    return (v_doubles){_mm512_cvtps_pd(_mm256_loadu_ps(p)), _mm512_cvtps_pd(_mm256_loadu_ps(p + 8))};
}
SP_INLINE reals v_narrowed(v_doubles x) {
    return _mm512_insertf32x8(_mm512_castps256_ps512(_mm512_cvtpd_ps(x.a)), _mm512_cvtpd_ps(x.b), 1);
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
SP_INLINE __m256 v_greatest_of_8(reals x) {
    return _mm256_max_ps(_mm512_castps512_ps256(x), _mm512_extractf32x8_ps(x, 1));
}

#elif SP_HAS_FLOAT_VECTORS && !defined(SP_NEON_H)
SP_INLINE reals v_at_eighth(const float *table, words i) { return _mm256_permutevar8x32_ps(v_load(table), i); }
SP_INLINE void v_split(const double *p, reals *hi, reals *lo) {
    __m256d a = _mm256_loadu_pd(p), b = _mm256_loadu_pd(p + 4);
    __m128 ah = _mm256_cvtpd_ps(a), bh = _mm256_cvtpd_ps(b);
    *hi = _mm256_set_m128(bh, ah);
    *lo = _mm256_set_m128(_mm256_cvtpd_ps(b - _mm256_cvtps_pd(bh)), _mm256_cvtpd_ps(a - _mm256_cvtps_pd(ah)));
}

typedef struct {
    __m256d a, b;
} v_doubles;
SP_INLINE v_doubles v_widened(reals x) {
    return (v_doubles){_mm256_cvtps_pd(_mm256_castps256_ps128(x)), _mm256_cvtps_pd(_mm256_extractf128_ps(x, 1))};
}
SP_INLINE v_doubles v_load_widened(const float *p) {
    return (v_doubles){_mm256_cvtps_pd(_mm_loadu_ps(p)), _mm256_cvtps_pd(_mm_loadu_ps(p + 4))};
}
SP_INLINE reals v_narrowed(v_doubles x) { return _mm256_set_m128(_mm256_cvtpd_ps(x.b), _mm256_cvtpd_ps(x.a)); }
SP_INLINE v_doubles v_load_doubles(const double *p) { return (v_doubles){_mm256_loadu_pd(p), _mm256_loadu_pd(p + 4)}; }
SP_INLINE void v_store_doubles(double *p, v_doubles x) {
    _mm256_storeu_pd(p, x.a);
    _mm256_storeu_pd(p + 4, x.b);
}
SP_INLINE __m256d v_total_of_4(const v_doubles *x) { return (x[0].a + x[1].a) + (x[0].b + x[1].b); }
SP_INLINE __m256 v_greatest_of_8(reals x) { return x; }

#endif

#if SP_HAS_VECTORS && SP_DOUBLE
SP_INLINE void v_split(const double *p, reals *hi, reals *lo) { *hi = v_load(p), *lo = v_set(0); }
#endif

#if SP_HAS_VECTORS
#define SIGN v_set((real)-0.0)
#define ONE v_set((real)1.0)
#define v_minus(x) v_exclusive_or(SIGN, x)
#define v_abs(x) v_and_not(SIGN, x)
/* a or -a, by the sign of b; a >= 0 or of that sign already */
#define v_with_sign(a, b) v_or(a, v_and(b, SIGN))
/* where |a| <= limit does not hold, NaN included */
#define v_beyond(a, limit) v_not_at_most(v_abs(a), v_set(limit))

/* c, and NaN where x is NaN */
SP_INLINE reals v_unless_nan(reals x, reals c) { return v_select(v_not_at_most(x, v_set((real)INFINITY)), x, c); }

typedef struct {
    reals hi, lo;
} reals_pair;

/* a + b, |a| >= |b| or a = 0; hi + lo is exact */
SP_INLINE reals_pair v_fast_two_sum(reals a, reals b) {
    reals s = a + b;
    return (reals_pair){s, b - (s - a)};
}
/* a + b, exact too, whichever is the greater one; neither is negative */
SP_INLINE reals_pair v_ranked_two_sum(reals a, reals b) { return v_fast_two_sum(v_max(a, b), v_min(a, b)); }
SP_INLINE reals_pair v_two_sum(reals a, reals b) {
    reals s = a + b, t = s - a;
    return (reals_pair){s, (a - (s - t)) + (b - t)};
}
/* a - b on the units that multiply, for loops that do little but add: Zen adds on two others, GCC copies the 1 for each. */
SP_INLINE reals v_difference(reals a, reals b) { return v_fnma(ONE, b, a); }
/* a·b exactly, as long as nothing underflows */
SP_INLINE reals_pair v_two_product(reals a, reals b) {
    reals p = a * b;
    return (reals_pair){p, v_fms(a, b, p)};
}
/* a + b·c, which is less than half of a; the sum and what it was rounded by, rounded */
SP_INLINE reals_pair v_sum_with_product(reals a, reals b, reals c) {
    reals s = v_fma(b, c, a);
    return (reals_pair){s, v_fma(b, c, a - s)};
}
SP_INLINE reals_pair v_pair_select(mask m, reals_pair a, reals_pair b) {
    return (reals_pair){v_select(m, a.hi, b.hi), v_select(m, a.lo, b.lo)};
}
/* x·a */
SP_INLINE reals_pair v_pair_times(reals_pair a, reals x) {
    reals_pair p = v_two_product(x, a.hi);
    return (reals_pair){p.hi, v_fma(x, a.lo, p.lo)};
}
/* a·b, not normalized */
SP_INLINE reals_pair v_pair_product(reals_pair a, reals_pair b) {
    reals_pair p = v_two_product(a.hi, b.hi);
    return (reals_pair){p.hi, v_fma(a.hi, b.lo, v_fma(a.lo, b.hi, p.lo))};
}
/* a·b, rounded once */
SP_INLINE reals v_rounded_product(reals_pair a, reals_pair b) {
    return v_fma(a.hi, b.hi, v_fma(a.hi, b.lo, a.lo * b.hi));
}

/* 1/(a.hi + a.lo) = w·(1 + rest) */
typedef struct {
    reals w, rest;
} reals_reciprocal;

SP_INLINE reals_reciprocal v_reciprocal(reals_pair a) {
    reals w = ONE / a.hi;
    return (reals_reciprocal){w, v_fnma(w, a.lo, v_fnma(w, a.hi, ONE))};
}
SP_INLINE reals_pair v_pair_of(reals_reciprocal a) { return (reals_pair){a.w, a.w * a.rest}; }
/* a/b from 1/b */
SP_INLINE reals_pair v_quotient(reals_pair a, reals_reciprocal b) {
    reals_pair q = v_two_product(a.hi, b.w);
    return (reals_pair){q.hi, v_fma(q.hi, b.rest, v_fma(a.lo, b.w, q.lo))};
}

/* A polynomial, lowest coefficient first: one chain, or for more than four terms two in x^2. */
SP_INLINE reals v_polynomial(const real *c, int terms, reals x) {
    reals y = v_set(c[terms - 1]);
    if (terms <= 5) {
        for (int k = terms - 2; k >= 0; k--)
            y = v_fma(y, x, v_set(c[k]));
        return y;
    }
    reals z = v_set(c[terms - 2]), square = x * x;
    for (int k = terms - 3; k >= 0; k -= 2) {
        y = v_fma(y, square, v_set(c[k]));
        if (k > 0)
            z = v_fma(z, square, v_set(c[k - 1]));
    }
    return terms % 2 ? v_fma(z, x, y) : v_fma(y, x, z);
}

/* first + u·(second + u·rest(u)) for a pair u; the product with the second coefficient, far smaller than the first, is
   exact */
#define V_EVEN_SERIES(name, u)                                                                                         \
    v_even_series(V_PART(name##_FIRST, 1), V_PART(name##_FIRST, 2), V_PART(name##_SECOND, 1), V_PART(name##_SECOND, 2), \
                  V_BY_TYPE(name), sizeof V_BY_TYPE(name) / sizeof(real), u)
SP_INLINE reals_pair v_even_series(real first, real first_low, real second, real second_low, const real *c, int terms,
                                   reals_pair u) {
    reals_pair sum = v_sum_with_product(v_set(first), v_set(second), u.hi);
    reals rest = v_fma(u.hi, v_polynomial(c, terms, u.hi), v_set(second_low));
    return (reals_pair){sum.hi, sum.lo + v_fma(u.hi, rest, v_fma(u.lo, v_set(second), v_set(first_low)))};
}

/* A parameter as a pair. `one` means that it is 1 in all lanes, a common default, which saves some operations. */
typedef struct {
    reals_pair pair;
    int one;
} reals_parameter;

SP_INLINE reals_parameter v_parameter(const double *p, int varying, ptrdiff_t i) {
    reals_parameter a = {{v_set(0), v_set(0)}, 0};
    if (p && varying) {
        v_split(p + i, &a.pair.hi, &a.pair.lo);
    } else if (p) {
        a.pair.hi = v_set((real)*p);
        a.pair.lo = v_set((real)(*p - (real)*p));
        a.one = *p == 1.0;
    }
    return a;
}

/* a power of two, by its exponent */
#define V_POWER_OF_TWO(exponent) (SP_DOUBLE ? (word)((INT64_C(1023) + (exponent)) << 52) : (word)((127 + (exponent)) << 23))
#define V_TINY (SP_DOUBLE ? -400 : -40)
/* 0 < |x| < 2^exponent */
SP_INLINE mask v_smaller(reals x, int exponent) {
    return v_unsigned_less(v_add_words(v_words(v_abs(x)), v_set_words(-1)), v_set_words(V_POWER_OF_TWO(exponent) - 1));
}
/* where the low word's part of a product with a parameter could underflow */
SP_INLINE mask v_tiny(reals x) { return v_smaller(x, V_TINY); }

/* where pairs do not hold it with all the digits that they are credited with: large ones, and small ones and 0 too */
SP_INLINE mask v_parameter_large(reals_parameter a) { return v_beyond(a.pair.hi, SP_DOUBLE ? (real)0x1p400 : (real)0x1p60); }
SP_INLINE mask v_parameter_beyond(reals_parameter a) {
    return v_either(v_parameter_large(a), v_less(v_abs(a.pair.hi), v_set(SP_DOUBLE ? (real)0x1p-400 : (real)0x1p-60)));
}

/* x or -x, so that its product with the rate is negative: for e^-|z| */
SP_INLINE reals v_toward_minus(reals x, reals rate) { return v_exclusive_or(x, v_and_not(v_exclusive_or(x, rate), SIGN)); }

/* the root of a > 0, normalized */
SP_INLINE reals_pair v_root_of(reals_pair a) {
    reals r = v_root(a.hi);
    return (reals_pair){r, (v_fnma(r, r, a.hi) + a.lo) / (r + r)};
}

/* ---- tables ---- */

/* The row of each lane of a table with rows of doubles, by byte offsets: two neighboring columns. */
#if SP_DOUBLE
SP_INLINE reals_pair v_columns(const double *column, const words *offsets) {
    const uint64_t *offset = (const uint64_t *)offsets;
#if defined(SP_NEON_H)
#define AT_ROW(k) vld1q_f64((const double *)((const char *)column + offset[k]))
    return (reals_pair){vtrn1q_f64(AT_ROW(0), AT_ROW(1)), vtrn2q_f64(AT_ROW(0), AT_ROW(1))};
#else
#define AT_ROW(k) _mm_load_pd((const double *)((const char *)column + offset[k]))
#if defined(__AVX512F__)
    __m512d even = _mm512_castpd128_pd512(AT_ROW(0)), odd = _mm512_castpd128_pd512(AT_ROW(1));
    even = _mm512_insertf64x2(even, AT_ROW(2), 1), odd = _mm512_insertf64x2(odd, AT_ROW(3), 1);
    even = _mm512_insertf64x2(even, AT_ROW(4), 2), odd = _mm512_insertf64x2(odd, AT_ROW(5), 2);
    even = _mm512_insertf64x2(even, AT_ROW(6), 3), odd = _mm512_insertf64x2(odd, AT_ROW(7), 3);
#else
    __m256d even = _mm256_insertf128_pd(_mm256_castpd128_pd256(AT_ROW(0)), AT_ROW(2), 1);
    __m256d odd = _mm256_insertf128_pd(_mm256_castpd128_pd256(AT_ROW(1)), AT_ROW(3), 1);
#endif
    return (reals_pair){V_REAL(unpacklo)(even, odd), V_REAL(unpackhi)(even, odd)};
#endif
#undef AT_ROW
}
#else
#if !defined(SP_NEON_H)
/* The row of each lane of a table with rows of floats, by byte offsets: four neighboring columns, transposed within 128
   bits. */
SP_INLINE void v_four_columns(const float *column, const words *offsets, reals *c) {
    const uint32_t *offset = (const uint32_t *)offsets;
    reals rows[4];
#define AT_ROW(k) _mm_load_ps((const float *)((const char *)column + offset[k]))
    for (int k = 0; k < 4; k++) {
#if defined(__AVX512F__)
        rows[k] = _mm512_insertf32x4(_mm512_castps128_ps512(AT_ROW(k)), AT_ROW(k + 4), 1);
        rows[k] = _mm512_insertf32x4(rows[k], AT_ROW(k + 8), 2);
        rows[k] = _mm512_insertf32x4(rows[k], AT_ROW(k + 12), 3);
#else
        rows[k] = _mm256_insertf128_ps(_mm256_castps128_ps256(AT_ROW(k)), AT_ROW(k + 4), 1);
#endif
    }
#undef AT_ROW
    reals a = V_REAL(unpacklo)(rows[0], rows[1]), b = V_REAL(unpackhi)(rows[0], rows[1]);
    reals d = V_REAL(unpacklo)(rows[2], rows[3]), e = V_REAL(unpackhi)(rows[2], rows[3]);
    c[0] = V_REAL(shuffle)(a, d, 0x44), c[1] = V_REAL(shuffle)(a, d, 0xee);
    c[2] = V_REAL(shuffle)(b, e, 0x44), c[3] = V_REAL(shuffle)(b, e, 0xee);
}
#endif
/* The row of each lane of a table with 32 rows: a value, the point it belongs to, and six coefficients. */
typedef struct {
    reals first, center, coefficients[6];
} reals_row;
#if defined(__AVX512F__)
#define V_ROW_PLACE(i) (i)
#define V_ROW(name, terms, place) v_row(name##_0, name##_CENTER, name, terms, place)
SP_INLINE reals_row v_row(const float *first, const float *center, const float (*coefficients)[32], int terms,
                          const words *i) {
    reals_row row = {.first = v_at(first, *i), .center = v_at(center, *i)};
    for (int k = 0; k < terms; k++)
        row.coefficients[k] = v_at(coefficients[k], *i);
    return row;
}
#else
/* the byte offset of row i modulo 32 */
#define V_ROW_PLACE(i) v_and_words(v_shift_left(i, 5), v_set_words(31 << 5))
#define V_ROW(name, terms, place) v_row(name##_ROWS[0], place)
SP_INLINE reals_row v_row(const float *table, const words *offsets) {
    reals c[8];
    v_four_columns(table, offsets, c);
    v_four_columns(table + 4, offsets, c + 4);
    return (reals_row){c[0], c[1], {c[2], c[3], c[4], c[5], c[6], c[7]}};
}
#endif
/* the coefficients' polynomial */
SP_INLINE reals v_row_polynomial(const reals_row *row, int terms, reals d) {
    reals y = row->coefficients[terms - 1];
    for (int k = terms - 2; k >= 0; k--)
        y = v_fma(y, d, row->coefficients[k]);
    return y;
}
#endif

/* A function of a >= 0 by 2^bits rows per octave of 1 + a: where the row of a begins, in bytes, */
#if SP_DOUBLE
#define V_OCTAVE_PLACE(a, bits) v_octave_place(v_shift_right(v_words(ONE + (a)), 52 - (bits)), 1023 << (bits))
SP_INLINE words v_octave_place(words i, word first) {
    i = v_subtract_words(i, v_set_words(first));
    return v_add_words(v_shift_left(i, 6), v_shift_left(i, 5));
}
#else
#define V_OCTAVE_PLACE(a, bits) v_octave_place(v_shift_right(v_words(ONE + (a)), 23 - (bits)), 127 << (bits))
SP_INLINE words v_octave_place(words i, word first) { return v_shift_left(v_subtract_words(i, v_set_words(first)), 5); }
#endif
/* and what it says: the value at a center as a pair, the center, the coefficients of d, d^2, ..., d = a - center. */
SP_INLINE reals_pair v_octave_row(const real *table, const words *place, reals a) {
#if SP_DOUBLE
    reals c[12];
    for (int i = 0; i < 12; i += 2) {
        reals_pair two = v_columns(table + i, place);
        c[i] = two.hi, c[i + 1] = two.lo;
    }
    reals d = a - c[2], d2 = d * d, d4 = d2 * d2;
    reals low = v_fma(d2, v_fma(d, c[6], c[5]), v_fma(d, c[4], c[3]));
    reals high = v_fma(d4, c[11], v_fma(d2, v_fma(d, c[10], c[9]), v_fma(d, c[8], c[7])));
    return v_fast_two_sum(c[0], v_fma(v_fma(d4, high, low), d, c[1]));
#else
    reals c[8];
    v_four_columns(table, place, c);
    v_four_columns(table + 4, place, c + 4);
    reals d = a - c[2];
    return v_fast_two_sum(c[0], v_fma(v_fma(v_fma(v_fma(v_fma(c[7], d, c[6]), d, c[5]), d, c[4]), d, c[3]), d, c[1]));
#endif
}

/* ---- the exponential ---- */

/* What to raise e to; exact: lo is 0. */
typedef struct {
    reals hi, lo;
    int exact;
} reals_exponent;
SP_INLINE reals_exponent v_exponent(reals z) { return (reals_exponent){z, v_set(0), 1}; }
SP_INLINE reals_exponent v_exponent_of_pair(reals_pair z) { return (reals_exponent){z.hi, z.lo, 0}; }
/* x·parameter, exactly */
SP_INLINE reals_exponent v_exponent_times(reals x, reals_parameter p) {
    reals_pair z = {x, v_set(0)};
    if (!p.one)
        z = v_pair_times(p.pair, x);
    return (reals_exponent){z.hi, z.lo, p.one};
}

/* e^z for |z| <= V_EXP_LIMIT.

   z = n·ln(2)/8 + r, |r| <= ln(2)/16 (float64: 16 for 8); a table holds 2^(j/8), j the low bits of n, less j in the place of
   its exponent's last bits, so that one shifted n is added and leaves 2^(n/8).  r is exact but for n times the low word of
   ln(2)/8, which joins what the table rounded off in the small d. */
#if SP_DOUBLE
#define V_EXP_LIMIT 700.0
#define V_SHIFTER v_set(0x1.8p52)
enum { V_EXP_BY_ROWS = V_BY_ROWS };
#else
#define V_EXP_LIMIT 60.0f
#define V_SHIFTER v_set(0x1.8p23f)
enum { V_EXP_BY_ROWS = 0 };
#endif

/* added to a number below 2^51 (2^22) V_SHIFTER leaves the nearest integer, and that integer in the low bits */
#if SP_DOUBLE
#define V_EXP_RATE v_set(VECTOR_16_OVER_LN2_1)
#define V_EXP_STEP v_set(VECTOR_LN2_16_1)
#define V_EXP_STEP_LOW v_set(VECTOR_LN2_16_2)
#else
#define V_EXP_RATE v_set(VECTOR_8_OVER_LN2_1)
#define V_EXP_STEP v_set(VECTOR_LN2_8_1)
#define V_EXP_STEP_LOW v_set(VECTOR_LN2_8_2)
#endif
SP_INLINE reals v_exp_count(reals z, reals shifter) { return v_fma(z, V_EXP_RATE, shifter); }

/* where the table has what belongs to the count: of use where V_EXP_BY_ROWS */
SP_INLINE words v_exp_place_of(reals count) {
    words t = v_words(count);
    return V_EXP_BY_ROWS ? v_and_words(v_shift_left(t, 4), v_set_words(0xf0)) : t;
}
SP_INLINE words v_exp_place(reals_exponent z) { return v_exp_place_of(v_exp_count(z.hi, V_SHIFTER)); }

/* 2^(n/8) from the bits of n + shifter, and what the table rounded off, as a part of it */
SP_INLINE reals_pair v_exp_power(words t, const words *place) {
#if !SP_DOUBLE
    (void)place;
    reals_pair power = {v_at_eighth(VECTOR_EIGHTHS, t), v_at_eighth(VECTOR_EIGHTHS_REST, t)};
#elif defined(__AVX512F__)
    (void)place;
    reals_pair power = {_mm512_permutex2var_pd(v_load(VECTOR_SIXTEENTHS), t, v_load(VECTOR_SIXTEENTHS + 8)),
                        _mm512_permutex2var_pd(v_load(VECTOR_SIXTEENTHS_REST), t, v_load(VECTOR_SIXTEENTHS_REST + 8))};
#else
    reals_pair power = v_columns(VECTOR_SIXTEENTHS_ROWS[0], place);
#endif
    power.hi = v_floats(v_add_words(v_words(power.hi), v_shift_left(t, SP_DOUBLE ? 48 : 20)));
    return power;
}

#if SP_DOUBLE
/* (e^r - 1 - r)/r^2 from its first coefficient, u = r^2 */
SP_INLINE reals v_exp_series(reals r, reals u, reals half) {
    const double *c = VECTOR_EXP_SIXTEENTHS;
    reals q = v_fma(u, v_fma(r, v_set(c[5]), v_set(c[4])), v_fma(r, v_set(c[3]), v_set(c[2])));
    return v_fma(u, q, v_fma(r, v_set(c[1]), half));
}
#endif

/* e^z = power·(1 + r + rest), |r| <= 0.044 and rest far smaller */
typedef struct {
    reals power, r, rest;
} reals_exp;

/* What float32 is to be good for: e^z but for the product of z.lo and r^2/2, up to a sixteenth of an ulp; all of e^z, to
   2^-31; e^z - 1, to 2^-37 of it, which a small z makes small.  float64: e^z to 2^-64, always. */
typedef enum { V_EXP_SHORT, V_EXP_WHOLE, V_EXPM1 } reals_exp_precision;
SP_INLINE reals_exp v_exp_parts(reals_exponent z, const words *place, reals_exp_precision precision) {
    reals t = v_exp_count(z.hi, V_SHIFTER), n = t - V_SHIFTER;
    reals_pair power = v_exp_power(v_words(t), place);
    reals r = v_fnma(n, V_EXP_STEP, z.hi), d = v_fnma(n, V_EXP_STEP_LOW, power.lo);
    if (!z.exact)
        d = d + z.lo;
#if SP_DOUBLE
    (void)precision;
    /* the product of d, 2^-42 for a large z that is a pair, and r^2/2 would be an eighth of an ulp */
    reals u = r * r, half = v_set(VECTOR_EXP_SIXTEENTHS[0]);
    half = z.exact ? half : v_fma(d, half, half);
    return (reals_exp){power.hi, r, v_fma(u, v_exp_series(r, u, half), v_fma(r, d, d))};
#else
    const float *c = precision == V_EXPM1 ? VECTOR_EXPM1_EIGHTHS : VECTOR_EXP_EIGHTHS;
    reals half = v_set(c[0]);
    half = z.exact || precision != V_EXP_WHOLE ? half : v_fma(d, half, half);
    reals q = v_fma(v_polynomial(c + 1, precision == V_EXPM1 ? 3 : 2, r), r, half);
    return (reals_exp){power.hi, r, v_fma(r, v_fma(r, q, d), d)};
#endif
}

/* e^z, normalized; f is rounded to 2^-29 (2^-58.5) of it */
SP_INLINE reals_pair v_exp_of(reals_exp e) {
    reals f = e.r + e.rest, E = v_fma(e.power, f, e.power);
    return (reals_pair){E, v_fma(e.power, f, e.power - E)};
}
SP_INLINE reals_pair v_exp(reals_exponent z, const words *place) { return v_exp_of(v_exp_parts(z, place, V_EXP_SHORT)); }

/* e^z - 1 for z <= 0 */
SP_INLINE reals_pair v_expm1_of(reals_exp e) {
    reals f = e.r + e.rest, g = e.rest - (f - e.r);
    reals_pair p = v_two_product(e.power, f), c = v_fast_two_sum(v_set((real)-1.0), e.power), s = v_fast_two_sum(c.hi, p.hi);
    return (reals_pair){s.hi, s.lo + (c.lo + v_fma(e.power, g, p.lo))};
}
/* the same in fewer operations, up to 2^-5 of it in lo; power·r is less than half of power - 1, or that is 0 */
SP_INLINE reals_pair v_expm1_unnormalized(reals_exp e) {
    reals_pair c = v_fast_two_sum(v_set((real)-1.0), e.power);
    reals_pair s = v_sum_with_product(c.hi, e.power, e.r);
    return (reals_pair){s.hi, v_fma(e.power, e.rest, s.lo + c.lo)};
}
/* where -V_EXP_LIMIT <= z <= 0 does not hold */
SP_INLINE mask v_outside_exp(reals z) {
    return v_either(v_not_at_most(v_set(-V_EXP_LIMIT), z), v_not_at_most(z, v_set(0)));
}

enum { V_VALUE = 1, V_SLOPE = 2 };

/* Elements of a block that passes from stage to stage: a kilobyte less a quarter, of everything that is kept of it.
   V_SHORT_BLOCK is one vector on AVX-512, without a stage: for functions whose roots and divisions take as long as all
   the rest, at the same time, and for those that have little to do in the last stage. */
enum { V_BLOCK = 768 / (int)sizeof(real), V_SHORT_BLOCK = V_BY_ROWS || SP_DOUBLE ? V_BLOCK : SP_STEP };

/* e^z as the later stages want it.  float64 derivatives that have a root take its low word to 2^-62 of e^z, with what f was
   rounded by: there values, which want fewer digits, leave it out. */
typedef struct {
    reals_pair E;
    reals rest;
} reals_kept_power;
SP_INLINE reals v_power_rest(reals_exp e) { return e.power * (e.rest - ((e.r + e.rest) - e.r)); }
SP_INLINE void v_power_of(reals_exp e, int want, reals_kept_power *k) {
    k->E = v_exp_of(e);
    if (SP_DOUBLE && want & V_SLOPE)
        k->rest = v_power_rest(e);
}
SP_INLINE void v_whole_power_of(reals_exp e, int want, reals_pair *E) {
    (void)want;
    *E = v_exp_of(e);
    E->lo = E->lo + v_power_rest(e);
}
SP_INLINE reals_pair v_whole_power(const reals_kept_power *k) {
    return SP_DOUBLE ? (reals_pair){k->E.hi, k->E.lo + k->rest} : k->E;
}
SP_INLINE void v_pair_of_exp(reals_exp e, int want, reals_pair *E) {
    (void)want;
    *E = v_exp_of(e);
}
SP_INLINE void v_parts_of(reals_exp e, int want, reals_exp *k) {
    (void)want;
    *k = e;
}

/* The first stages of a function that takes e^z alone from x, z = name_exponent(x, a, b): as a pair, for a derivative with a
   root, or in its parts, from which e^z - 1 comes too. */
#define V_STAGES_BY_EXP(name) V_STAGES_BY(name, reals_pair, v_pair_of_exp, V_EXP_WHOLE, V_BLOCK)
#define V_STAGES_BY_EXP_FOR_ROOT(name) V_STAGES_BY(name, reals_kept_power, v_power_of, V_EXP_WHOLE, V_BLOCK)
#define V_STAGES_BY_EXPM1(name, block) V_STAGES_BY(name, reals_exp, v_parts_of, V_EXPM1, block)
#define V_STAGES_BY(name, kept, made_of, precision, block)                                                             \
    enum { name##_has_place = V_EXP_BY_ROWS, name##_block = block };                                                   \
    typedef words name##_place;                                                                                        \
    typedef kept name##_kept;                                                                                          \
    SP_INLINE words name##_place_of(reals x, reals_parameter a, reals_parameter b) {                                   \
        return v_exp_place(name##_exponent(x, a, b));                                                                  \
    }                                                                                                                  \
    SP_INLINE void name##_first(reals x, const words *place, reals_parameter a, reals_parameter b, int want, kept *k) { \
        made_of(v_exp_parts(name##_exponent(x, a, b), place, precision), want, k);                                     \
    }

/* ---- what follows from E = e^-z ---- */

/* 1/(1 + E): sigma(z) */
SP_INLINE reals_reciprocal v_over_one_plus(reals_pair E) {
    reals_pair d = v_ranked_two_sum(ONE, E.hi);
    return v_reciprocal((reals_pair){d.hi, d.lo + E.lo});
}
/* rounded once */
SP_INLINE reals v_rounded(reals_reciprocal a) { return v_fma(a.w, a.rest, a.w); }

/* x·sigma(z); finite where x is or sigma(z) is not 1 */
SP_INLINE reals v_gated(reals x, reals_reciprocal sigma) {
    return v_with_sign(v_fma(x, sigma.w, (x * sigma.w) * sigma.rest), x); /* -0 */
}

/* sigma(z)·sigma(-z) = E/(1 + E)^2, rounded once */
SP_INLINE reals v_sigma_slope(reals_pair E, reals_reciprocal sigma) {
    reals_pair p = v_two_product(E.hi, sigma.w);
    reals t = v_fma(E.lo, sigma.w, v_fma(p.hi, sigma.rest + sigma.rest, p.lo));
    return v_fma(p.hi, sigma.w, t * sigma.w);
}

/* tanh|z| from M = e^-2|z| - 1: -M/(2 + M) */
SP_INLINE reals_pair v_tanh_of(reals_pair M) {
    reals_pair d = v_fast_two_sum(v_set(2), M.hi);
    reals w = ONE / d.hi, y = M.hi * w, rest = v_fnma(y, d.lo + M.lo, v_fnma(y, d.hi, M.hi)) + M.lo;
    return (reals_pair){v_abs(y), v_minus(rest * w)};
}

/* (x·sigma(z))' = sigma(z)·(1 + s·sigma(-z)), s = x·dz/dx; too few digits next to its root */
SP_INLINE reals_pair v_gate_slope(reals_pair E, reals_pair s) {
    reals_reciprocal sigma = v_over_one_plus(E);
    reals_pair t = v_pair_product(s, v_quotient(E, sigma)), c = v_two_sum(ONE, t.hi);
    c.lo = c.lo + t.lo;
    return v_pair_product(v_pair_of(sigma), c);
}

/* A derivative next to its root, where it cancels and pairs have too few digits left: d·(first + d·series(d)), d = x - root;
   `elsewhere` beyond the radius of the series. */
#define V_NEAR_ROOT(name, x, elsewhere)                                                                                \
    v_near_root(x, V_PART(name##_ROOT, 1), V_PART(name##_ROOT, 2), V_PART(name##_RADIUS, 1), V_PART(name##_FIRST, 1),  \
                V_PART(name##_FIRST, 2), V_BY_TYPE(name), sizeof V_BY_TYPE(name) / sizeof(real), elsewhere)
SP_INLINE reals_pair v_near_root(reals_exponent x, real root, real root_low, real radius, real first, real first_low,
                            const real *series, int terms, reals_pair elsewhere) {
    reals from = x.hi - v_set(root), low = v_set(-root_low);
    if (!x.exact)
        low = low + x.lo;
    reals d = from + low;
    reals_pair near;
#if SP_DOUBLE
    /* the second coefficient's product exactly too: it is up to an eighth of the first */
    reals_pair second = v_two_product(d, v_set(series[0])), slope = v_fast_two_sum(v_set(first), second.hi);
    slope.lo = slope.lo + (second.lo + v_fma(d * d, v_polynomial(series + 1, terms - 1, d), v_set(first_low)));
    near = v_two_product(d, slope.hi);
    near.lo = near.lo + v_fma(d, slope.lo, ((from - d) + low) * slope.hi);
#else
    reals rest = v_fma(d, v_polynomial(series, terms, d), v_set(first_low));
    near = v_two_product(d, v_set(first));
    near.lo = near.lo + v_fma(d, rest, ((from - d) + low) * v_set(first));
#endif
    return v_pair_select(v_less(v_abs(d), v_set(radius)), near, elsewhere);
}

/* log1p(E) = 2·atanh(s), s = E/(2 + E), for 0 <= E <= 1, not normalized: 2·s, and what is left, at most a twenty-fifth of it */
SP_INLINE reals_pair v_log1p(reals_pair E) {
    reals_pair d = v_fast_two_sum(v_set(2), E.hi);
    reals w = v_set(2) / d.hi, twice = E.hi * w, s = twice * v_set((real)0.5), u = s * s;
    reals rest = (v_fnma(s, d.lo + E.lo, v_fnma(s, d.hi, E.hi)) + E.lo) * w;
    reals tail = v_fma(s * u, v_polynomial(V_BY_TYPE(VECTOR_LOG1P_SERIES), SP_DOUBLE ? 10 : 5, u), v_fma(u, rest, rest));
    return (reals_pair){twice, tail};
}

/* log1p(e^z) = max(z, 0) + log1p(E) from E = e^-|z| */
SP_INLINE reals_pair v_softplus(reals_pair E, reals z) {
    reals_pair log = v_log1p(E), sum = v_ranked_two_sum(v_max(z, v_set(0)), log.hi);
    return (reals_pair){sum.hi, sum.lo + log.lo};
}

/* sigma(z) from E = e^-|z|, rounded once */
SP_INLINE reals v_sigma_by_magnitude(reals_pair E, reals z, mask *far) {
    *far = v_not_at_most(v_set(-V_EXP_LIMIT), z);
    reals_reciprocal above = v_over_one_plus(E);
    reals_pair below = v_quotient(E, above);
    reals y = v_select(v_less(z, v_set(0)), below.hi + below.lo, v_rounded(above));
    return v_select(v_less(v_set(V_EXP_LIMIT), z), ONE, y);
}
#endif

#if SP_HAS_FLOAT_VECTORS
/* the lanes of a vector as doubles, for sums */
SP_INLINE v_doubles v_add_doubles(v_doubles x, v_doubles y) { return (v_doubles){x.a + y.a, x.b + y.b}; }
#if !defined(SP_NEON_H)
/* of SP_STEP numbers as a balanced tree: k and k + 8 first, the neighbors last */
SP_INLINE double v_total(const v_doubles *x) {
    __m256d y = v_total_of_4(x);
    __m128d z = _mm256_castpd256_pd128(y) + _mm256_extractf128_pd(y, 1);
    return z[0] + z[1];
}
SP_INLINE float v_greatest(reals x) {
    __m256 y = v_greatest_of_8(x);
    __m128 z = _mm_max_ps(_mm256_castps256_ps128(y), _mm256_extractf128_ps(y, 1));
    z = _mm_max_ps(z, _mm_movehl_ps(z, z));
    return z[0] > z[1] ? z[0] : z[1];
}
#endif

#endif

#endif
