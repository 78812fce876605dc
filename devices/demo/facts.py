"""What a demo run found out: plain values that the printed report and the page both show."""

from dataclasses import asdict, dataclass, field

import numpy as np
from jaxtyping import Int64, UInt8


@dataclass(frozen=True, slots=True, kw_only=True)
class DataFacts:
    """The dataset that was made.

    Args:
        name: what the recordings are, in words.
        simulated: whether a camera model made them rather than a camera.
        reference: ``name@version/split:x#digest`` of the split trained on.
        folder: the dataset's folder.
        n_recordings: number of recordings in the store.
        n_events: number of events in the store.
        source_bytes: size of the events in their source files, uncompressed.
        stored_bytes: size of the store on disk.
        fold_counts: samples per fold and label: fold → label → count.
    """

    name: str
    simulated: bool
    reference: str
    folder: str
    n_recordings: int
    n_events: int
    source_bytes: int
    stored_bytes: int
    fold_counts: dict[str, dict[str, int]]


@dataclass(frozen=True, slots=True, kw_only=True)
class SeedFacts:
    """One training run.

    Args:
        seed: its seed.
        epochs: for each epoch, its number, losses and held-out accuracy in [0, 1].
        best_epoch: the epoch chosen on held-out training data.
        test_accuracy: accuracy of that epoch on the test fold, in [0, 1].
        chip_accuracy: accuracy of the simulated chip on the test fold, in [0, 1].
        seconds: wall time of the training.
    """

    seed: int
    epochs: list[dict[str, float]]
    best_epoch: int
    test_accuracy: float
    chip_accuracy: float
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Example:
    """A test recording to look at.

    Args:
        sample_id: which one.
        label: its class.
        predicted: what the simulated chip said.
        counts: event counts ``(slices, P, H, W)`` over equal slices of time.
    """

    sample_id: str
    label: str
    predicted: str
    counts: UInt8[np.ndarray, "slices p h w"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ChipFacts:
    """How the network of the first seed sits on the chip.

    Args:
        chip: the chip's name.
        layers: one row per layer for the table: column → value.
        findings: what the rules and the simulation had to say, as plain fields.
        agreement: share of test samples on which the chip and the float network agree, in [0, 1].
        event_accuracy: accuracy event by event in the order the chip takes them, instead of all
            weights of a time step at once, in [0, 1].
        config_file: where the configuration was written.
    """

    chip: str
    layers: list[dict[str, str | int | float]]
    findings: list[dict[str, str]]
    agreement: float
    event_accuracy: float
    config_file: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoFacts:
    """Everything one demo run found out.

    Args:
        data: the dataset.
        label_names: the classes, in order.
        recipe: name of the training recipe.
        runs: one training run per seed.
        confusion: test samples by true class (rows) and the class the chip said (columns), over
            all seeds.
        examples: test recordings to look at.
        chip: how the network sits on the chip.
        seconds: wall time of each stage, in order.
        versions: what was used: distribution → version.
    """

    data: DataFacts
    label_names: tuple[str, ...]
    recipe: str
    runs: list[SeedFacts]
    confusion: Int64[np.ndarray, "true said"]
    examples: list[Example]
    chip: ChipFacts
    seconds: dict[str, float]
    versions: dict[str, str] = field(default_factory=dict)

    @property
    def test_accuracy(self) -> float:
        """Mean float test accuracy over the seeds, in [0, 1]."""
        return float(np.mean([run.test_accuracy for run in self.runs]))

    @property
    def chip_accuracy(self) -> float:
        """Mean accuracy of the simulated chip over the seeds, in [0, 1]."""
        return float(np.mean([run.chip_accuracy for run in self.runs]))

    @property
    def points_lost(self) -> float:
        """Percentage points of accuracy lost from float to chip; negative where the chip gains."""
        return 100 * (self.test_accuracy - self.chip_accuracy)

    def to_dict(self) -> dict[str, object]:
        """Return the facts as JSON values; the pictures are left out."""
        plain = asdict(self)
        del plain["examples"]
        plain["confusion"] = self.confusion.tolist()
        means = {"test_accuracy": self.test_accuracy, "chip_accuracy": self.chip_accuracy}
        return {**plain, **means, "points_lost": self.points_lost}
