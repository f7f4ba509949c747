/* hard_sigmoid(x, slope, offset) = clip(slope·x + offset, 0, 1)                     Courbariaux, Bengio, David 2015

   The double 1/6 means a sixth, in every type, so that the defaults are (x + 3)/6. The product, rounded to double,
   and the offset decide which piece x is on; f' is 0 at both ends. Between the ends the exact sum is rounded once. */
#if SP_PASS == SP_TEXT
/* what the slope leaves of the number that it means */
SP_INLINE double hard_sigmoid_slope_rest(double slope) {
    return fabs(slope) == 1.0 / 6.0 ? copysign(0x1.5555555555555p-57, slope) : 0.0;
}
SP_INLINE jet hard_sigmoid_at(double x, double slope, double offset) {
    double finite = finite_for(x, slope), product = slope * finite;
    product = product == 0.0 && finite != 0.0 && slope != 0.0 ? copysign(0x1p-1074, product) : product;
    const double low = -offset, high = 1.0 - offset;
    int inside = product > low && product < high;
    pair sum = pair_sum(exact_product(slope, finite), pair_of(offset));
#if SP_DOUBLE
    sum = pair_sum(sum, two_product(hard_sigmoid_slope_rest(slope), finite));
#endif
    double line = product <= low ? 0.0 : product >= high ? 1.0 : value_of(sum);
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
#if SP_HAS_VECTORS
/* With |slope| and x or -x:  slope·x + offset = slope·(x + start) + rest, start = offset/slope rounded, where the sum keeps
   all digits next to the lower end, which is its zero.  `low` and `high` are the ends as the rounded product has them: the
   greatest x with the value 0 and the least one with the value 1. */
typedef struct {
    real start, rest, low, high;
    real near; /* the double loop takes over where |x + start| is below it, because the rest has too few digits there */
} hard_sigmoid_line;

/* the greatest x whose rounded product with slope > 0 is at most -bound: within one and a half units of the quotient */
SP_INLINE real hard_sigmoid_end(double slope, double bound) {
    const real quotient = (real)(-bound / slope);
    const word up = quotient < 0 ? -1 : 1;
    word bits;
    memcpy(&bits, &quotient, sizeof bits);
    real end = 0;
    for (int k = -1; k <= 2; k++) {
        const word next = bits + k * up;
        real x;
        memcpy(&x, &next, sizeof x);
        end = k < 0 || slope * x <= -bound ? x : end;
    }
    return end;
}
SP_INLINE int hard_sigmoid_is_default(double slope, double offset) { return fabs(slope) == 1.0 / 6.0 && offset == 0.5; }
/* An offset of at least 1/2 is the larger summand wherever the sum is between the ends, and one below 1 leaves 1 - offset
   exact. */
SP_INLINE hard_sigmoid_line hard_sigmoid_line_of(double slope, double offset) {
    const double steep = fabs(slope), most = SP_DOUBLE ? 0x1p300 : 0x1p60;
    const int served = steep <= most && steep >= 1.0 / most && offset >= 0.5 && offset < 1.0;
    hard_sigmoid_line line = {.start = (real)NAN};
    if (!served)
        return line;
    if (hard_sigmoid_is_default(slope, offset))
        return (hard_sigmoid_line){.start = 3, .low = -3, .high = 3};
    line.start = (real)(offset / steep);
    const double start = line.start, rest = FMA(-hard_sigmoid_slope_rest(steep), start, FMA(-steep, start, offset));
    line.rest = (real)rest;
    line.low = hard_sigmoid_end(steep, offset);
    line.high = -hard_sigmoid_end(steep, 1.0 - offset);
    line.near = SP_DOUBLE || fabs(rest) <= 0x1p-53 * offset ? 0 : (real)0x1p-18 * line.start;
    return line;
}
/* slope.below and .above are the ends, line.pair is start + rest, line.above is `near` */
SP_INLINE void hard_sigmoid_bounds(const double *pa, const double *pb, int varying, ptrdiff_t i, reals_bound *slope,
                                   reals_bound *line) {
    real start[V_LANES], rest[V_LANES], low[V_LANES], high[V_LANES], near[V_LANES];
    *slope = v_bound(pa, varying, i);
    *line = v_exactly(0);
    for (int k = 0; k < (varying ? V_LANES : 1); k++) {
        const hard_sigmoid_line of = hard_sigmoid_line_of(pa[i + k], pb[i + k]);
        start[k] = of.start, rest[k] = of.rest, low[k] = of.low, high[k] = of.high, near[k] = of.near;
    }
    if (varying) {
        slope->below = v_load(low), slope->above = v_load(high);
        line->pair = (reals_pair){v_load(start), v_load(rest)}, line->above = v_load(near);
        line->exact = SP_DOUBLE;
#if SP_DOUBLE
        real slope_rest[V_LANES];
        for (int k = 0; k < V_LANES; k++)
            slope_rest[k] = hard_sigmoid_slope_rest(pa[i + k]);
        slope->pair.lo = v_load(slope_rest);
        slope->exact = 0;
#endif
    } else {
        slope->below = v_set(low[0]), slope->above = v_set(high[0]);
        line->pair = (reals_pair){v_set(start[0]), v_set(rest[0])}, line->above = v_set(near[0]);
        line->exact = near[0] == 0;
        IN_REGISTER(line->exact);
        line->usual = pa[i] == 1.0 / 6.0 && pb[i] == 0.5;
#if SP_DOUBLE
        slope->pair.lo = v_set(hard_sigmoid_slope_rest(pa[i]));
        slope->exact = hard_sigmoid_slope_rest(pa[i]) == 0.0;
        IN_REGISTER(slope->exact);
#endif
    }
}
SP_INLINE mask hard_sigmoid_beyond(reals_bound slope, reals_bound line) {
    (void)slope;
    return v_not_equal(line.pair.hi, line.pair.hi);
}
SP_INLINE reals hard_sigmoid_vector(reals x, reals_bound slope, reals_bound line, mask *far) {
    if (line.usual) { /* the ends are exact, and so are 0 and 1 there */
        reals_pair sum = v_fast_two_sum(v_set(3), v_min(v_set(3), v_max(v_set(-3), x))); /* NaN stays */
        return v_fma(sum.hi, slope.pair.hi, v_fma(sum.hi, slope.pair.lo, sum.lo * slope.pair.hi));
    }
    const reals sign = v_and(SIGN, slope.pair.hi), steep = v_abs(slope.pair.hi);
    x = v_exclusive_or(x, sign);
    reals_pair sum = v_fast_two_sum(line.pair.hi, x);
    if (!line.exact)
        *far = v_either(*far, v_less(v_abs(sum.hi), line.above));
    reals rest = v_fma(sum.lo, steep, line.pair.lo);
    if (!slope.exact)
        rest = v_fma(sum.hi, v_exclusive_or(slope.pair.lo, sign), rest);
    reals y = v_keep(v_not_at_most(x, slope.below), v_fma(sum.hi, steep, rest));
    return v_select(v_at_most(slope.above, x), ONE, y);
}
/* With the defaults each result is right for all 16-bit numbers, as tests show.  With others one in thirty may lie in the
   middle between two of them, so that most steps would be evaluated twice. */
SP_INLINE narrow_way hard_sigmoid_narrow(const double *const *p, ptrdiff_t n, int is_half) {
    (void)n, (void)is_half;
    return p[0][0] == 1.0 / 6.0 && p[1][0] == 0.5 ? NARROW_AS_ROUNDED : NARROW_NOT_WORTHWHILE;
}
SP_INLINE reals hard_sigmoid_narrow_vector(reals x, reals_bound slope, reals_bound line, mask *far) {
    (void)slope, (void)line, (void)far;
    return v_min(ONE, v_max(v_set(0), v_fma(x, v_set((real)(1.0 / 6.0)), v_set((real)0.5)))); /* NaN stays */
}
SP_INLINE mask hard_sigmoid_side_vector(reals x, reals_bound slope, reals_bound line) {
    (void)line;
    x = v_exclusive_or(x, v_and(SIGN, slope.pair.hi));
    return v_both(v_less(slope.below, x), v_less(x, slope.above));
}
SP_INLINE mask hard_sigmoid_side_from_output_vector(reals y, reals_bound slope, reals_bound offset) {
    (void)slope, (void)offset;
    return v_both(v_less(v_set(0), y), v_less(y, ONE));
}
SP_INLINE reals_slopes hard_sigmoid_slopes(reals_bound slope, reals_bound offset) {
    (void)offset;
#if SP_DOUBLE /* f' is the sixth rounded once */
    slope.pair.lo = v_set(0);
    slope.exact = 1;
#endif
    return (reals_slopes){slope, v_exactly(0)};
}
#endif
#else
SP_ACTIVATION(hard_sigmoid, 9, 2, SP_FROM_OUTPUT, SP_TWO_VALUED_SLOPE, SP_PIECEWISE, SP_ANY_ARGUMENT)
SP_BOUND(hard_sigmoid, value, float32, 0.51, 0.5000, 0x1.5d8p-15)
SP_BOUND(hard_sigmoid, value, float64, 0.7, 0.5000, 0x1.62e42fefa39eep-2)
SP_BOUND(hard_sigmoid, derivative, float32, 0.51, 0.3333, 0)
SP_BOUND(hard_sigmoid, derivative, float64, 0.51, 0.3333, 0)
SP_BOUND(hard_sigmoid, second_derivative, float32, 0.51, 0.0000, 0)
SP_BOUND(hard_sigmoid, second_derivative, float64, 0.51, 0.0000, 0)
#endif
