"""Run a model and its integers over the same samples and compare them layer by layer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace

import numpy as np
import torch

from devices.fidelity import LayerFidelity, Report, Samples
from devices.graph import graph_from_model
from devices.nodes import Graph
from devices.protocol import Chip
from devices.results import LayerActivity, Mapping, QuantizedGraph, SimResult
from eventstore.errors import InvalidInput
from eventstore.findings import Finding, Severity, has_errors
from snn.layers import SpikingLayer
from snn.passage import innermost
from snn.sequential import SpikingSequential

ORDER_COSTS = 0.02
"""Accuracy lost by taking events one by one that is worth a warning."""


def fidelity_report(chip: Chip, model: SpikingSequential, samples: Iterable[Samples]) -> Report:
    """Compare a trained model with its integers on a chip.

    Where the model does not fit, only its own accuracy is measured, and the findings say why.

    Args:
        chip: the chip.
        model: the trained model.
        samples: batches with ``x`` (counts), ``label`` and ``length``, such as a loader.

    Raises:
        InvalidInput: there is not a single sample, or the model cannot be put on any chip.
    """
    tally = _Tally()
    with _evaluating(model):
        for batch in samples:
            if tally.network is None:
                tally.network = _Network.prepare(chip, model, tuple(batch.x.shape[2:]))
            tally.add(chip, model, batch)
    if tally.network is None or tally.n_samples == 0:
        message = "there is not a single sample to compare on"
        raise InvalidInput(message, hint="pass a loader over a fold that has samples")
    return tally.report(chip.name, tally.network)


@dataclass(frozen=True, slots=True)
class _Network:
    """The model as the chip sees it; no integers where it does not fit."""

    findings: list[Finding]
    integers: tuple[QuantizedGraph, Mapping] | None

    @classmethod
    def prepare(
        cls, chip: Chip, model: SpikingSequential, input_shape: tuple[int, ...]
    ) -> "_Network":
        graph: Graph = graph_from_model(model, input_shape)
        findings = chip.check(graph)
        if has_errors(findings):
            return cls(findings, None)
        q = chip.quantize(graph)
        return cls(findings, (q, chip.map(q)))


@dataclass(slots=True)
class _Side:
    """Sums over batches of one way to run the integers."""

    right: int = 0
    agreed: int = 0
    silent: int = 0
    activities: list[tuple[LayerActivity, ...]] = field(default_factory=list)

    def add(self, result: SimResult, label: np.ndarray, float_said: np.ndarray) -> None:
        self.right += int((result.predictions == label).sum())
        self.agreed += int((result.predictions == float_said).sum())
        self.silent += int(result.silent_outputs.sum())
        self.activities.append(result.layers)

    def layer(self, index: int) -> LayerActivity:
        return LayerActivity.joined([layers[index] for layers in self.activities])


@dataclass(slots=True)
class _Tally:
    """Sums over batches."""

    network: _Network | None = None
    n_samples: int = 0
    float_right: int = 0
    float_spikes: dict[str, float] = field(default_factory=dict)
    stepped: _Side = field(default_factory=_Side)
    by_event: _Side = field(default_factory=_Side)

    def add(self, chip: Chip, model: SpikingSequential, batch: Samples) -> None:
        label = batch.label.cpu().numpy()
        counts, spikes = _run_model(model, batch)
        said = counts.argmax(axis=1)
        self.n_samples += len(label)
        self.float_right += int((said == label).sum())
        for name, number in spikes.items():
            self.float_spikes[name] = self.float_spikes.get(name, 0.0) + number
        if self.network is None or self.network.integers is None:
            return
        q = self.network.integers[0]
        frames, lengths = batch.x.cpu().numpy(), batch.length.cpu().numpy().astype(np.int64)
        self.stepped.add(chip.simulate(q, frames, lengths), label, said)
        self.by_event.add(chip.simulate_events(q, frames, lengths), label, said)

    def report(self, chip: str, network: _Network) -> Report:
        n = self.n_samples
        report = Report(
            chip=chip,
            fits=network.integers is not None,
            n_samples=n,
            float_accuracy=self.float_right / n,
            findings=tuple(network.findings),
        )
        if network.integers is None:
            return report
        layers = self._layers(*network.integers)
        noticed = _activity_findings(layers) + self._order_findings()
        return replace(
            report,
            integer_accuracy=self.stepped.right / n,
            agreement=self.stepped.agreed / n,
            silent_samples=self.stepped.silent,
            event_accuracy=self.by_event.right / n,
            event_agreement=self.by_event.agreed / n,
            layers=layers,
            findings=(*report.findings, *noticed),
        )

    def _order_findings(self) -> list[Finding]:
        stepped, by_event = (side.right / self.n_samples for side in (self.stepped, self.by_event))
        if stepped - by_event <= ORDER_COSTS:
            return []
        message = f"event by event {by_event:.1%} are right, time step by time step {stepped:.1%}: "
        message += "the order of events within a step matters"
        fix = "train on more, shorter time steps, or with a penalty on spikes"
        return [_warning("network", "event-order", message, fix)]

    def _layers(self, q: QuantizedGraph, mapping: Mapping) -> tuple[LayerFidelity, ...]:
        fidelity = []
        for index, (layer, use) in enumerate(zip(q.layers, mapping.uses, strict=True)):
            activity, events = self.stepped.layer(index), self.by_event.layer(index)
            fidelity.append(
                LayerFidelity(
                    name=layer.name,
                    spiking_name=layer.spiking_name,
                    neuron_shape=layer.neuron_shape,
                    use=use,
                    scale=layer.scale,
                    threshold=layer.threshold,
                    lower_bound=layer.lower_bound,
                    float_spikes=self.float_spikes[layer.spiking_name] / self.n_samples,
                    integer_spikes=float(activity.spikes.mean()),
                    event_spikes=float(events.spikes.mean()),
                    synops=float(events.synops.mean()),
                    silent_neurons=activity.silent_neurons,
                    n_neurons=activity.n_neurons,
                    rate=activity.rate,
                    silent=activity.is_silent,
                    saturated=activity.is_saturated,
                )
            )
        return tuple(fidelity)


@contextmanager
def _evaluating(model: SpikingSequential) -> Iterator[None]:
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            yield
    finally:
        model.train(was_training)


def _run_model(model: SpikingSequential, batch: Samples) -> tuple[np.ndarray, dict[str, float]]:
    """Return the model's summed output of each sample, and the spikes of each spiking layer."""
    parameter = next(model.parameters(), None)
    x = batch.x.float() if parameter is None else batch.x.to(parameter.device, parameter.dtype)
    steps = torch.arange(x.shape[1], device=x.device)
    valid = steps < batch.length.to(x.device)[:, None]
    spikes = {}
    for passage in model.walk(x):
        x = passage.y
        for inner in innermost([passage]):
            if isinstance(inner.module, SpikingLayer):
                spikes[inner.name] = float(inner.y[valid].sum(dtype=torch.float64))
    x = x.flatten(2) * valid[:, :, None]
    return x.sum(dim=1).double().cpu().numpy(), spikes


def _activity_findings(layers: tuple[LayerFidelity, ...]) -> list[Finding]:
    findings = []
    for layer in layers:
        if layer.silent:
            message = (
                f"no neuron fired in integers, {layer.float_spikes:.1f} spikes a sample in floats"
            )
            fix = "lower the threshold, or train with noise on the weights"
            findings.append(_warning(layer.name, "silent-layer", message, fix))
        if layer.saturated:
            message = f"{layer.rate:.2f} spikes a neuron and time step: the layer is always on"
            fix = "raise the threshold, or train with a penalty on spikes"
            findings.append(_warning(layer.name, "saturated-layer", message, fix))
    return findings


def _warning(where: str, check: str, message: str, fix: str) -> Finding:
    return Finding(severity=Severity.WARNING, where=where, message=message, check=check, fix=fix)
