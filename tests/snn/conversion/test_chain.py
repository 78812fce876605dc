from collections import OrderedDict

import pytest
import torch
from torch import nn
from torch.nn.utils import prune

from eventstore.errors import InvalidInput
from snn.conversion.chain import check_expressible, check_plain_weights, leaves
from snn.layers import LIF


def test_layers_come_in_order_with_repetitions() -> None:
    relu = nn.ReLU()
    model = nn.Sequential(nn.Sequential(nn.Linear(1, 1), relu), nn.Sequential(), relu)
    assert [path for path, _ in leaves(model)] == ["0.0", "0.1", "2"]


def test_two_paths_of_one_name_are_refused() -> None:
    inner = nn.Sequential(OrderedDict(b=nn.ReLU()))
    model = nn.Sequential(OrderedDict(a=inner, a_b=nn.ReLU()))
    with pytest.raises(InvalidInput, match=r"modules 'a\.b' and 'a_b'") as caught:
        list(leaves(model))
    assert caught.value.hint == "rename one of them"


def test_a_module_that_is_no_chain_is_refused() -> None:
    with pytest.raises(InvalidInput, match="a Linear, not a chain") as caught:
        list(leaves(nn.Linear(3, 2)))
    assert "nn.Sequential" in caught.value.hint


REFUSED = [
    (nn.MaxPool2d(2), "the maximum of spikes", "average pooling"),
    (nn.LogSoftmax(1), "probabilities", "leave it out"),
    (nn.LayerNorm(3), "each sample by itself", "BatchNorm2d"),
    (nn.LeakyReLU(), "follows max(x, 0)", "nn.ReLU()"),
    (nn.ReLU6(), "follows max(x, 0)", "nn.ReLU()"),
    (LIF(), "has memory already", "rectifiers it came from"),
    (nn.Flatten(2), "flattens axes 2 … -1", "with its defaults"),
    (nn.Upsample(2), "no counterpart in spikes", "Linear, Conv1d, Conv2d"),
]


@pytest.mark.parametrize(("module", "why", "hint"), REFUSED)
def test_what_spikes_cannot_express_is_refused_by_name(
    module: nn.Module, why: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        check_expressible("block.1", module)
    assert f"'block.1' ({type(module).__name__})" in caught.value.message
    assert why in caught.value.message
    assert hint in caught.value.hint


def test_pruned_weights_are_refused_until_they_are_plain() -> None:
    layer = nn.Linear(3, 2)
    prune.l1_unstructured(layer, "weight", 1)  # type: ignore[no-untyped-call]
    with pytest.raises(InvalidInput, match="computed from others"):
        check_plain_weights("0", layer)
    prune.remove(layer, "weight")  # type: ignore[no-untyped-call]
    check_plain_weights("0", layer)
    assert torch.isfinite(layer.weight).all()
