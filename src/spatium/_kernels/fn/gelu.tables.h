/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_GELU_H
#define SP_TABLES_GELU_H
#include <stdint.h>

/* 1/sqrt(2 pi) */
#define INVERSE_SQRT_2PI_1 0x1.9884533d43651p-2
#define INVERSE_SQRT_2PI_2 -0x1.cbc0d30ebfd15p-56

/* e^(a^2/2)·Phi(-a)·(a + 4) in t = (a - 4)/(a + 4), 0 <= a <= 41, minimax in relative error
   degree 12 on [-1, 0.822222]; error 2^-31.8 */
static const double GAUSSIAN_TAIL_SHORT[13] = {
    0x1.82b4bb8d35df2p-1, -0x1.373e3a717fc84p-1, 0x1.8c6dbe8225a3dp-2,
    -0x1.7dff38d3a9f03p-3, 0x1.eec533977038dp-5, -0x1.ee1744df6bcefp-8,
    -0x1.c841b05b21a6ap-9, 0x1.aa6473cabc6e4p-10, 0x1.1f3052ee64be9p-13,
    -0x1.d082948bca2d5p-13, -0x1.a931fffbc7ad9p-18, 0x1.92f75ad5edbc4p-16,
    0x1.381bb2ab53b01p-19,
};

/* e^(a^2/2)·Phi(-a)·(a + 4) in t = (a - 4)/(a + 4), 0 <= a <= 41, minimax in relative error
   degree 24 on [-1, 0.822222]; error 2^-53.3 */
static const double GAUSSIAN_TAIL_FULL[25] = {
    0x1.82b4bb8c94dcep-1, -0x1.373e3a893c28ap-1, 0x1.8c6dbf2cfc2b4p-2,
    -0x1.7dff2bff6835dp-3, 0x1.eec4cc3e4d2a9p-5, -0x1.ee27610490bdcp-8,
    -0x1.c81719d547743p-9, 0x1.ab825fc5a7ccep-10, 0x1.17a4ae2e3e284p-13,
    -0x1.e4a426cff1602p-13, -0x1.001e506f59952p-19, 0x1.26d0b96d3a77ap-15,
    0x1.80b265aa5f42ep-21, -0x1.8d4ed898eff50p-18, -0x1.51e9a714a382dp-21,
    0x1.125b52f5ebdc5p-20, 0x1.236278bffa9a8p-22, -0x1.4ec3f04a843cap-23,
    -0x1.6d691487abd18p-24, 0x1.ec49106a9b2e5p-27, 0x1.50cf0162ab56ep-26,
    0x1.56ee95ea5d6ebp-30, -0x1.6fef92a0c14ccp-29, -0x1.2947af417662bp-31,
    0x1.4f937f23f7da8p-34,
};

/* e^(a^2/2)·Phi(-a)·(a + 3/4) in t, 3/4 <= a <= 41: the constant coefficient */
#define GAUSSIAN_TAIL_WIDE_FIRST_1 0x1.cb369eb6f0c64p-2
#define GAUSSIAN_TAIL_WIDE_FIRST_2 0x1.930592443a3c8p-56

/* e^(a^2/2)·Phi(-a)·(a + 3/4) in t, 3/4 <= a <= 41: the rest
   degree 21 on [-0.684211, 0.822222]; error 2^-58.6 */
static const double GAUSSIAN_TAIL_WIDE[22] = {
    -0x1.bb386905f3e67p-5, -0x1.181660ccb27bdp-6, 0x1.7d26a4d39c09dp-5,
    -0x1.46f9ce3a0aa1bp-5, 0x1.48a60d8bf22c9p-6, -0x1.5026db15f6ee3p-8,
    -0x1.d2f5708409e70p-12, 0x1.84dc600991766p-11, -0x1.5c4d2001dc9cap-14,
    -0x1.8e86097682069p-14, 0x1.51164c56f78c2p-16, 0x1.ed5e55dcc4bfep-17,
    -0x1.b0bcd97758e53p-19, -0x1.753b341e24ae5p-19, 0x1.7974473cd398ep-22,
    0x1.37e80e81072e4p-21, 0x1.16d7300422420p-26, -0x1.03933ed17dc29p-23,
    -0x1.8d0134ff029a6p-26, 0x1.96ad95ed7c668p-26, 0x1.7e7c89a699d79p-28,
    -0x1.f56c30b483b9dp-29,
};

