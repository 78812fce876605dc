"""What a fidelity report is asked for."""

from dataclasses import dataclass

from devices.power import PowerConstants
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportOptions:
    """What a report is asked for.

    Args:
        by_layer: also run each layer alone in integers, which names the one that loses most; about
            doubles the time.
        seconds_per_sample: mean time that a sample lasts, for rates and power; None: not known.
        power: constants of the estimate; None: what is published of the chip.

    Raises:
        InvalidInput: the time is not positive.

    Examples:
        >>> ReportOptions(by_layer=False, seconds_per_sample=0.3).by_layer
        False
    """

    by_layer: bool = True
    seconds_per_sample: float | None = None
    power: PowerConstants | None = None

    def __post_init__(self) -> None:
        given = self.seconds_per_sample
        if given is not None and not 0 < given < float("inf"):
            message = f"seconds_per_sample={given!r} is no time"
            raise InvalidInput(message, hint="give the mean length of a sample in seconds")
