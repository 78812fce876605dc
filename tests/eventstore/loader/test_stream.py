import gc
import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from jaxtyping import UInt64

from eventstore.errors import IntegrityError, InvalidInput
from eventstore.events import Sensor
from eventstore.loader import Batch, Loader
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.testing import TINY_SENSOR, tiny_selection
from eventstore.transforms import (
    Denoise,
    Downsample,
    DropEvents,
    EventBatch,
    FramesByBins,
    FramesByCount,
    FramesByTime,
    Pipeline,
    RandomKey,
    Shift,
    Spec,
)

BINS = Pipeline(FramesByBins(n_bins=4))
AUGMENTED = Pipeline(DropEvents(fraction=0.3), Shift(max_pixels=1), FramesByTime(window_us=3_000))
N = 20


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=N)


def same(a: Sequence[Batch], b: Sequence[Batch]) -> bool:
    return len(a) == len(b) and all(
        one.ids == two.ids
        and torch.equal(one.x, two.x)
        and torch.equal(one.label, two.label)
        and torch.equal(one.length, two.length)
        for one, two in zip(a, b, strict=True)
    )


def by_sample(batches: Sequence[Batch]) -> dict[str, tuple[int, bytes]]:
    return {
        name: (int(batch.label[i]), batch.x[i, : int(batch.length[i])].numpy().tobytes())
        for batch in batches
        for i, name in enumerate(batch.ids)
    }


def test_batches_hold_the_frames_of_their_samples(selection: Selection) -> None:
    pipeline = Pipeline(Denoise(filter_time_us=2_000), Downsample(factor=2), FramesByBins(n_bins=3))
    rows = {name: i for i, name in enumerate(selection.sample_ids())}
    seen = []
    for batch in Loader(selection, pipeline, batch_size=6):
        assert batch.x.dtype == torch.float32
        assert batch.label.dtype == batch.length.dtype == torch.int64
        for k, name in enumerate(batch.ids):
            i = rows[name]
            frames = pipeline.frames(
                selection.store.read(i), TINY_SENSOR, t_stop=int(selection.t_stop[i])
            )
            assert np.array_equal(batch.x[k].numpy(), frames)
            assert int(batch.label[k]) == int(selection.label[i])
            seen.append(name)
    assert sorted(seen) == sorted(rows)


