"""unwrap: stamps that ran over count on, whatever their width and tick."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.repairs import named_repairs
from eventstore.repairs.protocol import RepairReport, Subject
from eventstore.repairs.wraps import Unwrap

SUBJECT = Subject(name="a.bin", sensor=Sensor(8, 8))


def unwrapped(repair: Unwrap, t: list[int]) -> tuple[list[int], RepairReport]:
    report = RepairReport(name="unwrap")
    packets = iter([Events.of(t=t[:3], x=[0] * len(t[:3])), Events.of(t=t[3:], x=[0] * len(t[3:]))])
    done = Events.concatenate(list(repair.apply(packets, SUBJECT, report)))
    return done.t.tolist(), report


@given(
    bits=st.integers(8, 20),
    steps=st.lists(st.floats(0, 0.49), max_size=60),
)
def test_any_walk_of_less_than_half_the_range_comes_back(bits: int, steps: list[float]) -> None:
    true = np.cumsum([int(step * (1 << bits)) for step in steps]).tolist()
    wrapped = [int(t) % (1 << bits) for t in true]
    done, report = unwrapped(Unwrap(bits=bits), wrapped)
    assert done == true
    assert report.changed == sum(a != b for a, b in zip(true, wrapped, strict=True))


def test_stragglers_around_a_wrap_stay_before_it() -> None:
    done, _ = unwrapped(Unwrap(bits=8), [200, 254, 2, 255, 3, 200, 5, 254, 6])
    assert done == [200, 254, 258, 255, 259, 456, 517, 510, 518]


def test_ticks_need_not_be_microseconds() -> None:
    period = (1 << 32) * 0.2
    done, report = unwrapped(
        Unwrap(bits=32, tick_us=0.2), [858_993_459, 1, 400_000_000, 800_000_000, 7]
    )
    assert done == [
        858_993_459,
        *(round(period) + t for t in (1, 400_000_000, 800_000_000)),
        round(2 * period) + 7,
    ]
    assert (report.changed, report.first) == (4, 1)


def test_small_steps_back_are_left_alone() -> None:
    done, report = unwrapped(Unwrap(bits=16), [500, 400, 450, 30, 20])
    assert done == [500, 400, 450, 30, 20]
    assert report.first is None


def test_times_that_do_not_fit_the_stamps_are_refused() -> None:
    for t in (70_000, -1):
        with pytest.raises(
            InvalidInput, match=rf"a\.bin: event 4 at {t} µs does not fit stamps of 16 bits"
        ):
            unwrapped(Unwrap(bits=16), [5, 6, 7, 8, t])


@pytest.mark.parametrize(
    "text", ["bits=7", "bits=63", "tick_us=0", "bits=60,tick_us=100", "tick_us=nan"]
)
def test_impossible_stamps_are_refused(text: str) -> None:
    with pytest.raises(InvalidInput, match="stamps of"):
        named_repairs([f"unwrap:{text}"])
