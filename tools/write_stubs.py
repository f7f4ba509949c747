"""Write the lists of names that follow from the registry; ``--check`` only compares.

python tools/write_stubs.py [--check]

``__init__.pyi``, ``activations/__init__.pyi`` and ``torch/__init__.pyi`` list the public names for type checkers,
``ufuncs.pyi`` the ufuncs, ``compiled.pxd`` the C functions for Cython.
"""

from __future__ import annotations

import ast
import inspect
import re
import sys
from pathlib import Path
from types import ModuleType

import numpy as np

import spatium as sp
from spatium import _engine

PACKAGE = Path(__file__).parents[1] / "src" / "spatium"

EVALUATE = """
# A block of n elements: those of x and grad and the results with strides in bytes, the parameters one value each.
# grad is read by the backward operations only, derivative written by VALUE_AND_DERIVATIVE only; otherwise NULL, 0.
# out may be x or grad. Large blocks take several threads, except inside a parallel region.
# Returns 0, or -1 with nothing written where there is no such activation, operation or dtype.
cdef int evaluate(int activation, int operation, int dtype, Py_ssize_t n, const void *x, Py_ssize_t x_stride,
                  const void *grad, Py_ssize_t grad_stride, const double *parameters, void *out, Py_ssize_t out_stride,
                  void *derivative, Py_ssize_t derivative_stride) noexcept nogil
"""


def package_stub() -> str:
    """Every public name, from the module that defines it; a function without parameters is a ufunc."""
    lines, ufuncs, modules = ["# Made by tools/write_stubs.py: do not edit.", "import numpy as np", ""], [], []
    homes: dict[str, list[str]] = {}
    for name in sp.__all__:
        item = getattr(sp, name)
        if isinstance(item, np.ufunc):
            ufuncs.append(name)
        elif isinstance(item, ModuleType):
            modules.append(name)
        else:
            home = "spatium.analysis" if item.__module__.startswith("spatium.analysis.") else item.__module__
            homes.setdefault(home, []).append(name)
    for home, names in [("spatium", modules), *sorted(homes.items())]:
        lines += [f"from {home} import {name} as {name}" for name in names]
    lines += ["", "__version__: str", "__all__ = [", *(f'    "{name}",' for name in sp.__all__), "]", ""]
    return "\n".join([*lines, *(f"{name}: np.ufunc" for name in ufuncs)]) + "\n"


def activations_stub() -> str:
    """The value objects, from the module that defines each."""
    names = sys.modules["spatium.activations"].__all__
    lines = ["# Made by tools/write_stubs.py: do not edit."]
    lines += [f"from {getattr(sp, name).__module__} import {name} as {name}" for name in names]
    return "\n".join([*lines, "", "__all__ = [", *(f'    "{name}",' for name in names), "]"]) + "\n"


