"""Tests of what is refused before a line of C is written; what C computes: test_*_net.py."""

import numpy as np
import pytest

from devices.c_export.network import c_source
from eventstore.errors import InvalidInput
from tests.devices.speck.random_nets import random_net


@pytest.mark.parametrize("name", ["", "2nd", "Net", "a-b", "int", "_x", "a" * 40])
def test_refuses_names_that_c_does_not_take(name: str) -> None:
    with pytest.raises(InvalidInput, match="is no name for C"):
        c_source(random_net(np.random.default_rng(0)), name=name)


def test_refuses_what_holds_no_integers() -> None:
    with pytest.raises(InvalidInput, match="a dict is no network of integers"):
        c_source({})
