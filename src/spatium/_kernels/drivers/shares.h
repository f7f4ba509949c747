/* The shares of a call, each with memory to work in. */
#ifndef SP_SHARES_H
#define SP_SHARES_H
#include "spatium.h"

/* What shares return, combined by |. */
enum { INVALID = 1, NO_MEMORY = 2 };

typedef int sp_share_in_scratch(const void *context, ptrdiff_t share, void *scratch);

/* sp_parallel_for for shares that work in `bytes` of scratch each.  Raises the flag "invalid" if one of them says so.
   Returns 0, or -1 if there was no memory for one of them; results are incomplete then. */
int sp_run_shares(ptrdiff_t shares, ptrdiff_t elements, sp_share_in_scratch *work, const void *context, size_t bytes);

/* Scratch of the calling thread, aligned to a cache line; parts are given back in the opposite order.  A thread takes its
   memory from the system once and keeps it until it ends, so that tiles are neither on the stack, which may be small, nor
   allocated by every call.  Null if there is none left. */
enum { SP_SCRATCH_BYTES = 400 << 10 };
void *sp_take_scratch(size_t bytes);
void sp_give_scratch_back(size_t bytes);

#endif
