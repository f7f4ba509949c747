/* sine(x) = sin x                                                                  Sitzmann et al. 2020

   The loops reduce |x| <= 2^20; beyond, periodic.h does, lane by lane. sine(±inf) is NaN and raises "invalid". */
#if SP_PASS == SP_TEXT
SP_INLINE double sine_argument(double x, double a, double b) {
    (void)a, (void)b;
    return x;
}
SP_INLINE outcome sine_at(double x, double a, double b) {
    (void)a, (void)b;
    return (outcome){
        .value = x == 0.0 ? x : value_of(sine_shifted(pair_of(x), 0, SHORT)), /* a pair has no -0 */
        .derivative = value_of(sine_shifted(pair_of(x), 2, SHORT)),
    };
}
#elif SP_PASS == SP_FAR
static outcome sine_far_at(double x, double a, double b) {
    (void)a, (void)b;
    return (outcome){
        .value = value_of(sine_far(pair_of(x), 1.0, 0)),
        .derivative = value_of(sine_far(pair_of(x), 1.0, 2)),
    };
}
#else
SP_ACTIVATION(sine, 11, 0, SP_WIDE_ARGUMENT)
#endif
