"""Paths part and meet as written out by hand; state, gradients and counts go through."""

from collections.abc import Mapping, Sequence
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from eventstore.errors import AlreadyExists, InvalidInput, NotFound, SpikelakeError
from snn.activity_count import ActivityCount
from snn.activity_loss import RateLoss
from snn.branching import Branching
from snn.layers import IAF, LIF, AxonalDelay, Recurrent
from snn.sequential import SpikingSequential
from snn.synops import synaptic_operations


def block() -> Branching:
    """Return a residual block with a skip path, of which no layer is silent."""
    torch.manual_seed(2)
    whole = Branching(
        {
            "fc": nn.Linear(3, 4),
            "spikes": LIF(tau_mem=0.005, spike_threshold=0.1),
            "fc_back": nn.Linear(4, 3),
            "back": IAF(spike_threshold=0.2),
            "fc_skip": nn.Linear(4, 3),
            "skip": IAF(spike_threshold=0.2, min_v_mem=-0.1),
        },
        sources={"fc_skip": ("spikes",)},
        outputs=("input", "back", "skip"),
    )
    for weight in whole.parameters():
        nn.init.uniform_(weight, 0.0, 0.3)
    return whole


def spikes(steps: int = 12) -> Tensor:
    return torch.randint(0, 3, (2, steps, 3), generator=torch.Generator().manual_seed(1)).float()


def test_it_is_what_one_would_write_by_hand() -> None:
    whole, x = block(), spikes()
    inner = dict(whole.named_children())
    made = inner["spikes"](inner["fc"](x))
    back = inner["back"](inner["fc_back"](made))
    skip = inner["skip"](inner["fc_skip"](made))
    assert skip.sum() > 0
    assert back.sum() > 0
    assert torch.equal(whole(x), x + back + skip)


@given(st.integers(1, 11))
def test_chunks_equal_the_whole_and_so_do_steps(cut: int) -> None:
    net, x = SpikingSequential(nn.Linear(3, 3), IAF(), block(), nn.Linear(3, 2)), spikes()
    first, state = net.run(x[:, :cut])
    rest, state = net.run(x[:, cut:], state)
    whole, end = net.run(x)
    torch.testing.assert_close(torch.cat([first, rest], 1), whole)
    assert len(end) == 2  # those of the neurons, and of the block
    assert torch.equal(end[1][0].v_mem, state[1][0].v_mem)
    stepped = block().step(x[:, 0])[0]
    assert torch.equal(stepped, block()(x[:, :1])[:, 0])


def test_gradients_reach_every_weight_and_checkpoints_hold_no_state() -> None:
    whole, x = block(), spikes()
    grads = torch.autograd.grad(whole(x).sum(), list(whole.parameters()))
    assert all(grad.abs().sum() > 0 for grad in grads)
    assert sorted(whole.state_dict()) == sorted(block().state_dict())
    other = block()
    other.load_state_dict(whole.state_dict())
    assert torch.equal(other(x), whole(x))


def test_a_module_may_take_the_input_and_the_last_be_put_out() -> None:
    whole = Branching({"a": nn.Identity(), "b": nn.Identity()}, sources={"b": ("input", "a")})
    assert torch.equal(whole(spikes()), 2 * spikes())
    assert (whole.sources, whole.outputs) == ({"a": ("input",), "b": ("input", "a")}, ("b",))


def test_one_module_in_two_places_is_run_in_both() -> None:
    delay = AxonalDelay(0.001, 3, max_delay=0.002)
    whole = Branching({"a": delay, "b": delay})
    y, state = whole.run(spikes())
    assert torch.equal(y[:, 2:], spikes()[:, :-2])
    assert len(state) == 2


