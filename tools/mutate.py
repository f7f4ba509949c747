"""Mutation testing: change one thing in the C or Cython text, build, run the tests that matter, report what survives.

    python tools/mutate.py --count 120 --seed 1                        # all areas, as many of each
    python tools/mutate.py --count 20 --seed 2 --files '*drivers*'     # some files
    python tools/mutate.py --apply 'src/...:120:7:<='                  # one that was reported, once more
    python tools/mutate.py --check                                     # the tests pass where nothing is changed
    python tools/mutate.py --again --isa baseline                      # those that survived, on another instruction set
    python tools/mutate.py --again --sanitize                          # and with the sanitizers

A mutation replaces one token: a comparison or an operator by its neighbor, a whole number by the next, a constant by
one that differs in its tenth digit; or it drops a statement. Files are found in the tree, so that none is forgotten;
generated tables and the lists are left out. A mutant that does not compile, or from which the compiler makes the same
bytes, is not counted. A mutant is killed by a test that fails, crashes or hangs.

What makes a mutant cheap: it works in a copy of the tree with a build of its own, for one instruction set (--isa) and
without much optimization, which each mutation rebuilds in part. The tests of an area run in one process, the quickest
first, and stop at the first that fails. Mutants of different activations, of functions of rows and of hashes are
independent, because none calls the others: several are built together, and each is tested by its own tests, which are
those with the name of an activation. Those that survive are built alone, to see whether they are another program.

Results are appended to --log, a line of JSON per mutant; a run with the same seed goes on where it stopped.

A mutant may survive because its text does not run on this instruction set, or because what it reads out of bounds
changes no result: --again tries the survivors of the log once more, with other tests, another instruction set or the
sanitizers. The last line about a mutant counts.
"""

import argparse
import fnmatch
import hashlib
import json
import os
import pathlib
import random
import re
import resource
import shutil
import signal
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]

# What is counted together, by the first pattern that a file's path matches.
AREAS = {
    "drivers/map": "*/drivers/map/*",
    "drivers": "*/drivers/*",
    "loops": "*/loops/*",
    "Cython": "*.pyx",
    "arithmetic": "*/arithmetic/*",
    "fn": "*/fn/*",
}

# The tests that matter, the quickest first, by the first pattern that a file's path matches.
NUMBERS = ["special_values", "second_derivative", "parameter_gradients", "reference_points", "fuzz_parameters"]
MAPS = ["map_random", "map", "fuzz_maps", "threads", "scratch", "bits"]
HASHES = ["hashes", "fuzz_environments"]
TESTS = [
    ("*/fn/*", [*NUMBERS, "passes", "activations", "compiled", "bits", "accuracy", "digests"]),
    ("*/arithmetic/half*", ["bits", "accuracy"]),
    ("*/arithmetic/inverse*", ["passes", *NUMBERS]),
    ("*/arithmetic/*", [*NUMBERS, "passes", "rows", "gates", "bits", "accuracy", "digests"]),
    ("*/loops/simhash*", HASHES),
    ("*/loops/projection*", HASHES),
    ("*/loops/transpose*", [*HASHES, "map_random", "bits"]),
    ("*/loops/permute*", ["map_random", "bits", "quantization"]),
    ("*/loops/rows*", ["rows", "fuzz_environments"]),
    ("*/loops/gates*", ["gates", "nn_cells", "fuzz_environments"]),
    ("*/loops/*", ["special_values", "reference_points", "parameter_gradients", "map_random", "passes", "bits",
                   "accuracy", "digests"]),
    ("*/drivers/map/*", MAPS),
    ("*/drivers/rows*", ["rows", "scratch", "fuzz_environments"]),
    ("*/drivers/gates*", ["gates", "nn_cells", "scratch", "fuzz_environments"]),
    ("*/drivers/simhash*", [*HASHES, "scratch", "threads"]),
    ("*/drivers/codes*", ["quantization"]),
    ("*/drivers/passes*", ["passes", "scratch", "fuzz_environments"]),
    ("*/drivers/reductions*", ["parameter_gradients", "nn_adaptive", "passes", "scratch", "fuzz_environments"]),
    ("*/drivers/exports*", ["compiled"]),
    ("*/drivers/threads*", ["threads", "parallel_start", "fuzz_environments"]),
    ("*/drivers/*", ["short_calls", "ufunc", "bits", "scratch", "rows", "compiled", "threads", "map_random",
                     "fuzz_environments", "digests"]),
    ("*_hash.pyx", ["guards", "hashes", "nn"]),
    ("*_codes.pyx", ["guards", "quantization", "map"]),
    ("*_cells.pyx", ["guards", "nn_cells"]),
    ("*_adam.pyx", ["nn", "nn_adaptive"]),
    ("*_map.pyx", [*MAPS, "inference"]),
    ("*_routing.pyx", [*MAPS, "map_snapshots", "inference"]),
    ("*_engine.pyx", ["short_calls", "ufunc", "rows", "gates", "passes", "parameter_gradients", "threads", "compiled",
                      "bad_input", "parameters", "hashes", "fuzz_environments"]),
]  # fmt: skip
TOGETHER = 24  # independent mutants in one build
# These are about the usual build, with the baseline.
NOT_HERE = ["tests/test_threads.py::test_instruction_sets_can_be_chosen"]

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
DECLARATION = re.compile(r"\s*(?:(?:const|static|typedef|extern|return)\b|\w+ \**\w+(?:\[[^=]*\])? *[=;,])")
# What tests compare with, and what only asks for memory: neither computes anything.
IDLE = re.compile(r"^SP_(?:PLAIN_)?BOUND\(.*$|^.*(?:PREFETCH|prefetch|AHEAD|ahead)\b.*$", re.M)


