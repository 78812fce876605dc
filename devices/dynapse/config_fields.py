"""Every field of a DYNAP-SE2 configuration: its range, its meaning, and who says so.

Sources:

    [1] Richter et al. 2024, as in `devices.dynapse.chip`
    [2] the vendor's open-source tools, which fill the vendor's object neuron by neuron
    [3] spikelake

Currents are in amperes here. The chip makes each by a coarse and a fine number; which pair makes
which current was measured by the vendor, and comes in at `devices.dynapse.deploy`.
"""

from devices.config_schema import Field, Group, Member, Rows
from devices.dynapse.chip import DynapseSpec
from snn.dpi.circuit import CURRENTS
from snn.dpi.inhibition import INHIBITION

FORMAT_VERSION = 1
"""Version of this layout, in the header."""

BASE = ("iw_0", "iw_1", "iw_2", "iw_3")
"""Names of the base currents of weights."""

CIRCUIT = (
    *("c_mem", "c_syn", "c_ahp", "c_pulse", "c_pulse_ahp", "c_ref"),
    *("io", "kappa_n", "kappa_p", "ut", "vth"),
)


def config_fields(spec: DynapseSpec) -> Group:
    """Return the fields of a chip's configuration.

    Examples:
        >>> from devices.dynapse.chip import DYNAPSE2
        >>> list(config_fields(DYNAPSE2).members)
        ['header', 'inputs', 'cores']
    """
    destination = _destination(spec)
    return Group(
        members={
            "header": _header(),
            "inputs": Rows(item=Group(members={"destinations": Rows(item=destination)})),
            "cores": Rows(item=_core(spec, destination)),
        }
    )


def _header() -> Group:
    circuit: dict[str, Member] = {
        name: _number("of the process, in farads, amperes or volts", "[2]") for name in CIRCUIT
    }
    population = Group(
        members={
            "layer": _text("the linear layer's name in the model"),
            "neurons": _text("the neurons' name in the model"),
            "count": _whole("how many neurons", "[3]", 1),
            "recurrent": Field(kind="flag", meaning="whether spikes go back", source="[3]"),
        }
    )
    return Group(
        members={
            "format_version": _whole("version of this layout", "[3]", 1, FORMAT_VERSION),
            "chip": _text("the chip"),
            "spikelake": _text("version that wrote the file"),
            "model_digest": _text("sha256 of currents and codes"),
            "dt": _number("time step of the simulation in seconds", "[3]"),
            "i_scale": _number("amperes that a weight of 1 stands for", "[3]"),
            "circuit": Group(members=circuit),
            "populations": Rows(item=population),
        }
    )


def _core(spec: DynapseSpec, destination: Group) -> Group:
    parameters: dict[str, Member] = {
        name: _number("bias current in amperes", "[1]") for name in CURRENTS
    }
    parameters |= {
        name: _number("bias current of inhibitory synapses in amperes", "[1]")
        for name in INHIBITION
    }
    parameters |= {name: _number("base current of weights in amperes", "[1]") for name in BASE}
    neuron = Group(
        members={
            "population": _whole("which layer it belongs to", "[3]", 0),
            "index": _whole("its number in the layer", "[3]", 0),
            "tags": _row("tag of the source of each synapse", 0, spec.n_tags - 1),
            "codes": _row("base currents that it adds up, bit by bit", 1, 15),
            "signs": Field(
                kind="integers",
                meaning="1: AMPA, excitatory; -1: GABA, inhibitory",
                source="[2]",
                choices=(-1, 1),
                axes="synapse",
            ),
            "destinations": Rows(item=destination),
        }
    )
    return Group(
        members={
            "chip": _whole("number of the chip", "[2]", 0, spec.n_chips - 1),
            "core": _whole("number of the core on it", "[2]", 0, spec.cores_per_chip - 1),
            "parameters": Group(members=parameters, together=frozenset(INHIBITION)),
            "neurons": Rows(item=neuron),
        }
    )


def _destination(spec: DynapseSpec) -> Group:
    hop = max(abs(spec.host_hop), spec.n_chips)
    return Group(
        members={
            "cores": Field(
                kind="flags", meaning="cores of the chip that hear it", source="[2]", axes="core"
            ),
            "x_hop": _whole("chips to go in x", "[2]", -hop, hop),
            "y_hop": _whole("chips to go in y", "[2]", -hop, hop),
            "tag": _whole("tag that it comes with", "[1]", 0, spec.n_tags - 1),
        }
    )


def _row(meaning: str, low: int, high: int) -> Field:
    return Field(kind="integers", meaning=meaning, source="[1]", low=low, high=high, axes="synapse")


def _whole(meaning: str, source: str, low: int, high: int | None = None) -> Field:
    return Field(kind="whole", meaning=meaning, source=source, low=low, high=high)


def _number(meaning: str, source: str) -> Field:
    return Field(kind="number", meaning=meaning, source=source, low=0)


def _text(meaning: str) -> Field:
    return Field(kind="text", meaning=meaning, source="[3]")
