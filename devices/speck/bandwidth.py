"""Synaptic operations a second of each core, against a limit where the user knows one.

A core that is asked for more than it can do stalls the whole chip (data sheet of the development
kit, and the vendor's advice on bandwidth). How much that is has not been published: without a limit
of the user's own, rates are told and not judged.
"""

from dataclasses import dataclass

from devices.speck.event_stream import ChipState
from eventstore.errors import InvalidInput
from eventstore.findings import Finding, Severity

CHECK = "synops-bandwidth"


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreRate:
    """How busy a core was.

    Args:
        name: name of its layer.
        mean_hz: synaptic operations a second, over the whole stream.
        peak_hz: the same in the busiest window.
        window_us: length of a window.
    """

    name: str
    mean_hz: float
    peak_hz: float
    window_us: int


def core_rates(state: ChipState) -> tuple[CoreRate, ...]:
    """Return how busy each core was, in the order of the layers.

    The stream lasts up to ``state.t_us``; one that is shorter than a window is one window.
    """
    duration_us = state.t_us or state.program.settings.window_us
    window_us = min(state.program.settings.window_us, duration_us)
    return tuple(
        CoreRate(
            name=activity.name,
            mean_hz=activity.synops / duration_us * 1e6,
            peak_hz=activity.peak_synops / window_us * 1e6,
            window_us=window_us,
        )
        for activity in state.activities
    )


def check_bandwidth(state: ChipState, limit_hz: float | None = None) -> list[Finding]:
    """Return one finding a core: how busy it was, and whether that is more than a limit.

    Args:
        state: a network after a stream.
        limit_hz: synaptic operations that a core can do in a second; None: not known.

    Raises:
        InvalidInput: the limit is not positive.
    """
    if limit_hz is not None and not limit_hz > 0:
        message = f"a limit of {limit_hz} operations a second is not positive"
        raise InvalidInput(message, hint="leave it out where you do not know it")
    return [_finding(rate, limit_hz) for rate in core_rates(state)]


def _finding(rate: CoreRate, limit_hz: float | None) -> Finding:
    message = f"{rate.mean_hz:,.0f} synaptic operations a second, {rate.peak_hz:,.0f} in the "
    message += f"busiest {rate.window_us / 1000:g} ms"
    severity, fix = Severity.INFO, ""
    if limit_hz is None:
        message += "; no limit is published for the chip"
    elif rate.mean_hz > limit_hz:
        severity = Severity.ERROR
        message += f"; the limit is {limit_hz:,.0f}: the chip stalls"
    elif rate.peak_hz > limit_hz:
        severity = Severity.WARNING
        message += f"; the limit is {limit_hz:,.0f}: the chip may stall there"
    else:
        message += f"; the limit is {limit_hz:,.0f}"
    if severity > Severity.INFO:
        fix = "use a smaller kernel or fewer features, decimate the spikes of the layer before it, "
        fix += "or train with a loss on synaptic operations"
    return Finding(severity=severity, where=rate.name, message=message, fix=fix, check=CHECK)
