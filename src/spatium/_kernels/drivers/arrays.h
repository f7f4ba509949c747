/* Arrays of any layout: where an element is, runs of elements as the loops take them, and back. */
#ifndef SP_ARRAYS_H
#define SP_ARRAYS_H
#include "drivers/staging.h"

/* Elements are numbered in C order; there are as few dimensions as the strides allow, and at least one. */
typedef struct {
    char *base;
    sp_dtype dtype;
    ptrdiff_t item; /* bytes of an element */
    int plain;      /* elements are aligned numbers as the loops take them, */
    int adjacent;   /* and side by side along the last dimension */
    int dimensions;
    ptrdiff_t shape[SP_MAX_DIMENSIONS], strides[SP_MAX_DIMENSIONS];
} array;

static inline void array_over(array *a, const void *base, sp_dtype dtype, int dimensions, const ptrdiff_t *shape,
                              const ptrdiff_t *strides) {
    const ptrdiff_t item = (ptrdiff_t)size_of(dtype);
    uintptr_t places = (uintptr_t)base;
    int d = 0;
    for (int i = 0; i < dimensions; i++) {
        if (shape[i] == 1)
            continue;
        if (d && a->strides[d - 1] == strides[i] * shape[i])
            a->shape[d - 1] *= shape[i];
        else
            a->shape[d++] = shape[i];
        a->strides[d - 1] = strides[i];
        places |= (uintptr_t)strides[i];
    }
    if (d == 0)
        a->shape[0] = 1, a->strides[0] = item, d = 1;
    a->base = (char *)(uintptr_t)base;
    a->dtype = dtype;
    a->item = item;
    a->plain = !is_16_bit(dtype) && places % (uintptr_t)item == 0;
    a->adjacent = a->plain && a->strides[d - 1] == item;
    a->dimensions = d;
}

static inline ptrdiff_t elements_of(int dimensions, const ptrdiff_t *shape) {
    ptrdiff_t n = 1;
    for (int i = 0; i < dimensions; i++)
        n *= shape[i];
    return n;
}

static inline ptrdiff_t last_stride(const array *a) { return a->strides[a->dimensions - 1]; }

/* Where an element is, and how many from there on the last stride leads to. */
static inline char *address(const array *a, ptrdiff_t index, ptrdiff_t *run) {
    int d = a->dimensions - 1;
    char *p = a->base;
    *run = PTRDIFF_MAX;
    if (d > 0)
        *run = a->shape[d] - index % a->shape[d];
    for (; d > 0; d--) {
        p += index % a->shape[d] * a->strides[d];
        index /= a->shape[d];
    }
    return p + index * a->strides[0];
}

/* n elements from `first` on where they are, if they are contiguous numbers as the loops take them, else null. */
static inline char *direct(const array *a, ptrdiff_t first, ptrdiff_t n) {
    if (!a->adjacent && !(n == 1 && a->plain))
        return 0;
    ptrdiff_t run;
    char *p = address(a, first, &run);
    return run >= n ? p : 0;
}

/* The same where they are, or gathered into `staged`. */
static inline char *view(const array *a, ptrdiff_t first, ptrdiff_t n, void *staged) {
    char *p = direct(a, first, n);
    if (p)
        return p;
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        p = address(a, first + i, &m);
        m = least(m, n - i);
        gather((char *)staged + i * staged_size(a->dtype), p, last_stride(a), m, a->dtype);
    }
    return staged;
}

/* The same for loops, which read up to the next multiple of SP_STEP. */
static inline char *padded_view(const array *a, ptrdiff_t first, ptrdiff_t n, void *staged) {
    char *p = n % SP_STEP ? 0 : direct(a, first, n);
    if (p)
        return p;
    p = view(a, first, n, staged);
    if (p != staged)
        memcpy(staged, p, (size_t)(n * staged_size(a->dtype)));
    pad(staged, n, a->dtype);
    return staged;
}

static inline void write_back(const array *a, ptrdiff_t first, ptrdiff_t n, const void *staged) {
    for (ptrdiff_t i = 0, m; i < n; i += m) {
        char *p = address(a, first + i, &m);
        m = least(m, n - i);
        scatter(p, last_stride(a), (const char *)staged + i * staged_size(a->dtype), m, a->dtype);
    }
}

#endif
