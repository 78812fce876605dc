"""Loaders that mix: what a batch holds, whoever serves it and wherever its epoch began."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch.utils.data import DataLoader

from eventstore.blocks import Block, read_blocks
from eventstore.bucketing import Bucket
from eventstore.cache import FrameCache
from eventstore.cache.entry import CacheEntry
from eventstore.errors import InvalidInput
from eventstore.loader import Batch, CutMix, EventMix, Loader, Mixture
from eventstore.loader.cached import CachedSource
from eventstore.loader.mixing import Mixer, mix
from eventstore.sampling import Balanced
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import (
    Denoise,
    DropEvents,
    EventBatch,
    FramesByBins,
    FramesByCount,
    Pipeline,
    RandomKey,
    Resize,
    ScaleTime,
)

# From Python 3.12 on it warns of what torch's workers do by default.
pytestmark = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded")

N, GROUP = 45, 24
AUGMENTED = Pipeline(
    DropEvents(fraction=0.3),
    ScaleTime(factor_min=0.5, factor_max=1.5),
    Resize(width=5, height=4),
    FramesByCount(events_per_frame=9),
)
MIXERS: list[Mixer] = [CutMix(probability=0.7, in_time=True), EventMix(probability=0.7)]
KINDS: dict[str, dict[str, Any]] = {
    "plain": {},
    "unshuffled": {"shuffle": False},
    "sampling": {"sampling": Balanced(n=50)},
    "bucket": {"bucket": Bucket(n=48)},
}

Served = list[tuple[str, bytes, bytes]]


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr", n_recordings=N)


def contents(batch: Batch) -> Served:
    return [
        (name, x[: int(n)].numpy().tobytes(), label.numpy().tobytes())
        for name, x, label, n in zip(
            batch.ids, batch.dense().x, batch.label, batch.length, strict=True
        )
    ]


def same(found: list[Batch], expected: list[Batch]) -> bool:
    return len(found) == len(expected) and all(
        a.ids == b.ids
        and torch.equal(a.dense().x, b.dense().x)
        and torch.equal(a.label, b.label)
        and torch.equal(a.length, b.length)
        for a, b in zip(found, expected, strict=True)
    )


@pytest.mark.parametrize("mixer", MIXERS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_sample_is_mixed_with_the_one_before_it(
    selection: Selection, mixer: Mixer, kind: str
) -> None:
    loader = Loader(selection, AUGMENTED, batch_size=7, seed=3, mix=mixer, **KINDS[kind])
    loader.set_epoch(2)
    order = loader.order.epoch(2)
    rows = order.samples[order.places].tolist()
    drawn = order.again[order.places].tolist()
    names = selection.sample_ids()
    ids = [names[r] + (f"~{k}" if k else "") for r, k in zip(rows, drawn, strict=True)]
    key, sensor = RandomKey(seed=3, epoch=2), selection.store.sensor
    found = [one for batch in loader for one in zip(*batch, strict=True)]
    assert len(found) == len(rows)
    n_mixed = 0
    for i, (x, label, length, name) in enumerate(found):
        near = [i - 1, i] if i else [i]
        pair = EventBatch.of(
            [selection.store.read(rows[k]) for k in near],
            t_start=[0] * len(near),
            t_stop=[int(selection.t_stop[rows[k]]) for k in near],
            ids=[ids[k] for k in near],
        )
        pair = AUGMENTED.transform(pair, sensor, key)
        spec = AUGMENTED.out_spec(sensor)
        one, (share,) = mix(pair, mixer, spec.sensor, key, lead=len(near) - 1)
        assert name == names[rows[i]]
        assert length == AUGMENTED.frame_counts(one)[0]
        frames = np.empty(spec.array_shape(1, max(int(length), 1)), np.float32)
        AUGMENTED.write(one, spec.sensor, frames)
        assert np.array_equal(x[: len(frames[0])], frames[0])
        assert not x[len(frames[0]) :].any()
        expected = np.zeros(3)
        expected[selection.label[rows[i]]] += 1 - share
        expected[selection.label[rows[near[0]]]] += share
        assert np.allclose(label, expected)
        n_mixed += share > 0
    assert len(rows) * 0.4 < n_mixed < len(rows) * 0.9


@pytest.mark.parametrize("mixer", MIXERS)
@pytest.mark.parametrize("kind", KINDS)
def test_any_number_of_ranks_serves_the_same(selection: Selection, mixer: Mixer, kind: str) -> None:
    def serve(world: int) -> Served:
        ranks = [
            Loader(
                selection,
                AUGMENTED,
                batch_size=GROUP // world,
                rank=rank,
                world_size=world,
                seed=3,
                block_size=4,
                prefetch=0,
                mix=mixer,
                **KINDS[kind],
            )
            for rank in range(world)
        ]
        running = [iter(loader) for loader in ranks]
        served: Served = []
        for _ in range(ranks[0].share.n_steps(ranks[0].order.n)):
            for batches in running:
                batch = next(batches, None)
                served += contents(batch) if batch is not None else []
        return served

    expected = serve(1)
    assert len(expected) == (50 if kind == "sampling" else N)
    assert all(serve(world) == expected for world in (2, 3, 4, 8))


@pytest.mark.parametrize("kind", ["plain", "unshuffled", "sampling"])
def test_batch_size_and_threads_change_nothing(selection: Selection, kind: str) -> None:
    def serve(**arguments: Any) -> Served:
        loader = Loader(selection, AUGMENTED, seed=3, mix=MIXERS[1], **KINDS[kind], **arguments)
        return [one for batch in loader for one in contents(batch)]

    expected = serve(batch_size=7)
    assert serve(batch_size=1, prefetch=0) == expected
    assert serve(batch_size=64, threads=3) == expected
    assert serve(batch_size=5, dtype="sparse") == expected


@pytest.mark.parametrize("kind", KINDS)
def test_an_epoch_taken_up_at_any_batch_is_the_same_to_the_bit(
    selection: Selection, kind: str
) -> None:
    def make() -> Loader:
        return Loader(
            selection,
            AUGMENTED,
            batch_size=4,
            seed=9,
            block_size=4,
            prefetch=1,
            mix=MIXERS[0],
            **KINDS[kind],
        )

    whole = make()
    whole.set_epoch(5)
    states, batches = [whole.state_dict()], []
    for batch in whole:
        batches.append(batch)
        states.append(json.loads(json.dumps(whole.state_dict())))
    for at in range(len(batches)):
        resumed = make()
        resumed.load_state_dict(states[at])
        assert same(list(resumed), batches[at:])


def test_states_tell_mixers_apart(selection: Selection) -> None:
    def make(mixer: Mixer | None) -> Loader:
        return Loader(selection, AUGMENTED, mix=mixer)

    state = make(MIXERS[0]).state_dict()
    make(MIXERS[0]).load_state_dict(state)
    for other in (None, MIXERS[1], CutMix()):
        with pytest.raises(InvalidInput, match="saved with mix"):
            make(other).load_state_dict(state)
    # A state of before there was any mixing is one of a loader that does not mix.
    plain = make(None).state_dict()
    del plain["mix"]
    make(None).load_state_dict(plain)


@pytest.mark.parametrize("workers", [1, 2])
def test_workers_of_torch_serve_the_same(selection: Selection, workers: int) -> None:
    loader = Loader(selection, AUGMENTED, batch_size=4, seed=4, mix=MIXERS[1])
    dataset = loader.as_dataset()
    batches = DataLoader(dataset, batch_size=None, num_workers=workers)
    assert same(list(batches), list(loader))


def test_a_mixture_serves_both_kinds_of_labels(selection: Selection) -> None:
    mixing = Loader(selection, AUGMENTED, batch_size=4, mix=MIXERS[0])
    plain = Loader(selection, AUGMENTED, batch_size=4)
    batches = list(Mixture([mixing, plain], seed=1))
    soft = [batch for batch in batches if batch.label.ndim == 2]
    hard = [batch for batch in batches if batch.label.ndim == 1]
    assert same(soft, list(Loader(selection, AUGMENTED, batch_size=4, mix=MIXERS[0])))
    assert same(hard, list(Loader(selection, AUGMENTED, batch_size=4)))


@pytest.mark.parametrize(
    ("pipeline", "kept"),
    [
        (Pipeline(Denoise(filter_time_us=800), FramesByBins(n_bins=5)), "Denoise(filter_time"),
        (Pipeline(FramesByBins(n_bins=5)), "nothing done to them yet"),
        (Pipeline(Denoise(filter_time_us=800), *AUGMENTED.stages), "Denoise(filter_time"),
    ],
)
@pytest.mark.parametrize("kind", KINDS)
def test_a_cache_keeps_what_is_mixed(
    selection: Selection,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    *,
    pipeline: Pipeline,
    kept: str,
    kind: str,
) -> None:
    real = CacheEntry.trial

    class Used:
        use = True

    def trial(self: CacheEntry, *args: Any) -> Any:
        real(self, *args)
        return Used()

    monkeypatch.setattr(CacheEntry, "trial", trial)
    options = {"batch_size": 6, "seed": 4, "mix": MIXERS[1], **KINDS[kind]}
    cached = Loader(selection, pipeline, cache=FrameCache(tmp_path / "frames"), **options)
    plain = Loader(selection, pipeline, **options)
    for _ in range(2):
        assert same(list(cached), list(plain))
    assert isinstance(cached._source, CachedSource)
    assert cached.explain_cache().startswith("events of a selection")
    assert kept in cached.explain_cache()


def test_a_step_reads_one_sample_more(
    selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []

    def noted(its: Selection, blocks: list[np.ndarray], **given: Any) -> list[Block]:
        read.extend(its.take(np.concatenate(blocks)).sample_ids())
        return read_blocks(its, blocks, **given)

    monkeypatch.setattr("eventstore.loader.source.read_blocks", noted)
    whole = [n for b in Loader(selection, AUGMENTED, prefetch=0, seed=1) for n in b.ids]
    read.clear()
    loader = Loader(
        selection, AUGMENTED, batch_size=5, rank=1, world_size=3, prefetch=0, seed=1, mix=MIXERS[0]
    )
    served = [(5, 10), (20, 25), (35, 40)]
    assert [batch.ids for batch in loader] == [whole[a:b] for a, b in served]
    assert sorted(read) == sorted(name for a, b in served for name in whole[a - 1 : b])


def test_labels_are_soft_and_name_the_class_they_have_most_of(selection: Selection) -> None:
    plain = list(Loader(selection, AUGMENTED, batch_size=9, seed=1))
    mixed = list(Loader(selection, AUGMENTED, batch_size=9, seed=1, mix=EventMix()))
    for hard, soft in zip(plain, mixed, strict=True):
        assert hard.ids == soft.ids
        assert torch.equal(hard.hard_label, hard.label)
        assert soft.label.dtype == torch.float32
        assert soft.label.shape == (9, 3)
        assert torch.allclose(soft.label.sum(1), torch.ones(9))
        assert torch.equal(soft.hard_label, soft.label.argmax(1))
        assert torch.equal(soft.to("cpu").dense(torch.float64).label, soft.label)
        # Masks are those of the frames that are there.
        assert soft.mask.sum(1).tolist() == soft.length.tolist()
    first, *_ = mixed
    assert first.label[0].tolist() == torch.eye(3)[plain[0].label[0]].tolist()


@pytest.mark.parametrize("n", [0, 1, 2])
def test_few_samples(selection: Selection, n: int) -> None:
    few = selection.take(range(n))
    batches = list(Loader(few, AUGMENTED, mix=EventMix()))
    assert sum(len(batch.ids) for batch in batches) == n


def test_what_is_no_mixer_is_refused(selection: Selection) -> None:
    with pytest.raises(InvalidInput, match=r"mix=0\.5 is no mixer"):
        Loader(selection, AUGMENTED, mix=0.5)  # type: ignore[arg-type]
