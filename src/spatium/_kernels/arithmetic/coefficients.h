/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_COEFFICIENTS_H
#define SP_COEFFICIENTS_H
#include <stdint.h>

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

/* pi as a normalised pair */
#define PI_PAIR_1 0x1.921fb54442d18p+1
#define PI_PAIR_2 0x1.1a62633145c07p-53

/* ln 2 as a normalised pair */
#define LN2_PAIR_1 0x1.62e42fefa39efp-1
#define LN2_PAIR_2 0x1.abc9e3b39803fp-56

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

/* 2^(j/32), its bits less j·2^18: lanes.h adds (32·k + j)·2^18 and has 2^(k + j/32) */
static const float LANES_POWER[32] = {
    0x1.0000000000000p+0f, 0x1.fd9b0e0000000p-1f, 0x1.fb55860000000p-1f, 0x1.f9301e0000000p-1f,
    0x1.f72b840000000p-1f, 0x1.f548740000000p-1f, 0x1.f387a60000000p-1f, 0x1.f1e9e00000000p-1f,
    0x1.f06fe00000000p-1f, 0x1.ef1a740000000p-1f, 0x1.edea640000000p-1f, 0x1.ece0860000000p-1f,
    0x1.ebfdae0000000p-1f, 0x1.eb42b60000000p-1f, 0x1.eab07e0000000p-1f, 0x1.ea47ec0000000p-1f,
    0x1.ea09e60000000p-1f, 0x1.e9f75e0000000p-1f, 0x1.ea11480000000p-1f, 0x1.ea589a0000000p-1f,
    0x1.eace540000000p-1f, 0x1.eb737c0000000p-1f, 0x1.ec49180000000p-1f, 0x1.ed503c0000000p-1f,
    0x1.ee89fa0000000p-1f, 0x1.eff7700000000p-1f, 0x1.f199be0000000p-1f, 0x1.f3720e0000000p-1f,
    0x1.f5818e0000000p-1f, 0x1.f7c9740000000p-1f, 0x1.fa4afa0000000p-1f, 0x1.fd07660000000p-1f,
};

/* 2^(j/32) over that float, less 1 */
static const float LANES_POWER_REST[32] = {
    0x0.0p+0f, -0x1.9474140000000p-25f, 0x1.8d96d40000000p-25f, -0x1.dda2fc0000000p-25f,
    -0x1.9c0c220000000p-27f, -0x1.a2fbb20000000p-25f, 0x1.9649040000000p-25f, -0x1.2b0dbc0000000p-25f,
    0x1.1250020000000p-25f, -0x1.cde8ce0000000p-26f, 0x1.370be40000000p-25f, 0x1.336de20000000p-30f,
    -0x1.0a35500000000p-25f, -0x1.c541b40000000p-26f, -0x1.00d8ac0000000p-27f, -0x1.6cb2840000000p-25f,
    0x1.26055c0000000p-26f, 0x1.8b2bb80000000p-26f, -0x1.05cb440000000p-25f, -0x1.1c21420000000p-26f,
    0x1.67a1ca0000000p-28f, -0x1.348e560000000p-25f, 0x1.a3b5e40000000p-28f, -0x1.0b7ec80000000p-25f,
    -0x1.f9c3040000000p-27f, -0x1.e4c8860000000p-26f, -0x1.6961b40000000p-28f, -0x1.b5151e0000000p-28f,
    -0x1.a5217c0000000p-28f, -0x1.ab71320000000p-26f, 0x1.61428e0000000p-28f, -0x1.2ad5f80000000p-27f,
};

/* (2^(f/32) - 1)/f, |f| <= 1/2 */
static const float LANES_POWER_SERIES[3] = {
    0x1.62e4300000000p-6f, 0x1.ebfce60000000p-13f, 0x1.c6b1860000000p-20f,
};

/* 2^(j/8), its bits less j·2^20, for rows.h adds n·2^20; twice */
static const float LANES_EIGHTHS[16] = {
    0x1.0000000000000p+0f, 0x1.f72b840000000p-1f, 0x1.f06fe00000000p-1f, 0x1.ebfdae0000000p-1f,
    0x1.ea09e60000000p-1f, 0x1.eace540000000p-1f, 0x1.ee89fa0000000p-1f, 0x1.f5818e0000000p-1f,
    0x1.0000000000000p+0f, 0x1.f72b840000000p-1f, 0x1.f06fe00000000p-1f, 0x1.ebfdae0000000p-1f,
    0x1.ea09e60000000p-1f, 0x1.eace540000000p-1f, 0x1.ee89fa0000000p-1f, 0x1.f5818e0000000p-1f,
};

