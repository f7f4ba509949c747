# Made by tools/write_stubs.py: do not edit. How to use it: docs/compiled.md

# One float64: the value, the derivatives and, where the output tells it, the derivative from the output.
cdef double relu(double x) noexcept nogil
cdef double relu_derivative(double x) noexcept nogil
cdef double relu_second_derivative(double x) noexcept nogil
cdef double relu_derivative_from_output(double y) noexcept nogil
cdef double leaky_relu(double x, double negative_slope) noexcept nogil
cdef double leaky_relu_derivative(double x, double negative_slope) noexcept nogil
cdef double leaky_relu_second_derivative(double x, double negative_slope) noexcept nogil
cdef double leaky_relu_derivative_from_output(double y, double negative_slope) noexcept nogil
cdef double sigmoid(double x) noexcept nogil
cdef double sigmoid_derivative(double x) noexcept nogil
cdef double sigmoid_second_derivative(double x) noexcept nogil
cdef double sigmoid_derivative_from_output(double y) noexcept nogil
cdef double tanh(double x) noexcept nogil
cdef double tanh_derivative(double x) noexcept nogil
cdef double tanh_second_derivative(double x) noexcept nogil
cdef double tanh_derivative_from_output(double y) noexcept nogil
cdef double gelu_tanh(double x) noexcept nogil
cdef double gelu_tanh_derivative(double x) noexcept nogil
cdef double gelu_tanh_second_derivative(double x) noexcept nogil
cdef double swish(double x, double beta) noexcept nogil
cdef double swish_derivative(double x, double beta) noexcept nogil
cdef double swish_second_derivative(double x, double beta) noexcept nogil
cdef double mish(double x) noexcept nogil
cdef double mish_derivative(double x) noexcept nogil
cdef double mish_second_derivative(double x) noexcept nogil
cdef double elu(double x, double alpha) noexcept nogil
cdef double elu_derivative(double x, double alpha) noexcept nogil
cdef double elu_second_derivative(double x, double alpha) noexcept nogil
cdef double elu_derivative_from_output(double y, double alpha) noexcept nogil
cdef double softplus(double x, double beta) noexcept nogil
cdef double softplus_derivative(double x, double beta) noexcept nogil
cdef double softplus_second_derivative(double x, double beta) noexcept nogil
cdef double softplus_derivative_from_output(double y, double beta) noexcept nogil
cdef double hard_sigmoid(double x, double slope, double offset) noexcept nogil
cdef double hard_sigmoid_derivative(double x, double slope, double offset) noexcept nogil
cdef double hard_sigmoid_second_derivative(double x, double slope, double offset) noexcept nogil
cdef double hard_sigmoid_derivative_from_output(double y, double slope, double offset) noexcept nogil
cdef double hard_tanh(double x, double min_val, double max_val) noexcept nogil
cdef double hard_tanh_derivative(double x, double min_val, double max_val) noexcept nogil
cdef double hard_tanh_second_derivative(double x, double min_val, double max_val) noexcept nogil
cdef double hard_tanh_derivative_from_output(double y, double min_val, double max_val) noexcept nogil
cdef double sine(double x) noexcept nogil
cdef double sine_derivative(double x) noexcept nogil
cdef double sine_second_derivative(double x) noexcept nogil
cdef double gelu(double x) noexcept nogil
cdef double gelu_derivative(double x) noexcept nogil
cdef double gelu_second_derivative(double x) noexcept nogil
cdef double gelu_sigmoid(double x) noexcept nogil
cdef double gelu_sigmoid_derivative(double x) noexcept nogil
cdef double gelu_sigmoid_second_derivative(double x) noexcept nogil
cdef double hard_swish(double x) noexcept nogil
cdef double hard_swish_derivative(double x) noexcept nogil
cdef double hard_swish_second_derivative(double x) noexcept nogil
cdef double hard_gelu(double x) noexcept nogil
cdef double hard_gelu_derivative(double x) noexcept nogil
cdef double hard_gelu_second_derivative(double x) noexcept nogil
cdef double scaled_swish(double x, double alpha, double beta) noexcept nogil
cdef double scaled_swish_derivative(double x, double alpha, double beta) noexcept nogil
cdef double scaled_swish_second_derivative(double x, double alpha, double beta) noexcept nogil
cdef double snake(double x, double alpha, double beta) noexcept nogil
cdef double snake_derivative(double x, double alpha, double beta) noexcept nogil
cdef double snake_second_derivative(double x, double alpha, double beta) noexcept nogil
cdef double scaled_tanh(double x, double scale, double slope) noexcept nogil
cdef double scaled_tanh_derivative(double x, double scale, double slope) noexcept nogil
cdef double scaled_tanh_second_derivative(double x, double scale, double slope) noexcept nogil
cdef double scaled_tanh_derivative_from_output(double y, double scale, double slope) noexcept nogil
cdef double relu6(double x) noexcept nogil
cdef double relu6_derivative(double x) noexcept nogil
cdef double relu6_second_derivative(double x) noexcept nogil
cdef double relu6_derivative_from_output(double y) noexcept nogil
cdef double relu_squared(double x) noexcept nogil
cdef double relu_squared_derivative(double x) noexcept nogil
cdef double relu_squared_second_derivative(double x) noexcept nogil
cdef double relu_squared_derivative_from_output(double y) noexcept nogil
cdef double threshold(double x, double threshold, double value) noexcept nogil
cdef double threshold_derivative(double x, double threshold, double value) noexcept nogil
cdef double threshold_second_derivative(double x, double threshold, double value) noexcept nogil
cdef double threshold_derivative_from_output(double y, double threshold, double value) noexcept nogil
cdef double selu(double x) noexcept nogil
cdef double selu_derivative(double x) noexcept nogil
cdef double selu_second_derivative(double x) noexcept nogil
cdef double selu_derivative_from_output(double y) noexcept nogil
cdef double celu(double x, double alpha) noexcept nogil
cdef double celu_derivative(double x, double alpha) noexcept nogil
cdef double celu_second_derivative(double x, double alpha) noexcept nogil
cdef double celu_derivative_from_output(double y, double alpha) noexcept nogil
cdef double log_sigmoid(double x) noexcept nogil
cdef double log_sigmoid_derivative(double x) noexcept nogil
cdef double log_sigmoid_second_derivative(double x) noexcept nogil
cdef double log_sigmoid_derivative_from_output(double y) noexcept nogil
cdef double soft_sign(double x) noexcept nogil
cdef double soft_sign_derivative(double x) noexcept nogil
cdef double soft_sign_second_derivative(double x) noexcept nogil
cdef double soft_sign_derivative_from_output(double y) noexcept nogil
cdef double tanh_shrink(double x) noexcept nogil
cdef double tanh_shrink_derivative(double x) noexcept nogil
cdef double tanh_shrink_second_derivative(double x) noexcept nogil
cdef double hard_shrink(double x, double lambd) noexcept nogil
cdef double hard_shrink_derivative(double x, double lambd) noexcept nogil
cdef double hard_shrink_second_derivative(double x, double lambd) noexcept nogil
cdef double hard_shrink_derivative_from_output(double y, double lambd) noexcept nogil
cdef double soft_shrink(double x, double lambd) noexcept nogil
cdef double soft_shrink_derivative(double x, double lambd) noexcept nogil
cdef double soft_shrink_second_derivative(double x, double lambd) noexcept nogil
cdef double soft_shrink_derivative_from_output(double y, double lambd) noexcept nogil
cdef double squareplus(double x, double b) noexcept nogil
cdef double squareplus_derivative(double x, double b) noexcept nogil
cdef double squareplus_second_derivative(double x, double b) noexcept nogil
cdef double squareplus_derivative_from_output(double y, double b) noexcept nogil
cdef double sparse_plus(double x) noexcept nogil
cdef double sparse_plus_derivative(double x) noexcept nogil
cdef double sparse_plus_second_derivative(double x) noexcept nogil
cdef double sparse_plus_derivative_from_output(double y) noexcept nogil
cdef double sparse_sigmoid(double x) noexcept nogil
cdef double sparse_sigmoid_derivative(double x) noexcept nogil
cdef double sparse_sigmoid_second_derivative(double x) noexcept nogil
cdef double sparse_sigmoid_derivative_from_output(double y) noexcept nogil
cdef double hard_mish(double x) noexcept nogil
cdef double hard_mish_derivative(double x) noexcept nogil
cdef double hard_mish_second_derivative(double x) noexcept nogil
cdef double lisht(double x) noexcept nogil
cdef double lisht_derivative(double x) noexcept nogil
cdef double lisht_second_derivative(double x) noexcept nogil
cdef double dish(double x) noexcept nogil
cdef double dish_derivative(double x) noexcept nogil
cdef double dish_second_derivative(double x) noexcept nogil
cdef double gaussian(double x) noexcept nogil
cdef double gaussian_derivative(double x) noexcept nogil
cdef double gaussian_second_derivative(double x) noexcept nogil
cdef double log_cosh(double x) noexcept nogil
cdef double log_cosh_derivative(double x) noexcept nogil
cdef double log_cosh_second_derivative(double x) noexcept nogil
cdef double identity(double x) noexcept nogil
cdef double identity_derivative(double x) noexcept nogil
cdef double identity_second_derivative(double x) noexcept nogil
cdef double identity_derivative_from_output(double y) noexcept nogil
cdef double phish(double x) noexcept nogil
cdef double phish_derivative(double x) noexcept nogil
cdef double phish_second_derivative(double x) noexcept nogil

