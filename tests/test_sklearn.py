"""The estimators for scikit-learn: its own checks, and what users do with them."""

import pickle

import numpy as np
import pytest

pytest.importorskip("sklearn")

from sklearn.base import clone
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import spatium as sp
from spatium.nn import SpatialDense
from spatium.sklearn import NetworkClassifier, NetworkRegressor


@parametrize_with_checks(
    [NetworkClassifier(max_iter=60, learning_rate_init=0.01), NetworkRegressor(max_iter=60, learning_rate_init=0.01)]
)
def test_the_checks_of_scikit_learn(estimator, check):
    check(estimator)


def moons(n=300, seed=0):
    rng = np.random.default_rng(seed)
    angle, side = rng.uniform(0, np.pi, n), np.arange(n) % 2
    x = np.column_stack([np.cos(angle) * (1 - 2 * side) + side, np.sin(angle) * (1 - 2 * side) + side * 0.5])
    return x + rng.normal(0, 0.1, (n, 2)), np.array(["upper", "lower"])[side]


@pytest.mark.parametrize(
    "activation", ["relu", "mish", sp.Snake(0.7), ("gelu", "tanh"), ["spatial", sp.LeakyReLU(0.2)]], ids=str
)
def test_any_activation(activation):
    x, y = moons()
    model = NetworkClassifier((24, 16), activation=activation, max_iter=100, learning_rate_init=0.01, random_state=0)
    assert model.fit(x, y).score(x, y) > 0.95
    assert list(model.classes_) == ["lower", "upper"]
    assert model.network_.classes == ("lower", "upper")
    assert pickle.loads(pickle.dumps(model)).predict(x).tolist() == model.predict(x).tolist()
    kinds = [isinstance(layer, SpatialDense) for layer in model.network_.layers]
    assert any(kinds) == (isinstance(activation, list))


def test_search_and_pipelines():
    x, y = moons(120)
    search = GridSearchCV(
        make_pipeline(StandardScaler(), NetworkClassifier((16,), max_iter=30, learning_rate_init=0.02, random_state=0)),
        {"networkclassifier__activation": ["relu", "gelu", sp.Swish(1.5)]},
        cv=3,
    )
    search.fit(x, y)
    assert search.best_score_ > 0.8
    pipeline = make_pipeline(
        StandardScaler(), NetworkRegressor((16,), max_iter=50, learning_rate_init=0.02, random_state=0)
    )
    pipeline.set_output(transform="default")
    assert cross_val_score(pipeline, x, x[:, 0] ** 2, cv=3).mean() > 0.5


def test_early_stopping_and_seeds():
    x, y = moons()
    y[::3] = np.random.default_rng(0).permutation(y[::3])  # which nothing can learn
    model = NetworkClassifier((50,), max_iter=500, learning_rate_init=0.05, early_stopping=True, random_state=3)
    assert model.fit(x, y).n_iter_ < 500
    assert len(model.loss_curve_) == model.n_iter_
    assert clone(model).fit(x, y).predict_proba(x).tobytes() == model.predict_proba(x).tobytes()
    other = clone(model).set_params(random_state=np.random.RandomState(4)).fit(x, y)
    assert other.predict_proba(x).tobytes() != model.predict_proba(x).tobytes()


def test_partial_fit():
    x, y = moons()
    model = NetworkClassifier((24,), learning_rate_init=0.05, random_state=0)
    for _ in range(40):
        model.partial_fit(x, y, classes=["lower", "upper"])
    assert model.score(x, y) > 0.85
    with pytest.raises(ValueError, match=r"'middle'.*not one of the classes"):
        model.partial_fit(x[:2], ["middle", "upper"])
    with pytest.raises(ValueError, match="the first call of partial_fit had"):
        model.partial_fit(x, y, classes=["lower", "upper", "other"])
    regressor = NetworkRegressor((24,), learning_rate_init=0.05, random_state=0)
    for _ in range(60):
        regressor.partial_fit(x, x[:, 0])
    assert regressor.score(x, x[:, 0]) > 0.8


def test_precision_shapes_and_errors():
    x, y = moons(60)
    single = NetworkRegressor(8, max_iter=5, random_state=0).fit(x.astype(np.float32), x)
    assert single.predict(x.astype(np.float32)).shape == (60, 2)
    assert single.network_.dtype == np.float32
    assert NetworkRegressor(8, max_iter=5).fit(x, x[:, 0]).network_.dtype == np.float64
    assert NetworkClassifier((), max_iter=5).fit(x, y).predict_proba(x).shape == (60, 2)
    with pytest.raises(ValueError, match="activation has 3 entries, hidden_layer_sizes has 1"):
        NetworkClassifier((5,), activation=["relu"] * 3).fit(x, y)
    with pytest.raises(ValueError, match="grelu"):
        NetworkClassifier((5,), activation="grelu").fit(x, y)
    with pytest.raises(NotFittedError):
        NetworkClassifier().predict(x)
