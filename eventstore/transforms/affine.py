"""Random turns, stretches, slants and shifts of whole samples, in one step, for augmentation."""

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch, check_on_sensor
from eventstore.transforms.moves import Landed, land, move
from eventstore.transforms.protocol import Seeds, Spec, refuse_audio, set_number
from eventstore.transforms.randomness import uniform

OWN_DRAWS = 6
"""Draws of a sample; those after them are of its events, two each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Affine:
    r"""Turn, stretch, slant and shift each sample as a whole at random, about the sensor's centre.

    With draws uniform over their ranges, the angle $\varphi$ and the rest as below, what lies at
    $(u, v)$ from the centre goes to

    $$ \begin{pmatrix} \cos\varphi & -\sin\varphi \\ \sin\varphi & \cos\varphi \end{pmatrix}
       \begin{pmatrix} 1 & h \\ 0 & 1 \end{pmatrix}
       \begin{pmatrix} s_x u \\ s_y v \end{pmatrix}
       + \begin{pmatrix} d_x \\ d_y \end{pmatrix}. $$

    A pixel is a square, and an event may have come from anywhere in it: where exactly is drawn for
    each event. So parts of pixels are moved, and what is stretched has no empty rows and columns;
    rounding whole pixels would leave some, and with them a pattern that no camera sees. Where all
    ranges are empty nothing changes. What leaves the sensor is dropped.

    Args:
        max_degrees: largest angle $\varphi$ either way, 0 … 180.
        max_scale: largest factor $s_x$ and, drawn apart from it, $s_y$, 1 … 10; the smallest is one
            part in it, and the two ways are as likely: the factor's logarithm is uniform.
        max_slant: largest slant $h$ either way, in columns a row, 0 … 10.
        max_pixels: largest shift $d_x$ and $d_y$ either way; not whole pixels alone.

    Examples:
        >>> Affine(max_degrees=10, max_scale=1.1).out_spec(Spec("events", Sensor(34, 34))).sensor
        Sensor(width=34, height=34, modality='vision')
    """

    random: ClassVar[bool] = True

    max_degrees: float = 0.0
    max_scale: float = 1.0
    max_slant: float = 0.0
    max_pixels: float = 0.0

    def __post_init__(self) -> None:
        set_number(self, "max_degrees", minimum=0, maximum=180)
        set_number(self, "max_scale", minimum=1, maximum=10)
        set_number(self, "max_slant", minimum=0, maximum=10)
        set_number(self, "max_pixels", minimum=0, maximum=COORDINATE_LIMIT - 1)

    def out_spec(self, spec: Spec) -> Spec:
        """Return the same geometry; refuses audio."""
        refuse_audio(self, spec, "has no plane to turn or stretch")
        return spec

    def apply(self, batch: EventBatch, sensor: Sensor, seeds: Seeds) -> EventBatch:
        """Return the moved events that are still on the sensor."""
        check_on_sensor(batch, sensor)
        angle, stretch = math.radians(self.max_degrees), math.log(self.max_scale)
        reach = (angle, stretch, self.max_slant, self.max_pixels)
        return move(batch, seeds, _transform, reach, (sensor.width, sensor.height))


@kernel
def _transform(
    samples: tuple[np.ndarray, np.ndarray],
    pixels: tuple[np.ndarray, np.ndarray],
    landed: Landed,
    reach: tuple[float, float, float, float],
    size: tuple[int, int],
) -> None:
    seeds, offsets = samples
    x, y = pixels
    middle_x, middle_y = size[0] / 2, size[1] / 2
    for b in range(len(seeds)):
        own = seeds[b]
        angle, slant = _either_way(own, 0, reach[0]), _either_way(own, 3, reach[2])
        wide = math.exp(_either_way(own, 1, reach[1]))
        high = math.exp(_either_way(own, 2, reach[1]))
        dx, dy = _either_way(own, 4, reach[3]), _either_way(own, 5, reach[3])
        cos, sin = math.cos(angle), math.sin(angle)
        for i in range(offsets[b], offsets[b + 1]):
            draw = OWN_DRAWS + 2 * (i - offsets[b])
            v = high * (y[i] + _within(own, draw + 1) - middle_y)
            u = wide * (x[i] + _within(own, draw) - middle_x) + slant * v
            column = np.int64(math.floor(middle_x + cos * u - sin * v + dx))
            row = np.int64(math.floor(middle_y + sin * u + cos * v + dy))
            land(landed, i, column, row, size)


@kernel
def _either_way(seed: int, i: int, reach: float) -> float:
    """Return draw ``i`` of a seed, uniform over −reach … reach."""
    return (2 * uniform(seed, i) - 1) * reach


@kernel
def _within(seed: int, i: int) -> float:
    """Return draw ``i`` of a seed as a place in a pixel, off edges that rounding would cross."""
    return 0.0005 + 0.999 * uniform(seed, i)
