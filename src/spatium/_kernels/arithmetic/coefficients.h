/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_COEFFICIENTS_H
#define SP_COEFFICIENTS_H
#include "loops/tables.h"

/* ln 2: n·LN2_1 is exact for |n| < 2^11 */
#define LN2_1 0x1.62e42fefa3800p-1
#define LN2_2 0x1.ef35793c76730p-45

/* pi: n·PI_k is exact for |n| < 2^20, k < 4 */
#define PI_1 0x1.921fb54400000p+1
#define PI_2 0x1.0b4611a600000p-33
#define PI_3 0x1.3198a2e000000p-68
#define PI_4 0x1.b839a252049c1p-103

/* 1/pi */
#define INVERSE_PI_1 0x1.45f306dc9c883p-2

/* 1/ln 2 */
#define LOG2_E_1 0x1.71547652b82fep+0

/* pi as a normalized pair */
#define PI_PAIR_1 0x1.921fb54442d18p+1
#define PI_PAIR_2 0x1.1a62633145c07p-53

/* ln 2 as a normalized pair */
#define LN2_PAIR_1 0x1.62e42fefa39efp-1
#define LN2_PAIR_2 0x1.abc9e3b39803fp-56

/* ln 2, as floats */
#define VECTOR_LN2_FLOAT_1 0x1.62e4300000000p-1f
#define VECTOR_LN2_FLOAT_2 -0x1.05c6100000000p-29f

/* ln 2, as doubles */
#define VECTOR_LN2_DOUBLE_1 0x1.62e42fefa39efp-1
#define VECTOR_LN2_DOUBLE_2 0x1.abc9e3b39803fp-56

/* (e^r - 1 - r)/r^2, minimax in absolute error: r^2 times it is added to 1 + r
   degree 5 on [-0.346608, 0.346608]; error 2^-29.5 */
static const double EXP_SHORT[6] = {
    0x1.0000000b9323ap-1, 0x1.555555742f345p-3, 0x1.5554e8fdfb5b3p-5,
    0x1.1110ab6f50a74p-7, 0x1.6d432cfaddde2p-10, 0x1.a17e0849c6dfdp-13,
};

/* (e^r - 1 - r)/r^2, minimax in absolute error: r^2 times it is added to 1 + r
   degree 10 on [-0.346608, 0.346608]; error 2^-58.4 */
static const double EXP_FULL[11] = {
    0x1.0000000000000p-1, 0x1.5555555555557p-3, 0x1.5555555555558p-5,
    0x1.11111111100dbp-7, 0x1.6c16c16c151fcp-10, 0x1.a01a01abe84bap-13,
    0x1.a01a01acfacc0p-16, 0x1.71de0230beb99p-19, 0x1.27e4cccdeb2f7p-22,
    0x1.af4deb0af45a9p-26, 0x1.1f8b4c6b3c913p-29,
};

/* (2 atanh(w) - 2 w)/w^3 in u = w^2; log1p(E) = 2 atanh(w), w = E/(2 + E)
   degree 9 on [0, 0.0294431]; error 2^-54.6 */
static const double LOG1P_ATANH[10] = {
    0x1.5555555555555p-1, 0x1.999999999999ap-2, 0x1.2492492492485p-2,
    0x1.c71c71c71f2b6p-3, 0x1.745d17437a020p-3, 0x1.3b13b262b095fp-3,
    0x1.1110b871f7881p-3, 0x1.e202af610ff7ep-4, 0x1.ab82100d52a88p-4,
    0x1.bee8dfa563205p-4,
};

/* log1p(E)/E, minimax in relative error
   degree 12 on [0, 1]; error 2^-35.6 */
static const double LOG1P_SHORT[13] = {
    0x1.ffffffffd6ca3p-1, -0x1.ffffff8ff67cap-2, 0x1.55553bf3e573dp-2,
    -0x1.fffb7252bc9acp-3, 0x1.9962b1b06b76ap-3, -0x1.53c579a702cb1p-3,
    0x1.1d1d1bc259f56p-3, -0x1.cebeaf64080a2p-4, 0x1.5225a861aeaebp-4,
    -0x1.95dcd687e66b3p-5, 0x1.6702a95798d8dp-6, -0x1.93ef7b346e8abp-8,
    0x1.aa45509842a6cp-11,
};