def torch_stub() -> str:
    """The functions and modules for PyTorch. They are read from the source, because PyTorch need not be installed."""
    lines = ["# Made by tools/write_stubs.py: do not edit.", "from collections.abc import Sequence"]
    lines += ["from typing import Any", "", "import torch", "from torch import Tensor", ""]
    lines += ["from spatium.passes import Policy as Policy"]
    own: list[str] = []
    coupled: list[str] = []
    for path in sorted((PACKAGE / "torch").glob("_[!_]*.py")):
        names = []
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__":
                names = ast.literal_eval(node.value)
            if (
                isinstance(node, ast.AnnAssign)
                and ast.unparse(node.target) == "COUPLED"
                and isinstance(node.value, ast.Dict)
            ):
                coupled = [ast.literal_eval(key) for key in node.value.keys if key is not None]
        if path.stem in ("_functions", "_rows", "_gates", "_modules", "_spatial"):
            lines += [f"from spatium.torch.{path.stem} import {name} as {name}" for name in names]
            own += names
    classes = {type(sp.activation(name)).__name__: type(sp.activation(name)) for name in sp.activations()}
    made = [name for name in sp.activations() if not name.startswith("gelu")]
    lines += ["", "__all__ = [", *(f'    "{name}",' for name in sorted([*own, *made, *classes, *coupled])), "]", ""]
    for name in made:
        parameters = "".join(
            f", {parameter.name}: float | Tensor{' | None' * (parameter.default is None)} = ..."
            for parameter in inspect.signature(type(sp.activation(name))).parameters.values()
        )
        lines.append(f"def {name}(x: Tensor, /{parameters}, *, save: Policy | None = ...) -> Tensor: ...")
    for name, cls in classes.items():
        arguments = "".join(f", {p.name}: {p.annotation} = ..." for p in inspect.signature(cls).parameters.values())
        arguments = arguments.replace("_Approximate", "str")
        learn = ", learn: bool | Sequence[str] = ..., channels: int | None = ..., channel_axis: int = ..."
        keywords = f"{learn * bool(cls._domains)}, save: Policy | None = ..."
        lines += ["", f"class {name}(Elementwise):", f"    def __init__(self{arguments}, *{keywords}) -> None: ..."]
    for name in coupled:
        lines += [
            "",
            f"class {name}(torch.nn.Module):  # type: ignore[misc]",
            "    def __init__(self, *args: Any, **kwargs: Any) -> None: ...",
        ]
        lines += ["    def forward(self, *tensors: Tensor) -> Tensor: ..."]
    return "\n".join(lines) + "\n"


def ufunc_stub() -> str:
    names = sp.ufuncs.__all__
    lines = ["# Made by tools/write_stubs.py: do not edit.", "import numpy as np", "", "__all__ = ["]
    lines += [f'    "{name}",' for name in names] + ["]", ""] + [f"{name}: np.ufunc" for name in names]
    return "\n".join(lines) + "\n"


def compiled_declarations() -> str:
    registry = _engine.registry()
    lines = [
        "# Made by tools/write_stubs.py: do not edit. How to use it: docs/compiled.md",
        "",
        "# One float64: the value, the derivatives and, where the output tells it, the derivative from the output.",
    ]
    for record in registry:
        signature = re.search(
            rf"^{record.name}\(x(.*?), /, out=None, \*, where=True, \*\*", ufunc_text(record.name), re.M
        )
        assert signature
        parameters = signature[1].replace(", ", ", double ")
        lines.append(f"cdef double {record.name}(double x{parameters}) noexcept nogil")
        lines.append(f"cdef double {record.name}_derivative(double x{parameters}) noexcept nogil")
        lines.append(f"cdef double {record.name}_second_derivative(double x{parameters}) noexcept nogil")
        if record.from_output:
            lines.append(f"cdef double {record.name}_derivative_from_output(double y{parameters}) noexcept nogil")
    lines += [EVALUATE, "# The numbers that evaluate takes; they never change."]
    kinds = {
        "activation": [record.name for record in registry],
        "operation": _engine.OPERATIONS,
        "dtype": ("float16", "float32", "float64", "bfloat16"),
    }
    for kind, names in kinds.items():
        lines += [f"cdef enum:  # {kind}"] + [f"    {name.upper()} = {i}" for i, name in enumerate(names)] + [""]
    return "\n".join(lines[:-1]) + "\n"


def ufunc_text(name: str) -> str:
    return str(getattr(sp.ufuncs, name).__doc__)


def main() -> int:
    outdated = 0
    texts = {
        "__init__.pyi": package_stub(),
        "activations/__init__.pyi": activations_stub(),
        "torch/__init__.pyi": torch_stub(),
        "ufuncs.pyi": ufunc_stub(),
        "compiled.pxd": compiled_declarations(),
    }
    for name, text in texts.items():
        path = PACKAGE / name
        if "--check" not in sys.argv[1:]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            print(f"{name} does not follow from the registry: run tools/write_stubs.py")
            outdated = 1
    return outdated


if __name__ == "__main__":
    sys.exit(main())
