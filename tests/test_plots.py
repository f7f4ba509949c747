"""The pictures show what was computed: their lines, points and labels against numbers from elsewhere."""

import math

import numpy as np
import pytest

import spatium as sp

pytest.importorskip("matplotlib")

import matplotlib.pyplot as plt

from spatium import plots
from spatium.plots.curves import jumps
from spatium.plots.routing import _turned
from spatium.plots.style import brief_name, every_activation, labels_apart, stroke
from spatium.plots.training import root_mean_squares

pytestmark = pytest.mark.usefixtures("figures_closed")


def line(ax, label):
    (found,) = (item for item in ax.lines if item.get_label() == label)
    return np.asarray(found.get_xdata(), dtype=float), np.asarray(found.get_ydata(), dtype=float)


# --- one activation ----------------------------------------------------------------------------------------------


def test_value_and_derivatives_of_tanh():
    ax = plots.activation(sp.Tanh(), interval=(-3, 3))
    x, y = line(ax, "f")
    assert (x[0], x[-1]) == (-3, 3)
    np.testing.assert_allclose(y, np.tanh(x), rtol=1e-15)
    x, slope = line(ax, "f′")
    np.testing.assert_allclose(slope, 1 - np.tanh(x) ** 2, rtol=1e-12)
    x, bend = line(ax, "f″")
    np.testing.assert_allclose(bend, -2 * np.tanh(x) * (1 - np.tanh(x) ** 2), rtol=1e-11, atol=1e-15)
    limits = [item.get_ydata()[0] for item in ax.lines if item.get_label() == "limit of f at ±∞"]
    assert limits == [-1, 1]
    texts = [text.get_text() for text in ax.get_legend().get_texts()]
    assert texts == ["f", "f′", "f″", "limit of f at ±∞"]
    assert ax.get_title() == "Tanh"
    ax.figure.canvas.draw()


# where the catalogue says that f′ jumps
KINKS = [
    (sp.ReLU(), [0]),
    (sp.LeakyReLU(0.2), [0]),
    (sp.ELU(0.5), [0]),
    (sp.ELU(1.0), []),
    (sp.HardSigmoid(), [-3, 3]),
    (sp.HardTanh(-2, 0.5), [-2, 0.5]),
    (sp.HardSwish(), [-3, 3]),
    (sp.HardGELU(), [-1.5, 1.5, 3]),
    (sp.HardShrink(), [-0.5, 0.5]),
    (sp.SoftShrink(1.25), [-1.25, 1.25]),
    (sp.SELU(), [0]),
    (sp.SparseSigmoid(), [-1, 1]),
    (sp.Threshold(1 / 3, -1.0), [1 / 3]),
    (sp.SoftSign(), []),
    (sp.ReLUSquared(), []),
    (sp.GELU(), []),
    (sp.Sine(), []),
    (sp.Custom(np.abs, np.sign, name="abs"), [0]),
]


@pytest.mark.parametrize(("act", "expected"), KINKS, ids=lambda item: str(item)[:30])
def test_kinks_are_circled(act, expected):
    ax = plots.activation(act)
    if expected:
        x, y = line(ax, "kink or jump of f")
        np.testing.assert_allclose(x, expected, atol=1e-7)
        np.testing.assert_allclose(y, act(x), atol=1e-6)
    else:
        assert "kink or jump of f" not in [item.get_label() for item in ax.lines]
    assert len(ax.lines) >= (4 if not isinstance(act, sp.Custom) else 3)


def test_curves_break_where_they_jump():
    x, y = line(plots.activation(sp.HardShrink()), "f")
    assert np.isnan(y).sum() == 2
    np.testing.assert_allclose(x[np.isnan(y)], [-0.5, 0.5], atol=1e-6)
    x, slope = line(plots.activation(sp.ReLU()), "f′")
    assert np.isnan(slope).sum() == 1
    assert set(slope[~np.isnan(slope)]) == {0, 1}


def test_jumps_of_any_function():
    assert jumps(np.floor, -1.5, 1.7) == [-1, 0, 1]
    assert jumps(np.sign, -1, 1) == [0]
    assert jumps(np.exp, -2, 5) == []
    assert jumps(lambda x: np.where(x > math.sqrt(2), 1e-3, 0), -2, 2) == [pytest.approx(math.sqrt(2), abs=1e-7)]


