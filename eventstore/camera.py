r"""An event camera in software: video in, events out.

Each pixel follows the logarithm of its intensity, $L = \ln(I + \epsilon)$, and holds a
reference level $L_{ref}$. It fires, and moves its reference, when (Rebecq, Gehrig,
Scaramuzza 2018, "ESIM")

$$ p\,(L(t) - L_{ref}) \ge \theta_p; \qquad L_{ref} \leftarrow L_{ref} + p\,\theta_p $$

Between two frames L runs linearly, so every crossing has a time of its own. What makes a sensor out
of this is from Hu, Liu, Delbruck 2021, "v2e": thresholds that differ from pixel to pixel,
$\theta \sim N(C, \sigma)$; a leak that makes quiet pixels fire ON now and then; background
events at random; and a refractory time in which a pixel's events are lost.
"""

from dataclasses import asdict, dataclass, fields

import numpy as np
from jaxtyping import Float, Int64

from eventstore.errors import InvalidInput, NotFound
from eventstore.events import Events
from eventstore.jit import kernel

THRESHOLD_FLOOR = 0.01
"""No pixel is more sensitive than this; bounds the number of events per frame (as in v2e)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraModel:
    """What a simulated sensor is like; the defaults are a good sensor by day.

    Args:
        contrast_threshold: change of log intensity that makes an event, C.
        threshold_sigma: its standard deviation from pixel to pixel, σ.
        refractory_us: time after an event in which the pixel's events are lost.
        leak_rate_hz: ON events per second of a pixel that sees no change.
        noise_rate_hz: background events per second and pixel, of either polarity.
        log_floor: intensity ε added before the logarithm, where 1 is white.

    Raises:
        InvalidInput: a value is out of range.

    Examples:
        >>> CameraModel(contrast_threshold=0.3).to_dict()["contrast_threshold"]
        0.3
    """

    contrast_threshold: float = 0.2
    threshold_sigma: float = 0.03
    refractory_us: int = 500
    leak_rate_hz: float = 0.1
    noise_rate_hz: float = 0.1
    log_floor: float = 0.02

    def __post_init__(self) -> None:
        if self.contrast_threshold < THRESHOLD_FLOOR:
            message = f"contrast_threshold {self.contrast_threshold} is below {THRESHOLD_FLOOR}"
            raise InvalidInput(message, hint="sensors lie between 0.1 and 0.5")
        if self.log_floor <= 0:
            message = f"log_floor {self.log_floor} is not positive, black would be minus infinity"
            raise InvalidInput(message, hint="use 0.001 to 0.1")
        for name in ("threshold_sigma", "refractory_us", "leak_rate_hz", "noise_rate_hz"):
            if getattr(self, name) < 0:
                message = f"{name} {getattr(self, name)} is negative"
                raise InvalidInput(message, hint="use 0 to switch it off")

    def to_dict(self) -> dict[str, float]:
        """Return the fields, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, float]) -> "CameraModel":
        """Build a model from `to_dict`; an unknown field is an error."""
        known = [field.name for field in fields(cls)]
        for name in values:
            if name not in known:
                what = "field of CameraModel"
                raise NotFound.among(what, name, known)
        return cls(**values)  # type: ignore[arg-type]


IDEAL = CameraModel(threshold_sigma=0.0, refractory_us=0, leak_rate_hz=0.0, noise_rate_hz=0.0)
"""A camera without mismatch, noise or dead time."""


def events_from_video(
    frames: Float[np.ndarray, "n height width"],
    times_us: Int64[np.ndarray, " n"],
    *,
    camera: CameraModel | None = None,
    rng: np.random.Generator,
) -> Events:
    """Simulate what an event camera records of a video.

    Args:
        frames: linear intensity, 0 = black, 1 = white.
        times_us: time of each frame, strictly increasing.
        camera: what the sensor is like; `CameraModel` where absent.
        rng: draws the thresholds and the noise; the same state gives the same events.

    Returns: events sorted by time, from ``times_us[0]`` to ``times_us[-1]``.

    Raises:
        InvalidInput: intensities negative or not finite, times that do not increase.

    Examples:
        >>> frames = np.ones((2, 1, 1)); frames[1] = 2.0
        >>> events_from_video(
        ...     frames, np.array([0, 700]), camera=IDEAL, rng=np.random.default_rng(0)
        ... ).p.tolist()
        [1, 1, 1]
    """
    camera = camera or CameraModel()
    _check_video(frames, times_us)
    n, height, width = frames.shape
    on, off = (_draw_thresholds(camera, height * width, rng) for _ in range(2))
    levels = np.log(frames.reshape(n, -1).astype(np.float64) + camera.log_floor)
    if camera.leak_rate_hz:
        # A reference that leaks downwards is the same as a signal that drifts upwards.
        seconds = (times_us - times_us[0]) * 1e-6
        levels += np.outer(seconds, camera.leak_rate_hz * on)
    signal = _find_crossings(levels, times_us, on, off)
    noise = _draw_noise(camera, height * width, times_us, rng)
    t, pixel, p = (np.concatenate(columns) for columns in zip(signal, noise, strict=True))
    order = np.argsort(t, kind="stable")
    if camera.refractory_us:
        order = order[keep_rested(t[order], pixel[order], camera.refractory_us, height * width)]
    y, x = np.divmod(pixel[order], width)
    return Events(t[order], x.astype(np.uint16), y.astype(np.uint16), p[order])


