/* The C interface: what an activation is called, which operations it has, and the two calls that evaluate it.
   No Python, no NumPy.  Everything with linkage starts with sp_. */
#ifndef SPATIUM_H
#define SPATIUM_H
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What is computed of an activation f with parameters p. */
typedef enum {
    SP_VALUE,                /* x        -> f(x; p)          */
    SP_DERIVATIVE,           /* x        -> f'(x; p)         */
    SP_VALUE_AND_DERIVATIVE, /* x        -> f(x; p), f'(x; p) */
    SP_BACKWARD,             /* g, x     -> g·f'(x; p)       */
    SP_DERIVATIVE_FROM_OUTPUT, /* y      -> f'(f^-1(y); p)   */
    SP_BACKWARD_FROM_OUTPUT, /* g, y     -> g·f'(f^-1(y); p) */
    SP_SECOND_DERIVATIVE,    /* x        -> f''(x; p)        */
    SP_PARAMETER_GRADIENTS,  /* g, x     -> g·df/dp for each parameter p, always float64 */
    SP_OPERATIONS,
    /* for sp_pass_over only */
    SP_SIDE = 64,          /* x          -> 1 or 0, what one bit keeps of x */
    SP_BACKWARD_FROM_SIDE, /* g, y, side -> g·f'(x; p), the side in out[1]; y is read where a record says SP_FROM_SIDE */
} sp_operation;

typedef enum { SP_FLOAT16, SP_FLOAT32, SP_FLOAT64, SP_BFLOAT16 } sp_dtype;

enum { SP_MAX_PARAMETERS = 2 };

/* The facts of a record: four independent questions, each with its answers.  A record names one answer to each, in this
   order; its flags are their union.  kernels.h turns the names into conditions of the preprocessor. */
enum {
    /* What the derivative can be computed from, */
    SP_FROM_INPUT = 0,  /* the input only, */
    SP_FROM_OUTPUT = 1, /* the output alone, by `name_from_output`, */
    SP_FROM_SIDE = 16,  /* or the output and one bit, the side of the minimum, by `name_from_side`. */
    /* Whether it takes two values only, so that one bit tells which, by `name_from_bit`. */
    SP_MANY_SLOPES = 0,
    SP_TWO_VALUED_SLOPE = 8,
    /* Whether there is a second text, in vectors, */
    SP_IN_DOUBLE = 0,
    SP_IN_STAGES = 32, /* for values and f', in stages, see stages.h, */
    SP_PIECEWISE = 64, /* for every operation of lines and parabolas, see piecewise.h; */
    /* the last, and float32 results for 16-bit arguments are exact wherever they lie in the middle between two 16-bit
       numbers, if the parameters are floats; with parameters, values are the argument, 0 or a parameter. */
    SP_PIECEWISE_EXACT = 64 | 128,
    /* What `name_far_at` serves, element by element: */
    SP_ANY_ARGUMENT = 0,
    SP_LARGE_ARGUMENT = 2,      /* arguments beyond SP_ARGUMENT_LIMIT, with the long range reduction of periodic.h, */
    SP_EXTREME_PARAMETER = 256, /* parameters whose products or reciprocals leave the range of double, see wide.h. */
    SP_LARGE_ARGUMENT_OR_EXTREME_PARAMETER = 2 | 256,
};

typedef struct {
    const char *name;
    int code;
    int parameters;
    int flags;
} sp_record;

/* The list, in the order of functions.inc; ended by a record without a name. */
extern const sp_record sp_records[];

/* What is guaranteed of the errors of float32 and float64 results, in units in the last place of the exact result: a
   bound, the largest error that is known with the default parameters, and an input that attains it.
   `python tools/accuracy.py bounds` writes these lines, SP_BOUND(name, operation, dtype, bound, worst, at), below the
   records; tests/test_accuracy.py checks them.  SP_PLAIN_BOUND is for the baseline of x86-64, which has no text in
   vectors, if its bound is larger.  16-bit results are correctly rounded.  No bound in ulp holds near the minimum of an
   activation for the float64 derivative, nor for the second derivative where it changes its sign; see near_zero in
   reference/sampling.py. */
typedef struct {
    const char *name, *operation, *dtype;
    int plain;
    double bound, worst, at;
} sp_bound;

/* Ended by an entry without a name. */
extern const sp_bound sp_bounds[];