/* (Phi(a) - 1/2)/a in u = a^2, 0 <= a <= 1: the constant coefficient */
#define GAUSSIAN_CENTRE_FIRST_1 0x1.9884533d43651p-2
#define GAUSSIAN_CENTRE_FIRST_2 -0x1.cbc0d32058293p-56

/* (Phi(a) - 1/2)/a in u = a^2, 0 <= a <= 1: the rest
   degree 12 on [0, 1]; error 2^-57.4 */
static const double GAUSSIAN_CENTRE[13] = {
    -0x1.1058377e2cee0p-4, 0x1.46d04297691dap-7, -0x1.37403f6ba1100p-10,
    0x1.e42b0d5216fa3p-14, -0x1.3ce8fac15d984p-17, 0x1.658a2177825adp-21,
    -0x1.62226a400f248p-25, 0x1.3878b681be978p-29, -0x1.f10786cd328aep-34,
    0x1.67ba8389dfe18p-38, -0x1.dd0cb5b46ae70p-43, 0x1.1e916900133a0p-47,
    -0x1.08e899b8774ccp-52,
};

/* (Phi(a) - 1/2)/a + phi(a) in u = a^2, 0 <= a <= 1: the constant coefficient */
#define GELU_CENTRE_FIRST_1 0x1.9884533d43651p-1
#define GELU_CENTRE_FIRST_2 -0x1.cbc0d310e8e53p-55

/* (Phi(a) - 1/2)/a + phi(a) in u = a^2, 0 <= a <= 1: the rest
   degree 13 on [0, 1]; error 2^-55.4 */
static const double GELU_CENTRE[14] = {
    -0x1.1058377e2cee0p-2, 0x1.ea3863e31dac7p-5, -0x1.37403f6ba1100p-7,
    0x1.2e9ae8534e5dcp-10, -0x1.db5d78220d392p-14, 0x1.38d8dd48ba63cp-17,
    -0x1.62226a4a36d0fp-21, 0x1.5f87cf12b0e84p-25, -0x1.36a4ea1bd18b3p-29,
    0x1.eea96ef2e5365p-34, -0x1.664beba2f1eb9p-38, 0x1.db4767a6050cdp-43,
    -0x1.1cceedc311719p-47, 0x1.03dd4a4ed8b15p-52,
};

/* d/dx x·Phi(x): its root */
#define GELU_SLOPE_ROOT_1 -0x1.80ead197f00b4p-1
#define GELU_SLOPE_ROOT_2 0x1.13e74c58cada8p-56

#define GELU_SLOPE_RADIUS 0x1.0000000000000p-2
/* (d/dx x·Phi(x))/(x - root) around the root: the constant coefficient */
#define GELU_SLOPE_FIRST_1 0x1.b9d98fa5a3215p-2
#define GELU_SLOPE_FIRST_2 0x1.f7c1a2715ddc7p-56

/* (d/dx x·Phi(x))/(x - root) around the root: the rest
   degree 16 on [-0.25, 0.25]; error 2^-55.7 */
static const double GELU_SLOPE[17] = {
    0x1.8d9a941de3ac5p-2, -0x1.2a2ef9bb865aep-6, -0x1.d2fa4c17c7e84p-4,
    -0x1.e4088244f901dp-7, 0x1.3e346def42056p-6, 0x1.297b9d6ffaaa2p-8,
    -0x1.258a6d8563342p-9, -0x1.8680f74e646d0p-11, 0x1.86c863b64a715p-13,
    0x1.6961091ac0688p-14, -0x1.784acaad242e9p-17, -0x1.03febe026ec03p-17,
    0x1.d0c33dec7d823p-22, 0x1.3221aed1efc2fp-21, -0x1.b6cd19f87d8c2p-30,
    -0x1.2c09bcd432e96p-25, -0x1.82207cc20ba64p-30,
};

/* x·Phi(x): where its minimum is */
#define GELU_MINIMUM_AT_1 -0x1.80ead197f00b4p-1

/* x·Phi(x): its minimum */
#define GELU_MINIMUM_1 -0x1.5c19dd4b1a3fbp-3

