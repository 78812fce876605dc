import pytest
import torch
from torch import Tensor, nn

from snn import sparse_inputs
from snn.kernels.sparse_convolution import Convolution, sparse_conv2d
from snn.layers import IAF
from snn.sequential import SpikingSequential
from snn.sparse_inputs import apply_module, skips_zeros


@pytest.fixture
def small_counts(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, ...]]:
    """Let layers of any size skip zeros; return the shapes of maps of those that do."""
    seen: list[tuple[int, ...]] = []

    def look(maps: Tensor, *rest: object) -> Tensor:
        seen.append(tuple(maps.shape))
        return sparse_conv2d(maps, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(sparse_inputs, "LEAST_PRODUCTS", 0)
    monkeypatch.setattr(sparse_inputs, "sparse_conv2d", look)
    return seen


def maps(*shape: int, density: float = 0.02) -> Tensor:
    rng = torch.Generator().manual_seed(0)
    return (torch.rand(shape, generator=rng) < density).float()


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(2, 8, 3),
        nn.Conv2d(2, 8, 5, stride=2, padding=1, bias=False),
        nn.Conv2d(2, 64, (3, 1), padding="valid"),
    ],
)
def test_convolutions_of_few_numbers_skip_zeros(
    layer: nn.Conv2d, small_counts: list[tuple[int, ...]]
) -> None:
    x = maps(5, 2, 16, 16)
    torch.testing.assert_close(apply_module(layer, x), layer(x))
    assert small_counts == [(5, 2, 16, 16)]


def test_linear_layers_of_few_numbers_skip_zeros(small_counts: list[tuple[int, ...]]) -> None:
    layer, x = nn.Linear(300, 40), maps(50, 300)
    torch.testing.assert_close(apply_module(layer, x), layer(x))
    assert small_counts == [(50, 300, 1, 1)]


class Scaled(nn.Conv2d):
    def forward(self, x: Tensor) -> Tensor:
        return 2 * super().forward(x)


@pytest.mark.parametrize(
    "layer",
    [
        nn.Conv2d(2, 8, 3, groups=2),
        nn.Conv2d(2, 8, 3, dilation=2),
        nn.Conv2d(2, 8, 3, padding="same"),
        nn.Conv2d(2, 8, 3, padding=1, padding_mode="circular"),
        Scaled(2, 8, 3),
        nn.AvgPool2d(2),
    ],
)
def test_other_layers_are_left_to_torch(
    layer: nn.Module, small_counts: list[tuple[int, ...]]
) -> None:
    x = maps(5, 2, 16, 16)
    torch.testing.assert_close(apply_module(layer, x), layer(x))
    assert small_counts == []


def test_dense_maps_and_small_layers_are_left_to_torch() -> None:
    layer = Convolution(torch.ones(12, 2, 5, 5), None)
    assert skips_zeros(layer, maps(100, 2, 34, 34))
    assert not skips_zeros(layer, maps(100, 2, 34, 34, density=0.3))
    assert not skips_zeros(layer, maps(1, 2, 34, 34))
    assert not skips_zeros(layer, maps(100, 3, 34, 34))
    assert not skips_zeros(layer, maps(100, 2, 34, 34).double())
    assert not skips_zeros(layer, maps(100, 2, 3, 3))


def test_who_watches_a_layer_sees_it_run(small_counts: list[tuple[int, ...]]) -> None:
    layer, seen = nn.Conv2d(2, 4, 3), list[tuple[int, ...]]()
    layer.register_forward_hook(lambda _module, given, _y: seen.append(tuple(given[0].shape)))
    apply_module(layer, maps(3, 2, 8, 8))
    assert seen == [(3, 2, 8, 8)]
    assert small_counts == []


def test_half_precision_is_left_to_torch(small_counts: list[tuple[int, ...]]) -> None:
    layer, x = nn.Conv2d(2, 4, 3), maps(3, 2, 8, 8)
    with torch.autocast("cpu", torch.bfloat16):
        assert apply_module(layer, x).dtype == torch.bfloat16
    assert small_counts == []


def test_wrong_input_is_refused_by_the_layer(small_counts: list[tuple[int, ...]]) -> None:
    with pytest.raises(RuntimeError, match="channels"):
        apply_module(nn.Conv2d(2, 4, 3), maps(3, 5, 8, 8))
    assert small_counts == []


def test_a_network_trains_alike_either_way(monkeypatch: pytest.MonkeyPatch) -> None:
    torch.manual_seed(0)
    net = SpikingSequential(
        nn.Conv2d(2, 6, 3), IAF(), nn.AvgPool2d(2), nn.Flatten(), nn.Linear(150, 4), IAF()
    )
    net[4].weight.data.abs_()  # type: ignore[operator]
    x = 100 * maps(4, 10, 2, 12, 12, density=0.05)
    found = []
    for least in (0, 1 << 60):
        monkeypatch.setattr(sparse_inputs, "LEAST_PRODUCTS", least)
        net.zero_grad()
        y = net(x)
        torch.autograd.backward(y.sum())
        found.append((y.detach(), [p.grad for p in net.parameters()]))
    (y, gradients), (expected, wanted) = found
    assert torch.equal(y, expected)
    assert y.sum() > 0
    for one, other in zip(gradients, wanted, strict=True):
        torch.testing.assert_close(one, other)
