/* How the hits of a batch are counted: decided here, by sp_begin_hits, and nowhere else. */
#ifndef SP_HITS_H
#define SP_HITS_H
#include "drivers/map/plan.h"

enum { SUMS = 16, LOCKS = 64 };

/* Hits of several shares. A share adds its hits to the first sum that no other share has locked. */
typedef struct {
    uint8_t taken;
    uint64_t hits[SP_CELLS];
} hit_sum;

struct hit_sums {
    int count;
    hit_sum sums[SUMS];
    uint8_t locks[LOCKS]; /* of blocks of columns, for the moment in which a share adds its counters */
};

void sp_begin_hits(batch *b, const strategy *s, ptrdiff_t shares, hit_sums *sums);
void sp_end_hits(batch *b);

#endif
