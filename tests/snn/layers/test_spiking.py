import copy
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from eventstore.errors import InvalidInput
from snn.layers import (
    ALIF,
    IAF,
    LIF,
    CubaLIF,
    ExpLeak,
    ParallelLIF,
    Recurrent,
    SpikingLayer,
    State,
)
from snn.layers.layout import Layout
from snn.layers.spiking import pack_constants
from snn.surrogate import Heaviside


def every_layer() -> list[SpikingLayer]:
    torch.manual_seed(0)
    return [
        IAF(min_v_mem=-1.0),
        LIF(0.01, train=("tau_mem", "spike_threshold")),
        CubaLIF(0.02, 0.01, bias=0.1),
        CubaLIF(0.02, [0.005, 0.01], train=("tau_syn",)),
        ALIF(tau_adapt=0.05),
        ALIF(tau_syn=0.005),
        ExpLeak(),
        ParallelLIF(),
        Recurrent(LIF(), 4),
        Recurrent(CubaLIF(tau_syn=[0.005, 0.01]), 4),
    ]


def input_for(layer: SpikingLayer, batch: int = 3, steps: int = 12) -> torch.Tensor:
    n = layer.neuron.n_synapses
    shape = (batch, steps, n, 4) if n > 1 else (batch, steps, 4)
    return 4 * torch.rand(shape, generator=torch.Generator().manual_seed(1))


kinds = st.integers(0, len(every_layer()) - 1)


@given(kinds, st.integers(1, 11))
def test_chunks_and_single_steps_equal_the_whole(kind: int, cut: int) -> None:
    layer = every_layer()[kind]
    x = input_for(layer)
    whole, end = layer.run(x)
    first, state = layer.run(x[:, :cut])
    second, last = layer.run(x[:, cut:], state)
    assert torch.equal(torch.cat([first, second], 1), whole)
    outputs: list[torch.Tensor] = []
    now: State | None = None
    for x_t in x.unbind(1):
        y_t, now = layer.step(x_t, now)
        outputs.append(y_t)
    assert torch.equal(torch.stack(outputs, 1), whole)
    for one, other in zip(end, last, strict=True):
        assert (one is None) == (other is None)
        assert one is None or other is None or torch.equal(one, other)


@given(kinds)
def test_calls_start_at_rest_and_batches_do_not_meet(kind: int) -> None:
    layer = every_layer()[kind]
    x = input_for(layer)
    y = layer(x)
    assert torch.equal(layer(x), y)
    assert torch.equal(layer(x[1:2]), y[1:2])


@given(kinds)
def test_state_is_no_part_of_a_checkpoint(kind: int) -> None:
    layer = every_layer()[kind]
    before = {name: value.clone() for name, value in layer.state_dict().items()}
    layer(input_for(layer))
    after = layer.state_dict()
    assert before.keys() == after.keys()
    assert all(torch.equal(before[name], after[name]) for name in before)
    every_layer()[kind].load_state_dict(after)
    assert copy.deepcopy(layer).neuron == layer.neuron


@given(kinds)
def test_all_parameters_train(kind: int) -> None:
    layer = every_layer()[kind]
    torch.autograd.backward(layer(input_for(layer).requires_grad_()).sum())
    for name, parameter in layer.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_shape_is_kept_for_any_number_of_axes() -> None:
    rng = torch.Generator().manual_seed(1)
    for shape in [(2, 5, 3), (2, 5, 3, 4), (2, 5, 3, 4, 6)]:
        x = torch.randn(shape, generator=rng) + 0.5
        flat, _ = IAF().run(x.flatten(2))
        assert torch.equal(IAF()(x), flat.view(shape))


