from typing import Any

import numpy as np
from numpy.typing import NDArray

def count_hits(hashes: NDArray[np.uint64], hits: NDArray[np.uint64]) -> None: ...
def palette_entries(hashes: NDArray[np.uint64], cells: NDArray[np.uint8], out: NDArray[np.uint8]) -> None: ...
def evaluate_routed(
    operation: int,
    x: NDArray[Any],
    g: NDArray[Any],
    hashes: NDArray[np.uint64],
    cells: NDArray[np.uint8],
    codes: NDArray[np.int32],
    parameters: NDArray[np.float64],
    out0: NDArray[Any],
    out1: NDArray[Any],
    brain: bool = False,
) -> None: ...
