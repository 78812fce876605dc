"""Every field of a Speck configuration: its range on a chip, its meaning, and who says so.

Names and nesting are those of the vendor's own configuration object, so that one can be made from
the other field by field; only ``header`` is ours. Sources:

    [1] Speck 2f data sheet, §2.4 "Computational layers" and §2.5 "Readout layer"
    [2] Speck developer kit user guide, §3.2.2 … §3.2.6
    [3] the vendor's open-source tools, as they write it
    [4] spikelake
"""

from devices.config_schema import Field, Group, Kind, Member, Rows
from devices.speck.chip import SpeckSpec

FORMAT_VERSION = 1
"""Version of this layout, in the header."""

BYTE = 255
"""Coordinates of the sensor and thresholds of the readout are bytes, or fewer bits."""


def config_fields(spec: SpeckSpec) -> Group:
    """Return the fields of a chip's configuration.

    Examples:
        >>> from devices.speck.chip import SPECK2F
        >>> list(config_fields(SPECK2F).members)
        ['header', 'cnn_layers', 'dvs_layer', 'readout']
    """
    return Group(
        members={
            "header": _header(spec),
            "cnn_layers": Rows(item=_core(spec), count=spec.n_cores),
            "dvs_layer": _sensor(spec),
            "readout": _readout(),
        }
    )


def _header(spec: SpeckSpec) -> Group:
    core = _whole("core that computes the layer", "[4]", 0, spec.n_cores - 1)
    layer = {
        "core": core,
        "layer": _field("text", "name of the convolution or linear layer in the model", "[4]"),
        "neurons": _field("text", "name of its neurons in the model", "[4]"),
        "scale": _field("number", "what its floats were multiplied with", "[4]"),
        "rescale": _field("number", "factor that makes up for averages done as sums", "[4]"),
    }
    return Group(
        members={
            "format_version": Field(
                kind="whole",
                meaning="version of this layout",
                source="[4]",
                choices=(FORMAT_VERSION,),
            ),
            "chip": _field("text", "name of the chip, as in `spikelake chip list`", "[4]"),
            "spikelake": _field("text", "release that wrote the file", "[4]"),
            "model_digest": _field("text", "sha256 of the network in integers", "[4]"),
            "input_shape": Field(
                kind="integers",
                meaning="shape of one time step of input, as the model takes it",
                source="[4]",
                low=1,
                axes="axis",
            ),
            "input_cores": Field(
                kind="integers",
                meaning="cores that take the input",
                source="[4]",
                low=0,
                high=spec.n_cores - 1,
                axes="core",
            ),
            "quantisation": Rows(item=Group(members=layer)),
        }
    )


def _core(spec: SpeckSpec) -> Group:
    low, high = spec.state_range
    weights = {
        "weights": _integers("weights", "f × c × x × y", spec.weight_range, "[1]"),
        "biases": _integers(
            "added to each neuron of a feature per tick of the slow clock",
            "f",
            spec.weight_range,
            "[1]",
        ),
    }
    killed = "true: the {} is skipped"
    kill_bits = {
        "weights_kill_bit": _flags(killed.format("weight"), "f × c × x × y"),
        "biases_kill_bit": _flags(killed.format("bias"), "f"),
        "neurons_value_kill_bit": _flags(killed.format("state"), "f × x × y"),
    }
    used: dict[str, Member] = {
        "dimensions": _dimensions(spec),
        **weights,
        "leak_enable": _flag("whether biases are added at all", "[2] 3.2.4.7"),
        "return_to_zero": _flag(
            "whether a spike sets the state to zero, not subtracts the threshold", "[2] 3.2.4.6"
        ),
        "threshold_high": _whole("state at which a neuron fires", "[2] 3.2.4.6", 1, high),
        "threshold_low": _whole("state below which it does not fall", "[2] 3.2.4.6", low, high),
        "neurons_initial_value": _integers(
            "states after upload", "f × x × y", spec.state_range, "[2] 3.2.4.6"
        ),
        "output_decimator_enable": _flag("whether only some spikes pass", "[2] 3.2.4.3"),
        "output_decimator_interval": _whole(
            "1 spike passes of every 2, 4, 8, 16, 32, 128, 256, 512", "[2] table 4", 0, 7
        ),
        **(kill_bits if spec.kill_bits else {}),
    }
    members: dict[str, Member] = {
        "destinations": _destinations(spec),
        "monitor_enable": _flag("whether the host is told its spikes", "[2] 3.2.4.9"),
        **used,
    }
    return Group(members=members, together=frozenset(used))


