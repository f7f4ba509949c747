"""The activation classes, in the order of their codes, with the formula, its source and an example of each."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from spatium._checks import check_scalar
from spatium.activations.base import Activation, GradientSource
from spatium.passes import Bits


class ReLU(Activation, names=("relu",)):
    """Rectified linear unit.

    relu(x) = x if x > 0 else 0

    The derivative at 0 is 0. The limits are 0 and inf. The result is exact. [1]_

    References
    ----------
    .. [1] Nair, Hinton, "Rectified linear units improve restricted Boltzmann machines", ICML 2010.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ReLU()([-2.0, 0.0, 3.0])
    array([0., 0., 3.])
    """

    __slots__ = ()


class LeakyReLU(Activation, names=("leaky_relu",)):
    """Rectified linear unit with a slope on the negative side.

    leaky_relu(x, negative_slope) = x if x > 0 else negative_slope·x

    The derivative at 0 is `negative_slope`. The error is at most half an ulp. The derivative can be computed from the
    output if the slope is positive. [1]_

    Parameters
    ----------
    negative_slope : float
        Any finite number. It is not rounded to float32.

    References
    ----------
    .. [1] Maas, Hannun, Ng, "Rectifier nonlinearities improve neural network acoustic models", ICML 2013.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.LeakyReLU(negative_slope=0.25)([-2.0, 0.0, 3.0])
    array([-0.5,  0. ,  3. ])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"negative_slope": "finite"}

    def __init__(self, negative_slope: float = 0.01) -> None:
        self._set("leaky_relu", (check_scalar("negative_slope", negative_slope, "finite"),))

    @property
    def gradient_from(self) -> GradientSource:
        """The data from which the derivative can be computed: "output" if the slope is positive, else "input".

        For other slopes the output does not determine the sign of the input.
        """
        return "output" if self._arguments[0] > 0.0 else "input"


class Sigmoid(Activation, names=("sigmoid",)):
    """Logistic function.

    sigmoid(x) = 1/(1 + e^−x)

    The limits are 0 and 1. There is no overflow, and the lower tail is accurate, including subnormal results.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Sigmoid()([-100.0, 0.0])
    array([3.72007598e-44, 5.00000000e-01])
    """

    __slots__ = ()


class Tanh(Activation, names=("tanh",)):
    """Hyperbolic tangent.

    tanh(x) = (e^x − e^−x)/(e^x + e^−x)

    The limits are −1 and 1.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Tanh()([-1.0, 0.0, 20.0])
    array([-0.76159416,  0.        ,  1.        ])
    """

    __slots__ = ()


_Approximate = Literal["none", "tanh", "sigmoid"]
_GELU_NAMES: dict[str, str] = {"none": "gelu", "tanh": "gelu_tanh", "sigmoid": "gelu_sigmoid"}


class GELU(Activation, names=("gelu_tanh", "gelu", "gelu_sigmoid")):
    """Gaussian error linear unit, exact or in one of its two published approximations.

    gelu(x) = x·Φ(x), Φ the standard normal distribution function

    gelu_tanh(x) = x·σ(2·√(2/π)·(x + 0.044715·x³)) = x/2·(1 + tanh(√(2/π)·(x + 0.044715·x³)))

    gelu_sigmoid(x) = x·σ(1.702·x)

    The tanh form differs from the exact form by at most 4.74e-4, but this is 84 % of the value at −5. The sigmoid form
    differs by at most 0.0204. All three are accurate in the negative tail. The limits are −0 and inf. There is one
    minimum. [1]_

    Parameters
    ----------
    approximate : {"none", "tanh", "sigmoid"}
        The default "none" is the exact function, as in PyTorch; the default of JAX is "tanh".

    References
    ----------
    .. [1] Hendrycks, Gimpel, "Gaussian error linear units (GELUs)", arXiv:1606.08415.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.GELU()([-6.0, 1.0])
    array([-5.91952587e-09,  8.41344746e-01])
    """

    __slots__ = ()

    def __init__(self, approximate: _Approximate = "none") -> None:
        self._set(gelu_name(approximate))

    @property
    def approximate(self) -> str:
        """The form of the function: "none", "tanh" or "sigmoid"."""
        return {name: approximate for approximate, name in _GELU_NAMES.items()}[self.name]

    def __repr__(self) -> str:
        return "GELU()" if self.name == "gelu" else f"GELU(approximate={self.approximate!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return (GELU, (self.approximate,))


