/* The shared cores: exp, expm1, log1p, the logistic function, the sine.  Branch-free, no libm, no float-to-int conversion.

   Errors are relative and hold before the final rounding: "short" is for float32 values, "full" for everything that is
   float64 and for float32 derivatives, whose zero crossings need all of double. */
#ifndef SP_ELEMENTARY_H
#define SP_ELEMENTARY_H
#include "arithmetic/coefficients.h"
#include "arithmetic/pair.h"

typedef enum { SHORT, FULL } precision;

/* e^z = scale·(1 + fraction)·unscale, for z <= 709.

   z = n·ln 2 + r, |r| <= ln(2)/2: n comes out of the low bits of z/ln 2 + 1.5·2^52, which also make scale = 2^n with one
   shift.  fraction = r + r^2·q(r).
   float32: z is clamped at -700, where every result has long been rounded to zero; unscale is 1.
   float64: below -600 scale is 2^(n + 512) and unscale 2^-512, so that the one multiplication by unscale at the very end
   rounds subnormal results once; below -1000 scale is 0, so that results are right with factors up to 2^360.
   Errors: short 2^-32.6, full 2^-55 (float64: of the rounding of r^2·q). */
#define SP_DEEP -600.0
#define SP_DEEP_UNSCALE 0x1p-512
typedef struct {
    double scale;
    pair fraction;
#if SP_DOUBLE
    double unscale;
#endif
} exponential;

#if SP_DOUBLE
#define UNSCALE(e) ((e).unscale)
#else
#define UNSCALE(e) 1.0
#endif

SP_INLINE exponential exponential_of(pair z, precision p) {
    exponential e;
    const double shifter = 0x1.8p52 + 1023;
#if SP_DOUBLE
    (void)p;
    z = PAIR(at_least(z.hi, -1001.0), z.hi < -1000.0 ? 0.0 : z.lo);
    double shift = z.hi < SP_DEEP ? shifter + 512 : shifter;
    double t = FMA(z.hi, LOG2_E_1, shift), n = t - shift;
    e.unscale = z.hi < SP_DEEP ? SP_DEEP_UNSCALE : 1.0;
    e.scale = z.hi < -1000.0 ? 0.0 : from_bits(bits_of(t) << 52);
    pair r = two_sum(z.hi - n * LN2_1, z.lo - n * LN2_2); /* both products' errors are below 2^-86 */
    double tail = r.hi * r.hi * POLYNOMIAL(r.hi, EXP_FULL, 6, 5);
    e.fraction = fast_two_sum(r.hi, tail + FMA(r.lo, r.hi + tail, r.lo));
#else
    double x = at_least(z.hi, -700.0);
    double t = FMA(x, LOG2_E_1, shifter), n = t - shifter;
    e.scale = from_bits(bits_of(t) << 52);
    double r = FMA(-n, LN2_2, FMA(-n, LN2_1, x));
    double q = p == SHORT ? POLYNOMIAL(r, EXP_SHORT, 3, 3) : POLYNOMIAL(r, EXP_FULL, 6, 5);
    e.fraction = pair_of(FMA(r * r, q, r));
#endif
    return e;
}

/* e^z/unscale */
SP_INLINE pair exp_pair(exponential e) {
#if SP_DOUBLE
    pair m = fast_two_sum(1.0, e.fraction.hi);
    m = fast_two_sum(m.hi, m.lo + e.fraction.lo);
    return pair_scaled(m, e.scale);
#else
    return pair_of(FMA(e.scale, e.fraction.hi, e.scale));
#endif
}

/* e^z - 1, z <= 0 */
SP_INLINE pair expm1_pair(exponential e) {
    double s = e.scale * UNSCALE(e);
#if SP_DOUBLE
    pair a = fast_two_sum(-1.0, s), m = two_sum(a.hi, s * e.fraction.hi);
    return fast_two_sum(m.hi, m.lo + (a.lo + s * e.fraction.lo));
#else
    return pair_of(FMA(s, e.fraction.hi, s - 1.0));
#endif
}

