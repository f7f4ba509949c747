from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

def is_plain(x: Any, hashes: Any, grad: Any, outs: tuple[Any, ...], neurons: tuple[int, ...]) -> bool: ...
def used_entries(cells: NDArray[np.uint8]) -> NDArray[np.uint8]: ...

@disjoint_base
class Router:
    def __init__(self, cells: NDArray[np.uint8], codes: NDArray[np.int32], parameters: NDArray[np.float64]) -> None: ...
    def evaluate(
        self,
        operation: int,
        x: NDArray[Any],
        g: NDArray[Any] | None,
        hashes: NDArray[np.uint64],
        out0: NDArray[Any],
        out1: NDArray[Any],
        count: bool,
    ) -> NDArray[np.uint64] | NDArray[np.uint32] | None: ...

def add(total: NDArray[np.uint64], hits: NDArray[Any]) -> None: ...
def count(hashes: NDArray[np.uint64], hits: NDArray[np.uint64]) -> None: ...
def palette_entries(hashes: NDArray[np.uint64], cells: NDArray[np.uint8], out: NDArray[np.uint8]) -> None: ...
