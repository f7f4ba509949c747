"""Activation maps: grids of activations and their evaluation, hashes that select cells, files, statistics."""
