/* hard_tanh(x, min_val, max_val) = clip(x, min_val, max_val)                        Collobert 2004

   Exact. f' is 0 at both ends. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome hard_tanh_at(real x, double low, double high) {
    return (outcome){
        .value = x < low ? low : x > high ? high : (double)x,
        .derivative = x > low && x < high ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE double hard_tanh_from_output(real y, double low, double high) {
    return y > (real)low && y < (real)high ? 1.0 : unless_nan(y, 0.0);
}
#else
SP_ACTIVATION(hard_tanh, 10, 2, SP_FROM_OUTPUT)
#endif
