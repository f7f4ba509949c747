/* The part of AVX-512 that the kernels use, made of AVX2: the same bits on a processor that has no more.

   avx512_emulated compiles the kernels of x86_v4 with this header in front of each file.  A name that is missing here is
   a compile error, because the compiler's own intrinsic needs a target that is not there. */
#ifndef SP_AVX512_EMULATED_H
#define SP_AVX512_EMULATED_H
#include <immintrin.h>
#include <stdint.h>
#include <string.h>

#define __AVX512F__ 1

typedef int32_t words_of_512 __attribute__((vector_size(64)));
typedef uint32_t unsigned_words_of_512 __attribute__((vector_size(64)));
typedef int64_t longs_of_512 __attribute__((vector_size(64)));
typedef uint64_t unsigned_longs_of_512 __attribute__((vector_size(64)));
typedef union {
    __m512 ps;
    __m512d pd;
    __m512i si;
    __m256 half_ps[2];
    __m256d half_pd[2];
    __m256i half_si[2];
    __m128d quarter_pd[4];
    float f[16];
    double d[8];
    uint16_t u16[32];
    uint32_t u32[16];
    uint64_t u64[8];
} parts_of_512;

#define EMULATED static inline __attribute__((always_inline))

/* lane by lane: what AVX2 does to each half */
#define UNARY(name, type, t)                                                                                           \
    EMULATED type emulated_##name##_##t(type a) {                                                                      \
        const parts_of_512 x = {.t = a};                                                                               \
        const parts_of_512 r = {.half_##t = {_mm256_##name##_##t(x.half_##t[0]), _mm256_##name##_##t(x.half_##t[1])}}; \
        return r.t;                                                                                                    \
    }
#define BINARY(name, type, t)                                                                                          \
    EMULATED type emulated_##name##_##t(type a, type b) {                                                              \
        const parts_of_512 x = {.t = a}, y = {.t = b};                                                                 \
        const parts_of_512 r = {.half_##t = {_mm256_##name##_##t(x.half_##t[0], y.half_##t[0]),                        \
                                             _mm256_##name##_##t(x.half_##t[1], y.half_##t[1])}};                      \
        return r.t;                                                                                                    \
    }
#define TERNARY(name, type, t)                                                                                         \
    EMULATED type emulated_##name##_##t(type a, type b, type c) {                                                      \
        const parts_of_512 x = {.t = a}, y = {.t = b}, z = {.t = c};                                                   \
        const parts_of_512 r = {.half_##t = {_mm256_##name##_##t(x.half_##t[0], y.half_##t[0], z.half_##t[0]),         \
                                             _mm256_##name##_##t(x.half_##t[1], y.half_##t[1], z.half_##t[1])}};       \
        return r.t;                                                                                                    \
    }
#define BOTH(form, name) form(name, __m512, ps) form(name, __m512d, pd)
BOTH(UNARY, sqrt)
BOTH(BINARY, and)
BOTH(BINARY, or)
BOTH(BINARY, andnot)
BOTH(BINARY, xor)
BOTH(BINARY, min)
BOTH(BINARY, max)
BOTH(BINARY, unpacklo)
BOTH(BINARY, unpackhi)
BOTH(TERNARY, fmadd)
BOTH(TERNARY, fmsub)
BOTH(TERNARY, fnmadd)
#undef UNARY
#undef BINARY
#undef TERNARY
#undef BOTH
#define _mm512_sqrt_ps emulated_sqrt_ps
#define _mm512_sqrt_pd emulated_sqrt_pd
#define _mm512_and_ps emulated_and_ps
#define _mm512_and_pd emulated_and_pd
#define _mm512_or_ps emulated_or_ps
#define _mm512_or_pd emulated_or_pd
#define _mm512_andnot_ps emulated_andnot_ps
#define _mm512_andnot_pd emulated_andnot_pd
#define _mm512_xor_ps emulated_xor_ps
#define _mm512_xor_pd emulated_xor_pd
#define _mm512_min_ps emulated_min_ps
#define _mm512_min_pd emulated_min_pd
#define _mm512_max_ps emulated_max_ps
#define _mm512_max_pd emulated_max_pd
#define _mm512_unpacklo_ps emulated_unpacklo_ps
#define _mm512_unpacklo_pd emulated_unpacklo_pd
#define _mm512_unpackhi_ps emulated_unpackhi_ps
#define _mm512_unpackhi_pd emulated_unpackhi_pd
#define _mm512_fmadd_ps emulated_fmadd_ps
#define _mm512_fmadd_pd emulated_fmadd_pd
#define _mm512_fmsub_ps emulated_fmsub_ps
#define _mm512_fmsub_pd emulated_fmsub_pd
#define _mm512_fnmadd_ps emulated_fnmadd_ps
#define _mm512_fnmadd_pd emulated_fnmadd_pd