def test_given_axes_and_no_legend():
    _, ax = plt.subplots()
    assert plots.activation(sp.GELU(), ax=ax, second=False, legend=False) is ax
    assert ax.get_legend() is None
    assert not {"f″"} & {item.get_label() for item in ax.lines}


@pytest.mark.parametrize("interval", [(1, 1), (2, -2), (0, math.inf), (math.nan, 1)])
def test_wrong_intervals(interval):
    for draw in (plots.activation, plots.ulp_error):
        with pytest.raises(ValueError, match="interval is"):
            draw(sp.GELU(), interval=interval)
    assert plt.get_fignums() == []


def test_wrong_activations():
    for draw in (plots.activation, plots.ulp_error):
        with pytest.raises(TypeError, match="act is 3, expected an activation or the name of one"):
            draw(3)
    for draw in (plots.activations, plots.gradient_flow, plots.memory):
        with pytest.raises(ValueError, match=r"acts\[1\] is 'gelo', did you mean 'gelu'\?"):
            draw(["gelu", "gelo"])
        with pytest.raises(ValueError, match="acts is empty"):
            draw([])
    assert plt.get_fignums() == []


# --- many --------------------------------------------------------------------------------------------------------


def test_every_activation_has_its_panel():
    axes = plots.activations()
    assert axes.shape == (len(sp.activations()),) == (len(every_activation()),)
    for ax, name in zip(axes, sp.activations(), strict=True):
        assert len(ax.lines) == 4  # two curves, two axes through 0
        assert ax.get_title().replace("\n", "").startswith(type(sp.activation(name)).__name__)
    axes[0].figure.canvas.draw()


def test_panels_given():
    _, axes = plt.subplots(2, 2)
    drawn = plots.activations([sp.ReLU(), sp.Tanh(), sp.Mish()], ax=axes)
    assert list(drawn) == list(axes.ravel()[:3])
    assert not axes[1, 1].axison
    with pytest.raises(ValueError, match="ax holds 4 axes, expected at least 5"):
        plots.activations([sp.ReLU()] * 5, ax=axes)


# --- errors ------------------------------------------------------------------------------------------------------


def test_error_of_a_known_rounding():
    """x + 2⁻²⁶·x differs from x by a quarter of an ulp at powers of two, and by an eighth just below the next."""
    identity = sp.Identity()
    ax = plots.ulp_error(identity, interval=(1, 2), reference=lambda x: x * (1 + 2.0**-26))
    _, errors = line(ax, "Spatium")
    assert errors[0] == pytest.approx(2**23 * 2**-26, rel=0.01)
    assert errors[-1] == pytest.approx(2**23 * 2**-26 * 2, rel=0.01)


def test_errors_agree_with_mpmath():
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workdps(40):
        x = np.float32(-5.5)
        exact = mpmath.mpf(float(x)) * mpmath.erfc(-mpmath.mpf(float(x)) / mpmath.sqrt(2)) / 2
        naive = x / np.float32(2) * (np.float32(1) + np.float32(math.erf(float(x) / math.sqrt(2))))
        expected = float(
            abs(mpmath.mpf(float(naive)) - exact) / mpmath.mpf(2) ** (mpmath.floor(mpmath.log(-exact, 2)) - 23)
        )

    def rough(x):
        values = [math.erf(float(v) / math.sqrt(2)) for v in x]
        return x / np.float32(2) * (np.float32(1) + np.array(values, np.float32))

    width = 1e-5
    ax = plots.ulp_error(sp.GELU(), interval=(-5.5 - width, -5.5 + width), against={"1 + erf": rough}, points=600)
    _, ours = line(ax, "Spatium")
    _, theirs = line(ax, "1 + erf")
    assert ours.max() <= 0.617  # docs/accuracy.md, over all inputs
    np.testing.assert_allclose(theirs[140:160], expected, rtol=0.2)
    assert ax.get_yscale() == "log"


