"""Blocks are right whatever happens to the cache: full, cut, flipped, cleared, killed, shared."""

import errno
import json
import os
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from eventstore.cache import entry as module
from eventstore.cache.claims import partial_place, try_claim
from eventstore.cache.entry import CachedBlock, CacheEntry
from eventstore.cache.events import gather_events
from eventstore.cache.frame_cache import FrameCache
from eventstore.cache.frames import FrameBlock, frame_lengths, write_frames
from eventstore.cache.manifest import read_manifest
from eventstore.errors import InvalidInput
from eventstore.events import Events
from eventstore.rewrite import rewrite_store
from eventstore.sample_batch import read_samples
from eventstore.schema import Layout
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.testing import TINY_SENSOR, tiny_selection
from eventstore.transforms import (
    Denoise,
    DropEvents,
    EventBatch,
    FramesByCount,
    FramesByTime,
    Pipeline,
    RandomKey,
    Shift,
    TimeSurface,
)

PIPELINE = Pipeline(Denoise(filter_time_us=5_000), FramesByCount(events_per_frame=9))

RANDOM = Pipeline(
    Denoise(filter_time_us=5_000),
    DropEvents(fraction=0.3),
    Shift(max_pixels=1),
    FramesByTime(window_us=5_000),
)

N, SIZE, N_BLOCKS = 20, 3, 7


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=N)


@pytest.fixture
def cache(tmp_path: Path) -> FrameCache:
    return FrameCache(tmp_path / "frames")


class Counted:
    """Reads samples, and counts how often."""

    def __init__(self, selection: Selection) -> None:
        self.selection = selection
        self.calls = 0

    def __call__(self, samples: np.ndarray) -> EventBatch:
        self.calls += 1
        return read_samples(self.selection, samples)


def expected(
    selection: Selection, samples: np.ndarray, pipeline: Pipeline = PIPELINE
) -> list[bytes]:
    """Return the frames of samples as the pipeline makes them one by one."""
    return [
        pipeline.frames(
            selection.store.read(int(selection.recording[i])),
            TINY_SENSOR,
            t_stop=int(selection.t_stop[i]),
        ).tobytes()
        for i in samples
    ]


def dense(block: CachedBlock, first: int = 0, n: int | None = None) -> list[bytes]:
    assert isinstance(block, FrameBlock)
    frames = []
    for i, length in list(enumerate(block.lengths.tolist()))[first:][:n]:
        out = np.full((1, length, *block.shape), 77, np.float32)
        write_frames([(block, i)], out)
        frames.append(out.tobytes())
    return frames


def assert_right(entry: CacheEntry, selection: Selection, read: Counted | None = None) -> None:
    for block in range(entry.key.n_blocks):
        got = entry.load(block, read)
        assert dense(got) == expected(selection, entry.samples(block), entry.pipeline)


@pytest.mark.parametrize(
    "pipeline",
    [PIPELINE, Pipeline(TimeSurface(window_us=3_000, tau_us=4_000))],
    ids=["counts", "real"],
)
def test_frames_are_made_once(selection: Selection, cache: FrameCache, pipeline: Pipeline) -> None:
    read = Counted(selection)
    for again in range(2):
        entry = cache.entry(selection, pipeline, block_size=SIZE)
        assert_right(entry, selection, read)
        assert (entry.n_made, entry.n_found) == ((0, N_BLOCKS) if again else (N_BLOCKS, 0))
    assert read.calls == N_BLOCKS
    assert cache.findings == []
    assert [p.suffix for p in sorted(entry.folder.glob("0*"))] == [".frames"] * N_BLOCKS


