"""SimHash of a batch."""

from typing import ClassVar

import numpy as np

import spatium as sp

from .common import DTYPES, normal

ROWS = 4096


class Hash:
    params: ClassVar = [(64, 1024), (6, 16), DTYPES]
    param_names: ClassVar = ["features", "bits", "dtype"]

    def setup(self, features: int, bits: int, dtype: str) -> None:
        sp.set_num_threads(1)
        self.X = normal((ROWS, features), dtype)
        self.hash = sp.SimHash(features, n_bits=bits, rng=0).fit(self.X)

    def time_hash(self, features: int, bits: int, dtype: str) -> None:
        self.hash(self.X)

    def time_margin(self, features: int, bits: int, dtype: str) -> None:
        self.hash.margin(self.X)

    def time_read(self, features: int, bits: int, dtype: str) -> None:
        """The floor: read X once."""
        np.add.reduce(self.X, axis=None)
