"""The hints of `spatium.learn.check`: the cause of a fault, and a way to mend it."""

from __future__ import annotations

__all__ = ["hint", "hint_of_error"]

_LARGEST = "The largest number of float32 is 3.4e38, that of float64 1.8e308: exp overflows above 88.7 and 709.8."

# By the kind of the fault.
_GENERAL = {
    "shape": "An activation returns one result per element, in the shape of its input, also for a single number and "
    "for no elements at all.",
    "argument": "The input belongs to the caller. Assign the result to a new array: x = x - 1 instead of x -= 1, and "
    "np.where or a copy instead of x[x < 0] = 0.",
    "elementwise": "Each result may depend on its own element only. Look for sums, maxima, `if` on the whole array, or "
    "data that is kept from an earlier call.",
    "dtype": "Some operation mixes in float64: np.sqrt(2.0) is a float64 scalar and np.zeros(x.shape) a float64 array. "
    "Numbers of Python (math.sqrt(2.0), 0.5) and np.zeros_like(x) keep the dtype of x.",
    "integers": "np.zeros_like(x) of integers holds integers, which cut off the digits of the results. Convert first: "
    "x = np.asarray(x, dtype=np.result_type(x, np.float32)).",
    "value": "Compare the formula term by term: signs, parentheses, and constants.",
    "overflow": f"An intermediate result is too large, although the final one is not. {_LARGEST} Rewrite the formula "
    "so that exp gets no large positive argument.",
    "warnings": "Both arms of np.where are computed for all elements, and np.where chooses afterwards. An overflow in "
    "the arm that is not chosen warns too: limit the argument of exp, for example exp(-abs(x)).",
    "tail": "A small result is the difference of two large terms here, or an intermediate result was clipped. Look for "
    "1 - y, 1 + y or y - 1 where y is close to a whole number, and rewrite it.",
    "digits": "Two nearly equal numbers are subtracted here, and only their last digits remain. np.expm1(x) computes "
    "exp(x) - 1 and np.log1p(x) computes log(1 + x) without this loss.",
    "limit": "Infinities occur in real data. inf - inf, inf / inf and 0 * inf are NaN: choose the result at the end "
    "with np.where, or use a form without these terms.",
    "nan": "Every comparison with NaN is false, so np.where(x > 0, x, 0) turns NaN into 0 and hides the fault of an "
    "earlier layer. np.maximum(x, 0) keeps NaN.",
    "derivative": "Differentiate the formula again, and compare with (f(x + h) - f(x - h)) / (2h) in float64 at the "
    "input above.",
    "kink": "At a kink the derivative is a matter of choice, but it should lie between the slopes of the two sides.",
    "evaluation": "Call the function with np.array([-1.0, 0.0, 1.0]) to see the complete error.",
}

_EXP = "Use two forms: the one with exp(-x) for x >= 0 and the one with exp(x) for x < 0. Both arguments are then <= 0."

