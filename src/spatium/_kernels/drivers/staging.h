/* What the drivers of the loops share: the size of a tile, copies between any stride and the stack. */
#ifndef SP_STAGING_H
#define SP_STAGING_H
#include "drivers/dispatch.h"
#include "drivers/float_state.h"

#include <string.h>

enum { TILE = 512 };
/* Elements that one thread takes at a time; tile borders are multiples of it whatever the number of threads. */
enum { GRAIN = 16384 };

static inline size_t size_of(sp_dtype d) { return d == SP_FLOAT64 ? 8 : d == SP_FLOAT32 ? 4 : 2; }
static inline int is_16_bit(sp_dtype d) { return d == SP_FLOAT16 || d == SP_BFLOAT16; }

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
        const ptrdiff_t m = n - i < TILE ? n - i : TILE;
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
        const ptrdiff_t m = n - i < TILE ? n - i : TILE;
        k->from_float(m, from + i, packed);
        for (ptrdiff_t j = 0; j < m; j++)
            memcpy(to + (i + j) * stride, packed + j, sizeof *packed);
    }
}

static inline void gather(void *to, const char *from, ptrdiff_t stride, ptrdiff_t n, sp_dtype dtype) {
    if (is_16_bit(dtype))
        gather_16_bit(to, from, stride, n, dtype);
    else if (stride == (ptrdiff_t)size_of(dtype))
        memcpy(to, from, (size_t)n * size_of(dtype));
    else if (dtype == SP_FLOAT32)
        for (ptrdiff_t i = 0; i < n; i++)
            memcpy((float *)to + i, from + i * stride, sizeof(float));
    else
        for (ptrdiff_t i = 0; i < n; i++)
            memcpy((double *)to + i, from + i * stride, sizeof(double));
}

static inline void scatter(char *to, ptrdiff_t stride, const void *from, ptrdiff_t n, sp_dtype dtype) {
    if (is_16_bit(dtype))
        scatter_16_bit(to, stride, from, n, dtype);
    else if (stride == (ptrdiff_t)size_of(dtype))
        memcpy(to, from, (size_t)n * size_of(dtype));
    else if (dtype == SP_FLOAT32)
        for (ptrdiff_t i = 0; i < n; i++)
            memcpy(to + i * stride, (const float *)from + i, sizeof(float));
    else
        for (ptrdiff_t i = 0; i < n; i++)
            memcpy(to + i * stride, (const double *)from + i, sizeof(double));
}

#endif
