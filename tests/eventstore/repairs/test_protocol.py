"""Reports of repairs: counts, the first place, and plain values."""

import numpy as np
import pytest

from eventstore.errors import InvalidInput
from eventstore.events import Sensor
from eventstore.repairs.protocol import RepairReport, Subject


def test_counts_add_up_over_packets() -> None:
    report = RepairReport(name="drop-outside", options={"bits": 3})
    report.note(0, 0)
    assert report.first is None
    report.note_mask(10, np.array([False, True, True]), dropped=True)
    report.note_mask(13, np.array([True]))
    assert report.to_dict() == {
        "name": "drop-outside",
        "options": {"bits": 3},
        "changed": 1,
        "dropped": 2,
        "first": 11,
    }


def test_a_mask_of_nothing_changes_nothing() -> None:
    report = RepairReport(name="sort")
    report.note_mask(5, np.zeros(3, bool))
    report.note_mask(5, np.zeros(0, bool))
    assert report.to_dict() == {"name": "sort", "changed": 0, "dropped": 0, "first": None}


def test_an_assumed_sensor_moves_no_events() -> None:
    stated = Subject(name="a.bin", sensor=Sensor(4, 3))
    assert stated.stated_sensor("flip-y") == Sensor(4, 3)
    with pytest.raises(InvalidInput, match=r"a\.bin: flip-y needs the sensor's size") as e:
        Subject(name="a.bin", sensor=Sensor(4, 3), assumed=True).stated_sensor("flip-y")
    assert "--sensor" in e.value.hint
