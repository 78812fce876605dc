"""Assumed geometry: the smallest known sensor that holds all events, and a finding that says so."""

import pytest

from eventstore.events import Events, Sensor
from eventstore.findings import Severity
from eventstore.readers.geometry import (
    KNOWN_COCHLEAS,
    KNOWN_SENSORS,
    assume_sensor,
    extent_of,
    no_events,
)


@pytest.mark.parametrize("sensor", KNOWN_SENSORS)
def test_each_known_sensor_is_assumed_for_events_in_its_corner(sensor: Sensor) -> None:
    assumed, finding = assume_sensor("a.bin", sensor.width - 1, sensor.height - 1)
    assert assumed == sensor
    assert finding.severity is Severity.INFO
    assert finding.where == "a.bin"
    assert f"{sensor.width}×{sensor.height}" in finding.message


def test_known_sensors_run_from_small_to_large() -> None:
    for known in (KNOWN_SENSORS, KNOWN_COCHLEAS):
        areas = [sensor.width * sensor.height for sensor in known]
        assert areas == sorted(areas)


def test_beyond_all_known_the_bounding_box_is_taken_with_a_warning() -> None:
    assumed, finding = assume_sensor("a.bin", 4000, 9)
    assert assumed == Sensor(4001, 10)
    assert finding.severity is Severity.WARNING


def test_without_events_the_smallest() -> None:
    assert assume_sensor("a.bin", -1, -1)[0] == KNOWN_SENSORS[0]
    assert no_events("a.bin").severity is Severity.WARNING


def test_cochleas_have_channels() -> None:
    assert assume_sensor("a.npz", 64, 0, KNOWN_COCHLEAS)[0] == Sensor.audio(128)
    assert assume_sensor("a.npz", 900, 0, KNOWN_COCHLEAS)[0] == Sensor.audio(901)


def test_the_extent_of_packets_is_that_of_all_their_events() -> None:
    packets = [Events.of(t=[1, 2], x=[3, 1], y=[0, 7]), Events.of(t=[3], x=[2], y=[9])]
    assert extent_of(packets) == (3, 9)
    assert extent_of([]) == (-1, -1)
