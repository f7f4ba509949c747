"""A process that computes jobs: ``python -m spatium.lab.worker`` reads them from stdin and answers on stdout.

Pickles go both ways. The first is the search path of modules, the second the function and what all its calls share.
The arguments of one call each follow.
"""

from __future__ import annotations

import contextlib
import os
import pickle
import sys

__all__ = ["main"]


def main() -> None:
    """Answer until stdin ends, as it does when the other process ends."""
    with contextlib.suppress(KeyboardInterrupt), os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)  # what a function prints must not get between the answers
        sys.path[:] = pickle.load(sys.stdin.buffer)
        function, shared = pickle.load(sys.stdin.buffer)
        while True:
            try:
                arguments = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            try:
                answer = (True, function(shared, *arguments))
            except Exception as error:
                answer = (False, f"{type(error).__name__}: {error}")
            pickle.dump(answer, answers)
            answers.flush()


if __name__ == "__main__":
    main()
