"""Activation objects: one class per function, `Custom` for functions of the user, and access by name."""

from spatium.activations.base import Activation
from spatium.activations.catalogue import *
from spatium.activations.catalogue import __all__ as _catalogue
from spatium.activations.custom import Custom
from spatium.activations.names import activation, activations

__all__ = ["Activation", "Custom", "activation", "activations"]
__all__ += _catalogue
__all__.sort()
