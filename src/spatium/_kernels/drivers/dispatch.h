/* What the drivers need of dispatch.c and of each other. */
#ifndef SP_DISPATCH_H
#define SP_DISPATCH_H
#include "loops/kernels.h"

/* the 16-bit types use the float32 kernels */
const sp_kernels *sp_kernels_for(sp_dtype dtype);

/* What is computed of one type of element.  The order is not that of a request, so that no compiler copies two of its
   fields by one load: that would wait for the stores which have just filled it, 5 ns. */
typedef struct {
    sp_dtype dtype;
    int code;
    int varying; /* parameters: one value per element instead of one for all */
    sp_operation operation;
} sp_task;

/* The loops over one contiguous tile, with arguments and parameters of any size.  16-bit elements come as float32.  The
   arrays are read and written up to the next multiple of
   SP_STEP.  Returns INVALID if that flag is to be raised, else 0. */
int sp_run_tile(const sp_task *task, ptrdiff_t n, const void *x, const void *g, const double *const *p, void *out0,
                void *out1);

/* Arguments up to this size need no more than the loops: infinite but for those that sp_run_tile looks at, negative if it
   looks at all. */
double sp_near(int code, const double *const *p);

#endif