def code_of(text, is_c):
    """The text with comments, preprocessor lines and docstrings blanked, character for character."""
    blank = lambda match: re.sub(r"[^\n]", " ", match.group())
    if is_c:
        text = IDLE.sub(blank, re.sub(r"/\*.*?\*/|//[^\n]*", blank, text, flags=re.S))
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
                if is_c and text in "*&" and line[match.end() : match.end() + 1] != " ":
                    continue  # of a pointer
                found += [(number, at, text, new) for new in SWAPS.get(text, [])]
    return found


def sources(patterns):
    listed = subprocess.run(["git", "ls-files", "src"], cwd=ROOT, capture_output=True, text=True, check=True)
    paths = [line for line in listed.stdout.split("\n") if line.endswith((".c", ".h", ".pyx"))]
    paths = [path for path in paths if not path.endswith((".tables.h", "coefficients.h", "spatium.h"))]
    return [path for path in paths if any(fnmatch.fnmatch(path, pattern) for pattern in patterns)]


def area_of(path):
    return next((area for area, pattern in AREAS.items() if fnmatch.fnmatch(path, pattern)), None)


def tests_for(path):
    names = next(names for pattern, names in TESTS if fnmatch.fnmatch(path, pattern))
    return [f"tests/test_{name}.py" for name in names]


def selection_of(path):
    """pytest's -k for the file of an activation: the tests with its name, not those with a name that contains it."""
    if area_of(path) != "fn":
        return []
    stem = pathlib.Path(path).stem
    others = {pathlib.Path(other).stem for other in sources(["*/fn/*"])} - {stem}
    return ["-k", " and not ".join([stem, *sorted(other for other in others if stem in other)])]


def independent(path):
    """What a mutant of this file changes and no other file's tests see, or None: such mutants are built together."""
    if area_of(path) == "fn" or path.endswith("loops/rows.h"):
        return path
    return "hashes" if path.endswith(("loops/simhash.h", "loops/projection.h")) else None


def queues_of(files, seed):
    """The mutations of each area, in the order in which they are tried."""
    chance, queues = random.Random(seed), {}
    for area in AREAS:
        queue = [(path, *m) for path in files if area_of(path) == area for m in mutations_of(ROOT / path)]
        chance.shuffle(queue)
        if queue:
            queues[area] = queue
    return queues


def next_round(queues, area, missing):
    """Take the area's next mutation and, if it is independent, others to be built with it, as many as are missing."""
    together = [queues[area].pop(0)]
    if not independent(together[0][0]):
        return together
    for other, wanted in missing.items():
        for mutation in list(queues[other]):
            if len(together) >= TOGETHER or sum(area_of(m[0]) == other for m in together) >= wanted:
                break
            name = independent(mutation[0])
            if name and name not in {independent(m[0]) for m in together}:
                together.append(mutation)
                queues[other].remove(mutation)
    return together


