"""Every loop of every kernel is vectorized, on every instruction set: read from the code that the compiler makes.

The loops are compiled again, as meson and ninja do it, and disassembled. Arithmetic on single numbers in a loop is what
a loop looks like that the compiler gave up on.
"""

import os
import pathlib
import platform
import re
import shutil
import subprocess

import pytest

from spatium import _engine

ROOT = pathlib.Path(__file__).parents[1]
KERNELS = ROOT / "src" / "spatium" / "_kernels"
TOOLS = ("gcc", "objdump", "meson", "ninja")

pytestmark = [
    pytest.mark.skipif(not KERNELS.exists(), reason="reads the sources"),
    pytest.mark.skipif(not all(map(shutil.which, TOOLS)), reason=f"needs {', '.join(TOOLS)}"),
    pytest.mark.skipif(platform.machine() != "x86_64", reason="reads x86-64 instructions"),
]

# identity_value copies, which is a call of memmove
COPIES = {"identity_value_uniform"}
# SSE2 alone: GCC 12 leaves these of snake's float64 loops scalar
KNOWN = {("baseline", "float64"): {"snake_derivative", "snake_backward", "snake_both"}}
# GCC 12 computes the product of the two parameters of scaled_tanh's derivative anew in each iteration.
INVARIANT = {"scaled_tanh_derivative": 2}
SCALAR = re.compile(r"\bv?(?:add|sub|mul|div|sqrt|fn?m(?:add|sub)\d+)s[sd]\b|\bcall\b.*\b(?:exp|log|sin|cos|fma)f?\b")
PACKED = re.compile(
    r"\b(?:v?(?:add|sub|mul|div|fn?m(?:add|sub)\d+|and|or|min|max|cmp\w*|blend\w*|mov[au])p[sd]|v?p(?:and|or)\w*)\b"
)


@pytest.fixture(scope="module")
def build(tmp_path_factory: pytest.TempPathFactory) -> pathlib.Path:
    """A folder in which ninja compiles as an installation does."""
    folder = tmp_path_factory.mktemp("build")
    setup = ["meson", "setup", str(folder), str(ROOT)]
    subprocess.run(setup, env={**os.environ, "CC": "gcc"}, check=True, capture_output=True, timeout=300)
    return folder


def loops(isa: str, number: str, build: pathlib.Path) -> dict[str, list[str]]:
    """The instructions of each innermost loop, under the name of the function that it is in."""
    made = f"src/spatium/libkernels_{isa}_{number}.a.p/_kernels_loops_kernels.c.o"
    subprocess.run(["ninja", "-C", str(build), made], check=True, capture_output=True, timeout=300)
    listing = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", str(build / made)], check=True, capture_output=True, text=True
    ).stdout
    found: dict[str, list[str]] = {}
    for block in listing.split("\n\n"):
        header = re.match(r"\s*[0-9a-f]+ <([^>]+)>:", block)
        if not header:
            continue
        code = re.findall(r"^\s*([0-9a-f]+):\s+(.*)$", block, re.MULTILINE)
        places = {int(at, 16): i for i, (at, _) in enumerate(code)}
        inner: tuple[int, int] | None = None
        for i, (_, text) in enumerate(code):  # jumps backwards close the loops; the shortest one is the innermost
            jump = re.match(r"j\w+\s+([0-9a-f]+)\b", text)
            start = places.get(int(jump[1], 16)) if jump else None
            if start is not None and start <= i and (inner is None or i - start < inner[1] - inner[0]):
                inner = (start, i)
        if inner:
            found[header[1].split(".")[0]] = [text for _, text in code[inner[0] : inner[1] + 1]]
    return found


@pytest.mark.slow
@pytest.mark.parametrize("number", ["float32", "float64"])
@pytest.mark.parametrize("isa", ["baseline", "x86_v3", "x86_v4"])
def test_every_loop_is_vectorized(isa: str, number: str, build: pathlib.Path) -> None:
    names = "|".join(record.name for record in _engine.registry())
    operation = re.compile(
        rf"((?:{names})_(?:value|derivative|both|backward|second|parameters|derivative_y|backward_y|side|backward_side))"
        r"(?:_piecewise)?_(?:uniform|varying)$"
    )
    checked = {name: code for name, code in loops(isa, number, build).items() if operation.match(name)}
    assert len(checked) > 150, "the disassembly was not understood"
    for name, code in checked.items():
        if name in COPIES or operation.match(name)[1] in KNOWN.get((isa, number), set()):
            continue
        single = [text for text in code if SCALAR.search(text)]
        most = INVARIANT.get(operation.match(name)[1], 0)
        assert len(single) <= most, f"{name}: arithmetic on single numbers"
        assert any(map(PACKED.search, code)), f"{name}: no vector instruction"