/* what that leaves of 2^(j/8), as a part of it; twice */
static const float LANES_EIGHTHS_REST[16] = {
    0.0f, -0x1.9c0c220000000p-27f, 0x1.1250020000000p-25f, -0x1.0a35500000000p-25f,
    0x1.26055c0000000p-26f, 0x1.67a1ca0000000p-28f, -0x1.f9c3040000000p-27f, -0x1.a5217c0000000p-28f,
    0x0.0p+0f, -0x1.9c0c220000000p-27f, 0x1.1250020000000p-25f, -0x1.0a35500000000p-25f,
    0x1.26055c0000000p-26f, 0x1.67a1ca0000000p-28f, -0x1.f9c3040000000p-27f, -0x1.a5217c0000000p-28f,
};

/* ln(2)/8 */
#define LANES_LN2_8_1 0x1.62e4300000000p-4f
#define LANES_LN2_8_2 -0x1.05c6100000000p-32f

/* 8/ln(2) */
#define LANES_8_OVER_LN2_1 0x1.7154760000000p+3f

/* (e^r - 1 - r)/r^2, |r| <= ln(2)/16; error of e^r 2^-31.5 */
static const float LANES_EXP_EIGHTHS[3] = {
    0x1.0000000000000p-1f, 0x1.555b7c0000000p-3f, 0x1.555acc0000000p-5f,
};

/* ln(2)/32 */
#define LANES_LN2_32_1 0x1.62e4300000000p-6f
#define LANES_LN2_32_2 -0x1.05c6100000000p-34f

/* 32/ln(2) */
#define LANES_32_OVER_LN2_1 0x1.7154760000000p+5f
#define LANES_32_OVER_LN2_2 0x1.4ae0c00000000p-21f

/* (e^r - 1 - r)/r^2, |r| <= ln(2)/64, by its series; error of e^r - 1 2^-33 */
static const float LANES_EXPM1[3] = {
    0x1.0000000000000p-1f, 0x1.5555560000000p-3f, 0x1.5555560000000p-5f,
};

/* log1p(E)/E in b = 1 + E, index: the bits of b from 18 on: 32 intervals, degree 3, error 2^-28.9 */
/* LANES_LOG1P: centres */
static const float LANES_LOG1P_CENTRE[32] = {
    0x1.c000000000000p-8f, 0x1.7d40000000000p-5f, 0x1.4940000000000p-4f, 0x1.c840000000000p-4f,
    0x1.3230000000000p-3f, 0x1.6630000000000p-3f, 0x1.9f70000000000p-3f, 0x1.eb90000000000p-3f,
    0x1.1108000000000p-2f, 0x1.2830000000000p-2f, 0x1.5810000000000p-2f, 0x1.6f40000000000p-2f,
    0x1.88e8000000000p-2f, 0x1.b500000000000p-2f, 0x1.ca08000000000p-2f, 0x1.e950000000000p-2f,
    0x1.0db4000000000p-1f, 0x1.1e18000000000p-1f, 0x1.23c0000000000p-1f, 0x1.381c000000000p-1f,
    0x1.42cc000000000p-1f, 0x1.52b8000000000p-1f, 0x1.6738000000000p-1f, 0x1.763c000000000p-1f,
    0x1.8300000000000p-1f, 0x1.92c8000000000p-1f, 0x1.a278000000000p-1f, 0x1.b5e8000000000p-1f,
    0x1.c5e8000000000p-1f, 0x1.d61c000000000p-1f, 0x1.eb20000000000p-1f, 0x1.0234000000000p+0f,
};

/* LANES_LOG1P: values there */
static const float LANES_LOG1P_0[32] = {
    0x1.fe42080000000p-1f, 0x1.f471720000000p-1f, 0x1.ec76500000000p-1f, 0x1.e570800000000p-1f,
    0x1.dd28b80000000p-1f, 0x1.d7d88e0000000p-1f, 0x1.d22c460000000p-1f, 0x1.cae67a0000000p-1f,
    0x1.c5df760000000p-1f, 0x1.c1b65a0000000p-1f, 0x1.b96ae20000000p-1f, 0x1.b58a880000000p-1f,
    0x1.b15a8e0000000p-1f, 0x1.aa64fa0000000p-1f, 0x1.a72d020000000p-1f, 0x1.a280c20000000p-1f,
    0x1.9b4a600000000p-1f, 0x1.96bdbc0000000p-1f, 0x1.95337a0000000p-1f, 0x1.8fc7900000000p-1f,
    0x1.8d01de0000000p-1f, 0x1.88f7aa0000000p-1f, 0x1.83eb0e0000000p-1f, 0x1.8052d60000000p-1f,
    0x1.7d55720000000p-1f, 0x1.79b7f80000000p-1f, 0x1.7635dc0000000p-1f, 0x1.71fa0c0000000p-1f,
    0x1.6e94fc0000000p-1f, 0x1.6b39420000000p-1f, 0x1.66fb740000000p-1f, 0x1.620afa0000000p-1f,
};

