"""What holds for the whole package: imports go downwards, everything public is documented, nothing is missing."""

import ast
import graphlib
import inspect
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from conftest import ALTERNATIVES

import spatium as sp
from spatium import _engine

SOURCE = Path(__file__).resolve().parents[1] / "src" / "spatium"

# The layers from the bottom to the top; a leading underscore is the bottom. A new module is entered here on purpose.
# Within a layer the order is free, but for circles.
LAYERS = [
    {"_kernels", "_engine", "_map", "_routing", "_hash"},
    {"activations", "compiled", "functions", "gates", "passes", "rows", "ufuncs", "threads"},
    {"maps"},
    {"nn", "analysis", "data"},
    {"plots", "cli", "__main__"},
]
EXTRAS = {"matplotlib", "click", "typer", "rich", "scipy", "mpmath", "ml_dtypes", "dask", "distributed", "xarray"}

# The activations in the order of their codes, which compiled.pxd promises to other compiled code: append only.
CODES = [
    "relu", "leaky_relu", "sigmoid", "tanh", "gelu_tanh", "swish", "mish", "elu", "softplus", "hard_sigmoid",
    "hard_tanh", "sine", "gelu", "gelu_sigmoid", "hard_swish", "hard_gelu", "scaled_swish", "snake", "scaled_tanh",
    "relu6", "relu_squared", "threshold", "selu", "celu", "log_sigmoid", "soft_sign", "tanh_shrink", "hard_shrink",
    "soft_shrink", "squareplus", "sparse_plus", "sparse_sigmoid", "hard_mish", "lisht", "dish", "gaussian", "log_cosh",
    "identity", "phish",
]  # fmt: skip


def layer_of(module):
    if module.startswith("_") and module != "__main__":
        return 0
    for number, names in enumerate(LAYERS):
        if module in names:
            return number
    return None


def imports_of(path):
    """For each import in a file: the dotted name as a list, and whether importing the module runs it."""
    package = ["spatium", *path.relative_to(SOURCE).with_suffix("").parts]
    tree = ast.parse(path.read_text(encoding="utf-8"))
    later = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            later.update(map(id, ast.walk(node)))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            later.update(id(inner) for statement in node.body for inner in ast.walk(statement))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name.split(".") for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = package[: -node.level] if node.level else []
            base = base + (node.module.split(".") if node.module else [])
            names = [[*base, alias.name] for alias in node.names]
        else:
            continue
        for name in names:
            yield name, id(node) not in later


FILES = sorted(SOURCE.rglob("*.py"))
MODULES = {".".join(["spatium", *path.relative_to(SOURCE).with_suffix("").parts]): path for path in FILES}
MODULES = {name.removesuffix(".__init__"): path for name, path in MODULES.items()}
MODULES |= {f"spatium.{path.stem}": path for path in SOURCE.glob("*.pyx")}


def imported_modules(path):
    """The modules of the package that a file imports, at whatever time; a compiled one also those that it cimports."""
    if path.suffix == ".pyx":
        return {f"spatium.{name}" for name in re.findall(r"^ *from spatium\.(\w+) c?import", path.read_text(), re.M)}
    found = set()
    for parts, _ in imports_of(path):
        if parts == ["spatium", "__version__"]:  # is _engine's; nobody needs the rest of the package for it
            continue
        name = ".".join(parts)
        while name and name not in MODULES:
            name = name.rpartition(".")[0]
        found.add(name)
    return found - {""}


def test_the_sources_are_there():
    assert len(FILES) > 5
    assert (SOURCE / "py.typed").is_file()


def test_no_module_imports_itself_by_way_of_others():
    """Imports in functions and those for type checkers included."""
    graph = {name: imported_modules(path) - {name} for name, path in MODULES.items()}
    assert sum(map(len, graph.values())) > 100
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        pytest.fail("circle: " + " is imported by ".join(error.args[1]))


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(SOURCE)))
def test_imports_go_downwards(path):
    module = path.relative_to(SOURCE).with_suffix("").parts[0]
    own = len(LAYERS) if module == "__init__" else layer_of(module)
    assert own is not None, f"{module} is in no layer: enter it in LAYERS"
    for name, on_import in imports_of(path):
        if name[0] == "spatium" and len(name) > 1:
            other = layer_of(name[1])
            if other is None:  # a name of the package itself, such as an activation
                assert not (SOURCE / f"{name[1]}.py").exists(), f"{name[1]} is in no layer: enter it in LAYERS"
                assert own >= len(LAYERS) - 1, f"{module} imports the package it is part of"
                continue
            assert other <= own, f"{module} (layer {own}) imports {name[1]} (layer {other})"
            if module == "__init__":
                assert not (on_import and name[1] in LAYERS[-1]), f"import spatium would import {name[1]}"
        elif name[0] in EXTRAS and on_import:
            assert module in ("plots", "cli") or path.name == "lazy.py", f"{module} imports {name[0]} at module level"


