/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_GELU_TANH_H
#define SP_TABLES_GELU_TANH_H
#include <stdint.h>

/* 2·sqrt(2/pi), the linear coefficient of gelu_tanh's argument */
#define SQRT_8_OVER_PI_1 0x1.9884533d43651p+0
#define SQRT_8_OVER_PI_2 -0x1.cbc0d30ebfd15p-54

/* 2·sqrt(2/pi)·0.044715 */
#define GELU_CUBIC_1 0x1.2444f2a4d8b4bp-4
#define GELU_CUBIC_2 -0x1.6c843a29d1c70p-61

/* 2·sqrt(2/pi), the first part short, as floats */
#define VECTOR_GELU_TANH_LINEAR_FLOAT_1 0x1.9884600000000p+0f
#define VECTOR_GELU_TANH_LINEAR_FLOAT_2 -0x1.9857940000000p-21f

/* 2·sqrt(2/pi), the first part short, as doubles */
#define VECTOR_GELU_TANH_LINEAR_DOUBLE_1 0x1.9884533d43680p+0
#define VECTOR_GELU_TANH_LINEAR_DOUBLE_2 -0x1.7b9781a61d7fap-47

/* 2·sqrt(2/pi)·0.044715, as floats */
#define VECTOR_GELU_TANH_CUBIC_FLOAT_1 0x1.2444f20000000p-4f
#define VECTOR_GELU_TANH_CUBIC_FLOAT_2 0x1.49b16a0000000p-29f

/* 2·sqrt(2/pi)·0.044715, as doubles */
#define VECTOR_GELU_TANH_CUBIC_DOUBLE_1 0x1.2444f2a4d8b4bp-4
#define VECTOR_GELU_TANH_CUBIC_DOUBLE_2 -0x1.6c843a29d1c70p-61

/* 3·2·sqrt(2/pi)·0.044715, as floats */
#define VECTOR_GELU_TANH_CUBIC_SLOPE_FLOAT_1 0x1.b6676c0000000p-3f
#define VECTOR_GELU_TANH_CUBIC_SLOPE_FLOAT_2 -0x1.175e200000000p-32f

/* 3·2·sqrt(2/pi)·0.044715, as doubles */
#define VECTOR_GELU_TANH_CUBIC_SLOPE_DOUBLE_1 0x1.b6676bf7450f0p-3
#define VECTOR_GELU_TANH_CUBIC_SLOPE_DOUBLE_2 0x1.bba7351828aabp-57

/* the root of gelu_tanh', -0.75246, as floats */
#define VECTOR_GELU_TANH_SLOPE_ROOT_FLOAT_1 -0x1.8142a00000000p-1f
#define VECTOR_GELU_TANH_SLOPE_ROOT_FLOAT_2 0x1.85a06c0000000p-27f

/* the root of gelu_tanh', -0.75246, as doubles */
#define VECTOR_GELU_TANH_SLOPE_ROOT_DOUBLE_1 -0x1.81429f9e97e4dp-1
#define VECTOR_GELU_TANH_SLOPE_ROOT_DOUBLE_2 0x1.4f523ed77dbdcp-55

/* gelu_tanh'' there, as floats */
#define VECTOR_GELU_TANH_SLOPE_FIRST_FLOAT_1 0x1.b8bace0000000p-2f
#define VECTOR_GELU_TANH_SLOPE_FIRST_FLOAT_2 -0x1.a6d28e0000000p-27f

/* gelu_tanh'' there, as doubles */
#define VECTOR_GELU_TANH_SLOPE_FIRST_DOUBLE_1 0x1.b8bacd2c96b91p-2
#define VECTOR_GELU_TANH_SLOPE_FIRST_DOUBLE_2 0x1.7625a206be83dp-56

/* where the series below serves */
#define VECTOR_GELU_TANH_SLOPE_RADIUS_FLOAT_1 0x1.0000000000000p-4f

/* gelu_tanh'(root + d) = d·(gelu_tanh''(root) + d·(this series)) */
static const float VECTOR_GELU_TANH_SLOPE_FLOAT[5] = {
    0x1.8cd1a20000000p-2f, -0x1.02963c0000000p-6f, -0x1.d2b7680000000p-4f, -0x1.0fd29a0000000p-6f,
    0x1.422c700000000p-6f,
};

/* where the series below serves */
#define VECTOR_GELU_TANH_SLOPE_RADIUS_DOUBLE_1 0x1.0000000000000p-5

/* gelu_tanh'(root + d) = d·(gelu_tanh''(root) + d·(this series))
   degree 7 on [-0.03125, 0.03125]; error 2^-60.9 */
