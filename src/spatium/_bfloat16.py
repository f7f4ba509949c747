"""bfloat16 loops for the ufuncs, as soon as ml_dtypes, which brings the type, is imported by somebody.

Importing it here would make everybody wait for it; looking only now would make results depend on the order of imports.
"""

from __future__ import annotations

import importlib.machinery
import sys
from collections.abc import Callable, Sequence
from types import ModuleType

import numpy as np

from spatium import _engine

_PACKAGE = "ml_dtypes"


_registered = False


def _register(module: ModuleType) -> None:
    global _registered
    if not _registered:
        _registered = True
        _engine.register_bfloat16(np.dtype(module.bfloat16))


class _AfterImport:  # its base class is in importlib.abc, which takes 7 ms to import
    """Finds nothing itself; has `_register` called once the package has been executed.

    It stays in place: a look at the package with importlib.util.find_spec is no import.
    """

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != _PACKAGE:
            return None
        for finder in sys.meta_path:
            spec = None if finder is self else finder.find_spec(name, path, target)
            if spec is not None and spec.loader is not None:
                execute = spec.loader.exec_module

                def execute_and_register(module: ModuleType, execute: Callable[[ModuleType], None] = execute) -> None:
                    execute(module)
                    _register(module)

                spec.loader.exec_module = execute_and_register  # type: ignore[method-assign]
                return spec
        return None


def watch() -> None:
    """Register the loops now or when the package comes."""
    if _PACKAGE in sys.modules:
        _register(sys.modules[_PACKAGE])
    else:
        sys.meta_path.insert(0, _AfterImport())
