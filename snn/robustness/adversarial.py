r"""Training against the worst small deviation of a network's numbers.

Büchel, Faber & Muir, "Network insensitivity to parameter noise via adversarial regularization",
ICLR 2022. From a point near the numbers Θ, an attack climbs

$$ \Theta^* \leftarrow \Theta^* + \frac{\zeta |\Theta|}{K}
\operatorname{sign} \nabla_{\Theta^*} L_{rob}(f(\Theta), f(\Theta^*)) $$

for K steps, where $L_{rob}$ is the Kullback-Leibler divergence of the readouts. Training makes

$$ L = L_{nat}(f(\Theta + noise), y) + \beta\, L_{rob}(f(\Theta), f(\Theta^*)) $$

small, which flattens the landscape around Θ.
"""

import math
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from jaxtyping import Float
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.modules.dropout import _DropoutNd

from eventstore.errors import InvalidInput
from snn.objective import ScoreFn, natural_loss
from snn.robustness.mismatch import draw_numbers, standard_normal
from snn.robustness.numbers import (
    Number,
    deviated,
    neuron_shapes,
    numbers_of,
    run_with,
)
from snn.sequential import SpikingSequential


@dataclass(frozen=True, slots=True, kw_only=True)
class AdversarialTraining:
    """The loss with mismatch, and how far the worst small deviation moves the readout.

    Takes K + 2 passes more than a plain step, with gradients to the constants of each neuron: some
    ten times as long with K = 3. All weights, thresholds and time constants are attacked,
    trained or not; gradients flow to those trained.

    Args:
        attack_size: ζ, largest deviation, as a share of each number.
        attack_steps: K, steps of the attack.
        beta: weight of the divergence in the loss.
        sigma: mismatch of the natural loss, see `NoisyForward`; 0: none.
        start: deviation at the start of the attack, at random: at Θ itself the divergence has no
            slope.

    Raises:
        InvalidInput: a number is out of range.

    Examples:
        >>> AdversarialTraining().attack_size
        0.1
    """

    attack_size: float = 0.1
    attack_steps: int = 3
    beta: float = 0.25
    sigma: float = 0.2
    start: float = 1e-3

    def __post_init__(self) -> None:
        whole = type(self.attack_steps) is int and self.attack_steps >= 1
        for name, fine, must in (
            ("attack_size", 0 < self.attack_size < 1, "between 0 and 1; 0.1 is 10 %"),
            ("attack_steps", whole, "a whole number from 1; 3 is a good start"),
            ("beta", 0 < self.beta < math.inf, "positive; NoisyForward does without the attack"),
            ("sigma", 0 <= self.sigma < math.inf, "0 or more; 0.2 is 20 %"),
            ("start", 0 < self.start < self.attack_size, "positive and less than attack_size"),
        ):
            if not fine:
                message = f"{name}={getattr(self, name)!r} is out of range"
                raise InvalidInput(message, hint=f"it must be {must}")

    def __call__(
        self, model: SpikingSequential, x: Tensor, labels: Tensor, score_fn: ScoreFn
    ) -> Tensor:
        """Return the natural loss plus β times the divergence under attack."""
        numbers = numbers_of(model, neuron_shapes(model, x))
        noisy = draw_numbers(numbers, self.sigma) if self.sigma else {}
        loss = natural_loss(score_fn(run_with(model, noisy, x)), labels)
        with without_dropout(model):
            wanted = score_fn(run_with(model, {}, x))
            worst = attack(model, numbers, x, score_fn, self, wanted=wanted.detach())
            found = score_fn(run_with(model, deviated(numbers, worst), x))
        return loss + self.beta * divergence(wanted, found)


def divergence(wanted: Float[Tensor, "b k"], found: Float[Tensor, "b k"]) -> Float[Tensor, ""]:
    """Return the Kullback-Leibler divergence of the classes' probabilities, mean of the batch.

    Examples:
        >>> scores = torch.tensor([[3.0, 1.0]])
        >>> divergence(scores, scores).item()
        0.0
    """
    log_found, log_wanted = found.log_softmax(1), wanted.log_softmax(1)
    return functional.kl_div(log_found, log_wanted, reduction="batchmean", log_target=True)


def attack(
    model: SpikingSequential,
    numbers: Mapping[str, Number],
    x: Tensor,
    score_fn: ScoreFn,
    options: AdversarialTraining,
    *,
    wanted: Float[Tensor, "b k"],
) -> dict[str, Tensor]:
    """Return the relative deviations that move the readout far, at most ``attack_size`` each.

    Args:
        model: the network; nothing of it changes.
        numbers: what may deviate.
        x: its input.
        score_fn: scores of an output.
        options: size and steps.
        wanted: scores without deviations.
    """
    size = options.attack_size / options.attack_steps
    now = {path: options.start * standard_normal(one) for path, one in numbers.items()}
    for _ in range(options.attack_steps):
        leaves = {path: deviation.requires_grad_() for path, deviation in now.items()}
        found = score_fn(run_with(model, deviated(numbers, leaves), x))
        grads = torch.autograd.grad(
            divergence(wanted, found),
            list(leaves.values()),
            materialize_grads=True,
            allow_unused=True,
        )
        limit = options.attack_size
        now = {
            path: (leaf.detach() + size * grad.sign()).clamp(-limit, limit)
            for (path, leaf), grad in zip(leaves.items(), grads, strict=True)
        }
    return now


@contextmanager
def without_dropout(model: nn.Module) -> Iterator[None]:
    """Switch dropout off, so that two readouts differ by their numbers alone."""
    dropouts = [m for m in model.modules() if isinstance(m, _DropoutNd) and m.training]
    for module in dropouts:
        module.training = False
    try:
        yield
    finally:
        for module in dropouts:
            module.training = True