class Tree:
    """A copy of the tree, its build and its installation."""

    def __init__(self, options):
        self.prefix, self.isa, self.sanitize = options.prefix, options.isa, options.sanitize
        folder = options.scratch / f"{self.isa}{'_sanitized' * self.sanitize}"
        self.source, self.build, self.root = folder / "source", folder / "build", folder / "root"
        listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True).stdout
        for name in filter(None, listed.decode().split("\0")):
            target = self.source / name
            if (ROOT / name).is_file():
                content = self.adapted(name, (ROOT / name).read_bytes())
                if not target.exists() or target.read_bytes() != content:
                    target.parent.mkdir(parents=True, exist_ok=True)
                    target.write_bytes(content)
                    shutil.copymode(ROOT / name, target)
        if not (self.build / "build.ninja").exists():
            isas = "" if self.isa == "baseline" else self.isa
            setup = ["meson", "setup", self.build, self.source, "-Dbuildtype=plain", f"-Disa={isas}"]
            if self.sanitize:
                setup += ["-Db_sanitize=address,undefined", "-Db_lundef=false"]
            subprocess.run([*setup, "-Dpython.bytecompile=-1"], check=True, stdout=subprocess.DEVNULL)
        if self.make():
            raise SystemExit("the tree itself does not build")
        install = ["meson", "install", "-C", self.build, "--no-rebuild", "--only-changed", "--destdir", self.root]
        subprocess.run(install, check=True, stdout=subprocess.DEVNULL)
        self.unchanged = self.digest()
        where = [sys.executable, "-c", "import spatium; print(spatium.__file__)"]
        environment = {**os.environ, **self.sanitizers(), "PYTHONPATH": str(self.package())}
        found = subprocess.run(where, cwd=folder, env=environment, capture_output=True, text=True, check=True).stdout
        if not found.startswith(str(self.package())):
            raise SystemExit(f"python imports {found.strip()}: an editable installation comes before this build")

    def sanitizers(self):
        """The environment that a sanitized build needs."""
        if not self.sanitize:
            return {}
        names = ("libasan.so", "libubsan.so")
        path_of = lambda name: subprocess.check_output(["gcc", f"-print-file-name={name}"], text=True).strip()
        return {
            "LD_PRELOAD": " ".join(map(path_of, names)), "ASAN_OPTIONS": "detect_leaks=0",
            "UBSAN_OPTIONS": "halt_on_error=1",
        }  # fmt: skip

    def adapted(self, name, content):
        """A file of the copy: the kernels with little optimization and, on x86-64, for one instruction set only."""
        changes = []
        if name == "src/spatium/meson.build":
            changes.append((b"'-O3'", b"'-O1'"))
            if self.isa != "baseline":
                changes.append((b"isa_args = {'baseline': []}", b"isa_args = {}"))
        elif name == "src/spatium/_kernels/drivers/dispatch.c" and self.isa != "baseline":
            line = b"LEVEL(baseline, always)"
            changes.append((line, b" " * len(line)))  # columns stay
        for old, new in changes:
            if content.count(old) != 1:
                raise SystemExit(f"{name} has no {old.decode()}")
            content = content.replace(old, new)
        return content

    def make(self):
        """What the compiler says where it does not compile."""
        process = subprocess.run([*self.prefix, "ninja", "-C", self.build], capture_output=True, text=True, check=False)
        return process.stdout + process.stderr if process.returncode else ""

    def modules(self):
        return sorted((self.build / "src" / "spatium").glob("*.so"))

    def package(self):
        return next(self.root.rglob("spatium/__init__.py")).parents[1]

    def digest(self):
        found = hashlib.sha256()
        for module in self.modules():
            found.update(module.read_bytes())
        return found.hexdigest()

    def install(self):
        for module in self.modules():
            target = self.package() / "spatium" / module.name
            if target.read_bytes() != module.read_bytes():
                target.unlink()
                shutil.copyfile(module, target)

    def test(self, files, seconds, extra=()):
        """The first test that fails, or None.

        The first two files have a process of their own: collecting thousands of tests takes longer than most mutants.
        """
        found = self.test_together(files[:2], seconds, extra)
        return found or (self.test_together(files[2:], seconds, extra) if files[2:] else None)

    def test_together(self, files, seconds, extra):
        limits = self.build.parent / "limits"
        limits.mkdir(exist_ok=True)
        (limits / "mutant_limits.py").write_text(LIMITS)
        environment = {
            **os.environ, **self.sanitizers(), "PYTHONPATH": os.pathsep.join(map(str, (self.package(), limits))),
            "PYTHONDONTWRITEBYTECODE": "1", "MUTANT_SECONDS": str(seconds),
        }  # fmt: skip
        command = [*self.prefix, sys.executable, "-m", "pytest", "-x", "-v", "-p", "no:cacheprovider"]
        command += ["-s"] * self.sanitize  # what a sanitizer says before it ends the process
        command += ["-p", "mutant_limits", "-o", "faulthandler_timeout=900", "-o", "faulthandler_exit_on_timeout=true"]
        command += [f"--deselect={test}" for test in NOT_HERE]
        process = subprocess.run(
            [*command, *extra, *files], cwd=self.source, env=environment, text=True, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, preexec_fn=None if self.sanitize else bounded, check=False,
        )  # fmt: skip
        output, code = process.stdout, process.returncode
        if code in (0, 5):
            return None
        failed = re.search(r"^(?:FAILED|ERROR) (\S+)", output, re.M)
        if failed:
            return failed.group(1)
        begun = re.findall(r"^tests/\S+::\S+", output, re.M)
        found = re.search(r"AddressSanitizer: \S+|runtime error: .*", output)
        if found:
            return f"{begun[-1] if begun else files[0]}: {found.group()}"
        how = "hangs" if code == -signal.SIGPROF or "Timeout (" in output else f"exit code {code}"
        return f"{begun[-1] if begun else files[0]}: {how}"


