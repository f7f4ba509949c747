/* Dot products of rows with several hyperplane normals, in one fixed order of summation.

   Eight partial sums, feature f into sum f mod 8, joined as a balanced tree: the same order whatever the instruction set,
   the batch or the stride.  The normals hold float32 values, so that the product with a float32 feature is exact in
   double and a fused multiply-add rounds like a multiplication and an addition; float64 features are multiplied and
   added separately everywhere. */
#ifndef SP_PROJECTION_H
#define SP_PROJECTION_H
#include "real.h"

enum { PLANES_AT_ONCE = 6, PARTIAL_SUMS = 8 };

#if SP_WIDE
#define ACCUMULATE(a, b, c) ((a) * (b) + (c)) /* -ffp-contract=off keeps the two roundings */
#else
#define ACCUMULATE(a, b, c) FMA(a, b, c)
#endif

typedef double partial_sums __attribute__((vector_size(PARTIAL_SUMS * sizeof(double))));

SP_INLINE partial_sums widened_float(const float *p) {
    partial_sums v;
    for (int l = 0; l < PARTIAL_SUMS; l++)
        v[l] = p[l];
    return v;
}

SP_INLINE partial_sums widened(const real *p) {
    partial_sums v;
    for (int l = 0; l < PARTIAL_SUMS; l++)
        v[l] = p[l];
    return v;
}

SP_INLINE partial_sums accumulated(partial_sums a, partial_sums b, partial_sums c) {
    partial_sums v;
    for (int l = 0; l < PARTIAL_SUMS; l++)
        v[l] = ACCUMULATE(a[l], b[l], c[l]);
    return v;
}

/* Six planes at a time, and with AVX-512, which has registers for their 24 sums, four rows: a plane is widened once for
   all of them.  4096 rows of 1024 float32 features took 500 ns each one by one, and take 260 (Xeon); planes kept as doubles
   take 300, since six of them leave the cache, and asking for the next rows gains nothing.  A group shorter than six
   repeats its last plane.  Named sums stay in registers, an array of sums does not. */
#if defined(__AVX512F__)
enum { ROWS_AT_ONCE = 4 };
#else
enum { ROWS_AT_ONCE = 1 };
#endif

#define SUMS(r) partial_sums r##0 = {0}, r##1 = {0}, r##2 = {0}, r##3 = {0}, r##4 = {0}, r##5 = {0}
#define ADD_BLOCK(r, row)                                                                                              \
    do {                                                                                                               \
        const partial_sums v = widened(row);                                                                           \
        r##0 = accumulated(v, w0, r##0), r##1 = accumulated(v, w1, r##1), r##2 = accumulated(v, w2, r##2);             \
        r##3 = accumulated(v, w3, r##3), r##4 = accumulated(v, w4, r##4), r##5 = accumulated(v, w5, r##5);             \
    } while (0)
#define STORE_SUMS(r, at)                                                                                              \
    do {                                                                                                               \
        const partial_sums s[PLANES_AT_ONCE] = {r##0, r##1, r##2, r##3, r##4, r##5};                                   \
        for (ptrdiff_t k = 0; k < count; k++)                                                                          \
            (at)[k] = ((s[k][0] + s[k][4]) + (s[k][2] + s[k][6])) + ((s[k][1] + s[k][5]) + (s[k][3] + s[k][7]));       \
    } while (0)

/* `some` rows, ROWS_AT_ONCE or 1; row r: the whole blocks at x[r], what is left in rest[r] */
SP_INLINE void project_group(int some, const real *const *x, real (*rest)[PARTIAL_SUMS], ptrdiff_t whole, ptrdiff_t padded,
                             const float *planes, ptrdiff_t plane_count, double *out) {
    for (ptrdiff_t first = 0; first < plane_count; first += PLANES_AT_ONCE) {
        const ptrdiff_t count = plane_count - first < PLANES_AT_ONCE ? plane_count - first : PLANES_AT_ONCE;
        const float *w[PLANES_AT_ONCE];
        for (ptrdiff_t k = 0; k < PLANES_AT_ONCE; k++)
            w[k] = planes + padded * (first + (k < count ? k : count - 1));
        SUMS(a);
        SUMS(b);
        SUMS(c);
        SUMS(d);
        for (ptrdiff_t f = 0; f < padded; f += PARTIAL_SUMS) {
            const partial_sums w0 = widened_float(w[0] + f), w1 = widened_float(w[1] + f), w2 = widened_float(w[2] + f);
            const partial_sums w3 = widened_float(w[3] + f), w4 = widened_float(w[4] + f), w5 = widened_float(w[5] + f);
            const int inside = f < whole;
            ADD_BLOCK(a, inside ? x[0] + f : rest[0]);
            if (some > 1) {
                ADD_BLOCK(b, inside ? x[1] + f : rest[1]);
                ADD_BLOCK(c, inside ? x[2] + f : rest[2]);
                ADD_BLOCK(d, inside ? x[3] + f : rest[3]);
            }
        }
        double *at = out + first;
        STORE_SUMS(a, at);
        if (some > 1) {
            STORE_SUMS(b, at + plane_count);
            STORE_SUMS(c, at + 2 * plane_count);
            STORE_SUMS(d, at + 3 * plane_count);
        }
    }
}

/* planes: plane_count rows of `features` values, each row padded with zeros to a multiple of PARTIAL_SUMS;
   out: (rows, plane_count) */
static void project(ptrdiff_t rows, ptrdiff_t features, const void *x, ptrdiff_t row_stride, const float *planes,
                    ptrdiff_t plane_count, double *out) {
    const ptrdiff_t whole = features / PARTIAL_SUMS * PARTIAL_SUMS;
    const ptrdiff_t padded = (features + PARTIAL_SUMS - 1) / PARTIAL_SUMS * PARTIAL_SUMS;
    for (ptrdiff_t i = 0, some; i < rows; i += some) {
        const real *row[4];
        real rest[4][PARTIAL_SUMS] = {{0}};
        some = rows - i < ROWS_AT_ONCE ? 1 : ROWS_AT_ONCE;
        for (ptrdiff_t r = 0; r < some; r++) {
            row[r] = (const real *)((const char *)x + (i + r) * row_stride);
            for (ptrdiff_t f = whole; f < features; f++)
                rest[r][f - whole] = row[r][f];
        }
        if (some > 1)
            project_group(ROWS_AT_ONCE, row, rest, whole, padded, planes, plane_count, out + i * plane_count);
        else
            project_group(1, row, rest, whole, padded, planes, plane_count, out + i * plane_count);
    }
}

#endif
