"""Correct labels by patches that say why; nothing is changed where one does not fit.

Killed between its two files, an edit leaves a patch that is not carried out yet; the same edit
again carries it out and adds none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from catalog.labels.checks import check_intervals
from catalog.labels.errata import Patch, Span, apply_patches, errata_digest
from catalog.labels.intervals import DEFAULT_LABEL_SET, Label, labels_digest
from catalog.labels.kinds import label_sets, read_errata, read_labels
from catalog.labels.writing import write_corrected
from catalog.recording_table import parse_recordings
from catalog.text_files import parse_json
from catalog.tree import RECORDINGS, STORE, Tree, WorkTree
from catalog.tsv import Table
from eventstore.digest import sha256_text
from eventstore.errors import Conflict, InvalidInput, NotFound
from eventstore.findings import Finding, Severity
from eventstore.making import locked
from eventstore.selection import sample_id

if TYPE_CHECKING:
    from catalog.dataset import Dataset


@dataclass(frozen=True, slots=True, kw_only=True)
class EditPlan:
    """What corrections make of a label set.

    Args:
        label_set: the set.
        labels: all labels it then has.
        patches: all its errata then, the new ones with number, author and date.
        n_new: how many of the patches are new.
        findings: what is odd about the intervals touched, and which splits list them.
    """

    label_set: str
    labels: dict[str, Label]
    patches: tuple[Patch, ...]
    n_new: int
    findings: tuple[Finding, ...]

    @property
    def new(self) -> tuple[Patch, ...]:
        """The patches that are new."""
        return self.patches[len(self.patches) - self.n_new :]


def edit_labels(
    dataset: "Dataset",
    patches: Sequence[Patch],
    *,
    author: str,
    label_set: str = DEFAULT_LABEL_SET,
    expected: str | None = None,
) -> EditPlan:
    """Apply corrections to a label set of the work tree and record them in its errata.

    Args:
        dataset: the dataset.
        patches: the corrections, in order; numbers, and what lacks an author or a date, are
            filled in.
        author: who does it.
        label_set: the set.
        expected: `labels_tag` that the set must have still; any where None.

    Raises:
        NotFound: there is no such set or recording.
        Conflict: what a patch was made for does not stand there (any more), another interval stands
            where it would put one, another writer is at work, or the set is not as expected.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> ds = tiny_dataset()
        >>> label = min(ds.draft().labels().values())
        >>> after = Span(label.t_start_us, label.t_stop_us, "right")
        >>> patch = Patch(
        ...     recording_id=label.recording_id,
        ...     before=Span.of(label),
        ...     after=after,
        ...     reason="moves right",
        ... )
        >>> [p.action for p in edit_labels(ds, [patch], author="Ann").new]
        ['relabelled']
        >>> ds.draft().errata()[0].reason
        'moves right'
    """
    with locked(dataset.root / STORE):
        tree = WorkTree(dataset.root)
        plan = plan_edit(tree, patches, author=author, label_set=label_set)
        if expected is not None and labels_tag(tree, label_set) != expected:
            message = f"the labels of {label_set!r} were changed meanwhile"
            raise Conflict(message, hint="load them anew, and make the correction again")
        write_corrected(tree, plan.labels, plan.patches, label_set)
    return plan


def labels_tag(tree: Tree, label_set: str) -> str:
    """Return a text that is another one whenever a label of a set, or its errata, are.

    Examples:
        >>> from catalog.testing import tiny_dataset
        >>> len(labels_tag(tiny_dataset().draft().tree, "class"))
        32
    """
    labels, errata = read_labels(tree, label_set), read_errata(tree, label_set)
    return sha256_text(labels_digest(labels.values()) + errata_digest(errata))[:32]


def plan_edit(
    tree: Tree,
    patches: Sequence[Patch],
    *,
    author: str,
    label_set: str = DEFAULT_LABEL_SET,
) -> EditPlan:
    """Return what `edit_labels` would write, checking all it checks and writing nothing."""
    if label_set not in label_sets(tree):
        what, hint = "label set", "import one: spikelake label import DATASET FILE"
        if label_set == DEFAULT_LABEL_SET and label_sets(tree):
            hint = "say which: --set NAME"
        raise NotFound.among(what, label_set, label_sets(tree), hint=hint)
    stops = _stops(tree)
    for patch in patches:
        if patch.recording_id not in stops:
            missing = NotFound.among("recording", patch.recording_id, stops)
            raise missing
    before, errata = read_labels(tree, label_set), read_errata(tree, label_set)
    labels = apply_patches(before, patches)
    recorded = _are_last(errata, patches)
    new = [] if recorded else [*_numbered(patches, author, first=len(errata) + 1)]
    return EditPlan(
        label_set=label_set,
        labels=labels,
        patches=(*errata, *new),
        n_new=len(patches),
        findings=(*_odd(before, labels, stops, label_set), *_listed(tree, label_set, patches)),
    )


def plan_change(
    tree: Tree,
    sample: str,
    *,
    reason: str,
    label_set: str = DEFAULT_LABEL_SET,
    was: str | None = None,
    start_us: int | None = None,
    stop_us: int | None = None,
    label: str | None = None,
) -> Patch:
    """Return the patch that gives an interval another start, stop or label.

    Args:
        tree: the state of the dataset.
        sample: id of the interval, ``recording_id#start-stop``.
        reason: why.
        label_set: the set.
        was: label that it is taken to have; whatever it has where None.
        start_us: its new start; the old one where None.
        stop_us: its new end.
        label: its new label.

    Raises:
        InvalidInput: not the id of a sample, or nothing would change.
    """
    before = _span(tree, sample, label_set, was)
    after = Span(
        before.t_start_us if start_us is None else start_us,
        before.t_stop_us if stop_us is None else stop_us,
        before.label if label is None else label,
    )
    recording, _, _ = parse_sample(sample)
    return Patch(recording_id=recording, before=before, after=after, reason=reason)


def plan_removal_of(
    tree: Tree,
    sample: str,
    *,
    reason: str,
    label_set: str = DEFAULT_LABEL_SET,
    was: str | None = None,
) -> Patch:
    """Return the patch that removes an interval."""
    before = _span(tree, sample, label_set, was)
    recording, _, _ = parse_sample(sample)
    return Patch(recording_id=recording, before=before, after=None, reason=reason)


def parse_sample(text: str) -> tuple[str, int, int]:
    """Return recording, start and stop of a sample id.

    Raises:
        InvalidInput: it is none.

    Examples:
        >>> parse_sample("train/a#5-90")
        ('train/a', 5, 90)
    """
    name, _, times = text.rpartition("#")
    start, _, stop = times.partition("-")
    if not (name and start.isdecimal() and stop.isdecimal()):
        message = f"{text!r} is no sample"
        raise InvalidInput(message, hint="write RECORDING#START-STOP, in µs from its start")
    return name, int(start), int(stop)


def _span(tree: Tree, sample: str, label_set: str, was: str | None) -> Span:
    """Return what a patch was made for: what stands there, or what is taken to."""
    name, start, stop = parse_sample(sample)
    here = read_labels(tree, label_set).get(sample_id(name, start, stop))
    label = here.label if here is not None and was is None else was or ""
    return Span(start, stop, label)


def _stops(tree: Tree) -> dict[str, int]:
    table = parse_recordings(tree.text(RECORDINGS), path=f"{tree.where}/{RECORDINGS}")
    columns = (table.column("recording_id"), map(int, table.column("t_stop_us")))
    return dict(zip(*columns, strict=True))


def _are_last(errata: Sequence[Patch], patches: Sequence[Patch]) -> bool:
    """Say whether these very patches stand last: a killed edit recorded them and did no more."""
    last = errata[max(len(errata) - len(patches), 0) :]
    bare, asked = (
        [replace(patch, number=0, author="", date="") for patch in of] for of in (last, patches)
    )
    return bool(patches) and bare == asked


def _numbered(patches: Iterable[Patch], author: str, *, first: int) -> Iterable[Patch]:
    now = datetime.now(UTC).isoformat(timespec="seconds")
    for number, patch in enumerate(patches, start=first):
        yield replace(patch, number=number, author=patch.author or author, date=patch.date or now)


def _odd(
    before: Mapping[str, Label], after: Mapping[str, Label], stops: Mapping[str, int], name: str
) -> list[Finding]:
    """Return what is odd about the labels of a set and was not before."""
    known = set(check_intervals(before.values(), stops, label_set=name))
    found = check_intervals(after.values(), stops, label_set=name)
    return [finding for finding in found if finding not in known]


def _listed(tree: Tree, label_set: str, patches: Iterable[Patch]) -> list[Finding]:
    """Say which frozen splits list an interval that is no longer what it was frozen as."""
    gone = {sample_id(p.recording_id, *p.before[:2]) for p in patches if p.before is not None}
    found = []
    for name in tree.names("splits", ".json"):
        record = parse_json(tree.text(f"splits/{name}.json"), f"splits/{name}.json")
        path = f"splits/{name}.tsv"
        listed = gone & set(Table.parse(tree.text(path), path=path).column("sample_id"))
        if listed and isinstance(record, dict) and record.get("label_set") == label_set:
            message = f"lists {', '.join(sorted(listed)[:3])}, which is now another sample"
            fix = f"make a split of another name, and take this one out: git -C {tree.where} rm"
            fix += f" splits/{name}.json splits/{name}.tsv; saved versions keep it"
            found.append(
                Finding(
                    severity=Severity.WARNING,
                    where=f"splits/{name}",
                    message=message,
                    check="split",
                    fix=fix,
                )
            )
    return found
