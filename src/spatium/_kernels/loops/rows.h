/* One row of a coupled function: softmax and its relatives, whose results depend on all elements of a row.

   Three passes: the greatest element m; the sum of e^(x - m); the results.  The exponentials of a row of up to SP_ROW_CACHE
   elements are kept between the second pass and the third, longer rows form them twice, to the same bits.  Sixteen partial
   sums, element i in sum i mod 16, joined as a balanced tree: the same order wherever the row comes from and in whatever
   pieces it comes.

   Errors: an exponential is right to 2^-31 of itself in vectors of float32 (2^-32.6 in double, 2^-60 in float64) and kept
   as a pair, the sum has no error that counts, 1/sum is a pair, and their product is rounded once: 0.51 ulp.  In vectors
   a subnormal result can have one ulp.

   The logarithmic functions sum up everything but the elements that equal m, `rest`, and count those, `ties`: log(sum) is
   log1p(rest) where there is one, with all its digits however close to 1 its probability is.  Then
   log_softmax(x) = (x - m) - log(sum) adds two numbers of one sign.

   A row whose m is infinite takes the text for special rows: e^(x - m) is 1 where x = m = inf, 0 elsewhere. */
#ifndef SP_ROWS_H
#define SP_ROWS_H
#include "arithmetic/elementary.h"
#include "loops/kernels.h"
#include "loops/vectors.h"

enum { CHUNK = 256 }; /* the number of elements of a chunk, after which the state of the row is updated */

/* Between two short loops over a chunk, which the compiler would join: what one stores, the other reads back at once
   then. */
#define KEEP_APART __asm__ volatile("" ::: "memory")

SP_INLINE int is_logarithmic(sp_row_function f) { return f == SP_LOG_SOFTMAX || f == SP_LOGSUMEXP; }
SP_INLINE int has_exponentials(sp_row_function f) {
    return f == SP_SOFTMAX || f == SP_SOFTMIN || is_logarithmic(f) || f == SP_LOGSUMEXP_BACKWARD;
}
SP_INLINE int scales_exponentials(sp_row_function f) { return has_exponentials(f) && !is_logarithmic(f); }
SP_INLINE int has_limit(sp_row_function f) { return has_exponentials(f) || f == SP_HARDMAX; }
SP_INLINE int is_finite(double x) { return fabs(x) < (double)INFINITY; }
SP_INLINE ptrdiff_t filled_up(ptrdiff_t n) { return (n + SP_STEP - 1) & -(ptrdiff_t)SP_STEP; }

/* Weights g of logsumexp's gradient that vectors serve: those of any size have no room beside the exponentials' own. */
#define WEIGHT_AT_LEAST (SP_DOUBLE ? 0x1p-200 : 0x1p-30)
#define WEIGHT_AT_MOST (SP_DOUBLE ? 0x1p200 : 0x1p60)
SP_INLINE int takes_text(sp_row_function f, double g) {
    return !SP_HAS_VECTORS || (f == SP_LOGSUMEXP_BACKWARD && !(fabs(g) >= WEIGHT_AT_LEAST && fabs(g) <= WEIGHT_AT_MOST));
}
SP_INLINE int runs_in_vectors(sp_row_function f, const sp_row *r) {
    return has_exponentials(f) && !r->takes_text && is_finite(r->limit);
}

/* ---- the greatest element; NaN is left to the sums ---- */

#if SP_HAS_VECTORS
enum { VECTORS = SP_STEP / V_LANES };
#if SP_DOUBLE && !defined(SP_NEON_H)
#if defined(__AVX512F__)
SP_INLINE __m256d v_greatest_of_4(reals x) {
    return _mm256_max_pd(_mm512_castpd512_pd256(x), _mm512_extractf64x4_pd(x, 1));
}
#else
SP_INLINE __m256d v_greatest_of_4(reals x) { return x; }
#endif
SP_INLINE double v_greatest(reals x) {
    __m256d y = v_greatest_of_4(x);
    __m128d z = _mm_max_pd(_mm256_castpd256_pd128(y), _mm256_extractf128_pd(y, 1));
    return z[0] > z[1] ? z[0] : z[1];
}
#endif

/* where e^x serves instead of e^(x - m), see exponent_aim */
#define NEAR (SP_DOUBLE ? (real)1400 : (real)300)
/* what is below the greatest element by so much is rounded to 0, or counts for nothing in a sum */
#define DEPTH (SP_DOUBLE ? (real)750 : (real)110)
#define LOG_DEPTH (SP_DOUBLE ? (real)750 : (real)130)
SP_INLINE int is_near(double limit) { return fabs(limit) <= NEAR; }

/* of a whole row, and whether its exponentials need no clamping */
SP_INLINE real extremes(int flip, ptrdiff_t n, const real *x, int *shallow) {
    reals top[2] = {v_set(-(real)INFINITY), v_set(-(real)INFINITY)}, low[2] = {v_set((real)INFINITY), v_set((real)INFINITY)};
    ptrdiff_t i = 0;
    *shallow = 0;
    if (n < V_LANES) {
        real limit = -(real)INFINITY;
        for (; i < n; i++) {
            const real v = flip ? -x[i] : x[i];
            limit = v > limit ? v : limit;
        }
        return limit;
    }
    for (; i + 2 * V_LANES <= n; i += 2 * V_LANES)
        UNROLLED for (int k = 0; k < 2; k++) {
            reals v = v_load(x + i + k * V_LANES);
            top[k] = v_max(v, top[k]), low[k] = v_min(v, low[k]); /* NaN: the second */
        }
    for (; i < n; i += V_LANES) { /* the last ones once more, so that the vector is full */
        reals v = v_load(x + (i + V_LANES <= n ? i : n - V_LANES));
        top[0] = v_max(v, top[0]), low[0] = v_min(v, low[0]);
    }
    top[0] = v_max(top[0], top[1]), low[0] = v_min(low[0], low[1]);
    if (flip) {
        const reals greatest = v_minus(low[0]);
        low[0] = v_minus(top[0]), top[0] = greatest;
    }
    const real limit = v_greatest(top[0]);
    *shallow = is_near(limit) && !v_any(v_less(low[0], v_set(limit - (DEPTH - 10))));
    return limit;
}
#endif

SP_INLINE double greatest(int flip, ptrdiff_t n, const real *x, double so_far) {
#if SP_HAS_VECTORS
    int unused;
    const double limit = extremes(flip, n, x, &unused);
    return limit > so_far ? limit : so_far;
#else
    ptrdiff_t i = 0;
    real best[SP_STEP], sign = flip ? -1 : 1;
    for (int k = 0; k < SP_STEP; k++)
        best[k] = (real)so_far;
    for (; i + SP_STEP <= n; i += SP_STEP) {
        KEEP_ROLLED
        for (int k = 0; k < SP_STEP; k++)
            best[k] = sign * x[i + k] > best[k] ? sign * x[i + k] : best[k];
    }
    for (int k = 0; k < SP_STEP; k++)
        so_far = best[k] > so_far ? best[k] : so_far;
    for (; i < n; i++) {
        double v = flip ? -x[i] : x[i];
        so_far = v > so_far ? v : so_far;
    }
    return so_far;
#endif
}

/* ---- the text: e^(x - m) of one chunk, its length a multiple of SP_STEP ---- */