# By the function and the kind of the fault.
_PARTICULAR = {
    "relu": {
        "nan": _GENERAL["nan"],
        "limit": "x * (x > 0) is -inf * 0 = NaN at -inf. Use np.maximum(x, 0).",
        "kink": "Any number from 0 to 1 is a subgradient at 0; most libraries, and this one, use 0.",
    },
    "sigmoid": {
        "overflow": f"exp(x) / (1 + exp(x)) is inf / inf = NaN for large x. {_LARGEST} {_EXP}",
        "warnings": "1 / (1 + exp(-x)) divides by infinity for very negative x: the result is right, but NumPy "
        f"warns of exp. {_EXP} With z = exp(-abs(x)): np.where(x >= 0, 1 / (1 + z), z / (1 + z)).",
        "tail": "sigmoid(x) is close to exp(x) for very negative x, which has all its digits. A formula such as "
        "1 - 1 / (1 + exp(x)), (1 + tanh(x / 2)) / 2 or a clipped x loses it: use exp(x) / (1 + exp(x)) there.",
    },
    "tanh": {
        "overflow": "(exp(x) - exp(-x)) / (exp(x) + exp(-x)) is inf / inf = NaN for large x. Divide both terms by "
        "the larger exponential: with z = exp(-2 * abs(x)) it is sign(x) * (1 - z) / (1 + z).",
        "digits": "Near 0, exp(x) - exp(-x) subtracts two numbers close to 1, although tanh(x) is about x. "
        "np.expm1(2 * x) keeps the digits: tanh(x) = -m / (2 + m) with m = np.expm1(-2 * x), for x >= 0.",
    },
    "gelu": {
        "value": "The forms with tanh and with 1.702 are approximations, which differ from GELU by up to 0.0005 and "
        "0.02. The exact function is x / 2 * erfc(-x / sqrt(2)).",
        "tail": "1 + erf(x / sqrt(2)) subtracts two numbers close to 1 for negative x. The complement erfc keeps "
        "all digits: gelu(x) = x / 2 * erfc(-x / sqrt(2)) (scipy.special.erfc, or np.vectorize(math.erfc)).",
        "limit": "x times the distribution function is -inf * 0 = NaN at -inf, where gelu tends to 0.",
    },
    "swish": {
        "limit": "x * sigmoid(x) is -inf * 0 = NaN at -inf, where swish tends to 0.",
        "warnings": f"x / (1 + exp(-x)) is right for very negative x, but NumPy warns of exp. {_EXP}",
    },
    "softplus": {
        "overflow": "log(1 + exp(x)) overflows for large x, where softplus(x) is about x. Use "
        "np.maximum(x, 0) + np.log1p(np.exp(-abs(x))), or np.logaddexp(0, x).",
        "tail": "1 + exp(x) is exactly 1 for very negative x, so its logarithm is 0. np.log1p(np.exp(x)) keeps "
        "the digits.",
    },
    "softmax": {
        "overflow": f"exp overflows. {_LARGEST} Subtract the maximum of each row first: "
        "softmax(x) = softmax(x - max(x)), and the largest exponential is then 1.",
        "warnings": "Subtract the maximum of each row before exp: no argument is then above 0.",
        "tail": "Small probabilities keep their digits if the only operations are exp of the shifted row and a "
        "division. Look for a constant that is added, a clipped row, or 1 - p.",
        "axis": "The sum runs along the wrong axis: use axis=-1, keepdims=True in np.max and in np.sum.",
        "keepdims": "Without keepdims=True the sums of the rows are one axis short, and NumPy aligns them with "
        "the columns. For a square matrix this even works, with wrong results.",
        "shift": "Subtract the maximum of each row, not that of the whole array: np.max(x, axis=-1, keepdims=True).",
        "sum": "Divide by the sum itself, without a small constant: it is at least 1 after the maximum was subtracted.",
        "limit": "An element of -inf is a masked one: exp(-inf) is 0, without any special treatment.",
        "elementwise": "A row may depend on its own elements only: use axis=-1 in every maximum and sum.",
    },
}


def hint(name: str, kind: str) -> str:
    """Return the hint for a kind of fault of the function `name`."""
    return _PARTICULAR.get(name, {}).get(kind) or _GENERAL[kind]


# Parts of the messages of exceptions that beginners meet, and what they mean.
_ERRORS = (
    (
        "truth value of an array",
        "`if` needs one answer, but an array has one for each element. np.where(x > 0, a, b) chooses for each element.",
    ),
    ("can be converted to Python scalars", "The functions of `math` take one number. Use np.exp, np.tanh, np.sqrt."),
    (
        "could not be broadcast together",
        "Sums and maxima along an axis need keepdims=True to be combined with the array.",
    ),
    ("returns shape ()", "The function returns one number. Look for a sum, a mean or a maximum of the whole array."),
    ("returns shape", _GENERAL["shape"]),
    ("returns dtype object", "Does the function end with `return`? Without it, Python returns None."),
)


def hint_of_error(message: str) -> str:
    """Return the hint for the message of an exception."""
    return next((text for part, text in _ERRORS if part in message), _GENERAL["evaluation"])