/* One call: n elements, any byte strides, parameters as float64 (a stride of 0 repeats one value).
   g is read by the backward operations and SP_PARAMETER_GRADIENTS, out[1] written by those with two results.
   out may be x or g. */
typedef struct {
    int code;
    sp_operation operation;
    sp_dtype dtype;
    ptrdiff_t n;
    const char *x;
    ptrdiff_t x_stride;
    const char *g;
    ptrdiff_t g_stride;
    const char *parameter[SP_MAX_PARAMETERS];
    ptrdiff_t parameter_stride[SP_MAX_PARAMETERS];
    char *out[2];
    ptrdiff_t out_stride[2];
} sp_request;

void sp_evaluate(const sp_request *request);

/* The same for a few elements, at the least cost: at most SP_FEW neighboring ones, or SP_STEP with any stride, of float32 or
   float64, with one input, one output and fixed parameters.  Returns 0, and writes nothing, for any other request, and where
   an argument needs a longer reduction or may raise "invalid". */
enum { SP_FEW = 256 };
int sp_evaluate_short(const sp_request *request);

/* A forward or backward pass over an array of any layout, see passes.c.  A stride of 0 repeats; every array but the bits
   may be null where its text says so. */
enum { SP_MAX_DIMENSIONS = 64 };

typedef struct {
    int code;
    sp_operation operation; /* forward: SP_VALUE; backward: SP_BACKWARD, _FROM_OUTPUT or _FROM_SIDE */
    sp_dtype dtype;
    int dimensions; /* at most SP_MAX_DIMENSIONS, the last one fastest: elements are numbered in this order */
    const ptrdiff_t *shape;
    const char *x; /* the input, or the output that backward starts from; null if bits alone suffice */
    const ptrdiff_t *x_strides;
    const char *g; /* backward only */
    const ptrdiff_t *g_strides;
    const double *parameters;
    uint8_t *bits;    /* one bit per element, the first in the lowest bit; written by forward passes; may be null */
    /* the bias: `period` numbers that are added to x repeatedly, double for SP_FLOAT64, otherwise float; may be null
       */
    const void *bias;
    double *sums;     /* backward passes add the result of element i to sums[i modulo period]; may be null */
    ptrdiff_t period;
    char *out; /* may be x or g, if their strides are the same */
    const ptrdiff_t *out_strides;
} sp_pass;

/* 0, or -1 if there was no memory; the results are incomplete then. */
int sp_pass_over(const sp_pass *pass);

/* Sums of g·df/dp over an array of outer × channels × inner elements, one sum per channel: sums[k][c] for parameter k.
   A parameter has one value per channel.  The order of summation is fixed by the shape alone.  Returns -1 if memory for
   partial sums (a double per 512 elements or more, or one per channel) or scratch cannot be had, else 0. */
typedef struct {
    int code;
    sp_dtype dtype;
    ptrdiff_t outer, channels, inner;
    const char *x, *g;
    ptrdiff_t x_stride[3], g_stride[3];
    const char *parameter[SP_MAX_PARAMETERS];
    ptrdiff_t parameter_stride[SP_MAX_PARAMETERS];
    double *sums[SP_MAX_PARAMETERS];
} sp_reduction;

int sp_parameter_gradients(const sp_reduction *reduction);

/* Functions along one axis, see drivers/rows.c: `rows` of an array of any layout. */
#define SP_ROW_FUNCTION(NAME, name) SP_##NAME,
typedef enum {
#include "rows.inc"
    SP_ROW_FUNCTIONS
} sp_row_function;
#undef SP_ROW_FUNCTION

typedef struct {
    sp_row_function function;
    sp_dtype dtype;
    ptrdiff_t n;    /* of the row */
    int dimensions; /* of the rows, the last one fastest */
    const ptrdiff_t *shape;
    const char *x;
    const ptrdiff_t *x_strides; /* of the rows */
    ptrdiff_t x_step;           /* within a row */
    const char *g;
    const ptrdiff_t *g_strides;
    ptrdiff_t g_step;
    char *out; /* may be x or g, if their strides are the same */
    const ptrdiff_t *out_strides;
    ptrdiff_t out_step;
} sp_rows;

/* 0, or -1 if there was no memory; the results are incomplete then. */
int sp_run_over_rows(const sp_rows *request);
extern const char *const sp_row_names[SP_ROW_FUNCTIONS];

