/* One row of a coupled function: softmax and its relatives, whose results depend on all elements of a row.

   Three passes: the greatest element m; the sum of e^(x - m); the results.  The exponentials of a row of up to SP_ROW_CACHE
   elements are kept between the second pass and the third, longer rows form them twice, to the same bits.  Sixteen partial
   sums, element i in sum i mod 16, joined as a balanced tree: the same order wherever the row comes from and in whatever
   pieces it comes.

   Errors: an exponential is right to 2^-31 of itself in lanes (2^-32.6 in double, 2^-57 in float64) and kept as a pair, the
   sum has no error that counts, 1/sum is a pair, and their product is rounded once: 0.51 ulp (float64 0.7).  In lanes a
   subnormal result can have one ulp.

   The logarithmic functions sum up everything but the elements that equal m, `rest`, and count those, `ties`: log(sum) is
   log1p(rest) where there is one, with all its digits however close to 1 its probability is.  Then
   log_softmax(x) = (x - m) - log(sum) adds two numbers of one sign.

   A row whose m is infinite takes the text for special rows: e^(x - m) is 1 where x = m = inf, 0 elsewhere. */
#ifndef SP_COUPLED_H
#define SP_COUPLED_H
#include "arithmetic/elementary.h"
#include "loops/kernels.h"
#include "loops/lanes.h"

enum { CHUNK = 256 }; /* elements between two looks at the row's state */

/* The kept exponentials of a row: floats in lanes, else doubles; lo is used in lanes and in float64. */
#if SP_HAS_LANES
typedef float kept;
#else
typedef double kept;
#endif
typedef struct {
    kept hi[SP_ROW_CACHE], lo[SP_HAS_LANES || SP_DOUBLE ? SP_ROW_CACHE : 1];
} kept_row;
_Static_assert(sizeof(kept_row) <= sizeof(sp_row_cache), "room for a row");

#define AT(i) ((SP_HAS_LANES || SP_DOUBLE) ? (i) : 0) /* into lo */

SP_INLINE int is_logarithmic(sp_row_function f) { return f == SP_LOG_SOFTMAX || f == SP_LOGSUMEXP; }
SP_INLINE int has_exponentials(sp_row_function f) {
    return f == SP_SOFTMAX || f == SP_SOFTMIN || is_logarithmic(f) || f == SP_LOGSUMEXP_BACKWARD;
}
SP_INLINE int scales_exponentials(sp_row_function f) { return has_exponentials(f) && !is_logarithmic(f); }
SP_INLINE int has_limit(sp_row_function f) { return has_exponentials(f) || f == SP_HARDMAX; }
SP_INLINE int is_finite(double x) { return fabs(x) < (double)INFINITY; }
/* lanes serve all rows but the special ones, and not the gradient of logsumexp, whose weight may have any size */
SP_INLINE int runs_in_lanes(sp_row_function f, const sp_row *r) {
    return SP_HAS_LANES && has_exponentials(f) && f != SP_LOGSUMEXP_BACKWARD && is_finite(r->limit);
}

/* ---- the greatest element; NaN is left to the sums ---- */

#if SP_HAS_LANES
enum { NEAR = 300 };
SP_INLINE int is_near(double limit) { return fabs(limit) <= NEAR; }
/* and whether the exponentials of the row need no clamping */
SP_INLINE float extremes(ptrdiff_t n, const real *x, int *shallow) {
    lanes top[2] = {v_set(-INFINITY), v_set(-INFINITY)}, low[2] = {v_set(INFINITY), v_set(INFINITY)};
    ptrdiff_t i = 0;
    *shallow = 0;
    if (n < V_LANES) {
        float limit = -INFINITY;
        for (; i < n; i++)
            limit = x[i] > limit ? x[i] : limit;
        return limit;
    }
    for (; i + 2 * V_LANES <= n; i += 2 * V_LANES)
        UNROLLED for (int k = 0; k < 2; k++) {
            lanes v = v_load(x + i + k * V_LANES);
            top[k] = v_max(v, top[k]), low[k] = v_min(v, low[k]); /* NaN: the second */
        }
    for (; i < n; i += V_LANES) { /* the last ones once more, so that the vector is full */
        lanes v = v_load(x + (i + V_LANES <= n ? i : n - V_LANES));
        top[0] = v_max(v, top[0]), low[0] = v_min(v, low[0]);
    }
    const float limit = v_greatest(v_max(top[0], top[1]));
    *shallow = is_near(limit) && !v_any(v_less(v_min(low[0], low[1]), v_set(limit - 100.0f)));
    return limit;
}
#endif