/* LANES_LOG1P: coefficients of d, d^2, ... */
static const float LANES_LOG1P[3][32] = {
    {
    -0x1.fb5e880000000p-2f, -0x1.e1d0580000000p-2f, -0x1.cdb1d80000000p-2f, -0x1.bc79100000000p-2f,
    -0x1.a8bc4a0000000p-2f, -0x1.9c63e00000000p-2f, -0x1.8f7ae40000000p-2f, -0x1.7f554e0000000p-2f,
    -0x1.746eea0000000p-2f, -0x1.6b928a0000000p-2f, -0x1.5a55040000000p-2f, -0x1.5277ac0000000p-2f,
    -0x1.4a1b7a0000000p-2f, -0x1.3c854e0000000p-2f, -0x1.365da40000000p-2f, -0x1.2d929e0000000p-2f,
    -0x1.2054460000000p-2f, -0x1.182d900000000p-2f, -0x1.1574280000000p-2f, -0x1.0c00d00000000p-2f,
    -0x1.07411a0000000p-2f, -0x1.006f260000000p-2f, -0x1.f026a00000000p-3f, -0x1.e478ac0000000p-3f,
    -0x1.dae5680000000p-3f, -0x1.cf7c4e0000000p-3f, -0x1.c4960c0000000p-3f, -0x1.b7a8a80000000p-3f,
    -0x1.ad783c0000000p-3f, -0x1.a38b160000000p-3f, -0x1.9738fa0000000p-3f, -0x1.892cf00000000p-3f,
    },
    {
    0x1.501c720000000p-2f, 0x1.341fde0000000p-2f, 0x1.1ec31e0000000p-2f, 0x1.0cfed00000000p-2f,
    0x1.f25d920000000p-3f, 0x1.da59e80000000p-3f, 0x1.c1b4900000000p-3f, 0x1.a39f400000000p-3f,
    0x1.8fd9600000000p-3f, 0x1.8003300000000p-3f, 0x1.620a0c0000000p-3f, 0x1.54bcca0000000p-3f,
    0x1.46c5660000000p-3f, 0x1.30a47e0000000p-3f, 0x1.26d2200000000p-3f, 0x1.1906440000000p-3f,
    0x1.04bddc0000000p-3f, 0x1.f12a4a0000000p-4f, 0x1.e932080000000p-4f, 0x1.cdd5d20000000p-4f,
    0x1.c0438a0000000p-4f, 0x1.ad22f20000000p-4f, 0x1.9634ee0000000p-4f, 0x1.8675c20000000p-4f,
    0x1.79b72a0000000p-4f, 0x1.6ac9a80000000p-4f, 0x1.5cc2120000000p-4f, 0x1.4c71fc0000000p-4f,
    0x1.3fca540000000p-4f, 0x1.33a7ec0000000p-4f, 0x1.24daf40000000p-4f, 0x1.1443c60000000p-4f,
    },
    {
    -0x1.e84e580000000p-3f, -0x1.ba35340000000p-3f, -0x1.9267ae0000000p-3f, -0x1.6f237c0000000p-3f,
    -0x1.4f286a0000000p-3f, -0x1.33d5780000000p-3f, -0x1.1ad4200000000p-3f, -0x1.0467c80000000p-3f,
    -0x1.e076bc0000000p-4f, -0x1.bc8cbe0000000p-4f, -0x1.9ac1080000000p-4f, -0x1.7d6e8e0000000p-4f,
    -0x1.6297b00000000p-4f, -0x1.49c9500000000p-4f, -0x1.335a820000000p-4f, -0x1.1ef3220000000p-4f,
    -0x1.0b90380000000p-4f, -0x1.f4d35e0000000p-5f, -0x1.d6c6240000000p-5f, -0x1.b92d580000000p-5f,
    -0x1.9f1fb80000000p-5f, -0x1.8661880000000p-5f, -0x1.6ee18c0000000p-5f, -0x1.59c20e0000000p-5f,
    -0x1.46ad100000000p-5f, -0x1.3482180000000p-5f, -0x1.23a0f40000000p-5f, -0x1.1372da0000000p-5f,
    -0x1.04d4800000000p-5f, -0x1.ee665e0000000p-6f, -0x1.d4ee180000000p-6f, -0x1.b9da520000000p-6f,
    },
};

/* 2/pi in 32-bit limbs, most significant first: limb i has weight 2^(-32·(i + 1)) */
static const uint32_t TWO_OVER_PI[40] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
    0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f,
    0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b,
    0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20, 0x9af4361d,
};

#endif