/* Functions of two arrays, elementwise, see gates.h: values, or g times the derivatives by both. */
#define SP_GATE(name) SP_GATE_##name,
typedef enum {
#include "gates.inc"
    SP_GATE_FUNCTIONS
} sp_gate_function;
#undef SP_GATE

typedef struct {
    sp_gate_function function;
    int backward;
    sp_dtype dtype;
    int dimensions;
    const ptrdiff_t *shape;
    const char *in[3]; /* both arrays, and g for gradients */
    const ptrdiff_t *in_strides[3];
    double parameters[SP_MAX_PARAMETERS];
    char *out[2]; /* each may be one of the arrays, if its strides are the same */
    const ptrdiff_t *out_strides[2];
} sp_gates;

int sp_run_gates(const sp_gates *request); /* as above */
extern const char *const sp_gate_names[SP_GATE_FUNCTIONS];

/* ---- activation maps, see drivers/map/ ----

   Element i of a batch in C order belongs to the grid i modulo `neurons`. */
enum { SP_CELLS = 64, SP_MAX_ENTRIES = 256 };

/* The grids of a map and its palette, as long as batches are routed; what is not filled in by the caller is 0. */
typedef struct {
    ptrdiff_t neurons;
    const uint8_t *cells;        /* (neurons, 64) indices into the palette */
    int used;                    /* how many entries the grids hold, */
    const uint8_t *entries_used; /* and which */
    int entries;                 /* of the palette */
    const int32_t *codes;        /* a negative one is left for the caller, who writes there afterwards */
    const double *parameters;    /* (entries, SP_MAX_PARAMETERS) */
    /* sp_route's own: the order of the neurons, null until it pays, and the rows that have come with one hash each */
    uint16_t *order;
    ptrdiff_t rows;
} sp_grids;

void sp_free_grids(sp_grids *grids);

/* The hits of a batch, until they are added to a map's.  All 0 at first; sp_route decides how it counts. */
typedef enum {
    SP_HITS_LATER, /* not at all: sp_add_hits reads the hashes */
    SP_HITS_ALIKE, /* those that every grid got */
    SP_HITS_EACH,  /* those of each grid */
} sp_hits_kind;
typedef struct {
    sp_hits_kind kind;
    uint64_t alike[SP_CELLS];
    uint32_t *each; /* (neurons, 64) */
} sp_hits;

void sp_free_hits(sp_hits *hits);

typedef struct {
    sp_operation operation; /* SP_VALUE, SP_DERIVATIVE, SP_VALUE_AND_DERIVATIVE or SP_BACKWARD */
    sp_dtype dtype;
    int dimensions; /* at most SP_MAX_DIMENSIONS; a stride of 0 repeats */
    const ptrdiff_t *shape;
    const char *x, *g, *hashes; /* hashes: uint64 */
    const ptrdiff_t *x_strides, *g_strides, *hash_strides;
    char *out[2]; /* may be x or g, if the strides are the same */
    const ptrdiff_t *out_strides[2];
    sp_grids *grids;
    sp_hits *hits;       /* null: not counted */
    const char **chosen; /* where the name of the strategy goes, or null */
} sp_routing;

/* 0, or -1 if there was no memory; the results are incomplete then, and there are no hits. */
int sp_route(const sp_routing *routing);

/* The hashes of a batch, uint64. */
typedef struct {
    int dimensions;
    const ptrdiff_t *shape;
    const char *hashes;
    const ptrdiff_t *strides;
} sp_hashes;

/* Adds to the totals of a map: of each grid, (neurons, 64), and those that every grid got, (64,). */
void sp_add_hits(const sp_hits *hits, const sp_hashes *hashes, ptrdiff_t neurons, uint64_t *own, uint64_t *alike);
void sp_count_hits(const sp_hashes *hashes, ptrdiff_t neurons, uint64_t *own);

/* One float64, SP_VALUE, SP_DERIVATIVE, SP_SECOND_DERIVATIVE or SP_DERIVATIVE_FROM_OUTPUT; the bits that sp_evaluate
   gives it. */
double sp_evaluate_scalar(int code, sp_operation operation, double x, double a, double b);

/* One element of any type, operations with one result; the bits that sp_evaluate gives it.  g is read by the backward
   operations. */
void sp_evaluate_element(int code, sp_operation operation, sp_dtype dtype, const void *x, const void *g,
                         const double *parameters, void *out);

/* n elements with strides in bytes, parameters one value each.  Returns 0, or -1 with nothing written where there is no such
   activation, operation or type. */