#define GELU_LEFT_A 0x1.96c4f02c6ba6dp-3
#define GELU_LEFT_TOP 0x1.423a14f32281dp+3
/* f'/(r·y) left of the minimum of x·Phi(x), minimax in relative error
   degree 31 on [-0.999998, 1]; error 2^-39.0 */
static const double GELU_LEFT[32] = {
    0x1.6fb4f269db862p+0, -0x1.52575523d3116p-5, 0x1.cf7811cbe2003p-5,
    -0x1.147bb9fe9ee92p-4, 0x1.2f3533758c7e3p-4, -0x1.391d6014bc6c1p-4,
    0x1.3479bd0c539b6p-4, -0x1.2436030fbfcd4p-4, 0x1.0b380cc77977ap-4,
    -0x1.d92457e9aa9f1p-5, 0x1.9c48489a071e4p-5, -0x1.6253ebbd8807fp-5,
    0x1.0300c4eced554p-5, -0x1.4096f593a7b77p-6, 0x1.109ce340a6170p-5,
    -0x1.81ed562cf4efap-5, -0x1.b8b2aa351d204p-6, 0x1.4a5d1990b62d7p-4,
    0x1.8895d0f745040p-4, -0x1.87c104206cb51p-3, -0x1.2c088aed0d4dbp-3,
    0x1.2240a245473cap-2, 0x1.6e7f10072775fp-3, -0x1.4208d80fba440p-2,
    -0x1.2cf884e0f4dc3p-3, 0x1.ee1f8032a6e9dp-3, 0x1.508297cc900c8p-4,
    -0x1.fd64cc2f2da57p-4, -0x1.c2159d7d8c91fp-6, 0x1.382d1cf7d86c5p-5,
    0x1.3b2a5355dee5fp-8, -0x1.74a52b40bc627p-8,
};

#define GELU_RIGHT_A 0x1.9c3f7266e24b1p-1
#define GELU_RIGHT_TOP 0x1.3df1d560528f9p+1
/* f'/r right of the minimum of x·Phi(x), minimax in the error of f'
   degree 31 on [-0.999992, 1]; error 2^-25.8 */
static const double GELU_RIGHT[32] = {
    0x1.d113e1315569dp-1, -0x1.ec06efeaf160bp-1, -0x1.3ab0747cbc6abp-3,
    0x1.60846a4b052cfp+0, 0x1.7858e9e981bc9p-1, -0x1.bf280e4895f29p-1,
    -0x1.6e79393fb5605p+1, -0x1.6e28788b93892p+1, 0x1.d7b5396cb367ap-1,
    0x1.c5748bd028aa3p+2, 0x1.2599ffa53c94dp+4, 0x1.fbc6ffd812378p+4,
    -0x1.7b786376e1095p+5, -0x1.0172e154070ffp+8, -0x1.b59881e652854p+4,
    0x1.cce6e025b7a65p+9, 0x1.d04301c8c2713p+8, -0x1.12f60614da8b1p+11,
    -0x1.65307de11da8ap+10, 0x1.de3120e108dabp+11, 0x1.404969530bb40p+11,
    -0x1.36058fcff63bap+12, -0x1.7c2dde2f7e713p+11, 0x1.29b8d29ab87eep+12,
    0x1.300e722ad043dp+11, -0x1.9b777b679f117p+11, -0x1.3cbdba2c6da87p+10,
    0x1.828879d1c71b0p+10, 0x1.855ae988fe4ddp+8, -0x1.b932f1d812671p+8,
    -0x1.ad3eca8c3d836p+5, 0x1.cd062a9c73d8ep+5,
};

#define GELU_START_LEFT_A 0x1.4ab08043fc104p+0
#define GELU_START_LEFT_B 0x1.25584021fe082p+3
#define GELU_START_LEFT_C 0x1.0000000000000p+2
#define GELU_START_LEFT_TOP 0x1.b6b925b073960p+4
/* |x - minimum|/r left of the minimum of x·Phi(x), minimax in relative error
   degree 13 on [-0.999994, 1]; error 2^-26.8 */
