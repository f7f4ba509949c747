"""Modules of activation maps."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Self

import numpy as np
import torch

from spatium.activations import Custom
from spatium.maps import activation_map
from spatium.maps.files import activation_of, entry_of
from spatium.nn import SpatialDense
from spatium.nn.cells import HARD_AT, temperature_at, winners
from spatium.nn.hashing import NETWORK, as_pattern_hash
from spatium.torch._elementwise import FAMILIES
from spatium.torch._library import Tensor, check_tensor
from spatium.torch._maps import Handle, activate, check_hashes, find_hashes

__all__ = ["ActivationMap", "PatternHash", "SpatialLinear"]

_Module: Any = torch.nn.Module


class PatternHash(_Module):  # type: ignore[misc]  # PyTorch is not installed where the types are checked
    """The hashes of rows, as a module: for maps that share them.

    Parameters
    ----------
    pattern_hash : callable
        A hash such as `spatium.SimHash`, or another function of an array of rows.

    Raises
    ------
    TypeError
        If `pattern_hash` is not callable.

    Examples
    --------
    >>> import numpy as np, torch, spatium as sp, spatium.torch as st
    >>> hashes = st.PatternHash(sp.CategoryHash(3, columns=[2]))
    >>> hashes(torch.tensor([[0.5, 0.5, 11.0]]))
    tensor([259])
    """

    def __init__(self, pattern_hash: Callable[..., Any]) -> None:
        super().__init__()
        self._hash = Handle(as_pattern_hash(pattern_hash, None))

    @property
    def pattern_hash(self) -> Any:
        """The hash function."""
        return self._hash.item

    def forward(self, x: Tensor) -> Tensor:
        """Return the hash of each row of x, along its last axis, as int64 with the bits of the uint64."""
        return find_hashes(x, self._hash.number)


class _Mapped(_Module):  # type: ignore[misc]
    """What modules with a map share: the map, its hits, and their place in the state of a model."""

    def _set_map(self, amap: activation_map.ActivationMap) -> None:
        self._map = Handle(amap)

    @property
    def map(self) -> activation_map.ActivationMap:
        """The map, which counts the hits. An assignment to its cells changes the module."""
        amap: activation_map.ActivationMap = self._map.item
        return amap

    def _evaluate(self, x: Tensor, hashes: Tensor, count: bool | None) -> Tensor:
        return activate(x, hashes, self._map.number, not self.training if count is None else count)

    def get_extra_state(self) -> dict[str, Any]:
        """Return the cells, the palette and the hits, which `torch.load` reads with ``weights_only=True``."""
        amap = self.map
        return {
            "cells": torch.from_numpy(amap.cells.copy()),
            "hits": torch.from_numpy(amap.hit_counts.view(np.int64)),
            "palette": [entry_of(entry) for entry in amap.palette],
        }

    def set_extra_state(self, state: Mapping[str, Any]) -> None:
        """Set cells, palette and hits. Custom activations are found by their names in the present palette."""
        custom = {entry.name: entry for entry in self.map.palette if isinstance(entry, Custom)}
        palette = [activation_of(entry, "the state of the map", custom) for entry in state["palette"]]
        amap = activation_map.ActivationMap(state["cells"].numpy(), palette)
        if amap.shape != self.map.shape:
            raise ValueError(f"the state of the map has shape {amap.shape}, expected {self.map.shape}")
        amap.add_hits(state["hits"].numpy())
        self._set_map(amap)


class ActivationMap(_Mapped):
    """An activation map as a module: each hash selects the activation of its cell.

    Parameters
    ----------
    amap : spatium.ActivationMap
        The map, which is not copied: its hits are counted in evaluation mode.
    pattern_hash : callable, optional
        The hash of the rows of x, for calls without hashes.

    Raises
    ------
    TypeError
        If `amap` is no map, or `pattern_hash` is not callable.

    Notes
    -----
    Results and gradients have the bits of the map's. The gradient is that for fixed cells, the hash has none. Hits are
    exact; only two calls with the same tensors in one compiled function may be computed once, and count once then.

    Examples
    --------
    >>> import torch, spatium as sp, spatium.torch as st
    >>> module = st.ActivationMap(sp.ActivationMap.uniform(sp.Tanh(), 3)).eval()
    >>> module(torch.zeros(2, 3), torch.tensor([[0], [9]]))
    tensor([[0., 0., 0.],
            [0., 0., 0.]])
    >>> int(module.map.hit_counts.sum())
    6
    """

    def __init__(self, amap: activation_map.ActivationMap, pattern_hash: Callable[..., Any] | None = None) -> None:
        super().__init__()
        if not isinstance(amap, activation_map.ActivationMap):
            raise TypeError(f"amap is {amap!r}, expected a spatium.ActivationMap")
        self._set_map(amap)
        self._hash = None if pattern_hash is None else Handle(as_pattern_hash(pattern_hash, None))

    def forward(self, x: Tensor, hashes: Tensor | None = None, count: bool | None = None) -> Tensor:
        """Return the activations that the hashes select.

        Parameters
        ----------
        x : Tensor
            A tensor whose last axes correspond to the neurons of the map.
        hashes : Tensor of int64 or uint64, optional
            They are broadcast against x: one per element, or one per row as ``hashes[:, None]``. The default is the
            hash of each row of x.
        count : bool, optional
            Whether the hits are counted; by default in evaluation mode.
        """
        if hashes is None:
            if self._hash is None:
                raise ValueError("hashes is None, expected hashes, because the module has no pattern_hash")
            hashes = find_hashes(x, self._hash.number).unsqueeze(-1)
        return self._evaluate(x, hashes, count)

    def extra_repr(self) -> str:
        """Return the text of the map."""
        return repr(self.map)


class SpatialLinear(_Mapped):
    """A fully connected layer in which every neuron has its own activation map, as `spatium.nn.SpatialDense`.

    Parameters
    ----------
    n_inputs, n_units, maps, pattern_hash, rng, init, learn_cells, cell_gain_bias
        The arguments of `spatium.nn.SpatialDense`, whose initial weights the module has. With
        ``pattern_hash="network"`` the hashes are given to `forward`.

    Attributes
    ----------
    weight, bias
        As those of `torch.nn.Linear`.
    cell_gain, cell_bias : shape (n_units, 64)
        With ``cell_gain_bias``.
    cell_logits : shape (n_units, 64, functions)
        With ``learn_cells``, until the cells are hard; see `begin_step`.

    Notes
    -----
    While cells are learned, y is the sum of the functions weighted by softmax(cell_logits / temperature), and no hits
    are counted. Call `begin_step` before each step of the training. The activations have the bits of spatium's; the
    matrix product is PyTorch's, whose sums are in another order than NumPy's.

    Examples
    --------
    >>> import torch, spatium as sp, spatium.torch as st
    >>> layer = st.SpatialLinear(3, 5, pattern_hash=sp.CategoryHash(3, columns=[0]), learn_cells=True, rng=0)
    >>> layer.begin_step(0.5)
    >>> layer(torch.zeros(4, 3)).shape, layer.is_annealing()
    (torch.Size([4, 5]), True)
    >>> layer.begin_step(0.7)
    >>> layer.is_annealing(), layer.to_layer()
    (False, SpatialDense(3, 5))
    """

    def __init__(self, n_inputs: int, n_units: int, *args: Any, **kwargs: Any) -> None:
        super().__init__()
        self._take(SpatialDense(n_inputs, n_units, *args, **kwargs))

    @classmethod
    def from_layer(cls, layer: SpatialDense) -> Self:
        """Return a module with copies of the parameters of a layer, a copy of its maps, and its hash."""
        if not isinstance(layer, SpatialDense):
            raise TypeError(f"layer is {layer!r}, expected a SpatialDense")
        made = cls.__new__(cls)
        _Module.__init__(made)
        made._take(layer)
        return made

    def _take(self, layer: SpatialDense) -> None:
        self.n_inputs, self.n_units = layer.n_inputs, layer.n_outputs
        for name, array in layer.parameters.items():
            own = "weight" if name == "weights" else name
            values = np.array(array.T if name == "weights" else array, order="C")
            setattr(self, own, torch.nn.Parameter(torch.from_numpy(values)))
        self._set_map(layer.maps.copy())
        shared = isinstance(layer.pattern_hash, str)
        self._hash = None if shared else Handle(layer.pattern_hash)
        if layer.is_annealing():
            self.register_buffer("temperature", torch.from_numpy(layer.buffers["temperature"].copy()))

    def to_layer(self) -> SpatialDense:
        """Return a `spatium.nn.SpatialDense` with copies of the parameters and of the map, and the same hash.

        It is of float64 if the module is, and otherwise of float32.

        Raises
        ------
        ValueError
            If cells are being learned: call ``begin_step(1.0)`` first.
        """
        if self.is_annealing():
            raise ValueError("the cells are mixtures: call begin_step(1.0), which selects a function for each")
        dtype = torch.float64 if self.weight.dtype is torch.float64 else torch.float32
        layer = SpatialDense(
            self.n_inputs, self.n_units, self.map.copy(), self._hash_of_layer(),
            cell_gain_bias="cell_gain" in self._parameters,
        ).astype(np.dtype(str(dtype).removeprefix("torch.")))  # fmt: skip
        for name, array in layer.parameters.items():
            own = self.weight.t() if name == "weights" else getattr(self, name)
            array[...] = own.detach().to(dtype).numpy()
        return layer

    def _hash_of_layer(self) -> Any:
        return NETWORK if self._hash is None else self._hash.item

    def is_annealing(self) -> bool:
        """Return whether the cells are mixtures, which `begin_step` has not replaced by functions yet."""
        return "cell_logits" in self._parameters

    def begin_step(self, share_done: float) -> None:
        """Lower the temperature of cells that are learned, or select the function of each.

        Parameters
        ----------
        share_done : float
            The share of the steps of the training that are done. The temperature falls from 1 to 0.02 at 0.6; at 0.7
            the function with the largest logit remains, and the parameter `cell_logits` disappears.
        """
        if not self.is_annealing():
            return
        if share_done < HARD_AT:
            self.temperature.fill_(temperature_at(share_done))
            return
        logits = self.cell_logits.detach().numpy()
        palette = self.map.palette[: logits.shape[2]]
        self._set_map(activation_map.ActivationMap(winners(logits), palette))
        del self.cell_logits, self.temperature

    def forward(self, x: Tensor, hashes: Tensor | None = None, count: bool | None = None) -> Tensor:
        """Return the activations of ``x @ weight.T + bias``.

        Parameters
        ----------
        x : Tensor, shape (..., n_inputs)
        hashes : Tensor of int64 or uint64, shape (...,), optional
            The hash of each row; by default that of the layer's own function.
        count : bool, optional
            Whether the hits are counted; by default in evaluation mode.
        """
        check_tensor("x", x)
        if hashes is None:
            if self._hash is None:
                raise ValueError("hashes is None, expected those of the network's input, for pattern_hash is 'network'")
            hashes = find_hashes(x, self._hash.number)
        check_hashes(hashes)
        z = torch.nn.functional.linear(x, self.weight, self.bias)
        scaled = "cell_gain" in self._parameters
        if not scaled and not self.is_annealing():
            return self._evaluate(z, hashes.unsqueeze(-1), count)
        bits = hashes.view(torch.int64)
        cells = ((bits >> 8) & 7) * 8 + (bits & 7)
        if scaled:
            z = z * self.cell_gain.t()[cells] + self.cell_bias.t()[cells]
        if not self.is_annealing():
            return self._evaluate(z, hashes.unsqueeze(-1), count)
        weights = torch.softmax(self.cell_logits / self.temperature.to(z.dtype), -1)
        total = torch.zeros_like(z)
        for k, function in enumerate(self.map.palette[: weights.shape[2]]):
            total = total + weights[..., k].t()[cells] * FAMILIES[function.name](z, function._arguments, None)
        return total

    def extra_repr(self) -> str:
        """Return the sizes."""
        return f"{self.n_inputs}, {self.n_units}"
