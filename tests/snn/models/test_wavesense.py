from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.activity_count import ActivityCount
from snn.branching import Branching
from snn.layers import CubaLIF
from snn.models.wavesense import wavesense
from snn.sequential import SpikingSequential
from snn.synops import synaptic_operations


def raster() -> Tensor:
    return torch.poisson(torch.full((3, 25, 12), 1.5), torch.Generator().manual_seed(0))


def small() -> SpikingSequential:
    torch.manual_seed(1)
    return wavesense(
        2, (12,), dilations=(1, 2), channels=10, skip_channels=12, hidden=14, dt=0.01, tau=0.02
    )


def blocks(net: SpikingSequential) -> Branching:
    found = net.get_submodule("blocks")
    assert isinstance(found, Branching)
    return found


def test_it_learns_two_sounds(learns_two_sounds: Callable[[SpikingSequential], float]) -> None:
    assert learns_two_sounds(small()) >= 0.95


def test_it_is_what_one_would_write_by_hand() -> None:
    net, x = small(), raster()
    part, layer = dict(blocks(net).named_children()), dict(net.named_children())
    came = layer["neurons_in"](layer["linear_in"](x))
    skips = []
    for block in ("block1", "block2"):
        both = part[f"{block}_linear"](came).unflatten(2, (2, 10))
        made = part[f"{block}_neurons"](both)
        skips.append(part[f"{block}_skip"](part[f"{block}_skip_linear"](made)))
        if block == "block1":
            came = came + part["block1_on"](part["block1_linear_on"](made))
    summed = skips[0] + skips[1]
    hidden = layer["neurons_hidden"](layer["linear_hidden"](summed))
    wanted = layer["readout"](layer["linear"](hidden))
    assert wanted.sum() > 0
    assert torch.equal(net(x), wanted)


def test_chunks_equal_the_whole() -> None:
    net, x = small(), raster()
    first, state = net.run(x[:, :9])
    rest, _ = net.run(x[:, 9:], state)
    torch.testing.assert_close(torch.cat([first, rest], 1), net(x))


def test_synapses_remember_for_one_step_and_for_the_dilation() -> None:
    net = wavesense(3, (16,), dilations=(4, 8), n_synapses=3, tau=0.01)
    neurons = blocks(net).get_submodule("block2_neurons")
    assert isinstance(neurons, CubaLIF)
    torch.testing.assert_close(
        neurons.constants["tau_syn"].flatten(), torch.tensor([0.01, 0.08, 0.16])
    )
    assert float(neurons.constants["tau_mem"]) == pytest.approx(0.16)
    assert blocks(net).sources["block2_linear"] == ("input", "block1_on")
    assert not any("block2_on" in name for name in blocks(net).sources)
    with_dropout = wavesense(3, (16,), dropout=0.2)
    assert "dropout" in dict(with_dropout.named_children())


def test_decays_are_those_of_shifts_in_all_neurons_or_in_none() -> None:
    for chosen in (False, True):
        net = wavesense(3, (12,), dilations=(2, 4), channels=4, bit_shift=chosen)
        neurons = [one for one in net.modules() if isinstance(one, CubaLIF)]
        assert len(neurons) == 8
        assert all(one.bit_shift is chosen for one in neurons)
    torch.manual_seed(1)
    exact = small()(4 * raster())
    torch.manual_seed(1)
    shifted = wavesense(
        2, (12,), dilations=(1, 2), channels=10, skip_channels=12, hidden=14, bit_shift=True
    )(4 * raster())
    assert not torch.equal(exact, shifted)
    assert shifted.sum() > 0


@torch.no_grad()
def test_spikes_and_operations_of_all_paths_are_counted() -> None:
    net, x = small(), raster()
    count = ActivityCount()
    for passage in net.walk(x):
        count.add(passage)
    assert count.uncounted() == ()
    weights = {n.removesuffix(".weight") for n, _ in net.named_parameters() if n.endswith("weight")}
    assert set(count.synops()) == weights
    assert set(count.spikes()) >= {"neurons_in", "blocks.block1_on", "blocks.block2_skip"}
    skips = count.spikes()["blocks.block1_skip"] + count.spikes()["blocks.block2_skip"]
    assert count.synops()["linear_hidden"] == pytest.approx(14 * skips)
    found = synaptic_operations(net.walk(x))
    assert float(found["blocks.block1_linear"].mean()) == pytest.approx(
        20 * count.spikes()["neurons_in"]
    )


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"dilations": ()}, r"dilations=\[\]"),
        ({"n_synapses": 1}, "n_synapses=1"),
        ({"dilations": (2, 0)}, r"dilations\[1\]=0"),
        ({"channels": 0}, "channels=0"),
        ({"tau": -1.0}, r"tau=-1\.0"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        wavesense(4, (12,), **options)
    assert caught.value.hint
