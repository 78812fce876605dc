"""Chips of the Xylo family, with all they can do."""

from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped

import devices.xylo.net_tables  # noqa: F401 # registers how networks of the family are told
from devices.fidelity import Report, Samples
from devices.nodes import Graph
from devices.report_options import ReportOptions
from devices.results import SimResult
from devices.xylo.chip import XYLO_AUDIO2, XYLO_AUDIO3, XYLO_IMU, XyloSpec
from devices.xylo.config import make_config
from devices.xylo.config_checks import check_config
from devices.xylo.config_net import net_from_config
from devices.xylo.fidelity import xylo_report
from devices.xylo.net import XyloNet
from devices.xylo.quantize import BY_CHANNEL, Rounding, quantize
from devices.xylo.rounding_checks import check_rounded
from devices.xylo.rules import check_graph
from devices.xylo.simulate import simulate
from devices.xylo.specification import XyloSpecification, specification_of
from eventstore.findings import Finding, has_errors
from snn.sequential import SpikingSequential


@dataclass(frozen=True, slots=True)
class Xylo:
    """A chip of the Xylo family: from graph to configuration.

    Args:
        spec: its limits.
        rounding: how floats become integers, unless a step is told otherwise.

    Examples:
        >>> from devices.graph import graph_from_model
        >>> from snn.models.synnet import synnet
        >>> graph = graph_from_model(synnet(4, (16,), bit_shift=True), (16,))
        >>> [finding.check for finding in xylo_audio3.check(graph)]
        ['output-spikes']
        >>> config = xylo_audio3.config(xylo_audio3.quantize(graph))
        >>> len(config["hidden"]["neurons"]), len(config["readout"]["neurons"])
        (72, 4)
    """

    spec: XyloSpec
    rounding: Rounding = BY_CHANNEL

    @property
    def name(self) -> str:
        """What the chip is called."""
        return self.spec.name

    def check(self, graph: Graph) -> list[Finding]:
        """Return every rule that the network breaks, and what rounding to integers spoils."""
        findings = check_graph(graph, self.spec)
        if has_errors(findings):
            return findings
        return findings + self.check_rounding(graph)

    def specification(self, graph: Graph) -> XyloSpecification:
        """Return the network as tables of neurons, in floats; refuse one that breaks a rule."""
        return specification_of(graph, self.spec)

    def quantize(self, graph: Graph, *, rounding: Rounding | None = None) -> XyloNet:
        """Return the network in integers; refuse one that breaks a rule.

        Args:
            graph: the network.
            rounding: one scale for all neurons or one for each, and what may be clipped; None: as
                the chip is set.
        """
        return quantize(specification_of(graph, self.spec), self.spec, rounding or self.rounding)

    def check_rounding(self, graph: Graph, rounding: Rounding | None = None) -> list[Finding]:
        """Return what a way to round spoils: clipped, lost and coarse weights."""
        floats, chosen = specification_of(graph, self.spec), rounding or self.rounding
        return check_rounded(floats, quantize(floats, self.spec, chosen), self.spec, chosen)

    def simulate(
        self,
        q: XyloNet,
        frames: Shaped[np.ndarray, "b t *n"],
        lengths: Int64[np.ndarray, " b"] | None = None,
    ) -> SimResult:
        """Run rasters of counts through the integer network, bit by bit as the chip does."""
        return simulate(q, frames, lengths)

    def config(self, q: XyloNet) -> dict[str, Any]:
        """Return the configuration as plain JSON."""
        return make_config(q, self.spec)

    def check_config(self, config: Table[str, Any]) -> list[Finding]:
        """Return what is wrong with a configuration, each finding with the path of its field."""
        return check_config(config, self.spec)

    def graph_from_config(self, config: Table[str, Any]) -> XyloNet:
        """Return the network that a configuration holds, ready to simulate."""
        return net_from_config(config, self.spec)

    def report(
        self,
        model: SpikingSequential,
        samples: Iterable[Samples],
        options: ReportOptions | None = None,
    ) -> Report:
        """Compare a trained model with its integers on samples of known class."""
        return xylo_report(self, model, samples, options)

    def limits(self) -> list[tuple[str, str]]:
        """Return the chip's limits as names and values, for tables."""
        spec = self.spec
        return [
            ("product", spec.product),
            ("inputs", f"≤ {spec.n_inputs}"),
            ("hidden neurons", f"≤ {spec.n_hidden}"),
            ("output neurons", f"≤ {spec.n_outputs}"),
            ("synapses a hidden neuron", f"≤ {spec.n_synapses}"),
            ("synapses an output neuron", "1"),
            ("inputs reach", _reach("first", spec.input_reach)),
            ("outputs are driven by", _reach("last", spec.output_reach)),
            ("aliases a hidden neuron", f"≤ {spec.aliases}"),
            ("weights", f"int{spec.weight_bits}"),
            ("states, thresholds, biases", f"int{spec.state_bits}"),
            ("time constants", f"dt · 2^1 … 2^{spec.dash_top}, as bit shifts"),
            ("spikes of an input a time step", f"≤ {spec.max_input_spikes}"),
            ("of a hidden neuron", f"≤ {spec.max_hidden_spikes}"),
            ("of an output neuron", f"≤ {spec.max_output_spikes}"),
        ]


def _reach(end: str, count: int | None) -> str:
    return "all hidden neurons" if count is None else f"the {end} {count} hidden neurons"


xylo_audio2 = Xylo(XYLO_AUDIO2)
xylo_audio3 = Xylo(XYLO_AUDIO3)
xylo_imu = Xylo(XYLO_IMU)
