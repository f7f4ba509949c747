/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_TANH_SHRINK_H
#define SP_TABLES_TANH_SHRINK_H
#include <stdint.h>

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 1
   degree 9 on [0, 1]; error 2^-34.6 */
static const double TANH_SHRINK_SHORT[10] = {
    0x1.555555551d891p-2, -0x1.111110b9a9bbap-3, 0x1.ba1b742dd6fd2p-5,
    -0x1.664aa359a8b5dp-6, 0x1.222fea22c86e6p-7, -0x1.d30497552ff07p-9,
    0x1.6b064570254a0p-10, -0x1.f52488ea7c834p-12, 0x1.01a853f80ea7fp-13,
    -0x1.140ed3f17feb8p-16,
};

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 1: the constant coefficient */
#define TANH_SHRINK_FIRST_1 0x1.5555555555555p-2
#define TANH_SHRINK_FIRST_2 0x1.4deb6d5f4a8ccp-56

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 1: the rest
   degree 15 on [0, 1]; error 2^-54.3 */
static const double TANH_SHRINK[16] = {
    -0x1.1111111111109p-3, 0x1.ba1ba1ba1ad7ep-5, -0x1.664f488284be3p-6,
    0x1.226e3554e7962p-7, -0x1.d6d3cf0d2ab45p-9, 0x1.7da3468a07b8dp-10,
    -0x1.3556d1924273bp-11, 0x1.f567a46dd9ee6p-13, -0x1.95f8a4f939934p-14,
    0x1.471667df3e5f5p-15, -0x1.02a52841255abp-16, 0x1.83bb58f599248p-18,
    -0x1.01f109ed7b07fp-19, 0x1.130e2644f47dbp-21, -0x1.924014bdafe2dp-24,
    0x1.256ea3fe88777p-27,
};

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 3/8 at 0, as floats */
#define VECTOR_TANH_SHRINK_FIRST_FLOAT_1 0x1.5555560000000p-2f
#define VECTOR_TANH_SHRINK_FIRST_FLOAT_2 -0x1.5555560000000p-27f

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 3/8 at 0, as doubles */
#define VECTOR_TANH_SHRINK_FIRST_DOUBLE_1 0x1.5555555555555p-2
#define VECTOR_TANH_SHRINK_FIRST_DOUBLE_2 0x1.5555555555555p-56

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 3/8: the second coefficient, as floats */
#define VECTOR_TANH_SHRINK_SECOND_FLOAT_1 -0x1.1111100000000p-3f
#define VECTOR_TANH_SHRINK_SECOND_FLOAT_2 -0x1.c6fda80000000p-28f

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 3/8: the second coefficient, as doubles */
#define VECTOR_TANH_SHRINK_SECOND_DOUBLE_1 -0x1.1111111111111p-3
#define VECTOR_TANH_SHRINK_SECOND_DOUBLE_2 -0x1.045249194889dp-61

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 3/8: the rest */
static const float VECTOR_TANH_SHRINK_FLOAT[4] = {
    0x1.ba1b4c0000000p-5f, -0x1.6637a20000000p-6f, 0x1.1fb5980000000p-7f, -0x1.8e481e0000000p-9f,
};

/* (x - tanh(x))/x^3 in u = x^2, |x| <= 3/8: the rest, weighted by u^2
   degree 8 on [0, 0.1407]; error 2^-64.5 */
static const double VECTOR_TANH_SHRINK_DOUBLE[9] = {
    0x1.ba1ba1ba1b9bcp-5, -0x1.664f4882ba81cp-6, 0x1.226e355b14ba6p-7,
    -0x1.d6d3cefda4727p-9, 0x1.7da311721277ap-10, -0x1.354f2a99ab468p-11,
    0x1.f43fe40b5d2dap-13, -0x1.88d29234d0dd4p-14, 0x1.e4a9a0f6498dap-16,
};

#endif
