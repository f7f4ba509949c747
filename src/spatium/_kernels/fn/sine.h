/* sine(x) = sin x                                                                  Sitzmann et al. 2020

   The loops reduce |x| <= 2^20; beyond, periodic.h does, lane by lane. sine(±inf) is NaN and raises "invalid". */
#if SP_PASS == SP_TEXT
SP_INLINE double sine_argument(double x, double a, double b) {
    (void)a, (void)b;
    return x;
}
SP_INLINE outcome sine_at(double x, double a, double b) {
    (void)a, (void)b;
    return (outcome){.value = sine_shifted(pair_of(x), 0), .derivative = sine_shifted(pair_of(x), 2)};
}
#elif SP_PASS == SP_FAR
static outcome sine_far_at(double x, double a, double b) {
    (void)a, (void)b;
    return (outcome){.value = sine_far(pair_of(x), 0), .derivative = sine_far(pair_of(x), 2)};
}
#else
SP_ACTIVATION(sine, 11, 0, SP_WIDE_ARGUMENT)
#endif
