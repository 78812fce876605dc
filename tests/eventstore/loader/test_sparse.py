import pickle

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from eventstore.loader import SparseFrames


@given(
    dtype=st.sampled_from(["uint8", "uint16", "float32"]),
    shape=st.lists(st.integers(0, 7), min_size=1, max_size=4),
    density=st.floats(0, 1),
    top=st.sampled_from([1, 255, 256, 65_535]),
    seed=st.integers(0, 1_000),
)
def test_sparse_is_dense(dtype: str, shape: list[int], density: float, top: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    top = min(top, 255) if dtype == "uint8" else top
    counts = rng.integers(1, top + 1, shape) * (rng.random(shape) < density)
    dense = counts.astype(dtype)
    sparse = SparseFrames.of(dense)
    assert torch.equal(sparse.to_dense(torch.float32), torch.from_numpy(counts).float())
    if dtype != "float32":
        assert torch.equal(sparse.to_dense(torch.int64), torch.from_numpy(counts))
    assert sparse.index.tolist() == np.flatnonzero(dense).tolist()
    assert len(sparse.values) == np.count_nonzero(dense)


def test_memory_that_is_not_aligned_is_read_all_the_same() -> None:
    memory = np.arange(41, dtype=np.uint8)
    for start in range(8):
        part = memory[start : start + 20]
        expected = torch.from_numpy(part.copy()).float()
        assert torch.equal(SparseFrames.of(part).to_dense(), expected)


def test_what_is_sent_is_small() -> None:
    dense = np.zeros((32, 31, 2, 34, 34), np.uint16)
    dense.reshape(-1)[::20] = 1
    sparse = SparseFrames.of(dense)
    assert sparse.index.dtype == torch.int32
    assert sparse.values.dtype == torch.uint8
    assert sparse.nbytes == 5 * np.count_nonzero(dense) < dense.size / 3


def test_large_counts_and_real_numbers_have_their_types() -> None:
    assert SparseFrames.of(np.array([300, 0], np.uint16)).values.dtype == torch.int32
    assert SparseFrames.of(np.array([0.5, 0], np.float32)).values.dtype == torch.float32
    real = SparseFrames.of(np.array([0.3, 0], np.float32)).to_dense(torch.bfloat16)
    assert real[0] == torch.tensor(0.3).bfloat16()


@pytest.mark.parametrize("dtype", [torch.bfloat16, torch.float16, torch.uint8, torch.int16])
def test_a_type_too_small_for_large_counts_is_refused(dtype: torch.dtype) -> None:
    large = SparseFrames.of(np.array([300, 0], np.uint16))
    with pytest.raises(InvalidInput, match=f"as large as 65535, {dtype} is exact to"):
        large.to_dense(dtype)
    assert SparseFrames.of(np.array([255, 0], np.uint16)).to_dense(dtype)[0] == 255


def test_other_types_too_small_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"as large as 255, torch.int8 is exact to 127"):
        SparseFrames.of(np.array([1, 0], np.uint8)).to_dense(torch.int8)
    with pytest.raises(InvalidInput, match=r"real numbers, which torch\.uint8 cannot hold"):
        SparseFrames.of(np.array([1, 0], np.float32)).to_dense(torch.uint8)


def test_it_goes_to_other_devices_and_processes() -> None:
    sparse = SparseFrames.of(np.array([[0, 7], [1, 0]], np.uint8))
    moved = sparse.to("meta")
    assert moved.device.type == "meta"
    assert moved.to_dense().shape == (2, 2)
    again: SparseFrames = pickle.loads(pickle.dumps(sparse))
    assert torch.equal(again.to_dense(), sparse.to_dense())


def test_axes_become_one() -> None:
    sparse = SparseFrames.of(np.eye(12, dtype=np.uint8).reshape(3, 4, 2, 6))
    assert sparse.flatten(2).shape == (3, 4, 12)
    assert torch.equal(sparse.flatten(2).to_dense(), sparse.to_dense().flatten(2))