@kernel
def trace_crossings(
    levels: np.ndarray,
    times: np.ndarray,
    on: np.ndarray,
    off: np.ndarray,
    out: tuple[np.ndarray, np.ndarray, np.ndarray],
) -> int:
    """Fill time, pixel and polarity of each threshold crossing; return how many there are.

    Crossings beyond the length of ``out`` are counted, not written.
    """
    out_t, out_pixel, out_p = out
    reference = levels[0].copy()
    n = 0
    for k in range(1, len(levels)):
        start, span = times[k - 1], times[k] - times[k - 1]
        for i in range(levels.shape[1]):
            before, after, level = levels[k - 1, i], levels[k, i], reference[i]
            while after > before and after >= level + on[i]:
                level += on[i]
                if n < len(out_t):
                    out_t[n] = start + np.int64(span * (level - before) / (after - before) + 0.5)
                    out_pixel[n] = i
                    out_p[n] = 1
                n += 1
            while after < before and after <= level - off[i]:
                level -= off[i]
                if n < len(out_t):
                    out_t[n] = start + np.int64(span * (level - before) / (after - before) + 0.5)
                    out_pixel[n] = i
                    out_p[n] = 0
                n += 1
            reference[i] = level
    return n


@kernel
def keep_rested(t: np.ndarray, pixel: np.ndarray, refractory: int, n_pixels: int) -> np.ndarray:
    """Mark the events whose pixel has not fired for the refractory time; t must be sorted."""
    keep = np.zeros(len(t), np.bool_)
    ready = np.full(n_pixels, np.iinfo(np.int64).min)
    for i in range(len(t)):
        if t[i] >= ready[pixel[i]]:
            keep[i] = True
            ready[pixel[i]] = t[i] + refractory
    return keep


def _find_crossings(
    levels: np.ndarray, times_us: np.ndarray, on: np.ndarray, off: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    room = 8 * levels.shape[1]
    while True:
        out = (np.empty(room, np.int64), np.empty(room, np.int64), np.empty(room, np.uint8))
        n = trace_crossings(levels, times_us, on, off, out)
        if n <= room:
            return out[0][:n], out[1][:n], out[2][:n]
        room = n


def _draw_thresholds(camera: CameraModel, pixels: int, rng: np.random.Generator) -> np.ndarray:
    drawn = rng.normal(camera.contrast_threshold, camera.threshold_sigma, pixels)
    return np.maximum(drawn, THRESHOLD_FLOOR)


def _draw_noise(
    camera: CameraModel, pixels: int, times_us: np.ndarray, rng: np.random.Generator
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    start, stop = int(times_us[0]), int(times_us[-1])
    n = int(rng.poisson(camera.noise_rate_hz * (stop - start) * 1e-6 * pixels))
    return (
        rng.integers(start, stop, n),
        rng.integers(0, pixels, n),
        rng.integers(0, 2, n).astype(np.uint8),
    )


def _check_video(frames: np.ndarray, times_us: np.ndarray) -> None:
    if frames.ndim != 3 or frames.size == 0 or len(frames) < 2:
        message = f"a video is (n, height, width) with two frames or more, not {frames.shape}"
        raise InvalidInput(message, hint="repeat a single frame, or move it: see saccade_video")
    if len(times_us) != len(frames) or bool((np.diff(times_us) <= 0).any()):
        message = f"{len(times_us)} times for {len(frames)} frames, or times that do not increase"
        raise InvalidInput(message, hint="give one time in µs for each frame, strictly increasing")
    low, high = float(frames.min()), float(frames.max())
    if not (np.isfinite(low) and np.isfinite(high)) or low < 0:
        message = f"intensities run {low} … {high}, allowed 0 and more"
        raise InvalidInput(message, hint="give linear intensity, not its logarithm")
