"""What compiled functions say of arrays that do not fit: they are read without further checks.

Only the package calls these functions, with arrays that it has made. A mistake there must be an error, not a read
beyond an array.
"""

import numpy as np
import pytest

from spatium import _cells, _codes, _hash


def floats(*shape):
    return np.ones(shape, np.float32)


def doubles(*shape):
    return np.ones(shape)


def places(*shape):
    return np.zeros(shape, np.intp)


def hashes(*shape):
    return np.zeros(shape, np.uint64)


def normals(count, length):
    return _hash.padded_planes(floats(count, length))


def bytes_of(*shape):
    return np.zeros(shape, np.uint8)


# The function, arguments that fit, and for each place others that do not.
CASES = {
    "project_rows": (
        _hash.project_rows,
        [floats(3, 20), normals(4, 20), doubles(3, 4)],
        {0: [floats(4, 20), floats(3, 0), floats(3, 65)], 1: [normals(5, 20), floats(4, 20), floats(0, 64)],
         2: [doubles(2, 4), doubles(3, 3)]},
    ),
    "hash_rows": (
        _hash.hash_rows,
        [floats(3, 20), normals(6, 20), doubles(6), doubles(6), hashes(3)],
        {0: [floats(4, 20), floats(3, 0)], 1: [normals(5, 20), normals(65, 20)], 2: [doubles(5), doubles(7)],
         3: [doubles(5), doubles(7)], 4: [hashes(2)]},
    ),
    "nearest": (
        _hash.nearest,
        [doubles(3, 4), doubles(4), doubles(4), doubles(3)],
        {0: [doubles(4, 4), doubles(3, 5)], 1: [doubles(3), doubles(5)], 2: [doubles(3), doubles(5)], 3: [doubles(2)]},
    ),
    "category_rows": (
        _hash.category_rows,
        [floats(3, 2), np.array([0, 1]), hashes(3)],
        {0: [floats(4, 2), floats(3, 1)], 1: [np.array([0, 2]), np.array([-1, 1])], 2: [hashes(2)]},
    ),
    "bucket_rows": (
        _hash.bucket_rows,
        [floats(3, 2), 1, doubles(63), hashes(3)],
        {0: [floats(4, 2), floats(3, 1)], 1: [2, -1], 2: [doubles(62), doubles(64)], 3: [hashes(2)]},
    ),
    "find": (_cells.find, [hashes(3), places(3)], {0: [hashes(2), hashes(4)], 1: [places(2), places(4)]}),
    "scale_and_shift": (
        _cells.scale_and_shift,
        [floats(3, 5), floats(4, 5), floats(4, 5), places(3)],
        {0: [floats(2, 5), floats(3, 4)], 1: [floats(4, 4), floats(5, 5)], 2: [floats(4, 6), floats(3, 5)],
         3: [places(2), places(4), places(3) + 4, places(3) - 1]},
    ),
    "mix": (
        _cells.mix,
        [floats(2, 4, 5), floats(2, 3, 5), places(3), floats(3, 5)],
        {0: [floats(3, 4, 5), floats(2, 4, 6), floats(0, 4, 5)], 1: [floats(1, 3, 5), floats(2, 2, 5), floats(2, 3, 4)],
         2: [places(2), places(3) + 4, places(3) - 1], 3: [floats(2, 5), floats(3, 4)]},
    ),
    "add_products": (
        _cells.add_products,
        [floats(3, 5), floats(2, 3, 5), places(3), floats(2, 4, 5)],
        {0: [floats(2, 5), floats(3, 4)], 1: [floats(1, 3, 5), floats(2, 2, 5), floats(2, 3, 4)],
         2: [places(2), places(3) + 4], 3: [floats(3, 4, 5), floats(2, 4, 6)]},
    ),
    "add_rows": (
        _cells.add_rows,
        [floats(3, 5), places(3), floats(4, 5)],
        {0: [floats(2, 5), floats(3, 4)], 1: [places(2), places(3) + 4], 2: [floats(4, 4), floats(4, 6)]},
    ),
    "add_sizes": (_cells.add_sizes, [floats(3, 5), doubles(5)], {0: [floats(3, 4)], 1: [doubles(4), doubles(6)]}),
    "count_rows": (
        _cells.count_rows,
        [floats(3, 5), places(3), np.zeros((4, 5), np.int64)],
        {0: [floats(3, 4), floats(2, 5)], 1: [places(2), places(3) + 4], 2: [np.zeros((4, 4), np.int64)]},
    ),
    "look_up": (_codes.look_up, [bytes_of(256), bytes_of(3), bytes_of(3)], {0: [bytes_of(255), bytes_of(257)]}),
    "decode": (
        _codes.decode,
        [floats(256), bytes_of(3), floats(3)],
        {0: [floats(255), doubles(256)], 2: [doubles(3)]},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_arrays_that_do_not_fit_are_refused(name):
    function, fitting, others = CASES[name]
    function(*fitting)
    for place, wrong in others.items():
        for argument in wrong:
            with pytest.raises(ValueError, match=r"do not fit|not in the table|has not 256 entries"):
                function(*fitting[:place], argument, *fitting[place + 1 :])
