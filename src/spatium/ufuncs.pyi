# Made by tools/write_stubs.py: do not edit.
import numpy as np

__all__ = [
    "elu",
    "elu_backward",
    "elu_backward_from_output",
    "elu_derivative",
    "elu_derivative_from_output",
    "elu_value_and_derivative",
    "gelu",
    "gelu_backward",
    "gelu_derivative",
    "gelu_sigmoid",
    "gelu_sigmoid_backward",
    "gelu_sigmoid_derivative",
    "gelu_sigmoid_value_and_derivative",
    "gelu_tanh",
    "gelu_tanh_backward",
    "gelu_tanh_derivative",
    "gelu_tanh_value_and_derivative",
    "gelu_value_and_derivative",
    "hard_gelu",
    "hard_gelu_backward",
    "hard_gelu_derivative",
    "hard_gelu_value_and_derivative",
    "hard_sigmoid",
    "hard_sigmoid_backward",
    "hard_sigmoid_backward_from_output",
    "hard_sigmoid_derivative",
    "hard_sigmoid_derivative_from_output",
    "hard_sigmoid_value_and_derivative",
    "hard_swish",
    "hard_swish_backward",
    "hard_swish_derivative",
    "hard_swish_value_and_derivative",
    "hard_tanh",
    "hard_tanh_backward",
    "hard_tanh_backward_from_output",
    "hard_tanh_derivative",
    "hard_tanh_derivative_from_output",
    "hard_tanh_value_and_derivative",
    "leaky_relu",
    "leaky_relu_backward",
    "leaky_relu_backward_from_output",
    "leaky_relu_derivative",
    "leaky_relu_derivative_from_output",
    "leaky_relu_value_and_derivative",
    "mish",
    "mish_backward",
    "mish_derivative",
    "mish_value_and_derivative",
    "relu",
    "relu_backward",
    "relu_backward_from_output",
    "relu_derivative",
    "relu_derivative_from_output",
    "relu_value_and_derivative",
    "sigmoid",
    "sigmoid_backward",
    "sigmoid_backward_from_output",
    "sigmoid_derivative",
    "sigmoid_derivative_from_output",
    "sigmoid_value_and_derivative",
    "sine",
    "sine_backward",
    "sine_derivative",
    "sine_value_and_derivative",
    "softplus",
    "softplus_backward",
    "softplus_backward_from_output",
    "softplus_derivative",
    "softplus_derivative_from_output",
    "softplus_value_and_derivative",
    "swish",
    "swish_backward",
    "swish_derivative",
    "swish_value_and_derivative",
    "tanh",
    "tanh_backward",
    "tanh_backward_from_output",
    "tanh_derivative",
    "tanh_derivative_from_output",
    "tanh_value_and_derivative",
]

elu: np.ufunc
elu_backward: np.ufunc
elu_backward_from_output: np.ufunc
elu_derivative: np.ufunc
elu_derivative_from_output: np.ufunc
elu_value_and_derivative: np.ufunc
gelu: np.ufunc
gelu_backward: np.ufunc
gelu_derivative: np.ufunc
gelu_sigmoid: np.ufunc
gelu_sigmoid_backward: np.ufunc
gelu_sigmoid_derivative: np.ufunc
gelu_sigmoid_value_and_derivative: np.ufunc
gelu_tanh: np.ufunc
gelu_tanh_backward: np.ufunc
gelu_tanh_derivative: np.ufunc
gelu_tanh_value_and_derivative: np.ufunc
gelu_value_and_derivative: np.ufunc
hard_gelu: np.ufunc
hard_gelu_backward: np.ufunc
hard_gelu_derivative: np.ufunc
hard_gelu_value_and_derivative: np.ufunc
hard_sigmoid: np.ufunc
hard_sigmoid_backward: np.ufunc
hard_sigmoid_backward_from_output: np.ufunc
hard_sigmoid_derivative: np.ufunc
hard_sigmoid_derivative_from_output: np.ufunc
hard_sigmoid_value_and_derivative: np.ufunc
hard_swish: np.ufunc
hard_swish_backward: np.ufunc
hard_swish_derivative: np.ufunc
hard_swish_value_and_derivative: np.ufunc
hard_tanh: np.ufunc
hard_tanh_backward: np.ufunc
hard_tanh_backward_from_output: np.ufunc
hard_tanh_derivative: np.ufunc
hard_tanh_derivative_from_output: np.ufunc
hard_tanh_value_and_derivative: np.ufunc
leaky_relu: np.ufunc
leaky_relu_backward: np.ufunc
leaky_relu_backward_from_output: np.ufunc
leaky_relu_derivative: np.ufunc
leaky_relu_derivative_from_output: np.ufunc
leaky_relu_value_and_derivative: np.ufunc
mish: np.ufunc
mish_backward: np.ufunc
mish_derivative: np.ufunc
mish_value_and_derivative: np.ufunc
relu: np.ufunc
relu_backward: np.ufunc
relu_backward_from_output: np.ufunc
relu_derivative: np.ufunc
relu_derivative_from_output: np.ufunc
relu_value_and_derivative: np.ufunc
sigmoid: np.ufunc
sigmoid_backward: np.ufunc
sigmoid_backward_from_output: np.ufunc
sigmoid_derivative: np.ufunc
sigmoid_derivative_from_output: np.ufunc
sigmoid_value_and_derivative: np.ufunc
sine: np.ufunc
sine_backward: np.ufunc
sine_derivative: np.ufunc
sine_value_and_derivative: np.ufunc
softplus: np.ufunc
softplus_backward: np.ufunc
softplus_backward_from_output: np.ufunc
softplus_derivative: np.ufunc
softplus_derivative_from_output: np.ufunc
softplus_value_and_derivative: np.ufunc
swish: np.ufunc
swish_backward: np.ufunc
swish_derivative: np.ufunc
swish_value_and_derivative: np.ufunc
tanh: np.ufunc
tanh_backward: np.ufunc
tanh_backward_from_output: np.ufunc
tanh_derivative: np.ufunc
tanh_derivative_from_output: np.ufunc
tanh_value_and_derivative: np.ufunc
