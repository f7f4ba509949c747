"""Networks that were trained elsewhere, and back."""

import json

import numpy as np
import pytest

import spatium as sp
from spatium import nn
from spatium.nn import (
    BatchNorm,
    Conv2D,
    Dense,
    Network,
    Recurrent,
    Softmax,
    SpatialDense,
    from_sklearn,
    from_state_dict,
    load_safetensors,
    to_state_dict,
)


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


def linear(outputs, inputs, seed, dtype=np.float64):
    return normal(outputs, inputs, seed=seed).astype(dtype), normal(outputs, seed=seed + 50).astype(dtype)


def write_safetensors(path, arrays, order=None):
    header, data = {}, b""
    for name in order or arrays:
        kind, array = arrays[name]
        raw = array.tobytes()
        header[name] = {"dtype": kind, "shape": array.shape, "data_offsets": [len(data), len(data) + len(raw)]}
        data += raw
    text = json.dumps({"__metadata__": {"format": "pt"}, **header}).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + data)
    return path


# ---- state dictionaries ----


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_linear_modules(dtype):
    (w0, b0), (w1, b1) = linear(5, 4, 1, dtype), linear(3, 5, 2, dtype)
    network = from_state_dict({"0.weight": w0, "0.bias": b0, "2.weight": w1, "2.bias": b1}, ["mish", "softmax"])
    assert network.dtype == dtype
    x = normal(7, 4).astype(dtype)
    expected = sp.softmax(sp.mish(x @ w0.T + b0) @ w1.T + b1)
    np.testing.assert_allclose(network.predict(x), expected, rtol=1e-12 if dtype == np.float64 else 1e-5)


def test_batch_normalization_moves_the_activation():
    (w0, b0), (w1, _) = linear(5, 4, 1), linear(3, 5, 2)
    norm = {"weight": normal(5, seed=3), "bias": normal(5, seed=4), "running_mean": normal(5, seed=5)}
    norm |= {"running_var": np.abs(normal(5, seed=6)), "num_batches_tracked": np.int64(9)}
    arrays = {"a.weight": w0, "a.bias": b0} | {f"n.{name}": array for name, array in norm.items()} | {"b.weight": w1}
    network = from_state_dict(arrays, ["relu", None])
    x = normal(7, 4)
    z = (x @ w0.T + b0 - norm["running_mean"]) / np.sqrt(norm["running_var"] + 1e-5) * norm["weight"] + norm["bias"]
    np.testing.assert_allclose(network.predict(x), np.maximum(z, 0) @ w1.T, rtol=1e-12)
    assert [type(layer) for layer in network.layers] == [Dense, BatchNorm, Dense]
    assert network.layers[1].n_batches == 9


def test_there_and_back():
    network = Network(
        [Conv2D((1, 8, 8), 4, 3, rng=0), BatchNorm(4, "relu"), Conv2D((4, 6, 6), 5, 3, "gelu", rng=1),
         Dense(80, 3, rng=2), Softmax()]
    )  # fmt: skip
    network.fit(normal(20, 64), np.arange(20) % 3, epochs=2, progress=False)
    arrays = to_state_dict(network)
    assert list(arrays) == [
        "0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var", "1.num_batches_tracked",
        "3.weight", "3.bias", "5.weight", "5.bias",
    ]  # fmt: skip
    again = from_state_dict(arrays, ["relu", "gelu", "softmax"], input_shape=(1, 8, 8))
    x = normal(9, 64, seed=1).astype(np.float32)
    np.testing.assert_allclose(again.predict(x), network.predict(x), rtol=1e-6)
    network.layers[0].bias[...] = 7
    assert not (arrays["0.bias"] == 7).any()