/* constants, memory and other types for the same bits */
#define WORDS(c) (c), (c), (c), (c), (c), (c), (c), (c)
EMULATED __m512 emulated_set1_ps(float c) { return (__m512){WORDS(c), WORDS(c)}; }
EMULATED __m512d emulated_set1_pd(double c) { return (__m512d){WORDS(c)}; }
EMULATED __m512i emulated_set1_epi32(int32_t c) { return (__m512i)(words_of_512){WORDS(c), WORDS(c)}; }
EMULATED __m512i emulated_set1_epi64(int64_t c) { return (__m512i)(longs_of_512){WORDS(c)}; }
#undef WORDS
EMULATED __m512 emulated_loadu_ps(const void *p) { parts_of_512 r; memcpy(&r, p, sizeof r); return r.ps; }
EMULATED __m512d emulated_loadu_pd(const void *p) { parts_of_512 r; memcpy(&r, p, sizeof r); return r.pd; }
EMULATED void emulated_storeu_ps(void *p, __m512 x) { memcpy(p, &x, sizeof x); }
EMULATED void emulated_storeu_pd(void *p, __m512d x) { memcpy(p, &x, sizeof x); }
#define _mm512_set1_ps emulated_set1_ps
#define _mm512_set1_pd emulated_set1_pd
#define _mm512_set1_epi32 emulated_set1_epi32
#define _mm512_set1_epi64 emulated_set1_epi64
#define _mm512_loadu_ps emulated_loadu_ps
#define _mm512_loadu_pd emulated_loadu_pd
#define _mm512_storeu_ps emulated_storeu_ps
#define _mm512_storeu_pd emulated_storeu_pd
#define _mm512_castps_si512(x) ((__m512i)(x))
#define _mm512_castpd_si512(x) ((__m512i)(x))
#define _mm512_castsi512_ps(x) ((__m512)(x))
#define _mm512_castsi512_pd(x) ((__m512d)(x))
#define _mm512_castps512_ps256(x) (((parts_of_512){.ps = (x)}).half_ps[0])
#define _mm512_castpd512_pd256(x) (((parts_of_512){.pd = (x)}).half_pd[0])
#define _mm512_castsi512_si256(x) (((parts_of_512){.si = (x)}).half_si[0])
#define _mm512_castps256_ps512(x) (((parts_of_512){.half_ps = {(x)}}).ps)
#define _mm512_castpd128_pd512(x) (((parts_of_512){.quarter_pd = {(x)}}).pd)
#define _mm512_extractf32x8_ps(x, k) (((parts_of_512){.ps = (x)}).half_ps[k])
#define _mm512_extractf64x4_pd(x, k) (((parts_of_512){.pd = (x)}).half_pd[k])
#define _mm512_extracti64x4_epi64(x, k) (((parts_of_512){.si = (x)}).half_si[k])
EMULATED __m512 emulated_insertf32x8(__m512 a, __m256 b, int k) {
    parts_of_512 r = {.ps = a};
    r.half_ps[k] = b;
    return r.ps;
}
EMULATED __m512d emulated_insertf64x2(__m512d a, __m128d b, int k) {
    parts_of_512 r = {.pd = a};
    r.quarter_pd[k] = b;
    return r.pd;
}
#define _mm512_insertf32x8 emulated_insertf32x8
#define _mm512_insertf64x2 emulated_insertf64x2

/* words */
EMULATED __m512i emulated_and_si512(__m512i i, __m512i j) { return (__m512i)((longs_of_512)i & (longs_of_512)j); }
#define ON_WORDS(name, operator, type, t)                                                                              \
    EMULATED __m512i emulated_##name##_##t(__m512i i, __m512i j) { return (__m512i)((type)i operator (type)j); }
