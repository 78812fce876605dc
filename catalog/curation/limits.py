"""What a recording may be before a curator is asked to look at it."""

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace

from eventstore.errors import InvalidInput, NotFound


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of checks over recordings; none is a law of nature, so each can be set.

    Args:
        min_events: fewer events make a recording suspicious.
        max_gap_us: longest pause without an event.
        max_hot_share: share of a recording's events from hot pixels.
        min_saturation_hz: rate below which a plateau is no limit of a readout, but the scene's.
        max_duplicate_share: share of events that repeat an earlier one in every column.
        min_on_share: share of ON events; below it biases or a reader are suspected.
        max_on_share: the same above it.
        max_silent_excess: by how much the share of silent pixels may pass the median recording's:
            a cable, a lens cap, a dead region.
        max_deviations: distance of rate and duration from the median, on a log scale, in robust
            standard deviations; only looked at from 20 recordings on.

    Raises:
        InvalidInput: a bound is no number of its range.

    Examples:
        >>> Limits(max_gap_us=2_000_000).max_gap_us
        2000000
    """

    min_events: float = 100
    max_gap_us: float = 500_000
    max_hot_share: float = 0.05
    min_saturation_hz: float = 500_000
    max_duplicate_share: float = 0.01
    min_on_share: float = 0.1
    max_on_share: float = 0.9
    max_silent_excess: float = 0.25
    max_deviations: float = 8

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            most = 1 if field.name.endswith(("share", "excess")) else float("inf")
            if not 0 <= value <= most:
                message = f"limit {field.name}={value} is not between 0 and {most}"
                raise InvalidInput(message, hint=f"it is {field.default} where not given")


def parse_limits(texts: Iterable[str]) -> Limits:
    """Return the limits that ``NAME=VALUE`` set, the others as they are.

    Raises:
        NotFound: there is no such limit; names the nearest.
        InvalidInput: not of that form, or no number of its range.

    Examples:
        >>> parse_limits(["max_gap_us=1e6", "min_events=1"]).max_gap_us
        1000000.0
    """
    limits, names = Limits(), [field.name for field in fields(Limits)]
    for text in texts:
        name, _, value = text.partition("=")
        if name not in names:
            what = "limit"
            raise NotFound.among(what, name, names)
        try:
            number = float(value)
        except ValueError as error:
            message = f"limit {text!r} is not NAME=NUMBER"
            raise InvalidInput(message, hint=f"for example {name}=10") from error
        limits = replace(limits, **{name: number})
    return limits
