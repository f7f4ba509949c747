/* float16 and bfloat16 <-> float32 in integer arithmetic: correctly rounded, subnormals and NaN included, and vectorisable. */
#ifndef SP_HALF_H
#define SP_HALF_H
#include <stdint.h>
#include <string.h>

static inline float float_from_half(uint16_t h) {
    uint32_t sign = (uint32_t)(h & 0x8000u) << 16, magnitude = h & 0x7fffu;
    /* 2^112 rebiases the exponent and normalises subnormals in one exact multiplication */
    uint32_t shifted = magnitude << 13, bits;
    float f, scale = 0x1p112f;
    memcpy(&f, &shifted, sizeof f);
    f *= scale;
    memcpy(&bits, &f, sizeof bits);
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
    float a, aligned;
    memcpy(&a, &magnitude, sizeof a);
    aligned = a + 0.5f;
    uint32_t subnormal;
    memcpy(&subnormal, &aligned, sizeof subnormal);
    subnormal -= 0x3f000000u;
    uint32_t h = magnitude < 0x38800000u ? subnormal : normal;
    h = magnitude >= 0x477ff000u ? 0x7c00u : h;  /* rounds to infinity */
    h = magnitude > 0x7f800000u ? 0x7e00u : h;   /* NaN */
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

#endif