int sp_evaluate_block(int code, int operation, int dtype, ptrdiff_t n, const void *x, ptrdiff_t x_stride, const void *grad,
                      ptrdiff_t grad_stride, const double *parameters, void *out, ptrdiff_t out_stride, void *derivative,
                      ptrdiff_t derivative_stride);

/* What other compiled modules may call, by the names and signatures under which Cython imports C functions; see exports.c.
   Ended by an entry without a name. */
typedef struct {
    const char *name;
    const char *signature;
    void (*address)(void);
} sp_export;
extern const sp_export sp_exports[];

/* Hyperplanes: x·normal = threshold. */
enum { SP_MAX_PLANES = 64, SP_PLANE_PADDING = 16 };
typedef struct {
    ptrdiff_t count, stride; /* stride: the features, rounded up to a multiple of SP_PLANE_PADDING by zeros */
    const float *normals;
    const double *norms, *thresholds; /* norms: lengths of the normals */
} sp_planes;

/* out[i, k] = x[i]·normal k, (rows, planes): summed in double in one fixed order, see projection.h. */
void sp_project(const void *x, sp_dtype dtype, ptrdiff_t rows, ptrdiff_t features, ptrdiff_t row_stride,
                const sp_planes *planes, double *out);

/* Bit k of pattern i: whether that product is above threshold k.  Returns the first row that is not finite or too large
   to project, or -1; the patterns are complete only then. */
ptrdiff_t sp_find_patterns(const void *x, sp_dtype dtype, ptrdiff_t rows, ptrdiff_t features, ptrdiff_t row_stride,
                           const sp_planes *planes, uint64_t *patterns);

/* Codes of eight bits and less: real numbers to codes, codes to real numbers, and functions of codes as look-ups. */
typedef enum { SP_LOOK_UP, SP_ENCODE, SP_DECODE } sp_code_operation;

/* A row of n elements; strides in bytes.  out may be x, if the elements have the same size and stride. */
typedef struct {
    sp_code_operation operation;
    sp_dtype dtype; /* of real numbers: SP_FLOAT32 or SP_FLOAT64 */
    ptrdiff_t n;
    const char *x;
    ptrdiff_t x_stride;
    char *out;
    ptrdiff_t out_stride;
    const void *table; /* 256 results, by the bits of the code; of a look-up bytes, otherwise of this dtype */
    double scale, zero, least, greatest; /* SP_ENCODE: code = round(x / scale) + zero, from least to greatest */
    int half_away;                       /* SP_ENCODE: whether ties are rounded away from 0 instead of to even */
} sp_codes;

/* Returns 1 if SP_ENCODE met NaN, which has no code, and otherwise 0. */
int sp_run_codes(const sp_codes *q);

/* A map on codes: out[i, j] = tables[cells[j, cell of hashes[i, j]]][x[i, j]].  x and out are contiguous. */
typedef struct {
    ptrdiff_t rows, columns;
    const uint8_t *x;
    uint8_t *out; /* may be x */
    const char *hashes;
    ptrdiff_t hash_strides[2];
    const uint8_t *tables; /* (entries, 256); for one grid those of its cells, (64, 256) */
    const uint8_t *cells;  /* (columns, 64); (64, columns) if the hashes of a row are the same; not read for one grid */
    int one_grid;
    uint64_t *hits; /* (columns, 64), or (64,) for one grid; null: not counted.  Not if the hashes of a row are the same */
} sp_code_map;

void sp_run_code_map(const sp_code_map *q);

/* The names of the instruction sets in this build that this machine supports, weakest first, and the one in use. */
int sp_isa_count(void);
const char *sp_isa_name(int index);
int sp_isa_current(void);
void sp_isa_use(int index);

/* Call work(context, share) for share = 0 .. shares - 1, in any order, on several threads if this saves time for this
   number of elements and threads are available. Returns the results combined by |. Calls from within a share run
   serially. */
typedef int sp_share(const void *context, ptrdiff_t share);
int sp_parallel_for(ptrdiff_t shares, ptrdiff_t elements, sp_share *work, const void *context);

/* Threads for large arrays. */
void sp_threads_set(int count);
int sp_threads_get(void);
void sp_threads_after_fork(void);
/* Whether calls of this thread are serial from now on; returns whether they were. */
int sp_threads_serial(int wanted);

int sp_has_openmp(void);
const char *sp_compiler(void);

#ifdef __cplusplus
}
#endif
#endif
