from typing import Any

from numpy.typing import NDArray

def step(
    parameter: NDArray[Any],
    gradient: NDArray[Any],
    first: NDArray[Any],
    second: NDArray[Any],
    rate: float,
    kept: float,
    first_share: float,
    second_share: float,
    second_correction: float,
    epsilon: float,
    greatest: float,
) -> None: ...
