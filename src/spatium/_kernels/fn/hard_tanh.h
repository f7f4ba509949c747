/* hard_tanh(x, min_val, max_val) = clip(x, min_val, max_val)                        Collobert 2004

   Exact. f' is 0 at both ends. From the output it is 0 at a bound rounded to the type, which is the output of all that is
   beyond it, and where the rounding moved the bound inwards, of one number inside. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_tanh_at(real x, double min_val, double max_val) {
    return (jet){
        .value = x < min_val ? min_val : x > max_val ? max_val : (double)x,
        .derivative = x > min_val && x < max_val ? 1.0 : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = x < min_val ? 1.0 : unless_nan(x, 0.0),
        .by_b = x > max_val ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE double hard_tanh_from_output(real y, double min_val, double max_val) {
    return y > (real)min_val && y < (real)max_val ? 1.0 : unless_nan(y, 0.0);
}
SP_INLINE double hard_tanh_from_bit(int bit, double a, double b) {
    (void)a, (void)b;
    return bit ? 1.0 : 0.0;
}
#if SP_HAS_VECTORS
V_ANY_PARAMETERS(hard_tanh)
SP_INLINE reals hard_tanh_vector(reals x, reals_bound low, reals_bound high, mask *far) {
    (void)far;
    return v_select(v_less(x, low.pair.hi), low.pair.hi, v_min(high.pair.hi, x)); /* x where it equals high, and NaN */
}
SP_INLINE mask hard_tanh_side_from_output_vector(reals y, reals_bound low, reals_bound high) {
    return v_both(v_less(low.pair.hi, y), v_less(y, high.pair.hi));
}
SP_INLINE mask hard_tanh_side_vector(reals x, reals_bound low, reals_bound high) {
    return v_both(v_less(low.below, x), v_less(x, high.above));
}
SP_INLINE reals_slopes hard_tanh_slopes(reals_bound low, reals_bound high) {
    (void)low, (void)high;
    return V_EXACT_SLOPES(1, 0);
}
#endif
#else
SP_ACTIVATION(hard_tanh, 10, 2, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE_EXACT, SP_ANY_ARGUMENT)
SP_BOUND(hard_tanh, value, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_tanh, value, float64, 0.51, 0.0000, 0)
SP_BOUND(hard_tanh, derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_tanh, derivative, float64, 0.51, 0.0000, 0)
SP_BOUND(hard_tanh, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_tanh, second_derivative, float64, 0.51, 0.0000, 0)
#endif
