"""Sizes, times and digests as people read them."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from eventstore.events import Sensor

SHORT_DIGEST = 12


def duration_text(us: float) -> str:
    """Return a time.

    Examples:
        >>> [duration_text(us) for us in (0, 950, 1_500, 2.5e6, 90e6, 7.3e9)]
        ['0 µs', '950 µs', '1.5 ms', '2.5 s', '1 min 30 s', '2 h 1 min']
    """
    seconds = us / 1e6
    if seconds >= 3_600:
        return f"{int(seconds // 3_600):,} h {int(seconds % 3_600 // 60)} min"
    if seconds >= 60:
        return f"{int(seconds // 60)} min {int(seconds % 60)} s"
    for unit, name in ((1e6, "s"), (1e3, "ms")):
        if us >= unit:
            return f"{us / unit:.3g} {name}"
    return f"{us:.3g} µs"


def rate_text(n_events: int, us: float) -> str:
    """Return events a second; nothing where no time passed.

    Examples:
        >>> rate_text(5_000_000, 2e6), rate_text(300, 1e6), rate_text(3, 0)
        ('2.5 Mev/s', '300 ev/s', '')
    """
    if us <= 0:
        return ""
    rate = n_events / us * 1e6
    for unit, name in ((1e6, "Mev/s"), (1e3, "kev/s")):
        if rate >= unit:
            return f"{rate / unit:.3g} {name}"
    return f"{rate:.3g} ev/s"


def sensor_text(sensor: "Sensor") -> str:
    """Return the geometry of a sensor.

    Examples:
        >>> from eventstore.events import Sensor
        >>> sensor_text(Sensor(640, 480)), sensor_text(Sensor.audio(64))
        ('640 × 480 pixels', '64 channels of sound')
    """
    if sensor.modality == "audio":
        return f"{sensor.width} channels of sound"
    return f"{sensor.width} × {sensor.height} pixels"


def digest_text(digest: bytes | str) -> str:
    """Return the first digits of a digest; nothing where it is all zeros, as one is not known.

    Examples:
        >>> digest_text(bytes(32)), digest_text("ab" * 32)
        ('', 'abababababab')
    """
    digits = digest.hex() if isinstance(digest, bytes) else digest
    return digits[:SHORT_DIGEST] if digits.strip("0") else ""


def class_rows(counts: Sequence[tuple[str, Sequence[int]]], most: int) -> Iterator[tuple[str, ...]]:
    """Return a row of text a class, and one of sums for those beyond ``most``.

    Args:
        counts: the name of each class, and its counts.
        most: classes with a row of their own.

    Examples:
        >>> list(class_rows([("a", [1_000]), ("b", [2]), ("c", [3])], most=1))
        [('a', '1,000'), ('… 2 more', '5')]
    """
    for name, numbers in counts[:most]:
        yield name, *(f"{n:,}" for n in numbers)
    rest = [numbers for _, numbers in counts[most:]]
    if rest:
        yield f"… {len(rest)} more", *(f"{sum(column):,}" for column in zip(*rest, strict=True))