def test_channels_last_input_gives_the_same_and_stays_channels_last() -> None:
    rng = torch.Generator().manual_seed(1)
    x = torch.randn(2, 7, 3, 4, 5, generator=rng) + 0.3
    frames = x.flatten(0, 1).contiguous(memory_format=torch.channels_last)
    there = frames.view(2, 7, 3, 4, 5).requires_grad_()
    layer = LIF(tau_mem=0.01 + 0.01 * torch.rand(3, 4, 5, generator=rng))
    first = State(0.2 * torch.rand(2, 3, 4, 5, generator=rng))
    (y, state), (y_ref, state_ref) = layer.run(there, first), layer.run(x, first)
    assert torch.equal(y, y_ref)
    assert torch.equal(state.v_mem, state_ref.v_mem)
    assert y.stride() == there.stride()


def test_each_neuron_may_have_constants_of_its_own() -> None:
    x = torch.full((1, 30, 2, 3), 1.5)
    tau = torch.tensor([0.005, 0.02])[:, None]
    y = LIF(tau_mem=tau)(x)
    assert torch.equal(y[:, :, 0], LIF(tau_mem=0.005)(x[:, :, 0]))
    assert torch.equal(y[:, :, 1], LIF(tau_mem=0.02)(x[:, :, 1]))


def test_constants_of_another_shape_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"shape \(5,\) do not fit neurons of shape \(4,\)"):
        LIF(tau_mem=[0.01] * 5)(torch.ones(1, 3, 4))


def test_a_state_of_another_batch_is_refused() -> None:
    layer = IAF()
    _, state = layer.run(torch.ones(3, 5, 4))
    with pytest.raises(InvalidInput, match=r"v_mem of shape \(3, 1, 4\) does not fit") as caught:
        layer.run(torch.ones(2, 5, 4), state)
    assert "state=None" in caught.value.hint


def test_a_state_of_another_kind_is_refused() -> None:
    _, state = LIF().run(torch.ones(1, 5, 4))
    with pytest.raises(InvalidInput, match="lacks i_syn, which CubaLIF has"):
        CubaLIF().run(torch.ones(1, 5, 4), state)


@pytest.mark.parametrize("shape", [(3, 4), (3, 0, 4)])
def test_input_without_time_is_refused(shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidInput, match="batch, time"):
        IAF()(torch.ones(shape))


def test_whole_numbers_are_refused() -> None:
    with pytest.raises(InvalidInput, match=r"real numbers, not torch\.int64"):
        IAF()(torch.ones(1, 2, 3, dtype=torch.int64))


def test_several_synapses_need_an_axis() -> None:
    layer = CubaLIF(tau_syn=[0.01, 0.02])
    with pytest.raises(InvalidInput, match="batch, time, synapse"):
        layer(torch.ones(1, 5, 8))
    with pytest.raises(InvalidInput, match="batch, time, 2"):
        layer(torch.ones(1, 5, 3, 8))


def test_bfloat16_goes_through_with_a_precise_state() -> None:
    x = torch.rand(2, 9, 4).to(torch.bfloat16)
    y, state = LIF(0.005).run(x)
    assert (y.dtype, state.v_mem.dtype) == (torch.bfloat16, torch.float32)


def test_missing_constants_are_those_of_the_simplest_neuron() -> None:
    layer = IAF(0.5)
    packed = pack_constants(layer.rows(), layer.neuron, Layout((4,), (0,)))
    assert packed.flatten().tolist() == [1, 1, 0.5, 0, 0, 0]


@pytest.mark.parametrize(
    ("layer", "says"),
    [
        (IAF(max_spikes=1, min_v_mem=-1.0), "max_spikes=1, min_v_mem=-1.0"),
        (LIF(0.02, reset="set", detach_reset=True), "reset='set', detach_reset=True"),
        (ExpLeak(0.02), "tau_mem=0.02"),
    ],
)
def test_repr_names_what_is_special(layer: SpikingLayer, says: str) -> None:
    assert says in repr(layer)


def test_options_reach_the_neuron() -> None:
    options: dict[str, Any] = {
        "max_spikes": 2,
        "reset": "set",
        "v_reset": -0.1,
        "detach_reset": True,
        "min_v_mem": -2.0,
        "surrogate": Heaviside(width=0.3),
    }
    for kind in (IAF, LIF, CubaLIF, ALIF):
        neuron = kind(**options).neuron
        assert {name: getattr(neuron, name) for name in options} == options
