from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from typing_extensions import disjoint_base

__pyx_capi__: dict[str, Any]  # what other compiled modules cimport
VERSION: str
OPERATIONS: tuple[str, ...]

class Record(NamedTuple):
    name: str
    code: int
    n_parameters: int
    from_output: bool
    two_slopes: bool
    from_side: bool

def entries() -> dict[str, Any]: ...
def registry() -> tuple[Record, ...]: ...
def make_ufunc(code: int, operation: str, doc: str) -> np.ufunc: ...

@disjoint_base
class RememberingCall:
    def __init__(
        self,
        ufunc: np.ufunc,
        convert: Callable[[tuple[float, ...]], tuple[Any, ...]],
        general: Callable[[Any, tuple[Any, ...], dict[str, Any]], Any],
    ) -> None: ...
    def __call__(self, x: Any, parameters: tuple[Any, ...], kwargs: dict[str, Any]) -> Any: ...

def parameter_gradients(
    code: int, x: np.ndarray, grad: np.ndarray, parameters: tuple[np.ndarray, ...], brain: bool
) -> tuple[np.ndarray, ...]: ...
def pass_over(
    code: int,
    operation: str,
    parameters: tuple[float, ...],
    out: np.ndarray[Any, Any],
    x: np.ndarray[Any, Any] | None = None,
    g: np.ndarray[Any, Any] | None = None,
    bits: np.ndarray[Any, Any] | None = None,
    bias: np.ndarray[Any, Any] | None = None,
    sums: np.ndarray[Any, Any] | None = None,
) -> None: ...
def run_over_rows(
    function: str, x: np.ndarray[Any, Any], g: np.ndarray[Any, Any] | None, out: np.ndarray[Any, Any]
) -> None: ...
def run_gates(
    function: str,
    parameters: tuple[float, ...],
    arrays: tuple[np.ndarray[Any, Any], ...],
    outs: tuple[np.ndarray[Any, Any], ...],
) -> None: ...
def register_bfloat16(dtype: np.dtype[Any]) -> None: ...
def available_isas() -> tuple[str, ...]: ...
def current_isa() -> str: ...
def set_isa(name: str) -> None: ...
def get_threads() -> int: ...
def set_threads(count: int) -> None: ...
def after_fork() -> None: ...
def serial(wanted: bool) -> bool: ...
def parallel_for(work: Callable[[int], object], shares: int, elements: int) -> None: ...
def build_info() -> dict[str, Any]: ...
