/* What evaluate.c, passes.c and routing.c need of dispatch.c and of each other. */
#ifndef SP_DISPATCH_H
#define SP_DISPATCH_H
#include "loops/kernels.h"

/* the 16-bit types use the float32 kernels */
const sp_kernels *sp_kernels_for(sp_dtype dtype);

/* The loops of one contiguous tile, of at most 512 elements, parameters uniform; with arguments of any size.  The arrays
   are read and written up to the next multiple of SP_LANES.  Returns whether "invalid" is to be raised. */
int sp_run_tile(int code, sp_operation operation, sp_dtype dtype, ptrdiff_t n, const void *x, const void *g,
                const double *const *p, void *out0, void *out1);

/* Arguments up to this size need no more than the loops: infinite but for those that sp_run_tile looks at. */
double sp_near(int code, const double *const *p);

#endif
