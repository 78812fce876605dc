"""The verbs ``spikelake split make | show``."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from catalog.output import print_table
from catalog.reference import DRAFT, SHORT_DIGEST, parse_reference
from eventstore.errors import InvalidInput
from eventstore.output import AsJson, DryRun, print_record

if TYPE_CHECKING:
    from catalog.splits.record import SplitRecord
    from catalog.splits.rules import Rule

app = typer.Typer(name="split", help="Freeze samples into folds.")

MOST_COLUMNS = 8
"""Folds that a table shows as columns; more are shown as rows."""


Folder = Annotated[
    Path, typer.Argument(metavar="DATASET", help="Folder of the dataset.", show_default=False)
]
Name = Annotated[str, typer.Argument(help="Name of the split.", show_default=False)]


@app.command("make")
def make(
    folder: Folder,
    name: Name,
    *,
    rule: Annotated[
        str | None,
        typer.Option(
            help="official, group, kfold, leave-one-out or by-time; the parent's, else official.",
            show_default=False,
        ),
    ] = None,
    group_by: Annotated[
        str | None,
        typer.Option(
            help="Column of recordings.tsv that names the group; each recording one if absent.",
            show_default=False,
        ),
    ] = None,
    fraction: Annotated[
        list[str] | None, typer.Option(help="FOLD=SHARE, repeated; train=0.8 test=0.2 if absent.")
    ] = None,
    folds: Annotated[
        int | None, typer.Option(help="kfold: how many folds; 5 if absent.", show_default=False)
    ] = None,
    embargo_us: Annotated[
        int | None,
        typer.Option(help="by-time: smallest gap between folds, in µs.", show_default=False),
    ] = None,
    salt: Annotated[
        str | None, typer.Option(help="Gives another assignment.", show_default=False)
    ] = None,
    balanced: Annotated[
        bool, typer.Option("--balanced", help="Meet the fractions with fewer than 100 groups.")
    ] = False,
    stratify: Annotated[
        bool, typer.Option("--stratify", help="Balance each label, not only all samples.")
    ] = False,
    label_set: Annotated[
        str | None,
        typer.Option(
            help="Label set of the samples; the parent's, else class.", show_default=False
        ),
    ] = None,
    parent: Annotated[str | None, typer.Option(help="Split that this one extends.")] = None,
    dry_run: DryRun = False,
    as_json: AsJson = False,
) -> None:
    """Freeze a split: a list of samples and folds that is never rewritten.

    With --parent alone the parent's rule and label set are used again: its rows stay as they are,
    and what has come since is added.
    """
    from catalog.folder import open_dataset
    from catalog.labels.intervals import DEFAULT_LABEL_SET

    settings = {
        "group_by": group_by,
        "fractions": _fractions(fraction) if fraction else None,
        "n_folds": folds,
        "embargo_us": embargo_us,
        "salt": salt,
        "balanced": balanced or None,
        "stratify": stratify or None,
    }
    given = {setting: value for setting, value in settings.items() if value is not None}
    dataset = open_dataset(folder)
    before = dataset.draft().split_record(parent) if parent else None
    if before and rule is None:
        chosen = _rule_from(before.rule, given)
    else:
        chosen = _rule(rule or "official", given)
    plan = dataset.plan_split if dry_run else dataset.make_split
    of_set = label_set or (before.label_set if before else DEFAULT_LABEL_SET)
    made = plan(name, chosen, label_set=of_set, parent=parent)
    record = made[1] if isinstance(made, tuple) else made.record
    cited = f"{dataset.name}@{DRAFT}/split:{name}#{record.digest[:SHORT_DIGEST]}"
    facts = {
        "status": "ok",
        "dry_run": dry_run,
        "reference": cited,
        "rule": record.rule,
        "counts": record.counts,
        "left_out": record.left_out,
    }
    print_record(facts, as_json=as_json, said=f"{'would have made' if dry_run else 'made'} {cited}")
    if not as_json:
        print_split(record)


@app.command("show")
def show(
    reference: Annotated[
        str,
        typer.Argument(
            metavar="DATASET[@VERSION]/split:NAME",
            help="The split; without a version that of the work tree, if it has it.",
            show_default=False,
        ),
    ],
    samples: Annotated[
        bool, typer.Option("--samples", help="List every sample with its fold.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show a split's rule, digest and counts, after recomputing its digest."""
    from catalog.folder import open_dataset, open_split
    from catalog.remotes.remote_dataset import is_published

    wanted = parse_reference(reference)
    # The work tree may have splits that no version has yet.
    if wanted.version is None and not is_published(wanted.name):
        dataset = open_dataset(wanted.name)
        drafted = wanted.split in dataset.draft().splits or not dataset.versions()
        reference = str(wanted.at_version(DRAFT)) if drafted else reference
    split = open_split(reference)
    if samples:
        for sample, fold in zip(split.samples, split.fold_of, strict=True):
            row = {"sample_id": sample.sample_id, "fold": fold, "label": sample.label}
            typer.echo(json.dumps(row, ensure_ascii=False) if as_json else "\t".join(row.values()))
        return
    record = split.record
    if as_json:
        facts = {"reference": str(split.reference), "digest": record.digest, "rule": record.rule}
        counts = {"counts": record.counts, "left_out": record.left_out}
        gone = {"withdrawn": len(split.withdrawn)} if split.withdrawn else {}
        typer.echo(json.dumps({**facts, **counts, **gone}, ensure_ascii=False))
        return
    typer.echo(str(split.reference))
    print_split(record)
    if split.withdrawn:
        from catalog.tombstones import said_withdrawn

        typer.echo(f"{said_withdrawn(split.withdrawn)} are counted here and in no fold any more")


