/* hard_tanh(x, min_val, max_val) = clip(x, min_val, max_val)                        Collobert 2004

   Exact. f' is 0 at both ends; the bounds are rounded to the type first, so that the output says which side it is on. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome hard_tanh_at(real x, double min_val, double max_val) {
    real low = (real)min_val, high = (real)max_val;
    return (outcome){
        .value = x < low ? low : x > high ? high : x,
        .derivative = x > low && x < high ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = x < low ? 1.0 : unless_nan(x, 0.0),
        .by_b = x > high ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE double hard_tanh_from_output(real y, double min_val, double max_val) {
    return y > (real)min_val && y < (real)max_val ? 1.0 : unless_nan(y, 0.0);
}
SP_INLINE double hard_tanh_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#else
SP_ACTIVATION(hard_tanh, 10, 2, SP_FROM_BIT)
#endif