def test_errors_in_the_tails_and_of_derivatives():
    for act, low, high in ((sp.Sigmoid(), -104, 0), (sp.GELU(), -14, 0), (sp.Softplus(), -104, 100)):
        _, errors = line(plots.ulp_error(act, interval=(low, high)), "Spatium")
        assert 0.3 < errors.max() <= 0.617
        _, errors = line(plots.ulp_error(act, interval=(low, high), derivative=True), "Spatium")
        assert 0.3 < errors.max() <= 1.0
    _, errors = line(plots.ulp_error(sp.Tanh(), dtype=np.float16, points=20_000), "Spatium")
    assert errors.max() <= 0.501
    assert plots.ulp_error(sp.Tanh(), dtype=np.float64, reference=np.tanh).get_ylabel() == "error of f, float64 ulp"


def test_infinite_results_are_right_where_the_exact_one_is_out_of_range():
    _, errors = line(plots.ulp_error(sp.ReLUSquared(), interval=(1e19, 1e20), points=2000), "Spatium")
    assert errors.max() <= 0.5


def test_errors_need_a_reference():
    for dtype in (np.float64, np.int32):
        with pytest.raises(ValueError, match=f"dtype is {np.dtype(dtype)}"):
            plots.ulp_error(sp.GELU(), dtype=dtype)


# --- routing -----------------------------------------------------------------------------------------------------


def test_rows_are_turned_by_the_angle_and_keep_their_lengths():
    rows = np.random.default_rng(0).normal(size=(50, 7)) * np.geomspace(0.1, 10, 50)[:, None]
    turned = _turned(rows, 0.7, np.random.default_rng(1))
    lengths = np.linalg.norm(rows, axis=1)
    np.testing.assert_allclose(np.linalg.norm(turned, axis=1), lengths, rtol=1e-13)
    np.testing.assert_allclose((rows * turned).sum(axis=1) / lengths**2, math.cos(0.7), rtol=1e-12)


