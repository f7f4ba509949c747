/* Moves of numbers between arrays and groups that share an activation, for drivers/map/.

   Nothing here computes: whatever the instruction set, the same numbers arrive in the same places.  SP_LINE rows are
   moved together as one line per column, 64 bytes: a transposition in registers. */
#ifndef SP_PERMUTE_H
#define SP_PERMUTE_H
#include "loops/kernels.h"
#include "loops/transpose.h"

#if defined(__AVX512F__)
#include <immintrin.h>
#endif

enum { LINE = SP_LINE_BYTES / (int)sizeof(real), PARTS = LINE / WIDTH };

static void cells_of(ptrdiff_t n, const uint64_t *hashes, uint8_t *cells) {
    for (ptrdiff_t i = 0; i < n; i++)
        cells[i] = (uint8_t)SP_CELL(hashes[i]);
}

static void entries_of(ptrdiff_t n, const uint8_t *restrict grid, uint8_t *restrict cells) {
    ptrdiff_t i = 0;
#if defined(__AVX512F__)
    const __m512i low = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)grid));
    const __m512i high = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(grid + 32)));
    for (; i + 32 <= n; i += 32) {
        const __m512i c = _mm512_cvtepu8_epi16(_mm256_loadu_si256((const __m256i *)(cells + i)));
        _mm256_storeu_si256((__m256i *)(cells + i), _mm512_cvtepi16_epi8(_mm512_permutex2var_epi16(low, c, high)));
    }
#endif
    for (; i < n; i++)
        cells[i] = grid[cells[i]];
}

/* Four counters per key, one for the elements with index 0, 1, 2 and 3 modulo 4, so that consecutive elements with
   the same key do not wait for each other's update. */
static void count_keys(ptrdiff_t n, const uint8_t *restrict keys, int limit, uint32_t (*restrict counts)[SP_MAX_ENTRIES]) {
    for (int t = 0; t < 4; t++)
        memset(counts[t], 0, (size_t)limit * sizeof **counts);
    ptrdiff_t i = 0;
    for (; i + 8 <= n; i += 8) {
        uint64_t k;
        memcpy(&k, keys + i, sizeof k);
        counts[0][k & 255]++;
        counts[1][k >> 8 & 255]++;
        counts[2][k >> 16 & 255]++;
        counts[3][k >> 24 & 255]++;
        counts[0][k >> 32 & 255]++;
        counts[1][k >> 40 & 255]++;
        counts[2][k >> 48 & 255]++;
        counts[3][k >> 56]++;
    }
    for (; i < n; i++)
        counts[i & 3][keys[i]]++;
}

#define PLACE_ONE(i)                                                                                                   \
    do {                                                                                                               \
        const uint32_t p = next[(phase + (i)) & 3][keys[i]]++;                                                         \
        sorted[p] = x[i];                                                                                              \
        places[i] = (uint16_t)p;                                                                                       \
    } while (0)

/* The next place of its key for each number, and the numbers there; `phase` is the first one's number modulo four. */
static void place(ptrdiff_t n, ptrdiff_t phase, const uint8_t *restrict keys, uint32_t (*restrict next)[SP_MAX_ENTRIES],
                  const void *restrict from, void *restrict to, uint16_t *restrict places) {
    const real *restrict x = from;
    real *restrict sorted = to;
    ptrdiff_t i = 0;
    for (; i < n && ((phase + i) & 3) != 0; i++)
        PLACE_ONE(i);
    for (; i + 4 <= n; i += 4) {
        const uint8_t *k = keys + i;
        const uint32_t p = next[0][k[0]], q = next[1][k[1]], r = next[2][k[2]], s = next[3][k[3]];
        const uint16_t four[4] = {(uint16_t)p, (uint16_t)q, (uint16_t)r, (uint16_t)s};
        next[0][k[0]] = p + 1;
        next[1][k[1]] = q + 1;
        next[2][k[2]] = r + 1;
        next[3][k[3]] = s + 1;
        sorted[p] = x[i];
        sorted[q] = x[i + 1];
        sorted[r] = x[i + 2];
        sorted[s] = x[i + 3];
        memcpy(places + i, four, sizeof four);
    }
    for (; i < n; i++)
        PLACE_ONE(i);
}
#undef PLACE_ONE

