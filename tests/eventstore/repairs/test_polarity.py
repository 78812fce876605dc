"""swap-polarity: ON becomes OFF; audio has none."""

import pytest

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.repairs.polarity import REPAIR
from eventstore.repairs.protocol import RepairReport, Subject


def test_polarities_are_swapped() -> None:
    report, subject = RepairReport(name=REPAIR.name), Subject(name="a", sensor=Sensor(4, 4))
    (done,) = REPAIR.apply(iter([Events.of(t=[1, 2], x=[0, 0], p=[0, 1])]), subject, report)
    assert done.p.tolist() == [1, 0]
    assert (report.changed, report.first) == (2, 0)


def test_audio_has_none() -> None:
    subject = Subject(name="a.wav", sensor=Sensor.audio(4))
    with pytest.raises(InvalidInput, match=r"a\.wav is audio and has no polarities"):
        list(REPAIR.apply(iter([]), subject, RepairReport(name=REPAIR.name)))
