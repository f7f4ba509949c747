/* Vectors of the instruction set's own width, for what is not a loop over elements.

   LOW and HIGH interleave the first halves of two vectors, and the last ones. */
#ifndef SP_TRANSPOSE_H
#define SP_TRANSPOSE_H
#include "arithmetic/real.h"

/* A pragma for loops over lanes, which GCC would otherwise unroll before it vectorizes. */
#if defined(__GNUC__) && !defined(__clang__)
#define KEEP_ROLLED _Pragma("GCC unroll 1")
#else
#define KEEP_ROLLED
#endif

#if defined(__AVX512F__)
#define VECTOR_BYTES 64
#elif defined(__AVX2__)
#define VECTOR_BYTES 32
#else
#define VECTOR_BYTES 16
#endif
enum { WIDTH = VECTOR_BYTES / (int)sizeof(real) };
typedef real vector __attribute__((vector_size(VECTOR_BYTES)));

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#if VECTOR_BYTES / (4 + 4 * SP_DOUBLE) == 2
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 2)
#define HIGH(a, b) __builtin_shufflevector(a, b, 1, 3)
enum { STAGES = 1 };
#elif VECTOR_BYTES / (4 + 4 * SP_DOUBLE) == 4
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 4, 1, 5)
#define HIGH(a, b) __builtin_shufflevector(a, b, 2, 6, 3, 7)
enum { STAGES = 2 };
#elif VECTOR_BYTES / (4 + 4 * SP_DOUBLE) == 8
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 8, 1, 9, 2, 10, 3, 11)
#define HIGH(a, b) __builtin_shufflevector(a, b, 4, 12, 5, 13, 6, 14, 7, 15)
enum { STAGES = 3 };
#else
#define LOW(a, b) __builtin_shufflevector(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23)
#define HIGH(a, b) __builtin_shufflevector(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
enum { STAGES = 4 };
#endif

/* Number r of row c to number c of row r: each stage interleaves the first half of all numbers with the second, which
   moves every bit of an index (row, column) up by one place. */
SP_INLINE void transpose(vector *v) {
#pragma GCC unroll 4
    for (int s = 0; s < STAGES; s++) {
        vector w[WIDTH];
#pragma GCC unroll 8
        for (int i = 0; i < WIDTH / 2; i++) {
            w[2 * i] = LOW(v[i], v[i + WIDTH / 2]);
            w[2 * i + 1] = HIGH(v[i], v[i + WIDTH / 2]);
        }
#pragma GCC unroll 16
        for (int i = 0; i < WIDTH; i++)
            v[i] = w[i];
    }
}
#else
SP_INLINE void transpose(vector *v) {
    for (int r = 0; r < WIDTH; r++)
        for (int c = 0; c < r; c++) {
            real t = v[r][c];
            v[r][c] = v[c][r];
            v[c][r] = t;
        }
}
#endif

#endif
