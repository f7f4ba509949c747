/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_SELU_H
#define SP_TABLES_SELU_H
#include <stdint.h>

/* lambda·alpha of selu, as floats */
#define VECTOR_SELU_SCALE_FLOAT_1 0x1.c212cc0000000p+0f
#define VECTOR_SELU_SCALE_FLOAT_2 0x1.903c0c0000000p-26f

/* lambda·alpha of selu, as doubles */
#define VECTOR_SELU_SCALE_DOUBLE_1 0x1.c212cc640f030p+0
#define VECTOR_SELU_SCALE_DOUBLE_2 0x1.092dbf6372048p-54

/* lambda of selu, both positive for inf */
#define VECTOR_SELU_LAMBDA_1 0x1.0cfabc0000000p+0f
#define VECTOR_SELU_LAMBDA_2 0x1.6a91120000000p-24f

#endif
