"""Pages of recordings."""

import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.dataset import Dataset
from catalog.viewer.grid import GridQuery, grid_page, neighbours
from catalog.viewer.shown import Shown
from eventstore.errors import InvalidInput, NotFound
from tests.catalog.viewer.asking import Asker


def names(page: dict[str, Any]) -> list[str]:
    return [row["recording_id"] for row in page["rows"]]


@given(sort=st.sampled_from(["n_events", "-rate_hz", "fold", "-labels.class", "recording_id"]))
@pytest.mark.parametrize("per_page", [1, 4, 100])
def test_pages_hold_each_recording_once_in_order(viewed: Asker, per_page: int, sort: str) -> None:
    state = viewed.shown.state()
    seen: list[str] = []
    page = 1
    while len(seen) < 15:
        found = grid_page(state, GridQuery(sort=sort, page=page, per_page=per_page))
        assert found["n_matched"] == 15
        seen += names(found)
        page += 1
    assert sorted(seen) == sorted(state.ids)
    column = sort.removeprefix("-")
    texts = state.ids if column == "recording_id" else state.columns.texts(column)
    of: dict[str, Any] = dict(zip(state.ids, texts, strict=True))
    keys = [float(of[n]) if column in {"n_events", "rate_hz"} else of[n] for n in seen]
    assert keys == sorted(keys, reverse=sort.startswith("-"))


def test_expressions_and_names_narrow_the_page(viewed: Asker) -> None:
    state = viewed.shown.state()
    found = grid_page(state, GridQuery(where="fold == 'test' and labels.class == 'cat'"))
    assert names(found) == ["test/cat/000", "test/cat/003"]
    assert names(grid_page(state, GridQuery(name="CAT/003"))) == ["test/cat/003", "train/cat/003"]
    assert grid_page(state, GridQuery(name="nobody"))["n_pages"] == 1
    with pytest.raises(NotFound, match="no column 'n_event'"):
        grid_page(state, GridQuery(sort="-n_event"))
    with pytest.raises(InvalidInput):
        grid_page(state, GridQuery(where="n_events >"))


def test_recordings_without_a_value_stand_last_both_ways(animals: Dataset) -> None:
    animals.set_column("lux", {"test/cat/000": "5", "test/dog/001": "40"})
    state = Shown(animals).state()
    for sort, first in (("lux", "test/cat/000"), ("-lux", "test/dog/001")):
        assert names(grid_page(state, GridQuery(sort=sort)))[0] == first


def test_neighbours_end_at_the_ends(viewed: Asker) -> None:
    state = viewed.shown.state()
    assert neighbours(state, state.ids[1]) == (state.ids[0], state.ids[2], 2, 15)
    assert neighbours(state, state.ids[-1]).after == ""


def test_neighbours_are_those_of_the_grid_that_one_came_from(viewed: Asker) -> None:
    state = viewed.shown.state()
    query = GridQuery(where="labels.class == 'cat'", sort="-recording_id")
    shown = names(grid_page(state, query))
    found = [neighbours(state, name, query) for name in shown]
    assert [one.before for one in found] == ["", *shown[:-1]]
    assert [one.after for one in found] == [*shown[1:], ""]
    assert [(one.place, one.n) for one in found] == [(k + 1, 5) for k in range(5)]
    assert neighbours(state, "test/dog/001", query) == neighbours(state, "test/dog/001")
    asked = "/api/recording?recording=train/cat/000&name=cat&sort=-recording_id"
    assert viewed.get(asked).json()["before"] == "train/cat/003"
    assert viewed.get(asked + "&sort=x").status == 400


@pytest.mark.slow
def test_a_page_of_ten_thousand_recordings_takes_a_moment(many_viewed: Asker) -> None:
    times = []
    for sort in ("-rate_hz", "-n_events", "fold"):
        start = time.perf_counter()
        assert len(many_viewed.get(f"/api/recordings?sort={sort}").json()["rows"]) == 48
        times.append(time.perf_counter() - start)
    assert min(times) < 0.5
