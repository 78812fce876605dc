"""Which currents the chip's parameters get, and how near a table of its generator comes to them."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from devices.dynapse.bias_generator import FACTORS, VENDOR_PARAMETERS, BiasTable
from eventstore.findings import Finding, Severity, finding_at
from snn.dpi.inhibition import INHIBITION

NEAR = 0.1
"""Share by which a made current may be off without a word: fine numbers are nearer than that."""


class Switched(NamedTuple):
    """Which circuits of a core's neurons are on.

    Args:
        dc: constant input.
        adaptation: what the neuron's own spikes feed.
    """

    dc: bool
    adaptation: bool


def switched(parameters: Mapping[str, float], io: float) -> Switched:
    """Say which circuits a core needs: those whose current is above the dark current.

    A circuit that is on adds at least what leaks through it, so one that does nothing is left off.

    Args:
        parameters: the core's currents in amperes, by name.
        io: dark current in amperes.

    Examples:
        >>> switched({"idc": 5e-13, "iw_ahp": 1e-9}, 5e-13)
        Switched(dc=False, adaptation=True)
    """
    return Switched(dc=parameters["idc"] > io, adaptation=parameters["iw_ahp"] > io)


def vendor_currents(parameters: Mapping[str, float]) -> dict[str, tuple[str, float]]:
    """Return, for each parameter of the chip, the name and size of the current that it makes.

    Examples:
        >>> vendor_currents({"itau_syn": 1e-11, "itau_inh": 3e-11})
        {'DEAM_ETAU_P': ('itau_syn', 1e-11), 'DEGA_ITAU_P': ('itau_inh', 3e-11)}
    """
    own = [name for name in parameters if name in INHIBITION]
    shared = [name for name in parameters if name not in INHIBITION]
    return {
        parameter: (name, parameters[name])
        for name in [*shared, *own]
        for parameter in VENDOR_PARAMETERS[name]
    }


def check_currents(config: Mapping[str, Any], table: BiasTable) -> list[Finding]:
    """Return a warning for each current of a core that no pair of numbers makes.

    Args:
        config: a configuration of the chip.
        table: which coarse and fine number make which current.
    """
    io, findings = config["header"]["circuit"]["io"], []
    for at, core in enumerate(config["cores"]):
        on = switched(core["parameters"], io)
        idle = {name for name, used in (("idc", on.dc), ("iw_ahp", on.adaptation)) if not used}
        for parameter, (name, wanted) in vendor_currents(core["parameters"]).items():
            made = table.amperes[table.numbers_for(wanted, parameter)] * FACTORS[parameter]
            if wanted > 0 and name not in idle and abs(made / wanted - 1) > NEAR:
                message = f"{name} of {wanted:.3g} A: {parameter} comes to {made:.3g} A at best"
                fix = "choose currents that the table has, or give the table of this chip"
                where = f"cores[{at}].parameters.{name}"
                findings.append(finding_at(Severity.WARNING, where, message, "bias-table", fix))
    return findings
