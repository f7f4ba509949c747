# Made by tools/write_stubs.py: do not edit.
import numpy as np

from spatium import analysis as analysis
from spatium import benchmark as benchmark
from spatium import compiled as compiled
from spatium import data as data
from spatium import lab as lab
from spatium import learn as learn
from spatium import nn as nn
from spatium import presets as presets
from spatium import ufuncs as ufuncs
from spatium.activations.base import Activation as Activation
from spatium.activations.catalogue import CELU as CELU
from spatium.activations.catalogue import Dish as Dish
from spatium.activations.catalogue import ELU as ELU
from spatium.activations.catalogue import GELU as GELU
from spatium.activations.catalogue import Gaussian as Gaussian
from spatium.activations.catalogue import HardGELU as HardGELU
from spatium.activations.catalogue import HardMish as HardMish
from spatium.activations.catalogue import HardShrink as HardShrink
from spatium.activations.catalogue import HardSigmoid as HardSigmoid
from spatium.activations.catalogue import HardSwish as HardSwish
from spatium.activations.catalogue import HardTanh as HardTanh
from spatium.activations.catalogue import Identity as Identity
from spatium.activations.catalogue import LeakyReLU as LeakyReLU
from spatium.activations.catalogue import LiSHT as LiSHT
from spatium.activations.catalogue import LogCosh as LogCosh
from spatium.activations.catalogue import LogSigmoid as LogSigmoid
from spatium.activations.catalogue import Mish as Mish
from spatium.activations.catalogue import Phish as Phish
from spatium.activations.catalogue import ReLU as ReLU
from spatium.activations.catalogue import ReLU6 as ReLU6
from spatium.activations.catalogue import ReLUSquared as ReLUSquared
from spatium.activations.catalogue import SELU as SELU
from spatium.activations.catalogue import ScaledSwish as ScaledSwish
from spatium.activations.catalogue import ScaledTanh as ScaledTanh
from spatium.activations.catalogue import SiLU as SiLU
from spatium.activations.catalogue import Sigmoid as Sigmoid
from spatium.activations.catalogue import Sine as Sine
from spatium.activations.catalogue import Snake as Snake
from spatium.activations.catalogue import SoftShrink as SoftShrink
from spatium.activations.catalogue import SoftSign as SoftSign
from spatium.activations.catalogue import Softplus as Softplus
from spatium.activations.catalogue import SparsePlus as SparsePlus
from spatium.activations.catalogue import SparseSigmoid as SparseSigmoid
from spatium.activations.catalogue import Squareplus as Squareplus
from spatium.activations.catalogue import Swish as Swish
from spatium.activations.catalogue import Tanh as Tanh
from spatium.activations.catalogue import TanhShrink as TanhShrink
from spatium.activations.catalogue import Threshold as Threshold
from spatium.activations.custom import Custom as Custom
from spatium.activations.names import activation as activation
from spatium.activations.names import activations as activations
from spatium.analysis import check_activation as check_activation
from spatium.functions import celu as celu
from spatium.functions import elu as elu
from spatium.functions import gelu as gelu
from spatium.functions import hard_shrink as hard_shrink
from spatium.functions import hard_sigmoid as hard_sigmoid
from spatium.functions import hard_tanh as hard_tanh
from spatium.functions import leaky_relu as leaky_relu
from spatium.functions import prelu as prelu
from spatium.functions import scaled_swish as scaled_swish
from spatium.functions import scaled_tanh as scaled_tanh
from spatium.functions import silu as silu
from spatium.functions import snake as snake
from spatium.functions import soft_shrink as soft_shrink
from spatium.functions import softplus as softplus
from spatium.functions import squareplus as squareplus
from spatium.functions import swish as swish
from spatium.functions import threshold as threshold
from spatium.gates import gated_tanh as gated_tanh
from spatium.gates import gated_tanh_backward as gated_tanh_backward
from spatium.gates import gaussian_glu as gaussian_glu
from spatium.gates import gaussian_glu_backward as gaussian_glu_backward
from spatium.gates import geglu as geglu
from spatium.gates import geglu_backward as geglu_backward
from spatium.gates import glu as glu
from spatium.gates import glu_backward as glu_backward
from spatium.gates import reglu as reglu
from spatium.gates import reglu_backward as reglu_backward
from spatium.gates import swiglu as swiglu
from spatium.gates import swiglu_backward as swiglu_backward
from spatium.gates import time_aware_tanh as time_aware_tanh
from spatium.gates import time_aware_tanh_backward as time_aware_tanh_backward
from spatium.maps.activation_map import ActivationMap as ActivationMap
from spatium.maps.hashes import BucketHash as BucketHash
from spatium.maps.hashes import CategoryHash as CategoryHash
from spatium.maps.hashes import ConstantHash as ConstantHash
from spatium.maps.hashes import RandomHash as RandomHash
from spatium.maps.hashes import SimHash as SimHash
from spatium.maps.hashes import bucket_hash as bucket_hash
from spatium.maps.hashes import cell_of as cell_of
from spatium.maps.statistics import ActivationStatistics as ActivationStatistics
from spatium.passes import Saved as Saved
from spatium.quantization import QuantizedActivation as QuantizedActivation
from spatium.quantization import QuantizedMap as QuantizedMap
from spatium.quantization import quantize as quantize
from spatium.rows import hardmax as hardmax
from spatium.rows import hardmax_backward as hardmax_backward
from spatium.rows import log_softmax as log_softmax
from spatium.rows import log_softmax_backward as log_softmax_backward
from spatium.rows import logsumexp as logsumexp
from spatium.rows import logsumexp_backward as logsumexp_backward
from spatium.rows import softmax as softmax
from spatium.rows import softmax_backward as softmax_backward
from spatium.rows import softmin as softmin
from spatium.rows import softmin_backward as softmin_backward
from spatium.threads import config as config
from spatium.threads import get_num_threads as get_num_threads
from spatium.threads import num_threads as num_threads
from spatium.threads import set_num_threads as set_num_threads
from spatium.threads import show_config as show_config

