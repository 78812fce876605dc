"""Events encoded away from the writer: the same chunks as in the store, whole or not there."""

import pickle
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.codecs import codecs_of, decode_chunk
from eventstore.events import Events
from eventstore.staged_events import StagedEvents, cut_rows, stage_events

COLUMNS = ("t", "x", "y", "p")


def numbered(n: int) -> Events:
    return Events.of(t=np.arange(n), x=np.arange(n), y=np.arange(n) % 7, p=np.arange(n) % 2)


def packets(events: Events, sizes: list[int]) -> Iterator[Events]:
    at = 0
    for size in [*sizes, len(events)]:
        yield events[at : at + size]
        at += size


def decoded(staged: StagedEvents, chunk: int) -> Events:
    """Put everything that was staged together again."""
    tables = [staged.head]
    for chunks, first_t in staged.chunks():
        table = Events.empty(chunk)
        for name in staged.columns:
            decode_chunk(codecs_of("archive")[name], chunks[name], table.column(name))
        assert table.t[0] == first_t
        tables.append(table)
    return Events.concatenate([*tables, staged.rest])


@given(
    n=st.integers(0, 60),
    first_row=st.integers(0, 20),
    chunk=st.integers(1, 12),
    sizes=st.lists(st.integers(0, 15), max_size=6),
)
def test_what_is_staged_is_all_of_it(n: int, first_row: int, chunk: int, sizes: list[int]) -> None:
    with TemporaryDirectory() as folder:
        staged: StagedEvents = pickle.loads(
            pickle.dumps(
                stage_events(
                    Path(folder) / ".a.partial",
                    packets(numbered(n), sizes),
                    first_row=first_row,
                    chunk=chunk,
                    columns=COLUMNS,
                    tier="archive",
                )
            )
        )
        assert decoded(staged, chunk).equals(numbered(n))
        head = min(n, -first_row % chunk)
        assert (len(staged.head), len(staged.sizes)) == (head, (n - head) // chunk)
        staged.discard()
        staged.discard()
        assert list(Path(folder).iterdir()) == []


def test_columns_that_are_not_stored_are_not_staged(tmp_path: Path) -> None:
    events = Events.of(t=range(4), x=range(4))
    staged = stage_events(
        tmp_path / "a", [events], first_row=0, chunk=2, columns=("t", "c"), tier="archive"
    )
    assert [sorted(chunks) for chunks, _ in staged.chunks()] == [["c", "t"]] * 2


def test_a_failure_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Iterator[Events]:
        yield numbered(10)
        message = "the disk is full"
        raise OSError(message)

    with pytest.raises(OSError, match="full"):
        stage_events(
            tmp_path / "a", broken(), first_row=0, chunk=2, columns=COLUMNS, tier="archive"
        )
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(FileNotFoundError):  # the store was removed meanwhile
        stage_events(
            tmp_path / "gone" / "a",
            [numbered(3)],
            first_row=0,
            chunk=2,
            columns=COLUMNS,
            tier="archive",
        )


@given(
    n=st.integers(0, 60),
    first=st.integers(0, 9),
    size=st.integers(1, 12),
    sizes=st.lists(st.integers(0, 15), max_size=6),
)
def test_tables_are_cut_at_the_same_places_whatever_the_packets(
    n: int, first: int, size: int, sizes: list[int]
) -> None:
    tables = list(cut_rows(packets(numbered(n), sizes), first, size))
    whole = list(cut_rows([numbered(n)], first, size))
    assert [table.t.tolist() for table in tables] == [table.t.tolist() for table in whole]
    assert Events.concatenate(tables).equals(numbered(n))
    assert all(0 < len(table) <= max(first, size) for table in tables)
