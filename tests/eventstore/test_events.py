import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor, back_steps
from eventstore.strategies import events as event_tables

TIMES = st.lists(st.integers(0, 2**62), max_size=30).map(sorted)


def table(times: list[int]) -> Events:
    n = len(times)
    return Events.of(t=times, x=list(range(n)), y=[7] * n, p=[i % 2 for i in range(n)])


@given(TIMES, st.integers(0, 30))
def test_concatenating_the_pieces_gives_the_whole(times: list[int], cut: int) -> None:
    whole = table(times)
    assert Events.concatenate([whole[:cut], whole[cut:]]).equals(whole)


@given(TIMES, st.integers(-(2**61), 2**61))
def test_shifting_there_and_back_changes_nothing(times: list[int], offset: int) -> None:
    whole = table(times)
    assert whole.shifted(offset).shifted(-offset).equals(whole)


def test_absent_columns_are_the_audio_defaults() -> None:
    events = Events.of(t=[1, 2], x=[5, 6])
    assert events.y.tolist() == [0, 0]
    assert events.p.tolist() == [1, 1]
    assert events.column("c").tolist() == [5, 6]
    assert len(Events.concatenate([])) == 0


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"t": [1], "x": [65536]}, "column x runs 65536 … 65536, allowed 0 … 65535"),
        ({"t": [1], "x": [-1]}, "column x runs -1"),
        ({"t": [1], "x": [1], "p": [2]}, "column p runs 2 … 2, allowed 0 … 1"),
        ({"t": np.array([0.5]), "x": [1]}, "column t holds float64, not integers"),
        ({"t": [1, 2], "x": [1]}, r"column x is uint16\[1\], expected uint16\[2\]"),
    ],
)
def test_what_a_column_cannot_hold_is_refused(columns: dict[str, object], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        Events.of(**columns)  # type: ignore[arg-type]


def test_a_wrong_dtype_is_never_cast() -> None:
    with pytest.raises(InvalidInput, match="column t is int32"):
        Events(
            np.zeros(1, np.int32), np.zeros(1, np.uint16), np.zeros(1, np.uint16),
            np.zeros(1, np.uint8),
        )  # fmt: skip


def test_sensors_know_their_columns_and_frame_shape() -> None:
    assert Sensor(640, 480).shape == (2, 480, 640)
    assert Sensor.audio(64).shape == (1, 1, 64)
    assert Sensor(3, 4).columns == ("t", "x", "y", "p")


@pytest.mark.parametrize(
    "make",
    [
        lambda: Sensor(0, 1),
        lambda: Sensor(1, 65537),
        lambda: Sensor(8, 2, "audio"),
        lambda: Sensor(8, 1, "smell"),  # type: ignore[arg-type]
    ],
)
def test_impossible_sensors_are_refused(make: object) -> None:
    with pytest.raises(InvalidInput) as caught:
        make()  # type: ignore[operator]
    assert caught.value.hint


def test_back_steps_counts_each_place() -> None:
    assert back_steps(np.array([1, 2, 2, 1, 5, 0])) == 2
    assert back_steps(np.array([], np.int64)) == 0


@given(events=event_tables(), size=st.integers(1, 9))
def test_gathered_packets_are_the_table(events: Events, size: int) -> None:
    packets = (events[i : i + size] for i in range(0, len(events), size))
    gathered = Events.gather(packets)
    assert gathered.equals(events)
    assert all(column.base is None for column in gathered)


@pytest.mark.parametrize("n", [0, 1, 7, 1000])
def test_columns_of_a_blank_table_lie_apart(n: int) -> None:
    blank = Events.blank(n)
    for value, column in enumerate(blank):
        column[:] = value + 1
    assert [column.tolist() for column in blank] == [[value] * n for value in (1, 2, 3, 4)]
    assert all(column.flags.aligned and column.flags.c_contiguous for column in blank)


def test_blank_tables_share_nothing() -> None:
    first, second = Events.blank(5), Events.blank(5)
    assert not any(np.shares_memory(a, b) for a, b in zip(first, second, strict=True))