def gelu_name(approximate: object) -> str:
    """Return the name of the GELU form in the registry."""
    name = _GELU_NAMES.get(approximate) if isinstance(approximate, str) else None
    if name is None:
        raise ValueError(f"approximate is {approximate!r}, expected 'none', 'tanh' or 'sigmoid'")
    return name


class Swish(Activation, names=("swish",)):
    """Self-gated linear unit; SiLU for beta = 1.

    swish(x, beta) = x·σ(beta·x)

    The limits are −0 and inf for positive `beta`. There is one minimum, at beta·x = −1.27846. [1]_ [2]_

    Parameters
    ----------
    beta : float
        Any finite number.

    References
    ----------
    .. [1] Ramachandran, Zoph, Le, "Searching for activation functions", arXiv:1710.05941.
    .. [2] Elfwing, Uchibe, Doya, "Sigmoid-weighted linear units", Neural Networks 107, 2018.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Swish()([-1.0, 0.0, 1.0])
    array([-0.26894142,  0.        ,  0.73105858])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"beta": "finite"}

    def __init__(self, beta: float = 1.0) -> None:
        self._set("swish", (check_scalar("beta", beta, "finite"),))


class Mish(Activation, names=("mish",)):
    """Self-regularized non-monotone activation.

    mish(x) = x·tanh(log1p(e^x))

    The limits are −0 and inf. There is one minimum, −0.30884 at −1.19243. [1]_

    References
    ----------
    .. [1] Misra, "Mish: a self regularized non-monotonic activation function", BMVC 2020.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Mish()([-1.0, 0.0, 1.0])
    array([-0.30340146,  0.        ,  0.86509839])
    """

    __slots__ = ()


class ELU(Activation, names=("elu",)):
    """Exponential linear unit.

    elu(x, alpha) = x if x > 0 else alpha·expm1(x)

    The derivative at 0 is `alpha`. The limits are −alpha and inf. [1]_

    Parameters
    ----------
    alpha : float
        At least 0.

    References
    ----------
    .. [1] Clevert, Unterthiner, Hochreiter, "Fast and accurate deep network learning by exponential linear units",
       ICLR 2016.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ELU()([-1e-8, 2.0])
    array([-9.99999995e-09,  2.00000000e+00])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"alpha": "nonnegative"}

    def __init__(self, alpha: float = 1.0) -> None:
        self._set("elu", (check_scalar("alpha", alpha, "nonnegative"),))


class Softplus(Activation, names=("softplus",)):
    """Smooth rectifier.

    softplus(x, beta) = log1p(e^(beta·x))/beta

    There is no threshold above which the function is replaced by x. The limits are 0 and inf. [1]_

    Parameters
    ----------
    beta : float
        Above 0.

    References
    ----------
    .. [1] Dugas et al., "Incorporating second-order functional knowledge for better option pricing", NIPS 2000.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Softplus()([-100.0, 0.0, 100.0])
    array([3.72007598e-44, 6.93147181e-01, 1.00000000e+02])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"beta": "positive"}

    def __init__(self, beta: float = 1.0) -> None:
        self._set("softplus", (check_scalar("beta", beta, "positive"),))


class HardSigmoid(Activation, names=("hard_sigmoid",)):
    """Piecewise linear sigmoid.

    hard_sigmoid(x, slope, offset) = clip(slope·x + offset, 0, 1)

    The derivative is 0 at both ends of the sloped piece. The defaults are those of PyTorch; ONNX uses slope 0.2. The
    double 1/6 means a sixth in every type, so the default is (x + 3)/6, rounded once. [1]_

    Parameters
    ----------
    slope, offset : float
        Any finite numbers.

    References
    ----------
    .. [1] Courbariaux, Bengio, David, "BinaryConnect", NIPS 2015.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardSigmoid()([-3.0, 0.0, 1.5])
    array([0.  , 0.5 , 0.75])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"slope": "finite", "offset": "finite"}

    def __init__(self, slope: float = 1 / 6, offset: float = 0.5) -> None:
        self._set("hard_sigmoid", (check_scalar("slope", slope, "finite"), check_scalar("offset", offset, "finite")))


