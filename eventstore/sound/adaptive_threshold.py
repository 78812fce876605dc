r"""Divisive normalisation: neurons whose thresholds follow the loudness, in whole numbers.

Of the rectified output $r = |y|$ of each band a first-order low pass keeps the mean, in a register
that holds it with b more bits,

$$m \leftarrow \lfloor M / 2^b \rfloor,\quad M \leftarrow M - m + r$$

and the threshold of the band's neuron is $θ = \max(m, ε)(2^{k_1} - 2^{k_2})$, or the largest of all
bands, so that loudness is divided out and what a band has beside the others stays. The neuron adds
up, $u \leftarrow u + r$, and where $u \ge θ$ it spikes, once, and loses θ. As thresholds may be
fixed instead, one kernel does both. Equations as in rockpool
(``devices/xylo/syns65302/afe/divisive_normalization.py``, ``py_spike_gen``).
"""

from typing import NamedTuple

import numpy as np

from eventstore.jit import kernel


class Thresholds(NamedTuple):
    """Registers of the neurons, all whole numbers.

    Args:
        adaptive: whether thresholds follow the loudness.
        joint: whether all bands have that of the loudest.
        scale_shift: k_1.
        scale_shift_less: k_2.
        window_shift: b; the mean is one of 2^b samples.
        floor: ε, the least mean.
        fixed: threshold where they are not adaptive.
    """

    adaptive: bool
    joint: bool
    scale_shift: int
    scale_shift_less: int
    window_shift: int
    floor: int
    fixed: int


@kernel
def fire(rectified: np.ndarray, registers: Thresholds, means: np.ndarray, sums: np.ndarray) -> None:
    """Advance the neurons of all bands by a sample; replace what they take by their spikes.

    Args:
        rectified: r of each band; becomes 1 where it spikes, else 0.
        registers: of the neurons.
        means: M of each band, moved on.
        sums: u of each band, moved on.
    """
    largest = 0
    if registers.joint:
        for k in range(len(rectified)):
            largest = max(largest, means[k] >> registers.window_shift, registers.floor)
    for k in range(len(rectified)):
        threshold = registers.fixed
        if registers.adaptive:
            mean = means[k] >> registers.window_shift
            means[k] += rectified[k] - mean
            mean = largest if registers.joint else max(mean, registers.floor)
            threshold = (mean << registers.scale_shift) - (mean << registers.scale_shift_less)
        sums[k] += rectified[k]
        spikes = sums[k] >= threshold
        sums[k] -= threshold if spikes else 0
        rectified[k] = 1 if spikes else 0