def test_events_before_random_stages_are_made_once(selection: Selection, cache: FrameCache) -> None:
    read, key = Counted(selection), RandomKey(seed=4, epoch=2)
    for _ in range(2):
        entry = cache.entry(selection, RANDOM, block_size=SIZE)
        assert (entry.n_stages, entry.keeps_frames) == (1, False)
        order = np.random.default_rng(0).permutation(N)
        sources = []
        for row in order.tolist():
            block = entry.load(row // SIZE, read)
            assert isinstance(block, EventBatch)
            sources.append((block, row % SIZE))
        samples = np.array([entry.samples(row // SIZE)[row % SIZE] for row in order.tolist()])
        found = RANDOM.transform(gather_events(sources), TINY_SENSOR, key, first=entry.n_stages)
        plain = RANDOM.transform(read_samples(selection, samples), TINY_SENSOR, key)
        assert found.ids == plain.ids
        assert found.events.equals(plain.events)
        assert np.array_equal(found.t_stop, plain.t_stop)
    assert read.calls == N_BLOCKS


def test_a_batch_is_filled_from_several_blocks(selection: Selection, cache: FrameCache) -> None:
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    rows = [19, 0, 7, 1]
    sources = [(entry.load(row // SIZE), row % SIZE) for row in rows]
    frames = [(block, i) for block, i in sources if isinstance(block, FrameBlock)]
    lengths = frame_lengths(frames)
    out = np.full((4, int(lengths.max()), 2, 6, 8), 77, np.uint8)
    write_frames(frames, out)
    samples = np.array([entry.samples(row // SIZE)[row % SIZE] for row in rows])
    for batch, length, truth in zip(out, lengths, expected(selection, samples), strict=True):
        assert batch[:length].astype(np.float32).tobytes() == truth
        assert not batch[length:].any()


def test_other_chunks_and_codecs_share_the_same_bytes(tmp_path: Path) -> None:
    one = tiny_selection(tmp_path / "one.zarr", n_recordings=N)
    two = tiny_selection(tmp_path / "two.zarr", n_recordings=N)
    layout = Layout(chunk_events=64, shard_events=128, table_rows=3)
    rewrite_store(tmp_path / "two.zarr", layout=layout, tier="fast")
    two = tiny_selection_of(EventStore.open(tmp_path / "two.zarr"), two)
    files = []
    for name, selection in (("a", one), ("b", two)):
        entry = FrameCache(tmp_path / name).entry(selection, PIPELINE, block_size=SIZE)
        assert_right(entry, selection)
        files.append(
            {p.relative_to(tmp_path / name): p.read_bytes() for p in entry.folder.glob("0*")}
        )
    assert files[0] == files[1]
    assert len(files[0]) == N_BLOCKS


def tiny_selection_of(store: EventStore, like: Selection) -> Selection:
    mine = {name: getattr(like, name) for name in like.__dataclass_fields__}
    return Selection(**{**mine, "store": store})


def test_other_transforms_and_selections_get_their_own(
    selection: Selection, cache: FrameCache
) -> None:
    for pipeline in (
        PIPELINE,
        Pipeline(Denoise(filter_time_us=4_999), FramesByCount(events_per_frame=9)),
        Pipeline(Denoise(filter_time_us=5_000), FramesByCount(events_per_frame=10)),
        Pipeline(FramesByCount(events_per_frame=9)),
    ):
        for part in (selection, selection.take(range(1, N)), selection.take([5, 5, 1])):
            for size in (SIZE, 4):
                assert_right(cache.entry(part, pipeline, block_size=size), part)
    assert len(list(cache.folder.iterdir())) == 4 * 3 * 2


def test_changed_code_gets_its_own(
    selection: Selection, cache: FrameCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert_right(cache.entry(selection, PIPELINE, block_size=SIZE), selection)

    def other(self: Denoise, batch: EventBatch, sensor: object, seeds: object) -> EventBatch:
        return batch.keep(np.zeros(len(batch.events), np.bool_))

    monkeypatch.setattr(Denoise, "apply", other)
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    found = entry.load(0)
    assert isinstance(found, FrameBlock)
    assert found.lengths.tolist() == [0, 0, 0]


@pytest.mark.parametrize("damage", ["cut", "flip", "empty", "swap"])
def test_damage_is_found_and_mended(selection: Selection, cache: FrameCache, damage: str) -> None:
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    assert_right(entry, selection)
    path, other = (entry.folder / f"{block:08}.frames" for block in (2, 3))
    data = path.read_bytes()
    changed = {
        "cut": data[:-5],
        "flip": data[:90] + bytes([data[90] ^ 4]) + data[91:],
        "empty": b"",
        "swap": other.read_bytes(),
    }
    path.write_bytes(changed[damage])
    read = Counted(selection)
    assert_right(cache.entry(selection, PIPELINE, block_size=SIZE), selection, read)
    assert read.calls == 1
    assert path.read_bytes() == data
    assert [(f.check, f.where) for f in cache.findings] == [("cache-damaged", str(path))]


def full(handle: int, data: memoryview, at: int) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("call", ["pwrite", "ftruncate"])
def test_on_a_full_disk_all_goes_on_without(
    selection: Selection, cache: FrameCache, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    entry.load(0)
    with monkeypatch.context() as patch:
        patch.setattr(os, call, lambda *_: full(0, memoryview(b""), 0))
        assert_right(entry, selection)
    assert entry.n_kept() == 1
    assert [finding.check for finding in cache.findings] == ["cache-refused"]
    assert "No space left" in cache.findings[0].message
    assert list(entry.folder.glob(".0*")) == []
    assert_right(cache.entry(selection, PIPELINE, block_size=SIZE), selection)
    assert entry.n_kept() == N_BLOCKS


def test_where_nothing_can_be_kept_all_goes_on(selection: Selection, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    cache = FrameCache(tmp_path / "file" / "frames")
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    assert_right(entry, selection)
    assert not entry.trial().use
    assert "not used: nothing can be put into" in entry.show()
    assert [finding.check for finding in cache.findings] == ["cache-refused"]


def test_a_bound_keeps_what_fits(selection: Selection, tmp_path: Path) -> None:
    cache = FrameCache(tmp_path, max_bytes=4 * 4096)
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    for _ in range(3):
        assert_right(entry, selection)
    assert 1 <= entry.n_kept() < N_BLOCKS
    files = [path.stat().st_size for path in tmp_path.rglob("*.frames")]
    assert sum(-(-size // 4096) * 4096 for size in files) <= 4 * 4096
    assert cache.findings == []
    assert entry.n_found == 2 * entry.n_kept()  # what is there stays, so that it is found again


def test_what_was_loaded_outlives_its_file(
    selection: Selection, cache: FrameCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("eventstore.cache.sealed.MAPPED_FROM", 1)
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    entry.load(0)
    found = entry.get(0)
    assert found is not None
    cache.room.clear(entry.folder)
    assert entry.n_kept() == 0
    assert dense(found) == expected(selection, entry.samples(0))
    assert_right(entry, selection)
    assert entry.n_kept() == N_BLOCKS


def test_a_folder_deleted_by_hand_is_made_anew(selection: Selection, cache: FrameCache) -> None:
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    entry.load(0)
    for path in entry.folder.iterdir():
        path.unlink()
    entry.folder.rmdir()
    assert_right(entry, selection)
    assert entry.n_kept() >= 1
    assert cache.findings == []


def test_threads_make_each_block_once(selection: Selection, cache: FrameCache) -> None:
    entries = [cache.entry(selection, PIPELINE, block_size=SIZE) for _ in range(2)]
    read, start = Counted(selection), threading.Barrier(6)

    def work(entry: CacheEntry) -> None:
        start.wait(10)
        assert_right(entry, selection, read)

    with ThreadPoolExecutor(6) as threads:
        for done in [threads.submit(work, entries[i % 2]) for i in range(6)]:
            done.result()
    assert read.calls == N_BLOCKS


def test_who_waits_in_vain_makes_it(
    selection: Selection, cache: FrameCache, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "PATIENCE_S", 0.01)
    monkeypatch.setattr(module, "PATIENCE", 0.0)
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    other = try_claim(entry.folder / "00000001.frames")
    assert other is not None
    assert_right(entry, selection)
    assert entry.n_kept() == N_BLOCKS - 1
    other.release()


def test_what_killed_processes_left_is_swept(selection: Selection, cache: FrameCache) -> None:
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    left = partial_place(entry.folder / "00000001.frames")
    left.write_bytes(b"half")
    cache.entry(selection, PIPELINE, block_size=SIZE)
    assert not left.exists()


def test_errors_of_the_pipeline_are_its_own(selection: Selection, cache: FrameCache) -> None:
    def stray(samples: np.ndarray) -> EventBatch:
        batch = read_samples(selection, samples)
        t, x, y, p = batch.events
        return batch.with_events(Events(t, x + np.uint16(99), y, p))

    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    with pytest.raises(InvalidInput, match="off the sensor"):
        entry.load(0, stray)
    assert list(entry.folder.glob("*0000*")) == []
    assert_right(entry, selection)


def test_the_trial_measures_and_keeps(selection: Selection, cache: FrameCache) -> None:
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    assert "not measured" in entry.show()
    verdict = entry.trial()
    assert verdict.n_blocks == 3
    assert min(verdict.compute_s, verdict.load_s, verdict.store_s) > 0
    assert entry.n_kept() == 3
    assert str(verdict) in entry.show()
    assert "3 of 7 blocks" in entry.show()
    manifest = read_manifest(entry.folder)
    assert manifest is not None
    assert manifest.verdict == verdict
    assert entry.trial().store_s == 0.0  # all were there


def test_the_trial_tells_dear_from_cheap(selection: Selection, cache: FrameCache) -> None:
    clock = [0.0]

    def passing(seconds: float) -> Callable[[np.ndarray], EventBatch]:
        def read(samples: np.ndarray) -> EventBatch:
            clock[0] += seconds
            return read_samples(selection, samples)

        return read

    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(time, "perf_counter", lambda: clock[0])
        patch.setattr(entry._recipe, "unpack", lambda _: clock.__setitem__(0, clock[0] + 1.0))
        assert entry.trial(passing(5.0)).use
        assert not entry.trial(passing(1.1)).use


def test_no_samples(selection: Selection, cache: FrameCache) -> None:
    entry = cache.entry(selection.take([]), PIPELINE, block_size=SIZE)
    assert entry.key.n_blocks == entry.n_kept() == 0
    entry.trial()


def lines_of(command: list[str]) -> list[dict[str, object]]:
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    "rounds", [5, pytest.param(50, marks=[pytest.mark.slow, pytest.mark.timeout(600)])]
)
def test_four_processes_fill_one_cache_and_one_is_killed(tmp_path: Path, rounds: int) -> None:
    script = Path(__file__).with_name("race_work.py")
    found = lines_of([sys.executable, str(script), str(tmp_path), str(rounds), "1"])
    assert len(found) == rounds
    n_killed = 0
    for trial in found:
        statuses = trial["statuses"]
        assert isinstance(statuses, list)
        assert set(statuses) <= {0, -9}
        n_killed += -9 in statuses
        assert trial["right"]
        assert trial["left"] == []
        assert isinstance(trial["most"], int)
        assert trial["most"] <= 2
        assert isinstance(trial["n_made"], int)
        assert trial["n_made"] <= 21  # of 20: no more than the one that died is made again
    assert n_killed


@pytest.mark.slow
@pytest.mark.timeout(300)
def test_on_a_disk_that_is_really_full(tmp_path: Path) -> None:
    mount = f"mount -t tmpfs -o size=300k none {shlex.quote(str(tmp_path))}"
    own = ["unshare", "--map-root-user", "--mount", "sh", "-c"]
    if subprocess.run([*own, mount], capture_output=True, check=False).returncode:
        pytest.skip("mounting a small disk is not permitted here")
    script = Path(__file__).with_name("full_disk_cache_work.py")
    work = shlex.join([sys.executable, str(script), str(tmp_path)])
    [found] = lines_of([*own, f"{mount} && {work}"])
    assert found == {"right": True, "findings": ["cache-refused"], "left": [], "some": True}


def test_several_blocks_at_once_are_those_one_by_one(
    selection: Selection, cache: FrameCache
) -> None:
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    one_by_one = [dense(entry.load(block)) for block in range(N_BLOCKS)]
    (entry.folder / "00000001.frames").unlink()
    damaged = entry.folder / "00000002.frames"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    entry = cache.entry(selection, PIPELINE, block_size=SIZE)
    order = [2, 0, 1]

    def several() -> list[list[bytes]]:
        places = zip(order, entry.load_several(order), strict=True)
        return [dense(block, first, len(entry.samples(k))) for k, (block, first) in places]

    assert several() == [one_by_one[block] for block in order]
    assert (entry.n_found, entry.n_made) == (1, 2)
    assert [f.check for f in cache.findings] == ["cache-damaged"]
    assert several() == [one_by_one[block] for block in order]
    assert (entry.n_found, entry.n_made) == (4, 2)
    assert len({id(block) for block, _ in entry.load_several(order)}) == 1
