"""How well the rates of a converted network meet the activations they stand for."""

from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor

from eventstore.errors import InvalidInput
from snn.conversion.convert import Conversion
from snn.conversion.scales import activations


@dataclass(frozen=True, slots=True, kw_only=True)
class LayerFit:
    """How well one layer's rates meet the activations of its rectifier.

    Args:
        name: the layer.
        scale: λ, the activation that one spike per step stands for.
        rate: mean spikes per step.
        correlation: of rates and activations, over samples and neurons; nan where none varies.
        mean_error: mean distance of rate and activation, as a share of λ: spikes per step.
    """

    name: str
    scale: float
    rate: float
    correlation: float
    mean_error: float


def steady_input(x: Tensor, n_steps: int, input_scale: float = 1.0) -> Tensor:
    """Return inputs of a rectifier network as currents that stay the same, ``(B, T, …)``.

    Args:
        x: inputs, ``(B, …)``.
        n_steps: time steps.
        input_scale: that of the conversion.

    Examples:
        >>> steady_input(torch.ones(2, 3), 4).shape
        torch.Size([2, 4, 3])
    """
    return (x / input_scale).unsqueeze(1).expand(-1, n_steps, *x.shape[1:])


@torch.no_grad()
def measure_fit(made: Conversion, batches: Iterable[Tensor], n_steps: int) -> tuple[LayerFit, ...]:
    """Return how well each layer of neurons, and the output, meets the network it came from.

    Inputs are given as steady currents. The distance shrinks as one over the number of steps, until
    it is that of rounding; a layer where it does not has neurons that spiked too early.

    Args:
        made: what `convert` returned.
        batches: inputs ``(B, …)`` of the rectifier network.
        n_steps: time steps to run.

    Raises:
        InvalidInput: there is no batch or no step.

    Examples:
        >>> from torch import nn
        >>> from snn.conversion.convert import convert
        >>> x = torch.rand(64, 4)
        >>> made = convert(nn.Sequential(nn.Linear(4, 9), nn.ReLU(), nn.Linear(9, 2)), [x])
        >>> [fit.name for fit in measure_fit(made, [x], n_steps=100)]
        ['1', '2']
    """
    if n_steps < 1:
        message = f"{n_steps} time steps"
        raise InvalidInput(message, hint="run 1 step or more, such as 64")
    like = next(made.folded.parameters())
    last = list(made.folded.named_children())[-1][0]
    scales = {last: made.output_scale, **made.scales}
    sums = {name: _Sums() for name in [*made.scales, last]}
    for batch in batches:
        x = batch.to(like.device, like.dtype)
        expected = dict(activations(made.folded, x))
        for passage in made.model.walk(steady_input(x, n_steps, made.input_scale)):
            if passage.name in sums:
                name = passage.name
                sums[name].add(passage.y.mean(1), expected[name] / scales[name])
    if not any(each.n for each in sums.values()):
        message = "there is no batch to compare on"
        raise InvalidInput(message, hint="a loop over a generator can be used up; give a list")
    return tuple(each.fit(name, scales[name]) for name, each in sums.items())


class _Sums:
    """Sums over batches of rates r and activations a, from which a correlation follows."""

    def __init__(self) -> None:
        self.n = 0
        self._moments = torch.zeros(6, dtype=torch.float64)

    def add(self, rate: Tensor, activation: Tensor) -> None:
        r, a = rate.double().flatten().cpu(), activation.double().flatten().cpu()
        self.n += len(r)
        self._moments += torch.stack([r.sum(), a.sum(), r @ r, a @ a, r @ a, (r - a).abs().sum()])

    def fit(self, name: str, scale: float) -> LayerFit:
        r, a, rr, aa, ra, distance = (self._moments / self.n).tolist()
        spread = max(rr - r * r, 0.0) ** 0.5 * max(aa - a * a, 0.0) ** 0.5
        return LayerFit(
            name=name,
            scale=scale,
            rate=r,
            correlation=(ra - r * a) / spread if spread > 1e-12 else float("nan"),
            mean_error=distance,
        )
