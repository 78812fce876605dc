"""Tasks opened for streaming: the samples of each role, of all datasets, in the task's classes."""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from catalog.dataset_version import DatasetVersion
from catalog.reference import Reference
from catalog.splits.split import Split, fold_order
from catalog.tasks.record import ROLES, TaskPart, TaskRecord
from eventstore.closing import Closing
from eventstore.errors import InvalidInput, NotFound
from eventstore.findings import Finding
from eventstore.selection import Selection

WHOLE = ""
"""Name of the one round of a task that does not cross-validate."""


class OpenPart(NamedTuple):
    """One split of an open task."""

    part: TaskPart
    state: DatasetVersion
    split: Split


@dataclass(frozen=True, kw_only=True, eq=False)
class TaskRound:
    """What one training and test of a task is over.

    Args:
        name: the fold tested on, of a cross-validation; empty where the task is one round.
        reference: the line that cites the task.
        label_names: classes in the order of their indices.
        train: samples to train on, of each dataset.
        validation: samples to choose by; none where the task names none.
        test: samples to test on.
        metric: by what results are compared.
        pipeline: fingerprint of the transforms that the task fixes; None where it fixes none.
    """

    name: str
    reference: Reference
    label_names: tuple[str, ...]
    train: tuple[Selection, ...]
    validation: tuple[Selection, ...]
    test: tuple[Selection, ...]
    metric: str = "accuracy"
    pipeline: str | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Task(Closing):
    """A task over the stores of the versions it names; its digests were found right.

    Args:
        record: what it is.
        reference: the line that cites it.
        home: the version that the task lies in.
        parts: its splits.
        findings: what differs without changing a sample, such as a side stream.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> import catalog
        >>> ds = tiny_dataset()
        >>> split = ds.make_split("official", catalog.OfficialRule())
        >>> made = catalog.make_task(ds, "sides", catalog.TaskSpec(splits=("official",)))
        >>> saved = ds.save("1.0.0")
        >>> with catalog.open_task(f"{ds.root}@1.0.0/task:sides") as task:
        ...     len(task.selection("train")), len(task.selection("test")), task.metric
        (4, 2, 'accuracy')
    """

    record: TaskRecord
    reference: Reference
    home: DatasetVersion
    parts: tuple[OpenPart, ...]
    findings: tuple[Finding, ...] = ()

    @property
    def name(self) -> str:
        """Name of the task."""
        return self.record.name

    @property
    def digest(self) -> str:
        """Digest of the task, in hex; checked when it was opened."""
        return self.record.digest

    @property
    def label_names(self) -> tuple[str, ...]:
        """Classes in the order of their indices."""
        return self.record.classes

    @property
    def metric(self) -> str:
        """By what results are compared."""
        return self.record.metric

    @cached_property
    def pipeline(self) -> str | None:
        """Fingerprint of the transforms that the task fixes; None where it fixes none."""
        return self.record.pipeline_fingerprint

    def selections(self, role: str) -> tuple[Selection, ...]:
        """Return the samples of a role, a selection for each dataset that has any.

        Args:
            role: ``"train"``, ``"validation"`` or ``"test"``.

        Raises:
            NotFound: there is no such role.
            InvalidInput: the task cross-validates; `rounds` has its samples.
        """
        if role not in ROLES:
            what = "role of a task:"
            raise NotFound.among(what, role, ROLES)
        if self.record.cross_validate:
            message = f"task {self.name!r} cross-validates: {role!r} is another in each round"
            raise InvalidInput(message, hint="for round in task.rounds(): round.train, round.test")
        named = ((opened, getattr(opened.part, role)) for opened in self.parts)
        return self._selected([(opened, folds) for opened, folds in named if folds])

    def selection(self, role: str) -> Selection:
        """Return the samples of a role of a task that has them in one dataset.

        Raises:
            NotFound: there is no such role, or no samples of it.
            InvalidInput: several datasets have some, or the task cross-validates.
        """
        found = self.selections(role)
        if not found:
            message = f"task {self.name!r} has no fold for {role!r}"
            raise NotFound(message, hint=f"make a task of another name with --{role} FOLD")
        if len(found) > 1:
            message = f"{len(found)} datasets of task {self.name!r} have samples for {role!r}"
            raise InvalidInput(message, hint="task.selections(role) has one selection for each")
        return found[0]

    @property
    def round_names(self) -> list[str]:
        """Names of the rounds: the folds of a cross-validation, else one empty name."""
        if not self.record.cross_validate:
            return [WHOLE]
        return fold_order(fold for opened in self.parts for fold in opened.split.fold_of)

    def rounds(self) -> Iterator[TaskRound]:
        """Yield what each training and test is over; one round unless the task cross-validates."""
        for name in self.round_names:
            yield self.round(name)

    def round(self, name: str = WHOLE) -> TaskRound:
        """Return one round.

        Args:
            name: the fold tested on, of a cross-validation.

        Raises:
            NotFound: there is no such round.
        """
        if name not in self.round_names:
            what = f"round of task {self.name!r}:"
            raise NotFound.among(what, name, self.round_names)
        crossed = self.record.cross_validate
        return TaskRound(
            name=name,
            reference=self.reference,
            label_names=self.label_names,
            train=self._without(name) if crossed else self.selections("train"),
            validation=() if crossed else self.selections("validation"),
            test=self._of_fold(name) if crossed else self.selections("test"),
            metric=self.metric,
            pipeline=self.pipeline,
        )

    def _of_fold(self, fold: str) -> tuple[Selection, ...]:
        return self._selected([(o, (fold,)) for o in self.parts if fold in o.split.folds])

    def _without(self, fold: str) -> tuple[Selection, ...]:
        pairs = [(o, tuple(f for f in o.split.folds if f != fold)) for o in self.parts]
        return self._selected([(opened, folds) for opened, folds in pairs if folds])

    def _selected(self, pairs: list[tuple[OpenPart, tuple[str, ...]]]) -> tuple[Selection, ...]:
        found = (self._in_classes(o, o.split.selection(*folds)) for o, folds in pairs)
        return tuple(selection for selection in found if len(selection))

    def _in_classes(self, opened: OpenPart, selection: Selection) -> Selection:
        """Return the samples whose class the task has, under its index there."""
        index = {name: at for at, name in enumerate(self.label_names)}
        relabel = opened.part.relabel
        names = (relabel.get(name, name) for name in selection.label_names)
        label = np.array([index.get(name, -1) for name in names], np.int64)[selection.label]
        kept = np.flatnonzero(label >= 0)
        return Selection(
            store=selection.store,
            recording=selection.recording[kept],
            t_start=selection.t_start[kept],
            t_stop=selection.t_stop[kept],
            label=label[kept],
            label_names=self.label_names,
            reference=str(self.reference),
        )

    def close(self) -> None:
        """Let go of the stores' mapped files."""
        self.home.close()
        for opened in self.parts:
            opened.state.close()

    def __repr__(self) -> str:
        """Return the reference and what the task is over."""
        return f"<Task {self.reference}, over {', '.join(str(o.part) for o in self.parts)}>"
