# Made by tools/write_stubs.py: do not edit.
import numpy as np

from . import analysis as analysis
from . import compiled as compiled
from . import data as data
from . import nn as nn
from . import ufuncs as ufuncs
from .activation_map import ActivationMap as ActivationMap
from .activations import Activation as Activation
from .activations import CELU as CELU
from .activations import Custom as Custom
from .activations import Dish as Dish
from .activations import ELU as ELU
from .activations import GELU as GELU
from .activations import Gaussian as Gaussian
from .activations import HardGELU as HardGELU
from .activations import HardMish as HardMish
from .activations import HardShrink as HardShrink
from .activations import HardSigmoid as HardSigmoid
from .activations import HardSwish as HardSwish
from .activations import HardTanh as HardTanh
from .activations import Identity as Identity
from .activations import LeakyReLU as LeakyReLU
from .activations import LiSHT as LiSHT
from .activations import LogCosh as LogCosh
from .activations import LogSigmoid as LogSigmoid
from .activations import Mish as Mish
from .activations import Phish as Phish
from .activations import ReLU as ReLU
from .activations import ReLU6 as ReLU6
from .activations import ReLUSquared as ReLUSquared
from .activations import SELU as SELU
from .activations import ScaledSwish as ScaledSwish
from .activations import ScaledTanh as ScaledTanh
from .activations import SiLU as SiLU
from .activations import Sigmoid as Sigmoid
from .activations import Sine as Sine
from .activations import Snake as Snake
from .activations import SoftShrink as SoftShrink
from .activations import SoftSign as SoftSign
from .activations import Softplus as Softplus
from .activations import SparsePlus as SparsePlus
from .activations import SparseSigmoid as SparseSigmoid
from .activations import Squareplus as Squareplus
from .activations import Swish as Swish
from .activations import Tanh as Tanh
from .activations import TanhShrink as TanhShrink
from .activations import Threshold as Threshold
from .activations import activation as activation
from .activations import activations as activations
from .analysis import check_activation as check_activation
from .coupled import gated_tanh as gated_tanh
from .coupled import gated_tanh_backward as gated_tanh_backward
from .coupled import gaussian_glu as gaussian_glu
from .coupled import gaussian_glu_backward as gaussian_glu_backward
from .coupled import geglu as geglu
from .coupled import geglu_backward as geglu_backward
from .coupled import glu as glu
from .coupled import glu_backward as glu_backward
from .coupled import hardmax as hardmax
from .coupled import hardmax_backward as hardmax_backward
from .coupled import log_softmax as log_softmax
from .coupled import log_softmax_backward as log_softmax_backward
from .coupled import logsumexp as logsumexp
from .coupled import logsumexp_backward as logsumexp_backward
from .coupled import reglu as reglu
from .coupled import reglu_backward as reglu_backward
from .coupled import softmax as softmax
from .coupled import softmax_backward as softmax_backward
from .coupled import softmin as softmin
from .coupled import softmin_backward as softmin_backward
from .coupled import swiglu as swiglu
from .coupled import swiglu_backward as swiglu_backward
from .coupled import time_aware_tanh as time_aware_tanh
from .coupled import time_aware_tanh_backward as time_aware_tanh_backward
from .functions import celu as celu
from .functions import elu as elu
from .functions import gelu as gelu
from .functions import hard_shrink as hard_shrink
from .functions import hard_sigmoid as hard_sigmoid
from .functions import hard_tanh as hard_tanh
from .functions import leaky_relu as leaky_relu
from .functions import prelu as prelu
from .functions import scaled_swish as scaled_swish
from .functions import scaled_tanh as scaled_tanh
from .functions import silu as silu
from .functions import snake as snake
from .functions import soft_shrink as soft_shrink
from .functions import softplus as softplus
from .functions import squareplus as squareplus
from .functions import swish as swish
from .functions import threshold as threshold
from .memory import Saved as Saved
from .pattern_hash import ConstantHash as ConstantHash
from .pattern_hash import RandomHash as RandomHash
from .pattern_hash import SimHash as SimHash
from .pattern_hash import bucket_hash as bucket_hash
from .pattern_hash import cell_of as cell_of
from .statistics import ActivationStatistics as ActivationStatistics
from .threads import config as config
from .threads import get_num_threads as get_num_threads
from .threads import num_threads as num_threads
from .threads import set_num_threads as set_num_threads
from .threads import show_config as show_config

__version__: str
__all__ = [
    "Activation",
    "ActivationMap",
    "ActivationStatistics",
    "CELU",
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
    "leaky_relu",
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
