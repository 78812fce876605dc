import copy

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from eventstore.errors import InvalidInput
from snn.conversion.convert import Conversion, convert
from snn.conversion.fit import steady_input
from snn.layers import IAF


def image_net(seed: int = 0) -> nn.Sequential:
    torch.manual_seed(seed)
    net = nn.Sequential(
        nn.Sequential(nn.Conv2d(2, 6, 3, padding=1, bias=False), nn.BatchNorm2d(6), nn.ReLU()),
        nn.AvgPool2d(2),
        nn.Dropout(0.3),
        nn.Conv2d(6, 8, 3, groups=2),
        nn.ReLU(inplace=True),
        nn.Flatten(),
        nn.Linear(32, 5),
    )
    with torch.no_grad():
        net(torch.randn(64, 2, 8, 8))  # gives the norm its statistics
    return net.eval()


def outputs(made: Conversion, x: torch.Tensor, n_steps: int) -> torch.Tensor:
    with torch.no_grad():
        y: torch.Tensor = made.model(steady_input(x, n_steps, made.input_scale)).mean(1)
        return y * made.output_scale


@settings(max_examples=8, deadline=None)
@given(seed=st.integers(0, 99), percentile=st.sampled_from([90.0, 99.9, 100.0]))
def test_outputs_approach_the_rectifiers_as_one_over_the_number_of_steps(
    seed: int, percentile: float
) -> None:
    net = image_net(seed).double()
    x = torch.rand(16, 2, 8, 8, dtype=torch.float64)
    made = convert(net, [x], percentile=percentile)
    with torch.no_grad():
        expected = net(x)
    errors = [float((outputs(made, x, t) - expected).abs().mean()) for t in (32, 128, 512)]
    # Four times the steps: a quarter of the distance, half of one at the least.
    assert errors[1] < errors[0] / 2.5
    assert errors[2] < errors[1] / 2.5
    assert errors[2] < 0.02 * float(expected.abs().mean())


def test_the_first_layers_rates_are_within_one_spike_of_its_activations() -> None:
    net = image_net().double()
    x = torch.rand(8, 2, 8, 8, dtype=torch.float64)
    made = convert(net, [x])
    activation = made.folded[:2](x).detach()
    for n_steps in (10, 100):
        rate = made.model[:2](steady_input(x, n_steps)).detach().mean(1)
        distance = activation / made.scales["0_2"] - rate
        assert float(distance.min()) > -1e-9
        assert float(distance.max()) < 1 / n_steps + 1e-9


def test_scaling_leaves_the_function_alone() -> None:
    # Without neurons in between, a network scaled layer by layer is the network divided by λ.
    net = image_net().double()
    x = torch.rand(8, 2, 8, 8, dtype=torch.float64)
    made = convert(net, [x], percentile=95)
    rectified = nn.Sequential(*(nn.ReLU() if isinstance(m, IAF) else m for m in made.model))
    torch.testing.assert_close(rectified(x), net(x), rtol=1e-9, atol=1e-9)


def test_the_largest_rate_is_one_spike_a_step_at_percentile_100() -> None:
    x = torch.rand(32, 2, 8, 8)
    made = convert(image_net(), [x[:16], x[16:]], percentile=100)
    with torch.no_grad():
        passages = list(made.model.walk(steady_input(x, 200)))
    rates = [float(p.y.mean(1).max()) for p in passages if isinstance(p.module, IAF)]
    assert rates == [pytest.approx(1.0, abs=0.1)] * 2


def test_lower_percentiles_spike_more() -> None:
    x = torch.rand(16, 2, 8, 8)
    spikes = [
        float(convert(image_net(), [x], percentile=p).model[:2](steady_input(x, 50)).detach().sum())
        for p in (100, 95, 80)
    ]
    assert spikes[0] < spikes[1] < spikes[2]


def test_summed_frames_are_seen_one_by_one() -> None:
    torch.manual_seed(5)
    net = nn.Sequential(nn.Linear(6, 9), nn.ReLU(), nn.Linear(9, 3))
    frames = torch.poisson(torch.rand(12, 1, 6).expand(-1, 400, -1))
    summed = frames.sum(1)
    made = convert(net, [summed], input_scale=400.0)
    with torch.no_grad():
        expected, found = net(summed), made.model(frames).mean(1)
    assert float((found - expected).abs().mean() / expected.abs().mean()) < 0.03