/* a·unscale, rounded once. Where that is subnormal, the sum is rounded to its grid before: by adding the grid's 2^52-th, of
   the sign of a, whose last bit is the grid, and what that leaves of hi, with lo. */
SP_INLINE double round_once(pair a, double unscale) {
#if SP_DOUBLE
    const double plain = (a.hi + a.lo) * unscale;
    /* 2^-1022/unscale */
    const double large = copysign(from_bits((UINT64_C(2046) << 52) - bits_of(unscale)) * 0x1p-1022, a.hi);
    const double near = large + a.hi, rounded = near + ((a.hi - (near - large)) + a.lo);
    return fabs(plain) > 0x1p-1022 ? plain : copysign((rounded - large) * unscale, a.hi);
#else
    return a.hi * unscale; /* 1 but for parameters */
#endif
}

/* -|z|: setting the sign bit is one instruction, GCC makes two of -fabs */
SP_INLINE pair minus_magnitude(pair z) {
    return PAIR(from_bits(bits_of(z.hi) | UINT64_C(1) << 63), z.hi > 0.0 ? -z.lo : z.lo);
}

SP_INLINE pair magnitude_of(pair z) { return pair_scaled(minus_magnitude(z), -1.0); }

/* 1/(1 + E) for E = e^-|z| */
SP_INLINE pair reciprocal_one_plus(pair E, exponential e) {
    E = pair_scaled(E, UNSCALE(e));
#if SP_DOUBLE
    pair d = fast_two_sum(1.0, E.hi);
    return pair_reciprocal(fast_two_sum(d.hi, d.lo + E.lo));
#else
    (void)e;
    return pair_of(1.0 / (1.0 + E.hi));
#endif
}

/* sigma(z), sigma'(z), and sigma''(z) = sigma'·(1 - 2·sigma), from E = e^-|z|: nothing overflows and nothing cancels.
   */
SP_INLINE jet logistic(pair z) {
    exponential e = exponential_of(minus_magnitude(z), SHORT);
    pair E = exp_pair(e), w = reciprocal_one_plus(E, e);
    pair slope = pair_product(E, pair_product(w, w)), balance = loose_product(expm1_pair(e), w);
    int negative = z.hi < 0.0;
    return (jet){
        .value = round_once(pair_product(pair_select(negative, E, pair_of(1.0)), w), negative ? UNSCALE(e) : 1.0),
        .derivative = round_once(slope, UNSCALE(e)),
        .second = copysign(round_once(loose_product(slope, balance), UNSCALE(e)), -z.hi),
    };
}

/* A pair cannot represent -0, so restore the sign of a result that is 0. */
#if SP_DOUBLE
#define SLOPE_ZERO(negative, d) ((negative) && (d) == 0.0 ? -0.0 : (d))
#else
#define SLOPE_ZERO(negative, d) (d)
#endif

/* x·sigma(z) and sigma(z) + s·sigma(z)·sigma(-z) with s = x·dz/dx, for z and s of x's sign or zero and at most 1e30
   in magnitude.  With E = e^-|z|, w = 1/(1 + E):
     z >= 0:  x·w,    (1 + E·(1 + s))·w^2
     z <  0:  x·E·w,  E·(E + 1 + s)·w^2
   Left as pairs, so that a factor or the series at the derivative's root comes in before the one rounding.
   The second derivative is density·(2·z' + x·z'' - |x|·z'^2·balance)·fall, see gate_bend. */
typedef struct {
    pair value, slope, density, balance; /* sigma'(z)/fall, tanh(|z|/2) */
    double fall;             /* the power of two */
    double weight;           /* sigma(z) where z >= 0 */
    double unscale;
    int negative;
} self_gate;

