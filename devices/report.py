"""Run a model and its integers over the same samples and compare them layer by layer."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from devices.fidelity import LayerFidelity, Report, Samples
from devices.graph import graph_from_model
from devices.layer_loss import go_on_from, layer_alone, layer_frames
from devices.nodes import Graph
from devices.power import estimate_power
from devices.protocol import Chip, CoreChip
from devices.report_findings import noticed
from devices.report_options import ReportOptions
from devices.report_samples import sample_counts, tally_samples, walk_samples
from devices.report_tally import LossTally, ModelTally, WayTally
from devices.results import CoreUse, Mapping, QuantizedGraph, QuantizedLayer
from eventstore.findings import Finding, has_errors
from snn.passage import Passage, innermost
from snn.sequential import SpikingSequential


def fidelity_report(
    chip: Chip[Any],
    model: SpikingSequential,
    samples: Iterable[Samples],
    options: ReportOptions | None = None,
) -> Report:
    """Compare a trained model with its integers on a chip.

    Where the model does not fit, only its own accuracy is measured, and the findings say why.
    Samples run one by one, so memory depends on the longest of them and not on their number.

    Args:
        chip: the chip.
        model: the trained model.
        samples: batches with ``x`` (counts), ``label`` and ``length``, such as a loader.
        options: what is asked for; None: everything that needs no more to be known.

    Raises:
        InvalidInput: there is not a single sample, or the model cannot be put on any chip.
    """
    if not isinstance(chip, CoreChip):
        return chip.report(model, samples, options)
    asked = options or ReportOptions()
    return tally_samples(
        model, samples, lambda batch: _Tally.start(chip, model, batch, asked)
    ).report()


@dataclass(slots=True)
class _Tally:
    """Sums over samples; no integers where the model does not fit."""

    chip: CoreChip
    model: SpikingSequential
    options: ReportOptions
    findings: list[Finding]
    integers: tuple[QuantizedGraph, Mapping] | None
    model_alone: ModelTally = field(default_factory=ModelTally)
    stepped: WayTally = field(default_factory=WayTally)
    by_event: WayTally = field(default_factory=WayTally)
    float_spikes: dict[str, float] = field(default_factory=dict)
    losses: dict[tuple[str, bool], LossTally] = field(default_factory=dict)

    @classmethod
    def start(
        cls, chip: CoreChip, model: SpikingSequential, batch: Samples, options: ReportOptions
    ) -> "_Tally":
        graph: Graph = graph_from_model(model, tuple(batch.x.shape[2:]))
        findings = chip.check(graph)
        if has_errors(findings):
            return cls(chip, model, options, findings, None)
        q = chip.quantize(graph)
        return cls(chip, model, options, findings, (q, chip.map(q)))

    @property
    def labels(self) -> list[int]:
        return self.model_alone.labels

    def add(self, batch: Samples) -> None:
        for label, x, passages in walk_samples(self.model, batch):
            self.model_alone.add(x, passages[-1].y, label)
            if self.integers is not None:
                self._add_integers(self.integers[0], x, passages)
                if self.options.by_layer:
                    self._add_alone(self.integers[0], x, passages)

    def _add_integers(self, q: QuantizedGraph, x: Tensor, passages: list[Passage]) -> None:
        frames, label = x.cpu().numpy(), self.labels[-1]
        fired = {p.name: p.y for p in innermost(passages)}
        counts = {
            layer.name: sample_counts(fired[layer.spiking_name]).sum(axis=0) for layer in q.layers
        }
        for name, per_neuron in counts.items():
            self.float_spikes[name] = self.float_spikes.get(name, 0.0) + float(per_neuron.sum())
        for way, result in (
            (self.stepped, self.chip.simulate(q, frames)),
            (self.by_event, self.chip.simulate_events(q, frames)),
        ):
            way.add(result.output[0], label)
            way.add_layers(result.layers)
            for activity in result.layers:
                found = activity.neuron_spikes.astype(np.float64).ravel()
                way.likeness_of(activity.name).add(counts[activity.name], found)

    def _add_alone(self, q: QuantizedGraph, x: Tensor, passages: list[Passage]) -> None:
        model_counts = sample_counts(passages[-1].y).sum(axis=0)
        fired = {p.name: p.y for p in innermost(passages)}
        for layer in q.layers:
            alone, frames = layer_alone(q, layer), layer_frames(q, layer, x, passages)
            shape = fired[layer.spiking_name]
            for by_event in (False, True):
                simulate = self.chip.simulate_events if by_event else self.chip.simulate
                spikes = torch.from_numpy(simulate(alone, frames).output).to(shape)
                output = go_on_from(passages, layer.spiking_name, spikes.view(shape.shape))
                tally = self.losses.setdefault((layer.name, by_event), LossTally())
                tally.add(sample_counts(output).sum(axis=0), model_counts)

    def report(self) -> Report:
        fits = self.integers is not None
        report = self.model_alone.report(self.chip.name, self.findings, self.options, fits=fits)
        if self.integers is None:
            return report
        report = self._with_integers(report, *self.integers)
        return replace(report, findings=(*report.findings, *noticed(report)))

    def _with_integers(self, report: Report, q: QuantizedGraph, mapping: Mapping) -> Report:
        model, labels = self.model_alone.way, self.labels
        stepped, by_event = (way.way(labels, model) for way in (self.stepped, self.by_event))
        uses = {use.layer: use for use in mapping.uses}
        layers = tuple(
            self._layer(index, layer, uses[layer.name]) for index, layer in enumerate(q.layers)
        )
        synops, seconds = sum(layer.synops for layer in layers), self.options.seconds_per_sample
        return replace(
            report,
            integer_accuracy=stepped.accuracy,
            agreement=self.stepped.agreement(model),
            silent_samples=self.stepped.silent,
            event_accuracy=by_event.accuracy,
            event_agreement=self.by_event.agreement(model),
            layers=layers,
            integer_way=stepped,
            event_way=by_event,
            power=estimate_power(self.chip.name, synops, seconds, self.options.power),
        )

    def _layer(self, index: int, layer: QuantizedLayer, use: CoreUse) -> LayerFidelity:
        stepped, by_event = self.stepped.layer(index), self.by_event.layer(index)
        synops, seconds = float(by_event.synops.mean()), self.options.seconds_per_sample
        losses = [
            self.losses[key].loss(self.labels, self.model_alone.way.said)
            if key in self.losses
            else None
            for key in ((layer.name, False), (layer.name, True))
        ]
        return LayerFidelity(
            name=layer.name,
            spiking_name=layer.spiking_name,
            neuron_shape=layer.neuron_shape,
            use=use,
            scale=layer.scale,
            threshold=layer.threshold,
            lower_bound=layer.lower_bound,
            float_spikes=self.float_spikes[layer.name] / len(self.labels),
            integer_spikes=float(stepped.spikes.mean()),
            event_spikes=float(by_event.spikes.mean()),
            synops=synops,
            silent_neurons=stepped.silent_neurons,
            n_neurons=stepped.n_neurons,
            rate=stepped.rate,
            silent=stepped.is_silent,
            saturated=stepped.is_saturated,
            integer_likeness=self.stepped.likeness_of(layer.name).likeness(),
            event_likeness=self.by_event.likeness_of(layer.name).likeness(),
            integer_loss=losses[0],
            event_loss=losses[1],
            synops_per_second=None if seconds is None else synops / seconds,
        )
