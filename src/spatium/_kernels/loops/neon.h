/* Vectors of 128 bits on Arm: the operations that vectors.h builds on, and the look-ups in its tables.

   Each gives the bits that the operation of x86-64 gives.  So minimum and maximum take the second number where one is NaN
   or both are zeros, which Arm's own instructions do not. */
#ifndef SP_NEON_H
#define SP_NEON_H
#include <arm_neon.h>

#include "arithmetic/real.h"

#define V_NAME(operation, type) neon_##operation##_##type
#define v_held(x) (x)

SP_INLINE float64x2_t neon_set1_pd(double c) { return vdupq_n_f64(c); }
SP_INLINE float64x2_t neon_fmadd_pd(float64x2_t a, float64x2_t b, float64x2_t c) { return vfmaq_f64(c, a, b); }

#if SP_DOUBLE
enum { V_LANES = 2, V_BY_ROWS = 1 };
typedef float64x2_t reals;
typedef int64x2_t words;
typedef uint64x2_t mask;
#define N_REAL(name) name##_f64
#define N_WORD(name) name##_s64
#define N_BITS(name) name##_u64
#define v_set_words(c) vdupq_n_s64(c)
#define v_words(x) vreinterpretq_s64_f64(x)
#define v_floats(i) vreinterpretq_f64_s64(i)
#define v_mask_bits(x) vreinterpretq_u64_f64(x)
#define v_from_bits(m) vreinterpretq_f64_u64(m)
#define v_word_bits(i) vreinterpretq_u64_s64(i)
#define v_none() vdupq_n_u64(0)
SP_INLINE mask v_not(mask m) { return vreinterpretq_u64_u32(vmvnq_u32(vreinterpretq_u32_u64(m))); }
SP_INLINE unsigned v_bits(mask m) { return (unsigned)(m[0] & 1) | (unsigned)(m[1] & 2); }
#else
enum { V_LANES = 4, V_BY_ROWS = 1 };
typedef float32x4_t reals;
typedef int32x4_t words;
typedef uint32x4_t mask;
#define N_REAL(name) name##_f32
#define N_WORD(name) name##_s32
#define N_BITS(name) name##_u32
#define v_set_words(c) vdupq_n_s32(c)
#define v_words(x) vreinterpretq_s32_f32(x)
#define v_floats(i) vreinterpretq_f32_s32(i)
#define v_mask_bits(x) vreinterpretq_u32_f32(x)
#define v_from_bits(m) vreinterpretq_f32_u32(m)
#define v_word_bits(i) vreinterpretq_u32_s32(i)
#define v_none() vdupq_n_u32(0)
SP_INLINE mask v_not(mask m) { return vmvnq_u32(m); }
SP_INLINE unsigned v_bits(mask m) {
    const uint32x4_t bits = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(m, bits));
}
#endif

/* v_fms is a·b - c, v_fnma c - a·b, v_and_not ~a & b */
SP_INLINE reals v_set(real c) { return N_REAL(vdupq_n)(c); }
SP_INLINE reals v_load(const real *p) { return N_REAL(vld1q)(p); }
SP_INLINE void v_store(real *p, reals x) { N_REAL(vst1q)(p, x); }
SP_INLINE reals v_fma(reals a, reals b, reals c) { return N_REAL(vfmaq)(c, a, b); }
SP_INLINE reals v_fms(reals a, reals b, reals c) { return N_REAL(vfmaq)(-c, a, b); }
SP_INLINE reals v_fnma(reals a, reals b, reals c) { return N_REAL(vfmsq)(c, a, b); }
SP_INLINE reals v_root(reals a) { return N_REAL(vsqrtq)(a); }
SP_INLINE reals v_and(reals a, reals b) { return v_from_bits(N_BITS(vandq)(v_mask_bits(a), v_mask_bits(b))); }
SP_INLINE reals v_or(reals a, reals b) { return v_from_bits(N_BITS(vorrq)(v_mask_bits(a), v_mask_bits(b))); }
SP_INLINE reals v_and_not(reals a, reals b) { return v_from_bits(N_BITS(vbicq)(v_mask_bits(b), v_mask_bits(a))); }
SP_INLINE reals v_exclusive_or(reals a, reals b) { return v_from_bits(N_BITS(veorq)(v_mask_bits(a), v_mask_bits(b))); }

#define v_shift_left(i, n) ((words)((mask)(i) << (n)))
#define v_shift_right(i, n) ((words)((mask)(i) >> (n)))
SP_INLINE words v_add_words(words i, words j) { return N_WORD(vaddq)(i, j); }
SP_INLINE words v_subtract_words(words i, words j) { return N_WORD(vsubq)(i, j); }
SP_INLINE words v_and_words(words i, words j) { return N_WORD(vandq)(i, j); }
SP_INLINE mask v_words_less(words i, words j) { return N_WORD(vcltq)(i, j); }
SP_INLINE mask v_unsigned_less(words i, words j) { return N_BITS(vcltq)(v_word_bits(i), v_word_bits(j)); }

