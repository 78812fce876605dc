"""CutMix: a box of one sample in another, for augmentation."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt64

from eventstore.draws import beta, choice, uniform
from eventstore.events import Sensor
from eventstore.fields import check_choice, set_number
from eventstore.jit import kernel
from eventstore.loader.mixing import LabelBy, Regions, draw_regions
from eventstore.transforms.batch import EventBatch

ALPHA_MIN, ALPHA_MAX = 1e-3, 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class CutMix:
    r"""Put the events that a box holds of the sample before in the place of a sample's own there.

    S. Yun et al., "CutMix: Regularization strategy to train strong classifiers with localizable
    features" (ICCV 2019), on events. The box takes a share $r \sim Beta(α, α)$ of the sensor: its
    sides are $\sqrt{r}$ of the sensor's, with ``in_time`` $\sqrt[3]{r}$ of the sensor's and the
    window's. It is centred anywhere, and what hangs over the edges is cut off. For audio it is a
    band of channels.

    Args:
        probability: how likely a sample is mixed.
        alpha: α; 1 makes all shares equally likely, less makes very small and large ones likelier.
        in_time: the box has a beginning and an end in time; otherwise it takes the whole window.
        label_by: the partner's share of the label. ``"region"``: share of the sensor (and window)
            that the box takes, as in the paper. ``"events"``: share of events kept, for scenes much
            of which is empty.

    Examples:
        >>> CutMix(probability=0.5).label_by
        'region'
    """

    probability: float = 1.0
    alpha: float = 1.0
    in_time: bool = False
    label_by: LabelBy = "region"

    def __post_init__(self) -> None:
        set_number(self, "probability", minimum=0, maximum=1)
        set_number(self, "alpha", minimum=ALPHA_MIN, maximum=ALPHA_MAX)
        check_choice(self, "in_time", (False, True))
        check_choice(self, "label_by", ("region", "events"))

    def regions(
        self, batch: EventBatch, sensor: Sensor, seeds: UInt64[np.ndarray, " b"]
    ) -> Regions:
        """Return a box a sample, for those that are mixed."""
        settings = (self.probability, self.alpha, self.in_time)
        return draw_regions(_cut, batch, sensor, seeds, settings)


@kernel
def box_side(draws: tuple[int, int], share: float, size: int) -> tuple[int, int]:
    """Return where a side of a box begins and ends on an axis of so many pixels, or µs.

    Args:
        draws: a seed, and the draw to use.
        share: of the axis, before the edges cut it.
        size: length of the axis.
    """
    side = math.floor(share * size + 0.5)
    low = choice(draws[0], draws[1], size) - side // 2
    return max(low, 0), min(low + side, size)


@kernel
def _cut(
    samples: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    size: tuple[int, int],
    settings: tuple[float, float, bool],
    found: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    seeds, offsets, t_start, t_stop = samples
    t, x, y = columns
    leaves, enters, share = found
    probability, alpha, in_time = settings
    # The only row of a sensor is always hit.
    n_axes = (size[0] > 1) + (size[1] > 1) + in_time
    for b in range(1, len(seeds)):
        if uniform(seeds[b], 0) >= probability:
            continue
        duration = t_stop[b] - t_start[b]
        part = beta(seeds[b], 8, alpha) ** (1.0 / max(n_axes, 1))
        left, right = box_side((seeds[b], 1), part, size[0]) if size[0] > 1 else (0, 1)
        top, bottom = box_side((seeds[b], 2), part, size[1]) if size[1] > 1 else (0, 1)
        begin, end = 0, duration
        if in_time and duration > 0:
            begin, end = box_side((seeds[b], 3), part, duration)
        share[b] = (right - left) / size[0] * (bottom - top) / size[1]
        if in_time:
            share[b] *= (end - begin) / max(duration, 1)
        box = (begin, end, left, right, top, bottom)
        own = slice(offsets[b], offsets[b + 1])
        other = slice(offsets[b - 1], offsets[b])
        _in_box((t[own], x[own], y[own]), t_start[b], box, leaves[own])
        _in_box((t[other], x[other], y[other]), t_start[b - 1], box, enters[other])


@kernel
def _in_box(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    t_start: int,
    box: tuple[int, int, int, int, int, int],
    mask: np.ndarray,
) -> None:
    t, x, y = columns
    begin, end, left, right, top, bottom = box
    for i in range(len(t)):
        after, column, row = t[i] - t_start, np.int64(x[i]), np.int64(y[i])
        # Without and and or there is no branch to mispredict.
        in_time = (after >= begin) & (after < end)
        mask[i] = in_time & (column >= left) & (column < right) & (row >= top) & (row < bottom)