def _dimensions(spec: SpeckSpec) -> Group:
    def shape(what: str, largest: int) -> Group:
        edge = f"edge of the map that {what}"
        size = {axis: _whole(edge, "[1]", 1, largest) for axis in ("x", "y")}
        features = _whole(f"features that {what}", "[1]", 1, spec.max_features)
        return Group(members={"size": Group(members=size), "feature_count": features})

    padding = _whole("zeros added on either side", "[1]", 0, spec.max_padding)
    stride = Field(kind="whole", meaning="step of the kernel", source="[1]", choices=spec.strides)
    return Group(
        members={
            "input_shape": shape("comes in", spec.max_input),
            "output_shape": shape("its neurons make, before pooling", spec.max_output),
            "padding": Group(members={"x": padding, "y": padding}),
            "stride": Group(members={"x": stride, "y": stride}),
            "kernel_size": _whole("edge of the square kernel", "[1]", 1, spec.max_kernel),
        }
    )


def _destinations(spec: SpeckSpec) -> Rows:
    pool = Field(kind="whole", meaning="edge of the sum pooling", source="[1]", choices=spec.pools)
    readout = f"core that the spikes go to; {spec.readout_layer}: the readout"
    members: dict[str, Member] = {
        "enable": _flag("whether anything is sent", "[1]"),
        "layer": _whole(readout, "[1], [2] 3.2.5", 0, spec.readout_layer),
        "pooling": pool,
        "feature_shift": _whole(
            "added to the feature's number: channels side by side",
            "[1]",
            0,
            spec.max_features - 1,
        ),
    }
    return Rows(item=Group(members=members), count=spec.max_destinations)


def _sensor(spec: SpeckSpec) -> Group:
    mirror = _flag("whether the axis runs backwards", "[2] 3.2.3.4")
    edge = spec.max_input - 1
    cut = _whole("last column or row of the region kept, after pooling", "[2] 3.2.3.3", 0, edge)
    origin = _whole("first column or row of the region kept", "[2] 3.2.3.3", 0, edge)
    pool = Field(
        kind="whole",
        meaning="edge of the pooling of sensor events",
        source="[2] 3.2.3.2",
        choices=spec.pools,
    )
    return Group(
        members={
            "destinations": _destinations(spec),
            "monitor_enable": _flag("whether the host is told its events", "[2] 3.2.3.7"),
            "pass_sensor_events": _flag(
                "whether events of the chip's own sensor are taken", "[2] 3.2.3.8"
            ),
            "merge": _flag("whether both polarities become one feature", "[2] 3.2.3.1"),
            "mirror": Group(members={"x": mirror, "y": mirror}),
            "mirror_diagonal": _flag("whether x and y change places", "[2] 3.2.3.4"),
            "cut": Group(members={"x": cut, "y": cut}),
            "origin": Group(members={"x": origin, "y": origin}),
            "pooling": Group(members={"y": pool, "x": pool}),
            "raw_monitor_enable": _flag("whether the host is told raw pixels", "[3]"),
        }
    )


def _readout() -> Group:
    selected = "[2] table 5: 0: 2x 2y 4f, 1: 2x 4y 2f, 2: 4x 4y 1f, 3: 1x 1y 16f"
    mode = "[2] table 6: 0: off, 1: comparisons, 2: selected average, 3: largest average"
    return Group(
        members={
            "enable": _flag("whether the on-chip readout runs", "[2] 3.2.5"),
            "threshold": _whole("spikes that a class must exceed", "[2] 3.2.5.3", 0, BYTE),
            "readout_configuration_sel": _whole(
                "which neurons of the last map are classes", selected, 0, 3
            ),
            "output_mode_sel": _whole("what a readout value tells", mode, 0, 3),
            "low_pass_filter_disable": _flag(
                "whether spikes of one tick decide, not an average over 16 or 32", "[2] 3.2.5.3"
            ),
            "low_pass_filter32_not16": _flag(
                "whether the average is over 32 ticks of the slow clock, not 16", "[2] 3.2.5.3"
            ),
            "monitor_enable": _flag("whether the host is told every value", "[2] 3.2.5.5"),
            "readout_pin_monitor_enable": _flag("whether the host is told the pins", "[2] 3.2.5.3"),
        }
    )


def _field(kind: Kind, meaning: str, source: str) -> Field:
    return Field(kind=kind, meaning=meaning, source=source)


def _flag(meaning: str, source: str) -> Field:
    return _field("flag", meaning, source)


def _whole(meaning: str, source: str, low: int, high: int) -> Field:
    return Field(kind="whole", meaning=meaning, source=source, low=low, high=high)


def _integers(meaning: str, axes: str, bounds: tuple[int, int], source: str) -> Field:
    low, high = bounds
    return Field(kind="integers", meaning=meaning, source=source, low=low, high=high, axes=axes)


def _flags(meaning: str, axes: str) -> Field:
    return Field(kind="flags", meaning=meaning, source="[3]", axes=axes)
