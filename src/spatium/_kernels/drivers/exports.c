/* What other compiled code may call: a function per activation and operation for one float64, `evaluate` for a block.

   compiled.py hands these to Cython, SciPy and Numba as capsules; compiled.pxd declares them. The signatures hold plain
   C types only, so that a caller needs no header of ours. Names and signatures are promised: a caller that was compiled
   for another signature is refused when it is imported. */
#include "loops/kernels.h"

/* ---- one number ---- */

#define SCALAR_0(name, code, suffix, operation)                                                                        \
    static double name##suffix(double x) { return sp_evaluate_scalar(code, operation, x, 0.0, 0.0); }
#define SCALAR_1(name, code, suffix, operation)                                                                        \
    static double name##suffix(double x, double a) { return sp_evaluate_scalar(code, operation, x, a, 0.0); }
#define SCALAR_2(name, code, suffix, operation)                                                                        \
    static double name##suffix(double x, double a, double b) { return sp_evaluate_scalar(code, operation, x, a, b); }
#define SIGNATURE_0 "double (double)"
#define SIGNATURE_1 "double (double, double)"
#define SIGNATURE_2 "double (double, double, double)"

#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    SCALAR_##parameters(name, code, _value, SP_VALUE)                                                                  \
    SCALAR_##parameters(name, code, _derivative, SP_DERIVATIVE)                                                        \
    SCALAR_##parameters(name, code, _second, SP_SECOND_DERIVATIVE)                                                     \
    SP_IF_OUTPUT_##source(SCALAR_##parameters(name, code, _derivative_y, SP_DERIVATIVE_FROM_OUTPUT))
#include "functions.inc"
#undef SP_ACTIVATION

/* ---- a block ---- */

int sp_evaluate_block(int code, int operation, int dtype, ptrdiff_t n, const void *x, ptrdiff_t x_stride, const void *grad,
                      ptrdiff_t grad_stride, const double *parameters, void *out, ptrdiff_t out_stride, void *derivative,
                      ptrdiff_t derivative_stride) {
    static const int count =
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments) +1
#include "functions.inc"
#undef SP_ACTIVATION
        ;
    const int from_output = operation == SP_DERIVATIVE_FROM_OUTPUT || operation == SP_BACKWARD_FROM_OUTPUT;
    if (code < 0 || code >= count || operation < 0 || operation > SP_SECOND_DERIVATIVE || dtype < 0 ||
        dtype > SP_BFLOAT16 || n < 0 || (from_output && !(sp_records[code].flags & SP_FROM_OUTPUT)))
        return -1;
    sp_request request = {
        .code = code,
        .operation = (sp_operation)operation,
        .dtype = (sp_dtype)dtype,
        .n = n,
        .x = x,
        .x_stride = x_stride,
        .g = grad,
        .g_stride = grad_stride,
        .out = {out, derivative},
        .out_stride = {out_stride, derivative_stride},
    };
    for (int k = 0; k < sp_records[code].parameters; k++)
        request.parameter[k] = (const char *)(parameters + k);
    sp_evaluate(&request);
    return 0;
}

/* ---- the list ---- */

#define ENTRY(name, signature, function) {name, signature, (void (*)(void))function},
const sp_export sp_exports[] = {
    ENTRY("evaluate",
          "int (int, int, int, Py_ssize_t, void const *, Py_ssize_t, void const *, Py_ssize_t, double const *, void *, "
          "Py_ssize_t, void *, Py_ssize_t)",
          sp_evaluate_block)
#define SP_ACTIVATION(name, code, parameters, source, slopes, form, arguments)                                         \
    ENTRY(#name, SIGNATURE_##parameters, name##_value)                                                                 \
    ENTRY(#name "_derivative", SIGNATURE_##parameters, name##_derivative)                                              \
    ENTRY(#name "_second_derivative", SIGNATURE_##parameters, name##_second)                                           \
    SP_IF_OUTPUT_##source(ENTRY(#name "_derivative_from_output", SIGNATURE_##parameters, name##_derivative_y))
#include "functions.inc"
    {0, 0, 0},
};