def test_what_has_no_module():
    for layer in (SpatialDense(2, 2, rng=0), Recurrent(2, 2, "gelu"), Recurrent(2, 2, cell="gated"), nn.Standardize(2)):
        with pytest.raises(TypeError, match="has no module with a state dictionary"):
            to_state_dict(Network([layer]))
    assert to_state_dict(Network([Softmax()])) == {}
    assert set(to_state_dict(Network([Recurrent(2, 3)]))) == {
        "0.weight_ih_l0", "0.weight_hh_l0", "0.bias_ih_l0", "0.bias_hh_l0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("arrays", "activations", "message"),
    [
        ({"0.weight": np.ones((3, 2))}, [], "activations has 0 entries, and '0' needs one more"),
        ({"0.weight": np.ones((3, 2))}, [None, None], "activations has 2 entries, the arrays have 1 modules"),
        ({}, [], "the arrays have 0 modules with weights"),
        ({"0.weight": np.ones((3, 2)), "0.scale": np.ones(3)}, [None], "'0' has scale, weight: not a linear"),
        ({"0.weight": np.ones((3, 2)), "0.bias": np.ones(2)}, [None], r"'0': bias has shape \(2,\), expected \(3,\)"),
        ({"0.weight": np.ones(3)}, [None], r"0.weight has shape \(3,\), expected"),
        ({"0.weight": np.full((3, 2), np.nan)}, [None], "'0': weights is not finite"),
        ({"0.weight": np.ones((4, 1, 3, 3))}, [None], "'0' is a convolution of 1 channels: input_shape is None"),
        ({"0.weight": np.ones((3, 2)), "1.weight": np.ones((3, 4))}, [None] * 2, r"layers\[1\] takes 4 columns"),
        (
            {"0.weight": np.ones((3, 2)), "1.weight": np.ones((2, 3))},
            ["softmax", None],
            "which only the last one may be",
        ),
        ({"0.weight": np.ones((3, 2))}, ["gelo"], "gelo"),
    ],
)
def test_dictionaries_that_are_refused(arrays, activations, message):
    with pytest.raises(ValueError, match=message):
        from_state_dict(arrays, activations)


def test_against_pytorch():
    torch = pytest.importorskip("torch")
    module = torch.nn.Sequential(
        torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(144, 6),
        torch.nn.GELU(), torch.nn.Linear(6, 3),
    ).double()  # fmt: skip
    x = torch.from_numpy(normal(20, 1, 8, 8))
    module(x)  # moves the running statistics
    module.eval()
    network = from_state_dict(module.state_dict(), ["relu", "gelu", None], input_shape=(1, 8, 8))
    np.testing.assert_allclose(network.predict(x.numpy()), module(x).detach().numpy(), rtol=1e-10)
    halves = from_state_dict(module.bfloat16().state_dict(), ["relu", "gelu", None], input_shape=(1, 8, 8))
    assert halves.dtype == np.float32
    plain = Network([Dense(4, 8, "relu", rng=0), Dense(8, 3, rng=1)])
    copy = torch.nn.Sequential(torch.nn.Linear(4, 8), torch.nn.ReLU(), torch.nn.Linear(8, 3))
    copy.load_state_dict({name: torch.from_numpy(array) for name, array in to_state_dict(plain).items()})
    rows = normal(5, 4).astype(np.float32)
    np.testing.assert_allclose(copy(torch.from_numpy(rows)).detach().numpy(), plain.predict(rows), rtol=1e-5)


# ---- safetensors ----


def test_safetensors(tmp_path):
    arrays = {
        "10.weight": ("F32", normal(2, 3).astype("<f4")), "2.bias": ("F16", normal(3).astype("<f2")),
        "2.weight": ("F64", normal(3, 1).astype("<f8")), "a": ("I8", np.int8([1, -1, 3])),
        "e": ("F32", np.zeros((0, 2), "f4")),
        "half": ("BF16", np.array([0x3FC0, 0xC000], "<u2")),
    }  # fmt: skip
    found = load_safetensors(write_safetensors(tmp_path / "m.safetensors", arrays, ["a", *sorted(set(arrays) - {"a"})]))
    assert list(found) == ["2.bias", "2.weight", "10.weight", "a", "e", "half"]
    for name, (kind, array) in arrays.items():
        if kind != "BF16":
            np.testing.assert_array_equal(found[name], array)
            assert found[name].dtype == array.dtype
    assert found["half"].tolist() == [1.5, -2.0]


def test_safetensors_of_the_library(tmp_path):
    library = pytest.importorskip("safetensors.numpy")
    arrays = {"0.weight": normal(3, 2).astype("f4"), "0.bias": normal(3).astype("f4")}
    library.save_file(arrays, tmp_path / "m.safetensors")
    found = load_safetensors(tmp_path / "m.safetensors")
    for name, array in arrays.items():
        np.testing.assert_array_equal(found[name], array)