SP_INLINE self_gate self_gate_of(double x, pair z, pair s) {
    self_gate g;
    g.negative = z.hi < 0.0;
    double finite = at_most(at_least(x, -REAL_MAX), REAL_MAX); /* 0·inf is 0 here */
    exponential e = exponential_of(minus_magnitude(z), SHORT);
    pair E = exp_pair(e), w = reciprocal_one_plus(E, e);
    g.weight = w.hi;
    g.unscale = g.negative ? UNSCALE(e) : 1.0;
    g.value = pair_product(pair_select(g.negative, pair_times(E, finite), pair_of(SP_DOUBLE ? finite : x)), w);

    e = exponential_of(minus_magnitude(z), FULL);
    E = exp_pair(e);
    w = reciprocal_one_plus(E, e);
    pair s1 = pair_sum(pair_of(1.0), s), plain = pair_scaled(E, UNSCALE(e));
    pair slope = pair_select(g.negative, pair_product(E, pair_sum(plain, s1)), pair_sum(pair_of(1.0), pair_product(plain, s1)));
    g.slope = pair_product(slope, pair_product(w, w));
    g.density = loose_product(E, loose_product(w, w));
    g.fall = UNSCALE(e);
    g.balance = pair_scaled(loose_product(expm1_pair(e), w), -1.0);
    return g;
}

/* density·(turn - pull·balance), turn = 2·z' + x·z'' and pull = |x|·z'^2 */
SP_INLINE pair gate_bend(self_gate g, pair turn, pair pull) {
    return loose_product(g.density, pair_sum(turn, pair_scaled(loose_product(pull, g.balance), -1.0)));
}

/* factor: the number by which the pairs of the gate have already been multiplied */
SP_INLINE jet self_gated(double x, self_gate g, double factor) {
    jet y = {.value = round_once(g.value, g.unscale), .derivative = round_once(g.slope, g.unscale)};
#if SP_DOUBLE
    y.value = y.value == 0.0 ? copysign(y.value, x * factor) : y.value;
    y.value = fabs(x) > REAL_MAX && !g.negative ? x * (g.weight * factor) : y.value;
    y.derivative = SLOPE_ZERO(g.negative, y.derivative);
#else
    (void)x, (void)factor;
#endif
    return y;
}

/* float64 keeps the relative accuracy of a derivative through its simple zero by its minimax series there:
   d·(first + d·rest(d)), d = x - root; rest has `evens` and `odds` coefficients. */
