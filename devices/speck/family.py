"""Chips of the Speck family, with all they can do."""

from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped

from devices.fidelity import Report, Samples
from devices.nodes import Graph
from devices.report import fidelity_report
from devices.report_options import ReportOptions
from devices.results import Mapping, QuantizedGraph, SimResult
from devices.speck.chip import (
    DYNAPCNN_DEVKIT,
    SPECK2B,
    SPECK2B_TINY,
    SPECK2C_MINI,
    SPECK2D_MINI,
    SPECK2E,
    SPECK2E_DEVKIT,
    SPECK2F,
    SPECK2F_DEVKIT,
    SPECK2F_MODULE,
    SpeckSpec,
)
from devices.speck.config import make_config
from devices.speck.config_checks import check_config
from devices.speck.config_graph import graph_from_config, mapping_from_config
from devices.speck.config_options import ConfigOptions
from devices.speck.event_driven import simulate_events
from devices.speck.layer_split import split_layer
from devices.speck.load_balance import balance_load, busiest_layer, check_load, layer_loads
from devices.speck.mapping import Search, map_layers
from devices.speck.quantize import check_quantized, quantize_graph
from devices.speck.readout_spread import spread_readout
from devices.speck.rules import check_graph
from devices.speck.scaling import Scaling
from devices.speck.scaling_report import check_scaling
from devices.speck.settings import DEFAULT, SpeckSettings
from devices.speck.simulate import simulate
from eventstore.findings import Finding, Severity, finding_at, has_errors
from snn.sequential import SpikingSequential


