"""Checks of the recordings table, the index and the documents."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from eventstore.append import StoreWriter
from eventstore.findings import Severity
from eventstore.store import EventStore
from eventstore.table_checks import check_tables, readable_rows
from eventstore.tables import encode_rows, encode_texts


@pytest.fixture
def path(sample_store: Path, tmp_path: Path) -> Path:
    shutil.copytree(sample_store, tmp_path / "events.zarr")
    return tmp_path / "events.zarr"


def checks(path: Path) -> list[tuple[str, str]]:
    return [(f.where, f.check) for f in check_tables(EventStore.open(path))]


def test_a_sound_store_has_no_findings(sample_store: Path) -> None:
    assert checks(sample_store) == []
    assert len(readable_rows(EventStore.open(sample_store))) == 12


@pytest.mark.parametrize(
    "name",
    ["id", "offsets", "row_size", "t_stop", "width", "digest", "side_digest", "source_sha256"],
)
def test_a_damaged_column_is_named(path: Path, name: str) -> None:
    file = next(p for p in (path / "recordings" / name / "c").rglob("*") if p.is_file())
    file.write_bytes(file.read_bytes()[:-1])
    assert checks(path) == [(f"recordings/{name}", "checksum")]
    assert readable_rows(EventStore.open(path)) == []


def test_damaged_provenance_is_named(path: Path) -> None:
    (path / "recordings" / "provenance" / "c" / "3").write_bytes(encode_texts(["{"], 1))
    assert checks(path) == [("recordings/provenance", "checksum")]
    assert len(readable_rows(EventStore.open(path))) == 12


def test_an_absent_index_is_named(path: Path) -> None:
    shutil.rmtree(path / "index" / "t" / "c")
    assert checks(path) == [("index/t", "missing-content")]


def test_offsets_that_do_not_add_up_are_named(path: Path) -> None:
    offsets = EventStore.open(path).recordings.offsets[:4].copy()
    offsets[2] += 1
    (path / "recordings" / "offsets" / "c" / "0").write_bytes(encode_rows(offsets, 4))
    assert checks(path) == [("r1", "offsets"), ("r2", "offsets")]
    assert readable_rows(EventStore.open(path)) == []


def test_offsets_must_span_the_events(path: Path) -> None:
    offsets = EventStore.open(path).recordings.offsets[12:] + 1
    (path / "recordings" / "offsets" / "c" / "3").write_bytes(encode_rows(offsets, 4))
    assert checks(path)[0] == ("recordings/offsets", "offsets")


def test_ids_and_digests_must_match_the_root(path: Path) -> None:
    texts = encode_texts(["r0", "r0", "r2", "r3"], 4)
    (path / "recordings" / "id" / "c" / "0").write_bytes(texts)
    assert checks(path) == [("r0", "ids"), ("zarr.json", "digest")]


def test_a_recordings_sensor_lies_in_the_stores(path: Path) -> None:
    width = np.array([34, 35, 0, 34], np.int32)
    (path / "recordings" / "width" / "c" / "0").write_bytes(encode_rows(width, 4))
    assert checks(path) == [("r1", "sensor"), ("r2", "sensor")]


@pytest.mark.parametrize(
    ("sound", "damaged"),
    [
        (b'"spikelake-events"', b'"spikelake-evants"'),
        (b'"featureType"', b'"featureTypo"'),
        (b'"time_unit": "us"', b'"time_unit": "ms"'),
        (b'"zarr_format": 3', b'"zarr_format": 2'),
        (b'"fill_value": 0', b'"fill_value": 1'),
        (b'"recording_bound"', b'"recording_sound"'),
    ],
)
def test_a_root_that_says_other_than_the_format_is_named(
    path: Path, sound: bytes, damaged: bytes
) -> None:
    root = (path / "zarr.json").read_bytes()
    assert sound in root
    (path / "zarr.json").write_bytes(root.replace(sound, damaged, 1))
    assert ("zarr.json", "documents") in checks(path)


def test_more_attributes_of_the_root_are_welcome(path: Path) -> None:
    root = json.loads((path / "zarr.json").read_bytes())
    root["attributes"]["title"] = "ours"
    (path / "zarr.json").write_text(json.dumps(root), encoding="utf-8")
    assert checks(path) == []


def test_documents_behind_the_root_are_a_warning_that_a_writer_heals(path: Path) -> None:
    document = path / "events" / "t" / "zarr.json"
    changed = json.loads(document.read_text())
    changed["shape"] = [1]
    document.write_text(json.dumps(changed))
    (path / "index" / "zarr.json").unlink()
    found = check_tables(EventStore.open(path))
    assert [f.severity for f in found] == [Severity.WARNING] * 2
    StoreWriter.open(path).close()
    assert checks(path) == []
    document.write_text("{")
    assert checks(path) == [("events/t/zarr.json", "documents")]