# A plugin of pytest. Neither other load nor a pause of the machine makes a test hang; pytest's own limit, of the time
# that passes, is long and for threads that wait for each other.
LIMITS = """
import os
import signal


def pytest_runtest_logstart():
    signal.setitimer(signal.ITIMER_PROF, float(os.environ["MUTANT_SECONDS"]))
"""


def bounded():
    """A mutant must not take all memory of the machine."""
    resource.setrlimit(resource.RLIMIT_AS, (8 << 30, 8 << 30))


def mutated(tree, mutations):
    """Write the mutations into the copy; the texts that were there, by path."""
    originals = {}
    for path, number, column, old, new in mutations:
        text = (tree.source / path).read_text()
        originals[path] = text
        lines = text.split("\n")
        line = lines[number - 1]
        lines[number - 1] = line[:column] + new + line[column + len(old) :]
        (tree.source / path).write_text("\n".join(lines))
    return originals


def same_alone(tree, mutation):
    """Whether the compiler makes the unchanged program of this mutation."""
    originals = mutated(tree, [mutation])
    try:
        return not tree.make() and tree.digest() == tree.unchanged
    finally:
        (tree.source / mutation[0]).write_text(originals[mutation[0]])


def entry_of(mutation, verdict, killer=None):
    path, number, column, old, new = mutation
    text = (ROOT / path).read_text().split("\n")[number - 1].strip()
    return {
        "area": area_of(path), "file": path, "line": number, "column": column, "old": old, "new": new, "text": text,
        "verdict": verdict, "by": killer,
    }  # fmt: skip


def run_mutants(tree, mutations, options):
    """Build these mutations, of different files, together, and test each; yield their entries of the log."""
    apart, survivors = [], []
    originals = mutated(tree, mutations)
    try:
        said = tree.make()
        if said:
            guilty = [m for m in mutations if len(mutations) == 1 or pathlib.Path(m[0]).name in said]
            yield from (entry_of(m, "does not compile") for m in guilty)
            apart = [m for m in mutations if m not in guilty]
            apart = [apart] if guilty and apart else [[m] for m in apart]
        elif tree.digest() == tree.unchanged:
            yield from (entry_of(m, "the same program") for m in mutations)
        else:
            tree.install()
            for mutation in mutations:
                killer = tree.test(tests_for(mutation[0]), options.seconds, selection_of(mutation[0]))
                if killer:
                    yield entry_of(mutation, "killed", killer)
                else:
                    survivors.append(mutation)
    finally:
        for path, text in originals.items():
            (tree.source / path).write_text(text)
    for together in apart:
        yield from run_mutants(tree, together, options)
    for mutation in survivors:
        same = len(mutations) > 1 and same_alone(tree, mutation)
        yield entry_of(mutation, "the same program" if same else "SURVIVED")


def key_of(entry):
    return tuple(entry[name] for name in ("file", "line", "column", "old", "new"))


