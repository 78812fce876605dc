"""What a rule is: it looks at samples and proposes a fold for each."""

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple, Protocol, Self, runtime_checkable


class Sample(NamedTuple):
    """What a rule may look at."""

    sample_id: str
    label: str
    recording: Mapping[str, str]
    """Row of the recording in ``recordings.tsv``, by column."""
    t_start_us: int = 0
    t_stop_us: int = 0


@runtime_checkable
class Rule(Protocol):
    """Assigns samples to folds: proposes once, the frozen list counts afterwards."""

    name: ClassVar[str]

    def to_dict(self) -> dict[str, object]:
        """Return the rule as recorded beside the split: ``name`` and its settings."""

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> Self:
        """Return the rule that such a record describes."""

    def assign(self, samples: Sequence[Sample], frozen: Mapping[str, str]) -> dict[str, str]:
        """Return the fold of each sample; a sample left out of the answer goes to no fold.

        Args:
            samples: all samples of the label set.
            frozen: folds that an earlier split gave; samples in it keep theirs.

        Raises:
            InvalidInput: the rule cannot be carried out on these samples.
        """
