"""How large activations are: percentiles of what need not be in memory at once."""

from collections.abc import Iterable

import torch
from torch import Tensor, nn

from eventstore.errors import InvalidInput

_DROPPED_BITS = 12  # of the 23 of a float32's fraction: 11 remain
_N_BINS = 1 << (31 - _DROPPED_BITS)


class Percentiles:
    """Counts numbers from 0 up in bins of relative width 2⁻¹¹; the largest is kept exactly.

    A bin is what float32 numbers with the same leading bits have in common, so counting is one
    shift and one ``bincount``, and neither order nor size of the parts matters.

    Examples:
        >>> seen = Percentiles()
        >>> seen.add(torch.arange(101.0))
        >>> seen.at(100), round(seen.at(50))
        (100.0, 50)
    """

    def __init__(self) -> None:
        self._counts = torch.zeros(_N_BINS, dtype=torch.int64)
        self._largest = 0.0

    @property
    def largest(self) -> float:
        """The largest number seen."""
        return self._largest

    def add(self, values: Tensor) -> None:
        """Count more numbers; those below 0 count as 0.

        Raises:
            InvalidInput: one is no number, or infinite.
        """
        flat = values.detach().flatten().float().cpu()
        if not bool(flat.isfinite().all()):
            message = "activations are not finite"
            raise InvalidInput(message, hint="check the network's weights and the data for NaN")
        if flat.numel():
            flat = flat.clamp_min(0.0) + 0.0  # −0 has the sign bit set
            bins = flat.view(torch.int32) >> _DROPPED_BITS
            self._counts += torch.bincount(bins.long(), minlength=_N_BINS)
            self._largest = max(self._largest, float(flat.max()))

    def at(self, percentile: float) -> float:
        """Return the smallest number that so many per cent do not exceed, to 2⁻¹¹ of itself.

        Args:
            percentile: 0 … 100.

        Raises:
            InvalidInput: nothing was counted.
        """
        total = int(self._counts.sum())
        if total == 0:
            message = "no activations were seen"
            raise InvalidInput(message, hint="give at least one batch")
        rank = max(1, -int(-total * percentile // 100))
        up_to = self._counts.cumsum(0)
        index = int(torch.searchsorted(up_to, torch.tensor(rank)))
        edge = torch.tensor((index + 1) << _DROPPED_BITS, dtype=torch.int32).view(torch.float32)
        return 0.0 if index == 0 else min(float(edge), self._largest)


@torch.no_grad()
def measure_scales(
    chain: nn.Sequential, batches: Iterable[Tensor], percentile: float
) -> dict[str, float]:
    """Return a percentile of the activations of each rectifier on data.

    Args:
        chain: the network, in evaluation mode, without containers.
        batches: its inputs.
        percentile: above 0, up to 100.

    Raises:
        InvalidInput: batches are one tensor or none, or a rectifier is never active.
    """
    if isinstance(batches, Tensor):
        message = f"batches are one tensor of shape {tuple(batches.shape)}"
        raise InvalidInput(message, hint="give a list of batches: [x], or a loop over a loader")
    like = next(chain.parameters())
    seen = {name: Percentiles() for name, m in chain.named_children() if isinstance(m, nn.ReLU)}
    n_batches = 0
    for batch in batches:
        n_batches += 1
        for name, y in activations(chain, _inputs(batch).to(like.device, like.dtype)):
            if name in seen:
                seen[name].add(y)
    if n_batches == 0:
        message = "there is no batch to measure activations on"
        raise InvalidInput(message, hint="a loop over a generator can be used up; give a list")
    return {name: _scale_of(name, each, percentile) for name, each in seen.items()}


def _inputs(batch: object) -> Tensor:
    if not isinstance(batch, Tensor):
        message = f"a batch is a {type(batch).__name__}, not a tensor of inputs"
        raise InvalidInput(message, hint="give tensors: (batch.x.sum(1) for batch in loader)")
    return batch


def activations(chain: nn.Sequential, x: Tensor) -> Iterable[tuple[str, Tensor]]:
    """Iterate over the outputs of a chain's layers.

    Raises:
        InvalidInput: a layer does not take what arrives there.
    """
    for name, module in chain.named_children():
        if isinstance(module, nn.Linear) and x.ndim != 2:
            message = f"layer {name!r} (Linear) is given {tuple(x.shape)}, not (batch, features)"
            raise InvalidInput(message, hint="put nn.Flatten() before it")
        try:
            x = module(x)
        except RuntimeError as error:
            kind, shape = type(module).__name__, tuple(x.shape)
            message = f"layer {name!r} ({kind}) does not take an input of shape {shape}: {error}"
            raise InvalidInput(message, hint="give batches (B, …) as in training") from error
        yield name, x


def _scale_of(name: str, seen: Percentiles, percentile: float) -> float:
    if seen.largest == 0.0:
        message = f"rectifier {name!r} is never active on these data"
        raise InvalidInput(message, hint="give data like those trained on, or train it anew")
    scale = seen.at(percentile)
    if scale == 0.0:
        message = f"at least {percentile} % of the activations of rectifier {name!r} are 0"
        raise InvalidInput(message, hint="give a higher percentile, up to 100")
    return scale