def test_a_readout_of_spikes_gives_the_outputs_above_zero() -> None:
    net, x = image_net(), torch.rand(16, 2, 8, 8)
    made = convert(net, [x], readout="spikes")
    assert isinstance(made.model[-1], IAF)
    found, expected = outputs(made, x, 800), net(x).detach().relu()
    assert float((found - expected).abs().max()) < 0.02 * float(expected.max())


def test_a_network_that_ends_in_a_rectifier_is_not_given_another() -> None:
    linear, x = nn.Linear(3, 2), torch.rand(9, 3)
    nn.init.uniform_(linear.weight)
    net = nn.Sequential(linear, nn.ReLU())
    for readout in ("sum", "spikes"):
        made = convert(net, [x], readout=readout)
        assert [type(module) for module in made.model] == [nn.Linear, IAF]
        assert made.output_scale == made.scales["1"]


def test_two_layers_between_rectifiers_scale_once() -> None:
    torch.manual_seed(1)
    net = nn.Sequential(nn.Linear(3, 4), nn.Linear(4, 5), nn.ReLU(), nn.Linear(5, 2)).double()
    x = torch.rand(20, 3, dtype=torch.float64)
    made = convert(net, [x], input_scale=3.0)
    assert float((outputs(made, x, 2000) - net(x)).detach().abs().max()) < 5e-3


def test_neurons_take_the_options_given() -> None:
    x = torch.rand(16, 2, 8, 8)
    made = convert(image_net(), [x], percentile=80, max_spikes=1, min_v_mem=-1.0)
    for layer in made.model.spiking_layers():
        assert (layer.neuron.max_spikes, layer.neuron.min_v_mem) == (1, -1.0)
        assert layer.neuron.reset == "subtract"
    spikes = made.model[:2](steady_input(x, 20))
    assert spikes.unique().tolist() == [0.0, 1.0]


def test_model_data_and_modes_stay_as_they_were() -> None:
    net, x = image_net().train(), torch.rand(4, 2, 8, 8)
    weights, data = copy.deepcopy(net.state_dict()), x.clone()
    made = convert(net, [x])
    assert net.training
    assert torch.equal(x, data)
    assert all(torch.equal(value, weights[name]) for name, value in net.state_dict().items())
    assert not made.model.training
    assert any(p.requires_grad for p in made.model.parameters())


def test_conversion_is_the_same_however_the_data_come() -> None:
    x = torch.rand(30, 2, 8, 8)
    whole, parts = convert(image_net(), [x]), convert(image_net(), iter([x[:7], x[7:21], x[21:]]))
    for name, scale in whole.scales.items():
        assert parts.scales[name] == pytest.approx(scale, rel=1e-3)


REFUSED = [
    (nn.Sequential(nn.Linear(3, 2), nn.MaxPool1d(2)), {}, "'1' (MaxPool1d)", "average pooling"),
    (nn.Sequential(nn.Linear(3, 2), nn.Softmax(1)), {}, "'1' (Softmax)", "leave it out"),
    (nn.Sequential(nn.Linear(3, 2), IAF()), {}, "'1' (IAF)", "rectifiers it came from"),
    (nn.Sequential(nn.ReLU()), {}, "no layer with weights", "whole trained"),
    (nn.Sequential(nn.Linear(3, 2)), {"percentile": 0.0}, "percentile 0.0", "99.9"),
    (nn.Sequential(nn.Linear(3, 2)), {"input_scale": 0.0}, "input_scale 0.0", "summed over T"),
    (nn.Sequential(nn.Linear(3, 2)), {"readout": "mean"}, "unknown readout 'mean'", "'sum'"),
]


@pytest.mark.parametrize(("model", "options", "message", "hint"), REFUSED)
def test_what_cannot_be_converted_is_refused(
    model: nn.Sequential, options: dict[str, float], message: str, hint: str
) -> None:
    with pytest.raises(InvalidInput) as caught:
        convert(model, [torch.rand(4, 3)], **options)  # type: ignore[arg-type]
    assert message in caught.value.message
    assert hint in caught.value.hint
