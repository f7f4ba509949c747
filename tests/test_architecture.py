"""What holds for the whole package: imports go downwards, everything public is documented, nothing is missing."""

import ast
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

# The modules from the bottom to the top: each imports only what stands before it, whatever the time of the import. A
# new module is entered here on purpose, "spatium" is the package itself.
ORDER = [
    "_engine", "_map", "_routing", "_hash", "_adam", "_codes", "_cells",
    "_dask", "_files", "_html", "_tables", "_bfloat16", "_arrays", "_checks",
    "passes",
    "activations.operations", "activations.base", "activations.catalogue", "activations.custom", "activations.names",
    "activations",
    "rows", "gates", "functions", "ufuncs", "compiled", "threads",
    "maps.hashes", "maps.picture", "maps.statistics", "maps.grid", "maps.files", "maps.lazy",
    "maps.activation_map", "maps",
    "quantization", "presets",
    "analysis.errors", "analysis.curve", "analysis.properties", "analysis.check", "analysis.signal", "analysis.depth",
    "analysis.codes", "analysis.states", "analysis.units", "analysis.cost",
    "analysis",
    "learn.hints", "learn.review", "learn",
    "benchmark.timing", "benchmark.contenders", "benchmark.measured", "benchmark",
    "nn._blas", "nn._products", "nn._layout", "nn.optimizer", "nn.losses", "nn.hashing", "nn._inference", "nn.layer",
    "nn.passing", "nn.lazy", "nn.activation", "nn.cells", "nn.dense", "nn.rules", "nn.spatial", "nn.convolution",
    "nn.normalization", "nn.recurrent", "nn.attention", "nn.gated", "nn.layers", "nn.files", "nn.training",
    "nn.improvement", "nn.growth", "nn.quantizing", "nn.network", "nn.gradients", "nn.foreign",
    "nn",
    "onnx.expressions", "onnx.formulas", "onnx.tensors", "onnx.chain", "onnx.reader", "onnx.graph", "onnx.writer",
    "onnx.description", "onnx",
    "sklearn",
    "torch._library", "torch._elementwise", "torch._functions", "torch._rows", "torch._gates", "torch._modules",
    "torch._maps", "torch._spatial", "torch",
    "jax",
    "data",
    "lab.noise", "lab.networks", "lab.worker", "lab.runs", "lab.trials", "lab.comparison", "lab.nulls", "lab.regions",
    "lab.sensors",
    "lab",
    "spatium",
    "plots.style", "plots.heads", "plots.folds",
    "plots.contenders", "plots.benchmark", "plots.curves", "plots.levels", "plots.maps", "plots.routing",
    "plots.training", "plots",
    "lab.report",
    "cli.stream", "cli.table", "cli.formats", "cli.jobs", "cli.cluster", "cli.shared", "cli.analyze", "cli.bench",
    "cli.check", "cli.infer", "cli.list", "cli.map", "cli.plot", "cli.train", "cli.lab", "cli.app",
    "cli",
    "__main__",
]  # fmt: skip
EXTRAS = {
    "jax",
    "matplotlib",
    "numexpr",
    "onnx",
    "onnxruntime",
    "sklearn",
    "torch",
    "click",
    "typer",
    "rich",
    "scipy",
    "mpmath",
    "ml_dtypes",
    "dask",
    "distributed",
    "pyarrow",
    "xarray",
    "zarr",
}

# The activations in the order of their codes, which compiled.pxd promises to other compiled code: append only.
CODES = [
    "relu", "leaky_relu", "sigmoid", "tanh", "gelu_tanh", "swish", "mish", "elu", "softplus", "hard_sigmoid",
    "hard_tanh", "sine", "gelu", "gelu_sigmoid", "hard_swish", "hard_gelu", "scaled_swish", "snake", "scaled_tanh",
    "relu6", "relu_squared", "threshold", "selu", "celu", "log_sigmoid", "soft_sign", "tanh_shrink", "hard_shrink",
    "soft_shrink", "squareplus", "sparse_plus", "sparse_sigmoid", "hard_mish", "lisht", "dish", "gaussian", "log_cosh",
    "identity", "phish",
]  # fmt: skip


FILES = sorted(SOURCE.rglob("*.py"))
MODULES = {".".join(path.relative_to(SOURCE).with_suffix("").parts): path for path in FILES}
MODULES = {name.removesuffix(".__init__").replace("__init__", "spatium"): path for name, path in MODULES.items()}
MODULES |= {path.stem: path for path in SOURCE.glob("*.pyx")}


