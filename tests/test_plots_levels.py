"""The picture of a quantized activation: its lines and marks against the codes."""

import numpy as np
import pytest

import spatium as sp

pytest.importorskip("matplotlib")

from spatium import plots

pytestmark = pytest.mark.usefixtures("figures_closed")


def line(ax, label):
    (found,) = (item for item in ax.lines if item.get_label() == label)
    return np.asarray(found.get_xdata(), float), np.asarray(found.get_ydata(), float)


@pytest.mark.parametrize("bits", [4, 8])
def test_steps_error_and_levels(bits):
    figure = plots.quantization(sp.Swish(), bits=bits, x_range=(-6, 3))
    above, below = figure.axes
    q = sp.quantize("swish", bits, (-6, 3))
    x, exact = line(above, "exact")
    np.testing.assert_allclose(exact, x / (1 + np.exp(-x)), rtol=1e-14, atol=1e-15)
    _, steps = line(above, f"{bits} bits")
    np.testing.assert_array_equal(steps, q.dequantize(q(q.quantize(x)), np.float64))
    assert set(np.unique(steps)) == set(q.dequantize(np.unique(q.table), np.float64))
    np.testing.assert_array_equal(below.lines[0].get_ydata(), steps - exact)
    used = len(set(q.table.tolist()))
    assert above.get_title() == f"Swish, {bits} bits: {used} of {2**bits} levels used"
    unused_marks, used_marks = (len(item.get_segments()) for item in above.collections)
    assert (unused_marks, used_marks) == (2**bits - used, used)
    figure.canvas.draw()


def test_other_arguments_are_errors():
    with pytest.raises(TypeError, match="expected an activation"):
        plots.quantization(sp.ActivationMap.uniform(sp.ReLU()))
    with pytest.raises(ValueError, match="bits is 2"):
        plots.quantization("relu", bits=2)
