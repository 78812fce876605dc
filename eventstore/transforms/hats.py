"""HATS: averaged local time surfaces, one a cell of pixels and polarity."""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64

from eventstore.errors import InvalidInput
from eventstore.events import COORDINATE_LIMIT, Sensor
from eventstore.jit import kernel
from eventstore.transforms.batch import EventBatch, off_sensor
from eventstore.transforms.protocol import Frames, Spec, set_integer


@dataclass(frozen=True, slots=True, kw_only=True)
class AveragedTimeSurface:
    r"""Average, over the events of each cell and polarity, what lately happened around them.

    The sensor is cut into cells of ``cell_size`` × ``cell_size`` pixels, those at the right and
    bottom perhaps smaller. Around the event i of a cell, at offsets z of up to ``radius`` pixels,

    $$ T_i(z) = \sum_j e^{-(t_i - t_j) / \tau} $$

    over the events j of the same cell and polarity at $x_i + z$, where
    $t_i - \Delta t \le t_j < t_i$: the event itself is no part of it. The cell shows the mean of
    $T_i$ over its events of that polarity; 0 where it has none. A. Sironi et al., "HATS: histograms
    of averaged time surfaces for robust event-based object classification", CVPR 2018.

    The one frame has the planes ``cell · polarities + p``, cells counted along the rows from the
    top, each of (2·radius + 1)² values.

    Args:
        cell_size: side of a cell, in pixels.
        radius: how far around an event to look, in pixels.
        time_window_us: Δt, how far back to look.
        tau_us: time constant τ.

    Examples:
        >>> stage = AveragedTimeSurface(
        ...     cell_size=10, radius=3, time_window_us=100_000, tau_us=50_000
        ... )
        >>> stage.out_spec(Spec("events", Sensor(34, 34))).shape
        (1, 32, 7, 7)
    """

    cell_size: int
    radius: int
    time_window_us: int
    tau_us: int

    def __post_init__(self) -> None:
        set_integer(self, "cell_size", minimum=1, maximum=COORDINATE_LIMIT)
        set_integer(self, "radius", minimum=0, maximum=1 << 10)
        set_integer(self, "time_window_us", minimum=1)
        set_integer(self, "tau_us", minimum=1, maximum=1 << 40)

    def out_spec(self, spec: Spec) -> Spec:
        """Return one frame of a plane a cell and polarity; audio has no squares to look at."""
        sensor = spec.sensor
        if sensor.modality == "audio":
            message = "averaged time surfaces are of squares of pixels, and audio has one row"
            raise InvalidInput(message, hint="use TimeSurface or DecaySurface")
        cells = -(-sensor.width // self.cell_size) * -(-sensor.height // self.cell_size)
        side = 2 * self.radius + 1
        return Spec("array", sensor, (1, cells * sensor.polarities, side, side), real=True)

    def frame_counts(self, batch: EventBatch) -> Int64[np.ndarray, " b"]:
        """Return 1 for every sample, also for empty ones."""
        return np.ones(len(batch), np.int64)

    def write(self, batch: EventBatch, sensor: Sensor, out: Frames) -> None:
        """Fill ``out`` with the surfaces."""
        self.out_spec(Spec("events", sensor)).check_dtype(out.dtype.name)
        longest = int(np.diff(batch.offsets).max(initial=0))
        # The events of one sample, sorted by cell and polarity: x, y, t; and where each begins.
        by_cell = np.empty((3, longest), np.int64)
        begins = np.empty(out.shape[2] + 1, np.int64)
        grid = (self.cell_size, sensor.width, sensor.height)
        decay = (self.time_window_us, float(self.tau_us))
        cuts = (batch.offsets, grid)
        bad = _average(batch.events.arrays(), cuts, (by_cell, begins), decay, out)
        if bad >= 0:
            raise off_sensor(batch, bad, sensor)


Grid = tuple[int, int, int]
Columns = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


@kernel
def _average(
    columns: Columns,
    cuts: tuple[np.ndarray, Grid],
    scratch: tuple[np.ndarray, np.ndarray],
    decay: tuple[int, float],
    out: np.ndarray,
) -> int:
    offsets, grid = cuts
    by_cell, begins = scratch
    side = out.shape[3]
    total = np.empty((side, side), np.float64)
    size, width, height = grid
    # One cell, with a border as wide as the radius where nothing ever is.
    shape = (min(size, height) + side - 1, min(size, width) + side - 1)
    memory, n_held = np.empty(shape, np.float64), np.empty(shape, np.int64)
    for b in range(len(offsets) - 1):
        bad = _sort(columns, (offsets[b], offsets[b + 1]), grid, by_cell, begins)
        if bad >= 0:
            return bad
        for cell in range(len(begins) - 1):
            begin, end = begins[cell], begins[cell + 1]
            if begin == end:
                out[b, 0, cell] = 0
                continue
            _look_back(by_cell[:, begin:end], decay, memory, n_held, total)
            for row in range(side):
                for column in range(side):
                    out[b, 0, cell, row, column] = total[row, column] / (end - begin)
    return -1


@kernel
def _sort(
    columns: Columns,
    rows: tuple[int, int],
    grid: Grid,
    by_cell: np.ndarray,
    begins: np.ndarray,
) -> int:
    """Sort a sample's events by cell and polarity, and by time in each; returns a bad row or -1."""
    t, x, y, p = columns
    start, stop = rows
    size, width, height = grid
    across = -(-width // size)
    begins[:] = 0
    for i in range(start, stop):
        if x[i] >= width or y[i] >= height or p[i] > 1:
            return i
        begins[((y[i] // size) * across + x[i] // size) * 2 + p[i] + 1] += 1
    for cell in range(1, len(begins)):
        begins[cell] += begins[cell - 1]
    filled = begins[:-1].copy()
    for i in range(start, stop):
        cell = ((y[i] // size) * across + x[i] // size) * 2 + p[i]
        to = filled[cell]
        while to > begins[cell] and by_cell[2, to - 1] > t[i]:  # only where time ran backwards
            by_cell[:, to] = by_cell[:, to - 1]
            to -= 1
        by_cell[0, to], by_cell[1, to], by_cell[2, to] = x[i] % size, y[i] % size, t[i]
        filled[cell] += 1
    return -1


@kernel
def _look_back(
    events: np.ndarray,
    decay: tuple[int, float],
    memory: np.ndarray,
    n_held: np.ndarray,
    total: np.ndarray,
) -> None:
    """Add up the surfaces around each event of one cell and polarity.

    The memory of a pixel is the sum of exp((t_j − origin) / τ) over its events j in the window, so
    that one factor makes it what any later event sees. An event that leaves the window weighs less
    than those that stay, so taking it out again costs no precision.
    """
    x, y, t = events
    window, tau = decay
    side = len(total)
    half = side // 2
    total[:] = memory[:] = 0
    n_held[:] = 0
    origin = t[0]
    entered = left = 0
    for i in range(len(t)):
        if t[i] - origin > 300 * tau:  # exp would overflow at 709
            memory *= np.exp((origin - t[i]) / tau)
            origin = t[i]
        while t[entered] < t[i]:
            memory[y[entered] + half, x[entered] + half] += np.exp((t[entered] - origin) / tau)
            n_held[y[entered] + half, x[entered] + half] += 1
            entered += 1
        while left < entered and t[left] < t[i] - window:
            row, column = y[left] + half, x[left] + half
            n_held[row, column] -= 1
            rest = memory[row, column] - np.exp((t[left] - origin) / tau)
            memory[row, column] = rest if n_held[row, column] else 0.0
            left += 1
        factor = np.exp((origin - t[i]) / tau)
        for row in range(side):
            sums, line = total[row], memory[y[i] + row, x[i] : x[i] + side]
            for column in range(side):
                sums[column] += factor * line[column]
