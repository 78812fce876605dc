"""What a run of a Xylo network was held back by, as findings: nothing is lost in silence."""

from collections.abc import Mapping
from typing import NamedTuple

from eventstore.findings import Finding, Severity, finding_at

ROOM = "round with one scale for all, --round-by global, or train with a penalty on spikes"
WEAKER = "train with a penalty on spikes, or with weaker weights"


class _Loss(NamedTuple):
    """How one count of a tally is told."""

    where: str
    check: str
    said: str
    fix: str
    severity: Severity = Severity.WARNING


LOSSES: dict[str, _Loss] = {
    "i_syn": _Loss(
        "hidden", "currents-held", "sums of hidden currents left 16 bits and were held", WEAKER
    ),
    "i_syn_out": _Loss(
        "output", "currents-held", "sums of output currents left 16 bits and were held", WEAKER
    ),
    "v_mem": _Loss(
        "hidden", "membranes-held", "hidden membranes left 16 bits, above or below", ROOM
    ),
    "v_mem_out": _Loss(
        "output", "membranes-held", "output membranes left 16 bits, above or below", ROOM
    ),
    "hidden_caps": _Loss(
        "hidden", "spikes-capped", "hidden neurons had more than 31 spikes of a step to give",
        "train with max_spikes=31, or raise the thresholds",
    ),
    "alias_caps": _Loss(
        "hidden", "aliases-capped", "spikes handed on to an alias went beyond 31 a step",
        "raise the thresholds, or train with a penalty on spikes",
    ),
    "output_caps": _Loss(
        "output", "outputs-capped", "outputs had more than one spike of a step to give",
        "train the last neurons with max_spikes=1", Severity.INFO,
    ),
    "input_caps": _Loss(
        "input", "inputs-capped", "entries of the input were above 15 spikes a step and were cut",
        "use shorter time steps, or an encoder that fires less",
    ),
}  # fmt: skip
"""How each count of `devices.xylo.activity.XyloTally` is told."""


def held_findings(totals: Mapping[str, int], n_samples: int) -> list[Finding]:
    """Return what was held back, one finding for each kind that happened.

    Args:
        totals: counts by name, as ``XyloTally.totals`` has them.
        n_samples: over how many recordings.

    Examples:
        >>> (found,) = held_findings({"v_mem_out": 12, "v_mem": 0}, 4)
        >>> found.check, found.message
        ('membranes-held', '12 × output membranes left 16 bits, above or below (3 a sample)')
    """
    return [
        finding_at(
            loss.severity,
            loss.where,
            f"{totals[name]:,} × {loss.said} ({totals[name] / n_samples:,.3g} a sample)",
            loss.check,
            loss.fix,
        )
        for name, loss in LOSSES.items()
        if totals.get(name, 0) > 0
    ]
