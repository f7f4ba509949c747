/* sine(x) = sin x                                                                  Sitzmann et al. 2020

   The loops reduce |x| <= 2^20; beyond, periodic.h does, lane by lane. sine(±inf) is NaN and raises "invalid". */
#if SP_PASS == SP_TEXT
#include "sine.tables.h"
SP_INLINE double sine_argument(double x, double a, double b) {
    (void)a, (void)b;
    return x;
}
SP_INLINE jet sine_at(double x, double a, double b) {
    (void)a, (void)b;
    double value = x == 0.0 ? x : value_of(sine_shifted(pair_of(x), 0, SHORT)); /* a pair has no -0 */
    return (jet){
        .value = value,
        .derivative = value_of(sine_shifted(pair_of(x), 2, SHORT)),
        .second = -value,
    };
}
#if SP_HAS_LANES
/* x = n·pi/16 + r; with S, C = sin, cos of n·pi/16 from a table of one turn: S + C·r + S·(cos r - 1) + C·(sin r - r).
   S + C·r is kept exactly, since S cancels most of C·r next to a multiple of pi.  The cosine is the same with C and -S. */
typedef struct {
    index32 j;
    lanes r, cosine, sine; /* cos r - 1, sin r - r and what r was rounded by */
} sine_parts;
SP_INLINE sine_parts sine_parts_of(lanes x, mask *far) {
    *far = v_beyond(x, 500.0f); /* n < 2^12 */
    lanes t = v_fma(x, v_set(LANES_16_OVER_PI_1), V_SHIFTER), n = t - V_SHIFTER;
    lanes first = v_fnma(n, v_set(LANES_PI_16_1), x), r = v_fnma(n, v_set(LANES_PI_16_2), first);
    lanes low = v_fnma(n, v_set(LANES_PI_16_3), v_fnma(n, v_set(LANES_PI_16_2), first - r)), u = r * r;
    return (sine_parts){v_index(v_words(t)), r, u * v_polynomial(LANES_COS_SERIES, 2, u),
                        v_fma(u * r, v_polynomial(LANES_SIN_SERIES, 2, u), low)};
}
SP_INLINE lanes sine_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    sine_parts p = sine_parts_of(x, far);
    lanes S = v_at(LANES_SIN, p.j), C = v_at(LANES_COS, p.j), y = v_fma(C, p.r, S), rest = v_fma(C, p.r, S - y);
    rest = rest + v_fma(S, p.cosine, v_fma(C, p.sine, v_fma(p.r, v_at(LANES_COS_LOW, p.j), v_at(LANES_SIN_LOW, p.j))));
    return v_with_sign(y + rest, y); /* sin 0 is -0 in the table, so that y keeps it */
}
SP_INLINE lanes sine_slope_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    sine_parts p = sine_parts_of(x, far);
    lanes S = v_at(LANES_SIN, p.j), C = v_at(LANES_COS, p.j), y = v_fnma(S, p.r, C), rest = v_fnma(S, p.r, C - y);
    rest = rest + v_fma(C, p.cosine, v_fnma(S, p.sine, v_fnma(p.r, v_at(LANES_SIN_LOW, p.j), v_at(LANES_COS_LOW, p.j))));
    return y + rest;
}
#endif
#elif SP_PASS == SP_FAR
static jet sine_far_at(double x, double a, double b) {
    (void)a, (void)b;
    return (jet){
        .value = value_of(sine_far(pair_of(x), 1.0, 0)),
        .derivative = value_of(sine_far(pair_of(x), 1.0, 2)),
        .second = -value_of(sine_far(pair_of(x), 1.0, 0)),
    };
}
#else
SP_ACTIVATION(sine, 11, 0, SP_FROM_INPUT, SP_MANY_SLOPES, SP_IN_LANES, SP_LARGE_ARGUMENT, 0.54)
#endif