#define BY_COUNT(name, operator, type, t)                                                                              \
    EMULATED __m512i emulated_##name##_##t(__m512i i, int n) { return (__m512i)((type)i operator n); }
ON_WORDS(add, +, unsigned_words_of_512, epi32)
ON_WORDS(add, +, unsigned_longs_of_512, epi64)
ON_WORDS(sub, -, unsigned_words_of_512, epi32)
ON_WORDS(sub, -, unsigned_longs_of_512, epi64)
BY_COUNT(slli, <<, unsigned_words_of_512, epi32)
BY_COUNT(slli, <<, unsigned_longs_of_512, epi64)
BY_COUNT(srli, >>, unsigned_words_of_512, epi32)
BY_COUNT(srli, >>, unsigned_longs_of_512, epi64)
#undef ON_WORDS
#undef BY_COUNT
#define _mm512_and_si512 emulated_and_si512
#define _mm512_add_epi32 emulated_add_epi32
#define _mm512_add_epi64 emulated_add_epi64
#define _mm512_sub_epi32 emulated_sub_epi32
#define _mm512_sub_epi64 emulated_sub_epi64
#define _mm512_slli_epi32 emulated_slli_epi32
#define _mm512_slli_epi64 emulated_slli_epi64
#define _mm512_srli_epi32 emulated_srli_epi32
#define _mm512_srli_epi64 emulated_srli_epi64

/* masks: the signs of lanes that are 0 or -1, and back */
EMULATED __mmask16 emulated_signs_ps(__m512 x) {
    const parts_of_512 p = {.ps = x};
    return (__mmask16)(_mm256_movemask_ps(p.half_ps[0]) | _mm256_movemask_ps(p.half_ps[1]) << 8);
}
EMULATED __mmask8 emulated_signs_pd(__m512d x) {
    const parts_of_512 p = {.pd = x};
    return (__mmask8)(_mm256_movemask_pd(p.half_pd[0]) | _mm256_movemask_pd(p.half_pd[1]) << 4);
}
#define _mm512_cmplt_epi32_mask(i, j) emulated_signs_ps((__m512)((words_of_512)(i) < (words_of_512)(j)))
#define _mm512_cmplt_epu32_mask(i, j)                                                                                  \
    emulated_signs_ps((__m512)((unsigned_words_of_512)(i) < (unsigned_words_of_512)(j)))
#define _mm512_cmplt_epi64_mask(i, j) emulated_signs_pd((__m512d)((longs_of_512)(i) < (longs_of_512)(j)))
#define _mm512_cmplt_epu64_mask(i, j)                                                                                  \
    emulated_signs_pd((__m512d)((unsigned_longs_of_512)(i) < (unsigned_longs_of_512)(j)))
EMULATED __mmask16 emulated_cmp_ps_mask(__m512 a, __m512 b, const int how) {
    const parts_of_512 x = {.ps = a}, y = {.ps = b};
    const parts_of_512 r = {
        .half_ps = {_mm256_cmp_ps(x.half_ps[0], y.half_ps[0], how), _mm256_cmp_ps(x.half_ps[1], y.half_ps[1], how)}};
    return emulated_signs_ps(r.ps);
}
EMULATED __mmask8 emulated_cmp_pd_mask(__m512d a, __m512d b, const int how) {
    const parts_of_512 x = {.pd = a}, y = {.pd = b};
    const parts_of_512 r = {
        .half_pd = {_mm256_cmp_pd(x.half_pd[0], y.half_pd[0], how), _mm256_cmp_pd(x.half_pd[1], y.half_pd[1], how)}};
    return emulated_signs_pd(r.pd);
}
EMULATED words_of_512 emulated_lanes_32(__mmask16 m) {
    const words_of_512 bit = {1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024, 2048, 4096, 8192, 16384, 32768};
    return (bit & (int32_t)m) == bit;
}
EMULATED longs_of_512 emulated_lanes_64(__mmask8 m) {
    const longs_of_512 bit = {1, 2, 4, 8, 16, 32, 64, 128};
    return (bit & (int64_t)m) == bit;
}
EMULATED __m512 emulated_mask_blend_ps(__mmask16 m, __m512 a, __m512 b) {
    const words_of_512 lanes = emulated_lanes_32(m);
    return (__m512)((lanes & (words_of_512)b) | (~lanes & (words_of_512)a));
}
EMULATED __m512d emulated_mask_blend_pd(__mmask8 m, __m512d a, __m512d b) {
    const longs_of_512 lanes = emulated_lanes_64(m);
    return (__m512d)((lanes & (longs_of_512)b) | (~lanes & (longs_of_512)a));
}
#define _mm512_cmp_ps_mask emulated_cmp_ps_mask
#define _mm512_cmp_pd_mask emulated_cmp_pd_mask
#define _mm512_mask_blend_ps emulated_mask_blend_ps
#define _mm512_mask_blend_pd emulated_mask_blend_pd
#define _mm512_maskz_mov_ps(m, a) ((__m512)(emulated_lanes_32(m) & (words_of_512)(a)))
#define _mm512_maskz_mov_pd(m, a) ((__m512d)(emulated_lanes_64(m) & (longs_of_512)(a)))

