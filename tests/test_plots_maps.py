"""The picture of a map shows what the map holds."""

import numpy as np
import pytest

import spatium as sp

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt
from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from spatium import plots
from spatium.activations.names import short_name
from spatium.plots.maps import _short, cell_table

pytestmark = pytest.mark.usefixtures("figures_closed")


def tiles(ax):
    """The tile of each cell, by (row, column)."""
    found = {}
    for patch in ax.patches:
        if isinstance(patch, Rectangle) and patch.get_width() == 1:
            found[round(patch.get_y() + 0.5), round(patch.get_x() + 0.5)] = patch
    return found


def look(patch):
    return patch.get_facecolor(), patch.get_hatch()


def used_map():
    amap = sp.ActivationMap.random(rng=0)
    hashes = np.repeat([0x000, 0x304, 0x707], [3, 1500, 20])
    amap(np.ones(hashes.size), hashes)
    return amap


def test_a_tile_per_cell_colored_by_function():
    amap = used_map()
    ax = plots.map(amap)
    assert isinstance(ax, Axes)
    drawn = tiles(ax)
    assert len(drawn) == 64
    of_function = {}
    for cell, patch in drawn.items():
        of_function.setdefault(amap[cell], set()).add(look(patch))
    assert len(of_function) == 12
    assert all(len(looks) == 1 for looks in of_function.values())
    assert len(set.union(*of_function.values())) == 12
    assert len({hatch for _, hatch in set.union(*of_function.values())}) == 12  # without color too
    labels = [text.get_text() for text in ax.figure.legends[0].get_texts()]
    assert [label.split("  ")[1] for label in labels] == [short_name(act) for act in amap.palette]
    ax.figure.canvas.draw()


def test_hits_and_dead_cells():
    ax = plots.map(used_map())
    texts = [text.get_text() for text in ax.texts]
    for count in ("3", "1.5k", "20"):
        assert count in texts
    assert len(ax.lines) == 2 * 61  # two strokes for each cross
    assert "1,523 hits, 61 of 64 cells dead" in ax.get_title()
    assert [axes.get_ylabel() for axes in ax.figure.axes if axes is not ax] == ["hits"]
    for without in (plots.map(used_map(), hits=False), plots.map(sp.ActivationMap.random(rng=0))):
        assert len(without.lines) == 0
        assert len(without.figure.axes) == 1


def test_given_axes_and_neurons():
    amap = sp.ActivationMap.uniform(sp.ReLU(), 4)
    amap[2] = sp.Tanh()
    amap[3, 0, 0] = sp.Tanh()
    amap(np.ones((10, 4)), 0x101)
    _, axes = plt.subplots(1, 2)
    assert plots.map(amap, ax=axes[0]) is axes[0]
    texts = [text.get_text() for text in axes[0].texts]
    assert texts.count("A 75%") == 63
    assert texts.count("A 50%") == 1
    assert "40 hits" in axes[0].get_title()
    plots.map(amap, ax=axes[1], neuron=-2)
    assert "10 hits" in axes[1].get_title()
    assert [text.get_text() for text in axes[1].get_legend().get_texts()] == ["A  Tanh"]


def test_more_functions_than_colors_and_letters():
    palette = [sp.ELU(alpha) for alpha in np.linspace(0.1, 2, 64)]
    amap = sp.ActivationMap(np.arange(64).reshape(8, 8), palette)
    table = cell_table(amap)
    assert table.letters[25:28] == ("Z", "AA", "AB")
    assert len(set(table.letters)) == 64
    assert len({look(patch) for patch in tiles(plots.map(amap)).values()}) == 64


def test_wrong_arguments():
    with pytest.raises(TypeError, match="amap is list, expected an ActivationMap"):
        plots.map([1])
    for wrong in (4, (0, 0), (), -5):
        with pytest.raises(IndexError, match=r"the map has shape \(4,\)"):
            plots.map(sp.ActivationMap.random(4, rng=0), neuron=wrong)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0"), (999, "999"), (1000, "1.0k"), (9949, "9.9k"), (9951, "10k"), (99_501, "100k"), (999_600, "1.0M"),
     (1_250_000, "1.2M"), (2**63, "9.2E")],
)  # fmt: skip
def test_short_counts(count, text):
    assert _short(count) == text


def test_names():
    assert short_name(sp.ELU(1 / 3)) == "ELU(alpha=1/3)"
    assert short_name(sp.GELU("tanh")) == "GELU(approximate='tanh')"
    assert short_name(sp.Custom(np.square, name="square")) == "square"
