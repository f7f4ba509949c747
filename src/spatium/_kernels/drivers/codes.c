/* Look-ups of bytes, in vectors where the processor has an instruction for them.

   A loop over bytes takes a cycle for each, ten times as long as copying.  AVX-512 VBMI looks up 128 bytes in two
   registers, so a whole table takes two instructions for 64 elements, which is the speed of memory.  On AVX2 an
   instruction looks up 16 bytes by the low four bits of an index, and gives 0 if the index is negative; so a table takes
   16 of them for 32 elements, and processors begin one or two in a cycle.  That is the limit: the other instructions are
   about as many.  A chain that lowers the index by 16 for each part takes 1.5 times as long as the form here, and a
   choice of the parts by all four high bits of the index 1.35 times. */
#include "drivers/dispatch.h"

#include <string.h>

enum {
    GRAIN = 1 << 16,       /* elements of a share */
    LOOK_UPS_PER_RELU = 4, /* look-ups in the time of one relu, by which sp_parallel_for measures */
    COUNTERS = 8,          /* of each cell, so that equal cells in a row do not wait for each other */
    BLOCK = 512,           /* elements of a step between two loops */
    COLUMNS = 128,         /* the fewest of a share: a piece of a row is then long enough to be fetched in advance */
};

static ptrdiff_t least(ptrdiff_t a, ptrdiff_t b) { return a < b ? a : b; }

#if (defined(SP_HAVE_x86_v3) || defined(SP_HAVE_x86_v4)) && !defined(_WIN32)
#include <immintrin.h>
#define VECTORS 1

#define VBMI __attribute__((target("avx512f,avx512bw,avx512vbmi")))

typedef struct {
    __m512i a, b, c, d;
} four_quarters;

VBMI static inline __m512i look_up_64(const four_quarters *t, __m512i index) {
    const __m512i low = _mm512_permutex2var_epi8(t->a, index, t->b), high = _mm512_permutex2var_epi8(t->c, index, t->d);
    return _mm512_mask_blend_epi8(_mm512_movepi8_mask(index), low, high);
}

VBMI static inline void look_up_some(const four_quarters *t, ptrdiff_t n, const uint8_t *x, uint8_t *out) {
    const __mmask64 kept = ~0ull >> (64 - n);
    _mm512_mask_storeu_epi8(out, kept, look_up_64(t, _mm512_maskz_loadu_epi8(kept, x)));
}

/* n is at least 64.  The stores between the first and the last ones begin at lines of the cache. */
VBMI static ptrdiff_t look_up_vbmi(const uint8_t *table, ptrdiff_t n, const uint8_t *x, uint8_t *out) {
    const four_quarters t = {_mm512_loadu_si512(table), _mm512_loadu_si512(table + 64), _mm512_loadu_si512(table + 128),
                             _mm512_loadu_si512(table + 192)};
    ptrdiff_t i = 0;
    for (; i + 64 <= n; i += 64)
        _mm512_storeu_si512((void *)(out + i), look_up_64(&t, _mm512_loadu_si512(x + i)));
    if (i < n)
        look_up_some(&t, n - i, x + i, out + i);
    return n;
}

/* Bit 7 of the index chooses between two halves of the table, bit 6 between two quarters, and both make the index of the
   wrong ones negative: signed saturation keeps it so.  A quarter that follows another one is stored as the difference
   (exclusive or) from it, because an index for it is not negative for the other one either.  Bits 5 and 4 choose among
   the four parts of a quarter. */
