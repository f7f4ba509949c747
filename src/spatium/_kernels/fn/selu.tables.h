/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_SELU_H
#define SP_TABLES_SELU_H
#include <stdint.h>

/* lambda of selu, both positive for inf */
#define LANES_SELU_LAMBDA_1 0x1.0cfabc0000000p+0f
#define LANES_SELU_LAMBDA_2 0x1.6a91120000000p-24f

/* lambda·alpha of selu */
#define LANES_SELU_SCALE_1 0x1.c212cc0000000p+0f
#define LANES_SELU_SCALE_2 0x1.903c0c0000000p-26f

#endif
