/* What one build of kernels.c exports: the loops of one instruction set for one type. */
#ifndef SP_KERNELS_H
#define SP_KERNELS_H
#include "spatium.h"

enum { SP_LANES = 16 }; /* loops take multiples of this many elements, contiguous */

/* The enum codes, by name: SP_CODE_gelu. */
#define SP_PASS 0
#define SP_TEXT 1
#define SP_FAR 3
#define SP_ACTIVATION(name, code, parameters, flags) SP_CODE_##name = code,
enum {
#include "functions.inc"
};
#undef SP_ACTIVATION
#undef SP_PASS
#undef SP_TEXT
#undef SP_FAR

/* parameters: one value each, or one per element when `varying` */
typedef void sp_run(int code, sp_operation operation, int varying, ptrdiff_t n, const void *x, const void *g,
                    const double *const *parameters, void *out0, void *out1);

/* projection of one row, see projection.h */
typedef void sp_project_row(const void *x, ptrdiff_t features, const float *planes, ptrdiff_t plane_count, double *out);

/* what memory.c needs: n numbers of the type, n a multiple of SP_LANES where bits are concerned */
typedef struct {
    void (*pack)(ptrdiff_t n, const void *sides, uint8_t *bits);
    void (*unpack)(ptrdiff_t n, const uint8_t *bits, void *sides);
    void (*add)(ptrdiff_t n, const void *x, const void *y, void *sum);
    void (*add_to)(ptrdiff_t n, const void *x, double *sums);
} sp_array_kernels;

/* what routing.c needs, see moves.h; numbers of the type */
enum { SP_LINE_BYTES = 64 };
#define SP_CELL(hash) (((hash) >> 5 & 56) | ((hash)&7)) /* 8·row + column */

typedef struct {
    void (*cells_of)(ptrdiff_t n, const uint64_t *hashes, uint8_t *cells);
    void (*count_keys)(ptrdiff_t n, const uint8_t *keys, int limit, uint32_t (*counts)[SP_MAX_ENTRIES]);
    void (*place)(ptrdiff_t n, ptrdiff_t phase, const uint8_t *keys, uint32_t (*next)[SP_MAX_ENTRIES], const void *from,
                  void *to, uint16_t *places);
    void (*put)(ptrdiff_t n, const uint16_t *places, const void *from, void *to);  /* to[places[i]] = from[i] */
    void (*take)(ptrdiff_t n, const uint16_t *places, const void *from, void *to); /* to[i] = from[places[i]] */
    void (*rows_to_lines)(ptrdiff_t n, const uint16_t *places, const void *const *rows, void *lines);
    void (*lines_to_rows)(ptrdiff_t n, const uint16_t *places, const void *lines, void *const *rows);
} sp_moves;

/* one float64: value, derivatives and derivative from the output; NaN for what there is no formula of */
typedef double sp_run_scalar(int code, sp_operation operation, double x, double a, double b);

typedef struct {
    sp_run *run;
    sp_project_row *project;
    sp_array_kernels arrays;
    sp_moves moves;
    sp_run_scalar *scalar; /* the tables of float64 */
} sp_kernels;

#define SP_EACH_ISA_OF(isa) extern const sp_kernels sp_kernels_##isa##_float32, sp_kernels_##isa##_float64;
SP_EACH_ISA_OF(baseline)
SP_EACH_ISA_OF(x86_v3)
SP_EACH_ISA_OF(x86_v4)
SP_EACH_ISA_OF(neon)
#undef SP_EACH_ISA_OF

#endif
