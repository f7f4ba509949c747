"""Quantized activations: every table against the definition in exact arithmetic, codes, packing, maps on codes."""

import json
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

import spatium as sp
from reference import oracle
from spatium import _engine
from spatium.quantization import Levels, range_over

ALL_TYPES = [(bits, dtype) for bits in (8, 4) for dtype in ("int8", "uint8")]


def rounded(number: Fraction, half_away: bool) -> int:
    """The nearest integer, and of two the even one or the one farther from 0."""
    if half_away:
        below = math.floor(abs(number) + Fraction(1, 2))
        return below if number >= 0 else -below
    return round(number)  # of a Fraction: half to even


def code_of(real: Fraction, levels: Levels) -> int:
    least, greatest = (-(2 ** (levels.bits - 1)), 2 ** (levels.bits - 1) - 1)
    if levels.dtype == "uint8":
        least, greatest = 0, 2**levels.bits - 1
    code = rounded(real / Fraction(levels.scale), levels.rounding == "half_away") + levels.zero
    return min(max(code, least), greatest)


def reals_of(levels: Levels) -> list[float]:
    """The real numbers of all codes in ascending order, in float64 as documented."""
    first = -(2 ** (levels.bits - 1)) if levels.dtype == "int8" else 0
    return [levels.scale * (code - levels.zero) for code in range(first, first + 2**levels.bits)]


def square(x):
    return x * x - 1.0


SQUARE = sp.Custom(square, name="square")


@pytest.mark.parametrize("rounding", ["half_even", "half_away"])
@pytest.mark.parametrize(("bits", "dtype"), ALL_TYPES)
def test_tables_are_what_the_definition_says(activation, bits, dtype, rounding):
    """No entry is a code away: against the definition in float64, and against mpmath by the distance from the level."""
    q = sp.quantize(activation, bits, (-5.0, 3.0), dtype=dtype, rounding=rounding)
    assert q.table.dtype == dtype
    assert len(q.table) == 2**bits
    values = activation(np.array(reals_of(q.x)))
    assert q.table.tolist() == [code_of(Fraction(y / q.y_scale), q.y._replace(scale=1.0)) for y in values.tolist()]
    parameters = tuple(activation.parameters.values())
    for code, x in zip(q.table.astype(int), reals_of(q.x), strict=True):
        steps = oracle.exact(activation.name, "value", x, parameters) / q.y_scale + q.y_zero
        within = min(max(steps, int(q.y.codes[0])), int(q.y.codes[-1]))
        assert abs(within - int(code)) <= 0.5 + 1e-12


@pytest.mark.parametrize(("bits", "dtype"), ALL_TYPES)
def test_custom_activations_have_tables(bits, dtype):
    q = sp.quantize(SQUARE, bits, (-2.0, 3.0), dtype=dtype)
    assert q.table.tolist() == [code_of(Fraction(x * x - 1.0), q.y) for x in reals_of(q.x)]
    codes = q.x.codes
    assert q(codes).tolist() == q.table.tolist()


@pytest.mark.parametrize("rounding", ["half_even", "half_away"])
@pytest.mark.parametrize(("bits", "dtype"), ALL_TYPES)
@pytest.mark.parametrize("real", [np.float32, np.float64])
def test_codes_of_numbers_and_ties(real, bits, dtype, rounding):
    levels = Levels(bits, dtype, 0.25, 3, rounding)
    steps = np.arange(-300, 300) / 8  # every second one is a tie
    near = np.concatenate([np.nextafter(steps.astype(real), -np.inf), np.nextafter(steps.astype(real), np.inf)])
    x = np.concatenate([steps, near, [1e30, -1e30, np.inf, -np.inf, 1e-40]]).astype(real)
    finite = np.clip(x.astype(np.float64), -1e6, 1e6)
    assert levels.encode(x).tolist() == [code_of(Fraction(value), levels) for value in finite]


def test_numbers_just_below_a_half_are_not_rounded_up():
    levels = Levels(8, "int8", 1.0, 0, "half_away")
    assert levels.encode(np.array([0.5 - 2.0**-54, -0.5 + 2.0**-54, 0.5, -0.5])).tolist() == [0, 0, 1, -1]
    assert levels._replace(rounding="half_even").encode([0.5, 1.5, 2.5, -0.5, -1.5]).tolist() == [0, 2, 2, 0, -2]