SP_INLINE double greatest(int flip, ptrdiff_t n, const real *x, double so_far) {
    ptrdiff_t i = 0;
#if SP_HAS_LANES
    enum { AT_ONCE = 2 * SP_LANES / V_LANES };
    if (n >= SP_LANES) {
        lanes v[AT_ONCE];
        UNROLLED for (int k = 0; k < AT_ONCE; k++) v[k] = v_set((float)so_far);
        for (; i + 2 * SP_LANES <= n; i += 2 * SP_LANES)
            UNROLLED for (int k = 0; k < AT_ONCE; k++) {
                lanes u = v_load(x + i + k * V_LANES);
                v[k] = v_max(flip ? v_minus(u) : u, v[k]); /* NaN: the second */
            }
        for (; i < n; i += V_LANES) { /* the last ones once more, so that the vector is full */
            lanes u = v_load(x + (i + V_LANES <= n ? i : n - V_LANES));
            v[0] = v_max(flip ? v_minus(u) : u, v[0]);
        }
        for (int width = AT_ONCE / 2; width; width /= 2)
            for (int k = 0; k < width; k++)
                v[k] = v_max(v[k], v[k + width]);
        return v_greatest(v[0]);
    }
#else
    real best[SP_LANES], sign = flip ? -1 : 1;
    for (int k = 0; k < SP_LANES; k++)
        best[k] = (real)so_far;
    for (; i + SP_LANES <= n; i += SP_LANES) {
        KEEP_ROLLED
        for (int k = 0; k < SP_LANES; k++)
            best[k] = sign * x[i + k] > best[k] ? sign * x[i + k] : best[k];
    }
    for (int k = 0; k < SP_LANES; k++)
        so_far = best[k] > so_far ? best[k] : so_far;
#endif
    for (; i < n; i++) {
        double v = flip ? -x[i] : x[i];
        so_far = v > so_far ? v : so_far;
    }
    return so_far;
}

/* ---- e^(x - m) of one chunk, its length a multiple of SP_LANES ---- */

/* Adds to the sums; a low word carries what the sums have lost and the low words of what is added. */
SP_INLINE void accumulate(ptrdiff_t n, const double *hi, const double *lo, sp_row *r) {
    double s[SP_LANES], l[SP_LANES];
    memcpy(s, r->sums, sizeof s);
    memcpy(l, r->lows, sizeof l);
    for (ptrdiff_t i = 0; i < n; i += SP_LANES) {
        KEEP_ROLLED
        for (int k = 0; k < SP_LANES; k++) {
#if SP_DOUBLE
            pair t = two_sum(s[k], hi[i + k]);
            s[k] = t.hi;
            l[k] += t.lo + lo[i + k];
#else
            s[k] += hi[i + k];
#endif
        }
    }
    (void)lo;
    memcpy(r->sums, s, sizeof s);
    memcpy(r->lows, l, sizeof l);
}

SP_INLINE void text_exponentials(int flip, int logarithmic, ptrdiff_t n, const real *x, double limit, double *hi,
                                 double *lo) {
    (void)lo;
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        double v = flip ? -x[i] : x[i];
        exponential e = exponential_of(two_sum(v, -limit), SHORT);
        pair E = exp_pair(e);
        if (logarithmic) { /* float64: of a sum, only what is above e^-745 counts */
            E = pair_scaled(E, UNSCALE(e));
            E = pair_select(v == limit, pair_of(0.0), E);
        }
        hi[i] = E.hi;
#if SP_DOUBLE
        lo[i] = E.lo;
#endif
    }
}
static NOINLINE void text_plain(ptrdiff_t n, const real *x, double limit, double *hi, double *lo) {
    text_exponentials(0, 0, n, x, limit, hi, lo);
}
static NOINLINE void text_flipped(ptrdiff_t n, const real *x, double limit, double *hi, double *lo) {
    text_exponentials(1, 0, n, x, limit, hi, lo);
}
static NOINLINE void text_logarithmic(ptrdiff_t n, const real *x, double limit, double *hi, double *lo) {
    text_exponentials(0, 1, n, x, limit, hi, lo);
}

