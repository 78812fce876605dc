"""Put the trained networks of a demo on the simulated chip and look at what they say there."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from jaxtyping import Int64

from catalog.splits.split import Split
from devices.chips import core_chip
from devices.config_file import write_config
from devices.demo.facts import ChipFacts, Example, SeedFacts
from devices.fidelity import LayerFidelity
from devices.graph import graph_from_model
from devices.protocol import CoreChip
from eventstore.loader import Loader
from eventstore.selection import Selection
from eventstore.transforms import FramesByBins, Pipeline
from snn.task_data import evaluation_loader
from snn.tasks import Run

PICTURE_SLICES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class OnChip:
    """What the chip said.

    Args:
        accuracies: accuracy of each run on the chip, in [0, 1].
        confusion: test samples by true class and the class said, all runs together.
        examples: one test recording per class, with what the first run's chip said.
        chip: how the first run's network sits on the chip.
    """

    accuracies: list[float]
    confusion: Int64[np.ndarray, "true said"]
    examples: list[Example]
    chip: ChipFacts

    def seeds(self, runs: list[Run]) -> list[SeedFacts]:
        """Return each run's facts with its accuracy on the chip."""
        return [
            SeedFacts(
                seed=run.seed,
                epochs=[
                    {
                        "epoch": row.epoch + 1,
                        "loss": row.loss,
                        "train_accuracy": row.train_accuracy,
                        "held_out_accuracy": row.held_out_accuracy or 0.0,
                    }
                    for row in run.result.history
                ],
                best_epoch=run.result.best_epoch + 1,
                test_accuracy=run.metrics["accuracy"],
                chip_accuracy=accuracy,
                seconds=sum(row.seconds for row in run.result.history),
            )
            for run, accuracy in zip(runs, self.accuracies, strict=True)
        ]


def put_on_chip(name: str, runs: list[Run], split: Split, config_file: Path) -> OnChip:
    """Quantise, map and simulate every run; write the first one's configuration.

    Raises:
        NotFound: no such chip.
        DoesNotFit: the network breaks a rule of the chip.
    """
    target, test = core_chip(name), split.selection("test")
    said = [predictions(target, run, test) for run in runs]
    classes = len(split.label_names)
    confusion = np.zeros((classes, classes), np.int64)
    for answers in said:
        np.add.at(confusion, (test.label, answers), 1)
    return OnChip(
        accuracies=[float((answers == test.label).mean()) for answers in said],
        confusion=confusion,
        examples=pick_examples(test, said[0]),
        chip=chip_facts(target, runs[0], test, config_file),
    )


def predictions(target: CoreChip, run: Run, test: Selection) -> Int64[np.ndarray, " n"]:
    """Return the class that the simulated chip says for each sample, in the selection's order."""
    quantized = target.quantize(graph_from_model(run.model, run.input_shape))
    said = [
        target.simulate(quantized, batch.x.numpy(), batch.length.numpy()).predictions
        for batch in evaluation_loader(test, run.recipe)
    ]
    answers: Int64[np.ndarray, " n"] = np.concatenate(said)
    return answers


def chip_facts(target: CoreChip, run: Run, test: Selection, config_file: Path) -> ChipFacts:
    """Compare one run with its integers layer by layer and write its configuration."""
    report = target.report(run.model, evaluation_loader(test, run.recipe))
    quantized = target.quantize(graph_from_model(run.model, run.input_shape))
    write_config(target.config(quantized, target.map(quantized)), config_file)
    return ChipFacts(
        chip=target.name,
        layers=[layer_row(layer) for layer in report.layers],
        findings=[finding.to_dict() for finding in report.findings],
        agreement=report.agreement or 0.0,
        event_accuracy=report.event_accuracy or 0.0,
        config_file=str(config_file),
    )


def layer_row(layer: LayerFidelity) -> dict[str, str | int | float]:
    """Return one layer's row of the chip table."""
    use = layer.use
    return {
        "layer": layer.name,
        "core": use.core,
        "kernel words": f"{use.kernel_words:,} of {use.kernel_capacity:,}",
        "neuron words": f"{use.neuron_words:,} of {use.neuron_capacity:,}",
        "scale": f"{layer.scale:.1f}",
        "threshold": layer.threshold,
        "float spikes": f"{layer.float_spikes:,.1f}",
        "chip spikes": f"{layer.integer_spikes:,.1f}",
        "SynOps": f"{layer.synops:,.0f}",
        "silent neurons": f"{100 * layer.silent_neurons / layer.n_neurons:.1f} %",
    }


def pick_examples(test: Selection, said: Int64[np.ndarray, " n"]) -> list[Example]:
    """Return the first test recording of each class, cut into slices of time."""
    _, rows = np.unique(test.label, return_index=True)
    chosen = test.take(rows)
    pipeline = Pipeline(FramesByBins(n_bins=PICTURE_SLICES))
    (batch,) = Loader(chosen, pipeline, batch_size=len(rows), shuffle=False)
    return [
        Example(
            sample_id=batch.ids[i],
            label=test.label_names[int(test.label[row])],
            predicted=test.label_names[int(said[row])],
            counts=np.minimum(batch.x[i].numpy(), 255).astype(np.uint8),
        )
        for i, row in enumerate(rows)
    ]
