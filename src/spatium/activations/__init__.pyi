# Made by tools/write_stubs.py: do not edit.
from spatium.activations.base import Activation as Activation
from spatium.activations.catalogue import CELU as CELU
from spatium.activations.custom import Custom as Custom
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
from spatium.activations.names import activation as activation
from spatium.activations.names import activations as activations

__all__ = [
    "Activation",
    "CELU",
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
]