static void special_exponentials(int flip, int logarithmic, ptrdiff_t n, const real *x, double limit, double *hi,
                                 double *lo) {
    for (ptrdiff_t i = 0; i < n; i++) {
        double v = flip ? -x[i] : x[i];
        hi[i] = v == limit && !logarithmic ? (limit > 0 ? 1.0 : (double)NAN) : unless_nan(v, 0.0);
        lo[AT(i)] = 0.0;
    }
}

#if SP_HAS_LANES
/* e^(x - m)·2^bias by the method of v_exponential, but without the difference x - m, which a float does not hold: with
   K = m/ln 2 to the nearest integer it is e^x·2^-K, but for a factor of the whole row, and K goes into the number that
   rounds x·32/ln 2.  From |m| = 300 on x - m is exact where it is not below `low` (Sterbenz), and K = 0.
   The bias keeps the low words of small exponentials normal numbers, and their sum finite.  Below `low` the result is 0:
   softmax rounds e^-110 to 0, and so are the logarithms of 1 + e^-130. */
typedef struct {
    lanes base, low, shift, limit;
} lanes_aim;

/* K */
SP_INLINE float lanes_power(float limit) {
    const float shifter = 0x1.8p23f;
    return is_near(limit) ? (limit * (float)LOG2_E_1 + shifter) - shifter : 0.0f;
}

SP_INLINE lanes_aim aim_of(int logarithmic, float limit) {
    const float base = is_near(limit) ? 0.0f : limit, bias = logarithmic ? 88.0f : 64.0f;
    return (lanes_aim){
        .base = v_set(base),
        .low = v_set(limit - base - (logarithmic ? 130.0f : 110.0f)),
        .shift = v_set(0x1.8p23f - 8.0f * (lanes_power(limit) - bias)),
        .limit = v_set(limit),
    };
}

enum { VECTORS = SP_LANES / V_LANES };

/* n elements of a row, the first of them a multiple of CHUNK.  Plain sums are formed in floats, from an offset on that no
   exponential exceeds, so that what an addition loses is exact by the fast two-sum (Dekker 1971); they go to the doubles
   at the end of a chunk.  Logarithmic ones may be far smaller than 1 and need doubles.  `clamping` may be left out if no
   element is below `low` and the base is 0.  Returns how many elements are not equal to the limit, if logarithmic. */
SP_INLINE ptrdiff_t lanes_exponentials(int flip, int logarithmic, int summing, int clamping, ptrdiff_t n, const real *x,
                                       float *hi, float *lo, lanes_aim aim, v_doubles *total, const real *next,
                                       real *out) {
    const lanes zero = v_set(0.0f), offset = v_set(0x1p66f);
    ptrdiff_t others = 0, i = 0;
    while (i < n) {
        const ptrdiff_t end = n - i < CHUNK ? n : i + CHUNK;
        lanes s[VECTORS], lost[VECTORS];
        UNROLLED for (int k = 0; k < VECTORS; k++) s[k] = offset, lost[k] = zero;
        for (; i < end; i += SP_LANES) {
            if (next) {
                __builtin_prefetch(next + i);
                __builtin_prefetch(out + i, 1);
            }
            UNROLLED for (int k = 0; k < VECTORS; k++) {
                lanes v = v_load(x + i + k * V_LANES), z;
                v = flip ? v_minus(v) : v;
                lanes difference = v - aim.base;
                mask far = v_less(difference, aim.low);
                z = clamping ? v_max(aim.low, difference) : v; /* NaN: the second */
                lanes t = v_fma(z, v_set(LANES_8_OVER_LN2_1), aim.shift), m = t - aim.shift;
                lanes power = v_floats(v_add_words(v_words(v_at_eighth(LANES_EIGHTHS, v_words(t))), v_shift_left(v_words(t), 20)));
                lanes q = v_fnma(m, v_set(LANES_LN2_8_1), z);
                lanes d = v_fnma(m, v_set(LANES_LN2_8_2), v_at_eighth(LANES_EIGHTHS_REST, v_words(t)));
                lanes rest = v_fma(q, v_fma(q, v_polynomial(LANES_EXP_EIGHTHS, 3, q), d), d);
                lanes E = v_fma(power, q, power), E_low = v_fma(power, rest, v_fma(power, q, power - E));
                if (clamping)
                    E = v_select(far, zero, E), E_low = v_select(far, zero, E_low);
                if (logarithmic) {
                    mask other = v_not_at_most(aim.limit, v); /* or NaN */
                    others += __builtin_popcount(v_bits(other));
                    E = v_select(other, E, zero), E_low = v_select(other, E_low, zero);
                }
                if (hi) {
                    v_store(hi + i + k * V_LANES, E);
                    v_store(lo + i + k * V_LANES, E_low);
                }
                if (summing && logarithmic)
                    total[k] = v_add_doubles(total[k], v_widened(E));
                else if (summing) {
                    lanes sum = s[k] + E;
                    lost[k] = lost[k] + (E - (sum - s[k]));
                    s[k] = sum;
                }
                if (summing)
                    lost[k] = lost[k] + E_low;
            }
        }
        if (summing)
            UNROLLED for (int k = 0; k < VECTORS; k++)
                total[k] = v_add_doubles(v_add_doubles(total[k], v_widened(s[k] - offset)), v_widened(lost[k]));
    }
    return others;
}

