import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor

from eventstore.errors import InvalidInput, NotFound
from snn.dpi.dynamics import run_dpi_reference
from snn.dpi.inhibition import (
    INHIBITION,
    InhibitionCurrents,
    run_synapses,
    run_synapses_reference,
)
from snn.dpi.layer import DPI
from snn.dpi.signed_linear import SignedLinear
from snn.robustness.mismatch import Mismatch, draw_mismatch
from snn.sequential import SpikingSequential


def layer(tau_inh: float = 0.01) -> DPI:
    return DPI(dt=0.002, inhibition=InhibitionCurrents.from_times(tau_inh=tau_inh))


@settings(deadline=None, max_examples=15)
@given(st.integers(1, 3), st.integers(1, 40), st.integers(1, 5), st.integers(0, 2**31))
def test_kernels_equal_the_loop_with_gradients(b: int, t: int, n: int, seed: int) -> None:
    torch.manual_seed(seed)
    neurons = DPI(
        dt=0.002,
        inhibition={"itau_inh": 2e-11 * (1 + torch.rand(n)), "igain_inh": 3e-9},
        train=("itau_mem", "itau_syn", *INHIBITION),
    ).double()
    x = torch.poisson(torch.full((b, t, 2, n), 0.4)).double() * torch.tensor([[9.0], [4.0]])
    x.requires_grad_()
    weights = torch.randn(b, t, n).double()

    def gradients(y: Tensor) -> list[Tensor]:
        return list(torch.autograd.grad((y * weights).sum(), [x, *neurons.parameters()]))

    fused = neurons(x)
    rows, synapses = neurons._all_rows()  # what the layer runs on
    assert synapses is not None
    drive, after = run_synapses_reference(x, x.new_ones(b, 2, n), synapses.reshape(3, 2, -1))
    drive_too, after_too = run_synapses(x, x.new_ones(b, 2, n), synapses.reshape(3, 2, -1))
    torch.testing.assert_close(drive_too, drive, rtol=1e-12, atol=1e-9)
    torch.testing.assert_close(after_too, after, rtol=1e-12, atol=1e-9)
    at_rest = neurons.run(x[:, :1])[1][:, :6] * 0 + torch.tensor([1.0, 1, 1, 0, 0, 0]).view(6, 1)
    y, _, _ = run_dpi_reference(drive, at_rest.double(), rows, neurons.neuron)
    assert torch.equal(fused, y)
    for found, wanted in zip(gradients(fused), gradients(y), strict=True):
        torch.testing.assert_close(found, wanted, rtol=1e-8, atol=1e-8 * float(wanted.abs().max()))


def test_inhibition_lasts_as_long_as_its_time_constant() -> None:
    x = torch.zeros(1, 200, 2, 1)
    x[0, 10:, 0] = 3.0  # excitation all along
    calm = layer()(x)
    x[0, 10, 1] = 150.0  # one inhibitory spike
    short, long = (layer(tau)(x) for tau in (0.005, 0.1))
    assert calm.sum() > short.sum() > long.sum() > 0
    first = [int(y.flatten().nonzero()[0]) for y in (calm, short, long)]
    assert first == sorted(set(first))
    one = DPI(dt=0.002)(x[:, :, 0] - x[:, :, 1])  # of one synapse for both, it cancels one step
    assert int(one.flatten().nonzero()[0]) < first[1]


def test_without_inhibitory_spikes_it_is_as_one_synapse() -> None:
    x = torch.poisson(torch.full((2, 100, 3), 0.5)) * 5
    both = torch.stack((x, torch.zeros_like(x)), 2)
    assert DPI(dt=0.002)(x).sum() > 0
    assert torch.equal(layer()(both), DPI(dt=0.002)(x))


def test_runs_in_parts_and_records_the_difference() -> None:
    neurons = layer()
    x = torch.poisson(torch.full((2, 60, 2, 3), 0.5)) * torch.tensor([[8.0], [5.0]])
    with torch.no_grad():
        whole, last = neurons.run(x)
        first, state = neurons.run(x[:, :23])
        second, end = neurons.run(x[:, 23:], state)
        record = neurons.record(x)
    assert whole.sum() > 0
    assert torch.equal(torch.cat((first, second), 1), whole)
    torch.testing.assert_close(end, last)
    assert torch.equal(record.spikes, whole)
    torch.testing.assert_close(record.i_syn[:, -1] / neurons.circuit.io, last[:, 6] - last[:, 7])
    assert record.i_syn.min() < 0 < record.i_syn.max()


def test_each_neuron_draws_its_own_inhibition() -> None:
    net = SpikingSequential(SignedLinear(4, 3), DPI(inhibition=InhibitionCurrents.from_times()))
    chip = draw_mismatch(net, Mismatch(sigma=0.2), torch.ones(1, 2, 4))
    for name in INHIBITION:
        assert len(set(chip[f"1.constants.{name}"].tolist())) == 3


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(InvalidInput, match=r"tau_inh=0 is not positive"):
        InhibitionCurrents.from_times(tau_inh=0)
    with pytest.raises(InvalidInput, match="igain_inh=-1 of InhibitionCurrents"):
        InhibitionCurrents(itau_inh=1e-12, igain_inh=-1)
    with pytest.raises(NotFound, match="'itau'"):
        DPI(inhibition={"itau": 1e-12})
    with pytest.raises(InvalidInput, match="recurrent neurons have no inhibitory"):
        DPI(inhibition=InhibitionCurrents.from_times(), n_recurrent=3)
    with pytest.raises(InvalidInput, match=r"is not \(batch, time, 2, neurons\)") as caught:
        layer()(torch.ones(1, 4, 3, 3))
    assert caught.value.hint == "put SignedLinear(…) before the neurons"
    with pytest.raises(InvalidInput, match="state of shape"):
        layer().run(torch.ones(1, 4, 2, 3), torch.ones(1, 6, 3))
