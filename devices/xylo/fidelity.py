"""Run a model and its integers on a Xylo chip over the same samples and compare them."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Protocol

import numpy as np
from torch import Tensor

from devices.fidelity import LayerFidelity, Report, Samples
from devices.graph import graph_from_model
from devices.nodes import Graph
from devices.power import estimate_power
from devices.report_findings import activity_findings
from devices.report_options import ReportOptions
from devices.report_samples import sample_counts, tally_samples, walk_samples
from devices.report_tally import ModelTally, WayTally
from devices.results import CoreUse, LayerActivity
from devices.xylo.chip import XyloSpec
from devices.xylo.held import held_findings
from devices.xylo.layer import XyloLayer
from devices.xylo.net import XyloNet
from devices.xylo.program import XyloProgram, compile_net
from devices.xylo.simulate import result_of, run_net
from devices.xylo.specification import XyloSpecification
from eventstore.findings import Finding, has_errors
from snn.passage import innermost
from snn.sequential import SpikingSequential


class Rounds(Protocol):
    """What a report asks of a chip."""

    @property
    def spec(self) -> XyloSpec:
        """Its limits."""
        ...

    def check(self, graph: Graph) -> list[Finding]:
        """Return every rule that a network breaks."""
        ...

    def specification(self, graph: Graph) -> XyloSpecification:
        """Return a network as tables of neurons, in floats."""
        ...

    def quantize(self, graph: Graph) -> XyloNet:
        """Return a network in integers."""
        ...


def xylo_report(
    chip: Rounds,
    model: SpikingSequential,
    samples: Iterable[Samples],
    options: ReportOptions | None = None,
) -> Report:
    """Compare a trained model with its integers on a chip.

    The chip works in time steps, so that there is one way to run the integers and none event by
    event. Where the model does not fit, only its own accuracy is measured.

    Args:
        chip: the chip.
        model: the trained model.
        samples: batches with ``x`` (counts), ``label`` and ``length``, such as a loader.
        options: what is asked for; None: everything that needs no more to be known.

    Raises:
        InvalidInput: there is not a single sample, or the model cannot be put on any chip.
    """
    asked = options or ReportOptions()
    return tally_samples(
        model, samples, lambda batch: _Tally.start(chip, model, batch, asked)
    ).report()


@dataclass(slots=True)
class _Tally:
    """Sums over samples; no integers where the model does not fit."""

    spec: XyloSpec
    model: SpikingSequential
    options: ReportOptions
    findings: list[Finding]
    program: XyloProgram | None = None
    model_alone: ModelTally = field(default_factory=ModelTally)
    stepped: WayTally = field(default_factory=WayTally)
    held: dict[str, int] = field(default_factory=dict)
    scales: dict[str, float] = field(default_factory=dict)
    float_spikes: dict[str, float] = field(default_factory=dict)

    @classmethod
    def start(
        cls, chip: Rounds, model: SpikingSequential, batch: Samples, options: ReportOptions
    ) -> "_Tally":
        graph = graph_from_model(model, tuple(batch.x.shape[2:]))
        findings = chip.check(graph)
        if has_errors(findings):
            return cls(chip.spec, model, options, findings)
        floats, net = chip.specification(graph), chip.quantize(graph)
        scales = {layer.name: _scale(floats, net, layer) for layer in net.layers}
        program = compile_net(net)
        return cls(chip.spec, model, options, findings, program=program, scales=scales)

    @property
    def labels(self) -> list[int]:
        return self.model_alone.labels

    def add(self, batch: Samples) -> None:
        for label, x, passages in walk_samples(self.model, batch):
            self.model_alone.add(x, passages[-1].y, label)
            if self.program is not None:
                fired = {p.name: sample_counts(p.y).sum(axis=0) for p in innermost(passages)}
                self._add_integers(self.program, x, fired)

    def _add_integers(self, program: XyloProgram, x: Tensor, fired: dict[str, np.ndarray]) -> None:
        net = program.net
        given = x.cpu().numpy().reshape(1, x.shape[1], net.n_in)
        run = run_net(program, given)
        for name, count in run.tally.totals.items():
            self.held[name] = self.held.get(name, 0) + count
        result = result_of(program, run, given)
        self.stepped.add(result.output[0], self.labels[-1])
        self.stepped.add_layers(result.layers)
        model_hidden = np.zeros(net.n_hidden)
        for layer in net.layers:
            counts = fired[layer.spiking_name]
            self.float_spikes[layer.name] = self.float_spikes.get(layer.name, 0.0) + counts.sum()
            if not layer.is_output:
                model_hidden[layer.ids] = counts
        model_hidden = _handed_on(net, model_hidden)
        for layer, activity in zip(net.layers, result.layers, strict=True):
            found = activity.neuron_spikes.ravel().astype(np.float64)
            expected = fired[layer.spiking_name] if layer.is_output else model_hidden[layer.ids]
            self.stepped.likeness_of(layer.name).add(expected, found)

    def report(self) -> Report:
        fits = self.program is not None
        report = self.model_alone.report(self.spec.name, self.findings, self.options, fits=fits)
        if self.program is None:
            return report
        report = self._with_integers(report, self.program.net)
        noticed = activity_findings(report.layers) + held_findings(self.held, len(self.labels))
        return replace(report, findings=(*report.findings, *noticed))

    def _with_integers(self, report: Report, net: XyloNet) -> Report:
        way, seconds = (
            self.stepped.way(self.labels, self.model_alone.way),
            self.options.seconds_per_sample,
        )
        layers = tuple(
            self._layer(net, layer, self.stepped.layer(at)) for at, layer in enumerate(net.layers)
        )
        whole = sum(layer.synops for layer in layers)
        return replace(
            report,
            integer_accuracy=way.accuracy,
            agreement=self.stepped.agreement(self.model_alone.way),
            silent_samples=self.stepped.silent,
            layers=layers,
            integer_way=way,
            power=estimate_power(self.spec.name, whole, seconds, self.options.power),
        )

    def _layer(self, net: XyloNet, layer: XyloLayer, did: LayerActivity) -> LayerFidelity:
        synops, seconds = float(did.synops.mean()), self.options.seconds_per_sample
        threshold = (net.threshold_out if layer.is_output else net.threshold)[layer.ids]
        return LayerFidelity(
            name=layer.name,
            spiking_name=layer.spiking_name,
            neuron_shape=(layer.n_neurons,),
            use=_use(net, layer, self.spec),
            scale=self.scales[layer.name],
            threshold=int(np.median(threshold)),
            lower_bound=-self.spec.state_top - 1,
            float_spikes=self.float_spikes[layer.name] / len(self.labels),
            integer_spikes=float(did.spikes.mean()),
            event_spikes=float(did.spikes.mean()),
            synops=synops,
            silent_neurons=did.silent_neurons,
            n_neurons=did.n_neurons,
            rate=did.rate,
            silent=did.is_silent,
            saturated=did.is_saturated,
            integer_likeness=self.stepped.likeness_of(layer.name).likeness(),
            synops_per_second=None if seconds is None else synops / seconds,
        )


def _scale(floats: XyloSpecification, net: XyloNet, layer: XyloLayer) -> float:
    """Return what floats of a layer were multiplied with; the median, where neurons differ."""
    if layer.is_output:
        ratio = net.threshold_out[layer.ids] / floats.threshold_out[layer.ids]
    else:
        ratio = net.threshold[layer.ids] / floats.threshold[layer.ids]
    return float(np.median(ratio))


def _use(net: XyloNet, layer: XyloLayer, spec: XyloSpec) -> CoreUse:
    """Return how much of the tables of its one core a layer takes."""
    ids = layer.ids
    tables = [net.w_out[:, ids]] if layer.is_output else [net.w_in[:, ids], net.w_rec[:, ids]]
    bias = net.bias_out if layer.is_output else net.bias_hidden
    most = spec.n_outputs if layer.is_output else spec.n_hidden
    reach = spec.output_reach or spec.n_hidden
    inputs = (spec.input_reach or spec.n_hidden) * spec.n_inputs + spec.n_hidden**2
    return CoreUse(
        layer=layer.name,
        core=0,
        kernel_words=sum(int(np.count_nonzero(table)) for table in tables),
        neuron_words=layer.n_neurons,
        bias_words=0 if bias is None else int(np.count_nonzero(bias[ids])),
        kernel_capacity=most * reach if layer.is_output else inputs * spec.n_synapses,
        neuron_capacity=most,
        bias_capacity=most,
    )


def _handed_on(net: XyloNet, counts: np.ndarray) -> np.ndarray:
    """Return spikes with those of neurons that hand theirs on, as the chip counts them."""
    made = counts.copy()
    for source, targets in enumerate(net.aliases):
        for target in targets:
            made[target] += made[source]
    return made