SP_INLINE void lanes_sums(int flip, int logarithmic, ptrdiff_t n, const real *x, float *hi, float *lo, sp_row *r) {
    v_doubles total[VECTORS];
    UNROLLED for (int k = 0; k < VECTORS; k++) total[k] = v_load_doubles(r->sums + k * V_LANES);
    r->ties += n - lanes_exponentials(flip, logarithmic, 1, 1, n, x, hi, lo, aim_of(logarithmic, (float)r->limit), total, 0, 0);
    UNROLLED for (int k = 0; k < VECTORS; k++) v_store_doubles(r->sums + k * V_LANES, total[k]);
}
static NOINLINE void lanes_kept(ptrdiff_t n, const real *x, float *hi, float *lo, sp_row *r) {
    lanes_sums(0, 0, n, x, hi, lo, r);
}
static NOINLINE void lanes_kept_flipped(ptrdiff_t n, const real *x, float *hi, float *lo, sp_row *r) {
    lanes_sums(1, 0, n, x, hi, lo, r);
}
static NOINLINE void lanes_again(int flip, ptrdiff_t n, const real *x, float *hi, float *lo, sp_row *r) {
    v_doubles unused[VECTORS];
    lanes_exponentials(flip, 0, 0, 1, n, x, hi, lo, aim_of(0, (float)r->limit), unused, 0, 0);
}
static NOINLINE void lanes_logarithmic(ptrdiff_t n, const real *x, sp_row *r) { lanes_sums(0, 1, n, x, 0, 0, r); }

/* The low word of a product is formed 2^24 times too large, so that it is rounded once where the product is subnormal. */
SP_INLINE void lanes_scaled(ptrdiff_t n, const float *hi, const float *lo, double weight, real *out) {
    const lanes w = v_set((float)weight), up = v_set(0x1p24f) * w, down = v_set(0x1p-24f);
    const lanes up_low = v_set((float)((weight - (float)weight) * 0x1p24));
    for (ptrdiff_t i = 0; i < n; i += V_LANES) {
        lanes E = v_load(hi + i);
        v_store(out + i, v_fma(E, w, down * v_fma(E, up_low, up * v_load(lo + i))));
    }
}
#endif

/* Into hi and lo; where lanes do not serve, which then have no use for hi and lo, into chunk: CHUNK numbers and their low
   words. */
SP_INLINE void exponentials(sp_row_function f, int summing, ptrdiff_t n, const real *x, kept *hi, kept *lo, double *chunk,
                            sp_row *r) {
    const int flip = f == SP_SOFTMIN, logarithmic = is_logarithmic(f);
#if SP_HAS_LANES
    if (runs_in_lanes(f, r)) {
        if (logarithmic)
            lanes_logarithmic(n, x, r);
        else if (!summing)
            lanes_again(flip, n, x, hi, lo, r);
        else if (flip)
            lanes_kept_flipped(n, x, hi, lo, r);
        else
            lanes_kept(n, x, hi, lo, r);
        return;
    }
    (void)hi, (void)lo;
    double *text_hi = chunk, *text_lo = chunk + CHUNK;
#else
    (void)chunk;
    double *text_hi = hi, *text_lo = lo;
#endif
    if (!is_finite(r->limit))
        special_exponentials(flip, logarithmic, n, x, r->limit, text_hi, text_lo);
    else if (logarithmic)
        text_logarithmic(n, x, r->limit, text_hi, text_lo);
    else if (flip)
        text_flipped(n, x, r->limit, text_hi, text_lo);
    else
        text_plain(n, x, r->limit, text_hi, text_lo);
    if (summing) {
        accumulate(n, text_hi, text_lo, r);
        for (ptrdiff_t i = 0; logarithmic && i < n; i++)
            r->ties += (double)x[i] == r->limit;
    }
}