/* (sin(r)/r - 1)/r^2 in u = r^2, weighted by u
   degree 4 on [0, 2.46745]; error 2^-34.8 */
static const double SINE_SHORT[5] = {
    -0x1.5555554bd164ap-3, 0x1.11110cf7677eep-7, -0x1.a017f83c044ebp-13,
    0x1.71722d522342cp-19, -0x1.9a6b066501b60p-26,
};

/* (sin(r)/r - 1)/r^2 in u = r^2, weighted by u
   degree 9 on [0, 2.46745]; error 2^-55.3 */
static const double SINE_LONG[10] = {
    -0x1.5555555555555p-3, 0x1.1111111111111p-7, -0x1.a01a01a01a01ap-13,
    0x1.71de3a556c71cp-19, -0x1.ae64567f52cf3p-26, 0x1.6124613998720p-33,
    -0x1.ae7f3db86602dp-41, 0x1.952c1a24ca942p-49, -0x1.2f2d47d20a00dp-57,
    0x1.67eee98a66bf6p-66,
};

/* (sin(r)/r - 1)/r^2 in u = r^2, weighted by u
   degree 6 on [0, 0.616863]; error 2^-57.3 */
static const double SINE_FULL[7] = {
    -0x1.5555555555555p-3, 0x1.111111111110cp-7, -0x1.a01a01a018c73p-13,
    0x1.71de3a5344b59p-19, -0x1.ae64529349db2p-26, 0x1.612086622ed50p-33,
    -0x1.aa9bcc0a2d265p-41,
};

/* (sin(r)/r - 1)/r^2 in u = r^2, weighted by u: the constant coefficient */
#define SINE_PAIR_FIRST_1 -0x1.5555555555555p-3
#define SINE_PAIR_FIRST_2 -0x1.4f5a1694b7b59p-57

/* (sin(r)/r - 1)/r^2 in u = r^2, weighted by u: the rest
   degree 5 on [0, 0.616863]; error 2^-64.3 */
static const double SINE_PAIR[6] = {
    0x1.111111111110cp-7, -0x1.a01a01a018c73p-13, 0x1.71de3a5344b59p-19,
    -0x1.ae64529349db2p-26, 0x1.612086622ed50p-33, -0x1.aa9bcc0a2d265p-41,
};

/* (cos(r) - 1 + r^2/2)/r^4 in u = r^2, weighted by u^2
   degree 6 on [0, 0.616863]; error 2^-59.9 */
static const double COSINE_FULL[7] = {
    0x1.5555555555555p-5, -0x1.6c16c16c16c15p-10, 0x1.a01a01a01975cp-16,
    -0x1.27e4fb7694934p-22, 0x1.1eed8d4106bfap-29, -0x1.9393dcd95b7e4p-37,
    0x1.ab0a055f993d5p-45,
};

/* 2^(j/8), its bits less j·2^20, for rows.h adds n·2^20; twice */
static const float VECTOR_EIGHTHS[16] = {
    0x1.0000000000000p+0f, 0x1.f72b840000000p-1f, 0x1.f06fe00000000p-1f, 0x1.ebfdae0000000p-1f,
    0x1.ea09e60000000p-1f, 0x1.eace540000000p-1f, 0x1.ee89fa0000000p-1f, 0x1.f5818e0000000p-1f,
    0x1.0000000000000p+0f, 0x1.f72b840000000p-1f, 0x1.f06fe00000000p-1f, 0x1.ebfdae0000000p-1f,
    0x1.ea09e60000000p-1f, 0x1.eace540000000p-1f, 0x1.ee89fa0000000p-1f, 0x1.f5818e0000000p-1f,
};

