/* What evaluate.c needs of dispatch.c. */
#ifndef SP_DISPATCH_H
#define SP_DISPATCH_H
#include "kernels.h"

/* the 16-bit types use the float32 kernels */
const sp_kernels *sp_kernels_for(sp_dtype dtype);

#endif