def print_split(record: "SplitRecord") -> None:
    """Print how many samples of each label each fold has."""
    from catalog.splits.split import fold_order

    folds = fold_order(record.counts)
    if len(folds) > MOST_COLUMNS:
        _print_tall(record, folds)
        return
    out = ("no fold",) if record.left_out else ()
    columns = [record.counts[fold] for fold in folds] + [record.left_out] * len(out)
    names = list(dict.fromkeys([*record.label_names, *record.left_out]))
    rows = [(name, *(f"{counts.get(name, 0):,}" for counts in columns)) for name in names]
    totals = (f"{sum(counts.values()):,}" for counts in columns)
    print_table(_title(record), (record.label_set, *folds, *out), [*rows, ("all", *totals)])


def _print_tall(record: "SplitRecord", folds: list[str]) -> None:
    """Print one row a fold, where folds are too many for columns."""
    rows = [(f, f"{sum(record.counts[f].values()):,}", str(len(record.counts[f]))) for f in folds]
    if record.left_out:
        rows.append(("no fold", f"{sum(record.left_out.values()):,}", str(len(record.left_out))))
    print_table(_title(record), ("fold", "samples", "labels"), rows)


def _title(record: "SplitRecord") -> str:
    digest = record.digest[:SHORT_DIGEST]
    return f"split {record.name} (rule {record.rule['name']}, digest {digest})"


def _rule(name: str, given: Mapping[str, object]) -> "Rule":
    from catalog.splits.rules import RULES
    from catalog.splits.rules.settings import setting_names

    kind = RULES[name]
    settings = setting_names(kind)
    wrong = [setting for setting in given if setting not in settings]
    if wrong:
        takes = ", ".join(_OPTIONS[s] for s in settings if s in _OPTIONS)
        message = f"the rule {name!r} takes no {_OPTIONS[wrong[0]]} (it takes {takes or 'none'})"
        fits = [r for r in RULES if set(given) <= set(setting_names(RULES[r]))]
        raise InvalidInput(message, hint=f"add --rule {' or '.join(fits)}" if fits else "")
    return kind.from_dict({"name": name, **given})


def _rule_from(record: Mapping[str, object], given: Mapping[str, object]) -> "Rule":
    """Return the rule of a parent; options of its own need a rule of its own."""
    from catalog.splits.rules import rule_from_dict

    if given:
        options = ", ".join(_OPTIONS[setting] for setting in given)
        message = f"{options} with the parent's rule, {record['name']}"
        raise InvalidInput(message, hint=f"name the rule too, --rule {record['name']}, or neither")
    return rule_from_dict(record)


_OPTIONS = {
    "group_by": "--group-by",
    "fractions": "--fraction",
    "n_folds": "--folds",
    "embargo_us": "--embargo-us",
    "salt": "--salt",
    "balanced": "--balanced",
    "stratify": "--stratify",
}


def _fractions(texts: list[str]) -> dict[str, float]:
    shares: dict[str, float] = {}
    for text in texts:
        fold, _, share = text.partition("=")
        try:
            value = float(share)
        except ValueError as error:
            message = f"--fraction {text} is not FOLD=SHARE"
            raise InvalidInput(message, hint="for example --fraction train=0.8") from error
        if fold in shares:
            message = f"--fraction {fold} is given twice: {shares[fold]:g} and {value:g}"
            raise InvalidInput(message, hint="name each fold once")
        shares[fold] = value
    return shares