/* what that leaves of 2^(j/8), as a part of it; twice */
static const float VECTOR_EIGHTHS_REST[16] = {
    0.0f, -0x1.9c0c220000000p-27f, 0x1.1250020000000p-25f, -0x1.0a35500000000p-25f,
    0x1.26055c0000000p-26f, 0x1.67a1ca0000000p-28f, -0x1.f9c3040000000p-27f, -0x1.a5217c0000000p-28f,
    0x0.0p+0f, -0x1.9c0c220000000p-27f, 0x1.1250020000000p-25f, -0x1.0a35500000000p-25f,
    0x1.26055c0000000p-26f, 0x1.67a1ca0000000p-28f, -0x1.f9c3040000000p-27f, -0x1.a5217c0000000p-28f,
};

/* ln(2)/8 */
#define VECTOR_LN2_8_1 0x1.62e4300000000p-4f
#define VECTOR_LN2_8_2 -0x1.05c6100000000p-32f

/* 8/ln(2) */
#define VECTOR_8_OVER_LN2_1 0x1.7154760000000p+3f

/* (e^r - 1 - r)/r^2, |r| <= ln(2)/16; error of e^r 2^-31.5 */
static const float VECTOR_EXP_EIGHTHS[3] = {
    0x1.0000000000000p-1f, 0x1.555b7c0000000p-3f, 0x1.555acc0000000p-5f,
};

/* (e^r - 1 - r)/r^2, |r| <= ln(2)/16; error of e^r - 1 2^-37 */
static const float VECTOR_EXPM1_EIGHTHS[4] = {
    0x1.0000000000000p-1f, 0x1.5555560000000p-3f, 0x1.555d8a0000000p-5f, 0x1.1115c20000000p-7f,
};

/* 2^(j/16), its bits less j·2^48, for vectors.h adds n·2^48 */
static const double VECTOR_SIXTEENTHS[16] = {
    0x1.0000000000000p+0, 0x1.fb5586cf9890fp-1, 0x1.f72b83c7d517bp-1, 0x1.f387a6e756238p-1,
    0x1.f06fe0a31b715p-1, 0x1.edea64c123422p-1, 0x1.ebfdad5362a27p-1, 0x1.eab07dd485429p-1,
    0x1.ea09e667f3bcdp-1, 0x1.ea11473eb0187p-1, 0x1.eace5422aa0dbp-1, 0x1.ec49182a3f090p-1,
    0x1.ee89f995ad3adp-1, 0x1.f199bdd85529cp-1, 0x1.f5818dcfba487p-1, 0x1.fa4afa2a490dap-1,
};

/* what that leaves of 2^(j/16), as a part of it */
static const double VECTOR_SIXTEENTHS_REST[16] = {
    0x0.0p+0, 0x1.79aa65d837b6dp-54, -0x1.01b15eaa59348p-55, 0x1.68efde3a8a894p-54,
    0x1.34d754db0abb6p-55, 0x1.59f48a72a4c6dp-55, 0x1.690cebb7aafb0p-56, 0x1.063e1e21c5409p-54,
    -0x1.3b3efbf5e2228p-54, -0x1.b32dcb94da51dp-56, 0x1.db72fc1f0eab4p-55, 0x1.1affc2b91ce27p-56,
    0x1.c1a7792cb3387p-55, 0x1.36eae30af0cb3p-56, 0x1.4a385a63d07a7p-56, -0x1.ff7128fd391f0p-55,
};

