"""Pictures of events at several times, side by side."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float64, Int64, UInt8

from eventstore.errors import InvalidInput
from eventstore.events import Events, Sensor
from eventstore.frame_kernels import add_frames
from eventstore.plot.looks import HUES, INK, axes_for, finite_span
from eventstore.plot.subject import Drawable, subject_of
from eventstore.video.colours import hues_and_shares

if TYPE_CHECKING:
    from matplotlib.axes import Axes

MOST_TILES = 100


def frames(
    source: Drawable,
    *,
    n: int = 8,
    window_us: int | None = None,
    sensor: Sensor | None = None,
    ax: "Axes | None" = None,
) -> "Axes":
    """Draw pictures at times spread evenly over a recording: ON blue, OFF orange, both violet.

    Args:
        source: events of a camera, or a recording of one.
        n: number of pictures.
        window_us: how long each gathers events; up to the next, and at most 33 ms, where None.
        sensor: where the events lie; the smallest that holds them where it is not known.
        ax: axes to draw on; new ones where None.

    Raises:
        InvalidInput: the events are of sound, or there are no or too many pictures.

    Examples:
        >>> import matplotlib.pyplot as plt
        >>> ax = frames(Events.of(t=[0, 90], x=[1, 2], y=[0, 1]), n=2)
        >>> [text.get_text() for text in ax.texts]
        ['0 ms', '0.045 ms']
        >>> plt.close(ax.figure)
    """
    if not 1 <= n <= MOST_TILES or (window_us is not None and window_us < 1):
        message = f"no sheet of {n} pictures of {window_us} µs each"
        raise InvalidInput(message, hint=f"draw 1 to {MOST_TILES}, each of some µs or more")
    events, place = subject_of(source, sensor)
    if place.modality == "audio":
        message = "events of a cochlea have no place in a picture"
        raise InvalidInput(message, hint="draw them with plot.raster")
    start, stop = finite_span(events.t)
    open_us = window_us or max(1, min(33_000, (stop - start) // n))
    begins = start + (max(stop - start, 1) * np.arange(n, dtype=np.int64)) // n
    tiles = _colours(_counts(events, place, begins, open_us))
    columns = _columns(n, place)
    axes = axes_for(ax, size=_size(n, columns, place))
    _draw(axes, tiles, columns, [f"{_ms(at - start)} ms" for at in begins.tolist()])
    axes.set_title(f"{len(events):,} events; each picture gathers {_ms(open_us)} ms")
    return axes


def _counts(
    events: Events, place: Sensor, begins: Int64[np.ndarray, " n"], open_us: int
) -> UInt8[np.ndarray, "n h w"]:
    pixels = np.zeros((len(begins), place.height, place.width), np.uint8)
    t = np.maximum.accumulate(events.t)
    first, last = np.searchsorted(t, begins), np.searchsorted(t, begins + open_us)
    add_frames((events.x, events.y, events.p), first, last, pixels)
    return pixels


def _colours(pixels: UInt8[np.ndarray, "n h w"]) -> Float64[np.ndarray, "n h w 4"]:
    """Return colours on a clear ground; few pixels have more than the full one."""
    most = np.maximum(pixels >> 4, pixels & 15)
    seen = most[most > 0]
    hue, share = hues_and_shares(int(np.quantile(seen, 0.9)) if len(seen) else 1)
    table = np.concatenate([np.array(HUES)[hue], share[:, None]], axis=1)
    return np.asarray(table[pixels])


def _columns(n: int, place: Sensor) -> int:
    """Return how many pictures lie beside each other, so that the sheet is wider than high."""
    wanted = np.sqrt(1.8 * n * place.height / place.width)
    return int(np.clip(np.ceil(wanted), min(n, 2), n))


def _size(n: int, columns: int, place: Sensor) -> tuple[float, float]:
    rows = -(-n // columns)
    tile = 9.0 / columns
    return 9.0, min(0.5 + rows * (tile * place.height / place.width + 0.25), 14.0)


def _draw(
    axes: "Axes", tiles: Float64[np.ndarray, "n h w 4"], columns: int, words: list[str]
) -> None:
    from matplotlib.patches import Rectangle

    n, height, width, _ = tiles.shape
    rows = -(-n // columns)
    right, down = width * 1.04, height + width * 0.04 + 0.09 * width * columns / 4
    for k, (tile, word) in enumerate(zip(tiles, words, strict=True)):
        x, y = (k % columns) * right, (k // columns) * down
        axes.imshow(tile, extent=(x, x + width, y + height, y), interpolation="antialiased")
        axes.add_patch(Rectangle((x, y), width, height, fill=False, lw=0.6, ec=INK, alpha=0.5))
        axes.text(x, y - 0.01 * width, word, color=INK, fontsize=8, va="bottom")
    axes.set_xlim(-0.01 * width, columns * right)
    axes.set_ylim(rows * down, -0.09 * width * columns / 4)
    axes.set_aspect("equal")
    axes.set_axis_off()


def _ms(us: int) -> str:
    return f"{us / 1_000:,.4g}"