static const double GELU_START_LEFT[14] = {
    0x1.3add734b4bbd3p+0, 0x1.e428b21f729d1p-3, -0x1.ac143ef144418p-4,
    0x1.9ee574e5849adp-6, 0x1.ffea073eb8fbcp-8, -0x1.99a7c9b2931e4p-7,
    0x1.a9356ebfa952fp-8, -0x1.04f74fa29f941p-11, -0x1.2176eb712c518p-9,
    0x1.d620c413f23bap-10, -0x1.459c10a9a70fap-15, -0x1.377c86cada295p-11,
    0x1.e0d15fb51b747p-14, 0x1.2e1d98fdaa2dbp-14,
};

#define GELU_START_RIGHT_A 0x1.9c3f7266e24b1p-1
#define GELU_START_RIGHT_TOP 0x1.3df1d560528f9p+1
/* |x - minimum|/r right of the minimum of x·Phi(x), minimax in relative error
   degree 31 on [-0.999992, 1]; error 2^-28.4 */
static const double GELU_START_RIGHT[32] = {
    0x1.cb2a2402fa4e2p+0, 0x1.a1f79b4683f3ap-2, 0x1.8355ee87ab321p-1,
    0x1.833ca433c557fp-3, -0x1.664c311e9faa0p-3, -0x1.8f143421a91b8p-1,
    -0x1.75a4ed5bdae5ep-1, 0x1.b381924d175d3p-3, 0x1.f60bc82e2db54p+0,
    0x1.c6f47ad29b144p+1, 0x1.0352b1c6b80d1p+2, -0x1.6ed2489305749p+2,
    -0x1.2ba79aff126a5p+5, -0x1.d40580467ba52p+4, 0x1.e57ab009e1abcp+6,
    0x1.6df88b448cc0fp+7, -0x1.ec5573ecd8325p+7, -0x1.077df35a60e5ep+9,
    0x1.59424b35e78b5p+8, 0x1.ed807b51517dap+9, -0x1.5569242e8c9a5p+8,
    -0x1.443d5f63c9cb6p+10, 0x1.d38dff36e6f3cp+7, 0x1.2f71b163f6e38p+10,
    -0x1.a2e3a8bd7e14ep+6, -0x1.8df30effc01d2p+9, 0x1.acc0a8bcb44d8p+4,
    0x1.5c5b1193b8ccap+8, -0x1.39a26b28643c0p+1, -0x1.6e15b526e6c4fp+6,
    -0x1.c0840c3223b8bp-3, 0x1.5d8462c6aedfcp+3,
};

/* e^(a^2/2)·Phi(-a) in b = 1 + a, index: the bits of b from 20 on: 32 intervals, degree 5, error 2^-28.2 */
/* LANES_TAIL: centres */
static const float LANES_TAIL_CENTRE[32] = {
    0x1.2290000000000p+0f, 0x1.638c000000000p+0f, 0x1.a2a4000000000p+0f, 0x1.e18c000000000p+0f,
    0x1.0cfc000000000p+1f, 0x1.2ee2000000000p+1f, 0x1.5144000000000p+1f, 0x1.6c50000000000p+1f,
    0x1.9a94000000000p+1f, 0x1.e454000000000p+1f, 0x1.0e4c000000000p+2f, 0x1.3002000000000p+2f,
    0x1.5026000000000p+2f, 0x1.6e6a000000000p+2f, 0x1.8f2e000000000p+2f, 0x1.b5ec000000000p+2f,
    0x1.da64000000000p+2f, 0x1.1260000000000p+3f, 0x1.2d32000000000p+3f, 0x1.4ef2000000000p+3f,
    -0x1.0000000000000p+0f, -0x1.0000000000000p+0f, -0x1.0000000000000p+0f, -0x1.0000000000000p+0f,
    0x1.01e0000000000p-4f, 0x1.8370000000000p-3f, 0x1.4098000000000p-2f, 0x1.ba80000000000p-2f,
    0x1.1b50000000000p-1f, 0x1.59d4000000000p-1f, 0x1.9d4c000000000p-1f, 0x1.d5d8000000000p-1f,
};