class HardTanh(Activation, names=("hard_tanh",)):
    """Clipped identity.

    hard_tanh(x, min_val, max_val) = clip(x, min_val, max_val)

    The derivative is 0 at both bounds. The result is exact. [1]_

    Parameters
    ----------
    min_val, max_val : float
        The lower and the upper bound.

    References
    ----------
    .. [1] Collobert, "Large scale machine learning", PhD thesis, Université Paris VI, 2004.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardTanh()([-3.0, 0.5, 3.0])
    array([-1. ,  0.5,  1. ])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"min_val": "number", "max_val": "number"}

    def __init__(self, min_val: float = -1.0, max_val: float = 1.0) -> None:
        bounds = (check_scalar("min_val", min_val, "number"), check_scalar("max_val", max_val, "number"))
        check_bounds(*bounds)
        self._set("hard_tanh", bounds)


def check_bounds(min_val: float, max_val: float) -> None:
    """Raise ValueError if the lower bound of `HardTanh` is greater than the upper bound."""
    if min_val > max_val:
        raise ValueError(f"min_val is {min_val!r} and max_val is {max_val!r}, expected min_val <= max_val")


class Sine(Activation, names=("sine",)):
    """Sine.

    sine(x) = sin x

    The range reduction is complete, so the result is accurate for every finite x. At ±inf the value is NaN, with the
    floating-point flag "invalid". [1]_

    References
    ----------
    .. [1] Sitzmann et al., "Implicit neural representations with periodic activation functions", NeurIPS 2020.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Sine()([0.0, 1e22])
    array([ 0.        , -0.85220085])
    """

    __slots__ = ()


class HardSwish(Activation, names=("hard_swish",)):
    """Piecewise quadratic swish.

    hard_swish(x) = x·clip(x/6 + 1/2, 0, 1)

    The derivative is 0 at −3 and 1 at 3. The limits are −0 and inf. There is one minimum, −3/8 at −3/2. [1]_

    References
    ----------
    .. [1] Howard et al., "Searching for MobileNetV3", ICCV 2019.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardSwish()([-1.5, 0.0, 3.0])
    array([-0.375,  0.   ,  3.   ])
    """

    __slots__ = ()


class HardGELU(Activation, names=("hard_gelu",)):
    """Piecewise quadratic, bounded GELU.

    hard_gelu(x) = min(x, 3) if x > 1.5 else x·(x + 1.5)/3 if x >= −1.5 else 0

    The derivative is −1/2 at −1.5, 3/2 at 1.5, 1 at 3 and 0 above 3. There is one minimum, −3/16 at −3/4. [1]_

    References
    ----------
    .. [1] Vaidyanathan et al., "Random-access neural compression of material textures", SIGGRAPH 2023.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardGELU()([-0.75, 1.5, 4.0])
    array([-0.1875,  1.5   ,  3.    ])
    """

    __slots__ = ()


class ScaledSwish(Activation, names=("scaled_swish",)):
    """Swish with a trainable scale; an adaptive activation.

    scaled_swish(x, alpha, beta) = alpha·x·σ(beta·x)

    There is one minimum, at beta·x = −1.27846. [1]_

    Parameters
    ----------
    alpha, beta : float
        Any finite numbers.

    References
    ----------
    .. [1] Ramachandran, Zoph, Le, "Searching for activation functions", arXiv:1710.05941.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ScaledSwish(alpha=2.0)([-1.0, 1.0])
    array([-0.53788284,  1.46211716])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"alpha": "finite", "beta": "finite"}

    def __init__(self, alpha: float = 1.0, beta: float = 1.0) -> None:
        self._set("scaled_swish", (check_scalar("alpha", alpha, "finite"), check_scalar("beta", beta, "finite")))


