"""Sections refuse what cannot be."""

import pytest

from catalog.card_sections import (
    RightsSection,
    SceneSection,
    SensorSection,
    TimeSection,
    recording_defaults,
)
from eventstore.errors import InvalidInput


@pytest.mark.parametrize("roi", [(1, 2, 3), (0, 0, 0, 4), (-1, 0, 3, 4)])
def test_a_region_has_a_place_and_a_size(roi: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match=r"sensor\.roi") as caught:
        SensorSection(roi=roi)
    assert "x, y, width, height" in caught.value.hint


def test_lengths_are_not_negative() -> None:
    with pytest.raises(InvalidInput, match="refractory_us"):
        SensorSection(refractory_us=-1)
    with pytest.raises(InvalidInput, match="distance_m"):
        SceneSection(distance_m=-0.1)
    with pytest.raises(InvalidInput, match="tick_us"):
        TimeSection(tick_us=0)
    with pytest.raises(InvalidInput, match="licence_url"):
        RightsSection(licence_url="somewhere")


def test_what_holds_for_all_is_one_text_each() -> None:
    sensor = SensorSection(serial="3", biases={"a": "1"}, filters=("STC",), temperature_c=0.5)
    scene = SceneSection(lens="C", lux=1e6)
    said = {"serial": "3", "temperature_c": "0.5", "lens": "C", "lux": "1e+06"}
    assert recording_defaults(sensor, scene) == said
    assert recording_defaults(SensorSection(), SceneSection()) == {}