def test_samples_of_different_length_are_padded_with_zeros(selection: Selection) -> None:
    pipeline = Pipeline(FramesByCount(events_per_frame=20))
    loader = Loader(selection, pipeline, batch_size=7, shuffle=False)
    assert loader.sample_shape == (None, 2, 6, 8)
    sizes = selection.store.recordings.row_size
    for batch, first in zip(loader, range(0, N, 7), strict=True):
        n = sizes[first : first + 7]
        assert batch.length.tolist() == (-(-n // 20)).tolist()
        assert batch.x.shape[1] == batch.length.max()
        assert batch.x.sum(dim=(1, 2, 3, 4)).tolist() == n.tolist()
        for frames, length in zip(batch.x, batch.length, strict=True):
            assert not frames[int(length) :].any()


def test_a_batch_without_any_frame_has_one_of_zeros(selection: Selection) -> None:
    empty = selection.take([1])
    batch = next(iter(Loader(empty, Pipeline(FramesByCount(events_per_frame=9)))))
    assert batch.x.shape == (1, 1, 2, 6, 8)
    assert batch.length.tolist() == [0]
    assert not batch.x.any()


def test_audio_batches_have_no_rows_and_no_polarity(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", sensor=Sensor.audio(16))
    loader = Loader(selection, BINS, batch_size=5)
    assert loader.sample_shape == (4, 16)
    batch = next(iter(loader))
    assert batch.x.shape == (5, 4, 16)
    assert batch.x.is_contiguous()


def test_without_shuffling_the_order_is_the_selections(selection: Selection) -> None:
    backwards = selection.take(np.arange(N)[::-1])
    loader = Loader(backwards, BINS, batch_size=6, shuffle=False, block_size=4)
    assert [i for b in loader for i in b.ids] == selection.sample_ids()[::-1]
    assert [int(i) for b in loader for i in b.label] == selection.label[::-1].tolist()


@settings(max_examples=15)
@given(
    prefetch=st.integers(0, 5),
    threads=st.integers(1, 3),
    batch_size=st.integers(1, N + 1),
    epoch=st.integers(0, 3),
)
def test_neither_threads_nor_batches_change_the_data(
    selection: Selection, prefetch: int, threads: int, batch_size: int, epoch: int
) -> None:
    plain = Loader(selection, AUGMENTED, batch_size=4, prefetch=0, seed=5)
    other = Loader(
        selection, AUGMENTED, batch_size=batch_size, prefetch=prefetch, threads=threads, seed=5
    )
    for loader in (plain, other):
        loader.set_epoch(epoch)
    expected, found = list(plain), list(other)
    assert [i for b in found for i in b.ids] == [i for b in expected for i in b.ids]
    assert by_sample(found) == by_sample(expected)


@settings(max_examples=20)
@given(data=st.data(), batch_size=st.integers(1, 8), drop_last=st.booleans())
def test_a_resumed_epoch_goes_on_to_the_bit(
    selection: Selection, data: st.DataObject, batch_size: int, drop_last: bool
) -> None:
    def make() -> Loader:
        return Loader(
            selection, AUGMENTED, batch_size=batch_size, drop_last=drop_last, block_size=3, seed=2
        )

    loader = make()
    loader.set_epoch(data.draw(st.integers(0, 2)))
    taken = data.draw(st.integers(0, len(loader)))
    running = iter(loader)
    for _ in range(taken):
        next(running)
    state = json.loads(json.dumps(loader.state_dict()))
    rest = list(running)
    following = list(loader)

    resumed = make()
    resumed.load_state_dict(state)
    if taken < len(loader):
        assert same(list(resumed), rest)
    assert same(list(resumed), following)


@given(
    world=st.sampled_from([1, 2, 3, 4, 8]),
    batch_size=st.integers(1, 5),
    then=st.sampled_from([1, 2, 3, 4, 8]),
    cut=st.integers(0, 3),
)
@settings(max_examples=15)
def test_ranks_share_one_global_order_and_may_change_on_resume(
    selection: Selection, world: int, batch_size: int, then: int, cut: int
) -> None:
    def ranks(size: int) -> list[Loader]:
        return [
            Loader(selection, AUGMENTED, batch_size=batch_size, rank=r, world_size=size, prefetch=0)
            for r in range(size)
        ]

    alone = [name for b in Loader(selection, AUGMENTED, prefetch=0) for name in b.ids]
    served: list[str] = []
    first = ranks(world)
    running = [iter(loader) for loader in first]
    for _ in range(cut):
        served += [name for it in running if (b := next(it, None)) for name in b.ids]
    state = max(
        (loader.state_dict() for loader in first), key=lambda s: (s["epoch"], s["position"])
    )
    assert served == alone[: len(served)]
    if state["epoch"] == 0:
        for loader in ranks(then):
            loader.load_state_dict(state)
            served += [name for b in loader for name in b.ids]
    assert sorted(served) == sorted(alone)


def test_each_loop_is_the_next_epoch(selection: Selection) -> None:
    loader = Loader(selection, BINS, batch_size=6)
    first, second = list(loader), list(loader)
    assert loader.epoch == 2
    assert [b.ids for b in first] != [b.ids for b in second]
    loader.set_epoch(0)
    assert same(list(loader), first)
    assert by_sample(first) == by_sample(second)


def test_an_epoch_left_half_way_begins_anew(selection: Selection) -> None:
    loader = Loader(selection, BINS, batch_size=6)
    first = next(iter(loader))
    assert same([next(iter(loader))], [first])
    assert loader.epoch == 0


def test_lengths(selection: Selection) -> None:
    assert len(Loader(selection, BINS, batch_size=6)) == 4
    assert len(Loader(selection, BINS, batch_size=6, drop_last=True)) == 3
    assert [len(b.ids) for b in Loader(selection, BINS, batch_size=6, drop_last=True)] == [6] * 3
    assert list(Loader(selection.take([]), BINS)) == []


def test_dropping_the_loop_stops_its_threads(selection: Selection) -> None:
    before = set(threading.enumerate())
    for _ in range(3):
        running = iter(Loader(selection, BINS, batch_size=2, prefetch=4))
        next(running)
        del running
        gc.collect()
        assert not set(threading.enumerate()) - before
    with pytest.raises(ZeroDivisionError):
        _fail_at_the_first_batch(Loader(selection, BINS, batch_size=2))
    gc.collect()
    assert not set(threading.enumerate()) - before


def _fail_at_the_first_batch(loader: Loader) -> None:
    for _ in loader:
        raise ZeroDivisionError


def test_batches_may_be_kept_and_changed(selection: Selection) -> None:
    loader = Loader(selection, BINS, batch_size=2, shuffle=False)
    kept = list(loader)
    for batch in kept:
        batch.x.neg_()
    again = list(loader)
    assert all(torch.equal(-a.x, b.x) for a, b in zip(kept, again, strict=True))


@pytest.mark.parametrize("prefetch", [0, 2])
def test_a_damaged_sample_is_named_after_those_before_it(tmp_path: Path, prefetch: int) -> None:
    selection = tiny_selection(tmp_path / "events.zarr")
    shard = next(p for p in (tmp_path / "events.zarr/events/x/c").rglob("*") if p.is_file())
    content = bytearray(shard.read_bytes())
    content[3] ^= 255
    shard.write_bytes(content)
    damaged = replace(selection, store=EventStore.open(tmp_path / "events.zarr"))
    loader = Loader(damaged, BINS, shuffle=False, prefetch=prefetch)
    with pytest.raises(IntegrityError, match=r"while reading sample 'r000#0-\d+'"):
        list(loader)


@dataclass(frozen=True, slots=True, kw_only=True)
class Broken:
    random: ClassVar[bool] = False

    def out_spec(self, spec: Spec) -> Spec:
        return spec

    def apply(
        self, batch: EventBatch, sensor: Sensor, seeds: UInt64[np.ndarray, " b"]
    ) -> EventBatch:
        raise ZeroDivisionError


@pytest.mark.parametrize("prefetch", [0, 2])
def test_errors_of_transforms_reach_the_consumer(selection: Selection, prefetch: int) -> None:
    loader = Loader(selection, Pipeline(Broken(), *BINS.stages), shuffle=False, prefetch=prefetch)
    with pytest.raises(ZeroDivisionError) as caught:
        list(loader)
    assert caught.value.__notes__[0].startswith("in the batch of samples 'r000#0-")


def test_counts_that_do_not_fit_are_an_error(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", sensor=Sensor(1, 1), n_recordings=1)
    whole = Pipeline(FramesByBins(n_bins=1))
    batch = next(iter(Loader(selection, whole, dtype="uint8")))
    assert batch.x.dtype == torch.uint8
    assert int(batch.x.sum()) == selection.store.n_events


def test_random_transforms_see_the_seed_and_the_epoch(selection: Selection) -> None:
    loader = Loader(selection, AUGMENTED, seed=9)
    loader.set_epoch(3)
    batch = next(iter(loader))
    row = {name: i for i, name in enumerate(selection.sample_ids())}[batch.ids[0]]
    events = EventBatch.of(
        [selection.store.read(row)],
        t_start=[0],
        t_stop=[int(selection.t_stop[row])],
        ids=[batch.ids[0]],
    )
    expected = AUGMENTED.transform(events, TINY_SENSOR, RandomKey(seed=9, epoch=3))
    assert int(batch.x[0].sum()) == len(expected.events)


def test_a_state_of_something_else_is_refused(selection: Selection) -> None:
    state = Loader(selection, BINS).state_dict()
    with pytest.raises(InvalidInput, match="the state was saved with seed 0, this loader has 1"):
        Loader(selection, BINS, seed=1).load_state_dict(state)
    with pytest.raises(InvalidInput, match="the state was saved with pipeline"):
        Loader(selection, AUGMENTED).load_state_dict(state)
    with pytest.raises(InvalidInput, match="the state was saved with selection"):
        Loader(selection.take([0]), BINS).load_state_dict(state)
    for place in ({"position": -5}, {"position": 10**6}, {"position": None}, {"epoch": "1"}):
        with pytest.raises(InvalidInput, match="position"):
            Loader(selection, BINS).load_state_dict(state | place)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"batch_size": 0}, "batch_size=0 is below 1"),
        ({"rank": 1}, "rank 1 is not one of 1"),
        ({"dtype": "int8"}, "dtype 'int8' is none of float32, uint8, uint16"),
        ({"block_size": 0}, "block_size=0 is below 1"),
    ],
)
def test_wrong_arguments_are_refused_at_once(
    selection: Selection, arguments: dict[str, Any], message: str
) -> None:
    with pytest.raises(InvalidInput, match=message):
        Loader(selection, BINS, **arguments)