#if SP_DOUBLE
#define NEAR_ROOT(name, evens, odds, x, slope)                                                                         \
    near_root(PAIR((x).hi - name##_ROOT_1, (x).lo - name##_ROOT_2), name##_RADIUS, PAIR(name##_FIRST_1, name##_FIRST_2), \
              POLYNOMIAL((x).hi - name##_ROOT_1, name, evens, odds), slope)
SP_INLINE pair near_root(pair d, double radius, pair first, double rest, pair slope) {
    pair p = fast_two_sum(first.hi, FMA(d.hi, rest, FMA(d.lo, rest, first.lo)));
    return pair_select(fabs(d.hi) < radius, pair_product(p, fast_two_sum(d.hi, d.lo)), slope);
}
#else
#define NEAR_ROOT(name, evens, odds, x, slope) (slope)
#endif

/* log1p(E) for 0 <= E <= 1.
   float32: E·P(E), no division; 2^-35.
   float64: 2 atanh(w), w = E/(2 + E), or ln 2 + 2 atanh(w), w = (E - 1)/(E + 3), where 1 + E > sqrt 2; 2^-58. */
SP_INLINE pair log1p_of(pair E) {
#if SP_DOUBLE
    int big = E.hi > 0x1.a827999fcef32p-2;
    pair w = pair_product(pair_sum(E, pair_of(big ? -1.0 : 0.0)), pair_reciprocal(pair_sum(pair_of(big ? 3.0 : 2.0), E)));
    double u = w.hi * w.hi;
    double tail = w.hi * u * POLYNOMIAL(u, LOG1P_ATANH, 5, 5);
    pair y = pair_sum(PAIR(big ? LN2_PAIR_1 : 0.0, big ? LN2_PAIR_2 : 0.0), pair_scaled(w, 2.0));
    return pair_add_small(y, tail);
#else
    return pair_of(E.hi * POLYNOMIAL(E.hi, LOG1P_SHORT, 7, 6));
#endif
}

/* log1p(e^z)/unscale for |z| <= 1e30 */
typedef struct {
    pair total;
    double unscale;
} softplus_parts;

SP_INLINE softplus_parts softplus_of(pair z) {
    exponential e = exponential_of(minus_magnitude(z), SHORT);
    pair E = exp_pair(e), positive = pair_select(z.hi <= 0.0, pair_of(0.0), z);
    pair total = pair_sum(positive, log1p_of(pair_scaled(E, UNSCALE(e))));
    int tail = z.hi < SP_DEEP; /* log1p(E) = E there, and E is scaled */
    return (softplus_parts){pair_select(tail, E, total), tail ? UNSCALE(e) : 1.0};
}

/* tanh|z| and 1 - tanh^2|z| = 4·e^-2|z|/(1 + e^-2|z|)^2, the latter over unscale; by expm1, so both keep their digits
   everywhere */
typedef struct {
    pair value, slope;
    double unscale;
} tanh_parts;

SP_INLINE tanh_parts tanh_of(pair z, precision p) {
    exponential e = exponential_of(pair_scaled(minus_magnitude(z), 2.0), p);
    pair M = expm1_pair(e), w = pair_reciprocal(pair_sum(pair_of(2.0), M));
    return (tanh_parts){pair_scaled(pair_product(M, w), -1.0), pair_scaled(pair_product(exp_pair(e), pair_product(w, w)), 4.0), UNSCALE(e)};
}

/* sqrt(a) and 1/sqrt(a), a >= 0.
   float32: 2^-940 <= a < inf, and no root and no division: for eight doubles an Intel core divides in 16 cycles and takes
   the root in 24, and multiplies in 1/2.  Half the bits of a guess 1/sqrt(a) to 2^-4.8 (Lomont 2003); with
   e = 1 - a·r^2, r·(1 + e/2 + 3/8·e^2) takes an error of d to 5/2·d^3. */
typedef struct {
    pair root, inverse;
} roots;

SP_INLINE roots roots_of(pair a, precision p) {
#if SP_DOUBLE
    (void)p;
    double s = sqrt(a.hi);
    pair square = two_product(s, s);
    double rest = ((a.hi - square.hi) - square.lo + a.lo) / (s + s);
    pair root = fast_two_sum(s, s > 0.0 ? rest : 0.0);
    return (roots){root, pair_reciprocal(root)};
#else
    double r = from_bits(UINT64_C(0x5fe6eb50c7b537a9) - (bits_of(a.hi) >> 1)), e;
    e = FMA(-a.hi * r, r, 1.0);
    r = FMA(r * e, FMA(0.375, e, 0.5), r);
    e = FMA(-a.hi * r, r, 1.0);
    r = FMA(r * e, FMA(0.375, e, 0.5), r); /* 2^-38 */
    if (p == FULL)
        r = FMA(0.5 * r, FMA(-a.hi * r, r, 1.0), r); /* 2^-52 */
    return (roots){pair_of(a.hi * r), pair_of(r)};
#endif
}

/* 1/(s + m) for a root s, 0 <= m <= s.
   float32: of t = m/s in [0, 1], 1/(1 + t) is (1 - T(1 - 2·t)/577)/(1 + t) to within 1/577, where T is Chebyshev's
   polynomial of degree 4, and 577 = T(3) makes the division come out. */
SP_INLINE pair reciprocal_root_plus(roots s, double m, precision p) {
#if SP_DOUBLE
    (void)p;
    return pair_reciprocal(pair_sum(s.root, pair_of(m)));
#else
    double t = m * s.inverse.hi, v = 1.0 + t;
    double w = FMA(t, FMA(t, FMA(t, -128.0 / 577, 384.0 / 577), -544.0 / 577), 576.0 / 577);
    w = FMA(w, FMA(-v, w, 1.0), w);
    w = FMA(w, FMA(-v, w, 1.0), w); /* 2^-36 */
    if (p == FULL)
        w = FMA(w, FMA(-v, w, 1.0), w); /* 2^-52 */
    return pair_of(w * s.inverse.hi);
#endif
}

/* float64: if |x| > 2^400, its square could overflow. Multiply x by 2^-540 then, and undo the scaling at the end.
   float32 does not need this. */
SP_INLINE double unscale_of(double x) { return SP_DOUBLE && fabs(x) > 0x1p400 ? 0x1p-540 : 1.0; }

/* sin(x + shift·pi/4) for |x| <= SP_ARGUMENT_LIMIT, shift 0 (sine) to 3, 2 being the cosine, with its relative accuracy at all
   zeros. Turned by `quadrants` quarter turns (float64 only). Errors: short 2^-34, full 2^-53; float64: short 2^-55, full
   2^-58, whose sine takes its cubic term as a pair too. */
#define SP_ARGUMENT_LIMIT 0x1p20

#if SP_DOUBLE
/* sin(r + quadrant·pi/2) for |r| <= pi/4·1.00001 */
SP_INLINE pair sine_in_quadrant(pair r, uint64_t quadrant, precision p) {
    pair square = two_product(r.hi, r.hi);
    double u = square.hi, half = 0.5 * u, one = 1.0 - half;
    pair s = fast_two_sum(r.hi, FMA(r.hi * u, POLYNOMIAL(u, SINE_FULL, 4, 3), FMA(-half, r.lo, r.lo)));
    if (p == FULL) {
        pair cubic = pair_product(pair_times(square, r.hi), PAIR(SINE_PAIR_FIRST_1, SINE_PAIR_FIRST_2));
        double rest = FMA(r.hi * (u * u), POLYNOMIAL(u, SINE_PAIR, 3, 3), FMA(-half, r.lo, r.lo));
        s = fast_two_sum(r.hi, cubic.hi);
        s = fast_two_sum(s.hi, s.lo + (cubic.lo + rest));
    }
    double rest = FMA(u * u, POLYNOMIAL(u, COSINE_FULL, 4, 3), -0.5 * square.lo) - r.hi * r.lo;
    pair c = fast_two_sum(one, ((1.0 - one) - half) + rest);
    /* bits as 0.0 or 2.0: SSE2 compares doubles, not 64-bit integers */
    s = pair_select(from_bits((quadrant & 1) << 62) > 0.0, c, pair_select(r.hi == 0.0, r, s)); /* the latter keeps -0 */
    return pair_scaled(s, from_bits((quadrant & 2) << 61) > 0.0 ? -1.0 : 1.0);
}
#endif

SP_INLINE pair sine_turned(pair x, int shift, uint64_t quadrants, precision p) {
    /* n: the nearest multiple of the period of the reduction, minus the shift, in its units; n·PI_k is exact */
#if SP_DOUBLE
    const double offset = 0.5 * shift;
    double t = FMA(2.0 * INVERSE_PI_1, x.hi, offset) + 0x1.8p52, n = (t - 0x1.8p52) - offset, h = 0.5 * n;
    pair a = two_sum(x.hi, -h * PI_1);
    pair b = two_sum(a.hi, -h * PI_2);
    pair c = two_sum(b.hi, -h * PI_3);
    pair r = fast_two_sum(c.hi, (((a.lo + b.lo) + c.lo) - h * PI_4) + x.lo);
    if (shift == 0)
        r = pair_select(x.hi == 0.0, x, r);
    return sine_in_quadrant(r, (bits_of(t) + quadrants) & 3, p);
#else
    (void)quadrants;
    const double offset = 0.25 * shift;
    double t = FMA(x.hi, INVERSE_PI_1, offset) + 0x1.8p52, n = (t - 0x1.8p52) - offset;
    double r = FMA(-n, PI_3, FMA(-n, PI_2, FMA(-n, PI_1, x.hi))), u = r * r;
    double q = p == SHORT ? POLYNOMIAL(u, SINE_SHORT, 3, 2) : POLYNOMIAL(u, SINE_LONG, 5, 5);
    return pair_of(from_bits(bits_of(r * FMA(u, q, 1.0)) ^ bits_of(t) << 63));
#endif
}

SP_INLINE pair sine_shifted(pair x, int shift, precision p) { return sine_turned(x, shift, 0, p); }

#endif
