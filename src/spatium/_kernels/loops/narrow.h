/* Values of piecewise functions of 16-bit numbers in one loop: converted, evaluated and rounded in registers, where converting
   whole tiles takes longer than these functions do.

   A float32 result that lies in the middle between two numbers of the type may be on the wrong side, see evaluate.c.  The steps
   that contain one are not written but kept; they are evaluated as everything else is.  A function that knows where results of a
   simpler text are right as they are rounded has a loop for these, which takes the other steps in that way. */
#ifndef SP_NARROW_H
#define SP_NARROW_H
#include "loops/piecewise.h"

#if SP_HAS_FLOAT_VECTORS && defined(__AVX2__)

#if defined(__AVX512F__)
#define v_words_equal(i, j) _mm512_cmpeq_epi32_mask(i, j)
SP_INLINE void load_half(const any_uint16 *from, reals *v) { v[0] = _mm512_cvtph_ps(_mm256_loadu_si256((const void *)from)); }
SP_INLINE void store_half(const reals *y, any_uint16 *to) {
    _mm256_storeu_si256((void *)to, _mm512_cvtps_ph(y[0], _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC));
}
SP_INLINE void load_words(const any_uint16 *from, words *i) {
    i[0] = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const void *)from));
}
SP_INLINE void store_words(const words *i, any_uint16 *to) { _mm256_storeu_si256((void *)to, _mm512_cvtepi32_epi16(i[0])); }
#else
#define v_words_equal(i, j) v_floats(_mm256_cmpeq_epi32(i, j))
SP_INLINE void load_half(const any_uint16 *from, reals *v) {
    v[0] = _mm256_cvtph_ps(_mm_loadu_si128((const void *)from));
    v[1] = _mm256_cvtph_ps(_mm_loadu_si128((const void *)(from + 8)));
}
SP_INLINE void store_half(const reals *y, any_uint16 *to) {
    _mm_storeu_si128((void *)to, _mm256_cvtps_ph(y[0], _MM_FROUND_TO_NEAREST_INT));
    _mm_storeu_si128((void *)(to + 8), _mm256_cvtps_ph(y[1], _MM_FROUND_TO_NEAREST_INT));
}
SP_INLINE void load_words(const any_uint16 *from, words *i) {
    i[0] = _mm256_cvtepu16_epi32(_mm_loadu_si128((const void *)from));
    i[1] = _mm256_cvtepu16_epi32(_mm_loadu_si128((const void *)(from + 8)));
}
SP_INLINE void store_words(const words *i, any_uint16 *to) { /* each below 2^16 */
    _mm256_storeu_si256((void *)to, _mm256_permute4x64_epi64(_mm256_packus_epi32(i[0], i[1]), 0xd8));
}
#endif
SP_INLINE void load_bfloat16(const any_uint16 *from, reals *v) {
    words i[RESULTS];
    load_words(from, i);
    UNROLLED for (int k = 0; k < RESULTS; k++) v[k] = v_floats(v_shift_left(i[k], 16));
}
/* bfloat16_from_float */
SP_INLINE void store_bfloat16(const reals *y, any_uint16 *to) {
    words upper[RESULTS];
    UNROLLED for (int k = 0; k < RESULTS; k++) {
        const words bits = v_words(y[k]), odd = v_and_words(v_shift_right(bits, 16), v_set_words(1));
        const words sum = v_add_words(v_add_words(bits, odd), v_set_words(0x7fff));
        const reals quiet = v_or(y[k], v_floats(v_set_words(0x400000)));
        upper[k] = v_shift_right(v_words(v_select(v_not_equal(y[k], y[k]), quiet, v_floats(sum))), 16);
    }
    store_words(upper, to);
}

/* Constants in registers, where the compiler would form them anew in every step. */
typedef struct {
    words size, lost, middle; /* all bits but the sign, those that rounding drops, and the first of these */
    words below, beyond;      /* for sizes between 0 and the least normal half, moved to the lower end of the integers */
} tie_constants;
#if defined(__AVX512F__)
#define V_IN_REGISTER(v) ((void)(v)) /* an operand in memory serves as well */
#else
#define V_IN_REGISTER(v) __asm__("" : "+x"(v))
#endif
SP_INLINE tie_constants tie_constants_of(int lost) {
    tie_constants c = {v_set_words(0x7fffffff), v_set_words((1 << lost) - 1), v_set_words(1 << (lost - 1)),
                       v_set_words(-1 - WORD_LEAST), v_set_words(WORD_LEAST + 0x387fffff)};
    V_IN_REGISTER(c.size);
    V_IN_REGISTER(c.lost);
    V_IN_REGISTER(c.middle);
    V_IN_REGISTER(c.below);
    V_IN_REGISTER(c.beyond);
    return c;
}
/* Where y may lie in the middle between two numbers of the type: what is not 0 but below the normal halves may */
SP_INLINE mask v_may_be_bfloat16_tie(reals y, const tie_constants *c) {
    return v_words_equal(v_and_words(v_words(y), c->lost), c->middle);
}
SP_INLINE mask v_may_be_half_tie(reals y, const tie_constants *c) {
    const words size = v_and_words(v_words(y), c->size);
    return v_either(v_may_be_bfloat16_tie(y, c), v_words_less(v_add_words(size, c->below), c->beyond));
}
/* Where it does, and at some of those numbers besides: is_half_tie */
SP_INLINE mask v_is_half_tie(reals y, const tie_constants *c) {
    const reals size = v_abs(y), quarter = v_set(0.25f), aligned = size + quarter;
    const mask odd = v_words_equal(v_and_words(v_words(aligned), v_set_words(1)), v_set_words(1));
    const mask small = v_both(v_less(size, v_set(0x1p-14f)), v_equal(aligned - quarter, size));
    return v_either(v_may_be_bfloat16_tie(y, c), v_both(small, odd));
}
#define v_is_bfloat16_tie v_may_be_bfloat16_tie
enum { bits_lost_to_half = 13, bits_lost_to_bfloat16 = 16 };

