/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_PHISH_H
#define SP_TABLES_PHISH_H
#include <stdint.h>

/* d/dx x·tanh(gelu(x)): its root */
#define PHISH_SLOPE_ROOT_1 -0x1.3207c77a943e3p+0
#define PHISH_SLOPE_ROOT_2 0x1.932495489a85ap-56

#define PHISH_SLOPE_RADIUS 0x1.a000000000000p-2
/* (d/dx x·tanh(gelu(x)))/(x - root) around the root: the constant coefficient */
#define PHISH_SLOPE_FIRST_1 -0x1.766978bf318e4p-2
#define PHISH_SLOPE_FIRST_2 0x1.4a3efbb557c50p-58

/* (d/dx x·tanh(gelu(x)))/(x - root) around the root: the rest
   degree 21 on [-0.40625, 0.40625]; error 2^-55.3 */
static const double PHISH_SLOPE[22] = {
    -0x1.6be6268fcd622p-3, 0x1.02efd9d50c8c4p-2, 0x1.8a4188fc0deb1p-3,
    -0x1.96f97a78e10e2p-6, -0x1.698d42afa82c8p-5, 0x1.6bc510e497d1ep-7,
    0x1.f19c913dd096fp-7, -0x1.bacda8054fd1bp-9, -0x1.b4abf5956f226p-8,
    -0x1.48117c772a94dp-11, 0x1.cf8e76b963530p-10, 0x1.c761196079adfp-12,
    -0x1.dfc7e4db55d14p-12, -0x1.60a18d2995099p-13, 0x1.2058054ad3a70p-13,
    0x1.4a62340f1c5c5p-14, -0x1.f4dc3e77ab5fdp-16, -0x1.e47baaae99262p-16,
    0x1.1cfa82f17cb95p-18, 0x1.201ad7494575ap-17, -0x1.98f8be4ea8a5ap-22,
    -0x1.0fa3deb2325cap-19,
};

/* the root of phish', -1.19543, as floats */
#define VECTOR_PHISH_SLOPE_ROOT_FLOAT_1 -0x1.3207c80000000p+0f
#define VECTOR_PHISH_SLOPE_ROOT_FLOAT_2 0x1.0ad7840000000p-25f

/* the root of phish', -1.19543, as doubles */
#define VECTOR_PHISH_SLOPE_ROOT_DOUBLE_1 -0x1.3207c77a943e3p+0
#define VECTOR_PHISH_SLOPE_ROOT_DOUBLE_2 0x1.932495489a85ap-56

/* phish'' there, as floats */
#define VECTOR_PHISH_SLOPE_FIRST_FLOAT_1 -0x1.7669780000000p-2f
#define VECTOR_PHISH_SLOPE_FIRST_FLOAT_2 -0x1.7e631c0000000p-27f

/* phish'' there, as doubles */
#define VECTOR_PHISH_SLOPE_FIRST_DOUBLE_1 -0x1.766978bf318e4p-2
#define VECTOR_PHISH_SLOPE_FIRST_DOUBLE_2 0x1.4a3ffcfae29d1p-58

/* where the series below serves */
#define VECTOR_PHISH_SLOPE_RADIUS_FLOAT_1 0x1.8000000000000p-3f

/* phish'(root + d) = d·(phish''(root) + d·(this series)) */
static const float VECTOR_PHISH_SLOPE_FLOAT[7] = {
    -0x1.6be6260000000p-3f, 0x1.02efd80000000p-2f, 0x1.8a41720000000p-3f, -0x1.96e5e00000000p-6f,
    -0x1.696b840000000p-5f, 0x1.643fb00000000p-7f, 0x1.df2d080000000p-7f,
};

/* where the series below serves */
#define VECTOR_PHISH_SLOPE_RADIUS_DOUBLE_1 0x1.8000000000000p-3

/* phish'(root + d) = d·(phish''(root) + d·(this series))
   degree 15 on [-0.1875, 0.1875]; error 2^-59.4 */
static const double VECTOR_PHISH_SLOPE_DOUBLE[16] = {
    -0x1.6be6268fcd622p-3, 0x1.02efd9d50c8c4p-2, 0x1.8a4188fc0deafp-3,
    -0x1.96f97a78e10e6p-6, -0x1.698d42afa7a6dp-5, 0x1.6bc510e4996abp-7,
    0x1.f19c913c7c2a4p-7, -0x1.bacda80a02e2ep-9, -0x1.b4abf4ace38b7p-8,
    -0x1.481175c1dd497p-11, 0x1.cf8dc0ee76cfdp-10, 0x1.c75e6f1a11b83p-12,
    -0x1.df765b576919ap-12, -0x1.60074fcfa8b70p-13, 0x1.16915b4f973d5p-13,
    0x1.37c2388ed6c76p-14,
};

/* (g - tanh(g))/g^3 in g^2, g <= 1/4 */
static const float VECTOR_PHISH_TANH[4] = {
    0x1.5555540000000p-2f, -0x1.1110560000000p-3f, 0x1.b989860000000p-5f, -0x1.50893a0000000p-6f,
};

#endif
