from pathlib import Path

import pytest
import torch

from eventstore.errors import InvalidInput
from eventstore.loader import Batch, Loader, SparseFrames
from eventstore.selection import Selection
from eventstore.testing import tiny_selection
from eventstore.transforms import FramesByCount, Pipeline

PIPELINE = Pipeline(FramesByCount(events_per_frame=20))


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")


@pytest.mark.parametrize("dtype", ["uint8", "sparse"])
def test_the_mask_is_true_for_a_samples_own_frames(selection: Selection, dtype: str) -> None:
    for batch in Loader(selection, PIPELINE, batch_size=7, dtype=dtype):  # type: ignore[arg-type]
        assert batch.mask.shape == batch.x.shape[:2]
        assert batch.mask.dtype == torch.bool
        assert torch.equal(batch.mask.sum(1), batch.length)
        assert all(
            own[: int(n)].all() and not own[int(n) :].any()
            for own, n in zip(batch.mask, batch.length, strict=True)
        )
        x = batch.dense(torch.int32).x
        assert x.flatten(2).any(2)[~batch.mask].sum() == 0


def test_it_stays_a_tuple(selection: Selection) -> None:
    x, label, length, ids = next(iter(Loader(selection, PIPELINE)))
    assert len(x) == len(label) == len(length) == len(ids) == 20


def test_to_moves_all_tensors(selection: Selection) -> None:
    for dtype in ("float32", "sparse"):
        batch = next(iter(Loader(selection, PIPELINE, dtype=dtype)))
        moved = batch.to("meta")
        assert {moved.x.device.type, moved.label.device.type, moved.length.device.type} == {"meta"}
        assert moved.ids == batch.ids
        assert moved.x.shape == batch.x.shape
        assert moved.dense().x.shape == batch.x.shape


def test_dense_is_the_same_of_either(selection: Selection) -> None:
    plain, sparse = (
        list(Loader(selection, PIPELINE, dtype=dtype, seed=3)) for dtype in ("float32", "sparse")
    )
    for one, other in zip(plain, sparse, strict=True):
        assert one.sparse is None
        assert other.sparse is not None
        for dtype in (torch.float32, torch.bfloat16, torch.uint8, torch.int64):
            assert torch.equal(one.dense(dtype).x, other.dense(dtype).x)
            assert one.dense(dtype).ids == other.dense(dtype).ids


def test_a_type_that_would_round_is_refused() -> None:
    frames = SparseFrames(torch.tensor([0]), torch.tensor([300], dtype=torch.int32), (1, 1))
    batch = Batch(frames, torch.zeros(1), torch.ones(1), ["a"])  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="exact to 256"):
        batch.dense(torch.bfloat16)


def test_audio_is_sparse_too(tmp_path: Path) -> None:
    from eventstore.events import Sensor
    from eventstore.transforms import FramesByBins

    selection = tiny_selection(tmp_path / "events.zarr", sensor=Sensor.audio(16))
    bins = Pipeline(FramesByBins(n_bins=4))
    plain = next(iter(Loader(selection, bins)))
    sparse = next(iter(Loader(selection, bins, dtype="sparse")))
    assert sparse.x.shape == plain.x.shape == (20, 4, 16)
    assert torch.equal(sparse.dense().x, plain.x)