class Snake(Activation, names=("snake",)):
    """Periodic activation with a linear trend.

    snake(x, alpha, beta) = x + sin(alpha·x)²/beta

    The default of `beta` is `alpha`, the published form, which is monotone; its limit for alpha = 0 is x. The limits
    are −inf and inf. The derivative has no limits. [1]_

    Parameters
    ----------
    alpha : float
        Any finite number.
    beta : float, optional
        Any finite number. It may be 0 only if `alpha` is 0 too.

    References
    ----------
    .. [1] Liu, Hartwig, Ueda, "Neural networks fail to learn periodic functions and how to fix it", NeurIPS 2020.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Snake()([-1.0, 0.0, 1.0])
    array([-0.29192658,  0.        ,  1.70807342])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"alpha": "finite", "beta": "finite"}

    def __init__(self, alpha: float = 1.0, beta: float | None = None) -> None:
        self._set("snake", snake_parameters(alpha, beta))


def snake_parameters(alpha: Any, beta: Any) -> tuple[float, float]:
    """Return the two checked scalars of `Snake`; if `beta` is None, it is `alpha`."""
    a = check_scalar("alpha", alpha, "finite")
    b = a if beta is None else check_scalar("beta", beta, "finite")
    if b == 0.0 != a:
        raise ValueError(f"beta is 0 and alpha is {a!r}, expected a beta other than 0")
    return a, b


class ScaledTanh(Activation, names=("scaled_tanh",)):
    """Hyperbolic tangent with a scale and a slope.

    scaled_tanh(x, scale, slope) = scale·tanh(slope·x)

    With the defaults, ±1 is near the points of greatest curvature. [1]_

    Parameters
    ----------
    scale : float
        Above 0.
    slope : float
        Any finite number.

    References
    ----------
    .. [1] LeCun, Bottou, Orr, Müller, "Efficient BackProp", 1998.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ScaledTanh()([-1.0, 0.0, 1.0])
    array([-0.99999726,  0.        ,  0.99999726])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"scale": "positive", "slope": "finite"}

    def __init__(self, scale: float = 1.7159, slope: float = 2 / 3) -> None:
        self._set("scaled_tanh", (check_scalar("scale", scale, "positive"), check_scalar("slope", slope, "finite")))


class ReLU6(Activation, names=("relu6",)):
    """Rectified linear unit that saturates at 6.

    relu6(x) = min(max(x, 0), 6)

    The derivative is 0 at 0 and at 6. The result is exact. [1]_

    References
    ----------
    .. [1] Krizhevsky, "Convolutional deep belief networks on CIFAR-10", 2010.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ReLU6()([-2.0, 3.0, 8.0])
    array([0., 3., 6.])
    """

    __slots__ = ()


class ReLUSquared(Activation, names=("relu_squared",)):
    """Square of the rectified linear unit.

    relu_squared(x) = max(x, 0)²

    As a function of the output, the derivative is 2·√y. [1]_

    References
    ----------
    .. [1] So et al., "Primer: searching for efficient transformers for language modeling", NeurIPS 2021.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.ReLUSquared()([-2.0, 0.0, 3.0])
    array([0., 0., 9.])
    """

    __slots__ = ()


class Threshold(Activation, names=("threshold",)):
    """Identity above a threshold, a constant elsewhere.

    threshold(x, threshold, value) = x if x > threshold else value

    The derivative at the threshold is 0. The derivative can be computed from the output if value <= threshold. With
    the defaults, the function is relu.

    Parameters
    ----------
    threshold, value : float
        Any numbers except NaN.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Threshold(threshold=0.5, value=0.0)([-2.0, 0.5, 3.0])
    array([0., 0., 3.])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"threshold": "number", "value": "number"}

    def __init__(self, threshold: float = 0.0, value: float = 0.0) -> None:
        self._set("threshold", (check_scalar("threshold", threshold, "number"), check_scalar("value", value, "number")))

    @property
    def gradient_from(self) -> GradientSource:
        """The data from which the derivative can be computed: "output" if value <= threshold, else "input"."""
        threshold, value = self._arguments
        return "output" if value <= threshold else "input"


class SELU(Activation, names=("selu",)):
    """Self-normalizing exponential linear unit.

    selu(x) = λ·(x if x > 0 else α·expm1(x))

    α = 1.6732632423543772 and λ = 1.0507009873554805; the derivative at 0 is λ·α. The limits are −λ·α and
    inf. [1]_

    References
    ----------
    .. [1] Klambauer et al., "Self-normalizing neural networks", NIPS 2017.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SELU()([-1.0, 0.0, 1.0])
    array([-1.11133074,  0.        ,  1.05070099])
    """

    __slots__ = ()


class CELU(Activation, names=("celu",)):
    """Exponential linear unit with a continuous derivative for every `alpha`.

    celu(x, alpha) = max(0, x) + min(0, alpha·expm1(x/alpha))

    The limits are −alpha and inf. [1]_

    Parameters
    ----------
    alpha : float
        Above 0.

    References
    ----------
    .. [1] Barron, "Continuously differentiable exponential linear units", arXiv:1704.07483.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.CELU(alpha=0.5)([-1.0, 2.0])
    array([-0.43233236,  2.        ])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"alpha": "positive"}

    def __init__(self, alpha: float = 1.0) -> None:
        self._set("celu", (check_scalar("alpha", alpha, "positive"),))


