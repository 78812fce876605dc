"""What the spoken-digits flow found, as plain values and as lines for people."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from statistics import fmean
from typing import Any

from devices.spoken.hearing import HearingFacts


@dataclass(frozen=True, slots=True, kw_only=True)
class SpeakerFacts:
    """A network that never heard one speaker, tested on that speaker.

    Args:
        speaker: who was left out.
        n_test: recordings tested on.
        float_accuracy: of the trained network, in [0, 1].
        chip_accuracy: of the tuned network in the chip's integers.
    """

    speaker: str
    n_test: int
    float_accuracy: float
    chip_accuracy: float


@dataclass(frozen=True, slots=True, kw_only=True)
class SpokenFacts:
    """What came out.

    Args:
        reference: the split trained and tested on, with its digest.
        encoding: what the sounds were heard by.
        recipe: what was trained.
        chip: what it was put on.
        n_recordings: in the dataset.
        n_events: in the dataset.
        n_test: recordings tested on.
        float_accuracy: of the network as trained, in [0, 1].
        tuned_float_accuracy: of the network tuned to the chip, in floats.
        chip_accuracy: of the tuned network in the chip's integers.
        untuned_chip_accuracy: of the network as trained in the chip's integers.
        hearing: of words in a stream; None where the encoding hears none.
        speakers: one a speaker left out; none where that was not asked for.
        seconds: of each stage.
    """

    reference: str
    encoding: str
    recipe: str
    chip: str
    n_recordings: int
    n_events: int
    n_test: int
    float_accuracy: float
    tuned_float_accuracy: float
    chip_accuracy: float
    untuned_chip_accuracy: float
    hearing: HearingFacts | None = None
    speakers: tuple[SpeakerFacts, ...] = ()
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def points_lost(self) -> float:
        """Points by which the chip is below the floats; negative where it is above."""
        return 100 * (self.float_accuracy - self.chip_accuracy)

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, for JSON."""
        return asdict(self) | {"points_lost": round(self.points_lost, 3)}

    def lines(self) -> list[tuple[str, str]]:
        """Return the facts for a terminal, a name and a text each."""
        gained = self.points_lost < 0
        lost = f"{abs(self.points_lost):.1f} points {'gained' if gained else 'lost'}"
        rows = [
            ("data", f"{self.n_recordings:,} recordings, {self.n_events:,} events"),
            ("cite as", self.reference),
            ("heard by", self.encoding),
            ("float", f"{100 * self.float_accuracy:.1f} % of {self.n_test} test recordings"),
            (self.chip, f"{100 * self.chip_accuracy:.1f} %, {lost}"),
            ("without tuning", f"{100 * self.untuned_chip_accuracy:.1f} % on the chip"),
        ]
        if self.hearing is not None:
            rows.append(("in a stream", self.hearing.line()))
        if self.speakers:
            means = [
                100 * fmean(getattr(one, which) for one in self.speakers)
                for which in ("float_accuracy", "chip_accuracy")
            ]
            each = ", ".join(
                f"{one.speaker} {100 * one.chip_accuracy:.0f}" for one in self.speakers
            )
            rows.append(("new voices", f"float {means[0]:.1f} %, chip {means[1]:.1f} % ({each})"))
        stages = ", ".join(f"{name} {seconds:.0f} s" for name, seconds in self.seconds.items())
        return [*rows, ("seconds", stages)]
