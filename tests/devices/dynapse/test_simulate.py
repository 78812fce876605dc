from dataclasses import replace

import numpy as np
import pytest
import torch

from devices.dynapse.net import net_of
from devices.dynapse.simulate import model_of, simulate
from devices.graph import graph_from_model
from eventstore.errors import InvalidInput
from tests.devices.dynapse.small_nets import inhibited_model, small_dpi_graph, small_model


def frames(batch: int = 3, steps: int = 40) -> np.ndarray:
    return np.random.default_rng(0).poisson(0.3, (batch, steps, 8)).astype(np.uint8)


def test_computes_what_the_model_computes_spike_for_spike() -> None:
    x, net = frames(), net_of(small_dpi_graph())
    with torch.no_grad():
        wanted = small_model()(torch.from_numpy(x).float())
        again = model_of(net)(torch.from_numpy(x).float())
    found = simulate(net, x)
    assert wanted.sum() > 0
    np.testing.assert_array_equal(found.output, wanted.numpy())
    np.testing.assert_array_equal(again.numpy(), wanted.numpy())
    first, last = found.layers
    assert last.spikes.sum() == wanted.sum()
    assert last.input_spikes.sum() == first.spikes.sum()
    assert first.synops.sum() == 12 * (x.sum() + first.spikes.sum())  # recurrent, all to all


def test_inhibitory_synapses_are_computed_as_the_model_computes_them() -> None:
    x, model = frames(), inhibited_model()
    net = net_of(graph_from_model(model, (8,)))
    assert [len(one.currents) for one in net.populations] == [14, 14]
    with torch.no_grad():
        wanted = model(torch.from_numpy(x).float())
    assert wanted.sum() > 0
    np.testing.assert_array_equal(simulate(net, x).output, wanted.numpy())
    quick = [replace(one, currents=one.currents[:12]) for one in net.populations]
    other = simulate(replace(net, populations=tuple(quick)), x)
    assert (other.output != wanted.numpy()).any()  # of one synapse for both signs


def test_padding_changes_nothing_and_counts_for_nothing() -> None:
    net, x = net_of(small_dpi_graph()), frames(2, 30)
    lengths = np.array([30, 17])
    whole, short = simulate(net, x, lengths), simulate(net, x[1:, :17])
    np.testing.assert_array_equal(whole.output[1, :17], short.output[0])
    assert whole.output[1, 17:].sum() == 0
    assert whole.layers[0].n_steps == 47


def test_frames_that_do_not_fit_are_refused() -> None:
    net = net_of(small_dpi_graph())
    with pytest.raises(InvalidInput, match=r"frames of shape \(2, 5, 9\) for 8 inputs"):
        simulate(net, np.zeros((2, 5, 9)))
    with pytest.raises(InvalidInput, match=r"lengths \[6\] do not fit 1 samples of 5 steps"):
        simulate(net, np.zeros((1, 5, 8)), np.array([6]))
