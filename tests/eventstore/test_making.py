"""A store that is being made is not there before it is whole."""

from pathlib import Path

import pytest

from eventstore.errors import AlreadyExists, Conflict, InvalidInput, NotFound
from eventstore.exchange import next_place, old_place
from eventstore.lock import WriterLock
from eventstore.making import locked, making
from eventstore.sample_stores import SAMPLE_LAYOUT, SAMPLE_SENSOR, append_samples, write_samples
from eventstore.store import EventStore

pytestmark = pytest.mark.usefixtures("instant_sync")


def make(path: Path, *, fail: bool = False) -> None:
    with making(path, SAMPLE_SENSOR, layout=SAMPLE_LAYOUT, tier="fast") as writer:
        append_samples(writer, range(3))
        assert not path.exists()
        if fail:
            message = "enough"
            raise InvalidInput(message)


def test_a_store_appears_whole(tmp_path: Path) -> None:
    make(tmp_path / "new" / "events.zarr")
    assert EventStore.open(tmp_path / "new" / "events.zarr").n_recordings == 3
    assert [p.name for p in (tmp_path / "new").iterdir()] == ["events.zarr"]


def test_or_not_at_all(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="enough"):
        make(tmp_path / "events.zarr", fail=True)
    assert list(tmp_path.iterdir()) == []


def test_what_is_there_is_not_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    path.mkdir()
    with pytest.raises(AlreadyExists, match="is there already"):
        make(path)
    path.rename(old_place(path))  # a kill left a store between two renames
    with pytest.raises(AlreadyExists, match="is there already"):
        make(path)
    assert old_place(path).is_dir()


def test_a_lock_is_held_and_given_back(tmp_path: Path) -> None:
    path = tmp_path / "events.zarr"
    write_samples(path, range(2))
    next_place(path).mkdir()
    with locked(path) as place:
        assert place == path
        assert not next_place(path).exists()
        with pytest.raises(Conflict):
            WriterLock(path)
    WriterLock(path).release()
    with pytest.raises(NotFound, match="no event store"), locked(tmp_path / "nowhere"):
        pass
    assert not (tmp_path / ".nowhere.lock").exists()
