import pytest
import torch
from torch import nn

from eventstore.errors import InvalidInput, NotFound
from snn.layers import IAF, LIF
from snn.models import MODELS
from snn.models.vision import conv_net


def test_shapes_of_the_default_net() -> None:
    net = conv_net(10, (2, 34, 34))
    assert net(torch.ones(2, 3, 2, 34, 34)).shape == (2, 3, 10)
    kinds = [type(m) for m in net]
    stage = [nn.Conv2d, IAF, nn.AvgPool2d]
    assert kinds == [*stage, *stage, nn.Conv2d, IAF, nn.Flatten, nn.Linear, IAF]
    assert all(m.bias is None for m in net if isinstance(m, nn.Conv2d | nn.Linear))


def test_odd_sizes_and_dropout() -> None:
    net = conv_net(
        3,
        (1, 7, 9),
        channels=(4, 6),
        kernel_sizes=(3, 5),
        strides=(2, 1),
        pools=(1, 2),
        dropout=0.5,
    )
    assert net(torch.ones(1, 2, 1, 7, 9)).shape == (1, 2, 3)
    assert any(isinstance(m, nn.Dropout) for m in net)


def test_weights_follow_the_seed() -> None:
    nets = []
    for seed in (1, 1, 2):
        torch.manual_seed(seed)
        nets.append(
            conv_net(3, (2, 8, 8), channels=(2,), kernel_sizes=(3,), strides=(1,), pools=(2,))
        )
    one, same, other = (net.state_dict()["conv1.weight"] for net in nets)
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_lists_of_unequal_length_are_refused() -> None:
    with pytest.raises(InvalidInput, match="differ in length"):
        conv_net(3, (2, 8, 8), channels=(2, 3))


def test_a_frame_pooled_away_is_refused() -> None:
    with pytest.raises(InvalidInput, match="pooled away"):
        conv_net(3, (2, 3, 3))


def test_builders_go_by_name() -> None:
    assert MODELS["conv_net"] is conv_net
    with pytest.raises(NotFound, match="conv_net"):
        MODELS["convnet"]


def test_neurons_may_leak() -> None:
    net = conv_net(
        3,
        (2, 8, 8),
        channels=(4,),
        kernel_sizes=(3,),
        strides=(1,),
        pools=(2,),
        neuron="lif",
        tau_mem=0.02,
        train_tau=True,
    )
    names = [name for name, _ in net.named_children()]
    assert names == ["conv1", "lif1", "pool1", "flatten", "readout", "lif"]
    layers = net.spiking_layers()
    assert all(isinstance(layer, LIF) for layer in layers)
    assert [layer.dt for layer in layers] == [0.005, 0.005]
    assert layers[0].constants.trained == ["tau_mem"]
    assert layers[0].neuron.min_v_mem == -1.0
    with pytest.raises(NotFound, match="no neuron of conv_net 'alif'"):
        conv_net(3, (2, 8, 8), neuron="alif")  # type: ignore[arg-type]
