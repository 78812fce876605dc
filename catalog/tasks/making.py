"""Work out the record of a new task: what it pins, which folds, which classes."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol, TypeAlias, runtime_checkable

from catalog.dataset_version import DatasetVersion, check_digest
from catalog.labels.intervals import label_order
from catalog.recording_table import recording_digests
from catalog.splits.record import CheckedSplit, check_split
from catalog.splits.split import fold_order
from catalog.tasks.metrics import METRICS
from catalog.tasks.overlap import role_samples, shared_content
from catalog.tasks.pins import table_pins
from catalog.tasks.record import ROLES, TaskPart, TaskRecord
from catalog.tasks.spec import TaskSpec, of_dataset, parse_split
from catalog.text_files import check_file_name, write_text
from catalog.versions import Version
from eventstore.errors import AlreadyExists, InvalidInput, NotFound

if TYPE_CHECKING:
    from catalog.dataset import Dataset


@runtime_checkable
class Versions(Protocol):
    """A dataset whose versions can be opened, here or at a URL."""

    @property
    def root(self) -> object:
        """Its folder or URL."""

    def versions(self) -> list[Version]:
        """Return every saved version, in the order of saving."""

    def at(self, version: str | None = None) -> DatasetVersion:
        """Open a saved version."""


Lookup: TypeAlias = Callable[[str], Versions]
"""Finds another dataset by its name."""


class Source(NamedTuple):
    """One split that a task is over, read and checked."""

    state: DatasetVersion
    split: CheckedSplit
    home: bool

    @property
    def folds(self) -> list[str]:
        """Its folds in their usual order."""
        return fold_order(self.split.folds.values())


def freeze_task(dataset: "Dataset", name: str, spec: TaskSpec, lookup: Lookup) -> TaskRecord:
    """Freeze a task in the work tree of a dataset: its file is written once.

    Args:
        dataset: where the task is to lie.
        name: name of the task.
        spec: what it is over.
        lookup: finds other datasets by their name.

    Raises:
        AlreadyExists: the dataset has, or a saved version had, a task of this name.
        InvalidInput: folds, classes or the metric do not fit, or the same events are trained and
            tested on under two names.
        NotFound: there is no such dataset, version, split, fold, class or metric.
        IntegrityError: a split is not what it was frozen as.
    """
    record, _ = plan_task(dataset, name, spec, lookup)
    write_text(dataset.root / "tasks" / f"{name}.json", record.text())
    return record


def plan_task(
    dataset: "Dataset", name: str, spec: TaskSpec, lookup: Lookup
) -> tuple[TaskRecord, list[Source]]:
    """Return the record of a task and what it is over, writing nothing; as `freeze_task`."""
    _check_new(dataset, name)
    if spec.metric not in METRICS:
        what = "metric"
        raise NotFound.among(what, spec.metric, METRICS)
    sources = [_source(dataset, text, lookup) for text in spec.splits]
    relabels = [_relabel(source, spec.relabel) for source in sources]
    _check_used(spec, sources)
    roles = [_roles(source, spec) for source in sources]
    record = TaskRecord(
        name=name,
        about=spec.about,
        parts=tuple(map(_part, sources, roles, relabels)),
        classes=_classes(sources, relabels, spec.classes),
        metric=spec.metric,
        cross_validate=spec.cross_validate,
        pipeline=None if spec.pipeline is None else canonical_pipeline(spec.pipeline),
    ).frozen()
    _check_folds(record, sources)
    _check_shared(record, sources)
    return record, sources


def canonical_pipeline(stages: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return stages with every field written out and no random one: what a test sample sees.

    Raises:
        InvalidInput: a stage has not such a field.
        NotFound: there is no such transform.
    """
    from eventstore.transforms.pipeline import PIPELINE_FORMAT, Pipeline
    from eventstore.transforms.protocol import EventTransform

    document = {"format": PIPELINE_FORMAT, "stages": list(stages)}
    found = Pipeline.from_json(json.dumps(document)).stages
    kept = (s for s in found if not (isinstance(s, EventTransform) and s.random))
    canonical: list[Mapping[str, Any]] = json.loads(Pipeline(*kept).to_json())["stages"]
    return canonical


def _check_new(dataset: "Dataset", name: str) -> None:
    check_file_name(name)
    path = f"tasks/{name}.json"
    hint = "a task is never rewritten: choose another name"
    if dataset.repo.commit_adding(path):
        message = f"{dataset.root} has, or had, a task {name!r}"
        raise AlreadyExists(message, hint=hint)
    if (dataset.root / path).exists():
        message = f"the work tree of {dataset.root} has a task {name!r} already"
        raise AlreadyExists(message, hint=f"{hint}, or delete {path}, which no version has")


def _source(dataset: "Dataset", text: str, lookup: Lookup) -> Source:
    wanted, split = parse_split(text)
    state = dataset.draft() if wanted is None else lookup(wanted.dataset).at(wanted.version)
    checked = check_split(state.tree, split, recording_digests(state.recordings))
    if wanted is not None:
        check_digest(str(wanted), checked.record.digest, wanted.digest)
    return Source(state, checked, home=wanted is None)