@pytest.mark.parametrize("dtype", [np.float16, np.int32, np.uint8, bool])
def test_other_dtypes_of_numbers(dtype):
    levels = Levels(8, "int8", 0.25, -3)
    x = np.array([0, 1, 3]).astype(dtype)
    assert levels.encode(x).tolist() == levels.encode(x.astype(np.float64)).tolist()
    assert levels.encode(0.3) == -2
    assert isinstance(levels.encode(0.3), np.int8)


def test_decoding():
    levels = Levels(8, "int8", 0.1, -7)
    assert levels.decode(levels.codes, np.float64).tolist() == reals_of(levels)
    assert levels.decode(levels.codes).tolist() == np.float32(reals_of(levels)).tolist()
    assert levels.decode(np.int8(-7)) == 0.0
    assert levels.encode(levels.values).tolist() == levels.codes.tolist()
    for wrong in (np.float16, np.int32):
        with pytest.raises(TypeError, match="expected float32 or float64"):
            levels.decode(levels.codes, wrong)


def test_flags_and_state_of_the_floating_point_unit_stay():
    with np.errstate(all="raise"):
        assert Levels(8, "int8", 1e-300, 0).encode([1e300, 5e-324]).tolist() == [127, 0]


# ---- ranges ----


def test_ranges_hold_0_and_their_ends(activation):
    low, high = range_over(activation, -4.0, 4.0)
    q = sp.quantize(activation)
    low, high = min(low, 0.0), max(high, 0.0)
    assert q.y_scale == pytest.approx((high - low) / 255 if high > low else 1.0, rel=1e-15)
    assert q.dequantize(np.int8(q.y_zero)) == 0.0
    if high > low:
        ends = q.dequantize(np.array([-128, 127], np.int8), np.float64)
        assert ends[0] == pytest.approx(low, abs=0.5001 * q.y_scale)
        assert ends[1] == pytest.approx(high, abs=0.5001 * q.y_scale)


def test_ranges_of_functions():
    assert range_over(sp.Swish(), -4, 4)[0] == pytest.approx(-0.27846454276107373, abs=1e-15)  # published minimum
    assert range_over(np.sin, -4, 4) == pytest.approx((-1.0, 1.0), abs=1e-15)
    assert range_over(np.sign, -1, 2) == (-1.0, 1.0)
    narrow = sp.quantize("relu", x_range=(2, 3))  # widened to 0 to 3
    assert (narrow.x_scale, narrow.x_zero) == (3 / 255, -128)
    assert sp.quantize("relu", x_range=(-4, -1)).table.tolist() == [-128] * 256


def test_ranges_from_samples():
    sample = np.concatenate([np.linspace(-1, 1, 100001), [40.0]])
    whole = sp.quantize("gelu", x=sample)
    assert (whole.x_scale, whole.x_zero) == (pytest.approx(41 / 255, rel=1e-15), -128 + round(255 / 41))
    assert sp.quantize("gelu", x=sample, method="percentile").x_scale == pytest.approx(2 / 255, rel=2e-3)
    with_least_error = sp.quantize("gelu", x=sample, method="mse", bits=8)

    def error(levels):
        return np.mean((levels.decode(levels.encode(sample), np.float64) - sample) ** 2)

    ranges = [Levels.over(-k / 100, 40 * k / 100, 8, "int8", "half_even") for k in range(1, 101)]
    assert error(with_least_error.x) == min(map(error, ranges)) < error(whole.x)


def test_presets_of_tensorflow_lite():
    sigmoid = sp.quantize("sigmoid", x_range=(-8, 8), preset="tflite")
    assert (sigmoid.y_scale, sigmoid.y_zero) == (1 / 256, -128)
    tanh = sp.quantize("tanh", x_range=(-8, 8), preset="tflite", rounding="half_away")
    assert (tanh.y_scale, tanh.y_zero) == (1 / 128, 0)
    assert sp.quantize("sigmoid", preset="tflite", dtype="uint8").y_zero == 0
    assert sp.quantize("tanh", preset="tflite", dtype="uint8").y_zero == 128
    # The table of a 128-level sigmoid at 1/16 by the formula, from the standard library.
    q = sp.QuantizedActivation(sp.Sigmoid(), Levels(8, "int8", 1 / 16, 0), sigmoid.y)
    expected = [min(round(256 / (1 + math.exp(-code / 16))), 255) - 128 for code in range(-128, 128)]
    assert q.table.tolist() == expected