def test_a_pipeline_without_frames_is_refused(selection: Selection) -> None:
    with pytest.raises(InvalidInput, match="must end with frames"):
        Loader(selection, Pipeline(Downsample(factor=2)))


def test_profile_is_of_the_last_loop(selection: Selection) -> None:
    loader = Loader(selection, BINS)
    assert loader.profile().epoch_s == 0
    running = iter(loader)
    next(running)
    half = loader.profile()
    assert half.decode_s > 0
    assert half.transform_s > 0
    list(running)
    whole = loader.profile()
    assert whole.epoch_s > half.epoch_s >= half.wait_s > 0
    list(loader)
    assert loader.profile() != whole


def test_without_threads_making_is_waiting(selection: Selection) -> None:
    loader = Loader(selection, BINS, prefetch=0)
    list(loader)
    profile = loader.profile()
    assert profile.wait_s >= profile.decode_s + profile.transform_s
    assert 0 < profile.wait_share <= 1


def test_real_recordings(shared_data: Path, tmp_path: Path) -> None:
    from eventstore.ingest import ingest

    ingest([shared_data / "nmnist-small" / "Test.zip"], tmp_path / "events.zarr")
    store = EventStore.open(tmp_path / "events.zarr")
    n = store.n_recordings
    selection = Selection(
        store=store,
        recording=np.arange(n, dtype=np.int64),
        t_start=np.zeros(n, np.int64),
        t_stop=store.recordings.t_stop,
        label=np.zeros(n, np.int64),
        label_names=("digit",),
    )
    batches = list(Loader(selection, Pipeline(FramesByBins(n_bins=20)), dtype="uint8"))
    assert sum(int(b.x.sum()) for b in batches) == store.n_events
