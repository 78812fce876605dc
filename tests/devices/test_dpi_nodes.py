import pytest
import torch
from torch import nn

from devices.dpi_nodes import DpiNeurons
from devices.graph import graph_from_model
from eventstore.errors import InvalidInput
from snn.dpi.circuit import CURRENTS
from snn.dpi.layer import DPI
from snn.sequential import SpikingSequential


def test_neurons_keep_their_currents_weights_and_units() -> None:
    layer = DPI({"ispkthr": torch.tensor([1e-7, 2e-7])}, 2e-3, n_recurrent=2, i_scale=3e-8)
    node = graph_from_model(layer, (2,)).nodes[0]
    assert isinstance(node, DpiNeurons)
    assert (node.kind, node.dt, node.i_scale, node.n_neurons) == ("DPI", 2e-3, 3e-8, 2)
    assert node.currents[CURRENTS.index("ispkthr")].tolist() == pytest.approx([1e-7, 2e-7])
    assert node.recurrent is not None
    assert node.recurrent.shape == (2, 2)


def test_inputs_that_do_not_fit_are_refused_where_they_are() -> None:
    model = SpikingSequential(nn.Linear(2, 3, bias=False), DPI({"idc": [1e-12, 1e-12]}))
    with pytest.raises(InvalidInput, match=r"it takes \(2,\), what comes in is \(3,\)"):
        graph_from_model(model, (2,))