# ---- look-ups ----


@pytest.fixture(params=_engine.available_isas())
def isa(request):
    before = _engine.current_isa()
    _engine.set_isa(request.param)
    yield request.param
    _engine.set_isa(before)


@pytest.mark.parametrize("n", [0, 1, 31, 32, 63, 64, 65, 127, 128, 129, 1000, 200_001])
def test_look_ups_of_any_length(isa, n):
    q = sp.quantize("gelu", x_range=(-3, 5))
    codes = np.random.default_rng(n).integers(-128, 128, n + 3).astype(np.int8)[3:]
    expected = q.table[codes.astype(int) + 128]
    assert (q(codes) == expected).all()
    guarded = np.full(n + 2, 77, np.int8)
    assert q(codes, out=guarded[1:-1]) is not None
    assert (guarded[1:-1] == expected).all()
    assert guarded[0] == guarded[-1] == 77
    assert q(codes, out=codes) is codes
    assert (codes == expected).all()


def test_every_table_and_every_code(isa):
    """The parts of a table are summed as differences: all 256 codes with several tables."""
    codes = np.tile(np.arange(256, dtype=np.uint8), 3)
    for seed in range(5):
        table = np.random.default_rng(seed).integers(0, 256, 256).astype(np.uint8)
        out = np.empty_like(codes)
        sp.quantization._codes.look_up(table, codes, out)
        assert (out == table[codes]).all()


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
def test_layouts(dtype):
    q = sp.quantize("mish", dtype=dtype)
    base = np.random.default_rng(1).integers(0, 256, (6, 10, 8)).astype(np.uint8).view(dtype)
    first = 128 if dtype == "int8" else 0
    for view in (base, base.T, base[::2, ::-1], base[:, :, 3], base[1, 2, 3], base[:0], np.asfortranarray(base)):
        view = np.asarray(view)
        expected = q.table[view.astype(int) + first]
        assert (q(view) == expected).all()
        out = np.zeros(view.shape[::-1], dtype).T
        assert q(view, out=out) is out
        assert (out == expected).all()
        assert (q.y.decode(view, np.float64) == q.y.values[view.astype(int) + first]).all()
        numbers = view.astype(np.float32)[..., np.newaxis] / 32
        assert (q.quantize(numbers[..., 0]) == q.quantize(numbers.astype(np.float64).copy())[..., 0]).all()
    shifted = base.reshape(-1).copy()
    expected = q.table[shifted[:-1].astype(int) + first]
    q(shifted[:-1], out=shifted[1:])
    assert (shifted[1:] == expected).all()
    base.flags.writeable = False
    assert (q(base) == q.table[base.astype(int) + first]).all()


def test_threads_change_nothing():
    q = sp.quantize("tanh")
    x = np.random.default_rng(0).normal(size=3_000_000).astype(np.float32)
    with sp.num_threads(1):
        codes = q.quantize(x)
        alone = q(codes), q.dequantize(codes)
    with sp.num_threads(2):
        assert (q.quantize(x) == codes).all()
        assert (q(codes) == alone[0]).all()
        assert (q.dequantize(codes) == alone[1]).all()


# ---- four bits ----


