from dataclasses import replace

import numpy as np
import pytest

from devices.dynapse.net import net_of
from eventstore.errors import InvalidInput
from snn.dpi.layer import DPI
from tests.devices.dynapse.small_nets import (
    WIDTHS,
    drawn_net,
    linear_of,
    small_dpi_graph,
    small_model,
)


def test_a_graph_becomes_populations_in_their_order() -> None:
    net, model = net_of(small_dpi_graph()), small_model()
    assert (net.n_inputs, net.n_neurons) == (WIDTHS[0], WIDTHS[1] + WIDTHS[2])
    first, second = net.populations
    np.testing.assert_array_equal(first.weight.T, linear_of(model, 0).weight.detach().numpy())
    assert first.recurrent is not None
    neurons = model[1]
    assert isinstance(neurons, DPI)
    assert neurons.weight is not None
    np.testing.assert_array_equal(first.recurrent, neurons.weight.detach().numpy())
    assert second.recurrent is None


def test_arrays_that_do_not_fit_are_refused_by_name() -> None:
    net = drawn_net((3, 4), 0)
    (one,) = net.populations
    with pytest.raises(InvalidInput, match=r"currents of '0' is \(12, 3\), expected \(12, 4\)"):
        replace(one, currents=one.currents[:, :3])
    with pytest.raises(InvalidInput, match="not all positive"):
        replace(one, currents=-one.currents)
    with pytest.raises(InvalidInput, match="not finite"):
        replace(one, weight=one.weight * np.float32(np.nan))
    with pytest.raises(InvalidInput, match="takes 3 sources, '0' has 4"):
        replace(net, populations=(one, one))
    with pytest.raises(InvalidInput, match="dt=0 is not positive"):
        replace(net, dt=0)
    more = drawn_net((4, 2), 0, inhibited=True).populations
    with pytest.raises(InvalidInput, match="some populations have inhibitory synapses"):
        replace(net, populations=(one, *more))
    with pytest.raises(InvalidInput, match="without neurons"):
        replace(net, populations=())