def imports_of(path):
    """For each import in a file: the dotted name of what is imported, and whether importing the module runs it."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    later = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            later.update(map(id, ast.walk(node)))
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test):
            later.update(id(inner) for statement in node.body for inner in ast.walk(statement))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} imports relatively, in line {node.lineno}"
            names = [f"{node.module}.{alias.name}" for alias in node.names]
        else:
            continue
        for name in names:
            yield name, id(node) not in later


def imported_modules(path):
    """The modules of the package that a file imports, at whatever time; a compiled one also those that it cimports."""
    if path.suffix == ".pyx":
        return set(re.findall(r"^ *from spatium\.(\w+) c?import", path.read_text(), re.M))
    found = set()
    for imported, _ in imports_of(path):
        if imported.partition(".")[0] == "spatium":
            name = imported.removeprefix("spatium.")
            while name and name not in MODULES:
                name = name.rpartition(".")[0]
            found.add(name or "spatium")
    return found


def test_every_module_has_its_place():
    assert (SOURCE / "py.typed").is_file()
    assert sorted(ORDER) == sorted(MODULES)


@pytest.mark.parametrize("module", ORDER)
def test_imports_go_downwards(module):
    """Those in functions and those for type checkers included; so there are no circles."""
    assert not imported_modules(MODULES[module]) & set(ORDER[ORDER.index(module) + 1 :])


def test_the_package_imports_no_command_line_and_no_pictures():
    assert not {name.partition(".")[0] for name in imported_modules(MODULES["spatium"])} & {"plots", "cli"}


@pytest.mark.parametrize(
    "module", sorted(set(ORDER) - {"_engine", "_map", "_routing", "_hash", "_adam", "_codes", "_cells"})
)
def test_extras_are_imported_late(module):
    now = {name.partition(".")[0] for name, on_import in imports_of(MODULES[module]) if on_import}
    late = module.partition(".")[0] not in ("plots", "cli", "sklearn", "torch", "jax")
    if late and module not in ("maps.lazy", "nn.lazy"):
        assert not now & EXTRAS


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
    # Cython modules register the module that holds their shared types under the first two names; before Cython 3.3, the
    # module with their shared functions calls itself by the third.
    registered = ("_cython_", "cython_runtime", "_cyutility")
    assert [name for name in ast.literal_eval(lines[0]) if not name.startswith(registered)] == []
    assert lines[1] == "[]"


def test_dir_lists_the_public_names_only():
    assert {name for name in dir(sp) if not name.startswith("__")} == {*sp.__all__, "onnx"}


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
    "ActivationMap ActivationStatistics SimHash CategoryHash BucketHash ConstantHash RandomHash bucket_hash cell_of",
    "softmax softmin log_softmax logsumexp hardmax",
    "quantize QuantizedActivation QuantizedMap",
    "glu reglu geglu swiglu gaussian_glu gated_tanh time_aware_tanh",
    "set_num_threads get_num_threads num_threads show_config config",
    "analysis benchmark check_activation data nn presets",
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


# ---- the length of functions ----

LONGEST = 80


def functions_in_python(path):
    """Names and lengths, docstrings not counted."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = node.body[0]
            has_docstring = isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant)
            docstring = first.end_lineno - first.lineno + 1 if has_docstring else 0
            yield node.name, node.end_lineno - node.lineno + 1 - docstring


def functions_in_c(path):
    """The first lines of functions, which end in an opening brace, and their lengths up to the closing one."""
    begin, head = None, re.compile(r"(?!typedef|struct|enum|union|extern)[A-Za-z_].*\{$|[ \t]+.*\) *\{$")
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines()):
        if begin is None and "=" not in line and head.match(line):
            begin, name = number, line
        elif line.startswith("}") and begin is not None:
            yield name, number - begin + 1
            begin = None


def test_functions_are_found():
    lengths = dict(functions_in_c(SOURCE / "_kernels" / "drivers" / "dispatch.c"))
    assert any("sp_kernels_for" in head for head in lengths)
    assert dict(functions_in_python(Path(__file__)))["functions_in_c"] > 5


def test_no_function_is_long():
    root = SOURCE.parents[1]
    folders = [root / name for name in ("src", "tests", "tools", "benchmarks", "docs", "reference")]
    long = [
        f"{path.relative_to(root)}: {name} has {length} lines"
        for suffix, functions in (("py", functions_in_python), ("c", functions_in_c), ("h", functions_in_c))
        for folder in folders
        for path in sorted(folder.rglob(f"*.{suffix}"))
        for name, length in functions(path)
        if length > LONGEST
    ]
    assert long == []


def test_every_mutant_has_an_area_and_tests_that_exist():
    """Those of tools/mutate.py: a test file that is renamed must not leave mutants without tests."""
    pytest.importorskip("resource")  # the tool is for Unix
    from tools import mutate

    root = SOURCE.parents[1]
    files = [path for suffix in ("c", "h", "pyx") for path in SOURCE.rglob(f"*.{suffix}") if path.name != "spatium.h"]
    assert len(files) > 90
    for path in files:
        name = path.relative_to(root).as_posix()
        assert mutate.area_of(name), name
        assert mutate.tests_for(name), name
    named = {name for _, names in mutate.TESTS for name in names}
    assert [name for name in sorted(named) if not (root / "tests" / f"test_{name}.py").exists()] == []