@pytest.mark.parametrize("dtype", ["int8", "uint8"])
@pytest.mark.parametrize("shape", [(0,), (1,), (2,), (7,), (3, 5), (2, 3, 8)])
def test_packing(dtype, shape):
    q = sp.quantize("gelu", bits=4, dtype=dtype)
    least = -8 if dtype == "int8" else 0
    codes = np.random.default_rng(2).integers(least, least + 16, shape).astype(dtype)
    packed = q.pack(codes)
    assert packed.dtype == np.uint8
    assert packed.shape == (*shape[:-1], (shape[-1] + 1) // 2)
    back = q.unpack(packed, shape[-1])
    assert back.dtype == dtype
    assert (back == codes).all()
    assert (q.unpack(q.look_up_packed(packed), shape[-1]) == q(codes)).all()
    assert (q(codes) == q.table[codes.astype(int) - least]).all()


def test_first_code_is_in_the_lower_half():
    q = sp.quantize("relu", bits=4)
    assert q.pack(np.array([1, -1, 5], np.int8)).tolist() == [0xF1, 0x05]
    assert q.unpack(np.array([0x8F], np.uint8)).tolist() == [-1, -8]


def test_bytes_beyond_four_bits_are_the_nearest_code():
    q = sp.quantize("tanh", bits=4)
    assert q(np.array([-128, -9, -8, 7, 8, 127], np.int8)).tolist() == [q.table[i] for i in (0, 0, 0, 15, 15, 15)]
    with pytest.raises(ValueError, match="codes runs from -9 to 8, expected -8 to 7"):
        q.pack(np.array([-9, 8], np.int8))


# ---- objects and errors ----


def test_objects():
    q = sp.quantize(sp.LeakyReLU(0.2), bits=4, dtype="uint8")
    again = pickle.loads(pickle.dumps(q))
    assert again == q
    assert hash(again) == hash(q)
    assert again.table.tolist() == q.table.tolist()
    assert eval(repr(q), {**vars(sp), "Levels": Levels}) == q
    assert q != sp.quantize(sp.LeakyReLU(0.2), bits=4)
    assert q != sp.quantize(sp.LeakyReLU(0.1), bits=4, dtype="uint8")
    assert q != "relu"
    assert (q.bits, q.x_zero, q.y_zero) == (4, q.x.zero, q.y.zero)
    assert not q.table.flags.writeable
    with pytest.raises(AttributeError, match="immutable"):
        q.x = q.y
    with pytest.raises(AttributeError, match="immutable"):
        del q.x


@pytest.mark.parametrize("rounding", ["half_even", "half_away"])
@pytest.mark.parametrize(("bits", "dtype"), ALL_TYPES)
def test_files_of_activations(tmp_path, bits, dtype, rounding):
    path = tmp_path / "q.npz"
    for act in (sp.LeakyReLU(0.3), SQUARE):
        q = sp.quantize(act, bits, (-1 / 3, 2), dtype=dtype, rounding=rounding)
        q.save(path)
        again = sp.QuantizedActivation.load(path, {"square": SQUARE})
        assert again == q
        assert again.table.tolist() == q.table.tolist()
    with pytest.raises(ValueError, match=r"q\.npz.*custom activation 'square'"):
        sp.QuantizedActivation.load(path)
    with pytest.raises(ValueError, match=r"q\.npz.*'spatium-quantized-activation', expected 'spatium-quantized-map'"):
        sp.QuantizedMap.load(path)


def test_files_of_maps(tmp_path):
    path = tmp_path / "map.npz"
    qmap = sp.quantize(sp.ActivationMap.random(5, rng=0), bits=4, dtype="uint8")
    codes, hashes = np.arange(40, dtype=np.uint8).reshape(8, 5) % 16, np.arange(8, dtype=np.uint64)[:, None] * 77
    expected = qmap(codes, hashes)
    qmap.save(path)
    again = sp.QuantizedMap.load(path)
    assert (again.x, again.y) == (qmap.x, qmap.y)
    assert (again.hit_counts == qmap.hit_counts).all()
    assert (again(codes, hashes) == expected).all()
    assert again.hit_counts.sum() == 2 * qmap.hit_counts.sum()


@pytest.mark.parametrize(
    ("levels", "message"),
    [
        ("[]", "levels are not readable"),
        ("nonsense", "levels are not readable"),
        ('[{"bits": 8}, {}]', "levels are not readable"),
        ('[{"bits": 8, "dtype": "int8", "scale": "a", "zero": 0, "rounding": "half_even"}] * 2', "not readable"),
        ({"scale": 0.0}, r"x\.scale is 0\.0"),
        ({"scale": math.inf}, r"x\.scale is inf"),
        ({"bits": 5}, r"x\.bits is 5"),
        ({"dtype": "int4"}, r"x\.dtype is 'int4'"),
        ({"rounding": "up"}, r"x\.rounding is 'up'"),
        ({"zero": 0.5}, r"x\.zero is 0\.5"),
        ({"bits": 4}, "expected the same"),
    ],
)
def test_files_with_impossible_levels(tmp_path, levels, message):
    path = tmp_path / "q.npz"
    q = sp.quantize("relu")
    q.save(path)
    with np.load(path) as file:
        arrays = dict(file)
    if isinstance(levels, dict):
        levels = json.dumps([q.x._asdict() | levels, q.y._asdict()])
    np.savez(path, **arrays | {"levels": np.array(levels)})
    with pytest.raises(ValueError, match=rf"q\.npz.*{message}"):
        sp.QuantizedActivation.load(path)
    for palette in ("[]", str(arrays["palette"])[:-1] + ", " + str(arrays["palette"])[1:]):
        np.savez(path, **arrays | {"palette": np.array(palette)})
        with pytest.raises(ValueError, match="the palette has"):
            sp.QuantizedActivation.load(path)


def test_layers_of_an_integer_network():
    """Products of codes are whole numbers; their levels follow from those of the factors."""
    rng = np.random.default_rng(0)
    x, w = rng.normal(size=(50, 20)), rng.normal(size=(20, 10)) / 5
    inputs = Levels.over(-4.0, 4.0, 8, "int8", "half_even")
    weights = Levels(8, "int8", float(np.abs(w).max()) / 127, 0)
    sums = (inputs.encode(x).astype(np.int32) - inputs.zero) @ weights.encode(w).astype(np.int32)
    z = sums * (inputs.scale * weights.scale)
    q = sp.quantize("gelu", x=z)
    by_hand = [[code_of(Fraction(int(s)) * Fraction(inputs.scale) * Fraction(weights.scale), q.x) for s in row]
               for row in sums]  # fmt: skip
    codes = q.quantize(z)
    assert np.mean(codes != by_hand) < 0.01  # the product of the scales is rounded once
    assert np.abs(q.dequantize(q(codes)) - sp.gelu(x @ w)).max() < 0.1


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"bits": 3}, ValueError, "bits is 3, expected one of 8, 4"),
        ({"bits": True}, ValueError, "bits is True"),
        ({"dtype": "int4"}, ValueError, "dtype is 'int4'"),
        ({"method": "best"}, ValueError, "method is 'best'"),
        ({"rounding": "up"}, ValueError, "rounding is 'up'"),
        ({"preset": "onnx"}, ValueError, "preset is 'onnx'"),
        ({"preset": "tflite"}, ValueError, "not for GELU"),
        ({"act": "tanh", "preset": "tflite", "bits": 4}, ValueError, "for 8 bits"),
        ({"act": "tanh", "preset": "tflite", "y_range": (0, 1)}, ValueError, "exclude each other"),
        ({"x_range": (1, 1)}, ValueError, r"\(1, 1\)"),
        ({"x_range": (-1, math.inf)}, ValueError, "finite"),
        ({"y_range": (2, 1)}, ValueError, r"\(2, 1\)"),
        ({"method": "mse"}, ValueError, "needs x"),
        ({"x": []}, ValueError, "x is empty"),
        ({"x": [1.0, math.nan]}, ValueError, "NaN"),
        ({"x": [1.0], "x_range": (-2, 2)}, ValueError, "exclude each other"),
        ({"act": np.tanh}, TypeError, "act"),
        ({"act": "unknown"}, ValueError, "unknown"),
        ({"act": sp.Custom(lambda x: 1 / (x * 0), name="pole")}, ValueError, "not finite at x = -4"),
    ],
)
@pytest.mark.filterwarnings("ignore:divide by zero", "ignore:invalid value")
def test_wrong_arguments(arguments, error, message):
    with pytest.raises(error, match=message):
        sp.quantize(**{"act": "gelu"} | arguments)


