import json

import numpy as np
import pytest
import torch

from eventstore.errors import InvalidInput
from snn.layers import ALIF, IAF, LIF, AxonalDelay, CubaLIF, ExpLeak, ParallelLIF, SpikingLayer
from snn.nir.kept import FORMAT, KEY, as_array, keep, keep_delay, keep_layer, kept_in, layer_again
from snn.nir.nodes import Linear
from snn.surrogate import SURROGATES, ArcTan, MultiGaussian

LAYERS = {
    "IAF": IAF(spike_threshold=[0.5, 2.0], max_spikes=3, min_v_mem=-1.0),
    "LIF": LIF(tau_mem=torch.tensor([0.01, 0.03]), reset="set", v_reset=-0.25, bit_shift=True),
    "CubaLIF": CubaLIF(
        0.02, [0.002, torch.tensor([0.01, 0.02])], bias=[0.1, 0.2], train=("tau_syn",)
    ),
    "ALIF": ALIF(tau_mem=0.01, detach_reset=True, surrogate=MultiGaussian(width=0.3, scale=2.0)),
    "ExpLeak": ExpLeak(tau_mem=0.005, min_v_mem=-2.0, norm_input=False, train=("tau_mem",)),
    "ParallelLIF": ParallelLIF(dt=0.004, max_spikes=None, surrogate=ArcTan()),
}


def said(layer: SpikingLayer) -> dict[str, object]:
    return {**json.loads(str(keep_layer(layer)[KEY]))}


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_comes_back_with_every_option_and_bit(name: str) -> None:
    layer = LAYERS[name]
    again = layer_again(keep_layer(layer), said(layer))
    assert type(again) is type(layer)
    assert again.neuron == layer.neuron
    assert again.dt == layer.dt
    assert repr(again) == repr(layer)
    assert again.state_dict().keys() == layer.state_dict().keys()
    for key, value in layer.state_dict().items():
        assert torch.equal(again.state_dict()[key], value), key
    assert [n for n, _ in again.named_parameters()] == [n for n, _ in layer.named_parameters()]
    assert said(again) == said(layer)


def test_double_precision_stays() -> None:
    layer = LIF(tau_mem=0.02).double()
    again = layer_again(keep_layer(layer), said(layer))
    assert again.constants["tau_mem"].dtype == torch.float64


@pytest.mark.parametrize("name", sorted(SURROGATES))
def test_each_surrogate_has_a_name(name: str) -> None:
    layer = IAF(surrogate=SURROGATES[name]())
    again = layer_again(keep_layer(layer), said(layer))
    assert again.neuron.surrogate == SURROGATES[name]()


def test_a_surrogate_of_the_user_cannot_be_named() -> None:
    class Mine(ArcTan):
        pass

    with pytest.raises(InvalidInput, match="Mine is none of our surrogates"):
        keep_layer(IAF(surrogate=Mine()))


def test_a_node_of_another_program_keeps_nothing() -> None:
    assert kept_in(Linear(weight=np.ones((1, 1))), "node 'fc'") is None


@pytest.mark.parametrize("text", ["{", "[]", "1", '{"layer": "LIF"}'])
def test_damaged_metadata_are_named(text: str) -> None:
    node = Linear(weight=np.ones((1, 1)), metadata={KEY: text})
    with pytest.raises(InvalidInput, match="node 'fc': its metadata 'spikelake' is damaged"):
        kept_in(node, "node 'fc'")


def test_metadata_of_a_later_version_are_refused() -> None:
    node = Linear(weight=np.ones((1, 1)), metadata={KEY: json.dumps({"format": FORMAT + 1})})
    with pytest.raises(InvalidInput, match=f"format {FORMAT + 1}, and this version reads"):
        kept_in(node, "node 'fc'")


def test_incomplete_or_wrong_metadata_make_no_layer() -> None:
    layer = LIF()
    whole, metadata = said(layer), keep_layer(layer)
    for wrong in (
        {k: v for k, v in whole.items() if k != "train"},
        whole | {"layer": "Linear"},
        whole | {"dt": -1.0},
        whole | {"dt": "soon"},
        whole | {"options": {}},
        whole | {"surrogate": {"name": "none"}},
    ):
        with pytest.raises(InvalidInput, match="what is kept of its layer makes none"):
            layer_again(metadata, wrong)
    with pytest.raises(InvalidInput, match="makes none"):
        layer_again({KEY: metadata[KEY]}, whole)


def test_delays_and_plain_values_are_kept_as_text() -> None:
    kept = keep_delay(AxonalDelay(0.002, 3, max_delay=0.01, train=True))
    assert json.loads(str(kept[KEY])) == {
        "format": FORMAT,
        "layer": "AxonalDelay",
        "dt": 0.001,
        "max_delay": 0.01,
        "train": True,
    }
    assert keep({"a": 1}) == {KEY: '{"a": 1, "format": 1}'}


def test_numbers_that_files_cannot_hold_are_refused() -> None:
    with pytest.raises(InvalidInput, match="bfloat16") as caught:
        as_array(torch.ones(2, dtype=torch.bfloat16))
    assert "net.float()" in str(caught.value.hint)
    parameter = torch.nn.Parameter(torch.ones(2))
    array = as_array(parameter)
    array[0] = 7
    assert parameter[0].item() == 1