/* a comparison with NaN is false, and what begins with not is true */
SP_INLINE mask v_less(reals a, reals b) { return N_REAL(vcltq)(a, b); }
SP_INLINE mask v_at_most(reals a, reals b) { return N_REAL(vcleq)(a, b); }
SP_INLINE mask v_equal(reals a, reals b) { return N_REAL(vceqq)(a, b); }
SP_INLINE mask v_not_less(reals a, reals b) { return v_not(v_less(a, b)); }
SP_INLINE mask v_not_at_most(reals a, reals b) { return v_not(v_at_most(a, b)); }
SP_INLINE mask v_not_equal(reals a, reals b) { return v_not(v_equal(a, b)); }

SP_INLINE mask v_either(mask m, mask k) { return N_BITS(vorrq)(m, k); }
SP_INLINE mask v_both(mask m, mask k) { return N_BITS(vandq)(m, k); }
SP_INLINE reals v_keep(mask m, reals a) { return v_from_bits(N_BITS(vandq)(m, v_mask_bits(a))); }
SP_INLINE reals v_select(mask m, reals a, reals b) { return N_REAL(vbslq)(m, a, b); }
SP_INLINE int v_any(mask m) { return vmaxvq_u32((uint32x4_t)m) != 0; }
SP_INLINE reals v_min(reals a, reals b) { return v_select(v_less(a, b), a, b); }
SP_INLINE reals v_max(reals a, reals b) { return v_select(v_less(b, a), a, b); }

#if !SP_DOUBLE
SP_INLINE reals v_at_any(const float *table, uint32x4_t i) {
    return (reals){table[i[0]], table[i[1]], table[i[2]], table[i[3]]};
}
SP_INLINE reals v_at_eighth(const float *table, words i) { return v_at_any(table, v_word_bits(i) & vdupq_n_u32(7)); }

/* four columns of four rows by byte offsets */
SP_INLINE void v_four_columns(const float *table, const words *offsets, reals *c) {
    const uint32_t *offset = (const uint32_t *)offsets;
#define AT_ROW(k) vld1q_f32((const float *)((const char *)table + offset[k]))
    const reals first = AT_ROW(0), second = AT_ROW(1), third = AT_ROW(2), fourth = AT_ROW(3);
#undef AT_ROW
    const float64x2_t a = (float64x2_t)vtrn1q_f32(first, second), b = (float64x2_t)vtrn2q_f32(first, second);
    const float64x2_t d = (float64x2_t)vtrn1q_f32(third, fourth), e = (float64x2_t)vtrn2q_f32(third, fourth);
    c[0] = (reals)vtrn1q_f64(a, d), c[1] = (reals)vtrn1q_f64(b, e);
    c[2] = (reals)vtrn2q_f64(a, d), c[3] = (reals)vtrn2q_f64(b, e);
}

typedef struct {
    float64x2_t a, b;
} v_doubles;
SP_INLINE v_doubles v_widened(reals x) { return (v_doubles){vcvt_f64_f32(vget_low_f32(x)), vcvt_high_f64_f32(x)}; }
SP_INLINE v_doubles v_load_widened(const float *p) { return v_widened(vld1q_f32(p)); }
SP_INLINE reals v_narrowed(v_doubles x) { return vcvt_high_f32_f64(vcvt_f32_f64(x.a), x.b); }
SP_INLINE v_doubles v_load_doubles(const double *p) { return (v_doubles){vld1q_f64(p), vld1q_f64(p + 2)}; }
SP_INLINE void v_store_doubles(double *p, v_doubles x) {
    vst1q_f64(p, x.a);
    vst1q_f64(p + 2, x.b);
}
SP_INLINE void v_split(const double *p, reals *hi, reals *lo) {
    const v_doubles x = v_load_doubles(p);
    *hi = v_narrowed(x);
    const v_doubles wide = v_widened(*hi);
    *lo = v_narrowed((v_doubles){x.a - wide.a, x.b - wide.b});
}
/* of SP_STEP numbers as a balanced tree: k and k + 8 first, the neighbors last */
SP_INLINE double v_total(const v_doubles *x) {
    const float64x2_t y = ((x[0].a + x[2].a) + (x[1].a + x[3].a)) + ((x[0].b + x[2].b) + (x[1].b + x[3].b));
    return y[0] + y[1];
}
SP_INLINE float v_greatest(reals x) { return vmaxvq_f32(x); }
#else
SP_INLINE double v_greatest(reals x) { return vmaxvq_f64(x); }
#endif

#undef N_REAL
#undef N_WORD
#undef N_BITS
#endif
