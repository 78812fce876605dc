from typing import Literal

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.utils import parametrizations

from eventstore.errors import InvalidInput
from snn.conversion.batch_norm import Norm, affine_of, fold_batch_norm
from snn.layers import IAF
from snn.sequential import SpikingSequential


def with_statistics(module: Norm, smallest: float, seed: int = 0) -> Norm:
    """Give a normalisation random statistics, variances from the smallest up."""
    rng = torch.Generator().manual_seed(seed)
    n = module.num_features
    assert module.running_mean is not None
    assert module.running_var is not None
    module.running_mean.copy_(torch.randn(n, generator=rng))
    module.running_var.copy_(smallest * 10 ** (4 * torch.rand(n, generator=rng)))
    if module.affine:
        with torch.no_grad():
            module.weight.copy_(torch.randn(n, generator=rng))  # of either sign
            module.bias.copy_(torch.randn(n, generator=rng))
    return module


def check_same(model: nn.Sequential, x: torch.Tensor) -> nn.Sequential:
    """Check that the folded model computes the same in double precision, and return it."""
    model = model.double().eval()
    folded = fold_batch_norm(model)
    assert not any(isinstance(module, Norm) for module in folded.modules())
    with torch.no_grad():
        expected, found = model(x.double()), folded(x.double())
    torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-6 * float(expected.abs().max()))
    return folded


statistics = st.sampled_from([1e-12, 1e-6, 1.0])
eps = st.sampled_from([1e-5, 1e-3, 0.5])


@settings(max_examples=40, deadline=None)
@given(
    smallest=statistics,
    eps=eps,
    bias=st.booleans(),
    affine=st.booleans(),
    groups=st.sampled_from([1, 2]),
    pooled=st.booleans(),
    seed=st.integers(0, 99),
)
def test_after_convolutions_it_folds_into_what_they_give(
    *, smallest: float, eps: float, bias: bool, affine: bool, groups: int, pooled: bool, seed: int
) -> None:
    torch.manual_seed(seed)
    norm = with_statistics(nn.BatchNorm2d(4, eps=eps, affine=affine), smallest, seed)
    between = [nn.AvgPool2d(2), nn.Dropout(0.5)] if pooled else []
    conv = nn.Conv2d(2, 4, 3, padding=1, bias=bias, groups=groups)
    model = nn.Sequential(conv, *between, norm, nn.ReLU(), nn.Flatten())
    check_same(model, torch.randn(3, 2, 6, 6))


@settings(max_examples=40, deadline=None)
@given(
    smallest=statistics,
    eps=eps,
    bias=st.booleans(),
    groups=st.sampled_from([1, 2]),
    mode=st.sampled_from(["zeros", "circular"]),
    pool=st.sampled_from(
        [nn.Identity(), nn.AvgPool2d(2), nn.AvgPool2d(3, 2, 1, count_include_pad=False)]
    ),
    seed=st.integers(0, 99),
)
def test_before_convolutions_it_folds_into_what_they_take(
    *,
    smallest: float,
    eps: float,
    bias: bool,
    groups: int,
    mode: Literal["zeros", "circular"],
    pool: nn.Module,
    seed: int,
) -> None:
    torch.manual_seed(seed)
    norm = with_statistics(nn.BatchNorm2d(4, eps=eps), smallest, seed)
    padding = 1 if mode == "circular" else 0  # that copies what was shifted
    conv = nn.Conv2d(4, 6, 3, padding=padding, bias=bias, groups=groups, padding_mode=mode)
    model = nn.Sequential(nn.ReLU(), norm, pool, conv)
    check_same(model, torch.randn(3, 4, 8, 8))


@pytest.mark.parametrize("smallest", [1e-12, 1.0])
def test_of_sequences_and_flat_features(smallest: float) -> None:
    torch.manual_seed(1)
    sound = nn.Sequential(
        nn.Conv1d(2, 3, 3, padding=1),
        with_statistics(nn.BatchNorm1d(3), smallest),
        nn.ReLU(),
        nn.Flatten(),
        nn.Linear(15, 4, bias=False),
        with_statistics(nn.BatchNorm1d(4), smallest),
    )
    folded = check_same(sound, torch.randn(5, 2, 5))
    assert [name for name, _ in folded.named_children()] == ["0", "2", "3", "4"]


def test_it_reaches_through_flatten_to_each_channels_inputs() -> None:
    torch.manual_seed(2)
    norm = with_statistics(nn.BatchNorm2d(3), 1e-6)
    check_same(nn.Sequential(norm, nn.Flatten(), nn.Linear(12, 4)), torch.randn(5, 3, 2, 2))


