/* sine(x) = sin x                                                                  Sitzmann et al. 2020

   The loops reduce |x| <= 2^20; beyond, periodic.h does, lane by lane. sine(±inf) is NaN and raises "invalid". */
#if SP_PASS == SP_TEXT
SP_INLINE outcome sine_at(double x, double a, double b) {
    (void)a, (void)b;
    return sine_and_cosine(x);
}
#else
SP_ACTIVATION(sine, 11, 0, SP_WIDE_ARGUMENT)
#endif
