"""How a film looks and how fast it runs."""

from dataclasses import asdict, dataclass
from fractions import Fraction
from typing import Any, Literal, Self

from eventstore.errors import InvalidInput
from eventstore.events import Sensor

Ground = Literal["light", "dark"]

MOST_SIDE = 4_096
"""Pixels of a picture, across or down."""

COMFORTABLE = 240
"""Pixels across or down that small sensors are enlarged to by themselves."""

MOST_OPEN = 1_000
"""Pictures that one event may lie in, where they overlap."""


@dataclass(frozen=True, slots=True, kw_only=True)
class VideoOptions:
    """How a film looks and how fast it runs.

    Args:
        fps: pictures a second of the film.
        speed: seconds of the recording that a second of the film shows; 0.1 is slow motion.
        window_us: how long a picture gathers events; as long as lies between two where None.
        scale: pixels of the film for one of the sensor, a whole number, or one over a whole number
            to make it smaller; what makes small sensors comfortable to look at where None.
        full: events in a pixel, of one polarity and in one picture, that give the full colour.
        ground: what lies behind the events.

    Raises:
        InvalidInput: a value is out of its range.

    Examples:
        >>> VideoOptions(fps=25, speed=0.5).step_us
        Fraction(20000, 1)
    """

    fps: float = 25.0
    speed: float = 1.0
    window_us: int | None = None
    scale: float | None = None
    full: int = 2
    ground: Ground = "light"

    def __post_init__(self) -> None:
        bounds: tuple[tuple[str, float | None, float, float], ...] = (
            ("fps", self.fps, 0.1, 240),
            ("speed", self.speed, 1e-6, 1e4),
            ("window_us", self.window_us, 1, 1 << 40),
            ("scale", self.scale, 1 / 64, 64),
            ("full", self.full, 1, 15),
        )
        for name, value, low, high in bounds:
            if value is not None and not low <= value <= high:
                message = f"{name} of a video is {value}"
                raise InvalidInput(message, hint=f"give a number from {low:g} to {high:g}")
        if self.ground not in {"light", "dark"}:
            message = f"no ground {self.ground!r}"
            raise InvalidInput(message, hint="use 'light' or 'dark'")
        if self.scale is not None:
            whole_scale(self.scale)
        if self.step_us < 1:
            message = f"pictures of {float(self.step_us):g} µs each: events have whole µs"
            raise InvalidInput(message, hint="raise speed, or lower fps")
        if self.open_us > MOST_OPEN * self.step_us:
            message = f"each event would lie in {float(self.open_us / self.step_us):,.0f} pictures"
            raise InvalidInput(message, hint=f"shorten window_us: at most {MOST_OPEN} overlap")

    @property
    def step_us(self) -> Fraction:
        """Time of the recording from one picture to the next."""
        speed, fps = (Fraction(str(value)) for value in (self.speed, self.fps))
        return 1_000_000 * speed / fps

    @property
    def open_us(self) -> Fraction:
        """Time of the recording that a picture gathers events for."""
        return self.step_us if self.window_us is None else Fraction(self.window_us)

    def scale_for(self, sensor: Sensor) -> Fraction:
        """Return how many pixels of the film one of the sensor gets.

        Examples:
            >>> VideoOptions().scale_for(Sensor(34, 34)), VideoOptions().scale_for(Sensor(640, 480))
            (Fraction(8, 1), Fraction(1, 1))
            >>> VideoOptions(scale=0.5).scale_for(Sensor(1280, 720))
            Fraction(1, 2)
        """
        if self.scale is not None:
            return whole_scale(self.scale)
        return Fraction(max(1, -(-COMFORTABLE // max(sensor.width, sensor.height))))

    def size_for(self, sensor: Sensor) -> tuple[int, int]:
        """Return width and height of the film.

        Raises:
            InvalidInput: it would be too large.
        """
        scale = self.scale_for(sensor)
        width, height = (
            -(-side * scale.numerator // scale.denominator)
            for side in (sensor.width, sensor.height)
        )
        if max(width, height) > MOST_SIDE:
            message = f"a video of {width:,} × {height:,} pixels is too large"
            raise InvalidInput(message, hint=f"lower scale: at most {MOST_SIDE:,} each way")
        return width, height

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Self:
        """Return what `to_dict` wrote."""
        return cls(**values)


def whole_scale(scale: float) -> Fraction:
    """Return a scale as n or 1/n.

    Raises:
        InvalidInput: it is neither.

    Examples:
        >>> whole_scale(3.0), whole_scale(1 / 3)
        (Fraction(3, 1), Fraction(1, 3))
    """
    n = round(scale if scale >= 1 else 1 / scale)
    found = Fraction(n) if scale >= 1 else Fraction(1, n)
    if abs(float(found) - scale) > 0.005 * scale:
        message = f"pixels cannot be scaled by {scale:g}"
        raise InvalidInput(
            message, hint=f"use a whole number, or one over one, as {float(found):g}"
        )
    return found
