/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_GELU_SIGMOID_H
#define SP_TABLES_GELU_SIGMOID_H
#include <stdint.h>

/* 1.702, the decimal number */
#define GELU_SIGMOID_1 0x1.b3b645a1cac08p+0
#define GELU_SIGMOID_2 0x1.89374bc6a7efap-55

/* 1.702, as floats */
#define VECTOR_GELU_SIGMOID_RATE_FLOAT_1 0x1.b3b6460000000p+0f
#define VECTOR_GELU_SIGMOID_RATE_FLOAT_2 -0x1.78d4fe0000000p-26f

/* 1.702, as doubles */
#define VECTOR_GELU_SIGMOID_RATE_DOUBLE_1 0x1.b3b645a1cac08p+0
#define VECTOR_GELU_SIGMOID_RATE_DOUBLE_2 0x1.89374bc6a7efap-55

#endif