static const double VECTOR_GELU_TANH_SLOPE_DOUBLE[8] = {
    0x1.8cd1a2b2fff32p-2, -0x1.029615edb077cp-6, -0x1.d2b773464411ep-4,
    -0x1.104a83edbb451p-6, 0x1.427996492974fp-6, 0x1.58c9ec5c6b367p-8,
    -0x1.3d77c64ebc048p-9, -0x1.e6167461ad1f0p-11,
};

/* d/dx x·sigmoid(k1·x + k3·x^3): its root */
#define GELU_TANH_SLOPE_ROOT_1 -0x1.81429f9e97e4dp-1
#define GELU_TANH_SLOPE_ROOT_2 0x1.4f523ed77dbdcp-55

#define GELU_TANH_SLOPE_RADIUS 0x1.0000000000000p-3
/* (d/dx x·sigmoid(k1·x + k3·x^3))/(x - root) around the root: the constant coefficient */
#define GELU_TANH_SLOPE_FIRST_1 0x1.b8bacd2c96b91p-2
#define GELU_TANH_SLOPE_FIRST_2 0x1.7625f2cee3335p-56

/* (d/dx x·sigmoid(k1·x + k3·x^3))/(x - root) around the root: the rest
   degree 12 on [-0.125, 0.125]; error 2^-56.7 */
static const double GELU_TANH_SLOPE[13] = {
    0x1.8cd1a2b2fff33p-2, -0x1.029615edb077ap-6, -0x1.d2b77346470abp-4,
    -0x1.104a83edc0d61p-6, 0x1.427996dc24870p-6, 0x1.58c9ed7106165p-8,
    -0x1.3d8d64166561ep-9, -0x1.e63f2839a7de7p-11, 0x1.14bf86d5c7a6bp-12,
    0x1.0491e933c0581p-13, -0x1.2536a63648b67p-15, -0x1.0964602197e1cp-16,
    0x1.87edd752aa0b0p-18,
};

/* x·sigmoid(k1·x + k3·x^3): where its minimum is */
#define GELU_TANH_MINIMUM_AT_1 -0x1.81429f9e97e4dp-1

/* x·sigmoid(k1·x + k3·x^3): its minimum */
#define GELU_TANH_MINIMUM_1 -0x1.5c3e533586d1ap-3

#define GELU_TANH_LEFT_A 0x1.b4deef3289666p-3
#define GELU_TANH_LEFT_TOP 0x1.2c064c736e8aap+3
/* f'/(r·y) left of the minimum of x·sigmoid(k1·x + k3·x^3), minimax in relative error
   degree 29 on [-0.999998, 1]; error 2^-29.3 */
static const double GELU_TANH_LEFT[30] = {
    0x1.fb6b30a4f48a4p+0, 0x1.53947e652b960p-1, -0x1.b0635cbf62a90p-4,
    -0x1.112ebecf93936p-4, 0x1.4203b01058ad7p-3, -0x1.ac374d014223bp-3,
    0x1.e4e1fbf0d5071p-3, -0x1.d9b2fef3b3a19p-3, 0x1.80bf88171a0ebp-3,
    -0x1.3ecf773d3ffbap-2, 0x1.2c9223c858971p-1, 0x1.635724ba83656p-1,
    -0x1.7e105acdeecf8p+1, -0x1.6f8081f96c0f5p+1, 0x1.7d0b8b00f959ap+3,
    0x1.578bfe5d80763p+3, -0x1.5026029e052cep+5, -0x1.c8f2ddf8a374fp+3,
    0x1.74fc248ae0592p+6, -0x1.434e66ab38857p+2, -0x1.fb5309eb644a8p+6,
    0x1.270d2861a1a5cp+5, 0x1.b17660f46f996p+6, -0x1.7f96e806e6dd4p+5,
    -0x1.cb1eadfc3e3cep+5, 0x1.f5af005e420f5p+4, 0x1.15b58b9478b9cp+4,
    -0x1.58c360401b30bp+3, -0x1.2700ae91573b9p+1, 0x1.8e63fbc49bc88p+0,
};

#define GELU_TANH_RIGHT_A 0x1.9c3eda21fac5ep-1
#define GELU_TANH_RIGHT_TOP 0x1.3df24ad05fc67p+1
/* f'/r right of the minimum of x·sigmoid(k1·x + k3·x^3), minimax in the error of f'
   degree 29 on [-0.999992, 1]; error 2^-25.1 */
