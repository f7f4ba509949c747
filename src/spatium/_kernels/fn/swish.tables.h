/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_SWISH_H
#define SP_TABLES_SWISH_H
#include <stdint.h>

/* the root of z·sigmoid(z)', -1.27846, as floats */
#define VECTOR_SWISH_SLOPE_ROOT_FLOAT_1 -0x1.4749740000000p+0f
#define VECTOR_SWISH_SLOPE_ROOT_FLOAT_2 0x1.bdf6fa0000000p-27f

/* the root of z·sigmoid(z)', -1.27846, as doubles */
#define VECTOR_SWISH_SLOPE_ROOT_DOUBLE_1 -0x1.474973c84120bp+0
#define VECTOR_SWISH_SLOPE_ROOT_DOUBLE_2 -0x1.f8d74bc9ac154p-54

/* z·sigmoid(z)'' there, as floats */
#define VECTOR_SWISH_SLOPE_FIRST_FLOAT_1 0x1.be14100000000p-3f
#define VECTOR_SWISH_SLOPE_FIRST_FLOAT_2 0x1.1814a00000000p-29f

/* z·sigmoid(z)'' there, as doubles */
#define VECTOR_SWISH_SLOPE_FIRST_DOUBLE_1 0x1.be1410460527fp-3
#define VECTOR_SWISH_SLOPE_FIRST_DOUBLE_2 -0x1.2541062177473p-58

/* where the series below serves */
#define VECTOR_SWISH_SLOPE_RADIUS_FLOAT_1 0x1.0000000000000p-4f

/* z·sigmoid(z)'(root + d) = d·(z·sigmoid(z)''(root) + d·(this series)) */
static const float VECTOR_SWISH_SLOPE_FLOAT[5] = {
    0x1.2c56340000000p-3f, 0x1.353eb00000000p-6f, -0x1.f2d0ea0000000p-7f, -0x1.b0af540000000p-8f,
    0x1.0c834e0000000p-13f,
};

/* where the series below serves */
#define VECTOR_SWISH_SLOPE_RADIUS_DOUBLE_1 0x1.0000000000000p-5

/* z·sigmoid(z)'(root + d) = d·(z·sigmoid(z)''(root) + d·(this series))
   degree 7 on [-0.03125, 0.03125]; error 2^-61.5 */
static const double VECTOR_SWISH_SLOPE_DOUBLE[8] = {
    0x1.2c563458cc0adp-3, 0x1.353eb573ca457p-6, -0x1.f2d0e32bc5470p-7,
    -0x1.b0f82c49905aap-8, 0x1.098e9b00ade28p-13, 0x1.a2a7cb255a879p-11,
    0x1.854dd98fe16e6p-13, -0x1.5732f976a3754p-15,
};

/* d/dz z·sigmoid(z): its root */
#define SWISH_SLOPE_ROOT_1 -0x1.474973c84120bp+0
#define SWISH_SLOPE_ROOT_2 -0x1.f8d74bc9ac154p-54

#define SWISH_SLOPE_RADIUS 0x1.0000000000000p-3
/* (d/dz z·sigmoid(z))/(x - root) around the root: the constant coefficient */
#define SWISH_SLOPE_FIRST_1 0x1.be1410460527fp-3
#define SWISH_SLOPE_FIRST_2 -0x1.2541128562481p-58

/* (d/dz z·sigmoid(z))/(x - root) around the root: the rest
   degree 12 on [-0.125, 0.125]; error 2^-56.9 */
static const double SWISH_SLOPE[13] = {
    0x1.2c563458cc0adp-3, 0x1.353eb573ca457p-6, -0x1.f2d0e32bc2994p-7,
    -0x1.b0f82c498fd42p-8, 0x1.098e92b8f0904p-13, 0x1.a2a7caf0fcb21p-11,
    0x1.8574d136c3f1ap-13, -0x1.57238e6cde374p-15, -0x1.f2d897495c212p-16,
    -0x1.8af05466eb724p-19, 0x1.3ae121a820e4dp-19, 0x1.cafa04435ade5p-21,
    -0x1.0c02a83b4a760p-25,
};

/* z·sigmoid(z): where its minimum is */
#define SWISH_MINIMUM_AT_1 -0x1.474973c84120bp+0

/* z·sigmoid(z): its minimum */
#define SWISH_MINIMUM_1 -0x1.1d25cf210482ep-2

#define SWISH_LEFT_A 0x1.957c723f6c385p-3
#define SWISH_LEFT_TOP 0x1.433f1fb5b20e2p+3
/* f'/(r·y) left of the minimum of z·sigmoid(z), minimax in relative error
   degree 29 on [-0.999998, 1]; error 2^-26.0 */
static const double SWISH_LEFT[30] = {
    0x1.880ec30d6c117p-3, -0x1.70976e3adf634p-3, 0x1.529cf9870f4acp-3,
    -0x1.315bfff8edf33p-3, 0x1.0faf4ab970b52p-3, -0x1.dd9e3a77e98e0p-4,
    0x1.97048794c98dap-4, -0x1.7860fe880fff4p-4, 0x1.054d3663e7aa0p-3,
    -0x1.e6382c1e061e4p-5, -0x1.9660e32b63b20p-2, -0x1.4ddc64d939076p-5,
    0x1.73caa6d605f0cp+1, -0x1.818f0bf4cc2d0p-1, -0x1.7ade6abcfd538p+3,
    0x1.3ca4fbc361635p+2, 0x1.0e77500c83ac1p+5, -0x1.28e7dba228cecp+4,
    -0x1.0e2336f272014p+6, 0x1.76655a83af373p+5, 0x1.6196f91281edcp+6,
    -0x1.25915cb0cf4bbp+6, -0x1.2414df9407becp+6, 0x1.18273da372c6cp+6,
    0x1.24a0bb77b4f36p+5, -0x1.3eb36cf85671cp+5, -0x1.43de63bd07ffap+3,
    0x1.8f516a594684ap+3, 0x1.2e706c4c2cdbcp+0, -0x1.a9dba65841875p+0,
};

