/* identity(x) = x

   Exact; for layers and maps without an activation. */
#if SP_PASS == SP_TEXT
SP_INLINE jet identity_at(real x, double a, double b) {
    (void)a, (void)b;
    return (jet){.value = x, .derivative = unless_nan(x, 1.0), .second = unless_nan(x, 0.0)};
}
SP_INLINE double identity_from_output(real y, double a, double b) {
    (void)a, (void)b;
    return unless_nan(y, 1.0);
}
#else
SP_ACTIVATION(identity, 37, 0, SP_FROM_OUTPUT, SP_MANY_SLOPES, SP_IN_DOUBLE, SP_ANY_ARGUMENT, 0.51)
#endif