@pytest.mark.parametrize("real", [np.float32, np.float64])
def test_numbers_and_codes_of_any_layout(real):
    levels = Levels(8, "int8", 0.1, -7)
    base = np.random.default_rng(2).normal(0, 5, (6, 10, 8)).astype(real)
    views = [base[0, 0], base[0, 0, ::2], base[0, 0, ::-1], base[:, 1, 2], base[::2], base[:, ::-3], base.T]
    for x in views:
        codes = levels.encode(x.copy())
        assert (levels.encode(x) == codes).all()
        assert (levels.encode(np.broadcast_to(x, (2, *x.shape))) == codes).all()
        spread = np.zeros((*codes.shape, 3), codes.dtype)
        spread[..., 1] = codes
        assert (levels.decode(spread[..., 1], real) == levels.decode(codes, real)).all()


@pytest.mark.parametrize("place", [(0, 0), (2, 3), (4, 5)])
def test_nan_is_found_in_every_line_of_a_view(place):
    x = np.zeros((10, 12))[::2, ::2]
    x[place] = np.nan
    with pytest.raises(ValueError, match="x contains NaN"):
        sp.quantize("gelu").quantize(x)


def test_nan_at_a_code_is_an_error():
    with pytest.raises(ValueError, match="NaN at x = -4"), np.errstate(invalid="ignore"):
        sp.quantize(sp.Custom(np.sqrt, name="root"), y_range=(0, 2))


