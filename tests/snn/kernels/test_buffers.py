import gc
import threading
from collections.abc import Iterator

import pytest
import torch

from snn.kernels import buffers
from snn.kernels.buffers import ALIGNMENT, MOST_KEPT, empty, free_unused

LARGE = (512, 1024)


@pytest.fixture(autouse=True)
def _nothing_unused() -> Iterator[None]:
    free_unused()
    yield
    free_unused()


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64])
@pytest.mark.parametrize("shape", [(3, 5), LARGE, (0, 7), (1 << 20,)])
def test_tensors_are_as_asked_for(shape: tuple[int, ...], dtype: torch.dtype) -> None:
    made = empty(shape, dtype)
    assert (tuple(made.shape), made.dtype, made.is_contiguous()) == (shape, dtype, True)
    assert made.numel() == 0 or made.data_ptr() % ALIGNMENT == 0
    made.fill_(2.0)
    assert made.sum() == 2 * made.numel()


def test_memory_comes_back_only_when_nobody_holds_it() -> None:
    first = empty(LARGE, torch.float32)
    where, view = first.data_ptr(), first.view(-1)[5:].detach().numpy()
    del first
    gc.collect()
    second = empty(LARGE, torch.float32)
    assert second.data_ptr() != where
    del view
    gc.collect()
    assert empty(LARGE, torch.float32).data_ptr() == where


def test_another_size_gets_other_memory() -> None:
    where = empty(LARGE, torch.float32).data_ptr()
    other = empty((512, 1025), torch.float32)
    assert other.data_ptr() != where
    assert empty(LARGE, torch.float32).data_ptr() == where


def test_as_much_as_stated_lies_unused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert MOST_KEPT == 1 << 28
    monkeypatch.setattr(buffers, "MOST_KEPT", 5 << 21)
    held = [empty(LARGE, torch.float32) for _ in range(8)]
    last = held[-1].data_ptr()
    while held:
        held.pop(0)
    assert free_unused() == 5 << 21
    assert free_unused() == 0
    del last


def test_the_gradient_of_a_tensor_from_here_is_its_own() -> None:
    x = empty(LARGE, torch.float32).normal_().requires_grad_()
    (grad,) = torch.autograd.grad((x * 2).sum(), x)
    assert (grad == 2).all()


def test_threads_never_share_a_block() -> None:
    wrong: list[int] = []

    def work(mark: int) -> None:
        for _ in range(100):
            mine = empty(LARGE, torch.float32)
            mine[0, :8] = mark
            if (mine[0, :8] != mark).any():
                wrong.append(mark)

    threads = [threading.Thread(target=work, args=(mark,)) for mark in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong
