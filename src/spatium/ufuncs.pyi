# Made by tools/write_stubs.py: do not edit.
import numpy as np

__all__ = [
    "celu",
    "celu_backward",
    "celu_backward_from_output",
    "celu_derivative",
    "celu_derivative_from_output",
    "celu_second_derivative",
    "celu_value_and_derivative",
    "dish",
    "dish_backward",
    "dish_derivative",
    "dish_second_derivative",
    "dish_value_and_derivative",
    "elu",
    "elu_backward",
    "elu_backward_from_output",
    "elu_derivative",
    "elu_derivative_from_output",
    "elu_second_derivative",
    "elu_value_and_derivative",
    "gaussian",
    "gaussian_backward",
    "gaussian_derivative",
    "gaussian_second_derivative",
    "gaussian_value_and_derivative",
    "gelu",
    "gelu_backward",
    "gelu_derivative",
    "gelu_second_derivative",
    "gelu_sigmoid",
    "gelu_sigmoid_backward",
    "gelu_sigmoid_derivative",
    "gelu_sigmoid_second_derivative",
    "gelu_sigmoid_value_and_derivative",
    "gelu_tanh",
    "gelu_tanh_backward",
    "gelu_tanh_derivative",
    "gelu_tanh_second_derivative",
    "gelu_tanh_value_and_derivative",
    "gelu_value_and_derivative",
    "hard_gelu",
    "hard_gelu_backward",
    "hard_gelu_derivative",
    "hard_gelu_second_derivative",
    "hard_gelu_value_and_derivative",
    "hard_mish",
    "hard_mish_backward",
    "hard_mish_derivative",
    "hard_mish_second_derivative",
    "hard_mish_value_and_derivative",
    "hard_shrink",
    "hard_shrink_backward",
    "hard_shrink_backward_from_output",
    "hard_shrink_derivative",
    "hard_shrink_derivative_from_output",
    "hard_shrink_second_derivative",
    "hard_shrink_value_and_derivative",
    "hard_sigmoid",
    "hard_sigmoid_backward",
    "hard_sigmoid_backward_from_output",
    "hard_sigmoid_derivative",
    "hard_sigmoid_derivative_from_output",
    "hard_sigmoid_second_derivative",
    "hard_sigmoid_value_and_derivative",
    "hard_swish",
    "hard_swish_backward",
    "hard_swish_derivative",
    "hard_swish_second_derivative",
    "hard_swish_value_and_derivative",
    "hard_tanh",
    "hard_tanh_backward",
    "hard_tanh_backward_from_output",
    "hard_tanh_derivative",
    "hard_tanh_derivative_from_output",
    "hard_tanh_second_derivative",
    "hard_tanh_value_and_derivative",
    "identity",
    "identity_backward",
    "identity_backward_from_output",
    "identity_derivative",
    "identity_derivative_from_output",
    "identity_second_derivative",
    "identity_value_and_derivative",
    "leaky_relu",
    "leaky_relu_backward",
    "leaky_relu_backward_from_output",
    "leaky_relu_derivative",
    "leaky_relu_derivative_from_output",
    "leaky_relu_second_derivative",
    "leaky_relu_value_and_derivative",
    "lisht",
    "lisht_backward",
    "lisht_derivative",
    "lisht_second_derivative",
    "lisht_value_and_derivative",
    "log_cosh",
    "log_cosh_backward",
    "log_cosh_derivative",
    "log_cosh_second_derivative",
    "log_cosh_value_and_derivative",
    "log_sigmoid",
    "log_sigmoid_backward",
    "log_sigmoid_backward_from_output",
    "log_sigmoid_derivative",
    "log_sigmoid_derivative_from_output",
    "log_sigmoid_second_derivative",
    "log_sigmoid_value_and_derivative",
    "mish",
    "mish_backward",
    "mish_derivative",
    "mish_second_derivative",
    "mish_value_and_derivative",
    "phish",
    "phish_backward",
    "phish_derivative",
    "phish_second_derivative",
    "phish_value_and_derivative",
    "relu",
    "relu6",
    "relu6_backward",
    "relu6_backward_from_output",
    "relu6_derivative",
    "relu6_derivative_from_output",
    "relu6_second_derivative",
    "relu6_value_and_derivative",
    "relu_backward",
    "relu_backward_from_output",
    "relu_derivative",
    "relu_derivative_from_output",
    "relu_second_derivative",
    "relu_squared",
    "relu_squared_backward",
    "relu_squared_backward_from_output",
    "relu_squared_derivative",
    "relu_squared_derivative_from_output",
    "relu_squared_second_derivative",
    "relu_squared_value_and_derivative",
    "relu_value_and_derivative",
    "scaled_swish",
    "scaled_swish_backward",
    "scaled_swish_derivative",
    "scaled_swish_second_derivative",
    "scaled_swish_value_and_derivative",
    "scaled_tanh",
    "scaled_tanh_backward",
    "scaled_tanh_backward_from_output",
    "scaled_tanh_derivative",
    "scaled_tanh_derivative_from_output",
    "scaled_tanh_second_derivative",
    "scaled_tanh_value_and_derivative",
    "selu",
    "selu_backward",
    "selu_backward_from_output",
    "selu_derivative",
    "selu_derivative_from_output",
    "selu_second_derivative",
    "selu_value_and_derivative",
    "sigmoid",
    "sigmoid_backward",
    "sigmoid_backward_from_output",
    "sigmoid_derivative",
    "sigmoid_derivative_from_output",
    "sigmoid_second_derivative",
    "sigmoid_value_and_derivative",
    "sine",
    "sine_backward",
    "sine_derivative",
    "sine_second_derivative",
    "sine_value_and_derivative",
    "snake",
    "snake_backward",
    "snake_derivative",
    "snake_second_derivative",
    "snake_value_and_derivative",
    "soft_shrink",
    "soft_shrink_backward",
    "soft_shrink_backward_from_output",
    "soft_shrink_derivative",
    "soft_shrink_derivative_from_output",
    "soft_shrink_second_derivative",
    "soft_shrink_value_and_derivative",
    "soft_sign",
    "soft_sign_backward",
    "soft_sign_backward_from_output",
    "soft_sign_derivative",
    "soft_sign_derivative_from_output",
    "soft_sign_second_derivative",
    "soft_sign_value_and_derivative",
    "softplus",
    "softplus_backward",
    "softplus_backward_from_output",
    "softplus_derivative",
    "softplus_derivative_from_output",
    "softplus_second_derivative",
    "softplus_value_and_derivative",
    "sparse_plus",
    "sparse_plus_backward",
    "sparse_plus_backward_from_output",
    "sparse_plus_derivative",
    "sparse_plus_derivative_from_output",
    "sparse_plus_second_derivative",
    "sparse_plus_value_and_derivative",
    "sparse_sigmoid",
    "sparse_sigmoid_backward",
    "sparse_sigmoid_backward_from_output",
    "sparse_sigmoid_derivative",
    "sparse_sigmoid_derivative_from_output",
    "sparse_sigmoid_second_derivative",
    "sparse_sigmoid_value_and_derivative",
    "squareplus",
    "squareplus_backward",
    "squareplus_backward_from_output",
    "squareplus_derivative",
    "squareplus_derivative_from_output",
    "squareplus_second_derivative",
    "squareplus_value_and_derivative",
    "swish",
    "swish_backward",
    "swish_derivative",
    "swish_second_derivative",
    "swish_value_and_derivative",
    "tanh",
    "tanh_backward",
    "tanh_backward_from_output",
    "tanh_derivative",
    "tanh_derivative_from_output",
    "tanh_second_derivative",
    "tanh_shrink",
    "tanh_shrink_backward",
    "tanh_shrink_derivative",
    "tanh_shrink_second_derivative",
    "tanh_shrink_value_and_derivative",
    "tanh_value_and_derivative",
    "threshold",
    "threshold_backward",
    "threshold_backward_from_output",
    "threshold_derivative",
    "threshold_derivative_from_output",
    "threshold_second_derivative",
    "threshold_value_and_derivative",
]

