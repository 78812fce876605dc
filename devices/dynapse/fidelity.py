"""Run a model and its four bits on the chip over the same samples and compare them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np

from devices.dynapse.chip import DynapseSpec
from devices.dynapse.coded import CodedNet, CodedPopulation
from devices.dynapse.simulate import simulate
from devices.fidelity import LayerFidelity, Report, Samples
from devices.graph import graph_from_model
from devices.likeness import LikenessTally
from devices.nodes import Graph
from devices.report_findings import activity_findings
from devices.report_options import ReportOptions
from devices.report_samples import tally_samples, walk_samples
from devices.report_tally import ModelTally, WayTally
from devices.results import CoreUse, LayerActivity
from eventstore.findings import Finding, has_errors
from snn.passage import innermost
from snn.sequential import SpikingSequential


class Codes(Protocol):
    """What a report asks of a chip."""

    @property
    def spec(self) -> DynapseSpec:
        """Its limits."""
        ...

    def check(self, graph: Graph) -> list[Finding]:
        """Return every rule that a network breaks."""
        ...

    def quantize(self, graph: Graph) -> CodedNet:
        """Return a network in currents and codes."""
        ...


def dynapse_report(
    chip: Codes,
    model: SpikingSequential,
    samples: Iterable[Samples],
    options: ReportOptions | None = None,
) -> Report:
    """Compare a trained model with what the chip makes of it, without mismatch.

    What mismatch does is told by `devices.dynapse.mismatch_curve`. Where the model does not fit,
    only its own accuracy is measured.

    Args:
        chip: the chip.
        model: the trained model.
        samples: batches with ``x`` (counts), ``label`` and ``length``, such as a loader.
        options: what is asked for; power has no published constants and is left out.

    Raises:
        InvalidInput: there is not a single sample, or the model cannot be put on any chip.
    """
    asked = options or ReportOptions()
    return tally_samples(model, samples, lambda batch: _start(chip, model, batch, asked)).report()


def _start(
    chip: Codes, model: SpikingSequential, batch: Samples, options: ReportOptions
) -> "_Tally":
    graph = graph_from_model(model, tuple(batch.x.shape[2:]))
    findings = chip.check(graph)
    net = None if has_errors(findings) else chip.quantize(graph)
    return _Tally(chip.spec, model, options, findings, net=net)


@dataclass(slots=True)
class _Tally:
    """Sums over samples; no codes where the model does not fit."""

    spec: DynapseSpec
    model: SpikingSequential
    options: ReportOptions
    findings: list[Finding]
    net: CodedNet | None = None
    model_alone: ModelTally = field(default_factory=ModelTally)
    coded: WayTally = field(default_factory=WayTally)
    float_spikes: dict[str, float] = field(default_factory=dict)
    likeness: dict[str, LikenessTally] = field(default_factory=dict)

    @property
    def labels(self) -> list[int]:
        return self.model_alone.labels

    def add(self, batch: Samples) -> None:
        decoded = None if self.net is None else self.net.decoded()
        for label, x, passages in walk_samples(self.model, batch):
            self.model_alone.add(x, passages[-1].y, label)
            if decoded is None:
                continue
            result = simulate(decoded, x.float().cpu().numpy())
            self.coded.add(result.output[0], label)
            self.coded.add_layers(result.layers)
            fired = {p.name: p.y.double().sum((0, 1)).numpy() for p in innermost(passages)}
            for layer in result.layers:
                counts = fired[layer.spiking_name]
                self.float_spikes.setdefault(layer.name, 0.0)
                self.float_spikes[layer.name] += float(counts.sum())
                tally = self.likeness.setdefault(layer.name, LikenessTally())
                tally.add(counts, layer.neuron_spikes.ravel().astype(np.float64))

    def report(self) -> Report:
        fits = self.net is not None
        report = self.model_alone.report(self.spec.name, self.findings, self.options, fits=fits)
        if self.net is None:
            return report
        way = self.coded.way(self.labels, self.model_alone.way)
        layers = tuple(
            self._layer(one, self.coded.layer(at)) for at, one in enumerate(self.net.populations)
        )
        return replace(
            report,
            integer_accuracy=way.accuracy,
            agreement=self.coded.agreement(self.model_alone.way),
            silent_samples=self.coded.silent,
            layers=layers,
            integer_way=way,
            findings=(*report.findings, *activity_findings(layers)),
        )

    def _layer(self, one: CodedPopulation, did: LayerActivity) -> LayerFidelity:
        n_samples, seconds = len(self.labels), self.options.seconds_per_sample
        synops, spikes = float(did.synops.mean()), float(did.spikes.mean())
        return LayerFidelity(
            name=one.name,
            spiking_name=one.spiking_name,
            neuron_shape=(did.n_neurons,),
            use=_use(one, self.spec),
            scale=1.0,
            threshold=1,
            lower_bound=0,
            float_spikes=self.float_spikes[one.name] / n_samples,
            integer_spikes=spikes,
            event_spikes=spikes,
            synops=synops,
            silent_neurons=did.silent_neurons,
            n_neurons=did.n_neurons,
            rate=did.rate,
            silent=did.is_silent,
            saturated=did.is_saturated,
            integer_likeness=self.likeness[one.name].likeness(),
            synops_per_second=None if seconds is None else synops / seconds,
        )


def _use(one: CodedPopulation, spec: DynapseSpec) -> CoreUse:
    """Return how many synapses and neurons of its cores a layer takes; the first core is named."""
    n_cores = len(np.unique(one.core))
    places = n_cores * spec.neurons_per_core
    return CoreUse(
        layer=one.name,
        core=int(one.core.min(initial=0)),
        kernel_words=int(one.fan_in.sum()),
        neuron_words=len(one.core),
        bias_words=0,
        kernel_capacity=places * spec.synapses_per_neuron,
        neuron_capacity=places,
        bias_capacity=places,
    )
