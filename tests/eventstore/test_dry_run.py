"""A dry run finds what the ingest would refuse at once."""

from pathlib import Path

import pytest

from eventstore.dry_run import check_items
from eventstore.errors import NotFound
from eventstore.events import Sensor
from eventstore.ingest import ingest
from eventstore.readers.archive import iter_sources
from eventstore.testing import tiny_folders


def test_recordings_that_would_enter_are_no_findings(tmp_path: Path) -> None:
    items = [item for path in tiny_folders(tmp_path) for item in iter_sources(path)]
    assert check_items(items, tmp_path / "e.zarr", repairs=["sort"]) == []


def test_unreadable_files_and_known_ids_are_errors(tmp_path: Path) -> None:
    folders, into = tiny_folders(tmp_path), tmp_path / "e.zarr"
    items = [item for path in folders for item in iter_sources(path)]
    ingest(folders, into)
    (tmp_path / "noise.raw").write_bytes(b"no events")
    noise = list(iter_sources(tmp_path / "noise.raw"))
    found = check_items([*items, *noise], into)
    assert len(found) == len(items) + 1
    assert all(finding.is_error and finding.fix for finding in found)
    assert "is in" in found[0].message
    assert "noise.raw" in found[-1].message
    assert len(check_items([*items, *noise], into, resume=True)) == 1


def test_another_modality_than_the_store_has_is_an_error(tmp_path: Path) -> None:
    folders, into = tiny_folders(tmp_path), tmp_path / "e.zarr"
    ingest(folders[:1], into)
    items = [item for path in folders[1:] for item in iter_sources(path)]
    assert check_items(items, into) == []
    (finding,) = check_items(items, into, sensor=Sensor(34, 1, "audio"))
    assert "is audio, the store is vision" in finding.message
    assert "--sensor" in finding.fix


def test_unknown_readers_and_repairs_are_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="no repair 'nope'"):
        check_items([], tmp_path, repairs=["nope"])
    with pytest.raises(NotFound, match="no reader 'nope'"):
        check_items([], tmp_path, reader="nope")
