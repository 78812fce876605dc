"""The door to the cache: its place, its bound, what it refuses, and where it may be sent."""

import pickle
from pathlib import Path

import numpy as np
import pytest

from eventstore.cache.frame_cache import FrameCache
from eventstore.cache.room import default_folder
from eventstore.errors import InvalidInput
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import CropSpace, FramesByBins, Pipeline

PIPELINE = Pipeline(FramesByBins(n_bins=4))


@pytest.fixture
def selection(tmp_path: Path) -> Selection:
    return tiny_selection(tmp_path / "events.zarr", n_recordings=6)


def test_the_folder_is_the_user_s_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert FrameCache().folder == tmp_path / "spikelake" / "frames"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/u")
    assert default_folder() == Path("/home/u/.cache/spikelake/frames")
    assert FrameCache(str(tmp_path)).folder == tmp_path


def test_it_stays_where_it_was_made(
    monkeypatch: pytest.MonkeyPatch, selection: Selection, tmp_path: Path
) -> None:
    here, elsewhere = tmp_path / "here", tmp_path / "elsewhere"
    here.mkdir()
    elsewhere.mkdir()
    monkeypatch.chdir(here)
    entry = FrameCache("frames").entry(selection, PIPELINE, block_size=4)
    monkeypatch.chdir(elsewhere)
    entry.load(0)
    assert list(elsewhere.iterdir()) == []
    assert entry.folder.parent == here / "frames"
    assert entry.n_kept() == 1


def test_making_one_touches_nothing(tmp_path: Path) -> None:
    FrameCache(tmp_path / "frames")
    assert list(tmp_path.iterdir()) == []


def test_what_makes_no_sense_is_refused(selection: Selection, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="cache of -1 bytes"):
        FrameCache(tmp_path, max_bytes=-1)
    cache = FrameCache(tmp_path / "frames")
    with pytest.raises(InvalidInput, match="block_size=0"):
        cache.entry(selection, PIPELINE, block_size=0)
    with pytest.raises(InvalidInput, match="leaves the sensor"):
        cache.entry(selection, Pipeline(CropSpace(x=0, y=0, width=99, height=1)), block_size=1)
    assert not (tmp_path / "frames").exists()


def test_blocks_are_cut_in_the_order_given(selection: Selection, tmp_path: Path) -> None:
    cache = FrameCache(tmp_path / "frames")
    backwards = np.arange(6)[::-1]
    entry = cache.entry(selection, PIPELINE, block_size=4, samples=backwards)
    assert entry.samples(0).tolist() == [5, 4, 3, 2]
    assert entry.samples(1).tolist() == [1, 0]
    assert entry.key.digest != cache.entry(selection, PIPELINE, block_size=4).key.digest


def test_the_order_of_a_selection_does_not_matter(selection: Selection, tmp_path: Path) -> None:
    cache = FrameCache(tmp_path / "frames")
    other = selection.take([3, 1, 5, 0, 2, 4])
    keys = {cache.entry(part, PIPELINE, block_size=4).key for part in (selection, other)}
    assert len(keys) == 1


def test_it_can_be_sent_to_another_process(selection: Selection, tmp_path: Path) -> None:
    cache = FrameCache(tmp_path / "frames", max_bytes=1 << 20)
    cache.entry(selection, PIPELINE, block_size=4).load(0)
    again = pickle.loads(pickle.dumps(cache))
    assert (again.folder, again.max_bytes) == (cache.folder, cache.max_bytes)
    assert again.entry(selection, PIPELINE, block_size=4).get(0) is not None
