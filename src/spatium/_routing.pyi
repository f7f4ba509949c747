from typing import Any

import numpy as np
from numpy.typing import NDArray
from typing_extensions import disjoint_base

def is_plain(x: Any, hashes: Any, grad: Any, outs: tuple[Any, ...], neurons: tuple[int, ...]) -> bool: ...

@disjoint_base
class Hits:
    shape: tuple[int, ...]
    def __init__(self, hashes: NDArray[np.uint64], shape: tuple[int, ...], neurons: int) -> None: ...
    def add_to(self, own: NDArray[np.uint64], alike: NDArray[np.uint64]) -> None: ...

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
    ) -> Hits | None: ...
    def strategy(
        self,
        operation: int,
        x: NDArray[Any],
        g: NDArray[Any] | None,
        hashes: NDArray[np.uint64],
        out0: NDArray[Any],
        out1: NDArray[Any],
    ) -> str: ...

def count(hashes: NDArray[np.uint64], hits: NDArray[np.uint64]) -> None: ...
