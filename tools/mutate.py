"""Mutation testing: change one thing in the C or Cython text, build, run the tests that matter, report what survives.

    python tools/mutate.py --count 40 --seed 1                         # of all C and Cython files
    python tools/mutate.py --count 20 --seed 2 --files '*drivers*'     # of some
    python tools/mutate.py --apply 'src/...:120:7:<=' --files ...      # one that was reported, once more

A mutation replaces one token: a comparison or an operator by its neighbor, a whole number by the next, a constant by
one that differs in its tenth digit; or it drops a statement. Files are found in the tree, so that none is forgotten;
generated tables and the lists are left out. It works in a copy of the tree with a build of its own (--isa, by default
one instruction set beside the baseline), which each mutation rebuilds in part. A mutant that does not compile, or from
which the compiler makes the same bytes, is not counted. A mutant is killed by a test that fails, crashes or hangs.

Results are appended to --log, a line of JSON per mutant; a run with the same seed goes on where it stopped.
"""

import argparse
import fnmatch
import hashlib
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]

# The tests that matter, the quickest first, by the first pattern that a file's path matches. {stem} is the file's.
NUMBERS = [
    "special_values",
    "second_derivative",
    "parameter_gradients",
    "reference_points",
    "fuzz_parameters",
    "accuracy",
]
EVERYWHERE = ["fuzz_environments", "ufunc", "bits", "memory", "threads", "parallel_start", "compiled"]
MAPS = ["map_random", "fuzz_maps", "map", "map_snapshots", "inference", "nn", "threads", "fuzz_environments"]
AREAS = [
    ("*/fn/*", [*NUMBERS, "activations", "memory"]),
    ("*/arithmetic/*", ["special_values", "coupled", "bits", *NUMBERS[1:], "memory"]),
    ("*/loops/*hash*", ["pattern_hash", "fuzz_environments"]),
    ("*/loops/projection*", ["pattern_hash", "fuzz_environments"]),
    ("*/loops/rows*", ["coupled", "fuzz_environments"]),
    ("*/loops/gates*", ["coupled", "fuzz_environments"]),
    ("*/loops/*", ["special_values", "bits", "memory", "map_random", "coupled", *NUMBERS[1:], *EVERYWHERE[:2]]),
    ("*/map/*", MAPS),
    ("*_map.pyx", MAPS),
    ("*hash*", ["pattern_hash", "nn", "fuzz_environments"]),
    ("*/drivers/rows*", ["coupled", "fuzz_environments"]),
    ("*/drivers/reductions*", ["parameter_gradients", "nn_adaptive", "fuzz_environments"]),
    ("*/drivers/passes*", ["memory", "nn", "fuzz_environments"]),
    ("*/drivers/exports*", ["compiled"]),
    ("*", ["special_values", *EVERYWHERE, "coupled", "parameter_gradients", "map_random", "pattern_hash", "dask"]),
]

SWAPS = {
    "<": ["<="], "<=": ["<"], ">": [">="], ">=": [">"], "==": ["!="], "!=": ["=="], "&&": ["||"], "||": ["&&"],
    "+": ["-"], "-": ["+"], "*": ["+"], "/": ["*"], "%": ["+"], "&": ["|"], "|": ["&"], "^": ["|"], "<<": [">>"],
    ">>": ["<<"], "+=": ["-="], "-=": ["+="], "|=": ["="], "&=": ["="], "++": ["--"], "and": ["or"], "or": ["and"],
    "not": [""], "!": [""], "break": ["continue"], "continue": ["break"], "True": ["False"], "False": ["True"],
}  # fmt: skip
TOKEN = re.compile(
    r"""(?P<skip>"(?:\\.|[^"\\])*"|'(?:\\.|[^'\\])*'|->)
      | (?P<real>0[xX][0-9a-fA-F]*\.?[0-9a-fA-F]*[pP][+-]?\d+f?|\d+\.\d*(?:[eE][+-]?\d+)?f?|\d+[eE][+-]?\d+f?|\.\d+f?)
      | (?P<whole>0[xX][0-9a-fA-F]+|\d+)(?P<suffix>[uUlL]*)
      | (?P<word>[A-Za-z_]\w*)
      | (?P<sign><<=|>>=|\+=|-=|\|=|&=|\*=|<<|>>|<=|>=|==|!=|&&|\|\||\+\+|--|[-+*/%&|^<>!=])""",
    re.VERBOSE,
)
STATEMENT = re.compile(r"\s*(?:[\w\[\]\.\->*()+ ]+(?:[-+|&*]?=)[^=].*|\w+\(.*\));\s*$")
DECLARATION = re.compile(
    r"\s*(?:const|static|double|float|int|size_t|ptrdiff_t|u?int\d+_t|char|real|return|typedef|extern)\b"
)


