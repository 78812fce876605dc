"""The verbs ``spikelake label diff | edit | check``."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.cli_label_options import LabelSet, Ref, TimesOrigin, open_state, print_odd
from catalog.output import of_dataset, print_table
from catalog.reference import DRAFT, parse_reference
from eventstore.errors import InvalidInput, NotFound
from eventstore.findings import Finding, has_errors
from eventstore.output import AsJson, DryRun, print_findings, print_record, said

if TYPE_CHECKING:
    from catalog.dataset import Dataset
    from catalog.labels.changes import BoxChange, LabelChange
    from catalog.labels.errata import Patch, Span

SHOWN = 40
"""Changes that a table lists unless all are asked for."""

OneSet = Annotated[str | None, typer.Option("--set", help="Only this label set.", metavar="NAME")]


def register(app: typer.Typer) -> None:
    """Add the verbs to the group."""
    app.command("diff")(diff)
    app.command("edit")(edit)
    app.command("check")(check)


def diff(
    before: Annotated[
        str,
        typer.Argument(
            metavar="DATASET[@VERSION]",
            help="A dataset, and the first version; the highest where none is named.",
            show_default=False,
        ),
    ],
    after: Annotated[
        str, typer.Argument(metavar="[VERSION]", help="The second version, or draft.")
    ] = DRAFT,
    *,
    label_set: OneSet = None,
    every: Annotated[bool, typer.Option("--all", help="List every change.")] = False,
    as_json: AsJson = False,
) -> None:
    """Compare the labels of two versions, or of a version and the work tree, with the reasons."""
    from catalog.folder import open_dataset
    from catalog.labels.boxes import Boxes
    from catalog.labels.changes import box_changes, label_changes

    wanted = parse_reference(before)
    dataset = open_dataset(wanted.name)
    old, new = dataset.at(wanted.version), dataset.at(after.removeprefix("@"))
    sets = {*old.label_sets, *new.label_sets}, {*old.box_sets, *new.box_sets}
    _check_known(label_set, sets[0] | sets[1])
    found: dict[str, list[LabelChange]] = {}
    for name in sorted(sets[0]):
        labels = [state.labels(name) if name in state.label_sets else {} for state in (old, new)]
        patches = new.errata(name)[len(old.errata(name)) :]
        found[name] = label_changes(labels[0], labels[1], patches)
    none = Boxes.joined([])
    of_boxes: dict[str, list[BoxChange]] = {}
    for name in sorted(sets[1]):
        boxes = [state.boxes(name) if name in state.box_sets else none for state in (old, new)]
        of_boxes[name] = box_changes(boxes[0], boxes[1])
    found = {k: v for k, v in found.items() if v and label_set in {None, k}}
    of_boxes = {k: v for k, v in of_boxes.items() if v and label_set in {None, k}}
    if as_json:
        _print_json(found, of_boxes)
        return
    title = f"{old.tree.where} → {new.tree.where}"
    for name, changes in found.items():
        _print_changes(f"{title}: {name}", changes, every=every)
    for name, counts in of_boxes.items():
        rows = [(x.recording_id, f"{x.n_removed:,}", f"{x.n_added:,}") for x in counts]
        print_table(f"{title}: boxes of {name}", ("recording", "removed", "added"), rows)
    if not found and not of_boxes:
        typer.echo(f"{title}: no label differs")


def edit(
    folder: Annotated[
        Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
    ],
    sample: Annotated[
        str, typer.Argument(metavar="[RECORDING#START-STOP]", help="The interval, in µs.")
    ] = "",
    *,
    start: Annotated[int | None, typer.Option(help="Its new start in µs.")] = None,
    stop: Annotated[int | None, typer.Option(help="Its new end in µs.")] = None,
    label: Annotated[str | None, typer.Option(help="Its new label.")] = None,
    was: Annotated[
        str | None, typer.Option(help="The label it must have now, else nothing is done.")
    ] = None,
    add: Annotated[bool, typer.Option("--add", help="Add the interval, with --label.")] = False,
    remove: Annotated[bool, typer.Option("--remove", help="Remove the interval.")] = False,
    reason: Annotated[str, typer.Option(help="Why; it stays in the errata.")] = "",
    patch: Annotated[
        Path | None, typer.Option(help="Apply a file of errata instead of one edit.")
    ] = None,
    label_set: LabelSet = "class",
    times: Annotated[
        TimesOrigin,
        typer.Option(help="What µs given here count from: recording, or its source's clock."),
    ] = TimesOrigin.RECORDING,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Correct one interval, or apply a file of corrections; the reason stays in the errata.

    Refused where the interval is not what it was taken to be.
    """
    from catalog.folder import open_dataset
    from catalog.labels.editing import edit_labels, plan_edit
    from catalog.repo import author_of

    dataset = open_dataset(folder)
    wish = _Wish(sample=sample, start=start, stop=stop, label=label, was=was)
    if patch is not None:
        if add or remove or reason or wish != _Wish():
            message = f"a file of corrections, {patch}, and an edit beside it"
            raise InvalidInput(message, hint="give --patch alone, or leave it out")
        patches = _read_patches(patch)
    else:
        wish = wish.shifted(dataset) if times is TimesOrigin.SOURCE else wish
        patches = [wish.patch(dataset, label_set, reason, add=add, remove=remove)]
    author = author_of(dataset.root)
    if dry_run:
        plan = plan_edit(dataset.draft().tree, patches, author=author, label_set=label_set)
    else:
        plan = edit_labels(dataset, patches, author=author, label_set=label_set)
    findings = of_dataset(plan.findings, str(folder))
    record = {
        "status": "ok" if plan.new else "notneeded",
        "dry_run": dry_run,
        "set": label_set,
        "revision": len(plan.patches),
        "patches": [_facts(one) for one in plan.new],
        "findings": [finding.to_dict() for finding in findings],
    }
    lines = [
        said(dry_run, one.action, f"{one.recording_id}: {_turned(one)} (patch {one.number})")
        for one in plan.new
    ]
    print_record(record, as_json=as_json, said="\n".join(lines) or "no corrections in the file")
    print_odd(findings, as_json=as_json)


