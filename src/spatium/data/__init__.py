"""The packaged images of handwritten digits, and a network trained on them. See README.md in this folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

__all__ = ["Digits", "digits_model_path", "load_digits"]

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, eq=False)
class Digits:
    """Images of handwritten digits: a training part and a held-out part.

    Attributes
    ----------
    x_train, x_test : ndarray of float32, shapes (1437, 64) and (360, 64)
        One 8×8 image per row of the array, with the image rows one after another; 0 is paper, 1 is ink.
    y_train, y_test : ndarray of int64, shapes (1437,) and (360,)
        The digits 0 to 9.
    """

    x_train: NDArray[np.float32]
    y_train: NDArray[np.int64]
    x_test: NDArray[np.float32]
    y_test: NDArray[np.int64]


def load_digits() -> Digits:
    """Return the 1,797 packaged images; every fifth (the 1st, 6th, 11th, ...) is in the held-out part.

    The images are from E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine
    Learning Repository, https://doi.org/10.24432/C50P49, CC BY 4.0.

    Examples
    --------
    >>> from spatium.data import load_digits
    >>> digits = load_digits()
    >>> digits.x_train.shape, digits.x_test.shape
    ((1437, 64), (360, 64))
    >>> digits.y_test[:5]
    array([0, 5, 0, 5, 0])
    """
    with np.load(_FOLDER / "digits.npz", allow_pickle=False) as file:
        images, labels = file["images"], file["labels"].astype(np.int64)
    pixels = images.reshape(len(images), -1).astype(np.float32) / np.float32(16)
    held_out = np.arange(len(pixels)) % 5 == 0
    return Digits(pixels[~held_out], labels[~held_out], pixels[held_out], labels[held_out])


def digits_model_path() -> Path:
    """Return the path of the packaged network for these images.

    Examples
    --------
    >>> from spatium.data import digits_model_path
    >>> digits_model_path().name
    'digits_model.npz'
    """
    return _FOLDER / "digits_model.npz"
