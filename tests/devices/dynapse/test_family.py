import numpy as np
import pytest
import torch
from torch import nn

from devices.chips import chip
from devices.conformance import ChipContract
from devices.dynapse.family import dynapse2
from devices.graph import graph_from_model
from eventstore.errors import DoesNotFit, NotFound
from snn.dpi.layer import DPI
from snn.sequential import SpikingSequential
from tests.devices.dynapse.small_nets import small_dpi_graph, small_model


class TestDynapse2(ChipContract):
    chip, graph = chip("dynapse2"), staticmethod(small_dpi_graph)


def test_a_network_that_breaks_several_rules_is_refused_with_all_of_them() -> None:
    model = SpikingSequential(nn.Linear(90, 4), DPI(), nn.Linear(4, 2, bias=False), DPI(dt=2e-3))
    with pytest.raises(DoesNotFit, match=r"biases.*differ in time step") as told:
        dynapse2.quantize(graph_from_model(model, (90,)))
    assert "bias=False" in told.value.hint


def test_both_ways_to_four_bits_can_be_chosen() -> None:
    graph = small_dpi_graph()
    fine = dynapse2.quantize(graph)
    assert fine.base.shape[1] == 4
    with pytest.raises(NotFound, match="no way to four bits 'kmeans'"):
        dynapse2.quantize(graph, method="kmeans")  # type: ignore[arg-type]  # what is refused


def test_other_chips_refuse_its_neurons_by_name() -> None:
    errors = [f.message for f in chip("speck2f").check(small_dpi_graph()) if f.is_error]
    assert any("DPI" in message for message in errors)


def test_four_bits_follow_the_model() -> None:
    """What is simulated of the codes is near what the model does, spike for spike or nearly so."""
    model, graph = small_model(), small_dpi_graph()
    x = torch.poisson(torch.full((4, 60, 8), 0.3), torch.Generator().manual_seed(1))
    with torch.no_grad():
        wanted = model(x).sum(1).numpy()
    found = dynapse2.simulate(dynapse2.quantize(graph), x.numpy()).counts
    assert wanted.sum() > 20
    assert np.abs(found - wanted).sum() <= 0.25 * wanted.sum()
