"""The bits of every function are those that were stored: a change of them is intended, or a mistake.

`everything.py` makes the results, and says how the digests of new ones are stored.
"""

import everything
import numpy as np
import pytest

from spatium import _engine

STORED = everything.stored()


def digests(isa, name=None):
    """Those of one function, so that the tests of the others do not depend on it."""
    before = _engine.current_isa()
    _engine.set_isa(isa)
    try:
        with np.errstate(all="ignore"):
            return everything.summary(everything.compute(everything.GROUPS, name=name))
    finally:
        _engine.set_isa(before)


@pytest.mark.parametrize("isa", _engine.available_isas())
@pytest.mark.parametrize("name", sorted({name for name, _ in STORED}))
def test_bits_are_those_that_were_stored(name, isa):
    found = digests(isa, name)
    assert found
    assert found == {key: STORED[key][everything.column(isa)] for key in found}


def test_every_function_is_stored():
    found = digests(_engine.current_isa()).keys()
    assert {key for key in STORED if key[1] != "bfloat16"} <= found <= STORED.keys()