class LogSigmoid(Activation, names=("log_sigmoid",)):
    """Logarithm of the logistic function.

    log_sigmoid(x) = −log1p(e^−x)

    The limits are −inf and −0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.LogSigmoid()([-300.0, 0.0, 40.0])
    array([-3.00000000e+02, -6.93147181e-01, -4.24835426e-18])
    """

    __slots__ = ()


class SoftSign(Activation, names=("soft_sign",)):
    """Rational sigmoid.

    soft_sign(x) = x/(1 + |x|)

    The limits are −1 and 1. [1]_

    References
    ----------
    .. [1] Bergstra, Desjardins, Lamblin, Bengio, "Quadratic polynomials learn better image features", 2009.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SoftSign()([-1.0, 0.0, 3.0])
    array([-0.5 ,  0.  ,  0.75])
    """

    __slots__ = ()


class TanhShrink(Activation, names=("tanh_shrink",)):
    """Difference between x and its hyperbolic tangent.

    tanh_shrink(x) = x − tanh(x)

    The result is accurate near 0 too, where the subtraction would lose all digits. The limits are −inf and inf.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.TanhShrink()([1e-5, 1.0])
    array([3.33333333e-16, 2.38405844e-01])
    """

    __slots__ = ()


class HardShrink(Activation, names=("hard_shrink",)):
    """Identity outside an interval around 0, and 0 inside.

    hard_shrink(x, lambd) = x if |x| > lambd else 0

    The derivative at ±lambd is 0. The result is exact.

    Parameters
    ----------
    lambd : float
        At least 0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardShrink()([-2.0, 0.5, 0.75])
    array([-2.  ,  0.  ,  0.75])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"lambd": "nonnegative"}

    def __init__(self, lambd: float = 0.5) -> None:
        self._set("hard_shrink", (check_scalar("lambd", lambd, "nonnegative"),))


class SoftShrink(Activation, names=("soft_shrink",)):
    """Soft thresholding.

    soft_shrink(x, lambd) = x − lambd if x > lambd else x + lambd if x < −lambd else 0

    The derivative at ±lambd is 0. [1]_

    Parameters
    ----------
    lambd : float
        At least 0.

    References
    ----------
    .. [1] Donoho, Johnstone, "Ideal spatial adaptation by wavelet shrinkage", Biometrika 81, 1994.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SoftShrink()([-2.0, 0.25, 0.75])
    array([-1.5 ,  0.  ,  0.25])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"lambd": "nonnegative"}

    def __init__(self, lambd: float = 0.5) -> None:
        self._set("soft_shrink", (check_scalar("lambd", lambd, "nonnegative"),))


class Squareplus(Activation, names=("squareplus",)):
    """Algebraic smooth rectifier.

    squareplus(x, b) = (x + √(x² + b))/2

    The result is accurate for negative x too, where the sum cancels. The limits are 0 and inf. [1]_

    Parameters
    ----------
    b : float
        At least 0. With 0 the function is relu, with the derivative 1/2 at 0.

    References
    ----------
    .. [1] Barron, "Squareplus: a softplus-like algebraic rectifier", arXiv:2112.11687.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Squareplus()([-1e4, 0.0, 1.5])
    array([9.9999999e-05, 1.0000000e+00, 2.0000000e+00])
    """

    __slots__ = ()
    _domains: ClassVar[dict[str, str]] = {"b": "nonnegative"}

    def __init__(self, b: float = 4.0) -> None:
        self._set("squareplus", (check_scalar("b", b, "nonnegative"),))


