from typing import Any

import numpy as np
from numpy.typing import NDArray

def padded_planes(planes: NDArray[Any]) -> NDArray[np.float32]: ...
def project_rows(x: NDArray[Any], normals: NDArray[np.float32], out: NDArray[np.float64]) -> None: ...
def hash_rows(
    x: NDArray[Any],
    normals: NDArray[np.float32],
    norms: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    out: NDArray[np.uint64],
) -> int: ...
def nearest(
    projections: NDArray[np.float64],
    thresholds: NDArray[np.float64],
    norms: NDArray[np.float64],
    out: NDArray[np.float64],
) -> None: ...
def category_rows(x: NDArray[Any], columns: NDArray[np.int64], out: NDArray[np.uint64]) -> int: ...
def bucket_rows(x: NDArray[Any], column: int, edges: NDArray[np.float64], out: NDArray[np.uint64]) -> int: ...
