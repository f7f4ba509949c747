/* hard_sigmoid(x, slope, offset) = clip(slope·x + offset, 0, 1)                     Courbariaux, Bengio, David 2015

   The product rounded to double decides which piece x is on, so that x = -3 and 3 with slope 1/6 are the ends although
   the double 1/6 is not a sixth; f' is 0 at both. Between the ends the exact sum is rounded once. */
#if SP_PASS == SP_TEXT
SP_INLINE jet hard_sigmoid_at(double x, double slope, double offset) {
    double rounded = slope * x;
    rounded = rounded + offset;
    int inside = rounded > 0.0 && rounded < 1.0;
    double line = rounded <= 0.0 ? 0.0 : rounded >= 1.0 ? 1.0 : value_of(pair_sum(two_product(slope, x), pair_of(offset)));
    return (jet){
        .value = line,
        .derivative = inside ? slope : unless_nan(x, 0.0),
        .second = unless_nan(x, 0.0),
        .by_a = inside ? x : unless_nan(x, 0.0),
        .by_b = inside ? 1.0 : unless_nan(x, 0.0),
    };
}
SP_INLINE double hard_sigmoid_from_output(double y, double slope, double offset) {
    (void)offset;
    return y > 0.0 && y < 1.0 ? slope : unless_nan(y, 0.0);
}
SP_INLINE double hard_sigmoid_from_bit(int bit, double slope, double b) {
    (void)b;
    return bit ? slope : 0.0;
}
#if SP_HAS_LANES
/* The exact product and sum, but next to the lower end, where what is left of them has too few digits.  An offset of at
   least 1/2 is the larger summand wherever the sum is between the ends. */
typedef struct {
    lanes_pair product, sum;
} hard_sigmoid_line;
SP_INLINE hard_sigmoid_line hard_sigmoid_sum(lanes x, lanes_parameter slope, lanes_parameter offset, mask *far) {
    hard_sigmoid_line l;
    l.product = v_pair_times(slope.pair, x);
    l.sum = v_fast_two_sum(offset.pair.hi, l.product.hi);
    lanes size = v_abs(l.sum.hi);
    *far = v_either(v_either(v_parameter_beyond(slope), v_not_at_most(v_set(0.5f), offset.pair.hi)),
                    v_either(v_not_at_most(size, v_set(0x1p60f)), v_less(size, offset.pair.hi * v_set(0x1p-10f))));
    return l;
}
SP_INLINE lanes hard_sigmoid_lanes(lanes x, lanes_parameter slope, lanes_parameter offset, mask *far) {
    hard_sigmoid_line l = hard_sigmoid_sum(x, slope, offset, far);
    lanes y = l.sum.hi + (l.sum.lo + (l.product.lo + offset.pair.lo));
    return v_min(v_max(y, v_set(0.0f)), ONE);
}
/* next to the upper end the rounding to double decides */
SP_INLINE lanes hard_sigmoid_slope_lanes(lanes x, lanes_parameter slope, lanes_parameter offset, mask *far) {
    lanes y = hard_sigmoid_sum(x, slope, offset, far).sum.hi;
    *far = v_either(*far, v_less(v_abs(y - ONE), v_set(0x1p-18f)));
    return v_select(v_less(v_set(0.0f), y), v_select(v_less(y, ONE), slope.pair.hi, v_set(0.0f)), v_set(0.0f));
}
#endif
#else
SP_ACTIVATION(hard_sigmoid, 9, 2, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_IN_LANES, SP_ANY_ARGUMENT, 0.51)
#endif