/* conversions */
EMULATED __m256 emulated_cvtpd_ps(__m512d a) {
    const parts_of_512 x = {.pd = a};
    return _mm256_set_m128(_mm256_cvtpd_ps(x.half_pd[1]), _mm256_cvtpd_ps(x.half_pd[0]));
}
EMULATED __m512d emulated_cvtps_pd(__m256 a) {
    const parts_of_512 r = {
        .half_pd = {_mm256_cvtps_pd(_mm256_castps256_ps128(a)), _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1))}};
    return r.pd;
}
EMULATED __m512 emulated_cvtph_ps(__m256i a) {
    const parts_of_512 r = {
        .half_ps = {_mm256_cvtph_ps(_mm256_castsi256_si128(a)), _mm256_cvtph_ps(_mm256_extracti128_si256(a, 1))}};
    return r.ps;
}
EMULATED __m256i emulated_cvtps_ph(__m512 a, const int how) {
    const parts_of_512 x = {.ps = a};
    (void)how; /* to nearest */
    return _mm256_set_m128i(_mm256_cvtps_ph(x.half_ps[1], _MM_FROUND_TO_NEAREST_INT),
                            _mm256_cvtps_ph(x.half_ps[0], _MM_FROUND_TO_NEAREST_INT));
}
EMULATED __m512i emulated_cvtepu8_epi16(__m256i a) {
    const parts_of_512 r = {.half_si = {_mm256_cvtepu8_epi16(_mm256_castsi256_si128(a)),
                                        _mm256_cvtepu8_epi16(_mm256_extracti128_si256(a, 1))}};
    return r.si;
}
EMULATED __m512i emulated_cvtepu16_epi32(__m256i a) {
    const parts_of_512 r = {.half_si = {_mm256_cvtepu16_epi32(_mm256_castsi256_si128(a)),
                                        _mm256_cvtepu16_epi32(_mm256_extracti128_si256(a, 1))}};
    return r.si;
}
EMULATED __m256i emulated_cvtepi16_epi8(__m512i a) {
    const parts_of_512 x = {.si = a};
    uint8_t r[32];
    for (int k = 0; k < 32; k++)
        r[k] = (uint8_t)x.u16[k];
    return _mm256_loadu_si256((const __m256i *)r);
}
#define _mm512_cvtpd_ps emulated_cvtpd_ps
#define _mm512_cvtps_pd emulated_cvtps_pd
#define _mm512_cvtph_ps emulated_cvtph_ps
#define _mm512_cvtps_ph emulated_cvtps_ph
#define _mm512_cvtepu8_epi16 emulated_cvtepu8_epi16
#define _mm512_cvtepu16_epi32 emulated_cvtepu16_epi32
#define _mm512_cvtepi16_epi8 emulated_cvtepi16_epi8

/* tables in registers and in memory */
#define FROM_TWO(name, type, t, index, values, lanes)                                                                  \
    EMULATED type emulated_##name(type a, __m512i i, type b) {                                                         \
        const parts_of_512 x[2] = {{.t = a}, {.t = b}}, places = {.si = i};                                            \
        parts_of_512 r;                                                                                                \
        for (int k = 0; k < lanes; k++)                                                                                \
            r.values[k] = x[places.index[k] / lanes % 2].values[places.index[k] % lanes];                              \
        return r.t;                                                                                                    \
    }