/* ---- between the passes ---- */

/* log(ties + rest) */
SP_INLINE pair logarithm(double ties, pair rest) {
    pair s = pair_sum(pair_of(ties), rest);
    double power = (double)(int)(bits_of(s.hi) >> 52) - 1023.0;
    if (!(power > 0.0))
        return log1p_of(rest);
    double scale = from_bits((uint64_t)(1023 - (int)power) << 52);
    pair E = fast_two_sum(s.hi * scale - 1.0, 0.0);
#if SP_DOUBLE
    E = two_sum(s.hi * scale - 1.0, s.lo * scale);
#endif
    return pair_sum(pair_times(PAIR(LN2_PAIR_1, LN2_PAIR_2), power), log1p_of(E));
}

SP_INLINE pair total_of(const sp_row *r) {
#if SP_HAS_LANES
    v_doubles total[VECTORS];
    UNROLLED for (int k = 0; k < VECTORS; k++) total[k] = v_load_doubles(r->sums + k * V_LANES);
    return pair_of(v_total(total));
#endif
    pair parts[SP_LANES];
    for (int k = 0; k < SP_LANES; k++)
        parts[k] = two_sum(r->sums[k], r->lows[k]);
    for (int width = SP_LANES / 2; width; width /= 2)
        for (int k = 0; k < width; k++)
            parts[k] = pair_sum(parts[k], parts[k + width]);
    return parts[0];
}

static void close_sums(sp_row_function f, double g, sp_row *r) {
    pair total = total_of(r);
    if (is_logarithmic(f)) {
        double factor = 1.0;
#if SP_HAS_LANES
        if (runs_in_lanes(f, r)) {
            const double power = lanes_power((float)r->limit), limit = is_near(r->limit) ? r->limit : 0.0;
            factor = exp_pair(exponential_of(pair_of(FMA(power, LN2_2, power * LN2_1 - limit)), FULL)).hi * 0x1p-88;
        }
#endif
        total = logarithm((double)r->ties, pair_times(total, factor));
    } else if (f == SP_LOGSUMEXP_BACKWARD)
        total = pair_times(pair_reciprocal(total), g);
    else if (has_exponentials(f))
        total = pair_reciprocal(total);
    r->weight = total.hi;
#if SP_DOUBLE
    r->weight_low = total.lo;
#endif
}

#if SP_DOUBLE
#define WEIGHT(r) PAIR((r)->weight, (r)->weight_low)
#else
#define WEIGHT(r) pair_of((r)->weight)
#endif

/* ---- results of one chunk ---- */

static NOINLINE void scaled_exponentials(int flip, ptrdiff_t n, const real *x, const double *hi, const double *lo,
                                         const sp_row *r, real *out) {
    const pair w = WEIGHT(r);
    const double limit = is_finite(r->limit) ? r->limit : 0.0, sign = flip ? -1.0 : 1.0;
    const double deep = is_finite(r->limit) ? -600.0 : -(double)INFINITY;
    (void)limit, (void)sign, (void)deep, (void)x, (void)lo;
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
#if SP_DOUBLE /* exponential_of has scaled them there */
        out[i] = round_once(pair_product(PAIR(hi[i], lo[i]), w), sign * x[i] - limit < deep ? 0x1p-256 : 1.0);
#else
        out[i] = (real)(hi[i] * w.hi);
#endif
    }
}

