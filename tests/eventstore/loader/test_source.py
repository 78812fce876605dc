from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
from jaxtyping import Int64, Shaped

from eventstore.events import Sensor
from eventstore.loader import Loader
from eventstore.loader.source import Allocate, EventSource, Made, Picked
from eventstore.sampling import draw_id
from eventstore.selection import Selection
from eventstore.testing import TINY_SENSOR, tiny_selection
from eventstore.transforms import DropEvents, FramesByCount, Pipeline, RandomKey, Shift
from eventstore.transforms.batch import EventBatch

PIPELINE = Pipeline(
    DropEvents(fraction=0.5), Shift(max_pixels=2), FramesByCount(events_per_frame=9)
)


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")


def blank(shape: tuple[int, ...]) -> Shaped[np.ndarray, "..."]:
    return np.full(shape, np.nan, np.float32)


def expected(selection: Selection, row: int, again: int, key: RandomKey) -> EventBatch:
    events = EventBatch.of(
        [selection.store.read(row)],
        t_start=[0],
        t_stop=[int(selection.t_stop[row])],
        ids=[draw_id(selection.sample_ids()[row], again)],
    )
    return PIPELINE.transform(events, TINY_SENSOR, key)


def test_draws_of_a_sample_are_alike_but_not_the_same(selection: Selection) -> None:
    source = EventSource(selection, PIPELINE, PIPELINE.out_spec(TINY_SENSOR))
    block = source.load([np.array([4, 4, 4, 5])])[0]
    ids = selection.sample_ids()
    picked = Picked(
        np.array([4, 5, 4, 4]), np.array([1, 0, 0, 2]), (ids[4], ids[5], ids[4], ids[4])
    )
    key = RandomKey(seed=3, epoch=1)
    places = [(block, i) for i in (1, 3, 0, 2)]
    frames, length, _ = source.frames(picked, places, key, blank)
    for k, (row, again) in enumerate([(4, 1), (5, 0), (4, 0), (4, 2)]):
        events = expected(selection, row, again, key)
        assert frames[k].sum() == len(events.events)
        assert length[k] == PIPELINE.frame_counts(events)[0]
    assert len({frames[k].tobytes() for k in (0, 2, 3)}) == 3


def test_another_source_can_take_its_place(
    selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Numbers:
        """Frames that hold the row of their sample."""

        def __init__(self, *_: object) -> None: ...

        samples_a_read = 3  # of which a block holds more

        def load(self, blocks: Sequence[Int64[np.ndarray, " n"]]) -> list[list[int]]:
            return [samples.tolist() for samples in blocks]

        def frames(
            self,
            picked: Picked,
            places: Sequence[tuple[list[int], int]],
            key: RandomKey,
            allocate: Allocate,
        ) -> Made:
            rows = np.array([block[i] for block, i in places])
            assert rows.tolist() == picked.samples.tolist()
            out = allocate((len(rows), 1, 1, 1, 1))
            out[:] = rows[:, None, None, None, None]
            return Made(out, np.ones(len(rows), np.int64))

    monkeypatch.setattr("eventstore.loader.stream.EventSource", Numbers)
    names = selection.sample_ids()
    for batch in Loader(selection, PIPELINE, batch_size=3, dtype="uint8"):
        assert [names[int(row)] for row in batch.x.flatten()] == batch.ids


def test_audio(tmp_path: Path) -> None:
    selection = tiny_selection(tmp_path / "events.zarr", sensor=Sensor.audio(16))
    pipeline = Pipeline(FramesByCount(events_per_frame=9))
    source = EventSource(selection, pipeline, pipeline.out_spec(Sensor.audio(16)))
    picked = Picked(np.array([2]), np.array([0]), ("a",))
    block = source.load([np.array([2])])[0]
    frames, length, _ = source.frames(picked, [(block, 0)], RandomKey(), blank)
    assert frames.shape == (1, int(length[0]), 1, 1, 16)


def test_memory_of_blocks_and_batches_is_used_again(selection: Selection) -> None:
    source = EventSource(selection, PIPELINE, PIPELINE.out_spec(TINY_SENSOR), 2)
    picked = Picked(np.array([4]), np.array([0]), (selection.sample_ids()[4],))
    addresses = []
    for _ in range(2):
        block = source.load([np.array([4, 5])])[0]
        source.frames(picked, [(block, 0)], RandomKey(seed=3, epoch=1), blank)
        addresses.append(block.events.t.ctypes.data)
        del block
    assert addresses[0] == addresses[1]
    held = [source.load([np.array([4, 5])])[0] for _ in range(4)]
    assert len({block.events.t.ctypes.data for block in held}) == 4
