# The C interface as the package's own Cython modules see it; what other compiled code may call is in compiled.pxd.
from libc.stdint cimport int32_t, uint8_t, uint64_t

cdef extern from "_kernels/spatium.h" nogil:
    ctypedef enum sp_operation:
        SP_VALUE
        SP_DERIVATIVE
        SP_VALUE_AND_DERIVATIVE
        SP_BACKWARD
        SP_DERIVATIVE_FROM_OUTPUT
        SP_BACKWARD_FROM_OUTPUT
        SP_SECOND_DERIVATIVE
        SP_PARAMETER_GRADIENTS
        SP_BACKWARD_FROM_SIDE

    ctypedef enum sp_dtype:
        SP_FLOAT16
        SP_FLOAT32
        SP_FLOAT64
        SP_BFLOAT16

    enum:
        SP_MAX_PARAMETERS
        SP_FROM_OUTPUT
        SP_TWO_VALUED_SLOPE
        SP_FROM_SIDE

    ctypedef struct sp_record:
        const char *name
        int code
        int parameters
        int flags

    sp_record sp_records[]

    ctypedef struct sp_bound:
        const char *name
        const char *operation
        const char *dtype
        int plain
        double bound
        double worst
        double at

    sp_bound sp_bounds[]

    ctypedef struct sp_export:
        const char *name
        const char *signature
        void (*address)()

    sp_export sp_exports[]

    ctypedef struct sp_request:
        int code
        sp_operation operation
        sp_dtype dtype
        Py_ssize_t n
        const char *x
        Py_ssize_t x_stride
        const char *g
        Py_ssize_t g_stride
        const char *parameter[2]
        Py_ssize_t parameter_stride[2]
        char *out[2]
        Py_ssize_t out_stride[2]

    ctypedef struct sp_reduction:
        int code
        sp_dtype dtype
        Py_ssize_t outer, channels, inner
        const char *x
        const char *g
        Py_ssize_t x_stride[3]
        Py_ssize_t g_stride[3]
        const char *parameter[2]
        Py_ssize_t parameter_stride[2]
        double *sums[2]

    void sp_evaluate(const sp_request *request)
    enum: SP_FEW
    bint sp_evaluate_short(const sp_request *request)
    int sp_parameter_gradients(const sp_reduction *reduction)

    ctypedef struct sp_pass:
        int code
        sp_operation operation
        sp_dtype dtype
        int dimensions
        const Py_ssize_t *shape
        const char *x
        const Py_ssize_t *x_strides
        const char *g
        const Py_ssize_t *g_strides
        const double *parameters
        unsigned char *bits
        const void *bias
        double *sums
        Py_ssize_t period
        char *out
        const Py_ssize_t *out_strides

    int sp_pass_over(const sp_pass *p)

    ctypedef enum sp_row_function:
        SP_ROW_FUNCTIONS

    const char *sp_row_names[]

    ctypedef struct sp_rows:
        sp_row_function function
        sp_dtype dtype
        Py_ssize_t n
        int dimensions
        const Py_ssize_t *shape
        const char *x
        const Py_ssize_t *x_strides
        Py_ssize_t x_step
        const char *g
        const Py_ssize_t *g_strides
        Py_ssize_t g_step
        char *out
        const Py_ssize_t *out_strides
        Py_ssize_t out_step

    int sp_run_over_rows(const sp_rows *request)

    ctypedef enum sp_gate_function:
        SP_GATE_FUNCTIONS

    const char *sp_gate_names[]

    ctypedef struct sp_gates:
        sp_gate_function function
        int backward
        sp_dtype dtype
        int dimensions
        const Py_ssize_t *shape
        const char *in_ "in"[3]
        const Py_ssize_t *in_strides[3]
        double parameters[2]
        char *out[2]
        const Py_ssize_t *out_strides[2]

    int sp_run_gates(const sp_gates *request)

    enum:
        SP_MAX_DIMENSIONS

    ctypedef struct sp_grids:
        Py_ssize_t neurons
        const uint8_t *cells
        int used
        const uint8_t *entries_used
        int entries
        const int32_t *codes
        const double *parameters

    void sp_free_grids(sp_grids *grids)

    ctypedef struct sp_hits:
        pass

    void sp_free_hits(sp_hits *hits)

    ctypedef struct sp_routing:
        sp_operation operation
        sp_dtype dtype
        int dimensions
        const Py_ssize_t *shape
        const char *x
        const char *g
        const char *hashes
        const Py_ssize_t *x_strides
        const Py_ssize_t *g_strides
        const Py_ssize_t *hash_strides
        char *out[2]
        const Py_ssize_t *out_strides[2]
        sp_grids *grids
        sp_hits *hits
        const char **chosen

    int sp_route(const sp_routing *routing)

    ctypedef struct sp_hashes:
        int dimensions
        const Py_ssize_t *shape
        const char *hashes
        const Py_ssize_t *strides

    void sp_add_hits(const sp_hits *hits, const sp_hashes *hashes, Py_ssize_t neurons, uint64_t *own, uint64_t *alike)
    void sp_count_hits(const sp_hashes *hashes, Py_ssize_t neurons, uint64_t *own)
    void sp_evaluate_element(int code, sp_operation operation, sp_dtype dtype, const void *x, const void *g,
                             const double *parameters, void *out)

    cdef enum:
        SP_MAX_PLANES
        SP_PLANE_PADDING

    ctypedef struct sp_planes:
        Py_ssize_t count
        Py_ssize_t stride
        const float *normals
        const double *norms
        const double *thresholds

    void sp_project(const void *x, sp_dtype dtype, Py_ssize_t rows, Py_ssize_t features, Py_ssize_t row_stride,
                    const sp_planes *planes, double *out)
    Py_ssize_t sp_find_patterns(const void *x, sp_dtype dtype, Py_ssize_t rows, Py_ssize_t features,
                                Py_ssize_t row_stride, const sp_planes *planes, uint64_t *patterns)
    ctypedef enum sp_code_operation:
        SP_LOOK_UP
        SP_ENCODE
        SP_DECODE

    ctypedef struct sp_codes:
        sp_code_operation operation
        sp_dtype dtype
        Py_ssize_t n
        const char *x
        Py_ssize_t x_stride
        char *out
        Py_ssize_t out_stride
        const void *table
        double scale, zero, least, greatest
        int half_away

    ctypedef struct sp_code_map:
        Py_ssize_t rows, columns
        const uint8_t *x
        uint8_t *out
        const char *hashes
        Py_ssize_t hash_strides[2]
        const uint8_t *tables
        const uint8_t *cells
        int one_grid
        uint64_t *hits

    int sp_run_codes(const sp_codes *q)
    void sp_run_code_map(const sp_code_map *q)

    int sp_isa_count()
    const char *sp_isa_name(int index)
    int sp_isa_current()
    void sp_isa_use(int index)
    void sp_threads_set(int count)
    int sp_threads_get()
    void sp_threads_after_fork()
    int sp_threads_serial(int wanted)
    ctypedef int sp_share(const void *context, Py_ssize_t share) noexcept nogil
    int sp_parallel_for(Py_ssize_t shares, Py_ssize_t elements, sp_share *work, const void *context) nogil
    int sp_has_openmp()
    const char *sp_compiler()

cdef int route(const sp_routing *routing) noexcept nogil
cdef void add_hits(const sp_hits *hits, const sp_hashes *hashes, Py_ssize_t neurons, uint64_t *own,
                   uint64_t *alike) noexcept nogil
cdef void count_hits(const sp_hashes *hashes, Py_ssize_t neurons, uint64_t *own) noexcept nogil
cdef void free_grids(sp_grids *grids) noexcept nogil
cdef void free_hits(sp_hits *hits) noexcept nogil
cdef void evaluate_element(int code, sp_operation operation, sp_dtype dtype, const void *x, const void *g,
                           const double *parameters, void *out) noexcept nogil
cdef void project(const void *x, sp_dtype dtype, Py_ssize_t rows, Py_ssize_t features, Py_ssize_t row_stride,
                  const sp_planes *planes, double *out) noexcept nogil
cdef Py_ssize_t find_patterns(const void *x, sp_dtype dtype, Py_ssize_t rows, Py_ssize_t features,
                              Py_ssize_t row_stride, const sp_planes *planes, uint64_t *patterns) noexcept nogil
cdef int run_codes(const sp_codes *q) noexcept nogil
cdef void run_code_map(const sp_code_map *q) noexcept nogil