celu: np.ufunc
celu_backward: np.ufunc
celu_backward_from_output: np.ufunc
celu_derivative: np.ufunc
celu_derivative_from_output: np.ufunc
celu_second_derivative: np.ufunc
celu_value_and_derivative: np.ufunc
dish: np.ufunc
dish_backward: np.ufunc
dish_derivative: np.ufunc
dish_second_derivative: np.ufunc
dish_value_and_derivative: np.ufunc
elu: np.ufunc
elu_backward: np.ufunc
elu_backward_from_output: np.ufunc
elu_derivative: np.ufunc
elu_derivative_from_output: np.ufunc
elu_second_derivative: np.ufunc
elu_value_and_derivative: np.ufunc
gaussian: np.ufunc
gaussian_backward: np.ufunc
gaussian_derivative: np.ufunc
gaussian_second_derivative: np.ufunc
gaussian_value_and_derivative: np.ufunc
gelu: np.ufunc
gelu_backward: np.ufunc
gelu_derivative: np.ufunc
gelu_second_derivative: np.ufunc
gelu_sigmoid: np.ufunc
gelu_sigmoid_backward: np.ufunc
gelu_sigmoid_derivative: np.ufunc
gelu_sigmoid_second_derivative: np.ufunc
gelu_sigmoid_value_and_derivative: np.ufunc
gelu_tanh: np.ufunc
gelu_tanh_backward: np.ufunc
gelu_tanh_derivative: np.ufunc
gelu_tanh_second_derivative: np.ufunc
gelu_tanh_value_and_derivative: np.ufunc
gelu_value_and_derivative: np.ufunc
hard_gelu: np.ufunc
hard_gelu_backward: np.ufunc
hard_gelu_derivative: np.ufunc
hard_gelu_second_derivative: np.ufunc
hard_gelu_value_and_derivative: np.ufunc
hard_mish: np.ufunc
hard_mish_backward: np.ufunc
hard_mish_derivative: np.ufunc
hard_mish_second_derivative: np.ufunc
hard_mish_value_and_derivative: np.ufunc
hard_shrink: np.ufunc
hard_shrink_backward: np.ufunc
hard_shrink_backward_from_output: np.ufunc
hard_shrink_derivative: np.ufunc
hard_shrink_derivative_from_output: np.ufunc
hard_shrink_second_derivative: np.ufunc
hard_shrink_value_and_derivative: np.ufunc
hard_sigmoid: np.ufunc
hard_sigmoid_backward: np.ufunc
hard_sigmoid_backward_from_output: np.ufunc
hard_sigmoid_derivative: np.ufunc
hard_sigmoid_derivative_from_output: np.ufunc
hard_sigmoid_second_derivative: np.ufunc
hard_sigmoid_value_and_derivative: np.ufunc
hard_swish: np.ufunc
hard_swish_backward: np.ufunc
hard_swish_derivative: np.ufunc
hard_swish_second_derivative: np.ufunc
hard_swish_value_and_derivative: np.ufunc
hard_tanh: np.ufunc
hard_tanh_backward: np.ufunc
hard_tanh_backward_from_output: np.ufunc
hard_tanh_derivative: np.ufunc
hard_tanh_derivative_from_output: np.ufunc
hard_tanh_second_derivative: np.ufunc
hard_tanh_value_and_derivative: np.ufunc
identity: np.ufunc
identity_backward: np.ufunc
identity_backward_from_output: np.ufunc
identity_derivative: np.ufunc
identity_derivative_from_output: np.ufunc
identity_second_derivative: np.ufunc
identity_value_and_derivative: np.ufunc
leaky_relu: np.ufunc
leaky_relu_backward: np.ufunc
leaky_relu_backward_from_output: np.ufunc
leaky_relu_derivative: np.ufunc
leaky_relu_derivative_from_output: np.ufunc
leaky_relu_second_derivative: np.ufunc
leaky_relu_value_and_derivative: np.ufunc
lisht: np.ufunc
lisht_backward: np.ufunc
lisht_derivative: np.ufunc
lisht_second_derivative: np.ufunc
lisht_value_and_derivative: np.ufunc
log_cosh: np.ufunc
log_cosh_backward: np.ufunc
log_cosh_derivative: np.ufunc
log_cosh_second_derivative: np.ufunc
log_cosh_value_and_derivative: np.ufunc
log_sigmoid: np.ufunc
log_sigmoid_backward: np.ufunc
log_sigmoid_backward_from_output: np.ufunc
log_sigmoid_derivative: np.ufunc
log_sigmoid_derivative_from_output: np.ufunc
log_sigmoid_second_derivative: np.ufunc
log_sigmoid_value_and_derivative: np.ufunc
mish: np.ufunc
mish_backward: np.ufunc
mish_derivative: np.ufunc
mish_second_derivative: np.ufunc
mish_value_and_derivative: np.ufunc
phish: np.ufunc
phish_backward: np.ufunc
phish_derivative: np.ufunc
phish_second_derivative: np.ufunc
phish_value_and_derivative: np.ufunc
relu: np.ufunc
relu6: np.ufunc
relu6_backward: np.ufunc
relu6_backward_from_output: np.ufunc
relu6_derivative: np.ufunc
relu6_derivative_from_output: np.ufunc
relu6_second_derivative: np.ufunc
relu6_value_and_derivative: np.ufunc
relu_backward: np.ufunc
relu_backward_from_output: np.ufunc
relu_derivative: np.ufunc
relu_derivative_from_output: np.ufunc
relu_second_derivative: np.ufunc
relu_squared: np.ufunc
relu_squared_backward: np.ufunc
relu_squared_backward_from_output: np.ufunc
relu_squared_derivative: np.ufunc
relu_squared_derivative_from_output: np.ufunc
relu_squared_second_derivative: np.ufunc
relu_squared_value_and_derivative: np.ufunc
relu_value_and_derivative: np.ufunc
scaled_swish: np.ufunc
scaled_swish_backward: np.ufunc
scaled_swish_derivative: np.ufunc
scaled_swish_second_derivative: np.ufunc
scaled_swish_value_and_derivative: np.ufunc
scaled_tanh: np.ufunc
scaled_tanh_backward: np.ufunc
scaled_tanh_backward_from_output: np.ufunc
scaled_tanh_derivative: np.ufunc
scaled_tanh_derivative_from_output: np.ufunc
scaled_tanh_second_derivative: np.ufunc
scaled_tanh_value_and_derivative: np.ufunc
selu: np.ufunc
selu_backward: np.ufunc
selu_backward_from_output: np.ufunc
selu_derivative: np.ufunc
selu_derivative_from_output: np.ufunc
selu_second_derivative: np.ufunc
selu_value_and_derivative: np.ufunc
sigmoid: np.ufunc
sigmoid_backward: np.ufunc
sigmoid_backward_from_output: np.ufunc
sigmoid_derivative: np.ufunc
sigmoid_derivative_from_output: np.ufunc
sigmoid_second_derivative: np.ufunc
sigmoid_value_and_derivative: np.ufunc
sine: np.ufunc
sine_backward: np.ufunc
sine_derivative: np.ufunc
sine_second_derivative: np.ufunc
sine_value_and_derivative: np.ufunc
snake: np.ufunc
snake_backward: np.ufunc
snake_derivative: np.ufunc
snake_second_derivative: np.ufunc
snake_value_and_derivative: np.ufunc
soft_shrink: np.ufunc
soft_shrink_backward: np.ufunc
soft_shrink_backward_from_output: np.ufunc
soft_shrink_derivative: np.ufunc
soft_shrink_derivative_from_output: np.ufunc
soft_shrink_second_derivative: np.ufunc
soft_shrink_value_and_derivative: np.ufunc
soft_sign: np.ufunc
soft_sign_backward: np.ufunc
soft_sign_backward_from_output: np.ufunc
soft_sign_derivative: np.ufunc
soft_sign_derivative_from_output: np.ufunc
soft_sign_second_derivative: np.ufunc
soft_sign_value_and_derivative: np.ufunc
softplus: np.ufunc
softplus_backward: np.ufunc
softplus_backward_from_output: np.ufunc
softplus_derivative: np.ufunc
softplus_derivative_from_output: np.ufunc
softplus_second_derivative: np.ufunc
softplus_value_and_derivative: np.ufunc
sparse_plus: np.ufunc
sparse_plus_backward: np.ufunc
sparse_plus_backward_from_output: np.ufunc
sparse_plus_derivative: np.ufunc
sparse_plus_derivative_from_output: np.ufunc
sparse_plus_second_derivative: np.ufunc
sparse_plus_value_and_derivative: np.ufunc
sparse_sigmoid: np.ufunc
sparse_sigmoid_backward: np.ufunc
sparse_sigmoid_backward_from_output: np.ufunc
sparse_sigmoid_derivative: np.ufunc
sparse_sigmoid_derivative_from_output: np.ufunc
sparse_sigmoid_second_derivative: np.ufunc
sparse_sigmoid_value_and_derivative: np.ufunc
squareplus: np.ufunc
squareplus_backward: np.ufunc
squareplus_backward_from_output: np.ufunc
squareplus_derivative: np.ufunc
squareplus_derivative_from_output: np.ufunc
squareplus_second_derivative: np.ufunc
squareplus_value_and_derivative: np.ufunc
swish: np.ufunc
swish_backward: np.ufunc
swish_derivative: np.ufunc
swish_second_derivative: np.ufunc
swish_value_and_derivative: np.ufunc
tanh: np.ufunc
tanh_backward: np.ufunc
tanh_backward_from_output: np.ufunc
tanh_derivative: np.ufunc
tanh_derivative_from_output: np.ufunc
tanh_second_derivative: np.ufunc
tanh_shrink: np.ufunc
tanh_shrink_backward: np.ufunc
tanh_shrink_derivative: np.ufunc
tanh_shrink_second_derivative: np.ufunc
tanh_shrink_value_and_derivative: np.ufunc
tanh_value_and_derivative: np.ufunc
threshold: np.ufunc
threshold_backward: np.ufunc
threshold_backward_from_output: np.ufunc
threshold_derivative: np.ufunc
threshold_derivative_from_output: np.ufunc
threshold_second_derivative: np.ufunc
threshold_value_and_derivative: np.ufunc