def test_collision_law():
    ax = plots.collision_law(n_pairs=400, n_hashes=50, rng=1)
    theta, law = line(ax, "one bit, law 1 − θ/π")
    np.testing.assert_allclose(law, 1 - theta / 180)
    angles, measured = line(ax, "one bit, measured")
    assert angles[0] == 0
    assert measured[0] == pytest.approx(1)
    # 400 pairs, 300 planes: a hundredth is far more than five standard errors
    np.testing.assert_allclose(measured, 1 - angles / 180, atol=0.01)
    angles, measured = line(ax, "all six bits: the same cell, measured")
    np.testing.assert_allclose(measured, (1 - angles / 180) ** 6, atol=0.03)
    for wrong in ({"n_features": 1}, {"n_pairs": 0}, {"n_hashes": 0}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
            plots.collision_law(**wrong)


def shares(ax):
    """The figures of the neighborhood, by (rows moved, columns moved)."""
    found = {}
    for text in ax.texts:
        column, row = text.get_position()
        found[round(row) - 3, round(column) - 3] = {"": 0.0, "<0.1": 0.05}.get(text.get_text()) or float(
            text.get_text() or 0
        )
    return found


def test_where_turned_rows_land():
    X = np.random.default_rng(0).standard_normal((4000, 64))
    ax = plots.neighborhood(sp.SimHash(64, rng=0), X, angle=10)
    table = shares(ax)
    assert table[0, 0] == pytest.approx(100 * (1 - 10 / 180) ** 6, abs=2)
    one_flip = 100 * (10 / 180) * (1 - 10 / 180) ** 5  # for each of the six planes
    # two of the three flips of an axis lead to a neighbor, the third three cells away (cyclic)
    assert table[0, -1] + table[0, 1] == pytest.approx(2 * one_flip, abs=1.5)
    assert table[0, -3] + table[0, 3] == pytest.approx(one_flip, abs=1)
    assert table[-1, 0] + table[1, 0] == pytest.approx(2 * one_flip, abs=1.5)
    assert shares(plots.neighborhood(sp.SimHash(64, rng=0), X, angle=0))[0, 0] == 100


def test_the_former_name():
    assert plots.neighbourhood is plots.neighborhood


def test_neighborhoods_of_nothing():
    simhash = sp.SimHash(3, rng=0)
    with pytest.raises(ValueError, match=r"X has shape \(3,\)"):
        plots.neighborhood(simhash, np.ones(3))
    with pytest.raises(ValueError, match=r"X has shape \(0, 3\)"):
        plots.neighborhood(simhash, np.ones((0, 3)))
    with pytest.raises(ValueError, match="in row 1, expected rows that have a direction"):
        plots.neighborhood(simhash, [[1, 2, 3], [0, 0, 0]])


def test_the_plane_shows_what_fires():
    """Four quadrants by hand: the first bit of each axis is the sign of one coordinate."""
    planes = np.array([[1, 0], [-1, 0], [1, 1e-3], [0, 1], [0, -1], [1e-3, 1]])
    simhash = sp.SimHash.from_arrays(planes, [0, 50, 60, 0, 50, 60])
    amap = sp.ActivationMap.uniform(sp.ReLU())
    corners = {(x, y): sp.cell_of(simhash([x, y])) for x in (-1.0, 1.0) for y in (-1.0, 1.0)}
    assert len(set(corners.values())) == 4
    for cell, act in zip(corners.values(), (sp.ReLU(), sp.Tanh(), sp.GELU(), sp.Sine()), strict=True):
        amap[cell] = act
    ax = plots.plane(amap, simhash, extent=(-2, 2, -2, 2))
    letters = {}
    for text in ax.texts:
        x, y = text.get_position()
        letters[math.copysign(1, x), math.copysign(1, y)] = text.get_text()
        assert abs(abs(x) - 1) < 0.15
        assert abs(abs(y) - 1) < 0.15
    expected = {corner: chr(65 + amap.palette.index(amap[cell])) for corner, cell in corners.items()}
    assert letters == expected
    legend = [text.get_text().split("  ") for text in ax.figure.legends[0].get_texts()]
    assert {letter: name for letter, name in legend} == {
        chr(65 + amap.palette.index(act)): brief_name(act) for act in (sp.ReLU(), sp.Tanh(), sp.GELU(), sp.Sine())
    }
    assert amap.hit_counts.sum() == 0


def test_planes_of_neurons():
    layer = sp.nn.SpatialDense(2, 3, rng=0)
    _, axes = plt.subplots(1, 2)
    assert plots.plane(layer.maps, layer.pattern_hash, ax=axes[0], neuron=2, resolution=40) is axes[0]
    plots.plane(layer.maps, layer.pattern_hash, ax=axes[1], neuron=-1, resolution=40)
    labels = [[text.get_text() for text in ax.get_legend().get_texts()] for ax in axes]
    assert labels[0] == labels[1]
    with pytest.raises(IndexError, match=r"neuron is 3, but the map has shape \(3,\)"):
        plots.plane(layer.maps, layer.pattern_hash, neuron=3)
    with pytest.raises(TypeError, match="amap is SpatialDense"):
        plots.plane(layer, layer.pattern_hash)


# --- training ----------------------------------------------------------------------------------------------------


def test_gradients_through_linear_layers():
    """The identity multiplies the mean square by the weights' variance times the width, which is 2, every time."""
    (flow,) = root_mean_squares([sp.Identity()], 5, 400, 400, 0)
    np.testing.assert_allclose(flow, math.sqrt(2) ** np.arange(6), rtol=0.03)


def test_gradients_through_relu_keep_their_size():
    """He et al. 2015: with variance 2/width a rectified layer keeps the mean square."""
    (flow,) = root_mean_squares([sp.ReLU()], 10, 400, 400, 0)
    np.testing.assert_allclose(flow, 1, rtol=0.1)


def test_gradient_flow_shows_these():
    acts = [sp.ReLU(), sp.Sigmoid(), sp.HardTanh(-1e-300, 0.0)]
    ax = plots.gradient_flow(acts, n_layers=4, width=32, n_samples=16, rng=3)
    flows = root_mean_squares(acts, 4, 32, 16, 3)
    np.testing.assert_array_equal(ax.lines[0].get_ydata(), flows[0])
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), flows[1])
    names = [text.get_text() for text in ax.texts]
    assert names == ["ReLU", "Sigmoid", "HardTanh(min_val=-1e-300, max_val=0)"]
    for wrong in ({"n_layers": 0}, {"width": 0}, {"n_samples": 0}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} is 0"):
            plots.gradient_flow(acts, **wrong)
    ax.figure.canvas.draw()