def change_header(content, change):
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    change(header)
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + content[8 + length :]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda c: b"", "header would have 0 bytes|not a safetensors"),
        (lambda c: c[:5], "not a safetensors"),
        (lambda c: (2**40).to_bytes(8, "little") + c[8:], "its header would have"),
        (lambda c: c[:8] + b"[" + c[9:], "not a safetensors"),
        (lambda c: c[:-1], "expected"),
        (lambda c: c + b"x", "its header describes"),
        (lambda c: change_header(c, lambda h: h["a"].update(dtype="F8_E4M3")), "unknown type 'F8_E4M3'"),
        (lambda c: change_header(c, lambda h: h["a"].update(shape=[2, 2])), "expected"),
        (lambda c: change_header(c, lambda h: h["a"].update(shape=[-2, -3])), "shape or offsets"),
        (lambda c: change_header(c, lambda h: h["a"].update(shape=[2**40, 2**40])), "expected"),
        (lambda c: change_header(c, lambda h: h["a"].update(data_offsets=[4, 28])), "expected"),
        (lambda c: change_header(c, lambda h: h["a"].update(data_offsets=[0])), "not a safetensors"),
        (lambda c: change_header(c, lambda h: h.update(b=h["a"])), "expected"),
        (lambda c: change_header(c, lambda h: h.update(b=3)), "not a safetensors"),
        (lambda c: change_header(c, lambda h: h["a"].pop("dtype")), "not a safetensors"),
    ],
)
def test_damaged_safetensors(tmp_path, change, message):
    path = write_safetensors(tmp_path / "m.safetensors", {"a": ("F32", np.ones((2, 3), "f4"))})
    path.write_bytes(change(path.read_bytes()))
    with pytest.raises(ValueError, match=message) as caught:
        load_safetensors(path)
    assert "m.safetensors" in str(caught.value)


# ---- scikit-learn ----


@pytest.fixture(scope="module")
def sklearn():
    return pytest.importorskip("sklearn.neural_network")


@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.filterwarnings("ignore::Warning")
def test_classifiers(sklearn, activation, n_classes):
    x = normal(60, 4)
    y = np.array(["low", "mid", "high"])[np.arange(60) % n_classes]
    model = sklearn.MLPClassifier((7, 5), activation=activation, max_iter=20, random_state=0).fit(x, y)
    network = from_sklearn(model)
    assert network.dtype == np.float64
    np.testing.assert_allclose(network.predict(x), model.predict_proba(x), rtol=1e-12, atol=1e-15)
    assert [network.classes[i] for i in network.classify(x)] == model.predict(x).tolist()


@pytest.mark.filterwarnings("ignore::Warning")
def test_regressors_labels_and_float32(sklearn):
    x, y = normal(60, 4), normal(60, 2, seed=1)
    model = sklearn.MLPRegressor(hidden_layer_sizes=(6,), max_iter=20, random_state=0).fit(x, y)
    np.testing.assert_allclose(from_sklearn(model).predict(x), model.predict(x), rtol=1e-12, atol=1e-14)
    labels = sklearn.MLPClassifier((6,), max_iter=20, random_state=0).fit(x, y > 0)
    np.testing.assert_allclose(from_sklearn(labels).predict(x), labels.predict_proba(x), rtol=1e-12)
    single = sklearn.MLPRegressor(hidden_layer_sizes=(6,), max_iter=20, random_state=0).fit(
        x.astype("f4"), y[:, 0].astype("f4")
    )
    network = from_sklearn(single)
    assert network.dtype == np.float32
    np.testing.assert_allclose(network.predict(x)[:, 0], single.predict(x.astype("f4")), rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("scaler", ["StandardScaler", "MinMaxScaler", "MaxAbsScaler"])
@pytest.mark.filterwarnings("ignore::Warning")
def test_pipelines(sklearn, scaler):
    pipeline, preprocessing = (pytest.importorskip(f"sklearn.{name}") for name in ("pipeline", "preprocessing"))
    x = normal(60, 3) * [1.0, 1000.0, 1e-4] + [0.0, 5e4, 0.0]
    model = pipeline.make_pipeline(
        getattr(preprocessing, scaler)(),
        "passthrough",
        sklearn.MLPRegressor(hidden_layer_sizes=(6,), max_iter=20, random_state=0),
    )
    model.fit(x, x[:, 0])
    np.testing.assert_allclose(from_sklearn(model).predict(x)[:, 0], model.predict(x), rtol=1e-12, atol=1e-13)


@pytest.mark.filterwarnings("ignore::Warning")
def test_estimators_that_are_refused(sklearn):
    pipeline, preprocessing = (pytest.importorskip(f"sklearn.{name}") for name in ("pipeline", "preprocessing"))
    with pytest.raises(ValueError, match="is not fitted"):
        from_sklearn(sklearn.MLPClassifier())
    with pytest.raises(TypeError, match="StandardScaler is not an MLPClassifier or MLPRegressor"):
        from_sklearn(preprocessing.StandardScaler())
    model = pipeline.make_pipeline(
        preprocessing.PolynomialFeatures(2), sklearn.MLPRegressor(hidden_layer_sizes=(6,), max_iter=5)
    )
    model.fit(normal(30, 2), normal(30))
    with pytest.raises(TypeError, match=r"PolynomialFeatures.* of the pipeline is not a StandardScaler"):
        from_sklearn(model)
