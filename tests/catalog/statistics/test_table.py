"""statistics.tsv: each recording is measured once for its digest and the method."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from catalog.statistics import table as module
from catalog.statistics.measure import Statistics, measure_recordings
from catalog.statistics.table import (
    MEASURES,
    STATISTICS_COLUMNS,
    parse_statistics,
    statistics_table,
    usable_rows,
)
from catalog.tsv import Table
from eventstore.append import StoreWriter
from eventstore.errors import FormatError
from eventstore.events import Events, Sensor
from eventstore.store import EventStore
from eventstore.testing import tiny_store


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[list[int]]:
    """The rows that were measured, call by call."""
    calls: list[list[int]] = []

    def watched(
        store: EventStore, rows: Sequence[int], progress: None = None
    ) -> Iterator[Statistics]:
        calls.append(list(rows))
        return measure_recordings(store, rows, progress)

    monkeypatch.setattr(module, "measure_recordings", watched)
    return calls


def test_only_what_is_new_or_changed_is_measured(tmp_path: Path, asked: list[list[int]]) -> None:
    with tiny_store(tmp_path / "events.zarr", n_recordings=4) as store:
        table = statistics_table(store, known=None)
        assert statistics_table(store, known=table) == table
        stale = [("r001", "00", *table.rows[1][2:]), (*table.rows[2][:2], "0", *table.rows[2][3:])]
        known = Table.of(STATISTICS_COLUMNS, [table.rows[0], *stale])
        assert statistics_table(store, known=known) == table
        statistics_table(store, known=known, only=["r003"])
    assert asked == [[0, 1, 2, 3], [], [1, 2, 3], [3]]


def test_rows_of_recordings_that_are_gone_go(tmp_path: Path) -> None:
    with tiny_store(tmp_path / "events.zarr", n_recordings=3) as store:
        table = statistics_table(store, known=None)
        more = Table.of(table.columns, [*table.rows, ("gone", *table.rows[0][1:])])
        assert statistics_table(store, known=more) == table


def test_it_reads_back(tmp_path: Path) -> None:
    with tiny_store(tmp_path / "events.zarr") as store:
        table = statistics_table(store, known=None)
        names = dict(zip(store.recordings.ids, store.recordings.digests, strict=True))
    assert parse_statistics(table.text()) == table
    digests = {name: sha.hex() for name, sha in names.items()}
    assert list(usable_rows(table, digests)) == table.column("recording_id")
    assert usable_rows(table, {}) == usable_rows(None, digests) == {}


def test_time_that_was_mended_is_told(tmp_path: Path) -> None:
    def sort(changed: int) -> dict[str, object]:
        repairs = [{"name": "sort", "changed": changed, "dropped": 0}, {"name": "flip-x"}]
        return {"source": "a", "repairs": repairs}

    with StoreWriter.create(tmp_path / "events.zarr", Sensor(4, 4)) as writer:
        writer.append("mended", [Events.of(t=[1], x=[0])], provenance=sort(7))
        writer.append("sound", [Events.of(t=[1], x=[0])], provenance={"source": "b"})
        writer.append("unknown", [Events.of(t=[1], x=[0])])
    with EventStore.open(tmp_path / "events.zarr") as store:
        assert statistics_table(store, known=None).column("back_steps") == ["7", "0", ""]


def test_audio_has_no_hot_pixels_and_no_polarity(tmp_path: Path) -> None:
    with StoreWriter.create(tmp_path / "events.zarr", Sensor(64, 1, "audio")) as writer:
        writer.append("a", [Events.of(t=[1, 2], x=[0, 9])])
    with EventStore.open(tmp_path / "events.zarr") as store:
        table = statistics_table(store, known=None)
    row = dict(zip(table.columns, table.rows[0], strict=True))
    assert (row["on_events"], row["hot_pixels"], row["hot_share"]) == ("", "", "")
    assert row["active_pixels"] == "2"


def test_other_tables_are_refused() -> None:
    with pytest.raises(FormatError, match=r"s\.tsv: not a table of statistics") as caught:
        parse_statistics("a\tb\n", path="s.tsv")
    assert "dataset measure" in caught.value.hint
    row = ("a", *[""] * (len(MEASURES) + 3))
    with pytest.raises(FormatError, match="recording a stands twice"):
        parse_statistics(Table(STATISTICS_COLUMNS, (row, row)).text())
