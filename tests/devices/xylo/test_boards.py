"""Names of boards."""

import pytest

from devices.xylo.boards import BOARDS, xylo_names
from devices.xylo.chip import SPECS
from eventstore.errors import NotFound


def test_every_chip_has_the_vendor_s_names() -> None:
    assert {spec.name for spec in SPECS} == set(BOARDS)
    with pytest.raises(NotFound, match="xylo_imo") as caught:
        xylo_names("xylo_imo")
    assert caught.value.hint == "did you mean 'xylo_imu'?"