class SparsePlus(Activation, names=("sparse_plus",)):
    """Piecewise quadratic softplus.

    sparse_plus(x) = 0 if x <= −1 else (x + 1)²/4 if x < 1 else x

    As a function of the output, the derivative is min(1, √y). [1]_

    References
    ----------
    .. [1] Zhou et al., "Sparsity-inducing activations" as in jax.nn, 2022.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SparsePlus()([-2.0, 0.0, 3.0])
    array([0.  , 0.25, 3.  ])
    """

    __slots__ = ()


class SparseSigmoid(Activation, names=("sparse_sigmoid",)):
    """Derivative of `SparsePlus`.

    sparse_sigmoid(x) = clip((x + 1)/2, 0, 1)

    The derivative at ±1 is 0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.SparseSigmoid()([-2.0, 0.5, 3.0])
    array([0.  , 0.75, 1.  ])
    """

    __slots__ = ()


class HardMish(Activation, names=("hard_mish",)):
    """Piecewise quadratic mish.

    hard_mish(x) = x/2·clip(x + 2, 0, 2)

    The derivative at −2 is 0. There is one minimum, −1/2 at −1.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.HardMish()([-3.0, -1.0, 2.0])
    array([-0. , -0.5,  2. ])
    """

    __slots__ = ()


class LiSHT(Activation, names=("lisht",)):
    """Linearly scaled hyperbolic tangent.

    lisht(x) = x·tanh(x)

    The function is even. Both limits are inf. [1]_

    References
    ----------
    .. [1] Roy et al., "LiSHT: non-parametric linearly scaled hyperbolic tangent activation function",
       arXiv:1901.05894.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.LiSHT()([-1.0, 0.0, 1.0])
    array([0.76159416, 0.        , 0.76159416])
    """

    __slots__ = ()


class Dish(Activation, names=("dish",)):
    """Self-gated linear unit without an exponential.

    dish(x) = x/2·(x/√(1 + x²) + 1)

    The limits are −0 and inf. There is one minimum, −0.15014 at −0.78615.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Dish()([-1e6, 0.0, 1.0])
    array([-2.50000000e-07,  0.00000000e+00,  8.53553391e-01])
    """

    __slots__ = ()


class Gaussian(Activation, names=("gaussian",)):
    """Gaussian bell.

    gaussian(x) = e^(−x²)

    The function is even. Both limits are 0.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Gaussian()([-1.0, 0.0, 1.0])
    array([0.36787944, 1.        , 0.36787944])
    """

    __slots__ = ()


class LogCosh(Activation, names=("log_cosh",)):
    """Logarithm of the hyperbolic cosine.

    log_cosh(x) = |x| + log1p(e^(−2·|x|)) − log(2)

    The result is accurate near 0 too, where the sum cancels. The function is even. Both limits are inf.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.LogCosh()([-1000.0, 0.0, 1e-5])
    array([9.99306853e+02, 0.00000000e+00, 5.00000000e-11])
    """

    __slots__ = ()


class Identity(Activation, names=("identity",)):
    """Identity function.

    identity(x) = x

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Identity()([-1.0, 2.0])
    array([-1.,  2.])
    """

    __slots__ = ()
    _bits: ClassVar[Bits] = "none"


class Phish(Activation, names=("phish",)):
    """Self-gated linear unit whose gate is the hyperbolic tangent of the exact gelu.

    phish(x) = x·tanh(x·Φ(x))

    The limits are 0, from above, and inf. There is a minimum of 0 at 0, where the function is close to x²/2, and a
    maximum of 0.16466 at −1.19543. Up to three inputs have the same output, so the output and one bit do not determine
    the derivative; it is computed from x. [1]_

    References
    ----------
    .. [1] Naveen, "Phish: a novel hyper-optimizable activation function", 2022.

    Examples
    --------
    >>> import spatium as sp
    >>> sp.Phish()([-1.0, 0.0, 1.0])
    array([0.15733733, 0.        , 0.68652067])
    """

    __slots__ = ()


SiLU = Swish

__all__ = ["SiLU", *(cls.__name__ for cls in Activation.__subclasses__())]
