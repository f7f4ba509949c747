"""The pictures of folded planes show what the networks compute."""

import numpy as np
import pytest

import spatium as sp
from spatium import lab
from spatium.nn import Dense, Network

pytest.importorskip("matplotlib")

from spatium import plots

pytestmark = pytest.mark.usefixtures("figures_closed")


@pytest.fixture
def network():
    return lab.island_network("relu", rng=0, width=3, depth=2)


def grid(count, edge=1.0):
    side = np.linspace(-edge, edge, count)
    return side, np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)


def test_a_panel_per_unit_shows_its_output(network):
    figure = plots.folds(network, resolution=15)
    assert len(figure.axes) == 6
    _, points = grid(15)
    hidden = [layer.values for layer in lab.hidden_layers(network, points)]
    for place, ax in enumerate(figure.axes):
        layer, unit = divmod(place, 3)
        (image,) = ax.images
        np.testing.assert_array_equal(np.asarray(image.get_array()), hidden[layer][:, unit].reshape(15, 15))
        low, high = image.get_clim()
        assert -low == high == np.abs(hidden[layer]).max()  # one scale per layer, symmetric
    assert figure.get_suptitle() == "ReLU"


def test_the_folds_of_the_first_layer_are_its_lines(network):
    figure = plots.folds(network, resolution=81)
    weights = network.layers[0].weights
    for unit in range(3):
        contours = figure.axes[unit].collections
        points = np.concatenate([path.vertices for contour in contours for path in contour.get_paths()])
        assert len(points) > 10
        np.testing.assert_allclose(points @ weights[:, unit], 0, atol=1e-6)


def test_kinks_and_borders_of_cells():
    hard = lab.island_network("hard_tanh", rng=1, width=2, depth=1)
    hard.layers[0].weights *= 4
    (first, *_) = plots.folds(hard, resolution=41).axes
    points = np.concatenate([path.vertices for contour in first.collections for path in contour.get_paths()])
    z = points @ hard.layers[0].weights[:, 0]
    np.testing.assert_allclose(np.abs(z), 1, atol=1e-5)
    assert {-1, 1} == set(np.sign(z))
    spatial = lab.island_network("random map", rng=0, width=2, depth=1)
    plain = lab.island_network("gelu", rng=0, width=2, depth=1)
    counts = [len(plots.folds(net, resolution=41).axes[0].collections) for net in (spatial, plain)]
    assert counts[0] > counts[1] == 1
    assert spatial.layers[0].maps.hit_counts.sum() == 0


def test_surfaces(network):
    figure = plots.folds(network, style="surface", resolution=6, domain=(0, 2))
    assert len(figure.axes) == 6
    assert {ax.name for ax in figure.axes} == {"3d"}
    figure.canvas.draw()


def test_the_chain_is_the_strongest(network):
    figure = plots.fold_chain(network, resolution=12)
    _, points = grid(12)
    chain = lab.strongest_chain(network, points)
    weights = [network.layers[1].weights[chain], network.layers[2].weights[chain[1], 0]]
    expected = [f"layer {k + 1}, unit {chain[k]}\nweight {abs(weights[k]):.3g} →" for k in range(2)]
    assert [ax.get_title().replace("−", "") for ax in figure.axes] == [*expected, "output"]


def test_islands(network):
    islands = lab.perlin_islands(size=13, rng=1)
    network = lab.island_network("tanh", rng=0)
    figure = plots.islands(network, islands, resolution=25)
    truth, output, error, _ = figure.axes
    picture = np.asarray(truth.images[0].get_array())
    assert picture.shape == (19, 19)
    np.testing.assert_array_equal(picture[3:-3, 3:-3], islands.labels.reshape(13, 13))
    _, points = grid(25, 1.5)
    np.testing.assert_array_equal(
        np.asarray(output.images[0].get_array()), network.forward(points)[:, 0].reshape(25, 25)
    )
    right = (network.classify(islands.held_out.points) == islands.held_out.labels).mean()
    assert error.get_title() == f"wrong: {1 - right:.1%} of the square"
    guess = network.forward(points)[:, 0].reshape(25, 25) > 0.5
    wrong = np.asarray(error.images[0].get_array()).astype(bool)
    assert wrong[12, 12] == (guess[12, 12] != bool(picture[9, 9]))


def test_wrong_arguments(network):
    with pytest.raises(ValueError, match="style is 'both'"):
        plots.folds(network, style="both")
    with pytest.raises(ValueError, match="domain is"):
        plots.folds(network, domain=(1, 0))
    with pytest.raises(ValueError, match="the network has 3 inputs, expected 2"):
        plots.folds(Network([Dense(3, 2, "relu", rng=0), Dense(2, 1, rng=0)]))
    with pytest.raises(ValueError, match="no hidden layers"):
        plots.fold_chain(Network([Dense(2, 1, rng=0)]))
    with pytest.raises(ValueError, match="2 inputs and 2 outputs, expected 2 and 1"):
        plots.islands(Network([Dense(2, 2, sp.ReLU(), rng=0)]), lab.perlin_islands(size=5))
