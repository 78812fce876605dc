"""EventMix: a random part of one sample's space and time in another, for augmentation."""

import math
from dataclasses import dataclass

import numpy as np
from jaxtyping import UInt64

from eventstore.draws import beta, uniform
from eventstore.events import Sensor
from eventstore.fields import check_choice, set_integer, set_number
from eventstore.jit import kernel
from eventstore.loader.cut_mix import ALPHA_MAX, ALPHA_MIN
from eventstore.loader.mixing import LabelBy, Regions, draw_regions
from eventstore.transforms.batch import EventBatch

CELLS, STEPS = 32, 16
"""Regions are made of at most so many cells along x and along y, and of so many steps of a window:
as fine as the frames that most networks see."""

GRID = 8
"""Their size is set on so many cells along each of x, y and t."""


@dataclass(frozen=True, slots=True, kw_only=True)
class EventMix:
    r"""Put the events of a random region of the sample before in the place of a sample's own there.

    G. Shen, D. Zhao & Y. Zeng, "EventMix: An efficient data augmentation strategy for event-based
    learning" (Information Sciences, 2023). The region is where a sum of Gaussians in (x, y, t),
    each $w \exp(-\tfrac12 \sum_a ((a - μ_a) / σ_a)^2)$, is highest, as much as makes it a share
    $r \sim Beta(α, α)$ of sensor and window. Weights and centres are uniform, widths uniform
    between 0.05 and 0.5 of the sensor and of the window. For audio, y has no say.

    Args:
        probability: how likely a sample is mixed.
        alpha: α; 1 makes all shares equally likely, less makes very small and large ones likelier.
        n_gaussians: how many Gaussians are summed.
        label_by: the partner's share of the label. ``"events"``: with a share a of the sample's
            events kept, and b of its partner's, b / (a + b), as in the paper. ``"region"``: the
            share of sensor and window that the region takes.

    Examples:
        >>> EventMix(probability=0.5).label_by
        'events'
    """

    probability: float = 1.0
    alpha: float = 1.0
    n_gaussians: int = 3
    label_by: LabelBy = "events"

    def __post_init__(self) -> None:
        set_number(self, "probability", minimum=0, maximum=1)
        set_number(self, "alpha", minimum=ALPHA_MIN, maximum=ALPHA_MAX)
        set_integer(self, "n_gaussians", minimum=1, maximum=64)
        check_choice(self, "label_by", ("events", "region"))

    def regions(
        self, batch: EventBatch, sensor: Sensor, seeds: UInt64[np.ndarray, " b"]
    ) -> Regions:
        """Return a region a sample, for those that are mixed."""
        settings = (self.probability, self.alpha, self.n_gaussians)
        return draw_regions(_mix, batch, sensor, seeds, settings)


@kernel
def gaussians(seed: int, axis: int, n_gaussians: int, n_cells: int) -> np.ndarray:
    """Draw Gaussians, and return each one's values along one axis, a row a Gaussian.

    Args:
        seed: the seed.
        axis: 0 x, 1 y, 2 t; weights go with x.
        n_gaussians: how many.
        n_cells: cells along the axis. An axis of one has no say.
    """
    out = np.empty((n_gaussians, n_cells))
    for g in range(n_gaussians):
        first = 64 + 8 * g
        weight = uniform(seed, first) if axis == 0 else 1.0
        centre = uniform(seed, first + 1 + axis)
        width = 0.05 + 0.45 * uniform(seed, first + 4 + axis)
        for a in range(n_cells):
            away = ((a + 0.5) / n_cells - centre) / width if n_cells > 1 else 0.0
            out[g, a] = weight * math.exp(-0.5 * away * away)
    return out


@kernel
def densities(tables: tuple[np.ndarray, np.ndarray, np.ndarray], out: np.ndarray) -> None:
    """Write the sum of the Gaussians at each cell.

    Args:
        tables: the Gaussians along x, y and t.
        out: cells along x, y and t.
    """
    along_x, along_y, along_t = tables
    for i in range(out.shape[0]):
        for j in range(out.shape[1]):
            here = out[i, j]
            here[:] = 0.0
            for g in range(len(along_t)):
                height = along_x[g, i] * along_y[g, j]
                for k in range(len(here)):
                    here[k] += height * along_t[g, k]


@kernel
def threshold(density: np.ndarray, share: float) -> float:
    """Return the density from which on a cell is in the region.

    Args:
        density: of each cell.
        share: of all cells; met on a coarser grid.
    """
    n_x, n_y, n_t = density.shape
    points = np.empty(GRID**3)
    for k in range(GRID**3):
        i = (2 * (k % GRID) + 1) * n_x // (2 * GRID)
        j = (2 * (k // GRID % GRID) + 1) * n_y // (2 * GRID)
        points[k] = density[i, j, (2 * (k // GRID**2) + 1) * n_t // (2 * GRID)]
    n_in = math.floor(share * len(points) + 0.5)
    if n_in == 0:
        return math.inf
    smallest: float = np.partition(points, len(points) - n_in)[len(points) - n_in]
    return smallest


@kernel
def _mix(
    samples: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray],
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    size: tuple[int, int],
    settings: tuple[float, float, int],
    found: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> None:
    seeds, offsets, t_start, t_stop = samples
    t, x, y = columns
    leaves, enters, share = found
    probability, alpha, n = settings
    density = np.empty((min(size[0], CELLS), min(size[1], CELLS), STEPS))
    region = np.empty(density.shape, np.bool_)
    for b in range(1, len(seeds)):
        if uniform(seeds[b], 0) >= probability:
            continue
        along_x = gaussians(seeds[b], 0, n, density.shape[0])
        along_y = gaussians(seeds[b], 1, n, density.shape[1])
        densities((along_x, along_y, gaussians(seeds[b], 2, n, STEPS)), density)
        least = threshold(density, beta(seeds[b], 1 << 20, alpha))
        share[b] = _select(density.reshape(-1), least, region.reshape(-1))
        duration = t_stop[b] - t_start[b]
        own = slice(offsets[b], offsets[b + 1])
        other = slice(offsets[b - 1], offsets[b])
        window = (t_start[b], duration)
        _in_region((t[own], x[own], y[own]), window, size, region, leaves[own])
        window = (t_start[b - 1], duration)
        _in_region((t[other], x[other], y[other]), window, size, region, enters[other])


@kernel
def _select(density: np.ndarray, least: float, region: np.ndarray) -> float:
    n = 0
    for i in range(len(density)):
        region[i] = density[i] >= least
        n += region[i]
    return n / len(density)


@kernel
def _in_region(
    columns: tuple[np.ndarray, np.ndarray, np.ndarray],
    window: tuple[int, int],
    size: tuple[int, int],
    region: np.ndarray,
    mask: np.ndarray,
) -> None:
    t, x, y = columns
    t_start, duration = window
    n_x, n_y, n_t = region.shape
    cells = region.reshape(-1)
    column = np.arange(size[0]) * n_x // size[0] * n_y * n_t
    row = np.arange(size[1]) * n_y // size[1] * n_t
    steps = n_t / max(duration, 1)
    # Times ascend: what lies in the window of the other sample is the first so many.
    n = np.searchsorted(t, t_start + duration)
    for i in range(n):
        step = min(int((t[i] - t_start) * steps), n_t - 1)
        mask[i] = cells[column[x[i]] + row[y[i]] + step]
    mask[n:] = False
