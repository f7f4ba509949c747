"""What a process pays: the import, and the peak of its memory."""

from typing import ClassVar

import numpy as np

import spatium as sp

from .common import normal, random_hashes


class Import:
    """Each in a fresh interpreter; what spatium adds is the difference to numpy."""

    def timeraw_numpy(self) -> str:
        return "import numpy"

    def timeraw_spatium(self) -> str:
        return "import spatium"

    def timeraw_spatium_nn(self) -> str:
        return "import spatium.nn"


class PeakMemory:
    """`peakmem_input` is the floor; in place adds nothing to it, out of place exactly one array of 32 MiB."""

    params: ClassVar = [("relu", "gelu", "softplus")]
    param_names: ClassVar = ["function"]

    def setup(self, function: str) -> None:
        self.activation = sp.activation(function)
        self.x = np.zeros(1 << 22)
        self.x.reshape(-1, 1024)[:] = normal(1024, "float64")  # no temporary that would raise the floor

    def peakmem_input(self, function: str) -> None:
        pass

    def peakmem_in_place(self, function: str) -> None:
        self.activation(self.x, out=self.x)

    def peakmem_out_of_place(self, function: str) -> None:
        self.activation(self.x)


class MapPeakMemory:
    """One map, a hash per element; 16 MiB of float32 and 32 MiB of hashes before anything runs."""

    def setup(self) -> None:
        self.map = sp.ActivationMap.random(rng=0)
        self.x = np.zeros(1 << 22, dtype=np.float32)
        self.x.reshape(-1, 1024)[:] = normal(1024, "float32")
        self.hashes = random_hashes(1 << 22)

    def peakmem_input(self) -> None:
        pass

    def peakmem_in_place(self) -> None:
        self.map.activate(self.x, self.hashes, out=self.x)

    def peakmem_out_of_place(self) -> None:
        self.map.activate(self.x, self.hashes)
