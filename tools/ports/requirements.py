"""Print the requirements of extras as pip takes them; with --lowest the lowest releases that they allow.

Not by installing "spatium-activations[test]", because the ports build spatium themselves.
"""

import pathlib
import re
import sys
import tomllib

PROJECT = tomllib.loads((pathlib.Path(__file__).parents[2] / "pyproject.toml").read_text())


def requirements(extras):
    """Of the package itself and of these extras, those of the extras that they name included."""
    found, todo = list(PROJECT["project"]["dependencies"]), list(extras)
    while todo:
        extra = todo.pop()
        lines = (
            PROJECT["build-system"]["requires"]
            if extra == "build"
            else PROJECT["project"]["optional-dependencies"][extra]
        )
        for line in lines:
            if own := re.fullmatch(rf"{PROJECT['project']['name']}\[(.*)\]", line):
                todo += own.group(1).split(",")
            elif line not in found:
                found.append(line)
    return found


def lowest(line):
    """The first release that the line allows: >=3.8 is 3.8.*, >=8 is 8.0.*."""
    name, version = line.split(">=")
    return f"{name}=={version if '.' in version else version + '.0'}.*"


extras = [argument for argument in sys.argv[1:] if not argument.startswith("-")]
print(*(lowest(line) if "--lowest" in sys.argv else line for line in requirements(extras)))
