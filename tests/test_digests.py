"""The bits of every function are those that were stored: a change of them is intended, or a mistake.

`everything.py` makes the results, and says how the digests of new ones are stored.
"""

import functools

import everything
import numpy as np
import pytest

from spatium import _engine

STORED = everything.stored()


@functools.cache
def digests(isa):
    before = _engine.current_isa()
    _engine.set_isa(isa)
    try:
        with np.errstate(all="ignore"):
            return everything.summary(everything.compute(everything.GROUPS))
    finally:
        _engine.set_isa(before)


@pytest.mark.parametrize("isa", _engine.available_isas())
@pytest.mark.parametrize("name", sorted({name for name, _ in STORED}))
def test_bits_are_those_that_were_stored(name, isa):
    found = {key: digest for key, digest in digests(isa).items() if key[0] == name}
    assert found
    assert found == {key: STORED[key][everything.column(isa)] for key in found}


@pytest.mark.parametrize("isa", _engine.available_isas())
def test_every_function_is_stored(isa):
    assert {key for key in STORED if key[1] != "bfloat16"} <= digests(isa).keys() <= STORED.keys()
