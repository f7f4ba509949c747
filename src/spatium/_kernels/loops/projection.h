/* Dot products of rows with several hyperplane normals, in one fixed order of summation.

   Eight partial sums, feature f into sum f mod 8, joined as a balanced tree: the same order whatever the instruction set,
   the batch or the stride.  The normals hold float32 values, so that the product with a float32 feature is exact in
   double and a fused multiply-add rounds like a multiplication and an addition; float64 features are multiplied and
   added separately everywhere. */
#ifndef SP_PROJECTION_H
#define SP_PROJECTION_H
#include "loops/kernels.h"
#include "loops/transpose.h"

enum { PLANES_AT_ONCE = 6, PARTIAL_SUMS = 8, PART = VECTOR_BYTES / (int)sizeof(double) };

#if SP_DOUBLE
#define ACCUMULATE(a, b, c) ((a) * (b) + (c)) /* -ffp-contract=off keeps the two roundings */
#else
#define ACCUMULATE(a, b, c) FMA(a, b, c)
#endif

/* a vector of as many partial sums as one register holds; each pass over the features updates these */
typedef double partial_sums __attribute__((vector_size(VECTOR_BYTES)));

SP_INLINE partial_sums widened_float(const float *p) {
    partial_sums v;
    for (int l = 0; l < PART; l++)
        v[l] = p[l];
    return v;
}

SP_INLINE partial_sums widened(const real *p) {
    partial_sums v;
    for (int l = 0; l < PART; l++)
        v[l] = p[l];
    return v;
}

SP_INLINE partial_sums accumulated(partial_sums a, partial_sums b, partial_sums c) {
    partial_sums v;
    for (int l = 0; l < PART; l++)
        v[l] = ACCUMULATE(a[l], b[l], c[l]);
    return v;
}

/* Six planes at a time, and with AVX-512, which has registers for their 24 sums, four rows: a plane is widened once for
   all of them.  4096 rows of 1024 float32 features took 500 ns each one by one, and take 250 (Xeon); planes kept as doubles
   take 300, since six of them leave the cache.  A group shorter than six repeats its last plane.  Named sums stay in
   registers, an array of sums does not. */
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
#define STORE_SUMS(r, row)                                                                                             \
    do {                                                                                                               \
        const partial_sums all[PLANES_AT_ONCE] = {r##0, r##1, r##2, r##3, r##4, r##5};                                 \
        for (int k = 0; k < PLANES_AT_ONCE; k++)                                                                       \
            memcpy(&sums[row][k][part], &all[k], sizeof *all);                                                         \
    } while (0)

/* `some` rows, ROWS_AT_ONCE or 1; row r: the whole blocks at x[r], what is left in rest[r] */
SP_INLINE void project_group(int some, const real *const *x, real (*rest)[PARTIAL_SUMS], ptrdiff_t features,
                             const sp_planes *planes, double *out) {
    const ptrdiff_t whole = features / PARTIAL_SUMS * PARTIAL_SUMS;
    for (ptrdiff_t first = 0; first < planes->count; first += PLANES_AT_ONCE) {
        const ptrdiff_t count = planes->count - first < PLANES_AT_ONCE ? planes->count - first : PLANES_AT_ONCE;
        const float *w[PLANES_AT_ONCE];
        double sums[4][PLANES_AT_ONCE][PARTIAL_SUMS];
        for (ptrdiff_t k = 0; k < PLANES_AT_ONCE; k++)
            w[k] = planes->normals + planes->stride * (first + (k < count ? k : count - 1));
        for (int part = 0; part < PARTIAL_SUMS; part += PART) {
            SUMS(a);
            SUMS(b);
            SUMS(c);
            SUMS(d);
            for (ptrdiff_t f = part; f < features; f += PARTIAL_SUMS) {
                const partial_sums w0 = widened_float(w[0] + f), w1 = widened_float(w[1] + f);
                const partial_sums w2 = widened_float(w[2] + f), w3 = widened_float(w[3] + f);
                const partial_sums w4 = widened_float(w[4] + f), w5 = widened_float(w[5] + f);
                const int inside = f < whole;
                ADD_BLOCK(a, inside ? x[0] + f : rest[0] + part);
                if (some > 1) {
                    ADD_BLOCK(b, inside ? x[1] + f : rest[1] + part);
                    ADD_BLOCK(c, inside ? x[2] + f : rest[2] + part);
                    ADD_BLOCK(d, inside ? x[3] + f : rest[3] + part);
                }
            }
            STORE_SUMS(a, 0);
            if (some > 1) {
                STORE_SUMS(b, 1);
                STORE_SUMS(c, 2);
                STORE_SUMS(d, 3);
            }
        }
        for (int r = 0; r < some; r++)
            for (ptrdiff_t k = 0; k < count; k++) {
                const double *s = sums[r][k];
                out[r * planes->count + first + k] = ((s[0] + s[4]) + (s[2] + s[6])) + ((s[1] + s[5]) + (s[3] + s[7]));
            }
    }
}

/* out: (rows, planes) */
static void project(ptrdiff_t rows, ptrdiff_t features, const void *x, ptrdiff_t row_stride, const sp_planes *planes,
                    double *out) {
    for (ptrdiff_t i = 0, some; i < rows; i += some) {
        const real *row[4];
        real rest[4][PARTIAL_SUMS] = {{0}};
        some = rows - i < ROWS_AT_ONCE ? 1 : ROWS_AT_ONCE;
        for (ptrdiff_t r = 0; r < some; r++) {
            row[r] = (const real *)((const char *)x + (i + r) * row_stride);
            for (ptrdiff_t f = features / PARTIAL_SUMS * PARTIAL_SUMS; f < features; f++)
                rest[r][f % PARTIAL_SUMS] = row[r][f];
        }
        if (some > 1)
            project_group(ROWS_AT_ONCE, row, rest, features, planes, out + i * planes->count);
        else
            project_group(1, row, rest, features, planes, out + i * planes->count);
    }
}

#endif
