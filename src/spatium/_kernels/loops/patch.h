/* Where vectors do not serve an argument: the double loop computes the whole step, and only the results of those elements
   are replaced, so that the bits of an element do not depend on its neighbors. */
#ifndef SP_PATCH_H
#define SP_PATCH_H
#include "loops/vectors.h"

#if SP_HAS_VECTORS
#define RESULTS (SP_STEP / V_LANES)

/* SP_STEP results, those of `far` lanes replaced by what the double loop gives; g, side: null where it reads none */
static __attribute__((noinline)) void patch_in_memory(sp_loop *in_double, int varying, ptrdiff_t i, const real *x,
                                                      const real *g, const double *const *p, const real *side,
                                                      const mask *far, reals *y) {
    real exact[SP_STEP], sides[SP_STEP];
    const double *q[SP_MAX_PARAMETERS];
    for (int k = 0; k < SP_MAX_PARAMETERS; k++)
        q[k] = p[k] && varying ? p[k] + i : p[k];
    if (side)
        memcpy(sides, side + i, sizeof sides);
    in_double(SP_STEP, x ? x + i : 0, g ? g + i : 0, q, exact, sides);
    for (int k = 0; k < RESULTS; k++)
        y[k] = v_select(far[k], v_load(exact + k * V_LANES), y[k]);
}
/* The copies leave `far` and y in registers wherever nothing is far: stored, they took a third of the time. */
SP_INLINE void patch(sp_loop *in_double, int varying, ptrdiff_t i, const real *x, const real *g, const double *const *p,
                     const real *side, const mask *far, reals *y) {
    mask far_copy[RESULTS];
    reals y_copy[RESULTS];
    _Pragma("GCC unroll 4") for (int k = 0; k < RESULTS; k++) far_copy[k] = far[k], y_copy[k] = y[k];
    patch_in_memory(in_double, varying, i, x, g, p, side, far_copy, y_copy);
    _Pragma("GCC unroll 4") for (int k = 0; k < RESULTS; k++) y[k] = y_copy[k];
}
#endif

#endif