__attribute__((target("avx2"))) static ptrdiff_t look_up_avx2(const uint8_t *table, ptrdiff_t n, const uint8_t *x,
                                                              uint8_t *out) {
    __m256i part[16];
    for (int k = 0; k < 16; k++) {
        __m128i own = _mm_loadu_si128((const __m128i *)(table + 16 * k));
        if (k & 4)
            own = _mm_xor_si128(own, _mm_loadu_si128((const __m128i *)(table + 16 * (k - 4))));
        part[k] = _mm256_broadcastsi128_si256(own);
    }
    const __m256i quarter = _mm256_set1_epi8(64), top = _mm256_set1_epi8((char)0x80);
    ptrdiff_t i = 0;
    for (; i + 32 <= n; i += 32) {
        const __m256i first = _mm256_loadu_si256((const __m256i *)(x + i)), third = _mm256_xor_si256(first, top);
        const __m256i second = _mm256_subs_epi8(first, quarter), fourth = _mm256_subs_epi8(third, quarter);
        const __m256i bit_4 = _mm256_slli_epi16(first, 3), bit_5 = _mm256_slli_epi16(first, 2); /* on top of each byte */
        __m256i y[4];
        for (int k = 0; k < 4; k++)
            y[k] = _mm256_xor_si256(_mm256_xor_si256(_mm256_shuffle_epi8(part[k], first),
                                                     _mm256_shuffle_epi8(part[k + 4], second)),
                                    _mm256_xor_si256(_mm256_shuffle_epi8(part[k + 8], third),
                                                     _mm256_shuffle_epi8(part[k + 12], fourth)));
        const __m256i low = _mm256_blendv_epi8(y[0], y[1], bit_4), high = _mm256_blendv_epi8(y[2], y[3], bit_4);
        _mm256_storeu_si256((__m256i *)(out + i), _mm256_blendv_epi8(low, high, bit_5));
    }
    return i;
}
/* Returns how many cells it found. */
__attribute__((target("avx2"))) static ptrdiff_t find_cells_avx2(ptrdiff_t n, const uint64_t *hashes, uint8_t *cells) {
    const __m256i kept = _mm256_set1_epi64x(0x0707), weights = _mm256_set1_epi16(0x0801); /* of a row and a column */
    ptrdiff_t i = 0;
    for (; i + 16 <= n; i += 16) {
        __m256i four[4];
        for (int k = 0; k < 4; k++)
            four[k] = _mm256_and_si256(_mm256_loadu_si256((const __m256i *)(hashes + i + 4 * k)), kept);
        const __m256i words = _mm256_packus_epi32(_mm256_packus_epi32(four[0], four[1]),
                                                  _mm256_packus_epi32(four[2], four[3]));
        const __m256i sums = _mm256_maddubs_epi16(words, weights), bytes = _mm256_packus_epi16(sums, sums);
        /* two cells of each four in either half */
        _mm_storeu_si128((__m128i *)(cells + i),
                         _mm_unpacklo_epi16(_mm256_castsi256_si128(bytes), _mm256_extracti128_si256(bytes, 1)));
    }
    return i;
}
#endif

/* Looks up elements from the first on, and returns how many. */
static ptrdiff_t look_up_in_vectors(const uint8_t *table, ptrdiff_t n, const uint8_t *x, uint8_t *out) {
#ifdef VECTORS
    const char *isa = sp_isa_name(sp_isa_current());
    if (n >= 64 && !strcmp(isa, "x86_v4") && __builtin_cpu_supports("avx512vbmi"))
        return look_up_vbmi(table, n, x, out);
    if (n >= 64 && strcmp(isa, "baseline") != 0)
        return look_up_avx2(table, n, x, out);
#else
    (void)table, (void)n, (void)x, (void)out;
#endif
    return 0;
}

static void look_up_contiguous(const uint8_t *table, ptrdiff_t n, const uint8_t *x, uint8_t *out) {
    for (ptrdiff_t i = look_up_in_vectors(table, n, x, out); i < n; i++)
        out[i] = table[x[i]];
}

static void look_up(const sp_codes *q, ptrdiff_t first, ptrdiff_t n) {
    const uint8_t *table = q->table, *x = (const uint8_t *)q->x + first * q->x_stride;
    uint8_t *out = (uint8_t *)q->out + first * q->out_stride;
    if (q->x_stride == 1 && q->out_stride == 1) {
        look_up_contiguous(table, n, x, out);
        return;
    }
    for (ptrdiff_t i = 0; i < n; i++)
        out[i * q->out_stride] = table[x[i * q->x_stride]];
}

/* round(x) for |x| < 2^51, without a call of libm: to even, except that a rest of `away` is rounded away from 0. */
static inline double rounded(double x, double away) {
    const double even = (x + 0x1.8p52) - 0x1.8p52, rest = (x - even) * (x < 0.0 ? -1.0 : 1.0);
    return even + (rest == away ? (x < 0.0 ? -1.0 : 1.0) : 0.0);
}

/* Contiguous numbers of one type.  NaN gets the least code.  Each loop has elements of one size, so that the compiler
   makes vectors of it. */
#define ENCODE(name, real)                                                                                             \
    static int name(const sp_codes *q, ptrdiff_t n, const real *restrict x, uint8_t *restrict out) {                   \
        const double scale = q->scale, zero = q->zero, low = q->least - zero, high = q->greatest - zero;               \
        const double away = q->half_away ? 0.5 : 2.0; /* 2 is no rest */                                               \
        double steps[BLOCK];                                                                                           \
        int32_t codes[BLOCK];                                                                                          \
        real nans = 0;                                                                                                 \
        for (ptrdiff_t first = 0; first < n; first += BLOCK) {                                                         \
            const ptrdiff_t length = least(BLOCK, n - first);                                                          \
            for (ptrdiff_t i = 0; i < length; i++)                                                                     \
                steps[i] = (double)x[first + i] / scale;                                                               \
            for (ptrdiff_t i = 0; i < length; i++)                                                                     \
                nans = x[first + i] == x[first + i] ? nans : 1;                                                        \
            for (ptrdiff_t i = 0; i < length; i++) {                                                                   \
                double s = steps[i] > low ? steps[i] : low;                                                            \
                s = s < high ? s : high;                                                                               \
                steps[i] = rounded(s, away) + zero;                                                                    \
            }                                                                                                          \
            for (ptrdiff_t i = 0; i < length; i++)                                                                     \
                codes[i] = (int32_t)steps[i];                                                                          \
            for (ptrdiff_t i = 0; i < length; i++)                                                                     \
                out[first + i] = (uint8_t)codes[i];                                                                    \
        }                                                                                                              \
        return nans != 0;                                                                                              \
    }
