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

/* x·tanh(softplus(x)): where its minimum is */
#define MISH_MINIMUM_AT_1 -0x1.31432c0d12d84p+0

/* x·tanh(softplus(x)): its minimum */
#define MISH_MINIMUM_1 -0x1.3c417299f9f85p-2

#define MISH_LEFT_A 0x1.9547d1a7f48cep-3
#define MISH_LEFT_TOP 0x1.43691946cc4efp+3
/* f'/(r·y) left of the minimum of x·tanh(softplus(x)), minimax in relative error
   degree 31 on [-0.999998, 1]; error 2^-26.0 */
static const double MISH_LEFT[32] = {
    0x1.87d2b6b0ee979p-3, -0x1.7037b1e95955dp-3, 0x1.51e66d9e97e68p-3,
    -0x1.30051e7bf77a3p-3, 0x1.0d755aa99b5a4p-3, -0x1.d750fd0cb1c96p-4,
    0x1.8735bdb6cfbf5p-4, -0x1.52fb24aef9824p-4, 0x1.31320d1e8a924p-3,
    -0x1.0d51e11f17249p-3, -0x1.70e9f15493e88p-1, 0x1.61d34e5c1e506p-1,
    0x1.53399542d2bfep+2, -0x1.558da060257d3p+2, -0x1.8030940fe97f0p+4,
    0x1.985a32281a9d5p+4, 0x1.3137d2da66c3fp+6, -0x1.548c22a94411dp+6,
    -0x1.5556151ffb242p+7, 0x1.923471eabcdeap+7, 0x1.095eaed3ec805p+8,
    -0x1.4be569a915378p+8, -0x1.1b43894ea74f7p+8, 0x1.796bdf48e967bp+8,
    0x1.95445a1dffb80p+7, -0x1.2100dee4a13a2p+8, -0x1.713645bf934eep+6,
    0x1.1c171a93b87e8p+7, 0x1.806bcc4e3757ap+4, -0x1.434d49847208bp+5,
    -0x1.58bc085f6f98ap+1, 0x1.436586ca7c183p+2,
};

#define MISH_RIGHT_A 0x1.37773d9ef5b81p-1
#define MISH_RIGHT_TOP 0x1.a4d2b75c6662cp+1
/* f'/r right of the minimum of x·tanh(softplus(x)), minimax in the error of f'
   degree 31 on [-0.999994, 1]; error 2^-24.4 */
static const double MISH_RIGHT[32] = {
    0x1.457935a940d48p-1, -0x1.9a647d3445385p-1, 0x1.f3f9173ec8634p-1,
    0x1.2e6b638476631p-3, -0x1.d0c44f9099e60p+1, 0x1.cc55d60b97ed2p+1,
    0x1.36f31758ce25ap+3, -0x1.0c708a41642fep+4, -0x1.ecf21642d190ep+4,
    0x1.129b90d2da6f1p+6, 0x1.97605f7901a5dp+6, -0x1.009d2c61871cap+8,
    -0x1.366ed6fcbdbfep+8, 0x1.9e0b3ed26c704p+9, 0x1.91080486f7dcap+9,
    -0x1.120d6a03f50a9p+11, -0x1.a067b49a18872p+10, 0x1.1f826a65da7acp+12,
    0x1.4fdcd54fb10c6p+11, -0x1.d2b8335146d96p+12, -0x1.99e30b19d6071p+11,
    0x1.1f00043d9367cp+13, 0x1.7012b87b18befp+11, -0x1.04ee2335cac5ap+13,
    -0x1.d4627b1a954d5p+10, 0x1.5280a127471b0p+12, 0x1.8d6c0c06ce7e3p+9,
    -0x1.2770d3cce6b8dp+11, -0x1.9111dad3dba00p+7, 0x1.363171a4ac455p+9,
    0x1.69d023ea8268ap+4, -0x1.276e92f184ebbp+6,
};

