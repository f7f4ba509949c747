"""Pictures of activations and maps. They need matplotlib, which is imported when one is drawn."""

from __future__ import annotations

from .maps import map

__all__ = ["map"]