/* Adds to the sums; a low word carries what the sums have lost and the low words of what is added. */
SP_INLINE void accumulate(ptrdiff_t n, const double *hi, const double *lo, sp_row *r) {
    double s[SP_STEP], l[SP_STEP];
    memcpy(s, r->sums, sizeof s);
    memcpy(l, r->lows, sizeof l);
    for (ptrdiff_t i = 0; i < n; i += SP_STEP) {
        KEEP_ROLLED
        for (int k = 0; k < SP_STEP; k++) {
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
        if (logarithmic) { /* float64: terms below e^-745 do not contribute to the sum */
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
#if !SP_HAS_VECTORS
static NOINLINE void text_flipped(ptrdiff_t n, const real *x, double limit, double *hi, double *lo) {
    text_exponentials(1, 0, n, x, limit, hi, lo);
}
static NOINLINE void text_logarithmic(ptrdiff_t n, const real *x, double limit, double *hi, double *lo) {
    text_exponentials(0, 1, n, x, limit, hi, lo);
}
#endif

static void special_exponentials(int flip, int logarithmic, ptrdiff_t n, const real *x, double limit, double *hi,
                                 double *lo) {
    for (ptrdiff_t i = 0; i < n; i++) {
        double v = flip ? -x[i] : x[i];
        hi[i] = v == limit && !logarithmic ? (limit > 0 ? 1.0 : (double)NAN) : unless_nan(v, 0.0);
        lo[i] = 0.0;
    }
}

/* Numbers and their low words, which float64 has. */
static void exponentials(sp_row_function f, ptrdiff_t n, const real *x, double limit, double *hi, double *lo) {
    const int flip = f == SP_SOFTMIN, logarithmic = is_logarithmic(f);
    if (!is_finite(limit))
        special_exponentials(flip, logarithmic, n, x, limit, hi, lo);
#if !SP_HAS_VECTORS
    else if (logarithmic)
        text_logarithmic(n, x, limit, hi, lo);
    else if (flip)
        text_flipped(n, x, limit, hi, lo);
#endif
    else
        text_plain(n, x, limit, hi, lo);
}

/* ---- the same in vectors ---- */

#if SP_HAS_VECTORS
/* e^(x - m)·2^bias without the difference x - m, which one word does not hold: with K = m·8/ln 2 (float64: 16) to the
   nearest integer it is e^x·2^(-K/8), but for a factor of the whole row next to 1, and K goes into the number that rounds
   x·8/ln 2.  From |m| = NEAR on x - m is exact where it is not below `low` (Sterbenz), and K = 0.
   The bias keeps the low words of small exponentials normal numbers, and their sum finite. */
#define EXP_SHIFTER (SP_DOUBLE ? (real)0x1.8p52 : (real)0x1.8p23)
enum { PER_OCTAVE = SP_DOUBLE ? 16 : 8, BIAS = SP_DOUBLE ? 512 : 64, LOG_BIAS = SP_DOUBLE ? 512 : 88 };
/* more than any exponential of a sum that is not logarithmic */
#define SUM_OFFSET (SP_DOUBLE ? (real)0x1p514 : (real)0x1p66)

typedef struct {
    reals base, low, shifter, limit;
} exponent_aim;

/* K */
SP_INLINE real count_of(real limit) {
    return is_near(limit) ? (limit * (real)(PER_OCTAVE * LOG2_E_1) + EXP_SHIFTER) - EXP_SHIFTER : 0;
}

SP_INLINE exponent_aim aim_of(int logarithmic, real limit) {
    const real base = is_near(limit) ? 0 : limit;
    return (exponent_aim){
        .base = v_set(base),
        .low = v_set(limit - base - (logarithmic ? LOG_DEPTH : DEPTH)),
        .shifter = v_set(EXP_SHIFTER - (count_of(limit) - PER_OCTAVE * (logarithmic ? LOG_BIAS : BIAS))),
        .limit = v_set(limit),
    };
}

/* The sixteen sums of a row, in float64 with what they have lost, and how many elements are below the limit. */
typedef struct {
#if SP_DOUBLE
    reals_pair sums[VECTORS];
#else
    v_doubles sums[VECTORS];
#endif
    ptrdiff_t below;
} row_totals;

SP_INLINE void add_to_sum(row_totals *t, int k, reals sum, reals lost) {
#if SP_DOUBLE
    reals_pair s = v_two_sum(t->sums[k].hi, sum);
    t->sums[k] = (reals_pair){s.hi, t->sums[k].lo + (s.lo + lost)};
#else
    t->sums[k] = v_add_doubles(v_add_doubles(t->sums[k], v_widened(sum)), v_widened(lost));
#endif
}
SP_INLINE row_totals no_totals(void) {
    row_totals t = {.below = 0};
    UNROLLED for (int k = 0; k < VECTORS; k++)
#if SP_DOUBLE
        t.sums[k] = (reals_pair){v_set(0), v_set(0)};
#else
        t.sums[k] = v_widened(v_set(0));
#endif
    return t;
}
SP_INLINE row_totals totals_from(const sp_row *r) {
    row_totals t = {.below = 0};
    UNROLLED for (int k = 0; k < VECTORS; k++)
#if SP_DOUBLE
        t.sums[k] = (reals_pair){v_load(r->sums + k * V_LANES), v_load(r->lows + k * V_LANES)};
#else
        t.sums[k] = v_load_doubles(r->sums + k * V_LANES);
#endif
    return t;
}
SP_INLINE void totals_to(const row_totals *t, sp_row *r) {
    UNROLLED for (int k = 0; k < VECTORS; k++) {
#if SP_DOUBLE
        v_store(r->sums + k * V_LANES, t->sums[k].hi);
        v_store(r->lows + k * V_LANES, t->sums[k].lo);
#else
        v_store_doubles(r->sums + k * V_LANES, t->sums[k]);
#endif
    }
}

/* the sums as a balanced tree: k and k + 8 first, the neighbors last */
#if SP_DOUBLE
#define ADD_HALVES(hi, lo, other_hi, other_lo)                                                                         \
    {                                                                                                                  \
        __typeof__(hi) both = hi + (other_hi), from = both - hi;                                                       \
        lo = (lo + (other_lo)) + ((hi - (both - from)) + ((other_hi) - from));                                         \
        hi = both;                                                                                                     \
    }
SP_INLINE pair total_in(const row_totals *t) {
#if defined(SP_NEON_H)
    reals_pair s[VECTORS];
    memcpy(s, t->sums, sizeof s);
    UNROLLED for (int half = VECTORS / 2; half > 0; half /= 2)
        UNROLLED for (int k = 0; k < half; k++) ADD_HALVES(s[k].hi, s[k].lo, s[k + half].hi, s[k + half].lo)
    const reals h = s[0].hi, l = s[0].lo;
#else
#if defined(__AVX512F__)
    reals high = t->sums[0].hi, low = t->sums[0].lo;
    ADD_HALVES(high, low, t->sums[1].hi, t->sums[1].lo)
    __m256d hi = _mm512_castpd512_pd256(high), lo = _mm512_castpd512_pd256(low);
    __m256d other_hi = _mm512_extractf64x4_pd(high, 1), other_lo = _mm512_extractf64x4_pd(low, 1);
#else
    __m256d hi = t->sums[0].hi, lo = t->sums[0].lo, other_hi = t->sums[1].hi, other_lo = t->sums[1].lo;
    ADD_HALVES(hi, lo, t->sums[2].hi, t->sums[2].lo)
    ADD_HALVES(other_hi, other_lo, t->sums[3].hi, t->sums[3].lo)
#endif
    ADD_HALVES(hi, lo, other_hi, other_lo)
    __m128d h = _mm256_castpd256_pd128(hi), l = _mm256_castpd256_pd128(lo);
    ADD_HALVES(h, l, _mm256_extractf128_pd(hi, 1), _mm256_extractf128_pd(lo, 1))
#endif
    double first = h[0], first_low = l[0];
    ADD_HALVES(first, first_low, h[1], l[1])
    return fast_two_sum(first, first_low);
}
#else
SP_INLINE pair total_in(const row_totals *t) { return pair_of(v_total(t->sums)); }
#endif

/* e^z·2^k, where shifter is EXP_SHIFTER less PER_OCTAVE·k.  Of so large a count the low word of the steps is no longer
   negligible beside r, so it counts in the square too. */
SP_INLINE reals_exp shifted_exp(reals z, reals shifter, const words *place) {
    reals t = v_exp_count(z, shifter), n = t - shifter;
    reals_pair power = v_exp_power(v_words(t), place);
    reals r = v_fnma(n, V_EXP_STEP, z), d = v_fnma(n, V_EXP_STEP_LOW, power.lo), s = r + d, u = s * s;
#if SP_DOUBLE
    return (reals_exp){power.hi, r, v_fma(u, v_exp_series(s, u, v_set(VECTOR_EXP_SIXTEENTHS[0])), d)};
#else
    return (reals_exp){power.hi, r, v_fma(u, v_polynomial(VECTOR_EXP_EIGHTHS, 3, s), d)};
#endif
}
/* not normalized: the low word is up to 2^-10 (2^-12) of the other, and good to all its digits */
SP_INLINE reals_pair exp_of_parts(reals_exp e) {
    reals E = v_fma(e.power, e.r, e.power);
    return (reals_pair){E, v_fma(e.power, e.rest, v_fma(e.power, e.r, e.power - E))};
}

/* n elements of a row, the first of them a multiple of CHUNK.  Sums are formed in one word, with another for what they lose,
   and go to the totals at the end of a chunk.  From an offset on that no exponential exceeds, what an addition loses is
   exact by the fast two-sum (Dekker 1971); logarithmic sums may be far smaller than 1 and need the slower one.
   `clamping` may be left out if no element is below `low` and the base is 0.  hi may be x. */
SP_INLINE void row_exponentials(int flip, int logarithmic, int summing, int keeping, int clamping, ptrdiff_t n,
                                const real *x, real *hi, real *lo, exponent_aim aim, row_totals *total, const real *next,
                                real *out) {
    const reals zero = v_set(0), offset = v_set(logarithmic ? 0 : SUM_OFFSET);
    words place[V_EXP_BY_ROWS ? CHUNK / V_LANES : 1];
    ptrdiff_t below = total->below;
    for (ptrdiff_t start = 0; start < n; start += CHUNK) {
        const ptrdiff_t end = n - start < CHUNK ? n : start + CHUNK;
        reals s[VECTORS], lost[VECTORS];
        UNROLLED for (int k = 0; k < VECTORS; k++) s[k] = offset, lost[k] = zero;
        if (V_EXP_BY_ROWS) {
            for (ptrdiff_t i = start, j = 0; i < end; i += V_LANES, j++) {
                reals v = v_load(x + i);
                v = flip ? v_minus(v) : v;
                v = clamping ? v_max(aim.low, v - aim.base) : v;
                place[j] = v_exp_place_of(v_exp_count(v, aim.shifter));
            }
            KEEP_APART;
        }
        for (ptrdiff_t i = start; i < end; i += SP_STEP) {
            if (next)
                for (size_t line = 0; line < SP_STEP * sizeof(real); line += 64) {
                    __builtin_prefetch((const char *)(next + i) + line);
                    __builtin_prefetch((const char *)(out + i) + line, 1);
                }
            UNROLLED for (int k = 0; k < VECTORS; k++) {
                reals v = v_load(x + i + k * V_LANES), z;
                v = flip ? v_minus(v) : v;
                z = clamping ? v_max(aim.low, v - aim.base) : v; /* NaN: the second */
                reals_exp e = shifted_exp(z, aim.shifter, &place[V_EXP_BY_ROWS ? (i - start) / V_LANES + k : 0]);
                if (clamping)
                    e.power = v_select(v_less(v - aim.base, aim.low), zero, e.power);
                if (logarithmic) {
                    mask other = v_not_at_most(aim.limit, v); /* or NaN */
                    below += __builtin_popcount(v_bits(other));
                    e.power = v_select(other, e.power, zero);
                }
                reals_pair E = exp_of_parts(e);
                if (keeping) {
                    v_store(hi + i + k * V_LANES, E.hi);
                    v_store(lo + i + k * V_LANES, E.lo);
                }
                if (summing) {
                    reals_pair sum = logarithmic ? v_two_sum(s[k], E.hi) : v_fast_two_sum(s[k], E.hi);
                    s[k] = sum.hi;
                    lost[k] = lost[k] + (sum.lo + E.lo);
                }
            }
        }
        if (summing)
            UNROLLED for (int k = 0; k < VECTORS; k++) add_to_sum(total, k, s[k] - offset, lost[k]);
    }
    total->below = below;
}

/* E·weight.  The low word of a product is formed 2^SCALE times too large, so that it is rounded once where the product is
   subnormal.  hi may be out. */
#define SCALE (SP_DOUBLE ? 0x1p600 : 0x1p24)
SP_INLINE void scale_row(ptrdiff_t n, const real *hi, const real *lo, double weight, double weight_low, real *out) {
    const reals w = v_set((real)weight), up = v_set((real)SCALE) * w, down = v_set((real)(1 / SCALE));
    const reals up_low = v_set((real)(((weight - (real)weight) + weight_low) * SCALE));
    for (ptrdiff_t i = 0; i < n; i += V_LANES) {
        reals E = v_load(hi + i);
        v_store(out + i, v_fma(E, w, down * v_fma(E, up_low, up * v_load(lo + i))));
    }
}

/* x - (m + log(sum)) from m + log(sum) as a pair.  -inf has none: `masked` may be left out if there is none. */
SP_INLINE void subtract_from_row(int masked, ptrdiff_t n, const real *x, reals_pair c, real *out) {
    for (ptrdiff_t i = 0; i < n; i += V_LANES) {
        reals v = v_load(x + i), s = v - c.hi, t = s - v;
        reals y = s + (((v - (s - t)) - (c.hi + t)) - c.lo);
        v_store(out + i, masked ? v_select(v_less(v, v_set(-(real)REAL_MAX)), s, y) : y);
    }
}
#endif

/* ---- between the passes ---- */

SP_INLINE double low_word(pair a) {
#if SP_DOUBLE
    return a.lo;
#else
    (void)a;
    return 0.0;
#endif
}

/* log(ties + rest), branch-free: 2^exponent·(1 + E) is rest + ties */
SP_INLINE pair logarithm(double ties, pair rest) {
    const pair s = pair_sum(pair_of(ties), rest);
    const uint64_t biased = bits_of(s.hi) >> 52;
    const int small = !(s.hi >= 2.0);
    const double scale = from_bits((UINT64_C(2046) - biased) << 52);
    const double exponent = small ? 0.0 : from_bits(biased | UINT64_C(0x433) << 52) - (0x1p52 + 1023.0);
#if SP_DOUBLE
    pair E = two_sum(s.hi * scale - 1.0, s.lo * scale);
#else
    pair E = pair_of(s.hi * scale - 1.0);
#endif
    return pair_sum(pair_times(PAIR(LN2_PAIR_1, LN2_PAIR_2), exponent), log1p_of(pair_select(small, rest, E)));
}

#if SP_HAS_VECTORS
/* The factor that exponentials of a row in vectors have too little: e^(K·ln(2)/8 - m)·2^-LOG_BIAS. */
SP_INLINE pair missing_factor(double count, double base) {
    const pair d = pair_sum(pair_times(PAIR(LN2_PAIR_1, LN2_PAIR_2), count / PER_OCTAVE), pair_of(-base));
    return pair_scaled(exp_pair(exponential_of(d, SP_DOUBLE ? FULL : SHORT)), SP_DOUBLE ? 0x1p-512 : 0x1p-88);
}

/* m + L, L = log(sum), as a pair of real, or whether there is none: it has the digits of L where L is not far smaller than m.
   Where it is and m is near, the other elements are far below m, and L needs no second word. */
SP_INLINE int subtrahend(double limit, pair L, double *hi, double *lo) {
    const int whole = L.hi >= (SP_DOUBLE ? 0x1p-40 : 0x1p-18) * fabs(limit);
    const pair c = pair_add_small(two_sum(limit, L.hi), low_word(L));
    *hi = (double)(real)(whole ? c.hi : limit);
    *lo = whole ? (c.hi - *hi) + low_word(c) : L.hi;
    return whole || is_near(limit);
}

/* Several rows between their passes: sums, then their logarithms and what is subtracted from the elements. */
enum { TOGETHER = 16 };
typedef struct {
    double limit[TOGETHER], count[TOGETHER], ties[TOGETHER], hi[TOGETHER], lo[TOGETHER];
    double c_hi[TOGETHER], c_lo[TOGETHER], has_c[TOGETHER];
} row_logarithms;

static NOINLINE void take_logarithms(row_logarithms *r) {
    INDEPENDENT
    for (int k = 0; k < TOGETHER; k++) {
        const double limit = r->limit[k], base = is_near(limit) ? limit : 0.0;
        const pair y = logarithm(r->ties[k], pair_product(PAIR(r->hi[k], r->lo[k]), missing_factor(r->count[k], base)));
        r->hi[k] = y.hi;
        r->lo[k] = low_word(y);
        r->has_c[k] = subtrahend(limit, y, &r->c_hi[k], &r->c_lo[k]) ? 1.0 : 0.0;
    }
}
#endif

static pair total_of(const sp_row *r) {
#if SP_HAS_VECTORS
    row_totals t = totals_from(r);
    return total_in(&t);
#else
    pair parts[SP_STEP];
    for (int k = 0; k < SP_STEP; k++)
        parts[k] = two_sum(r->sums[k], r->lows[k]);
    for (int width = SP_STEP / 2; width; width /= 2)
        for (int k = 0; k < width; k++)
            parts[k] = pair_sum(parts[k], parts[k + width]);
    return parts[0];
#endif
}

static void close_sums(sp_row_function f, double g, sp_row *r) {
    pair total = total_of(r);
#if SP_HAS_VECTORS
    if (is_logarithmic(f) && runs_in_vectors(f, r))
        total = pair_product(total, missing_factor(count_of((real)r->limit), is_near(r->limit) ? r->limit : 0.0));
#endif
    if (is_logarithmic(f))
        total = logarithm((double)r->ties, total);
    else if (f == SP_LOGSUMEXP_BACKWARD)
        total = pair_times(pair_reciprocal(total), g);
    else if (has_exponentials(f))
        total = pair_reciprocal(total);
    r->weight = total.hi;
    r->weight_low = low_word(total);
}

#define WEIGHT(r) PAIR((r)->weight, (r)->weight_low)

/* ---- results of one chunk ---- */

static NOINLINE void scaled_exponentials(int flip, ptrdiff_t n, const real *x, const double *hi, const double *lo,
                                         const sp_row *r, real *out) {
    const pair w = WEIGHT(r);
    const double limit = is_finite(r->limit) ? r->limit : 0.0, sign = flip ? -1.0 : 1.0;
    const double deep = is_finite(r->limit) ? SP_DEEP : -(double)INFINITY;
    (void)limit, (void)sign, (void)deep, (void)x, (void)lo;
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
#if SP_DOUBLE /* exponential_of has scaled them there */
        out[i] = round_once(pair_product(PAIR(hi[i], lo[i]), w), sign * x[i] - limit < deep ? SP_DEEP_UNSCALE : 1.0);
#else
        out[i] = (real)(hi[i] * w.hi);
#endif
    }
}

static NOINLINE void text_log_softmax(ptrdiff_t n, const real *x, double limit, pair L, real *out) {
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


static NOINLINE void log_softmax_results(ptrdiff_t n, const real *x, double limit, pair L, real *out) {
#if SP_HAS_VECTORS
    double hi, lo;
    if (is_finite(limit) && subtrahend(limit, L, &hi, &lo)) {
        subtract_from_row(1, n, x, (reals_pair){v_set((real)hi), v_set((real)lo)}, out);
        return;
    }
#endif
    text_log_softmax(n, x, limit, L, out);
}

static real logsumexp_result(double limit, pair L) {
    return (real)(is_finite(limit) ? value_of(pair_sum(pair_of(limit), L)) : limit + L.hi);
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

/* ---- gradients of one chunk: g and the sums may have been scaled down, and factor takes that back ---- */

/* y·(g - sum(g·y))·factor; the factor is ±1 but in float64 */
static NOINLINE void text_softmax_gradients(double factor, ptrdiff_t n, const real *y, const real *g, pair D, real *out) {
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        pair difference = pair_sum(pair_of(g[i]), pair_scaled(D, -1.0));
        double value = value_of(pair_times(difference, y[i]));
        out[i] = (real)(factor * (value == 0.0 ? difference.hi * y[i] : value)); /* -0 */
    }
}

/* g - D as a pair, d less `excess`, times y, rounded once.  A pair of floats holds D where it is neither too small nor so large
   that g - D could overflow; it is half an ulp more where g and D agree in all but their last bits, and for subnormal results.
   float64 knows the greatest |g|, `most`: from an offset on that is larger, g less what it was rounded by is a multiple of a
   unit that the offset's sum with D shares, and their difference is exact.  The low product of y = 0 is +0, which leaves the
   sign to the high one. */
#if SP_HAS_VECTORS
SP_INLINE int holds_in_pairs(pair D) {
    return SP_DOUBLE || D.hi == 0.0 || (fabs(D.hi) >= 0x1p-100 && fabs(D.hi) <= 0x1p100);
}
#endif
SP_INLINE void softmax_gradients(double factor, ptrdiff_t n, const real *y, const real *g, pair D, double most, real *out) {
#if SP_HAS_VECTORS
    if (holds_in_pairs(D)) {
        const real above = SP_DOUBLE ? (real)(4.0 * (most > fabs(D.hi) ? most : fabs(D.hi))) : 0, high = above + (real)D.hi;
        const reals hi = v_set(high), zero = v_set(0), last = v_set((real)factor);
        const reals lo = v_set((real)(((above - high) + D.hi) + low_word(D)));
        for (ptrdiff_t i = 0; i < n; i += SP_STEP)
            UNROLLED for (int k = 0; k < VECTORS; k++) {
                const ptrdiff_t j = i + k * V_LANES;
                const reals v = v_load(y + j) * last, w = v_held(v_load(g + j));
#if SP_DOUBLE
                const reals a = w + v_set(above), d = a - hi, excess = (a - v_set(above)) - w;
#else
                const reals d = w - hi, t = v_difference(w, d), excess = ((d + t) - w) + v_difference(hi, t);
#endif
                v_store(out + j, v_fms(v, d, v_fma(v, excess, v_fma(v, lo, zero))));
            }
        return;
    }
#endif
    (void)most;
    text_softmax_gradients(factor, n, y, g, D, out);
}

/* (g - e^y·sum(g))·factor */
static NOINLINE void text_log_softmax_gradients(double factor, ptrdiff_t n, const real *y, const real *g, pair G, real *out) {
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        exponential e = exponential_of(pair_of(at_most(y[i], 709.0)), FULL);
        pair part = pair_scaled(pair_product(exp_pair(e), G), UNSCALE(e));
        out[i] = (real)(value_of(pair_sum(pair_of(g[i]), pair_scaled(part, -1.0))) * factor);
    }
}

#if SP_HAS_VECTORS
/* the greatest y that vectors serve; a logarithm of a probability is not above 0 */
#define LOG_PROBABILITY_AT_MOST (SP_DOUBLE ? (real)100 : (real)10)
static NOINLINE void log_softmax_gradients_in_vectors(double factor, ptrdiff_t n, const real *y, const real *g, pair G,
                                                      real *out) {
    const double weight = SP_DOUBLE ? G.hi * 0x1p-512 : G.hi * 0x1p-64;
    const reals hi = v_set((real)weight), zero = v_set(0), last = v_set((real)factor);
    const reals lo = v_set(SP_DOUBLE ? (real)(low_word(G) * 0x1p-512) : (real)(weight - (real)weight));
    const reals low = v_set(-DEPTH - 20), shifter = v_set(EXP_SHIFTER + PER_OCTAVE * BIAS);
    words place[V_EXP_BY_ROWS ? CHUNK / V_LANES : 1];
    if (V_EXP_BY_ROWS) {
        for (ptrdiff_t i = 0; i < n; i += V_LANES)
            place[i / V_LANES] = v_exp_place_of(v_exp_count(v_max(low, v_load(y + i)), shifter));
        KEEP_APART;
    }
    for (ptrdiff_t i = 0; i < n; i += V_LANES) {
        const reals v = v_load(y + i), w = v_load(g + i);
        const mask far = v_less(v_set(LOG_PROBABILITY_AT_MOST), v);
        reals_exp e = shifted_exp(v_max(low, v), shifter, &place[V_EXP_BY_ROWS ? i / V_LANES : 0]);
        e.power = v_select(v_less(v, low), zero, e.power);
        reals_pair E = exp_of_parts(e);
        reals p = E.hi * hi, p_low = v_fma(E.hi, lo, v_fma(E.lo, hi, v_fms(E.hi, hi, p)));
        reals_pair d = v_two_sum(w, v_minus(p));
        reals result = (d.hi + (d.lo - p_low)) * last;
        if (__builtin_expect(v_any(far), 0)) {
            real exact[V_LANES];
            text_log_softmax_gradients(factor, V_LANES, y + i, g + i, G, exact);
            result = v_select(far, v_load(exact), result);
        }
        v_store(out + i, result);
    }
}
#endif

SP_INLINE void log_softmax_gradients(double factor, ptrdiff_t n, const real *y, const real *g, pair G, real *out) {
#if SP_HAS_VECTORS
    const double size = fabs(G.hi);
    if (size == 0.0 || (size >= WEIGHT_AT_LEAST && size <= WEIGHT_AT_MOST)) {
        log_softmax_gradients_in_vectors(factor, n, y, g, G, out);
        return;
    }
#endif
    text_log_softmax_gradients(factor, n, y, g, G, out);
}

static NOINLINE void gradients(sp_row_function f, ptrdiff_t n, const real *y, const real *g, double scale, pair sum,
                               double most, real *out) {
    if (f == SP_LOG_SOFTMAX_BACKWARD)
        log_softmax_gradients(1.0 / scale, n, y, g, sum, out);
    else
        softmax_gradients(f == SP_SOFTMIN_BACKWARD ? -1.0 / scale : 1.0 / scale, n, y, g, sum, most, out);
}

/* ---- sums of the backward functions, and NaN for hardmax ---- */

#if SP_HAS_VECTORS
/* y and g of a row, or of a piece of it, whose first element is a multiple of CHUNK; what is left after the last whole step has
   been copied and filled up. */
typedef struct {
    ptrdiff_t n;
    const real *y, *g, *last_y, *last_g;
} gradient_terms;
SP_INLINE ptrdiff_t whole_steps(ptrdiff_t n) { return n & -(ptrdiff_t)SP_STEP; }
SP_INLINE const real *step_of_y(const gradient_terms *a, ptrdiff_t i) { return i == whole_steps(a->n) ? a->last_y : a->y + i; }
SP_INLINE const real *step_of_g(const gradient_terms *a, ptrdiff_t i) { return i == whole_steps(a->n) ? a->last_g : a->g + i; }

#if !SP_DOUBLE
SP_INLINE void add_step(int products, const real *y, const real *g, row_totals *t) {
    UNROLLED for (int k = 0; k < VECTORS; k++) {
        const v_doubles w = v_load_widened(g + k * V_LANES);
        if (products) {
            const v_doubles v = v_load_widened(y + k * V_LANES);
            t->sums[k] = (v_doubles){V_NAME(fmadd, pd)(v.a, w.a, t->sums[k].a), V_NAME(fmadd, pd)(v.b, w.b, t->sums[k].b)};
        } else
            t->sums[k] = v_add_doubles(t->sums[k], w);
    }
}
#endif

/* The sums of g·y, or of g.  float64 adds in one word, from an offset on that is so large that a sum less the one before is
   exact (Sterbenz 1974), which leaves the rest of the product to another word, however many digits it has: what that loses is
   2^-95 of the greatest |g|, which is in `most` then.  Outputs of softmax are at most 1; of numbers above 2 the sum may be no
   better than one word's.  `fresh`: the totals are 0. */
SP_INLINE void sum_gradients(int products, int fresh, const gradient_terms *a, row_totals *t, reals *most) {
    const ptrdiff_t n = filled_up(a->n);
#if SP_DOUBLE
    for (ptrdiff_t start = 0; start < n; start += CHUNK) {
        const ptrdiff_t end = n - start < CHUNK ? n : start + CHUNK;
        reals offset[VECTORS], s[VECTORS], lost[VECTORS];
        UNROLLED for (int k = 0; k < VECTORS; k++) s[k] = lost[k] = v_set(0);
        for (ptrdiff_t i = start; i < end; i += SP_STEP) {
            const real *g = step_of_g(a, i);
            UNROLLED for (int k = 0; k < VECTORS; k++) s[k] = v_max(v_abs(v_load(g + k * V_LANES)), s[k]);
        }
        UNROLLED for (int k = 0; k < VECTORS; k++) {
            *most = v_max(*most, s[k]);
            s[k] = offset[k] = v_set(64) * s[k];
        }
        for (ptrdiff_t i = start; i < end; i += SP_STEP) {
            const real *g = step_of_g(a, i), *y = products ? step_of_y(a, i) : g;
            UNROLLED for (int k = 0; k < VECTORS; k++) {
                const reals v = products ? v_held(v_load(y + k * V_LANES)) : ONE, w = v_held(v_load(g + k * V_LANES));
                const reals sum = v_fma(v, w, s[k]);
                lost[k] = lost[k] + v_fms(v, w, sum - s[k]);
                s[k] = sum;
            }
        }
        if (fresh && start == 0)
            UNROLLED for (int k = 0; k < VECTORS; k++) t->sums[k] = (reals_pair){s[k] - offset[k], lost[k]};
        else
            UNROLLED for (int k = 0; k < VECTORS; k++) add_to_sum(t, k, s[k] - offset[k], lost[k]);
    }
#else
    const ptrdiff_t whole = whole_steps(a->n);
    (void)most, (void)fresh;
    for (ptrdiff_t i = 0; i < whole; i += SP_STEP)
        add_step(products, a->y + i, a->g + i, t);
    if (whole < n)
        add_step(products, a->last_y, a->last_g, t);
#endif
}
SP_INLINE void add_gradients(int products, ptrdiff_t n, const real *y, const real *g, sp_row *r) {
    const ptrdiff_t whole = whole_steps(n); /* the arrays are filled up themselves */
    const gradient_terms terms = {.n = n, .y = y, .g = g, .last_y = y + whole, .last_g = g + whole};
    row_totals t = totals_from(r);
    reals most = v_set(0);
    sum_gradients(products, 0, &terms, &t, &most);
    totals_to(&t, r);
    r->limit = v_greatest(most) > r->limit ? v_greatest(most) : r->limit;
}
static NOINLINE void add_products(ptrdiff_t n, const real *y, const real *g, sp_row *r) { add_gradients(1, n, y, g, r); }
static NOINLINE void add_plain(ptrdiff_t n, const real *g, sp_row *r) { add_gradients(0, n, g, g, r); }
#else
static NOINLINE void add_products(ptrdiff_t n, const real *y, const real *g, sp_row *r) {
    double hi[CHUNK], lo[CHUNK];
    INDEPENDENT
    for (ptrdiff_t i = 0; i < n; i++) {
        pair p = two_product(y[i], g[i]);
        hi[i] = p.hi;
        lo[i] = low_word(p);
    }
    accumulate(n, hi, lo, r);
}

static NOINLINE void add_plain(ptrdiff_t n, const real *g, sp_row *r) {
    double hi[CHUNK], lo[CHUNK];
    for (ptrdiff_t i = 0; i < n; i++)
        hi[i] = g[i], lo[i] = 0.0;
    accumulate(n, hi, lo, r);
}
#endif

static NOINLINE void add_nan(ptrdiff_t n, const real *x, sp_row *r) {
    double hi[CHUNK], lo[CHUNK];
    for (ptrdiff_t i = 0; i < n; i++)
        hi[i] = unless_nan(x[i], 0.0), lo[i] = 0.0;
    accumulate(n, hi, lo, r);
}

/* Sums of gradients, and their differences, may overflow where the results do not.  Once a chunk has so large a gradient,
   it and what follows are scaled down, and what was summed before. */
#define LARGE_GRADIENT 0x1p900
static const real *scaled_down(ptrdiff_t n, const real *g, const sp_row *r, real *buffer) {
    if (r->scale == 1.0)
        return g;
    for (ptrdiff_t i = 0; i < n; i++)
        buffer[i] = (real)(g[i] * r->scale);
    return buffer;
}
static const real *within_range(ptrdiff_t n, const real *g, sp_row *r, real *buffer) {
    if (SP_DOUBLE && r->scale == 1.0 && beyond(n, g, LARGE_GRADIENT)) {
        r->scale = 0x1p-200;
        for (int k = 0; k < SP_STEP; k++)
            r->sums[k] *= r->scale, r->lows[k] *= r->scale;
        r->limit *= r->scale;
    }
    return scaled_down(n, g, r, buffer);
}

/* ---- a row, or a piece of it ---- */

/* Use a whole chunk in place, and pad a partial chunk: with -inf for sums of exponentials, whose terms are then 0,
   and with 0 for other sums. */
SP_INLINE const real *filled(const real *x, ptrdiff_t n, real with, real *buffer) {
    if (n % SP_STEP == 0)
        return x;
    memcpy(buffer, x, (size_t)n * sizeof *x);
    for (ptrdiff_t i = n; i < filled_up(n); i++)
        buffer[i] = with;
    return buffer;
}

static real filling(sp_row_function f) {
    return f == SP_SOFTMIN ? (real)INFINITY : has_limit(f) ? -(real)INFINITY : 0;
}

static void row_begin(sp_row_function f, const real *g, sp_row *r) {
    memset(r, 0, sizeof *r);
    r->limit = -(double)INFINITY;
    r->scale = 1.0;
    r->takes_text = takes_text(f, f == SP_LOGSUMEXP_BACKWARD ? g[0] : 0.0);
}

#if SP_HAS_VECTORS
static NOINLINE void sum_row(ptrdiff_t n, const real *x, sp_row *r) {
    row_totals t = totals_from(r);
    row_exponentials(0, 0, 1, 0, 1, n, x, 0, 0, aim_of(0, (real)r->limit), &t, 0, 0);
    totals_to(&t, r);
}
static NOINLINE void sum_flipped_row(ptrdiff_t n, const real *x, sp_row *r) {
    row_totals t = totals_from(r);
    row_exponentials(1, 0, 1, 0, 1, n, x, 0, 0, aim_of(0, (real)r->limit), &t, 0, 0);
    totals_to(&t, r);
}
static NOINLINE void sum_logarithmic_row(ptrdiff_t n, const real *x, sp_row *r) {
    row_totals t = totals_from(r);
    row_exponentials(0, 1, 1, 0, 1, n, x, 0, 0, aim_of(1, (real)r->limit), &t, 0, 0);
    totals_to(&t, r);
    r->ties += n - t.below;
}
static NOINLINE void form_exponentials(ptrdiff_t n, const real *x, double limit, real *hi, real *lo) {
    row_totals t = no_totals();
    row_exponentials(0, 0, 0, 1, 1, n, x, hi, lo, aim_of(0, (real)limit), &t, 0, 0);
}
static NOINLINE void form_flipped_exponentials(ptrdiff_t n, const real *x, double limit, real *hi, real *lo) {
    row_totals t = no_totals();
    row_exponentials(1, 0, 0, 1, 1, n, x, hi, lo, aim_of(0, (real)limit), &t, 0, 0);
}
#endif

/* keep: memory for the exponentials of the row in double, or null */
static void row_sums(sp_row_function f, ptrdiff_t n, const real *x, const real *g, double *keep, sp_row *r) {
    real padded_x[CHUNK], padded_g[CHUNK], smaller[CHUNK];
    double here[CHUNK], lows[CHUNK];
    for (ptrdiff_t i = 0; i < n; i += CHUNK) {
        const ptrdiff_t m = n - i < CHUNK ? n - i : CHUNK, up = filled_up(m);
        const real *v = filled(x + i, m, filling(f), padded_x);
        if (has_exponentials(f)) {
#if SP_HAS_VECTORS
            if (runs_in_vectors(f, r)) {
                (is_logarithmic(f) ? sum_logarithmic_row : f == SP_SOFTMIN ? sum_flipped_row : sum_row)(up, v, r);
                continue;
            }
#endif
            double *hi = keep && !SP_DOUBLE ? keep + i : here;
            exponentials(f, up, v, r->limit, hi, lows);
            accumulate(up, hi, lows, r);
            for (ptrdiff_t j = 0; is_logarithmic(f) && j < m; j++)
                r->ties += (double)v[j] == r->limit;
        } else if (f == SP_HARDMAX)
            add_nan(up, v, r);
        else {
            const real *w = within_range(up, filled(g + i, m, 0, padded_g), r, smaller);
            if (f == SP_LOG_SOFTMAX_BACKWARD)
                add_plain(up, w, r);
            else
                add_products(up, v, w, r);
        }
    }
}

static void row_results(sp_row_function f, ptrdiff_t n, const real *x, const real *g, const double *keep, sp_row *r,
                        real *out) {
    real padded_x[CHUNK], padded_g[CHUNK], padded_out[CHUNK];
    if (f == SP_LOGSUMEXP) {
        out[0] = logsumexp_result(r->limit, WEIGHT(r));
        return;
    }
    for (ptrdiff_t i = 0; i < n; i += CHUNK) {
        const ptrdiff_t m = n - i < CHUNK ? n - i : CHUNK, up = filled_up(m);
        const real *v = filled(x + i, m, filling(f), padded_x), *w = 0;
        real *y = m % SP_STEP ? padded_out : out + i;
        if (!has_limit(f))
            w = scaled_down(up, filled(g + i, m, 0, padded_g), r, padded_g);
        switch (f) {
        case SP_LOG_SOFTMAX: log_softmax_results(up, v, r->limit, WEIGHT(r), y); break;
        case SP_HARDMAX: hardmax_results(up, v, r, y); break;
        case SP_SOFTMAX_BACKWARD:
        case SP_SOFTMIN_BACKWARD:
        case SP_LOG_SOFTMAX_BACKWARD: gradients(f, up, v, w, r->scale, WEIGHT(r), r->limit, y); break;
        default: {
#if SP_HAS_VECTORS
            if (runs_in_vectors(f, r)) {
                real hi[CHUNK], lo[CHUNK];
                (f == SP_SOFTMIN ? form_flipped_exponentials : form_exponentials)(up, v, r->limit, hi, lo);
                scale_row(up, hi, lo, r->weight, r->weight_low, y);
                break;
            }
#endif
            double hi[CHUNK], lo[CHUNK];
            if (!keep || SP_DOUBLE)
                exponentials(f, up, v, r->limit, hi, lo);
            scaled_exponentials(f == SP_SOFTMIN, up, v, keep && !SP_DOUBLE ? keep + i : hi, lo, r, y);
        }
        }
        if (y == padded_out)
            memcpy(out + i, y, (size_t)m * sizeof *y);
    }
}

static void row_step(sp_row_function f, sp_row_pass pass, ptrdiff_t n, const void *x, const void *g, void *out, sp_row *r) {
    switch (pass) {
    case SP_ROW_BEGIN: row_begin(f, g, r); break;
    case SP_ROW_LIMIT:
        if (has_limit(f))
            r->limit = greatest(f == SP_SOFTMIN, n, x, r->limit);
        break;
    case SP_ROW_SUMS: row_sums(f, n, x, g, 0, r); break;
    case SP_ROW_CLOSE: close_sums(f, g ? ((const real *)g)[0] : 0.0, r); break;
    case SP_ROW_RESULTS: row_results(f, n, x, g, 0, r, out); break;
    }
}

static void run_row(sp_row_function f, ptrdiff_t n, const real *x, const real *g, double *keep, real *out) {
    sp_row r;
    row_begin(f, g, &r);
    row_step(f, SP_ROW_LIMIT, n, x, g, 0, &r);
    row_sums(f, n, x, g, keep, &r);
    close_sums(f, g ? g[0] : 0.0, &r);
    row_results(f, n, x, g, keep, &r, out);
}

#if SP_HAS_VECTORS
/* How many rows of n elements: as many as have `most` elements in all. */
SP_INLINE ptrdiff_t rows_together_of(ptrdiff_t n, ptrdiff_t most) {
    const ptrdiff_t pitch = filled_up(n), fitting = most / pitch;
    return fitting > TOGETHER ? TOGETHER : fitting + !fitting;
}

/* Rows in vectors, short ones several at a time: each pass over a row waits for the one before, and has meanwhile the next row to work
   on.  It also asks for the memory of rows to come and of results, which takes half of the time where they are not in a
   cache.  Exponentials wait in out, their low words in `lows`. */
#define ROW(array, k) ((const real *)(array + (first + (k)) * array##_stride))
#define ROWS                                                                                                           \
    sp_row_function f, ptrdiff_t count, ptrdiff_t n, const char *x, ptrdiff_t x_stride, const char *g,                 \
        ptrdiff_t g_stride, char *out, ptrdiff_t out_stride
SP_INLINE void rows_together(int flip, int logarithmic, ROWS, real *lows) {
    const int one_result = f == SP_LOGSUMEXP;
    const ptrdiff_t whole = n & -(ptrdiff_t)SP_STEP, pitch = filled_up(n);
    const ptrdiff_t together = rows_together_of(n, SP_ROW_CACHE);
    for (ptrdiff_t first = 0; first < count; first += together) {
        const ptrdiff_t m = count - first < together ? count - first : together;
        real limit[TOGETHER], tails[TOGETHER][SP_STEP], tail[SP_STEP];
        int shallow[TOGETHER], special[TOGETHER];
        row_logarithms logs = {.hi = {0}};
        pair weight[TOGETHER];
        for (ptrdiff_t k = 0; k < m; k++) {
            limit[k] = extremes(flip, n, ROW(x, k), &shallow[k]);
            special[k] = !is_finite(limit[k]) || takes_text(f, g ? ROW(g, k)[0] : 0.0);
        }
        for (ptrdiff_t k = 0; k < m; k++) {
            const real *v = ROW(x, k), *next = v;
            if (first + k + together < count)
                next = ROW(x, k + together);
            if (special[k])
                continue;
            real *y = one_result ? (real *)(uintptr_t)next : (real *)(uintptr_t)ROW(out, k), *lo = lows + k * pitch;
            const exponent_aim aim = aim_of(logarithmic, limit[k]);
            row_totals total = no_totals();
            if (shallow[k])
                row_exponentials(flip, logarithmic, 1, !logarithmic, 0, whole, v, y, lo, aim, &total, next, y);
            else
                row_exponentials(flip, logarithmic, 1, !logarithmic, 1, whole, v, y, lo, aim, &total, next, y);
            if (whole < n)
                row_exponentials(flip, logarithmic, 1, !logarithmic, 1, SP_STEP, filled(v + whole, n - whole, filling(f), tail),
                                 tails[k], lo + whole, aim, &total, 0, 0);
            const pair sum = total_in(&total);
            logs.hi[k] = sum.hi, logs.lo[k] = low_word(sum);
            if (logarithmic) {
                logs.limit[k] = limit[k], logs.count[k] = count_of(limit[k]);
                logs.ties[k] = (double)(pitch - total.below);
            }
        }
        if (logarithmic)
            take_logarithms(&logs);
        else
            for (ptrdiff_t k = 0; k < m; k++)
                weight[k] = pair_reciprocal(PAIR(logs.hi[k], logs.lo[k]));
        for (ptrdiff_t k = 0; k < m; k++) {
            const real *v = ROW(x, k), *lo = lows + k * pitch, *weight_of_row = g ? ROW(g, k) : 0;
            real *y = (real *)(uintptr_t)ROW(out, k);
            if (special[k])
                run_row(f, n, v, weight_of_row, 0, y);
            else if (one_result)
                y[0] = logsumexp_result(limit[k], PAIR(logs.hi[k], logs.lo[k]));
            else if (logarithmic) {
                const pair L = PAIR(logs.hi[k], logs.lo[k]);
                if (shallow[k] && logs.has_c[k] != 0.0)
                    subtract_from_row(0, whole, v, (reals_pair){v_set((real)logs.c_hi[k]), v_set((real)logs.c_lo[k])}, y);
                else
                    log_softmax_results(whole, v, limit[k], L, y);
                if (whole < n)
                    log_softmax_results(SP_STEP, filled(v + whole, n - whole, filling(f), tail), limit[k], L, tails[k]);
            } else {
                const pair w = f == SP_LOGSUMEXP_BACKWARD ? pair_times(weight[k], weight_of_row[0]) : weight[k];
                scale_row(whole, y, lo, w.hi, low_word(w), y);
                if (whole < n)
                    scale_row(SP_STEP, tails[k], lo + whole, w.hi, low_word(w), tails[k]);
            }
            if (whole < n && !one_result && !special[k])
                memcpy(y + whole, tails[k], (size_t)(n - whole) * sizeof *y);
        }
    }
}

/* The same bits as run_row gives, with less around them; several short rows at a time here too, of which g, y and the results
   stay in the first cache. */
enum { GRADIENTS_TOGETHER = 1024 };
SP_INLINE void gradients_together(int products, ROWS) {
    const ptrdiff_t whole = whole_steps(n), together = rows_together_of(n, GRADIENTS_TOGETHER);
    for (ptrdiff_t first = 0; first < count; first += together) {
        const ptrdiff_t m = count - first < together ? count - first : together;
        real tails_y[TOGETHER][SP_STEP], tails_g[TOGETHER][SP_STEP];
        pair sum[TOGETHER];
        double limit[TOGETHER];
        int scaled[TOGETHER];
        for (ptrdiff_t k = 0; k < m; k++) {
            const real *y = ROW(x, k), *w = ROW(g, k);
            const gradient_terms terms = {n, y, w, tails_y[k], tails_g[k]};
            row_totals total = no_totals();
            reals most = v_set(0);
            if (whole < n) {
                filled(y + whole, n - whole, 0, tails_y[k]);
                filled(w + whole, n - whole, 0, tails_g[k]);
            }
            sum_gradients(products, 1, &terms, &total, &most);
            sum[k] = total_in(&total);
            limit[k] = SP_DOUBLE ? v_greatest(most) : 0.0;
            scaled[k] = SP_DOUBLE && (limit[k] > LARGE_GRADIENT || !is_finite(sum[k].hi));
        }
        for (ptrdiff_t k = 0; k < m; k++) {
            const real *y = ROW(x, k), *w = ROW(g, k);
            real *to = (real *)(uintptr_t)ROW(out, k);
            if (scaled[k]) {
                run_row(f, n, y, w, 0, to);
                continue;
            }
            if (products)
                softmax_gradients(f == SP_SOFTMIN_BACKWARD ? -1.0 : 1.0, whole, y, w, sum[k], limit[k], to);
            else
                for (ptrdiff_t i = 0; i < whole; i += CHUNK)
                    log_softmax_gradients(1.0, whole - i < CHUNK ? whole - i : CHUNK, y + i, w + i, sum[k], to + i);
            if (whole < n) {
                gradients(f, SP_STEP, tails_y[k], tails_g[k], 1.0, sum[k], limit[k], tails_y[k]);
                memcpy(to + whole, tails_y[k], (size_t)(n - whole) * sizeof *to);
            }
        }
    }
}
#undef ROW

/* One for each set of constants above; what else differs between the functions costs a row little. */
static NOINLINE void exponential_rows(ROWS, real *lows) {
    rows_together(0, 0, f, count, n, x, x_stride, g, g_stride, out, out_stride, lows);
}
static NOINLINE void flipped_rows(ROWS, real *lows) {
    rows_together(1, 0, f, count, n, x, x_stride, g, g_stride, out, out_stride, lows);
}
static NOINLINE void logarithmic_rows(ROWS, real *lows) {
    rows_together(0, 1, f, count, n, x, x_stride, g, g_stride, out, out_stride, lows);
}
static NOINLINE void product_gradient_rows(ROWS, real *unused) {
    (void)unused;
    gradients_together(1, f, count, n, x, x_stride, g, g_stride, out, out_stride);
}
static NOINLINE void plain_gradient_rows(ROWS, real *unused) {
    (void)unused;
    gradients_together(0, f, count, n, x, x_stride, g, g_stride, out, out_stride);
}

typedef void run_rows(ROWS, real *lows);
static run_rows *find_rows(sp_row_function f) {
    switch (f) {
    case SP_SOFTMAX:
    case SP_LOGSUMEXP_BACKWARD: return exponential_rows;
    case SP_SOFTMIN: return flipped_rows;
    case SP_LOG_SOFTMAX:
    case SP_LOGSUMEXP: return logarithmic_rows;
    case SP_SOFTMAX_BACKWARD:
    case SP_SOFTMIN_BACKWARD: return product_gradient_rows;
    case SP_LOG_SOFTMAX_BACKWARD: return plain_gradient_rows;
    default: return 0;
    }
}
#endif

static void rows(sp_row_function f, ptrdiff_t count, ptrdiff_t n, const void *x, ptrdiff_t x_stride, const void *g,
                 ptrdiff_t g_stride, void *out, ptrdiff_t out_stride, sp_row_cache *cache) {
    const int fits = n <= SP_ROW_CACHE;
#if SP_HAS_VECTORS
    run_rows *const run = fits && n > 0 ? find_rows(f) : 0;
    if (run) {
        run(f, count, n, x, x_stride, g, g_stride, out, out_stride, (real *)cache->numbers);
        return;
    }
#endif
    for (ptrdiff_t i = 0; i < count; i++)
        run_row(f, n, (const real *)((const char *)x + i * x_stride), g ? (const real *)((const char *)g + i * g_stride) : 0,
                fits && scales_exponentials(f) && !SP_HAS_VECTORS ? cache->numbers : 0, (real *)((char *)out + i * out_stride));
}
#endif