static NOINLINE void log_softmax_results(ptrdiff_t n, const real *x, const sp_row *r, real *out) {
    const pair L = WEIGHT(r);
    const double limit = r->limit;
    if (!is_finite(limit)) {
        const double at_limit = limit > 0 ? -L.hi : (double)NAN;
        for (ptrdiff_t i = 0; i < n; i++)
            out[i] = (real)(x[i] == limit ? at_limit : -(double)INFINITY - L.hi);
        return;
    }
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        pair z = two_sum(x[i], -limit);
#if SP_DOUBLE
        out[i] = z.hi < -REAL_MAX ? z.hi - L.hi : -value_of(pair_sum(L, pair_scaled(z, -1.0)));
#else
        out[i] = (real)(z.hi - L.hi);
#endif
    }
}

/* one hot, the first of equal ones; `ties` counts those of the chunks before */
static void hardmax_results(ptrdiff_t n, const real *x, sp_row *r, real *out) {
    const double everywhere = r->limit > -(double)INFINITY ? 0.0 * r->weight : (double)NAN; /* weight: of NaN only */
    for (ptrdiff_t i = 0; i < n; i++) {
        const int first = x[i] == r->limit && !r->ties;
        r->ties += first;
        out[i] = (real)(first ? 1.0 + everywhere : everywhere);
    }
}

/* y·(grad - sum(grad·y)); softmin: its negative */
static NOINLINE void softmax_gradients(double sign, ptrdiff_t n, const real *y, const real *g, const sp_row *r, real *out) {
    const pair D = WEIGHT(r);
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        pair difference = pair_sum(pair_of(g[i]), pair_scaled(D, -1.0));
        out[i] = (real)(sign * value_of(pair_times(difference, y[i])));
    }
}

/* grad - e^y·sum(grad) */
static NOINLINE void log_softmax_gradients(ptrdiff_t n, const real *y, const real *g, const sp_row *r, real *out) {
    const pair G = WEIGHT(r);
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        exponential e = exponential_of(pair_of(at_most(y[i], 709.0)), FULL);
        pair part = pair_scaled(pair_product(exp_pair(e), G), UNSCALE(e));
        out[i] = (real)value_of(pair_sum(pair_of(g[i]), pair_scaled(part, -1.0)));
    }
}

/* ---- sums of the backward functions, and NaN for hardmax ---- */

static NOINLINE void add_products(ptrdiff_t n, const real *y, const real *g, sp_row *r) {
    double hi[CHUNK], lo[CHUNK];
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        pair p = two_product(y[i], g[i]);
        hi[i] = p.hi;
#if SP_DOUBLE
        lo[i] = p.lo;
#endif
    }
    accumulate(n, hi, lo, r);
}

static NOINLINE void add_plain(ptrdiff_t n, const real *g, sp_row *r) {
    double hi[CHUNK], lo[CHUNK];
    for (ptrdiff_t i = 0; i < n; i++)
        hi[i] = g[i], lo[i] = 0.0;
    accumulate(n, hi, lo, r);
}

static NOINLINE void add_nan(ptrdiff_t n, const real *x, sp_row *r) {
    double hi[CHUNK], lo[CHUNK];
    for (ptrdiff_t i = 0; i < n; i++)
        hi[i] = unless_nan(x[i], 0.0), lo[i] = 0.0;
    accumulate(n, hi, lo, r);
}

/* ---- a row, or a piece of it ---- */

/* A whole chunk as it is, the last one filled up: -inf adds nothing to a sum of exponentials, nor 0 to another. */
SP_INLINE const real *filled(const real *x, ptrdiff_t n, real with, real *buffer) {
    if (n % SP_LANES == 0)
        return x;
    memcpy(buffer, x, (size_t)n * sizeof *x);
    for (ptrdiff_t i = n; i < ((n + SP_LANES - 1) & -(ptrdiff_t)SP_LANES); i++)
        buffer[i] = with;
    return buffer;
}

static real filling(sp_row_function f) {
    return f == SP_SOFTMIN ? (real)INFINITY : has_limit(f) ? -(real)INFINITY : 0;
}

static void row_begin(sp_row *r) {
    memset(r, 0, sizeof *r);
    r->limit = -(double)INFINITY;
}

