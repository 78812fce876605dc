"""Chunks are found with as little of the indexes as they take."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore import places as module
from eventstore.axis import Axis
from eventstore.codecs import codecs_of
from eventstore.errors import IntegrityError
from eventstore.places import IndexPart, Places
from eventstore.shards import ABSENT, shard_parts

AXIS = Axis(
    group="events", dimension="event", codecs=codecs_of("archive"), chunk=4, shard=32
)  # fmt: skip
SIZES = [3, 1, 4, 1, 5, 9]
SHARD = memoryview(b"".join(shard_parts([bytes(size) for size in SIZES], 8)))
ENDS = np.cumsum(SIZES).tolist()


def learnt(places: Places, parts: list[IndexPart]) -> int:
    """Learn parts of the index of a shard; return how many bytes that took."""
    total = 0
    for part in parts:
        _, start, stop = places.range_of(part)
        data = SHARD[start:stop]
        places.learn(part, data)
        total += len(data)
    return total


@given(
    remote=st.booleans(),
    asked=st.lists(st.lists(st.integers(0, 23), min_size=1, max_size=4), max_size=5),
)
def test_chunks_are_found_where_they_lie(remote: bool, asked: list[list[int]]) -> None:
    places = Places(AXIS, "x", remote=remote)
    for chunks in asked:
        parts = places.unknown(chunks)
        learnt(places, parts)
        assert places.unknown(chunks) == []
        found = places.find(chunks)
        assert found is not None
        for k, (key, start, stop) in zip(chunks, found, strict=True):
            shard, slot = divmod(k, 8)
            assert key == f"events/x/c/{shard}"
            if slot < len(SIZES):
                assert (start, stop) == (ENDS[slot] - SIZES[slot], ENDS[slot])
            else:
                assert start == ABSENT


def test_only_the_entries_asked_for_are_read_from_afar() -> None:
    places = Places(AXIS, "x", remote=True)
    assert places.find([2]) is None
    assert learnt(places, places.unknown([2, 4])) == 3 * 16
    assert places.unknown([2, 3, 4]) == []
    assert places.unknown([1, 4]) == [IndexPart(0, 1, 2)]
    assert places.find([4, 5]) is None


def test_few_indexes_are_kept_and_what_was_just_read_is_found(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "KEPT", 2)
    places = Places(AXIS, "x", remote=False)
    everything = list(range(0, 40, 8))
    learnt(places, places.unknown(everything))
    found = places.find(everything)
    assert found is not None
    assert len(found) == 5
    assert places.find([0]) is None
    assert places.find([24, 32]) is not None
    places.forget(25)
    assert places.find([24]) is None


def test_an_index_that_is_cut_short_is_refused() -> None:
    with pytest.raises(IntegrityError, match="too short for its index: 8 bytes of 16"):
        Places(AXIS, "x", remote=True).learn(IndexPart(0, 1, 2), memoryview(bytes(8)))
    with pytest.raises(IntegrityError):
        Places(AXIS, "x", remote=False).learn(IndexPart(0, 0, 8), SHARD[:-1])
