import json
from typing import NamedTuple

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import Tensor, nn

from eventstore.errors import InvalidInput
from snn.evaluation import ClassScore, evaluate
from snn.layers import IAF
from snn.sequential import SpikingSequential


class Batch(NamedTuple):
    x: Tensor
    label: Tensor

    @property
    def length(self) -> Tensor:
        return torch.full((len(self.x),), self.x.shape[1])


def echo_net() -> SpikingSequential:
    linear = nn.Linear(3, 3, bias=False)
    nn.init.eye_(linear.weight)
    return SpikingSequential(linear, nn.Dropout(0.9), IAF())


def test_counts_what_was_said() -> None:
    x = torch.eye(3)[[0, 1, 2, 1]].unsqueeze(1).repeat(1, 4, 1)
    batches = [Batch(x[:3], torch.tensor([0, 1, 1])), Batch(x[3:], torch.tensor([1]))]
    net = echo_net()
    found = evaluate(net, batches)
    assert found.accuracy == 0.75
    assert found.confusion.tolist() == [[1, 0, 0], [0, 2, 1], [0, 0, 0]]
    assert found.predictions.tolist() == [0, 1, 2, 1]
    assert found.spikes == {"2": 4.0}
    assert found.synops == {"0": 12.0}
    assert net.training
    assert found.to_dict()["n_samples"] == 4


def test_ties_go_to_the_first_class() -> None:
    found = evaluate(echo_net(), [Batch(torch.zeros(2, 3, 3), torch.tensor([0, 2]))])
    assert found.predictions.tolist() == [0, 0]


def test_nothing_to_evaluate_is_an_error() -> None:
    with pytest.raises(InvalidInput, match="no samples"):
        evaluate(echo_net(), [])


def test_mixed_samples_are_refused() -> None:
    batch = Batch(torch.zeros(2, 3, 3), torch.full((2, 3), 1 / 3))
    with pytest.raises(InvalidInput, match="labels are shared") as caught:
        evaluate(echo_net(), [batch])
    assert caught.value.hint == "evaluate with a loader without mix"


def test_counts_of_any_type_are_taken() -> None:
    x = torch.eye(3, dtype=torch.uint8).unsqueeze(1).repeat(1, 2, 1)
    assert evaluate(echo_net(), [Batch(x, torch.arange(3))]).accuracy == 1.0


class Padded(NamedTuple):
    x: Tensor
    label: Tensor
    length: Tensor


def test_what_neurons_do_during_padding_counts_for_nothing() -> None:
    linear = nn.Linear(2, 2)
    nn.init.eye_(linear.weight)
    linear.bias.data = torch.tensor([0.0, 0.6])  # the second neuron fires by itself
    net = SpikingSequential(linear, IAF())
    x = torch.zeros(1, 12, 2)
    x[0, :2, 0] = 2.0
    short = Padded(x[:, :2], torch.tensor([0]), torch.tensor([2]))
    padded = Padded(x, torch.tensor([0]), torch.tensor([2]))
    everything = Padded(x, torch.tensor([0]), torch.tensor([12]))
    assert evaluate(net, [short]).accuracy == evaluate(net, [padded]).accuracy == 1.0
    assert evaluate(net, [padded]).loss == evaluate(net, [short]).loss
    assert evaluate(net, [everything]).accuracy == 0.0


def test_precision_and_recall_of_each_class() -> None:
    x = torch.eye(3)[[0, 1, 1, 1]].unsqueeze(1).repeat(1, 4, 1)
    found = evaluate(echo_net(), [Batch(x, torch.tensor([0, 0, 1, 1]))])
    assert found.classes == (
        ClassScore(samples=2, recall=0.5, precision=1.0),
        ClassScore(samples=2, recall=1.0, precision=2 / 3),
        ClassScore(samples=0, recall=None, precision=None),
    )


def test_the_plain_values_are_json() -> None:
    found = evaluate(echo_net(), [Batch(torch.zeros(2, 3, 3), torch.tensor([0, 2]))])
    values = json.loads(json.dumps(found.to_dict()))
    assert values["latency"]["accuracy_after_step"] == [0.5, 0.5, 0.5]
    assert values["latency"]["undecided_samples"] == 2
    assert values["classes"][1] == {"samples": 0, "recall": None, "precision": None}
    assert values["layers"][1] == {
        "name": "2",
        "kind": "IAF",
        "neurons": 3,
        "spikes": 0.0,
        "rate": 0.0,
        "silent_neurons": 3,
    }


@settings(max_examples=25, deadline=None)
@given(data=st.data(), padding=st.integers(1, 8))
def test_batches_and_padding_change_nothing(data: st.DataObject, padding: int) -> None:
    torch.manual_seed(data.draw(st.integers(0, 1000)))
    linear = nn.Linear(3, 4)
    linear.weight.data = torch.randint(-1, 3, (4, 3)) * 0.5
    linear.bias.data = torch.tensor([0.0, 0.25, 0.5, 0.0])  # two fire by themselves
    net = SpikingSequential(linear, IAF())
    lengths = st.lists(st.integers(1, 7), min_size=6, max_size=6)
    length, label = torch.tensor(data.draw(lengths)), torch.tensor([0, 1, 2, 3, 1, 2])
    x = torch.randint(0, 2, (6, 7 + padding, 3)) * (
        torch.arange(7 + padding) < length[:, None]
    ).unsqueeze(2)
    cut = data.draw(st.integers(1, 5))
    whole = evaluate(net, [Padded(x, label, length)])
    trimmed = evaluate(net, [Padded(x[:, : int(length.max())], label, length)])
    parts = evaluate(
        net,
        [Padded(x[part], label[part], length[part]) for part in (slice(cut), slice(cut, None))],
    )
    assert whole.latency.accuracy[-1] == whole.accuracy
    assert whole.to_dict() == parts.to_dict()
    expected = whole.to_dict()
    del expected["latency"]["accuracy_after_step"][int(length.max()) :]
    assert trimmed.to_dict() == expected
