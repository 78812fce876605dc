r"""Move a still image before a camera as N-MNIST was recorded, so that it makes events.

Orchard et al. 2015 (doi:10.3389/fnins.2015.00437) pan and tilt the sensor along an isosceles
triangle, three saccades of 100 ms. On the sensor the image moves right and down, right and up, then
straight back; its centre in N-MNIST's recordings goes about 2.5 pixels each way.
"""

import numpy as np
from jaxtyping import Float, Int64

from eventstore.errors import InvalidInput

SACCADE_US = 100_000
CORNERS = np.array([(-1.0, -1.0), (0.0, 1.0), (1.0, -1.0), (-1.0, -1.0)])
"""Corners of the image's path (x right, y down) in units of the amplitude."""


def saccade_path(
    times_us: Int64[np.ndarray, " n"], amplitude_px: float = 2.5
) -> Float[np.ndarray, "n 2"]:
    r"""Return the shift (x, y) in pixels at each time of the three saccades.

    Each leg starts and ends at rest along the minimum-jerk profile of smooth movements (Flash and
    Hogan 1985), $s = 10\tau^3 - 15\tau^4 + 6\tau^5$.

    Examples:
        >>> saccade_path(np.array([0, 100_000]), 2.0).tolist()
        [[-2.0, -2.0], [0.0, 2.0]]
    """
    leg = np.clip(times_us // SACCADE_US, 0, len(CORNERS) - 2)
    tau = np.clip(times_us / SACCADE_US - leg, 0.0, 1.0)[:, None]
    done = tau**3 * (10 + tau * (6 * tau - 15))
    shift: np.ndarray = amplitude_px * (CORNERS[leg] + done * (CORNERS[leg + 1] - CORNERS[leg]))
    return shift


def saccade_video(
    image: Float[np.ndarray, "h w"],
    size: int = 34,
    *,
    amplitude_px: float = 2.5,
    background: float = 0.2,
    frame_us: int = 3_000,
) -> tuple[Float[np.ndarray, "n size size"], Int64[np.ndarray, " n"]]:
    """Render an image moving along the three saccades; ``events_from_video`` makes events of it.

    The image is a cubic B-spline surface through its pixels as control points, so it scales to any
    size, is smooth, and moves by fractions of a pixel exactly.

    Args:
        image: intensities from 0 up, scaled so that its brightest is white.
        size: rows and columns of the sensor.
        amplitude_px: reach of the motion each way; the image fills the sensor less this margin.
        background: intensity of black, as a screen's black is not dark; 0 … 1.
        frame_us: time between frames.

    Returns: frames of linear intensity in 0 … 1, and the time of each in µs.

    Examples:
        >>> frames, times_us = saccade_video(np.eye(8))
        >>> frames.shape, int(times_us[-1])
        ((101, 34, 34), 300000)
    """
    _check_scene(image, size, amplitude_px, frame_us)
    times_us = np.arange(0, 3 * SACCADE_US + 1, frame_us, dtype=np.int64)
    path = saccade_path(times_us, amplitude_px)
    span = size - 2 * amplitude_px
    across = _spline_weights(image.shape[1], size, span, path[:, 0])
    down = _spline_weights(image.shape[0], size, span, path[:, 1])
    surface = down @ image.astype(np.float64) @ across.transpose(0, 2, 1)
    peak = float(surface.max())
    lit = surface / peak if peak > 0 else surface
    return background + (1.0 - background) * lit, times_us


def _spline_weights(
    samples: int, size: int, span: float, shift: Float[np.ndarray, " n"]
) -> Float[np.ndarray, "n size samples"]:
    """Weight of each image sample at each sensor pixel, for each shift."""
    pitch = span / samples
    pixel = np.arange(size) + 0.5
    centre = size / 2 + (np.arange(samples) + 0.5 - samples / 2) * pitch
    distance = (pixel[None, :, None] - centre[None, None, :] - shift[:, None, None]) / pitch
    return _cubic_b_spline(np.abs(distance))


def _cubic_b_spline(u: np.ndarray) -> np.ndarray:
    """Evaluate the cubic B-spline at |u|: support 2, sums to 1 over the integers."""
    near = 2 / 3 - u**2 * (1 - u / 2)
    far = np.maximum(2 - u, 0.0) ** 3 / 6
    return np.where(u < 1, near, far)


def _check_scene(image: np.ndarray, size: int, amplitude_px: float, frame_us: int) -> None:
    if image.ndim != 2 or image.size == 0 or float(image.min()) < 0:
        message = f"an image is (height, width) of intensities from 0 up, not {image.shape}"
        raise InvalidInput(message, hint="pass one grey image")
    span = size - 2 * amplitude_px
    if span < max(image.shape):
        message = f"{max(image.shape)} image pixels do not fit the {span:g} sensor pixels left"
        raise InvalidInput(message, hint="use a larger sensor, or scale the image down first")
    if not 0 < frame_us <= SACCADE_US:
        message = f"frame_us {frame_us} is outside 1 … {SACCADE_US}"
        raise InvalidInput(message, hint="3,000 µs moves less than half a pixel a frame")
