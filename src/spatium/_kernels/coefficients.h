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

/* 2·sqrt(2/pi), the linear coefficient of gelu_tanh's argument */
#define SQRT_8_OVER_PI_1 0x1.9884533d43651p+0
#define SQRT_8_OVER_PI_2 -0x1.cbc0d30ebfd15p-54

/* 2·sqrt(2/pi)·0.044715 */
#define GELU_CUBIC_1 0x1.2444f2a4d8b4bp-4
#define GELU_CUBIC_2 -0x1.6c843a29d1c70p-61

/* 1.702, the decimal number */
#define GELU_SIGMOID_1 0x1.b3b645a1cac08p+0
#define GELU_SIGMOID_2 0x1.89374bc6a7efap-55

/* 1/sqrt(2 pi) */
#define INVERSE_SQRT_2PI_1 0x1.9884533d43651p-2
#define INVERSE_SQRT_2PI_2 -0x1.cbc0d30ebfd15p-56

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

/* (cos(r) - 1 + r^2/2)/r^4 in u = r^2, weighted by u^2
   degree 6 on [0, 0.616863]; error 2^-59.9 */
static const double COSINE_FULL[7] = {
    0x1.5555555555555p-5, -0x1.6c16c16c16c15p-10, 0x1.a01a01a01975cp-16,
    -0x1.27e4fb7694934p-22, 0x1.1eed8d4106bfap-29, -0x1.9393dcd95b7e4p-37,
    0x1.ab0a055f993d5p-45,
};

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

/* e^(a^2/2)·Phi(-a)·(a + 4) in t, 1 <= a <= 41: the constant coefficient */
#define GAUSSIAN_TAIL_WIDE_FIRST_1 0x1.82b4bb8c94dcep-1
#define GAUSSIAN_TAIL_WIDE_FIRST_2 -0x1.8f38eea86cb93p-56

/* e^(a^2/2)·Phi(-a)·(a + 4) in t, 1 <= a <= 41: the rest
   degree 20 on [-0.6, 0.822222]; error 2^-54.7 */
static const double GAUSSIAN_TAIL_WIDE[21] = {
    -0x1.373e3a893c28ap-1, 0x1.8c6dbf2cfc2a9p-2, -0x1.7dff2bff6838ap-3,
    0x1.eec4cc3e4ec61p-5, -0x1.ee27610483fadp-8, -0x1.c81719d8447b7p-9,
    0x1.ab825fc2fc698p-10, 0x1.17a4b115912acp-13, -0x1.e4a426a86e47cp-13,
    -0x1.0024f57dbcc4bp-19, 0x1.26d0d6bad13dfp-15, 0x1.814914d8d304fp-21,
    -0x1.8d59920308591p-18, -0x1.53fd0a071cb0ep-21, 0x1.133cd89d789c7p-20,
    0x1.2c129f6a275edp-22, -0x1.62cf19885db05p-23, -0x1.9245a1727fd52p-24,
    0x1.e70b9df758c66p-26, 0x1.717d594c63ddfp-26, -0x1.0aa0900a834d3p-27,
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

/* d/dx x·tanh(softplus(x)): its root */
#define MISH_SLOPE_ROOT_1 -0x1.31432c0d12d84p+0
#define MISH_SLOPE_ROOT_2 -0x1.bf319154da210p-55

#define MISH_SLOPE_RADIUS 0x1.0000000000000p-3
/* (d/dx x·tanh(softplus(x)))/(x - root) around the root: the constant coefficient */
#define MISH_SLOPE_FIRST_1 0x1.115acb42500bbp-2
#define MISH_SLOPE_FIRST_2 0x1.1ad75183f14dap-56

/* (d/dx x·tanh(softplus(x)))/(x - root) around the root: the rest
   degree 12 on [-0.125, 0.125]; error 2^-58.9 */
static const double MISH_SLOPE[13] = {
    0x1.a34a251d8ad7bp-3, 0x1.574f121a868dbp-5, -0x1.4c222fe64d4fbp-6,
    -0x1.03369d4ac90c4p-6, -0x1.b87ddfb51b997p-9, 0x1.1e5e1849bdeb2p-10,
    0x1.03799182f0ea8p-10, 0x1.0a7955d2b96b8p-12, -0x1.5fffa39b11b85p-15,
    -0x1.d4565eef02e94p-15, -0x1.223a93da619efp-16, 0x1.0cb9854757518p-20,
    0x1.85c4c9f159dedp-19,
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
