import pytest
import torch
from torch import nn

from devices.dpi_nodes import DpiNeurons, SignedWeights
from devices.graph import graph_from_model
from eventstore.errors import InvalidInput
from snn.dpi.circuit import CURRENTS
from snn.dpi.inhibition import InhibitionCurrents
from snn.dpi.layer import DPI
from snn.dpi.signed_linear import SignedLinear
from snn.sequential import SpikingSequential


def test_neurons_keep_their_currents_weights_and_units() -> None:
    layer = DPI({"ispkthr": torch.tensor([1e-7, 2e-7])}, 2e-3, n_recurrent=2, i_scale=3e-8)
    node = graph_from_model(layer, (2,)).nodes[0]
    assert isinstance(node, DpiNeurons)
    assert (node.kind, node.dt, node.i_scale, node.n_neurons) == ("DPI", 2e-3, 3e-8, 2)
    assert node.currents[CURRENTS.index("ispkthr")].tolist() == pytest.approx([1e-7, 2e-7])
    assert node.recurrent is not None
    assert node.recurrent.shape == (2, 2)


def test_weights_to_two_synapses_go_before_neurons_that_have_them() -> None:
    inhibition = InhibitionCurrents.from_times(tau_inh=0.02)
    model = SpikingSequential(SignedLinear(2, 3), DPI(inhibition=inhibition))
    weights, neurons = graph_from_model(model, (2,)).nodes
    assert isinstance(weights, SignedWeights)
    assert isinstance(neurons, DpiNeurons)
    assert (weights.output_shape, neurons.output_shape) == ((2, 3), (3,))
    assert neurons.currents[12:, 0].tolist() == pytest.approx(list(inhibition.to_dict().values()))
    with pytest.raises(InvalidInput, match=r"it takes \(2, n\), what comes in is \(3,\)"):
        graph_from_model(SpikingSequential(nn.Linear(2, 3, bias=False), model[1]), (2,))
    with pytest.raises(InvalidInput, match=r"it takes \(n,\), what comes in is \(2, 3\)"):
        graph_from_model(SpikingSequential(model[0], DPI()), (2,))
    with pytest.raises(InvalidInput, match=r"it takes \(2,\), what comes in is \(4,\)"):
        graph_from_model(model, (4,))


def test_inputs_that_do_not_fit_are_refused_where_they_are() -> None:
    model = SpikingSequential(nn.Linear(2, 3, bias=False), DPI({"idc": [1e-12, 1e-12]}))
    with pytest.raises(InvalidInput, match=r"it takes \(2,\), what comes in is \(3,\)"):
        graph_from_model(model, (2,))
