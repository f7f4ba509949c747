from typing import Any

import numpy as np
from numpy.typing import NDArray

def evaluate(
    operation: int,
    x: NDArray[Any],
    grad: NDArray[Any],
    hashes: NDArray[np.uint64],
    cells: NDArray[np.uint8],
    codes: NDArray[np.int32],
    parameters: NDArray[np.float64],
    out: NDArray[Any],
    hits: NDArray[np.uint64],
) -> None: ...
def used_entries(cells: NDArray[np.uint8]) -> NDArray[np.uint8]: ...
def palette_entries(hashes: NDArray[np.uint64], cells: NDArray[np.uint8], out: NDArray[np.uint8]) -> None: ...
