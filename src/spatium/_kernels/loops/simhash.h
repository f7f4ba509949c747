/* The side of each hyperplane on which a row lies: bit k is 1 if x·w_k > t_k, where x·w is the sum of projection.h.
   Usually an estimate of the sum in the type of the data decides this in less time. Its error, for any order of n
   roundings, is at most c·|x||w| with c = n·u/(1 - n·u), where u is the unit roundoff (Higham, Accuracy and Stability
   of Numerical Algorithms, 2nd ed., section 3.1, and Cauchy-Schwarz). So the estimate may use any order. If a row is
   closer to a plane than this bound, which happens for a few in ten thousand rows, its exact projection is computed.
   Therefore the bits of every row are those of projection.h. With 1024 float32 features a row takes 150 ns, its
   projection 250 ns, and reading it 140 ns (Xeon). */
#ifndef SP_SIMHASH_H
#define SP_SIMHASH_H
#include "loops/projection.h"

#if SP_DOUBLE
#define UNIT_ROUNDOFF 0x1p-53
#define FUSED(a, b, c) __builtin_fma(a, b, c)
#else
#define UNIT_ROUNDOFF 0x1p-24
#define FUSED(a, b, c) __builtin_fmaf(a, b, c)
#endif

SP_INLINE vector row_block(const real *p) {
    vector v;
    memcpy(&v, p, sizeof v);
    return v;
}

SP_INLINE vector plane_block(const float *p) {
    vector v;
    for (int l = 0; l < WIDTH; l++)
        v[l] = p[l];
    return v;
}

SP_INLINE vector fused(vector a, vector b, vector c) {
#if SP_HAS_FMA
    vector v;
    for (int l = 0; l < WIDTH; l++)
        v[l] = FUSED(a[l], b[l], c[l]);
    return v;
#else
    return a * b + c;
#endif
}

/* The sums of eight vectors: each level leaves half as many, whose lanes belong to twice as many of the eight. */
SP_INLINE void sums_of_eight(vector *v, double *sums) {
#ifdef LOW
    enum { LEVELS = STAGES < 3 ? STAGES : 3, LEFT = 8 >> LEVELS, AGAIN = WIDTH > 8 ? 8 : 0 };
    real s[LEFT * WIDTH];
#pragma GCC unroll 3
    for (int n = 4; n >= LEFT; n /= 2)
#pragma GCC unroll 4
        for (int i = 0; i < n; i++)
            v[i] = LOW(v[i], v[i + n]) + HIGH(v[i], v[i + n]);
    memcpy(s, v, sizeof s);
    for (int k = 0; k < 8; k++) {
        const int at = k % LEFT * WIDTH + k / LEFT;
        sums[k] = (double)(AGAIN ? s[at] + s[at + AGAIN] : s[at]);
    }
#else
    for (int k = 0; k < 8; k++) {
        real s = 0;
        for (int l = 0; l < WIDTH; l++)
            s += v[k][l];
        sums[k] = (double)s;
    }
#endif
}

/* x·w of six planes, and |x|^2 */
typedef double estimate[8];
enum { SQUARE = 6 };

/* The number of rows that are processed with one load of the planes: three with AVX-512, because their 21 sums leave
   enough registers. */
#if defined(__AVX512F__)
enum { SIDE_BY_SIDE = 3 };
#else
enum { SIDE_BY_SIDE = 1 };
#endif

#define NO_SUMS(r) vector r##0 = {0}, r##1 = {0}, r##2 = {0}, r##3 = {0}, r##4 = {0}, r##5 = {0}, r##6 = {0}
#define ADD_PLANE(k, f)                                                                                                \
    do {                                                                                                               \
        const vector w = plane_block(planes[k] + (f));                                                                 \
        a##k = fused(w, va, a##k);                                                                                     \
        if (some > 1)                                                                                                  \
            b##k = fused(w, vb, b##k), c##k = fused(w, vc, c##k);                                                      \
    } while (0)
#define ADD_ALL(f, xa, xb, xc)                                                                                         \
    do {                                                                                                               \
        const vector va = row_block(xa), vb = row_block(xb), vc = row_block(xc);                                       \
        ADD_PLANE(0, f);                                                                                               \
        ADD_PLANE(1, f);                                                                                               \
        ADD_PLANE(2, f);                                                                                               \
        ADD_PLANE(3, f);                                                                                               \
        ADD_PLANE(4, f);                                                                                               \
        ADD_PLANE(5, f);                                                                                               \
        a6 = fused(va, va, a6);                                                                                        \
        if (some > 1)                                                                                                  \
            b6 = fused(vb, vb, b6), c6 = fused(vc, vc, c6);                                                            \
    } while (0)
