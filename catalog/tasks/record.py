"""The file of a task: which samples, to learn what, judged how; ``tasks/<name>.json``.

The digest runs over what decides a result: the splits by their digests, which folds train and
test, the classes, the metric and the transforms. Names, versions and descriptions are labels: the
same task has the same digest under any name, in any later version that has the same samples.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, TypeVar

from catalog.reference import SHORT_DIGEST
from catalog.text_files import json_text, parse_json
from catalog.tree import Tree, WorkTree
from eventstore.digest import sha256_text
from eventstore.errors import FormatError, IntegrityError, NotFound
from eventstore.transforms.pipeline import PIPELINE_FORMAT, Pipeline

TASK_FORMAT = 1
"""Of ``tasks/<name>.json``; a reader refuses later ones."""

TASK_PREFIX = "spikelake-task-1\n"
"""Names the algorithm inside the digest."""

CLASS = "class"
"""The one target so far: the class of each sample."""

ROLES = ("train", "validation", "test")

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskPart:
    """One split that a task is over.

    Args:
        dataset: name of the dataset.
        version: its version; None for the dataset that the task lies in, whose version is the one
            of the reference.
        version_digest: digest of that version; None where ``version`` is.
        split: name of the split.
        split_digest: digest of the split.
        labels: digest of the labels of the split's samples.
        recordings: digest over the recordings that the samples lie in, side streams included.
        train: folds to train on.
        validation: folds to choose by, such as an epoch.
        test: folds to test on.
        relabel: class of the task for labels of the split that are named otherwise.
    """

    dataset: str
    version: str | None = None
    version_digest: str | None = None
    split: str
    split_digest: str
    labels: str
    recordings: str
    train: tuple[str, ...] = ()
    validation: tuple[str, ...] = ()
    test: tuple[str, ...] = ()
    relabel: Mapping[str, str] = field(default_factory=dict)

    @property
    def home(self) -> bool:
        """Whether it is of the dataset that the task lies in."""
        return self.version is None

    def __str__(self) -> str:
        """Return what messages call it."""
        version = "" if self.version is None else f"@{self.version}"
        return f"{self.dataset}{version}/split:{self.split}"


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskRecord:
    """What ``tasks/<name>.json`` says of a task.

    Args:
        name: name of the task.
        about: what it is for, in a sentence.
        parts: the splits it is over, in the order that samples come in.
        target: what is to be predicted.
        classes: the classes in the order of their indices; samples of others are left out.
        metric: by what results are compared.
        cross_validate: whether each fold in turn is the test set; parts name no folds then.
        pipeline: the stages that events go through, where the task fixes them.
        digest: digest of the task.
    """

    name: str
    about: str = ""
    parts: tuple[TaskPart, ...]
    target: str = CLASS
    classes: tuple[str, ...]
    metric: str = "accuracy"
    cross_validate: bool = False
    pipeline: Sequence[Mapping[str, Any]] | None = None
    digest: str = ""

    @property
    def content_digest(self) -> str:
        """Digest recomputed from what decides a result."""
        parts = [
            {
                "split": part.split_digest,
                "relabel": dict(part.relabel),
                **{role: list(getattr(part, role)) for role in ROLES},
            }
            for part in self.parts
        ]
        content = {
            "parts": parts,
            "target": self.target,
            "classes": list(self.classes),
            "metric": self.metric,
            "cross_validate": self.cross_validate,
            "pipeline": self.pipeline,
        }
        return sha256_text(TASK_PREFIX + json.dumps(content, sort_keys=True))

    @property
    def pipeline_fingerprint(self) -> str | None:
        """Fingerprint of the transforms that the task fixes; None where it fixes none."""
        return stages_fingerprint(self.pipeline)

    def frozen(self) -> "TaskRecord":
        """Return the record with its digest."""
        return replace(self, digest=self.content_digest)

    def text(self) -> str:
        """Return the text of the file."""
        return json_text({"format": TASK_FORMAT, **asdict(self)})

    @classmethod
    def parse(cls, text: str, *, path: str) -> "TaskRecord":
        """Read the text of the file, without comparing its digest.

        Raises:
            FormatError: not the record of a task, or of a later format.
        """
        content = parse_json(text, path)
        if not isinstance(content, dict) or content.get("format") != TASK_FORMAT:
            found = content.get("format", "none") if isinstance(content, dict) else "no mapping"
            message, hint = "not a task", "a later format needs a later release of spikelake"
            expected = f"format {TASK_FORMAT}"
            raise FormatError(message, path=path, expected=expected, found=str(found), hint=hint)
        del content["format"]
        if not isinstance(content.get("parts"), list) or not content["parts"]:
            message = "a task of no parts"
            raise FormatError(message, path=path, hint=f"see what it was: git log -p -- {path}")
        parts = tuple(_built(TaskPart, part, path) for part in content["parts"])
        return _built(cls, {**content, "parts": parts}, path)


def stages_fingerprint(stages: Sequence[Mapping[str, Any]] | None) -> str | None:
    """Return the fingerprint of the pipeline of some stages; None of None.

    Raises:
        InvalidInput: a stage has not such a field.
        NotFound: there is no such transform.
    """
    if stages is None:
        return None
    document = {"format": PIPELINE_FORMAT, "stages": list(stages)}
    return Pipeline.from_json(json.dumps(document)).fingerprint


def read_task(tree: Tree, name: str) -> TaskRecord:
    """Read a task and recompute its digest.

    Raises:
        NotFound: there is no such task.
        FormatError: its file is not the record of a task.
        IntegrityError: the record was changed since it was frozen.
    """
    record = parse_task(tree, name)
    found = record.content_digest
    if found != record.digest:
        message = (
            f"{tree.where}: task {name!r} is not what it was frozen as "
            f"(expected {record.digest[:SHORT_DIGEST]}, found {found[:SHORT_DIGEST]})"
        )
        hint = "restore the version from another clone"
        if isinstance(tree, WorkTree):
            hint = (
                f"see what changed: git -C {tree.where} diff -- tasks/{name}.json; to keep the "
                "change, make a task of another name"
            )
        raise IntegrityError(message, hint=hint)
    return record


def parse_task(tree: Tree, name: str) -> TaskRecord:
    """Read a task as it stands.

    Raises:
        NotFound: there is no such task.
        FormatError: its file is not the record of a task.
    """
    names = tree.names("tasks", ".json")
    if name not in names:
        what = f"task in {tree.where}:"
        hint = "make it: spikelake task make DATASET NAME --split SPLIT"
        raise NotFound.among(what, name, names, hint=hint)
    path = f"tasks/{name}.json"
    return TaskRecord.parse(tree.text(path), path=path)


def _built(kind: type[T], content: object, path: str) -> T:
    known = {f.name: f for f in fields(kind)}  # type: ignore[arg-type]  # both are dataclasses
    if not isinstance(content, dict) or set(content) != set(known):
        keys = sorted(content) if isinstance(content, dict) else []
        odd = sorted(set(keys) ^ set(known))
        message = f"not a task: {', '.join(odd) or 'no mapping'} is missing or unknown"
        raise FormatError(message, path=path, expected=", ".join(sorted(known)))
    values: dict[str, Any] = {}
    for name, value in content.items():
        names = name in _TUPLES and isinstance(value, list)
        fits = isinstance(value, _KINDS[name])  # no setting is a number, so bool is no trap
        if not fits or (names and not all(isinstance(one, str) for one in value)):
            message = f"{name} of the task is {json.dumps(value)}"
            raise FormatError(message, path=path, hint=f"see what it was: git log -p -- {path}")
        values[name] = tuple(value) if names else value
    return kind(**values)


_TUPLES = {"train", "validation", "test", "classes"}

_NONE = type(None)

_KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("dataset", "split", "split_digest", "labels", "recordings"), (str,)),
    **dict.fromkeys(("name", "about", "target", "metric", "digest"), (str,)),
    **dict.fromkeys(("version", "version_digest"), (str, _NONE)),
    **dict.fromkeys(_TUPLES, (list,)),
    "relabel": (dict,),
    "parts": (tuple,),
    "cross_validate": (bool,),
    "pipeline": (list, _NONE),
}