def test_two_in_a_row_and_containers() -> None:
    first, second = (with_statistics(nn.BatchNorm2d(2), 0.1, seed) for seed in (1, 2))
    block = nn.Sequential(first, nn.Dropout(0.5), second)
    folded = check_same(nn.Sequential(block, nn.Conv2d(2, 3, 2)), torch.randn(4, 2, 5, 5))
    assert [name for name, _ in folded.named_children()] == ["0_1", "1"]


def test_a_shift_of_zero_may_meet_padding() -> None:
    norm = nn.BatchNorm2d(2, affine=False)
    norm(torch.randn(8, 2, 4, 4))
    assert norm.running_mean is not None
    norm.running_mean.zero_()
    check_same(nn.Sequential(norm, nn.Conv2d(2, 3, 3, padding=1)), torch.randn(4, 2, 5, 5))


def test_spiking_networks_fold_too() -> None:
    torch.manual_seed(0)
    norm = with_statistics(nn.BatchNorm2d(3), 0.5)
    net = SpikingSequential(nn.Conv2d(1, 3, 3), norm, IAF(), nn.Flatten(), nn.Linear(12, 2))
    folded = check_same(net, torch.rand(2, 7, 1, 4, 4))
    assert isinstance(folded, SpikingSequential)


def test_the_model_stays_as_it_was_and_one_layer_used_twice_becomes_two() -> None:
    torch.manual_seed(0)
    conv = nn.Conv2d(2, 2, 1)
    norms = [with_statistics(nn.BatchNorm2d(2), 0.5, seed) for seed in (1, 2)]
    model = nn.Sequential(conv, norms[0], nn.ReLU(), conv, norms[1]).double()
    before = conv.weight.detach().clone()
    check_same(model, torch.randn(2, 2, 3, 3))
    assert torch.equal(conv.weight, before)
    assert model.train().training
    assert not fold_batch_norm(model).training


def test_affine_of_an_untrained_one_divides_by_its_deviation() -> None:
    gain, shift = affine_of(nn.BatchNorm1d(2, eps=3.0))
    assert gain.tolist() == [0.5, 0.5]
    assert shift.tolist() == [0.0, 0.0]


SHIFTED = with_statistics(nn.BatchNorm2d(2), 0.5)
REFUSED = [
    (nn.Sequential(nn.Conv2d(1, 2, 1), nn.BatchNorm2d(2, track_running_stats=False)),
     "'1' (BatchNorm2d)", "keeps no mean", "track_running_stats=True"),
    (nn.Sequential(SHIFTED, nn.Conv2d(2, 2, 3, padding=1)),
     "'0' (BatchNorm2d)", "'1' after it pads with zeros", "padding=0 in '1'"),
    (nn.Sequential(SHIFTED, nn.AvgPool2d(3, padding=1), nn.Conv2d(2, 2, 1)),
     "'0' (BatchNorm2d)", "AvgPool2d '1' stands between", "right after"),
    (nn.Sequential(nn.ReLU(), SHIFTED, nn.ReLU(), nn.Conv2d(2, 2, 1)),
     "'1' (BatchNorm2d)", "ReLU '2' stands between", "right after"),
    (nn.Sequential(nn.Conv2d(2, 2, 1), nn.ReLU(), SHIFTED),
     "'2' (BatchNorm2d)", "nothing follows it", "before the last neurons"),
    (nn.Sequential(nn.Conv2d(1, 3, 1), SHIFTED),
     "'1' (BatchNorm2d)", "it has 2 channels, the layer before it 3", "same number"),
    (nn.Sequential(SHIFTED, nn.Conv2d(4, 2, 1)),
     "'0' (BatchNorm2d)", "it has 2 channels, '1' after it 4 inputs", "number of channels"),
    (nn.Sequential(nn.ReLU(), nn.BatchNorm1d(3), nn.Linear(6, 2)),
     "'1' (BatchNorm1d)", "it has 3 channels, '2' after it 6 inputs", "number of channels"),
    (nn.Sequential(parametrizations.weight_norm(nn.Conv2d(1, 2, 1)), SHIFTED),
     "'0' (ParametrizedConv2d)", "computed from others", "remove_parametrizations"),
]  # fmt: skip


@pytest.mark.parametrize(("model", "where", "why", "hint"), REFUSED)
def test_what_would_not_be_exact_is_refused_by_name(
    model: nn.Sequential, where: str, why: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        fold_batch_norm(model)
    assert where in caught.value.message
    assert why in caught.value.message
    assert hint in caught.value.hint
