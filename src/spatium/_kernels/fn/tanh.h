/* tanh(x), tanh' = 1 - y^2, tanh'' = -2·y·(1 - y^2)

   With M = expm1(-2|x|): |tanh x| = -M/(2 + M), tanh' = 4·(1 + M)/(2 + M)^2, where 1 + M = e^-2|x| itself. */
#if SP_PASS == SP_TEXT
#include "tanh.tables.h"
SP_INLINE jet tanh_at(double x, double a, double b) {
    (void)a, (void)b;
    tanh_parts t = tanh_of(pair_of(x), SHORT);
    return (jet){
        .value = copysign(value_of(t.value), x),
        .derivative = round_once(t.slope, t.unscale),
        .second = copysign(2.0 * t.value.hi * round_once(t.slope, t.unscale), -x),
    };
}
SP_INLINE double tanh_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return (1.0 - y) * (1.0 + y);
}
#if SP_HAS_LANES
/* Four intervals per octave from 2^-4 to 9.2, one below: tanh(centre) + d·P(d), d = a - centre, where tanh(centre) is
   a float to within 2^-33.  Below 5/64 centre and tanh(centre) are 0, and a itself is the leading term. */
typedef struct {
    lanes leading, quotient, d; /* tanh(a) = leading + quotient·d */
} tanh_lanes_parts;
SP_INLINE tanh_lanes_parts tanh_lanes_parts_of(lanes a) {
    index32 i = v_index(v_shift_right(v_words(v_max(a, v_set(0x1p-4f))), 21));
    lanes d = a - v_at(LANES_TANH_CENTRE, i);
    return (tanh_lanes_parts){v_max(v_at(LANES_TANH_0, i), v_min(a, v_set(0x1.4p-4f))), v_piecewise(LANES_TANH, 6, i, d), d};
}
SP_INLINE lanes tanh_lanes(lanes x, lanes_parameter p, lanes_parameter q, mask *far) {
    (void)p, (void)q;
    *far = v_none();
    tanh_lanes_parts t = tanh_lanes_parts_of(v_min(v_set(9.2f), v_abs(x))); /* NaN stays */
    return v_with_sign(v_fma(t.quotient, t.d, t.leading), x);
}
SP_INLINE lanes tanh_slope_lanes(lanes x, lanes_parameter a, lanes_parameter b, mask *far) {
    (void)a, (void)b;
    const lanes_pair twice = {v_set(2 * LANES_32_OVER_LN2_1), v_set(2 * LANES_32_OVER_LN2_2)};
    lanes_exponential e = v_exponential(x, twice);
    *far = v_exponential_beyond(e);
    lanes_pair d = v_logistic_slope(e);
    return (d.hi + d.lo) * v_set(4.0f);
}
#endif
#else
SP_ACTIVATION(tanh, 3, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_LANES, SP_ANY_ARGUMENT, 0.62)
#endif
