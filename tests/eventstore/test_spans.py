"""Joined spans cover exactly what was asked for, and each finds its own bytes."""

from hypothesis import given
from hypothesis import strategies as st

from eventstore import spans as module
from eventstore.spans import Span, join_spans, within

FILES = {"a": bytes(range(40)), "b": bytes(range(100, 140))}
ONE = st.tuples(st.sampled_from("ab"), st.integers(0, 40), st.integers(0, 40)).map(
    lambda one: (one[0], min(one[1:]), max(one[1:]))
)


@given(asked=st.lists(ONE, max_size=8))
def test_every_span_finds_its_bytes(asked: list[Span]) -> None:
    joined, places = join_spans(asked)
    data = [FILES[key][start:stop] for key, start, stop in joined]
    for (key, start, stop), (i, first, last) in zip(asked, places, strict=True):
        assert data[i][first:last] == FILES[key][start:stop]
    covered = {(key, at) for key, start, stop in asked for at in range(start, stop)}
    assert sum(stop - start for _, start, stop in joined) == len(covered)


def test_a_request_does_not_grow_without_bound() -> None:
    step = module.MAX_REQUEST // 4
    asked = [("a", i * step, (i + 1) * step) for i in range(10)]
    joined, _ = join_spans(asked)
    assert [stop - start for _, start, stop in joined] == [4 * step, 4 * step, 2 * step]
    assert join_spans([])[0] == []


@given(size=st.integers(0, 9), start=st.integers(-12, 12), stop=st.none() | st.integers(-12, 12))
def test_a_range_within_a_file_is_a_slice(size: int, start: int, stop: int | None) -> None:
    data = bytes(range(size))
    first, last = within(size, start, stop)
    assert data[first:last] == data[start:stop]
    assert 0 <= first <= last <= size
