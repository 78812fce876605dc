"""What is kept of remote files is bounded, shared, and believed only with its checksum."""

import multiprocessing
import os
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.range_cache import CacheConfig, RangeCache

CONTENT = np.random.default_rng(0).bytes(50_000)
SPAN = st.tuples(st.integers(0, 50_000), st.integers(1, 9_000)).map(
    lambda one: (one[0], min(sum(one), 50_000))
)


def parts(*spans: tuple[int, int]) -> dict[tuple[int, int], bytes]:
    return {(start, stop): CONTENT[start:stop] for start, stop in spans}


@pytest.fixture
def cache(tmp_path: Path) -> RangeCache:
    return RangeCache(CacheConfig(folder=tmp_path))


def only(folder: Path, pattern: str) -> Path:
    [path] = folder.rglob(pattern)
    return path


@given(kept=st.lists(SPAN, max_size=5), asked=st.lists(SPAN, max_size=5))
def test_what_was_kept_is_found_and_nothing_else(
    tmp_path_factory: pytest.TempPathFactory,
    kept: list[tuple[int, int]],
    asked: list[tuple[int, int]],
) -> None:
    folder = tmp_path_factory.mktemp("cache")
    cache = RangeCache(CacheConfig(folder=folder))
    for span in kept:
        cache.put("a", parts(span))
    for reader in (cache, RangeCache(CacheConfig(folder=folder))):
        assert reader.get("a", [*kept, *asked]) == parts(*(s for s in [*kept, *asked] if s in kept))
        assert reader.get("b", kept) == {}


def test_another_process_is_seen(cache: RangeCache, tmp_path: Path) -> None:
    assert cache.get("a", [(0, 9)]) == {}
    RangeCache(CacheConfig(folder=tmp_path)).put("a", parts((0, 9)))
    assert cache.get("a", [(0, 9)]) == parts((0, 9))


@pytest.mark.parametrize("suffix", ["*.data", "*.log"])
def test_a_flipped_byte_is_never_shown(cache: RangeCache, tmp_path: Path, suffix: str) -> None:
    spans = [(0, 100), (100, 300), (5_000, 5_016)]
    cache.put("a", parts(*spans))
    path = only(tmp_path, suffix)
    whole = path.read_bytes()
    for at in np.random.default_rng(1).choice(len(whole), 40).tolist():
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        for span, data in RangeCache(CacheConfig(folder=tmp_path)).get("a", spans).items():
            assert data == CONTENT[slice(*span)]
        if not path.exists():  # a log that is torn is begun anew
            cache = RangeCache(CacheConfig(folder=tmp_path))
            cache.put("a", parts(*spans))
            assert cache.get("a", spans) == parts(*spans)


def test_a_damaged_range_is_kept_anew(cache: RangeCache, tmp_path: Path) -> None:
    cache.put("a", parts((0, 100), (100, 200)))
    only(tmp_path, "*.data").write_bytes(bytes(150))
    assert cache.get("a", [(0, 100), (100, 200)]) == {}
    cache.put("a", parts((0, 100)))
    assert cache.get("a", [(0, 100), (100, 200)]) == parts((0, 100))


def test_a_range_that_is_doubted_is_forgotten_until_it_is_kept_anew(
    cache: RangeCache, tmp_path: Path
) -> None:
    cache.put("a", {(0, 3): b"bad"} | parts((5, 9)))
    cache.forget("a", (0, 3))
    cache.forget("a", (1, 3))  # was not kept
    for reader in (cache, RangeCache(CacheConfig(folder=tmp_path))):
        assert reader.get("a", [(0, 3), (5, 9)]) == parts((5, 9))
    cache.put("a", parts((0, 3)))
    for reader in (cache, RangeCache(CacheConfig(folder=tmp_path))):
        assert reader.get("a", [(0, 3)]) == parts((0, 3))


def test_a_torn_log_is_begun_anew(cache: RangeCache, tmp_path: Path) -> None:
    cache.put("a", parts((0, 100)))
    log = only(tmp_path, "*.log")
    log.write_bytes(log.read_bytes()[:10])
    fresh = RangeCache(CacheConfig(folder=tmp_path))
    assert fresh.get("a", [(0, 100)]) == {}
    fresh.put("a", parts((0, 100)))  # behind the torn record
    assert RangeCache(CacheConfig(folder=tmp_path)).get("a", [(0, 100)]) == {}
    fresh.put("a", parts((0, 100)))
    assert RangeCache(CacheConfig(folder=tmp_path)).get("a", [(0, 100)]) == parts((0, 100))


def test_the_oldest_files_go_when_there_are_too_many(tmp_path: Path) -> None:
    cache = RangeCache(CacheConfig(folder=tmp_path, max_bytes=100_000))
    for i, name in enumerate("abcdef"):
        cache.put(name, parts((0, 20_000)))
        for path in tmp_path.rglob("*"):
            if path.is_file() and path.stat().st_mtime > 1e9:
                os.utime(path, (i, i))
    cache.evict()
    assert sum(path.stat().st_blocks * 512 for path in tmp_path.rglob("*.data")) <= 100_000
    found = [name for name in "abcdef" if cache.get(name, [(0, 20_000)])]
    assert found == ["c", "d", "e", "f"]


def test_reading_counts_as_use(tmp_path: Path) -> None:
    cache = RangeCache(CacheConfig(folder=tmp_path))
    cache.put("a", parts((0, 10)))
    for path in tmp_path.rglob("*.*"):
        os.utime(path, (1, 1))
    cache.get("a", [(0, 10)])
    assert time.time() - only(tmp_path, "*.log").stat().st_mtime < 60


def test_a_bound_of_nothing_keeps_nothing(tmp_path: Path) -> None:
    cache = RangeCache(CacheConfig(folder=tmp_path, max_bytes=0))
    cache.put("a", parts((0, 5_000)))
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    assert cache.get("a", [(0, 5_000)]) == {}
    with pytest.raises(InvalidInput, match="cache of -1 bytes"):
        CacheConfig(max_bytes=-1)


def test_a_folder_that_cannot_be_written_is_no_failure(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    cache = RangeCache(CacheConfig(folder=tmp_path / "file"))
    cache.put("a", parts((0, 10)))
    assert cache.get("a", [(0, 10)]) == {}


def test_the_folder_is_the_user_s_own(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert CacheConfig().place() == tmp_path / "spikelake" / "ranges"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", "/home/u")
    assert CacheConfig().place() == Path("/home/u/.cache/spikelake/ranges")


def hammer(folder: Path, seed: int) -> None:
    cache = RangeCache(CacheConfig(folder=folder, max_bytes=60_000))
    rng = np.random.default_rng(seed)
    for _ in range(150):
        start = int(rng.integers(0, 49_000))
        span, name = (start, start + int(rng.integers(1, 1_000))), "abc"[rng.integers(3)]
        cache.put(name, parts(span))
        for found, data in cache.get(name, [span, (0, 7)]).items():
            assert data == CONTENT[slice(*found)]


def test_processes_share_a_folder(tmp_path: Path) -> None:
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=hammer, args=(tmp_path, seed)) for seed in range(3)]
    for process in processes:
        process.start()
    for process in processes:
        process.join(60)
    assert [process.exitcode for process in processes] == [0, 0, 0]
