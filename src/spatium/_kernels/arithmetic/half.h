/* float16 and bfloat16 <-> float32 in integer arithmetic: correctly rounded, subnormals and NaN included, and vectorized
   for every instruction set by kernels.c; sixteen float16 at once by the processor's own conversions, to the same bits. */
#ifndef SP_HALF_H
#define SP_HALF_H
#include <stdint.h>
#include <string.h>

static inline float float_from_half(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16, magnitude = h & 0x7fffu;
    /* Convert subnormal float16 numbers as integers times 2^-24: as floating-point operands they would take 150
       cycles each. */
    float small = (float)(int32_t)magnitude * 0x1p-24f, f;
    uint32_t bits, shifted = magnitude << 13, normal = shifted + 0x38000000u;
    memcpy(&bits, &small, sizeof bits);
    bits = magnitude >= 0x0400u ? normal : bits;
    bits = magnitude >= 0x7c00u ? shifted | 0x7f800000u : bits; /* inf, NaN */
    bits |= sign;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint16_t half_from_float(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    uint32_t sign = bits >> 16 & 0x8000u, magnitude = bits & 0x7fffffffu;
    /* normal results: add half an ulp (ties to even) and rebias */
    uint32_t normal = (magnitude - 0x38000000u + 0xfffu + (magnitude >> 13 & 1u)) >> 13;
    /* subnormal results: adding 1/2 aligns the last kept bit with that of the sum, which rounds */
    uint32_t kept = magnitude < 0x33000000u ? 0u : magnitude; /* below 2^-25: 0, and no float32 subnormal is added */
    float a, aligned;
    memcpy(&a, &kept, sizeof a);
    aligned = a + 0.5f;
    uint32_t subnormal;
    memcpy(&subnormal, &aligned, sizeof subnormal);
    subnormal -= 0x3f000000u;
    uint32_t h = magnitude < 0x38800000u ? subnormal : normal;
    h = magnitude >= 0x477ff000u ? 0x7c00u : h;  /* rounds to infinity */
    h = magnitude > 0x7f800000u ? 0x7e00u | (magnitude >> 13 & 0x1ffu) : h; /* NaN, quiet */
    return (uint16_t)(sign | h);
}

static inline float float_from_bfloat16(uint16_t h) {
    uint32_t bits = (uint32_t)h << 16;
    float f;
    memcpy(&f, &bits, sizeof f);
    return f;
}

static inline uint16_t bfloat16_from_float(float f) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    uint32_t rounded = (bits + 0x7fffu + (bits >> 16 & 1u)) >> 16;
    return (uint16_t)((bits & 0x7fffffffu) > 0x7f800000u ? bits >> 16 | 0x40u : rounded); /* NaN stays NaN */
}

#if defined(__AVX512F__)
#include <immintrin.h>
#define SP_HAS_SIXTEEN_HALVES 1
static inline void floats_from_sixteen_halves(const void *from, float *to) {
    _mm512_storeu_ps(to, _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from)));
}
static inline void sixteen_halves_from_floats(const float *from, void *to) {
    const __m256i h = _mm512_cvtps_ph(_mm512_loadu_ps(from), _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
    _mm256_storeu_si256((__m256i *)to, h);
}
#elif defined(__F16C__) && defined(__AVX2__)
#include <immintrin.h>
#define SP_HAS_SIXTEEN_HALVES 1
static inline void floats_from_sixteen_halves(const void *from, float *to) {
    const __m128i *h = from;
    _mm256_storeu_ps(to, _mm256_cvtph_ps(_mm_loadu_si128(h)));
    _mm256_storeu_ps(to + 8, _mm256_cvtph_ps(_mm_loadu_si128(h + 1)));
}
static inline void sixteen_halves_from_floats(const float *from, void *to) {
    __m128i *h = to;
    _mm_storeu_si128(h, _mm256_cvtps_ph(_mm256_loadu_ps(from), _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128(h + 1, _mm256_cvtps_ph(_mm256_loadu_ps(from + 8), _MM_FROUND_TO_NEAREST_INT));
}
#else
#define SP_HAS_SIXTEEN_HALVES 0
static inline void floats_from_sixteen_halves(const void *from, float *to) { (void)from, (void)to; }
static inline void sixteen_halves_from_floats(const float *from, void *to) { (void)from, (void)to; }
#endif

/* Whether a float lies in the middle between two neighbors of the type (65520 and above: between 65504 and 65536), or at most
   `margin` units of a normal number from there. */
static inline uint32_t is_half_tie(float f, uint32_t margin) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    uint32_t magnitude = bits & 0x7fffffffu, normal = ((bits + margin) & 0x1fffu) - 0x1000u <= 2 * margin ? 1u : 0u;
    /* subnormal halves: an odd multiple of 2^-25, which is what the last bit of the sum with 1/4 counts; 2^-37 is one unit of
       the greatest of them */
    const uint32_t kept = magnitude < 0x32000000u ? 0u : magnitude; /* no float32 subnormal is added */
    float size;
    memcpy(&size, &kept, sizeof size);
    float aligned = size + 0.25f, distance = size - (aligned - 0.25f), near = (float)margin * 0x1p-37f;
    uint32_t sum;
    memcpy(&sum, &aligned, sizeof sum);
    uint32_t subnormal = distance <= near && -distance <= near ? sum & 1u : 0u;
    return magnitude < 0x38800000u ? subnormal : normal;
}

/* A quick question first: 1 for every tie, and for what is not 0 but below the normal halves. */
static inline uint32_t may_be_half_tie(float f, uint32_t margin) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return (uint32_t)(((bits + margin) & 0x1fffu) - 0x1000u <= 2 * margin) |
           (uint32_t)((bits & 0x7fffffffu) - 1u < 0x387fffffu);
}

static inline uint32_t is_bfloat16_tie(float f, uint32_t margin) {
    uint32_t bits;
    memcpy(&bits, &f, sizeof bits);
    return ((bits + margin) & 0xffffu) - 0x8000u <= 2 * margin ? 1u : 0u;
}

/* d rounded to a float, but where it is none, to that of both neighbors whose last bit is set: it is no tie, and is
   rounded to 16 bits as d is. */
static inline float rounded_to_odd(double d) {
    float f = (float)d, rest = (float)((d - (double)f) * 0x1p1000);
    uint32_t bits, rest_bits;
    memcpy(&bits, &f, sizeof bits);
    memcpy(&rest_bits, &rest, sizeof rest_bits);
    const uint32_t inexact = (rest_bits & 0x7fffffffu) != 0 ? 1u : 0u;
    bits = (bits - (inexact & (bits ^ rest_bits) >> 31)) | inexact;
    memcpy(&f, &bits, sizeof f);
    return f;
}

#endif
