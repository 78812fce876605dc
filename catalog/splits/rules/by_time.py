"""Early and late parts of each recording, with a gap between them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import ClassVar, Self

from catalog.splits.rules.grouping import column_of, some
from catalog.splits.rules.protocol import Sample
from catalog.splits.rules.settings import rule_from_settings, settings_of
from catalog.splits.rules.shares import TRAIN_AND_TEST, borders, check_shares
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class ByTimeRule:
    r"""Cut each recording in time: its first part to the first fold, and so on.

    For few long recordings, of which early samples train and late ones test. With the duration
    $T$ of a recording, the border after folds of shares $f_1, …, f_k$ lies at
    $b_k = \lfloor T \sum_{i \le k} f_i \rfloor$. A sample belongs to the fold it lies in whole, at
    least half of the embargo away from each border, so that samples of two folds are never nearer
    than the embargo. Samples nearer to a border, or across it, go to no fold: they are left out,
    and the split's record counts them. A border depends on the recording alone, so that neither
    further labels nor further recordings move it.

    Args:
        fractions: share of each recording's time per fold, in the order of time; they sum to 1.
        embargo_us: smallest gap between samples of two folds of one recording.

    Raises:
        InvalidInput: the fractions do not sum to 1, or the embargo is negative.

    Examples:
        >>> rule = ByTimeRule(fractions={"train": 0.5, "test": 0.5}, embargo_us=10)
        >>> row = {"recording_id": "a", "t_stop_us": "100"}
        >>> spans = [(0, 45), (40, 50), (54, 60), (55, 100)]
        >>> samples = [Sample(f"a#{a}-{b}", "x", row, a, b) for a, b in spans]
        >>> rule.assign(samples, {})
        {'a#0-45': 'train', 'a#55-100': 'test'}
    """

    name: ClassVar[str] = "by-time"
    fractions: Mapping[str, float] = field(default_factory=lambda: dict(TRAIN_AND_TEST))
    embargo_us: int = 0

    def __post_init__(self) -> None:
        check_shares(self.fractions)
        if self.embargo_us < 0:
            message = f"embargo_us={self.embargo_us} is negative"
            raise InvalidInput(message, hint="give a gap in µs, or 0 for none")

    def to_dict(self) -> dict[str, object]:
        """Return the rule as recorded beside the split."""
        return settings_of(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, object]) -> Self:
        """Return the rule that such a record describes."""
        return rule_from_settings(cls, content)

    def assign(self, samples: Sequence[Sample], frozen: Mapping[str, str]) -> dict[str, str]:
        """Return the fold of each sample that lies well within one."""
        spans: dict[str, list[tuple[str, int, int]]] = {}
        folds = {}
        for sample in samples:
            length = column_of(sample, "t_stop_us")
            if length not in spans:
                spans[length] = self.spans_us(int(length))
            end = min(sample.t_stop_us, int(length))  # a label may outlast its recording
            for fold, start, stop in spans[length]:
                if start <= sample.t_start_us and end <= stop:
                    folds[sample.sample_id] = fold
                    break
        empty = sorted(set(self.fractions) - set(folds.values()))
        if empty:
            message = f"no sample lies within the time of fold {some(empty)}"
            hint = "label shorter intervals, or ask for a smaller embargo; whole recordings are "
            raise InvalidInput(message, hint=hint + "split by group")
        return folds

    def spans_us(self, duration_us: int) -> list[tuple[str, int, int]]:
        """Return where samples of each fold may lie in a recording of this duration.

        Examples:
            >>> ByTimeRule(embargo_us=11).spans_us(100)
            [('train', 0, 75), ('test', 86, 100)]
        """
        before, after = self.embargo_us // 2, self.embargo_us - self.embargo_us // 2
        found, start = [], 0
        for fold, end in borders(self.fractions):
            border = int(duration_us * end)
            stop = border if end == 1 else border - before
            found.append((fold, start, stop))
            start = border + after
        return found
