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

#endif