FROM_TWO(permutex2var_ps, __m512, ps, u32, f, 16)
FROM_TWO(permutex2var_pd, __m512d, pd, u64, d, 8)
FROM_TWO(permutex2var_epi16, __m512i, si, u16, u16, 32)
#undef FROM_TWO
EMULATED __m512 emulated_i32gather_ps(__m512i i, const void *p, int scale) {
    const parts_of_512 x = {.si = i};
    parts_of_512 r;
    for (int k = 0; k < 16; k++)
        memcpy(&r.f[k], (const char *)p + (ptrdiff_t)(int32_t)x.u32[k] * scale, sizeof r.f[k]);
    return r.ps;
}
EMULATED __m512d emulated_i32gather_pd(__m256i i, const void *p, int scale) {
    const parts_of_512 x = {.half_si = {i}};
    parts_of_512 r;
    for (int k = 0; k < 8; k++)
        memcpy(&r.d[k], (const char *)p + (ptrdiff_t)(int32_t)x.u32[k] * scale, sizeof r.d[k]);
    return r.pd;
}
#define _mm512_permutex2var_ps emulated_permutex2var_ps
#define _mm512_permutex2var_pd emulated_permutex2var_pd
#define _mm512_permutex2var_epi16 emulated_permutex2var_epi16
#define _mm512_permutexvar_ps(i, a) emulated_permutex2var_ps(a, (i) & (__m512i)emulated_set1_epi32(15), a)
#define _mm512_i32gather_ps emulated_i32gather_ps
#define _mm512_i32gather_pd emulated_i32gather_pd
EMULATED __m512 emulated_insertf32x4(__m512 a, __m128 b, int k) {
    parts_of_512 r = {.ps = a};
    r.quarter_pd[k] = _mm_castps_pd(b);
    return r.ps;
}
EMULATED __m512 emulated_castps128_ps512(__m128 b) {
    const parts_of_512 r = {.quarter_pd = {_mm_castps_pd(b)}};
    return r.ps;
}
#define _mm512_insertf32x4 emulated_insertf32x4
#define _mm512_castps128_ps512(x) emulated_castps128_ps512(x)
#define _mm512_shuffle_ps(a, b, how)                                                                                   \
    (((parts_of_512){.half_ps = {_mm256_shuffle_ps(((parts_of_512){.ps = (a)}).half_ps[0],                             \
                                                   ((parts_of_512){.ps = (b)}).half_ps[0], how),                       \
                                 _mm256_shuffle_ps(((parts_of_512){.ps = (a)}).half_ps[1],                             \
                                                   ((parts_of_512){.ps = (b)}).half_ps[1], how)}})                     \
         .ps)
#define MASKED_LOAD(suffix, type, field, lanes, mask)                                                                  \
    EMULATED type emulated_maskz_loadu_##suffix(mask m, const void *from) {                                            \
        parts_of_512 r = {0};                                                                                          \
        for (int k = 0; k < lanes; k++)                                                                                \
            if (m >> k & 1)                                                                                            \
                memcpy(&r.field[k], (const char *)from + k * sizeof r.field[0], sizeof r.field[0]);                    \
        return r.suffix;                                                                                               \
    }
MASKED_LOAD(ps, __m512, f, 16, __mmask16)
MASKED_LOAD(pd, __m512d, d, 8, __mmask8)
#undef MASKED_LOAD
EMULATED __m256i emulated_cvtepi32_epi16(__m512i a) {
    const parts_of_512 x = {.si = a};
    parts_of_512 r = {0};
    for (int k = 0; k < 16; k++)
        r.u16[k] = (uint16_t)x.u32[k];
    return r.half_si[0];
}
#define _mm512_maskz_loadu_ps emulated_maskz_loadu_ps
#define _mm512_maskz_loadu_pd emulated_maskz_loadu_pd
#define _mm512_cvtepi32_epi16 emulated_cvtepi32_epi16
#define _mm512_cmpeq_epi32_mask(i, j) emulated_signs_ps((__m512)((words_of_512)(i) == (words_of_512)(j)))
#undef EMULATED
#endif
