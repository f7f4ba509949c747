"""Models of PyTorch and scikit-learn, as their exporters write them, and the scripts of docs/howto/onnx.md."""

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import spatium as sp
import spatium.onnx
from spatium.nn import BatchNorm, Conv2D, Dense, MaxPool2D, Softmax, Standardize

pytest.importorskip("onnx")
CLOSE = {"rtol": 2e-6, "atol": 2e-6}
PAGE = Path(__file__).resolve().parents[1] / "docs" / "howto" / "onnx.md"


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape).astype(np.float32)


# ---- PyTorch ----


@pytest.fixture(scope="module")
def torch():
    torch = pytest.importorskip("torch")
    torch.manual_seed(0)
    return torch


def exported(torch, model, x, path, opset=17, dynamo=False):
    if dynamo:
        pytest.importorskip("onnxscript")
        options = {"dynamic_shapes": ({0: torch.export.Dim("samples")},), "verbose": False}
    else:
        options = {"input_names": ["x"], "dynamic_axes": {"x": {0: "samples"}}}
    torch.onnx.export(model.eval(), (x[:2],), str(path), dynamo=dynamo, opset_version=opset, **options)
    return sp.onnx.load(path)


ACTIVATIONS = {
    "ReLU()": sp.ReLU(), "GELU()": sp.GELU(), "GELU(approximate='tanh')": sp.GELU("tanh"), "SiLU()": sp.Swish(),
    "Mish()": sp.Mish(), "ELU(0.7)": sp.ELU(0.7), "SELU()": sp.SELU(), "CELU(0.5)": sp.CELU(0.5),
    "Hardswish()": sp.HardSwish(), "Hardsigmoid()": sp.HardSigmoid(), "Hardtanh(-2, 0.5)": sp.HardTanh(-2, 0.5),
    "ReLU6()": sp.ReLU6(), "LeakyReLU(0.2)": sp.LeakyReLU(0.2), "PReLU()": sp.LeakyReLU(0.25),
    "Softplus()": sp.Softplus(), "Softplus(2.0)": sp.Softplus(2.0), "LogSigmoid()": sp.LogSigmoid(),
    "Softsign()": sp.SoftSign(), "Tanhshrink()": sp.TanhShrink(), "Hardshrink(0.3)": sp.HardShrink(0.3),
    "Softshrink(0.3)": sp.SoftShrink(0.3), "Tanh()": sp.Tanh(), "Sigmoid()": sp.Sigmoid(),
}  # fmt: skip


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("opset", [9, 13, 20])
@pytest.mark.parametrize("text", ACTIVATIONS)
def test_activations_of_pytorch(torch, text, opset, tmp_path):
    if opset < 12 and text.startswith("CELU"):
        pytest.skip("exported since version 12")
    act = eval(f"torch.nn.{text}", {"torch": torch})
    model = torch.nn.Sequential(torch.nn.Linear(4, 5), act, torch.nn.Linear(5, 3), torch.nn.Softmax(dim=1))
    x = torch.from_numpy(normal(64, 4) * 3)
    network = exported(torch, model, x, tmp_path / "m.onnx", opset)
    assert [type(layer) for layer in network.layers] == [Dense, Dense, Softmax]
    assert network.layers[0].activation == ACTIVATIONS[text]
    np.testing.assert_allclose(network.predict(x.numpy()), model(x).detach().numpy(), **CLOSE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize(
    "text", ["GELU()", "Mish()", "Softplus(2.0)", "Hardshrink(0.3)", "Softshrink(0.3)", "Threshold(0.1, -3.0)"]
)
def test_activations_of_the_other_exporter(torch, text, tmp_path):
    """By torch.export, which writes other nodes."""
    act = eval(f"torch.nn.{text}", {"torch": torch})
    model = torch.nn.Sequential(torch.nn.Linear(4, 5), act, torch.nn.Linear(5, 3))
    x = torch.from_numpy(normal(64, 4) * 3)
    network = exported(torch, model, x, tmp_path / "m.onnx", 18, dynamo=True)
    assert network.layers[0].activation == {**ACTIVATIONS, "Threshold(0.1, -3.0)": sp.Threshold(0.1, -3.0)}[text]
    np.testing.assert_allclose(network.predict(x.numpy()), model(x).detach().numpy(), **CLOSE)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("dynamo", [False, True])
def test_images_of_pytorch(torch, dynamo, tmp_path):
    nn = torch.nn
    model = nn.Sequential(
        nn.Conv2d(1, 4, 3, padding=1), nn.BatchNorm2d(4), nn.PReLU(4), nn.MaxPool2d(2), nn.Conv2d(4, 6, 3, stride=2),
        nn.SiLU(), nn.Dropout(0.2), nn.Flatten(), nn.Linear(24, 8), nn.BatchNorm1d(8), nn.Tanh(), nn.Linear(8, 3),
    )  # fmt: skip
    x = torch.from_numpy(normal(40, 1, 12, 12))
    model(x)  # moves the running statistics
    network = exported(torch, model, x, tmp_path / "m.onnx", 18 if dynamo else 17, dynamo)
    kinds = [type(layer) for layer in network.layers]
    assert (kinds.count(Conv2D), kinds.count(MaxPool2D), kinds.count(Dense)) == (2, 1, 2)
    assert kinds.count(BatchNorm) <= 2  # exporters fold them
    np.testing.assert_allclose(network.predict(x.numpy()), model(x).detach().numpy(), rtol=1e-5, atol=1e-5)


@pytest.mark.filterwarnings("ignore")
def test_traced_shapes_and_double_of_pytorch(torch, tmp_path):
    class Model(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.first, self.second = torch.nn.Conv2d(1, 3, 3), torch.nn.Linear(48, 4)

        def forward(self, x):
            y = torch.nn.functional.gelu(self.first(x / 255.0))
            return torch.sigmoid(self.second(y.view(y.size(0), -1)) * 2.0 - 1.0)

    model = Model().double()
    x = torch.from_numpy(normal(10, 1, 6, 6).astype(np.float64) * 100)
    network = exported(torch, model, x, tmp_path / "m.onnx")
    assert network.dtype == np.float64
    np.testing.assert_allclose(network.predict(x.numpy()), model(x).detach().numpy(), rtol=1e-6, atol=1e-7)


# ---- scikit-learn ----


@pytest.fixture(scope="module")
def sklearn():
    pytest.importorskip("skl2onnx")
    return pytest.importorskip("sklearn.neural_network")


def converted(model, x, path, **options):
    from skl2onnx import to_onnx

    path.write_bytes(to_onnx(model, x[:1], **options).SerializeToString())
    return sp.onnx.load(path)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("activation", ["identity", "logistic", "tanh", "relu"])
@pytest.mark.parametrize("n_classes", [2, 3])
@pytest.mark.parametrize("zipmap", [True, False])
def test_classifiers_of_scikit_learn(sklearn, activation, n_classes, zipmap, tmp_path):
    x = normal(80, 4)
    y = np.array(["low", "mid", "high"])[np.arange(80) % n_classes]
    model = sklearn.MLPClassifier((7, 5), activation=activation, max_iter=20, random_state=0).fit(x, y)
    network = converted(model, x, tmp_path / "m.onnx", options={"zipmap": zipmap})
    np.testing.assert_allclose(network.predict(x), model.predict_proba(x), **CLOSE)
    assert [network.classes[i] for i in network.classify(x)] == model.predict(x).tolist()


@pytest.mark.filterwarnings("ignore")
def test_pipelines_regressors_and_doubles_of_scikit_learn(sklearn, tmp_path):
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import MinMaxScaler, StandardScaler

    x = normal(80, 3) * np.float32([1.0, 1000.0, 1e-4]) + np.float32([0.0, 5e3, 0.0])
    for scaler in (StandardScaler(), MinMaxScaler()):
        regressor = sklearn.MLPRegressor(hidden_layer_sizes=(6,), max_iter=20, random_state=0)
        model = make_pipeline(scaler, regressor).fit(x, x[:, 0])
        network = converted(model, x, tmp_path / "m.onnx")
        assert isinstance(network.layers[0], Standardize)
        np.testing.assert_allclose(network.predict(x)[:, 0], model.predict(x), rtol=1e-5, atol=2e-6)
    double = sklearn.MLPClassifier((6,), max_iter=20, random_state=0).fit(x.astype(np.float64), np.arange(80) % 4)
    network = converted(double, x.astype(np.float64), tmp_path / "m.onnx")
    assert network.dtype == np.float64
    assert network.classes == ("0", "1", "2", "3")
    np.testing.assert_allclose(network.predict(x), double.predict_proba(x.astype(np.float64)), rtol=1e-12, atol=1e-14)


# ---- the scripts of docs/howto/onnx.md ----


@pytest.mark.parametrize(
    ("name", "modules"), [("pytorch", ("spatium.torch",)), ("scikit-learn", ("skl2onnx", "sklearn"))]
)
def test_scripts_of_the_page(name, modules, tmp_path):
    for module in (*modules, "click", "rich"):
        pytest.importorskip(module)
    (text,) = re.findall(rf"<!-- {name} -->\n```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "script.py").write_text(text, encoding="utf-8")
    folder = os.path.dirname(sys.executable)
    environment = {**os.environ, "PATH": os.pathsep.join([folder, os.environ.get("PATH", "")])}
    result = subprocess.run(
        [sys.executable, "-W", "ignore", "script.py"], cwd=tmp_path, env=environment, capture_output=True, text=True,
        timeout=300, check=False,
    )  # fmt: skip
    assert result.returncode == 0, result.stderr
    assert float(re.findall(r"largest difference: (\S+)", result.stdout)[0]) < 2e-6
    assert float(re.findall(r"accuracy: (\S+)", result.stdout)[0]) > 0.9
