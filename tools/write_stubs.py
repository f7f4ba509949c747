"""Write src/spatium/ufuncs.pyi, the list of ufunc names, from the registry; ``--check`` only compares.

python tools/write_stubs.py [--check]
"""

from __future__ import annotations

import sys
from pathlib import Path

import spatium as sp

STUB = Path(__file__).parents[1] / "src" / "spatium" / "ufuncs.pyi"


def main() -> int:
    names = sp.ufuncs.__all__
    lines = ["# Made by tools/write_stubs.py: do not edit.", "import numpy as np", "", "__all__ = ["]
    lines += [f'    "{name}",' for name in names] + ["]", ""] + [f"{name}: np.ufunc" for name in names]
    text = "\n".join(lines) + "\n"
    if "--check" in sys.argv[1:]:
        if STUB.read_text() != text:
            print(f"{STUB.name} does not list the ufuncs of the registry: run tools/write_stubs.py")
            return 1
        return 0
    STUB.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