def code_of(text, is_c):
    """The text with comments, preprocessor lines and docstrings blanked, character for character."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    if is_c:
        text = re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S)
        return re.sub(r"^[ \t]*#(?:[^\n\\]|\\.)*$", blank, text, flags=re.M)
    text = re.sub(r'""".*?"""', blank, text, flags=re.S)
    text = re.sub(r"#[^\n]*", blank, text)
    return re.sub(r"^(?:from|import|cimport|cdef extern|    from|@)[^\n]*$", blank, text, flags=re.M)


def mutations_of(path):
    """(line, column, old text, new text) of every mutation of a file."""
    is_c, found = path.suffix in (".c", ".h"), []
    code = code_of(path.read_text(), is_c)
    for number, line in enumerate(code.split("\n"), 1):
        if is_c and STATEMENT.match(line) and not DECLARATION.match(line) and line.count("(") == line.count(")"):
            text = line.strip()
            found.append((number, line.index(text), text, ";"))
        for match in TOKEN.finditer(line):
            at, text = match.start(), match.group()
            if match["real"]:
                value = float.fromhex(text.rstrip("f")) if text[:2] in ("0x", "0X") else float(text.rstrip("f"))
                found.append((number, at, text, repr(value * (1 + 1e-10) if value else 1e-10)))
            elif match["whole"]:
                value = int(match["whole"], 0)
                found += [(number, at, text, f"{value + d}{match['suffix']}") for d in (1, -1) if value + d >= 0]
            elif match["word"] or match["sign"]:
                # of those that are pointers or addresses most do not compile
                found += [(number, at, text, new) for new in SWAPS.get(text, [])]
    return found


def sources(patterns):
    listed = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [line for line in listed.stdout.split("\n") if line.endswith((".c", ".h", ".pyx"))]
    paths = [path for path in paths if not path.endswith((".tables.h", "coefficients.h", "spatium.h"))]
    return [path for path in paths if any(fnmatch.fnmatch(path, pattern) for pattern in patterns)]


def tests_for(path):
    names = next(names for pattern, names in AREAS if fnmatch.fnmatch(path, pattern))
    files = [f"tests/test_{name}.py" for name in names]
    return [file for file in files if (ROOT / file).exists()]


class Tree:
    """A copy of the tree, its build and its installation."""

    def __init__(self, folder, isa, prefix):
        self.prefix = prefix
        self.source, self.build, self.root = folder / "source", folder / "build", folder / "root"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in filter(None, listed.decode().split("\0")):
            target = self.source / name
            if (ROOT / name).is_file() and (not target.exists() or target.read_bytes() != (ROOT / name).read_bytes()):
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(ROOT / name, target)
                shutil.copymode(ROOT / name, target)
        if not (self.build / "build.ninja").exists():
            setup = ["meson", "setup", self.build, self.source, "--buildtype=release", f"-Disa={isa}"]
            subprocess.run(setup, check=True, stdout=subprocess.DEVNULL)
        if not self.make():
            raise SystemExit("the tree itself does not build")
        self.unchanged = self.digest()
        where = [sys.executable, "-c", "import spatium; print(spatium.__file__)"]
        environment = {**os.environ, "PYTHONPATH": str(self.package())}
        found = subprocess.run(where, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout
        if not found.startswith(str(self.package())):
            raise SystemExit(f"python imports {found.strip()}: an editable installation comes before this build")

    def make(self):
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "check": False}
        if subprocess.run([*self.prefix, "ninja", "-C", self.build], **quiet).returncode:
            return False
        install = [
            "meson",
            "install",
            "-C",
            self.build,
            "--no-rebuild",
            "--only-changed",
            "--quiet",
            "--destdir",
            self.root,
        ]
        return not subprocess.run(install, **quiet).returncode

    def package(self):
        return next(self.root.rglob("spatium/__init__.py")).parents[1]

    def digest(self):
        found = hashlib.sha256()
        for module in sorted(self.package().rglob("*.so")):
            found.update(module.read_bytes())
        return found.hexdigest()

    def test(self, files, seconds, extra=()):
        """The first test that fails, or None."""
        environment = {**os.environ, "PYTHONPATH": str(self.package()), "PYTHONDONTWRITEBYTECODE": "1"}
        for file in files:
            command = [*self.prefix, sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *extra, file]
            process = subprocess.Popen(
                command, cwd=self.source, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip
            try:
                output, _ = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                process.communicate()
                return f"{file}: hangs"
            if process.returncode not in (0, 5):
                failed = re.search(r"^(?:FAILED|ERROR) (\S+)", output, re.M)
                return failed.group(1) if failed else f"{file}: exit code {process.returncode}"
        return None


def run_mutant(tree, mutation, options):
    path, number, column, old, new = mutation
    target = tree.source / path
    original = target.read_text()
    lines = original.split("\n")
    line = lines[number - 1]
    lines[number - 1] = line[:column] + new + line[column + len(old) :]
    result = {"file": path, "line": number, "column": column, "old": old, "new": new, "text": line.strip()}
    start = time.monotonic()
    try:
        target.write_text("\n".join(lines))
        if not tree.make():
            return {**result, "verdict": "does not compile"}
        if tree.digest() == tree.unchanged:
            return {**result, "verdict": "the same program"}
        stem = pathlib.Path(path).stem
        extra = ["-k", stem] if "/fn/" in path else []
        killer = tree.test(tests_for(path), options.seconds, extra)
        verdict = "killed" if killer else "SURVIVED"
        return {**result, "verdict": verdict, "by": killer, "seconds": round(time.monotonic() - start)}
    finally:
        target.write_text(original)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=40, help="mutants that build")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", nargs="*", default=["*"], help="patterns of paths")
    parser.add_argument("--scratch", type=pathlib.Path, default=ROOT / "build" / "mutants")
    parser.add_argument("--log", type=pathlib.Path, default=ROOT / "build" / "mutants.jsonl")
    parser.add_argument("--isa", default="x86_v3", help="instruction sets to build beside the baseline")
    parser.add_argument("--seconds", type=float, default=300, help="after which a test file counts as hanging")
    parser.add_argument("--minutes", type=float, default=1e9, help="start no mutant after so long")
    parser.add_argument("--prefix", nargs="*", default=[], help="a command that builds and tests are run by, as nice")
    parser.add_argument("--apply", help="file:line:column:new text, one mutant only")
    parser.add_argument("--list", action="store_true", help="print how many mutations each file has")
    options = parser.parse_args()

    files = sources(options.files)
    mutations = [(path, *mutation) for path in files for mutation in mutations_of(ROOT / path)]
    if options.list:
        for path in files:
            print(f"{sum(m[0] == path for m in mutations):6} {path}  {' '.join(tests_for(path))}")
        return
    if options.apply:
        path, number, column, new = options.apply.split(":", 3)
        chosen = [m for m in mutations if m[0] == path and m[1:3] == (int(number), int(column)) and m[4] == new]
        if not chosen:
            raise SystemExit(f"there is no mutation {options.apply}")
    else:
        chosen = random.Random(options.seed).sample(mutations, len(mutations))
    options.log.parent.mkdir(parents=True, exist_ok=True)
    done = {}
    if options.log.exists() and not options.apply:
        for line in options.log.read_text().splitlines():
            entry = json.loads(line)
            done[entry["file"], entry["line"], entry["column"], entry["old"], entry["new"]] = entry
    tree, start, counted, survivors = Tree(options.scratch, options.isa, options.prefix), time.monotonic(), 0, []
    for mutation in chosen:
        if counted >= options.count or time.monotonic() - start > 60 * options.minutes:
            break
        entry = done.get(mutation)
        if entry is None:
            entry = run_mutant(tree, mutation, options)
            with options.log.open("a") as log:
                log.write(json.dumps(entry) + "\n")
            print(f"{entry['verdict']:16} {entry['file']}:{entry['line']}:{entry['column']}  {entry['old']} -> "
                  f"{entry['new']}  {entry.get('by') or ''}", flush=True)  # fmt: skip
        if entry["verdict"] in ("killed", "SURVIVED"):
            counted += 1
            survivors += [entry] if entry["verdict"] == "SURVIVED" else []
    print(f"\n{counted - len(survivors)} of {counted} killed")
    for entry in survivors:
        print(f"{entry['file']}:{entry['line']}:{entry['column']}:{entry['new']}\n    {entry['text']}")


if __name__ == "__main__":
    main()