/* WAY: NARROW_EXACTLY where no result in the middle is inexact, or how others are found, see piecewise.h */
#define NARROW_LOOP(function, name, type, parameters, WAY, VECTOR)                                                     \
    static NOINLINE void function(ptrdiff_t n, const void *from, const double *const *p, void *to,                     \
                                  sp_doubtful_steps *doubtful) {                                                       \
        const any_uint16 *x = from;                                                                                    \
        any_uint16 *out = to;                                                                                          \
        ptrdiff_t count = 0;                                                                                           \
        reals_bound a, b;                                                                                              \
        name##_bounds((parameters) > 0 ? p[0] : 0, (parameters) > 1 ? p[1] : 0, 0, 0, &a, &b);                         \
        a.coarse = b.coarse = bits_lost_to_##type == bits_lost_to_half;                                                \
        const mask beyond = name##_beyond(a, b);                                                                       \
        tie_constants c;                                                                                               \
        if ((WAY) != NARROW_EXACTLY)                                                                                   \
            c = tie_constants_of(bits_lost_to_##type);                                                                 \
        for (ptrdiff_t i = 0; i < n; i += SP_STEP) {                                                                   \
            reals v[RESULTS], y[RESULTS];                                                                              \
            mask far = beyond, may_be = v_none();                                                                      \
            load_##type(x + i, v);                                                                                     \
            UNROLLED for (int k = 0; k < RESULTS; k++) {                                                               \
                y[k] = VECTOR(v[k], a, b, &far);                                                                       \
                if ((WAY) == NARROW_BY_TIES)                                                                           \
                    may_be = v_either(may_be, v_may_be_##type##_tie(y[k], &c));                                        \
            }                                                                                                          \
            if (__builtin_expect(v_any(v_either(far, may_be)), 0)) {                                                   \
                if ((WAY) == NARROW_AS_ROUNDED) {                                                                      \
                    far = beyond;                                                                                      \
                    UNROLLED for (int k = 0; k < RESULTS; k++) y[k] = name##_vector(v[k], a, b, &far);                 \
                }                                                                                                      \
                UNROLLED for (int k = 0; (WAY) != NARROW_EXACTLY && k < RESULTS; k++)                                  \
                    far = v_either(far, v_is_##type##_tie(y[k], &c));                                                  \
                if (v_any(far)) {                                                                                      \
                    memcpy(doubtful->x[count], x + i, sizeof doubtful->x[count]);                                      \
                    doubtful->step[count++] = (uint16_t)(i / SP_STEP);                                                 \
                    continue;                                                                                          \
                }                                                                                                      \
            }                                                                                                          \
            store_##type(y, out + i);                                                                                  \
        }                                                                                                              \
        doubtful->count = count;                                                                                       \
    }
#define NARROW_LOOPS(suffix, name, parameters, WAY, VECTOR)                                                            \
    NARROW_LOOP(name##_value_of_half##suffix, name, half, parameters, WAY, VECTOR)                                     \
    NARROW_LOOP(name##_value_of_bfloat16##suffix, name, bfloat16, parameters, WAY, VECTOR)
#define NARROW_LOOPS_SP_PIECEWISE(name, parameters)                                                                    \
    NARROW_LOOPS(_by_ties, name, parameters, NARROW_BY_TIES, name##_vector)                                            \
    NARROW_LOOPS(_as_rounded, name, parameters, NARROW_AS_ROUNDED, name##_narrow_vector)
#define NARROW_LOOPS_SP_PIECEWISE_EXACT(name, parameters) NARROW_LOOPS(, name, parameters, NARROW_EXACTLY, name##_vector)
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    SP_IF_PIECEWISE_##form(NARROW_LOOPS_##form(name, parameters))
#include "functions.inc"
#undef SP_ACTIVATION

static sp_narrow_loop *find_narrow_loop(int code, const double *const *p, ptrdiff_t n, int is_half) {
    switch (code) {
#define NARROW_ONE_OF(name, suffix) (is_half ? name##_value_of_half##suffix : name##_value_of_bfloat16##suffix)
#define NARROW_CASE_SP_PIECEWISE_EXACT(name, code)                                                                     \
    case code: return NARROW_ONE_OF(name, );
#define NARROW_CASE_SP_PIECEWISE(name, code)                                                                           \
    case code: {                                                                                                       \
        const narrow_way way = name##_narrow(p, n, is_half);                                                           \
        return way == NARROW_AS_ROUNDED ? NARROW_ONE_OF(name, _as_rounded)                                             \
               : way == NARROW_BY_TIES  ? NARROW_ONE_OF(name, _by_ties)                                                \
                                        : 0;                                                                           \
    }
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    SP_IF_PIECEWISE_##form(NARROW_CASE_##form(name, code))
#include "functions.inc"
#undef SP_ACTIVATION
    default: return 0;
    }
}
#else
static sp_narrow_loop *find_narrow_loop(int code, const double *const *p, ptrdiff_t n, int is_half) {
    (void)code, (void)p, (void)n, (void)is_half;
    return 0;
}
#endif
#endif
