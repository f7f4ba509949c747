/* Dot products of one row with several hyperplane normals, in one fixed order of summation.

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

/* planes: plane_count rows of `features` values, each row padded with zeros to a multiple of PARTIAL_SUMS */
static void project_row(const void *row, ptrdiff_t features, const float *planes, ptrdiff_t plane_count, double *out) {
    const real *x = row;
    ptrdiff_t whole_blocks = features / PARTIAL_SUMS * PARTIAL_SUMS;
    ptrdiff_t padded = (features + PARTIAL_SUMS - 1) / PARTIAL_SUMS * PARTIAL_SUMS;
    real rest[PARTIAL_SUMS] = {0};
    for (ptrdiff_t f = whole_blocks; f < features; f++)
        rest[f - whole_blocks] = x[f];
    for (ptrdiff_t first = 0; first < plane_count; first += PLANES_AT_ONCE) {
        /* the last group repeats its last plane: six named sums stay in registers, an array of sums does not */
        const float *w[PLANES_AT_ONCE];
        for (ptrdiff_t k = 0; k < PLANES_AT_ONCE; k++)
            w[k] = planes + padded * (first + k < plane_count ? first + k : plane_count - 1);
        partial_sums s0 = {0}, s1 = {0}, s2 = {0}, s3 = {0}, s4 = {0}, s5 = {0};
        for (ptrdiff_t f = 0; f < padded; f += PARTIAL_SUMS) {
            partial_sums v = widened(f < whole_blocks ? x + f : rest);
            s0 = accumulated(v, widened_float(w[0] + f), s0);
            s1 = accumulated(v, widened_float(w[1] + f), s1);
            s2 = accumulated(v, widened_float(w[2] + f), s2);
            s3 = accumulated(v, widened_float(w[3] + f), s3);
            s4 = accumulated(v, widened_float(w[4] + f), s4);
            s5 = accumulated(v, widened_float(w[5] + f), s5);
        }
        partial_sums s[PLANES_AT_ONCE] = {s0, s1, s2, s3, s4, s5};
        for (ptrdiff_t k = 0; k < PLANES_AT_ONCE && first + k < plane_count; k++)
            out[first + k] = ((s[k][0] + s[k][4]) + (s[k][2] + s[k][6])) + ((s[k][1] + s[k][5]) + (s[k][3] + s[k][7]));
    }
}

#endif
