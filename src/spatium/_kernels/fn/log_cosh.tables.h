/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_LOG_COSH_H
#define SP_TABLES_LOG_COSH_H
#include <stdint.h>

/* log(cosh(x))/x^2 in u = x^2, |x| <= 1
   degree 9 on [0, 1]; error 2^-38.3 */
static const double LOG_COSH_SHORT[10] = {
    0x1.fffffffff95b8p-2, -0x1.5555554028809p-4, 0x1.6c16b63e46bc4p-6,
    -0x1.ba19546f4dcb0p-8, 0x1.1e86c1be57187p-9, -0x1.81558f8797d0cp-11,
    0x1.03bb4c83ba1c4p-12, -0x1.4326ce961edb3p-14, 0x1.36b9be40c5c04p-16,
    -0x1.401197f1a9844p-19,
};

/* log(cosh(x))/x^2 in u = x^2, |x| <= 1: the constant coefficient */
#define LOG_COSH_FIRST_1 0x1.0000000000000p-1
#define LOG_COSH_FIRST_2 -0x1.15b0aae15febdp-65

/* log(cosh(x))/x^2 in u = x^2, |x| <= 1: the rest
   degree 15 on [0, 1]; error 2^-60.0 */
static const double LOG_COSH[16] = {
    -0x1.5555555555554p-4, 0x1.6c16c16c16a34p-6, -0x1.ba1ba1ba0974bp-8,
    0x1.1ea5d398ea28ap-9, -0x1.833d9beeefeabp-11, 0x1.0d0b49a5bc5e8p-12,
    -0x1.7da2936767c13p-14, 0x1.12f2449a947b3p-15, -0x1.90de78702628cp-17,
    0x1.2623f7f79c3b7p-18, -0x1.acdef43b2c183p-20, 0x1.2cc1341c198dfp-21,
    -0x1.7c9886e2979cap-23, 0x1.87fb8019b8145p-25, -0x1.182e25fd15f65p-27,
    0x1.92ea31a7ea65fp-31,
};

/* log(cosh(x))/x^2 in u = x^2, |x| <= 5/8 at 0, as floats */
#define VECTOR_LOG_COSH_FIRST_FLOAT_1 0x1.0000000000000p-1f
#define VECTOR_LOG_COSH_FIRST_FLOAT_2 0x0.0p+0f

/* log(cosh(x))/x^2 in u = x^2, |x| <= 5/8 at 0, as doubles */
#define VECTOR_LOG_COSH_FIRST_DOUBLE_1 0x1.0000000000000p-1
#define VECTOR_LOG_COSH_FIRST_DOUBLE_2 0x0.0p+0

/* log(cosh(x))/x^2 in u = x^2, |x| <= 5/8: the second coefficient, as floats */
#define VECTOR_LOG_COSH_SECOND_FLOAT_1 -0x1.5555560000000p-4f
#define VECTOR_LOG_COSH_SECOND_FLOAT_2 0x1.f999ca0000000p-29f

/* log(cosh(x))/x^2 in u = x^2, |x| <= 5/8: the second coefficient, as doubles */
#define VECTOR_LOG_COSH_SECOND_DOUBLE_1 -0x1.555555555554fp-4
#define VECTOR_LOG_COSH_SECOND_DOUBLE_2 0x1.cf8426ed3fd32p-59

/* log(cosh(x))/x^2 in u = x^2, |x| <= 5/8: the rest */
static const float VECTOR_LOG_COSH_FLOAT[5] = {
    0x1.6c16720000000p-6f, -0x1.ba04880000000p-8f, 0x1.1d2f760000000p-9f, -0x1.6b68f40000000p-11f,
    0x1.5412320000000p-13f,
};

/* log(cosh(x))/x^2 in u = x^2, |x| <= 5/8: the rest, weighted by u^2
   degree 9 on [0, 0.391]; error 2^-60.1 */
static const double VECTOR_LOG_COSH_DOUBLE[10] = {
    0x1.6c16c16c156d2p-6, -0x1.ba1ba1b8d27e3p-8, 0x1.1ea5d351b47f2p-9,
    -0x1.833d89cc82aa8p-11, 0x1.0d09deb9897fap-12, -0x1.7d7dd99400dbbp-14,
    0x1.11b6d437768c8p-15, -0x1.82d02cb7f9e53p-17, 0x1.e4287ec42f371p-19,
    -0x1.7f3a35184e9c3p-21,
};

#endif
