import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor
from torch.nn import functional

from snn.kernels.sparse_convolution import (
    count_nonzero,
    geometry_of,
    sparse_conv2d,
    sparse_convolution,
    sparse_convolution_weight,
)

SIDES = st.tuples(st.integers(1, 9), st.integers(1, 9))
KERNELS = st.tuples(st.integers(1, 5), st.integers(1, 5))
STRIDES = st.tuples(st.integers(1, 4), st.integers(1, 4))
PADDINGS = st.tuples(st.integers(0, 3), st.integers(0, 3))


def sparse_maps(shape: tuple[int, ...], seed: int, dtype: torch.dtype = torch.float64) -> Tensor:
    rng = torch.Generator().manual_seed(seed)
    x = torch.randn(shape, generator=rng, dtype=dtype)
    return x * (torch.rand(shape, generator=rng) < 0.2)


def laid_out(x: Tensor, *, last: bool) -> Tensor:
    form = torch.channels_last if last else torch.contiguous_format
    return x.contiguous(memory_format=form).requires_grad_()


@settings(max_examples=60)
@given(
    counts=st.tuples(st.integers(1, 4), st.integers(1, 5), st.integers(1, 20)),
    side=SIDES,
    kernel=KERNELS,
    stride=STRIDES,
    padding=PADDINGS,
    seed=st.integers(0, 999),
    flags=st.tuples(st.booleans(), st.booleans(), st.booleans()),
)
def test_numbers_and_gradients_are_those_of_torch(  # noqa: PLR0917 # drawn
    counts: tuple[int, int, int],
    side: tuple[int, int],
    kernel: tuple[int, int],
    stride: tuple[int, int],
    padding: tuple[int, int],
    seed: int,
    flags: tuple[bool, bool, bool],
) -> None:
    n, inputs, outputs = counts
    kernel = (min(kernel[0], side[0] + 2 * padding[0]), min(kernel[1], side[1] + 2 * padding[1]))
    last, double, biased = flags
    dtype, tolerance = (torch.float64, 1e-12) if double else (torch.float32, 1e-5)
    x = laid_out(sparse_maps((n, inputs, *side), seed, dtype), last=last)
    weight = torch.randn(outputs, inputs, *kernel, dtype=dtype, requires_grad=True)
    bias = torch.randn(outputs, dtype=dtype, requires_grad=True) if biased else None
    learn = [x, weight] if bias is None else [x, weight, bias]
    expected = functional.conv2d(x, weight, bias, stride, padding)
    found = sparse_conv2d(x, weight, bias, stride, padding)
    torch.testing.assert_close(found, expected, rtol=tolerance, atol=10 * tolerance)
    down = torch.randn_like(expected)
    wanted = torch.autograd.grad(expected, learn, down)
    gradients = torch.autograd.grad(found, learn, down)
    for one, other in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(one, other, rtol=tolerance, atol=10 * tolerance)


def test_integers_come_out_exact() -> None:
    x = sparse_maps((8, 3, 12, 12), 0, torch.float32).sign()
    weight = torch.randint(-128, 128, (17, 3, 3, 3)).float()
    assert torch.equal(sparse_conv2d(x, weight, None), functional.conv2d(x, weight))


def test_bits_do_not_depend_on_the_number_of_threads() -> None:
    x = laid_out(sparse_maps((40, 4, 24, 24), 0, torch.float32), last=True)
    weight = torch.randn(16, 4, 5, 5, requires_grad=True)
    down = torch.randn(40, 16, 20, 20)
    before, found = torch.get_num_threads(), []
    try:
        for threads in (1, 2, 3):
            torch.set_num_threads(threads)
            y = sparse_conv2d(x, weight, None)
            found.append((y.detach(), *torch.autograd.grad(y, (x, weight), down)))
    finally:
        torch.set_num_threads(before)
    for one in found[1:]:
        assert all(torch.equal(a, b) for a, b in zip(one, found[0], strict=True))


@pytest.mark.parametrize("name", ["empty batch", "all zeros", "one number"])
def test_extremes(name: str) -> None:
    x = torch.zeros(0 if name == "empty batch" else 3, 2, 6, 6)
    if name == "one number":
        x[1, 1, 5, 5] = 1.0
    weight = torch.randn(4, 2, 3, 3, requires_grad=True)
    bias = torch.randn(4, requires_grad=True)
    y = sparse_conv2d(x, weight, bias)
    torch.testing.assert_close(y, functional.conv2d(x, weight, bias))
    (gradient,) = torch.autograd.grad(y.sum(), weight)
    assert int((gradient != 0).sum()) == (4 if name == "one number" else 0)


def test_zeros_stay_zeros_beside_infinite_weights() -> None:
    x = torch.zeros(1, 1, 3, 3)
    weight = torch.full((1, 1, 2, 2), torch.inf)
    assert torch.equal(sparse_conv2d(x, weight, None), torch.zeros(1, 1, 2, 2))


def test_operators_keep_their_promises() -> None:
    x = sparse_maps((2, 3, 6, 7), 0).requires_grad_()
    weight = torch.randn(4, 3, 3, 2, dtype=torch.float64, requires_grad=True)
    bias = torch.randn(4, dtype=torch.float64, requires_grad=True)
    torch.library.opcheck(sparse_convolution, (x, weight, bias, (2, 1), (1, 0)))
    grad = torch.randn_like(sparse_convolution(x, weight, bias, (2, 1), (1, 0))).detach()
    given = (grad, x.detach(), weight.detach(), (2, 1), (1, 0))
    torch.library.opcheck(sparse_convolution_weight, given)


@given(shape=st.lists(st.integers(0, 6), min_size=1, max_size=4), seed=st.integers(0, 99))
def test_counts_are_those_of_torch(shape: list[int], seed: int) -> None:
    x = sparse_maps(tuple(shape), seed)
    assert count_nonzero(x) == int(torch.count_nonzero(x))
    assert count_nonzero(x.T if x.ndim == 2 else x) == int(torch.count_nonzero(x))


def test_sizes_are_those_of_torch() -> None:
    sizes = geometry_of((1, 2, 34, 30), (12, 2, 5, 3), (2, 1), (1, 0))
    y = functional.conv2d(torch.zeros(1, 2, 34, 30), torch.zeros(12, 2, 5, 3), None, (2, 1), (1, 0))
    assert (sizes.out_height, sizes.out_width) == tuple(y.shape[2:])
