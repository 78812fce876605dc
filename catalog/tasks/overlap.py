"""The same events under two names: what a task over several datasets must not test and train on.

A split is checked for copies within its dataset (`catalog.splits.leakage`); here recordings of
several datasets are compared by their logical digests, which are equal where the events are.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple

from catalog.labels.intervals import Label


class RoleSample(NamedTuple):
    """A sample of a task: what it is used for, where it is from, and what it is of."""

    role: str
    dataset: str
    label: Label
    digest: str


class Shared(NamedTuple):
    """Two samples of different roles that share events."""

    one: RoleSample
    other: RoleSample


def shared_content(samples: Iterable[RoleSample]) -> Iterator[Shared]:
    """Yield pairs of samples of different datasets and roles whose intervals overlap.

    Examples:
        >>> a = RoleSample("train", "a", Label("r", 0, 100, "x"), "d1")
        >>> b = RoleSample("test", "b", Label("s", 50, 60, "x"), "d1")
        >>> [(pair.one.dataset, pair.other.dataset) for pair in shared_content([a, b])]
        [('a', 'b')]
    """
    by_digest: dict[str, list[RoleSample]] = {}
    for sample in samples:
        by_digest.setdefault(sample.digest, []).append(sample)
    for members in by_digest.values():
        if len({(m.role, m.dataset) for m in members}) > 1:
            yield from _overlapping(members)


def role_samples(
    dataset: str,
    folds: Mapping[str, str],
    labels: Mapping[str, Label],
    digests: Mapping[str, str],
    role_of: Mapping[str, str],
) -> Iterator[RoleSample]:
    """Yield the samples of a split that have a role.

    Args:
        dataset: name of their dataset.
        folds: fold of each sample.
        labels: label of each sample.
        digests: logical digest of each recording.
        role_of: role of each fold that has one.
    """
    for sample, fold in folds.items():
        if fold in role_of and sample in labels and labels[sample].recording_id in digests:
            label = labels[sample]
            yield RoleSample(role_of[fold], dataset, label, digests[label.recording_id])


def _overlapping(members: list[RoleSample]) -> Iterator[Shared]:
    """Compare each sample with those before it that are not over yet, in the order of time."""
    going: list[RoleSample] = []
    for sample in sorted(members, key=lambda m: m.label.t_start_us):
        start = sample.label.t_start_us
        going = [m for m in going if m.label.t_stop_us > start]
        for other in going:
            if other.role != sample.role and other.dataset != sample.dataset:
                yield Shared(other, sample)
        going.append(sample)