def check(
    reference: Ref,
    *,
    label_set: OneSet = None,
    complete: Annotated[
        bool, typer.Option("--complete", help="Every µs should have a label: tell of gaps.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Tell what is odd about labels: overlaps, gaps, no length, outside recording or sensor.

    The exit status is 1 where anything is an error.
    """
    from catalog.labels.box_checks import check_boxes
    from catalog.labels.checks import check_intervals
    from catalog.labels.interpret import Recordings

    state = open_state(reference)
    _check_known(label_set, {*state.label_sets, *state.box_sets})
    extents = Recordings.of_table(state.recordings).extents
    stops = {name: extent.t_stop_us for name, extent in extents.items()}
    findings: list[Finding] = []
    for name in state.label_sets:
        if label_set in {None, name}:
            labels = state.labels(name).values()
            found = check_intervals(labels, stops, complete=complete, label_set=name)
            findings += [replace(f, where=f"{name}: {f.where}") for f in found]
    for name in state.box_sets:
        if label_set in {None, name}:
            found = check_boxes(state.boxes(name), extents)
            findings += [replace(f, where=f"{name}: {f.where}") for f in found]
    findings = of_dataset(findings, parse_reference(reference).name)
    print_findings(findings, as_json=as_json, where=state.tree.where)
    if has_errors(findings):
        raise typer.Exit(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Wish:
    """One edit as it is asked for."""

    sample: str = ""
    start: int | None = None
    stop: int | None = None
    label: str | None = None
    was: str | None = None

    def shifted(self, dataset: "Dataset") -> "_Wish":
        """Return it with all times counted from the recording's start, not its source's clock."""
        from catalog.labels.editing import parse_sample
        from catalog.labels.interpret import Recordings

        name, first, last = parse_sample(self.sample)
        origins = Recordings.of_table(dataset.draft().recordings).origins
        if name not in origins:
            missing = NotFound.among("recording", name, origins)
            raise missing
        origin = origins[name]
        if first < origin:
            message = f"{self.sample} lies before the recording's start at {origin} µs"
            raise InvalidInput(message, hint="leave --times source out, or correct the times")
        return replace(
            self,
            sample=f"{name}#{first - origin}-{last - origin}",
            start=None if self.start is None else self.start - origin,
            stop=None if self.stop is None else self.stop - origin,
        )

    def patch(
        self, dataset: "Dataset", label_set: str, reason: str, *, add: bool, remove: bool
    ) -> "Patch":
        """Return the patch that does it."""
        from catalog.labels.editing import parse_sample, plan_change, plan_removal_of
        from catalog.labels.errata import Patch, Span

        changes = self.start is not None or self.stop is not None or self.label is not None
        if add + remove + (changes and not add) != 1:
            message = "an edit changes, adds or removes one interval"
            hint = "give --start, --stop or --label; or --add with --label; or --remove alone"
            raise InvalidInput(message, hint=hint)
        tree = dataset.draft().tree
        if remove:
            return plan_removal_of(
                tree, self.sample, reason=reason, label_set=label_set, was=self.was
            )
        if add:
            if self.label is None or self.start is not None or self.stop is not None:
                message = "an interval to be added needs a label, and no other times than its own"
                raise InvalidInput(message, hint="write RECORDING#START-STOP --add --label NAME")
            name, first, last = parse_sample(self.sample)
            after = Span(first, last, self.label)
            return Patch(recording_id=name, before=None, after=after, reason=reason)
        return plan_change(
            tree,
            self.sample,
            reason=reason,
            label_set=label_set,
            was=self.was,
            start_us=self.start,
            stop_us=self.stop,
            label=self.label,
        )


def _read_patches(path: Path) -> "list[Patch]":
    from catalog.labels.errata import parse_errata
    from catalog.text_files import decode_text

    if not path.is_file():
        message = f"no file {path}"
        raise NotFound(message, hint="check the spelling and the current folder")
    return parse_errata(decode_text(path.read_bytes(), path), path=str(path))


def _check_known(label_set: str | None, known: Iterable[str]) -> None:
    if label_set is not None and label_set not in known:
        missing = NotFound.among("label set", label_set, known)
        raise missing


def _facts(patch: "Patch") -> dict[str, object]:
    ends = {"from": patch.before, "to": patch.after}
    return {
        "patch": patch.number,
        "action": patch.action,
        "recording_id": patch.recording_id,
        **{name: None if span is None else span._asdict() for name, span in ends.items()},
        "reason": patch.reason,
        "author": patch.author,
        "date": patch.date,
    }


def _turned(change: "Patch | LabelChange") -> str:
    return " → ".join(str(span) for span in (change.before, change.after) if span is not None)


def _print_json(
    found: "dict[str, list[LabelChange]]", of_boxes: "dict[str, list[BoxChange]]"
) -> None:
    rows = [{"set": name, **x.to_dict()} for name, changes in found.items() for x in changes]
    rows += [
        {
            "set": name,
            "action": "boxes",
            "recording_id": x.recording_id,
            "removed": x.n_removed,
            "added": x.n_added,
        }
        for name, changes in of_boxes.items()
        for x in changes
    ]
    for row in rows:
        typer.echo(json.dumps(row, ensure_ascii=False))


def _print_changes(title: str, changes: "Sequence[LabelChange]", *, every: bool) -> None:
    rows = [
        (x.action, x.recording_id, _cell(x.before), _cell(x.after), "; ".join(x.reasons))
        for x in (changes if every else changes[:SHOWN])
    ]
    print_table(title, ("how", "recording", "before", "after", "why"), rows)
    if len(rows) < len(changes):
        typer.echo(f"and {len(changes) - len(rows):,} more; --all lists them")


def _cell(span: "Span | None") -> str:
    return "–" if span is None else f"{span.t_start_us:,}-{span.t_stop_us:,} {span.label}"