ENCODE(encode_floats, float)
ENCODE(encode_doubles, double)

static int encode(const sp_codes *q, ptrdiff_t first, ptrdiff_t n) {
    const char *x = q->x + first * q->x_stride;
    uint8_t *out = (uint8_t *)q->out + first * q->out_stride;
    const int is_float = q->dtype == SP_FLOAT32;
    if (q->out_stride == 1 && is_float && q->x_stride == sizeof(float))
        return encode_floats(q, n, (const void *)x, out);
    if (q->out_stride == 1 && !is_float && q->x_stride == sizeof(double))
        return encode_doubles(q, n, (const void *)x, out);
    int has_nan = 0;
    for (ptrdiff_t i = 0; i < n; i++)
        has_nan |= is_float ? encode_floats(q, 1, (const void *)(x + i * q->x_stride), out + i * q->out_stride)
                            : encode_doubles(q, 1, (const void *)(x + i * q->x_stride), out + i * q->out_stride);
    return has_nan;
}

#define DECODE(name, real)                                                                                             \
    static void name(const real *restrict table, ptrdiff_t n, const uint8_t *x, ptrdiff_t x_stride, char *out,         \
                     ptrdiff_t out_stride) {                                                                           \
        for (ptrdiff_t i = 0; i < n; i++)                                                                              \
            *(real *)(void *)(out + i * out_stride) = table[x[i * x_stride]];                                          \
    }
DECODE(decode_floats, float)
DECODE(decode_doubles, double)

static void decode(const sp_codes *q, ptrdiff_t first, ptrdiff_t n) {
    const uint8_t *x = (const uint8_t *)q->x + first * q->x_stride;
    char *out = q->out + first * q->out_stride;
    if (q->dtype == SP_FLOAT32)
        decode_floats(q->table, n, x, q->x_stride, out, q->out_stride);
    else
        decode_doubles(q->table, n, x, q->x_stride, out, q->out_stride);
}

static int run_share(const void *context, ptrdiff_t share) {
    const sp_codes *q = context;
    const ptrdiff_t first = share * GRAIN, n = least(GRAIN, q->n - first);
    if (q->operation == SP_ENCODE)
        return encode(q, first, n);
    if (q->operation == SP_DECODE)
        decode(q, first, n);
    else
        look_up(q, first, n);
    return 0;
}

int sp_run_codes(const sp_codes *q) {
    const ptrdiff_t work = q->operation == SP_LOOK_UP ? q->n / LOOK_UPS_PER_RELU : q->n;
    return sp_parallel_for((q->n + GRAIN - 1) / GRAIN, work, run_share, q);
}

/* ---- maps ---- */

/* The cells of n hashes. */
static void find_cells(const char *hashes, ptrdiff_t stride, ptrdiff_t n, uint8_t *cells) {
    ptrdiff_t i = 0;
#ifdef VECTORS
    if (stride == sizeof(uint64_t) && strcmp(sp_isa_name(sp_isa_current()), "baseline") != 0)
        i = find_cells_avx2(n, (const uint64_t *)(const void *)hashes, cells);
#endif
    for (; i < n; i++) {
        uint64_t h;
        memcpy(&h, hashes + i * stride, sizeof h);
        cells[i] = (uint8_t)SP_CELL(h);
    }
}

/* Eight results in one store: single bytes take half of the time. */
static void store_eight(uint8_t *out, uint64_t y) {
#if defined(__BYTE_ORDER__) && __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
    y = __builtin_bswap64(y);
#endif
    memcpy(out, &y, sizeof y);
}

