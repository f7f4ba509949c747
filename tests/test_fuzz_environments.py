"""Every function, map and hash in environments that it has to be indifferent to: the same bits in all of them.

`everything.py` prints a digest per result; here it runs in floating-point states that other libraries leave behind,
under errstate(all="raise"), with every warning an error, on several threads, on every instruction set, and as the first
thing that a child of each start method does. `test_fuzz_stacks.py` does the same in threads with small stacks.
"""

import collections
import functools
import os
import pathlib
import subprocess
import sys
import textwrap

import everything
import numpy as np
import pytest

import spatium as sp
from spatium import _engine
from spatium.quantization import Levels

SCRIPT = pathlib.Path(everything.__file__)


def run(*arguments, **environment):
    """The process that prints the digests."""
    command = [sys.executable, "-W", "error", str(SCRIPT), *arguments]
    return subprocess.run(
        command, env={**os.environ, **environment}, capture_output=True, text=True, check=False, timeout=300
    )


def lines_of(*arguments, **environment):
    """Label to digest."""
    result = run(*arguments, **environment)
    assert result.returncode == 0, f"{arguments}: exit code {result.returncode}\n{result.stderr[-3000:]}"
    pairs = (line.split(" ", 1) for line in result.stdout.splitlines())
    return {label.strip(): value for value, label in pairs}


def expected(isa=None):
    """The digests of one thread in the ordinary state, by default on the best instruction set."""
    return digests(isa or _engine.available_isas()[-1])


@functools.cache
def digests(isa):
    lines = lines_of(SPATIUM_ISA=isa)
    assert len(lines) > 3000
    return lines


def assert_same(lines, but=lambda label: False):
    right = {label: value for label, value in expected().items() if not but(label) and label in lines}
    wrong = [label for label, value in right.items() if lines[label] != value]
    assert right
    assert not wrong, f"{len(wrong)} results differ: {', '.join(wrong[:8])}"


def test_every_group_is_there():
    """Each function of the registry in each operation, each function of rows and of two arrays, in each type."""
    found = collections.Counter(label.split()[0] for label in expected())
    for record in _engine.registry():
        assert found[record.name] >= 2 * 5 * 3
    for function in (*everything.rows.__all__, *everything.gates.__all__):
        assert found[function] >= 3
    assert found["map"] == 2 * 2 * 4 * 3


needs_state = pytest.mark.skipif(
    not everything.access_to_states(), reason="needs a C compiler, and the state of x86 processors"
)


@needs_state
@pytest.mark.parametrize("isa", _engine.available_isas())
@pytest.mark.parametrize("threads", [1, 2])
def test_while_subnormal_numbers_are_flushed(isa, threads):
    assert lines_of("--state", "flush", "--threads", str(threads), SPATIUM_ISA=isa) == expected(isa)


@needs_state
def test_while_exceptions_trap():
    assert_same(lines_of("--state", "traps"))


@needs_state
def test_while_rounding_upwards():
    """Gradients of biases end with a conversion by NumPy, in the caller's state."""
    assert_same(lines_of("--state", "upward"), but=lambda label: "bias" in label)


@needs_state
def test_short_arrays_and_codes_keep_the_state_of_the_caller():
    set_state, get_state = everything.access_to_states()
    flush, x = everything.STATES["flush"], np.full(5, 1e-160)
    levels = Levels(8, "int8", 0.5e-160, 0)
    calls = {"short": lambda: sp.relu_squared(x), "codes": lambda: levels.encode(x)}
    found = {}
    for name, call in calls.items():
        set_state(flush)
        try:
            result, left = call(), get_state()
        finally:
            set_state(0x1F80)
        found[name] = (result.tolist(), left)
    assert found == {"short": ([1e-160**2] * 5, flush), "codes": ([2] * 5, flush)}


def test_while_numpy_raises():
    """No input but an infinity in sine raises a flag."""
    lines = lines_of("--raise")
    assert_same(lines, but=lambda label: label.startswith("sine "))
    assert {value for label, value in lines.items() if label.startswith("sine value ")} == {"raised"}


def test_on_several_threads():
    assert_same(lines_of("--threads", "3"))


def test_instruction_sets_with_fma_agree():
    if not {"x86_v3", "x86_v4"} <= set(_engine.available_isas()):
        pytest.skip("this machine has one of them at most")
    assert expected("x86_v3") == expected("x86_v4")


# A child takes what it computes with from its parent (fork) or begins anew; in both, this is its first call.
FIRST = """
import multiprocessing, sys
sys.path.insert(0, {folder!r})

def first(groups):
    import everything
    return list(everything.compute(groups))

if __name__ == "__main__":
    import everything  # and nothing computed yet
    everything.sp.set_num_threads(2)
    context = multiprocessing.get_context(sys.argv[1])
    with context.Pool(2, maxtasksperchild=1) as pool:  # a new child for each
        for lines in pool.imap(first, [[group] for group in everything.GROUPS]):
            print(*(f"{{value}} {{label}}" for label, value in lines), sep="\\n")
"""


@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_first_calls_of_children(method, tmp_path):
    if method != "spawn" and not hasattr(os, "fork"):
        pytest.skip("needs fork")
    script = tmp_path / "first.py"  # spawn imports it again
    script.write_text(textwrap.dedent(FIRST).format(folder=str(SCRIPT.parent)))
    result = subprocess.run(
        [sys.executable, str(script), method], capture_output=True, text=True, check=False, timeout=300
    )
    assert result.returncode == 0, result.stderr[-3000:]
    lines = {label: value for value, label in (line.split(" ", 1) for line in result.stdout.splitlines())}
    assert len(lines) == len(expected())
    assert_same(lines)
