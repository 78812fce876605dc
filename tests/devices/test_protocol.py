"""The protocol of chips."""

import pytest

from devices.chips import CHIPS
from devices.protocol import Chip


@pytest.mark.parametrize("name", sorted(CHIPS))
def test_every_known_chip_has_all_the_steps(name: str) -> None:
    assert isinstance(CHIPS[name], Chip)


def test_half_a_chip_is_none() -> None:
    class Half:
        name = "half"

        def check(self) -> None: ...

    assert not isinstance(Half(), Chip)
