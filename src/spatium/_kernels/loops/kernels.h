/* What one build of kernels.c exports: the loops of one instruction set for one type. */
#ifndef SP_KERNELS_H
#define SP_KERNELS_H
#include "spatium.h"

enum { SP_STEP = 16 }; /* loops take multiples of this many elements, contiguous */

/* SP_PASS selects the parts of the files in functions.inc that one #include reads. The default is SP_RECORD.
   SP_TEXT    `name_at` and its helper functions
   SP_FAR     `name_far_at` for what is outside the range of `name_at`, if the record has SP_LARGE_ARGUMENT or
              SP_EXTREME_PARAMETER; with the latter, `name_far_from_output` or `_from_side` too
   SP_RECORD  SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments): four properties,
              see spatium.h; followed by its error bounds, see sp_bound */
#define SP_TEXT 1
#define SP_FAR 2
#define SP_RECORD 3
#define SP_PASS SP_RECORD

/* The facts of a record as conditions: SP_IF_OUTPUT_##source(text) is the text where the output alone gives f'. */
#define SP_IF_OUTPUT_SP_FROM_INPUT(...)
#define SP_IF_OUTPUT_SP_FROM_OUTPUT(...) __VA_ARGS__
#define SP_IF_OUTPUT_SP_FROM_SIDE(...)
#define SP_IF_SIDE_SP_FROM_INPUT(...)
#define SP_IF_SIDE_SP_FROM_OUTPUT(...)
#define SP_IF_SIDE_SP_FROM_SIDE(...) __VA_ARGS__
#define SP_IF_BIT_SP_MANY_SLOPES(...)
#define SP_IF_BIT_SP_TWO_VALUED_SLOPE(...) __VA_ARGS__
#define SP_IF_STAGES_SP_IN_DOUBLE(...)
#define SP_IF_STAGES_SP_IN_STAGES(...) __VA_ARGS__
#define SP_IF_PIECEWISE_SP_IN_DOUBLE(...)
#define SP_IF_PIECEWISE_SP_IN_STAGES(...)
#define SP_IF_STAGES_SP_PIECEWISE(...)
#define SP_IF_STAGES_SP_PIECEWISE_EXACT(...)
#define SP_IF_PIECEWISE_SP_PIECEWISE(...) __VA_ARGS__
#define SP_IF_PIECEWISE_SP_PIECEWISE_EXACT(...) __VA_ARGS__
#define SP_IF_LARGE_SP_ANY_ARGUMENT(...)
#define SP_IF_LARGE_SP_LARGE_ARGUMENT(...) __VA_ARGS__
#define SP_IF_LARGE_SP_EXTREME_PARAMETER(...)
#define SP_IF_LARGE_SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER(...) __VA_ARGS__
#define SP_IF_ONLY_EXTREME_SP_ANY_ARGUMENT(...)
#define SP_IF_ONLY_EXTREME_SP_LARGE_ARGUMENT(...)
#define SP_IF_ONLY_EXTREME_SP_EXTREME_PARAMETER(...) __VA_ARGS__
#define SP_IF_ONLY_EXTREME_SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER(...)
#define SP_IF_EXTREME_SP_ANY_ARGUMENT(...)
#define SP_IF_EXTREME_SP_LARGE_ARGUMENT(...)
#define SP_IF_EXTREME_SP_EXTREME_PARAMETER(...) __VA_ARGS__
#define SP_IF_EXTREME_SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER(...) __VA_ARGS__
#define SP_IF_PARAMETERS_0(...)
#define SP_IF_PARAMETERS_1(...) __VA_ARGS__
#define SP_IF_PARAMETERS_2(...) __VA_ARGS__

/* The enum codes, by name: SP_CODE_gelu. */
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments) SP_CODE_##name = code,
enum {
#include "functions.inc"
};
#undef SP_ACTIVATION

/* n elements, parameters p; g and out1 where the operation has them */
typedef void sp_loop(ptrdiff_t n, const void *x, const void *g, const double *const *p, void *out0, void *out1);
/* parameters: one value each, or one per element when `varying`; null for an operation that the function does not
   have */
typedef sp_loop *sp_find_loop(int code, sp_operation operation, int varying);

/* one input, one output, fixed parameters, and contiguous arrays unless n is at most SP_STEP */
typedef void sp_run_few(const sp_request *request);

/* rows and hyperplanes, see projection.h and simhash.h */
typedef void sp_project_rows(ptrdiff_t rows, ptrdiff_t features, const void *x, ptrdiff_t row_stride,
                             const sp_planes *planes, double *out);
typedef ptrdiff_t sp_find_row_patterns(ptrdiff_t rows, ptrdiff_t features, const void *x, ptrdiff_t row_stride,
                                       const sp_planes *planes, uint64_t *patterns);

/* what the drivers need: n numbers of the type, n a multiple of SP_STEP where bits are concerned */
typedef struct {
    int (*beyond)(ptrdiff_t n, const void *x, double bound); /* whether any |x| is above the bound */
    int (*outside)(ptrdiff_t n, const void *x, double low, double high); /* or below the lower one */
    void (*pack)(ptrdiff_t n, const void *sides, uint8_t *bits);
    void (*unpack)(ptrdiff_t n, const uint8_t *bits, void *sides);
    void (*add)(ptrdiff_t n, const void *x, const void *y, void *sum);
    void (*add_to)(ptrdiff_t n, const void *x, double *sums);
} sp_array_kernels;

/* what the drivers need for a 16-bit type: contiguous arrays of any length and alignment */
typedef struct {
    void (*to_float)(ptrdiff_t n, const void *from, float *to);
    void (*from_float)(ptrdiff_t n, const float *from, void *to);
    /* 1 where a value lies in the middle between two neighbors of the type, or at most `margin` units from there (0 or 1),
       else 0; returns whether there is a 1 */
    int (*find_ties)(ptrdiff_t n, const float *values, int margin, uint16_t *ties);
} sp_16_bit_kernels;

