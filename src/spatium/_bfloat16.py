"""Register the bfloat16 loops of the ufuncs once ml_dtypes, which defines the dtype, has been imported.

Importing it here would slow down every `import spatium`. Checking only once would make results depend on the order of
the imports.
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


class _AfterImport:  # without its base class, because importing importlib.abc takes 7 ms
    """A finder that calls `_register` after the package has been executed.

    It returns the spec of the other finders with a changed loader. It stays in sys.meta_path, because
    importlib.util.find_spec may ask for the package without importing it.
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
    """Register the loops now, or when the package is imported."""
    module = sys.modules.get(_PACKAGE)  # None also where its import is blocked
    if module is not None:
        _register(module)
    else:
        sys.meta_path.insert(0, _AfterImport())
