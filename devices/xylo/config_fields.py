"""Every field of a Xylo configuration: its range on a chip, its meaning, and who says so.

Names and nesting are those of the vendor's own configuration object, so that one can be made from
the other field by field; only ``header`` is ours. Sources:

    [1] the vendor's open-source tools, as they write it for each chip
    [2] their simulator of the core
    [3] spikelake

The vendor's tools write a second synapse for Audio 2 alone; for Audio 3, whose object has the
switch for it, the same names are taken.
"""

from devices.config_schema import Field, Group, Kind, Member, Rows
from devices.xylo.chip import XyloSpec
from devices.xylo.net import MAX_SHIFT

FORMAT_VERSION = 1
"""Version of this layout, in the header."""

DEBUG: dict[str, dict[str, bool]] = {
    "xylo_audio2": {
        "isyn_clock_enable": True,
        "ra_clock_enable": True,
        "bias_clock_enable": True,
        "hm_clock_enable": True,
        "ram_power_enable": True,
    },
    "xylo_imu": {"always_update_omp_stat": True},
}
"""Switches that the vendor's tools always set as here, by chip [1]."""

SYN2 = "syn2_weights"


def config_fields(spec: XyloSpec) -> Group:
    """Return the fields of a chip's configuration.

    Examples:
        >>> from devices.xylo.chip import XYLO_AUDIO3
        >>> list(config_fields(XYLO_AUDIO3).members)
        ['header', 'bias_enable', 'synapse2_enable', 'hidden', 'input', 'readout']
    """
    members: dict[str, Member] = {
        "header": _header(),
        "bias_enable": _flag("whether biases are added at all", "[1]"),
        "synapse2_enable": _flag("whether hidden neurons have a second synapse", "[1]"),
    }
    if spec.name == "xylo_imu":
        members["imu_if_input_enable"] = _flag("whether the chip's own interface feeds it", "[1]")
    if spec.name in DEBUG:
        switches = {name: _flag("always as written", "[1]") for name in DEBUG[spec.name]}
        members["debug"] = Group(members=switches)
    hidden_weights = _weights("from a hidden neuron to another", "h × h", spec)
    members[spec.hidden_group] = Group(
        members={
            "aliasing": _flag("whether spikes are handed on to aliases", "[1]"),
            "weight_bit_shift": _shift(),
            "weights": hidden_weights,
            SYN2: hidden_weights,
            "neurons": Rows(item=_neuron(spec, is_output=False)),
        },
        together=frozenset({SYN2}),
    )
    input_weights = _weights("from an input to one of the first hidden neurons", "i × h", spec)
    members["input"] = Group(
        members={"weight_bit_shift": _shift(), "weights": input_weights, SYN2: input_weights},
        together=frozenset({SYN2}),
    )
    members["readout"] = Group(
        members={
            "weight_bit_shift": _shift(),
            "weights": _weights("from one of the last hidden neurons to an output", "h × o", spec),
            "neurons": Rows(item=_neuron(spec, is_output=True)),
        }
    )
    return Group(members=members)


def _header() -> Group:
    layer: dict[str, Member] = {
        "layer": _field("text", "name of the weights in the model", "[3]"),
        "neurons": _field("text", "name of its neurons in the model", "[3]"),
        "start": _whole("id of its first neuron", "[3]", 0, None),
        "stop": _whole("one beyond the id of its last", "[3]", 1, None),
        "output": _flag("whether they are output neurons", "[3]"),
    }
    version = Field(
        kind="whole", meaning="version of this layout", source="[3]", choices=(FORMAT_VERSION,)
    )
    return Group(
        members={
            "format_version": version,
            "chip": _field("text", "name of the chip, as in `spikelake chip list`", "[3]"),
            "spikelake": _field("text", "release that wrote the file", "[3]"),
            "model_digest": _field("text", "sha256 of the network in integers", "[3]"),
            "dt": Field(kind="number", meaning="time step in seconds", source="[3]", low=0),
            "hidden_bias": _flag("whether hidden neurons have biases, be they zero", "[3]"),
            "output_bias": _flag("whether output neurons have biases, be they zero", "[3]"),
            "layers": Rows(item=Group(members=layer)),
        }
    )


def _neuron(spec: XyloSpec, *, is_output: bool) -> Group:
    alias = Field(
        kind="whole",
        meaning="hidden neuron that its spikes are handed on to, or null",
        source="[1]",
        low=0,
        high=spec.n_hidden - 1,
        nullable=True,
    )
    top = spec.state_top
    members: dict[str, Member] = {
        "alias_target": alias,
        "v_mem_bias": _whole("added to the membrane in each step", "[2]", -top - 1, top),
        "i_syn2_decay": _whole("decay of the second synapse, as a shift", "[1]", 0, spec.dash_top),
        "i_syn_decay": _whole("decay of the synapse, as a shift", "[1]", 0, spec.dash_top),
        "v_mem_decay": _whole("decay of the membrane, as a shift", "[1]", 0, spec.dash_top),
        "threshold": _whole("state at which it fires", "[2]", 1, top),
    }
    unused = frozenset({"alias_target", "i_syn2_decay"} if is_output else ())
    return Group(members=members, together=unused)


def _weights(meaning: str, axes: str, spec: XyloSpec) -> Field:
    top = spec.weight_top
    return Field(kind="integers", meaning=meaning, source="[1]", low=-top - 1, high=top, axes=axes)


def _shift() -> Field:
    return _whole("places by which weights are shifted left", "[1]", 0, MAX_SHIFT)


def _field(kind: Kind, meaning: str, source: str) -> Field:
    return Field(kind=kind, meaning=meaning, source=source)


def _flag(meaning: str, source: str) -> Field:
    return _field("flag", meaning, source)


def _whole(meaning: str, source: str, low: int, high: int | None) -> Field:
    return Field(kind="whole", meaning=meaning, source=source, low=low, high=high)
