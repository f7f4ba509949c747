# Made by tools/write_stubs.py: do not edit.
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from spatium.passes import Policy as Policy
from spatium.torch._functions import gelu as gelu
from spatium.torch._functions import prelu as prelu
from spatium.torch._functions import silu as silu
from spatium.torch._gates import gated_tanh as gated_tanh
from spatium.torch._gates import gaussian_glu as gaussian_glu
from spatium.torch._gates import geglu as geglu
from spatium.torch._gates import glu as glu
from spatium.torch._gates import reglu as reglu
from spatium.torch._gates import swiglu as swiglu
from spatium.torch._gates import time_aware_tanh as time_aware_tanh
from spatium.torch._modules import Elementwise as Elementwise
from spatium.torch._modules import PReLU as PReLU
from spatium.torch._modules import SiLU as SiLU
from spatium.torch._modules import replace as replace
from spatium.torch._rows import hardmax as hardmax
from spatium.torch._rows import log_softmax as log_softmax
from spatium.torch._rows import logsumexp as logsumexp
from spatium.torch._rows import softmax as softmax
from spatium.torch._rows import softmin as softmin
from spatium.torch._spatial import ActivationMap as ActivationMap
from spatium.torch._spatial import PatternHash as PatternHash
from spatium.torch._spatial import SpatialLinear as SpatialLinear

__all__ = [
    "ActivationMap",
    "CELU",
    "Dish",
    "ELU",
    "Elementwise",
    "GEGLU",
    "GELU",
    "GLU",
    "GatedTanh",
    "Gaussian",
    "GaussianGLU",
    "HardGELU",
    "HardMish",
    "HardShrink",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "Hardmax",
    "Identity",
    "LeakyReLU",
    "LiSHT",
    "LogCosh",
    "LogSigmoid",
    "LogSoftmax",
    "LogSumExp",
    "Mish",
    "PReLU",
    "PatternHash",
    "Phish",
    "ReGLU",
    "ReLU",
    "ReLU6",
    "ReLUSquared",
    "SELU",
    "ScaledSwish",
    "ScaledTanh",
    "SiLU",
    "Sigmoid",
    "Sine",
    "Snake",
    "SoftShrink",
    "SoftSign",
    "Softmax",
    "Softmin",
    "Softplus",
    "SparsePlus",
    "SparseSigmoid",
    "SpatialLinear",
    "Squareplus",
    "SwiGLU",
    "Swish",
    "Tanh",
    "TanhShrink",
    "Threshold",
    "TimeAwareTanh",
    "celu",
    "dish",
    "elu",
    "gated_tanh",
    "gaussian",
    "gaussian_glu",
    "geglu",
    "gelu",
    "glu",
    "hard_gelu",
    "hard_mish",
    "hard_shrink",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "hardmax",
    "identity",
    "leaky_relu",
    "lisht",
    "log_cosh",
    "log_sigmoid",
    "log_softmax",
    "logsumexp",
    "mish",
    "phish",
    "prelu",
    "reglu",
    "relu",
    "relu6",
    "relu_squared",
    "replace",
    "scaled_swish",
    "scaled_tanh",
    "selu",
    "sigmoid",
    "silu",
    "sine",
    "snake",
    "soft_shrink",
    "soft_sign",
    "softmax",
    "softmin",
    "softplus",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "swiglu",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
    "time_aware_tanh",
]

def relu(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def leaky_relu(x: Tensor, /, negative_slope: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def sigmoid(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def tanh(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def swish(x: Tensor, /, beta: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def mish(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def elu(x: Tensor, /, alpha: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def softplus(x: Tensor, /, beta: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def hard_sigmoid(x: Tensor, /, slope: float | Tensor = ..., offset: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def hard_tanh(x: Tensor, /, min_val: float | Tensor = ..., max_val: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def sine(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def hard_swish(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def hard_gelu(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def scaled_swish(x: Tensor, /, alpha: float | Tensor = ..., beta: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def snake(x: Tensor, /, alpha: float | Tensor = ..., beta: float | Tensor | None = ..., *, save: Policy | None = ...) -> Tensor: ...
def scaled_tanh(x: Tensor, /, scale: float | Tensor = ..., slope: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def relu6(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def relu_squared(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def threshold(x: Tensor, /, threshold: float | Tensor = ..., value: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def selu(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def celu(x: Tensor, /, alpha: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def log_sigmoid(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def soft_sign(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def tanh_shrink(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def hard_shrink(x: Tensor, /, lambd: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def soft_shrink(x: Tensor, /, lambd: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def squareplus(x: Tensor, /, b: float | Tensor = ..., *, save: Policy | None = ...) -> Tensor: ...
def sparse_plus(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def sparse_sigmoid(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def hard_mish(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def lisht(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def dish(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def gaussian(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def log_cosh(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def identity(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...
def phish(x: Tensor, /, *, save: Policy | None = ...) -> Tensor: ...

class ReLU(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class LeakyReLU(Elementwise):
    def __init__(self, negative_slope: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class Sigmoid(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class Tanh(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class GELU(Elementwise):
    def __init__(self, approximate: str = ..., *, save: Policy | None = ...) -> None: ...

class Swish(Elementwise):
    def __init__(self, beta: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class Mish(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class ELU(Elementwise):
    def __init__(self, alpha: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class Softplus(Elementwise):
    def __init__(self, beta: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class HardSigmoid(Elementwise):
    def __init__(self, slope: float = ..., offset: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class HardTanh(Elementwise):
    def __init__(self, min_val: float = ..., max_val: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class Sine(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class HardSwish(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class HardGELU(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class ScaledSwish(Elementwise):
    def __init__(self, alpha: float = ..., beta: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class Snake(Elementwise):
    def __init__(self, alpha: float = ..., beta: float | None = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class ScaledTanh(Elementwise):
    def __init__(self, scale: float = ..., slope: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class ReLU6(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class ReLUSquared(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class Threshold(Elementwise):
    def __init__(self, threshold: float = ..., value: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class SELU(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class CELU(Elementwise):
    def __init__(self, alpha: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class LogSigmoid(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class SoftSign(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class TanhShrink(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class HardShrink(Elementwise):
    def __init__(self, lambd: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class SoftShrink(Elementwise):
    def __init__(self, lambd: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class Squareplus(Elementwise):
    def __init__(self, b: float = ..., *, learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..., save: Policy | None = ...) -> None: ...

class SparsePlus(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class SparseSigmoid(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class HardMish(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class LiSHT(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class Dish(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class Gaussian(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class LogCosh(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class Identity(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class Phish(Elementwise):
    def __init__(self, *, save: Policy | None = ...) -> None: ...

class Softmax(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class Softmin(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class Hardmax(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class LogSoftmax(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class LogSumExp(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class GLU(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class GaussianGLU(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class ReGLU(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class GEGLU(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class SwiGLU(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class TimeAwareTanh(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...

class GatedTanh(torch.nn.Module):  # type: ignore[misc]
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...
    def forward(self, *tensors: Tensor) -> Tensor: ...
