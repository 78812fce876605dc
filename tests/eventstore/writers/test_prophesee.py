"""What the writers of Prophesee's formats share."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.readers.prophesee import parse_header
from eventstore.writers.prophesee import check_camera, check_events, choose_t0, header_lines


@given(st.integers(-(2**60), 2**60), st.sampled_from([1 << 24, 1 << 40]))
def test_the_offset_leaves_times_that_a_clock_holds(first: int, limit: int) -> None:
    t0 = choose_t0(first, limit)
    assert 0 <= first - t0 < limit
    assert t0 == 0 or (t0 % 1_000_000 == 0 and first - t0 >= 1_000_000)
    assert (t0 == 0) == (0 <= first < limit)


def test_metadata_are_lines_unless_they_contradict_the_file() -> None:
    meta = {
        "date": "2023-10-19 03:51:23",
        "system_id": "49",
        "evt": "2.0",
        "geometry": "1x1",
        "T0": "5",
        "two words": "x",
        "note": "a\nb",
        "name": "Zürich",
        "long": "x" * 5000,
        "empty": "",
    }
    text = header_lines({"evt": "3.0"}, meta)
    assert text == b"% evt 3.0\n% date 2023-10-19 03:51:23\n% system_ID 49\n% empty\n"
    assert parse_header(memoryview(text)).size == len(text)


def test_audio_is_refused() -> None:
    with pytest.raises(InvalidInput, match="DAT files hold a camera's events"):
        check_camera(Sensor.audio(64), "DAT")


@pytest.mark.parametrize(("x", "y", "p"), [(2048, 0, 0), (0, 2048, 1), (0, 0, 2)])
def test_the_first_event_without_bits_for_it_is_named(x: int, y: int, p: int) -> None:
    events = Events(
        np.arange(2), np.array([0, x], np.uint16), np.array([0, y], np.uint16),
        np.array([0, p], np.uint8),
    )  # fmt: skip
    with pytest.raises(InvalidInput, match=f"event 8 at x = {x}, y = {y}, p = {p}") as e:
        check_events(events, 7, 2048, "EVT3")
    assert "2048×2048" in e.value.hint
    check_events(events[:1], 7, 2048, "EVT3")