#define MISH_START_LEFT_A 0x1.4b12b7a8b0c98p+0
#define MISH_START_LEFT_B 0x1.25895bd45864cp+3
#define MISH_START_LEFT_C 0x1.0000000000000p+2
#define MISH_START_LEFT_TOP 0x1.b47b2d0e3507cp+4
/* |x - minimum|/r left of the minimum of x·tanh(softplus(x)), minimax in relative error
   degree 25 on [-0.999994, 1]; error 2^-26.2 */
static const double MISH_START_LEFT[26] = {
    0x1.f65dbd01e4fb5p+1, 0x1.398c985434879p+2, 0x1.12ae5679796d4p+2,
    0x1.98b47b985a02ap+1, 0x1.5053164d60afap+1, 0x1.e247974f641fap+0,
    0x1.642cc9affa96ep+0, 0x1.b0691b3555d9cp+0, 0x1.1f94c1e86a2efp-1,
    -0x1.eaee75f75d4b5p-2, 0x1.04ae5bb9ac367p+1, 0x1.fc3dfb7252b75p+0,
    -0x1.be4448161dc67p+0, -0x1.f83d1fd60f661p-4, -0x1.3a3fd6df12042p+0,
    -0x1.f32ca4f696158p+1, 0x1.575079962acefp+3, 0x1.6b37290b05358p+3,
    -0x1.3416cd810f549p+4, -0x1.0691fbed967c5p+4, 0x1.2a01ec4a9c147p+4,
    0x1.d090b6a17947ep+3, -0x1.346ccdf8164a6p+3, -0x1.cf1bfd79adb76p+2,
    0x1.196920aebf7e5p+1, 0x1.a181e5ef653edp+0,
};

#define MISH_START_RIGHT_A 0x1.37773d9ef5b81p-1
#define MISH_START_RIGHT_TOP 0x1.a4d2b75c6662cp+1
/* |x - minimum|/r right of the minimum of x·tanh(softplus(x)), minimax in relative error
   degree 31 on [-0.999994, 1]; error 2^-27.4 */
