"""Every repair in the table holds to what a repair is: lazy, bounded, whatever the packets."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events, Sensor
from eventstore.readers import read_file
from eventstore.repairs import REPAIRS, Repair, named_repairs, repaired
from eventstore.repairs.protocol import Subject
from eventstore.writers.atis import write_atis

SUBJECT = Subject(name="a.bin", sensor=Sensor(8, 6))


def cut(events: Events, sizes: list[int]) -> Iterator[Events]:
    """Yield a table in packets of these sizes, the rest in one."""
    at = 0
    for size in [*sizes, len(events)]:
        yield events[at : at + size]
        at += size


def repair(
    events: Events, *names: str, sizes: list[int] | None = None
) -> tuple[Events, list[dict[str, object]]]:
    """Return repaired events and what the reports say."""
    packets, reports = repaired(cut(events, sizes or []), named_repairs(names), SUBJECT)
    return Events.concatenate(list(packets)), [report.to_dict() for report in reports]


@st.composite
def tables(draw: st.DrawFn) -> Events:
    """Draw few events with times in any order, many of them equal, from 1 on and on the sensor."""
    n = draw(st.integers(0, 40))
    rng = np.random.default_rng(draw(st.integers(0, 1 << 30)))
    t = rng.integers(0, draw(st.integers(1, 30)), n)
    p = rng.integers(0, 2, n)
    return Events.of(t=t, x=rng.integers(1, 4, n), y=rng.integers(1, 3, n), p=p)


@pytest.mark.parametrize("name", REPAIRS)
@given(events=tables(), sizes=st.lists(st.integers(0, 12), max_size=6))
def test_packets_make_no_difference(name: str, events: Events, sizes: list[int]) -> None:
    before = Events.concatenate([events])
    whole, counts = repair(events, name)
    parts, counts_of_parts = repair(events, name, sizes=sizes)
    assert whole.equals(parts)
    assert counts == counts_of_parts
    assert events.equals(before)  # what it is given is left alone
    dropped = counts[0]["dropped"]
    assert len(whole) == len(events) - (dropped if isinstance(dropped, int) else 0)


@pytest.mark.parametrize("name", REPAIRS)
def test_every_repair_says_what_it_is_for(name: str) -> None:
    assert isinstance(REPAIRS[name], Repair)
    assert REPAIRS[name].name == name
    assert REPAIRS[name].mends
    assert len(repair(Events.empty(), name)[0]) == 0


@pytest.mark.parametrize("name", [name for name in REPAIRS if name != "sort"])
def test_packets_come_as_they_are_asked_for(name: str) -> None:
    given_out = 0

    def endless() -> Iterator[Events]:
        nonlocal given_out
        while True:
            given_out += 1
            yield Events.of(t=[5 * given_out], x=[given_out % 7 + 1], y=[1])

    packets, _ = repaired(endless(), named_repairs([name]), SUBJECT)
    assert given_out == 0
    for _ in range(5):
        assert len(next(packets)) == 1
    assert given_out <= 6


def test_repairs_are_done_in_the_order_given() -> None:
    events = Events.of(t=[5, 9, 7], x=[7, 8, 9], y=[0, 1, 2])
    done, counts = repair(events, "drop-outside", "flip-y", "hold-time")
    assert (done.t.tolist(), done.y.tolist()) == ([5], [5])
    assert [c["name"] for c in counts] == ["drop-outside", "flip-y", "hold-time"]
    with pytest.raises(InvalidInput, match="flip-y cannot move event 1 at x = 8, y = 1, off"):
        repair(events, "flip-y", "drop-outside")


def test_empty_packets_are_left_out() -> None:
    packets, _ = repaired(
        iter([Events.of(t=[1], x=[99]), Events.of(t=[2], x=[1])]),
        named_repairs(["drop-outside"]),
        SUBJECT,
    )
    assert [packet.t.tolist() for packet in packets] == [[2]]


def test_unknown_names_and_options_are_refused() -> None:
    with pytest.raises(NotFound, match="no repair 'sorted'") as e:
        named_repairs(["sorted"])
    assert "did you mean 'sort'?" in e.value.hint
    with pytest.raises(NotFound, match="no option of the repair 'unwrap': 'bit'"):
        named_repairs(["unwrap:bit=3"])
    with pytest.raises(NotFound, match="no option of the repair 'sort': 'run_events'"):
        named_repairs(["sort:run_events=3"])


def test_a_file_is_repaired_as_it_is_read(tmp_path: Path) -> None:
    write_atis(tmp_path / "a.bin", Events.of(t=[5, 3, 9], x=[1, 2, 40], y=[4, 4, 4]))
    recording = read_file(
        tmp_path / "a.bin", sensor=Sensor(34, 34), repairs=["sort", "drop-outside", "flip-y"]
    )
    events = recording.load()
    assert (events.t.tolist(), events.y.tolist()) == ([3, 5], [29, 29])
    assert [(r.changed, r.dropped, r.first) for r in recording.repairs] == [
        (1, 0, 1),
        (0, 1, 2),
        (2, 0, 0),
    ]


def test_an_assumed_geometry_is_no_reason_to_move_events(tmp_path: Path) -> None:
    write_atis(tmp_path / "a.bin", Events.of(t=[5], x=[1], y=[4]))
    for name in ("one-based", "flip-x", "flip-y"):
        with pytest.raises(InvalidInput, match=f"{name} needs the sensor's size"):
            read_file(tmp_path / "a.bin", repairs=[name]).load()


@pytest.mark.parametrize("name", REPAIRS)
def test_every_repair_is_in_the_reference(name: str) -> None:
    page = Path(__file__).parents[3] / "docs" / "reference" / "command-line.md"
    assert f"`{name}`" in page.read_text(encoding="utf-8")
