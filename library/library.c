/* The functions of library/spatium.h, in terms of the interface of the kernels: checks, and arrays without strides. */
#include "library/spatium.h"
#include "src/spatium/_kernels/spatium.h"

#include <math.h>
#include <string.h>
#if !defined(_WIN32)
#include <pthread.h>
#endif

#if !defined(_WIN32)
/* A forked child has none of the threads; the Python package says so to the kernels by its own means. */
__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(0, 0, sp_threads_after_fork); }
#endif

static size_t size_of(int dtype) { return dtype == SPATIUM_FLOAT64 ? 8 : dtype == SPATIUM_FLOAT32 ? 4 : 2; }
static int is_dtype(int dtype) { return dtype >= SPATIUM_FLOAT16 && dtype <= SPATIUM_BFLOAT16; }

static int find(const char *name, const char *const *names, int count) {
    for (int i = 0; name && i < count; i++)
        if (!strcmp(name, names[i]))
            return i;
    return SPATIUM_BAD_ARGUMENT;
}

/* ---- activations ---- */

int spatium_activation(const char *name) {
    for (const sp_record *record = sp_records; name && record->name; record++)
        if (!strcmp(name, record->name))
            return record->code;
    return SPATIUM_BAD_ARGUMENT;
}

int spatium_parameters(int activation) {
    for (const sp_record *record = sp_records; record->name; record++)
        if (record->code == activation)
            return record->parameters;
    return SPATIUM_BAD_ARGUMENT;
}

int spatium_evaluate(int activation, int operation, int dtype, ptrdiff_t n, const void *x, const void *grad,
                     const double *parameters, void *out, void *second) {
    const int reads_grad = operation == SPATIUM_BACKWARD || operation == SPATIUM_BACKWARD_FROM_OUTPUT;
    const int expected = spatium_parameters(activation);
    if (expected < 0 || !is_dtype(dtype) || n < 0 || (expected && !parameters))
        return SPATIUM_BAD_ARGUMENT;
    if (n && (!x || !out || (reads_grad && !grad) || (operation == SPATIUM_VALUE_AND_DERIVATIVE && !second)))
        return SPATIUM_BAD_ARGUMENT;
    const ptrdiff_t step = (ptrdiff_t)size_of(dtype);
    return sp_evaluate_block(activation, operation, dtype, n, x, step, grad, step, parameters, out, step, second, step)
               ? SPATIUM_BAD_ARGUMENT
               : SPATIUM_OK;
}

double spatium_evaluate_one(int activation, int operation, double x, const double *parameters) {
    double result = 0.0;
    return spatium_evaluate(activation, operation, SPATIUM_FLOAT64, 1, &x, 0, parameters, &result, 0) ? NAN : result;
}

/* ---- rows ---- */

int spatium_row_function(const char *name) { return find(name, sp_row_names, SP_ROW_FUNCTIONS); }

int spatium_evaluate_rows(int row_function, int dtype, ptrdiff_t rows, ptrdiff_t n, const void *x, const void *grad,
                          void *out) {
    if (row_function < 0 || row_function >= SP_ROW_FUNCTIONS || !is_dtype(dtype) || rows < 0 || n < 0)
        return SPATIUM_BAD_ARGUMENT;
    const char *name = sp_row_names[row_function];
    const size_t length = strlen(name), tail = strlen("_backward");
    const int backward = length > tail && !strcmp(name + length - tail, "_backward");
    const int sums = !strcmp(name, "logsumexp"), one_grad = !strcmp(name, "logsumexp_backward");
    if (rows && n && (!x || !out || (backward && !grad)))
        return SPATIUM_BAD_ARGUMENT;
    if (!rows || (!n && !sums))
        return SPATIUM_OK;
    const ptrdiff_t step = (ptrdiff_t)size_of(dtype), row = n * step;
    const ptrdiff_t grad_row = one_grad ? step : row, out_row = sums ? step : row;
    const sp_rows request = {
        .function = (sp_row_function)row_function,
        .dtype = (sp_dtype)dtype,
        .n = n,
        .dimensions = 1,
        .shape = &rows,
        .x = x,
        .x_strides = &row,
        .x_step = step,
        .g = backward ? grad : 0,
        .g_strides = &grad_row,
        .g_step = one_grad ? 0 : step,
        .out = out,
        .out_strides = &out_row,
        .out_step = sums ? 0 : step,
    };
    return sp_run_over_rows(&request) ? SPATIUM_NO_MEMORY : SPATIUM_OK;
}

/* ---- gates ---- */

int spatium_gate(const char *name) { return find(name, sp_gate_names, SP_GATE_FUNCTIONS); }

static int parameters_of(int gate) {
    switch (gate) {
    case SP_GATE_gaussian_glu: return 2;
    case SP_GATE_swiglu:
    case SP_GATE_time_aware_tanh: return 1;
    default: return 0;
    }
}

static int run_gate(int gate, int dtype, ptrdiff_t n, const void *a, const void *b, const void *grad,
                    const double *parameters, void *first, void *second) {
    if (gate < 0 || gate >= SP_GATE_FUNCTIONS || !is_dtype(dtype) || n < 0 || (parameters_of(gate) && !parameters))
        return SPATIUM_BAD_ARGUMENT;
    if (n && (!a || !b || !first || (second && !grad)))
        return SPATIUM_BAD_ARGUMENT;
    const ptrdiff_t step = (ptrdiff_t)size_of(dtype);
    sp_gates request = {
        .function = (sp_gate_function)gate,
        .backward = second != 0,
        .dtype = (sp_dtype)dtype,
        .dimensions = 1,
        .shape = &n,
        .in = {a, b, grad},
        .in_strides = {&step, &step, &step},
        .out = {first, second},
        .out_strides = {&step, &step},
    };
    for (int k = 0; k < parameters_of(gate); k++)
        request.parameters[k] = parameters[k];
    return sp_run_gates(&request) ? SPATIUM_NO_MEMORY : SPATIUM_OK;
}

int spatium_evaluate_gate(int gate, int dtype, ptrdiff_t n, const void *a, const void *b, const double *parameters,
                          void *out) {
    return run_gate(gate, dtype, n, a, b, 0, parameters, out, 0);
}

int spatium_gate_backward(int gate, int dtype, ptrdiff_t n, const void *grad, const void *a, const void *b,
                          const double *parameters, void *by_a, void *by_b) {
    return n && !by_b ? SPATIUM_BAD_ARGUMENT : run_gate(gate, dtype, n, a, b, grad, parameters, by_a, by_b);
}

/* ---- threads and the machine ---- */

void spatium_set_threads(int count) { sp_threads_set(count < 1 ? 1 : count); }
int spatium_get_threads(void) { return sp_threads_get(); }
const char *spatium_instruction_set(void) { return sp_isa_name(sp_isa_current()); }
const char *spatium_version(void) { return SP_VERSION; }