def test_wrong_codes():
    q, q4 = sp.quantize("gelu"), sp.quantize("gelu", bits=4)
    for wrong in ([1, 2], np.zeros(3, np.uint8), np.zeros(3)):
        with pytest.raises(TypeError, match="expected int8: quantize"):
            q(wrong)
        with pytest.raises(TypeError, match="expected int8: quantize"):
            q.dequantize(wrong)
    codes = np.zeros(3, np.int8)
    with pytest.raises(TypeError, match="out has dtype uint8, expected int8"):
        q(codes, out=np.zeros(3, np.uint8))
    with pytest.raises(ValueError, match="out has shape"):
        q(codes, out=np.zeros(2, np.int8))
    frozen = np.zeros(3, np.int8)
    frozen.flags.writeable = False
    with pytest.raises(ValueError, match="read-only"):
        q(codes, out=frozen)
    with pytest.raises(ValueError, match="NaN, which has no code"):
        q.quantize([0.0, np.nan])
    with pytest.raises(TypeError, match="expected real numbers"):
        q.quantize(["a"])
    for method in (q.pack, q.unpack, q.look_up_packed):
        with pytest.raises(ValueError, match="only codes of 4 bits"):
            method(codes)
    with pytest.raises(TypeError, match="packed has dtype int8"):
        q4.unpack(codes)
    with pytest.raises(ValueError, match="n is 3, expected 1 or 2"):
        q4.unpack(np.zeros(1, np.uint8), 3)
    for method, zero in ((q4.pack, np.int8(0)), (q4.unpack, np.uint8(0))):
        with pytest.raises(ValueError, match="no dimension"):
            method(zero)
    with pytest.raises(ValueError, match="x has 8 bits"):
        sp.QuantizedActivation(sp.ReLU(), q.x, q4.y)
    with pytest.raises(ValueError, match="x has 8 bits"):
        sp.QuantizedMap(sp.ActivationMap.uniform(sp.ReLU()), q.x, q4.y)
    with pytest.raises(TypeError, match="ActivationMap"):
        sp.QuantizedMap(sp.ReLU(), q.x, q.y)


# ---- maps ----


def mapped(qmap, amap, codes, hashes):
    """Element by element, by the quantized activation of each cell."""
    codes, hashes = np.broadcast_arrays(codes, hashes)
    neurons = amap.shape
    shape = np.broadcast_shapes(codes.shape, neurons)
    codes, hashes = np.broadcast_to(codes, shape), np.broadcast_to(hashes, shape)
    cells = np.broadcast_to(amap.cells, (*shape[len(shape) - len(neurons) :], 8, 8))
    out, hits = np.empty(shape, codes.dtype), np.zeros(cells.shape, np.uint64)
    for index in np.ndindex(shape):
        neuron = index[len(shape) - len(neurons) :]
        cell = (*neuron, int(hashes[index]) >> 8 & 7, int(hashes[index]) & 7)
        q = sp.QuantizedActivation(amap.palette[cells[cell]], qmap.x, qmap.y)
        out[index] = q(codes[index])
        hits[cell] += np.uint64(1)
    axes = tuple(i for i, n in enumerate(neurons) if n == 1)
    return out, hits.sum(axis=axes, keepdims=True).reshape(amap.cells.shape)


