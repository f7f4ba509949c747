/* The functions of Spatium for programs in C, C++ and Fortran: a static library that contains no Python.

   Functions are found by the names that `spatium list` prints, and rows and gates by those in docs/coupled.md. Calls are
   allowed from any thread and return the bits of the Python package. Arrays are contiguous; out may be an input.
   Unless a comment says otherwise, a call returns SPATIUM_OK or one of the errors, with nothing written then. */
#ifndef SPATIUM_LIBRARY_H
#define SPATIUM_LIBRARY_H
#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { SPATIUM_OK = 0, SPATIUM_BAD_ARGUMENT = -1, SPATIUM_NO_MEMORY = -2 };

/* The type of the numbers in an array. Those of 16 bits are their bit patterns. */
enum { SPATIUM_FLOAT16, SPATIUM_FLOAT32, SPATIUM_FLOAT64, SPATIUM_BFLOAT16 };

/* What is computed of an activation f. SPATIUM_BACKWARD multiplies the derivative by grad. The operations from the output
   exist where the output determines the derivative; x is the output then. */
enum {
    SPATIUM_VALUE,
    SPATIUM_DERIVATIVE,
    SPATIUM_VALUE_AND_DERIVATIVE, /* two results: out and second */
    SPATIUM_BACKWARD,
    SPATIUM_DERIVATIVE_FROM_OUTPUT,
    SPATIUM_BACKWARD_FROM_OUTPUT,
    SPATIUM_SECOND_DERIVATIVE,
};

/* ---- activations ---- */

/* The number of an activation, such as "gelu" or "leaky_relu", which never changes; SPATIUM_BAD_ARGUMENT for an unknown
   name. */
int spatium_activation(const char *name);

/* How many parameters an activation has, at most 2, or SPATIUM_BAD_ARGUMENT. Their values are not checked, and have no
   defaults. */
int spatium_parameters(int activation);

/* n results. parameters may be null if there are none; grad and second are null for operations that do not use them. */
int spatium_evaluate(int activation, int operation, int dtype, ptrdiff_t n, const void *x, const void *grad,
                     const double *parameters, void *out, void *second);

/* One number, in double. */
double spatium_evaluate_one(int activation, int operation, double x, const double *parameters);

/* ---- functions of rows ---- */

/* The number of "softmax", "softmin", "hardmax", "log_softmax" or "logsumexp", or of "softmax_backward" and its like. */
int spatium_row_function(const char *name);

/* An array of `rows` rows of n numbers. logsumexp writes one number per row. The backward functions read grad, which has
   the shape of their output, and in place of x the output of the function, except for logsumexp_backward, which reads x. */
int spatium_evaluate_rows(int row_function, int dtype, ptrdiff_t rows, ptrdiff_t n, const void *x, const void *grad,
                          void *out);

/* ---- functions of two arrays ---- */

/* The number of "glu", "reglu", "geglu", "geglu_tanh", "geglu_sigmoid", "swiglu", "gaussian_glu", "time_aware_tanh" or
   "gated_tanh". */
int spatium_gate(const char *name);

/* n results. swiglu has the parameter beta, gaussian_glu mean and std, time_aware_tanh the decay rate. */
int spatium_evaluate_gate(int gate, int dtype, ptrdiff_t n, const void *a, const void *b, const double *parameters,
                          void *out);
/* grad times the derivatives with respect to a and to b. */
int spatium_gate_backward(int gate, int dtype, ptrdiff_t n, const void *grad, const void *a, const void *b,
                          const double *parameters, void *by_a, void *by_b);

/* ---- threads and the machine ---- */

/* The number of threads for large arrays, of all calls; 1 at first. Results do not depend on it. */
void spatium_set_threads(int count);
int spatium_get_threads(void);

/* The instruction set in use: "baseline", "x86_v3", "x86_v4" or "neon". */
const char *spatium_instruction_set(void);
const char *spatium_version(void);

#ifdef __cplusplus
}

#include <initializer_list>
#include <new>
#include <stdexcept>
#include <string>

namespace spatium {

template <class Real> struct dtype_of;
template <> struct dtype_of<float> {
    static constexpr int value = SPATIUM_FLOAT32;
};
template <> struct dtype_of<double> {
    static constexpr int value = SPATIUM_FLOAT64;
};

inline void check(int status) {
    if (status == SPATIUM_NO_MEMORY)
        throw std::bad_alloc();
    if (status != SPATIUM_OK)
        throw std::invalid_argument("spatium: a bad argument");
}

/* An activation with its parameters: activation("elu", {0.5}). */
class activation {
  public:
    explicit activation(const char *name, std::initializer_list<double> parameters = {})
        : code_(spatium_activation(name)) {
        if (code_ < 0)
            throw std::invalid_argument(std::string("spatium: no activation is called ") + name);
        if (static_cast<int>(parameters.size()) != spatium_parameters(code_))
            throw std::invalid_argument(std::string("spatium: the number of parameters is wrong for ") + name);
        int k = 0;
        for (double parameter : parameters)
            parameters_[k++] = parameter;
    }

    template <class Real> void operator()(ptrdiff_t n, const Real *x, Real *y) const {
        run(SPATIUM_VALUE, n, x, static_cast<const Real *>(nullptr), y);
    }
    template <class Real> void derivative(ptrdiff_t n, const Real *x, Real *dy) const {
        run(SPATIUM_DERIVATIVE, n, x, static_cast<const Real *>(nullptr), dy);
    }
    template <class Real> void second_derivative(ptrdiff_t n, const Real *x, Real *d2y) const {
        run(SPATIUM_SECOND_DERIVATIVE, n, x, static_cast<const Real *>(nullptr), d2y);
    }
    template <class Real> void backward(ptrdiff_t n, const Real *grad, const Real *x, Real *dx) const {
        run(SPATIUM_BACKWARD, n, x, grad, dx);
    }
    double operator()(double x) const { return spatium_evaluate_one(code_, SPATIUM_VALUE, x, parameters_); }

  private:
    template <class Real> void run(int operation, ptrdiff_t n, const Real *x, const Real *grad, Real *out) const {
        check(spatium_evaluate(code_, operation, dtype_of<Real>::value, n, x, grad, parameters_, out, nullptr));
    }
    int code_;
    double parameters_[2] = {0.0, 0.0};
};

/* A function of rows: rows("softmax"). */
class rows {
  public:
    explicit rows(const char *name) : function_(spatium_row_function(name)) {
        if (function_ < 0)
            throw std::invalid_argument(std::string("spatium: no function of rows is called ") + name);
    }
    template <class Real> void operator()(ptrdiff_t n_rows, ptrdiff_t n, const Real *x, Real *y) const {
        check(spatium_evaluate_rows(function_, dtype_of<Real>::value, n_rows, n, x, nullptr, y));
    }
    template <class Real>
    void operator()(ptrdiff_t n_rows, ptrdiff_t n, const Real *grad, const Real *y, Real *dx) const {
        check(spatium_evaluate_rows(function_, dtype_of<Real>::value, n_rows, n, y, grad, dx));
    }

  private:
    int function_;
};

} // namespace spatium
#endif
#endif
