/* The loops, and the switch on the enum code, both made from functions.inc.

   Compiled once per instruction set and type:  -DSP_ISA=x86_v3 -DSP_WIDE=0 -march=...
   Every loop is contiguous and runs over a multiple of SP_LANES elements, so there is no scalar remainder; evaluate.c
   brings any other layout into that form.  Nothing here has linkage but the table at the end. */
#include "kernels.h"

#include "elementary.h"
#include "projection.h"

#define SP_TEXT 1
#define SP_RECORD 2
#define SP_FAR 3

#define SP_PASS SP_TEXT
#include "functions.inc"
#undef SP_PASS

/* out may be x or g itself, never a shifted overlap of them, so the lanes of a vector are independent. */
#if defined(__clang__)
#define INDEPENDENT _Pragma("clang loop vectorize(enable) interleave(enable)")
#elif defined(__GNUC__)
#define INDEPENDENT _Pragma("GCC ivdep")
#else
#define INDEPENDENT
#endif

#define NOINLINE __attribute__((noinline))
#define ARGUMENTS ptrdiff_t n, const real *x, const real *g, const double *const *p, real *out0, real *out1

/* BODY sees x[i], g[i] and the parameters a, b. */
#define LOOP(function, VARYING, parameters, BODY)                                                                      \
    static NOINLINE void function(ARGUMENTS) {                                                                         \
        (void)x, (void)g, (void)out0, (void)out1;                                                                      \
        const double *pa = (parameters) > 0 ? p[0] : 0, *pb = (parameters) > 1 ? p[1] : 0;                             \
        double a = pa ? pa[0] : 0.0, b = pb ? pb[0] : 0.0;                                                             \
        n &= -(ptrdiff_t)SP_LANES;                                                                                     \
        INDEPENDENT                                                                                                    \
        for (ptrdiff_t i = 0; i < n; i++) {                                                                            \
            if ((VARYING) && (parameters) > 0)                                                                         \
                a = pa[i];                                                                                             \
            if ((VARYING) && (parameters) > 1)                                                                         \
                b = pb[i];                                                                                             \
            BODY                                                                                                       \
        }                                                                                                              \
    }

#define LOOPS_FROM_INPUT(name, suffix, VARYING, parameters)                                                            \
    LOOP(name##_value##suffix, VARYING, parameters, out0[i] = (real)name##_at(x[i], a, b).value;)                      \
    LOOP(name##_derivative##suffix, VARYING, parameters, out0[i] = (real)name##_at(x[i], a, b).derivative;)            \
    LOOP(name##_both##suffix, VARYING, parameters, outcome y = name##_at(x[i], a, b); out0[i] = (real)y.value;         \
         out1[i] = (real)y.derivative;)                                                                                \
    LOOP(name##_backward##suffix, VARYING, parameters, out0[i] = (real)(g[i] * name##_at(x[i], a, b).derivative);)

#define LOOPS_FROM_OUTPUT(name, suffix, VARYING, parameters)                                                           \
    LOOP(name##_derivative_y##suffix, VARYING, parameters, out0[i] = (real)name##_from_output(x[i], a, b);)            \
    LOOP(name##_backward_y##suffix, VARYING, parameters, out0[i] = (real)(g[i] * name##_from_output(x[i], a, b));)

#define CASES_FROM_INPUT(name, suffix)                                                                                 \
    case SP_VALUE: name##_value##suffix(n, x, g, p, out0, out1); break;                                                \
    case SP_DERIVATIVE: name##_derivative##suffix(n, x, g, p, out0, out1); break;                                      \
    case SP_VALUE_AND_DERIVATIVE: name##_both##suffix(n, x, g, p, out0, out1); break;                                  \
    case SP_BACKWARD: name##_backward##suffix(n, x, g, p, out0, out1); break;

#define CASES_FROM_OUTPUT(name, suffix)                                                                                \
    case SP_DERIVATIVE_FROM_OUTPUT: name##_derivative_y##suffix(n, x, g, p, out0, out1); break;                        \
    case SP_BACKWARD_FROM_OUTPUT: name##_backward_y##suffix(n, x, g, p, out0, out1); break;

/* A record makes its loops and one function that picks the operation.  Its flags and its number of parameters are
   macro arguments, so that 0 parameters make one set of loops, and no loop from the output where there is no formula. */
#define CAT_(a, b) a##b
#define CAT(a, b) CAT_(a, b)
#define FLAG_0 NO
#define FLAG_SP_FROM_OUTPUT YES
#define FLAG_SP_WIDE_ARGUMENT NO
#define VARYING_0 NO
#define VARYING_1 YES
#define VARYING_2 YES
#define IF_YES(...) __VA_ARGS__
#define IF_NO(...)

#define SP_ACTIVATION(name, code, parameters, flags)                                                                   \
    LOOPS_FROM_INPUT(name, _uniform, 0, parameters)                                                                    \
    CAT(IF_, FLAG_##flags)(LOOPS_FROM_OUTPUT(name, _uniform, 0, parameters))                                           \
    CAT(IF_, VARYING_##parameters)(                                                                                    \
        LOOPS_FROM_INPUT(name, _varying, 1, parameters)                                                                \
        CAT(IF_, FLAG_##flags)(LOOPS_FROM_OUTPUT(name, _varying, 1, parameters)))                                      \
    SP_INLINE void name##_run(sp_operation operation, int varying, ARGUMENTS) {                                        \
        CAT(IF_, VARYING_##parameters)(                                                                                \
            if (varying) {                                                                                             \
                switch (operation) {                                                                                   \
                    CASES_FROM_INPUT(name, _varying)                                                                   \
                    CAT(IF_, FLAG_##flags)(CASES_FROM_OUTPUT(name, _varying))                                          \
                default: break;                                                                                        \
                }                                                                                                      \
                return;                                                                                                \
            })                                                                                                         \
        (void)varying;                                                                                                 \
        switch (operation) {                                                                                           \
            CASES_FROM_INPUT(name, _uniform)                                                                           \
            CAT(IF_, FLAG_##flags)(CASES_FROM_OUTPUT(name, _uniform))                                                  \
        default: break;                                                                                                \
        }                                                                                                              \
    }

#define SP_PASS SP_RECORD
#include "functions.inc"
#undef SP_ACTIVATION

static void run(int code, sp_operation operation, int varying, ptrdiff_t n, const void *x, const void *g,
                const double *const *p, void *out0, void *out1) {
    switch (code) {
#define SP_ACTIVATION(name, code, parameters, flags)                                                                   \
    case code: name##_run(operation, varying, n, x, g, p, out0, out1); break;
#include "functions.inc"
#undef SP_ACTIVATION
    default: break;
    }
}
#undef SP_PASS

#if SP_WIDE
#define TABLE CAT(CAT(sp_kernels_, SP_ISA), _float64)
#else
#define TABLE CAT(CAT(sp_kernels_, SP_ISA), _float32)
#endif
const sp_kernels TABLE = {run, project_row};
