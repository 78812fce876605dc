from pathlib import Path

import numpy as np
import pytest
import torch

from eventstore.append import StoreWriter
from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.loader import Loader
from eventstore.loader.staging import STAGED, BatchDtype, Staging
from eventstore.selection import Selection
from eventstore.store import EventStore
from eventstore.testing import tiny_selection
from eventstore.transforms import FramesByBins, Pipeline, Spec, TimeSurface

SPEC = Spec("array", Sensor(8, 6), (3, 2, 6, 8))
REAL = Spec("array", Sensor(8, 6), (3, 2, 6, 8), real=True)
DTYPES: list[BatchDtype] = ["float32", "uint8", "uint16", "bfloat16", "sparse"]


@pytest.fixture(scope="module")
def selection(tmp_path_factory: pytest.TempPathFactory) -> Selection:
    return tiny_selection(tmp_path_factory.mktemp("store") / "events.zarr")


def counted(path: Path, n: int) -> Selection:
    """Return a selection of one sample with n events on one pixel."""
    with StoreWriter.create(path, Sensor(1, 1)) as writer:
        writer.append("a", [Events.of(t=np.arange(n), x=[0] * n, y=[0] * n, p=[1] * n)])
    return Selection(
        store=EventStore.open(path),
        recording=np.zeros(1, np.int64),
        t_start=np.zeros(1, np.int64),
        t_stop=np.full(1, n),
        label=np.zeros(1, np.int64),
        label_names=("one",),
    )


def test_all_types_are_tested() -> None:
    assert set(DTYPES) == set(STAGED)


@pytest.mark.parametrize("dtype", DTYPES)
def test_each_type_holds_the_same_counts(selection: Selection, dtype: BatchDtype) -> None:
    pipeline = Pipeline(FramesByBins(n_bins=2))
    plain = list(Loader(selection, pipeline, batch_size=6))
    typed = list(Loader(selection, pipeline, batch_size=6, dtype=dtype))
    for one, other in zip(plain, typed, strict=True):
        if dtype != "sparse":
            assert other.x.dtype == getattr(torch, dtype)
        assert torch.equal(one.x, other.dense().x)


@pytest.mark.parametrize(
    ("dtype", "most"), [("uint8", 255), ("bfloat16", 255), ("uint16", 65_535), ("sparse", 65_535)]
)
def test_the_largest_count_fits_and_the_next_is_refused(
    tmp_path: Path, dtype: BatchDtype, most: int
) -> None:
    whole = Pipeline(FramesByBins(n_bins=1))
    (batch,) = Loader(counted(tmp_path / "fits.zarr", most), whole, dtype=dtype)
    assert int(batch.dense(torch.int64).x.sum()) == most
    above = counted(tmp_path / "above.zarr", most + 1)
    with pytest.raises(InvalidInput, match=f"counts more than {most} events") as caught:
        list(Loader(above, whole, dtype=dtype))
    rounded = any("bfloat16 is exact to 256" in note for note in caught.value.__notes__)
    assert rounded == (dtype == "bfloat16")


def test_real_numbers_are_served_as_real_numbers(selection: Selection) -> None:
    pipeline = Pipeline(TimeSurface(tau_us=5_000, n_frames=2))
    plain = list(Loader(selection, pipeline))
    for dtype in ("uint8", "uint16"):
        with pytest.raises(InvalidInput, match=f"real numbers, which {dtype} cannot hold"):
            Loader(selection, pipeline, dtype=dtype)
    (sparse,) = Loader(selection, pipeline, dtype="sparse")
    assert torch.equal(sparse.dense().x, plain[0].x)
    (rounded,) = Loader(selection, pipeline, dtype="bfloat16")
    assert torch.equal(rounded.x, plain[0].x.bfloat16())


def test_memory_is_used_again_once_a_batch_is_gone() -> None:
    staging = Staging.of("uint8", SPEC, pin_memory=False, keep=2)
    x = staging.finish(staging.allocate((4, 3, 2, 6, 8)))
    address = x.data_ptr()
    del x
    assert staging.allocate((4, 3, 2, 6, 8)).ctypes.data == address


def test_audio_loses_rows_and_polarity() -> None:
    spec = Spec("array", Sensor.audio(8), (3, 1, 1, 8))
    for dtype in DTYPES:
        staging = Staging.of(dtype, spec, pin_memory=False, keep=2)
        frames = staging.allocate((4, 3, 1, 1, 8))
        frames[:] = 1
        assert staging.finish(frames).shape == (4, 3, 8)


@pytest.mark.skipif(torch.accelerator.is_available(), reason="this machine has an accelerator")
def test_pinning_without_an_accelerator_is_refused(selection: Selection) -> None:
    with pytest.raises(InvalidInput, match="torch finds no accelerator") as caught:
        Loader(selection, Pipeline(FramesByBins(n_bins=2)), pin_memory=True)
    assert "leave pin_memory out" in str(caught.value.hint)


@pytest.mark.skipif(not torch.accelerator.is_available(), reason="no accelerator to pin for")
@pytest.mark.parametrize("dtype", DTYPES)
def test_pinned_batches_hold_the_same(selection: Selection, dtype: BatchDtype) -> None:
    pipeline = Pipeline(FramesByBins(n_bins=2))
    device = torch.accelerator.current_accelerator()
    assert device is not None
    pairs = zip(
        Loader(selection, pipeline, dtype=dtype, pin_memory=True, batch_size=6),
        Loader(selection, pipeline, dtype=dtype, batch_size=6),
        strict=True,
    )
    for pinned, plain in pairs:
        if dtype != "sparse":
            assert pinned.x.is_pinned()
        moved = pinned.to(device, non_blocking=True).dense()
        assert torch.equal(moved.x.cpu(), plain.dense().x)