@torch.no_grad()
def test_operations_are_counted_on_all_paths() -> None:
    net, x = SpikingSequential(block(), nn.Linear(3, 5)), spikes()
    (passage, _) = net.walk(x)
    made = {inner.name: inner.y for inner in passage.inner}
    into = {"0.fc": x, "0.fc_back": made["spikes"], "0.fc_skip": made["spikes"]}
    wanted = {name: y.sum((1, 2)) * (4 if name == "0.fc" else 3) for name, y in into.items()}
    wanted["1"] = passage.y.sum((1, 2)) * 5
    found = synaptic_operations(net.walk(x))
    assert {n: y.tolist() for n, y in found.items()} == {n: y.tolist() for n, y in wanted.items()}
    count = ActivityCount()
    for _ in range(2):
        for one in net.walk(x):
            count.add(one)
    assert count.synops() == {name: float(y.mean()) for name, y in wanted.items()}
    assert count.spikes() == {
        f"0.{name}": float(made[name].sum()) / 2 for name in ("spikes", "back", "skip")
    }
    assert count.uncounted() == ()


def test_values_that_meet_events_are_counted_as_values() -> None:
    whole = Branching({"fc": nn.Linear(3, 3)}, outputs=("fc",))
    mixed = Branching(
        {"fc": nn.Linear(3, 3), "fc2": nn.Linear(3, 2)}, sources={"fc2": ("input", "fc")}
    )
    net = SpikingSequential(mixed)
    found = synaptic_operations(net.walk(spikes()))["0.fc2"]
    given = (spikes() + next(mixed.children())(spikes())).abs().sum((1, 2)) * 2
    torch.testing.assert_close(found, given.double(), rtol=1e-6, atol=0)
    assert list(synaptic_operations(SpikingSequential(whole).walk(spikes()))) == ["0.fc"]


def test_losses_of_activity_see_within() -> None:
    net = SpikingSequential(block(), nn.Linear(3, 2), IAF())
    within = SpikingSequential(block())
    assert RateLoss(highest=0.0)(within.walk(spikes())) > 0
    kinds = [type(layer).__name__ for layer in net.spiking_layers()]
    assert kinds == ["LIF", "IAF", "IAF", "IAF"]


@pytest.mark.parametrize(
    ("modules", "how", "error", "said"),
    [
        ({}, {}, InvalidInput, "without modules"),
        ({"input": nn.Identity()}, {}, AlreadyExists, "is called 'input'"),
        ({"a": nn.Identity()}, {"sources": {"b": ("a",)}}, NotFound, "module with sources 'b'"),
        ({"a": nn.Identity()}, {"sources": {"a": ("a",)}}, NotFound, "source of 'a' before it"),
        ({"a": nn.Identity()}, {"sources": {"a": ()}}, InvalidInput, "no source of 'a'"),
        ({"a": nn.Identity()}, {"outputs": ("b",)}, NotFound, "module to put out 'b'"),
        ({"a.b": nn.Identity()}, {}, InvalidInput, "cannot be the name"),
        ({"a": nn.Sequential(IAF())}, {}, InvalidInput, "holds layers with memory"),
        ({"a": Branching({"b": IAF()})}, {}, InvalidInput, "holds layers with memory"),
    ],
)
def test_what_cannot_be_is_refused(
    modules: Mapping[str, nn.Module],
    how: Mapping[str, Any],
    error: type[SpikelakeError],
    said: str,
) -> None:
    with pytest.raises(error, match=said) as caught:
        Branching(modules, **how)
    assert caught.value.hint


def test_the_input_may_be_put_out_and_recurrent_neurons_be_within() -> None:
    whole = Branching({"r": Recurrent(IAF(), 3)}, outputs=("input", "r"))
    assert whole(spikes()).shape == (2, 12, 3)


@pytest.mark.parametrize("state", [[], [None, None, None, None]])
def test_states_of_another_network_are_refused(state: Sequence[Any]) -> None:
    with pytest.raises(InvalidInput, match="states for 3 layers"):
        block().run(spikes(), state)


def test_paths_of_unequal_width_are_told_where_they_meet() -> None:
    whole = Branching({"fc": nn.Linear(3, 4)}, outputs=("input", "fc"))
    with pytest.raises(InvalidInput, match=r"the output .*: input \(3,\) and fc \(4,\)"):
        whole(spikes())
