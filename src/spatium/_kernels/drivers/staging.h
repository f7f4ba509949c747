/* What the drivers of the loops share: sizes, and copies between any stride and contiguous numbers of the loops' type.

   The words for "some elements", here and in the other drivers, from the smallest:
     SP_STEP   a step of the loops: they run over multiples of it, so tiles are padded to one
     line       a cache line, SP_LINE_BYTES
     TILE       what is staged and evaluated at a time; a *_TILE where another size serves better
     block      several rows, or the neurons whose grids stay in a cache, that are worked on together
     GRAIN      what a thread takes at a time, a multiple of every tile; its share may be given in rows or blocks instead
     share      the work on one grain: borders of shares are fixed, whatever the number of threads
     chunk      what is grouped or summed before the next begins: rows of a batch, elements of a long row
     run        elements that one stride leads to, or that one activation evaluates
   `scratch` is the memory of a thread that tiles are staged in, `padded` is "up to the next multiple of SP_STEP". */
#ifndef SP_STAGING_H
#define SP_STAGING_H
#include "drivers/dispatch.h"
#include "drivers/float_state.h"
#include "drivers/shares.h"

#include <string.h>

enum { TILE = 512, GRAIN = 16384 };

static inline ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }
static inline ptrdiff_t padded(ptrdiff_t n) { return (n + SP_STEP - 1) & -(ptrdiff_t)SP_STEP; }
static inline ptrdiff_t whole_steps(ptrdiff_t n) { return n & -(ptrdiff_t)SP_STEP; }
static inline ptrdiff_t shares_of(ptrdiff_t n, ptrdiff_t each) { return (n + each - 1) / each; }

static inline size_t size_of(sp_dtype d) { return d == SP_FLOAT64 ? 8 : d == SP_FLOAT32 ? 4 : 2; }
static inline int is_16_bit(sp_dtype d) { return d == SP_FLOAT16 || d == SP_BFLOAT16; }

/* of a number as the loops take it */
static inline ptrdiff_t staged_size(sp_dtype d) { return d == SP_FLOAT64 ? 8 : 4; }

/* Zeros after n staged numbers, up to the next multiple of SP_STEP. */
static inline void pad(void *staged, ptrdiff_t n, sp_dtype dtype) {
    const ptrdiff_t size = staged_size(dtype);
    memset((char *)staged + n * size, 0, (size_t)((padded(n) - n) * size));
}

static inline const sp_16_bit_kernels *kernels_16_bit(sp_dtype dtype) {
    const sp_kernels *k = sp_kernels_for(dtype);
    return dtype == SP_FLOAT16 ? &k->half : &k->bfloat16;
}

static inline void gather_16_bit(float *to, const char *from, ptrdiff_t stride, ptrdiff_t n, sp_dtype dtype) {
    const sp_16_bit_kernels *k = kernels_16_bit(dtype);
    uint16_t packed[TILE];
    if (stride == sizeof *packed) {
        k->to_float(n, from, to);
        return;
    }
    for (ptrdiff_t i = 0; i < n; i += TILE) {
        const ptrdiff_t m = least(n - i, TILE);
        for (ptrdiff_t j = 0; j < m; j++)
            memcpy(packed + j, from + (i + j) * stride, sizeof *packed);
        k->to_float(m, packed, to + i);
    }
}

static inline void scatter_16_bit(char *to, ptrdiff_t stride, const float *from, ptrdiff_t n, sp_dtype dtype) {
    const sp_16_bit_kernels *k = kernels_16_bit(dtype);
    uint16_t packed[TILE];
    if (stride == sizeof *packed) {
        k->from_float(n, from, to);
        return;
    }
    for (ptrdiff_t i = 0; i < n; i += TILE) {
        const ptrdiff_t m = least(n - i, TILE);
        k->from_float(m, from + i, packed);
        for (ptrdiff_t j = 0; j < m; j++)
            memcpy(to + (i + j) * stride, packed + j, sizeof *packed);
    }
}

/* Unrolled, because a loop of five instructions takes twice as long where it happens to cross a cache line. */
#define COPY_STRIDED(to, from, size)                                                                                   \
    do {                                                                                                               \
        _Pragma("GCC unroll 8") for (ptrdiff_t i = 0; i < n; i++) memcpy(to, from, size);                              \
    } while (0)

static inline void gather(void *to, const char *from, ptrdiff_t stride, ptrdiff_t n, sp_dtype dtype) {
    if (is_16_bit(dtype))
        gather_16_bit(to, from, stride, n, dtype);
    else if (stride == (ptrdiff_t)size_of(dtype))
        memcpy(to, from, (size_t)n * size_of(dtype));
    else if (dtype == SP_FLOAT32)
        COPY_STRIDED((float *)to + i, from + i * stride, sizeof(float));
    else
        COPY_STRIDED((double *)to + i, from + i * stride, sizeof(double));
}

static inline void scatter(char *to, ptrdiff_t stride, const void *from, ptrdiff_t n, sp_dtype dtype) {
    if (is_16_bit(dtype))
        scatter_16_bit(to, stride, from, n, dtype);
    else if (stride == (ptrdiff_t)size_of(dtype))
        memcpy(to, from, (size_t)n * size_of(dtype));
    else if (dtype == SP_FLOAT32)
        COPY_STRIDED(to + i * stride, (const float *)from + i, sizeof(float));
    else
        COPY_STRIDED(to + i * stride, (const double *)from + i, sizeof(double));
}

#endif
