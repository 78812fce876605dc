"""What is asked for of a new task."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.reference import DRAFT, Reference, parse_reference
from eventstore.errors import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskSpec:
    """What a new task is to be over, and how it is judged.

    Args:
        splits: names of splits of the dataset that the task lies in, and references of splits of
            other datasets' versions: ``"official"``, ``"tones@1.0.0/split:official"``.
        train: folds to train on; those called ``train`` where nothing is named. ``"a"`` means the
            fold of all splits that have it, ``"tones:a"`` that of one dataset alone.
        validation: folds to choose by; those called ``validation``.
        test: folds to test on; those called ``test``.
        cross_validate: each fold in turn is the test set, the others train.
        classes: the classes in order; samples of others are left out. All where empty.
        relabel: class for labels that are named otherwise: ``{"tones:zero": "0"}``, or without
            dataset for all.
        metric: by what results are compared.
        pipeline: stages that events go through, to fix them; free where None.
        about: what it is for, in a sentence.

    Raises:
        InvalidInput: no split; folds named for a task that cross-validates.

    Examples:
        >>> spec = TaskSpec(splits=("official",), relabel={"zero": "0"}, metric="macro-f1")
        >>> spec.splits, spec.cross_validate
        (('official',), False)
    """

    splits: tuple[str, ...]
    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    cross_validate: bool = False
    classes: tuple[str, ...] = ()
    relabel: Mapping[str, str] = field(default_factory=dict)
    metric: str = "accuracy"
    pipeline: Sequence[Mapping[str, Any]] | None = None
    about: str = ""

    def __post_init__(self) -> None:
        if not self.splits:
            message = "a task over no split"
            raise InvalidInput(message, hint="name one: --split official")
        if self.cross_validate and (self.train or self.validation or self.test):
            message = "folds are named for a task that cross-validates: each tests in turn"
            raise InvalidInput(message, hint="name folds, or cross-validate")
        if len(set(self.classes)) != len(self.classes):
            message = f"classes {', '.join(self.classes)} are not all different"
            raise InvalidInput(message, hint="name each class once")


def parse_split(text: str) -> tuple[Reference | None, str]:
    """Return the version and the name of a split; None for the dataset that the task lies in.

    Raises:
        InvalidInput: another dataset's split without a saved version.

    Examples:
        >>> parse_split("official")
        (None, 'official')
        >>> str(parse_split("tones@1.0.0/split:official")[0])
        'tones@1.0.0/split:official'
    """
    if "@" not in text and "/split:" not in text and "#" not in text:
        return None, text
    wanted = parse_reference(text)
    if wanted.split is None or wanted.version in {None, DRAFT}:
        message = f"{text!r} names no split of a saved version"
        hint = "write OTHER@VERSION/split:NAME: other datasets are pinned by version"
        raise InvalidInput(message, hint=hint)
    return wanted, wanted.split


def of_dataset(text: str, dataset: str) -> str | None:
    """Return what a text such as ``"tones:zero"`` means for a dataset; None if it is another's.

    Examples:
        >>> of_dataset("zero", "tones"), of_dataset("tones:zero", "tones")
        ('zero', 'zero')
        >>> of_dataset("tones:zero", "nmnist") is None
        True
    """
    whose, colon, what = text.partition(":")
    if not colon:
        return text
    return what if whose == dataset else None
