"""Names of boards."""

import pytest

from devices.speck.boards import BOARDS, vendor_names
from devices.speck.chip import SPECS
from eventstore.errors import NotFound


def test_every_chip_has_the_vendor_s_names() -> None:
    assert {spec.name for spec in SPECS} <= set(BOARDS)
    assert vendor_names("dynapcnndevkit").configuration == "DynapcnnConfiguration"


def test_a_mistyped_chip_gets_its_nearest_name() -> None:
    with pytest.raises(NotFound, match="spek2f") as caught:
        vendor_names("spek2f")
    assert "speck2f" in caught.value.hint
