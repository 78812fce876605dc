"""What a chip may draw: published constants with their source, and an estimate from them.

An estimate, not a measurement. Only resting power is published in a form that carries over to other
networks; energy per synaptic operation is not, so it has no default: whoever knows theirs gives it.
"""

from dataclasses import dataclass

from eventstore.errors import InvalidInput

YAO_2024 = (
    "processor at rest, Yao et al. 2024, Spike-based dynamic computing with asynchronous "
    "sensing-computing neuromorphic chip, Nature Communications 15:4464; published for Speck, "
    "of which revision is not said"
)

RESTING_MW = dict.fromkeys(
    (
        "speck2b",
        "speck2btiny",
        "speck2cmini",
        "speck2dmini",
        "speck2e",
        "speck2edevkit",
        "speck2f",
        "speck2fdevkit",
        "speck2fmodule",
    ),
    (0.42, YAO_2024),
)
"""Published resting power by chip in mW, with its source; chips without any are not in it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerConstants:
    """Constants that an estimate is made from.

    Args:
        resting_mw: power without any event; None: as published for the chip, if it is.
        pj_per_synop: energy of one synaptic operation; None: not known, and then no dynamic power
            is estimated.

    Raises:
        InvalidInput: a constant is negative or no number.
    """

    resting_mw: float | None = None
    pj_per_synop: float | None = None

    def __post_init__(self) -> None:
        for name in ("resting_mw", "pj_per_synop"):
            value = getattr(self, name)
            if value is not None and not 0 <= value < float("inf"):
                message = f"{name}={value!r} is no power or energy"
                raise InvalidInput(message, hint="give a number from 0, or leave it out")


@dataclass(frozen=True, slots=True, kw_only=True)
class PowerEstimate:
    """Estimated power while samples come in one after the other, without a pause.

    Args:
        resting_mw: power without any event; None: none is published or given.
        resting_source: where that number is from.
        pj_per_synop: energy of a synaptic operation, as given by the user; None: not given.
        synops_per_second: synaptic operations of all cores; None: the time of a sample is unknown.
        dynamic_mw: what they draw; None: one of both is unknown.
        total_mw: rest and dynamic power; None: one of them is unknown.
        dynamic_uj_per_sample: energy of a sample's operations; None: energy of one is unknown.
    """

    resting_mw: float | None
    resting_source: str
    pj_per_synop: float | None
    synops_per_second: float | None
    dynamic_mw: float | None
    total_mw: float | None
    dynamic_uj_per_sample: float | None


def estimate_power(
    chip: str,
    synops_per_sample: float,
    seconds_per_sample: float | None,
    constants: PowerConstants | None = None,
) -> PowerEstimate:
    """Return what a chip may draw.

    Args:
        chip: name of the chip.
        synops_per_sample: synaptic operations of a sample, over all cores.
        seconds_per_sample: how long a sample lasts; None: unknown.
        constants: given by the user; None: what is published.

    Examples:
        >>> found = estimate_power("speck2f", 1e6, 0.5, PowerConstants(pj_per_synop=10.0))
        >>> found.dynamic_uj_per_sample, round(found.dynamic_mw, 3), round(found.total_mw, 3)
        (10.0, 0.02, 0.44)
        >>> estimate_power("speck2f", 1e6, 0.5).dynamic_mw is None
        True
    """
    given = constants or PowerConstants()
    resting, source = RESTING_MW.get(chip, (None, "none is published"))
    if given.resting_mw is not None:
        resting, source = given.resting_mw, "given by the user"
    per_op, rate, dynamic = given.pj_per_synop, None, None
    if seconds_per_sample:
        rate = synops_per_sample / seconds_per_sample
        dynamic = None if per_op is None else rate * per_op * 1e-9
    return PowerEstimate(
        resting_mw=resting,
        resting_source=source,
        pj_per_synop=per_op,
        synops_per_second=rate,
        dynamic_mw=dynamic,
        total_mw=None if dynamic is None or resting is None else resting + dynamic,
        dynamic_uj_per_sample=None if per_op is None else synops_per_sample * per_op * 1e-6,
    )
