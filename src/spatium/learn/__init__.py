"""Exercises: write activations yourself, and learn what is wrong with an attempt, and why.

`check` compares a function with the exact one and names the inputs where it fails: overflow, wrong tails, lost digits,
dtypes, derivatives, NaN. The lessons in the documentation use it.
"""

from __future__ import annotations

from spatium.learn.review import Remark, Review, check

__all__ = ["Remark", "Review", "check"]