static const double MISH_START_RIGHT[32] = {
    0x1.19b10fc34f60fp+1, 0x1.e41490c32f781p-1, 0x1.09bdfc687b8ebp+0,
    -0x1.f6969040d666cp-1, -0x1.57834982f828ep-1, 0x1.2dc0b0c7fe784p+1,
    0x1.e60d20b0b9075p+0, -0x1.17a84f8f6ebefp+3, -0x1.6f14c8bad85d3p+2,
    0x1.049cf14106f20p+5, 0x1.2f19548b5009fp+4, -0x1.cc97f41d88a08p+6,
    -0x1.d3bf8ce040542p+5, 0x1.6290597fba539p+8, 0x1.37ab0130e73fcp+7,
    -0x1.c1fcad59a6e99p+9, -0x1.52cf49675e979p+8, 0x1.c66dfb89bfaa8p+10,
    0x1.2183ab8fb03cbp+9, -0x1.649c02b3bb06ep+11, -0x1.7a101ed13b97ep+9,
    0x1.aa0f9ce7e5335p+11, 0x1.6eb048f8604afp+9, -0x1.7a394e21e119ep+11,
    -0x1.fcfadc3b5836fp+8, 0x1.e1ad0a917b866p+10, 0x1.dc6293cc29e49p+7,
    -0x1.9f09bdd4c9e21p+9, -0x1.0cc8c849c97dfp+6, 0x1.b0c7c0d488b4cp+7,
    0x1.13d752bbc540bp+3, -0x1.9bf9dcc49ce21p+4,
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

/* 2^(j/8), its bits less j·2^20, for coupled.h adds n·2^20; twice */
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

/* tanh(a), index: the bits of max(a, 2^-4) from 21 on: 32 intervals, degree 6, error 2^-28.6 */
/* LANES_TANH: centres */
static const float LANES_TANH_CENTRE[32] = {
    0x1.1f52000000000p+1f, 0x1.5d84000000000p+1f, 0x1.a07e000000000p+1f, 0x1.e574000000000p+1f,
    0x1.1ece000000000p+2f, 0x1.61e8000000000p+2f, 0x1.9eb2000000000p+2f, 0x1.db00000000000p+2f,
    0x1.1543340000000p+3f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    0x0.0p+0f, 0x1.5f0e000000000p-4f, 0x1.a312000000000p-4f, 0x1.df7c000000000p-4f,
    0x1.1d10000000000p-3f, 0x1.6110000000000p-3f, 0x1.a194000000000p-3f, 0x1.db14000000000p-3f,
    0x1.1f92000000000p-2f, 0x1.5e22000000000p-2f, 0x1.9fbe000000000p-2f, 0x1.e2d4000000000p-2f,
    0x1.224c000000000p-1f, 0x1.61ec000000000p-1f, 0x1.9fa4000000000p-1f, 0x1.e0b8000000000p-1f,
    0x1.22f2000000000p+0f, 0x1.622c000000000p+0f, 0x1.9fee000000000p+0f, 0x1.e2b4000000000p+0f,
};

/* LANES_TANH: values there */
static const float LANES_TANH_0[32] = {
    0x1.f4a16e0000000p-1f, 0x1.fbaafc0000000p-1f, 0x1.fe797c0000000p-1f, 0x1.ff7aec0000000p-1f,
    0x1.ffde6c0000000p-1f, 0x1.fffbe00000000p-1f, 0x1.ffff620000000p-1f, 0x1.ffffe80000000p-1f,
    0x1.fffffe0000000p-1f, 0x1.0000000000000p+0f, 0x1.0000000000000p+0f, 0x1.0000000000000p+0f,
    0x0.0p+0f, 0x1.5e32980000000p-4f, 0x1.a19d3a0000000p-4f, 0x1.dd4e5e0000000p-4f,
    0x1.1b3c580000000p-3f, 0x1.5d9b200000000p-3f, 0x1.9be2d40000000p-3f, 0x1.d2bc760000000p-3f,
    0x1.183dda0000000p-2f, 0x1.5118d40000000p-2f, 0x1.8a4fac0000000p-2f, 0x1.c1f7540000000p-2f,
    0x1.06ba9a0000000p-1f, 0x1.32942e0000000p-1f, 0x1.5756640000000p-1f, 0x1.782cfc0000000p-1f,
    0x1.a060320000000p-1f, 0x1.c371fc0000000p-1f, 0x1.d9c1ce0000000p-1f, 0x1.e8f3a80000000p-1f,
};

/* LANES_TANH: coefficients of d, d^2, ... */
static const float LANES_TANH[6][32] = {
    {
    0x1.67c8220000000p-5f, 0x1.1414bc0000000p-6f, 0x1.85ef1a0000000p-8f, 0x1.0a056c0000000p-9f,
    0x1.0c988e0000000p-11f, 0x1.07ffe80000000p-14f, 0x1.3c017e0000000p-17f, 0x1.8003080000000p-20f,
    0x1.ffe7380000000p-24f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    0x0.0p+0f, 0x1.fc41e40000000p-1f, 0x1.faad7c0000000p-1f, 0x1.f90c260000000p-1f,
    0x1.f6350c0000000p-1f, 0x1.f1147e0000000p-1f, 0x1.eb4a700000000p-1f, 0x1.e5686a0000000p-1f,
    0x1.d9a7140000000p-1f, 0x1.c883b40000000p-1f, 0x1.b414d60000000p-1f, 0x1.9d23500000000p-1f,
    0x1.792ec20000000p-1f, 0x1.486cb60000000p-1f, 0x1.19c3b20000000p-1f, 0x1.d73bd40000000p-2f,
    0x1.5ac73a0000000p-2f, 0x1.c7ca5e0000000p-3f, 0x1.2684840000000p-3f, 0x1.68789e0000000p-4f,
    },
    {
    -0x1.5fcade0000000p-5f, -0x1.11bea80000000p-6f, -0x1.84c5b60000000p-8f, -0x1.09c0820000000p-9f,
    -0x1.0c84860000000p-11f, -0x1.0800fc0000000p-14f, -0x1.3bfe0a0000000p-17f, -0x1.7ff9d20000000p-20f,
    -0x1.0002520000000p-23f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    0x0.0p+0f, -0x1.5ba3440000000p-4f, -0x1.9d45e40000000p-4f, -0x1.d6d31e0000000p-4f,
    -0x1.15d1820000000p-3f, -0x1.536b120000000p-3f, -0x1.8b39e80000000p-3f, -0x1.ba7eb60000000p-3f,
    -0x1.0340980000000p-2f, -0x1.2c90d40000000p-2f, -0x1.4fd7e40000000p-2f, -0x1.6b150a0000000p-2f,
    -0x1.8318ca0000000p-2f, -0x1.89500c0000000p-2f, -0x1.79e4480000000p-2f, -0x1.5a39560000000p-2f,
    -0x1.1a03060000000p-2f, -0x1.91e2380000000p-3f, -0x1.1084e80000000p-3f, -0x1.583e800000000p-4f,
    },
    {
    0x1.c01ce00000000p-6f, 0x1.66cb3a0000000p-7f, 0x1.019f540000000p-8f, 0x1.619b480000000p-10f,
    0x1.657d2a0000000p-12f, 0x1.5fa2340000000p-15f, 0x1.a4e7540000000p-18f, 0x1.ffba580000000p-21f,
    0x1.54b9a20000000p-24f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    -0x1.55554c0000000p-2f, -0x1.4b68600000000p-2f, -0x1.47404c0000000p-2f, -0x1.42fb660000000p-2f,
    -0x1.3b98060000000p-2f, -0x1.2e6a940000000p-2f, -0x1.1fc8b20000000p-2f, -0x1.112eec0000000p-2f,
    -0x1.e9a2cc0000000p-3f, -0x1.9acbb60000000p-3f, -0x1.42cbba0000000p-3f, -0x1.cf84d60000000p-4f,
    -0x1.a68ea40000000p-5f, 0x1.08f7320000000p-6f, 0x1.06415e0000000p-4f, 0x1.8532420000000p-4f,
    0x1.c6ff4c0000000p-4f, 0x1.94d9240000000p-4f, 0x1.33fc2c0000000p-4f, 0x1.a12ecc0000000p-5f,
    },
    {
    -0x1.9747120000000p-7f, -0x1.5a9b180000000p-8f, -0x1.fd0f7e0000000p-10f, -0x1.5fea2e0000000p-11f,
    -0x1.65aade0000000p-13f, -0x1.5ec5640000000p-16f, -0x1.a597b00000000p-19f, -0x1.0115780000000p-21f,
    -0x1.5210d40000000p-25f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    -0x1.25f9d20000000p-16f, 0x1.ca6f480000000p-5f, 0x1.0f38200000000p-4f, 0x1.337d5e0000000p-4f,
    0x1.67cc2a0000000p-4f, 0x1.b0c69c0000000p-4f, 0x1.eefefe0000000p-4f, 0x1.1003bc0000000p-3f,
    0x1.32d5cc0000000p-3f, 0x1.4f9bfc0000000p-3f, 0x1.5c31bc0000000p-3f, 0x1.57e5480000000p-3f,
    0x1.3848140000000p-3f, 0x1.e4c4100000000p-4f, 0x1.47fde00000000p-4f, 0x1.5f5e500000000p-5f,
    0x1.7f2c0e0000000p-10f, -0x1.643fca0000000p-6f, -0x1.9d33900000000p-6f, -0x1.51d6ac0000000p-6f,
    },
    {
    0x1.06214e0000000p-8f, 0x1.03469c0000000p-9f, 0x1.90fb980000000p-11f, 0x1.1925280000000p-12f,
    0x1.290ac20000000p-14f, 0x1.249d000000000p-17f, 0x1.5eea1c0000000p-20f, 0x1.a5cda00000000p-23f,
    0x1.1ed9a20000000p-26f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    0x1.127d060000000p-3f, 0x1.004ec60000000p-3f, 0x1.f2bdbc0000000p-4f, 0x1.e494000000000p-4f,
    0x1.cc404e0000000p-4f, 0x1.a1a8860000000p-4f, 0x1.73753c0000000p-4f, 0x1.46881e0000000p-4f,
    0x1.e543ca0000000p-5f, 0x1.0c341a0000000p-5f, 0x1.8b120e0000000p-8f, -0x1.2874920000000p-6f,
    -0x1.6c71000000000p-5f, -0x1.fa8dc00000000p-5f, -0x1.00d0b00000000p-4f, -0x1.b180440000000p-5f,
    -0x1.f801b80000000p-6f, -0x1.25591c0000000p-7f, 0x1.6bf4ea0000000p-10f, 0x1.304aa60000000p-8f,
    },
    {
    -0x1.772e0a0000000p-11f, -0x1.1e57c20000000p-11f, -0x1.fece040000000p-13f, -0x1.9057380000000p-14f,
    -0x1.7c08540000000p-16f, -0x1.9cbf640000000p-19f, -0x1.c16efc0000000p-22f, -0x1.e843a40000000p-25f,
    -0x1.b3b47a0000000p-28f, 0x0.0p+0f, 0x0.0p+0f, 0x0.0p+0f,
    -0x1.5775dc0000000p-7f, -0x1.00626c0000000p-5f, -0x1.2ad9c40000000p-5f, -0x1.530d6e0000000p-5f,
    -0x1.8aa3de0000000p-5f, -0x1.cc116a0000000p-5f, -0x1.009bba0000000p-4f, -0x1.1495c80000000p-4f,
    -0x1.25cb860000000p-4f, -0x1.2610e60000000p-4f, -0x1.0f37a80000000p-4f, -0x1.cdc4ce0000000p-5f,
    -0x1.3194300000000p-5f, -0x1.7d934a0000000p-7f, 0x1.d6fd080000000p-8f, 0x1.15deb80000000p-6f,
    0x1.2e77b40000000p-6f, 0x1.6778f00000000p-7f, 0x1.0e5bd40000000p-8f, 0x1.5469800000000p-11f,
    },
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

/* sin(j·pi/16) */
static const float LANES_SIN[32] = {
    -0.0f, 0x1.8f8b840000000p-3f, 0x1.87de2a0000000p-2f, 0x1.1c73b40000000p-1f,
    0x1.6a09e60000000p-1f, 0x1.a9b6620000000p-1f, 0x1.d906bc0000000p-1f, 0x1.f6297c0000000p-1f,
    0x1.0000000000000p+0f, 0x1.f6297c0000000p-1f, 0x1.d906bc0000000p-1f, 0x1.a9b6620000000p-1f,
    0x1.6a09e60000000p-1f, 0x1.1c73b40000000p-1f, 0x1.87de2a0000000p-2f, 0x1.8f8b840000000p-3f,
    0x0.0p+0f, -0x1.8f8b840000000p-3f, -0x1.87de2a0000000p-2f, -0x1.1c73b40000000p-1f,
    -0x1.6a09e60000000p-1f, -0x1.a9b6620000000p-1f, -0x1.d906bc0000000p-1f, -0x1.f6297c0000000p-1f,
    -0x1.0000000000000p+0f, -0x1.f6297c0000000p-1f, -0x1.d906bc0000000p-1f, -0x1.a9b6620000000p-1f,
    -0x1.6a09e60000000p-1f, -0x1.1c73b40000000p-1f, -0x1.87de2a0000000p-2f, -0x1.8f8b840000000p-3f,
};

/* the rest of sin(j·pi/16) */
static const float LANES_SIN_LOW[32] = {
    0x0.0p+0f, -0x1.cb2cfa0000000p-30f, 0x1.abaa580000000p-28f, -0x1.9465ce0000000p-27f,
    0x1.9fcef40000000p-27f, 0x1.21d4340000000p-26f, 0x1.e651a80000000p-26f, 0x1.feeb960000000p-26f,
    0x0.0p+0f, 0x1.feeb960000000p-26f, 0x1.e651a80000000p-26f, 0x1.21d4340000000p-26f,
    0x1.9fcef40000000p-27f, -0x1.9465ce0000000p-27f, 0x1.abaa580000000p-28f, -0x1.cb2cfa0000000p-30f,
    0x0.0p+0f, 0x1.cb2cfa0000000p-30f, -0x1.abaa580000000p-28f, 0x1.9465ce0000000p-27f,
    -0x1.9fcef40000000p-27f, -0x1.21d4340000000p-26f, -0x1.e651a80000000p-26f, -0x1.feeb960000000p-26f,
    0x0.0p+0f, -0x1.feeb960000000p-26f, -0x1.e651a80000000p-26f, -0x1.21d4340000000p-26f,
    -0x1.9fcef40000000p-27f, 0x1.9465ce0000000p-27f, -0x1.abaa580000000p-28f, 0x1.cb2cfa0000000p-30f,
};

/* cos(j·pi/16) */
static const float LANES_COS[32] = {
    0x1.0000000000000p+0f, 0x1.f6297c0000000p-1f, 0x1.d906bc0000000p-1f, 0x1.a9b6620000000p-1f,
    0x1.6a09e60000000p-1f, 0x1.1c73b40000000p-1f, 0x1.87de2a0000000p-2f, 0x1.8f8b840000000p-3f,
    0x0.0p+0f, -0x1.8f8b840000000p-3f, -0x1.87de2a0000000p-2f, -0x1.1c73b40000000p-1f,
    -0x1.6a09e60000000p-1f, -0x1.a9b6620000000p-1f, -0x1.d906bc0000000p-1f, -0x1.f6297c0000000p-1f,
    -0x1.0000000000000p+0f, -0x1.f6297c0000000p-1f, -0x1.d906bc0000000p-1f, -0x1.a9b6620000000p-1f,
    -0x1.6a09e60000000p-1f, -0x1.1c73b40000000p-1f, -0x1.87de2a0000000p-2f, -0x1.8f8b840000000p-3f,
    0x0.0p+0f, 0x1.8f8b840000000p-3f, 0x1.87de2a0000000p-2f, 0x1.1c73b40000000p-1f,
    0x1.6a09e60000000p-1f, 0x1.a9b6620000000p-1f, 0x1.d906bc0000000p-1f, 0x1.f6297c0000000p-1f,
};

/* the rest of cos(j·pi/16) */
static const float LANES_COS_LOW[32] = {
    0x0.0p+0f, 0x1.feeb960000000p-26f, 0x1.e651a80000000p-26f, 0x1.21d4340000000p-26f,
    0x1.9fcef40000000p-27f, -0x1.9465ce0000000p-27f, 0x1.abaa580000000p-28f, -0x1.cb2cfa0000000p-30f,
    0x0.0p+0f, 0x1.cb2cfa0000000p-30f, -0x1.abaa580000000p-28f, 0x1.9465ce0000000p-27f,
    -0x1.9fcef40000000p-27f, -0x1.21d4340000000p-26f, -0x1.e651a80000000p-26f, -0x1.feeb960000000p-26f,
    0x0.0p+0f, -0x1.feeb960000000p-26f, -0x1.e651a80000000p-26f, -0x1.21d4340000000p-26f,
    -0x1.9fcef40000000p-27f, 0x1.9465ce0000000p-27f, -0x1.abaa580000000p-28f, 0x1.cb2cfa0000000p-30f,
    0x0.0p+0f, -0x1.cb2cfa0000000p-30f, 0x1.abaa580000000p-28f, -0x1.9465ce0000000p-27f,
    0x1.9fcef40000000p-27f, 0x1.21d4340000000p-26f, 0x1.e651a80000000p-26f, 0x1.feeb960000000p-26f,
};

/* pi/16: n·LANES_PI_16_2 is exact for n < 2^12; all positive, for the sign of 0 */
#define LANES_PI_16_1 0x1.921fb40000000p-3f
#define LANES_PI_16_2 0x1.4440000000000p-27f
#define LANES_PI_16_3 0x1.68c2340000000p-42f

/* 16/pi */
#define LANES_16_OVER_PI_1 0x1.45f3060000000p+2f

/* (sin(r)/r - 1)/r^2 in r^2 */
static const float LANES_SIN_SERIES[2] = {
    -0x1.5555540000000p-3f, 0x1.10f8f60000000p-7f,
};

/* (cos(r) - 1)/r^2 in r^2 */
static const float LANES_COS_SERIES[2] = {
    -0x1.fffffc0000000p-2f, 0x1.552b260000000p-5f,
};

/* -2·sqrt(2/pi)·32/ln(2), the first part short */
static const float LANES_GELU_TANH[2] = {
    -0x1.26aec00000000p+6f, -0x1.0de73a0000000p-17f,
};

/* -2·sqrt(2/pi)·0.044715·32/ln(2) */
static const float LANES_GELU_CUBIC[2] = {
    -0x1.a5a7d00000000p+1f, 0x1.151aae0000000p-24f,
};

/* 2·sqrt(2/pi), the first part short */
static const float LANES_GELU_TANH_SLOPE[2] = {
    0x1.9884600000000p+0f, -0x1.9857940000000p-21f,
};

/* 3·2·sqrt(2/pi)·0.044715 */
static const float LANES_GELU_CUBIC_SLOPE[2] = {
    0x1.b6676c0000000p-3f, -0x1.175e200000000p-32f,
};

/* 1.702 */
#define LANES_GELU_SIGMOID_FACTOR_1 0x1.b3b6460000000p+0f
#define LANES_GELU_SIGMOID_FACTOR_2 -0x1.78d4fe0000000p-26f

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

/* lambda of selu, both positive for inf */
#define LANES_SELU_LAMBDA_1 0x1.0cfabc0000000p+0f
#define LANES_SELU_LAMBDA_2 0x1.6a91120000000p-24f

/* lambda·alpha of selu */
#define LANES_SELU_SCALE_1 0x1.c212cc0000000p+0f
#define LANES_SELU_SCALE_2 0x1.903c0c0000000p-26f

/* 1.702·32/ln(2) */
#define LANES_GELU_SIGMOID_1 0x1.3a4cbe0000000p+6f
#define LANES_GELU_SIGMOID_2 -0x1.c08eca0000000p-21f

/* 2/pi in 32-bit limbs, most significant first: limb i has weight 2^(-32·(i + 1)) */
static const uint32_t TWO_OVER_PI[40] = {
    0xa2f9836e, 0x4e441529, 0xfc2757d1, 0xf534ddc0, 0xdb629599, 0x3c439041, 0xfe5163ab, 0xdebbc561,
    0xb7246e3a, 0x424dd2e0, 0x06492eea, 0x09d1921c, 0xfe1deb1c, 0xb129a73e, 0xe88235f5, 0x2ebb4484,
    0xe99c7026, 0xb45f7e41, 0x3991d639, 0x835339f4, 0x9c845f8b, 0xbdf9283b, 0x1ff897ff, 0xde05980f,
    0xef2f118b, 0x5a0a6d1f, 0x6d367ecf, 0x27cb09b7, 0x4f463f66, 0x9e5fea2d, 0x7527bac7, 0xebe5f17b,
    0x3d0739f7, 0x8a5292ea, 0x6bfb5fb1, 0x1f8d5d08, 0x56033046, 0xfc7b6bab, 0xf0cfbc20, 0x9af4361d,
};

#endif
