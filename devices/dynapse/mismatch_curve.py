"""How right a network is on chips that are all a little different: accuracy over mismatch."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from jaxtyping import Int64, Shaped

from devices.dynapse.mismatch import ChipMismatch, draw_chip
from devices.dynapse.net import DynapseNet
from devices.dynapse.simulate import simulate
from eventstore.errors import InvalidInput
from snn.robustness.curves import Curve, summarise


def accuracy_over_mismatch(
    nets: Sequence[DynapseNet],
    frames: Shaped[np.ndarray, "b t *n"],
    labels: Int64[np.ndarray, " b"],
    *,
    lengths: Int64[np.ndarray, " b"] | None = None,
    sigmas: Sequence[float] = (0.0, 0.1, 0.2),
    mismatch: ChipMismatch | None = None,
    n_chips: int = 20,
    seed: int = 0,
) -> Curve:
    """Return the accuracy of networks over the standard deviation of mismatch.

    Chip k deviates in the same direction at every sigma, so that points compare like with like.
    Each network meets chips of its own; those of another call with the same seed are the same.

    Args:
        nets: networks alike, such as those of several seeds of a training: `CodedNet.decoded`
            for what the chip computes.
        frames: counts of each sample.
        labels: class of each sample.
        lengths: valid steps of each sample; None: all.
        sigmas: standard deviations, rising, as shares; of 0 there is one chip.
        mismatch: which parameters deviate; None: all. Its size is that of ``sigmas``.
        n_chips: chips of each network.
        seed: number of the first chip.

    Raises:
        InvalidInput: there is no network, no chip or no sample.
    """
    for what, count in (("network", len(nets)), ("chip", n_chips), ("sample", len(labels))):
        if count < 1:
            message = f"no {what} to test"
            raise InvalidInput(message, hint="pass at least one")
    which = mismatch or ChipMismatch()
    points = []
    for sigma in sigmas:
        level = replace(which, percent=sigma, sigmas=1.0)
        count = n_chips if sigma else 1
        table = [
            [
                _accuracy(draw_chip(net, level, first + k), frames, labels, lengths)
                for k in range(count)
            ]
            for first, net in zip(itertools.count(seed, n_chips), nets, strict=False)
        ]
        points.append(summarise(sigma, np.array(table)))
    return tuple(points)


def _accuracy(
    net: DynapseNet, frames: np.ndarray, labels: np.ndarray, lengths: np.ndarray | None
) -> float:
    found = simulate(net, frames, lengths).predictions
    return float((found == labels).mean())
