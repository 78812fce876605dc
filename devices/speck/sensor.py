"""The sensor layer: what the chip does with its camera's events before the first core.

In this order, as the data sheet draws it (§3.2.3): polarities are merged, then the map is pooled,
cropped, mirrored, and at last rows and columns change places. Each is a change of an event's
address: events are moved or dropped, none is added up. Frames of counts are sums over the same
windows, so both give the same. The result goes to at most two cores.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Int64, Shaped

from devices.nodes import Pair
from eventstore.errors import InvalidInput
from eventstore.events import Events

SENSOR_EDGE = 128
"""Rows and columns of the camera [data sheet §2.2]."""

POOLS = (1, 2, 4)


@dataclass(frozen=True, slots=True, kw_only=True)
class SensorLayer:
    """What happens to the addresses of the camera's events.

    Args:
        merge_polarities: whether both polarities become one feature.
        pool: edges of the windows that become one pixel, (y, x): 1, 2 or 4.
        crop: region kept after pooling: top, left, bottom, right, the last two not in it; None:
            all of it.
        flip_x: whether columns run backwards.
        flip_y: whether rows run backwards.
        swap_axes: whether rows and columns change places, after all else.

    Raises:
        InvalidInput: a pooling that the chip does not have, or a region that is not on the map.

    Examples:
        >>> SensorLayer(pool=(4, 4), crop=(1, 1, 31, 31)).output_shape
        (2, 30, 30)
        >>> SensorLayer(merge_polarities=True, crop=(0, 0, 20, 60), swap_axes=True).output_shape
        (1, 60, 20)
    """

    merge_polarities: bool = False
    pool: Pair = (1, 1)
    crop: tuple[int, int, int, int] | None = None
    flip_x: bool = False
    flip_y: bool = False
    swap_axes: bool = False

    def __post_init__(self) -> None:
        if any(edge not in POOLS for edge in self.pool):
            message = f"the sensor layer cannot pool by {self.pool[0]} × {self.pool[1]}"
            raise InvalidInput(message, hint=f"edges are {', '.join(map(str, POOLS))}")
        rows, columns = (SENSOR_EDGE // edge for edge in self.pool)
        top, left, bottom, right = self.region
        if not (0 <= top < bottom <= rows and 0 <= left < right <= columns):
            message = f"crop (top, left, bottom, right) = {self.region} is not on the pooled map "
            message += f"of {rows} × {columns}"
            raise InvalidInput(message, hint="crop counts pixels after pooling")

    @property
    def region(self) -> tuple[int, int, int, int]:
        """Region kept after pooling: top, left, bottom, right."""
        rows, columns = (SENSOR_EDGE // edge for edge in self.pool)
        return self.crop or (0, 0, rows, columns)

    @property
    def output_shape(self) -> tuple[int, int, int]:
        """Shape ``(C, H, W)`` of what the first cores receive."""
        top, left, bottom, right = self.region
        shape = (bottom - top, right - left)
        rows, columns = shape[::-1] if self.swap_axes else shape
        return (1 if self.merge_polarities else 2, rows, columns)

    def events(self, events: Events) -> Int64[np.ndarray, "n 4"]:
        """Return a table of events as rows (t, feature, y, x), in order, some dropped.

        Raises:
            InvalidInput: an event is outside the camera.

        Examples:
            >>> layer = SensorLayer(pool=(2, 2), flip_x=True)
            >>> layer.events(Events.of(t=[7], x=[1], y=[5], p=[1])).tolist()
            [[7, 1, 2, 63]]
        """
        outside = np.flatnonzero((events.x >= SENSOR_EDGE) | (events.y >= SENSOR_EDGE))
        if len(outside):
            at = int(outside[0])
            message = f"event {at} at x = {events.x[at]}, y = {events.y[at]} is outside the "
            message += f"{SENSOR_EDGE} × {SENSOR_EDGE} camera ({len(outside)} of {len(events)} are)"
            raise InvalidInput(message, hint="crop or scale recordings of larger cameras first")
        top, left, bottom, right = self.region
        y = events.y.astype(np.int64) // self.pool[0]
        x = events.x.astype(np.int64) // self.pool[1]
        kept = (y >= top) & (y < bottom) & (x >= left) & (x < right)
        y = bottom - 1 - y if self.flip_y else y - top
        x = right - 1 - x if self.flip_x else x - left
        feature = np.zeros_like(x) if self.merge_polarities else events.p.astype(np.int64)
        y, x = (x, y) if self.swap_axes else (y, x)
        rows: np.ndarray = np.stack([events.t, feature, y, x], axis=1)[kept]
        return rows

    def frames(self, frames: Shaped[np.ndarray, "*b 2 128 128"]) -> Shaped[np.ndarray, "*b c y x"]:
        """Return frames of counts of the whole camera as the first cores receive them.

        Counts are added up in integers wide enough, so the dtype may be a wider one.

        Raises:
            InvalidInput: frames of another shape.

        Examples:
            >>> int(SensorLayer(pool=(4, 4)).frames(np.ones((2, 128, 128), np.uint8)).max())
            16
        """
        shape = (2, SENSOR_EDGE, SENSOR_EDGE)
        if frames.shape[-3:] != shape:
            message = f"frames of shape {frames.shape} do not end in {shape}, (polarity, y, x)"
            raise InvalidInput(message, hint="make frames of the whole camera")
        if self.merge_polarities:
            frames = frames.sum(axis=-3, keepdims=True)
        rows, columns = (SENSOR_EDGE // edge for edge in self.pool)
        windows = (*frames.shape[:-2], rows, self.pool[0], columns, self.pool[1])
        pooled = frames.reshape(windows).sum(axis=(-3, -1))
        top, left, bottom, right = self.region
        kept = pooled[..., top:bottom, left:right]
        kept = kept[..., ::-1, :] if self.flip_y else kept
        kept = kept[..., ::-1] if self.flip_x else kept
        return np.ascontiguousarray(kept.swapaxes(-1, -2) if self.swap_axes else kept)