/* both by rows */
SP_TABLE(double, VECTOR_SIXTEENTHS_ROWS, 16, 2)
#ifdef SP_DEFINES_TABLES
= {
    {0x1.0000000000000p+0, 0x0.0p+0},
    {0x1.fb5586cf9890fp-1, 0x1.79aa65d837b6dp-54},
    {0x1.f72b83c7d517bp-1, -0x1.01b15eaa59348p-55},
    {0x1.f387a6e756238p-1, 0x1.68efde3a8a894p-54},
    {0x1.f06fe0a31b715p-1, 0x1.34d754db0abb6p-55},
    {0x1.edea64c123422p-1, 0x1.59f48a72a4c6dp-55},
    {0x1.ebfdad5362a27p-1, 0x1.690cebb7aafb0p-56},
    {0x1.eab07dd485429p-1, 0x1.063e1e21c5409p-54},
    {0x1.ea09e667f3bcdp-1, -0x1.3b3efbf5e2228p-54},
    {0x1.ea11473eb0187p-1, -0x1.b32dcb94da51dp-56},
    {0x1.eace5422aa0dbp-1, 0x1.db72fc1f0eab4p-55},
    {0x1.ec49182a3f090p-1, 0x1.1affc2b91ce27p-56},
    {0x1.ee89f995ad3adp-1, 0x1.c1a7792cb3387p-55},
    {0x1.f199bdd85529cp-1, 0x1.36eae30af0cb3p-56},
    {0x1.f5818dcfba487p-1, 0x1.4a385a63d07a7p-56},
    {0x1.fa4afa2a490dap-1, -0x1.ff7128fd391f0p-55},
}
#endif
;

/* ln(2)/16 */
#define VECTOR_LN2_16_1 0x1.62e42fefa39efp-5
#define VECTOR_LN2_16_2 0x1.abc9e3b39803fp-60

/* 16/ln(2) */
#define VECTOR_16_OVER_LN2_1 0x1.71547652b82fep+4

/* (e^r - 1 - r)/r^2, |r| <= ln(2)/32
   degree 5 on [-0.0216717, 0.0216717]; error 2^-65.0 */
static const double VECTOR_EXP_SIXTEENTHS[6] = {
    0x1.0000000000004p-1, 0x1.5555555555557p-3, 0x1.5555555470c0fp-5,
    0x1.11111110ab79dp-7, 0x1.6c1851a8dc896p-10, 0x1.a01b6564390c9p-13,
};

/* (2 atanh(s) - 2 s)/s^3 in s^2, s <= 1/3: log1p(E) = 2 atanh(s), s = E/(2 + E) */
static const float VECTOR_LOG1P_SERIES_FLOAT[5] = {
    0x1.5555580000000p-1f, 0x1.9996d80000000p-2f, 0x1.2509d60000000p-2f, 0x1.b6766c0000000p-3f,
    0x1.f40efc0000000p-3f,
};

/* (2 atanh(s) - 2 s)/s^3 in s^2, s <= 1/3: log1p(E) = 2 atanh(s), s = E/(2 + E)
   degree 9 on [0, 0.111222]; error 2^-57.0 */
static const double VECTOR_LOG1P_SERIES_DOUBLE[10] = {
    0x1.5555555555546p-1, 0x1.999999999e2cep-2, 0x1.2492492162b53p-2,
    0x1.c71c73d252ca4p-3, 0x1.745cbac0a822ep-3, 0x1.3b1d8943a20a3p-3,
    0x1.106952879d9bdp-3, 0x1.efe353ea02f95p-4, 0x1.54fce2fc0f0c7p-4,
    0x1.5d8811372ec7fp-3,
};

/* 2/pi in 32-bit limbs, most significant first: limb i has weight 2^(-32·(i + 1)) */
static const uint32_t TWO_OVER_PI[72] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
    0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f,
    0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b,
    0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20, 0x9af4361d,
    0xa9e39161, 0x5ee61b08, 0x6599855f, 0x14a06840, 0x8dffd880, 0x4d732731, 0x06061556, 0xca73a8c9,
    0x60e27bc0, 0x8c6b47c4, 0x19c367cd, 0xdce8092a, 0x8359c476, 0x8b961ca6, 0xddaf44d1, 0x5719053e,
    0xa5ff0705, 0x3f7e33e8, 0x32c2de4f, 0x98327dbb, 0xc33d26ef, 0x6b1e5ef8, 0x9f3a1f35, 0xcaf27f1d,
    0x87f12190, 0x7c7c246a, 0xfa6ed577, 0x2d30433b, 0x15c614b5, 0x9d19c3c2, 0xc4ad414d, 0x2c5d000c,
};

#endif