static void row_sums(sp_row_function f, ptrdiff_t n, const real *x, const real *g, kept_row *keep, sp_row *r) {
    real padded_x[CHUNK], padded_g[CHUNK];
    double chunk[2 * CHUNK];
    for (ptrdiff_t i = 0; i < n; i += CHUNK) {
        const ptrdiff_t m = n - i < CHUNK ? n - i : CHUNK, filled_up = (m + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
        const real *v = filled(x + i, m, filling(f), padded_x);
        if (has_exponentials(f)) {
            kept hi[CHUNK], lo[CHUNK];
            exponentials(f, 1, filled_up, v, keep ? keep->hi + i : hi, keep ? keep->lo + AT(i) : lo, chunk, r);
            if (is_logarithmic(f) && filling(f) == r->limit)
                r->ties -= filled_up - m;
        } else if (f == SP_HARDMAX)
            add_nan(filled_up, v, r);
        else if (f == SP_LOG_SOFTMAX_BACKWARD)
            add_plain(filled_up, filled(g + i, m, 0, padded_g), r);
        else
            add_products(filled_up, v, filled(g + i, m, 0, padded_g), r);
    }
}

static void row_results(sp_row_function f, ptrdiff_t n, const real *x, const real *g, const kept_row *keep, sp_row *r,
                        real *out) {
    real padded_x[CHUNK], padded_g[CHUNK], padded_out[CHUNK];
    double chunk[2 * CHUNK];
    if (f == SP_LOGSUMEXP) {
        out[0] = (real)(is_finite(r->limit) ? value_of(pair_sum(pair_of(r->limit), WEIGHT(r))) : r->limit + r->weight);
        return;
    }
    for (ptrdiff_t i = 0; i < n; i += CHUNK) {
        const ptrdiff_t m = n - i < CHUNK ? n - i : CHUNK, filled_up = (m + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
        const real *v = filled(x + i, m, filling(f), padded_x), *w = g;
        real *y = m % SP_LANES ? padded_out : out + i;
        kept again_hi[CHUNK], again_lo[CHUNK];
        const kept *hi = again_hi, *lo = again_lo;
        if (scales_exponentials(f) && keep)
            hi = keep->hi + i, lo = keep->lo + AT(i);
        if (scales_exponentials(f) && (!keep || (SP_HAS_LANES && !runs_in_lanes(f, r))))
            exponentials(f, 0, filled_up, v, again_hi, again_lo, chunk, r);
        else if (!has_limit(f))
            w = filled(g + i, m, 0, padded_g);
        switch (f) {
        case SP_LOG_SOFTMAX: log_softmax_results(filled_up, v, r, y); break;
        case SP_HARDMAX: hardmax_results(filled_up, v, r, y); break;
        case SP_SOFTMAX_BACKWARD: softmax_gradients(1.0, filled_up, v, w, r, y); break;
        case SP_SOFTMIN_BACKWARD: softmax_gradients(-1.0, filled_up, v, w, r, y); break;
        case SP_LOG_SOFTMAX_BACKWARD: log_softmax_gradients(filled_up, v, w, r, y); break;
        default:
#if SP_HAS_LANES
            if (runs_in_lanes(f, r))
                lanes_scaled(filled_up, hi, lo, r->weight, y);
            else
                scaled_exponentials(f == SP_SOFTMIN, filled_up, v, chunk, chunk + CHUNK, r, y);
#else
            scaled_exponentials(f == SP_SOFTMIN, filled_up, v, hi, lo, r, y);
#endif
        }
        if (y == padded_out)
            memcpy(out + i, y, (size_t)m * sizeof *y);
    }
}

static void row_step(sp_row_function f, sp_row_pass pass, ptrdiff_t n, const void *x, const void *g, void *out, sp_row *r) {
    switch (pass) {
    case SP_ROW_BEGIN: row_begin(r); break;
    case SP_ROW_LIMIT:
        if (has_limit(f))
            r->limit = greatest(f == SP_SOFTMIN, n, x, r->limit);
        break;
    case SP_ROW_SUMS: row_sums(f, n, x, g, 0, r); break;
    case SP_ROW_CLOSE: close_sums(f, g ? ((const real *)g)[0] : 0.0, r); break;
    case SP_ROW_RESULTS: row_results(f, n, x, g, 0, r, out); break;
    }
}

static void run_row(sp_row_function f, ptrdiff_t n, const real *x, const real *g, kept_row *keep, real *out) {
    sp_row r;
    row_begin(&r);
    row_step(f, SP_ROW_LIMIT, n, x, g, 0, &r);
    row_sums(f, n, x, g, keep, &r);
    close_sums(f, g ? g[0] : 0.0, &r);
    row_results(f, n, x, g, keep, &r, out);
}

#if SP_HAS_LANES
/* softmax of rows that are kept, short ones by eight: each pass over a row waits for the one before, and has meanwhile the
   next row to work on.  It also asks for the memory of rows to come and of results, which takes half of the time where
   they are not in a cache. */
static NOINLINE void lanes_softmax(ptrdiff_t count, ptrdiff_t n, const char *x, ptrdiff_t x_stride, char *out,
                                   ptrdiff_t out_stride, kept_row *keep) {
    enum { TOGETHER_AT_MOST = 8 };
    const ptrdiff_t whole = n & -(ptrdiff_t)SP_LANES, pitch = (n + SP_LANES - 1) & -(ptrdiff_t)SP_LANES;
    const ptrdiff_t together = pitch * TOGETHER_AT_MOST <= SP_ROW_CACHE ? TOGETHER_AT_MOST : 1;
    for (ptrdiff_t first = 0; first < count; first += together) {
        const ptrdiff_t m = count - first < together ? count - first : together;
        float limit[TOGETHER_AT_MOST];
        double weight[TOGETHER_AT_MOST];
        int shallow[TOGETHER_AT_MOST];
        v_doubles total[TOGETHER_AT_MOST][VECTORS];
        real rest[SP_LANES];
        for (ptrdiff_t k = 0; k < m; k++)
            limit[k] = extremes(n, (const real *)(x + (first + k) * x_stride), &shallow[k]);
        for (ptrdiff_t k = 0; k < m; k++) {
            const real *v = (const real *)(x + (first + k) * x_stride), *next = v;
            if (first + k + together < count)
                next = (const real *)((const char *)v + together * x_stride);
            real *y = (real *)(out + (first + k) * out_stride);
            float *hi = keep->hi + k * pitch, *lo = keep->lo + k * pitch;
            const lanes_aim aim = aim_of(0, limit[k]);
            UNROLLED for (int l = 0; l < VECTORS; l++) total[k][l] = v_widened(v_set(0.0f));
            if (shallow[k])
                lanes_exponentials(0, 0, 1, 0, whole, v, hi, lo, aim, total[k], next, y);
            else
                lanes_exponentials(0, 0, 1, 1, whole, v, hi, lo, aim, total[k], next, y);
            if (whole < n)
                lanes_exponentials(0, 0, 1, 1, SP_LANES, filled(v + whole, n - whole, -(real)INFINITY, rest), hi + whole,
                                   lo + whole, aim, total[k], 0, 0);
        }
        for (ptrdiff_t k = 0; k < m; k++)
            weight[k] = 1.0 / v_total(total[k]);
        for (ptrdiff_t k = 0; k < m; k++) {
            real *y = (real *)(out + (first + k) * out_stride);
            const float *hi = keep->hi + k * pitch, *lo = keep->lo + k * pitch;
            if (!is_finite(limit[k])) {
                run_row(SP_SOFTMAX, n, (const real *)(x + (first + k) * x_stride), 0, 0, y);
                continue;
            }
            lanes_scaled(whole, hi, lo, weight[k], y);
            if (whole < n) {
                lanes_scaled(SP_LANES, hi + whole, lo + whole, weight[k], rest);
                memcpy(y + whole, rest, (size_t)(n - whole) * sizeof *rest);
            }
        }
    }
}
#endif

static void rows(sp_row_function f, ptrdiff_t count, ptrdiff_t n, const void *x, ptrdiff_t x_stride, const void *g,
                 ptrdiff_t g_stride, void *out, ptrdiff_t out_stride, sp_row_cache *cache) {
    kept_row *keep = n <= SP_ROW_CACHE && scales_exponentials(f) ? (kept_row *)cache : 0;
#if SP_HAS_LANES
    if (f == SP_SOFTMAX && keep) {
        lanes_softmax(count, n, x, x_stride, out, out_stride, keep);
        return;
    }
#endif
    for (ptrdiff_t i = 0; i < count; i++)
        run_row(f, n, (const real *)((const char *)x + i * x_stride), g ? (const real *)((const char *)g + i * g_stride) : 0,
                keep, (real *)((char *)out + i * out_stride));
}
#endif
