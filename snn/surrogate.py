"""Surrogate gradients: what a spike's derivative is taken to be.

A spike is a step, so its derivative is zero or infinite. Training replaces it, in the backward pass
alone, by a function of the membrane potential; each is a frozen value here. The tensor function is
the definition; ``code`` names its twin in `snn.kernels.template`.
"""

from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from eventstore.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """A derivative of the spike count with respect to the membrane potential.

    Args:
        width: how far from the threshold the gradient reaches, relative to the threshold.
        scale: factor on the gradient.

    Raises:
        InvalidInput: the width is not positive.
    """

    code: ClassVar[int]

    width: float = 0.5
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not self.width > 0:
            message = f"surrogate width {self.width} is not positive"
            raise InvalidInput(message, hint="0.5 is a good start")

    @abstractmethod
    def __call__(self, v_mem: Float[Tensor, "*n"], spike_threshold: float) -> Float[Tensor, "*n"]:
        """Return ds/dv at this membrane potential."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleExponential(Surrogate):
    r"""Two-sided exponential around the threshold (Shrestha and Orchard 2018).

    $$ s'(v) = \frac{scale}{w\theta} \exp\left(-\frac{|v - \theta|}{w\theta}\right) $$

    Examples:
        >>> float(SingleExponential()(torch.tensor(1.0), 1.0))
        2.0
    """

    code: ClassVar[int] = 0

    def __call__(self, v_mem: Float[Tensor, "*n"], spike_threshold: float) -> Float[Tensor, "*n"]:
        """Return ds/dv at this membrane potential."""
        width = self.width * spike_threshold
        return self.scale / width * torch.exp(-torch.abs(v_mem - spike_threshold) / width)


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicExponential(Surrogate):
    r"""Exponential around every multiple of the threshold, for neurons of many spikes a step.

    $$
    s'(v) = scale \cdot \exp(-d / w), \quad d = \theta - v \text{ below } \theta,
    \text{ else twice the distance to the nearest multiple of } \theta
    $$

    As sinabs 3.1 defines it: the width is in units of the potential, and above the threshold the
    peaks are half as wide as the flank below it (Weidel and Sheik 2021 have them alike).

    Examples:
        >>> PeriodicExponential()(torch.tensor([1.0, 2.0, 3.0]), 1.0).tolist()
        [1.0, 1.0, 1.0]
    """

    code: ClassVar[int] = 1

    def __call__(self, v_mem: Float[Tensor, "*n"], spike_threshold: float) -> Float[Tensor, "*n"]:
        """Return ds/dv at this membrane potential."""
        above = 2 * (v_mem - spike_threshold * torch.floor(v_mem / spike_threshold + 0.5))
        distance = torch.where(v_mem < spike_threshold, v_mem - spike_threshold, above)
        return self.scale * torch.exp(-torch.abs(distance) / self.width)


@dataclass(frozen=True, slots=True, kw_only=True)
class Heaviside(Surrogate):
    r"""Constant from one window below the threshold upwards: what Speck's own training recipes use.

    $$ s'(v) = \frac{scale}{\theta} [v \ge \theta - w] $$

    Examples:
        >>> Heaviside(width=1.0)(torch.tensor([-0.5, 0.0, 9.0]), 1.0).tolist()
        [0.0, 1.0, 1.0]
    """

    code: ClassVar[int] = 2

    def __call__(self, v_mem: Float[Tensor, "*n"], spike_threshold: float) -> Float[Tensor, "*n"]:
        """Return ds/dv at this membrane potential."""
        return (self.scale / spike_threshold) * (v_mem >= spike_threshold - self.width).to(
            v_mem.dtype
        )


SURROGATES: dict[str, type[Surrogate]] = {
    "single-exponential": SingleExponential,
    "periodic-exponential": PeriodicExponential,
    "heaviside": Heaviside,
}
"""Names that recipes use."""


def surrogate_named(name: str, *, width: float = 0.5, scale: float = 1.0) -> Surrogate:
    """Return the surrogate of this name.

    Raises:
        NotFound: there is no such surrogate.

    Examples:
        >>> surrogate_named("heaviside", width=1.0)
        Heaviside(width=1.0, scale=1.0)
    """
    if name not in SURROGATES:
        what = "surrogate"
        raise NotFound.among(what, name, SURROGATES)
    return SURROGATES[name](width=width, scale=scale)