#define STORE_ESTIMATE(r, to)                                                                                          \
    do {                                                                                                               \
        vector v[8] = {r##0, r##1, r##2, r##3, r##4, r##5, r##6, r##6};                                                \
        sums_of_eight(v, to);                                                                                          \
    } while (0)

/* `some` rows, SIDE_BY_SIDE or 1, what is left of them behind the last whole vector in `rest`; the rows `ahead` bytes away
   are asked for */
SP_INLINE void estimate_group(int some, const real *const *x, real (*rest)[WIDTH], ptrdiff_t ahead, ptrdiff_t features,
                              const float *const *planes, estimate *out) {
    const int second = some > 1 ? 1 : 0, third = some > 1 ? 2 : 0;
    ptrdiff_t f = 0;
    NO_SUMS(a);
    NO_SUMS(b);
    NO_SUMS(c);
    for (; f + WIDTH <= features; f += WIDTH) {
        for (int r = 0; r < some; r++)
            __builtin_prefetch((const void *)((uintptr_t)(x[r] + f) + (uintptr_t)ahead));
        ADD_ALL(f, x[0] + f, x[second] + f, x[third] + f);
    }
    if (f < features)
        ADD_ALL(f, rest[0], rest[second], rest[third]);
    STORE_ESTIMATE(a, out[0]);
    if (some > 1) {
        STORE_ESTIMATE(b, out[1]);
        STORE_ESTIMATE(c, out[2]);
    }
}

/* c above, and for the projection, which is not exact either; infinite where the bound would be of no use */
static double relative_error(ptrdiff_t features) {
    /* products, sums of a lane, and of the lanes in any order */
    const double n = (double)(features / WIDTH + WIDTH) + 3.0;
    const double m = (double)(features / PARTIAL_SUMS) + 7.0;
    if (n * UNIT_ROUNDOFF > 0x1p-6)
        return (double)INFINITY;
    return n * UNIT_ROUNDOFF / (1.0 - n * UNIT_ROUNDOFF) + m * 0x1p-53 / (1.0 - m * 0x1p-53);
}

/* Six planes, the last one repeated where a group has fewer: what their rows are compared with. */
typedef struct {
    const float *normals[PLANES_AT_ONCE];
    double norms[8], thresholds[8];
} plane_group;

static plane_group group_of(const sp_planes *planes, ptrdiff_t first) {
    plane_group g;
    for (ptrdiff_t k = 0; k < 8; k++) {
        const ptrdiff_t last = planes->count - 1, plane = first + k < last ? first + k : last;
        if (k < PLANES_AT_ONCE)
            g.normals[k] = planes->normals + planes->stride * plane;
        g.norms[k] = planes->norms[plane];
        g.thresholds[k] = planes->thresholds[plane];
    }
    return g;
}

/* The bits of a group of planes; returns whether all are certain. */
SP_INLINE int certain_bits(const estimate e, double error, double lost, const plane_group *g, uint64_t *bits) {
    static const uint64_t bit[8] = {1, 2, 4, 8, 16, 32, 0, 0};
    const double length = 1.02 * sqrt(e[SQUARE]) + 0x1p-50; /* |x|: c is small, and squares may have been lost */
    uint64_t above = 0, near = 0;
    KEEP_ROLLED
    for (int k = 0; k < 8; k++) {
        const double distance = e[k] - g->thresholds[k], size = fabs(distance);
        const double bound = 1.001 * (error * length * g->norms[k] + lost * (1.0 + length + g->norms[k]));
        above |= distance > 0.0 ? bit[k] : 0;
        near |= size > bound && size < (double)INFINITY ? 0 : bit[k];
    }
    *bits = above;
    return near == 0;
}

static int projected_bits(const real *x, ptrdiff_t features, const sp_planes *planes, uint64_t *bits) {
    double projections[SP_MAX_PLANES];
    int finite = 1;
    project(1, features, x, 0, planes, projections);
    *bits = 0;
    for (ptrdiff_t k = 0; k < planes->count; k++) {
        finite &= fabs(projections[k]) < (double)INFINITY;
        *bits |= (uint64_t)(projections[k] > planes->thresholds[k]) << k;
    }
    return finite;
}

/* Returns the first row that is not finite, or too large to project, or -1; patterns are complete only then. */
static ptrdiff_t find_patterns(ptrdiff_t rows, ptrdiff_t features, const void *x, ptrdiff_t row_stride,
                               const sp_planes *planes, uint64_t *patterns) {
    enum { CHUNK_ROWS = 48 }; /* a multiple of SIDE_BY_SIDE */
    const double error = relative_error(features);
    /* sums of what is too small for float32, or flushed to 0 */
    const double lost = (double)(features + WIDTH) * 0x1p-124;
    for (ptrdiff_t chunk = 0; chunk < rows; chunk += CHUNK_ROWS) {
        const ptrdiff_t end = rows - chunk < CHUNK_ROWS ? rows : chunk + CHUNK_ROWS;
        uint8_t certain[CHUNK_ROWS];
        memset(certain, 1, sizeof certain);
        memset(patterns + chunk, 0, (size_t)(end - chunk) * sizeof *patterns);
        for (ptrdiff_t first = 0; first < planes->count; first += PLANES_AT_ONCE) {
            const plane_group g = group_of(planes, first);
            for (ptrdiff_t i = chunk, some; i < end; i += some) {
                const real *row[SIDE_BY_SIDE];
                real rest[SIDE_BY_SIDE][WIDTH] = {{0}};
                estimate e[SIDE_BY_SIDE];
                some = end - i < SIDE_BY_SIDE ? 1 : SIDE_BY_SIDE;
                for (ptrdiff_t r = 0; r < some; r++) {
                    row[r] = (const real *)((const char *)x + (i + r) * row_stride);
                    for (ptrdiff_t f = features / WIDTH * WIDTH; f < features; f++)
                        rest[r][f % WIDTH] = row[r][f];
                }
                if (some > 1)
                    estimate_group(SIDE_BY_SIDE, row, rest, some * row_stride, features, g.normals, e);
                else
                    estimate_group(1, row, rest, some * row_stride, features, g.normals, e);
                for (ptrdiff_t r = 0; r < some; r++) {
                    uint64_t bits;
                    certain[i + r - chunk] &= certain_bits(e[r], error, lost, &g, &bits);
                    patterns[i + r] |= bits << first;
                }
            }
        }
        for (ptrdiff_t i = chunk; i < end; i++) {
            patterns[i] &= ~(uint64_t)0 >> (SP_MAX_PLANES - planes->count);
            if (!certain[i - chunk] &&
                !projected_bits((const real *)((const char *)x + i * row_stride), features, planes, &patterns[i]))
                return i;
        }
    }
    return -1;
}

#endif