/* LANES_TAIL: values there */
static const float LANES_TAIL_0[32] = {
    0x1.f3ede40000000p-3f, 0x1.bae9da0000000p-3f, 0x1.8dae600000000p-3f, 0x1.6832fa0000000p-3f,
    0x1.4bac9c0000000p-3f, 0x1.2e755a0000000p-3f, 0x1.1555f00000000p-3f, 0x1.0428800000000p-3f,
    0x1.d5fff80000000p-4f, 0x1.967d760000000p-4f, 0x1.701dc60000000p-4f, 0x1.4a70460000000p-4f,
    0x1.2ce2140000000p-4f, 0x1.1567760000000p-4f, 0x1.ff6e9a0000000p-5f, 0x1.d4032c0000000p-5f,
    0x1.b148220000000p-5f, 0x1.782c120000000p-5f, 0x1.576c940000000p-5f, 0x1.3574b20000000p-5f,
    0x1.0000000000000p+0f, 0x1.0000000000000p+0f, 0x1.0000000000000p+0f, 0x1.0000000000000p+0f,
    0x1.e7432c0000000p-2f, 0x1.bb087c0000000p-2f, 0x1.958ec00000000p-2f, 0x1.762a500000000p-2f,
    0x1.5a1aac0000000p-2f, 0x1.4134260000000p-2f, 0x1.2988c60000000p-2f, 0x1.17e2340000000p-2f,
};