/* Values of n contiguous 16-bit numbers, n a multiple of SP_STEP and at most SP_NARROW_TILE, see narrow.h: all but some steps,
   whose places and arguments it keeps, because `to` may begin before `from` and overwrite them. */
enum { SP_NARROW_TILE = 4096 };
typedef struct {
    ptrdiff_t count;
    uint16_t step[SP_NARROW_TILE / SP_STEP];
    uint16_t x[SP_NARROW_TILE / SP_STEP][SP_STEP];
} sp_doubtful_steps;
typedef void sp_narrow_loop(ptrdiff_t n, const void *from, const double *const *p, void *to, sp_doubtful_steps *doubtful);
/* for calls of n numbers, or null */
typedef sp_narrow_loop *sp_find_narrow_loop(int code, const double *const *p, ptrdiff_t n, int is_half);

/* One row of a coupled function between its passes, see rows.h. */
enum { SP_ROW_CACHE = 4096 }; /* a multiple of SP_STEP */
typedef struct {
    double limit;                            /* the greatest element (softmin: of -x; gradients of float64: of |g|) */
    double sums[SP_STEP], lows[SP_STEP];   /* partial sums, and their rounding errors */
    ptrdiff_t ties;                          /* elements that equal the limit */
    double weight, weight_low;               /* the factors and offsets from which the results are computed */
    double scale;                            /* of gradients, whose sums could overflow */
    int takes_text;                          /* not served by vectors, whatever the limit */
} sp_row;
typedef enum { SP_ROW_BEGIN, SP_ROW_LIMIT, SP_ROW_SUMS, SP_ROW_CLOSE, SP_ROW_RESULTS } sp_row_pass;

/* Room for a number of each element of a row, or of several rows: exponentials, or their low words. */
typedef struct {
    double numbers[SP_ROW_CACHE];
} sp_row_cache;

/* whole rows of n contiguous numbers, strides in bytes; g is one number per row for SP_LOGSUMEXP_BACKWARD, out for
   SP_LOGSUMEXP */
typedef void sp_run_rows(sp_row_function function, ptrdiff_t count, ptrdiff_t n, const void *x, ptrdiff_t x_stride,
                         const void *g, ptrdiff_t g_stride, void *out, ptrdiff_t out_stride, sp_row_cache *cache);
/* a contiguous piece of a row, its length a multiple of SP_STEP but for the last one; SP_ROW_BEGIN and SP_ROW_CLOSE
   have none */
typedef void sp_row_step(sp_row_function function, sp_row_pass pass, ptrdiff_t n, const void *x, const void *g, void *out,
                         sp_row *row);

/* contiguous arrays, n a multiple of SP_STEP; g and out1 for gradients only */
typedef void sp_run_gate(sp_gate_function function, int backward, ptrdiff_t n, const void *a, const void *b, const void *g,
                         const double *parameters, void *out0, void *out1);

/* what drivers/map/ needs, see permute.h; numbers of the type */
enum { SP_LINE_BYTES = 64 };
#define SP_CELL(hash) (((hash) >> 5 & 56) | ((hash)&7)) /* 8·row + column */

typedef struct {
    void (*cells_of)(ptrdiff_t n, const uint64_t *hashes, uint8_t *cells);
    void (*entries_of)(ptrdiff_t n, const uint8_t *grid, uint8_t *cells); /* cells to the entries there */
    void (*count_keys)(ptrdiff_t n, const uint8_t *keys, int limit, uint32_t (*counts)[SP_MAX_ENTRIES]);
    void (*place)(ptrdiff_t n, ptrdiff_t phase, const uint8_t *keys, uint32_t (*next)[SP_MAX_ENTRIES], const void *from,
                  void *to, uint16_t *places);
    void (*put)(ptrdiff_t n, const uint16_t *places, const void *from, void *to);  /* to[places[i]] = from[i] */
    void (*take)(ptrdiff_t n, const uint16_t *places, const void *from, void *to); /* to[i] = from[places[i]] */
    /* to[i] = from[i] where keys[i] is key */
    void (*take_chosen)(ptrdiff_t n, const uint8_t *keys, int key, const void *from, void *to);
    void (*rows_to_lines)(ptrdiff_t n, const uint16_t *places, const void *const *rows, void *lines);
    void (*lines_to_rows)(ptrdiff_t n, const uint16_t *places, const void *lines, void *const *rows);
} sp_moves;

/* one float64: value, derivatives and derivative from the output; NaN for what there is no formula of */
typedef double sp_run_scalar(int code, sp_operation operation, double x, double a, double b);

typedef struct {
    sp_find_loop *find_loop;
    sp_run_few *run_few;
    sp_project_rows *project;
    sp_find_row_patterns *find_patterns;
    sp_array_kernels arrays;
    sp_run_rows *rows;
    sp_row_step *row_step;
    sp_run_gate *gate;
    sp_moves moves;
    sp_run_scalar *scalar; /* the tables of float64 */
    sp_16_bit_kernels half, bfloat16; /* the tables of float32 */
    sp_find_narrow_loop *find_narrow_loop; /* the tables of float32 */
} sp_kernels;

#define SP_EACH_ISA_OF(isa) extern const sp_kernels sp_kernels_##isa##_float32, sp_kernels_##isa##_float64;
SP_EACH_ISA_OF(baseline)
SP_EACH_ISA_OF(x86_v3)
SP_EACH_ISA_OF(x86_v4)
SP_EACH_ISA_OF(neon)
#undef SP_EACH_ISA_OF

#endif