# A block of n elements: those of x and grad and the results with strides in bytes, the parameters one value each.
# grad is read by the backward operations only, derivative written by VALUE_AND_DERIVATIVE only; otherwise NULL, 0.
# out may be x or grad. Large blocks take several threads, except inside a parallel region.
# Returns 0, or -1 with nothing written where there is no such activation, operation or dtype.
cdef int evaluate(int activation, int operation, int dtype, Py_ssize_t n, const void *x, Py_ssize_t x_stride,
                  const void *grad, Py_ssize_t grad_stride, const double *parameters, void *out, Py_ssize_t out_stride,
                  void *derivative, Py_ssize_t derivative_stride) noexcept nogil

# The numbers that evaluate takes; they never change.
cdef enum:  # activation
    RELU = 0
    LEAKY_RELU = 1
    SIGMOID = 2
    TANH = 3
    GELU_TANH = 4
    SWISH = 5
    MISH = 6
    ELU = 7
    SOFTPLUS = 8
    HARD_SIGMOID = 9
    HARD_TANH = 10
    SINE = 11
    GELU = 12
    GELU_SIGMOID = 13
    HARD_SWISH = 14
    HARD_GELU = 15
    SCALED_SWISH = 16
    SNAKE = 17
    SCALED_TANH = 18
    RELU6 = 19
    RELU_SQUARED = 20
    THRESHOLD = 21
    SELU = 22
    CELU = 23
    LOG_SIGMOID = 24
    SOFT_SIGN = 25
    TANH_SHRINK = 26
    HARD_SHRINK = 27
    SOFT_SHRINK = 28
    SQUAREPLUS = 29
    SPARSE_PLUS = 30
    SPARSE_SIGMOID = 31
    HARD_MISH = 32
    LISHT = 33
    DISH = 34
    GAUSSIAN = 35
    LOG_COSH = 36
    IDENTITY = 37
    PHISH = 38

cdef enum:  # operation
    VALUE = 0
    DERIVATIVE = 1
    VALUE_AND_DERIVATIVE = 2
    BACKWARD = 3
    DERIVATIVE_FROM_OUTPUT = 4
    BACKWARD_FROM_OUTPUT = 5
    SECOND_DERIVATIVE = 6

cdef enum:  # dtype
    FLOAT16 = 0
    FLOAT32 = 1
    FLOAT64 = 2
    BFLOAT16 = 3
