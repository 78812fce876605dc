"""The attack stays within its size, moves the readout, and leaves the network as it was."""

from dataclasses import replace

import pytest
import torch
from torch import Tensor, nn
from torch.func import functional_call
from torch.nn import functional

from eventstore.errors import InvalidInput
from snn.layers import LIF
from snn.robustness.adversarial import AdversarialTraining, attack, divergence
from snn.robustness.mismatch import draw_numbers
from snn.robustness.numbers import deviated, neuron_shapes, numbers_of, run_with
from snn.sequential import SpikingSequential

X, LABELS = torch.rand(16, 25, 6, generator=torch.Generator().manual_seed(3)), torch.arange(16) % 4


def net(*, dropout: float = 0.0) -> SpikingSequential:
    torch.manual_seed(1)
    neurons = LIF(norm_input=False, train=("tau_mem",))
    return SpikingSequential(
        nn.Linear(6, 20), neurons, nn.Dropout(dropout), nn.Linear(20, 4), LIF(norm_input=False)
    )


def scores(output: Tensor) -> Tensor:
    return output.sum(1)


def attacked(options: AdversarialTraining, model: SpikingSequential) -> dict[str, Tensor]:
    numbers = numbers_of(model, neuron_shapes(model, X))
    torch.manual_seed(0)
    wanted = scores(model(X)).detach()
    return attack(model, numbers, X, scores, options, wanted=wanted)


@pytest.mark.parametrize("steps", [1, 4])
def test_no_number_leaves_the_ball(steps: int) -> None:
    options = AdversarialTraining(attack_size=0.15, attack_steps=steps)
    deviations = attacked(options, net())
    assert set(deviations) == set(numbers_of(net()))
    largest = max(float(d.abs().max()) for d in deviations.values())
    assert 0.14 < largest <= 0.15 + 1e-6


def test_the_attack_is_worse_than_chance() -> None:
    model, options = net(), AdversarialTraining(attack_size=0.1, attack_steps=5)
    numbers = numbers_of(model, neuron_shapes(model, X))
    wanted = scores(model(X)).detach()

    def moved(stored: dict[str, Tensor]) -> float:
        return float(divergence(wanted, scores(run_with(model, stored, X))).detach())

    worst = moved(deviated(numbers, attacked(options, model)))
    # Signs at random deviate as much in size, each number by all that the attack may use.
    chance = []
    for seed in range(10):
        torch.manual_seed(seed)
        signs = {p: 0.1 * torch.randn(n.shape).sign() for p, n in numbers.items()}
        chance.append(moved(deviated(numbers, signs)))
    assert worst > 2 * max(chance)


def test_the_attack_is_that_of_the_paper() -> None:
    """Algorithm 1 of Büchel, Faber & Muir: steps of ζ|Θ|/K by the sign, from Θ + |Θ| ε R."""
    torch.manual_seed(2)
    model = SpikingSequential(nn.Linear(6, 20), LIF(norm_input=False), nn.Linear(20, 4), LIF())
    options = AdversarialTraining(attack_size=0.2, attack_steps=4, start=0.01)
    numbers = {path: n for path, n in numbers_of(model).items() if n.group == "weights"}
    wanted = scores(model(X)).detach()
    torch.manual_seed(9)
    found = attack(model, numbers, X, scores, options, wanted=wanted)
    torch.manual_seed(9)
    own = {path: p.detach() for path, p in model.named_parameters()}
    # R along each number's own sign: as likely, and what a share of the number comes to.
    now = {path: p + p * 0.01 * torch.randn(p.shape) for path, p in own.items()}
    for _ in range(4):
        leaves = {path: p.clone().requires_grad_() for path, p in now.items()}
        log_p = scores(functional_call(model, leaves, (X,))).log_softmax(1)
        q = wanted.softmax(1)
        loss = (q * (q.log() - log_p)).sum(1).mean()
        grads = torch.autograd.grad(loss, list(leaves.values()))
        for (path, p), grad in zip(leaves.items(), grads, strict=True):
            size = 0.2 * own[path].abs()
            step = p.detach() + size / 4 * grad.sign()
            now[path] = step.clamp(own[path] - size, own[path] + size)
    for path, star in now.items():
        one = own[path] * (1 + found[path])
        off = ((one - star).abs() > 1e-4 * own[path].abs()).float().mean()
        assert off < 0.01, path  # slopes of about 0 may round to either sign


def test_the_divergence_is_that_of_torch() -> None:
    wanted, found = torch.randn(5, 4), torch.randn(5, 4)
    p, q = wanted.softmax(1), found.softmax(1)
    assert divergence(wanted, found) == pytest.approx(float((p * (p / q).log()).sum(1).mean()))


def test_the_loss_is_natural_plus_beta_times_divergence() -> None:
    model, x, labels = net(), X, LABELS
    options = AdversarialTraining(sigma=0.0, beta=0.5)
    torch.manual_seed(7)
    total = options(model, x, labels, scores)
    torch.manual_seed(7)
    double = replace(options, beta=1.0)(model, x, labels, scores)
    natural = functional.cross_entropy(scores(model(x)), labels)
    assert float((double - total).detach()) == pytest.approx(float((total - natural).detach()))
    assert double > total > natural


def test_nothing_of_the_network_changes_but_gradients() -> None:
    model = net(dropout=0.5).train()
    before = {name: value.clone() for name, value in model.state_dict().items()}
    torch.autograd.backward(AdversarialTraining()(model, X, LABELS, scores))
    assert all(torch.equal(model.state_dict()[name], value) for name, value in before.items())
    assert all(module.training for module in model.modules())
    assert all(p.grad is not None and p.grad.isfinite().all() for p in model.parameters())
    assert not any(value.requires_grad for _, value in model.named_buffers())


def test_fixed_thresholds_are_attacked_as_well() -> None:
    deviations = attacked(AdversarialTraining(), net())
    assert deviations["1.constants.spike_threshold"].shape == (20,)
    assert deviations["1.constants.spike_threshold"].abs().max() > 0.05


def test_draws_of_a_seed_are_the_same() -> None:
    model = net()
    losses = []
    for _ in range(2):
        torch.manual_seed(5)
        losses.append(float(AdversarialTraining()(model, X, LABELS, scores).detach()))
    assert losses[0] == losses[1]


def test_noise_alone_is_drawn_from_the_numbers() -> None:
    numbers = numbers_of(net())
    drawn = draw_numbers(numbers, 0.0)
    assert all(torch.equal(drawn[path], number.value) for path, number in numbers.items())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("attack_size", 1.0),
        ("attack_size", 0.0),
        ("attack_steps", 0),
        ("attack_steps", 1.5),
        ("beta", 0.0),
        ("sigma", -0.1),
        ("start", 0.2),
    ],
)
def test_settings_out_of_range_are_named(name: str, value: float) -> None:
    with pytest.raises(InvalidInput, match=f"{name}={value!r} is out of range"):
        replace(AdversarialTraining(), **{name: value})  # type: ignore[arg-type]