def _part(source: Source, roles: dict[str, tuple[str, ...]], relabel: dict[str, str]) -> TaskPart:
    state, checked = source.state, source.split
    pins = table_pins(checked.record.digest, checked.folds, checked.labels, state.recordings)
    entry = None if source.home else state.version
    return TaskPart(
        dataset=state.name,
        version=entry.version if entry else None,
        version_digest=entry.digest if entry else None,
        split=checked.record.name,
        split_digest=pins.split,
        labels=pins.labels,
        recordings=pins.recordings,
        relabel=relabel,
        **roles,
    )


def _roles(source: Source, spec: TaskSpec) -> dict[str, tuple[str, ...]]:
    """Return the folds of each role, in the order of the split's."""
    if spec.cross_validate:
        return {}
    roles = {}
    for role in ROLES:
        named = getattr(spec, role)
        wanted = {of_dataset(text, source.state.name) for text in named} if named else {role}
        roles[role] = tuple(fold for fold in source.folds if fold in wanted)
    return roles


def _relabel(source: Source, relabel: Mapping[str, str]) -> dict[str, str]:
    names = set(source.split.record.label_names)
    its = {of_dataset(text, source.state.name): to for text, to in relabel.items()}
    return {label: to for label, to in its.items() if label in names and label is not None}


def _check_used(spec: TaskSpec, sources: Sequence[Source]) -> None:
    """Refuse names of folds and labels that no split has."""
    folds = {(s.state.name, fold) for s in sources for fold in s.folds}
    labels = {(s.state.name, name) for s in sources for name in s.split.record.label_names}
    asked = [("fold", text, folds) for role in ROLES for text in getattr(spec, role)]
    asked += [("label", text, labels) for text in spec.relabel]
    for what, text, known in asked:
        if not any(of_dataset(text, dataset) == name for dataset, name in known):
            by_dataset = ":" in text
            names = {f"{dataset}:{name}" if by_dataset else name for dataset, name in known}
            raise NotFound.among(what, text, names)


def _classes(
    sources: Sequence[Source], relabels: Sequence[Mapping[str, str]], asked: tuple[str, ...]
) -> tuple[str, ...]:
    pairs = list(zip(sources, relabels, strict=True))
    if len(pairs) == 1 and not relabels[0]:
        known = sources[0].split.record.label_names
    else:
        names = {r.get(x, x) for source, r in pairs for x in source.split.record.label_names}
        known = label_order(names, sources[0].state.card.classes)
    for name in asked:
        if name not in known:
            what = "class"
            raise NotFound.among(what, name, known)
    return asked or known


def _check_folds(record: TaskRecord, sources: Sequence[Source]) -> None:
    if record.cross_validate:
        folds = {fold for source in sources for fold in source.folds}
        if len(folds) < 2:
            message = f"one fold, {', '.join(folds)}, cannot be cross-validated"
            raise InvalidInput(message, hint="use a split by the rule kfold or leave-one-out")
        return
    for part in record.parts:
        roles = [fold for role in ROLES for fold in getattr(part, role)]
        twice = sorted({fold for fold in roles if roles.count(fold) > 1})
        if twice:
            message = f"fold {twice[0]!r} of {part} has two roles"
            raise InvalidInput(message, hint="train, validate and test on different folds")
    if not any(part.test for part in record.parts):
        known = sorted({fold for source in sources for fold in source.folds})
        message = f"no fold to test on (there are: {', '.join(known)})"
        raise InvalidInput(message, hint="name one: --test FOLD, or --cross-validate")
    idle = [part for part in record.parts if not (part.train or part.validation or part.test)]
    if idle:
        message = f"no fold of {idle[0]} has a role in the task"
        raise InvalidInput(message, hint="name one, --train DATASET:FOLD, or leave the split out")


def _check_shared(record: TaskRecord, sources: Sequence[Source]) -> None:
    """Refuse a task that trains and tests on the same events, in two datasets."""
    if len(sources) < 2:
        return
    samples = (
        sample
        for part, source in zip(record.parts, sources, strict=True)
        for sample in role_samples(
            part.dataset,
            source.split.folds,
            source.split.labels,
            recording_digests(source.state.recordings),
            _role_of(record, part, source),
        )
    )
    pairs = list(shared_content(samples))
    if pairs:
        one, other = pairs[0]
        message = (
            f"{len(pairs):,} pairs of samples have the same events and different roles, such as "
            f"{one.dataset}:{one.label.sample_id} ({one.role}) and "
            f"{other.dataset}:{other.label.sample_id} ({other.role})"
        )
        raise InvalidInput(message, hint="leave one of the datasets out, or split it otherwise")


def _role_of(record: TaskRecord, part: TaskPart, source: Source) -> dict[str, str]:
    if record.cross_validate:
        return {fold: fold for fold in source.folds}
    return {fold: role for role in ROLES for fold in getattr(part, role)}


def count_samples(record: TaskRecord, sources: Iterable[Source]) -> dict[str, dict[str, int]]:
    """Return how many samples of each class each role has; each fold if it cross-validates."""
    counts: dict[str, dict[str, int]] = {}
    for part, source in zip(record.parts, sources, strict=True):
        role_of = _role_of(record, part, source)
        for fold, labels in source.split.record.counts.items():
            role = role_of.get(fold)
            for label, n in labels.items() if role else ():
                name = part.relabel.get(label, label)
                if name in record.classes:
                    its = counts.setdefault(str(role), {})
                    its[name] = its.get(name, 0) + n
    return {role: counts[role] for role in fold_order(counts)}
