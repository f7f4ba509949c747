"""Time, bandwidth, error and bytes of activations, beside NumPy's expressions and the other installed libraries.

`ActivationBenchmark` measures activations in one process, by turns, and states the error beside every time. The command
``spatium bench`` prints its tables. `time_by_turns` compares functions of your own, and `machine` describes where.
"""

from __future__ import annotations

from spatium.benchmark.measured import ActivationBenchmark
from spatium.benchmark.timing import Timing, machine, time_by_turns

__all__ = ["ActivationBenchmark", "Timing", "machine", "time_by_turns"]
