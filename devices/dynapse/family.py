"""DYNAP-SE2 with all it can do: from a graph of mixed-signal neurons to a configuration."""

from collections.abc import Iterable
from collections.abc import Mapping as Table
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped

import devices.dynapse.coded_tables  # noqa: F401 # registers how networks of the family are told
from devices.dynapse.chip import DYNAPSE2, DynapseSpec
from devices.dynapse.coded import CodedNet
from devices.dynapse.config import make_config
from devices.dynapse.config_checks import check_config
from devices.dynapse.config_net import net_from_config
from devices.dynapse.fidelity import dynapse_report
from devices.dynapse.net import net_of
from devices.dynapse.quantize import Method, quantize_net
from devices.dynapse.rules import check_graph
from devices.dynapse.simulate import simulate
from devices.fidelity import Report, Samples
from devices.nodes import Graph
from devices.report_options import ReportOptions
from devices.results import SimResult
from devices.rule import told
from eventstore.errors import DoesNotFit
from eventstore.findings import Finding
from snn.sequential import SpikingSequential


@dataclass(frozen=True, slots=True)
class Dynapse:
    """A stack of mixed-signal chips: from graph to configuration.

    Args:
        spec: its limits.

    Examples:
        >>> import snn
        >>> from torch import nn
        >>> from devices.graph import graph_from_model
        >>> from snn.dpi.layer import DPI
        >>> net = snn.SpikingSequential(nn.Linear(100, 4, bias=False), DPI())
        >>> graph = graph_from_model(net, (100,))
        >>> [f.check for f in dynapse2.check(graph) if f.is_error]
        ['fan-in']
    """

    spec: DynapseSpec

    @property
    def name(self) -> str:
        """What the stack is called."""
        return self.spec.name

    def check(self, graph: Graph) -> list[Finding]:
        """Return every rule that the network breaks, and what sharing and rounding cost."""
        return check_graph(graph, self.spec)

    def quantize(self, graph: Graph, *, method: Method = "least-squares") -> CodedNet:
        """Return the network in currents of cores and weights of four bits.

        Args:
            graph: the network.
            method: how weights come to four bits: by least squares, or by an autoencoder as the
                vendor's tools do it.

        Raises:
            DoesNotFit: it breaks a rule.
        """
        errors = [finding for finding in self.check(graph) if finding.is_error]
        if errors:
            message = f"the network does not fit {self.name}: {told(errors)}"
            raise DoesNotFit(message, hint=errors[0].fix)
        return quantize_net(net_of(graph), self.spec, method=method)

    def simulate(
        self,
        q: CodedNet,
        frames: Shaped[np.ndarray, "b t *n"],
        lengths: Int64[np.ndarray, " b"] | None = None,
    ) -> SimResult:
        """Run rasters of counts through the network, its neurons without mismatch."""
        return simulate(q.decoded(), frames, lengths)

    def config(self, q: CodedNet) -> dict[str, Any]:
        """Return the configuration as plain JSON."""
        return make_config(q, self.spec)

    def check_config(self, config: Table[str, Any]) -> list[Finding]:
        """Return what is wrong with a configuration, each finding with the path of its field."""
        return check_config(config, self.spec)

    def graph_from_config(self, config: Table[str, Any]) -> CodedNet:
        """Return the network that a configuration holds, ready to simulate."""
        return net_from_config(config, self.spec)

    def report(
        self,
        model: SpikingSequential,
        samples: Iterable[Samples],
        options: ReportOptions | None = None,
    ) -> Report:
        """Compare a trained model with its four bits on samples of known class."""
        return dynapse_report(self, model, samples, options)

    def limits(self) -> list[tuple[str, str]]:
        """Return the chip's limits as names and values, for tables."""
        spec = self.spec
        return [
            ("chips", str(spec.n_chips)),
            ("cores", f"{spec.n_cores}, {spec.cores_per_chip} a chip"),
            ("neurons", f"≤ {spec.n_neurons:,}, {spec.neurons_per_core} a core"),
            ("neuron", "DPI, with currents that all neurons of a core share"),
            ("synapses a neuron", f"≤ {spec.synapses_per_neuron}"),
            ("destinations a neuron", f"≤ {spec.destinations_per_neuron}"),
            ("tags", f"≤ {spec.n_tags:,} a core"),
            ("weights", f"{spec.weight_bits} bits over currents of the core, and a sign"),
        ]


dynapse2 = Dynapse(DYNAPSE2)
