"""``spikelake cache …``."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from eventstore.cache import FrameCache
from eventstore.cli_cache import app
from eventstore.errors import NotFound
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import Denoise, FramesByBins, Pipeline

DENOISED = Pipeline(Denoise(filter_time_us=500), FramesByBins(n_bins=4))

PLAIN = Pipeline(FramesByBins(n_bins=4))


@pytest.fixture
def selection(tmp_path: Path) -> Selection:
    return tiny_selection(tmp_path / "events.zarr", n_recordings=6)


@pytest.fixture
def folder(selection: Selection, tmp_path: Path) -> Path:
    """Return a cache of two keys, one with three blocks of three, one with one."""
    cache = FrameCache(tmp_path / "frames")
    entry = cache.entry(selection, DENOISED, block_size=2)
    entry.trial()
    cache.entry(selection, PLAIN, block_size=2).load(1)
    return cache.folder


def run(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


def records(*arguments: str | Path) -> list[dict[str, object]]:
    done = run(*arguments, "--json")
    assert done.exit_code == 0, done.output
    return [json.loads(line) for line in done.output.splitlines()]


def key_of(folder: Path, n_blocks: int) -> str:
    [record] = [r for r in records("list", "--folder", folder) if r["blocks"] == n_blocks]
    return str(record["key"])


def test_list_tells_what_is_there(folder: Path) -> None:
    found = records("list", "--folder", folder)
    assert sorted((r["blocks"], r["blocks_in_all"], r["in_use"]) for r in found) == [
        (1, 3, False),
        (3, 3, False),
    ]
    said = run("list", "--folder", folder).output
    assert "Denoise(filter_time_us=500) → FramesByBins(n_bins=4)" in said
    assert len(said.splitlines()) == 2
    assert key_of(folder, 3)[:12] in said


def test_nothing_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert run("list").output == f"nothing is kept in {tmp_path / 'spikelake' / 'frames'}\n"
    assert records("list") == []
    assert records("clear")[0]["blocks"] == 0
    assert list(tmp_path.iterdir()) == []


def test_show_says_what_it_is_of_and_whether_it_pays(folder: Path) -> None:
    said = run("show", key_of(folder, 3)[:8], "--folder", folder).output
    for words in ("frames of a selection: 6 samples", "3 of 3 blocks", "last used", "ms to make"):
        assert words in said, words
    assert "not measured" in run("show", key_of(folder, 1), "--folder", folder).output
    [record] = records("show", key_of(folder, 3), "--folder", folder)
    assert isinstance(record["verdict"], dict)
    assert record["verdict"]["n_blocks"] == 3


def test_show_finds_one_key_only(folder: Path) -> None:
    missing = run("show", "zz", "--folder", folder).exception
    assert isinstance(missing, NotFound)
    assert "no key 'zz'" in missing.message
    both = run("show", "", "--folder", folder).exception
    assert isinstance(both, NotFound)
    assert "begins 2 keys" in both.message


def test_what_cannot_be_read_is_still_listed_and_cleared(folder: Path) -> None:
    key = key_of(folder, 3)
    (folder / key / "manifest.json").write_text("{", "ascii")
    assert "what it is of cannot be read" in run("show", key, "--folder", folder).output
    assert run("clear", key, "--folder", folder).exit_code == 0
    assert not (folder / key).exists()


def test_clear_and_its_rehearsal(folder: Path, selection: Selection) -> None:
    key = key_of(folder, 3)
    [record] = records("clear", key, "--folder", folder, "--dry-run")
    assert (record["blocks"], record["dry_run"]) == (3, True)
    assert "would have deleted 4 blocks" in run("clear", "--folder", folder, "--dry-run").output
    assert len(records("list", "--folder", folder)) == 2
    assert records("clear", key[:12], "--folder", folder)[0]["keys"] == [key]
    [left] = records("list", "--folder", folder)
    assert left["blocks"] == 1
    entry = FrameCache(folder).entry(selection, PLAIN, block_size=2)
    assert "deleted 1 blocks" in run("clear", "--folder", folder).output
    assert entry.n_kept() == 0
    entry.load(0)
    [again] = records("list", "--folder", folder)
    assert (again["blocks"], again["in_use"]) == (1, True)