/* One grid: the tables are in the order of the cells.  Eight elements at a time, each with counters of its own. */
static void run_one_grid(const sp_code_map *q, ptrdiff_t row, ptrdiff_t first, ptrdiff_t end,
                         uint32_t counts[COUNTERS][SP_CELLS]) {
    const uint8_t *tables = q->tables, *x = q->x + row * q->columns;
    const ptrdiff_t stride = q->hash_strides[1];
    const char *hashes = q->hashes + row * q->hash_strides[0];
    uint8_t *out = q->out + row * q->columns;
    if (stride == 0) {
        uint64_t h;
        memcpy(&h, hashes, sizeof h);
        look_up_contiguous(tables + 256 * SP_CELL(h), end - first, x + first, out + first);
        counts[0][SP_CELL(h)] += (uint32_t)(end - first);
        return;
    }
    for (ptrdiff_t j = first, n; j < end; j += n) {
        uint8_t cells[BLOCK];
        ptrdiff_t i = 0;
        n = least(BLOCK, end - j);
        find_cells(hashes + j * stride, stride, n, cells);
        for (; i + COUNTERS <= n; i += COUNTERS) {
            uint64_t y = 0;
            for (int k = 0; k < COUNTERS; k++) {
                const ptrdiff_t cell = cells[i + k];
                counts[k][cell]++;
                y |= (uint64_t)tables[256 * cell + x[j + i + k]] << 8 * k;
            }
            store_eight(out + j + i, y);
        }
        for (; i < n; i++) {
            counts[0][cells[i]]++;
            out[j + i] = tables[256 * (ptrdiff_t)cells[i] + x[j + i]];
        }
    }
}

/* One result for each entry, the tables of the map. */
static void look_up_entries(const uint8_t *tables, ptrdiff_t n, const uint8_t *entries, const uint8_t *x, uint8_t *out) {
    ptrdiff_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t y = 0;
        for (int k = 0; k < 8; k++)
            y |= (uint64_t)tables[256 * (ptrdiff_t)entries[i + k] + x[i + k]] << 8 * k;
        store_eight(out + i, y);
    }
    for (; i < n; i++)
        out[i] = tables[256 * (ptrdiff_t)entries[i] + x[i]];
}

static void run_grids(const sp_code_map *q, ptrdiff_t row, ptrdiff_t first, ptrdiff_t end) {
    const uint8_t *x = q->x + row * q->columns, *tables = q->tables, *entries = q->cells;
    uint8_t *out = q->out + row * q->columns;
    uint64_t *hits = q->hits;
    const char *hashes = q->hashes + row * q->hash_strides[0];
    if (q->hash_strides[1] == 0) {
        uint64_t h;
        memcpy(&h, hashes, sizeof h);
        const uint8_t *of_cell = entries + SP_CELL(h) * q->columns;
        look_up_entries(tables, end - first, of_cell + first, x + first, out + first);
        return;
    }
    for (ptrdiff_t j = first, n; j < end; j += n) {
        uint8_t cells[BLOCK], own[BLOCK];
        n = least(BLOCK, end - j);
        find_cells(hashes + j * q->hash_strides[1], q->hash_strides[1], n, cells);
        for (ptrdiff_t i = 0; i < n; i++)
            own[i] = entries[64 * (j + i) + cells[i]];
        look_up_entries(tables, n, own, x + j, out + j);
        if (hits)
            for (ptrdiff_t i = 0; i < n; i++)
                hits[64 * (j + i) + cells[i]]++;
    }
}

/* Whether shares are ranges of columns: several grids count without interference then, and one row has several shares. */
static int is_by_columns(const sp_code_map *q) { return q->rows == 1 || (q->hits && !q->one_grid); }

static ptrdiff_t share_length(const sp_code_map *q) {
    const ptrdiff_t other = is_by_columns(q) ? q->rows : q->columns;
    const ptrdiff_t length = other < GRAIN ? GRAIN / (other ? other : 1) : 1;
    return is_by_columns(q) && length < COLUMNS ? COLUMNS : length;
}

static int run_map_share(const void *context, ptrdiff_t share) {
    const sp_code_map *q = context;
    const int by_columns = is_by_columns(q);
    const ptrdiff_t length = share_length(q), first = share * length;
    const ptrdiff_t end = least(first + length, by_columns ? q->columns : q->rows);
    uint32_t counts[COUNTERS][SP_CELLS] = {{0}};
    for (ptrdiff_t row = by_columns ? 0 : first; row < (by_columns ? q->rows : end); row++) {
        const ptrdiff_t begin = by_columns ? first : 0, stop = by_columns ? end : q->columns;
        if (!q->one_grid)
            run_grids(q, row, begin, stop);
        else
            run_one_grid(q, row, begin, stop, counts);
    }
    if (q->hits && q->one_grid)
        for (int cell = 0; cell < SP_CELLS; cell++) {
            uint64_t sum = 0;
            for (int k = 0; k < COUNTERS; k++)
                sum += counts[k][cell];
            __atomic_fetch_add(&q->hits[cell], sum, __ATOMIC_RELAXED);
        }
    return 0;
}

void sp_run_code_map(const sp_code_map *q) {
    const ptrdiff_t length = share_length(q), whole = is_by_columns(q) ? q->columns : q->rows;
    sp_parallel_for((whole + length - 1) / length, q->rows * q->columns, run_map_share, q);
}