#define SWISH_RIGHT_A 0x1.c1494e67cd682p-2
#define SWISH_RIGHT_TOP 0x1.23bbd8234262dp+2
/* f'/r right of the minimum of z·sigmoid(z), minimax in the error of f'
   degree 29 on [-0.999996, 1]; error 2^-24.7 */
static const double SWISH_RIGHT[30] = {
    0x1.cda672c25eb66p-2, -0x1.147da5c2474ffp-1, 0x1.883a75a8a53e4p-1,
    -0x1.85b5f5de2c2d7p-1, -0x1.16be91850914ap-1, 0x1.a3024806398ccp+1,
    -0x1.b602313d91293p+1, -0x1.380535ead02c1p+2, 0x1.e4e9429e73d54p+3,
    0x1.c1734c6d9b4d1p-3, -0x1.71e0cf1771d14p+5, 0x1.0045113fec16cp+5,
    0x1.c3582af303438p+6, -0x1.140b4fee249ccp+7, -0x1.b7668b68cb5a8p+7,
    0x1.6d9ed22d340eep+8, 0x1.4cf85b5f93fa4p+8, -0x1.56aaaebef556dp+9,
    -0x1.7d01590a8e408p+8, 0x1.d1d3c1c0ab052p+9, 0x1.3d26a297f30d6p+8,
    -0x1.c7ec5619cb369p+9, -0x1.6cb1d88fecb77p+7, 0x1.386f52aa4f066p+9,
    0x1.0a36bac58f727p+6, -0x1.1bbd0ff4c6d46p+8, -0x1.a25482e05d541p+3,
    0x1.31c39b4edf1a2p+6, 0x1.c568403e99034p-1, -0x1.26e5aa41460bdp+3,
};

#define SWISH_START_LEFT_A 0x1.4b140df68d8e9p+0
#define SWISH_START_LEFT_B 0x1.258a06fb46c75p+3
#define SWISH_START_LEFT_C 0x1.0000000000000p+2
#define SWISH_START_LEFT_TOP 0x1.b47367028d189p+4
/* |x - minimum|/r left of the minimum of z·sigmoid(z), minimax in relative error
   degree 25 on [-0.999994, 1]; error 2^-26.1 */
static const double SWISH_START_LEFT[26] = {
    0x1.f76e60232f0cdp+1, 0x1.3814b411577ccp+2, 0x1.153d787f0f932p+2,
    0x1.912c330a4d22ep+1, 0x1.58dba1af7faeap+1, 0x1.d9a98657a2994p+0,
    0x1.4636b16c8d2acp+0, 0x1.0e1185b3c21bap+1, 0x1.2c389a8ec3598p-3,
    -0x1.5daf2ae7413d6p+0, 0x1.10d125a27e7f7p+2, 0x1.6fa2c8bcdb821p+1,
    -0x1.d920470f141e6p+2, -0x1.dc474f0518760p-3, 0x1.0fe79d9d99b0dp+3,
    -0x1.31e8e61270299p+2, -0x1.3c740cfa6a579p+0, 0x1.8e2922f16eec2p+3,
    -0x1.1d201b9913599p+3, -0x1.0de1cdb5cfe78p+4, 0x1.95a6d43b98a7ap+3,
    0x1.cc984f3ee7f46p+3, -0x1.e6a54a88e127fp+2, -0x1.c37e50e431de1p+2,
    0x1.e2e782e1bfce4p+0, 0x1.952a5368a2213p+0,
};

#define SWISH_START_RIGHT_A 0x1.c1494e67cd682p-2
#define SWISH_START_RIGHT_TOP 0x1.23bbd8234262dp+2
/* |x - minimum|/r right of the minimum of z·sigmoid(z), minimax in relative error
   degree 29 on [-0.999996, 1]; error 2^-27.2 */
static const double SWISH_START_RIGHT[30] = {
    0x1.5dd931a20a80ap+1, 0x1.b3fc5856ff15cp+0, 0x1.e8644a0a5e05dp-1,
    -0x1.5852d92d9af3bp+0, 0x1.379508663b15dp-1, 0x1.f493f21e8a113p+0,
    -0x1.97d62c9c8b1abp+1, -0x1.775f92f10d226p+1, 0x1.8c005ca2f6071p+3,
    -0x1.ab0e7227dc44cp-1, -0x1.3007009821712p+5, 0x1.8b64e1046d109p+4,
    0x1.870c4f715a527p+6, -0x1.9861fe32319cfp+6, -0x1.9bf00ae71a94dp+7,
    0x1.0a31466aed451p+8, 0x1.5a7fe17a5bbadp+8, -0x1.ee609e997ecd2p+8,
    -0x1.c4410e703ca10p+8, 0x1.4e893a74df5d0p+9, 0x1.bbada97fffc74p+8,
    -0x1.47d59086b853fp+9, -0x1.3a0897bbc935bp+8, 0x1.c517e347e6e43p+8,
    0x1.2d63d8467c8f0p+7, -0x1.a296fe5ed7ecfp+7, -0x1.5df370ba728aep+5,
    0x1.cfcd52c75d1b1p+5, 0x1.7274f29af37f1p+2, -0x1.d2086f422e86ap+2,
};

#endif
