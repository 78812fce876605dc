"""Where files lie at a place that versions are published to."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.remotes.layout import object_path, parse_places, places_path, places_text, sealed
from eventstore.errors import FormatError

NAMES = st.text("abc/", min_size=1, max_size=6).filter(lambda name: not name.startswith("/"))


@given(st.dictionaries(NAMES, st.text("0123456789abcdef", min_size=64, max_size=64)))
def test_places_come_back_from_their_text(sums: dict[str, str]) -> None:
    places = {name: object_path(sum_) for name, sum_ in sums.items()}
    assert parse_places(places_text("1.0.0", places), places_path("1.0.0")) == places


@given(st.integers(1, 12))
def test_all_shards_but_the_last_are_sealed(n: int) -> None:
    shards = [f"events.zarr/events/t/c/{k}" for k in range(n)]
    assert sealed([*shards, "events.zarr/zarr.json", "labels/class.tsv"]) == set(shards[:-1])


@pytest.mark.parametrize("text", ["[]", '{"format": 2}', "no"])
def test_what_is_no_table_of_places_is_refused(text: str) -> None:
    with pytest.raises(FormatError, match=r"1\.0\.0\.places\.json"):
        parse_places(text, places_path("1.0.0"))


@pytest.mark.parametrize("place", ["/etc/passwd", "objects/../../secret"])
def test_places_outside_are_refused(place: str) -> None:
    with pytest.raises(FormatError, match="lies outside"):
        parse_places(places_text("1.0.0", {"a": place}), "places")
