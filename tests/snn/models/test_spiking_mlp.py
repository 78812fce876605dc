import math
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput, NotFound
from snn.layers import LIF, AxonalDelay, CubaLIF, ExpLeak, Recurrent
from snn.models.spiking_mlp import spiking_mlp, spread_log
from snn.sequential import SpikingSequential

KINDS: dict[str, dict[str, Any]] = {
    "feed-forward": {},
    "synapses": {"tau_syn": (0.005, 0.05)},
    "recurrent": {"recurrent": True},
    "delays": {"max_delay": 0.05},
    "spikes-out": {"readout": "spikes"},
}


def raster(steps: int = 9) -> Tensor:
    return torch.poisson(torch.full((3, steps, 12), 0.7), torch.Generator().manual_seed(0))


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_it_learns_two_sounds(
    options: dict[str, Any], learns_two_sounds: Callable[[SpikingSequential], float]
) -> None:
    torch.manual_seed(1)
    assert learns_two_sounds(spiking_mlp(2, (12,), hidden=(24, 16), **options)) >= 0.95


@pytest.mark.parametrize("options", KINDS.values(), ids=KINDS)
def test_chunks_equal_the_whole(options: dict[str, Any]) -> None:
    torch.manual_seed(2)
    net = spiking_mlp(5, (12,), hidden=(8,), dropout=0.0, **options).eval()
    first, state = net.run(raster()[:, :4])
    rest, _ = net.run(raster()[:, 4:], state)
    torch.testing.assert_close(torch.cat([first, rest], 1), net(raster()))


def test_layers_are_what_options_say() -> None:
    net = spiking_mlp(
        10, (64,), hidden=(7, 6), tau_syn=(0.01, 0.02), recurrent=True, max_delay=0.3, dt=0.02
    )
    names = [name for name, _ in net.named_children()]
    stage = ["linear{}", "neurons{}", "delay{}", "dropout{}"]
    wanted = [name.format(i) for i in (1, 2) for name in stage]
    assert names == [*wanted, "linear", "readout"]
    assert isinstance(net.neurons1, Recurrent)
    assert isinstance(net.neurons1.layer, CubaLIF)
    assert isinstance(net.delay2, AxonalDelay)
    assert {layer.dt for layer in net.spiking_layers()} == {0.02}
    delay = net.delay2.delay.detach()
    assert 0 <= float(delay.min()) <= float(delay.max()) <= 0.2
    assert net.neurons1.constants.trained == ["tau_mem", "tau_syn"]
    assert net.neurons1.constants["tau_mem"].shape == (7,)
    assert not any(m.bias is not None for m in net if isinstance(m, nn.Linear))


def test_plain_layers_have_no_more_than_they_need() -> None:
    net = spiking_mlp(4, (12,), hidden=(8,), train_tau=False, dropout=0.0)
    assert [type(m) for m in net] == [nn.Linear, LIF, nn.Linear, ExpLeak]
    assert [name for name, _ in net.named_parameters()] == ["linear1.weight", "linear.weight"]
    assert isinstance(spiking_mlp(4, (12,), readout="spikes").readout, LIF)


def test_time_constants_fill_their_range_evenly_over_its_logarithm() -> None:
    torch.manual_seed(0)
    found = spread_log(4000, (0.01, 0.1), "tau_mem")
    assert 0.01 <= float(found.min()) < 0.0102
    assert 0.098 < float(found.max()) <= 0.1 + 1e-6
    assert abs(float(found.log().mean()) - math.log(math.sqrt(0.01 * 0.1))) < 0.02


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"tau_mem": (0.1, 0.01)}, r"tau_mem=\(0\.1, 0\.01\) is no range"),
        ({"tau_syn": (0.0, 0.01)}, "tau_syn="),
        ({"tau_mem": (0.1,)}, "is no range of times"),
        ({"hidden": (8, 0)}, r"hidden\[1\]=0 of spiking_mlp"),
        ({"dt": 0.0}, r"dt=0\.0 of spiking_mlp"),
        ({"max_delay": -0.1}, r"max_delay=-0\.1"),
    ],
)
def test_what_makes_no_sense_is_refused(options: dict[str, Any], said: str) -> None:
    with pytest.raises(InvalidInput, match=said) as caught:
        spiking_mlp(4, (12,), **options)
    assert caught.value.hint


def test_typos_are_answered() -> None:
    with pytest.raises(NotFound, match="readout of spiking_mlp 'potentials'") as caught:
        spiking_mlp(4, (12,), readout="potentials")  # type: ignore[arg-type]
    assert caught.value.hint == "did you mean 'potential'?"
