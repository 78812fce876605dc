"""Settings of the event-driven simulator."""

import re
from typing import Any

import pytest

from devices.speck.sim_settings import SimSettings
from eventstore.errors import InvalidInput


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"order": "depth"}, "unknown order 'depth' of events"),
        ({"slow_clock_us": 0}, "slow_clock_us = 0 is not positive"),
        ({"window_us": -1}, "window_us = -1 is not positive"),
        ({"decimate": {"conv1": 3}}, "a decimator cannot pass one of 3 spikes"),
    ],
)
def test_what_the_chip_cannot_do_is_refused(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InvalidInput, match=re.escape(message)):
        SimSettings(**wrong)
