"""recordings.tsv: derived facts, and the curator's own columns."""

from pathlib import Path

import pytest

from catalog.dataset import Dataset
from catalog.recording_table import (
    RECORDING_COLUMNS,
    Provenance,
    by_column,
    parse_recordings,
    recording_digests,
    recordings_table,
    tree_digest,
    with_column,
    wrong_facts,
)
from catalog.statistics import measure
from catalog.tsv import Table
from eventstore.append import StoreWriter
from eventstore.errors import FormatError, InvalidInput
from eventstore.events import Sensor
from eventstore.side import SideTable
from eventstore.store import EventStore


def test_every_fact_is_that_of_the_events(
    animals: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measure, "BLOCK_EVENTS", 64)  # recordings of 50 span blocks
    with animals.draft().store as store:
        table = recordings_table(store, known=None, provenance={})
        for row in by_column(table):
            events = store.read(row["recording_id"])
            stored = store.recordings[store.recordings.row(row["recording_id"])]
            assert int(row["n_events"]) == len(events)
            assert int(row["t_stop_us"]) == int(events.t[-1]) + 1
            assert float(row["on_fraction"]) == pytest.approx(events.p.mean(), abs=1e-6)
            rate = len(events) / stored.t_stop * 1e6
            assert float(row["rate_hz"]) == pytest.approx(rate, abs=1e-3)
            assert row["digest"] == stored.digest.hex()
            assert row["source_sha256"] == row["side_digest"] == ""


def test_known_rows_are_kept_and_new_provenance_wins(animals: Dataset) -> None:
    known = with_column(animals.draft().recordings, "speaker", {"train/cat/000": "tom"})
    with animals.draft().store as store:
        table = recordings_table(
            store, known=known, provenance={"train/cat/003": Provenance("b.zip:3", "test")}
        )
    rows = {row["recording_id"]: row for row in by_column(table)}
    assert rows["train/cat/000"]["speaker"] == "tom"
    assert rows["train/cat/000"]["source"] == "train/cat/000.bin"
    assert (rows["train/cat/003"]["source"], rows["train/cat/003"]["fold"]) == ("b.zip:3", "test")


def test_a_known_row_of_another_content_is_derived_again(animals: Dataset) -> None:
    table = animals.draft().recordings
    at = RECORDING_COLUMNS.index("on_fraction")
    digest = RECORDING_COLUMNS.index("digest")
    stale = [(*r[:at], "9", *r[at + 1 : digest], "00", *r[digest + 1 :]) for r in table.rows]
    with animals.draft().store as store:
        again = recordings_table(store, known=Table(table.columns, tuple(stale)), provenance={})
    assert again == table


def test_columns_are_set_by_id(animals: Dataset) -> None:
    table = animals.draft().recordings
    first, second = table.column("recording_id")[:2]
    one = with_column(table, "speaker", {first: "a"})
    both = with_column(one, "speaker", {second: "b"})
    assert both.column("speaker")[:3] == ["a", "b", ""]
    assert parse_recordings(both.text()) == both
    assert recording_digests(both) == recording_digests(table)


def test_derived_columns_and_unknown_recordings_are_refused(animals: Dataset) -> None:
    table = animals.draft().recordings
    with pytest.raises(InvalidInput, match="'digest' is derived"):
        with_column(table, "digest", {})
    with pytest.raises(InvalidInput, match="such as nobody"):
        with_column(table, "speaker", {"nobody": "a"})


def test_other_tables_are_refused(animals: Dataset) -> None:
    table = animals.draft().recordings
    with pytest.raises(FormatError, match="not a table of recordings"):
        parse_recordings("a\tb\n")
    twice = Table(table.columns, (table.rows[0], table.rows[0]))
    with pytest.raises(FormatError, match="test/cat/000 stands twice"):
        parse_recordings(twice.text())


def test_side_streams_are_part_of_the_table_and_of_its_digest(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    trigger = SideTable.of("triggers", {"t": [3]})
    with StoreWriter.create(path, Sensor(4, 4)) as writer:
        row = writer.append("a", [], side={"triggers": [trigger]})
        writer.append("b", [])
    with EventStore.open(path) as store:
        table = recordings_table(store, known=None, provenance={})
        assert table.column("side_digest") == [row.side_digest.hex(), ""]
        assert tree_digest(table) == store.digest
        stale = Table.parse(table.text().replace(row.side_digest.hex(), "ab" * 32), path="a.tsv")
        assert list(wrong_facts(store, stale)) == ["a"]
        assert tree_digest(stale) != store.digest