@dataclass(frozen=True, slots=True)
class Speck:
    """A chip of the Speck family: from graph to configuration.

    Args:
        spec: its limits.
        settings: what its steps go by where there is a choice.

    Examples:
        >>> import snn
        >>> from torch import nn
        >>> from devices.graph import graph_from_model
        >>> net = snn.SpikingSequential(nn.Conv2d(2, 4, 17), snn.LIF())
        >>> [f.check for f in speck2f.check(graph_from_model(net, (2, 20, 20))) if f.is_error]
        ['kernel-size', 'neuron-kind']
    """

    spec: SpeckSpec
    settings: SpeckSettings = DEFAULT

    @property
    def name(self) -> str:
        """What the chip is called."""
        return self.spec.name

    def check(self, graph: Graph) -> list[Finding]:
        """Return every rule that the network breaks, and what rounding to integers spoils."""
        findings = check_graph(graph, self.spec)
        if has_errors(findings):
            return findings
        scaling = self.settings.scaling
        findings += check_quantized(quantize_graph(graph, self.spec, scaling))
        return findings + check_scaling(graph, self.spec, scaling)

    def quantize(
        self, graph: Graph, *, scaling: Scaling | Table[str, Scaling] | None = None
    ) -> QuantizedGraph:
        """Return the network in integers; refuse one that breaks a rule.

        Args:
            graph: the network.
            scaling: what may be clipped for finer weights, in all layers or by name of the layer;
                None: as the chip is set.
        """
        chosen = self.settings.scaling if scaling is None else scaling
        return quantize_graph(graph, self.spec, chosen)

    def check_scaling(self, graph: Graph, scaling: Scaling | Table[str, Scaling]) -> list[Finding]:
        """Return what a choice of scales gains over the documented rule, and what it clips."""
        return check_scaling(graph, self.spec, scaling)

    def map(
        self, q: QuantizedGraph, *, search: Search | None = None, readout: bool | None = None
    ) -> Mapping:
        """Give each layer a core; ``search="flow"`` chooses as the vendor's tools do.

        Args:
            q: the network in integers.
            search: how; see `devices.speck.mapping.map_layers`. None: as the chip is set.
            readout: whether the last layer's core must have room for what the on-chip readout
                needs; None: as the chip is set, which by default is where that is possible.
        """
        room = self.settings.readout if readout is None else readout
        return map_layers(q, self.spec, search=search or self.settings.search, readout=room)

    def balance(
        self, q: QuantizedGraph, result: SimResult
    ) -> tuple[QuantizedGraph, dict[str, float]]:
        """Split the busiest layers over cores that are left, by what a simulation says of them.

        Returns: the network in parts, to be mapped, and the synaptic operations of each.
        """
        return balance_load(q, layer_loads(q, result), self.spec)

    def split(self, q: QuantizedGraph, layer: str) -> QuantizedGraph:
        """Return the network with a layer computed by two cores, half of its features each."""
        return split_layer(q, layer, self.spec)

    def check_load(self, q: QuantizedGraph, result: SimResult) -> list[Finding]:
        """Return which layer does most synaptic operations, and what splitting it would change."""
        return check_load(q, layer_loads(q, result), self.spec)

    def spread_readout(self, q: QuantizedGraph) -> QuantizedGraph:
        """Return the network as the chip computes it with the readout on, for `read_out`."""
        return spread_readout(q, self.spec)

    def simulate(
        self,
        q: QuantizedGraph,
        frames: Shaped[np.ndarray, "b t *n"],
        lengths: Int64[np.ndarray, " b"] | None = None,
    ) -> SimResult:
        """Run frames of counts through the integer network, one time step after the other."""
        return simulate(q, frames, lengths)

    def simulate_events(
        self,
        q: QuantizedGraph,
        frames: Shaped[np.ndarray, "b t *n"],
        lengths: Int64[np.ndarray, " b"] | None = None,
        *,
        seed: int = 0,
    ) -> SimResult:
        """Run frames through the integer network event by event, as the chip takes them."""
        order = self.settings.order
        return simulate_events(q, frames, self.spec, lengths=lengths, seed=seed, order=order)

    def config(
        self,
        q: QuantizedGraph,
        mapping: Mapping | None = None,
        options: ConfigOptions | None = None,
    ) -> dict[str, Any]:
        """Return the configuration as plain JSON; without a mapping, of the chip's own choice.

        Where the options switch the readout on, the last layer is written with its classes on the
        channels that the readout sees.
        """
        if mapping is None:
            mapping = self.map(q, readout=True if options and options.reads_classes else None)
        return make_config(q, mapping, self.spec, options)

    def check_config(self, config: Table[str, Any]) -> list[Finding]:
        """Return what is wrong with a configuration, each finding with the path of its field."""
        return check_config(config, self.spec)

    def graph_from_config(self, config: Table[str, Any]) -> QuantizedGraph:
        """Return the network that a configuration holds, ready to simulate."""
        return graph_from_config(config, self.spec)

    def mapping_from_config(self, config: Table[str, Any]) -> Mapping:
        """Return which core computes which layer by a configuration."""
        return mapping_from_config(config, self.spec)

    def report(
        self,
        model: SpikingSequential,
        samples: Iterable[Samples],
        options: ReportOptions | None = None,
    ) -> Report:
        """Compare a trained model with its integers on samples of known class."""
        report = fidelity_report(self, model, samples, options)
        loads = {layer.name: layer.synops for layer in report.layers}
        told = busiest_layer(loads, "spikelake chip simulate says what splitting it would leave")
        if self.settings.order != DEFAULT.order:
            message = f"event by event in the order {self.settings.order}, not the chip's"
            told.append(finding_at(Severity.INFO, "network", message, "order-chosen"))
        return replace(report, findings=(*report.findings, *told))

    def limits(self) -> list[tuple[str, str]]:
        """Return the chip's limits as names and values, for tables."""
        spec, step = self.spec, self.spec.readout_channel_step
        columns = zip(
            *((c.kernel_words, c.neuron_words, c.bias_words) for c in spec.cores), strict=True
        )
        kernel, neuron, bias = (", ".join(str(words) for words in column) for column in columns)
        return [
            ("cores", str(spec.n_cores)),
            ("weight words a core", kernel),
            ("state words a core", neuron),
            ("bias words a core", bias),
            ("kernel", f"1 … {spec.max_kernel}, square"),
            ("stride", ", ".join(map(str, spec.strides))),
            ("padding", f"0 … {spec.max_padding}"),
            ("sum pooling", ", ".join(map(str, spec.pools))),
            ("features", f"≤ {spec.max_features}"),
            ("input map", f"≤ {spec.max_input} × {spec.max_input}"),
            ("output map", f"≤ {spec.max_output} × {spec.max_output}"),
            ("destinations", f"≤ {spec.max_destinations}"),
            ("weights, biases", f"int{spec.weight_bits}"),
            ("states, thresholds", f"int{spec.state_bits}"),
            ("readout classes", f"≤ {spec.readout_classes}" if spec.has_readout else "no readout"),
            ("readout channels", f"0, {step}, {2 * step}, …" if spec.has_readout else "none"),
            ("camera", f"{spec.sensor_edge} × {spec.sensor_edge}" if spec.has_sensor else "none"),
        ]


dynapcnndevkit = Speck(DYNAPCNN_DEVKIT)
speck2b = Speck(SPECK2B)
speck2btiny = Speck(SPECK2B_TINY)
speck2cmini = Speck(SPECK2C_MINI)
speck2dmini = Speck(SPECK2D_MINI)
speck2e = Speck(SPECK2E)
speck2edevkit = Speck(SPECK2E_DEVKIT)
speck2f = Speck(SPECK2F)
speck2fdevkit = Speck(SPECK2F_DEVKIT)
speck2fmodule = Speck(SPECK2F_MODULE)
