/* swish(x, beta) = x·sigma(beta·x), also called SiLU for beta = 1                   Ramachandran, Zoph, Le 2017; Elfwing et al. 2018

   One minimum, at beta·x = -1.27846. */
#if SP_PASS == SP_TEXT
SP_INLINE outcome swish_at(double x, double beta, double b) {
    (void)b;
    pair z = clamped(product(x, beta), 1e30);
    outcome y = gated(x, z, z);
    y.derivative = NEAR_ROOT(SWISH_SLOPE, 7, 6, z, y.derivative);
    return y;
}
#else
SP_ACTIVATION(swish, 5, 1, 0)
#endif