def test_import_brings_numpy_and_nothing_else():
    script = """
import sys, numpy
before = set(sys.modules)
import spatium
own = {name.split(".")[0] for name in set(sys.modules) - before}
print(sorted(own - {"spatium", "numpy"} - set(sys.stdlib_module_names)))
print([name for name in sys.modules if name.startswith(("spatium.plots", "spatium.cli"))])
"""
    result = subprocess.run([sys.executable, "-W", "error", "-c", script], capture_output=True, text=True, check=True)
    lines = result.stdout.splitlines()
    # Cython modules register the module that holds their shared types under this name.
    assert [name for name in ast.literal_eval(lines[0]) if not name.startswith(("_cython_", "cython_runtime"))] == []
    assert lines[1] == "[]"


def test_codes_are_frozen():
    assert isinstance(_engine.registry(), tuple)
    assert [record.name for record in _engine.registry()] == CODES
    assert [record.code for record in _engine.registry()] == list(range(len(CODES)))


def test_every_activation_with_parameters_is_tested_with_others_too():
    with_parameters = {record.name for record in _engine.registry() if record.n_parameters}
    assert set(ALTERNATIVES) == with_parameters


def test_registry_objects_ufuncs_and_functions_agree(activation, ufuncs):
    (record,) = (record for record in _engine.registry() if record.name == activation.name)
    assert record.n_parameters == len(activation.parameters) == len(ufuncs.parameters)
    suffixes = ["", "_derivative", "_value_and_derivative", "_backward", "_second_derivative"]
    from_output = activation.gradient_from == "output"
    for suffix in suffixes:
        assert isinstance(ufuncs.raw[suffix], np.ufunc), activation.name + suffix
    for suffix in ("_derivative_from_output", "_backward_from_output"):
        assert (ufuncs.raw[suffix] is not None) == from_output, activation.name + suffix
    assert activation.name in sp.activations()


def test_no_ufunc_without_an_entry_in_the_registry():
    known = {record.name for record in _engine.registry()}
    suffixes = ["_derivative_from_output", "_backward_from_output", "_value_and_derivative"]
    suffixes += ["_second_derivative", "_derivative", "_backward", ""]
    for name in dir(sp.ufuncs):
        if isinstance(getattr(sp.ufuncs, name), np.ufunc):
            suffix = next(suffix for suffix in suffixes if name.endswith(suffix))
            assert name.removesuffix(suffix) in known, name


def test_every_activation_is_public_as_function_and_as_object(activation):
    function = "gelu" if activation.name.startswith("gelu_") else activation.name
    assert {function, type(activation).__name__} <= set(sp.__all__)


# What the package promises besides the activations.
PUBLIC = [
    "Activation Custom SiLU silu prelu activation activations ufuncs compiled Saved",
    "ActivationMap ActivationStatistics SimHash ConstantHash RandomHash bucket_hash cell_of",
    "softmax softmin log_softmax logsumexp hardmax",
    "glu reglu geglu swiglu gaussian_glu gated_tanh time_aware_tanh",
    "set_num_threads get_num_threads num_threads show_config config",
    "analysis check_activation data nn",
]


def test_every_promised_name_is_public():
    assert set(" ".join(PUBLIC).split()) <= set(sp.__all__)
    assert len(set(sp.__all__)) == len(sp.__all__)
    assert isinstance(sp.__version__, str)


@pytest.mark.parametrize("name", sp.__all__)
def test_public_names_are_documented(name):
    item = getattr(sp, name)
    if name.startswith("__"):
        return
    assert_documented(name, item)
    if inspect.isclass(item):
        for attribute, member in vars(item).items():
            described = callable(member) or isinstance(member, property | classmethod | staticmethod)
            if described and not attribute.startswith("_"):
                assert_documented(f"{name}.{attribute}", getattr(item, attribute))


def assert_documented(name, item):
    """A docstring that begins with a summary: one sentence, two lines at most, then an empty line."""
    doc = inspect.getdoc(item)
    assert doc, f"{name} has no docstring"
    paragraphs = doc.strip().split("\n\n")
    if isinstance(item, np.ufunc):  # signatures come first, one of them NumPy's
        paragraphs = [text for text in paragraphs if not text.startswith(f"{item.__name__}(")]
    summary = paragraphs[0].splitlines()
    assert summary[-1].endswith("."), f"{name}: the summary is {summary!r}"
    assert len(summary) <= 2, f"{name}: the summary is {summary!r}"
    assert max(map(len, summary)) <= 120, name


@pytest.mark.parametrize("name", sp.__all__)
def test_public_functions_are_shown_in_use(name):
    """A runnable example in every docstring but those of modules and plain constants."""
    item = getattr(sp, name)
    if inspect.isclass(item) or inspect.isroutine(item) or isinstance(item, np.ufunc):
        assert ">>>" in (inspect.getdoc(item) or ""), name


def test_ufuncs_are_documented(ufuncs):
    for ufunc in ufuncs.raw.values():
        if ufunc is not None:
            assert ufunc.__doc__
            assert len(ufunc.__doc__.split()) > 5


def test_everything_compiled_has_a_stub():
    compiled = sorted(SOURCE.rglob("*.pyx"))
    assert compiled
    for path in compiled:
        assert path.with_suffix(".pyi").is_file(), f"{path.name} has no stub"