/* LANES_TAIL: coefficients of d, d^2, ... */
static const float LANES_TAIL[5][32] = {
    {
    -0x1.f337ea0000000p-4f, -0x1.93c84a0000000p-4f, -0x1.4d66540000000p-4f, -0x1.16f7c60000000p-4f,
    -0x1.e029100000000p-5f, -0x1.9556fc0000000p-5f, -0x1.59243c0000000p-5f, -0x1.324b840000000p-5f,
    -0x1.f9e7d80000000p-6f, -0x1.7ff0920000000p-6f, -0x1.3d7a380000000p-6f, -0x1.01c6b40000000p-6f,
    -0x1.adddee0000000p-7f, -0x1.6ef1760000000p-7f, -0x1.38f5ea0000000p-7f, -0x1.06fc980000000p-7f,
    -0x1.c3fae80000000p-8f, -0x1.5605de0000000p-8f, -0x1.1da5800000000p-8f, -0x1.d0c5580000000p-9f,
    0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    -0x1.79d7060000000p-2f, -0x1.44b45e0000000p-2f, -0x1.198b840000000p-2f, -0x1.eda8940000000p-3f,
    -0x1.b201020000000p-3f, -0x1.7f1f600000000p-3f, -0x1.50aeaa0000000p-3f, -0x1.2f5b160000000p-3f,
    },
    {
    0x1.b13d7c0000000p-5f, 0x1.45080e0000000p-5f, 0x1.f44c0e0000000p-6f, 0x1.874ba00000000p-6f,
    0x1.3dab1e0000000p-6f, 0x1.f560f00000000p-7f, 0x1.8fddf40000000p-7f, 0x1.51b79e0000000p-7f,
    0x1.013c1a0000000p-7f, 0x1.5a68420000000p-8f, 0x1.0744cc0000000p-8f, 0x1.8524a60000000p-9f,
    0x1.2a88700000000p-9f, 0x1.d99c360000000p-10f, 0x1.76f1640000000p-10f, 0x1.2238d80000000p-10f,
    0x1.d011800000000p-11f, 0x1.3331000000000p-11f, 0x1.d64c0a0000000p-12f, 0x1.5a11d80000000p-12f,
    0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    0x1.cf796c0000000p-3f, 0x1.7d9b200000000p-3f, 0x1.3d69580000000p-3f, 0x1.0b80d00000000p-3f,
    0x1.c40df60000000p-4f, 0x1.7fa1040000000p-4f, 0x1.434aac0000000p-4f, 0x1.19637e0000000p-4f,
    },
    {
    -0x1.51caba0000000p-6f, -0x1.dad6ce0000000p-7f, -0x1.57a0ce0000000p-7f, -0x1.fa6e320000000p-8f,
    -0x1.865c360000000p-8f, -0x1.21fa2c0000000p-8f, -0x1.b3f1400000000p-9f, -0x1.5ff8fa0000000p-9f,
    -0x1.f1eaf00000000p-10f, -0x1.2bfdc80000000p-10f, -0x1.a56a340000000p-11f, -0x1.1cf8b80000000p-11f,
    -0x1.93eec20000000p-12f, -0x1.2ab4080000000p-12f, -0x1.b842ae0000000p-13f, -0x1.3ac36c0000000p-13f,
    -0x1.d566880000000p-14f, -0x1.10a1520000000p-14f, -0x1.7f55d20000000p-15f, -0x1.ff231c0000000p-16f,
    0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    -0x1.e4555c0000000p-4f, -0x1.80cf8c0000000p-4f, -0x1.35249a0000000p-4f, -0x1.f816400000000p-5f,
    -0x1.9bea2c0000000p-5f, -0x1.5216480000000p-5f, -0x1.12eec40000000p-5f, -0x1.d0a9380000000p-6f,
    },
    {
    0x1.e41acc0000000p-8f, 0x1.40e4760000000p-8f, 0x1.b7679e0000000p-9f, 0x1.32c85e0000000p-9f,
    0x1.c2d7280000000p-10f, 0x1.3d05ae0000000p-10f, 0x1.c355ba0000000p-11f, 0x1.5d51360000000p-11f,
    0x1.ce57dc0000000p-12f, 0x1.f641be0000000p-13f, 0x1.4751fa0000000p-13f, 0x1.96e2ce0000000p-14f,
    0x1.0b441a0000000p-14f, 0x1.7158300000000p-15f, 0x1.fc07940000000p-16f, 0x1.4fa0020000000p-16f,
    0x1.d572f60000000p-17f, 0x1.e0165a0000000p-18f, 0x1.361a980000000p-18f, 0x1.776c4c0000000p-19f,
    0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    0x1.c09fb80000000p-5f, 0x1.597e960000000p-5f, 0x1.0d3b5e0000000p-5f, 0x1.aa639a0000000p-6f,
    0x1.5247f20000000p-6f, 0x1.0d914e0000000p-6f, 0x1.a8e84c0000000p-7f, 0x1.5d95e20000000p-7f,
    },
    {
    -0x1.47c3500000000p-9f, -0x1.9e93260000000p-10f, -0x1.0beccc0000000p-10f, -0x1.6149aa0000000p-11f,
    -0x1.dacc520000000p-12f, -0x1.44b2c80000000p-12f, -0x1.c393640000000p-13f, -0x1.3ee87e0000000p-13f,
    -0x1.85df860000000p-14f, -0x1.a5ca220000000p-15f, -0x1.de0b4a0000000p-16f, -0x1.1a3be60000000p-16f,
    -0x1.59928c0000000p-17f, -0x1.b4f8fe0000000p-18f, -0x1.1c4d9c0000000p-18f, -0x1.7ab7000000000p-19f,
    -0x1.b19dc20000000p-20f, -0x1.b5764c0000000p-21f, -0x1.d73d540000000p-22f, -0x1.0c08dc0000000p-22f,
    0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    -0x1.78bbe80000000p-6f, -0x1.1aea520000000p-6f, -0x1.abf8c80000000p-7f, -0x1.45fa5a0000000p-7f,
    -0x1.f3e6f80000000p-8f, -0x1.81dc100000000p-8f, -0x1.2bbae20000000p-8f, -0x1.d4efac0000000p-9f,
    },
};

/* the root of gelu', -0.75179 */
#define LANES_GELU_SLOPE_ROOT_1 -0x1.80ead20000000p-1f
#define LANES_GELU_SLOPE_ROOT_2 0x1.a03fd40000000p-27f

/* gelu'' there */
#define LANES_GELU_SLOPE_FIRST_1 0x1.b9d9900000000p-2f
#define LANES_GELU_SLOPE_FIRST_2 -0x1.69737a0000000p-28f

/* where the series below serves */
#define LANES_GELU_SLOPE_RADIUS_1 0x1.0000000000000p-4f

/* gelu'(root + d) = d·(gelu''(root) + d·(this series)) */
static const float LANES_GELU_SLOPE[5] = {
    0x1.8d9a940000000p-2f, -0x1.2a2f1a0000000p-6f, -0x1.d2fa420000000p-4f, -0x1.e339940000000p-7f,
    0x1.3ded1a0000000p-6f,
};

/* 1/sqrt(2·pi) */
#define LANES_INVERSE_SQRT_2PI_1 0x1.9884540000000p-2f
#define LANES_INVERSE_SQRT_2PI_2 -0x1.8579360000000p-27f

#endif
