r"""Surrogate gradients: what a spike's derivative is taken to be.

A spike is a step, so its derivative is zero or infinite. Training replaces it, in the backward pass
alone, by a function of the membrane potential; each is a frozen value here. How many spikes a
potential holds depends on the ratio r = v / θ alone, and so do all surrogates:

$$ \frac{\partial s}{\partial v} = \frac{h(r)}{\theta}, \quad
\frac{\partial s}{\partial \theta} = -\frac{r \, h(r)}{\theta} $$

so that scaling weights and threshold together changes nothing about training. ``h`` is the
definition; ``code`` names its twin in `snn.kernels.neuron`.
"""

import math
from abc import abstractmethod
from dataclasses import dataclass
from typing import ClassVar

import torch
from jaxtyping import Float
from torch import Tensor

from eventstore.errors import InvalidInput, NotFound

ROOT = math.sqrt(2 * math.pi)


@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """A derivative of the spike count by the membrane potential, in thresholds.

    Args:
        width: how far from the threshold the gradient reaches, in thresholds.
        scale: factor on the gradient.

    Raises:
        InvalidInput: the width is not positive, or the scale not finite.
    """

    code: ClassVar[int]

    width: float = 0.5
    scale: float = 1.0

    def __post_init__(self) -> None:
        if not 0 < self.width < math.inf:
            message = f"surrogate width {self.width} is not positive"
            raise InvalidInput(message, hint="0.5 is a good start")
        if not math.isfinite(self.scale):
            message = f"surrogate scale {self.scale} is not finite"
            raise InvalidInput(message, hint="1.0 is a good start")

    @abstractmethod
    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""

    @property
    @abstractmethod
    def numbers(self) -> tuple[float, float, float, float, float]:
        """What kernels compute with: reach and height, and of lobes reach, height and offset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SingleExponential(Surrogate):
    r"""Two-sided exponential around the threshold (Shrestha and Orchard 2018).

    $$ h(r) = \frac{scale}{w} \exp\left(-\frac{|r - 1|}{w}\right) $$

    Examples:
        >>> SingleExponential().h(torch.tensor([1.0])).tolist()
        [2.0]
    """

    code: ClassVar[int] = 0

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        return self.scale / self.width * torch.exp(-torch.abs(r - 1) / self.width)

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height."""
        return 1 / self.width, self.scale / self.width, 0.0, 0.0, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodicExponential(Surrogate):
    r"""Exponential around every multiple of the threshold, for neurons of many spikes a step.

    $$
    h(r) = scale \cdot \exp(-d / w), \quad d = 1 - r \text{ below the threshold, else twice the
    distance to the nearest whole number}
    $$

    As sinabs 3.1 defines it at a threshold of 1: the peaks above the threshold are half as wide as
    the flank below it (Weidel and Sheik 2021 have them alike).

    Examples:
        >>> PeriodicExponential().h(torch.tensor([1.0, 2.0, 3.0])).tolist()
        [1.0, 1.0, 1.0]
    """

    code: ClassVar[int] = 1

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        distance = torch.where(r < 1, 1 - r, 2 * torch.abs(r - torch.floor(r + 0.5)))
        return self.scale * torch.exp(-distance / self.width)

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height."""
        return 1 / self.width, self.scale, 0.0, 0.0, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Heaviside(Surrogate):
    r"""Constant from one window below the threshold upwards: what Speck's own recipes use.

    $$ h(r) = scale \cdot [r \ge 1 - w] $$

    Examples:
        >>> Heaviside(width=1.0).h(torch.tensor([-0.5, 0.0, 9.0])).tolist()
        [0.0, 1.0, 1.0]
    """

    code: ClassVar[int] = 2

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        return self.scale * (r >= 1 - self.width).to(r.dtype)

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height."""
        return 1 - self.width, self.scale, 0.0, 0.0, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Gaussian(Surrogate):
    r"""Normal density around the threshold (Yin, Corradi and Bohté 2021).

    $$ h(r) = scale \cdot \mathcal N(r - 1; 0, w) $$

    Examples:
        >>> round(Gaussian(width=0.4).h(torch.tensor([1.0])).item(), 4)
        0.9974
    """

    code: ClassVar[int] = 3

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        return self.scale * _normal(r - 1, self.width)

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height."""
        return 1 / self.width, self.scale / (self.width * ROOT), 0.0, 0.0, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class MultiGaussian(Surrogate):
    r"""Normal density with a negative lobe on each side (Yin, Corradi and Bohté 2021).

    $$
    h(r) = scale \cdot \left[(1 + a) \mathcal N(r - 1; 0, w)
    - a \mathcal N(r - 1; w, b w) - a \mathcal N(r - 1; -w, b w)\right]
    $$

    Args:
        width: standard deviation w of the middle, in thresholds.
        scale: factor on the gradient.
        lobe_height: a, the weight of the lobes.
        lobe_width: b, how many times wider than the middle they are.

    Raises:
        InvalidInput: a width is not positive, or a number not finite.

    Examples:
        >>> bool(MultiGaussian().h(torch.tensor([9.0])) < 0)
        True
    """

    code: ClassVar[int] = 4

    lobe_height: float = 0.15
    lobe_width: float = 6.0

    def __post_init__(self) -> None:
        Surrogate.__post_init__(self)
        if not (0 < self.lobe_width < math.inf and math.isfinite(self.lobe_height)):
            message = f"lobes of height {self.lobe_height} and width {self.lobe_width}"
            raise InvalidInput(message, hint="0.15 and 6.0 are those of the paper")

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        x, wide = r - 1, self.width * self.lobe_width
        lobes = _normal(x - self.width, wide) + _normal(x + self.width, wide)
        middle = _normal(x, self.width)
        return self.scale * ((1 + self.lobe_height) * middle - self.lobe_height * lobes)

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height of the middle, of the lobes, and how far these are off."""
        wide = self.width * self.lobe_width
        height = self.scale * (1 + self.lobe_height) / (self.width * ROOT)
        return (
            1 / self.width,
            height,
            1 / wide,
            self.scale * self.lobe_height / (wide * ROOT),
            self.width,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FastSigmoid(Surrogate):
    r"""Derivative of a fast sigmoid (Zenke and Ganguli 2018), whose slope is 1 / w.

    $$ h(r) = \frac{scale}{(1 + |r - 1| / w)^2} $$

    Examples:
        >>> FastSigmoid(width=0.25).h(torch.tensor([1.0, 1.25])).tolist()
        [1.0, 0.25]
    """

    code: ClassVar[int] = 5

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        return self.scale / torch.square(1 + torch.abs(r - 1) / self.width)

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height."""
        return 1 / self.width, self.scale, 0.0, 0.0, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ArcTan(Surrogate):
    r"""Derivative of an arc tangent (Fang et al. 2021, their α is 1 / w); its integral is 1.

    $$ h(r) = \frac{scale}{2 w} \cdot \frac{1}{1 + (\pi (r - 1) / 2 w)^2} $$

    Examples:
        >>> ArcTan().h(torch.tensor([1.0])).tolist()
        [1.0]
    """

    code: ClassVar[int] = 6

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        stretched = math.pi / (2 * self.width) * (r - 1)
        return self.scale / (2 * self.width) / (1 + torch.square(stretched))

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height."""
        return math.pi / (2 * self.width), self.scale / (2 * self.width), 0.0, 0.0, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Triangular(Surrogate):
    r"""Triangle around the threshold (Esser et al. 2016; Bellec et al. 2018, with width 1).

    $$ h(r) = scale \cdot \max(0, 1 - |r - 1| / w) $$

    Examples:
        >>> Triangular(width=1.0).h(torch.tensor([0.0, 0.5, 1.0, 3.0])).tolist()
        [0.0, 0.5, 1.0, 0.0]
    """

    code: ClassVar[int] = 7

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        return self.scale * (1 - torch.abs(r - 1) / self.width).clamp_min(0)

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height."""
        return 1 / self.width, self.scale, 0.0, 0.0, 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class StraightThrough(Surrogate):
    r"""Constant everywhere: the count is taken for the ratio itself (Bengio et al. 2013).

    $$ h(r) = scale $$

    Examples:
        >>> StraightThrough().h(torch.tensor([-3.0, 7.0])).tolist()
        [1.0, 1.0]
    """

    code: ClassVar[int] = 8

    def h(self, r: Float[Tensor, "*n"]) -> Float[Tensor, "*n"]:
        """Return ds/dr at a potential of r thresholds."""
        return torch.full_like(r, self.scale)

    @property
    def numbers(self) -> tuple[float, float, float, float, float]:
        """Reach and height."""
        return 0.0, self.scale, 0.0, 0.0, 0.0


SURROGATES: dict[str, type[Surrogate]] = {
    "single-exponential": SingleExponential,
    "periodic-exponential": PeriodicExponential,
    "heaviside": Heaviside,
    "gaussian": Gaussian,
    "multi-gaussian": MultiGaussian,
    "fast-sigmoid": FastSigmoid,
    "arctan": ArcTan,
    "triangular": Triangular,
    "straight-through": StraightThrough,
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


def _normal(x: Float[Tensor, "*n"], deviation: float) -> Float[Tensor, "*n"]:
    """Return the normal density of this standard deviation around zero."""
    stretched = x / deviation
    return torch.exp(-0.5 * stretched * stretched) / (deviation * ROOT)