@pytest.mark.parametrize(("bits", "dtype"), ALL_TYPES)
@pytest.mark.parametrize(
    ("neurons", "x_shape", "hash_shape"),
    [
        ((), (40,), (40,)),
        ((), (6, 5), (6, 1)),
        ((), (6, 5), (5,)),
        ((), (), ()),
        (5, (6, 5), (6, 1)),
        (5, (6, 5), (6, 5)),
        (5, (2, 3, 5), (2, 3, 1)),
        (5, (5,), ()),
        ((2, 3), (4, 2, 3), (4, 1, 1)),
        ((1, 3), (4, 2, 3), (4, 2, 3)),
        ((1, 3), (4, 2, 3), (4, 1, 1)),
        (5, (0, 5), (0, 1)),
    ],
)
def test_maps_are_the_activations_of_their_cells(bits, dtype, neurons, x_shape, hash_shape):
    rng = np.random.default_rng(3)
    amap = sp.ActivationMap.random(neurons, rng=rng)
    qmap = sp.quantize(amap, bits, dtype=dtype)
    assert qmap.shape == amap.shape
    codes = rng.choice(qmap.x.codes, x_shape)
    codes = np.asarray(codes, dtype)
    hashes = rng.integers(0, 2**64, hash_shape, dtype=np.uint64)
    expected, hits = mapped(qmap, amap, codes, hashes)
    assert (qmap(codes, hashes, count=False) == expected).all()
    assert not qmap.hit_counts.any()
    assert (qmap(codes, hashes) == expected).all()
    assert (qmap.hit_counts == hits).all()
    out = np.zeros((*expected.shape, 2), dtype)[..., 0]
    assert qmap(codes, hashes, out=out) is out
    assert (out == expected).all()
    assert qmap.statistics().total == 2 * hits.sum()
    qmap.reset_counts()
    if codes.shape == expected.shape and codes.ndim:
        assert qmap(codes, hashes, out=codes) is codes
        assert (codes == expected).all()
    assert not amap.hit_counts.any()


def test_levels_of_maps_hold_all_activations():
    amap = sp.ActivationMap.gradient(center=sp.Tanh(), edge=sp.ELU())
    amap[0, 0] = sp.ReLU()
    amap[0, 0] = sp.ELU()  # relu stays in the palette without a cell
    qmap = sp.quantize(amap, x_range=(-4, 0.5))
    assert qmap.y == sp.quantize("tanh", x_range=(-4, 0.5), y_range=(math.tanh(-4), 0.5)).y
    assert qmap[0, 0] == sp.QuantizedActivation(sp.ELU(), qmap.x, qmap.y)
    with pytest.raises(IndexError, match="selects a grid"):
        sp.quantize(sp.ActivationMap.random(3, rng=0))[1]
    assert "8 bits" in repr(qmap)


@pytest.mark.parametrize("grids", [(), 64])
def test_threads_of_maps_change_nothing(grids):
    rng = np.random.default_rng(4)
    qmap = sp.quantize(sp.ActivationMap.random(grids, rng=rng))
    codes = rng.integers(-128, 128, (20_000, 64)).astype(np.int8)
    hashes = rng.integers(0, 2**64, codes.shape, dtype=np.uint64)
    for h in (hashes, hashes[:, :1]):
        results = []
        for threads in (1, 2):
            with sp.num_threads(threads):
                results.append((qmap(codes, h), qmap.hit_counts))
            qmap.reset_counts()
        assert (results[0][0] == results[1][0]).all()
        assert (results[0][1] == results[1][1]).all()
        assert results[0][1].sum() == codes.size


def test_errors_of_maps_change_nothing():
    qmap = sp.quantize(sp.ActivationMap.random(3, rng=0))
    codes, out = np.zeros((4, 3), np.int8), np.full((4, 3), 9, np.int8)
    for wrong_codes, hashes, error in [
        (codes, np.full((4, 1), -1), ValueError),
        (codes, np.zeros((5, 1), int), ValueError),
        (codes, np.zeros((4, 1)), ValueError),
        (codes.astype(np.uint8), np.zeros((4, 1), int), TypeError),
    ]:
        with pytest.raises(error):
            qmap(wrong_codes, hashes, out=out)
    with pytest.raises(TypeError, match="out has dtype"):
        qmap(codes, np.zeros((4, 1), int), out=out.astype(np.uint8))
    assert (out == 9).all()
    assert not qmap.hit_counts.any()


def test_maps_are_picklable():
    qmap = sp.quantize(sp.ActivationMap.random(3, rng=0), bits=4)
    codes, hashes = np.arange(-6, 6).astype(np.int8).reshape(4, 3), np.arange(4)[:, None]
    expected = qmap(codes, hashes)
    again = pickle.loads(pickle.dumps(qmap))
    assert (again.hit_counts == qmap.hit_counts).all()
    assert (again(codes, hashes) == expected).all()
