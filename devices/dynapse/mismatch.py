r"""One chip of many: every transistor of it a little off, and off for good.

$$ p \leftarrow p \left( 1 + \frac{\text{percent}}{\text{sigmas}} \, \xi \right),
\quad \xi \sim N(0, 1) $$

for each bias current of each neuron and each synapse. ``percent`` is what 99.7 % of devices stay
within where ``sigmas`` is 3, as data sheets and the vendor's simulator say it: 0.3 is a standard
deviation of 10 %.
"""

import hashlib
import math
from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np

from devices.dynapse.net import DynapseNet
from eventstore.errors import InvalidInput, NotFound
from snn.dpi.circuit import CURRENTS
from snn.dpi.inhibition import INHIBITION, names_of_rows

WEIGHTS = "weights"
PARAMETERS = (*CURRENTS, *INHIBITION, WEIGHTS)
"""What may deviate; a network without inhibitory synapses of their own has no currents of them."""

LEAST = 0.05
"""Share of a number that is left at least: currents do not change their sign."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipMismatch:
    """How far parameters of a chip are off.

    Args:
        percent: deviation that ``sigmas`` standard deviations make, as a share: 0.3 is 30 %.
        sigmas: how many standard deviations that is.
        only: parameters that deviate, of `PARAMETERS`; None: all.

    Raises:
        InvalidInput: a number is out of range.
        NotFound: there is no such parameter.

    Examples:
        >>> ChipMismatch().sigma
        0.09999999999999999
    """

    percent: float = 0.3
    sigmas: float = 3.0
    only: tuple[str, ...] | None = None

    def __post_init__(self) -> None:
        if not 0 <= self.percent < math.inf or not 0 < self.sigmas < math.inf:
            message = f"mismatch of {self.percent} at {self.sigmas} standard deviations"
            raise InvalidInput(message, hint="30 % at three sigmas is percent=0.3, sigmas=3")
        for name in self.only or ():
            if name not in PARAMETERS:
                what = "parameter of a chip"
                raise NotFound.among(what, name, PARAMETERS)

    @property
    def sigma(self) -> float:
        """Standard deviation, as a share."""
        return self.percent / self.sigmas

    @property
    def parameters(self) -> Collection[str]:
        """What deviates."""
        return PARAMETERS if self.only is None else self.only


def draw_chip(net: DynapseNet, mismatch: ChipMismatch, seed: int = 0) -> DynapseNet:
    """Return the network as one chip computes it; the same seed is the same chip.

    Each parameter of each layer is drawn from its own stream, so what else deviates, and how far,
    changes no draw.

    Args:
        net: the network as it was meant.
        mismatch: how far what is off.
        seed: number of the chip.

    Examples:
        >>> from snn.dpi.circuit import BiasCurrents, Circuit
        >>> from devices.dynapse.net import Population
        >>> currents = np.array([[v] for v in BiasCurrents.from_times().to_dict().values()])
        >>> one = Population(
        ...     name="a", spiking_name="b", weight=np.ones((1, 1), np.float32), currents=currents
        ... )
        >>> net = DynapseNet(dt=0.001, i_scale=1e-8, circuit=Circuit(), populations=(one,))
        >>> round(float(draw_chip(net, ChipMismatch(), 3).populations[0].weight[0, 0]), 3)
        0.83
    """

    def share(layer: str, parameter: str, shape: tuple[int, ...]) -> np.ndarray | float:
        if parameter.split("/", maxsplit=1)[0] not in mismatch.parameters:
            return 1.0
        drawn = stream(seed, layer, parameter).standard_normal(shape)
        return np.maximum(1 + mismatch.sigma * drawn, LEAST)

    populations = []
    for one in net.populations:
        names = names_of_rows(len(one.currents))
        shares = [share(one.spiking_name, name, (one.n_neurons,)) for name in names]
        currents = np.stack([row * s for row, s in zip(one.currents, shares, strict=True)])
        weight = one.weight * share(one.name, WEIGHTS, one.weight.shape)
        recurrent = one.recurrent
        if recurrent is not None:
            off = share(one.spiking_name, f"{WEIGHTS}/recurrent", recurrent.shape)
            recurrent = (recurrent * off).astype(np.float32)
        drawn = replace(
            one, currents=currents, weight=weight.astype(np.float32), recurrent=recurrent
        )
        populations.append(drawn)
    return replace(net, populations=tuple(populations))


def stream(seed: int, *names: str) -> np.random.Generator:
    """Return the generator of one parameter of one chip.

    Examples:
        >>> stream(0, "a").random() == stream(0, "a").random(), stream(0, "b").random() < 1
        (True, True)
    """
    digest = hashlib.sha256(repr((seed, names)).encode()).digest()
    return np.random.default_rng(int.from_bytes(digest[:8], "little"))