static void put(ptrdiff_t n, const uint16_t *restrict places, const void *restrict from, void *restrict to) {
    const real *restrict x = from;
    real *restrict y = to;
    for (ptrdiff_t i = 0; i < n; i++)
        y[places[i]] = x[i];
}

static void take(ptrdiff_t n, const uint16_t *restrict places, const void *restrict from, void *restrict to) {
    const real *restrict x = from;
    real *restrict y = to;
    ptrdiff_t i = 0;
#if defined(__AVX512F__)
    for (; i + 16 <= n; i += 16) {
        const __m512i p = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)(places + i)));
#if SP_DOUBLE
        _mm512_storeu_pd(y + i, _mm512_i32gather_pd(_mm512_castsi512_si256(p), x, 8));
        _mm512_storeu_pd(y + i + 8, _mm512_i32gather_pd(_mm512_extracti64x4_epi64(p, 1), x, 8));
#else
        _mm512_storeu_ps(y + i, _mm512_i32gather_ps(p, x, 4));
#endif
    }
#endif
    for (; i < n; i++)
        y[i] = x[places[i]];
}

static void take_chosen(ptrdiff_t n, const uint8_t *restrict keys, int key, const void *restrict from, void *restrict to) {
    const real *restrict x = from;
    real *restrict y = to;
    for (ptrdiff_t i = 0; i < n; i++)
        y[i] = keys[i] == key ? x[i] : y[i];
}

/* ---- lines ---- */

/* Return the start of the next block of columns after the block at j, for n >= WIDTH. Blocks start at cache lines of
   `row`, except for the first and the last, which overlap their neighbors. */
SP_INLINE ptrdiff_t next_block(ptrdiff_t j, ptrdiff_t n, const void *row) {
    const ptrdiff_t begun = (ptrdiff_t)((uintptr_t)row % VECTOR_BYTES / sizeof(real));
    const ptrdiff_t next = j == 0 && begun ? WIDTH - begun : j + WIDTH;
    return j + WIDTH >= n ? n : next < n - WIDTH ? next : n - WIDTH;
}

/* Column j of LINE rows to the line places[j]. */
static void rows_to_lines(ptrdiff_t n, const uint16_t *places, const void *const *rows, void *lines) {
    real *to = lines;
    if (n < WIDTH)
        for (ptrdiff_t j = 0; j < n; j++)
            for (int r = 0; r < LINE; r++)
                to[(ptrdiff_t)LINE * places[j] + r] = ((const real *)rows[r])[j];
    else
        for (ptrdiff_t j = 0; j < n; j = next_block(j, n, rows[0]))
            for (int part = 0; part < PARTS; part++) {
                vector v[WIDTH];
#pragma GCC unroll 16
                for (int r = 0; r < WIDTH; r++)
                    memcpy(&v[r], (const real *)rows[part * WIDTH + r] + j, sizeof *v);
                transpose(v);
#pragma GCC unroll 16
                for (int k = 0; k < WIDTH; k++)
                    memcpy(to + (ptrdiff_t)LINE * places[j + k] + part * WIDTH, &v[k], sizeof *v);
            }
}

/* And back. */
static void lines_to_rows(ptrdiff_t n, const uint16_t *places, const void *lines, void *const *rows) {
    const real *from = lines;
    if (n < WIDTH)
        for (ptrdiff_t j = 0; j < n; j++)
            for (int r = 0; r < LINE; r++)
                ((real *)rows[r])[j] = from[(ptrdiff_t)LINE * places[j] + r];
    else
        for (ptrdiff_t j = 0; j < n; j = next_block(j, n, rows[0]))
            for (int part = 0; part < PARTS; part++) {
                vector v[WIDTH];
#pragma GCC unroll 16
                for (int k = 0; k < WIDTH; k++)
                    memcpy(&v[k], from + (ptrdiff_t)LINE * places[j + k] + part * WIDTH, sizeof *v);
                transpose(v);
#pragma GCC unroll 16
                for (int r = 0; r < WIDTH; r++)
                    memcpy((real *)rows[part * WIDTH + r] + j, &v[r], sizeof *v);
            }
}

#endif
