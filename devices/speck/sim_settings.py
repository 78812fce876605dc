"""How the event-driven simulator runs a network."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from devices.speck.decimator import decimator_interval
from eventstore.errors import InvalidInput

Order: TypeAlias = Literal["depth-first", "breadth-first"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SimSettings:
    """What the simulator needs to know besides the network.

    Args:
        order: whether a spike is followed to the end before the next one is taken, as in the chip,
            or all spikes of a core before any of the next core. In a chain both give the same.
        slow_clock_us: period of the slow clock, at which biases are added: at 0 for the first time.
        window_us: length of the windows over which the busiest is reported for each core.
        monitor: layers whose spikes are returned; None: those that feed no other.
        decimate: layers of whose spikes one of so many leaves the core.

    Raises:
        InvalidInput: an unknown order, a period or window that is not positive, or a decimator
            that the chip does not have.

    Examples:
        >>> SimSettings(decimate={"conv1": 4}).order
        'depth-first'
    """

    order: Order = "depth-first"
    slow_clock_us: int = 1000
    window_us: int = 100_000
    monitor: tuple[str, ...] | None = None
    decimate: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.order not in {"depth-first", "breadth-first"}:
            message = f"unknown order {self.order!r} of events"
            hint = "take 'depth-first', the chip's, or 'breadth-first'; simulate() steps in time"
            raise InvalidInput(message, hint=hint)
        for name in ("slow_clock_us", "window_us"):
            if getattr(self, name) < 1:
                message = f"{name} = {getattr(self, name)} is not positive"
                raise InvalidInput(message, hint="give a whole number of microseconds")
        for keep_one_of in self.decimate.values():
            decimator_interval(keep_one_of)
