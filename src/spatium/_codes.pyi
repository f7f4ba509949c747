from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

def look_up(table: NDArray[np.uint8], codes: Array, out: Array) -> None: ...
def encode(x: Array, scale: float, zero: float, least: float, greatest: float, half_away: bool, out: Array) -> bool: ...
def decode(table: Array, codes: Array, out: Array) -> None: ...
def look_up_cells(
    x: NDArray[np.uint8],
    hashes: NDArray[np.uint64],
    cells: NDArray[np.uint8],
    tables: NDArray[np.uint8],
    out: NDArray[np.uint8],
    hits: NDArray[np.uint64] | None,
) -> None: ...