__version__: str
__all__ = [
    "Activation",
    "ActivationMap",
    "ActivationStatistics",
    "BucketHash",
    "CELU",
    "CategoryHash",
    "ConstantHash",
    "Custom",
    "Dish",
    "ELU",
    "GELU",
    "Gaussian",
    "HardGELU",
    "HardMish",
    "HardShrink",
    "HardSigmoid",
    "HardSwish",
    "HardTanh",
    "Identity",
    "LeakyReLU",
    "LiSHT",
    "LogCosh",
    "LogSigmoid",
    "Mish",
    "Phish",
    "QuantizedActivation",
    "QuantizedMap",
    "RandomHash",
    "ReLU",
    "ReLU6",
    "ReLUSquared",
    "SELU",
    "Saved",
    "ScaledSwish",
    "ScaledTanh",
    "SiLU",
    "Sigmoid",
    "SimHash",
    "Sine",
    "Snake",
    "SoftShrink",
    "SoftSign",
    "Softplus",
    "SparsePlus",
    "SparseSigmoid",
    "Squareplus",
    "Swish",
    "Tanh",
    "TanhShrink",
    "Threshold",
    "activation",
    "activations",
    "analysis",
    "benchmark",
    "bucket_hash",
    "cell_of",
    "celu",
    "check_activation",
    "compiled",
    "config",
    "data",
    "dish",
    "elu",
    "gated_tanh",
    "gated_tanh_backward",
    "gaussian",
    "gaussian_glu",
    "gaussian_glu_backward",
    "geglu",
    "geglu_backward",
    "gelu",
    "get_num_threads",
    "glu",
    "glu_backward",
    "hard_gelu",
    "hard_mish",
    "hard_shrink",
    "hard_sigmoid",
    "hard_swish",
    "hard_tanh",
    "hardmax",
    "hardmax_backward",
    "identity",
    "lab",
    "leaky_relu",
    "learn",
    "lisht",
    "log_cosh",
    "log_sigmoid",
    "log_softmax",
    "log_softmax_backward",
    "logsumexp",
    "logsumexp_backward",
    "mish",
    "nn",
    "num_threads",
    "phish",
    "prelu",
    "presets",
    "quantize",
    "reglu",
    "reglu_backward",
    "relu",
    "relu6",
    "relu_squared",
    "scaled_swish",
    "scaled_tanh",
    "selu",
    "set_num_threads",
    "show_config",
    "sigmoid",
    "silu",
    "sine",
    "snake",
    "soft_shrink",
    "soft_sign",
    "softmax",
    "softmax_backward",
    "softmin",
    "softmin_backward",
    "softplus",
    "sparse_plus",
    "sparse_sigmoid",
    "squareplus",
    "swiglu",
    "swiglu_backward",
    "swish",
    "tanh",
    "tanh_shrink",
    "threshold",
    "time_aware_tanh",
    "time_aware_tanh_backward",
    "ufuncs",
]

dish: np.ufunc
gaussian: np.ufunc
hard_gelu: np.ufunc
hard_mish: np.ufunc
hard_swish: np.ufunc
identity: np.ufunc
lisht: np.ufunc
log_cosh: np.ufunc
log_sigmoid: np.ufunc
mish: np.ufunc
phish: np.ufunc
relu: np.ufunc
relu6: np.ufunc
relu_squared: np.ufunc
selu: np.ufunc
sigmoid: np.ufunc
sine: np.ufunc
soft_sign: np.ufunc
sparse_plus: np.ufunc
sparse_sigmoid: np.ufunc
tanh: np.ufunc
tanh_shrink: np.ufunc