def logged(path):
    """The last entry about each mutation."""
    entries = [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []
    return {key_of(entry): entry for entry in entries}


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--count", type=int, default=40, help="mutants that build, as many of each area")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--files", nargs="*", default=["*"], help="patterns of paths")
    parser.add_argument("--scratch", type=pathlib.Path, default=ROOT / "build" / "mutants")
    parser.add_argument("--log", type=pathlib.Path, default=ROOT / "build" / "mutants.jsonl")
    parser.add_argument("--isa", default="x86_v3", help="the instruction set, or baseline")
    parser.add_argument("--seconds", type=float, default=60, help="of the processor, after which a test hangs")
    parser.add_argument("--minutes", type=float, default=1e9, help="start no mutant after so long")
    parser.add_argument("--prefix", nargs="*", default=[], help="a command that builds and tests are run by, as nice")
    parser.add_argument("--apply", help="file:line:column:new text, one mutant only")
    parser.add_argument("--list", action="store_true", help="print how many mutations each file has, and its tests")
    parser.add_argument("--again", action="store_true", help="only what the log says has survived")
    parser.add_argument("--sanitize", action="store_true", help="with the address and undefined behavior sanitizers")
    parser.add_argument("--check", action="store_true", help="run the tests that matter on the unchanged build")
    return parser.parse_args()


def run(queues, done, options):
    """Try the mutations area by area in turn, until there are enough of each; the entries of the log."""
    tree, start, entries = Tree(options), time.monotonic(), []
    missing = {
        area: len(queue) if options.again else -(-options.count // len(queues)) for area, queue in queues.items()
    }
    while missing:
        for area in list(missing):
            if time.monotonic() - start > 60 * options.minutes:
                return entries
            if missing[area] <= 0 or not queues[area]:
                del missing[area]
                continue
            mutations = next_round(queues, area, missing)
            known = [done[m] for m in mutations if m in done]
            fresh = [m for m in mutations if m not in done]
            new = []
            for entry in run_mutants(tree, fresh, options) if fresh else ():
                new.append(entry)
                if options.again and entry["verdict"] != "killed":  # the text is not compiled there, for instance
                    entry["verdict"] = "SURVIVED"
                with options.log.open("a") as log:
                    log.write(json.dumps(entry) + "\n")
                print(f"{entry['verdict']:16} {entry['file']}:{entry['line']}:{entry['column']}  {entry['old']} -> "
                      f"{entry['new']}  {entry['by'] or ''}", flush=True)  # fmt: skip
            for entry in known + new:
                missing[entry["area"]] -= entry["verdict"] in ("killed", "SURVIVED")
            entries += known + new
    return entries


def report(entries):
    print(f"\n{'area':12} {'made':>5} {'not compiled':>13} {'same program':>13} {'killed':>7} {'survived':>9}")
    for area in AREAS:
        made = [entry["verdict"] for entry in entries if entry["area"] == area]
        counts = [made.count(verdict) for verdict in ("does not compile", "the same program", "killed", "SURVIVED")]
        if made:
            print(f"{area:12} {len(made):5} {counts[0]:13} {counts[1]:13} {counts[2]:7} {counts[3]:9}")
    for entry in entries:
        if entry["verdict"] == "SURVIVED":
            print(f"{entry['file']}:{entry['line']}:{entry['column']}:{entry['new']}\n    {entry['text']}")


def main():
    options = arguments()
    files = sources(options.files)
    if options.list:
        for path in files:
            print(f"{len(mutations_of(ROOT / path)):6} {path}  {' '.join(tests_for(path))}")
        return
    if options.check:
        tests = sorted({file for path in files for file in tests_for(path)})
        print(Tree(options).test(tests, options.seconds) or "all pass")
        return
    queues = queues_of(files, options.seed)
    if options.apply:
        path, number, column, new = options.apply.split(":", 3)
        place = (path, int(number), int(column))
        chosen = [(path, *m) for m in mutations_of(ROOT / path) if (path, *m[:2], m[3]) == (*place, new)]
        if not chosen:
            raise SystemExit(f"there is no mutation {options.apply}")
        queues = {area_of(path): chosen[:1]}
    options.log.parent.mkdir(parents=True, exist_ok=True)
    done = {} if options.apply else logged(options.log)
    if options.again:
        survivors = {key for key, entry in done.items() if entry["verdict"] == "SURVIVED"}
        queues = {area: [m for m in queue if m in survivors] for area, queue in queues.items()}
        run(queues, {}, options)
        report(logged(options.log).values())
        return
    report(run(queues, done, options))


if __name__ == "__main__":
    main()
