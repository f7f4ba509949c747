/* Made by tools/coefficients.py: do not edit. Lowest coefficient first. */
#ifndef SP_TABLES_MISH_H
#define SP_TABLES_MISH_H
#include <stdint.h>

/* the root of mish', -1.19243, as floats */
#define VECTOR_MISH_SLOPE_ROOT_FLOAT_1 -0x1.31432c0000000p+0f
#define VECTOR_MISH_SLOPE_ROOT_FLOAT_2 -0x1.a25b080000000p-29f

/* the root of mish', -1.19243, as doubles */
#define VECTOR_MISH_SLOPE_ROOT_DOUBLE_1 -0x1.31432c0d12d84p+0
#define VECTOR_MISH_SLOPE_ROOT_DOUBLE_2 -0x1.bf319154da210p-55

/* mish'' there, as floats */
#define VECTOR_MISH_SLOPE_FIRST_FLOAT_1 0x1.115acc0000000p-2f
#define VECTOR_MISH_SLOPE_FIRST_FLOAT_2 -0x1.7b5fe80000000p-27f

/* mish'' there, as doubles */
#define VECTOR_MISH_SLOPE_FIRST_DOUBLE_1 0x1.115acb42500bbp-2
#define VECTOR_MISH_SLOPE_FIRST_DOUBLE_2 0x1.1ad72de557d4cp-56

/* where the series below serves */
#define VECTOR_MISH_SLOPE_RADIUS_FLOAT_1 0x1.0000000000000p-4f

/* mish'(root + d) = d·(mish''(root) + d·(this series)) */
static const float VECTOR_MISH_SLOPE_FLOAT[5] = {
    0x1.a34a260000000p-3f, 0x1.574f0e0000000p-5f, -0x1.4c22420000000p-6f, -0x1.031dae0000000p-6f,
    -0x1.b785ea0000000p-9f,
};

/* where the series below serves */
#define VECTOR_MISH_SLOPE_RADIUS_DOUBLE_1 0x1.0000000000000p-5

/* mish'(root + d) = d·(mish''(root) + d·(this series))
   degree 7 on [-0.03125, 0.03125]; error 2^-62.2 */
static const double VECTOR_MISH_SLOPE_DOUBLE[8] = {
    0x1.a34a251d8ad7bp-3, 0x1.574f121a868dcp-5, -0x1.4c222fe64f343p-6,
    -0x1.03369d4acb939p-6, -0x1.b87ddef9f1b8ep-9, 0x1.1e5e1a3ba4358p-10,
    0x1.0372b0595b2f8p-10, 0x1.0a54bea014ae8p-12,
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

#endif
