"""What the benchmarks share: names and sizes to run over, and seeded inputs."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import spatium as sp

NAMES = sp.activations()
TWELVE = NAMES[:12]  # what a random map draws from
FROM_OUTPUT = tuple(name for name in NAMES if sp.activation(name).gradient_from == "output")
DTYPES = ("float32", "float64")
SIZES = (16, 4096, 16_384, 1 << 20)  # the call, the level 1 and 2 caches, beyond them


def normal(shape: int | tuple[int, ...], dtype: str, seed: int = 0) -> NDArray[Any]:
    """N(0, 2): both sides of every kink, and little of the tails."""
    return (2.0 * np.random.default_rng(seed).standard_normal(shape)).astype(dtype)


def random_hashes(shape: int | tuple[int, ...], seed: int = 1) -> NDArray[np.uint64]:
    return np.random.default_rng(seed).integers(0, 1 << 63, size=shape, dtype=np.uint64)


class OneThread:
    """A benchmark that is not about threads runs on one."""

    def one_thread(self) -> None:
        sp.set_num_threads(1)
