"""Activation maps: grids of activations and their evaluation, pattern hashes, files, statistics."""
