/* tanh(x), tanh' = 1 - y^2

   With M = expm1(-2|x|): |tanh x| = -M/(2 + M), tanh' = 4·(1 + M)/(2 + M)^2, where 1 + M = e^-2|x| itself. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome tanh_at(double x, double a, double b) {
    (void)a, (void)b;
    tanh_parts t = tanh_of(pair_of(x));
    return (outcome){.value = copysign(value_of(t.value), x), .derivative = finished(t.slope, t.unscale)};
}
SP_INLINE double tanh_from_output(double y, double a, double b) {
    (void)a, (void)b;
    return (1.0 - y) * (1.0 + y);
}
#else
SP_ACTIVATION(tanh, 3, 0, SP_FROM_OUTPUT)
#endif
