from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventstore.blocks import Block, read_blocks
from eventstore.loader import Loader
from eventstore.sampling import Balanced
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import FramesByBins, Pipeline

BINS = Pipeline(FramesByBins(n_bins=4))


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")


@settings(max_examples=25)
@given(
    world=st.integers(1, 4),
    workers=st.integers(1, 3),
    batch_size=st.integers(1, 5),
    position=st.integers(0, 20),
    sampling=st.sampled_from([None, Balanced()]),
)
def test_each_process_reads_what_it_serves_and_no_more(
    selection: Selection, *, world: int, workers: int, batch_size: int, position: int, sampling: Any
) -> None:
    for rank in range(world):
        for worker in range(workers):
            read: list[str] = []

            def noted(its: Selection, blocks: list[np.ndarray], **given: Any) -> list[Block]:
                read.extend(its.take(np.concatenate(blocks)).sample_ids())  # noqa: B023  # called in this turn
                return read_blocks(its, blocks, **given)

            loader = Loader(
                selection,
                BINS,
                batch_size=batch_size,
                rank=rank,
                world_size=world,
                block_size=3,
                prefetch=0,
                sampling=sampling,
            )
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr("eventstore.loader.source.read_blocks", noted)
                served = loader.serve(0, position, worker=worker, n_workers=workers)
                names = [name for _, batch in served for name in batch.ids]
            assert sorted(read) == sorted(names)


def test_neighbours_are_read_together(
    selection: Selection, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[list[int]] = []

    def noted(its: Selection, blocks: list[np.ndarray], **given: Any) -> list[Block]:
        read.extend(samples.tolist() for samples in blocks)
        return read_blocks(its, blocks, **given)

    monkeypatch.setattr("eventstore.loader.source.read_blocks", noted)
    list(Loader(selection, BINS, block_size=4, batch_size=3, prefetch=0))
    assert sorted(read) == [list(range(k, k + 4)) for k in range(0, 20, 4)]
