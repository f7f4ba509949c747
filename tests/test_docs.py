"""The documentation holds together: links lead somewhere, code is run, generated pages say what is so."""

import inspect
import re
from pathlib import Path

import numpy as np
import pytest

import spatium as sp
from spatium import _engine, analysis, plots

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
GENERATED = ("activations", "auto_gallery", "auto_learn", "project", "_build")

if not (DOCS / "conf.py").is_file():
    pytest.skip("the documentation is not here", allow_module_level=True)


def written(folder):
    """Markdown that somebody wrote, or a tool and somebody committed."""
    for path in sorted(folder.rglob("*.md")):
        parts = path.relative_to(DOCS).parts
        if parts[0] not in GENERATED and "generated" not in parts:
            yield path


PAGES = [
    ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "SECURITY.md", "benchmarks/README.md")
]
PAGES += list(written(DOCS))
SCRIPTS = sorted((DOCS / "gallery").glob("plot_*.py"))
LESSONS = sorted((DOCS / "learn").glob("lesson_*.py"))


def named(path):
    return str(path.relative_to(ROOT))


def without_code(text):
    return re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)


def anchors(path):
    """The anchors that GitHub and MyST make of the headings."""
    headings = re.findall(r"^#+ (.*)$", without_code(path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


def is_made_later(target):
    """Whether the site's build makes a file of this name, from something that is there."""
    parts = target.relative_to(DOCS).parts if target.is_relative_to(DOCS) else ()
    if parts[:1] == ("activations",):
        return parts[1:] == ("index.md",) or Path(parts[-1]).stem in sp.activations()
    if parts[:1] == ("auto_gallery",):
        scripts = {path.stem for path in SCRIPTS}
        name = re.fullmatch(r"sphx_glr_(\w+)_001\.png", parts[-1])
        return parts[-1] == "index.rst" or (name[1] if name else Path(parts[-1]).stem) in scripts
    if parts[:1] == ("auto_learn",):
        return parts[-1] == "index.rst" or Path(parts[-1]).stem in {path.stem for path in LESSONS}
    return parts[:2] == ("reference", "generated") and parts[-1] in ("index.md", "ufuncs.md", "command_line.md")


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_links_lead_somewhere(page):
    text = without_code(page.read_text(encoding="utf-8"))
    for target, anchor in re.findall(r"\]\(([^)#\s]*)(?:#([^)\s]*))?\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        path = (page.parent / target).resolve() if target else page
        assert path.exists() or is_made_later(path), f"{named(page)} links to {target}"
        if anchor:
            assert anchor in anchors(path), f"{named(page)} links to {target}#{anchor}"


# Programs as they stand, which tests of their own run.
RUN_ELSEWHERE = {
    "docs/clusters.md": "test_clusters.py",
    "docs/compiled.md": "test_compiled.py",
    "docs/howto/at_scale.md": "test_clusters.py",
    "docs/howto/onnx.md": "test_onnx_exporters.py",
}


@pytest.mark.parametrize("page", PAGES, ids=named)
def test_code_is_run(page):
    """Python with prompts is run by pytest's doctest, which .ci/run calls for the README and docs."""
    text = page.read_text(encoding="utf-8")
    for language, code in re.findall(r"^```(\S*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL):
        assert language, f"{named(page)}: a block without a language: {code[:60]!r}"
        if language == "python" and ">>>" not in code:
            assert named(page) in RUN_ELSEWHERE, f"{named(page)}: nothing runs {code[:60]!r}"
            assert page.name in (ROOT / "tests" / RUN_ELSEWHERE[named(page)]).read_text(encoding="utf-8")
        if language == "python" and ">>>" in code:
            assert code.endswith("\n\n"), f"{named(page)}: doctest needs an empty line before the end of {code[-60:]!r}"


def test_what_is_skipped_is_little():
    skipped = [line for page in PAGES for line in page.read_text(encoding="utf-8").splitlines() if "+SKIP" in line]
    assert skipped == []


def test_the_gallery():
    assert len(SCRIPTS) >= 8
    for path in SCRIPTS:
        text = path.read_text(encoding="utf-8")
        title, underline = text.splitlines()[1:3]
        assert re.fullmatch("=+", underline), path.name
        assert len(underline) >= len(title), path.name
        assert text.endswith("plt.show()\n"), path.name
    drawn = " ".join(path.read_text(encoding="utf-8") for path in SCRIPTS)
    for name in plots.__all__:
        assert f"plots.{name}(" in drawn, name


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_lessons_are_notebooks_for_both_readers(path):
    """Jupytext and the site's gallery both split a lesson at its %% lines; the build of the site runs it."""
    text = path.read_text(encoding="utf-8")
    title, underline = text.splitlines()[1:3]
    assert re.fullmatch(rf"{path.stem.split('_')[1]}\. .*", title)
    assert underline == "=" * len(title)
    compile(text, str(path), "exec")
    for mark, following in re.findall(r"^# %%(.*)\n(.*)$", text, re.MULTILINE):
        # a text is marked, and a cell of code does not begin with a comment, which the gallery takes for text
        assert mark in ("", " [markdown]")
        assert following.startswith("#") == (mark == " [markdown]"), following
    assert "`_" not in text, "links of reStructuredText, which notebooks do not understand"


@pytest.mark.usefixtures("figures_closed")
@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.stem)
def test_every_picture_is_drawn(path, monkeypatch):
    if "scipy" in path.read_text(encoding="utf-8"):
        pytest.importorskip("scipy")
    plt = pytest.importorskip("matplotlib.pyplot")
    monkeypatch.chdir(path.parent)
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), {"__name__": "__main__"})
    assert len(plt.get_fignums()) == 1
    assert len(plt.gcf().axes) >= 1


# --- what the site's build generates -----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pages():
    """The extension that makes pages; without Sphinx, which it does not import."""
    for needed in ("click", "rich", "matplotlib", "mpmath"):
        pytest.importorskip(needed)
    import matplotlib as mpl

    mpl.use("agg")
    from docs._ext import generated_pages

    return generated_pages


@pytest.mark.parametrize(
    ("act", "expected"),
    [
        (sp.Sigmoid(), "(0, 1)"),
        (sp.ReLU(), "[0, ∞)"),
        (sp.Sine(), "[−1, 1]"),
        (sp.GELU(), "[−0.169971, ∞)"),  # Abramowitz, Stegun have φ and Φ at −0.75179
        (sp.Swish(), "[−0.278465, ∞)"),  # the omega constant's relative: −W(1/e)
        (sp.HardGELU(), "[−0.1875, 3]"),
        (sp.ELU(0.5), "(−0.5, ∞)"),
        (sp.LogSigmoid(), "(−∞, 0)"),
        (sp.Gaussian(), "(0, 1]"),
        (sp.HardShrink(), "(−∞, ∞); with a gap where it jumps"),
        (sp.ReLU6(), "[0, 6]"),
    ],
    ids=lambda item: str(item),
)
def test_ranges(pages, act, expected):
    assert pages.value_range(act) == expected


def test_errors_are_those_of_the_accuracy_page(pages):
    found = pages.measured_errors((DOCS / "accuracy.md").read_text(encoding="utf-8"))
    for name in sp.activations():
        for dtype in ("float32", "float64"):
            for operation in ("value", "derivative"):
                error, at = found[dtype, name, operation]
                assert 0 <= float(error) < 3
                assert np.isfinite(float(at))
    assert found["float32", "relu", "value"] == ("0.0000", "0")


def test_a_page_says_what_the_function_is(pages, tmp_path):
    errors = {("float32", "swish", "value"): ("0.5165", "-15.9")}
    text = pages.page(sp.Swish(), tmp_path, 2.25, errors)
    for expected in (
        "# swish\n\nSelf-gated linear unit; SiLU for beta = 1.",
        "`swish(x, beta) = x·σ(beta·x)`",
        "`sp.swish(x, beta)`, `Swish(beta=1.0)`",
        "Ramachandran, Zoph, Le",
        "<br>Elfwing, Uchibe, Doya",
        "| **limits** | −0 at −∞, ∞ at ∞ |",
        "| **kinks** | none |",
        "| **cost** | 2.2 × relu |",
        f"| float32 | value | {_engine.registry()[sp.Swish().code].bound('value', 'float32')} | 0.5165 | -15.9 |",
    ):
        assert expected in text
    assert "[1]_" not in text
    images = [path.name for path in sorted((tmp_path / "images").iterdir())]
    assert images == ["swish.png", "swish_error.png"]


# What pages state: the largest bound of all activations of these operations and this type, with vectors or without.
STATED = {
    r"float32 values?\s+(?:is|are|stay)\s+within (\S+) ulp": (["value"], "float32", True),
    r"largest error, float32, in ulp \| \*\*(\S+)\*\* \|": (["value"], "float32", True),
    r"(?:float32|every) derivatives?\s+within (\S+) ulp": (["derivative"], "float32", True),
    r"float64 values and derivatives\s+(?:are\s+)?within (\S+) ulp": (["value", "derivative"], "float64", False),
    r"elsewhere\s+within (\S+) ulp": (["value", "derivative"], "float64", True),
}


def largest_bound(operations, dtype, plain):
    isas = [None, "baseline"] if plain else [None]
    return max(
        record.bound(operation, dtype, isa) for record in _engine.registry() for operation in operations for isa in isas
    )


@pytest.mark.parametrize(
    ("path", "statements"),
    [("README.md", 1), ("CHANGELOG.md", 3), ("CONTRIBUTING.md", 4), ("docs/index.md", 2), ("docs/performance.md", 2),
     ("docs/explanation/rounding.md", 3)],
)  # fmt: skip
def test_stated_bounds_are_those_of_the_records(path, statements):
    text = (ROOT / path).read_text(encoding="utf-8")
    found = [(float(number), what) for pattern, what in STATED.items() for number in re.findall(pattern, text)]
    assert len(found) >= statements
    for number, what in found:
        assert number == largest_bound(*what), what


def test_measured_errors_are_within_the_bounds(pages):
    found = pages.measured_errors((DOCS / "accuracy.md").read_text(encoding="utf-8"))
    for record in _engine.registry():
        for dtype in ("float32", "float64"):
            for operation in ("value", "derivative"):
                bound = max(record.bound(operation, dtype, isa) for isa in (None, "baseline"))
                worst = float(found[dtype, record.name, operation][0])
                assert worst <= bound, (record.name, dtype, operation)


def test_every_public_name_is_in_the_reference_once(pages):
    listed = [name for _, _, names in pages.groups() for name in names]
    modules = {name for name in sp.__all__ if inspect.ismodule(getattr(sp, name))} | {"ufuncs"}
    assert sorted(listed) == sorted(set(sp.__all__) - modules)
    assert len(listed) == len(set(listed))


def test_links_of_copied_pages(pages):
    docs = DOCS
    source, target = ROOT / "CONTRIBUTING.md", docs / "project" / "contributing.md"
    for before, after in (
        ("[a](docs/accuracy.md)", "[a](../accuracy.md)"),
        ("[a](docs/memory.md#accuracy)", "[a](../memory.md#accuracy)"),
        ("[a](CHANGELOG.md)", "[a](changelog.md)"),
        ("[a](src/spatium/data/README.md)", "a"),
        ("[a](https://semver.org)", "[a](https://semver.org)"),
        ("[a](#here)", "[a](#here)"),
        ("![a](docs/b.png)", "![a](docs/b.png)"),
    ):
        assert pages.relinked(before, source, target, docs) == after
    page = docs / "howto" / "custom.md"
    assert (
        pages.relinked("[a](../../CONTRIBUTING.md#set-up)", page, page, docs)
        == "[a](../project/contributing.md#set-up)"
    )


def test_formulas_of_docstrings_are_literal(pages):
    lines = [
        "Sum.",
        "hard_shrink(x, lambd) = x if |x| > lambd else 0",
        "For |x| < 1.",
        ">>> f(|x|) = 1",
        "    a(b) = c",
        "One minimum. [1]_",
        ".. [1] Somebody, 2020.",
    ]
    pages.adapt_docstring(None, "class", "name", None, None, lines)
    assert lines[1] == "``hard_shrink(x, lambd) = x if |x| > lambd else 0``"
    assert lines[2] == r"For \|x\| < 1."
    assert lines[3:5] == [">>> f(|x|) = 1", "    a(b) = c"]
    assert lines[5:] == ["One minimum. [1]", "1. Somebody, 2020."]


def test_the_command_line_is_described(pages):
    text = pages.command_line()
    for name in ("spatium infer", "spatium list", "spatium map make", "spatium plot"):
        assert f"## {name}\n" in text


def test_the_page_on_choosing_an_activation_is_up_to_date():
    """Except for the times: the tables list every activation, and the bounds of the records."""
    page = (DOCS / "howto" / "choosing.md").read_text(encoding="utf-8")
    rows = {
        cells[0]: cells for cells in (line.strip("| ").split(" | ") for line in page.splitlines()) if len(cells) == 9
    }
    names = [name for name in sp.activations() if name != "threshold"]
    assert [name for name in rows if name in sp.activations()] == names
    records = {record.name: record for record in _engine.registry()}
    for name in names:
        assert rows[name][3] == f"{records[name].bound('value', 'float32'):g}"
        assert all(float(time) >= 0.5 for time in rows[name][1:3])
        kept = sp.activation(name).save_policies[0]
        assert float(rows[name][4]) == analysis.memory_footprint(sp.activation(name), 8, save=kept).nbytes / 8