def test_memory_per_policy():
    """docs/memory.md: 4 bytes for the input, none for the output, an eighth for a bit."""
    ax = plots.memory([sp.ReLU(), sp.Tanh(), sp.GELU(), sp.Sine()])
    assert [text.get_text() for text in ax.texts] == [
        *("4  input", "0  output", "0.125  bits"),
        *("4  input", "0  output"),
        *("4  input", "0.125  bits"),
        "4  input",
    ]
    assert sorted(patch.get_width() for patch in ax.patches) == [0.125, 0.125, 4, 4, 4, 4]
    halves = plots.memory([sp.Sine()], dtype=np.float16)
    assert [text.get_text() for text in halves.texts] == ["2  input"]


# --- contenders --------------------------------------------------------------------------------------------------


def test_contenders():
    measured = {
        "Theirs": {"gelu": (3.0, 1e7)},
        "Spatium": {"relu": (2.0, 0.0), "gelu": (2.0, 0.5)},
    }
    times, errors = plots.cost_and_error(measured, no_digits=2.0**24)
    ours, theirs = times.lines[:2]
    assert (ours.get_label(), theirs.get_label()) == ("Spatium", "Theirs")
    assert list(ours.get_xdata()) == [1, 1]
    assert list(theirs.get_xdata()) == [1.5]
    assert list(errors.lines[0].get_xdata()) == [0.05, 0.5]  # 0 stands left of the scale, and the tick says so
    assert errors.get_xticklabels()[0].get_text() == "0"
    assert list(errors.lines[1].get_xdata()) == [1e7]
    assert [label.get_text() for label in times.get_yticklabels()] == ["relu", "gelu"]
    with pytest.raises(ValueError, match="ours is 'Mine'"):
        plots.cost_and_error(measured, ours="Mine")
    with pytest.raises(ValueError, match="Theirs has no relu"):
        plots.cost_and_error(measured, ours="Theirs")


# --- style -------------------------------------------------------------------------------------------------------


def test_labels_keep_their_distance():
    assert labels_apart([0.0, 10.0], 1.0) == [0.0, 10.0]
    placed = labels_apart([1.0, 1.0, 1.0], 1.0)
    assert placed == [0.0, 1.0, 2.0]
    placed = np.array(labels_apart([5.0, 0.1, 0.0, 5.2], 0.5))
    assert np.diff(np.sort(placed)).min() >= 0.5 - 1e-12
    assert list(np.argsort(placed)) == [2, 1, 0, 3]
    assert labels_apart([], 1.0) == []


def test_lines_differ_without_color():
    looks = [stroke(number) for number in range(8)]
    for key in ("color", "linestyle", "marker"):
        assert len({look[key] for look in looks}) == 8, key


def test_brief_names():
    assert brief_name(sp.ELU()) == "ELU"
    assert brief_name(sp.ELU(0.5)) == "ELU(alpha=0.5)"
    assert brief_name(sp.GELU("tanh")) == "GELU(approximate='tanh')"
    assert brief_name(sp.Custom(np.square, np.square, name="square")) == "square"


# --- attention ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(5, 5), (1, 5, 5), (3, 5, 5), (1, 6, 5, 5)])
def test_attention_has_a_panel_per_head(shape):
    weights = sp.softmax(np.random.default_rng(0).normal(size=shape), axis=-1)
    figure = plots.attention(weights)
    *panels, bar = figure.axes
    heads = weights.reshape(-1, 5, 5)
    assert len(panels) == len(heads)
    for head, (ax, expected) in enumerate(zip(panels, heads, strict=True)):
        (image,) = ax.images
        np.testing.assert_array_equal(image.get_array(), expected)
        assert image.get_clim() == (0, weights.max())  # one scale for all
        assert ax.get_title() == f"head {head}"
    assert "1/5" in [text.get_text() for text in bar.texts]


def test_attention_of_what_is_none():
    for wrong, message in [
        (
            np.ones((2, 3, 5, 5)) / 5,
            r"weights has shape \(2, 3, 5, 5\), expected \(heads, steps, steps\) of one sample",
        ),
        (np.ones((5, 4)) / 4, "expected"),
        (np.ones((0, 5, 5)), "expected"),
        (np.full((2, 2), 3.0), "weights has numbers outside 0 to 1"),
        (np.full((2, 2), np.nan), "weights has numbers outside 0 to 1"),
    ]:
        with pytest.raises(ValueError, match=message):
            plots.attention(wrong)