static const double GELU_TANH_RIGHT[30] = {
    0x1.d1279e9d3b57fp-1, -0x1.ea144d436d02cp-1, -0x1.3789c29e85897p-3,
    0x1.55d7ffbef7e6fp+0, 0x1.521e137194f4ep-1, -0x1.8ef9975cc7be7p-1,
    -0x1.32117e8d82b76p+1, -0x1.29fdf6f4032f0p+1, 0x1.3976a68682bbcp-2,
    0x1.154e66c583b3fp+2, 0x1.c0449d1db7577p+3, 0x1.b23a5f8cf8bb9p+4,
    -0x1.dfc4ab4ec1544p+4, -0x1.588f59557eeb4p+7, -0x1.3aefdd4654c3fp+4,
    0x1.049b025a7db3fp+9, 0x1.cc5d4ef552b14p+7, -0x1.066188f9be368p+10,
    -0x1.204c3a8d9a178p+9, 0x1.7b239cd66822bp+10, 0x1.9da03674c8760p+9,
    -0x1.8dfff400dd13bp+10, -0x1.7a79a8794ac95p+9, 0x1.294cdd5582799p+10,
    0x1.b66f0c23ec25ep+8, -0x1.2ba9d7f2bb719p+9, -0x1.2677ff2364a87p+7,
    0x1.6cec2c6c9a62cp+7, 0x1.5e826a18be2f9p+4, -0x1.94e22540f87dcp+4,
};

#define GELU_TANH_START_LEFT_A 0x1.48dcf90e903f5p+0
#define GELU_TANH_START_LEFT_B 0x1.246e7c87481fbp+3
#define GELU_TANH_START_LEFT_C 0x1.0000000000000p+2
#define GELU_TANH_START_LEFT_TOP 0x1.c1b83974cf215p+4
/* |x - minimum|/r left of the minimum of x·sigmoid(k1·x + k3·x^3), minimax in relative error
   degree 25 on [-0.999994, 1]; error 2^-27.5 */
static const double GELU_TANH_START_LEFT[26] = {
    0x1.299fd522a24a4p+0, -0x1.3ff710b3048c0p-5, -0x1.a93161b76f725p-2,
    0x1.345456c8ae1a0p-4, 0x1.03a9bad8bc851p-3, -0x1.09269fe9e0fd8p-2,
    0x1.6814a5b862f8dp-4, 0x1.5d249e7facf38p-2, -0x1.6e7bc1ac83018p-1,
    -0x1.5f617b464cad5p-5, 0x1.f3d3308eb4a6fp+0, -0x1.53996bf66a6d2p+0,
    -0x1.dda1c4b88c781p+1, 0x1.09a137eb17fb9p+2, 0x1.560413d79c74ep+2,
    -0x1.e0f02c99ef9cdp+2, -0x1.6de411b38b9b2p+2, 0x1.248063fc8bf41p+3,
    0x1.1a602717bac20p+2, -0x1.e40cfeab9901bp+2, -0x1.2783c664ba27cp+1,
    0x1.05be30ba40252p+2, 0x1.759c741eb96dep-1, -0x1.4dd65a5e677ecp+0,
    -0x1.ad8d795ed5bedp-4, 0x1.7ca549a61d658p-3,
};

#define GELU_TANH_START_RIGHT_A 0x1.9c3eda21fac5ep-1
#define GELU_TANH_START_RIGHT_TOP 0x1.3df24ad05fc67p+1
/* |x - minimum|/r right of the minimum of x·sigmoid(k1·x + k3·x^3), minimax in relative error
   degree 29 on [-0.999992, 1]; error 2^-27.5 */
static const double GELU_TANH_START_RIGHT[30] = {
    0x1.cb54cffe9d488p+0, 0x1.a0ed40edb49eap-2, 0x1.814c95e6de60ap-1,
    0x1.7a9d7917e64fcp-3, -0x1.401d3563b0ed0p-3, -0x1.740e288a9007cp-1,
    -0x1.60ab5430ee75ap-1, 0x1.6cb5e9b62b11dp-4, 0x1.8855bfee521b3p+0,
    0x1.95479cf0f47e3p+1, 0x1.1ce575c7c7af3p+2, -0x1.034d1481c2513p+2,
    -0x1.f8590d34a617bp+4, -0x1.6eda3547e0946p+4, 0x1.6538fa665e5dcp+6,
    0x1.dbdd4c9eef240p+6, -0x1.3f2c5846f4ed6p+7, -0x1.2241cb9ec2072p+8,
    0x1.890678fe8bd86p+7, 0x1.c58614036ed9ep+8, -0x1.5322c5a2f811bp+7,
    -0x1.e40455be26cd4p+8, 0x1.92c5f35caf3e4p+6, 0x1.615c510b6ddb0p+8,
    -0x1.384a88a9d9c42p+5, -0x1.5304362a1225fp+7, 0x1.1a41a101dc4fbp+3,
    0x1.8214564e3b705p+5, -0x1.bc7f18d06d140p-1, -0x1.8c021664d003cp+2,
};

#endif
