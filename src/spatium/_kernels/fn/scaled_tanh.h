/* scaled_tanh(x, scale, slope) = scale·tanh(slope·x)                                LeCun 1989

   1.7159·tanh(2x/3) is the usual choice. From the output f' = slope/scale·(scale - y)·(scale + y). */
#if SP_PASS == SP_TEXT
SP_INLINE outcome scaled_tanh_at(double x, double scale, double slope) {
    pair z = clamped(product(x, slope), 1e30);
    tanh_parts t = tanh_of(z);
    double magnitude = value_of(times(t.value, scale));
    return (outcome){
        .value = z.hi == 0.0 ? z.hi * scale : z.hi < 0.0 ? -magnitude : magnitude,
        .derivative = finished(multiply(t.slope, product(scale, slope)), t.unscale),
    };
}
SP_INLINE double scaled_tanh_from_output(double y, double scale, double slope) {
    return slope / scale * ((scale - y) * (scale + y));
}
#else
SP_ACTIVATION(scaled_tanh, 18, 2, SP_FROM_OUTPUT)
#endif
